//! The identities of equality saturation, one row each.
//!
//! A row is a name, two patterns in prefix notation and what must be known of the parts for the two to be equal
//! wherever the left one has a value. `=>` rows are used from left to right only, `<=>` rows both ways. Functions
//! are spelled as in the table of primitives. A number in a pattern is an exact constant; a fitted one never
//! matches it, whatever its value.

use super::analysis::{Known, Ranges};
use super::language::Math;
use egg::{ConditionalApplier, EGraph, Id, Pattern, Rewrite, Subst, Var};
use std::sync::LazyLock;

/// What must be known of a part.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Guard {
    Positive,
    NonNegative,
    /// Finite and never 0.
    NonZero,
    Finite,
    /// A number that is fitted, or exact but not written with few digits.
    Inexact,
    /// A free fitted constant.
    Free,
    FreePositive,
    FreeNegative,
}
use Guard::{Finite, Free, FreeNegative, FreePositive, Inexact, NonNegative, NonZero, Positive};

impl Guard {
    fn holds(self, known: &Known) -> bool {
        let range = known.range;
        let free = |test: fn(f64) -> bool| known.number.is_some_and(|n| n.free && test(n.value));
        match self {
            Positive => range.is_positive(),
            NonNegative => range.is_nonnegative(),
            NonZero => range.is_finite() && range.excludes_zero(),
            Finite => range.is_finite(),
            Inexact => known.number.is_some_and(|n| !n.exact),
            Free => free(|_| true),
            FreePositive => free(|v| v > 0.0),
            FreeNegative => free(|v| v < 0.0),
        }
    }
}

type Row = (&'static str, &'static str, &'static [(&'static str, Guard)]);

