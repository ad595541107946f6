//! Sums of products over rows, by vector instructions.
//!
//! Sums run in eight lanes that are added in a fixed order, so that the result is the same on every processor with
//! a fused multiply-add (see [`crate::expr::vector_math`]).

use crate::expr::vector_math::Arithmetic;
use crate::expr::vector_math::dispatch::{Job, Level};

/// Lanes of a sum.
const WIDTH: usize = 8;

/// Sums side by side.
const SIDE: usize = 4;

/// Numbers that stay in the second-level cache.
const CACHED: usize = 1 << 16;

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
        // Several sums side by side: one alone waits for each of its own products.
        let (x, x_last) = x.as_chunks::<SIDE>();
        let (y, y_last) = y.as_chunks::<SIDE>();
        let mut sums = [[0.0; WIDTH]; SIDE];
        for (x, y) in x.iter().zip(y) {
            for k in 0..SIDE {
                for i in 0..WIDTH {
                    sums[k][i] = A::mul_add(x[k][i], y[k][i], sums[k][i]);
                }
            }
        }
        let [mut lanes, b, c, d] = sums;
        for i in 0..WIDTH {
            lanes[i] = (lanes[i] + c[i]) + (b[i] + d[i]);
        }
        for (x, y) in x_last.iter().zip(y_last) {
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

/// `sum x y` for every `y`.
pub(crate) fn dots(x: &[f64], others: &[&[f64]]) -> Vec<f64> {
    let mut out = vec![0.0; others.len()];
    let (fours, rest) = others.as_chunks::<SIDE>();
    let (out_fours, out_rest) = out.as_chunks_mut::<SIDE>();
    for (y, out) in fours.iter().zip(out_fours) {
        Level::best().run(FourDots { x, y, out });
    }
    for (y, out) in rest.iter().zip(out_rest) {
        *out = dot(x, y);
    }
    out
}

/// Each element of `x` is loaded once for all four.
struct FourDots<'a> {
    x: &'a [f64],
    y: &'a [&'a [f64]; SIDE],
    out: &'a mut [f64; SIDE],
}

impl Job for FourDots<'_> {
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        *self.out = four_dots::<A>(self.x, self.y);
    }
}

#[inline(always)]
fn four_dots<A: Arithmetic>(x: &[f64], y: &[&[f64]; SIDE]) -> [f64; SIDE] {
    let [a, b, c, d] = y.map(|y| y[..x.len()].as_chunks::<WIDTH>());
    let (x, x_rest) = x.as_chunks::<WIDTH>();
    let mut sums = [[0.0; WIDTH]; SIDE];
    for ((((x, a), b), c), d) in x.iter().zip(a.0).zip(b.0).zip(c.0).zip(d.0) {
        for i in 0..WIDTH {
            sums[0][i] = A::mul_add(x[i], a[i], sums[0][i]);
            sums[1][i] = A::mul_add(x[i], b[i], sums[1][i]);
            sums[2][i] = A::mul_add(x[i], c[i], sums[2][i]);
            sums[3][i] = A::mul_add(x[i], d[i], sums[3][i]);
        }
    }
    if !x_rest.is_empty() {
        let x = filled(x_rest);
        for (lanes, rest) in sums.iter_mut().zip([a.1, b.1, c.1, d.1]) {
            let y = filled(rest);
            for i in 0..WIDTH {
                lanes[i] = A::mul_add(x[i], y[i], lanes[i]);
            }
        }
    }
    sums.map(total)
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

/// Takes out of a vector what an orthonormal basis explains, once; four of the basis at a time.
pub(crate) fn project_out(basis: &[Vec<f64>], vector: &mut [f64]) {
    let (fours, rest) = basis.as_chunks::<SIDE>();
    for q in fours {
        Level::best().run(ProjectFour { q: q.each_ref().map(Vec::as_slice), vector });
    }
    for q in rest {
        let d = dot(q, vector);
        subtract(vector, d, q);
    }
}

struct ProjectFour<'a> {
    q: [&'a [f64]; SIDE],
    vector: &'a mut [f64],
}

impl Job for ProjectFour<'_> {
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let d = four_dots::<A>(self.vector, &self.q);
        let [a, b, c, e] = self.q;
        for ((((v, a), b), c), e) in self.vector.iter_mut().zip(a).zip(b).zip(c).zip(e) {
            let first = A::mul_add(-d[0], *a, A::mul_add(-d[1], *b, *v));
            *v = A::mul_add(-d[2], *c, A::mul_add(-d[3], *e, first));
        }
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

/// Whether some of `columns`, each of `rows` rows and of length 1, nearly depends on those before it: what is left of it, squared,
/// is below `least`. The first `given` may depend on each other. By a Cholesky factorisation of the products, whose pivots are
/// off by rounding times the square of the coefficients: coarser than orthogonalisation and many times as fast.
pub(crate) fn depends(columns: &[f64], rows: usize, given: usize, least: f64) -> bool {
    let n = columns.len().checked_div(rows).unwrap_or(0);
    let m = n.next_multiple_of(2);
    let mut products = vec![0.0; m * m];
    // Some rows at a time, as many as stay in the cache for all columns.
    let most = (CACHED / m.max(1)).next_multiple_of(WIDTH).min(padded(rows));
    let mut block = vec![0.0; m * most];
    for start in (0..rows).step_by(most.max(1)) {
        let taken = most.min(rows - start);
        let length = padded(taken);
        for (from, to) in columns.chunks_exact(rows).zip(block.chunks_exact_mut(length)) {
            to[..taken].copy_from_slice(&from[start..start + taken]);
            to[taken..].fill(0.0);
        }
        block[n * length..m * length].fill(0.0);
        add_products(&block[..m * length], length, m, &mut products);
    }
    let mut out = false;
    Level::best().run(Pivots { products: &mut products, m, n, given, least, out: &mut out });
    out
}

/// Pivots below this share of the least one would bring in more rounding than they explain.
const SKIPPED: f64 = 0.1;

/// Whether a pivot is below `least`, or none.
struct Pivots<'a> {
    /// Rows of the lower triangle.
    products: &'a mut [f64],
    m: usize,
    n: usize,
    given: usize,
    least: f64,
    out: &'a mut bool,
}

