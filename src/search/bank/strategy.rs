//! [`SemanticBank`]: the strategy and its rounds.

use super::pool::Pool;
use super::relation::EXACT_LAW;
use super::stage::{LEVELS, Stage, Task};
use super::strip::power_factors;
use super::view::View;
use crate::search::{Candidate, Control, Known, Problem, Round, SearchStrategy};

/// Candidates handed out per round.
const PER_ROUND: usize = 24;

/// Search by semantic enumeration and closed-form tests.
///
/// Rounds are the parts of five levels, each level with about five times as many functions as the one before.
///
/// ```
/// # use closedform::search::darts::{Darts, DartsOptions};
/// # use closedform::search::{Control, Problem, SearchStrategy, SemanticBank};
/// # use closedform::{PrimitiveSet, Split, search_space::SearchSpace};
/// # let x: Vec<f64> = (0..60).map(|i| 1.0 + f64::from(i) / 20.0).collect();
/// # let y: Vec<f64> = x.iter().map(|x| 3.0 * x.ln() + 1.0).collect();
/// # let columns = [x.as_slice()];
/// # let (split, space) = (Split::random(60, 0.25, 1), SearchSpace::new(PrimitiveSet::SCIENCE, 1)?);
/// # let problem = Problem { columns: &columns, target: &y, weights: None, split: &split, space: &space, seed: 1 };
/// let round = SemanticBank::new().round(&problem, &[], &Control::unlimited());
/// // y = 3 ln(x) + 1
/// let best = round.candidates[0].expr().unwrap();
/// assert!((best.evaluate_row(&[2.0]) - (3.0 * 2f64.ln() + 1.0)).abs() < 1e-6);
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct SemanticBank {
    stages: Vec<Stage>,
    tasks: Vec<(usize, Task)>,
    level: usize,
    next: usize,
    pool: Pool,
    started: bool,
}

impl SemanticBank {
    /// A search that has not begun.
    ///
    /// ```
    /// use closedform::search::{SearchStrategy, SemanticBank};
    /// assert_eq!(SemanticBank::new().name(), "bank");
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    fn start(&mut self, problem: &Problem<'_>) {
        self.started = true;
        let inputs: Vec<usize> = (0..problem.columns.len()).collect();
        let primitives = &problem.space.primitives;
        let factors = power_factors(problem);
        let rest: Vec<usize> = inputs.iter().copied().filter(|v| factors.iter().all(|f| f.0 != *v)).collect();
        if rest.len() < inputs.len() {
            let powers: Vec<(usize, f64)> = factors.into_iter().filter(|f| f.1 != 0.0).collect();
            self.stages.push(Stage::new(View::new(problem, &rest, &powers), primitives));
        }
        self.stages.push(Stage::new(View::new(problem, &inputs, &[]), primitives));
        self.plan();
    }

    fn plan(&mut self) {
        self.next = 0;
        self.tasks = (0..self.stages.len())
            .flat_map(|s| Stage::tasks(&LEVELS[self.level]).into_iter().map(move |t| (s, t)))
            .collect();
    }
}

impl SearchStrategy for SemanticBank {
    fn name(&self) -> &'static str {
        "bank"
    }

    fn round(&mut self, problem: &Problem<'_>, _front: &[Known], control: &Control) -> Round {
        if !self.started {
            self.start(problem);
        }
        let mut finished = false;
        // The first levels take one round each, later ones a round per test.
        loop {
            if self.next == self.tasks.len() {
                self.level += 1;
                if self.level == LEVELS.len() || self.pool.best_error() <= EXACT_LAW {
                    self.level = self.level.min(LEVELS.len() - 1);
                    finished = true;
                } else {
                    self.plan();
                }
                break;
            }
            if control.is_stopped() {
                break;
            }
            let (stage, task) = self.tasks[self.next];
            if task == Task::Greedy && self.pool.best_error() <= EXACT_LAW {
                self.next += 1;
                continue;
            }
            let laws = self.stages[stage].run(task, &LEVELS[self.level], &problem.space.primitives, control);
            let before = self.pool.best_error();
            for (expr, error) in laws {
                self.pool.offer(expr, error);
            }
            self.next += 1;
            let found = self.pool.best_error() <= EXACT_LAW && before > EXACT_LAW;
            if found || (self.level >= 2 && task != Task::Grow && self.next < self.tasks.len()) {
                break;
            }
        }
        let candidates =
            self.pool.news(PER_ROUND).into_iter().map(|e| Candidate::new(e, self.name())).collect();
        Round { candidates, finished }
    }
}

#[cfg(test)]
mod tests {
    use super::super::relation::error;
    use super::super::view::Rows;
    use super::*;
    use crate::data::Split;
    use crate::search_space::{PrimitiveSet, SearchSpace};

    /// Columns on `1..3` that no low-order relation ties together.
    fn columns(width: usize) -> Vec<Vec<f64>> {
        let steps = [0.618_033_988, 0.414_213_562, 0.732_050_807, 0.316_624_790, 0.645_751_311];
        (0..width)
            .map(|k| (0..300).map(|i| 1.0 + 2.0 * ((f64::from(i) * steps[k] + 0.1) % 1.0)).collect())
            .collect()
    }

    fn searched(columns: &[Vec<f64>], law: impl Fn(&[f64]) -> f64, levels: usize) -> Vec<Candidate> {
        let rows = columns[0].len();
        let y: Vec<f64> =
            (0..rows).map(|r| law(&columns.iter().map(|c| c[r]).collect::<Vec<f64>>())).collect();
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let split = Split::random(rows, 0.25, 3);
        let space = SearchSpace::new(PrimitiveSet::SCIENCE, 2).unwrap();
        let problem =
            Problem { columns: &views, target: &y, weights: None, split: &split, space: &space, seed: 1 };
        let mut search = SemanticBank::new();
        let mut out = Vec::new();
        while search.level < levels {
            let round = search.round(&problem, &[], &Control::unlimited());
            let exact = search.pool.best_error() <= EXACT_LAW;
            out.extend(round.candidates);
            if round.finished || exact {
                break;
            }
        }
        out
    }

