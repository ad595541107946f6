//! Gradients of a supernet's loss: forward duals inside every edge, one sweep back over the graph.
//!
//! A primitive is a function of its input and of a constant or two, so its partial derivatives come out of one pass
//! of duals with that many lanes. Between primitives the graph is only sums and products; the chain rule over them
//! is a sweep from the output to the inputs. The cost is a few evaluations of the supernet, whatever the number of
//! weights (Griewank and Walther, *Evaluating Derivatives*, 2nd ed. 2008, section 4.6), where pure forward mode
//! takes one pass for every [`LANES`](crate::expr::LANES) of them.
//!
//! The sweep is generic over the number type: over [`Dual`](crate::expr::Dual), with weights seeded along a
//! direction `v`, every component of the gradient carries its derivative along `v`. That is a product of the
//! Hessian with a vector, exact to rounding, for about twice the cost of the gradient; the second-order term of
//! DARTS needs just this.
//!
//! Rows are worked on in chunks, so the memory does not grow with the size of the batch.

use super::supernet::{LARGEST, guard, source_values};
use super::{Batch, MixtureKind, Supernet};
use crate::expr::{Nested, Number, Op, Workspace};
use crate::search_space::{Combine, Source};
use std::ops::Range;

/// Rows of a chunk: all values of a supernet on so many rows stay in the second-level cache.
const CHUNK: usize = 128;

/// With respect to what a gradient is wanted; the other part comes out as zeros.
///
/// ```
/// # use closedform::{PrimitiveSet, search_space::SearchSpace};
/// # use closedform::relaxation::{Batch, MixtureKind, Supernet, SupernetOptions, Wanted};
/// # let space = SearchSpace::new(PrimitiveSet::parse("add,mult")?, 1)?;
/// # let options = SupernetOptions {
/// #     mixture: MixtureKind::Softmax,
/// #     constant: false,
/// #     output_weights: false,
/// #     output_bias: true,
/// #     logistic_output: false,
/// #     normalise: false,
/// #     zero_centred: false,
/// # };
/// let net = Supernet::new(&space, 1, options);
/// let batch = Batch { columns: vec![vec![2.0]], target: vec![0.0], weights: None };
/// let by = |wanted| net.gradients(&[0.0; 3], &[1.0, 5.0], &batch, wanted);
/// assert_eq!((by(Wanted::Alpha).theta, by(Wanted::Theta).alpha), (vec![0.0; 2], vec![0.0; 3]));
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Architecture weights.
    Alpha,
    /// Constants.
    Theta,
    /// Both.
    Both,
}

/// The weighted mean squared error over a batch and its gradient.
///
/// ```
/// # use closedform::{PrimitiveSet, search_space::SearchSpace};
/// # use closedform::relaxation::{Batch, MixtureKind, Supernet, SupernetOptions, Wanted};
/// # let space = SearchSpace::new(PrimitiveSet::parse("add,mult")?, 1)?;
/// # let options = SupernetOptions {
/// #     mixture: MixtureKind::Softmax,
/// #     constant: false,
/// #     output_weights: false,
/// #     output_bias: true,
/// #     logistic_output: false,
/// #     normalise: false,
/// #     zero_centred: false,
/// # };
/// let net = Supernet::new(&space, 1, options);
/// let batch = Batch { columns: vec![vec![2.0]], target: vec![0.0], weights: None };
/// let step = net.gradients(&[0.0; 3], &[1.0, 5.0], &batch, Wanted::Both);
/// assert_eq!((step.alpha.len(), step.theta.len()), (3, 2));
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Gradients<K> {
    /// The loss.
    pub loss: K,
    /// Derivatives with respect to the architecture weights.
    pub alpha: Vec<K>,
    /// Derivatives with respect to the constants.
    pub theta: Vec<K>,
}

/// A primitive on an edge: its values, and its derivatives with respect to its input (first, where wanted) and its
/// constants (where wanted).
struct Cell<K> {
    values: Vec<K>,
    slopes: Vec<Vec<K>>,
}

/// An edge on a chunk of rows.
struct EdgePass<K> {
    cells: Vec<Option<Cell<K>>>,
    product: Vec<K>,
}

/// A node on a chunk of rows.
struct NodePass<K> {
    edges: Vec<EdgePass<K>>,
    sum: Vec<K>,
    product: Vec<K>,
}

