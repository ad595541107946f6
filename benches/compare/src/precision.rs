//! What single precision could gain at most: loops without any interpretation, in both precisions.

use crate::{columns, compare};
use std::hint::black_box;

macro_rules! arithmetic {
    ($name:ident, $t:ty) => {
        #[inline(never)]
        fn $name(x: &[Vec<$t>], out: &mut [$t]) {
            let n = out.len();
            let [a, b, c, d, e] = [&x[0][..n], &x[1][..n], &x[2][..n], &x[3][..n], &x[4][..n]];
            for i in 0..n {
                out[i] = (a[i] * 1.5 + b[i]) * (c[i] - 0.7 * d[i]) + (e[i] - 2.0);
            }
        }
    };
}
arithmetic!(double, f64);
arithmetic!(single_precision, f32);

/// The arithmetic expression of the comparison, written out by hand.
pub(crate) fn single() {
    println!("| arithmetic, no evaluator | rows | double, us | single, us | ratio |");
    println!("|---|---|---|---|---|");
    for rows in [64, 128, 1_000, 100_000] {
        let x = columns(rows);
        let narrow: Vec<Vec<f32>> = x.iter().map(|c| c.iter().map(|v| *v as f32).collect()).collect();
        let (mut a, mut b) = (vec![0f64; rows], vec![0f32; rows]);
        let (t, u, ratio) = compare(
            &mut || {
                double(black_box(&x), &mut a);
                black_box(&mut a);
            },
            &mut || {
                single_precision(black_box(&narrow), &mut b);
                black_box(&mut b);
            },
        );
        println!("| a written loop | {rows} | {t:.4} | {u:.4} | {ratio:.2} |");
    }
}
