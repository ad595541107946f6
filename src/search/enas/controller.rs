//! The controller: a recurrent network that writes a graph token by token.
//!
//! ```text
//! per node:  sum or product (where both are allowed), then up to k times: predecessor, primitive
//! step:      [i f o g] = W [x, h];  c' = s(f) c + s(i) tanh(g);  h' = s(o) tanh(c')        (no biases)
//! kind, primitive:  logits = U h'
//! predecessor s:    logit = v . tanh(W1 a_s + W2 h'), the anchor a_s a learned vector for an input, the state
//!                   after its last token for a node
//! next input x:     the embedding of the token, the anchor of the predecessor
//! ```
//! Pham et al., ICML 2018, section 2; Hochreiter and Schmidhuber, *Long short-term memory* (1997). All weights
//! stand in one vector; the gradient is a reverse sweep through time, written out.

use super::EnasOptions;
use crate::relaxation::Layout;
use crate::search::weight_sharing::Child;
use crate::search_space::Combine;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Where the parts of the weights start.
#[derive(Clone, Debug)]
struct Offsets {
    recurrent: usize,
    start: usize,
    kind_embedding: usize,
    primitive_embedding: usize,
    anchors: usize,
    kind_head: usize,
    primitive_head: usize,
    key: usize,
    query: usize,
    attention: usize,
    end: usize,
}

/// The network and its weights.
#[derive(Clone, Debug)]
pub(crate) struct Controller {
    pub(crate) weights: Vec<f64>,
    layout: Layout,
    hidden: usize,
    predecessors: usize,
    temperature: f64,
    tanh_constant: f64,
    at: Offsets,
}

/// A vector that a step reads: some weights, or the state after a step.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Vector {
    Weights(usize),
    State(usize),
}

/// What a step decides.
#[derive(Clone, Debug)]
enum Head {
    Kind,
    Primitive,
    /// Among these anchors.
    Predecessor(Vec<Vector>),
}

/// A step of a sampled sequence with all that the way back needs.
#[derive(Clone, Debug)]
struct Step {
    input: Vector,
    /// `i f o g` after their functions.
    gates: Vec<f64>,
    cell: Vec<f64>,
    state: Vec<f64>,
    head: Head,
    /// Logits before the hyperbolic tangent.
    raw: Vec<f64>,
    probabilities: Vec<f64>,
    chosen: usize,
}

/// A sampled graph with its sequence of decisions.
#[derive(Clone, Debug)]
pub(crate) struct Episode {
    pub(crate) child: Child,
    steps: Vec<Step>,
}

impl Episode {
    /// `-log p` of all decisions.
    #[cfg(test)]
    fn surprise(&self) -> f64 {
        self.steps.iter().map(|s| -s.probabilities[s.chosen].ln()).sum()
    }

    /// Entropy of the distributions that the decisions were drawn from.
    pub(crate) fn entropy(&self) -> f64 {
        self.steps.iter().flat_map(|s| &s.probabilities).filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum()
    }
}

impl Controller {
    pub(crate) fn new(layout: &Layout, options: &EnasOptions, rng: &mut ChaCha8Rng) -> Self {
        let h = options.hidden;
        let fixed = usize::from(layout.constant) + layout.inputs;
        let mut end = 0;
        let mut take = |count: usize| {
            end += count * h;
            end - count * h
        };
        let mut at = Offsets {
            recurrent: take(8 * h),
            start: take(1),
            kind_embedding: take(2),
            primitive_embedding: take(layout.primitives()),
            anchors: take(fixed),
            kind_head: take(2),
            primitive_head: take(layout.primitives()),
            key: take(h),
            query: take(h),
            attention: take(1),
            end: 0,
        };
        at.end = end;
        Self {
            weights: (0..at.end).map(|_| rng.random_range(-options.init..options.init)).collect(),
            layout: layout.clone(),
            hidden: h,
            predecessors: options.predecessors,
            temperature: options.temperature,
            tanh_constant: options.tanh_constant,
            at,
        }
    }

    /// Draws a graph.
    pub(crate) fn sample(&self, empty: Child, rng: &mut ChaCha8Rng) -> Episode {
        self.write(empty, |p| {
            let mut u = rng.random_range(0.0..1.0);
            for (i, p) in p.iter().enumerate() {
                u -= p;
                if u < 0.0 {
                    return i;
                }
            }
            p.len() - 1
        })
    }

    /// The same decisions again, for weights that have changed since.
    #[cfg(test)]
    fn replay(&self, episode: &Episode, empty: Child) -> Episode {
        let mut decisions = episode.steps.iter().map(|s| s.chosen);
        self.write(empty, |_| decisions.next().unwrap())
    }

