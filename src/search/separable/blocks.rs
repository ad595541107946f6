//! [`blocks`]: inputs whose function stands alone, as a factor, as a summand or in one term, and the values of that function.
//!
//! `y = f(x_i) g(others)`, `y = f(x_i) + g(others)` and `y = f(x_i) g(others) + h(others)` with Chebyshev polynomials for `f` and
//! polynomials for `g` and `h`. The sum is linear. The products are fitted by turns, `f` beside `g` and `g` beside `f`, from the
//! strongest singular vectors of the coefficients of all products of a few of their terms: functions of separated variables (Beylkin,
//! Mohlenkamp, SIAM J. Sci. Comput. 26, 2133, 2005), with the test for separability of AI Feynman (Udrescu, Tegmark 2020), but
//! without a model of the whole.

use crate::least_squares::{dot, linear_fit, linear_fit_and_rest, orthogonalise, project_out};
use crate::search::Control;
use crate::search::chebyshev::chebyshev;
use crate::search::product_dag::polynomial;
use nalgebra::DMatrix;

/// Degree of `f`, and of what its start is taken from; of a function of one other input.
const DEGREE: usize = 10;
const FIRST: usize = 4;
pub(super) const OF_ONE: usize = 14;

/// Terms of the others that the start of a term is taken from: products with more of them nearly depend on each other.
const START: usize = 8;

/// Terms of a polynomial of several inputs at most; its degree for two inputs, and for more; rows per coefficient, at least.
pub(super) const TERMS: usize = 56;
const HIGHEST_OF_TWO: usize = 12;
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

/// What a column has of its own beside those before it, relatively, to count.
const DEPENDENT: f64 = 1e-10;

/// Relative deviation of `f`, or its share of the target, below which the input hardly matters.
const FAINT: f64 = 0.02;

/// What is left about a power of the input, relative to the deviation of its logarithm: other stages take powers out.
const POWER: f64 = 0.02;

/// How the function of an input stands beside the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Factor,
    Summand,
    /// `f` times a function of the others, beside another function of them.
    Term,
}

/// An input whose function stands alone.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) kind: Kind,
    pub(super) input: usize,
    /// The function on the rows, but for a factor, or but for a constant, or both.
    pub(super) values: Vec<f64>,
    /// What the separated form leaves, relative to what a polynomial of all inputs leaves, and to the deviation of the target.
    pub(super) left: f64,
    pub(super) share: f64,
}

/// The rows that blocks are looked for on.
pub(super) struct Rows<'a> {
    pub(super) target: &'a [f64],
    pub(super) weights: &'a [f64],
}

impl Rows<'_> {
    /// Coefficients that there are rows for.
    pub(super) fn most(&self) -> usize {
        self.target.len() / ROWS_PER_TERM
    }

    /// The root mean square that so many coefficients leave, corrected for their number.
    fn left(&self, rest: &[f64], coefficients: usize) -> Option<f64> {
        let squares: f64 = rest.iter().zip(self.weights).map(|(r, w)| w * r * r).sum();
        let share = 1.0 - coefficients as f64 / rest.len() as f64;
        let left = (squares / self.weights.iter().sum::<f64>() / share).sqrt();
        (share > 0.0 && left.is_finite()).then_some(left)
    }

    /// Coefficients of the columns, and what they leave.
    pub(super) fn fit(&self, columns: &[Vec<f64>]) -> Option<(Vec<f64>, f64)> {
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let (coefficients, rest) = linear_fit_and_rest(&views, self.target, Some(self.weights))?;
        Some((coefficients, self.left(&rest, columns.len())?))
    }
}

