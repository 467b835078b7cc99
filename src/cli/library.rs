//! `loopwatt library [show PART]`

use clap::Subcommand;
use comfy_table::{ContentArrangement, Table, presets::NOTHING};

use super::{Exit, Failed, complain, print, print_json};
use crate::library::Library;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// Print as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Action {
    /// Show a part: every number with its source and confidence
    Show {
        /// Name of the part
        part: String,
    },
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failed> {
    let library = Library::embedded();
    match &arguments.action {
        None => list(library, arguments.json),
        Some(Action::Show { part }) => show(library, part, arguments.json),
    }
}

fn list(library: &Library, json: bool) -> Result<Exit, Failed> {
    let mut rows: Vec<(String, String, String)> = library
        .parts()
        .map(|part| {
            let kind = library
                .kind(part)
                .map_or_else(|| "?".to_owned(), |kind| kind.name().to_owned());
            (kind, part.name.clone(), part.title.clone())
        })
        .collect();
    rows.sort();
    if json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(kind, name, title)| serde_json::json!({ "name": name, "kind": kind, "title": title }))
            .collect();
        print_json(&rows)?;
        return Ok(Exit::Holds);
    }
    let mut table = plain(&["Kind", "Part", "Title"]);
    for (kind, name, title) in rows {
        table.add_row(vec![kind, name, title]);
    }
    print(&format!("{table}\n"))?;
    Ok(Exit::Holds)
}

fn show(library: &Library, name: &str, json: bool) -> Result<Exit, Failed> {
    let Some(part) = library.get(name) else {
        let near = crate::diag::nearest(name, library.parts().map(|part| part.name.as_str()));
        let hint = near.map_or_else(
            || "; `loopwatt library` lists all".to_owned(),
            |near| format!("; did you mean '{near}'?"),
        );
        complain(&format!("the library has no part '{name}'{hint}"));
        return Err(Failed(Exit::BadInput));
    };
    let kind = library.kind(part);
    let numbers = library.numbers(part);
    if json {
        print_json(&serde_json::json!({
            "name": part.name,
            "kind": kind.map(crate::library::PartKind::name),
            "title": part.title,
            "numbers": numbers,
        }))?;
        return Ok(Exit::Holds);
    }
    let kind = kind.map_or("?", crate::library::PartKind::name);
    let mut table = plain(&["Key", "Value", "Grade", "Source"]);
    for number in numbers {
        table.add_row(vec![
            number.key,
            number.value,
            format!("{:?}", number.confidence),
            number.source,
        ]);
    }
    print(&format!(
        "{} ({kind}): {}\n\n{table}\n\nGrades: A official or measured, B careful transcription, C derived, D assumption\n",
        part.name, part.title
    ))?;
    Ok(Exit::Holds)
}

fn plain(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header.to_vec());
    table
}
