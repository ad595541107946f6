//! How fast strategies find good models: the best loss so far against evaluations and against time.

use std::path::Path;

use super::axis::{Axis, drawable};
use super::error::PlotError;
use super::figure::Figure;
use super::legend::{Legend, Swatch};
use super::output;
use super::palette;
use super::panel::{Panel, stairs};
use super::sheet::{Pen, Rect, Sheet};

/// One run of one strategy.
///
/// ```
/// use closedform::plot::ConvergenceRun;
///
/// let run = ConvergenceRun::new("random", &[10.0, 100.0], &[0.5, 0.1]).seconds(&[0.2, 2.0]);
/// assert_eq!(run.seconds.len(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ConvergenceRun {
    /// Name of the strategy; runs of the same name have the same colour and one entry in the legend.
    pub strategy: String,
    /// Evaluations done when the loss was measured, in ascending order.
    pub evaluations: Vec<f64>,
    /// Seconds passed when the loss was measured, in ascending order; may be empty.
    pub seconds: Vec<f64>,
    /// The loss of the model found; what is drawn is the best so far.
    pub loss: Vec<f64>,
}

impl ConvergenceRun {
    /// A run without times.
    ///
    /// ```
    /// # use closedform::plot::ConvergenceRun;
    /// assert_eq!(ConvergenceRun::new("random", &[10.0], &[0.5]).strategy, "random");
    /// ```
    pub fn new(strategy: impl Into<String>, evaluations: &[f64], loss: &[f64]) -> Self {
        Self {
            strategy: strategy.into(),
            evaluations: evaluations.to_vec(),
            seconds: Vec::new(),
            loss: loss.to_vec(),
        }
    }

    /// Adds the times.
    ///
    /// ```
    /// # use closedform::plot::ConvergenceRun;
    /// assert_eq!(ConvergenceRun::new("random", &[10.0], &[0.5]).seconds(&[0.1]).seconds, [0.1]);
    /// ```
    #[must_use]
    pub fn seconds(mut self, seconds: &[f64]) -> Self {
        self.seconds = seconds.to_vec();
        self
    }

    /// The best loss so far over `at`.
    fn best(&self, at: &[f64]) -> Vec<(f64, f64)> {
        let usable = at.iter().zip(&self.loss).filter(|(x, y)| drawable(**x) && drawable(**y) && **y >= 0.0);
        usable
            .scan(f64::INFINITY, |best, (x, loss)| {
                *best = best.min(*loss);
                Some((*x, *best))
            })
            .collect()
    }
}

/// Runs of several strategies.
///
/// ```
/// use closedform::plot::{ConvergencePlot, ConvergenceRun};
///
/// let plot = ConvergencePlot::new("mean squared error").run(ConvergenceRun::new("random", &[10.0], &[0.5]));
/// assert_eq!(plot.runs.len(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ConvergencePlot {
    /// Size and title.
    pub figure: Figure,
    /// Label of the vertical axis.
    pub loss_label: String,
    /// The runs, in the order of the legend.
    pub runs: Vec<ConvergenceRun>,
}

impl ConvergencePlot {
    /// A figure without runs yet.
    ///
    /// ```
    /// # use closedform::plot::ConvergencePlot;
    /// assert_eq!(ConvergencePlot::new("MSE").loss_label, "MSE");
    /// ```
    pub fn new(loss_label: impl Into<String>) -> Self {
        Self { loss_label: loss_label.into(), ..Self::default() }
    }

    /// Adds a run.
    ///
    /// ```
    /// # use closedform::plot::{ConvergencePlot, ConvergenceRun};
    /// assert_eq!(ConvergencePlot::default().run(ConvergenceRun::default()).runs.len(), 1);
    /// ```
    #[must_use]
    pub fn run(mut self, run: ConvergenceRun) -> Self {
        self.runs.push(run);
        self
    }

