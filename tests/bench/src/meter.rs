//! What the process used so far: processor time, bytes written, peak memory; and what the machine is.

use std::fs;
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};

/// Processor time of the whole process, all threads, in microseconds.
pub(crate) fn cpu_us() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

/// Bytes handed to the system in write calls.
pub(crate) fn written() -> f64 {
    field("/proc/self/io", "wchar:")
}

/// The most memory the process ever held, in KiB.
pub(crate) fn peak_kib() -> f64 {
    field("/proc/self/status", "VmHWM:")
}

fn field(path: &str, name: &str) -> f64 {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(f64::NAN)
}

/// Processor and wall time of `work`, in microseconds.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, f64, f64) {
    let (cpu, wall) = (cpu_us(), Instant::now());
    let result = work();
    (result, cpu_us() - cpu, wall.elapsed().as_secs_f64() * 1e6)
}

/// Processor, cores, load of the last minute.
pub(crate) fn machine() -> String {
    let model = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = model
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .and_then(|rest| rest.split_once(':'))
        .map_or("unknown processor", |(_, name)| name.trim());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("?");
    format!("{model}, {cores} cores, load {load}")
}
