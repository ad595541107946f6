//! The last word on a rewritten expression: it is compared with the original on the training rows.
//!
//! Two spellings of one function differ by rounding, and where large numbers cancel by much of it. So each value
//! is computed together with a bound of its rounding error, and values may differ by what the bounds explain.

use super::cost::{cost, rank};
use crate::expr::{Expr, Node, Number};

/// Numbers that differ by less than this, relative to themselves, are equal.
const RELATIVE: f64 = 1e-9;

/// Rounding may excuse a difference up to this part of the root mean square of the original's values.
const OF_SCALE: f64 = 1e-9;

/// Decides which of two expressions stays: equal to the original on the data, and shorter.
pub(super) struct Judge<'a> {
    columns: &'a [&'a [f64]],
    /// The values of the original; none where a variable has no column or there is no row.
    values: Option<Vec<Rounded>>,
    /// The largest difference that rounding excuses.
    allowance: f64,
    parameters: usize,
    cost: u32,
}

impl<'a> Judge<'a> {
    pub(super) fn new(original: &Expr, columns: &'a [&'a [f64]]) -> Self {
        let rows = columns.iter().map(|c| c.len()).min().unwrap_or(0);
        let known = original.variables().last().is_none_or(|v| *v < columns.len());
        let values = (known && rows > 0).then(|| evaluate(original, columns, rows));
        let finite = || values.iter().flatten().filter(|v| v.value.is_finite());
        let squares: f64 = finite().map(|v| v.value * v.value).sum();
        let scale = (squares / finite().count().max(1) as f64).sqrt();
        // An original that is all rounding error, such as x + 1 - x - 1, has no scale of its own.
        let noise = finite().all(|v| v.value.abs() <= 4.0 * v.error);
        let allowance = if noise { f64::INFINITY } else { OF_SCALE * scale };
        Self { columns, values, allowance, parameters: original.parameters().len(), cost: cost(original) }
    }

    /// Whether there are values to compare with.
    pub(super) fn has_rows(&self) -> bool {
        self.values.is_some()
    }

    /// `new` if it reads better than `old`, else `old`.
    pub(super) fn better(&self, old: Expr, new: Expr) -> Expr {
        if rank(&new) < rank(&old) && self.accepts(&new) { new } else { old }
    }

    /// `new` if it reads as well as `old` or better, else `old`: of equal spellings the normal form is wanted.
    pub(super) fn no_worse(&self, old: Expr, new: Expr) -> Expr {
        if new != old && rank(&new) <= rank(&old) && self.accepts(&new) { new } else { old }
    }

    fn accepts(&self, new: &Expr) -> bool {
        let numbers =
            new.nodes().iter().filter_map(|n| if let Node::Constant(c) = n { Some(c) } else { None });
        let finite = new.parameters().iter().chain(numbers).all(|v| v.is_finite());
        if !finite || new.parameters().len() > self.parameters || cost(new) > self.cost {
            return false;
        }
        let Some(old) = &self.values else { return true };
        let same = |a: Rounded, b: Rounded| {
            let (x, y) = (a.value, b.value);
            if x.is_finite() && y.is_finite() {
                let rounding = (4.0 * (a.error + b.error)).min(self.allowance);
                (x - y).abs() <= RELATIVE * x.abs().max(y.abs()) + rounding
            } else {
                x.is_nan() == y.is_nan() && x.is_finite() == y.is_finite()
            }
        };
        evaluate(new, self.columns, old.len()).into_iter().zip(old).all(|(a, b)| same(a, *b))
    }
}

/// Node by node over all rows. Not on a [`Tape`](crate::expr::Tape): that computes what no parameter reaches in
/// plain numbers, and the bounds of those parts would be lost.
fn evaluate(expr: &Expr, columns: &[&[f64]], rows: usize) -> Vec<Rounded> {
    let mut values: Vec<Vec<Rounded>> = Vec::with_capacity(expr.nodes().len());
    for node in expr.nodes() {
        let of = |id: u32| &values[id as usize];
        values.push(match *node {
            Node::Constant(c) => vec![Rounded::constant(c); rows],
            Node::Parameter(p) => vec![Rounded::constant(expr.parameters()[p as usize]); rows],
            Node::Variable(v) => columns[v as usize][..rows].iter().map(|x| Rounded::constant(*x)).collect(),
            Node::Unary(op, a) => of(a).iter().map(|x| x.apply(op)).collect(),
            Node::Binary(op, a, b) => {
                of(a).iter().zip(of(b)).map(|(x, y)| Rounded::apply2(op, *x, *y)).collect()
            }
        });
    }
    values.pop().unwrap_or_default()
}

/// A number with a bound of its rounding error, to first order.
#[derive(Clone, Copy, Debug)]
struct Rounded {
    value: f64,
    error: f64,
}

impl Rounded {
    fn new(value: f64, error: f64) -> Self {
        Self { value, error: error + f64::EPSILON * value.abs() }
    }
}

impl std::ops::Add for Rounded {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.value + other.value, self.error + other.error)
    }
}

impl std::ops::Sub for Rounded {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.value - other.value, self.error + other.error)
    }
}

impl std::ops::Mul for Rounded {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::new(self.value * other.value, self.error * other.value.abs() + other.error * self.value.abs())
    }
}

impl std::ops::Div for Rounded {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let quotient = self.value / other.value;
        Self::new(quotient, (self.error + other.error * quotient.abs()) / other.value.abs())
    }
}

impl std::ops::Neg for Rounded {
    type Output = Self;
    fn neg(self) -> Self {
        Self { value: -self.value, error: self.error }
    }
}

impl Number for Rounded {
    fn constant(value: f64) -> Self {
        Self { value, error: 0.0 }
    }

    fn value(self) -> f64 {
        self.value
    }

    fn is_constant(self) -> bool {
        self.error == 0.0
    }

    fn chain(self, f: f64, d1: f64, _d2: f64) -> Self {
        let passed_on = if self.error == 0.0 { 0.0 } else { self.error * d1.abs() };
        Self::new(f, passed_on)
    }
}
