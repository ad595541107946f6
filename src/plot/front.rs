//! The Pareto front: how much error each step of complexity saves, and which model was chosen.

use std::path::Path;

use super::axis::Axis;
use super::error::PlotError;
use super::figure::Figure;
use super::font;
use super::legend::{Legend, Swatch, along};
use super::output;
use super::palette;
use super::panel::{Panel, stairs};
use super::sheet::{Lettering, Pen, Point, Rect, Sheet, clean, shorten};

const LABEL: f64 = 11.0;

/// One model.
///
/// ```
/// use closedform::plot::FrontPoint;
///
/// let point = FrontPoint::new(7.0, 1e-12).label("1 - exp(-0.03*t)").chosen();
/// assert!(point.chosen);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct FrontPoint {
    /// Complexity.
    pub complexity: f64,
    /// Error, 0 or more; an error of exactly 0 is drawn on a line of its own.
    pub error: f64,
    /// A short formula, written beside the point when there is room.
    pub label: Option<String>,
    /// Whether this is the model that was chosen.
    pub chosen: bool,
}

impl FrontPoint {
    /// A model without a label.
    ///
    /// ```
    /// # use closedform::plot::FrontPoint;
    /// assert_eq!(FrontPoint::new(3.0, 0.1).complexity, 3.0);
    /// ```
    pub fn new(complexity: f64, error: f64) -> Self {
        Self { complexity, error, label: None, chosen: false }
    }

    /// Sets the formula.
    ///
    /// ```
    /// # use closedform::plot::FrontPoint;
    /// assert!(FrontPoint::new(3.0, 0.1).label("x^2").label.is_some());
    /// ```
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Highlights the model.
    ///
    /// ```
    /// # use closedform::plot::FrontPoint;
    /// assert!(FrontPoint::new(3.0, 0.1).chosen().chosen);
    /// ```
    #[must_use]
    pub fn chosen(mut self) -> Self {
        self.chosen = true;
        self
    }
}

/// Models by complexity and error. Models that another one beats in both are drawn in grey.
///
/// ```
/// use closedform::plot::{FrontPlot, FrontPoint};
///
/// let plot = FrontPlot::new("mean squared error").point(FrontPoint::new(1.0, 0.2));
/// assert_eq!(plot.points.len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FrontPlot {
    /// Size and title.
    pub figure: Figure,
    /// Label of the horizontal axis.
    pub complexity_label: String,
    /// Label of the vertical axis.
    pub error_label: String,
    /// The models, in any order.
    pub points: Vec<FrontPoint>,
}

impl FrontPlot {
    /// A front without models yet.
    ///
    /// ```
    /// # use closedform::plot::FrontPlot;
    /// assert_eq!(FrontPlot::new("MSE").complexity_label, "complexity");
    /// ```
    pub fn new(error_label: impl Into<String>) -> Self {
        Self {
            figure: Figure::default(),
            complexity_label: "complexity".to_owned(),
            error_label: error_label.into(),
            points: Vec::new(),
        }
    }

    /// Adds a model.
    ///
    /// ```
    /// # use closedform::plot::{FrontPlot, FrontPoint};
    /// assert_eq!(FrontPlot::new("MSE").point(FrontPoint::new(1.0, 1.0)).points.len(), 1);
    /// ```
    #[must_use]
    pub fn point(mut self, point: FrontPoint) -> Self {
        self.points.push(point);
        self
    }

    /// Sets size and title.
    ///
    /// ```
    /// # use closedform::plot::{Figure, FrontPlot};
    /// assert_eq!(FrontPlot::new("MSE").figure(Figure::default().size(640, 480)).figure.height, 480);
    /// ```
    #[must_use]
    pub fn figure(mut self, figure: Figure) -> Self {
        self.figure = figure;
        self
    }
}

/// Draws error against complexity into the PNG or SVG file `path`.
///
/// # Errors
/// When the extension is neither `.png` nor `.svg`, no model has a finite complexity and an error of 0 or more, or
/// the file cannot be written.
///
/// ```
/// use closedform::plot::{self, FrontPlot, FrontPoint};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("front.svg");
/// let plot = FrontPlot::new("mean squared error")
///     .point(FrontPoint::new(1.0, 0.08).label("0.61"))
///     .point(FrontPoint::new(5.0, 0.0).label("1 - exp(-0.03*t)").chosen());
/// plot::front(&path, &plot)?;
/// assert!(path.exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn front(path: impl AsRef<Path>, plot: &FrontPlot) -> Result<(), PlotError> {
    output::save(path.as_ref(), &plot.figure, |sheet| draw(sheet, plot))
}

