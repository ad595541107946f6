//! Peels: invertible compositions `L(y, x)` in which the target occurs once.
//!
//! A law `y = sqrt(a + b x1) / x2` is linear for the peel `(y * x2)^2`. Peels are enumerated by cost, distinct by
//! semantic hash like the functions of the bank, and inverted exactly: where an inverse has branches, the data say
//! which one it is.

use super::hash::semantic_hash;
use super::store::Bank;
use crate::expr::{Expr, Op};
use crate::search::Control;
use crate::search_space::PrimitiveSet;
use std::collections::HashSet;
use std::f64::consts::{FRAC_PI_2, PI};

/// One step from the inside out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    /// A function of what there is so far.
    Apply(Op),
    /// Multiplied by a function of the bank.
    Times(u32),
    /// Divided by a function of the bank.
    Over(u32),
    /// Plus a function of the bank.
    Plus(u32),
    /// Minus a function of the bank.
    Minus(u32),
}

/// A composition and its values on the fit rows.
#[derive(Clone, Debug)]
pub(super) struct Peel {
    pub(super) steps: Vec<Step>,
    pub(super) values: Vec<f64>,
    pub(super) cost: usize,
}

impl Peel {
    /// The target itself.
    pub(super) fn identity(target: &[f64]) -> Self {
        Self { steps: Vec::new(), values: target.to_vec(), cost: 0 }
    }

    /// Values for other rows; `entry` gives the values of a bank function there.
    pub(super) fn apply(&self, target: &[f64], mut entry: impl FnMut(u32) -> Vec<f64>) -> Vec<f64> {
        let mut v = target.to_vec();
        for step in &self.steps {
            match *step {
                Step::Apply(op) => v.iter_mut().for_each(|x| *x = op.value(*x)),
                Step::Times(g) => combine(&mut v, &entry(g), |a, b| a * b),
                Step::Over(g) => combine(&mut v, &entry(g), |a, b| a / b),
                Step::Plus(g) => combine(&mut v, &entry(g), |a, b| a + b),
                Step::Minus(g) => combine(&mut v, &entry(g), |a, b| a - b),
            }
        }
        v
    }

    /// The target as an expression, given the peel's value as one. `None` where no single branch fits the data.
    pub(super) fn invert(&self, value: &Expr, bank: &Bank, target: &[f64]) -> Option<Expr> {
        // What went into each step, for the choice of branches.
        let mut inputs = vec![target.to_vec()];
        for k in 1..=self.steps.len().saturating_sub(1) {
            let head = Peel { steps: self.steps[..k].to_vec(), values: Vec::new(), cost: 0 };
            inputs.push(head.apply(target, |g| bank.values(g as usize).to_vec()));
        }
        let mut e = value.clone();
        for (step, input) in self.steps.iter().zip(&inputs).rev() {
            let g = |id: u32| bank.expr(id as usize);
            e = match *step {
                Step::Times(id) => e / g(id),
                Step::Over(id) => e * g(id),
                Step::Plus(id) => e - g(id),
                Step::Minus(id) => e + g(id),
                Step::Apply(op) => inverse(op, &e, input)?,
            };
        }
        Some(e)
    }
}

fn combine(v: &mut [f64], g: &[f64], f: impl Fn(f64, f64) -> f64) {
    for (v, g) in v.iter_mut().zip(g) {
        *v = f(*v, *g);
    }
}

fn range(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)))
}

/// The argument of `op` from its value, on the branch that the arguments in the data lie on.
fn inverse(op: Op, e: &Expr, input: &[f64]) -> Option<Expr> {
    let (low, high) = range(input);
    Some(match op {
        Op::Neg => e.apply(Op::Neg),
        Op::Reciprocal => e.apply(Op::Reciprocal),
        Op::Square if low >= 0.0 => e.apply(Op::Sqrt),
        Op::Square if high <= 0.0 => e.apply(Op::Sqrt).apply(Op::Neg),
        Op::Sqrt => e.apply(Op::Square),
        Op::Ln => e.apply(Op::Exp),
        Op::Exp => e.apply(Op::Ln),
        Op::Asin => e.apply(Op::Sin),
        Op::Acos => e.apply(Op::Cos),
        Op::Atan => e.apply(Op::Tan),
        Op::Sin if low >= -FRAC_PI_2 && high <= FRAC_PI_2 => e.apply(Op::Asin),
        Op::Sin if low >= FRAC_PI_2 && high <= 3.0 * FRAC_PI_2 => Expr::constant(PI) - e.apply(Op::Asin),
        Op::Cos if low >= 0.0 && high <= PI => e.apply(Op::Acos),
        Op::Tan if low > -FRAC_PI_2 && high < FRAC_PI_2 => e.apply(Op::Atan),
        _ => return None,
    })
}

/// Functions that can be peeled: the function applied to the target, and the one its inverse needs.
const FUNCTIONS: [(Op, Op); 10] = [
    (Op::Reciprocal, Op::Reciprocal),
    (Op::Square, Op::Sqrt),
    (Op::Sqrt, Op::Square),
    (Op::Ln, Op::Exp),
    (Op::Exp, Op::Ln),
    (Op::Asin, Op::Sin),
    (Op::Acos, Op::Cos),
    (Op::Sin, Op::Asin),
    (Op::Cos, Op::Acos),
    (Op::Tan, Op::Atan),
];

