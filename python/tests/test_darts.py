"""AutoRA's estimator: its tutorials, its parameters, its habits."""

from __future__ import annotations

import dataclasses
import inspect

import numpy as np
import pandas as pd
import pytest

from closedform import DARTSExecutionMonitor, DARTSRegressor
from closedform.autora import DV, IV, DARTSType, ValueType, VariableCollection, theorist_on_state
from closedform.errors import DataError, OptionsError

#: AutoRA's constructor, in its order.
PARAMETERS = (
    "batch_size num_graph_nodes output_type classifier_weight_decay darts_type init_weights_function "
    "param_updates_per_epoch param_updates_for_sampled_model param_learning_rate_max param_learning_rate_min "
    "param_momentum param_weight_decay arch_updates_per_epoch arch_learning_rate_max arch_weight_decay "
    "arch_weight_decay_df arch_weight_decay_base arch_momentum fair_darts_loss_weight max_epochs grad_clip primitives "
    "train_classifier_coefficients train_classifier_bias execution_monitor sampling_strategy"
).split()

SEED = ["none", "add", "subtract", "mult", "logistic", "exp", "relu"]


@pytest.fixture(scope="module")
def learning():
    """The tutorial's learning curves: 100 initial performances by 100 trials, a column of y."""
    p, t = np.linspace(0, 0.5, 100), np.linspace(1, 100, 100)
    x = np.array(np.meshgrid(p, t)).T.reshape(-1, 2)
    return x, 1 - (1 - x[:, :1]) * np.exp(-0.03 * x[:, 1:])


@pytest.fixture(scope="module")
def tutorial(learning):
    """The tutorial's call."""
    return DARTSRegressor(
        num_graph_nodes=1,
        arch_updates_per_epoch=1,
        arch_learning_rate_max=0.001,
        param_updates_per_epoch=500,
        param_momentum=0.9,
        max_epochs=300,
        output_type="real",
        primitives=SEED,
    ).fit(*learning)


def test_all_26_parameters_are_there():
    names = list(inspect.signature(DARTSRegressor).parameters)
    assert len(PARAMETERS) == 26
    assert names[:26] == PARAMETERS


def test_the_tutorial_gives_the_exact_law(tutorial, learning):
    x, y = learning
    assert tutorial.formula() == "1 - (1 - x1)*exp(-0.03*x2)"
    assert tutorial.report_["stop_reason"] == "exact"
    assert tutorial.predict(x).shape == y.shape
    assert np.abs(tutorial.predict(x) - y).max() < 1e-10


def test_the_other_tutorial_gives_the_exact_law():
    x = np.array(np.meshgrid(np.linspace(0, 1, 10), np.linspace(0, 1, 10))).T.reshape(-1, 2)
    y = 2 * x[:, 0] + np.exp(5 * x[:, 1])
    model = DARTSRegressor(num_graph_nodes=1, param_updates_per_epoch=500, max_epochs=300, primitives=SEED)
    assert model.fit(x, y).formula() == "2*x1 + exp(5*x2)"
    assert model.predict(x).shape == (100,)


def test_refit_keeps_the_architecture_and_sampling_draws_another(tutorial, learning):
    import copy

    x, y = learning
    model = copy.deepcopy(tutorial)
    before = model.architecture_["genotype"]
    model.set_params(max_epochs=0, param_updates_for_sampled_model=1000).fit(x, y)
    assert model.formula() == tutorial.formula()
    assert [[e["primitive"] for e in n["edges"]] for n in model.architecture_["genotype"]["nodes"]] == [
        [e["primitive"] for e in n["edges"]] for n in before["nodes"]
    ]
    drawn = model.set_params(sampling_strategy="sample", random_state=4).fit(x, y).formula()
    assert drawn != tutorial.formula()
    assert model.set_params(sampling_strategy="max").fit(x, y).formula() == tutorial.formula()
    with pytest.raises(OptionsError, match="num_graph_nodes: the model was found with 1, a refit"):
        model.set_params(num_graph_nodes=4).fit(x, y)


