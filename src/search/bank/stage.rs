//! One view of the problem with its bank, and the tests in the order of their cost.

use super::dictionary::{Wide, atoms};
use super::greedy::{Candidates, Width, greedy, two_constants};
use super::grow::{Growth, Operations};
use super::peel::{self, Peel};
use super::relation::{EXACT_LAW, Relation, Term, monomials, peel_on, resolve, values_on};
use super::scan::{Family, Wanted, scan};
use super::spans::{self, Dictionary, Factors, Logs};
use super::store::Bank;
use super::view::View;
use crate::expr::{Expr, Op};
use crate::search::Control;
use crate::search_space::PrimitiveSet;
use rayon::prelude::*;

/// Most terms of a law that comes out of a dictionary.
const MOST_TERMS: usize = 9;

/// How much is tried at a level.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// Functions in the bank.
    pub(super) bank: usize,
    /// Peels that are joined with the bank.
    pub(super) peels: usize,
    /// Peels for which pairs of functions are joined.
    pub(super) heads: usize,
    /// Functions that constants are scanned in.
    pub(super) scanned: usize,
    /// Phase up to which frequencies are scanned, in radians.
    pub(super) reach: f64,
    /// Columns of the wide dictionary.
    pub(super) wide: usize,
    /// Sums that are followed by greedy search, and their terms.
    pub(super) beam: usize,
    pub(super) depth: usize,
}

/// The levels, each about five times the work of the one before.
pub(super) const LEVELS: [Effort; 5] = [
    Effort { bank: 600, peels: 200, heads: 8, scanned: 5, reach: 30.0, wide: 60, beam: 3, depth: 2 },
    Effort { bank: 4_000, peels: 1_500, heads: 24, scanned: 20, reach: 80.0, wide: 90, beam: 4, depth: 3 },
    Effort { bank: 20_000, peels: 6_000, heads: 80, scanned: 60, reach: 150.0, wide: 140, beam: 6, depth: 4 },
    Effort {
        bank: 80_000,
        peels: 20_000,
        heads: 160,
        scanned: 200,
        reach: 600.0,
        wide: 150,
        beam: 8,
        depth: 5,
    },
    Effort {
        bank: 300_000,
        peels: 40_000,
        heads: 300,
        scanned: 400,
        reach: 600.0,
        wide: 150,
        beam: 12,
        depth: 6,
    },
];

/// The tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// More functions and peels.
    Grow,
    /// All peels: powers, and in each span, alone or with one function.
    Peels,
    /// One function with several coefficients.
    Coefficients,
    /// Constants inside of functions.
    Scan,
    /// Sums of many terms.
    Wide,
    /// Sums of few terms by correlation.
    Greedy,
    /// Two functions, over a part of the heads.
    Pairs { part: usize, parts: usize },
    /// Products with two functions, over a part of the heads.
    PowerPairs { part: usize, parts: usize },
}

/// A view with all that is known of it.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) view: View,
    bank: Bank,
    growth: Growth,
    peels: Vec<Peel>,
    /// Functions around one of the target, which products of powers are looked for in.
    around_one: Vec<Peel>,
    /// Factors of products of powers: the inputs; also their sums and differences.
    factors: [Factors; 2],
    inner: Vec<(Expr, Vec<f64>)>,
}

impl Stage {
    pub(super) fn new(view: View, primitives: &PrimitiveSet) -> Self {
        let (bank, growth) = Growth::start(&view.fit.columns, Operations::of(primitives));
        let peels = vec![Peel::identity(&view.fit.target)];
        let around_one = peel::around_one(&view.fit.target, &bank, primitives);
        let factors = [false, true].map(|sums| Factors::new(&view.fit.columns, sums));
        let inner = inner(&view);
        Self { view, bank, growth, peels, around_one, factors, inner }
    }

    /// The tasks of a level in order.
    pub(super) fn tasks(effort: &Effort) -> Vec<Task> {
        let parts = effort.heads.div_ceil(80);
        let mut out = vec![Task::Grow, Task::Peels, Task::Wide, Task::Scan, Task::Coefficients, Task::Greedy];
        for part in 0..parts {
            out.push(Task::Pairs { part, parts });
            out.push(Task::PowerPairs { part, parts });
        }
        out
    }

