//! [`relevant`]: the inputs that a part depends on.
//!
//! A part of a formula often reads few of the inputs, and a search over few inputs goes much deeper. An input is left out where
//! a polynomial without it is as good as one with it, and nearly as good as the part.

use crate::data::thinned;
use crate::least_squares::linear_fit_and_rest;
use crate::search::algebraic::{Monomial, monomials_about_means};

/// Degree of the polynomial, at most, its coefficients, and rows that it is fitted on.
const DEGREE: u32 = 6;
const COEFFICIENTS: usize = 130;
const ROWS: usize = 500;

/// Without an input the variance of what is left, per degree of freedom, may be this much larger.
const LARGER: f64 = 1.15;

/// The share of the variance that the polynomial has to explain: of what it does not, nothing is known.
const EXPLAINED: f64 = 0.99;

/// Inputs without which the values cannot be explained, in order; all of them where that cannot be told.
pub(in crate::search) fn relevant(columns: &[Vec<f64>], values: &[f64], weights: &[f64]) -> Vec<usize> {
    let all: Vec<usize> = (0..columns.len()).collect();
    let few: Vec<Vec<f64>> = columns.iter().map(|c| thinned(c, ROWS)).collect();
    let (values, weights) = (thinned(values, ROWS), thinned(weights, ROWS));
    let most = COEFFICIENTS.min(values.len() / 3);
    let fits = |degree: &u32| Monomial::count(columns.len(), *degree) <= most;
    let Some(degree) = (2..=DEGREE).rev().find(fits) else { return all };
    let monomials = monomials_about_means(&few, degree);
    // Variance left by the polynomial in some inputs, per degree of freedom.
    let left = |inputs: &[usize]| -> Option<f64> {
        let reads_others = |m: &Monomial| m.0.iter().enumerate().any(|(i, e)| *e > 0 && !inputs.contains(&i));
        let basis: Vec<&[f64]> =
            monomials.iter().filter(|m| !reads_others(&m.0)).map(|m| m.1.as_slice()).collect();
        let (_, rest) = linear_fit_and_rest(&basis, &values, Some(&weights))?;
        let squares: f64 = rest.iter().zip(&weights).map(|(r, w)| w * r * r).sum();
        Some(squares / (values.len() - basis.len()) as f64)
    };
    let (Some(mut least), Some(constant)) = (left(&all), left(&[])) else { return all };
    let mut kept = all;
    loop {
        let without = |i: &usize| -> Option<(f64, Vec<usize>)> {
            let others: Vec<usize> = kept.iter().copied().filter(|k| k != i).collect();
            Some((left(&others)?, others))
        };
        let best = kept.iter().filter_map(without).min_by(|a, b| a.0.total_cmp(&b.0));
        match best {
            Some((left, others))
                if kept.len() > 1 && left <= LARGER * least && left <= (1.0 - EXPLAINED) * constant =>
            {
                least = least.min(left);
                kept = others;
            }
            _ => return kept,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::parts::tests::draw;

    #[test]
    fn inputs_that_matter_are_kept() {
        let x = draw(600);
        let of = |law: &dyn Fn(&[f64]) -> f64| -> Vec<usize> {
            let row = |r: usize| -> Vec<f64> { x.iter().map(|c| c[r]).collect() };
            let values: Vec<f64> = (0..600).map(|r| law(&row(r))).collect();
            relevant(&x, &values, &vec![1.0; 600])
        };
        assert_eq!(of(&|x| (x[1] + 1.0).ln().sin()), [1]);
        assert_eq!(of(&|x| (x[0] * x[3]).sqrt()), [0, 3]);
        // A small effect is one.
        assert_eq!(of(&|x| (x[1] + 1.0).ln().sin() + 1e-3 * x[2]), [1, 2]);
        // What turns many times is explained by no polynomial.
        assert_eq!(of(&|x| x[1] + (40.0 * x[2]).sin()), [0, 1, 2, 3]);
    }
}
