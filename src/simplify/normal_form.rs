//! The normal form of an expression: a sum of terms, each a coefficient times powers of atoms.
//!
//! `Σ c Π z^p` with sorted, distinct terms and factors makes the laws of commutativity, associativity and like
//! terms disappear: equal sums have equal vectors. An atom is a leaf, a function of a sum, or a sum that stands as a
//! factor. The order of terms is structural, never the order of creation, so that two spellings of an expression
//! meet; which fitted constant is which decides only between parts that agree in everything else.

use super::interval::Interval;
use super::rational::Rational;
use crate::expr::{Op, Primitive};
use std::cmp::Ordering;
use std::rc::Rc;

/// A coefficient or an exponent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Coef {
    Exact(Rational),
    /// A free fitted constant, used here and nowhere else: it may take up its neighbours.
    Fitted(u32),
}

impl Coef {
    pub(super) const ONE: Coef = Coef::Exact(Rational::ONE);

    pub(super) fn exact(self) -> Option<Rational> {
        match self {
            Coef::Exact(r) => Some(r),
            Coef::Fitted(_) => None,
        }
    }

    pub(super) fn is_fitted(self) -> bool {
        matches!(self, Coef::Fitted(_))
    }

    pub(super) fn is_one(self) -> bool {
        self == Coef::ONE
    }
}

/// `base^exponent`. The exponent is an integer unless the base is never negative on the data.
#[derive(Clone, Debug)]
pub(super) struct Factor {
    pub(super) base: Rc<Atom>,
    pub(super) exponent: Coef,
}

/// `coefficient * Π factors`.
#[derive(Clone, Debug)]
pub(super) struct Mono {
    pub(super) coef: Coef,
    pub(super) factors: Vec<Factor>,
}

impl Mono {
    pub(super) fn number(coef: Coef) -> Self {
        Self { coef, factors: Vec::new() }
    }

    /// The atom and exponent of a term that is a single power without coefficient.
    pub(super) fn as_factor(&self) -> Option<&Factor> {
        match self.factors.as_slice() {
            [factor] if self.coef.is_one() => Some(factor),
            _ => None,
        }
    }

    pub(super) fn is_constant(&self) -> bool {
        self.factors.iter().all(|f| f.base.constant)
    }
}

/// A sum of terms; the empty sum is 0.
pub(super) type Poly = Vec<Mono>;

/// What stands below a power.
#[derive(Debug)]
pub(super) enum Kind {
    /// An exact number that is no small fraction, by its bits.
    Number(u64),
    /// A fitted constant that occurs more than once and so stays what it is.
    Shared(u32),
    Variable(u32),
    Call(Op, Poly),
    Call2(Op, Poly, Poly),
    /// A sum as a factor.
    Sum(Poly),
}

/// A [`Kind`] with what is known of it.
#[derive(Debug)]
pub(super) struct Atom {
    pub(super) kind: Kind,
    pub(super) range: Interval,
    /// No variable occurs in it.
    pub(super) constant: bool,
    /// About the complexity of what is printed.
    pub(super) size: u32,
}

impl Atom {
    pub(super) fn leaf(kind: Kind, range: Interval) -> Rc<Atom> {
        let constant = !matches!(kind, Kind::Variable(_));
        Rc::new(Atom { kind, range, constant, size: 1 })
    }

    pub(super) fn call(op: Op, arg: Poly, range: Interval) -> Rc<Atom> {
        let (constant, size) = (is_constant(&arg), size_of_poly(&arg) + Primitive::complexity_of(op));
        Rc::new(Atom { kind: Kind::Call(op, arg), range, constant, size })
    }

    pub(super) fn call2(op: Op, a: Poly, b: Poly, range: Interval) -> Rc<Atom> {
        let constant = is_constant(&a) && is_constant(&b);
        let size = size_of_poly(&a) + size_of_poly(&b) + Primitive::complexity_of(op);
        Rc::new(Atom { kind: Kind::Call2(op, a, b), range, constant, size })
    }

    pub(super) fn sum(poly: Poly, range: Interval) -> Rc<Atom> {
        let (constant, size) = (is_constant(&poly), size_of_poly(&poly));
        Rc::new(Atom { kind: Kind::Sum(poly), range, constant, size })
    }

    pub(super) fn is_exp(&self) -> bool {
        matches!(self.kind, Kind::Call(Op::Exp, _))
    }
}

pub(super) fn is_constant(poly: &[Mono]) -> bool {
    poly.iter().all(Mono::is_constant)
}

