//! An expression graph drawn as a network: inputs on the left, the output on the right, primitives on the edges.

use std::path::Path;

use plotters::style::RGBColor;

use super::error::PlotError;
use super::figure::Figure;
use super::font;
use super::output;
use super::palette;
use super::route;
use super::sheet::{Lettering, Pen, Point, Rect, Sheet, clean, shorten};

const NODE_TEXT: f64 = 13.0;
const EDGE_TEXT: f64 = 12.0;
const RADIUS: f64 = 18.0;

/// What a node does with the values that reach it.
///
/// ```
/// use closedform::plot::{GraphNode, NodeKind};
///
/// assert_eq!(GraphNode::new("n1", NodeKind::Product).kind, NodeKind::Product);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NodeKind {
    /// A variable of the data.
    Input,
    /// A constant.
    Constant,
    /// Adds them; drawn as a circle with a plus sign.
    Sum,
    /// Multiplies them; drawn as a circle with a times sign.
    Product,
    /// Hands them out as the prediction.
    Output,
}

/// A node of the graph.
///
/// ```
/// use closedform::plot::{GraphNode, NodeKind};
///
/// assert_eq!(GraphNode::new("trial", NodeKind::Input).label, "trial");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GraphNode {
    /// Written in the node, or below its sign; may be empty for sums and products.
    pub label: String,
    /// How it is drawn.
    pub kind: NodeKind,
}

impl GraphNode {
    /// A node.
    ///
    /// ```
    /// # use closedform::plot::{GraphNode, NodeKind};
    /// assert_eq!(GraphNode::new("", NodeKind::Sum).label, "");
    /// ```
    pub fn new(label: impl Into<String>, kind: NodeKind) -> Self {
        Self { label: label.into(), kind }
    }
}

/// An edge of the graph.
///
/// ```
/// use closedform::plot::GraphEdge;
///
/// assert_eq!(GraphEdge::new(0, 2, "exp").weight(0.8).weight, 0.8);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GraphEdge {
    /// Index of the node that the edge comes from.
    pub from: usize,
    /// Index of the node that the edge goes to.
    pub to: usize,
    /// The primitive, such as `exp`; may be empty.
    pub label: String,
    /// How strong the edge is; widths are relative to the strongest edge, signs do not count.
    pub weight: f64,
}

impl GraphEdge {
    /// An edge of weight 1.
    ///
    /// ```
    /// # use closedform::plot::GraphEdge;
    /// assert_eq!(GraphEdge::new(0, 1, "exp").weight, 1.0);
    /// ```
    pub fn new(from: usize, to: usize, label: impl Into<String>) -> Self {
        Self { from, to, label: label.into(), weight: 1.0 }
    }

    /// Sets the weight.
    ///
    /// ```
    /// # use closedform::plot::GraphEdge;
    /// assert_eq!(GraphEdge::new(0, 1, "exp").weight(0.3).weight, 0.3);
    /// ```
    #[must_use]
    pub fn weight(mut self, weight: f64) -> Self {
        self.weight = weight;
        self
    }
}

/// An expression graph.
///
/// ```
/// use closedform::plot::{GraphEdge, GraphNode, GraphPlot, NodeKind};
///
/// let mut plot = GraphPlot::new();
/// let x = plot.node(GraphNode::new("x", NodeKind::Input));
/// let y = plot.node(GraphNode::new("y", NodeKind::Output));
/// plot.edge(GraphEdge::new(x, y, "exp"));
/// assert_eq!((plot.nodes.len(), plot.edges.len()), (2, 1));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct GraphPlot {
    /// Size and title.
    pub figure: Figure,
    /// The nodes.
    pub nodes: Vec<GraphNode>,
    /// The edges, by the indices of their nodes; without cycles.
    pub edges: Vec<GraphEdge>,
}

impl GraphPlot {
    /// An empty graph.
    ///
    /// ```
    /// # use closedform::plot::GraphPlot;
    /// assert!(GraphPlot::new().nodes.is_empty());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node and returns its index.
    ///
    /// ```
    /// # use closedform::plot::{GraphNode, GraphPlot, NodeKind};
    /// assert_eq!(GraphPlot::new().node(GraphNode::new("x", NodeKind::Input)), 0);
    /// ```
    pub fn node(&mut self, node: GraphNode) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Adds an edge.
    ///
    /// ```
    /// # use closedform::plot::{GraphEdge, GraphPlot};
    /// let mut plot = GraphPlot::new();
    /// plot.edge(GraphEdge::new(0, 1, "exp"));
    /// assert_eq!(plot.edges.len(), 1);
    /// ```
    pub fn edge(&mut self, edge: GraphEdge) {
        self.edges.push(edge);
    }

    /// Sets size and title.
    ///
    /// ```
    /// # use closedform::plot::{Figure, GraphPlot};
    /// assert_eq!(GraphPlot::new().figure(Figure::default().size(640, 480)).figure.width, 640);
    /// ```
    #[must_use]
    pub fn figure(mut self, figure: Figure) -> Self {
        self.figure = figure;
        self
    }
}

