//! Laboratory panels, vital signs and other things measured, each with its time and unit.

use super::code::Code;
use super::provider::{OrganizationIx, PractitionerIx};
use super::visit::Weight;
use crate::date::{Date, Moment};
use crate::decimal::Decimal;

/// A unit: how it is printed and its UCUM code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// As printed: `mg/dL`.
    pub printed: &'static str,
    /// UCUM: `mg/dL`.
    pub ucum: &'static str,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// An amount, with a comparator if it is out of the range of the instrument.
    Amount(Decimal, &'static Unit, Option<&'static str>),
    /// A coded answer.
    Coded(Code),
    /// An answer in words.
    Words(String),
    /// Nothing, and why (code of the data-absent-reason system).
    Absent(&'static str),
}

/// Something a laboratory measures.
#[derive(Debug, PartialEq, Eq)]
pub struct Analyte {
    /// LOINC code.
    pub loinc: &'static str,
    /// LOINC long name.
    pub display: &'static str,
    /// Short name on the report.
    pub name: &'static str,
    /// Unit.
    pub unit: Unit,
    /// Digits behind the point.
    pub places: u8,
    /// Reference range in `places`: low and high.
    pub range: (Option<i64>, Option<i64>),
}

/// A panel that is ordered and reported as one.
#[derive(Debug, PartialEq, Eq)]
pub struct PanelKind {
    /// LOINC code.
    pub loinc: &'static str,
    /// LOINC long name.
    pub display: &'static str,
    /// CPT code that is billed.
    pub cpt: &'static str,
    /// CPT description in short.
    pub cpt_display: &'static str,
    /// What a clinician would write.
    pub text: &'static str,
    /// Specimen: SNOMED CT code and term.
    pub specimen: (&'static str, &'static str),
}

/// One result.
#[derive(Clone, Debug)]
pub struct LabResult {
    /// FHIR id of the Observation.
    pub id: String,
    /// What was measured.
    pub analyte: &'static Analyte,
    /// What was found.
    pub found: Found,
    /// Day on which the laboratory amended it, and what it had said before.
    pub amended: Option<(Date, Decimal)>,
}

/// A panel of one specimen.
#[derive(Clone, Debug)]
pub struct Panel {
    /// FHIR id of the DiagnosticReport.
    pub id: String,
    /// FHIR id of the ServiceRequest.
    pub order_id: String,
    /// FHIR id of the Specimen.
    pub specimen_id: String,
    /// What.
    pub kind: &'static PanelKind,
    /// Visit at which it was ordered.
    pub visit: String,
    /// Who ordered it.
    pub orderer: PractitionerIx,
    /// Which laboratory.
    pub laboratory: OrganizationIx,
    /// When the specimen was taken.
    pub collected: Moment,
    /// When the report came out.
    pub issued: Moment,
    /// Results.
    pub results: Vec<LabResult>,
    /// How needed in a small record.
    pub weight: Weight,
}

/// Vital signs of one visit. Absent ones were not taken.
#[derive(Clone, Debug)]
pub struct Vitals {
    /// Visit.
    pub visit: String,
    /// Number of the set: the FHIR ids are made of it.
    pub n: u64,
    /// When.
    pub when: Moment,
    /// Who took them.
    pub by: PractitionerIx,
    /// Systolic and diastolic pressure, mmHg.
    pub pressure: Option<(i64, i64)>,
    /// Beats per minute.
    pub heart_rate: Option<i64>,
    /// Breaths per minute.
    pub respiratory_rate: Option<i64>,
    /// Tenths of a degree Celsius.
    pub temperature: Option<i64>,
    /// Percent.
    pub saturation: Option<i64>,
    /// Hundred grams.
    pub weight: Option<i64>,
    /// Millimetres.
    pub height: Option<i64>,
    /// Whether this clinic records pounds, inches and Fahrenheit.
    pub customary_units: bool,
    /// How needed in a small record.
    pub tier: Weight,
}
