//! Architecture weights to mixture weights.

use crate::expr::{Number, Op};
use serde::{Deserialize, Serialize};

/// How the architecture weights of an edge become the weights of its primitives.
///
/// ```
/// use closedform::search::darts::{DartsOptions, MixtureKind};
/// let fair = DartsOptions { mixture: MixtureKind::Sigmoid, ..DartsOptions::default() };
/// assert!(fair.check().is_ok());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MixtureKind {
    /// Softmax: primitives of an edge compete (Liu et al., DARTS, 2019, equation 2).
    #[default]
    Softmax,
    /// One sigmoid per primitive: they do not compete (Chu et al., Fair DARTS, 2020, equation 3).
    Sigmoid,
}

/// Mixture weights of one edge. Inactive primitives have weight 0.
pub(crate) fn mixture_weights<T: Number>(
    kind: MixtureKind,
    alpha: &[T],
    active: &[bool],
    temperature: f64,
) -> Vec<T> {
    let zero = T::constant(0.0);
    let inverse = T::constant(1.0 / temperature);
    match kind {
        MixtureKind::Softmax => {
            let largest = alpha
                .iter()
                .zip(active)
                .filter(|(_, on)| **on)
                .map(|(a, _)| a.value())
                .fold(f64::NEG_INFINITY, f64::max);
            let shifted: Vec<T> = alpha
                .iter()
                .zip(active)
                .map(
                    |(a, on)| if *on { ((*a - T::constant(largest)) * inverse).apply(Op::Exp) } else { zero },
                )
                .collect();
            let total = shifted.iter().fold(zero, |s, x| s + *x);
            shifted.into_iter().map(|x| x / total).collect()
        }
        MixtureKind::Sigmoid => alpha
            .iter()
            .zip(active)
            .map(|(a, on)| if *on { (*a * inverse).apply(Op::Logistic) } else { zero })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn softmax_sums_to_one(alpha in prop::collection::vec(-50.0..50.0f64, 1..9), t in 0.05..5.0f64) {
            let w = mixture_weights(MixtureKind::Softmax, &alpha, &vec![true; alpha.len()], t);
            prop_assert!((w.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }
}