/// Draws the graph into the PNG or SVG file `path`.
///
/// # Errors
/// When the extension is neither `.png` nor `.svg`, there is no node, an edge names a node that is not there, the
/// edges form a cycle, or the file cannot be written.
///
/// ```
/// use closedform::plot::{self, GraphEdge, GraphNode, GraphPlot, NodeKind};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("architecture.svg");
/// let mut plot = GraphPlot::new();
/// let trial = plot.node(GraphNode::new("trial", NodeKind::Input));
/// let sum = plot.node(GraphNode::new("", NodeKind::Sum));
/// let performance = plot.node(GraphNode::new("performance", NodeKind::Output));
/// plot.edge(GraphEdge::new(trial, sum, "exp"));
/// plot.edge(GraphEdge::new(sum, performance, "linear"));
/// plot::architecture(&path, &plot)?;
/// assert!(path.exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn architecture(path: impl AsRef<Path>, plot: &GraphPlot) -> Result<(), PlotError> {
    output::save(path.as_ref(), &plot.figure, |sheet| draw(sheet, plot))
}

fn draw(sheet: &Sheet<'_>, plot: &GraphPlot) -> Result<(), PlotError> {
    let count = plot.nodes.len();
    if count == 0 {
        return Err(PlotError::Empty { figure: "architecture", expected: "at least one node" });
    }
    if let Some(edge) = plot.edges.iter().find(|e| e.from >= count || e.to >= count) {
        let (from, to) = (edge.from, edge.to);
        return Err(PlotError::Draw(format!(
            "an edge goes from node {from} to node {to}, but there are {count} nodes"
        )));
    }
    let edges: Vec<(usize, usize)> = plot.edges.iter().map(|e| (e.from, e.to)).collect();
    let outputs: Vec<bool> = plot.nodes.iter().map(|n| n.kind == NodeKind::Output).collect();
    let layer = route::layers(count, &edges, &outputs)
        .ok_or_else(|| PlotError::Draw("the edges of the graph form a cycle".to_owned()))?;

    let texts: Vec<String> = plot.nodes.iter().map(|n| shorten(&clean(&n.label), NODE_TEXT, 130.0)).collect();
    let halves: Vec<(f64, f64)> =
        plot.nodes.iter().zip(&texts).map(|(n, text)| half_size(n.kind, text)).collect();
    let widest = |l: usize| (0..count).filter(|&i| layer[i] == l).map(|i| halves[i].0).fold(0.0, f64::max);
    let last = layer.iter().copied().max().unwrap_or(0);
    let mut body = sheet.body.grown(-6.0);
    body.left += widest(0);
    body.right -= widest(last);
    let centres = route::positions(&layer, &edges, body);
    let boxes: Vec<Rect> = centres
        .iter()
        .zip(&halves)
        .zip(&plot.nodes)
        .zip(&texts)
        .map(|(((c, h), node), text)| {
            // A label below the circle belongs to the node: edges keep off it too.
            let below = if is_circle(node.kind) && !text.is_empty() { 16.0 } else { 0.0 };
            Rect { left: c.0 - h.0, right: c.0 + h.0, top: c.1 - h.1, bottom: c.1 + h.1 + below }
        })
        .collect();
    let curves = route::curves(&edges, &centres, &boxes, sheet.body);

    let strongest = plot.edges.iter().map(|e| e.weight.abs()).filter(|w| w.is_finite()).fold(0.0, f64::max);
    for (edge, curve) in plot.edges.iter().zip(&curves) {
        let share = edge.weight.abs() / strongest;
        let share = if share.is_finite() { share } else { 0.0 };
        arrow(sheet, curve, share, |p| {
            inside(p, centres[edge.to], halves[edge.to], plot.nodes[edge.to].kind)
        })?;
    }
    edge_labels(sheet, plot, &curves, &boxes)?;
    for (((node, text), centre), half) in plot.nodes.iter().zip(&texts).zip(&centres).zip(&halves) {
        draw_node(sheet, node.kind, text, *centre, *half)?;
    }
    Ok(())
}

fn is_circle(kind: NodeKind) -> bool {
    matches!(kind, NodeKind::Sum | NodeKind::Product)
}

/// Half of the width and height of a node.
fn half_size(kind: NodeKind, text: &str) -> (f64, f64) {
    if is_circle(kind) {
        return (RADIUS, RADIUS);
    }
    ((font::width(text, NODE_TEXT) / 2.0 + 16.0).max(22.0), 16.0)
}

fn inside(point: Point, centre: Point, half: (f64, f64), kind: NodeKind) -> bool {
    let (dx, dy) = (point.0 - centre.0, point.1 - centre.1);
    if is_circle(kind) {
        dx.hypot(dy) < RADIUS + 1.0
    } else {
        dx.abs() < half.0 + 1.0 && dy.abs() < half.1 + 1.0
    }
}

