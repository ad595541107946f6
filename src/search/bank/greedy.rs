//! Sums of a few functions by correlation: for noisy targets, and for several inner constants.
//!
//! With noise nothing is exact, and with two or more constants inside of functions no scan of one hits. Terms are
//! then taken one at a time by how much they lower the residual (orthogonal matching pursuit, as in SISSO), with a
//! beam instead of a single path. Candidates are the bank's functions and, on coarse grids, functions with a
//! constant inside; after each step Levenberg-Marquardt refines all constants in the target's own space, so a
//! coarse grid is enough. A transformed target is fitted with weights that undo the transformation of its noise.

use super::peel::{Peel, Step};
use super::powers::tidy;
use super::relation::{error, finish, power_law, sum, values_on};
use super::scan::Family;
use super::store::Bank;
use super::view::View;
use crate::expr::{Expr, Op, Tape};
use crate::least_squares::{
    LmOptions, SquaredError, dot, dots, levenberg_marquardt, orthogonalise, project_out,
};
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
    laws.extend(products(view, candidates, width, primitives, control));
    laws
}

/// Two functions with a constant inside each: the best start on coarse grids for every pair of kinds, refined.
pub(super) fn two_constants(
    view: &View,
    bank: &Bank,
    inner: &[(Expr, Vec<f64>)],
    multipliers: usize,
    most: usize,
    primitives: &PrimitiveSet,
    control: &Control,
) -> Vec<(Expr, f64)> {
    let Some(head) = Head::new(None, view, bank, primitives) else { return Vec::new() };
    let base: Vec<Vec<f64>> = view.solve.columns.clone();
    if base.len() + 4 > view.solve.len() {
        return Vec::new();
    }
    let (basis, residual) = head.project(base);
    // One kind: family, argument and multiplier; its functions over the grid, orthogonal to 1 and the inputs.
    let mut kinds: Vec<Vec<(Expr, Vec<f64>)>> = Vec::new();
    for (u, values) in inner {
        for family in Family::linear(primitives) {
            for m in 0..=multipliers.min(view.width()) {
                let kind: Vec<(Expr, Vec<f64>)> = family
                    .coarse(values)
                    .into_par_iter()
                    .filter_map(|c| {
                        let f = family.expr(c, u, values);
                        let f = if m == 0 { f } else { Expr::variable(m - 1) * f };
                        let mut v = values_on(&f, &view.solve);
                        let norm = dot(&v, &v).sqrt();
                        project_out(&basis, &mut v);
                        let rest = dot(&v, &v).sqrt();
                        v.iter_mut().for_each(|x| *x /= rest);
                        (rest > 1e-6 * norm && rest.is_finite()).then_some((f, v))
                    })
                    .collect();
                kinds.push(kind);
            }
        }
    }
    let total = dot(&residual, &residual);
    let views: Vec<Vec<&[f64]>> = kinds.iter().map(|k| k.iter().map(|f| f.1.as_slice()).collect()).collect();
    let along: Vec<Vec<f64>> = views.iter().map(|k| dots(&residual, k)).collect();
    let pairs: Vec<(usize, usize)> =
        (0..kinds.len()).flat_map(|i| (i..kinds.len()).map(move |j| (i, j))).collect();
    let starts: Vec<Option<(f64, [usize; 4])>> = pairs
        .par_iter()
        .map(|&(i, j)| {
            if control.is_stopped() {
                return None;
            }
            let mut best: Option<(f64, [usize; 4])> = None;
            for (a, f) in kinds[i].iter().enumerate() {
                let first = if i == j { a + 1 } else { 0 };
                for (b, c) in (first..).zip(dots(&f.1, &views[j][first..])) {
                    let (ra, rb) = (along[i][a], along[j][b]);
                    let det = 1.0 - c * c;
                    if det > 1e-6 {
                        let rest = total - (ra * ra - 2.0 * c * ra * rb + rb * rb) / det;
                        if best.is_none_or(|best| rest < best.0) {
                            best = Some((rest, [i, a, j, b]));
                        }
                    }
                }
            }
            best
        })
        .collect();
    let mut starts: Vec<(f64, [usize; 4])> = starts.into_iter().flatten().collect();
    starts.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    starts.truncate(most);
    let found: Vec<Option<(Expr, f64)>> = starts
        .par_iter()
        .map(|(_, [i, a, j, b])| {
            if control.is_stopped() {
                return None;
            }
            let mut terms: Vec<Expr> = (0..view.width()).map(Expr::variable).collect();
            terms.push(kinds[*i][*a].0.clone());
            terms.push(kinds[*j][*b].0.clone());
            let state = Sum { terms, taken: Vec::new(), residual: 0.0 };
            let (_, law, error) = head.refine(view, bank, &state, primitives)?;
            Some((view.lift(&law), error))
        })
        .collect();
    found.into_iter().flatten().collect()
}

