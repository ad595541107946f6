//! The end of a fit: constants on all rows, standard errors, scores, selection.

use super::engine::Entry;
use super::rows::evenly;
use crate::data::{Dataset, OutputType, ProbabilityLoss};
use crate::error::Error;
use crate::expr::{Expr, ExprBuilder, Node, NodeId, Op, Tape, TapeSet};
use crate::model::{Criterion, Equation, Model, ParetoFront, Report, Scores};
use crate::refit::{
    ERROR_FLOOR, Likelihood, Refitter, Rounding, likelihood_length, predictive_length, snap_constants,
    snapped_cost, standard_errors,
};
use crate::simplify::{Simplifier, rescaled};
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

/// Rows beyond which formulas are completed one after the other.
const SEQUENTIAL_ROWS: usize = 200_000;

/// Held-out rows that are gathered at a time.
const HELD_OUT_CHUNK: usize = 16_384;

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
    let held_out = held_out_errors(data, entries, validation);
    let refitter =
        Refitter { likelihood: likelihood(output), starts: 1, iterations: 20, seed: 0, structure_limit };
    // A likelihood takes several times the steps of a squared error.
    let rows = if refitter.likelihood == Likelihood::Gaussian { SNAP_ROWS } else { SNAP_ROWS / 4 };
    let sampled = data.rows() > rows;
    let sample = sampled.then(|| data.select(&evenly(data.rows(), rows)));
    let settled: Vec<Option<Expr>> = entries
        .par_iter()
        .map(|e| settle(&e.expr, sample.as_ref().unwrap_or(data), &refitter, constants))
        .collect();
    let rounding = Rounding::of(&data.columns(), data.target_values().unwrap_or_default());
    let complete = |(expr, held_out): (Option<Expr>, Option<f64>)| {
        equation(data, held_out, expr?, &refitter, sampled, rounding.as_ref())
    };
    let settled = settled.into_iter().zip(held_out);
    let equations: Vec<Option<Equation>> = if data.rows() > SEQUENTIAL_ROWS {
        // Threads share the rows, and only one column of predictions exists at a time.
        settled.map(complete).collect()
    } else {
        settled.collect::<Vec<_>>().into_par_iter().map(complete).collect()
    };
    let target = data.target_values().unwrap_or_default();
    let squares = target.iter().map(|y| y * y).sum::<f64>() / target.len() as f64;
    let mut front = ParetoFront::with_floor(squares * ERROR_FLOOR * ERROR_FLOOR);
    for e in equations.into_iter().flatten() {
        front.insert(e);
    }
    Ok(Model::new(front, data, report)?.with_output(output).with_criterion(criterion))
}

/// The structure with all its numbers free, also those that had become exact. Exponents stay: they are what a formula
/// says.
pub(super) fn freed(expr: &Expr) -> Expr {
    let nodes = expr.nodes();
    let mut g = ExprBuilder::new();
    let mut places: Vec<NodeId> = Vec::new();
    // The value of parts that are made of exact numbers alone, such as sqrt(2)/3.
    let mut numbers: Vec<Option<f64>> = Vec::new();
    for node in nodes {
        let number = |at: NodeId| numbers[at as usize];
        let free = |g: &mut ExprBuilder, at: NodeId| match number(at) {
            Some(value) => g.parameter(value),
            None => places[at as usize],
        };
        let (place, value) = match *node {
            Node::Constant(c) => (g.constant(c), Some(c)),
            Node::Parameter(p) => (g.parameter(expr.parameters()[p as usize]), None),
            Node::Variable(v) => (g.variable(v as usize), None),
            Node::Unary(op, a) => (g.unary(op, places[a as usize]), number(a).map(|a| op.value(a))),
            Node::Binary(op, a, b) => match (number(a), number(b)) {
                (Some(x), Some(y)) => {
                    (g.binary(op, places[a as usize], places[b as usize]), Some(op.value2(x, y)))
                }
                _ => {
                    let left = free(&mut g, a);
                    let right = if op == Op::Pow { places[b as usize] } else { free(&mut g, b) };
                    (g.binary(op, left, right), None)
                }
            },
        };
        places.push(place);
        numbers.push(value);
    }
    let root = expr.root() as usize;
    let root = numbers[root].map_or(places[root], |value| g.parameter(value));
    g.finish(root)
}

