//! Frequencies by scanning: an oscillation in an inner product has too many local minima for any descent.
//!
//! For each inner product `u` the sum `c_0 + c_1 cos(w u) + c_2 sin(w u)` is solved on a grid of frequencies that
//! is finer than the width of a minimum; the best are refined by the inner solver.

use super::context::Context;
use super::discretise::eliminate;
use super::feature::power;
use super::head::Head;
use super::judge::Found;
use super::pursuit::{Column, polynomial, products};
use super::shape::{Link, Power, Shape, Term, Unit};
use crate::data::thinned;
use crate::expr::{Expr, Op};
use crate::least_squares::{dot, linear_fit_and_rest, subtract};

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

/// Spacing of the grid of wave vectors, in radians between the ends of the data, and the largest.
const SPACING: f64 = 1.5;
const PLANE_TURNS: f64 = 100.0;

/// Rows that waves are scanned for on.
const SCANNED: usize = 400;

/// Inputs whose pairs are scanned.
const WIDEST: usize = 10;

/// Waves that are refined.
const WAVES: usize = 4;

/// Share of the variance that a wave has to carry.
const CARRIES: f64 = 0.1;

/// Columns of the polynomial beside a wave, and how much of the target it has to explain to be there.
const BESIDE: usize = 36;
const EXPLAINS: f64 = 0.02;

/// Steps of Gauss and Newton for wave vectors.
const STEPS: usize = 12;

/// Terms whose coefficient is below so many of its standard errors are left out.
const ERRORS: f64 = 3.5;

/// Oscillations in a sum of two inputs: `c_0 + c_1 cos(w_1 x_1 + w_2 x_2 + phase)`, alone and beside a polynomial of degree 2.
/// The periodogram of what the polynomial leaves, on a grid of wave vectors, finds the waves, descent refines them.
pub(crate) fn plane_waves(context: &Context<'_>) -> Vec<Found> {
    let columns = context.view.views();
    let target = &context.view.target;
    let n = target.len();
    let weights = context.view.weights.clone().unwrap_or_else(|| vec![1.0; n]);
    let mut found = Vec::new();
    let mut before: Option<f64> = None;
    let polynomial = polynomial(columns.len(), 2, BESIDE.min(n / 12));
    for base in [Vec::new(), polynomial] {
        let factor = |&(i, p): &(usize, f64)| power(&Expr::variable(i), p, context.allowed);
        let base: Vec<Expr> = base.iter().filter_map(|c| c.iter().map(factor).reduce(|a, b| a * b)).collect();
        let values: Vec<Vec<f64>> = base.iter().map(|e| e.evaluate(&columns)).collect();
        let ones = vec![1.0; n];
        let mut views: Vec<&[f64]> = vec![&ones];
        views.extend(values.iter().map(Vec::as_slice));
        let Some((_, rest)) = linear_fit_and_rest(&views, target, Some(&weights)) else { continue };
        let left = norm(&rest, &weights);
        if !(left > 0.0) || before.is_some_and(|b| left > (1.0 - EXPLAINS) * b) {
            continue;
        }
        before = Some(left);
        for (inputs, wave) in waves(context, &columns, &rest, &weights) {
            found.extend(beside_wave(context, (&base, &views), inputs, wave, &weights));
            if found.iter().any(Found::is_exact) {
                return found;
            }
        }
    }
    found
}

/// The weighted sum of squares.
fn norm(values: &[f64], weights: &[f64]) -> f64 {
    values.iter().zip(weights).map(|(v, w)| w * v * v).sum()
}

/// The wave vectors, in pairs of inputs, that carry most of `rest`.
fn waves(
    context: &Context<'_>,
    columns: &[&[f64]],
    rest: &[f64],
    weights: &[f64],
) -> Vec<([usize; 2], [f64; 2])> {
    let (rest, weights) = (thinned(rest, SCANNED), thinned(weights, SCANNED));
    let columns: Vec<Vec<f64>> = columns.iter().map(|c| thinned(c, SCANNED)).collect();
    let n = rest.len();
    let total: f64 = weights.iter().sum();
    let y: Vec<f64> = rest.iter().zip(&weights).map(|(r, w)| r * w).collect();
    let variance = norm(&rest, &weights) / total;
    let ranges: Vec<f64> = columns
        .iter()
        .map(|c| {
            let (low, high) = c.iter().fold((f64::MAX, f64::MIN), |(l, h), x| (l.min(*x), h.max(*x)));
            high - low
        })
        .collect();
    // Power as a share of the variance, inputs, wave vector.
    let mut hits: Vec<(f64, [usize; 2], [f64; 2])> = Vec::new();
    let steps = (PLANE_TURNS / SPACING) as i32;
    for j in 0..columns.len().min(WIDEST) {
        for i in 0..j {
            if context.control.is_stopped() {
                return Vec::new();
            }
            if !(ranges[i] > 0.0 && ranges[j] > 0.0) {
                continue;
            }
            let (a, b) = (SPACING / ranges[i], SPACING / ranges[j]);
            let mut best = (0.0, [0.0; 2]);
            // Every row turns by its own step from one wave vector to the next.
            let turns: Vec<(f64, f64)> = columns[j].iter().map(|x| (b * x).sin_cos()).collect();
            for k in 0..=steps {
                let mut now: Vec<(f64, f64)> = (0..n)
                    .map(|r| {
                        let (s, c) = (f64::from(k) * a * columns[i][r]
                            - f64::from(steps) * b * columns[j][r])
                            .sin_cos();
                        (y[r] * s, y[r] * c)
                    })
                    .collect();
                for l in -steps..=steps {
                    let (mut sine, mut cosine) = (0.0, 0.0);
                    for ((s, c), (ds, dc)) in now.iter_mut().zip(&turns) {
                        sine += *s;
                        cosine += *c;
                        (*s, *c) = (*s * dc + *c * ds, *c * dc - *s * ds);
                    }
                    let power = 2.0 * (sine * sine + cosine * cosine) / (total * total * variance);
                    // Waves in one input alone are scanned for elsewhere.
                    if k > 0 && l != 0 && power > best.0 {
                        best = (power, [f64::from(k) * a, f64::from(l) * b]);
                    }
                }
            }
            hits.push((best.0, [i, j], best.1));
        }
    }
    context.control.count((hits.len() * 1000) as u64);
    hits.retain(|h| h.0 > CARRIES);
    hits.sort_by(|a, b| b.0.total_cmp(&a.0));
    hits.into_iter().take(WAVES).map(|(_, inputs, wave)| (inputs, wave)).collect()
}

