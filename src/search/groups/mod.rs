//! Groups of inputs that matter only together: `y = M0 f(M1)` or `M0 f(M1, M2)` with products of powers.
//!
//! What physical laws owe to their units (Buckingham, *On physically similar systems*, Phys. Rev. 4, 345, 1914), read off
//! the data alone ([`reduction`]): Planck's law has five inputs, and beside its powers only `h f / (k T)` matters.
//! What is left, of fewer inputs, is searched as a problem of its own.

mod invariants;
mod reduction;

use super::reduced::{Data, Reduced, Stage, rows_of};
use super::{
    Candidate, Control, Known, Memetic, Neighbourhood, Problem, ProductDag, Round, SearchStrategy,
    SemanticBank,
};
use rayon::prelude::*;
use reduction::{Reduction, Target};

#[cfg(test)]
pub(crate) use reduction::tests::columns;

/// Name of the stage.
pub(crate) const NAME: &str = "groups";

/// What is asked in the first rounds, until there are reductions.
const TARGETS: [Option<Target>; 3] = [Some(Target::Clean), None, Some(Target::Noisy)];

/// The strategy `groups`.
#[derive(Default)]
pub(crate) struct Groups {
    /// How many of [`TARGETS`] have been asked for.
    asked: usize,
    reduced: Vec<Reduced>,
}

impl Groups {
    /// A search that has not begun; it reads the problem in its first round.
    pub(crate) fn new() -> Self {
        Self::default()
    }
}

/// What is left of a problem, and what searches it.
fn reduced(reduction: Reduction, of: Target, problem: &Problem<'_>) -> Reduced {
    let (rows, split) = rows_of(problem);
    let pick = |values: &[f64]| -> Vec<f64> { rows.iter().map(|&r| values[r]).collect() };
    let inputs: Vec<Vec<f64>> = problem.columns.iter().map(|c| pick(c)).collect();
    let views: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
    let own = problem.weights.map(pick);
    let (target, weights) = reduction.target(&views, &pick(problem.target), own.as_deref());
    let data = Data { columns: reduction.columns(&views), target, weights, split };
    // With one input, rounds of the bank take a tenth of their usual time. Under noise what it finds is not exact, and others
    // come nearer.
    let (banks, starts) = match of {
        Target::Clean => (3, [2, 3]),
        Target::Noisy => (1, [1, 1]),
    };
    let stages = vec![
        Stage::new(SemanticBank::new(), 0, banks),
        Stage::new(ProductDag::new(), 0, 1),
        Stage::new(Neighbourhood::new(), starts[0], 1),
        Stage::new(Memetic::new(), starts[1], 1),
    ];
    Reduced::new(data, stages, move |expr| reduction.rebuild(expr))
}

impl SearchStrategy for Groups {
    fn name(&self) -> &'static str {
        NAME
    }

    fn round(&mut self, problem: &Problem<'_>, _front: &[Known], control: &Control) -> Round {
        if control.is_stopped() {
            return Round { candidates: Vec::new(), finished: false };
        }
        if self.reduced.is_empty()
            && let Some(target) = TARGETS.get(self.asked)
        {
            self.asked += 1;
            if let Some(of) = *target {
                let found = reduction::reductions(problem, of, control);
                self.reduced = found.into_iter().map(|r| reduced(r, of, problem)).collect();
            }
        }
        let candidates: Vec<Vec<Candidate>> =
            self.reduced.par_iter_mut().map(|r| r.round(problem, NAME, control)).collect();
        let nothing = self.reduced.is_empty() && self.asked < TARGETS.len();
        Round {
            candidates: candidates.into_iter().flatten().collect(),
            finished: !nothing && self.reduced.iter().all(Reduced::is_finished),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;
    use crate::expr::Expr;
    use crate::search::strategy_tests::returns_at_once_when_stopped;
    use crate::search_space::{PrimitiveSet, SearchSpace};

    /// The least error, relative to the target, of what the stage finds in so many rounds.
    fn error(width: usize, rounds: usize, law: impl Fn(&[f64]) -> f64) -> f64 {
        let columns = columns(width, 400);
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let y: Vec<f64> =
            (0..400).map(|r| law(&columns.iter().map(|c| c[r]).collect::<Vec<f64>>())).collect();
        let split = Split::random(400, 0.25, 1);
        let space = SearchSpace::new(PrimitiveSet::SCIENCE, 2).unwrap();
        let problem =
            Problem { columns: &views, target: &y, weights: None, split: &split, space: &space, seed: 1 };
        let mut search = Groups::new();
        let rounds = (0..rounds).flat_map(|_| search.round(&problem, &[], &Control::unlimited()).candidates);
        let off = |e: &Expr| {
            e.evaluate(&views).iter().zip(&y).map(|(f, y)| ((f - y) / y).abs()).fold(0.0, f64::max)
        };
        rounds.filter_map(|c| c.expr().map(off)).fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn laws_of_one_group() {
        // Planck's law with all its constants as inputs.
        let planck = |x: &[f64]| {
            x[0] * x[1].powi(3) / x[2].powi(2) / ((0.5 * x[0] * x[1] / (x[3] * x[4])).exp() - 1.0)
        };
        assert!(error(5, 4, planck) < 1e-6);
        assert!(error(4, 4, |x| x[0] * (x[0] * x[1] / (x[2] * x[3])).tanh()) < 1e-6);
    }

    #[test]
    fn laws_of_two_groups() {
        // Velocities added as in the theory of relativity, times a mass.
        assert!(error(4, 4, |x| x[3] * (x[0] + x[1]) / (1.0 + x[0] * x[1] / x[2].powi(2))) < 1e-6);
    }

    #[test]
    fn nothing_to_reduce() {
        assert_eq!(error(3, 2, |x| x[0] + x[1] * (x[2] - 1.3 * x[0]).sin() + 9.0), f64::INFINITY);
    }

    #[test]
    fn does_nothing_when_stopped() {
        returns_at_once_when_stopped(Groups::new());
    }
}
