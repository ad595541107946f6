//! The power-law strip: factors `x^p` that the whole target carries, read off the data alone.
//!
//! `ln|y|` is regressed on `1, l_i, l_i^2, l_i l_j, l_i^3` with `l_i = ln|x_i|`. Where `y = x_i^p h(rest)`, the slope
//! of `l_i` is `p` and every other term with `l_i` vanishes, whatever `h` is; so a variable whose other terms are
//! not significant and whose slope lies at a half-integer is taken for a pure factor and divided out. The
//! regression then runs again on what is left. A reduction is a conjecture (a polynomial in logarithms stands for
//! `h`), so a search tries the problem both ways.

use crate::expr::{Expr, Op};
use crate::least_squares::{dot, orthogonalise};
use crate::search::reduced::without_factor;

/// Rows that the regression reads at most.
const ROWS: usize = 1000;

/// A problem without its pure power factors: `y = prod_i x_i^(p_i) * h(kept)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reduced {
    /// Column and exponent of each factor.
    pub(crate) powers: Vec<(usize, f64)>,
    /// The columns that stay, ascending.
    pub(crate) kept: Vec<usize>,
}

impl Reduced {
    fn factor(&self, columns: &[&[f64]], row: usize) -> f64 {
        self.powers.iter().map(|&(i, p)| raise(columns[i][row], p)).product()
    }

    /// The reduced target on any rows of the problem, and weights under which its squared error is that of the
    /// target.
    pub(crate) fn target(
        &self,
        columns: &[&[f64]],
        target: &[f64],
        weights: Option<&[f64]>,
    ) -> (Vec<f64>, Vec<f64>) {
        without_factor(target, weights, |row| self.factor(columns, row))
    }

    /// The columns of the reduced problem.
    pub(crate) fn columns<'a>(&self, columns: &[&'a [f64]]) -> Vec<&'a [f64]> {
        self.kept.iter().map(|i| columns[*i]).collect()
    }

    /// A formula for the reduced target as a formula for the target.
    pub(crate) fn rebuild(&self, expr: &Expr) -> Expr {
        let largest = self.kept.last().map_or(0, |i| i + 1);
        let mut inputs = vec![Expr::constant(0.0); largest];
        for (new, &old) in self.kept.iter().enumerate() {
            inputs[new] = Expr::variable(old);
        }
        let mut e = expr.substitute(&inputs);
        let (mut over, mut under): (Option<Expr>, Option<Expr>) = (None, None);
        for &(i, p) in &self.powers {
            let x = Expr::variable(i);
            let side = if p > 0.0 { &mut over } else { &mut under };
            let f = match p.abs() {
                1.0 => x,
                2.0 => x.apply(Op::Square),
                3.0 => x.apply(Op::Cube),
                0.5 => x.apply(Op::Sqrt),
                q => Expr::apply2(Op::Pow, &x, &Expr::constant(q)),
            };
            *side = Some(side.take().map_or(f.clone(), |s| s * f));
        }
        if let Some(f) = over {
            e = e * f;
        }
        if let Some(f) = under {
            e = e / f;
        }
        e
    }
}

fn raise(x: f64, p: f64) -> f64 {
    if p.fract() == 0.0 { x.powi(p as i32) } else { x.powf(p) }
}

/// Finds pure power factors; `None` where there are none, or nothing would be left.
///
/// `exponents(p)` says whether a factor `x^p` may be written.
pub(crate) fn strip(columns: &[&[f64]], target: &[f64], exponents: impl Fn(f64) -> bool) -> Option<Reduced> {
    let n = target.len().min(ROWS);
    let signs = target[..n].iter().filter(|y| **y > 0.0).count();
    let powers = if signs == n || signs == 0 && target[..n].iter().all(|y| *y < 0.0) {
        from_logarithms(columns, &target[..n], &exponents)
    } else {
        from_moments(columns, &target[..n], &exponents)
    };
    let kept = (0..columns.len()).filter(|i| powers.iter().all(|f| f.0 != *i)).collect();
    (!powers.is_empty()).then_some(Reduced { powers, kept })
}

/// Whether `x^p` may stand as a factor.
fn writable(column: &[f64], p: f64, exponents: &impl Fn(f64) -> bool) -> bool {
    p != 0.0 && exponents(p) && (column.iter().all(|x| *x > 0.0) || p.fract() == 0.0)
}

