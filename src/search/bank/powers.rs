//! Writing products of powers, and folding numbers into one constant per product.

use crate::expr::{Expr, ExprBuilder, Node, NodeId, Op};

/// `base^power` in its shortest spelling.
pub(crate) fn power(base: &Expr, power: f64) -> Expr {
    let at = |p: f64| power == p;
    if at(0.0) {
        Expr::constant(1.0)
    } else if at(1.0) {
        base.clone()
    } else if at(2.0) {
        base.apply(Op::Square)
    } else if at(3.0) {
        base.apply(Op::Cube)
    } else if at(0.5) {
        base.apply(Op::Sqrt)
    } else if at(-1.0) {
        base.apply(Op::Reciprocal)
    } else {
        Expr::apply2(Op::Pow, base, &Expr::constant(power))
    }
}

/// The product of powers as numerator over denominator.
pub(crate) fn monomial(factors: &[(Expr, f64)]) -> Expr {
    let product = |sign: f64| {
        factors.iter().filter(|(_, p)| *p * sign > 0.0).map(|(e, p)| power(e, p.abs())).reduce(|a, b| a * b)
    };
    match (product(1.0), product(-1.0)) {
        (None, None) => Expr::constant(1.0),
        (Some(n), None) => n,
        (None, Some(d)) => d.apply(Op::Reciprocal),
        (Some(n), Some(d)) => n / d,
    }
}

/// Folds numeric factors: every product carries one fitted constant at most, `(2 x)^2 * 3` becomes `12 x^2`.
///
/// Fitted constants that are exactly 1 or 0 after folding are dropped, those in exponents are left alone.
pub(super) fn tidy(expr: &Expr) -> Expr {
    let mut t = Tidy { g: ExprBuilder::new(), parts: Vec::with_capacity(expr.nodes().len()) };
    for node in expr.nodes() {
        let part = t.fold(*node, expr.parameters());
        t.parts.push(part);
    }
    let last = *t.parts.last().expect("an expression has nodes");
    let root = t.write(last);
    t.g.finish(root)
}

/// A number times an expression; no expression means 1.
#[derive(Clone, Copy)]
struct Part {
    factor: f64,
    /// Whether the factor is more than structure, so that it is written as a fitted constant.
    fitted: bool,
    core: Option<NodeId>,
}

struct Tidy {
    g: ExprBuilder,
    parts: Vec<Part>,
}

impl Tidy {
    fn number(&mut self, value: f64, fitted: bool) -> NodeId {
        if fitted && value != 0.0 && value.abs() != 1.0 {
            self.g.parameter(value)
        } else {
            self.g.constant(value)
        }
    }

    fn write(&mut self, part: Part) -> NodeId {
        match part.core {
            None => self.number(part.factor, part.fitted),
            Some(core) if part.factor == 1.0 => core,
            Some(core) if part.factor == -1.0 => self.g.unary(Op::Neg, core),
            Some(_) if part.factor == 0.0 => self.g.constant(0.0),
            Some(core) => {
                // 0.5 * (1/x) is written 0.5/x.
                let c = self.number(part.factor, part.fitted);
                if let Node::Unary(Op::Reciprocal, d) = self.g.node(core) {
                    self.g.binary(Op::Div, c, d)
                } else {
                    self.g.binary(Op::Mul, c, core)
                }
            }
        }
    }

    fn fold(&mut self, node: Node, parameters: &[f64]) -> Part {
        let plain = |core: NodeId| Part { factor: 1.0, fitted: false, core: Some(core) };
        match node {
            Node::Constant(c) => Part { factor: c, fitted: false, core: None },
            Node::Parameter(p) => Part { factor: parameters[p as usize], fitted: true, core: None },
            Node::Variable(i) => plain(self.g.variable(i as usize)),
            Node::Unary(op, a) => {
                let a = self.parts[a as usize];
                let through = |factor: f64, g: &mut ExprBuilder| Part {
                    factor,
                    fitted: a.fitted,
                    core: a.core.map(|c| g.unary(op, c)),
                };
                match op {
                    Op::Neg => Part { factor: -a.factor, ..a },
                    Op::Square => through(a.factor * a.factor, &mut self.g),
                    Op::Cube => through(a.factor.powi(3), &mut self.g),
                    Op::Reciprocal if a.factor != 0.0 => through(1.0 / a.factor, &mut self.g),
                    Op::Sqrt if a.factor > 0.0 => through(a.factor.sqrt(), &mut self.g),
                    Op::Abs => through(a.factor.abs(), &mut self.g),
                    _ if a.core.is_none() => {
                        Part { factor: op.value(a.factor), fitted: a.fitted, core: None }
                    }
                    _ => {
                        let a = self.write(a);
                        plain(self.g.unary(op, a))
                    }
                }
            }
            Node::Binary(op, a, b) => {
                let (a, b) = (self.parts[a as usize], self.parts[b as usize]);
                self.binary(op, a, b)
            }
        }
    }

