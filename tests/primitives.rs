//! The table of primitives, row by row: numbers, derivatives, domains, complexity and spellings.

use closedform::expr::{Definition, Domain, Expr, HyperDual, Number, Op, Primitive, Tape, Workspace, parse};
use closedform::model::export::{Digits, infix};

/// What each row should compute, written down a second time: `f(x, y, a, b)`.
fn reference(name: &str) -> fn(f64, f64, f64, f64) -> f64 {
    match name {
        "neg" | "subtract" => |x, _, _, _| -x,
        "exp" => |x, _, _, _| x.exp(),
        "ln" => |x, _, _, _| x.ln(),
        "sqrt" => |x, _, _, _| x.sqrt(),
        "square" => |x, _, _, _| x * x,
        "cube" => |x, _, _, _| x * x * x,
        "reciprocal" => |x, _, _, _| 1.0 / x,
        "sin" => |x, _, _, _| x.sin(),
        "cos" => |x, _, _, _| x.cos(),
        "tan" => |x, _, _, _| x.tan(),
        "asin" => |x, _, _, _| x.asin(),
        "acos" => |x, _, _, _| x.acos(),
        "atan" => |x, _, _, _| x.atan(),
        "sinh" => |x, _, _, _| x.sinh(),
        "cosh" => |x, _, _, _| x.cosh(),
        "tanh" => |x, _, _, _| x.tanh(),
        "abs" => |x, _, _, _| x.abs(),
        "sign" => |x, _, _, _| if x == 0.0 { 0.0 } else { x.signum() },
        "logistic" => |x, _, _, _| 1.0 / (1.0 + (-x).exp()),
        "relu" => |x, _, _, _| x.max(0.0),
        "ln1pexp" => |x, _, _, _| x.exp().ln_1p(),
        "plus" => |x, y, _, _| x + y,
        "minus" => |x, y, _, _| x - y,
        "times" => |x, y, _, _| x * y,
        "divide" => |x, y, _, _| x / y,
        "pow" => |x, y, _, _| x.powf(y),
        "max" => |x, y, _, _| x.max(y),
        "min" => |x, y, _, _| x.min(y),
        "none" => |_, _, _, _| 0.0,
        "add" => |x, _, _, _| x,
        "mult" => |x, _, a, _| a * x,
        "linear" => |x, _, a, b| a * x + b,
        "power" => |x, _, a, _| x.powf(a),
        "linear_relu" => |x, _, a, b| (a * x + b).max(0.0),
        "linear_logistic" => |x, _, a, b| 1.0 / (1.0 + (-(a * x + b)).exp()),
        "linear_exp" => |x, _, a, b| (a * x + b).exp(),
        "linear_sin" => |x, _, a, b| (a * x + b).sin(),
        "linear_cos" => |x, _, a, b| (a * x + b).cos(),
        "linear_tanh" => |x, _, a, b| (a * x + b).tanh(),
        "linear_ln" => |x, _, a, _| (a * x).ln(),
        "linear_reciprocal" => |x, _, a, _| 1.0 / (a * x),
        "linear_sqrt" => |x, _, a, b| (a * x + b).sqrt(),
        "softplus" => |x, _, a, _| (a * x).exp().ln_1p() / a,
        "softminus" => |x, _, a, _| x - (a * x).exp().ln_1p() / a,
        "linear_softplus" => |x, _, a, b| (b * (a * x)).exp().ln_1p() / b,
        "linear_softminus" => |x, _, a, b| a * x - (b * (a * x)).exp().ln_1p() / b,
        "quadratic" => |x, _, a, b| a * x + b * x * x,
        other => panic!("the row `{other}` is new: write down here what it computes"),
    }
}

/// Values for the constants `a` and `b`, both positive, so that domains are those of the argument.
const CONSTANTS: [f64; 2] = [0.8, 1.3];

