//! loopwatt
fn main() {}
