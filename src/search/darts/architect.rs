//! The gradient with respect to the architecture weights, in four ways.
//!
//! DARTS solves `min_a L_val(w*(a), a)` with `w*(a) = argmin_w L_train(w, a)` (Liu, Simonyan, Yang, *DARTS*, ICLR
//! 2019, equations 3 and 4). How `dw*/da` is treated makes the difference:
//!
//! | [`Order`] | `w*(a)` is replaced by | gradient |
//! |---|---|---|
//! | `First` | `w` | `grad_a L_val(w, a)` |
//! | `Unrolled` | one step `w' = w - eta (mu m + grad_w L_train + decay w)` | `grad_a L_val(w', a) - eta d/dv grad_a L_train(w, a)` with `v = grad_w' L_val(w', a)`, the derivative along `v` by a central difference of `epsilon = 0.01 / \|v\|` (equations 7 and 8) |
//! | `Exact` | the same step | the same, the derivative along `v` by forward over forward: exact to rounding |
//! | `Implicit` | the optimum itself | `grad_a L_val - d/dq grad_a L_train` with `q = H_ww^-1 grad_w L_val` at `w*`, by the implicit function theorem (Lorraine, Vicol, Duvenaud, AISTATS 2020, theorem 1); `H_ww` is the Gauss-Newton matrix |
//!
//! `eta` is shortened by the same factor by which the gradient of the constants is clipped, as in the recurrent
//! search of the reference implementation.

use super::optimizer::shortening;
use crate::expr::{Dual, Number};
use crate::least_squares::Gram;
use crate::relaxation::{Batch, Supernet, Wanted};
use serde::{Deserialize, Serialize};

/// How much of the dependence of the constants on the architecture the gradient sees; see the module.
///
/// ```
/// use closedform::search::darts::{DartsOptions, Order};
/// let options = DartsOptions { order: Order::Exact, ..DartsOptions::default() };
/// assert!(options.check().is_ok());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// First order: constants count as fixed.
    #[default]
    First,
    /// Second order through one step on the constants, its Hessian product by finite differences.
    Unrolled,
    /// The same with the exact Hessian product.
    Exact,
    /// Second order through the optimum of the constants.
    Implicit,
}

/// Step length of the finite difference, before it is divided by the norm of the direction.
const EPSILON: f64 = 0.01;

/// Damping of the Gauss-Newton matrix where it has to be inverted: constants of primitives with little weight
/// hardly act, and the matrix is close to singular in them.
const DAMPING: f64 = 1e-3;

/// The two levels of the problem at one point of the architecture weights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Architect<'a> {
    pub(crate) net: &'a Supernet,
    pub(crate) train: &'a Batch,
    pub(crate) validation: &'a Batch,
}

/// The step on the constants that the unrolled gradient looks through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VirtualStep<'a> {
    /// Its length, before clipping.
    pub(crate) rate: f64,
    /// Factor of the momentum buffer.
    pub(crate) momentum: f64,
    /// The momentum buffer of the optimiser; empty for none.
    pub(crate) buffer: &'a [f64],
    /// L2 decay.
    pub(crate) decay: f64,
    /// Largest norm of the gradient.
    pub(crate) clip: f64,
}

/// An architecture gradient.
#[derive(Clone, Debug)]
pub(crate) struct ArchitectureGradient {
    /// Validation loss where it was taken.
    pub(crate) loss: f64,
    pub(crate) gradient: Vec<f64>,
    /// Sweeps over a supernet that it cost.
    pub(crate) sweeps: u64,
}

