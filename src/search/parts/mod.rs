//! Parts: algebraic laws of the target, then a part of a good formula as a problem of its own.
//!
//! The target itself is asked for a law in closed form first ([`Table`]), later again with functions beside the inputs.
//!
//! Where a formula has the outside of the law right and approximates the rest, the desired values of that part
//! (semantic backpropagation, [`desired_values`]) are a smaller table with a simpler law. The stages that find
//! simple laws at once, [`ProductDag`] and [`SemanticBank`], are run on it, and what they find takes the place of
//! the part. A residual (`y - f`), a factor (`y / f`) and the argument of an outer function are the special cases
//! that AI Feynman recurs on (Udrescu and Tegmark, Science Advances 6, eaay2631, 2020); here any part that can be
//! solved for is one.

mod groups;
mod job;
mod relevant;

use super::algebraic::{Beside, Functions, Heads, Solved, Table};
use super::neighbourhood::{Sensitivity, desired_values};
use super::tree::{Sample, Symbol, Tree, assemble};
use super::{Candidate, Control, Known, Problem, ProductDag, Round, SearchStrategy, SemanticBank};
use crate::expr::{Expr, Op};
use groups::groups;
use job::{Effort, Job, room};
use rayon::prelude::*;
pub(super) use relevant::relevant;
use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Rows that the parts are solved on.
const ROWS: usize = 1000;

/// Rows that tell parts apart.
const PRINT: usize = 24;

/// Formulas of the front whose parts are looked at.
const FORMULAS: usize = 30;

/// Longest formula that is taken apart, in symbols.
const LONGEST: usize = 60;

/// How hard a part is tried, from algebraic laws of few terms to long searches, and parts per round, side by side.
const EFFORTS: [(Effort, usize); 9] = [
    (Effort::Laws(160), 48),
    (Effort::Beside(Functions::OfOneInput, QUOTIENTS), 20),
    (Effort::Laws(450), 8),
    (Effort::Beside(Functions::OfOneInput, Beside { most: 330, ..QUOTIENTS }), 8),
    (Effort::Search { products: 3, banks: 0 }, 4),
    (Effort::Beside(Functions::All, Beside { roots: true, ..QUOTIENTS }), 2),
    (REST, 2),
    (Effort::Search { products: 8, banks: 2 }, 1),
    (Effort::Behind, 3),
];
const QUOTIENTS: Beside = Beside { most: 170, heads: true, roots: false };

/// What is tried on the rest beside a root.
const REST: Effort = Effort::Search { products: 4, banks: 1 };

/// What a free constant outside of the part, or a formula further from the best, costs in halves of complexity: the part can
/// only be exact where the rest is.
const FREE: u32 = 12;
const WORSE: u32 = 2;

/// What rounds do in turn: `w` asks the whole target for the next of [`WHOLE`], a digit makes an effort by its place in
/// [`EFFORTS`] on parts. What is new on the front would otherwise keep the rest waiting for ever.
const TURNS: &[u8] = b"ww02ww012034w01820541032w8450132406w5014238057";

/// Unknowns of algebraic laws of the whole target: simple ones first, then the most that rows allow.
const SIMPLE: usize = 150;
const LARGE: usize = 700;

/// What the whole target is asked for between the parts.
#[derive(Clone, Copy, Debug)]
enum Whole {
    /// Laws with functions beside the inputs, and sets of them per round.
    Beside(Functions, Beside, usize),
    /// Laws behind a term with constants of its own.
    Behind(Heads),
}

/// In this order: terms with constants, functions of one input, small laws with all sets, larger ones, two functions at once,
/// and larger ones under functions as well.
const WHOLE: [Whole; 7] = {
    use Whole::{Behind, Beside as With};
    [
        Behind(Heads::First),
        With(Functions::OfOneInput, Beside { most: 260, heads: false, roots: true }, 60),
        Behind(Heads::Others),
        With(Functions::All, Beside { most: 170, heads: true, roots: true }, 300),
        With(Functions::All, Beside { most: 260, heads: false, roots: true }, 48),
        With(Functions::Pairs, Beside { most: 400, heads: false, roots: false }, 96),
        With(Functions::All, Beside { most: 260, heads: true, roots: true }, 32),
    ]
};

