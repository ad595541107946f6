//! [`Island`]: a population that evolves by itself for a round.

use super::selection::{Pressure, lexicase, tournament};
use super::variation::{cross, mutate};
use crate::search::Control;
use crate::search::tree::{Sample, Tree, Vocabulary, dressed, undressed};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::HashSet;

/// Formulas per island.
pub(super) const SIZE: usize = 64;

/// Formulas of the same complexity that an island keeps.
const NICHE: usize = 3;

/// Iterations of Levenberg-Marquardt on every child, and on those that are worth more.
const ITERATIONS: usize = 8;
const MORE_ITERATIONS: usize = 30;

/// Structures that an island remembers before it forgets them all.
const MEMORY: usize = 100_000;

/// Errors below this are equally exact.
const EXACT: f64 = 1e-24;

/// A fitted formula.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Individual {
    pub(super) tree: Tree,
    /// Mean squared error over the variance of the target.
    pub(super) error: f64,
    pub(super) complexity: u32,
    /// Absolute residuals on some rows, for lexicase selection.
    pub(super) residuals: Vec<f32>,
}

impl Individual {
    /// The error on a scale on which parsimony is weighed; exact formulas are all alike.
    pub(super) fn log_error(&self) -> f64 {
        self.error.max(EXACT).ln()
    }
}

/// What the islands share.
#[derive(Debug)]
pub(super) struct World<'a> {
    pub(super) sample: &'a Sample,
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) control: &'a Control,
}

impl World<'_> {
    /// Fits a formula and measures it; `None` where it has no finite value on some row or is too long.
    pub(super) fn individual(
        &self,
        tree: &Tree,
        iterations: usize,
        hopeless: f64,
        most: u32,
    ) -> Option<Individual> {
        let (fitted, error) = self.sample.fit(tree, iterations, hopeless, self.control)?;
        let bare = undressed(&fitted, self.sample, self.sample.residual_rms(error));
        let complexity = bare.complexity();
        if complexity > most || !bare.has_variable() {
            return None;
        }
        let error = self.sample.error(&bare);
        error.is_finite().then(|| Individual {
            residuals: self.residuals(&bare),
            tree: bare,
            error,
            complexity,
        })
    }

    fn residuals(&self, tree: &Tree) -> Vec<f32> {
        let values = tree.to_expr().evaluate(&self.sample.views());
        let rows = values.len().min(super::CASES);
        (0..rows)
            .map(|i| {
                let row = i * values.len() / rows;
                (values[row] - self.sample.target()[row]).abs() as f32
            })
            .collect()
    }
}

/// A population with its habits.
#[derive(Clone, Debug)]
pub(super) struct Island {
    pub(super) members: Vec<Individual>,
    /// The longest formula that it keeps.
    pub(super) most: u32,
    seen: HashSet<u64>,
    /// Rounds since it last made progress.
    idle: usize,
    best: f64,
}

impl Island {
    /// An empty island.
    pub(super) fn new(most: u32) -> Self {
        Self { members: Vec::new(), most, seen: HashSet::new(), idle: 0, best: f64::INFINITY }
    }

