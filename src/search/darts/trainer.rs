//! One run of differentiable architecture search: alternating steps on architecture weights and constants.

use super::DartsOptions;
use super::architect::{Architect, Order, VirtualStep, inner_optimum};
use super::optimizer::{Adam, Sgd, cosine};
use crate::relaxation::{Batch, MixtureKind, Supernet, SupernetOptions, TrainedSupernet, Wanted};
use crate::search::{Control, Problem};
use crate::search_space::{Combine, Source};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What an observer sees after every epoch.
///
/// ```
/// use closedform::search::darts::{DartsOptions, Epoch};
/// use closedform::{Dataset, FitControl, PrimitiveSet, StrategyKind, SymbolicRegressor};
/// use ndarray::{Array1, Array2};
/// let x = Array2::from_shape_fn((30, 1), |(i, _)| i as f64 / 10.0);
/// let data = Dataset::from_arrays(x.view(), x.column(0).mapv(f64::exp).view())?;
/// let mut seen = Vec::new();
/// let mut follow = |e: &Epoch| seen.push((e.restart, e.epoch, e.weights.len()));
/// let regressor = SymbolicRegressor::builder()
///     .primitives(PrimitiveSet::SEED)
///     .strategy(StrategyKind::Darts)
///     .darts(DartsOptions { epochs: 2, restarts: 1, ..DartsOptions::default() })
///     .build()?;
/// regressor.fit_with(&data, FitControl { epochs: Some(&mut follow), ..FitControl::default() })?;
/// assert_eq!(seen.len(), 2);
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Epoch {
    /// Number of the restart.
    pub restart: usize,
    /// Number of the epoch, from 1.
    pub epoch: usize,
    /// Loss on the last batch of the architecture step.
    pub loss: f64,
    /// Mixture weights, `edges x primitives`.
    pub weights: Vec<f64>,
}

/// Rows that calibration and loss reports look at, at most.
const CALIBRATION_ROWS: usize = 512;

