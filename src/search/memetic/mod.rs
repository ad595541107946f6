//! Evolution with local search: the fallback for laws that are neither shallow nor invertible from the outside, and
//! for data without a law.
//!
//! Islands of formulas in niches by length; every child has its constants fitted by Levenberg-Marquardt before it
//! is compared (Kommenda, Burlacu, Kronberger, Affenzeller, *Parameter identification for symbolic regression
//! using nonlinear least squares*, GPEM 21, 2020), and coefficients of its terms solved exactly. What the other
//! stages put on the front immigrates, so that they are built on.

mod guided;
mod island;
mod selection;
mod variation;

use super::neighbourhood::Terms;
use super::tree::{Archive, Fitted, Sample, Vocabulary};
use super::{Candidate, Control, Known, Problem, Round, SearchStrategy};
use island::{Individual, Island, World};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// The longest formula of each island: short laws are searched in small spaces of their own.
const LIMITS: [u32; 8] = [12, 16, 20, 24, 28, 32, 38, 44];

/// Children per island and round.
const CHILDREN: usize = 320;

/// Rows that formulas are fitted on, and rows that lexicase selection looks at.
const ROWS: usize = 200;
const CASES: usize = 64;

/// Rounds without progress after which an island starts anew.
const PATIENCE: usize = 12;

/// Formulas handed out per round, at most.
const EMITTED: usize = 24;

/// The strategy `memetic`.
#[derive(Debug, Default)]
pub(crate) struct Memetic {
    state: Option<State>,
    round: u64,
}

#[derive(Debug)]
struct State {
    sample: Sample,
    vocabulary: Vocabulary,
    terms: Terms,
    islands: Vec<Island>,
    archive: Archive,
}

impl Memetic {
    /// A search that has not begun; it reads the problem in its first round.
    pub(crate) fn new() -> Self {
        Self::default()
    }
}

/// A stream of random numbers per island and round.
fn stream(seed: u64, round: u64, island: usize) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x6d65_6d65_7469_6300);
    rng.set_stream(round * 64 + island as u64);
    rng
}

impl State {
    fn new(problem: &Problem<'_>) -> Self {
        let sample = Sample::new(problem, ROWS);
        let vocabulary = Vocabulary::new(problem);
        Self {
            terms: Terms::new(&sample, &vocabulary),
            sample,
            vocabulary,
            islands: LIMITS.iter().map(|most| Island::new(*most)).collect(),
            archive: Archive::default(),
        }
    }

    /// The front of the pipeline moves into the islands and the archive.
    fn immigrate(&mut self, front: &[Known], control: &Control) {
        for known in front {
            let Some(one) = Fitted::known(known, &self.sample, control) else { continue };
            // Its complexity as the front has it: what was handed out once is not handed out again.
            self.archive.file(one.clone(), known.complexity, true);
            let one = Individual::new(one, &self.sample);
            for island in &mut self.islands {
                island.admit(one.clone());
            }
        }
    }

    /// Formulas of the archive move into every island.
    fn migrate(&mut self, seed: u64, round: u64) {
        for (i, island) in self.islands.iter_mut().enumerate() {
            let mut rng = stream(seed, round, 32 + i);
            if island.idle() > PATIENCE {
                island.clear();
                // Half of the new beginnings are without any memory of the old one.
                if rng.random_bool(0.5) {
                    continue;
                }
            }
            let fitting: Vec<_> = self.archive.members().filter(|m| m.complexity <= island.most).collect();
            for _ in 0..fitting.len().min(4) {
                let one = fitting[rng.random_range(0..fitting.len())].clone();
                island.admit(Individual::new(one, &self.sample));
            }
        }
    }
}

impl SearchStrategy for Memetic {
    fn name(&self) -> &'static str {
        "memetic"
    }

    fn round(&mut self, problem: &Problem<'_>, front: &[Known], control: &Control) -> Round {
        let round = self.round;
        self.round += 1;
        let state = self.state.get_or_insert_with(|| State::new(problem));
        state.immigrate(front, control);
        state.migrate(problem.seed, round);
        let State { sample, vocabulary, terms, islands, archive } = state;
        let world = World { sample, vocabulary, terms, control };
        islands.par_iter_mut().enumerate().for_each(|(i, island)| {
            island.evolve(CHILDREN, &world, &mut stream(problem.seed, round, i));
        });
        for island in islands.iter() {
            for member in &island.members {
                archive.file(member.fitted.clone(), member.fitted.complexity, false);
            }
        }
        let candidates =
            archive.fresh(EMITTED).iter().map(|m| Candidate::new(sample.lift(&m.tree), "memetic")).collect();
        Round { candidates, finished: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::strategy_tests::{finds_a_law_on_any_number_of_threads, returns_at_once_when_stopped};

    #[test]
    fn finds_a_law_and_the_same_on_any_number_of_threads() {
        finds_a_law_on_any_number_of_threads(Memetic::new, 2);
    }

    #[test]
    fn does_nothing_when_stopped() {
        returns_at_once_when_stopped(Memetic::new());
    }
}