/// A wave, refined together with the terms beside it, those that it does not need left out.
fn beside_wave(
    context: &Context<'_>,
    (base, views): (&[Expr], &[&[f64]]),
    [i, j]: [usize; 2],
    [mut a, mut b]: [f64; 2],
    weights: &[f64],
) -> Vec<Found> {
    let columns = context.view.views();
    let target = &context.view.target;
    let (x, z) = (columns[i], columns[j]);
    let oscillation = |a: f64, b: f64| -> (Vec<f64>, Vec<f64>) {
        x.iter().zip(z).map(|(x, z)| (a * x + b * z).sin_cos()).unzip()
    };
    // Linear in everything but the wave vector: its derivatives are two more columns.
    for _ in 0..STEPS {
        let (sine, cosine) = oscillation(a, b);
        let mut all = views.to_vec();
        all.extend([sine.as_slice(), cosine.as_slice()]);
        let Some((c, rest)) = linear_fit_and_rest(&all, target, Some(weights)) else { return Vec::new() };
        let (s, t) = (c[views.len()], c[views.len() + 1]);
        let slope: Vec<f64> = sine.iter().zip(&cosine).map(|(u, v)| s * v - t * u).collect();
        let along = |x: &[f64]| -> Vec<f64> { slope.iter().zip(x).map(|(d, x)| d * x).collect() };
        let (da, db) = (along(x), along(z));
        all.extend([da.as_slice(), db.as_slice()]);
        let Some((c, _)) = linear_fit_and_rest(&all, target, Some(weights)) else { return Vec::new() };
        let (step_a, step_b) = (c[views.len() + 2], c[views.len() + 3]);
        (a, b) = (a + step_a, b + step_b);
        if norm(&rest, weights) == 0.0 || step_a.abs() + step_b.abs() < 1e-15 * (a.abs() + b.abs()) {
            break;
        }
    }
    let (sine, cosine) = oscillation(a, b);
    let phases = Expr::parameter(a) * Expr::variable(i) + Expr::parameter(b) * Expr::variable(j);
    let mut kept: Vec<usize> = (1..views.len()).collect();
    let fit = |kept: &[usize]| {
        let mut chosen: Vec<&[f64]> = vec![views[0], &sine, &cosine];
        chosen.extend(kept.iter().map(|k| views[*k]));
        linear_fit_and_rest(&chosen, target, Some(weights)).map(|(c, rest)| (chosen, c, rest))
    };
    // Weak terms go all at once, then once more beside what is left.
    for _ in 0..3 {
        let Some((chosen, c, rest)) = fit(&kept) else { return Vec::new() };
        let freedom = target.len().saturating_sub(chosen.len()).max(1) as f64;
        let floor = norm(target, weights) * 1e-26;
        let error = (norm(&rest, weights).max(floor) / freedom).sqrt();
        let strong = |m: usize| {
            let others: Vec<&[f64]> =
                chosen.iter().enumerate().filter(|(o, _)| *o != m).map(|(_, v)| *v).collect();
            linear_fit_and_rest(&others, chosen[m], Some(weights))
                .is_none_or(|(_, own)| c[m].abs() * norm(&own, weights).sqrt() > ERRORS * error)
        };
        let before = kept.len();
        kept = (0..before).filter(|k| strong(k + 3)).map(|k| kept[k]).collect();
        if kept.len() == before {
            break;
        }
    }
    let Some((_, c, _)) = fit(&kept) else { return Vec::new() };
    let terms: Vec<Expr> =
        kept.iter().zip(&c[3..]).map(|(k, c)| Expr::parameter(*c) * base[k - 1].clone()).collect();
    let beside = terms.into_iter().reduce(|a, b| a + b);
    let shifted = phases.clone() + Expr::parameter((-c[1]).atan2(c[2]));
    let mut found = Vec::new();
    for wave in [
        Expr::parameter(c[1]) * phases.apply(Op::Sin),
        Expr::parameter(c[2]) * phases.apply(Op::Cos),
        Expr::parameter(c[1].hypot(c[2])) * shifted.apply(Op::Cos),
    ] {
        let wave = beside.iter().fold(wave, |w, b| w + b.clone());
        for formula in [wave.clone(), wave + Expr::parameter(c[0])] {
            found.extend(context.judge.assess(&context.view.lift(formula), "product_dag/plane_waves"));
        }
    }
    found
}

/// Unexplained sum of squares of `y` beside `1, a cos(w u), a sin(w u)`.
fn residual(u: &[f64], scaled: &[f64], weights: &[f64], y: &[f64], w: f64, n: usize) -> f64 {
    let (mut c, mut s) = (vec![0.0; n], vec![0.0; n]);
    for i in 0..n {
        let (sin, cos) = (w * u[i]).sin_cos();
        c[i] = cos * scaled[i] * weights[i];
        s[i] = sin * scaled[i] * weights[i];
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
