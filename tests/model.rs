//! Models: the Pareto front, the choice from it, predictions by name, files that come back to the same bits.

mod random;

use closedform::expr::{Expr, parse};
use closedform::model::{DataSummary, Scores, metrics};
use closedform::{
    Criterion, Dataset, Equation, ErrorKind, Model, OutputType, ParetoFront, ProbabilityLoss, Report,
    StopReason, Variable, VariableKind,
};
use insta::assert_snapshot;
use proptest::prelude::*;
use random::{NAMES, expressions};

fn data() -> Dataset {
    let t: Vec<f64> = (0..20).map(|i| 0.5 + i as f64).collect();
    let w: Vec<f64> = (0..20).map(|i| (i as f64 * 1.3).sin()).collect();
    let y = t.iter().map(|t| 1.0 - 0.75 * (-0.03 * t).exp()).collect();
    Dataset::from_columns(
        vec![Variable::new("t").unit("s"), Variable::new("re st").range(-1.0, 1.0)],
        vec![t, w],
    )
    .unwrap()
    .with_target(Variable::new("performance"), y)
    .unwrap()
}

/// A formula whose letters a, b, ... are fitted constants.
fn fitted(formula: &str, constants: &[f64], data: &Dataset) -> Equation {
    let names = data.names();
    let letters: Vec<String> = (b'a'..).take(constants.len()).map(|c| char::from(c).to_string()).collect();
    let all: Vec<&str> = names.iter().copied().chain(letters.iter().map(String::as_str)).collect();
    let mut parts: Vec<Expr> = (0..names.len()).map(Expr::variable).collect();
    parts.extend(constants.iter().map(|c| Expr::parameter(*c)));
    Equation::of(parse(formula, &all).unwrap().substitute(&parts), data).unwrap()
}

fn model() -> Model {
    let data = data();
    let with_length = |e: Equation, validation_mse: f64, description_length: f64| {
        let errors = vec![Some(0.001); e.constants().len()];
        let scores = Scores {
            validation_mse: Some(validation_mse),
            description_length: Some(description_length),
            ..*e.scores()
        };
        e.with_scores(scores).unwrap().with_std_errors(errors)
    };
    let front: ParetoFront = [
        with_length(fitted("a", &[0.42], &data), 0.02, 12.0),
        with_length(fitted("a + b*t", &[0.27, 0.0152], &data), 0.001, -7.5),
        with_length(fitted("1 - a*exp(-b*t)", &[0.75, 0.03], &data), 1e-9, -300.25),
        with_length(fitted("1 - a*exp(-b*t) + c*`re st`", &[0.75, 0.03, 1e-20], &data), 1e-9, -290.0),
    ]
    .into_iter()
    .collect();
    let report = Report {
        strategy: "auto".into(),
        found_by: None,
        stop_reason: StopReason::Exact,
        seed: u64::MAX,
        threads: Some(2),
        wall_seconds: Some(1.25),
        evaluations: 123_456,
        architecture: serde_json::json!({"nodes": 2, "alpha": [0.1, 0.9]}),
        notes: vec!["`ln` is left out: `re st` has values below 0".into()],
    };
    Model::new(front, &data, report).unwrap()
}