/// Trains one supernet from a seed; `epochs` records the trajectory.
pub(crate) fn train(
    problem: &Problem<'_>,
    options: &DartsOptions,
    logistic_output: bool,
    restart: usize,
    start: Option<TrainedSupernet>,
    control: &Control,
) -> (TrainedSupernet, Vec<Epoch>, Vec<String>) {
    let mut rng = ChaCha8Rng::seed_from_u64(problem.seed);
    rng.set_stream(restart as u64 + 1);
    let (mut net, mut alpha, mut theta) = match start {
        Some(t) => (t.supernet, t.alpha, t.theta),
        None => fresh(problem, options, logistic_output, &mut rng),
    };
    let theta_count = theta.len();
    let mut batches = Batches::new(problem, options);
    let everything = batches.sample_all(problem);
    let mut masked = net.calibrate(&alpha, &theta, &everything);
    let mut adam =
        Adam::new(alpha.len(), options.arch_learning_rate, options.arch_weight_decay, options.arch_momentum);
    let mut epochs = Vec::new();
    let fresh_sgd =
        || Sgd::new(theta_count, options.param_momentum, options.param_weight_decay, options.grad_clip);
    let mut sgd = fresh_sgd();
    // One evaluation is one formula over the rows of a batch: a pass over the supernet is as many as an edge has
    // primitives, and a sweep with its way back about three passes.
    let sweep = 3 * net.layout.primitives() as u64;
    for epoch in 0..options.epochs {
        if control.is_stopped() {
            break;
        }
        let done = epoch as f64 / (options.epochs.max(2) - 1) as f64;
        net.temperature =
            options.temperature_start * (options.temperature_end / options.temperature_start).powf(done);
        shrink(&mut net, &alpha, options, epoch);
        if !options.unrolled_momentum {
            sgd = fresh_sgd();
        }
        let mut last = f64::NAN;
        for _ in 0..options.arch_updates {
            let validation = batches.next_arch(problem, &mut rng);
            let train = match options.order {
                Order::First => None,
                // The optimum of a single batch would be one of its noise.
                Order::Implicit => {
                    let sweeps = inner_optimum(
                        &net,
                        &alpha,
                        &mut theta,
                        &everything,
                        options.param_weight_decay,
                        options.inner_iterations,
                    );
                    control.count(sweeps * sweep);
                    None
                }
                Order::Unrolled | Order::Exact => Some(batches.next_param(problem, &mut rng)),
            };
            let architect = Architect {
                net: &net,
                train: train.as_ref().unwrap_or(&everything),
                validation: &validation,
            };
            let step = VirtualStep {
                rate: options.param_learning_rate_max,
                momentum: options.param_momentum,
                buffer: if options.unrolled_momentum { sgd.buffer() } else { &[] },
                decay: options.param_weight_decay,
                clip: options.grad_clip,
            };
            let mut found = architect.gradient(options.order, &alpha, &theta, &step);
            control.count(found.sweeps * sweep);
            add_fair_gradient(&net, options, &alpha, &mut found.gradient);
            decay_by_constants(&net, options, &mut alpha);
            adam.update(&mut alpha, &found.gradient);
            last = found.loss;
        }
        let param_updates = if options.order == Order::Implicit { 0 } else { options.param_updates };
        for step in 0..param_updates {
            let rate = cosine(
                options.param_learning_rate_max,
                options.param_learning_rate_min,
                step,
                options.param_updates,
            );
            let batch = batches.next_param(problem, &mut rng);
            let gradient = net.gradients(&alpha, &theta, &batch, Wanted::Theta).theta;
            control.count(sweep);
            sgd.update(&mut theta, &gradient, rate);
            let outputs =
                (0..net.layout.nodes).filter_map(|j| net.layout.output_weight(j)).chain(net.layout.bias());
            for i in outputs {
                theta[i] -= options.output_weight_decay * rate * theta[i];
            }
            if control.is_stopped() {
                break;
            }
        }
        masked.extend(net.calibrate(&alpha, &theta, &everything));
        let weights = (0..net.layout.edges()).flat_map(|e| net.edge_weights(&alpha, e)).collect();
        epochs.push(Epoch { restart, epoch: epoch + 1, loss: last, weights });
    }
    masked.sort_unstable();
    masked.dedup();
    let mut names: Vec<String> = masked.iter().map(|(_, o)| net.primitives()[*o].name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    (TrainedSupernet { supernet: net, alpha, theta }, epochs, names)
}

/// A supernet with random weights.
pub(crate) fn fresh(
    problem: &Problem<'_>,
    options: &DartsOptions,
    logistic_output: bool,
    rng: &mut ChaCha8Rng,
) -> (Supernet, Vec<f64>, Vec<f64>) {
    let multiplies = problem.space.combine != Combine::Sum;
    let net = Supernet::new(
        problem.space,
        problem.columns.len(),
        SupernetOptions {
            mixture: options.mixture,
            constant: options.constant.unwrap_or(multiplies),
            output_weights: options.output_weights.unwrap_or(multiplies),
            output_bias: options.output_bias.unwrap_or(multiplies),
            logistic_output,
            normalise: options.normalise,
            zero_centred: options.zero_centred,
        },
    );
    let alpha: Vec<f64> = (0..net.layout.alphas()).map(|_| 1e-3 * normal(rng)).collect();
    let theta = start_constants(&net, problem, options, rng);
    (net, alpha, theta)
}

/// A standard normal number (Box and Muller).
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let u: f64 = rng.random_range(f64::MIN_POSITIVE..1.0);
    let v: f64 = rng.random_range(0.0..std::f64::consts::TAU);
    (-2.0 * u.ln()).sqrt() * v.cos()
}

/// Uniform starts; the first constant of a primitive multiplies its input, so it is divided by the input's scale.
fn start_constants(
    net: &Supernet,
    problem: &Problem<'_>,
    options: &DartsOptions,
    rng: &mut ChaCha8Rng,
) -> Vec<f64> {
    let mut theta = vec![0.0; net.layout.thetas()];
    for node in 0..net.layout.nodes {
        for (edge, source) in net.layout.edges_of(node).zip(net.layout.sources(node)) {
            let scale = match source {
                Source::Input(i) => crate::data::scale_of(problem.columns[i]),
                _ => 1.0,
            };
            for o in 0..net.layout.primitives() {
                for (k, at) in net.layout.theta(edge, o).enumerate() {
                    let u = options.init_scale * rng.random_range(-1.0..1.0);
                    theta[at] = if k == 0 { u / scale } else { u };
                }
            }
        }
        if let Some(i) = net.layout.output_weight(node) {
            theta[i] = 1.0;
        }
    }
    theta
}

