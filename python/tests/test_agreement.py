"""Same seed, same equations: from Python, from the command line, from Rust."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from closedform import SymbolicRegressor
from conftest import ROOT


def built(name: str) -> Path:
    """A program of the repository; cargo builds it before these tests run in `.ci/run`."""
    for profile in ("release", "debug"):
        path = ROOT / "target" / profile / name
        if path.exists() and (profile == "debug" or not (ROOT / "target" / "debug" / name).exists()):
            return path
    if os.environ.get("CLOSEDFORM_REQUIRE_EXTERNAL"):
        raise AssertionError(f"{name} was not built")
    pytest.skip(f"{name} was not built")


def content(model: SymbolicRegressor) -> dict:
    """The model without what differs between runs of the same result."""
    return json.loads(model.model_.to_json(reproducible=True))


def command_line(*arguments: str) -> dict:
    """What the program prints, the same way."""
    done = subprocess.run([built("closedform"), "fit", *arguments, "--format", "json"], capture_output=True, check=True)
    model = json.loads(done.stdout)
    for differs in ("threads", "wall_seconds"):
        del model["report"][differs]
    return model


def test_python_the_command_line_and_rust_agree(examples):
    frame = pd.read_csv(examples / "cooling.csv")
    model = SymbolicRegressor(max_evaluations=20_000, time_limit=None, random_state=5)
    python = content(model.fit(frame[["minutes"]], frame["temperature"]))
    limits = ("--evaluations", "20000", "--time-limit", "none", "--seed", "5")
    assert command_line(str(examples / "cooling.csv"), *limits) == python
    rust = subprocess.run([built("examples/09_same_everywhere")], capture_output=True, check=True, cwd=ROOT)
    assert json.loads(rust.stdout) == python


@pytest.mark.parametrize("name", ["learning_curve_noisy", "weber_fechner", "choices"])
@pytest.mark.parametrize("strategy", ["auto", "darts", "random"])
def test_other_tables_and_strategies_agree(examples, name, strategy):
    path = examples / f"{name}.csv"
    frame = pd.read_csv(path)
    model = SymbolicRegressor(strategy=strategy, max_evaluations=5000, time_limit=None, random_state=2)
    python = content(model.fit(frame[frame.columns[:-1]], frame[frame.columns[-1]]))
    limits = ("--evaluations", "5000", "--time-limit", "none", "--seed", "2", "--strategy", strategy)
    assert command_line(str(path), *limits) == python
