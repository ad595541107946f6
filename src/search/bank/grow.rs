//! Bottom-up enumeration of distinct functions by size.
//!
//! A size is cut into jobs of a fixed order; jobs run in parallel against the bank as it was before the batch,
//! and what they found goes in in the order of the jobs. The bank is therefore the same for any number of
//! threads. Growth can stop after any batch and go on from there in the next round.

use super::hash::semantic_hash;
use super::store::{Bank, EntryId, Fresh, Recipe};
use crate::expr::{Op, values_of};
use crate::search::Control;
use crate::search_space::PrimitiveSet;
use rayon::prelude::*;

/// Jobs that run between two insertions.
const BATCH: usize = 32;

/// Candidates per job, about.
const JOB: usize = 2048;

/// Largest size of a function with two transcendental functions inside one another.
const NESTED_SIZE: u8 = 5;

/// Largest argument of an exponential.
const EXP_LIMIT: f64 = 40.0;

/// Functions of one argument that the bank applies.
#[derive(Clone, Debug)]
pub(super) struct Operations {
    unary: Vec<Op>,
    divide: bool,
    power: bool,
}

impl Operations {
    /// What the space allows.
    pub(super) fn of(primitives: &PrimitiveSet) -> Self {
        let unary = [
            Op::Square,
            Op::Reciprocal,
            Op::Sqrt,
            Op::Exp,
            Op::Ln,
            Op::Sin,
            Op::Cos,
            Op::Cube,
            Op::Tanh,
            Op::Abs,
            Op::Tan,
            Op::Atan,
            Op::Asin,
            Op::Acos,
            Op::Logistic,
            Op::Relu,
            Op::Softplus,
        ];
        Self {
            unary: unary.into_iter().filter(|op| primitives.uses(*op)).collect(),
            divide: primitives.uses(Op::Div),
            power: primitives.uses(Op::Pow),
        }
    }
}

/// A part of a size: all functions of one argument of some entries, or all pairs of some entries.
#[derive(Clone, Debug)]
enum Job {
    Unary(std::ops::Range<usize>),
    Binary { left: usize, right: std::ops::Range<usize> },
}

/// The enumeration and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Growth {
    operations: Operations,
    size: u8,
    jobs: Vec<Job>,
    next: usize,
}

impl Growth {
    /// A bank with its leaves, and the enumeration that makes it grow.
    pub(super) fn start(columns: &[Vec<f64>], operations: Operations) -> (Bank, Self) {
        let rows = columns.first().map_or(0, Vec::len);
        let mut bank = Bank::new(rows);
        for (i, c) in columns.iter().enumerate() {
            bank.insert_leaf(Recipe::Variable(i as u32), c, 1);
        }
        bank.insert_leaf(Recipe::Constant(1.0), &vec![1.0; rows], 1);
        (bank, Self { operations, size: 1, jobs: Vec::new(), next: 0 })
    }

    /// Grows the bank to about `target` entries. False if it was stopped before.
    pub(super) fn grow(
        &mut self,
        bank: &mut Bank,
        target: usize,
        largest_size: u8,
        control: &Control,
    ) -> bool {
        while bank.len() < target {
            if self.next == self.jobs.len() {
                if self.size >= largest_size {
                    return true;
                }
                self.size += 1;
                self.next = 0;
                self.jobs = self.plan(bank);
                if self.size == 2 {
                    let two = vec![2.0; bank.values(0).len()];
                    bank.insert_leaf(Recipe::Constant(2.0), &two, 2);
                }
                continue;
            }
            if control.is_stopped() {
                return false;
            }
            let end = (self.next + BATCH).min(self.jobs.len());
            let shared: &Bank = bank;
            let found: Vec<(Vec<Fresh>, Vec<f64>)> = self.jobs[self.next..end]
                .par_iter()
                .map(|job| if control.is_stopped() { Default::default() } else { self.run(job, shared) })
                .collect();
            let rows = bank.values(0).len();
            for (fresh, values) in &found {
                for (k, f) in fresh.iter().enumerate() {
                    bank.insert(f, &values[k * rows..(k + 1) * rows], self.size);
                }
            }
            self.next = end;
        }
        true
    }

