//! ExplanationOfBenefit (C4BB): the head of a claim. Lines and amounts are in `items`, the supporting
//! information in `supporting`.

use super::{
    C4BB, C4BB_CODES, C4BB_VERSION, PAYER, absent, bare, c4bb, items, money, organization, refer,
    supporting,
};
use crate::Resource;
use crate::date::Moment;
use crate::fhir::parts::{coding, hl7, reference};
use crate::json::Obj;
use crate::life::Life;
use crate::life::code::System;
use crate::money::book::Book;
use crate::money::claim::{Claim, Fate, Kind, Party};

/// The profile of a kind of claim: the end of its canonical URL.
const fn profile(kind: Kind) -> &'static str {
    match kind {
        Kind::Inpatient => "C4BB-ExplanationOfBenefit-Inpatient-Institutional",
        Kind::Outpatient => "C4BB-ExplanationOfBenefit-Outpatient-Institutional",
        Kind::Professional | Kind::Vision => "C4BB-ExplanationOfBenefit-Professional-NonClinician",
        Kind::Pharmacy => "C4BB-ExplanationOfBenefit-Pharmacy",
        Kind::Oral => "C4BB-ExplanationOfBenefit-Oral",
    }
}

/// Code and display of a kind of claim.
const fn claim_type(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Inpatient | Kind::Outpatient => ("institutional", "Institutional"),
        Kind::Professional => ("professional", "Professional"),
        Kind::Vision => ("vision", "Vision"),
        Kind::Pharmacy => ("pharmacy", "Pharmacy"),
        Kind::Oral => ("oral", "Oral"),
    }
}

/// A claim as it stands on the day of the view.
pub(super) fn resource(life: &Life, book: &Book, claim: &Claim) -> Resource {
    let stands = claim.stands(life.today);
    let name = claim_type(claim.kind);
    let head = Obj::new()
        .put("resourceType", "ExplanationOfBenefit")
        .put("id", &claim.id)
        .put("meta", meta(life, claim))
        .put("language", "en-US")
        .list("identifier", identifiers(claim))
        .put("status", if stands { "active" } else { "cancelled" })
        .put("type", hl7("claim-type", name.0, name.1).put("text", name.1))
        .maybe("subType", sub_type(claim.kind))
        .put("use", "claim")
        .put("patient", reference("Patient", &life.member.id))
        .put("billablePeriod", billable(claim))
        .text("created", claim.adjudicated.at(8 + i32::from(claim.uc.as_bytes()[7] % 9), 14))
        .put("insurer", organization::payer(life))
        .put("provider", refer(&claim.billing.reference, &claim.billing.name))
        .list("related", related(life, claim));
    let prescription = claim.script.as_ref().and_then(|script| script.prescription.as_ref());
    let head = head.maybe("prescription", prescription.map(|one| Obj::new().put("reference", one)));
    let facility =
        claim.facility.as_ref().filter(|(reference, _)| reference.starts_with("Location/"));
    let written = head
        .put("payee", payee(life, claim))
        .maybe("facility", facility.map(|(reference, name)| refer(reference, name)))
        .put("outcome", "complete")
        .put("disposition", disposition(life, claim))
        .list("preAuthRef", claim.prior_auth.iter())
        .list(
            "careTeam",
            claim.team.iter().enumerate().map(|(n, party)| team(claim.kind, n, party)),
        )
        .list("supportingInfo", supporting::all(life, claim))
        .list("diagnosis", diagnoses(claim))
        .list("procedure", procedures(claim))
        .list("insurance", insurance(book, claim))
        .list("item", items::items(claim))
        .list("adjudication", items::header(claim))
        .list("total", items::totals(claim))
        .put("payment", payment(claim))
        .list("processNote", notes(claim));
    Resource::new("ExplanationOfBenefit", &claim.id, written)
}

