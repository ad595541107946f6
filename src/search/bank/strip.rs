//! Power factors of the target, from the data alone.
//!
//! If `y = x_v^p h(others)`, then `ln|y|` has no interaction with `ln|x_v|` and slope `p`. A regression of `ln|y|` on
//! first-order terms, products of two and cubes of the logarithms shows both, with standard errors, also where
//! it does not fit `h` well, because its misfit does not depend on `x_v`. Variables with `p = 0` play no part at
//! all. What is stripped is a hypothesis: the full problem is searched as well.

use crate::least_squares::linear_fit;
use crate::search::Problem;

/// Rows of the regression.
const ROWS: usize = 1500;

/// Powers found, with 0 for a variable without influence.
pub(crate) fn power_factors(problem: &Problem<'_>) -> Vec<(usize, f64)> {
    let train = &problem.split.train;
    let step = train.len().div_ceil(ROWS).max(1);
    let mut rows: Vec<usize> = train.iter().copied().step_by(step).collect();
    let mut sizes: Vec<f64> = rows.iter().map(|&r| problem.target[r].abs()).collect();
    sizes.sort_by(f64::total_cmp);
    // Next to a zero of the target its logarithm says little.
    let floor = sizes[sizes.len() / 50].max(f64::MIN_POSITIVE);
    rows.retain(|&r| problem.target[r].abs() >= floor && problem.columns.iter().all(|c| c[r] != 0.0));
    let mut target: Vec<f64> = rows.iter().map(|&r| problem.target[r].abs().ln()).collect();
    let logs: Vec<Vec<f64>> = problem
        .columns
        .iter()
        .map(|c| standardised(&rows.iter().map(|&r| c[r].abs().ln()).collect::<Vec<f64>>()))
        .collect();
    let mut found = Vec::new();
    let mut left: Vec<usize> = (0..problem.columns.len()).collect();
    while left.len() > 1 {
        let Some((v, p)) = next_factor(problem, &rows, &target, &logs, &left) else { break };
        found.push((v, p));
        left.retain(|&w| w != v);
        for (t, &r) in target.iter_mut().zip(&rows) {
            *t -= p * problem.columns[v][r].abs().ln();
        }
    }
    found
}

fn standardised(v: &[f64]) -> Vec<f64> {
    let n = v.len() as f64;
    let mean = v.iter().sum::<f64>() / n;
    let sd = (v.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    v.iter().map(|x| (x - mean) / if sd > 0.0 { sd } else { 1.0 }).collect()
}

fn spread(problem: &Problem<'_>, rows: &[usize], v: usize) -> f64 {
    let l: Vec<f64> = rows.iter().map(|&r| problem.columns[v][r].abs().ln()).collect();
    let n = l.len() as f64;
    let mean = l.iter().sum::<f64>() / n;
    (l.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt()
}

/// The clearest power factor among the variables that are left.
fn next_factor(
    problem: &Problem<'_>,
    rows: &[usize],
    target: &[f64],
    logs: &[Vec<f64>],
    left: &[usize],
) -> Option<(usize, f64)> {
    let n = rows.len();
    let mut columns: Vec<Vec<f64>> = vec![vec![1.0; n]];
    // Which columns speak of which variable, beside its own slope.
    let mut others: Vec<Vec<usize>> = vec![Vec::new(); left.len()];
    for &v in left {
        columns.push(logs[v].clone());
    }
    for (i, &v) in left.iter().enumerate() {
        for (j, &w) in left.iter().enumerate().skip(i) {
            others[i].push(columns.len());
            if j != i {
                others[j].push(columns.len());
            }
            columns.push(
                logs[v].iter().zip(&logs[w]).map(|(a, b)| a * b - f64::from(u8::from(i == j))).collect(),
            );
        }
        others[i].push(columns.len());
        columns.push(logs[v].iter().map(|a| a * a * a).collect());
    }
    if n < 2 * columns.len() + 20 {
        return None;
    }
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let c = linear_fit(&views, target, None)?;
    let sum: f64 =
        (0..n).map(|r| (target[r] - (0..c.len()).map(|k| c[k] * columns[k][r]).sum::<f64>()).powi(2)).sum();
    let sigma = (sum / (n - c.len()) as f64).sqrt();
    let p = columns.len();
    let mut gram = nalgebra::DMatrix::<f64>::zeros(p, p);
    for i in 0..p {
        for j in 0..=i {
            let d: f64 = columns[i].iter().zip(&columns[j]).map(|(a, b)| a * b).sum();
            gram[(i, j)] = d;
            gram[(j, i)] = d;
        }
    }
    let inverse = gram.cholesky()?.inverse();
    let error = |k: usize| sigma * inverse[(k, k)].sqrt();
    let mut best: Option<(f64, usize, f64)> = None;
    for (i, &v) in left.iter().enumerate() {
        let scale = spread(problem, rows, v);
        if !(scale > 1e-6) {
            continue;
        }
        let k = 1 + i;
        let slack = error(k);
        let p = (2.0 * c[k] / scale).round() / 2.0;
        // Terms that exact data leave at rounding level have no influence either.
        let tiny = 1e-9 * (1.0 + c[k].abs());
        let interaction = others[i].iter().map(|&o| c[o].abs() / (error(o) + tiny)).fold(0.0f64, f64::max);
        let off = (c[k] - p * scale).abs();
        let negative = rows.iter().any(|&r| problem.columns[v][r] < 0.0);
        let allowed = !negative || p.fract() == 0.0;
        if allowed && p.abs() <= 6.0 && interaction < 4.0 && off < 4.0 * slack + tiny && slack / scale < 0.12
        {
            let score = interaction + off / (slack + tiny);
            if best.is_none_or(|b| score < b.0) {
                best = Some((score, v, p));
            }
        }
    }
    best.map(|b| (b.1, b.2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;
    use crate::search_space::{PrimitiveSet, SearchSpace};

    #[test]
    fn finds_powers_and_idle_variables() {
        let n = 900;
        let column = |k: f64, o: f64| -> Vec<f64> {
            (0..n).map(|i| 1.0 + 3.0 * ((f64::from(i) * k + o) % 1.0)).collect()
        };
        let columns =
            [column(0.6180339, 0.1), column(0.4142135, 0.3), column(0.7320508, 0.7), column(0.3166247, 0.2)];
        let y: Vec<f64> = (0..n as usize)
            .map(|i| columns[0][i].powf(1.5) / columns[1][i] * (1.0 + (columns[2][i]).sin().powi(2)))
            .collect();
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let split = Split { train: (0..n as usize).collect(), validation: Vec::new() };
        let space = SearchSpace::new(PrimitiveSet::SCIENCE, 2).unwrap();
        let problem =
            Problem { columns: &views, target: &y, weights: None, split: &split, space: &space, seed: 1 };
        let mut found = power_factors(&problem);
        found.sort_by_key(|f| f.0);
        assert_eq!(found, [(0, 1.5), (1, -1.0), (3, 0.0)]);
    }
}
