//! Equal functions get equal numbers: a hash of the values themselves.
//!
//! Two formulas that mean the same give values that differ in the last digits only. The hash takes the leading
//! 30 mantissa bits on a few rows, after a common sign is divided out; formulas that agree there are taken to be
//! one function (the idea of "semantic" or behavioural equality in genetic programming and program synthesis).

/// Rows that enter the hash.
const HASHED_ROWS: usize = 8;

/// Bits of the mantissa that are rounded away.
const DROPPED_BITS: u32 = 22;

/// Largest value that a stored function may take.
pub(super) const LARGEST: f64 = 1e12;

/// The hash of a function's values up to sign; `None` for values that are not finite, too large, or constant.
#[inline]
pub(super) fn semantic_hash(values: &[f64]) -> Option<u64> {
    let mut largest = 0.0f64;
    let mut low = f64::INFINITY;
    let mut high = f64::NEG_INFINITY;
    let mut finite = true;
    for &v in values {
        finite &= v.abs() <= LARGEST;
        largest = largest.max(v.abs());
        low = low.min(v);
        high = high.max(v);
    }
    if !finite || !(high - low > 1e-9 * largest) {
        return None;
    }
    let tiny = 1e-10 * largest;
    let step = (values.len() / HASHED_ROWS).max(1);
    let mut sign = 0.0;
    let mut hash = 0x9e37_79b9_7f4a_7c15u64;
    for &v in values.iter().step_by(step) {
        if sign == 0.0 && v.abs() > tiny {
            sign = v.signum();
        }
        let bits = if v.abs() <= tiny {
            0
        } else {
            (v * sign).to_bits().wrapping_add(1 << (DROPPED_BITS - 1)) >> DROPPED_BITS
        };
        hash = (hash ^ bits).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash ^= hash >> 32;
    }
    Some(hash)
}

/// The key is a hash already.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct IdentityHasher(u64);

impl std::hash::Hasher for IdentityHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*b);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_function_same_hash() {
        let x: Vec<f64> = (1..40).map(|i| f64::from(i) * 0.37).collect();
        let a: Vec<f64> = x.iter().map(|x| (x + 1.0) * (x + 1.0)).collect();
        let b: Vec<f64> = x.iter().map(|x| -(x * x + 2.0 * x + 1.0)).collect();
        let c: Vec<f64> = x.iter().map(|x| x * x + 2.0 * x + 1.0001).collect();
        assert_eq!(semantic_hash(&a), semantic_hash(&b));
        assert_ne!(semantic_hash(&a), semantic_hash(&c));
    }

    #[test]
    fn constants_and_infinities_have_none() {
        assert_eq!(semantic_hash(&[2.0; 9]), None);
        assert_eq!(semantic_hash(&[1.0, f64::NAN, 2.0]), None);
        assert_eq!(semantic_hash(&[1.0, 1e300]), None);
    }
}
