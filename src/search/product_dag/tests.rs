//! Law families that the strategy finds, on data made here.

use super::*;
use crate::PrimitiveSet;
use crate::data::Split;
use crate::expr::Expr;
use crate::search::strategy::Graph;
use crate::search_space::SearchSpace;
use rand::RngExt;

/// Columns drawn uniformly from the given ranges.
fn draw(ranges: &[(f64, f64)], rows: usize) -> Vec<Vec<f64>> {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    ranges.iter().map(|&(a, b)| (0..rows).map(|_| rng.random_range(a..b)).collect()).collect()
}

/// The shortest formula whose relative error on all rows is below `tolerance`, within `rounds` rounds.
fn search(
    ranges: &[(f64, f64)],
    set: PrimitiveSet,
    noise: f64,
    rounds: usize,
    tolerance: f64,
    law: impl Fn(&[f64]) -> f64,
) -> Option<Expr> {
    let rows = 400;
    let columns = draw(ranges, rows);
    let row = |i: usize| columns.iter().map(|c| c[i]).collect::<Vec<f64>>();
    let clean: Vec<f64> = (0..rows).map(|i| law(&row(i))).collect();
    let mean = clean.iter().sum::<f64>() / rows as f64;
    let spread = (clean.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / rows as f64).sqrt();
    let mut rng = ChaCha8Rng::seed_from_u64(12);
    let target: Vec<f64> = clean
        .iter()
        .map(|y| y + noise * spread * (0..12).map(|_| rng.random_range(-0.5..0.5)).sum::<f64>())
        .collect();
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let split = Split::random(rows, 0.25, 1);
    let space = SearchSpace::new(set, 3).unwrap();
    let problem =
        Problem { columns: &views, target: &target, weights: None, split: &split, space: &space, seed: 1 };
    let mut strategy = ProductDag::new();
    let mut best: Option<Expr> = None;
    for _ in 0..rounds {
        for candidate in strategy.round(&problem, &[], &Control::unlimited()).candidates {
            let Graph::Expr(e) = candidate.graph else { continue };
            let values = e.evaluate(&views);
            let error = values.iter().zip(&clean).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / rows as f64;
            let shorter =
                best.as_ref().is_none_or(|b| crate::expr::complexity(&e) < crate::expr::complexity(b));
            if error.sqrt() < tolerance * spread && shorter {
                best = Some(e);
            }
        }
        if best.is_some() {
            break;
        }
    }
    best
}

fn found(ranges: &[(f64, f64)], rounds: usize, law: impl Fn(&[f64]) -> f64) -> bool {
    search(ranges, PrimitiveSet::SCIENCE, 0.0, rounds, 1e-9, law).is_some()
}

#[test]
fn products_of_powers_in_any_units() {
    assert!(
        found(&[(1e-30, 9e-30), (1e20, 8e20), (2.0, 7.0)], 1, |x| 3.1e-4 * x[0] * x[1].sqrt() / x[2].powi(2))
    );
}

#[test]
fn sums_of_products_under_a_head() {
    assert!(found(&[(1.0, 4.0), (1.0, 4.0), (1.0, 4.0)], 2, |x| 1.0 / (0.7 / x[0] + 2.0 * x[1] / x[2])));
    assert!(found(&[(1.0, 4.0), (1.0, 4.0)], 2, |x| (2.0 * x[0].powi(3) + 5.0 * x[1]).sqrt()));
}

#[test]
fn signed_inputs() {
    assert!(found(&[(-2.0, 2.0), (-1.0, 3.0)], 1, |x| 1.5 * x[0].powi(3) * x[1] - 0.4 * x[1].powi(2) + 2.0));
    assert!(found(&[(-2.0, 2.0), (1.0, 3.0)], 1, |x| -4.0 * x[0].powi(3) / x[1]));
}

#[test]
fn rational_laws() {
    assert!(found(&[(-2.0, 2.0), (0.5, 3.0)], 1, |x| (x[0] - 2.0 * x[1]) / (3.0 + x[0].powi(2) * x[1])));
}

#[test]
fn an_atom_in_a_product() {
    assert!(found(&[(1.0, 3.0), (0.1, 1.4), (1.0, 2.0)], 2, |x| 0.3 * x[0] * x[1].cos() / x[2].sqrt()));
    assert!(found(&[(1.0, 3.0), (0.5, 2.0)], 2, |x| 2.0 * x[0].sqrt() * (-0.8 * x[1]).exp()));
}

#[test]
fn a_plane_wave_beside_a_polynomial() {
    let ranges = [(-10.0, 10.0), (-10.0, 10.0), (-5.0, 5.0), (1.0, 9.0)];
    let law = |x: &[f64]| x[3] * (x[0] - 1.52) - (4.03 * x[1] + x[2]).cos();
    assert!(found(&ranges, 6, law));
    // Under noise the polynomial has no term too many.
    let e = search(&ranges, PrimitiveSet::SCIENCE, 0.002, 6, 0.005, law).unwrap();
    assert!(e.parameters().len() <= 7, "{e:?}");
}

#[test]
fn standing_waves() {
    let ranges = [(-10.0, 10.0), (-10.0, 10.0), (-5.0, 5.0)];
    assert!(found(&ranges, 1, |x| 2.0 - 2.1 * (1.8 * x[0]).cos() * (1.3 * x[1]).sin()));
    assert!(found(&ranges, 1, |x| 0.5 * x[2] - (4.8 * x[0] + 0.3).cos() * (3.3 * x[1]).sin()));
    assert!(found(&ranges, 1, |x| 1.5 * x[2] * (4.8 * x[0]).cos() * (3.3 * x[1]).sin()));
    assert!(found(&ranges, 1, |x| (-0.2 * x[0]).exp() * (4.8 * x[0]).cos() * (3.3 * x[1]).sin()));
}

#[test]
fn exponents_under_noise() {
    let ranges = [(1.0, 4.0), (1.0, 4.0), (1.0, 4.0)];
    let law = |x: &[f64]| 1.7 * x[0].powi(2) * x[1] / x[2].sqrt();
    let e = search(&ranges, PrimitiveSet::SCIENCE, 0.1, 1, 0.02, law).unwrap();
    assert_eq!(e.parameters().len(), 1, "exponents are snapped: {e:?}");
}

#[test]
fn the_seed_set_has_no_quotient_and_no_root() {
    let ranges = [(0.5, 2.0), (0.5, 2.0)];
    let law = |x: &[f64]| x[0].powi(2) / x[1].sqrt();
    if let Some(e) = search(&ranges, PrimitiveSet::SEED, 0.0, 2, 0.1, law) {
        use crate::expr::{Node, Op};
        assert!(e.nodes().iter().all(|n| !matches!(
            n,
            Node::Binary(Op::Div | Op::Pow, ..) | Node::Unary(Op::Sqrt | Op::Reciprocal | Op::Ln, _)
        )));
    }
    let law = |x: &[f64]| 2.0 * x[0].powi(2) * x[1] - 3.0 * x[1] + 1.0;
    assert!(search(&ranges, PrimitiveSet::SEED, 0.0, 1, 1e-9, law).is_some());
}

#[test]
fn the_same_result_on_any_number_of_threads() {
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let law = |x: &[f64]| (x[0] + x[1]).ln() * x[0];
            search(&[(1.0, 3.0), (1.0, 3.0)], PrimitiveSet::SCIENCE, 0.01, 1, 0.5, law)
        })
    };
    assert_eq!(run(1), run(2));
}
