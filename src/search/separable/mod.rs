//! Inputs whose function stands alone: `y = f(x_i) g(others)`, `y = f(x_i) + g(others)`, or in one term: `y = f(x_i) g(others) + h(others)`.
//!
//! Which input it is and what values its function has are read off the data ([`blocks`]). A table of one input shows what
//! the function is, and where it stands in a term a table of the others shows what it is multiplied by ([`joint`]). Without it the target is
//! a problem of fewer inputs, which may fall apart again.

mod blocks;
mod joint;
mod linear;

use super::parts::{halves, relevant};
use super::reduced::{Data, Reduced, Stage, rows_of, without_factor};
use super::{
    Candidate, Control, Known, Memetic, Neighbourhood, Parts, Problem, ProductDag, Round, SearchStrategy,
    SemanticBank,
};
use crate::data::{Split, thinned};
use crate::expr::{Expr, Node, Op, complexity};
use blocks::{Block, Kind, Rows, blocks, deviation_of};
use joint::Joint;
use linear::linear_terms;

/// Name of the stage.
pub(crate) const NAME: &str = "separable";

/// Rows that blocks are looked for on, and rows of the table of one input.
const ROWS: usize = 500;
const ROWS_OF_ONE: usize = 120;

/// Inputs at most.
const WIDEST: usize = 12;

/// Blocks that are followed, functions of each, and the longest function of one input.
const BLOCKS: usize = 2;
const FUNCTIONS: usize = 2;
const LONGEST: u32 = 9;

/// The longest function of the others that stands before the function of an input.
const LONGEST_BESIDE: u32 = 15;

/// Rounds of the search for a function of one input.
const ROUNDS: usize = 3;

/// A function explains the values of a block where it leaves this share of their variance at most; what a node has to
/// take off the logarithm of what is left to be worth it.
const EXPLAINS: f64 = 0.1;
const NODE: f64 = 0.5;

/// What may speak against the second formula more than against the first.
const WORSE: f64 = 10.0;

/// Constants that are this near to a multiple of one half, relatively, are tried as that as well: the values are known but for the
/// polynomials that they come from.
const NEAR: f64 = 0.03;

/// What is left of the values below this share of their variance is due to the polynomials that they come from.
const FLOOR: f64 = 1e-6;

/// The same where constants are fitted to the target.
const EXACT: f64 = 1e-14;

/// A longer term has to leave less than a shorter one, by this factor.
const BEATEN: f64 = 2.0;

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
        let found = match block.kind {
            Kind::Term => written_terms(block, &columns, &rows, problem, control),
            _ => functions(block, &columns[block.input], problem, control),
        };
        found.iter().filter_map(|f| without(block, f, problem)).collect()
    };
    let terms = linear_terms(&columns, &rows);
    let beside = terms.and_then(|terms| reduced(problem, terms, Kind::Summand, Inputs::Needed));
    let blocks = blocks(&columns, &rows, control);
    beside.into_iter().chain(blocks.iter().take(BLOCKS).flat_map(follow)).collect()
}

/// What the function of a block may be, the likeliest first, as a formula of all inputs.
fn functions(block: &Block, input: &[f64], problem: &Problem<'_>, control: &Control) -> Vec<Expr> {
    let mut order: Vec<usize> = (0..input.len()).collect();
    order.sort_by(|a, b| input[*a].total_cmp(&input[*b]));
    let order = thinned(&order, ROWS_OF_ONE);
    let values: Vec<f64> = order.iter().map(|&r| block.values[r]).collect();
    let column = order.iter().map(|&r| input[r]).collect();
    // The size of a summand counts.
    let unit = if block.kind == Kind::Summand { 1.0 } else { deviation_of(&values) };
    let floor = match block.kind {
        Kind::Term => block.share.powi(2).clamp(EXACT, FLOOR),
        _ => FLOOR,
    };
    let mut all = named(vec![column], &values, (unit, floor), LONGEST, problem, control);
    all.iter_mut().for_each(|(_, f)| *f = bare(f, block.kind));
    if block.kind != Kind::Term {
        let halves =
            |(cost, f): (f64, Expr)| with_halves(&f).map(|h| (cost, h)).into_iter().chain([(cost, f)]);
        all = all.into_iter().flat_map(halves).collect();
    }
    let own = [Expr::variable(block.input)];
    few(all).iter().map(|f| f.substitute(&own)).collect()
}

