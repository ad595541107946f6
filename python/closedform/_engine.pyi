"""The compiled engine; private. `tests/test_types.py` checks this file against it."""

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Model",
    "__version__",
    "check_options",
    "edge_text",
    "fit",
    "fit_formulas",
    "merge",
    "primitives",
    "refit",
]
__version__: str

@final
class Model:
    def __new__(cls, text: str) -> Model: ...
    @staticmethod
    def load(path: str | PathLike[str]) -> Model: ...
    def save(self, path: str | PathLike[str]) -> None: ...
    def to_json(self, reproducible: bool = False) -> str: ...
    def __reduce__(self) -> tuple[type[Model], tuple[str]]: ...
    def __len__(self) -> int: ...
    @property
    def best_index(self) -> int: ...
    def choose(self, criterion: str) -> int: ...
    def evaluate(self, x: NDArray[np.float64], index: int | None = None) -> NDArray[np.float64]: ...
    def formula(
        self, index: int | None = None, significant: int | None = None, names: Sequence[str] | None = None
    ) -> str: ...
    def latex(
        self, index: int | None = None, significant: int | None = None, names: Sequence[str] | None = None
    ) -> str: ...
    def code(self, language: str, index: int | None = None) -> str: ...
    def sympy(self, index: int | None = None) -> tuple[str, dict[str, str]]: ...

def fit(
    options: str,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weights: NDArray[np.float64] | None,
    variables: str,
    target: str,
    observer: Callable[[dict[str, Any]], None] | None = None,
    epochs: Callable[[int, int, float, list[float]], None] | None = None,
) -> tuple[Model, bool]: ...
def refit(
    options: str,
    model: Model,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weights: NDArray[np.float64] | None,
    variables: str,
    target: str,
    observer: Callable[[dict[str, Any]], None] | None = None,
    epochs: Callable[[int, int, float, list[float]], None] | None = None,
) -> tuple[Model, bool]: ...
def fit_formulas(
    options: str,
    formulas: Sequence[str],
    columns: Mapping[str, int],
    named: bool,
    starts: Mapping[str, float],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weights: NDArray[np.float64] | None,
    variables: str,
    target: str,
) -> tuple[Model, list[list[str]]]: ...
def merge(
    models: Sequence[Model],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weights: NDArray[np.float64] | None,
    variables: str,
    target: str,
) -> Model: ...
def check_options(options: str) -> None: ...
def primitives(set: str) -> tuple[list[str], list[str]]: ...
def edge_text(
    set: str, primitive: str, constants: Sequence[float], source: str, significant: int, latex: bool
) -> str: ...
