//! Product DAG: sums of products of real powers, exponents and coefficients being the architecture weights.
//!
//! A node multiplies `|z|^p` of its inputs in log space (signs by parity bits), a sum weights the products, a
//! function of an inner product may be one of the factors, and a head transforms the target. Exponent 0 is the
//! primitive `none`, -1 a division, a negative coefficient a subtraction: nothing is mixed, so nothing has to be
//! un-mixed. The continuous problem is solved by variable projection and Levenberg-Marquardt from many starts;
//! exponents are then snapped, factors and terms dropped by description length, and constants refitted in the
//! units of the target.
//!
//! 1. [`frame`]: rows to fit and to check on; views of the problem (as it is, without power factors)
//! 2. [`head`], [`feature`]: transforms of the target, atoms as columns of logarithms
//! 3. [`shape`], [`model`]: sums of products and their inner solver
//! 4. [`monomial`], [`pursuit`], [`starts`]: closed form, sparse sums, multi-start
//! 5. [`discretise`], [`judge`]: real exponents to formulas, formulas to errors
//! 6. [`portfolio`]: what is tried in which round

#![allow(clippy::neg_cmp_op_on_partial_ord)] // `!(a > b)` also refuses NaN, which is what is meant

mod allowed;
mod context;
mod dictionary;
mod discretise;
mod feature;
mod frame;
mod head;
mod judge;
mod model;
mod monomial;
mod portfolio;
mod pursuit;
mod rational;
mod scan;
mod shape;
mod starts;
mod strip;
mod turning;
mod waves;

use super::{Candidate, Control, Known, Problem, Round, SearchStrategy};
use context::Context;
use feature::{Feature, atoms, inputs};
use frame::{Frame, View};
use judge::{Archive, Found, Judge, leaves_noise};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::collections::VecDeque;
use strip::strip;

/// Rows that shapes are solved on, and under noise.
const ROWS: usize = 128;
const NOISY_ROWS: usize = 512;

/// Jobs that run before anyone asks whether the law is found.
const BATCH: usize = 16;

/// Evaluations per round, about: other strategies are not to be kept waiting.
const PER_ROUND: u64 = 150_000;

/// Candidates handed out per round at most.
const CANDIDATES: usize = 40;

/// Atoms of a view at most.
const ATOMS: usize = 400;

/// The strategy; see the module.
#[derive(Debug, Default)]
pub(crate) struct ProductDag {
    state: Option<State>,
    /// Steps so far, those before noise was noticed among them.
    round: usize,
    /// Where in the portfolio the next step is.
    step: usize,
    /// What is left of the last step: number, view and job.
    pending: VecDeque<(usize, usize, portfolio::Job)>,
}

/// What is computed once per problem.
#[derive(Debug)]
struct State {
    frame: Frame,
    views: Vec<Prepared>,
    archive: Archive,
    /// Rows that shapes are solved on.
    rows: usize,
}

/// A view with its features.
#[derive(Debug)]
struct Prepared {
    view: View,
    features: Vec<Feature>,
    inputs: usize,
    /// Whether atoms were added behind the inputs.
    atoms: bool,
}

impl Prepared {
    fn new(view: View) -> Self {
        let features: Vec<Feature> = inputs(&view.views()).into_iter().flatten().collect();
        Self { inputs: features.len(), features, view, atoms: false }
    }
}

impl ProductDag {
    /// A strategy that has seen nothing yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }
}

impl State {
    fn new(problem: &Problem<'_>) -> Self {
        let frame = Frame::new(problem);
        let whole = Prepared::new(View::new(&frame, None, ROWS));
        Self { frame, views: vec![whole], archive: Archive::default(), rows: ROWS }
    }

    /// Adds the view without pure power factors, if there are any.
    fn reduce(&mut self, allowed: &Allowed) {
        let columns = self.frame.fit.views();
        if let Some(r) = strip(&columns, &self.frame.fit.target, |p| allowed.exponent(p)) {
            // The reduced problem is the smaller one: it goes first.
            self.views.insert(0, Prepared::new(View::new(&self.frame, Some(r), self.rows)));
        }
    }
}

