//! One coordinate system on the paper: frame, grid, ticks and axis labels, and from data to pixels.

use plotters::chart::{ChartBuilder, LabelAreaPosition};
use plotters::style::Color;

use super::axis::Axis;
use super::error::PlotError;
use super::font;
use super::palette;
use super::sheet::{Lettering, Pen, Point, Rect, Sheet, fine, shorten};

const TICK_TEXT: f64 = 12.0;
const LABEL_TEXT: f64 = 13.0;
const TITLE_TEXT: f64 = 13.0;

/// A planned coordinate system: its place is known before anything is drawn, so that legends can be planned too.
pub(super) struct Panel {
    pub(super) x: Axis,
    pub(super) y: Axis,
    /// The rectangle between the axes.
    pub(super) plot: Rect,
    outer: Rect,
    title: Option<String>,
}

impl Panel {
    /// Plans a panel into `outer`; labels and ticks find room inside it.
    pub(super) fn plan(outer: Rect, title: Option<&str>, mut x: Axis, mut y: Axis) -> Self {
        let widest = y.ticks.iter().map(|tick| font::width(&tick.1, TICK_TEXT)).fold(0.0, f64::max);
        let beside = widest + 14.0 + if y.label.is_empty() { 0.0 } else { 20.0 };
        let below = 22.0 + if x.label.is_empty() { 0.0 } else { 20.0 };
        let above = if title.is_some() { 24.0 } else { 8.0 };
        let plot = Rect {
            left: outer.left + beside,
            top: outer.top + above,
            right: outer.right - 14.0,
            bottom: outer.bottom - below,
        };
        x.thin(plot.width(), |text| font::width(text, TICK_TEXT) + 10.0);
        y.thin(plot.height(), |_| TICK_TEXT + 4.0);
        Self { x, y, plot, outer, title: title.map(str::to_owned) }
    }

    /// Draws everything but the data.
    pub(super) fn draw(&self, sheet: &Sheet<'_>) -> Result<(), PlotError> {
        let (plot, outer) = (self.plot, self.outer);
        let area = sheet
            .area
            .clone()
            .shrink((fine(outer.left), fine(outer.top)), (fine(outer.width()), fine(outer.height())));
        let mut chart = ChartBuilder::on(&area)
            .margin_top(fine(plot.top - outer.top))
            .margin_right(fine(outer.right - plot.right))
            .set_label_area_size(LabelAreaPosition::Left, fine(plot.left - outer.left))
            .set_label_area_size(LabelAreaPosition::Bottom, fine(outer.bottom - plot.bottom))
            .build_cartesian_2d(self.x.clone(), self.y.clone())
            .map_err(PlotError::draw)?;
        let ticks = Lettering::new(TICK_TEXT).style();
        chart
            .configure_mesh()
            .bold_line_style(palette::GRID.stroke_width(fine(1.0) as u32))
            .light_line_style(palette::PAPER.mix(0.0))
            .axis_style(palette::FRAME.stroke_width(fine(1.0) as u32))
            .set_all_tick_mark_size(fine(4.0))
            .label_style(ticks)
            .draw()
            .map_err(PlotError::draw)?;
        self.labels(sheet)
    }

    /// Axis labels are placed here: plotters centres them on the label area, ticks included.
    fn labels(&self, sheet: &Sheet<'_>) -> Result<(), PlotError> {
        let plot = self.plot;
        let middle = ((plot.left + plot.right) / 2.0, (plot.top + plot.bottom) / 2.0);
        let label = Lettering::new(LABEL_TEXT).centred();
        if !self.x.label.is_empty() {
            let text = shorten(&self.x.label, LABEL_TEXT, plot.width());
            sheet.text(&text, (middle.0, self.outer.bottom - 9.0), label)?;
        }
        if !self.y.label.is_empty() {
            let text = shorten(&self.y.label, LABEL_TEXT, plot.height());
            sheet.text(&text, (self.outer.left + 9.0, middle.1), label.upwards())?;
        }
        if let Some(title) = &self.title {
            let text = shorten(title, TITLE_TEXT, plot.width());
            sheet.text(&text, (middle.0, plot.top - 11.0), Lettering::new(TITLE_TEXT).centred())?;
        }
        Ok(())
    }

    /// Where a data point goes; `None` when it cannot be shown.
    pub(super) fn at(&self, x: f64, y: f64) -> Option<Point> {
        Some((self.across(self.x.place(x)?), self.up(self.y.place(y)?)))
    }

    /// The horizontal place of a position on the x axis.
    pub(super) fn across(&self, position: f64) -> f64 {
        self.plot.left + (position - self.x.low) / (self.x.high - self.x.low) * self.plot.width()
    }

    /// The vertical place of a position on the y axis.
    pub(super) fn up(&self, position: f64) -> f64 {
        self.plot.bottom - (position - self.y.low) / (self.y.high - self.y.low) * self.plot.height()
    }

    /// The data as unbroken runs of points: what cannot be shown leaves a gap.
    pub(super) fn runs(&self, data: impl IntoIterator<Item = (f64, f64)>) -> Vec<Vec<Point>> {
        let mut runs = vec![Vec::new()];
        for (x, y) in data {
            match (self.at(x, y), runs.last_mut()) {
                (Some(point), Some(run)) => run.push(point),
                _ => runs.push(Vec::new()),
            }
        }
        runs.retain(|run| !run.is_empty());
        runs
    }

    /// A straight line from edge to edge at height `position` of the y axis.
    pub(super) fn level(&self, sheet: &Sheet<'_>, position: f64, pen: Pen) -> Result<(), PlotError> {
        let y = self.up(position);
        sheet.line(&[(self.plot.left, y), (self.plot.right, y)], pen)
    }

    /// Marks the line on which zeros are drawn, when there is one.
    pub(super) fn floor(&self, sheet: &Sheet<'_>) -> Result<(), PlotError> {
        match self.y.floor {
            Some(floor) => self.level(sheet, floor, Pen::new(palette::FRAME, 1.0).dashed(4.0, 3.0)),
            None => Ok(()),
        }
    }
}

/// Stairs through points: the value holds until the next point.
pub(super) fn stairs(points: &[Point]) -> Vec<Point> {
    let mut path = Vec::with_capacity(points.len() * 2);
    for pair in points.windows(2) {
        path.extend([pair[0], (pair[1].0, pair[0].1)]);
    }
    path.extend(points.last());
    path
}
