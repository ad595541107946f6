//! [`names`]: formulas for the values of a function that stands alone.

use super::NAME;
use super::blocks::{Block, Kind, Rows, deviation_of};
use super::joint::Joint;
use crate::data::{Split, thinned};
use crate::expr::{Expr, Node, Op, complexity};
use crate::search::parts::halves;
use crate::search::reduced::{Data, Reduced, Stage};
use crate::search::{Control, Problem, ProductDag, SemanticBank};

/// Rows of a table of one input.
const ROWS_OF_ONE: usize = 120;

/// Functions of each block, and the longest of one input.
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

/// What the function of a block may be, or its term, the likeliest first, as formulas of all inputs.
pub(super) fn names(
    block: &Block,
    columns: &[Vec<f64>],
    rows: &Rows<'_>,
    problem: &Problem<'_>,
    control: &Control,
) -> Vec<Expr> {
    let functions = functions(block, &columns[block.input], problem, control);
    if block.kind != Kind::Term {
        return functions;
    }
    // The function of the others follows from that of the input.
    let joint = Joint::new(columns, rows, block.input);
    let others: Vec<usize> = (0..columns.len()).filter(|i| *i != block.input).collect();
    let names: Vec<Expr> = others.iter().map(|&i| Expr::variable(i)).collect();
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let variance = deviation_of(rows.target).powi(2);
    let mut all: Vec<(f64, Expr)> = Vec::new();
    for f in functions {
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
