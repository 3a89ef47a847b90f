//! Prescriptions and their fills. A fill comes when the last one runs out, a few days early or, now
//! and then, late; a course is prescribed for a year at a time and renewed.

use super::course::HORIZON;
use super::draft::Draft;
use crate::date::Date;
use crate::decimal::Decimal;
use crate::life::code::Dx;
use crate::life::drug::{Dose, Drug, Fill, Prescription};
use crate::life::provider::{OrganizationKind, Role};
use crate::life::visit::{Setting, Topic};

/// A therapy from one day to another.
pub(super) struct Therapy {
    pub(super) drug: &'static Drug,
    pub(super) dx: &'static Dx,
    pub(super) doses: Vec<Dose>,
    pub(super) from: Date,
    pub(super) until: Option<(Date, &'static str)>,
    pub(super) days_supply: i32,
    pub(super) quantity: (Decimal, &'static str),
    pub(super) role: Role,
    pub(super) as_needed: Option<&'static str>,
}

/// One dose, without a time of day.
pub(super) fn dose(
    text: &str,
    amount: Decimal,
    frequency: i64,
    period: i64,
    unit: &'static str,
) -> Dose {
    Dose {
        text: text.to_owned(),
        amount,
        frequency,
        period,
        period_unit: unit,
        when: None,
        days: None,
    }
}

/// Tablets by the day.
pub(super) fn daily(text: &str, tablets: i64, times: i64) -> Vec<Dose> {
    vec![dose(text, Decimal::whole(tablets), times, 1, "d")]
}

/// Writes the prescriptions of a therapy, one for a year, and their fills.
pub(super) fn prescribe(draft: &mut Draft, therapy: &Therapy) {
    let name = format!("prescription/{}/{}", therapy.drug.rxnorm.code, therapy.from.0);
    let mut rng = draft.life.rng(&name);
    let stop = therapy.until.map_or(HORIZON, |(date, _)| date);
    let mail = draft.life.providers.kind(OrganizationKind::MailPharmacy);
    let corner = draft.life.providers.kind(OrganizationKind::Pharmacy);
    let pharmacy = if therapy.days_supply >= 90 && therapy.from >= Date::of(2014, 1, 1) {
        mail
    } else {
        corner
    };
    let long = therapy.days_supply >= 28 && stop.since(therapy.from) > therapy.days_supply;
    let (mut from, mut next_fill, mut renews, mut written) = (therapy.from, therapy.from, None, 0);
    let mut last_fill: Option<Date> = None;
    while from < stop {
        let end = if long { from.plus(364) } else { from.plus(therapy.days_supply - 1) };
        let id = draft.life.id(&name, written);
        let visit = draft.life.visits.iter().find(|visit| {
            visit.date() <= from
                && from <= visit.end.date
                && matches!(
                    visit.topic,
                    Topic::Annual
                        | Topic::Diabetes
                        | Topic::Acute
                        | Topic::Knee
                        | Topic::Pneumonia
                        | Topic::Depression
                )
                && visit.setting != Setting::Emergency
                && (visit.setting != Setting::Inpatient || visit.end.date == from)
                && visit.practitioner != draft.life.providers.of(Role::Psychology)
        });
        let prescriber =
            visit.map_or(draft.life.providers.of(therapy.role), |visit| visit.practitioner);
        let authored = visit.map_or_else(
            || from.at(8, 30).plus_minutes(i32::try_from(rng.between(0, 420)).unwrap_or(0)),
            |visit| {
                if visit.date() == from {
                    visit.start.plus_minutes(14)
                } else {
                    visit.end.plus_minutes(-40)
                }
            },
        );
        let visit = visit.map(|visit| visit.id.clone());
        let stopped = therapy.until.filter(|(date, _)| long && *date <= end);
        let mut number = 0;
        while next_fill <= end && (next_fill < stop) {
            // First fills come after the visit, in the evening.
            let evening = pharmacy == mail || number % 2 == 0;
            let when = next_fill.at(if evening { 17 } else { 12 }, 20);
            let late = last_fill.map_or(0, |last| next_fill.since(last) - therapy.days_supply);
            draft.life.fills.push(Fill {
                id: crate::life::id(
                    draft.life.seed,
                    &format!("fill/{id}"),
                    u64::try_from(number).unwrap_or(0),
                ),
                prescription: id.clone(),
                when,
                number: u32::try_from(number).unwrap_or(0),
                days_supply: therapy.days_supply,
                quantity: therapy.quantity.0,
                pharmacy,
                late: late.max(0),
            });
            last_fill = Some(next_fill);
            number += 1;
            let off = if rng.chance(9) { rng.between(4, 19) } else { rng.between(-3, 1) };
            let off = if long { i32::try_from(off).unwrap_or(0) } else { 0 };
            next_fill = next_fill.plus(therapy.days_supply + off);
            if !long {
                break;
            }
        }
        let allowed =
            if long { u32::try_from(365 / therapy.days_supply).unwrap_or(11).min(11) } else { 0 };
        draft.life.prescriptions.push(Prescription {
            id: id.clone(),
            drug: therapy.drug,
            dx: therapy.dx,
            authored,
            visit,
            prescriber,
            doses: therapy.doses.clone(),
            as_needed: therapy.as_needed,
            days_supply: therapy.days_supply,
            quantity: therapy.quantity.0,
            quantity_unit: therapy.quantity.1,
            pharmacy,
            refills: allowed.max(u32::try_from((number - 1).max(0)).unwrap_or(0)),
            end,
            stopped,
            renews: renews.replace(id),
            reported: false,
        });
        written += 1;
        if !long {
            break;
        }
        // The next prescription is written when the next fill is due, or the old one has ended.
        from = next_fill.max(end.plus(1)).min(end.plus(20));
        next_fill = next_fill.max(from);
    }
}

/// What the member takes without prescription, as told to the clinic.
pub(super) fn report(
    draft: &mut Draft,
    drug: &'static Drug,
    dx: &'static Dx,
    text: &str,
    since: Date,
) {
    draft.life.prescriptions.push(Prescription {
        id: draft.life.id("reported", u64::from(since.0.unsigned_abs())),
        drug,
        dx,
        authored: since.at(10, 0),
        visit: None,
        prescriber: draft.life.providers.of(Role::PrimaryCare),
        doses: daily(text, 1, 1),
        as_needed: None,
        days_supply: 30,
        quantity: Decimal::whole(30),
        quantity_unit: drug.unit.1,
        pharmacy: draft.life.providers.kind(OrganizationKind::Pharmacy),
        refills: 0,
        end: HORIZON,
        stopped: None,
        renews: None,
        reported: true,
    });
}
