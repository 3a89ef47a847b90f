//! Lines, adjudications and totals of a claim. An amount of nothing is told in the totals and left out
//! of the lines, but for the charge and the eligible amount.

use super::eob::sequence;
use super::{ABSENT, C4BB_CODES, bare, c4bb, concept, money};
use crate::fhir::parts::{TERMINOLOGY, coding, hl7};
use crate::json::{Obj, Raw};
use crate::money::adjudicate::Money;
use crate::money::benefit::Network;
use crate::money::cents::Cents;
use crate::money::claim::{Claim, Denial, Kind, Line};
use crate::money::denials;

/// Category of an amount: code, display, whether it is of the base system (else of C4BB).
type Category = (&'static str, &'static str, bool);

/// Every amount of a line or a claim with its category. `paid` tells whether amounts of nothing stay.
fn amounts(claim: &Claim, sum: &Money, all: bool) -> Vec<(Category, Cents)> {
    let to_member = claim.pay_member;
    let (to_provider, to_patient) =
        if to_member { (Cents::ZERO, sum.benefit) } else { (sum.benefit, Cents::ZERO) };
    let drug = if claim.kind == Kind::Pharmacy { sum.eligible } else { Cents::ZERO };
    let list: [(Category, Cents, bool); 13] = [
        (("submitted", "Submitted Amount", true), sum.submitted, true),
        (("discount", "Discount", false), sum.discount, all),
        (("noncovered", "Noncovered", false), sum.noncovered, all),
        (("eligible", "Eligible Amount", true), sum.eligible, true),
        (("priorpayerpaid", "Prior payer paid", false), sum.prior_paid, false),
        (("deductible", "Deductible", true), sum.deductible, all),
        (("copay", "CoPay", true), sum.copay, all),
        (("coinsurance", "Co-insurance", false), sum.coinsurance, all),
        (("benefit", "Benefit Amount", true), sum.benefit, true),
        (("memberliability", "Member liability", false), sum.member_liability(), all),
        (("paidtoprovider", "Paid to provider", false), to_provider, all && !to_member),
        (("paidtopatient", "Paid to patient", false), to_patient, all && to_member),
        (("drugcost", "Drug cost", false), drug, false),
    ];
    list.into_iter()
        .filter(|(_, amount, always)| *always || amount.is_some())
        .map(|(category, amount, _)| (category, amount))
        .collect()
}

/// Concept of a category.
fn category((code, display, base): Category) -> Obj {
    if base { hl7("adjudication", code, display) } else { c4bb("C4BBAdjudication", code, display) }
}

/// An amount with its category, as an adjudication or a total.
fn amount((kind, value): (Category, Cents)) -> Obj {
    Obj::new().put("category", category(kind)).put("amount", money(value))
}

/// A discriminator with a reason.
fn status(kind: &str, display: &str, inside: bool) -> Obj {
    let (code, reason) =
        if inside { ("innetwork", "In Network") } else { ("outofnetwork", "Out Of Network") };
    Obj::new()
        .put("category", c4bb("C4BBAdjudicationDiscriminator", kind, display))
        .put("reason", c4bb("C4BBPayerAdjudicationStatus", code, reason))
}

/// Which side of the network the benefits were paid on.
fn benefit_status(claim: &Claim) -> Obj {
    status("benefitpaymentstatus", "Benefit Payment Status", claim.network == Network::In)
}

/// Adjudications of the header: network, and the amounts where they stand here.
pub(super) fn header(claim: &Claim) -> Vec<Obj> {
    let mut all = vec![status("billingnetworkstatus", "Billing Network Status", claim.contracted)];
    match claim.kind {
        Kind::Professional | Kind::Vision => {
            all.push(status(
                "renderingnetworkstatus",
                "Rendering Network Status",
                claim.contracted,
            ));
        }
        Kind::Oral => {
            all.push(status(
                "renderingnetworkstatus",
                "Rendering Network Status",
                claim.contracted,
            ));
            all.push(benefit_status(claim));
        }
        _ => all.push(benefit_status(claim)),
    }
    if at_header(claim) {
        all.extend(amounts(claim, &claim.totals(), true).into_iter().map(amount));
        let mut told: Vec<&str> = Vec::new();
        for denial in claim.lines.iter().filter_map(|line| line.denial) {
            if !told.contains(&denial.reason) {
                told.push(denial.reason);
                all.push(reason(denial));
            }
        }
    }
    all
}