/// Factors of a target of one sign.
fn from_logarithms(
    columns: &[&[f64]],
    target: &[f64],
    exponents: &impl Fn(f64) -> bool,
) -> Vec<(usize, f64)> {
    let n = target.len();
    let mut rest: Vec<f64> = target.iter().map(|y| y.abs().ln()).collect();
    let logs: Vec<Option<Vec<f64>>> = columns
        .iter()
        .map(|c| {
            let mut l: Vec<f64> = c[..n].iter().map(|x| x.abs().ln()).collect();
            let mean = l.iter().sum::<f64>() / n as f64;
            l.iter_mut().for_each(|x| *x -= mean);
            let spread = l.iter().fold(0.0f64, |m, x| m.max(x.abs()));
            (l.iter().all(|x| x.is_finite()) && spread > 1e-6).then_some(l)
        })
        .collect();
    let mut usable: Vec<usize> = (0..columns.len()).filter(|i| logs[*i].is_some()).collect();
    let mut powers: Vec<(usize, f64)> = Vec::new();
    while usable.len() > 1 {
        let best = usable
            .iter()
            .filter_map(|&i| {
                let (p, worth) = pure_power(&logs, &usable, i, &rest, n)?;
                // Exponent 0 is a column without any effect: leave it, other searches ignore it as well.
                writable(columns[i], p, exponents).then_some((worth, i, p))
            })
            .min_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, i, p)) = best else { break };
        let l = logs[i].as_ref().expect("usable columns have logarithms");
        rest.iter_mut().zip(l).for_each(|(r, l)| *r -= p * l);
        usable.retain(|k| *k != i);
        powers.push((i, p));
    }
    powers.sort_by_key(|f| f.0);
    powers
}

/// Factors of a target of both signs, which has no logarithm: `y / x^p` is regressed on a polynomial of the other
/// columns, and for the right `p` no term with `x` adds anything to it.
fn from_moments(columns: &[&[f64]], target: &[f64], exponents: &impl Fn(f64) -> bool) -> Vec<(usize, f64)> {
    let n = target.len();
    let scaled: Vec<Option<Vec<f64>>> = columns
        .iter()
        .map(|c| {
            let c = &c[..n];
            let mean = c.iter().sum::<f64>() / n as f64;
            let spread = (c.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64).sqrt();
            (spread > 1e-9 * mean.abs() && spread.is_finite())
                .then(|| c.iter().map(|x| (x - mean) / spread).collect())
        })
        .collect();
    let mut usable: Vec<usize> = (0..columns.len()).filter(|i| scaled[*i].is_some()).collect();
    let mut weights = vec![1.0; n];
    let mut powers: Vec<(usize, f64)> = Vec::new();
    while usable.len() > 1 {
        let mut best: Option<(f64, usize, f64)> = None;
        for &i in &usable {
            // Without an effect of its own a column is not a factor.
            let Some(alone) = dependence(&scaled, &usable, i, target, &weights, &vec![1.0; n]) else {
                continue;
            };
            let unit = crate::data::scale_of(columns[i]);
            let mut scores: Vec<(f64, f64)> = [1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -3.0]
                .into_iter()
                .filter(|p| writable(columns[i], *p, exponents))
                .filter_map(|p| {
                    let factor: Vec<f64> = columns[i][..n].iter().map(|x| raise(x / unit, p)).collect();
                    Some((dependence(&scaled, &usable, i, target, &weights, &factor)?, p))
                })
                .collect();
            scores.sort_by(|a, b| a.0.total_cmp(&b.0));
            // One exponent has to stand out: the polynomial is a poor stand-in for the rest, and its lack of fit
            // moves every statistic.
            let Some(&(f, p)) = scores.first() else { continue };
            let second = scores.get(1).map_or(f64::INFINITY, |s| s.0);
            let stands_out = alone > 20.0 && f < 15.0 && 6.0 * f < alone && 4.0 * f < second;
            if stands_out && best.is_none_or(|b| f < b.0) {
                best = Some((f, i, p));
            }
        }
        let Some((_, i, p)) = best else { break };
        let unit = crate::data::scale_of(columns[i]);
        weights.iter_mut().zip(columns[i]).for_each(|(w, x)| *w *= raise(x / unit, p));
        usable.retain(|k| *k != i);
        powers.push((i, p));
    }
    powers.sort_by_key(|f| f.0);
    powers
}

