//! All pairs of functions that are proportional modulo a span, in one sort.
//!
//! This is the meet-in-the-middle step of the search: among n functions there are n^2/2 relations, and sorting
//! the n directions of [`Frame`](super::frame::Frame) sketches finds those that hold.

use super::frame::{Direction, Sketch};
use std::f64::consts::PI;

/// The direction of one function.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) direction: Direction,
    pub(super) id: u32,
}

/// Keys of all functions that have a direction, and the functions that lie in the span.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    pub(super) keys: Vec<Key>,
    pub(super) inside: Vec<u32>,
}

impl Keys {
    /// Adds a function.
    #[inline]
    pub(super) fn push(&mut self, sketch: &Sketch, id: u32) {
        if let Some(direction) = sketch.direction() {
            self.keys.push(Key { direction, id });
        } else if sketch.vanishes() {
            self.inside.push(id);
        }
    }

    /// Pairs of equal direction, lower id first, in order of the ids.
    pub(super) fn pairs(&self, most: usize) -> Vec<(u32, u32)> {
        let crowded = self.crowded_in_order();
        let mut out = Vec::new();
        for (i, a) in crowded.iter().enumerate() {
            out.extend(equal_after(&crowded, i).map(|j| {
                let b = &crowded[j];
                (a.id.min(b.id), a.id.max(b.id))
            }));
            if out.len() > 64 * most {
                break;
            }
        }
        out.sort_unstable_by_key(|&(a, b)| (u64::from(a) + u64::from(b), a));
        out.dedup();
        out.truncate(most);
        out
    }

    fn crowded_in_order(&self) -> Vec<Key> {
        let mut crowded = crowded(&self.keys);
        crowded
            .sort_unstable_by(|a, b| a.direction.first.total_cmp(&b.direction.first).then(a.id.cmp(&b.id)));
        crowded
    }
}

/// Positions after `i` with the same direction, of keys in order.
fn equal_after(keys: &[Key], i: usize) -> impl Iterator<Item = usize> + '_ {
    let a = &keys[i].direction;
    let reach = a.tolerance().max(1e-9);
    keys[i + 1..]
        .iter()
        .enumerate()
        .take_while(move |(_, b)| b.direction.first - a.first <= reach)
        .filter(move |(_, b)| {
            let tolerance = a.tolerance() + b.direction.tolerance();
            b.direction.first - a.first <= tolerance && (a.second - b.direction.second).abs() <= tolerance
        })
        .map(move |(k, _)| i + 1 + k)
}

/// The keys that share a bin with another: a sort of all would cost ten times as much.
fn crowded(keys: &[Key]) -> Vec<Key> {
    let bins = (keys.len() * 16).next_power_of_two().clamp(1 << 10, 1 << 23);
    let bin = |angle: f64| (((angle / PI + 0.5) * bins as f64) as usize).min(bins - 1);
    let mut once = vec![0u64; bins / 64 + 1];
    let mut twice = vec![0u64; bins / 64 + 1];
    for k in keys {
        let b = bin(k.direction.first);
        let (word, bit) = (b / 64, 1u64 << (b % 64));
        twice[word] |= once[word] & bit;
        once[word] |= bit;
    }
    keys.iter()
        .filter(|k| {
            let b = bin(k.direction.first);
            twice[b / 64] & (1u64 << (b % 64)) != 0
        })
        .copied()
        .collect()
}

/// The first function of each direction: the others say the same modulo the span. Functions in the span have
/// no place here.
pub(super) fn representatives(keys: &Keys) -> Vec<u32> {
    let crowded = keys.crowded_in_order();
    // A function that is dropped drops nothing more: a crowd of m equal ones takes m comparisons, not m^2.
    let mut dropped = vec![false; crowded.len()];
    for i in 0..crowded.len() {
        if dropped[i] {
            continue;
        }
        let mut first = i;
        for j in equal_after(&crowded, i) {
            if dropped[j] {
                continue;
            }
            let later = if crowded[j].id < crowded[first].id { std::mem::replace(&mut first, j) } else { j };
            dropped[later] = true;
        }
    }
    let mut drop: Vec<u32> = crowded.iter().zip(&dropped).filter(|(_, d)| **d).map(|(k, _)| k.id).collect();
    drop.sort_unstable();
    let mut all: Vec<u32> = keys.keys.iter().map(|k| k.id).collect();
    all.retain(|id| drop.binary_search(id).is_err());
    all
}

#[cfg(test)]
mod tests {
    use super::super::frame::Frame;
    use super::*;

    #[test]
    fn finds_the_pair() {
        let wave = |k: f64| -> Vec<f64> { (0..40).map(|i| 1.5 + (f64::from(i) * k).sin()).collect() };
        let one = vec![1.0; 40];
        let mut functions: Vec<Vec<f64>> = (0..60).map(|k| wave(0.1 + 0.37 * f64::from(k))).collect();
        functions.push(functions[7].iter().map(|v| 2.5 - 3.0 * v).collect());
        let frame = Frame::new(40, [one.as_slice()]);
        let mut keys = Keys::default();
        for (i, f) in functions.iter().enumerate() {
            keys.push(&frame.sketch(f), i as u32);
        }
        keys.push(&frame.sketch(&one), 99);
        assert_eq!(keys.pairs(10), [(7, 60)]);
        assert_eq!(keys.inside, [99]);
        assert!(!representatives(&keys).contains(&60));
    }
}
