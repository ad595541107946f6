//! [`Sample`]: the rows and the units that a search by small edits works in.

use super::{Symbol, Tree, cleaned};
use crate::data::{Scaler, median, thinned};
use crate::expr::{Expr, Op, Tape, Workspace};
use crate::least_squares::{LmOptions, SquaredError, levenberg_marquardt, linear_parameters, solve_linear};
use crate::search::{Control, Problem};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Columns whose size is within this factor of 1 keep their unit: constants such as 1 and 2 keep their value.
const NEAR_ONE: f64 = 128.0;

/// A target whose deviation is this many times the usual one (of the median row) has poles.
const POLES: f64 = 10.0;

/// Rows further from the median than this many usual deviations count by their relative error where there are poles.
const FAR: f64 = 4.0;

/// Some rows of the training data, every column divided by a power of two near its size where that is far from 1.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    columns: Vec<Vec<f64>>,
    target: Vec<f64>,
    weights: Option<Vec<f64>>,
    inputs: Vec<f64>,
    output: f64,
    target_rms: f64,
    variance: f64,
}

/// The weights of the rows; of a target with poles the far rows are weighed down, since a few of them would
/// otherwise make up the whole error, and every formula without the pole would look alike.
fn tempered(target: &[f64], weights: Option<Vec<f64>>) -> Option<Vec<f64>> {
    if target.is_empty() {
        return weights;
    }
    let centre = median(target.to_vec());
    let usual = 1.5 * median(target.iter().map(|y| (y - centre).abs()).collect());
    let square = target.iter().map(|y| (y - centre).powi(2)).sum::<f64>() / target.len() as f64;
    if usual <= 0.0 || square.sqrt() <= POLES * usual {
        return weights;
    }
    let weight = |i: usize| weights.as_ref().map_or(1.0, |w| w[i]);
    let far = |y: f64| (y - centre) / (FAR * usual);
    Some(target.iter().enumerate().map(|(i, y)| weight(i) / (1.0 + far(*y).powi(2))).collect())
}

impl Sample {
    /// At most `most` training rows, drawn by the seed of the problem.
    pub(crate) fn new(problem: &Problem<'_>, most: usize) -> Self {
        let near_one = |f: &f64| if (1.0 / NEAR_ONE..=NEAR_ONE).contains(f) { 1.0 } else { *f };
        let inputs: Vec<f64> = Scaler::fit(problem.columns).factors().iter().map(near_one).collect();
        let output = near_one(&Scaler::fit(&[problem.target]).factors()[0]);
        Self::in_units(problem, most, inputs, output)
    }

    /// The same in the units of the problem: `cos(x)` of the problem is then one of the sample.
    pub(crate) fn unscaled(problem: &Problem<'_>, most: usize) -> Self {
        Self::in_units(problem, most, vec![1.0; problem.columns.len()], 1.0)
    }

    fn in_units(problem: &Problem<'_>, most: usize, inputs: Vec<f64>, output: f64) -> Self {
        let mut rows = problem.split.train.clone();
        if rows.len() > most {
            rows.shuffle(&mut ChaCha8Rng::seed_from_u64(problem.seed ^ 0x005a_3b1e));
            rows.truncate(most);
            rows.sort_unstable();
        }
        let pick = |c: &[f64], f: f64| rows.iter().map(|r| c[*r] / f).collect::<Vec<f64>>();
        let columns: Vec<Vec<f64>> = problem.columns.iter().zip(&inputs).map(|(c, f)| pick(c, *f)).collect();
        let target = pick(problem.target, output);
        let weights = tempered(&target, problem.weights.map(|w| pick(w, 1.0)));
        let weight = |i: usize| weights.as_ref().map_or(1.0, |w| w[i]);
        let total: f64 = (0..target.len()).map(weight).sum::<f64>().max(f64::MIN_POSITIVE);
        let mean = target.iter().enumerate().map(|(i, y)| weight(i) * y).sum::<f64>() / total;
        let square = target.iter().enumerate().map(|(i, y)| weight(i) * y * y).sum::<f64>() / total;
        let variance =
            target.iter().enumerate().map(|(i, y)| weight(i) * (y - mean).powi(2)).sum::<f64>() / total;
        Self {
            columns,
            weights,
            inputs,
            output,
            target_rms: square.sqrt(),
            variance: variance.max(square * 1e-30).max(f64::MIN_POSITIVE),
            target,
        }
    }

    /// At most so many of the rows, from everywhere.
    pub(crate) fn thinned(&self, most: usize) -> Self {
        Self {
            columns: self.columns.iter().map(|c| thinned(c, most)).collect(),
            target: thinned(&self.target, most),
            weights: self.weights.as_deref().map(|w| thinned(w, most)),
            inputs: self.inputs.clone(),
            ..*self
        }
    }

    /// The columns as slices.
    pub(crate) fn views(&self) -> Vec<&[f64]> {
        self.columns.iter().map(Vec::as_slice).collect()
    }

    /// The target.
    pub(crate) fn target(&self) -> &[f64] {
        &self.target
    }

