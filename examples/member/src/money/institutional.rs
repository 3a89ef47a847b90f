//! Hospital claims: one for every stay, and one for every visit to a hospital without a stay. The
//! emergency department bills for itself, also where a stay follows.

use super::benefit::Service;
use super::cents::Cents;
use super::claim::{Claim, Code, Kind, Line, Stay};
use super::draft::{Source, billed, diagnosis, line};
use super::{fees, prior_auth, professional};
use crate::date::Date;
use crate::life::code::{Sort, System};
use crate::life::lab::Panel;
use crate::life::provider::Role;
use crate::life::visit::{Setting, Topic, Visit};
use crate::rng::Rng;

/// What a hospital bills by revenue code alone in a stay: code, dollars a day in 2024.
const DAILY: &[(&str, i64)] = &[("0120", 1_180), ("0250", 240), ("0270", 95)];

/// The hospital's claim of a visit, if a hospital gave it. `emergency` tells that a stay began in the
/// emergency department.
pub(super) fn of_visit(
    source: Source<'_>,
    visit: &Visit,
    emergency: bool,
    panels: &[&Panel],
) -> Option<Claim> {
    match visit.setting {
        Setting::Inpatient => inpatient(source, visit, emergency, panels),
        Setting::Emergency | Setting::OutpatientHospital => outpatient(source, visit, panels),
        _ => None,
    }
}

/// The claim of a stay.
fn inpatient(
    source: Source<'_>,
    visit: &Visit,
    emergency: bool,
    panels: &[&Panel],
) -> Option<Claim> {
    let mut claim =
        source.claim(Kind::Inpatient, "hospital", &visit.id, (visit.date(), visit.end.date))?;
    let mut rng = source.rng("price", &format!("hospital:{}", visit.id));
    let nights = i64::from(visit.end.date.since(visit.date()).max(1));
    for (revenue, dollars) in DAILY {
        let one = fees::grown(Cents::dollars(*dollars), visit.date().year());
        let allowed = Cents(one.0 * nights);
        let charge = fees::charge(allowed, &mut rng, 265);
        let mut line =
            line(None, (visit.date(), visit.end.date), nights, allowed, charge, Service::Inpatient);
        line.revenue = Some(revenue);
        claim.lines.push(line);
    }
    services(&mut claim, visit, visit.setting, &mut rng);
    laboratory(&mut claim, panels, Service::Inpatient, &mut rng);

    let procedures = procedures(visit);
    claim.stay = Some(Stay {
        bill_type: String::from("0111"),
        admission_type: if emergency {
            "1"
        } else if visit.topic == Topic::Pregnancy {
            "2"
        } else {
            "3"
        },
        origin: if emergency { "1" } else { "2" },
        discharge: "01",
        drg: visit.drg,
        procedures,
        header_level: true,
    });
    finish(&mut claim, source, visit);
    let hospital_acquired = rng.chance(10);
    claim.diagnoses = visit
        .diagnoses
        .iter()
        .take(25)
        .enumerate()
        .map(|(n, dx)| diagnosis(dx, Some(if n > 1 && hospital_acquired { "N" } else { "Y" })))
        .collect();
    Some(claim)
}

/// The claim of a hospital without a stay.
fn outpatient(source: Source<'_>, visit: &Visit, panels: &[&Panel]) -> Option<Claim> {
    let mut claim =
        source.claim(Kind::Outpatient, "hospital", &visit.id, (visit.date(), visit.end.date))?;
    let mut rng = source.rng("price", &format!("hospital:{}", visit.id));
    services(&mut claim, visit, visit.setting, &mut rng);
    let emergency = visit.setting == Setting::Emergency;
    laboratory(
        &mut claim,
        panels,
        if emergency { Service::Emergency } else { Service::Diagnostic },
        &mut rng,
    );
    if claim.lines.iter().any(|line| line.revenue == Some("0360")) {
        let allowed = fees::grown(Cents::dollars(310), visit.date().year());
        let charge = fees::charge(allowed, &mut rng, 240);
        let day = visit.date();
        let mut recovery = line(None, (day, day), 1, allowed, charge, Service::OutpatientSurgery);
        recovery.revenue = Some("0710");
        claim.lines.push(recovery);
    }
    if claim.lines.is_empty() {
        return None;
    }
    claim.stay = Some(Stay {
        bill_type: String::from("0131"),
        admission_type: if emergency { "1" } else { "3" },
        origin: "1",
        discharge: "01",
        drg: None,
        procedures: Vec::new(),
        header_level: !emergency && rng.chance(40),
    });
    finish(&mut claim, source, visit);
    claim.diagnoses = visit.diagnoses.iter().take(25).map(|dx| diagnosis(dx, None)).collect();
    Some(claim)
}

