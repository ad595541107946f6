"""Formulas found elsewhere, and models from files."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from . import _engine
from .errors import DataError, FileError
from .regressor import SymbolicRegressor

#: Names that programs give to their column of formulas, compared in small letters.
_FORMULA_COLUMNS = ("equation", "model", "expression", "formula", "infix", "tree", "sympy_format", "law")


def load(path: str | os.PathLike[str]) -> SymbolicRegressor:
    """Reads a model that Python, Rust or the command line saved; it predicts at once, and bit for bit the same. Of a
    frame it takes the columns that it needs by their names.

    >>> import tempfile, os
    >>> import numpy as np
    >>> x = np.linspace(1, 3, 20)[:, None]
    >>> model = SymbolicRegressor().fit(x, x[:, 0] ** 2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "model.json")
    ...     save(model, path)
    ...     load(path).formula()
    'x1^2'
    """
    model = _engine.Model.load(path)
    content = json.loads(model.to_json())
    names = [v["name"] for v in content["inputs"]]
    estimator = SymbolicRegressor(model_selection=content["criterion"])
    estimator.model_ = model
    estimator.n_features_in_ = len(names)
    # Unnamed columns are x1, x2, ...; arrays are then predicted without a warning.
    if names != [f"x{i + 1}" for i in range(len(names))]:
        estimator.feature_names_in_ = np.asarray(names, dtype=object)
    estimator.selected_features_ = np.arange(len(names))
    estimator.constant_names_ = None
    estimator.interrupted_ = False
    estimator.by_name_ = True
    return estimator


def save(model: Any, path: str | os.PathLike[str]) -> None:
    """Writes the model of a fitted estimator as JSON, all of it or nothing; see :func:`load`."""
    model.save(path)


def refit(
    expression: str,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    start: Mapping[str, float] | None = None,
    **options: Any,
) -> SymbolicRegressor:
    """Fits the constants of a formula: names that are no columns, and numbers with a decimal point. Whole numbers
    and exponents stay as they are.

    Returns a fitted estimator; :meth:`summary` has the constants with standard errors. ``start`` gives first values
    where the fit does not find the way from 1; further options are those of :class:`SymbolicRegressor`.

    >>> import numpy as np
    >>> t = np.linspace(0, 10, 60)
    >>> y = 7.5 * np.exp(-0.4 * t) + 2.25
    >>> model = refit("a*exp(-k*x1) + c", t[:, None], y)
    >>> [(c.name, round(c.value, 6)) for c in model.constants()]
    [('a', 7.5), ('k', 0.4), ('c', 2.25)]
    """
    estimator = SymbolicRegressor(**options)
    names = _fit(estimator, [expression], X, y, sample_weight, named=True, start=start or {}, aliases=False)
    unknown = [name for name in start or {} if name not in names[0]]
    if unknown:
        raise DataError(f"start: the formula has no constant `{unknown[0]}`; it has {', '.join(names[0])}")
    estimator.constant_names_ = names[0]
    return estimator


def import_front(
    source: str | os.PathLike[str] | Sequence[str],
    X: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    column: str | None = None,
    **options: Any,
) -> SymbolicRegressor:
    """Takes in the formulas of another program: fits their constants anew, ranks them, gives standard errors.

    ``source`` is a CSV file such as PySR's ``hall_of_fame.csv`` or one that Operon's front was written to, its text,
    or a list of formulas. ``column`` names the column of formulas where it is not called Equation, model, or the
    like. Columns of the data go by their names, by PySR's ``x0``, ``x1``, ... or by Operon's ``X1``, ``X2``, ...

    >>> import numpy as np
    >>> x = np.random.default_rng(1).uniform(0.5, 2, (80, 2))
    >>> y = 1.5 * np.exp(x[:, 0]) / x[:, 1]
    >>> model = import_front("Complexity,Loss,Equation\\n5,0.3,(x0 * 2.1)\\n8,0.01,((1.4 * exp(x0)) / x1)\\n", x, y)
    >>> model.formula()
    '1.5*exp(x1)/x2'
    """
    if isinstance(source, (str, os.PathLike)):
        formulas, pysr = _read(source, column)
    else:
        formulas, pysr = [str(f) for f in source], False
    if not formulas:
        raise DataError("import_front: there is no formula in the table")
    estimator = SymbolicRegressor(**options)
    _fit(estimator, formulas, X, y, sample_weight, named=False, start={}, aliases=True, from_zero=pysr)
    return estimator


def _fit(
    estimator: SymbolicRegressor,
    formulas: list[str],
    X: Any,
    y: Any,
    sample_weight: Any,
    *,
    named: bool,
    start: Mapping[str, float],
    aliases: bool,
    from_zero: bool = False,
) -> list[list[str]]:
    table = estimator._table(X, y, sample_weight)
    names = [v["name"] for v in table.variables]
    columns = _columns(formulas, names, from_zero) if aliases else {name: i for i, name in enumerate(names)}
    options = json.dumps(estimator._options()[0])
    starts = {name: float(value) for name, value in start.items()}
    estimator.model_, constants = _engine.fit_formulas(options, formulas, columns, named, starts, *table.arguments())
    estimator.selected_features_ = np.arange(len(names))
    estimator.constant_names_ = None
    estimator.interrupted_ = False
    return constants


def _columns(formulas: Sequence[str], names: list[str], from_zero: bool = False) -> dict[str, int]:
    """Which column a name of a formula means; ``from_zero`` where the table is known to be one of PySR.

    >>> _columns(["x0 + x1"], ["a", "b"])
    {'x0': 0, 'x1': 1, 'a': 0, 'b': 1}
    >>> _columns(["X1 * X2"], ["a", "b"])
    {'X1': 0, 'X2': 1, 'a': 0, 'b': 1}
    """
    used = {(m[1], int(m[2])) for f in formulas for m in re.finditer(r"\b([xX])_?(\d+)\b", f)}
    spelled = {f"{letter}{i}" for letter, i in used}
    # Data without names have x1, x2, ... of their own; formulas that begin at x0 or reach only these settle it.
    if from_zero or any(i == 0 for _, i in used):
        count_from = 0
    elif any(letter == "X" for letter, _ in used) or spelled <= set(names):
        count_from = 1
    else:
        count_from = 0
    letters = sorted({letter for letter, _ in used})
    numbered = {f"{letter}{i + count_from}": i for letter in letters for i in range(len(names))}
    numbered |= {f"{letter}_{i + count_from}": i for letter in letters for i in range(len(names))}
    own = {name: i for i, name in enumerate(names)}
    numbered = {k: v for k, v in numbered.items() if any(re.search(rf"\b{k}\b", f) for f in formulas)}
    if names == [f"x{i + 1}" for i in range(len(names))]:
        # Names that were made up give way.
        return {**own, **numbered}
    return {**numbered, **own}


def _read(source: str | os.PathLike[str], column: str | None) -> tuple[list[str], bool]:
    """The formulas of a table, and whether PySR wrote it.

    >>> _read("Complexity,Loss,Equation\\n1,0.5,x1\\n", None)
    (['x1'], True)
    """
    text = os.fspath(source)
    shown = "the table"
    if "\n" not in text:
        shown = text
        try:
            with open(text, encoding="utf-8-sig", newline="") as file:
                text = file.read()
        except OSError as e:
            raise FileError(f"cannot read {shown}: {e.strerror}") from e
    header = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=header.count))
    names = list(rows.fieldnames or [])
    known = [n for n in names if (n == column if column else n.strip().lower() in _FORMULA_COLUMNS)]
    if not known:
        wanted = f"a column `{column}`" if column else "a column of formulas (Equation, model, expression, ...)"
        raise DataError(f"{shown}: expected {wanted}, got {', '.join(names)}")
    # A cut line at the end has no formula in it.
    formulas = [row[known[0]].strip() for row in rows if row.get(known[0])]
    return formulas, {"complexity", "loss", "equation"} <= {n.strip().lower() for n in names}
