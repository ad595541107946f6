//! [`blocks`]: inputs whose function stands alone, as a factor or as a summand, and the values of that function.
//!
//! `y = f(x_i) g(others)` and `y = f(x_i) + g(others)` with Chebyshev polynomials for `f` and polynomials for `g`. The sum is
//! linear. The product is fitted by turns, `f` beside `g` and `g` beside `f`, from the strongest singular vectors of the
//! coefficients of all products of a few of their terms: functions of separated variables (Beylkin, Mohlenkamp, SIAM J.
//! Sci. Comput. 26, 2133, 2005), with the test for separability of AI Feynman (Udrescu, Tegmark 2020), but without a model
//! of the whole.

use crate::least_squares::{linear_fit, linear_fit_and_rest};
use crate::search::Control;
use crate::search::chebyshev::chebyshev;
use crate::search::product_dag::polynomial;
use nalgebra::DMatrix;

/// Degree of `f`, and of what its start is taken from.
const DEGREE: usize = 10;
const FIRST: usize = 4;

/// Terms of a polynomial of several inputs, and its degree, at most; rows per coefficient, at least.
const TERMS: usize = 56;
const HIGHEST: usize = 6;
const ROWS_PER_TERM: usize = 6;

/// Inputs that are positive on all rows and span this ratio count by their logarithm in polynomials: powers are smooth then.
const SPAN: f64 = 3.0;

/// How often `f` and `g` are fitted in turn.
const TURNS: usize = 8;

/// A separated form may leave this share of what a polynomial of all inputs leaves, and of the deviation. Where `f` is a function
/// that a polynomial of low degree is not near to, it leaves half or less; one that is none comes to 0.8.
const SHARE: f64 = 0.75;
const EXPLAINS: f64 = 0.5;

/// Relative deviation of `f`, or its share of the target, below which the input hardly matters.
const FAINT: f64 = 0.02;

/// What is left about a power of the input, relative to the deviation of its logarithm: other stages take powers out.
const POWER: f64 = 0.02;

/// How the function of an input stands beside the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Factor,
    Summand,
}

/// An input whose function stands alone.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) kind: Kind,
    pub(super) input: usize,
    /// The function on the rows, but for a factor, or but for a constant.
    pub(super) values: Vec<f64>,
    /// What the separated form leaves, relative to what a polynomial of all inputs leaves.
    pub(super) left: f64,
}

struct Rows<'a> {
    target: &'a [f64],
    weights: &'a [f64],
}

impl Rows<'_> {
    /// The root mean square that so many coefficients leave, corrected for their number.
    fn left(&self, rest: &[f64], coefficients: usize) -> Option<f64> {
        let squares: f64 = rest.iter().zip(self.weights).map(|(r, w)| w * r * r).sum();
        let share = 1.0 - coefficients as f64 / rest.len() as f64;
        let left = (squares / self.weights.iter().sum::<f64>() / share).sqrt();
        (share > 0.0 && left.is_finite()).then_some(left)
    }

    fn fit(&self, columns: &[Vec<f64>]) -> Option<(Vec<f64>, f64)> {
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let (coefficients, rest) = linear_fit_and_rest(&views, self.target, Some(self.weights))?;
        Some((coefficients, self.left(&rest, columns.len())?))
    }
}

