//! Tables of known laws, shared by the tests that run whole fits.

use closedform::{Dataset, Variable};
use ndarray::{Array1, Array2};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// `y = 2 x1 + exp(5 x2)` on the 10 x 10 grid over the unit square.
pub(crate) fn sum_and_exponential() -> Dataset {
    let x = Array2::from_shape_fn((100, 2), |(row, column)| {
        (if column == 0 { row / 10 } else { row % 10 }) as f64 / 9.0
    });
    let y: Array1<f64> = x.rows().into_iter().map(|r| 2.0 * r[0] + (5.0 * r[1]).exp()).collect();
    Dataset::from_arrays(x.view(), y.view()).unwrap()
}

/// `y = 1 - (1 - p0) exp(-0.03 t)` on the 100 x 100 grid, `p0` from 0 to 0.5 and `t` from 1 to 100, with Gaussian
/// noise of this standard deviation.
pub(crate) fn learning_curve(noise: f64, seed: u64) -> Dataset {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut p0, mut t, mut y) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..100 {
        for j in 0..100 {
            let (p, trial) = (0.5 * f64::from(i) / 99.0, 1.0 + f64::from(j));
            p0.push(p);
            t.push(trial);
            y.push(1.0 - (1.0 - p) * (-0.03 * trial).exp() + noise * normal(&mut rng));
        }
    }
    Dataset::from_columns(vec![Variable::new("p0"), Variable::new("t")], vec![p0, t])
        .unwrap()
        .with_target(Variable::new("y"), y)
        .unwrap()
}

/// The ideal gas law, 200 rows as they are read off: moles with three decimals, kelvin with one, litres with two, the
/// pressure with three.
#[allow(dead_code, reason = "not every test that shares this file needs it")]
pub(crate) fn rounded_gas() -> Dataset {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let rounded = |v: f64, unit: f64| (v * unit).round() / unit;
    let mut columns = vec![Vec::new(); 4];
    for _ in 0..200 {
        let mut uniform = |low: f64, high: f64| low + (high - low) * rng.random::<f64>();
        let (n, t, v) = (uniform(0.5, 3.0), uniform(250.0, 400.0), uniform(5.0, 50.0));
        let row = [rounded(n, 1e3), rounded(t, 10.0), rounded(v, 100.0), rounded(8.314 * n * t / v, 1e3)];
        columns.iter_mut().zip(row).for_each(|(c, x)| c.push(x));
    }
    let target = columns.pop().unwrap();
    let names = ["n", "T", "V"].map(Variable::new).to_vec();
    Dataset::from_columns(names, columns).unwrap().with_target(Variable::new("p"), target).unwrap()
}

/// A table of the examples, its last column the target.
#[allow(dead_code, reason = "not every test that shares this file needs it")]
pub(crate) fn table(name: &str) -> Dataset {
    Dataset::from_csv(format!("examples/data/{name}.csv")).unwrap().last_column_as_target().unwrap()
}

/// A draw from the standard normal distribution (Box and Muller).
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}
