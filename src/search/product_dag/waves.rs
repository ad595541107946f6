//! Waves in two inputs, found by their periodogram: plane waves `cos(a x + b z + phase)`, and standing waves
//! `cos(a x + phase) cos(b z + phase)`, which are two plane waves, alone, with an amplitude, and beside a polynomial.

use super::context::Context;
use super::feature::power;
use super::judge::Found;
use super::pursuit::polynomial;
use super::turning::Waves;
use crate::data::thinned;
use crate::expr::vector_math::sin_cos;
use crate::expr::{Expr, Op};
use crate::least_squares::{linear_fit, linear_fit_and_rest};
use std::f64::consts::TAU;

/// Spacing of the grid of wave vectors, in radians between the ends of the data, and the largest.
const SPACING: f64 = 1.5;
const PLANE_TURNS: f64 = 100.0;

/// Radians between the ends of the data from which on a standing wave or one with an amplitude is told from any smooth function,
/// which a few slow oscillations come near to.
const TURN: f64 = 2.0 * TAU;

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

/// A power or rate of the amplitude, in its standard errors, at least; what is left of `ln |y|` scatters about it.
const SEEN: f64 = 4.0;

/// The weaker part of a standing wave that is none, relative to the stronger.
const NO_PRODUCT: f64 = 0.03;

/// A sine beside a cosine, or the reverse, below this share is taken for none, or may be none.
const NO_PHASE: f64 = 1e-4;
const SMALL_PHASE: f64 = 0.1;

/// What waves are looked for in: a target that is `amplitude` times what is left to find.
struct Rows<'a> {
    amplitude: Option<Expr>,
    target: Vec<f64>,
    weights: Vec<f64>,
    columns: Vec<&'a [f64]>,
}

/// A polynomial beside the waves: its terms, and their values with those of a constant before them.
struct Base<'a> {
    terms: &'a [Expr],
    values: &'a [&'a [f64]],
}

/// Oscillations in two inputs: of the target and of the target without its amplitude, alone and beside a polynomial of degree 2.
/// The periodogram of what the polynomial leaves, on a grid of wave vectors, finds the waves, descent refines them.
pub(crate) fn waves(context: &Context<'_>) -> Vec<Found> {
    let target = context.view.target.clone();
    let weights = context.view.weights.clone().unwrap_or_else(|| vec![1.0; target.len()]);
    let rows = Rows { amplitude: None, target, weights, columns: context.view.views() };
    let mut found = waves_in(context, &rows);
    if !found.iter().any(Found::is_exact)
        && let Some(rows) = without_amplitude(context, &rows)
    {
        found.extend(waves_in(context, &rows));
    }
    found
}

/// The target without powers and exponentials of the inputs, at the slopes of `ln |y|` that stand out.
fn without_amplitude<'a>(context: &Context<'_>, rows: &Rows<'a>) -> Option<Rows<'a>> {
    let n = rows.target.len();
    let log = |x: &[f64]| -> Vec<f64> { x.iter().map(|x| x.abs().ln()).collect() };
    let y = log(&rows.target);
    let mut factors: Vec<(bool, usize, Vec<f64>)> = Vec::new();
    for (i, x) in rows.columns.iter().enumerate() {
        factors.push((true, i, log(x)));
        factors.push((false, i, x.to_vec()));
    }
    factors.retain(|f| f.2.iter().all(|v| v.is_finite()));
    if n < 4 * (factors.len() + 1) || !y.iter().all(|v| v.is_finite()) {
        return None;
    }
    let ones = vec![1.0; n];
    let mut views: Vec<&[f64]> = vec![&ones];
    views.extend(factors.iter().map(|f| f.2.as_slice()));
    let (slopes, rest) = linear_fit_and_rest(&views, &y, None)?;
    let error = (norm(&rest, &ones) / n as f64).sqrt();
    let mut amplitude: Option<Expr> = None;
    for (k, (is_power, i, _)) in factors.iter().enumerate() {
        let slope = slopes[k + 1];
        if slope.abs() * own(&views, k + 1, &ones)? < SEEN * error {
            continue;
        }
        let factor = match is_power {
            true if slope.round() == 0.0 || (slope < 0.0 && !context.allowed.division) => continue,
            true => {
                let size = power(&Expr::variable(*i), slope.round().abs(), context.allowed);
                if slope < 0.0 { Expr::constant(1.0) / size } else { size }
            }
            false if !context.allowed.has(Op::Exp) => continue,
            false => (Expr::parameter(slope) * Expr::variable(*i)).apply(Op::Exp),
        };
        amplitude = Some(amplitude.map_or(factor.clone(), |a| a * factor));
    }
    let amplitude = amplitude?;
    let size = amplitude.evaluate(&rows.columns);
    let target: Vec<f64> = rows.target.iter().zip(&size).map(|(y, a)| y / a).collect();
    let weights: Vec<f64> = rows.weights.iter().zip(&size).map(|(w, a)| w * a * a).collect();
    let usable = target.iter().chain(&weights).all(|v| v.is_finite());
    usable.then(|| Rows { amplitude: Some(amplitude), target, weights, columns: rows.columns.clone() })
}

