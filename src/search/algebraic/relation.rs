//! [`relation`]: the first algebraic relation of a target with its inputs.
//!
//! Columns `m y^k`, `m` a monomial of the inputs, are orthogonalised in the order of their degree. The first that
//! depends on those before it gives the relation; it is unique, because those before are independent, and short,
//! because it comes first.
//!
//! Monomials of high degree are nearly dependent by themselves. They are used all the same: a law has few of them with
//! moderate coefficients, so that its dependence stands out by many orders of magnitude, which in a well-conditioned basis
//! (Chebyshev polynomials; Vandermonde with Arnoldi) it does not.

use super::Control;
use super::polynomial::{Monomial, Polynomial};
use crate::data::median;
use crate::least_squares::{depends, dot, linear_fit_and_rest, project_out};

/// What is left of a column of length 1 when it depends on others, at most, and beside the least that was left of one
/// that does not.
const DEPENDENT: f64 = 1e-9;
const GAP: f64 = 1e-4;

/// What is left of a column, squared, when it may depend on others.
const PIVOT: f64 = 1e-10;

/// Squares of coefficients, relative to that of the last column, up to which rounding hides no dependence.
const CANCEL: f64 = 1e6;

/// Dependences without a short relation behind them, before the search is given up.
const VAIN: usize = 3;

/// Monomials of the inputs that depend on others, at most: there are more where the degree is too high for the rows.
const REDUNDANT: usize = 8;

/// Residual of a relation, relative to its largest term, once small terms have been left out.
const HOLDS: f64 = 1e-9;

/// Shares of the largest term below which terms are left out, tried in this order.
const SMALL: [f64; 3] = [1e-4, 1e-6, 1e-8];

/// Terms of a relation, at most: more are no law.
const TERMS: usize = 26;

/// A relation may use this share of the columns that it was made from, or this many: a smooth function is approximated
/// by using all of them.
const SPARSE: f64 = 0.5;
const FEW: usize = 6;

/// Highest degree that is looked at.
const HIGHEST: u32 = 30;

/// In which order relations are looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    /// Highest power of the target.
    pub(super) power: u8,
    /// What a power of the target counts in degrees of the inputs.
    pub(super) weight: u32,
    /// Columns at most.
    pub(super) most: usize,
}

struct Column {
    monomial: Monomial,
    power: u8,
    values: Vec<f64>,
    norm: f64,
}

/// Polynomials `P_k` with `sum_k P_k(x) y^k = 0` on every row, by power of `y`; `None` if there is no such relation
/// within the order.
pub(super) fn relation(
    inputs: &[Vec<f64>],
    target: &[f64],
    order: Order,
    control: &Control,
) -> Option<Vec<Polynomial>> {
    let rows = Rows::new(inputs, target, order.power);
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let mut kept: Vec<Column> = Vec::new();
    let (mut least, mut vain) = (1.0f64, 0);
    // Monomials that depend on others on these rows, as on a grid; so do their multiples.
    let mut redundant: Vec<Monomial> = Vec::new();
    for degree in 0..=HIGHEST {
        let next = of_degree(inputs.len(), degree, order);
        if kept.len() + next.len() > order.most {
            return None;
        }
        for (monomial, power) in next {
            if redundant.iter().any(|r| monomial.over(r).is_some()) {
                continue;
            }
            if control.is_stopped() {
                return None;
            }
            let column = rows.column(monomial, power)?;
            let (rest, left) = orthogonal(&basis, &column.values);
            if left > DEPENDENT || left > GAP * least {
                least = least.min(left);
                basis.push(rest);
                kept.push(column);
                continue;
            }
            // The target may take part through columns of lower degree.
            if power == 0 && of_inputs_alone(&kept, &column) {
                redundant.push(column.monomial);
                if redundant.len() > REDUNDANT {
                    return None;
                }
                continue;
            }
            if let Some(relation) = rows.solve(&kept, &column) {
                return Some(relation);
            }
            vain += 1;
            if vain == VAIN {
                return None;
            }
        }
        control.count((kept.len() * kept.len() * target.len() / 20_000) as u64);
    }
    None
}

/// Orders for a number of inputs, with their columns.
#[derive(Debug)]
pub(super) struct Orders(Vec<Columns>);

#[derive(Debug)]
struct Columns {
    order: Order,
    /// The highest degree.
    highest: u32,
    columns: Vec<(Monomial, u8)>,
}

