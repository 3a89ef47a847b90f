//! FHIR of the formulary (Da Vinci US Drug Formulary 2.1): the payer's plans with what a drug of each
//! tier costs at each kind of pharmacy, the formulary, and an item with its drug for every entry.

use super::Formulary;
use super::table::Entry;
use crate::Resource;
use crate::fhir::parts::{coding, extension, hl7, reference, resource as start};
use crate::json::{Obj, Raw};
use crate::life::code::System;
use crate::life::provider::{Organization, OrganizationKind};
use crate::life::{Life, id};
use crate::money::benefit::{
    Channel, HDHP_SAVER, HMO_LOCAL, PPO_CHOICE, PPO_GOLD, Plan, Share, Tier,
};
use crate::money::cents::Cents;

/// Start of the profiles and extensions of the guide.
const USDF: &str = "http://hl7.org/fhir/us/davinci-drug-formulary/StructureDefinition/usdf-";
/// Start of its code systems.
const USDF_CODES: &str = "http://hl7.org/fhir/us/davinci-drug-formulary/CodeSystem/usdf-";
/// Products of insurance (Plan-Net).
const PRODUCTS: &str =
    "http://hl7.org/fhir/us/davinci-pdex-plan-net/CodeSystem/InsuranceProductTypeCS";

/// The medical plans that the payer sells, the member's among them.
static PRODUCTS_SOLD: [&Plan; 4] = [&PPO_CHOICE, &PPO_GOLD, &HMO_LOCAL, &HDHP_SAVER];

/// All resources of the formulary.
pub(super) fn resources(life: &Life, formulary: &Formulary) -> Vec<Resource> {
    let payer = life.providers.organization(life.providers.kind(OrganizationKind::Payer));
    let formulary_id = id(life.seed, "formulary", 0);
    let area = id(life.seed, "formulary area", 0);
    let mut all = vec![location(payer, &area, formulary), list(payer, &formulary_id, formulary)];
    for plan in PRODUCTS_SOLD {
        all.push(insurance_plan(life, payer, plan, &formulary_id, &area, formulary));
    }
    for entry in &formulary.entries {
        let drug_id = id(life.seed, &format!("formulary drug {}", entry.rxnorm), 0);
        let item_id = id(life.seed, &format!("formulary item {}", entry.rxnorm), 0);
        all.push(drug(&drug_id, entry, formulary));
        all.push(item(&item_id, &drug_id, &formulary_id, entry, formulary));
    }
    all
}

/// A concept of a code system of the guide that is on trial.
fn trial(system: &str, code: &str, display: &str) -> Obj {
    let system = format!("{USDF_CODES}{system}-TEMPORARY-TRIAL-USE");
    Obj::new().one("coding", coding(&system, code, display))
}

/// A policy for drugs.
fn drug_policy() -> Obj {
    let act = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    Obj::new().one("coding", coding(act, "DRUGPOL", "drug policy"))
}

/// The state in which the plans are sold.
fn location(payer: &Organization, id: &str, formulary: &Formulary) -> Resource {
    let profile = format!("{USDF}InsurancePlanLocation");
    let address = Obj::new().put("state", payer.state).put("country", "US");
    let written = start("Location", id, formulary.version(), formulary.published(), &[&profile])
        .put("status", "active")
        .put("name", format!("Service area of {}", payer.name))
        .put("address", address);
    Resource::new("Location", id, written)
}

/// The formulary itself.
fn list(payer: &Organization, id: &str, formulary: &Formulary) -> Resource {
    let profile = format!("{USDF}Formulary");
    let written =
        start("InsurancePlan", id, formulary.version(), formulary.published(), &[&profile])
            .one("identifier", Obj::new().put("system", IDENTIFIERS).put("value", formulary.code()))
            .put("status", "active")
            .one("type", drug_policy())
            .put("name", format!("{} drug list {}", payer.name, formulary.year))
            .put("period", formulary.period());
    Resource::new("InsurancePlan", id, written)
}

/// System of the identifiers of plans and formularies.
const IDENTIFIERS: &str = "https://payer.example.com/fhir/plan";