impl Job for Pivots<'_> {
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let m = self.m;
        let mut column = vec![0.0; m];
        for k in 0..self.n {
            let pivot = self.products[k * m + k];
            if k < self.given && pivot < SKIPPED * self.least {
                continue;
            }
            if !(pivot >= self.least) && k >= self.given {
                *self.out = true;
                return;
            }
            let inverse = 1.0 / pivot;
            for i in k + 1..self.n {
                column[i] = self.products[i * m + k];
            }
            // What column `k` explains of the others.
            for i in k + 1..self.n {
                let factor = -column[i] * inverse;
                let row = &mut self.products[i * m + k + 1..=i * m + i];
                for (x, c) in row.iter_mut().zip(&column[k + 1..=i]) {
                    *x = A::mul_add(factor, *c, *x);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors(count: usize, rows: usize) -> Vec<Vec<f64>> {
        (0..count)
            .map(|k| (0..rows).map(|i| ((i * (k + 2) * 7 % 31) as f64).sqrt() - 2.5).collect())
            .collect()
    }

    #[test]
    fn side_by_side_as_one_by_one() {
        for rows in [0, 1, 7, 8, 9, 31, 32, 33, 100] {
            for count in 0..10 {
                let y = vectors(count, rows);
                let x: Vec<f64> = (0..rows).map(|i| (i as f64 * 0.37).cos()).collect();
                let views: Vec<&[f64]> = y.iter().map(Vec::as_slice).collect();
                let all = dots(&x, &views);
                assert_eq!(all.len(), count);
                for (d, y) in all.iter().zip(&y) {
                    let plain: f64 = x.iter().zip(y).map(|(x, y)| x * y).sum();
                    assert!((d - plain).abs() < 1e-12, "{d} {plain}");
                }
            }
        }
    }

    #[test]
    fn nothing_of_the_basis_is_left() {
        for count in 1..14 {
            let mut basis: Vec<Vec<f64>> = Vec::new();
            for mut v in vectors(count, 45) {
                orthogonalise(&basis, &mut v);
                let norm = dot(&v, &v).sqrt();
                assert!(norm > 1e-3, "{count}: {norm}");
                v.iter_mut().for_each(|x| *x /= norm);
                basis.push(v);
            }
            let mut x: Vec<f64> = (0..45).map(|i| (i as f64 * 0.37).cos()).collect();
            project_out(&basis, &mut x);
            assert!(basis.iter().all(|q| dot(q, &x).abs() < 1e-14));
        }
    }
}
