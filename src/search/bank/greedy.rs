//! Sums of a few functions by correlation: for noisy targets, and for several inner constants.
//!
//! With noise nothing is exact, and with two or more constants inside of functions no scan of one hits. Terms are
//! then taken one at a time by how much they lower the residual (orthogonal matching pursuit, as in SISSO), with a
//! beam instead of a single path. Candidates are the bank's functions and, on coarse grids, functions with a
//! constant inside; after each step Levenberg-Marquardt refines all constants in the target's own space, so a
//! coarse grid is enough. A transformed target is fitted with weights that undo the transformation of its noise.

use super::frame::dot;
use super::peel::{Peel, Step};
use super::powers::tidy;
use super::relation::{error, finish, sum, values_on};
use super::scan::Family;
use super::store::Bank;
use super::view::View;
use crate::expr::{Expr, Op, Tape};
use crate::least_squares::{LmOptions, SquaredError, levenberg_marquardt};
use crate::search::Control;
use crate::search_space::PrimitiveSet;
use rayon::prelude::*;

/// Candidate terms with their values on the solving rows.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    exprs: Vec<Expr>,
    values: Vec<f64>,
    rows: usize,
}

impl Candidates {
    /// The first functions of the bank, and functions with a constant inside of the first arguments.
    pub(super) fn new(
        view: &View,
        bank: &Bank,
        count: usize,
        inner: &[(Expr, Vec<f64>)],
        multipliers: usize,
        primitives: &PrimitiveSet,
    ) -> Self {
        let mut exprs: Vec<Expr> =
            (0..bank.len().min(count)).filter(|&i| !bank.is_constant(i)).map(|i| bank.expr(i)).collect();
        for (u, values) in inner {
            for family in Family::linear(primitives) {
                for c in family.coarse(values) {
                    let f = family.expr(c, u, values);
                    for m in 0..multipliers.min(view.width()) {
                        exprs.push(Expr::variable(m) * f.clone());
                    }
                    exprs.push(f);
                }
            }
        }
        let rows = view.solve.len();
        let found: Vec<Option<Vec<f64>>> = exprs
            .par_iter()
            .map(|e| {
                let v = values_on(e, &view.solve);
                v.iter().all(|x| x.abs() < 1e100).then_some(v)
            })
            .collect();
        let mut out = Self { exprs: Vec::new(), values: Vec::new(), rows };
        for (e, v) in exprs.into_iter().zip(found) {
            if let Some(v) = v {
                out.exprs.push(e);
                out.values.extend(v);
            }
        }
        out
    }

    fn values(&self, k: usize) -> &[f64] {
        &self.values[k * self.rows..(k + 1) * self.rows]
    }
}

/// Size of the search.
#[derive(Clone, Copy, Debug)]
pub(super) struct Width {
    pub(super) beam: usize,
    pub(super) depth: usize,
}

/// A sum under construction.
#[derive(Clone, Debug)]
struct Sum {
    terms: Vec<Expr>,
    /// Ids of the terms as they were taken, sorted: the same choice in another order is the same sum.
    taken: Vec<u32>,
    residual: f64,
}

/// Laws by greedy sums for each simple transformation of the target.
pub(super) fn greedy(
    view: &View,
    bank: &Bank,
    candidates: &Candidates,
    width: Width,
    primitives: &PrimitiveSet,
    control: &Control,
) -> Vec<(Expr, f64)> {
    let mut laws = Vec::new();
    for op in [None, Some(Op::Reciprocal), Some(Op::Ln), Some(Op::Square), Some(Op::Sqrt)] {
        if control.is_stopped() {
            break;
        }
        if let Some(head) = Head::new(op, view, bank, primitives) {
            laws.extend(head.search(view, bank, candidates, width, primitives, control));
        }
    }
    laws
}

/// A transformation of the target with its weights.
struct Head {
    peel: Peel,
    values: Vec<f64>,
    weights: Vec<f64>,
}

