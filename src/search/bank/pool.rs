//! The laws found so far: the best per complexity.

use crate::expr::{Expr, complexity};

/// Errors below this count as equal: rounding, not fit.
const FLOOR: f64 = 1e-10;

/// A front of error against complexity.
#[derive(Clone, Debug, Default)]
pub(super) struct Pool {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    expr: Expr,
    error: f64,
    complexity: u32,
    handed_out: bool,
}

impl Pool {
    /// Files a law unless one at most as complex is at least as good.
    pub(super) fn offer(&mut self, expr: Expr, error: f64) -> bool {
        let complexity = complexity(&expr);
        let error = error.max(FLOOR);
        if self.entries.iter().any(|e| e.complexity <= complexity && e.error <= error) {
            return false;
        }
        self.entries.retain(|e| e.complexity < complexity || e.error < error);
        let at = self.entries.partition_point(|e| e.complexity < complexity);
        self.entries.insert(at, Entry { expr, error, complexity, handed_out: false });
        true
    }

    /// The smallest error.
    pub(super) fn best_error(&self) -> f64 {
        self.entries.iter().fold(f64::INFINITY, |m, e| m.min(e.error))
    }

    /// What has been filed since the last call, best errors first, at most so many.
    pub(super) fn news(&mut self, most: usize) -> Vec<Expr> {
        let mut fresh: Vec<&mut Entry> = self.entries.iter_mut().filter(|e| !e.handed_out).collect();
        fresh.sort_by(|a, b| a.error.total_cmp(&b.error).then(a.complexity.cmp(&b.complexity)));
        fresh
            .into_iter()
            .take(most)
            .map(|e| {
                e.handed_out = true;
                e.expr.clone()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_front() {
        let x = Expr::variable(0);
        let mut pool = Pool::default();
        assert!(pool.offer(x.clone() * x.clone(), 0.1));
        assert!(pool.offer(x.clone(), 0.2));
        assert!(!pool.offer(x.clone() + x.clone(), 0.15));
        assert!(pool.offer(x.clone() * Expr::variable(1), 0.05));
        assert_eq!(pool.news(10).len(), 2);
        assert!(pool.news(10).is_empty());
    }
}
