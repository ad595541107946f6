"""The options of AutoRA's ``DARTSRegressor`` as options of the engine."""

from __future__ import annotations

import numbers
from typing import Any

from .errors import OptionsError

#: AutoRA's output types: what the engine calls them. Probabilities are fitted by squared error, as AutoRA does.
OUTPUTS = {
    "real": "real",
    "sigmoid": "probability-squared",
    "probability": "probability-squared",
    "probability_sample": "probability-squared",
    "probability_distribution": "probability-squared",
    "integer": "real",
    "boolean": "probability",
    "count": "count",
}

_TYPES = {"original": "softmax", "fair": "sigmoid"}


def said(value: Any) -> str:
    """A text, or what an enumeration of AutoRA stands for.

    >>> said("Fair")
    'fair'
    """
    return str(getattr(value, "value", value)).lower()


def output(value: Any) -> str:
    """The engine's output type."""
    name = said(value)
    if name == "class":
        raise NotImplementedError("output_type: classes cannot be explained by one formula; give one 0/1 column each")
    if name not in OUTPUTS:
        raise OptionsError(f"output_type: expected one of {', '.join(OUTPUTS)}, class, got `{value}`")
    return OUTPUTS[name]


def darts(e: Any) -> dict[str, Any]:
    """The engine's options of differentiable search for an estimator with AutoRA's parameters."""
    if said(e.darts_type) not in _TYPES:
        raise OptionsError(f"darts_type: expected original or fair, got `{e.darts_type}`")
    if said(e.sampling_strategy) not in ("max", "sample"):
        raise OptionsError(f"sampling_strategy: expected max or sample, got `{e.sampling_strategy}`")
    options = {
        "batch_size": e.batch_size,
        "epochs": max(0, e.max_epochs),
        "restarts": e.restarts,
        "mixture": _TYPES[said(e.darts_type)],
        "fair_loss_weight": e.fair_darts_loss_weight,
        "arch_updates": e.arch_updates_per_epoch,
        "arch_learning_rate": e.arch_learning_rate_max,
        "arch_weight_decay": e.arch_weight_decay,
        "arch_weight_decay_df": e.arch_weight_decay_df,
        "arch_weight_decay_base": e.arch_weight_decay_base,
        "arch_momentum": e.arch_momentum,
        "param_updates": e.param_updates_per_epoch,
        "param_learning_rate_max": e.param_learning_rate_max,
        "param_learning_rate_min": e.param_learning_rate_min,
        "param_momentum": e.param_momentum,
        "param_weight_decay": e.param_weight_decay,
        "grad_clip": e.grad_clip,
        "sampled_updates": e.param_updates_for_sampled_model,
        "sampling": said(e.sampling_strategy),
        "output_weights": e.train_classifier_coefficients,
        "output_bias": e.train_classifier_bias,
        "output_weight_decay": e.classifier_weight_decay,
        "init_scale": _init_scale(e.init_weights_function),
    }
    return {name: _plain(value) for name, value in options.items()}


def short(options: dict[str, Any]) -> dict[str, Any]:
    """The same options with the length of a first look: ten epochs of ten steps."""
    return {**options, "epochs": min(options["epochs"], 10), "param_updates": min(options["param_updates"], 10)}


def _init_scale(start: Any) -> float:
    if start is None:
        return 1.0
    if isinstance(start, numbers.Real):
        return float(start)
    raise OptionsError(
        "init_weights_function: expected None or the half-width of a uniform start; a function of torch modules has "
        "nothing to act on here, constants are fitted by least squares from wherever they start"
    )


def _plain(value: Any) -> Any:
    """Numbers of NumPy as JSON takes them."""
    return value.item() if hasattr(value, "item") else value
