//! From a relation to a formula of the target: quotients by long division, roots by the quadratic formula.

use super::polynomial::{Monomial, Polynomial};
use crate::expr::{Expr, Op};

/// Rows on which a sign has to be the same, as a share.
const ONE_SIGN: f64 = 0.999;

/// A relation solved for the target.
#[derive(Clone, Debug, Default)]
pub(crate) struct Solved {
    /// The target, where it could be written.
    pub(crate) law: Option<Expr>,
    /// What a root is added to, where the relation is quadratic.
    pub(crate) beside: Option<Expr>,
}

impl From<Expr> for Solved {
    fn from(law: Expr) -> Self {
        Self { law: Some(law), beside: None }
    }
}

impl Solved {
    /// The same under a function, if any; what is beside a root is not beside it then.
    pub(super) fn under(self, function: Option<Op>) -> Self {
        match function {
            Some(function) => Self { law: self.law.map(|law| law.apply(function)), beside: None },
            None => self,
        }
    }
}

/// Solves `sum_k P_k y^k = 0` of degree 1 or 2 in `y`.
pub(super) fn solved(relation: &[Polynomial], names: &[Expr], inputs: &[Vec<f64>], y: &[f64]) -> Solved {
    match relation {
        [p, q] => Solved { law: quotient(&p.scaled(-1.0), q, names), beside: None },
        [p, q, r] => root(p, q, r, names, inputs, y),
        _ => Solved::default(),
    }
}

/// Solves a relation of `y^2 / factors` for a positive `y`.
pub(super) fn root_of(
    relation: &[Polynomial],
    factors: Option<&Expr>,
    names: &[Expr],
    inputs: &[Vec<f64>],
    square: &[f64],
) -> Solved {
    let with = |law: Expr, factors: Option<Expr>| factors.map_or(law.clone(), |f| f * law);
    let y = || -> Vec<f64> { square.iter().map(|s| s.sqrt()).collect() };
    let sum = match relation {
        [p, q] => over_a_root(p, q, names, inputs, &y()),
        _ => None,
    };
    match sum {
        Some(law) => Solved::from(with(law, factors.map(|f| f.apply(Op::Sqrt)))),
        None => {
            let law = solved(relation, names, inputs, square).law;
            Solved { law: law.map(|law| with(law, factors.cloned()).apply(Op::Sqrt)), beside: None }
        }
    }
}

/// `over / under` without common factors of one term: as a polynomial and a proper quotient where that is shorter.
fn quotient(over: &Polynomial, under: &Polynomial, names: &[Expr]) -> Option<Expr> {
    if over.is_zero() || under.is_zero() {
        return None;
    }
    let unit = under.unit();
    let (over, under) = (over.scaled(1.0 / unit), under.scaled(1.0 / unit));
    let (whole, rest) = over.divided(&under);
    if rest.is_zero() {
        return whole.to_expr(names);
    }
    if !under.is_constant() && !whole.is_zero() && whole.len() + rest.len() < over.len() {
        return Some(whole.to_expr(names)? + fraction(&rest, &under, names)?);
    }
    fraction(&over, &under, names)
}

/// `over / under`, factors of one term cancelled and written in front.
fn fraction(over: &Polynomial, under: &Polynomial, names: &[Expr]) -> Option<Expr> {
    let (a, b) = (over.content()?, under.content()?);
    let (over, under) = (over.over(&a), under.over(&b));
    let mut top = over.to_expr(names)?;
    let (mut front, mut below) = (None::<Expr>, None::<Expr>);
    for (i, name) in names.iter().enumerate() {
        let (p, side) =
            if a.0[i] >= b.0[i] { (a.0[i] - b.0[i], &mut front) } else { (b.0[i] - a.0[i], &mut below) };
        for _ in 0..p {
            *side = Some(side.take().map_or(name.clone(), |s| s * name.clone()));
        }
    }
    if let Some(front) = front {
        top = front * top;
    }
    let bottom =
        if under.is_constant() && (under.unit() - 1.0).abs() < 1e-12 { None } else { under.to_expr(names) };
    Some(match (bottom, below) {
        (Some(a), Some(b)) => top / (b * a),
        (Some(a), None) => top / a,
        (None, Some(b)) => top / b,
        (None, None) => top,
    })
}