fn waves_in(context: &Context<'_>, rows: &Rows<'_>) -> Vec<Found> {
    let n = rows.target.len();
    let mut found = Vec::new();
    let mut before: Option<f64> = None;
    let polynomial = polynomial(rows.columns.len(), 2, BESIDE.min(n / 12));
    for base in [Vec::new(), polynomial] {
        let factor = |&(i, p): &(usize, f64)| power(&Expr::variable(i), p, context.allowed);
        let terms: Vec<Expr> =
            base.iter().filter_map(|c| c.iter().map(factor).reduce(|a, b| a * b)).collect();
        let values: Vec<Vec<f64>> = terms.iter().map(|e| e.evaluate(&rows.columns)).collect();
        let ones = vec![1.0; n];
        let mut views: Vec<&[f64]> = vec![&ones];
        views.extend(values.iter().map(Vec::as_slice));
        let Some((_, rest)) = linear_fit_and_rest(&views, &rows.target, Some(&rows.weights)) else {
            continue;
        };
        let left = norm(&rest, &rows.weights);
        if !(left > 0.0) || before.is_some_and(|b| left > (1.0 - EXPLAINS) * b) {
            continue;
        }
        before = Some(left);
        let base = Base { terms: &terms, values: &views };
        for (inputs, wave) in wave_vectors(context, rows, &rest) {
            let turns = inputs.iter().zip(wave).any(|(i, w)| w.abs() * range(rows.columns[*i]) >= TURN);
            let travels = turns || rows.amplitude.is_none();
            for directions in
                [(travels, &[1.0][..]), (turns, &[1.0, -1.0])].iter().filter(|d| d.0).map(|d| d.1)
            {
                found.extend(beside_wave(context, rows, &base, inputs, wave, directions));
                if found.iter().any(Found::is_exact) {
                    return found;
                }
            }
        }
    }
    found
}

/// The weighted sum of squares.
fn norm(values: &[f64], weights: &[f64]) -> f64 {
    values.iter().zip(weights).map(|(v, w)| w * v * v).sum()
}

/// What a column has of its own beside the others, as a root of a sum of squares.
fn own(columns: &[&[f64]], which: usize, weights: &[f64]) -> Option<f64> {
    let others: Vec<&[f64]> =
        columns.iter().enumerate().filter(|(o, _)| *o != which).map(|(_, v)| *v).collect();
    let (_, own) = linear_fit_and_rest(&others, columns[which], Some(weights))?;
    Some(norm(&own, weights).sqrt())
}

/// From the lowest to the highest.
fn range(values: &[f64]) -> f64 {
    let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(l, h), x| (l.min(*x), h.max(*x)));
    high - low
}

