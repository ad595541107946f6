//! Constants that are nice numbers within their error: integers, small fractions, multiples of pi, e, sqrt(2).

use super::description_length::description_length;
use crate::expr::{Expr, ExprBuilder, Node, Op, Tape};
use std::sync::LazyLock;

/// The nice numbers that a constant may be snapped to, and what each costs to write down.
///
/// Values are `a/b * s` with `1 <= a <= 20`, `1 <= b <= 12` in lowest terms and
/// `s` among 1, pi, 1/pi, pi^2, sqrt(2), sqrt(2 pi), 1/sqrt(2 pi), e, ln 2.
#[derive(Clone, Debug)]
struct Ladder {
    rungs: Vec<Rung>,
}

/// A nice number: `numerator / denominator * symbol`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rung {
    value: f64,
    /// Length of its description in nats.
    cost: f64,
    numerator: u32,
    denominator: u32,
    symbol: Symbol,
}

/// The irrational factor of a nice number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    One,
    Pi,
    InversePi,
    PiSquared,
    SqrtTwo,
    SqrtTwoPi,
    InverseSqrtTwoPi,
    E,
    LnTwo,
}

impl Symbol {
    const ALL: [(Symbol, f64); 9] = [
        (Symbol::One, 1.0),
        (Symbol::Pi, std::f64::consts::PI),
        (Symbol::InversePi, std::f64::consts::FRAC_1_PI),
        (Symbol::PiSquared, std::f64::consts::PI * std::f64::consts::PI),
        (Symbol::SqrtTwo, std::f64::consts::SQRT_2),
        (Symbol::SqrtTwoPi, 2.506_628_274_631_000_7),
        (Symbol::InverseSqrtTwoPi, 0.398_942_280_401_432_7),
        (Symbol::E, std::f64::consts::E),
        (Symbol::LnTwo, std::f64::consts::LN_2),
    ];
}

