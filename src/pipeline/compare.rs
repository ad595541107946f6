//! Strategies side by side on the same data, at the same cost.
//!
//! Every run (a strategy and a seed) has one thread and the same limits, and is followed by an observer: the best
//! loss after every round against the evaluations and the time spent so far. Evaluations are what all strategies
//! have in common: one is a pass of one formula, or of one partial derivative of it, over the rows of a batch,
//! whoever asks for it (training, sampling, the discretiser's local search).

use super::builder::{RegressorBuilder, StrategyKind};
use super::regressor::{FitControl, Progress};
use crate::data::Dataset;
use crate::error::{Error, ErrorKind};
use crate::model::{StopReason, metrics};
use serde::Serialize;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Mean squared error, in units of the target's variance, below which a formula counts as the law.
const EXACT: f64 = 1e-16;

/// What is compared, and on which terms.
///
/// ```
/// use closedform::{Comparison, Dataset, PrimitiveSet, StrategyKind, SymbolicRegressor};
/// use ndarray::{Array1, Array2};
/// let x = Array2::from_shape_fn((30, 1), |(i, _)| i as f64 / 10.0);
/// let data = Dataset::from_arrays(x.view(), x.column(0).mapv(|x| x + (2.0 * x).exp()).view())?;
/// let builder = SymbolicRegressor::builder().primitives(PrimitiveSet::SEED).nodes(2);
/// let runs = Comparison::new(&[StrategyKind::Darts, StrategyKind::Random])
///     .seeds(1)
///     .evaluations(20_000)
///     .run(&builder, &data)?;
/// assert_eq!(runs.runs.len(), 2);
/// println!("{runs}");
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Comparison {
    strategies: Vec<StrategyKind>,
    first_seed: u64,
    seeds: usize,
    budget: Option<Duration>,
    evaluations: Option<u64>,
    threads: usize,
    interrupted: Interrupt,
}

/// A flag that a signal handler sets; all flags are equal.
#[derive(Clone, Debug, Default)]
struct Interrupt(Arc<AtomicBool>);

impl PartialEq for Interrupt {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

/// One strategy with one seed.
///
/// ```
/// # use closedform::{Comparison, Dataset, PrimitiveSet, StrategyKind, SymbolicRegressor};
/// # use ndarray::{Array1, Array2};
/// # let x = Array2::from_shape_fn((30, 1), |(i, _)| i as f64 / 10.0);
/// # let data = Dataset::from_arrays(x.view(), x.column(0).mapv(|x| 2.0 * x + 1.0).view())?;
/// # let builder = SymbolicRegressor::builder().primitives(PrimitiveSet::SEED).nodes(1);
/// let runs = Comparison::new(&[StrategyKind::Random]).seeds(2).evaluations(1_000).run(&builder, &data)?;
/// let run = &runs.runs[0];
/// assert_eq!((run.strategy.as_str(), run.seed), ("random", 0));
/// assert!(run.evaluations >= 1_000 && run.loss >= 0.0);
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ComparedRun {
    /// Name of the strategy.
    pub strategy: String,
    /// Its seed.
    pub seed: u64,
    /// Whether the chosen formula is the law: certain, or an error at rounding level.
    pub law: bool,
    /// The chosen formula; empty where the run found none.
    pub formula: String,
    /// Why there is no formula.
    pub failure: Option<String>,
    /// Smallest mean squared error of its front in units of the target's variance; infinite without a formula.
    pub loss: f64,
    /// Complexity of the chosen formula.
    pub complexity: u32,
    /// Evaluations done.
    pub evaluations: u64,
    /// Seconds taken.
    pub seconds: f64,
    /// Evaluations, seconds and best loss (in units of the target's variance) after every round.
    pub curve: Vec<(u64, f64, f64)>,
}

/// All runs, in the order of strategies and seeds; prints as a table.
///
/// ```
/// # use closedform::{Comparison, Dataset, PrimitiveSet, StrategyKind, SymbolicRegressor};
/// # use ndarray::{Array1, Array2};
/// # let x = Array2::from_shape_fn((30, 1), |(i, _)| i as f64 / 10.0);
/// # let data = Dataset::from_arrays(x.view(), x.column(0).mapv(|x| 2.0 * x + 1.0).view())?;
/// # let builder = SymbolicRegressor::builder().primitives(PrimitiveSet::SEED).nodes(1);
/// let runs = Comparison::new(&[StrategyKind::Random]).seeds(2).evaluations(1_000).run(&builder, &data)?;
/// assert_eq!(runs.runs.len(), 2);
/// assert!(runs.to_string().contains("random"));
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ComparedRuns {
    /// The runs.
    pub runs: Vec<ComparedRun>,
}

/// The seeds of one strategy taken together.
///
/// ```
/// # use closedform::{Comparison, Dataset, PrimitiveSet, StrategyKind, SymbolicRegressor};
/// # use ndarray::{Array1, Array2};
/// # let x = Array2::from_shape_fn((30, 1), |(i, _)| i as f64 / 10.0);
/// # let data = Dataset::from_arrays(x.view(), x.column(0).mapv(|x| 2.0 * x + 1.0).view())?;
/// # let builder = SymbolicRegressor::builder().primitives(PrimitiveSet::SEED).nodes(1);
/// let runs = Comparison::new(&[StrategyKind::Random]).seeds(2).evaluations(1_000).run(&builder, &data)?;
/// let summary = &runs.by_strategy()[0];
/// assert_eq!(summary.runs, 2);
/// assert!(summary.laws <= summary.runs);
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ComparedStrategy {
    /// Name of the strategy.
    pub strategy: String,
    /// Runs that found the law.
    pub laws: usize,
    /// Runs.
    pub runs: usize,
    /// Runs that ended without a formula.
    pub failed: usize,
    /// Median of the losses; a run without a formula has an infinite one.
    pub loss: f64,
    /// Median of the complexities of the runs with a formula; 0 where none has one.
    pub complexity: u32,
    /// Median of the evaluations.
    pub evaluations: u64,
    /// Median of the durations.
    pub seconds: f64,
}

impl Comparison {
    /// These strategies, with five seeds each and the time limit of the builder.
    ///
    /// ```
    /// # use closedform::{Comparison, Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let builder = SymbolicRegressor::builder();
    /// let runs = Comparison::new(&[StrategyKind::Random]).evaluations(100).run(&builder, &data)?;
    /// assert_eq!(runs.runs.len(), 5);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn new(strategies: &[StrategyKind]) -> Self {
        Self {
            strategies: strategies.to_vec(),
            first_seed: 0,
            seeds: 5,
            budget: None,
            evaluations: None,
            threads: 1,
            interrupted: Interrupt::default(),
        }
    }

