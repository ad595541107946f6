//! Runs a plan over a block of rows.

use super::aligned::Aligned;
use super::elementwise::{Value, binary, quaternary, ternary, unary};
use super::kernel::{chain, if_max, if_min, power_by_base, power_by_exponent};
use super::{Instruction, Kernel, Operand, Partial, Plan, Target};
use crate::expr::vector_math::dispatch::{Job, Level, prefetch};
use crate::expr::{Op, vector_math};
use std::ops::Range;

/// Rows of a table that may well stay in the caches.
const IN_CACHE: usize = 200_000;

/// Memory of an evaluation, reused from call to call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    slots: Vec<Aligned>,
    kept: Vec<Aligned>,
    scalars: Vec<f64>,
    /// The value of a block, where the last instruction makes it.
    value: Aligned,
}

/// What depends on columns only, for all rows: evaluated once per data set.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    planes: Vec<f64>,
    rows: usize,
}

/// A result: one number per row of the block, or the same for all.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Plane<'a> {
    /// One number per row.
    Rows(&'a [f64]),
    /// One number for all rows.
    Same(f64),
}

impl Plane<'_> {
    /// Writes the numbers of all rows.
    pub(crate) fn copy_to(self, out: &mut [f64]) {
        match self {
            Plane::Rows(x) => out.copy_from_slice(x),
            Plane::Same(x) => out.fill(x),
        }
    }
}

struct Scale<'a> {
    factor: f64,
    plane: &'a [f64],
    out: &'a mut [f64],
}

impl Job for Scale<'_> {
    #[inline(always)]
    fn run<A: vector_math::Arithmetic>(self) {
        binary(self.out, Value::Plane(self.plane), Value::Scalar(self.factor), |x, y| x * y);
    }
}

/// A block of rows as the instructions see it.
#[derive(Clone, Copy)]
struct Inputs<'a> {
    columns: &'a [&'a [f64]],
    cache: Option<&'a Cache>,
    rows: (usize, usize),
}

/// Results of a block; valid until the next.
pub(crate) struct Block<'a> {
    plan: &'a Plan,
    scratch: &'a Scratch,
    inputs: Inputs<'a>,
}

impl Block<'_> {
    /// The value.
    pub(crate) fn value(&self) -> Plane<'_> {
        match self.plan.value {
            None => Plane::Rows(&self.scratch.value[..self.inputs.rows.1]),
            Some(operand) => self.plane(operand),
        }
    }

    /// The derivative with respect to a fitted constant: a factor and the plane it multiplies. A factor of zero
    /// means zero everywhere, whatever is in the plane.
    pub(crate) fn partial(&self, parameter: usize) -> (f64, Plane<'_>) {
        match self.plan.partials[parameter] {
            Some(Partial { factor, direction }) => {
                (self.scratch.scalars[factor as usize], self.plane(direction))
            }
            None => (0.0, Plane::Same(0.0)),
        }
    }

    /// Writes the derivative with respect to a fitted constant.
    pub(crate) fn copy_partial(&self, parameter: usize, out: &mut [f64]) {
        match self.partial(parameter) {
            (0.0, _) => out.fill(0.0),
            (factor, Plane::Same(d)) => out.fill(factor * d),
            (1.0, Plane::Rows(d)) => out.copy_from_slice(d),
            (factor, Plane::Rows(d)) => {
                Level::best().run(Scale { factor, plane: d, out });
            }
        }
    }

    fn plane(&self, operand: Operand) -> Plane<'_> {
        match read(operand, self.inputs, self.scratch) {
            Value::Plane(x) => Plane::Rows(x),
            Value::Scalar(x) => Plane::Same(x),
        }
    }
}

impl Plan {
    /// Numbers that a [`Cache`] over so many rows holds.
    pub(crate) fn cache_size(&self, rows: usize) -> usize {
        self.kept * rows
    }

    /// Evaluates what depends on columns only over rows `0..rows`.
    pub(crate) fn cache(&self, columns: &[&[f64]], rows: usize, scratch: &mut Scratch) -> Cache {
        let mut planes = vec![0.0; self.cache_size(rows)];
        for start in (0..rows).step_by(self.rows) {
            let block = start..rows.min(start + self.rows);
            self.columns_only(columns, block, scratch, |k, plane| {
                planes[k * rows + start..][..plane.len()].copy_from_slice(plane);
            });
        }
        Cache { planes, rows }
    }