/// Inputs whose function stands alone, the clearest first; none where there are too few rows to tell.
pub(super) fn blocks(columns: &[Vec<f64>], target: &[f64], weights: &[f64], control: &Control) -> Vec<Block> {
    if target.len() < ROWS_PER_TERM * (DEGREE + 1) {
        return Vec::new();
    }
    let rows = Rows { target, weights };
    let smooth: Vec<Vec<f64>> = columns.iter().map(|c| between_ends(&logarithm_of(c))).collect();
    let inputs: Vec<usize> = (0..columns.len()).collect();
    let Some((_, whole)) = rows.fit(&terms(&smooth, &inputs)) else { return Vec::new() };
    let Some((_, deviation)) = rows.fit(&[vec![1.0; target.len()]]) else { return Vec::new() };
    let mut found = Vec::new();
    for &input in &inputs {
        if control.is_stopped() {
            return Vec::new();
        }
        control.count(200);
        let others: Vec<usize> = inputs.iter().copied().filter(|i| *i != input).collect();
        let own = chebyshev(&between_ends(&columns[input]), DEGREE).0;
        let rest = terms(&smooth, &others);
        for kind in [Kind::Summand, Kind::Factor] {
            let fitted = match kind {
                Kind::Summand => sum(&rows, &own, &rest),
                Kind::Factor => product(&rows, &own, &rest),
            };
            let Some((values, left)) = fitted else { continue };
            let matters = match kind {
                Kind::Factor => {
                    deviation_of(&values) > FAINT * size_of(&values) && !is_power(&values, &columns[input])
                }
                Kind::Summand => deviation_of(&values) > FAINT * deviation,
            };
            if matters && left < SHARE * whole && left < EXPLAINS * deviation {
                found.push(Block { kind, input, values, left: left / whole });
            }
        }
    }
    found.sort_by(|a, b| a.left.total_cmp(&b.left));
    found
}

/// `f` and what `f(x) + g` leaves.
fn sum(rows: &Rows<'_>, own: &[Vec<f64>], rest: &[Vec<f64>]) -> Option<(Vec<f64>, f64)> {
    let all: Vec<Vec<f64>> = rest.iter().chain(&own[1..]).cloned().collect();
    let (coefficients, left) = rows.fit(&all)?;
    Some((combined(&own[1..], &coefficients[rest.len()..]), left))
}

/// `f` and what `f(x) g` leaves.
fn product(rows: &Rows<'_>, own: &[Vec<f64>], rest: &[Vec<f64>]) -> Option<(Vec<f64>, f64)> {
    // All products of a few terms, as many as rows allow; 1 is the first of either.
    let few = (rows.target.len() / ROWS_PER_TERM / (FIRST + 1)).min(rest.len());
    let products: Vec<Vec<f64>> =
        own[..=FIRST].iter().flat_map(|f| rest[..few].iter().map(move |g| times(f, g))).collect();
    let (coefficients, _) = rows.fit(&products)?;
    let matrix = DMatrix::from_fn(FIRST + 1, few, |k, j| coefficients[k * few + j]);
    let svd = matrix.svd(true, false);
    let strongest = svd.singular_values.imax();
    let start: Vec<f64> = svd.u?.column(strongest).iter().copied().collect();
    let mut f = combined(&own[..=FIRST], &start);
    let mut left = f64::INFINITY;
    for _ in 0..TURNS {
        let beside: Vec<Vec<f64>> = rest.iter().map(|g| times(g, &f)).collect();
        let (coefficients, _) = rows.fit(&beside)?;
        let g = combined(rest, &coefficients);
        let beside: Vec<Vec<f64>> = own.iter().map(|k| times(k, &g)).collect();
        let (coefficients, now) = rows.fit(&beside)?;
        f = combined(own, &coefficients);
        // The coefficients of `g` are fitted as well.
        let n = rows.target.len() as f64;
        let now = now * ((n - own.len() as f64) / (n - (own.len() + rest.len()) as f64)).sqrt();
        let settled = now > 0.999 * left;
        left = now;
        if settled {
            break;
        }
    }
    left.is_finite().then_some((f, left))
}

/// 1 and the products of these inputs, of the highest degree that there are rows for.
fn terms(inputs: &[Vec<f64>], which: &[usize]) -> Vec<Vec<f64>> {
    let n = inputs[0].len();
    let most = TERMS.min(n / ROWS_PER_TERM);
    let mut columns = vec![vec![1.0; n]];
    columns.extend(polynomial(which.len(), HIGHEST, most).iter().map(|term| {
        let mut column = vec![1.0; n];
        for &(i, p) in term {
            column.iter_mut().zip(&inputs[which[i]]).for_each(|(c, x)| *c *= x.powi(p as i32));
        }
        column
    }));
    columns
}

