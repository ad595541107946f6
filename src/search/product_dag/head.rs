//! Heads: transforms of the target under which a law becomes a plain sum of products.

use super::allowed::Allowed;
use crate::expr::{Expr, Op};

/// A transform `phi(y)`; the sum is fitted to it, the formula is its inverse of the sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Head {
    Identity,
    Inverse,
    Square,
    InverseSquare,
    Root,
    Ln,
    Exp,
    Logit,
    Sin,
    Cos,
    Tan,
    Tanh,
}

impl Head {
    /// Every head, the likeliest first.
    pub(crate) const ALL: [Head; 12] = [
        Head::Identity,
        Head::Inverse,
        Head::Square,
        Head::Ln,
        Head::InverseSquare,
        Head::Root,
        Head::Exp,
        Head::Logit,
        Head::Sin,
        Head::Cos,
        Head::Tan,
        Head::Tanh,
    ];

    /// `phi(y)` and `phi'(y)` for `y` of the sign `sign` throughout; not finite outside of the domain.
    fn forward(self, y: f64, sign: f64) -> (f64, f64) {
        let inside = |ok: bool, v: (f64, f64)| if ok { v } else { (f64::NAN, f64::NAN) };
        match self {
            Head::Identity => (y, 1.0),
            Head::Inverse => (1.0 / y, -1.0 / (y * y)),
            Head::Square => inside(y * sign > 0.0, (y * y, 2.0 * y)),
            Head::InverseSquare => inside(y * sign > 0.0, (1.0 / (y * y), -2.0 / (y * y * y))),
            Head::Root => inside(y * sign > 0.0, ((y * sign).sqrt(), 0.5 * sign / (y * sign).sqrt())),
            Head::Ln => inside(y * sign > 0.0, ((y * sign).ln(), 1.0 / y)),
            Head::Exp => (y.exp(), y.exp()),
            Head::Logit => inside(y > 0.0 && y < 1.0, ((y / (1.0 - y)).ln(), 1.0 / (y * (1.0 - y)))),
            // The inverse functions give back y only on their principal branch.
            Head::Sin => inside(y.abs() <= std::f64::consts::FRAC_PI_2, (y.sin(), y.cos())),
            Head::Cos => inside((0.0..=std::f64::consts::PI).contains(&y), (y.cos(), -y.sin())),
            Head::Tan => inside(y.abs() < std::f64::consts::FRAC_PI_2, (y.tan(), 1.0 / y.cos().powi(2))),
            Head::Tanh => inside(y.abs() < 1.0, (y.atanh(), 1.0 / (1.0 - y * y))),
        }
    }

    /// Whether the inverse can be written with the allowed functions.
    fn is_allowed(self, allowed: &Allowed) -> bool {
        match self {
            Head::Identity => true,
            Head::Inverse => allowed.division,
            Head::Square => allowed.root,
            Head::InverseSquare => allowed.root && allowed.division,
            Head::Root => true,
            Head::Ln => allowed.has(Op::Exp),
            Head::Exp => allowed.has(Op::Ln),
            Head::Logit => allowed.has(Op::Logistic) || (allowed.has(Op::Exp) && allowed.division),
            Head::Sin => allowed.has(Op::Asin),
            Head::Cos => allowed.has(Op::Acos),
            Head::Tan => allowed.has(Op::Atan),
            Head::Tanh => allowed.has(Op::Tanh),
        }
    }

    /// The formula whose transform is `sum`, on the branch of targets of sign `sign`.
    pub(crate) fn invert(self, sum: Expr, sign: f64, allowed: &Allowed) -> Expr {
        let one = || Expr::constant(1.0);
        let signed = |e: Expr| if sign < 0.0 { -e } else { e };
        match self {
            Head::Identity => sum,
            Head::Inverse => one() / sum,
            Head::Square => signed(sum.apply(Op::Sqrt)),
            Head::InverseSquare => signed(one() / sum.apply(Op::Sqrt)),
            Head::Root => signed(sum.apply(Op::Square)),
            Head::Ln => signed(sum.apply(Op::Exp)),
            Head::Exp => sum.apply(Op::Ln),
            Head::Logit if allowed.has(Op::Logistic) => sum.apply(Op::Logistic),
            Head::Logit => one() / (one() + (-sum).apply(Op::Exp)),
            Head::Sin => sum.apply(Op::Asin),
            Head::Cos => sum.apply(Op::Acos),
            Head::Tan => sum.apply(Op::Atan),
            Head::Tanh => sum.apply(Op::Tanh),
        }
    }

