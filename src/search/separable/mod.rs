//! Inputs whose function stands alone: `y = f(x_i) g(others)`, `y = f(x_i) + g(others)`, or in one term: `y = f(x_i) g(others) + h(others)`;
//! the same of the target under a head ([`headed`]), such as `y^2`.
//!
//! 1. [`linear`]: terms that are linear in an input go at once
//! 2. [`blocks`]: which input stands alone, and what values its function has
//! 3. [`names`]: formulas for these values, from a table of one input; what stands before it in a term, from one of the others
//! 4. [`joint`]: constants of a term, beside any smooth function of the others
//!
//! What is left is a problem of fewer inputs, which may fall apart again.

mod blocks;
mod headed;
mod joint;
mod linear;
mod names;

use super::parts::relevant;
use super::product_dag::Head;
use super::reduced::{Data, Reduced, Stage, without_factor};
use super::{
    Candidate, Control, Known, Memetic, Neighbourhood, Parts, Problem, ProductDag, Round, SearchStrategy,
    SemanticBank,
};
use crate::expr::Expr;
use blocks::{Block, Kind, blocks};
use headed::Headed;
use linear::linear_terms;
use names::Naming;
use std::collections::VecDeque;
use std::sync::Arc;

/// Name of the stage.
pub(crate) const NAME: &str = "separable";

/// Inputs at most.
const WIDEST: usize = 12;

/// Blocks that are followed: of the target, and of the target under heads.
const BLOCKS: usize = 2;
const UNDER_HEADS: usize = 1;

/// Heads besides the target itself. What stands alone under others does so under these as well.
const HEADS: [Head; 4] = [Head::Square, Head::Exp, Head::Inverse, Head::Ln];

/// Evaluations per round, as nearly as they can be told beforehand, and steps at most.
const WORK: u64 = 300_000;
const STEPS: usize = 24;

/// How often something is taken off under a head, one after the other.
const DEEPEST: usize = 3;

/// The strategy `separable`.
#[derive(Default)]
pub(crate) struct Separable {
    begun: bool,
    /// What stands alone and has no formula yet, and where.
    naming: VecDeque<(Arc<Headed>, Naming)>,
    /// The problems that are left without what has one.
    reduced: Vec<Reduced>,
    turn: usize,
    /// How many functions have been taken off already.
    depth: usize,
}

impl Separable {
    /// A search that has not begun; it reads the problem in its first round.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Looks for what stands alone.
    fn begin(&mut self, problem: &Problem<'_>, control: &Control) {
        self.begun = true;
        if !(2..=WIDEST).contains(&problem.columns.len()) {
            return;
        }
        let plain = Headed::plain(problem);
        let heads = if self.depth < DEEPEST { &HEADS[..] } else { &[] };
        let under: Vec<Headed> = heads.iter().filter_map(|h| plain.under(*h)).collect();
        let all: Vec<Arc<Headed>> = std::iter::once(plain).chain(under).map(Arc::new).collect();
        let linear = all.iter().filter_map(|h| Some((h, linear_terms(&h.columns, &h.rows())?)));
        let without_linear = linear.filter_map(|(h, t)| self.without(h, t, Kind::Summand, Inputs::Needed));
        let known = if all.len() > 1 { all[0].power_factors(problem) } else { Vec::new() };
        let own_powers = all.iter().filter(|h| h.has_own_powers());
        let powers = own_powers.filter_map(|h| Some((h, h.powers(&known, problem)?)));
        let without_powers = powers.filter_map(|(h, p)| self.without(h, p, Kind::Factor, Inputs::Needed));
        self.reduced = without_linear.chain(without_powers).collect();
        let blocks_of = |h: &Arc<Headed>, kinds: &[Kind]| -> Vec<(Arc<Headed>, Block)> {
            let found = blocks(&h.columns, &h.rows(), kinds, control);
            found.into_iter().map(|b| (Arc::clone(h), b)).collect()
        };
        let own = blocks_of(&all[0], &[Kind::Summand, Kind::Factor, Kind::Term]);
        // Factors under a head are factors, or summands, of the target.
        let under = all[1..].iter().flat_map(|h| blocks_of(h, &[Kind::Summand, Kind::Term]));
        let mut others: Vec<(Arc<Headed>, Block)> =
            under.filter(|(_, b)| own.first().is_none_or(|(_, clearest)| b.left < clearest.left)).collect();
        others.sort_by(|a, b| a.1.left.total_cmp(&b.1.left));
        let followed = own.into_iter().take(BLOCKS).chain(others.into_iter().take(UNDER_HEADS));
        self.naming = followed
            .map(|(h, block)| {
                let naming = Naming::new(block, &h.columns);
                (h, naming)
            })
            .collect();
    }

