//! [`find`]: the few products of powers on which a function depends beside its power factors.
//!
//! In logarithms `t = ln|y|`, `l_j = ln|x_j|` such a law is `t = a.l + g(C l)` with few rows in `C`: a ridge function beside a
//! plane. The directions come from the second derivatives of a polynomial fit (the eigenvectors of their mean square:
//! active subspaces, Constantine, Dow, Wang, SIAM J. Sci. Comput. 36, A1500, 2014), Gauss-Newton with a polynomial for
//! `g` makes them exact, and rational exponents are taken where the fit does not suffer.

use crate::least_squares::{dot, linear_fit_and_rest};
use crate::search::Control;
use crate::search::chebyshev::chebyshev;
use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// Degree of the polynomial for `g` by the number of groups.
const DEGREES: [usize; 3] = [9, 6, 4];

/// Rows per coefficient, at least.
const ROWS_PER_COEFFICIENT: usize = 3;

/// Rational exponents have these denominators and are at most so large.
const DENOMINATORS: [f64; 3] = [1.0, 2.0, 3.0];
const STEEPEST: f64 = 6.0;

/// What is left below this is rounding.
const ROUNDING: f64 = 1e-9;

/// Steps of Gauss-Newton, and how often one is halved.
const STEPS: usize = 12;
const HALVED: usize = 4;

/// Under noise, in nats of likelihood: what groups have to gain beyond a plane, and may lose beside the polynomial of all inputs
/// and by rational exponents.
const GAINED: f64 = 15.0;
const LOST: f64 = 10.0;

/// Noisy targets below this share of the median size count as if at it at first.
const LEAST: f64 = 0.1;

/// Points at which second derivatives are taken.
const POINTS: usize = 64;

/// When groups are taken for those of the law.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// What a plane leaves has to be so many times what groups leave.
    bend: f64,
    /// Groups may leave so many times what the polynomial of all inputs leaves, and rational exponents so many times what
    /// the fitted ones leave.
    suffers: f64,
    /// How far fitted exponents may be off.
    off: f64,
}

impl Bounds {
    /// For a target whose logarithm is known but for a few per cent.
    pub(super) const CLEAN: Self = Self { bend: 3.0, suffers: 1.1, off: 0.12 };

    /// For a target under noise that is larger than what groups have to explain.
    pub(super) fn noisy(rows: usize) -> Self {
        let rows = rows as f64;
        Self { bend: (GAINED / rows).exp(), suffers: (LOST / rows).exp(), off: 0.25 }
    }

    /// The nearest number with a small denominator, whole ones preferred.
    fn rational(&self, p: f64) -> Option<f64> {
        let near = |d: &f64| {
            let rounded = (p * d).round() / d;
            ((p - rounded).abs() <= self.off / d && rounded.abs() <= STEEPEST).then_some(rounded + 0.0)
        };
        DENOMINATORS.iter().find_map(near)
    }
}

/// The groups that a function depends on.
#[derive(Clone, Debug)]
pub(super) struct Invariants {
    /// Exponents of every input in each group; the pivot of a group has exponent 1 or -1 there and 0 in the others.
    pub(super) groups: Vec<Vec<f64>>,
    /// The slopes beside them, but for multiples of the groups; not rounded.
    pub(super) slopes: Vec<f64>,
}

/// The data in logarithms.
struct Logs<'a> {
    /// About their means.
    inputs: Vec<Vec<f64>>,
    spreads: Vec<f64>,
    target: &'a [f64],
    weights: &'a [f64],
}

/// A fit with its root mean square, corrected for the number of coefficients.
struct Fit {
    coefficients: Vec<f64>,
    left: f64,
}