    fn binary(&mut self, op: Op, a: Part, b: Part) -> Part {
        let fitted = a.fitted || b.fitted;
        let plain = |core: NodeId| Part { factor: 1.0, fitted: false, core: Some(core) };
        match op {
            Op::Mul => {
                let core = match (a.core, b.core) {
                    (Some(x), Some(y)) => Some(self.g.binary(Op::Mul, x, y)),
                    (x, y) => x.or(y),
                };
                Part { factor: a.factor * b.factor, fitted, core }
            }
            Op::Div if b.factor != 0.0 => {
                let core = match (a.core, b.core) {
                    (Some(x), Some(y)) => Some(self.g.binary(Op::Div, x, y)),
                    (None, Some(y)) => Some(self.g.unary(Op::Reciprocal, y)),
                    (x, None) => x,
                };
                Part { factor: a.factor / b.factor, fitted, core }
            }
            Op::Add | Op::Sub => {
                let b = if op == Op::Sub { Part { factor: -b.factor, ..b } } else { b };
                if a.factor == 0.0 {
                    return b;
                }
                if b.factor == 0.0 {
                    return a;
                }
                if a.core.is_none() && b.core.is_none() {
                    return Part { factor: a.factor + b.factor, fitted, core: None };
                }
                let minus = |p: Part| p.factor < 0.0 && p.core.is_some();
                let (first, second) = if minus(a) && !minus(b) { (b, a) } else { (a, b) };
                let x = self.write(first);
                if minus(second) {
                    let y = self.write(Part { factor: -second.factor, ..second });
                    plain(self.g.binary(Op::Sub, x, y))
                } else {
                    let y = self.write(second);
                    plain(self.g.binary(Op::Add, x, y))
                }
            }
            Op::Pow => {
                // The exponent is written as it stands; a positive factor of the base is taken out.
                if let (None, Some(core)) = (b.core, a.core)
                    && !b.fitted
                    && a.factor > 0.0
                {
                    let p = self.g.constant(b.factor);
                    let core = self.g.binary(Op::Pow, core, p);
                    return Part { factor: a.factor.powf(b.factor), fitted: a.fitted, core: Some(core) };
                }
                let x = self.write(a);
                let y = self.write(b);
                plain(self.g.binary(op, x, y))
            }
            _ => {
                let x = self.write(a);
                let y = self.write(b);
                plain(self.g.binary(op, x, y))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::complexity;

    #[test]
    fn one_constant_per_product() {
        let x = Expr::variable(0);
        let e = (Expr::parameter(2.0) * x.clone()).apply(Op::Square) * Expr::parameter(3.0);
        let t = tidy(&e);
        assert_eq!(t.parameters(), &[12.0]);
        assert_eq!(t.evaluate_row(&[0.5]), e.evaluate_row(&[0.5]));
    }

    #[test]
    fn ones_and_signs_vanish() {
        let x = Expr::variable(0);
        let y = Expr::variable(1);
        let e = Expr::parameter(1.0) * x.clone() + Expr::parameter(-1.0) * y.clone();
        assert_eq!(complexity(&tidy(&e)), 3);
        let e = (x * Expr::constant(0.0)) + y;
        assert_eq!(complexity(&tidy(&e)), 1);
    }

    #[test]
    fn quotient_of_powers() {
        let f = [(Expr::variable(0), 2.0), (Expr::variable(1), -0.5), (Expr::variable(2), -1.0)];
        let e = monomial(&f);
        assert_eq!(e.evaluate_row(&[3.0, 4.0, 0.5]), 9.0);
    }
}
