//! Constants inside of functions: rates, frequencies, shifts and exponents by root finding.
//!
//! In a law `t = D + b m(x) f(c, u(x))` the curve `c -> m f(c, u)` passes through the direction of `t` modulo D at
//! the true `c`. Along a grid of `c` one component of the cross product of the two sketches changes sign there
//! and the other vanishes with it; the sign change is bracketed and refined to rounding, so a grid that is
//! coarse against the accuracy of `c` is enough. One evaluation of `f` serves all targets and multipliers.

use super::frame::{Frame, Sketch, sketch, sketch_product};
use crate::expr::vector_math::{ln, powf};
use crate::expr::{Expr, Op, values_of};
use crate::search_space::PrimitiveSet;

/// A function of `u` with one constant inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// `exp(c u)`
    Exp,
    /// `sin(c u)`
    Sin,
    /// `cos(c u)`
    Cos,
    /// `1/(u + c)`
    Reciprocal,
    /// `ln(u + c)`
    Ln,
    /// `sqrt(u + c)`
    Sqrt,
    /// `u^c`
    Power,
    /// `tanh(c u)`
    Tanh,
    /// `1/(1 + exp(c u))`
    Logistic,
    /// `|u + c|`, for logarithms
    Shift,
    /// `1 - exp(c u)`, for logarithms
    Saturation,
    /// `1 + exp(c u)`, for logarithms
    OnePlusExp,
}

impl Family {
    /// Families in sums.
    pub(super) fn linear(primitives: &PrimitiveSet) -> Vec<Family> {
        let all = [
            (Family::Exp, Op::Exp),
            (Family::Sin, Op::Sin),
            (Family::Cos, Op::Cos),
            (Family::Reciprocal, Op::Div),
            (Family::Ln, Op::Ln),
            (Family::Sqrt, Op::Sqrt),
            (Family::Power, Op::Pow),
            (Family::Tanh, Op::Tanh),
            (Family::Logistic, Op::Exp),
        ];
        all.into_iter().filter(|f| primitives.uses(f.1)).map(|f| f.0).collect()
    }

    /// Families in products of powers.
    pub(super) fn logarithmic(primitives: &PrimitiveSet) -> Vec<Family> {
        let all = [
            (Family::Shift, Op::Mul),
            (Family::Sin, Op::Sin),
            (Family::Cos, Op::Cos),
            (Family::Saturation, Op::Exp),
            (Family::OnePlusExp, Op::Exp),
            (Family::Ln, Op::Ln),
            (Family::Tanh, Op::Tanh),
        ];
        all.into_iter().filter(|f| primitives.uses(f.1)).map(|f| f.0).collect()
    }

    /// The function over a column; `arguments` is room for the argument of its primitive.
    fn values(self, c: f64, u: &[f64], arguments: &mut [f64], out: &mut [f64]) {
        let each =
            |to: &mut [f64], f: &dyn Fn(f64) -> f64| to.iter_mut().zip(u).for_each(|(v, u)| *v = f(*u));
        let op = match self {
            Family::Exp | Family::Saturation | Family::OnePlusExp => Op::Exp,
            Family::Sin => Op::Sin,
            Family::Cos => Op::Cos,
            Family::Ln => Op::Ln,
            Family::Sqrt => Op::Sqrt,
            Family::Tanh => Op::Tanh,
            Family::Logistic => Op::Logistic,
            Family::Reciprocal => return each(out, &|u| 1.0 / (u + c)),
            Family::Shift => return each(out, &|u| u + c),
            Family::Power => {
                arguments.fill(c);
                return powf(u, arguments, out);
            }
        };
        match self {
            Family::Ln | Family::Sqrt => each(arguments, &|u| (u + c).abs()),
            Family::Logistic => each(arguments, &|u| -c * u),
            _ => each(arguments, &|u| c * u),
        }
        values_of(op, arguments, out);
        match self {
            Family::Saturation => out.iter_mut().for_each(|v| *v = 1.0 - *v),
            Family::OnePlusExp => out.iter_mut().for_each(|v| *v += 1.0),
            _ => {}
        }
    }

    /// The function as an expression; `above` tells whether `u + c > 0` on the data.
    pub(super) fn expr(self, c: f64, u: &Expr, u_values: &[f64]) -> Expr {
        let product = || Expr::parameter(c) * u.clone();
        let above = u_values.iter().all(|u| u + c >= 0.0);
        let shifted = || {
            if above { u.clone() + Expr::parameter(c) } else { Expr::parameter(-c) - u.clone() }
        };
        let one = || Expr::constant(1.0);
        match self {
            Family::Exp => product().apply(Op::Exp),
            Family::Sin => product().apply(Op::Sin),
            Family::Cos => product().apply(Op::Cos),
            Family::Reciprocal => one() / (u.clone() + Expr::parameter(c)),
            Family::Ln => shifted().apply(Op::Ln),
            Family::Sqrt => shifted().apply(Op::Sqrt),
            Family::Power => Expr::apply2(Op::Pow, u, &Expr::parameter(c)),
            Family::Tanh => product().apply(Op::Tanh),
            Family::Logistic => one() / (one() + product().apply(Op::Exp)),
            Family::Shift => u.clone() + Expr::parameter(c),
            Family::Saturation => one() - product().apply(Op::Exp),
            Family::OnePlusExp => one() + product().apply(Op::Exp),
        }
    }

