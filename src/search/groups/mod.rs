//! Groups of inputs that matter only together: `y = M0 f(M1)` or `M0 f(M1, M2)` with products of powers.
//!
//! What physical laws owe to their units (Buckingham, *On physically similar systems*, Phys. Rev. 4, 345, 1914), read off
//! the data alone ([`reduction`]): Planck's law has five inputs, and beside its powers only `h f / (k T)` matters.
//! What is left, of fewer inputs, is searched as a problem of its own.

mod invariants;
mod reduction;

use super::{
    Candidate, Control, Known, Memetic, Neighbourhood, Problem, ProductDag, Round, SearchStrategy,
    SemanticBank,
};
use crate::data::{Split, thinned};
use crate::expr::{Expr, Tape, complexity};
use rayon::prelude::*;
use reduction::{Reduction, Target};

/// Name of the stage.
pub(crate) const NAME: &str = "groups";

/// Training rows of the reduced problem, at most, and as many others: no stage looks at more.
const ROWS: usize = 2048;

/// What is asked in the first rounds, until there are reductions.
const TARGETS: [Option<Target>; 3] = [Some(Target::Clean), None, Some(Target::Noisy)];

/// The strategy `groups`.
#[derive(Default)]
pub(crate) struct Groups {
    /// How many of [`TARGETS`] have been asked for.
    asked: usize,
    reduced: Vec<Reduced>,
}

/// A reduced problem and its search.
struct Reduced {
    reduction: Reduction,
    columns: Vec<Vec<f64>>,
    target: Vec<f64>,
    weights: Vec<f64>,
    split: Split,
    stages: Vec<Stage>,
    front: Vec<Known>,
    round: usize,
}

/// What searches the reduced problem.
struct Stage {
    strategy: Box<dyn SearchStrategy>,
    /// Round in which it first takes part, and its own rounds in each.
    starts: usize,
    rounds: usize,
    finished: bool,
}

impl Groups {
    /// A search that has not begun; it reads the problem in its first round.
    pub(crate) fn new() -> Self {
        Self::default()
    }
}

impl Reduced {
    fn new(reduction: Reduction, of: Target, problem: &Problem<'_>) -> Self {
        let Split { train, validation } = problem.split;
        let (train, validation) = (thinned(train, ROWS), thinned(validation, ROWS));
        let rows: Vec<usize> = train.iter().chain(&validation).copied().collect();
        let pick = |values: &[f64]| -> Vec<f64> { rows.iter().map(|&r| values[r]).collect() };
        let inputs: Vec<Vec<f64>> = problem.columns.iter().map(|c| pick(c)).collect();
        let views: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
        let own = problem.weights.map(pick);
        let columns = reduction.columns(&views);
        let (target, weights) = reduction.target(&views, &pick(problem.target), own.as_deref());
        let split =
            Split { train: (0..train.len()).collect(), validation: (train.len()..rows.len()).collect() };
        let stage = |strategy: Box<dyn SearchStrategy>, starts: usize, rounds: usize| Stage {
            strategy,
            starts,
            rounds,
            finished: false,
        };
        // With one input, rounds of the bank take a tenth of their usual time. Under noise what it finds is not exact, and others
        // come nearer.
        let (banks, starts) = match of {
            Target::Clean => (3, [2, 3]),
            Target::Noisy => (1, [1, 1]),
        };
        let stages = vec![
            stage(Box::new(SemanticBank::new()), 0, banks),
            stage(Box::new(ProductDag::new()), 0, 1),
            stage(Box::new(Neighbourhood::new()), starts[0], 1),
            stage(Box::new(Memetic::new()), starts[1], 1),
        ];
        Self { reduction, columns, target, weights, split, stages, front: Vec::new(), round: 0 }
    }

    /// Rounds of every stage; formulas of the inputs of the problem.
    fn round(&mut self, problem: &Problem<'_>, control: &Control) -> Vec<Candidate> {
        let views: Vec<&[f64]> = self.columns.iter().map(Vec::as_slice).collect();
        let part = Problem {
            columns: &views,
            target: &self.target,
            weights: Some(&self.weights),
            split: &self.split,
            space: problem.space,
            seed: problem.seed,
        };
        let mut found = Vec::new();
        let (front, round) = (&mut self.front, self.round);
        self.round += 1;
        for stage in self.stages.iter_mut().filter(|s| s.starts <= round) {
            for _ in 0..stage.rounds {
                if stage.finished || control.is_stopped() {
                    break;
                }
                let round = stage.strategy.round(&part, front, control);
                stage.finished = round.finished;
                for expr in round.candidates.iter().filter_map(Candidate::expr) {
                    file(front, expr, &part);
                    found.push(Candidate::new(self.reduction.rebuild(expr), NAME));
                }
            }
        }
        found
    }
}

/// Files a formula among those that nothing as short beats.
fn file(front: &mut Vec<Known>, expr: &Expr, problem: &Problem<'_>) {
    let values = Tape::compile(expr).values(expr.parameters(), problem.columns);
    let weight = |r: usize| problem.weights.map_or(1.0, |w| w[r]);
    let train = &problem.split.train;
    let squares: f64 = train.iter().map(|&r| weight(r) * (values[r] - problem.target[r]).powi(2)).sum();
    let mse = squares / train.iter().map(|&r| weight(r)).sum::<f64>();
    let complexity = complexity(expr);
    if !mse.is_finite() || front.iter().any(|k| k.complexity <= complexity && k.mse <= mse) {
        return;
    }
    front.retain(|k| k.complexity < complexity || k.mse < mse);
    let at = front.partition_point(|k| k.complexity < complexity);
    front.insert(at, Known { expr: expr.clone(), mse, complexity });
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
                self.reduced = found.into_iter().map(|r| Reduced::new(r, of, problem)).collect();
            }
        }
        let candidates: Vec<Vec<Candidate>> =
            self.reduced.par_iter_mut().map(|r| r.round(problem, control)).collect();
        let nothing = self.reduced.is_empty() && self.asked < TARGETS.len();
        Round {
            candidates: candidates.into_iter().flatten().collect(),
            finished: !nothing && self.reduced.iter().all(|r| r.stages.iter().all(|s| s.finished)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::strategy_tests::returns_at_once_when_stopped;
    use crate::search_space::{PrimitiveSet, SearchSpace};

    /// The least error, relative to the target, of what the stage finds in so many rounds.
    fn error(width: usize, rounds: usize, law: impl Fn(&[f64]) -> f64) -> f64 {
        let columns = reduction::tests::columns(width, 400);
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