/// Looks for one group, then for two and three, of fewer than all inputs. `None` where the target is a product of powers, or
/// where every input counts by itself.
pub(super) fn find(
    inputs: &[Vec<f64>],
    weights: &[f64],
    target: &[f64],
    bounds: Bounds,
    control: &Control,
) -> Option<Invariants> {
    let logs = Logs::new(inputs, weights, target)?;
    let plane = logs.fit(&logs.plane())?;
    let (whole, directions) = logs.directions()?;
    control.count((inputs.len() * inputs.len()) as u64);
    let most = (inputs.len() - 1).min(DEGREES.len());
    (1..=most).find_map(|count| {
        if control.is_stopped() {
            return None;
        }
        control.count(100);
        let mut ridge = Ridge::new(&logs, &directions, count)?;
        let free = ridge.refine(&logs)?;
        if plane.left < bounds.bend * free.max(ROUNDING) || free > bounds.suffers * whole.max(ROUNDING) {
            return None;
        }
        ridge.round(bounds)?;
        let rounded = ridge.fit(&logs)?;
        if rounded.left > bounds.suffers * free.max(ROUNDING) {
            return None;
        }
        // Inputs by themselves are what other stages begin with.
        let together = |g: &&Vec<f64>| g.iter().filter(|p| **p != 0.0).count() > 1;
        ridge.groups.iter().find(together)?;
        let slopes = rounded.coefficients[1..=inputs.len()].to_vec();
        Some(Invariants { groups: ridge.groups, slopes })
    })
}

/// The logarithm of a law and its weights where the target is noisy: near zero the noise turns signs, and the logarithm of the
/// target itself says more of the noise than of the law. With `t` for the logarithm of what a polynomial of all inputs
/// predicts, `t + (y - e^t) / e^t` with weights `e^(2 t)` is the target to first order (working response of generalised
/// linear models with a logarithmic link: Nelder, Wedderburn, J. R. Stat. Soc. A 135, 370, 1972).
pub(super) fn response(inputs: &[Vec<f64>], weights: &[f64], target: &[f64]) -> Option<(Vec<f64>, Vec<f64>)> {
    let sizes: Vec<f64> = target.iter().map(|y| y.abs()).collect();
    let median = crate::data::median(sizes);
    let start: Vec<f64> = target.iter().map(|y| y.max(LEAST * median).ln()).collect();
    let first: Vec<f64> = weights
        .iter()
        .zip(target)
        .map(|(w, y)| w * (y.max(LEAST * median) / median).min(1.0).powi(2))
        .collect();
    let logs = Logs::new(inputs, &first, &start)?;
    let (_, columns) = logs.polynomial();
    let predicted = |coefficients: &[f64]| -> Vec<f64> {
        let mut t = vec![0.0; target.len()];
        for (column, c) in columns.iter().zip(coefficients) {
            t.iter_mut().zip(column).for_each(|(t, v)| *t += c * v);
        }
        t
    };
    let squares = |t: &[f64]| -> f64 {
        t.iter().zip(target).zip(weights).map(|((t, y), w)| w * (y - t.exp()).powi(2)).sum()
    };
    let working = |t: &[f64]| -> (Vec<f64>, Vec<f64>) {
        let of = |((t, y), w): ((&f64, &f64), &f64)| (t + (y - t.exp()) / t.exp(), w * (2.0 * t).exp());
        t.iter().zip(target).zip(weights).map(of).unzip()
    };
    let mut coefficients = logs.fit(&columns)?.coefficients;
    let mut t = predicted(&coefficients);
    let mut left = squares(&t);
    for _ in 0..STEPS {
        let (z, w) = working(&t);
        let step = Logs::new(inputs, &w, &z)?.fit(&columns)?.coefficients;
        let mut size = 1.0;
        let better = (0..HALVED).find_map(|_| {
            let tried: Vec<f64> = coefficients.iter().zip(&step).map(|(a, b)| a + size * (b - a)).collect();
            size /= 4.0;
            let t = predicted(&tried);
            let now = squares(&t);
            (now < left).then_some((tried, t, now))
        });
        let Some((tried, now, squares)) = better else { break };
        let settled = squares > 0.999 * left;
        (coefficients, t, left) = (tried, now, squares);
        if settled {
            break;
        }
    }
    let (z, w) = working(&t);
    z.iter().chain(&w).all(|v| v.is_finite()).then_some((z, w))
}

