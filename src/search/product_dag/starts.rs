//! Multi-start variable projection over shapes with free exponents.

use super::context::Context;
use super::head::Head;
use super::judge::Found;
use super::shape::{Link, Power, Shape, Term, Unit};
use crate::expr::Op;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// What a start looks like; exponents are drawn.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) head: Head,
    pub(crate) constant: bool,
    /// Per term: features beside the inputs, and functions of inner products.
    pub(crate) terms: Vec<(Vec<usize>, Vec<Link>)>,
    /// How many draws.
    pub(crate) starts: usize,
}

/// Solves `plan.starts` draws of a plan and follows up the best.
pub(crate) fn multi_start(context: &Context<'_>, plan: &Plan, rng: &mut ChaCha8Rng) -> Vec<Found> {
    let Some(target) = context.transform(plan.head) else { return Vec::new() };
    let inner = context.inner(&target);
    let mut solved = Vec::new();
    for _ in 0..plan.starts {
        if context.control.is_stopped() {
            break;
        }
        let mut shape = draw(context, plan, rng);
        let cost = inner.solve(&mut shape, 50);
        solved.push((shape, cost));
        if cost < 1e-13 {
            break;
        }
    }
    context.follow_up(&inner, solved, 2, "product_dag/sum")
}

/// Exponents as they are distributed in laws: mostly 0 and 1.
fn exponent(rng: &mut ChaCha8Rng, division: bool) -> f64 {
    let p = match rng.random_range(0..100) {
        0..50 => 0.0,
        50..70 => 1.0,
        70..85 => -1.0,
        85..93 => 2.0,
        _ => -2.0,
    };
    let p: f64 = if division { p } else { f64::abs(p) };
    p + rng.random_range(-0.1..0.1)
}

fn draw(context: &Context<'_>, plan: &Plan, rng: &mut ChaCha8Rng) -> Shape {
    let division = context.allowed.division;
    let inputs = |rng: &mut ChaCha8Rng| -> Vec<Power> {
        (0..context.inputs).map(|i| Power::free(i, exponent(rng, division))).collect()
    };
    let terms = plan
        .terms
        .iter()
        .map(|(atoms, links)| {
            let mut powers = inputs(rng);
            for &a in atoms {
                let choices: &[f64] =
                    if division { &[1.0, 1.0, -1.0, 0.5, -0.5, 2.0] } else { &[1.0, 1.0, 2.0] };
                powers.push(Power::free(a, choices[rng.random_range(0..choices.len())]));
            }
            let units = links.iter().map(|link| unit(*link, inputs(rng), rng)).collect();
            Term { powers, units }
        })
        .collect();
    Shape { constant: plan.constant, terms, coefficients: Vec::new() }
}

/// A function of an inner product with a drawn slope.
fn unit(link: Link, inner: Vec<Power>, rng: &mut ChaCha8Rng) -> Unit {
    let slopes: &[f64] = match link {
        Link::Binomial | Link::LnBinomial => &[-0.3, 0.5, -0.6, 1.0, 2.0],
        Link::Function(Op::Sin | Op::Cos) => &[0.4, 0.7, 1.5, 3.0, 6.0, 12.0],
        Link::Function(_) => &[-1.0, 1.0, 0.3, -0.3, 2.5],
    };
    Unit {
        link,
        inner,
        slope: slopes[rng.random_range(0..slopes.len())] * rng.random_range(0.8..1.2),
        shift: if matches!(link, Link::Function(_)) { 0.0 } else { 1.0 },
        // A shift of sin, cos, exp or ln is another coefficient or another function.
        free_shift: matches!(link, Link::Function(op) if !matches!(op, Op::Sin | Op::Cos | Op::Exp | Op::Ln)),
        exponent: [-0.5, 0.5, -1.0][rng.random_range(0..3)],
        free_exponent: link == Link::Binomial,
    }
}
