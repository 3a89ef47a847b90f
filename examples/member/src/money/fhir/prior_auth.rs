//! Prior authorizations (PDex, 2.1): an explanation of benefit with use `preauthorization`. The item's
//! adjudication tells the decision; an authorization has no money to pay.

use super::{PAYER, bare, c4bb, concept, organization, refer};
use crate::Resource;
use crate::fhir::parts::{coding, extension, hl7, period, reference};
use crate::json::Obj;
use crate::life::Life;
use crate::life::code::System;
use crate::money::book::Book;
use crate::money::prior_auth::{PriorAuth, Sought, State};

/// Start of the profiles and extensions of PDex.
const PDEX: &str = "http://hl7.org/fhir/us/davinci-pdex/StructureDefinition/";
/// Start of its code systems.
const PDEX_CODES: &str = "http://hl7.org/fhir/us/davinci-pdex/CodeSystem/";

/// A request as it stands on the day of the view.
pub(super) fn resource(life: &Life, book: &Book, request: &PriorAuth) -> Resource {
    let states = request.until(life.today);
    let (asked, _) = states[0];
    let (decided, state) = states[states.len() - 1];
    let used = usize::try_from(request.consumed(life.today)).unwrap_or(0);
    let version = states.len() + used;
    let last = request.used.iter().rev().find(|used| **used <= life.today);
    let changed = last.map_or(decided, |used| decided.max(*used));
    let meta = Obj::new()
        .text("versionId", version)
        .put("lastUpdated", changed.at(4, 5).utc())
        .one("profile", format!("{PDEX}pdex-priorauthorization"));
    let level = if request.urgent { ("U", "Urgent") } else { ("E", "Elective") };
    let level = Obj::new()
        .one("coding", coding("https://codesystem.x12.org/005010/1338", level.0, level.1));
    let kind = match request.sought {
        Sought::Surgery => ("institutional", "Institutional"),
        Sought::Drug => ("pharmacy", "Pharmacy"),
        _ => ("professional", "Professional"),
    };
    let id = Obj::new()
        .put("system", format!("{PAYER}authorization-number"))
        .put("value", &request.number);
    let cancelled = state == State::Cancelled;
    let outcome = match state {
        State::Pended => "queued",
        State::Partial(_) => "partial",
        _ => "complete",
    };
    let granted = matches!(state, State::Approved | State::Partial(_));
    let urgency = if request.urgent { ("stat", "Immediate") } else { ("normal", "Normal") };
    let written = Obj::new()
        .put("resourceType", "ExplanationOfBenefit")
        .put("id", &request.id)
        .put("meta", meta)
        .put("language", "en-US")
        .one(
            "extension",
            extension(
                &format!("{PDEX}extension-levelOfServiceCode"),
                "valueCodeableConcept",
                level,
            ),
        )
        .one("identifier", id)
        .put("status", if cancelled { "cancelled" } else { "active" })
        .put("type", hl7("claim-type", kind.0, kind.1))
        .put("use", "preauthorization")
        .put("patient", reference("Patient", &life.member.id))
        .put("billablePeriod", period(request.period.0, Some(request.period.1)))
        .text("created", asked.at(11, 20))
        .put("insurer", organization::payer(life))
        .put("provider", refer(&request.performer.reference, &request.performer.name))
        .put("priority", hl7("processpriority", urgency.0, urgency.1))
        .list("related", request.appeals.iter().map(|number| appealed(number)))
        .put("outcome", outcome)
        .put("disposition", disposition(request, state))
        .one("preAuthRef", &request.number)
        .list("preAuthRefPeriod", granted.then(|| period(request.period.0, Some(request.period.1))))
        .one("careTeam", team(request))
        .list("diagnosis", diagnosis(request))
        .one(
            "insurance",
            Obj::new()
                .put("focal", true)
                .put("coverage", reference("Coverage", &book.coverages[request.coverage].id)),
        )
        .one("item", item(life, request))
        .list("total", total(life, request, granted));
    Resource::new("ExplanationOfBenefit", &request.id, written)
}

/// The denied request that this one appeals.
fn appealed(number: &str) -> Obj {
    let system = "http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship";
    Obj::new().put("relationship", bare(system, "prior")).put(
        "reference",
        Obj::new().put("system", format!("{PAYER}authorization-number")).put("value", number),
    )
}

/// A sentence on the decision.
fn disposition(request: &PriorAuth, state: State) -> &'static str {
    match state {
        State::Pended => "We are waiting for records of your provider.",
        State::Approved if request.appeals.is_some() => "Approved on appeal.",
        State::Approved => "Approved.",
        State::Partial(_) => "Approved in part; the rest is under review.",
        State::Denied => "Not approved. You and your provider can appeal within 180 days.",
        State::Cancelled => "Withdrawn by the provider.",
    }
}

/// Who asked.
fn team(request: &PriorAuth) -> Obj {
    Obj::new()
        .put("sequence", 1_i64)
        .put("provider", refer(&request.requester.reference, &request.requester.name))
        .put("responsible", true)
        .put("role", c4bb("C4BBClaimCareTeamRole", "referring", "Referring"))
}

