//! Professional claims: every visit gives one for each clinician who did something, one of the
//! laboratory for its panels, and one of the surgery centre. Eye doctors' claims are of type vision.

use super::benefit::{Network, Service};
use super::claim::{Claim, Code, Kind, Line};
use super::draft::{Source, billed, diagnosis, line};
use super::{fees, prior_auth};
use crate::date::Date;
use crate::life::code::{self, Act, Sort, System};
use crate::life::lab::Panel;
use crate::life::provider::{PractitionerIx, Role};
use crate::life::visit::{Performed, Setting, Visit};

/// The day from which a surprise bill of someone out of network is forbidden (No Surprises Act).
const NO_SURPRISES: Date = Date::of(2022, 1, 1);

/// Days after which every report of a specimen is out.
pub(super) const REPORTS: i32 = 9;

/// What is billed for a visit that names no service: an established patient, low complexity.
static PLAIN_VISIT: Act = Act {
    billing: code::Code::new(
        System::Cpt,
        "99213",
        "Office or other outpatient visit, established patient, 20 minutes",
    ),
    snomed: None,
    text: "Office visit",
    sort: Sort::Visit,
};

/// The claims of a visit, those of its clinicians first.
pub(super) fn of_visit(source: Source<'_>, visit: &Visit, panels: &[&Panel]) -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut billers: Vec<PractitionerIx> = vec![visit.practitioner];
    for performed in &visit.performed {
        let by = performed.by.unwrap_or(visit.practitioner);
        if !billers.contains(&by) {
            billers.push(by);
        }
    }
    for by in billers {
        claims.extend(of_clinician(source, visit, by));
    }
    if visit.setting == Setting::SurgeryCenter {
        claims.extend(of_surgery_center(source, visit));
    }
    if visit.setting != Setting::Inpatient && visit.setting != Setting::Emergency {
        claims.extend(of_laboratory(source, visit, panels));
    }
    claims
}

/// The claim of one clinician.
fn of_clinician(source: Source<'_>, visit: &Visit, by: PractitionerIx) -> Option<Claim> {
    let practitioner = source.life.providers.practitioner(by);
    let own = by == visit.practitioner;
    let done: Vec<&Performed> = visit
        .performed
        .iter()
        .filter(|performed| performed.by.unwrap_or(visit.practitioner) == by)
        .filter(|performed| is_professional(performed.act))
        .collect();
    if done.is_empty() && !(own && visit.performed.is_empty()) {
        return None;
    }
    let kind = if visit.setting == Setting::Vision { Kind::Vision } else { Kind::Professional };
    let part = if own { String::from("visit") } else { format!("by {}", practitioner.npi) };
    let last = done.iter().map(|performed| performed.date).max().unwrap_or(visit.date());
    let first = done.iter().map(|performed| performed.date).min().unwrap_or(visit.date());
    let mut claim = source.claim(kind, &part, &visit.id, (first, last))?;
    let mut rng = source.rng("price", &format!("{part}:{}", visit.id));
    let factor = 150 + i64::from(practitioner.npi.bytes().last().unwrap_or(b'5') - b'0') * 9;
    let hospital = in_hospital(visit.setting);
    if done.is_empty() {
        claim.lines.push(priced(
            &PLAIN_VISIT,
            visit,
            visit.date(),
            1,
            practitioner.role,
            factor,
            &mut rng,
        ));
    }
    for performed in done {
        let units = i64::from(performed.units.max(1));
        let mut line = priced(
            performed.act,
            visit,
            performed.date,
            units,
            practitioner.role,
            factor,
            &mut rng,
        );
        if hospital && performed.act.sort == Sort::Imaging {
            line.modifiers.push("26");
        }
        if visit.setting == Setting::Virtual {
            line.modifiers.push("95");
        }
        if performed.act.sort == Sort::Therapy {
            line.modifiers.push("GP");
        }
        claim.lines.push(line);
    }

    claim.billing = if practitioner.role == Role::Psychology {
        source.practitioner(by, "")
    } else {
        source.organization(practitioner.organization, "")
    };
    claim.team.push(source.practitioner(by, "rendering"));
    if referred(practitioner.role) {
        let primary = source.life.providers.of(Role::PrimaryCare);
        claim.team.push(source.practitioner(primary, "referring"));
    }
    place(&mut claim, source, visit);
    network(&mut claim, visit, practitioner.in_network, practitioner.role);
    Some(claim)
}

/// The claim of a surgery centre: it bills its room on a professional claim.
fn of_surgery_center(source: Source<'_>, visit: &Visit) -> Option<Claim> {
    let mut claim =
        source.claim(Kind::Professional, "center", &visit.id, (visit.date(), visit.end.date))?;
    let mut rng = source.rng("price", &format!("center:{}", visit.id));
    for performed in visit.performed.iter().filter(|performed| performed.act.sort == Sort::Surgery)
    {
        let allowed = fees::allowed(performed.act, performed.date.year())
            .percent(fees::facility_percent(performed.act));
        let charge = fees::charge(allowed, &mut rng, 245);
        let mut line = line(
            Some(billed(&performed.act.billing)),
            (performed.date, performed.date),
            1,
            allowed,
            charge,
            fees::service(performed.act, visit, Role::Orthopedics),
        );
        line.modifiers.push("SG");
        claim.lines.push(line);
    }
    if claim.lines.is_empty() {
        return None;
    }
    claim.billing = source.organization(visit.organization, "");
    claim.team.push(source.practitioner(visit.practitioner, "referring"));
    place(&mut claim, source, visit);
    network(&mut claim, visit, visit.in_network, Role::Orthopedics);
    Some(claim)
}