    /// Runs a test: laws over the original variables with their errors.
    pub(super) fn run(
        &mut self,
        task: Task,
        effort: &Effort,
        primitives: &PrimitiveSet,
        control: &Control,
    ) -> Vec<(Expr, f64)> {
        let relations = match task {
            Task::Grow => {
                self.growth.grow(&mut self.bank, effort.bank, 14, control);
                self.peels =
                    peel::enumerate(&self.view.fit.target, &self.bank, primitives, effort.peels, control);
                return Vec::new();
            }
            Task::Greedy => {
                let inner = &self.inner[..self.inner.len().min(effort.scanned / 4 + 1)];
                let multipliers = if effort.beam > 4 { 3 } else { 1 };
                let candidates =
                    Candidates::new(&self.view, &self.bank, effort.bank / 6, inner, multipliers, primitives);
                let width = Width { beam: effort.beam, depth: effort.depth };
                let mut laws = greedy(&self.view, &self.bank, &candidates, width, primitives, control);
                let arguments = &self.inner[..self.inner.len().min(self.view.width() + effort.scanned / 20)];
                let most = 20 * effort.beam;
                laws.extend(two_constants(
                    &self.view,
                    &self.bank,
                    arguments,
                    multipliers.min(2),
                    most,
                    primitives,
                    control,
                ));
                return laws;
            }
            Task::Peels => self.peels_test(effort, control),
            Task::Coefficients => self.coefficients_test(effort, control),
            Task::Scan => self.scan_test(effort, primitives, control),
            Task::Wide => self.wide_test(effort, primitives, control),
            Task::Pairs { part, parts } => self.pairs_test(effort, part, parts, control),
            Task::PowerPairs { part, parts } => self.power_pairs_test(effort, part, parts, control),
        };
        let laws: Vec<Option<(Expr, f64)>> = relations
            .par_iter()
            .map(|r| {
                if control.is_stopped() {
                    return None;
                }
                let law = resolve(r, &self.view, &self.bank, primitives, MOST_TERMS, control)?;
                (law.error < 1e-6).then(|| (self.view.lift(&law.expr), law.error))
            })
            .collect();
        laws.into_iter().flatten().collect()
    }

    /// Spans that are small enough for the rows: constant, affine, quadratic, cubic, first functions of the bank.
    fn dictionaries(&self) -> Vec<Dictionary> {
        let width = self.view.width();
        let columns = &self.view.fit.columns;
        let room = self.view.fit.len() / 2;
        let mut out = vec![Dictionary::new(vec![Expr::constant(1.0)], columns)];
        for degree in 1..=4 {
            let m = monomials(width, degree);
            if m.len() <= room {
                out.push(Dictionary::new(m, columns));
            }
        }
        let first: Vec<Expr> = std::iter::once(Expr::constant(1.0))
            .chain((0..self.bank.len()).filter(|&i| self.bank.size(i) <= 3).map(|i| self.bank.expr(i)))
            .take(room)
            .collect();
        if first.len() > 1 {
            out.push(Dictionary::new(first, columns));
        }
        out
    }

    fn peels_test(&self, effort: &Effort, control: &Control) -> Vec<Relation> {
        let dictionaries = self.dictionaries();
        let logs = Logs::of(&self.bank, effort.bank.min(100_000));
        let mut out = Vec::new();
        for factors in &self.factors {
            for peels in [&self.peels, &self.around_one] {
                out.extend(spans::powers_of_peels(factors, peels, &self.bank, &logs, control));
            }
        }
        let found: Vec<Vec<Relation>> = dictionaries
            .par_iter()
            .map(|d| spans::peels_against_bank(d, &self.peels, &self.bank, effort.bank, control))
            .collect();
        out.extend(found.into_iter().flatten());
        out
    }

    fn coefficients_test(&self, effort: &Effort, control: &Control) -> Vec<Relation> {
        let dictionaries = self.dictionaries();
        let Some(affine) = dictionaries.get(1) else { return Vec::new() };
        let chosen = spans::distinct(affine, &self.bank, (effort.bank / 8).min(20_000));
        let peels = &self.peels[..self.peels.len().min(effort.heads * 2)];
        let test = |dictionary: &Dictionary, squares: bool, chosen: &[u32]| {
            spans::one_function_with_coefficients(dictionary, squares, chosen, peels, &self.bank, control)
        };
        let mut out = test(affine, false, &chosen);
        out.extend(test(affine, true, &chosen[..chosen.len() / 2]));
        if let Some(quadratic) = dictionaries.get(2) {
            out.extend(test(quadratic, false, &chosen[..chosen.len() / 2]));
        }
        out
    }

