//! Inputs whose function stands alone: `y = f(x_i) g(others)` or `y = f(x_i) + g(others)`.
//!
//! Which input it is and what values its function has are read off the data ([`blocks`]). A table of one input shows what
//! the function is; without it the target is a problem of fewer inputs, which may fall apart again.

mod blocks;

use super::parts::halves;
use super::reduced::{Data, Reduced, Stage, rows_of, without_factor};
use super::{Control, Known, Parts, Problem, ProductDag, Round, SearchStrategy, SemanticBank};
use crate::data::{Split, thinned};
use crate::expr::{Expr, Node, Op};
use blocks::{Block, Kind, blocks};

/// Name of the stage.
pub(crate) const NAME: &str = "separable";

/// Rows that blocks are looked for on, and rows of the table of one input.
const ROWS: usize = 500;
const ROWS_OF_ONE: usize = 120;

/// Inputs at most.
const WIDEST: usize = 12;

/// Blocks that are followed, functions of each, and the longest function.
const BLOCKS: usize = 2;
const FUNCTIONS: usize = 2;
const LONGEST: u32 = 9;

/// Rounds of the search for a function of one input.
const ROUNDS: usize = 2;

/// A function explains the values of a block where it leaves this share of their variance at most; what a node has to
/// take off the logarithm of what is left to be worth it.
const EXPLAINS: f64 = 0.1;
const NODE: f64 = 0.5;

/// Constants that are this near to a multiple of one half, relatively, are tried as that as well: the values are known but for the
/// polynomials that they come from.
const NEAR: f64 = 0.03;

/// What is left of the values below this share of their variance is due to the polynomials that they come from.
const FLOOR: f64 = 1e-6;

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
    let rows = thinned(&problem.split.train, ROWS);
    let pick = |values: &[f64]| -> Vec<f64> { rows.iter().map(|&r| values[r]).collect() };
    let columns: Vec<Vec<f64>> = problem.columns.iter().map(|c| pick(c)).collect();
    let weights = problem.weights.map_or_else(|| vec![1.0; rows.len()], pick);
    let found = blocks(&columns, &pick(problem.target), &weights, control);
    let follow = |block: &Block| -> Vec<Reduced> {
        let functions = functions(block, &columns[block.input], problem, control);
        functions.iter().filter_map(|f| without(block, f, problem)).collect()
    };
    found.iter().take(BLOCKS).flat_map(follow).collect()
}

/// What the function of a block may be, the likeliest first.
fn functions(block: &Block, input: &[f64], problem: &Problem<'_>, control: &Control) -> Vec<Expr> {
    let mut order: Vec<usize> = (0..input.len()).collect();
    order.sort_by(|a, b| input[*a].total_cmp(&input[*b]));
    let order = thinned(&order, ROWS_OF_ONE);
    let values: Vec<f64> = order.iter().map(|&r| block.values[r]).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
    // The size of a summand counts.
    let unit = if block.kind == Kind::Factor { variance.sqrt() } else { 1.0 };
    let n = values.len();
    // Every fourth row judges.
    let (validation, train): (Vec<usize>, Vec<usize>) = (0..n).partition(|r| r % 4 == 1);
    let data = Data {
        columns: vec![order.iter().map(|&r| input[r]).collect()],
        target: values.iter().map(|v| v / unit).collect(),
        weights: vec![1.0; n],
        split: Split { train, validation },
    };
    let stages = vec![Stage::new(SemanticBank::new(), 0, 1), Stage::new(ProductDag::new(), 0, 1)];
    let mut table = Reduced::new(data, stages, Expr::clone);
    for _ in 0..ROUNDS {
        table.round(problem, NAME, control);
    }
    let mut all: Vec<(f64, Expr)> = table
        .front()
        .iter()
        .map(|k| (k, k.mse * unit * unit / variance))
        .filter(|(k, left)| k.complexity <= LONGEST && *left < EXPLAINS && !k.expr.variables().is_empty())
        .map(|(k, left)| ((left + FLOOR).ln() + NODE * f64::from(k.complexity), bare(&k.expr, block.kind)))
        .flat_map(|(cost, f)| [(cost, with_halves(&f)), (cost, Some(f))])
        .filter_map(|(cost, f)| Some((cost, f?)))
        .collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut few: Vec<Expr> = Vec::new();
    for (_, f) in all {
        if few.len() < FUNCTIONS && !few.contains(&f) {
            few.push(f);
        }
    }
    few
}

/// With constants near multiples of one half set to them, if there are any.
fn with_halves(f: &Expr) -> Option<Expr> {
    let half = |p: &f64| {
        let half = halves(*p);
        if (half - p).abs() <= NEAR * half.abs() { half } else { *p }
    };
    let rounded: Vec<f64> = f.parameters().iter().map(half).collect();
    (rounded != f.parameters()).then(|| f.with_parameters(&rounded))
}

