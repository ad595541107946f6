//! Gradient-guided neighbourhood: all one-edit changes of the good formulas, ranked in one sweep.
//!
//! For every formula of a small beam, every function of a small bank is tried at every part in several ways
//! (insert, scale, replace) by the loss that it promises to first order; parts that can be solved for are compared
//! with the bank exactly. Only the most promising are fitted; the best per length go to the front, and the beam is
//! taken from the best of all rounds. Greedy where [`super::Memetic`] is random: a law one edit away is found in one
//! round.

mod beam;
mod edits;
mod inverse;
mod moves;
mod sensitivity;
mod terms;

pub(crate) use edits::{Site, Way};
pub(crate) use inverse::desired_values;
pub(crate) use sensitivity::Sensitivity;
pub(crate) use terms::Terms;

use super::tree::{Archive, Fitted, Sample, Symbol, Tree, Vocabulary, dressed, drops, without_faint_parts};
use super::{Candidate, Control, Known, Problem, Round, SearchStrategy};
use beam::Beam;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// Formulas expanded per round, for every price of complexity.
const BEAM: usize = 4;

/// Functions that are expanded in the first round where there is no front yet.
const SIMPLEST: usize = 16;

/// Rows that formulas are compared on.
const ROWS: usize = 128;

/// The longest formula.
const LONGEST: u32 = 44;

/// Iterations of Levenberg-Marquardt on an edit.
const ITERATIONS: usize = 10;

/// Functions swapped that are fitted, after a look at all.
const SWAPS: usize = 12;

/// Random functions that join the bank in every round but the first.
const RANDOM_TERMS: usize = 400;

/// Formulas handed out per round, at most.
const EMITTED: usize = 32;

/// The strategy `neighbourhood`.
#[derive(Debug, Default)]
pub(crate) struct Neighbourhood {
    state: Option<State>,
    round: u64,
}

#[derive(Debug)]
struct State {
    sample: Sample,
    vocabulary: Vocabulary,
    terms: Terms,
    archive: Archive,
    beam: Beam,
}

impl Neighbourhood {
    /// A search that has not begun; it reads the problem in its first round.
    pub(crate) fn new() -> Self {
        Self::default()
    }
}

impl State {
    fn new(problem: &Problem<'_>) -> Self {
        let sample = Sample::new(problem, ROWS);
        let vocabulary = Vocabulary::new(problem);
        let terms = Terms::new(&sample, &vocabulary);
        Self { sample, vocabulary, terms, archive: Archive::default(), beam: Beam::default() }
    }

    /// The formulas to expand.
    fn chosen(&mut self, control: &Control) -> Vec<Tree> {
        let chosen = self.beam.next(BEAM);
        if !chosen.is_empty() {
            return chosen;
        }
        // Nothing yet: the constant and each of the simplest functions, into which the others are inserted.
        let simplest = self.terms.iter().take(SIMPLEST).map(|t| dressed(&t.tree, true));
        std::iter::once(Tree::leaf(Symbol::Parameter(1.0)))
            .chain(simplest)
            .filter_map(|t| self.sample.fit(&t, ITERATIONS, f64::INFINITY, control).map(|f| f.0))
            .collect()
    }

    /// The best neighbours of a formula, fitted.
    fn expand(&self, tree: &Tree, terms: &Terms, control: &Control) -> Vec<Fitted> {
        let fit = |t: &Tree, iterations: usize| {
            if control.is_stopped() {
                return None;
            }
            Fitted::new(t, &self.sample, iterations, f64::INFINITY, LONGEST, control)
        };
        let mut out: Vec<Fitted> =
            edits::ranked(tree, &self.sample, terms, &self.vocabulary, LONGEST, control)
                .iter()
                .filter_map(|t| fit(&dressed(t, false), ITERATIONS))
                .collect();
        // With and without a constant term: the shorter one may be as good.
        out.extend(drops(tree).iter().filter_map(|t| fit(t, ITERATIONS)));
        let mut swapped: Vec<Fitted> =
            moves::swaps(tree, &self.vocabulary).iter().filter_map(|t| fit(&dressed(t, true), 1)).collect();
        swapped.sort_by(|a, b| a.error.total_cmp(&b.error));
        out.extend(swapped.iter().take(SWAPS).filter_map(|f| fit(&f.tree, ITERATIONS)));
        out.extend(fit(&dressed(tree, true), ITERATIONS));
        // The few best get their constants to convergence.
        out.sort_by(|a, b| a.log_error().total_cmp(&b.log_error()).then(a.complexity.cmp(&b.complexity)));
        let converged: Vec<Fitted> = out
            .iter()
            .take(6)
            .flat_map(|f| {
                let mut trees = without_faint_parts(&f.tree, &self.sample);
                trees.push(f.tree.clone());
                trees
            })
            .filter_map(|t| fit(&t, 4 * ITERATIONS))
            .collect();
        out.extend(converged);
        out
    }
}

impl SearchStrategy for Neighbourhood {
    fn name(&self) -> &'static str {
        "neighbourhood"
    }

    fn round(&mut self, problem: &Problem<'_>, front: &[Known], control: &Control) -> Round {
        let state = self.state.get_or_insert_with(|| State::new(problem));
        for known in front {
            if let Some(one) = Fitted::known(known, &state.sample, control) {
                state.beam.admit(&one);
                state.archive.file(one, known.complexity, true);
            }
        }
        let mut terms = state.terms.clone();
        if self.round > 0 {
            let mut rng = ChaCha8Rng::seed_from_u64(problem.seed ^ 0x006e_6569_6768);
            rng.set_stream(self.round);
            terms.extend_randomly(RANDOM_TERMS, &state.sample, &state.vocabulary, &mut rng);
        }
        self.round += 1;
        let chosen = state.chosen(control);
        let found: Vec<Vec<Fitted>> =
            chosen.par_iter().map(|tree| state.expand(tree, &terms, control)).collect();
        for one in found.into_iter().flatten() {
            let complexity = one.complexity;
            state.beam.admit(&one);
            state.archive.file(one, complexity, false);
        }
        let candidates = state
            .archive
            .fresh(EMITTED)
            .iter()
            .map(|m| Candidate::new(state.sample.lift(&m.tree), "neighbourhood"))
            .collect();
        Round { candidates, finished: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::strategy_tests::{finds_a_law_on_any_number_of_threads, returns_at_once_when_stopped};

    #[test]
    fn finds_a_law_and_the_same_on_any_number_of_threads() {
        finds_a_law_on_any_number_of_threads(Neighbourhood::new, 4);
    }

    #[test]
    fn does_nothing_when_stopped() {
        returns_at_once_when_stopped(Neighbourhood::new());
    }
}
