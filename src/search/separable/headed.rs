//! [`Headed`]: the target under a head, on the rows that the stage works on.

use super::blocks::Rows;
use crate::data::thinned;
use crate::expr::Expr;
use crate::search::Problem;
use crate::search::bank::{monomial, power_factors};
use crate::search::product_dag::{Allowed, Head};
use crate::search::reduced::{Data, rows_of};

/// Rows that blocks are looked for on.
const ROWS: usize = 500;

/// A table whose target is transformed by a head.
pub(super) struct Headed {
    head: Head,
    /// The sign of the target before.
    sign: f64,
    allowed: Allowed,
    pub(super) data: Data,
    /// The rows that blocks are looked for on: inputs, target, weights.
    pub(super) columns: Vec<Vec<f64>>,
    target: Vec<f64>,
    weights: Vec<f64>,
}

impl Headed {
    /// The target itself.
    pub(super) fn plain(problem: &Problem<'_>) -> Self {
        let (rows, split) = rows_of(problem);
        let pick = |values: &[f64]| -> Vec<f64> { rows.iter().map(|&r| values[r]).collect() };
        let data = Data {
            columns: problem.columns.iter().map(|c| pick(c)).collect(),
            target: pick(problem.target),
            weights: problem.weights.map_or_else(|| vec![1.0; rows.len()], pick),
            split,
        };
        Self::new(Head::Identity, 1.0, Allowed::new(&problem.space.primitives), data)
    }

    fn new(head: Head, sign: f64, allowed: Allowed, data: Data) -> Self {
        let which = thinned(&data.split.train, ROWS);
        let pick = |values: &Vec<f64>| -> Vec<f64> { which.iter().map(|&r| values[r]).collect() };
        let columns = data.columns.iter().map(pick).collect();
        let (target, weights) = (pick(&data.target), pick(&data.weights));
        Self { head, sign, allowed, data, columns, target, weights }
    }

    /// The rows that blocks are looked for on.
    pub(super) fn rows(&self) -> Rows<'_> {
        Rows { target: &self.target, weights: &self.weights }
    }

    /// Powers of inputs that are factors, but for those of inputs in `known`; `None` where there are none.
    pub(super) fn powers(&self, known: &[(usize, f64)], problem: &Problem<'_>) -> Option<Expr> {
        let mut here = self.power_factors(problem);
        here.retain(|(input, power)| *power != 0.0 && known.iter().all(|k| k.0 != *input));
        let factors: Vec<(Expr, f64)> = here.into_iter().map(|(i, p)| (Expr::variable(i), p)).collect();
        (!factors.is_empty()).then(|| monomial(&factors))
    }

    /// Inputs that are factors, or do not matter, and their powers.
    pub(super) fn power_factors(&self, problem: &Problem<'_>) -> Vec<(usize, f64)> {
        let columns: Vec<&[f64]> = self.data.columns.iter().map(Vec::as_slice).collect();
        let Data { target, weights, split, .. } = &self.data;
        power_factors(&Problem {
            columns: &columns,
            target,
            weights: Some(weights),
            split,
            ..problem.clone()
        })
    }

    /// Whether powers under this head may be no powers of the target itself: roots of inputs that may be negative.
    pub(super) fn has_own_powers(&self) -> bool {
        matches!(self.head, Head::Square | Head::Exp)
    }

    /// The target under a head; `None` where its values are outside of the domain.
    pub(super) fn under(&self, head: Head) -> Option<Self> {
        let Data { columns, target, weights, split } = &self.data;
        let t = head.transform(target, Some(weights), &self.allowed)?;
        let mut sizes = t.root_weights.clone();
        sizes.sort_by(f64::total_cmp);
        // Next to a zero of `y` weights of `y^2` have no bound, and the few rows there would drown the others.
        let loudest = sizes[sizes.len() / 2];
        let data = Data {
            columns: columns.clone(),
            // In its own units: coefficients are told from round ones.
            target: t.values.iter().map(|v| v * t.unit).collect(),
            weights: t.root_weights.iter().map(|w| w.min(loudest).powi(2)).collect(),
            split: split.clone(),
        };
        Some(Self::new(head, t.sign, self.allowed.clone(), data))
    }

    /// Makes a formula of the target out of one of its transform.
    pub(super) fn inverse(&self) -> impl Fn(Expr) -> Expr + Send + Sync + use<> {
        let (head, sign, allowed) = (self.head, self.sign, self.allowed.clone());
        move |sum| head.invert(sum, sign, &allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;
    use crate::search::groups::columns;
    use crate::search_space::{PrimitiveSet, SearchSpace};

    #[test]
    fn roots_of_inputs_that_may_be_negative() {
        let n = 400;
        let mut x = columns(3, n);
        // The signs of the first two agree.
        for r in (0..n).step_by(3) {
            x[0][r] = -x[0][r];
            x[1][r] = -x[1][r];
        }
        let y: Vec<f64> = (0..n).map(|r| (x[0][r] / x[1][r] * (x[2][r].exp() + x[2][r])).sqrt()).collect();
        let views: Vec<&[f64]> = x.iter().map(Vec::as_slice).collect();
        let split = Split::random(n, 0.25, 1);
        let space = SearchSpace::new(PrimitiveSet::SCIENCE, 2).unwrap();
        let problem =
            Problem { columns: &views, target: &y, weights: None, split: &split, space: &space, seed: 1 };
        let plain = Headed::plain(&problem);
        let known = plain.power_factors(&problem);
        let squared = plain.under(Head::Square).unwrap();
        let ratio = squared.powers(&known, &problem).unwrap();
        assert_eq!(ratio.evaluate_row(&[3.0, 2.0, 7.0]), 1.5);
        assert!(squared.has_own_powers() && !plain.under(Head::Inverse).unwrap().has_own_powers());
        // What the head undoes is the target.
        let back = squared.inverse()(Expr::constant(2.25));
        assert_eq!(back.evaluate_row(&[]), 1.5);
    }
}
