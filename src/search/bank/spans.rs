//! The tests that join: laws as linear dependences among the target's peels and the bank, modulo small spans.
//!
//! With `t` a peel of the target and D a span of simple functions (1; affine; quadratic; the first functions of
//! the bank):
//!
//! * `t` in D, and `t` in D + g: all peels against all functions g in one join;
//! * `D + t D` joined with all `g` and all `t g`: quotients `(D + g)/(D + h)` and sums of two functions;
//! * the same for logarithms: products of powers of the inputs and of one or two functions;
//! * `t` in D + g D: a function that occurs with several coefficients.

use super::frame::{Frame, sketch, sketch_product};
use super::join::{Keys, representatives};
use super::peel::Peel;
use super::relation::{Relation, Term};
use super::store::Bank;
use crate::expr::{Expr, Op};
use crate::search::Control;
use rayon::prelude::*;

/// Hits of one join that are looked at, the simplest first.
const HITS: usize = 24;

/// A span of simple functions with their values on the fit rows.
#[derive(Clone, Debug)]
pub(super) struct Dictionary {
    pub(super) exprs: Vec<Expr>,
    pub(super) values: Vec<Vec<f64>>,
}

impl Dictionary {
    pub(super) fn new(exprs: Vec<Expr>, columns: &[Vec<f64>]) -> Self {
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let values: Vec<Vec<f64>> = exprs.iter().map(|e| e.evaluate(&views)).collect();
        let keep: Vec<bool> = values.iter().map(|v| v.iter().all(|x| x.is_finite())).collect();
        let mut it = keep.iter();
        let exprs = exprs.into_iter().filter(|_| *it.next().expect("one flag per function")).collect();
        let mut it = keep.iter();
        let values = values.into_iter().filter(|_| *it.next().expect("one flag per function")).collect();
        Self { exprs, values }
    }

    pub(super) fn frame(&self) -> Frame {
        Frame::new(self.values.first().map_or(0, Vec::len), self.values.iter().map(Vec::as_slice))
    }

    /// The functions, and the functions times a column.
    fn frame_with_times(&self, t: &[f64]) -> Frame {
        let times: Vec<Vec<f64>> = self.values.iter().map(|v| product(v, t)).collect();
        Frame::new(t.len(), self.values.iter().chain(&times).map(Vec::as_slice))
    }

    fn plain(&self) -> impl Iterator<Item = Term> + '_ {
        self.exprs.iter().cloned().map(Term::plain)
    }

    fn times(&self) -> impl Iterator<Item = Term> + '_ {
        self.exprs.iter().cloned().map(Term::times)
    }
}

pub(super) fn product(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a * b).collect()
}

/// Every peel in D, and every peel in D + g.
pub(super) fn peels_against_bank(
    dictionary: &Dictionary,
    peels: &[Peel],
    bank: &Bank,
    count: usize,
    control: &Control,
) -> Vec<Relation> {
    let frame = dictionary.frame();
    if frame.dimension() + 4 > dictionary.values[0].len() {
        return Vec::new();
    }
    let mut of_bank = Keys::default();
    for id in 0..count.min(bank.len()) {
        of_bank.push(&frame.sketch(bank.values(id)), id as u32);
    }
    let first_peel = bank.len() as u32;
    let mut keys = Keys { keys: Vec::new(), inside: Vec::new() };
    let chosen = representatives(&of_bank);
    keys.keys = of_bank.keys.iter().filter(|k| chosen.binary_search(&k.id).is_ok()).copied().collect();
    for (k, p) in peels.iter().enumerate() {
        keys.push(&frame.sketch(&p.values), first_peel + k as u32);
    }
    control.count((count + peels.len()) as u64);
    let mut out = Vec::new();
    for &id in keys.inside.iter().take(HITS) {
        let peel = peels[(id - first_peel) as usize].clone();
        let terms = std::iter::once(Term::times(Expr::constant(1.0))).chain(dictionary.plain()).collect();
        out.push(Relation::Linear { peel, terms });
    }
    // Two peels of one direction say nothing about the inputs.
    let pairs = keys.pairs(1 << 16);
    for (a, b) in pairs.into_iter().filter(|&(a, b)| a < first_peel && b >= first_peel).take(HITS) {
        let peel = peels[(b - first_peel) as usize].clone();
        let g = bank.expr(a as usize);
        let terms = [Term::times(Expr::constant(1.0)), Term::plain(g)]
            .into_iter()
            .chain(dictionary.plain())
            .collect();
        out.push(Relation::Linear { peel, terms });
    }
    out
}

