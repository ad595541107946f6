//! Which forms a set of primitives allows a product of powers to take.

use crate::expr::Op;
use crate::search_space::PrimitiveSet;

/// What the primitive set permits, asked once per search.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Allowed {
    /// Quotients, so negative exponents.
    pub(crate) division: bool,
    /// Square roots.
    pub(crate) root: bool,
    /// Any real exponent.
    pub(crate) power: bool,
    ops: Vec<Op>,
}

impl Allowed {
    /// What `primitives` permits.
    pub(crate) fn new(primitives: &PrimitiveSet) -> Self {
        Self {
            division: primitives.uses(Op::Div),
            root: primitives.uses(Op::Sqrt) || primitives.uses(Op::Pow),
            power: primitives.uses(Op::Pow),
            ops: Op::ALL.into_iter().filter(|op| primitives.uses(*op)).collect(),
        }
    }

    /// Whether a function may appear.
    pub(crate) fn has(&self, op: Op) -> bool {
        self.ops.contains(&op)
    }

    /// Whether `base^exponent` may be written.
    pub(crate) fn exponent(&self, exponent: f64) -> bool {
        (exponent >= 0.0 || self.division)
            && (exponent.fract() == 0.0 || self.power || (self.root && (2.0 * exponent).fract() == 0.0))
    }
}
