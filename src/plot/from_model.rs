//! From a model and a table to the plain numbers of the figures.

use super::{
    Curve, CurvesPlot, FrontPlot, FrontPoint, GraphEdge, GraphNode, GraphPlot, NamedSeries, NodeKind,
    PredictionsPlot, TrajectoriesPlot, TrajectoryPanel,
};
use crate::data::{Dataset, Variable, median};
use crate::error::Error;
use crate::model::export::{Digits, infix};
use crate::model::{Equation, Model};
use crate::relaxation::Layout;
use crate::search::darts::Epoch;
use crate::search_space::{Combine, Edge, Genotype, PrimitiveSet, Source};

/// Places at which a law is evaluated for a curve.
const POINTS: usize = 200;

/// Curves that a figure shows unless more are asked for.
const CURVES: usize = 4;

/// Data and law over one column, with the other columns that the law reads held at values.
///
/// `over` is the column on the horizontal axis, by default the one with the most different values. `hold` names
/// values of other columns; each combination is one curve. A value that is not said of a column is its levels in
/// the data, where there are few, or else its median. Values are moved to the nearest that occurs in many rows, so
/// that data and law show the same.
///
/// ```
/// use closedform::{Dataset, Equation, Variable, expr::parse, plot};
/// let t: Vec<f64> = (0..20).map(|i| f64::from(i % 10)).collect();
/// let p: Vec<f64> = (0..20).map(|i| if i < 10 { 0.0 } else { 0.5 }).collect();
/// let y = t.iter().zip(&p).map(|(t, p)| 1.0 - (1.0 - p) * (-0.3 * t).exp()).collect();
/// let data = Dataset::from_columns(vec![Variable::new("t"), Variable::new("p")], vec![t, p])?
///     .with_target(Variable::new("y"), y)?;
/// let law = Equation::of(parse("1 - (1 - p)*exp(-0.3*t)", &["t", "p"])?, &data)?;
/// let figure = plot::curves_of(&law, &data, None, &[])?;
/// assert_eq!(figure.x_label, "t");
/// let labels: Vec<&str> = figure.curves.iter().map(|c| c.label.as_str()).collect();
/// assert_eq!(labels, ["p = 0", "p = 0.5"]);
/// # Ok::<(), closedform::Error>(())
/// ```
///
/// # Errors
/// If the data lack a target or a column of the law, or `over` or `hold` names no column of the data.
pub fn curves_of(
    equation: &Equation,
    data: &Dataset,
    over: Option<&str>,
    hold: &[(String, Vec<f64>)],
) -> Result<CurvesPlot, Error> {
    let target = data.target_values().ok_or_else(no_target)?;
    let columns = data.columns();
    let place = |name: &str, what: &str| {
        data.names().iter().position(|n| *n == name).ok_or_else(|| {
            Error::options(format!(
                "{what}: expected an input column, one of {}; got `{name}`",
                data.names().join(", ")
            ))
        })
    };
    let x = match over {
        Some(name) => place(name, "over")?,
        None => most_values(equation, data),
    };
    for (name, _) in hold {
        if place(name, "hold")? == x {
            return Err(Error::options(format!("hold: the column `{name}` is on the horizontal axis")));
        }
    }
    let held = held_values(equation, data, x, hold);
    let variable = &data.variables()[x];
    let label = |v: Option<&Variable>| v.map_or_else(String::new, with_unit);
    let mut plot = CurvesPlot::new(label(Some(variable)), label(data.target_variable()));
    let noise = equation.scores().r2 < 0.999;
    for combination in combinations(&held) {
        let rows = near(&columns, &combination);
        let xs: Vec<f64> = rows.iter().map(|&r| columns[x][r]).collect();
        let ys: Vec<f64> = rows.iter().map(|&r| target[r]).collect();
        let grid = evenly(columns[x]);
        let mut inputs: Vec<Vec<f64>> =
            columns.iter().map(|c| vec![median(c.to_vec()); grid.len()]).collect();
        for &(c, value) in &combination {
            inputs[c] = vec![value; grid.len()];
        }
        inputs[x].clone_from(&grid);
        // By name only: a curve goes between the integers of an integer column.
        let plain = data.names().into_iter().map(Variable::new).collect();
        let law = equation.evaluate(&Dataset::from_columns(plain, inputs)?)?;
        let name: Vec<String> =
            combination.iter().map(|&(c, v)| format!("{} = {}", data.names()[c], short(v))).collect();
        let curve = Curve::new(name.join(", "), &xs, &ys, &[]).recovered_at(&grid, &law);
        let scattered = noise || xs.len() < 8 || repeats(&xs);
        plot = plot.curve(if scattered { curve.as_points() } else { curve });
    }
    Ok(plot)
}