    fn finds(width: usize, law: impl Fn(&[f64]) -> f64 + Copy) {
        let columns = columns(width);
        let found = searched(&columns, law, 3);
        let y = (0..300).map(|r| law(&columns.iter().map(|c| c[r]).collect::<Vec<f64>>())).collect();
        let rows = Rows { columns: columns.clone(), target: y };
        let best = found.iter().map(|c| error(c.expr().unwrap(), &rows)).fold(f64::INFINITY, f64::min);
        assert!(best < 1e-9, "best error {best:e} among {}", found.len());
    }

    #[test]
    fn a_product_of_powers() {
        finds(4, |x| 0.37 * x[0].powf(1.5) * x[1] / (x[2] * x[2] * x[3].sqrt()));
    }

    #[test]
    fn a_polynomial() {
        finds(3, |x| 2.0 + x[0] * x[1] - 0.7 * x[2] * x[2] + x[0]);
    }

    #[test]
    fn a_peeled_quadratic_form() {
        finds(3, |x| (1.3 * x[0] * x[0] + x[1] * x[1] - 0.4 * x[1] * x[2]).sqrt());
    }

    #[test]
    fn a_peeled_exponential() {
        finds(4, |x| x[0] / ((0.8 * x[1] / (x[2] * x[3])).exp() + 1.0));
    }

    #[test]
    fn a_quotient_with_a_function() {
        finds(2, |x| (1.0 + 2.0 * x[0]) / (3.0 + x[0] * (0.5 * x[1]).exp()));
    }

    #[test]
    fn a_function_with_two_coefficients() {
        finds(3, |x| 1.0 + x[1] + (2.0 - 3.0 * x[2]) * (x[0] * x[1]).sin());
    }

    #[test]
    fn a_function_and_its_square() {
        finds(3, |x| x[2] * ((x[0] * x[1]).cos() - 0.6 * (x[0] * x[1]).cos().powi(2)) + 0.5);
    }

    #[test]
    fn a_frequency_inside() {
        finds(2, |x| 0.3 + 1.1 * x[1] - 2.0 * (4.321 * x[0]).sin());
    }

    #[test]
    fn a_rate_in_a_product() {
        finds(2, |x| 2.5 * x[1] * x[1] * (1.0 - (-0.77 * x[0]).exp()));
    }

    #[test]
    fn a_sum_of_two_functions() {
        finds(3, |x| 1.5 * (x[0] / x[1]).sin() - 0.6 * (x[2] * x[1]).sqrt() + 2.0);
    }

    #[test]
    fn a_product_of_two_functions() {
        finds(3, |x| 0.2 * (x[0] * x[1]).cos().abs().sqrt() * (x[1] + x[2] * x[2]).powf(-1.5) / x[2]);
    }

    #[test]
    fn a_sum_of_many_terms() {
        finds(2, |x| x[0].powi(3) - 1.2 * x[1] + 0.4 * x[0].sin() + 0.8 * x[1] * x[0] - 0.3 * x[1].sqrt());
    }

    #[test]
    fn two_constants_inside() {
        finds(2, |x| 1.4 * (-0.9 * x[0]).exp() + 0.7 * (2.6 * x[1]).sin());
    }

    #[test]
    fn signed_inputs() {
        let mut c = columns(2);
        c.iter_mut().flatten().for_each(|x| *x = 2.0 * (*x - 2.0));
        let law = |x: &[f64]| x[0].powi(3) * x[1] / (1.0 + x[1] * x[1]);
        let found = searched(&c, law, 2);
        assert!(!found.is_empty());
        let y = (0..300).map(|r| law(&[c[0][r], c[1][r]])).collect();
        let rows = Rows { columns: c.clone(), target: y };
        assert!(found.iter().any(|f| error(f.expr().unwrap(), &rows) < 1e-9));
    }

    #[test]
    fn extreme_scales() {
        let mut c = columns(3);
        c[0].iter_mut().for_each(|x| *x *= 3e-21);
        c[1].iter_mut().for_each(|x| *x *= 5e17);
        c[2].iter_mut().for_each(|x| *x *= 4e17);
        let law = |x: &[f64]| 6.6e-11 * x[0] * (x[1] * x[1] + x[2] * x[2]).sqrt();
        let found = searched(&c, law, 2);
        let y = (0..300).map(|r| law(&[c[0][r], c[1][r], c[2][r]])).collect();
        let rows = Rows { columns: c.clone(), target: y };
        assert!(found.iter().any(|f| error(f.expr().unwrap(), &rows) < 1e-9));
    }

    #[test]
    fn noise_leaves_the_best_sums() {
        let c = columns(2);
        let law = |x: &[f64]| {
            let noise = 0.02 * (1e4 * x[0] * x[1]).sin();
            2.0 * x[0] * x[1] + noise
        };
        let found = searched(&c, law, 1);
        assert!(found.iter().any(|f| {
            let t = f.expr().unwrap().evaluate_row(&[1.5, 2.5]);
            (t - 7.5).abs() < 0.02 && crate::expr::complexity(f.expr().unwrap()) <= 5
        }));
    }

    #[test]
    fn same_on_any_number_of_threads() {
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let found = pool.install(|| searched(&columns(2), |x| (x[0] * 1.7).sin() * (x[1] + 0.3).ln(), 2));
            found.iter().map(|c| c.expr().cloned()).collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(2));
    }
}
