//! [`ParetoFront`]: the equations that no other one beats in both error and complexity.

use super::Equation;
use std::cmp::Ordering;

/// Equations by complexity ascending and mean squared error descending; none is dominated by another.
///
/// What is inserted in what order does not matter: of two equations with the same complexity and error stays the
/// one with fewer fitted constants, then the one whose formula comes first in the alphabet.
///
/// ```
/// use closedform::{Equation, ParetoFront};
/// use closedform::expr::parse;
/// use closedform::model::Scores;
/// let equation = |formula: &str, mse: f64| {
///     let names = vec!["x".to_string()];
///     Equation::new(parse(formula, &names).unwrap(), names, Scores { mse, ..Scores::default() }).unwrap()
/// };
/// let mut front = ParetoFront::new();
/// assert!(front.insert(equation("x", 4.0)));
/// assert!(front.insert(equation("x*x", 1.0)));
/// assert!(!front.insert(equation("sin(x) + x", 2.0))); // longer and worse than x*x
/// assert!(front.insert(equation("exp(x)", 0.5))); // shorter and better: x*x leaves
/// let formulas: Vec<String> = front.iter().map(|e| e.formula()).collect();
/// assert_eq!(formulas, ["x", "exp(x)"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct ParetoFront {
    equations: Vec<Equation>,
    floor: f64,
}

impl ParetoFront {
    /// An empty front.
    ///
    /// ```
    /// use closedform::ParetoFront;
    /// assert_eq!(ParetoFront::new().len(), 0);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty front in which errors below `mse` count as equal: the rounding of exact laws is no progress.
    ///
    /// ```
    /// # use closedform::{Equation, ParetoFront, expr::parse, model::Scores};
    /// # let equation = |formula: &str, mse: f64| {
    /// #     let names = vec!["x".to_string()];
    /// #     Equation::new(parse(formula, &names).unwrap(), names, Scores { mse, ..Scores::default() }).unwrap()
    /// # };
    /// let mut front = ParetoFront::with_floor(1e-28);
    /// assert!(front.insert(equation("x", 1e-29)));
    /// assert!(!front.insert(equation("exp(x)", 1e-33))); // longer, and no better than rounding
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn with_floor(mse: f64) -> Self {
        Self { equations: Vec::new(), floor: mse }
    }

    /// Takes an equation in unless another one is as short and as good; removes those that it beats. True where
    /// it was taken in.
    ///
    /// ```
    /// # use closedform::{Equation, ParetoFront, expr::parse, model::Scores};
    /// # let equation = |formula: &str, mse: f64| {
    /// #     let names = vec!["x".to_string()];
    /// #     Equation::new(parse(formula, &names).unwrap(), names, Scores { mse, ..Scores::default() }).unwrap()
    /// # };
    /// let mut front = ParetoFront::new();
    /// assert!(front.insert(equation("x", 1.0)));
    /// assert!(!front.insert(equation("exp(x)", 2.0))); // longer and worse
    /// assert_eq!(front.len(), 1);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn insert(&mut self, equation: Equation) -> bool {
        let floor = self.floor;
        if self.equations.iter().any(|other| beats(other, &equation, floor)) {
            return false;
        }
        self.equations.retain(|other| !beats(&equation, other, floor));
        let place = self.equations.partition_point(|e| e.complexity() < equation.complexity());
        self.equations.insert(place, equation);
        true
    }

    /// The equations, simplest first.
    ///
    /// ```
    /// # use closedform::{Equation, ParetoFront, expr::parse, model::Scores};
    /// # let equation = |formula: &str, mse: f64| {
    /// #     let names = vec!["x".to_string()];
    /// #     Equation::new(parse(formula, &names).unwrap(), names, Scores { mse, ..Scores::default() }).unwrap()
    /// # };
    /// let front: ParetoFront = [equation("exp(x)", 1.0), equation("x", 2.0)].into_iter().collect();
    /// assert_eq!(front.equations()[0].formula(), "x");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn equations(&self) -> &[Equation] {
        &self.equations
    }

    /// The equations, simplest first.
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// let complexity: Vec<u32> = model.front().iter().map(|e| e.complexity()).collect();
    /// assert!(complexity.is_sorted());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn iter(&self) -> std::slice::Iter<'_, Equation> {
        self.equations.iter()
    }

    /// Number of equations.
    ///
    /// ```
    /// # use closedform::Model;
    /// # let model = Model::load("examples/data/learning_curve.json")?;
    /// assert_eq!(model.front().len(), 3);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn len(&self) -> usize {
        self.equations.len()
    }

    /// True where there is no equation.
    ///
    /// ```
    /// use closedform::ParetoFront;
    /// assert!(ParetoFront::new().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.equations.is_empty()
    }
}

fn error(equation: &Equation, floor: f64) -> f64 {
    equation.scores().mse.max(floor)
}

/// Whether `a` makes `b` superfluous. Of two formulas of one length the shorter description stays, where it is known:
/// `v^1.9998` has a smaller error than `v^2` with a constant more. Of exact ones that with fewer constants stays.
fn beats(a: &Equation, b: &Equation, floor: f64) -> bool {
    let (ea, eb) = (error(a, floor), error(b, floor));
    match a.complexity().cmp(&b.complexity()) {
        Ordering::Less => ea <= eb,
        Ordering::Greater => false,
        Ordering::Equal => {
            let lengths = a.scores().description_length.zip(b.scores().description_length);
            let order = match lengths.filter(|_| ea != eb) {
                Some((a, b)) => a.total_cmp(&b),
                None => ea.total_cmp(&eb),
            };
            order.then_with(|| tie(a, b)) != Ordering::Greater
        }
    }
}

fn tie(a: &Equation, b: &Equation) -> Ordering {
    let key = |e: &Equation| (e.expr().parameters().len(), e.formula_with(super::export::Digits::All));
    key(a).cmp(&key(b))
}

impl PartialEq for ParetoFront {
    fn eq(&self, other: &Self) -> bool {
        self.equations == other.equations
    }
}

impl Extend<Equation> for ParetoFront {
    fn extend<I: IntoIterator<Item = Equation>>(&mut self, equations: I) {
        for e in equations {
            self.insert(e);
        }
    }
}

impl FromIterator<Equation> for ParetoFront {
    fn from_iter<I: IntoIterator<Item = Equation>>(equations: I) -> Self {
        let mut front = Self::new();
        front.extend(equations);
        front
    }
}

impl<'a> IntoIterator for &'a ParetoFront {
    type Item = &'a Equation;
    type IntoIter = std::slice::Iter<'a, Equation>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
