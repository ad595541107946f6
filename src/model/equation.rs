//! [`Equation`]: one formula with its names, constants and scores.

use super::export::{self, Digits, Exmex};
use super::metrics;
use crate::data::{Dataset, Variable};
use crate::error::Error;
use crate::expr::{Expr, Node, Tape, Workspace, complexity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Formulas longer than this are refused: a damaged file could ask for text without end.
const MAX_COMPLEXITY: u32 = 10_000;

/// How well an equation does on the data that it was fitted to.
///
/// ```
/// use closedform::model::Scores;
/// let scores = Scores::of(&[1.0, 2.0, 3.0], &[1.0, 2.0, 4.0], None);
/// assert_eq!((scores.mse, scores.r2), (1.0 / 3.0, 0.5));
/// assert_eq!(scores.validation_mse, None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Scores {
    /// Mean squared error (weighted).
    pub mse: f64,
    /// Coefficient of determination.
    pub r2: f64,
    /// Mean squared error on held-out rows, where some were held out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_mse: Option<f64>,
    /// What structure and residuals take to write down, in nats, constants by what they cost in prediction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description_length: Option<f64>,
    /// Negative logarithm of the likelihood, where that is not the Gaussian one of `mse`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negative_log_likelihood: Option<f64>,
}

impl Scores {
    /// Mean squared error and coefficient of determination of predictions.
    ///
    /// ```
    /// use closedform::model::Scores;
    /// assert_eq!(Scores::of(&[1.0, 3.0], &[1.0, 3.0], None).r2, 1.0);
    /// ```
    pub fn of(target: &[f64], predicted: &[f64], weights: Option<&[f64]>) -> Self {
        let mse = metrics::mse(target, predicted, weights);
        let r2 = metrics::r2_from(mse, metrics::variance(target, weights));
        Self { mse, r2, ..Self::default() }
    }

    fn all(&self) -> [Option<f64>; 5] {
        [
            Some(self.mse),
            Some(self.r2),
            self.validation_mse,
            self.description_length,
            self.negative_log_likelihood,
        ]
    }
}

/// A fitted constant of an equation.
///
/// ```
/// use closedform::expr::Expr;
/// use closedform::{Equation, model::Scores};
/// let law = Equation::new(Expr::parameter(0.5), Vec::new(), Scores::default())?.with_std_errors(vec![Some(0.1)]);
/// let c = &law.constants()[0];
/// assert_eq!((c.name.as_str(), c.value, c.std_error), ("c0", 0.5, Some(0.1)));
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedConstant {
    /// `c0`, `c1`, ... in the order of their first use.
    pub name: String,
    /// The fitted value.
    pub value: f64,
    /// Its standard error, where the fit could tell.
    pub std_error: Option<f64>,
}

/// A formula with the names of its inputs, its fitted constants and its scores.
///
/// ```
/// use closedform::{Dataset, Equation};
/// use closedform::expr::parse;
/// use ndarray::array;
/// let data = Dataset::from_arrays(array![[1.0], [2.0], [3.0]].view(), array![2.0, 5.0, 10.0].view())?;
/// let law = Equation::of(parse("x1^2 + 1", &["x1"])?, &data)?;
/// assert_eq!(law.formula(), "x1^2 + 1");
/// assert_eq!(law.scores().mse, 0.0);
/// assert_eq!(law.predict(&data)?, [2.0, 5.0, 10.0]);
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Equation {
    expr: Expr,
    names: Arc<[String]>,
    std_errors: Vec<Option<f64>>,
    complexity: u32,
    scores: Scores,
}

