//! Elimination by description length: the best formulas without a part.
//!
//! A search leaves small terms beside the law that it has found, and under noise it finds some that fit the noise. Every part
//! of the best formulas is left out in turn, the constants are solved again, and what has the shorter description for it
//! joins the front, to be taken apart itself.

use super::engine::{Draft, Engine, Entry, key};
use crate::expr::complexity;
use crate::search::{Candidate, shortened};
use rayon::prelude::*;

/// Formulas that are taken apart after a round of the search, and how often in a row.
const BEST: usize = 6;
const PASSES: usize = 6;

/// Shorter forms of one formula that are followed, and what their description may be longer, in nats, before constants are
/// made nice.
const FOLLOWED: usize = 2;
const LEEWAY: f64 = 4.0;

impl Engine<'_> {
    /// Files the best formulas without a part where the description gets shorter. Graphs of a supernet stay as their search
    /// made them.
    pub(super) fn eliminate(&mut self) {
        for _ in 0..PASSES {
            let mut best: Vec<&Entry> = self.front.iter().filter(|e| e.architecture.is_none()).collect();
            best.sort_by(|a, b| a.predictive_length.total_cmp(&b.predictive_length));
            best.truncate(BEST);
            best.retain(|e| self.taken_apart.insert(key(&e.expr)));
            if best.is_empty() || self.control.is_interrupted() {
                return;
            }
            let shorter: Vec<Draft> = best.par_iter().flat_map_iter(|e| self.without_parts(e)).collect();
            self.file_refined(shorter);
        }
    }

    /// A formula without each of its parts, where that may be worth it.
    fn without_parts(&self, entry: &Entry) -> Vec<Draft> {
        let expr = self.unlinked(&entry.expr);
        let candidates = expr.iter().flat_map(shortened).map(|e| Candidate::new(e, entry.origin));
        let mut drafts: Vec<(f64, Draft)> = candidates
            .flat_map(|c| self.drafts(c))
            .filter_map(|d| self.refine(d))
            .filter(|d| !self.is_beaten(d))
            .map(|d| (self.predictive_length(&d.expr), d))
            .filter(|(length, _)| *length < entry.predictive_length + LEEWAY)
            .collect();
        drafts.sort_by(|a, b| a.0.total_cmp(&b.0));
        drafts.into_iter().take(FOLLOWED).map(|(_, draft)| draft).collect()
    }

    /// Whether something on the front is better, and shorter than the draft would be if all its constants were superfluous.
    fn is_beaten(&self, draft: &Draft) -> bool {
        let least = complexity(&draft.expr).saturating_sub(2 * draft.expr.parameters().len() as u32);
        self.front.iter().any(|e| e.loss <= draft.loss && e.complexity <= least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;
    use crate::expr::{Expr, parse};
    use crate::refit::Likelihood;
    use crate::search::darts::DartsOptions;
    use crate::search::{Control, Known, Problem, Round, SearchStrategy};
    use crate::search_space::{PrimitiveSet, SearchSpace};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Proposes one formula and ends.
    struct Once(Expr);

    impl SearchStrategy for Once {
        fn name(&self) -> &'static str {
            "once"
        }

        fn round(&mut self, _: &Problem<'_>, _: &[Known], _: &Control) -> Round {
            Round { candidates: vec![Candidate::new(self.0.clone(), "once")], finished: true }
        }
    }

    /// Nodes of the formula of the shortest description, and how far it is from the law at most.
    fn best(proposed: &str, law: &str) -> (u32, f64) {
        let names = ["a", "b"];
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let mut draw = || -> Vec<f64> { (0..400).map(|_| rng.random_range(0.5..3.0)).collect() };
        let (a, b) = (draw(), draw());
        let noise: Vec<f64> = draw().iter().zip(draw()).map(|(u, v)| 0.2 * (u - v)).collect();
        let columns = [a.as_slice(), b.as_slice()];
        let law = parse(law, &names).unwrap().evaluate(&columns);
        let target: Vec<f64> = law.iter().zip(&noise).map(|(f, e)| f + e).collect();
        let split = Split { train: (0..400).collect(), validation: Vec::new() };
        let space = SearchSpace::new(PrimitiveSet::SCIENCE, 2).unwrap();
        let problem = Problem {
            columns: &columns,
            target: &target,
            weights: None,
            split: &split,
            space: &space,
            seed: 1,
        };
        let (control, darts) = (Control::unlimited(), DartsOptions::default());
        let mut engine = Engine::new(&problem, &control, Likelihood::Gaussian, &darts);
        engine.run(&mut Once(parse(proposed, &names).unwrap()), |_, _| {});
        let best = engine.front.iter().min_by(|x, y| x.predictive_length.total_cmp(&y.predictive_length));
        let best = best.expect("a formula");
        let off =
            best.expr.evaluate(&columns).iter().zip(&law).map(|(f, y)| (f - y).abs()).fold(0.0, f64::max);
        (best.complexity, off)
    }

    #[test]
    fn what_is_beside_a_law_goes() {
        for (proposed, law, complexity) in [
            ("a*b + 0.01*sin(a)*b", "a*b", 3),
            ("a*sqrt(b^2 + a^2*(1 + 0.02*a*b))", "a*sqrt(b^2 + a^2)", 10),
            ("1/(a + b + 0.01*ln(a)/b)", "1/(a + b)", 5),
        ] {
            let (found, off) = best(proposed, law);
            assert!(found <= complexity && off < 0.1, "{proposed}: {found} nodes, off by {off}");
        }
    }

    #[test]
    fn what_belongs_to_a_law_stays() {
        let (found, off) = best("a*b + 0.9*sin(2*a)", "a*b + 0.9*sin(2*a)");
        assert!(found >= 8 && off < 0.1, "{found} nodes, off by {off}");
    }
}
