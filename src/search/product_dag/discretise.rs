//! From real exponents to a formula: snap, re-solve, drop what does not pay for its length.
//!
//! After a solve the architecture weights are exponents near their true values. They are moved to the grid of
//! half-integers and thirds one at a time, nearest first, the others solved again after each; then factors and
//! terms are dropped as long as the description length of data and formula falls.

use super::model::Inner;
use super::shape::Shape;

/// Below this unexplained fraction of the variance the data are explained to working precision.
pub(crate) const EXACT: f64 = 1e-20;

/// Nats per node of a formula.
const NODE: f64 = 1.5;

/// Description length of the data under a shape, up to a constant.
fn description(inner: &Inner<'_>, shape: &Shape, cost: f64) -> f64 {
    let n = inner.rows() as f64;
    let constants = shape.coefficients.len() + shape.parameters().len();
    0.5 * n * (cost + 1e-26).ln() + 0.5 * constants as f64 * n.ln() + NODE * shape.length(inner.features)
}

/// The point of the grid nearest to an exponent: a half-integer, or a third where that is clearly nearer.
pub(crate) fn nearest(exponent: f64) -> f64 {
    let half = (2.0 * exponent).round() / 2.0;
    let third = (3.0 * exponent).round() / 3.0;
    if (exponent - half).abs() > 0.08 && (exponent - third).abs() < 0.25 * (exponent - half).abs() {
        third
    } else {
        half
    }
}

/// The discrete shapes that a solved one leads to, with their costs: the fully snapped one, and the one after
/// elimination.
pub(crate) fn discretise(inner: &Inner<'_>, solved: &Shape, cost: f64) -> Vec<(Shape, f64)> {
    let mut out = Vec::new();
    let snapped = snap_all(inner, solved);
    let (shape, cost) = match snapped {
        Some((shape, c)) if c <= EXACT.max(1.2 * cost) => (shape, c),
        _ => snap_in_turn(inner, solved, cost),
    };
    if shape.terms.is_empty() {
        return out;
    }
    let (small, small_cost) = eliminate(inner, &shape, cost);
    if small != shape {
        out.push((small, small_cost));
    }
    out.push((shape, cost));
    out
}

/// Every exponent on the grid, the rest solved again.
fn snap_all(inner: &Inner<'_>, shape: &Shape) -> Option<(Shape, f64)> {
    let mut s = shape.clone();
    for p in s.powers_mut() {
        if p.free && !inner.features[p.feature].exponential {
            p.exponent = nearest(p.exponent);
            p.free = false;
            if !inner.allowed.exponent(p.exponent) {
                return None;
            }
        }
    }
    for u in s.terms.iter_mut().flat_map(|t| &mut t.units) {
        if u.free_exponent {
            u.exponent = nearest(u.exponent);
            u.free_exponent = false;
        }
    }
    s.tidy();
    if s.terms.is_empty() {
        return None;
    }
    let cost = inner.solve(&mut s, 25);
    Some((s, cost))
}

fn snap_in_turn(inner: &Inner<'_>, shape: &Shape, cost: f64) -> (Shape, f64) {
    let mut best = shape.clone();
    let mut best_cost = cost;
    let mut refused: Vec<usize> = Vec::new();
    loop {
        if inner.control.is_stopped() {
            break;
        }
        let mut candidates: Vec<(f64, usize)> = Vec::new();
        for (i, p) in best.powers_mut().into_iter().enumerate() {
            if p.free && !inner.features[p.feature].exponential && !refused.contains(&i) {
                candidates.push(((p.exponent - nearest(p.exponent)).abs(), i));
            }
        }
        let Some(&(_, i)) = candidates.iter().min_by(|a, b| a.0.total_cmp(&b.0)) else { break };
        let mut s = best.clone();
        {
            let p = &mut *s.powers_mut().remove(i);
            p.exponent = nearest(p.exponent);
            p.free = false;
        }
        let c = inner.solve(&mut s, 15);
        if description(inner, &s, c) <= description(inner, &best, best_cost) + 1.0 {
            best = s;
            best_cost = c;
        } else {
            refused.push(i);
        }
    }
    let before = best.clone();
    best.tidy();
    if best.terms.is_empty() {
        return (before, best_cost);
    }
    if best != before {
        best_cost = inner.solve(&mut best, 15);
    }
    (best, best_cost)
}

/// Drops terms, then factors, as long as that lowers the description length.
pub(crate) fn eliminate(inner: &Inner<'_>, shape: &Shape, cost: f64) -> (Shape, f64) {
    let mut best = shape.clone();
    let mut best_cost = cost;
    loop {
        let mut next: Option<(f64, Shape, f64)> = None;
        let limit = description(inner, &best, best_cost);
        let mut attempt = |mut s: Shape| {
            s.tidy();
            if s.terms.is_empty() || inner.control.is_stopped() {
                return;
            }
            let c = inner.solve(&mut s, 12);
            let length = description(inner, &s, c);
            if length < limit && next.as_ref().is_none_or(|n| length < n.0) {
                next = Some((length, s, c));
            }
        };
        if best.terms.len() > 1 {
            for k in 0..best.terms.len() {
                let mut s = best.clone();
                s.terms.remove(k);
                attempt(s);
            }
        }
        if best.constant {
            attempt(Shape { constant: false, ..best.clone() });
        }
        let count = best.powers_mut().len();
        if count <= 16 {
            for i in 0..count {
                let mut s = best.clone();
                {
                    let p = &mut *s.powers_mut().remove(i);
                    p.exponent = 0.0;
                    p.free = false;
                    p.odd = false;
                }
                attempt(s);
            }
        }
        match next {
            Some((_, s, c)) => {
                best = s;
                best_cost = c;
            }
            None => return (best, best_cost),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_snap_to_halves_and_thirds() {
        for (p, want) in
            [(0.48, 0.5), (-1.93, -2.0), (0.3334, 1.0 / 3.0), (0.04, 0.0), (0.66, 2.0 / 3.0), (1.4, 1.5)]
        {
            assert_eq!(nearest(p), want, "{p}");
        }
    }
}
