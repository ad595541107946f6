"""Formulas found elsewhere."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import curve_fit

import closedform
from closedform.errors import DataError, FileError, FormulaError


@pytest.fixture(scope="module")
def decay():
    rng = np.random.default_rng(0)
    t = np.linspace(0, 10, 80)
    return pd.DataFrame({"t": t, "n": 7.5 * np.exp(-0.4 * t) + 2.25 + rng.normal(0, 0.05, 80)})


def test_constants_and_errors_are_those_of_scipy(decay):
    model = closedform.refit("a*exp(-k*t) + c", decay[["t"]], decay["n"])
    values, covariance = curve_fit(lambda t, a, k, c: a * np.exp(-k * t) + c, decay["t"], decay["n"], p0=[5, 1, 1])
    assert [c.name for c in model.constants()] == ["a", "k", "c"]
    for constant, value, variance in zip(model.constants(), values, np.diag(covariance), strict=True):
        assert constant.value == pytest.approx(value, rel=1e-5)
        assert constant.std_error == pytest.approx(np.sqrt(variance), rel=1e-3)
    low, high = model.constants()[1].interval(0.95, 77)
    assert low < 0.4 < high
    assert "         k " in model.summary()
    assert model.predict(decay[["t"]]).shape == (80,)


def test_numbers_with_a_point_are_fitted_and_whole_ones_are_not(decay):
    frame = pd.DataFrame({"x": np.linspace(0, 3, 30)})
    model = closedform.refit("1.0*x^2 + 2*x", frame, 3.5 * frame["x"] ** 2 + 2 * frame["x"])
    assert [(c.name, round(c.value, 9)) for c in model.constants()] == [("c0", 3.5)]
    assert model.formula() == "3.5*x^2 + 2*x"


def test_weights_and_starts(decay):
    weights = np.where(decay["t"] < 5, 1.0, 0.0)
    first = closedform.refit("a*exp(-k*t) + c", decay[["t"]], decay["n"], weights, start={"a": 5, "k": 0.5})
    half = decay[decay["t"] < 5]
    second = closedform.refit("a*exp(-k*t) + c", half[["t"]], half["n"])
    assert [c.value for c in first.constants()] == pytest.approx([c.value for c in second.constants()], rel=1e-6)
    with pytest.raises(DataError, match="the formula has no constant `q`; it has a, k, c"):
        closedform.refit("a*exp(-k*t) + c", decay[["t"]], decay["n"], start={"q": 1})


def test_a_formula_that_does_not_parse_says_where(decay):
    with pytest.raises(FormulaError, match=r"at character 7 of `a\*exp\(`"):
        closedform.refit("a*exp(", decay[["t"]], decay["n"])
    with pytest.raises(FormulaError, match="`a` is neither a variable nor a function"):
        closedform.import_front(["a*t"], decay[["t"]], decay["n"])


@pytest.fixture(scope="module")
def plane():
    rng = np.random.default_rng(1)
    x = rng.uniform(0.5, 2, (80, 2))
    return x, 1.5 * np.exp(x[:, 0]) / x[:, 1] + rng.normal(0, 0.01, 80)


PYSR = """Complexity,Loss,Equation
1,9.1,3.4517214
3,3.3,(x0 * 2.1)
5,2.9,"((x0 * 2.1) - 0.2)"
6,0.01,((1.4 * exp(x0)) / x1)
"""

OPERON = "model;mse\n(2.1 * X1);3.3\n(1.4 * (exp(X1) / X2));0.01\n"


def test_a_hall_of_fame_of_pysr(plane, tmp_path):
    path = tmp_path / "hall_of_fame.csv"
    path.write_text(PYSR)
    model = closedform.import_front(path, *plane)
    assert model.formula(digits=2) == "1.5*exp(x1)/x2"
    front = model.equations_
    assert front["loss"].is_monotonic_decreasing and len(front) >= 3
    assert 0 < model.constants()[0].std_error < 0.01
    # PySR counts from 0, also where its formulas read no x0.
    only = "Complexity,Loss,Equation\n3,3.3,(x1 * 2.1)\n"
    assert closedform.import_front(only, plane[0], plane[0][:, 1] * 3).formula() == "x2*3"
    # Refitted: never worse than what was read.
    mean = next(e for e in front["equation"] if "x" not in e)
    assert float(mean) == pytest.approx(plane[1].mean())


def test_a_front_of_operon_and_named_columns(plane):
    x, y = plane
    assert closedform.import_front(OPERON, x, y).formula(digits=2) == "1.5*exp(x1)/x2"
    frame = pd.DataFrame(x, columns=["u", "v"])
    assert closedform.import_front(OPERON, frame, y).formula(digits=2) == "1.5*exp(u)/v"
    assert closedform.import_front(["2.0*exp(u)/v"], frame, y).formula(digits=2) == "1.5*exp(u)/v"
    # The numbers of the data's own names, where no formula begins at 0.
    assert closedform.import_front(["2.0*exp(x1)/x2"], x, y).formula(digits=2) == "1.5*exp(x1)/x2"


def test_tables_without_formulas_are_refused(plane, tmp_path):
    with pytest.raises(DataError, match="expected a column of formulas .* got a, b"):
        closedform.import_front("a,b\n1,2\n", *plane)
    with pytest.raises(DataError, match="expected a column `law`, got Complexity, Loss, Equation"):
        closedform.import_front(PYSR, *plane, column="law")
    with pytest.raises(DataError, match="no formula"):
        closedform.import_front("Equation\n", *plane)
    with pytest.raises(FileError, match="nowhere"):
        closedform.import_front(tmp_path / "nowhere.csv", *plane)