    /// One round of the search for formulas of what stands alone.
    fn name_next(&mut self, problem: &Problem<'_>, control: &Control) {
        let Some((h, naming)) = self.naming.front_mut() else { return };
        let Some(found) = naming.round(&h.columns, &h.rows(), problem, control) else { return };
        if let Some((h, naming)) = self.naming.pop_front() {
            let Block { kind, input, .. } = *naming.block();
            let left = found.into_iter().filter_map(|f| self.without(&h, f, kind, Inputs::But(input)));
            self.reduced.extend(left.collect::<Vec<_>>());
        }
    }

    /// A step of the search in one of the problems that are left.
    fn step(&mut self, problem: &Problem<'_>, control: &Control) -> Vec<Candidate> {
        let turn = self.turn;
        self.turn += 1;
        // The clearest has most of the turns.
        let others = self.reduced.len().saturating_sub(1);
        let next = match turn % 4 {
            1 if others > 0 => self.reduced.get_mut(1 + turn / 4 % others),
            _ => self.reduced.first_mut(),
        };
        let found = next.map_or_else(Vec::new, |r| r.step(problem, NAME, control));
        self.reduced.retain(|r| !r.is_finished());
        found
    }

    /// What is left of the target without `f`.
    fn without(&self, headed: &Headed, f: Expr, kind: Kind, inputs: Inputs) -> Option<Reduced> {
        let Data { columns, target, weights, split } = &headed.data;
        let own = f.evaluate(&columns.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let (target, weights): (Vec<f64>, Vec<f64>) = match kind {
            Kind::Factor => without_factor(target, Some(weights), |row| own[row]),
            Kind::Summand | Kind::Term => {
                let rest = target.iter().zip(&own).map(|(y, f)| y - f).zip(weights);
                rest.map(|(v, w)| if v.is_finite() { (v, *w) } else { (0.0, 0.0) }).unzip()
            }
        };
        if weights.iter().all(|w| *w == 0.0) {
            return None;
        }
        let others: Vec<usize> = match inputs {
            Inputs::But(input) => (0..columns.len()).filter(|i| *i != input).collect(),
            Inputs::Needed => relevant(columns, &target, &weights),
        };
        let columns = others.iter().map(|&i| columns[i].clone()).collect();
        let stages = vec![
            Stage::new(ProductDag::new(), 0, 1),
            Stage::new(Parts::new(), 0, 1),
            Stage::new(SemanticBank::new(), 0, 1),
            Stage::new(Self { depth: self.depth + 1, ..Self::default() }, 1, 1),
            Stage::new(Neighbourhood::new(), 2, 1),
            Stage::new(Memetic::new(), 2, 1),
        ];
        let invert = headed.inverse();
        Some(Reduced::new(Data { columns, target, weights, split: split.clone() }, stages, move |rest| {
            let names: Vec<Expr> = others.iter().map(|&i| Expr::variable(i)).collect();
            let rest = rest.substitute(&names);
            invert(match kind {
                Kind::Factor => f.clone() * rest,
                Kind::Summand | Kind::Term => f.clone() + rest,
            })
        }))
    }
}

/// What a reduced problem reads.
#[derive(Clone, Copy, Debug)]
enum Inputs {
    But(usize),
    /// Those that what is left depends on.
    Needed,
}

impl SearchStrategy for Separable {
    fn name(&self) -> &'static str {
        NAME
    }

