//! Numbers as text: shortest digits that read back to the same bits, or rounded for people; exact constants
//! such as `2*pi` by their names.

use super::printer::Text;
use crate::expr::Level;
use std::f64::consts;

/// How many digits of a fitted constant are written.
///
/// ```
/// use closedform::{expr::Expr, model::export::{Digits, infix}};
/// let c = Expr::parameter(2.0 / 3.0);
/// let names: [&str; 0] = [];
/// assert_eq!(infix(&c, &names, Digits::Significant(3)), "0.667");
/// assert_eq!(infix(&c, &names, Digits::All), "0.6666666666666666");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digits {
    /// All of them: the text reads back to the same bits.
    All,
    /// This many significant digits, for people.
    Significant(usize),
}

impl Default for Digits {
    /// Six significant digits.
    fn default() -> Self {
        Digits::Significant(6)
    }
}

/// A number for people and parsers that know integers: `2`, `0.1`, `1.5e-7`.
pub(super) fn short(value: f64, digits: Digits) -> String {
    match digits {
        Digits::All if value.fract() == 0.0 && value.abs() < 1e15 => format!("{value:.0}"),
        Digits::All => format!("{value:?}"),
        Digits::Significant(n) => rounded(value, n.max(1)),
    }
}

/// A number as a floating-point literal: `2.0`, `0.1`, `1.5e-7`.
pub(super) fn float(value: f64) -> String {
    format!("{value:?}")
}

fn rounded(value: f64, digits: usize) -> String {
    let scientific = format!("{value:.*e}", digits - 1);
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |s: &str| {
        if s.contains('.') {
            s.trim_end_matches('0').trim_end_matches('.').to_string()
        } else {
            s.to_string()
        }
    };
    if (-4..digits as i32).contains(&exponent) {
        // Rounded in binary once only: the decimal digits of the mantissa are moved, not computed again.
        let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
        let read: f64 = scientific.parse().unwrap_or(value);
        trim(&format!("{read:.decimals$}"))
    } else {
        format!("{}e{exponent}", trim(mantissa))
    }
}

/// A number as a leaf: what is negative binds like a negative.
pub(super) fn leaf(text: String) -> Text {
    let level = if text.starts_with('-') { Level::Negative } else { Level::Atom };
    Text { text, level }
}

/// A number with a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    Pi,
    E,
    Sqrt2,
}

impl Symbol {
    const ALL: [(Symbol, f64); 3] =
        [(Symbol::Pi, consts::PI), (Symbol::E, consts::E), (Symbol::Sqrt2, consts::SQRT_2)];
}

/// `numerator * symbol / denominator`, equal to a constant to the last bit when computed from left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exact {
    pub(super) numerator: u32,
    pub(super) denominator: u32,
    pub(super) symbol: Option<Symbol>,
}

/// The exact reading of a positive number: a small multiple of pi, e or the square root of 2, or a fraction
/// whose decimals do not end. `None` for numbers that are best written with their digits.
pub(super) fn exact(value: f64) -> Option<Exact> {
    const LARGEST: u32 = 12;
    for (symbol, unit) in Symbol::ALL {
        for denominator in 1..=LARGEST {
            for numerator in 1..=LARGEST {
                if same(f64::from(numerator) * unit / f64::from(denominator), value) {
                    return Some(Exact { numerator, denominator, symbol: Some(symbol) });
                }
            }
        }
    }
    if short(value, Digits::All).len() < 12 {
        return None;
    }
    (2..=LARGEST).find_map(|denominator| {
        let numerator = (value * f64::from(denominator)).round();
        let fits = (1.0..1000.0).contains(&numerator) && same(numerator / f64::from(denominator), value);
        fits.then_some(Exact { numerator: numerator as u32, denominator, symbol: None })
    })
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits()
}

/// An exact constant on one line, `3*pi/4`; `name` gives the text of a symbol, or `None` where it has none.
pub(super) fn exact_on_a_line(value: f64, name: impl Fn(Symbol) -> Option<&'static str>) -> Text {
    let sign = if value < 0.0 { "-" } else { "" };
    let Some(Exact { numerator, denominator, symbol }) = exact(value.abs()) else {
        return leaf(short(value, Digits::All));
    };
    let mut text = String::from(sign);
    match symbol.map(name) {
        Some(None) => return leaf(short(value, Digits::All)),
        Some(Some(name)) if numerator == 1 => text.push_str(name),
        Some(Some(name)) => text.push_str(&format!("{numerator}*{name}")),
        None => text.push_str(&numerator.to_string()),
    }
    if denominator > 1 {
        text.push_str(&format!("/{denominator}"));
    }
    let composite = denominator > 1 || (numerator > 1 && symbol.is_some());
    if composite { Text { text, level: Level::Product } } else { leaf(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_see_six_digits() {
        let show = |v: f64| short(v, Digits::default());
        assert_eq!(show(0.0), "0");
        assert_eq!(show(2.0), "2");
        assert_eq!(show(-0.30000000000000004), "-0.3");
        assert_eq!(show(123456.7), "123457");
        assert_eq!(show(999999.96), "1e6");
        assert_eq!(show(299792458.0), "2.99792e8");
        assert_eq!(show(0.000123456789), "0.000123457");
        assert_eq!(show(6.6743e-11), "6.6743e-11");
    }

    #[test]
    fn all_digits_read_back() {
        for v in [0.1, 1.0 / 3.0, 1e300, -5e-324, 123456789012345680.0, 2.0] {
            assert_eq!(short(v, Digits::All).parse::<f64>().unwrap().to_bits(), v.to_bits());
            assert_eq!(float(v).parse::<f64>().unwrap().to_bits(), v.to_bits());
        }
    }

    #[test]
    fn exact_constants_have_names() {
        let show = |v: f64| exact_on_a_line(v, |s| if s == Symbol::Pi { Some("pi") } else { None }).text;
        assert_eq!(show(consts::PI), "pi");
        assert_eq!(show(-consts::FRAC_PI_2), "-pi/2");
        assert_eq!(show(3.0 * consts::PI / 4.0), "3*pi/4");
        assert_eq!(show(1.0 / 3.0), "1/3");
        assert_eq!(show(0.25), "0.25");
        assert_eq!(show(consts::E), "2.718281828459045");
        assert_eq!(show(3.2416), "3.2416");
    }
}
