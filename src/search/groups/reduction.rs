//! [`reductions`]: problems of fewer inputs in which the target is the same function.

use super::invariants::{self, Bounds, Invariants};
use crate::expr::Expr;
use crate::search::bank::{allowed, monomial};
use crate::search::reduced::without_factor;
use crate::search::{Control, Problem};

/// Rows that the groups are looked for on, at most.
const ROWS: usize = 800;

/// Inputs at most: there are as many pairs of logarithms as half of their square.
const WIDEST: usize = 12;

/// Reductions of one problem, at most: factors outside that say the same but for a power of the group.
const MOST: usize = 2;

/// `y = factor * f(groups)`: the exponents of every input in each.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reduction {
    factor: Vec<f64>,
    groups: Vec<Vec<f64>>,
}

/// The product of powers with these exponents.
fn product(exponents: &[f64]) -> Expr {
    let factors: Vec<(Expr, f64)> = exponents
        .iter()
        .enumerate()
        .filter(|(_, p)| **p != 0.0)
        .map(|(i, p)| (Expr::variable(i), *p))
        .collect();
    monomial(&factors)
}

impl Reduction {
    /// The groups as columns.
    pub(super) fn columns(&self, columns: &[&[f64]]) -> Vec<Vec<f64>> {
        self.groups.iter().map(|g| product(g).evaluate(columns)).collect()
    }

    /// The target without the factor, and weights under which its squared error is that of the target.
    pub(super) fn target(
        &self,
        columns: &[&[f64]],
        target: &[f64],
        weights: Option<&[f64]>,
    ) -> (Vec<f64>, Vec<f64>) {
        let factor = product(&self.factor).evaluate(columns);
        without_factor(target, weights, |row| factor[row])
    }

    /// A formula of the groups as one of the inputs.
    pub(super) fn rebuild(&self, expr: &Expr) -> Expr {
        let groups: Vec<Expr> = self.groups.iter().map(|g| product(g)).collect();
        let inner = expr.substitute(&groups);
        if self.factor.iter().all(|p| *p == 0.0) { inner } else { product(&self.factor) * inner }
    }
}

/// What is known of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// One sign, and a logarithm that says what the law is.
    Clean,
    /// Noise that may turn the sign of small values.
    Noisy,
}

/// Reductions to one group, to two or three where it is not one, and none where every input counts by itself. Inputs have to have
/// one sign each, as has the target but for noise.
pub(super) fn reductions(problem: &Problem<'_>, target: Target, control: &Control) -> Vec<Reduction> {
    let width = problem.columns.len();
    if !(2..=WIDEST).contains(&width) {
        return Vec::new();
    }
    let train = &problem.split.train;
    let step = train.len().div_ceil(ROWS).max(1);
    let rows: Vec<usize> = train.iter().copied().step_by(step).collect();
    let log = |values: &[f64]| -> Option<Vec<f64>> {
        let sign = values[rows[0]].signum();
        let logs: Vec<f64> = rows.iter().map(|&r| (values[r] * sign).ln()).collect();
        logs.iter().all(|l| l.is_finite()).then_some(logs)
    };
    let Some(inputs) = problem.columns.iter().map(|c| log(c)).collect::<Option<Vec<_>>>() else {
        return Vec::new();
    };
    let (bounds, found) = match target {
        Target::Clean => {
            let bounds = Bounds::CLEAN;
            let found = log(problem.target)
                .and_then(|t| invariants::find(&inputs, &weights(problem, &rows), &t, bounds, control));
            (bounds, found)
        }
        Target::Noisy => {
            let own: Vec<f64> = rows.iter().map(|&r| problem.weights.map_or(1.0, |w| w[r])).collect();
            let sign = rows.iter().map(|&r| problem.target[r]).sum::<f64>().signum();
            let values: Vec<f64> = rows.iter().map(|&r| sign * problem.target[r]).collect();
            let bounds = Bounds::noisy(rows.len());
            let found = invariants::response(&inputs, &own, &values)
                .and_then(|(t, w)| invariants::find(&inputs, &w, &t, bounds, control));
            (bounds, found)
        }
    };
    let Some(Invariants { groups, slopes }) = found else { return Vec::new() };
    let writable = |r: &Reduction| {
        let exponents = || r.groups.iter().flatten().chain(&r.factor).zip((0..width).cycle());
        let roots_of_positive =
            exponents().all(|(p, i)| p.fract() == 0.0 || problem.columns[i][rows[0]] > 0.0);
        let primitives = &problem.space.primitives;
        roots_of_positive && r.groups.iter().chain([&r.factor]).all(|g| allowed(&product(g), primitives))
    };
    // The slopes are known but for multiples of the groups: as many inputs of them can be left out of the factor.
    let mut choices: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in &groups {
        choices = choices.iter().flat_map(|c| further(c, &groups, width)).collect();
    }
    let mut all: Vec<(f64, Reduction)> = choices
        .iter()
        .filter_map(|out| {
            let factor = invariants::without(&slopes, &groups, out, bounds)?;
            let size = factor.iter().map(|p| p.abs() + f64::from(u8::from(p.fract() != 0.0))).sum::<f64>();
            Some((size, Reduction { factor, groups: groups.clone() }))
        })
        .filter(|(_, r)| writable(r))
        .collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut few: Vec<Reduction> = Vec::new();
    for (_, r) in all {
        if few.len() < MOST && few.iter().all(|k| k.factor != r.factor) {
            few.push(r);
        }
    }
    few
}

