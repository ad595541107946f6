//! Errors against true values and against the standard library, special values, and equality of all levels.

use super::dispatch::Level;
use super::loops::{power_with, sin_cos_pair_with, unary_with};
use super::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

type Vector = fn(&[f64], &mut [f64]);
type Scalar = fn(f64) -> f64;

const GOLDEN: &str = include_str!("../../../tests/golden/vector_math.csv");

const UNARY: [(&str, Vector, Scalar); 5] = [
    ("exp", exp, f64::exp),
    ("ln", ln, f64::ln),
    ("sin", sin, f64::sin),
    ("cos", cos, f64::cos),
    ("tanh", tanh, f64::tanh),
];

fn apply(function: Vector, x: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; x.len()];
    function(x, &mut out);
    out
}

fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 * f64::EPSILON * 0.5
}

/// The distance between `x` and the next number away from zero.
fn ulp(x: f64) -> f64 {
    let x = x.abs();
    if x >= f64::MAX { x - x.next_down() } else { x.next_up() - x }
}

/// How many numbers apart the two are; none if both are NaN.
fn apart(x: f64, y: f64) -> u64 {
    let order =
        |v: f64| if v < 0.0 { -((v.to_bits() << 1 >> 1) as i64) } else { (v.to_bits() << 1 >> 1) as i64 };
    if x.is_nan() && y.is_nan() { 0 } else { order(x).abs_diff(order(y)) }
}

/// The function of that name with a chosen instruction set; `y` is for `powf`.
fn evaluate(level: Level, name: &str, x: &[f64], y: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; x.len()];
    let mut other = out.clone();
    match name {
        "exp" => unary_with::<super::exp::Exp>(level, x, &mut out),
        "ln" => unary_with::<super::ln::Ln>(level, x, &mut out),
        "sin" => unary_with::<trig::Sin>(level, x, &mut out),
        "cos" => unary_with::<trig::Cos>(level, x, &mut out),
        "sine of both" => sin_cos_pair_with(level, x, &mut out, &mut other),
        "cosine of both" => sin_cos_pair_with(level, x, &mut other, &mut out),
        "tanh" => unary_with::<sigmoid::Tanh>(level, x, &mut out),
        "logistic" => unary_with::<sigmoid::Logistic>(level, x, &mut out),
        "softplus" => unary_with::<sigmoid::Softplus>(level, x, &mut out),
        "sqrt" => unary_with::<primitives::Sqrt>(level, x, &mut out),
        "powf" => power_with(level, x, y, &mut out),
        _ => panic!("no function {name}"),
    }
    out
}

#[test]
fn true_values_within_two_units_in_the_last_place() {
    for name in ["exp", "ln", "sin", "cos", "tanh", "logistic", "softplus", "powf"] {
        let rows: Vec<[f64; 4]> = GOLDEN
            .lines()
            .filter_map(|line| line.strip_prefix(name)?.strip_prefix(','))
            .map(|line| line.split(',').map(|field| field.parse().unwrap()).collect::<Vec<f64>>())
            .map(|fields| fields.try_into().unwrap())
            .collect();
        assert!(rows.len() > 200, "{name}: {} rows", rows.len());
        let x: Vec<f64> = rows.iter().map(|row| row[0]).collect();
        let y: Vec<f64> = rows.iter().map(|row| row[1]).collect();
        for level in Level::available() {
            for (row, got) in rows.iter().zip(evaluate(level, name, &x, &y)) {
                let [x, y, value, rest] = *row;
                let error = ((got - value) - rest).abs() / ulp(value);
                assert!(
                    error <= 2.0,
                    "{level:?}: {name}({x:e}, {y:e}) = {got:e}, not {value:e}: {error:.2} ulp"
                );
            }
        }
    }
}

#[test]
fn close_to_the_standard_library_everywhere() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for (name, function, scalar) in UNARY {
        // Any bits at all, which go through all magnitudes and include NaN, and the middle of the range.
        let any = (0..200_000).map(|_| f64::from_bits(rng.next_u64())).collect::<Vec<_>>();
        let middle = (0..200_000).map(|_| (uniform(&mut rng) - 0.5) * 40.0).collect::<Vec<_>>();
        let wide = (0..200_000).map(|_| (uniform(&mut rng) - 0.5) * 3000.0).collect::<Vec<_>>();
        for x in [any, middle, wide] {
            for (&x, got) in x.iter().zip(apply(function, &x)) {
                assert!(apart(got, scalar(x)) <= 3, "{name}({x:e}) = {got:e}, not {:e}", scalar(x));
            }
        }
    }
}

