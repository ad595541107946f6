//! The inner solver of the product DAG: a shape as a separable model, solved by variable projection.
//!
//! Source of the rules: for `m = exp(sum_j p_j L_j)` the derivative `dm/dp_j` is `m L_j`; a function of an inner
//! product adds the chain rule. All columns are logarithms that were centred before, so that no trial point
//! overflows easily and exponents of different features have comparable steps.

use super::allowed::Allowed;
use super::feature::Feature;
use super::head::Transformed;
use super::shape::{Limit, Link, Power, Shape, Term, Unit};
use crate::expr::vector_math;
use crate::least_squares::{SeparableModel, VarProOptions, subtract, variable_projection};
use crate::search::Control;

/// Exponents beyond this are not tried.
const LARGEST_EXPONENT: f64 = 6.0;

/// A target under a head with the features to explain it by.
pub(crate) struct Inner<'a> {
    pub(crate) features: &'a [Feature],
    pub(crate) target: &'a Transformed,
    pub(crate) allowed: &'a Allowed,
    pub(crate) control: &'a Control,
}

impl Inner<'_> {
    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.target.values.len()
    }

    /// Solves for the free constants and the coefficients of a shape; returns the fraction of the target's
    /// variance that stays unexplained.
    pub(crate) fn solve(&self, shape: &mut Shape, iterations: usize) -> f64 {
        let start = shape.parameters();
        let mut model = Sum::new(self, shape);
        let options = VarProOptions { iterations, ..VarProOptions::default() };
        let fit = variable_projection(
            &mut model,
            &self.target.values,
            Some(&self.target.root_weights),
            &start,
            &options,
        );
        self.control.count((fit.evaluations * (1 + start.len())) as u64);
        shape.set_parameters(&fit.parameters);
        shape.coefficients = fit.coefficients;
        if fit.cost.is_finite() { fit.cost } else { f64::INFINITY }
    }
}

impl Inner<'_> {
    /// The values of one term, not weighted.
    pub(crate) fn column(&self, term: &Term) -> Vec<f64> {
        let shape = Shape { constant: false, terms: vec![term.clone()], coefficients: Vec::new() };
        let mut out = vec![0.0; self.rows()];
        Sum::new(self, &shape).evaluate(&shape.parameters(), &mut out, &mut []);
        out
    }
}

/// A shape over features: one basis function per term.
struct Sum<'a> {
    features: &'a [Feature],
    rows: usize,
    shape: Shape,
    owners: Vec<usize>,
    limits: Vec<Limit>,
    buffers: [Vec<f64>; 3],
    values: Vec<Vec<f64>>,
}

impl<'a> Sum<'a> {
    fn new(inner: &Inner<'a>, shape: &Shape) -> Self {
        let mut shape = shape.clone();
        let (mut owners, mut limits) = (Vec::new(), Vec::new());
        let first = usize::from(shape.constant);
        shape.each_free(|_, term, limit| {
            owners.push(first + term);
            limits.push(limit);
        });
        let rows = inner.rows();
        Self {
            features: inner.features,
            rows,
            shape,
            owners,
            limits,
            buffers: std::array::from_fn(|_| vec![0.0; rows]),
            values: Vec::new(),
        }
    }
}

/// Products with their signs.
fn product(powers: &[Power], features: &[Feature], out: &mut [f64], scratch: &mut [f64]) {
    out.fill(0.0);
    for p in powers {
        subtract(out, -p.exponent, &features[p.feature].log);
    }
    scratch.copy_from_slice(out);
    vector_math::exp(scratch, out);
    for p in powers.iter().filter(|p| p.odd) {
        if let Some(signs) = &features[p.feature].signs {
            out.iter_mut().zip(signs).for_each(|(x, s)| *x *= s);
        }
    }
}

/// `g(a u + b)` into `value` and its derivative by the argument into `slope`.
fn link(unit: &Unit, u: &[f64], value: &mut [f64], slope: &mut [f64]) {
    for ((u, g), d) in u.iter().zip(value).zip(slope) {
        let v = unit.shift + unit.slope * u;
        (*g, *d) = match unit.link {
            Link::Binomial => {
                let g = if unit.exponent == -1.0 { 1.0 / v } else { v.abs().powf(unit.exponent) };
                (g, unit.exponent * g / v)
            }
            Link::LnBinomial => (v.abs().ln(), 1.0 / v),
            Link::Function(op) => {
                let g = op.value(v);
                (g, op.derivatives(v, g).0)
            }
        };
    }
}

fn multiply(out: &mut [f64], a: &[f64], b: &[f64]) {
    for (o, (a, b)) in out.iter_mut().zip(a.iter().zip(b)) {
        *o = a * b;
    }
}