/// Longest law that is not also looked for beside what its root is added to.
const SHORT: u32 = 40;

/// Formulas handed out per part.
const EMITTED: usize = 6;

/// Constants that are this near to a multiple of one half, relatively, may have been meant so; larger ones are near to
/// one in any case. The same of hundredths, and of the root of a multiple of one half, up to a power of two: `sqrt(2 x)` shows
/// as `1.4 sqrt(x)`.
const ROUNDINGS: [&[(Rounding, f64)]; 3] =
    [&[(halves, 0.03)], &[(hundredths, 0.005)], &[(halves, 0.03), (roots_of_halves, 0.02)]];
const NEAR_BELOW: f64 = 20.0;

type Rounding = fn(f64) -> f64;

/// The nearest multiple of one half.
pub(super) fn halves(v: f64) -> f64 {
    (v * 2.0).round() / 2.0
}

fn hundredths(v: f64) -> f64 {
    (v * 100.0).round() / 100.0
}

fn roots_of_halves(v: f64) -> f64 {
    let unit = v.abs().log2().floor().exp2();
    halves((v / unit).powi(2)).sqrt().copysign(v) * unit
}

/// The strategy `parts`: algebraic laws of the target, then parts of the formulas of the front.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// The rows in their own units, for algebraic laws, and in units near 1.
    samples: Option<[Sample; 2]>,
    /// Rounds on the target itself so far.
    opening: usize,
    /// Rounds after these.
    rounds: usize,
    /// What the whole target was asked for so far: sets of functions, and steps without any.
    whole: usize,
    tried: Tried,
}

/// Efforts spent on parts. Outsides that are written in different ways leave the same values for the part.
#[derive(Debug, Default)]
struct Tried {
    /// By what is outside of a part: a hash of the values that it leaves for the part; `None` where there are none.
    values: HashMap<Vec<u8>, Option<u64>>,
    /// By these values: which efforts were made.
    efforts: HashMap<u64, [bool; EFFORTS.len()]>,
}

impl Parts {
    /// A search that has tried nothing yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }
}

/// A formula with the positions of its parts.
#[derive(Debug)]
struct Sites {
    tree: Tree,
    parts: std::ops::Range<usize>,
    /// How many better formulas there are.
    rank: u32,
}

impl Sites {
    /// The parts of a formula, and what could be added to it or multiplied by; the same with round constants.
    fn of(tree: Tree, rank: u32) -> Vec<Self> {
        let rounded: Vec<Tree> = ROUNDINGS.iter().filter_map(|by| with_round_constants(&tree, by)).collect();
        let mut out = Vec::new();
        for tree in std::iter::once(tree).chain(rounded) {
            for (op, neutral) in [(Op::Add, 0.0), (Op::Mul, 1.0)] {
                let mut symbols = tree.symbols().to_vec();
                symbols.extend([Symbol::Parameter(neutral), Symbol::Binary(op)]);
                let at = tree.len();
                out.push(Self { tree: Tree::from_symbols(symbols), parts: at..at + 1, rank });
            }
            let grouped = groups(&tree).into_iter();
            out.extend(grouped.map(|(tree, at)| Self { tree, parts: at..at + 1, rank }));
            out.push(Self { parts: 0..tree.len() - 1, tree, rank });
        }
        out
    }
}

/// The formula with constants near round ones set to them; `None` where there are none. What a formula
/// misses pulls at its constants, so that the right outside of a part shows them slightly off.
fn with_round_constants(tree: &Tree, roundings: &[(Rounding, f64)]) -> Option<Tree> {
    let round = |v: f64| -> f64 {
        let near = |(round, near): &(Rounding, f64)| {
            let round = round(v);
            (v.abs() < NEAR_BELOW && (round - v).abs() <= near * round.abs()).then_some(round)
        };
        roundings.iter().find_map(near).unwrap_or(v)
    };
    let of = |s: &Symbol| if let Symbol::Parameter(v) = *s { Symbol::Parameter(round(v)) } else { *s };
    let symbols: Vec<Symbol> = tree.symbols().iter().map(of).collect();
    let rounded = Tree::from_symbols(symbols);
    (rounded != *tree).then_some(rounded)
}

