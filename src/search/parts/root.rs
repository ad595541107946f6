//! [`beside_a_root`]: the polynomial that a square root is added to, in closed form.
//!
//! `y = A + C sqrt(B)` with polynomials `A`, `B`, `C` solves `y^2 = 2 A y + (C^2 B - A^2)`: linear in the coefficients
//! of `A` and of the last term. So one least-squares problem over `y m` and the monomials tells `A`, and `y - A` is a
//! smaller problem, which no approximation can smear.

use super::{Control, Sample};
use crate::expr::Expr;
use crate::search::bank::{eliminate, monomials};

/// Highest degree of `A`.
const DEGREE: u32 = 5;

/// Unknowns per row, at most.
const FULL: f64 = 0.75;

/// Norm of the residual over that of `y^2` below which the relation holds.
const HOLDS: f64 = 1e-9;

/// Terms of `A`, at most: more are no law.
const TERMS: usize = 8;

/// `A`, where such a relation holds exactly and `A` is not zero.
pub(super) fn beside_a_root(sample: &Sample, control: &Control) -> Option<Expr> {
    let columns = sample.views();
    let target = sample.target();
    let fits = |d: &u32| unknowns(columns.len(), *d) as f64 <= FULL * target.len() as f64;
    let degree = (1..=DEGREE).take_while(fits).last()?;
    let on_rows = |e: &Expr| e.evaluate(&columns);
    let factors = monomials(columns.len(), degree);
    let mut system = vec![target.iter().map(|y| y * y).collect::<Vec<f64>>()];
    system.extend(factors.iter().map(|m| on_rows(m).iter().zip(target).map(|(m, y)| m * y).collect()));
    system.extend(monomials(columns.len(), 2 * degree).iter().map(on_rows));
    let c = eliminate(&system, HOLDS, control)?;
    let terms: Vec<Expr> = factors
        .iter()
        .zip(&c[1..])
        .filter(|(_, c)| **c != 0.0)
        .map(|(m, k)| Expr::parameter(-k / c[0] / 2.0) * m.clone())
        .collect();
    if terms.len() > TERMS {
        return None;
    }
    terms.into_iter().reduce(|a, b| a + b)
}

/// Coefficients of polynomials of degree `d` and of degree `2 d` together.
fn unknowns(width: usize, d: u32) -> usize {
    let count = |d: usize| (1..=d).fold(1usize, |n, k| n.saturating_mul(width + k) / k);
    count(d as usize) + count(2 * d as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;
    use crate::search::Problem;
    use crate::search_space::{PrimitiveSet, SearchSpace};

    fn found(law: impl Fn(f64, f64) -> f64) -> Option<Expr> {
        let part = |k: f64| (0..300).map(|i| 0.5 + 3.0 * ((f64::from(i) * k) % 1.0)).collect::<Vec<f64>>();
        let (a, b) = (part(0.618_033_988), part(0.414_213_562));
        let y: Vec<f64> = a.iter().zip(&b).map(|(a, b)| law(*a, *b)).collect();
        let columns = [a.as_slice(), b.as_slice()];
        let split = Split { train: (0..300).collect(), validation: Vec::new() };
        let space = SearchSpace::new(PrimitiveSet::SCIENCE, 2).unwrap();
        let problem =
            Problem { columns: &columns, target: &y, weights: None, split: &split, space: &space, seed: 1 };
        beside_a_root(&Sample::new(&problem, 300), &Control::unlimited())
    }

    #[test]
    fn what_the_root_is_added_to() {
        let a = found(|a, b| 1.5 * a * b - b + (2.0 + b) * (a * a + 3.0 * b).sqrt()).unwrap();
        for row in [[1.0, 2.0], [2.5, 0.7]] {
            assert!((a.evaluate_row(&row) - (1.5 * row[0] * row[1] - row[1])).abs() < 1e-5, "{a:?}");
        }
    }

    #[test]
    fn nothing_without_a_root_or_beside_a_root_alone() {
        assert_eq!(found(|a, b| a + (b * a).sin()), None);
        assert_eq!(found(|a, b| (a * a + b).sqrt()), None);
    }

    #[test]
    fn numbers_of_monomials() {
        assert_eq!(unknowns(2, 1), 3 + 6);
        assert_eq!(unknowns(7, 2), 36 + 330);
    }
}
