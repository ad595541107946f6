//! Options that say which columns of a table mean what.

use super::failure::Failure;
use crate::data::{Dataset, Table, Variable, VariableKind};
use crate::error::Error;
use clap::Args;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The table and the roles of its columns.
#[derive(Debug, Args)]
pub(super) struct DataArgs {
    /// Table with a header row: CSV (commas, semicolons or tabs), or Parquet in builds that have it; `-` reads CSV
    /// from standard input
    pub(super) data: PathBuf,

    /// Column to explain [default: the last column]
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    pub(super) target: Option<String>,

    /// Input columns, separated by commas; quote a name that has a comma in it [default: all others]
    #[arg(long, value_name = "A,B,...", help_heading = "Columns")]
    pub(super) features: Vec<String>,

    /// Column of row weights, 0 or larger; a row of weight 2 counts as two rows
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    pub(super) weights: Option<String>,

    /// What is known of a column, such as "t: unit=s, range=0..100, kind=real" (kinds: real, probability,
    /// count, integer); may be given several times
    #[arg(long, value_name = "TEXT", help_heading = "Columns")]
    pub(super) describe: Vec<String>,
}

impl DataArgs {
    /// Reads the columns that have a role and checks that they can be fitted.
    pub(super) fn load(&self) -> Result<Dataset, Failure> {
        let table = open(&self.data)?;
        let features = split_names(&self.features)?;
        let names = table.names();
        let weights = self.weights.as_deref();
        let target = match &self.target {
            Some(target) => target.as_str(),
            None => names
                .iter()
                .rev()
                .find(|n| Some(**n) != weights && !features.iter().any(|f| f == *n))
                .ok_or_else(|| Failure::Usage(no_target(&table)))?,
        };
        if weights == Some(target) {
            return Err(Failure::Usage(format!("the column `{target}` cannot be both target and weights")));
        }
        if let Some(f) = features.iter().find(|f| *f == target || Some(f.as_str()) == weights) {
            let role = if f == target { "the target" } else { "weights" };
            return Err(Failure::Usage(format!("the column `{f}` cannot be both an input and {role}")));
        }
        let mut wanted: Vec<&str> = if features.is_empty() {
            names.iter().copied().filter(|n| *n != target && Some(*n) != weights).collect()
        } else {
            features.iter().map(String::as_str).collect()
        };
        wanted.push(target);
        wanted.extend(weights);
        let read = table.columns(&wanted);
        let mut data = if features.is_empty() {
            read.map_err(|e| point_to_features(&e, &names, target))?
        } else {
            read?
        };
        if let Some(weights) = weights {
            data = data.weights_from(weights)?;
        }
        data = data.target(target)?;
        for text in &self.describe {
            let variable = description(text, &data)?;
            data = data.describe(variable)?;
        }
        data.check_fittable()?;
        Ok(data)
    }
}

/// Opens a file, or standard input for `-`.
pub(super) fn open(path: &Path) -> Result<Table, Failure> {
    if path != Path::new("-") {
        return Ok(Table::open(path)?);
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|e| Error::io("cannot read standard input", e))?;
    Ok(Table::from_csv_bytes("standard input", bytes)?)
}

/// Names separated by commas, quoted as in a CSV file where they have commas in them.
pub(super) fn split_names(values: &[String]) -> Result<Vec<String>, Failure> {
    let mut names: Vec<String> = Vec::new();
    for value in values {
        let mut reader = ::csv::ReaderBuilder::new()
            .has_headers(false)
            .trim(::csv::Trim::All)
            .flexible(true)
            .from_reader(value.as_bytes());
        for record in reader.records() {
            let record = record.map_err(|e| Failure::Usage(format!("--features: {e}")))?;
            names.extend(record.iter().map(str::to_string));
        }
    }
    if names.iter().any(String::is_empty) {
        return Err(Failure::Usage("--features: a name is missing between two commas".to_string()));
    }
    Ok(names)
}