    /// Writes a graph, every decision made by `choose` from its probabilities.
    fn write(&self, mut child: Child, mut choose: impl FnMut(&[f64]) -> usize) -> Episode {
        let mut steps: Vec<Step> = Vec::new();
        let mut input = Vector::Weights(self.at.start);
        let mut node_anchors: Vec<Vector> = Vec::new();
        for j in 0..self.layout.nodes {
            if j > 0 {
                // The state of the next step has read the last token of the node before.
                node_anchors.push(Vector::State(steps.len()));
            }
            if self.layout.combine == Combine::Both {
                let kind = self.step(&mut steps, input, Head::Kind, &mut choose);
                child.product[j] = kind == 1;
                input = Vector::Weights(self.at.kind_embedding + kind * self.hidden);
            }
            let fixed = usize::from(self.layout.constant) + self.layout.inputs;
            let mut free: Vec<(usize, Vector)> = self
                .layout
                .edges_of(j)
                .enumerate()
                .map(|(at, edge)| {
                    let anchor = match at.checked_sub(fixed) {
                        Some(node) => node_anchors[node],
                        None => Vector::Weights(self.at.anchors + at * self.hidden),
                    };
                    (edge, anchor)
                })
                .collect();
            for _ in 0..self.predecessors.min(free.len()) {
                let anchors = free.iter().map(|f| f.1).collect();
                let at = self.step(&mut steps, input, Head::Predecessor(anchors), &mut choose);
                let (edge, anchor) = free.remove(at);
                let o = self.step(&mut steps, anchor, Head::Primitive, &mut choose);
                child.primitive[edge] = Some(o);
                input = Vector::Weights(self.at.primitive_embedding + o * self.hidden);
            }
        }
        Episode { child, steps }
    }

    fn vector<'a>(&'a self, v: Vector, steps: &'a [Step]) -> &'a [f64] {
        match v {
            Vector::Weights(at) => &self.weights[at..at + self.hidden],
            Vector::State(t) => &steps[t].state,
        }
    }

    /// One step of the network and its decision.
    fn step(
        &self,
        steps: &mut Vec<Step>,
        input: Vector,
        head: Head,
        choose: &mut impl FnMut(&[f64]) -> usize,
    ) -> usize {
        let h = self.hidden;
        let zeros = vec![0.0; h];
        let x = self.vector(input, steps);
        let (state, cell) = steps.last().map_or((&zeros, &zeros), |s| (&s.state, &s.cell));
        let mut gates = vec![0.0; 4 * h];
        for (r, gate) in gates.iter_mut().enumerate() {
            let row = &self.weights[self.at.recurrent + r * 2 * h..][..2 * h];
            let a = dot(&row[..h], x) + dot(&row[h..], state);
            *gate = if r < 3 * h { 1.0 / (1.0 + (-a).exp()) } else { a.tanh() };
        }
        let cell: Vec<f64> = (0..h).map(|k| gates[h + k] * cell[k] + gates[k] * gates[3 * h + k]).collect();
        let state: Vec<f64> = (0..h).map(|k| gates[2 * h + k] * cell[k].tanh()).collect();
        steps.push(Step {
            input,
            gates,
            cell,
            state,
            head,
            raw: Vec::new(),
            probabilities: Vec::new(),
            chosen: 0,
        });
        let t = steps.len() - 1;
        let raw = self.logits(steps, t);
        let bounded: Vec<f64> = raw.iter().map(|l| self.bound(*l)).collect();
        let largest = bounded.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut probabilities: Vec<f64> = bounded.iter().map(|l| (l - largest).exp()).collect();
        let total: f64 = probabilities.iter().sum();
        probabilities.iter_mut().for_each(|p| *p /= total);
        let chosen = choose(&probabilities);
        let last = &mut steps[t];
        (last.raw, last.probabilities, last.chosen) = (raw, probabilities, chosen);
        chosen
    }

    fn bound(&self, logit: f64) -> f64 {
        let l = logit / self.temperature;
        if self.tanh_constant > 0.0 { self.tanh_constant * l.tanh() } else { l }
    }

