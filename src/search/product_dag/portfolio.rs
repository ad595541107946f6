//! The portfolio: which shapes are tried, in rounds of growing description length.

use super::allowed::Allowed;
use super::context::Context;
use super::dictionary::{Dictionary, terms};
use super::head::Head;
use super::judge::Found;
use super::monomial::monomials;
use super::pursuit::{beside, full_solve, polynomial, pursue};
use super::rational::rational;
use super::scan::frequencies;
use super::shape::Link;
use super::starts::{Plan, multi_start};
use super::waves::waves;
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
    /// A quotient of polynomials of the inputs.
    Rational { head: Head },
    /// The same with each of these atoms (a range of features) in place of its inputs, and beside them.
    RationalAtoms { head: Head, first: usize, count: usize },
    /// All monomials up to a degree, and one or two terms of a dictionary beside them.
    Beside { head: Head, degree: usize, dictionary: Dictionary },
    /// A sparse sum over a dictionary.
    Pursuit { head: Head, dictionary: Dictionary, constant: bool, most: usize },
    /// An oscillation in an inner product, with an amplitude of inputs to the power 1.
    Frequency { head: Head, amplitude: Option<usize>, most: usize },
    /// An oscillation in a sum of two inputs.
    Waves,
    /// Random starts of a shape.
    Start(Plan),
}

/// Heads under which sums are tried first.
const MAIN_HEADS: [Head; 4] = [Head::Identity, Head::Inverse, Head::Square, Head::Ln];

/// Heads under which polynomials with a few other terms are tried.
const HEADS_BESIDE: [Head; 6] =
    [Head::Identity, Head::Ln, Head::Exp, Head::Square, Head::Inverse, Head::InverseSquare];

/// Functions of inner products, likeliest first.
const LINKS: [Link; 8] = [
    Link::Binomial,
    Link::Function(Op::Exp),
    Link::Function(Op::Sin),
    Link::Function(Op::Cos),
    Link::LnBinomial,
    Link::Function(Op::Tanh),
    Link::Function(Op::Logistic),
    Link::Function(Op::Atan),
];

fn start(head: Head, constant: bool, terms: Vec<(Vec<usize>, Vec<Link>)>, starts: usize) -> Job {
    Job::Start(Plan { head, constant, terms, starts })
}

