//! Dental claims: one for every visit to the dentist.

use super::claim::{Claim, Kind, Tooth};
use super::draft::{Source, billed, diagnosis, line};
use super::fees;
use crate::life::code::System;
use crate::life::visit::Visit;
use crate::money::benefit::Network;
use crate::money::cents::Cents;

/// The claim of a visit to the dentist.
pub(super) fn of_visit(source: Source<'_>, visit: &Visit) -> Option<Claim> {
    let dentist = source.life.providers.practitioner(visit.practitioner);
    let mut claim = source.claim(Kind::Oral, "visit", &visit.id, (visit.date(), visit.end.date))?;
    let mut rng = source.rng("price", &format!("dentist:{}", visit.id));
    for performed in &visit.performed {
        if performed.act.billing.system != System::Cdt {
            continue;
        }
        let units = i64::from(performed.units.max(1));
        let allowed = Cents(fees::allowed(performed.act, performed.date.year()).0 * units);
        let charge = fees::charge(allowed, &mut rng, 145);
        let service = fees::dental(performed.act.billing.code);
        let product = Some(billed(&performed.act.billing));
        let mut line =
            line(product, (performed.date, performed.date), units, allowed, charge, service);
        line.tooth = performed
            .tooth
            .map(|(number, surfaces)| Tooth { number, surfaces: surfaces.unwrap_or_default() });
        claim.lines.push(line);
    }
    if claim.lines.is_empty() {
        return None;
    }
    claim.billing = source.practitioner(visit.practitioner, "");
    claim.team.push(source.practitioner(visit.practitioner, "rendering"));
    let practice = source.life.providers.organization(visit.organization);
    claim.facility = Some((format!("Organization/{}", practice.id), practice.name.to_owned()));
    claim.place = Some(("11", "Office"));
    claim.encounter = Some(format!("Encounter/{}", visit.id));
    claim.diagnoses = visit.diagnoses.iter().take(4).map(|dx| diagnosis(dx, None)).collect();
    claim.contracted = dentist.in_network;
    claim.network = if dentist.in_network { Network::In } else { Network::Out };
    claim.balance_billed = !dentist.in_network;
    claim.pay_member = !dentist.in_network;
    Some(claim)
}
