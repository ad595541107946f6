//! The functions an expression is built from: their values and first two derivatives.
//!
//! An [`Op`] is a fixed mathematical function of one or two arguments without trainable constants. All that is
//! known of it beside its numbers (name, spelling in every export, domain, complexity) stands in its row of the
//! table in [`crate::expr::primitive`].
//!
//! No function is "protected": outside of its domain an `Op` gives NaN or an infinity, as IEEE 754 and SymPy do,
//! and the caller decides what that means.

use serde::{Deserialize, Serialize};

/// A function of one or two real arguments.
///
/// ```
/// use closedform::expr::Op;
/// assert_eq!(Op::Square.value(3.0), 9.0);
/// assert_eq!(Op::Sub.value2(3.0, 1.0), 2.0);
/// assert_eq!(Op::Exp.derivatives(0.0, 1.0), (1.0, 1.0));
/// assert!(Op::Add.is_commutative() && Op::Pow.arity() == 2);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[allow(missing_docs)] // the table of primitives documents each
pub enum Op {
    Neg,
    Exp,
    Ln,
    Sqrt,
    Square,
    Cube,
    Reciprocal,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Abs,
    Sign,
    Logistic,
    Relu,
    Softplus,
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Max,
    Min,
}

impl Op {
    /// Every function, one-argument ones first, in a fixed order.
    ///
    /// ```
    /// use closedform::expr::Op;
    /// assert_eq!(Op::ALL.iter().filter(|op| op.arity() == 2).count(), 7);
    /// assert!(Op::ALL.is_sorted_by_key(|op| op.arity()));
    /// ```
    pub const ALL: [Op; 28] = [
        Op::Neg,
        Op::Exp,
        Op::Ln,
        Op::Sqrt,
        Op::Square,
        Op::Cube,
        Op::Reciprocal,
        Op::Sin,
        Op::Cos,
        Op::Tan,
        Op::Asin,
        Op::Acos,
        Op::Atan,
        Op::Sinh,
        Op::Cosh,
        Op::Tanh,
        Op::Abs,
        Op::Sign,
        Op::Logistic,
        Op::Relu,
        Op::Softplus,
        Op::Add,
        Op::Sub,
        Op::Mul,
        Op::Div,
        Op::Pow,
        Op::Max,
        Op::Min,
    ];

    /// Number of arguments, 1 or 2.
    ///
    /// ```
    /// use closedform::expr::Op;
    /// assert_eq!((Op::Exp.arity(), Op::Pow.arity()), (1, 2));
    /// ```
    pub const fn arity(self) -> usize {
        match self {
            Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Pow | Op::Max | Op::Min => 2,
            _ => 1,
        }
    }

    /// True where `f(a, b) = f(b, a)`.
    ///
    /// ```
    /// use closedform::expr::Op;
    /// assert!(Op::Mul.is_commutative() && !Op::Div.is_commutative());
    /// ```
    pub const fn is_commutative(self) -> bool {
        matches!(self, Op::Add | Op::Mul | Op::Max | Op::Min)
    }

    /// Value of a one-argument function.
    ///
    /// ```
    /// use closedform::expr::Op;
    /// assert_eq!(Op::Reciprocal.value(4.0), 0.25);
    /// assert!(Op::Ln.value(-1.0).is_nan()); // outside of its domain
    /// ```
    ///
    /// # Panics
    /// If the function takes two arguments.
    #[inline]
    pub fn value(self, x: f64) -> f64 {
        match self {
            Op::Neg => -x,
            Op::Exp => x.exp(),
            Op::Ln => x.ln(),
            Op::Sqrt => x.sqrt(),
            Op::Square => x * x,
            Op::Cube => x * x * x,
            Op::Reciprocal => 1.0 / x,
            Op::Sin => x.sin(),
            Op::Cos => x.cos(),
            Op::Tan => x.tan(),
            Op::Asin => x.asin(),
            Op::Acos => x.acos(),
            Op::Atan => x.atan(),
            Op::Sinh => x.sinh(),
            Op::Cosh => x.cosh(),
            Op::Tanh => x.tanh(),
            Op::Abs => x.abs(),
            Op::Sign => sign(x),
            Op::Logistic => logistic(x),
            Op::Relu => relu(x),
            Op::Softplus => softplus(x),
            _ => panic!("{self:?} takes two arguments"),
        }
    }