/// A plan of the payer with its costs for drugs.
fn insurance_plan(
    life: &Life,
    payer: &Organization,
    plan: &'static Plan,
    formulary_id: &str,
    area: &str,
    formulary: &Formulary,
) -> Resource {
    let id = id(life.seed, &format!("insurance plan {}", plan.code), 0);
    let profile = format!("{USDF}PayerInsurancePlan");
    let product = match plan.code.split('-').next() {
        Some("HMO") => ("commhmo", "Commercial HMO"),
        Some("HDHP") => ("commhdhp", "Commercial HDHP"),
        _ => ("commppo", "Commercial PPO"),
    };
    let drug = hl7("insurance-plan-type", "drug", "Drug");
    let coverage = Obj::new()
        .one(
            "extension",
            extension(
                &format!("{USDF}FormularyReference-extension"),
                "valueReference",
                reference("InsurancePlan", formulary_id),
            ),
        )
        .put("type", drug_policy())
        .one("benefit", Obj::new().put("type", &drug));
    let costs = Obj::new()
        .put("type", &drug)
        .list("specificCost", Channel::ALL.iter().map(|channel| cost(plan, *channel)));
    let written =
        start("InsurancePlan", &id, formulary.version(), formulary.published(), &[&profile])
            .one("identifier", Obj::new().put("system", IDENTIFIERS).put("value", plan.code))
            .put("status", "active")
            .one("type", Obj::new().one("coding", coding(PRODUCTS, product.0, product.1)))
            .put("name", format!("{} {}", payer.name, plan.name))
            .put("period", formulary.period())
            .put(
                "ownedBy",
                Obj::new()
                    .put("reference", format!("Organization/{}", payer.id))
                    .put("display", payer.name),
            )
            .one("coverageArea", reference("Location", area))
            .list("contact", contacts(payer))
            .one("coverage", coverage)
            .one("plan", costs);
    Resource::new("InsurancePlan", &id, written)
}

/// Whom to ask, and where the lists are.
fn contacts(payer: &Organization) -> Vec<Obj> {
    let patients = Obj::new()
        .put("purpose", hl7("contactentity-type", "PATINF", "Patient"))
        .one("telecom", Obj::new().put("system", "phone").put("value", &payer.phone));
    let page = |code: &str, display: &str, name: &str, path: &str| {
        let address = format!("https://payer.example.com/{path}");
        Obj::new()
            .put("purpose", trial("PlanContactTypeCS", code, display))
            .put("name", Obj::new().put("text", name))
            .one("telecom", Obj::new().put("system", "url").put("value", address))
    };
    vec![
        patients,
        page("MARKETING", "Marketing", "Plans of the year", "plans"),
        page("SUMMARY", "Summary", "Summary of benefits", "summary"),
        page("FORMULARY", "Formulary", "Drug list", "drugs"),
    ]
}

/// What drugs of every tier cost at a kind of pharmacy.
fn cost(plan: &Plan, channel: Channel) -> Obj {
    let (code, display) = channel.code();
    let benefits = Tier::ALL.iter().map(|tier| {
        let (code, display) = tier.code();
        Obj::new()
            .put("type", trial("DrugTierCS", code, display))
            .list("cost", costs(plan.drug_share(*tier, channel)))
    });
    Obj::new()
        .put("category", trial("PharmacyBenefitTypeCS", code, display))
        .list("benefit", benefits)
}

/// Copay and coinsurance of a share. What is not covered costs everything.
fn costs(share: Share) -> [Obj; 2] {
    let after = ("after-deductible", "After Deductible");
    let free = ("no-charge", "No Charge");
    let charge = ("charge", "Charge");
    let no_copay = (("copay-not-applicable", "Copay Not Applicable"), Cents::ZERO);
    let no_coinsurance = (("coinsurance-not-applicable", "Coinsurance Not Applicable"), 0);
    let (copay, coinsurance) = match share {
        Share::NoCharge => ((free, Cents::ZERO), (free, 0)),
        Share::NotCovered => (no_copay, (charge, 100)),
        Share::Copay(amount) => ((charge, amount), no_coinsurance),
        Share::CopayAfterDeductible(amount) => ((after, amount), no_coinsurance),
        Share::Coinsurance(percent) => (no_copay, (charge, percent)),
        Share::CoinsuranceAfterDeductible(percent) => (no_copay, (after, percent)),
    };
    let kind = |code, display| trial("BenefitCostTypeCS", code, display);
    let qualifier = |(code, display): (&str, &str)| trial("CostShareOptionCS", code, display);
    let dollars = Obj::new()
        .put("value", Raw(copay.1))
        .put("unit", "$")
        .put("system", "urn:iso:std:iso:4217")
        .put("code", "USD");
    let percent = Obj::new()
        .put("value", coinsurance.1)
        .put("system", "http://unitsofmeasure.org")
        .put("code", "%");
    [
        Obj::new()
            .put("type", kind("copay", "Copay"))
            .one("qualifiers", qualifier(copay.0))
            .put("value", dollars),
        Obj::new()
            .put("type", kind("coinsurance", "Coinsurance"))
            .one("qualifiers", qualifier(coinsurance.0))
            .put("value", percent),
    ]
}

/// A drug.
fn drug(id: &str, entry: &Entry, formulary: &Formulary) -> Resource {
    let profile = format!("{USDF}FormularyDrug");
    let code = coding(System::RxNorm.uri(), entry.rxnorm, entry.name);
    let form = dose_form(entry.name).map(|(code, display)| {
        Obj::new().one("coding", coding(System::Snomed.uri(), code, display)).put("text", display)
    });
    let written =
        start("MedicationKnowledge", id, formulary.version(), formulary.published(), &[&profile])
            .put("code", Obj::new().one("coding", code).put("text", entry.name))
            .put("status", "active")
            .maybe("doseForm", form);
    Resource::new("MedicationKnowledge", id, written)
}

