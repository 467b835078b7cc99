//! `loopwatt schema`

use super::{Exit, Failed, print_json};
use crate::hall;

pub fn run() -> Result<Exit, Failed> {
    print_json(&hall::schema())?;
    Ok(Exit::Holds)
}