/// The rounded exponents of the factor when these inputs, as many as there are groups, are to stay out of it. `None` where
/// they can not, or where the exponents are no simple numbers.
pub(super) fn without(
    slopes: &[f64],
    groups: &[Vec<f64>],
    out: &[usize],
    bounds: Bounds,
) -> Option<Vec<f64>> {
    let count = groups.len();
    let matrix = DMatrix::from_fn(count, count, |row, k| groups[k][out[row]]);
    let shares = matrix.lu().solve(&DVector::from_fn(count, |row, _| slopes[out[row]]))?;
    let mut factor = slopes.to_vec();
    for (group, share) in groups.iter().zip(&shares) {
        factor.iter_mut().zip(group).for_each(|(p, g)| *p -= share * g);
    }
    factor.iter().map(|p| bounds.rational(*p)).collect()
}

impl<'a> Logs<'a> {
    fn new(inputs: &[Vec<f64>], weights: &'a [f64], target: &'a [f64]) -> Option<Self> {
        let n = target.len() as f64;
        let centred: Vec<Vec<f64>> = inputs
            .iter()
            .map(|l| {
                let mean = l.iter().sum::<f64>() / n;
                l.iter().map(|l| l - mean).collect()
            })
            .collect();
        let spreads: Vec<f64> = centred.iter().map(|l| (dot(l, l) / n).sqrt()).collect();
        spreads.iter().all(|s| *s > 1e-6).then_some(Self { inputs: centred, spreads, target, weights })
    }

    fn rows(&self) -> usize {
        self.target.len()
    }

    /// 1 and the inputs.
    fn plane(&self) -> Vec<Vec<f64>> {
        std::iter::once(vec![1.0; self.rows()]).chain(self.inputs.iter().cloned()).collect()
    }

    fn fit(&self, columns: &[Vec<f64>]) -> Option<Fit> {
        if columns.len() * ROWS_PER_COEFFICIENT > self.rows() {
            return None;
        }
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let (coefficients, rest) = linear_fit_and_rest(&views, self.target, Some(self.weights))?;
        let squares: f64 = rest.iter().zip(self.weights).map(|(r, w)| w * r * r).sum();
        let share = 1.0 - columns.len() as f64 / self.rows() as f64;
        let left = (squares / self.weights.iter().sum::<f64>() / share).sqrt();
        left.is_finite().then_some(Fit { coefficients, left })
    }

    /// The polynomial of all inputs: the terms beyond the plane, as lists of inputs, and the columns of all terms, with inputs
    /// in units of their spreads.
    fn polynomial(&self) -> (Vec<Vec<usize>>, Vec<Vec<f64>>) {
        let d = self.inputs.len();
        let unit = self.unit();
        // Products of two, and of three where there are rows for them.
        let mut terms: Vec<Vec<usize>> = (0..d).flat_map(|i| (i..d).map(move |j| vec![i, j])).collect();
        let cubic = (d * (d + 1) * (d + 2) / 6 + terms.len() + d + 1) * ROWS_PER_COEFFICIENT <= self.rows();
        for i in 0..d {
            for j in i..d {
                terms.extend((j..d).filter(|k| cubic || (i == j && j == *k)).map(|k| vec![i, j, k]));
            }
        }
        let value = |term: &[usize], r: usize| term.iter().map(|i| unit[*i][r]).product::<f64>();
        let mut columns = self.plane();
        columns.extend(terms.iter().map(|t| (0..self.rows()).map(|r| value(t, r)).collect()));
        (terms, columns)
    }

    fn unit(&self) -> Vec<Vec<f64>> {
        self.inputs.iter().zip(&self.spreads).map(|(l, s)| l.iter().map(|l| l / s).collect()).collect()
    }

