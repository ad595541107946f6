//! The table of primitives: one row holds all that is known of each.
//!
//! A primitive is either a *function* (an [`Op`], no constants) or a *formula* over functions with trainable
//! constants `a`, `b` of its own, such as `linear_exp` = `exp(a*x + b)`. Derivatives of formulas follow from
//! those of the functions, so a user's own primitive is a formula string and nothing else.
//!
//! The 25 names of AutoRA's `DARTSRegressor` are all here and mean the same functions; where AutoRA guards a
//! function (`ln` adds 1e-10 and is 0 for negative input), this table keeps the mathematical one.

use super::functions::FUNCTIONS;
use super::{Expr, Op, Spelling, parse_template};
use crate::error::Error;

/// What a primitive computes.
///
/// ```
/// use closedform::expr::{Definition, Op, Primitive};
/// assert_eq!(Primitive::named("exp").unwrap().definition, Definition::Function(Op::Exp));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Definition {
    /// A function of one or two arguments.
    Function(Op),
    /// A formula in `x` (and `y`, where it takes two arguments) with trainable constants `a`, `b`, ....
    Formula(String),
}

/// Where a function of one argument is real and finite.
///
/// ```
/// use closedform::expr::{Domain, Primitive};
/// assert_eq!(Primitive::named("ln").unwrap().domain, Domain::Positive);
/// assert!(Domain::NonZero.contains(1.0, 2.0) && !Domain::NonZero.contains(-1.0, 2.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Domain {
    /// Every real number.
    Real,
    /// `x > 0`.
    Positive,
    /// `x >= 0`.
    NonNegative,
    /// `x != 0` (the second argument, where there are two).
    NonZero,
    /// `-1 <= x <= 1`.
    UnitInterval,
    /// Positive base, or integer exponent.
    Power,
}

impl Domain {
    /// Whether a function with this domain is defined everywhere on `low..=high`.
    ///
    /// ```
    /// use closedform::expr::Domain;
    /// assert!(Domain::NonNegative.contains(0.0, 5.0) && !Domain::Positive.contains(0.0, 5.0));
    /// assert!(!Domain::UnitInterval.contains(0.0, 1.5));
    /// ```
    pub fn contains(self, low: f64, high: f64) -> bool {
        match self {
            Domain::Real => true,
            Domain::Positive | Domain::Power => low > 0.0,
            Domain::NonNegative => low >= 0.0,
            Domain::NonZero => low > 0.0 || high < 0.0,
            Domain::UnitInterval => low >= -1.0 && high <= 1.0,
        }
    }
}

/// A row of the table.
///
/// ```
/// use closedform::expr::{Op, Primitive};
/// let linear = Primitive::named("linear").unwrap();
/// assert_eq!((linear.arity, linear.constants()), (1, 2));
/// assert_eq!(linear.template().parameters().len(), 2);
/// assert_eq!(Primitive::of(Op::Exp).spelling().unwrap().python.text, "np.exp($0)");
/// assert!(Primitive::table().len() > 40);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Primitive {
    /// Name on the command line, in JSON and in the rewrite language.
    pub name: String,
    /// Number of inputs, 0 (`none` with its constant value), 1 or 2.
    pub arity: usize,
    /// What it computes.
    pub definition: Definition,
    /// Where it is defined.
    pub domain: Domain,
    /// What it adds to the complexity of a formula.
    pub complexity: u32,
    /// One line for people.
    pub summary: String,
    template: Expr,
}

impl Primitive {
    /// A primitive from a formula in `x` (and `y`); other single letters are trainable constants, started at 1.
    ///
    /// ```
    /// use closedform::expr::Primitive;
    /// let hill = Primitive::from_formula("hill", "x^a / (b^a + x^a)")?;
    /// assert_eq!((hill.arity, hill.constants()), (1, 2));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the formula does not parse.
    pub fn from_formula(name: &str, formula: &str) -> Result<Self, Error> {
        let template = parse_template(formula)?;
        let arity = template.variables().last().map_or(0, |v| v + 1);
        let complexity = super::complexity(&template).saturating_sub(arity as u32).max(1);
        Ok(Self {
            name: name.to_string(),
            arity,
            definition: Definition::Formula(formula.to_string()),
            domain: Domain::Real,
            complexity,
            summary: formula.to_string(),
            template,
        })
    }

