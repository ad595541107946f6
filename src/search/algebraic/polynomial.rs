//! [`Polynomial`]: sparse polynomials of the inputs, as relations come in.

use crate::expr::Expr;
use crate::search::bank::power;
use nalgebra::{DMatrix, Schur};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Coefficients below this share of the largest are rounding.
const ROUNDING: f64 = 1e-8;

/// Terms of a polynomial whose square is recognised, at most.
const ROOT_TERMS: usize = 8;

/// Imaginary part of a root that is real, relatively, and steps of Newton's method for it.
const REAL: f64 = 1e-6;
const NEWTON: usize = 4;

/// Iterations for eigenvalues, at most.
const ITERATIONS: usize = 1000;

/// A coefficient of six decimals at most shows as one to this precision.
const DECIMALS: f64 = 1e6;

/// Without what is rounding.
fn tidy(c: f64) -> f64 {
    let round = (c * DECIMALS).round() / DECIMALS;
    if (round - c).abs() <= ROUNDING * c.abs().max(1.0) { round } else { c }
}

/// Exponents of the inputs; ordered by degree, then by the exponents of the first inputs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Monomial(pub(crate) Vec<u8>);

impl Monomial {
    pub(super) fn degree(&self) -> u32 {
        self.0.iter().map(|e| u32::from(*e)).sum()
    }

    fn times(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a + b).collect())
    }

    /// What is left after a division; `None` where it does not come out even.
    pub(super) fn over(&self, other: &Self) -> Option<Self> {
        self.0.iter().zip(&other.0).map(|(a, b)| a.checked_sub(*b)).collect::<Option<Vec<u8>>>().map(Self)
    }

    fn at(&self, point: &[f64]) -> f64 {
        self.0.iter().zip(point).map(|(e, x)| x.powi(i32::from(*e))).product()
    }

    fn is_one(&self) -> bool {
        self.0.iter().all(|e| *e == 0)
    }

    /// The product of powers; `None` for 1.
    pub(super) fn to_expr(&self, inputs: &[Expr]) -> Option<Expr> {
        let factors =
            self.0.iter().zip(inputs).filter(|(e, _)| **e > 0).map(|(e, x)| power(x, f64::from(*e)));
        factors.reduce(|a, b| a * b)
    }

    /// How many there are of `width` inputs up to a degree: `(width + degree)! / (width! degree!)`.
    pub(crate) fn count(width: usize, degree: u32) -> usize {
        (1..=degree as usize).fold(1, |count, k| count * (width + k) / k)
    }

    /// Every monomial of `width` inputs with the given degree.
    pub(super) fn of_degree(width: usize, degree: u32) -> Vec<Self> {
        fn fill(at: usize, left: u32, now: &mut Vec<u8>, out: &mut Vec<Monomial>) {
            if at + 1 == now.len() {
                now[at] = left as u8;
                out.push(Monomial(now.clone()));
                return;
            }
            for e in (0..=left).rev() {
                now[at] = e as u8;
                fill(at + 1, left - e, now, out);
            }
        }
        let mut out = Vec::new();
        if width > 0 {
            fill(0, degree, &mut vec![0; width], &mut out);
        }
        out
    }
}

