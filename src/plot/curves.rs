//! The figure of the tutorial: several curves over one variable, each with the recovered law on top of it.
//!
//! A recovered law often coincides with its curve to the last pixel. Both stay visible: the original is a broad light
//! band (or points), the recovered law a thin dark dashed line.

use std::path::Path;

use super::axis::Axis;
use super::error::PlotError;
use super::figure::Figure;
use super::legend::{Legend, Swatch, along};
use super::output;
use super::palette;
use super::panel::Panel;
use super::sheet::{Pen, Rect, Sheet};

/// One curve: what was measured or simulated, and what the recovered law says.
///
/// ```
/// use closedform::plot::Curve;
///
/// let curve = Curve::new("P0 = 0", &[0.0, 1.0], &[0.0, 0.5], &[0.1, 0.4]).as_points();
/// assert!(curve.points);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Curve {
    /// Name in the legend, such as `P0 = 0`.
    pub label: String,
    /// The variable.
    pub x: Vec<f64>,
    /// The original values, one for each `x`.
    pub original: Vec<f64>,
    /// Where the recovered law was evaluated.
    pub recovered_x: Vec<f64>,
    /// What the recovered law says, one value for each `recovered_x`; may be empty.
    pub recovered: Vec<f64>,
    /// Draw the original values as points rather than as a line: for noisy or scattered measurements.
    pub points: bool,
}

impl Curve {
    /// A curve whose recovered law was evaluated at the same places.
    ///
    /// ```
    /// # use closedform::plot::Curve;
    /// let curve = Curve::new("a", &[0.0, 1.0], &[0.0, 0.5], &[0.0, 0.5]);
    /// assert_eq!(curve.recovered_x, [0.0, 1.0]);
    /// ```
    pub fn new(label: impl Into<String>, x: &[f64], original: &[f64], recovered: &[f64]) -> Self {
        Self {
            label: label.into(),
            x: x.to_vec(),
            original: original.to_vec(),
            recovered_x: x.to_vec(),
            recovered: recovered.to_vec(),
            points: false,
        }
    }

    /// Replaces the recovered law by its values at other, usually more closely spaced, places.
    ///
    /// ```
    /// # use closedform::plot::Curve;
    /// let curve = Curve::new("a", &[0.0, 1.0], &[0.0, 1.0], &[]).recovered_at(&[0.0, 0.5, 1.0], &[0.0, 0.25, 1.0]);
    /// assert_eq!(curve.recovered.len(), 3);
    /// ```
    #[must_use]
    pub fn recovered_at(mut self, x: &[f64], y: &[f64]) -> Self {
        (self.recovered_x, self.recovered) = (x.to_vec(), y.to_vec());
        self
    }

    /// Draws the original values as points.
    ///
    /// ```
    /// # use closedform::plot::Curve;
    /// assert!(Curve::default().as_points().points);
    /// ```
    #[must_use]
    pub fn as_points(mut self) -> Self {
        self.points = true;
        self
    }

    fn original(&self) -> Vec<(f64, f64)> {
        ordered(&self.x, &self.original)
    }

    fn recovered(&self) -> Vec<(f64, f64)> {
        ordered(&self.recovered_x, &self.recovered)
    }
}

/// Several curves over one variable.
///
/// ```
/// use closedform::plot::{Curve, CurvesPlot, Figure};
///
/// let plot = CurvesPlot::new("trial", "performance")
///     .curve(Curve::new("P0 = 0", &[0.0, 1.0], &[0.0, 0.5], &[0.0, 0.5]))
///     .figure(Figure::default().title("Exponential learning"));
/// assert_eq!(plot.curves.len(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CurvesPlot {
    /// Size and title.
    pub figure: Figure,
    /// Label of the horizontal axis.
    pub x_label: String,
    /// Label of the vertical axis.
    pub y_label: String,
    /// What is drawn, in the order of the legend.
    pub curves: Vec<Curve>,
}

impl CurvesPlot {
    /// A figure without curves yet.
    ///
    /// ```
    /// # use closedform::plot::CurvesPlot;
    /// assert_eq!(CurvesPlot::new("t", "y").x_label, "t");
    /// ```
    pub fn new(x_label: impl Into<String>, y_label: impl Into<String>) -> Self {
        Self { x_label: x_label.into(), y_label: y_label.into(), ..Self::default() }
    }

    /// Adds a curve.
    ///
    /// ```
    /// # use closedform::plot::{Curve, CurvesPlot};
    /// assert_eq!(CurvesPlot::default().curve(Curve::default()).curves.len(), 1);
    /// ```
    #[must_use]
    pub fn curve(mut self, curve: Curve) -> Self {
        self.curves.push(curve);
        self
    }

