//! Sums of products over rows, by vector instructions.
//!
//! Sums run in eight lanes that are added in a fixed order, so that the result is the same on every processor with
//! a fused multiply-add (see [`crate::expr::vector_math`]).

use crate::expr::vector_math::Arithmetic;
use crate::expr::vector_math::dispatch::{Job, Level};

/// Lanes of a sum.
const WIDTH: usize = 8;

/// Rows up to the next whole vector.
pub(super) fn padded(rows: usize) -> usize {
    rows.next_multiple_of(WIDTH)
}

#[inline(always)]
fn total(lanes: [f64; WIDTH]) -> f64 {
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// The first elements, and zeros.
#[inline(always)]
fn filled(rest: &[f64]) -> [f64; WIDTH] {
    let mut full = [0.0; WIDTH];
    full[..rest.len()].copy_from_slice(rest);
    full
}

/// `sum x y`.
pub(crate) fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut out = 0.0;
    Level::best().run(Dot { x, y, out: &mut out });
    out
}

struct Dot<'a> {
    x: &'a [f64],
    y: &'a [f64],
    out: &'a mut f64,
}

impl Job for Dot<'_> {
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let (x, x_rest) = self.x.as_chunks::<WIDTH>();
        let (y, y_rest) = self.y.as_chunks::<WIDTH>();
        let mut lanes = [0.0; WIDTH];
        for (x, y) in x.iter().zip(y) {
            for i in 0..WIDTH {
                lanes[i] = A::mul_add(x[i], y[i], lanes[i]);
            }
        }
        if !x_rest.is_empty() {
            let (x, y) = (filled(x_rest), filled(y_rest));
            for i in 0..WIDTH {
                lanes[i] = A::mul_add(x[i], y[i], lanes[i]);
            }
        }
        *self.out = total(lanes);
    }
}

/// `y -= a x`.
pub(crate) fn subtract(y: &mut [f64], a: f64, x: &[f64]) {
    Level::best().run(AddMultiple { a: -a, x, y });
}

struct AddMultiple<'a> {
    a: f64,
    x: &'a [f64],
    y: &'a mut [f64],
}

impl Job for AddMultiple<'_> {
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for (x, y) in self.x.iter().zip(self.y) {
            *y = A::mul_add(self.a, *x, *y);
        }
    }
}

/// Takes out of a vector what an orthonormal basis explains, once.
pub(crate) fn project_out(basis: &[Vec<f64>], vector: &mut [f64]) {
    for q in basis {
        let d = dot(q, vector);
        subtract(vector, d, q);
    }
}

/// The same to working precision: twice is enough (Kahan; Parlett, The symmetric eigenvalue problem, section 6.9).
pub(crate) fn orthogonalise(basis: &[Vec<f64>], vector: &mut [f64]) {
    project_out(basis, vector);
    project_out(basis, vector);
}

/// `sum w (f - y)^2`, with weights of one where there are none.
pub(super) fn squared_error(f: &[f64], y: &[f64], weights: Option<&[f64]>) -> f64 {
    let mut out = 0.0;
    Level::best().run(SquaredErrorSum { f, y, weights, out: &mut out });
    out
}

struct SquaredErrorSum<'a> {
    f: &'a [f64],
    y: &'a [f64],
    weights: Option<&'a [f64]>,
    out: &'a mut f64,
}

impl Job for SquaredErrorSum<'_> {
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let (f, f_rest) = self.f.as_chunks::<WIDTH>();
        let (y, y_rest) = self.y.as_chunks::<WIDTH>();
        let mut lanes = [0.0; WIDTH];
        let (w, w_rest) = self.weights.unwrap_or(&[]).as_chunks::<WIDTH>();
        if self.weights.is_some() {
            for ((f, y), w) in f.iter().zip(y).zip(w) {
                for i in 0..WIDTH {
                    let r = f[i] - y[i];
                    lanes[i] = A::mul_add(w[i] * r, r, lanes[i]);
                }
            }
        } else {
            for (f, y) in f.iter().zip(y) {
                for i in 0..WIDTH {
                    let r = f[i] - y[i];
                    lanes[i] = A::mul_add(r, r, lanes[i]);
                }
            }
        }
        if !f_rest.is_empty() {
            let (f, y) = (filled(f_rest), filled(y_rest));
            let w = if self.weights.is_some() { filled(w_rest) } else { [1.0; WIDTH] };
            for i in 0..WIDTH {
                let r = f[i] - y[i];
                lanes[i] = A::mul_add(w[i] * r, r, lanes[i]);
            }
        }
        *self.out = total(lanes);
    }
}

/// Adds to `sums[i * m + j]`, `j <= i`, the sums of products of the columns `i` and `j` of `columns`: `m` of
/// `length` rows each, both even, `length` a multiple of eight.
pub(super) fn add_products(columns: &[f64], length: usize, m: usize, sums: &mut [f64]) {
    Level::best().run(Products { columns, length, m, sums });
}

struct Products<'a> {
    columns: &'a [f64],
    length: usize,
    m: usize,
    sums: &'a mut [f64],
}

impl Job for Products<'_> {
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let m = self.m;
        let column = |i: usize| self.columns[i * self.length..][..self.length].as_chunks::<WIDTH>().0;
        // Two columns by two: each is loaded once for two products.
        for i in (0..m).step_by(2) {
            for j in (0..=i).step_by(2) {
                let mut lanes = [[0.0; WIDTH]; 4];
                let left = column(i).iter().zip(column(i + 1));
                let right = column(j).iter().zip(column(j + 1));
                for ((a, b), (c, d)) in left.zip(right) {
                    for k in 0..WIDTH {
                        lanes[0][k] = A::mul_add(a[k], c[k], lanes[0][k]);
                        lanes[1][k] = A::mul_add(a[k], d[k], lanes[1][k]);
                        lanes[2][k] = A::mul_add(b[k], c[k], lanes[2][k]);
                        lanes[3][k] = A::mul_add(b[k], d[k], lanes[3][k]);
                    }
                }
                for (t, lanes) in lanes.into_iter().enumerate() {
                    self.sums[(i + t / 2) * m + j + t % 2] += total(lanes);
                }
            }
        }
    }
}