/// Meta: version, time of the last change, profile, label of protected care.
fn meta(life: &Life, claim: &Claim) -> Obj {
    let changed: Moment =
        claim.changed(life.today).at(3, 10).plus_seconds(i32::from(claim.uc.as_bytes()[8]) * 11);
    let version = if claim.stands(life.today) { 1 } else { 2 };
    let meta = Obj::new()
        .text("versionId", version)
        .put("lastUpdated", changed.utc())
        .one("profile", format!("{C4BB}{}{C4BB_VERSION}", profile(claim.kind)));
    if claim.masked {
        let restricted =
            coding("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "R", "restricted");
        return meta.one("security", restricted);
    }
    meta
}

/// The unique claim id, and the prescription number of a pharmacy's claim.
fn identifiers(claim: &Claim) -> Vec<Obj> {
    let mut identifiers = vec![unique(&claim.uc)];
    if let Some(script) = &claim.script {
        let number = Obj::new()
            .put("system", format!("{PAYER}prescription-number"))
            .put("value", &script.number);
        identifiers.push(number);
    }
    identifiers
}

/// A unique claim id.
fn unique(uc: &str) -> Obj {
    Obj::new()
        .put("type", c4bb("C4BBIdentifierType", "uc", "Unique Claim ID"))
        .put("system", format!("{PAYER}claim-number"))
        .put("value", uc)
}

/// Inpatient or outpatient.
fn sub_type(kind: Kind) -> Option<Obj> {
    let system = format!("{C4BB_CODES}C4BBInstitutionalClaimSubType");
    match kind {
        Kind::Inpatient => Some(bare(&system, "inpatient")),
        Kind::Outpatient => Some(bare(&system, "outpatient")),
        _ => None,
    }
}

/// First and last day of service; the month alone where no more is told.
fn billable(claim: &Claim) -> Obj {
    if claim.month_only {
        return Obj::new().put("start", claim.service.0.year_month());
    }
    Obj::new().text("start", claim.service.0).text("end", claim.service.1)
}

/// The claims before and after.
fn related(life: &Life, claim: &Claim) -> Vec<Obj> {
    let one = |relationship: &str, uc: &str| {
        let system = if relationship == "prior" {
            String::from("http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship")
        } else {
            format!("{C4BB_CODES}C4BBRelatedClaimRelationshipCodes")
        };
        Obj::new().put("relationship", bare(&system, relationship)).put("reference", unique(uc))
    };
    let mut related = Vec::new();
    related.extend(claim.replaces.as_deref().map(|uc| one("prior", uc)));
    related.extend(claim.replaced_by(life.today).map(|uc| one("replacedby", uc)));
    related
}

/// Who was paid.
fn payee(life: &Life, claim: &Claim) -> Obj {
    let name = |code, display| hl7("payeetype", code, display);
    if claim.pay_member && life.spouse_subscribes {
        Obj::new()
            .put("type", name("subscriber", "Subscriber"))
            .put("party", reference("RelatedPerson", &life.spouse.id))
    } else if claim.pay_member {
        let beneficiary = c4bb("C4BBPayeeType", "beneficiary", "Beneficiary");
        Obj::new().put("type", beneficiary).put("party", reference("Patient", &life.member.id))
    } else {
        Obj::new()
            .put("type", name("provider", "Provider"))
            .put("party", refer(&claim.billing.reference, &claim.billing.name))
    }
}

/// A sentence on what was decided.
fn disposition(life: &Life, claim: &Claim) -> &'static str {
    match &claim.fate {
        Fate::Voided(day) if life.today >= *day => "Cancelled: this claim was not yours.",
        Fate::Replaced(day, _) if life.today >= *day => "Replaced by a corrected claim.",
        _ if claim.denied() => "Denied.",
        _ if claim.partly_denied() => "Paid in part: see the notes.",
        _ => "Processed according to your plan.",
    }
}

