//! `closedform fit`: a table in, a law out.

use super::data_args::DataArgs;
use super::failure::Failure;
use super::interrupt;
use super::output;
use super::progress::ProgressLine;
use super::report::OutputArgs;
use super::search_args::SearchArgs;
use crate::pipeline::{FitControl, Progress, StrategyKind};
use crate::search::darts::{DartsOptions, Epoch};
use crate::search::portfolio;
use clap::Args;
use clap::builder::PossibleValuesParser;

/// Rows below which a perfect fit says little.
const FEW_ROWS: usize = 12;

const EXAMPLES: &str = "\
Examples:
  closedform fit curve.csv
  closedform fit curve.csv --target performance --features t,p0 --out result
  closedform fit curve.csv --primitives seed --strategy darts --nodes 2 --seed 7
  closedform fit rates.csv --weights n --describe \"rate: kind=probability\" --time-limit 60
  closedform fit curve.csv --format json > model.json
  generate-table | closedform fit -";

/// Find the law of a column of a table
///
/// Prints the chosen formula, its constants with their standard errors, and all formulas that no other beats in
/// both error and complexity. Ctrl-C ends the search with the best formula so far, a second Ctrl-C at once and
/// without any file (exit code 130).
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, allow_negative_numbers = true)]
pub(super) struct Fit {
    #[command(flatten)]
    data: DataArgs,

    /// Search method; auto runs several in turn
    #[arg(
        long,
        value_name = "NAME",
        default_value = StrategyKind::Auto.name(),
        value_parser = PossibleValuesParser::new(StrategyKind::ALL.map(StrategyKind::name)),
        help_heading = "Search"
    )]
    strategy: String,

    /// Stages of the strategy auto to leave out
    #[arg(
        long,
        value_name = "STAGE,...",
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(portfolio::STAGES),
        help_heading = "Search"
    )]
    without: Vec<String>,

    /// End after so many evaluations of a formula or a derivative over the rows, at the same place every time; such a
    /// search runs on one thread [default: no limit]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Search")]
    evaluations: Option<u64>,

    #[command(flatten)]
    search: SearchArgs,

    #[command(flatten)]
    output: OutputArgs,
}

impl Fit {
    pub(super) fn run(self) -> Result<(), Failure> {
        let strategy: StrategyKind = self.strategy.parse()?;
        let darts = self.search.darts.over(DartsOptions::default());
        let mut builder = self.search.builder(darts)?.strategy(strategy).without(self.without.clone());
        if let Some(n) = self.evaluations {
            builder = builder.max_evaluations(n);
        }
        let regressor = builder.build()?;
        let data = self.data.load()?;
        if data.rows() < FEW_ROWS {
            let rows = data.rows();
            output::say(&format!(
                "note: {rows} rows are few: many formulas go through so few points by chance"
            ));
        }
        let interrupted = interrupt::flag();
        let folder = self.output.prepare()?;
        if strategy == StrategyKind::Auto {
            let idle = self.search.supernet_options();
            if !idle.is_empty() {
                let options = idle.join(", ");
                output::say(&format!("note: {options} act in strategies on a supernet, such as darts"));
            }
        }

        let line = ProgressLine::start(self.search.limit(), self.output.quiet);
        let names = data.names();
        let mut trace: Vec<Epoch> = Vec::new();
        let model = regressor.fit_with(
            &data,
            FitControl {
                interrupted,
                observer: Some(&mut |p: &Progress| line.update(p, &names)),
                epochs: Some(&mut |e: &Epoch| trace.push(e.clone())),
            },
        );
        drop(line);
        self.output.report(&model?, &data, &trace, folder)
    }
}