impl Architect<'_> {
    /// The gradient of the given order. For `Implicit`, `theta` is the optimum on the training rows.
    pub(crate) fn gradient(
        &self,
        order: Order,
        alpha: &[f64],
        theta: &[f64],
        step: &VirtualStep<'_>,
    ) -> ArchitectureGradient {
        match order {
            Order::First => {
                let g = self.net.gradients(alpha, theta, self.validation, Wanted::Alpha);
                ArchitectureGradient { loss: g.loss, gradient: g.alpha, sweeps: 1 }
            }
            Order::Unrolled | Order::Exact => self.unrolled(order, alpha, theta, step),
            Order::Implicit => self.implicit(alpha, theta, step.decay),
        }
    }

    fn unrolled(
        &self,
        order: Order,
        alpha: &[f64],
        theta: &[f64],
        step: &VirtualStep<'_>,
    ) -> ArchitectureGradient {
        let inner = self.net.gradients(alpha, theta, self.train, Wanted::Theta).theta;
        let shorten = shortening(&inner, step.clip);
        let ahead: Vec<f64> = (0..theta.len())
            .map(|i| {
                let momentum = step.buffer.get(i).map_or(0.0, |m| step.momentum * m);
                theta[i] - step.rate * (momentum + shorten * inner[i] + step.decay * theta[i])
            })
            .collect();
        let outer = self.net.gradients(alpha, &ahead, self.validation, Wanted::Both);
        let (mixed, sweeps) = match order {
            Order::Exact => (self.mixed_exact(alpha, theta, &outer.theta), 4),
            _ => (self.mixed_difference(alpha, theta, &outer.theta, EPSILON), 4),
        };
        let eta = step.rate * shorten;
        let gradient = outer.alpha.iter().zip(&mixed).map(|(d, h)| d - eta * h).collect();
        ArchitectureGradient { loss: outer.loss, gradient, sweeps }
    }

    fn implicit(&self, alpha: &[f64], theta: &[f64], decay: f64) -> ArchitectureGradient {
        let outer = self.net.gradients(alpha, theta, self.validation, Wanted::Both);
        let (_, hessian, _) = inner_model(self.net, alpha, theta, self.train, decay);
        let mixed = match Gram::solve(&hessian, &outer.theta, DAMPING) {
            Some(q) => self.mixed_exact(alpha, theta, &q),
            None => vec![0.0; alpha.len()],
        };
        let gradient = outer.alpha.iter().zip(&mixed).map(|(d, h)| d - h).collect();
        ArchitectureGradient { loss: outer.loss, gradient, sweeps: 5 }
    }

    /// `d/dv grad_a L_train(w, a)` by one sweep in dual numbers.
    pub(crate) fn mixed_exact(&self, alpha: &[f64], theta: &[f64], v: &[f64]) -> Vec<f64> {
        if norm(v) == 0.0 {
            return vec![0.0; alpha.len()];
        }
        let alpha: Vec<Dual> = alpha.iter().map(|a| Dual::constant(*a)).collect();
        let theta: Vec<Dual> = theta.iter().zip(v).map(|(x, v)| Dual::new(*x, *v)).collect();
        let sweep = self.net.gradients(&alpha, &theta, self.train, Wanted::Alpha);
        let finite = |d: f64| if d.is_finite() { d } else { 0.0 };
        sweep.alpha.into_iter().map(|g| finite(g.derivative())).collect()
    }

    /// The same by a central difference around `w` with the step `epsilon / |v|`.
    pub(crate) fn mixed_difference(&self, alpha: &[f64], theta: &[f64], v: &[f64], epsilon: f64) -> Vec<f64> {
        let length = norm(v);
        // The reference implementation divides by zero here: a validation loss that is flat in the constants.
        if length == 0.0 || !length.is_finite() {
            return vec![0.0; alpha.len()];
        }
        let step = epsilon / length;
        let at = |sign: f64| {
            let moved: Vec<f64> = theta.iter().zip(v).map(|(x, v)| x + sign * step * v).collect();
            self.net.gradients(alpha, &moved, self.train, Wanted::Alpha).alpha
        };
        at(1.0).iter().zip(at(-1.0)).map(|(p, m)| (p - m) / (2.0 * step)).collect()
    }
}

