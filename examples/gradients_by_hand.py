"""Every gradient of a small network, and the rule behind it: dL/dW_ij = delta_j z_i."""

import numpy as np

import nngraph

SPEC = """
nngraph: 1
dtype: float64
nodes:
  x: {kind: input, shape: 2}
  y: {units: 1, activation: tanh, bias: 0.1}
edges:
  - x -> y: [[0.5], [-0.3]]
loss: {kind: mean_squared_error, values: sum, weight: 0.5}
"""

model = nngraph.compile(SPEC)
x, target = np.array([[1.0, 2.0]]), np.array([[1.0]])
gradients = model.gradients(x, target)

# by hand: L = 1/2 (z - t)^2, z = tanh(a), a = W^T x + b
a = 0.5 * 1.0 - 0.3 * 2.0 + 0.1
z = np.tanh(a)
delta = (1 - z**2) * (z - 1.0)
print("delta_y        ", delta)
print("dL/dW by nngraph", gradients["x->y"].ravel(), " by hand", delta * x.ravel())
print("dL/db by nngraph", gradients["y.bias"], " by hand", delta)
assert np.allclose(gradients["x->y"].ravel(), delta * x.ravel(), rtol=1e-12)
assert np.allclose(gradients["y.bias"], delta, rtol=1e-12)
