//! Every figure comes out as PNG and SVG, the same every time, on any machine.
#![cfg(feature = "plot")]

use std::fs;
use std::path::Path;
use std::process::Command;

use closedform::plot::{
    self, ConvergencePlot, ConvergenceRun, Curve, CurvesPlot, Figure, FrontPlot, FrontPoint, GraphEdge,
    GraphNode, GraphPlot, NamedSeries, NodeKind, PlotError, PredictionsPlot, TrajectoriesPlot,
    TrajectoryPanel,
};

/// Numbers that look random and are the same on every machine.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

fn grid(from: f64, to: f64, count: usize) -> Vec<f64> {
    (0..count).map(|i| from + (to - from) * i as f64 / (count - 1) as f64).collect()
}

fn learning_curves() -> CurvesPlot {
    let trials = grid(0.0, 100.0, 101);
    let mut plot =
        CurvesPlot::new("trial", "performance").figure(Figure::default().title("Exponential learning"));
    for p0 in [0.0, 0.25, 0.5] {
        let law = |t: &f64| 1.0 - (1.0 - p0) * (-0.03 * t).exp();
        let y: Vec<f64> = trials.iter().map(law).collect();
        plot = plot.curve(Curve::new(format!("P0 = {p0}"), &trials, &y, &y));
    }
    plot
}

fn scattered_curves() -> CurvesPlot {
    let mut noise = Noise(3);
    let mut plot = CurvesPlot::new("stimulus intensity S [cd/m²]", "perceived brightness ψ");
    for (i, exponent) in [0.33, 0.5, 1.0].into_iter().enumerate() {
        let x: Vec<f64> = (0..40).map(|_| noise.uniform() * 10.0).collect();
        let y: Vec<f64> = x.iter().map(|s| s.powf(exponent) * (1.0 + 0.1 * noise.normal())).collect();
        let dense = grid(0.0, 10.0, 200);
        let law: Vec<f64> = dense.iter().map(|s| s.powf(exponent)).collect();
        plot = plot.curve(
            Curve::new(format!("observer {}", i + 1), &x, &y, &[]).recovered_at(&dense, &law).as_points(),
        );
    }
    plot
}

fn pareto() -> FrontPlot {
    let mut plot =
        FrontPlot::new("mean squared error").figure(Figure::default().title("Error against complexity"));
    for (complexity, error, label) in [
        (1.0, 0.081, "0.613"),
        (3.0, 0.034, "0.0081*t"),
        (4.0, 0.0121, "1 - exp(-c0*t)"),
        (5.0, 0.0119, "tanh(0.02*t)"),
        (6.0, 0.0024, "p + 0.5*(1 - exp(c0*t))"),
        (7.0, 1.3e-4, "1 - (1 - p)*exp(c0*t)"),
        (8.0, 1.2e-4, ""),
        (9.0, 3.1e-14, "1 + (p - 1)*exp(-0.03*t)"),
        (12.0, 0.0, "1 + p*exp(-0.03*t) - exp(-0.03*t)"),
        (5.0, 0.05, "beaten"),
        (8.0, 0.008, "beaten"),
        (10.0, f64::NAN, "not finite"),
    ] {
        let point = FrontPoint::new(complexity, error).label(label);
        plot = plot.point(if complexity == 9.0 { point.chosen() } else { point });
    }
    plot
}

fn predictions() -> PredictionsPlot {
    let mut noise = Noise(11);
    let mut rows = |count: usize, spread: f64| -> (Vec<f64>, Vec<f64>) {
        (0..count)
            .map(|_| {
                let predicted = 20.0 * noise.uniform() - 4.0;
                (predicted + spread * noise.normal(), predicted)
            })
            .unzip()
    };
    let (observed, predicted) = rows(160, 0.8);
    let (held_observed, held_predicted) = rows(40, 1.1);
    PredictionsPlot::new("reaction time", &observed, &predicted).validation(&held_observed, &held_predicted)
}

fn weights() -> TrajectoriesPlot {
    let primitives = ["none", "add", "subtract", "mult", "exp", "logistic", "relu"];
    let mut plot =
        TrajectoriesPlot::new().figure(Figure::default().size(1000, 750).title("Architecture weights"));
    for (edge, title) in
        ["t → node 1", "P0 → node 1", "t → node 2", "P0 → node 2", "node 1 → node 2"].into_iter().enumerate()
    {
        let winner = (edge * 3 + 4) % primitives.len();
        let mut panel = TrajectoryPanel::new(title);
        let logits = |k: usize, epoch: usize| {
            let own = (k as f64 * 1.7 + edge as f64).sin() * 0.6;
            let gain = if k == winner { 0.02 } else { 0.0 };
            own * (-(epoch as f64) / 150.0).exp() + gain * epoch as f64
        };
        for (k, name) in primitives.iter().enumerate() {
            let values: Vec<f64> = (0..200)
                .map(|e| {
                    let total: f64 = (0..primitives.len()).map(|j| logits(j, e).exp()).sum();
                    logits(k, e).exp() / total
                })
                .collect();
            panel = panel.series(NamedSeries::new(*name, &values));
        }
        plot = plot.panel(panel);
    }
    let mut noise = Noise(5);
    let mut loss = |scale: f64| -> Vec<f64> {
        (0..200)
            .map(|e| scale * ((-(e as f64) / 25.0).exp() + 2e-3) * (1.0 + 0.15 * noise.normal()).abs())
            .collect()
    };
    let (train, validation) = (loss(0.4), loss(0.6));
    plot.loss(NamedSeries::new("train", &train)).loss(NamedSeries::new("validation", &validation))
}

