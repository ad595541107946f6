//! Sines and cosines of angles that grow by a step of their own, row by row, by vector instructions.

use crate::expr::vector_math::dispatch::{Job, Level};
use crate::expr::vector_math::{Arithmetic, sin_cos};

/// Rows of one vector, and lanes of a sum.
const LANES: usize = 8;

/// Sines and cosines on the rows, filled up to a whole number of vectors.
pub(super) struct Waves {
    sines: Vec<f64>,
    cosines: Vec<f64>,
}

impl Waves {
    /// Of these angles, in radians.
    pub(super) fn at(angles: impl Iterator<Item = f64>) -> Self {
        let mut angles: Vec<f64> = angles.collect();
        angles.resize(angles.len().next_multiple_of(LANES), 0.0);
        let (mut sines, mut cosines) = (vec![0.0; angles.len()], vec![0.0; angles.len()]);
        sin_cos(&angles, &mut sines, &mut cosines);
        Self { sines, cosines }
    }

    /// Every row times a number, and what fills up times 0, so that it does not count in sums.
    pub(super) fn scaled(mut self, by: &[f64]) -> Self {
        let by = by.iter().chain(std::iter::repeat(&0.0));
        for ((s, c), y) in self.sines.iter_mut().zip(&mut self.cosines).zip(by) {
            *s *= y;
            *c *= y;
        }
        self
    }

    /// The sums of sines and of cosines; then every angle grows by its step.
    pub(super) fn sum_and_turn(&mut self, step: &Self) -> (f64, f64) {
        let mut sums = (0.0, 0.0);
        Level::best().run(SumAndTurn { waves: self, step, sums: &mut sums });
        sums
    }
}

struct SumAndTurn<'a> {
    waves: &'a mut Waves,
    step: &'a Waves,
    sums: &'a mut (f64, f64),
}

impl Job for SumAndTurn<'_> {
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let (sines, _) = self.waves.sines.as_chunks_mut::<LANES>();
        let (cosines, _) = self.waves.cosines.as_chunks_mut::<LANES>();
        let (ds, _) = self.step.sines.as_chunks::<LANES>();
        let (dc, _) = self.step.cosines.as_chunks::<LANES>();
        let (mut sine, mut cosine) = ([0.0; LANES], [0.0; LANES]);
        for (((s, c), ds), dc) in sines.iter_mut().zip(cosines).zip(ds).zip(dc) {
            for i in 0..LANES {
                sine[i] += s[i];
                cosine[i] += c[i];
                (s[i], c[i]) =
                    (A::mul_add(s[i], dc[i], c[i] * ds[i]), A::mul_add(c[i], dc[i], -(s[i] * ds[i])));
            }
        }
        *self.sums = (sine.iter().sum(), cosine.iter().sum());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_grow_by_their_steps() {
        let (x, z): (Vec<f64>, Vec<f64>) = (0..13).map(|r| (0.3 * f64::from(r), 1.0 - f64::from(r))).unzip();
        let step = Waves::at(x.iter().copied());
        let mut now = Waves::at(z.iter().copied()).scaled(&[2.0; 13]);
        for turns in 0..5 {
            let angle = |r: usize| z[r] + f64::from(turns) * x[r];
            let sine: f64 = (0..13).map(|r| 2.0 * angle(r).sin()).sum();
            let cosine: f64 = (0..13).map(|r| 2.0 * angle(r).cos()).sum();
            let (s, c) = now.sum_and_turn(&step);
            assert!((s - sine).abs() < 1e-12 && (c - cosine).abs() < 1e-12, "{turns}: {s} {c}");
        }
    }
}
