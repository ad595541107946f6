//! The store of distinct functions: their values on the fit rows and how each was made.
//!
//! Values of all functions lie one after the other in one vector, so that every test walks contiguous memory.
//! A function is stored once per meaning, up to its sign (see [`semantic_hash`]): signs are free in every test.

use super::hash::{IdentityHasher, semantic_hash};
use crate::expr::{Expr, ExprBuilder, NodeId, Op};
use std::collections::HashSet;
use std::hash::BuildHasherDefault;

/// Position of a function in the [`Bank`].
pub(super) type EntryId = u32;

/// How a function was made from earlier ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Recipe {
    /// An input column.
    Variable(u32),
    /// A small number.
    Constant(f64),
    /// A function of an entry, or of its negative.
    Unary { op: Op, argument: EntryId, negate: bool },
    /// The cube root, a power that is no function of its own.
    CubeRoot(EntryId),
    /// A function of two entries.
    Binary(Op, EntryId, EntryId),
}

/// A function that has just been made and may be new.
#[derive(Clone, Debug)]
pub(super) struct Fresh {
    pub(super) recipe: Recipe,
    pub(super) hash: u64,
    /// Nesting of transcendental functions.
    pub(super) nesting: u8,
}

/// Distinct functions by size.
#[derive(Clone, Debug)]
pub(super) struct Bank {
    rows: usize,
    values: Vec<f64>,
    recipes: Vec<Recipe>,
    nesting: Vec<u8>,
    sizes: Vec<u8>,
    known: HashSet<u64, BuildHasherDefault<IdentityHasher>>,
}

impl Bank {
    /// An empty bank over so many rows.
    pub(super) fn new(rows: usize) -> Self {
        Self {
            rows,
            values: Vec::new(),
            recipes: Vec::new(),
            nesting: Vec::new(),
            sizes: Vec::new(),
            known: HashSet::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.recipes.len()
    }

    /// Values of an entry on the fit rows.
    #[inline]
    pub(super) fn values(&self, id: usize) -> &[f64] {
        &self.values[id * self.rows..(id + 1) * self.rows]
    }

    pub(super) fn nesting(&self, id: usize) -> u8 {
        self.nesting[id]
    }

    pub(super) fn size(&self, id: usize) -> u8 {
        self.sizes[id]
    }

    pub(super) fn recipe(&self, id: usize) -> Recipe {
        self.recipes[id]
    }

    pub(super) fn is_constant(&self, id: usize) -> bool {
        matches!(self.recipes[id], Recipe::Constant(_))
    }

    /// First entry of at least that size (sizes ascend).
    pub(super) fn first_of_size(&self, size: u8) -> usize {
        self.sizes.partition_point(|s| *s < size)
    }

    /// Whether a function of this meaning is stored.
    pub(super) fn knows(&self, hash: u64) -> bool {
        self.known.contains(&hash)
    }

    /// Adds a function unless one of its meaning is there.
    pub(super) fn insert(&mut self, fresh: &Fresh, values: &[f64], size: u8) -> bool {
        if !self.known.insert(fresh.hash) {
            return false;
        }
        self.values.extend_from_slice(values);
        self.recipes.push(fresh.recipe);
        self.nesting.push(fresh.nesting);
        self.sizes.push(size);
        true
    }

    /// Adds a leaf.
    pub(super) fn insert_leaf(&mut self, recipe: Recipe, values: &[f64], size: u8) -> bool {
        let hash = match recipe {
            Recipe::Constant(c) => c.to_bits(),
            _ => match semantic_hash(values) {
                Some(hash) => hash,
                None => return false,
            },
        };
        self.insert(&Fresh { recipe, hash, nesting: 0 }, values, size)
    }

    /// The entry as an expression over the inputs.
    pub(super) fn expr(&self, id: usize) -> Expr {
        let mut g = ExprBuilder::new();
        let root = self.node(&mut g, id as EntryId);
        g.finish(root)
    }

    fn node(&self, g: &mut ExprBuilder, id: EntryId) -> NodeId {
        match self.recipes[id as usize] {
            Recipe::Variable(i) => g.variable(i as usize),
            Recipe::Constant(c) => g.constant(c),
            Recipe::Unary { op, argument, negate } => {
                let mut a = self.node(g, argument);
                if negate {
                    a = g.unary(Op::Neg, a);
                }
                g.unary(op, a)
            }
            Recipe::CubeRoot(a) => {
                let a = self.node(g, a);
                let third = g.constant(1.0 / 3.0);
                g.binary(Op::Pow, a, third)
            }
            Recipe::Binary(op, a, b) => {
                let a = self.node(g, a);
                let b = self.node(g, b);
                g.binary(op, a, b)
            }
        }
    }
}
