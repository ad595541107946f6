//! Interval arithmetic over the functions of an expression: what the range of the data says of a part.
//!
//! Goes in: the smallest and largest value of every column. Comes out: an interval that holds every value of a
//! part of an expression, and whether that part can be NaN. The rewrite rules ask nothing else before they fire.
//! `+ - * /` and `sqrt` round correctly and so monotonically, which is why their bounds need no widening; the
//! bounds of the other functions are moved outward by two units in the last place.

use crate::expr::Op;
use std::f64::consts::{FRAC_PI_2, PI, TAU};

/// A set of values `low ..= high`; an infinite bound also stands for "not known".
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Interval {
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// No value is NaN. (It may be infinite where a bound is.)
    pub(crate) defined: bool,
}

impl Interval {
    /// Nothing is known.
    pub(crate) const UNKNOWN: Interval =
        Interval { low: f64::NEG_INFINITY, high: f64::INFINITY, defined: false };

    pub(crate) fn new(low: f64, high: f64) -> Self {
        Self { low, high, defined: true }
    }

    /// A single number.
    pub(crate) fn point(value: f64) -> Self {
        if value.is_finite() { Self::new(value, value) } else { Self::UNKNOWN }
    }

    /// A fitted number. Where it happens to be 0 its sign is an accident of the fit, so it counts as unknown.
    pub(crate) fn fitted(value: f64) -> Self {
        if value == 0.0 { Self::new(-f64::MIN_POSITIVE, f64::MIN_POSITIVE) } else { Self::point(value) }
    }

    /// The range of a column.
    pub(crate) fn of_column(column: &[f64]) -> Self {
        let mut range = Self::new(f64::INFINITY, f64::NEG_INFINITY);
        for &v in column {
            if !v.is_finite() {
                return Self::UNKNOWN;
            }
            range.low = range.low.min(v);
            range.high = range.high.max(v);
        }
        if range.low > range.high { Self::UNKNOWN } else { range }
    }

    pub(crate) fn is_finite(self) -> bool {
        self.defined && self.low > f64::NEG_INFINITY && self.high < f64::INFINITY
    }

    pub(crate) fn is_positive(self) -> bool {
        self.low > 0.0
    }

    pub(crate) fn is_nonnegative(self) -> bool {
        self.low >= 0.0
    }

    pub(crate) fn is_nonpositive(self) -> bool {
        self.high <= 0.0
    }

    pub(crate) fn excludes_zero(self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }

    fn may_be_infinite(self) -> bool {
        self.low == f64::NEG_INFINITY || self.high == f64::INFINITY
    }

    /// What two equal parts know together.
    pub(crate) fn intersect(self, other: Self) -> Self {
        let (low, high) = (self.low.max(other.low), self.high.min(other.high));
        let defined = self.defined || other.defined;
        // Rounding may leave two close points without a common value.
        if low > high { Self { defined, ..self } } else { Self { low, high, defined } }
    }

    /// The interval of a function of one argument.
    pub(crate) fn apply(self, op: Op) -> Self {
        let Interval { low, high, defined } = self;
        let increasing = |least: f64, most: f64| Self {
            low: down(op.value(low)).max(least),
            high: up(op.value(high)).min(most),
            defined,
        };
        let inf = f64::INFINITY;
        match op {
            Op::Neg => Self { low: -high, high: -low, defined },
            Op::Exp => increasing(0.0, inf),
            Op::Softplus => increasing(0.0, inf),
            Op::Logistic => increasing(0.0, 1.0),
            Op::Tanh => increasing(-1.0, 1.0),
            Op::Atan => increasing(-2.0, 2.0),
            Op::Sinh | Op::Cube => increasing(-inf, inf),
            Op::Relu => Self { low: low.max(0.0), high: high.max(0.0), defined },
            Op::Sign => Self { low: op.value(low), high: op.value(high), defined },
            Op::Ln => Self {
                low: if low <= 0.0 { -inf } else { down(low.ln()) },
                high: if high <= 0.0 { inf } else { up(high.ln()) },
                defined: defined && low >= 0.0,
            },
            Op::Sqrt => {
                Self { low: low.max(0.0).sqrt(), high: high.max(0.0).sqrt(), defined: defined && low >= 0.0 }
            }
            Op::Square | Op::Abs | Op::Cosh => {
                let (a, b) = (op.value(low), op.value(high));
                let middle = op.value(0.0);
                let least = if low <= 0.0 && high >= 0.0 { middle } else { down(a.min(b)).max(middle) };
                Self { low: least, high: up(a.max(b)), defined }
            }
            Op::Reciprocal => {
                // Of 0 at the upper end the sign, and so that of the infinity, is not known.
                let (low, high) = match (self.excludes_zero(), low == 0.0 && high > 0.0) {
                    (true, _) => (1.0 / high, 1.0 / low),
                    (_, true) => (1.0 / high, inf),
                    _ => (-inf, inf),
                };
                Self { low, high, defined }
            }
            Op::Sin => self.wave(0.0),
            Op::Cos => self.wave(FRAC_PI_2),
            Op::Tan => Self { low: -inf, high: inf, defined: defined && self.is_finite() },
            Op::Asin | Op::Acos => {
                let a = down(op.value(low.clamp(-1.0, 1.0)).min(op.value(high.clamp(-1.0, 1.0))));
                let b = up(op.value(low.clamp(-1.0, 1.0)).max(op.value(high.clamp(-1.0, 1.0))));
                let a = if op == Op::Acos { a.max(0.0) } else { a };
                Self { low: a, high: b, defined: defined && low >= -1.0 && high <= 1.0 }
            }
            _ => Self::UNKNOWN,
        }
    }

