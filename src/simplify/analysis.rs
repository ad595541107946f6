//! What the e-graph knows of every class: its range on the data, and its number where it has no variable.

use super::interval::Interval;
use super::language::Math;
use super::rational::Rational;
use crate::expr::Op;
use egg::{Analysis, DidMerge, EGraph, Id};

/// The ranges of the variables, and the values of the fitted constants, merged ones included.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranges {
    pub(super) columns: Vec<Interval>,
    pub(super) values: Vec<f64>,
}

/// A class without variables.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    pub(super) value: f64,
    /// It holds a free fitted constant, and so is one.
    pub(super) free: bool,
    /// It is an exact number that is written down as such.
    pub(super) exact: bool,
}

/// The knowledge of a class.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) range: Interval,
    pub(super) number: Option<Number>,
}

impl Ranges {
    fn number(egraph: &EGraph<Math, Ranges>, node: &Math) -> Option<Number> {
        let child = |id: &Id| egraph[*id].data.number;
        let written = |value: f64| Rational::from_f64(value).is_some();
        match node {
            Math::Number(bits) => {
                let value = f64::from_bits(*bits);
                Some(Number { value, free: false, exact: written(value) })
            }
            Math::Fitted(i) => {
                Some(Number { value: egraph.analysis.values[*i as usize], free: true, exact: false })
            }
            Math::Shared(i) => {
                Some(Number { value: egraph.analysis.values[*i as usize], free: false, exact: false })
            }
            Math::Variable(_) => None,
            Math::Unary(op, a) => {
                let a = child(a)?;
                Some(Number { value: op.value(a.value), free: a.free, exact: false })
            }
            Math::Binary(op, [a, b]) => {
                let (a, b) = (child(a)?, child(b)?);
                let value = op.value2(a.value, b.value);
                let exact = if a.exact && b.exact { exact_result(*op, a.value, b.value) } else { None };
                Some(match exact {
                    Some(value) => Number { value, free: false, exact: true },
                    None => Number { value, free: a.free || b.free, exact: false },
                })
            }
        }
    }

    fn range(egraph: &EGraph<Math, Ranges>, node: &Math) -> Interval {
        let of = |id: &Id| egraph[*id].data.range;
        match node {
            Math::Number(bits) => Interval::point(f64::from_bits(*bits)),
            Math::Fitted(i) | Math::Shared(i) => Interval::fitted(egraph.analysis.values[*i as usize]),
            Math::Variable(v) => {
                egraph.analysis.columns.get(*v as usize).copied().unwrap_or(Interval::UNKNOWN)
            }
            Math::Unary(op, a) => of(a).apply(*op),
            Math::Binary(op, [a, b]) => Interval::apply2(*op, of(a), of(b)),
        }
    }
}

/// The result of exact arithmetic, where it is a number that people write down.
fn exact_result(op: Op, a: f64, b: f64) -> Option<f64> {
    let (x, y) = (Rational::from_f64(a)?, Rational::from_f64(b)?);
    let result = match op {
        Op::Add => x.plus(y)?,
        Op::Sub => x.plus(y.negated())?,
        Op::Mul => x.times(y)?,
        Op::Div => x.times(y.inverse()?)?,
        Op::Pow if y.is_integer() => x.power(y)?,
        _ => return None,
    };
    Rational::from_f64(result.to_f64()).map(Rational::to_f64)
}

impl Analysis<Math> for Ranges {
    type Data = Known;

    fn make(egraph: &mut EGraph<Math, Self>, node: &Math, _: Id) -> Known {
        Known { range: Self::range(egraph, node), number: Self::number(egraph, node) }
    }

    fn merge(&mut self, to: &mut Known, from: Known) -> DidMerge {
        let both = to.range.intersect(from.range);
        let narrower = |old: Interval| {
            // Bounds that creep by roundings would never come to rest.
            let step = |a: f64, b: f64| a != b && (a.is_infinite() || (a - b).abs() > 1e-3 * a.abs());
            step(old.low, both.low) || step(old.high, both.high) || old.defined != both.defined
        };
        let (left, right) = (narrower(to.range), narrower(from.range));
        if left {
            to.range = both;
        }
        let number = match (to.number, from.number) {
            (None, None) => DidMerge(false, false),
            (None, Some(n)) => {
                to.number = Some(n);
                DidMerge(true, false)
            }
            (Some(_), None) => DidMerge(false, true),
            // Rounding makes equal numbers differ in the last digit: the first stays, exact before others.
            (Some(a), Some(b)) => {
                let better = (b.exact && !a.exact) || (b.free && !a.free && !a.exact);
                if better {
                    to.number = Some(b);
                }
                DidMerge(better, !better && a != b)
            }
        };
        DidMerge(left, right) | number
    }

    fn modify(egraph: &mut EGraph<Math, Self>, id: Id) {
        let Some(number) = egraph[id].data.number else { return };
        if !number.value.is_finite() {
            return;
        }
        let leaf = |n: &Math| matches!(n, Math::Number(_) | Math::Fitted(_));
        if number.exact {
            let added = egraph.add(Math::number(number.value));
            egraph.union(id, added);
        } else if number.free && !egraph[id].nodes.iter().any(leaf) {
            egraph.analysis.values.push(number.value);
            let fresh = (egraph.analysis.values.len() - 1) as u32;
            let added = egraph.add(Math::Fitted(fresh));
            egraph.union(id, added);
        } else {
            return;
        }
        // A number has no other spelling worth to keep.
        egraph[id].nodes.retain(leaf);
    }
}