def test_the_graph_as_text_latex_and_graphviz(tutorial):
    text = tutorial.model_repr(input_labels=["P0", "trial"], output_labels=["P"])
    lines = text.splitlines()
    assert lines[:3] == ["Model:", "P = 1 - (1 - P0)*exp(-0.03*trial)", "Graph:"]
    assert lines[3].startswith("k1 = ") and lines[-1].startswith("P = ") and "k3" in lines[-1]
    assert "trial" in text and "P(detected)" not in text
    latex = tutorial.model_repr(output_format="latex")
    assert latex.startswith("\\begin{aligned}") and latex.count("&=") == len(lines) - 2
    source = tutorial.visualize_model(["P0", "trial"]).source
    assert source.startswith("digraph {") and '"P0"' in source and "-> k1" in source
    with pytest.raises(OptionsError, match="expected 2 labels"):
        tutorial.visualize_model(["one"])
    with pytest.raises(OptionsError, match="output_format"):
        tutorial.model_repr(output_format="word")


@pytest.fixture(scope="module")
def small():
    rng = np.random.default_rng(3)
    x = rng.uniform(0.1, 1, (60, 2))
    return x, x[:, 0] * np.exp(x[:, 1]) + rng.normal(0, 0.05, 60)


#: A value of every parameter that has to make a difference to a search.
CHANGES = {
    "batch_size": 5,
    "num_graph_nodes": 1,
    "output_type": "probability",
    "classifier_weight_decay": 5.0,
    "darts_type": "fair",
    "init_weights_function": 0.1,
    "param_updates_per_epoch": 40,
    "param_updates_for_sampled_model": 1,
    "param_learning_rate_max": 0.3,
    "param_learning_rate_min": 0.001,
    "param_momentum": 0.1,
    "param_weight_decay": 0.5,
    "arch_updates_per_epoch": 7,
    "arch_learning_rate_max": 0.5,
    "arch_weight_decay": 5.0,
    "arch_weight_decay_df": 200.0,
    "arch_weight_decay_base": 200.0,
    "arch_momentum": 0.05,
    "fair_darts_loss_weight": 50.0,
    "max_epochs": 2,
    "grad_clip": 0.01,
    "primitives": ["none", "add", "mult", "exp"],
    "train_classifier_coefficients": False,
    "train_classifier_bias": False,
    "sampling_strategy": "sample",
}


def weights(small, **parameters):
    """The trained graph and the equations of a short search."""
    options = {"num_graph_nodes": 2, "max_graph_nodes": 2, "restarts": 1, "early_stopping": False, **parameters}
    options["max_graph_nodes"] = options["num_graph_nodes"]
    x, y = small
    model = DARTSRegressor(**options).fit(x, np.clip(y / 4, 0, 1))
    a = model.architecture_
    return a and (a["alpha"], a["theta"], a["genotype"]), [model.formula(i, None) for i in range(len(model.model_))]


@pytest.mark.parametrize("name", [*CHANGES])
def test_every_parameter_acts(small, name):
    # The fair loss is part of fair searches only.
    base = {"darts_type": DARTSType.FAIR} if name == "fair_darts_loss_weight" else {}
    assert weights(small, **base) == weights(small, **base)
    assert weights(small, **base) != weights(small, **base, **{name: CHANGES[name]})


def test_a_warm_start_trains_on(small):
    options = {"restarts": 1, "max_graph_nodes": 2, "early_stopping": False, "max_epochs": 5}
    model = DARTSRegressor(**options).fit(*small)
    first = model.architecture_["alpha"]
    assert DARTSRegressor(**options).fit(*small).architecture_["alpha"] == first
    assert model.fit(*small).architecture_["alpha"] == first
    seen = DARTSExecutionMonitor()
    model.set_params(warm_start=True, execution_monitor=seen.execution_monitor).fit(*small)
    assert seen.epoch_history == [0, 1, 2, 3, 4]
    assert model.architecture_["alpha"] != first


def test_what_cannot_act_is_refused(small):
    for name, value, message in [
        ("init_weights_function", lambda m: None, "half-width"),
        ("darts_type", "unfair", "expected original or fair"),
        ("output_type", "word", "expected one of real"),
        ("sampling_strategy", "guess", "expected max or sample"),
        ("primitives", ["zero"], "unknown primitive `zero`"),
        ("num_graph_nodes", 0, "1 or more intermediate nodes"),
        ("batch_size", 0, "batch_size"),
        ("max_graph_nodes", 1, "max_graph_nodes: expected 2 or more"),
    ]:
        with pytest.raises(OptionsError, match=message):
            DARTSRegressor(**{name: value}).fit(*small)
    with pytest.raises(NotImplementedError):
        DARTSRegressor(output_type="class").fit(*small)
    with pytest.raises(DataError, match="expected one column to explain, got 2"):
        DARTSRegressor().fit(small[0], small[0])