    /// The primitive of that name in the table.
    ///
    /// ```
    /// use closedform::expr::Primitive;
    /// assert_eq!(Primitive::named("linear").unwrap().summary, "a*x + b");
    /// assert!(Primitive::named("lineal").is_none());
    /// ```
    pub fn named(name: &str) -> Option<&'static Primitive> {
        Self::table().iter().find(|p| p.name == name)
    }

    /// Every built-in primitive.
    ///
    /// ```
    /// use closedform::expr::Primitive;
    /// assert!(Primitive::table().iter().any(|p| p.name == "logistic"));
    /// ```
    pub fn table() -> &'static [Primitive] {
        static TABLE: std::sync::LazyLock<Vec<Primitive>> = std::sync::LazyLock::new(build);
        &TABLE
    }

    /// The row of a function.
    ///
    /// ```
    /// use closedform::expr::{Op, Primitive};
    /// assert_eq!(Primitive::of(Op::Ln).name, "ln");
    /// ```
    pub fn of(op: Op) -> &'static Primitive {
        static INDEX: std::sync::LazyLock<Vec<&'static Primitive>> = std::sync::LazyLock::new(|| {
            Op::ALL
                .iter()
                .map(|op| {
                    let row = Primitive::table().iter().find(|p| p.definition == Definition::Function(*op));
                    row.expect("every function has a row; the conformance test walks them")
                })
                .collect()
        });
        INDEX[op as usize]
    }

    /// The name of a function, without building the table (whose formulas need it to be parsed).
    pub(crate) fn name_of(op: Op) -> &'static str {
        FUNCTIONS[op as usize].name
    }

    /// The complexity of a function, without building the table.
    pub(crate) fn complexity_of(op: Op) -> u32 {
        FUNCTIONS[op as usize].complexity
    }

    /// How a function is written in every export, without building the table.
    pub(crate) fn spelling_of(op: Op) -> &'static Spelling {
        &FUNCTIONS[op as usize].spelling
    }

    /// How it is written in every export; `None` for a formula, which is written by the functions in it.
    ///
    /// ```
    /// use closedform::expr::{Op, Primitive};
    /// assert_eq!(Primitive::of(Op::Ln).spelling().unwrap().python.text, "np.log($0)");
    /// assert!(Primitive::named("linear").unwrap().spelling().is_none());
    /// ```
    pub fn spelling(&self) -> Option<&'static Spelling> {
        match self.definition {
            Definition::Function(op) => Some(Self::spelling_of(op)),
            Definition::Formula(_) => None,
        }
    }

    /// Number of trainable constants that it owns.
    ///
    /// ```
    /// use closedform::expr::Primitive;
    /// assert_eq!(["exp", "mult", "linear"].map(|name| Primitive::named(name).unwrap().constants()), [0, 1, 2]);
    /// ```
    pub fn constants(&self) -> usize {
        self.template.parameters().len()
    }

    /// The primitive as an expression: variables 0 and 1 are its inputs, parameters its trainable constants.
    ///
    /// ```
    /// use closedform::expr::Primitive;
    /// let quadratic = Primitive::named("quadratic").unwrap().template().with_parameters(&[2.0, 3.0]);
    /// assert_eq!(quadratic.evaluate_row(&[10.0]), 320.0); // 2 x + 3 x^2
    /// ```
    pub fn template(&self) -> &Expr {
        &self.template
    }
}

/// Rows of formulas: name, formula, domain.
const FORMULAS: [(&str, &str, Domain); 20] = [
    ("none", "0", Domain::Real),
    ("add", "x", Domain::Real),
    ("subtract", "-x", Domain::Real),
    ("mult", "a*x", Domain::Real),
    ("linear", "a*x + b", Domain::Real),
    ("power", "x^a", Domain::Power),
    ("linear_relu", "relu(a*x + b)", Domain::Real),
    ("linear_logistic", "logistic(a*x + b)", Domain::Real),
    ("linear_exp", "exp(a*x + b)", Domain::Real),
    ("linear_sin", "sin(a*x + b)", Domain::Real),
    ("linear_cos", "cos(a*x + b)", Domain::Real),
    ("linear_tanh", "tanh(a*x + b)", Domain::Real),
    ("linear_ln", "ln(a*x)", Domain::Positive),
    ("linear_reciprocal", "1/(a*x)", Domain::NonZero),
    ("linear_sqrt", "sqrt(a*x + b)", Domain::NonNegative),
    ("softplus", "ln1pexp(a*x)/a", Domain::Real),
    ("softminus", "x - ln1pexp(a*x)/a", Domain::Real),
    ("linear_softplus", "ln1pexp(b*(a*x))/b", Domain::Real),
    ("linear_softminus", "a*x - ln1pexp(b*(a*x))/b", Domain::Real),
    ("quadratic", "a*x + b*x^2", Domain::Real),
];

fn build() -> Vec<Primitive> {
    let functions = FUNCTIONS.iter().map(|row| Primitive {
        name: row.name.to_string(),
        arity: row.op.arity(),
        definition: Definition::Function(row.op),
        domain: row.domain,
        complexity: row.complexity,
        summary: row.summary.to_string(),
        template: if row.op.arity() == 1 {
            Expr::variable(0).apply(row.op)
        } else {
            Expr::apply2(row.op, &Expr::variable(0), &Expr::variable(1))
        },
    });
    let formulas = FORMULAS.iter().map(|&(name, formula, domain)| {
        let row = Primitive::from_formula(name, formula).expect("the built-in formulas parse");
        // `none` drops its input but still is the primitive of an edge.
        Primitive { domain, arity: row.arity.max(1), ..row }
    });
    functions.chain(formulas).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_stand_in_the_order_of_the_enum() {
        for (i, row) in FUNCTIONS.iter().enumerate() {
            assert_eq!(row.op as usize, i);
            assert_eq!(Primitive::of(row.op).definition, Definition::Function(row.op));
        }
    }

    #[test]
    fn names_are_unique() {
        let table = Primitive::table();
        for (i, p) in table.iter().enumerate() {
            assert!(table[..i].iter().all(|q| q.name != p.name), "{}", p.name);
        }
    }
}
