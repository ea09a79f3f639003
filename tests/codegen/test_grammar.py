"""The verifier of generated source accepts the grammar and nothing else."""

import pytest

from nngraph.codegen import verify_source
from nngraph.errors import VerifyError

NAMES = {"f", "g", "a", "b", "c", "rows"}

LEGAL = [
    "def step():\n    f(a, b, out=c)\n",
    "def step():\n    f(a, out=c, axis=b)\n    return a, b\n",
    "def step():\n    x = f(a)\n    y = x * a - b / x ** c\n    return (y,)\n",
    "def step():\n    for x, y in rows:\n        f(x, out=y)\n        g(y)\n",
    "def step():\n    return ()\n",
]

ILLEGAL = {
    "an import": "def step():\n    import os\n",
    "two functions": "def step():\n    f(a)\ndef other():\n    f(a)\n",
    "an attribute": "def step():\n    f(a.T)\n",
    "a subscript": "def step():\n    f(a[b])\n",
    "a string": "def step():\n    f('a')\n",
    "a number": "def step():\n    f(1)\n",
    "a comment": "def step():\n    f(a)  # x\n",
    "a docstring": 'def step():\n    """x"""\n',
    "a default": "def step(x=a):\n    f(x)\n",
    "an argument": "def step(x):\n    f(x)\n",
    "a decorator": "@f\ndef step():\n    g(a)\n",
    "an unknown name": "def step():\n    eval(a)\n",
    "a dunder name": "def step():\n    __import__(a)\n",
    "unpacked arguments": "def step():\n    f(*a)\n",
    "unpacked keywords": "def step():\n    f(**a)\n",
    "a nested loop": "def step():\n    for x in rows:\n        for y in rows:\n            f(y)\n",
    "a loop over a call": "def step():\n    for x in f(a):\n        g(x)\n",
    "a condition": "def step():\n    if a:\n        f(a)\n",
    "a lambda": "def step():\n    f(lambda: a)\n",
    "a nested call": "def step():\n    f(g(a))\n",
    "an assignment to a subscript": "def step():\n    a[b] = f(c)\n",
    "a global": "def step():\n    global a\n    a = f(b)\n",
    "a return inside a loop": "def step():\n    for x in rows:\n        return (x,)\n",
    "code after the function": "def step():\n    f(a)\nf(a)\n",
}


@pytest.mark.parametrize("text", LEGAL)
def test_the_grammar_is_accepted(text):
    verify_source(text, NAMES)


@pytest.mark.parametrize("what", ILLEGAL)
def test_everything_else_is_refused(what):
    with pytest.raises(VerifyError):
        verify_source(ILLEGAL[what], NAMES)
