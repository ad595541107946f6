//! The steps of a plan, and what each computes of plain numbers.

use crate::expr::Op;

/// What one instruction computes, element by element.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in crate::expr) enum Kernel {
    /// A function of one or two arguments.
    Op(Op),
    /// `a * b + c`, each rounded: fused with what follows only to save a pass over memory.
    MulAdd,
    /// `a * b - c`.
    MulSub,
    /// `c - a * b`.
    SubMul,
    /// `a * b + c * d`.
    TwoProducts,
    /// Sine of `a`, and into a second place its cosine.
    SinCos,
    /// `t * d` of a tangent and a derivative, in which an exact zero of the tangent wins over an infinity: a
    /// direction that plays no part stays zero.
    Chain,
    /// The first derivative of a function from its argument and its value.
    Derivative(Op),
    /// From `f = x^p`, `p` and `x`: the derivative `p x^(p-1)`.
    PowerByBase,
    /// From `f = x^p` and `ln x`: the derivative `f ln x`, 0 where `x` and `f` are.
    PowerByExponent,
    /// The tangent `t_a` where `max(a, b)` is `a`, else `t_b`; arguments `a, b, t_a, t_b`.
    IfMax,
    /// The same for `min(a, b)`.
    IfMin,
}

impl Kernel {
    /// Number of arguments.
    pub(in crate::expr) const fn arity(self) -> usize {
        match self {
            Kernel::Op(op) => op.arity(),
            Kernel::SinCos => 1,
            Kernel::Chain | Kernel::Derivative(_) | Kernel::PowerByExponent => 2,
            Kernel::MulAdd | Kernel::MulSub | Kernel::SubMul | Kernel::PowerByBase => 3,
            Kernel::TwoProducts | Kernel::IfMax | Kernel::IfMin => 4,
        }
    }

    /// The result for one element.
    pub(super) fn scalar(self, [a, b, c, d]: [f64; 4]) -> f64 {
        match self {
            Kernel::Op(op) if op.arity() == 1 => op.value(a),
            Kernel::Op(op) => op.value2(a, b),
            Kernel::MulAdd => a * b + c,
            Kernel::MulSub => a * b - c,
            Kernel::SubMul => c - a * b,
            Kernel::TwoProducts => a * b + c * d,
            Kernel::SinCos => a.sin(),
            Kernel::Chain => chain(a, b),
            Kernel::Derivative(op) => op.derivatives(a, b).0,
            Kernel::PowerByBase => power_by_base(a, b, c),
            Kernel::PowerByExponent => power_by_exponent(a, b),
            Kernel::IfMax => if_max(a, b, c, d),
            Kernel::IfMin => if_min(a, b, c, d),
        }
    }
}

#[inline(always)]
pub(super) fn chain(t: f64, d: f64) -> f64 {
    if t == 0.0 { 0.0 } else { t * d }
}

/// `f p / x` is `p x^(p-1)` for every `x` but 0.
#[inline(always)]
pub(super) fn power_by_base(f: f64, p: f64, x: f64) -> f64 {
    let at_zero = if p > 1.0 {
        0.0
    } else if p == 1.0 {
        1.0
    } else {
        p * f64::INFINITY
    };
    let d = if x == 0.0 { at_zero } else { f * p / x };
    if p == 0.0 { 0.0 } else { d }
}

#[inline(always)]
pub(super) fn power_by_exponent(f: f64, ln_x: f64) -> f64 {
    if f == 0.0 && ln_x == f64::NEG_INFINITY { 0.0 } else { f * ln_x }
}

#[inline(always)]
pub(super) fn if_max(a: f64, b: f64, ta: f64, tb: f64) -> f64 {
    if a > b || a.is_nan() { ta } else { tb }
}

#[inline(always)]
pub(super) fn if_min(a: f64, b: f64, ta: f64, tb: f64) -> f64 {
    if a < b || a.is_nan() { ta } else { tb }
}