impl Ord for Monomial {
    fn cmp(&self, other: &Self) -> Ordering {
        self.degree().cmp(&other.degree()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Monomial {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Monomials up to a degree with their values, of columns in deviations from their means.
pub(crate) fn monomials_about_means(columns: &[Vec<f64>], degree: u32) -> Vec<(Monomial, Vec<f64>)> {
    let in_deviations = |x: &Vec<f64>| -> Vec<f64> {
        let (mean, deviation) = spread(x);
        x.iter().map(|x| (x - mean) / deviation).collect()
    };
    let z: Vec<Vec<f64>> = columns.iter().map(in_deviations).collect();
    let rows = z.first().map_or(0, Vec::len);
    let value = |m: &Monomial, r: usize| -> f64 {
        m.0.iter().zip(&z).map(|(e, z)| z[r].powi(i32::from(*e))).product()
    };
    (0..=degree)
        .flat_map(|d| Monomial::of_degree(z.len(), d))
        .map(|m| {
            let values = (0..rows).map(|r| value(&m, r)).collect();
            (m, values)
        })
        .collect()
}

/// Mean and standard deviation.
pub(super) fn spread(x: &[f64]) -> (f64, f64) {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let square = x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    (mean, square.sqrt().max(f64::MIN_POSITIVE))
}

/// A sum of monomials with coefficients that are not 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Polynomial(BTreeMap<Monomial, f64>);

impl Polynomial {
    pub(super) fn add(&mut self, monomial: Monomial, coefficient: f64) {
        *self.0.entry(monomial).or_insert(0.0) += coefficient;
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is no input in it.
    pub(super) fn is_constant(&self) -> bool {
        self.0.keys().all(Monomial::is_one)
    }

    fn largest(&self) -> f64 {
        self.0.values().fold(0.0, |m: f64, c| m.max(c.abs()))
    }

    /// Without coefficients that are rounding beside `scale`.
    fn pruned(mut self, scale: f64) -> Self {
        self.0.retain(|_, c| c.abs() > ROUNDING * scale);
        self
    }

    pub(super) fn scaled(&self, by: f64) -> Self {
        Self(self.0.iter().map(|(m, c)| (m.clone(), c * by)).collect())
    }

    /// Coefficients for inputs that were divided by `units`.
    pub(super) fn in_units(&self, units: &[f64]) -> Self {
        let unit = |m: &Monomial| m.0.iter().zip(units).map(|(e, u)| u.powi(i32::from(*e))).product::<f64>();
        Self(self.0.iter().map(|(m, c)| (m.clone(), c / unit(m))).collect())
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        let mut out = Self::default();
        for (a, ca) in &self.0 {
            for (b, cb) in &other.0 {
                out.add(a.times(b), ca * cb);
            }
        }
        out
    }

    /// `self - other`; what cancels is gone.
    pub(super) fn minus(&self, other: &Self) -> Self {
        let scale = self.largest().max(other.largest());
        let mut out = self.clone();
        for (m, c) in &other.0 {
            out.add(m.clone(), -c);
        }
        out.pruned(scale)
    }

    /// Quotient and remainder with respect to the highest term of `by`.
    pub(super) fn divided(&self, by: &Self) -> (Self, Self) {
        let (mut quotient, mut remainder, mut left) = (Self::default(), Self::default(), self.clone());
        let Some((lead, unit)) = by.0.last_key_value() else { return (quotient, left) };
        let scale = self.largest();
        while let Some((m, c)) = left.0.last_key_value().map(|(m, c)| (m.clone(), *c)) {
            if let Some(q) = m.over(lead) {
                let mut term = Self::default();
                term.add(q.clone(), c / unit);
                left = left.minus(&term.times(by)).pruned(scale);
                left.0.remove(&m);
                quotient.add(q, c / unit);
            } else {
                left.0.remove(&m);
                remainder.add(m, c);
            }
        }
        (quotient, remainder)
    }

    /// The polynomial with a positive leading coefficient whose square this is.
    pub(super) fn square_root(&self) -> Option<Self> {
        let (lead, c) = self.0.last_key_value()?;
        if *c <= 0.0 || lead.0.iter().any(|e| e % 2 == 1) {
            return None;
        }
        let (first, unit) = (Monomial(lead.0.iter().map(|e| e / 2).collect()), c.sqrt());
        let mut root = Self::default();
        root.add(first.clone(), unit);
        // Every step takes the highest term of what is left.
        for _ in 0..ROOT_TERMS {
            let rest = self.minus(&root.times(&root));
            let Some((m, c)) = rest.0.last_key_value() else { return Some(root) };
            root.add(m.over(&first)?, c / (2.0 * unit));
        }
        None
    }

    /// A sum of inputs and a constant whose square divides this, and what is left: where the sum vanishes so do all first derivatives,
    /// and the second ones are the products of its coefficients.
    pub(super) fn double_factor(&self) -> Option<(Self, Self)> {
        let width = self.0.keys().next()?.0.len();
        // Any point that is not special.
        let point: Vec<f64> = (0..width).map(|i| 0.3719 + 0.2143 * i as f64).collect();
        (0..width).find_map(|i| {
            let first = self.derivative(i);
            let second: Vec<Self> = (0..width).map(|j| first.derivative(j)).collect();
            first.roots_in(i, &point).into_iter().find_map(|r| {
                let mut at = point.clone();
                at[i] = r;
                let terms: Vec<f64> = self.0.iter().map(|(m, c)| c * m.at(&at)).collect();
                if terms.iter().sum::<f64>().abs() > ROUNDING * terms.iter().map(|t| t.abs()).sum::<f64>() {
                    return None;
                }
                let bends: Vec<f64> =
                    second.iter().map(|d| d.0.iter().map(|(m, c)| c * m.at(&at)).sum()).collect();
                let slopes: Vec<f64> = bends.iter().map(|b| tidy(b / bends[i])).collect();
                let constant = tidy(-slopes.iter().zip(&at).map(|(s, x)| s * x).sum::<f64>());
                // At a triple root nothing bends.
                if !constant.is_finite() {
                    return None;
                }
                let mut sum = Self::default();
                for (j, slope) in slopes.into_iter().enumerate().filter(|(_, s)| *s != 0.0) {
                    sum.add(Monomial((0..width).map(|k| u8::from(j == k)).collect()), slope);
                }
                if constant != 0.0 {
                    sum.add(Monomial(vec![0; width]), constant);
                }
                let (quotient, rest) = self.divided(&sum.times(&sum));
                (sum.len() > 1 && rest.is_zero()).then_some((sum, quotient))
            })
        })
    }

    fn derivative(&self, input: usize) -> Self {
        let mut out = Self::default();
        for (m, c) in self.0.iter().filter(|(m, _)| m.0[input] > 0) {
            let mut lower = m.clone();
            lower.0[input] -= 1;
            out.add(lower, c * f64::from(m.0[input]));
        }
        out
    }

    /// The real roots in one input, the others at a point: eigenvalues of the companion matrix, improved by Newton's method.
    fn roots_in(&self, input: usize, point: &[f64]) -> Vec<f64> {
        let degree = self.0.keys().map(|m| m.0[input]).max().unwrap_or(0) as usize;
        let mut coefficients = vec![0.0; degree + 1];
        for (m, c) in &self.0 {
            let mut others = m.clone();
            others.0[input] = 0;
            coefficients[m.0[input] as usize] += c * others.at(point);
        }
        let lead = coefficients[degree];
        if degree == 0 || coefficients.iter().any(|c| !(c / lead).is_finite()) {
            return Vec::new();
        }
        let companion = DMatrix::from_fn(degree, degree, |a, b| match b + 1 {
            last if last == degree => -coefficients[a] / lead,
            below => f64::from(u8::from(a == below)),
        });
        let Some(schur) = Schur::try_new(companion, f64::EPSILON, ITERATIONS) else { return Vec::new() };
        let near = schur.complex_eigenvalues();
        let real = near.iter().filter(|z| z.im.abs() <= REAL * (1.0 + z.re.abs())).map(|z| z.re);
        real.map(|start| {
            (0..NEWTON).fold(start, |x, _| {
                let (value, slope) =
                    coefficients.iter().rev().fold((0.0, 0.0), |(v, d), c| (v * x + c, d * x + v));
                if slope == 0.0 { x } else { x - value / slope }
            })
        })
        .filter(|x| x.is_finite())
        .collect()
    }

    /// The largest monomial that divides every term.
    pub(super) fn content(&self) -> Option<Monomial> {
        let mut terms = self.0.keys();
        let first = terms.next()?.0.clone();
        Some(Monomial(terms.fold(first, |low, m| low.iter().zip(&m.0).map(|(a, b)| *a.min(b)).collect())))
    }

    /// Every term divided by a monomial that divides them all.
    pub(super) fn over(&self, monomial: &Monomial) -> Self {
        Self(self.0.iter().filter_map(|(m, c)| Some((m.over(monomial)?, *c))).collect())
    }

    /// The largest coefficient with its sign.
    pub(super) fn unit(&self) -> f64 {
        self.0.values().fold(0.0, |m: f64, c| if c.abs() > m.abs() { *c } else { m })
    }

    /// Values on rows, the inputs by column.
    pub(super) fn evaluate(&self, inputs: &[Vec<f64>], rows: usize) -> Vec<f64> {
        let mut out = vec![0.0; rows];
        for (m, c) in &self.0 {
            for (r, out) in out.iter_mut().enumerate() {
                let powers = m.0.iter().zip(inputs).filter(|(e, _)| **e > 0);
                *out += c * powers.map(|(e, x)| x[r].powi(i32::from(*e))).product::<f64>();
            }
        }
        out
    }

    /// A sum that is nested where terms share an input (Horner's scheme): shorter than the terms written out.
    pub(super) fn to_expr(&self, inputs: &[Expr]) -> Option<Expr> {
        let shared = (0..inputs.len())
            .map(|i| (self.0.keys().filter(|m| m.0[i] > 0).count(), i))
            .filter(|(count, _)| *count > 1)
            .max_by_key(|(count, i)| (*count, std::cmp::Reverse(*i)));
        let Some((_, i)) = shared else {
            let terms = self.0.iter().map(|(m, c)| match m.to_expr(inputs) {
                Some(m) if *c == 1.0 => m,
                Some(m) => Expr::parameter(*c) * m,
                None => Expr::parameter(*c),
            });
            return terms.reduce(|a, b| a + b);
        };
        let (with, without): (BTreeMap<_, _>, BTreeMap<_, _>) =
            self.0.iter().map(|(m, c)| (m.clone(), *c)).partition(|(m, _)| m.0[i] > 0);
        let with = Self(with);
        let common = with.content().expect("terms share an input");
        let inner = with.over(&common).to_expr(inputs)?;
        let product = common.to_expr(inputs)? * inner;
        Some(match Self(without).to_expr(inputs) {
            Some(rest) => product + rest,
            None => product,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From exponents of two inputs and coefficients.
    fn polynomial(terms: &[([u8; 2], f64)]) -> Polynomial {
        let mut out = Polynomial::default();
        terms.iter().for_each(|(e, c)| out.add(Monomial(e.to_vec()), *c));
        out
    }

    #[test]
    fn division_with_a_remainder() {
        // (x + 2 y)(x y - 3) + 5 y
        let by = polynomial(&[([1, 1], 1.0), ([0, 0], -3.0)]);
        let q = polynomial(&[([1, 0], 1.0), ([0, 1], 2.0)]);
        let mut p = by.times(&q);
        p.add(Monomial(vec![0, 1]), 5.0);
        let (quotient, remainder) = p.divided(&by);
        assert!(quotient.minus(&q).is_zero());
        assert!(remainder.minus(&polynomial(&[([0, 1], 11.0 - 6.0)])).is_zero(), "{remainder:?}");
    }

    #[test]
    fn squares_are_recognised() {
        let root = polynomial(&[([1, 1], 2.5), ([1, 0], -0.3), ([0, 2], 1.0), ([0, 0], -3.0)]);
        let found = root.times(&root).square_root().unwrap();
        assert!(found.minus(&root).is_zero() || found.scaled(-1.0).minus(&root).is_zero(), "{found:?}");
        let mut other = root.times(&root);
        other.add(Monomial(vec![0, 1]), 1e-3);
        assert_eq!(other.square_root(), None);
        assert_eq!(root.times(&root).scaled(-1.0).square_root(), None);
    }

    #[test]
    fn squares_of_sums_are_factors() {
        // (2 x - y + 1)^2 (x^2 + 3 y)
        let sum = polynomial(&[([1, 0], 2.0), ([0, 1], -1.0), ([0, 0], 1.0)]);
        let rest = polynomial(&[([2, 0], 1.0), ([0, 1], 3.0)]);
        let whole = sum.times(&sum).times(&rest);
        let (found, left) = whole.double_factor().unwrap();
        let back = found.times(&found).times(&left).minus(&whole);
        assert!(found.len() == 3 && back.is_zero(), "{found:?} {left:?}");
        assert!(left.double_factor().is_none());
        assert!(sum.times(&rest).double_factor().is_none());
        // (x - 1)^3: the second derivative vanishes with the first.
        let sum = polynomial(&[([1, 0], 1.0), ([0, 0], -1.0)]);
        let cube = sum.times(&sum).times(&sum);
        assert!(cube.double_factor().is_none_or(|(s, left)| s.times(&s).times(&left).minus(&cube).is_zero()
            && s.largest().is_finite()
            && !left.is_zero()));
    }

    #[test]
    fn nested_sums_have_the_values_of_the_terms() {
        let p = polynomial(&[([2, 1], 1.5), ([1, 3], -2.0), ([0, 2], 0.25), ([0, 0], 7.0)]);
        let e = p.to_expr(&[Expr::variable(0), Expr::variable(1)]).unwrap();
        for (x, y) in [(1.3, -0.4), (-2.0, 3.0)] {
            let value = 1.5 * x * x * y - 2.0 * x * y * y * y + 0.25 * y * y + 7.0;
            assert!((e.evaluate_row(&[x, y]) - value).abs() < 1e-12);
            assert!((p.evaluate(&[vec![x], vec![y]], 1)[0] - value).abs() < 1e-12);
        }
    }

    #[test]
    fn monomials_of_a_degree() {
        assert_eq!(Monomial::of_degree(3, 2).len(), 6);
        for (width, degree) in [(1, 6), (3, 4), (9, 2), (20, 1)] {
            let all: usize = (0..=degree).map(|d| Monomial::of_degree(width, d).len()).sum();
            assert_eq!(Monomial::count(width, degree), all);
        }
        assert_eq!(Monomial::of_degree(1, 4), [Monomial(vec![4])]);
        assert_eq!(Monomial::of_degree(5, 0).len(), 1);
    }

    #[test]
    fn units_go_into_the_coefficients() {
        let p = polynomial(&[([1, 2], 3.0)]);
        assert_eq!(p.in_units(&[2.0, 4.0]), polynomial(&[([1, 2], 3.0 / 32.0)]));
    }
}
