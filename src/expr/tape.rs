//! Compiled evaluation of an expression over columns of data, in any [`Number`].
//!
//! An [`Expr`] is compiled once to a [`Tape`]: a list of instructions over slots, each slot a block of rows that
//! stays in the first-level cache. Running it on `f64` gives values, on [`DualVec`] values and `N` partial
//! derivatives, on [`crate::expr::HyperDual`] exact second-order terms.

use super::{DualVec, Expr, Node, Number, Op, block};

/// Rows that are worked on together.
pub const BLOCK: usize = 64;

/// Partial derivatives that one pass carries.
pub const LANES: usize = 8;

type Slot = u32;

#[derive(Clone, Copy, Debug)]
enum Instruction {
    Unary(Op, Slot, Slot),
    Binary(Op, Slot, Slot, Slot),
}

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
    instructions: Vec<Instruction>,
    constants: Vec<(Slot, f64)>,
    parameters: Vec<(Slot, usize)>,
    variables: Vec<(Slot, usize)>,
    slots: usize,
    root: Slot,
    parameter_count: usize,
}

/// Memory of an evaluation, reused from call to call.
#[derive(Debug, Default)]
pub struct Workspace<T> {
    slots: Vec<[T; BLOCK]>,
}

impl<T: Number> Workspace<T> {
    /// An empty workspace; it grows on first use.
    pub fn new() -> Self {
        Self { slots: Vec::new() }
    }
}

impl Tape {
    /// Compiles an expression. Slots whose value is not needed any more are used again.
    pub fn compile(expr: &Expr) -> Self {
        let nodes = expr.nodes();
        let mut last_use = vec![0usize; nodes.len()];
        for (i, node) in nodes.iter().enumerate() {
            match *node {
                Node::Unary(_, a) => last_use[a as usize] = i,
                Node::Binary(_, a, b) => {
                    last_use[a as usize] = i;
                    last_use[b as usize] = i;
                }
                _ => {}
            }
        }
        last_use[nodes.len() - 1] = usize::MAX;
        let mut tape = Tape {
            instructions: Vec::new(),
            constants: Vec::new(),
            parameters: Vec::new(),
            variables: Vec::new(),
            slots: 0,
            root: 0,
            parameter_count: expr.parameters().len(),
        };
        let mut slot_of = vec![0 as Slot; nodes.len()];
        let mut free: Vec<Slot> = Vec::new();
        for (i, node) in nodes.iter().enumerate() {
            let fresh = |tape: &mut Tape| {
                tape.slots += 1;
                (tape.slots - 1) as Slot
            };
            // Leaves keep their slot: constants and parameters are written once per run, not once per block.
            let slot = match *node {
                Node::Constant(c) => {
                    let s = fresh(&mut tape);
                    tape.constants.push((s, c));
                    s
                }
                Node::Parameter(p) => {
                    let s = fresh(&mut tape);
                    tape.parameters.push((s, p as usize));
                    s
                }
                Node::Variable(v) => {
                    let s = fresh(&mut tape);
                    tape.variables.push((s, v as usize));
                    s
                }
                Node::Unary(..) | Node::Binary(..) => free.pop().unwrap_or_else(|| fresh(&mut tape)),
            };
            slot_of[i] = slot;
            let mut release = |a: u32| {
                let reusable = matches!(nodes[a as usize], Node::Unary(..) | Node::Binary(..));
                if reusable && last_use[a as usize] == i {
                    free.push(slot_of[a as usize]);
                }
            };
            match *node {
                Node::Unary(op, a) => {
                    tape.instructions.push(Instruction::Unary(op, slot_of[a as usize], slot));
                    release(a);
                }
                Node::Binary(op, a, b) => {
                    tape.instructions.push(Instruction::Binary(
                        op,
                        slot_of[a as usize],
                        slot_of[b as usize],
                        slot,
                    ));
                    release(a);
                    if b != a {
                        release(b);
                    }
                }
                _ => {}
            }
        }
        tape.root = slot_of[nodes.len() - 1];
        tape
    }

    /// Number of fitted constants.
    pub fn parameter_count(&self) -> usize {
        self.parameter_count
    }