impl Tried {
    /// The next parts: of which formula, where in it, with which effort. Short outsides come first.
    fn next(&mut self, formulas: &[Sites], sample: &Sample, effort: usize) -> Vec<(usize, usize, Effort)> {
        // What speaks against a part, of which formula and where it is, by the values.
        let mut parts: Vec<(u32, usize, usize, u64)> = Vec::new();
        let few = sample.thinned(PRINT);
        for (which, Sites { tree, parts: sites, rank }) in formulas.iter().enumerate() {
            let complexity = tree.complexity();
            // Of all parts at once, if any of them is new.
            let desired = LazyCell::new(|| {
                Sensitivity::new(tree, &few).map(|s| desired_values(tree, few.target(), &s))
            });
            let values = |at: usize| desired.as_ref()?[at].as_deref().and_then(print);
            for at in sites.clone() {
                let Some(key) = outside(tree, at) else { continue };
                if let Some(values) = *self.values.entry(key).or_insert_with(|| values(at)) {
                    let outside = complexity - tree.part(at).complexity();
                    let doubt = 2 * outside + FREE * free_outside(tree, at) + WORSE * rank;
                    parts.push((doubt, which, at, values));
                }
            }
        }
        parts.sort_unstable();
        let mut seen: HashSet<u64> = HashSet::new();
        parts.retain(|p| seen.insert(p.3));
        // The effort whose turn it is, or the nearest that anything waits for; each part is first tried with the least.
        let mut efforts: Vec<usize> = (0..EFFORTS.len()).collect();
        efforts.sort_by_key(|e| (e.abs_diff(effort), *e));
        for effort in efforts {
            let waits = |values: &u64| {
                let done = self.efforts.get(values).copied().unwrap_or_default();
                !done[effort] && (effort == 0 || done[0])
            };
            let next: Vec<_> = parts.iter().filter(|p| waits(&p.3)).take(EFFORTS[effort].1).collect();
            if next.is_empty() {
                continue;
            }
            for (_, _, _, values) in &next {
                self.efforts.entry(*values).or_default()[effort] = true;
            }
            return next.into_iter().map(|(_, which, at, _)| (*which, *at, EFFORTS[effort].0)).collect();
        }
        Vec::new()
    }
}

/// A hash of the desired values of a part, to four digits; `None` where there are none.
fn print(desired: &[f64]) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    desired.iter().for_each(|v| format!("{v:.3e}").hash(&mut hasher));
    desired.iter().any(|v| v.is_finite()).then(|| hasher.finish())
}

/// The rows as a table to look for algebraic laws in.
fn table<'a>(problem: &'a Problem<'_>, sample: &'a Sample, columns: &'a [&'a [f64]]) -> Table<'a> {
    Table { columns, target: sample.target(), primitives: &problem.space.primitives }
}

/// Algebraic laws of the whole target; `None` when all have been asked for.
fn algebraic(
    problem: &Problem<'_>,
    sample: &Sample,
    opening: usize,
    control: &Control,
) -> Option<Vec<Candidate>> {
    let columns = sample.views();
    let table = table(problem, sample, &columns);
    let large = room(columns.len(), LARGE);
    let solved = match opening {
        0 => table.laws(SIMPLE, control),
        1 => table.laws(large, control),
        2 => table.laws_over_inputs(large, control),
        _ => return None,
    };
    Some(written(problem, sample, solved, control))
}

