//! Forward mode on the graph: beside each step, the steps of its partial derivatives.
//!
//! A step carries a tangent for each fitted constant below it and no other, so that a constant deep in the
//! expression costs only the steps above it. A tangent is a product of a *factor*, one number per evaluation,
//! and a *direction*, one number per row: multiplication by a constant, a sign or an added term then costs
//! nothing per row, and tangents of constants that enter linearly are parts of the value.

use super::Kernel;
use super::graph::{Graph, Id, Step};
use crate::expr::Op;

/// `factor * direction`, the partial derivative with respect to one fitted constant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tangent {
    parameter: u32,
    pub(super) factor: Id,
    pub(super) direction: Id,
}

impl Tangent {
    /// A step as it is, whatever it depends on.
    pub(super) fn whole(one: Id, direction: Id) -> Self {
        Self { parameter: u32::MAX, factor: one, direction }
    }
}

/// The graph of a value with its partial derivatives.
pub(super) struct Derivatives {
    pub(super) graph: Graph,
    pub(super) value: Id,
    /// One per fitted constant; `None` where the value does not depend on it.
    pub(super) tangents: Vec<Option<Tangent>>,
}

/// Differentiates the `root` of a graph with respect to all its fitted constants.
pub(super) fn differentiate(source: &Graph, root: Id, parameters: usize) -> Derivatives {
    let mut state = State { graph: Graph::default(), one: 0, tangents: Vec::new() };
    state.one = state.graph.constant(1.0);
    state.tangents.push(Vec::new());
    let mut map: Vec<Id> = Vec::with_capacity(source.len());
    // Tangents follow their value at once, while what they are made of is at hand.
    for id in 0..source.len() as Id {
        let copy = state.graph.copy(source, id, &map);
        map.push(copy);
        state.tangents.resize(state.graph.len().max(state.tangents.len()), Vec::new());
        if state.tangents[copy as usize].is_empty() {
            let tangents = state.tangents_of(copy);
            state.tangents.resize(state.graph.len(), Vec::new());
            state.tangents[copy as usize] = tangents;
        }
    }
    let value = map[root as usize];
    let mut tangents = vec![None; parameters];
    for t in &state.tangents[value as usize] {
        tangents[t.parameter as usize] = Some(*t);
    }
    Derivatives { graph: state.graph, value, tangents }
}

struct State {
    graph: Graph,
    one: Id,
    /// Per step, by ascending parameter.
    tangents: Vec<Vec<Tangent>>,
}

impl State {
    fn tangents_of(&mut self, id: Id) -> Vec<Tangent> {
        match self.graph.step(id) {
            Step::Constant(_) | Step::Column(_) => Vec::new(),
            Step::Parameter(parameter) => vec![Tangent { parameter, factor: self.one, direction: self.one }],
            Step::Apply(Kernel::Op(op), [a, b, ..]) => match op.arity() {
                1 => self.of_unary(op, id, a),
                _ => self.of_binary(op, id, a, b),
            },
            Step::Apply(..) => unreachable!("values are made of functions only"),
        }
    }

    /// `factor * direction`, with what is one number per evaluation moved to the factor.
    fn tangent(&mut self, parameter: u32, factor: Id, direction: Id) -> Tangent {
        if direction != self.one && self.graph.is_scalar(direction) {
            let factor = self.graph.mul(factor, direction);
            return Tangent { parameter, factor, direction: self.one };
        }
        Tangent { parameter, factor, direction }
    }

    /// Every tangent of `of` times `scale` (one number per evaluation) times `partial`.
    fn scaled(&mut self, of: Id, scale: Option<Id>, partial: Option<Id>, guarded: bool) -> Vec<Tangent> {
        let mut list = self.tangents[of as usize].clone();
        for t in &mut list {
            let mut factor = t.factor;
            if let Some(s) = scale {
                factor = self.graph.mul(factor, s);
            }
            let direction = match partial {
                None => t.direction,
                Some(d) if guarded && self.graph.is_scalar(d) && factor != self.one => {
                    factor = self.graph.apply(Kernel::Chain, &[factor, d]);
                    t.direction
                }
                Some(d) if self.graph.is_scalar(d) => {
                    factor = self.graph.mul(factor, d);
                    t.direction
                }
                Some(d) if t.direction == self.one => d,
                Some(d) if guarded => self.graph.apply(Kernel::Chain, &[t.direction, d]),
                Some(d) => self.graph.mul(t.direction, d),
            };
            *t = self.tangent(t.parameter, factor, direction);
        }
        list
    }

