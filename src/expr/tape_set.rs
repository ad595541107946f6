//! Many expressions over the same rows at once: what they share is computed once.

use super::plan::{Graph, Plan};
use super::rows::{CHUNK, PARALLEL_ROWS};
use super::{Expr, Scratch, Workspace};
use rayon::prelude::*;
use std::ops::Range;

/// Several expressions, their fitted constants held, compiled to one plan: equal subexpressions of all of them are
/// evaluated once per block of rows, and the columns pass through the cache once.
///
/// Values are those of the single expressions to the last digits. (They differ there for a power whose exponent is
/// a fitted constant that happens to be a small multiple of one half: as a known number it is worked out by
/// products.)
///
/// ```
/// use closedform::expr::{Expr, Op, TapeSet};
/// let shared = (Expr::parameter(0.5) * Expr::variable(0)).apply(Op::Exp);
/// let set = TapeSet::compile(&[shared.clone() + Expr::constant(1.0), shared * Expr::variable(0)]);
/// let values = set.values(&[&[0.0, 2.0]]);
/// assert_eq!(values[0], [2.0, 1f64.exp() + 1.0]);
/// assert_eq!(values[1], [0.0, 1f64.exp() * 2.0]);
/// ```
#[derive(Clone, Debug)]
pub struct TapeSet {
    plan: Plan,
    count: usize,
}

impl TapeSet {
    /// Compiles expressions.
    ///
    /// ```
    /// use closedform::expr::{Expr, TapeSet};
    /// let set = TapeSet::compile(&[Expr::variable(0), Expr::constant(2.0) * Expr::variable(0)]);
    /// assert_eq!(set.values(&[&[5.0]]), [[5.0], [10.0]]);
    /// ```
    pub fn compile(exprs: &[Expr]) -> Self {
        let (graph, roots) = Graph::of_all(exprs);
        Self { plan: Plan::of_values(graph, &roots), count: exprs.len() }
    }

    /// Number of expressions.
    ///
    /// ```
    /// use closedform::expr::{Expr, TapeSet};
    /// assert_eq!(TapeSet::compile(&[Expr::variable(0), Expr::constant(2.0)]).len(), 2);
    /// ```
    pub fn len(&self) -> usize {
        self.count
    }

    /// True where there is no expression.
    ///
    /// ```
    /// use closedform::expr::TapeSet;
    /// assert!(TapeSet::compile(&[]).is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Instructions per block of rows, what is shared counted once.
    ///
    /// ```
    /// use closedform::expr::{Op, TapeSet, parse};
    /// let wave = parse("sin(t)", &["t"])?;
    /// let once = TapeSet::compile(&[wave.clone()]).instructions();
    /// assert_eq!(TapeSet::compile(&[wave.clone(), wave.clone()]).instructions(), once);
    /// assert!(TapeSet::compile(&[wave.clone(), wave.apply(Op::Exp)]).instructions() > once);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn instructions(&self) -> usize {
        self.plan.step_count()
    }

    /// The values of all expressions, in order, over all rows of the columns; one row where there is no column.
    ///
    /// Threads share the work where there are many rows; the result does not depend on their number.
    ///
    /// ```
    /// use closedform::expr::{TapeSet, parse};
    /// let set = TapeSet::compile(&[parse("t + 1", &["t"])?, parse("t^2", &["t"])?]);
    /// assert_eq!(set.values(&[&[2.0, 3.0]]), [[3.0, 4.0], [4.0, 9.0]]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn values(&self, columns: &[&[f64]]) -> Vec<Vec<f64>> {
        let rows = columns.first().map_or(1, |c| c.len());
        let mut out = vec![vec![0.0; rows]; self.count];
        let chunk = if rows < PARALLEL_ROWS { rows.max(1) } else { CHUNK };
        let mut parts: Vec<Vec<&mut [f64]>> = Vec::new();
        parts.resize_with(rows.div_ceil(chunk), || Vec::with_capacity(self.count));
        for column in &mut out {
            for (part, piece) in parts.iter_mut().zip(column.chunks_mut(chunk)) {
                part.push(piece);
            }
        }
        let run = |scratch: &mut Scratch, (i, mut part): (usize, Vec<&mut [f64]>)| {
            let start = i * chunk;
            self.fill(columns, start..rows.min(start + chunk), scratch, &mut part);
        };
        if parts.len() == 1 {
            parts.into_iter().enumerate().for_each(|part| run(&mut Scratch::default(), part));
        } else {
            parts.into_par_iter().enumerate().for_each_init(Scratch::default, run);
        }
        out
    }

    /// The values of some rows, in one thread: `out[k][i]` belongs to expression `k` and row `rows.start + i`.
    ///
    /// ```
    /// use closedform::expr::{TapeSet, Workspace, parse};
    /// let set = TapeSet::compile(&[parse("t + 1", &["t"])?, parse("t^2", &["t"])?]);
    /// let (mut a, mut b) = ([0.0], [0.0]);
    /// set.values_into(&[&[2.0, 3.0]], 1..2, &mut [&mut a, &mut b], &mut Workspace::new());
    /// assert_eq!((a, b), ([4.0], [9.0]));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Panics
    /// If a slice or a column is too short.
    pub fn values_into(
        &self,
        columns: &[&[f64]],
        rows: Range<usize>,
        out: &mut [&mut [f64]],
        workspace: &mut Workspace<f64>,
    ) {
        self.fill(columns, rows, workspace.scratch(), out);
    }

    fn fill(&self, columns: &[&[f64]], rows: Range<usize>, scratch: &mut Scratch, out: &mut [&mut [f64]]) {
        let plan = &self.plan;
        plan.start(&[], scratch);
        for start in rows.clone().step_by(plan.block_rows()) {
            let end = rows.end.min(start + plan.block_rows());
            let block = plan.block(columns, None, start..end, scratch);
            for (k, out) in out.iter_mut().enumerate().take(self.count) {
                block.copy_partial(k, &mut out[start - rows.start..end - rows.start]);
            }
        }
    }
}
