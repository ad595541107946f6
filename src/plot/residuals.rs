//! Residuals against predictions, and their distribution: what pattern did the law leave unexplained?

use std::path::Path;

use plotters::style::RGBColor;

use super::axis::{Axis, extent};
use super::error::PlotError;
use super::legend::{Legend, Swatch};
use super::output;
use super::palette;
use super::panel::Panel;
use super::predictions::{PredictionsPlot, dot_style};
use super::sheet::{Pen, Rect, Sheet};

/// Name, predictions with their residuals, and colour of a set of rows.
type Group = (&'static str, Vec<(f64, f64)>, RGBColor);

/// Draws residuals (observed minus predicted) against predictions, and a histogram of them on the same axis, into
/// the PNG or SVG file `path`.
///
/// # Errors
/// When the extension is neither `.png` nor `.svg`, no row has two finite numbers, or the file cannot be written.
///
/// ```
/// use closedform::plot::{self, PredictionsPlot};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("residuals.svg");
/// plot::residuals(&path, &PredictionsPlot::new("performance", &[0.1, 0.5, 0.9], &[0.1, 0.6, 0.9]))?;
/// assert!(path.exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn residuals(path: impl AsRef<Path>, plot: &PredictionsPlot) -> Result<(), PlotError> {
    output::save(path.as_ref(), &plot.figure, |sheet| draw(sheet, plot))
}

fn draw(sheet: &Sheet<'_>, plot: &PredictionsPlot) -> Result<(), PlotError> {
    let residual = |pairs: Vec<(f64, f64)>| pairs.into_iter().map(|(o, p)| (p, o - p)).collect::<Vec<_>>();
    let groups = [
        ("train", residual(plot.train()), palette::BLUE),
        ("validation", residual(plot.held_back()), palette::VERMILLION),
    ];
    let all: Vec<(f64, f64)> = groups.iter().flat_map(|g| g.1.iter().copied()).collect();
    let x = Axis::linear(&format!("predicted {}", plot.target), all.iter().map(|p| p.0), 6);
    // Zero is always in view: where the residuals lie relative to it is the question.
    let y = Axis::linear("observed − predicted", all.iter().map(|p| p.1).chain([0.0]), 7);
    let (Some(x), Some(y), false) = (x, y, all.is_empty()) else {
        return Err(PlotError::Empty { figure: "residuals", expected: "a row with finite numbers" });
    };

    let mut legend = Legend::new(sheet.body.width());
    if !groups[1].1.is_empty() {
        let named = groups.iter().filter(|g| !g.1.is_empty());
        legend.row(named.map(|g| (Swatch::Dot(g.2), format!("{} (n = {})", g.0, g.1.len()))));
    }
    let mut body = sheet.body;
    if !legend.is_empty() {
        let (width, height) = legend.size();
        let left = (body.left + body.right - width) / 2.0;
        legend.draw(sheet, Rect::at((left, body.top), (width, height)), false)?;
        body.top += height;
    }

    let cut = body.left + body.width() * 0.7;
    let scatter = Panel::plan(Rect { right: cut, ..body }, None, x, y.clone());
    scatter.draw(sheet)?;
    let (radius, opacity) = dot_style(all.len());
    for (_, points, colour) in &groups {
        for point in points.iter().filter_map(|(p, r)| scatter.at(*p, *r)) {
            sheet.dot(point, radius, *colour, opacity)?;
        }
    }
    scatter.level(sheet, 0.0, Pen::new(palette::INK, 1.2))?;
    histogram(sheet, Rect { left: cut, ..body }, y, &groups)
}

/// A histogram on its side: it shares the residual axis of the scatter plot.
fn histogram(sheet: &Sheet<'_>, outer: Rect, mut y: Axis, groups: &[Group; 2]) -> Result<(), PlotError> {
    let values: Vec<f64> = groups.iter().flat_map(|g| g.1.iter().map(|p| p.1)).collect();
    let edges = edges(&values);
    let counts = |points: &[(f64, f64)]| -> Vec<usize> {
        let inside = |i: usize, r: f64| {
            r >= edges[i] && (r < edges[i + 1] || (i + 2 == edges.len() && r <= edges[i + 1]))
        };
        (0..edges.len() - 1).map(|i| points.iter().filter(|p| inside(i, p.1)).count()).collect()
    };
    let (train, held_back) = (counts(&groups[0].1), counts(&groups[1].1));
    let most = train.iter().zip(&held_back).map(|(a, b)| a + b).max().unwrap_or(1).max(1) as f64;
    let Some(mut x) = Axis::counts("rows", [0.0, most], 4) else { return Ok(()) };
    // Bars stand on the axis.
    x.low = 0.0;
    x.ticks.retain(|tick| tick.0 >= 0.0);
    y.label.clear();
    for tick in &mut y.ticks {
        tick.1.clear();
    }
    let panel = Panel::plan(outer, None, x, y);
    panel.draw(sheet)?;
    for (i, (&low, &high)) in train.iter().zip(&held_back).enumerate() {
        let (bottom, top) = (panel.up(edges[i]), panel.up(edges[i + 1]));
        // A hair of paper between the bars, unless they are too thin for that.
        let gap = if bottom - top > 4.0 { 0.5 } else { 0.0 };
        for (from, to, colour) in [(0, low, groups[0].2), (low, low + high, groups[1].2)] {
            if to > from {
                let (left, right) = (panel.across(from as f64), panel.across(to as f64));
                let bar = Rect { left, right, top: top + gap, bottom: bottom - gap };
                sheet.fill_rect(bar, palette::tint(colour, 0.25))?;
            }
        }
    }
    panel.level(sheet, 0.0, Pen::new(palette::INK, 1.2))
}

/// Edges of the bins: width after Freedman and Diaconis, between 5 and 40 bins.
fn edges(values: &[f64]) -> Vec<f64> {
    let Some((mut low, mut high)) = extent(values.iter().copied()) else { return vec![0.0, 1.0] };
    if high <= low {
        let margin = if low == 0.0 { 0.1 } else { low.abs() * 0.01 };
        (low, high) = (low - margin, high + margin);
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quarter = sorted.len() / 4;
    let spread = sorted[sorted.len() - 1 - quarter] - sorted[quarter];
    let width = 2.0 * spread / (sorted.len() as f64).cbrt();
    let wanted = (high - low) / width;
    let count = if wanted.is_finite() { (wanted.ceil() as usize).clamp(5, 40) } else { 20 };
    (0..=count).map(|i| low + (high - low) * i as f64 / count as f64).collect()
}
