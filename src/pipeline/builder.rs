//! The options of a fit, and their checks.

use super::SymbolicRegressor;
use crate::data::OutputType;
use crate::error::Error;
use crate::model::Criterion;
use crate::search::RandomOptions;
use crate::search::darts::DartsOptions;
use crate::search::enas::EnasOptions;
use crate::search_space::{Combine, PrimitiveSet};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A search strategy by name.
///
/// ```
/// use closedform::StrategyKind;
/// assert_eq!("darts".parse::<StrategyKind>()?, StrategyKind::Darts);
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum StrategyKind {
    /// The portfolio of everything: the default.
    #[default]
    Auto,
    /// Differentiable architecture search, first order.
    Darts,
    /// The same, second order through one step on the constants, by finite differences.
    DartsUnrolled,
    /// The same, second order, exact by dual numbers.
    DartsExact,
    /// The same, second order through the optimum of the constants.
    DartsImplicit,
    /// The same with one sigmoid per primitive instead of a softmax.
    DartsFair,
    /// A recurrent controller trained by REINFORCE, shared constants.
    Enas,
    /// Random graphs, each with constants of its own: the baseline.
    Random,
    /// Random graphs with shared constants.
    RandomShared,
}

impl StrategyKind {
    /// Every strategy.
    ///
    /// ```
    /// use closedform::StrategyKind;
    /// assert!(StrategyKind::ALL.iter().all(|k| k.name().parse::<StrategyKind>().is_ok_and(|read| read == *k)));
    /// ```
    pub const ALL: [StrategyKind; 9] = [
        StrategyKind::Auto,
        StrategyKind::Darts,
        StrategyKind::DartsUnrolled,
        StrategyKind::DartsExact,
        StrategyKind::DartsImplicit,
        StrategyKind::DartsFair,
        StrategyKind::Enas,
        StrategyKind::Random,
        StrategyKind::RandomShared,
    ];

    /// Name on the command line.
    ///
    /// ```
    /// use closedform::StrategyKind;
    /// assert_eq!(StrategyKind::DartsUnrolled.name(), "darts-unrolled");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            StrategyKind::Auto => "auto",
            StrategyKind::Darts => "darts",
            StrategyKind::DartsUnrolled => "darts-unrolled",
            StrategyKind::DartsExact => "darts-exact",
            StrategyKind::DartsImplicit => "darts-implicit",
            StrategyKind::DartsFair => "darts-fair",
            StrategyKind::Enas => "enas",
            StrategyKind::Random => "random",
            StrategyKind::RandomShared => "random-shared",
        }
    }
}

impl fmt::Display for StrategyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for StrategyKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|k| k.name() == text).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|k| k.name()).collect();
            Error::options(format!("unknown strategy `{text}`; the strategies are {}", known.join(", ")))
        })
    }
}

/// Options that were checked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Options {
    pub(super) primitives: Option<PrimitiveSet>,
    pub(super) strategy: StrategyKind,
    pub(super) nodes: Option<usize>,
    pub(super) combine: Option<Combine>,
    pub(super) time_limit: Option<Duration>,
    pub(super) seed: u64,
    pub(super) threads: Option<usize>,
    pub(super) criterion: Criterion,
    pub(super) output_type: Option<OutputType>,
    pub(super) validation_fraction: Option<f64>,
    pub(super) without: Vec<String>,
    pub(super) darts: DartsOptions,
    pub(super) enas: EnasOptions,
    pub(super) random: RandomOptions,
    pub(super) max_evaluations: Option<u64>,
}