fn strategies() -> ConvergencePlot {
    let mut plot = ConvergencePlot::new("mean squared error");
    for (seed, (name, rate)) in
        [("darts", 0.5), ("enas", 0.35), ("random", 0.15), ("product_dag", 0.8), ("random", 0.17)]
            .into_iter()
            .enumerate()
    {
        let mut noise = Noise(seed as u64 + 1);
        let (mut evaluations, mut seconds, mut loss) = (Vec::new(), Vec::new(), Vec::new());
        let (mut done, mut best) = (10.0, 0.3_f64);
        while done < 2e5 {
            done *= 1.0 + noise.uniform();
            best *= (-rate * 3.0 * noise.uniform()).exp();
            evaluations.push(done);
            seconds.push(done * 2e-5 * (1.0 + rate));
            loss.push(if name == "product_dag" && best < 1e-5 { 0.0 } else { best });
        }
        plot = plot.run(ConvergenceRun::new(name, &evaluations, &loss).seconds(&seconds));
    }
    plot
}

fn graph() -> GraphPlot {
    let mut plot = GraphPlot::new().figure(Figure::default().title("1 − (1 − P0)·exp(−0.03·t)"));
    let t = plot.node(GraphNode::new("t", NodeKind::Input));
    let p = plot.node(GraphNode::new("P0", NodeKind::Input));
    let one = plot.node(GraphNode::new("1", NodeKind::Constant));
    let left = plot.node(GraphNode::new("node 1", NodeKind::Sum));
    let growth = plot.node(GraphNode::new("node 2", NodeKind::Product));
    let total = plot.node(GraphNode::new("node 3", NodeKind::Sum));
    let y = plot.node(GraphNode::new("performance", NodeKind::Output));
    for (from, to, label, weight) in [
        (p, left, "subtract", 0.9),
        (one, left, "add", 0.9),
        (left, growth, "linear", 0.7),
        (t, growth, "exp(−0.03·)", 1.0),
        (one, total, "add", 0.8),
        (growth, total, "subtract", 0.95),
        (t, total, "relu", 0.1),
        (p, total, "none", 0.05),
        (total, y, "linear", 1.0),
    ] {
        plot.edge(GraphEdge::new(from, to, label).weight(weight));
    }
    plot
}

/// Every node sees all earlier nodes: the densest graph that a search starts from.
fn supernet() -> GraphPlot {
    let mut plot = GraphPlot::new();
    let mut nodes: Vec<usize> =
        ["x1", "x2", "x3"].map(|x| plot.node(GraphNode::new(x, NodeKind::Input))).to_vec();
    let primitives = ["exp", "add", "mult", "logistic", "sin", "square", "ln"];
    for k in 0..3_usize {
        let kind = if k == 1 { NodeKind::Product } else { NodeKind::Sum };
        let node = plot.node(GraphNode::new("", kind));
        for (i, &from) in nodes.iter().enumerate() {
            let label = primitives[(k * 3 + i) % primitives.len()];
            plot.edge(GraphEdge::new(from, node, label).weight(((i * 7 + k * 3) % 10) as f64 / 10.0));
        }
        nodes.push(node);
    }
    let y = plot.node(GraphNode::new("y", NodeKind::Output));
    for &from in &nodes[3..] {
        plot.edge(GraphEdge::new(from, y, "linear").weight(0.6));
    }
    plot
}

/// Draws every figure into `folder`; returns the names.
fn draw_all(folder: &Path, extension: &str) -> Vec<String> {
    let names = [
        "curves",
        "scattered",
        "front",
        "parity",
        "residuals",
        "trajectories",
        "convergence",
        "graph",
        "supernet",
    ];
    for name in names {
        let path = folder.join(format!("{name}.{extension}"));
        let drawn = match name {
            "curves" => plot::curves(path, &learning_curves()),
            "scattered" => plot::curves(path, &scattered_curves()),
            "front" => plot::front(path, &pareto()),
            "parity" => plot::parity(path, &predictions()),
            "residuals" => plot::residuals(path, &predictions()),
            "trajectories" => plot::trajectories(path, &weights()),
            "convergence" => plot::convergence(path, &strategies()),
            "graph" => plot::architecture(path, &graph()),
            _ => plot::architecture(path, &supernet()),
        };
        drawn.unwrap_or_else(|error| panic!("{name}.{extension}: {error}"));
    }
    names.map(|name| format!("{name}.{extension}")).to_vec()
}

