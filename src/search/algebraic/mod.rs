//! Algebraic laws in closed form: `P(x) + Q(x) y + R(x) y^2 = 0` with polynomials of the inputs.
//!
//! A quotient of polynomials solves such a relation with `R = 0`; `y = A + C sqrt(B)` solves `y^2 = 2 A y + (C^2 B -
//! A^2)`. The coefficients enter linearly, so that one orthogonalisation finds the relation ([`relation`]) or shows
//! that there is none of its degree. The target may stand under a function ([`HEADS`]), and a function of an input
//! may stand beside the inputs. Linear dependence of data with products of the target is used for differential
//! equations by SINDy-PI (Kaheman, Kutz, Brunton, Proc. R. Soc. A 476, 20200279, 2020); the order by degree, which
//! makes the relation unique, is that of border bases (Heldt et al., Approximate computation of zero-dimensional
//! polynomial ideals, J. Symb. Comp. 44, 2009).

mod behind;
mod phase;
mod polynomial;
mod relation;
mod write;

use super::Control;
use super::bank::allowed;
use crate::data::thinned;
use crate::expr::{Expr, Op};
use crate::least_squares::linear_fit;
use crate::search_space::PrimitiveSet;
use phase::phase;
use polynomial::Polynomial;
pub(crate) use polynomial::{Monomial, monomials_about_means};
use rayon::prelude::*;
use relation::{Orders, relation};
use std::f64::consts::{FRAC_PI_2, PI};
pub(crate) use write::Solved;

/// Functions that may stand outside of an algebraic law.
const HEADS: [Option<Op>; 8] = [
    None,
    Some(Op::Logistic),
    Some(Op::Ln),
    Some(Op::Exp),
    Some(Op::Square),
    Some(Op::Atan),
    Some(Op::Asin),
    Some(Op::Acos),
];

/// The first of them, for laws with functions beside the inputs.
const BESIDE: usize = 5;

/// Functions of one input that may stand beside the inputs.
const ATOMS: [&[Op]; 7] =
    [&[Op::Exp], &[Op::Ln], &[Op::Sqrt], &[Op::Sin], &[Op::Cos], &[Op::Sin, Op::Cos], &[Op::Tanh]];

/// Functions of functions of one input, from outside; squares of them are among the monomials.
const OUTER: [Op; 6] = [Op::Sin, Op::Cos, Op::Exp, Op::Ln, Op::Sqrt, Op::Tanh];
const INNER: [Op; 7] = [Op::Square, Op::Exp, Op::Sqrt, Op::Ln, Op::Sin, Op::Cos, Op::Cube];

/// Functions of which two may stand beside the inputs, and how many inputs they are tried with.
const PAIRED: [Op; 3] = [Op::Cos, Op::Sin, Op::Exp];
const WIDEST: usize = 5;

/// Highest power of an input that is taken for a factor.
const STEEPEST: f64 = 6.0;

/// Powers of the target, and what one counts in degrees of the inputs. Weight 0 is for quotients of polynomials of the
/// same degree; weight `a` for roots beside a polynomial of degree `a`.
const ORDERS: [(u8, u32); 6] = [(1, 1), (1, 0), (2, 0), (2, 1), (2, 2), (2, 3)];

/// The first of them, for quotients.
const QUOTIENTS: usize = 2;

/// Exponentials beyond this are no use as targets.
const EXPONENT: f64 = 30.0;

/// Functions beside the inputs are no use on rows where they are larger than this: there they drown everything else.
const DROWNS: f64 = 1e5;

/// A relation holds on every row, so that rows of extreme values can be left out. This share has to stay.
const STAYS: f64 = 0.25;

/// Fewest rows that a relation is looked for on.
const FEWEST: usize = 12;

/// Unknowns per row, at most.
const FULL: f64 = 0.7;

/// A table to look for laws in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table<'a> {
    pub(crate) columns: &'a [&'a [f64]],
    pub(crate) target: &'a [f64],
    pub(crate) primitives: &'a PrimitiveSet,
}

/// Which functions stand beside the inputs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Functions {
    /// Of one input.
    OfOneInput,
    /// Of one or two inputs, functions of functions, the same function of two inputs.
    All,
    /// A root or logarithm and another function.
    Pairs,
}

