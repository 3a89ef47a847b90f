//! FHIR R4 (US Core 6.1.0) of the facts of a life: one file for a group of resource types. Pure
//! functions of a [`Life`]; nothing here draws chance that a fact depends on.

pub mod parts;

mod allergy;
mod ccda;
mod condition;
mod document;
mod encounter;
pub(crate) mod home;
mod lab;
mod medication;
mod pdf;
mod person;
mod plan;
mod procedure;
mod provenance;
pub(crate) mod provider;
mod social;
mod survey;
mod vitals;

pub(crate) use allergy::RETIRED;
pub(crate) use encounter::CLOSED;
pub(crate) use lab::PURGED;

use crate::Resource;
use crate::date::Moment;
use crate::json::Obj;
use crate::life::Life;
use crate::life::provider::{OrganizationIx, PractitionerIx};
use parts::{named_reference, reference};

/// The clinical resources of a record. Providers are not in it: they are written once it is known
/// which of them the whole record refers to.
pub(crate) fn clinical(life: &Life) -> Vec<Resource> {
    let mut out = Writer { life, out: Vec::with_capacity(8_192) };
    person::write(&mut out);
    condition::write(&mut out);
    encounter::write(&mut out);
    lab::write(&mut out);
    vitals::write(&mut out);
    social::write(&mut out);
    survey::write(&mut out);
    medication::write(&mut out);
    allergy::write(&mut out);
    procedure::write(&mut out);
    document::write(&mut out);
    plan::write(&mut out);
    provenance::write(&mut out);
    out.out
}

/// Collects resources and knows how to refer to the people and places of a life.
pub(crate) struct Writer<'a> {
    life: &'a Life,
    out: Vec<Resource>,
}

impl Writer<'_> {
    fn put(&mut self, kind: &'static str, id: &str, written: Obj) {
        self.out.push(Resource::new(kind, id, written));
    }
}

/// The member as subject.
pub fn patient(life: &Life) -> Obj {
    named_reference("Patient", &life.member.id, &life.member.full_name())
}

/// A practitioner by name.
pub fn practitioner(life: &Life, index: PractitionerIx) -> Obj {
    let who = life.providers.practitioner(index);
    named_reference("Practitioner", &who.id, &who.printed())
}

/// A practitioner in the role at the organization.
pub fn role(life: &Life, index: PractitionerIx) -> Obj {
    let who = life.providers.practitioner(index);
    named_reference("PractitionerRole", &who.role_id, &who.printed())
}

/// An organization by name.
pub fn organization(life: &Life, index: OrganizationIx) -> Obj {
    let organization = life.providers.organization(index);
    named_reference("Organization", &organization.id, organization.name)
}

/// The place of an organization.
pub fn location(life: &Life, index: OrganizationIx) -> Obj {
    let organization = life.providers.organization(index);
    named_reference("Location", &organization.location_id, organization.name)
}

/// An encounter.
pub fn encounter(id: &str) -> Obj {
    reference("Encounter", id)
}

/// When a system had written down what happened at a moment.
#[must_use]
pub const fn soon(moment: Moment) -> Moment {
    moment.plus_seconds(2_413)
}
