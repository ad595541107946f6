//! [`Model`]: the result of a fit.

use super::export::{Digits, Exmex};
use super::{Criterion, DataSummary, Equation, FittedConstant, ParetoFront, Report, json};
use crate::data::{Dataset, OutputType, Variable};
use crate::error::Error;
use std::fmt;
use std::path::Path;

/// The result of a fit: a Pareto front, the equation that was chosen from it, and how it came about.
///
/// ```
/// use closedform::{Dataset, Equation, Model, ParetoFront, Report};
/// use closedform::expr::parse;
/// use ndarray::array;
/// let data = Dataset::from_arrays(array![[1.0], [2.0], [3.0]].view(), array![1.0, 4.0, 9.0].view())?;
/// let front: ParetoFront =
///     ["x1", "x1*x1"].iter().map(|f| Equation::of(parse(f, &["x1"]).unwrap(), &data).unwrap()).collect();
/// let model = Model::new(front, &data, Report::default())?;
/// assert_eq!(model.formula(), "x1*x1");
/// assert_eq!(model.to_latex(), "x_{1} x_{1}");
/// assert_eq!(model.predict(&data)?, [1.0, 4.0, 9.0]);
/// assert_eq!(Model::from_json(&model.to_json())?, model);
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Model(Parts);

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parts {
    pub(super) front: ParetoFront,
    pub(super) best: usize,
    pub(super) criterion: Criterion,
    pub(super) report: Report,
    pub(super) inputs: Vec<Variable>,
    pub(super) target: Variable,
    pub(super) output: OutputType,
    pub(super) data: DataSummary,
}

impl Model {
    /// A model from the front found on `data`, chosen by [`Criterion::default`]; the output type follows from the
    /// kind of the target.
    ///
    /// ```
    /// # use closedform::{Dataset, Equation, expr::parse};
    /// # use ndarray::array;
    /// # let data = Dataset::from_arrays(array![[1.0], [2.0], [3.0]].view(), array![1.0, 4.0, 9.0].view())?;
    /// use closedform::{Model, ParetoFront, Report};
    /// let front: ParetoFront = [Equation::of(parse("x1^2", &["x1"])?, &data)?].into_iter().collect();
    /// assert_eq!(Model::new(front, &data, Report::default())?.formula(), "x1^2");
    /// assert!(Model::new(ParetoFront::new(), &data, Report::default()).is_err());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the front is empty or the data set has no target.
    pub fn new(front: ParetoFront, data: &Dataset, report: Report) -> Result<Self, Error> {
        let summary = DataSummary::of(data)?;
        let criterion = Criterion::default();
        let Some(best) = criterion.choose(&front, &summary) else {
            return Err(Error::search(nothing_found(data)));
        };
        let target = remembered(&data.target_variable().cloned().unwrap_or_default());
        Ok(Self(Parts {
            front,
            best,
            criterion,
            report,
            inputs: data.variables().iter().map(remembered).collect(),
            output: OutputType::from(target.kind),
            target,
            data: summary,
        }))
    }

    pub(super) fn from_parts(parts: Parts) -> Self {
        Self(parts)
    }

    /// The model with the equation that another criterion chooses.
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// use closedform::Criterion;
    /// let model = model.with_criterion(Criterion::Accuracy);
    /// assert_eq!((model.criterion(), model.best_index()), (Criterion::Accuracy, 2));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    #[must_use]
    pub fn with_criterion(mut self, criterion: Criterion) -> Self {
        let chosen = criterion.choose(&self.0.front, &self.0.data);
        self.0.best = chosen.expect("the front of a model is not empty");
        self.0.criterion = criterion;
        self
    }

    /// The model with another output type, as it was fitted.
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// use closedform::OutputType;
    /// assert_eq!(model.with_output(OutputType::Count).output(), OutputType::Count);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    #[must_use]
    pub fn with_output(mut self, output: OutputType) -> Self {
        self.0.output = output;
        self
    }

    /// The model with another report.
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// use closedform::Report;
    /// assert_eq!(model.with_report(Report { seed: 5, ..Report::default() }).report().seed, 5);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    #[must_use]
    pub fn with_report(mut self, report: Report) -> Self {
        self.0.report = report;
        self
    }

