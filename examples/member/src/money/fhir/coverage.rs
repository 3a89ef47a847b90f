//! Coverage (C4BB and US Core): what the member is insured for, in which plan, through whom.

use super::{C4BB, C4BB_VERSION, organization, refer};
use crate::Resource;
use crate::fhir::parts::{
    US_CORE, coding, hl7, period, reference, resource as start, typed_identifier,
};
use crate::json::Obj;
use crate::life::Life;
use crate::life::provider::OrganizationKind;
use crate::money::MEMBER_NUMBER;
use crate::money::coverage::{CoverageFact, CoverageKind};

/// A coverage as it stands on the day of the view. `by_name` tells that only the name of the payer is
/// known, as it was taken over from an older system.
pub(super) fn resource(life: &Life, fact: &CoverageFact, by_name: bool) -> Resource {
    let c4bb = format!("{C4BB}C4BB-Coverage{C4BB_VERSION}");
    let core = format!("{US_CORE}us-core-coverage|6.1.0");
    let other = fact.kind == CoverageKind::Other;
    let spouse = life.spouse_subscribes && !other;
    let holder = if spouse { &life.spouse } else { &life.member };
    let subscriber = if spouse {
        refer(&format!("RelatedPerson/{}", life.spouse.id), &life.spouse.full_name())
    } else {
        reference("Patient", &life.member.id)
    };
    let number = if other { other_number(life) } else { life.member.member_number.clone() };
    let system = if other {
        String::from("urn:oid:2.16.840.1.113883.3.8901.1")
    } else {
        String::from(MEMBER_NUMBER)
    };
    let member = ("MB", "Member Number");
    let (contract, _) = holder.member_number.split_once('-').unwrap_or((&holder.member_number, ""));
    let contract = if other { number.as_str() } else { contract };
    let dependent =
        life.member.member_number.split_once('-').map(|(_, suffix)| suffix).filter(|_| !other);
    let relationship = if spouse { ("spouse", "Spouse") } else { ("self", "Self") };
    let kind = match fact.kind {
        CoverageKind::Medical | CoverageKind::Other => ("EHCPOL", "extended healthcare"),
        CoverageKind::Drug => ("DRUGPOL", "drug policy"),
        CoverageKind::Dental => ("DENTAL", "dental care policy"),
    };
    let v3 = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    let kind = Obj::new().one("coding", coding(v3, kind.0, kind.1));
    let employer = life.providers.organization(life.providers.kind(OrganizationKind::Employer));
    let name = organization::plan_name(life, fact);
    let group =
        if other { ("0099812", "Retirees and families") } else { ("0041776", employer.name) };
    let mut written = start("Coverage", &fact.id, fact.changed.0, fact.changed.1, &[&c4bb, &core])
        .one("identifier", typed_identifier(member, &system, &number))
        .put("status", "active")
        .put("type", kind);
    if !other {
        written = written
            .put("policyHolder", refer(&format!("Organization/{}", employer.id), employer.name));
    }
    let written = written
        .put("subscriber", subscriber)
        .put("subscriberId", contract)
        .put("beneficiary", reference("Patient", &life.member.id))
        .maybe("dependent", dependent)
        .put("relationship", hl7("subscriber-relationship", relationship.0, relationship.1))
        .put("period", period(fact.period.0, Some(fact.period.1)))
        .one("payor", payor(life, fact, by_name))
        .list(
            "class",
            [
                class("group", "Group", group.0, group.1),
                class("plan", "Plan", fact.plan.code, &name),
            ],
        )
        .list("costToBeneficiary", costs(fact))
        .put("network", if other { "Heartland Advantage" } else { network(fact) });
    Resource::new("Coverage", &fact.id, written)
}

/// A class of the policy.
fn class(kind: &str, display: &str, value: &str, name: &str) -> Obj {
    Obj::new()
        .put("type", hl7("coverage-class", kind, display))
        .put("value", value)
        .put("name", name)
}

/// Name of the network.
const fn network(fact: &CoverageFact) -> &'static str {
    match fact.kind {
        CoverageKind::Dental => "Dental network",
        CoverageKind::Drug => "Preferred pharmacies",
        _ => "Regional network",
    }
}

/// What the member pays in a year at most, in and out of network, and the copay of a visit. Nothing for a
/// plan of drugs: they count to the medical limits, and their copays are in the formulary.
fn costs(fact: &CoverageFact) -> Vec<Obj> {
    use crate::money::benefit::{Network, Service, Share};
    use crate::money::cents::Cents;
    let cost = |code: &str, text: String, display: &str, amount: Cents| {
        Obj::new()
            .put("type", hl7("coverage-copay-type", code, display).put("text", text))
            .put("valueMoney", super::money(amount))
    };
    let plan = fact.plan;
    let mut costs = Vec::new();
    if matches!(fact.kind, CoverageKind::Medical) {
        for (side, words) in ["", ", out of network"].into_iter().enumerate() {
            // No limit out of network means that nothing is paid there.
            if plan.limit[side].is_some() {
                let deductible = format!("Deductible of a year{words}");
                costs.push(cost("deductible", deductible, "Deductible", plan.deductible[side]));
                let most = format!("Most that you pay in a year{words}");
                costs.push(cost("maxoutofpocket", most, "Maximum out of pocket", plan.limit[side]));
            }
        }
        if let Share::Copay(copay) = plan.share(Service::Primary, Network::In) {
            costs.push(cost("gpvisit", String::from("Office visit"), "GP Office Visit", copay));
        }
    }
    costs
}

/// Who pays; only a name where an older system knew no more.
fn payor(life: &Life, fact: &CoverageFact, by_name: bool) -> Obj {
    if fact.kind == CoverageKind::Other {
        organization::other_payer(life)
    } else if by_name {
        Obj::new().put("display", organization::payer_name(life))
    } else {
        organization::payer(life)
    }
}

/// The member's number at the other payer.
fn other_number(life: &Life) -> String {
    format!("HA{:08}", life.rng("other payer's number").draw() % 100_000_000)
}
