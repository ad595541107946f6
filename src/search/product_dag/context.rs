//! What every job of the search shares: a view of the problem, its features, and the way from shapes to formulas.

use super::allowed::Allowed;
use super::discretise::{EXACT, discretise};
use super::feature::Feature;
use super::frame::View;
use super::head::{Head, Transformed};
use super::judge::{Found, Judge};
use super::model::Inner;
use super::shape::Shape;
use crate::search::Control;

/// A view with features over it.
pub(crate) struct Context<'a> {
    pub(crate) view: &'a View,
    /// Features of the inputs first, atoms behind them.
    pub(crate) features: &'a [Feature],
    /// How many of the features are inputs.
    pub(crate) inputs: usize,
    pub(crate) allowed: &'a Allowed,
    pub(crate) judge: &'a Judge<'a>,
    pub(crate) control: &'a Control,
    /// The best error so far; a job does not follow up much worse shapes.
    pub(crate) bar: f64,
}

impl Context<'_> {
    /// The target of the view under a head.
    pub(crate) fn transform(&self, head: Head) -> Option<Transformed> {
        head.transform(&self.view.target, self.view.weights.as_deref(), self.allowed)
    }

    /// The inner problem under a head.
    pub(crate) fn inner<'b>(&'b self, target: &'b Transformed) -> Inner<'b> {
        Inner { features: self.features, target, allowed: self.allowed, control: self.control }
    }

    /// Makes formulas of solved shapes: the best few are snapped, shortened, refitted and measured.
    pub(crate) fn follow_up(
        &self,
        inner: &Inner<'_>,
        mut solved: Vec<(Shape, f64)>,
        most: usize,
        origin: &'static str,
    ) -> Vec<Found> {
        solved.retain(|(s, c)| c.is_finite() && *c < 0.7 && !s.terms.is_empty());
        solved.sort_by(|a, b| a.1.total_cmp(&b.1));
        solved.truncate(most);
        let mut found = Vec::new();
        let Some(best) = solved.first().map(|s| s.1) else { return found };
        let reach = (10.0 * best).max(1e-12);
        for (shape, cost) in &solved {
            if self.control.is_stopped() || *cost > reach || *cost > 20.0 * self.bar {
                break;
            }
            for (s, c) in discretise(inner, shape, *cost) {
                found.extend(self.write(inner, &s, origin));
                if c < EXACT {
                    break;
                }
            }
            if found.iter().any(Found::is_exact) {
                break;
            }
        }
        found
    }

    /// A discrete shape as a measured formula of the problem.
    pub(crate) fn write(&self, inner: &Inner<'_>, shape: &Shape, origin: &'static str) -> Option<Found> {
        let target = inner.target;
        let sum = shape.to_expr(self.features, target.unit, self.allowed)?;
        let formula = target.head.invert(sum, target.sign, self.allowed);
        self.judge.assess(&self.view.lift(formula), origin)
    }
}
