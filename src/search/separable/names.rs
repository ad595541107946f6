//! [`Naming`]: formulas for the values of a function that stands alone.

use super::NAME;
use super::blocks::{Block, Kind, Rows, deviation_of};
use super::joint::Joint;
use crate::data::{Split, thinned};
use crate::expr::{Expr, Node, Op, complexity};
use crate::search::parts::halves;
use crate::search::reduced::{Data, Reduced, Stage};
use crate::search::{Control, Known, Problem, ProductDag, SemanticBank};

/// Rows of a table of one input.
const ROWS_OF_ONE: usize = 120;

/// Functions of each block, and the longest of one input.
const FUNCTIONS: usize = 2;
const LONGEST: u32 = 9;

/// The longest function of the others that stands before the function of an input.
const LONGEST_BESIDE: u32 = 15;

/// Rounds of the search for a function of one input.
const ROUNDS: usize = 3;

/// A function explains the values of a block where it leaves this share of their variance at most; what a node has to
/// take off the logarithm of what is left to be worth it.
const EXPLAINS: f64 = 0.1;
const NODE: f64 = 0.5;

/// What may speak against the second formula more than against the first.
const WORSE: f64 = 10.0;

/// Constants that are this near to a multiple of one half, relatively, are tried as that as well: the values are known but for the
/// polynomials that they come from.
const NEAR: f64 = 0.03;

/// What is left of the values below this share of their variance is due to the polynomials that they come from.
const FLOOR: f64 = 1e-6;

/// The same where constants are fitted to the target.
const EXACT: f64 = 1e-14;

/// A longer term has to leave less than a shorter one, by this factor.
const BEATEN: f64 = 2.0;

/// The search for what stands alone, a round at a time.
pub(super) struct Naming {
    block: Block,
    /// What is searched: the function of the input, and then, for a term, what stands before each of these functions.
    tables: Vec<Table>,
    /// Terms found so far, and what speaks against each.
    terms: Vec<(f64, Expr)>,
}

/// Values to find short formulas for.
struct Table {
    search: Reduced,
    rounds: usize,
    /// What the values are divided by, and their variance before.
    unit: f64,
    variance: f64,
    /// What is left below this share of the variance does not speak against a formula.
    floor: f64,
    longest: u32,
    /// The function that these values stand before; `None` where they are that function.
    before: Option<Expr>,
}

impl Naming {
    /// A search for the function of this block.
    pub(super) fn new(block: Block, columns: &[Vec<f64>]) -> Self {
        let input = &columns[block.input];
        let mut order: Vec<usize> = (0..input.len()).collect();
        order.sort_by(|a, b| input[*a].total_cmp(&input[*b]));
        let order = thinned(&order, ROWS_OF_ONE);
        let values: Vec<f64> = order.iter().map(|&r| block.values[r]).collect();
        let column = order.iter().map(|&r| input[r]).collect();
        // The size of a summand counts.
        let unit = if block.kind == Kind::Summand { 1.0 } else { deviation_of(&values) };
        let floor = match block.kind {
            Kind::Term => block.share.powi(2).clamp(EXACT, FLOOR),
            _ => FLOOR,
        };
        let table = Table::new(vec![column], &values, (unit, floor), LONGEST, None);
        Self { block, tables: vec![table], terms: Vec::new() }
    }

    /// How the function stands beside the rest, and of which input it is.
    pub(super) fn block(&self) -> &Block {
        &self.block
    }

    /// One round; once it is over, what the function may be, or the term, the likeliest first, as formulas of all inputs.
    pub(super) fn round(
        &mut self,
        columns: &[Vec<f64>],
        rows: &Rows<'_>,
        problem: &Problem<'_>,
        control: &Control,
    ) -> Option<Vec<Expr>> {
        let found = self.tables.last_mut()?.round(problem, control)?;
        let before = self.tables.pop()?.before;
        let kind = self.block.kind;
        if let Some(f) = before {
            self.join(&f, few(found), columns, rows);
        } else {
            let functions = self.functions(found);
            if kind != Kind::Term {
                return Some(functions);
            }
            let joint = Joint::new(columns, rows, self.block.input);
            self.tables =
                functions.into_iter().rev().filter_map(|f| self.beside(f, columns, &joint)).collect();
        }
        self.tables.is_empty().then(|| {
            let beaten = |(left, term): &(f64, Expr)| {
                self.terms.iter().any(|(l, t)| complexity(t) < complexity(term) && *l < BEATEN * left)
            };
            let own = self.terms.iter().filter(|t| !beaten(t));
            few(own.map(|(left, t)| (left.ln() + NODE * f64::from(complexity(t)), t.clone())).collect())
        })
    }

    /// The functions of the input among what was found for their values.
    fn functions(&self, mut found: Vec<(f64, Expr)>) -> Vec<Expr> {
        let kind = self.block.kind;
        found.iter_mut().for_each(|(_, f)| *f = bare(f, kind));
        if kind != Kind::Term {
            let halves =
                |(cost, f): (f64, Expr)| with_halves(&f).map(|h| (cost, h)).into_iter().chain([(cost, f)]);
            found = found.into_iter().flat_map(halves).collect();
        }
        let own = [Expr::variable(self.block.input)];
        few(found).iter().map(|f| f.substitute(&own)).collect()
    }

