//! A Python function over NumPy.

use super::code::{Body, Language, body, renamed, used};
use super::names::identifiers;
use super::printer::words;
use super::sympy::{PYTHON_KEYWORDS, is_stable_identifier};
use crate::expr::Expr;

const LANGUAGE: Language = Language {
    form: |s| s.python,
    symbols: &[(std::f64::consts::PI, "np.pi"), (std::f64::consts::E, "np.e")],
    declaration: ("        ", ""),
};

/// A Python module with one function, for numbers and for NumPy arrays; outside of the formula's domain it gives
/// `nan` or `inf` without a warning. The arguments are the columns that the formula reads, in their order.
///
/// ```
/// use closedform::expr::parse;
/// use closedform::model::export::python;
/// let names = ["t", "x y"];
/// let code = python(&parse("1 - exp(-0.5*t)*`x y`", &names)?, &names, "law");
/// assert_eq!(code, r#"import numpy as np
///
///
/// ## x_y: column "x y"
/// def law(t, x_y):
///     t, x_y = (np.asarray(v, dtype=float) for v in (t, x_y))
///     with np.errstate(all="ignore"):
///         return 1.0 - np.exp(-0.5*t)*x_y
/// "#);
/// # Ok::<(), closedform::Error>(())
/// ```
pub fn python<S: AsRef<str>>(expr: &Expr, names: &[S], function: &str) -> String {
    let reserved = words(expr, LANGUAGE.form);
    let arguments = identifiers(names, |n| {
        is_stable_identifier(n)
            && !PYTHON_KEYWORDS.contains(&n)
            && !["np", "float", "v"].contains(&n)
            && !reserved.contains(&n)
    });
    let Body { statements, value } = body(&LANGUAGE, expr, &arguments);
    let comments = renamed(expr, names, &arguments, "# ");
    let used = used(expr, &arguments).join(", ");
    let mut out = format!("import numpy as np\n\n\n{comments}def {function}({used}):\n");
    if !used.is_empty() {
        // A comma at the end makes a tuple of one.
        let one = if used.contains(',') { "" } else { "," };
        out += &format!("    {used}{one} = (np.asarray(v, dtype=float) for v in ({used}{one}))\n");
    }
    out += "    with np.errstate(all=\"ignore\"):\n";
    for statement in statements {
        out += &statement;
        out.push('\n');
    }
    out += &format!("        return {value}\n");
    out
}