    /// What the polynomial of all inputs leaves, and the directions in which it bends, the strongest first, as columns in
    /// units of the spreads.
    fn directions(&self) -> Option<(f64, DMatrix<f64>)> {
        let (d, unit) = (self.inputs.len(), self.unit());
        let (terms, columns) = self.polynomial();
        let fit = self.fit(&columns)?;
        let mut squares = DMatrix::<f64>::zeros(d, d);
        for point in 0..POINTS {
            let r = point * self.rows() / POINTS;
            let mut hessian = DMatrix::<f64>::zeros(d, d);
            for (term, c) in terms.iter().zip(&fit.coefficients[d + 1..]) {
                for (p, &i) in term.iter().enumerate() {
                    for (q, &j) in term.iter().enumerate().filter(|(q, _)| *q != p) {
                        let others = term.iter().enumerate().filter(|(k, _)| *k != p && *k != q);
                        hessian[(i, j)] += c * others.map(|(_, k)| unit[*k][r]).product::<f64>();
                    }
                }
            }
            squares += &hessian * &hessian;
        }
        let eigen = SymmetricEigen::new(squares);
        let mut order: Vec<usize> = (0..d).collect();
        order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
        Some((fit.left, DMatrix::from_fn(d, d, |i, k| eigen.eigenvectors[(i, order[k])])))
    }
}

/// `a.l + g(C l)` with the exponents `C` of the groups.
struct Ridge {
    groups: Vec<Vec<f64>>,
    pivots: Vec<usize>,
    degree: usize,
}

impl Ridge {
    /// The strongest directions as groups with one pivot each.
    fn new(logs: &Logs<'_>, directions: &DMatrix<f64>, count: usize) -> Option<Self> {
        let d = logs.inputs.len();
        let mut rows: Vec<Vec<f64>> =
            (0..count).map(|k| (0..d).map(|i| directions[(i, k)]).collect()).collect();
        // Gauss-Jordan with the largest entry as pivot.
        let mut pivots = Vec::new();
        for k in 0..count {
            let free = (0..d).filter(|i| !pivots.contains(i));
            let pivot = free.max_by(|a, b| rows[k][*a].abs().total_cmp(&rows[k][*b].abs()))?;
            let largest = rows[k][pivot];
            if largest.abs() < 1e-9 {
                return None;
            }
            rows[k].iter_mut().for_each(|v| *v /= largest);
            let row = rows[k].clone();
            for (_, other) in rows.iter_mut().enumerate().filter(|(j, _)| *j != k) {
                let share = other[pivot];
                other.iter_mut().zip(&row).for_each(|(o, v)| *o -= share * v);
            }
            pivots.push(pivot);
        }
        // From units of the spreads to exponents.
        for (row, &pivot) in rows.iter_mut().zip(&pivots) {
            row.iter_mut().zip(&logs.spreads).for_each(|(v, s)| *v *= logs.spreads[pivot] / s);
        }
        Some(Self { groups: rows, pivots, degree: DEGREES[count - 1] })
    }

    /// The logarithms of the groups between -1 and 1, and their units.
    fn arguments(&self, logs: &Logs<'_>) -> (Vec<Vec<f64>>, Vec<f64>) {
        let of = |group: &Vec<f64>| {
            let mut sum = vec![0.0; logs.rows()];
            for (l, c) in logs.inputs.iter().zip(group).filter(|(_, c)| **c != 0.0) {
                sum.iter_mut().zip(l).for_each(|(s, l)| *s += c * l);
            }
            let (low, high) =
                sum.iter().fold((f64::INFINITY, -f64::INFINITY), |(a, b), s| (a.min(*s), b.max(*s)));
            let (middle, unit) = ((low + high) / 2.0, ((high - low) / 2.0).max(f64::MIN_POSITIVE));
            sum.iter_mut().for_each(|s| *s = (*s - middle) / unit);
            (sum, unit)
        };
        self.groups.iter().map(of).unzip()
    }

