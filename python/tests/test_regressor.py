"""The estimator as a user of PySR or scikit-learn uses it."""

from __future__ import annotations

import json
import math
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sympy
from sklearn.exceptions import NotFittedError

import closedform
from closedform import SymbolicRegressor
from closedform.errors import ClosedFormError, ClosedFormWarning, DataError, OptionsError
from conftest import QUICK


@pytest.fixture(scope="module")
def curve(examples):
    frame = pd.read_csv(examples / "learning_curve.csv")
    return SymbolicRegressor().fit(frame[["p0", "t"]], frame["performance"]), frame


def test_a_frame_keeps_its_names(curve):
    model, frame = curve
    assert model.formula() == "1 - (1 - p0)*exp(-0.03*t)"
    assert list(model.feature_names_in_) == ["p0", "t"]
    assert str(model).splitlines()[-1].startswith(">>>>")
    assert "performance = 1 - (1 - p0)*exp(-0.03*t)" in str(model)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[["t", "p0"]])


def test_polars_frames_are_read_alike(curve, examples):
    model, pandas_frame = curve
    frame = pl.read_csv(examples / "learning_curve.csv")
    other = SymbolicRegressor().fit(frame.select("p0", "t"), frame["performance"])
    assert other.formula() == model.formula()
    assert np.array_equal(other.predict(frame.select("p0", "t")), model.predict(pandas_frame[["p0", "t"]]))


def test_equations_are_a_table_as_pysr_has_it(curve):
    model, frame = curve
    x = frame[["p0", "t"]]
    table = model.equations_
    assert list(table.columns[:6]) == ["complexity", "loss", "score", "equation", "sympy_format", "lambda_format"]
    assert table["complexity"].is_monotonic_increasing and table["loss"].is_monotonic_decreasing
    best = model.get_best()
    assert best["equation"] == model.formula(digits=None)
    assert np.array_equal(best["lambda_format"](x), model.predict(x))
    for i in range(len(table)):
        loss = np.mean((model.predict(x, index=i) - frame["performance"]) ** 2)
        assert math.isclose(loss, table["loss"][i], rel_tol=1e-6)
    assert np.array_equal(model.predict(x, index=-1), model.predict(x, index=len(table) - 1))
    with pytest.raises(OptionsError, match="counted from 0"):
        model.predict(x, index=99)


def test_sympy_gives_the_numbers_of_predict(curve):
    model, frame = curve
    expression = model.sympy()
    assert {s.name for s in expression.free_symbols} == {"p0", "t"}
    values = sympy.lambdify([sympy.Symbol("p0"), sympy.Symbol("t")], expression)(frame["p0"], frame["t"])
    assert np.allclose(values, model.predict(frame[["p0", "t"]]), rtol=1e-12)


def test_names_that_sympy_takes_for_its_own():
    frame = pd.DataFrame({"N": np.linspace(1, 4, 40), "lambda": np.linspace(2, 3, 40) ** 2, "x y %": np.arange(40.0)})
    model = SymbolicRegressor(without=["memetic"]).fit(frame, 2 * frame["N"] * frame["lambda"])
    assert {s.name for s in model.sympy().free_symbols} == {"N", "lambda"}


def test_latex_and_tables(curve):
    model, _ = curve
    assert model.latex().count("exp") == 1 or "e^{" in model.latex()
    assert model.latex_table().count(r"\\") == len(model.equations_) + 1
    assert model.latex_table(indices=[0], columns=["complexity", "loss"]).count("&") == 2
    with pytest.raises(OptionsError, match="columns: expected some of"):
        model.latex_table(columns=["size"])
    assert model._repr_latex_().startswith(r"$\displaystyle \mathrm{performance} = ")
    bundle = model._repr_mimebundle_()
    assert bundle["text/html"].count("<tr") == len(model.equations_) + 1
    assert "font-weight: bold" in bundle["text/html"]
    assert "SymbolicRegressor" in SymbolicRegressor()._repr_mimebundle_()["text/plain"]


