//! `log.jsonl`: what each of the last jobs was asked and what it told.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use fewlabel_contract::Request;
use serde_json::{Value, json};

/// How many jobs' logs stay.
const KEPT: usize = 20;

/// The log of one job, `HOME/jobs/TIME-PROCESS-JOB-ENTRY/log.jsonl`: a JSON object a line, with the seconds since it began.
#[derive(Debug)]
pub(crate) struct JobLog {
    file: Mutex<File>,
    begin: Instant,
}

impl JobLog {
    /// Begins the log of a job and removes the oldest logs.
    pub fn begin(home: &Path, id: u64, request: &Request) -> io::Result<Self> {
        let jobs = home.join("jobs");
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        // Fixed width, so that the names sort by time.
        let folder = jobs.join(format!("{time:014}-{}-{id}-{}", std::process::id(), request.entry.name()));
        fs::create_dir_all(&folder)?;
        let log = Self { file: Mutex::new(File::create(folder.join("log.jsonl"))?), begin: Instant::now() };
        log.write(json!({ "version": crate::VERSION, "request": request }));
        remove_oldest(&jobs)?;
        Ok(log)
    }

    /// Adds a line. A log that cannot be written (a full disk) must not fail the job, so that is left alone.
    pub fn write(&self, mut line: Value) {
        line["seconds"] = json!((self.begin.elapsed().as_secs_f64() * 1e3).round() / 1e3);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = file.write_all(format!("{line}\n").as_bytes());
    }
}

fn remove_oldest(jobs: &Path) -> io::Result<()> {
    let mut logs: Vec<_> = fs::read_dir(jobs)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|folder| folder.join("log.jsonl").is_file())
        .collect();
    logs.sort();
    for old in logs.iter().rev().skip(KEPT) {
        // Another process may be removing the same one.
        let _ = fs::remove_dir_all(old);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::Entry;

    use super::*;

    #[test]
    fn the_last_twenty_stay() {
        let home = tempfile::tempdir().unwrap();
        let request = Request { contract: 1, entry: Entry::Describe, args: Value::Null };
        fs::create_dir_all(home.path().join("jobs").join("notes of the user")).unwrap();
        for id in 0..25 {
            JobLog::begin(home.path(), id, &request).unwrap().write(json!({ "note": id }));
        }
        let names: Vec<String> =
            fs::read_dir(home.path().join("jobs")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        assert_eq!(names.len(), 21, "{names:?}");
        assert!(names.contains(&"notes of the user".to_owned()));
        let newest = names.iter().find(|name| name.ends_with("-24-describe")).unwrap();
        let text = fs::read_to_string(home.path().join("jobs").join(newest).join("log.jsonl")).unwrap();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((lines[0]["request"]["entry"].as_str(), lines[1]["note"].as_u64()), (Some("describe"), Some(24)));
    }
}
