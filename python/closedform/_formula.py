"""One equation of a front as Python objects: a callable, a SymPy expression, a row of a table."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ._data import Floats, aligned

if TYPE_CHECKING:
    from ._engine import Model


class Constant(NamedTuple):
    """A fitted constant.

    >>> Constant("c0", 2.0, 0.1).interval(0.95, degrees=10)
    (1.777..., 2.222...)
    """

    name: str
    value: float
    std_error: float | None

    def interval(self, level: float, degrees: int) -> tuple[float, float] | None:
        """The confidence interval on so many degrees of freedom; none where there is no standard error."""
        if self.std_error is None or degrees < 1:
            return None
        from scipy.stats import t

        half = float(t.ppf(0.5 + level / 2, degrees)) * self.std_error
        return self.value - half, self.value + half


class Formula:
    """An equation that is called with a matrix of the fitted columns; it pickles and prints as its formula."""

    def __init__(self, model: Model, index: int, columns: list[int]) -> None:
        self._model = model
        self._index = index
        self._columns = columns

    def __call__(self, X: Any) -> Floats:
        """The values for every row; not finite where the formula has no value."""
        return self._model.evaluate(np.ascontiguousarray(aligned(X)[:, self._columns]), self._index)

    def __repr__(self) -> str:
        return self._model.formula(self._index, 6)


def to_sympy(model: Model, index: int) -> Any:
    """A SymPy expression whose symbols are called like the columns."""
    try:
        import sympy
    except ImportError as e:
        raise ImportError("SymPy is not installed; `pip install sympy`, or read `latex()` and `formula()`") from e
    text, renamed = model.sympy(index)
    names = [v["name"] for v in json.loads(model.to_json())["inputs"]]
    # Said one by one: SymPy has names such as N and beta of its own.
    symbols = {name: sympy.Symbol(name) for name in names} | {s: sympy.Symbol(c) for s, c in renamed.items()}
    return sympy.sympify(text, locals=symbols)


def scores(losses: list[float], complexities: list[int]) -> list[float]:
    """How much each equation improves on the one before, per step of complexity, as PySR counts it.

    >>> [round(s, 3) for s in scores([1.0, 0.1, 0.0], [1, 3, 4])]
    [0.0, 1.151, inf]
    """
    found = [0.0]
    for i in range(1, len(losses)):
        step = complexities[i] - complexities[i - 1]
        if losses[i] > 0.0:
            found.append(-math.log(losses[i] / losses[i - 1]) / step)
        else:
            found.append(math.inf)
    return found


def rounded(number: float, precision: int) -> str:
    """A number in LaTeX with so many significant digits.

    >>> rounded(0.000012345, 3)
    '1.23 \\\\cdot 10^{-5}'
    >>> rounded(12.5, 3)
    '12.5'
    """
    text = f"{number:.{precision}g}"
    if text in ("inf", "-inf", "nan"):
        return {"inf": r"\infty", "-inf": r"-\infty"}.get(text, r"\text{nan}")
    mantissa, e, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else text
