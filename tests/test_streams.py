"""Random streams, judged by a Philox written by hand and by the distributions' own laws."""

import hashlib
import math

import numpy as np
import pytest

from nngraph import streams

WORD = 2**64


def philox_by_hand(key, counter):
    """One block of Philox4x64-10, from the paper: four words of the counter, two of the key."""
    c, k = list(counter), list(key)
    for _ in range(10):
        high_0, low_0 = divmod(0xD2E7470EE14C6C93 * c[0], WORD)
        high_1, low_1 = divmod(0xCA5A826395121157 * c[2], WORD)
        c = [high_1 ^ c[1] ^ k[0], low_1, high_0 ^ c[3] ^ k[1], low_0]
        k = [(k[0] + 0x9E3779B97F4A7C15) % WORD, (k[1] + 0xBB67AE8584CAA73B) % WORD]
    return c


def test_the_hand_written_philox_gives_the_published_known_answers():
    # known answers of the authors' Random123 library, philox4x64-10
    assert philox_by_hand([0, 0], [0, 0, 0, 0]) == [
        0x16554D9ECA36314C,
        0xDB20FE9D672D0FDC,
        0xD7E772CEE186176B,
        0x7E68B68AEC7BA23B,
    ]
    ones = WORD - 1
    assert philox_by_hand([ones] * 2, [ones] * 4) == [
        0x87B092C3013FE90B,
        0x438C3C67BE8D0224,
        0x9CC7D7C69CD777B6,
        0xA09CAEBF594F0BA0,
    ]


@pytest.mark.parametrize(("block", "step"), [(0, 0), (5, 0), (0, 7), (12345, 2**40)])
def test_raw_words_are_those_of_philox_at_the_counter_after_the_position(block, step):
    key = streams.key(3, "x->h", "weight")
    words = streams.raw(key, 11, block=block, step=step)
    # the generator counts before it draws
    blocks = [philox_by_hand(map(int, key), [block + 1 + i, step, 0, 0]) for i in range(3)]
    assert words.tolist() == [word for four in blocks for word in four][:11]
    assert words.dtype == np.uint64


def test_raw_words_are_numpys_own():
    key = streams.key(1, "a", "b")
    theirs = np.random.Philox(key=key, counter=[2, 9, 0, 0]).random_raw(1000)
    np.testing.assert_array_equal(streams.raw(key, 1000, block=2, step=9), theirs)


def test_a_stretch_can_be_had_alone_by_its_block():
    key = streams.key(1, "a", "b")
    np.testing.assert_array_equal(streams.raw(key, 40)[20:], streams.raw(key, 20, block=5))


def test_a_key_is_the_hash_of_its_three_parts():
    text = "nngraph stream|7|4|x->h|6|weight"
    expected = np.frombuffer(hashlib.sha256(text.encode()).digest()[:16], "<u8")
    np.testing.assert_array_equal(streams.key(7, "x->h", "weight"), expected)


def test_keys_differ_in_seed_id_and_purpose_even_where_the_joined_text_is_the_same():
    keys = [
        streams.key(*parts)
        for parts in [
            (0, "a", "bc"),
            (0, "ab", "c"),
            (1, "a", "bc"),
            (0, "a|1|b", "c"),
            (0, "", ""),
        ]
    ]
    assert len({tuple(map(int, key)) for key in keys}) == len(keys)


def test_the_numbers_of_version_one_never_change():
    key = streams.key(0, "x->h", "weight")
    assert [float(v).hex() for v in streams.uniform(key, 2)] == UNIFORM
    assert [float(v).hex() for v in streams.normal(key, 3)] == NORMAL
    assert streams.permutation(key, 8).tolist() == ORDER


UNIFORM = ["0x1.e201f61be05cdp-1", "0x1.c355eea889929p-1"]
NORMAL = ["0x1.911ae41c3fee0p+0", "0x1.2ebe7dad6090bp+0", "0x1.1daa0e6aa5564p-1"]
ORDER = [4, 7, 5, 6, 2, 1, 3, 0]


def test_uniform_is_the_upper_53_bits_of_each_word():
    key = streams.key(5, "u", "v")
    expected = [-2.0 + 5.0 * ((int(w) >> 11) / 2**53) for w in streams.raw(key, 6)]
    assert streams.uniform(key, (2, 3), -2.0, 3.0).reshape(-1).tolist() == expected


def test_shapes_are_kept_and_a_scalar_is_possible():
    key = streams.key(0, "a", "b")
    assert streams.uniform(key, (3, 4)).shape == (3, 4)
    assert streams.normal(key, ()).shape == ()
    assert streams.normal(key, (0, 3)).shape == (0, 3)
    assert streams.normal(key, 5).shape == (5,)


def largest_distance(sample, distribution):
    """The Kolmogorov-Smirnov distance of a sample from a distribution function, times sqrt(n)."""
    n = len(sample)
    expected = np.array([distribution(float(x)) for x in np.sort(sample)])
    above = np.arange(1, n + 1) / n - expected
    below = expected - np.arange(n) / n
    return max(above.max(), below.max()) * math.sqrt(n)


