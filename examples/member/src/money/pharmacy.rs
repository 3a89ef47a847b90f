//! Pharmacy claims: one for every fill and for every vaccine that a pharmacy gave, adjudicated while the
//! member waits.

use super::benefit::{Channel, Network, Service, Share, Tier};
use super::cents::Cents;
use super::claim::{Claim, Code, Denial, Kind, Script};
use super::coverage::{self, CoverageKind};
use super::denials;
use super::draft::{Source, line};
use super::{fees, prior_auth};
use crate::date::Date;
use crate::decimal::Decimal;
use crate::formulary::table;
use crate::life::code::System;
use crate::life::drug::{Drug, Fill, Prescription};
use crate::life::provider::OrganizationKind;
use crate::life::visit::Visit;
use crate::life::{Life, id};

/// NCPDP origin of a prescription that the pharmacist wrote under a standing order.
const PHARMACY_ORIGIN: &str = "5";

/// First day of the formulary of today: a drug that it does not list was paid before.
const FORMULARY_OF_TODAY: Date = Date::of(2026, 1, 1);

/// Number of a prescription at its pharmacy: seven digits. The clinical part may use it as identifier.
pub(crate) fn prescription_number(life: &Life, prescription: &str) -> String {
    let draw = life.rng(&format!("rx:{prescription}")).draw();
    format!("{}", 2_000_000 + draw % 7_000_000)
}

/// The claim of a fill.
pub(super) fn of_fill(
    source: Source<'_>,
    fill: &Fill,
    prescription: &Prescription,
) -> Option<Claim> {
    let day = fill.when.date;
    let mut claim = source.claim(Kind::Pharmacy, "fill", &fill.id, (day, day))?;
    let pharmacy = source.life.providers.organization(fill.pharmacy);
    let mail = pharmacy.kind == OrganizationKind::MailPharmacy;
    let drug = prescription.drug;
    let entry = table::entry(drug, None);
    let plan = source.coverages[claim.coverage].plan;
    let parts = parts(source.life, drug, entry.tier, fill.days_supply, mail, day.year());
    let allowed: Cents = parts.iter().copied().sum();
    let mut rng = source.rng("price", &fill.id);
    let factor = if drug.brand { 118 } else { 260 };
    let charge = fees::charge(allowed, &mut rng, factor);
    let product = Code {
        system: System::Ndc.uri(),
        code: drug.ndc.to_owned(),
        display: drug.rxnorm.display.to_owned(),
    };
    let mut line = line(Some(product), (day, day), 1, allowed, charge, Service::Diagnostic);
    let absent =
        table::absent(source.life).is_some_and(|absent| absent.rxnorm.code == drug.rxnorm.code);
    if absent && day >= FORMULARY_OF_TODAY {
        line.denial = Some(&denials::NOT_IN_FORMULARY);
    }
    claim.lines.push(line);
    claim.billing = source.organization(fill.pharmacy, "");
    claim.contracted = pharmacy.in_network;
    claim.network = Network::In;
    claim.team.push(source.practitioner(prescription.prescriber, "prescribing"));
    claim.script = Some(Script {
        number: prescription_number(source.life, &prescription.id),
        days_supply: i64::from(fill.days_supply),
        refill: i64::from(fill.number),
        refills_authorized: i64::from(prescription.refills),
        daw: if drug.brand && rng.chance(15) { "1" } else { "0" },
        brand: drug.brand,
        origin: if rng.chance(90) { "3" } else { "1" },
        parts,
        share: plan.drug_share(entry.tier, Channel::of(fill.days_supply, mail)),
        quantity: (fill.quantity, prescription.quantity_unit),
        prescription: Some(format!("MedicationRequest/{}", prescription.id)),
    });
    if drug.prior_authorization {
        claim.prior_auth = Some(prior_auth::drug_number(source.life, prescription));
    }
    Some(claim)
}

/// The claim that was rejected because a refill was tried too soon after `paid`.
pub(super) fn too_soon(source: Source<'_>, paid: &Claim) -> Option<Claim> {
    let script = paid.script.as_ref()?;
    let day = paid.service.0.plus(i32::try_from(script.days_supply).unwrap_or(30) * 2 / 3);
    let mut claim = rejected(source, paid, day, &denials::TOO_SOON)?;
    let script = claim.script.as_mut()?;
    script.refill += 1;
    Some(claim)
}

