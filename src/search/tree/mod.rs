//! Formulas as postfix lists of symbols: the form that the searches by small edits work on.
//!
//! An edit of a formula is a splice of its list (Burlacu, Kronberger, Kommenda, *Operon C++*, GECCO 2020), and the
//! rewriting by [`cleanup`] keeps what is spliced short, so that no two constants do one constant's work.

mod archive;
mod cleanup;
mod drops;
mod faint;
mod fitted;
mod linear;
mod sample;
mod symbol;
mod vocabulary;

pub(crate) use archive::Archive;
pub(crate) use cleanup::{assemble, cleaned};
pub(crate) use drops::{drops, shortened};
pub(crate) use faint::without_faint_parts;
pub(crate) use fitted::Fitted;
pub(crate) use linear::{dressed, undressed};
pub(crate) use sample::Sample;
pub(crate) use symbol::{Symbol, Tree};
pub(crate) use vocabulary::Vocabulary;