def phi(z):
    """P(Z <= z) of the standard normal."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


@pytest.mark.parametrize("seed", range(3))
def test_uniform_and_normal_numbers_follow_their_laws(seed):
    # sqrt(n) D above 1.95 has a probability of one in a thousand
    key = streams.key(seed, "law", "test")
    assert largest_distance(streams.uniform(key, 20_000), lambda x: x) < 1.95
    assert largest_distance(streams.normal(key, 20_000), phi) < 1.95
    shifted = streams.normal(key, 20_000, mean=3.0, stddev=0.5)
    assert largest_distance(shifted, lambda x: phi((x - 3.0) / 0.5)) < 1.95


def test_the_distance_sees_a_wrong_law():
    sample = streams.normal(streams.key(0, "law", "test"), 20_000)
    assert largest_distance(sample * 1.05, phi) > 1.95


def test_normal_numbers_have_the_moments_of_a_normal():
    z = streams.normal(streams.key(11, "moments", "test"), 1_000_000)
    for power, expected, spread in [(1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96), (6, 15, 10170)]:
        assert abs(np.mean(z**power) - expected) < 4.5 * math.sqrt(spread / z.size)


def test_neighbouring_numbers_and_steps_do_not_depend_on_each_other():
    key = streams.key(0, "a", "b")
    first, second = streams.normal(key, 50_000, step=1), streams.normal(key, 50_000, step=2)
    for one, other in [(first[:-1], first[1:]), (first, second)]:
        assert abs(np.mean(one * other)) < 4.5 / math.sqrt(one.size)


def test_the_quantile_function_undoes_the_distribution_function():
    z = np.concatenate([np.linspace(-8.2, 0.0, 5001), np.linspace(0.0, 5.0, 3001)])
    probability = np.array([phi(float(x)) for x in z])
    found = streams.normal_quantile(probability)
    # one unit in the last place of the probability moves z by its size over the density
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    # phi itself is good to about 64 units at the far end, where exp(-z^2 / 2) has lost digits
    allowed = 1e-15 * np.abs(z) + 64 * np.spacing(probability) / density + 1e-16
    assert (np.abs(found - z) <= allowed).all()


def test_the_published_check_values_of_the_quantile_routine():
    # Wichura's own: p = 0.25, 0.001, 1e-20
    found = streams.normal_quantile(np.array([0.25, 0.001, 1e-20]))
    expected = [-0.6744897501960817, -3.090232306167814, -9.262340089798408]
    np.testing.assert_allclose(found, expected, rtol=4e-16)


def test_the_extreme_words_give_finite_normal_numbers(monkeypatch):
    extremes = np.array([0, 2**64 - 1, 2**63, 2**63 - 1], np.uint64)
    monkeypatch.setattr(streams, "raw", lambda *_: extremes)
    z = streams.normal(streams.key(0, "a", "b"), 4)
    assert np.isfinite(z).all()
    assert z[0] == -z[1] < -8.0
    assert z[2] == -z[3] > 0.0


def test_the_logarithm_is_right_to_two_units_in_the_last_place():
    generator = np.random.default_rng(4)
    exact = [1.0, 0.5, 2.0, 2.0**-52, math.sqrt(0.5), 0.7071067811865475, 0.7071067811865477]
    x = np.concatenate([np.exp(generator.uniform(-60, 5, 20_000)), exact])
    expected = np.array([math.log(v) for v in x])
    found = streams.natural_log(x)
    assert (np.abs(found - expected) <= 2 * np.spacing(np.abs(expected))).all()
    assert streams.natural_log(np.array([1.0])) == 0.0


def test_no_transcendental_function_of_the_platform_is_called(monkeypatch):
    def forbidden(*_args, **_keywords):
        raise AssertionError("a function whose bits differ between platforms")

    for name in ["log", "log2", "log1p", "exp", "expm1", "cos", "sin", "arctanh", "power"]:
        monkeypatch.setattr(np, name, forbidden)
    for name in ["log", "exp", "cos", "sin", "pow"]:
        monkeypatch.setattr(math, name, forbidden)
    key = streams.key(0, "a", "b")
    assert np.isfinite(streams.normal(key, 1000)).all()
    assert np.isfinite(streams.uniform(key, 1000)).all()


@pytest.mark.parametrize("n", [0, 1, 2, 1000])
def test_a_permutation_holds_every_number_once(n):
    order = streams.permutation(streams.key(0, "data", "shuffle"), n)
    assert order.dtype == np.int64
    assert sorted(order.tolist()) == list(range(n))


def test_permutations_differ_from_step_to_step_and_repeat_for_the_same_step():
    key = streams.key(0, "data", "shuffle")
    first, again, second = (streams.permutation(key, 100, step) for step in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != second).any()


def test_all_orders_of_four_are_equally_frequent():
    key = streams.key(0, "data", "shuffle")
    orders = [tuple(streams.permutation(key, 4, step).tolist()) for step in range(4800)]
    counts = [orders.count(order) for order in set(orders)]
    chi_square = sum((count - 200) ** 2 / 200 for count in counts)
    assert len(counts) == 24
    assert chi_square < 49.7  # one in a thousand for 23 degrees of freedom