/// Keeps the strongest primitives of every edge at the start of a stage of progressive shrinking.
fn shrink(net: &mut Supernet, alpha: &[f64], options: &DartsOptions, epoch: usize) {
    let stages = options.shrink.len();
    if stages == 0 || epoch == 0 {
        return;
    }
    let stage = |e: usize| e * (stages + 1) / options.epochs.max(1);
    if stage(epoch) == stage(epoch - 1) {
        return;
    }
    let keep = options.shrink[stage(epoch) - 1];
    let p = net.layout.primitives();
    for edge in 0..net.layout.edges() {
        let mut order: Vec<usize> = (0..p).collect();
        order.sort_by(|a, b| alpha[edge * p + b].total_cmp(&alpha[edge * p + a]));
        for &o in order.iter().skip(keep) {
            net.active[edge * p + o] = false;
        }
    }
}

/// The zero-one loss of fair DARTS, `-w mean((sigmoid(alpha) - 1/2)^2)`, pushes mixture weights to 0 or 1.
fn add_fair_gradient(net: &Supernet, options: &DartsOptions, alpha: &[f64], gradient: &mut [f64]) {
    if options.mixture != MixtureKind::Sigmoid {
        return;
    }
    let cells = net.layout.edges() * net.layout.primitives();
    for i in 0..cells {
        let s = 1.0 / (1.0 + (-alpha[i]).exp());
        gradient[i] -= options.fair_loss_weight * 2.0 * (s - 0.5) * s * (1.0 - s) / cells as f64;
    }
}

/// Pulls down primitives with many constants; `none` is exempt.
fn decay_by_constants(net: &Supernet, options: &DartsOptions, alpha: &mut [f64]) {
    for edge in 0..net.layout.edges() {
        for (o, primitive) in net.primitives().iter().enumerate() {
            if primitive.name != "none" {
                let k = (1 + primitive.constants()) as f64;
                let pull = k * options.arch_weight_decay_df
                    + options.arch_weight_decay_base * net.layout.nodes as f64;
                alpha[net.layout.alpha(edge, o)] -= options.arch_learning_rate * pull;
            }
        }
    }
}

/// Shuffled passes over the rows of each level.
struct Batches {
    arch: Pass,
    param: Pass,
}

struct Pass {
    rows: Vec<usize>,
    at: usize,
    size: usize,
}

impl Pass {
    fn next(&mut self, problem: &Problem<'_>, rng: &mut ChaCha8Rng) -> Batch {
        if self.at == 0 {
            self.rows.shuffle(rng);
        }
        let end = (self.at + self.size).min(self.rows.len());
        let batch = Batch::gather(problem.columns, problem.target, problem.weights, &self.rows[self.at..end]);
        self.at = if end == self.rows.len() { 0 } else { end };
        batch
    }
}

impl Batches {
    fn new(problem: &Problem<'_>, options: &DartsOptions) -> Self {
        let all: Vec<usize> = (0..problem.target.len()).collect();
        let bilevel = options.bilevel && !problem.split.validation.is_empty();
        let (arch, param) = if bilevel {
            (problem.split.validation.clone(), problem.split.train.clone())
        } else {
            (all.clone(), all)
        };
        let pass = |rows: Vec<usize>| Pass { rows, at: 0, size: options.batch_size };
        Self { arch: pass(arch), param: pass(param) }
    }

    fn next_arch(&mut self, problem: &Problem<'_>, rng: &mut ChaCha8Rng) -> Batch {
        self.arch.next(problem, rng)
    }

    fn next_param(&mut self, problem: &Problem<'_>, rng: &mut ChaCha8Rng) -> Batch {
        self.param.next(problem, rng)
    }

