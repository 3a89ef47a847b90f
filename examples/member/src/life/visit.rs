//! Visits: what happened when, where, with whom, why, and what was done.

use super::code::{Act, Code, Dx};
use super::provider::{OrganizationIx, PractitionerIx};
use crate::date::{Date, Moment};

/// Where care was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// A clinic.
    Office,
    /// By video.
    Virtual,
    /// An emergency department.
    Emergency,
    /// A stay in a hospital.
    Inpatient,
    /// A hospital without a stay.
    OutpatientHospital,
    /// A surgery centre.
    SurgeryCenter,
    /// A dentist's practice.
    Dental,
    /// An eye doctor's practice.
    Vision,
    /// A practice of physical therapy.
    Therapy,
    /// An imaging centre.
    Imaging,
    /// A pharmacy (vaccines).
    Pharmacy,
    /// An urgent care clinic.
    UrgentCare,
}

impl Setting {
    /// Place of service code of professional claims.
    #[must_use]
    pub const fn place_of_service(self) -> (&'static str, &'static str) {
        match self {
            Self::Office | Self::Dental | Self::Vision | Self::Therapy => ("11", "Office"),
            Self::Virtual => ("10", "Telehealth Provided in Patient's Home"),
            Self::Emergency => ("23", "Emergency Room - Hospital"),
            Self::Inpatient => ("21", "Inpatient Hospital"),
            Self::OutpatientHospital => ("22", "On Campus-Outpatient Hospital"),
            Self::SurgeryCenter => ("24", "Ambulatory Surgical Center"),
            Self::Imaging => ("49", "Independent Clinic"),
            Self::Pharmacy => ("01", "Pharmacy"),
            Self::UrgentCare => ("20", "Urgent Care Facility"),
        }
    }
}

/// How needed a fact is when the record is small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Kept over more years than the rest.
    Essential,
    /// Kept within the window of the record.
    Usual,
}

/// One service performed at a visit.
#[derive(Clone, Debug)]
pub struct Performed {
    /// FHIR id of the Procedure, if one is recorded.
    pub id: String,
    /// What.
    pub act: &'static Act,
    /// Day of the service.
    pub date: Date,
    /// Units billed (15 minutes of therapy count one).
    pub units: u32,
    /// Tooth (universal numbering) and surface, for dental work.
    pub tooth: Option<(&'static str, Option<&'static str>)>,
    /// Who did it, if another than the practitioner of the visit.
    pub by: Option<PractitionerIx>,
}

/// What a visit was about; the notes and the claims follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// Yearly preventive visit.
    Annual,
    /// Diabetes and what goes with it.
    Diabetes,
    /// Education about food and devices.
    Education,
    /// A cold, a sprain and the like.
    Acute,
    /// Injury of the knee, from the first visit to the last.
    Knee,
    /// Physical therapy after it.
    Physiotherapy,
    /// Pneumonia: emergency department, stay, follow-up.
    Pneumonia,
    /// Pregnancy and birth.
    Pregnancy,
    /// Depression.
    Depression,
    /// Teeth.
    Teeth,
    /// Eyes.
    Eyes,
    /// Feet.
    Feet,
    /// Skin.
    Skin,
    /// Screening for cancer.
    Screening,
    /// A vaccine at the pharmacy.
    Vaccination,
}

/// A visit, from check-in to check-out.
#[derive(Clone, Debug)]
pub struct Visit {
    /// FHIR id of the Encounter.
    pub id: String,
    /// Start.
    pub start: Moment,
    /// End.
    pub end: Moment,
    /// Where.
    pub setting: Setting,
    /// What about.
    pub topic: Topic,
    /// With whom.
    pub practitioner: PractitionerIx,
    /// At which organization (and its location).
    pub organization: OrganizationIx,
    /// Why the member came, in the words of the scheduler.
    pub reason: String,
    /// Diagnoses, the principal one first.
    pub diagnoses: Vec<&'static Dx>,
    /// Services, the visit itself first.
    pub performed: Vec<Performed>,
    /// MS-DRG of a stay.
    pub drg: Option<(&'static str, &'static str)>,
    /// The kind of encounter: SNOMED CT or CPT.
    pub kind: Code,
    /// Whether practitioner and organization are under contract with the plan.
    pub in_network: bool,
    /// Whether the plan wanted to be asked before.
    pub prior_authorization: bool,
    /// FHIR id of the stay that this emergency visit led to.
    pub led_to: Option<String>,
    /// How needed in a small record.
    pub weight: Weight,
}

impl Visit {
    /// First day.
    #[must_use]
    pub const fn date(&self) -> Date {
        self.start.date
    }
}

/// A problem over time.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// FHIR id of the Condition on the problem list.
    pub id: String,
    /// What.
    pub dx: &'static Dx,
    /// First signs.
    pub onset: Onset,
    /// Day it was over.
    pub abatement: Option<Date>,
    /// Day it was written down.
    pub recorded: Date,
    /// Who wrote it down.
    pub by: PractitionerIx,
    /// Problem list, or a concern of daily life.
    pub list: ProblemList,
    /// Whether it was entered by mistake.
    pub mistake: bool,
}

/// How well the beginning of a problem is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onset {
    /// To the day.
    Day(Date),
    /// To the month.
    Month(Date),
    /// To the year.
    Year(Date),
    /// As age in years.
    Age(i32),
}

/// Which list a problem is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemList {
    /// A medical problem.
    Problem,
    /// A health concern.
    HealthConcern,
    /// A health concern found by a social screening.
    Social,
}