/// Short formulas for a table of values, searched for in `unit`s, and what speaks against each: what is left below the share `floor` of
/// the variance does not.
fn named(
    columns: Vec<Vec<f64>>,
    values: &[f64],
    (unit, floor): (f64, f64),
    longest: u32,
    problem: &Problem<'_>,
    control: &Control,
) -> Vec<(f64, Expr)> {
    let n = values.len();
    // Every fourth row judges.
    let (validation, train): (Vec<usize>, Vec<usize>) = (0..n).partition(|r| r % 4 == 1);
    let data = Data {
        columns,
        target: values.iter().map(|v| v / unit).collect(),
        weights: vec![1.0; n],
        split: Split { train, validation },
    };
    let variance = deviation_of(values).powi(2);
    let stages = vec![Stage::new(ProductDag::new(), 0, 1), Stage::new(SemanticBank::new(), 1, 1)];
    let mut table = Reduced::new(data, stages, Expr::clone);
    for _ in 0..ROUNDS {
        table.round(problem, NAME, control);
        if table.front().iter().any(|k| k.complexity <= longest && k.mse * unit * unit < floor * variance) {
            break;
        }
    }
    table.take_apart(longest);
    table
        .front()
        .iter()
        .map(|k| (k, k.mse * unit * unit / variance))
        .filter(|(k, left)| k.complexity <= longest && *left < EXPLAINS && !k.expr.variables().is_empty())
        .map(|(k, left)| ((left + floor).ln() + NODE * f64::from(k.complexity), k.expr.clone()))
        .collect()
}

/// The formulas against which the least speaks.
fn few(mut all: Vec<(f64, Expr)>) -> Vec<Expr> {
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let worst = all.first().map_or(0.0, |f| f.0 + WORSE);
    let mut few: Vec<Expr> = Vec::new();
    for (cost, f) in all {
        if few.len() < FUNCTIONS && cost <= worst && !few.contains(&f) {
            few.push(f);
        }
    }
    few
}

/// What the term of a block may be: its function of the input, times the function of the others that follows from it.
fn written_terms(
    block: &Block,
    columns: &[Vec<f64>],
    rows: &Rows<'_>,
    problem: &Problem<'_>,
    control: &Control,
) -> Vec<Expr> {
    let joint = Joint::new(columns, rows, block.input);
    let others: Vec<usize> = (0..columns.len()).filter(|i| *i != block.input).collect();
    let names: Vec<Expr> = others.iter().map(|&i| Expr::variable(i)).collect();
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let variance = deviation_of(rows.target).powi(2);
    let mut all: Vec<(f64, Expr)> = Vec::new();
    for f in functions(block, &columns[block.input], problem, control) {
        let Some(values) = joint.slope(&f.evaluate(&views)) else { continue };
        let table = others.iter().map(|&i| columns[i].clone()).collect();
        for g in few(named(table, &values, (1.0, FLOOR), LONGEST_BESIDE, problem, control)) {
            let Some((term, left)) = joint.refined(&(f.clone() * g.substitute(&names))) else { continue };
            all.push((left / variance + EXACT, term));
        }
    }
    let beaten = |(left, term): &(f64, Expr)| {
        all.iter().any(|(l, t)| complexity(t) < complexity(term) && *l < BEATEN * left)
    };
    let own = all.iter().filter(|t| !beaten(t));
    few(own.map(|(left, t)| (left.ln() + NODE * f64::from(complexity(t)), t.clone())).collect())
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

/// Without constant factors, which the rest takes up, or constant summands, or both.
fn bare(expr: &Expr, kind: Kind) -> Expr {
    let is_number = |at: u32| matches!(expr.nodes()[at as usize], Node::Constant(_) | Node::Parameter(_));
    let goes = |op: Op| match kind {
        Kind::Factor => matches!(op, Op::Mul | Op::Div),
        Kind::Summand => matches!(op, Op::Add | Op::Sub),
        Kind::Term => matches!(op, Op::Mul | Op::Div | Op::Add | Op::Sub),
    };
    match expr.nodes()[expr.root() as usize] {
        Node::Binary(op, a, b) if goes(op) && is_number(b) && !is_number(a) => {
            bare(&expr.subexpression(a), kind)
        }
        Node::Binary(op @ (Op::Mul | Op::Add), a, b) if goes(op) && is_number(a) && !is_number(b) => {
            bare(&expr.subexpression(b), kind)
        }
        // The sign belongs to the rest as well.
        Node::Binary(Op::Sub, a, b) if kind == Kind::Term && is_number(a) && !is_number(b) => {
            bare(&expr.subexpression(b), kind)
        }
        _ => expr.clone(),
    }
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