impl Columns {
    /// The highest degree of the monomials beside a power of the target.
    fn reach(&self, power: u8) -> Option<u32> {
        let rest = self.highest.checked_sub(self.order.weight * u32::from(power));
        rest.filter(|_| power <= self.order.power)
    }

    /// Whether all columns are among those of another order.
    fn within(&self, other: &Self) -> bool {
        (0..=self.order.power).all(|power| self.reach(power) <= other.reach(power))
    }
}

impl Orders {
    /// Powers of the target and what one counts, with `most` columns each.
    pub(super) fn new(orders: &[(u8, u32)], width: usize, most: usize) -> Self {
        let columns = |&(power, weight): &(u8, u32)| {
            let order = Order { power, weight, most };
            let (highest, columns) = columns_of(width, order);
            Columns { order, highest, columns }
        };
        Self(orders.iter().map(columns).collect())
    }

    /// Columns of the largest of them.
    pub(super) fn unknowns(&self) -> usize {
        self.0.iter().map(|c| c.columns.len()).max().unwrap_or(0)
    }

    /// Those in which there may be a relation. Orders within others are asked only where those may hold one.
    pub(super) fn hopeful(&self, inputs: &[Vec<f64>], target: &[f64], control: &Control) -> Vec<Order> {
        // Relations of some degree are relations of that degree about any centre. About the middle of the rows monomials are
        // further from being dependent by themselves, as long as a relation does not turn into large terms that cancel.
        let (near, near_target): (Vec<Vec<f64>>, _) =
            (inputs.iter().map(|x| centred(x)).collect(), centred(target));
        let offset = |x: &[f64], near: &[f64]| -> f64 { (x[0] - near[0]).abs() / unit(near) };
        let offsets = inputs.iter().zip(&near).map(|(x, near)| offset(x, near));
        let furthest = offsets.fold(offset(target, &near_target), f64::max);
        let ask = |Columns { order, columns, highest }: &Columns| -> bool {
            control.count((columns.len() * columns.len() * target.len() / 200_000) as u64);
            let rows = if (1.0 + furthest).powi(2 * *highest as i32) <= CANCEL {
                Rows::new(&near, &near_target, order.power)
            } else {
                Rows::new(inputs, target, order.power)
            };
            !control.is_stopped() && rows.may_depend(columns)
        };
        let all = || self.0.iter().enumerate();
        // Of equals the first is outermost.
        let outermost =
            |(i, a): (usize, &Columns)| !all().any(|(j, b)| j != i && a.within(b) && (!b.within(a) || j < i));
        let asked: Vec<Option<bool>> = all().map(|at| outermost(at).then(|| ask(at.1))).collect();
        let may = |(i, a): &(usize, &Columns)| -> bool {
            let around = || asked.iter().zip(&self.0).any(|(asked, b)| *asked == Some(true) && a.within(b));
            asked[*i].unwrap_or_else(|| around() && ask(a))
        };
        all().filter(may).map(|(_, a)| a.order).collect()
    }
}

/// The columns of an order, those of whole degrees, as long as there is room; and the highest degree.
fn columns_of(width: usize, order: Order) -> (u32, Vec<(Monomial, u8)>) {
    let mut columns = Vec::new();
    let mut highest = 0;
    for degree in 0..=HIGHEST {
        let next = of_degree(width, degree, order);
        if columns.len() + next.len() > order.most {
            break;
        }
        highest = degree;
        columns.extend(next);
    }
    (highest, columns)
}

/// The columns of one degree.
fn of_degree(width: usize, degree: u32, order: Order) -> Vec<(Monomial, u8)> {
    let mut next: Vec<(Monomial, u8)> = Vec::new();
    for power in 0..=order.power {
        if let Some(rest) = u32::checked_sub(degree, order.weight * u32::from(power)) {
            next.extend(Monomial::of_degree(width, rest).into_iter().map(|m| (m, power)));
        }
    }
    next
}

/// The values about their median.
fn centred(values: &[f64]) -> Vec<f64> {
    let middle = median(values.to_vec());
    values.iter().map(|v| v - middle).collect()
}

/// A power of two near the usual size of the values.
fn unit(values: &[f64]) -> f64 {
    let usual = median(values.iter().map(|v| v.abs()).collect());
    if usual > 0.0 && usual.is_finite() { usual.log2().round().exp2() } else { 1.0 }
}

