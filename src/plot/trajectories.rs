//! A search over its epochs: the architecture weights of every edge in small panels, and the loss.

use std::path::Path;

use super::axis::Axis;
use super::error::PlotError;
use super::figure::Figure;
use super::legend::{Legend, Swatch};
use super::output;
use super::palette;
use super::panel::Panel;
use super::sheet::{Pen, Rect, Sheet};

/// Numbers over the epochs under one name, such as the weight of `exp` on an edge.
///
/// ```
/// use closedform::plot::NamedSeries;
///
/// assert_eq!(NamedSeries::new("exp", &[0.3, 0.5, 0.9]).values.len(), 3);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct NamedSeries {
    /// Name in the legend; equal names have equal colours in all panels.
    pub name: String,
    /// One value an epoch.
    pub values: Vec<f64>,
}

impl NamedSeries {
    /// A series of `values`, one an epoch.
    ///
    /// ```
    /// # use closedform::plot::NamedSeries;
    /// assert_eq!(NamedSeries::new("exp", &[0.3]).name, "exp");
    /// ```
    pub fn new(name: impl Into<String>, values: &[f64]) -> Self {
        Self { name: name.into(), values: values.to_vec() }
    }
}

/// A small panel: one edge of the supernet.
///
/// ```
/// use closedform::plot::{NamedSeries, TrajectoryPanel};
///
/// let panel = TrajectoryPanel::new("x → node 1").series(NamedSeries::new("exp", &[0.3, 0.9]));
/// assert_eq!(panel.series.len(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TrajectoryPanel {
    /// Written above the panel.
    pub title: String,
    /// What is drawn in it.
    pub series: Vec<NamedSeries>,
}

impl TrajectoryPanel {
    /// A panel without series yet.
    ///
    /// ```
    /// # use closedform::plot::TrajectoryPanel;
    /// assert_eq!(TrajectoryPanel::new("x → node 1").title, "x → node 1");
    /// ```
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), series: Vec::new() }
    }

    /// Adds a series.
    ///
    /// ```
    /// # use closedform::plot::{NamedSeries, TrajectoryPanel};
    /// assert_eq!(TrajectoryPanel::default().series(NamedSeries::default()).series.len(), 1);
    /// ```
    #[must_use]
    pub fn series(mut self, series: NamedSeries) -> Self {
        self.series.push(series);
        self
    }
}

/// Architecture weights per edge, and losses, over the epochs of a search.
///
/// ```
/// use closedform::plot::{NamedSeries, TrajectoriesPlot, TrajectoryPanel};
///
/// let plot = TrajectoriesPlot::new()
///     .panel(TrajectoryPanel::new("x → node 1").series(NamedSeries::new("exp", &[0.3, 0.9])))
///     .loss(NamedSeries::new("train", &[1.0, 0.1]));
/// assert_eq!(plot.losses.len(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TrajectoriesPlot {
    /// Size and title.
    pub figure: Figure,
    /// Where the values belong on the horizontal axis; empty for 0, 1, 2, ...
    pub epochs: Vec<f64>,
    /// One panel an edge, row by row.
    pub panels: Vec<TrajectoryPanel>,
    /// Drawn together in a wide panel below the edges.
    pub losses: Vec<NamedSeries>,
}

impl TrajectoriesPlot {
    /// A figure without panels yet.
    ///
    /// ```
    /// # use closedform::plot::TrajectoriesPlot;
    /// assert!(TrajectoriesPlot::new().panels.is_empty());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Says where the values belong on the horizontal axis.
    ///
    /// ```
    /// # use closedform::plot::TrajectoriesPlot;
    /// assert_eq!(TrajectoriesPlot::new().epochs(&[0.0, 10.0, 20.0]).epochs.len(), 3);
    /// ```
    #[must_use]
    pub fn epochs(mut self, epochs: &[f64]) -> Self {
        self.epochs = epochs.to_vec();
        self
    }