impl Head {
    fn new(op: Option<Op>, view: &View, bank: &Bank, primitives: &PrimitiveSet) -> Option<Self> {
        let y = &view.solve.target;
        let inverse = match op {
            Some(Op::Ln) => Op::Exp,
            Some(Op::Square) => Op::Sqrt,
            Some(Op::Sqrt) => Op::Square,
            Some(op) => op,
            None => Op::Add,
        };
        if !primitives.uses(inverse) || (op.is_some() && y.iter().chain(&view.fit.target).any(|y| *y <= 0.0))
        {
            return None;
        }
        let steps = op.map(Step::Apply).into_iter().collect();
        let peel = Peel { steps, values: Vec::new(), cost: 0 };
        let values = peel.apply(y, |g| bank.values(g as usize).to_vec());
        let mut weights: Vec<f64> = y
            .iter()
            .zip(&values)
            .map(|(y, v)| op.map_or(1.0, |op| 1.0 / op.derivatives(*y, *v).0.abs()))
            .collect();
        let mut sorted = weights.clone();
        sorted.sort_by(f64::total_cmp);
        let cap = 20.0 * sorted[sorted.len() / 2];
        weights.iter_mut().for_each(|w| *w = w.min(cap));
        values.iter().chain(&weights).all(|x| x.is_finite()).then_some(Self { peel, values, weights })
    }

    /// Orthonormal basis of the weighted terms and 1, and the weighted residual.
    fn project(&self, view: &View, terms: &[Expr]) -> (Vec<Vec<f64>>, Vec<f64>) {
        let mut basis: Vec<Vec<f64>> = Vec::new();
        let mut residual: Vec<f64> = self.values.iter().zip(&self.weights).map(|(v, w)| v * w).collect();
        let columns =
            std::iter::once(vec![1.0; residual.len()]).chain(terms.iter().map(|t| values_on(t, &view.solve)));
        for column in columns {
            let mut v: Vec<f64> = column.iter().zip(&self.weights).map(|(c, w)| c * w).collect();
            let norm = dot(&v, &v).sqrt();
            for _ in 0..2 {
                for q in &basis {
                    let d = dot(q, &v);
                    v.iter_mut().zip(q).for_each(|(v, q)| *v -= d * q);
                }
            }
            let rest = dot(&v, &v).sqrt();
            if rest > 1e-10 * norm && rest.is_finite() {
                v.iter_mut().for_each(|x| *x /= rest);
                let d = dot(&v, &residual);
                residual.iter_mut().zip(&v).for_each(|(r, q)| *r -= d * q);
                basis.push(v);
            }
        }
        (basis, residual)
    }

