//! [`SymbolicRegressor`]: fit and refit.

use super::architecture::Architecture;
use super::builder::{Options, RegressorBuilder, StrategyKind};
use super::engine::{Engine, Entry, Stop};
use super::finish::{Constants, finish, freed, likelihood};
use crate::data::{Dataset, OutputType, Split};
use crate::error::Error;
use crate::expr::{Expr, Op, complexity};
use crate::model::{Criterion, Model, Report, StopReason};
use crate::refit::Likelihood;
use crate::relaxation::MixtureKind;
use crate::search::darts::{Darts, Epoch, Order, Sampling};
use crate::search::enas::Enas;
use crate::search::portfolio::Portfolio;
use crate::search::{Candidate, Control, Problem, RandomOptions, RandomSearch, SearchStrategy};
use crate::search_space::{Combine, Genotype, PrimitiveSet, SearchSpace};
use crate::simplify::Simplifier;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// Finds closed-form laws in tables of numbers.
///
/// ```
/// use closedform::{Dataset, PrimitiveSet, StrategyKind, SymbolicRegressor};
/// use closedform::search_space::Combine;
/// use ndarray::{Array1, Array2};
/// // y = 3 x1 + exp(2 x2)
/// let x = Array2::from_shape_fn((64, 2), |(i, j)| if j == 0 { (i % 8) as f64 } else { (i / 8) as f64 } / 7.0);
/// let y = Array1::from_iter(x.rows().into_iter().map(|r| 3.0 * r[0] + (2.0 * r[1]).exp()));
/// let data = Dataset::from_arrays(x.view(), y.view())?;
/// let regressor = SymbolicRegressor::builder().primitives(PrimitiveSet::SEED).seed(1).build()?;
/// let model = regressor.fit(&data)?;
/// assert!(model.best().scores().mse < 1e-20);
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SymbolicRegressor {
    pub(super) options: Options,
}

/// What an observer is told after every round.
///
/// ```
/// # use closedform::{Dataset, FitControl, Progress, PrimitiveSet, SymbolicRegressor};
/// # use ndarray::{Array1, Array2};
/// # let x = Array2::from_shape_fn((30, 1), |(i, _)| i as f64 / 10.0);
/// # let data = Dataset::from_arrays(x.view(), x.column(0).mapv(|x| 2.0 * x + 1.0).view())?;
/// let mut rounds = 0;
/// let mut observer = |p: &Progress| rounds = p.rounds;
/// let control = FitControl { observer: Some(&mut observer), ..FitControl::default() };
/// SymbolicRegressor::builder().build()?.fit_with(&data, control)?;
/// assert!(rounds >= 1);
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// Time since the start.
    pub elapsed: Duration,
    /// The limit of time, if there is one.
    pub time_limit: Option<Duration>,
    /// Rounds done.
    pub rounds: usize,
    /// Evaluations of a formula or a derivative over the rows.
    pub evaluations: u64,
    /// The best formula so far, over variables by column number.
    pub best: Option<Expr>,
    /// Its mean loss over the rows of the search.
    pub loss: f64,
    /// The smallest mean loss of all formulas so far, however long they are.
    pub lowest_loss: f64,
}

/// How a caller follows and ends a fit.
///
/// ```
/// # use closedform::{Dataset, FitControl, Progress, PrimitiveSet, SymbolicRegressor};
/// # use ndarray::{Array1, Array2};
/// # let x = Array2::from_shape_fn((30, 1), |(i, _)| i as f64 / 10.0);
/// # let data = Dataset::from_arrays(x.view(), x.column(0).mapv(|x| 2.0 * x + 1.0).view())?;
/// use std::sync::atomic::Ordering;
/// let control = FitControl::default();
/// // Another thread, or a signal handler, may keep a clone of the flag and set it at any time.
/// control.interrupted.store(true, Ordering::Relaxed);
/// let model = SymbolicRegressor::builder().build()?.fit_with(&data, control)?;
/// assert_eq!(model.report().stop_reason.to_string(), "interrupted");
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Default)]
pub struct FitControl<'a> {
    /// Set from another thread or a signal handler: the fit ends with the best model so far.
    pub interrupted: Arc<AtomicBool>,
    /// Called after every round.
    pub observer: Option<&'a mut (dyn FnMut(&Progress) + Send)>,
    /// Called with every epoch of differentiable architecture search, at the end of the round it was part of.
    pub epochs: Option<&'a mut (dyn FnMut(&Epoch) + Send)>,
}