/// `y = (-Q + sqrt(Q^2 - 4 P R)) / (2 R)`, or the other root.
fn root(
    p: &Polynomial,
    q: &Polynomial,
    r: &Polynomial,
    names: &[Expr],
    inputs: &[Vec<f64>],
    y: &[f64],
) -> Solved {
    let n = y.len();
    let discriminant = q.times(q).minus(&p.times(r).scaled(4.0));
    let beside = quotient(&q.scaled(-1.0), &r.scaled(2.0), names);
    let Some(content) = discriminant.content() else { return Solved { law: beside, beside: None } };
    // Even powers leave the root; which sign they take is read off the rows.
    let outside = Monomial(content.0.iter().map(|e| e / 2).collect());
    let square = Monomial(outside.0.iter().map(|e| 2 * e).collect());
    let mut inside = discriminant.over(&square);
    let mut front = Polynomial::default();
    front.add(outside.clone(), 1.0);
    // So do sums whose square is a factor.
    let mut before = outside.to_expr(names);
    while let Some((sum, rest)) = inside.double_factor() {
        let written = sum.to_expr(names);
        before = before.zip(written.clone()).map(|(b, s)| b * s).or(written);
        (front, inside) = (front.times(&sum), rest);
    }
    let (rv, qv, dv) = (r.evaluate(inputs, n), q.evaluate(inputs, n), inside.evaluate(inputs, n));
    let fv = front.evaluate(inputs, n);
    let signed = |i: usize| (2.0 * rv[i] * y[i] + qv[i]).signum();
    let same = |of: &dyn Fn(usize) -> f64| -> Option<f64> {
        let rows: Vec<usize> = (0..n).filter(|&i| dv[i] > 0.0 && fv[i] != 0.0).collect();
        let plus = rows.iter().filter(|&&i| of(i) > 0.0).count();
        let least = ONE_SIGN * rows.len() as f64;
        if rows.is_empty() {
            None
        } else if plus as f64 >= least {
            Some(1.0)
        } else if (rows.len() - plus) as f64 >= least {
            Some(-1.0)
        } else {
            None
        }
    };
    // With the sign of the product in front, of its size, or of the denominator.
    let by_product = same(&|i| signed(i) * fv[i]).map(|s| (s, false));
    let by_size = || same(&signed).map(|s| (s, true));
    // No more than one root of a quotient.
    let bare = q.is_zero() && before.is_none();
    if q.is_zero()
        && let Some(law) = over_a_root(p, r, names, inputs, y)
    {
        return Solved::from(law);
    }
    let law = by_product.or_else(by_size).and_then(|(sign, absolute)| {
        let both = if bare {
            quotient(&p.scaled(-1.0), r, names)?.apply(Op::Sqrt)
        } else {
            let mut wave = inside.scaled(1.0 / (4.0 * r.unit() * r.unit())).to_expr(names)?.apply(Op::Sqrt);
            if let Some(m) = before.clone() {
                wave = if absolute { m.apply(Op::Abs) } else { m } * wave;
            }
            let bottom = r.scaled(1.0 / r.unit());
            if bottom.is_constant() { wave } else { wave / bottom.to_expr(names)? }
        };
        let sign = if bare { same(&|i| y[i].signum())? } else { sign * r.unit().signum() };
        Some((sign, both))
    });
    // Or the denominator goes under the root with its square, where its sign changes and that of the root does not.
    let law = law.or_else(|| {
        let sign = same(&|i| signed(i) * rv[i].signum())?;
        Some((sign, quotient(&discriminant, &r.times(r).scaled(4.0), names)?.apply(Op::Sqrt)))
    });
    let law = law.map(|(sign, both)| {
        let wave = if sign < 0.0 { -both } else { both };
        match &beside {
            Some(a) => a.clone() + wave,
            None => wave,
        }
    });
    Solved { law, beside }
}

/// `y^2 = -P / R` where one of them is the square of a sum `S`: `y = S / sqrt(..)` or `sqrt(..) / S`, which changes its sign with
/// `S`, where the root of the quotient does not.
fn over_a_root(
    p: &Polynomial,
    r: &Polynomial,
    names: &[Expr],
    inputs: &[Vec<f64>],
    y: &[f64],
) -> Option<Expr> {
    let signed = |s: Polynomial| -> Option<Polynomial> {
        let alike = s.evaluate(inputs, y.len()).iter().zip(y).filter(|(s, y)| **s * **y > 0.0).count() as f64;
        match alike / y.len() as f64 {
            share if share >= ONE_SIGN => Some(s),
            share if share <= 1.0 - ONE_SIGN => Some(s.scaled(-1.0)),
            _ => None,
        }
    };
    [1.0, -1.0].into_iter().find_map(|sign| {
        let (over, under) = (p.scaled(-sign), r.scaled(sign));
        let root = |of: &Polynomial| of.square_root().filter(|s| s.len() > 1).and_then(signed);
        if let Some(s) = root(&over) {
            return Some(s.to_expr(names)? / under.to_expr(names)?.apply(Op::Sqrt));
        }
        Some(over.to_expr(names)?.apply(Op::Sqrt) / root(&under)?.to_expr(names)?)
    })
}
