//! [`phase`]: cosines of products that turn many times.
//!
//! `arccos(cos u)` is `|u|` where `|u| < pi` and folded elsewhere, so that no smooth fit sees `u`. But where `u` is a product
//! of powers and exponentials, `ln |u|` is linear in the logarithms of the inputs and in the inputs: small samples of rows with
//! small angles are solved until one has none that is folded, which all others of its kind confirm (RANSAC: Fischler and
//! Bolles, Comm. ACM 24, 1981).

use super::{Table, power};
use crate::expr::{Expr, Op};
use crate::least_squares::linear_fit;
use crate::search::Control;
use rand::SeedableRng;
use rand::seq::index::sample;
use rand_chacha::ChaCha8Rng;

/// Angles that are looked at: most of them are not folded, and their cosines tell them to ten digits.
const ANGLES: std::ops::Range<f64> = 1e-3..0.3;

/// Samples that are tried.
const SAMPLES: usize = 500;

/// Error of the logarithm of an angle that is explained, and the share of angles that has to be.
const HOLDS: f64 = 1e-6;
const SHARE: f64 = 0.4;

/// Exponents and rates smaller than this are zero; exponents as near to a multiple of one half are that.
const ZERO: f64 = 1e-5;

/// `cos(c x_1^p_1 ... exp(r_1 x_1 + ...))`, where the target is one.
pub(super) fn phase(table: &Table<'_>, control: &Control) -> Option<Expr> {
    let usable = [Op::Cos, Op::Pow].iter().all(|op| table.primitives.uses(*op));
    if !usable || table.target.iter().any(|y| !(y.abs() <= 1.0 + 1e-12)) {
        return None;
    }
    let rows: Vec<usize> = (0..table.target.len())
        .filter(|r| ANGLES.contains(&table.target[*r].min(1.0).acos()))
        .filter(|r| table.columns.iter().all(|x| x[*r] != 0.0))
        .collect();
    let width = table.columns.len();
    let unknowns = 1 + 2 * width;
    if rows.len() < 4 * unknowns {
        return None;
    }
    let angles: Vec<f64> = rows.iter().map(|r| table.target[*r].acos().ln()).collect();
    let mut features = vec![vec![1.0; rows.len()]];
    features.extend(table.columns.iter().map(|x| rows.iter().map(|r| x[*r].abs().ln()).collect()));
    features.extend(table.columns.iter().map(|x| rows.iter().map(|r| x[*r]).collect()));
    let explained = |c: &[f64]| -> Vec<usize> {
        let off = |r: usize| features.iter().zip(c).map(|(f, c)| f[r] * c).sum::<f64>() - angles[r];
        (0..rows.len()).filter(|r| off(*r).abs() < HOLDS).collect()
    };
    let solve = |chosen: &[usize]| -> Option<Vec<f64>> {
        let columns: Vec<Vec<f64>> =
            features.iter().map(|f| chosen.iter().map(|r| f[*r]).collect()).collect();
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        linear_fit(&views, &chosen.iter().map(|r| angles[*r]).collect::<Vec<f64>>(), None)
    };
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    for _ in 0..SAMPLES {
        if control.is_stopped() {
            return None;
        }
        let Some(c) = solve(&sample(&mut rng, rows.len(), unknowns).into_vec()) else { continue };
        let agree = explained(&c);
        if agree.len() >= 2 * unknowns && agree.len() as f64 > SHARE * rows.len() as f64 {
            return Some(written(table, &solve(&agree)?));
        }
    }
    control.count((SAMPLES * unknowns) as u64);
    None
}

/// The cosine for the constant, the exponents and the rates of `ln |u|`.
fn written(table: &Table<'_>, c: &[f64]) -> Expr {
    let width = table.columns.len();
    let mut u = Expr::parameter(c[0].exp());
    for (i, p) in c[1..=width].iter().enumerate().filter(|(_, p)| p.abs() > ZERO) {
        let half = (2.0 * p).round() / 2.0;
        let p = if (half - p).abs() < ZERO { half } else { *p };
        let x = Expr::variable(i);
        // Even functions do not ask for the sign of a product, but a root of a negative number does.
        let negative = table.columns[i].iter().any(|x| *x < 0.0);
        let x = if negative && p.fract() != 0.0 { x.apply(Op::Abs) } else { x };
        u = u * power(&x, p);
    }
    let rates = c[width + 1..].iter().enumerate().filter(|(_, r)| r.abs() > ZERO);
    let exponent = rates.map(|(i, r)| Expr::parameter(*r) * Expr::variable(i)).reduce(|a, b| a + b);
    exponent.map_or(u.clone(), |e| u * e.apply(Op::Exp)).apply(Op::Cos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search_space::PrimitiveSet;

    #[test]
    fn cosines_that_turn_many_times() {
        let steps = [0.618_033_988_749, 0.414_213_562_373, 0.732_050_807_568];
        let column =
            |k: f64| -> Vec<f64> { (0..700).map(|i| -8.0 + 16.0 * ((f64::from(i) * k) % 1.0)).collect() };
        let x = steps.map(column);
        let views: Vec<&[f64]> = x.iter().map(Vec::as_slice).collect();
        let primitives = PrimitiveSet::SCIENCE;
        let found = |law: &dyn Fn(f64, f64, f64) -> f64| {
            let y: Vec<f64> = (0..700).map(|r| law(x[0][r], x[1][r], x[2][r])).collect();
            let table = Table { columns: &views, target: &y, primitives: &primitives };
            let law = phase(&table, &Control::unlimited())?;
            let off = law.evaluate(&views).iter().zip(&y).map(|(f, y)| (f - y).abs()).fold(0.0, f64::max);
            Some(off)
        };
        assert!(found(&|a, b, c| (1.7 * a * c * (-b).exp()).cos()).unwrap() < 1e-4);
        assert!(found(&|a, b, c| (0.3 * a * a * (c - 0.8 * b).exp()).cos()).unwrap() < 1e-4);
        assert_eq!(found(&|a, b, c| (a * b + c).cos()), None);
        assert_eq!(found(&|a, b, c| a * b + c), None);
    }
}