/// The hospital's part of what was done.
fn services(claim: &mut Claim, visit: &Visit, setting: Setting, rng: &mut Rng) {
    for performed in &visit.performed {
        let act = performed.act;
        let codes = matches!(act.billing.system, System::Cpt | System::Hcpcs);
        if act.sort == Sort::Stay
            || !codes
            || (act.sort == Sort::Visit && setting == Setting::Inpatient)
        {
            continue;
        }
        let allowed =
            fees::allowed(act, performed.date.year()).percent(fees::facility_percent(act));
        let charge = fees::charge(allowed, rng, 255);
        let service = fees::service(act, visit, Role::Hospitalist);
        let units = i64::from(performed.units.max(1));
        // A stay, and anaesthesia, are billed by revenue code alone.
        let coded = setting != Setting::Inpatient && act.sort != Sort::Anesthesia;
        let product = coded.then(|| billed(&act.billing));
        let mut line =
            line(product, (performed.date, performed.date), units, allowed, charge, service);
        line.revenue = Some(fees::revenue(act, setting));
        if setting == Setting::Emergency && act.sort == Sort::Visit {
            line.modifiers.push("25");
        }
        claim.lines.push(line);
    }
}

/// Laboratory panels of the visit.
fn laboratory(claim: &mut Claim, panels: &[&Panel], service: Service, rng: &mut Rng) {
    for panel in panels {
        let day = panel.collected.date.clamp(claim.service.0, claim.service.1);
        let allowed = fees::allowed_panel(panel.kind.cpt, day.year()).percent(140);
        let charge = fees::charge(allowed, rng, 380);
        let product = Code {
            system: System::Cpt.uri(),
            code: panel.kind.cpt.to_owned(),
            display: panel.kind.cpt_display.to_owned(),
        };
        let mut line: Line = line(Some(product), (day, day), 1, allowed, charge, service);
        line.revenue = Some("0300");
        claim.lines.push(line);
    }
}

/// ICD-10-PCS procedures of a stay: those recorded as such, and the delivery of a birth.
fn procedures(visit: &Visit) -> Vec<(String, String, Date)> {
    let mut found = Vec::new();
    for performed in &visit.performed {
        let act = performed.act;
        if act.billing.system == System::Icd10Pcs {
            found.push((
                act.billing.code.to_owned(),
                act.billing.display.to_owned(),
                performed.date,
            ));
        } else if ["59400", "59409", "59410"].contains(&act.billing.code) {
            let display = "Delivery of Products of Conception, External Approach";
            found.push((String::from("10E0XZZ"), display.to_owned(), performed.date));
        } else if ["59510", "59514", "59515"].contains(&act.billing.code) {
            let display = "Extraction of Products of Conception, Low, Open Approach";
            found.push((String::from("10D00Z1"), display.to_owned(), performed.date));
        }
    }
    found
}

/// Who billed, who attended, network, encounter, authorization.
fn finish(claim: &mut Claim, source: Source<'_>, visit: &Visit) {
    let hospital = source.life.providers.organization(visit.organization);
    claim.billing = source.organization(visit.organization, "");
    claim.facility = Some((format!("Location/{}", hospital.location_id), hospital.name.to_owned()));
    claim.team.push(source.practitioner(visit.practitioner, "attending"));
    let operated = visit
        .performed
        .iter()
        .filter(|performed| performed.act.sort == Sort::Surgery)
        .find_map(|performed| performed.by.filter(|by| *by != visit.practitioner));
    if let Some(by) = operated {
        claim.team.push(source.practitioner(by, "operating"));
    }
    claim.encounter = Some(format!("Encounter/{}", visit.id));
    if visit.prior_authorization {
        claim.prior_auth = Some(prior_auth::number(source.life, &visit.id));
    }
    professional::network(claim, visit, hospital.in_network, Role::Hospitalist);
    // A hospital bills when all reports are out.
    claim.received = claim.received.max(claim.service.1.plus(professional::REPORTS));
    claim.adjudicated = claim.adjudicated.max(claim.received.plus(3));
}
