//! [`linear_terms`]: what an input adds that occurs in terms `c x_i`, `c x_i x_j` and `c x_i x_j x_k` alone.
//!
//! Beside a polynomial of the others these terms have to leave as little as with squares and cubes of the input among them. What is
//! left may be far from any polynomial: coefficients are known nearly enough to be recognised where they are round.

use super::blocks::{Beside, OF_ONE, Rows, TERMS, smooth, terms, times};
use crate::expr::Expr;
use crate::least_squares::{dot, linear_fit_and_rest};
use crate::search::parts::halves;
use nalgebra::DMatrix;

/// What terms that are not linear may take off what is left, and what linear ones have to.
const NOT_LINEAR: f64 = 0.02;
const LINEAR: f64 = 0.05;

/// Standard errors from which on a term counts, and as what is left is no noise, from which on a coefficient does that is not round;
/// how near to round it has to be, relatively or in standard errors, and at all.
const COUNTS: f64 = 8.0;
const KNOWN: f64 = 100.0;
const NEAR: f64 = 0.03;
const OFF: f64 = 0.05;
const DOUBT: f64 = 1.5;

/// Terms of an input, at most.
const MOST: usize = 2;

/// Other inputs up to which two of them may be in a term.
const PAIRS_OF: usize = 7;

/// A coefficient and its product of inputs, these in order.
struct Term {
    factors: Vec<usize>,
    coefficient: f64,
    errors: f64,
}

/// The sum of all such terms; `None` where there are none.
pub(super) fn linear_terms(columns: &[Vec<f64>], rows: &Rows<'_>) -> Option<Expr> {
    let smooth = smooth(columns);
    let mut all: Vec<Term> = Vec::new();
    for input in 0..columns.len() {
        for term in terms_of(input, columns, &smooth, rows).unwrap_or_default() {
            match all.iter_mut().find(|t| t.factors == term.factors) {
                Some(t) if t.errors < term.errors => *t = term,
                Some(_) => {}
                None => all.push(term),
            }
        }
    }
    let written = |t: &Term| {
        t.factors.iter().fold(Expr::parameter(t.coefficient), |product, &i| product * Expr::variable(i))
    };
    all.iter().map(written).reduce(|a, b| a + b)
}

