//! Compiled evaluation of an expression over columns of data, in any [`Number`].
//!
//! An [`Expr`] is compiled once to a [`Tape`]: a list of instructions over planes of rows that stay in the
//! first-level cache ([`plan`](super::plan)). Running it on `f64` gives values, on [`DualVec`] values and `N`
//! partial derivatives, on [`crate::expr::HyperDual`] exact second-order terms. Values, and the derivatives with
//! respect to all fitted constants, have plans of their own, over plain numbers and vector instructions.

use super::number_blocks::NumberBlocks;
use super::plan::{Block, Cache, Graph, Plan, Plane, Scratch};
use super::rows::{CHUNK, PARALLEL_ROWS};
use super::{DualVec, Expr, Number};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::OnceLock;

/// Rows that are worked on together in number types other than `f64`.
pub(crate) const BLOCK: usize = 64;

/// Partial derivatives that one pass over [`DualVec`] carries.
///
/// ```
/// use closedform::expr::{DualVec, LANES};
/// assert_eq!(DualVec::<LANES>::variable(1.0, LANES - 1).tangents[LANES - 1], 1.0);
/// ```
pub const LANES: usize = 8;

/// An expression compiled for evaluation over columns.
///
/// ```
/// use closedform::expr::{Expr, Op, Tape};
/// let e = Expr::parameter(3.0) * Expr::variable(0).apply(Op::Square);
/// let tape = Tape::compile(&e);
/// assert_eq!(tape.values(&[3.0], &[&[1.0, 2.0]]), [3.0, 12.0]);
/// // The same structure with another constant needs no new compilation.
/// assert_eq!(tape.values(&[0.5], &[&[1.0, 2.0]]), [0.5, 2.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Tape {
    graph: Graph,
    root: u32,
    value: Plan,
    derivatives: OnceLock<Plan>,
    parameter_count: usize,
}

/// Memory of an evaluation, reused from call to call.
///
/// ```
/// use closedform::expr::{Tape, Workspace, parse};
/// let tape = Tape::compile(&parse("t^2", &["t"])?);
/// let (mut workspace, mut out) = (Workspace::new(), [0.0; 2]);
/// for (first, values) in [(0, [1.0, 4.0]), (1, [4.0, 9.0])] {
///     tape.values_into(&[], &[&[1.0, 2.0, 3.0]], first, &mut out, &mut workspace);
///     assert_eq!(out, values);
/// }
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Debug)]
pub struct Workspace<T> {
    blocks: NumberBlocks<T>,
    scratch: Scratch,
}

impl<T> Default for Workspace<T> {
    fn default() -> Self {
        Self { blocks: NumberBlocks::default(), scratch: Scratch::default() }
    }
}

impl<T: Number> Workspace<T> {
    /// An empty workspace; it grows on first use.
    ///
    /// ```
    /// use closedform::expr::{Tape, Workspace, parse};
    /// let mut out = [0.0];
    /// Tape::compile(&parse("2*t", &["t"])?).values_into(&[], &[&[4.0]], 0, &mut out, &mut Workspace::new());
    /// assert_eq!(out, [8.0]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// The part that plans over plain numbers use.
    pub(crate) fn scratch(&mut self) -> &mut Scratch {
        &mut self.scratch
    }
}

impl Tape {
    /// Compiles an expression.
    ///
    /// ```
    /// use closedform::expr::{Expr, Op, Tape};
    /// let tape = Tape::compile(&Expr::variable(0).apply(Op::Exp));
    /// assert_eq!(tape.values(&[], &[&[0.0]]), [1.0]);
    /// ```
    pub fn compile(expr: &Expr) -> Self {
        let (graph, root) = Graph::of(expr);
        let value = Plan::of_value(&graph, root);
        let parameter_count = expr.parameters().len();
        Tape { graph, root, value, derivatives: OnceLock::new(), parameter_count }
    }

    /// Number of fitted constants.
    ///
    /// ```
    /// use closedform::expr::{Expr, Tape};
    /// assert_eq!(Tape::compile(&(Expr::parameter(2.0) * Expr::variable(0))).parameter_count(), 1);
    /// ```
    pub fn parameter_count(&self) -> usize {
        self.parameter_count
    }

    /// The plan of the value.
    pub(crate) fn value_plan(&self) -> &Plan {
        &self.value
    }

    /// The plan of the value and its derivatives with respect to the fitted constants, compiled on first use.
    pub(crate) fn derivative_plan(&self) -> &Plan {
        self.derivatives.get_or_init(|| Plan::of_derivatives(&self.graph, self.root, self.parameter_count))
    }

