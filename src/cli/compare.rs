//! `closedform compare`: strategies side by side on one table.

use super::data_args::DataArgs;
use super::failure::Failure;
use super::interrupt;
use super::output;
use super::search_args::SearchArgs;
use crate::pipeline::{ComparedRuns, Comparison, StrategyKind};
use crate::plot;
use crate::search::darts::DartsOptions;
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  closedform compare curve.csv --strategies darts,enas,random --budget 10
  closedform compare curve.csv --evaluations 200000 --seeds 5 --plot convergence.png
  closedform compare curve.csv --primitives seed --nodes 2 --combine sum --format json > runs.json

The budget and --evaluations hold for every run, a strategy with one seed; each run has one thread.";

/// How the result is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One line for each strategy
    #[default]
    Text,
    /// One JSON object with every run and its curve
    Json,
}

/// Compare search strategies on a table, at the same cost
///
/// Runs each strategy with several seeds and prints how many runs found the law, and medians of the best loss (MSE
/// in units of the target's variance), of the complexity of the chosen formula, and of the evaluations.
#[derive(Debug, Args)]
#[command(
    after_help = EXAMPLES,
    mut_arg("time_limit", |a| {
        a.long("budget").help("Seconds of every run, or `none` [default: 30, none with --evaluations]")
    }),
    mut_arg("seed", |a| a.help("The first seed; the others follow it")),
    mut_arg("threads", |a| a.help("Runs at the same time [default: one per processor]"))
)]
pub(super) struct Compare {
    #[command(flatten)]
    data: DataArgs,

    /// Strategies, separated by commas
    #[arg(
        long,
        value_name = "A,B,...",
        value_delimiter = ',',
        default_value = "darts,darts-unrolled,darts-exact,darts-fair,enas,random",
        value_parser = PossibleValuesParser::new(StrategyKind::ALL.map(StrategyKind::name)),
        help_heading = "Comparison"
    )]
    strategies: Vec<String>,

    /// Seeds of each strategy
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..),
        help_heading = "Comparison")]
    seeds: u16,

    /// Evaluations of a formula or a derivative over the rows that every run may do [default: no limit]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..),
        help_heading = "Comparison")]
    evaluations: Option<u64>,

    #[command(flatten)]
    search: SearchArgs,

    /// What is printed
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    format: Format,

    /// Picture of the best loss against evaluations and time, PNG or SVG after its ending
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    plot: Option<PathBuf>,
}

impl Compare {
    pub(super) fn run(self) -> Result<(), Failure> {
        let strategies = self
            .strategies
            .iter()
            .map(|s| s.parse::<StrategyKind>())
            .collect::<Result<Vec<StrategyKind>, _>>()?;
        let builder = self.search.builder(self.search.darts.over(DartsOptions::default()))?;
        let data = self.data.load()?;
        data.check_fittable()?;
        let mut plan = Comparison::new(&strategies)
            .seeds(usize::from(self.seeds))
            .first_seed(self.search.seed())
            .threads(self.search.threads())
            .interrupted(interrupt::flag());
        if let Some(n) = self.evaluations {
            plan = plan.evaluations(n);
        }
        if let Some(budget) = self.search.limit()
            && (self.search.limit_was_given() || self.evaluations.is_none())
        {
            plan = plan.budget(budget);
        }
        let runs = plan.run(&builder, &data)?;
        if let Some(path) = &self.plot {
            plot::convergence(path, &runs.plot())?;
        }
        output::print(&match self.format {
            Format::Text => runs.to_string(),
            Format::Json => json(&runs),
        })
    }
}

fn json(runs: &ComparedRuns) -> String {
    let object = serde_json::json!({ "strategies": runs.by_strategy(), "runs": runs.runs });
    object.to_string() + "\n"
}