    fn pairs_test(&self, effort: &Effort, part: usize, parts: usize, control: &Control) -> Vec<Relation> {
        let dictionaries = self.dictionaries();
        let heads: Vec<usize> =
            (0..self.peels.len().min(effort.heads)).filter(|h| h * parts / effort.heads == part).collect();
        // Which spans: with quotients for the small ones, without for the larger ones, on a smaller bank.
        let mut plans: Vec<(usize, bool, usize)> = vec![(0, true, effort.bank), (1, true, effort.bank)];
        for d in 2..dictionaries.len() {
            plans.push((d, d == 2, effort.bank / 4));
        }
        let mut out = Vec::new();
        for (d, times, count) in plans {
            let Some(dictionary) = dictionaries.get(d) else { continue };
            let chosen = spans::distinct(dictionary, &self.bank, count);
            let found: Vec<Vec<Relation>> = heads
                .par_iter()
                .map(|&h| {
                    if control.is_stopped() {
                        return Vec::new();
                    }
                    spans::two_functions(dictionary, times, &chosen, &self.peels[h], &self.bank, control)
                })
                .collect();
            out.extend(found.into_iter().flatten());
        }
        out
    }

    fn power_pairs_test(
        &self,
        effort: &Effort,
        part: usize,
        parts: usize,
        control: &Control,
    ) -> Vec<Relation> {
        let logs = Logs::of(&self.bank, effort.bank.min(100_000));
        let chosen = self.factors.each_ref().map(|f| spans::distinct_logs(f, &logs));
        let heads: Vec<usize> =
            (0..self.peels.len().min(effort.heads)).filter(|h| h * parts / effort.heads == part).collect();
        let found: Vec<Vec<Relation>> = heads
            .par_iter()
            .map(|&h| {
                if control.is_stopped() {
                    return Vec::new();
                }
                let peel = &self.peels[h];
                (0..2)
                    .flat_map(|k| {
                        let (factors, chosen) = (&self.factors[k], &chosen[k]);
                        spans::powers_of_two_functions(factors, peel, &self.bank, &logs, chosen, control)
                    })
                    .collect()
            })
            .collect();
        found.into_iter().flatten().collect()
    }

    fn scan_test(&self, effort: &Effort, primitives: &PrimitiveSet, control: &Control) -> Vec<Relation> {
        let dictionaries = self.dictionaries();
        let width = self.view.width();
        let heads = &self.peels[..self.peels.len().min(effort.heads.min(24))];
        let inner = &self.inner[..self.inner.len().min(effort.scanned)];
        let mut multipliers = vec![Vec::new()];
        let mut factors = vec![Expr::constant(1.0)];
        for i in 0..width.min(4) {
            multipliers.push(self.view.fit.columns[i].clone());
            factors.push(Expr::variable(i));
        }
        let mut out = Vec::new();
        // Sums.
        let families = Family::linear(primitives);
        for (d, dictionary) in dictionaries.iter().enumerate().skip(1).take(2) {
            let frame = dictionary.frame();
            if frame.dimension() + 5 > self.view.fit.len() {
                continue;
            }
            let wanted: Vec<Wanted> = wanted(&frame, heads.iter().map(|p| p.values.clone()));
            let jobs: Vec<(&(Expr, Vec<f64>), Family)> = inner[..inner.len() >> (d - 1)]
                .iter()
                .flat_map(|u| families.iter().map(move |&f| (u, f)))
                .collect();
            let found: Vec<Vec<Relation>> = jobs
                .par_iter()
                .map(|&((u, u_values), family)| {
                    if control.is_stopped() {
                        return Vec::new();
                    }
                    let hits = scan(family, false, u_values, &multipliers, &wanted, &frame, effort.reach);
                    control.count(200);
                    hits.into_iter()
                        .take(4)
                        .map(|h| {
                            let f = family.expr(h.constant, u, u_values);
                            let f = if h.multiplier == 0 { f } else { factors[h.multiplier].clone() * f };
                            let terms = [Term::times(Expr::constant(1.0)), Term::plain(f)]
                                .into_iter()
                                .chain(dictionary.exprs.iter().cloned().map(Term::plain))
                                .collect();
                            Relation::Linear { peel: heads[h.peel].clone(), terms }
                        })
                        .collect()
                })
                .collect();
            out.extend(found.into_iter().flatten());
        }
        // Products.
        let families = Family::logarithmic(primitives);
        let Factors { exprs: inputs, frame } = &self.factors[1];
        let logs: Vec<Option<Vec<f64>>> = heads.iter().map(|p| spans::log_of(&p.values)).collect();
        let numbered: Vec<usize> = (0..heads.len()).filter(|&i| logs[i].is_some()).collect();
        let wanted: Vec<Wanted> = wanted(frame, logs.into_iter().flatten());
        let jobs: Vec<(&(Expr, Vec<f64>), Family)> =
            inner.iter().flat_map(|u| families.iter().map(move |&f| (u, f))).collect();
        let found: Vec<Vec<Relation>> = jobs
            .par_iter()
            .map(|&((u, u_values), family)| {
                if control.is_stopped() {
                    return Vec::new();
                }
                let hits = scan(family, true, u_values, &multipliers[..1], &wanted, frame, effort.reach);
                control.count(200);
                hits.into_iter()
                    .take(4)
                    .map(|h| {
                        let f = family.expr(h.constant, u, u_values);
                        let factors = std::iter::once(f).chain(inputs.iter().cloned()).collect();
                        Relation::Power { peel: heads[numbered[h.peel]].clone(), factors }
                    })
                    .collect()
            })
            .collect();
        out.extend(found.into_iter().flatten());
        out
    }

