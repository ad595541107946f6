//! Axes: which range to show, where the ticks go, and how they are written.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use super::sheet::clean;

/// Numbers beyond this are treated like infinities: differences of two of them would overflow.
const HUGE: f64 = 1e300;

/// Whether `value` can be drawn.
pub(super) fn drawable(value: f64) -> bool {
    value.abs() < HUGE
}

/// The range, scale and ticks of one axis. Positions on it are plain numbers, or logarithms on a log axis.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub(super) label: String,
    pub(super) low: f64,
    pub(super) high: f64,
    /// Position and inscription.
    pub(super) ticks: Vec<(f64, String)>,
    /// Where zero is drawn on a log axis, when there are zeros to draw.
    pub(super) floor: Option<f64>,
    log: bool,
}

impl Axis {
    /// A linear axis that shows all finite `values`, with about `count` ticks.
    pub(super) fn linear(label: &str, values: impl IntoIterator<Item = f64>, count: usize) -> Option<Self> {
        let (low, high) = extent(values)?;
        // Curves that touch the frame are hard to follow there.
        let (low, high) = widened(low, high, 0.04);
        Some(Self::exactly(label, low, high, count))
    }

    /// A linear axis from `low` to `high`.
    pub(super) fn exactly(label: &str, low: f64, high: f64, count: usize) -> Self {
        Self { label: clean(label), low, high, ticks: ticks(low, high, count), floor: None, log: false }
    }

    /// An axis of whole numbers: no tick between them.
    pub(super) fn counts(label: &str, values: impl IntoIterator<Item = f64>, count: usize) -> Option<Self> {
        let (least, most) = extent(values)?;
        if least == most && least.abs() < 1e9 {
            return Self::counts(label, [least - 1.0, most + 1.0], count);
        }
        let mut axis = Self::linear(label, [least, most], count)?;
        let (from, to) = (axis.low.ceil() as i64, axis.high.floor() as i64);
        if from < to && axis.ticks.iter().any(|tick| tick.0.fract() != 0.0) {
            axis.ticks = (from..=to).map(|i| (i as f64, fixed(i as f64, 0))).collect();
        }
        Some(axis)
    }

    /// A logarithmic axis for the values that are positive; zeros get a line of their own below them.
    pub(super) fn log(label: &str, values: impl IntoIterator<Item = f64>, count: usize) -> Option<Self> {
        let values: Vec<f64> = values.into_iter().filter(|v| drawable(*v) && *v >= 0.0).collect();
        let zeros = values.contains(&0.0);
        let logs = extent(values.iter().filter(|v| **v > 0.0).map(|v| v.log10()));
        let (low, high) = match logs {
            Some((low, high)) => (low, high),
            None if zeros => (-1.0, 0.0),
            None => return None,
        };
        let (mut bottom, top) =
            if high - low < 0.2 { (low - 0.15, high + 0.15) } else { widened(low, high, 0.05) };
        // With nothing but zeros the scale says nothing, so it says nothing.
        let mut ticks = if logs.is_some() { log_ticks(bottom, top, count) } else { Vec::new() };
        let mut floor = None;
        if zeros {
            let gap = (top - bottom) * 0.16;
            let at = bottom - gap * 0.5;
            bottom -= gap;
            ticks.insert(0, (at, "0".to_owned()));
            floor = Some(at);
        }
        Some(Self { label: clean(label), low: bottom, high: top, ticks, floor, log: true })
    }

    /// Logarithmic when the positive values span more than `decades` and none is negative, linear otherwise.
    pub(super) fn fitting(label: &str, values: &[f64], decades: f64, count: usize) -> Option<Self> {
        let positive = extent(values.iter().copied().filter(|v| *v > 0.0));
        let negative = values.iter().any(|v| drawable(*v) && *v < 0.0);
        match positive {
            Some((low, high)) if !negative && (high / low).log10() > decades => {
                Self::log(label, values.iter().copied(), count)
            }
            _ => Self::linear(label, values.iter().copied(), count),
        }
    }

