//! [`Sensitivity`]: values and adjoints of every part of a formula, and what its own constants can explain.

use crate::expr::Op;
use crate::least_squares::{dot, project_out};
use crate::search::tree::{Sample, Symbol, Tree};

/// Directions shorter than this fraction of themselves after projection are explained by the others.
const DEPENDENT: f64 = 1e-9;

/// Values, adjoints `df/du` of every part `u` of a fitted formula `f` over the rows of a sample, and the residual.
///
/// One sweep up for the values and one down for the adjoints, over whole columns. The adjoints of the parameters
/// are the columns of the Jacobian.
#[derive(Clone, Debug)]
pub(crate) struct Sensitivity {
    /// Per position of the tree.
    pub(crate) values: Vec<Vec<f64>>,
    /// Per position of the tree.
    pub(crate) adjoints: Vec<Vec<f64>>,
    /// Target minus formula.
    pub(crate) residual: Vec<f64>,
    /// Square roots of the weights of the rows.
    pub(crate) root_weights: Vec<f64>,
    parameters: Vec<usize>,
}

impl Sensitivity {
    /// Both sweeps; `None` where a value of the formula is not finite.
    pub(crate) fn new(tree: &Tree, sample: &Sample) -> Option<Self> {
        let columns = sample.views();
        let rows = sample.rows();
        let symbols = tree.symbols();
        let mut values: Vec<Vec<f64>> = Vec::with_capacity(symbols.len());
        let mut arguments: Vec<(usize, usize)> = Vec::with_capacity(symbols.len());
        let mut stack: Vec<usize> = Vec::new();
        for (at, symbol) in symbols.iter().enumerate() {
            let mut pair = (0, 0);
            let column = match *symbol {
                Symbol::Constant(v) | Symbol::Parameter(v) => vec![v; rows],
                Symbol::Variable(v) => columns[v as usize].to_vec(),
                Symbol::Unary(op) => {
                    pair.0 = stack.pop()?;
                    values[pair.0].iter().map(|x| op.value(*x)).collect()
                }
                Symbol::Binary(op) => {
                    pair.1 = stack.pop()?;
                    pair.0 = stack.pop()?;
                    values[pair.0].iter().zip(&values[pair.1]).map(|(x, y)| op.value2(*x, *y)).collect()
                }
            };
            values.push(column);
            arguments.push(pair);
            stack.push(at);
        }
        let root = symbols.len() - 1;
        if values[root].iter().any(|v| !v.is_finite()) {
            return None;
        }
        let mut adjoints = vec![vec![0.0; rows]; symbols.len()];
        adjoints[root] = vec![1.0; rows];
        for at in (0..symbols.len()).rev() {
            let (left, right) = arguments[at];
            match symbols[at] {
                Symbol::Unary(op) => {
                    for i in 0..rows {
                        let d = op.derivatives(values[left][i], values[at][i]).0;
                        adjoints[left][i] = adjoints[at][i] * d;
                    }
                }
                Symbol::Binary(op) => {
                    for i in 0..rows {
                        let (da, db) = partials(op, values[left][i], values[right][i], values[at][i]);
                        adjoints[left][i] = adjoints[at][i] * da;
                        adjoints[right][i] = adjoints[at][i] * db;
                    }
                }
                _ => {}
            }
        }
        let residual = sample.target().iter().zip(&values[root]).map(|(y, f)| y - f).collect();
        let root_weights =
            sample.weights().map_or_else(|| vec![1.0; rows], |w| w.iter().map(|w| w.sqrt()).collect());
        let parameters =
            (0..symbols.len()).filter(|at| matches!(symbols[*at], Symbol::Parameter(_))).collect();
        Some(Self { values, adjoints, residual, root_weights, parameters })
    }

    /// An orthonormal basis of what the parameters can explain to first order, those in `without` held.
    pub(crate) fn basis(&self, without: std::ops::Range<usize>) -> Basis {
        let mut basis = Basis::default();
        for at in self.parameters.iter().filter(|at| !without.contains(*at)) {
            basis.add(self.weighted(&self.adjoints[*at]));
        }
        basis
    }

    /// A column times the square roots of the weights.
    pub(crate) fn weighted(&self, column: &[f64]) -> Vec<f64> {
        column.iter().zip(&self.root_weights).map(|(x, w)| x * w).collect()
    }
}

fn partials(op: Op, a: f64, b: f64, f: f64) -> (f64, f64) {
    match op {
        Op::Add => (1.0, 1.0),
        Op::Sub => (1.0, -1.0),
        Op::Mul => (b, a),
        Op::Div => (1.0 / b, -f / b),
        Op::Pow => (if b == 0.0 { 0.0 } else { b * a.powf(b - 1.0) }, if a > 0.0 { f * a.ln() } else { 0.0 }),
        Op::Max => {
            if a > b {
                (1.0, 0.0)
            } else {
                (0.0, 1.0)
            }
        }
        Op::Min => {
            if a < b {
                (1.0, 0.0)
            } else {
                (0.0, 1.0)
            }
        }
        _ => (0.0, 0.0),
    }
}

/// An orthonormal basis of some directions in the space of the rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Basis {
    columns: Vec<Vec<f64>>,
}

impl Basis {
    /// Adds a direction unless the others explain it.
    pub(crate) fn add(&mut self, mut direction: Vec<f64>) {
        let before = dot(&direction, &direction).sqrt();
        if !before.is_finite() || before == 0.0 {
            return;
        }
        self.project(&mut direction);
        self.project(&mut direction);
        let after = dot(&direction, &direction).sqrt();
        if after > DEPENDENT * before {
            direction.iter_mut().for_each(|x| *x /= after);
            self.columns.push(direction);
        }
    }

    /// Takes out of a vector what the basis explains.
    pub(crate) fn project(&self, vector: &mut [f64]) {
        project_out(&self.columns, vector);
    }

    /// The squared length of what the basis explains of a vector.
    pub(crate) fn explained(&self, vector: &[f64]) -> f64 {
        self.columns.iter().map(|q| dot(q, vector).powi(2)).sum()
    }
}
