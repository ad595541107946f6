//! What the rounding of a table leaves as error in every formula, the right one included.
//!
//! Tables are written with few digits. The law that made them misses each number by up to half a unit in its last place,
//! and a search that tries millions of formulas finds one that misses by less: `0.235*rho*v^2*A*abs(sin(v))^1.9e-8`. No
//! formula may claim an error below that of rounding.

use crate::data::thinned;
use crate::expr::{Expr, Tape};

/// Most rows that are looked at.
const ROWS: usize = 4096;

/// Digits of a decimal beyond which a column counts as not rounded: the error is below that of evaluation.
const MOST_DIGITS: i32 = 11;

/// Fewest digits of an input that counts as rounded.
const LEAST_DIGITS: i32 = 3;

/// Formulas whose mean square is within so many standard deviations of the expected one are equally good.
const SPREAD: f64 = 2.0;

/// Where the median of the squared errors is below this share of what rounding explains, the numbers are exact, as halves
/// of integers are. Of errors of rounding it is 0.45 to 0.75. A median, because a formula may claim a large rounding
/// error at few rows.
const REFUTED: f64 = 0.02;

/// How a table was rounded, where its target was.
#[derive(Clone, Debug)]
pub(crate) struct Rounding {
    target: Unit,
    inputs: Vec<Unit>,
}

/// The unit in the last place of the numbers of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    /// Integers, and numbers with as many digits as the processor has.
    Exact,
    /// At most so many digits behind the point, and so many in all.
    Decimal {
        decimals: i32,
        digits: i32,
    },
    Single,
}

impl Unit {
    fn of(column: &[f64]) -> Self {
        let values = thinned(column, ROWS);
        let (mut decimals, mut digits) = (0, 0);
        for v in &values {
            // The shortest decimal that reads back as the same number.
            let text = format!("{v:e}");
            let Some((mantissa, exponent)) = text.split_once('e') else { return Unit::Exact };
            let Ok(exponent) = exponent.parse::<i32>() else { return Unit::Exact };
            let own = mantissa.bytes().filter(u8::is_ascii_digit).count() as i32;
            digits = digits.max(own);
            decimals = decimals.max(own - 1 - exponent);
            if digits > MOST_DIGITS {
                let single = values.iter().all(|v| f64::from(*v as f32) == *v);
                return if single { Unit::Single } else { Unit::Exact };
            }
        }
        if decimals <= 0 { Unit::Exact } else { Unit::Decimal { decimals, digits } }
    }

    /// That of an input, which may have been set to what is written: on a grid, or to few values over and over.
    fn of_input(column: &[f64]) -> Self {
        let unit = Self::of(column);
        if matches!(unit, Unit::Decimal { digits, .. } if digits < LEAST_DIGITS) {
            return Unit::Exact;
        }
        let mut values = thinned(column, ROWS);
        let rows = values.len();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let gaps = || values.windows(2).map(|w| w[1] - w[0]);
        let (least, most) = gaps().fold((f64::INFINITY, 0.0f64), |(a, b), g| (a.min(g), b.max(g)));
        let grid = most - least <= 1e-6 * most;
        if grid || 2 * values.len() <= rows { Unit::Exact } else { unit }
    }

    /// The standard deviation of what rounding took off a number.
    fn deviation(self, v: f64) -> f64 {
        let unit = match self {
            Unit::Exact => return 0.0,
            Unit::Single => v.abs() * f64::from(f32::EPSILON),
            Unit::Decimal { decimals, digits } => {
                let fixed = 10f64.powi(-decimals);
                if v == 0.0 {
                    fixed
                } else {
                    fixed.max(10f64.powi(v.abs().log10().floor() as i32 + 1 - digits))
                }
            }
        };
        unit / 12f64.sqrt()
    }
}

impl Rounding {
    /// How the columns and the target were rounded; `None` where the target was not.
    pub(crate) fn of(columns: &[&[f64]], target: &[f64]) -> Option<Self> {
        let unit = Unit::of(target);
        if unit == Unit::Exact {
            return None;
        }
        Some(Self { target: unit, inputs: columns.iter().map(|c| Unit::of_input(c)).collect() })
    }

