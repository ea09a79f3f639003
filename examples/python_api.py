"""The Python API in a minute: compile a spec, train it on its own data, predict, look inside."""

from pathlib import Path

import numpy as np

import nngraph

SPECS = Path(__file__).parent.parent / "specs"

model = nngraph.compile(SPECS / "iris-mlp.yaml")
print(model)

model.fit()  # on the data that the spec names; model.fit(x, y) takes arrays
flower = np.array([[6.1, 2.8, 4.7, 1.2]])
print("probabilities:", model.predict(flower).round(3))

# any node can be asked for its value
hidden = model.forward(flower, nodes=["hidden"])["hidden"]
print("hidden layer:", hidden.round(2))
print("parameters:", model.parameters)
