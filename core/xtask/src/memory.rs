//! How much memory processes held, where the system tells.

use std::fs;

/// The most bytes that one process, `pid` or one that it started, held at once so far. `None` where the
/// system has no such account, and after the process ended.
pub fn peak_of_tree(pid: u32) -> Option<u64> {
    let mut peak = None;
    let mut left = vec![pid];
    while let Some(pid) = left.pop() {
        peak = peak.max(peak_of(pid));
        left.extend(children(pid));
    }
    peak
}

/// The most bytes that a process held at once so far (`VmHWM`).
pub fn peak_of(pid: u32) -> Option<u64> {
    peak_in(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

fn peak_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| 1024 * kilobytes)
}

/// What every thread of a process started and has not ended.
fn children(pid: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let lists = threads.flatten().filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_in_bytes() {
        assert_eq!(peak_in("VmPeak:\t  900 kB\nVmHWM:\t  512 kB\nVmRSS:\t 100 kB\n"), Some(524_288));
        assert_eq!(peak_in("Name:\tkthread\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_holds_something() {
        let own = std::process::id();
        let alone = peak_of(own);
        assert!(alone > Some(100_000) && peak_of_tree(own) >= alone);
    }
}