/// Builds a [`SymbolicRegressor`].
///
/// | option | default | range |
/// |---|---|---|
/// | `primitives` | [`PrimitiveSet::SCIENCE`] | at least one |
/// | `strategy` | [`StrategyKind::Auto`] | |
/// | `nodes` | 3 (2 where all nodes add) | 1 or more; strategies on a supernet |
/// | `combine` | [`Combine::Both`] | strategies on a supernet |
/// | `time_limit` | 30 s | `None` for no limit |
/// | `seed` | 0 | |
/// | `threads` | all cores | 1 or more |
/// | `criterion` | [`Criterion::DescriptionLength`] | |
/// | `output_type` | from the target's kind | |
/// | `validation_fraction` | 0.25, see [`validation_fraction`](Self::validation_fraction) | 0 to 0.9 |
/// | `without` | nothing | stages of the strategy `auto` |
/// | `darts` | [`DartsOptions::default`] | see there |
/// | `enas` | [`EnasOptions::default`] | see there |
/// | `random` | [`RandomOptions::default`] | see there |
/// | `max_evaluations` | no limit | runs on one thread |
///
/// ```
/// use closedform::{PrimitiveSet, StrategyKind, SymbolicRegressor};
/// let regressor = SymbolicRegressor::builder()
///     .primitives(PrimitiveSet::SEED)
///     .strategy(StrategyKind::Darts)
///     .nodes(2)
///     .seed(7)
///     .build()?;
/// # let _ = regressor;
/// assert!(SymbolicRegressor::builder().nodes(0).build().is_err());
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct RegressorBuilder {
    options: Options,
}

impl Default for RegressorBuilder {
    fn default() -> Self {
        Self {
            options: Options {
                primitives: None,
                strategy: StrategyKind::Auto,
                nodes: None,
                combine: None,
                time_limit: Some(Duration::from_secs(30)),
                seed: 0,
                threads: None,
                criterion: Criterion::default(),
                output_type: None,
                validation_fraction: None,
                without: Vec::new(),
                darts: DartsOptions::default(),
                enas: EnasOptions::default(),
                random: RandomOptions::default(),
                max_evaluations: None,
            },
        }
    }
}

