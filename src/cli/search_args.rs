//! Options of the search, shared by the commands that fit.

use super::choice::choice;
use super::darts_args::DartsArgs;
use super::failure::Failure;
use crate::data::{OutputType, ProbabilityLoss};
use crate::model::Criterion;
use crate::pipeline::{RegressorBuilder, SymbolicRegressor};
use crate::search::darts::DartsOptions;
use crate::search_space::{Combine, PrimitiveSet};
use clap::Args;
use std::time::Duration;

const COMBINES: &[(&str, Combine)] =
    &[("sum", Combine::Sum), ("product", Combine::Product), ("both", Combine::Both)];

const CRITERIA: &[(&str, Criterion)] = &[
    ("description-length", Criterion::DescriptionLength),
    ("bic", Criterion::Bic),
    ("aic", Criterion::Aic),
    ("validation", Criterion::Validation),
    ("accuracy", Criterion::Accuracy),
];

const OUTPUTS: &[(&str, OutputType)] = &[
    ("real", OutputType::Real),
    ("probability", OutputType::Probability { loss: ProbabilityLoss::Bernoulli }),
    ("probability-squared", OutputType::Probability { loss: ProbabilityLoss::SquaredError }),
    ("count", OutputType::Count),
];

/// Default of the time limit, in seconds.
const TIME_LIMIT: f64 = 30.0;

/// What may be found, how it is judged, and for how long it is searched.
#[derive(Debug, Args)]
#[command(next_help_heading = "Search")]
pub(super) struct SearchArgs {
    /// Functions that may occur: `seed`, `science`, `autora`, or a list of names and of own functions such as
    /// "add,exp,hill = x^a/(b^a + x^a)"; the command `primitives` lists them [default: science]
    #[arg(long, value_name = "SET")]
    primitives: Option<String>,

    /// End after so many seconds with the best formula so far, or `none` [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    time_limit: Option<TimeLimit>,

    /// Seed of every random choice; the same seed gives the same result for any number of threads
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// Threads [default: one per processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,

    /// What one formula of the front is chosen by
    #[arg(long, value_name = "NAME", default_value = "description-length", value_parser = choice(CRITERIA))]
    criterion: Criterion,

    /// What the predicted numbers are [default: after the kind of the target]
    #[arg(long, value_name = "TYPE", value_parser = choice(OUTPUTS))]
    output_type: Option<OutputType>,

    /// Share of the rows that the search does not fit constants on, 0 to 0.9 [default: 0.25; auto keeps at least 200
    /// rows for the search]
    #[arg(long, value_name = "X")]
    validation_fraction: Option<f64>,

    /// Intermediate nodes of the expression graph; strategies on a supernet [default: 3, 2 where all nodes add]
    #[arg(long, value_name = "N", help_heading = "Supernet")]
    nodes: Option<usize>,

    /// How nodes combine what reaches them; strategies on a supernet [default: both]
    #[arg(long, value_name = "HOW", value_parser = choice(COMBINES), help_heading = "Supernet")]
    combine: Option<Combine>,

    #[command(flatten)]
    pub(super) darts: DartsArgs,
}

impl SearchArgs {
    /// A regressor with these options and those of DARTS.
    pub(super) fn builder(&self, darts: DartsOptions) -> Result<RegressorBuilder, Failure> {
        let mut builder = SymbolicRegressor::builder().seed(self.seed).criterion(self.criterion).darts(darts);
        if let Some(primitives) = &self.primitives {
            builder = builder.primitives(PrimitiveSet::parse(primitives)?);
        }
        builder = match self.limit() {
            Some(limit) => builder.time_limit(limit),
            None => builder.no_time_limit(),
        };
        if let Some(nodes) = self.nodes {
            builder = builder.nodes(nodes);
        }
        if let Some(combine) = self.combine {
            builder = builder.combine(combine);
        }
        if let Some(threads) = self.threads {
            builder = builder.threads(usize::from(threads));
        }
        if let Some(output) = self.output_type {
            builder = builder.output_type(output);
        }
        if let Some(fraction) = self.validation_fraction {
            builder = builder.validation_fraction(fraction);
        }
        Ok(builder)
    }

    /// The time limit, if there is one.
    pub(super) fn limit(&self) -> Option<Duration> {
        self.time_limit.unwrap_or(TimeLimit(Some(Duration::from_secs_f64(TIME_LIMIT)))).0
    }

    /// Whether a time limit, or none, was asked for.
    pub(super) fn limit_was_given(&self) -> bool {
        self.time_limit.is_some()
    }

    /// The seed.
    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// The number of threads; all processors where it was not said.
    pub(super) fn threads(&self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.map_or_else(all, usize::from)
    }

    /// The options that only strategies on a supernet read and that were given.
    pub(super) fn supernet_options(&self) -> Vec<&'static str> {
        let mut given = self.darts.given();
        given.extend(self.nodes.map(|_| "--nodes"));
        given.extend(self.combine.map(|_| "--combine"));
        given
    }
}

/// A limit of time, or none.
#[derive(Clone, Copy, Debug)]
struct TimeLimit(Option<Duration>);

fn seconds(text: &str) -> Result<TimeLimit, String> {
    if text == "none" {
        return Ok(TimeLimit(None));
    }
    let wrong = || format!("expected a number of seconds above 0, or `none`, got `{text}`");
    let number: f64 = text.parse().map_err(|_| wrong())?;
    match Duration::try_from_secs_f64(number) {
        Ok(limit) if !limit.is_zero() => Ok(TimeLimit(Some(limit))),
        _ => Err(wrong()),
    }
}