/// Which of `a` and `b` each constant of a row is: they are numbered in the order of their first use.
fn letters(row: &Primitive) -> &'static [usize] {
    let order = if row.name == "linear_softplus" { &[1, 0] } else { &[0, 1] };
    &order[..row.constants()]
}

/// The constants of a row, in its order.
fn constants(row: &Primitive) -> Vec<f64> {
    letters(row).iter().map(|&l| CONSTANTS[l]).collect()
}

/// Points inside the domain, off the kinks.
fn points(row: &Primitive) -> Vec<f64> {
    [-3.1, -0.9, -0.35, 0.2, 0.45, 0.95, 1.7, 4.0]
        .into_iter()
        .filter(|x| row.domain.contains(*x, *x) && (row.name != "linear_sqrt" || *x > 0.0))
        .collect()
}

/// The second argument, where there is one; it enters the domain of a quotient and of a power.
const SECOND: [f64; 2] = [1.4, 0.6];

#[test]
fn values_equal_the_mathematical_function() {
    for row in Primitive::table() {
        let f = reference(&row.name);
        let e = row.template();
        let constants = &constants(row);
        let x = points(row);
        assert!(x.len() >= 3, "{}: too few points in the domain", row.name);
        for y in SECOND {
            let second = vec![y; x.len()];
            let values = Tape::compile(e).values(constants, &[&x, &second]);
            for (x, got) in x.iter().zip(values) {
                let want = f(*x, y, CONSTANTS[0], CONSTANTS[1]);
                assert!(
                    (got - want).abs() <= 1e-14 * (1.0 + want.abs()),
                    "{} at {x}: {got} {want}",
                    row.name
                );
                let one = e.evaluate_row_with(&[*x, y], constants);
                assert!(
                    (one - want).abs() <= 1e-14 * (1.0 + want.abs()),
                    "{} at {x}: {one} {want}",
                    row.name
                );
            }
        }
    }
}

#[test]
fn formulas_as_text_mean_the_same() {
    for row in Primitive::table() {
        let Definition::Formula(text) = &row.definition else { continue };
        let e = parse(text, &["x", "y", "a", "b"]).unwrap_or_else(|e| panic!("{}: {e}", row.name));
        for x in points(row) {
            let got = e.evaluate_row(&[x, 0.0, CONSTANTS[0], CONSTANTS[1]]);
            let want = reference(&row.name)(x, 0.0, CONSTANTS[0], CONSTANTS[1]);
            assert!((got - want).abs() <= 1e-14 * (1.0 + want.abs()), "{} at {x}: {got} {want}", row.name);
        }
        let again = Primitive::from_formula("again", text).unwrap();
        assert_eq!(again.template(), row.template(), "{}", row.name);
    }
}

/// First and second derivative of `f` at `x`, by differences of fourth order.
fn differences(f: impl Fn(f64) -> f64, x: f64) -> (f64, f64) {
    let h = 1e-3;
    let (a, b, c, d) = (f(x - 2.0 * h), f(x - h), f(x + h), f(x + 2.0 * h));
    ((a - 8.0 * b + 8.0 * c - d) / (12.0 * h), (-a + 16.0 * b - 30.0 * f(x) + 16.0 * c - d) / (12.0 * h * h))
}

#[test]
fn derivatives_equal_differences() {
    for row in Primitive::table() {
        let f = reference(&row.name);
        let e = row.template();
        let [a, b] = CONSTANTS;
        for y in SECOND {
            for x in points(row) {
                let number = |v: f64, on: bool| HyperDual {
                    value: v,
                    e1: f64::from(u8::from(on)),
                    e2: f64::from(u8::from(on)),
                    e12: 0.0,
                };
                // By the first argument, by the second, and by each constant.
                for direction in 0..2 + row.constants() {
                    let input = [number(x, direction == 0), number(y, direction == 1)];
                    let constants: Vec<HyperDual> =
                        letters(row).iter().map(|&l| number(CONSTANTS[l], direction == 2 + l)).collect();
                    let d = e.evaluate_row_with(&input, &constants);
                    let (first, second) = match direction {
                        0 => differences(|x| f(x, y, a, b), x),
                        1 => differences(|y| f(x, y, a, b), y),
                        2 => differences(|a| f(x, y, a, b), a),
                        _ => differences(|b| f(x, y, a, b), b),
                    };
                    let size = 1.0 + d.value().abs() + first.abs() + second.abs();
                    let place = format!("{} at {x}, {y}, direction {direction}: {d:?}", row.name);
                    assert!((d.e1 - first).abs() < 1e-6 * size, "{place}, difference {first}");
                    assert!((d.e12 - second).abs() < 1e-4 * size, "{place}, difference {second}");
                }
            }
        }
    }
}