impl Functions {
    /// The sets of functions that stand beside these inputs together, the simplest first.
    pub(crate) fn sets(self, columns: &[&[f64]]) -> Vec<Vec<Expr>> {
        match self {
            Self::OfOneInput => simple_atoms(columns.len()),
            Self::All => atoms(columns.len()),
            Self::Pairs => with_roots(columns),
        }
    }
}

fn atoms_of(x: &Expr) -> [Vec<Expr>; ATOMS.len()] {
    ATOMS.map(|ops| ops.iter().map(|op| x.apply(*op)).collect())
}

/// Functions of one of `width` inputs, and bells.
fn simple_atoms(width: usize) -> Vec<Vec<Expr>> {
    let bell = |x: &Expr| vec![x.apply(Op::Square).apply(Op::Exp)];
    let of = |x: Expr| atoms_of(&x).into_iter().chain([bell(&x)]).collect::<Vec<_>>();
    (0..width).map(Expr::variable).flat_map(of).collect()
}

/// Sets of functions that may stand beside `width` inputs, the simplest first.
fn atoms(width: usize) -> Vec<Vec<Expr>> {
    let x: Vec<Expr> = (0..width).map(Expr::variable).collect();
    let mut sets: Vec<Vec<Expr>> = x.iter().flat_map(atoms_of).collect();
    let pairs: Vec<(&Expr, &Expr)> =
        x.iter().enumerate().flat_map(|(j, b)| x[..j].iter().map(move |a| (a, b))).collect();
    // The same function of two inputs, or of products of two.
    if width <= WIDEST {
        let products = pairs.iter().map(|&(a, b)| a.clone() * b.clone());
        let arguments: Vec<Expr> = x.iter().cloned().chain(products).collect();
        for (j, v) in arguments.iter().enumerate() {
            for u in &arguments[..j] {
                sets.extend(PAIRED.map(|op| vec![u.apply(op), v.apply(op)]));
            }
        }
    }
    // A function of a function.
    for x in &x {
        for inner in INNER.map(|op| x.apply(op)) {
            sets.extend(OUTER.map(|op| vec![inner.apply(op)]));
        }
        sets.push(vec![one_more(x).apply(Op::Ln)]);
    }
    // A function of two inputs.
    for &(a, b) in &pairs {
        use Op::{Add, Div, Mul, Sub};
        for (op, u, v) in [(Mul, a, b), (Div, a, b), (Div, b, a), (Sub, a, b), (Sub, b, a), (Add, a, b)] {
            let u = Expr::apply2(op, u, v);
            sets.extend(OUTER.map(|op| vec![u.apply(op)]));
            if op != Div {
                sets.push(vec![one_more(&u).apply(Op::Ln)]);
            }
        }
    }
    sets
}

fn power(x: &Expr, p: f64) -> Expr {
    if p == 1.0 { x.clone() } else { Expr::apply2(Op::Pow, x, &Expr::constant(p)) }
}

fn one_more(u: &Expr) -> Expr {
    u.clone() + Expr::constant(1.0)
}

/// Pairs of a root or logarithm of an input and another function. Where some inputs are positive on all rows and others are
/// not, there may be a reason.
fn with_roots(columns: &[&[f64]]) -> Vec<Vec<Expr>> {
    let positive: Vec<usize> = (0..columns.len()).filter(|i| columns[*i].iter().all(|x| *x > 0.0)).collect();
    if positive.len() == columns.len() {
        return Vec::new();
    }
    let roots: Vec<Expr> =
        positive.into_iter().flat_map(|i| [Op::Sqrt, Op::Ln].map(|op| Expr::variable(i).apply(op))).collect();
    let singles: Vec<Vec<Expr>> = atoms(columns.len()).into_iter().filter(|set| set.len() == 1).collect();
    let both = |set: &Vec<Expr>| -> Vec<Vec<Expr>> {
        roots.iter().filter(|r| **r != set[0]).map(|r| vec![r.clone(), set[0].clone()]).collect()
    };
    singles.iter().flat_map(both).collect()
}

/// Functions that the target may stand under.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Heads {
    /// None, or the logistic function, whose values few targets may be.
    First,
    /// Logarithm, exponential, square.
    Others,
}

impl Heads {
    fn range(self) -> std::ops::Range<usize> {
        match self {
            Self::First => 0..2,
            Self::Others => 2..BESIDE,
        }
    }
}