    /// The table of what stands before `f` in a term: it follows from the target.
    fn beside(&self, f: Expr, columns: &[Vec<f64>], joint: &Joint<'_>) -> Option<Table> {
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let values = joint.slope(&f.evaluate(&views))?;
        let table = self.others(columns).map(|i| columns[i].clone()).collect();
        Some(Table::new(table, &values, (1.0, FLOOR), LONGEST_BESIDE, Some(f)))
    }

    fn others(&self, columns: &[Vec<f64>]) -> impl Iterator<Item = usize> + use<> {
        let own = self.block.input;
        (0..columns.len()).filter(move |i| *i != own)
    }

    /// Files the terms of `f` and what may stand before it.
    fn join(&mut self, f: &Expr, before: Vec<Expr>, columns: &[Vec<f64>], rows: &Rows<'_>) {
        let joint = Joint::new(columns, rows, self.block.input);
        let names: Vec<Expr> = self.others(columns).map(Expr::variable).collect();
        let variance = deviation_of(rows.target).powi(2);
        for g in before {
            if let Some((term, left)) = joint.refined(&(f.clone() * g.substitute(&names))) {
                self.terms.push((left / variance + EXACT, term));
            }
        }
    }
}

impl Table {
    /// Values to be searched for in `unit`s.
    fn new(
        columns: Vec<Vec<f64>>,
        values: &[f64],
        (unit, floor): (f64, f64),
        longest: u32,
        before: Option<Expr>,
    ) -> Self {
        let n = values.len();
        // Every fourth row judges.
        let (validation, train): (Vec<usize>, Vec<usize>) = (0..n).partition(|r| r % 4 == 1);
        let data = Data {
            columns,
            target: values.iter().map(|v| v / unit).collect(),
            weights: vec![1.0; n],
            split: Split { train, validation },
        };
        let stages = vec![Stage::new(ProductDag::new(), 0, 1), Stage::new(SemanticBank::new(), 1, 1)];
        let search = Reduced::new(data, stages, Expr::clone);
        Self { search, rounds: 0, unit, variance: deviation_of(values).powi(2), floor, longest, before }
    }

    /// One round; at the end short formulas for the values, and what speaks against each.
    fn round(&mut self, problem: &Problem<'_>, control: &Control) -> Option<Vec<(f64, Expr)>> {
        let Self { search, rounds, unit, variance, floor, longest, .. } = self;
        search.round(problem, NAME, control);
        *rounds += 1;
        let share = |k: &Known| k.mse * *unit * *unit / *variance;
        let is_named = search.front().iter().any(|k| k.complexity <= *longest && share(k) < *floor);
        if *rounds < ROUNDS && !is_named {
            return None;
        }
        search.take_apart(*longest);
        let front = search.front().iter().map(|k| (k, share(k)));
        let usable = front.filter(|(k, left)| {
            k.complexity <= *longest && *left < EXPLAINS && !k.expr.variables().is_empty()
        });
        let cost = |left: f64, k: &Known| (left + *floor).ln() + NODE * f64::from(k.complexity);
        Some(usable.map(|(k, left)| (cost(left, k), k.expr.clone())).collect())
    }
}

/// The formulas against which the least speaks.
fn few(mut all: Vec<(f64, Expr)>) -> Vec<Expr> {
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let worst = all.first().map_or(0.0, |f| f.0 + WORSE);
    let mut few: Vec<Expr> = Vec::new();
    for (cost, f) in all {
        if few.len() < FUNCTIONS && cost <= worst && !few.contains(&f) {
            few.push(f);
        }
    }
    few
}

/// With constants near multiples of one half set to them, if there are any.
fn with_halves(f: &Expr) -> Option<Expr> {
    let half = |p: &f64| {
        let half = halves(*p);
        if (half - p).abs() <= NEAR * half.abs() { half } else { *p }
    };
    let rounded: Vec<f64> = f.parameters().iter().map(half).collect();
    (rounded != f.parameters()).then(|| f.with_parameters(&rounded))
}

/// Without constant factors, which the rest takes up, or constant summands, or both.
fn bare(expr: &Expr, kind: Kind) -> Expr {
    let is_number = |at: u32| matches!(expr.nodes()[at as usize], Node::Constant(_) | Node::Parameter(_));
    let goes = |op: Op| match kind {
        Kind::Factor => matches!(op, Op::Mul | Op::Div),
        Kind::Summand => matches!(op, Op::Add | Op::Sub),
        Kind::Term => matches!(op, Op::Mul | Op::Div | Op::Add | Op::Sub),
    };
    match expr.nodes()[expr.root() as usize] {
        Node::Binary(op, a, b) if goes(op) && is_number(b) && !is_number(a) => {
            bare(&expr.subexpression(a), kind)
        }
        Node::Binary(op @ (Op::Mul | Op::Add), a, b) if goes(op) && is_number(a) && !is_number(b) => {
            bare(&expr.subexpression(b), kind)
        }
        // The sign belongs to the rest as well.
        Node::Binary(Op::Sub, a, b) if kind == Kind::Term && is_number(a) && !is_number(b) => {
            bare(&expr.subexpression(b), kind)
        }
        _ => expr.clone(),
    }
}