    /// Evaluates what depends on columns only over one block, and hands each kept plane and its number to `sink`.
    pub(in crate::expr) fn columns_only(
        &self,
        columns: &[&[f64]],
        rows: Range<usize>,
        scratch: &mut Scratch,
        mut sink: impl FnMut(usize, &[f64]),
    ) {
        if self.column_steps.is_empty() {
            return;
        }
        self.make_room(scratch);
        scratch.scalars.clone_from(&self.scalars);
        let inputs = Inputs { columns, cache: None, rows: (rows.start, rows.len()) };
        let ahead = Ahead::NOTHING;
        Level::best().run(Steps { steps: &self.column_steps, inputs, ahead, scratch, result: &mut [] });
        scratch.kept[..self.kept].iter().enumerate().for_each(|(k, plane)| sink(k, &plane[..rows.len()]));
    }

    /// Sets the fitted constants for the blocks that follow.
    ///
    /// # Panics
    /// If there are too few.
    pub(crate) fn start(&self, parameters: &[f64], scratch: &mut Scratch) {
        self.make_room(scratch);
        scratch.scalars.clone_from(&self.scalars);
        for &(place, p) in &self.parameters {
            scratch.scalars[place as usize] = parameters[p as usize];
        }
        for step in &self.scalar_steps {
            let mut arguments = [0.0; 4];
            for (x, a) in arguments.iter_mut().zip(&step.arguments[..step.kernel.arity()]) {
                if let Operand::Scalar(s) = a {
                    *x = scratch.scalars[*s as usize];
                }
            }
            if let Target::Scalar(s) = step.target {
                scratch.scalars[s as usize] = step.kernel.scalar(arguments);
            }
        }
    }

    fn make_room(&self, scratch: &mut Scratch) {
        let room = |planes: &mut Vec<Aligned>, count: usize| {
            if planes.len() < count {
                planes.resize_with(count, Aligned::default);
            }
            planes[..count].iter_mut().for_each(|p| p.grow(self.rows));
        };
        room(&mut scratch.slots, self.slots);
        room(&mut scratch.kept, self.kept);
        scratch.value.grow(self.rows);
    }

    /// The number that multiplies the derivatives with respect to a fitted constant, after [`Plan::start`].
    pub(crate) fn factor(&self, parameter: usize, scratch: &Scratch) -> f64 {
        self.partials[parameter].map_or(0.0, |p| scratch.scalars[p.factor as usize])
    }

    /// Evaluates a block of at most [`Plan::block_rows`] rows, after [`Plan::start`].
    pub(crate) fn block<'a>(
        &'a self,
        columns: &'a [&'a [f64]],
        cache: Option<&'a Cache>,
        rows: Range<usize>,
        scratch: &'a mut Scratch,
    ) -> Block<'a> {
        let mut value = std::mem::take(&mut scratch.value);
        let n = rows.len();
        let inputs = self.run_steps(columns, cache, rows, scratch, &mut value[..n]);
        scratch.value = value;
        Block { plan: self, scratch, inputs }
    }

    /// Evaluates a block's value into `out`.
    pub(crate) fn values_into(
        &self,
        columns: &[&[f64]],
        cache: Option<&Cache>,
        rows: Range<usize>,
        scratch: &mut Scratch,
        out: &mut [f64],
    ) {
        let inputs = self.run_steps(columns, cache, rows, scratch, out);
        match self.value.map(|operand| read(operand, inputs, scratch)) {
            None => {}
            Some(Value::Plane(x)) => out.copy_from_slice(x),
            Some(Value::Scalar(x)) => out.fill(x),
        }
    }

    fn run_steps<'a>(
        &self,
        columns: &'a [&'a [f64]],
        cache: Option<&'a Cache>,
        rows: Range<usize>,
        scratch: &mut Scratch,
        result: &mut [f64],
    ) -> Inputs<'a> {
        assert!(rows.len() <= self.rows, "a block has at most {} rows", self.rows);
        let inputs = Inputs { columns, cache, rows: (rows.start, rows.len()) };
        let level = Level::best();
        if cache.is_none() && !self.column_steps.is_empty() {
            level.run(Steps {
                steps: &self.column_steps,
                inputs,
                ahead: Ahead::NOTHING,
                scratch,
                result: &mut [],
            });
        }
        let ahead = Ahead::of(self, columns, rows.end);
        level.run(Steps { steps: &self.steps, inputs, ahead, scratch, result });
        inputs
    }
}