/// For a peel t: dependences among D, t D (if `times`), and any two of all g and all t g.
pub(super) fn two_functions(
    dictionary: &Dictionary,
    times: bool,
    chosen: &[u32],
    peel: &Peel,
    bank: &Bank,
    control: &Control,
) -> Vec<Relation> {
    let t = &peel.values;
    let frame = if times { dictionary.frame_with_times(t) } else { dictionary.frame().with([t.as_slice()]) };
    if frame.dimension() + 6 > t.len() {
        return Vec::new();
    }
    let probes = frame.probes();
    let mut keys = Keys::default();
    for (k, &id) in chosen.iter().enumerate() {
        if k % 4096 == 0 && control.is_stopped() {
            return Vec::new();
        }
        let v = bank.values(id as usize);
        keys.push(&sketch(probes, v), 2 * id);
        keys.push(&sketch_product(probes, v, t), 2 * id + 1);
    }
    control.count(2 * chosen.len() as u64);
    let term = |id: u32| {
        let e = bank.expr((id / 2) as usize);
        if id.is_multiple_of(2) { Term::plain(e) } else { Term::times(e) }
    };
    let span = || -> Vec<Term> {
        let mut s: Vec<Term> = dictionary.plain().collect();
        if times {
            s.extend(dictionary.times());
        } else {
            s.push(Term::times(Expr::constant(1.0)));
        }
        s
    };
    let mut out = Vec::new();
    for &id in keys.inside.iter().take(HITS) {
        let terms = std::iter::once(term(id)).chain(span()).collect();
        out.push(Relation::Linear { peel: peel.clone(), terms });
    }
    for (a, b) in keys.pairs(HITS) {
        let terms = [term(a), term(b)].into_iter().chain(span()).collect();
        out.push(Relation::Linear { peel: peel.clone(), terms });
    }
    out
}

/// Logarithms of the bank's functions, those without a zero.
#[derive(Clone, Debug)]
pub(super) struct Logs {
    rows: usize,
    ids: Vec<u32>,
    values: Vec<f64>,
}

impl Logs {
    pub(super) fn of(bank: &Bank, count: usize) -> Self {
        let rows = bank.values(0).len();
        let found: Vec<Option<Vec<f64>>> =
            (0..count.min(bank.len())).into_par_iter().map(|id| log_of(bank.values(id))).collect();
        let mut logs = Self { rows, ids: Vec::new(), values: Vec::new() };
        for (id, v) in found.into_iter().enumerate() {
            if let Some(v) = v {
                logs.ids.push(id as u32);
                logs.values.extend(v);
            }
        }
        logs
    }

    fn values(&self, k: usize) -> &[f64] {
        &self.values[k * self.rows..(k + 1) * self.rows]
    }
}

pub(super) fn log_of(v: &[f64]) -> Option<Vec<f64>> {
    let l: Vec<f64> = v.iter().map(|x| x.abs().ln()).collect();
    l.iter().all(|x| x.is_finite()).then_some(l)
}

/// Factors of products of powers: functions without a zero on the fit rows, and the logarithms' span.
#[derive(Clone, Debug)]
pub(super) struct Factors {
    pub(super) exprs: Vec<Expr>,
    pub(super) frame: Frame,
}

impl Factors {
    /// The inputs; with `sums` also `x_i + x_j`, `x_i - x_j`, `x_i + 1`, `x_i - 1`.
    pub(super) fn new(columns: &[Vec<f64>], sums: bool) -> Self {
        let rows = columns.first().map_or(0, Vec::len);
        let width = columns.len();
        let x = Expr::variable;
        let mut all: Vec<Expr> = (0..width).map(x).collect();
        if sums {
            for i in 0..width {
                for j in i + 1..width {
                    all.push(x(i) - x(j));
                    all.push(x(i) + x(j));
                }
            }
            for i in 0..width {
                all.push(x(i) + Expr::constant(1.0));
                all.push(x(i) - Expr::constant(1.0));
            }
        }
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let mut frame = Frame::new(rows, [vec![1.0; rows].as_slice()]);
        let mut exprs = Vec::new();
        for e in all {
            if exprs.len() + 14 > rows * 3 / 5 {
                break;
            }
            if let Some(l) = log_of(&e.evaluate(&views))
                && frame.push(&l)
            {
                exprs.push(e);
            }
        }
        frame.finish(rows);
        Self { exprs, frame }
    }
}

/// `|L|` a product of powers of the factors, or of them and one function, for every peel.
pub(super) fn powers_of_peels(
    factors: &Factors,
    peels: &[Peel],
    bank: &Bank,
    logs: &Logs,
    control: &Control,
) -> Vec<Relation> {
    let (frame, inputs) = (&factors.frame, &factors.exprs);
    let first_peel = bank.len() as u32;
    let mut of_bank = Keys::default();
    for (k, &id) in logs.ids.iter().enumerate() {
        of_bank.push(&frame.sketch(logs.values(k)), id);
    }
    let chosen = representatives(&of_bank);
    let mut keys = Keys::default();
    keys.keys = of_bank.keys.iter().filter(|k| chosen.binary_search(&k.id).is_ok()).copied().collect();
    for (k, p) in peels.iter().enumerate() {
        if let Some(l) = log_of(&p.values) {
            keys.push(&frame.sketch(&l), first_peel + k as u32);
        }
    }
    control.count((logs.ids.len() + peels.len()) as u64);
    let mut out = Vec::new();
    for &id in keys.inside.iter().take(HITS) {
        let peel = peels[(id - first_peel) as usize].clone();
        out.push(Relation::Power { peel, factors: inputs.clone() });
    }
    let pairs = keys.pairs(1 << 16);
    for (a, b) in pairs.into_iter().filter(|&(a, b)| a < first_peel && b >= first_peel).take(HITS) {
        let peel = peels[(b - first_peel) as usize].clone();
        let factors = std::iter::once(bank.expr(a as usize)).chain(inputs.iter().cloned()).collect();
        out.push(Relation::Power { peel, factors });
    }
    out
}