#[test]
fn the_table_of_a_model() {
    assert_snapshot!(model(), @"
      complexity          R2         MSE          DL  formula
               1   -0.027181    9.717e-3       12.00  performance = 0.42
               5    0.964085    3.398e-4       -7.50  performance = 0.27 + 0.0152*t
    >          9    1.000000   6.163e-34     -300.25  performance = 1 - 0.75*exp(-0.03*t)
    ");
}

#[test]
fn the_json_of_a_model() {
    assert_snapshot!(model().to_reproducible_json(), @r#"
    {
      "format": "closedform-model",
      "version": 1,
      "best": {
        "formula": "1 - 0.75*exp(-0.03*t)",
        "sympy": "1 - 0.75*exp(-0.03*t)",
        "latex": "1 - 0.75 e^{-0.03 t}",
        "complexity": 9,
        "mse": 6.162975822039155e-34,
        "r2": 1.0,
        "validation_mse": 1e-9,
        "description_length": -300.25,
        "constants": [
          {
            "name": "c0",
            "value": 0.75,
            "std_error": 0.001
          },
          {
            "name": "c1",
            "value": 0.03,
            "std_error": 0.001
          }
        ],
        "expression": {"nodes":[{"constant":1.0},{"parameter":0},{"parameter":1},{"unary":["neg",2]},{"variable":0},{"binary":["mul",3,4]},{"unary":["exp",5]},{"binary":["mul",1,6]},{"binary":["sub",0,7]}],"parameters":[0.75,0.03]}
      },
      "front": [
        {
          "formula": "0.42",
          "sympy": "0.42",
          "latex": "0.42",
          "complexity": 1,
          "mse": 0.009717488602483003,
          "r2": -0.027181194697043498,
          "validation_mse": 0.02,
          "description_length": 12.0,
          "constants": [
            {
              "name": "c0",
              "value": 0.42,
              "std_error": 0.001
            }
          ],
          "expression": {"nodes":[{"parameter":0}],"parameters":[0.42]}
        },
        {
          "formula": "0.27 + 0.0152*t",
          "sympy": "0.27 + 0.0152*t",
          "latex": "0.27 + 0.0152 t",
          "complexity": 5,
          "mse": 0.0003397648043532773,
          "r2": 0.9640853689746103,
          "validation_mse": 0.001,
          "description_length": -7.5,
          "constants": [
            {
              "name": "c0",
              "value": 0.27,
              "std_error": 0.001
            },
            {
              "name": "c1",
              "value": 0.0152,
              "std_error": 0.001
            }
          ],
          "expression": {"nodes":[{"parameter":0},{"parameter":1},{"variable":0},{"binary":["mul",1,2]},{"binary":["add",0,3]}],"parameters":[0.27,0.0152]}
        },
        {
          "formula": "1 - 0.75*exp(-0.03*t)",
          "sympy": "1 - 0.75*exp(-0.03*t)",
          "latex": "1 - 0.75 e^{-0.03 t}",
          "complexity": 9,
          "mse": 6.162975822039155e-34,
          "r2": 1.0,
          "validation_mse": 1e-9,
          "description_length": -300.25,
          "constants": [
            {
              "name": "c0",
              "value": 0.75,
              "std_error": 0.001
            },
            {
              "name": "c1",
              "value": 0.03,
              "std_error": 0.001
            }
          ],
          "expression": {"nodes":[{"constant":1.0},{"parameter":0},{"parameter":1},{"unary":["neg",2]},{"variable":0},{"binary":["mul",3,4]},{"unary":["exp",5]},{"binary":["mul",1,6]},{"binary":["sub",0,7]}],"parameters":[0.75,0.03]}
        }
      ],
      "report": {
        "strategy": "auto",
        "stop_reason": "exact",
        "seed": 18446744073709551615,
        "evaluations": 123456,
        "architecture": {
          "alpha": [
            0.1,
            0.9
          ],
          "nodes": 2
        },
        "notes": [
          "`ln` is left out: `re st` has values below 0"
        ]
      },
      "best_index": 2,
      "criterion": "description_length",
      "inputs": [
        {
          "name": "t",
          "unit": "s",
          "kind": "real"
        },
        {
          "name": "re st",
          "range": [
            -1.0,
            1.0
          ],
          "kind": "real"
        }
      ],
      "target": {
        "name": "performance",
        "kind": "real"
      },
      "output": "real",
      "data": {
        "rows": 20,
        "target_variance": 0.009460345119878363
      }
    }
    "#);
}

#[test]
fn json_has_the_keys_that_programs_read() {
    let json: serde_json::Value = serde_json::from_str(&model().to_json()).unwrap();
    assert_eq!(json["format"], "closedform-model");
    assert_eq!(json["version"], 1);
    for equation in json["front"].as_array().unwrap().iter().chain([&json["best"]]) {
        for key in ["formula", "sympy", "latex", "complexity", "mse", "r2", "constants"] {
            assert!(!equation[key].is_null(), "{key}");
        }
        for constant in equation["constants"].as_array().unwrap() {
            assert!(constant["name"].as_str().unwrap().starts_with('c'));
            assert!(constant["value"].is_f64());
            assert!(constant.as_object().unwrap().contains_key("std_error"));
        }
    }
    for key in ["strategy", "stop_reason", "seed", "threads", "wall_seconds", "evaluations", "architecture"] {
        assert!(!json["report"][key].is_null(), "{key}");
    }
    assert_eq!(json["report"]["stop_reason"], "exact");
    assert!(!model().to_json().contains('\n'));
}

#[test]
fn renamed_symbols_are_in_the_json() {
    let data = Dataset::from_columns(vec![Variable::new("x y"), Variable::new("E")], vec![vec![1.0, 2.0]; 2])
        .unwrap()
        .with_target(Variable::new("y"), vec![2.0, 4.0])
        .unwrap();
    let front =
        ParetoFront::from_iter([Equation::of(parse("`x y` + E", &["x y", "E"]).unwrap(), &data).unwrap()]);
    let model = Model::new(front, &data, Report::default()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&model.to_json()).unwrap();
    assert_eq!(json["best"]["sympy"], "x_y + E");
    assert_eq!(json["best"]["symbols"], serde_json::json!({"x_y": "x y"}));
}

#[test]
fn open_ranges_do_not_spoil_the_file() {
    let x = Variable::new("x").range(0.0, f64::INFINITY);
    let data = Dataset::from_columns(vec![x], vec![vec![1.0, 2.0]]).unwrap();
    let data = data.with_target(Variable::new("y"), vec![1.0, 2.0]).unwrap();
    let front = ParetoFront::from_iter([Equation::of(Expr::variable(0), &data).unwrap()]);
    let model = Model::new(front, &data, Report::default()).unwrap();
    assert_eq!(Model::from_json(&model.to_json()).unwrap(), model);
}

#[test]
fn a_saved_model_depends_on_neither_clock_nor_threads() {
    let model = model();
    let slower = Report { threads: Some(64), wall_seconds: Some(99.0), ..model.report().clone() };
    let other = model.clone().with_report(slower);
    assert_ne!(model.to_json(), other.to_json());
    assert_eq!(model.to_reproducible_json(), other.to_reproducible_json());
}

#[test]
fn files_come_back_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (folder.path().join("a.json"), folder.path().join("b.json"));
    let model = model();
    model.save(&a).unwrap();
    model.save(&a).unwrap(); // over an existing file
    let loaded = Model::load(&a).unwrap();
    loaded.save(&b).unwrap();
    assert_eq!(std::fs::read(&a).unwrap(), std::fs::read(&b).unwrap());
    let (was, is) = (model.predict(&data()).unwrap(), loaded.predict(&data()).unwrap());
    assert!(was.iter().zip(&is).all(|(a, b)| a.to_bits() == b.to_bits()));
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "no temporary file is left: {names:?}");
}