    /// The candidates that lower the residual most.
    fn best_terms(
        &self,
        view: &View,
        sum: &Sum,
        candidates: &Candidates,
        norms: &[f64],
        most: usize,
    ) -> Vec<(f64, u32)> {
        let (basis, residual) = self.project(view, &sum.terms);
        let total = dot(&residual, &residual);
        let weigh = |v: &[f64]| -> Vec<f64> { v.iter().zip(&self.weights).map(|(v, w)| v * w).collect() };
        let r = weigh(&residual);
        let q: Vec<Vec<f64>> = basis.iter().map(|q| weigh(q)).collect();
        let mut scores: Vec<(f64, u32)> = (0..candidates.exprs.len())
            .into_par_iter()
            .map(|k| {
                let g = candidates.values(k);
                let a = dot(&r, g);
                // Most candidates fail already against the norm that projection can only lower.
                let rest = norms[k] - q.iter().map(|q| dot(q, g).powi(2)).sum::<f64>();
                let gain = if rest > 1e-7 * norms[k] { a * a / rest } else { 0.0 };
                ((total - gain).max(0.0), k as u32)
            })
            .collect();
        let most = most.min(scores.len());
        if most == 0 {
            return Vec::new();
        }
        let order = |a: &(f64, u32), b: &(f64, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        scores.select_nth_unstable_by(most - 1, order);
        scores.truncate(most);
        scores.sort_by(order);
        scores
    }

    fn search(
        &self,
        view: &View,
        bank: &Bank,
        candidates: &Candidates,
        width: Width,
        primitives: &PrimitiveSet,
        control: &Control,
    ) -> Vec<(Expr, f64)> {
        let norms: Vec<f64> = (0..candidates.exprs.len())
            .into_par_iter()
            .map(|k| {
                candidates.values(k).iter().zip(&self.weights).map(|(g, w)| (g * w).powi(2)).sum::<f64>()
            })
            .collect();
        let mut beam = vec![Sum { terms: Vec::new(), taken: Vec::new(), residual: f64::INFINITY }];
        let mut laws: Vec<(Expr, f64)> = Vec::new();
        for _ in 0..width.depth {
            let mut next: Vec<Sum> = Vec::new();
            for sum in &beam {
                if control.is_stopped() {
                    return laws;
                }
                control.count(candidates.exprs.len() as u64);
                for (residual, k) in self.best_terms(view, sum, candidates, &norms, 2 * width.beam) {
                    let mut taken = sum.taken.clone();
                    taken.push(k);
                    taken.sort_unstable();
                    if next.iter().any(|s| s.taken == taken) {
                        continue;
                    }
                    let mut terms = sum.terms.clone();
                    terms.push(candidates.exprs[k as usize].clone());
                    next.push(Sum { terms, taken, residual });
                }
            }
            next.sort_by(|a, b| a.residual.total_cmp(&b.residual).then(a.taken.cmp(&b.taken)));
            next.truncate(3 * width.beam);
            let refined: Vec<Option<(Sum, Expr, f64)>> = next
                .par_iter()
                .map(|s| if control.is_stopped() { None } else { self.refine(view, bank, s, primitives) })
                .collect();
            let mut refined: Vec<(Sum, Expr, f64)> = refined.into_iter().flatten().collect();
            refined.sort_by(|a, b| a.2.total_cmp(&b.2).then(a.0.taken.cmp(&b.0.taken)));
            // Sums that have become the same through their constants.
            refined.dedup_by(|a, b| (a.2 - b.2).abs() < 1e-9 * b.2);
            laws.extend(refined.iter().map(|r| (view.lift(&r.1), r.2)));
            if refined.is_empty() || refined[0].2 < 1e-9 {
                break;
            }
            beam = refined.into_iter().take(width.beam).map(|r| r.0).collect();
        }
        laws
    }

    /// All constants of a sum fitted in the target's own space.
    fn refine(
        &self,
        view: &View,
        bank: &Bank,
        state: &Sum,
        primitives: &PrimitiveSet,
    ) -> Option<(Sum, Expr, f64)> {
        let one = Expr::constant(1.0);
        let columns: Vec<Vec<f64>> = std::iter::once(&one)
            .chain(&state.terms)
            .map(|t| {
                let mut v = values_on(t, &view.solve);
                v.resize(self.weights.len(), v[0]);
                v.iter().zip(&self.weights).map(|(v, w)| v * w).collect()
            })
            .collect();
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let target: Vec<f64> = self.values.iter().zip(&self.weights).map(|(v, w)| v * w).collect();
        let c = crate::least_squares::linear_fit(&views, &target, None)?;
        let pairs: Vec<(f64, &Expr)> =
            c.iter().copied().zip(std::iter::once(&one).chain(&state.terms)).collect();
        let law = self.peel.invert(&sum(&pairs, 1.0), bank, &view.fit.target)?;
        let before = error(&law, &view.solve);
        if !before.is_finite() || !super::relation::allowed(&law, primitives) {
            return None;
        }
        let tape = Tape::compile(&law);
        let solve = view.solve.views();
        let squared = SquaredError::new(&tape, &solve, &view.solve.target, None);
        let options = LmOptions { iterations: 25, tolerance: 1e-7, polish: 0, ..LmOptions::default() };
        let fit = levenberg_marquardt(&squared, law.parameters(), &options);
        // Constants stand in the order of the terms: coefficient, then those inside of the term.
        let mut at = 1;
        let terms = state
            .terms
            .iter()
            .map(|t| {
                let n = t.parameters().len();
                let t = t.with_parameters(&fit.parameters[at + 1..at + 1 + n]);
                at += 1 + n;
                t
            })
            .collect();
        let mut law = tidy(&law.with_parameters(&fit.parameters));
        let mut error = error(&law, &view.solve).max(error(&law, &view.check));
        if error < 1e-3 {
            let exact = finish(&law, view, primitives, 40)?;
            law = exact.expr;
            error = exact.error;
        }
        error.is_finite().then_some((Sum { terms, ..state.clone() }, law, error))
    }
}
