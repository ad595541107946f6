//! Functions seen modulo a linear span: projection without projecting.
//!
//! To ask "is `v` a linear combination of D and something else", what counts is the part of `v` orthogonal to D.
//! Three fixed generic vectors are projected once; their scalar products with `v` are then the coordinates of
//! that part in three generic directions ([`Frame::sketch`]). All three vanish exactly when `v` lies in span D;
//! and two functions whose sketches are proportional are proportional modulo D. So a test of `v` costs three
//! scalar products however large D is, and finding all proportional pairs among a million functions is one sort.

use crate::expr::vector_math::Arithmetic;
use crate::expr::vector_math::dispatch::{Job, Level};
use crate::least_squares::{dot, project_out};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A function in span D has a sketch below this fraction of its size.
const IN_SPAN: f64 = 3e-13;

/// A linear span and three generic vectors orthogonal to it.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    basis: Vec<Vec<f64>>,
    probes: [Vec<f64>; 3],
}

/// Coordinates of the part of a function that is orthogonal to the frame's span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sketch {
    pub(super) at: [f64; 3],
    /// Root of the sum of squares of the function itself.
    pub(super) norm: f64,
}

impl Sketch {
    fn size(&self) -> f64 {
        self.at[0].hypot(self.at[1]).hypot(self.at[2])
    }

    /// Whether the function lies in the span.
    pub(super) fn vanishes(&self) -> bool {
        self.size() <= IN_SPAN * self.norm
    }

    /// The direction of the sketch up to sign as two angles, with the uncertainty of both from rounding. `None`
    /// where rounding leaves nothing of it.
    pub(super) fn direction(&self) -> Option<Direction> {
        let size = self.size();
        let error = 4e-16 * self.norm / size;
        if !(error < 1e-7) {
            return None;
        }
        let [a, b, c] = self.at;
        let first = (a / b).atan();
        let second = (c / a.hypot(b) * if b < 0.0 { -1.0 } else { 1.0 }).atan();
        Some(Direction { first, second, error })
    }
}

/// A direction in the space modulo the span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Direction {
    pub(super) first: f64,
    pub(super) second: f64,
    pub(super) error: f64,
}

impl Direction {
    /// How far two angles may lie apart in equal functions.
    pub(super) fn tolerance(&self) -> f64 {
        1e-11 + 30.0 * self.error
    }
}

impl Frame {
    /// The span of some columns.
    pub(super) fn new<'a>(rows: usize, columns: impl IntoIterator<Item = &'a [f64]>) -> Self {
        let mut frame = Self { basis: Vec::new(), probes: [const { Vec::new() }; 3] };
        for c in columns {
            frame.push(c);
        }
        frame.finish(rows);
        frame
    }

    /// A larger span.
    pub(super) fn with<'a>(&self, columns: impl IntoIterator<Item = &'a [f64]>) -> Self {
        let rows = self.probes[0].len();
        let mut frame = self.clone();
        for c in columns {
            frame.push(c);
        }
        frame.finish(rows);
        frame
    }

    /// Dimension of the span.
    pub(super) fn dimension(&self) -> usize {
        self.basis.len()
    }

    /// Adds a column; false if it lies in the span already.
    pub(super) fn push(&mut self, column: &[f64]) -> bool {
        let norm = dot(column, column).sqrt();
        if !(norm > 0.0 && norm.is_finite()) {
            return false;
        }
        let mut v: Vec<f64> = column.iter().map(|x| x / norm).collect();
        self.remove_span(&mut v);
        let rest = dot(&v, &v).sqrt();
        if rest < 1e-12 {
            return false;
        }
        v.iter_mut().for_each(|x| *x /= rest);
        self.remove_span(&mut v);
        let rest = dot(&v, &v).sqrt();
        v.iter_mut().for_each(|x| *x /= rest);
        self.basis.push(v);
        true
    }

    /// Subtracts the projection on the span.
    pub(super) fn remove_span(&self, v: &mut [f64]) {
        project_out(&self.basis, v);
    }

    /// Projects the probes; after this the frame is ready.
    pub(super) fn finish(&mut self, rows: usize) {
        let mut rng = ChaCha8Rng::seed_from_u64(0x5eed);
        for k in 0..3 {
            let mut v: Vec<f64> =
                (0..rows).map(|_| f64::from(rng.next_u32()) / f64::from(u32::MAX) - 0.5).collect();
            self.remove_span(&mut v);
            self.remove_span(&mut v);
            self.probes[k] = v;
        }
    }

    /// The probes.
    pub(super) fn probes(&self) -> &[Vec<f64>; 3] {
        &self.probes
    }

    /// Where a function points modulo the span.
    #[inline]
    pub(super) fn sketch(&self, v: &[f64]) -> Sketch {
        sketch(&self.probes, v)
    }

    /// The size of a function's part outside of the span, relative to its own.
    pub(super) fn distance(&self, v: &[f64]) -> f64 {
        let norm = dot(v, v).sqrt();
        let mut rest = v.to_vec();
        self.remove_span(&mut rest);
        self.remove_span(&mut rest);
        dot(&rest, &rest).sqrt() / norm
    }
}

