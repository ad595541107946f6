//! One row per function: its name, domain, complexity and spelling in every export.
//!
//! Numbers (value, derivatives) stand beside each other in [`Op`]; everything else that is known of a function
//! stands here, so that a new one is one variant of [`Op`] and one row.

use super::spelling::{Form, Spelling, atom, negative, power, product, sum};
use super::{Domain, Op};

/// All that is known of a function beside its numbers.
pub(super) struct Function {
    pub(super) op: Op,
    pub(super) name: &'static str,
    pub(super) domain: Domain,
    pub(super) complexity: u32,
    pub(super) summary: &'static str,
    pub(super) spelling: Spelling,
}

const fn row(
    op: Op,
    name: &'static str,
    domain: Domain,
    complexity: u32,
    summary: &'static str,
    forms: [Form; 7],
) -> Function {
    Function { op, name, domain, complexity, summary, spelling: Spelling::new(forms) }
}

/// A function that every language has under a name of its own: `name($0)`.
macro_rules! named {
    ($infix:literal, $latex:literal, $sympy:literal, $python:literal, $rust:literal, $c:literal, $exmex:literal) => {
        [
            atom(concat!($infix, "($0)")),
            power(concat!($latex, r"\left($0\right)")),
            atom(concat!($sympy, "($0)")),
            atom(concat!("np.", $python, "($0)")),
            atom(concat!("f64::", $rust, "($0)")),
            atom(concat!($c, "($0)")),
            power(concat!($exmex, "($0)")),
        ]
    };
}

