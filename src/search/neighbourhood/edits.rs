//! All one-edit changes of a formula, ranked by what they promise before any of them is fitted.
//!
//! An edit moves the formula along a direction `delta`; with its constants refitted to first order, the squared
//! error falls by `<P r, delta>^2 / |P delta|^2`, where `P` takes out what the constants explain: the normalised
//! gradient of an architecture weight at zero. Linear insertions are predicted exactly. Far jumps are not, so the
//! desired values of a part, where they are known exactly, are compared with the functions of the bank as well.

use super::inverse::desired_values;
use super::sensitivity::{Basis, Sensitivity};
use super::terms::{Term, Terms};
use crate::expr::Op;
use crate::least_squares::dot;
use crate::search::Control;
use crate::search::tree::{Sample, Symbol, Tree, Vocabulary, assemble, cleaned};

/// Edits of either kind that are handed on.
const KEPT: usize = 32;

/// Rows on which the desired value has to exist.
const DEFINED: f64 = 0.9;

/// How a function of the bank enters at a part `u`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    /// `u + c h`
    Insert,
    /// `u (1 + c h)`
    Scale,
    /// `c h` in place of `u`
    Replace,
    /// `a + b h` in place of `u`
    Affine,
    /// `u (a + b h)`
    AffineFactor,
    /// `a h^b` in place of `u`
    Power,
    /// `a u h^b`
    PowerFactor,
}

impl Way {
    /// The ways that are ranked by gradient.
    pub(crate) const LINEAR: [Way; 3] = [Way::Insert, Way::Scale, Way::Replace];
}

/// A way at a part, prepared: directions are `direction * h`.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    at: usize,
    way: Way,
    direction: Vec<f64>,
    residual: Vec<f64>,
    cost: f64,
    basis: Basis,
}

impl Site {
    /// The part whose root is at `at`, prepared for a linear way; `basis` is [`Sensitivity::basis`] of the whole
    /// formula. `None` where an adjoint is not finite.
    pub(crate) fn new(tree: &Tree, at: usize, way: Way, s: &Sensitivity, basis: &Basis) -> Option<Site> {
        let adjoint = s.weighted(&s.adjoints[at]);
        let scale: Vec<f64> = adjoint.iter().zip(&s.values[at]).map(|(a, u)| a * u).collect();
        if scale.iter().chain(&adjoint).any(|x| !x.is_finite()) || adjoint.iter().all(|x| *x == 0.0) {
            return None;
        }
        let mut residual = s.weighted(&s.residual);
        let mut basis = basis.clone();
        let direction = match way {
            Way::Scale => scale,
            Way::Replace => {
                // Without the part and without its constants, to first order.
                residual.iter_mut().zip(&scale).for_each(|(r, d)| *r += d);
                basis = s.basis(tree.span(at));
                adjoint
            }
            _ => adjoint,
        };
        basis.project(&mut residual);
        Some(Site { at, way, direction, cost: dot(&residual, &residual), residual, basis })
    }

    /// The squared error after the edit with the function, to first order, and its coefficient.
    pub(crate) fn predict(&self, term: &Term, delta: &mut Vec<f64>) -> Option<(f64, f64)> {
        delta.clear();
        delta.extend(self.direction.iter().zip(&term.values).map(|(d, h)| d * h));
        let whole = dot(delta, delta);
        let left = whole - self.basis.explained(delta);
        if left.is_nan() || left <= 1e-9 * whole {
            return None;
        }
        let overlap = dot(&self.residual, delta);
        Some(((self.cost - overlap * overlap / left).max(0.0), overlap / left))
    }

    /// The formula after the edit.
    pub(crate) fn apply(&self, tree: &Tree, term: &Tree, c: f64) -> Tree {
        change(tree, self.at, self.way, term, 0.0, c)
    }
}

