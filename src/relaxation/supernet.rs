//! [`Supernet`]: the relaxed graph and its evaluation in any [`Number`].
//!
//! ```text
//! edge(z)  = sum_o  w_o f_o(z; theta)                        w = softmax or sigmoid of alpha
//! node     = (1 - g) sum_edges edge(z) + g prod_edges edge'(z)   g = sigmoid of the node's gate
//! output   = sum_nodes W node + b
//! ```
//! On the product side `none` is the factor 1 instead of the term 0. A primitive that has no finite value (or one
//! beyond 1e30) on a row is masked there: it contributes nothing and passes no derivative, so that nothing turns
//! NaN. The outputs of primitives are divided by their root mean square where that exceeds 1 and `normalise` is
//! on (the counterpart of batch normalisation in DARTS); constants of the discrete graph are solved afresh, so
//! that this factor never reaches a result.

use super::{Layout, MixtureKind, mixture_weights};
use crate::expr::{Expr, Number, Op, Primitive, Tape, Workspace};
use crate::search_space::{Combine, Genotype, SearchSpace, Source};

/// Values beyond this count as an overflow.
pub(super) const LARGEST: f64 = 1e30;

/// Choices beside the search space.
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
/// let constant = SupernetOptions { constant: true, ..options.clone() };
/// // One edge more into the node, with two primitives.
/// let alphas = |options| Supernet::new(&space, 1, options).layout.alphas();
/// assert_eq!(alphas(constant), alphas(options) + 2);
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SupernetOptions {
    /// Softmax or sigmoid mixtures.
    pub mixture: MixtureKind,
    /// Whether the constant 1 is a source of every node.
    pub constant: bool,
    /// Whether the weights of the output layer are trained; otherwise all nodes are added.
    pub output_weights: bool,
    /// Whether the output has a trained constant term.
    pub output_bias: bool,
    /// Logistic output, for probabilities.
    pub logistic_output: bool,
    /// Whether outputs of primitives are scaled to a root mean square of at most 1.
    pub normalise: bool,
    /// Whether the value at 0 is subtracted from every primitive, so that a silent path leaves no residue.
    pub zero_centred: bool,
}

/// A relaxed graph over a search space.
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
/// // x and a*x in equal parts, a = 1, bias 5; sum and product of a single edge are the same.
/// assert_eq!(net.gradients(&[0.0; 3], &[1.0, 5.0], &batch, Wanted::Theta).loss, 49.0);
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Supernet {
    /// Positions of all weights.
    pub layout: Layout,
    /// Softmax temperature; lower is closer to one-hot.
    pub(crate) temperature: f64,
    /// The options it was made with.
    pub(crate) options: SupernetOptions,
    /// Primitives that take part, `edges x primitives`; shrinking switches some off.
    pub(crate) active: Vec<bool>,
    primitives: Vec<Primitive>,
    tapes: Vec<Tape>,
    /// Divisors of the outputs of primitives, `edges x primitives`.
    scale: Vec<f64>,
}

/// A supernet with the values of its weights at the end of a search.
#[derive(Clone, Debug)]
pub(crate) struct TrainedSupernet {
    /// The graph.
    pub(crate) supernet: Supernet,
    /// Architecture weights.
    pub(crate) alpha: Vec<f64>,
    /// Constants.
    pub(crate) theta: Vec<f64>,
}

/// Rows of a data set, copied together.
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
/// let batch = Batch { columns: vec![vec![1.0, 2.0]], target: vec![1.0, 0.0], weights: Some(vec![3.0, 1.0]) };
/// // Errors 0 and 2, weighted 3 to 1.
/// assert_eq!(net.gradients(&[0.0; 3], &[1.0, 0.0], &batch, Wanted::Theta).loss, 1.0);
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Input columns.
    pub columns: Vec<Vec<f64>>,
    /// Target.
    pub target: Vec<f64>,
    /// Row weights.
    pub weights: Option<Vec<f64>>,
}