/// Dose form (SNOMED CT) that the name of a drug tells.
fn dose_form(name: &str) -> Option<(&'static str, &'static str)> {
    const FORMS: &[(&str, &str, &str)] = &[
        ("Disintegrating Oral Tablet", "447079001", "Orodispersible tablet"),
        ("Chewable Tablet", "66076007", "Chewable tablet"),
        ("Oral Tablet", "421026006", "Oral tablet"),
        ("Oral Capsule", "385049006", "Capsule"),
        ("Oral Solution", "385023001", "Oral solution"),
        ("Oral Suspension", "385024007", "Oral suspension"),
        ("Topical Cream", "385099005", "Cutaneous cream"),
        ("Topical Ointment", "385101003", "Cutaneous ointment"),
        ("Ophthalmic Solution", "385124005", "Eye drops"),
        ("Injection", "385218009", "Injection"),
    ];
    FORMS.iter().find(|(end, ..)| name.contains(end)).map(|(_, code, display)| (*code, *display))
}

/// An item: how the formulary covers a drug.
fn item(
    id: &str,
    drug: &str,
    formulary_id: &str,
    entry: &Entry,
    formulary: &Formulary,
) -> Resource {
    let profile = format!("{USDF}FormularyItem");
    let url = |name: &str| format!("{USDF}{name}-extension");
    let flag = |name: &str, value: bool| extension(&url(name), "valueBoolean", value);
    let mut extensions = vec![
        extension(
            &url("FormularyReference"),
            "valueReference",
            reference("InsurancePlan", formulary_id),
        ),
        extension(&url("AvailabilityStatus"), "valueCode", "active"),
        extension(&url("AvailabilityPeriod"), "valuePeriod", formulary.period()),
    ];
    for channel in channels(entry) {
        let (code, display) = channel.code();
        let value = trial("PharmacyBenefitTypeCS", code, display);
        extensions.push(extension(&url("PharmacyBenefitType"), "valueCodeableConcept", value));
    }
    let (code, display) = entry.tier.code();
    extensions.push(extension(
        &url("DrugTierID"),
        "valueCodeableConcept",
        trial("DrugTierCS", code, display),
    ));
    extensions.push(flag("PriorAuthorization", entry.prior_authorization));
    if entry.prior_authorization {
        extensions.push(flag("PriorAuthorizationNewStartsOnly", false));
    }
    extensions.push(flag("StepTherapyLimit", entry.step_therapy));
    if entry.step_therapy {
        extensions.push(flag("StepTherapyLimitNewStartsOnly", true));
    }
    extensions.push(flag("QuantityLimit", entry.quantity_limit));
    if entry.quantity_limit {
        extensions.push(quantity_limit(&url("QuantityLimitDetail"), entry));
    }
    if entry.step_therapy || entry.prior_authorization {
        let text = if entry.step_therapy {
            "Step therapy: a drug of tier *generic* for the same condition has to be tried first."
        } else {
            "Prior authorization: your prescriber has to send the diagnosis and what was tried before."
        };
        extensions.push(extension(&url("AdditionalCoverageInformation"), "valueMarkdown", text));
    }
    let code =
        coding(&format!("{USDF_CODES}InsuranceItemTypeCS"), "formulary-item", "Formulary Item");
    let written = start("Basic", id, formulary.version(), formulary.published(), &[&profile])
        .list("extension", extensions)
        .put("code", Obj::new().one("coding", code))
        .put("subject", reference("MedicationKnowledge", drug));
    Resource::new("Basic", id, written)
}

/// Kinds of pharmacy at which a drug is covered: a specialty drug for a month only, what a clinician
/// gives at retail only.
fn channels(entry: &Entry) -> &'static [Channel] {
    match entry.tier {
        Tier::Specialty => &[Channel::OneMonthRetail, Channel::OneMonthMail],
        Tier::MedicalService => &[Channel::OneMonthRetail],
        _ => &[
            Channel::OneMonthRetail,
            Channel::ThreeMonthRetail,
            Channel::OneMonthMail,
            Channel::ThreeMonthMail,
        ],
    }
}

/// The limit of the quantity: so many in 30 days, and a first supply.
fn quantity_limit(url: &str, entry: &Entry) -> Obj {
    let count =
        if entry.name.contains("Tablet") || entry.name.contains("Capsule") { 60 } else { 4 };
    let rolling = Obj::new().put(
        "repeat",
        Obj::new().put("count", i64::from(count)).put("period", 30_i64).put("periodUnit", "d"),
    );
    let bounds = Obj::new()
        .put("value", 365_i64)
        .put("system", "http://unitsofmeasure.org")
        .put("code", "d");
    let supply = Obj::new().put(
        "repeat",
        Obj::new()
            .put("boundsDuration", bounds)
            .put("count", 1_i64)
            .put("period", 30_i64)
            .put("periodUnit", "d"),
    );
    let parts = [
        extension("Description", "valueString", format!("{count} units in 30 days")),
        extension("Rolling", "valueTiming", rolling),
        extension("DaysSupply", "valueTiming", supply),
    ];
    Obj::new().list("extension", parts).put("url", url)
}