/// The error and complexity of every formula of a model.
///
/// ```
/// # use closedform::{Dataset, Equation, Model, ParetoFront, Report, expr::parse, plot};
/// # use ndarray::array;
/// # let data = Dataset::from_arrays(array![[1.0], [2.0], [3.0]].view(), array![1.0, 4.0, 9.0].view())?;
/// # let front: ParetoFront =
/// #     ["x1", "x1*x1"].iter().map(|f| Equation::of(parse(f, &["x1"]).unwrap(), &data).unwrap()).collect();
/// let model = Model::new(front, &data, Report::default())?;
/// assert_eq!(plot::front_of(&model).points.len(), 2);
/// # Ok::<(), closedform::Error>(())
/// ```
pub fn front_of(model: &Model) -> FrontPlot {
    let points = model.front().iter().enumerate().map(|(i, e)| {
        let point = FrontPoint::new(f64::from(e.complexity()), e.scores().mse).label(e.formula());
        if i == model.best_index() { point.chosen() } else { point }
    });
    points.fold(FrontPlot::new("mean squared error"), FrontPlot::point)
}

/// Observed and predicted values.
///
/// ```
/// # use closedform::{Dataset, Equation, expr::parse, plot};
/// # use ndarray::array;
/// let data = Dataset::from_arrays(array![[1.0], [2.0], [3.0]].view(), array![1.0, 4.0, 9.0].view())?;
/// let law = Equation::of(parse("x1*x1", &["x1"])?, &data)?;
/// assert_eq!(plot::predictions_of(&law, &data)?.train_predicted, [1.0, 4.0, 9.0]);
/// # Ok::<(), closedform::Error>(())
/// ```
///
/// # Errors
/// If the data lack a target or a column of the formula.
pub fn predictions_of(equation: &Equation, data: &Dataset) -> Result<PredictionsPlot, Error> {
    let target = data.target_values().ok_or_else(no_target)?;
    let name = data.target_variable().map_or_else(String::new, with_unit);
    Ok(PredictionsPlot::new(name, target, &equation.evaluate(data)?))
}

/// The expression graph that a search on a supernet found; `None` for a model of another strategy.
///
/// ```
/// # use closedform::{Dataset, Equation, Model, ParetoFront, Report, expr::parse, plot};
/// # use ndarray::array;
/// # let data = Dataset::from_arrays(array![[1.0], [2.0], [3.0]].view(), array![1.0, 4.0, 9.0].view())?;
/// # let front: ParetoFront = [Equation::of(parse("x1", &["x1"]).unwrap(), &data).unwrap()].into_iter().collect();
/// let model = Model::new(front, &data, Report::default())?;
/// assert!(plot::architecture_of(&model).is_none());
/// # Ok::<(), closedform::Error>(())
/// ```
pub fn architecture_of(model: &Model) -> Option<GraphPlot> {
    let architecture = &model.report().architecture;
    let genotype: Genotype = serde_json::from_value(architecture.get("genotype")?.clone()).ok()?;
    let mut plot = GraphPlot::new();
    let inputs: Vec<usize> =
        model.inputs().iter().map(|v| plot.node(GraphNode::new(&v.name, NodeKind::Input))).collect();
    let one = genotype
        .nodes
        .iter()
        .flat_map(|n| &n.edges)
        .any(|e| e.from == Source::One)
        .then(|| plot.node(GraphNode::new("1", NodeKind::Constant)));
    let named = architecture.get("primitives").and_then(|p| PrimitiveSet::parse(p.as_str()?).ok());
    let primitives = named.unwrap_or(PrimitiveSet::SCIENCE);
    let mut strongest = 0.0f64;
    let mut nodes: Vec<usize> = Vec::new();
    for (j, node) in genotype.nodes.iter().enumerate() {
        let kind = if node.product { NodeKind::Product } else { NodeKind::Sum };
        let place = plot.node(GraphNode::new(format!("k{}", j + 1), kind));
        for edge in &node.edges {
            let from = match edge.from {
                Source::One => one?,
                Source::Input(i) => *inputs.get(i)?,
                Source::Node(k) => *nodes.get(k)?,
            };
            strongest = strongest.max(edge.weight.abs());
            plot.edge(GraphEdge::new(from, place, label(edge, &primitives)).weight(edge.weight));
        }
        nodes.push(place);
    }
    let output = plot.node(GraphNode::new(&model.target().name, NodeKind::Output));
    for (place, weight) in nodes.iter().zip(&genotype.output_weights) {
        if *weight != 0.0 {
            let label = if *weight == 1.0 { String::new() } else { format!("{}*x", short(*weight)) };
            plot.edge(GraphEdge::new(*place, output, label).weight(strongest));
        }
    }
    Some(plot)
}

