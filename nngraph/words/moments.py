"""Optimisers that follow running means of the gradient: adam and what came of it."""

import math
from typing import Literal

from nngraph.formula import Term, exp, maximum, sign, sqrt, square
from nngraph.words.base import NotNegative, Positive, Rate
from nngraph.words.row import Optimizer, is_first, over_correction, running


class Adam(Optimizer):
    """Adam: steps scaled by running moments of the gradient (Kingma and Ba, 2015).

    m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2; with both corrected for their start,
    w <- w - eta m / (sqrt(v) + epsilon), the convention of the paper and of PyTorch.
    Source: Kingma and Ba, Adam, ICLR 2015, algorithm 1.
    """

    kind: Literal["adam"] = "adam"
    learning_rate: Positive = 0.001
    """eta, the length of a step."""
    beta1: Rate = 0.9
    """Decay of the running mean of the gradient."""
    beta2: Rate = 0.999
    """Decay of the running mean of its square."""
    epsilon: Positive = 1e-8
    """Added to the root of the corrected second moment, as in PyTorch; Keras and scikit-learn add
    theirs (1e-7 and 1e-8) before the correction, so their first steps are shorter."""
    amsgrad: bool = False
    """Divide by the largest second moment so far (Reddi, Kale and Kumar, 2018)."""

    @property
    def states(self) -> tuple[str, ...]:
        largest = ("largest_second_moment",) if self.amsgrad else ()
        return ("first_moment", "second_moment", *largest)

    def moves(self, g: Term, rate: Term, t: Term, *states: Term) -> tuple[Term, ...]:
        """On moments that are kept rescaled, M = m / (1 - b1) and V = v / (1 - b2).

        The corrections of their start lie in two scalars, s = sqrt((1 - b2) / (1 - b2^t)) and
        alpha = eta (1 - b1) / ((1 - b1^t) s): w <- w - alpha M / (sqrt(V) + epsilon / s). So it
        takes ten passes over the vectors where each operation is one.
        """
        M, V, *largest = states
        over_s = 1.0 / sqrt((1.0 - self.beta2) * over_correction(self.beta2, t))
        alpha = (1.0 - self.beta1) * over_correction(self.beta1, t) * over_s * rate
        M = self.beta1 * M + g
        V = self.beta2 * V + square(g)
        largest = [maximum(top, V) for top in largest]
        return M / (sqrt((*largest, V)[0]) + self.epsilon * over_s) * alpha, M, V, *largest


class AdamW(Adam):
    """Adam with decoupled weight decay, 0.01 unless `weight_decay` says otherwise (Loshchilov
    and Hutter, 2019).

    w <- w - eta decay w, then the step of adam, whose moments see no decay.
    Source: Loshchilov and Hutter, Decoupled weight decay regularization, ICLR 2019, algorithm 2
    with its schedule in eta, as PyTorch has it.
    """

    kind: Literal["adamw"] = "adamw"  # type: ignore[assignment]
    decay = 0.01  # what PyTorch takes where nothing is said; Keras 0.004
    decoupled = True


class Nadam(Optimizer):
    """Adam that looks ahead along its first moment, as Nesterov's momentum does (Dozat, 2016).

    With the moments of adam, mu_t = b1 (1 - 0.96^(t psi) / 2) and P_t = mu_1 ... mu_t:
    w <- w - eta ((1 - mu_t) g / (1 - P_t) + mu_(t+1) m / (1 - P_(t+1))) / (sqrt(v) + epsilon).
    Source: Dozat, Incorporating Nesterov momentum into Adam, ICLR workshop 2016, in the form of
    PyTorch (Keras has psi = 1).
    """

    kind: Literal["nadam"] = "nadam"
    learning_rate: Positive = 0.002
    """eta, the length of a step."""
    beta1: Rate = 0.9
    """Decay of the running mean of the gradient."""
    beta2: Rate = 0.999
    """Decay of the running mean of its square."""
    epsilon: Positive = 1e-8
    """Keeps the division finite."""
    momentum_decay: NotNegative = 0.004
    """psi: how fast mu grows towards beta1; 0 leaves it at half of beta1."""

    @property
    def states(self) -> tuple[str, ...]:
        return ("first_moment", "second_moment", "product")

    def moves(self, g: Term, rate: Term, t: Term, *states: Term) -> tuple[Term, ...]:
        m, v, product = states
        mu, mu_next = self._mu(t), self._mu(t + 1.0)
        m = running(m, self.beta1, g)
        v = running(v, self.beta2, square(g))
        product = (product + is_first(t)) * mu
        now = g / (1.0 - product) * (1.0 - mu)
        ahead = m / (1.0 - product * mu_next) * mu_next
        spread = sqrt(v) * sqrt(over_correction(self.beta2, t)) + self.epsilon
        return (now + ahead) / spread * rate, m, v, product

    def _mu(self, t: Term) -> Term:
        return self.beta1 * (1.0 - 0.5 * exp(math.log(0.96) * self.momentum_decay * t))


class Adamax(Optimizer):
    """Adam with the largest gradient, slowly forgotten, instead of the second moment.

    m <- b1 m + (1 - b1) g; u <- max(b2 u, |g| + epsilon); w <- w - eta m / ((1 - b1^t) u).
    Source: Kingma and Ba, Adam, ICLR 2015, algorithm 2, with epsilon where PyTorch has it.
    """

    kind: Literal["adamax"] = "adamax"
    learning_rate: Positive = 0.002
    """eta, the length of a step."""
    beta1: Rate = 0.9
    """Decay of the running mean of the gradient."""
    beta2: Rate = 0.999
    """Decay of the largest gradient."""
    epsilon: Positive = 1e-8
    """Keeps the division finite."""

    @property
    def states(self) -> tuple[str, ...]:
        return ("first_moment", "largest_gradient")

    def moves(self, g: Term, rate: Term, t: Term, *states: Term) -> tuple[Term, ...]:
        m, u = states
        m = running(m, self.beta1, g)
        u = maximum(self.beta2 * u, abs(g) + self.epsilon)
        return m / u * (rate * over_correction(self.beta1, t)), m, u


class Lion(Optimizer):
    """The sign of an interpolated momentum: each weight moves by eta (Chen et al., 2023).

    w <- w - eta sign(b1 m + (1 - b1) g); m <- b2 m + (1 - b2) g. Its rates are three to ten times
    smaller than those of adamw; `weight_decay` is decoupled, w <- w - eta decay w.
    Source: Chen et al., Symbolic discovery of optimization algorithms, NeurIPS 2023, algorithm 2.
    """

    kind: Literal["lion"] = "lion"
    decoupled = True
    usual_rates = (1e-7, 0.03)
    learning_rate: Positive = 0.0001
    """eta, the length of a step."""
    beta1: Rate = 0.9
    """How much of the momentum stands in the direction of a step."""
    beta2: Rate = 0.99
    """Decay of the momentum."""

    @property
    def states(self) -> tuple[str, ...]:
        return ("momentum",)

    def moves(self, g: Term, rate: Term, t: Term, *states: Term) -> tuple[Term, ...]:
        (m,) = states
        return sign(running(m, self.beta1, g)) * rate, running(m, self.beta2, g)
