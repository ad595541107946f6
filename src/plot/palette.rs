//! Colours that readers with any kind of colour vision can tell apart (Okabe and Ito, 2008).

use plotters::style::RGBColor;

/// Text and frames.
pub(super) const INK: RGBColor = RGBColor(38, 38, 38);
/// Secondary text.
pub(super) const MUTED: RGBColor = RGBColor(105, 105, 105);
/// Grid lines.
pub(super) const GRID: RGBColor = RGBColor(229, 229, 229);
/// Axes and reference lines.
pub(super) const FRAME: RGBColor = RGBColor(150, 150, 150);
/// Paper.
pub(super) const PAPER: RGBColor = RGBColor(255, 255, 255);

pub(super) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(super) const VERMILLION: RGBColor = RGBColor(213, 94, 0);
pub(super) const GREEN: RGBColor = RGBColor(0, 158, 115);
pub(super) const PURPLE: RGBColor = RGBColor(204, 121, 167);
pub(super) const ORANGE: RGBColor = RGBColor(230, 159, 0);
pub(super) const SKY: RGBColor = RGBColor(86, 180, 233);

// The palette's yellow is left out: on white paper a thin yellow line cannot be seen.
const CYCLE: [RGBColor; 7] = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, RGBColor(60, 60, 60)];

/// How the `index`-th series looks: a colour, and a dash pattern once the colours are used up.
pub(super) fn series(index: usize) -> (RGBColor, Option<(f64, f64)>) {
    let dash = match index / CYCLE.len() % 3 {
        0 => None,
        1 => Some((5.0, 3.0)),
        _ => Some((1.5, 2.5)),
    };
    (CYCLE[index % CYCLE.len()], dash)
}

/// `colour` mixed with white: 0 leaves it as it is, 1 gives white. Opaque, so that overlaps do not darken.
pub(super) fn tint(colour: RGBColor, share: f64) -> RGBColor {
    mix(colour, PAPER, share)
}

/// `colour` mixed with black.
pub(super) fn shade(colour: RGBColor, share: f64) -> RGBColor {
    mix(colour, RGBColor(0, 0, 0), share)
}

fn mix(from: RGBColor, to: RGBColor, share: f64) -> RGBColor {
    let blend = |a: u8, b: u8| (f64::from(a) * (1.0 - share) + f64::from(b) * share).round() as u8;
    RGBColor(blend(from.0, to.0), blend(from.1, to.1), blend(from.2, to.2))
}