    /// Sine of the interval moved by `shift`.
    fn wave(self, shift: f64) -> Self {
        if !self.is_finite() || self.high - self.low >= TAU || self.low.abs().max(self.high.abs()) > 1e6 {
            return Self { low: -1.0, high: 1.0, defined: self.is_finite() };
        }
        let (a, b) = (self.low + shift, self.high + shift);
        // A crest at `top + k tau` lies within when the number of whole turns differs; the margin is outward care.
        let crest = |top: f64| ((b - top + 1e-9) / TAU).floor() >= ((a - top - 1e-9) / TAU).ceil();
        let low = if crest(-FRAC_PI_2) { -1.0 } else { a.sin().min(b.sin()) - 1e-9 };
        let high = if crest(FRAC_PI_2) { 1.0 } else { a.sin().max(b.sin()) + 1e-9 };
        // sin 0 is 0: keep the sign of an interval that starts or ends there.
        let low = if self.low == 0.0 && shift == 0.0 && self.high <= PI { 0.0 } else { low };
        Self::new(low.max(-1.0), high.min(1.0))
    }

    /// The interval of a function of two arguments.
    pub(crate) fn apply2(op: Op, a: Self, b: Self) -> Self {
        match op {
            Op::Add => {
                let clash = (a.low == f64::NEG_INFINITY && b.high == f64::INFINITY)
                    || (a.high == f64::INFINITY && b.low == f64::NEG_INFINITY);
                Self {
                    low: or(a.low + b.low, f64::NEG_INFINITY),
                    high: or(a.high + b.high, f64::INFINITY),
                    defined: a.defined && b.defined && !clash,
                }
            }
            Op::Sub => Self::apply2(Op::Add, a, b.apply(Op::Neg)),
            Op::Mul => {
                let clash = (a.may_be_infinite() && !b.excludes_zero())
                    || (b.may_be_infinite() && !a.excludes_zero());
                let corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
                let corners = corners.map(|c| or(c, 0.0));
                Self {
                    low: corners.into_iter().fold(f64::INFINITY, f64::min),
                    high: corners.into_iter().fold(f64::NEG_INFINITY, f64::max),
                    defined: a.defined && b.defined && !clash,
                }
            }
            Op::Div => Self::apply2(Op::Mul, a, b.apply(Op::Reciprocal)),
            Op::Pow => Self::power(a, b),
            Op::Max => {
                Self { low: a.low.max(b.low), high: a.high.max(b.high), defined: a.defined && b.defined }
            }
            Op::Min => {
                Self { low: a.low.min(b.low), high: a.high.min(b.high), defined: a.defined && b.defined }
            }
            _ => Self::UNKNOWN,
        }
    }

    fn power(a: Self, b: Self) -> Self {
        let corner = |x: f64, y: f64| x.powf(y);
        if a.low >= 0.0 {
            // Monotone in each argument, so the extremes are at corners.
            let c =
                [corner(a.low, b.low), corner(a.low, b.high), corner(a.high, b.low), corner(a.high, b.high)];
            if c.iter().any(|v| v.is_nan()) {
                return Self { low: 0.0, high: f64::INFINITY, defined: false };
            }
            return Self {
                low: down(c.into_iter().fold(f64::INFINITY, f64::min)).max(0.0),
                high: up(c.into_iter().fold(f64::NEG_INFINITY, f64::max)),
                defined: a.defined && b.defined && !(a.may_be_infinite() || b.may_be_infinite()),
            };
        }
        if b.low != b.high || b.low.fract() != 0.0 {
            return Self::UNKNOWN;
        }
        let n = b.low;
        if n < 0.0 {
            return Self::power(a, Self::point(-n)).apply(Op::Reciprocal);
        }
        if n % 2.0 == 0.0 {
            Self::power(a.apply(Op::Abs), b)
        } else {
            Self { low: down(corner(a.low, n)), high: up(corner(a.high, n)), defined: a.defined }
        }
    }
}

fn or(value: f64, fallback: f64) -> f64 {
    if value.is_nan() { fallback } else { value }
}

fn down(v: f64) -> f64 {
    if v == 0.0 || !v.is_finite() { v } else { v.next_down().next_down() }
}

fn up(v: f64) -> f64 {
    if v == 0.0 || !v.is_finite() { v } else { v.next_up().next_up() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_every_value() {
        let ranges =
            [(-3.0, 2.0), (0.0, 1.5), (0.5, 4.0), (-2.0, -0.25), (0.0, 0.0), (2.0, 2.0), (-1.0, 0.0)];
        let points = |(l, h): (f64, f64)| (0..=16).map(move |i| l + (h - l) * i as f64 / 16.0);
        for op in Op::ALL {
            for a in ranges {
                let holds = |r: Interval, v: f64, what: &str| {
                    assert!(!(r.defined && v.is_nan()), "{op:?} of {what} is NaN");
                    assert!(v.is_nan() || (r.low <= v && v <= r.high), "{op:?} of {what} = {v} not in {r:?}");
                };
                if op.arity() == 1 {
                    let r = Interval::new(a.0, a.1).apply(op);
                    points(a).for_each(|x| holds(r, op.value(x), &format!("{x}")));
                    continue;
                }
                for b in ranges {
                    let r = Interval::apply2(op, Interval::new(a.0, a.1), Interval::new(b.0, b.1));
                    for x in points(a) {
                        points(b).for_each(|y| holds(r, op.value2(x, y), &format!("{x}, {y}")));
                    }
                }
            }
        }
    }
}
