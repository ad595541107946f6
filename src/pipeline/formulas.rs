//! Formulas found elsewhere: their constants fitted, ranked, with standard errors.

use super::SymbolicRegressor;
use super::engine::Entry;
use super::finish::{Constants, finish, likelihood};
use super::regressor::check;
use super::rows::evenly;
use crate::data::Dataset;
use crate::error::Error;
use crate::expr::Expr;
use crate::model::{Model, Report};
use crate::refit::Refitter;
use rayon::prelude::*;
use std::time::Instant;

/// Rows that the far starts of the constants are tried on.
const START_ROWS: usize = 512;

/// Starts of the constants: a formula that comes with names instead of numbers says nothing of their size.
const STARTS: usize = 40;

impl SymbolicRegressor {
    /// Fits the constants of given formulas and ranks them: the front of those that no other beats in both error and
    /// length, with standard errors. Structures stay as they are, and no constant is rounded.
    ///
    /// ```
    /// use closedform::expr::parse_form;
    /// use closedform::{Dataset, SymbolicRegressor};
    /// use ndarray::{Array1, Array2};
    /// let t = Array2::from_shape_fn((50, 1), |(i, _)| i as f64 * 0.1);
    /// let y = Array1::from_iter(t.column(0).iter().map(|t| 7.5 * (-0.4 * t).exp() + 2.25));
    /// let data = Dataset::from_arrays(t.view(), y.view())?;
    /// let column = |name: &str| (name == "x1").then_some(0);
    /// let (form, _) = parse_form("a*exp(-b*x1) + c", column, true)?;
    /// let model = SymbolicRegressor::builder().build()?.fit_formulas(&[form], &data)?;
    /// let constants: Vec<f64> = model.constants().iter().map(|c| c.value).collect();
    /// for (found, expected) in constants.iter().zip([7.5, 0.4, 2.25]) {
    ///     assert!((found - expected).abs() < 1e-8);
    /// }
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the data cannot be fitted, or no formula has a finite value on every row.
    pub fn fit_formulas(&self, formulas: &[Expr], data: &Dataset) -> Result<Model, Error> {
        let started = Instant::now();
        let output = self.output(data)?;
        check(data, output)?;
        let sample = data.select(&evenly(data.rows(), START_ROWS));
        let refitter = Refitter {
            likelihood: likelihood(output),
            starts: STARTS,
            seed: self.options.seed,
            ..Refitter::default()
        };
        self.in_pool(|| {
            let entries: Vec<Entry> = formulas
                .par_iter()
                .map(|expr| {
                    let target = sample.target_values().unwrap_or_default();
                    let started = refitter.refit(expr, &sample.columns(), target, sample.weights());
                    Entry {
                        complexity: crate::expr::complexity(&started.expr),
                        expr: started.expr,
                        loss: 0.0,
                        description_length: 0.0,
                        predictive_length: 0.0,
                        origin: "formulas",
                        architecture: None,
                    }
                })
                .collect();
            let mut report = Report {
                strategy: "formulas".into(),
                seed: self.options.seed,
                threads: Some(rayon::current_num_threads()),
                ..Report::default()
            };
            let criterion = self.options.criterion;
            let limit = f64::INFINITY;
            let model =
                finish(data, &entries, &[], output, criterion, limit, Constants::Free, report.clone())?;
            report.wall_seconds = Some(started.elapsed().as_secs_f64());
            Ok(model.with_report(report))
        })
    }
}
