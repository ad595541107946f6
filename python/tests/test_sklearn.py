"""scikit-learn's own checks, and its tools around the estimator."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

from closedform import DARTSRegressor, SymbolicRegressor
from conftest import QUICK


@pytest.mark.filterwarnings("ignore::closedform.errors.ClosedFormWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning")
@parametrize_with_checks([SymbolicRegressor(**QUICK)])
def test_estimator_checks(estimator, check):
    check(estimator)


def test_no_check_is_left_out():
    names = {getattr(c, "func", c).__name__ for _, c in estimator_checks_generator(SymbolicRegressor(), mark=None)}
    assert len(names) > 40
    assert "check_sample_weight_equivalence_on_dense_data" in names


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_predict_the_same_bits(power_law, copied):
    x, y = power_law
    model = SymbolicRegressor().fit(x, y)
    other = copied(model)
    assert np.array_equal(other.predict(x), model.predict(x))
    assert other.equations_["equation"].tolist() == model.equations_["equation"].tolist()
    assert not hasattr(clone(model), "model_")


def test_pickle_is_small_and_fast(power_law):
    import time

    x, y = power_law
    pickled = pickle.dumps(SymbolicRegressor().fit(x, y))
    started = time.perf_counter()
    pickle.loads(pickled)
    assert time.perf_counter() - started < 0.5
    assert len(pickled) < 50_000


def test_pipeline_grid_search_cross_validation_and_transformed_target(power_law):
    x, y = power_law
    law = SymbolicRegressor(**QUICK)
    pipeline = make_pipeline(StandardScaler(), law).fit(x, y)
    assert pipeline.predict(x).shape == y.shape
    search = GridSearchCV(law, {"primitives": ["seed", "science"]}, cv=2).fit(x, y)
    assert search.best_params_["primitives"] in ("seed", "science")
    assert cross_val_score(SymbolicRegressor(), x, y, cv=3).min() > 0.9999
    logged = TransformedTargetRegressor(SymbolicRegressor(), func=np.log, inverse_func=np.exp).fit(x, y)
    assert np.allclose(logged.predict(x), y, rtol=1e-9)


def test_weights_count_rows(noisy_line):
    x, y = noisy_line
    weights = np.arange(len(y)) % 3
    weighted = SymbolicRegressor(**QUICK).fit(x, y, sample_weight=weights)
    repeated = SymbolicRegressor(**QUICK).fit(np.repeat(x, weights, axis=0), np.repeat(y, weights))
    assert weighted.formula(digits=None) == repeated.formula(digits=None)


def test_darts_is_an_estimator_too(power_law):
    x, y = power_law
    darts = DARTSRegressor(restarts=1, max_graph_nodes=2)
    assert clone(darts).get_params() == darts.get_params()
    assert cross_val_score(darts, x, y, cv=2).shape == (2,)
    fitted = darts.fit(x, y)
    assert np.array_equal(pickle.loads(pickle.dumps(fitted)).predict(x), fitted.predict(x))