/// An edge with its arrow head at the border of its target; `share` of the strongest weight.
fn arrow(
    sheet: &Sheet<'_>,
    curve: &[Point],
    share: f64,
    in_target: impl Fn(Point) -> bool,
) -> Result<(), PlotError> {
    let colour = palette::tint(palette::MUTED, 0.55 * (1.0 - share));
    let width = 1.2 + 3.3 * share;
    // The curve is followed in small steps: a head half a sample off the border would show.
    let mut path = super::legend::along(curve);
    let outside = path.iter().rposition(|p| !in_target(*p)).unwrap_or(0);
    path.truncate(outside + 1);
    let Some(&tip) = path.last() else { return Ok(()) };
    let (length, half) = (9.0 + width, 4.0 + width * 0.8);
    let back = path.iter().rposition(|p| (p.0 - tip.0).hypot(p.1 - tip.1) >= length).unwrap_or(0);
    let (dx, dy) = (tip.0 - path[back].0, tip.1 - path[back].1);
    let size = dx.hypot(dy);
    path.truncate(back + 1);
    if size == 0.0 {
        return Ok(());
    }
    let (ux, uy) = (dx / size, dy / size);
    let foot = (tip.0 - ux * length, tip.1 - uy * length);
    path.push(foot);
    sheet.line(&path, Pen::new(colour, width))?;
    sheet.fill(
        &[tip, (foot.0 - uy * half, foot.1 + ux * half), (foot.0 + uy * half, foot.1 - ux * half)],
        colour,
    )
}

fn edge_labels(
    sheet: &Sheet<'_>,
    plot: &GraphPlot,
    curves: &[Vec<Point>],
    boxes: &[Rect],
) -> Result<(), PlotError> {
    let texts: Vec<String> = plot.edges.iter().map(|e| shorten(&clean(&e.label), EDGE_TEXT, 150.0)).collect();
    let sizes: Vec<(f64, f64)> =
        texts.iter().map(|t| (font::width(t, EDGE_TEXT) + 8.0, EDGE_TEXT + 5.0)).collect();
    let labelled: Vec<usize> = (0..texts.len()).filter(|&i| !texts[i].trim().is_empty()).collect();
    // Unlabelled edges come last: they take no room but still have to be kept clear of.
    let order: Vec<usize> =
        labelled.iter().copied().chain((0..texts.len()).filter(|i| !labelled.contains(i))).collect();
    let ordered: Vec<Vec<Point>> = order.iter().map(|&i| curves[i].clone()).collect();
    let sizes: Vec<(f64, f64)> = order.iter().map(|&i| sizes[i]).collect();
    let places = route::labels(&ordered, &sizes[..labelled.len()], boxes, sheet.body);
    for (&i, place) in labelled.iter().zip(places) {
        sheet.fill_rect(place, palette::PAPER)?;
        let middle = ((place.left + place.right) / 2.0, (place.top + place.bottom) / 2.0);
        sheet.text(&texts[i], middle, Lettering::new(EDGE_TEXT).centred())?;
    }
    Ok(())
}

fn draw_node(
    sheet: &Sheet<'_>,
    kind: NodeKind,
    text: &str,
    centre: Point,
    half: (f64, f64),
) -> Result<(), PlotError> {
    let colour: RGBColor = match kind {
        NodeKind::Input => palette::SKY,
        NodeKind::Constant => palette::FRAME,
        NodeKind::Sum => palette::GREEN,
        NodeKind::Product => palette::ORANGE,
        NodeKind::Output => palette::PURPLE,
    };
    let (fill, pen) = (palette::tint(colour, 0.72), Pen::new(palette::shade(colour, 0.15), 1.6));
    if !is_circle(kind) {
        let place = Rect {
            left: centre.0 - half.0,
            right: centre.0 + half.0,
            top: centre.1 - half.1,
            bottom: centre.1 + half.1,
        };
        sheet.fill_rect(place, fill)?;
        sheet.frame(place, pen)?;
        return sheet.text(text, centre, Lettering::new(NODE_TEXT).centred());
    }
    sheet.dot(centre, RADIUS, fill, 1.0)?;
    sheet.ring(centre, RADIUS, pen)?;
    // The sign is drawn, not written: a letter would sit a little off the centre.
    let arm = 7.0;
    let (a, b) = if kind == NodeKind::Sum { (arm, 0.0) } else { (arm * 0.75, arm * 0.75) };
    let sign = Pen::new(palette::INK, 2.4);
    sheet.line(&[(centre.0 - a, centre.1 - b), (centre.0 + a, centre.1 + b)], sign)?;
    sheet.line(&[(centre.0 + b, centre.1 - a), (centre.0 - b, centre.1 + a)], sign)?;
    let below = (centre.0, centre.1 + RADIUS + 9.0);
    sheet.text(text, below, Lettering::new(11.0).colour(palette::MUTED).centred())
}
