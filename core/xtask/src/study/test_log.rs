//! The log of runs on `test`: each look at the images that reported numbers come from is written down.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_image::AtomicFile;
use serde::{Deserialize, Serialize};

use super::results::{Row, Scores};
use super::trial::Trial;

/// One run of the study on `test`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Look {
    date: String,
    commit: String,
    rows: Vec<Seen>,
}

/// What the log keeps of a row.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Seen {
    #[serde(flatten)]
    trial: Trial,
    request: String,
    scores: Scores,
}

/// The log, with an entry of its own for the run that has begun.
pub struct TestLog {
    path: PathBuf,
    looks: Vec<Look>,
}

impl TestLog {
    /// Reads the log; the run gets its entry with the first row.
    ///
    /// # Errors
    /// `io` when it cannot be read; `invalid-request` when it is no such log.
    pub fn open(path: &Path, commit: &str) -> Result<Self> {
        let mut looks: Vec<Look> = match std::fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                Error::new(ErrorKind::InvalidRequest, "read test log", "this is no log of runs on test")
                    .file(path)
                    .because(&error)
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Error::io("read test log", path, &error)),
        };
        looks.push(Look { date: today(), commit: commit.to_owned(), rows: Vec::new() });
        Ok(Self { path: path.to_owned(), looks })
    }

    /// Writes down a row of this run.
    ///
    /// # Errors
    /// `io` when it cannot be written.
    pub fn add(&mut self, row: &Row) -> Result<()> {
        let seen = Seen { trial: row.trial.clone(), request: row.request.clone(), scores: row.scores.clone() };
        if let Some(look) = self.looks.last_mut() {
            look.rows.push(seen);
        }
        let mut text = serde_json::to_string_pretty(&self.looks)
            .map_err(|error| Error::internal("write test log", "it cannot be written as JSON").because(&error))?;
        text.push('\n');
        let mut file = AtomicFile::create(&self.path, true)?;
        file.write_all(text.as_bytes()).map_err(|error| file.error(&error))?;
        file.commit()
    }
}

fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    date(seconds / 86_400)
}

/// The day that is so many days after 1970-01-01, in the Gregorian calendar: `2026-02-28`.
fn date(days: u64) -> String {
    // Years are counted from March on, so that the day that comes every four years is the last of its year; an era
    // of 400 years has 146,097 days. 1970-01-01 is day 719,468 since 0000-03-01.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = 400 * era + year + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day_of_month:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::results::tests::row;
    use crate::study::trial::tests::trial;

    #[test]
    fn every_run_is_an_entry_and_earlier_ones_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("test_log.json");
        for (commit, scores) in [("one", &[0.7, 0.8][..]), ("two", &[0.9])] {
            let mut log = TestLog::open(&path, commit).expect("a log");
            for &ap50 in scores {
                log.add(&row(trial(), ap50)).expect("written");
            }
        }
        TestLog::open(&path, "three").expect("a run without rows is not written");
        let looks: Vec<Look> = serde_json::from_slice(&std::fs::read(&path).expect("the log")).expect("a log");
        let counted: Vec<(&str, usize)> = looks.iter().map(|look| (look.commit.as_str(), look.rows.len())).collect();
        assert_eq!(counted, [("one", 2), ("two", 1)]);
        assert_eq!(looks[1].rows[0].scores.ap50, Some(0.9));
    }

    #[test]
    fn days_have_dates() {
        let dates = [0, 58, 59, 364, 365, 789, 11_016, 20_512].map(date);
        let expected =
            ["1970-01-01", "1970-02-28", "1970-03-01", "1970-12-31", "1971-01-01", "1972-02-29", "2000-02-29", "2026-02-28"];
        assert_eq!(dates, expected);
    }
}