    /// Runs over rows `start .. start + count` of the columns and hands each block of results to `sink` with the
    /// number of its first row.
    ///
    /// # Panics
    /// If a column or a parameter that the expression reads is missing or too short.
    pub fn run<T: Number>(
        &self,
        parameters: &[T],
        columns: &[&[f64]],
        rows: std::ops::Range<usize>,
        workspace: &mut Workspace<T>,
        mut sink: impl FnMut(usize, &[T]),
    ) {
        self.load_leaves(parameters, workspace);
        let slots = &mut workspace.slots;
        let mut start = rows.start;
        while start < rows.end {
            let n = BLOCK.min(rows.end - start);
            for &(s, v) in &self.variables {
                let column = &columns[v][start..start + n];
                for (slot, x) in slots[s as usize].iter_mut().zip(column) {
                    *slot = T::constant(*x);
                }
            }
            self.run_block(n, slots);
            sink(start, &slots[self.root as usize][..n]);
            start += n;
        }
    }

    /// Makes room, and writes constants and parameters into their slots, once per run.
    fn load_leaves<T: Number>(&self, parameters: &[T], workspace: &mut Workspace<T>) {
        let slots = &mut workspace.slots;
        if slots.len() < self.slots {
            slots.resize(self.slots, [T::constant(0.0); BLOCK]);
        }
        for &(s, c) in &self.constants {
            slots[s as usize] = [T::constant(c); BLOCK];
        }
        for &(s, p) in &self.parameters {
            slots[s as usize] = [parameters[p]; BLOCK];
        }
    }

    /// Executes the instructions on the first `n` rows of the slots.
    fn run_block<T: Number>(&self, n: usize, slots: &mut [[T; BLOCK]]) {
        for &instruction in &self.instructions {
            match instruction {
                Instruction::Unary(op, a, out) => {
                    let mut result = [T::constant(0.0); BLOCK];
                    block::unary(op, &slots[a as usize][..n], &mut result[..n]);
                    slots[out as usize] = result;
                }
                Instruction::Binary(op, a, b, out) => {
                    let mut result = [T::constant(0.0); BLOCK];
                    block::binary(op, &slots[a as usize][..n], &slots[b as usize][..n], &mut result[..n]);
                    slots[out as usize] = result;
                }
            }
        }
    }

    /// Runs on inputs of any [`Number`] instead of columns of data: `inputs[i][row]` is variable `i`.
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
        self.load_leaves(parameters, workspace);
        let mut start = 0;
        while start < out.len() {
            let n = BLOCK.min(out.len() - start);
            for &(s, v) in &self.variables {
                workspace.slots[s as usize][..n].copy_from_slice(&inputs[v][start..start + n]);
            }
            self.run_block(n, &mut workspace.slots);
            out[start..start + n].copy_from_slice(&workspace.slots[self.root as usize][..n]);
            start += n;
        }
    }

    /// The values over all rows of the columns. An expression without variables gives one value per row of the
    /// first column, or a single one where there is no column.
    pub fn values(&self, parameters: &[f64], columns: &[&[f64]]) -> Vec<f64> {
        let rows = columns.first().map_or(1, |c| c.len());
        let mut out = vec![0.0; rows];
        self.run(parameters, columns, 0..rows, &mut Workspace::new(), |start, v| {
            out[start..start + v.len()].copy_from_slice(v);
        });
        out
    }

    /// Values and Jacobian over a range of rows: `sink(row, value, partials)` per row, `partials[j]` the
    /// derivative with respect to parameter `j`. Runs [`LANES`] partials at a time.
    pub fn jacobian(
        &self,
        parameters: &[f64],
        columns: &[&[f64]],
        rows: std::ops::Range<usize>,
        workspace: &mut Workspace<DualVec<LANES>>,
        values: &mut [f64],
        jacobian: &mut [f64],
    ) {
        let p = parameters.len();
        let first = rows.start;
        let mut lifted: Vec<DualVec<LANES>> = Vec::with_capacity(p);
        for group in 0..p.div_ceil(LANES).max(1) {
            lifted.clear();
            lifted.extend(parameters.iter().enumerate().map(|(j, v)| {
                if j / LANES == group { DualVec::variable(*v, j % LANES) } else { DualVec::constant(*v) }
            }));
            let width = LANES.min(p - group * LANES);
            self.run(&lifted, columns, rows.clone(), workspace, |start, block| {
                for (i, d) in block.iter().enumerate() {
                    let row = start - first + i;
                    values[row] = d.value;
                    let at = row * p + group * LANES;
                    jacobian[at..at + width].copy_from_slice(&d.tangents[..width]);
                }
            });
        }
    }
}
