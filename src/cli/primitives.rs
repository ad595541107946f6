//! `closedform primitives`: the functions that may occur in a formula.

use super::failure::Failure;
use super::output;
use crate::expr::{Definition, Domain, Primitive};
use crate::search_space::PrimitiveSet;
use clap::Args;
use std::fmt::Write as _;

const EXAMPLES: &str = "\
Examples:
  closedform primitives
  closedform primitives --set \"add,exp,hill = x^a/(b^a + x^a)\"";

/// List the functions that may occur in a formula
///
/// x and y are the inputs of a primitive, a and b its trainable constants.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Primitives {
    /// Only those of a set: `seed`, `science`, `autora` or a list, as --primitives takes it
    #[arg(long, value_name = "SET")]
    set: Option<String>,
}

impl Primitives {
    pub(super) fn run(self) -> Result<(), Failure> {
        let set = self.set.as_deref().map(PrimitiveSet::parse).transpose()?;
        let rows: Vec<&Primitive> =
            set.as_ref().map_or_else(|| Primitive::table().iter().collect(), PrimitiveSet::primitives);
        output::print(&table(&rows))
    }
}

fn table(rows: &[&Primitive]) -> String {
    let sets =
        [("seed", PrimitiveSet::SEED), ("science", PrimitiveSet::SCIENCE), ("autora", PrimitiveSet::AUTORA)];
    let mut cells = vec![
        ["name", "computes", "inputs", "constants", "defined for", "complexity", "sets"].map(str::to_string),
    ];
    for p in rows {
        let member: Vec<&str> =
            sets.iter().filter(|(_, set)| set.names().contains(&p.name.as_str())).map(|(n, _)| *n).collect();
        cells.push([
            p.name.clone(),
            match &p.definition {
                Definition::Formula(formula) => formula.clone(),
                Definition::Function(_) => p.summary.clone(),
            },
            p.arity.to_string(),
            p.constants().to_string(),
            domain(p.domain).to_string(),
            p.complexity.to_string(),
            member.join(" "),
        ]);
    }
    let width = |c: usize| cells.iter().map(|row| row[c].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..cells[0].len()).map(width).collect();
    let mut text = String::new();
    for row in &cells {
        let line: String = row.iter().zip(&widths).map(|(cell, w)| format!("{cell:w$}  ")).collect();
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn domain(domain: Domain) -> &'static str {
    match domain {
        Domain::Real => "all numbers",
        Domain::Positive => "x > 0",
        Domain::NonNegative => "x >= 0",
        Domain::NonZero => "divisor not 0",
        Domain::UnitInterval => "-1 <= x <= 1",
        Domain::Power => "x > 0, or integer power",
    }
}