/// Seed offset of the split, so that it is not the stream of a restart.
const SPLIT_SEED: u64 = 0x5EED_0F5F_1175;

/// Share of the rows that is held out, unless said otherwise, and rows below which none is.
const HELD_OUT: f64 = 0.25;
const LEAST_TO_SPARE: usize = 12;

/// Rows that the search of `auto` keeps before any is held out: under noise, fewer find fewer laws.
const SEARCHED_ROWS: usize = 200;

impl SymbolicRegressor {
    /// Starts from the defaults.
    ///
    /// ```
    /// use closedform::{RegressorBuilder, SymbolicRegressor};
    /// assert_eq!(SymbolicRegressor::builder(), RegressorBuilder::default());
    /// ```
    pub fn builder() -> RegressorBuilder {
        RegressorBuilder::default()
    }

    /// Searches for laws of the target.
    ///
    /// ```
    /// # use closedform::{Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// let model = SymbolicRegressor::builder().build()?.fit(&data)?;
    /// assert_eq!(model.formula(), "1 - (1 - p0)*exp(-0.03*t)");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the data cannot be searched (no target, constant target, fewer than two rows, more inputs than rows, a
    /// target outside of its kind), or nothing was found that has a value on every row.
    pub fn fit(&self, data: &Dataset) -> Result<Model, Error> {
        self.fit_with(data, FitControl::default())
    }

    /// The same, followed by an observer and ended from outside.
    ///
    /// ```
    /// # use closedform::{Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let quick = SymbolicRegressor::builder().strategy(StrategyKind::Random).max_evaluations(500);
    /// use closedform::{FitControl, Progress};
    /// let mut done = 0;
    /// let mut observer = |p: &Progress| done = p.evaluations;
    /// let control = FitControl { observer: Some(&mut observer), ..FitControl::default() };
    /// let model = quick.build()?.fit_with(&data, control)?;
    /// assert!(done > 0 && done <= model.report().evaluations);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`SymbolicRegressor::fit`].
    pub fn fit_with(&self, data: &Dataset, control: FitControl<'_>) -> Result<Model, Error> {
        let output = self.output(data)?;
        check(data, output)?;
        let data = &*data.written_out();
        let space = self.space()?;
        self.in_pool(|| self.search(data, output, &space, None, control))
    }

    /// Fits the constants of a model again, on the same or other data.
    ///
    /// A model of a supernet strategy is taken from its architecture weights again, by the sampling that the
    /// options say: `max` keeps the architecture and refits its constants, `sample` draws another one. With
    /// epochs above 0 in the options, the supernet is trained on from its weights first. Any other model keeps
    /// the structures of its front; numbers that had become exact are fitted again as well, exponents are not.
    ///
    /// ```
    /// # use closedform::{Dataset, FitControl, Progress, PrimitiveSet, SymbolicRegressor};
    /// # use ndarray::{Array1, Array2};
    /// # let x = Array2::from_shape_fn((30, 1), |(i, _)| i as f64 / 10.0);
    /// # let data = Dataset::from_arrays(x.view(), x.column(0).mapv(|x| 2.0 * x + 1.0).view())?;
    /// let regressor = SymbolicRegressor::builder().build()?;
    /// let line = regressor.fit(&data)?;
    /// let other = Dataset::from_arrays(x.view(), x.column(0).mapv(|x| 3.0 * x - 7.0).view())?;
    /// let refitted = regressor.refit(&line, &other)?;
    /// assert!(refitted.best().scores().mse < 1e-20);
    /// assert_eq!(refitted.report().evaluations, 0); // nothing was searched
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the data lack a column of the model, or an option (primitives, nodes, combine) differs from what the
    /// model was found with.
    pub fn refit(&self, model: &Model, data: &Dataset) -> Result<Model, Error> {
        self.refit_with(model, data, FitControl::default())
    }