    /// Sets size and title.
    ///
    /// ```
    /// # use closedform::plot::{CurvesPlot, Figure};
    /// assert_eq!(CurvesPlot::default().figure(Figure::default().size(640, 480)).figure.width, 640);
    /// ```
    #[must_use]
    pub fn figure(mut self, figure: Figure) -> Self {
        self.figure = figure;
        self
    }

    fn legend(&self, width: f64) -> Legend {
        let mut legend = Legend::new(width);
        for (i, curve) in self.curves.iter().enumerate() {
            let swatch = if curve.points { Swatch::Dot(dots(i)) } else { Swatch::Line(band(i)) };
            let law = (!curve.recovered.is_empty()).then(|| (Swatch::Line(law(i)), "recovered".to_owned()));
            legend.row(
                [(swatch, format!("{} original", curve.label).trim().to_owned())].into_iter().chain(law),
            );
        }
        legend
    }
}

fn band(index: usize) -> Pen {
    Pen::new(palette::tint(palette::series(index).0, 0.55), 6.0)
}

fn dots(index: usize) -> plotters::style::RGBColor {
    palette::tint(palette::series(index).0, 0.4)
}

fn law(index: usize) -> Pen {
    Pen::new(palette::shade(palette::series(index).0, 0.45), 1.8).dashed(7.0, 5.0)
}

/// Rows as they come are in no particular order; a line through them must run from left to right.
fn ordered(x: &[f64], y: &[f64]) -> Vec<(f64, f64)> {
    let mut pairs: Vec<_> = x.iter().copied().zip(y.iter().copied()).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    pairs
}

/// Draws original and recovered curves into the PNG or SVG file `path`.
///
/// # Errors
/// When the extension is neither `.png` nor `.svg`, no curve has a finite point, or the file cannot be written.
///
/// ```
/// use closedform::plot::{self, Curve, CurvesPlot};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("curves.svg");
/// let curve = Curve::new("P0 = 0", &[0.0, 1.0, 2.0], &[0.0, 0.5, 0.75], &[0.0, 0.5, 0.75]);
/// plot::curves(&path, &CurvesPlot::new("trial", "performance").curve(curve))?;
/// assert!(path.exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn curves(path: impl AsRef<Path>, plot: &CurvesPlot) -> Result<(), PlotError> {
    output::save(path.as_ref(), &plot.figure, |sheet| draw(sheet, plot))
}

fn draw(sheet: &Sheet<'_>, plot: &CurvesPlot) -> Result<(), PlotError> {
    let pairs: Vec<(f64, f64)> = plot
        .curves
        .iter()
        .flat_map(|c| c.original().into_iter().chain(c.recovered()))
        .filter(|pair| pair.0.is_finite() && pair.1.is_finite())
        .collect();
    let x = Axis::linear(&plot.x_label, pairs.iter().map(|p| p.0), 8);
    let y = Axis::linear(&plot.y_label, pairs.iter().map(|p| p.1), 6);
    let (Some(x), Some(y)) = (x, y) else {
        return Err(PlotError::Empty {
            figure: "curves",
            expected: "a curve with at least one finite point",
        });
    };

    let legend = plot.legend(sheet.body.width());
    let mut panel = Panel::plan(sheet.body, None, x.clone(), y.clone());
    let taken: Vec<_> = panel.runs_of(&plot.curves).iter().flat_map(|run| along(run)).collect();
    let (width, height) = legend.size();
    // In a small figure a covered curve is the lesser evil: beside the legend there would be no room for any.
    let corner = Rect::at((panel.plot.right - width - 6.0, panel.plot.top + 6.0), (width, height));
    let cramped = panel.plot.width() - width < 200.0;
    let free = legend.free_place(panel.plot, &taken).or(cramped.then_some(corner));
    let place = free.unwrap_or_else(|| {
        let outer = Rect { right: sheet.body.right - width, ..sheet.body };
        panel = Panel::plan(outer, None, x, y);
        Rect::at((outer.right, panel.plot.top), (width, height))
    });

    panel.draw(sheet)?;
    for (i, curve) in plot.curves.iter().enumerate() {
        for run in panel.runs(curve.original()) {
            if !curve.points && run.len() > 1 {
                sheet.line(&run, band(i))?;
                continue;
            }
            for point in run {
                sheet.dot(point, 3.5, dots(i), 1.0)?;
            }
        }
    }
    // All laws after all originals: no band hides a law.
    for (i, curve) in plot.curves.iter().enumerate() {
        for run in panel.runs(curve.recovered()) {
            match run[..] {
                [point] => sheet.dot(point, 2.0, law(i).colour, 1.0)?,
                _ => sheet.line(&run, law(i))?,
            }
        }
    }
    legend.draw(sheet, place, true)
}

impl Panel {
    fn runs_of(&self, curves: &[Curve]) -> Vec<Vec<(f64, f64)>> {
        curves.iter().flat_map(|c| [self.runs(c.original()), self.runs(c.recovered())].concat()).collect()
    }
}
