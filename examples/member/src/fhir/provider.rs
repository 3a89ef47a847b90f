//! Practitioner, PractitionerRole, Organization, Location: those that the record refers to.

use std::collections::BTreeSet;

use super::parts::{
    TERMINOLOGY, US_CORE, code_concept, concept, named_reference, reference, resource,
    typed_identifier,
};
use crate::Resource;
use crate::date::{Date, Moment};
use crate::json::{Obj, Raw};
use crate::life::Life;
use crate::life::person::Sex;
use crate::life::provider::{Organization, OrganizationKind, Practitioner, Role};

const CARIN: &str = "http://hl7.org/fhir/us/carin-bb/StructureDefinition/";
const LOADED: Moment = Date::of(2021, 7, 1).at(3, 0);

/// The providers that `record` refers to, and those that they refer to.
pub(crate) fn referred(life: &Life, record: &[Resource]) -> Vec<Resource> {
    let mut ids = BTreeSet::new();
    for resource in record {
        collect(&resource.json, &mut ids);
    }
    let mut out = Vec::new();
    for who in &life.providers.practitioners {
        if ids.contains(who.id.as_str()) || ids.contains(who.role_id.as_str()) {
            out.push(Resource::new("Practitioner", &who.id, practitioner(who)));
            out.push(Resource::new("PractitionerRole", &who.role_id, role(life, who)));
        }
    }
    let mut places = BTreeSet::new();
    for resource in &out {
        collect(&resource.json, &mut places);
    }
    ids.extend(places);
    let mut organizations = Vec::new();
    let written: BTreeSet<&str> = record
        .iter()
        .filter(|resource| resource.kind == "Organization")
        .map(|resource| resource.id.as_str())
        .collect();
    for it in &life.providers.organizations {
        let place = ids.contains(it.location_id.as_str());
        if written.contains(it.id.as_str()) {
            if place {
                organizations.push(Resource::new("Location", &it.location_id, location(it)));
            }
            continue;
        }
        if place || ids.contains(it.id.as_str()) {
            organizations.push(Resource::new("Organization", &it.id, organization(it)));
        }
        if place {
            organizations.push(Resource::new("Location", &it.location_id, location(it)));
        }
    }
    out.extend(organizations);
    out
}

/// The ids of providers that a resource refers to.
fn collect<'a>(json: &'a str, ids: &mut BTreeSet<&'a str>) {
    for part in json.split("\"reference\":\"").skip(1) {
        let target = part.split('"').next().unwrap_or("");
        if let Some((kind, id)) = target.split_once('/')
            && matches!(kind, "Practitioner" | "PractitionerRole" | "Organization" | "Location")
        {
            ids.insert(id);
        }
    }
}

fn practitioner(who: &Practitioner) -> Obj {
    let profiles =
        [format!("{US_CORE}us-core-practitioner"), format!("{CARIN}C4BB-Practitioner|2.1.0")];
    let profiles: Vec<&str> = profiles.iter().map(String::as_str).collect();
    let name = Obj::new()
        .put("use", "official")
        .put("text", who.printed())
        .put("family", who.family)
        .list("given", who.given.iter().copied())
        .one("suffix", who.suffix);
    resource("Practitioner", &who.id, 1, LOADED, &profiles)
        .one(
            "identifier",
            typed_identifier(
                ("NPI", "National provider identifier"),
                "http://hl7.org/fhir/sid/us-npi",
                &who.npi,
            ),
        )
        .put("active", true)
        .one("name", name)
        .put("gender", if who.sex == Sex::Female { "female" } else { "male" })
        .one("qualification", Obj::new().put("code", code_concept(&who.specialty)))
}

fn role(life: &Life, who: &Practitioner) -> Obj {
    let at = life.providers.organization(who.organization);
    let (code, display) = match who.role {
        Role::Pharmacist => ("pharmacist", "Pharmacist"),
        Role::NursePractitioner => ("nurse", "Nurse"),
        _ => ("doctor", "Doctor"),
    };
    let phone = Obj::new().put("system", "phone").put("value", &at.phone).put("use", "work");
    resource(
        "PractitionerRole",
        &who.role_id,
        1,
        LOADED,
        &[&format!("{US_CORE}us-core-practitionerrole")],
    )
    .put("active", true)
    .put("practitioner", named_reference("Practitioner", &who.id, &who.printed()))
    .put("organization", named_reference("Organization", &at.id, at.name))
    .one("code", concept(&format!("{TERMINOLOGY}practitioner-role"), code, display))
    .one("specialty", code_concept(&who.specialty))
    .one("location", named_reference("Location", &at.location_id, at.name))
    .one("telecom", phone)
}

fn organization(it: &Organization) -> Obj {
    let (code, display) = match it.kind {
        OrganizationKind::Payer => ("pay", "Payer"),
        OrganizationKind::Employer => ("bus", "Non-Healthcare Business or Corporation"),
        OrganizationKind::Exchange => ("other", "Other"),
        _ => ("prov", "Healthcare Provider"),
    };
    let profiles =
        [format!("{US_CORE}us-core-organization"), format!("{CARIN}C4BB-Organization|2.1.0")];
    let profiles: Vec<&str> = profiles.iter().map(String::as_str).collect();
    let npi = it.npi.as_ref().map(|npi| {
        typed_identifier(
            ("NPI", "National provider identifier"),
            "http://hl7.org/fhir/sid/us-npi",
            npi,
        )
    });
    let tax = typed_identifier(("TAX", "Tax ID number"), "urn:oid:2.16.840.1.113883.4.4", &it.tin);
    resource("Organization", &it.id, 1, LOADED, &profiles)
        .list("identifier", npi.into_iter().chain([tax]))
        .put("active", true)
        .one("type", concept(&format!("{TERMINOLOGY}organization-type"), code, display))
        .put("name", it.name)
        .one(
            "telecom",
            Obj::new().put("system", "phone").put("value", &it.phone).put("use", "work"),
        )
        .one("address", address(it))
}

fn address(it: &Organization) -> Obj {
    Obj::new()
        .one("line", it.street)
        .put("city", it.city)
        .put("state", it.state)
        .put("postalCode", it.zip)
        .put("country", "US")
}

fn location(it: &Organization) -> Obj {
    let (code, display) = match it.kind {
        OrganizationKind::Hospital => ("HOSP", "Hospital"),
        OrganizationKind::Pharmacy | OrganizationKind::MailPharmacy => ("PHARM", "Pharmacy"),
        OrganizationKind::SurgeryCenter => ("SURGCL", "Surgery clinic"),
        _ => ("OF", "Outpatient facility"),
    };
    let position =
        Obj::new().put("longitude", Raw(it.position.1)).put("latitude", Raw(it.position.0));
    resource("Location", &it.location_id, 1, LOADED, &[&format!("{US_CORE}us-core-location")])
        .put("status", "active")
        .put("name", it.name)
        .put("mode", "instance")
        .one("type", concept(&format!("{TERMINOLOGY}v3-RoleCode"), code, display))
        .one(
            "telecom",
            Obj::new().put("system", "phone").put("value", &it.phone).put("use", "work"),
        )
        .put("address", address(it))
        .put("position", position)
        .put("managingOrganization", reference("Organization", &it.id).put("display", it.name))
}