    fn round(&mut self, problem: &Problem<'_>, _front: &[Known], control: &Control) -> Round {
        if control.is_stopped() {
            return Round { candidates: Vec::new(), finished: false };
        }
        if !self.begun {
            self.begin(problem, control);
        }
        let counted = control.counted();
        let goes_on = || counted.counted_evaluations() < WORK && !control.is_stopped();
        while !self.naming.is_empty() && goes_on() {
            self.name_next(problem, &counted);
        }
        let mut candidates = Vec::new();
        for _ in 0..STEPS {
            if !goes_on() {
                break;
            }
            candidates.extend(self.step(problem, &counted));
        }
        let finished = self.reduced.is_empty() && self.naming.is_empty();
        Round { candidates, finished }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;
    use crate::search::groups::columns;
    use crate::search::strategy_tests::returns_at_once_when_stopped;
    use crate::search_space::{PrimitiveSet, SearchSpace};

    /// The least error, relative to the size of the target, of what the stage finds in some rounds, fewer where it is `enough`.
    fn error(width: usize, enough: f64, law: impl Fn(&[f64]) -> f64) -> f64 {
        let columns = columns(width, 400);
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let y: Vec<f64> =
            (0..400).map(|r| law(&columns.iter().map(|c| c[r]).collect::<Vec<f64>>())).collect();
        let size = y.iter().fold(0.0, |m: f64, y| m.max(y.abs()));
        let split = Split::random(400, 0.25, 1);
        let space = SearchSpace::new(PrimitiveSet::SCIENCE, 2).unwrap();
        let problem =
            Problem { columns: &views, target: &y, weights: None, split: &split, space: &space, seed: 1 };
        let mut search = Separable::new();
        let off = |e: &Expr| {
            let off = e.evaluate(&views).iter().zip(&y).map(|(f, y)| (f - y).abs()).fold(0.0, f64::max);
            off / size
        };
        let mut least = f64::INFINITY;
        for _ in 0..6 {
            let candidates = search.round(&problem, &[], &Control::unlimited()).candidates;
            least = candidates.iter().filter_map(|c| c.expr().map(off)).fold(least, f64::min);
            if least < enough {
                break;
            }
        }
        least
    }

    #[test]
    fn a_factor_and_a_summand() {
        assert!(error(4, 1e-8, |x| (2.0 * x[1]).cos() * (x[0] * x[2] - (x[3] + x[0]).sqrt())) < 1e-8);
        assert!(error(4, 1e-8, |x| x[2].sin() + x[0] / (x[1] + x[3])) < 1e-8);
    }

    #[test]
    fn one_term_beside_others() {
        assert!(error(2, 1e-8, |x| 0.7 * x[0] * (-0.3 * x[1]).exp() + 0.9 * (1.3 * x[0]).sin()) < 1e-8);
        // As exact as a polynomial of two inputs is near to the root; the engine solves the constants of the whole.
        let off = error(3, 1e-6, |x| x[1] * (2.0 * x[0]).cos() + (x[1] + x[2]).sqrt());
        assert!(off < 1e-6, "{off:e}");
    }

    #[test]
    fn terms_under_a_head() {
        let rough = |x: &[f64]| (4.0 * x[2] * x[3]).sin() + 3.0;
        assert!(error(4, 1e-8, |x| (x[0] * x[1] + rough(x)).sqrt()) < 1e-8);
        assert!(error(4, 1e-8, |x| (x[0] - 2.0 * x[1] + 6.0 + rough(x)).ln()) < 1e-8);
    }

    #[test]
    fn one_after_the_other() {
        assert!(error(3, 1e-8, |x| x[0].cos() * x[1].ln() * (x[2] - 2.0).exp()) < 1e-8);
    }

    #[test]
    fn does_nothing_when_stopped() {
        returns_at_once_when_stopped(Separable::new());
    }
}
