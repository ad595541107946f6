#!/usr/bin/env python3
"""Compares search strategies on two tutorial problems and eight small laws; prints the tables of docs/strategies.md.

    compare.py PROGRAM [--evaluations N] [--seeds N] [--strategies A,B] [--threads N] [--only NAME,...] [--json FILE]

Data are drawn with Python's own generator, seed 0: 100 rows without noise (the tutorial problems have their grids).
"""
import argparse, csv, json, math, os, random, subprocess, sys, tempfile

SEED = ["--primitives", "seed"]
# name, formula for people, ranges or grids, function, options
PROBLEMS = [
    ("sum-exp", "2 x1 + exp(5 x2)", [("x1", [i / 9 for i in range(10)]), ("x2", [i / 9 for i in range(10)])],
     lambda a, b: 2 * a + math.exp(5 * b), SEED + ["--nodes", "2", "--combine", "sum"]),
    ("learning", "1 - (1 - p) exp(-0.03 t)", [("p", [i / 198 for i in range(100)]), ("t", list(range(1, 101)))],
     lambda p, t: 1 - (1 - p) * math.exp(-0.03 * t), SEED + ["--nodes", "3"]),
    ("nguyen-1", "x^3 + x^2 + x", [("x", -1, 1)], lambda x: x**3 + x**2 + x, []),
    ("nguyen-9", "sin(x) + sin(y^2)", [("x", 0, 1), ("y", 0, 1)], lambda x, y: math.sin(x) + math.sin(y * y), []),
    ("livermore-8", "(exp(x) + exp(-x))/2", [("x", -1, 1)], lambda x: math.cosh(x), []),
    ("livermore-17", "4 sin(x) cos(y)", [("x", 0, 1), ("y", 0, 1)], lambda x, y: 4 * math.sin(x) * math.cos(y), []),
    ("constant-7", "2 sin(1.3 x) cos(y)", [("x", 0, 1), ("y", 0, 1)],
     lambda x, y: 2 * math.sin(1.3 * x) * math.cos(y), []),
    ("feynman-II.38.14", "Y/(2 (1 + s))", [("Y", 1, 5), ("s", 1, 5)], lambda Y, s: Y / (2 * (1 + s)), []),
    ("feynman-I.39.22", "n k T/V", [("n", 1, 5), ("T", 1, 5), ("V", 1, 5), ("k", 1, 5)],
     lambda n, T, V, k: n * k * T / V, []),
    ("feynman-II.3.24", "P/(4 pi r^2)", [("P", 1, 5), ("r", 1, 5)], lambda P, r: P / (4 * math.pi * r * r), []),
]


def table(columns, law, path):
    names = [c[0] for c in columns]
    if isinstance(columns[0][1], list):
        rows = [[]]
        for _, values in columns:
            rows = [r + [v] for r in rows for v in values]
    else:
        draw = random.Random(0)
        rows = [[draw.uniform(low, high) for _, low, high in columns] for _ in range(100)]
    with open(path, "w", newline="") as f:
        w = csv.writer(f)
        w.writerow(names + ["target"])
        w.writerows([[repr(v) for v in r] + [repr(law(*r))] for r in rows])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program")
    p.add_argument("--evaluations", type=int, default=200_000)
    p.add_argument("--seeds", type=int, default=5)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--only", default="")
    p.add_argument("--json")
    p.add_argument("--budget")
    p.add_argument("--strategies",
                   default="darts,darts-unrolled,darts-exact,darts-implicit,darts-fair,enas,random-shared,random")
    p.add_argument("rest", nargs="*", help="after --: options for every run")
    a = p.parse_args()
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, formula, columns, law, options in PROBLEMS:
            if a.only and name not in a.only.split(","):
                continue
            path = os.path.join(folder, "data.csv")
            table(columns, law, path)
            limits = ["--budget", a.budget] if a.budget else ["--evaluations", str(a.evaluations)]
            done = subprocess.run(
                [a.program, "compare", path, "--strategies", a.strategies, "--seeds", str(a.seeds),
                 "--threads", str(a.threads), "--format", "json"] + limits + options + a.rest,
                stdout=subprocess.PIPE, check=True)
            results[name] = json.loads(done.stdout)
            print(f"{name}: {formula}", file=sys.stderr)
            for s in results[name]["strategies"]:
                print("   ", s, file=sys.stderr, flush=True)
            if a.json:
                with open(a.json, "w") as f:
                    json.dump(results, f)
    strategies = a.strategies.split(",")
    print("| problem | " + " | ".join(strategies) + " |")
    print("|---|" + "---|" * len(strategies))
    wins = dict.fromkeys(strategies, 0)
    for name, r in results.items():
        by = {s["strategy"]: s for s in r["strategies"]}
        for s in by.values():
            # No formula in most of the runs.
            s["loss"] = math.inf if s["loss"] is None else s["loss"]
        cells = [f"{by[s]['laws']}/{by[s]['runs']} {by[s]['loss']:.0e}" for s in strategies]
        print(f"| `{name}` | " + " | ".join(cells) + " |")
        if "random" in by:
            base = by["random"]
            for s in strategies:
                # More laws found; with equally many, the smaller median loss, where it is not rounding.
                better = by[s]["laws"] > base["laws"] or (
                    by[s]["laws"] == base["laws"] and max(by[s]["loss"], 1e-20) < max(base["loss"], 1e-20))
                wins[s] += better
    print("| better than `random` on | " + " | ".join(str(wins[s]) for s in strategies) + " |")


main()
