"""Symbolic regression: a table of numbers goes in, a closed-form law comes out.

>>> import numpy as np
>>> import closedform
>>> x = np.random.default_rng(0).uniform(1, 5, (60, 2))
>>> model = closedform.SymbolicRegressor().fit(x, 3 * x[:, 0] / x[:, 1] ** 2)
>>> print(model.formula())
3*x1/x2^2

:class:`SymbolicRegressor` is the scikit-learn estimator, :class:`DARTSRegressor` has the constructor of AutoRA's.
:func:`refit` and :func:`import_front` fit formulas that were found elsewhere, :func:`load` reads a saved model. The
names below are imported when they are first used, so that `import closedform` takes milliseconds.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from . import errors
from ._engine import __version__

if TYPE_CHECKING:
    from .darts import DARTSExecutionMonitor, DARTSRegressor
    from .formulas import import_front, load, refit, save
    from .regressor import SymbolicRegressor

__all__ = [
    "DARTSExecutionMonitor",
    "DARTSRegressor",
    "SymbolicRegressor",
    "__version__",
    "errors",
    "import_front",
    "load",
    "primitives",
    "refit",
    "save",
]

_LAZY = {
    "DARTSExecutionMonitor": "darts",
    "DARTSRegressor": "darts",
    "SymbolicRegressor": "regressor",
    "import_front": "formulas",
    "load": "formulas",
    "refit": "formulas",
    "save": "formulas",
}


def __getattr__(name: str) -> Any:
    module = _LAZY.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{module}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def primitives(set: str = "") -> list[str]:
    """The names of the primitives of a set (``seed``, ``science``, ``autora`` or a list), or of all there are.

    >>> primitives("seed")
    ['none', 'add', 'subtract', 'mult', 'exp', 'logistic', 'relu']
    """
    from . import _engine

    chosen, every = _engine.primitives(set or "science")
    return chosen if set else every