/// Someone of the care team.
fn team(kind: Kind, n: usize, party: &Party) -> Obj {
    let display = match party.role {
        "attending" => "Attending",
        "operating" => "Operating",
        "prescribing" => "Prescribing provider",
        "referring" => "Referring",
        _ => "Rendering provider",
    };
    let member = Obj::new()
        .put("sequence", sequence(n))
        .put("provider", refer(&party.reference, &party.name))
        .put("role", c4bb("C4BBClaimCareTeamRole", party.role, display));
    match party.taxonomy {
        // The taxonomy is asked for on professional and dental claims.
        Some((code, display)) if matches!(kind, Kind::Professional | Kind::Vision | Kind::Oral) => {
            member.put(
                "qualification",
                Obj::new().one("coding", coding(System::Nucc.uri(), code, display)),
            )
        }
        _ => member,
    }
}

/// A sequence number: one more than an index.
pub(super) fn sequence(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(0) + 1
}

/// Diagnoses, the principal one first; masked on protected claims.
fn diagnoses(claim: &Claim) -> Vec<Obj> {
    let other = match claim.kind {
        Kind::Inpatient | Kind::Outpatient => ("other", "Other"),
        _ => ("secondary", "secondary"),
    };
    let one = |(n, diagnosis): (usize, &crate::money::claim::ClaimDiagnosis)| {
        let code = if claim.masked {
            absent("masked", "Masked")
        } else {
            Obj::new()
                .one("coding", coding(System::Icd10Cm.uri(), &diagnosis.code, &diagnosis.display))
        };
        let kind = if n == 0 {
            hl7("ex-diagnosistype", "principal", "Principal Diagnosis")
        } else {
            c4bb("C4BBClaimDiagnosisType", other.0, other.1)
        };
        Obj::new()
            .put("sequence", sequence(n))
            .put("diagnosisCodeableConcept", code)
            .one("type", kind)
            .maybe("onAdmission", diagnosis.on_admission.map(|code| {
                bare("https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/HospitalAcqCond/Coding", code)
            }))
    };
    claim.diagnoses.iter().enumerate().map(one).collect()
}

/// Procedures of a stay.
fn procedures(claim: &Claim) -> Vec<Obj> {
    let Some(stay) = &claim.stay else { return Vec::new() };
    let one = |(n, (code, display, day)): (usize, &(String, String, crate::date::Date))| {
        let kind = if n == 0 { ("principal", "Principal") } else { ("other", "Other") };
        Obj::new()
            .put("sequence", sequence(n))
            .one("type", c4bb("C4BBClaimProcedureType", kind.0, kind.1))
            .text("date", day)
            .put(
                "procedureCodeableConcept",
                Obj::new().one("coding", coding(System::Icd10Pcs.uri(), code, display)),
            )
    };
    stay.procedures.iter().enumerate().map(one).collect()
}

/// The coverage of the day of service; at times with its version, as C4BB wants servers to. Another
/// payer's coverage comes along where it paid first.
fn insurance(book: &Book, claim: &Claim) -> Vec<Obj> {
    let id = &book.coverages[claim.coverage].id;
    let versioned = claim.uc.ends_with(['0', '4', '8']);
    let version = if versioned { "/_history/1" } else { "" };
    let own = Obj::new().put("reference", format!("Coverage/{id}{version}"));
    let mut insurance = vec![Obj::new().put("focal", true).put("coverage", own)];
    if let Some(other) = claim.other_coverage {
        let other = reference("Coverage", &book.coverages[other].id);
        insurance.push(Obj::new().put("focal", false).put("coverage", other));
    }
    insurance
}

/// What was paid, to whom it may concern.
fn payment(claim: &Claim) -> Obj {
    let total = claim.totals();
    let kind = if claim.denied() {
        "denied"
    } else if claim.partly_denied() {
        "partiallypaid"
    } else {
        "paid"
    };
    Obj::new()
        .put("type", bare(&format!("{C4BB_CODES}C4BBPayerAdjudicationStatus"), kind))
        .maybe("date", claim.paid.map(|day| day.to_string()))
        .put("amount", money(total.benefit))
}

/// What the payer tells the member, each note once.
fn notes(claim: &Claim) -> Vec<Obj> {
    items::notes(claim)
        .into_iter()
        .enumerate()
        .map(|(n, text)| {
            Obj::new().put("number", sequence(n)).put("type", "display").put("text", text)
        })
        .collect()
}