impl Batch {
    /// Copies rows out of columns.
    pub(crate) fn gather(
        columns: &[&[f64]],
        target: &[f64],
        weights: Option<&[f64]>,
        rows: &[usize],
    ) -> Self {
        let pick = |c: &[f64]| rows.iter().map(|&r| c[r]).collect::<Vec<f64>>();
        Self {
            columns: columns.iter().map(|c| pick(c)).collect(),
            target: pick(target),
            weights: weights.map(pick),
        }
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.target.len()
    }

    /// Weight of a row.
    pub(crate) fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |w| w[row])
    }

    /// Sum of all weights; never 0.
    pub(crate) fn total_weight(&self) -> f64 {
        self.weights.as_ref().map_or(self.rows() as f64, |w| w.iter().sum::<f64>()).max(f64::MIN_POSITIVE)
    }

    /// The columns as slices.
    pub(crate) fn views(&self) -> Vec<&[f64]> {
        self.columns.iter().map(Vec::as_slice).collect()
    }
}

impl Supernet {
    /// The supernet of a space over so many input columns.
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
    /// let net = Supernet::new(&space, 4, options);
    /// assert_eq!(net.layout.thetas(), 5); // a constant on each of four edges, and the bias
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn new(space: &SearchSpace, inputs: usize, options: SupernetOptions) -> Self {
        let primitives: Vec<Primitive> =
            space.primitives.primitives().into_iter().filter(|p| p.arity == 1).cloned().collect();
        let layout = Layout {
            inputs,
            nodes: space.nodes,
            constant: options.constant,
            combine: space.combine,
            constants_of: primitives.iter().map(Primitive::constants).collect(),
            output_weights: options.output_weights,
            output_bias: options.output_bias,
        };
        let cells = layout.edges() * primitives.len();
        Self {
            temperature: 1.0,
            active: vec![true; cells],
            scale: vec![1.0; cells],
            tapes: primitives.iter().map(|p| Tape::compile(p.template())).collect(),
            options,
            layout,
            primitives,
        }
    }

    /// The primitives of every edge.
    pub(crate) fn primitives(&self) -> &[Primitive] {
        &self.primitives
    }

    /// The mixture weights of an edge.
    pub(crate) fn edge_weights<T: Number>(&self, alpha: &[T], edge: usize) -> Vec<T> {
        let p = self.layout.primitives();
        let cells = edge * p..(edge + 1) * p;
        mixture_weights(self.options.mixture, &alpha[cells.clone()], &self.active[cells], self.temperature)
    }

    /// The weight of a node's product side.
    pub(crate) fn gate_weight<T: Number>(&self, alpha: &[T], node: usize) -> T {
        match (self.layout.gate(node), self.layout.combine) {
            (Some(i), _) => alpha[i].apply(Op::Logistic),
            (None, Combine::Product) => T::constant(1.0),
            (None, _) => T::constant(0.0),
        }
    }

    pub(super) fn is_none(&self, primitive: usize) -> bool {
        self.primitives[primitive].name == "none"
    }

    /// One primitive of an edge over its input with these constants, masked, scaled and centred.
    pub(super) fn primitive<T: Number>(
        &self,
        edge: usize,
        o: usize,
        constants: &[T],
        z: &[T],
        ws: &mut Workspace<T>,
    ) -> Vec<T> {
        let mut out = vec![T::constant(0.0); z.len()];
        self.tapes[o].apply(constants, &[z], &mut out, ws);
        if self.options.zero_centred {
            let mut at_zero = [T::constant(0.0)];
            self.tapes[o].apply(constants, &[&[T::constant(0.0)]], &mut at_zero, ws);
            if at_zero[0].value().is_finite() {
                out.iter_mut().for_each(|v| *v = *v - at_zero[0]);
            }
        }
        let inverse = T::constant(1.0 / self.scale[self.layout.alpha(edge, o)]);
        for v in &mut out {
            *v = if v.value().abs() <= LARGEST { *v * inverse } else { T::constant(0.0) };
        }
        out
    }

