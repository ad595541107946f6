//! Variable projection: nonlinear least squares for models that are linear in part of their constants.
//!
//! For `f(x; theta, c) = sum_k c_k b_k(x; theta)` the best coefficients `c` follow from the nonlinear constants
//! `theta` by linear least squares, so only `theta` has to be searched. Levenberg-Marquardt runs on the projected
//! residual with Kaufman's Jacobian `P (dB/dtheta) c`, where `P` projects onto what the basis functions cannot
//! reach. Multi-start searches converge far more often than with all constants in one vector, and a start needs
//! no values for the coefficients.
//!
//! References: Golub and Pereyra, SIAM J. Numer. Anal. 10 (1973) 413; Kaufman, BIT 15 (1975) 49.

use super::{Gram, dot, subtract};

/// A model `sum_k c_k b_k(x; theta)` whose nonlinear constants each belong to one basis function.
pub(crate) trait SeparableModel {
    /// Number of rows.
    fn rows(&self) -> usize;

    /// Number of basis functions.
    fn bases(&self) -> usize;

    /// Per nonlinear constant, the basis function that it changes.
    fn owners(&self) -> &[usize];

    /// Writes the basis functions (one after the other, each over all rows) and, where `derivatives` is not
    /// empty, the derivative of its basis function by each nonlinear constant, laid out alike.
    fn evaluate(&mut self, parameters: &[f64], bases: &mut [f64], derivatives: &mut [f64]);

    /// Moves a trial point back to where the model makes sense.
    fn confine(&self, _parameters: &mut [f64]) {}
}

/// When to stop, and how to damp.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VarProOptions {
    /// Most trial points.
    pub(crate) iterations: usize,
    /// First damping, relative to the diagonal of `J^T J`.
    pub(crate) damping: f64,
    /// Largest change of one constant in one step.
    pub(crate) step: f64,
    /// Give up when ten trial points lower the cost by less than this fraction...
    pub(crate) progress: f64,
    /// ...while it is above this fraction of the weighted sum of squares of the target.
    pub(crate) good: f64,
    /// Stop below this fraction of the weighted sum of squares of the target.
    pub(crate) exact: f64,
}

impl Default for VarProOptions {
    fn default() -> Self {
        Self { iterations: 50, damping: 1e-2, step: 1.0, progress: 0.3, good: 1e-8, exact: 1e-28 }
    }
}

/// Where the iteration ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VarProFit {
    /// The nonlinear constants.
    pub(crate) parameters: Vec<f64>,
    /// The coefficients of the basis functions.
    pub(crate) coefficients: Vec<f64>,
    /// The weighted sum of squared residuals; infinite where the start had no finite value.
    pub(crate) cost: f64,
    /// Evaluations of the model.
    pub(crate) evaluations: usize,
}

/// Minimises `sum_i r_i^2 (target_i - f(x_i))^2`, `r` being the square roots of the row weights. Never returns a
/// worse point than the start, nor a NaN.
pub(crate) fn variable_projection(
    model: &mut impl SeparableModel,
    target: &[f64],
    root_weights: Option<&[f64]>,
    start: &[f64],
    options: &VarProOptions,
) -> VarProFit {
    let p = start.len();
    let total: f64 =
        (0..target.len()).map(|i| (root_weights.map_or(1.0, |w| w[i]) * target[i]).powi(2)).sum();
    let mut state = Projection::new(model.rows(), model.bases(), p, target, root_weights);
    let mut trial = Projection::new(model.rows(), model.bases(), p, target, root_weights);
    let mut parameters = start.to_vec();
    model.confine(&mut parameters);
    state.evaluate(model, &parameters);
    let mut evaluations = 1;
    let mut damping = options.damping;
    let mut milestone = state.cost;
    if p > 0 && state.cost.is_finite() {
        state.normal_equations(model.owners());
        for iteration in 1..=options.iterations {
            if state.cost <= options.exact * total {
                break;
            }
            if iteration % 10 == 0 {
                if state.cost > options.good * total && state.cost > (1.0 - options.progress) * milestone {
                    break;
                }
                milestone = state.cost;
            }
            let mut accepted = false;
            if let Some(step) = Gram::solve(&state.jtj, &state.jtr, damping) {
                let mut point: Vec<f64> = parameters
                    .iter()
                    .zip(&step)
                    .map(|(x, s)| x + s.clamp(-options.step, options.step))
                    .collect();
                model.confine(&mut point);
                trial.evaluate(model, &point);
                evaluations += 1;
                if trial.cost < state.cost {
                    let fall = 1.0 - trial.cost / state.cost;
                    std::mem::swap(&mut state, &mut trial);
                    parameters = point;
                    if fall < 1e-10 {
                        break;
                    }
                    state.normal_equations(model.owners());
                    accepted = true;
                }
            }
            damping = if accepted { (damping * 0.2).max(1e-14) } else { damping * 5.0 };
            if damping > 1e8 {
                break;
            }
        }
    }
    VarProFit { parameters, coefficients: state.coefficients, cost: state.cost, evaluations }
}

