//! [`Table::laws_behind`]: algebraic laws behind a term with constants of its own, `y = b(x_i) + h(P(x)/Q(x))`.
//!
//! Functions beside the inputs are known functions; `exp(-1.5 x)` is none as long as its rate is not known. Here a
//! quotient of polynomials of low degree stands for the law, and its coefficients are fitted together with the constants
//! of the term from many starts (linear fits for the starts, Levenberg-Marquardt for all at once). Where that leaves
//! nothing, the constants are right, and what is behind the term is a table of its own with a law in closed form.

use super::polynomial::{Monomial, monomials_about_means, spread};
use super::write::Solved;
use super::{HEADS, Heads, ORDERS, Table};
use crate::data::thinned;
use crate::expr::{Expr, Op, Tape};
use crate::least_squares::{LmFit, LmOptions, SquaredError, levenberg_marquardt, linear_fit_and_rest};
use crate::search::Control;
use rayon::prelude::*;

/// Degrees of the polynomials above and below: the first with no more coefficients than this.
const DEGREES: [(u32, u32); 3] = [(2, 1), (1, 1), (2, 0)];
const COEFFICIENTS: usize = 45;

/// Rows per coefficient.
const ROWS: usize = 5;

/// Rates of exponentials that are tried, per deviation of the input, and exponents of powers.
const RATES: [f64; 12] = [-4.0, -2.0, -1.0, -0.5, -0.25, -0.1, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0];
const EXPONENTS: [f64; 8] = [-2.3, -1.3, -0.6, 0.4, 0.7, 1.4, 2.4, 3.3];

/// Factors of a term that are tried: any, and beyond the least that is possible, in spreads, or between two bounds.
const FACTORS: [f64; 7] = [-3.0, -1.0, -0.3, 0.0, 0.3, 1.0, 3.0];
const BEYOND: [f64; 6] = [0.03, 0.1, 0.3, 1.0, 3.0, 10.0];
const BETWEEN: [f64; 7] = [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98];

/// Starts that are fitted, of those tried: as many as this work allows, which grows with the square of the unknowns.
const WORK: usize = 9000;
const STARTS: std::ops::RangeInclusive<usize> = 5..=72;

/// How far all starts are followed, then the best for each rate, and how many those are.
const FIRST: LmOptions = LmOptions { iterations: 10, tolerance: 1e-6, polish: 0, damping: 1e-2 };
const FINAL: LmOptions = LmOptions { iterations: 60, tolerance: 1e-9, polish: 4, damping: 1e-3 };
const FOLLOWED: usize = 2;

/// Rows of a usual evaluation; fewer count less.
const USUAL_ROWS: usize = 1000;

/// Squared error relative to the variance that is rounding.
const EXACT: f64 = 1e-20;

/// Unknowns of the law behind.
const UNKNOWNS: usize = 170;

/// The term in front.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Term {
    /// `a x_i`
    Line(usize),
    /// `a exp(k x_i)`
    Exponential(usize),
    /// `a x_i^p`
    Power(usize),
}

impl Term {
    /// The terms that the columns allow.
    fn all(table: &Table<'_>) -> Vec<Self> {
        let uses = |op: Op| table.primitives.uses(op);
        let positive = |i: &usize| table.columns[*i].iter().all(|x| *x > 0.0);
        let inputs = 0..table.columns.len();
        let lines = inputs.clone().map(Self::Line);
        let exponentials = inputs.clone().filter(|_| uses(Op::Exp)).map(Self::Exponential);
        let powers = inputs.filter(|i| uses(Op::Pow) && positive(i)).map(Self::Power);
        lines.chain(exponentials).chain(powers).collect()
    }

    /// The term for a factor and a rate or exponent.
    fn expr(self, [factor, rate]: [f64; 2]) -> Expr {
        let (factor, rate) = (Expr::parameter(factor), Expr::parameter(rate));
        match self {
            Self::Line(i) => factor * Expr::variable(i),
            Self::Exponential(i) => factor * (rate * Expr::variable(i)).apply(Op::Exp),
            Self::Power(i) => factor * Expr::apply2(Op::Pow, &Expr::variable(i), &rate),
        }
    }

    /// Rates to start from.
    fn rates(self, table: &Table<'_>) -> Vec<f64> {
        match self {
            Self::Line(_) => vec![0.0],
            Self::Exponential(i) => RATES.map(|r| r / spread(table.columns[i]).1).to_vec(),
            Self::Power(_) => EXPONENTS.to_vec(),
        }
    }
}

/// What the quotient stands under, with its sign.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Under {
    Nothing,
    Exp(f64),
    Root(f64),
    Ln,
}

