//! The portfolio: which shapes are tried, in rounds of growing description length.

use super::allowed::Allowed;
use super::context::Context;
use super::head::Head;
use super::judge::Found;
use super::monomial::monomials;
use super::pursuit::{Column, full_solve, polynomial, products, pursue};
use super::shape::Link;
use super::starts::{Plan, multi_start};
use crate::expr::Op;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A piece of work of a round.
#[derive(Clone, Debug)]
pub(crate) enum Job {
    /// One product with so many atoms, in closed form.
    Monomial { head: Head, atoms: usize },
    /// Every monomial up to a degree at once.
    Polynomial { head: Head },
    /// A sparse sum over a dictionary.
    Pursuit { head: Head, dictionary: Dictionary, constant: bool, most: usize },
    /// Random starts of a shape.
    Start(Plan),
}

/// Which products a pursuit chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dictionary {
    /// Monomials with non-negative integer exponents.
    Polynomial,
    /// Up to three inputs at small integer and half-integer powers, negative ones too.
    Powers,
    /// Up to two factors, atoms among them.
    Atoms,
}

/// Heads under which sums are tried first.
const MAIN_HEADS: [Head; 4] = [Head::Identity, Head::Inverse, Head::Square, Head::Ln];

/// The jobs of a round over a view with `inputs` features of inputs and `features` in all.
pub(crate) fn jobs(round: usize, inputs: usize, features: usize, rng: &mut ChaCha8Rng) -> Vec<Job> {
    let mut jobs = Vec::new();
    let plain = |head, constant, terms, starts| {
        Job::Start(Plan { head, constant, terms: vec![(vec![], None); terms], starts })
    };
    match round {
        0 => {
            for head in [Head::Identity, Head::Ln, Head::Exp, Head::Logit, Head::Sin, Head::Cos, Head::Tan, Head::Tanh] {
                jobs.push(Job::Monomial { head, atoms: 0 });
            }
            for head in Head::ALL {
                jobs.push(Job::Polynomial { head });
            }
            for head in Head::ALL {
                jobs.push(plain(head, true, 1, 3));
            }
            for head in MAIN_HEADS {
                jobs.push(plain(head, false, 2, 4));
            }
        }
        1 => {
            for head in [Head::Identity, Head::Ln, Head::Sin, Head::Cos, Head::Exp, Head::Tan] {
                jobs.push(Job::Monomial { head, atoms: 1 });
            }
            for head in Head::ALL {
                jobs.push(plain(head, false, 2, 6));
                jobs.push(plain(head, true, 2, 6));
            }
            for head in [Head::Identity, Head::Inverse, Head::Square] {
                jobs.push(Job::Pursuit { head, dictionary: Dictionary::Polynomial, constant: true, most: 6 });
            }
        }
        2 => {
            jobs.push(Job::Monomial { head: Head::Identity, atoms: 2 });
            jobs.push(Job::Monomial { head: Head::Ln, atoms: 2 });
            for head in [Head::Identity, Head::Inverse, Head::Square, Head::Ln] {
                jobs.push(Job::Pursuit { head, dictionary: Dictionary::Powers, constant: true, most: 5 });
                jobs.push(Job::Pursuit { head, dictionary: Dictionary::Atoms, constant: true, most: 5 });
            }
            for head in Head::ALL {
                jobs.push(plain(head, false, 3, 8));
            }
            for link in [Link::Binomial, Link::Function(Op::Sin), Link::Function(Op::Cos), Link::Function(Op::Exp), Link::LnBinomial, Link::Function(Op::Tanh), Link::Function(Op::Logistic)] {
                for constant in [false, true] {
                    jobs.push(Job::Start(Plan { head: Head::Identity, constant, terms: vec![(vec![], Some(link))], starts: 12 }));
                }
            }
        }
        3 => {
            for atom in (inputs..features).take(160) {
                for head in [Head::Identity, Head::Inverse, Head::Square] {
                    jobs.push(Job::Start(Plan { head, constant: true, terms: vec![(vec![atom], None)], starts: 2 }));
                    jobs.push(Job::Start(Plan { head, constant: false, terms: vec![(vec![atom], None), (vec![], None)], starts: 3 }));
                }
            }
        }
        4 => {
            for head in MAIN_HEADS {
                jobs.push(plain(head, true, 3, 12));
                jobs.push(plain(head, false, 4, 16));
            }
            for link in [Link::Binomial, Link::Function(Op::Sin), Link::Function(Op::Cos), Link::Function(Op::Exp), Link::LnBinomial, Link::Function(Op::Tanh), Link::Function(Op::Logistic), Link::Function(Op::Atan)] {
                for head in MAIN_HEADS {
                    jobs.push(Job::Start(Plan { head, constant: false, terms: vec![(vec![], Some(link)), (vec![], None)], starts: 12 }));
                }
            }
            for head in Head::ALL {
                jobs.push(Job::Pursuit { head, dictionary: Dictionary::Atoms, constant: false, most: 6 });
            }
        }
        _ => {
            for _ in 0..48 {
                jobs.push(Job::Start(random_plan(inputs, features, rng)));
            }
        }
    }
    jobs
}