fn draw(sheet: &Sheet<'_>, plot: &FrontPlot) -> Result<(), PlotError> {
    let mut points: Vec<&FrontPoint> = plot
        .points
        .iter()
        .filter(|p| p.complexity.is_finite() && p.error.is_finite() && p.error >= 0.0)
        .collect();
    points.sort_by(|a, b| a.complexity.total_cmp(&b.complexity).then(a.error.total_cmp(&b.error)));
    let x = Axis::counts(&plot.complexity_label, points.iter().map(|p| p.complexity), 10);
    let y = Axis::log(&plot.error_label, points.iter().map(|p| p.error), 8);
    let (Some(x), Some(y)) = (x, y) else {
        return Err(PlotError::Empty { figure: "front", expected: "a model with a finite error" });
    };
    let panel = Panel::plan(sheet.body, None, x, y);
    panel.draw(sheet)?;
    panel.floor(sheet)?;

    let placed: Vec<(Point, &FrontPoint, bool)> = points
        .iter()
        .scan(f64::INFINITY, |best, point| {
            let ahead = point.error < *best;
            *best = best.min(point.error);
            Some((*point, ahead))
        })
        .filter_map(|(point, ahead)| Some((panel.at(point.complexity, point.error)?, point, ahead)))
        .collect();
    let path = stairs(&placed.iter().filter(|p| p.2).map(|p| p.0).collect::<Vec<_>>());
    sheet.line(&path, Pen::new(palette::tint(palette::BLUE, 0.5), 2.0))?;
    for &(at, point, ahead) in &placed {
        let colour = if ahead { palette::BLUE } else { palette::FRAME };
        sheet.dot(at, if ahead { 5.0 } else { 3.5 }, colour, 1.0)?;
        if point.chosen {
            sheet.dot(at, 6.5, palette::VERMILLION, 1.0)?;
            sheet.ring(at, 10.0, Pen::new(palette::VERMILLION, 2.0))?;
        }
    }

    let mut legend = Legend::new(sheet.body.width());
    legend.row([(Swatch::Dot(palette::BLUE), "Pareto front".to_owned())]);
    if placed.iter().any(|p| !p.2) {
        legend.row([(Swatch::Dot(palette::FRAME), "beaten by a simpler model".to_owned())]);
    }
    if placed.iter().any(|p| p.1.chosen) {
        legend.row([(Swatch::Ring(palette::VERMILLION), "chosen model".to_owned())]);
    }
    let mut line = along(&path);
    if let Some(floor) = panel.y.floor {
        line.extend(along(&[(panel.plot.left, panel.up(floor)), (panel.plot.right, panel.up(floor))]));
    }
    let mut taken = line.clone();
    taken.extend(placed.iter().map(|p| p.0));
    // The legend gives way to the data, the labels to both.
    let legend_place = legend.free_place(panel.plot, &taken);
    if let Some(place) = legend_place {
        legend.draw(sheet, place, true)?;
    }
    let mut blocked: Vec<Rect> = placed
        .iter()
        .map(|p| Rect::at(p.0, (0.0, 0.0)).grown(if p.1.chosen { 11.0 } else { 6.0 }))
        .chain(legend_place)
        .collect();
    let mut labelled: Vec<_> = placed.iter().filter(|p| p.2 || p.1.chosen).collect();
    labelled.sort_by_key(|p| !p.1.chosen);
    for (at, point, _) in labelled {
        let Some(text) = point.label.as_deref() else { continue };
        label(sheet, &panel, *at, text, point.chosen, &line, &mut blocked)?;
    }
    Ok(())
}

/// Writes `text` near `at` in the first place that is free, in full or shortened; not at all when none is.
fn label(
    sheet: &Sheet<'_>,
    panel: &Panel,
    at: Point,
    text: &str,
    chosen: bool,
    line: &[Point],
    blocked: &mut Vec<Rect>,
) -> Result<(), PlotError> {
    let away = if chosen { 14.0 } else { 9.0 };
    let colour = if chosen { palette::shade(palette::VERMILLION, 0.15) } else { palette::INK };
    for room in [260.0, 150.0, 90.0] {
        let text = shorten(&clean(text), LABEL, room);
        let size = (font::width(&text, LABEL) + 2.0, LABEL + 3.0);
        // The staircase runs right and down from each point: above right is the natural place.
        let places = [
            (away * 0.6, -away - size.1),
            (away, -size.1 / 2.0),
            (-away - size.0, size.1 * -0.5),
            (-away - size.0, away * 0.5),
            (-size.0 / 2.0, -away - size.1),
            (-size.0 / 2.0, away),
            (away * 0.6, away),
            (-away - size.0, -away - size.1),
            (away * 0.6, -away - 2.2 * size.1),
            (-away * 0.6 - size.0, away + 1.2 * size.1),
        ];
        for place in places.map(|(dx, dy)| Rect::at((at.0 + dx, at.1 + dy), size)) {
            let free = panel.plot.holds(&place)
                && !blocked.iter().any(|other| other.overlaps(&place))
                && !line.iter().any(|point| place.grown(2.0).contains(*point));
            if free {
                blocked.push(place);
                let middle = (place.left + 1.0, (place.top + place.bottom) / 2.0);
                return sheet.text(&text, middle, Lettering::new(LABEL).colour(colour));
            }
        }
    }
    Ok(())
}
