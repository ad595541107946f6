//! Parts: a part of a good formula as a problem of its own.
//!
//! Where a formula has the outside of the law right and approximates the rest, the desired values of that part
//! (semantic backpropagation, [`desired_values`]) are a smaller table with a simpler law. The stages that find
//! simple laws at once, [`ProductDag`] and [`SemanticBank`], are run on it, and what they find takes the place of
//! the part. A residual (`y - f`), a factor (`y / f`) and the argument of an outer function are the special cases
//! that AI Feynman recurs on (Udrescu and Tegmark, Science Advances 6, eaay2631, 2020); here any part that can be
//! solved for is one.

mod job;
mod root;

use super::neighbourhood::{Sensitivity, desired_values};
use super::tree::{Sample, Symbol, Tree, assemble};
use super::{Candidate, Control, Known, Problem, ProductDag, Round, SearchStrategy, SemanticBank};
use crate::expr::Op;
use job::Job;
use rayon::prelude::*;
use root::beside_a_root;
use std::collections::HashMap;

/// Rows that the parts are solved on.
const ROWS: usize = 500;

/// Formulas of the front whose parts are looked at.
const FORMULAS: usize = 10;

/// Longest formula that is taken apart, in symbols.
const LONGEST: usize = 60;

/// Parts per round, side by side.
const PARTS: usize = 2;

/// What a formula further from the best, or a free constant outside of the part, costs in halves of complexity.
const DOUBT: u32 = 6;

/// Efforts a part is tried with, one after the other.
const EFFORTS: u32 = 2;

/// Formulas handed out per part.
const EMITTED: usize = 6;

/// The strategy `parts`: nothing without a front to start from.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    sample: Option<Sample>,
    tried: Tried,
}

/// Efforts spent on what is outside of a part.
#[derive(Debug, Default)]
struct Tried(HashMap<Vec<u8>, u32>);

impl Parts {
    /// A search that has tried nothing yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }
}

impl Tried {
    /// The next parts: of which formula, where in it, with which effort. Short outsides come first, more effort
    /// once all have been tried.
    fn next(&mut self, trees: &[Tree]) -> Vec<(usize, usize, u32)> {
        let mut waiting: Vec<(u32, u32, usize, usize, Vec<u8>)> = Vec::new();
        for (which, tree) in trees.iter().enumerate() {
            for at in 0..tree.len() - 1 {
                let Some(key) = outside(tree, at) else { continue };
                let effort = self.0.get(&key).copied().unwrap_or(0);
                if effort < EFFORTS && waiting.iter().all(|w| w.4 != key) {
                    let part = tree.part(at).complexity();
                    let doubt = 2 * (tree.complexity() - part)
                        + DOUBT * free_outside(tree, at)
                        + DOUBT * which as u32;
                    waiting.push((effort, (doubt + 20).saturating_sub(part), which, at, key));
                }
            }
        }
        waiting.sort_by_key(|w| (w.0, w.1, w.2, w.3));
        waiting.truncate(PARTS);
        waiting
            .into_iter()
            .map(|(effort, _, which, at, key)| {
                self.0.insert(key, effort + 1);
                (which, at, effort)
            })
            .collect()
    }
}

/// Formulas with a square root beside a polynomial.
fn rooted(problem: &Problem<'_>, sample: &Sample, control: &Control) -> Vec<Candidate> {
    let Some(beside) = beside_a_root(sample, control) else { return Vec::new() };
    let rest: Vec<f64> =
        sample.target().iter().zip(beside.evaluate(&sample.views())).map(|(y, a)| y - a).collect();
    let (Some(job), Some(beside)) = (Job::residual(sample, &rest), Tree::from_expr(&beside, LONGEST)) else {
        return Vec::new();
    };
    let found = job.solve(problem, 0, control);
    found
        .iter()
        .take(EMITTED)
        .map(|p| Candidate::new(sample.lift(&assemble(Op::Add, &beside, p)), "parts"))
        .collect()
}

/// Whether the part is an argument of an operation whose other argument is a number: that operation as a part
/// leaves the same to find.
fn with_number(tree: &Tree, at: usize) -> bool {
    let symbols = tree.symbols();
    let number = |i: usize| symbols[i].number().is_some();
    match symbols.get(at + 1) {
        // The right one of two.
        Some(Symbol::Binary(_)) => tree.span(at).start.checked_sub(1).is_some_and(number),
        // The left one, when the next symbol is the whole right one.
        Some(next) if next.number().is_some() => matches!(symbols.get(at + 2), Some(Symbol::Binary(_))),
        _ => false,
    }
}

/// Constants outside of a part that are no round numbers: they are as wrong as the part is.
fn free_outside(tree: &Tree, at: usize) -> u32 {
    let span = tree.span(at);
    let free = |s: &Symbol| matches!(s, Symbol::Parameter(v) if (v * 4.0).fract() != 0.0);
    tree.symbols().iter().enumerate().filter(|(i, s)| !span.contains(i) && free(s)).count() as u32
}

/// What is outside of a part, its constants to three digits; `None` where the outside reads no input or the part
/// stands beside a number.
fn outside(tree: &Tree, at: usize) -> Option<Vec<u8>> {
    let span = tree.span(at);
    let symbols = tree.symbols();
    if with_number(tree, at) {
        return None;
    }
    let mut key = Vec::new();
    let mut reads = false;
    for (i, symbol) in symbols.iter().enumerate() {
        if i == at {
            key.push(b'?');
        }
        if span.contains(&i) {
            continue;
        }
        reads |= matches!(symbol, Symbol::Variable(_));
        match symbol {
            Symbol::Parameter(v) | Symbol::Constant(v) => key.extend(format!("{v:.2e} ").bytes()),
            other => key.extend(format!("{other:?} ").bytes()),
        }
    }
    reads.then_some(key)
}

impl SearchStrategy for Parts {
    fn name(&self) -> &'static str {
        "parts"
    }

    fn round(&mut self, problem: &Problem<'_>, front: &[Known], control: &Control) -> Round {
        let Some(sample) = &self.sample else {
            let sample = Sample::new(problem, ROWS);
            let candidates = rooted(problem, &sample, control);
            self.sample = Some(sample);
            return Round { candidates, finished: false };
        };
        let mut best: Vec<&Known> = front.iter().collect();
        best.sort_by(|a, b| a.mse.total_cmp(&b.mse).then(a.complexity.cmp(&b.complexity)));
        let trees: Vec<Tree> =
            best.iter().filter_map(|k| sample.lower(&k.expr, LONGEST)).take(FORMULAS).collect();
        let next = self.tried.next(&trees);
        let found: Vec<Vec<Tree>> = next
            .par_iter()
            .map(|(which, at, effort)| {
                let tree = &trees[*which];
                let Some(s) = Sensitivity::new(tree, sample) else { return Vec::new() };
                let wanted = desired_values(tree, sample.target(), &s).swap_remove(*at);
                let Some(job) = wanted.and_then(|w| Job::new(sample, &s, *at, &w)) else {
                    return Vec::new();
                };
                let parts = job.solve(problem, *effort, control);
                parts.iter().take(EMITTED).map(|p| tree.replaced(*at, p.symbols())).collect()
            })
            .collect();
        let candidates =
            found.into_iter().flatten().map(|tree| Candidate::new(sample.lift(&tree), "parts")).collect();
        Round { candidates, finished: false }
    }
}
