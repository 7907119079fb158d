//! What the operating system says of this process. Linux only; elsewhere there is nothing to show.

/// What is shown, and what it means.
pub(super) const DESCRIPTIONS: [(&str, &str); 4] = [
    ("liqlens_process_resident_bytes", "Memory in use."),
    ("liqlens_process_open_files", "Open files and sockets."),
    ("liqlens_process_threads", "Threads."),
    ("liqlens_process_cpu_seconds", "Processor time used since the start."),
];

/// The readings that are there, by name.
pub(super) fn readings() -> Vec<(&'static str, f64)> {
    let mut readings = Vec::new();
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let field = |name: &str| number(status.lines().find_map(|line| line.strip_prefix(name))?);
        readings.extend(field("VmRSS:").map(|kib| ("liqlens_process_resident_bytes", kib * 1_024.0)));
        readings.extend(field("Threads:").map(|threads| ("liqlens_process_threads", threads)));
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        // One of them is the listing itself.
        let open = files.count().saturating_sub(1);
        readings.push(("liqlens_process_open_files", open as f64));
    }
    if let Ok(stat) = std::fs::read_to_string("/proc/self/stat") {
        readings.extend(cpu_seconds(&stat).map(|seconds| ("liqlens_process_cpu_seconds", seconds)));
    }
    readings
}

/// The number a field begins with.
fn number(field: &str) -> Option<f64> {
    field.split_whitespace().next()?.parse().ok()
}

/// User and system time of `/proc/self/stat`, in hundredths of a second on every Linux since 2.6.
fn cpu_seconds(stat: &str) -> Option<f64> {
    // The second field is the program's name in brackets and may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let (user, system) = (number(fields.next()?)?, number(fields.next()?)?);
    Some((user + system) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_found_behind_any_name() {
        let stat = "1 (a b) c) S 0 1 1 0 -1 4194560 100 0 1 0 250 50 7 8 20 0 12 0 3 4 5";
        assert_eq!(cpu_seconds(stat), Some(3.0));
        for broken in ["", "1 (x", "1 (x) S 0 1", "1 (x) S 0 1 1 0 -1 4194560 100 0 1 0 a b"] {
            assert_eq!(cpu_seconds(broken), None, "{broken}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_uses_memory_and_files() {
        let readings = readings();
        for (name, _) in DESCRIPTIONS {
            let value = readings.iter().find(|(shown, _)| *shown == name).map(|(_, value)| *value);
            assert!(value.is_some_and(|value| value > 0.0 || name.ends_with("cpu_seconds")), "{name}");
        }
    }
}