    fn logits(&self, steps: &[Step], t: usize) -> Vec<f64> {
        let h = self.hidden;
        let state = &steps[t].state;
        let rows = |at: usize, count: usize| {
            (0..count).map(|r| dot(&self.weights[at + r * h..][..h], state)).collect::<Vec<f64>>()
        };
        match &steps[t].head {
            Head::Kind => rows(self.at.kind_head, 2),
            Head::Primitive => rows(self.at.primitive_head, self.layout.primitives()),
            Head::Predecessor(anchors) => {
                let query = rows(self.at.query, h);
                let v = &self.weights[self.at.attention..][..h];
                anchors
                    .iter()
                    .map(|a| {
                        let a = self.vector(*a, steps);
                        (0..h)
                            .map(|r| {
                                let key = dot(&self.weights[self.at.key + r * h..][..h], a);
                                v[r] * (key + query[r]).tanh()
                            })
                            .sum()
                    })
                    .collect()
            }
        }
    }

    /// Adds `scale` times the gradient of `-log p` of the episode's decisions to `gradient`.
    pub(crate) fn add_gradient(&self, episode: &Episode, scale: f64, gradient: &mut [f64]) {
        let h = self.hidden;
        let steps = &episode.steps;
        let mut by_state = vec![vec![0.0; h]; steps.len()];
        let mut by_cell = vec![0.0; h];
        for t in (0..steps.len()).rev() {
            let step = &steps[t];
            self.head_gradient(steps, t, scale, &mut by_state, gradient);
            let ds = std::mem::take(&mut by_state[t]);
            let zeros = vec![0.0; h];
            let (before, cell_before) =
                if t > 0 { (&steps[t - 1].state, &steps[t - 1].cell) } else { (&zeros, &zeros) };
            // Derivatives with respect to what the four functions are applied to.
            let mut by_gate = vec![0.0; 4 * h];
            for k in 0..h {
                let (i, f, o, g) =
                    (step.gates[k], step.gates[h + k], step.gates[2 * h + k], step.gates[3 * h + k]);
                let c = step.cell[k].tanh();
                let dc = by_cell[k] + ds[k] * o * (1.0 - c * c);
                by_gate[k] = dc * g * i * (1.0 - i);
                by_gate[h + k] = dc * cell_before[k] * f * (1.0 - f);
                by_gate[2 * h + k] = ds[k] * c * o * (1.0 - o);
                by_gate[3 * h + k] = dc * i * (1.0 - g * g);
                by_cell[k] = dc * f;
            }
            let x = self.vector(step.input, steps);
            let mut by_input = vec![0.0; h];
            let mut by_before = vec![0.0; h];
            for (r, d) in by_gate.iter().enumerate() {
                let from = self.at.recurrent + r * 2 * h;
                let row = &self.weights[from..from + 2 * h];
                add(&mut gradient[from..from + h], *d, x);
                add(&mut gradient[from + h..from + 2 * h], *d, before);
                add(&mut by_input, *d, &row[..h]);
                add(&mut by_before, *d, &row[h..]);
            }
            deposit(step.input, 1.0, &by_input, &mut by_state, gradient);
            if t > 0 {
                add(&mut by_state[t - 1], 1.0, &by_before);
            }
        }
    }

    /// The part of one decision: its head's weights, and the states that it read.
    fn head_gradient(
        &self,
        steps: &[Step],
        t: usize,
        scale: f64,
        by_state: &mut [Vec<f64>],
        gradient: &mut [f64],
    ) {
        let h = self.hidden;
        let step = &steps[t];
        let by_logit: Vec<f64> = (0..step.raw.len())
            .map(|r| {
                let d = scale * (step.probabilities[r] - f64::from(u8::from(r == step.chosen)));
                let tanh = (step.raw[r] / self.temperature).tanh();
                let slope =
                    if self.tanh_constant > 0.0 { self.tanh_constant * (1.0 - tanh * tanh) } else { 1.0 };
                d * slope / self.temperature
            })
            .collect();
        let plain = |at: usize, by_state: &mut [Vec<f64>], gradient: &mut [f64]| {
            for (r, d) in by_logit.iter().enumerate() {
                let row = at + r * h;
                add(&mut gradient[row..row + h], *d, &step.state);
                add(&mut by_state[t], *d, &self.weights[row..row + h]);
            }
        };
        match &step.head {
            Head::Kind => plain(self.at.kind_head, by_state, gradient),
            Head::Primitive => plain(self.at.primitive_head, by_state, gradient),
            Head::Predecessor(anchors) => {
                let v = self.at.attention;
                let query: Vec<f64> =
                    (0..h).map(|r| dot(&self.weights[self.at.query + r * h..][..h], &step.state)).collect();
                let mut by_query = vec![0.0; h];
                for (anchor, d) in anchors.iter().zip(&by_logit) {
                    let a = self.vector(*anchor, steps);
                    let mut by_anchor = vec![0.0; h];
                    for r in 0..h {
                        let row = self.at.key + r * h;
                        let tanh = (dot(&self.weights[row..row + h], a) + query[r]).tanh();
                        gradient[v + r] += d * tanh;
                        let inner = d * self.weights[v + r] * (1.0 - tanh * tanh);
                        by_query[r] += inner;
                        add(&mut gradient[row..row + h], inner, a);
                        add(&mut by_anchor, inner, &self.weights[row..row + h]);
                    }
                    deposit(*anchor, 1.0, &by_anchor, by_state, gradient);
                }
                for (r, d) in by_query.iter().enumerate() {
                    let row = self.at.query + r * h;
                    add(&mut gradient[row..row + h], *d, &step.state);
                    add(&mut by_state[t], *d, &self.weights[row..row + h]);
                }
            }
        }
    }
}