    /// Degrees in each argument of the terms of `g` beyond the plane.
    fn terms(&self) -> Vec<Vec<usize>> {
        let mut terms = vec![Vec::new()];
        for _ in &self.groups {
            terms = terms
                .iter()
                .flat_map(|t: &Vec<usize>| {
                    let left = self.degree - t.iter().sum::<usize>();
                    (0..=left).map(move |k| t.iter().copied().chain([k]).collect())
                })
                .collect();
        }
        terms.retain(|t| t.iter().sum::<usize>() > 1);
        terms
    }

    /// The columns of a fit: the plane, then the terms of `g`.
    fn columns(&self, logs: &Logs<'_>, values: &[Vec<Vec<f64>>]) -> Vec<Vec<f64>> {
        let mut columns = logs.plane();
        columns.extend(self.terms().iter().map(|term| {
            let mut column = vec![1.0; logs.rows()];
            for (k, degree) in term.iter().enumerate().filter(|(_, d)| **d > 0) {
                column.iter_mut().zip(&values[k][*degree]).for_each(|(c, v)| *c *= v);
            }
            column
        }));
        columns
    }

    fn fit(&self, logs: &Logs<'_>) -> Option<Fit> {
        let (arguments, _) = self.arguments(logs);
        let values: Vec<_> = arguments.iter().map(|s| chebyshev(s, self.degree).0).collect();
        logs.fit(&self.columns(logs, &values))
    }

    /// Gauss-Newton on the exponents beside the pivots; returns what is left.
    fn refine(&mut self, logs: &Logs<'_>) -> Option<f64> {
        let d = logs.inputs.len();
        let mut best = self.fit(logs)?;
        for _ in 0..STEPS {
            let (arguments, units) = self.arguments(logs);
            let (values, slopes): (Vec<_>, Vec<_>) =
                arguments.iter().map(|s| chebyshev(s, self.degree)).unzip();
            let mut columns = self.columns(logs, &values);
            let fixed = columns.len();
            let mut free = Vec::new();
            for (k, unit) in units.iter().enumerate() {
                // The derivative of g by this argument, times the logarithm of the input.
                let mut slope = vec![0.0; logs.rows()];
                for (term, c) in
                    self.terms().iter().zip(&best.coefficients[d + 1..]).filter(|(t, _)| t[k] > 0)
                {
                    let mut part = slopes[k][term[k]].clone();
                    for (j, degree) in term.iter().enumerate().filter(|(j, d)| *j != k && **d > 0) {
                        part.iter_mut().zip(&values[j][*degree]).for_each(|(p, v)| *p *= v);
                    }
                    slope.iter_mut().zip(&part).for_each(|(s, p)| *s += c * p / unit);
                }
                for i in (0..d).filter(|i| !self.pivots.contains(i)) {
                    columns.push(slope.iter().zip(&logs.inputs[i]).map(|(s, l)| s * l).collect());
                    free.push((k, i));
                }
            }
            let step = logs.fit(&columns)?;
            let start = self.groups.clone();
            let mut size = 1.0;
            let better = (0..HALVED).find_map(|_| {
                for (&(k, i), c) in free.iter().zip(&step.coefficients[fixed..]) {
                    self.groups[k][i] = start[k][i] + size * c;
                }
                size /= 4.0;
                self.fit(logs).filter(|f| f.left < best.left)
            });
            let Some(better) = better else {
                self.groups = start;
                break;
            };
            let settled = better.left > 0.999 * best.left || better.left < 1e-3 * ROUNDING;
            best = better;
            if settled {
                break;
            }
        }
        Some(best.left)
    }

    /// Takes rational exponents, more of them positive than negative; `None` where one is far from any.
    fn round(&mut self, bounds: Bounds) -> Option<()> {
        for group in &mut self.groups {
            for p in group.iter_mut() {
                *p = bounds.rational(*p)?;
            }
            let sum: f64 = group.iter().sum();
            let first = group.iter().find(|p| **p != 0.0).copied().unwrap_or(0.0);
            if sum < 0.0 || (sum == 0.0 && first < 0.0) {
                group.iter_mut().for_each(|p| *p = 0.0 - *p);
            }
        }
        Some(())
    }
}
