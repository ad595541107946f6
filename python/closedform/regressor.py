"""The scikit-learn estimator."""

from __future__ import annotations

import json
import numbers
import os
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, column_or_1d, validate_data

from . import _engine
from ._data import Floats, Table, aligned, describe, feature_names, select, target_name, unknown_names
from ._front import CRITERIA, Front
from ._jobs import run_jobs
from ._progress import observer
from .errors import DataError, InterruptedFit, OptionsError

#: Fits that a backend is given where nothing else is said. A fixed number, so that the result does not depend on the
#: number of workers.
JOBS = 8


class SymbolicRegressor(Front, RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Finds a closed-form law of the target.

    All options have the names and defaults of the engine's builder and of the command line.

    Parameters
    ----------
    primitives : str or list of str, default="science"
        What formulas are made of: ``"seed"``, ``"science"``, ``"autora"``, or a list of names and of functions of
        one's own such as ``"hill = x^a/(b^a + x^a)"``.
    strategy : str, default="auto"
        Search method: ``auto``, ``darts``, ``darts-unrolled``, ``darts-exact``, ``darts-implicit``, ``darts-fair``,
        ``enas``, ``random``, ``random-shared``.
    nodes : int or list of int, default=None
        Intermediate nodes of the expression graph, for strategies on a supernet. A list gives one job per entry.
    combine : {"sum", "product", "both"}, default=None
        How nodes combine what reaches them, for strategies on a supernet.
    time_limit : float or None, default=30
        Seconds after which the search ends with the best formula so far. A law that fits to the last digits ends it
        earlier.
    max_evaluations : int, default=None
        Ends the search after so many evaluations; it then runs on one thread and ends at the same place every time.
    model_selection : str, default="description_length"
        How one equation of the front is chosen: ``description_length``, ``bic``, ``aic``, ``validation``,
        ``accuracy``, or PySR's ``best`` and ``score``. May be changed after the fit.
    output_type : str, default=None
        ``real``, ``probability``, ``probability-squared`` or ``count``; by default after the kind of the target.
    validation_fraction : float, default=None
        Share of the rows that the search does not fit constants on. By default 0.25; ``auto`` keeps at least 200 rows
        for the search, also where that leaves none to hold out, unless ``model_selection`` is ``validation``.
    without : list of str, default=()
        Stages of the strategy ``auto`` to leave out.
    darts, enas, random : dict, default=None
        Options of these strategies, under the names of the engine.
    select_k_features : int, default=None
        Searches only this many columns, those of largest correlation with the target. There are never more columns
        than rows.
    metadata : dict, or variables of AutoRA, default=None
        What is known of columns: ``{"t": {"unit": "s", "range": (0, 10), "kind": "real"}}``; kinds are ``real``,
        ``probability``, ``count``, ``integer``. The kind of the target decides how it is fitted.
    random_state : int, RandomState or None, default=0
        Seed of every random choice; ``None`` draws one.
    n_jobs : int, default=None
        Threads of a fit; the result does not depend on it. ``None`` and -1 take all processors; where jobs run in a
        backend, ``None`` takes one.
    verbose : int, default=0
        1 prints progress on standard error.
    jobs : int, default=None
        Independent fits with the seeds ``random_state``, ``random_state + 1``, ..., whose fronts are merged; 1, or 8
        with a backend.
    backend : dask client, "joblib", or name of a joblib backend, default=None
        Where jobs run. The result is the same for any number of workers.

    Attributes
    ----------
    equations_ : pandas.DataFrame
        The front: complexity, loss, score, equation, sympy_format, lambda_format, ...
    model_ : closedform._engine.Model
        The engine's model; its JSON is the state that is pickled.
    report_ : dict
        How the fit went.
    best_index_ : int
        The chosen equation's place on the front.
    interrupted_ : bool
        Whether Ctrl-C ended the fit.
    selected_features_ : ndarray
        The columns that were searched.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Examples
    --------
    >>> import numpy as np
    >>> from closedform import SymbolicRegressor
    >>> t = np.linspace(0, 9, 40)
    >>> model = SymbolicRegressor().fit(t[:, None], 2 * np.exp(-0.3 * t))
    >>> model.formula()
    '2*exp(-0.3*x1)'
    >>> model.predict([[0.0], [2.0]])
    array([2.        , 1.09762327])
    """

    def __init__(
        self,
        *,
        primitives: str | Sequence[str] = "science",
        strategy: str = "auto",
        nodes: int | Sequence[int] | None = None,
        combine: str | None = None,
        time_limit: float | None = 30.0,
        max_evaluations: int | None = None,
        model_selection: str = "description_length",
        output_type: str | None = None,
        validation_fraction: float | None = None,
        without: Sequence[str] = (),
        darts: Mapping[str, Any] | None = None,
        enas: Mapping[str, Any] | None = None,
        random: Mapping[str, Any] | None = None,
        select_k_features: int | None = None,
        metadata: Any = None,
        random_state: Any = 0,
        n_jobs: int | None = None,
        verbose: int = 0,
        jobs: int | None = None,
        backend: Any = None,
    ) -> None:
        self.primitives = primitives
        self.strategy = strategy
        self.nodes = nodes
        self.combine = combine
        self.time_limit = time_limit
        self.max_evaluations = max_evaluations
        self.model_selection = model_selection
        self.output_type = output_type
        self.validation_fraction = validation_fraction
        self.without = without
        self.darts = darts
        self.enas = enas
        self.random = random
        self.select_k_features = select_k_features
        self.metadata = metadata
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.jobs = jobs
        self.backend = backend

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> SymbolicRegressor:
        """Searches for laws of ``y``. Columns of frames keep their names; a row of weight 2 counts as two rows."""
        table = self._table(X, y, sample_weight)
        table, self.selected_features_ = select(table, self.select_k_features)
        options = self._options()
        # Wrong options are told before hours of work, not after.
        for one in options:
            _engine.check_options(json.dumps(one))
        if len(options) == 1 and self.backend is None:
            self.model_, self.interrupted_ = _engine.fit(
                json.dumps(options[0]), *table.arguments(), observer=observer(self.verbose)
            )
        else:
            models, self.interrupted_ = run_jobs(self.backend, options, table, self.verbose)
            self.model_ = _engine.merge(models, *table.arguments())
        self.constant_names_ = None
        self.by_name_ = False
        if self.interrupted_:
            warnings.warn("interrupted: this is the best model so far", InterruptedFit, stacklevel=2)
        return self

    def predict(self, X: Any, index: int | None = None) -> Floats:
        """Predictions of the chosen equation, or of the equation ``index`` of the front."""
        check_is_fitted(self, "model_")
        if getattr(self, "by_name_", False) and hasattr(X, "columns") and hasattr(self, "feature_names_in_"):
            missing = [n for n in self.feature_names_in_ if n not in X.columns]
            if missing:
                have = ", ".join(map(str, X.columns))
                raise DataError(f"the model reads the column `{missing[0]}`; the data have {have}")
            X = X[list(self.feature_names_in_)]
        return self._predict(validate_data(self, X, reset=False, dtype=np.float64), index)

    def _table(self, X: Any, y: Any, sample_weight: Any) -> Table:
        names_of = y
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True, multi_output=False, ensure_min_samples=2)
        y = column_or_1d(y, warn=True)
        weights = checked_weights(sample_weight, X)
        return described(self, X, y, weights, names_of)

    def _options(self) -> list[dict[str, Any]]:
        """The options of every job."""
        if self.model_selection not in CRITERIA:
            raise OptionsError(f"model_selection: expected one of {', '.join(CRITERIA)}, got `{self.model_selection}`")
        shapes: Sequence[Any] = self.nodes if isinstance(self.nodes, (list, tuple)) else [self.nodes]
        jobs = self.jobs if self.jobs is not None else (1 if self.backend is None else JOBS)
        if jobs < 1 or not shapes:
            raise OptionsError(f"jobs: expected 1 or more, got {jobs}")
        seed = seed_of(self.random_state)
        # PySR's two are made of the front's scores, in Python.
        criterion = None if self.model_selection in ("best", "score") else self.model_selection
        common = {
            "primitives": primitives_text(self.primitives),
            "strategy": self.strategy,
            "combine": self.combine,
            "time_limit": None if self.time_limit is None else float(self.time_limit),
            "max_evaluations": None if self.max_evaluations is None else int(self.max_evaluations),
            "threads": threads(self.n_jobs, 1 if self.backend is not None else None),
            "criterion": criterion,
            "output_type": self.output_type,
            "validation_fraction": self.validation_fraction,
            "without": list(self.without),
            "darts": self.darts,
            "enas": self.enas,
            "random": self.random,
        }
        return [
            {**common, "nodes": None if n is None else int(n), "seed": (seed + i) % 2**64}
            for n in shapes
            for i in range(jobs)
        ]


def checked_weights(sample_weight: Any, X: Floats) -> Floats | None:
    """Row weights: none, or finite numbers of 0 or more, not all 0."""
    if sample_weight is None:
        return None
    weights = aligned(_check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True))
    if not weights.any():
        # The words are scikit-learn's.
        raise DataError("Sample weights must contain at least one non-zero number.")
    return weights


def described(estimator: Any, X: Floats, y: Floats, weights: Floats | None, named: Any) -> Table:
    """A checked table with names and metadata; ``named`` is the target as the caller gave it."""
    names = feature_names(getattr(estimator, "feature_names_in_", None), X.shape[1])
    target = target_name(named, names)
    metadata = estimator.metadata
    unknown = unknown_names(metadata, [*names, target])
    if unknown and isinstance(metadata, Mapping):
        raise DataError(f"metadata: there is no column `{unknown[0]}`; the columns are {', '.join([*names, target])}")
    x, y = aligned(X), aligned(y)
    variables = describe([*names, target], metadata, [*x.T, y])
    return Table(x, y, weights, variables[:-1], variables[-1])


def primitives_text(primitives: str | Sequence[str]) -> str:
    """Primitives as the engine reads them.

    >>> primitives_text(["add", "exp"])
    'add,exp'
    """
    return primitives if isinstance(primitives, str) else ",".join(primitives)


def threads(n_jobs: int | None, default: int | None) -> int | None:
    """The number of threads; ``None`` for one per processor.

    >>> threads(2, None), threads(-1, 1), threads(None, 1)
    (2, None, 1)
    """
    if n_jobs is None:
        return default
    if n_jobs == 0 or not isinstance(n_jobs, numbers.Integral):
        raise OptionsError(f"n_jobs: expected a number of threads or -1, got {n_jobs}")
    if n_jobs < 0:
        return None if n_jobs == -1 else max(1, (os.cpu_count() or 1) + 1 + int(n_jobs))
    return int(n_jobs)


def seed_of(random_state: Any) -> int:
    """The engine's seed of a ``random_state``.

    >>> seed_of(7)
    7
    """
    if isinstance(random_state, numbers.Integral):
        if random_state < 0:
            raise OptionsError(f"random_state: expected 0 or more, got {random_state}")
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))