/// Why.
fn diagnosis(request: &PriorAuth) -> Option<Obj> {
    let diagnosis = request.diagnosis.as_ref()?;
    let code = coding(System::Icd10Cm.uri(), &diagnosis.code, &diagnosis.display);
    let written = Obj::new()
        .put("sequence", 1_i64)
        .put("diagnosisCodeableConcept", Obj::new().one("coding", code))
        .one("type", hl7("ex-diagnosistype", "principal", "Principal Diagnosis"));
    Some(written)
}

/// What was asked for.
fn item(life: &Life, request: &PriorAuth) -> Obj {
    let category = match request.sought {
        Sought::Imaging => ("62", "MRI Scan"),
        Sought::Surgery => ("2", "Surgical"),
        Sought::Drug => ("88", "Pharmacy"),
        Sought::Therapy => ("PT", "Physical Therapy"),
        Sought::Equipment => ("12", "Durable Medical Equipment Purchase"),
    };
    let category = Obj::new()
        .one("coding", coding("https://x12.org/codes/service-type-codes", category.0, category.1));
    let product = match &request.drug {
        Some(drug) => Obj::new()
            .list(
                "coding",
                [&request.service, drug].map(|code| coding(code.system, &code.code, &code.display)),
            )
            .put("text", &drug.display),
        None => concept(&request.service),
    };
    let service = Obj::new()
        .put("sequence", 1_i64)
        .list("careTeamSequence", [1_i64])
        .list("diagnosisSequence", request.diagnosis.is_some().then_some(1_i64))
        .put("category", category)
        .put("productOrService", product)
        .put("quantity", Obj::new().put("value", request.units));
    service.list("adjudication", adjudications(life, request))
}

/// The decision, with every action up to now; units allowed and used, or why not.
fn adjudications(life: &Life, request: &PriorAuth) -> Vec<Obj> {
    let states = request.until(life.today);
    let (decided, state) = states[states.len() - 1];
    let kind = |code: &str, display: &str| {
        Obj::new().one(
            "coding",
            coding(&format!("{PDEX_CODES}PDexAdjudicationDiscriminator"), code, display),
        )
    };
    let action = || [review(request, state), when(decided)];
    let units = |value: i64| {
        Obj::new()
            .list("extension", action())
            .put("category", kind("allowedunits", "allowed units"))
            .put("value", value)
    };
    let consumed = |all: &mut Vec<Obj>| {
        let used = request.consumed(life.today);
        if used > 0 {
            all.push(
                Obj::new()
                    .put("category", kind("consumedunits", "consumed units"))
                    .put("value", used),
            );
        }
    };
    let mut all = Vec::new();
    match state {
        State::Approved => {
            all.push(units(request.units));
            consumed(&mut all);
        }
        State::Partial(allowed) => {
            all.push(units(allowed));
            consumed(&mut all);
        }
        State::Pended | State::Cancelled => all.push(units(0)),
        State::Denied => {
            let reason = coding(
                "https://x12.org/codes/claim-adjustment-reason-codes",
                "50",
                "Not deemed a medical necessity by the payer",
            );
            all.push(
                Obj::new()
                    .list("extension", action())
                    .put("category", kind("denialreason", "Denial Reason"))
                    .put("reason", Obj::new().one("coding", reason)),
            );
        }
    }
    all
}

/// The action of a review.
fn review(request: &PriorAuth, state: State) -> Obj {
    let (code, display) = match state {
        State::Pended => ("A4", "Pended"),
        State::Approved => ("A1", "Certified in total"),
        State::Partial(_) => ("A2", "Certified - partial"),
        State::Denied => ("A3", "Not Certified"),
        State::Cancelled => ("C", "Cancelled"),
    };
    let action =
        Obj::new().one("coding", coding("https://codesystem.x12.org/005010/306", code, display));
    let parts = [
        extension("number", "valueString", &request.number),
        extension(&format!("{PDEX}extension-reviewActionCode"), "valueCodeableConcept", action),
    ];
    Obj::new().put("url", format!("{PDEX}extension-reviewAction")).list("extension", parts)
}

/// When it was decided.
fn when(day: crate::date::Date) -> Obj {
    extension(
        &format!("{PDEX}base-ext-when-adjudicated"),
        "valueDateTime",
        day.at(15, 42).to_string(),
    )
}

/// What is granted, and how much of it was used, in units: an authorization promises no amount.
fn total(life: &Life, request: &PriorAuth, granted: bool) -> Option<Obj> {
    let used = request.consumed(life.today);
    let system = format!("{PDEX_CODES}PriorAuthorizationValueCodes");
    granted.then(|| {
        let utilization = Obj::new().put("value", used);
        Obj::new()
            .one(
                "extension",
                extension(
                    &format!("{PDEX}PriorAuthorizationUtilization"),
                    "valueQuantity",
                    utilization,
                ),
            )
            .put("category", Obj::new().one("coding", coding(&system, "eligible", "Eligible")))
            .put("amount", Obj::new().put("value", 0_i64).put("currency", "USD"))
    })
}