impl SeparableModel for Sum<'_> {
    fn rows(&self) -> usize {
        self.rows
    }

    fn bases(&self) -> usize {
        usize::from(self.shape.constant) + self.shape.terms.len()
    }

    fn owners(&self) -> &[usize] {
        &self.owners
    }

    fn confine(&self, parameters: &mut [f64]) {
        for (x, limit) in parameters.iter_mut().zip(&self.limits) {
            if *limit == Limit::Exponent {
                *x = x.clamp(-LARGEST_EXPONENT, LARGEST_EXPONENT);
            }
        }
    }

    fn evaluate(&mut self, parameters: &[f64], bases: &mut [f64], derivatives: &mut [f64]) {
        let n = self.rows;
        self.shape.set_parameters(parameters);
        let mut bases = bases.chunks_exact_mut(n);
        let mut derivatives = derivatives.chunks_exact_mut(n);
        if self.shape.constant {
            bases.next().expect("one per basis function").fill(1.0);
        }
        let [outer, u, slope] = &mut self.buffers;
        for term in &self.shape.terms {
            let out = bases.next().expect("one per basis function");
            product(&term.powers, self.features, out, u);
            if self.values.len() < term.units.len() {
                self.values.resize(term.units.len(), vec![0.0; n]);
            }
            if !term.units.is_empty() {
                outer.copy_from_slice(out);
            }
            for (unit, g) in term.units.iter().zip(&mut self.values) {
                product(&unit.inner, self.features, u, slope);
                link(unit, u, g, slope);
                out.iter_mut().zip(g.iter()).for_each(|(o, g)| *o *= g);
            }
            for p in term.powers.iter().filter(|p| p.free) {
                if let Some(d) = derivatives.next() {
                    multiply(d, out, &self.features[p.feature].log);
                }
            }
            for (k, unit) in term.units.iter().enumerate() {
                product(&unit.inner, self.features, u, slope);
                link(unit, u, &mut self.values[k], slope);
                // slope <- derivative of the term by the argument of this function
                slope.iter_mut().zip(outer.iter()).for_each(|(s, o)| *s *= o);
                for (_, g) in self.values[..term.units.len()].iter().enumerate().filter(|(m, _)| *m != k) {
                    slope.iter_mut().zip(g).for_each(|(s, g)| *s *= g);
                }
                if let Some(d) = derivatives.next() {
                    multiply(d, slope, u);
                }
                if unit.free_shift
                    && let Some(d) = derivatives.next()
                {
                    d.copy_from_slice(slope);
                }
                for p in unit.inner.iter().filter(|p| p.free) {
                    if let Some(d) = derivatives.next() {
                        multiply(d, slope, u);
                        let log = &self.features[p.feature].log;
                        d.iter_mut().zip(log).for_each(|(d, l)| *d *= unit.slope * l);
                    }
                }
                if unit.free_exponent
                    && let Some(d) = derivatives.next()
                {
                    for (d, (u, out)) in d.iter_mut().zip(u.iter().zip(out.iter())) {
                        *d = out * (unit.shift + unit.slope * u).abs().ln();
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::feature::inputs;
    use super::*;
    use crate::PrimitiveSet;
    use crate::expr::{Expr, Op};
    use crate::search::product_dag::head::Head;

    fn columns() -> Vec<Vec<f64>> {
        let x: Vec<f64> = (0..40).map(|i| f64::from(i * 7 % 40) / 10.0 - 1.93).collect();
        let y: Vec<f64> = (0..40).map(|i| 0.5 + f64::from(i * 11 % 40) / 20.0).collect();
        vec![x, y]
    }

    #[test]
    fn derivatives_agree_with_finite_differences() {
        let columns = columns();
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let mut features: Vec<Feature> = inputs(&views).into_iter().flatten().collect();
        features.push(Feature::new(Expr::variable(0), true, &views).unwrap());
        for op in [Op::Sin, Op::Tanh] {
            let unit = |link, free_exponent: bool| Unit {
                link,
                inner: vec![Power::free(1, 0.7)],
                slope: 0.4,
                shift: 1.0,
                free_shift: !free_exponent,
                exponent: -0.5,
                free_exponent,
            };
            let shape = Shape {
                constant: true,
                terms: vec![
                    Term::product(vec![Power::free(0, 2.1), Power::free(1, -0.4), Power::free(2, 0.3)]),
                    Term { powers: vec![Power::free(0, 0.9)], units: vec![unit(Link::Function(op), false)] },
                    Term {
                        powers: vec![Power::fixed(1, 1.0)],
                        units: vec![unit(Link::Binomial, true), unit(Link::Function(op), false)],
                    },
                    Term { powers: vec![], units: vec![unit(Link::LnBinomial, false)] },
                ],
                coefficients: Vec::new(),
            };
            let allowed = Allowed::new(&PrimitiveSet::SCIENCE);
            let target = Head::Identity.transform(&columns[1], None, &allowed).unwrap();
            let control = Control::unlimited();
            let inner = Inner { features: &features, target: &target, allowed: &allowed, control: &control };
            let mut model = Sum::new(&inner, &shape);
            let p = shape.parameters();
            let (n, k) = (40, 5);
            let mut at = |p: &[f64]| {
                let (mut b, mut d) = (vec![0.0; n * k], vec![0.0; n * p.len()]);
                model.evaluate(p, &mut b, &mut d);
                (b, d)
            };
            let (_, d) = at(&p);
            let owners = Sum::new(&inner, &shape).owners;
            for j in 0..p.len() {
                let h = 1e-6;
                let (mut up, mut down) = (p.clone(), p.clone());
                up[j] += h;
                down[j] -= h;
                let (up, down) = (at(&up).0, at(&down).0);
                for i in 0..n {
                    let at = owners[j] * n + i;
                    let slope = (up[at] - down[at]) / (2.0 * h);
                    assert!(
                        (slope - d[j * n + i]).abs() < 1e-6 * (1.0 + slope.abs()),
                        "constant {j} row {i}"
                    );
                }
            }
        }
    }
}
