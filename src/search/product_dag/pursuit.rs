//! Sparse sums over a dictionary of products: full solve and prune, or orthogonal matching pursuit with exchange.
//!
//! Where exponents are small integers the sum is linear in everything, and signed inputs need no parity bits: a
//! dictionary that is shorter than the rows is solved as a whole and pruned; a longer one is searched greedily,
//! and after each new column every chosen one is exchanged for the best alternative until nothing improves.

use super::context::Context;
use super::discretise::{EXACT, eliminate};
use super::feature::Feature;
use super::head::Head;
use super::judge::Found;
use super::model::Inner;
use super::shape::{Power, Shape, Term};
use crate::least_squares::{dot, dots, linear_fit_and_rest, orthogonalise, subtract};

/// A product of powers with fixed exponents: feature and exponent.
pub(crate) type Column = Vec<(usize, f64)>;

/// All products of the first `inputs` features with non-negative integer exponents up to a total degree, the
/// constant left out, by degree.
pub(crate) fn polynomial(inputs: usize, degree: usize, most: usize) -> Vec<Column> {
    let mut out: Vec<Column> = Vec::new();
    let mut layer: Vec<Column> = vec![vec![]];
    for _ in 0..degree {
        let mut next = Vec::new();
        for c in &layer {
            let from = c.last().map_or(0, |l| l.0);
            for i in from..inputs {
                let mut c = c.clone();
                match c.last_mut() {
                    Some(l) if l.0 == i => l.1 += 1.0,
                    _ => c.push((i, 1.0)),
                }
                next.push(c);
            }
        }
        if out.len() + next.len() > most {
            break;
        }
        out.extend(next.iter().cloned());
        layer = next;
    }
    out
}

/// Products of up to `factors` features with exponents out of `exponents`, shortest first, at most `most`.
pub(crate) fn products(features: &[usize], exponents: &[f64], factors: usize, most: usize) -> Vec<Column> {
    let mut out: Vec<(f64, Column)> = Vec::new();
    let mut layer: Vec<(f64, Column)> = vec![(0.0, vec![])];
    for _ in 0..factors {
        let mut next = Vec::new();
        for (cost, c) in &layer {
            for &f in features.iter().filter(|f| c.last().is_none_or(|l| **f > l.0)) {
                for &p in exponents {
                    let mut c = c.clone();
                    c.push((f, p));
                    next.push((cost + 1.0 + (p.abs() - 1.0).abs() + if p < 0.0 { 0.5 } else { 0.0 }, c));
                }
            }
            if next.len() > 4 * most {
                break;
            }
        }
        out.extend(next.iter().cloned());
        layer = next;
    }
    out.sort_by(|a, b| a.0.total_cmp(&b.0));
    out.truncate(most);
    out.into_iter().map(|c| c.1).collect()
}

/// A product as a term. Exponents of a dictionary are those of the atom itself, those of a term of the scaled
/// feature.
pub(crate) fn term_of(features: &[Feature], column: &Column) -> Term {
    Term::product(column.iter().map(|&(f, p)| Power::fixed(f, p * features[f].scale)).collect())
}

fn shape_of(features: &[Feature], columns: &[&Column], constant: bool) -> Shape {
    let terms = columns.iter().map(|c| term_of(features, c)).collect();
    Shape { constant, terms, coefficients: Vec::new() }
}

/// Values of the dictionary, weighted; columns that are not finite are left out.
fn values(inner: &Inner<'_>, dictionary: &[Column]) -> (Vec<usize>, Vec<Vec<f64>>) {
    let mut kept = Vec::new();
    let mut columns = Vec::new();
    for (i, c) in dictionary.iter().enumerate() {
        let mut v = vec![0.0; inner.rows()];
        for &(f, p) in c {
            subtract(&mut v, -p * inner.features[f].scale, &inner.features[f].log);
        }
        v.iter_mut().for_each(|x| *x = x.exp());
        for &(f, p) in c {
            if let Some(s) = inner.features[f].signs.as_ref().filter(|_| p.rem_euclid(2.0) == 1.0) {
                v.iter_mut().zip(s).for_each(|(x, s)| *x *= s);
            }
        }
        v.iter_mut().zip(&inner.target.root_weights).for_each(|(x, w)| *x *= w);
        let size = dot(&v, &v);
        if size.is_finite() && size > 0.0 {
            kept.push(i);
            columns.push(v);
        }
    }
    (kept, columns)
}