/// How laws with functions beside the inputs are looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beside {
    /// Unknowns at most.
    pub(crate) most: usize,
    /// Also under functions, or of the target as it is.
    pub(crate) heads: bool,
    /// Roots, or quotients only.
    pub(crate) roots: bool,
}

/// What relations are between beside the target: names and values.
type Inputs = (Vec<Expr>, Vec<Vec<f64>>);

impl Table<'_> {
    /// Laws with at most `most` unknowns under every head, of the target as it is and without power factors, and cosines that
    /// turn many times.
    pub(crate) fn laws(&self, most: usize, control: &Control) -> Vec<Solved> {
        let inputs = self.inputs();
        let under = |head: &Option<Op>| -> Vec<Solved> {
            let Some(target) = self.under(*head) else { return Vec::new() };
            let mut laws: Vec<Solved> =
                self.solve(&ORDERS, &target, &inputs, most, control).into_iter().collect();
            if laws.iter().all(|s| s.law.is_none()) {
                laws.extend(Table { target: &target, ..*self }.laws_without_factors(most, control));
            }
            laws.into_iter().map(|s| s.under(*head)).collect()
        };
        let turning = phase(self, control).map(Solved::from);
        turning.into_iter().chain(HEADS.par_iter().flat_map_iter(under).collect::<Vec<_>>()).collect()
    }

    /// Laws of the target over an input: a factor that would raise the degree of all the rest.
    pub(crate) fn laws_over_inputs(&self, most: usize, control: &Control) -> Vec<Solved> {
        let inputs = self.inputs();
        let over = |i: usize| -> Option<Solved> {
            let target: Vec<f64> = self.target.iter().zip(self.columns[i]).map(|(y, x)| y / x).collect();
            if target.iter().any(|v| !v.is_finite()) {
                return None;
            }
            let solved = self.solve(&ORDERS, &target, &inputs, most, control)?;
            let times = |e: Expr| Expr::variable(i) * e;
            Some(Solved { law: solved.law.map(times), beside: solved.beside.map(times) })
        };
        (0..self.columns.len()).into_par_iter().filter_map(over).collect()
    }

    /// Laws of the target, and of its square, without power factors: the slopes of `ln|y|` over the `ln|x_i|`, rounded.
    /// What is not a factor scatters about the slopes, but few of hundreds of rows mistake one integer for another.
    fn laws_without_factors(&self, most: usize, control: &Control) -> Vec<Solved> {
        let inputs = self.inputs();
        let of = |target: &[f64]| -> Option<Expr> {
            let (factors, rest) = self.factors(target)?;
            let law = self.solve(&ORDERS, &rest, &inputs, most, control)?.law?;
            Some(factors * law)
        };
        let one_sign = |y: &[f64]| -> Option<f64> {
            let sign = y.first()?.signum();
            y.iter().all(|y| y * sign > 0.0).then_some(sign)
        };
        let of_square = |y: &[f64], front: Option<Expr>| -> Option<Expr> {
            let squared: Vec<f64> = y.iter().map(|y| y * y).collect();
            let (factors, rest) = match front {
                None => self.factors(&squared).map(|(factors, rest)| (Some(factors), rest))?,
                Some(_) => (None, squared),
            };
            let write = |relation: &[Polynomial], values: &[Vec<f64>], square: &[f64]| {
                write::root_of(relation, factors.as_ref(), &inputs.0, values, square)
            };
            let root = self.solve_as(&ORDERS, &rest, &inputs, most, write, control)?.law?;
            Some(front.map_or(root.clone(), |front| front * root))
        };
        let square = || -> Option<Expr> {
            if let Some(sign) = one_sign(self.target) {
                let root = of_square(self.target, None)?;
                return Some(if sign < 0.0 { -root } else { root });
            }
            // A root changes its sign with a factor in front of it.
            let x: Vec<Expr> = inputs.0.clone();
            let pairs = (0..x.len()).flat_map(|j| (0..j).map(move |i| (i, j)));
            let products = pairs.map(|(i, j)| x[i].clone() * x[j].clone());
            let (front, rest) = x.iter().cloned().chain(products).find_map(|front| {
                let values = front.evaluate(self.columns);
                let rest: Vec<f64> = self.target.iter().zip(values).map(|(y, f)| y / f).collect();
                let sign = one_sign(&rest).filter(|_| rest.iter().all(|y| y.is_finite()))?;
                Some((if sign < 0.0 { -front } else { front }, rest))
            })?;
            of_square(&rest, Some(front))
        };
        let laws = [of(self.target), square()];
        laws.into_iter().flatten().map(Solved::from).collect()
    }

    /// Powers of the inputs at the rounded slopes of `ln|y|`, and the target without them; `None` where all are 0.
    fn factors(&self, target: &[f64]) -> Option<(Expr, Vec<f64>)> {
        let rows: Vec<usize> = (0..target.len()).filter(|r| target[*r].is_finite()).collect();
        let log = |x: &[f64]| -> Vec<f64> { rows.iter().map(|r| x[*r].abs().ln()).collect() };
        let logs: Vec<Vec<f64>> = self.columns.iter().map(|x| log(x)).collect();
        let usable: Vec<usize> = (0..logs.len()).filter(|i| logs[*i].iter().all(|l| l.is_finite())).collect();
        let ones = vec![1.0; rows.len()];
        let mut basis: Vec<&[f64]> = vec![&ones];
        basis.extend(usable.iter().map(|i| logs[*i].as_slice()));
        let slopes = linear_fit(&basis, &log(target), None)?;
        let mut factors: Option<Expr> = None;
        let mut rest = target.to_vec();
        for (i, slope) in usable.iter().zip(&slopes[1..]) {
            let p = slope.round().clamp(-STEEPEST, STEEPEST);
            if p == 0.0 {
                continue;
            }
            if p < 0.0 && !self.primitives.uses(Op::Div) {
                return None;
            }
            rest.iter_mut().zip(self.columns[*i]).for_each(|(y, x)| *y /= x.powi(p as i32));
            let power = power(&Expr::variable(*i), p);
            factors = Some(factors.map_or(power.clone(), |f| f * power));
        }
        factors.map(|f| (f, rest)).filter(|(_, rest)| rows.iter().all(|r| rest[*r].is_finite()))
    }

    /// Laws of the target, or of the target without factors, with each of these sets of functions beside the inputs.
    pub(crate) fn laws_beside(&self, sets: &[Vec<Expr>], how: Beside, control: &Control) -> Vec<Solved> {
        let heads = &HEADS[..if how.heads { BESIDE } else { 1 }];
        let under = |head: &Option<Op>| -> Vec<Solved> {
            let Some(target) = self.under(*head) else { return Vec::new() };
            let table = Table { target: &target, ..*self };
            let factored = table.factors(&target);
            let with = |atoms: &Vec<Expr>| table.with_atoms(atoms, factored.as_ref(), how, control);
            sets.par_iter().filter_map(with).map(|s| s.under(*head)).collect()
        };
        heads.iter().flat_map(under).collect()
    }

    fn with_atoms(
        &self,
        atoms: &[Expr],
        factored: Option<&(Expr, Vec<f64>)>,
        how: Beside,
        control: &Control,
    ) -> Option<Solved> {
        let mut inputs = self.inputs();
        for atom in atoms {
            if !allowed(atom, self.primitives) {
                return None;
            }
            let mut values = atom.evaluate(self.columns);
            if values.iter().any(|v| v.is_nan()) {
                return None;
            }
            values.iter_mut().filter(|v| v.abs() > DROWNS).for_each(|v| *v = f64::INFINITY);
            inputs.0.push(atom.clone());
            inputs.1.push(values);
        }
        let orders = if how.roots { &ORDERS[..] } else { &ORDERS[..QUOTIENTS] };
        let solve = |target| self.solve(orders, target, &inputs, how.most, control);
        solve(self.target).or_else(|| {
            let (factors, rest) = factored?;
            Some(Solved::from(factors.clone() * solve(rest)?.law?))
        })
    }

    fn inputs(&self) -> Inputs {
        let names = (0..self.columns.len()).map(Expr::variable).collect();
        (names, self.columns.iter().map(|c| c.to_vec()).collect())
    }

    /// What a law has to be under a function to be the target, where that is defined on every row and the function may be
    /// used.
    fn under(&self, function: Option<Op>) -> Option<Vec<f64>> {
        let Some(function) = function else { return Some(self.target.to_vec()) };
        if !self.primitives.uses(function) {
            return None;
        }
        let inverse: fn(f64) -> f64 = match function {
            Op::Ln => |y| if y.abs() > EXPONENT { f64::INFINITY } else { y.exp() },
            Op::Exp => |y| if y > 0.0 { y.ln() } else { f64::NAN },
            Op::Square => f64::sqrt,
            Op::Logistic => |y| if y > 0.0 && y < 1.0 { (y / (1.0 - y)).ln() } else { f64::NAN },
            Op::Atan => |y| if y.abs() <= FRAC_PI_2 { y.tan() } else { f64::NAN },
            Op::Asin => |y| if y.abs() <= FRAC_PI_2 { y.sin() } else { f64::NAN },
            Op::Acos => |y| if (0.0..=PI).contains(&y) { y.cos() } else { f64::NAN },
            _ => return None,
        };
        let values: Vec<f64> = self.target.iter().map(|y| inverse(*y)).collect();
        (!values.iter().any(|v| v.is_nan())).then_some(values)
    }

    /// The first law of these orders, on the rows where everything is finite.
    fn solve(
        &self,
        orders: &[(u8, u32)],
        target: &[f64],
        inputs: &Inputs,
        most: usize,
        control: &Control,
    ) -> Option<Solved> {
        let write = |relation: &[Polynomial], values: &[Vec<f64>], target: &[f64]| {
            write::solved(relation, &inputs.0, values, target)
        };
        self.solve_as(orders, target, inputs, most, write, control)
    }

    /// The same with another way to write a relation as a law, from the inputs and the target on these rows.
    fn solve_as(
        &self,
        orders: &[(u8, u32)],
        target: &[f64],
        (_, inputs): &Inputs,
        most: usize,
        write: impl Fn(&[Polynomial], &[Vec<f64>], &[f64]) -> Solved,
        control: &Control,
    ) -> Option<Solved> {
        let finite = |r: &usize| target[*r].is_finite() && inputs.iter().all(|x| x[*r].is_finite());
        let usable: Vec<usize> = (0..target.len()).filter(finite).collect();
        if usable.len() < FEWEST || (usable.len() as f64) < STAYS * target.len() as f64 {
            return None;
        }
        let of = |x: &[f64]| -> Vec<f64> { usable.iter().map(|r| x[*r]).collect() };
        let (inputs, target) = (inputs.iter().map(|x| of(x)).collect::<Vec<_>>(), of(target));
        let orders = Orders::new(orders, inputs.len(), most.min((FULL * target.len() as f64) as usize));
        // As many rows as so many unknowns need, from everywhere.
        let rows = (orders.unknowns() as f64 / FULL) as usize + FEWEST;
        let few_inputs: Vec<Vec<f64>> = inputs.iter().map(|x| thinned(x, rows)).collect();
        let few = thinned(&target, rows);
        orders.hopeful(&few_inputs, &few, control).into_iter().find_map(|order| {
            let found = relation(&few_inputs, &few, order, control)?;
            let mut solved = write(&found, &inputs, &target);
            solved.law = solved.law.filter(|law| allowed(law, self.primitives));
            (solved.law.is_some() || solved.beside.is_some()).then_some(solved)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: u32 = 500;
    const SETS: Beside = Beside { most: 260, heads: false, roots: true };

    fn columns() -> Vec<Vec<f64>> {
        let steps = [0.618_033_988_749, 0.414_213_562_373, 0.732_050_807_568];
        steps.map(|k| (0..ROWS).map(|i| -5.0 + 10.0 * ((f64::from(i) * k) % 1.0)).collect()).to_vec()
    }

    /// Rows on which a law has a value, then what a search says of them.
    fn search(law: impl Fn(f64, f64, f64) -> f64, how: impl Fn(&Table<'_>) -> Vec<Solved>) -> Vec<f64> {
        let all = columns();
        let y: Vec<f64> = (0..ROWS as usize).map(|r| law(all[0][r], all[1][r], all[2][r])).collect();
        let rows: Vec<usize> = (0..y.len()).filter(|r| y[*r].is_finite()).collect();
        let columns: Vec<Vec<f64>> = all.iter().map(|c| rows.iter().map(|r| c[*r]).collect()).collect();
        let target: Vec<f64> = rows.iter().map(|r| y[*r]).collect();
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let primitives = PrimitiveSet::SCIENCE;
        let table = Table { columns: &views, target: &target, primitives: &primitives };
        let scale = target.iter().map(|y| y.abs()).sum::<f64>() / target.len() as f64;
        how(&table)
            .iter()
            .filter_map(|s| s.law.as_ref())
            .map(|law| {
                let off = law
                    .evaluate(&views)
                    .iter()
                    .zip(&target)
                    .map(|(f, y)| (f - y).abs() / (scale + y.abs()))
                    .fold(0.0, f64::max);
                if off.is_nan() { f64::INFINITY } else { off }
            })
            .collect()
    }

    fn exact(errors: &[f64]) -> bool {
        errors.iter().any(|e| *e < 1e-7)
    }

    #[test]
    fn quotients_roots_and_heads() {
        let control = Control::unlimited();
        let heads = |t: &Table<'_>| t.laws(300, &control);
        assert!(exact(&search(|a, b, c| a * (c + (a + b) / (b * c + a - 7.0)), heads)));
        assert!(exact(&search(|a, b, c| a - c + b * (a * a + b - c).sqrt(), heads)));
        assert!(exact(&search(|a, b, c| (a - (b * b + c).sqrt()) / b, heads)));
        assert!(exact(&search(|a, b, c| ((a + b) / (c * c + 1.0) + 12.0).ln(), heads)));
        // The sign is that of the sum, which the square does not show.
        assert!(exact(&search(|a, b, c| (a - b * c) / (30.0 - c * c).sqrt(), heads)));
        // Under the root stands a quotient whose denominator changes its sign.
        assert!(exact(&search(|a, b, c| b - a + 1.9 * (a + 6.0 - 0.3 * b / c).sqrt(), heads)));
        // Under a logarithm, with a factor.
        assert!(exact(&search(|a, b, c| (a * (a - b + (a + 6.0 - b / c).sqrt())).ln(), heads)));
        assert!(exact(&search(|a, b, c| ((a * b - c) / 9.0).exp(), heads)));
        assert!(search(|a, b, c| (a * b).sin() + c, heads).is_empty());
    }

    #[test]
    fn factors_are_taken_out_of_roots() {
        let control = Control::unlimited();
        let law = |a: f64, b: f64, c: f64| -0.56 * ((b + c - a) / (a * b.powi(3))).sqrt();
        assert!(exact(&search(law, |t| t.laws_without_factors(200, &control))));
        // The sum is positive here: beyond these rows it keeps its sign where it stands outside of the root.
        let law = |a: f64, b: f64, c: f64| (a * b).sqrt() * (b - 0.2 * c * a + 12.0) / (26.0 - c * c).sqrt();
        assert!(exact(&search(law, |t| t.laws_without_factors(300, &control))));
        let law = |a: f64, b: f64, c: f64| (a - 2.0 * b + c) * (a * a + b * c).sqrt();
        assert!(exact(&search(law, |t| t.laws(300, &control))));
        let law = |a: f64, b: f64, c: f64| c - 0.5 * a + (a - 2.0 * b) * (a + b * c).sqrt();
        assert!(exact(&search(law, |t| t.laws(300, &control))));
        let law = |a: f64, b: f64, c: f64| b / (a * a * c * c + a * a + 2.0).sqrt();
        assert!(exact(&search(law, |t| t.laws_without_factors(200, &control))));
        let law = |a: f64, b: f64, c: f64| a * a / b * (c * c * c - 2.0 * c + 1.0 / (1.0 + c * c));
        assert!(exact(&search(law, |t| t.laws_without_factors(200, &control))));
    }

    #[test]
    fn functions_beside_the_inputs() {
        let control = Control::unlimited();
        let law = |a: f64, b: f64, c: f64| a * a + 1.37 * (1.0 + (b + 2.0) * b.sin() / (9.0 + c)).sqrt();
        assert!(exact(&search(law, |t| t.laws_beside(&atoms(3), SETS, &control))));
        let law = |a: f64, b: f64, c: f64| a * (a + (b - 1.23) * (a - c)) * b.exp().sin().powi(2) / c;
        assert!(exact(&search(law, |t| t.laws_beside(&atoms(3), SETS, &control))));
        let law = |a: f64, b: f64, c: f64| a * (b * c / 2.0).sin().powi(2) / (c / 2.0).sin().powi(2);
        assert!(exact(&search(law, |t| t.laws_beside(&atoms(3), SETS, &control))));
        let law = |a: f64, b: f64, c: f64| b * (a - c + (a * b).sin() / c);
        assert!(exact(&search(law, |t| t.laws_beside(&atoms(3), SETS, &control))));
        // Where a bell is large it drowns the rest: those rows are left out.
        let law = |a: f64, b: f64, c: f64| ((b * b).exp() + c / a + 9.0).ln();
        let how = Beside { most: 170, heads: true, roots: false };
        assert!(exact(&search(law, |t| t.laws_beside(&simple_atoms(3), how, &control))));
        // A root of one input, the exponential of two.
        let law = |a: f64, b: f64, c: f64| b * (a.sqrt() + a * b) * (b - c + (c / 4.0 - b / 4.0).exp());
        let how = Beside { most: 400, heads: false, roots: false };
        let positive = |t: &Table<'_>| {
            let all = with_roots(t.columns);
            assert!(!all.is_empty());
            let few: Vec<Vec<Expr>> = all.into_iter().filter(|s| s[1].variables() == [1, 2]).collect();
            t.laws_beside(&few, how, &control)
        };
        let quarter = |a: f64, b: f64, c: f64| law(a, 4.0 * b, 4.0 * c);
        assert!(exact(&search(quarter, positive)));
        // A root of a sum with a cosine, times powers.
        let law =
            |a: f64, b: f64, c: f64| 0.3 * b / ((a * a + b * b - 2.0 * a * b * c.cos()).sqrt() * a.powi(3));
        assert!(exact(&search(law, |t| t.laws_beside(&atoms(3), SETS, &control))));
    }

    #[test]
    fn behind_terms_with_constants() {
        let control = Control::unlimited();
        let behind = |t: &Table<'_>| t.laws_behind(Heads::First, &control);
        assert!(exact(&search(|a, b, c| 2.3 * (-0.31 * a).exp() + b * c / (c + 9.3), behind)));
        assert!(exact(&search(|a, b, c| 0.7 * b - ((a * b - c) / (c + 11.7)).exp(), behind)));
        assert!(exact(&search(|a, b, c| -1.7 * a + (b * b + 3.1 * c + a + 30.0).ln(), behind)));
        // Two exponentials under a logistic function, one of a quotient.
        let law = |a: f64, b: f64, _| {
            let (a, b) = (a / 10.0 + 0.6, b / 10.0 + 0.6);
            let z = 4.0 * (-1.3 * b).exp() - 3.1 * (-1.2 * a - 1.1 * b / (a + 0.4 * b + 0.2)).exp();
            1.0 / (1.0 + (-z).exp())
        };
        assert!(exact(
            &search(law, |t| Table { columns: &t.columns[..2], ..*t }.laws_behind(Heads::First, &control))
        ));
        assert!(search(|a, b, c| (a * b).sin() * c, behind).is_empty());
        // An unknown power, of an input that is positive.
        let positive: Vec<Vec<f64>> = columns().iter().map(|c| c.iter().map(|x| x + 5.5).collect()).collect();
        let views: Vec<&[f64]> = positive.iter().map(Vec::as_slice).collect();
        let law = |a: f64, b: f64, c: f64| 1.9 * a.powf(1.7) + (b * c + 3.1).sqrt();
        let y: Vec<f64> = (0..ROWS as usize).map(|r| law(views[0][r], views[1][r], views[2][r])).collect();
        let table = Table { columns: &views, target: &y, primitives: &PrimitiveSet::SCIENCE };
        let off = |law: &Expr| law.evaluate(&views).iter().zip(&y).all(|(f, y)| (f - y).abs() < 1e-9 * y);
        assert!(behind(&table).iter().filter_map(|s| s.law.as_ref()).any(off));
    }

    #[test]
    fn forbidden_functions_are_not_used() {
        let control = Control::unlimited();
        let x: Vec<f64> = (0..50).map(|i| 1.0 + f64::from(i) / 10.0).collect();
        let y: Vec<f64> = x.iter().map(|x| 1.0 / (x * x + 1.0)).collect();
        let with = |primitives: &PrimitiveSet| {
            let table = Table { columns: &[&x], target: &y, primitives };
            table.laws(30, &control).iter().any(|s| s.law.is_some())
        };
        assert!(with(&PrimitiveSet::SCIENCE));
        assert!(!with(&PrimitiveSet::SEED));
    }
}