    fn wide_test(&self, effort: &Effort, primitives: &PrimitiveSet, control: &Control) -> Vec<Relation> {
        let most = effort.wide.min(self.view.solve.len() * 2 / 5);
        let width = self.view.width();
        let mut dictionaries = Vec::new();
        // The highest degree that fits, and the one of half as many terms.
        let mut polynomials = (2..=10).map(|d| monomials(width, d)).take_while(|m| m.len() <= most);
        dictionaries.extend(polynomials.by_ref().last());
        dictionaries.push(atoms(width, primitives, &self.view, most));
        let mut simple = vec![Expr::constant(1.0)];
        simple.extend((0..self.bank.len().min(2 * most)).map(|i| self.bank.expr(i)));
        dictionaries.push(simple);
        let mut out = Vec::new();
        for exprs in dictionaries {
            if control.is_stopped() {
                break;
            }
            out.extend(self.wide_in(
                Wide::new(exprs, &self.view, most, control),
                effort,
                primitives,
                control,
            ));
        }
        out
    }

    fn wide_in(
        &self,
        wide: Wide,
        effort: &Effort,
        primitives: &PrimitiveSet,
        control: &Control,
    ) -> Vec<Relation> {
        let width = self.view.width();
        let heads = &self.peels[..self.peels.len().min(effort.heads.min(40))];
        let values: Vec<Vec<f64>> = heads.iter().map(|p| peel_on(p, &self.bank, &self.view.solve)).collect();
        let mut out = Vec::new();
        let terms = |first: Vec<Term>| -> Vec<Term> {
            first.into_iter().chain(wide.exprs.iter().cloned().map(Term::plain)).collect()
        };
        for (p, v) in heads.iter().zip(&values) {
            if wide.frame.sketch(v).vanishes() && wide.frame.distance(v) < EXACT_LAW {
                let terms = terms(vec![Term::times(Expr::constant(1.0))]);
                out.push(Relation::Linear { peel: p.clone(), terms });
            }
        }
        if !out.is_empty() || control.is_stopped() {
            out.truncate(4);
            return out;
        }
        // One inner constant beside the dictionary, for the target itself.
        let wanted = wanted(&wide.frame, values.into_iter().take(1));
        let families = Family::linear(primitives);
        let mut multipliers = vec![Vec::new()];
        let mut factors = vec![Expr::constant(1.0)];
        for i in 0..width.min(4) {
            multipliers.push(self.view.solve.columns[i].clone());
            factors.push(Expr::variable(i));
        }
        let inner = &self.inner[..self.inner.len().min(effort.scanned.min(24))];
        let jobs: Vec<(&(Expr, Vec<f64>), Family)> =
            inner.iter().flat_map(|u| families.iter().map(move |&f| (u, f))).collect();
        let found: Vec<Vec<Relation>> = jobs
            .par_iter()
            .map(|&((e, _), family)| {
                if control.is_stopped() {
                    return Vec::new();
                }
                let u_values = values_on(e, &self.view.solve);
                let reach = effort.reach.min(60.0);
                let hits = scan(family, false, &u_values, &multipliers, &wanted, &wide.frame, reach);
                control.count(1000);
                hits.into_iter()
                    .take(2)
                    .map(|h| {
                        let f = family.expr(h.constant, e, &u_values);
                        let f = if h.multiplier == 0 { f } else { factors[h.multiplier].clone() * f };
                        let terms = terms(vec![Term::times(Expr::constant(1.0)), Term::plain(f)]);
                        Relation::Linear { peel: heads[h.peel].clone(), terms }
                    })
                    .collect()
            })
            .collect();
        out.extend(found.into_iter().flatten().take(8));
        out
    }
}