#[inline(always)]
fn read<'a>(operand: Operand, inputs: Inputs<'a>, scratch: &'a Scratch) -> Value<'a> {
    let (start, n) = inputs.rows;
    match operand {
        Operand::Slot(s) => Value::Plane(&scratch.slots[s as usize][..n]),
        Operand::Column(v) => Value::Plane(&inputs.columns[v as usize][start..start + n]),
        Operand::Scalar(s) => Value::Scalar(scratch.scalars[s as usize]),
        Operand::Kept(k) => Value::Plane(match inputs.cache {
            Some(cache) => &cache.planes[k as usize * cache.rows + start..][..n],
            None => &scratch.kept[k as usize][..n],
        }),
    }
}

/// Columns of the block after the next, which are asked for while this one is computed. Left to itself the processor waits
/// for memory at the start of every block, and computes with memory at rest for the remainder; asked for all at once, it
/// waits as well, because it keeps few requests open.
#[derive(Clone, Copy)]
struct Ahead<'a> {
    columns: &'a [&'a [f64]],
    read: &'a [usize],
    start: usize,
    rows: usize,
}

impl<'a> Ahead<'a> {
    const NOTHING: Self = Self { columns: &[], read: &[], start: 0, rows: 0 };

    fn of(plan: &'a Plan, columns: &'a [&'a [f64]], end: usize) -> Self {
        let start = end + plan.rows;
        let far = columns.first().is_some_and(|c| c.len() > IN_CACHE && c.len() >= start + plan.rows);
        if far { Self { columns, read: &plan.columns, start, rows: plan.rows } } else { Self::NOTHING }
    }

    /// Asks for the share `part` of `parts`.
    #[inline(always)]
    fn ask(&self, part: usize, parts: usize) {
        for &c in self.read {
            let from = self.start + self.rows * part / parts;
            let to = self.start + self.rows * (part + 1) / parts;
            prefetch(&self.columns[c][from..to]);
        }
    }
}

struct Steps<'a> {
    steps: &'a [Instruction],
    inputs: Inputs<'a>,
    ahead: Ahead<'a>,
    scratch: &'a mut Scratch,
    result: &'a mut [f64],
}

impl Job for Steps<'_> {
    #[inline(always)]
    fn run<A: vector_math::Arithmetic>(self) {
        let n = self.inputs.rows.1;
        for (i, step) in self.steps.iter().enumerate() {
            self.ahead.ask(i, self.steps.len());
            // The target is taken out while it is written; no instruction reads where it writes.
            let mut target = take(step.target, self.scratch);
            let out = if step.target == Target::Result { &mut *self.result } else { &mut target[..n] };
            if step.kernel == Kernel::SinCos {
                let mut second = take(step.second, self.scratch);
                if let Value::Plane(x) = read(step.arguments[0], self.inputs, self.scratch) {
                    vector_math::sin_cos(x, out, &mut second[..n]);
                }
                put(step.second, second, self.scratch);
            } else {
                apply(step, self.inputs, self.scratch, out);
            }
            put(step.target, target, self.scratch);
        }
    }
}

#[inline(always)]
fn take(target: Target, scratch: &mut Scratch) -> Aligned {
    match target {
        Target::Slot(s) => std::mem::take(&mut scratch.slots[s as usize]),
        Target::Kept(k) => std::mem::take(&mut scratch.kept[k as usize]),
        Target::Scalar(_) | Target::Result => Aligned::default(),
    }
}

#[inline(always)]
fn put(target: Target, plane: Aligned, scratch: &mut Scratch) {
    match target {
        Target::Slot(s) => scratch.slots[s as usize] = plane,
        Target::Kept(k) => scratch.kept[k as usize] = plane,
        Target::Scalar(_) | Target::Result => {}
    }
}

