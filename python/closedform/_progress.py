"""What a search tells while it runs, on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

#: Seconds between two lines.
EVERY = 1.0


class Progress:
    """Prints a line per second at most, and always the first one.

    >>> import sys; sys.stderr = sys.stdout
    >>> Progress()({"elapsed": 0.5, "rounds": 3, "evaluations": 1200, "loss": 0.25, "formula": "2*x"})
    closedform: 0.5 s, round 3, 1200 evaluations, loss 2.50e-01: 2*x
    >>> sys.stderr = sys.__stderr__
    """

    def __init__(self) -> None:
        self._next = float("-inf")

    def __call__(self, state: dict[str, Any]) -> None:
        """Takes the state after a round."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + EVERY
        best = "" if state["formula"] is None else f", loss {state['loss']:.2e}: {state['formula']}"
        print(
            f"closedform: {state['elapsed']:.1f} s, round {state['rounds']}, {state['evaluations']} evaluations{best}",
            file=sys.stderr,
            flush=True,
        )


def observer(verbose: int) -> Callable[[dict[str, Any]], None] | None:
    """What to call after every round, if anything."""
    return Progress() if verbose else None
