//! The `loopwatt` program; see `loopwatt --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    loopwatt::cli::main()
}
