//! Predicted against observed values: a good model lies on the diagonal.

use std::path::Path;

use super::axis::{Axis, extent, fixed, widened};
use super::error::PlotError;
use super::legend::{Legend, Swatch, along};
use super::output;
use super::palette;
use super::panel::Panel;
use super::predictions::{PredictionsPlot, dot_style};
use super::sheet::{Pen, Rect, Sheet};

/// Draws predicted against observed values into the PNG or SVG file `path`, with R² for the rows that the model was
/// fitted to and for those held back.
///
/// # Errors
/// When the extension is neither `.png` nor `.svg`, no row has two finite numbers, or the file cannot be written.
///
/// ```
/// use closedform::plot::{self, PredictionsPlot};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("parity.svg");
/// plot::parity(&path, &PredictionsPlot::new("performance", &[0.1, 0.5, 0.9], &[0.1, 0.6, 0.9]))?;
/// assert!(path.exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn parity(path: impl AsRef<Path>, plot: &PredictionsPlot) -> Result<(), PlotError> {
    output::save(path.as_ref(), &plot.figure, |sheet| draw(sheet, plot))
}

fn draw(sheet: &Sheet<'_>, plot: &PredictionsPlot) -> Result<(), PlotError> {
    let (train, held_back) = (plot.train(), plot.held_back());
    let values = train.iter().chain(&held_back).flat_map(|(o, p)| [*o, *p]);
    let Some((low, high)) = extent(values) else {
        return Err(PlotError::Empty { figure: "parity", expected: "a row with finite numbers" });
    };
    let (low, high) = widened(low, high, 0.05);
    let label = |what: &str| format!("{what} {}", plot.target).trim().to_owned();
    let x = Axis::exactly(&label("observed"), low, high, 6);
    let y = Axis::exactly(&label("predicted"), low, high, 6);

    // Both axes show the same range, so the plot is a square and the diagonal has 45 degrees.
    let wide = Panel::plan(sheet.body, None, x.clone(), y.clone());
    let spare = (wide.plot.width() - wide.plot.height()) / 2.0;
    let (across, along_y) = (spare.max(0.0), (-spare).max(0.0));
    let outer = Rect {
        left: sheet.body.left + across,
        right: sheet.body.right - across,
        top: sheet.body.top + along_y,
        bottom: sheet.body.bottom - along_y,
    };
    let panel = Panel::plan(outer, None, x, y);
    panel.draw(sheet)?;
    let corner = |v| (panel.across(v), panel.up(v));
    let diagonal = [corner(low), corner(high)];
    sheet.line(&diagonal, Pen::new(palette::FRAME, 1.5).dashed(6.0, 4.0))?;

    let mut legend = Legend::new(sheet.body.width());
    let mut taken = along(&diagonal);
    let both = !held_back.is_empty();
    let (radius, opacity) = dot_style(train.len() + held_back.len());
    for (name, pairs, colour) in
        [("train", &train, palette::BLUE), ("validation", &held_back, palette::VERMILLION)]
    {
        if pairs.is_empty() {
            continue;
        }
        for point in pairs.iter().filter_map(|(o, p)| panel.at(*o, *p)) {
            sheet.dot(point, radius, colour, opacity)?;
            taken.push(point);
        }
        let r2 = r_squared(pairs).map_or("R² not defined".to_owned(), |r2| format!("R² = {}", fixed(r2, 4)));
        let text = if both {
            format!("{name}: {r2} (n = {})", pairs.len())
        } else {
            format!("{r2} (n = {})", pairs.len())
        };
        legend.row([(Swatch::Dot(colour), text)]);
    }
    let identity = Pen::new(palette::FRAME, 1.5).dashed(6.0, 4.0);
    legend.row([(Swatch::Line(identity), "predicted = observed".to_owned())]);
    // A cloud without a free corner means a bad fit: the upper left one is the emptiest as a rule.
    let place = legend
        .free_place(panel.plot, &taken)
        .unwrap_or_else(|| Rect::at((panel.plot.left + 10.0, panel.plot.top + 10.0), legend.size()));
    legend.draw(sheet, place, true)
}

/// Share of the variance that is explained; not defined for fewer than two rows or a constant target.
fn r_squared(pairs: &[(f64, f64)]) -> Option<f64> {
    let count = pairs.len() as f64;
    let mean = pairs.iter().map(|(o, _)| o / count).sum::<f64>();
    let total: f64 = pairs.iter().map(|(o, _)| (o - mean).powi(2)).sum();
    let left: f64 = pairs.iter().map(|(o, p)| (o - p).powi(2)).sum();
    let r2 = 1.0 - left / total;
    (pairs.len() > 1 && total > 0.0 && r2.is_finite()).then_some(r2)
}