/// The F statistic of the terms with column `i` in a regression of `y / (known * factor)`, rows weighted such that
/// the errors are those of `y`; `None` where the other columns explain too little for the question to mean much.
fn dependence(
    scaled: &[Option<Vec<f64>>],
    usable: &[usize],
    i: usize,
    target: &[f64],
    known: &[f64],
    factor: &[f64],
) -> Option<f64> {
    let n = target.len();
    let of = |k: usize| scaled[k].as_ref().expect("usable columns are scaled");
    let weights: Vec<f64> = known.iter().zip(factor).map(|(a, b)| a * b).collect();
    let mut residual = target.to_vec();
    let mut basis = Vec::new();
    let product = |factors: &[&Vec<f64>]| -> Vec<f64> {
        (0..n).map(|r| factors.iter().map(|f| f[r]).product::<f64>() * weights[r]).collect()
    };
    take_out(&mut basis, &mut residual, weights.clone());
    let total = dot(&residual, &residual);
    let others: Vec<usize> = usable.iter().copied().filter(|k| *k != i).collect();
    for (a, &k) in others.iter().enumerate() {
        let x = of(k);
        take_out(&mut basis, &mut residual, product(&[x]));
        take_out(&mut basis, &mut residual, product(&[x, x]));
        take_out(&mut basis, &mut residual, product(&[x, x, x]));
        for &m in &others[..a] {
            take_out(&mut basis, &mut residual, product(&[x, of(m)]));
        }
    }
    let before = dot(&residual, &residual);
    let first = basis.len();
    let x = of(i);
    take_out(&mut basis, &mut residual, product(&[x]));
    take_out(&mut basis, &mut residual, product(&[x, x]));
    for &k in &others {
        take_out(&mut basis, &mut residual, product(&[x, of(k)]));
        take_out(&mut basis, &mut residual, product(&[x, of(k), of(k)]));
    }
    let after = dot(&residual, &residual);
    let extra = (basis.len() - first) as f64;
    if n < 2 * basis.len() + 10 || extra == 0.0 || !after.is_finite() {
        return None;
    }
    if before > 0.9 * total && after > 0.9 * total {
        return None;
    }
    let variance = (after / (n - basis.len()) as f64).max(1e-24 * total);
    Some((before - after) / extra / variance)
}

/// The exponent of column `i` if it looks like a pure factor, and how far from one it is.
fn pure_power(
    logs: &[Option<Vec<f64>>],
    usable: &[usize],
    i: usize,
    rest: &[f64],
    n: usize,
) -> Option<(f64, f64)> {
    let of = |k: usize| logs[k].as_ref().expect("usable columns have logarithms");
    let li = of(i);
    let times = |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(x, y)| x * y).collect() };
    // Everything without column i, then its slope, then everything else with it.
    let mut without: Vec<Vec<f64>> = vec![vec![1.0; n]];
    for (a, &k) in usable.iter().enumerate().filter(|(_, k)| **k != i) {
        let lk = of(k);
        let square = times(lk, lk);
        without.push(lk.clone());
        without.push(times(&square, lk));
        without.push(square);
        for &m in usable[..a].iter().filter(|m| **m != i) {
            without.push(times(lk, of(m)));
        }
    }
    let square = times(li, li);
    let mut with: Vec<Vec<f64>> = vec![times(&square, li), square];
    with.extend(usable.iter().filter(|k| **k != i).map(|&k| times(li, of(k))));
    let count = without.len() + 1 + with.len();
    if n < 2 * count + 10 {
        return None;
    }
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(count);
    let mut residual = rest.to_vec();
    for c in without {
        take_out(&mut basis, &mut residual, c);
    }
    // Slope of l_i given everything without it.
    let mut direction = li.clone();
    orthogonalise(&basis, &mut direction);
    let size = dot(&direction, &direction);
    if size < 1e-10 * dot(li, li) {
        return None;
    }
    let slope = dot(&direction, &residual) / size;
    take_out(&mut basis, &mut residual, li.clone());
    let before = dot(&residual, &residual);
    let extra = with.len() as f64;
    for c in with {
        take_out(&mut basis, &mut residual, c);
    }
    let after = dot(&residual, &residual);
    let variance = after / (n - basis.len()) as f64;
    let error = (variance / size).sqrt();
    let p = (2.0 * slope).round() / 2.0;
    let scale = dot(rest, rest) / n as f64;
    if variance <= 1e-22 * scale {
        // The regression is exact, and so is a pure factor.
        let exact = (slope - p).abs() < 1e-8 && before / n as f64 <= 1e-20 * scale;
        return exact.then_some((p, (slope - p).abs()));
    }
    // Five per thousand of an F distribution with some 5 and many degrees of freedom.
    let f = (before - after) / extra / variance;
    let distance = (slope - p).abs();
    (f < 3.4 && error < 0.08 && distance < 3.0 * error + 1e-9 && distance < 0.12).then_some((p, f))
}