/// The next of [`WHOLE`]; `None` when all have been tried.
fn whole(
    problem: &Problem<'_>,
    sample: &Sample,
    tried: &mut usize,
    control: &Control,
) -> Option<Vec<Candidate>> {
    let columns = sample.views();
    let table = table(problem, sample, &columns);
    let mut skip = *tried;
    for what in WHOLE {
        let (functions, how, most) = match what {
            Whole::Beside(functions, how, most) => (functions, how, most),
            Whole::Behind(heads) if skip == 0 => {
                *tried += 1;
                return Some(written(problem, sample, table.laws_behind(heads, control), control));
            }
            Whole::Behind(_) => {
                skip -= 1;
                continue;
            }
        };
        let all = functions.sets(&columns);
        if skip >= all.len() {
            skip -= all.len();
            continue;
        }
        let sets = &all[skip..all.len().min(skip + most)];
        *tried += sets.len();
        return Some(written(problem, sample, table.laws_beside(sets, how, control), control));
    }
    None
}

/// Solved relations as candidates, with what is beside a root as a problem of its own.
fn written(problem: &Problem<'_>, sample: &Sample, solved: Vec<Solved>, control: &Control) -> Vec<Candidate> {
    let mut found: Vec<Tree> = Vec::new();
    for Solved { law, beside } in solved {
        let law = law.and_then(|law| Tree::from_expr(&law, usize::MAX));
        if let Some(beside) = beside
            && law.as_ref().is_none_or(|l| l.complexity() > SHORT)
        {
            found.extend(beside_a_root(problem, sample, &beside, control));
        }
        found.extend(law);
    }
    found.iter().map(|tree| Candidate::new(sample.lift(tree), "parts")).collect()
}

/// Formulas with a square root beside the given one.
fn beside_a_root(problem: &Problem<'_>, sample: &Sample, beside: &Expr, control: &Control) -> Vec<Tree> {
    let rest: Vec<f64> =
        sample.target().iter().zip(beside.evaluate(&sample.views())).map(|(y, a)| y - a).collect();
    let (Some(job), Some(beside)) = (Job::residual(sample, &rest), Tree::from_expr(beside, LONGEST)) else {
        return Vec::new();
    };
    job.solve(problem, REST, control).iter().take(EMITTED).map(|p| assemble(Op::Add, &beside, p)).collect()
}

/// Whether the part is an argument of an operation whose other argument is a number: that operation as a part
/// leaves the same to find.
fn with_number(tree: &Tree, at: usize) -> bool {
    let symbols = tree.symbols();
    let number = |i: usize| symbols[i].number().is_some();
    match symbols.get(at + 1) {
        // The right one of two.
        Some(Symbol::Binary(_)) => tree.span(at).start.checked_sub(1).is_some_and(number),
        // The left one, when the next symbol is the whole right one.
        Some(next) if next.number().is_some() => matches!(symbols.get(at + 2), Some(Symbol::Binary(_))),
        _ => false,
    }
}

/// Constants outside of a part that are no round numbers: they are as wrong as the part is.
fn free_outside(tree: &Tree, at: usize) -> u32 {
    let span = tree.span(at);
    // Powers of two are units.
    let round = |v: f64| {
        (v * 4.0).fract() == 0.0
            || v.abs().log2().fract() == 0.0
            || (roots_of_halves(v) - v).abs() <= 4.0 * f64::EPSILON * v.abs()
    };
    let free = |s: &Symbol| matches!(s, Symbol::Parameter(v) if !round(*v));
    tree.symbols().iter().enumerate().filter(|(i, s)| !span.contains(i) && free(s)).count() as u32
}

/// What is outside of a part, its constants to three digits; `None` where the part stands beside a number, or the
/// outside reads no input: then it is a head, which others try, unless the formula is needed to tell which root to take.
fn outside(tree: &Tree, at: usize) -> Option<Vec<u8>> {
    let span = tree.span(at);
    let symbols = tree.symbols();
    if with_number(tree, at) {
        return None;
    }
    let mut key = Vec::new();
    let mut reads = false;
    for (i, symbol) in symbols.iter().enumerate() {
        if i == at {
            key.push(b'?');
        }
        if span.contains(&i) {
            continue;
        }
        reads |= matches!(symbol, Symbol::Variable(_) | Symbol::Unary(Op::Square | Op::Abs | Op::Cos));
        match symbol {
            Symbol::Parameter(v) | Symbol::Constant(v) => key.extend(format!("{v:.2e} ").bytes()),
            other => key.extend(format!("{other:?} ").bytes()),
        }
    }
    reads.then_some(key)
}