    fn plan(&self, bank: &Bank) -> Vec<Job> {
        let s = self.size;
        let range = |size: u8| bank.first_of_size(size)..bank.first_of_size(size + 1);
        let mut jobs = Vec::new();
        let previous = range(s - 1);
        let step = JOB / self.operations.unary.len().max(1);
        for start in previous.clone().step_by(step.max(1)) {
            jobs.push(Job::Unary(start..(start + step).min(previous.end)));
        }
        for i in 1..s {
            let Some(j) = (s - 1).checked_sub(i).filter(|j| *j >= i) else { continue };
            let (left, right) = (range(i), range(j));
            for a in left {
                let from = if i == j { a } else { right.start };
                for start in (from..right.end).step_by(JOB / 4) {
                    jobs.push(Job::Binary { left: a, right: start..(start + JOB / 4).min(right.end) });
                }
            }
        }
        jobs
    }

    fn run(&self, job: &Job, bank: &Bank) -> (Vec<Fresh>, Vec<f64>) {
        let mut out = Sink { bank, fresh: Vec::new(), values: Vec::new() };
        let rows = bank.values(0).len();
        let mut v = vec![0.0; rows];
        match job {
            Job::Unary(entries) => {
                for a in entries.clone() {
                    self.unary(bank, a, &mut v, &mut out);
                }
            }
            Job::Binary { left, right } => {
                for b in right.clone() {
                    self.binary(bank, *left, b, &mut v, &mut out);
                }
            }
        }
        (out.fresh, out.values)
    }

    fn unary(&self, bank: &Bank, a: usize, v: &mut [f64], out: &mut Sink<'_>) {
        let x = bank.values(a);
        if matches!(bank.recipe(a), Recipe::Constant(_)) {
            return;
        }
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for &x in x {
            low = low.min(x);
            high = high.max(x);
        }
        let negative: Vec<f64> = x.iter().map(|x| -x).collect();
        let nesting = bank.nesting(a);
        for &op in &self.operations.unary {
            let transcendental =
                !matches!(op, Op::Square | Op::Reciprocal | Op::Sqrt | Op::Cube | Op::Abs | Op::Relu);
            let nesting = nesting + u8::from(transcendental);
            if nesting > 2 || (nesting == 2 && self.size > NESTED_SIZE) {
                continue;
            }
            // Entries stand for themselves and their negative; where that matters both are made.
            for negate in [false, true] {
                let (low, high) = if negate { (-high, -low) } else { (low, high) };
                let useful = match op {
                    Op::Square | Op::Reciprocal | Op::Cube => !negate && (op != Op::Cube || self.size <= 3),
                    Op::Sin | Op::Cos | Op::Tan | Op::Tanh | Op::Atan => !negate && high - low < 200.0,
                    Op::Abs => !negate && low < 0.0 && high > 0.0,
                    Op::Sqrt => low >= 0.0,
                    Op::Ln => low > 0.0,
                    Op::Exp => high <= EXP_LIMIT,
                    Op::Asin | Op::Acos => !negate && low >= -1.0 && high <= 1.0,
                    Op::Relu => low < 0.0 && high > 0.0,
                    _ => high - low < 80.0,
                };
                if useful {
                    values_of(op, if negate { &negative } else { x }, v);
                    out.offer(Recipe::Unary { op, argument: a as EntryId, negate }, v, nesting);
                }
            }
        }
        if self.operations.power && self.size <= 3 && low >= 0.0 {
            for (v, x) in v.iter_mut().zip(x) {
                *v = x.powf(1.0 / 3.0);
            }
            out.offer(Recipe::CubeRoot(a as EntryId), v, nesting);
        }
    }