    /// What the squared error of a formula has to be multiplied by so that it is not below what rounding explains: 1 or
    /// more. `predicted` holds its values.
    pub(crate) fn share(
        &self,
        expr: &Expr,
        columns: &[&[f64]],
        target: &[f64],
        weights: Option<&[f64]>,
        predicted: &[f64],
    ) -> f64 {
        let sample: Vec<Vec<f64>> = columns.iter().map(|c| thinned(c, ROWS)).collect();
        let (target, predicted) = (thinned(target, ROWS), thinned(predicted, ROWS));
        let weights = weights.map_or_else(|| vec![1.0; target.len()], |w| thinned(w, ROWS));
        let tape = Tape::compile(expr);
        // The variance of every row.
        let mut variance: Vec<f64> = target.iter().map(|y| self.target.deviation(*y).powi(2)).collect();
        for v in expr.variables() {
            let Some(unit) = self.inputs.get(v).filter(|u| **u != Unit::Exact) else { continue };
            let moved: Vec<f64> = sample[v].iter().map(|x| x + unit.deviation(*x)).collect();
            let views: Vec<&[f64]> =
                sample.iter().enumerate().map(|(j, c)| if j == v { &moved[..] } else { &c[..] }).collect();
            let values = tape.values(expr.parameters(), &views);
            for ((sum, f), p) in variance.iter_mut().zip(values).zip(&predicted) {
                // A formula may end within the rounding.
                *sum += if f.is_finite() { (f - p).powi(2) } else { 0.0 };
            }
        }
        let squares: Vec<f64> = target.iter().zip(&predicted).map(|(y, f)| (y - f).powi(2)).collect();
        let counted = || (0..target.len()).filter(|&i| weights[i] > 0.0 && variance[i] > 0.0);
        let mut ratios: Vec<f64> = counted().map(|i| squares[i] / variance[i]).collect();
        if ratios.is_empty() {
            return 1.0;
        }
        let middle = ratios.len() / 2;
        let (_, median, _) = ratios.select_nth_unstable_by(middle, f64::total_cmp);
        if *median < REFUTED {
            return 1.0;
        }
        let total = |values: &[f64]| -> f64 { counted().map(|i| weights[i] * values[i]).sum() };
        let expected = total(&variance);
        // Rows that make up the sum, and by how much it varies.
        let rows = expected.powi(2) / counted().map(|i| (weights[i] * variance[i]).powi(2)).sum::<f64>();
        let spread = 1.0 + SPREAD * (2.0 / rows).sqrt();
        (spread * expected / total(&squares)).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse;

    fn rounded(v: f64, decimals: i32) -> f64 {
        let unit = 10f64.powi(decimals);
        (v * unit).round() / unit
    }

    #[test]
    fn units() {
        assert_eq!(Unit::of(&[1.0, 250.0, 1e6]), Unit::Exact);
        assert_eq!(Unit::of(&[0.1 + 0.2, 1.0]), Unit::Exact);
        assert_eq!(Unit::of(&[f64::from(0.1f32), 1.5]), Unit::Single);
        let fixed = Unit::of(&[0.05, 1234.56, 7.0]);
        assert_eq!(fixed, Unit::Decimal { decimals: 2, digits: 6 });
        let four = Unit::of(&[12.34, 0.001_234]);
        let close = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-12;
        assert!(close(fixed.deviation(0.05) * 12f64.sqrt(), 0.01));
        assert!(close(four.deviation(12.34) * 12f64.sqrt(), 0.01));
        assert!(close(four.deviation(0.001_234) * 12f64.sqrt(), 1e-6));
    }

    #[test]
    fn the_law_is_at_the_error_of_rounding() {
        // Digits that look random; the target is rounded on its own, after the inputs have been rounded.
        let x: Vec<f64> = (1..400).map(|i| 1.0 + 9.0 * (f64::from(i) * 0.754_877_666).fract()).collect();
        let z: Vec<f64> = (1..400).map(|i| 1.0 + 4.0 * (f64::from(i) * 0.569_840_291).fract()).collect();
        let y: Vec<f64> = x.iter().zip(&z).map(|(x, z)| rounded(x * x / z, 4)).collect();
        let (x, z): (Vec<f64>, Vec<f64>) =
            x.iter().zip(&z).map(|(x, z)| (rounded(*x, 4), rounded(*z, 4))).unzip();
        let columns: [&[f64]; 2] = [&x, &z];
        let rounding = Rounding::of(&columns, &y).unwrap();
        let law = parse("x^2/z", &["x", "z"]).unwrap();
        let predicted = law.evaluate(&columns);
        let share = rounding.share(&law, &columns, &y, None, &predicted);
        // 400 rows, and twice their standard deviation: about one and a fifth.
        assert!((1.0..1.6).contains(&share), "{share}");
        // A larger error is what it is, and one that rounding does not allow refutes it.
        let off = parse("x^2/z + 0.01", &["x", "z"]).unwrap();
        assert_eq!(rounding.share(&off, &columns, &y, None, &off.evaluate(&columns)), 1.0);
        assert_eq!(rounding.share(&law, &columns, &predicted, None, &predicted), 1.0);
    }

    #[test]
    fn exact_tables_have_none() {
        let x: Vec<f64> = (0..50).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|x| x * x).collect();
        assert!(Rounding::of(&[&x], &y).is_none());
        let y: Vec<f64> = x.iter().map(|x| x.sin()).collect();
        assert!(Rounding::of(&[&x], &y).is_none());
        // Inputs that were set, on a grid or to a few values.
        assert_eq!(Unit::of_input(&[0.125, 0.25, 0.375, 0.5]), Unit::Exact);
        assert_eq!(Unit::of_input(&[0.125, 0.25, 0.75, 0.125, 0.25, 0.75]), Unit::Exact);
        assert_ne!(Unit::of_input(&[0.125, 0.258, 0.371, 0.509]), Unit::Exact);
        let y: Vec<f64> = x.iter().map(|x| rounded(x.sin(), 3)).collect();
        assert_eq!(Rounding::of(&[&x], &y).unwrap().inputs, vec![Unit::Exact]);
    }
}
