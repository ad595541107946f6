//! Frequencies by scanning: an oscillation in an inner product has too many local minima for any descent.
//!
//! For each inner product `u` the sum `c_0 + c_1 cos(w u) + c_2 sin(w u)` is solved on a grid of frequencies that
//! is finer than the width of a minimum; the best are refined by the inner solver.

use super::context::Context;
use super::discretise::eliminate;
use super::head::Head;
use super::judge::Found;
use super::pursuit::{Column, products};
use super::shape::{Link, Power, Shape, Term, Unit};
use crate::expr::Op;
use crate::expr::vector_math::sin_cos;
use crate::least_squares::{dot, subtract};

/// Largest number of radians between the ends of the data.
const TURNS: f64 = 130.0;

/// Scans the frequency of an oscillation whose amplitude is `prefactor` (features with exponents).
pub(crate) fn frequencies(
    context: &Context<'_>,
    head: Head,
    prefactor: &[(usize, f64)],
    most: usize,
) -> Vec<Found> {
    let Some(target) = context.transform(head) else { return Vec::new() };
    let inner = context.inner(&target);
    let n = inner.rows();
    let inputs: Vec<usize> = (0..context.inputs).collect();
    let mut exponents = vec![1.0];
    if context.allowed.division {
        exponents.push(-1.0);
    }
    exponents.push(2.0);
    let amplitude: Vec<Power> =
        prefactor.iter().map(|&(f, p)| Power::fixed(f, p * context.features[f].scale)).collect();
    let weights = &target.root_weights;
    let y: Vec<f64> = target.values.iter().zip(weights).map(|(v, w)| v * w).collect();
    let scaled = inner.column(&Term::product(amplitude.clone()));
    // Cost, inner product, frequency.
    let mut hits: Vec<(f64, Column, f64)> = Vec::new();
    for inner_product in products(&inputs, &exponents, 4, most) {
        if context.control.is_stopped() {
            break;
        }
        let powers: Vec<Power> = inner_product.iter().map(|&(f, p)| Power::fixed(f, p)).collect();
        let u = inner.column(&Term::product(powers));
        let (low, high) = u.iter().fold((f64::MAX, f64::MIN), |(l, h), x| (l.min(*x), h.max(*x)));
        let range = (high - low).max(high.abs()).max(low.abs());
        if !(range.is_finite() && range > 0.0) {
            continue;
        }
        let mut best = (f64::INFINITY, 0.0);
        let mut w = 0.4 / range;
        while w * range < TURNS {
            let cost = residual(&u, &scaled, weights, &y, w, n);
            if cost < best.0 {
                best = (cost, w);
            }
            // A minimum is about two radians wide at the far end of the data.
            w += 0.5 / range;
        }
        hits.push((best.0, inner_product, best.1));
    }
    hits.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut found = Vec::new();
    for (cost, inner_product, slope) in hits.into_iter().take(3) {
        if !(cost < 0.6) {
            break;
        }
        let powers: Vec<Power> = inner_product.iter().map(|&(f, p)| Power::fixed(f, p)).collect();
        let wave = |op| Term {
            powers: amplitude.clone(),
            units: vec![Unit {
                link: Link::Function(op),
                inner: powers.clone(),
                slope,
                shift: 0.0,
                free_shift: false,
                exponent: 1.0,
                free_exponent: false,
            }],
        };
        let mut solved: Vec<(Shape, f64)> = Vec::new();
        for terms in [vec![wave(Op::Cos)], vec![wave(Op::Sin)], vec![wave(Op::Cos), wave(Op::Sin)]] {
            for constant in [false, true] {
                let mut shape = Shape { constant, terms: terms.clone(), coefficients: Vec::new() };
                let cost = inner.solve(&mut shape, 30);
                solved.push((shape, cost));
            }
        }
        solved.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (shape, cost) = &solved[0];
        let (shape, _) = eliminate(&inner, shape, *cost);
        found.extend(context.write(&inner, &shape, "product_dag/frequency"));
        if found.iter().any(Found::is_exact) {
            break;
        }
    }
    found
}

/// Unexplained sum of squares of `y` beside `1, a cos(w u), a sin(w u)`.
fn residual(u: &[f64], scaled: &[f64], weights: &[f64], y: &[f64], w: f64, n: usize) -> f64 {
    let (mut c, mut s) = (vec![0.0; n], vec![0.0; n]);
    let angles: Vec<f64> = u[..n].iter().map(|u| w * u).collect();
    sin_cos(&angles, &mut s, &mut c);
    for i in 0..n {
        c[i] *= scaled[i] * weights[i];
        s[i] *= scaled[i] * weights[i];
    }
    let mut rest = y.to_vec();
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(3);
    for mut v in [weights.to_vec(), c, s] {
        let size = dot(&v, &v);
        for q in &basis {
            let d = dot(q, &v);
            subtract(&mut v, d, q);
        }
        let norm = dot(&v, &v);
        if norm > 1e-12 * size {
            v.iter_mut().for_each(|x| *x /= norm.sqrt());
            let d = dot(&v, &rest);
            subtract(&mut rest, d, &v);
            basis.push(v);
        }
    }
    dot(&rest, &rest)
}