/// What is left of a column of length 1 beside an orthonormal basis, as a unit vector, and its length.
fn orthogonal(basis: &[Vec<f64>], column: &[f64]) -> (Vec<f64>, f64) {
    let mut rest = column.to_vec();
    let mut left = 1.0f64;
    // A second time where the first took much away.
    for _ in 0..2 {
        project_out(basis, &mut rest);
        let now = dot(&rest, &rest).sqrt();
        let small = now < 0.7 * left;
        left = now;
        if !small {
            break;
        }
    }
    rest.iter_mut().for_each(|x| *x /= left);
    (rest, left)
}

/// The table in units near 1.
struct Rows {
    inputs: Vec<Vec<f64>>,
    units: Vec<f64>,
    target: Vec<f64>,
    unit: f64,
    weights: Vec<f64>,
}

impl Rows {
    fn new(inputs: &[Vec<f64>], target: &[f64], power: u8) -> Self {
        let units: Vec<f64> = inputs.iter().map(|x| unit(x)).collect();
        let inputs: Vec<Vec<f64>> =
            inputs.iter().zip(&units).map(|(x, u)| x.iter().map(|x| x / u).collect()).collect();
        let unit = unit(target);
        let target: Vec<f64> = target.iter().map(|y| y / unit).collect();
        // A relation holds row by row, so that rows may be weighted: far out, every column counts the same.
        let size = |r: usize| inputs.iter().map(|x| x[r].abs()).fold(0.0f64, f64::max);
        let weights = target
            .iter()
            .enumerate()
            .map(|(r, y)| 1.0 / (1.0 + y.abs()).powi(i32::from(power)) / (1.0 + size(r)))
            .collect();
        Self { inputs, units, target, unit, weights }
    }

    /// The values of a column at length 1; `None` where it has none.
    fn column(&self, monomial: Monomial, power: u8) -> Option<Column> {
        let mut values = self.weights.clone();
        // One product after the other is faster than powers.
        for (e, x) in monomial.0.iter().zip(&self.inputs).chain([(&power, &self.target)]) {
            for _ in 0..*e {
                values.iter_mut().zip(x).for_each(|(v, x)| *v *= x);
            }
        }
        let norm = dot(&values, &values).sqrt();
        values.iter_mut().for_each(|v| *v /= norm);
        (norm > 0.0 && norm.is_finite()).then_some(Column { monomial, power, values, norm })
    }

    /// Whether some column with the target may depend on those before it, which is enough to turn down most tables. Smooth
    /// functions of the inputs nearly depend on each other, so that columns without the target come first.
    fn may_depend(&self, columns: &[(Monomial, u8)]) -> bool {
        let mut values = Vec::with_capacity(columns.len() * self.target.len());
        let (given, others): (Vec<_>, Vec<_>) = columns.iter().partition(|c| c.1 == 0);
        for (monomial, power) in given.iter().chain(&others) {
            let Some(column) = self.column(monomial.clone(), *power) else { return true };
            values.extend(column.values);
        }
        depends(&values, self.target.len(), given.len(), PIVOT)
    }

    /// The coefficients of a column that depends on those before it; small ones are left out as long as the rest
    /// holds.
    fn solve(&self, kept: &[Column], last: &Column) -> Option<Vec<Polynomial>> {
        let of = |chosen: &[usize]| {
            let views: Vec<&[f64]> = chosen.iter().map(|k| kept[*k].values.as_slice()).collect();
            fit(&views, &last.values).filter(|(_, left)| *left <= HOLDS)
        };
        let all: Vec<usize> = (0..kept.len()).collect();
        let (whole, _) = of(&all)?;
        let (chosen, coefficients) = SMALL.iter().find_map(|small| {
            let chosen: Vec<usize> = all.iter().copied().filter(|k| whole[*k].abs() > *small).collect();
            let (c, _) = of(&chosen)?;
            // Once more: without the others, what is 0 is seen more sharply.
            let still: Vec<usize> =
                chosen.iter().zip(&c).filter(|(_, c)| c.abs() > HOLDS).map(|(k, _)| *k).collect();
            Some(match of(&still) {
                Some((fewer, _)) if still.len() < chosen.len() => (still, fewer),
                _ => (chosen, c),
            })
        })?;
        let few = FEW.max((SPARSE * kept.len() as f64) as usize).min(TERMS);
        if chosen.len() + 1 > few {
            return None;
        }
        let highest = chosen.iter().map(|k| kept[*k].power).fold(last.power, u8::max);
        let mut relation = vec![Polynomial::default(); usize::from(highest) + 1];
        let mut put = |column: &Column, c: f64| {
            let c = c / self.unit.powi(i32::from(column.power));
            relation[usize::from(column.power)].add(column.monomial.clone(), c);
        };
        chosen.iter().zip(&coefficients).for_each(|(k, c)| put(&kept[*k], -c / kept[*k].norm));
        put(last, 1.0 / last.norm);
        Some(relation.iter().map(|p| p.in_units(&self.units)).collect())
    }
}

