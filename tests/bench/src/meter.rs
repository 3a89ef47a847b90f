//! What the process used so far: processor time, bytes written, peak memory.

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

/// The one in the middle; of an even number the mean of the two.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match (figures.get(middle), figures.len() % 2) {
        (Some(upper), 0) => f64::midpoint(figures[middle - 1], *upper),
        (Some(one), _) => *one,
        (None, _) => f64::NAN,
    }
}
