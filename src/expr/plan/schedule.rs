//! From a graph to a plan: which steps are needed, fused, in which order, and in which place.

use super::graph::{Graph, Id, Step, Tier};
use super::tangent::Tangent;
use super::{Instruction, Kernel, Operand, Partial, Plan, Target};
use crate::expr::Op;

/// Numbers in the planes of a block: three quarters of a first-level cache of 32 kB.
const BLOCK_NUMBERS: usize = 3072;

/// Makes the plan of a value, and of its derivatives where they are given.
pub(super) fn schedule(graph: &Graph, value: Id, tangents: Option<&[Option<Tangent>]>) -> Plan {
    let mut s = Scheduler::new(graph);
    s.need(value);
    for t in tangents.into_iter().flatten().flatten() {
        s.need(t.factor);
        s.need(t.direction);
    }
    s.count_uses();
    s.fuse();
    s.pair_sines();
    s.emit(value, tangents)
}

struct Scheduler<'a> {
    graph: &'a Graph,
    /// How many steps and outputs read each step; 0 for what is not needed.
    uses: Vec<u32>,
    outputs: Vec<Id>,
    /// The step that stands in place of the one in the graph.
    steps: Vec<Step>,
    /// Done as part of another step.
    absorbed: Vec<bool>,
    /// Sine and cosine of the same angle: the other one.
    partner: Vec<Option<Id>>,
}

impl<'a> Scheduler<'a> {
    fn new(graph: &'a Graph) -> Self {
        let n = graph.len();
        Self {
            graph,
            uses: vec![0; n],
            outputs: Vec::new(),
            steps: (0..n as Id).map(|id| graph.step(id)).collect(),
            absorbed: vec![false; n],
            partner: vec![None; n],
        }
    }

    fn need(&mut self, id: Id) {
        self.uses[id as usize] += 1;
        self.outputs.push(id);
    }

    fn count_uses(&mut self) {
        for id in (0..self.steps.len()).rev() {
            if self.uses[id] > 0 {
                for &a in self.steps[id].arguments() {
                    self.uses[a as usize] += 1;
                }
            }
        }
    }

    /// The factors of a product that only one other step of the same kind reads.
    fn product(&self, id: Id, tier: Tier) -> Option<(Id, Id)> {
        match self.steps[id as usize] {
            Step::Apply(Kernel::Op(Op::Mul), [a, b, ..])
                if self.uses[id as usize] == 1
                    && self.graph.tier(id) == tier
                    && !self.absorbed[id as usize] =>
            {
                // A number, where there is one, comes second.
                Some(if self.graph.is_scalar(a) { (b, a) } else { (a, b) })
            }
            _ => None,
        }
    }

    /// Takes products into the sums that read them: one pass over memory less.
    fn fuse(&mut self) {
        for id in 0..self.steps.len() {
            let tier = self.graph.tier(id as Id);
            let Step::Apply(Kernel::Op(op @ (Op::Add | Op::Sub)), [a, b, ..]) = self.steps[id] else {
                continue;
            };
            if self.uses[id] == 0 || tier <= Tier::Parameters {
                continue;
            }
            let (left, right) = (self.product(a, tier), if a == b { None } else { self.product(b, tier) });
            let none = Id::MAX;
            let fused = match (op, left, right) {
                (Op::Add, Some((x, y)), Some((z, w))) => Some((Kernel::TwoProducts, [x, y, z, w])),
                (Op::Add, Some((x, y)), None) => Some((Kernel::MulAdd, [x, y, b, none])),
                (Op::Add, None, Some((x, y))) => Some((Kernel::MulAdd, [x, y, a, none])),
                (Op::Sub, Some((x, y)), None) => Some((Kernel::MulSub, [x, y, b, none])),
                (Op::Sub, _, Some((x, y))) => Some((Kernel::SubMul, [x, y, a, none])),
                _ => None,
            };
            let Some((kernel, arguments)) = fused else { continue };
            self.steps[id] = Step::Apply(kernel, arguments);
            self.absorbed[a as usize] |= left.is_some() && kernel != Kernel::SubMul;
            self.absorbed[b as usize] |= right.is_some();
        }
    }