    /// Adds an edge.
    ///
    /// ```
    /// # use closedform::plot::{TrajectoriesPlot, TrajectoryPanel};
    /// assert_eq!(TrajectoriesPlot::new().panel(TrajectoryPanel::new("x → node 1")).panels.len(), 1);
    /// ```
    #[must_use]
    pub fn panel(mut self, panel: TrajectoryPanel) -> Self {
        self.panels.push(panel);
        self
    }

    /// Adds a loss.
    ///
    /// ```
    /// # use closedform::plot::{NamedSeries, TrajectoriesPlot};
    /// assert_eq!(TrajectoriesPlot::new().loss(NamedSeries::new("train", &[1.0])).losses.len(), 1);
    /// ```
    #[must_use]
    pub fn loss(mut self, series: NamedSeries) -> Self {
        self.losses.push(series);
        self
    }

    /// Sets size and title.
    ///
    /// ```
    /// # use closedform::plot::{Figure, TrajectoriesPlot};
    /// assert_eq!(TrajectoriesPlot::new().figure(Figure::default().size(640, 480)).figure.width, 640);
    /// ```
    #[must_use]
    pub fn figure(mut self, figure: Figure) -> Self {
        self.figure = figure;
        self
    }

    fn pairs<'a>(&'a self, series: &'a NamedSeries) -> impl Iterator<Item = (f64, f64)> + 'a {
        let epoch = |i: usize| match self.epochs.is_empty() {
            true => i as f64,
            // More values than epochs: what has no place is left out.
            false => self.epochs.get(i).copied().unwrap_or(f64::NAN),
        };
        series.values.iter().enumerate().map(move |(i, value)| (epoch(i), *value))
    }
}

/// Draws architecture weights and losses over the epochs into the PNG or SVG file `path`.
///
/// # Errors
/// When the extension is neither `.png` nor `.svg`, no series has a finite value, or the file cannot be written.
///
/// ```
/// use closedform::plot::{self, NamedSeries, TrajectoriesPlot, TrajectoryPanel};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("trajectories.svg");
/// let edge = TrajectoryPanel::new("x → node 1")
///     .series(NamedSeries::new("exp", &[0.3, 0.6, 0.9]))
///     .series(NamedSeries::new("logistic", &[0.7, 0.4, 0.1]));
/// plot::trajectories(&path, &TrajectoriesPlot::new().panel(edge))?;
/// assert!(path.exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn trajectories(path: impl AsRef<Path>, plot: &TrajectoriesPlot) -> Result<(), PlotError> {
    output::save(path.as_ref(), &plot.figure, |sheet| draw(sheet, plot))
}

fn draw(sheet: &Sheet<'_>, plot: &TrajectoriesPlot) -> Result<(), PlotError> {
    let edges = plot.panels.iter().flat_map(|panel| &panel.series);
    let shown = |series: &&NamedSeries| plot.pairs(series).any(|(x, y)| x.is_finite() && y.is_finite());
    if !edges.clone().chain(&plot.losses).any(|series| shown(&series)) {
        return Err(PlotError::Empty { figure: "trajectories", expected: "a series with a finite value" });
    }
    let mut names: Vec<&str> = Vec::new();
    for series in edges.clone() {
        if !names.contains(&series.name.as_str()) {
            names.push(&series.name);
        }
    }
    let mut body = sheet.body;
    let mut legend = Legend::new(sheet.body.width());
    for (i, name) in names.iter().enumerate() {
        legend.row([(Swatch::Line(pen(i, 2.0)), (*name).to_owned())]);
    }
    if !legend.is_empty() {
        let legend = legend.wrapped(body.width());
        let (width, height) = legend.size();
        let left = (body.left + body.right - width) / 2.0;
        legend.draw(sheet, Rect::at((left, body.top), (width, height)), false)?;
        body.top += height;
    }
    if plot.losses.iter().any(|series| shown(&series)) {
        let share = match plot.panels.len() {
            0 => 1.0,
            count => 1.0 / (layout(count, body).1 as f64 + 1.0).min(3.0),
        };
        let cut = body.bottom - body.height() * share;
        losses(sheet, plot, Rect { top: cut, ..body })?;
        body.bottom = cut;
    }
    if plot.panels.is_empty() {
        return Ok(());
    }
    weights(sheet, plot, &names, body)
}