    /// The same, followed by an observer and ended from outside.
    ///
    /// ```
    /// # use closedform::{Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// use closedform::{FitControl, Model};
    /// let model = Model::load("examples/data/learning_curve.json")?;
    /// let again = SymbolicRegressor::builder().build()?.refit_with(&model, &data, FitControl::default())?;
    /// assert!(again.best().scores().mse < 1e-20);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`SymbolicRegressor::refit`].
    pub fn refit_with(&self, model: &Model, data: &Dataset, control: FitControl<'_>) -> Result<Model, Error> {
        let names: Vec<&str> = model.inputs().iter().map(|v| v.name.as_str()).collect();
        let data = &*data.with_features(&names)?;
        let output = self.options.output_type.unwrap_or(model.output());
        check(data, output)?;
        let Some(architecture) = Architecture::from_json(&model.report().architecture)? else {
            if self.options.darts.sampling == Sampling::Sample {
                return Err(Error::options(
                    "sampling: this model was not found by a supernet strategy, there is nothing to sample from",
                ));
            }
            return self.in_pool(|| self.refit_front(model, data, output));
        };
        self.check_unchanged(&architecture)?;
        let space = architecture.space()?;
        self.in_pool(|| self.search(data, output, &space, Some(&architecture), control))
    }

    /// Fits an architecture, as [`Report::architecture`] holds it, to data: no model is needed.
    ///
    /// The input columns of the data are those of the architecture, in its order. Without epochs in the options
    /// the graph is kept and its constants are fitted; with epochs the supernet is trained on from its weights.
    ///
    /// ```
    /// use closedform::search::darts::DartsOptions;
    /// use closedform::{Dataset, PrimitiveSet, StrategyKind, SymbolicRegressor};
    /// use ndarray::{Array1, Array2};
    /// let x = Array2::from_shape_fn((40, 1), |(i, _)| i as f64 / 20.0);
    /// let data = |a: f64| Dataset::from_arrays(x.view(), x.column(0).mapv(|x| (a * x).exp()).view());
    /// let found = SymbolicRegressor::builder()
    ///     .primitives(PrimitiveSet::SEED)
    ///     .strategy(StrategyKind::Darts)
    ///     .nodes(2)
    ///     .build()?
    ///     .fit(&data(1.5)?)?;
    /// // The same graph for another curve.
    /// let again = SymbolicRegressor::builder()
    ///     .darts(DartsOptions { epochs: 0, ..DartsOptions::default() })
    ///     .build()?
    ///     .refit_architecture(&found.report().architecture, &data(0.7)?)?;
    /// assert!(again.best().scores().mse < 1e-20);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the JSON is no architecture, the data have another number of inputs, or an option (primitives, nodes,
    /// combine) differs from the architecture.
    pub fn refit_architecture(
        &self,
        architecture: &serde_json::Value,
        data: &Dataset,
    ) -> Result<Model, Error> {
        self.refit_architecture_with(architecture, data, FitControl::default())
    }

    /// The same, followed by an observer and ended from outside.
    ///
    /// ```
    /// # use closedform::{Dataset, PrimitiveSet, StrategyKind, SymbolicRegressor};
    /// # let x = ndarray::Array2::from_shape_fn((40, 1), |(i, _)| i as f64 / 20.0);
    /// # let data = |a: f64| Dataset::from_arrays(x.view(), x.column(0).mapv(|x| (a * x).exp()).view());
    /// # let darts = SymbolicRegressor::builder().primitives(PrimitiveSet::SEED).strategy(StrategyKind::Darts);
    /// # let found = darts.nodes(2).build()?.fit(&data(1.5)?)?;
    /// use closedform::{FitControl, search::darts::DartsOptions};
    /// let keep = DartsOptions { epochs: 0, ..DartsOptions::default() };
    /// let regressor = SymbolicRegressor::builder().darts(keep).build()?;
    /// let graph = &found.report().architecture;
    /// let again = regressor.refit_architecture_with(graph, &data(0.7)?, FitControl::default())?;
    /// assert!(again.best().scores().mse < 1e-20);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`SymbolicRegressor::refit_architecture`].
    pub fn refit_architecture_with(
        &self,
        architecture: &serde_json::Value,
        data: &Dataset,
        control: FitControl<'_>,
    ) -> Result<Model, Error> {
        let architecture = Architecture::from_json(architecture)?.ok_or_else(|| {
            Error::model("the architecture is empty: its model was not found on a supernet")
        })?;
        let inputs = data.variables().len();
        if inputs != architecture.inputs {
            return Err(Error::data(format!(
                "the architecture has {} input columns, the data have {inputs}",
                architecture.inputs
            )));
        }
        let output = self.output(data)?;
        check(data, output)?;
        self.check_unchanged(&architecture)?;
        let space = architecture.space()?;
        self.in_pool(|| self.search(data, output, &space, Some(&architecture), control))
    }

