"""The graph that a differentiable search found, as text, LaTeX and Graphviz source."""

from __future__ import annotations

import json
from typing import Any

from . import _engine
from ._formula import rounded
from ._front import _latex_name
from .errors import ModelError


class Dot:
    """Graphviz source where the package graphviz is not installed; ``source`` is the text.

    >>> Dot("digraph {}").source
    'digraph {}'
    """

    def __init__(self, source: str) -> None:
        self.source = source

    def __repr__(self) -> str:
        return self.source


class Graph:
    """Nodes ``k1``, ``k2``, ... that add or multiply what reaches them, and an output layer."""

    def __init__(self, architecture: Any, inputs: list[str], target: str, output_function: str = "") -> None:
        if not architecture:
            raise ModelError("this model was not found on a graph; fit anew with max_epochs above 0")
        self._set = architecture["primitives"]
        self._logistic = bool(architecture["logistic_output"])
        self._graph = architecture["genotype"]
        self._inputs = inputs
        self._target = target
        self._function = output_function

    def _source(self, source: Any) -> str:
        if source == "one":
            return "1"
        kind, number = next(iter(source.items()))
        return self._inputs[number] if kind == "input" else f"k{number + 1}"

    def _edge(self, edge: dict[str, Any], name: str, digits: int, latex: bool) -> str:
        return _engine.edge_text(self._set, edge["primitive"], edge["constants"], name, digits, latex)

    def _combined(self, node: dict[str, Any], digits: int, latex: bool) -> str:
        edges = node["edges"]
        texts = [self._edge(e, self._source(e["from"]), digits, latex) for e in edges]
        if node["product"] and len(texts) > 1:
            brackets = (r"\left({}\right)", r" \cdot ") if latex else ("({})", "*")
            texts = [brackets[0].replace("{}", t) if _is_sum(t) else t for t in texts]
            return brackets[1].join(texts)
        return " + ".join(texts).replace("+ -", "- ") or "0"

    def _rounding(self) -> float:
        """Output weights below this are what least squares leaves of 0."""
        weights: list[float] = self._graph["output_weights"]
        return 1e-12 * max(map(abs, weights), default=0.0)

    def _weights(self) -> list[tuple[int, float]]:
        """The nodes that reach the output, with their weights."""
        return [(i, w) for i, w in enumerate(self._graph["output_weights"]) if abs(w) > self._rounding()]

    def _outputs(self, digits: int, latex: bool) -> str:
        def number(value: float) -> str:
            return rounded(value, digits) if latex else f"{value:.{digits}g}"

        times = r" \, " if latex else "*"
        terms = []
        for i, weight in self._weights():
            node = f"k_{{{i + 1}}}" if latex else f"k{i + 1}"
            terms.append(node if number(weight) == "1" else f"{number(weight)}{times}{node}")
        bias = self._graph["output_bias"]
        if abs(bias) > self._rounding() or not terms:
            terms.append(number(bias))
        text = " + ".join(terms).replace("+ -", "- ")
        function = self._function or ("logistic" if self._logistic else "")
        if not function:
            return text
        return rf"\operatorname{{{function}}}\left({text}\right)" if latex else f"{function}({text})"

    def console(self, digits: int) -> list[str]:
        """One line for every node, and one for the output."""
        nodes = [f"k{i + 1} = {self._combined(n, digits, False)}" for i, n in enumerate(self._graph["nodes"])]
        return [*nodes, f"{self._target} = {self._outputs(digits, False)}"]

    def latex(self, digits: int) -> list[str]:
        """The same as lines of an ``aligned`` environment."""
        nodes = [f"k_{{{i + 1}}} &= {self._combined(n, digits, True)}" for i, n in enumerate(self._graph["nodes"])]
        return [*nodes, f"{_latex_name(self._target)} &= {self._outputs(digits, True)}"]

    def dot(self, digits: int, caption: str) -> str:
        """Graphviz source: inputs, nodes, output, in AutoRA's colours; edges that compute nothing are left out."""
        lines = [
            "digraph {",
            f"  graph [rankdir=LR label={_quoted(caption)} labelloc=b fontname=times]",
            "  node [style=filled shape=rect fontname=times fontsize=20 penwidth=2 height=0.5]",
            "  edge [fontname=times fontsize=20]",
        ]
        used = {self._source(e["from"]) for n in self._graph["nodes"] for e in n["edges"]}
        for name in [*self._inputs, "1"]:
            if name != "1" or "1" in used:
                lines.append(f'  {_quoted(name)} [fillcolor="#F1EDB9"]')
        for i, node in enumerate(self._graph["nodes"]):
            label = f"k{i + 1} {'×' if node['product'] else '+'}"
            lines.append(f'  k{i + 1} [label={_quoted(label)} fillcolor="#BBCCF9"]')
        shown = self._target + (f" = {self._function or 'logistic'}(x)" if self._function or self._logistic else "")
        lines.append(f'  {_quoted("output " + self._target)} [label={_quoted(shown)} fillcolor="#CBE7C7"]')
        for i, node in enumerate(self._graph["nodes"]):
            for edge in node["edges"]:
                text = self._edge(edge, "x", digits, False)
                lines.append(f"  {_quoted(self._source(edge['from']))} -> k{i + 1} [label={_quoted(text)}]")
        for i, weight in self._weights():
            label = f"{weight:.{digits}g}*x"
            lines.append(f"  k{i + 1} -> {_quoted('output ' + self._target)} [label={_quoted(label)}]")
        return "\n".join([*lines, "}"])


def _is_sum(text: str) -> bool:
    """Whether a text needs brackets as a factor.

    >>> _is_sum("2*x + 1"), _is_sum("exp(2*x + 1)"), _is_sum("-x")
    (True, False, True)
    """
    depth = 0
    for i, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if depth == 0 and c in "+-" and (i == 0 or text[i - 1] not in "eE"):
            return True
    return False


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