/// The projected problem at one point.
struct Projection<'a> {
    rows: usize,
    target: &'a [f64],
    root_weights: Option<&'a [f64]>,
    /// Orthonormal basis of the span of the basis functions.
    bases: Vec<f64>,
    kept: Vec<bool>,
    triangle: Vec<f64>,
    derivatives: Vec<f64>,
    residual: Vec<f64>,
    coefficients: Vec<f64>,
    cost: f64,
    jtj: Vec<f64>,
    jtr: Vec<f64>,
}

impl<'a> Projection<'a> {
    fn new(rows: usize, k: usize, p: usize, target: &'a [f64], root_weights: Option<&'a [f64]>) -> Self {
        Self {
            rows,
            target,
            root_weights,
            bases: vec![0.0; rows * k],
            kept: vec![false; k],
            triangle: vec![0.0; k * k],
            derivatives: vec![0.0; rows * p],
            residual: vec![0.0; rows],
            coefficients: vec![0.0; k],
            cost: f64::INFINITY,
            jtj: vec![0.0; p * p],
            jtr: vec![0.0; p],
        }
    }

    /// Coefficients, residual and cost.
    fn evaluate(&mut self, model: &mut impl SeparableModel, parameters: &[f64]) {
        let (n, k) = (self.rows, self.kept.len());
        model.evaluate(parameters, &mut self.bases, &mut self.derivatives);
        if let Some(w) = self.root_weights {
            for column in self.bases.chunks_exact_mut(n) {
                column.iter_mut().zip(w).for_each(|(b, w)| *b *= w);
            }
            for (r, (t, w)) in self.residual.iter_mut().zip(self.target.iter().zip(w)) {
                *r = t * w;
            }
        } else {
            self.residual.copy_from_slice(self.target);
        }
        self.triangle.fill(0.0);
        let mut projections = vec![0.0; k];
        for (j, projection) in projections.iter_mut().enumerate() {
            let (before, rest) = self.bases.split_at_mut(j * n);
            let column = &mut rest[..n];
            let norm = dot(column, column).sqrt();
            if !norm.is_finite() {
                self.cost = f64::INFINITY;
                return;
            }
            for _ in 0..2 {
                for i in (0..j).filter(|i| self.kept[*i]) {
                    let q = &before[i * n..(i + 1) * n];
                    let d = dot(q, column);
                    self.triangle[i * k + j] += d;
                    subtract(column, d, q);
                }
            }
            let rest = dot(column, column).sqrt();
            // A column that adds nothing to those before it gets coefficient 0.
            self.kept[j] = rest > 1e-11 * norm && norm > 1e-250;
            if self.kept[j] {
                column.iter_mut().for_each(|x| *x /= rest);
                self.triangle[j * k + j] = rest;
                *projection = dot(column, &self.residual);
                subtract(&mut self.residual, *projection, column);
            }
        }
        for j in (0..k).rev() {
            self.coefficients[j] = 0.0;
            if self.kept[j] {
                let sum: f64 = (j + 1..k).map(|i| self.triangle[j * k + i] * self.coefficients[i]).sum();
                self.coefficients[j] = (projections[j] - sum) / self.triangle[j * k + j];
            }
        }
        let cost = dot(&self.residual, &self.residual);
        let finite = cost.is_finite() && self.coefficients.iter().all(|c| c.is_finite());
        self.cost = if finite { cost } else { f64::INFINITY };
    }