#[test]
fn a_failed_save_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let e = model().save(folder.path().join("no/such/folder.json")).unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Io);
    let e = model().save(folder.path()).unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Io);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// The message of reading a changed model.
#[track_caller]
fn refused(text: &str) -> String {
    let e = Model::from_json(text).unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Model, "{e}");
    e.to_string()
}

#[test]
fn every_cut_is_noticed() {
    let text = model().to_json();
    for end in (0..text.len()).filter(|e| text.is_char_boundary(*e)) {
        assert!(refused(&text[..end]).contains("cut short"), "at {end}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("half.json");
    std::fs::write(&path, &text[..text.len() / 2]).unwrap();
    let e = Model::load(&path).unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Model);
    assert!(e.to_string().contains("half.json") && e.to_string().contains("cut short"), "{e}");
}

#[test]
fn what_is_no_model_is_refused_by_name() {
    let json: serde_json::Value = serde_json::from_str(&model().to_json()).unwrap();
    let changed = |path: &str, value: serde_json::Value| {
        let mut json = json.clone();
        *json.pointer_mut(path).unwrap() = value;
        refused(&json.to_string())
    };
    assert_snapshot!(refused("[]"), @"this is no closedform model: invalid length 0, expected a JSON object at line 1 column 2");
    assert_snapshot!(refused("{}"), @"expected the format `closedform-model`, got no `format`");
    assert_snapshot!(changed("/format", serde_json::json!("other")), @"expected the format `closedform-model`, got `other`");
    assert_snapshot!(changed("/version", serde_json::json!(2)), @"the model has version 2; this program reads version 1");
    assert_snapshot!(changed("/best_index", serde_json::json!(9)), @"best_index is 9, the front has 3 equations");
    assert_snapshot!(changed("/front", serde_json::json!([])), @"best_index is 2, the front has 0 equations");
    assert_snapshot!(changed("/criterion", serde_json::json!("beauty")), @"this is no closedform model: unknown variant `beauty`, expected one of `description_length`, `bic`, `aic`, `validation`, `accuracy` at line 1 column 572");
    assert_snapshot!(changed("/inputs", serde_json::json!([])), @"equation 2 of the front: the expression reads column 1 of 0");
    assert_snapshot!(changed("/front/0/expression/nodes", serde_json::json!([])), @"this is no closedform model: an expression without nodes at line 1 column 826");
    assert_snapshot!(changed("/front/1/expression/nodes/0", serde_json::json!({"unary": ["exp", 0]})), @"this is no closedform model: node 0 of the expression is malformed: Unary(Exp, 0) at line 1 column 1262");
    assert_snapshot!(changed("/front/1/expression/parameters", serde_json::json!([1.0])), @"this is no closedform model: node 1 of the expression is malformed: Parameter(1) at line 1 column 1250");
    assert_snapshot!(changed("/front/1/constants", serde_json::json!([])), @"equation 2 of the front: expected 2 constants, got 0");
    assert_snapshot!(changed("/front/1/complexity", serde_json::json!(1)), @"equation 2 of the front: expected it to be longer and better than the one before");
    assert_snapshot!(changed("/front/0/mse", serde_json::json!(0.0)), @"equation 2 of the front: expected it to be longer and better than the one before");
    assert_snapshot!(changed("/front/0/mse", serde_json::Value::Null), @"this is no closedform model: invalid type: null, expected f64 at line 1 column 949");
    let infinite = model().to_json().replace("\"parameters\":[0.42]", "\"parameters\":[1e999]");
    assert_snapshot!(refused(&infinite), @"this is no closedform model: number out of range at line 1 column 869");
}

#[test]
fn missing_files_are_named() {
    let e = Model::load("no/such/model.json").unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Io);
    assert!(e.to_string().contains("no/such/model.json"));
}

