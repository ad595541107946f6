//! [`Island`]: a population that evolves by itself for a round.

use super::CASES;
use super::guided::guided;
use super::selection::{Pressure, lexicase, tournament};
use super::variation::{cross, mutate};
use crate::search::Control;
use crate::search::neighbourhood::Terms;
use crate::search::tree::{Fitted, Sample, Tree, Vocabulary, dressed, without_faint_parts};
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

/// A fitted formula among others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Individual {
    pub(super) fitted: Fitted,
    /// Absolute residuals on some rows, for lexicase selection.
    pub(super) residuals: Vec<f32>,
}

impl Individual {
    /// A formula with its residuals.
    pub(super) fn new(fitted: Fitted, sample: &Sample) -> Self {
        let values = fitted.tree.to_expr().evaluate(&sample.views());
        let rows = values.len().min(CASES);
        let residuals = (0..rows)
            .map(|i| {
                let row = i * values.len() / rows;
                // Beyond single precision, errors would be infinite and their differences not a number.
                ((values[row] - sample.target()[row]).abs() as f32).min(f32::MAX)
            })
            .collect();
        Self { fitted, residuals }
    }
}

/// What the islands share.
#[derive(Debug)]
pub(super) struct World<'a> {
    pub(super) sample: &'a Sample,
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) terms: &'a Terms,
    pub(super) control: &'a Control,
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
        if new.fitted.complexity > self.most {
            return false;
        }
        let same = |a: &Individual| {
            a.fitted.complexity == new.fitted.complexity
                && (a.fitted.error - new.fitted.error).abs() <= 1e-7 * new.fitted.floored_error()
        };
        if self.members.iter().any(same) {
            return false;
        }
        let mut niche: Vec<usize> = (0..self.members.len())
            .filter(|i| self.members[*i].fitted.complexity == new.fitted.complexity)
            .collect();
        niche.sort_by(|a, b| self.members[*a].fitted.error.total_cmp(&self.members[*b].fitted.error));
        if niche.len() >= NICHE {
            let worst = niche[niche.len() - 1];
            if self.members[worst].fitted.error <= new.fitted.error {
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
                .filter(|o| o.fitted.complexity <= me.fitted.complexity)
                .map(|m| m.fitted.log_error())
                .fold(f64::INFINITY, f64::min);
            me.fitted.log_error() - best
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
            let most = self.most;
            let fit = |tree: &Tree, iterations: usize, hopeless: f64| {
                Fitted::new(tree, world.sample, iterations, hopeless, most, world.control)
            };
            let Some(child) = fit(&tree, ITERATIONS, hopeless) else { continue };
            // Near the best of its length: worth converging, and freeing of leftovers.
            if !child.is_exact() && child.error < 1.3 * self.best_error(child.complexity) {
                let mut trees = without_faint_parts(&child.tree, world.sample);
                trees.push(dressed(&child.tree, true));
                for tree in &trees {
                    if world.control.is_stopped() {
                        return;
                    }
                    if let Some(better) = fit(tree, MORE_ITERATIONS, f64::INFINITY) {
                        self.admit(Individual::new(better, world.sample));
                    }
                }
            }
            self.admit(Individual::new(child, world.sample));
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
            let errors =
                self.members.iter().filter(|m| m.fitted.complexity <= most).map(|m| m.fitted.log_error());
            errors.fold(0.0, f64::min)
        };
        (1..=4).map(|quarter| at(self.most * quarter / 4)).sum::<f64>() / 4.0
    }

    fn worst_error(&self) -> f64 {
        if self.members.len() < SIZE / 2 {
            return f64::INFINITY;
        }
        self.members.iter().map(|m| m.fitted.error).fold(0.0, f64::max)
    }

    /// The smallest error at a length or below.
    fn best_error(&self, complexity: u32) -> f64 {
        let as_short = self.members.iter().filter(|m| m.fitted.complexity <= complexity);
        as_short.map(|m| m.fitted.error).fold(f64::INFINITY, f64::min)
    }

    /// A structure that the island has not tried.
    fn propose(&mut self, world: &World<'_>, rng: &mut ChaCha8Rng) -> Option<Tree> {
        for _ in 0..8 {
            let tree = if self.members.len() < 8 {
                world.vocabulary.draw_tree(rng.random_range(1..10), rng)
            } else {
                self.child(world, rng)
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

    /// An edit of a parent: by gradient, by a second parent, or at random.
    fn child(&self, world: &World<'_>, rng: &mut ChaCha8Rng) -> Tree {
        let parent = &self.parent(rng).fitted.tree;
        match rng.random_range(0..10) {
            0..3 => {
                if let Some(child) = guided(parent, world, rng) {
                    return child;
                }
            }
            3..6 => return cross(parent, &self.parent(rng).fitted.tree, rng),
            _ => {}
        }
        let child = mutate(parent, world.vocabulary, rng);
        // A second edit now and then: some improvements need two.
        if rng.random_bool(0.2) { mutate(&child, world.vocabulary, rng) } else { child }
    }

    fn parent<'s>(&'s self, rng: &mut ChaCha8Rng) -> &'s Individual {
        if rng.random_bool(0.4) {
            lexicase(&self.members, rng)
        } else {
            tournament(&self.members, Pressure::draw(rng), rng)
        }
    }
}
