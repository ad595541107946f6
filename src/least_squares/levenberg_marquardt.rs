//! Levenberg-Marquardt on forward duals.
//!
//! Marquardt's scaling (damping times the diagonal of `J^T J`), gain-ratio control of the damping, and a final
//! polish by Gauss-Newton steps on a QR of the Jacobian itself, which squares no condition number: constants of
//! noise-free data come out to about machine precision.
//!
//! References: Marquardt, SIAM J. Appl. Math. 11 (1963) 431; More, *The Levenberg-Marquardt algorithm* (1978);
//! Madsen, Nielsen, Tingleff, *Methods for non-linear least squares problems* (2004), algorithm 3.16.

use super::vector::dot;
use super::{Gram, SquaredError, linear_fit};
use crate::expr::{DualVec, LANES, Workspace};

/// When to stop, and how to start.
///
/// ```
/// # use closedform::expr::{Expr, Tape, Workspace};
/// # use closedform::least_squares::SquaredError;
/// # let tape = Tape::compile(&(Expr::parameter(1.0) * Expr::variable(0) + Expr::parameter(0.0)));
/// # let columns: [&[f64]; 1] = [&[0.0, 1.0, 2.0]];
/// use closedform::least_squares::{LmOptions, levenberg_marquardt};
/// let problem = SquaredError::new(&tape, &columns, &[1.0, 3.0, 5.0], None);
/// let none = LmOptions { iterations: 0, polish: 0, ..LmOptions::default() };
/// assert_eq!(levenberg_marquardt(&problem, &[1.0, 0.0], &none).parameters, [1.0, 0.0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LmOptions {
    /// Most iterations (Jacobian evaluations).
    pub iterations: usize,
    /// First damping, relative to the diagonal of `J^T J`.
    pub damping: f64,
    /// Stop when an iteration lowers the cost by less than this fraction.
    pub tolerance: f64,
    /// Finish with up to this many Gauss-Newton steps on a QR factorisation.
    pub polish: usize,
}

impl Default for LmOptions {
    fn default() -> Self {
        Self { iterations: 60, damping: 1e-2, tolerance: 1e-12, polish: 4 }
    }
}

/// Where the iteration ended.
///
/// ```
/// # use closedform::expr::{Expr, Tape, Workspace};
/// # use closedform::least_squares::SquaredError;
/// # let tape = Tape::compile(&(Expr::parameter(1.0) * Expr::variable(0) + Expr::parameter(0.0)));
/// # let columns: [&[f64]; 1] = [&[0.0, 1.0, 2.0]];
/// use closedform::least_squares::{LmFit, LmOptions, levenberg_marquardt};
/// let problem = SquaredError::new(&tape, &columns, &[0.0, 1.0, 2.0], None);
/// let LmFit { parameters, cost, .. } = levenberg_marquardt(&problem, &[1.0, 0.0], &LmOptions::default());
/// assert_eq!((parameters, cost), (vec![1.0, 0.0], 0.0));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LmFit {
    /// The constants; the start values where nothing better was found.
    pub parameters: Vec<f64>,
    /// The weighted sum of squares there; infinite where the start had no finite value.
    pub cost: f64,
    /// Jacobian evaluations.
    pub iterations: usize,
}

/// Rows beyond which the polish would store too large a Jacobian and is left out.
const POLISH_ROWS: usize = 20_000;

/// Minimises a squared error from a start. Never returns a worse point than the start and never a NaN: a trial
/// point without finite value is refused like one that is too far.
///
/// ```
/// # use closedform::expr::{Expr, Tape, Workspace};
/// # use closedform::least_squares::SquaredError;
/// # let tape = Tape::compile(&(Expr::parameter(1.0) * Expr::variable(0) + Expr::parameter(0.0)));
/// # let columns: [&[f64]; 1] = [&[0.0, 1.0, 2.0]];
/// use closedform::least_squares::{LmOptions, levenberg_marquardt};
/// let problem = SquaredError::new(&tape, &columns, &[1.0, 3.0, 5.0], None);
/// let fit = levenberg_marquardt(&problem, &[1.0, 0.0], &LmOptions::default());
/// assert!((fit.parameters[0] - 2.0).abs() < 1e-12 && (fit.parameters[1] - 1.0).abs() < 1e-12);
/// ```
pub fn levenberg_marquardt(problem: &SquaredError<'_>, start: &[f64], options: &LmOptions) -> LmFit {
    let mut values = Workspace::<f64>::new();
    let mut duals = Workspace::<DualVec<LANES>>::new();
    let mut best =
        LmFit { parameters: start.to_vec(), cost: problem.cost(start, &mut values), iterations: 0 };
    if start.is_empty() || !best.cost.is_finite() {
        return best;
    }
    let floor = rounding_floor(problem);
    let mut damping = options.damping;
    let mut growth = 2.0;
    let Some(mut equations) = problem.normal_equations(start, &mut duals) else { return best };
    while best.iterations < options.iterations {
        best.iterations += 1;
        let trial = Gram::solve(&equations.jtj, &equations.jtr, damping).map(|step| {
            let point: Vec<f64> = best.parameters.iter().zip(&step).map(|(x, s)| x - s).collect();
            (step, point)
        });
        let mut accepted = false;
        if let Some((step, point)) = trial {
            let cost = problem.cost(&point, &mut values);
            // Fall that the quadratic model promises; both terms are positive.
            let promised: f64 = (0..step.len())
                .map(|i| {
                    let diagonal = equations.jtj[i * step.len() + i];
                    step[i] * (damping * diagonal * step[i] + equations.jtr[i])
                })
                .sum();
            if cost < best.cost
                && let Some(next) = problem.normal_equations(&point, &mut duals)
            {
                let fall = best.cost - cost;
                let gain = fall / promised.max(f64::MIN_POSITIVE);
                damping = (damping * (1.0f64 / 3.0).max(1.0 - (2.0 * gain - 1.0).powi(3))).max(1e-15);
                growth = 2.0;
                let settled = fall <= options.tolerance * best.cost;
                best.parameters = point;
                best.cost = cost;
                equations = next;
                accepted = true;
                if settled || cost <= floor {
                    break;
                }
            } else if promised <= options.tolerance * best.cost {
                break;
            }
        }
        if !accepted {
            damping = damping.max(1e-12) * growth;
            growth *= 2.0;
            if damping > 1e12 {
                break;
            }
        }
    }
    if best.cost > floor {
        polish(problem, &mut best, options.polish, &mut values, &mut duals);
    }
    best
}

