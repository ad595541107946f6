//! The judge: constants refitted in the units of the target, errors on rows that no fit has seen.

use super::frame::Frame;
use crate::expr::{Expr, Tape, Workspace, complexity};
use crate::least_squares::{LmOptions, SquaredError, levenberg_marquardt};
use crate::search::Control;

/// A formula of the problem with its errors.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) expr: Expr,
    pub(crate) complexity: u32,
    /// Fraction of the target's variance left unexplained on the rows of the fit.
    pub(crate) fit: f64,
    /// The same on the rows kept for checking.
    pub(crate) check: f64,
    /// The stage that proposed it.
    pub(crate) origin: &'static str,
}

impl Found {
    /// Explains fresh rows to working precision, with few constants.
    pub(crate) fn is_exact(&self) -> bool {
        self.check < 1e-20 && self.expr.parameters().len() <= 8
    }
}

/// Refits and measures formulas on the rows of a frame.
pub(crate) struct Judge<'a> {
    frame: &'a Frame,
    control: &'a Control,
    fit_variance: f64,
    check_variance: f64,
}

fn variance(target: &[f64]) -> f64 {
    let n = target.len().max(1) as f64;
    let mean = target.iter().sum::<f64>() / n;
    target.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / n
}

impl<'a> Judge<'a> {
    /// A judge over the rows of `frame`.
    pub(crate) fn new(frame: &'a Frame, control: &'a Control) -> Self {
        let fit_variance = variance(&frame.fit.target).max(f64::MIN_POSITIVE);
        let check_variance = variance(&frame.check.target).max(fit_variance * 1e-3);
        Self { frame, control, fit_variance, check_variance }
    }

    /// Refits a formula from its present constants; `None` where it has no finite value on some row.
    pub(crate) fn assess(&self, expr: &Expr, origin: &'static str) -> Option<Found> {
        let tape = Tape::compile(expr);
        let columns = self.frame.fit.views();
        let fit = &self.frame.fit;
        let objective = SquaredError::new(&tape, &columns, &fit.target, fit.weights.as_deref());
        let options = LmOptions { iterations: 25, tolerance: 1e-9, polish: 3, ..LmOptions::default() };
        let result = levenberg_marquardt(&objective, expr.parameters(), &options);
        self.control.count((result.iterations * (1 + expr.parameters().len())) as u64);
        if !result.cost.is_finite() {
            return None;
        }
        let weight: f64 = fit.weights.as_ref().map_or(fit.target.len() as f64, |w| w.iter().sum());
        let check = &self.frame.check;
        let check_columns = check.views();
        let cost = SquaredError::new(&tape, &check_columns, &check.target, check.weights.as_deref())
            .cost(&result.parameters, &mut Workspace::new());
        let check_weight: f64 = check.weights.as_ref().map_or(check.target.len() as f64, |w| w.iter().sum());
        cost.is_finite().then(|| Found {
            expr: expr.with_parameters(&result.parameters),
            complexity: complexity(expr),
            fit: result.cost / weight / self.fit_variance,
            check: cost / check_weight / self.check_variance,
            origin,
        })
    }
}

/// The best formula per complexity, and which of them were handed out already.
#[derive(Clone, Debug, Default)]
pub(crate) struct Archive {
    entries: Vec<(Found, bool)>,
}

impl Archive {
    /// Files a formula if nothing as short has as small an error on the rows for checking.
    pub(crate) fn add(&mut self, found: Found) {
        if !found.check.is_finite() {
            return;
        }
        // Errors at working precision do not rank formulas.
        let floor = |e: f64| e.max(1e-24);
        let better = |a: &Found, b: &Found| a.complexity <= b.complexity && floor(a.check) <= floor(b.check);
        if self.entries.iter().any(|(e, _)| better(e, &found)) {
            return;
        }
        self.entries.retain(|(e, _)| !better(&found, e));
        self.entries.push((found, false));
        self.entries.sort_by_key(|(e, _)| e.complexity);
    }

    /// Formulas that were not handed out before, shortest first, at most `most`.
    pub(crate) fn fresh(&mut self, most: usize) -> Vec<Found> {
        self.entries
            .iter_mut()
            .filter(|(_, given)| !given)
            .take(most)
            .map(|(e, given)| {
                *given = true;
                e.clone()
            })
            .collect()
    }

    /// Whether some formula explains fresh rows to working precision.
    pub(crate) fn has_exact(&self) -> bool {
        self.entries.iter().any(|(e, _)| e.is_exact())
    }

    /// The formulas, shortest first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Found> {
        self.entries.iter().map(|(e, _)| e)
    }
}