/// Solves a dictionary that is shorter than the rows as a whole and keeps what contributes. Answers exact sums
/// only: under noise every column contributes.
pub(crate) fn full_solve(context: &Context<'_>, head: Head, dictionary: &[Column]) -> Vec<Found> {
    let Some(target) = context.transform(head) else { return Vec::new() };
    let inner = context.inner(&target);
    let (kept, columns) = values(&inner, dictionary);
    let weighted: Vec<f64> = target.values.iter().zip(&target.root_weights).map(|(v, w)| v * w).collect();
    let mut views: Vec<&[f64]> = vec![&target.root_weights];
    views.extend(columns.iter().map(Vec::as_slice));
    let Some((c, residual)) = linear_fit_and_rest(&views, &weighted, None) else { return Vec::new() };
    if dot(&residual, &residual) > 1e-18 {
        return Vec::new();
    }
    let share: Vec<f64> = views.iter().zip(&c).map(|(v, c)| c.abs() * dot(v, v).sqrt()).collect();
    let largest = share.iter().fold(0.0f64, |m, s| m.max(*s));
    let mut found = Vec::new();
    for threshold in [1e-3, 1e-5, 1e-7] {
        let chosen: Vec<&Column> = kept
            .iter()
            .zip(&share[1..])
            .filter(|(_, s)| **s > threshold * largest)
            .map(|(i, _)| &dictionary[*i])
            .collect();
        if chosen.is_empty() || chosen.len() > 16 {
            continue;
        }
        let mut shape = shape_of(inner.features, &chosen, share[0] > threshold * largest);
        if inner.solve(&mut shape, 0) < EXACT {
            found.extend(context.write(&inner, &shape, "product_dag/polynomial"));
            break;
        }
    }
    found
}

/// Sums of up to `most` terms of a dictionary. Terms with free constants stand for a family: once chosen, their
/// constants are solved for together with the others, and the next choice is made beside the solved ones.
pub(crate) fn pursue(
    context: &Context<'_>,
    head: Head,
    dictionary: &[Term],
    constant: bool,
    most: usize,
) -> Vec<Found> {
    let Some(target) = context.transform(head) else { return Vec::new() };
    let inner = context.inner(&target);
    let weigh = |mut c: Vec<f64>| -> Vec<f64> {
        c.iter_mut().zip(&target.root_weights).for_each(|(x, w)| *x *= w);
        c
    };
    let (mut kept, mut columns) = (Vec::new(), Vec::new());
    for (i, term) in dictionary.iter().enumerate() {
        if i % 64 == 0 && context.control.is_stopped() {
            return Vec::new();
        }
        let c = weigh(inner.column(term));
        let size = dot(&c, &c);
        if size.is_finite() && size > 0.0 {
            kept.push(i);
            columns.push(c);
        }
    }
    let y = weigh(target.values.clone());
    let best_beside = |terms: &[Term]| -> Option<usize> {
        let mut beside: Vec<Vec<f64>> = Vec::with_capacity(terms.len() + 1);
        if constant {
            beside.push(target.root_weights.clone());
        }
        beside.extend(terms.iter().map(|t| weigh(inner.column(t))));
        context.control.count(columns.len() as u64);
        best_column(&beside, &columns, &y).map(|c| kept[c])
    };
    let solve = |terms: Vec<Term>| -> (Shape, f64) {
        let mut shape = Shape { constant, terms, coefficients: Vec::new() };
        let iterations = if shape.parameters().is_empty() { 0 } else { 20 };
        let cost = inner.solve(&mut shape, iterations);
        (shape, cost)
    };
    let mut found = Vec::new();
    let mut best: Option<(Shape, f64)> = None;
    let mut before = f64::INFINITY;
    for _ in 0..most.min(inner.rows() / 4) {
        let mut terms = best.as_ref().map_or_else(Vec::new, |b| b.0.terms.clone());
        let Some(next) = best_beside(&terms) else { break };
        terms.push(dictionary[next].clone());
        let (mut shape, mut cost) = solve(terms);
        // Exchange: each term against the best replacement, given the others.
        for _ in 0..4 {
            let mut changed = false;
            for slot in 0..shape.terms.len() {
                if context.control.is_stopped() {
                    return found;
                }
                let mut others = shape.terms.clone();
                others.remove(slot);
                let Some(c) = best_beside(&others) else { continue };
                others.insert(slot, dictionary[c].clone());
                let (s, c) = solve(others);
                if c < 0.999 * cost {
                    (shape, cost) = (s, c);
                    changed = true;
                }
            }
            if !changed || shape.terms.len() == 1 || cost < EXACT {
                break;
            }
        }
        if cost < 0.9 * before && cost < 0.7 && cost < 100.0 * context.bar {
            if shape.parameters().is_empty() {
                let exact = cost < EXACT;
                let s = if exact { eliminate(&inner, &shape, cost).0 } else { shape.clone() };
                found.extend(context.write(&inner, &s, "product_dag/pursuit"));
            } else {
                let cost = inner.solve(&mut shape, 30);
                found.extend(context.follow_up(
                    &inner,
                    vec![(shape.clone(), cost)],
                    1,
                    "product_dag/pursuit",
                ));
            }
            if found.iter().any(Found::is_exact) {
                break;
            }
        }
        before = before.min(cost);
        best = Some((shape, cost));
    }
    found
}