    /// The chosen equation.
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// assert_eq!(model.best().complexity(), 10);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn best(&self) -> &Equation {
        &self.0.front.equations()[self.0.best]
    }

    /// The place of the chosen equation on the front.
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// assert_eq!(model.front().equations()[model.best_index()], *model.best());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn best_index(&self) -> usize {
        self.0.best
    }

    /// All equations, simplest first.
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// assert_eq!(model.front().equations()[1].formula(), "tanh(0.0183874*t + 0.286384)");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn front(&self) -> &ParetoFront {
        &self.0.front
    }

    /// What the equation was chosen by.
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// use closedform::Criterion;
    /// assert_eq!(model.criterion(), Criterion::DescriptionLength);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn criterion(&self) -> Criterion {
        self.0.criterion
    }

    /// How the fit went.
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// use closedform::StopReason;
    /// assert_eq!((model.report().stop_reason, model.report().seed), (StopReason::Exact, 0));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn report(&self) -> &Report {
        &self.0.report
    }

    /// The columns that the model was fitted on.
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// let names: Vec<&str> = model.inputs().iter().map(|v| v.name.as_str()).collect();
    /// assert_eq!(names, ["p0", "t"]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn inputs(&self) -> &[Variable] {
        &self.0.inputs
    }

    /// The column that the model predicts.
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// assert_eq!(model.target().name, "performance");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn target(&self) -> &Variable {
        &self.0.target
    }

    /// What the predicted numbers are.
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// use closedform::OutputType;
    /// assert_eq!(model.output(), OutputType::Real);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn output(&self) -> OutputType {
        self.0.output
    }

    /// What is remembered of the data.
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// assert_eq!(model.data().rows, 286);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn data(&self) -> &DataSummary {
        &self.0.data
    }

    /// As [`Equation::formula`].
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// assert_eq!(model.formula(), "1 - (1 - p0)*exp(-0.03*t)");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn formula(&self) -> String {
        self.best().formula()
    }

    /// As [`Equation::formula_with`].
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// use closedform::model::export::Digits;
    /// assert_eq!(model.formula_with(Digits::All), "1 - (1 - p0)*exp(-0.03*t)");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn formula_with(&self, digits: Digits) -> String {
        self.best().formula_with(digits)
    }

    /// As [`Equation::to_latex`].
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// assert_eq!(model.to_latex(), r"1 - \left(1 - p_{0}\right) e^{-0.03 t}");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn to_latex(&self) -> String {
        self.best().to_latex()
    }

    /// As [`Equation::to_sympy`].
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// assert_eq!(model.to_sympy(), "1 - (1 - p0)*exp(-0.03*t)");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn to_sympy(&self) -> String {
        self.best().to_sympy()
    }

    /// As [`Equation::to_python`].
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// assert!(model.to_python().contains("def f(p0, t)"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn to_python(&self) -> String {
        self.best().to_python()
    }

    /// As [`Equation::to_rust`].
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// assert!(model.to_rust().contains("fn f(p0: f64, t: f64) -> f64"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn to_rust(&self) -> String {
        self.best().to_rust()
    }

    /// As [`Equation::to_c`].
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// assert!(model.to_c().contains("double f(double p0, double t)"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn to_c(&self) -> String {
        self.best().to_c()
    }

    /// As [`Equation::to_exmex`].
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// assert_eq!(model.to_exmex().variables, ["p0", "t"]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn to_exmex(&self) -> Exmex {
        self.best().to_exmex()
    }

    /// As [`Equation::to_exmex_expression`].
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// use closedform::model::exmex::Express;
    /// assert_eq!(model.to_exmex_expression()?.eval(&[0.25, 0.0]).unwrap(), 0.25); // p0 = 0.25, t = 0
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// As there.
    pub fn to_exmex_expression(&self) -> Result<exmex::FlatEx<f64>, Error> {
        self.best().to_exmex_expression()
    }

    /// As [`Equation::constants`].
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// assert!(model.constants().is_empty()); // 0.03 is exact
    /// assert_eq!(model.front().equations()[0].constants().len(), 1);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn constants(&self) -> Vec<FittedConstant> {
        self.best().constants()
    }

    /// As [`Equation::predict`].
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// use closedform::{Dataset, Variable};
    /// let columns = vec![vec![0.0, 10.0], vec![0.25, 1.0]];
    /// let data = Dataset::from_columns(["t", "p0"].map(Variable::new).to_vec(), columns)?;
    /// assert_eq!(model.predict(&data)?, [0.25, 1.0]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// Naming the column that the data lack, or the first row where the formula has no finite value.
    pub fn predict(&self, data: &Dataset) -> Result<Vec<f64>, Error> {
        self.best().predict(data)
    }

    /// The model as one JSON object on one line, with its whole report.
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// assert!(model.to_json().starts_with("{\"format\":\"closedform-model\",\"version\":1,"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn to_json(&self) -> String {
        json::write(self, &self.0.report, false)
    }

    /// The model as JSON without the duration and the number of threads: the same bytes for the same result, which
    /// is what [`Model::save`] writes.
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// use closedform::Report;
    /// let slow = Report { wall_seconds: Some(9.0), threads: Some(2), ..model.report().clone() };
    /// assert_eq!(model.clone().with_report(slow).to_reproducible_json(), model.to_reproducible_json());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn to_reproducible_json(&self) -> String {
        json::write(self, &self.0.report.reproducible(), true) + "\n"
    }

    /// Reads what [`Model::to_json`] or [`Model::to_reproducible_json`] wrote; the model evaluates to the same bits.
    ///
    /// ```
    /// # use closedform::{Criterion, Dataset, Equation, Model, ParetoFront, Report, expr::parse};
    /// # use ndarray::array;
    /// # let data = Dataset::from_arrays(array![[1.0], [2.0], [3.0]].view(), array![1.0, 4.0, 9.0].view())?;
    /// # let front: ParetoFront =
    /// #     ["x1", "x1^2"].iter().map(|f| Equation::of(parse(f, &["x1"]).unwrap(), &data).unwrap()).collect();
    /// # let model = Model::new(front, &data, Report::default())?;
    /// assert_eq!(Model::from_json(&model.to_json())?.formula(), model.formula());
    /// assert!(Model::from_json("{\"format\": \"closedform-model\", \"version\": 99}").is_err());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// For text that is cut short, no model, a model of another version, or one that contradicts itself.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        json::read(text)
    }

    /// Writes the model to a file, all of it or nothing: a temporary file beside it is renamed.
    ///
    /// ```
    /// # use closedform::{Criterion, Dataset, Equation, Model, ParetoFront, Report, expr::parse};
    /// # use ndarray::array;
    /// # let data = Dataset::from_arrays(array![[1.0], [2.0], [3.0]].view(), array![1.0, 4.0, 9.0].view())?;
    /// # let front: ParetoFront =
    /// #     ["x1", "x1^2"].iter().map(|f| Equation::of(parse(f, &["x1"]).unwrap(), &data).unwrap()).collect();
    /// # let model = Model::new(front, &data, Report::default())?;
    /// # let folder = std::env::temp_dir().join(format!("closedform-save-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// let path = folder.join("model.json");
    /// model.save(&path)?;
    /// assert_eq!(Model::load(&path)?.to_reproducible_json(), model.to_reproducible_json());
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        super::file::write_atomically(path.as_ref(), self.to_reproducible_json().as_bytes())
    }

    /// Reads a model from a file.
    ///
    /// ```
    /// use closedform::Model;
    /// assert_eq!(Model::load("examples/data/learning_curve.json")?.formula(), "1 - (1 - p0)*exp(-0.03*t)");
    /// let error = Model::load("examples/data/learning_curve.csv").unwrap_err();
    /// assert!(error.to_string().starts_with("examples/data/learning_curve.csv: "));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// With the file's name; see [`Model::from_json`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let shown = path.display();
        let bytes = std::fs::read(path).map_err(|e| Error::io(format!("cannot read {shown}"), e))?;
        let text = std::str::from_utf8(&bytes)
            .map_err(|e| Error::model(format!("{shown}: a model is text in UTF-8: {e}")))?;
        Self::from_json(text).map_err(|e| Error::model(format!("{shown}: {e}")).with_source(e))
    }
}

