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

/// Not a test: leaves the pictures in the build folder's `tmp`, to be looked at.
#[test]
#[ignore = "for looking at the pictures"]
fn gallery() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    draw_all(folder, "png");
    draw_all(folder, "svg");
}