impl Default for Ladder {
    fn default() -> Self {
        let mut rungs = Vec::new();
        for (symbol, s) in Symbol::ALL {
            for b in 1..=12u32 {
                for a in 1..=20u32 {
                    if gcd(a, b) != 1 {
                        continue;
                    }
                    let symbol_cost = if symbol == Symbol::One { 0.0 } else { 3.0 };
                    rungs.push(Rung {
                        value: f64::from(a) / f64::from(b) * s,
                        cost: f64::from(a).ln() + 2.0 * f64::from(b).ln() + symbol_cost + 0.7,
                        numerator: a,
                        denominator: b,
                        symbol,
                    });
                }
            }
        }
        rungs.sort_by(|x, y| x.value.total_cmp(&y.value).then(x.cost.total_cmp(&y.cost)));
        Self { rungs }
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

static LADDER: LazyLock<Ladder> = LazyLock::new(Ladder::default);

/// What a fraction bar adds to the cost of a decimal: in `1/(10970000*(1/m^2 - 1/n^2))` it stands there anyway.
const RECIPROCAL: f64 = 2.0;

/// Relative tolerance up to which a constant counts as known exactly.
const EXACT: f64 = 1e-7;

/// Share of constants without any meaning that may pass for an irrational number.
const CHANCE: f64 = 0.01;

impl Ladder {
    /// Nice numbers within `tolerance` of `|value|`, cheapest first. Round decimals of few digits (0.03, 250,
    /// 1.5e-4) count as nice as well; one over such a decimal where the value is known exactly, an irrational number
    /// where so close a one is no accident.
    fn near(&self, value: f64, tolerance: f64) -> Vec<(f64, f64)> {
        let x = value.abs();
        let mut found: Vec<(f64, f64)> = self
            .within(x - tolerance, x + tolerance)
            .filter(|r| r.symbol == Symbol::One || self.chance(r, tolerance) <= CHANCE)
            .map(|r| (r.value, r.cost))
            .collect();
        if let Some(decimal) = round_decimal(x, tolerance) {
            found.push(decimal);
        }
        if tolerance <= EXACT * x
            && let Some((decimal, cost)) = round_decimal(1.0 / x, tolerance / (x * x))
        {
            found.push((1.0 / decimal, cost + RECIPROCAL));
        }
        found.sort_by(|a, b| a.1.total_cmp(&b.1));
        found.dedup_by(|a, b| a.0 == b.0);
        found.into_iter().map(|(v, c)| (v.copysign(value), c)).collect()
    }

    fn within(&self, low: f64, high: f64) -> impl Iterator<Item = &Rung> {
        let from = self.rungs.partition_point(|r| r.value < low);
        self.rungs[from..].iter().take_while(move |r| r.value <= high)
    }

    /// How many irrational numbers as cheap as this one lie within the tolerance of a number of this size that has
    /// no meaning, on average: their density per nat within a factor of four, times the width of the window.
    fn chance(&self, rung: &Rung, tolerance: f64) -> f64 {
        let as_cheap = self
            .within(rung.value / 4.0, rung.value * 4.0)
            .filter(|r| r.symbol != Symbol::One && r.cost <= rung.cost)
            .count();
        as_cheap as f64 / 16f64.ln() * 2.0 * tolerance / rung.value
    }

    /// The rung of exactly this value, if there is one.
    fn rung(&self, value: f64) -> Option<Rung> {
        let at = self.rungs.partition_point(|r| r.value < value.abs());
        self.rungs.get(at).copied().filter(|r| r.value == value.abs())
    }
}

/// The decimal with the fewest digits (at most 6) within tolerance, and its cost.
fn round_decimal(x: f64, tolerance: f64) -> Option<(f64, f64)> {
    if x == 0.0 || !x.is_finite() {
        return None;
    }
    for digits in 1..=6usize {
        let text = format!("{:.*e}", digits - 1, x);
        let value: f64 = text.parse().ok()?;
        if (value - x).abs() <= tolerance {
            let exponent: i32 = text.split('e').nth(1)?.parse().ok()?;
            let cost = digits as f64 * std::f64::consts::LN_10 + f64::from(1 + exponent.abs()).ln() + 2.0;
            return Some((value, cost));
        }
    }
    None
}

/// The decimal of at most six digits that gives exactly `|value|` below one.
fn decimal_below(value: f64) -> Option<f64> {
    let x = value.abs();
    round_decimal(1.0 / x, 4.0 * f64::EPSILON / x).map(|d| d.0).filter(|d| 1.0 / d == x)
}

/// The cost of a constant that is 0: what it multiplies disappears.
const ZERO: f64 = -5.0;

/// The cost of a constant that is no nice number: 53 bits.
const UNKNOWN: f64 = 37.0;

/// What an exact constant of a formula costs to write down, in nats.
pub(crate) fn constant_cost(value: f64) -> f64 {
    if value == 0.0 {
        return ZERO;
    }
    if value.abs() == 1.0 {
        return 0.5;
    }
    LADDER.near(value, value.abs() * 1e-15).first().map_or(UNKNOWN, |v| v.1)
}

/// What a fitted constant costs once it is snapped, where the fit is exact but for rounding.
pub(crate) fn snapped_cost(value: f64) -> f64 {
    LADDER.near(value, value.abs() * 1e-9).first().map_or(UNKNOWN, |v| v.1)
}

/// A nice number as an expression: `3/7` and `2*pi` are written out, short decimals stay one number.
pub(crate) fn constant_expr(value: f64) -> Expr {
    let c = |x: f64| Expr::constant(x);
    let sign = 1f64.copysign(value);
    let Some(rung) = LADDER.rung(value) else {
        let decimal = |x: f64| round_decimal(x.abs(), 0.0).map(|d| d.0);
        return match (decimal(value), decimal_below(value)) {
            (None, Some(d)) => c(sign) / c(d),
            _ => c(value),
        };
    };
    let (a, b) = (f64::from(rung.numerator) * sign, f64::from(rung.denominator));
    let pi = || c(std::f64::consts::PI);
    let fraction = |top: Expr| if b == 1.0 { top } else { top / c(b) };
    let times = |s: Expr| if a == 1.0 { s } else { c(a) * s };
    let over = |s: Expr| if b == 1.0 { c(a) / s } else { c(a) / (c(b) * s) };
    match rung.symbol {
        // 1/2, 3/4, 0.15: as many digits as the fraction has.
        Symbol::One if format!("{value}").len() <= 5 => c(value),
        Symbol::One => c(a) / c(b),
        Symbol::Pi => fraction(times(pi())),
        Symbol::E => fraction(times(c(std::f64::consts::E))),
        Symbol::InversePi => over(pi()),
        Symbol::PiSquared => fraction(times(pi().apply(Op::Square))),
        Symbol::SqrtTwo => fraction(times(c(2.0).apply(Op::Sqrt))),
        Symbol::SqrtTwoPi => fraction(times((c(2.0) * pi()).apply(Op::Sqrt))),
        Symbol::InverseSqrtTwoPi => over((c(2.0) * pi()).apply(Op::Sqrt)),
        Symbol::LnTwo => fraction(times(c(2.0).apply(Op::Ln))),
    }
}

/// Snaps fitted constants to nice numbers one at a time where that shortens the description of the data, the
/// others refitted each time; the constant with the largest gain goes first.
///
/// A constant that is known to 5 % may move by two standard errors, or by 1e-9 of itself where the fit is exact;
/// one that is zero within 2.5 standard errors is dropped. Multiples of pi, e, sqrt(2) and the like are taken where
/// the constant is known so well that at most 1 % of all numbers are as close to one as short: `pi` at a standard
/// error of 0.1 %, `7*pi/11` at 0.001 %.
///
/// Columns hold a number for each row, as the target and the weights do. Constants that are not to be touched go in
/// as [`Expr::constant`].
///
/// ```
/// use closedform::expr::Expr;
/// use closedform::refit::{Refitter, snap_constants};
/// let x: Vec<f64> = (1..40).map(f64::from).collect();
/// let y: Vec<f64> = x.iter().map(|x| 2.0 * x + 0.123_456_789).collect();
/// let fitted = Expr::parameter(1.999_999_999_999) * Expr::variable(0) + Expr::parameter(0.123_456_789);
/// let snapped = snap_constants(&fitted, &[&x], &y, None, &Refitter::default());
/// assert_eq!(snapped.parameters().len(), 1); // the slope is 2, the intercept no nice number
/// ```
pub fn snap_constants(
    expr: &Expr,
    columns: &[&[f64]],
    target: &[f64],
    weights: Option<&[f64]>,
    refitter: &super::Refitter,
) -> Expr {
    let mut current = expr.clone();
    let mut tape = Tape::compile(&current);
    let mut length = description_length(
        &current,
        &tape,
        columns,
        target,
        weights,
        refitter.likelihood,
        refitter.structure_limit,
    );
    let quick = super::Refitter { starts: 1, iterations: 8, ..refitter.clone() };
    while !current.parameters().is_empty() && length.is_finite() {
        let errors = super::standard_errors(&tape, current.parameters(), columns, target, weights);
        let mut best: Option<(f64, Expr)> = None;
        for (j, &theta) in current.parameters().iter().enumerate() {
            let exact = 1e-9 * theta.abs();
            let mut options = match errors[j] {
                // A constant known to one digit is near many nice numbers, which says nothing.
                Some(e) if e <= 0.05 * theta.abs() => LADDER.near(theta, (2.0 * e).max(exact)),
                Some(_) => Vec::new(),
                None => LADDER.near(theta, exact),
            };
            options.truncate(3);
            // A constant that is zero within its error, or whose effect is below rounding, drops out.
            let loose = errors[j].is_some_and(|e| theta.abs() <= 2.5 * e);
            options.insert(0, (0.0, 0.0));
            for (value, _) in options {
                let snapped = replace_parameter(&current, j, &constant_expr(value));
                let snapped = if value == 0.0 { without_zeros(&snapped) } else { snapped };
                let refit = if value == 0.0 && !loose {
                    // Only where nothing is lost at all: below rounding.
                    snapped
                } else {
                    quick.refit(&snapped, columns, target, weights).expr
                };
                let l = description_length(
                    &refit,
                    &Tape::compile(&refit),
                    columns,
                    target,
                    weights,
                    refitter.likelihood,
                    refitter.structure_limit,
                );
                // A zero that stays, as a whole formula may, has to pay without the discount for what goes with one.
                let stays = !loose && refit.nodes().contains(&Node::Constant(0.0));
                let bar = if stays { length + ZERO } else { length };
                if l < bar && best.as_ref().is_none_or(|b| l < b.0) {
                    best = Some((l, refit));
                }
            }
        }
        let Some((l, e)) = best else { break };
        length = l;
        tape = Tape::compile(&e);
        current = e;
    }
    current
}

/// The expression with parameter `index` replaced by another expression without parameters.
fn replace_parameter(expr: &Expr, index: usize, by: &Expr) -> Expr {
    let mut g = ExprBuilder::new();
    let replacement = g.import(by);
    let root = g.import_with(expr, |g, node| match node {
        Node::Parameter(p) if p as usize == index => Some(replacement),
        Node::Parameter(p) => Some(g.parameter(expr.parameters()[p as usize])),
        _ => None,
    });
    g.finish(root)
}

/// The expression without products and quotients of an exact zero and without zeros in sums: the zero was fitted,
/// so it says that the term is not there, whatever the rest of the term may be where there are no data.
fn without_zeros(expr: &Expr) -> Expr {
    let mut g = ExprBuilder::new();
    let root = g.import_mapped(expr, |g, node, ids| {
        let is_zero = |g: &ExprBuilder, id| matches!(g.node(id), Node::Constant(0.0));
        match node {
            Node::Parameter(p) => Some(g.parameter(expr.parameters()[p as usize])),
            Node::Binary(op, a, b) => {
                let (a, b) = (ids[a as usize], ids[b as usize]);
                match op {
                    Op::Mul | Op::Div if is_zero(g, a) => Some(a),
                    Op::Mul if is_zero(g, b) => Some(b),
                    Op::Add if is_zero(g, a) => Some(b),
                    Op::Add | Op::Sub if is_zero(g, b) => Some(a),
                    Op::Sub if is_zero(g, a) => Some(g.unary(Op::Neg, b)),
                    _ => None,
                }
            }
            _ => None,
        }
    });
    g.finish(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_of_zero_goes() {
        let x = Expr::variable(0);
        let e = x.apply(Op::Sin) - Expr::constant(0.0) / x.apply(Op::Abs);
        assert_eq!(without_zeros(&e), x.apply(Op::Sin));
        let e = (Expr::constant(0.0) * x.clone() - x.clone()) * x.clone();
        assert_eq!(without_zeros(&e), x.apply(Op::Neg) * x);
    }

    #[test]
    fn written_forms_have_the_value() {
        for rung in &Ladder::default().rungs {
            let e = constant_expr(-rung.value);
            let v = e.evaluate_row(&[]);
            assert!((v / -rung.value - 1.0).abs() < 1e-15, "{rung:?} {v}");
        }
    }

    fn nice(value: f64, tolerance: f64) -> Option<f64> {
        LADDER.near(value, tolerance).first().map(|v| v.0)
    }

    #[test]
    fn the_cheapest_nice_number() {
        assert_eq!(nice(0.499_999_999_99, 1e-9), Some(0.5));
        let pi = std::f64::consts::PI;
        assert_eq!(nice(-pi - 1e-11, 1e-9), Some(-pi));
        assert_eq!(nice(0.123_456_789, 1e-9), None);
        // Near pi^2 is nothing special unless it is very near.
        assert_eq!(nice(9.87, 0.01), Some(pi * pi));
        assert_eq!(nice(9.87, 0.05), Some(9.9));
        assert_eq!(nice(3.15, 0.3), Some(3.0));
        // One over a round number, as a wave number is written by Rydberg's constant.
        let wave = 1.0 / 10_970_000.0;
        assert_eq!(nice(-wave * (1.0 + 1e-12), 1e-9 * wave), Some(-wave));
        let e = constant_expr(-wave);
        assert_eq!((e.nodes().len(), e.evaluate_row(&[])), (3, -wave));
        assert_eq!(constant_expr(0.031_25).nodes().len(), 1);
    }

    #[test]
    fn snaps_a_law() {
        let x: Vec<f64> = (1..60).map(|i| f64::from(i) * 0.1).collect();
        let y: Vec<f64> =
            x.iter().map(|x| (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt()).collect();
        let e = Expr::parameter(0.398_942_280_4)
            * (Expr::parameter(-0.5) * Expr::variable(0).apply(Op::Square)).apply(Op::Exp);
        let e = snap_constants(&e, &[&x], &y, None, &super::super::Refitter::default());
        assert!(e.parameters().is_empty(), "{e:?}");
    }
}
