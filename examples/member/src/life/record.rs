//! The rest of a record: vaccines, allergies, documents, screenings, devices, team, goals, plans.

use super::code::{Code, Dx};
use super::lab::Found;
use super::provider::{OrganizationIx, PractitionerIx};
use super::visit::Weight;
use crate::date::{Date, Moment};

/// A vaccine that was given, or refused.
#[derive(Clone, Debug)]
pub struct Immunization {
    /// FHIR id.
    pub id: String,
    /// CVX code and name.
    pub vaccine: Code,
    /// NDC of the product, 11 digits, if it is known.
    pub ndc: Option<&'static str>,
    /// Manufacturer.
    pub maker: &'static str,
    /// When; the time of day is known only where a visit is.
    pub when: Moment,
    /// Visit, if one is recorded.
    pub visit: Option<String>,
    /// Where.
    pub organization: OrganizationIx,
    /// Who gave it.
    pub by: PractitionerIx,
    /// Lot.
    pub lot: String,
    /// Dose in the series.
    pub dose: i64,
    /// Disease it protects from: SNOMED CT code and term.
    pub target: (&'static str, &'static str),
    /// Whether it was refused by the member.
    pub refused: bool,
    /// Whether the one who recorded it gave it (not told by the member).
    pub primary_source: bool,
}

/// An allergy or intolerance.
#[derive(Clone, Debug)]
pub struct Allergy {
    /// FHIR id.
    pub id: String,
    /// Substance; `None` when only `text` is known.
    pub substance: Option<Code>,
    /// What the record says.
    pub text: &'static str,
    /// `medication`, `food` or `environment`.
    pub category: &'static str,
    /// `allergy` or `intolerance`.
    pub kind: &'static str,
    /// `high`, `low` or `unable-to-assess`.
    pub criticality: &'static str,
    /// Reactions: SNOMED CT code, term and severity.
    pub reactions: Vec<(&'static str, &'static str, &'static str)>,
    /// Year of the first reaction.
    pub onset: Option<i32>,
    /// When it was written down.
    pub recorded: Date,
    /// Who wrote it down.
    pub by: PractitionerIx,
    /// Day on which it was found to be none.
    pub refuted: Option<Date>,
}

/// In which form a document is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Plain text.
    Text,
    /// XHTML.
    Html,
    /// C-CDA.
    Ccda,
    /// PDF.
    Pdf,
}

/// A document: a note of a visit, a report, a letter.
#[derive(Clone, Debug)]
pub struct Document {
    /// FHIR id of the DocumentReference (or of the DiagnosticReport for a report of imaging).
    pub id: String,
    /// LOINC code of the kind of document.
    pub kind: Code,
    /// Title.
    pub title: String,
    /// When it was written.
    pub when: Moment,
    /// Who wrote it.
    pub author: PractitionerIx,
    /// Where.
    pub organization: OrganizationIx,
    /// Visit.
    pub visit: Option<String>,
    /// Form.
    pub form: Form,
    /// The text: paragraphs, each with its heading.
    pub sections: Vec<(&'static str, String)>,
    /// Whether it is a report with a DiagnosticReport besides.
    pub report: Option<&'static super::code::Act>,
}

/// A question of a screening with its answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// LOINC code and text of the question.
    pub question: Code,
    /// LOINC answer, or a number.
    pub answer: Found,
    /// Score of the answer, if it counts.
    pub score: Option<i64>,
}

/// A screening: PHQ-9, PRAPARE and others.
#[derive(Clone, Debug)]
pub struct Survey {
    /// FHIR id of the QuestionnaireResponse.
    pub id: String,
    /// Number of the survey: the ids of its Observations are made of it.
    pub n: u64,
    /// LOINC code of the panel.
    pub panel: Code,
    /// Canonical URL of the questionnaire.
    pub questionnaire: &'static str,
    /// When.
    pub when: Moment,
    /// Visit.
    pub visit: String,
    /// Answers.
    pub answers: Vec<Answer>,
    /// LOINC code of the sum, and the sum.
    pub total: Option<(Code, i64)>,
    /// Category of a social screening, if it is one.
    pub social: bool,
    /// How needed in a small record.
    pub weight: Weight,
}

/// A fact of social history at a date: smoking, occupation, pregnancy.
#[derive(Clone, Debug)]
pub struct Social {
    /// FHIR id of the Observation.
    pub id: String,
    /// Which profile it belongs to.
    pub kind: SocialKind,
    /// When it was recorded.
    pub when: Moment,
    /// Start and end of what it tells, where it is a time (occupation).
    pub period: Option<(Date, Option<Date>)>,
    /// What.
    pub value: Code,
    /// Visit.
    pub visit: Option<String>,
    /// Who recorded it.
    pub by: PractitionerIx,
}

/// What sort of social fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocialKind {
    /// Smoking status.
    Smoking,
    /// Occupation.
    Occupation,
    /// Pregnancy status.
    Pregnancy,
    /// Intention to become pregnant.
    PregnancyIntent,
    /// Sexual orientation.
    Orientation,
    /// Alcohol and activity.
    Habit,
}

/// A device in or on the member.
#[derive(Clone, Debug)]
pub struct Device {
    /// FHIR id.
    pub id: String,
    /// SNOMED CT code and term.
    pub kind: (&'static str, &'static str),
    /// Trade name, invented.
    pub name: &'static str,
    /// Maker, invented.
    pub maker: &'static str,
    /// Model.
    pub model: &'static str,
    /// Whether it was implanted, and by which Procedure.
    pub implanted: Option<String>,
    /// Device identifier of the UDI (GTIN-14 with a right check digit).
    pub gtin: String,
    /// Lot.
    pub lot: String,
    /// Serial number.
    pub serial: String,
    /// Made.
    pub made: Date,
    /// Use by.
    pub expires: Date,
    /// In use since.
    pub since: Date,
    /// In use until.
    pub until: Option<Date>,
}

/// A goal agreed with the member.
#[derive(Clone, Debug)]
pub struct Goal {
    /// FHIR id.
    pub id: String,
    /// What, in words.
    pub text: &'static str,
    /// Measure: LOINC code, comparator text, target and unit.
    pub measure: Option<(Code, crate::decimal::Decimal, &'static super::lab::Unit)>,
    /// What problem it answers.
    pub dx: &'static Dx,
    /// Since.
    pub start: Date,
    /// Until.
    pub due: Date,
    /// Reached on.
    pub reached: Option<Date>,
}

/// A care plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// FHIR id.
    pub id: String,
    /// Title.
    pub title: &'static str,
    /// Problems.
    pub problems: Vec<&'static Dx>,
    /// What is planned, in sentences.
    pub activities: Vec<&'static str>,
    /// Since.
    pub start: Date,
    /// Until.
    pub end: Option<Date>,
    /// FHIR ids of its goals.
    pub goals: Vec<String>,
    /// Visit at which it was made.
    pub visit: Option<String>,
    /// Who made it.
    pub by: PractitionerIx,
}