/// The first claim of a drug that the payer wanted to be asked for: rejected on the day it was prescribed.
pub(super) fn unasked(source: Source<'_>, prescription: &Prescription) -> Option<Claim> {
    // What came of it would not be in the record.
    if prescription.authored.date < source.life.since {
        return None;
    }
    let pharmacy = source.life.providers.kind(OrganizationKind::Pharmacy);
    let fill = Fill {
        id: format!("unasked:{}", prescription.id),
        prescription: prescription.id.clone(),
        when: prescription.authored,
        number: 0,
        days_supply: prescription.days_supply,
        quantity: prescription.quantity,
        pharmacy,
        late: 0,
    };
    let tried = of_fill(source, &fill, prescription)?;
    rejected(source, &tried, prescription.authored.date, &denials::PRIOR_AUTHORIZATION)
}

/// A claim like another, rejected on a day.
fn rejected(source: Source<'_>, like: &Claim, day: Date, why: &'static Denial) -> Option<Claim> {
    let life = source.life;
    let mut claim = like.clone();
    claim.coverage = coverage::at(source.coverages, CoverageKind::Drug, day)?;
    claim.period = coverage::at(source.coverages, CoverageKind::Medical, day)?;
    claim.id = id(life.seed, &format!("claim-rejected:{}", like.id), 0);
    let draw = life.rng(&format!("rejected:{}", like.id)).draw();
    claim.uc = super::draft::number(Kind::Pharmacy, day, draw);
    claim.service = (day, day);
    claim.received = day;
    claim.adjudicated = day;
    claim.prior_auth = None;
    for line in &mut claim.lines {
        line.serviced = (day, day);
        line.denial = Some(why);
    }
    Some(claim)
}

/// Ingredient and dispensing fee of a fill; nothing is paid for giving a vaccine.
fn parts(
    life: &Life,
    drug: &Drug,
    tier: Tier,
    days_supply: i32,
    mail: bool,
    year: i32,
) -> [Cents; 3] {
    // The price of a month is the drug's own, the same in every fill of a year.
    let mut rng = life.rng(&format!("drug:{}", drug.rxnorm.code));
    let month = match tier {
        Tier::ZeroCost | Tier::Generic => rng.between(280, 2_400),
        Tier::PreferredBrand => rng.between(21_000, 46_000),
        Tier::NonPreferredBrand => rng.between(38_000, 97_000),
        Tier::Specialty | Tier::MedicalService => rng.between(180_000, 520_000),
    };
    let month = fees::grown(Cents(month), year);
    let ingredient = Cents((month.0 * i64::from(days_supply.max(1)) + 15) / 30);
    let fee = match (mail, drug.brand) {
        (true, _) => Cents(50),
        (false, true) => Cents(145),
        (false, false) => Cents(175),
    };
    [ingredient, fee, Cents::ZERO]
}

/// The claim of a vaccine that a pharmacy gave: product and giving in one line. `None` where the product
/// is not known; a professional claim is made then.
pub(super) fn of_vaccine(source: Source<'_>, visit: &Visit) -> Option<Claim> {
    let shot = source
        .life
        .immunizations
        .iter()
        .find(|shot| !shot.refused && shot.visit.as_deref() == Some(visit.id.as_str()))?;
    let ndc = shot.ndc?;
    let day = visit.date();
    let mut claim = source.claim(Kind::Pharmacy, "vaccine", &visit.id, (day, day))?;
    let mut parts = [Cents::ZERO; 3];
    for performed in &visit.performed {
        let giving = ["90471", "90480", "90472"].contains(&performed.act.billing.code);
        parts[if giving { 2 } else { 0 }] += fees::allowed(performed.act, day.year());
    }
    let allowed: Cents = parts.iter().copied().sum();
    let mut rng = source.rng("price", &visit.id);
    let charge = fees::charge(allowed, &mut rng, 125);
    let product = Code {
        system: System::Ndc.uri(),
        code: ndc.to_owned(),
        display: shot.vaccine.display.to_owned(),
    };
    claim.lines.push(line(Some(product), (day, day), 1, allowed, charge, Service::Preventive));
    claim.billing = source.organization(visit.organization, "");
    claim.contracted = visit.in_network;
    claim.team.push(source.practitioner(visit.practitioner, "prescribing"));
    claim.encounter = Some(format!("Encounter/{}", visit.id));
    claim.script = Some(Script {
        number: prescription_number(source.life, &visit.id),
        days_supply: 1,
        refill: 0,
        refills_authorized: 0,
        daw: "0",
        brand: true,
        origin: PHARMACY_ORIGIN,
        parts,
        share: Share::NoCharge,
        quantity: (Decimal::new(5, 1), "mL"),
        prescription: None,
    });
    Some(claim)
}
