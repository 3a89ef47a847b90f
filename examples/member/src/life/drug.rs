//! Prescriptions and what the pharmacy gave out.

use super::code::{Code, Dx};
use super::provider::{OrganizationIx, PractitionerIx};
use crate::date::{Date, Moment};
use crate::decimal::Decimal;

/// A product that can be prescribed.
#[derive(Debug, PartialEq, Eq)]
pub struct Drug {
    /// RxNorm code (clinical or branded drug) and name.
    pub rxnorm: Code,
    /// National Drug Code of the package, 11 digits.
    pub ndc: &'static str,
    /// Short name in notes and lists.
    pub name: &'static str,
    /// Whether it is a brand.
    pub brand: bool,
    /// Whether the plan wants to be asked before.
    pub prior_authorization: bool,
    /// Whether it is kept cold, for one patient, dear: a specialty drug.
    pub specialty: bool,
    /// Unit of the dose in words (`tablet`) and in UCUM (`{tbl}`).
    pub unit: (&'static str, &'static str),
    /// Route: SNOMED CT code and term.
    pub route: (&'static str, &'static str),
    /// Dose form in words: `oral tablet`.
    pub form: &'static str,
}

/// How a dose is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dose {
    /// The text on the label.
    pub text: String,
    /// How much at a time.
    pub amount: Decimal,
    /// How often in `period`.
    pub frequency: i64,
    /// Length of the period.
    pub period: i64,
    /// `h`, `d` or `wk`.
    pub period_unit: &'static str,
    /// When in the day (code of the event timing), if it matters: `HS`, `PCM`.
    pub when: Option<&'static str>,
    /// For how many days, when steps follow each other.
    pub days: Option<i64>,
}

/// A prescription: valid for a year at most; longer courses are renewed.
#[derive(Clone, Debug)]
pub struct Prescription {
    /// FHIR id of the MedicationRequest.
    pub id: String,
    /// What.
    pub drug: &'static Drug,
    /// What for.
    pub dx: &'static Dx,
    /// When it was written.
    pub authored: Moment,
    /// Visit at which it was written, if any.
    pub visit: Option<String>,
    /// Who wrote it.
    pub prescriber: PractitionerIx,
    /// Steps of the dose; more than one when it is tapered.
    pub doses: Vec<Dose>,
    /// Only when needed: for what.
    pub as_needed: Option<&'static str>,
    /// Days that one fill lasts.
    pub days_supply: i32,
    /// Quantity of one fill, in the unit of the drug (`mL` for pens and solutions).
    pub quantity: Decimal,
    /// Unit of the quantity in UCUM.
    pub quantity_unit: &'static str,
    /// Pharmacy that it was sent to.
    pub pharmacy: OrganizationIx,
    /// Refills allowed after the first fill.
    pub refills: u32,
    /// Last day in force.
    pub end: Date,
    /// Day on which it was stopped before its end, and why.
    pub stopped: Option<(Date, &'static str)>,
    /// FHIR id of the prescription that this one renews.
    pub renews: Option<String>,
    /// Whether the member told of it (bought without prescription).
    pub reported: bool,
}

/// One fill of a prescription.
#[derive(Clone, Debug)]
pub struct Fill {
    /// FHIR id of the MedicationDispense.
    pub id: String,
    /// FHIR id of the prescription.
    pub prescription: String,
    /// When it was handed over (or sent).
    pub when: Moment,
    /// 0 is the first fill.
    pub number: u32,
    /// Days that it lasts.
    pub days_supply: i32,
    /// Quantity.
    pub quantity: Decimal,
    /// Which pharmacy.
    pub pharmacy: OrganizationIx,
    /// Days after the last fill had run out.
    pub late: i32,
}