    /// Sum side and product side of an edge.
    fn edge<T: Number>(
        &self,
        edge: usize,
        alpha: &[T],
        theta: &[T],
        z: &[T],
        ws: &mut Workspace<T>,
    ) -> (Vec<T>, Vec<T>) {
        let weights = self.edge_weights(alpha, edge);
        let mut sum = vec![T::constant(0.0); z.len()];
        let mut product = sum.clone();
        for (o, w) in weights.iter().enumerate() {
            if !self.active[self.layout.alpha(edge, o)] {
                continue;
            }
            if self.is_none(o) {
                product.iter_mut().for_each(|p| *p = *p + *w);
                continue;
            }
            for ((s, p), f) in sum.iter_mut().zip(&mut product).zip(self.primitive(
                edge,
                o,
                &theta[self.layout.theta(edge, o)],
                z,
                ws,
            )) {
                let term = *w * f;
                *s = *s + term;
                *p = *p + term;
            }
        }
        (sum, product)
    }

    /// The output over a batch; `keep_node` is handed the values of every node.
    fn forward<T: Number>(
        &self,
        alpha: &[T],
        theta: &[T],
        batch: &Batch,
        mut keep_node: impl FnMut(&[T]),
        ws: &mut Workspace<T>,
    ) -> Vec<T> {
        let n = batch.rows();
        let mut nodes: Vec<Vec<T>> = Vec::with_capacity(self.layout.nodes);
        let mut output = match self.layout.bias() {
            Some(i) => vec![theta[i]; n],
            None => vec![T::constant(0.0); n],
        };
        for j in 0..self.layout.nodes {
            let gate = self.gate_weight(alpha, j);
            let mut total = vec![T::constant(0.0); n];
            let mut factor = vec![T::constant(1.0); n];
            for (edge, source) in self.layout.edges_of(j).zip(self.layout.sources(j)) {
                let z = source_values(source, batch, 0..n, &nodes);
                let (sum, product) = self.edge(edge, alpha, theta, &z, ws);
                for i in 0..n {
                    total[i] = total[i] + sum[i];
                    factor[i] = factor[i] * product[i];
                }
            }
            let rest = T::constant(1.0) - gate;
            let value: Vec<T> = match self.layout.combine {
                Combine::Sum => total,
                Combine::Product => factor.into_iter().map(guard).collect(),
                Combine::Both => {
                    total.into_iter().zip(factor).map(|(s, p)| rest * s + gate * guard(p)).collect()
                }
            };
            let weight = self.layout.output_weight(j).map(|i| theta[i]);
            for (o, v) in output.iter_mut().zip(&value) {
                *o = *o + weight.map_or(*v, |w| w * *v);
            }
            keep_node(&value);
            nodes.push(value);
        }
        if self.options.logistic_output {
            output.iter_mut().for_each(|o| *o = o.apply(Op::Logistic));
        }
        output
    }

    /// The output over a batch, in any number type.
    pub(crate) fn evaluate<T: Number>(&self, alpha: &[T], theta: &[T], batch: &Batch) -> Vec<T> {
        self.forward(alpha, theta, batch, |_| {}, &mut Workspace::new())
    }

    /// The weighted mean squared error over a batch.
    pub(crate) fn loss(&self, alpha: &[f64], theta: &[f64], batch: &Batch) -> f64 {
        let f = self.evaluate(alpha, theta, batch);
        let square = |i: usize| batch.weight(i) * (f[i] - batch.target[i]).powi(2);
        (0..f.len()).map(square).sum::<f64>() / batch.total_weight()
    }

    /// Measures the outputs of all primitives on a batch and sets their divisors; returns `edge, primitive` of
    /// those that are masked somewhere.
    pub(crate) fn calibrate(&mut self, alpha: &[f64], theta: &[f64], batch: &Batch) -> Vec<(usize, usize)> {
        let mut values: Vec<Vec<f64>> = Vec::new();
        self.forward(alpha, theta, batch, |v| values.push(v.to_vec()), &mut Workspace::<f64>::new());
        let mut masked = Vec::new();
        let mut ws = Workspace::<f64>::new();
        for j in 0..self.layout.nodes {
            for (edge, source) in self.layout.edges_of(j).zip(self.layout.sources(j)) {
                let one;
                let z: &[f64] = match source {
                    Source::One => {
                        one = vec![1.0; batch.rows()];
                        &one
                    }
                    Source::Input(i) => &batch.columns[i],
                    Source::Node(k) => &values[k],
                };
                for o in 0..self.layout.primitives() {
                    let cell = self.layout.alpha(edge, o);
                    let mut f = vec![0.0; z.len()];
                    self.tapes[o].apply(&theta[self.layout.theta(edge, o)], &[z], &mut f, &mut ws);
                    let fine = |v: &f64| v.abs() <= LARGEST;
                    if !f.iter().all(fine) {
                        masked.push((edge, o));
                    }
                    if self.options.normalise {
                        let squares: f64 = f.iter().filter(|v| fine(v)).map(|v| v * v).sum();
                        self.scale[cell] = (squares / f.len() as f64).sqrt().max(1.0);
                    }
                }
            }
        }
        masked
    }

