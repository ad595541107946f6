//! The two optimisers of DARTS: Adam for architecture weights, SGD with momentum for constants.

/// Adam with L2 decay in the gradient (Kingma and Ba, 2015); second decay 0.999, epsilon 1e-8 unless said.
#[derive(Clone, Debug)]
pub(crate) struct Adam {
    rate: f64,
    decay: f64,
    beta1: f64,
    epsilon: f64,
    step: i32,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Adam {
    pub(crate) fn new(count: usize, rate: f64, decay: f64, beta1: f64) -> Self {
        Self { rate, decay, beta1, epsilon: 1e-8, step: 0, first: vec![0.0; count], second: vec![0.0; count] }
    }

    /// The same with another epsilon.
    pub(crate) fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    pub(crate) fn update(&mut self, x: &mut [f64], gradient: &[f64]) {
        const BETA2: f64 = 0.999;
        self.step += 1;
        let (c1, c2) = (1.0 - self.beta1.powi(self.step), 1.0 - BETA2.powi(self.step));
        for i in 0..x.len() {
            let g = gradient[i] + self.decay * x[i];
            self.first[i] = self.beta1 * self.first[i] + (1.0 - self.beta1) * g;
            self.second[i] = BETA2 * self.second[i] + (1.0 - BETA2) * g * g;
            x[i] -= self.rate * (self.first[i] / c1) / ((self.second[i] / c2).sqrt() + self.epsilon);
        }
    }
}

/// SGD with heavy-ball momentum, L2 decay in the gradient, and clipping of the gradient's norm.
#[derive(Clone, Debug)]
pub(crate) struct Sgd {
    momentum: f64,
    decay: f64,
    clip: f64,
    buffer: Vec<f64>,
}

impl Sgd {
    pub(crate) fn new(count: usize, momentum: f64, decay: f64, clip: f64) -> Self {
        Self { momentum, decay, clip, buffer: vec![0.0; count] }
    }

    /// The momentum buffer.
    pub(crate) fn buffer(&self) -> &[f64] {
        &self.buffer
    }

    pub(crate) fn update(&mut self, x: &mut [f64], gradient: &[f64], rate: f64) {
        let shorten = shortening(gradient, self.clip);
        for i in 0..x.len() {
            self.buffer[i] = self.momentum * self.buffer[i] + gradient[i] * shorten + self.decay * x[i];
            x[i] -= rate * self.buffer[i];
        }
    }
}

/// The factor that clips a gradient to a norm.
pub(crate) fn shortening(gradient: &[f64], clip: f64) -> f64 {
    let norm = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
    if norm > clip { clip / norm } else { 1.0 }
}

/// Cosine from `max` to `min` over `steps` steps.
pub(crate) fn cosine(max: f64, min: f64, step: usize, steps: usize) -> f64 {
    let phase = std::f64::consts::PI * step as f64 / steps.max(1) as f64;
    min + 0.5 * (max - min) * (1.0 + phase.cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_find_the_bottom_of_a_bowl() {
        let gradient = |x: &[f64]| vec![2.0 * (x[0] - 3.0), 20.0 * (x[1] + 1.0)];
        let (mut a, mut s) = (vec![0.0; 2], vec![0.0; 2]);
        let (mut adam, mut sgd) = (Adam::new(2, 0.05, 0.0, 0.9), Sgd::new(2, 0.9, 0.0, 5.0));
        for _ in 0..2000 {
            let g = gradient(&a);
            adam.update(&mut a, &g);
            let g = gradient(&s);
            sgd.update(&mut s, &g, 0.01);
        }
        for x in [a, s] {
            assert!((x[0] - 3.0).abs() < 1e-3 && (x[1] + 1.0).abs() < 1e-3, "{x:?}");
        }
    }

    #[test]
    fn cosine_ends() {
        assert!((cosine(1.0, 0.1, 0, 10) - 1.0).abs() < 1e-15);
        assert!((cosine(1.0, 0.1, 10, 10) - 0.1).abs() < 1e-15);
    }
}