    fn check_unchanged(&self, a: &Architecture) -> Result<(), Error> {
        let o = &self.options;
        let differs = |what: &str, new: String, old: String| {
            Err(Error::options(format!(
                "{what}: the model was found with {old}, a refit cannot change it to {new}; fit anew instead"
            )))
        };
        if let Some(n) = o.nodes.filter(|n| *n != a.nodes) {
            return differs("nodes", n.to_string(), a.nodes.to_string());
        }
        if let Some(c) = o.combine.filter(|c| *c != a.combine) {
            return differs("combine", format!("{c:?}"), format!("{:?}", a.combine));
        }
        if let Some(p) = o.primitives.as_ref().filter(|p| p.to_text() != a.primitives) {
            return differs("primitives", p.to_text(), a.primitives.clone());
        }
        Ok(())
    }

    /// Structures of the front with new constants.
    fn refit_front(&self, model: &Model, data: &Dataset, output: OutputType) -> Result<Model, Error> {
        let started = Instant::now();
        let entry = |expr: Expr| Entry {
            complexity: complexity(&expr),
            expr,
            loss: 0.0,
            description_length: 0.0,
            predictive_length: 0.0,
            origin: "refit",
            architecture: None,
        };
        // As it stands, and with its nice numbers free: where those hold no longer, the second is chosen.
        let simplifier = Simplifier::default();
        let columns = data.columns();
        let entries: Vec<Entry> = model
            .front()
            .iter()
            .flat_map(|e| [e.expr().clone(), simplifier.simplify(&freed(e.expr()), &columns)])
            .map(entry)
            .collect();
        let mut report = model.report().clone();
        report.stop_reason = StopReason::Completed;
        // Those of the search on the other data.
        report.evaluations = 0;
        report.notes.clear();
        report.threads = Some(rayon::current_num_threads());
        let model = finish(
            data,
            &entries,
            &[],
            output,
            self.options.criterion,
            f64::INFINITY,
            Constants::Nice,
            report.clone(),
        )?;
        report.wall_seconds = Some(started.elapsed().as_secs_f64());
        Ok(model.with_report(report))
    }

