//! Dictionaries that a pursuit chooses from.

use super::context::Context;
use super::pursuit::{Column, polynomial, products, term_of};
use super::shape::{Link, Power, Term, Unit};
use crate::expr::Op;

/// Which terms a pursuit chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dictionary {
    /// Monomials with non-negative integer exponents.
    Polynomial,
    /// Up to three inputs at small integer and half-integer powers, negative ones too.
    Powers,
    /// Atoms, alone and with powers and products of inputs.
    Atoms,
    /// Products of two atoms.
    Pairs,
    /// Monomials, alone and times a function of an input whose rate, frequency or exponent is free.
    Families,
}

/// The terms of a dictionary over a view.
pub(crate) fn terms(dictionary: Dictionary, context: &Context<'_>) -> Vec<Term> {
    let columns = match dictionary {
        Dictionary::Families => return families(context),
        other => columns(other, context),
    };
    columns.iter().map(|c| term_of(context.features, c)).collect()
}

fn columns(dictionary: Dictionary, context: &Context<'_>) -> Vec<Column> {
    let inputs: Vec<usize> = (0..context.inputs).collect();
    let atoms: Vec<usize> = (context.inputs..context.features.len()).collect();
    let all: Vec<usize> = (0..context.features.len()).collect();
    let mut exponents = vec![1.0, 2.0, 3.0];
    if context.allowed.division {
        exponents.extend([-1.0, -2.0]);
    }
    if context.allowed.root {
        exponents.push(0.5);
        if context.allowed.division {
            exponents.push(-0.5);
        }
    }
    match dictionary {
        Dictionary::Polynomial | Dictionary::Families => polynomial(inputs.len(), 9, 1500),
        Dictionary::Powers => products(&inputs, &exponents, 3, 2500),
        Dictionary::Atoms => {
            let mut out = products(&all, &exponents, 1, 2500);
            out.extend(polynomial(inputs.len(), 3, 200).into_iter().filter(|c| c.len() > 1));
            let mut longer = Vec::new();
            for m in polynomial(inputs.len(), 2, 60) {
                for &a in &atoms {
                    let mut c = m.clone();
                    c.push((a, 1.0));
                    longer.push(c);
                }
            }
            for &a in &atoms {
                for &i in &inputs {
                    longer.push(vec![(i, 1.0), (a, 2.0)]);
                    if context.allowed.division {
                        longer.push(vec![(i, -1.0), (a, 1.0)]);
                        longer.push(vec![(i, 1.0), (a, -1.0)]);
                    }
                }
            }
            longer.truncate(5000);
            out.extend(longer);
            out
        }
        Dictionary::Pairs => {
            let mut out: Vec<Column> = inputs.iter().map(|i| vec![(*i, 1.0)]).collect();
            for (k, &a) in all.iter().enumerate() {
                for &b in &all[..k] {
                    out.push(vec![(b, 1.0), (a, 1.0)]);
                    if context.allowed.division {
                        out.push(vec![(b, 1.0), (a, -1.0)]);
                    }
                }
                if out.len() > 12_000 {
                    break;
                }
            }
            out
        }
    }
}

/// Monomials of low degree, and each of them times functions of one input on a grid of rates; the rates are free.
fn families(context: &Context<'_>) -> Vec<Term> {
    let features = context.features;
    let allowed = context.allowed;
    let inputs: Vec<usize> = (0..context.inputs).collect();
    let degree = if inputs.len() <= 2 { 4 } else { 3 };
    let monomials: Vec<Column> = polynomial(inputs.len(), degree, 150);
    let mut out: Vec<Term> = monomials.iter().map(|c| term_of(features, c)).collect();
    let mut amplitudes: Vec<Column> = vec![vec![]];
    amplitudes
        .extend(monomials.iter().filter(|c| c.iter().map(|f| f.1).sum::<f64>() <= 2.0).take(20).cloned());
    for amplitude in &amplitudes {
        let base = term_of(features, amplitude);
        for &i in &inputs {
            let used = amplitude.iter().any(|f| f.0 == i);
            let feature = &features[i];
            if allowed.power && !used {
                for p in [0.35, 0.7, 1.5, 2.5, -0.5, -1.0] {
                    if p > 0.0 || allowed.division {
                        let mut t = base.clone();
                        let odd = false;
                        t.powers.push(Power { feature: i, exponent: p, odd, free: true });
                        out.push(t);
                    }
                }
            }
            // The largest magnitude of the input in units of its geometric mean.
            let largest = feature.log.iter().fold(f64::MIN, |m, l| m.max(*l)).exp();
            let unit = |link, slope: f64| Unit {
                link,
                inner: vec![Power::fixed(i, 1.0)],
                slope: slope / largest,
                shift: if matches!(link, Link::Function(_)) { 0.0 } else { 1.0 },
                free_shift: false,
                exponent: -1.0,
                free_exponent: false,
            };
            let mut push = |link, slope: f64| {
                let mut t = base.clone();
                t.units.push(unit(link, slope));
                out.push(t);
            };
            if allowed.has(Op::Exp) {
                for k in [-12.0, -6.0, -3.0, -1.5, -0.6, 0.6, 1.5, 3.0] {
                    push(Link::Function(Op::Exp), k);
                }
            }
            for op in [Op::Sin, Op::Cos] {
                if allowed.has(op) {
                    let turns = if amplitude.len() <= 1 { 60 } else { 12 };
                    for k in 1..=turns {
                        push(Link::Function(op), f64::from(k) * 0.8);
                    }
                }
            }
            if allowed.has(Op::Ln) && feature.signs.is_none() && !feature.negative {
                for k in [0.5, 2.0, 8.0, 40.0] {
                    push(Link::LnBinomial, k);
                }
            }
            if allowed.division {
                for k in [0.5, 2.0, 8.0, 40.0, -0.5, -0.9] {
                    push(Link::Binomial, k);
                }
            }
            if allowed.has(Op::Tanh) {
                for k in [1.0, 3.0, 10.0] {
                    push(Link::Function(Op::Tanh), k);
                }
            }
        }
        if out.len() > 9000 {
            break;
        }
    }
    out
}