    /// The transformed target, if the head makes sense on these values.
    pub(crate) fn transform(
        self,
        target: &[f64],
        weights: Option<&[f64]>,
        allowed: &Allowed,
    ) -> Option<Transformed> {
        if !self.is_allowed(allowed) {
            return None;
        }
        let n = target.len();
        let positive = target.iter().filter(|y| **y > 0.0).count();
        let sign = if 2 * positive >= n { 1.0 } else { -1.0 };
        let largest = target.iter().fold(0.0f64, |m, y| m.max(y.abs()));
        if self == Head::Exp && !(largest < 200.0) {
            return None;
        }
        let mut values = Vec::with_capacity(n);
        let mut root_weights = Vec::with_capacity(n);
        let mut outside = 0;
        for (i, &y) in target.iter().enumerate() {
            let (v, d) = self.forward(y, sign);
            // An error dy of the target is an error phi'(y) dy of the transform: weight 1/phi'^2.
            let w = weights.map_or(1.0, |w| w[i].sqrt()) / d.abs();
            if v.is_finite() && w.is_finite() {
                values.push(v);
                root_weights.push(w);
            } else {
                outside += 1;
                values.push(0.0);
                root_weights.push(0.0);
            }
        }
        // Noise may push a few rows over the edge of a domain; more than a few mean that the head is wrong.
        if outside * 12 > n {
            return None;
        }
        let total = centred_sum_of_squares(target, weights);
        if !(total > 0.0) {
            return None;
        }
        // Numbers near one, whatever the units of the target.
        let unit = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        if !(unit > 0.0 && unit.is_finite()) {
            return None;
        }
        values.iter_mut().for_each(|v| *v /= unit);
        root_weights.iter_mut().for_each(|w| *w *= unit / total.sqrt());
        Some(Transformed { head: self, sign, values, root_weights, unit })
    }
}

fn centred_sum_of_squares(target: &[f64], weights: Option<&[f64]>) -> f64 {
    let w = |i: usize| weights.map_or(1.0, |w| w[i]);
    let all: f64 = (0..target.len()).map(w).sum();
    let mean = (0..target.len()).map(|i| w(i) * target[i]).sum::<f64>() / all;
    (0..target.len()).map(|i| w(i) * (target[i] - mean).powi(2)).sum()
}

/// A target under a head.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Transformed {
    pub(crate) head: Head,
    /// The sign of the target.
    pub(crate) sign: f64,
    /// `phi(y) / unit`.
    pub(crate) values: Vec<f64>,
    /// Square roots of weights under which a sum of squared residuals is, to first order, the fraction of the
    /// target's variance that is not explained.
    pub(crate) root_weights: Vec<f64>,
    /// What the transform was divided by.
    pub(crate) unit: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PrimitiveSet;

    #[test]
    fn the_inverse_undoes_every_head() {
        let allowed = Allowed::new(&PrimitiveSet::SCIENCE);
        let y = [0.2, 0.4, 0.55, 0.9];
        for head in Head::ALL {
            let t = head.transform(&y, None, &allowed).unwrap();
            for (v, y) in t.values.iter().zip(y) {
                let back = head.invert(Expr::constant(v * t.unit), t.sign, &allowed);
                assert!((back.evaluate_row(&[]) - y).abs() < 1e-14, "{head:?}");
            }
        }
        for head in [Head::Square, Head::InverseSquare, Head::Root, Head::Ln] {
            let t = head.transform(&[-1.0, -2.0, -3.0], None, &allowed).unwrap();
            let back = head.invert(Expr::constant(t.values[2] * t.unit), t.sign, &allowed);
            assert!((back.evaluate_row(&[]) + 3.0).abs() < 1e-14, "{head:?}");
        }
    }

    #[test]
    fn derivatives_agree_with_finite_differences() {
        for head in Head::ALL {
            let (y, h) = (0.37, 1e-6);
            let slope = (head.forward(y + h, 1.0).0 - head.forward(y - h, 1.0).0) / (2.0 * h);
            assert!((slope / head.forward(y, 1.0).1 - 1.0).abs() < 1e-7, "{head:?}");
        }
    }

    #[test]
    fn heads_that_cannot_be_written_are_refused() {
        let allowed = Allowed::new(&PrimitiveSet::SEED);
        assert!(Head::Inverse.transform(&[1.0, 2.0], None, &allowed).is_none());
        assert!(Head::Ln.transform(&[1.0, 2.0], None, &allowed).is_some());
        assert!(Head::Ln.transform(&[1.0, -2.0], None, &Allowed::new(&PrimitiveSet::SCIENCE)).is_none());
    }
}