def test_constants_have_standard_errors():
    rng = np.random.default_rng(4)
    x = rng.uniform(-2, 2, (80, 2))
    y = 2.13784 * x[:, 0] - 0.89137 * x[:, 1] + rng.normal(0, 1e-4, 80)
    model = SymbolicRegressor(**QUICK).fit(x, y)
    expected, squares = np.linalg.lstsq(x, y, rcond=None)[:2]
    errors = np.sqrt(np.diag(np.linalg.inv(x.T @ x)) * squares[0] / 78)
    found = sorted(model.constants(), key=lambda c: -abs(c.value))
    assert [abs(c.value) for c in found] == pytest.approx(np.abs(expected), rel=1e-9)
    assert [c.std_error for c in found] == pytest.approx(errors, rel=1e-6)
    low, high = found[0].interval(0.95, 78)
    assert low < 2.13784 < high
    assert "95 % interval" in model.summary()


def test_model_selection_may_change_after_the_fit(noisy_line):
    x, y = noisy_line
    model = SymbolicRegressor(**QUICK).fit(x, y)
    front = model.equations_
    assert model.set_params(model_selection="accuracy").best_index_ == len(front) - 1
    assert model.set_params(model_selection="score").best_index_ == front["score"].idxmax()
    near = front[front["loss"] <= 1.5 * front["loss"].min()]
    assert model.set_params(model_selection="best").best_index_ == near["score"].idxmax()


def test_plot(curve):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    model, frame = curve
    assert model.plot().get_yscale() == "log"
    axes = model.plot(frame[["p0", "t"]], frame["performance"])
    assert axes.get_xlabel() == "performance, observed"
    assert len(axes.lines[0].get_xdata()) == len(frame)


def test_files_are_those_of_the_command_line(curve, tmp_path):
    model, frame = curve
    closedform.save(model, tmp_path / "model.json")
    loaded = closedform.load(tmp_path / "model.json")
    assert np.array_equal(loaded.predict(frame[["p0", "t"]]), model.predict(frame[["p0", "t"]]))
    # Columns are found by name, in any order, among others.
    shuffled = frame.assign(other=1.0)[["t", "other", "p0"]]
    assert np.array_equal(loaded.predict(shuffled), model.predict(frame[["p0", "t"]]))
    with pytest.raises(DataError, match="the model reads the column `p0`; the data have t"):
        loaded.predict(frame[["t"]])
    assert json.loads((tmp_path / "model.json").read_text())["format"] == "closedform-model"
    (tmp_path / "cut.json").write_text((tmp_path / "model.json").read_text()[:500])
    with pytest.raises(closedform.errors.ModelError, match="cut short"):
        closedform.load(tmp_path / "cut.json")
    with pytest.raises(closedform.errors.FileError, match="nowhere"):
        closedform.load(tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strategy": "magic"}, "unknown strategy `magic`"),
        ({"primitives": ["add", "gamma"]}, "unknown primitive `gamma`"),
        ({"time_limit": -1}, "time_limit: expected a number of seconds above 0"),
        ({"validation_fraction": 2.0}, "validation_fraction: expected a number from 0 to 0.9"),
        ({"darts": {"epoch": 1}}, "darts: unknown option `epoch`; the options are"),
        ({"darts": {"param_momentum": 1.5}}, "param_momentum: expected a number from 0 to below 1"),
        ({"without": ["everything"]}, "without: unknown stage"),
        ({"nodes": 0}, "nodes: expected 1 or more"),
        ({"n_jobs": 0}, "n_jobs: expected"),
        ({"jobs": 0}, "jobs: expected 1 or more"),
        ({"random_state": -1}, "random_state: expected 0 or more"),
        ({"model_selection": "luck"}, "model_selection: expected one of"),
        ({"output_type": "word"}, "unknown variant `word`"),
        ({"backend": 3}, "backend: expected a dask client"),
    ],
)
def test_wrong_options_say_what_is_expected(power_law, options, message):
    with pytest.raises(OptionsError, match=message.replace("(", r"\(")) as raised:
        SymbolicRegressor(**options).fit(*power_law)
    assert isinstance(raised.value, ValueError) and isinstance(raised.value, ClosedFormError)