    /// Number of seeds.
    ///
    /// ```
    /// # use closedform::{Comparison, Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let builder = SymbolicRegressor::builder();
    /// # let plan = Comparison::new(&[StrategyKind::Random]).seeds(1).evaluations(300);
    /// assert_eq!(plan.seeds(2).run(&builder, &data)?.runs.len(), 2);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn seeds(mut self, seeds: usize) -> Self {
        self.seeds = seeds;
        self
    }

    /// The first seed; the others follow it.
    ///
    /// ```
    /// # use closedform::{Comparison, Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let builder = SymbolicRegressor::builder();
    /// # let plan = Comparison::new(&[StrategyKind::Random]).seeds(1).evaluations(300);
    /// assert_eq!(plan.first_seed(7).run(&builder, &data)?.runs[0].seed, 7);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn first_seed(mut self, seed: u64) -> Self {
        self.first_seed = seed;
        self
    }

    /// Wall time of every run.
    ///
    /// ```
    /// # use closedform::{Comparison, Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let builder = SymbolicRegressor::builder();
    /// let plan = Comparison::new(&[StrategyKind::Random]).seeds(1).budget(std::time::Duration::from_millis(20));
    /// assert!(plan.run(&builder, &data)?.runs[0].seconds < 15.0); // not the 30 s of the builder
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn budget(mut self, budget: Duration) -> Self {
        self.budget = Some(budget);
        self
    }

    /// Evaluations of every run; strategies start afresh until they are used up.
    ///
    /// ```
    /// # use closedform::{Comparison, Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let builder = SymbolicRegressor::builder();
    /// # let plan = Comparison::new(&[StrategyKind::Random]).seeds(1).evaluations(300);
    /// assert!(plan.evaluations(600).run(&builder, &data)?.runs[0].evaluations >= 600);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn evaluations(mut self, evaluations: u64) -> Self {
        self.evaluations = Some(evaluations);
        self
    }

    /// Runs at the same time, each on a thread of its own.
    ///
    /// ```
    /// # use closedform::{Comparison, Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let builder = SymbolicRegressor::builder();
    /// # let plan = Comparison::new(&[StrategyKind::Random]).seeds(1).evaluations(300);
    /// let [one, two] = [1, 2].map(|n| plan.clone().seeds(2).threads(n).run(&builder, &data).unwrap().runs);
    /// assert!(one.iter().zip(&two).all(|(a, b)| a.loss == b.loss));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// A flag that ends the comparison; runs that have ended by then are lost.
    ///
    /// ```
    /// # use closedform::{Comparison, Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let builder = SymbolicRegressor::builder();
    /// # let plan = Comparison::new(&[StrategyKind::Random]).seeds(1).evaluations(300);
    /// let flag = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    /// let ended = plan.evaluations(u64::MAX).interrupted(flag).run(&builder, &data)?;
    /// assert!(ended.runs[0].seconds < 5.0);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn interrupted(mut self, flag: Arc<AtomicBool>) -> Self {
        self.interrupted = Interrupt(flag);
        self
    }

    /// Runs everything. The builder says what may be found; its strategy, seed, threads and limits are replaced.
    ///
    /// ```
    /// # use closedform::{Comparison, Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let builder = SymbolicRegressor::builder();
    /// # let plan = Comparison::new(&[StrategyKind::Random]).seeds(1).evaluations(300);
    /// let run = &plan.run(&builder, &data)?.runs[0];
    /// assert_eq!((run.strategy.as_str(), run.seed), ("random", 0));
    /// assert!(!run.formula.is_empty() && run.loss < 1.0);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first error of a run, in the order of the runs; a search that finds no formula is none, but counts as
    /// failed.
    pub fn run(&self, builder: &RegressorBuilder, data: &Dataset) -> Result<ComparedRuns, Error> {
        let jobs: Vec<(StrategyKind, u64)> = self
            .strategies
            .iter()
            .flat_map(|s| (0..self.seeds as u64).map(|i| (*s, self.first_seed + i)))
            .collect();
        let results: Vec<Mutex<Option<Result<ComparedRun, Error>>>> =
            jobs.iter().map(|_| Mutex::new(None)).collect();
        let next = AtomicUsize::new(0);
        // Threads instead of a pool: a pool's thread that waits for a run would begin another one inside it.
        std::thread::scope(|scope| {
            for _ in 0..self.threads.min(jobs.len()) {
                scope.spawn(|| {
                    while let Some((at, (strategy, seed))) =
                        Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| jobs.get(i).map(|j| (i, *j)))
                    {
                        let result = self.one(builder, data, strategy, seed);
                        if let Ok(mut slot) = results[at].lock() {
                            *slot = Some(result);
                        }
                    }
                });
            }
        });
        let runs = results
            .into_iter()
            .map(|slot| {
                let result = slot.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
                result.unwrap_or_else(|| Err(Error::search("a run of the comparison did not end")))
            })
            .collect::<Result<Vec<ComparedRun>, Error>>()?;
        Ok(ComparedRuns { runs })
    }

    fn one(
        &self,
        builder: &RegressorBuilder,
        data: &Dataset,
        strategy: StrategyKind,
        seed: u64,
    ) -> Result<ComparedRun, Error> {
        let mut builder = builder.clone().strategy(strategy).seed(seed).threads(1);
        if let Some(budget) = self.budget {
            builder = builder.time_limit(budget);
        }
        if let Some(evaluations) = self.evaluations {
            builder = builder.max_evaluations(evaluations);
            if self.budget.is_none() {
                builder = builder.no_time_limit();
            }
        }
        let regressor = builder.without_end().build()?;
        let variance = data.target_values().map_or(1.0, |y| metrics::variance(y, data.weights()));
        let unit = if variance > 0.0 { variance } else { 1.0 };
        let mut curve = Vec::new();
        let mut spent = (0, 0.0);
        let mut follow = |p: &Progress| {
            spent = (p.evaluations, p.elapsed.as_secs_f64());
            if p.lowest_loss.is_finite() {
                curve.push((p.evaluations, p.elapsed.as_secs_f64(), p.lowest_loss / unit));
            }
        };
        let fitted = regressor.fit_with(
            data,
            FitControl {
                interrupted: self.interrupted.0.clone(),
                observer: Some(&mut follow),
                ..FitControl::default()
            },
        );
        let model = match fitted {
            Ok(model) => model,
            Err(e) if e.kind() == ErrorKind::Search => {
                return Ok(ComparedRun {
                    strategy: strategy.to_string(),
                    seed,
                    law: false,
                    formula: String::new(),
                    failure: Some(e.to_string()),
                    loss: f64::INFINITY,
                    complexity: 0,
                    evaluations: spent.0,
                    seconds: spent.1,
                    curve,
                });
            }
            Err(e) => return Err(e),
        };
        let best = model.best();
        let report = model.report();
        let loss = model.front().iter().map(|e| e.scores().mse / unit).fold(f64::INFINITY, f64::min);
        Ok(ComparedRun {
            strategy: strategy.to_string(),
            seed,
            law: report.stop_reason == StopReason::Exact || best.scores().mse <= EXACT * unit,
            formula: model.formula(),
            failure: None,
            loss,
            complexity: best.complexity(),
            evaluations: report.evaluations,
            seconds: report.wall_seconds.unwrap_or(f64::NAN),
            curve,
        })
    }
}