impl Equation {
    /// An equation with scores that are already known; `names[i]` is the name of variable `i`.
    ///
    /// ```
    /// use closedform::{Equation, expr::parse, model::Scores};
    /// let names = vec!["t".to_string()];
    /// let law = Equation::new(parse("exp(2*t)", &names)?, names, Scores::default())?;
    /// assert_eq!(law.to_latex(), "e^{2 t}");
    /// assert_eq!(law.to_sympy(), "exp(2*t)");
    /// assert!(law.to_rust().contains("fn f(") && law.to_c().contains("double f("));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the expression reads a variable without a name, holds a number that is not finite or is absurdly
    /// long, or a score is not finite.
    pub fn new(expr: Expr, names: impl Into<Arc<[String]>>, scores: Scores) -> Result<Self, Error> {
        let names = names.into();
        if let Some(v) = expr.variables().into_iter().find(|v| *v >= names.len()) {
            return Err(Error::model(format!("the expression reads column {} of {}", v + 1, names.len())));
        }
        let constants = expr.nodes().iter().filter_map(|n| match n {
            Node::Constant(c) => Some(*c),
            _ => None,
        });
        if let Some(c) = constants.chain(expr.parameters().iter().copied()).find(|c| !c.is_finite()) {
            return Err(Error::model(format!("the expression holds the constant {c}, which is not finite")));
        }
        if let Some(s) = scores.all().into_iter().flatten().find(|s| !s.is_finite()) {
            return Err(Error::model(format!("a score of the expression is {s}, which is not finite")));
        }
        let complexity = complexity(&expr);
        if complexity > MAX_COMPLEXITY {
            return Err(Error::model(format!(
                "the expression has a complexity of {complexity}; the limit is {MAX_COMPLEXITY}"
            )));
        }
        let std_errors = vec![None; expr.parameters().len()];
        Ok(Self { expr, names, std_errors, complexity, scores })
    }

    /// An equation over the inputs of a data set, scored on its target.
    ///
    /// ```
    /// # use closedform::{Dataset, Equation, expr::parse};
    /// # use ndarray::array;
    /// # let data = Dataset::from_arrays(array![[1.0], [2.0], [3.0]].view(), array![1.0, 4.0, 9.0].view())?;
    /// let law = Equation::of(parse("x1^2", &["x1"])?, &data)?;
    /// assert_eq!((law.scores().mse, law.scores().r2), (0.0, 1.0));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Equation::new`], if the data set has no target, or if the formula has no finite value in some row.
    pub fn of(expr: Expr, data: &Dataset) -> Result<Self, Error> {
        let Some(target) = data.target_values() else {
            return Err(Error::data("the data set has no target to score an equation on"));
        };
        let names: Vec<String> = data.variables().iter().map(|v| v.name.clone()).collect();
        let equation = Self::new(expr, names, Scores::default())?;
        let predicted = equation.predict(data)?;
        equation.with_scores(Scores::of(target, &predicted, data.weights()))
    }

    /// The same equation with other scores.
    ///
    /// ```
    /// # use closedform::{Equation, expr::parse, model::Scores};
    /// # let names = vec!["t".to_string()];
    /// # let law = Equation::new(parse("exp(2*t)", &names)?, names, Scores::default())?;
    /// let law = law.with_scores(Scores { mse: 0.5, ..Scores::default() })?;
    /// assert_eq!(law.scores().mse, 0.5);
    /// assert!(law.with_scores(Scores { mse: f64::NAN, ..Scores::default() }).is_err());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If one is not finite.
    pub fn with_scores(self, scores: Scores) -> Result<Self, Error> {
        let checked = Self::new(self.expr, self.names, scores)?;
        Ok(Self { std_errors: self.std_errors, complexity: self.complexity, ..checked })
    }

    /// Adds the standard errors of the fitted constants; what is not finite counts as unknown.
    ///
    /// ```
    /// use closedform::{Equation, expr::Expr, model::Scores};
    /// let law = Equation::new(Expr::parameter(2.0), Vec::new(), Scores::default())?;
    /// assert_eq!(law.clone().with_std_errors(vec![Some(0.1)]).constants()[0].std_error, Some(0.1));
    /// assert_eq!(law.with_std_errors(vec![Some(f64::INFINITY)]).constants()[0].std_error, None);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Panics
    /// If there is not one per parameter.
    #[must_use]
    pub fn with_std_errors(mut self, errors: Vec<Option<f64>>) -> Self {
        assert_eq!(errors.len(), self.expr.parameters().len(), "one standard error per parameter");
        self.std_errors = errors.into_iter().map(|e| e.filter(|e| e.is_finite())).collect();
        self
    }