/// The formula with a function of the bank at a part, with coefficients `a` and `b`.
fn change(tree: &Tree, at: usize, way: Way, term: &Tree, a: f64, b: f64) -> Tree {
    // A coefficient of exactly 1 or 0 would be cleaned away before it is fitted.
    let number = |v: f64| {
        let v = if v == 1.0 || v == 0.0 { v + 1e-3 } else { v };
        Tree::leaf(Symbol::Parameter(v))
    };
    let part = tree.part(at);
    let scaled = || assemble(Op::Mul, &number(b), term);
    let power = || {
        let p = match b {
            _ if (b - 1.0).abs() < 0.02 => return assemble(Op::Mul, &number(a.exp()), term),
            _ if (b - 2.0).abs() < 0.02 => Symbol::Constant(2.0),
            _ if (b - 3.0).abs() < 0.02 => Symbol::Constant(3.0),
            _ if (b + 1.0).abs() < 0.02 => Symbol::Constant(-1.0),
            _ if (b + 2.0).abs() < 0.02 => Symbol::Constant(-2.0),
            _ => Symbol::Parameter(b),
        };
        let mut symbols = term.symbols().to_vec();
        symbols.extend([p, Symbol::Binary(Op::Pow)]);
        assemble(Op::Mul, &number(a.exp()), &Tree::from_symbols(symbols))
    };
    let affine = || assemble(Op::Add, &number(a), &scaled());
    let new = match way {
        Way::Insert => assemble(Op::Add, &part, &scaled()),
        Way::Scale => {
            assemble(Op::Mul, &part, &assemble(Op::Add, &Tree::leaf(Symbol::Parameter(1.0)), &scaled()))
        }
        Way::Replace => scaled(),
        Way::Affine => affine(),
        Way::AffineFactor => assemble(Op::Mul, &part, &affine()),
        Way::Power => power(),
        Way::PowerFactor => assemble(Op::Mul, &part, &power()),
    };
    cleaned(&tree.replaced(at, new.symbols()))
}

/// The best of a growing list of edits: at most [`KEPT`], one per function and part.
#[derive(Debug, Default)]
struct Shortlist {
    edits: Vec<(f64, usize, usize, Way, f64, f64)>,
}

impl Shortlist {
    fn worst(&self) -> f64 {
        if self.edits.len() < 4 * KEPT { f64::INFINITY } else { self.edits[self.edits.len() - 1].0 }
    }

    fn add(&mut self, predicted: f64, at: usize, term: usize, way: Way, a: f64, b: f64) {
        if !(predicted < self.worst() && a.is_finite() && b.is_finite()) {
            return;
        }
        let place = self.edits.partition_point(|e| e.0 <= predicted);
        self.edits.insert(place, (predicted, at, term, way, a, b));
        self.edits.truncate(4 * KEPT);
    }

    /// The formulas, best first; changes that come to the same structure count once.
    fn changes(&self, tree: &Tree, terms: &Terms, most: u32) -> Vec<Tree> {
        let mut seen = std::collections::HashSet::new();
        let mut out = Vec::new();
        for &(_, at, term, way, a, b) in &self.edits {
            let new = change(tree, at, way, &terms.get(term).tree, a, b);
            if out.len() < KEPT && new.complexity() <= most && seen.insert(new.structure()) {
                out.push(new);
            }
        }
        out
    }
}

/// The edits of a formula that promise most: by the gradient, then by exact desired values.
pub(crate) fn ranked(
    tree: &Tree,
    sample: &Sample,
    terms: &Terms,
    vocabulary: &Vocabulary,
    most: u32,
    control: &Control,
) -> Vec<Tree> {
    let Some(s) = Sensitivity::new(tree, sample) else { return Vec::new() };
    let basis = s.basis(0..0);
    let mut linear = Shortlist::default();
    let mut delta = Vec::with_capacity(sample.rows());
    for at in 0..tree.len() {
        for way in Way::LINEAR {
            if control.is_stopped() {
                return Vec::new();
            }
            let Some(site) = Site::new(tree, at, way, &s, &basis) else { continue };
            for (k, term) in terms.iter().enumerate() {
                if let Some((predicted, c)) = site.predict(term, &mut delta) {
                    linear.add(predicted, at, k, site.way, 0.0, c);
                }
            }
        }
    }
    let mut exact = Shortlist::default();
    let power = vocabulary.has(Op::Pow);
    for (at, desired) in desired_values(tree, sample.target(), &s).iter().enumerate() {
        if control.is_stopped() {
            break;
        }
        // Numbers are fitted anyway.
        if let Some(desired) = desired.as_ref().filter(|_| tree.symbols()[at].number().is_none()) {
            compare(at, desired, &s, terms, power, &mut exact);
        }
    }
    let mut out = linear.changes(tree, terms, most);
    out.extend(exact.changes(tree, terms, most));
    control.count((terms.len() * tree.len()) as u64);
    out
}

