//! The `closedform` program.

fn main() {}