#[inline(always)]
fn apply(step: &Instruction, inputs: Inputs<'_>, scratch: &Scratch, out: &mut [f64]) {
    let arg = |i: usize| read(step.arguments[i], inputs, scratch);
    match step.kernel {
        Kernel::Op(op) => match op {
            Op::Add => binary(out, arg(0), arg(1), |x, y| x + y),
            Op::Sub => binary(out, arg(0), arg(1), |x, y| x - y),
            Op::Mul => binary(out, arg(0), arg(1), |x, y| x * y),
            Op::Div => binary(out, arg(0), arg(1), |x, y| x / y),
            Op::Max => binary(out, arg(0), arg(1), |x, y| if_max(x, y, x, y)),
            Op::Min => binary(out, arg(0), arg(1), |x, y| if_min(x, y, x, y)),
            Op::Neg => unary(out, arg(0), |x| -x),
            Op::Square => unary(out, arg(0), |x| x * x),
            Op::Cube => unary(out, arg(0), |x| x * x * x),
            Op::Reciprocal => unary(out, arg(0), |x| 1.0 / x),
            Op::Abs => unary(out, arg(0), f64::abs),
            Op::Relu => unary(out, arg(0), |x| Op::Relu.value(x)),
            Op::Sign => unary(out, arg(0), |x| Op::Sign.value(x)),
            Op::Pow => power(out, arg(0), arg(1)),
            _ => function(op, out, arg(0)),
        },
        Kernel::MulAdd => ternary(out, arg(0), arg(1), arg(2), |x, y, z| x * y + z),
        Kernel::MulSub => ternary(out, arg(0), arg(1), arg(2), |x, y, z| x * y - z),
        Kernel::SubMul => ternary(out, arg(0), arg(1), arg(2), |x, y, z| z - x * y),
        Kernel::TwoProducts => {
            quaternary(out, [arg(0), arg(1), arg(2), arg(3)], |x, y, z, w| x * y + z * w);
        }
        Kernel::Chain => binary(out, arg(0), arg(1), chain),
        Kernel::Derivative(op) => derivative(op, out, arg(0), arg(1)),
        Kernel::PowerByBase => ternary(out, arg(0), arg(1), arg(2), power_by_base),
        Kernel::PowerByExponent => binary(out, arg(0), arg(1), power_by_exponent),
        Kernel::IfMax => quaternary(out, [arg(0), arg(1), arg(2), arg(3)], if_max),
        Kernel::IfMin => quaternary(out, [arg(0), arg(1), arg(2), arg(3)], if_min),
        Kernel::SinCos => unreachable!("has two results"),
    }
}

/// Functions with a vector loop of their own, and those that the standard library computes.
#[inline(always)]
fn function(op: Op, out: &mut [f64], x: Value<'_>) {
    let Value::Plane(x) = x else { unreachable!("a number has been computed already") };
    values_of(op, x, out);
}

/// A function of one argument on a column.
#[inline(always)]
pub(crate) fn values_of(op: Op, x: &[f64], out: &mut [f64]) {
    match op {
        Op::Sqrt => vector_math::sqrt(x, out),
        Op::Exp => vector_math::exp(x, out),
        Op::Ln => vector_math::ln(x, out),
        Op::Sin => vector_math::sin(x, out),
        Op::Cos => vector_math::cos(x, out),
        Op::Tanh => vector_math::tanh(x, out),
        Op::Logistic => vector_math::logistic(x, out),
        Op::Softplus => vector_math::softplus(x, out),
        _ => x.iter().zip(out).for_each(|(x, o)| *o = op.value(*x)),
    }
}

#[inline(always)]
fn power(out: &mut [f64], x: Value<'_>, y: Value<'_>) {
    let mut same = [0.0; 64];
    match (x, y) {
        (Value::Plane(x), Value::Plane(y)) => vector_math::powf(x, y, out),
        (Value::Plane(x), Value::Scalar(y)) => {
            same.fill(y);
            x.chunks(64).zip(out.chunks_mut(64)).for_each(|(x, o)| vector_math::powf(x, &same[..x.len()], o));
        }
        (Value::Scalar(x), Value::Plane(y)) => {
            same.fill(x);
            y.chunks(64).zip(out.chunks_mut(64)).for_each(|(y, o)| vector_math::powf(&same[..y.len()], y, o));
        }
        (Value::Scalar(x), Value::Scalar(y)) => out.fill(x.powf(y)),
    }
}

#[inline(always)]
fn derivative(op: Op, out: &mut [f64], x: Value<'_>, f: Value<'_>) {
    match op {
        Op::Tanh => unary(out, f, |f| 1.0 - f * f),
        Op::Tan => unary(out, f, |f| 1.0 + f * f),
        Op::Atan => unary(out, x, |x| 1.0 / (1.0 + x * x)),
        Op::Asin => unary(out, x, |x| 1.0 / (1.0 - x * x).sqrt()),
        Op::Acos => unary(out, x, |x| -1.0 / (1.0 - x * x).sqrt()),
        Op::Relu => unary(out, x, |x| if x > 0.0 { 1.0 } else { 0.0 }),
        _ => binary(out, x, f, |x, f| op.derivatives(x, f).0),
    }
}