/// Adds a column to an orthonormal basis and projects it out of the residual.
fn take_out(basis: &mut Vec<Vec<f64>>, residual: &mut [f64], mut column: Vec<f64>) {
    let size = dot(&column, &column);
    orthogonalise(basis, &mut column);
    let norm = dot(&column, &column);
    if !(norm > 1e-20 * size) {
        return;
    }
    column.iter_mut().for_each(|x| *x /= norm.sqrt());
    let d = dot(&column, residual);
    crate::least_squares::subtract(residual, d, &column);
    basis.push(column);
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn draw(d: usize, low: f64, high: f64) -> Vec<Vec<f64>> {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        (0..d).map(|_| (0..600).map(|_| rng.random_range(low..high)).collect()).collect()
    }

    #[test]
    fn pure_factors_are_divided_out_and_put_back() {
        let c = draw(5, 1.0, 5.0);
        let views: Vec<&[f64]> = c.iter().map(Vec::as_slice).collect();
        let h = |i: usize| 1.0 / (c[1][i] - 0.4 * c[3][i] * (0.3 * c[1][i]).sin() + 2.0);
        let y: Vec<f64> =
            (0..600).map(|i| c[0][i].powf(1.5) * h(i) / (c[2][i] * c[2][i]) * c[4][i]).collect();
        let r = strip(&views, &y, |_| true).unwrap();
        assert_eq!(r.powers, [(0, 1.5), (2, -2.0), (4, 1.0)]);
        let (t, _) = r.target(&views, &y, None);
        assert!((0..600).all(|i| (t[i] / h(i) - 1.0).abs() < 1e-12));
        let e = r.rebuild(&(Expr::variable(0) + Expr::variable(1)));
        let row = [2.0, 3.0, 0.5, 7.0, 11.0];
        assert!((e.evaluate_row(&row) / (2f64.powf(1.5) * 4.0 * 11.0 * 10.0) - 1.0).abs() < 1e-14);
    }

    #[test]
    fn a_variable_with_an_interaction_stays() {
        let c = draw(3, 1.0, 3.0);
        let views: Vec<&[f64]> = c.iter().map(Vec::as_slice).collect();
        let y: Vec<f64> = (0..600).map(|i| c[0][i] * (c[1][i] + c[2][i])).collect();
        assert_eq!(strip(&views, &y, |_| true).unwrap().powers, [(0, 1.0)]);
        let y: Vec<f64> = (0..600).map(|i| c[0][i] * c[1][i] + c[2][i]).collect();
        assert_eq!(strip(&views, &y, |_| true), None);
    }

    #[test]
    fn factors_of_signed_targets() {
        let c = draw(4, 0.5, 4.0);
        let views: Vec<&[f64]> = c.iter().map(Vec::as_slice).collect();
        let y: Vec<f64> =
            (0..600).map(|i| c[0][i] * (c[1][i] - 3.0) * (0.4 + (0.5 * c[2][i]).cos()) / c[3][i]).collect();
        let r = strip(&views, &y, |_| true).unwrap();
        assert!(r.powers.contains(&(0, 1.0)) && r.powers.contains(&(3, -1.0)), "{r:?}");
        assert!(r.kept.contains(&1) && r.kept.contains(&2));
    }

    #[test]
    fn signed_columns_take_integer_powers() {
        let mut c = draw(2, -2.0, 2.0);
        c.push(draw(3, 1.0, 2.0).remove(2));
        let views: Vec<&[f64]> = c.iter().map(Vec::as_slice).collect();
        let y: Vec<f64> = (0..600).map(|i| c[0][i].powi(3) * (1.0 + c[2][i] * c[2][i])).collect();
        let r = strip(&views, &y, |_| true).unwrap();
        assert!(r.powers.contains(&(0, 3.0)));
    }
}
