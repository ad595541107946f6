//! [`Job`]: the table of a part, and its search.

use super::relevant::relevant;
use super::{
    Beside, Control, Functions, Heads, Problem, ProductDag, Sample, SearchStrategy, SemanticBank,
    Sensitivity, Table, Tree,
};
use crate::data::Split;
use crate::expr::Expr;

/// The share of rows on which the part has to be known, and their number.
const DEFINED: f64 = 0.6;
const FEWEST: usize = 20;

/// Rows on which the formula hardly depends on the part say little of it: below this share of the median.
const FAINT: f64 = 0.03;

/// Rows on which it depends much more than usual would drown the others: above this, they count as if at it.
const LOUD: f64 = 4.0;

/// Unknowns of an algebraic law of few inputs: more only allow for higher degrees.
const FEW_INPUTS: usize = 3;
const OF_FEW: usize = 260;

/// Sets of functions beside the inputs, at most.
const SETS: usize = 1000;

/// Unknowns of a law of so many inputs, of `most` that are allowed.
pub(super) fn room(inputs: usize, most: usize) -> usize {
    if inputs <= FEW_INPUTS { most.min(OF_FEW) } else { most }
}

/// What is tried on a part.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effort {
    /// Algebraic laws with so many unknowns.
    Laws(usize),
    /// The same with functions beside the inputs.
    Beside(Functions, Beside),
    /// Algebraic laws behind a term with constants.
    Behind,
    /// Algebraic laws over inputs, then rounds of the product DAG and of the bank.
    Search { products: usize, banks: usize },
}

/// Unknowns of laws over inputs.
const OVER_INPUTS: usize = 450;

/// Longest formula of a part, in symbols.
const LONGEST: usize = 70;

/// Relative error below which the part is found.
const EXACT: f64 = 1e-20;

/// A part as a table: the rows where it is known.
#[derive(Debug)]
pub(super) struct Job {
    columns: Vec<Vec<f64>>,
    target: Vec<f64>,
    weights: Vec<f64>,
    /// Weighted mean square of the target about its mean.
    variance: f64,
}

impl Job {
    /// The part at `at` with its desired values; `None` where they are known on too few rows, or all alike.
    pub(super) fn new(sample: &Sample, s: &Sensitivity, at: usize, wanted: &[f64]) -> Option<Self> {
        Self::weighted(sample, wanted, |r| s.adjoints[at][r].abs() * s.root_weights[r])
    }

    /// What is left of the target.
    pub(super) fn residual(sample: &Sample, wanted: &[f64]) -> Option<Self> {
        Self::weighted(sample, wanted, |r| sample.weights().map_or(1.0, |w| w[r].sqrt()))
    }

    fn weighted(sample: &Sample, wanted: &[f64], importance: impl Fn(usize) -> f64) -> Option<Self> {
        let known: Vec<usize> =
            (0..wanted.len()).filter(|&r| wanted[r].is_finite() && importance(r).is_finite()).collect();
        let mut sizes: Vec<f64> = known.iter().map(|&r| importance(r)).collect();
        sizes.sort_by(f64::total_cmp);
        let median = *sizes.get(sizes.len() / 2)?;
        let rows: Vec<usize> = known.into_iter().filter(|&r| importance(r) > FAINT * median).collect();
        if rows.len() < FEWEST || (rows.len() as f64) < DEFINED * wanted.len() as f64 {
            return None;
        }
        let target: Vec<f64> = rows.iter().map(|&r| wanted[r]).collect();
        let weights: Vec<f64> = rows.iter().map(|&r| (importance(r) / median).min(LOUD).powi(2)).collect();
        let total: f64 = weights.iter().sum();
        let mean = target.iter().zip(&weights).map(|(t, w)| t * w).sum::<f64>() / total;
        let variance = target.iter().zip(&weights).map(|(t, w)| w * (t - mean).powi(2)).sum::<f64>() / total;
        let columns = sample.views().iter().map(|c| rows.iter().map(|&r| c[r]).collect()).collect();
        (variance > 1e-20 * mean * mean).then_some(Self { columns, target, weights, variance })
    }

