//! What this machine, or the limits of this process, allow. The only file of this room that
//! depends on the operating system.

use std::path::Path;

/// The part of the memory that networks take without being told otherwise, in percent.
const SHARE: u64 = 40;
/// What a machine is taken to have when it does not tell, in bytes.
const UNKNOWN: u64 = 4 << 30;

/// Bytes that the networks of this process may use by default: 40 % of the machine's memory or, when
/// that is less, of what the control group (version 1 or 2) of this process may hold.
pub fn memory_budget() -> u64 {
    let group =
        std::fs::read_to_string("/proc/self/cgroup").ok().and_then(|text| group_limit(&text, Path::new("/sys/fs/cgroup")));
    machine_memory().into_iter().chain(group).min().unwrap_or(UNKNOWN) / 100 * SHARE
}

/// Threads that this process may keep busy: processors, affinity and control group considered.
pub fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Physical memory in bytes.
#[cfg(target_os = "linux")]
fn machine_memory() -> Option<u64> {
    meminfo_total(&std::fs::read_to_string("/proc/meminfo").ok()?)
}

/// Physical memory in bytes.
#[cfg(not(target_os = "linux"))]
fn machine_memory() -> Option<u64> {
    let memory = sysinfo::RefreshKind::nothing().with_memory(sysinfo::MemoryRefreshKind::nothing().with_ram());
    Some(sysinfo::System::new_with_specifics(memory).total_memory()).filter(|&bytes| bytes > 0)
}

/// `MemTotal` of the text of `/proc/meminfo`, in bytes.
#[cfg(any(target_os = "linux", test))]
fn meminfo_total(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The smallest limit among the memory control groups that hold this process, in bytes.
///
/// `membership` is the text of `/proc/self/cgroup`, `root` where the hierarchies are mounted. A
/// container often sees its own group as the root of the mount, while `membership` still names the
/// path on the host: so the folder itself counts too, whatever is there below it.
fn group_limit(membership: &str, root: &Path) -> Option<u64> {
    membership
        .lines()
        .filter_map(|line| {
            let mut fields = line.splitn(3, ':');
            let (_, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
            if controllers.is_empty() {
                Some((root.to_path_buf(), "memory.max", path))
            } else if controllers.split(',').any(|name| name == "memory") {
                Some((root.join("memory"), "memory.limit_in_bytes", path))
            } else {
                None
            }
        })
        .flat_map(|(mount, file, path)| {
            // A group is bound by every group above it.
            Path::new(path.trim_start_matches('/'))
                .ancestors()
                .filter_map(|group| std::fs::read_to_string(mount.join(group).join(file)).ok())
                .filter_map(|text| text.trim().parse::<u64>().ok())
                .collect::<Vec<_>>()
        })
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meminfo_is_in_kibibytes() {
        let text = "MemTotal:       24689012 kB\nMemFree:        22000000 kB\n";
        assert_eq!(meminfo_total(text), Some(24_689_012 * 1024));
        assert_eq!(meminfo_total("MemFree: 1 kB\n"), None);
    }

    #[test]
    fn version_2_takes_the_smallest_limit_on_the_way_up() {
        let root = tempfile::tempdir().unwrap();
        let write = |group: &str, limit: &str| {
            let folder = root.path().join(group);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("memory.max"), limit).unwrap();
        };
        write("user/job", "max\n");
        assert_eq!(group_limit("0::/user/job\n", root.path()), None);
        write("user", "3000000000\n");
        assert_eq!(group_limit("0::/user/job\n", root.path()), Some(3_000_000_000));
        write("user/job", "1000000000\n");
        assert_eq!(group_limit("0::/user/job\n", root.path()), Some(1_000_000_000));
    }

    #[test]
    fn version_1_reads_the_memory_controller_only() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("memory/docker/abc");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("memory.limit_in_bytes"), "536870912\n").unwrap();
        let membership = "9:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/\n";
        assert_eq!(group_limit(membership, root.path()), Some(536_870_912));
    }

    #[test]
    fn a_container_that_sees_its_group_as_root_is_bound_by_it() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("memory.max"), "209715200\n").unwrap();
        assert_eq!(group_limit("0::/not/mounted/here\n", root.path()), Some(209_715_200));
    }

    #[test]
    fn the_budget_of_this_machine_is_a_part_of_it() {
        let whole = machine_memory().unwrap();
        assert!(memory_budget() > 0 && memory_budget() <= whole / 100 * SHARE);
        assert!(available_threads() >= 1);
    }
}
