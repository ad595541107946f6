"""Evaluates exported formulas: reads a JSON list of jobs, writes a JSON list of lists of values.

A job is {"kind": "sympy" | "python", "text": ..., "arguments": [names], "rows": [[values]]}. An item of the result is
a list of numbers, or a text that says what went wrong. Needs SymPy and NumPy.
"""
import json
import sys

import mpmath
import numpy
import sympy


def evaluate_sympy(job):
    symbols = {name: sympy.Symbol(name) for name in job["arguments"]}
    expression = sympy.parse_expr(job["text"], local_dict=symbols)
    if sympy.sympify(job["text"], locals=symbols) != expression:
        return "sympify and parse_expr differ"
    unknown = expression.free_symbols - set(symbols.values())
    if unknown:
        return f"unknown symbols {unknown}"
    function = sympy.lambdify(list(symbols.values()), expression, modules="mpmath")
    with mpmath.workdps(30):
        return [float(function(*map(mpmath.mpf, row))) for row in job["rows"]]


def evaluate_python(job):
    module = {}
    exec(compile(job["text"], "export", "exec"), module)
    rows = numpy.array(job["rows"], dtype=float)
    one_by_one = [float(module["f"](*row)) for row in rows]
    if rows.size:
        at_once = numpy.broadcast_to(module["f"](*rows.T), len(rows))
        if not numpy.allclose(at_once, one_by_one, rtol=1e-13, atol=0.0):
            return f"arrays give {at_once}, numbers {one_by_one}"
    return one_by_one


def main():
    results = []
    for job in json.load(sys.stdin):
        try:
            results.append(globals()["evaluate_" + job["kind"]](job))
        except Exception as error:
            results.append(f"{type(error).__name__}: {error}")
    json.dump(results, sys.stdout)


main()