    /// Finds sines and cosines of the same angle, which are computed together.
    fn pair_sines(&mut self) {
        let mut angles: Vec<(Id, Id)> = Vec::new();
        for id in 0..self.steps.len() as Id {
            if self.uses[id as usize] == 0 || self.graph.is_scalar(id) {
                continue;
            }
            if let Step::Apply(Kernel::Op(Op::Sin | Op::Cos), [x, ..]) = self.steps[id as usize] {
                match angles.iter().find(|a| a.0 == x) {
                    Some(&(_, other)) => {
                        self.partner[id as usize] = Some(other);
                        self.partner[other as usize] = Some(id);
                    }
                    None => angles.push((x, id)),
                }
            }
        }
    }

    fn emit(&self, value: Id, tangents: Option<&[Option<Tangent>]>) -> Plan {
        let wanted = |id: Id| self.uses[id as usize] > 0 && !self.absorbed[id as usize];
        let of = |tier: Tier| {
            (0..self.steps.len() as Id)
                .filter(move |&id| self.graph.tier(id) == tier && wanted(id))
                .collect::<Vec<Id>>()
        };
        let mut places = Places { of: vec![None; self.steps.len()], ..Places::default() };
        for id in of(Tier::Constant) {
            places.scalar(id, self.graph.as_constant(id).unwrap_or(f64::NAN));
        }
        let mut parameters = Vec::new();
        let mut scalar_steps = Vec::new();
        for id in of(Tier::Parameters) {
            let place = places.scalar(id, f64::NAN);
            match self.steps[id as usize] {
                Step::Parameter(p) => parameters.push((place, p)),
                step => scalar_steps.push(places.instruction(step, Target::Scalar(place))),
            }
        }
        let columns = of(Tier::Columns);
        let both = of(Tier::Both);
        // What later steps or the caller read of the columns' own steps is kept.
        let mut kept = vec![false; self.steps.len()];
        self.outputs.iter().for_each(|&id| kept[id as usize] = true);
        for &id in &both {
            self.steps[id as usize].arguments().iter().for_each(|&a| kept[a as usize] = true);
        }
        for &id in &columns {
            if let Step::Column(v) = self.steps[id as usize] {
                places.of[id as usize] = Some(Operand::Column(v));
                places.columns += 1;
            } else if kept[id as usize] {
                places.of[id as usize] = Some(Operand::Kept(places.kept));
                places.kept += 1;
            }
        }
        let column_steps = self.phase(&columns, &mut places, None);
        // Without derivatives nothing comes after the value, which goes to the caller at once.
        let result = (tangents.is_none() && self.graph.tier(value) == Tier::Both).then_some(value);
        let steps = self.phase(&both, &mut places, result);
        let place = |id: Id| places.of[id as usize].expect("every output has a place");
        let partial = |t: &Tangent| Partial {
            factor: if let Operand::Scalar(s) = place(t.factor) {
                s
            } else {
                unreachable!("a factor is a number")
            },
            direction: place(t.direction),
        };
        let planes = places.slots + places.kept + places.columns + 1;
        Plan {
            parameters,
            scalar_steps,
            column_steps,
            slots: places.slots as usize,
            kept: places.kept as usize,
            value: if result.is_some() { None } else { Some(place(value)) },
            partials: tangents.unwrap_or(&[]).iter().map(|t| t.as_ref().map(partial)).collect(),
            columns: read_columns(&steps, &self.outputs, &places),
            rows: (BLOCK_NUMBERS / planes as usize / 64 * 64).clamp(64, 512),
            scalars: places.scalars,
            steps,
        }
    }