/// The wave vectors, in pairs of inputs, that carry most of `rest`.
fn wave_vectors(context: &Context<'_>, rows: &Rows<'_>, rest: &[f64]) -> Vec<([usize; 2], [f64; 2])> {
    let (rest, weights) = (thinned(rest, SCANNED), thinned(&rows.weights, SCANNED));
    let columns: Vec<Vec<f64>> = rows.columns.iter().map(|c| thinned(c, SCANNED)).collect();
    let total: f64 = weights.iter().sum();
    let y: Vec<f64> = rest.iter().zip(&weights).map(|(r, w)| r * w).collect();
    let variance = norm(&rest, &weights) / total;
    let ranges: Vec<f64> = columns.iter().map(|c| range(c)).collect();
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
            let step = Waves::at(columns[j].iter().map(|x| b * x));
            for k in 0..=steps {
                let first = columns[i].iter().zip(&columns[j]);
                let angles = first.map(|(x, z)| f64::from(k) * a * x - f64::from(steps) * b * z);
                let mut now = Waves::at(angles).scaled(&y);
                for l in -steps..=steps {
                    let (sine, cosine) = now.sum_and_turn(&step);
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

/// Waves along these directions of the second input, refined together with the terms beside them, those that they do not need
/// left out.
fn beside_wave(
    context: &Context<'_>,
    rows: &Rows<'_>,
    base: &Base<'_>,
    [i, j]: [usize; 2],
    [mut a, mut b]: [f64; 2],
    directions: &[f64],
) -> Vec<Found> {
    let (target, weights) = (&rows.target, rows.weights.as_slice());
    let (x, z) = (rows.columns[i], rows.columns[j]);
    // A sine and a cosine for every direction.
    let oscillations = |a: f64, b: f64| -> Vec<Vec<f64>> {
        let of = |d: &f64| -> (Vec<f64>, Vec<f64>) {
            let angles: Vec<f64> = x.iter().zip(z).map(|(x, z)| a * x + d * b * z).collect();
            let (mut s, mut c) = (vec![0.0; angles.len()], vec![0.0; angles.len()]);
            sin_cos(&angles, &mut s, &mut c);
            (s, c)
        };
        directions.iter().map(of).flat_map(|(s, c)| [s, c]).collect()
    };
    let size = base.values.len();
    // Linear in everything but the wave vector: its derivatives are two more columns.
    for _ in 0..STEPS {
        let now = oscillations(a, b);
        let mut all = base.values.to_vec();
        all.extend(now.iter().map(Vec::as_slice));
        let Some((c, rest)) = linear_fit_and_rest(&all, target, Some(weights)) else { return Vec::new() };
        let (mut da, mut db) = (vec![0.0; target.len()], vec![0.0; target.len()]);
        for (k, d) in directions.iter().enumerate() {
            let (s, t) = (c[size + 2 * k], c[size + 2 * k + 1]);
            for r in 0..target.len() {
                let slope = s * now[2 * k + 1][r] - t * now[2 * k][r];
                da[r] += slope * x[r];
                db[r] += d * slope * z[r];
            }
        }
        all.extend([da.as_slice(), db.as_slice()]);
        let Some(c) = linear_fit(&all, target, Some(weights)) else { return Vec::new() };
        let (step_a, step_b) = (c[all.len() - 2], c[all.len() - 1]);
        (a, b) = (a + step_a, b + step_b);
        if norm(&rest, weights) == 0.0 || step_a.abs() + step_b.abs() < 1e-15 * (a.abs() + b.abs()) {
            break;
        }
    }
    let now = oscillations(a, b);
    let mut kept: Vec<usize> = (1..size).collect();
    let fixed = 1 + now.len();
    let fit = |kept: &[usize]| {
        let mut chosen: Vec<&[f64]> = vec![base.values[0]];
        chosen.extend(now.iter().map(Vec::as_slice));
        chosen.extend(kept.iter().map(|k| base.values[*k]));
        linear_fit_and_rest(&chosen, target, Some(weights)).map(|(c, rest)| (chosen, c, rest))
    };
    // Weak terms go all at once, then once more beside what is left.
    for _ in 0..3 {
        let Some((chosen, c, rest)) = fit(&kept) else { return Vec::new() };
        let freedom = target.len().saturating_sub(chosen.len()).max(1) as f64;
        let floor = norm(target, weights) * 1e-26;
        let error = (norm(&rest, weights).max(floor) / freedom).sqrt();
        let strong = |m: usize| own(&chosen, m, weights).is_none_or(|own| c[m].abs() * own > ERRORS * error);
        let before = kept.len();
        kept = (0..before).filter(|k| strong(k + fixed)).map(|k| kept[k]).collect();
        if kept.len() == before {
            break;
        }
    }
    let Some((_, c, _)) = fit(&kept) else { return Vec::new() };
    let terms: Vec<Expr> =
        kept.iter().zip(&c[fixed..]).map(|(k, c)| Expr::parameter(*c) * base.terms[k - 1].clone()).collect();
    let beside = terms.into_iter().reduce(|a, b| a + b);
    let along = |w: f64, i: usize| Expr::parameter(w) * Expr::variable(i);
    let waves = match c[1..fixed] {
        [s, t] => travelling(&(along(a, i) + along(b, j)), s, t),
        [s, t, u, v] => standing(&along(a, i), &along(b, j), [s, t, u, v]),
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for wave in waves {
        let wave = beside.iter().fold(wave, |w, b| w + b.clone());
        for formula in [wave.clone(), wave + Expr::parameter(c[0])] {
            let law = rows.amplitude.clone().map_or(formula.clone(), |a| a * formula);
            found.extend(context.judge.assess(&context.view.lift(law), "product_dag/waves"));
        }
    }
    found
}

/// `s sin u + t cos u`: one of them, or a cosine with a phase.
fn travelling(u: &Expr, s: f64, t: f64) -> Vec<Expr> {
    let shifted = u.clone() + Expr::parameter((-s).atan2(t));
    vec![
        Expr::parameter(s) * u.apply(Op::Sin),
        Expr::parameter(t) * u.apply(Op::Cos),
        Expr::parameter(s.hypot(t)) * shifted.apply(Op::Cos),
    ]
}

/// `s sin(u + v) + t cos(u + v) + p sin(u - v) + q cos(u - v)` as a product of two oscillations, if it is one.
fn standing(u: &Expr, v: &Expr, [s, t, p, q]: [f64; 4]) -> Vec<Expr> {
    // Coefficients of cos u and sin u (rows) with cos v and sin v.
    let m = [[t + q, s - p], [s + p, q - t]];
    let total: f64 = m.iter().flatten().map(|x| x * x).sum();
    if (m[0][0] * m[1][1] - m[0][1] * m[1][0]).abs() > NO_PRODUCT * total {
        return Vec::new();
    }
    // Both rows are multiples of the longer one.
    let length = |row: [f64; 2]| row[0].hypot(row[1]);
    let longer = if length(m[0]) >= length(m[1]) { m[0] } else { m[1] };
    let along = m.map(|row| (row[0] * longer[0] + row[1] * longer[1]) / length(longer));
    // `c cos u + s sin u` without its length: as one of them where the other is small, and with a phase.
    let oscillations = |u: &Expr, [c, s]: [f64; 2]| -> Vec<(f64, Expr)> {
        let share = |small: f64, large: f64| small.abs() / large.abs().max(f64::MIN_POSITIVE);
        let mut out = Vec::new();
        if share(s, c) < SMALL_PHASE {
            out.push((c.signum(), u.apply(Op::Cos)));
        }
        if share(c, s) < SMALL_PHASE {
            out.push((s.signum(), u.apply(Op::Sin)));
        }
        if share(s, c).min(share(c, s)) > NO_PHASE {
            out.push((1.0, (u.clone() + Expr::parameter((-s).atan2(c))).apply(Op::Cos)));
        }
        out
    };
    let mut products = Vec::new();
    for (sign, first) in oscillations(u, along) {
        for (other, second) in oscillations(v, longer) {
            products.push(Expr::parameter(sign * other * total.sqrt()) * first.clone() * second);
        }
    }
    products
}