/// Whether the amounts stand at the header.
fn at_header(claim: &Claim) -> bool {
    claim.stay.as_ref().is_some_and(|stay| stay.header_level)
}

/// Sums of the claim, one of each category, and what the member paid at the counter.
pub(super) fn totals(claim: &Claim) -> Vec<Obj> {
    let mut all: Vec<Obj> = amounts(claim, &claim.totals(), true).into_iter().map(amount).collect();
    if claim.paid_by_member.is_some() {
        all.push(amount((("paidbypatient", "Paid by patient", false), claim.paid_by_member)));
    }
    all
}

/// The notes of a claim, each once, in the order of the lines.
pub(super) fn notes(claim: &Claim) -> Vec<&'static str> {
    let mut notes: Vec<&'static str> = Vec::new();
    for denial in claim.lines.iter().filter_map(|line| line.denial) {
        if !notes.contains(&denial.note) {
            notes.push(denial.note);
        }
    }
    notes
}

/// Lines.
pub(super) fn items(claim: &Claim) -> Vec<Obj> {
    let notes = notes(claim);
    let diagnoses = claim.diagnoses.len().min(4);
    claim
        .lines
        .iter()
        .enumerate()
        .map(|(n, line)| {
            let note =
                line.denial.and_then(|denial| notes.iter().position(|note| *note == denial.note));
            let item = Obj::new()
                .put("sequence", sequence(n))
                .list("careTeamSequence", (!claim.team.is_empty()).then_some(1_i64))
                .list("diagnosisSequence", (0..diagnoses).map(sequence))
                .maybe(
                    "revenue",
                    line.revenue
                        .map(|code| bare("https://www.nubc.org/CodeSystem/RevenueCodes", code)),
                )
                .put("productOrService", product(line))
                .list("modifier", line.modifiers.iter().map(|code| modifier(code)))
                .with(|item| serviced(item, claim, line))
                .maybe(
                    "locationCodeableConcept",
                    claim.place.map(|(code, display)| place(code, display)),
                )
                .put("quantity", quantity(claim, line))
                .put("net", money(line.money.submitted))
                .with(|item| tooth(item, line))
                .list(
                    "encounter",
                    claim.encounter.iter().map(|reference| Obj::new().put("reference", reference)),
                )
                .list("noteNumber", note.map(sequence));
            item.list("adjudication", adjudications(claim, line))
        })
        .collect()
}

/// Code of a line; a hospital's line may have none beside the revenue code.
fn product(line: &Line) -> Obj {
    match &line.product {
        Some(code) => concept(code),
        None => Obj::new().one("coding", coding(ABSENT, "not-applicable", "Not Applicable")),
    }
}

/// A modifier of CPT (digits) or HCPCS (a letter).
fn modifier(code: &str) -> Obj {
    if code.bytes().all(|byte| byte.is_ascii_digit()) {
        bare("http://www.ama-assn.org/go/cpt", code)
    } else {
        bare("https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", code)
    }
}

/// Day or days of a line.
fn serviced(item: Obj, claim: &Claim, line: &Line) -> Obj {
    if claim.month_only {
        item.put("servicedDate", line.serviced.0.year_month())
    } else if line.serviced.0 == line.serviced.1 || claim.kind == Kind::Outpatient {
        item.text("servicedDate", line.serviced.0)
    } else {
        let period = Obj::new().text("start", line.serviced.0).text("end", line.serviced.1);
        item.put("servicedPeriod", period)
    }
}