#[test]
fn powers_close_to_the_standard_library() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut x = Vec::new();
    let mut y = Vec::new();
    for i in 0..400_000 {
        x.push(if i % 2 == 0 { f64::from_bits(rng.next_u64()) } else { (uniform(&mut rng) - 0.2) * 10.0 });
        y.push(match i % 3 {
            0 => (uniform(&mut rng) - 0.5) * 20.0,
            1 => ((uniform(&mut rng) - 0.5) * 20.0).round(),
            _ => f64::from_bits(rng.next_u64()),
        });
    }
    let mut out = vec![0.0; x.len()];
    powf(&x, &y, &mut out);
    for ((&x, &y), &got) in x.iter().zip(&y).zip(&out) {
        assert!(apart(got, x.powf(y)) <= 3, "{x:e} ^ {y:e} = {got:e}, not {:e}", x.powf(y));
    }
}

#[test]
fn special_values_as_the_standard_library_gives_them() {
    let (inf, tiny) = (f64::INFINITY, 5e-324);
    let special = [0.0, -0.0, 1.0, -1.0, inf, -inf, f64::NAN, -f64::NAN, tiny, -tiny, f64::MAX, f64::MIN];
    let special =
        [&special[..], &[f64::MIN_POSITIVE, 2.0, 3.0, -2.0, 0.5, -0.5, 1e300, -746.0, 710.0, 1e16]].concat();
    for (name, function, scalar) in UNARY {
        for (&x, got) in special.iter().zip(apply(function, &special)) {
            let expected = scalar(x);
            assert!(apart(got, expected) <= 1, "{name}({x:e}) = {got:e}, not {expected:e}");
            assert!(
                got.is_nan() || got.is_sign_negative() == expected.is_sign_negative(),
                "{name}({x:e}): sign of {got:e}"
            );
        }
    }
    for &x in &special {
        let y = special.clone();
        let mut out = vec![0.0; y.len()];
        powf(&vec![x; y.len()], &y, &mut out);
        for (&y, got) in y.iter().zip(out) {
            let expected = x.powf(y);
            assert!(apart(got, expected) <= 1, "{x:e} ^ {y:e} = {got:e}, not {expected:e}");
            assert!(
                got.is_nan() || got.is_sign_negative() == expected.is_sign_negative(),
                "{x:e} ^ {y:e}: sign of {got:e}"
            );
        }
    }
    let ends = [inf, -inf, 0.0, f64::MAX, f64::MIN];
    assert_eq!(apply(logistic, &ends), [1.0, 0.0, 0.5, 1.0, 0.0]);
    assert_eq!(apply(softplus, &ends), [inf, 0.0, std::f64::consts::LN_2, f64::MAX, 0.0]);
    assert!(apply(logistic, &[f64::NAN])[0].is_nan() && apply(softplus, &[f64::NAN])[0].is_nan());
}

/// Arguments of all kinds, 3 more than a multiple of the padding.
fn mixed_arguments(seed: u64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..20_003)
        .map(|i| if i % 7 == 0 { f64::from_bits(rng.next_u64()) } else { (uniform(&mut rng) - 0.3) * 100.0 })
        .collect()
}

fn bits(x: &[f64]) -> Vec<u64> {
    // All NaN are one: which one it is depends on the order of operands, which the compiler may choose.
    x.iter().map(|x| if x.is_nan() { f64::NAN } else { *x }.to_bits()).collect()
}

#[test]
fn the_same_bits_on_every_instruction_set_with_a_fused_multiply_add() {
    let names = ["exp", "ln", "sin", "cos", "tanh", "logistic", "softplus", "sqrt", "powf"];
    let (x, y) = (mixed_arguments(3), mixed_arguments(4));
    // The first level is the baseline, which has it or not by target.
    let levels = Level::available();
    for pair in levels[1..].windows(2) {
        for name in names {
            let first = bits(&evaluate(pair[0], name, &x, &y));
            assert!(first == bits(&evaluate(pair[1], name, &x, &y)), "{name}: {pair:?}");
        }
    }
}