/// The cost of residuals as small as the rounding of the target: below it steps follow noise only.
fn rounding_floor(problem: &SquaredError<'_>) -> f64 {
    let (target, weights) = problem.target();
    let squares = match weights {
        Some(weights) => target.iter().zip(weights).map(|(y, w)| w * y * y).sum(),
        None => dot(target, target),
    };
    f64::EPSILON * f64::EPSILON * squares
}

fn polish(
    problem: &SquaredError<'_>,
    best: &mut LmFit,
    steps: usize,
    values: &mut Workspace<f64>,
    duals: &mut Workspace<DualVec<LANES>>,
) {
    if problem.rows() > POLISH_ROWS || problem.rows() < best.parameters.len() {
        return;
    }
    for _ in 0..steps {
        let p = best.parameters.len();
        let all: Vec<usize> = (0..p).collect();
        let (mut residuals, mut columns) =
            problem.values_and_columns(&best.parameters, &all, duals.scratch());
        let (target, weights) = problem.target();
        residuals.iter_mut().zip(target).for_each(|(r, y)| *r -= y);
        if let Some(weights) = weights {
            for column in columns.iter_mut().chain([&mut residuals]) {
                column.iter_mut().zip(weights).for_each(|(x, w)| *x *= w.sqrt());
            }
        }
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let Some(step) = linear_fit(&views, &residuals, None) else { return };
        let point: Vec<f64> = best.parameters.iter().zip(&step).map(|(x, s)| x - s).collect();
        let cost = problem.cost(&point, values);
        best.iterations += 1;
        if cost.is_nan() || cost >= best.cost {
            return;
        }
        let fall = best.cost - cost;
        best.parameters = point;
        best.cost = cost;
        if fall < 1e-9 * cost {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Expr, Op, Tape};

    #[test]
    fn exponential_to_machine_precision() {
        let x: Vec<f64> = (0..50).map(|i| f64::from(i) * 0.06).collect();
        let y: Vec<f64> = x.iter().map(|x| 2.5 * (-0.7 * x).exp() + 0.3).collect();
        let e = Expr::parameter(1.0) * (Expr::parameter(-0.1) * Expr::variable(0)).apply(Op::Exp)
            + Expr::parameter(0.0);
        let tape = Tape::compile(&e);
        let columns = [x.as_slice()];
        let fit = levenberg_marquardt(
            &SquaredError::new(&tape, &columns, &y, None),
            e.parameters(),
            &LmOptions::default(),
        );
        for (got, want) in fit.parameters.iter().zip([2.5, -0.7, 0.3]) {
            assert!((got / want - 1.0).abs() < 1e-12, "{fit:?}");
        }
    }

    #[test]
    fn a_step_out_of_the_domain_is_refused() {
        // ln(a x) has no value for a < 0; the first full step from 20 goes there.
        let x = [1.0, 2.0, 3.0];
        let y: Vec<f64> = x.iter().map(|x: &f64| (0.01 * x).ln()).collect();
        let e = (Expr::parameter(20.0) * Expr::variable(0)).apply(Op::Ln);
        let tape = Tape::compile(&e);
        let columns = [x.as_slice()];
        let fit = levenberg_marquardt(
            &SquaredError::new(&tape, &columns, &y, None),
            e.parameters(),
            &LmOptions::default(),
        );
        assert!((fit.parameters[0] - 0.01).abs() < 1e-12, "{fit:?}");
    }
}