#[test]
fn every_figure_comes_out_as_png() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in draw_all(folder.path(), "png") {
        let bytes = fs::read(folder.path().join(&name)).expect("the picture");
        assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n", "{name}");
        let mut reader = png::Decoder::new(bytes.as_slice()).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size()];
        let info = reader.next_frame(&mut pixels).expect("a whole PNG");
        let wanted = if name == "trajectories.png" { (1000, 750) } else { (900, 600) };
        assert_eq!((info.width, info.height), wanted, "{name}");
        let inked = pixels.chunks_exact(3).filter(|pixel| pixel.iter().any(|value| *value < 200)).count();
        assert!(inked > 5_000, "{name} is nearly blank: {inked} pixels");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 9, "no temporary files are left");
}

#[test]
fn every_figure_comes_out_as_svg() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in draw_all(folder.path(), "svg") {
        let text = fs::read_to_string(folder.path().join(&name)).expect("the picture");
        assert!(text.starts_with("<svg width=\"") && text.trim_end().ends_with("</svg>"), "{name}");
        assert!(text.contains("font-family=\"sans-serif\""), "{name}");
        assert!(text.matches("<polyline").count() > 5, "{name}");
        assert!(!text.contains("NaN"), "{name}");
    }
}

#[test]
fn the_same_data_give_the_same_bytes() {
    let (first, second) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    for extension in ["png", "svg"] {
        draw_all(second.path(), extension);
        for name in draw_all(first.path(), extension) {
            let bytes =
                |folder: &tempfile::TempDir| fs::read(folder.path().join(&name)).expect("the picture");
            assert!(bytes(&first) == bytes(&second), "{name}");
        }
    }
}

/// Runs `every_figure_comes_out_as_png` in a process that finds no system fonts.
#[test]
fn no_system_fonts_are_needed() {
    let program = std::env::current_exe().expect("this program");
    let status = Command::new(program)
        .args(["--exact", "every_figure_comes_out_as_png"])
        .env("FONTCONFIG_FILE", "/dev/null")
        .env("HOME", "/nonexistent")
        .output()
        .expect("the program runs");
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stdout));
}

#[test]
fn unknown_extensions_are_refused() {
    for name in ["figure.pdf", "figure", "png", ".svg", "figure.png.txt"] {
        let error = plot::front(name, &pareto()).expect_err(name);
        assert!(matches!(error, PlotError::Extension { .. }), "{name}: {error}");
        assert!(!Path::new(name).exists());
    }
    let folder = tempfile::tempdir().expect("a folder");
    plot::front(folder.path().join("LOUD.PNG"), &pareto()).expect("capitals are fine");
}

#[test]
fn nothing_to_draw_is_an_error_and_leaves_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = &folder.path().join("figure.png");
    let nan = [f64::NAN, f64::INFINITY];
    let results = [
        plot::curves(path, &CurvesPlot::new("x", "y")),
        plot::curves(path, &CurvesPlot::new("x", "y").curve(Curve::new("a", &[0.0, 1.0], &nan, &nan))),
        plot::front(path, &FrontPlot::new("MSE").point(FrontPoint::new(1.0, f64::NAN))),
        plot::parity(path, &PredictionsPlot::new("y", &nan, &[1.0, 2.0])),
        plot::residuals(path, &PredictionsPlot::new("y", &[], &[])),
        plot::trajectories(path, &TrajectoriesPlot::new().panel(TrajectoryPanel::new("empty"))),
        plot::convergence(path, &ConvergencePlot::new("MSE").run(ConvergenceRun::new("a", &[1.0], &nan))),
        plot::architecture(path, &GraphPlot::new()),
    ];
    for result in results {
        assert!(matches!(result, Err(PlotError::Empty { .. })), "{result:?}");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
}

#[test]
fn a_folder_that_is_not_there_is_an_io_error() {
    let error = plot::front("/nonexistent/folder/front.png", &pareto()).expect_err("no folder");
    assert!(matches!(error, PlotError::Io { .. }), "{error}");
    assert!(error.to_string().contains("/nonexistent/folder/front.png"), "{error}");
}

#[test]
fn a_picture_replaces_the_one_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("front.svg");
    fs::write(&path, "old").expect("writable");
    plot::front(&path, &pareto()).expect("drawn");
    assert!(fs::read_to_string(&path).expect("the picture").starts_with("<svg"));
}