    /// Sets the complexity that the equation was chosen by, as read from a file.
    pub(super) fn with_complexity(mut self, complexity: u32) -> Self {
        self.complexity = complexity;
        self
    }

    /// The expression; its variable `i` is called `names()[i]`.
    ///
    /// ```
    /// # use closedform::{Equation, expr::parse, model::Scores};
    /// # let names = vec!["t".to_string()];
    /// # let law = Equation::new(parse("exp(2*t)", &names)?, names, Scores::default())?;
    /// assert_eq!(law.expr().evaluate_row(&[0.0]), 1.0);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// The names of the inputs, also of those that the formula does not read.
    ///
    /// ```
    /// # let law = closedform::Model::load("examples/data/learning_curve.json")?.best().clone();
    /// assert_eq!(law.names(), ["p0", "t"]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The scores.
    ///
    /// ```
    /// # let law = closedform::Model::load("examples/data/learning_curve.json")?.best().clone();
    /// assert!(law.scores().mse < 1e-30 && law.scores().r2 == 1.0);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn scores(&self) -> &Scores {
        &self.scores
    }

    /// The length of the formula.
    ///
    /// ```
    /// # use closedform::{Equation, expr::parse, model::Scores};
    /// # let names = vec!["t".to_string()];
    /// # let law = Equation::new(parse("exp(2*t)", &names)?, names, Scores::default())?;
    /// assert_eq!(law.complexity(), 4); // exp, *, 2, t
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn complexity(&self) -> u32 {
        self.complexity
    }

    /// The fitted constants, `c0` first.
    ///
    /// ```
    /// use closedform::{Equation, expr::Expr, model::Scores};
    /// let line = Expr::parameter(2.0) * Expr::variable(0) + Expr::parameter(5.0);
    /// let law = Equation::new(line, vec!["t".to_string()], Scores::default())?;
    /// let constants: Vec<(String, f64)> = law.constants().into_iter().map(|c| (c.name, c.value)).collect();
    /// assert_eq!(constants, [("c0".to_string(), 2.0), ("c1".to_string(), 5.0)]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn constants(&self) -> Vec<FittedConstant> {
        let values = self.expr.parameters().iter().zip(&self.std_errors).enumerate();
        values
            .map(|(i, (&value, &std_error))| FittedConstant { name: format!("c{i}"), value, std_error })
            .collect()
    }

    /// The formula for people, fitted constants rounded to six digits.
    ///
    /// ```
    /// use closedform::{Equation, expr::Expr, model::Scores};
    /// let law = Equation::new(Expr::parameter(1.0 / 3.0), Vec::new(), Scores::default())?;
    /// assert_eq!(law.formula(), "0.333333");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn formula(&self) -> String {
        self.formula_with(Digits::default())
    }

    /// The formula with as many digits as asked for; [`crate::expr::parse`] reads it back.
    ///
    /// ```
    /// use closedform::expr::Expr;
    /// use closedform::{Equation, model::Scores, model::export::Digits};
    /// let law = Equation::new(Expr::parameter(1.0 / 3.0), Vec::new(), Scores::default())?;
    /// assert_eq!(law.formula_with(Digits::Significant(2)), "0.33");
    /// assert_eq!(law.formula_with(Digits::All), "0.3333333333333333");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn formula_with(&self, digits: Digits) -> String {
        export::infix(&self.expr, &self.names, digits)
    }

    /// LaTeX with all digits.
    ///
    /// ```
    /// # use closedform::{Equation, expr::parse, model::Scores};
    /// # let names = vec!["t".to_string()];
    /// # let law = Equation::new(parse("exp(2*t)", &names)?, names, Scores::default())?;
    /// assert_eq!(law.to_latex(), "e^{2 t}");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn to_latex(&self) -> String {
        self.to_latex_with(Digits::All)
    }

    /// LaTeX with as many digits as asked for.
    ///
    /// ```
    /// use closedform::{Equation, expr::Expr, model::Scores, model::export::Digits};
    /// let law = Equation::new(Expr::parameter(1.0 / 3.0), Vec::new(), Scores::default())?;
    /// assert_eq!(law.to_latex_with(Digits::Significant(3)), "0.333");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn to_latex_with(&self, digits: Digits) -> String {
        export::latex(&self.expr, &self.names, digits)
    }

    /// Text for SymPy; see [`export::sympy`] for the names of its symbols.
    ///
    /// ```
    /// # use closedform::{Equation, expr::parse, model::Scores};
    /// # let names = vec!["t".to_string()];
    /// # let law = Equation::new(parse("exp(2*t)", &names)?, names, Scores::default())?;
    /// assert_eq!(law.to_sympy(), "exp(2*t)");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn to_sympy(&self) -> String {
        export::sympy(&self.expr, &self.names).text
    }

    /// Symbols of the SymPy text that are not called like their columns: symbol to column.
    ///
    /// ```
    /// use closedform::{Equation, expr::Expr, model::Scores};
    /// let law = Equation::new(Expr::variable(0), vec!["time (s)".to_string()], Scores::default())?;
    /// assert_eq!(law.sympy_symbols().get(&law.to_sympy()).map(String::as_str), Some("time (s)"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn sympy_symbols(&self) -> BTreeMap<String, String> {
        export::sympy(&self.expr, &self.names).symbols
    }

    /// A Python module with one function `f` over NumPy.
    ///
    /// ```
    /// # use closedform::{Equation, expr::parse, model::Scores};
    /// # let names = vec!["t".to_string()];
    /// # let law = Equation::new(parse("exp(2*t)", &names)?, names, Scores::default())?;
    /// assert!(law.to_python().contains("return np.exp(2.0*t)"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn to_python(&self) -> String {
        export::python(&self.expr, &self.names, "f")
    }

    /// A Rust function `f` without dependencies.
    ///
    /// ```
    /// # use closedform::{Equation, expr::parse, model::Scores};
    /// # let names = vec!["t".to_string()];
    /// # let law = Equation::new(parse("exp(2*t)", &names)?, names, Scores::default())?;
    /// assert!(law.to_rust().contains("fn f(t: f64) -> f64"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn to_rust(&self) -> String {
        export::rust(&self.expr, &self.names, "f")
    }

    /// A C function `f` with `math.h`.
    ///
    /// ```
    /// # use closedform::{Equation, expr::parse, model::Scores};
    /// # let names = vec!["t".to_string()];
    /// # let law = Equation::new(parse("exp(2*t)", &names)?, names, Scores::default())?;
    /// assert!(law.to_c().contains("double f(double t)"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn to_c(&self) -> String {
        export::c(&self.expr, &self.names, "f")
    }

    /// Text for exmex with the order of its variables.
    ///
    /// ```
    /// # use closedform::{Equation, expr::parse, model::Scores};
    /// # let names = vec!["t".to_string()];
    /// # let law = Equation::new(parse("exp(2*t)", &names)?, names, Scores::default())?;
    /// assert_eq!(law.to_exmex().variables, ["t"]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn to_exmex(&self) -> Exmex {
        export::exmex(&self.expr, &self.names)
    }

    /// The formula as an exmex expression, which evaluates and differentiates; it wants the values in the order
    /// of [`Exmex::variables`].
    ///
    /// ```
    /// use closedform::Equation;
    /// use closedform::expr::parse;
    /// use closedform::model::{Scores, exmex::Express};
    /// let names = vec!["b".to_string(), "a".to_string()];
    /// let law = Equation::new(parse("b^2/a", &names)?, names, Scores::default())?;
    /// let exmex = law.to_exmex_expression()?;
    /// assert_eq!(exmex.eval(&[2.0, 4.0]).unwrap(), 8.0); // a = 2, b = 4
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If exmex does not read the text, or gives other values: neither is expected of any formula.
    pub fn to_exmex_expression(&self) -> Result<exmex::FlatEx<f64>, Error> {
        use exmex::Express;
        let Exmex { text, variables } = self.to_exmex();
        let fault = |what: String| Error::model(format!("exmex does not take the formula `{text}`: {what}"));
        let built = exmex::parse::<f64>(&text).map_err(|e| fault(e.to_string()))?;
        if built.var_names().len() != variables.len() {
            return Err(fault(format!("it sees the variables {:?}", built.var_names())));
        }
        let order: Vec<usize> = variables
            .iter()
            .map(|v| self.names.iter().position(|n| n == v).expect("exmex names are columns"))
            .collect();
        for shift in [0.3, -1.1, 1.7] {
            let mut row = vec![0.0; self.names.len()];
            for (k, v) in order.iter().enumerate() {
                row[*v] = shift + 0.37 * k as f64 % 1.0;
            }
            let values: Vec<f64> = order.iter().map(|v| row[*v]).collect();
            let (ours, theirs) =
                (self.expr.evaluate_row(&row), built.eval(&values).map_err(|e| fault(e.to_string()))?);
            let both = ours.is_finite() && theirs.is_finite();
            if both && (ours - theirs).abs() > 1e-6 * ours.abs().max(1.0) {
                return Err(fault(format!("at {values:?} it gives {theirs} and the formula {ours}")));
            }
        }
        Ok(built)
    }

    /// Predictions for every row; columns are found by name, and only those that the formula reads are needed.
    ///
    /// ```
    /// # use closedform::{Dataset, Equation, expr::parse};
    /// # use ndarray::array;
    /// # let data = Dataset::from_arrays(array![[1.0], [2.0], [3.0]].view(), array![1.0, 4.0, 9.0].view())?;
    /// let law = Equation::of(parse("x1^2 - 1", &["x1"])?, &data)?;
    /// assert_eq!(law.predict(&data)?, [0.0, 3.0, 8.0]);
    /// let other = Dataset::from_csv("examples/data/learning_curve.csv")?;
    /// assert!(law.predict(&other).unwrap_err().to_string().contains("the formula reads the column `x1`"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// Naming the column that the data lack, or the first row where the formula has no finite value.
    pub fn predict(&self, data: &Dataset) -> Result<Vec<f64>, Error> {
        let values = self.evaluate(data)?;
        match values.iter().position(|v| !v.is_finite()) {
            None => Ok(values),
            Some(row) => {
                let used = self.expr.variables().into_iter().map(|v| {
                    let name = &self.names[v];
                    let column = data.names().iter().position(|n| n == name).unwrap_or_default();
                    format!("{name} = {}", data.columns()[column][row])
                });
                let at: Vec<String> = used.collect();
                Err(Error::model(format!(
                    "row {}: the formula `{}` has no finite value at {}",
                    data.row_number(row),
                    self.formula(),
                    at.join(", ")
                )))
            }
        }
    }

    /// Values for every row, NaN or infinite where the formula has no finite one: for curves with gaps.
    ///
    /// ```
    /// use closedform::{Dataset, Equation, Variable, expr::parse, model::Scores};
    /// let names = vec!["t".to_string()];
    /// let law = Equation::new(parse("ln(t)", &names)?, names, Scores::default())?;
    /// let data = Dataset::from_columns(vec![Variable::new("t")], vec![vec![1.0, -1.0]])?;
    /// assert!(law.evaluate(&data)?[1].is_nan());
    /// assert!(law.predict(&data).unwrap_err().to_string().contains("row 2"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// Naming the column that the data lack.
    pub fn evaluate(&self, data: &Dataset) -> Result<Vec<f64>, Error> {
        let columns = data.columns();
        let have = data.names();
        let mut inputs: Vec<&[f64]> = vec![&[]; self.names.len()];
        for v in self.expr.variables() {
            let name = self.names[v].as_str();
            let Some(i) = have.iter().position(|n| *n == name) else {
                return Err(Error::model(format!(
                    "the formula reads the column `{name}`; the data have the columns {}",
                    have.join(", ")
                )));
            };
            inputs[v] = columns[i];
        }
        let mut out = vec![0.0; data.rows()];
        Tape::compile(&self.expr).run(
            self.expr.parameters(),
            &inputs,
            0..data.rows(),
            &mut Workspace::new(),
            |start, block| out[start..start + block.len()].copy_from_slice(block),
        );
        Ok(out)
    }
}

/// The names of variables, as [`Equation::new`] wants them.
pub(super) fn names_of(variables: &[Variable]) -> Arc<[String]> {
    variables.iter().map(|v| v.name.clone()).collect()
}