/// Peels by ascending cost, up to about `count` of them.
pub(super) fn enumerate(
    target: &[f64],
    bank: &Bank,
    primitives: &PrimitiveSet,
    count: usize,
    control: &Control,
) -> Vec<Peel> {
    let functions = functions(primitives);
    let divide = primitives.uses(Op::Div);
    let mut peels = vec![Peel::identity(target)];
    let mut known: HashSet<u64> = HashSet::new();
    known.extend(semantic_hash(target));
    let mut cost = 0usize;
    while peels.len() < count && cost < 7 {
        cost += 1;
        let existing = peels.len();
        for p in 0..existing {
            if control.is_stopped() {
                return peels;
            }
            // A function or a combination with a leaf costs 1, one with a larger function its size.
            let Some(rest) = cost.checked_sub(peels[p].cost).filter(|r| *r > 0) else { continue };
            if rest == 1 {
                for &op in &functions {
                    try_function(&mut peels, p, op, cost, &mut known);
                }
            }
            let size = rest as u8;
            for g in bank.first_of_size(size)..bank.first_of_size(size + 1) {
                if bank.nesting(g) > 0 && size > 2 {
                    continue;
                }
                let id = g as u32;
                let g = bank.values(g);
                for step in [Step::Over(id), Step::Times(id), Step::Minus(id), Step::Plus(id)] {
                    if matches!(step, Step::Times(_)) && !divide {
                        continue;
                    }
                    let mut values = peels[p].values.clone();
                    match step {
                        Step::Times(_) => combine(&mut values, g, |a, b| a * b),
                        Step::Over(_) => combine(&mut values, g, |a, b| a / b),
                        Step::Plus(_) => combine(&mut values, g, |a, b| a + b),
                        _ => combine(&mut values, g, |a, b| a - b),
                    }
                    push(&mut peels, p, &[step], values, cost, &mut known);
                }
                if peels.len() >= count {
                    break;
                }
            }
            if peels.len() >= count {
                break;
            }
        }
    }
    peels
}

/// Functions of one more or one less than a function of the target: `ln(1/y + 1)` is a product of powers for `y = 1/(exp(u) -
/// 1)`. Enumeration by cost has hundreds of thousands of others of that depth.
pub(super) fn around_one(target: &[f64], bank: &Bank, primitives: &PrimitiveSet) -> Vec<Peel> {
    let mut leaves = bank.first_of_size(1)..bank.first_of_size(2);
    let Some(one) = leaves.find(|g| bank.values(*g).iter().all(|v| *v == 1.0)) else { return Vec::new() };
    let functions = functions(primitives);
    let mut known: HashSet<u64> = HashSet::new();
    let mut inside = vec![Peel::identity(target)];
    functions.iter().for_each(|op| try_function(&mut inside, 0, *op, 1, &mut known));
    let mut peels = Vec::new();
    for inside in inside {
        for (step, by) in [(Step::Plus(one as u32), 1.0), (Step::Minus(one as u32), -1.0)] {
            let mut middle = inside.clone();
            middle.steps.push(step);
            middle.values.iter_mut().for_each(|v| *v += by);
            let mut chain = vec![middle];
            functions.iter().for_each(|op| try_function(&mut chain, 0, *op, inside.cost + 2, &mut known));
            peels.extend(chain.drain(1..));
        }
    }
    peels
}

/// Functions whose inverse may be written with these primitives.
fn functions(primitives: &PrimitiveSet) -> Vec<Op> {
    FUNCTIONS.iter().filter(|f| primitives.uses(f.1)).map(|f| f.0).collect()
}

fn push(
    peels: &mut Vec<Peel>,
    from: usize,
    more: &[Step],
    values: Vec<f64>,
    cost: usize,
    known: &mut HashSet<u64>,
) {
    if let Some(hash) = semantic_hash(&values)
        && known.insert(hash)
    {
        let mut steps = peels[from].steps.clone();
        steps.extend_from_slice(more);
        peels.push(Peel { steps, values, cost });
    }
}

fn try_function(peels: &mut Vec<Peel>, p: usize, op: Op, cost: usize, known: &mut HashSet<u64>) {
    let (low, high) = range(&peels[p].values);
    let one_sign = low >= 0.0 || high <= 0.0;
    let fits = |low: f64, high: f64| match op {
        Op::Reciprocal => low > 0.0 || high < 0.0,
        Op::Square => one_sign,
        Op::Sqrt => low >= 0.0,
        Op::Ln => low > 0.0,
        Op::Exp => high < 30.0 && low > -30.0,
        Op::Asin | Op::Acos => low >= -1.0 && high <= 1.0,
        Op::Sin => (low >= -FRAC_PI_2 && high <= FRAC_PI_2) || (low >= FRAC_PI_2 && high <= 3.0 * FRAC_PI_2),
        Op::Cos => low >= 0.0 && high <= PI,
        Op::Tan => low > -1.5 && high < 1.5,
        _ => false,
    };
    if fits(low, high) {
        let values = peels[p].values.iter().map(|v| op.value(*v)).collect();
        push(peels, p, &[Step::Apply(op)], values, cost, known);
    } else if matches!(op, Op::Sqrt | Op::Ln) && fits(-high, -low) {
        let values = peels[p].values.iter().map(|v| op.value(-*v)).collect();
        push(peels, p, &[Step::Apply(Op::Neg), Step::Apply(op)], values, cost, known);
    }
}