pub(super) fn size_of_factor(factor: &Factor) -> u32 {
    let e = factor.exponent.exact().map(Rational::abs);
    let power = match e {
        Some(e) if e.is_one() => 0,
        Some(e) if e == Rational::HALF => 1,
        _ => 2,
    };
    factor.base.size + power
}

pub(super) fn size_of_mono(mono: &Mono) -> u32 {
    let unit = mono.coef.exact().is_some_and(|r| r.abs().is_one());
    let numbers = if unit { u32::from(mono.factors.is_empty()) } else { 1 };
    let parts = numbers + mono.factors.len() as u32;
    mono.factors.iter().map(size_of_factor).sum::<u32>() + numbers + parts.saturating_sub(1)
}

pub(super) fn size_of_poly(poly: &[Mono]) -> u32 {
    poly.iter().map(size_of_mono).sum::<u32>()
        + (poly.len() as u32).saturating_sub(1)
        + u32::from(poly.is_empty())
}

/// How much of the identity of fitted constants a comparison looks at.
#[derive(Clone, Copy, PartialEq)]
enum Look {
    Shape,
    Identity,
}

pub(super) fn compare_atoms(a: &Atom, b: &Atom) -> Ordering {
    if std::ptr::eq(a, b) {
        return Ordering::Equal;
    }
    atoms(a, b, Look::Shape).then_with(|| atoms(a, b, Look::Identity))
}

pub(super) fn compare_factors(a: &[Factor], b: &[Factor]) -> Ordering {
    factors(a, b, Look::Shape).then_with(|| factors(a, b, Look::Identity))
}

pub(super) fn compare_polys(a: &[Mono], b: &[Mono]) -> Ordering {
    polys(a, b, Look::Shape).then_with(|| polys(a, b, Look::Identity))
}

fn rank(kind: &Kind) -> u8 {
    match kind {
        Kind::Number(_) => 0,
        Kind::Shared(_) => 1,
        Kind::Variable(_) => 2,
        Kind::Sum(_) => 3,
        Kind::Call(..) => 4,
        Kind::Call2(..) => 5,
    }
}

fn atoms(a: &Atom, b: &Atom, look: Look) -> Ordering {
    match (&a.kind, &b.kind) {
        (Kind::Number(x), Kind::Number(y)) => f64::from_bits(*x).total_cmp(&f64::from_bits(*y)),
        (Kind::Shared(x), Kind::Shared(y)) if look == Look::Identity => x.cmp(y),
        (Kind::Variable(x), Kind::Variable(y)) => x.cmp(y),
        (Kind::Sum(x), Kind::Sum(y)) => polys(x, y, look),
        (Kind::Call(f, x), Kind::Call(g, y)) => f.cmp(g).then_with(|| polys(x, y, look)),
        (Kind::Call2(f, x, u), Kind::Call2(g, y, v)) => {
            f.cmp(g).then_with(|| polys(x, y, look)).then_with(|| polys(u, v, look))
        }
        (x, y) => rank(x).cmp(&rank(y)),
    }
}

fn coefs(a: Coef, b: Coef, look: Look) -> Ordering {
    match (a, b) {
        (Coef::Exact(x), Coef::Exact(y)) => x.cmp(&y),
        (Coef::Fitted(x), Coef::Fitted(y)) if look == Look::Identity => x.cmp(&y),
        (Coef::Fitted(_), Coef::Fitted(_)) => Ordering::Equal,
        (Coef::Exact(_), Coef::Fitted(_)) => Ordering::Less,
        (Coef::Fitted(_), Coef::Exact(_)) => Ordering::Greater,
    }
}

fn factors(a: &[Factor], b: &[Factor], look: Look) -> Ordering {
    for (x, y) in a.iter().zip(b) {
        // The larger power first, as polynomials are written: x^2 before x.
        let order = atoms(&x.base, &y.base, look).then_with(|| coefs(y.exponent, x.exponent, look));
        if order != Ordering::Equal {
            return order;
        }
    }
    // A constant (no factors) comes last, and x*y before x.
    b.len().cmp(&a.len())
}

fn polys(a: &[Mono], b: &[Mono], look: Look) -> Ordering {
    for (x, y) in a.iter().zip(b) {
        let order = factors(&x.factors, &y.factors, look).then_with(|| coefs(x.coef, y.coef, look));
        if order != Ordering::Equal {
            return order;
        }
    }
    a.len().cmp(&b.len())
}