    /// Rounds without progress.
    pub(super) fn idle(&self) -> usize {
        self.idle
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.most);
    }

    /// Takes a formula in if its niche has room for it; the worst of a full island leaves.
    pub(super) fn admit(&mut self, new: Individual) -> bool {
        if new.complexity > self.most {
            return false;
        }
        let same = |a: &Individual| {
            a.complexity == new.complexity && (a.error - new.error).abs() <= 1e-7 * new.error.max(EXACT)
        };
        if self.members.iter().any(same) {
            return false;
        }
        let mut niche: Vec<usize> =
            (0..self.members.len()).filter(|i| self.members[*i].complexity == new.complexity).collect();
        niche.sort_by(|a, b| self.members[*a].error.total_cmp(&self.members[*b].error));
        if niche.len() >= NICHE {
            let worst = niche[niche.len() - 1];
            if self.members[worst].error <= new.error {
                return false;
            }
            self.members[worst] = new;
            return true;
        }
        if self.members.len() >= SIZE {
            let Some(worst) = self.most_dominated() else { return false };
            self.members.swap_remove(worst);
        }
        self.members.push(new);
        true
    }

    /// The member that shorter ones beat by most; the worst one where nobody is beaten.
    fn most_dominated(&self) -> Option<usize> {
        let excess = |i: &usize| {
            let me = &self.members[*i];
            let best = self
                .members
                .iter()
                .filter(|o| o.complexity <= me.complexity)
                .map(Individual::log_error)
                .fold(f64::INFINITY, f64::min);
            me.log_error() - best
        };
        (0..self.members.len()).max_by(|a, b| excess(a).total_cmp(&excess(b)).then(b.cmp(a)))
    }

    /// Makes so many children.
    pub(super) fn evolve(&mut self, children: usize, world: &World<'_>, rng: &mut ChaCha8Rng) {
        if self.seen.len() > MEMORY {
            self.seen.clear();
        }
        for _ in 0..children {
            if world.control.is_stopped() {
                return;
            }
            let Some(tree) = self.propose(world, rng) else { continue };
            let hopeless = self.worst_error() * 4.0;
            let Some(mut child) = world.individual(&tree, ITERATIONS, hopeless, self.most) else { continue };
            if self.is_promising(&child)
                && let Some(better) =
                    world.individual(&dressed(&child.tree, true), MORE_ITERATIONS, f64::INFINITY, self.most)
                && (better.error < child.error && better.complexity <= child.complexity
                    || better.error < 0.99 * child.error)
            {
                if better.complexity > child.complexity {
                    self.admit(child);
                }
                child = better;
            }
            self.admit(child);
        }
        let best = self.score();
        if best < self.best - 0.01 {
            self.best = best;
            self.idle = 0;
        } else {
            self.idle += 1;
        }
    }

    /// A measure of the whole island: the mean logarithm of its error at a few lengths.
    fn score(&self) -> f64 {
        let at = |most: u32| {
            let errors = self.members.iter().filter(|m| m.complexity <= most).map(Individual::log_error);
            errors.fold(0.0, f64::min)
        };
        (1..=4).map(|quarter| at(self.most * quarter / 4)).sum::<f64>() / 4.0
    }

    fn worst_error(&self) -> f64 {
        if self.members.len() < SIZE / 2 {
            return f64::INFINITY;
        }
        self.members.iter().map(|m| m.error).fold(0.0, f64::max)
    }

    /// Near the best of its length: worth converging.
    fn is_promising(&self, child: &Individual) -> bool {
        let best = self
            .members
            .iter()
            .filter(|m| m.complexity <= child.complexity)
            .map(|m| m.error)
            .fold(f64::INFINITY, f64::min);
        child.error > EXACT && child.error < 1.3 * best
    }

    /// A structure that the island has not tried.
    fn propose(&mut self, world: &World<'_>, rng: &mut ChaCha8Rng) -> Option<Tree> {
        for _ in 0..8 {
            let tree = if self.members.len() < 8 {
                world.vocabulary.draw_tree(rng.random_range(1..10), rng)
            } else {
                let parent = self.parent(rng);
                if rng.random_bool(0.3) {
                    let other = self.parent(rng);
                    cross(&parent.tree, &other.tree, rng)
                } else {
                    let child = mutate(&parent.tree, world.vocabulary, rng);
                    // A second edit now and then: some improvements need two.
                    if rng.random_bool(0.2) { mutate(&child, world.vocabulary, rng) } else { child }
                }
            };
            // Coefficients that turn out to be 1 leave again, hence the margin.
            if !tree.has_variable() || tree.complexity() > self.most + 6 {
                continue;
            }
            let tree = match rng.random_range(0..10) {
                0..6 => dressed(&tree, true),
                6..8 => dressed(&tree, false),
                _ => tree,
            };
            if self.seen.insert(tree.structure()) || rng.random_bool(0.05) {
                return Some(tree);
            }
        }
        None
    }

    fn parent<'s>(&'s self, rng: &mut ChaCha8Rng) -> &'s Individual {
        if rng.random_bool(0.4) {
            lexicase(&self.members, rng)
        } else {
            tournament(&self.members, Pressure::draw(rng), rng)
        }
    }
}