/// `|L|` a product of powers of the inputs and two functions.
pub(super) fn powers_of_two_functions(
    factors: &Factors,
    peel: &Peel,
    bank: &Bank,
    logs: &Logs,
    chosen: &[bool],
    control: &Control,
) -> Vec<Relation> {
    let Some(t) = log_of(&peel.values) else { return Vec::new() };
    let inputs = &factors.exprs;
    let frame = factors.frame.with([t.as_slice()]);
    let mut keys = Keys::default();
    for (k, &id) in logs.ids.iter().enumerate() {
        if k % 4096 == 0 && control.is_stopped() {
            return Vec::new();
        }
        if chosen[k] {
            keys.push(&frame.sketch(logs.values(k)), id);
        }
    }
    control.count(logs.ids.len() as u64);
    keys.pairs(HITS)
        .into_iter()
        .map(|(a, b)| Relation::Power {
            peel: peel.clone(),
            factors: [bank.expr(a as usize), bank.expr(b as usize)]
                .into_iter()
                .chain(inputs.iter().cloned())
                .collect(),
        })
        .collect()
}

/// Which logarithms are distinct modulo products of powers of the inputs.
pub(super) fn distinct_logs(factors: &Factors, logs: &Logs) -> Vec<bool> {
    let frame = &factors.frame;
    let mut keys = Keys::default();
    for k in 0..logs.ids.len() {
        keys.push(&frame.sketch(logs.values(k)), k as u32);
    }
    let mut chosen = vec![false; logs.ids.len()];
    for k in representatives(&keys) {
        chosen[k as usize] = true;
    }
    chosen
}

/// The functions of the bank that are distinct modulo D.
pub(super) fn distinct(dictionary: &Dictionary, bank: &Bank, count: usize) -> Vec<u32> {
    let frame = dictionary.frame();
    let mut keys = Keys::default();
    for id in 0..count.min(bank.len()) {
        keys.push(&frame.sketch(bank.values(id)), id as u32);
    }
    representatives(&keys)
}

/// Every peel in D + g D, for every g.
///
/// With `squares`: in 1 + g D + g^2 D.
pub(super) fn one_function_with_coefficients(
    dictionary: &Dictionary,
    squares: bool,
    chosen: &[u32],
    peels: &[Peel],
    bank: &Bank,
    control: &Control,
) -> Vec<Relation> {
    let full = dictionary.frame();
    let base = if squares {
        Frame::new(dictionary.values[0].len(), [dictionary.values[0].as_slice()])
    } else {
        full.clone()
    };
    if 2 * full.dimension() + 6 > dictionary.values[0].len() {
        return Vec::new();
    }
    let found: Vec<Vec<Relation>> = chosen
        .par_iter()
        .map(|&id| {
            if control.is_stopped() {
                return Vec::new();
            }
            let g = bank.values(id as usize);
            let mut times: Vec<Vec<f64>> = dictionary.values.iter().map(|v| product(v, g)).collect();
            if squares {
                let square = product(g, g);
                times.extend(dictionary.values.iter().map(|v| product(v, &square)));
            }
            let frame = base.with(times.iter().map(Vec::as_slice));
            control.count(peels.len() as u64);
            let hits = peels.iter().filter(|p| frame.sketch(&p.values).vanishes()).take(2);
            hits.map(|p| {
                let e = bank.expr(id as usize);
                let square = e.apply(Op::Square);
                let scaled = |g: &Expr| -> Vec<Term> {
                    let times =
                        |d: &Expr| if *d == Expr::constant(1.0) { g.clone() } else { d.clone() * g.clone() };
                    dictionary.exprs.iter().map(|d| Term::plain(times(d))).collect()
                };
                let mut terms = vec![Term::times(Expr::constant(1.0))];
                if squares {
                    terms.push(Term::plain(Expr::constant(1.0)));
                    terms.extend(scaled(&square));
                } else {
                    terms.extend(dictionary.plain());
                }
                terms.extend(scaled(&e));
                Relation::Linear { peel: p.clone(), terms }
            })
            .collect()
        })
        .collect();
    found.into_iter().flatten().take(HITS).collect()
}