/// Why a front may be empty.
fn nothing_found(data: &Dataset) -> String {
    let message = "the search found no formula that can be evaluated on the data";
    let largest = data.target_values().unwrap_or_default().iter().fold(0.0_f64, |m, y| m.max(y.abs()));
    if largest * largest * data.rows() as f64 <= f64::MAX {
        return message.to_string();
    }
    format!(
        "{message}: the target reaches {largest:e}, and squares of its errors are too large for double precision; \
         divide it by a constant"
    )
}

/// A variable as a model file can hold it: JSON has no infinite ends of a range.
fn remembered(variable: &Variable) -> Variable {
    let range = variable.range.filter(|(low, high)| low.is_finite() && high.is_finite());
    Variable { range, ..variable.clone() }
}

/// The front as a table; an arrow points at the chosen equation.
impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {:>10}  {:>10}  {:>10}  {:>10}  formula", "complexity", "R2", "MSE", "DL")?;
        for (i, e) in self.front().iter().enumerate() {
            let mark = if i == self.best_index() { '>' } else { ' ' };
            let length = e.scores().description_length.map_or_else(|| "-".to_string(), |d| format!("{d:.2}"));
            writeln!(
                f,
                "{mark} {:>10}  {:>10.6}  {:>10.3e}  {length:>10}  {} = {}",
                e.complexity(),
                e.scores().r2,
                e.scores().mse,
                self.target().name,
                e.formula()
            )?;
        }
        Ok(())
    }
}
