//! `chartkeep-member`: writes one synthetic member's record as NDJSON, a resource a line. With a day it
//! writes the record as it stands on that virtual day.
#![forbid(unsafe_code)]

use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;

use chartkeep_member::Member;

const USAGE: &str =
    "usage: chartkeep-member [--seed N] [--resources N] [--day N] > record.ndjson\n";

fn main() -> ExitCode {
    let Some((seed, resources, day)) = arguments(std::env::args().skip(1)) else {
        let _ = io::stderr().write_all(USAGE.as_bytes());
        return ExitCode::from(2);
    };
    match write(seed, resources, day) {
        Ok(()) => ExitCode::SUCCESS,
        // A reader that has enough closes the pipe: no fault.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "chartkeep-member: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Seed, size and day of the command line; `None` if it is not understood.
fn arguments(mut words: impl Iterator<Item = String>) -> Option<(u64, usize, u32)> {
    let (mut seed, mut resources, mut day) = (1, 2_000, 0);
    while let Some(word) = words.next() {
        let value = words.next()?;
        match word.as_str() {
            "--seed" => seed = value.parse().ok()?,
            "--resources" => resources = value.parse().ok()?,
            "--day" => day = value.parse().ok()?,
            _ => return None,
        }
    }
    Some((seed, resources, day))
}

fn write(seed: u64, resources: usize, day: u32) -> io::Result<()> {
    let member = Member::builder().seed(seed).resources(resources).build();
    let mut out = BufWriter::with_capacity(1 << 18, io::stdout().lock());
    for resource in member.resources_at(day) {
        out.write_all(resource.json.as_bytes())?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