    /// A discrete graph as an expression, with the output function applied.
    ///
    /// # Errors
    /// As [`Genotype::to_expr`].
    pub(crate) fn discrete_expr(
        &self,
        genotype: &Genotype,
        space: &SearchSpace,
    ) -> Result<Expr, crate::Error> {
        let expr = genotype.to_expr(&space.primitives)?;
        Ok(if self.options.logistic_output { expr.apply(Op::Logistic) } else { expr })
    }
}

/// What a source carries on a range of rows.
pub(super) fn source_values<T: Number>(
    source: Source,
    batch: &Batch,
    rows: std::ops::Range<usize>,
    nodes: &[Vec<T>],
) -> Vec<T> {
    match source {
        Source::One => vec![T::constant(1.0); rows.len()],
        Source::Input(i) => batch.columns[i][rows].iter().map(|x| T::constant(*x)).collect(),
        Source::Node(k) => nodes[k].clone(),
    }
}

/// Products of many factors overflow too.
pub(super) fn guard<T: Number>(v: T) -> T {
    if v.value().abs() <= LARGEST { v } else { T::constant(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relaxation::Wanted;
    use crate::search_space::PrimitiveSet;

    fn net(combine: Combine) -> (Supernet, Vec<f64>, Vec<f64>, Batch) {
        let space = SearchSpace { primitives: PrimitiveSet::SEED, nodes: 2, combine };
        let options = SupernetOptions {
            mixture: MixtureKind::Softmax,
            constant: true,
            output_weights: true,
            output_bias: true,
            logistic_output: false,
            normalise: true,
            zero_centred: false,
        };
        let net = Supernet::new(&space, 2, options);
        let wave = |n: usize, f: f64| (0..n).map(|i| (i as f64 * f).sin()).collect::<Vec<f64>>();
        let (alpha, theta) = (wave(net.layout.alphas(), 0.7), wave(net.layout.thetas(), 1.3));
        let batch = Batch { columns: vec![wave(9, 0.4), wave(9, 0.9)], target: wave(9, 2.0), weights: None };
        (net, alpha, theta, batch)
    }

    #[test]
    fn one_hot_weights_give_the_primitive() {
        let (mut net, mut alpha, theta, batch) = net(Combine::Sum);
        net.temperature = 1e-3;
        // Every edge `none`, but x1 -> node 0 `exp`; node 1 silent.
        for edge in 0..net.layout.edges() {
            for o in 0..7 {
                alpha[net.layout.alpha(edge, o)] = if o == usize::from(edge == 1) * 4 { 1.0 } else { 0.0 };
            }
        }
        let f = net.evaluate(&alpha, &theta, &batch);
        let w = theta[net.layout.output_weight(0).unwrap()];
        let b = theta[net.layout.bias().unwrap()];
        for (i, f) in f.iter().enumerate() {
            assert!((f - (w * batch.columns[0][i].exp() + b)).abs() < 1e-12);
        }
    }

    #[test]
    fn overflow_is_masked() {
        let (mut net, alpha, theta, mut batch) = net(Combine::Both);
        batch.columns[0][3] = 1000.0;
        assert!(net.loss(&alpha, &theta, &batch).is_finite());
        assert!(net.gradients(&alpha, &theta, &batch, Wanted::Both).alpha.iter().all(|g| g.is_finite()));
        let masked = net.calibrate(&alpha, &theta, &batch);
        assert!(masked.iter().any(|(e, o)| *e == 1 && net.primitives()[*o].name == "exp"), "{masked:?}");
    }
}