    /// A few constants over the range that matters, to start a refinement from.
    pub(super) fn coarse(self, u: &[f64]) -> Vec<f64> {
        let step = match self {
            Family::Sin | Family::Cos => 4,
            Family::Exp | Family::Tanh | Family::Logistic | Family::Power => 6,
            _ => 8,
        };
        let mut grid = self.grid(u, 30.0);
        grid.retain(|c| c.is_finite());
        grid.into_iter().skip(step / 2).step_by(step).collect()
    }

    /// Trial constants, ascending within connected pieces; a NaN separates pieces.
    fn grid(self, u: &[f64], reach: f64) -> Vec<f64> {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for &x in u {
            low = low.min(x);
            high = high.max(x);
        }
        let largest = low.abs().max(high.abs());
        let spread = high - low;
        let geometric = |from: f64, to: f64, ratio: f64| {
            let n = ((to / from).ln() / ratio.ln()).ceil() as usize;
            (0..=n).map(move |k| from * ratio.powi(k as i32))
        };
        let mut out = Vec::new();
        match self {
            Family::Exp | Family::Saturation | Family::OnePlusExp | Family::Logistic | Family::Tanh => {
                let top = 40.0 / largest;
                let mut side: Vec<f64> = geometric(0.01 / largest.max(spread), top, 1.18).collect();
                side.retain(|c| *c <= top);
                if self != Family::Tanh {
                    out.extend(side.iter().rev().map(|c| -c));
                    out.push(f64::NAN);
                }
                out.extend(side);
            }
            Family::Sin | Family::Cos => {
                let step = 0.25 / largest;
                out.extend((1..(reach / 0.25) as usize).map(|k| step * (k as f64 - 0.35)));
            }
            Family::Power => {
                if low <= 0.0 {
                    return out;
                }
                out.extend((0..84).map(|k| -5.0 + 0.1217 * f64::from(k)));
            }
            Family::Reciprocal | Family::Ln | Family::Sqrt | Family::Shift => {
                let side: Vec<f64> = geometric(0.002 * spread, 300.0 * spread, 1.22).collect();
                out.extend(side.iter().map(|d| d - low));
                out.push(f64::NAN);
                out.extend(side.iter().map(|d| -high - d));
                if self == Family::Shift {
                    // The zero of a factor may lie among the data.
                    out.push(f64::NAN);
                    out.extend((0..=80).map(|k| -low - spread * (f64::from(k) + 0.37) / 81.0));
                }
            }
        }
        out
    }
}

/// What is looked for: a target's direction modulo the span, per target.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) peel: usize,
    pub(super) sketch: Sketch,
    pub(super) values: Vec<f64>,
}

/// A constant that was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) peel: usize,
    /// Index of the multiplier.
    pub(super) multiplier: usize,
    pub(super) constant: f64,
}

fn unit(s: &Sketch) -> [f64; 3] {
    let n = s.at[0].hypot(s.at[1]).hypot(s.at[2]);
    [s.at[0] / n, s.at[1] / n, s.at[2] / n]
}

/// Two components of the cross product, orthogonal to a generic direction.
#[inline]
fn cross(t: &[f64; 3], s: &[f64; 3]) -> [f64; 2] {
    let x = t[1] * s[2] - t[2] * s[1];
    let y = t[2] * s[0] - t[0] * s[2];
    let z = t[0] * s[1] - t[1] * s[0];
    // The third follows from t . (t x s) = 0, unless t is special; mixing avoids that.
    [x + 0.61 * y - 0.37 * z, 0.53 * x - y + 0.29 * z]
}

