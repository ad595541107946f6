//! Standard errors of fitted constants.

use crate::expr::Tape;
use crate::least_squares::{Gram, SquaredError};

/// The standard error of every constant: `sqrt(s^2 [(J^T W J)^-1]_jj)` with `s^2` the weighted residual variance
/// on `rows - p` degrees of freedom (Seber and Wild, *Nonlinear Regression*, 1989, section 2.1).
///
/// `None` for a constant that the data do not determine, or without degrees of freedom.
pub(crate) fn standard_errors(
    tape: &Tape,
    parameters: &[f64],
    columns: &[&[f64]],
    target: &[f64],
    weights: Option<&[f64]>,
) -> Vec<Option<f64>> {
    let p = parameters.len();
    let rows = weights.map_or(target.len(), |w| w.iter().filter(|w| **w > 0.0).count());
    if rows <= p {
        return vec![None; p];
    }
    let problem = SquaredError::new(tape, columns, target, weights);
    let Some(equations) = problem.normal_equations(parameters, &mut crate::expr::Workspace::new()) else {
        return vec![None; p];
    };
    let variance = equations.cost / (rows - p) as f64;
    (0..p)
        .map(|j| {
            let mut unit = vec![0.0; p];
            unit[j] = 1.0;
            let column = Gram::solve(&equations.jtj, &unit, 0.0)?;
            let error = (variance * column[j]).sqrt();
            error.is_finite().then_some(error)
        })
        .collect()
}