/// The jobs of a round over a view with `inputs` features of inputs and `features` in all.
pub(crate) fn jobs(round: usize, inputs: usize, features: usize, rng: &mut ChaCha8Rng) -> Vec<Job> {
    let mut jobs = Vec::new();
    let none = || (vec![], vec![]);
    let plain = |head, constant, terms, starts| start(head, constant, vec![none(); terms], starts);
    match round {
        0 => {
            let heads = [
                Head::Identity,
                Head::Ln,
                Head::Exp,
                Head::Logit,
                Head::Sin,
                Head::Cos,
                Head::Tan,
                Head::Tanh,
            ];
            jobs.extend(heads.map(|head| Job::Monomial { head, atoms: 0 }));
            jobs.extend(Head::ALL.map(|head| Job::Polynomial { head }));
            let heads = [Head::Identity, Head::Square, Head::Ln, Head::Exp, Head::Root, Head::Sin];
            jobs.extend(heads.map(|head| Job::Rational { head }));
            jobs.push(Job::Waves);
            jobs.extend(Head::ALL.map(|head| plain(head, true, 1, 3)));
            jobs.extend(MAIN_HEADS.map(|head| plain(head, false, 2, 4)));
        }
        1 => {
            let heads = [Head::Identity, Head::Ln, Head::Sin, Head::Cos, Head::Exp, Head::Tan];
            jobs.extend(heads.map(|head| Job::Monomial { head, atoms: 1 }));
            for head in Head::ALL {
                jobs.push(plain(head, false, 2, 6));
                jobs.push(plain(head, true, 2, 6));
            }
            for head in [Head::Identity, Head::Inverse, Head::Square] {
                let dictionary = Dictionary::Polynomial;
                jobs.push(Job::Pursuit { head, dictionary, constant: true, most: 6 });
            }
            for head in [Head::Identity, Head::Square, Head::Ln] {
                for first in (inputs..features).step_by(40) {
                    jobs.push(Job::RationalAtoms { head, first, count: 40.min(features - first) });
                }
            }
        }
        2 => {
            jobs.extend([Head::Identity, Head::Ln].map(|head| Job::Monomial { head, atoms: 2 }));
            jobs.extend(Head::ALL.map(|head| plain(head, false, 3, 8)));
            let dictionary = Dictionary::Atoms;
            for head in HEADS_BESIDE {
                jobs.push(Job::Beside { head, degree: 2, dictionary });
            }
            for head in MAIN_HEADS {
                let dictionary = Dictionary::Powers;
                jobs.push(Job::Pursuit { head, dictionary, constant: true, most: 5 });
            }
            jobs.push(Job::Frequency { head: Head::Identity, amplitude: None, most: 60 });
        }
        3 => {
            let dictionary = Dictionary::Atoms;
            for head in HEADS_BESIDE {
                for degree in [1, 3] {
                    jobs.push(Job::Beside { head, degree, dictionary });
                }
            }
            for head in [Head::Identity, Head::Square] {
                jobs.push(Job::Beside { head, degree: 2, dictionary: Dictionary::Families });
            }
            for head in MAIN_HEADS {
                for dictionary in [Dictionary::Atoms, Dictionary::Families] {
                    jobs.push(Job::Pursuit { head, dictionary, constant: true, most: 5 });
                }
            }
            for constant in [false, true] {
                for link in LINKS {
                    for head in [Head::Identity, Head::Inverse, Head::Square] {
                        jobs.push(start(head, constant, vec![(vec![], vec![link])], 10));
                    }
                }
            }
        }
        4 => {
            let dictionary = Dictionary::Pairs;
            for head in [Head::Identity, Head::Ln, Head::Square] {
                jobs.push(Job::Pursuit { head, dictionary, constant: true, most: 3 });
            }
            for amplitude in (0..inputs).map(Some).chain([None]) {
                jobs.push(Job::Frequency { head: Head::Identity, amplitude, most: 200 });
            }
            for atom in (inputs..features).take(160) {
                let with = || (vec![atom], vec![]);
                for head in [Head::Identity, Head::Inverse, Head::Square] {
                    jobs.push(start(head, true, vec![with()], 2));
                    jobs.push(start(head, false, vec![with(), none()], 3));
                }
                jobs.push(start(Head::Identity, false, vec![with(), with()], 4));
            }
        }
        5 => {
            for head in MAIN_HEADS {
                jobs.push(plain(head, true, 3, 12));
                jobs.push(plain(head, false, 4, 16));
            }
            for link in LINKS {
                for head in MAIN_HEADS {
                    jobs.push(start(head, false, vec![(vec![], vec![link]), none()], 12));
                }
                for other in LINKS {
                    jobs.push(start(Head::Identity, false, vec![(vec![], vec![link, other])], 8));
                }
            }
            for head in Head::ALL {
                let dictionary = Dictionary::Atoms;
                jobs.push(Job::Pursuit { head, dictionary, constant: false, most: 6 });
            }
            let dictionary = Dictionary::Families;
            jobs.push(Job::Pursuit { head: Head::Identity, dictionary, constant: false, most: 8 });
        }
        _ => jobs.extend((0..48).map(|_| Job::Start(random_plan(inputs, features, rng)))),
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
    let atoms = features - inputs;
    // Short atoms stand first and are drawn more often.
    let atom = |rng: &mut ChaCha8Rng| inputs + (rng.random::<f64>().powi(2) * atoms as f64) as usize;
    // Laws often have one factor in all of their terms.
    let shared = (atoms > 0 && count > 1 && rng.random_bool(0.25)).then(|| atom(rng));
    let terms = (0..count)
        .map(|_| {
            let mut chosen: Vec<usize> = shared.into_iter().collect();
            while atoms > 0 && chosen.len() < 2 && rng.random_bool(0.4) {
                chosen.push(atom(rng));
            }
            chosen.dedup();
            let mut links = Vec::new();
            while links.len() < 2 && rng.random_bool(0.22) {
                links.push(LINKS[rng.random_range(0..LINKS.len())]);
            }
            (chosen, links)
        })
        .collect();
    Plan { head, constant: rng.random_bool(0.5), terms, starts: 6 }
}

/// Whether the allowed functions cover a shape.
fn writable(plan: &Plan, allowed: &Allowed) -> bool {
    plan.terms.iter().flat_map(|t| &t.1).all(|link| match link {
        Link::Binomial => allowed.division || allowed.root,
        Link::LnBinomial => allowed.has(Op::Ln),
        Link::Function(op) => allowed.has(*op),
    })
}

/// Does a job.
pub(crate) fn run(job: &Job, context: &Context<'_>, rng: &mut ChaCha8Rng) -> Vec<Found> {
    let inputs: Vec<usize> = (0..context.inputs).collect();
    match job {
        Job::Monomial { head, atoms } => monomials(context, *head, *atoms),
        Job::Polynomial { head } => {
            let most = (context.view.target.len() * 3 / 5).min(100);
            let degree = if inputs.len() == 1 { 12 } else { 6 };
            full_solve(context, *head, &polynomial(inputs.len(), degree, most))
        }
        Job::Rational { head } => rational(context, *head, &inputs).into_iter().collect(),
        Job::RationalAtoms { head, first, count } => {
            let mut found = Vec::new();
            for atom in *first..first + count {
                let feature = &context.features[atom];
                if context.control.is_stopped() || feature.exponential {
                    continue;
                }
                let own = feature.expr.variables();
                let other =
                    |i: &usize| context.features[*i].expr.variables().iter().all(|v| !own.contains(v));
                let mut members: Vec<usize> = inputs.iter().copied().filter(other).collect();
                members.push(atom);
                found.extend(rational(context, *head, &members));
                if found.is_empty() {
                    let members: Vec<usize> = inputs.iter().copied().chain([atom]).collect();
                    found.extend(rational(context, *head, &members));
                }
            }
            found
        }
        Job::Beside { head, degree, dictionary } => {
            let most = (context.view.target.len() * 2 / 3).min(48);
            let base = polynomial(inputs.len(), *degree, most);
            beside(context, *head, &base, &terms(*dictionary, context))
        }
        Job::Pursuit { head, dictionary, constant, most } => {
            pursue(context, *head, &terms(*dictionary, context), *constant, *most)
        }
        Job::Frequency { head, amplitude, most } => {
            if !(context.allowed.has(Op::Sin) && context.allowed.has(Op::Cos)) {
                return Vec::new();
            }
            let prefactor: Vec<(usize, f64)> = amplitude.iter().map(|i| (*i, 1.0)).collect();
            frequencies(context, *head, &prefactor, *most)
        }
        Job::Waves if context.allowed.has(Op::Sin) && context.allowed.has(Op::Cos) => waves(context),
        Job::Waves => Vec::new(),
        Job::Start(plan) if writable(plan, context.allowed) => multi_start(context, plan, rng),
        Job::Start(_) => Vec::new(),
    }
}