/// What a rich basis may explain of an analytic function on a narrow range is above this; a law is below.
const ROUNDING: f64 = 1e-25;

/// Pairs have one term out of the first so many of a dictionary, and the other out of the first so many.
const SHORTEST: usize = 600;
const LONGEST: usize = 2500;

/// Exact sums of monomials and one or two terms of a dictionary: the monomials are projected out of everything
/// at once, then a pair costs one dot product.
pub(crate) fn beside(context: &Context<'_>, head: Head, base: &[Column], dictionary: &[Term]) -> Vec<Found> {
    let Some(target) = context.transform(head) else { return Vec::new() };
    let inner = context.inner(&target);
    let weigh = |mut c: Vec<f64>| -> Vec<f64> {
        c.iter_mut().zip(&target.root_weights).for_each(|(x, w)| *x *= w);
        c
    };
    let base_terms: Vec<Term> = base.iter().map(|c| term_of(inner.features, c)).collect();
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let all = std::iter::once(target.root_weights.clone());
    for mut c in all.chain(base_terms.iter().map(|t| weigh(inner.column(t)))) {
        let size = dot(&c, &c);
        orthogonalise(&basis, &mut c);
        let norm = dot(&c, &c);
        if norm > 1e-20 * size && norm.is_finite() {
            c.iter_mut().for_each(|x| *x /= norm.sqrt());
            basis.push(c);
        }
    }
    let mut y = weigh(target.values.clone());
    orthogonalise(&basis, &mut y);
    let left = dot(&y, &y);
    if !(left > EXACT) {
        return Vec::new(); // the monomials alone do it
    }
    let mut rest: Vec<(usize, Vec<f64>, f64)> = Vec::new();
    for (i, term) in dictionary.iter().enumerate() {
        if i % 64 == 0 && context.control.is_stopped() {
            return Vec::new();
        }
        let mut c = weigh(inner.column(term));
        let size = dot(&c, &c);
        orthogonalise(&basis, &mut c);
        let norm = dot(&c, &c);
        if size.is_finite() && norm > 1e-14 * size {
            c.iter_mut().for_each(|x| *x /= norm.sqrt());
            let gain = dot(&c, &y);
            rest.push((i, c, gain));
        }
    }
    context.control.count(dictionary.len() as u64);
    let mut best: Vec<(f64, Vec<usize>)> = Vec::new();
    let mut offer = |gain: f64, members: &[usize]| {
        if best.len() < 4 || gain > best[3].0 {
            best.push((gain, members.to_vec()));
            best.sort_by(|a, b| b.0.total_cmp(&a.0));
            best.truncate(4);
        }
    };
    let shortest: Vec<&[f64]> = rest.iter().take(SHORTEST).map(|r| r.1.as_slice()).collect();
    for a in 0..rest.len() {
        offer(rest[a].2.powi(2), &[rest[a].0]);
        if a % 16 == 0 && context.control.is_stopped() {
            break;
        }
        if a > LONGEST {
            continue;
        }
        for (b, g) in dots(&rest[a].1, &shortest[..a.min(shortest.len())]).into_iter().enumerate() {
            if g.abs() < 0.999_999_9 {
                let (x, y) = (rest[a].2, rest[b].2);
                let gain = (x * x + y * y - 2.0 * x * y * g) / (1.0 - g * g);
                if gain > 0.0 {
                    offer(gain, &[rest[b].0, rest[a].0]);
                }
            }
        }
    }
    let mut found = Vec::new();
    for (gain, members) in best {
        // Only what the pair explains completely (or nearly, where its rates are still on a grid) is of interest.
        let open = members.iter().any(|m| !dictionary[*m].units.is_empty());
        if left - gain > if open { 0.05 } else { 1e-5 } * left {
            continue;
        }
        let mut terms = base_terms.clone();
        terms.extend(members.iter().map(|m| dictionary[*m].clone()));
        let mut shape = Shape { constant: true, terms, coefficients: Vec::new() };
        let cost = inner.solve(&mut shape, if open { 30 } else { 0 });
        if cost < ROUNDING {
            let pruned = prune(&inner, &shape);
            found.extend(context.write(&inner, &pruned, "product_dag/beside"));
            if found.iter().any(Found::is_exact) {
                break;
            }
        }
    }
    found
}