    fn binary(&self, bank: &Bank, a: usize, b: usize, v: &mut [f64], out: &mut Sink<'_>) {
        let (x, y) = (bank.values(a), bank.values(b));
        let nesting = bank.nesting(a).max(bank.nesting(b));
        let (i, j) = (a as EntryId, b as EntryId);
        let offer = |op: Op, p: EntryId, q: EntryId, v: &mut [f64], out: &mut Sink<'_>| {
            out.offer(Recipe::Binary(op, p, q), v, nesting);
        };
        each(v, x, y, |x, y| x + y);
        offer(Op::Add, i, j, v, out);
        each(v, x, y, |x, y| x - y);
        offer(Op::Sub, i, j, v, out);
        each(v, x, y, |x, y| x * y);
        offer(Op::Mul, i, j, v, out);
        if self.operations.divide {
            each(v, x, y, |x, y| x / y);
            offer(Op::Div, i, j, v, out);
            each(v, x, y, |x, y| y / x);
            offer(Op::Div, j, i, v, out);
        }
        if self.operations.power && self.size <= 4 && nesting == 0 {
            for (p, q, x, y) in [(i, j, x, y), (j, i, y, x)] {
                let constant = matches!(bank.recipe(q as usize), Recipe::Constant(_));
                if !constant && x.iter().all(|x| *x > 0.0) {
                    each(v, x, y, f64::powf);
                    out.offer(Recipe::Binary(Op::Pow, p, q), v, 1);
                }
            }
        }
    }
}

#[inline]
fn each(out: &mut [f64], x: &[f64], y: &[f64], f: impl Fn(f64, f64) -> f64) {
    for ((o, x), y) in out.iter_mut().zip(x).zip(y) {
        *o = f(*x, *y);
    }
}

/// What a job found.
struct Sink<'b> {
    bank: &'b Bank,
    fresh: Vec<Fresh>,
    values: Vec<f64>,
}

impl Sink<'_> {
    #[inline]
    fn offer(&mut self, recipe: Recipe, values: &[f64], nesting: u8) {
        let Some(hash) = semantic_hash(values) else { return };
        if !self.bank.knows(hash) {
            self.fresh.push(Fresh { recipe, hash, nesting });
            self.values.extend_from_slice(values);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Vec<f64>> {
        let wave = |k: f64| (0..32).map(|i| 1.0 + 2.0 * (f64::from(i) * k).sin()).collect();
        vec![wave(1.3), wave(0.7)]
    }

    fn grown(target: usize) -> Bank {
        let (mut bank, mut growth) = Growth::start(&columns(), Operations::of(&PrimitiveSet::SCIENCE));
        growth.grow(&mut bank, target, 9, &Control::unlimited());
        bank
    }

    #[test]
    fn expressions_give_the_stored_values() {
        let bank = grown(5000);
        assert!(bank.len() >= 5000);
        let columns = columns();
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        for id in 0..bank.len() {
            if matches!(bank.recipe(id), Recipe::Constant(_)) {
                continue;
            }
            let values = bank.expr(id).evaluate(&views);
            for (a, b) in values.iter().zip(bank.values(id)) {
                // Where a function is steep (acos near 1, 1/ln near 1), rounding of its argument shows.
                if b.abs() < 1e4 {
                    assert!((a - b).abs() <= 1e-6 * b.abs().max(1.0), "{:?}", bank.expr(id));
                }
            }
        }
    }

    #[test]
    fn no_function_twice() {
        let bank = grown(3000);
        let mut hashes: Vec<u64> = (0..bank.len()).filter_map(|i| semantic_hash(bank.values(i))).collect();
        let n = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), n);
    }

    #[test]
    fn same_bank_on_any_number_of_threads() {
        let on = |threads: usize| {
            rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| grown(4000))
        };
        let (a, b) = (on(1), on(2));
        assert_eq!(a.len(), b.len());
        assert!((0..a.len()).all(|i| a.recipe(i) == b.recipe(i)));
    }
}