impl SearchStrategy for Parts {
    fn name(&self) -> &'static str {
        "parts"
    }

    fn round(&mut self, problem: &Problem<'_>, front: &[Known], control: &Control) -> Round {
        let samples = || [Sample::unscaled(problem, ROWS), Sample::new(problem, ROWS)];
        let [plain, sample] = &*self.samples.get_or_insert_with(samples);
        if let Some(candidates) = algebraic(problem, plain, self.opening, control) {
            self.opening += 1;
            return Round { candidates, finished: false };
        }
        let turn = TURNS[self.rounds % TURNS.len()];
        self.rounds += 1;
        let effort = match turn {
            b'w' => {
                if let Some(candidates) = whole(problem, plain, &mut self.whole, control) {
                    return Round { candidates, finished: false };
                }
                0
            }
            digit => usize::from(digit - b'0'),
        };
        let mut best: Vec<&Known> = front.iter().collect();
        best.sort_by(|a, b| a.mse.total_cmp(&b.mse).then(a.complexity.cmp(&b.complexity)));
        let formulas: Vec<Sites> = best
            .iter()
            .filter_map(|k| sample.lower(&k.expr, LONGEST))
            .take(FORMULAS)
            .enumerate()
            .flat_map(|(rank, tree)| Sites::of(tree, rank as u32))
            .collect();
        let next = self.tried.next(&formulas, sample, effort);
        let found: Vec<Vec<Tree>> = next
            .par_iter()
            .map(|(which, at, effort)| {
                let tree = &formulas[*which].tree;
                let Some(s) = Sensitivity::new(tree, sample) else { return Vec::new() };
                let wanted = desired_values(tree, sample.target(), &s).swap_remove(*at);
                let Some(job) = wanted.and_then(|w| Job::new(sample, &s, *at, &w)) else {
                    return Vec::new();
                };
                let parts = job.solve(problem, *effort, control);
                parts.iter().take(EMITTED).map(|p| tree.replaced(*at, p.symbols())).collect()
            })
            .collect();
        let candidates =
            found.into_iter().flatten().map(|tree| Candidate::new(sample.lift(&tree), "parts")).collect();
        Round { candidates, finished: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Four inputs that do not depend on each other.
    pub(super) fn draw(rows: usize) -> Vec<Vec<f64>> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        (0..4).map(|_| (0..rows).map(|_| rng.random_range(0.2..3.2)).collect()).collect()
    }

    #[test]
    fn constants_near_round_numbers_and_roots_of_them() {
        let of = |v: f64| {
            let tree =
                Tree::from_symbols(vec![Symbol::Variable(0), Symbol::Parameter(v), Symbol::Binary(Op::Mul)]);
            ROUNDINGS.map(|by| with_round_constants(&tree, by).map(|t| t.symbols()[1].number().unwrap()))
        };
        assert_eq!(of(1.394), [None, Some(1.39), Some(2f64.sqrt())]);
        assert_eq!(of(-0.348), [None, None, Some(-0.125f64.sqrt())]);
        assert_eq!(of(2.03), [Some(2.0), None, Some(2.0)]);
        assert_eq!(of(0.0), [None; 3]);
        let tree = Tree::from_symbols(vec![
            Symbol::Variable(0),
            Symbol::Parameter(24f64.sqrt()),
            Symbol::Binary(Op::Mul),
        ]);
        assert_eq!(free_outside(&tree, 0), 0);
    }

    #[test]
    fn every_effort_has_a_turn() {
        let places: Vec<usize> =
            TURNS.iter().filter(|t| **t != b'w').map(|t| usize::from(t - b'0')).collect();
        assert!(places.iter().all(|place| *place < EFFORTS.len()));
        assert!((0..EFFORTS.len()).all(|place| places.contains(&place)));
        assert!(TURNS.contains(&b'w'));
    }
}