/// Whether a column depends on columns without the target.
fn of_inputs_alone(kept: &[Column], last: &Column) -> bool {
    let views: Vec<&[f64]> = kept.iter().filter(|c| c.power == 0).map(|c| c.values.as_slice()).collect();
    fit(&views, &last.values).is_some_and(|(_, left)| left < HOLDS)
}

/// Least squares, with the length of the residual.
fn fit(columns: &[&[f64]], target: &[f64]) -> Option<(Vec<f64>, f64)> {
    let (c, rest) = linear_fit_and_rest(columns, target, None)?;
    let left = dot(&rest, &rest).sqrt();
    left.is_finite().then_some((c, left))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(rows: u32, width: usize) -> Vec<Vec<f64>> {
        let steps = [0.618_033_988_749, 0.414_213_562_373, 0.732_050_807_568];
        let column = |k: &f64| (0..rows).map(|i| 10.0 * ((f64::from(i) * k + 1e-4) % 1.0)).collect();
        steps[..width].iter().map(column).collect()
    }

    fn of(x: &[Vec<f64>], law: impl Fn(&[f64]) -> f64) -> Vec<f64> {
        (0..x[0].len()).map(|r| law(&x.iter().map(|c| c[r]).collect::<Vec<f64>>())).collect()
    }

    fn found(x: &[Vec<f64>], y: &[f64], power: u8, weight: u32) -> Option<Vec<Polynomial>> {
        let control = Control::unlimited();
        let hopeful = Orders::new(&[(power, weight)], x.len(), 400).hopeful(x, y, &control);
        hopeful.first().and_then(|order| relation(x, y, *order, &control))
    }

    #[test]
    fn a_root_of_high_degree() {
        // The relation has degree 10, where monomials are nearly dependent by themselves.
        let x = inputs(600, 2);
        let inside = |a: f64, b: f64| b * (6.3 * a * b + a + 7.41 * b.powi(3) + 1.4);
        let y = of(&x, |x| x[0] * x[0] * x[1] * (1.0 + inside(x[0], x[1]).sqrt()));
        for weight in 1..=3 {
            let r = found(&x, &y, 2, weight).unwrap();
            assert_eq!(r.iter().map(Polynomial::len).collect::<Vec<_>>(), [5, 1, 1], "{r:?}");
            let (p, q, r) = (r[0].evaluate(&x, 600), r[1].evaluate(&x, 600), r[2].evaluate(&x, 600));
            for i in 0..600 {
                let terms = [p[i], q[i] * y[i], r[i] * y[i] * y[i]];
                let size = terms.iter().fold(0.0f64, |m, t| m.max(t.abs()));
                assert!(terms.iter().sum::<f64>().abs() < 1e-7 * size);
            }
        }
    }

    #[test]
    fn inputs_that_depend_on_one_another_are_no_law() {
        // Three levels: the cube of an input depends on its lower powers.
        let mut x = inputs(300, 3);
        x[2].iter_mut().for_each(|x| *x = (*x / 4.0).floor());
        let y = of(&x, |x| (x[0] + x[2]) / (x[1] * x[2] + 1.0));
        let r = found(&x, &y, 1, 1).unwrap();
        assert_eq!(r.iter().map(Polynomial::len).collect::<Vec<_>>(), [2, 2], "{r:?}");
    }

    #[test]
    fn no_relation_among_others() {
        let x = inputs(400, 2);
        for law in
            [|x: &[f64]| (x[0] * x[1]).sin(), |x: &[f64]| x[0].exp() / x[1], |x: &[f64]| x[0].powf(x[1])]
        {
            assert_eq!(found(&x, &of(&x, law), 1, 1), None);
            assert_eq!(found(&x, &of(&x, law), 2, 1), None);
        }
        // A smooth function of one input is a polynomial to working precision, but not one with few terms.
        let x = inputs(400, 1);
        assert_eq!(found(&x, &of(&x, |x| x[0].sin()), 1, 1), None);
    }
}