    /// Runs over rows `start .. start + count` of the columns and hands each block of results to `sink` with the
    /// number of its first row.
    ///
    /// ```
    /// use closedform::expr::{Dual, Expr, Tape, Workspace};
    /// let tape = Tape::compile(&(Expr::parameter(3.0) * Expr::variable(0)));
    /// let mut slopes = Vec::new();
    /// tape.run(&[Dual::new(3.0, 1.0)], &[&[5.0, 7.0]], 0..2, &mut Workspace::new(), |_, block| {
    ///     slopes.extend(block.iter().map(|y| y.derivative()));
    /// });
    /// assert_eq!(slopes, [5.0, 7.0]);
    /// ```
    ///
    /// # Panics
    /// If a column or a parameter that the expression reads is missing or too short.
    pub fn run<T: Number>(
        &self,
        parameters: &[T],
        columns: &[&[f64]],
        rows: Range<usize>,
        workspace: &mut Workspace<T>,
        mut sink: impl FnMut(usize, &[T]),
    ) {
        let Workspace { blocks, scratch } = workspace;
        let Some(parameters) = T::as_f64(parameters) else {
            blocks.run(&self.value, parameters, columns, rows, scratch, sink);
            return;
        };
        let step = self.value.block_rows();
        let mut values = std::mem::take(&mut blocks.values);
        values.resize(step, 0.0);
        self.value.start(parameters, scratch);
        for start in rows.clone().step_by(step) {
            let end = rows.end.min(start + step);
            let out = &mut values[..end - start];
            self.value.values_into(columns, None, start..end, scratch, out);
            sink(start, T::from_f64(out).expect("a number that is an f64"));
        }
        blocks.values = values;
    }

    /// Runs on inputs of any [`Number`] instead of columns of data: `inputs[i][row]` is variable `i`.
    ///
    /// ```
    /// use closedform::expr::{Dual, Tape, Workspace, parse};
    /// let tape = Tape::compile(&parse("t^2", &["t"])?);
    /// let mut out = [Dual::new(0.0, 0.0)];
    /// tape.apply(&[], &[&[Dual::new(3.0, 1.0)]], &mut out, &mut Workspace::new());
    /// assert_eq!(out, [Dual::new(9.0, 6.0)]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Panics
    /// If an input that the expression reads is missing or shorter than `out`.
    pub fn apply<T: Number>(
        &self,
        parameters: &[T],
        inputs: &[&[T]],
        out: &mut [T],
        workspace: &mut Workspace<T>,
    ) {
        workspace.blocks.apply(&self.value, parameters, inputs, out);
    }

    /// The values over all rows of the columns. An expression without variables gives one value per row of the
    /// first column, or a single one where there is no column.
    ///
    /// Threads share the work where there are many rows; the result does not depend on their number.
    ///
    /// ```
    /// use closedform::expr::{Expr, Tape};
    /// let line = Expr::parameter(0.0) * Expr::variable(0) + Expr::parameter(0.0);
    /// assert_eq!(Tape::compile(&line).values(&[2.0, 1.0], &[&[0.0, 1.0, 2.0]]), [1.0, 3.0, 5.0]);
    /// ```
    pub fn values(&self, parameters: &[f64], columns: &[&[f64]]) -> Vec<f64> {
        let rows = columns.first().map_or(1, |c| c.len());
        let mut out = vec![0.0; rows];
        if rows < PARALLEL_ROWS {
            self.values_into(parameters, columns, 0, &mut out, &mut Workspace::new());
            return out;
        }
        out.par_chunks_mut(CHUNK).enumerate().for_each_init(Workspace::new, |workspace, (chunk, out)| {
            self.values_into(parameters, columns, chunk * CHUNK, out, workspace);
        });
        out
    }

    /// The values of rows `first .. first + out.len()`, in one thread.
    ///
    /// ```
    /// use closedform::expr::{Tape, Workspace, parse};
    /// let tape = Tape::compile(&parse("10*t", &["t"])?);
    /// let mut out = [0.0; 2];
    /// tape.values_into(&[], &[&[1.0, 2.0, 3.0]], 1, &mut out, &mut Workspace::new());
    /// assert_eq!(out, [20.0, 30.0]); // rows 1 and 2
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Panics
    /// If a column or a parameter that the expression reads is missing or too short.
    pub fn values_into(
        &self,
        parameters: &[f64],
        columns: &[&[f64]],
        first: usize,
        out: &mut [f64],
        workspace: &mut Workspace<f64>,
    ) {
        let step = self.value.block_rows();
        let scratch = &mut workspace.scratch;
        self.value.start(parameters, scratch);
        for (block, out) in out.chunks_mut(step).enumerate() {
            let start = first + block * step;
            self.value.values_into(columns, None, start..start + out.len(), scratch, out);
        }
    }

