//! Which constants enter linearly, and their exact solution.

use super::{Gram, SquaredError, linear_fit};
use crate::expr::{DualVec, Expr, LANES, Node, Op, Scratch, Workspace};

/// The indices of a set of constants in which the expression is jointly linear (affine), found from its
/// structure: each reaches the root through sums, differences and products with parts free of such constants.
pub(crate) fn linear_parameters(expr: &Expr) -> Vec<usize> {
    let nodes = expr.nodes();
    let count = expr.parameters().len();
    // How often each constant is used; a constant that occurs twice may multiply itself, and is left out.
    let mut uses = vec![0usize; count];
    let mut stack = vec![expr.root()];
    // Walks the written-out tree; shared parts count as often as they occur. Large DAGs are cut off.
    let mut steps = 0;
    while let Some(id) = stack.pop() {
        steps += 1;
        if steps > 10_000 {
            return Vec::new();
        }
        match nodes[id as usize] {
            Node::Parameter(p) => uses[p as usize] += 1,
            Node::Unary(_, a) => stack.push(a),
            Node::Binary(_, a, b) => stack.extend([a, b]),
            _ => {}
        }
    }
    let mut linear = Vec::new();
    collect(nodes, expr.root(), &uses, &mut linear);
    linear.sort_unstable();
    linear
}

/// Collects the constants below `id` in which the value is jointly affine.
fn collect(nodes: &[Node], id: u32, uses: &[usize], out: &mut Vec<usize>) {
    match nodes[id as usize] {
        Node::Parameter(p) if uses[p as usize] == 1 => out.push(p as usize),
        Node::Unary(Op::Neg, a) => collect(nodes, a, uses, out),
        Node::Binary(Op::Add | Op::Sub, a, b) => {
            collect(nodes, a, uses, out);
            collect(nodes, b, uses, out);
        }
        // Of a product only one factor may carry linear constants: the one with more of them.
        Node::Binary(Op::Mul, a, b) => {
            let (mut left, mut right) = (Vec::new(), Vec::new());
            collect(nodes, a, uses, &mut left);
            collect(nodes, b, uses, &mut right);
            out.extend(if left.len() >= right.len() { left } else { right });
        }
        Node::Binary(Op::Div, a, _) => collect(nodes, a, uses, out),
        _ => {}
    }
}

/// Solves the linear constants exactly, the others held, and keeps the solution where it lowers the cost:
/// `f = f_0 + sum_j J_j theta_j` with constant `J_j`. Returns the cost of the point.
pub(crate) fn solve_linear(problem: &SquaredError<'_>, linear: &[usize], point: &mut [f64]) -> f64 {
    let mut values = Workspace::new();
    let before = problem.cost(point, &mut values);
    if linear.is_empty() {
        return before;
    }
    let mut zeroed = point.to_vec();
    linear.iter().for_each(|&j| zeroed[j] = 0.0);
    let solution = if problem.rows() > COLUMN_ROWS {
        by_gram(problem, linear, &zeroed)
    } else {
        by_qr(problem, linear, &zeroed)
    };
    let Some(solution) = solution else { return before };
    let mut trial = point.to_vec();
    for (&j, x) in linear.iter().zip(solution) {
        trial[j] = x;
    }
    let after = problem.cost(&trial, &mut values);
    if after < before {
        point.copy_from_slice(&trial);
        return after;
    }
    before
}

/// Rows beyond which the columns of the linear problem would take too much memory.
const COLUMN_ROWS: usize = 20_000;

/// The linear constants, given the point where they are zero.
fn by_qr(problem: &SquaredError<'_>, linear: &[usize], zeroed: &[f64]) -> Option<Vec<f64>> {
    let (target, weights) = problem.target();
    let mut scratch = Scratch::default();
    let (mut rest, basis) = problem.values_and_columns(zeroed, linear, &mut scratch);
    rest.iter_mut().zip(target).for_each(|(f, y)| *f = y - *f);
    let views: Vec<&[f64]> = basis.iter().map(Vec::as_slice).collect();
    linear_fit(&views, &rest, weights)
}

/// The same from the normal equations, which need no memory per row. A second solution, of what the first has
/// left, makes up for the digits that they lose.
fn by_gram(problem: &SquaredError<'_>, linear: &[usize], zeroed: &[f64]) -> Option<Vec<f64>> {
    let p = zeroed.len();
    let mut point = zeroed.to_vec();
    let mut workspace = Workspace::<DualVec<LANES>>::new();
    for _ in 0..2 {
        let equations = problem.normal_equations(&point, &mut workspace)?;
        let jtj: Vec<f64> = linear
            .iter()
            .flat_map(|&a| linear.iter().map(move |&b| (a, b)))
            .map(|(a, b)| equations.jtj[a * p + b])
            .collect();
        let jtr: Vec<f64> = linear.iter().map(|&a| equations.jtr[a]).collect();
        let step = Gram::solve(&jtj, &jtr, 0.0)?;
        linear.iter().zip(step).for_each(|(&j, s)| point[j] -= s);
    }
    Some(linear.iter().map(|&j| point[j]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_them() {
        let p = Expr::parameter;
        let x = Expr::variable(0);
        // p0 + p1 * exp(p2 * x) / (p3 + x)
        let e = p(1.0) + p(2.0) * (p(3.0) * x.clone()).apply(Op::Exp) / (p(4.0) + x.clone());
        assert_eq!(linear_parameters(&e), [0, 1]);
        // (p0 + x) * (p1 + p2 * x): not jointly linear
        let e = (p(1.0) + x.clone()) * (p(2.0) + p(3.0) * x);
        assert_eq!(linear_parameters(&e), [1, 2]);
    }
}