    fn of_unary(&mut self, op: Op, f: Id, x: Id) -> Vec<Tangent> {
        if self.tangents[x as usize].is_empty() || op == Op::Sign {
            return Vec::new();
        }
        let g = &mut self.graph;
        let (scale, partial) = match op {
            Op::Neg => (-1.0, None),
            Op::Exp => (1.0, Some(f)),
            Op::Ln => (1.0, Some(g.unary(Op::Reciprocal, x))),
            Op::Sqrt => (0.5, Some(g.unary(Op::Reciprocal, f))),
            Op::Square => (2.0, Some(x)),
            Op::Cube => (3.0, Some(g.unary(Op::Square, x))),
            Op::Reciprocal => (-1.0, Some(g.unary(Op::Square, f))),
            Op::Sin => (1.0, Some(g.unary(Op::Cos, x))),
            Op::Cos => (-1.0, Some(g.unary(Op::Sin, x))),
            Op::Sinh => (1.0, Some(g.unary(Op::Cosh, x))),
            Op::Cosh => (1.0, Some(g.unary(Op::Sinh, x))),
            Op::Abs => (1.0, Some(g.unary(Op::Sign, x))),
            Op::Softplus => (1.0, Some(g.unary(Op::Logistic, x))),
            Op::Logistic => {
                // 1 - f loses all digits for large x.
                let minus = g.unary(Op::Neg, x);
                let rest = g.unary(Op::Logistic, minus);
                (1.0, Some(g.mul(f, rest)))
            }
            _ => (1.0, Some(g.apply(Kernel::Derivative(op), &[x, f]))),
        };
        let scale = (scale != 1.0).then(|| self.graph.constant(scale));
        self.scaled(x, scale, partial, true)
    }

    fn of_binary(&mut self, op: Op, f: Id, a: Id, b: Id) -> Vec<Tangent> {
        if self.tangents[a as usize].is_empty() && self.tangents[b as usize].is_empty() {
            return Vec::new();
        }
        let minus = self.graph.constant(-1.0);
        match op {
            Op::Add => self.sum(self.tangents[a as usize].clone(), self.tangents[b as usize].clone()),
            Op::Sub => {
                let right = self.scaled(b, Some(minus), None, false);
                self.sum(self.tangents[a as usize].clone(), right)
            }
            Op::Mul => {
                if let Some((base, p)) = self.graph.as_power(f) {
                    let lower = self.graph.power_of(base, p - 1.0);
                    let scale = self.graph.constant(p);
                    return self.scaled(base, Some(scale), Some(lower), true);
                }
                let left = self.scaled(a, None, Some(b), false);
                let right = self.scaled(b, None, Some(a), false);
                self.sum(left, right)
            }
            Op::Div => {
                let inverse = self.graph.unary(Op::Reciprocal, b);
                let left = self.scaled(a, None, Some(inverse), false);
                if self.tangents[b as usize].is_empty() {
                    return left;
                }
                let slope = self.graph.mul(f, inverse);
                let right = self.scaled(b, Some(minus), Some(slope), false);
                self.sum(left, right)
            }
            Op::Pow => {
                let left = if self.tangents[a as usize].is_empty() {
                    Vec::new()
                } else {
                    let d = self.graph.apply(Kernel::PowerByBase, &[f, b, a]);
                    self.scaled(a, None, Some(d), true)
                };
                if self.tangents[b as usize].is_empty() {
                    return left;
                }
                let ln = self.graph.unary(Op::Ln, a);
                let d = self.graph.apply(Kernel::PowerByExponent, &[f, ln]);
                let right = self.scaled(b, None, Some(d), true);
                self.sum(left, right)
            }
            Op::Max => self.select(Kernel::IfMax, a, b),
            Op::Min => self.select(Kernel::IfMin, a, b),
            _ => unreachable!("{op:?} takes one argument"),
        }
    }

    /// Tangents of a sum from those of its terms.
    fn sum(&mut self, left: Vec<Tangent>, right: Vec<Tangent>) -> Vec<Tangent> {
        self.merge(left, right, |s, x, y| match (x, y) {
            (Some(x), Some(y)) if x.direction == y.direction => {
                let factor = s.graph.binary(Op::Add, x.factor, y.factor);
                (factor, x.direction)
            }
            (Some(x), Some(y)) if x.factor == y.factor => {
                (x.factor, s.graph.binary(Op::Add, x.direction, y.direction))
            }
            (Some(x), Some(y)) => {
                let (x, y) = (s.whole(x), s.whole(y));
                (s.one, s.graph.binary(Op::Add, x, y))
            }
            (Some(t), None) | (None, Some(t)) => (t.factor, t.direction),
            (None, None) => unreachable!("a tangent comes from somewhere"),
        })
    }

    fn select(&mut self, kernel: Kernel, a: Id, b: Id) -> Vec<Tangent> {
        let zero = self.graph.constant(0.0);
        let (left, right) = (self.tangents[a as usize].clone(), self.tangents[b as usize].clone());
        self.merge(left, right, |s, x, y| {
            let x = x.map_or(zero, |t| s.whole(t));
            let y = y.map_or(zero, |t| s.whole(t));
            (s.one, s.graph.apply(kernel, &[a, b, x, y]))
        })
    }

    /// The product of factor and direction as a step.
    fn whole(&mut self, t: Tangent) -> Id {
        self.graph.mul(t.direction, t.factor)
    }

    fn merge(
        &mut self,
        left: Vec<Tangent>,
        right: Vec<Tangent>,
        mut join: impl FnMut(&mut Self, Option<Tangent>, Option<Tangent>) -> (Id, Id),
    ) -> Vec<Tangent> {
        let mut out = Vec::with_capacity(left.len().max(right.len()));
        let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
        loop {
            let parameter = match (left.peek(), right.peek()) {
                (Some(x), Some(y)) => x.parameter.min(y.parameter),
                (Some(t), None) | (None, Some(t)) => t.parameter,
                (None, None) => return out,
            };
            let x = left.next_if(|t| t.parameter == parameter);
            let y = right.next_if(|t| t.parameter == parameter);
            let (factor, direction) = join(self, x, y);
            out.push(self.tangent(parameter, factor, direction));
        }
    }
}
