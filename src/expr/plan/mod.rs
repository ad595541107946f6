//! Evaluation plans: an expression, or an expression and its partial derivatives, as a list of instructions over
//! blocks of rows.
//!
//! [`Graph`] holds the steps, hash-consed; [`tangent`] adds those of the derivatives; [`schedule`] sorts them by
//! what they depend on and gives them places:
//!
//! * what depends on fitted constants only is one number per evaluation;
//! * what depends on columns only is evaluated once per data set, where the caller keeps it ([`Cache`]);
//! * the rest runs per evaluation, in blocks of rows whose planes (one number per row) stay in the first-level
//!   cache.
//!
//! Instructions read columns, kept planes and numbers where they are; nothing is copied into a place first.

mod aligned;
mod elementwise;
mod execute;
mod graph;
mod kernel;
mod schedule;
mod tangent;

pub(crate) use execute::{Block, Cache, Plane, Scratch, values_of};
pub(super) use graph::Graph;
pub(super) use kernel::Kernel;

/// Where an instruction finds an argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operand {
    /// A plane of this block.
    Slot(u32),
    /// A column of the data.
    Column(u32),
    /// A plane that depends on columns only.
    Kept(u32),
    /// One number per evaluation.
    Scalar(u32),
}

/// Where an instruction puts its result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Target {
    Slot(u32),
    Kept(u32),
    Scalar(u32),
    /// The caller's memory: the value of the expression.
    Result,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Instruction {
    pub(super) kernel: Kernel,
    pub(super) arguments: [Operand; 4],
    pub(super) target: Target,
    /// The second result of [`Kernel::SinCos`].
    pub(super) second: Target,
}

/// The partial derivative with respect to one fitted constant: the number in place `factor` times a plane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Partial {
    pub(super) factor: u32,
    pub(super) direction: Operand,
}

/// Instructions for the value of an expression, and for its partial derivatives where asked for.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The numbers of an evaluation before it starts: constants, and room.
    scalars: Vec<f64>,
    /// Place among them and index of each fitted constant.
    parameters: Vec<(u32, u32)>,
    scalar_steps: Vec<Instruction>,
    column_steps: Vec<Instruction>,
    steps: Vec<Instruction>,
    slots: usize,
    kept: usize,
    /// Where the value is; [`Target::Result`] is `None`.
    value: Option<Operand>,
    partials: Vec<Option<Partial>>,
    /// Columns that [`Plan::steps`] or the caller read.
    columns: Vec<usize>,
    /// Rows of a block.
    rows: usize,
}

impl Plan {
    /// The plan of an expression's value.
    pub(super) fn of_value(graph: &Graph, root: u32) -> Self {
        schedule::schedule(graph, root, None)
    }

    /// The plan of an expression's value and its derivatives with respect to all fitted constants.
    pub(super) fn of_derivatives(graph: &Graph, root: u32, parameters: usize) -> Self {
        let d = tangent::differentiate(graph, root, parameters);
        schedule::schedule(&d.graph, d.value, Some(&d.tangents))
    }

    /// One plan for the values of several roots, each in place of a derivative.
    pub(super) fn of_values(mut graph: Graph, roots: &[u32]) -> Self {
        let one = graph.constant(1.0);
        let values: Vec<_> = roots.iter().map(|&root| Some(tangent::Tangent::whole(one, root))).collect();
        schedule::schedule(&graph, one, Some(&values))
    }

    /// Instructions of one block.
    pub(super) fn step_count(&self) -> usize {
        self.column_steps.len() + self.steps.len()
    }

    /// Rows of a block: as many as keep all planes in the first-level cache.
    pub(crate) fn block_rows(&self) -> usize {
        self.rows
    }

    /// Planes that depend on columns only.
    pub(super) fn kept(&self) -> usize {
        self.kept
    }

    /// Slots of a block.
    pub(super) fn slots(&self) -> usize {
        self.slots
    }

    /// The numbers of an evaluation before it starts.
    pub(super) fn scalars(&self) -> &[f64] {
        &self.scalars
    }

    /// Place among the numbers, and index, of each fitted constant.
    pub(super) fn parameters(&self) -> &[(u32, u32)] {
        &self.parameters
    }

    /// What is one number per evaluation.
    pub(super) fn scalar_steps(&self) -> &[Instruction] {
        &self.scalar_steps
    }

    /// What depends on columns only.
    pub(super) fn column_steps(&self) -> &[Instruction] {
        &self.column_steps
    }

    /// The rest.
    pub(super) fn steps(&self) -> &[Instruction] {
        &self.steps
    }

    /// Where the value is; `None` where the last instruction hands it to the caller.
    pub(super) fn value(&self) -> Option<Operand> {
        self.value
    }

    /// Columns that are read together with fitted constants.
    pub(super) fn columns(&self) -> &[usize] {
        &self.columns
    }
}