impl Under {
    /// The functions that laws behind a term are looked for under. Without any and under roots they are algebraic
    /// themselves where the term is.
    fn all(table: &Table<'_>, term: Term) -> Vec<Self> {
        let mut all = Vec::new();
        let mut add = |op: Op, these: &[Self]| {
            if table.primitives.uses(op) {
                all.extend_from_slice(these);
            }
        };
        if !matches!(term, Term::Line(_)) {
            add(Op::Add, &[Self::Nothing]);
            add(Op::Sqrt, &[Self::Root(1.0), Self::Root(-1.0)]);
        }
        add(Op::Exp, &[Self::Exp(1.0), Self::Exp(-1.0)]);
        add(Op::Ln, &[Self::Ln]);
        all
    }

    /// What has to be in it for a value, and the change of the value with that.
    fn inverse(self, v: f64) -> (f64, f64) {
        match self {
            Self::Nothing => (v, 1.0),
            Self::Exp(sign) => ((sign * v).ln(), v.abs()),
            Self::Root(sign) if sign * v < 0.0 => (f64::NAN, f64::NAN),
            Self::Root(_) => (v * v, 0.5 / v.abs()),
            Self::Ln => (v.exp(), (-v).exp()),
        }
    }

    fn apply(self, inside: Expr) -> Expr {
        let (op, sign) = match self {
            Self::Nothing => return inside,
            Self::Exp(sign) => (Op::Exp, sign),
            Self::Root(sign) => (Op::Sqrt, sign),
            Self::Ln => (Op::Ln, 1.0),
        };
        if sign < 0.0 { -inside.apply(op) } else { inside.apply(op) }
    }
}

/// The rows that constants are fitted on.
struct Rows {
    /// The inputs, then the monomials of them above, those below first; in deviations from their means, so that the
    /// polynomial below may have the constant term 1.
    columns: Vec<Vec<f64>>,
    target: Vec<f64>,
    above: std::ops::Range<usize>,
    below: std::ops::Range<usize>,
}

/// Where a fit starts.
struct Start {
    error: f64,
    term: [f64; 2],
    above: Vec<f64>,
}

impl Rows {
    /// `None` where there are fewer than are needed.
    fn new(table: &Table<'_>) -> Option<Self> {
        let width = table.columns.len();
        let count = |degree: u32| Monomial::count(width, degree);
        let (degree, below) = DEGREES.into_iter().find(|(a, b)| count(*a) + count(*b) <= COEFFICIENTS)?;
        let (above, below) = (count(degree), count(below));
        let rows = ROWS * (above + below);
        if table.target.len() < rows {
            return None;
        }
        let mut columns: Vec<Vec<f64>> = table.columns.iter().map(|c| thinned(c, rows)).collect();
        let target = thinned(table.target, rows);
        columns.extend(monomials_about_means(&columns, degree).into_iter().map(|m| m.1));
        Some(Self { columns, target, above: width..width + above, below: width + 1..width + below })
    }

    fn views(&self) -> Vec<&[f64]> {
        self.columns.iter().map(Vec::as_slice).collect()
    }

    /// The best starts: for a factor and a rate of the term, the polynomial above is a linear fit.
    fn starts(&self, term: Term, under: Under, rates: &[f64]) -> Vec<Start> {
        let views = self.views();
        let above = &views[self.above.clone()];
        let mut starts = Vec::new();
        for rate in rates {
            let shape = term.expr([1.0, *rate]).evaluate(&views);
            for factor in self.factors(&shape, under, above) {
                let rest = self.target.iter().zip(&shape).map(|(t, g)| t - factor * g);
                let (wanted, slopes): (Vec<f64>, Vec<f64>) = rest.map(|v| under.inverse(v)).unzip();
                let weights: Vec<f64> = slopes.iter().map(|s| s * s).collect();
                if !wanted.iter().chain(&weights).all(|v| v.is_finite()) {
                    continue;
                }
                if let Some((above, rest)) = linear_fit_and_rest(above, &wanted, Some(&weights)) {
                    let error = rest.iter().zip(&weights).map(|(r, w)| r * r * w).sum();
                    starts.push(Start { error, term: [factor, *rate], above });
                }
            }
        }
        starts.sort_by(|a, b| a.error.total_cmp(&b.error));
        let unknowns = self.above.len() + self.below.len() + 2;
        starts.truncate((WORK / (unknowns * unknowns)).clamp(*STARTS.start(), *STARTS.end()));
        starts
    }