/// Choices of inputs with one more that is in some group.
fn further(chosen: &[usize], groups: &[Vec<f64>], width: usize) -> Vec<Vec<usize>> {
    let next = chosen.last().map_or(0, |last| last + 1);
    let with = |i: usize| chosen.iter().copied().chain([i]).collect();
    (next..width).filter(|i| groups.iter().any(|g| g[*i] != 0.0)).map(with).collect()
}

/// Weights of the rows. Near a zero of the target its logarithm says little under noise.
fn weights(problem: &Problem<'_>, rows: &[usize]) -> Vec<f64> {
    let sizes: Vec<f64> = rows.iter().map(|&r| problem.target[r].abs()).collect();
    let median = crate::data::median(sizes.clone());
    let own = |r: usize| problem.weights.map_or(1.0, |w| w[r]);
    sizes.iter().zip(rows).map(|(y, &r)| own(r) * (y / median).min(1.0).powi(2)).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::data::Split;
    use crate::search_space::{PrimitiveSet, SearchSpace};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Inputs from 1 to 4.
    pub(crate) fn columns(width: usize, rows: usize) -> Vec<Vec<f64>> {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        (0..width).map(|_| (0..rows).map(|_| rng.random_range(1.0..4.0)).collect()).collect()
    }

    /// With noise relative to each value for [`Target::Clean`], and to their root mean square for [`Target::Noisy`].
    fn found(
        columns: &[Vec<f64>],
        law: impl Fn(&[f64]) -> f64,
        target: Target,
        noise: f64,
    ) -> Vec<Reduction> {
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let rows = columns[0].len();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut y: Vec<f64> =
            (0..rows).map(|r| law(&columns.iter().map(|c| c[r]).collect::<Vec<f64>>())).collect();
        let size = (y.iter().map(|y| y * y).sum::<f64>() / rows as f64).sqrt();
        y.iter_mut().for_each(|y| {
            let unit = if target == Target::Clean { *y } else { size };
            *y += unit * noise * rng.random_range(-1.0..1.0);
        });
        let split = Split::random(rows, 0.25, 1);
        let space = SearchSpace::new(PrimitiveSet::SCIENCE, 2).unwrap();
        let problem =
            Problem { columns: &views, target: &y, weights: None, split: &split, space: &space, seed: 1 };
        reductions(&problem, target, &Control::unlimited())
    }

    #[test]
    fn one_group() {
        let law = |x: &[f64]| x[0] * x[1].powi(2) / x[4] / ((0.7 * x[0] * x[2] / x[3]).exp() - 0.5);
        for noise in [0.0, 0.05] {
            let all = found(&columns(5, 1000), law, Target::Clean, noise);
            assert_eq!(all.len(), 2, "{noise}");
            for r in &all {
                assert_eq!(r.groups, [[1.0, 0.0, 1.0, -1.0, 0.0]], "{noise}");
            }
            assert_eq!(all[0].factor, [1.0, 2.0, 0.0, 0.0, -1.0], "{noise}");
            assert_eq!(all[1].factor, [0.0, 2.0, -1.0, 1.0, -1.0], "{noise}");
        }
    }

    #[test]
    fn two_groups_and_negative_inputs() {
        let mut x = columns(4, 1000);
        x[1].iter_mut().for_each(|x| *x = -*x);
        let all = found(
            &x,
            |x| x[3] * (x[0] - 0.4 * x[1]).sqrt() / (x[2] * x[2] + x[0] * x[0]),
            Target::Clean,
            0.0,
        );
        assert!(!all.is_empty());
        for r in &all {
            // Both groups and the factor scale as the law does: with inputs 0, 1, 2 together, by -3/2.
            assert_eq!(r.groups.len(), 2);
            assert!(r.groups.iter().all(|g| g[0] + g[1] + g[2] == 0.0 && g[3] == 0.0), "{r:?}");
            assert!(r.factor[..3].iter().sum::<f64>() == -1.5 && r.factor[3] == 1.0, "{r:?}");
            // No root of the negative input.
            assert!(r.factor[1].fract() == 0.0, "{r:?}");
        }
    }

    #[test]
    fn what_is_put_back_is_the_target() {
        let x = columns(3, 50);
        let views: Vec<&[f64]> = x.iter().map(Vec::as_slice).collect();
        let r = Reduction { factor: vec![0.5, -2.0, 0.0], groups: vec![vec![1.0, 1.0, -1.0]] };
        let y: Vec<f64> = (0..50).map(|i| x[0][i] * x[2][i]).collect();
        let (target, weights) = r.target(&views, &y, None);
        let law = Expr::variable(0).apply(crate::expr::Op::Sin);
        let (whole, part) = (r.rebuild(&law).evaluate(&views), {
            let groups = r.columns(&views);
            law.evaluate(&[&groups[0]])
        });
        for i in 0..50 {
            let a = weights[i] * (part[i] - target[i]).powi(2);
            let b = (whole[i] - y[i]).powi(2);
            assert!((a - b).abs() < 1e-9 * b.max(1e-9), "{a} {b}");
        }
    }

    #[test]
    fn a_product_of_powers_and_a_law_without_groups_have_none() {
        let product = |x: &[f64]| x[0] * x[1].powf(1.5) / x[2];
        let sum = |x: &[f64]| x[0] + (x[1] * x[2] + 1.3).sin() + 3.0;
        for (target, noise) in [(Target::Clean, 0.0), (Target::Clean, 0.1), (Target::Noisy, 0.1)] {
            assert!(found(&columns(3, 500), product, target, noise).is_empty(), "{target:?}");
        }
        assert!(found(&columns(3, 500), sum, Target::Clean, 0.0).is_empty());
        // Under noise a polynomial is near enough for the product of two inputs to show.
        for r in found(&columns(3, 500), sum, Target::Noisy, 0.1) {
            assert!(r.groups.contains(&vec![0.0, 1.0, 1.0]), "{r:?}");
        }
    }

    #[test]
    fn noise_that_turns_signs() {
        let law = |x: &[f64]| x[4] * (-0.7 * x[0] * x[1] * x[2] / x[3]).exp();
        let all = found(&columns(5, 1000), law, Target::Noisy, 0.15);
        assert!(!all.is_empty());
        for r in &all {
            assert_eq!(r.groups, [[1.0, 1.0, 1.0, -1.0, 0.0]]);
        }
        assert!(all.iter().any(|r| r.factor == [0.0, 0.0, 0.0, 0.0, 1.0]), "{all:?}");
    }
}
