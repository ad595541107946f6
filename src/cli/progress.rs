//! Progress on standard error, where that is a terminal.

use crate::model::export::{Digits, infix};
use crate::pipeline::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::Duration;

/// A line that shows how long it has searched, how much was tried, and the best formula so far.
#[derive(Debug)]
pub(super) struct ProgressLine {
    bar: Option<ProgressBar>,
}

impl ProgressLine {
    /// With a time limit the line has a bar that fills. Nothing is shown where `quiet`, or off a terminal.
    pub(super) fn start(limit: Option<Duration>, quiet: bool) -> Self {
        if quiet || !std::io::stderr().is_terminal() {
            return Self { bar: None };
        }
        let target = ProgressDrawTarget::stderr_with_hz(10);
        let (bar, template) = match limit {
            Some(limit) => {
                let length = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
                (ProgressBar::with_draw_target(Some(length), target), "{elapsed} {bar:20} {wide_msg}")
            }
            None => (ProgressBar::with_draw_target(None, target), "{elapsed} {spinner} {wide_msg}"),
        };
        bar.set_style(ProgressStyle::with_template(template).expect("the templates are right"));
        bar.set_message("searching");
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar: Some(bar) }
    }

    /// Shows the state after a round; `names` are those of the input columns.
    pub(super) fn update(&self, progress: &Progress, names: &[&str]) {
        let Some(bar) = &self.bar else { return };
        bar.set_position(u64::try_from(bar.elapsed().as_millis()).unwrap_or(u64::MAX));
        bar.set_message(describe(progress, names));
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// `round 3, 12400 evaluations, loss 1.2e-3: 2*x`
fn describe(progress: &Progress, names: &[&str]) -> String {
    let best = match &progress.best {
        Some(expr) => {
            format!(", loss {:.2e}: {}", progress.loss, infix(expr, names, Digits::Significant(4)))
        }
        None => String::new(),
    };
    format!("round {}, {} evaluations{best}", progress.rounds, progress.evaluations)
}
