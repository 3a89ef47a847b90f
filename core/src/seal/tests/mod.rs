//! The seal as a whole: create, open, close, damage, power cuts.

mod basics;
mod control;
mod crash;
mod faults;
mod files;
#[cfg(target_os = "linux")]
mod memory;
mod process;
mod replay;
mod second_reader;
mod support;
mod tamper;
mod threads;

pub(crate) use control::Control;