/// The edges, all on the same axes so that they can be compared.
fn weights(sheet: &Sheet<'_>, plot: &TrajectoriesPlot, names: &[&str], body: Rect) -> Result<(), PlotError> {
    let all = || plot.panels.iter().flat_map(|p| &p.series).flat_map(|s| plot.pairs(s));
    let (columns, rows) = layout(plot.panels.len(), body);
    let low = all().map(|p| p.1).filter(|v| v.is_finite()).fold(0.0, f64::min);
    let high = all().map(|p| p.1).filter(|v| v.is_finite()).fold(f64::NEG_INFINITY, f64::max);
    // Weights are mostly shares: then 0 and 1 are the natural ends.
    let range = if low == 0.0 && high <= 1.0 { [0.0, 1.0] } else { [low, high] };
    let x = Axis::counts("", all().map(|p| p.0), 4);
    let y = Axis::linear("", range, 4);
    let (Some(x), Some(y)) = (x, y) else { return Ok(()) };
    for (i, (panel, cell)) in plot.panels.iter().zip(body.cells(columns, rows)).enumerate() {
        let mut x = x.clone();
        // Only the lowest panel of a column says what its axis is.
        if i + columns >= plot.panels.len() {
            x.label = "epoch".to_owned();
        }
        let cell = Panel::plan(
            Rect { bottom: cell.bottom - if x.label.is_empty() { 20.0 } else { 0.0 }, ..cell },
            Some(&panel.title),
            x,
            y.clone(),
        );
        cell.draw(sheet)?;
        for series in &panel.series {
            let style = names.iter().position(|name| *name == series.name).unwrap_or(0);
            for run in cell.runs(plot.pairs(series)) {
                sheet.line(&run, pen(style, 1.8))?;
            }
        }
    }
    Ok(())
}

fn losses(sheet: &Sheet<'_>, plot: &TrajectoriesPlot, outer: Rect) -> Result<(), PlotError> {
    let pairs: Vec<(f64, f64)> = plot.losses.iter().flat_map(|s| plot.pairs(s)).collect();
    let values: Vec<f64> = pairs.iter().map(|p| p.1).collect();
    let x = Axis::counts("epoch", pairs.iter().map(|p| p.0), 10);
    let y = Axis::fitting("loss", &values, 1.5, 4);
    let (Some(x), Some(y)) = (x, y) else { return Ok(()) };
    let mut legend = Legend::new(sheet.body.width());
    for (i, series) in plot.losses.iter().enumerate() {
        legend.row([(Swatch::Line(loss_pen(i)), series.name.clone())]);
    }
    let width = legend.size().0;
    let panel = Panel::plan(Rect { right: outer.right - width, ..outer }, None, x, y);
    panel.draw(sheet)?;
    panel.floor(sheet)?;
    for (i, series) in plot.losses.iter().enumerate() {
        for run in panel.runs(plot.pairs(series)) {
            sheet.line(&run, loss_pen(i))?;
        }
    }
    legend.draw(sheet, Rect::at((outer.right - width, panel.plot.top), legend.size()), false)
}

fn pen(index: usize, width: f64) -> Pen {
    let (colour, dash) = palette::series(index);
    Pen { colour, width, dash }
}

/// Losses are not primitives: black and greys, so that no reader looks for them among the edges.
fn loss_pen(index: usize) -> Pen {
    let pen = Pen::new(palette::tint(palette::INK, 0.2 * (index % 3) as f64), 1.8);
    match index {
        0 => pen,
        1 => pen.dashed(6.0, 3.0),
        _ => pen.dashed(2.0, 3.0),
    }
}

/// Columns and rows for `count` panels that are about one and a half times as wide as high.
fn layout(count: usize, body: Rect) -> (usize, usize) {
    let ideal = (count as f64 * body.width() / body.height() / 1.5).sqrt().round();
    let columns = (ideal as usize).clamp(1, count.max(1));
    let rows = count.max(1).div_ceil(columns);
    // As many columns as that many rows need: no empty column at the end.
    (count.max(1).div_ceil(rows), rows)
}
