//! [`Archive`]: the best formula of every length, over all rounds of a search.

use super::Fitted;

/// A formula is news where it cuts the error of what was handed out at its length or below by this factor.
const NEWS: f64 = 0.98;

/// The best formula of every length, none worse than a shorter one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Archive {
    /// By length ascending, error descending; whether it was handed out.
    members: Vec<(u32, Fitted, bool)>,
}

impl Archive {
    /// Files a formula under a length if it beats what is as short; `known` where there is no need to hand it out.
    pub(crate) fn file(&mut self, new: Fitted, complexity: u32, known: bool) {
        let error = new.floored_error();
        if self.members.iter().any(|(c, m, _)| *c <= complexity && m.floored_error() <= error) {
            return;
        }
        let is_old = |(c, m, given): &(u32, Fitted, bool)| {
            *given && *c <= complexity && m.floored_error() * NEWS <= error
        };
        let known = known || self.members.iter().any(is_old);
        self.members.retain(|(c, m, _)| *c < complexity || m.floored_error() < error);
        let at = self.members.partition_point(|(c, _, _)| *c < complexity);
        self.members.insert(at, (complexity, new, known));
    }

    /// The formulas, shortest first.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Fitted> {
        self.members.iter().map(|(_, m, _)| m)
    }

    /// Formulas that were not handed out before, shortest first, at most `most`.
    pub(crate) fn fresh(&mut self, most: usize) -> Vec<&Fitted> {
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
