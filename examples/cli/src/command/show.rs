//! `chartkeep show`

use chartkeep::{ResourceId, StoredResource, Vault};

use crate::args::{Globals, Show};
use crate::failure::{Failure, Stop};
use crate::style::clean;
use crate::ui::{Ui, write_stdout};
use crate::{json, unlock};

pub(crate) fn run(args: &Show, globals: &Globals, ui: &Ui) -> Result<(), Stop> {
    let (resource_type, id) = match args.resource.split_once('/') {
        Some((resource_type, id)) if !resource_type.is_empty() && !id.is_empty() => {
            (resource_type, id)
        }
        _ => {
            return Err(Failure::usage("usage.invalid_value", "expected TYPE/ID", "TYPE/ID").into());
        }
    };
    let vault = unlock::open(globals, ui, false)?;
    let id = match &args.connection {
        Some(name) => named(&vault, name, resource_type, id)?,
        None => only(&vault, resource_type, id)?,
    };
    let resource = match args.version {
        None => vault.read(&id)?,
        Some(number) => version(&vault, &id, number)?,
    };
    let resource = resource.ok_or_else(not_found)?;
    if args.raw {
        return write_stdout(resource.bytes());
    }
    if ui.json {
        return write_stdout(&[resource.bytes(), b"\n"].concat());
    }
    write_stdout(json::pretty(resource.json(), ui.color).as_bytes())
}

fn named(vault: &Vault, name: &str, resource_type: &str, id: &str) -> Result<ResourceId, Stop> {
    let connection = vault.connection(name)?.ok_or(chartkeep::Error::UnknownConnection)?;
    Ok(ResourceId::new(connection.id, resource_type, id))
}

fn only(vault: &Vault, resource_type: &str, id: &str) -> Result<ResourceId, Stop> {
    let mut found = vault.locate(resource_type, id)?;
    if found.len() > 1 {
        return Err(several(vault, &found)?.into());
    }
    found.pop().ok_or_else(|| not_found().into())
}

fn version(vault: &Vault, id: &ResourceId, number: u32) -> Result<Option<StoredResource>, Stop> {
    Ok(vault.versions(id)?.into_iter().find(|resource| resource.version() == number))
}

fn not_found() -> Failure {
    Failure::argument("resource.not_found", "there is no such resource in the vault", "TYPE/ID")
}

fn several(vault: &Vault, found: &[ResourceId]) -> Result<Failure, Stop> {
    let connections = vault.connections()?;
    let names: Vec<String> = connections
        .iter()
        .filter(|connection| found.iter().any(|id| id.connection == connection.id))
        .map(|connection| clean(&connection.name).into_owned())
        .collect();
    let what = format!("several connections hold this resource: {}", names.join(", "));
    let failure = Failure::usage("usage.ambiguous", what, "--connection");
    Ok(failure.with_advice("name one of them with --connection NAME"))
}
