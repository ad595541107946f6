//! The steps of an evaluation as a graph in which equal steps exist once, each with what it depends on.

use super::Kernel;
use crate::expr::{Expr, Node, Op};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Position of a step in its [`Graph`]. Arguments come before the steps that use them.
pub(super) type Id = u32;

/// Stands for an argument that a step does not have.
const NONE: Id = Id::MAX;

/// What a step's result depends on, and so how often it has to be computed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Tier {
    /// On nothing: a number known already.
    Constant,
    /// On fitted constants only: one number per evaluation.
    Parameters,
    /// On columns only: a number per row, once per data set.
    Columns,
    /// On both: a number per row and evaluation.
    Both,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Step {
    /// The bits of a number.
    Constant(u64),
    Parameter(u32),
    Column(u32),
    Apply(Kernel, [Id; 4]),
}

impl Step {
    /// The steps that it takes its arguments from.
    pub(super) fn arguments(&self) -> &[Id] {
        match self {
            Step::Apply(kernel, arguments) => &arguments[..kernel.arity()],
            _ => &[],
        }
    }
}

/// Steps, hash-consed.
#[derive(Clone, Debug, Default)]
pub(in crate::expr) struct Graph {
    steps: Vec<Step>,
    tiers: Vec<Tier>,
    known: HashMap<Step, Id, BuildHasherDefault<StepHasher>>,
    /// Steps that are a power with constant exponent written as products: base and exponent.
    powers: Vec<(Id, Id, f64)>,
}

impl Graph {
    /// The steps that give the value of an expression, and the step that is its root.
    pub(in crate::expr) fn of(expr: &Expr) -> (Self, Id) {
        let mut graph = Self::default();
        let root = graph.insert(expr, |graph, p| graph.add(Step::Parameter(p), Tier::Parameters));
        (graph, root)
    }

    /// The steps of several expressions, whose fitted constants are numbers like any other; each root.
    pub(in crate::expr) fn of_all(exprs: &[Expr]) -> (Self, Vec<Id>) {
        let mut graph = Self::default();
        let roots = exprs
            .iter()
            .map(|e| graph.insert(e, |graph, p| graph.constant(e.parameters()[p as usize])))
            .collect();
        (graph, roots)
    }

    /// Adds the steps of an expression; returns its root.
    fn insert(&mut self, expr: &Expr, parameter: impl Fn(&mut Self, u32) -> Id) -> Id {
        let mut map: Vec<Id> = Vec::with_capacity(expr.nodes().len());
        for node in expr.nodes() {
            let id = match *node {
                Node::Constant(c) => self.constant(c),
                Node::Parameter(p) => parameter(self, p),
                Node::Variable(v) => self.add(Step::Column(v), Tier::Columns),
                Node::Unary(op, a) => self.unary(op, map[a as usize]),
                Node::Binary(Op::Pow, a, b) => self.power(map[a as usize], map[b as usize]),
                Node::Binary(op, a, b) => self.binary(op, map[a as usize], map[b as usize]),
            };
            map.push(id);
        }
        map[map.len() - 1]
    }

    /// Takes over a step of another graph, its arguments placed by `map`.
    pub(super) fn copy(&mut self, source: &Graph, id: Id, map: &[Id]) -> Id {
        let copy = match source.step(id) {
            Step::Apply(kernel, arguments) => {
                let placed = arguments.map(|a| map.get(a as usize).copied().unwrap_or(NONE));
                self.apply(kernel, &placed[..kernel.arity()])
            }
            leaf => self.add(leaf, source.tier(id)),
        };
        if let Some((base, p)) = source.as_power(id) {
            self.powers.push((copy, map[base as usize], p));
        }
        copy
    }

    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    pub(super) fn step(&self, id: Id) -> Step {
        self.steps[id as usize]
    }

    pub(super) fn tier(&self, id: Id) -> Tier {
        self.tiers[id as usize]
    }

    /// One number per evaluation, not one per row.
    pub(super) fn is_scalar(&self, id: Id) -> bool {
        self.tier(id) <= Tier::Parameters
    }

    pub(super) fn as_constant(&self, id: Id) -> Option<f64> {
        if let Step::Constant(bits) = self.step(id) { Some(f64::from_bits(bits)) } else { None }
    }

    /// Base and exponent of a step that [`Graph::power`] has written as products.
    pub(super) fn as_power(&self, id: Id) -> Option<(Id, f64)> {
        self.powers.iter().find(|p| p.0 == id).map(|p| (p.1, p.2))
    }

    fn add(&mut self, step: Step, tier: Tier) -> Id {
        let next = self.steps.len() as Id;
        let id = *self.known.entry(step).or_insert(next);
        if id == next {
            self.steps.push(step);
            self.tiers.push(tier);
        }
        id
    }