#[test]
fn graphs_that_make_no_sense_are_refused() {
    let mut cycle = GraphPlot::new();
    let (a, b) =
        (cycle.node(GraphNode::new("a", NodeKind::Sum)), cycle.node(GraphNode::new("b", NodeKind::Sum)));
    cycle.edge(GraphEdge::new(a, b, ""));
    let mut dangling = cycle.clone();
    cycle.edge(GraphEdge::new(b, a, ""));
    dangling.edge(GraphEdge::new(a, 9, ""));
    for plot in [cycle, dangling] {
        let result = plot::architecture("graph.png", &plot);
        assert!(matches!(result, Err(PlotError::Draw(_))), "{result:?}");
    }
}

/// Data as they come: single rows, constants, extremes, gaps, long and strange names.
fn awkward(folder: &Path, extension: &str) {
    let file = |name: &str| folder.join(format!("awkward_{name}.{extension}"));
    let long = "a very long column name with <tags> & \"quotes\",\nline breaks and Größe µ λ π ".repeat(3);
    let small = || Figure::default().size(10, 10).title(&long);
    let x = grid(0.0, 1.0, 30);
    let mut busy = CurvesPlot::new(&long, &long).figure(Figure::default().title(&long));
    for i in 0..9_i32 {
        let y: Vec<f64> = x.iter().map(|x| (x * 20.0 + f64::from(i)).sin()).collect();
        let gaps: Vec<f64> =
            y.iter().enumerate().map(|(i, y)| if i % 7 == 0 { f64::NAN } else { *y }).collect();
        busy = busy.curve(Curve::new(format!("{i} {long}"), &x, &gaps, &y));
    }
    plot::curves(file("busy"), &busy).expect("busy");
    let one = CurvesPlot::new("", "").curve(Curve::new("", &[5e-324], &[1e308], &[-1e299])).figure(small());
    assert!(matches!(plot::curves(file("one"), &one), Ok(()) | Err(PlotError::Empty { .. })));
    let constant = CurvesPlot::new("x", "y").curve(Curve::new("c", &x, &[3.0; 30], &[3.0; 30]));
    plot::curves(file("constant"), &constant).expect("constant");
    let exact = FrontPlot::new("MSE").point(FrontPoint::new(3.0, 0.0).label(&long).chosen());
    plot::front(file("exact"), &exact).expect("exact");
    let mut crowd = FrontPlot::new("MSE");
    for i in 0..60_u32 {
        let error = 10_f64.powf(-f64::from(i) / 4.0);
        crowd = crowd.point(FrontPoint::new(f64::from(i), error).label(format!("x{i} + exp({i}*x)")));
    }
    plot::front(file("crowd"), &crowd).expect("crowd");
    let perfect = PredictionsPlot::new(&long, &[1.0; 4], &[1.0; 4]);
    plot::parity(file("parity"), &perfect).expect("parity");
    plot::residuals(file("residuals"), &perfect).expect("residuals");
    let far = PredictionsPlot::new("y", &[1e299, -1e299], &[-1e299, 1e299]).figure(small());
    plot::parity(file("far"), &far).expect("far");
    plot::residuals(file("far_residuals"), &far).expect("far residuals");
    let loss = NamedSeries::new(&long, &[0.0, f64::NAN, 1e-30]);
    plot::trajectories(file("loss"), &TrajectoriesPlot::new().loss(loss).figure(small())).expect("loss");
    let mut many = TrajectoriesPlot::new();
    for edge in 0..17 {
        many = many.panel(
            TrajectoryPanel::new(format!("edge {edge}")).series(NamedSeries::new("exp", &[-2.0, 3.0])),
        );
    }
    plot::trajectories(file("many"), &many).expect("many");
    let zero = ConvergenceRun::new("auto", &[0.0, 10.0], &[0.0, 0.0]);
    plot::convergence(file("zero"), &ConvergencePlot::new("MSE").run(zero)).expect("zero");
    let mut graph = GraphPlot::new();
    let a = graph.node(GraphNode::new(&long, NodeKind::Input));
    let b = graph.node(GraphNode::new(&long, NodeKind::Output));
    for k in 0..6_i32 {
        graph.edge(GraphEdge::new(a, b, format!("op{k}")).weight(f64::from(k)));
    }
    graph.edge(GraphEdge::new(a, b, "nan").weight(f64::NAN));
    plot::architecture(file("parallel"), &graph).expect("parallel");
}

/// Leaves its pictures in `target/tmp/gallery`, to be looked at.
#[test]
fn awkward_data_do_not_panic() {
    let folder = &Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery");
    fs::create_dir_all(folder).expect("a folder");
    awkward(folder, "png");
    awkward(folder, "svg");
}
