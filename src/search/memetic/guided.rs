//! Edits by gradient: of a few random ones the one that promises the smallest error.
//!
//! A promise costs a microsecond where a fit costs a tenth of a millisecond, so a random sample of promises beats a
//! random edit.

use super::island::World;
use crate::search::neighbourhood::{Sensitivity, Site, Way};
use crate::search::tree::Tree;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Parts and functions that are looked at.
const PARTS: usize = 3;
const FUNCTIONS: usize = 32;

/// What a symbol more has to bring, as a fraction of the error.
const PRICE: f64 = 0.02;

/// A child by the most promising of some random edits; `None` where none can be predicted.
pub(super) fn guided(parent: &Tree, world: &World<'_>, rng: &mut ChaCha8Rng) -> Option<Tree> {
    let sensitivity = Sensitivity::new(parent, world.sample)?;
    let basis = sensitivity.basis(0..0);
    let mut delta = Vec::with_capacity(world.sample.rows());
    let mut best: Option<(f64, Site, usize, f64)> = None;
    for _ in 0..PARTS {
        let at = rng.random_range(0..parent.len());
        let way = Way::LINEAR[rng.random_range(0..Way::LINEAR.len())];
        let Some(site) = Site::new(parent, at, way, &sensitivity, &basis) else { continue };
        for _ in 0..FUNCTIONS {
            // Simple functions stand first, and are drawn more often.
            let draw: f64 = rng.random_range(0.0..1.0);
            let place = (draw * draw * world.terms.len() as f64) as usize;
            if place >= world.terms.len() {
                continue;
            }
            let term = world.terms.get(place);
            let Some((predicted, c)) = site.predict(term, &mut delta) else { continue };
            let price = predicted * (1.0 + PRICE * term.tree.len() as f64);
            if c.is_finite() && best.as_ref().is_none_or(|b| price < b.0) {
                best = Some((price, site.clone(), place, c));
            }
        }
    }
    best.map(|(_, site, place, c)| site.apply(parent, &world.terms.get(place).tree, c))
}
