//! A life in plain facts, without FHIR: who, when, what, why. Everything else of the crate reads it.
//!
//! A [`Life`] is a view: it holds the facts up to and with `today`, within the window of the record.
//! The FHIR and the money made of it are pure functions of it, so that a later `today` gives the
//! record as it stands then, and the difference of two days is what changed between them.

pub mod build;
pub mod catalog;
pub mod code;
pub mod drug;
pub mod lab;
pub mod person;
pub mod provider;
pub mod record;
pub mod view;
pub mod visit;

use drug::{Fill, Prescription};
use lab::{Panel, Vitals};
use person::Person;
use provider::Providers;
use record::{Allergy, Device, Document, Goal, Immunization, Plan, Social, Survey};
use visit::{Diagnosis, Visit};

use crate::date::Date;
use crate::rng::Rng;

/// The facts of one member's record.
#[derive(Clone, Debug)]
pub struct Life {
    /// The seed: streams of chance are named under it.
    pub seed: u64,
    /// The day of the view. No fact is later.
    pub today: Date,
    /// First day of the window: visits before it are left out, but for essential ones.
    pub since: Date,
    /// The member: the only Patient.
    pub member: Person,
    /// The spouse.
    pub spouse: Person,
    /// The child, a dependent of the same contract.
    pub child: Person,
    /// Whether the spouse holds the contract (the member otherwise).
    pub spouse_subscribes: bool,
    /// Who gives care and who pays.
    pub providers: Providers,
    /// Visits, by time.
    pub visits: Vec<Visit>,
    /// Problems.
    pub diagnoses: Vec<Diagnosis>,
    /// Prescriptions, by time.
    pub prescriptions: Vec<Prescription>,
    /// Fills, by time.
    pub fills: Vec<Fill>,
    /// Laboratory panels, by time.
    pub panels: Vec<Panel>,
    /// Vital signs, by time.
    pub vitals: Vec<Vitals>,
    /// Vaccines, by time.
    pub immunizations: Vec<Immunization>,
    /// Allergies.
    pub allergies: Vec<Allergy>,
    /// Documents, by time.
    pub documents: Vec<Document>,
    /// Screenings, by time.
    pub surveys: Vec<Survey>,
    /// Social history.
    pub social: Vec<Social>,
    /// Devices.
    pub devices: Vec<Device>,
    /// Goals.
    pub goals: Vec<Goal>,
    /// Care plans.
    pub plans: Vec<Plan>,
}

impl Life {
    /// The stream of chance of a topic.
    #[must_use]
    pub fn rng(&self, topic: &str) -> Rng {
        Rng::named(self.seed, topic)
    }

    /// The FHIR id of the `n`th thing of a kind: the same for every size and day.
    #[must_use]
    pub fn id(&self, kind: &str, n: u64) -> String {
        id(self.seed, kind, n)
    }

    /// The visit of an id.
    #[must_use]
    pub fn visit(&self, id: &str) -> Option<&Visit> {
        self.visits.iter().find(|visit| visit.id == id)
    }

    /// The prescription of a fill.
    #[must_use]
    pub fn prescription(&self, fill: &Fill) -> Option<&Prescription> {
        self.prescriptions.iter().find(|prescription| prescription.id == fill.prescription)
    }
}

/// An id in the shape of a random UUID, made of seed, kind and number.
#[must_use]
pub fn id(seed: u64, kind: &str, n: u64) -> String {
    let mut rng = Rng::named(seed, kind).nth(n);
    let (high, low) = (rng.draw(), rng.draw());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff
    )
}