/// The mixture weights of every edge over the epochs of the first restart, and the loss of every restart; `None`
/// without epochs, or for a model whose architecture does not go with them.
///
/// ```
/// # use closedform::{Dataset, Equation, Model, ParetoFront, Report, expr::parse, plot};
/// # use ndarray::array;
/// # let data = Dataset::from_arrays(array![[1.0], [2.0], [3.0]].view(), array![1.0, 4.0, 9.0].view())?;
/// # let front: ParetoFront = [Equation::of(parse("x1", &["x1"]).unwrap(), &data).unwrap()].into_iter().collect();
/// let model = Model::new(front, &data, Report::default())?;
/// assert!(plot::trajectories_of(&model, &[]).is_none());
/// # Ok::<(), closedform::Error>(())
/// ```
pub fn trajectories_of(model: &Model, epochs: &[Epoch]) -> Option<TrajectoriesPlot> {
    let first = epochs.first()?.restart;
    let architecture = &model.report().architecture;
    let primitives = PrimitiveSet::parse(architecture.get("primitives")?.as_str()?).ok()?;
    let names = primitives.names();
    let layout = Layout {
        inputs: model.inputs().len(),
        nodes: usize::try_from(architecture.get("nodes")?.as_u64()?).ok()?,
        constant: architecture.get("constant")?.as_bool()?,
        combine: Combine::Sum,
        constants_of: vec![0; names.len()],
        output_weights: false,
        output_bias: false,
    };
    let shown: Vec<&Epoch> = epochs.iter().filter(|e| e.restart == first).collect();
    if layout.nodes == 0 || shown.iter().any(|e| e.weights.len() < layout.edges() * names.len()) {
        return None;
    }
    let mut plot = TrajectoriesPlot::new();
    plot.epochs = shown.iter().map(|e| e.epoch as f64).collect();
    for node in 0..layout.nodes {
        for (edge, source) in layout.edges_of(node).zip(layout.sources(node)) {
            let from = match source {
                Source::One => "1".to_string(),
                Source::Input(i) => model.inputs()[i].name.clone(),
                Source::Node(k) => format!("k{}", k + 1),
            };
            let mut panel = TrajectoryPanel::new(format!("{from} → k{}", node + 1));
            for (p, name) in names.iter().enumerate() {
                let values: Vec<f64> = shown.iter().map(|e| e.weights[layout.alpha(edge, p)]).collect();
                panel = panel.series(NamedSeries::new(*name, &values));
            }
            plot = plot.panel(panel);
        }
    }
    let losses: Vec<f64> = shown.iter().map(|e| e.loss).collect();
    Some(plot.loss(NamedSeries::new("loss", &losses)))
}

/// What an edge computes of its source `x`, with its constants: `exp(2*x + 1)`.
fn label(edge: &Edge, primitives: &PrimitiveSet) -> String {
    match primitives.primitives().into_iter().find(|p| p.name == edge.primitive) {
        Some(p) if p.template().parameters().len() == edge.constants.len() => {
            infix(&p.template().with_parameters(&edge.constants), &["x", "y"], Digits::Significant(3))
        }
        _ => edge.primitive.clone(),
    }
}

impl Model {
    /// Draws the data and the chosen law over one column into a PNG or SVG file; see [`curves_of`].
    ///
    /// ```
    /// # use closedform::{Dataset, Equation, Model, ParetoFront, Report, expr::parse};
    /// # use ndarray::array;
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("curve.png");
    /// # let data = Dataset::from_arrays(array![[1.0], [2.0], [3.0]].view(), array![1.0, 4.0, 9.0].view())?;
    /// # let law = Equation::of(parse("x1*x1", &["x1"])?, &data)?;
    /// let model = Model::new([law].into_iter().collect(), &data, Report::default())?;
    /// model.plot_recovered(&data, &path)?;
    /// assert!(path.exists());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the data lack a target or a column of the law, the ending is neither `.png` nor `.svg`, or the file cannot
    /// be written.
    pub fn plot_recovered(&self, data: &Dataset, path: impl AsRef<std::path::Path>) -> Result<(), Error> {
        let figure = curves_of(self.best(), data, None, &[])?;
        super::curves(path, &figure)
            .map_err(|e| Error::new(crate::ErrorKind::Plot, e.to_string()).with_source(e))
    }
}

