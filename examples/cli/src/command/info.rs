//! `chartkeep info`

use std::collections::BTreeMap;

use chartkeep::{Opened, Vault, VaultInfo};
use comfy_table::{Cell, CellAlignment};
use serde::Serialize;

use crate::args::Globals;
use crate::failure::Stop;
use crate::style::{Style, bytes, clean, count, paint};
use crate::ui::Ui;
use crate::{rows, unlock};

#[derive(Serialize)]
struct Info<'a> {
    vault_id: &'a str,
    format: &'a str,
    counter: u64,
    zone: &'a str,
    opened: &'static str,
    resources: u64,
    by_type: BTreeMap<&'a str, u64>,
    versions: u64,
    quarantined: u64,
    without_id: u64,
    connections: u32,
    bytes_raw: u64,
    bytes_file: u64,
    recent_rows: u32,
    segments: u32,
}

impl<'a> Info<'a> {
    fn of(info: &'a VaultInfo) -> Self {
        Self {
            vault_id: &info.vault_id,
            format: &info.format,
            counter: info.counter,
            zone: &info.zone,
            opened: match info.opened {
                Opened::Created => "created",
                Opened::Table => "table",
                // A walk, or a way of a later core that is no table either.
                _ => "walk",
            },
            resources: info.resources,
            by_type: info.by_type.iter().map(|(name, count)| (name.as_str(), *count)).collect(),
            versions: info.versions,
            quarantined: info.quarantined,
            without_id: info.without_id,
            connections: info.connections,
            bytes_raw: info.bytes_raw,
            bytes_file: info.bytes_file,
            recent_rows: info.recent_rows,
            segments: info.segments,
        }
    }
}

pub(crate) fn run(globals: &Globals, ui: &Ui) -> Result<(), Stop> {
    let vault = unlock::open(globals, ui, false)?;
    let info = vault.info()?;
    let names = connections(&vault)?;
    let info = Info::of(&info);
    ui.answer(&info, || text(ui, &info, &names))
}

fn connections(vault: &Vault) -> Result<Vec<String>, Stop> {
    let connections = vault.connections()?;
    Ok(connections.iter().map(|connection| clean(&connection.name).into_owned()).collect())
}

fn text(ui: &Ui, info: &Info<'_>, connections: &[String]) -> String {
    let opened = match info.opened {
        "walk" => "by a full walk, since the last session did not end cleanly",
        "created" => "new",
        _ => "by the table of a clean end",
    };
    let facts = [
        ("vault", info.vault_id.to_owned()),
        ("format", format!("{}, commit {}, zone {}", info.format, count(info.counter), info.zone)),
        ("opened", opened.to_owned()),
        ("resources", of_versions(info)),
        ("connections", connections.join(", ")),
        ("size", format!("{} of FHIR in {}", bytes(info.bytes_raw), bytes(info.bytes_file))),
        (
            "index",
            format!("{} segments, {} recent rows", info.segments, count(info.recent_rows.into())),
        ),
    ];
    let mut table = rows::table(ui, &[]);
    for (name, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
        table.add_row([name.to_owned(), value]);
    }
    let mut text = rows::render(&mut table);
    if !info.by_type.is_empty() {
        text.push('\n');
        text.push_str(&by_type(ui, info));
    }
    text
}

fn of_versions(info: &Info<'_>) -> String {
    let mut text = format!("{} ({} versions", count(info.resources), count(info.versions));
    if info.without_id > 0 {
        text.push_str(&format!(", {} without id", count(info.without_id)));
    }
    if info.quarantined > 0 {
        text.push_str(&format!(", {} quarantined", count(info.quarantined)));
    }
    text.push(')');
    text
}

fn by_type(ui: &Ui, info: &Info<'_>) -> String {
    let mut types: Vec<_> = info.by_type.iter().collect();
    types.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), **name));
    let mut table = rows::table(ui, &[]);
    for (name, number) in types {
        let number = Cell::new(count(*number)).set_alignment(CellAlignment::Right);
        table.add_row([number, Cell::new(clean(name))]);
    }
    let heading = paint(ui.color, Style::Heading, "Current resources by type");
    format!("{heading}\n{}", rows::render(&mut table))
}
