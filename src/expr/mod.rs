//! Expressions.

pub(crate) mod vector_math;
