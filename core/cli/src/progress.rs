//! A job's events as a bar on a terminal, as plain lines elsewhere.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use fewlabel::contract::{Event, Level, Progress, Sink};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::{self, Output};

/// Plain lines come no more often than this, whatever the job tells.
const QUIET_TIME: Duration = Duration::from_secs(5);
/// The bar counts in thousandths of a step, so that a part of one moves it.
const PARTS: u64 = 1000;

/// Shows progress on stderr.
pub struct Reporter {
    says: [bool; 3],
    bar: Option<ProgressBar>,
    last: Mutex<Option<(String, Instant)>>,
    quiet: bool,
}

impl Reporter {
    /// A bar when stderr is a terminal, else plain lines; neither when nothing is to be said.
    pub fn new(output: &Output) -> Self {
        let bar = (std::io::stderr().is_terminal() && !output.quiet).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
            let style = ProgressStyle::with_template("{prefix} {wide_bar} {msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        let says = [Level::Debug, Level::Info, Level::Warning].map(|level| output.says(level));
        Self { says, bar, last: Mutex::new(None), quiet: output.quiet }
    }

    /// Takes the bar away.
    pub fn close(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn progress(&self, progress: &Progress) {
        if let Some(bar) = &self.bar {
            bar.set_prefix(progress.phase.clone());
            if let Some(total) = progress.total {
                bar.set_length(total * PARTS);
            }
            bar.set_position(progress.step * PARTS + (part(progress) * PARTS as f64) as u64);
            bar.set_message(words(progress));
        } else if !self.quiet && self.is_due(progress) {
            output::line(&format!("{} {}", progress.phase, words(progress)));
        }
    }

    fn is_due(&self, progress: &Progress) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.as_ref().is_none_or(|(phase, time)| *phase != progress.phase || time.elapsed() >= QUIET_TIME);
        if due || progress.total == Some(progress.step) {
            *last = Some((progress.phase.clone(), Instant::now()));
            return true;
        }
        false
    }
}

impl Sink for Reporter {
    fn event(&self, event: Event) {
        match event {
            Event::Progress(progress) => self.progress(&progress),
            Event::Log { level, message } if self.says[level as usize] => match &self.bar {
                Some(bar) => bar.suspend(|| output::line(&message)),
                None => output::line(&message),
            },
            Event::Preview { path, .. } if self.says[Level::Info as usize] => {
                output::line(&format!("preview: {}", path.display()))
            }
            Event::Artifact { path, .. } if self.says[Level::Info as usize] => output::line(&format!("wrote {}", path.display())),
            Event::Log { .. } | Event::Preview { .. } | Event::Artifact { .. } | Event::Ended(_) => {}
        }
    }
}

/// How much of the step at hand is done, 0…1.
fn part(progress: &Progress) -> f64 {
    progress.metrics.get("part").copied().unwrap_or(0.0).clamp(0.0, 1.0)
}

/// `12/400, 3.1 steps per second, training error 0.312, 2 min 5 s left`.
fn words(progress: &Progress) -> String {
    let mut parts = vec![match progress.total {
        Some(total) => format!("{}/{total}", progress.step),
        None => progress.step.to_string(),
    }];
    for (name, value) in progress.metrics.iter().filter(|(name, _)| *name != "part") {
        let name = name.replace('_', " ");
        parts.push(match name.strip_suffix("per second") {
            Some(_) => format!("{} {name}", significant(*value)),
            None => format!("{name} {}", significant(*value)),
        });
    }
    if let Some(seconds) = progress.remaining {
        parts.push(format!("{} left", duration(seconds)));
    }
    parts.join(", ")
}

/// Three digits that matter; whole numbers as they are.
fn significant(value: f64) -> String {
    if value == value.trunc() && value.abs() < 1e15 {
        return format!("{value}");
    }
    let digits = (2 - value.abs().log10().floor() as i32).clamp(0, 6);
    format!("{value:.*}", digits as usize)
}

/// Seconds as a person says them.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_in_words() {
        let progress = Progress {
            phase: "training".to_owned(),
            step: 12,
            total: Some(400),
            metrics: [("training_error", 0.31249), ("steps_per_second", 3.14259), ("part", 0.5)]
                .map(|(n, v)| (n.to_owned(), v))
                .into(),
            remaining: Some(125.4),
        };
        assert_eq!(words(&progress), "12/400, 3.14 steps per second, training error 0.312, 2 min 5 s left");
        assert_eq!(part(&progress), 0.5);
    }

    #[test]
    fn three_digits_that_matter() {
        assert_eq!([0.00123456, 12.3456, 1234.5, 7.0, 0.0].map(significant), ["0.00123", "12.3", "1234", "7", "0"]);
    }

    #[test]
    fn durations() {
        assert_eq!([0.4, 59.6, 3725.0].map(duration), ["0 s", "1 min 0 s", "1 h 2 min"]);
    }
}
