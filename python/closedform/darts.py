"""AutoRA's ``DARTSRegressor``: the same constructor, another engine."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from . import _engine
from ._darts_options import darts, output, said, short
from ._data import Table
from ._front import CRITERIA, Front
from ._graph import Dot, Graph
from ._progress import observer
from .errors import DataError, InterruptedFit, OptionsError
from .regressor import checked_weights, described, primitives_text, seed_of, threads

#: The primitives of AutoRA's default.
AUTORA = ("none", "add", "subtract", "linear", "linear_logistic", "mult", "linear_relu")

#: What a refit cannot change.
_FIXED = ("num_graph_nodes", "primitives", "darts_type", "combine")

#: Nodes that are added at most to those that were asked for.
_GROWTH = 2


class DARTSRegressor(Front, RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Differentiable architecture search with AutoRA's constructor.

    All 26 parameters of AutoRA's ``DARTSRegressor`` are here under their names, and all act. The differences:

    * Nodes add *or multiply* (``combine="both"``), and nodes are added to ``num_graph_nodes``, two at most, while no
      law is certain: AutoRA's graph of one adding node cannot hold the laws of its own tutorial.
      ``combine="sum", max_graph_nodes=num_graph_nodes`` gives AutoRA's graph.
    * Short searches come first, and a law that fits to the last digits ends the fit; ``max_epochs`` and
      ``param_updates_per_epoch`` are what is done at most. ``early_stopping=False`` always goes the whole way.
    * ``restarts`` independent starts, a ``random_state``, and constants by least squares at the end, in 64 bit.
    * ``predict`` answers in the shape of ``y``: a column for a column. The formula is simplified.
    * Architecture weights follow the loss on held-out rows, ``arch_momentum`` acts (Adam's first decay; AutoRA ignores
      its 0.9 and takes 0.5), ``train_classifier_coefficients`` and ``train_classifier_bias`` are on where nodes may
      multiply unless they are said.
    * ``init_weights_function`` is a number, the half-width of the start; ``output_type="class"`` is refused as there,
      ``integer`` is fitted as real, ``boolean`` by the Bernoulli likelihood.
    * A second ``fit`` starts anew as scikit-learn's do. With ``max_epochs=0`` it keeps the architecture and refits, or
      draws another one (``sampling_strategy="sample"``); with ``warm_start=True`` it trains on. An option that a
      refit cannot change is refused instead of ignored.

    Further parameters
    ------------------
    combine, max_graph_nodes, restarts, early_stopping, warm_start
        See above.
    time_limit : float or None, default=None
        Seconds for the whole fit.
    model_selection, metadata, random_state, n_jobs, verbose
        As in :class:`SymbolicRegressor`. ``metadata`` takes AutoRA's variables.

    Examples
    --------
    >>> import numpy as np
    >>> from closedform import DARTSRegressor
    >>> p, t = np.meshgrid(np.linspace(0, 0.5, 12), np.linspace(1, 100, 30))
    >>> X = np.column_stack([p.ravel(), t.ravel()])
    >>> y = 1 - (1 - X[:, :1]) * np.exp(-0.03 * X[:, 1:])
    >>> model = DARTSRegressor(num_graph_nodes=1, primitives=["none", "add", "subtract", "mult", "exp"]).fit(X, y)
    >>> model.formula()
    '1 - (1 - x1)*exp(-0.03*x2)'
    """

    fitted_with_: dict[str, Any]

    def __init__(
        self,
        batch_size: int = 64,
        num_graph_nodes: int = 2,
        output_type: Any = "real",
        classifier_weight_decay: float = 1e-2,
        darts_type: Any = "original",
        init_weights_function: float | None = None,
        param_updates_per_epoch: int = 10,
        param_updates_for_sampled_model: int = 100,
        param_learning_rate_max: float = 0.025,
        param_learning_rate_min: float = 0.01,
        param_momentum: float = 0.9,
        param_weight_decay: float = 3e-4,
        arch_updates_per_epoch: int = 1,
        arch_learning_rate_max: float = 3e-3,
        arch_weight_decay: float = 1e-4,
        arch_weight_decay_df: float = 3e-4,
        arch_weight_decay_base: float = 0.0,
        arch_momentum: float = 0.5,
        fair_darts_loss_weight: float = 1,
        max_epochs: int = 10,
        grad_clip: float = 5,
        primitives: str | Sequence[str] = AUTORA,
        train_classifier_coefficients: bool | None = None,
        train_classifier_bias: bool | None = None,
        execution_monitor: Callable[..., Any] | None = None,
        sampling_strategy: str = "max",
        *,
        combine: str = "both",
        max_graph_nodes: int | None = None,
        restarts: int = 8,
        early_stopping: bool = True,
        warm_start: bool = False,
        time_limit: float | None = None,
        model_selection: str = "description_length",
        metadata: Any = None,
        random_state: Any = 0,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.batch_size = batch_size
        self.num_graph_nodes = num_graph_nodes
        self.output_type = output_type
        self.classifier_weight_decay = classifier_weight_decay
        self.darts_type = darts_type
        self.init_weights_function = init_weights_function
        self.param_updates_per_epoch = param_updates_per_epoch
        self.param_updates_for_sampled_model = param_updates_for_sampled_model
        self.param_learning_rate_max = param_learning_rate_max
        self.param_learning_rate_min = param_learning_rate_min
        self.param_momentum = param_momentum
        self.param_weight_decay = param_weight_decay
        self.arch_updates_per_epoch = arch_updates_per_epoch
        self.arch_learning_rate_max = arch_learning_rate_max
        self.arch_weight_decay = arch_weight_decay
        self.arch_weight_decay_df = arch_weight_decay_df
        self.arch_weight_decay_base = arch_weight_decay_base
        self.arch_momentum = arch_momentum
        self.fair_darts_loss_weight = fair_darts_loss_weight
        self.max_epochs = max_epochs
        self.grad_clip = grad_clip
        self.primitives = primitives
        self.train_classifier_coefficients = train_classifier_coefficients
        self.train_classifier_bias = train_classifier_bias
        self.execution_monitor = execution_monitor
        self.sampling_strategy = sampling_strategy
        self.combine = combine
        self.max_graph_nodes = max_graph_nodes
        self.restarts = restarts
        self.early_stopping = early_stopping
        self.warm_start = warm_start
        self.time_limit = time_limit
        self.model_selection = model_selection
        self.metadata = metadata
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> DARTSRegressor:
        """Searches, or refits a fitted estimator with ``max_epochs=0``."""
        again = hasattr(self, "model_") and (self.max_epochs <= 0 or self.warm_start)
        table = self._table(X, y, sample_weight)
        fixed = {name: _frozen(getattr(self, name)) for name in _FIXED}
        self._deadline = None if self.time_limit is None else time.monotonic() + self.time_limit
        if again:
            changed = [name for name in _FIXED if fixed[name] != self.fitted_with_[name]]
            if changed:
                raise OptionsError(
                    f"{changed[0]}: the model was found with {self.fitted_with_[changed[0]]}, a refit cannot change "
                    f"it to {fixed[changed[0]]}; fit a new estimator instead"
                )
            self.model_, self.interrupted_ = self._refitted(table)
        else:
            self.model_, self.interrupted_ = self._searched(table)
            self.fitted_with_ = fixed
        self.selected_features_ = np.arange(table.x.shape[1])
        self.constant_names_ = None
        if self.interrupted_:
            warnings.warn("interrupted: this is the best model so far", InterruptedFit, stacklevel=2)
        return self

    def predict(self, X: Any, index: int | None = None) -> Any:
        """Predictions in the shape of the ``y`` of the fit."""
        check_is_fitted(self, "model_")
        values = self._predict(validate_data(self, X, reset=False, dtype=np.float64), index)
        return values[:, None] if self.column_target_ else values

    def model_repr(
        self,
        input_labels: Sequence[str] | None = None,
        output_labels: Sequence[str] | None = None,
        output_function_label: str = "",
        decimals_to_display: int = 2,
        output_format: str = "console",
    ) -> str:
        """The law in one line, and node by node the graph of the architecture behind it, as text or as LaTeX.

        The law is the simplified formula with its last constants; those of the graph are what the search left. Where
        several graphs were found, it is the one nearest in length. ``decimals_to_display`` counts significant digits.
        """
        if output_format not in ("console", "latex"):
            raise OptionsError(f"output_format: expected console or latex, got `{output_format}`")
        graph = self._graph(input_labels, output_labels, output_function_label)
        digits = max(1, decimals_to_display)
        best = self.best_index_
        if output_format == "console":
            law = self.model_.formula(best, 6, input_labels)
            lines = ["Model:", f"{self._label(output_labels)} = {law}", "Graph:"]
            return "\n".join([*lines, *graph.console(digits)])
        law = graph.latex(digits)[-1].split(" &= ")[0] + f" &= {self.model_.latex(best, 6, input_labels)}"
        body = " \\\\\n".join([law, *graph.latex(digits)])
        return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"

    def visualize_model(self, input_labels: Sequence[str] | None = None) -> Any:
        """The graph for Graphviz: a ``graphviz.Source`` where that package is installed, otherwise an object whose
        ``source`` is the text."""
        source = self._graph(input_labels, None, "").dot(3, f"{self._label(None)} = {self.formula(digits=4)}")
        try:
            import graphviz
        except ImportError:
            return Dot(source)
        return graphviz.Source(source)

    @property
    def architecture_(self) -> Any:
        """The trained graph, as the engine writes it; ``None`` where the law came from none."""
        return self.report_["architecture"]

    def _label(self, labels: Sequence[str] | None) -> str:
        return str(labels[0]) if labels else str(self._content()["target"]["name"])

    def _graph(self, inputs: Sequence[str] | None, outputs: Sequence[str] | None, function: str) -> Graph:
        names = [v["name"] for v in self._content()["inputs"]]
        if inputs is not None and len(inputs) != len(names):
            raise OptionsError(f"input_labels: expected {len(names)} labels, got {len(inputs)}")
        labels = names if inputs is None else [str(label) for label in inputs]
        return Graph(self.architecture_, labels, self._label(outputs), function)

    def _table(self, X: Any, y: Any, sample_weight: Any) -> Table:
        named = y
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True, multi_output=True, ensure_min_samples=2)
        self.column_target_ = y.ndim == 2
        if y.ndim == 2 and y.shape[1] != 1:
            raise DataError(f"y: expected one column to explain, got {y.shape[1]}; fit one estimator for each")
        weights = checked_weights(sample_weight, X)
        return described(self, X, np.ravel(y), weights, named)

    def _said(self, options: dict[str, Any], **more: Any) -> str:
        """The options of one fit."""
        if self.model_selection not in CRITERIA:
            raise OptionsError(f"model_selection: expected one of {', '.join(CRITERIA)}, got `{self.model_selection}`")
        left = None
        if self._deadline is not None:
            left = max(0.01, self._deadline - time.monotonic())
        criterion = None if self.model_selection in ("best", "score") else self.model_selection
        common = {
            "time_limit": left,
            "seed": seed_of(self.random_state),
            "threads": threads(self.n_jobs, None),
            "criterion": criterion,
            "output_type": output(self.output_type),
            "darts": options,
        }
        return json.dumps({**common, **more})

    def _epochs(self, nodes: int) -> Callable[[int, int, float, list[float]], None] | None:
        monitor = self.execution_monitor
        if monitor is None:
            return None
        count = len(primitives_text(self.primitives).split(","))

        def tell(restart: int, epoch: int, loss: float, weights: list[float]) -> None:
            monitor(
                epoch=epoch - 1,
                restart=restart,
                loss=loss,
                arch_weights=np.asarray(weights).reshape(-1, count) if len(weights) % count == 0 else weights,
                num_graph_nodes=nodes,
                primitives=self.primitives,
            )

        return tell

    def _refitted(self, table: Table) -> tuple[_engine.Model, bool]:
        nodes = int((self.architecture_ or {}).get("nodes", self.num_graph_nodes))
        return _engine.refit(
            self._said(darts(self)),
            self.model_,
            *table.arguments(),
            observer=observer(self.verbose),
            epochs=self._epochs(nodes),
        )

    def _searched(self, table: Table) -> tuple[_engine.Model, bool]:
        first = int(self.num_graph_nodes)
        last = first + _GROWTH if self.max_graph_nodes is None else int(self.max_graph_nodes)
        if last < first:
            raise OptionsError(f"max_graph_nodes: expected {first} or more, got {last}")
        whole = darts(self)
        found: list[tuple[int, _engine.Model]] = []

        def search(nodes: int, options: dict[str, Any]) -> tuple[bool, bool]:
            said_now = self._said(
                options,
                primitives=primitives_text(self.primitives),
                strategy="darts",
                nodes=nodes,
                combine=said(self.combine),
            )
            model, interrupted = _engine.fit(
                said_now, *table.arguments(), observer=observer(self.verbose), epochs=self._epochs(nodes)
            )
            found.append((nodes, model))
            stop = json.loads(model.to_json())["report"]["stop_reason"]
            over = self._deadline is not None and time.monotonic() >= self._deadline
            return interrupted, (self.early_stopping and stop == "exact") or over

        ended = interrupted = False
        quick = short(whole) if self.early_stopping else whole
        for nodes in range(first, last + 1):
            interrupted, ended = search(nodes, quick)
            if interrupted or ended:
                break
        if not (interrupted or ended) and quick != whole:
            interrupted, _ = search(min(found, key=lambda f: (_length(f[1]), f[0]))[0], whole)
        return _engine.merge([model for _, model in found], *table.arguments()), interrupted