/// Arguments that constants are scanned in, likely ones first: inputs, products and quotients of up to three,
/// squares, sums and differences and these times or over an input.
fn inner(view: &View) -> Vec<(Expr, Vec<f64>)> {
    let x = Expr::variable;
    let width = view.width();
    let mut exprs: Vec<Expr> = (0..width).map(x).collect();
    let pairs: Vec<(usize, usize)> = (0..width).flat_map(|i| (i + 1..width).map(move |j| (i, j))).collect();
    exprs.extend(pairs.iter().map(|&(i, j)| x(i) * x(j)));
    exprs.extend(pairs.iter().flat_map(|&(i, j)| [x(i) / x(j), x(j) / x(i)]));
    exprs.extend((0..width).map(|i| x(i).apply(Op::Square)));
    exprs.extend(pairs.iter().flat_map(|&(i, j)| [x(i) - x(j), x(i) + x(j)]));
    exprs.extend((0..width).map(|i| x(i).apply(Op::Reciprocal)));
    exprs.extend(
        pairs.iter().flat_map(|&(i, j)| [(x(i) / x(j)).apply(Op::Square), (x(j) / x(i)).apply(Op::Square)]),
    );
    exprs.extend(
        (0..width).filter(|&i| view.fit.columns[i].iter().all(|v| *v > 0.0)).map(|i| x(i).apply(Op::Sqrt)),
    );
    for &(i, j) in &pairs {
        for k in 0..width {
            if k != i && k != j {
                exprs.push(x(i) * x(j) / x(k));
            }
        }
    }
    for &(i, j) in &pairs {
        exprs.extend((0..width).flat_map(|k| [(x(i) - x(j)) * x(k), (x(i) - x(j)) / x(k)]));
    }
    for &(i, j) in &pairs {
        exprs.extend((j + 1..width).map(|k| x(i) * x(j) * x(k)));
        exprs.extend((0..width).filter(|&k| k != i && k != j).map(|k| x(k) / (x(i) * x(j))));
    }
    for (n, &(i, j)) in pairs.iter().enumerate() {
        for &(k, l) in &pairs[n + 1..] {
            if k != i && k != j && l != i && l != j {
                exprs.push(x(i) * x(j) / (x(k) * x(l)));
                exprs.push(x(i) * x(k) / (x(j) * x(l)));
                exprs.push(x(i) * x(l) / (x(j) * x(k)));
            }
        }
    }
    exprs.extend((0..width).map(|i| x(i).apply(Op::Cube)));
    exprs.extend(
        pairs.iter().flat_map(|&(i, j)| [x(i).apply(Op::Square) * x(j), x(i) * x(j).apply(Op::Square)]),
    );
    exprs.extend(pairs.iter().map(|&(i, j)| x(i).apply(Op::Square) + x(j).apply(Op::Square)));
    for &(i, j) in &pairs {
        exprs.extend((0..width).flat_map(|k| [(x(i) + x(j)) * x(k), (x(i) + x(j)) / x(k)]));
    }
    exprs
        .into_iter()
        .map(|e| {
            let v = values_on(&e, &view.fit);
            (e, v)
        })
        .filter(|(_, v)| v.iter().all(|x| x.is_finite()))
        .collect()
}

fn wanted(frame: &super::frame::Frame, values: impl Iterator<Item = Vec<f64>>) -> Vec<Wanted> {
    values
        .enumerate()
        .filter_map(|(peel, values)| {
            let sketch = frame.sketch(&values);
            sketch.direction().map(|_| Wanted { peel, sketch, values })
        })
        .collect()
}