    /// Factors of a term that leave something that the function can be inverted on.
    fn factors(&self, shape: &[f64], under: Under, above: &[&[f64]]) -> Vec<f64> {
        let unit = spread(&self.target).1 / spread(shape).1;
        match under {
            Under::Nothing => {
                let columns: Vec<&[f64]> = above.iter().copied().chain([shape]).collect();
                let fit = linear_fit_and_rest(&columns, &self.target, None);
                fit.and_then(|(c, _)| c.last().copied()).into_iter().collect()
            }
            Under::Ln => FACTORS.map(|f| f * unit).to_vec(),
            Under::Exp(sign) | Under::Root(sign) => {
                // `sign (t - a g) > 0` on every row.
                let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
                for (t, g) in self.target.iter().zip(shape) {
                    if sign * g > 0.0 {
                        high = high.min(t / g);
                    } else if sign * g < 0.0 {
                        low = low.max(t / g);
                    }
                }
                match (low.is_finite(), high.is_finite()) {
                    (true, false) => BEYOND.map(|b| low + b * unit).to_vec(),
                    (false, true) => BEYOND.map(|b| high - b * unit).to_vec(),
                    (true, true) if low < high => BETWEEN.map(|p| low + p * (high - low)).to_vec(),
                    _ => Vec::new(),
                }
            }
        }
    }

    /// Everything together as a formula of the columns; constants of the term come first.
    fn whole(&self, term: Term, under: Under, start: &Start) -> Option<Expr> {
        let times = |c: f64, column: usize| Expr::parameter(c) * Expr::variable(column);
        let above = start.above.iter().zip(self.above.clone()).map(|(c, column)| times(*c, column));
        let below = self.below.clone().map(|column| times(0.0, column)).reduce(|a, b| a + b);
        let mut inside = above.reduce(|a, b| a + b)?;
        if let Some(below) = below {
            inside = inside / (Expr::constant(1.0) + below);
        }
        Some(term.expr(start.term) + under.apply(inside))
    }

    /// Constants of the term that leave nothing once everything is fitted.
    fn fitted(&self, term: Term, under: Under, rates: &[f64], control: &Control) -> Vec<[f64; 2]> {
        let starts = self.starts(term, under, rates);
        let Some(whole) = starts.first().and_then(|start| self.whole(term, under, start)) else {
            return Vec::new();
        };
        let (tape, views) = (Tape::compile(&whole), self.views());
        let problem = SquaredError::new(&tape, &views, &self.target, None);
        let follow = |from: &[f64], options: &LmOptions| {
            let fit = levenberg_marquardt(&problem, from, options);
            control.count((fit.iterations * (1 + from.len()) * self.target.len() / USUAL_ROWS) as u64);
            fit
        };
        let mut fits: Vec<(f64, LmFit)> = Vec::new();
        for start in &starts {
            if control.is_stopped() {
                return Vec::new();
            }
            if let Some(whole) = self.whole(term, under, start) {
                fits.push((start.term[1], follow(whole.parameters(), &FIRST)));
            }
        }
        fits.sort_by(|a, b| a.1.cost.total_cmp(&b.1.cost));
        let follows = |k: usize| fits[..k].iter().filter(|f| f.0 == fits[k].0).count() < FOLLOWED;
        let best = (0..fits.len()).filter(|k| follows(*k)).map(|k| &fits[k].1);
        let rounding = EXACT * spread(&self.target).1.powi(2) * self.target.len() as f64;
        let exact = best.map(|fit| follow(&fit.parameters, &FINAL)).filter(|f| f.cost <= rounding);
        let rate = |f: &[f64]| if matches!(term, Term::Line(_)) { 0.0 } else { f[1] };
        exact.map(|f| [f.parameters[0], rate(&f.parameters)]).collect()
    }
}

impl Table<'_> {
    /// Laws behind a term with constants of its own, where the target stands under one of these functions.
    pub(crate) fn laws_behind(&self, heads: Heads, control: &Control) -> Vec<Solved> {
        let under = |head: &Option<Op>| -> Vec<Solved> {
            let Some(target) = self.under(*head) else { return Vec::new() };
            if target.iter().any(|v| !v.is_finite()) {
                return Vec::new();
            }
            let table = Table { target: &target, ..*self };
            let Some(rows) = Rows::new(&table) else { return Vec::new() };
            let terms = Term::all(&table).into_iter();
            let pairs: Vec<(Term, Under)> =
                terms.flat_map(|t| Under::all(&table, t).into_iter().map(move |u| (t, u))).collect();
            let solve = |(term, under): &(Term, Under)| table.behind(&rows, *term, *under, control);
            pairs.par_iter().filter_map(solve).map(|s| s.under(*head)).collect()
        };
        HEADS[heads.range()].iter().flat_map(under).collect()
    }

    /// The first law behind a term.
    fn behind(&self, rows: &Rows, term: Term, under: Under, control: &Control) -> Option<Solved> {
        rows.fitted(term, under, &term.rates(self), control).into_iter().find_map(|constants| {
            let front = term.expr(constants);
            let rest = self.target.iter().zip(front.evaluate(self.columns)).map(|(t, g)| t - g);
            let wanted: Vec<f64> = rest.map(|v| under.inverse(v).0).collect();
            let law = self.solve(&ORDERS, &wanted, &self.inputs(), UNKNOWNS, control)?.law?;
            Some(Solved::from(front + under.apply(law)))
        })
    }
}
