//! Who becomes a parent: tournaments with a drawn parsimony pressure, and epsilon-lexicase selection.

use super::island::Individual;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Competitors of a tournament, and the pool of a lexicase selection.
const COMPETITORS: usize = 5;
const POOL: usize = 12;

/// Rows that a lexicase selection looks at, at most.
const STEPS: usize = 8;

/// What a unit of complexity costs in logarithm of error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pressure(f64);

impl Pressure {
    /// A pressure between none and one that prefers the shortest formulas: so every length has its turn.
    pub(super) fn draw(rng: &mut ChaCha8Rng) -> Self {
        Self([0.0, 0.01, 0.03, 0.07, 0.15, 0.3][rng.random_range(0..6)])
    }
}

/// The best of a few by error and length.
pub(super) fn tournament<'a>(
    members: &'a [Individual],
    pressure: Pressure,
    rng: &mut ChaCha8Rng,
) -> &'a Individual {
    let score = |m: &Individual| m.fitted.log_error() + pressure.0 * f64::from(m.fitted.complexity);
    let mut best = &members[rng.random_range(0..members.len())];
    for _ in 1..COMPETITORS {
        let other = &members[rng.random_range(0..members.len())];
        if score(other) < score(best) {
            best = other;
        }
    }
    best
}

/// The last of a pool that is near the best of it on every one of a few rows, in random order (La Cava, Spector,
/// Danai, *Epsilon-lexicase selection for regression*, GECCO 2016): specialists survive that are average overall.
pub(super) fn lexicase<'a>(members: &'a [Individual], rng: &mut ChaCha8Rng) -> &'a Individual {
    let mut pool: Vec<&Individual> =
        (0..POOL).map(|_| &members[rng.random_range(0..members.len())]).collect();
    let cases = pool[0].residuals.len();
    for _ in 0..STEPS {
        if pool.len() == 1 || cases == 0 {
            break;
        }
        let case = rng.random_range(0..cases);
        let mut errors: Vec<f32> = pool.iter().map(|m| m.residuals[case]).collect();
        errors.sort_by(f32::total_cmp);
        let median = errors[errors.len() / 2];
        let mut deviations: Vec<f32> = errors.iter().map(|e| (e - median).abs()).collect();
        deviations.sort_by(f32::total_cmp);
        let limit = errors[0] + deviations[deviations.len() / 2];
        pool.retain(|m| m.residuals[case] <= limit);
    }
    pool[rng.random_range(0..pool.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;
    use crate::expr::Op;
    use crate::search::tree::{Fitted, Sample, Symbol, Tree};
    use crate::search::{Control, Problem};
    use crate::search_space::{PrimitiveSet, SearchSpace};
    use rand::SeedableRng;

    #[test]
    fn errors_beyond_single_precision_have_an_order() {
        let x: Vec<f64> = (0..40).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|x| if x % 9.0 == 4.0 { 1e60 * x } else { *x }).collect();
        let split = Split { train: (0..40).collect(), validation: Vec::new() };
        let space = SearchSpace::new(PrimitiveSet::SCIENCE, 2).unwrap();
        let columns = [x.as_slice()];
        let problem =
            Problem { columns: &columns, target: &y, weights: None, split: &split, space: &space, seed: 1 };
        let sample = Sample::unscaled(&problem, 40);
        let control = Control::unlimited();
        let x = Symbol::Variable(0);
        let members: Vec<Individual> =
            [vec![x], vec![x, Symbol::Unary(Op::Sin)], vec![x, Symbol::Unary(Op::Exp)]]
                .into_iter()
                .map(Tree::from_symbols)
                .filter_map(|tree| Fitted::new(&tree, &sample, 2, f64::INFINITY, 10, &control))
                .map(|fitted| Individual::new(fitted, &sample))
                .collect();
        assert!(members.len() > 1);
        assert!(members.iter().flat_map(|m| &m.residuals).all(|r| r.is_finite()));
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        (0..100).for_each(|_| assert!(lexicase(&members, &mut rng).fitted.error.is_finite()));
    }
}