#[rustfmt::skip]
const RULES: &[Row] = &[
    // order and grouping
    ("add-commutes", "(+ ?a ?b) => (+ ?b ?a)", &[]),
    ("mul-commutes", "(* ?a ?b) => (* ?b ?a)", &[]),
    ("add-associates", "(+ ?a (+ ?b ?c)) => (+ (+ ?a ?b) ?c)", &[]),
    ("mul-associates", "(* ?a (* ?b ?c)) => (* (* ?a ?b) ?c)", &[]),
    ("max-commutes", "(max ?a ?b) => (max ?b ?a)", &[]),
    ("min-commutes", "(min ?a ?b) => (min ?b ?a)", &[]),
    // neutral elements and cancellation
    ("add-zero", "(+ ?a 0) => ?a", &[]),
    ("mul-one", "(* ?a 1) => ?a", &[]),
    ("mul-zero", "(* ?a 0) => 0", &[("?a", Finite)]),
    ("sub-zero", "(- ?a 0) => ?a", &[]),
    ("sub-self", "(- ?a ?a) => 0", &[("?a", Finite)]),
    ("sub-sum", "(- (+ ?a ?b) ?b) => ?a", &[("?b", Finite)]),
    ("add-difference", "(+ (- ?a ?b) ?b) => ?a", &[("?b", Finite)]),
    ("div-one", "(/ ?a 1) => ?a", &[]),
    ("div-self", "(/ ?a ?a) => 1", &[("?a", NonZero)]),
    ("zero-div", "(/ 0 ?a) => 0", &[("?a", NonZero)]),
    ("div-product", "(/ (* ?a ?b) ?b) => ?a", &[("?b", NonZero)]),
    ("mul-quotient", "(* (/ ?a ?b) ?b) => ?a", &[("?b", NonZero)]),
    // minus
    ("sub-as-add", "(- ?a ?b) <=> (+ ?a (neg ?b))", &[]),
    ("neg-as-mul", "(neg ?a) <=> (* -1 ?a)", &[]),
    ("neg-neg", "(neg (neg ?a)) => ?a", &[]),
    ("neg-sub", "(neg (- ?a ?b)) => (- ?b ?a)", &[]),
    ("neg-sum", "(neg (+ ?a ?b)) => (- (neg ?a) ?b)", &[]),
    ("neg-product", "(neg (* ?a ?b)) <=> (* (neg ?a) ?b)", &[]),
    ("neg-quotient", "(neg (/ ?a ?b)) <=> (/ (neg ?a) ?b)", &[]),
    ("neg-below", "(/ ?a (neg ?b)) => (neg (/ ?a ?b))", &[]),
    ("sub-sub", "(- ?a (- ?b ?c)) => (+ (- ?a ?b) ?c)", &[]),
    ("sub-add", "(- ?a (+ ?b ?c)) => (- (- ?a ?b) ?c)", &[]),
    ("add-sub", "(+ ?a (- ?b ?c)) <=> (- (+ ?a ?b) ?c)", &[]),
    // quotients
    ("div-as-mul", "(/ ?a ?b) <=> (* ?a (reciprocal ?b))", &[]),
    ("one-over", "(/ 1 ?a) <=> (reciprocal ?a)", &[]),
    ("reciprocal-twice", "(reciprocal (reciprocal ?a)) => ?a", &[("?a", NonZero)]),
    ("reciprocal-quotient", "(reciprocal (/ ?a ?b)) => (/ ?b ?a)", &[("?b", NonZero)]),
    ("reciprocal-product", "(reciprocal (* ?a ?b)) <=> (* (reciprocal ?a) (reciprocal ?b))", &[]),
    ("div-div", "(/ (/ ?a ?b) ?c) <=> (/ ?a (* ?b ?c))", &[]),
    ("div-by-quotient", "(/ ?a (/ ?b ?c)) => (/ (* ?a ?c) ?b)", &[]),
    ("mul-div", "(* ?a (/ ?b ?c)) <=> (/ (* ?a ?b) ?c)", &[]),
    ("common-denominator", "(+ (/ ?a ?c) (/ ?b ?c)) => (/ (+ ?a ?b) ?c)", &[]),
    ("common-denominator-minus", "(- (/ ?a ?c) (/ ?b ?c)) => (/ (- ?a ?b) ?c)", &[]),
    ("one-fraction", "(+ ?a (/ ?b ?c)) => (/ (+ (* ?a ?c) ?b) ?c)", &[("?c", NonZero)]),
    ("one-fraction-minus", "(- ?a (/ ?b ?c)) => (/ (- (* ?a ?c) ?b) ?c)", &[("?c", NonZero)]),
    ("split-fraction", "(/ (+ ?a ?b) ?c) => (+ (/ ?a ?c) (/ ?b ?c))", &[]),
    ("split-fraction-minus", "(/ (- ?a ?b) ?c) => (- (/ ?a ?c) (/ ?b ?c))", &[]),
    // distribution
    ("distribute", "(* ?a (+ ?b ?c)) <=> (+ (* ?a ?b) (* ?a ?c))", &[]),
    ("distribute-minus", "(* ?a (- ?b ?c)) <=> (- (* ?a ?b) (* ?a ?c))", &[]),
    ("twice", "(+ ?a ?a) => (* 2 ?a)", &[]),
    ("factor-one", "(+ ?a (* ?b ?a)) => (* (+ ?b 1) ?a)", &[]),
    ("factor-one-minus", "(- ?a (* ?b ?a)) => (* (- 1 ?b) ?a)", &[]),
    ("factor-minus-one", "(- (* ?b ?a) ?a) => (* (- ?b 1) ?a)", &[]),
    // squares, cubes, roots
    ("square", "(* ?a ?a) <=> (square ?a)", &[]),
    ("cube", "(* ?a (square ?a)) <=> (cube ?a)", &[]),
    ("square-neg", "(square (neg ?a)) => (square ?a)", &[]),
    ("square-difference", "(square (- ?a ?b)) => (square (- ?b ?a))", &[]),
    ("cube-neg", "(cube (neg ?a)) <=> (neg (cube ?a))", &[]),
    ("square-product", "(square (* ?a ?b)) <=> (* (square ?a) (square ?b))", &[]),
    ("square-quotient", "(square (/ ?a ?b)) <=> (/ (square ?a) (square ?b))", &[]),
    ("cube-product", "(cube (* ?a ?b)) <=> (* (cube ?a) (cube ?b))", &[]),
    ("cube-quotient", "(cube (/ ?a ?b)) <=> (/ (cube ?a) (cube ?b))", &[]),
    ("square-reciprocal", "(square (reciprocal ?a)) <=> (reciprocal (square ?a))", &[]),
    ("third-binomial", "(- (square ?a) (square ?b)) <=> (* (- ?a ?b) (+ ?a ?b))", &[]),
    ("first-binomial", "(square (+ ?a ?b)) => (+ (square ?a) (+ (* 2 (* ?a ?b)) (square ?b)))", &[]),
    ("second-binomial", "(square (- ?a ?b)) => (+ (square ?a) (- (square ?b) (* 2 (* ?a ?b))))", &[]),
    ("complete-square", "(+ (+ (square ?a) (square ?b)) (* 2 (* ?a ?b))) => (square (+ ?a ?b))", &[]),
    ("complete-square-factored", "(+ (square ?b) (* ?a (+ ?a (* 2 ?b)))) => (square (+ ?a ?b))", &[]),
    ("complete-square-minus", "(- (+ (square ?a) (square ?b)) (* 2 (* ?a ?b))) => (square (- ?a ?b))", &[]),
    ("complete-square-one", "(+ (square ?a) (+ (* 2 ?a) 1)) => (square (+ ?a 1))", &[]),
    ("complete-square-one-factored", "(+ 1 (* ?a (+ ?a 2))) => (square (+ ?a 1))", &[]),
    ("complete-square-minus-one-factored", "(+ 1 (* ?a (- ?a 2))) => (square (- ?a 1))", &[]),
    ("square-root", "(square (sqrt ?a)) => ?a", &[("?a", NonNegative)]),
    ("root-square", "(sqrt (square ?a)) => (abs ?a)", &[]),
    ("root-product", "(* (sqrt ?a) (sqrt ?b)) <=> (sqrt (* ?a ?b))", &[("?a", NonNegative), ("?b", NonNegative)]),
    ("root-quotient", "(/ (sqrt ?a) (sqrt ?b)) <=> (sqrt (/ ?a ?b))", &[("?a", NonNegative), ("?b", Positive)]),
    ("over-root", "(/ ?a (sqrt ?a)) => (sqrt ?a)", &[("?a", Positive)]),
    ("square-abs", "(square (abs ?a)) => (square ?a)", &[]),
    // powers
    ("pow-one", "(pow ?a 1) => ?a", &[]),
    ("pow-zero", "(pow ?a 0) => 1", &[]),
    ("pow-two", "(pow ?a 2) <=> (square ?a)", &[]),
    ("pow-three", "(pow ?a 3) <=> (cube ?a)", &[]),
    ("pow-half", "(pow ?a 0.5) <=> (sqrt ?a)", &[]),
    ("pow-minus-one", "(pow ?a -1) => (reciprocal ?a)", &[]),
    ("one-pow", "(pow 1 ?a) => 1", &[]),
    ("pow-sum", "(* (pow ?a ?b) (pow ?a ?c)) <=> (pow ?a (+ ?b ?c))", &[("?a", Positive)]),
    ("pow-sum-one", "(* ?a (pow ?a ?b)) <=> (pow ?a (+ ?b 1))", &[("?a", Positive)]),
    ("pow-difference", "(/ (pow ?a ?b) (pow ?a ?c)) => (pow ?a (- ?b ?c))", &[("?a", Positive)]),
    ("pow-neg", "(pow ?a (neg ?b)) <=> (reciprocal (pow ?a ?b))", &[("?a", Positive)]),
    ("pow-pow", "(pow (pow ?a ?b) ?c) => (pow ?a (* ?b ?c))", &[("?a", Positive)]),
    ("pow-product", "(pow (* ?a ?b) ?c) <=> (* (pow ?a ?c) (pow ?b ?c))", &[("?a", Positive), ("?b", Positive)]),
    ("pow-quotient", "(pow (/ ?a ?b) ?c) <=> (/ (pow ?a ?c) (pow ?b ?c))", &[("?a", Positive), ("?b", Positive)]),
    ("pow-square", "(pow (square ?a) ?b) => (pow ?a (* 2 ?b))", &[("?a", Positive)]),
    ("square-pow", "(square (pow ?a ?b)) <=> (pow ?a (* 2 ?b))", &[("?a", Positive)]),
    ("pow-root", "(pow (sqrt ?a) ?b) => (pow ?a (/ ?b 2))", &[("?a", Positive)]),
    ("pow-exp", "(pow (exp ?a) ?b) => (exp (* ?a ?b))", &[]),
    ("fitted-saturation", "(/ (pow ?a ?b) (+ (pow ?a ?b) ?c)) => (reciprocal (+ 1 (* ?c (pow ?a (neg ?b)))))", &[("?a", Positive), ("?b", Inexact)]),
    ("pow-as-exp", "(pow ?a ?b) <=> (exp (* ?b (ln ?a)))", &[("?a", Positive)]),
    ("fitted-base", "(pow ?a ?b) => (exp (* ?b (ln ?a)))", &[("?a", FreePositive)]),
    // exponentials and logarithms
    ("exp-zero", "(exp 0) => 1", &[]),
    ("exp-sum", "(exp (+ ?a ?b)) <=> (* (exp ?a) (exp ?b))", &[]),
    ("exp-difference", "(exp (- ?a ?b)) <=> (/ (exp ?a) (exp ?b))", &[]),
    ("exp-neg", "(exp (neg ?a)) <=> (reciprocal (exp ?a))", &[]),
    ("exp-square", "(square (exp ?a)) <=> (exp (* 2 ?a))", &[]),
    ("exp-cube", "(cube (exp ?a)) <=> (exp (* 3 ?a))", &[]),
    ("exp-root", "(sqrt (exp ?a)) => (exp (/ ?a 2))", &[]),
    ("exp-ln", "(exp (ln ?a)) => ?a", &[("?a", Positive)]),
    ("ln-exp", "(ln (exp ?a)) => ?a", &[]),
    ("ln-one", "(ln 1) => 0", &[]),
    ("ln-product", "(ln (* ?a ?b)) <=> (+ (ln ?a) (ln ?b))", &[("?a", Positive)]),
    ("ln-quotient", "(ln (/ ?a ?b)) <=> (- (ln ?a) (ln ?b))", &[("?a", Positive)]),
    ("ln-quotient-below", "(ln (/ ?a ?b)) <=> (- (ln ?a) (ln ?b))", &[("?b", Positive)]),
    ("ln-reciprocal", "(ln (reciprocal ?a)) <=> (neg (ln ?a))", &[("?a", Positive)]),
    ("ln-pow", "(ln (pow ?a ?b)) => (* ?b (ln ?a))", &[("?a", Positive)]),
    ("ln-square", "(ln (square ?a)) => (* 2 (ln ?a))", &[("?a", Positive)]),
    ("ln-cube", "(ln (cube ?a)) => (* 3 (ln ?a))", &[]),
    ("ln-root", "(ln (sqrt ?a)) => (/ (ln ?a) 2)", &[]),
    ("fitted-factor-of-exp", "(* ?c (exp ?a)) => (exp (+ ?a (ln ?c)))", &[("?c", FreePositive)]),
    // logistic, softplus and hyperbolic functions
    ("logistic", "(reciprocal (+ 1 (exp ?a))) => (logistic (neg ?a))", &[]),
    ("logistic-quotient", "(/ ?b (+ 1 (exp ?a))) => (* ?b (logistic (neg ?a)))", &[]),
    ("logistic-exp", "(/ (exp ?a) (+ 1 (exp ?a))) => (logistic ?a)", &[]),
    ("logistic-fitted", "(+ ?c (exp ?a)) => (* ?c (+ 1 (exp (- ?a (ln ?c)))))", &[("?c", FreePositive)]),
    ("logistic-neg", "(logistic (neg ?a)) <=> (- 1 (logistic ?a))", &[]),
    ("logistic-ratio", "(/ (logistic ?a) (logistic (neg ?a))) => (exp ?a)", &[]),
    ("logistic-of-ln", "(logistic (ln ?a)) => (/ ?a (+ ?a 1))", &[("?a", Positive)]),
    ("softplus", "(ln (+ 1 (exp ?a))) <=> (ln1pexp ?a)", &[]),
    ("softplus-neg", "(- (ln1pexp ?a) ?a) => (ln1pexp (neg ?a))", &[]),
    ("softplus-difference", "(- (ln1pexp ?a) (ln1pexp (neg ?a))) => ?a", &[("?a", Finite)]),
    ("exp-softplus", "(exp (ln1pexp ?a)) => (+ 1 (exp ?a))", &[]),
    ("ln-logistic", "(ln (logistic ?a)) => (neg (ln1pexp (neg ?a)))", &[]),
    ("tanh-logistic", "(- (* 2 (logistic ?a)) 1) => (tanh (/ ?a 2))", &[]),
    ("logistic-tanh", "(+ 1 (tanh ?a)) => (* 2 (logistic (* 2 ?a)))", &[]),
    ("logistic-tanh-minus", "(- 1 (tanh ?a)) => (* 2 (logistic (* -2 ?a)))", &[]),
    ("tanh-exp", "(/ (- (exp ?a) 1) (+ (exp ?a) 1)) => (tanh (/ ?a 2))", &[]),
    ("tanh-exp-neg", "(/ (- 1 (exp ?a)) (+ 1 (exp ?a))) => (neg (tanh (/ ?a 2)))", &[]),
    ("tanh-exps", "(/ (- (exp ?a) (exp (neg ?a))) (+ (exp ?a) (exp (neg ?a)))) => (tanh ?a)", &[]),
    ("sinh", "(- (exp ?a) (exp (neg ?a))) => (* 2 (sinh ?a))", &[]),
    ("cosh", "(+ (exp ?a) (exp (neg ?a))) => (* 2 (cosh ?a))", &[]),
    ("sinh-reciprocal", "(- (exp ?a) (reciprocal (exp ?a))) => (* 2 (sinh ?a))", &[]),
    ("cosh-reciprocal", "(+ (exp ?a) (reciprocal (exp ?a))) => (* 2 (cosh ?a))", &[]),
    ("tanh-quotient", "(/ (sinh ?a) (cosh ?a)) => (tanh ?a)", &[]),
    ("tanh-cosh", "(* (tanh ?a) (cosh ?a)) => (sinh ?a)", &[]),
    ("hyperbolic-pythagoras", "(- (square (cosh ?a)) (square (sinh ?a))) => 1", &[("?a", Finite)]),
    ("one-plus-sinh", "(+ 1 (square (sinh ?a))) => (square (cosh ?a))", &[]),
    ("cosh-less-one", "(- (square (cosh ?a)) 1) => (square (sinh ?a))", &[]),
    ("sinh-plus-cosh", "(+ (sinh ?a) (cosh ?a)) => (exp ?a)", &[]),
    ("cosh-less-sinh", "(- (cosh ?a) (sinh ?a)) => (exp (neg ?a))", &[]),
    ("sinh-doubled", "(* (sinh ?a) (cosh ?a)) => (/ (sinh (* 2 ?a)) 2)", &[]),
    // parity
    ("sin-neg", "(sin (neg ?a)) <=> (neg (sin ?a))", &[]),
    ("tan-neg", "(tan (neg ?a)) <=> (neg (tan ?a))", &[]),
    ("asin-neg", "(asin (neg ?a)) <=> (neg (asin ?a))", &[]),
    ("atan-neg", "(atan (neg ?a)) <=> (neg (atan ?a))", &[]),
    ("sinh-neg", "(sinh (neg ?a)) <=> (neg (sinh ?a))", &[]),
    ("tanh-neg", "(tanh (neg ?a)) <=> (neg (tanh ?a))", &[]),
    ("sign-neg", "(sign (neg ?a)) <=> (neg (sign ?a))", &[]),
    ("cos-neg", "(cos (neg ?a)) => (cos ?a)", &[]),
    ("cosh-neg", "(cosh (neg ?a)) => (cosh ?a)", &[]),
    ("abs-neg", "(abs (neg ?a)) => (abs ?a)", &[]),
    ("cos-of-difference", "(cos (- ?a ?b)) => (cos (- ?b ?a))", &[]),
    ("cosh-of-difference", "(cosh (- ?a ?b)) => (cosh (- ?b ?a))", &[]),
    ("abs-of-difference", "(abs (- ?a ?b)) => (abs (- ?b ?a))", &[]),
    // circular functions
    ("pythagoras", "(+ (square (sin ?a)) (square (cos ?a))) => 1", &[("?a", Finite)]),
    ("one-less-sin", "(- 1 (square (sin ?a))) <=> (square (cos ?a))", &[]),
    ("one-less-cos", "(- 1 (square (cos ?a))) <=> (square (sin ?a))", &[]),
    ("sin-less-one", "(- (square (sin ?a)) 1) => (neg (square (cos ?a)))", &[]),
    ("cos-less-one", "(- (square (cos ?a)) 1) => (neg (square (sin ?a)))", &[]),
    ("sin-doubled", "(* (sin ?a) (cos ?a)) => (/ (sin (* 2 ?a)) 2)", &[]),
    ("cos-doubled", "(- (square (cos ?a)) (square (sin ?a))) => (cos (* 2 ?a))", &[]),
    ("cos-doubled-sin", "(- 1 (* 2 (square (sin ?a)))) => (cos (* 2 ?a))", &[]),
    ("cos-doubled-cos", "(- (* 2 (square (cos ?a))) 1) => (cos (* 2 ?a))", &[]),
    ("sin-sum", "(+ (* (sin ?a) (cos ?b)) (* (cos ?a) (sin ?b))) => (sin (+ ?a ?b))", &[]),
    ("sin-difference", "(- (* (sin ?a) (cos ?b)) (* (cos ?a) (sin ?b))) => (sin (- ?a ?b))", &[]),
    ("cos-sum", "(- (* (cos ?a) (cos ?b)) (* (sin ?a) (sin ?b))) => (cos (+ ?a ?b))", &[]),
    ("cos-difference", "(+ (* (cos ?a) (cos ?b)) (* (sin ?a) (sin ?b))) => (cos (- ?a ?b))", &[]),
    ("tan", "(/ (sin ?a) (cos ?a)) => (tan ?a)", &[]),
    ("tan-cos", "(* (tan ?a) (cos ?a)) => (sin ?a)", &[]),
    ("sin-over-tan", "(/ (sin ?a) (tan ?a)) => (cos ?a)", &[]),
    ("reciprocal-tan", "(/ (cos ?a) (sin ?a)) => (reciprocal (tan ?a))", &[]),
    ("tan-atan", "(tan (atan ?a)) => ?a", &[]),
    ("harmonic", "(+ (* ?a (sin ?x)) (* ?b (cos ?x))) => (* (sqrt (+ (square ?a) (square ?b))) (sin (+ ?x (atan (/ ?b ?a)))))", &[("?a", FreePositive), ("?b", Free)]),
    ("harmonic-negative", "(+ (* ?a (sin ?x)) (* ?b (cos ?x))) => (* (neg (sqrt (+ (square ?a) (square ?b)))) (sin (+ ?x (atan (/ ?b ?a)))))", &[("?a", FreeNegative), ("?b", Free)]),
    // kinks
    ("abs-nonnegative", "(abs ?a) => ?a", &[("?a", NonNegative)]),
    ("abs-abs", "(abs (abs ?a)) => (abs ?a)", &[]),
    ("abs-square", "(abs (square ?a)) => (square ?a)", &[]),
    ("abs-product", "(abs (* ?a ?b)) <=> (* (abs ?a) (abs ?b))", &[]),
    ("abs-quotient", "(abs (/ ?a ?b)) <=> (/ (abs ?a) (abs ?b))", &[]),
    ("abs-sign", "(* ?a (sign ?a)) => (abs ?a)", &[]),
    ("sign-abs", "(* (sign ?a) (abs ?a)) => ?a", &[]),
    ("sign-quotient", "(/ ?a (abs ?a)) => (sign ?a)", &[("?a", NonZero)]),
    ("sign-product", "(* (sign ?a) (sign ?b)) <=> (sign (* ?a ?b))", &[]),
    ("relu-max", "(max ?a 0) => (relu ?a)", &[]),
    ("relu-min", "(min ?a 0) => (neg (relu (neg ?a)))", &[]),
    ("relu-relu", "(relu (relu ?a)) => (relu ?a)", &[]),
    ("relu-scaled", "(relu (* ?a ?b)) <=> (* ?a (relu ?b))", &[("?a", Positive)]),
    ("relu-sum", "(+ (relu ?a) (relu (neg ?a))) => (abs ?a)", &[]),
    ("relu-difference", "(- (relu ?a) (relu (neg ?a))) => ?a", &[("?a", Finite)]),
    ("relu-add-max", "(+ ?b (relu (- ?a ?b))) => (max ?a ?b)", &[("?b", Finite)]),
    ("relu-sub-min", "(- ?a (relu (- ?a ?b))) => (min ?a ?b)", &[("?a", Finite)]),
    ("relu-half", "(+ ?a (abs ?a)) => (* 2 (relu ?a))", &[]),
    ("max-neg", "(max ?a (neg ?a)) => (abs ?a)", &[]),
    ("max-plus-min", "(+ (max ?a ?b) (min ?a ?b)) => (+ ?a ?b)", &[]),
    ("max-times-min", "(* (max ?a ?b) (min ?a ?b)) => (* ?a ?b)", &[]),
    ("max-minus-min", "(- (max ?a ?b) (min ?a ?b)) => (abs (- ?a ?b))", &[]),
    ("max-same", "(max ?a ?a) => ?a", &[]),
    ("min-same", "(min ?a ?a) => ?a", &[]),
    ("max-associates", "(max ?a (max ?b ?c)) => (max (max ?a ?b) ?c)", &[]),
    ("min-associates", "(min ?a (min ?b ?c)) => (min (min ?a ?b) ?c)", &[]),
    ("max-of-negatives", "(max (neg ?a) (neg ?b)) => (neg (min ?a ?b))", &[]),
    ("min-of-negatives", "(min (neg ?a) (neg ?b)) => (neg (max ?a ?b))", &[]),
    ("max-moved", "(max (+ ?a ?c) (+ ?b ?c)) => (+ (max ?a ?b) ?c)", &[("?c", Finite)]),
    ("min-moved", "(min (+ ?a ?c) (+ ?b ?c)) => (+ (min ?a ?b) ?c)", &[("?c", Finite)]),
    ("max-scaled", "(max (* ?c ?a) (* ?c ?b)) => (* ?c (max ?a ?b))", &[("?c", Positive)]),
    ("min-scaled", "(min (* ?c ?a) (* ?c ?b)) => (* ?c (min ?a ?b))", &[("?c", Positive)]),
    ("max-exp", "(max (exp ?a) (exp ?b)) => (exp (max ?a ?b))", &[]),
    ("min-exp", "(min (exp ?a) (exp ?b)) => (exp (min ?a ?b))", &[]),
];

