//! Single products in closed form: `ln|phi(y)|` as a linear combination of logarithms.
//!
//! One regression decides whether the transformed target is a product of powers of the inputs; with every atom
//! (or pair of atoms) projected onto what the inputs leave over, one more factor costs a dot product.

use super::context::Context;
use super::head::Head;
use super::judge::Found;
use super::shape::{Power, Shape, Term};
use crate::least_squares::{dot, linear_fit, orthogonalise};

/// Products of inputs with up to `atoms` atoms (0 to 2).
pub(crate) fn monomials(context: &Context<'_>, head: Head, atoms: usize) -> Vec<Found> {
    let Some(target) = context.transform(head) else { return Vec::new() };
    let inner = context.inner(&target);
    let n = inner.rows();
    let logs: Vec<f64> = target.values.iter().map(|v| v.abs().max(1e-14).ln()).collect();
    // An error dv of v is an error dv/v of its logarithm; rows near zero say little.
    let mut root_weights: Vec<f64> =
        target.values.iter().zip(&target.root_weights).map(|(v, w)| v.abs() * w).collect();
    let largest = root_weights.iter().fold(0.0f64, |m, w| m.max(*w));
    root_weights.iter_mut().for_each(|w| *w = w.min(0.1 * largest));
    let weighted = |c: &[f64]| -> Vec<f64> { c.iter().zip(&root_weights).map(|(a, b)| a * b).collect() };
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for i in 0..=context.inputs {
        let mut c = if i == 0 { root_weights.clone() } else { weighted(&context.features[i - 1].log) };
        let size = dot(&c, &c);
        orthogonalise(&basis, &mut c);
        let rest = dot(&c, &c);
        if rest > 1e-16 * size {
            c.iter_mut().for_each(|x| *x /= rest.sqrt());
            basis.push(c);
        }
    }
    let mut residual = weighted(&logs);
    let total = dot(&residual, &residual);
    orthogonalise(&basis, &mut residual);
    let left = dot(&residual, &residual);
    let mut choices: Vec<Vec<usize>> = vec![vec![]];
    if atoms > 0 && left > 1e-22 * total {
        let rest: Vec<(usize, Vec<f64>)> = (context.inputs..context.features.len())
            .filter_map(|i| {
                let mut c = weighted(&context.features[i].log);
                let size = dot(&c, &c);
                orthogonalise(&basis, &mut c);
                let norm = dot(&c, &c);
                c.iter_mut().for_each(|x| *x /= norm.sqrt());
                (norm > 1e-14 * size).then_some((i, c))
            })
            .collect();
        let gains: Vec<f64> = rest.iter().map(|(_, c)| dot(c, &residual)).collect();
        let mut scored: Vec<(f64, Vec<usize>)> =
            gains.iter().enumerate().map(|(a, g)| (g * g, vec![rest[a].0])).collect();
        best_first(&mut scored, 6);
        choices = scored.into_iter().map(|s| s.1).collect();
        if atoms > 1 {
            let mut pairs: Vec<(f64, Vec<usize>)> = Vec::new();
            for a in 0..rest.len() {
                if context.control.is_stopped() {
                    break;
                }
                for b in 0..a {
                    let g = dot(&rest[a].1, &rest[b].1);
                    let (x, y) = (gains[a], gains[b]);
                    if g.abs() < 0.999_999 {
                        let gain = (x * x + y * y - 2.0 * x * y * g) / (1.0 - g * g);
                        pairs.push((gain, vec![rest[b].0, rest[a].0]));
                    }
                }
            }
            best_first(&mut pairs, 8);
            choices.extend(pairs.into_iter().map(|s| s.1));
        }
    }
    let mut solved = Vec::new();
    for chosen in choices {
        let members: Vec<usize> = (0..context.inputs).chain(chosen).collect();
        let mut columns: Vec<&[f64]> = vec![];
        let ones = vec![1.0; n];
        columns.push(&ones);
        columns.extend(members.iter().map(|i| context.features[*i].log.as_slice()));
        let squares: Vec<f64> = root_weights.iter().map(|w| w * w).collect();
        let Some(p) = linear_fit(&columns, &logs, Some(&squares)) else { continue };
        let powers = members.iter().zip(&p[1..]).map(|(i, p)| Power::free(*i, *p)).collect();
        let mut shape =
            Shape { constant: false, terms: vec![Term::product(powers)], coefficients: Vec::new() };
        let cost = inner.solve(&mut shape, 12);
        solved.push((shape, cost));
    }
    context.follow_up(&inner, solved, 3, "product_dag/monomial")
}

/// Keeps the `most` largest scores, largest first; ties keep their order.
fn best_first(scored: &mut Vec<(f64, Vec<usize>)>, most: usize) {
    scored.retain(|s| s.0.is_finite());
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.truncate(most);
}
