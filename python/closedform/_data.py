"""Arrays, frames and metadata to what the engine takes: columns of float64 and a description of each."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import ClosedFormWarning, DataError

Floats = NDArray[np.float64]

#: Kinds of variables by the names that AutoRA's ``ValueType`` has, and by our own.
_KINDS = {
    "real": "real",
    "probability": "probability",
    "probability_sample": "probability",
    "probability_distribution": "probability",
    "sigmoid": "probability",
    "integer": "integer",
    "boolean": "probability",
    "count": "count",
}


@dataclass
class Table:
    """A table as the engine reads it; ``variables`` and ``target`` are what is known of the columns."""

    x: Floats
    y: Floats
    weights: Floats | None
    variables: list[dict[str, Any]]
    target: dict[str, Any]

    def arguments(self) -> tuple[Floats, Floats, Floats | None, str, str]:
        """The arguments of the engine's functions, in their order."""
        weights = None if self.weights is None else aligned(self.weights)
        return aligned(self.x), aligned(self.y), weights, json.dumps(self.variables), json.dumps(self.target)

    def columns(self, chosen: NDArray[np.intp]) -> Table:
        """The table with these inputs only."""
        x = np.ascontiguousarray(self.x[:, chosen])
        return Table(x, self.y, self.weights, [self.variables[i] for i in chosen], self.target)


def aligned(values: Any) -> Floats:
    """An array of float64, row after row, at an address that the engine can read: one that came over a network may
    begin anywhere."""
    return np.require(values, dtype=np.float64, requirements=["C", "A"])


def feature_names(names: Iterable[str] | None, count: int) -> list[str]:
    """The names of columns; ``x1``, ``x2``, ... where they have none."""
    return [f"x{i + 1}" for i in range(count)] if names is None else [str(n) for n in names]


def target_name(y: Any, inputs: list[str]) -> str:
    """The name of a series or of a frame of one column, or else ``y``; never that of an input.

    >>> target_name([1.0, 2.0], ["x", "y"])
    'target'
    """
    name = getattr(y, "name", None)
    columns = getattr(y, "columns", None)
    if name is None and columns is not None and len(columns) == 1:
        name = columns[0]
    candidates = [name] if isinstance(name, str) and name else []
    candidates += ["y", "target", *(f"target{i}" for i in range(len(inputs) + 1))]
    return next(c for c in candidates if c not in inputs)


def describe(names: list[str], metadata: Any, columns: list[Floats]) -> list[dict[str, Any]]:
    """What is known of columns, as the engine reads it.

    ``metadata`` is a dictionary ``{name: {"kind": ..., "unit": ..., "range": (low, high)}}``, or variables of AutoRA
    (or a collection of them): anything with ``name``, ``units``, ``value_range`` and ``type``.

    >>> import numpy as np
    >>> describe(["t"], {"t": {"unit": "s", "range": (0, 10)}}, [np.array([1.0])])
    [{'name': 't', 'unit': 's', 'range': (0.0, 10.0)}]
    """
    if isinstance(metadata, Mapping):
        known = {name: _from_mapping(name, said) for name, said in metadata.items()}
    else:
        known = {str(v.name): _from_variable(v) for v in _variables(metadata)}
    described = []
    for name, column in zip(names, columns, strict=True):
        entry = known.get(name, {"name": name})
        if entry.pop("lenient", False) and "range" in entry:
            low, high = entry["range"]
            # AutoRA's range is where experiments may go; measurements around it may lie outside.
            if not (np.all(column >= low) and np.all(column <= high)):
                del entry["range"]
        described.append(entry)
    return described


def unknown_names(metadata: Any, names: list[str]) -> list[str]:
    """Names that are described and do not exist."""
    said = metadata.keys() if isinstance(metadata, Mapping) else [str(v.name) for v in _variables(metadata)]
    return [n for n in said if n not in names]


def _variables(metadata: Any) -> list[Any]:
    if metadata is None:
        return []
    if hasattr(metadata, "independent_variables"):
        covariates = getattr(metadata, "covariates", None) or []
        return [*metadata.independent_variables, *covariates, *(metadata.dependent_variables or [])]
    return list(metadata)


def _from_mapping(name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": name}
    for key, value in said.items():
        if key == "range":
            low, high = value
            entry["range"] = (float(low), float(high))
        elif key in ("unit", "kind"):
            entry[key] = str(value)
        else:
            raise DataError(f"metadata of `{name}`: expected kind, unit or range, got `{key}`")
    return entry


def _from_variable(variable: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": str(variable.name), "lenient": True}
    kind = getattr(variable, "type", None)
    kind = str(getattr(kind, "value", kind or "real")).lower()
    if kind not in _KINDS:
        raise DataError(f"variable `{variable.name}`: a column of type {kind} cannot be explained by a formula")
    entry["kind"] = _KINDS[kind]
    if getattr(variable, "units", None):
        entry["unit"] = str(variable.units)
    limits = getattr(variable, "value_range", None)
    if limits is not None:
        entry["range"] = (float(limits[0]), float(limits[1]))
    return entry


def most_correlated(table: Table, count: int) -> NDArray[np.intp]:
    """The inputs of largest correlation with the target, in the order of the table.

    >>> import numpy as np
    >>> x = np.array([[1.0, 0.0], [2.0, 1.0], [3.0, 0.0], [4.0, 1.0]])
    >>> table = Table(x, x[:, 0] ** 2, None, [{"name": "a"}, {"name": "b"}], {"name": "y"})
    >>> most_correlated(table, 1)
    array([0])
    """
    weights = np.ones(len(table.y)) if table.weights is None else table.weights
    weights = weights / weights.sum()
    x = table.x - weights @ table.x
    y = table.y - weights @ table.y
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.abs((weights * y) @ x) / np.sqrt(weights @ x**2)
    # Rounded, so that the order of the rows cannot decide between equals.
    ranked = np.argsort(-np.round(np.nan_to_num(correlation), 9), kind="stable")
    return np.sort(ranked[:count])


def select(table: Table, count: int | None) -> tuple[Table, NDArray[np.intp]]:
    """The table with at most ``count`` inputs, and which they are. Never more inputs than rows that differ."""
    total = table.x.shape[1]
    wanted = total if count is None else count
    if not 1 <= wanted:
        raise DataError(f"select_k_features: expected 1 or more, got {count}")
    counted = _distinct_rows(table, min(wanted, total))
    most = max(1, min(wanted, total, counted))
    if most == total:
        return table, np.arange(total)
    if most < min(wanted, total):
        warnings.warn(
            f"{total} columns and {counted} different rows: only the {most} columns of largest correlation with the "
            "target are searched; choose columns yourself, or set select_k_features",
            ClosedFormWarning,
            stacklevel=4,
        )
    chosen = most_correlated(table, most)
    return table.columns(chosen), chosen


def _distinct_rows(table: Table, enough: int) -> int:
    """Rows that count and differ; any number from ``enough`` on where there are as many."""
    x = table.x if table.weights is None else table.x[table.weights > 0.0]
    # One column that varies enough saves sorting whole rows.
    if any(len(np.unique(column)) >= enough for column in x.T):
        return enough
    return len(np.unique(x, axis=0))