fn no_target() -> Error {
    Error::data("the data set has no target to draw")
}

fn with_unit(v: &Variable) -> String {
    v.unit.as_ref().map_or_else(|| v.name.clone(), |unit| format!("{} ({unit})", v.name))
}

/// The column that the law reads with the most different values; the first column where it reads none.
fn most_values(equation: &Equation, data: &Dataset) -> usize {
    let read: Vec<&str> =
        equation.expr().variables().into_iter().map(|v| equation.names()[v].as_str()).collect();
    let columns = data.columns();
    let count = |c: usize| (read.contains(&data.names()[c]), levels(columns[c]).len());
    let all = 0..columns.len();
    all.max_by(|a, b| count(*a).cmp(&count(*b)).then(b.cmp(a))).unwrap_or(0)
}

/// Each held column with its values; columns that the law does not read are not held.
fn held_values(
    equation: &Equation,
    data: &Dataset,
    x: usize,
    hold: &[(String, Vec<f64>)],
) -> Vec<(usize, Vec<f64>)> {
    let columns = data.columns();
    let read: Vec<&str> =
        equation.expr().variables().into_iter().map(|v| equation.names()[v].as_str()).collect();
    let mut curves: usize = hold.iter().map(|(_, values)| values.len().max(1)).product();
    let mut held = Vec::new();
    for (c, name) in data.names().into_iter().enumerate() {
        let said = hold.iter().find(|(n, _)| n == name);
        if c == x || (said.is_none() && !read.contains(&name)) {
            continue;
        }
        let levels = levels(columns[c]);
        let values = match said {
            Some((_, values)) => values.iter().map(|v| to_level(*v, &levels, columns[c])).collect(),
            None if levels.len() <= CURVES / curves.max(1) => levels,
            // A grid: its ends and its middle.
            None if curves == 1 && levels.len() * 4 <= columns[c].len() => {
                let last = levels.len() - 1;
                vec![levels[last / 10], levels[last / 2], levels[last - last / 10]]
            }
            None => vec![to_level(median(columns[c].to_vec()), &levels, columns[c])],
        };
        if said.is_none() {
            curves *= values.len();
        }
        held.push((c, values));
    }
    held
}

/// Every combination of one value per held column.
fn combinations(held: &[(usize, Vec<f64>)]) -> Vec<Vec<(usize, f64)>> {
    held.iter().fold(vec![Vec::new()], |all, (c, values)| {
        all.iter()
            .flat_map(|start| values.iter().map(|v| start.iter().copied().chain([(*c, *v)]).collect()))
            .collect()
    })
}

/// The rows where every held column has its value, or, where these are few, comes within 5 % of its range.
fn near(columns: &[&[f64]], combination: &[(usize, f64)]) -> Vec<usize> {
    let rows = columns.first().map_or(0, |c| c.len());
    let within = |tolerance: f64| -> Vec<usize> {
        let close = |r: usize| {
            combination.iter().all(|&(c, v)| {
                let (low, high) = ends(columns[c]);
                (columns[c][r] - v).abs() <= tolerance * (high - low)
            })
        };
        (0..rows).filter(|r| close(*r)).collect()
    };
    let exact = within(1e-9);
    if exact.len() >= 3 { exact } else { within(0.05) }
}

/// The nearest level of a grid; the value itself where the data are no grid or do not reach it.
fn to_level(value: f64, levels: &[f64], column: &[f64]) -> f64 {
    let (low, high) = ends(column);
    if levels.len() * 3 > column.len() || !(low..=high).contains(&value) {
        return value;
    }
    let nearest = levels.iter().copied().min_by(|a, b| (a - value).abs().total_cmp(&(b - value).abs()));
    nearest.unwrap_or(value)
}

fn levels(column: &[f64]) -> Vec<f64> {
    let mut sorted = column.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    sorted
}

fn ends(column: &[f64]) -> (f64, f64) {
    column.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)))
}

fn evenly(column: &[f64]) -> Vec<f64> {
    let (low, high) = ends(column);
    (0..POINTS).map(|i| low + (high - low) * i as f64 / (POINTS - 1) as f64).collect()
}

fn repeats(xs: &[f64]) -> bool {
    levels(xs).len() < xs.len()
}

/// A number for a label.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    if rounded != 0.0 && !(1e-4..1e6).contains(&rounded.abs()) {
        format!("{rounded:e}")
    } else {
        rounded.to_string()
    }
}
