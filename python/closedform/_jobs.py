"""Independent fits in other processes or on other machines.

A job is a function of its options and its table alone, so it may run anywhere, in any order, and again where a worker
died; fronts are merged in a fixed order.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from . import _engine
from ._data import Table
from ._progress import observer
from .errors import OptionsError, SearchError

if TYPE_CHECKING:
    from ._engine import Model

#: Times that a job is sent out again after its worker died.
RETRIES = 3


def run_job(options: str, table: Table) -> str | None:
    """Runs in a worker: the model's JSON, or nothing where no formula was found."""
    try:
        model, _ = _engine.fit(options, *table.arguments())
    except SearchError:
        return None
    return model.to_json()


def run_jobs(backend: Any, options: list[dict[str, Any]], table: Table, verbose: int) -> tuple[list[Model], bool]:
    """The models of all jobs, in order, and whether Ctrl-C ended the work early."""
    said = [json.dumps(o) for o in options]
    if backend is None:
        found, interrupted = _here(said, table, verbose)
    elif hasattr(backend, "submit") and hasattr(backend, "scheduler_info"):
        found, interrupted = _dask(backend, said, table)
    elif isinstance(backend, str):
        found, interrupted = _joblib(backend, said, table, verbose), False
    else:
        raise OptionsError(
            f"backend: expected a dask client, `joblib`, or the name of a joblib backend, got {backend!r}"
        )
    models = [_engine.Model(text) for text in found if text is not None]
    if not models:
        if interrupted:
            raise KeyboardInterrupt
        raise SearchError("no job found a formula that has a value on every row")
    return models, interrupted


def _here(options: list[str], table: Table, verbose: int) -> tuple[list[str | None], bool]:
    found: list[str | None] = []
    for one in options:
        try:
            model, interrupted = _engine.fit(one, *table.arguments(), observer=observer(verbose))
        except SearchError:
            found.append(None)
            continue
        found.append(model.to_json())
        if interrupted:
            return found, True
    return found, False


def _joblib(backend: str, options: list[str], table: Table, verbose: int) -> list[str | None]:
    import joblib

    # "joblib" is whatever `joblib.parallel_config` says around the fit.
    chosen = {} if backend == "joblib" else {"backend": backend, "n_jobs": -1}
    for attempt in range(RETRIES):
        try:
            parallel = joblib.Parallel(verbose=10 * verbose, **chosen)
            found: list[str | None] = parallel(joblib.delayed(run_job)(o, table) for o in options)
            return found
        except Exception as e:
            # Of loky's; imported from wherever the backend has it, so known by name.
            if type(e).__name__ != "TerminatedWorkerError" or attempt == RETRIES - 1:
                raise
    raise AssertionError("the last attempt returns or raises")


def _dask(client: Any, options: list[str], table: Table) -> tuple[list[str | None], bool]:
    from distributed.scheduler import KilledWorker

    def send(which: list[int]) -> dict[int, Any]:
        return {i: client.submit(run_job, options[i], table, pure=False, retries=RETRIES) for i in which}

    futures = send(list(range(len(options))))
    found: list[str | None] = [None] * len(options)
    try:
        for attempt in range(RETRIES + 1):
            lost = []
            for i, future in futures.items():
                try:
                    found[i] = future.result()
                except KilledWorker:
                    # The worker died under this job more often than dask sends it out again.
                    if attempt == RETRIES:
                        raise
                    lost.append(i)
            if not lost:
                return found, False
            futures = send(lost)
    except KeyboardInterrupt:
        for i, future in futures.items():
            if future.status == "finished":
                found[i] = future.result()
            else:
                future.cancel()
        return found, True
    raise AssertionError("the last attempt returns or raises")
