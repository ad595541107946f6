"""What AutoRA's tutorials import, under one roof: the estimator, variables, and the step from state to state.

None of AutoRA's packages is needed. Where ``autora-core`` is installed its own variables work just as well, for an
estimator reads only their ``name``, ``units``, ``value_range`` and ``type``.

>>> from closedform.autora import DV, IV, ValueType, VariableCollection
>>> variables = VariableCollection(
...     independent_variables=[IV(name="t", units="s", value_range=(0, 10))],
...     dependent_variables=[DV(name="p", type=ValueType.PROBABILITY)],
... )
>>> variables.dependent_variables[0].type.value
'probability'
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from . import primitives
from .darts import DARTSExecutionMonitor, DARTSRegressor

__all__ = [
    "DV",
    "IV",
    "PRIMITIVES",
    "DARTSExecutionMonitor",
    "DARTSRegressor",
    "DARTSType",
    "ValueType",
    "Variable",
    "VariableCollection",
    "theorist_on_state",
]

#: All primitives; AutoRA's 25 are among them.
PRIMITIVES = tuple(primitives())


class DARTSType(str, Enum):
    """How primitives of an edge compete."""

    ORIGINAL = "original"
    FAIR = "fair"


class ValueType(str, Enum):
    """What the numbers of a variable are."""

    REAL = "real"
    SIGMOID = "sigmoid"
    PROBABILITY = "probability"
    PROBABILITY_SAMPLE = "probability_sample"
    PROBABILITY_DISTRIBUTION = "probability_distribution"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CLASS = "class"


@dataclass
class Variable:
    """A variable of an experiment."""

    name: str = ""
    value_range: tuple[float, float] | None = None
    allowed_values: Sequence[float] | None = None
    units: str = ""
    type: ValueType = ValueType.REAL
    variable_label: str = ""
    rescale: float = 1
    is_covariate: bool = False


@dataclass
class IV(Variable):
    """An independent variable."""

    name: str = "IV"


@dataclass
class DV(Variable):
    """A dependent variable."""

    name: str = "DV"


@dataclass
class VariableCollection:
    """The variables of an experiment."""

    independent_variables: Sequence[Variable] = field(default_factory=list)
    dependent_variables: Sequence[Variable] = field(default_factory=list)
    covariates: Sequence[Variable] = field(default_factory=list)


def theorist_on_state(estimator: Any) -> Callable[..., Any]:
    """A function from state to state that fits a *clone* of the estimator to the experiment's data and appends it to
    ``state.models``: earlier models stay what they were. The state's variables become the estimator's metadata.

    A state is anything with ``variables``, ``experiment_data`` (a frame) and ``models``: a dataclass, such as AutoRA's
    ``StandardState``, comes back as a changed copy. Keyword arguments set parameters of the estimator.

    >>> from dataclasses import dataclass, field
    >>> import numpy as np, pandas as pd
    >>> @dataclass
    ... class State:
    ...     variables: VariableCollection
    ...     experiment_data: pd.DataFrame
    ...     models: list = field(default_factory=list)
    >>> t = np.linspace(1, 5, 30)
    >>> variables = VariableCollection([IV(name="t", units="s")], [DV(name="d", units="m")])
    >>> state = State(variables, pd.DataFrame({"t": t, "d": 4.9 * t**2}))
    >>> from closedform import SymbolicRegressor
    >>> theorist_on_state(SymbolicRegressor())(state).models[0].formula()
    '4.9*t^2'
    """
    from sklearn.base import clone

    def theorist(state: Any, **parameters: Any) -> Any:
        variables = state.variables
        inputs = [v.name for v in variables.independent_variables]
        outputs = [v.name for v in variables.dependent_variables]
        model = clone(estimator).set_params(metadata=variables, **parameters)
        data = state.experiment_data
        # One column as a series: scikit-learn warns of frames, and means no harm.
        target = data[outputs[0]] if len(outputs) == 1 else data[outputs]
        model.fit(data[inputs], target)
        return dataclasses.replace(state, models=[*state.models, model])

    return theorist