/// Drops the terms of an exact sum that contribute nothing.
fn prune(inner: &Inner<'_>, shape: &Shape) -> Shape {
    let first = usize::from(shape.constant);
    let share: Vec<f64> = shape
        .terms
        .iter()
        .zip(&shape.coefficients[first..])
        .map(|(t, c)| {
            let column = inner.column(t);
            let weighted: f64 =
                column.iter().zip(&inner.target.root_weights).map(|(x, w)| (x * w).powi(2)).sum();
            c.abs() * weighted.sqrt()
        })
        .collect();
    let largest = share.iter().fold(0.0f64, |m, s| m.max(*s));
    for threshold in [1e-3, 1e-5, 1e-7] {
        let terms: Vec<Term> = shape
            .terms
            .iter()
            .zip(&share)
            .filter(|(_, s)| **s > threshold * largest)
            .map(|(t, _)| t.clone())
            .collect();
        for constant in [false, true] {
            let mut s = Shape { constant, terms: terms.clone(), coefficients: Vec::new() };
            let cost = inner.solve(&mut s, 15);
            if cost < 10.0 * ROUNDING {
                return s;
            }
        }
    }
    shape.clone()
}

/// The column that lowers the residual most beside others.
fn best_column(beside: &[Vec<f64>], columns: &[Vec<f64>], y: &[f64]) -> Option<usize> {
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(beside.len());
    let mut residual = y.to_vec();
    for c in beside {
        let mut v = c.clone();
        let size = dot(&v, &v);
        orthogonalise(&basis, &mut v);
        let norm = dot(&v, &v);
        if norm > 1e-22 * size {
            v.iter_mut().for_each(|x| *x /= norm.sqrt());
            let d = dot(&v, &residual);
            subtract(&mut residual, d, &v);
            basis.push(v);
        }
    }
    let spanned: Vec<&[f64]> = basis.iter().map(Vec::as_slice).collect();
    let mut best: Option<(usize, f64)> = None;
    for (i, c) in columns.iter().enumerate() {
        // ||c||^2 minus its projections: accurate enough to rank, and no copy of the column.
        let size = dot(c, c);
        let rest = size - dots(c, &spanned).into_iter().map(|d| d * d).sum::<f64>();
        // What the chosen ones span already adds nothing.
        if !(rest > 1e-9 * size) {
            continue;
        }
        let g = dot(c, &residual);
        let gain = g * g / rest;
        if best.is_none_or(|b| gain > b.1 * (1.0 + 1e-9)) {
            best = Some((i, gain));
        }
    }
    best.map(|b| b.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_have_every_monomial_once() {
        assert_eq!(polynomial(2, 2, 100).len(), 5);
        assert_eq!(polynomial(3, 3, 100).len(), 19);
        assert_eq!(polynomial(1, 8, 100).len(), 8);
        assert!(polynomial(5, 9, 100).len() <= 100);
    }

    #[test]
    fn products_come_shortest_first() {
        let c = products(&[0, 1], &[1.0, 2.0, -1.0], 2, 100);
        assert_eq!(c[0], [(0, 1.0)]);
        assert_eq!(c.len(), 3 * 2 + 9);
    }
}