/// Inputs whose function stands alone in one of these ways (`kinds`, the simpler ones first), the clearest first; none where there are
/// too few rows to tell.
pub(super) fn blocks(columns: &[Vec<f64>], rows: &Rows<'_>, kinds: &[Kind], control: &Control) -> Vec<Block> {
    let n = rows.target.len();
    if n < ROWS_PER_TERM * (DEGREE + 1) {
        return Vec::new();
    }
    let smooth = smooth(columns);
    let inputs: Vec<usize> = (0..columns.len()).collect();
    let Some((_, whole)) = rows.fit(&terms(&smooth, &inputs, TERMS, OF_ONE)) else { return Vec::new() };
    // A term has two functions of the others, and a polynomial of all inputs as many coefficients to stand against it.
    let Some((_, whole_twice)) = rows.fit(&terms(&smooth, &inputs, rows.most(), OF_ONE)) else {
        return Vec::new();
    };
    let Some((_, deviation)) = rows.fit(&[vec![1.0; n]]) else { return Vec::new() };
    let mut found = Vec::new();
    for &input in &inputs {
        if control.is_stopped() {
            return Vec::new();
        }
        control.count(400);
        let others: Vec<usize> = inputs.iter().copied().filter(|i| *i != input).collect();
        let own = chebyshev(&between_ends(&columns[input]), DEGREE).0;
        let rest = orthonormal(terms(&smooth, &others, TERMS, OF_ONE).into_iter());
        // What is simpler leaves so much.
        let mut simpler = deviation;
        for &kind in kinds {
            let fitted = match kind {
                Kind::Summand => sum(rows, &own, &rest),
                Kind::Factor => product(rows, &own, &rest),
                Kind::Term => {
                    let rest = terms(&smooth, &others, rows.most() / 2, OF_ONE);
                    term(rows, &own, &orthonormal(rest.into_iter()))
                }
            };
            let Some((values, left)) = fitted else { continue };
            let (matters, whole) = match kind {
                Kind::Factor => {
                    let varies = deviation_of(&values) > FAINT * size_of(&values);
                    (varies && !is_power(&values, &columns[input]), whole)
                }
                Kind::Summand => (deviation_of(&values) > FAINT * deviation, whole),
                Kind::Term => (left < SHARE * simpler, whole_twice),
            };
            simpler = simpler.min(left);
            if matters && left < SHARE * whole && left < EXPLAINS * deviation {
                found.push(Block { kind, input, values, left: left / whole, share: left / deviation });
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

/// `f` and what `f(x) g + h` leaves.
fn term(rows: &Rows<'_>, own: &[Vec<f64>], rest: &[Vec<f64>]) -> Option<(Vec<f64>, f64)> {
    let n = rows.target.len();
    let m = rest.len();
    let few = (rows.most().checked_sub(m)? / FIRST).min(m).min(START);
    let beside = |columns: Vec<Vec<f64>>| rest.iter().cloned().chain(columns).collect::<Vec<_>>();
    let products = own[1..=FIRST].iter().flat_map(|f| rest[..few].iter().map(move |g| times(f, g)));
    let (coefficients, _) = rows.fit(&beside(products.collect()))?;
    let matrix = DMatrix::from_fn(FIRST, few, |k, j| coefficients[m + k * few + j]);
    let svd = (few > 0).then(|| matrix.svd(true, false))?;
    let start: Vec<f64> = svd.u?.column(svd.singular_values.imax()).iter().copied().collect();
    let mut f = combined(&own[1..=FIRST], &start);
    let mut left = f64::INFINITY;
    for _ in 0..TURNS {
        let (coefficients, _) = rows.fit(&beside(rest.iter().map(|g| times(g, &f)).collect()))?;
        let g = combined(rest, &coefficients[m..]);
        let (coefficients, now) = rows.fit(&beside(own[1..].iter().map(|k| times(k, &g)).collect()))?;
        f = combined(&own[1..], &coefficients[m..]);
        let size = size_of(&f);
        f.iter_mut().for_each(|v| *v /= size);
        // The coefficients of `g` are fitted as well.
        let (once, both) = ((m + own.len()) as f64, (2 * m + own.len()) as f64);
        let now = now * ((n as f64 - once) / (n as f64 - both)).sqrt();
        let settled = now > 0.99 * left;
        left = now;
        if settled {
            break;
        }
    }
    left.is_finite().then_some((f, left))
}

/// 1 and the products of these inputs, of the highest degree that there are rows for; polynomials of one input up to a degree.
pub(super) fn terms(inputs: &[Vec<f64>], which: &[usize], most: usize, of_one: usize) -> Vec<Vec<f64>> {
    let n = inputs[0].len();
    let most = most.min(n / ROWS_PER_TERM).saturating_sub(1);
    let degree = match which {
        [one] => return chebyshev(&inputs[*one], of_one.min(most).max(1)).0,
        [_, _] => HIGHEST_OF_TWO,
        _ => HIGHEST,
    };
    let mut columns = vec![vec![1.0; n]];
    columns.extend(polynomial(which.len(), degree, most).iter().map(|term| {
        let mut column = vec![1.0; n];
        for &(i, p) in term {
            column.iter_mut().zip(&inputs[which[i]]).for_each(|(c, x)| *c *= x.powi(p as i32));
        }
        column
    }));
    columns
}

pub(super) fn times(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a * b).collect()
}

pub(super) fn combined(columns: &[Vec<f64>], coefficients: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; columns[0].len()];
    for (column, c) in columns.iter().zip(coefficients) {
        out.iter_mut().zip(column).for_each(|(o, v)| *o += c * v);
    }
    out
}

/// The same span with columns that do not depend on each other, those first that come first.
fn orthonormal(columns: impl Iterator<Item = Vec<f64>>) -> Vec<Vec<f64>> {
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for mut own in columns {
        let before = dot(&own, &own).sqrt();
        orthogonalise(&basis, &mut own);
        let after = dot(&own, &own).sqrt();
        if after > DEPENDENT * before {
            own.iter_mut().for_each(|v| *v /= after);
            basis.push(own);
        }
    }
    basis
}

/// What functions of some inputs do not explain, in numbers of which each counts by its weight.
pub(super) struct Beside {
    root_weights: Vec<f64>,
    /// These functions, orthonormal.
    pub(super) basis: Vec<Vec<f64>>,
}

impl Beside {
    /// Beside these functions, under weights.
    pub(super) fn new(functions: Vec<Vec<f64>>, weights: &[f64]) -> Self {
        let root_weights: Vec<f64> = weights.iter().map(|w| w.sqrt()).collect();
        let basis = orthonormal(functions.iter().map(|f| times(f, &root_weights)));
        Self { root_weights, basis }
    }

    /// The part of a column that the functions do not explain.
    pub(super) fn apart(&self, column: &[f64]) -> Vec<f64> {
        let mut own = times(column, &self.root_weights);
        project_out(&self.basis, &mut own);
        own
    }
}

/// Inputs as polynomials take them.
pub(super) fn smooth(columns: &[Vec<f64>]) -> Vec<Vec<f64>> {
    columns.iter().map(|c| between_ends(&logarithm_of(c))).collect()
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

pub(super) fn deviation_of(x: &[f64]) -> f64 {
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
        let rows = Rows { target: &y, weights: &vec![1.0; rows] };
        blocks(&columns, &rows, &[Kind::Summand, Kind::Factor, Kind::Term], &Control::unlimited())
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
        let term = found(|x| (1.5 * x[2]).exp() * (x[0] - 0.5 * x[1]) + (x[0] + x[1] * x[3]).ln());
        assert_eq!(term.first(), Some(&(Kind::Term, 2)), "{term:?}");
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