    pub(super) fn in_pool<T: Send>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send,
    ) -> Result<T, Error> {
        let mut pool = rayon::ThreadPoolBuilder::new();
        // Where a limit on evaluations cuts the search would depend on how fast each of several threads is.
        let one = self.options.max_evaluations.map(|_| 1);
        if let Some(n) = one.or(self.options.threads) {
            pool = pool.num_threads(n);
        }
        let pool = pool
            .build()
            .map_err(|e| Error::options(format!("threads: the threads could not be started: {e}")))?;
        pool.install(work)
    }

    pub(super) fn output(&self, data: &Dataset) -> Result<OutputType, Error> {
        let target = data.target_variable().ok_or_else(no_target)?;
        Ok(self.options.output_type.unwrap_or_else(|| target.kind.into()))
    }

    fn space(&self) -> Result<SearchSpace, Error> {
        let combine = self.options.combine.unwrap_or_default();
        let nodes = self.options.nodes.unwrap_or(if combine == Combine::Sum { 2 } else { 3 });
        let mut space =
            SearchSpace::new(self.options.primitives.clone().unwrap_or(PrimitiveSet::SCIENCE), nodes)?;
        space.combine = combine;
        Ok(space)
    }

    fn search(
        &self,
        data: &Dataset,
        output: OutputType,
        space: &SearchSpace,
        resume: Option<&Architecture>,
        mut control: FitControl<'_>,
    ) -> Result<Model, Error> {
        let started = Instant::now();
        let o = &self.options;
        let columns = data.columns();
        let target = data.target_values().ok_or_else(no_target)?;
        let rows = data.rows();
        let split = Split::random(rows, self.held_out(rows), o.seed ^ SPLIT_SEED);
        let problem = Problem {
            columns: &columns,
            target,
            weights: data.weights(),
            split: &split,
            space,
            seed: o.seed,
        };
        let is_probability = matches!(output, OutputType::Probability { .. });
        let mut strategy: Box<dyn SearchStrategy> = match resume {
            Some(a) => Box::new(Darts::resume(o.darts.clone(), a.trained()?)),
            None => self.strategy(is_probability),
        };
        // Leave time for the last step: constants on all rows, standard errors.
        let last_step = Duration::from_millis(20) + Duration::from_nanos(1500 * rows as u64);
        let limit = o.time_limit.map(|l| l.mul_f64(0.97).saturating_sub(last_step));
        let mut search_control = Control::new(limit, control.interrupted.clone());
        if let Some(most) = o.max_evaluations {
            search_control = search_control.most_evaluations(most);
        }
        let kind = likelihood(output);
        let mut engine = Engine::new(&problem, &search_control, kind, &o.darts);
        // The portfolio is no list of graphs; a supernet is.
        let listed = resume.is_some() || o.strategy != StrategyKind::Auto;
        let structure_limit = if listed { space.ln_graphs(columns.len()) } else { f64::INFINITY };
        engine.structure_limit = structure_limit;
        // Without epochs the weights stay as they are, and so does the graph that was taken from them.
        let kept = resume.filter(|_| o.darts.epochs == 0).and_then(|a| a.maximum_genotype().cloned());
        engine.kept.clone_from(&kept);
        if is_probability && resume.is_none() && o.strategy == StrategyKind::Auto {
            engine.link(Op::Logistic);
        }
        let mut rounds = 0;
        let mut seen_epochs = 0;
        let stop = engine.run(strategy.as_mut(), |front, strategy| {
            rounds += 1;
            if let Some(report) = control.epochs.as_mut() {
                strategy.trace()[seen_epochs..].iter().for_each(&mut **report);
                seen_epochs = strategy.trace().len();
            }
            if let Some(observer) = control.observer.as_mut() {
                let best = front.iter().min_by(|a, b| a.description_length.total_cmp(&b.description_length));
                observer(&Progress {
                    elapsed: started.elapsed(),
                    time_limit: o.time_limit,
                    rounds,
                    evaluations: search_control.evaluations(),
                    best: best.map(|e| e.expr.clone()),
                    loss: best.map_or(f64::INFINITY, |e| e.loss),
                    lowest_loss: front.iter().map(|e| e.loss).fold(f64::INFINITY, f64::min),
                });
            }
        });
        if engine.front.is_empty() {
            // Ended before anything was found: the best so far is the mean.
            let mean = target.iter().sum::<f64>() / rows as f64;
            engine.file(vec![Candidate::new(Expr::parameter(mean), "mean")]);
        }
        let mut report = Report {
            strategy: if resume.is_some() { "darts".into() } else { o.strategy.to_string() },
            stop_reason: match stop {
                Stop::Certain => StopReason::Exact,
                Stop::Exhausted => StopReason::Completed,
                Stop::TimeLimit => StopReason::TimeLimit,
                Stop::EvaluationLimit => StopReason::EvaluationLimit,
                Stop::Interrupted => StopReason::Interrupted,
            },
            found_by: None,
            seed: o.seed,
            threads: Some(rayon::current_num_threads()),
            wall_seconds: None,
            evaluations: search_control.evaluations(),
            architecture: serde_json::Value::Null,
            notes: strategy
                .masked()
                .into_iter()
                .map(|name| format!("the primitive {name} overflows on some rows and was masked there"))
                .collect(),
        };
        let front = engine.front;
        let model = finish(
            data,
            &front,
            &split.validation,
            output,
            o.criterion,
            structure_limit,
            Constants::Nice,
            report.clone(),
        )?;
        report.architecture = chosen_architecture(&model, &front, space, o.darts.sampling, kept);
        report.found_by = nearest(&model, front.iter()).map(|e| e.origin.to_string());
        report.wall_seconds = Some(started.elapsed().as_secs_f64());
        Ok(model.with_report(report))
    }

    /// The share of so many rows that is held out.
    fn held_out(&self, rows: usize) -> f64 {
        let o = &self.options;
        if rows < LEAST_TO_SPARE {
            return 0.0;
        }
        let every_row_counts = o.strategy == StrategyKind::Auto && o.criterion != Criterion::Validation;
        let spare = if every_row_counts { rows.saturating_sub(SEARCHED_ROWS) } else { rows };
        o.validation_fraction.unwrap_or_else(|| HELD_OUT.min(spare as f64 / rows as f64))
    }

    fn strategy(&self, logistic_output: bool) -> Box<dyn SearchStrategy> {
        let o = &self.options;
        let darts = |order: Option<Order>, mixture: Option<MixtureKind>| -> Box<dyn SearchStrategy> {
            let mut options = o.darts.clone();
            options.order = order.unwrap_or(options.order);
            options.mixture = mixture.unwrap_or(options.mixture);
            Box::new(Darts::new(options, logistic_output))
        };
        match o.strategy {
            StrategyKind::Auto => Box::new(Portfolio::new(&o.without)),
            StrategyKind::Darts => darts(None, None),
            StrategyKind::DartsUnrolled => darts(Some(Order::Unrolled), None),
            StrategyKind::DartsExact => darts(Some(Order::Exact), None),
            StrategyKind::DartsImplicit => darts(Some(Order::Implicit), None),
            StrategyKind::DartsFair => darts(None, Some(MixtureKind::Sigmoid)),
            StrategyKind::Enas => Box::new(Enas::new(o.enas.clone(), logistic_output)),
            StrategyKind::Random => Box::new(RandomSearch::new(o.random.clone(), logistic_output)),
            StrategyKind::RandomShared => Box::new(RandomSearch::new(
                RandomOptions { sharing: true, ..o.random.clone() },
                logistic_output,
            )),
        }
    }
}