/// The functions, in the order of [`Op`]. Spellings: infix, LaTeX, SymPy, Python, Rust, C, exmex.
#[rustfmt::skip]
pub(super) static FUNCTIONS: [Function; 28] = [
    row(Op::Neg, "neg", Domain::Real, 1, "-x", [
        negative("-$0:p"), negative("-$0:p"), negative("-$0:p"), negative("-$0:p"), negative("-$0:p"),
        negative("-$0:p"), negative("-$0:a"),
    ]),
    row(Op::Exp, "exp", Domain::Real, 1, "e^x", [
        atom("exp($0)"), power("e^{$0}"), atom("exp($0)"), atom("np.exp($0)"), atom("f64::exp($0)"),
        atom("exp($0)"), power("exp($0)"),
    ]),
    row(Op::Ln, "ln", Domain::Positive, 1, "natural logarithm",
        named!("ln", r"\ln", "log", "log", "ln", "log", "ln")),
    row(Op::Sqrt, "sqrt", Domain::NonNegative, 1, "square root", [
        atom("sqrt($0)"), atom(r"\sqrt{$0}"), atom("sqrt($0)"), atom("np.sqrt($0)"), atom("f64::sqrt($0)"),
        atom("sqrt($0)"), power("sqrt($0)"),
    ]),
    row(Op::Square, "square", Domain::Real, 2, "x^2", [
        power("$0:a^2"), power("$0:a^{2}"), power("$0:a**2"), power("$0:a**2"), product("$0:w*$0:w"),
        product("$0:w*$0:w"), power("$0:a^2"),
    ]),
    row(Op::Cube, "cube", Domain::Real, 2, "x^3", [
        power("$0:a^3"), power("$0:a^{3}"), power("$0:a**3"), power("$0:a**3"), product("$0:w*$0:w*$0:w"),
        product("$0:w*$0:w*$0:w"), power("$0:a^3"),
    ]),
    row(Op::Reciprocal, "reciprocal", Domain::NonZero, 2, "1/x", [
        product("1/$0:w"), power(r"\frac{1}{$0}"), product("1/$0:w"), product("1.0/$0:w"),
        product("1.0/$0:w"), product("1.0/$0:w"), power("1/$0:a"),
    ]),
    row(Op::Sin, "sin", Domain::Real, 1, "sine, radians",
        named!("sin", r"\sin", "sin", "sin", "sin", "sin", "sin")),
    row(Op::Cos, "cos", Domain::Real, 1, "cosine, radians",
        named!("cos", r"\cos", "cos", "cos", "cos", "cos", "cos")),
    row(Op::Tan, "tan", Domain::Real, 1, "tangent, radians",
        named!("tan", r"\tan", "tan", "tan", "tan", "tan", "tan")),
    row(Op::Asin, "asin", Domain::UnitInterval, 1, "inverse sine",
        named!("asin", r"\arcsin", "asin", "arcsin", "asin", "asin", "asin")),
    row(Op::Acos, "acos", Domain::UnitInterval, 1, "inverse cosine",
        named!("acos", r"\arccos", "acos", "arccos", "acos", "acos", "acos")),
    row(Op::Atan, "atan", Domain::Real, 1, "inverse tangent",
        named!("atan", r"\arctan", "atan", "arctan", "atan", "atan", "atan")),
    row(Op::Sinh, "sinh", Domain::Real, 1, "hyperbolic sine",
        named!("sinh", r"\sinh", "sinh", "sinh", "sinh", "sinh", "sinh")),
    row(Op::Cosh, "cosh", Domain::Real, 1, "hyperbolic cosine",
        named!("cosh", r"\cosh", "cosh", "cosh", "cosh", "cosh", "cosh")),
    row(Op::Tanh, "tanh", Domain::Real, 1, "hyperbolic tangent",
        named!("tanh", r"\tanh", "tanh", "tanh", "tanh", "tanh", "tanh")),
    row(Op::Abs, "abs", Domain::Real, 1, "|x|", [
        atom("abs($0)"), atom(r"\left|$0\right|"), atom("Abs($0)"), atom("np.abs($0)"), atom("f64::abs($0)"),
        atom("fabs($0)"), power("abs($0)"),
    ]),
    // exmex's signum is 1 at 0; the bracket makes it 0 there.
    row(Op::Sign, "sign", Domain::Real, 1, "-1, 0 or 1", [
        atom("sign($0)"), power(r"\operatorname{sign}\left($0\right)"), atom("sign($0)"),
        atom("np.sign($0)"), atom("(if $0:s > 0.0 { 1.0 } else if $0:s < 0.0 { -1.0 } else { $0 })"),
        atom("($0:s > 0.0 ? 1.0 : $0:s < 0.0 ? -1.0 : $0:s)"),
        power("(signum($0))*(1 - (0^(abs($0))))"),
    ]),
    row(Op::Logistic, "logistic", Domain::Real, 2, "1/(1 + e^-x)", [
        atom("logistic($0)"), power(r"\frac{1}{1 + e^{-$0:p}}"), product("1/(1 + exp(-$0:p))"),
        product("1.0/(1.0 + np.exp(-$0:p))"), product("1.0/(1.0 + f64::exp(-$0:p))"),
        product("1.0/(1.0 + exp(-$0:p))"), power("1/(1 + (exp(-$0:a)))"),
    ]),
    row(Op::Relu, "relu", Domain::Real, 2, "max(0, x)", [
        atom("relu($0)"), power(r"\max\left(0, $0\right)"), atom("Max(0, $0)"), atom("np.maximum($0, 0.0)"),
        atom("(if $0:s < 0.0 { 0.0 } else { $0 })"), atom("($0:s < 0.0 ? 0.0 : $0:s)"),
        power("0.5*($0:a + (abs($0)))"),
    ]),
    // SymPy and exmex have no log1p: below x = -9 this form loses digits in floating point, above 709 it
    // overflows. The mathematical value is the same.
    row(Op::Softplus, "ln1pexp", Domain::Real, 2, "ln(1 + e^x)", [
        atom("ln1pexp($0)"), power(r"\ln\left(1 + e^{$0}\right)"), atom("log(1 + exp($0))"),
        atom("np.logaddexp(0.0, $0)"), sum("f64::max($0, 0.0) + f64::ln_1p(f64::exp(-f64::abs($0)))"),
        sum("fmax($0, 0.0) + log1p(exp(-fabs($0)))"), power("ln(1 + (exp($0)))"),
    ]),
    row(Op::Add, "plus", Domain::Real, 1, "x + y", [
        sum("$0:s + $1:s"), sum("$0:s + $1:s"), sum("$0:s + $1:p"), sum("$0:s + $1:p"), sum("$0:s + $1:p"),
        sum("$0:s + $1:p"), power("$0:a + $1:a"),
    ]),
    row(Op::Sub, "minus", Domain::Real, 1, "x - y", [
        sum("$0:s - $1:p"), sum("$0:s - $1:p"), sum("$0:s - $1:p"), sum("$0:s - $1:p"), sum("$0:s - $1:p"),
        sum("$0:s - $1:p"), power("$0:a - $1:a"),
    ]),
    row(Op::Mul, "times", Domain::Real, 1, "x * y", [
        product("$0:p*$1:p"), product(r"$0:p $1:p"), product("$0:p*$1:w"), product("$0:p*$1:w"),
        product("$0:p*$1:w"), product("$0:p*$1:w"), power("$0:a*$1:a"),
    ]),
    row(Op::Div, "divide", Domain::NonZero, 1, "x / y", [
        product("$0:p/$1:w"), power(r"\frac{$0}{$1}"), product("$0:p/$1:w"), product("$0:p/$1:w"),
        product("$0:p/$1:w"), product("$0:p/$1:w"), power("$0:a/$1:a"),
    ]),
    row(Op::Pow, "pow", Domain::Power, 1, "x^y", [
        power("$0:a^$1:a"), power("$0:a^{$1}"), power("$0:a**$1:a"), atom("np.power($0, $1)"),
        atom("f64::powf($0, $1)"), atom("pow($0, $1)"), power("$0:a^$1:a"),
    ]),
    // Rust, C: NaN of either argument stays NaN. exmex drops it, as `f64::max` does.
    row(Op::Max, "max", Domain::Real, 1, "larger of x and y", [
        atom("max($0, $1)"), power(r"\max\left($0, $1\right)"), atom("Max($0, $1)"),
        atom("np.maximum($0, $1)"), atom("(if $0:s > $1:s || f64::is_nan($0) { $0 } else { $1 })"),
        atom("($0:s > $1:s || isnan($0) ? $0:s : $1:s)"), power("$0:a max $1:a"),
    ]),
    row(Op::Min, "min", Domain::Real, 1, "smaller of x and y", [
        atom("min($0, $1)"), power(r"\min\left($0, $1\right)"), atom("Min($0, $1)"),
        atom("np.minimum($0, $1)"), atom("(if $0:s < $1:s || f64::is_nan($0) { $0 } else { $1 })"),
        atom("($0:s < $1:s || isnan($0) ? $0:s : $1:s)"), power("$0:a min $1:a"),
    ]),
];
