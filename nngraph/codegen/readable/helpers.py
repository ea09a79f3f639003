"""Small functions that readable modules bring along, as text: what a formula is called by name.

Each is the definition of an op in plain NumPy, written to stay finite; the tests hold them to the
ops themselves.
"""

from __future__ import annotations

from collections.abc import Mapping

HELPERS: Mapping[str, str] = {
    "sigmoid": '''
def sigmoid(a):
    """1 / (1 + e^-a), where e^-a never overflows."""
    limit = 87.0 if a.dtype == np.float32 else 708.0
    return 1.0 / (1.0 + np.exp(-np.maximum(a, -limit)))
''',
    "softmax": '''
def softmax(a):
    """e^a_k / sum_j e^a_j; subtracting the maximum changes nothing and avoids overflow."""
    e = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)
''',
    "log_softmax": '''
def log_softmax(a):
    """ln softmax(a), which never takes the logarithm of 0."""
    s = a - np.max(a, axis=-1, keepdims=True)
    return s - np.log(np.sum(np.exp(s), axis=-1, keepdims=True))
''',
    "cross_entropy": '''
def cross_entropy(p, t):
    """-sum_k t_k ln p_k of each sample."""
    p = np.maximum(p, np.finfo(p.dtype).tiny)
    return -np.sum(t * np.log(p), axis=tuple(range(1, p.ndim)))
''',
    "binary_cross_entropy": '''
def binary_cross_entropy(p, t):
    """-sum_k (t_k ln p_k + (1 - t_k) ln(1 - p_k)) of each sample."""
    p = np.clip(p, np.finfo(p.dtype).tiny, 1.0 - np.finfo(p.dtype).epsneg)
    yes, no = np.log(p), np.log1p(-p)
    return -np.sum(t * (yes - no) + no, axis=tuple(range(1, p.ndim)))
''',
    "negative_log_likelihood": '''
def negative_log_likelihood(log_p, t):
    """-sum_k t_k ln p_k of each sample, from ln p."""
    return -np.sum(t * log_p, axis=tuple(range(1, log_p.ndim)))
''',
    "softmax_cross_entropy": '''
def softmax_cross_entropy(a, t):
    """-sum_k t_k ln softmax(a)_k of each sample, which never takes the logarithm of 0."""
    s = a - np.max(a, axis=-1, keepdims=True)
    log_p = s - np.log(np.sum(np.exp(s), axis=-1, keepdims=True))
    return -np.sum(t * log_p, axis=tuple(range(1, a.ndim)))
''',
    "sigmoid_binary_cross_entropy": '''
def sigmoid_binary_cross_entropy(a, t):
    """-sum_k (t_k ln p_k + (1 - t_k) ln(1 - p_k)) of each sample with p = sigmoid(a)."""
    entropy = np.maximum(a, 0.0) - a * t + np.log1p(np.exp(-np.abs(a)))
    return np.sum(entropy, axis=tuple(range(1, a.ndim)))
''',
    "place": '''
def place(x, axis, start, size, fill=0.0):
    """x as the elements from `start` on of a longer axis, `fill` everywhere else."""
    widths = [(0, 0)] * x.ndim
    widths[axis] = (start, size - start - x.shape[axis])
    return np.pad(x, widths, constant_values=fill)
''',
    "windows": '''
def windows(x, size, stride=None, dilation=None, groups=None):
    """All windows of images: [n, *places, *size, channels], or [..., groups, channels]."""
    rank = len(size)
    stride, dilation = stride or (1,) * rank, dilation or (1,) * rank
    spread = tuple(d * (k - 1) + 1 for k, d in zip(size, dilation))
    axes = tuple(range(1, rank + 1))
    seen = np.lib.stride_tricks.sliding_window_view(x, spread, axes)
    places = [slice(None, None, s) for s in stride]
    pixels = [slice(None, None, d) for d in dilation]
    seen = np.moveaxis(seen[(slice(None), *places, slice(None), *pixels)], rank + 1, -1)
    return seen if groups is None else seen.reshape(*seen.shape[:-1], groups, -1)
''',
}