/// Adds a derivative with respect to a vector to where it belongs.
fn deposit(v: Vector, scale: f64, by: &[f64], by_state: &mut [Vec<f64>], gradient: &mut [f64]) {
    match v {
        Vector::Weights(at) => add(&mut gradient[at..at + by.len()], scale, by),
        Vector::State(t) => add(&mut by_state[t], scale, by),
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    // Eight sums side by side, in a fixed order: the compiler may use vector registers.
    let mut sums = [0.0; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a8.remainder().iter().zip(b8.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a8.zip(b8) {
        for k in 0..8 {
            sums[k] += x[k] * y[k];
        }
    }
    sums.iter().sum::<f64>() + rest
}

fn add(to: &mut [f64], scale: f64, from: &[f64]) {
    to.iter_mut().zip(from).for_each(|(t, f)| *t += scale * f);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relaxation::{MixtureKind, Supernet, SupernetOptions};
    use crate::search_space::{PrimitiveSet, SearchSpace};
    use rand::SeedableRng;

    fn controller(combine: Combine, tanh_constant: f64) -> (Controller, Child, ChaCha8Rng) {
        let primitives = PrimitiveSet::parse("none, mult, exp").unwrap();
        let space = SearchSpace { primitives, nodes: 3, combine };
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
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let options = EnasOptions {
            hidden: 5,
            predecessors: 3,
            temperature: 1.3,
            tanh_constant,
            init: 0.8,
            ..EnasOptions::default()
        };
        (Controller::new(&net.layout, &options, &mut rng), Child::empty(&net), rng)
    }

    #[test]
    fn every_weight_against_finite_differences() {
        for (combine, tanh_constant) in [(Combine::Both, 2.5), (Combine::Sum, 0.0)] {
            let (mut c, empty, mut rng) = controller(combine, tanh_constant);
            let episode = c.sample(empty.clone(), &mut rng);
            let advantage = 0.37;
            let mut gradient = vec![0.0; c.weights.len()];
            c.add_gradient(&episode, advantage, &mut gradient);
            assert!(gradient.iter().filter(|g| **g != 0.0).count() > gradient.len() / 2);
            for i in 0..gradient.len() {
                let w = c.weights[i];
                let mut at = |h: f64| {
                    c.weights[i] = w + h;
                    advantage * c.replay(&episode, empty.clone()).surprise()
                };
                let difference = (at(1e-5) - at(-1e-5)) / 2e-5;
                c.weights[i] = w;
                assert!(
                    (gradient[i] - difference).abs() < 1e-8 * (1.0 + difference.abs()),
                    "{combine:?} weight {i}: {} {difference}",
                    gradient[i]
                );
            }
        }
    }

    #[test]
    fn reward_raises_the_probability() {
        let (mut c, empty, mut rng) = controller(Combine::Both, 2.5);
        let wanted = c.sample(empty.clone(), &mut rng);
        let before = wanted.surprise();
        for _ in 0..50 {
            let mut gradient = vec![0.0; c.weights.len()];
            c.add_gradient(&c.replay(&wanted, empty.clone()), 1.0, &mut gradient);
            c.weights.iter_mut().zip(&gradient).for_each(|(w, g)| *w -= 0.1 * g);
        }
        let after = c.replay(&wanted, empty).surprise();
        assert!(after < 0.3 * before, "{before} {after}");
    }

    #[test]
    fn entropy_is_at_most_that_of_uniform_choices() {
        let (c, empty, mut rng) = controller(Combine::Both, 2.5);
        let episode = c.sample(empty, &mut rng);
        let uniform: f64 = episode.steps.iter().map(|s| (s.probabilities.len() as f64).ln()).sum();
        assert!(episode.entropy() > 0.0 && episode.entropy() <= uniform);
        assert!(episode.child.primitive.iter().any(Option::is_some));
    }
}
