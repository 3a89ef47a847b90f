//! Organizations that only the money knows: the payer with its numbers, and the other payer.

use super::{C4BB, C4BB_CODES, C4BB_VERSION, bare, refer};
use crate::Resource;
use crate::date::{Date, Moment};
use crate::fhir::parts::hl7;
use crate::fhir::parts::{US_CORE, resource as start, typed_identifier};
use crate::json::Obj;
use crate::life::Life;
use crate::life::id;
use crate::life::provider::{Organization, OrganizationKind};
use crate::money::book::Book;
use crate::money::coverage::{CoverageFact, CoverageKind};

/// Since when the payer's own entry is unchanged.
const ENTERED: Moment = Date::of(2025, 1, 2).at(9, 30);

/// Name of the other payer, invented.
const OTHER: &str = "Heartland Advantage Mutual";

/// The payer and, where a coverage names it, the other payer.
pub(super) fn resources(life: &Life, book: &Book) -> Vec<Resource> {
    let payer = life.providers.organization(life.providers.kind(OrganizationKind::Payer));
    let mut all = vec![own(payer)];
    if book.coverages.iter().any(|fact| fact.kind == CoverageKind::Other) {
        all.push(other(life));
    }
    all
}

/// The profiles of an organization of claims.
fn profiles() -> [String; 2] {
    [
        format!("{C4BB}C4BB-Organization{C4BB_VERSION}"),
        format!("{US_CORE}us-core-organization|6.1.0"),
    ]
}

/// An identifier with a type of C4BB; the payer id has no system, as each clearing house has its own.
fn numbered(kind: &str, system: Option<&str>, value: &str) -> Obj {
    Obj::new()
        .put("type", bare(&format!("{C4BB_CODES}C4BBIdentifierType"), kind))
        .maybe("system", system)
        .put("value", value)
}

/// The payer of the record.
fn own(payer: &Organization) -> Resource {
    let profiles = profiles();
    let mut identifiers = Vec::new();
    if let Some(npi) = &payer.npi {
        identifiers.push(typed_identifier(
            ("NPI", "National provider identifier"),
            "http://hl7.org/fhir/sid/us-npi",
            npi,
        ));
    }
    identifiers.push(typed_identifier(
        ("TAX", "Tax ID number"),
        "urn:oid:2.16.840.1.113883.4.4",
        &payer.tin,
    ));
    identifiers.push(numbered("payerid", None, "PX071"));
    identifiers.push(numbered("naiccode", Some("urn:oid:2.16.840.1.113883.6.300"), "99871"));
    let address = Obj::new()
        .put("type", "both")
        .one("line", payer.street)
        .put("city", payer.city)
        .put("state", payer.state)
        .put("postalCode", payer.zip)
        .put("country", "US");
    let written = start("Organization", &payer.id, 1, ENTERED, &[&profiles[0], &profiles[1]])
        .list("identifier", identifiers)
        .put("active", true)
        .one("type", hl7("organization-type", "pay", "Payer"))
        .put("name", payer.name)
        .one(
            "telecom",
            Obj::new().put("system", "phone").put("value", &payer.phone).put("use", "work"),
        )
        .one("address", address);
    Resource::new("Organization", &payer.id, written)
}

/// The payer that comes first in one year. The record knows little of it.
fn other(life: &Life) -> Resource {
    let profiles = profiles();
    let id = other_id(life);
    let written = start("Organization", &id, 1, ENTERED, &[&profiles[0], &profiles[1]])
        .one("identifier", numbered("payerid", None, "PX552"))
        .put("active", true)
        .one("type", hl7("organization-type", "pay", "Payer"))
        .put("name", OTHER);
    Resource::new("Organization", &id, written)
}

/// FHIR id of the other payer.
fn other_id(life: &Life) -> String {
    id(life.seed, "other payer", 0)
}

/// A reference to the payer.
pub(super) fn payer(life: &Life) -> Obj {
    let payer = life.providers.organization(life.providers.kind(OrganizationKind::Payer));
    refer(&format!("Organization/{}", payer.id), payer.name)
}

/// The name of the payer.
pub(super) fn payer_name(life: &Life) -> &'static str {
    life.providers.organization(life.providers.kind(OrganizationKind::Payer)).name
}

/// A reference to the other payer.
pub(super) fn other_payer(life: &Life) -> Obj {
    refer(&format!("Organization/{}", other_id(life)), OTHER)
}

/// Name of the plan of a coverage, as the payer prints it.
pub(super) fn plan_name(life: &Life, fact: &CoverageFact) -> String {
    match fact.kind {
        CoverageKind::Other => format!("{OTHER} PPO"),
        CoverageKind::Drug => format!("{} {} – pharmacy", payer_name(life), fact.plan.name),
        CoverageKind::Medical | CoverageKind::Dental => {
            format!("{} {}", payer_name(life), fact.plan.name)
        }
    }
}