    /// Value of a two-argument function.
    ///
    /// ```
    /// use closedform::expr::Op;
    /// assert_eq!(Op::Pow.value2(2.0, 10.0), 1024.0);
    /// ```
    ///
    /// # Panics
    /// If the function takes one argument.
    #[inline]
    pub fn value2(self, a: f64, b: f64) -> f64 {
        match self {
            Op::Add => a + b,
            Op::Sub => a - b,
            Op::Mul => a * b,
            Op::Div => a / b,
            Op::Pow => a.powf(b),
            Op::Max => max(a, b),
            Op::Min => min(a, b),
            _ => panic!("{self:?} takes one argument"),
        }
    }

    /// Given `x` and `f = f(x)`: the first and second derivative of a one-argument function.
    ///
    /// Kinks (`abs`, `relu`, `sign` at 0) have derivative 0 there, the middle of the subgradient for `abs` and
    /// the left one for `relu`.
    ///
    /// ```
    /// use closedform::expr::Op;
    /// // x^3 at 2: 3 x^2 = 12 and 6 x = 12.
    /// assert_eq!(Op::Cube.derivatives(2.0, 8.0), (12.0, 12.0));
    /// ```
    #[inline]
    pub fn derivatives(self, x: f64, f: f64) -> (f64, f64) {
        match self {
            Op::Neg => (-1.0, 0.0),
            Op::Exp => (f, f),
            Op::Ln => (1.0 / x, -1.0 / (x * x)),
            Op::Sqrt => (0.5 / f, -0.25 / (f * x)),
            Op::Square => (2.0 * x, 2.0),
            Op::Cube => (3.0 * x * x, 6.0 * x),
            Op::Reciprocal => (-f * f, 2.0 * f * f * f),
            Op::Sin => (x.cos(), -f),
            Op::Cos => (-x.sin(), -f),
            Op::Tan => (1.0 + f * f, 2.0 * f * (1.0 + f * f)),
            Op::Asin => {
                let q = 1.0 - x * x;
                (1.0 / q.sqrt(), x / (q * q.sqrt()))
            }
            Op::Acos => {
                let q = 1.0 - x * x;
                (-1.0 / q.sqrt(), -x / (q * q.sqrt()))
            }
            Op::Atan => {
                let q = 1.0 + x * x;
                (1.0 / q, -2.0 * x / (q * q))
            }
            Op::Sinh => (x.cosh(), f),
            Op::Cosh => (x.sinh(), f),
            Op::Tanh => (1.0 - f * f, -2.0 * f * (1.0 - f * f)),
            Op::Abs => (sign(x), 0.0),
            Op::Sign => (0.0, 0.0),
            Op::Logistic => {
                let d = f * logistic(-x); // 1 - f loses all digits for large x
                (d, d * (1.0 - 2.0 * f))
            }
            Op::Relu => (if x > 0.0 { 1.0 } else { 0.0 }, 0.0),
            Op::Softplus => {
                let s = logistic(x);
                (s, s * logistic(-x))
            }
            _ => panic!("{self:?} takes two arguments"),
        }
    }
}

fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Keeps NaN, unlike `f64::max`.
fn relu(x: f64) -> f64 {
    if x < 0.0 { 0.0 } else { x }
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Keeps NaN of either argument, unlike `f64::max`.
fn max(a: f64, b: f64) -> f64 {
    if a > b || a.is_nan() { a } else { b }
}

/// Keeps NaN of either argument, unlike `f64::min`.
fn min(a: f64, b: f64) -> f64 {
    if a < b || a.is_nan() { a } else { b }
}
