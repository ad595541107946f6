"""Jobs on several processes: the same result for any number of workers, also when one of them dies."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import SimpleNamespace

import joblib
import numpy as np
import pytest

from closedform import SymbolicRegressor, _engine, _jobs
from closedform.errors import OptionsError, SearchError
from conftest import QUICK

OPTIONS = {"strategy": "random", "jobs": 4, **QUICK}


def front(model):
    return model.equations_[["complexity", "loss", "equation"]].values.tolist()


@pytest.fixture(scope="module")
def here(noisy_line):
    """The front of the same jobs, one after the other."""
    return front(SymbolicRegressor(**OPTIONS).fit(*noisy_line))


def test_jobs_are_fits_with_the_next_seeds(noisy_line, here):
    x, y = noisy_line
    single = {**OPTIONS, "jobs": 1}
    fronts = [front(SymbolicRegressor(**{**single, "random_state": seed}).fit(x, y)) for seed in range(4)]
    every = [tuple(row) for one in fronts for row in one]
    assert all(tuple(row) in every for row in here)
    assert min(row[1] for row in here) == min(row[1] for row in every)
    assert any(here != one for one in fronts)


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_joblib_backends_give_the_same_front(noisy_line, here, backend):
    assert front(SymbolicRegressor(backend=backend, **OPTIONS).fit(*noisy_line)) == here


def test_the_backend_around_the_fit_is_used(noisy_line, here):
    with joblib.parallel_config(backend="threading", n_jobs=3):
        assert front(SymbolicRegressor(backend="joblib", **OPTIONS).fit(*noisy_line)) == here


def test_shapes_are_jobs(noisy_line):
    options = {"strategy": "random", **QUICK}
    model = SymbolicRegressor(nodes=[1, 2], jobs=2, **options).fit(*noisy_line)
    assert model.report_["notes"][-1] == "the fronts of 4 fits were merged"
    with pytest.raises(OptionsError):
        SymbolicRegressor(nodes=[], **options).fit(*noisy_line)


@pytest.mark.parametrize("backend", [None, "threading"])
def test_a_job_that_finds_nothing_is_left_out(noisy_line, monkeypatch, backend):
    def fit(options, *table, **observer):
        if '"seed": 1' in options:
            raise SearchError("nothing")
        return _engine.fit(options, *table, **observer)

    single = front(SymbolicRegressor(**{**OPTIONS, "jobs": 1}).fit(*noisy_line))
    monkeypatch.setattr(_jobs, "_engine", SimpleNamespace(fit=fit, Model=_engine.Model))
    assert front(SymbolicRegressor(backend=backend, **{**OPTIONS, "jobs": 2}).fit(*noisy_line)) == single
    with pytest.raises(SearchError, match="no job found a formula"):
        SymbolicRegressor(backend=backend, random_state=1, **{**OPTIONS, "jobs": 1}, nodes=[1, 2]).fit(*noisy_line)


def test_arrays_that_begin_anywhere_are_read(noisy_line):
    """As they come out of a message over the network."""

    def shifted(array):
        array = np.ascontiguousarray(array)
        return np.frombuffer(b"?" + array.tobytes(), offset=1).reshape(array.shape)

    x, y = noisy_line
    assert not shifted(x).flags.aligned
    single = {**OPTIONS, "jobs": 1}
    expected = SymbolicRegressor(**single).fit(x, y)
    model = SymbolicRegressor(**single).fit(shifted(x), shifted(y))
    assert front(model) == front(expected)
    assert (model.predict(shifted(x)) == expected.predict(x)).all()


@pytest.fixture(scope="module")
def client():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_dask_gives_the_same_front_though_a_worker_is_killed(client, noisy_line, here):
    assert front(SymbolicRegressor(backend=client, **OPTIONS).fit(*noisy_line)) == here

    # The same with longer jobs, so that there is a middle of the run to kill a worker in.
    x, y = noisy_line
    x, y = np.tile(x, (20, 1)) + np.linspace(0, 0.1, 1600)[:, None], np.tile(y, 20)
    options = {**OPTIONS, "max_evaluations": 8_000, "jobs": 3}
    expected = front(SymbolicRegressor(**options).fit(x, y))
    workers = {address: worker["pid"] for address, worker in client.run(_pid).items()}
    killed = []

    def kill_one_that_works():
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not killed:
            busy = [address for address, tasks in client.processing().items() if tasks]
            if busy:
                os.kill(workers[busy[0]], signal.SIGKILL)
                killed.append(busy[0])
            time.sleep(0.01)

    thread = threading.Thread(target=kill_one_that_works)
    thread.start()
    model = SymbolicRegressor(backend=client, **options).fit(x, y)
    thread.join()
    assert killed and killed[0] not in client.run(_pid)
    assert front(model) == expected


def _pid():
    return {"pid": os.getpid()}