    /// `J^T J` and `J^T r` of the projected Jacobian, the sign such that the step is added.
    fn normal_equations(&mut self, owners: &[usize]) {
        let (n, p) = (self.rows, owners.len());
        for (j, &owner) in owners.iter().enumerate() {
            let column = &mut self.derivatives[j * n..(j + 1) * n];
            let c = self.coefficients[owner];
            match self.root_weights {
                Some(w) => column.iter_mut().zip(w).for_each(|(d, w)| *d *= c * w),
                None => column.iter_mut().for_each(|d| *d *= c),
            }
            for (i, q) in self.bases.chunks_exact(n).enumerate() {
                if self.kept[i] {
                    let d = dot(q, column);
                    subtract(column, d, q);
                }
            }
        }
        for a in 0..p {
            let ca = &self.derivatives[a * n..(a + 1) * n];
            self.jtr[a] = dot(ca, &self.residual);
            for b in 0..=a {
                let s = dot(ca, &self.derivatives[b * n..(b + 1) * n]);
                self.jtj[a * p + b] = s;
                self.jtj[b * p + a] = s;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `c0 + c1 exp(-k x) + c2 x^p`.
    struct Decay(Vec<f64>);

    impl SeparableModel for Decay {
        fn rows(&self) -> usize {
            self.0.len()
        }
        fn bases(&self) -> usize {
            3
        }
        fn owners(&self) -> &[usize] {
            &[1, 2]
        }
        fn evaluate(&mut self, p: &[f64], bases: &mut [f64], derivatives: &mut [f64]) {
            let n = self.0.len();
            for (i, x) in self.0.iter().enumerate() {
                bases[i] = 1.0;
                bases[n + i] = (-p[0] * x).exp();
                bases[2 * n + i] = x.powf(p[1]);
                if !derivatives.is_empty() {
                    derivatives[i] = -x * bases[n + i];
                    derivatives[n + i] = x.ln() * bases[2 * n + i];
                }
            }
        }
    }

    fn data() -> (Vec<f64>, Vec<f64>) {
        let x: Vec<f64> = (1..60).map(|i| f64::from(i) * 0.07).collect();
        let y = x.iter().map(|x| 0.5 - 2.0 * (-1.3 * x).exp() + 0.25 * x.powf(1.7)).collect();
        (x, y)
    }

    #[test]
    fn finds_rate_power_and_coefficients() {
        let (x, y) = data();
        let fit = variable_projection(&mut Decay(x), &y, None, &[0.9, 1.4], &VarProOptions::default());
        for (got, want) in fit.parameters.iter().zip([1.3, 1.7]) {
            assert!((got - want).abs() < 1e-7, "{fit:?}");
        }
        for (got, want) in fit.coefficients.iter().zip([0.5, -2.0, 0.25]) {
            assert!((got - want).abs() < 1e-6, "{fit:?}");
        }
    }

    /// `J^T r` is minus half the derivative of the projected cost; Kaufman's approximation drops nothing there.
    #[test]
    fn gradient_agrees_with_finite_differences() {
        let (x, y) = data();
        let weights: Vec<f64> = (0..x.len()).map(|i| 1.0 + 0.01 * i as f64).collect();
        let mut model = Decay(x);
        let mut at = |p: [f64; 2]| {
            let mut s = Projection::new(y.len(), 3, 2, &y, Some(&weights));
            s.evaluate(&mut model, &p);
            s.normal_equations(&[1, 2]);
            (s.cost, s.jtr)
        };
        let p = [0.7, 1.2];
        let (_, jtr) = at(p);
        for j in 0..2 {
            let h = 1e-5;
            let (mut up, mut down) = (p, p);
            up[j] += h;
            down[j] -= h;
            let slope = (at(up).0 - at(down).0) / (2.0 * h);
            assert!((slope + 2.0 * jtr[j]).abs() < 1e-6 * slope.abs().max(1e-3), "{slope} {jtr:?}");
        }
    }

    #[test]
    fn a_repeated_basis_function_gets_zero() {
        struct Twice(Vec<f64>);
        impl SeparableModel for Twice {
            fn rows(&self) -> usize {
                self.0.len()
            }
            fn bases(&self) -> usize {
                2
            }
            fn owners(&self) -> &[usize] {
                &[]
            }
            fn evaluate(&mut self, _: &[f64], bases: &mut [f64], _: &mut [f64]) {
                let n = self.0.len();
                bases[..n].copy_from_slice(&self.0);
                bases[n..].copy_from_slice(&self.0);
            }
        }
        let fit = variable_projection(
            &mut Twice(vec![1.0, 2.0]),
            &[3.0, 6.0],
            None,
            &[],
            &VarProOptions::default(),
        );
        assert!((fit.coefficients[0] - 3.0).abs() < 1e-14 && fit.coefficients[1] == 0.0);
    }
}
