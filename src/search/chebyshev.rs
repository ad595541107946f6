//! Chebyshev polynomials.

/// Chebyshev polynomials up to a degree, and their derivatives, by degree.
pub(crate) fn chebyshev(s: &[f64], degree: usize) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let mut values = vec![vec![1.0; s.len()], s.to_vec()];
    let mut slopes = vec![vec![0.0; s.len()], vec![1.0; s.len()]];
    for k in 2..=degree {
        let (t, dt) = (|j: usize, r: usize| values[j][r], |j: usize, r: usize| slopes[j][r]);
        let value = (0..s.len()).map(|r| 2.0 * s[r] * t(k - 1, r) - t(k - 2, r)).collect();
        let slope =
            (0..s.len()).map(|r| 2.0 * t(k - 1, r) + 2.0 * s[r] * dt(k - 1, r) - dt(k - 2, r)).collect();
        values.push(value);
        slopes.push(slope);
    }
    (values, slopes)
}