    /// Formulas of the part, on a front of length and error, the best first.
    pub(super) fn solve(&self, problem: &Problem<'_>, effort: Effort, control: &Control) -> Vec<Tree> {
        let views: Vec<&[f64]> = self.columns.iter().map(Vec::as_slice).collect();
        let table = Table { columns: &views, target: &self.target, primitives: &problem.space.primitives };
        let room = |most: usize| room(views.len(), most);
        let solved = match effort {
            Effort::Laws(most) => table.laws(room(most), control),
            Effort::Beside(functions, how) => {
                let mut sets = functions.sets(&views);
                sets.truncate(SETS);
                table.laws_beside(&sets, how, control)
            }
            Effort::Behind => table.laws_behind(Heads::First, control),
            Effort::Search { .. } => table.laws_over_inputs(room(OVER_INPUTS), control),
        };
        let mut front: Vec<(f64, Tree)> = Vec::new();
        solved.iter().filter_map(|s| s.law.as_ref()).for_each(|law| self.file(&mut front, law, &views));
        if let Effort::Search { products, banks } = effort {
            self.search(problem, products, banks, &mut front, control);
        }
        front.into_iter().map(|f| f.1).collect()
    }

    /// Rounds of the product DAG and of the bank, over the inputs that the part depends on.
    fn search(
        &self,
        problem: &Problem<'_>,
        products: usize,
        banks: usize,
        front: &mut Vec<(f64, Tree)>,
        control: &Control,
    ) {
        let views: Vec<&[f64]> = self.columns.iter().map(Vec::as_slice).collect();
        let inputs = relevant(&self.columns, &self.target, &self.weights);
        let columns: Vec<&[f64]> = inputs.iter().map(|i| views[*i]).collect();
        let names: Vec<Expr> = inputs.iter().map(|i| Expr::variable(*i)).collect();
        let split = Split::random(self.target.len(), 0.25, problem.seed);
        let part = Problem {
            columns: &columns,
            target: &self.target,
            weights: Some(&self.weights),
            split: &split,
            space: problem.space,
            seed: problem.seed,
        };
        let mut stages: [(Box<dyn SearchStrategy>, usize); 2] =
            [(Box::new(ProductDag::new()), products), (Box::new(SemanticBank::new()), banks)];
        for (stage, rounds) in &mut stages {
            for _ in 0..*rounds {
                if control.is_stopped() || front.first().is_some_and(|b| b.0 <= EXACT) {
                    break;
                }
                let round = stage.round(&part, &[], control);
                for expr in round.candidates.iter().filter_map(|c| c.expr()) {
                    self.file(front, &expr.substitute(&names), &views);
                }
                if round.finished {
                    break;
                }
            }
        }
    }

    /// Files a formula on the front, sorted by error; what is longer and not clearly better drops out.
    fn file(&self, front: &mut Vec<(f64, Tree)>, expr: &Expr, views: &[&[f64]]) {
        let Some(tree) = Tree::from_expr(expr, LONGEST).filter(Tree::has_variable) else { return };
        let values = expr.evaluate(views);
        let total: f64 = self.weights.iter().sum();
        let squares =
            values.iter().zip(&self.target).zip(&self.weights).map(|((f, t), w)| w * (f - t).powi(2));
        let error = squares.sum::<f64>() / total / self.variance;
        if !(error < 0.5) {
            return;
        }
        let error = error.max(EXACT);
        let size = tree.complexity();
        if front.iter().any(|(e, t)| *e <= error && t.complexity() <= size) {
            return;
        }
        front.retain(|(e, t)| !(*e >= error && t.complexity() >= size));
        let place = front.partition_point(|(e, _)| *e < error);
        front.insert(place, (error, tree));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::parts::tests::draw;
    use crate::search_space::{PrimitiveSet, SearchSpace};

    #[test]
    fn a_part_is_searched_over_the_inputs_that_it_depends_on() {
        let x = draw(300);
        let views: Vec<&[f64]> = x.iter().map(Vec::as_slice).collect();
        let y: Vec<f64> = x[2].iter().map(|x| 0.7 * (x + 1.0).ln().sin() / x).collect();
        let split = Split::random(300, 0.25, 1);
        let space = SearchSpace::new(PrimitiveSet::SCIENCE, 2).unwrap();
        let problem =
            Problem { columns: &views, target: &y, weights: None, split: &split, space: &space, seed: 1 };
        let sample = Sample::new(&problem, 300);
        let job = Job::residual(&sample, sample.target()).unwrap();
        let found = job.solve(&problem, Effort::Search { products: 2, banks: 2 }, &Control::unlimited());
        let law = found.first().unwrap().to_expr();
        assert_eq!(law.variables(), [2]);
        let rows = sample.views();
        assert!(
            law.evaluate(&rows).iter().zip(sample.target()).all(|(f, y)| (f - y).abs() < 1e-9),
            "{law:?}"
        );
    }
}
