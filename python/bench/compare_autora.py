"""The tutorial of AutoRA's DARTS theorist by both engines: time, memory, and what they find. For developers.

Run with closedform installed; where ``autora-theorist-darts`` is installed too (it brings PyTorch), it runs as well::

    python python/bench/compare_autora.py

Each run is a process of its own, so that peak memory is that of the run, imports included.
"""

from __future__ import annotations

import importlib.util
import json
import pickle
import resource
import subprocess
import sys
import time

SEED = ["none", "add", "subtract", "mult", "logistic", "exp", "relu"]
LAWS = ("2*x1 + exp(5*x2)", "1 - (1 - p)*exp(-0.03*t)")


def data(law: int):
    """The table of a law."""
    import numpy as np

    a, b = (np.linspace(0, 1, 10),) * 2 if law == 0 else (np.linspace(0, 0.5, 100), np.linspace(1, 100, 100))
    x = np.array(np.meshgrid(a, b)).T.reshape(-1, 2)
    y = 2 * x[:, 0] + np.exp(5 * x[:, 1]) if law == 0 else 1 - (1 - x[:, 0]) * np.exp(-0.03 * x[:, 1])
    return x, y[:, None]


def run(engine: str, law: int) -> dict:
    """One fit with the tutorial's settings, in this process."""
    x, y = data(law)
    started, processor = time.perf_counter(), time.process_time()
    if engine == "closedform":
        from closedform import DARTSRegressor
    else:
        from autora.theorist.darts import DARTSRegressor
    imported = time.perf_counter()
    model = DARTSRegressor(
        num_graph_nodes=1,
        arch_updates_per_epoch=1,
        arch_learning_rate_max=0.001,
        param_updates_per_epoch=500,
        param_momentum=0.9,
        max_epochs=300,
        output_type="real",
        primitives=SEED,
    )
    result: dict = {}
    try:
        model.fit(x, y)
        result["mse"] = float(((model.predict(x) - y) ** 2).mean())
        labels = {"input_labels": ["x1", "x2"], "output_labels": ["y"]}
        result["model"] = model.formula() if engine == "closedform" else model.model_repr(**labels)
    except Exception as e:
        result["model"] = f"{type(e).__name__}: {e}"
    result["import"] = imported - started
    result["fit"] = time.perf_counter() - imported
    result["cpu"] = time.process_time() - processor
    result["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if engine == "closedform":
        pickled = pickle.dumps(model)
        started = time.perf_counter()
        pickle.loads(pickled)
        result["pickle"] = f"{len(pickled)} bytes, loaded in {1000 * (time.perf_counter() - started):.1f} ms"
    return result


def main() -> None:
    """Prints a table in Markdown."""
    if len(sys.argv) == 3:
        print(json.dumps(run(sys.argv[1], int(sys.argv[2]))))
        return
    engines = ["closedform"] + ["autora"] * (importlib.util.find_spec("torch") is not None)
    print("| Law | Engine | Found | MSE | Import s | Fit s | CPU s | Peak MB | Pickle |")
    print("|---" * 9 + "|")
    for law, name in enumerate(LAWS):
        for engine in engines:
            done = subprocess.run(
                [sys.executable, __file__, engine, str(law)], capture_output=True, text=True, check=True
            )
            r = json.loads(done.stdout.splitlines()[-1])
            cells = (name, engine, r["model"], f"{r.get('mse', float('nan')):.1e}", f"{r['import']:.2f}")
            cells += (f"{r['fit']:.1f}", f"{r['cpu']:.1f}", f"{r['memory']:.0f}", r.get("pickle", "-"))
            print("| " + " | ".join(cells).replace("\n", "; ") + " |")


if __name__ == "__main__":
    main()