    /// Evenly spread training rows, for calibration.
    fn sample_all(&self, problem: &Problem<'_>) -> Batch {
        let train = &problem.split.train;
        let n = train.len().min(CALIBRATION_ROWS);
        let rows: Vec<usize> = (0..n).map(|i| train[i * train.len() / n]).collect();
        Batch::gather(problem.columns, problem.target, problem.weights, &rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;
    use crate::search::darts::Order;
    use crate::search_space::{PrimitiveSet, SearchSpace};

    /// Trains on `y = 2 x1 + exp(x2)` with these options.
    fn run(combine: Combine, options: &DartsOptions) -> (TrainedSupernet, Vec<Epoch>) {
        let primitives = PrimitiveSet::parse("none, add, mult, exp, logistic").unwrap();
        let space = SearchSpace { primitives, nodes: 2, combine };
        let a: Vec<f64> = (0..60).map(|i| f64::from(i % 10) / 10.0).collect();
        let b: Vec<f64> = (0..60).map(|i| f64::from(i % 6) / 6.0).collect();
        let y: Vec<f64> = a.iter().zip(&b).map(|(a, b)| 2.0 * a + b.exp()).collect();
        let split = Split::random(60, 0.25, 1);
        let columns = [a.as_slice(), b.as_slice()];
        let problem =
            Problem { columns: &columns, target: &y, weights: None, split: &split, space: &space, seed: 3 };
        let (trained, epochs, _) = train(&problem, options, false, 0, None, &Control::unlimited());
        (trained, epochs)
    }

    fn brisk() -> DartsOptions {
        DartsOptions { epochs: 24, arch_learning_rate: 0.1, ..DartsOptions::default() }
    }

    /// Mean entropy of the mixtures of the last epoch.
    fn entropy(epochs: &[Epoch]) -> f64 {
        let weights = &epochs.last().unwrap().weights;
        weights.iter().filter(|w| **w > 0.0).map(|w| -w * w.ln()).sum::<f64>() * 5.0 / weights.len() as f64
    }

    #[test]
    fn every_order_lowers_the_validation_loss() {
        let mut ends: Vec<Vec<f64>> = Vec::new();
        for order in [Order::First, Order::Unrolled, Order::Exact, Order::Implicit] {
            let (trained, epochs) = run(Combine::Sum, &DartsOptions { order, ..brisk() });
            let last: f64 = epochs[20..].iter().map(|e| e.loss).sum::<f64>() / 4.0;
            assert!(last < 0.5 * epochs[0].loss, "{order:?} {} {last}", epochs[0].loss);
            ends.push(trained.alpha);
        }
        assert_ne!(ends[0], ends[1]);
        // The finite difference and the exact term lead to nearly the same place.
        let far = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(far(&ends[1], &ends[2]) < far(&ends[0], &ends[2]));
    }

    #[test]
    fn momentum_of_the_virtual_step_acts() {
        let unrolled = DartsOptions { order: Order::Exact, ..brisk() };
        let with = DartsOptions { unrolled_momentum: true, ..unrolled.clone() };
        assert_ne!(run(Combine::Sum, &unrolled).0.alpha, run(Combine::Sum, &with).0.alpha);
    }

    #[test]
    fn a_falling_temperature_sharpens_the_mixtures() {
        let (warm, constant) = run(Combine::Both, &brisk());
        let (cold, falling) = run(Combine::Both, &DartsOptions { temperature_end: 0.1, ..brisk() });
        assert_eq!((warm.supernet.temperature, cold.supernet.temperature), (1.0, 0.1));
        assert!(entropy(&falling) < 0.8 * entropy(&constant));
    }

    #[test]
    fn shrinking_leaves_the_primitives_of_the_last_stage() {
        let (trained, epochs) = run(Combine::Both, &DartsOptions { shrink: vec![4, 2], ..brisk() });
        let active = |weights: &[f64]| -> Vec<usize> {
            weights.chunks(5).map(|edge| edge.iter().filter(|w| **w > 0.0).count()).collect()
        };
        let edges = trained.supernet.layout.edges();
        assert_eq!(active(&epochs[7].weights), vec![5; edges]);
        assert_eq!(active(&epochs[8].weights), vec![4; edges]);
        assert_eq!(active(&epochs[23].weights), vec![2; edges]);
    }

    #[test]
    fn zero_centred_primitives_leave_no_residue() {
        for (zero_centred, silent) in [(true, true), (false, false)] {
            let (t, _) = run(Combine::Sum, &DartsOptions { zero_centred, epochs: 1, ..brisk() });
            let at_zero = Batch { columns: vec![vec![0.0]; 2], target: vec![0.0], weights: None };
            let f = t.supernet.evaluate(&t.alpha, &t.theta, &at_zero)[0];
            assert_eq!(f.abs() < 1e-14, silent, "{f}");
        }
    }
}