def test_the_monitor_sees_every_epoch(small):
    seen = DARTSExecutionMonitor()
    DARTSRegressor(execution_monitor=seen.execution_monitor, restarts=3, max_graph_nodes=2, max_epochs=4).fit(*small)
    assert seen.epoch_history == [0, 1, 2, 3] * 3
    assert seen.restart_history == [(2, r) for r in range(3) for _ in range(4)]
    assert np.allclose(seen.arch_weight_history[-1].sum(axis=1), 1.0)
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    assert len(seen.display().axes) == 2

    def fails(**state):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        DARTSRegressor(execution_monitor=fails).fit(*small)


def test_a_time_limit_is_for_the_whole_fit(small):
    import time

    started = time.monotonic()
    model = DARTSRegressor(max_epochs=100_000, param_updates_per_epoch=100, time_limit=2.0).fit(*small)
    assert time.monotonic() - started < 4.5
    assert np.isfinite(model.predict(small[0])).all()


# With the rest of AutoRA


@dataclasses.dataclass
class State:
    """As AutoRA's StandardState, without it."""

    variables: VariableCollection
    experiment_data: pd.DataFrame
    models: list = dataclasses.field(default_factory=list)


def variables():
    return VariableCollection(
        independent_variables=[IV(name="S1", units="lm", value_range=(0.1, 5)), IV(name="S2", value_range=(0.1, 5))],
        dependent_variables=[DV(name="difference", units="sensation", type=ValueType.REAL)],
    )


def test_metadata_sets_units_ranges_and_kinds():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.uniform(0.2, 4, (60, 2)), columns=["S1", "S2"])
    target = pd.DataFrame({"difference": 2 * frame["S1"] * frame["S2"]})
    # A frame for y, as AutoRA's states hand it over.
    model = DARTSRegressor(metadata=variables()).fit(frame, target)
    content = model._content()
    assert content["inputs"][0] == {"name": "S1", "unit": "lm", "range": [0.1, 5.0], "kind": "real"}
    assert content["target"]["name"] == "difference" and content["target"]["unit"] == "sensation"
    assert model.predict(frame).shape == (60, 1)
    probability = VariableCollection([IV(name="a")], [DV(name="p", type=ValueType.PROBABILITY)])
    from closedform import SymbolicRegressor

    a = pd.DataFrame({"a": np.linspace(-3, 3, 40)})
    p = pd.Series(1 / (1 + np.exp(-2 * a["a"])), name="p")
    fitted = SymbolicRegressor(metadata=probability, max_evaluations=3000, time_limit=None).fit(a, p)
    assert fitted._content()["output"] == {"probability": {"loss": "bernoulli"}}


def test_states_keep_their_earlier_models():
    frame = pd.DataFrame(np.random.default_rng(6).uniform(0.2, 4, (40, 2)), columns=["S1", "S2"])
    state = State(variables(), frame.assign(difference=frame["S1"] + frame["S2"]))
    theorist = theorist_on_state(DARTSRegressor(restarts=2))
    once = theorist(state)
    twice = theorist(dataclasses.replace(once, experiment_data=frame.assign(difference=frame["S1"] * 3)))
    assert [m.formula() for m in twice.models] == ["S1 + S2", "3*S1"]
    assert state.models == []


def test_the_real_autora():
    core = pytest.importorskip("autora.state")
    from autora.variable import DV as RealDV
    from autora.variable import IV as RealIV
    from autora.variable import VariableCollection as RealCollection

    frame = pd.DataFrame(np.random.default_rng(6).uniform(0.2, 4, (40, 2)), columns=["S1", "S2"])
    state = core.StandardState(
        variables=RealCollection([RealIV(name="S1", units="lm"), RealIV(name="S2")], [RealDV(name="d")]),
        experiment_data=frame.assign(d=frame["S1"] * frame["S2"]),
    )
    fitted = core.estimator_on_state(DARTSRegressor(restarts=2))(state)
    assert fitted.models[-1].formula() == "S1*S2"
    assert theorist_on_state(DARTSRegressor(restarts=2))(state).models[-1].formula() == "S1*S2"