    /// Leaves ticks out, evenly and never zero, until `needed` pixels of inscription each fit into `length`.
    pub(super) fn thin(&mut self, length: f64, needed: impl Fn(&str) -> f64) {
        let widest = self.ticks.iter().map(|tick| needed(&tick.1)).fold(1.0, f64::max);
        let spacing = match self.ticks[..] {
            [ref first, .., ref last] => {
                (last.0 - first.0) / (self.high - self.low) * length / (self.ticks.len() - 1) as f64
            }
            _ => return,
        };
        let step = (widest / spacing.max(0.1)).ceil().max(1.0) as usize;
        let anchor = self.ticks.iter().position(|tick| tick.1 == "0").unwrap_or(0);
        let mut index = 0;
        self.ticks.retain(|_| {
            index += 1;
            (index - 1_usize).abs_diff(anchor) % step == 0
        });
    }

    /// Where on the axis `value` goes; `None` when it cannot be shown.
    pub(super) fn place(&self, value: f64) -> Option<f64> {
        match self.log {
            _ if !drawable(value) => None,
            false => Some(value),
            true if value > 0.0 => Some(value.log10()),
            true if value == 0.0 => self.floor,
            true => None,
        }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, position: &f64, (from, to): (i32, i32)) -> i32 {
        from + ((position - self.low) / (self.high - self.low) * f64::from(to - from)).round() as i32
    }

    /// Grid lines at the ticks and nowhere else: lines without a number help nobody to read off a value.
    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        match hint.weight().allow_light_points() {
            true => Vec::new(),
            false => self.ticks.iter().map(|tick| tick.0).collect(),
        }
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, position: &f64) -> String {
        self.ticks.iter().find(|tick| tick.0 == *position).map(|tick| tick.1.clone()).unwrap_or_default()
    }
}

/// Smallest and largest of the numbers that can be drawn.
pub(super) fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|v| drawable(*v)).fold(None, |range, v| match range {
        None => Some((v, v)),
        Some((low, high)) => Some((v.min(low), v.max(high))),
    })
}

/// The range with a margin on both sides; constant data get a range to stand in the middle of.
pub(super) fn widened(low: f64, high: f64, share: f64) -> (f64, f64) {
    let size = low.abs().max(high.abs());
    if high - low > size * 1e-9 && high - low > 1e-290 {
        let margin = (high - low) * share;
        return (low - margin, high + margin);
    }
    let margin = if size < 1e-280 { 1.0 } else { size * 0.1 };
    (low - margin, high + margin)
}

/// Ticks at multiples of 1, 2 or 5 times a power of ten.
fn ticks(low: f64, high: f64, count: usize) -> Vec<(f64, String)> {
    let rough = (high - low) / count.max(1) as f64;
    let power = rough.log10().floor() as i32;
    let unit = 10_f64.powi(power);
    let factor = match rough / unit {
        r if r <= 1.0 => 1.0,
        r if r <= 2.0 => 2.0,
        r if r <= 5.0 => 5.0,
        _ => 10.0,
    };
    // Whole numbers of steps, each position computed afresh: adding steps up would give 0.30000000000000004.
    let (first, last) = ((low / unit / factor).ceil() as i64, (high / unit / factor).floor() as i64);
    let power_of_step = if factor == 10.0 { power + 1 } else { power };
    let values: Vec<f64> = (first..=last)
        .take(100)
        .map(|i| {
            let whole = i as f64 * factor;
            if power < 0 { whole / 10_f64.powi(-power) } else { whole * unit }
        })
        .collect();
    let size = values.iter().fold(0.0_f64, |a, v| a.max(v.abs()));
    let exponent = if size > 0.0 { size.log10().floor() as i32 } else { 0 };
    values.into_iter().map(|v| (v, inscription(v, exponent, power_of_step))).collect()
}

/// Writes a tick: plainly for everyday sizes, otherwise with the power of ten that the axis has in common.
fn inscription(value: f64, exponent: i32, power_of_step: i32) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if (-4..=5).contains(&exponent) {
        return fixed(value, (-power_of_step).max(0) as usize);
    }
    let digits = (exponent - power_of_step).max(0) as usize;
    // In two steps: one power of ten could over- or underflow.
    let half = exponent / 2;
    let mantissa = value / 10_f64.powi(half) / 10_f64.powi(exponent - half);
    format!("{}×10{}", fixed(mantissa, digits), superscript(exponent))
}

