"""What a fitted estimator shows: equations, predictions, tables, figures. Shared by all estimators."""

from __future__ import annotations

import html
import json
import os
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ._data import Floats, aligned
from ._formula import Constant, Formula, rounded, scores, to_sympy
from .errors import ClosedFormWarning, ModelError, OptionsError

if TYPE_CHECKING:
    from ._engine import Model

#: Criteria of the engine, and the two of PySR that are made of its score.
CRITERIA = ("description_length", "bic", "aic", "validation", "accuracy", "best", "score")


class Front:
    """The methods of a fitted estimator. ``model_`` is the engine's model, ``model_selection`` how one of its
    equations is chosen; that may be changed after the fit.

    >>> import numpy as np
    >>> from closedform import refit
    >>> x = np.linspace(1, 3, 30)[:, None]
    >>> model = refit("a*x1^2 + b", x, 2.5 * x[:, 0] ** 2 - 0.75)
    >>> model.formula(), model.latex(), model.sympy().free_symbols
    ('2.5*x1^2 - 0.75', '2.5 x_{1}^{2} - 0.75', {x1})
    >>> model.code("c").splitlines()[0]
    '#include <math.h>'
    >>> [(c.name, round(c.value, 9)) for c in model.constants()]
    [('a', 2.5), ('b', -0.75)]
    >>> model.equations_.shape, model.get_best()["complexity"], model.get_best(0)["complexity"]
    ((1, 9), 7, 7)
    >>> print(model.latex_table(columns=["equation", "complexity"]))
    \\begin{tabular}{@{}lc@{}}
    \\toprule
    Equation & Complexity \\\\
    \\midrule
    $y = 2.5 x_{1}^{2} - 0.75$ & $7$ \\\\
    \\bottomrule
    \\end{tabular}
    >>> print(model.summary())
    y = 2.5*x1^2 - 0.75
    R2 1.000000, MSE ..., complexity 7, 30 rows
      constant           value    std. error  95 % interval
             a             2.5  ...
             b           -0.75  ...
    formulas ended: completed, after 0 evaluations
    """

    model_: Model
    model_selection: str
    selected_features_: NDArray[np.intp]
    constant_names_: list[str] | None

    def _model(self) -> Model:
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(self, "model_")
        return self.model_

    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self._model().to_json())
        return content

    @property
    def report_(self) -> dict[str, Any]:
        """How the fit went: ``strategy``, ``stop_reason``, ``seed``, ``wall_seconds``, ``evaluations``, ..."""
        report: dict[str, Any] = self._content()["report"]
        return report

    @property
    def best_index_(self) -> int:
        """The place on the front of the equation that ``model_selection`` chooses."""
        model = self._model()
        if self.model_selection not in ("best", "score"):
            return model.choose(self.model_selection)
        front = self._content()["front"]
        losses = [e["mse"] for e in front]
        value = scores(losses, [e["complexity"] for e in front])
        # As PySR does: "best" looks only at equations that are nearly as accurate as any.
        near = 1.5 * min(losses) if self.model_selection == "best" else float("inf")
        return max((i for i, loss in enumerate(losses) if loss <= near), key=lambda i: (value[i], -i))

    def _index(self, index: int | None) -> int:
        if index is None:
            return self.best_index_
        count = len(self._model())
        if not -count <= index < count:
            raise OptionsError(f"index {index}: the front has {count} equations, counted from 0")
        return int(index) % count

    def _predict(self, X: Floats, index: int | None) -> Floats:
        chosen = np.ascontiguousarray(aligned(X)[:, self.selected_features_])
        values = self._model().evaluate(chosen, self._index(index))
        lost = np.flatnonzero(~np.isfinite(values))
        if len(lost):
            warnings.warn(
                f"the formula {self.formula(index)} has no finite value in {len(lost)} rows, the first is row "
                f"{lost[0]}; predictions there are NaN",
                ClosedFormWarning,
                stacklevel=3,
            )
            values[lost] = np.nan
        return values

    # Formulas

    def formula(self, index: int | None = None, digits: int | None = 6) -> str:
        """The formula as text; ``digits=None`` prints all digits."""
        return self._model().formula(self._index(index), digits)

    def sympy(self, index: int | None = None) -> Any:
        """The equation as a SymPy expression, with all digits."""
        return to_sympy(self._model(), self._index(index))

    def latex(self, index: int | None = None, precision: int | None = 3) -> str:
        """The equation as LaTeX; ``precision`` significant digits, or all with ``None``."""
        return self._model().latex(self._index(index), precision)

    def code(self, language: str = "python", index: int | None = None) -> str:
        """The equation as a function in ``python``, ``rust`` or ``c``, or as an ``exmex`` text."""
        return self._model().code(language, self._index(index))

    # The front

    @property
    def equations_(self) -> Any:
        """A pandas DataFrame of the front, simplest first: complexity, loss (mean squared error), score, equation,
        sympy_format, lambda_format, and r2, description_length and validation_loss where they are known."""
        try:
            import pandas as pd
        except ImportError as e:
            raise ImportError("pandas is not installed; `pip install pandas`, or read `get_best(index)`") from e
        return pd.DataFrame([self._row(i) for i in range(len(self._model()))], columns=list(self._row(0)))

    def _row(self, index: int) -> dict[str, Any]:
        model = self._model()
        front = self._content()["front"]
        found = front[index]
        try:
            expression = to_sympy(model, index)
        except ImportError:
            expression = found["sympy"]
        value = scores([e["mse"] for e in front], [e["complexity"] for e in front])
        return {
            "complexity": found["complexity"],
            "loss": found["mse"],
            "score": value[index],
            "equation": model.formula(index),
            "sympy_format": expression,
            "lambda_format": Formula(model, index, [int(i) for i in self.selected_features_]),
            "r2": found["r2"],
            "description_length": found.get("description_length"),
            "validation_loss": found.get("validation_mse"),
        }

    def get_best(self, index: int | None = None) -> Any:
        """The row of ``equations_`` for the chosen equation, a pandas Series (a dictionary without pandas)."""
        at = self._index(index)
        row = self._row(at)
        try:
            import pandas as pd
        except ImportError:
            return row
        return pd.Series(row, name=at)

    def latex_table(
        self,
        indices: list[int] | None = None,
        precision: int = 3,
        columns: tuple[str, ...] | list[str] = ("equation", "complexity", "loss", "score"),
    ) -> str:
        """The front as a LaTeX table (package booktabs); ``indices`` chooses and orders equations."""
        rows = range(len(self._model())) if indices is None else [self._index(i) for i in indices]
        content = self._content()
        front = content["front"]
        value = scores([e["mse"] for e in front], [e["complexity"] for e in front])
        target = _latex_name(content["target"]["name"])
        cells = {
            "equation": lambda i: f"${target} = {self.latex(i, precision)}$",
            "complexity": lambda i: f"${front[i]['complexity']}$",
            "loss": lambda i: f"${rounded(front[i]['mse'], precision)}$",
            "score": lambda i: f"${rounded(value[i], precision)}$",
        }
        unknown = [c for c in columns if c not in cells]
        if unknown:
            raise OptionsError(f"columns: expected some of {', '.join(cells)}, got {', '.join(unknown)}")
        lines = [
            r"\begin{tabular}{@{}" + "".join("l" if c == "equation" else "c" for c in columns) + r"@{}}",
            r"\toprule",
            " & ".join(c.capitalize() for c in columns) + r" \\",
            r"\midrule",
            *(" & ".join(cells[c](i) for c in columns) + r" \\" for i in rows),
            r"\bottomrule",
            r"\end{tabular}",
        ]
        return "\n".join(lines)

    # Constants

    def constants(self, index: int | None = None) -> list[Constant]:
        """The fitted constants with their standard errors."""
        found = self._content()["front"][self._index(index)]["constants"]
        names = self.constant_names_ if self.constant_names_ is not None else [c["name"] for c in found]
        return [Constant(n, c["value"], c["std_error"]) for n, c in zip(names, found, strict=True)]

    def summary(self, index: int | None = None, level: float = 0.95) -> str:
        """The equation, how well it fits, and its constants with standard errors and confidence intervals; made for
        ``print``. :meth:`constants` has the numbers."""
        content = self._content()
        found = content["front"][self._index(index)]
        rows = content["data"]["rows"]
        constants = self.constants(index)
        lines = [
            f"{content['target']['name']} = {self.formula(index)}",
            f"R2 {found['r2']:.6f}, MSE {found['mse']:.4g}, complexity {found['complexity']}, {rows} rows",
        ]
        if constants:
            lines.append(f"{'constant':>10}  {'value':>14}  {'std. error':>12}  {100 * level:g} % interval")
        for c in constants:
            interval = c.interval(level, rows - len(constants))
            error = "-" if c.std_error is None else f"{c.std_error:.3g}"
            ends = "-" if interval is None else f"{interval[0]:.6g} to {interval[1]:.6g}"
            lines.append(f"{c.name:>10}  {c.value:>14.8g}  {error:>12}  {ends}")
        report = content["report"]
        ended = f"{report['strategy']} ended: {report['stop_reason']}, after {report['evaluations']} evaluations"
        return "\n".join([*lines, ended, *(f"note: {note}" for note in report.get("notes", []))])

    # Files

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the model as JSON, which :func:`closedform.load`, Rust and the command line read."""
        self._model().save(path)

    # For people

    def __str__(self) -> str:
        if not hasattr(self, "model_"):
            return repr(self)
        content = self._content()
        best = self.best_index_
        lines = [f"{'':4}  complexity          loss        R2  equation"]
        for i, e in enumerate(content["front"]):
            mark = ">>>>" if i == best else ""
            text = f"{content['target']['name']} = {self.formula(i)}"
            lines.append(f"{mark:4}  {e['complexity']:>10}  {e['mse']:>12.4e}  {e['r2']:>8.5f}  {text}")
        return "\n".join(lines)

    def _repr_latex_(self) -> str | None:
        if not hasattr(self, "model_"):
            return None
        return f"$\\displaystyle {_latex_name(self._content()['target']['name'])} = {self.latex()}$"

    def _front_html(self) -> str:
        content = self._content()
        best = self.best_index_
        target = html.escape(content["target"]["name"])
        rows = []
        for i, e in enumerate(content["front"]):
            style = ' style="font-weight: bold"' if i == best else ""
            cells = (
                str(e["complexity"]),
                f"{e['mse']:.4g}",
                f"{e['r2']:.5f}",
                f"{target} = {html.escape(self.formula(i))}",
            )
            rows.append(f"<tr{style}>" + "".join(f"<td>{c}</td>" for c in cells) + "</tr>")
        head = "".join(f"<th>{name}</th>" for name in ("complexity", "loss", "R2", "equation"))
        return f"{self._repr_latex_()}<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"

    def _repr_html_(self) -> Any:
        if hasattr(self, "model_"):
            return self._front_html()
        return super()._repr_html_()  # type: ignore[misc]

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        if not hasattr(self, "model_"):
            bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]
            return bundle
        return {"text/plain": str(self), "text/html": self._front_html(), "text/latex": self._repr_latex_()}

    def plot(self, X: Any = None, y: Any = None, ax: Any = None, index: int | None = None) -> Any:
        """With data, predictions against observations; without, the front: error over complexity. Returns the
        matplotlib axes."""
        try:
            import matplotlib.pyplot as plt
        except ImportError as e:
            raise ImportError("matplotlib is not installed; `pip install matplotlib`") from e
        axes = plt.subplots()[1] if ax is None else ax
        content = self._content()
        if X is None:
            floor = 1e-300
            axes.plot(
                [e["complexity"] for e in content["front"]], [max(e["mse"], floor) for e in content["front"]], "o-"
            )
            chosen = content["front"][self._index(index)]
            axes.plot([chosen["complexity"]], [max(chosen["mse"], floor)], "o", markersize=12, fillstyle="none")
            axes.set(xlabel="complexity", ylabel="mean squared error", yscale="log")
        elif y is None:
            raise ModelError("plot: expected X and y, or neither")
        else:
            predicted = self.predict(X, index=index)  # type: ignore[attr-defined]
            axes.plot(np.ravel(y), np.ravel(predicted), ".")
            ends = [float(np.nanmin(np.ravel(y))), float(np.nanmax(np.ravel(y)))]
            axes.plot(ends, ends, "-", linewidth=1)
            name = content["target"]["name"]
            axes.set(xlabel=f"{name}, observed", ylabel=f"{name}, predicted")
        axes.set_title(f"{content['target']['name']} = {self.formula(index, 4)}", fontsize="medium")
        return axes


def _latex_name(name: str) -> str:
    """A name as LaTeX sets it in mathematics; letters beyond the first stand upright.

    >>> _latex_name("y"), _latex_name("reaction_time")
    ('y', '\\\\mathrm{reaction\\\\_time}')
    """
    if len(name) == 1:
        return name
    escaped = "".join(f"\\{c}" if c in "_%&#${}" else c for c in name)
    return rf"\mathrm{{{escaped}}}"