#[test]
fn predictions_find_columns_by_name() {
    let data = data();
    let law = fitted("t - 2*`re st`", &[], &data);
    // The other way round, beside a column that nobody asked for; the target is not needed.
    let table = Dataset::from_columns(
        vec![Variable::new("other"), Variable::new("re st"), Variable::new("t")],
        vec![vec![7.0, 7.0], vec![1.0, 2.0], vec![10.0, 20.0]],
    )
    .unwrap();
    assert_eq!(law.predict(&table).unwrap(), [8.0, 16.0]);
    // A column that the formula does not read may be missing.
    let only = Dataset::from_columns(vec![Variable::new("t")], vec![vec![1.0, 2.0, 3.0]]).unwrap();
    assert_eq!(fitted("t^2", &[], &data).predict(&only).unwrap(), [1.0, 4.0, 9.0]);
    assert_eq!(fitted("a", &[0.5], &data).predict(&only).unwrap(), [0.5; 3]);
    let e = law.predict(&only).unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Model);
    assert_snapshot!(e, @"the formula reads the column `re st`; the data have the columns t");
}

#[test]
fn no_value_is_an_error_with_its_row() {
    let data = Dataset::from_columns(
        vec![Variable::new("x"), Variable::new("y")],
        vec![vec![1.0, -1.0], vec![2.0, 3.0]],
    )
    .unwrap();
    let names: Vec<String> = vec!["x".into(), "y".into()];
    let law = Equation::new(parse("ln(x)", &names).unwrap(), names.clone(), Scores::default()).unwrap();
    assert_snapshot!(law.predict(&data).unwrap_err(), @"row 2: the formula `ln(x)` has no finite value at x = -1");
    assert!(law.evaluate(&data).unwrap()[1].is_nan());
    let law = Equation::new(parse("exp(1000*x*y)", &names).unwrap(), names, Scores::default()).unwrap();
    assert_snapshot!(law.predict(&data).unwrap_err(), @"row 1: the formula `exp(1000*x*y)` has no finite value at x = 1, y = 2");
}

