#!/usr/bin/env python3
"""What the price of a node does to the choice from fronts of tables without a known law.

Every table (CSV, the last column is the target) is split 75 to 25 by each seed, a model is fitted to the larger part and
its front chosen from with several prices, as shares of 2.3 nats per node. R2 is that of the smaller part. Models stay in the
folder, so that other rules can be tried on the same fronts.

    python prices.py --bin closedform --time 3 --seeds 5 --folder fronts TABLE.csv ...

Needs Python 3.10 or newer and NumPy.
"""

import argparse
import json
import os
import subprocess

import numpy as np

from compare import r2_and_length, save, split

SHARES = (1.0, 0.7, 0.5, 0.3, 0.15)
NATS = 2.3  # of a node
CHOSEN = 0.5  # the share that the program uses


def front(args, path, seed):
    """The names, the test rows, the number of training rows and the front of one split."""
    names, train, test = split(path, seed)
    base = os.path.join(args.folder, f"{os.path.basename(path)[:-4]}.{seed}")
    if not os.path.exists(base + ".json"):
        save(base + ".csv", names, train)
        command = [args.bin, "fit", base + ".csv", "--time-limit", str(args.time), "--seed", str(seed)]
        model = subprocess.run(command + ["--format", "json"], capture_output=True, text=True, check=True).stdout
        with open(base + ".json", "w", encoding="utf-8") as file:
            file.write(model)
    with open(base + ".json", encoding="utf-8") as file:
        return names, test, len(train), json.load(file)["front"]


def length(equation, rows, share):
    """The description length with another price of a node (docs/search.md)."""
    constants = len(equation.get("constants", []))
    few = rows / max(rows - constants - 1.5, 0.5)
    price = NATS * few * equation["complexity"]
    return equation["description_length"] + price * (min(share * few, 1) - min(CHOSEN * few, 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="+")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--time", type=float, default=3)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--folder", default="fronts")
    args = parser.parse_args()
    os.makedirs(args.folder, exist_ok=True)
    print(f"{'table: R2, length by share':28s}" + "".join(f"{s:16.2f}" for s in SHARES))
    medians = []
    for path in args.tables:
        found = {s: [] for s in SHARES}
        for seed in range(args.seeds):
            names, test, rows, equations = front(args, path, seed)
            equations = [e for e in equations if "description_length" in e]
            for share, results in found.items():
                best = min(equations, key=lambda e: length(e, rows, share))
                results.append(r2_and_length(best["sympy"], names, test))
        of = {s: np.median(np.array(r), axis=0) for s, r in found.items()}
        medians.append([max(of[s][0], -0.5) for s in SHARES])
        line = "".join(f"{of[s][0]:11.3f}, {of[s][1]:3.0f}" for s in SHARES)
        print(f"{os.path.basename(path):28s}{line}", flush=True)
    print(f"{'mean (at least -0.5)':28s}" + "".join(f"{m:11.3f}     " for m in np.mean(medians, axis=0)))


if __name__ == "__main__":
    main()