/// Constants of the structure refitted on the data, nice numbers taken where they may be, and what they make superfluous
/// left out.
fn settle(expr: &Expr, data: &Dataset, refitter: &Refitter, constants: Constants) -> Option<Expr> {
    let (columns, target) = (data.columns(), data.target_values()?);
    let mut settled = refitter.refit(expr, &columns, target, data.weights()).expr;
    if constants == Constants::Free {
        return Some(settled);
    }
    loop {
        let snapped = with_nice_numbers(&settled, &columns, target, data.weights(), refitter);
        if snapped == settled {
            return Some(settled);
        }
        let short = Simplifier::default().simplify(&snapped, &columns);
        settled = refitter.polish(&short, &columns, target, data.weights()).expr;
        // Constants that are one after simplification may be nice where the two were not known one by one.
        if settled.parameters().len() >= snapped.parameters().len() {
            return Some(settled);
        }
    }
}

/// Nice numbers in place of fitted ones where the description gets shorter; the same expression where none is found.
pub(super) fn with_nice_numbers(
    expr: &Expr,
    columns: &[&[f64]],
    target: &[f64],
    weights: Option<&[f64]>,
    refitter: &Refitter,
) -> Expr {
    // Only at one of the places where it could stand a number may be a nice one.
    let scaled = rescaled(expr, columns, &snapped_cost);
    let snapped = snap_constants(&scaled, columns, target, weights, refitter);
    if snapped == scaled { expr.clone() } else { snapped }
}

/// Mean squared error of each formula on held-out rows, with the constants of the search, which have not seen them.
fn held_out_errors(data: &Dataset, entries: &[Entry], rows: &[usize]) -> Vec<Option<f64>> {
    let exprs: Vec<Expr> = entries.iter().map(|e| e.expr.clone()).collect();
    let set = TapeSet::compile(&exprs);
    // The rows are gathered a chunk at a time; sums over chunks are added in order.
    let sums: Vec<(Vec<f64>, f64)> = rows
        .par_chunks(HELD_OUT_CHUNK)
        .map(|rows| {
            let part = data.select(rows);
            let target = part.target_values().unwrap_or_default();
            let weight = |i: usize| part.weights().map_or(1.0, |w| w[i]);
            // A row of weight 0 does not count, whatever is predicted there.
            let counted: Vec<usize> = (0..rows.len()).filter(|&i| weight(i) > 0.0).collect();
            let sum = |predicted: Vec<f64>| {
                counted.iter().map(|&i| weight(i) * (target[i] - predicted[i]).powi(2)).sum::<f64>()
            };
            let sums = set.values(&part.columns()).into_iter().map(sum).collect();
            (sums, counted.iter().map(|&i| weight(i)).sum())
        })
        .collect();
    let total: f64 = sums.iter().map(|s| s.1).sum();
    (0..entries.len())
        .map(|k| {
            let mse = sums.iter().map(|s| s.0[k]).sum::<f64>() / total;
            mse.is_finite().then_some(mse)
        })
        .collect()
}

/// A formula of the front: its constants from all rows, where they came from a sample, with errors and scores.
fn equation(
    data: &Dataset,
    validation_mse: Option<f64>,
    expr: Expr,
    refitter: &Refitter,
    sampled: bool,
    rounding: Option<&Rounding>,
) -> Option<Equation> {
    let columns = data.columns();
    let target = data.target_values()?;
    let weights = data.weights();
    let Refitter { likelihood, structure_limit, .. } = *refitter;
    // Which constants are nice numbers shows on a sample; their values come from all rows.
    let expr = if sampled { refitter.polish(&expr, &columns, target, weights).expr } else { expr };
    let tape = Tape::compile(&expr);
    let errors = standard_errors(&tape, expr.parameters(), &columns, target, weights);
    let names: Vec<String> = data.variables().iter().map(|v| v.name.clone()).collect();
    let predicted = tape.values(expr.parameters(), &columns);
    if predicted.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let mut scores = Scores::of(target, &predicted, weights);
    scores.validation_mse = validation_mse;
    let length = if likelihood == Likelihood::Gaussian {
        predictive_length(&expr, &columns, target, weights, &predicted, rounding, structure_limit)
    } else {
        let total = likelihood.total(&predicted, target, weights);
        scores.negative_log_likelihood = total.is_finite().then_some(total);
        likelihood_length(&expr, total, structure_limit)
    };
    scores.description_length = length.is_finite().then_some(length);
    Some(Equation::new(expr, names, scores).ok()?.with_std_errors(errors))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse;

    #[test]
    fn freed_numbers() {
        for (formula, count) in
            [("1 - (1 - p)*exp(-0.03*t)", 3), ("p^2 + sqrt(2)/3*t", 1), ("2*pi", 1), ("p*t", 0), ("2^t", 1)]
        {
            let law = parse(formula, &["p", "t"]).unwrap();
            let free = freed(&law);
            assert_eq!(free.parameters().len(), count, "{formula}: {free:?}");
            let row = [0.3, 1.7];
            assert!((free.evaluate_row(&row) - law.evaluate_row(&row)).abs() < 1e-12, "{formula}");
        }
    }
}