    /// Values and Jacobian over a range of rows: `values[i]` belongs to row `rows.start + i`, and
    /// `jacobian[i * p + j]` is the derivative there with respect to parameter `j` of `p`.
    ///
    /// ```
    /// use closedform::expr::{Expr, Tape, Workspace};
    /// let line = Tape::compile(&(Expr::parameter(2.0) * Expr::variable(0) + Expr::parameter(1.0)));
    /// let (mut values, mut jacobian) = ([0.0; 2], [0.0; 4]);
    /// line.jacobian(&[2.0, 1.0], &[&[3.0, 4.0]], 0..2, &mut Workspace::new(), &mut values, &mut jacobian);
    /// assert_eq!((values, jacobian), ([7.0, 9.0], [3.0, 1.0, 4.0, 1.0]));
    /// ```
    ///
    /// # Panics
    /// If a slice, a column or the parameters are too short.
    pub fn jacobian(
        &self,
        parameters: &[f64],
        columns: &[&[f64]],
        rows: Range<usize>,
        workspace: &mut Workspace<DualVec<LANES>>,
        values: &mut [f64],
        jacobian: &mut [f64],
    ) {
        let p = parameters.len();
        let first = rows.start;
        self.derivative_blocks(parameters, columns, None, rows, workspace.scratch(), |start, n, block| {
            let at = start - first;
            block.value().copy_to(&mut values[at..at + n]);
            let jacobian = &mut jacobian[at * p..(at + n) * p];
            for j in 0..p {
                let places = jacobian[j..].iter_mut().step_by(p);
                match block.partial(j) {
                    (0.0, _) => places.for_each(|o| *o = 0.0),
                    (factor, Plane::Same(d)) => places.for_each(|o| *o = factor * d),
                    (factor, Plane::Rows(d)) => places.zip(d).for_each(|(o, d)| *o = factor * d),
                }
            }
        });
    }

    /// Values, and the derivatives with respect to all parameters, a column for each: `derivatives[j][i]` belongs
    /// to row `rows.start + i`. Faster than [`Tape::jacobian`], whose rows have to be put together.
    ///
    /// ```
    /// use closedform::expr::{Expr, Tape, Workspace};
    /// let line = Tape::compile(&(Expr::parameter(2.0) * Expr::variable(0) + Expr::parameter(1.0)));
    /// let (mut values, mut slope, mut offset) = ([0.0; 2], [0.0; 2], [0.0; 2]);
    /// let mut derivatives = [&mut slope[..], &mut offset[..]];
    /// line.gradients(&[2.0, 1.0], &[&[3.0, 4.0]], 0..2, &mut Workspace::new(), &mut values, &mut derivatives);
    /// assert_eq!((values, slope, offset), ([7.0, 9.0], [3.0, 4.0], [1.0, 1.0]));
    /// ```
    ///
    /// # Panics
    /// If a slice, a column or the parameters are too short.
    pub fn gradients(
        &self,
        parameters: &[f64],
        columns: &[&[f64]],
        rows: Range<usize>,
        workspace: &mut Workspace<f64>,
        values: &mut [f64],
        derivatives: &mut [&mut [f64]],
    ) {
        let first = rows.start;
        self.derivative_blocks(parameters, columns, None, rows, workspace.scratch(), |start, n, block| {
            let at = start - first;
            block.value().copy_to(&mut values[at..at + n]);
            for (j, out) in derivatives.iter_mut().enumerate() {
                block.copy_partial(j, &mut out[at..at + n]);
            }
        });
    }

    /// Hands every block of values to `sink`, with its first row, until it returns false.
    pub(crate) fn value_blocks(
        &self,
        parameters: &[f64],
        columns: &[&[f64]],
        rows: Range<usize>,
        scratch: &mut Scratch,
        mut sink: impl FnMut(usize, &[f64]) -> bool,
    ) {
        let step = self.value.block_rows();
        let mut values = vec![0.0; step.min(rows.len())];
        self.value.start(parameters, scratch);
        for start in rows.clone().step_by(step) {
            let end = rows.end.min(start + step);
            let out = &mut values[..end - start];
            self.value.values_into(columns, None, start..end, scratch, out);
            if !sink(start, out) {
                return;
            }
        }
    }

    /// Hands every block of values and derivatives to `sink`, with its first row and its number of rows.
    pub(crate) fn derivative_blocks(
        &self,
        parameters: &[f64],
        columns: &[&[f64]],
        cache: Option<&Cache>,
        rows: Range<usize>,
        scratch: &mut Scratch,
        mut sink: impl FnMut(usize, usize, &Block<'_>),
    ) {
        let plan = self.derivative_plan();
        plan.start(parameters, scratch);
        for start in rows.clone().step_by(plan.block_rows()) {
            let end = rows.end.min(start + plan.block_rows());
            sink(start, end - start, &plan.block(columns, cache, start..end, scratch));
        }
    }
}