/// Name, x, y, then the true value and the first and second derivatives by x and by y; see primitives.py beside it.
const GOLDEN: &str = include_str!("golden/primitives.csv");

#[test]
fn values_and_derivatives_are_the_known_ones() {
    let mut seen = Vec::new();
    for line in GOLDEN.lines() {
        let (name, numbers) = line.split_once(',').unwrap();
        let numbers: Vec<f64> = numbers.split(',').map(|n| n.parse().unwrap()).collect();
        let [x, y, value, dx, dxx, dy, dyy] = numbers[..] else { panic!("{line}") };
        seen.push(name);
        let row = Primitive::named(name).unwrap_or_else(|| panic!("{name} is no row"));
        let e = row.template();
        let number = |v: f64, on: f64| HyperDual { value: v, e1: on, e2: on, e12: 0.0 };
        let constants: Vec<HyperDual> = constants(row).into_iter().map(HyperDual::constant).collect();
        for (direction, first, second) in [([1.0, 0.0], dx, dxx), ([0.0, 1.0], dy, dyy)] {
            let input = [number(x, direction[0]), number(y, direction[1])];
            // Row by row, and by the compiled evaluator.
            let mut blocks = [HyperDual::constant(f64::NAN)];
            let inputs = [&input[..1], &input[1..]];
            Tape::compile(e).apply(&constants, &inputs, &mut blocks, &mut Workspace::new());
            for d in [e.evaluate_row_with(&input, &constants), blocks[0]] {
                for (got, want) in [(d.value, value), (d.e1, first), (d.e2, first), (d.e12, second)] {
                    assert!((got - want).abs() <= 4e-15 * (1.0 + want.abs()), "{line}: {d:?}, not {want}");
                }
            }
        }
    }
    for row in Primitive::table() {
        assert!(seen.contains(&row.name.as_str()), "{} has no known values", row.name);
    }
}

#[test]
fn what_is_printed_reads_back() {
    for row in Primitive::table() {
        let e = row.template().with_parameters(&constants(row));
        let text = infix(&e, &["x", "y"], Digits::All);
        let back =
            parse(&text, &["x", "y"]).unwrap_or_else(|error| panic!("{}: `{text}`: {error}", row.name));
        for y in SECOND {
            for x in points(row) {
                let (got, want) = (back.evaluate_row(&[x, y]), e.evaluate_row(&[x, y]));
                assert!(
                    (got - want).abs() <= 4e-15 * (1.0 + want.abs()),
                    "{}: `{text}` at {x}, {y}: {got}",
                    row.name
                );
            }
        }
    }
    // Known texts of some.
    for (name, text) in
        [("linear_exp", "exp(0.8*x + 1.3)"), ("divide", "x/y"), ("pow", "x^y"), ("max", "max(x, y)")]
    {
        let row = Primitive::named(name).unwrap();
        let e = row.template().with_parameters(&constants(row));
        assert_eq!(infix(&e, &["x", "y"], Digits::All), text);
    }
}

/// Pairs of arguments.
type Points = &'static [(f64, f64)];