/// A shape drawn at random: heads, terms, atoms and functions by how often laws have them.
fn random_plan(inputs: usize, features: usize, rng: &mut ChaCha8Rng) -> Plan {
    let head = if rng.random_bool(0.6) {
        MAIN_HEADS[rng.random_range(0..3)]
    } else {
        Head::ALL[rng.random_range(0..Head::ALL.len())]
    };
    let count = [1, 1, 2, 2, 2, 3, 3, 4][rng.random_range(0..8)];
    let links = [
        Link::Binomial,
        Link::Binomial,
        Link::Function(Op::Sin),
        Link::Function(Op::Cos),
        Link::Function(Op::Exp),
        Link::LnBinomial,
        Link::Function(Op::Tanh),
        Link::Function(Op::Logistic),
    ];
    let atoms = features - inputs;
    let terms = (0..count)
        .map(|_| {
            let mut chosen = Vec::new();
            while atoms > 0 && chosen.len() < 2 && rng.random_bool(0.45) {
                // Short atoms stand first and are drawn more often.
                let u: f64 = rng.random();
                chosen.push(inputs + (u * u * atoms as f64) as usize);
            }
            chosen.dedup();
            let link = rng.random_bool(0.25).then(|| links[rng.random_range(0..links.len())]);
            (chosen, link)
        })
        .collect();
    Plan { head, constant: rng.random_bool(0.5), terms, starts: 6 }
}

/// Whether the allowed functions cover a shape.
fn writable(plan: &Plan, allowed: &Allowed) -> bool {
    plan.terms.iter().all(|(_, link)| match link {
        None => true,
        Some(Link::Binomial) => allowed.division || allowed.root,
        Some(Link::LnBinomial) => allowed.has(Op::Ln),
        Some(Link::Function(op)) => allowed.has(*op),
    })
}

/// Does a job.
pub(crate) fn run(job: &Job, context: &Context<'_>, rng: &mut ChaCha8Rng) -> Vec<Found> {
    let inputs: Vec<usize> = (0..context.inputs).collect();
    match job {
        Job::Monomial { head, atoms } => monomials(context, *head, *atoms),
        Job::Polynomial { head } => {
            let most = context.view.target.len() / 3;
            let degree = if inputs.len() == 1 { 12 } else { 6 };
            full_solve(context, *head, &polynomial(inputs.len(), degree, most))
        }
        Job::Pursuit { head, dictionary, constant, most } => {
            pursue(context, *head, &columns(*dictionary, context), *constant, *most)
        }
        Job::Start(plan) if writable(plan, context.allowed) => multi_start(context, plan, rng),
        Job::Start(_) => Vec::new(),
    }
}

fn columns(dictionary: Dictionary, context: &Context<'_>) -> Vec<Column> {
    let inputs: Vec<usize> = (0..context.inputs).collect();
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
        Dictionary::Polynomial => polynomial(inputs.len(), 9, 1500),
        Dictionary::Powers => products(&inputs, &exponents, 3, 1500),
        Dictionary::Atoms => {
            exponents.retain(|p| p.fract() == 0.0 && *p != 3.0);
            let mut out = products(&all, &exponents, 1, 600);
            let mut seconds = Vec::new();
            for &a in &all[inputs.len()..] {
                for &i in &inputs {
                    for p in [1.0, 2.0, -1.0] {
                        if context.allowed.exponent(p) {
                            seconds.push(vec![(i, p), (a, 1.0)]);
                        }
                    }
                }
            }
            seconds.truncate(1200);
            out.extend(products(&inputs, &[1.0], 2, 100).into_iter().filter(|c| c.len() > 1));
            out.extend(seconds);
            out
        }
    }
}