    /// The instructions for some steps, in order; results that are not kept get slots, used again after their last
    /// reader. No instruction writes where it reads.
    fn phase(&self, ids: &[Id], places: &mut Places, result: Option<Id>) -> Vec<Instruction> {
        let mut last = vec![0; self.steps.len()];
        for (position, &id) in ids.iter().enumerate() {
            self.steps[id as usize].arguments().iter().for_each(|&a| last[a as usize] = position);
            if let Some(other) = self.partner[id as usize] {
                // Both of a pair are written at the first of them.
                last[id as usize] = last[id as usize].max(position);
                last[other as usize] = last[other as usize].max(position);
            }
        }
        self.outputs.iter().for_each(|&id| last[id as usize] = usize::MAX);
        // The phases come one after the other, and what one hands to the next is in no slot.
        let mut free: Vec<u32> = (0..places.slots).rev().collect();
        let mut held: Vec<(usize, u32)> = Vec::new();
        let mut instructions = Vec::with_capacity(ids.len());
        let mut done = vec![false; self.steps.len()];
        for (position, &id) in ids.iter().enumerate() {
            let step = self.steps[id as usize];
            if done[id as usize] || matches!(step, Step::Column(_)) {
                continue;
            }
            held.retain(|&(until, slot)| {
                let over = until < position;
                if over {
                    free.push(slot);
                }
                !over
            });
            let mut target = |id: Id| match places.of[id as usize] {
                Some(Operand::Kept(k)) => Target::Kept(k),
                _ if result == Some(id) => Target::Result,
                _ => {
                    let slot = free.pop().unwrap_or_else(|| {
                        places.slots += 1;
                        places.slots - 1
                    });
                    places.of[id as usize] = Some(Operand::Slot(slot));
                    held.push((last[id as usize], slot));
                    Target::Slot(slot)
                }
            };
            let pair = self.partner[id as usize].map(|other| {
                done[other as usize] = true;
                if matches!(step, Step::Apply(Kernel::Op(Op::Sin), _)) { (id, other) } else { (other, id) }
            });
            instructions.push(match (pair, step) {
                (Some((sine, cosine)), Step::Apply(_, arguments)) => {
                    let (first, second) = (target(sine), target(cosine));
                    let step = Step::Apply(Kernel::SinCos, arguments);
                    Instruction { second, ..places.instruction(step, first) }
                }
                _ => {
                    let target = target(id);
                    places.instruction(step, target)
                }
            });
        }
        instructions
    }
}

/// The columns that steps or the caller read, ascending.
fn read_columns(steps: &[Instruction], outputs: &[Id], places: &Places) -> Vec<usize> {
    let read = steps.iter().flat_map(|s| s.arguments[..s.kernel.arity()].iter().copied());
    let handed = outputs.iter().filter_map(|&id| places.of[id as usize]);
    let mut columns: Vec<usize> = read
        .chain(handed)
        .filter_map(|o| if let Operand::Column(v) = o { Some(v as usize) } else { None })
        .collect();
    columns.sort_unstable();
    columns.dedup();
    columns
}

/// Where results are.
#[derive(Default)]
struct Places {
    of: Vec<Option<Operand>>,
    scalars: Vec<f64>,
    columns: u32,
    kept: u32,
    slots: u32,
}

impl Places {
    fn scalar(&mut self, id: Id, value: f64) -> u32 {
        let place = self.scalars.len() as u32;
        self.scalars.push(value);
        self.of[id as usize] = Some(Operand::Scalar(place));
        place
    }

    fn instruction(&self, step: Step, target: Target) -> Instruction {
        let Step::Apply(kernel, _) = step else { unreachable!("leaves have no instruction") };
        let mut arguments = [Operand::Scalar(0); 4];
        for (place, &id) in arguments.iter_mut().zip(step.arguments()) {
            *place = self.of[id as usize].expect("arguments come first");
        }
        Instruction { kernel, arguments, target, second: target }
    }
}