/// Place of service.
fn place(code: &str, display: &str) -> Obj {
    let system =
        "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set";
    Obj::new().one("coding", coding(system, code, display))
}

/// Units, or the quantity of a drug.
fn quantity(claim: &Claim, line: &Line) -> Obj {
    match &claim.script {
        Some(script) => Obj::new()
            .put("value", Raw(script.quantity.0))
            .put("system", "http://unitsofmeasure.org")
            .put("code", script.quantity.1),
        None => Obj::new().put("value", line.units),
    }
}

/// Tooth and surfaces.
fn tooth(item: Obj, line: &Line) -> Obj {
    let Some(tooth) = &line.tooth else { return item };
    let number = bare(&format!("{TERMINOLOGY}ADAUniversalToothDesignationSystem"), tooth.number);
    let system = format!("{TERMINOLOGY}ADAToothSurfaceCodes");
    item.put("bodySite", number)
        .list("subSite", tooth.surfaces.chars().map(|letter| bare(&system, &letter.to_string())))
}

/// Adjudications of a line.
fn adjudications(claim: &Claim, line: &Line) -> Vec<Obj> {
    if at_header(claim) {
        return Vec::new();
    }
    let mut all: Vec<Obj> = amounts(claim, &line.money, false).into_iter().map(amount).collect();
    if let Some(script) = claim.script.as_ref().filter(|_| line.money.eligible.is_some()) {
        let system = "https://payer.example.com/fhir/CodeSystem/drug-cost-part";
        let parts = [
            ("ingredientcost", "Ingredient cost"),
            ("dispensingfee", "Dispensing fee"),
            ("vaccineadministration", "Vaccine administration"),
        ];
        for ((code, display), part) in parts.into_iter().zip(script.parts) {
            if part.is_some() {
                let part = Obj::new()
                    .put("category", Obj::new().one("coding", coding(system, code, display)))
                    .put("amount", money(part));
                all.push(part);
            }
        }
    }
    if matches!(claim.kind, Kind::Professional | Kind::Vision | Kind::Oral) {
        all.push(benefit_status(claim));
        if line.units > 1 {
            let units = c4bb("C4BBAdjudicationDiscriminator", "allowedunits", "Allowed Units");
            all.push(
                Obj::new()
                    .put("category", units)
                    .put("value", if line.money.eligible.is_some() { line.units } else { 0 }),
            );
        }
    }
    all.extend(
        line.denial.map(
            |denial| if claim.kind == Kind::Pharmacy { reject(denial) } else { reason(denial) },
        ),
    );
    all
}

/// Why a line was not paid: reason code, and remark code beside it.
fn reason(denial: &Denial) -> Obj {
    let mut codes = vec![coding(
        "https://x12.org/codes/claim-adjustment-reason-codes",
        denial.reason,
        denials::reason_display(denial),
    )];
    if let Some(remark) = denial.remark {
        let system = "https://x12.org/codes/remittance-advice-remark-codes";
        codes.push(Obj::new().put("system", system).put("code", remark));
    }
    Obj::new()
        .put(
            "category",
            c4bb("C4BBAdjudicationDiscriminator", "adjustmentreason", "Adjustment Reason"),
        )
        .put("reason", Obj::new().list("coding", codes))
}

/// Why a pharmacy was rejected.
fn reject(denial: &Denial) -> Obj {
    let system = format!("{TERMINOLOGY}NCPDPRejectCode");
    Obj::new()
        .put(
            "category",
            Obj::new().one(
                "coding",
                coding(
                    &format!("{C4BB_CODES}C4BBAdjudicationDiscriminator"),
                    "rejectreason",
                    "Reject Reason",
                ),
            ),
        )
        .put(
            "reason",
            Obj::new()
                .one("coding", coding(&system, denial.reason, denials::reason_display(denial))),
        )
}