impl RegressorBuilder {
    /// Which primitives may appear.
    ///
    /// ```
    /// # use closedform::{Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let darts = closedform::search::darts::DartsOptions { epochs: 1, restarts: 1, ..Default::default() };
    /// # let quick = SymbolicRegressor::builder().strategy(StrategyKind::Darts).darts(darts).max_evaluations(2_000);
    /// use closedform::PrimitiveSet;
    /// let model = quick.primitives(PrimitiveSet::parse("none,add")?).build()?.fit(&data)?;
    /// assert_eq!(model.report().architecture["primitives"], "none, add");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn primitives(mut self, primitives: PrimitiveSet) -> Self {
        self.options.primitives = Some(primitives);
        self
    }

    /// The search strategy.
    ///
    /// ```
    /// # use closedform::{Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let quick = SymbolicRegressor::builder().strategy(StrategyKind::Random).max_evaluations(500);
    /// assert_eq!(quick.strategy(StrategyKind::RandomShared).build()?.fit(&data)?.report().strategy, "random-shared");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn strategy(mut self, strategy: StrategyKind) -> Self {
        self.options.strategy = strategy;
        self
    }

    /// Intermediate nodes of the supernet, 1 or more.
    ///
    /// ```
    /// # use closedform::{Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let darts = closedform::search::darts::DartsOptions { epochs: 1, restarts: 1, ..Default::default() };
    /// # let quick = SymbolicRegressor::builder().strategy(StrategyKind::Darts).darts(darts).max_evaluations(2_000);
    /// assert_eq!(quick.clone().nodes(1).build()?.fit(&data)?.report().architecture["nodes"], 1);
    /// assert!(quick.nodes(0).build().is_err());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn nodes(mut self, nodes: usize) -> Self {
        self.options.nodes = Some(nodes);
        self
    }

    /// Whether nodes add, multiply, or choose.
    ///
    /// ```
    /// # use closedform::{Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let darts = closedform::search::darts::DartsOptions { epochs: 1, restarts: 1, ..Default::default() };
    /// # let quick = SymbolicRegressor::builder().strategy(StrategyKind::Darts).darts(darts).max_evaluations(2_000);
    /// use closedform::search_space::Combine;
    /// let model = quick.combine(Combine::Sum).build()?.fit(&data)?;
    /// assert_eq!(model.report().architecture["combine"], "sum");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn combine(mut self, combine: Combine) -> Self {
        self.options.combine = Some(combine);
        self
    }

    /// Wall time after which the search ends with the best so far.
    ///
    /// ```
    /// # use closedform::{Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// use closedform::StopReason;
    /// let short = std::time::Duration::from_millis(1);
    /// let model = SymbolicRegressor::builder().time_limit(short).build()?.fit(&data)?;
    /// assert_eq!(model.report().stop_reason, StopReason::TimeLimit);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.options.time_limit = Some(limit);
        self
    }

    /// No limit of time: the search ends when it is certain or has nothing more to try.
    ///
    /// ```
    /// # use closedform::{Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let quick = SymbolicRegressor::builder().strategy(StrategyKind::Random).max_evaluations(500);
    /// use closedform::{FitControl, Progress};
    /// let mut limits = Vec::new();
    /// let mut observer = |p: &Progress| limits.push(p.time_limit);
    /// let control = FitControl { observer: Some(&mut observer), ..FitControl::default() };
    /// quick.no_time_limit().build()?.fit_with(&data, control)?;
    /// assert_eq!(limits[0], None);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn no_time_limit(mut self) -> Self {
        self.options.time_limit = None;
        self
    }

    /// Seed of every random choice.
    ///
    /// ```
    /// # use closedform::{Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let quick = SymbolicRegressor::builder().strategy(StrategyKind::Random).max_evaluations(500);
    /// let [a, b] = [1, 1].map(|seed| quick.clone().seed(seed).build().unwrap().fit(&data).unwrap());
    /// assert_eq!(a.to_reproducible_json(), b.to_reproducible_json());
    /// assert_eq!(a.report().seed, 1);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.seed = seed;
        self
    }

    /// Number of threads, 1 or more; the result does not depend on it.
    ///
    /// ```
    /// # use closedform::{Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// let model = SymbolicRegressor::builder().threads(2).build()?.fit(&data)?;
    /// assert_eq!(model.report().threads, Some(2));
    /// assert!(SymbolicRegressor::builder().threads(0).build().is_err());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn threads(mut self, threads: usize) -> Self {
        self.options.threads = Some(threads);
        self
    }

    /// How the model is chosen from the front.
    ///
    /// ```
    /// # use closedform::{Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let quick = SymbolicRegressor::builder().strategy(StrategyKind::Random).max_evaluations(500);
    /// use closedform::Criterion;
    /// assert_eq!(quick.criterion(Criterion::Bic).build()?.fit(&data)?.criterion(), Criterion::Bic);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn criterion(mut self, criterion: Criterion) -> Self {
        self.options.criterion = criterion;
        self
    }

    /// What the target is; by default as its [`crate::VariableKind`] says.
    ///
    /// ```
    /// # use closedform::{Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let quick = SymbolicRegressor::builder().strategy(StrategyKind::Random).max_evaluations(500);
    /// use closedform::{OutputType, VariableKind};
    /// let output = OutputType::from(VariableKind::Probability);
    /// assert_eq!(quick.output_type(output).build()?.fit(&data)?.output(), output);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn output_type(mut self, output: OutputType) -> Self {
        self.options.output_type = Some(output);
        self
    }

    /// Share of the rows, 0 to 0.9, that the search does not fit constants on. Supernets fit their architecture weights on
    /// them; the others need them to show that a law holds on rows that it was not made from.
    ///
    /// A quarter unless said otherwise, and none below 12 rows. `auto` finds laws under noise by having many rows: it keeps
    /// at least 200 for the search, also where that leaves fewer or none to hold out, unless the model is to be chosen by
    /// [`Criterion::Validation`].
    ///
    /// ```
    /// # use closedform::{Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let quick = SymbolicRegressor::builder().strategy(StrategyKind::Random).max_evaluations(500);
    /// let model = quick.clone().validation_fraction(0.0).build()?.fit(&data)?;
    /// assert_eq!(model.best().scores().validation_mse, None);
    /// assert!(quick.clone().validation_fraction(0.95).build().is_err());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn validation_fraction(mut self, fraction: f64) -> Self {
        self.options.validation_fraction = Some(fraction);
        self
    }

    /// Switches stages of the strategy `auto` off: `groups`, `separable`, `product`, `bank`, `parts`, `neighbourhood`, `memetic`.
    ///
    /// ```
    /// use closedform::SymbolicRegressor;
    /// let without = |stage: &str| SymbolicRegressor::builder().without(vec![stage.to_string()]).build();
    /// assert!(without("memetic").is_ok());
    /// let error = without("mimetic").unwrap_err();
    /// assert!(error.to_string().contains("the stages are groups, separable, product, bank, parts, neighbourhood, memetic"));
    /// ```
    pub fn without(mut self, stages: Vec<String>) -> Self {
        self.options.without = stages;
        self
    }

    /// Options of differentiable architecture search.
    ///
    /// ```
    /// use closedform::{SymbolicRegressor, search::darts::DartsOptions};
    /// let darts = DartsOptions { grad_clip: -1.0, ..DartsOptions::default() };
    /// let error = SymbolicRegressor::builder().darts(darts).build().unwrap_err();
    /// assert_eq!(error.to_string(), "grad_clip: expected a number above 0, got -1");
    /// ```
    pub fn darts(mut self, darts: DartsOptions) -> Self {
        self.options.darts = darts;
        self
    }

    /// Options of ENAS.
    ///
    /// ```
    /// use closedform::{SymbolicRegressor, search::enas::EnasOptions};
    /// let enas = EnasOptions { samples: 0, ..EnasOptions::default() };
    /// let error = SymbolicRegressor::builder().enas(enas).build().unwrap_err();
    /// assert_eq!(error.to_string(), "enas samples: expected 1 or more, got 0");
    /// ```
    pub fn enas(mut self, enas: EnasOptions) -> Self {
        self.options.enas = enas;
        self
    }

    /// Options of random search.
    ///
    /// ```
    /// # use closedform::{Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// # let quick = SymbolicRegressor::builder().strategy(StrategyKind::Random).max_evaluations(500);
    /// use closedform::search::RandomOptions;
    /// let random = RandomOptions { samples: 1, starts: 1, iterations: 1, finish: 0, ..RandomOptions::default() };
    /// let model = quick.random(random).build()?.fit(&data)?;
    /// assert!(model.report().evaluations < 500);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn random(mut self, random: RandomOptions) -> Self {
        self.options.random = random;
        self
    }

    /// Ends the search after so many evaluations of a formula or a derivative over the rows. Such a search runs on
    /// one thread, so that it ends at the same place every time.
    ///
    /// ```
    /// # use closedform::{Dataset, StrategyKind, SymbolicRegressor};
    /// # let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// use closedform::StopReason;
    /// let model = SymbolicRegressor::builder().max_evaluations(1).build()?.fit(&data)?;
    /// assert_eq!(model.report().stop_reason, StopReason::EvaluationLimit);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn max_evaluations(mut self, most: u64) -> Self {
        self.options.max_evaluations = Some(most);
        self
    }

    /// Strategies start afresh for as long as the limits allow.
    pub(super) fn without_end(mut self) -> Self {
        let o = &mut self.options;
        (o.darts.restarts, o.enas.restarts, o.random.samples) = (usize::MAX, usize::MAX, usize::MAX);
        self
    }

    /// Checks every option.
    ///
    /// ```
    /// use closedform::SymbolicRegressor;
    /// assert!(SymbolicRegressor::builder().build().is_ok());
    /// let error = SymbolicRegressor::builder().threads(0).build().unwrap_err();
    /// assert_eq!(error.to_string(), "threads: expected 1 or more, got 0");
    /// ```
    ///
    /// # Errors
    /// Naming the option, what is expected and what came.
    pub fn build(self) -> Result<SymbolicRegressor, Error> {
        let o = &self.options;
        o.darts.check()?;
        o.enas.check()?;
        o.random.check()?;
        if o.nodes == Some(0) {
            return Err(Error::options("nodes: expected 1 or more intermediate nodes, got 0"));
        }
        if o.threads == Some(0) {
            return Err(Error::options("threads: expected 1 or more, got 0"));
        }
        if let Some(fraction) = o.validation_fraction.filter(|f| !(0.0..=0.9).contains(f)) {
            return Err(Error::options(format!(
                "validation_fraction: expected a number from 0 to 0.9, got {fraction}"
            )));
        }
        let stages = crate::search::portfolio::STAGES;
        if let Some(unknown) = o.without.iter().find(|w| !stages.contains(&w.as_str())) {
            return Err(Error::options(format!(
                "without: unknown stage `{unknown}`; the stages are {}",
                stages.join(", ")
            )));
        }
        Ok(SymbolicRegressor { options: self.options })
    }
}