#[test]
fn domains_are_honoured() {
    // What is not in the domain of the function has no finite real value.
    for op in Op::ALL {
        let row = Primitive::of(op);
        let f = |x: f64, y: f64| match op.arity() {
            1 => op.value(x),
            _ => op.value2(x, y),
        };
        let (outside, inside): (Points, Points) = match row.domain {
            Domain::Real => (&[], &[(-50.0, -3.0), (0.0, 0.0), (50.0, 3.0)]),
            Domain::Positive => (&[(0.0, 0.0), (-1.0, 0.0)], &[(1e-300, 0.0), (1e300, 0.0)]),
            Domain::NonNegative => (&[(-1e-9, 0.0)], &[(0.0, 0.0), (1e300, 0.0)]),
            Domain::NonZero if op.arity() == 1 => (&[(0.0, 0.0)], &[(-2.0, 0.0), (1e-3, 0.0)]),
            Domain::NonZero => (&[(1.0, 0.0)], &[(0.0, -2.0), (1.0, 1e-3)]),
            Domain::UnitInterval => (&[(1.001, 0.0), (-1.001, 0.0)], &[(1.0, 0.0), (-1.0, 0.0)]),
            Domain::Power => (&[(-2.0, 0.5), (0.0, -1.0)], &[(-2.0, 3.0), (2.0, -0.5)]),
            _ => panic!("{}: a new kind of domain", row.name),
        };
        for &(x, y) in outside {
            assert!(!f(x, y).is_finite(), "{} at {x}, {y}", row.name);
        }
        for &(x, y) in inside {
            assert!(f(x, y).is_finite(), "{} at {x}, {y}", row.name);
        }
    }
}

#[test]
fn every_row_is_complete() {
    for row in Primitive::table() {
        assert!(row.complexity > 0, "{}", row.name);
        assert!(!row.summary.is_empty(), "{}", row.name);
        assert!((1..=2).contains(&row.arity), "{}", row.name);
        let inputs = row.template().variables().len();
        assert!(inputs == row.arity || (row.name == "none" && inputs == 0), "{}", row.name);
        assert_eq!(Primitive::named(&row.name), Some(row));
        match &row.definition {
            Definition::Function(op) => {
                assert_eq!(Primitive::of(*op), row);
                assert_eq!(op.arity(), row.arity);
                let s = row.spelling().expect("a function is spelled");
                for form in [s.infix, s.latex, s.sympy, s.python, s.rust, s.c, s.exmex] {
                    for i in 0..2 {
                        let named = form.text.contains(&format!("${i}"));
                        assert_eq!(named, i < row.arity, "{}: {}", row.name, form.text);
                    }
                }
            }
            Definition::Formula(_) => assert!(row.spelling().is_none(), "{}", row.name),
            _ => panic!("{}: a new kind of definition", row.name),
        }
    }
    for op in Op::ALL {
        assert!(Primitive::table().iter().any(|p| p.definition == Definition::Function(op)), "{op:?}");
    }
}

#[test]
fn all_of_autora_is_here() {
    let names = [
        "none",
        "add",
        "subtract",
        "mult",
        "linear",
        "relu",
        "linear_relu",
        "logistic",
        "linear_logistic",
        "exp",
        "linear_exp",
        "cos",
        "linear_cos",
        "sin",
        "linear_sin",
        "tanh",
        "linear_tanh",
        "reciprocal",
        "linear_reciprocal",
        "ln",
        "linear_ln",
        "softplus",
        "linear_softplus",
        "softminus",
        "linear_softminus",
    ];
    for name in names {
        assert!(Primitive::named(name).is_some(), "{name}");
    }
}

#[test]
fn a_formula_of_the_user_is_a_primitive_like_any_other() {
    let hill = Primitive::from_formula("hill", "x^a / (b^a + x^a)").unwrap();
    assert_eq!((hill.arity, hill.constants()), (1, 2));
    let e: &Expr = hill.template();
    assert!((e.evaluate_row_with(&[2.0], &[2.0, 3.0]) - 4.0 / 13.0).abs() < 1e-15);
    assert!(Primitive::from_formula("bad", "x +").is_err());
}
