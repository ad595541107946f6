//! [`Simplifier`]: the shortest formula that is equal on the data.

use super::algebra::Poles;
use super::analysis::Ranges;
use super::cost::{Written, rank};
use super::interval::Interval;
use super::judge::Judge;
use super::language::{Math, from_graph, to_graph};
use super::normalize::{expand_on, normalize_on};
use super::rules::rules;
use crate::expr::{Expr, complexity};
use egg::{Extractor, Runner};
use std::time::Duration;

/// Searches for the shortest formula that is equal to a given one on the data.
///
/// | option | default | purpose |
/// |---|---|---|
/// | `node_limit` | 1500 | nodes at which the e-graph stops to grow |
/// | `iteration_limit` | 10 | rounds of rewriting |
///
/// There is no clock in it: the same expression and data give the same result on any machine.
///
/// ```
/// use closedform::expr::{complexity, parse};
/// use closedform::simplify::Simplifier;
/// let long = parse("exp(2*ln(a) - ln(b))", &["a", "b"])?;
/// let short = Simplifier::new().simplify(&long, &[&[1.0, 2.0, 3.0], &[0.5, 0.1, 0.2]]);
/// assert_eq!(complexity(&short), 5); // a^2 / b
/// assert_eq!(short.evaluate_row(&[3.0, 0.5]), 18.0);
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simplifier {
    node_limit: usize,
    iteration_limit: usize,
}

/// Beyond this many nodes of the written-out formula only the normal form is taken: equality saturation would
/// hit its limit before it had seen the whole formula once.
const LARGEST_FOR_REWRITING: u32 = 150;

impl Default for Simplifier {
    fn default() -> Self {
        Self { node_limit: 1500, iteration_limit: 10 }
    }
}

impl Simplifier {
    /// The default limits.
    ///
    /// ```
    /// use closedform::{expr::parse, simplify::Simplifier};
    /// assert_eq!(Simplifier::new().simplify(&parse("x + x", &["x"])?, &[]), parse("2*x", &["x"])?);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of nodes at which the e-graph stops to grow.
    ///
    /// ```
    /// use closedform::{expr::parse, simplify::Simplifier};
    /// let small = Simplifier::new().node_limit(10);
    /// let cube = small.simplify(&parse("x*x*x", &["x"])?, &[]);
    /// assert_eq!((cube.nodes().len(), cube.evaluate_row(&[2.0])), (2, 8.0));
    /// assert_ne!(small, Simplifier::new());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    #[must_use]
    pub fn node_limit(self, node_limit: usize) -> Self {
        Self { node_limit, ..self }
    }

    /// Largest number of rounds of rewriting; with 0 there is only the normal form.
    ///
    /// ```
    /// use closedform::{expr::parse, simplify::Simplifier};
    /// // The normal form alone collects like terms.
    /// let normal = Simplifier::new().iteration_limit(0);
    /// assert_eq!(normal.simplify(&parse("x + 2*x", &["x"])?, &[]), parse("3*x", &["x"])?);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    #[must_use]
    pub fn iteration_limit(self, iteration_limit: usize) -> Self {
        Self { iteration_limit, ..self }
    }

    /// The shortest equal expression that is found; `columns[i]` holds variable `i` on the training rows.
    ///
    /// The result has the values of `expr` on every row (to nine digits, and where one is not finite the other is not),
    /// never a higher [`cost`](super::cost()) and never more fitted constants. What holds only on part of the real line,
    /// such as `sqrt(x^2) = x`, is used where the range of the columns allows it. Without rows nothing is
    /// known of the variables and only what always holds is used.
    ///
    /// ```
    /// use closedform::{expr::parse, simplify::Simplifier};
    /// let root = parse("sqrt(x^2)", &["x"])?;
    /// assert_eq!(Simplifier::new().simplify(&root, &[&[1.0, 2.0]]), parse("x", &["x"])?);
    /// // With negative values it is |x|.
    /// assert_eq!(Simplifier::new().simplify(&root, &[&[-1.0, 2.0]]).evaluate_row(&[-3.0]), 3.0);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn simplify(&self, expr: &Expr, columns: &[&[f64]]) -> Expr {
        let ranges: Vec<Interval> = columns.iter().map(|c| Interval::of_column(c)).collect();
        let judge = Judge::new(expr, columns);
        let mut best = expr.clone();
        // Where the rows see a pole that would be lost, the judge says no; without rows it cannot.
        let poles: &[Poles] = if judge.has_rows() { &[Poles::Lost, Poles::Kept] } else { &[Poles::Kept] };
        // A merged constant or a cancelled term opens the way for the next round.
        for _ in 0..4 {
            let before = best.clone();
            for poles in poles {
                let normal = normalize_on(&best, &ranges, *poles);
                best = judge.no_worse(best, normal);
                let expanded = normalize_on(&expand_on(&best, &ranges, *poles), &ranges, *poles);
                best = judge.better(best, expanded);
            }
            if self.iteration_limit > 0 && complexity(&best) <= LARGEST_FOR_REWRITING {
                let rewritten = self.rewrite(&best, &ranges);
                let normal = normalize_on(&rewritten, &ranges, Poles::Kept);
                best = judge.better(best, rewritten);
                best = judge.better(best, normal);
            }
            if rank(&best) >= rank(&before) {
                break;
            }
        }
        best
    }

    fn rewrite(&self, expr: &Expr, ranges: &[Interval]) -> Expr {
        let analysis = Ranges { columns: ranges.to_vec(), values: expr.parameters().to_vec() };
        let runner: Runner<Math, Ranges> = Runner::new(analysis)
            .with_node_limit(self.node_limit)
            .with_iter_limit(self.iteration_limit)
            // The limit by the clock would make the result depend on the load of the machine.
            .with_time_limit(Duration::from_secs(u64::MAX / 4))
            .with_expr(&to_graph(expr))
            .run(rules());
        let (_, graph) = Extractor::new(&runner.egraph, Written).find_best(runner.roots[0]);
        from_graph(&graph, &runner.egraph.analysis.values)
    }
}
