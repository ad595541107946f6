"""The package as it is installed: size, time to import, types, documentation."""

from __future__ import annotations

import inspect
import subprocess
import sys
import time
from pathlib import Path

import pytest

import closedform
from closedform import _engine

PACKAGE = Path(closedform.__file__).parent
PROJECT = Path(__file__).resolve().parents[1]


def python(code: str) -> str:
    """What a fresh interpreter prints."""
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_import_takes_less_than_150_ms_and_loads_nothing_heavy():
    code = """
import time
started = time.perf_counter()
import closedform
took = time.perf_counter() - started
import sys
heavy = [m for m in ("pandas", "matplotlib", "sklearn", "sympy", "scipy", "numpy") if m in sys.modules]
print(took, *heavy)
"""
    took, *heavy = min((python(code).split() for _ in range(5)), key=lambda r: float(r[0]))
    assert float(took) < 0.15
    assert heavy == []


def test_every_name_is_there_and_documented():
    for name in closedform.__all__:
        thing = getattr(closedform, name)
        assert name in dir(closedform)
        if name not in ("__version__", "errors"):
            assert ">>>" in (inspect.getdoc(thing) or "") or name == "save", name
    try:
        _ = closedform.magic
    except AttributeError as e:
        assert "magic" in str(e)
    else:
        raise AssertionError("a name that does not exist was found")


@pytest.fixture
def outside(tmp_path):
    """A folder from which the package is found. In site-packages itself mypy takes every other package for ours."""
    return PROJECT if PACKAGE.parent == PROJECT else tmp_path


def test_types_are_checked_strictly(outside):
    assert (PACKAGE / "py.typed").exists()
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", PROJECT / "pyproject.toml", "-p", "closedform"],
        capture_output=True,
        text=True,
        cwd=outside,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_stub_is_that_of_the_engine(outside):
    checked = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "closedform._engine", "--ignore-disjoint-bases"],
        capture_output=True,
        text=True,
        cwd=outside,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_style():
    checked = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "."],
        capture_output=True,
        text=True,
        cwd=PROJECT,
    )
    assert checked.returncode == 0, checked.stdout


def test_files_are_short_and_say_what_they_are_for():
    for file in [*PROJECT.glob("closedform/*.py"), *PROJECT.glob("tests/*.py"), *PROJECT.glob("bench/*.py")]:
        text = file.read_text(encoding="utf-8")
        assert text.startswith('"""'), file
        assert text.count("\n") <= 600, file


def test_the_engine_refuses_what_it_does_not_know():
    started = time.monotonic()
    try:
        _engine.check_options('{"seed": 1, "speed": 2}')
    except closedform.errors.OptionsError as e:
        assert "unknown field `speed`" in str(e)
    else:
        raise AssertionError("an unknown option was taken")
    assert time.monotonic() - started < 1


def test_without_pandas_and_sympy_the_rest_works():
    code = """
import sys
for missing in ("pandas", "sympy", "matplotlib", "graphviz"):
    sys.modules[missing] = None
import numpy as np, closedform
x = np.linspace(1, 3, 20)[:, None]
model = closedform.SymbolicRegressor().fit(x, x[:, 0] ** 2)
assert model.get_best()["equation"] == "x1^2", model.get_best()
for what in (lambda: model.equations_, model.sympy, model.plot):
    try:
        what()
    except ImportError as e:
        assert "pip install" in str(e)
    else:
        raise AssertionError(what)
darts = closedform.DARTSRegressor(restarts=2).fit(x, 3 * x[:, 0])
assert darts.visualize_model().source.startswith("digraph")
print(model.formula())
"""
    assert python(code) == "x1^2"