/// Products of powers of the inputs, of functions, and exponentials of functions, by correlation of logarithms.
///
/// Exponents go to multiples of one half, which noise does not move; the scale is fitted in the target's space.
fn products(
    view: &View,
    candidates: &Candidates,
    width: Width,
    primitives: &PrimitiveSet,
    control: &Control,
) -> Vec<(Expr, f64)> {
    let y = &view.solve.target;
    let mut sizes: Vec<f64> = y.iter().map(|y| y.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let small = sizes[sizes.len() / 20].max(f64::MIN_POSITIVE);
    let head = Head {
        peel: Peel { steps: Vec::new(), values: Vec::new(), cost: 0 },
        values: y.iter().map(|y| y.abs().max(small).ln()).collect(),
        weights: y
            .iter()
            .map(|y| if y.abs() > small { y.abs().min(20.0 * sizes[sizes.len() / 2]) } else { 0.0 })
            .collect(),
    };
    let log = |v: &[f64]| -> Option<Vec<f64>> {
        let l: Vec<f64> = v.iter().map(|x| x.abs().ln()).collect();
        l.iter().all(|x| x.is_finite()).then_some(l)
    };
    let mut inputs = Vec::new();
    let mut base = Vec::new();
    for i in 0..view.width() {
        if let Some(l) = log(&view.solve.columns[i]) {
            inputs.push(i);
            base.push(l);
        }
    }
    // Each function enters as a factor, and as an exponent where exponentials are allowed.
    let mut logs = Candidates { rows: candidates.rows, ..Candidates::default() };
    let mut origin: Vec<(u32, bool)> = Vec::new();
    for k in 0..candidates.exprs.len() {
        if !candidates.exprs[k].parameters().is_empty() {
            continue;
        }
        if let Some(l) = log(candidates.values(k)) {
            logs.exprs.push(candidates.exprs[k].clone());
            logs.values.extend(l);
            origin.push((k as u32, false));
        }
        if primitives.uses(Op::Exp) {
            logs.exprs.push(candidates.exprs[k].clone());
            logs.values.extend_from_slice(candidates.values(k));
            origin.push((k as u32, true));
        }
    }
    let norms = head.norms(&logs);
    let mut beam: Vec<Vec<u32>> = vec![Vec::new()];
    let mut laws = Vec::new();
    for depth in 0..=width.depth.min(2) {
        let fitted: Vec<Vec<(Expr, f64)>> = beam
            .par_iter()
            .map(|chosen| {
                if control.is_stopped() {
                    return Vec::new();
                }
                let parts: Vec<(&Expr, &[f64], bool)> = chosen
                    .iter()
                    .map(|&k| {
                        let (source, exponent) = origin[k as usize];
                        (&candidates.exprs[source as usize], candidates.values(source as usize), exponent)
                    })
                    .collect();
                product_laws(&head, view, &inputs, &base, &parts, primitives)
            })
            .collect();
        laws.extend(fitted.into_iter().flatten());
        if depth == width.depth.min(2) || control.is_stopped() {
            break;
        }
        let mut next: Vec<(f64, Vec<u32>)> = Vec::new();
        for chosen in beam.iter().take(width.beam) {
            control.count(logs.exprs.len() as u64);
            let columns =
                base.iter().cloned().chain(chosen.iter().map(|&k| logs.values(k as usize).to_vec()));
            for (residual, k) in head.best_terms(columns, &logs, &norms, 4 * width.beam) {
                let mut more = chosen.clone();
                more.push(k);
                more.sort_unstable();
                if !next.iter().any(|n| n.1 == more) {
                    next.push((residual, more));
                }
            }
        }
        next.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        beam = next.into_iter().take(6 * width.beam).map(|n| n.1).collect();
    }
    laws.into_iter().map(|(e, error)| (view.lift(&e), error)).collect()
}

/// One product with exponents as fitted and as rounded to halves.
fn product_laws(
    head: &Head,
    view: &View,
    inputs: &[usize],
    base: &[Vec<f64>],
    parts: &[(&Expr, &[f64], bool)],
    primitives: &PrimitiveSet,
) -> Vec<(Expr, f64)> {
    let weigh = |v: &mut Vec<f64>| v.iter_mut().zip(&head.weights).for_each(|(v, w)| *v *= w);
    let mut columns: Vec<Vec<f64>> = vec![vec![1.0; head.values.len()]];
    columns.extend(base.iter().cloned());
    columns.extend(parts.iter().map(|(_, v, exponent)| {
        if *exponent { v.to_vec() } else { v.iter().map(|x| x.abs().ln()).collect() }
    }));
    columns.iter_mut().for_each(weigh);
    let mut target = head.values.clone();
    weigh(&mut target);
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let Some(c) = crate::least_squares::linear_fit(&views, &target, None) else { return Vec::new() };
    let x: Vec<Expr> = inputs.iter().map(|&i| Expr::variable(i)).collect();
    let mut factors: Vec<(&Expr, &[f64])> =
        x.iter().zip(inputs).map(|(e, &i)| (e, view.solve.columns[i].as_slice())).collect();
    let mut powers: Vec<f64> = c[1..=inputs.len()].to_vec();
    let mut exponentials: Vec<Expr> = Vec::new();
    for (&(e, v, exponent), &p) in parts.iter().zip(&c[1 + inputs.len()..]) {
        if exponent {
            exponentials.push((Expr::parameter(p) * e.clone()).apply(Op::Exp));
        } else {
            factors.push((e, v));
            powers.push(p);
        }
    }
    let rounded: Vec<f64> = powers.iter().map(|p| (2.0 * p).round() / 2.0).collect();
    [rounded, powers]
        .into_iter()
        .filter_map(|powers| {
            let law = power_law(&factors, &powers, c[0].exp(), &view.solve.target, primitives)?;
            let law = exponentials.iter().fold(law, |a, b| a * b.clone());
            let law = finish(&tidy(&law), view, primitives, 12)?;
            Some((law.expr, law.error))
        })
        .collect()
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

    /// Orthonormal basis of 1 and the columns, weighted, and the weighted residual.
    fn project(&self, columns: impl IntoIterator<Item = Vec<f64>>) -> (Vec<Vec<f64>>, Vec<f64>) {
        let mut basis: Vec<Vec<f64>> = Vec::new();
        let mut residual: Vec<f64> = self.values.iter().zip(&self.weights).map(|(v, w)| v * w).collect();
        for column in std::iter::once(vec![1.0; residual.len()]).chain(columns) {
            let mut v: Vec<f64> = column.iter().zip(&self.weights).map(|(c, w)| c * w).collect();
            let norm = dot(&v, &v).sqrt();
            orthogonalise(&basis, &mut v);
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

    /// Squared norms of the weighted candidates.
    fn norms(&self, candidates: &Candidates) -> Vec<f64> {
        (0..candidates.exprs.len())
            .into_par_iter()
            .map(|k| {
                candidates.values(k).iter().zip(&self.weights).map(|(g, w)| (g * w).powi(2)).sum::<f64>()
            })
            .collect()
    }

    /// The candidates that lower the residual most.
    fn best_terms(
        &self,
        columns: impl IntoIterator<Item = Vec<f64>>,
        candidates: &Candidates,
        norms: &[f64],
        most: usize,
    ) -> Vec<(f64, u32)> {
        let (basis, residual) = self.project(columns);
        let total = dot(&residual, &residual);
        let weigh = |v: &[f64]| -> Vec<f64> { v.iter().zip(&self.weights).map(|(v, w)| v * w).collect() };
        let r = weigh(&residual);
        let q: Vec<Vec<f64>> = basis.iter().map(|q| weigh(q)).collect();
        let q: Vec<&[f64]> = q.iter().map(Vec::as_slice).collect();
        let mut scores: Vec<(f64, u32)> = (0..candidates.exprs.len())
            .into_par_iter()
            .map(|k| {
                let g = candidates.values(k);
                let a = dot(&r, g);
                // Most candidates fail already against the norm that projection can only lower.
                let rest = norms[k] - dots(g, &q).into_iter().map(|d| d * d).sum::<f64>();
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
        let norms = self.norms(candidates);
        let mut beam = vec![Sum { terms: Vec::new(), taken: Vec::new(), residual: f64::INFINITY }];
        let mut laws: Vec<(Expr, f64)> = Vec::new();
        for _ in 0..width.depth {
            let mut next: Vec<Sum> = Vec::new();
            for sum in &beam {
                if control.is_stopped() {
                    return laws;
                }
                control.count(candidates.exprs.len() as u64);
                let columns = sum.terms.iter().map(|t| values_on(t, &view.solve));
                for (residual, k) in self.best_terms(columns, candidates, &norms, 2 * width.beam) {
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
            let bare: Vec<Option<(Expr, f64)>> = refined
                .par_iter()
                .take(2 * width.beam)
                .map(|r| self.without_constant(view, bank, &r.0, primitives))
                .collect();
            laws.extend(bare.into_iter().flatten());
            if refined.is_empty() || refined[0].2 < 1e-9 {
                break;
            }
            beam = refined.into_iter().take(width.beam).map(|r| r.0).collect();
        }
        laws
    }

    /// The same sum without its constant term.
    fn without_constant(
        &self,
        view: &View,
        bank: &Bank,
        state: &Sum,
        primitives: &PrimitiveSet,
    ) -> Option<(Expr, f64)> {
        let columns: Vec<Vec<f64>> = state
            .terms
            .iter()
            .map(|t| values_on(t, &view.solve).iter().zip(&self.weights).map(|(v, w)| v * w).collect())
            .collect();
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let target: Vec<f64> = self.values.iter().zip(&self.weights).map(|(v, w)| v * w).collect();
        let c = crate::least_squares::linear_fit(&views, &target, None)?;
        let pairs: Vec<(f64, &Expr)> = c.iter().copied().zip(&state.terms).collect();
        let law = tidy(&self.peel.invert(&sum(&pairs, 1.0), bank, &view.fit.target)?);
        let law = finish(&law, view, primitives, 12)?;
        Some((view.lift(&law.expr), law.error))
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
