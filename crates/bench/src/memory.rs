//! What this process holds of the machine's memory.

/// The highest resident memory this process has had, in MB (1e6 bytes); `None` where the system does not tell.
pub fn peak_mb() -> Option<f64> {
    status("VmHWM:")
}

/// The memory this process holds now, in MB (1e6 bytes); `None` where the system does not tell.
pub fn resident_mb() -> Option<f64> {
    status("VmRSS:")
}

fn status(field: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1_024.0 / 1e6)
}