/// Compares the desired values of a part with the functions of the bank: affine and, in logarithms, as powers.
fn compare(at: usize, desired: &[f64], s: &Sensitivity, terms: &Terms, power: bool, out: &mut Shortlist) {
    let now = &s.values[at];
    let adjoint = s.weighted(&s.adjoints[at]);
    let defined: Vec<usize> = (0..desired.len())
        .filter(|i| desired[*i].is_finite() && now[*i].is_finite() && adjoint[*i].is_finite())
        .collect();
    if (defined.len() as f64) < DEFINED * desired.len() as f64 {
        return;
    }
    let extra = desired.len() as f64 / defined.len() as f64;
    let gather = |f: &dyn Fn(usize) -> f64| defined.iter().map(|i| f(*i)).collect::<Vec<f64>>();
    let weights = gather(&|i| adjoint[i].powi(2));
    let factor_weights = gather(&|i| (adjoint[i] * now[i]).powi(2));
    let mut tests = vec![(Way::Affine, gather(&|i| desired[i]), weights)];
    if now.iter().all(|u| *u != 0.0) && at + 1 < s.values.len() {
        tests.push((Way::AffineFactor, gather(&|i| desired[i] / now[i]), factor_weights));
    }
    for (way, wanted, w) in &tests {
        let Some(fit) = Affine::new(wanted, w) else { continue };
        for (k, term) in terms.iter().enumerate() {
            let h: Vec<f64> = defined.iter().map(|i| term.values[*i]).collect();
            if let Some((cost, a, b)) = fit.on(&h) {
                out.add(cost * extra, at, k, *way, a, b);
            }
        }
        let positive = wanted.iter().all(|t| *t > 0.0);
        if !power || !positive {
            continue;
        }
        // ln t = a + b ln h; an error of ln t weighs as its factor t.
        let logs: Vec<f64> = wanted.iter().map(|t| t.ln()).collect();
        let w: Vec<f64> = w.iter().zip(wanted).map(|(w, t)| w * t * t).collect();
        let Some(fit) = Affine::new(&logs, &w) else { continue };
        let way = if *way == Way::Affine { Way::Power } else { Way::PowerFactor };
        for (k, term) in terms.iter().enumerate() {
            if term.values.iter().any(|h| *h <= 0.0) {
                continue;
            }
            let h: Vec<f64> = defined.iter().map(|i| term.values[*i].ln()).collect();
            if let Some((cost, a, b)) = fit.on(&h)
                && b.abs() <= 8.0
            {
                out.add(cost * extra, at, k, way, a, b);
            }
        }
    }
}

/// Weighted least squares of one column on another and a constant.
struct Affine<'a> {
    weights: &'a [f64],
    /// `w (t - mean t)`
    centred: Vec<f64>,
    mean: f64,
    total: f64,
    square: f64,
}

impl<'a> Affine<'a> {
    fn new(target: &[f64], weights: &'a [f64]) -> Option<Self> {
        let total: f64 = weights.iter().sum();
        let mean = dot(target, weights) / total;
        let centred: Vec<f64> = target.iter().zip(weights).map(|(t, w)| w * (t - mean)).collect();
        let square: f64 = centred.iter().zip(target).map(|(c, t)| c * (t - mean)).sum();
        (total > 0.0 && square.is_finite()).then_some(Self { weights, centred, mean, total, square })
    }

