//! Sets of primitives by name.

use crate::error::Error;
use crate::expr::{Definition, Node, Op, Primitive};
use std::borrow::Cow;

/// Which primitives a search may use.
///
/// ```
/// use closedform::PrimitiveSet;
/// let set = PrimitiveSet::parse("add, exp, hill = x^a/(b^a + x^a)")?;
/// assert_eq!(set.names(), ["add", "exp", "hill"]);
/// assert_eq!(PrimitiveSet::SEED.names().len(), 7);
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PrimitiveSet {
    names: Cow<'static, [Cow<'static, str>]>,
    custom: Vec<Primitive>,
}

const fn borrowed(name: &'static str) -> Cow<'static, str> {
    Cow::Borrowed(name)
}

const SEED_NAMES: &[Cow<'static, str>] = &[
    borrowed("none"),
    borrowed("add"),
    borrowed("subtract"),
    borrowed("mult"),
    borrowed("exp"),
    borrowed("logistic"),
    borrowed("relu"),
];

const SCIENCE_NAMES: &[Cow<'static, str>] = &[
    borrowed("none"),
    borrowed("add"),
    borrowed("subtract"),
    borrowed("mult"),
    borrowed("linear"),
    borrowed("linear_exp"),
    borrowed("ln"),
    borrowed("sqrt"),
    borrowed("square"),
    borrowed("cube"),
    borrowed("reciprocal"),
    borrowed("power"),
    borrowed("linear_sin"),
    borrowed("linear_cos"),
    borrowed("linear_tanh"),
    borrowed("linear_logistic"),
    borrowed("abs"),
    borrowed("asin"),
    borrowed("acos"),
    borrowed("atan"),
];

const AUTORA_NAMES: &[Cow<'static, str>] = &[
    borrowed("none"),
    borrowed("add"),
    borrowed("subtract"),
    borrowed("linear"),
    borrowed("linear_logistic"),
    borrowed("mult"),
    borrowed("linear_relu"),
];

impl PrimitiveSet {
    /// The seven primitives of AutoRA's tutorial: none, add, subtract, mult, exp, logistic, relu.
    ///
    /// ```
    /// use closedform::PrimitiveSet;
    /// assert_eq!(PrimitiveSet::SEED.names(), ["none", "add", "subtract", "mult", "exp", "logistic", "relu"]);
    /// ```
    pub const SEED: Self = Self { names: Cow::Borrowed(SEED_NAMES), custom: Vec::new() };

    /// What scientists expect: arithmetic, powers, exp, ln, trigonometric and sigmoid functions.
    ///
    /// ```
    /// use closedform::PrimitiveSet;
    /// assert!(["power", "linear_exp", "ln"].iter().all(|name| PrimitiveSet::SCIENCE.names().contains(name)));
    /// ```
    pub const SCIENCE: Self = Self { names: Cow::Borrowed(SCIENCE_NAMES), custom: Vec::new() };

    /// The default list of AutoRA's `DARTSRegressor`.
    ///
    /// ```
    /// use closedform::PrimitiveSet;
    /// assert_eq!(PrimitiveSet::AUTORA.names().last(), Some(&"linear_relu"));
    /// ```
    pub const AUTORA: Self = Self { names: Cow::Borrowed(AUTORA_NAMES), custom: Vec::new() };

    /// Reads `seed`, `science`, `autora`, or a comma-separated list of names from the table and of own primitives
    /// `name = formula` (see [`Primitive::from_formula`]).
    ///
    /// ```
    /// use closedform::PrimitiveSet;
    /// assert_eq!(PrimitiveSet::parse("seed")?, PrimitiveSet::SEED);
    /// assert_eq!(PrimitiveSet::parse("add, twice = 2*x")?.names(), ["add", "twice"]);
    /// assert!(PrimitiveSet::parse("add, add").is_err());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If a name is unknown, repeated, or a formula does not parse.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text.trim() {
            "seed" => return Ok(Self::SEED),
            "science" => return Ok(Self::SCIENCE),
            "autora" => return Ok(Self::AUTORA),
            _ => {}
        }
        let mut set = Self { names: Cow::Borrowed(&[]), custom: Vec::new() };
        for item in split_outside_parentheses(text) {
            let item = item.trim();
            if item.is_empty() {
                return Err(Error::options(format!(
                    "primitives `{text}`: a name is missing between two commas"
                )));
            }
            set = match item.split_once('=') {
                Some((name, formula)) => set.with(Primitive::from_formula(name.trim(), formula.trim())?)?,
                None => match Primitive::named(item) {
                    Some(_) => set.add_name(item)?,
                    None => {
                        let known: Vec<&str> = Primitive::table().iter().map(|p| p.name.as_str()).collect();
                        return Err(Error::options(format!(
                            "unknown primitive `{item}`; use seed, science, autora, `name = formula`, or names among: {}",
                            known.join(" ")
                        )));
                    }
                },
            };
        }
        Ok(set)
    }

    fn add_name(mut self, name: &str) -> Result<Self, Error> {
        if self.names.iter().any(|n| n == name) {
            return Err(Error::options(format!("the primitive `{name}` is listed twice")));
        }
        self.names.to_mut().push(Cow::Owned(name.to_string()));
        Ok(self)
    }

    /// Adds a primitive of one's own.
    ///
    /// ```
    /// use closedform::{PrimitiveSet, expr::Primitive};
    /// let hill = Primitive::from_formula("hill", "x^a/(b^a + x^a)")?;
    /// let set = PrimitiveSet::SEED.with(hill)?;
    /// assert!(set.names().contains(&"hill"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the name is taken.
    pub fn with(mut self, primitive: Primitive) -> Result<Self, Error> {
        if Primitive::named(&primitive.name).is_some() {
            return Err(Error::options(format!("`{}` is the name of a built-in primitive", primitive.name)));
        }
        self = self.add_name(&primitive.name)?;
        self.custom.push(primitive);
        Ok(self)
    }

    /// The names, in order.
    ///
    /// ```
    /// use closedform::PrimitiveSet;
    /// assert_eq!(PrimitiveSet::parse("mult,exp")?.names(), ["mult", "exp"]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn names(&self) -> Vec<&str> {
        self.names.iter().map(AsRef::as_ref).collect()
    }

    /// The set as text that [`PrimitiveSet::parse`] reads back.
    ///
    /// ```
    /// use closedform::PrimitiveSet;
    /// let set = PrimitiveSet::parse("exp,twice=2*x")?;
    /// assert_eq!(set.to_text(), "exp, twice = 2*x");
    /// assert_eq!(PrimitiveSet::parse(&set.to_text())?, set);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn to_text(&self) -> String {
        let item = |p: &&Primitive| match &p.definition {
            Definition::Formula(f) if Primitive::named(&p.name).is_none() => format!("{} = {f}", p.name),
            _ => p.name.clone(),
        };
        self.primitives().iter().map(item).collect::<Vec<String>>().join(", ")
    }

    /// The primitives, in order.
    ///
    /// ```
    /// use closedform::PrimitiveSet;
    /// let set = PrimitiveSet::parse("exp,linear")?;
    /// assert_eq!(set.primitives().iter().map(|p| p.constants()).sum::<usize>(), 2);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn primitives(&self) -> Vec<&Primitive> {
        self.names
            .iter()
            .map(|n| {
                Primitive::named(n)
                    .or_else(|| self.custom.iter().find(|p| p.name == *n))
                    .expect("names are checked when they are added")
            })
            .collect()
    }

    /// Whether some primitive of the set uses a function. Sums, differences, products and (where the set has
    /// `power`, `divide` or a reciprocal) quotients and powers follow from how nodes combine.
    pub(crate) fn uses(&self, op: Op) -> bool {
        let has = |op: Op| {
            self.primitives().iter().any(|p| {
                p.template().nodes().iter().any(|n| match n {
                    Node::Unary(o, _) | Node::Binary(o, _, _) => *o == op,
                    _ => false,
                })
            })
        };
        match op {
            Op::Add | Op::Sub | Op::Mul | Op::Neg => true,
            Op::Div | Op::Reciprocal => has(Op::Div) || has(Op::Reciprocal) || has(Op::Pow),
            Op::Square | Op::Cube => true,
            _ => has(op),
        }
    }
}

fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut depth = 0i32;
    let mut from = 0;
    for (i, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth <= 0 => {
                parts.push(&text[from..i]);
                from = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}