#[test]
fn unfit_equations_are_refused() {
    let names = || vec!["x".to_string()];
    let new = |e: Expr, s: Scores| Equation::new(e, names(), s).unwrap_err().to_string();
    let x = Expr::variable(0);
    assert_snapshot!(new(Expr::variable(3), Scores::default()), @"the expression reads column 4 of 1");
    assert_snapshot!(new(x.clone() * Expr::parameter(f64::NAN), Scores::default()), @"the expression holds the constant NaN, which is not finite");
    assert_snapshot!(new(Expr::constant(f64::INFINITY), Scores::default()), @"the expression holds the constant inf, which is not finite");
    assert_snapshot!(new(x.clone(), Scores { mse: f64::INFINITY, ..Scores::default() }), @"a score of the expression is inf, which is not finite");
    let mut doubled = x;
    for _ in 0..20 {
        doubled = doubled.clone() + doubled;
    }
    assert_snapshot!(new(doubled, Scores::default()), @"the expression has a complexity of 2097151; the limit is 10000");
}

#[test]
fn an_empty_front_is_no_model() {
    let e = Model::new(ParetoFront::new(), &data(), Report::default()).unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Search);
}

#[test]
fn criteria_weigh_as_they_say() {
    let model = model();
    let chosen = |c: Criterion| model.clone().with_criterion(c).formula();
    let law = "1 - 0.75*exp(-0.03*t)";
    assert_eq!(model.criterion(), Criterion::DescriptionLength);
    for criterion in [
        Criterion::DescriptionLength,
        Criterion::Bic,
        Criterion::Aic,
        Criterion::Validation,
        Criterion::Accuracy,
    ] {
        assert_eq!(chosen(criterion), law, "{criterion:?}");
    }
    let by_hand = |mse: f64, k: f64| 20.0 * ((2.0 * std::f64::consts::PI * mse).ln() + 1.0) + k * 20f64.ln();
    let line = &model.front().equations()[1];
    let bic = Criterion::Bic.value(line, model.data());
    assert!((bic - by_hand(line.scores().mse, 3.0)).abs() < 1e-9);
    // With three rows, AIC cannot tell two constants.
    assert_eq!(Criterion::Aic.value(line, &DataSummary { rows: 4, target_variance: 1.0 }), f64::INFINITY);
}