    /// The squared error, the constant and the coefficient for a column.
    fn on(&self, h: &[f64]) -> Option<(f64, f64, f64)> {
        let mean = dot(h, self.weights) / self.total;
        let overlap = dot(&self.centred, h);
        let square: f64 = h.iter().zip(self.weights).map(|(h, w)| w * (h - mean) * (h - mean)).sum();
        let b = overlap / square;
        (square > 1e-12 * self.total * mean * mean && b.is_finite())
            .then(|| ((self.square - b * overlap).max(0.0), self.mean - b * mean, b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;
    use crate::expr::Expr;
    use crate::search::Problem;
    use crate::search_space::{PrimitiveSet, SearchSpace};

    /// A problem on a grid of two inputs, handed to a test as its sample and symbols.
    fn with_problem(law: impl Fn(f64, f64) -> f64, test: impl FnOnce(&Sample, &Vocabulary)) {
        let rows: Vec<(f64, f64)> =
            (0..60).map(|i| (0.3 + f64::from(i % 8) * 0.31, 0.5 + f64::from(i / 8) * 0.27)).collect();
        let x: Vec<f64> = rows.iter().map(|r| r.0).collect();
        let z: Vec<f64> = rows.iter().map(|r| r.1).collect();
        let y: Vec<f64> = rows.iter().map(|(x, z)| law(*x, *z)).collect();
        let columns = [x.as_slice(), z.as_slice()];
        let split = Split { train: (0..rows.len()).collect(), validation: Vec::new() };
        let space = SearchSpace::new(PrimitiveSet::SCIENCE, 2).unwrap();
        let problem =
            Problem { columns: &columns, target: &y, weights: None, split: &split, space: &space, seed: 1 };
        test(&Sample::new(&problem, 128), &Vocabulary::new(&problem));
    }

    #[test]
    fn a_linear_insertion_is_predicted_exactly() {
        with_problem(
            |x, z| 2.0 + 3.0 * x + 0.7 * (x * z).sin() + 0.1 * z,
            |sample, vocabulary| {
                let control = Control::unlimited();
                let start = Expr::parameter(1.0) + Expr::parameter(1.0) * Expr::variable(0);
                let (tree, _) =
                    sample.fit(&Tree::from_expr(&start, 20).unwrap(), 5, f64::INFINITY, &control).unwrap();
                let s = Sensitivity::new(&tree, sample).unwrap();
                let site = Site::new(&tree, tree.len() - 1, Way::Insert, &s, &s.basis(0..0)).unwrap();
                let terms = Terms::new(sample, vocabulary);
                let mut compared = 0;
                for term in terms.iter().take(60) {
                    let Some((predicted, _)) = site.predict(term, &mut Vec::new()) else { continue };
                    // Functions of one parameter: what is inside of them would be fitted as well.
                    if term.tree.symbols().iter().any(|s| matches!(s, Symbol::Parameter(_))) {
                        continue;
                    }
                    let child = site.apply(&tree, &term.tree, 0.5);
                    let (_, error) = sample.fit(&child, 0, f64::INFINITY, &control).unwrap();
                    let fitted = sample.residual_rms(error).powi(2) * sample.rows() as f64;
                    assert!((predicted - fitted).abs() < 1e-6 * fitted + 1e-12, "{:?}", term.tree);
                    compared += 1;
                }
                assert!(compared > 20);
            },
        );
    }

    #[test]
    fn a_law_one_edit_away_comes_first() {
        // From ln(1 + x) to ln(1 + x z^2): the argument of the logarithm is solved for.
        with_problem(
            |x, z| (1.0 + x * z * z).ln(),
            |sample, vocabulary| {
                let start = (Expr::parameter(1.0) + Expr::variable(0)).apply(Op::Ln);
                let tree = Tree::from_expr(&start, 20).unwrap();
                let control = Control::unlimited();
                let terms = Terms::new(sample, vocabulary);
                let best = ranked(&tree, sample, &terms, vocabulary, 40, &control)
                    .iter()
                    .filter_map(|t| sample.fit(t, 10, f64::INFINITY, &control))
                    .map(|f| f.1)
                    .fold(f64::INFINITY, f64::min);
                assert!(best < 1e-24, "{best}");
            },
        );
    }
}