fn norm(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// Value of `L_train + decay/2 |w|^2`, its Gauss-Newton matrix and its gradient.
fn inner_model(
    net: &Supernet,
    alpha: &[f64],
    theta: &[f64],
    train: &Batch,
    decay: f64,
) -> (f64, Vec<f64>, Vec<f64>) {
    let p = theta.len();
    let (output, jacobian) = net.jacobian(alpha, theta, train);
    let mut hessian = vec![0.0; p * p];
    let mut gradient: Vec<f64> = theta.iter().map(|x| decay * x).collect();
    let mut loss = 0.5 * decay * theta.iter().map(|x| x * x).sum::<f64>();
    for (i, f) in output.iter().enumerate() {
        let scale = train.weight(i) / train.total_weight();
        let r = f - train.target[i];
        loss += scale * r * r;
        let row = &jacobian[i * p..(i + 1) * p];
        for (a, ja) in row.iter().enumerate() {
            if *ja == 0.0 {
                continue;
            }
            gradient[a] += 2.0 * scale * r * ja;
            for (b, jb) in row[..=a].iter().enumerate() {
                hessian[a * p + b] += 2.0 * scale * ja * jb;
            }
        }
    }
    for a in 0..p {
        hessian[a * p + a] += decay;
        for b in 0..a {
            hessian[b * p + a] = hessian[a * p + b];
        }
    }
    (loss, hessian, gradient)
}

/// Minimises `L_train + decay/2 |w|^2` over the constants by Levenberg-Marquardt; returns the sweeps it cost.
pub(crate) fn inner_optimum(
    net: &Supernet,
    alpha: &[f64],
    theta: &mut Vec<f64>,
    train: &Batch,
    decay: f64,
    iterations: usize,
) -> u64 {
    let regularised = |theta: &[f64]| {
        net.loss(alpha, theta, train) + 0.5 * decay * theta.iter().map(|x| x * x).sum::<f64>()
    };
    let mut damping = 1e-2;
    let (mut loss, mut hessian, mut gradient) = inner_model(net, alpha, theta, train, decay);
    let mut sweeps = 1;
    for _ in 0..iterations {
        let Some(step) = Gram::solve(&hessian, &gradient, damping) else {
            damping = f64::max(damping * 10.0, 1e-8);
            continue;
        };
        let point: Vec<f64> = theta.iter().zip(&step).map(|(x, s)| x - s).collect();
        let trial = regularised(&point);
        sweeps += 1;
        if trial < loss {
            let settled = loss - trial < 1e-12 * loss;
            *theta = point;
            damping = (damping / 5.0).max(1e-12);
            (loss, hessian, gradient) = inner_model(net, alpha, theta, train, decay);
            sweeps += 1;
            if settled {
                break;
            }
        } else {
            damping *= 8.0;
        }
    }
    sweeps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relaxation::{MixtureKind, SupernetOptions};
    use crate::search_space::{Combine, PrimitiveSet, SearchSpace};

    fn net(
        primitives: &str,
        nodes: usize,
        inputs: usize,
        combine: Combine,
        mixture: MixtureKind,
    ) -> Supernet {
        let primitives = PrimitiveSet::parse(primitives).unwrap();
        let options = SupernetOptions {
            mixture,
            constant: combine != Combine::Sum,
            output_weights: combine != Combine::Sum,
            output_bias: combine != Combine::Sum,
            logistic_output: false,
            normalise: false,
            zero_centred: false,
        };
        Supernet::new(&SearchSpace { primitives, nodes, combine }, inputs, options)
    }

    fn wave(n: usize, f: f64) -> Vec<f64> {
        (0..n).map(|i| (i as f64 * f).sin()).collect()
    }

    fn step(rate: f64) -> VirtualStep<'static> {
        VirtualStep { rate, momentum: 0.0, buffer: &[], decay: 0.0, clip: f64::INFINITY }
    }

    /// One architecture weight and one constant: `f(x) = s(a) w x`, one training row `(1, t)`, one validation row
    /// `(1, u)`, so that `L_train = (s w - t)^2` and `L_val = (s w - u)^2`.
    #[test]
    fn a_bilevel_problem_by_hand() {
        let net = net("mult", 1, 1, Combine::Sum, MixtureKind::Sigmoid);
        assert_eq!((net.layout.alphas(), net.layout.thetas()), (1, 1));
        let (a, w, t, u, eta) = (0.4f64, 1.7, 2.0, 3.0, 0.05);
        let row = |y: f64| Batch { columns: vec![vec![1.0]], target: vec![y], weights: None };
        let (train, validation) = (row(t), row(u));
        let architect = Architect { net: &net, train: &train, validation: &validation };
        let s = 1.0 / (1.0 + (-a).exp());
        let slope = s * (1.0 - s);
        let of =
            |order: Order, step: &VirtualStep<'_>| architect.gradient(order, &[a], &[w], step).gradient[0];

        // First order: dL_val/da at fixed w.
        assert!((of(Order::First, &step(eta)) - 2.0 * (s * w - u) * slope * w).abs() < 1e-13);

        // w' = w - eta 2 s (s w - t), so dw'/da = -2 eta s'(2 s w - t); total derivative of (s w' - u)^2.
        let ahead = w - eta * 2.0 * s * (s * w - t);
        let total = 2.0 * (s * ahead - u) * (slope * ahead + s * (-2.0 * eta * slope * (2.0 * s * w - t)));
        assert!((of(Order::Exact, &step(eta)) - total).abs() < 1e-13);
        // grad_a L_train is quadratic in w, so the central difference has no error but rounding.
        assert!((of(Order::Unrolled, &step(eta)) - total).abs() < 1e-11);

        // Momentum and decay move the point that is looked at: w' = w - eta (mu m + grad + decay w).
        let with = VirtualStep { momentum: 0.9, buffer: &[0.3], decay: 0.1, ..step(eta) };
        let ahead = w - eta * (0.9 * 0.3 + 2.0 * s * (s * w - t) + 0.1 * w);
        let total = 2.0 * (s * ahead - u) * (slope * ahead + s * (-2.0 * eta * slope * (2.0 * s * w - t)));
        for order in [Order::Exact, Order::Unrolled] {
            assert!((of(order, &with) - total).abs() < 1e-11, "{order:?}");
        }

        // At the optimum s w* = t whatever s is, so the validation loss does not depend on a at all.
        let optimum = architect.implicit(&[a], &[t / s], 0.0).gradient[0];
        assert!(optimum.abs() < 1e-2 * (2.0 * (t - u) * slope * t / s).abs(), "{optimum}");
    }

    #[test]
    fn difference_and_exact_term_agree_to_the_order_of_epsilon() {
        for combine in [Combine::Sum, Combine::Product, Combine::Both] {
            let net = net("none, mult, linear_exp, linear_tanh", 2, 2, combine, MixtureKind::Softmax);
            let (alpha, theta) = (wave(net.layout.alphas(), 0.7), wave(net.layout.thetas(), 1.3));
            let batch = |f: f64| Batch {
                columns: vec![wave(20, 0.4 * f), wave(20, 0.9 * f)],
                target: wave(20, 2.0 * f),
                weights: None,
            };
            let (train, validation) = (batch(1.0), batch(1.1));
            let architect = Architect { net: &net, train: &train, validation: &validation };
            let v = net.gradients(&alpha, &theta, &validation, Wanted::Theta).theta;
            let exact = architect.mixed_exact(&alpha, &theta, &v);
            let size = norm(&exact);
            assert!(size > 0.0);
            let error = |epsilon: f64| {
                let d = architect.mixed_difference(&alpha, &theta, &v, epsilon);
                norm(&d.iter().zip(&exact).map(|(d, e)| d - e).collect::<Vec<f64>>()) / size
            };
            // A central difference: the error falls with the square of the step.
            assert!(error(EPSILON) < EPSILON, "{combine:?} {}", error(EPSILON));
            let ratio = error(0.04) / error(0.02);
            assert!((3.5..4.5).contains(&ratio), "{combine:?} {ratio}");
        }
    }

    #[test]
    fn a_flat_validation_loss_gives_no_second_term() {
        let net = net("mult", 1, 1, Combine::Sum, MixtureKind::Sigmoid);
        let batch = Batch { columns: vec![vec![0.0]], target: vec![1.0], weights: None };
        let architect = Architect { net: &net, train: &batch, validation: &batch };
        for order in [Order::First, Order::Unrolled, Order::Exact, Order::Implicit] {
            assert_eq!(architect.gradient(order, &[0.1], &[2.0], &step(0.1)).gradient, [0.0], "{order:?}");
        }
    }

    /// The implicit gradient against differences of `L_val(w*(a), a)` with the inner problem solved each time. The
    /// supernet is linear in its constants, so that the Gauss-Newton matrix is the Hessian.
    #[test]
    fn the_implicit_gradient_follows_the_optimum() {
        let net = net("none, add, mult", 1, 2, Combine::Sum, MixtureKind::Softmax);
        let alpha = wave(net.layout.alphas(), 0.7);
        let batch = |f: f64| Batch {
            columns: vec![wave(30, 0.4 * f), wave(30, 0.9 * f)],
            target: wave(30, 2.0 * f).iter().zip(wave(30, 0.9 * f)).map(|(a, b)| a + 3.0 * b).collect(),
            weights: None,
        };
        let (train, validation) = (batch(1.0), batch(1.7));
        let decay = 0.1;
        let solve = |alpha: &[f64]| {
            let mut theta = vec![0.1; net.layout.thetas()];
            inner_optimum(&net, alpha, &mut theta, &train, decay, 50);
            theta
        };
        let architect = Architect { net: &net, train: &train, validation: &validation };
        let got = architect.implicit(&alpha, &solve(&alpha), decay);
        for i in 0..alpha.len() {
            let at = |h: f64| {
                let mut a = alpha.clone();
                a[i] += h;
                net.loss(&a, &solve(&a), &validation)
            };
            let want = (at(1e-4) - at(-1e-4)) / 2e-4;
            // Within the damping of the matrix.
            assert!(
                (got.gradient[i] - want).abs() < 5e-3 * (1.0 + want.abs()),
                "{i} {} {want}",
                got.gradient[i]
            );
        }
    }
}