impl ComparedRuns {
    /// Every strategy over its seeds, in the order of the runs.
    ///
    /// ```
    /// # use closedform::{Comparison, Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let builder = SymbolicRegressor::builder();
    /// # let plan = Comparison::new(&[StrategyKind::Random]).seeds(1).evaluations(300);
    /// let summary = &plan.seeds(2).run(&builder, &data)?.by_strategy()[0];
    /// assert_eq!((summary.strategy.as_str(), summary.runs), ("random", 2));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn by_strategy(&self) -> Vec<ComparedStrategy> {
        let mut names: Vec<&str> = Vec::new();
        for run in &self.runs {
            if !names.contains(&run.strategy.as_str()) {
                names.push(&run.strategy);
            }
        }
        names
            .into_iter()
            .map(|name| {
                let runs: Vec<&ComparedRun> = self.runs.iter().filter(|r| r.strategy == name).collect();
                let median = |of: &dyn Fn(&ComparedRun) -> f64| {
                    let mut values: Vec<f64> = runs.iter().map(|r| of(r)).collect();
                    values.sort_by(f64::total_cmp);
                    values[(values.len() - 1) / 2]
                };
                let failed = runs.iter().filter(|r| r.failure.is_some()).count();
                // A run without a formula has no complexity.
                let complexity = {
                    let with_formula = runs.iter().filter(|r| r.failure.is_none());
                    let mut values: Vec<u32> = with_formula.map(|r| r.complexity).collect();
                    values.sort_unstable();
                    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(0)
                };
                ComparedStrategy {
                    strategy: name.to_string(),
                    laws: runs.iter().filter(|r| r.law).count(),
                    runs: runs.len(),
                    loss: median(&|r| r.loss),
                    failed,
                    complexity,
                    evaluations: median(&|r| r.evaluations as f64) as u64,
                    seconds: median(&|r| r.seconds),
                }
            })
            .collect()
    }

    /// The curves as a figure of the best loss against evaluations and time.
    ///
    /// ```
    /// # use closedform::{Comparison, Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let builder = SymbolicRegressor::builder();
    /// # let plan = Comparison::new(&[StrategyKind::Random]).seeds(1).evaluations(300);
    /// let plot = plan.run(&builder, &data)?.plot();
    /// assert_eq!((plot.runs.len(), plot.runs[0].strategy.as_str()), (1, "random"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    #[cfg(feature = "plot")]
    pub fn plot(&self) -> crate::plot::ConvergencePlot {
        use crate::plot::{ConvergencePlot, ConvergenceRun};
        let mut plot = ConvergencePlot::new("MSE / variance of the target");
        for run in &self.runs {
            let column =
                |of: &dyn Fn(&(u64, f64, f64)) -> f64| run.curve.iter().map(of).collect::<Vec<f64>>();
            let drawn = ConvergenceRun::new(
                run.strategy.clone(),
                &column(&|p| p.0 as f64),
                &column(&|p| p.2.max(f64::MIN_POSITIVE)),
            );
            plot = plot.run(drawn.seconds(&column(&|p| p.1)));
        }
        plot
    }
}