/// What stays the same for all chunks.
struct Weights<'a, K> {
    theta: &'a [K],
    mixture: Vec<Vec<K>>,
    gates: Vec<K>,
}

impl Supernet {
    /// The loss over a batch and its gradient, in any number type that has at most first derivatives.
    ///
    /// Components without a finite value are 0: a masked primitive passes nothing on.
    ///
    /// ```
    /// # use closedform::{PrimitiveSet, search_space::SearchSpace};
    /// # use closedform::relaxation::{Batch, MixtureKind, Supernet, SupernetOptions, Wanted};
    /// # let space = SearchSpace::new(PrimitiveSet::parse("add,mult")?, 1)?;
    /// # let options = SupernetOptions {
    /// #     mixture: MixtureKind::Softmax,
    /// #     constant: false,
    /// #     output_weights: false,
    /// #     output_bias: true,
    /// #     logistic_output: false,
    /// #     normalise: false,
    /// #     zero_centred: false,
    /// # };
    /// let net = Supernet::new(&space, 1, options);
    /// let batch = Batch { columns: vec![vec![2.0]], target: vec![0.0], weights: None };
    /// // f = x/2 + a x/2 + b = 7, so the loss is 49 and its derivatives are 2 f x/2 = 14 and 2 f = 14.
    /// let step = net.gradients(&[0.0; 3], &[1.0, 5.0], &batch, Wanted::Theta);
    /// assert_eq!((step.loss, step.theta), (49.0, vec![14.0, 14.0]));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn gradients<K: Number>(
        &self,
        alpha: &[K],
        theta: &[K],
        batch: &Batch,
        wanted: Wanted,
    ) -> Gradients<K> {
        let total = batch.total_weight();
        let mut loss = K::constant(0.0);
        let mut by_theta = vec![K::constant(0.0); theta.len()];
        let weights = self.weights(alpha, theta);
        let mut by_mixture = vec![vec![K::constant(0.0); self.layout.primitives()]; self.layout.edges()];
        let mut by_gate = vec![K::constant(0.0); self.layout.nodes];
        let two = K::constant(2.0);
        self.sweep(
            &weights,
            batch,
            wanted,
            |row, output| {
                let scale = K::constant(batch.weight(row) / total);
                let residual = output - K::constant(batch.target[row]);
                loss = loss + scale * residual * residual;
                two * scale * residual
            },
            |place, _, values| {
                let sum = values.iter().fold(K::constant(0.0), |s, v| s + *v);
                match place {
                    Place::Mixture(edge, o) => by_mixture[edge][o] = by_mixture[edge][o] + sum,
                    Place::Gate(node) => by_gate[node] = by_gate[node] + sum,
                    Place::Theta(i) => by_theta[i] = by_theta[i] + sum,
                }
            },
        );
        let mut by_alpha = vec![K::constant(0.0); alpha.len()];
        if wanted != Wanted::Theta {
            for (edge, by) in by_mixture.iter().enumerate() {
                let from = self.layout.alpha(edge, 0);
                self.through_mixture(&weights.mixture[edge], by, &mut by_alpha[from..from + by.len()]);
            }
            for (node, by) in by_gate.into_iter().enumerate() {
                if let Some(i) = self.layout.gate(node) {
                    let g = weights.gates[node];
                    by_alpha[i] = by * g * (K::constant(1.0) - g);
                }
            }
        }
        for g in by_alpha.iter_mut().chain(&mut by_theta) {
            if !g.value().is_finite() {
                *g = K::constant(0.0);
            }
        }
        Gradients { loss, alpha: by_alpha, theta: by_theta }
    }

    /// Outputs over a batch and their derivatives with respect to the constants, row-major `rows x constants`.
    pub(crate) fn jacobian(&self, alpha: &[f64], theta: &[f64], batch: &Batch) -> (Vec<f64>, Vec<f64>) {
        let p = theta.len();
        let mut output = vec![0.0; batch.rows()];
        let mut jacobian = vec![0.0; batch.rows() * p];
        self.sweep(
            &self.weights(alpha, theta),
            batch,
            Wanted::Theta,
            |row, f| {
                output[row] = f;
                1.0
            },
            |place, start, values| {
                if let Place::Theta(i) = place {
                    for (k, v) in values.iter().enumerate() {
                        jacobian[(start + k) * p + i] += if v.is_finite() { *v } else { 0.0 };
                    }
                }
            },
        );
        (output, jacobian)
    }

    fn weights<'a, K: Number>(&self, alpha: &[K], theta: &'a [K]) -> Weights<'a, K> {
        Weights {
            theta,
            mixture: (0..self.layout.edges()).map(|e| self.edge_weights(alpha, e)).collect(),
            gates: (0..self.layout.nodes).map(|j| self.gate_weight(alpha, j)).collect(),
        }
    }

    /// From derivatives with respect to the mixture weights of an edge to those of its architecture weights.
    fn through_mixture<K: Number>(&self, weights: &[K], by: &[K], out: &mut [K]) {
        let inverse = K::constant(1.0 / self.temperature);
        match self.options.mixture {
            MixtureKind::Softmax => {
                let mean = weights.iter().zip(by).fold(K::constant(0.0), |s, (w, b)| s + *w * *b);
                for ((o, w), b) in out.iter_mut().zip(weights).zip(by) {
                    *o = *w * (*b - mean) * inverse;
                }
            }
            MixtureKind::Sigmoid => {
                for ((o, w), b) in out.iter_mut().zip(weights).zip(by) {
                    *o = *w * (K::constant(1.0) - *w) * *b * inverse;
                }
            }
        }
    }

    /// Runs over the batch chunk by chunk. `seed(row, output)` gives the derivative of the result with respect to
    /// the output; `sink(place, first row, values)` is handed the contributions of the rows of a chunk.
    fn sweep<K: Number>(
        &self,
        weights: &Weights<'_, K>,
        batch: &Batch,
        wanted: Wanted,
        mut seed: impl FnMut(usize, K) -> K,
        mut sink: impl FnMut(Place, usize, &[K]),
    ) {
        let mut memory = Memory::new();
        let mut start = 0;
        while start < batch.rows() {
            let rows = start..(start + CHUNK).min(batch.rows());
            let (nodes, passes, output) =
                self.forward_chunk(weights, batch, rows.clone(), wanted, &mut memory);
            let mut adjoint: Vec<K> = Vec::with_capacity(rows.len());
            for (i, f) in output.into_iter().enumerate() {
                let (value, slope) = if self.options.logistic_output {
                    let p = f.apply(Op::Logistic);
                    (p, p * (K::constant(1.0) - p))
                } else {
                    (f, K::constant(1.0))
                };
                adjoint.push(seed(start + i, value) * slope);
            }
            self.backward_chunk(weights, &nodes, &passes, &adjoint, wanted, |place, v| sink(place, start, v));
            start = rows.end;
        }
    }

    /// Values of the nodes, what the way back needs, and the output before its logistic function.
    #[allow(clippy::type_complexity)] // named by the three bindings of its only caller
    fn forward_chunk<K: Number>(
        &self,
        weights: &Weights<'_, K>,
        batch: &Batch,
        rows: Range<usize>,
        wanted: Wanted,
        memory: &mut Memory<K>,
    ) -> (Vec<Vec<K>>, Vec<NodePass<K>>, Vec<K>) {
        let n = rows.len();
        let zero = K::constant(0.0);
        let mut nodes: Vec<Vec<K>> = Vec::with_capacity(self.layout.nodes);
        let mut passes = Vec::with_capacity(self.layout.nodes);
        let mut output = vec![self.layout.bias().map_or(zero, |i| weights.theta[i]); n];
        for j in 0..self.layout.nodes {
            let mut pass = NodePass { edges: Vec::new(), sum: vec![zero; n], product: Vec::new() };
            let mut factor = vec![K::constant(1.0); n];
            for (edge, source) in self.layout.edges_of(j).zip(self.layout.sources(j)) {
                let z = source_values(source, batch, rows.clone(), &nodes);
                let cells = self.cells(edge, source, weights, &z, wanted, memory);
                let mut product = vec![zero; n];
                for (o, cell) in cells.iter().enumerate() {
                    let w = weights.mixture[edge][o];
                    match cell {
                        Some(cell) => {
                            for i in 0..n {
                                let term = w * cell.values[i];
                                pass.sum[i] = pass.sum[i] + term;
                                product[i] = product[i] + term;
                            }
                        }
                        // `none` is the factor 1; its weight is 0 where it is switched off.
                        None if self.is_none(o) => product.iter_mut().for_each(|p| *p = *p + w),
                        None => {}
                    }
                }
                factor.iter_mut().zip(&product).for_each(|(f, p)| *f = *f * *p);
                pass.edges.push(EdgePass { cells, product });
            }
            pass.product = factor.into_iter().map(guard).collect();
            let gate = weights.gates[j];
            let rest = K::constant(1.0) - gate;
            let value: Vec<K> = match self.layout.combine {
                Combine::Sum => pass.sum.clone(),
                Combine::Product => pass.product.clone(),
                Combine::Both => {
                    pass.sum.iter().zip(&pass.product).map(|(s, p)| rest * *s + gate * *p).collect()
                }
            };
            let weight = self.layout.output_weight(j).map(|i| weights.theta[i]);
            for (o, v) in output.iter_mut().zip(&value) {
                *o = *o + weight.map_or(*v, |w| w * *v);
            }
            nodes.push(value);
            passes.push(pass);
        }
        (nodes, passes, output)
    }

    /// All primitives of an edge with the derivatives that the way back needs.
    fn cells<K: Number>(
        &self,
        edge: usize,
        source: Source,
        weights: &Weights<'_, K>,
        z: &[K],
        wanted: Wanted,
        memory: &mut Memory<K>,
    ) -> Vec<Option<Cell<K>>> {
        let by_input = matches!(source, Source::Node(_));
        let by_constants = wanted != Wanted::Alpha;
        (0..self.layout.primitives())
            .map(|o| {
                if self.is_none(o) || !self.active[self.layout.alpha(edge, o)] {
                    return None;
                }
                let constants = &weights.theta[self.layout.theta(edge, o)];
                let lanes = usize::from(by_input) + if by_constants { constants.len() } else { 0 };
                let cell = match lanes {
                    0 => Cell {
                        values: self.primitive(edge, o, constants, z, &mut memory.plain),
                        slopes: Vec::new(),
                    },
                    1 => self.cell::<K, 1>(edge, o, constants, z, by_input, lanes, &mut memory.one),
                    _ => self.cell::<K, 3>(edge, o, constants, z, by_input, lanes, &mut memory.three),
                };
                Some(cell)
            })
            .collect()
    }

    /// A primitive and its derivatives along `lanes` directions, `N` at a time.
    #[allow(clippy::too_many_arguments)] // one private function behind the one above
    fn cell<K: Number, const N: usize>(
        &self,
        edge: usize,
        o: usize,
        constants: &[K],
        z: &[K],
        by_input: bool,
        lanes: usize,
        workspace: &mut Workspace<Nested<K, N>>,
    ) -> Cell<K> {
        let mut cell = Cell { values: Vec::new(), slopes: Vec::with_capacity(lanes) };
        let first = usize::from(by_input);
        for group in (0..lanes).step_by(N) {
            let seeded = |x: K, lane: usize| match lane.checked_sub(group) {
                Some(i) if i < N => Nested::variable(x, i),
                _ => Nested::lift(x),
            };
            let inputs: Vec<Nested<K, N>> =
                z.iter().map(|x| if by_input { seeded(*x, 0) } else { Nested::lift(*x) }).collect();
            let constants: Vec<Nested<K, N>> =
                constants.iter().enumerate().map(|(k, c)| seeded(*c, first + k)).collect();
            let out = self.primitive(edge, o, &constants, &inputs, workspace);
            if group == 0 {
                cell.values = out.iter().map(|v| v.value).collect();
            }
            for lane in 0..N.min(lanes - group) {
                // An infinite slope (a square root at 0) passes nothing on.
                let fine = |t: K| if t.value().abs() <= LARGEST { t } else { K::constant(0.0) };
                cell.slopes.push(out.iter().map(|v| fine(v.tangents[lane])).collect());
            }
        }
        cell
    }

    /// From the derivatives with respect to the output to those of all weights.
    fn backward_chunk<K: Number>(
        &self,
        weights: &Weights<'_, K>,
        nodes: &[Vec<K>],
        passes: &[NodePass<K>],
        adjoint: &[K],
        wanted: Wanted,
        mut sink: impl FnMut(Place, &[K]),
    ) {
        let n = adjoint.len();
        let zero = K::constant(0.0);
        let mut buffer = vec![zero; n];
        let mut by_node: Vec<Vec<K>> = (0..self.layout.nodes)
            .map(|j| match self.layout.output_weight(j) {
                Some(i) => adjoint.iter().map(|a| *a * weights.theta[i]).collect(),
                None => adjoint.to_vec(),
            })
            .collect();
        if wanted != Wanted::Alpha {
            for (j, values) in nodes.iter().enumerate() {
                if let Some(i) = self.layout.output_weight(j) {
                    fill(&mut buffer, |k| adjoint[k] * values[k]);
                    sink(Place::Theta(i), &buffer);
                }
            }
            if let Some(i) = self.layout.bias() {
                sink(Place::Theta(i), adjoint);
            }
        }
        for j in (0..self.layout.nodes).rev() {
            let pass = &passes[j];
            let by = std::mem::take(&mut by_node[j]);
            let gate = weights.gates[j];
            if self.layout.gate(j).is_some() && wanted != Wanted::Theta {
                fill(&mut buffer, |k| by[k] * (pass.product[k] - pass.sum[k]));
                sink(Place::Gate(j), &buffer);
            }
            let rest = K::constant(1.0) - gate;
            let others = self.products_of_others(pass, n);
            for (at, (edge, source)) in self.layout.edges_of(j).zip(self.layout.sources(j)).enumerate() {
                // Derivative with respect to the product side, and with respect to both sides together.
                let by_product: Vec<K> = match &others {
                    Some(others) => (0..n).map(|k| by[k] * gate * others[at][k]).collect(),
                    None => vec![zero; n],
                };
                let by_edge: Vec<K> = (0..n).map(|k| by[k] * rest + by_product[k]).collect();
                let mut by_input = match source {
                    Source::Node(_) => vec![zero; n],
                    _ => Vec::new(),
                };
                for (o, cell) in pass.edges[at].cells.iter().enumerate() {
                    let w = weights.mixture[edge][o];
                    let Some(cell) = cell else {
                        if wanted != Wanted::Theta && self.is_none(o) {
                            sink(Place::Mixture(edge, o), &by_product);
                        }
                        continue;
                    };
                    if wanted != Wanted::Theta {
                        fill(&mut buffer, |k| by_edge[k] * cell.values[k]);
                        sink(Place::Mixture(edge, o), &buffer);
                    }
                    let mut slopes = cell.slopes.iter();
                    if !by_input.is_empty()
                        && let Some(slope) = slopes.next()
                    {
                        by_input.iter_mut().zip(slope).for_each(|(b, s)| *b = *b + w * *s);
                    }
                    for (i, slope) in self.layout.theta(edge, o).zip(slopes) {
                        fill(&mut buffer, |k| by_edge[k] * w * slope[k]);
                        sink(Place::Theta(i), &buffer);
                    }
                }
                if let Source::Node(from) = source {
                    for (k, b) in by_node[from].iter_mut().enumerate() {
                        *b = *b + by_edge[k] * by_input[k];
                    }
                }
            }
        }
    }

    /// For every edge of a node the product of the other edges' product sides, from both ends, without a division;
    /// 0 where the whole product is masked. `None` where the node cannot multiply.
    fn products_of_others<K: Number>(&self, pass: &NodePass<K>, n: usize) -> Option<Vec<Vec<K>>> {
        if self.layout.combine == Combine::Sum {
            return None;
        }
        let count = pass.edges.len();
        let mut others = vec![vec![K::constant(1.0); n]; count];
        for k in 0..n {
            let mut running = K::constant(1.0);
            for (edge, out) in pass.edges.iter().zip(&mut others) {
                out[k] = running;
                running = running * edge.product[k];
            }
            let masked = running.value().abs() > LARGEST || running.value().is_nan();
            running = K::constant(if masked { 0.0 } else { 1.0 });
            for at in (0..count).rev() {
                let tail = running;
                others[at][k] = if masked { tail } else { others[at][k] * tail };
                running = running * pass.edges[at].product[k];
            }
        }
        Some(others)
    }
}

/// A weight that a derivative belongs to.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Mixture weight of a primitive on an edge.
    Mixture(usize, usize),
    /// Weight of a node's product side.
    Gate(usize),
    /// A constant.
    Theta(usize),
}

/// Workspaces of the three kinds of pass.
struct Memory<K> {
    plain: Workspace<K>,
    one: Workspace<Nested<K, 1>>,
    three: Workspace<Nested<K, 3>>,
}

impl<K: Number> Memory<K> {
    fn new() -> Self {
        Self { plain: Workspace::new(), one: Workspace::new(), three: Workspace::new() }
    }
}

fn fill<K>(buffer: &mut [K], f: impl Fn(usize) -> K) {
    buffer.iter_mut().enumerate().for_each(|(k, b)| *b = f(k));
}

#[cfg(test)]
#[path = "sweep_tests.rs"]
mod tests;
