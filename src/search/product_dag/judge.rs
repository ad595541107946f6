//! The judge: constants refitted in the units of the target, errors on rows that no fit has seen.

use super::frame::Frame;
use super::pursuit::polynomial;
use crate::expr::{Expr, Tape, Workspace, complexity};
use crate::least_squares::{LmOptions, SquaredError, dot, levenberg_marquardt, orthogonalise, subtract};
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
        self.check < 1e-22 && self.expr.parameters().len() <= 6
    }

    /// Nodes and constants: a fitted number says as much as several nodes.
    fn length(&self) -> u32 {
        self.complexity + 2 * self.expr.parameters().len() as u32
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

/// Whether what a formula leaves of the target looks like noise: a polynomial of the inputs explains no more of
/// the residual than of independent numbers. Where the formula misses part of a law, its residual is smooth.
pub(crate) fn leaves_noise(frame: &Frame, found: &Found) -> bool {
    let columns = frame.fit.views();
    let n = frame.fit.target.len();
    let values = found.expr.evaluate(&columns);
    if values.len() != n || found.fit < 1e-16 {
        return false;
    }
    let mut residual: Vec<f64> = frame.fit.target.iter().zip(&values).map(|(y, f)| y - f).collect();
    let scaled: Vec<Vec<f64>> = columns
        .iter()
        .map(|c| {
            let mean = c.iter().sum::<f64>() / n as f64;
            let spread = (c.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64).sqrt();
            c.iter().map(|x| (x - mean) / spread.max(f64::MIN_POSITIVE)).collect()
        })
        .collect();
    let degree = if columns.len() == 1 { 12 } else { 4 };
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let before = dot(&residual, &residual);
    for monomial in polynomial(columns.len(), degree, n / 6) {
        let value =
            |r: usize| -> f64 { monomial.iter().map(|&(i, p)| scaled[i][r].powi(p as i32)).product() };
        let mut c: Vec<f64> = (0..n).map(value).collect();
        let size = dot(&c, &c);
        orthogonalise(&basis, &mut c);
        let norm = dot(&c, &c);
        if norm > 1e-16 * size && norm.is_finite() {
            c.iter_mut().for_each(|x| *x /= norm.sqrt());
            let d = dot(&c, &residual);
            subtract(&mut residual, d, &c);
            basis.push(c);
        }
    }
    let after = dot(&residual, &residual);
    let k = basis.len() as f64;
    if k < 1.0 || (n as f64) < 3.0 * k {
        return false;
    }
    (before - after) / k / (after / (n as f64 - k)) < 1.7
}

impl<'a> Judge<'a> {
    /// A judge over the rows of `frame`.
    pub(crate) fn new(frame: &'a Frame, control: &'a Control) -> Self {
        let fit_variance = variance(&frame.fit.target).max(f64::MIN_POSITIVE);
        let check_variance = variance(&frame.check.target).max(fit_variance * 1e-3);
        Self { frame, control, fit_variance, check_variance }
    }

    /// Fraction of the target's variance that a formula with its present constants leaves on fresh rows.
    pub(crate) fn error(&self, expr: &Expr) -> f64 {
        let check = &self.frame.check;
        let columns = check.views();
        let tape = Tape::compile(expr);
        let objective = SquaredError::new(&tape, &columns, &check.target, check.weights.as_deref());
        let weight: f64 = check.weights.as_ref().map_or(check.target.len() as f64, |w| w.iter().sum());
        objective.cost(expr.parameters(), &mut Workspace::new()) / weight / self.check_variance
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
        let expr = expr.with_parameters(&result.parameters);
        let check = self.error(&expr);
        check.is_finite().then(|| Found {
            complexity: complexity(&expr),
            fit: result.cost / weight / self.fit_variance,
            check,
            expr,
            origin,
        })
    }
}

/// Formulas of one length that are kept while their errors differ little.
const RIVALS: usize = 4;

/// The best formulas per length, and which of them were handed out already.
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
        // Errors at working precision do not rank formulas, and neither do differences within the error of an
        // error: under noise the law is one of several that explain the rows about equally well.
        let floor = |e: f64| e.max(1e-24);
        let better = |a: &Found, b: &Found| {
            let margin = if a.check > 1e-9 { 1.01 } else { 1.0 };
            a.length() <= b.length() && floor(a.check) * margin <= floor(b.check)
        };
        if self.entries.iter().any(|(e, _)| better(e, &found) || e.expr == found.expr) {
            return;
        }
        let mut rivals = self.entries.iter().filter(|(e, _)| e.length() == found.length());
        if rivals.clone().count() >= RIVALS && rivals.all(|(e, _)| e.check <= found.check) {
            return;
        }
        self.entries.retain(|(e, _)| !better(&found, e));
        self.entries.push((found, false));
        self.entries.sort_by_key(|(e, _)| e.length());
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

    /// How many formulas explain fresh rows to working precision.
    pub(crate) fn exact(&self) -> usize {
        self.entries.iter().filter(|(e, _)| e.is_exact()).count()
    }

    /// The formulas, shortest first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Found> {
        self.entries.iter().map(|(e, _)| e)
    }
}
