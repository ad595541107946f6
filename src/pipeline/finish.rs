//! The end of a fit: constants on all rows, standard errors, scores, selection.

use super::engine::Entry;
use super::rows::spread;
use crate::data::{Dataset, OutputType, ProbabilityLoss};
use crate::error::Error;
use crate::expr::{Expr, Tape};
use crate::model::{Criterion, Equation, Model, ParetoFront, Report, Scores, metrics};
use crate::refit::{ERROR_FLOOR, Likelihood, Refitter, description_length, snap_constants, standard_errors};
use crate::simplify::Simplifier;
use rayon::prelude::*;

/// Rows beyond which nice constants are looked for on a sample.
const SNAP_ROWS: usize = 4096;

/// What the last fit may do with constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Constants {
    /// Take nice numbers where the description gets shorter.
    Nice,
    /// Leave them as they were fitted, each with its standard error.
    Free,
}

/// The likelihood of an output type.
pub(super) fn likelihood(output: OutputType) -> Likelihood {
    match output {
        OutputType::Probability { loss: ProbabilityLoss::Bernoulli } => Likelihood::Bernoulli,
        OutputType::Count => Likelihood::Poisson,
        _ => Likelihood::Gaussian,
    }
}

/// A model from the expressions of a front, their constants refitted on all rows.
#[allow(clippy::too_many_arguments)] // what the search leaves behind, each a thing of its own
pub(super) fn finish(
    data: &Dataset,
    entries: &[Entry],
    validation: &[usize],
    output: OutputType,
    criterion: Criterion,
    structure_limit: f64,
    constants: Constants,
    report: Report,
) -> Result<Model, Error> {
    let held_out = (!validation.is_empty()).then(|| data.select(validation));
    let equations: Vec<Option<Equation>> = entries
        .par_iter()
        .map(|e| equation(data, held_out.as_ref(), &e.expr, likelihood(output), structure_limit, constants))
        .collect();
    let target = data.target_values().unwrap_or_default();
    let squares = target.iter().map(|y| y * y).sum::<f64>() / target.len() as f64;
    let mut front = ParetoFront::with_floor(squares * ERROR_FLOOR * ERROR_FLOOR);
    for e in equations.into_iter().flatten() {
        front.insert(e);
    }
    Ok(Model::new(front, data, report)?.with_output(output).with_criterion(criterion))
}

/// Constants of the structure refitted on the data, nice numbers taken where they may be, and what they make superfluous
/// left out.
fn settle(expr: &Expr, data: &Dataset, refitter: &Refitter, constants: Constants) -> Option<Expr> {
    let (columns, target) = (data.columns(), data.target_values()?);
    let refitted = refitter.refit(expr, &columns, target, data.weights()).expr;
    if constants == Constants::Free {
        return Some(refitted);
    }
    let snapped = snap_constants(&refitted, &columns, target, data.weights(), refitter);
    if snapped == refitted {
        return Some(snapped);
    }
    let short = Simplifier::default().simplify(&snapped, &columns);
    Some(refitter.polish(&short, &columns, target, data.weights()).expr)
}

fn equation(
    data: &Dataset,
    held_out: Option<&Dataset>,
    expr: &Expr,
    likelihood: Likelihood,
    structure_limit: f64,
    constants: Constants,
) -> Option<Equation> {
    let columns = data.columns();
    let target = data.target_values()?;
    let weights = data.weights();
    // Judged on held-out rows with the constants of the search, which have not seen them.
    let validation_mse = held_out.and_then(|d| {
        let predicted = expr.evaluate(&d.columns());
        let mse = metrics::mse(d.target_values()?, &predicted, d.weights());
        mse.is_finite().then_some(mse)
    });
    let refitter = Refitter { likelihood, starts: 1, iterations: 20, seed: 0, structure_limit };
    let expr = if data.rows() > SNAP_ROWS {
        // Which constants are nice numbers shows on a sample; their values then come from all rows.
        let all: Vec<usize> = (0..data.rows()).collect();
        let sample = data.select(&spread(&all, SNAP_ROWS));
        let expr = settle(expr, &sample, &refitter, constants)?;
        refitter.polish(&expr, &columns, target, weights).expr
    } else {
        settle(expr, data, &refitter, constants)?
    };
    let tape = Tape::compile(&expr);
    let errors = standard_errors(&tape, expr.parameters(), &columns, target, weights);
    let length = description_length(&expr, &tape, &columns, target, weights, likelihood, structure_limit);
    let names: Vec<String> = data.variables().iter().map(|v| v.name.clone()).collect();
    let predicted = tape.values(expr.parameters(), &columns);
    if predicted.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let mut scores = Scores::of(target, &predicted, weights);
    scores.validation_mse = validation_mse;
    scores.description_length = length.is_finite().then_some(length);
    if likelihood != Likelihood::Gaussian {
        let total: f64 = predicted
            .iter()
            .enumerate()
            .map(|(i, f)| weights.map_or(1.0, |w| w[i]) * likelihood.loss(*f, target[i]))
            .sum();
        scores.negative_log_likelihood = total.is_finite().then_some(total);
    }
    Some(Equation::new(expr, names, scores).ok()?.with_std_errors(errors))
}