/// Without a constant factor, which the rest takes up, or a constant summand.
fn bare(expr: &Expr, kind: Kind) -> Expr {
    let is_number = |at: u32| matches!(expr.nodes()[at as usize], Node::Constant(_) | Node::Parameter(_));
    match (expr.nodes()[expr.root() as usize], kind) {
        (Node::Binary(Op::Mul, a, b), Kind::Factor) | (Node::Binary(Op::Add, a, b), Kind::Summand)
            if is_number(a) != is_number(b) =>
        {
            expr.subexpression(if is_number(a) { b } else { a })
        }
        (Node::Binary(Op::Div, a, b), Kind::Factor) | (Node::Binary(Op::Sub, a, b), Kind::Summand)
            if is_number(b) && !is_number(a) =>
        {
            expr.subexpression(a)
        }
        _ => expr.clone(),
    }
}

/// The problem without the input of a block, whose function is `f`.
fn without(block: &Block, f: &Expr, problem: &Problem<'_>) -> Option<Reduced> {
    let (rows, split) = rows_of(problem);
    let pick = |values: &[f64]| -> Vec<f64> { rows.iter().map(|&r| values[r]).collect() };
    let input = block.input;
    let own = f.evaluate(&[&pick(problem.columns[input])]);
    let (all, weights) = (pick(problem.target), problem.weights.map(pick));
    let (target, weights) = match block.kind {
        Kind::Factor => without_factor(&all, weights.as_deref(), |row| own[row]),
        Kind::Summand => {
            let weight = |row: usize| weights.as_ref().map_or(1.0, |w| w[row]);
            let rest = all.iter().zip(&own).map(|(y, f)| y - f).enumerate();
            rest.map(|(row, v)| if v.is_finite() { (v, weight(row)) } else { (0.0, 0.0) }).unzip()
        }
    };
    if weights.iter().all(|w| *w == 0.0) {
        return None;
    }
    let others: Vec<usize> = (0..problem.columns.len()).filter(|i| *i != input).collect();
    let columns = others.iter().map(|&i| pick(problem.columns[i])).collect();
    let stages = vec![
        Stage::new(ProductDag::new(), 0, 1),
        Stage::new(Parts::new(), 0, 1),
        Stage::new(SemanticBank::new(), 1, 1),
        Stage::new(Separable::new(), 1, 1),
    ];
    let (f, kind) = (f.substitute(&[Expr::variable(input)]), block.kind);
    Some(Reduced::new(Data { columns, target, weights, split }, stages, move |rest| {
        let names: Vec<Expr> = others.iter().map(|&i| Expr::variable(i)).collect();
        let rest = rest.substitute(&names);
        match kind {
            Kind::Factor => f.clone() * rest,
            Kind::Summand => f.clone() + rest,
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
        // One of them at a time: most are not what they seem.
        let waiting: Vec<usize> = (0..reduced.len()).filter(|i| !reduced[*i].is_finished()).collect();
        let Some(which) = waiting.get(self.round % waiting.len().max(1)) else {
            return Round { candidates: Vec::new(), finished: true };
        };
        self.round += 1;
        Round { candidates: reduced[*which].round(problem, NAME, control), finished: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::groups::columns;
    use crate::search::strategy_tests::returns_at_once_when_stopped;
    use crate::search_space::{PrimitiveSet, SearchSpace};

    /// The least error, relative to the size of the target, of what the stage finds in some rounds.
    fn error(width: usize, law: impl Fn(&[f64]) -> f64) -> f64 {
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
        let rounds = (0..6).flat_map(|_| search.round(&problem, &[], &Control::unlimited()).candidates);
        let off = |e: &Expr| {
            let off = e.evaluate(&views).iter().zip(&y).map(|(f, y)| (f - y).abs()).fold(0.0, f64::max);
            off / size
        };
        rounds.filter_map(|c| c.expr().map(off)).fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn a_factor_and_a_summand() {
        assert!(error(4, |x| (2.0 * x[1]).cos() * (x[0] * x[2] - (x[3] + x[0]).sqrt())) < 1e-8);
        assert!(error(4, |x| x[2].sin() + x[0] / (x[1] + x[3])) < 1e-8);
    }

    #[test]
    fn one_after_the_other() {
        assert!(error(3, |x| x[0].cos() * x[1].ln() * (x[2] - 2.0).exp()) < 1e-8);
    }

    #[test]
    fn does_nothing_when_stopped() {
        returns_at_once_when_stopped(Separable::new());
    }
}