/// Scalar products of `v` with three probes, and its norm.
#[inline]
pub(super) fn sketch(probes: &[Vec<f64>; 3], v: &[f64]) -> Sketch {
    sketch_by(probes, v.len(), |i| v[i])
}

/// The sketch of a product.
#[inline]
pub(super) fn sketch_product(probes: &[Vec<f64>; 3], a: &[f64], b: &[f64]) -> Sketch {
    let b = &b[..a.len()];
    sketch_by(probes, a.len(), |i| a[i] * b[i])
}

fn sketch_by(probes: &[Vec<f64>; 3], n: usize, v: impl Fn(usize) -> f64) -> Sketch {
    let mut out = [0.0; 4];
    Level::best().run(Sums { probes: probes.each_ref().map(|p| &p[..n]), v, out: &mut out });
    let [a, b, c, square] = out;
    Sketch { at: [a, b, c], norm: square.sqrt() }
}

/// Running sums per product, added in a fixed order.
const LANES: usize = 8;

/// The sums of the products of `v` with the probes and with itself.
struct Sums<'a, V> {
    probes: [&'a [f64]; 3],
    v: V,
    out: &'a mut [f64; 4],
}

impl<V: Fn(usize) -> f64> Job for Sums<'_, V> {
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let [p, q, r] = self.probes;
        let n = p.len();
        let mut sums = [[0.0f64; LANES]; 4];
        let whole = n / LANES * LANES;
        for i in (0..whole).step_by(LANES) {
            for l in 0..LANES {
                let x = (self.v)(i + l);
                sums[0][l] = A::mul_add(p[i + l], x, sums[0][l]);
                sums[1][l] = A::mul_add(q[i + l], x, sums[1][l]);
                sums[2][l] = A::mul_add(r[i + l], x, sums[2][l]);
                sums[3][l] = A::mul_add(x, x, sums[3][l]);
            }
        }
        for i in whole..n {
            let x = (self.v)(i);
            for (sum, y) in sums.iter_mut().zip([p[i], q[i], r[i], x]) {
                sum[i - whole] = A::mul_add(x, y, sum[i - whole]);
            }
        }
        *self.out = sums.map(|s| ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7])));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn x(k: f64) -> Vec<f64> {
        (0..48).map(|i| 1.0 + (f64::from(i) * k).sin()).collect()
    }

    #[test]
    fn membership() {
        let (a, b) = (x(1.1), x(2.3));
        let frame = Frame::new(48, [a.as_slice(), b.as_slice()]);
        let inside: Vec<f64> = a.iter().zip(&b).map(|(a, b)| 3.0 * a - 0.1 * b).collect();
        let outside: Vec<f64> = a.iter().map(|a| a * a).collect();
        assert!(frame.sketch(&inside).vanishes());
        assert!(!frame.sketch(&outside).vanishes());
        assert!(frame.distance(&inside) < 1e-14);
    }

    #[test]
    fn proportional_modulo_the_span() {
        let (a, b) = (x(1.1), x(2.3));
        let frame = Frame::new(48, [a.as_slice()]);
        let c: Vec<f64> = a.iter().zip(&b).map(|(a, b)| 5.0 * a - 7.0 * b).collect();
        let (p, q) = (frame.sketch(&b).direction().unwrap(), frame.sketch(&c).direction().unwrap());
        assert!((p.first - q.first).abs() < p.tolerance());
        assert!((p.second - q.second).abs() < p.tolerance());
    }
}