/// The compiled table.
pub(super) fn rules() -> &'static [Rewrite<Math, Ranges>] {
    static COMPILED: LazyLock<Vec<Rewrite<Math, Ranges>>> = LazyLock::new(|| {
        let mut rules = Vec::new();
        for &(name, rule, guards) in RULES {
            if let Some((left, right)) = rule.split_once("<=>") {
                rules.push(compiled(name.to_string(), left, right, guards));
                rules.push(compiled(format!("{name}-back"), right, left, guards));
            } else if let Some((left, right)) = rule.split_once("=>") {
                rules.push(compiled(name.to_string(), left, right, guards));
            }
        }
        rules
    });
    &COMPILED
}

fn compiled(name: String, left: &str, right: &str, guards: &[(&str, Guard)]) -> Rewrite<Math, Ranges> {
    let pattern =
        |text: &str| -> Pattern<Math> { text.trim().parse().unwrap_or_else(|e| panic!("rule {name}: {e}")) };
    let (left, right) = (pattern(left), pattern(right));
    let guards: Vec<(Var, Guard)> = guards
        .iter()
        .map(|(var, guard)| (var.parse().unwrap_or_else(|e| panic!("rule {name}: {e}")), *guard))
        .collect();
    let rule = if guards.is_empty() {
        Rewrite::new(name.clone(), left, right)
    } else {
        let condition = move |egraph: &mut EGraph<Math, Ranges>, _: Id, subst: &Subst| {
            guards.iter().all(|(var, guard)| guard.holds(&egraph[subst[*var]].data))
        };
        Rewrite::new(name.clone(), left, ConditionalApplier { condition, applier: right })
    };
    rule.unwrap_or_else(|e| panic!("rule {name}: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_compiles_under_its_own_name() {
        let mut names: Vec<&str> = RULES.iter().map(|r| r.0).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|w| w[0] != w[1]), "{names:?}");
        assert!(rules().len() >= RULES.len());
    }
}
