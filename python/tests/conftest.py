"""Data that several tests use; every fit here is cut by evaluations or ends at an exact law, never by the clock."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

# scikit-learn leaves a check out without it.
os.environ.setdefault("SCIPY_ARRAY_API", "1")

ROOT = Path(__file__).resolve().parents[2]

#: Options of fits that need not find anything.
QUICK = {"max_evaluations": 30_000, "time_limit": None}


@pytest.fixture(scope="session")
def power_law():
    """y = 3 a / b^2, exactly."""
    x = np.random.default_rng(0).uniform(1, 5, (60, 2))
    return x, 3 * x[:, 0] / x[:, 1] ** 2


@pytest.fixture(scope="session")
def noisy_line():
    """y = 2 a - b + noise."""
    rng = np.random.default_rng(1)
    x = rng.uniform(-2, 2, (80, 2))
    return x, 2 * x[:, 0] - x[:, 1] + rng.normal(0, 0.1, 80)


@pytest.fixture(scope="session")
def examples():
    """The folder of tables of the repository."""
    return ROOT / "examples" / "data"