def _length(model: _engine.Model) -> float:
    """The description length of a model's equation."""
    best = json.loads(model.to_json())["best"]
    return float(best.get("description_length", float("inf")))


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else said(value) if not isinstance(value, (int, tuple)) else value


class DARTSExecutionMonitor:
    """Keeps the loss and the architecture weights of every epoch; ``display`` draws them.

    >>> import numpy as np
    >>> monitor = DARTSExecutionMonitor()
    >>> x = np.linspace(0, 1, 30)[:, None]
    >>> model = DARTSRegressor(execution_monitor=monitor.execution_monitor, restarts=1).fit(x, 3 * x[:, 0])
    >>> monitor.epoch_history[:3], len(monitor.loss_history) == len(monitor.epoch_history)
    ([0, 1, 2], True)
    """

    def __init__(self) -> None:
        self.epoch_history: list[int] = []
        self.restart_history: list[tuple[int, int]] = []
        self.loss_history: list[float] = []
        self.arch_weight_history: list[Any] = []
        self.primitives: Any = ()

    def execution_monitor(self, **state: Any) -> None:
        """To be given to the estimator; it is called after every epoch, at the end of the round it was part of."""
        self.epoch_history.append(state["epoch"])
        self.restart_history.append((state["num_graph_nodes"], state["restart"]))
        self.loss_history.append(state["loss"])
        self.arch_weight_history.append(state["arch_weights"])
        self.primitives = state["primitives"]

    def display(self) -> Any:
        """The loss of every restart over the epochs, and below the weights of the last one's first edge."""
        import matplotlib.pyplot as plt

        figure, (upper, lower) = plt.subplots(2, 1, sharex=True)
        for run in dict.fromkeys(self.restart_history):
            at = [i for i, r in enumerate(self.restart_history) if r == run]
            label = f"{run[0]} nodes, restart {run[1]}"
            upper.plot([self.epoch_history[i] for i in at], [self.loss_history[i] for i in at], label=label)
        upper.set(ylabel="loss", yscale="log")
        last = [i for i, r in enumerate(self.restart_history) if r == self.restart_history[-1]]
        weights = np.array([self.arch_weight_history[i][0] for i in last])
        names = self.primitives if not isinstance(self.primitives, str) else [None] * weights.shape[1]
        for column, name in zip(weights.T, names, strict=False):
            lower.plot([self.epoch_history[i] for i in last], column, label=name)
        lower.set(xlabel="epoch", ylabel="weight, first edge")
        lower.legend(fontsize="small")
        return figure