impl fmt::Display for ComparedRuns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "strategy         laws  median loss  complexity  evaluations  seconds")?;
        for s in self.by_strategy() {
            let laws = format!("{}/{}", s.laws, s.runs);
            writeln!(
                f,
                "{:<15} {laws:>5} {:>12.2e} {:>11} {:>12} {:>8.2}",
                s.strategy, s.loss, s.complexity, s.evaluations, s.seconds
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search_space::PrimitiveSet;
    use ndarray::Array2;

    #[test]
    fn equal_evaluations_give_equal_results_on_any_number_of_threads() {
        let x = Array2::from_shape_fn((60, 2), |(i, j)| ((i * (j + 3)) % 17) as f64 / 8.0);
        let y =
            x.rows().into_iter().map(|r| 2.0 * r[0] + (1.5 * r[1]).exp()).collect::<ndarray::Array1<f64>>();
        let data = Dataset::from_arrays(x.view(), y.view()).unwrap();
        let builder = crate::SymbolicRegressor::builder().primitives(PrimitiveSet::SEED).nodes(2);
        let strategies = [
            StrategyKind::DartsExact,
            StrategyKind::DartsImplicit,
            StrategyKind::Enas,
            StrategyKind::Random,
            StrategyKind::RandomShared,
        ];
        let run = |threads: usize| {
            let plan = Comparison::new(&strategies).seeds(2).evaluations(30_000).threads(threads);
            let mut runs = plan.run(&builder, &data).unwrap();
            for r in &mut runs.runs {
                r.seconds = 0.0;
                r.curve.iter_mut().for_each(|p| p.1 = 0.0);
            }
            runs
        };
        let one = run(1);
        assert_eq!(one, run(3));
        assert_eq!(one.runs.len(), 10);
        for r in &one.runs {
            // The limit is looked at between fits of a graph.
            assert!(r.law || (30_000..40_000).contains(&r.evaluations), "{} {}", r.strategy, r.evaluations);
            assert!(r.loss < 1.0, "{} {}", r.strategy, r.loss);
        }
    }
}