/// Scans one family over one `u`. `multipliers[k]` are functions on the fit rows, an empty one standing for 1;
/// `logarithm` scans `ln|f|`.
pub(super) fn scan(
    family: Family,
    logarithm: bool,
    u: &[f64],
    multipliers: &[Vec<f64>],
    wanted: &[Wanted],
    frame: &Frame,
    reach: f64,
) -> Vec<Found> {
    let rows = u.len();
    let (mut f, mut trial, mut room) = (vec![0.0; rows], vec![0.0; rows], vec![0.0; rows]);
    let mut fill = |c: f64, f: &mut [f64]| {
        family.values(c, u, &mut room, f);
        if logarithm {
            room.iter_mut().zip(&*f).for_each(|(r, f)| *r = f.abs());
            ln(&room, f);
        }
        f.iter().all(|f| f.is_finite())
    };
    let sketch_of = |m: &[f64], f: &[f64]| {
        if m.is_empty() { sketch(frame.probes(), f) } else { sketch_product(frame.probes(), f, m) }
    };
    let targets: Vec<[f64; 3]> = wanted.iter().map(|w| unit(&w.sketch)).collect();
    let width = wanted.len();
    let blank = [f64::NAN; 2];
    let mut last = vec![blank; multipliers.len() * width];
    let mut last_c = f64::NAN;
    let mut out = Vec::new();
    for c in family.grid(u, reach) {
        if c.is_nan() || !fill(c, &mut f) {
            last.fill(blank);
            last_c = f64::NAN;
            continue;
        }
        for (k, m) in multipliers.iter().enumerate() {
            let s = sketch_of(m, &f);
            let size = s.at[0].hypot(s.at[1]).hypot(s.at[2]);
            let usable = size > 1e-9 * s.norm;
            let s = unit(&s);
            for (j, t) in targets.iter().enumerate() {
                let now = if usable { cross(t, &s) } else { blank };
                let before = std::mem::replace(&mut last[k * width + j], now);
                // The curve may come back pointing the other way; that is the same line.
                if !(before[0] * now[0] < 0.0) {
                    continue;
                }
                let at = before[0] / (before[0] - now[0]);
                let other = before[1] + at * (now[1] - before[1]);
                let change = (now[0] - before[0]).abs() + (now[1] - before[1]).abs();
                if !(other.abs() < 0.25 * change) {
                    continue;
                }
                let value = |c: f64| {
                    fill(c, &mut trial).then(|| {
                        let s = unit(&sketch_of(m, &trial));
                        cross(t, &s)
                    })
                };
                if let Some(c) = root(last_c, before, c, now, value) {
                    let mut f = vec![0.0; rows];
                    fill(c, &mut f);
                    if !m.is_empty() {
                        f.iter_mut().zip(m).for_each(|(f, m)| *f *= m);
                    }
                    if frame.with([f.as_slice()]).distance(&wanted[j].values) < 1e-9 {
                        out.push(Found { peel: wanted[j].peel, multiplier: k, constant: c });
                    }
                }
            }
        }
        last_c = c;
    }
    out
}

/// The root of the first component in a bracket, if the second vanishes there as well.
fn root(
    mut a: f64,
    fa: [f64; 2],
    mut b: f64,
    mut fb: [f64; 2],
    mut value: impl FnMut(f64) -> Option<[f64; 2]>,
) -> Option<f64> {
    // Regula falsi in its Illinois form, with the weights of stale ends halved.
    let (mut wa, mut wb) = (fa[0], fb[0]);
    let change = (fa[0] - fb[0]).abs() + (fa[1] - fb[1]).abs();
    for step in 0..80u32 {
        let mut c = (a * wb - b * wa) / (wb - wa);
        if !(c > a.min(b) && c < a.max(b)) {
            c = 0.5 * (a + b);
        }
        let fc = value(c)?;
        // Both components fall with the square of the bracket if this is where the curve meets the target.
        let allowed = if step == 0 { 0.15 } else { 0.04 };
        if step < 3 && fc[0].abs() + fc[1].abs() > allowed * change {
            return None;
        }
        if fc[0] == 0.0 || (b - a).abs() <= 2e-16 * (a.abs() + b.abs()) || fc[0].abs() < 1e-15 {
            return (fc[1].abs() < 1e-6).then_some(c);
        }
        if fc[0] * fb[0] < 0.0 {
            a = b;
            wa = wb;
        } else {
            wa *= 0.5;
        }
        b = c;
        fb = fc;
        wb = fc[0];
    }
    (fb[1].abs() < 1e-6).then_some(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_rates_frequencies_and_shifts() {
        let u: Vec<f64> = (0..50).map(|i| 0.2 + 0.07 * f64::from(i)).collect();
        let one = vec![1.0; 50];
        let frame = Frame::new(50, [one.as_slice(), u.as_slice()]);
        let cases = [
            (Family::Exp, -1.234),
            (Family::Exp, 0.31),
            (Family::Sin, 7.77),
            (Family::Cos, 2.9),
            (Family::Reciprocal, 1.05),
            (Family::Ln, 0.6),
            (Family::Sqrt, 0.4),
            (Family::Power, 1.7),
            (Family::Tanh, 0.8),
        ];
        for (family, c) in cases {
            let (mut room, mut f) = ([0.0; 50], [0.0; 50]);
            family.values(c, &u, &mut room, &mut f);
            let t: Vec<f64> = u.iter().zip(f).map(|(u, f)| 2.0 + 0.3 * u - 1.7 * f).collect();
            let wanted = [Wanted { peel: 0, sketch: frame.sketch(&t), values: t }];
            let found = scan(family, false, &u, &[vec![]], &wanted, &frame, 100.0);
            assert!(found.iter().any(|f| (f.constant / c - 1.0).abs() < 1e-8), "{family:?} {c} {found:?}");
        }
    }
}
