//! [`Beam`]: the formulas whose neighbours are looked at.

use crate::search::tree::{Fitted, Tree};
use std::collections::HashMap;

/// Formulas per length.
const NICHE: usize = 8;

/// What a unit of complexity costs in logarithm of error: long approximations are improved beside short formulas
/// that may be one edit away from the law. Every price has its share of the beam.
const PRICES: [f64; 2] = [0.1, 1.0];

/// What an earlier visit costs.
const VISIT: f64 = 1.5;

/// A few formulas per length, with how often each structure was expanded.
#[derive(Clone, Debug, Default)]
pub(super) struct Beam {
    members: Vec<Fitted>,
    visits: HashMap<u64, u32>,
}

impl Beam {
    /// Takes a formula in if it is among the best of its length and no copy of another.
    pub(super) fn admit(&mut self, new: &Fitted) {
        let niche = |m: &Fitted| m.complexity == new.complexity;
        let near = |m: &Fitted| (m.error - new.error).abs() <= 1e-6 * new.floored_error();
        if self.members.iter().any(|m| niche(m) && near(m)) {
            return;
        }
        let rivals: Vec<usize> = (0..self.members.len()).filter(|i| niche(&self.members[*i])).collect();
        let worst =
            rivals.iter().copied().max_by(|a, b| self.members[*a].error.total_cmp(&self.members[*b].error));
        match worst.filter(|_| rivals.len() >= NICHE) {
            Some(at) if self.members[at].error > new.error => self.members[at] = new.clone(),
            Some(_) => {}
            None => self.members.push(new.clone()),
        }
    }

    /// The formulas to expand next, `count` per price of complexity: low error for their length, few visits so far.
    /// They count as visited.
    pub(super) fn next(&mut self, count: usize) -> Vec<Tree> {
        let mut chosen: Vec<Tree> = Vec::new();
        for price in PRICES {
            let mut scored: Vec<(f64, &Fitted)> = self
                .members
                .iter()
                .map(|m| {
                    let visits = self.visits.get(&m.tree.structure()).copied().unwrap_or(0);
                    (m.log_error() + price * f64::from(m.complexity) + VISIT * f64::from(visits), m)
                })
                .collect();
            scored.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.complexity.cmp(&b.1.complexity)));
            let best: Vec<Tree> = scored.into_iter().take(count).map(|(_, m)| m.tree.clone()).collect();
            for tree in best {
                *self.visits.entry(tree.structure()).or_default() += 1;
                if !chosen.iter().any(|t| t.structure() == tree.structure()) {
                    chosen.push(tree);
                }
            }
        }
        chosen
    }
}
