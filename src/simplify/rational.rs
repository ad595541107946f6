//! Exact coefficients of the normal form: fractions of small integers.

use std::cmp::Ordering;

/// A fraction in lowest terms with a positive denominator. Every operation says `None` where the result would
/// not be small any more; the caller then keeps the numbers apart, as they were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rational {
    num: i64,
    den: i64,
}

const LIMIT: i128 = 1_000_000_000_000;

impl Rational {
    pub(crate) const ZERO: Rational = Rational { num: 0, den: 1 };
    pub(crate) const ONE: Rational = Rational { num: 1, den: 1 };
    pub(crate) const MINUS_ONE: Rational = Rational { num: -1, den: 1 };
    pub(crate) const HALF: Rational = Rational { num: 1, den: 2 };

    pub(crate) const fn integer(n: i64) -> Self {
        Self { num: n, den: 1 }
    }

    fn reduced(num: i128, den: i128) -> Option<Self> {
        if den == 0 {
            return None;
        }
        let g = gcd(num.unsigned_abs(), den.unsigned_abs()) as i128;
        let g = if den < 0 { -g } else { g };
        let (num, den) = (num / g, den / g);
        (num.abs() <= LIMIT && den <= LIMIT).then_some(Self { num: num as i64, den: den as i64 })
    }

    /// A number that people write down exactly: an integer, or a decimal of at most six digits.
    pub(crate) fn from_f64(value: f64) -> Option<Self> {
        if value.fract() == 0.0 && value.abs() <= 1e9 {
            return Some(Self::integer(value as i64));
        }
        if !value.is_finite() || value.abs() > 1e9 || value.abs() < 1e-9 {
            return None;
        }
        // The shortest decimal that reads back as the same number.
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e')?;
        let exponent: i32 = exponent.parse().ok()?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.trim_start_matches('-').len() + fraction.len() > 6 {
            return None;
        }
        let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
        let shift = exponent - fraction.len() as i32;
        if shift >= 0 {
            Self::reduced(digits * 10i128.pow(shift as u32), 1)
        } else {
            Self::reduced(digits, 10i128.pow(shift.unsigned_abs()))
        }
    }

    /// An exponent: a number as in [`Rational::from_f64`], or the nearest `f64` to a fraction of small integers.
    pub(crate) fn from_exponent(value: f64) -> Option<Self> {
        Self::from_f64(value).or_else(|| {
            (2..=12i64).find_map(|den| {
                let num = (value * den as f64).round();
                (num.abs() <= 100.0 && num / den as f64 == value)
                    .then(|| Self::reduced(num as i128, den as i128))
                    .flatten()
            })
        })
    }

    /// The nearest `f64`. For a short decimal that is the number it reads as.
    pub(crate) fn to_f64(self) -> f64 {
        self.num as f64 / self.den as f64
    }

    pub(crate) fn numerator(self) -> i64 {
        self.num
    }

    pub(crate) fn denominator(self) -> i64 {
        self.den
    }

    pub(crate) fn is_zero(self) -> bool {
        self.num == 0
    }

    pub(crate) fn is_one(self) -> bool {
        self == Self::ONE
    }

    pub(crate) fn is_negative(self) -> bool {
        self.num < 0
    }

    pub(crate) fn is_integer(self) -> bool {
        self.den == 1
    }

    pub(crate) fn is_even(self) -> bool {
        self.den == 1 && self.num % 2 == 0
    }

    pub(crate) fn abs(self) -> Self {
        Self { num: self.num.abs(), den: self.den }
    }

    pub(crate) fn negated(self) -> Self {
        Self { num: -self.num, den: self.den }
    }

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let (a, b, c, d) = (self.num as i128, self.den as i128, other.num as i128, other.den as i128);
        Self::reduced(a * d + c * b, b * d)
    }

    pub(crate) fn times(self, other: Self) -> Option<Self> {
        Self::reduced(self.num as i128 * other.num as i128, self.den as i128 * other.den as i128)
    }

    pub(crate) fn inverse(self) -> Option<Self> {
        Self::reduced(self.den as i128, self.num as i128)
    }

    /// `self^exponent`, where that is a fraction again.
    pub(crate) fn power(self, exponent: Self) -> Option<Self> {
        if exponent.den != 1 {
            let root = u32::try_from(exponent.den).ok()?;
            let (num, den) = (exact_root(self.num, root)?, exact_root(self.den, root)?);
            return Self { num, den }.power(Self::integer(exponent.num));
        }
        if exponent.num < 0 {
            return self.inverse()?.power(exponent.negated());
        }
        if exponent.num > 64 {
            return None;
        }
        (0..exponent.num).try_fold(Self::ONE, |p, _| p.times(self))
    }

    /// The largest fraction of which both are multiples.
    pub(crate) fn common_divisor(self, other: Self) -> Self {
        let num = gcd(self.num.unsigned_abs() as u128, other.num.unsigned_abs() as u128);
        let g = gcd(self.den as u128, other.den as u128);
        let den = self.den as i128 / g as i128 * other.den as i128;
        Self::reduced(num as i128, den).unwrap_or(Self::ONE)
    }
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rational {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.num as i128 * other.den as i128).cmp(&(other.num as i128 * self.den as i128))
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

fn exact_root(n: i64, root: u32) -> Option<i64> {
    if n < 0 {
        return None;
    }
    let r = (n as f64).powf(1.0 / root as f64).round() as i64;
    (r.checked_pow(root)? == n).then_some(r)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        let r = |v| Rational::from_f64(v).unwrap();
        assert_eq!(r(0.1).plus(r(0.2)), Rational::from_f64(0.3));
        assert_eq!(r(0.03).to_f64(), 0.03);
        assert_eq!(r(-2.5).numerator(), -5);
        assert_eq!(Rational::from_f64(std::f64::consts::PI), None);
        assert_eq!(Rational::from_f64(1.0 / 3.0), None);
        assert_eq!(Rational::from_exponent(1.0 / 3.0).unwrap().denominator(), 3);
    }

    #[test]
    fn powers_are_exact_or_refused() {
        let r = Rational::integer;
        assert_eq!(r(4).power(Rational::HALF), Some(r(2)));
        assert_eq!(r(2).power(Rational::HALF), None);
        assert_eq!(r(2).power(r(-2)), Rational::from_f64(0.25));
        assert_eq!(r(-8).power(r(3)), Some(r(-512)));
    }
}