fn no_target(table: &Table) -> String {
    format!("{}: no column is left for the target; name one with --target", table.file())
}

/// A column that holds no numbers may simply not be meant.
fn point_to_features(error: &Error, names: &[&str], target: &str) -> Error {
    let message = error.to_string();
    let at = names.iter().any(|n| *n != target && message.contains(&format!("column `{n}`:")));
    let more = if at { "\n  --features names the columns to use; others may hold anything" } else { "" };
    Error::new(error.kind(), format!("{message}{more}"))
}

/// `t: unit=s, range=0..100, kind=count` for a column `t` of the data.
fn description(text: &str, data: &Dataset) -> Result<Variable, Failure> {
    let wrong = |what: String| Failure::Usage(format!("--describe \"{text}\": {what}"));
    let known: Vec<&Variable> = data.variables().iter().chain(data.target_variable()).collect();
    let mut splits = text.match_indices(':').map(|(i, _)| (text[..i].trim(), &text[i + 1..]));
    let Some((mut variable, rest)) =
        splits.find_map(|(name, rest)| known.iter().find(|v| v.name == name).map(|v| ((*v).clone(), rest)))
    else {
        let names: Vec<String> = known.iter().map(|v| format!("`{}`", v.name)).collect();
        return Err(wrong(format!(
            "expected `COLUMN: key=value, ...` with a column among {}",
            names.join(", ")
        )));
    };
    for item in rest.split(',') {
        let (key, value) = item
            .split_once('=')
            .map(|(k, v)| (k.trim(), v.trim()))
            .ok_or_else(|| wrong(format!("expected key=value, got `{}`", item.trim())))?;
        variable = match key {
            "unit" => variable.unit(value),
            "range" => {
                let ends = value
                    .split_once("..")
                    .and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
                let (low, high): (f64, f64) =
                    ends.ok_or_else(|| wrong(format!("expected a range such as 0..100, got `{value}`")))?;
                variable.range(low, high)
            }
            "kind" => variable.kind(match value {
                "real" => VariableKind::Real,
                "probability" => VariableKind::Probability,
                "count" => VariableKind::Count,
                "integer" => VariableKind::Integer,
                _ => {
                    return Err(wrong(format!(
                        "expected the kind real, probability, count or integer, got `{value}`"
                    )));
                }
            }),
            _ => return Err(wrong(format!("expected unit, range or kind, got `{key}`"))),
        };
    }
    Ok(variable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_commas_are_quoted() {
        let split = |text: &str| split_names(&[text.to_string()]).unwrap();
        assert_eq!(split("a, b"), ["a", "b"]);
        assert_eq!(split("\"x, mm\",b"), ["x, mm", "b"]);
        assert!(split_names(&["a,,b".to_string()]).is_err());
    }

    #[test]
    fn descriptions() {
        let data = Table::from_csv_text("t.csv", "a:b,t,y\n1,2,3\n2,3,4\n").unwrap();
        let data = data.all_columns().unwrap().target("y").unwrap();
        let read = |text: &str| description(text, &data).map_err(|f| f.message());
        let v = read("a:b: unit=m/s, range = -1e3 .. 5, kind=integer").unwrap();
        assert_eq!(v, Variable::new("a:b").unit("m/s").range(-1000.0, 5.0).kind(VariableKind::Integer));
        assert_eq!(read("y: kind=count").unwrap().kind, VariableKind::Count);
        assert!(read("z: unit=s").unwrap_err().contains("a column among `a:b`, `t`, `y`"));
        assert!(read("t: units=s").unwrap_err().contains("expected unit, range or kind, got `units`"));
        assert!(read("t: range=1-2").unwrap_err().contains("such as 0..100"));
        assert!(read("t: kind=text").unwrap_err().contains("got `text`"));
        assert!(read("t: seconds").unwrap_err().contains("expected key=value, got `seconds`"));
    }
}