/// The architecture behind the chosen equation, or else behind the best that has one.
fn chosen_architecture(
    model: &Model,
    front: &[Entry],
    space: &SearchSpace,
    sampling: Sampling,
    kept: Option<Genotype>,
) -> serde_json::Value {
    let found = nearest(model, front.iter().filter(|e| e.architecture.is_some()));
    found.and_then(|e| e.architecture.as_ref()).map_or(serde_json::Value::Null, |(trained, genotype)| {
        let maximum = kept.filter(|_| sampling == Sampling::Sample);
        Architecture::new(trained, genotype, space, sampling, maximum).to_json()
    })
}

/// The entry behind the chosen equation: the last fit may have shortened it, so the one of nearest complexity.
fn nearest<'e>(model: &Model, entries: impl Iterator<Item = &'e Entry>) -> Option<&'e Entry> {
    let chosen = model.best().complexity();
    entries.min_by_key(|e| (e.complexity.abs_diff(chosen), e.complexity))
}

fn no_target() -> Error {
    Error::data("the data set has no target; call Dataset::target or last_column_as_target first")
}

/// What a search needs of the data.
pub(super) fn check(data: &Dataset, output: OutputType) -> Result<(), Error> {
    data.check_fittable()?;
    let target = data.target_values().ok_or_else(no_target)?;
    let name = &data.target_variable().ok_or_else(no_target)?.name;
    let out_of_range = |ok: &dyn Fn(f64) -> bool, expected: &str| match target.iter().position(|y| !ok(*y)) {
        Some(i) => Err(Error::data(format!(
            "{}: expected {expected} for this output type, got {}",
            data.place(i, name),
            target[i]
        ))),
        None => Ok(()),
    };
    match likelihood(output) {
        Likelihood::Poisson => out_of_range(&|y| y >= 0.0, "a count of 0 or more"),
        _ if matches!(output, OutputType::Probability { .. }) => {
            out_of_range(&|y| (0.0..=1.0).contains(&y), "a probability between 0 and 1")
        }
        _ => Ok(()),
    }
}
