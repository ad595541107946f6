//! [`Archive`]: the best formula of every length, over all islands and rounds.

use super::island::Individual;

/// A formula is news where it cuts the error of what was handed out at its length or below by this factor.
const NEWS: f64 = 0.98;

/// Errors below this are equally exact.
const EXACT: f64 = 1e-24;

/// The best formula of every length, none worse than a shorter one.
#[derive(Clone, Debug, Default)]
pub(super) struct Archive {
    /// By length ascending, error descending; whether it was handed out.
    members: Vec<(u32, Individual, bool)>,
}

impl Archive {
    /// Files a formula under a length if it beats what is as short.
    pub(super) fn file(&mut self, new: Individual, complexity: u32, known: bool) {
        let floor = |e: f64| e.max(EXACT);
        let error = floor(new.error);
        if self.members.iter().any(|(c, m, _)| *c <= complexity && floor(m.error) <= error) {
            return;
        }
        // Whether it is news compared with what was handed out before.
        let known = known
            || self
                .members
                .iter()
                .any(|(c, m, given)| *given && *c <= complexity && floor(m.error) * NEWS <= error);
        self.members.retain(|(c, m, _)| *c < complexity || floor(m.error) < error);
        let at = self.members.partition_point(|(c, _, _)| *c < complexity);
        self.members.insert(at, (complexity, new, known));
    }

    /// The formulas, shortest first.
    pub(super) fn members(&self) -> impl Iterator<Item = &Individual> {
        self.members.iter().map(|(_, m, _)| m)
    }

    /// Formulas that were not handed out before, shortest first, at most `most`.
    pub(super) fn fresh(&mut self, most: usize) -> Vec<&Individual> {
        self.members
            .iter_mut()
            .filter(|(_, _, given)| !*given)
            .take(most)
            .map(|(_, m, given)| {
                *given = true;
                &*m
            })
            .collect()
    }
}