/// Decades, thinned to about `count`; finer steps when the range is short.
fn log_ticks(low: f64, high: f64, count: usize) -> Vec<(f64, String)> {
    let (first, last) = (low.ceil() as i32, high.floor() as i32);
    let step = ((high - low) / count.max(1) as f64).ceil().max(1.0) as i32;
    if last - first >= 2 {
        let inside = (first..=last).filter(|e| e.rem_euclid(step) == 0);
        return inside.map(|e| (f64::from(e), power_of_ten(e))).collect();
    }
    let mut found = Vec::new();
    for decade in low.floor() as i32..=last {
        for factor in [1.0, 2.0, 5.0] {
            let at = f64::from(decade) + f64::log10(factor);
            if at >= low && at <= high {
                found.push((at, one_digit(factor, decade)));
            }
        }
    }
    if found.len() >= 2 || !(-300.0..300.0).contains(&low) {
        return found;
    }
    let linear = ticks(10_f64.powf(low), 10_f64.powf(high), 4);
    linear.into_iter().filter(|tick| tick.0 > 0.0).map(|(v, text)| (v.log10(), text)).collect()
}

fn one_digit(factor: f64, decade: i32) -> String {
    match decade {
        0..=3 => fixed(factor * 10_f64.powi(decade), 0),
        -3..=-1 => fixed(factor / 10_f64.powi(-decade), -decade as usize),
        _ if factor == 1.0 => power_of_ten(decade),
        _ => format!("{factor}×10{}", superscript(decade)),
    }
}

fn power_of_ten(exponent: i32) -> String {
    match exponent {
        0 => "1".to_owned(),
        1 => "10".to_owned(),
        _ => format!("10{}", superscript(exponent)),
    }
}

/// A number with `digits` decimals and a real minus sign.
pub(super) fn fixed(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|b| b == b'0' || b == b'.') => rest.to_owned(),
        Some(rest) => format!("\u{2212}{rest}"),
        None => text,
    }
}

fn superscript(number: i32) -> String {
    let raised = |c| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        _ => char::from_u32('⁰' as u32 + u32::from(c as u8 - b'0')).unwrap_or(c),
    };
    number.to_string().chars().map(raised).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|tick| tick.1.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(texts(&Axis::exactly("", 0.0, 1.0, 5)), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(texts(&Axis::exactly("", -20.0, 20.0, 4)), ["−20", "−10", "0", "10", "20"]);
        assert_eq!(texts(&Axis::exactly("", 0.0, 3e7, 3)), ["0", "1×10⁷", "2×10⁷", "3×10⁷"]);
        assert_eq!(texts(&Axis::exactly("", 0.0, 1e-9, 2)), ["0", "0.5×10⁻⁹", "1.0×10⁻⁹"]);
    }

    #[test]
    fn log_axes_show_zero_on_a_floor() {
        let axis = Axis::log("", [0.0, 1e-6, 1.0], 10).expect("data");
        assert_eq!(texts(&axis), ["0", "10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1"]);
        assert!(axis.place(0.0) < axis.place(1e-6) && axis.place(0.0).is_some());
        assert_eq!(axis.place(-1.0), None);
    }

    #[test]
    fn any_data_give_a_usable_axis() {
        let cases: [&[f64]; 8] = [
            &[0.0],
            &[1e299, -1e299],
            &[5e-324, 0.0],
            &[1e9, 1e9 + 1e-7],
            &[f64::NAN, 3.0, f64::INFINITY],
            &[-1e-300],
            &[1e-320, 1e-300],
            &[4.2, 4.200001],
        ];
        for case in cases {
            for axis in
                [Axis::linear("", case.iter().copied(), 5), Axis::log("", case.iter().map(|v| v.abs()), 5)]
            {
                let axis = axis.expect("something can be drawn");
                assert!(axis.low < axis.high && axis.low.is_finite() && axis.high.is_finite(), "{case:?}");
                assert!(axis.ticks.len() < 40, "{case:?} {axis:?}");
            }
        }
        assert!(Axis::linear("", [f64::NAN], 5).is_none());
        assert!(Axis::log("", [-1.0], 5).is_none());
    }
}
