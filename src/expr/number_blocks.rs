//! Runs the plan of a value on blocks of any [`Number`].

use super::block::{Argument, apply_kernel};
use super::plan::{Instruction, Operand, Plan, Scratch, Target};
use super::tape::BLOCK;
use super::vector_math::Arithmetic;
use super::vector_math::dispatch::{Job, Level};
use super::{Number, plan::Kernel};
use std::ops::Range;

/// Memory of an evaluation in a number type.
#[derive(Debug)]
pub(super) struct NumberBlocks<T> {
    slots: Vec<Vec<T>>,
    kept: Vec<Vec<T>>,
    columns: Vec<Vec<T>>,
    scalars: Vec<T>,
    /// Results, where the number is `f64` itself.
    pub(super) values: Vec<f64>,
}

impl<T> Default for NumberBlocks<T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            kept: Vec::new(),
            columns: Vec::new(),
            scalars: Vec::new(),
            values: Vec::new(),
        }
    }
}

impl<T: Number> NumberBlocks<T> {
    /// Runs over rows of plain columns. What depends on columns only is computed in `f64`.
    pub(super) fn run(
        &mut self,
        plan: &Plan,
        parameters: &[T],
        columns: &[&[f64]],
        rows: Range<usize>,
        scratch: &mut Scratch,
        mut sink: impl FnMut(usize, &[T]),
    ) {
        self.start(plan, parameters);
        let mut result = [T::constant(0.0); BLOCK];
        for start in rows.clone().step_by(BLOCK) {
            let n = BLOCK.min(rows.end - start);
            plan.columns_only(columns, start..start + n, scratch, |k, plane| {
                lift(&mut self.kept[k], plane);
            });
            let mut lifted = std::mem::take(&mut self.columns);
            for &v in plan.columns() {
                if lifted.len() <= v {
                    lifted.resize_with(v + 1, Vec::new);
                }
                lifted[v].resize(BLOCK, T::constant(0.0));
                lift(&mut lifted[v], &columns[v][start..start + n]);
            }
            let views: Vec<&[T]> = lifted.iter().map(Vec::as_slice).collect();
            self.steps(plan.steps(), &views, 0..n, &mut result[..n]);
            sink(start, self.result(plan, &views, 0..n, &mut result[..n]));
            self.columns = lifted;
        }
    }

    /// Runs on inputs of the number type.
    pub(super) fn apply(&mut self, plan: &Plan, parameters: &[T], inputs: &[&[T]], out: &mut [T]) {
        self.start(plan, parameters);
        for (block, out) in out.chunks_mut(BLOCK).enumerate() {
            let rows = block * BLOCK..block * BLOCK + out.len();
            self.steps(plan.column_steps(), inputs, rows.clone(), &mut []);
            self.steps(plan.steps(), inputs, rows.clone(), out);
            self.result(plan, inputs, rows, out);
        }
    }

    /// Makes room, and computes all that is one number per evaluation.
    fn start(&mut self, plan: &Plan, parameters: &[T]) {
        for (planes, count) in [(&mut self.slots, plan.slots()), (&mut self.kept, plan.kept())] {
            if planes.len() < count {
                planes.resize_with(count, Vec::new);
            }
            planes.iter_mut().filter(|p| p.len() < BLOCK).for_each(|p| p.resize(BLOCK, T::constant(0.0)));
        }
        self.scalars.clear();
        self.scalars.extend(plan.scalars().iter().map(|c| T::constant(*c)));
        for &(place, p) in plan.parameters() {
            self.scalars[place as usize] = parameters[p as usize];
        }
        for step in plan.scalar_steps() {
            let number = |i: usize| match step.arguments[i] {
                Operand::Scalar(s) => self.scalars[s as usize],
                _ => unreachable!("a number is made of numbers"),
            };
            let result = match step.kernel {
                Kernel::Op(op) if op.arity() == 1 => number(0).apply(op),
                Kernel::Op(op) => T::apply2(op, number(0), number(1)),
                _ => unreachable!("numbers are not fused"),
            };
            if let Target::Scalar(s) = step.target {
                self.scalars[s as usize] = result;
            }
        }
    }

    fn steps(&mut self, steps: &[Instruction], columns: &[&[T]], rows: Range<usize>, result: &mut [T]) {
        Level::best().run(Steps { steps, columns, rows, blocks: self, result });
    }

    fn argument<'a>(&'a self, operand: Operand, columns: &[&'a [T]], rows: &Range<usize>) -> Argument<'a, T> {
        match operand {
            Operand::Slot(s) => Argument::Plane(&self.slots[s as usize][..rows.len()]),
            Operand::Kept(k) => Argument::Plane(&self.kept[k as usize][..rows.len()]),
            Operand::Column(v) => Argument::Plane(&columns[v as usize][rows.clone()]),
            Operand::Scalar(s) => Argument::Scalar(self.scalars[s as usize]),
        }
    }

    /// Puts the value in `out`, where it is not yet.
    fn result<'a>(&self, plan: &Plan, columns: &[&[T]], rows: Range<usize>, out: &'a mut [T]) -> &'a [T] {
        match plan.value().map(|operand| self.argument(operand, columns, &rows)) {
            None => {}
            Some(Argument::Plane(x)) => out.copy_from_slice(x),
            Some(Argument::Scalar(x)) => out.fill(x),
        }
        out
    }
}

#[inline(always)]
fn lift<T: Number>(to: &mut [T], from: &[f64]) {
    to.iter_mut().zip(from).for_each(|(o, x)| *o = T::constant(*x));
}

struct Steps<'a, T> {
    steps: &'a [Instruction],
    columns: &'a [&'a [T]],
    rows: Range<usize>,
    blocks: &'a mut NumberBlocks<T>,
    result: &'a mut [T],
}

impl<T: Number> Job for Steps<'_, T> {
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let n = self.rows.len();
        for step in self.steps {
            // The target is taken out while it is written; no instruction reads where it writes.
            let mut target = self.blocks.take(step.target);
            let mut second =
                if step.kernel == Kernel::SinCos { self.blocks.take(step.second) } else { Vec::new() };
            let out = if step.target == Target::Result { &mut *self.result } else { &mut target[..n] };
            let argument = |i: usize| self.blocks.argument(step.arguments[i], self.columns, &self.rows);
            apply_kernel(step.kernel, argument, out, &mut second);
            if step.kernel == Kernel::SinCos {
                self.blocks.put(step.second, second);
            }
            self.blocks.put(step.target, target);
        }
    }
}

impl<T> NumberBlocks<T> {
    fn take(&mut self, target: Target) -> Vec<T> {
        match target {
            Target::Slot(s) => std::mem::take(&mut self.slots[s as usize]),
            Target::Kept(k) => std::mem::take(&mut self.kept[k as usize]),
            Target::Scalar(_) | Target::Result => Vec::new(),
        }
    }

    fn put(&mut self, target: Target, plane: Vec<T>) {
        match target {
            Target::Slot(s) => self.slots[s as usize] = plane,
            Target::Kept(k) => self.kept[k as usize] = plane,
            Target::Scalar(_) | Target::Result => {}
        }
    }
}
