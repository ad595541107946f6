//! Inputs whose function stands alone: `y = f(x_i) g(others)`, `y = f(x_i) + g(others)`, or in one term: `y = f(x_i) g(others) + h(others)`.
//!
//! 1. [`linear`]: terms that are linear in an input go at once
//! 2. [`blocks`]: which input stands alone, and what values its function has
//! 3. [`names`]: formulas for these values, from a table of one input; what stands before it in a term, from one of the others
//! 4. [`joint`]: constants of a term, beside any smooth function of the others
//!
//! What is left is a problem of fewer inputs, which may fall apart again.

mod blocks;
mod joint;
mod linear;
mod names;

use super::parts::relevant;
use super::reduced::{Data, Reduced, Stage, rows_of, without_factor};
use super::{
    Candidate, Control, Known, Memetic, Neighbourhood, Parts, Problem, ProductDag, Round, SearchStrategy,
    SemanticBank,
};
use crate::data::thinned;
use crate::expr::Expr;
use blocks::{Block, Kind, Rows, blocks};
use linear::linear_terms;
use names::names;

/// Name of the stage.
pub(crate) const NAME: &str = "separable";

/// Rows that blocks are looked for on.
const ROWS: usize = 500;

/// Inputs at most.
const WIDEST: usize = 12;

/// Blocks that are followed.
const BLOCKS: usize = 2;

/// The strategy `separable`.
#[derive(Default)]
pub(crate) struct Separable {
    reduced: Option<Vec<Reduced>>,
    round: usize,
}

impl Separable {
    /// A search that has not begun; it reads the problem in its first round.
    pub(crate) fn new() -> Self {
        Self::default()
    }
}

/// The problems that are left without the functions that stand alone.
fn reductions(problem: &Problem<'_>, control: &Control) -> Vec<Reduced> {
    if !(2..=WIDEST).contains(&problem.columns.len()) {
        return Vec::new();
    }
    let which = thinned(&problem.split.train, ROWS);
    let pick = |values: &[f64]| -> Vec<f64> { which.iter().map(|&r| values[r]).collect() };
    let columns: Vec<Vec<f64>> = problem.columns.iter().map(|c| pick(c)).collect();
    let target = pick(problem.target);
    let weights = problem.weights.map_or_else(|| vec![1.0; which.len()], pick);
    let rows = Rows { target: &target, weights: &weights };
    let follow = |block: &Block| -> Vec<Reduced> {
        let found = names(block, &columns, &rows, problem, control);
        found.iter().filter_map(|f| without(block, f, problem)).collect()
    };
    let terms = linear_terms(&columns, &rows);
    let beside = terms.and_then(|terms| reduced(problem, terms, Kind::Summand, Inputs::Needed));
    let blocks = blocks(&columns, &rows, control);
    beside.into_iter().chain(blocks.iter().take(BLOCKS).flat_map(follow)).collect()
}

/// The problem without the input of a block, whose function or term is `f`.
fn without(block: &Block, f: &Expr, problem: &Problem<'_>) -> Option<Reduced> {
    reduced(problem, f.clone(), block.kind, Inputs::But(block.input))
}

/// What a reduced problem reads.
#[derive(Clone, Copy, Debug)]
enum Inputs {
    But(usize),
    /// Those that what is left depends on.
    Needed,
}

