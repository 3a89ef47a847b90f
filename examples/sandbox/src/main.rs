//! The sandbox payer as a command.

fn main() {}