impl State {
    /// Once the best formula leaves noise, shapes are solved on more rows, the portfolio from its start.
    fn notice_noise(&mut self) -> bool {
        let best = self.archive.entries().min_by(|a, b| a.check.total_cmp(&b.check));
        if self.rows == NOISY_ROWS || !best.is_some_and(|b| leaves_noise(&self.frame, b)) {
            return false;
        }
        self.rows = NOISY_ROWS;
        for p in &mut self.views {
            *p = Prepared::new(View::new(&self.frame, p.view.reduced.clone(), NOISY_ROWS));
        }
        true
    }
}

impl SearchStrategy for ProductDag {
    fn name(&self) -> &'static str {
        "product_dag"
    }

    fn round(&mut self, problem: &Problem<'_>, _front: &[Known], control: &Control) -> Round {
        let allowed = Allowed::new(&problem.space.primitives);
        let mut state = self.state.take().unwrap_or_else(|| State::new(problem));
        if self.pending.is_empty() {
            self.next_step(problem, &mut state, &allowed);
        }
        let round = self.round - 1;
        // A step ends early with a new exact formula; should the pipeline not take it, the next one goes on.
        let exact_before = state.archive.exact();
        let control = &control.counted();
        while !self.pending.is_empty() && control.counted_evaluations() <= PER_ROUND && !control.is_stopped()
        {
            let judge = Judge::new(&state.frame, control);
            let bar = state.archive.entries().map(|f| f.fit).fold(1.0, f64::min);
            let batch: Vec<_> = self.pending.drain(..BATCH.min(self.pending.len())).collect();
            let found: Vec<Vec<Found>> = batch
                .par_iter()
                .map(|(number, v, job)| {
                    if control.is_stopped() {
                        return Vec::new();
                    }
                    let p = &state.views[*v];
                    let context = Context {
                        view: &p.view,
                        features: &p.features,
                        inputs: p.inputs,
                        allowed: &allowed,
                        judge: &judge,
                        control,
                        bar,
                    };
                    portfolio::run(job, &context, &mut stream(problem.seed, round, *number))
                })
                .collect();
            found.into_iter().flatten().for_each(|f| state.archive.add(f));
            if state.archive.exact() > exact_before {
                self.pending.clear();
            }
        }
        let candidates =
            state.archive.fresh(CANDIDATES).into_iter().map(|f| Candidate::new(f.expr, f.origin)).collect();
        self.state = Some(state);
        Round { candidates, finished: false }
    }
}

impl ProductDag {
    /// Writes down the jobs of the next step.
    fn next_step(&mut self, problem: &Problem<'_>, state: &mut State, allowed: &Allowed) {
        let round = self.round;
        self.round += 1;
        if state.notice_noise() {
            self.step = 0;
        }
        let step = self.step;
        self.step += 1;
        let strip_now = step == 1 && state.views.len() == 1;
        if strip_now {
            state.reduce(allowed);
        }
        if step >= 1 {
            for p in state.views.iter_mut().filter(|p| !p.atoms) {
                let columns = p.view.views();
                let extra = atoms(&columns, allowed, ATOMS);
                p.features.extend(extra);
                p.atoms = true;
            }
        }
        let mut list: Vec<(usize, portfolio::Job)> = Vec::new();
        for (v, p) in state.views.iter().enumerate() {
            let mut rng = stream(problem.seed, round, u32::MAX as usize - v);
            // A reduced problem appears in the second step and catches up on the first.
            if strip_now && p.view.reduced.is_some() {
                list.extend(
                    portfolio::jobs(0, p.inputs, p.features.len(), &mut rng).into_iter().map(|j| (v, j)),
                );
            }
            list.extend(
                portfolio::jobs(step, p.inputs, p.features.len(), &mut rng).into_iter().map(|j| (v, j)),
            );
        }
        self.pending.extend(list.into_iter().enumerate().map(|(number, (v, job))| (number, v, job)));
    }
}

/// A stream of random numbers of its own for every job.
fn stream(seed: u64, round: usize, job: usize) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(((round as u64) << 32) | job as u64);
    rng
}

#[cfg(test)]
mod tests;

pub(crate) use allowed::Allowed;
pub(crate) use head::Head;
pub(crate) use pursuit::polynomial;