    /// The weights of the rows, if any.
    pub(crate) fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.target.len()
    }

    /// The root mean square of the target.
    pub(crate) fn target_rms(&self) -> f64 {
        self.target_rms
    }

    /// The root mean square of the values of a formula.
    pub(crate) fn rms(&self, tree: &Tree) -> f64 {
        let values = tree.to_expr().evaluate(&self.views());
        (values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64).sqrt()
    }

    /// A formula of the sample in the units of the problem.
    pub(crate) fn lift(&self, tree: &Tree) -> Expr {
        let mut symbols = Vec::with_capacity(tree.len() + 8);
        if self.output != 1.0 {
            symbols.push(Symbol::Parameter(self.output));
        }
        self.rescaled(tree, |f| 1.0 / f, &mut symbols);
        if self.output != 1.0 {
            symbols.push(Symbol::Binary(Op::Mul));
        }
        cleaned(&Tree::from_symbols(symbols)).to_expr()
    }

    /// A formula of the problem in the units of the sample; `None` where it has more than `most` symbols.
    pub(crate) fn lower(&self, expr: &Expr, most: usize) -> Option<Tree> {
        let tree = Tree::from_expr(expr, most)?;
        let mut symbols = Vec::with_capacity(tree.len() + 8);
        if self.output != 1.0 {
            symbols.push(Symbol::Parameter(1.0 / self.output));
        }
        self.rescaled(&tree, |f| f, &mut symbols);
        if self.output != 1.0 {
            symbols.push(Symbol::Binary(Op::Mul));
        }
        Some(cleaned(&Tree::from_symbols(symbols)))
    }

    fn rescaled(&self, tree: &Tree, factor: impl Fn(f64) -> f64, out: &mut Vec<Symbol>) {
        let symbols = tree.symbols();
        for (i, symbol) in symbols.iter().enumerate() {
            match *symbol {
                // Exact numbers are fitted again, except exponents.
                Symbol::Constant(c) if symbols.get(i + 1) != Some(&Symbol::Binary(Op::Pow)) => {
                    out.push(Symbol::Parameter(c));
                }
                Symbol::Variable(v) if self.inputs[v as usize] != 1.0 => {
                    out.push(Symbol::Parameter(factor(self.inputs[v as usize])));
                    out.extend([*symbol, Symbol::Binary(Op::Mul)]);
                }
                other => out.push(other),
            }
        }
    }

    /// The mean squared error over the variance of the target; infinite where a value is not finite.
    pub(crate) fn error(&self, tree: &Tree) -> f64 {
        let expr = tree.to_expr();
        let tape = Tape::compile(&expr);
        let columns = self.views();
        let problem = SquaredError::new(&tape, &columns, &self.target, self.weights());
        self.relative(problem.cost(expr.parameters(), &mut Workspace::new()))
    }

    fn relative(&self, cost: f64) -> f64 {
        let weight = self.weights.as_ref().map_or(self.rows() as f64, |w| w.iter().sum());
        cost / weight / self.variance
    }

    /// Root mean square of the residuals for an error of [`Sample::error`].
    pub(crate) fn residual_rms(&self, error: f64) -> f64 {
        (error * self.variance).sqrt()
    }

    /// Fits the parameters of a formula, linear ones first; returns it with its error. Iterations stop early where
    /// the error stays above `hopeless` after a few. `None` where it has no finite value on some row.
    pub(crate) fn fit(
        &self,
        tree: &Tree,
        iterations: usize,
        hopeless: f64,
        control: &Control,
    ) -> Option<(Tree, f64)> {
        let expr = tree.to_expr();
        let tape = Tape::compile(&expr);
        let columns = self.views();
        let problem = SquaredError::new(&tape, &columns, &self.target, self.weights());
        let mut point = expr.parameters().to_vec();
        let linear = linear_parameters(&expr);
        let mut cost = solve_linear(&problem, &linear, &mut point);
        control.count(1 + linear.len() as u64);
        if !cost.is_finite() {
            return None;
        }
        let mut left = if linear.len() == point.len() { 0 } else { iterations };
        while left > 0 {
            let options = LmOptions { iterations: left.min(4), tolerance: 1e-5, polish: 0, damping: 1e-2 };
            let fit = levenberg_marquardt(&problem, &point, &options);
            control.count((fit.iterations * (1 + point.len())) as u64);
            left -= left.min(4);
            let settled = fit.iterations < 4 || fit.cost > 0.999 * cost;
            (point, cost) = (fit.parameters, fit.cost);
            if settled || self.relative(cost) > hopeless {
                break;
            }
        }
        let error = self.relative(cost);
        (error.is_finite() && point.iter().all(|p| p.is_finite()))
            .then(|| (tree.with_parameters(&point), error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;
    use crate::search_space::{PrimitiveSet, SearchSpace};

    #[test]
    fn units_are_undone() {
        let x: Vec<f64> = (1..40).map(|i| f64::from(i) * 1e20).collect();
        let y: Vec<f64> = x.iter().map(|x| 3e-30 * (x / 1e21).exp() + 1e-28).collect();
        let columns = [x.as_slice()];
        let split = Split { train: (0..39).collect(), validation: Vec::new() };
        let space = SearchSpace::new(PrimitiveSet::SCIENCE, 2).unwrap();
        let problem =
            Problem { columns: &columns, target: &y, weights: None, split: &split, space: &space, seed: 1 };
        let sample = Sample::new(&problem, 100);
        assert!(sample.columns[0].iter().all(|v| v.abs() < 10.0));
        let law = Expr::parameter(3e-30) * (Expr::parameter(1e-21) * Expr::variable(0)).apply(Op::Exp)
            + Expr::parameter(1e-28);
        let tree = sample.lower(&law, 50).unwrap();
        assert!(sample.error(&tree) < 1e-25);
        let back = sample.lift(&tree).evaluate(&columns);
        assert!(back.iter().zip(&y).all(|(a, b)| (a / b - 1.0).abs() < 1e-12));
    }
}
