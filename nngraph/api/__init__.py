"""The Python interface: compile a spec, train it, ask it.

>>> import nngraph
>>> model = nngraph.compile('''
... nngraph: 1
... nodes:
...   x: {kind: input, shape: 2}
...   y: {units: 1, bias: 0.5}
... edges:
...   - x -> y: [[2], [-1]]
... ''')
>>> model.predict([[1, 1], [0, 3]])
array([[ 1.5],
       [-2.5]], dtype=float32)
"""

from nngraph.api.history import History
from nngraph.api.model import Model
from nngraph.api.starting import compile, load, resume, train_run

__all__ = ["History", "Model", "compile", "load", "resume", "train_run"]
