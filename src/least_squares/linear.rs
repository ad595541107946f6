//! Linear least squares: exact solution for constants that enter linearly.

use super::vector::{dot, subtract};
use nalgebra::DMatrix;

/// The coefficients of [`linear_fit`], and what they leave of the target.
pub(crate) fn linear_fit_and_rest(
    columns: &[&[f64]],
    target: &[f64],
    weights: Option<&[f64]>,
) -> Option<(Vec<f64>, Vec<f64>)> {
    let coefficients = linear_fit(columns, target, weights)?;
    let mut rest = target.to_vec();
    coefficients.iter().zip(columns).for_each(|(c, v)| subtract(&mut rest, *c, v));
    Some((coefficients, rest))
}

/// The weighted least-squares coefficients of `target` on `columns` (each one basis function over the rows), by
/// QR with scaled columns; columns that add nothing to those before them get coefficient 0.
///
/// `None` where a value is not finite.
pub(crate) fn linear_fit(columns: &[&[f64]], target: &[f64], weights: Option<&[f64]>) -> Option<Vec<f64>> {
    let n = target.len();
    let p = columns.len();
    if p == 0 {
        return Some(Vec::new());
    }
    let root: Option<Vec<f64>> = weights.map(|w| w.iter().map(|x| x.sqrt()).collect());
    let mut scale = vec![1.0; p];
    // Columns scaled to length one, with the target as one more of them.
    let mut a = DMatrix::<f64>::zeros(n, p + 1);
    let (basis, rest) = a.as_mut_slice().split_at_mut(n * p);
    for (from, to) in columns.iter().zip(basis.chunks_exact_mut(n.max(1))).chain([(&target, &mut *rest)]) {
        to.copy_from_slice(&from[..n]);
        if let Some(root) = &root {
            to.iter_mut().zip(root).for_each(|(x, w)| *x *= w);
        }
    }
    for (column, scale) in basis.chunks_exact_mut(n.max(1)).zip(&mut scale) {
        let norm = dot(column, column).sqrt();
        if !norm.is_finite() {
            return None;
        }
        *scale = if norm > 0.0 { norm } else { 1.0 };
        column.iter_mut().for_each(|x| *x /= *scale);
    }
    if rest.iter().any(|x| !x.is_finite()) {
        return None;
    }
    // Modified Gram-Schmidt with one re-orthogonalisation keeps the order of the columns, which a pivoted QR
    // does not: "drop what adds nothing to those before it" is what the callers rely on.
    let mut used = vec![false; p];
    let mut r = DMatrix::<f64>::zeros(p, p);
    for j in 0..p {
        let (q, v) = basis.split_at_mut(n * j);
        let v = &mut v[..n];
        for _ in 0..2 {
            for k in (0..j).filter(|&k| used[k]) {
                let q = &q[k * n..(k + 1) * n];
                let d = dot(q, v);
                r[(k, j)] += d;
                subtract(v, d, q);
            }
        }
        let norm = dot(v, v).sqrt();
        if norm > 1e-11 {
            r[(j, j)] = norm;
            v.iter_mut().for_each(|x| *x /= norm);
            used[j] = true;
        }
    }
    let mut x = vec![0.0; p];
    let mut qtb = vec![0.0; p];
    for k in (0..p).filter(|&k| used[k]) {
        let q = &basis[k * n..(k + 1) * n];
        qtb[k] = dot(q, rest);
        subtract(rest, qtb[k], q);
    }
    for k in (0..p).rev() {
        if used[k] {
            let sum: f64 = (k + 1..p).map(|j| r[(k, j)] * x[j]).sum();
            x[k] = (qtb[k] - sum) / r[(k, k)];
        }
    }
    for (xk, s) in x.iter_mut().zip(&scale) {
        *xk /= s;
    }
    x.iter().all(|v| v.is_finite()).then_some(x)
}

/// A symmetric positive (semi-)definite system, solved by Cholesky with its diagonal scaled to one.
#[derive(Debug)]
pub(crate) struct Gram;

impl Gram {
    /// Solves `(A + damping * diag(A)) x = b` for a row-major `p x p` matrix; `None` if it is not positive
    /// definite to working precision. Rows whose diagonal is zero give `x = 0` there.
    pub(crate) fn solve(a: &[f64], b: &[f64], damping: f64) -> Option<Vec<f64>> {
        let p = b.len();
        let d: Vec<f64> =
            (0..p).map(|i| a[i * p + i].sqrt()).map(|d| if d > 0.0 { d } else { 1.0 }).collect();
        let mut l = vec![0.0; p * p];
        for i in 0..p {
            for j in 0..=i {
                let mut s = a[i * p + j] / (d[i] * d[j]);
                if i == j {
                    s = if a[i * p + i] > 0.0 { s * (1.0 + damping) } else { 1.0 };
                }
                for k in 0..j {
                    s -= l[i * p + k] * l[j * p + k];
                }
                if i == j {
                    if s.is_nan() || s <= 1e-15 {
                        return None;
                    }
                    l[i * p + i] = s.sqrt();
                } else {
                    l[i * p + j] = s / l[j * p + j];
                }
            }
        }
        let mut x: Vec<f64> = (0..p).map(|i| b[i] / d[i]).collect();
        for i in 0..p {
            let s: f64 = (0..i).map(|k| l[i * p + k] * x[k]).sum();
            x[i] = (x[i] - s) / l[i * p + i];
        }
        for i in (0..p).rev() {
            let s: f64 = (i + 1..p).map(|k| l[k * p + i] * x[k]).sum();
            x[i] = (x[i] - s) / l[i * p + i];
        }
        for i in 0..p {
            x[i] /= d[i];
        }
        x.iter().all(|v| v.is_finite()).then_some(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_line() {
        let x = [0.0, 1.0, 2.0, 3.0];
        let one = [1.0; 4];
        let y: Vec<f64> = x.iter().map(|x| 2.0 * x - 7.0).collect();
        let c = linear_fit(&[&one, &x], &y, None).unwrap();
        assert!((c[0] + 7.0).abs() < 1e-13 && (c[1] - 2.0).abs() < 1e-13);
    }

    #[test]
    fn repeated_column_gets_zero() {
        let x = [1.0, 2.0, 3.0];
        let c = linear_fit(&[&x, &x], &[2.0, 4.0, 6.0], None).unwrap();
        assert_eq!(c[1], 0.0);
        assert!((c[0] - 2.0).abs() < 1e-14);
    }

    #[test]
    fn wide_scales() {
        let x = [1e-30, 2e-30, 5e-30];
        let z = [1e20, 4e20, 9e20];
        let y: Vec<f64> = (0..3).map(|i| 3e30 * x[i] + 2e-20 * z[i]).collect();
        let c = linear_fit(&[&x, &z], &y, None).unwrap();
        assert!((c[0] / 3e30 - 1.0).abs() < 1e-12 && (c[1] / 2e-20 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn cholesky() {
        let x = Gram::solve(&[4.0, 2.0, 2.0, 3.0], &[8.0, 7.0], 0.0).unwrap();
        assert!((x[0] - 1.25).abs() < 1e-14 && (x[1] - 1.5).abs() < 1e-14);
        assert!(Gram::solve(&[1.0, 1.0, 1.0, 1.0], &[1.0, 1.0], 0.0).is_none());
    }
}