def test_wrong_data_say_where():
    x = np.ones((5, 1)) * np.arange(5)[:, None]
    with pytest.raises(DataError, match="`y` is 2 in every row"):
        SymbolicRegressor().fit(x, np.full(5, 2.0))
    with pytest.raises(DataError, match="row 3, column `y`: expected a probability between 0 and 1, got 2"):
        SymbolicRegressor(metadata={"y": {"kind": "probability"}}).fit(x, np.arange(5.0))
    with pytest.raises(DataError, match="there is no column `q`"):
        SymbolicRegressor(metadata={"q": {"unit": "s"}}).fit(x, np.arange(5.0))
    with pytest.raises(NotFittedError):
        SymbolicRegressor().predict(x)


def test_no_value_is_nan_with_a_warning():
    x = np.linspace(0.5, 4, 40)[:, None]
    model = SymbolicRegressor().fit(x, np.log(x[:, 0]))
    with pytest.warns(ClosedFormWarning, match="no finite value in 1 rows, the first is row 1"):
        values = model.predict([[1.0], [-1.0]])
    assert values[0] == 0.0 and math.isnan(values[1])


def test_more_columns_than_rows_are_searched_by_correlation():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(20, 40))
    with pytest.warns(ClosedFormWarning, match="40 columns and 20 different rows"):
        model = SymbolicRegressor(**QUICK).fit(x, 5 * x[:, 33])
    assert 33 in model.selected_features_ and len(model.selected_features_) == 20
    few = SymbolicRegressor(select_k_features=2).fit(x, 5 * x[:, 33])
    assert few.formula() == "5*x34" and few.predict(x).shape == (20,)


def test_kinds_decide_how_a_target_is_fitted(examples):
    frame = pd.read_csv(examples / "choices.csv")
    model = SymbolicRegressor(metadata={"chose_a": {"kind": "probability"}}, **QUICK)
    model.fit(frame[["value_a", "value_b"]], frame["chose_a"])
    predicted = model.predict(frame[["value_a", "value_b"]])
    assert 0 <= predicted.min() and predicted.max() <= 1 and "logistic" in model.formula()


def test_seeds(noisy_line):
    x, y = noisy_line

    def found(seed):
        front = SymbolicRegressor(strategy="random", random_state=seed, **QUICK).fit(x, y).equations_
        return tuple(front["equation"]), tuple(front["validation_loss"])

    assert found(1) == found(1)
    # Which rows are held out is drawn, too.
    assert len({found(s) for s in range(3)}) == 3
    assert found(np.random.RandomState(5)) == found(np.random.RandomState(5))


def test_progress_goes_to_standard_error(noisy_line, capsys):
    SymbolicRegressor(verbose=1, **QUICK).fit(*noisy_line)
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("closedform: ") and "evaluations, loss" in err


def test_other_threads_run_during_a_fit(noisy_line):
    ticks = []
    stop = threading.Event()

    def tick():
        while not stop.wait(0.02):
            ticks.append(time.monotonic())

    thread = threading.Thread(target=tick)
    thread.start()
    started = time.monotonic()
    SymbolicRegressor(time_limit=1.0, n_jobs=1).fit(*noisy_line)
    took = time.monotonic() - started
    stop.set()
    thread.join()
    during = [t for t in ticks if started < t < started + took]
    # Fifty per second at best; the machine may be busy with other things.
    assert len(during) > 5 * took


def test_ctrl_c_ends_a_fit_with_the_best_model(tmp_path):
    script = tmp_path / "fit.py"
    script.write_text(
        textwrap.dedent("""
        import sys, time, warnings
        import numpy as np
        import closedform
        rng = np.random.default_rng(0)
        x = rng.uniform(0, 1, (300, 3))
        y = np.sin(5 * x[:, 0]) * x[:, 1] + rng.normal(0, 0.3, 300)
        model = closedform.SymbolicRegressor(time_limit=120)
        print("ready", flush=True)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model.fit(x, y)
        print("ended", time.time(), model.interrupted_, model.report_["stop_reason"], len(model.equations_), flush=True)
        assert any(isinstance(w.message, closedform.errors.InterruptedFit) for w in caught)
        """)
    )
    process = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline().strip() == "ready"
    time.sleep(4)
    sent = time.time()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out
    word, ended, interrupted, reason, equations = out.split()
    assert (word, interrupted, reason) == ("ended", "True", "interrupted") and int(equations) >= 1
    # A second on a machine of one's own; others may be at work here.
    assert float(ended) - sent < 3.0
