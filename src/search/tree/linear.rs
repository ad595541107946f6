//! Linear coefficients of the outermost sum.
//!
//! A coefficient per term and an additive constant cost one linear least-squares solve, and relieve the search
//! of finding scales (Keijzer, *Improving symbolic regression with interval arithmetic and linear scaling*,
//! EuroGP 2003; one coefficient per term as in FFX and MRGP). What turns out to be 1 or nothing is taken out.

use super::{Sample, Symbol, Tree, cleaned};
use crate::expr::Op;

/// Most terms that get a coefficient each.
const MOST_TERMS: usize = 8;

/// Coefficients this close to 1 are 1.
const UNIT: f64 = 1e-7;

/// Terms whose root mean square is below this fraction of the target's, or of the remaining error's by
/// [`OF_ERROR`], are nothing.
const OF_TARGET: f64 = 1e-9;
const OF_ERROR: f64 = 0.02;

/// The terms of the outermost sum with their signs.
fn terms(tree: &Tree) -> Vec<(f64, Tree)> {
    let mut out = Vec::new();
    let mut stack = vec![(1.0, tree.len() - 1)];
    while let Some((sign, root)) = stack.pop() {
        match tree.symbols()[root] {
            Symbol::Binary(op @ (Op::Add | Op::Sub)) => {
                let right = root - 1;
                let left = tree.span(right).start - 1;
                stack.push((if op == Op::Sub { -sign } else { sign }, right));
                stack.push((sign, left));
            }
            _ => out.push((sign, tree.part(root))),
        }
    }
    out
}

/// The coefficient of a term and the term without it.
fn split(term: &Tree) -> (f64, Tree) {
    let s = term.symbols();
    let last = s[s.len() - 1];
    if last == Symbol::Binary(Op::Mul)
        && let Some(c) = s[0].number()
        && term.span(s.len() - 2).start == 1
    {
        return (c, term.part(s.len() - 2));
    }
    (1.0, term.clone())
}

fn sum(intercept: Option<f64>, terms: &[(f64, Tree)]) -> Tree {
    let mut symbols: Vec<Symbol> = intercept.map(Symbol::Parameter).into_iter().collect();
    for (c, term) in terms {
        let first = symbols.is_empty();
        // -1 is spelled by the difference where there is something to take it from.
        let minus = *c == -1.0 && !first;
        if *c != 1.0 && !minus {
            symbols.push(Symbol::Parameter(*c));
        }
        symbols.extend_from_slice(term.symbols());
        if *c != 1.0 && !minus {
            symbols.push(Symbol::Binary(Op::Mul));
        }
        if !first {
            symbols.push(Symbol::Binary(if minus { Op::Sub } else { Op::Add }));
        }
    }
    if symbols.is_empty() {
        symbols.push(Symbol::Parameter(0.0));
    }
    Tree::from_symbols(symbols)
}

/// The same formula with a coefficient on every term of its outermost sum and, if asked for, a constant term.
pub(crate) fn dressed(tree: &Tree, intercept: bool) -> Tree {
    let all = terms(tree);
    if all.len() > MOST_TERMS {
        return tree.clone();
    }
    let mut constant = intercept.then_some(0.0);
    let mut kept: Vec<(f64, Tree)> = Vec::new();
    for (sign, term) in all {
        match term.symbols() {
            [only] if only.number().is_some() => {
                constant = Some(constant.unwrap_or(0.0) + sign * only.number().unwrap_or(0.0));
            }
            // A quotient with a number on top has its coefficient there.
            s if s[s.len() - 1] == Symbol::Binary(Op::Div)
                && s[0].number().is_some()
                && term.span(s.len() - 2).start == 1 =>
            {
                // Written as a factor, so that it is recognised as linear.
                let mut inverse = s.to_vec();
                let top = sign * s[0].number().unwrap_or(1.0);
                inverse[0] = Symbol::Parameter(top);
                kept.push((1.0, Tree::from_symbols(inverse)));
            }
            _ => {
                let (c, rest) = split(&term);
                // 1 and -1 would be spelled without a number; a start beside them leaves room.
                let c = sign * c;
                let c = if c.abs() == 1.0 { c * (1.0 + f64::EPSILON) } else { c };
                kept.push((c, rest));
            }
        }
    }
    sum(constant, &kept)
}

/// The fitted formula without the terms that contribute nothing and the coefficients that are 1; `error` is the
/// root mean square of its residuals.
pub(crate) fn undressed(tree: &Tree, sample: &Sample, error: f64) -> Tree {
    let all = terms(tree);
    let least = (OF_TARGET * sample.target_rms()).max(OF_ERROR * error);
    let mut constant = None;
    let mut kept: Vec<(f64, Tree)> = Vec::new();
    for (sign, term) in all {
        if let [only] = term.symbols()
            && let Some(v) = only.number()
        {
            if v.abs() > least {
                constant = Some(constant.unwrap_or(0.0) + sign * v);
            }
            continue;
        }
        let (c, rest) = split(&term);
        let c = sign * c;
        let size = c.abs() * sample.rms(&rest);
        if size > least {
            kept.push((if (c.abs() - 1.0).abs() < UNIT { c.signum() } else { c }, rest));
        }
    }
    // Positive terms first: a leading -1 costs a number.
    kept.sort_by_key(|(c, _)| *c == -1.0);
    cleaned(&sum(constant, &kept))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse;
    use crate::least_squares::linear_parameters;

    #[test]
    fn every_term_gets_a_coefficient() {
        let names = vec!["x".to_string(), "y".to_string()];
        let read = |t: &str| Tree::from_expr(&parse(t, &names).unwrap(), 100).unwrap();
        let tree = dressed(&read("x*y - exp(x) + 1/y + 3*x^2"), true);
        let expr = tree.to_expr();
        assert_eq!(linear_parameters(&expr).len(), 5, "{tree:?}");
        let row = [0.4, 2.0];
        let want = 0.8 - 0.4f64.exp() + 0.5 + 3.0 * 0.16;
        assert!((expr.evaluate_row(&row) - want).abs() < 1e-12);
    }
}
