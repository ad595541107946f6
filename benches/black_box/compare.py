#!/usr/bin/env python3
"""Test R2 and length of formulas on tables without a known law, engines side by side.

Every table (CSV, the last column is the target) is split 75 to 25 by each seed. Every engine sees the larger part
and prints one JSON object whose `best` holds the formula as `sympy` or as `expr`; R2 is that of the smaller part.

    python compare.py --time 5 --seeds 5 \\
        --engine 'closedform=closedform fit {csv} --time-limit {time} --seed {seed} --format json' \\
        --engine 'operon=run_peer.py operon {csv} --time {time} --seed {seed} --threads 2' TABLE.csv ...

Needs Python 3.10 or newer and NumPy.
"""

import argparse
import ast
import json
import os
import shlex
import subprocess
import tempfile

import numpy as np

FUNCTIONS = {
    "Abs": np.abs, "abs": np.abs, "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos,
    "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh,
    "tanh": np.tanh, "asinh": np.arcsinh, "square": np.square, "sign": np.sign, "Max": np.maximum,
    "Min": np.minimum, "pi": np.pi, "E": np.e, "erf": np.vectorize(__import__("math").erf),
}


def length(tree):
    """Functions, operations, names and numbers; the sign of a number is free."""
    if isinstance(tree, ast.Call):
        return 1 + sum(length(a) for a in tree.args)
    if isinstance(tree, ast.BinOp):
        return 1 + length(tree.left) + length(tree.right)
    if isinstance(tree, ast.UnaryOp):
        return length(tree.operand) + (not isinstance(tree.operand, ast.Constant))
    return 1


def r2_and_length(formula, names, table):
    tree = ast.parse(formula.replace("^", "**").strip(), mode="eval")
    scope = dict(FUNCTIONS, **{n: table[:, i] for i, n in enumerate(names[:-1])})
    with np.errstate(all="ignore"):
        values = eval(compile(tree, "<formula>", "eval"), {"__builtins__": {}}, scope)
    y = table[:, -1]
    rest = ((y - values) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    return (1 - rest if np.isfinite(rest) else -np.inf), length(tree.body)


def split(path, seed):
    """Plain names, so that every engine can print them; three quarters of the rows of a table, and the others."""
    with open(path, encoding="utf-8") as file:
        header = file.readline().strip().split(",")
    names = [f"x{i}" for i in range(len(header) - 1)] + ["y"]
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    order = np.random.default_rng(seed).permutation(len(table))
    held = max(2, len(table) // 4)
    return names, table[order[held:]], table[order[:held]]


def save(csv, names, table):
    np.savetxt(csv, table, delimiter=",", header=",".join(names), comments="", fmt="%.17g")


def run(command, csv, names, test, time, seed):
    command = command.format(csv=csv, time=time, seed=seed)
    out = subprocess.run(shlex.split(command), capture_output=True, text=True, timeout=10 * time + 60).stdout
    line = next(x for x in reversed(out.strip().splitlines()) if x.startswith("{"))
    best = json.loads(line)["best"]
    return r2_and_length(best.get("sympy") or best["expr"], names, test)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="+")
    parser.add_argument("--engine", action="append", required=True, metavar="NAME=COMMAND")
    parser.add_argument("--time", type=float, default=5)
    parser.add_argument("--seeds", type=int, default=5)
    args = parser.parse_args()
    engines = dict(e.split("=", 1) for e in args.engine)
    print(f"{'table':28s} rows " + "".join(f"{e + ': R2, length':>26s}" for e in engines), flush=True)
    for path in args.tables:
        found = {e: [] for e in engines}
        for seed in range(args.seeds):
            names, train, test = split(path, seed)
            with tempfile.TemporaryDirectory() as folder:
                csv = os.path.join(folder, "train.csv")
                save(csv, names, train)
                for engine, command in engines.items():
                    try:
                        result = run(command, csv, names, test, args.time, seed)
                    except Exception as error:  # an engine without an answer has no score
                        print(f"{os.path.basename(path)} {engine} {seed}: {error}", flush=True)
                        result = (-np.inf, 0)
                    found[engine].append(result)
        row = f"{os.path.basename(path):28s} {len(train) + len(test):4d} "
        for results in found.values():
            row += f"{np.median([r[0] for r in results]):19.4f}, {np.median([r[1] for r in results]):4.0f} "
        print(row, flush=True)


if __name__ == "__main__":
    main()