/// What is left of the target without `f`.
fn reduced(problem: &Problem<'_>, f: Expr, kind: Kind, inputs: Inputs) -> Option<Reduced> {
    let (rows, split) = rows_of(problem);
    let pick = |values: &[f64]| -> Vec<f64> { rows.iter().map(|&r| values[r]).collect() };
    let picked: Vec<Vec<f64>> = problem.columns.iter().map(|c| pick(c)).collect();
    let own = f.evaluate(&picked.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let (all, weights) = (pick(problem.target), problem.weights.map(pick));
    let (target, weights) = match kind {
        Kind::Factor => without_factor(&all, weights.as_deref(), |row| own[row]),
        Kind::Summand | Kind::Term => {
            let weight = |row: usize| weights.as_ref().map_or(1.0, |w| w[row]);
            let rest = all.iter().zip(&own).map(|(y, f)| y - f).enumerate();
            rest.map(|(row, v)| if v.is_finite() { (v, weight(row)) } else { (0.0, 0.0) }).unzip()
        }
    };
    if weights.iter().all(|w| *w == 0.0) {
        return None;
    }
    let others: Vec<usize> = match inputs {
        Inputs::But(input) => (0..problem.columns.len()).filter(|i| *i != input).collect(),
        Inputs::Needed => relevant(&picked, &target, &weights),
    };
    let columns = others.iter().map(|&i| picked[i].clone()).collect();
    let stages = vec![
        Stage::new(ProductDag::new(), 0, 1),
        Stage::new(Parts::new(), 0, 1),
        Stage::new(SemanticBank::new(), 1, 1),
        Stage::new(Separable::new(), 1, 1),
        Stage::new(Neighbourhood::new(), 2, 1),
        Stage::new(Memetic::new(), 2, 1),
    ];
    Some(Reduced::new(Data { columns, target, weights, split }, stages, move |rest| {
        let names: Vec<Expr> = others.iter().map(|&i| Expr::variable(i)).collect();
        let rest = rest.substitute(&names);
        match kind {
            Kind::Factor => f.clone() * rest,
            Kind::Summand | Kind::Term => f.clone() + rest,
        }
    }))
}

impl SearchStrategy for Separable {
    fn name(&self) -> &'static str {
        NAME
    }

    fn round(&mut self, problem: &Problem<'_>, _front: &[Known], control: &Control) -> Round {
        if control.is_stopped() {
            return Round { candidates: Vec::new(), finished: false };
        }
        let reduced = self.reduced.get_or_insert_with(|| reductions(problem, control));
        let mut waiting: Vec<&mut Reduced> = reduced.iter_mut().filter(|r| !r.is_finished()).collect();
        // The clearest, and one of the others: most of them are not what they seem.
        let other = 1 + self.round % waiting.len().saturating_sub(1).max(1);
        self.round += 1;
        let turn = waiting.iter_mut().enumerate().filter(|(i, _)| *i == 0 || *i == other);
        let candidates: Vec<Candidate> = turn.flat_map(|(_, r)| r.round(problem, NAME, control)).collect();
        Round { candidates, finished: waiting.is_empty() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;
    use crate::search::groups::columns;
    use crate::search::strategy_tests::returns_at_once_when_stopped;
    use crate::search_space::{PrimitiveSet, SearchSpace};

    /// The least error, relative to the size of the target, of what the stage finds in some rounds, fewer where it is `enough`.
    fn error(width: usize, enough: f64, law: impl Fn(&[f64]) -> f64) -> f64 {
        let columns = columns(width, 400);
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let y: Vec<f64> =
            (0..400).map(|r| law(&columns.iter().map(|c| c[r]).collect::<Vec<f64>>())).collect();
        let size = y.iter().fold(0.0, |m: f64, y| m.max(y.abs()));
        let split = Split::random(400, 0.25, 1);
        let space = SearchSpace::new(PrimitiveSet::SCIENCE, 2).unwrap();
        let problem =
            Problem { columns: &views, target: &y, weights: None, split: &split, space: &space, seed: 1 };
        let mut search = Separable::new();
        let off = |e: &Expr| {
            let off = e.evaluate(&views).iter().zip(&y).map(|(f, y)| (f - y).abs()).fold(0.0, f64::max);
            off / size
        };
        let mut least = f64::INFINITY;
        for _ in 0..6 {
            let candidates = search.round(&problem, &[], &Control::unlimited()).candidates;
            least = candidates.iter().filter_map(|c| c.expr().map(off)).fold(least, f64::min);
            if least < enough {
                break;
            }
        }
        least
    }

    #[test]
    fn a_factor_and_a_summand() {
        assert!(error(4, 1e-8, |x| (2.0 * x[1]).cos() * (x[0] * x[2] - (x[3] + x[0]).sqrt())) < 1e-8);
        assert!(error(4, 1e-8, |x| x[2].sin() + x[0] / (x[1] + x[3])) < 1e-8);
    }

    #[test]
    fn one_term_beside_others() {
        assert!(error(2, 1e-8, |x| 0.7 * x[0] * (-0.3 * x[1]).exp() + 0.9 * (1.3 * x[0]).sin()) < 1e-8);
        // As exact as a polynomial of two inputs is near to the root; the engine solves the constants of the whole.
        let off = error(3, 1e-6, |x| x[1] * (2.0 * x[0]).cos() + (x[1] + x[2]).sqrt());
        assert!(off < 1e-6, "{off:e}");
    }

    #[test]
    fn one_after_the_other() {
        assert!(error(3, 1e-8, |x| x[0].cos() * x[1].ln() * (x[2] - 2.0).exp()) < 1e-8);
    }

    #[test]
    fn does_nothing_when_stopped() {
        returns_at_once_when_stopped(Separable::new());
    }
}