    /// Sets size and title.
    ///
    /// ```
    /// # use closedform::plot::{ConvergencePlot, Figure};
    /// assert_eq!(ConvergencePlot::default().figure(Figure::default().size(640, 480)).figure.width, 640);
    /// ```
    #[must_use]
    pub fn figure(mut self, figure: Figure) -> Self {
        self.figure = figure;
        self
    }
}

/// Draws the best loss against evaluations, and beside it against time when times are known, into the PNG or SVG
/// file `path`.
///
/// # Errors
/// When the extension is neither `.png` nor `.svg`, no run has a finite loss of 0 or more, or the file cannot be
/// written.
///
/// ```
/// use closedform::plot::{self, ConvergencePlot, ConvergenceRun};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("convergence.svg");
/// let run = ConvergenceRun::new("random", &[10.0, 100.0, 1000.0], &[0.5, 0.1, 0.02]);
/// plot::convergence(&path, &ConvergencePlot::new("mean squared error").run(run))?;
/// assert!(path.exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn convergence(path: impl AsRef<Path>, plot: &ConvergencePlot) -> Result<(), PlotError> {
    output::save(path.as_ref(), &plot.figure, |sheet| draw(sheet, plot))
}

fn draw(sheet: &Sheet<'_>, plot: &ConvergencePlot) -> Result<(), PlotError> {
    let mut names: Vec<&str> = Vec::new();
    for run in &plot.runs {
        if !names.contains(&run.strategy.as_str()) {
            names.push(&run.strategy);
        }
    }
    let style: Vec<Pen> = plot
        .runs
        .iter()
        .map(|run| pen(names.iter().position(|name| *name == run.strategy).unwrap_or(0)))
        .collect();
    let paths = |at: fn(&ConvergenceRun) -> &[f64]| -> Vec<(Pen, Vec<(f64, f64)>)> {
        plot.runs.iter().zip(&style).map(|(run, pen)| (*pen, run.best(at(run)))).collect()
    };
    let panels: Vec<_> =
        [("evaluations", paths(|run| &run.evaluations)), ("seconds", paths(|run| &run.seconds))]
            .into_iter()
            .filter(|panel| panel.1.iter().any(|path| !path.1.is_empty()))
            .collect();
    if panels.is_empty() {
        return Err(PlotError::Empty { figure: "convergence", expected: "a run with a finite loss" });
    }

    let mut legend = Legend::new(sheet.body.width());
    for (i, name) in names.iter().enumerate() {
        legend.row([(Swatch::Line(pen(i)), (*name).to_owned())]);
    }
    let legend = legend.wrapped(sheet.body.width());
    let (width, height) = legend.size();
    let left = (sheet.body.left + sheet.body.right - width) / 2.0;
    legend.draw(sheet, Rect::at((left, sheet.body.top), (width, height)), false)?;

    let body = Rect { top: sheet.body.top + height, ..sheet.body };
    let cells = body.cells(panels.len(), 1);
    let losses = || panels.iter().flat_map(|p| &p.1).flat_map(|path| path.1.iter().map(|point| point.1));
    for (i, ((name, paths), cell)) in panels.iter().zip(cells).enumerate() {
        let label = if i == 0 { format!("best {} so far", plot.loss_label) } else { String::new() };
        let at: Vec<f64> = paths.iter().flat_map(|path| path.1.iter().map(|point| point.0)).collect();
        // Both panels have the same loss axis.
        let (Some(x), Some(y)) = (Axis::fitting(name, &at, 2.0, 6), Axis::log(&label, losses(), 8)) else {
            continue;
        };
        let panel = Panel::plan(cell, None, x, y);
        panel.draw(sheet)?;
        panel.floor(sheet)?;
        for (pen, path) in paths {
            for run in panel.runs(path.iter().copied()) {
                sheet.line(&stairs(&run), *pen)?;
                if let Some(end) = run.last() {
                    sheet.dot(*end, 3.0, pen.colour, 1.0)?;
                }
            }
        }
    }
    Ok(())
}

fn pen(index: usize) -> Pen {
    let (colour, dash) = palette::series(index);
    Pen { colour, width: 2.0, dash }
}