/// The claim of the laboratory for the panels of a visit.
fn of_laboratory(source: Source<'_>, visit: &Visit, panels: &[&Panel]) -> Option<Claim> {
    let first = panels.iter().map(|panel| panel.collected.date).min()?;
    let last = panels.iter().map(|panel| panel.collected.date).max()?;
    let laboratory = panels.first()?.laboratory;
    let mut claim = source.claim(Kind::Professional, "laboratory", &visit.id, (first, last))?;
    let mut rng = source.rng("price", &format!("laboratory:{}", visit.id));
    let preventive = visit.topic == crate::life::visit::Topic::Annual;
    for panel in panels {
        let day = panel.collected.date;
        let allowed = fees::allowed_panel(panel.kind.cpt, day.year());
        let product = Code {
            system: System::Cpt.uri(),
            code: panel.kind.cpt.to_owned(),
            display: panel.kind.cpt_display.to_owned(),
        };
        let service = if preventive { Service::Preventive } else { Service::Diagnostic };
        let charge = fees::charge(allowed, &mut rng, 340);
        claim.lines.push(line(Some(product), (day, day), 1, allowed, charge, service));
    }
    // The laboratory bills when all reports are out.
    claim.received = claim.received.max(last.plus(REPORTS));
    claim.adjudicated = claim.adjudicated.max(claim.received.plus(2));
    claim.billing = source.organization(laboratory, "");
    claim.team.push(source.practitioner(visit.practitioner, "referring"));
    claim.place = Some(("81", "Independent Laboratory"));
    claim.encounter = Some(format!("Encounter/{}", visit.id));
    claim.diagnoses = visit.diagnoses.iter().take(4).map(|dx| diagnosis(dx, None)).collect();
    network(
        &mut claim,
        visit,
        source.life.providers.organization(laboratory).in_network,
        Role::Pathology,
    );
    Some(claim)
}

/// A line of a service, with the plan's and the provider's price.
fn priced(
    act: &Act,
    visit: &Visit,
    day: Date,
    units: i64,
    role: Role,
    factor: i64,
    rng: &mut crate::rng::Rng,
) -> Line {
    let one = fees::allowed(act, day.year());
    // In a hospital the room is not the clinician's: imaging pays the reading alone.
    let one =
        if in_hospital(visit.setting) && act.sort == Sort::Imaging { one.percent(35) } else { one };
    let allowed = super::cents::Cents(one.0 * units);
    let charge = fees::charge(allowed, rng, factor);
    let service = fees::service(act, visit, role);
    line(Some(billed(&act.billing)), (day, day), units, allowed, charge, service)
}

/// Whether a clinician bills a service on a professional claim.
fn is_professional(act: &Act) -> bool {
    act.sort != Sort::Stay
        && act.sort != Sort::Dental
        && matches!(act.billing.system, System::Cpt | System::Hcpcs)
}

/// Whether the hospital bills the room.
const fn in_hospital(setting: Setting) -> bool {
    matches!(setting, Setting::Emergency | Setting::Inpatient | Setting::OutpatientHospital)
}

/// Whether members come to such a clinician by referral.
const fn referred(role: Role) -> bool {
    matches!(
        role,
        Role::Endocrinology
            | Role::Dietitian
            | Role::Orthopedics
            | Role::PhysicalTherapy
            | Role::Radiology
            | Role::Gastroenterology
            | Role::Podiatry
    )
}

/// Where, for which encounter, why, under which authorization.
fn place(claim: &mut Claim, source: Source<'_>, visit: &Visit) {
    let organization = source.life.providers.organization(visit.organization);
    claim.place = Some(visit.setting.place_of_service());
    if in_hospital(visit.setting)
        || visit.setting == Setting::SurgeryCenter
        || visit.setting == Setting::Imaging
    {
        claim.facility =
            Some((format!("Organization/{}", organization.id), organization.name.to_owned()));
    }
    claim.encounter = Some(format!("Encounter/{}", visit.id));
    claim.diagnoses = visit.diagnoses.iter().take(12).map(|dx| diagnosis(dx, None)).collect();
    if visit.prior_authorization {
        claim.prior_auth = Some(prior_auth::number(source.life, &visit.id));
    }
}

/// Network of the benefit and of the provider, and what the member may be billed. An emergency, and
/// someone out of network at a hospital in network, are paid as in network.
pub(super) fn network(claim: &mut Claim, visit: &Visit, contracted: bool, role: Role) {
    claim.contracted = contracted;
    let surprise = visit.setting == Setting::Emergency
        || (visit.in_network && in_hospital_or_center(visit.setting))
        || role == Role::Anesthesiology;
    claim.network = if contracted || surprise { Network::In } else { Network::Out };
    claim.balance_billed = !contracted && (!surprise || claim.service.0 < NO_SURPRISES);
    claim.pay_member = claim.network == Network::Out;
}

/// A hospital or a surgery centre.
const fn in_hospital_or_center(setting: Setting) -> bool {
    in_hospital(setting) || matches!(setting, Setting::SurgeryCenter)
}