    pub(super) fn constant(&mut self, value: f64) -> Id {
        self.add(Step::Constant(value.to_bits()), Tier::Constant)
    }

    pub(super) fn unary(&mut self, op: Op, a: Id) -> Id {
        self.apply(Kernel::Op(op), &[a])
    }

    pub(super) fn binary(&mut self, op: Op, a: Id, b: Id) -> Id {
        match op {
            // Exact, whatever the other factor.
            Op::Mul if self.as_constant(a) == Some(1.0) => b,
            Op::Mul if self.as_constant(b) == Some(1.0) => a,
            _ => self.apply(Kernel::Op(op), &[a, b]),
        }
    }

    pub(super) fn mul(&mut self, a: Id, b: Id) -> Id {
        self.binary(Op::Mul, a, b)
    }

    /// A step of any kind; a number at once where all arguments are constants.
    pub(super) fn apply(&mut self, kernel: Kernel, arguments: &[Id]) -> Id {
        let mut all = [NONE; 4];
        all[..arguments.len()].copy_from_slice(arguments);
        if let Kernel::Op(op) = kernel
            && op.is_commutative()
            && !matches!(op, Op::Max | Op::Min)
        {
            all[..2].sort_unstable();
        }
        let mut tier = Tier::Constant;
        for &a in arguments {
            tier = match (tier, self.tier(a)) {
                (Tier::Parameters, Tier::Columns) | (Tier::Columns, Tier::Parameters) => Tier::Both,
                (x, y) => x.max(y),
            };
        }
        if tier == Tier::Constant {
            let mut values = [0.0; 4];
            for (v, &a) in values.iter_mut().zip(arguments) {
                *v = self.as_constant(a).unwrap_or(f64::NAN);
            }
            return self.constant(kernel.scalar(values));
        }
        self.add(Step::Apply(kernel, all), tier)
    }

    /// `base` to the power of `exponent`. Small constant exponents become products and square roots, an order of
    /// magnitude faster than the general power; the results differ from it in the last digits.
    pub(super) fn power(&mut self, base: Id, exponent: Id) -> Id {
        match self.as_constant(exponent) {
            Some(p) if !self.is_scalar(base) => self.constant_power(base, p, exponent),
            _ => self.apply(Kernel::Op(Op::Pow), &[base, exponent]),
        }
    }

    /// `base^p` for a number `p`, for the derivative of a power.
    pub(super) fn power_of(&mut self, base: Id, p: f64) -> Id {
        if p == 0.0 {
            return self.constant(1.0);
        }
        let exponent = self.constant(p);
        self.power(base, exponent)
    }

    fn constant_power(&mut self, base: Id, p: f64, exponent: Id) -> Id {
        let doubled = 2.0 * p.abs();
        if p == 0.0 || doubled.fract() != 0.0 || doubled > 16.0 {
            return self.apply(Kernel::Op(Op::Pow), &[base, exponent]);
        }
        let id = self.product_power(base, doubled as u32);
        let id = if p < 0.0 { self.unary(Op::Reciprocal, id) } else { id };
        if id != base && self.as_power(id).is_none() {
            self.powers.push((id, base, p));
        }
        id
    }

    /// `base^(halves/2)` by repeated multiplication.
    fn product_power(&mut self, base: Id, halves: u32) -> Id {
        match halves {
            1 => self.unary(Op::Sqrt, base),
            2 => base,
            4 => self.unary(Op::Square, base),
            6 => self.unary(Op::Cube, base),
            _ if halves % 2 == 1 => {
                let whole = self.product_power(base, halves - 1);
                let root = self.unary(Op::Sqrt, base);
                self.mul(whole, root)
            }
            _ if halves.is_multiple_of(4) => {
                let half = self.product_power(base, halves / 2);
                self.unary(Op::Square, half)
            }
            _ => {
                let less = self.product_power(base, halves - 2);
                self.mul(less, base)
            }
        }
    }
}

/// A few multiplications; compiling is on the search's hot path, and nobody chooses the keys with ill intent.
#[derive(Default)]
struct StepHasher(u64);

impl Hasher for StepHasher {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.write_u64(u64::from(b));
        }
    }

    fn write_u32(&mut self, x: u32) {
        self.write_u64(u64::from(x));
    }

    fn write_u64(&mut self, x: u64) {
        self.0 = (self.0.rotate_left(5) ^ x).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn write_isize(&mut self, x: isize) {
        self.write_u64(x as u64);
    }

    fn write_usize(&mut self, x: usize) {
        self.write_u64(x as u64);
    }
}