/// The terms of an input; `None` where it is in anything else.
fn terms_of(input: usize, columns: &[Vec<f64>], smooth: &[Vec<f64>], rows: &Rows<'_>) -> Option<Vec<Term>> {
    let others: Vec<usize> = (0..columns.len()).filter(|i| *i != input).collect();
    let beside = Beside::new(terms(smooth, &others, TERMS, OF_ONE), rows.weights);
    let x = &columns[input];
    let mut partners: Vec<Vec<usize>> = vec![Vec::new()];
    partners.extend(others.iter().map(|j| vec![*j]));
    if others.len() <= PAIRS_OF {
        partners
            .extend(others.iter().enumerate().flat_map(|(k, j)| others[..k].iter().map(|i| vec![*i, *j])));
    }
    let with =
        |p: &Vec<usize>| beside.apart(&p.iter().fold(x.clone(), |product, &j| times(&product, &columns[j])));
    let linear: Vec<Vec<f64>> = partners.iter().map(with).collect();
    let square = times(&smooth[input], &smooth[input]);
    let mut more = vec![beside.apart(&times(&square, &smooth[input])), beside.apart(&square)];
    more.extend(others.iter().map(|j| beside.apart(&times(&square, &smooth[*j]))));
    let own = beside.apart(rows.target);
    // What is left per degree of freedom.
    let left = |columns: &[&[f64]]| -> Option<(Vec<f64>, f64)> {
        let (coefficients, rest) = linear_fit_and_rest(columns, &own, None)?;
        let freedom = own.len().checked_sub(beside.basis.len() + columns.len()).filter(|f| *f > 0)?;
        Some((coefficients, (dot(&rest, &rest) / freedom as f64).sqrt()))
    };
    let views: Vec<&[f64]> = linear.iter().map(Vec::as_slice).collect();
    let (all, none) = (left(&views)?.1, left(&[])?.1);
    let with_more: Vec<&[f64]> = linear.iter().chain(&more).map(Vec::as_slice).collect();
    if left(&with_more)?.1 < (1.0 - NOT_LINEAR) * all || all > (1.0 - LINEAR) * none {
        return None;
    }
    // As few as leave no more than all of them: beside each other their coefficients are hardly known.
    let mut chosen: Vec<usize> = Vec::new();
    let mut now = none;
    while now > (1.0 + NOT_LINEAR) * all {
        let with = |k: usize| -> Option<(f64, usize)> {
            let columns: Vec<&[f64]> = chosen.iter().chain(&[k]).map(|&k| views[k]).collect();
            Some((left(&columns)?.1, k))
        };
        let rest = (0..views.len()).filter(|k| !chosen.contains(k));
        let (least, k) = rest.filter_map(with).min_by(|a, b| a.0.total_cmp(&b.0))?;
        chosen.push(k);
        now = least;
        if chosen.len() > MOST {
            return None;
        }
    }
    let views: Vec<&[f64]> = chosen.iter().map(|&k| views[k]).collect();
    let (coefficients, _) = left(&views)?;
    let gram = DMatrix::from_fn(views.len(), views.len(), |a, b| dot(views[a], views[b]));
    let inverse = gram.try_inverse()?;
    let mut found = Vec::new();
    for (k, &c) in coefficients.iter().enumerate() {
        let error = now * inverse[(k, k)].sqrt();
        let round = halves(c);
        let coefficient = match (round - c).abs() <= (NEAR * round.abs()).max(DOUBT * error).min(OFF) {
            _ if !(c.abs() > COUNTS * error) => return None,
            true => round,
            false if c.abs() > KNOWN * error => c,
            false => return None,
        };
        let mut factors = [&[input][..], &partners[chosen[k]]].concat();
        factors.sort_unstable();
        found.push(Term { factors, coefficient, errors: c.abs() / error });
    }
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::groups::columns;

    fn found(law: impl Fn(&[f64]) -> f64) -> Option<Vec<f64>> {
        let x = columns(4, 500);
        let y: Vec<f64> = (0..500).map(|r| law(&x.iter().map(|c| c[r]).collect::<Vec<f64>>())).collect();
        let weights = vec![1.0; 500];
        let terms = linear_terms(&x, &Rows { target: &y, weights: &weights })?;
        let beside: Vec<f64> = terms
            .evaluate(&x.iter().map(Vec::as_slice).collect::<Vec<_>>())
            .iter()
            .zip(&y)
            .map(|(t, y)| y - t)
            .collect();
        Some(beside)
    }

    #[test]
    fn terms_beside_what_no_polynomial_is_near_to() {
        let x = columns(4, 500);
        let rough = |r: &[f64]| (7.0 * r[2] * r[3]).sin();
        let beside = found(|r| r[0] * r[2] - 3.0 * r[1] + rough(r)).unwrap();
        for (r, b) in beside.iter().enumerate() {
            let row: Vec<f64> = x.iter().map(|c| c[r]).collect();
            assert!((b - rough(&row)).abs() < 1e-9);
        }
    }

    #[test]
    fn terms_of_three_inputs() {
        let x = columns(4, 500);
        let rough = |r: &[f64]| (7.0 * r[2] * r[3]).sin();
        let beside = found(|r| 1.5 * r[0] * r[1] * r[2] - r[1] + rough(r)).unwrap();
        for (r, b) in beside.iter().enumerate() {
            let row: Vec<f64> = x.iter().map(|c| c[r]).collect();
            assert!((b - rough(&row)).abs() < 1e-9);
        }
    }

    #[test]
    fn none_where_inputs_are_in_other_functions() {
        assert!(found(|r| (r[0] * r[1]).sin() / r[2] + r[3].powi(3)).is_none());
    }
}