#[test]
fn the_output_type_follows_the_target() {
    let table = Dataset::from_columns(vec![Variable::new("x")], vec![vec![0.0, 1.0]]).unwrap();
    let output = |kind: VariableKind| {
        let data = table.clone().with_target(Variable::new("y").kind(kind), vec![0.0, 1.0]).unwrap();
        let front = ParetoFront::from_iter([Equation::of(Expr::variable(0), &data).unwrap()]);
        let model = Model::new(front, &data, Report::default()).unwrap();
        assert_eq!(Model::from_json(&model.to_json()).unwrap().output(), model.output());
        model.output()
    };
    assert_eq!(output(VariableKind::Real), OutputType::Real);
    assert_eq!(output(VariableKind::Count), OutputType::Count);
    let loss = ProbabilityLoss::Bernoulli;
    assert_eq!(output(VariableKind::Probability), OutputType::Probability { loss });
}

#[test]
fn weights_count_as_rows() {
    let (y, p) = ([1.0, 2.0, 4.0], [1.5, 2.0, 3.0]);
    let (yy, pp) = ([1.0, 1.0, 2.0, 4.0, 4.0, 4.0], [1.5, 1.5, 2.0, 3.0, 3.0, 3.0]);
    let w = Some(&[2.0, 1.0, 3.0][..]);
    for metric in [metrics::mse, metrics::rmse, metrics::mae, metrics::r2] {
        assert!((metric(&y, &p, w) - metric(&yy, &pp, None)).abs() < 1e-15);
    }
    // A row of weight 0 does not count, whatever is predicted there.
    assert_eq!(metrics::mse(&[1.0, 5.0], &[1.0, f64::NAN], Some(&[1.0, 0.0])), 0.0);
}

fn entries() -> impl Strategy<Value = Vec<(Expr, f64)>> {
    proptest::collection::vec((expressions(), prop_oneof![0.0..1e3f64, Just(1.0), Just(1e-30)]), 1..25)
}

fn scored(expr: &Expr, mse: f64) -> Option<Equation> {
    let names: Vec<String> = NAMES.iter().map(|n| n.to_string()).collect();
    Equation::new(expr.clone(), names, Scores { mse, r2: 0.5, ..Scores::default() }).ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_front_holds_what_nothing_dominates(entries in entries(), turn in 0usize..25) {
        let mut equations: Vec<Equation> = entries.iter().filter_map(|(e, mse)| scored(e, *mse)).collect();
        let front: ParetoFront = equations.iter().cloned().collect();
        for pair in front.equations().windows(2) {
            prop_assert!(pair[0].complexity() < pair[1].complexity());
            prop_assert!(pair[0].scores().mse > pair[1].scores().mse);
        }
        for e in &equations {
            let matched = |f: &Equation| f.complexity() <= e.complexity() && f.scores().mse <= e.scores().mse;
            prop_assert!(front.iter().any(matched), "something on the front is as good as {}", e.formula());
        }
        equations.rotate_left(turn % entries.len());
        equations.reverse();
        prop_assert_eq!(ParetoFront::from_iter(equations), front);
    }

    #[test]
    fn json_comes_back_to_the_same_bits(entries in entries(), seed in any::<u64>()) {
        let data = Dataset::from_columns(
            NAMES.iter().map(|n| Variable::new(*n)).collect(),
            vec![vec![0.3, 1.7, -2.2]; NAMES.len()],
        )
        .unwrap()
        .with_target(Variable::new("y"), vec![1.0, 2.0, 3.0])
        .unwrap();
        let front: ParetoFront = entries.iter().filter_map(|(e, mse)| scored(e, *mse)).collect();
        prop_assume!(!front.is_empty());
        let model = Model::new(front, &data, Report { seed, ..Report::default() }).unwrap();
        let text = model.to_json();
        let back = Model::from_json(&text).unwrap();
        prop_assert_eq!(&back.to_json(), &text);
        prop_assert_eq!(&back, &model);
        for (a, b) in back.front().iter().zip(model.front()) {
            let (a, b) = (a.evaluate(&data).unwrap(), b.evaluate(&data).unwrap());
            prop_assert!(a.iter().zip(&b).all(|(a, b)| a.to_bits() == b.to_bits()));
        }
    }
}
