//! Semantic bank: enumerate distinct functions of the inputs, then test for laws by linear algebra.
//!
//! The bank holds functions by what they are worth on 64 rows, each meaning once ([`store`], [`grow`],
//! [`hash`]). The target is opened up from outside by invertible compositions ([`peel`]). Laws are then linear
//! dependences among peels and functions modulo small spans, found by sketches and one sort per test ([`frame`],
//! [`join`], [`spans`]), with constants inside of functions by root finding ([`scan`]). What is found is solved,
//! shortened, inverted, refined and verified on held-out rows ([`relation`]).
//!
//! Bottom-up enumeration with semantic equality is the way of program synthesis (Udupa et al., PLDI 2013);
//! linear tests of transformed targets follow GSR (Tohme, Liu, Youcef-Toumi, TMLR 2023) and SISSO (Ouyang et
//! al., Phys. Rev. Materials 2, 083802, 2018), here exact for all pairs by meeting in the middle.

mod dictionary;
mod frame;
mod greedy;
mod grow;
mod hash;
mod join;
mod peel;
mod pool;
mod powers;
mod relation;
mod scan;
mod spans;
mod stage;
mod store;
mod strategy;
mod strip;
mod view;

pub(crate) use powers::{monomial, power};
pub(crate) use relation::allowed;
pub use strategy::SemanticBank;
pub(crate) use strip::power_factors;