#[test]
fn sine_and_cosine_at_once_are_those_taken_apart() {
    let x = mixed_arguments(6);
    for level in Level::available() {
        assert!(bits(&evaluate(level, "sin", &x, &x)) == bits(&evaluate(level, "sine of both", &x, &x)));
        assert!(bits(&evaluate(level, "cos", &x, &x)) == bits(&evaluate(level, "cosine of both", &x, &x)));
    }
}

#[test]
fn sine_and_cosine_stay_within_one_and_keep_their_symmetry() {
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    // Near the turning points, where rounding could carry them past one, and everywhere.
    let mut x: Vec<f64> = (0..60_000).map(|i| f64::from(i) * 0.5 * std::f64::consts::PI).collect();
    x.extend((0..60_000).map(|_| 1e-7 * uniform(&mut rng)));
    x.extend((0..60_000).map(|_| 2e5 * (uniform(&mut rng) - 0.5)));
    let mirrored: Vec<f64> = x.iter().map(|x| -x).collect();
    for level in Level::available() {
        for name in ["sin", "cos"] {
            let y = evaluate(level, name, &x, &x);
            let other = evaluate(level, name, &mirrored, &x);
            assert!(y.iter().all(|y| y.abs() <= 1.0), "{level:?}: {name} beyond 1");
            let sign = if name == "sin" { -1.0 } else { 1.0 };
            assert!(y.iter().zip(&other).all(|(y, z)| *y == sign * z), "{level:?}: symmetry of {name}");
        }
        assert_eq!(evaluate(level, "cos", &[0.0, -0.0], &[]), [1.0, 1.0]);
    }
}

#[test]
fn plain_arguments_give_the_nearest_numbers() {
    assert_eq!(apply(exp, &[0.0, -0.0, 1.0]), [1.0, 1.0, std::f64::consts::E]);
    assert_eq!(apply(ln, &[1.0, std::f64::consts::E, 2.0]), [0.0, 1.0, std::f64::consts::LN_2]);
    assert_eq!(apply(tanh, &[0.0, 30.0]), [0.0, 1.0]);
}

/// The levels without a fused multiply-add differ from the others, but not by more than the two errors allow.
#[test]
fn all_instruction_sets_agree_closely() {
    let (x, y) = (mixed_arguments(7), mixed_arguments(8));
    let levels = Level::available();
    for name in ["exp", "ln", "sin", "cos", "tanh", "logistic", "softplus", "powf"] {
        let base = evaluate(levels[0], name, &x, &y);
        for &level in &levels[1..] {
            for (i, (ours, &base)) in evaluate(level, name, &x, &y).into_iter().zip(&base).enumerate() {
                assert!(apart(ours, base) <= 3, "{name}({:e}, {:e}): {ours:e}, {base:e}", x[i], y[i]);
            }
        }
    }
}

#[test]
fn a_result_does_not_depend_on_length_and_neighbours() {
    let x = mixed_arguments(5);
    let functions: [Vector; 7] = [exp, ln, sin, cos, tanh, logistic, softplus];
    for function in functions {
        let whole = bits(&apply(function, &x));
        for length in [0, 1, 2, 7, 8, 9, 63, 64, 65, 511, 512, 513, 1000] {
            assert!(bits(&apply(function, &x[..length])) == whole[..length]);
        }
        for (i, &x) in x.iter().enumerate().take(2000) {
            assert!(bits(&apply(function, &[x])) == whole[i..=i]);
        }
    }
    let mut whole = vec![0.0; x.len()];
    powf(&x, &x, &mut whole);
    for length in [0, 1, 7, 9, 63, 65, 129] {
        let mut out = vec![0.0; length];
        powf(&x[..length], &x[..length], &mut out);
        assert!(bits(&out) == bits(&whole[..length]));
    }
}

#[test]
#[should_panic(expected = "different lengths")]
fn slices_of_different_lengths_are_refused() {
    exp(&[1.0, 2.0], &mut [0.0]);
}