fn times(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a * b).collect()
}

fn combined(columns: &[Vec<f64>], coefficients: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; columns[0].len()];
    for (column, c) in columns.iter().zip(coefficients) {
        out.iter_mut().zip(column).for_each(|(o, v)| *o += c * v);
    }
    out
}

/// The logarithm where powers of the input are smooth in it.
fn logarithm_of(x: &[f64]) -> Vec<f64> {
    let (low, high) = ends(x);
    if low > 0.0 && high > SPAN * low { x.iter().map(|x| x.ln()).collect() } else { x.to_vec() }
}

fn ends(x: &[f64]) -> (f64, f64) {
    x.iter().fold((f64::INFINITY, -f64::INFINITY), |(a, b), x| (a.min(*x), b.max(*x)))
}

/// From -1 to 1.
fn between_ends(x: &[f64]) -> Vec<f64> {
    let (low, high) = ends(x);
    let half = ((high - low) / 2.0).max(f64::MIN_POSITIVE);
    x.iter().map(|x| (x - (low + high) / 2.0) / half).collect()
}

fn size_of(x: &[f64]) -> f64 {
    (x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64).sqrt()
}

fn deviation_of(x: &[f64]) -> f64 {
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / x.len() as f64).sqrt()
}

/// Whether the values are a power of the input.
fn is_power(values: &[f64], input: &[f64]) -> bool {
    let log = |v: &[f64]| -> Vec<f64> { v.iter().map(|v| v.abs().ln()).collect() };
    let (y, x) = (log(values), log(input));
    if y.iter().chain(&x).any(|v| !v.is_finite()) || values.iter().any(|v| v * values[0] <= 0.0) {
        return false;
    }
    let ones = vec![1.0; y.len()];
    let Some(c) = linear_fit(&[&ones, &x], &y, None) else { return false };
    let rest: Vec<f64> = y.iter().zip(&x).map(|(y, x)| y - c[0] - c[1] * x).collect();
    size_of(&rest) < POWER * deviation_of(&y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::groups::columns;

    fn found(law: impl Fn(&[f64]) -> f64) -> Vec<(Kind, usize)> {
        found_on(4, 500, law)
    }

    fn found_on(width: usize, rows: usize, law: impl Fn(&[f64]) -> f64) -> Vec<(Kind, usize)> {
        let columns = columns(width, rows);
        let y: Vec<f64> =
            (0..rows).map(|r| law(&columns.iter().map(|c| c[r]).collect::<Vec<f64>>())).collect();
        blocks(&columns, &y, &vec![1.0; rows], &Control::unlimited())
            .iter()
            .map(|b| (b.kind, b.input))
            .collect()
    }

    #[test]
    fn factors_and_summands_show() {
        let factor = found(|x| (2.0 * x[1]).cos() * (x[0] * x[2] - (x[3] + x[0]).sqrt()));
        assert_eq!(factor.first(), Some(&(Kind::Factor, 1)), "{factor:?}");
        let summand = found(|x| (3.0 * x[2]).sin() + x[0] / (x[1] + x[3]));
        assert_eq!(summand.first(), Some(&(Kind::Summand, 2)), "{summand:?}");
    }

    #[test]
    fn any_number_of_rows_and_inputs() {
        for width in [1, 2, 6] {
            for rows in [1, 2, 3, 5, 12, 29, 65, 66, 67, 100, 200] {
                let found = found_on(width, rows, |x| (3.0 * x[0]).sin() + x[width - 1]);
                assert!(rows > 65 || found.is_empty(), "{width} inputs, {rows} rows: {found:?}");
            }
        }
    }

    #[test]
    fn what_does_not_stand_alone_is_none() {
        assert!(found(|x| (x[0] * x[1] + x[2] * x[3]).sin()).is_empty());
        // Powers are for other stages.
        let power = found(|x| x[1].powf(1.5) * (x[0] + (x[2] * x[3]).ln()));
        assert!(!power.contains(&(Kind::Factor, 1)), "{power:?}");
    }
}
