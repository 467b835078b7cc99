//! loopwatt
