//! How a function is written in each export: the part of a primitive's row that the printers read.

/// How tightly a piece of text binds. An argument that binds less than its place asks for gets brackets.
///
/// ```
/// use closedform::expr::{Level, Op, Primitive};
/// let level = |op| Primitive::of(op).spelling().unwrap().infix.level;
/// assert!(level(Op::Add) == Level::Sum && level(Op::Mul) == Level::Product && Level::Sum < Level::Product);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// `a + b`
    Sum,
    /// `a*b`, `a/b`
    Product,
    /// `-a`
    Negative,
    /// `a^b`, and what else may stand as a factor but not be raised to a power
    Power,
    /// A name, a number, a call, anything in brackets
    Atom,
}

/// A function as text in one language.
///
/// In `text`, `$0` and `$1` are the arguments. A letter after a colon is the least [`Level`] that fits there
/// without brackets: `$0:s` sum, `$0:p` product, `$0:n` negative, `$0:w` power, `$0:a` atom; no letter: anything.
///
/// ```
/// use closedform::expr::{Op, Primitive};
/// let sum = Primitive::of(Op::Add).spelling().unwrap();
/// assert!(sum.infix.text.contains("$0") && sum.infix.text.contains("$1"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// How tightly the result binds.
    pub level: Level,
    /// The template.
    pub text: &'static str,
}

/// The spelling of a function in every export.
///
/// ```
/// use closedform::expr::{Op, Primitive};
/// let abs = Primitive::of(Op::Abs).spelling().unwrap();
/// assert!(abs.sympy.text.starts_with("Abs(") && abs.infix.text.starts_with("abs("));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// For people, and for [`crate::expr::parse`].
    pub infix: Form,
    /// LaTeX, math mode.
    pub latex: Form,
    /// SymPy.
    pub sympy: Form,
    /// Python with NumPy as `np`.
    pub python: Form,
    /// Rust, standard library only.
    pub rust: Form,
    /// C with `math.h`.
    pub c: Form,
    /// exmex, every operand in brackets.
    pub exmex: Form,
}

impl Spelling {
    /// `infix`, `latex`, `sympy`, `python`, `rust`, `c`, `exmex`, in this order.
    pub(super) const fn new(forms: [Form; 7]) -> Self {
        let [infix, latex, sympy, python, rust, c, exmex] = forms;
        Self { infix, latex, sympy, python, rust, c, exmex }
    }
}

pub(super) const fn sum(text: &'static str) -> Form {
    Form { level: Level::Sum, text }
}

pub(super) const fn product(text: &'static str) -> Form {
    Form { level: Level::Product, text }
}

pub(super) const fn negative(text: &'static str) -> Form {
    Form { level: Level::Negative, text }
}

pub(super) const fn power(text: &'static str) -> Form {
    Form { level: Level::Power, text }
}

pub(super) const fn atom(text: &'static str) -> Form {
    Form { level: Level::Atom, text }
}
