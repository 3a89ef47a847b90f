//! Prior authorizations: what was asked before, and how the payer decided, state by state. Owns the
//! authorization numbers, which claims repeat.

use super::claim::{ClaimDiagnosis, Code, Party};
use super::draft::{self, Source, billed, days, diagnosis};
use crate::date::Date;
use crate::life::Life;
use crate::life::code::{Sort, System};
use crate::life::drug::Prescription;
use crate::life::provider::{OrganizationIx, OrganizationKind, Role};
use crate::life::visit::{Setting, Visit};
use crate::life::{code, id};

/// What an authorization is for: decides claim type, service type and units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sought {
    /// Imaging.
    Imaging,
    /// An operation.
    Surgery,
    /// A drug.
    Drug,
    /// Physical therapy.
    Therapy,
    /// Equipment.
    Equipment,
}

/// A decision, or none yet (X12 306 action codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// `A4`, pended.
    Pended,
    /// `A1`, certified in total.
    Approved,
    /// `A2`, certified in part: so many units.
    Partial(i64),
    /// `A3`, not certified.
    Denied,
    /// `C`, cancelled: withdrawn by who asked.
    Cancelled,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct PriorAuth {
    /// FHIR id.
    pub(crate) id: String,
    /// Number of the authorization.
    pub(crate) number: String,
    /// What for.
    pub(crate) sought: Sought,
    /// The service.
    pub(crate) service: Code,
    /// A drug's NDC besides.
    pub(crate) drug: Option<Code>,
    /// Units asked for.
    pub(crate) units: i64,
    /// Why.
    pub(crate) diagnosis: Option<ClaimDiagnosis>,
    /// Who asked.
    pub(crate) requester: Party,
    /// Who is to do it.
    pub(crate) performer: Party,
    /// Index of the coverage.
    pub(crate) coverage: usize,
    /// First and last day on which it may be used.
    pub(crate) period: (Date, Date),
    /// Whether it was asked as urgent.
    pub(crate) urgent: bool,
    /// States by time, the request first.
    pub(crate) states: Vec<(Date, State)>,
    /// Days on which a unit was used.
    pub(crate) used: Vec<Date>,
    /// Number of the denied request that this one appeals.
    pub(crate) appeals: Option<String>,
}

impl PriorAuth {
    /// The states up to a day; empty before the request.
    pub(crate) fn until(&self, day: Date) -> &[(Date, State)] {
        let count = self.states.iter().take_while(|(when, _)| *when <= day).count();
        &self.states[..count]
    }

    /// Units used up to a day.
    pub(crate) fn consumed(&self, day: Date) -> i64 {
        i64::try_from(self.used.iter().filter(|used| **used <= day).count()).unwrap_or(0)
    }
}

/// The day on which the open request of the record was made. It is decided on later days of the view.
const OPEN_REQUEST: Date = Date::of(2026, 6, 24);

/// An authorization number.
fn numbered(life: &Life, of: &str) -> String {
    format!("PA{:09}", life.rng(&format!("authorization:{of}")).draw() % 1_000_000_000)
}

/// Number of the authorization of a visit.
pub(crate) fn number(life: &Life, visit: &str) -> String {
    numbered(life, visit)
}

/// Number of the authorization of a drug: one for each prescription.
pub(crate) fn drug_number(life: &Life, prescription: &Prescription) -> String {
    numbered(life, &prescription.id)
}

/// All requests of a life, by time, as they stand on its day.
pub(super) fn of(source: Source<'_>) -> Vec<PriorAuth> {
    let life = source.life;
    let mut all = Vec::new();
    let mut surgeries = 0;
    for visit in life.visits.iter().filter(|visit| visit.prior_authorization) {
        let sought = sought(visit);
        surgeries += u32::from(sought == Sought::Surgery);
        all.extend(of_visit(source, visit, sought, sought == Sought::Surgery && surgeries == 1));
    }
    let mut drugs = 0;
    for prescription in &life.prescriptions {
        if prescription.drug.prior_authorization && !prescription.reported {
            all.extend(of_drug(source, prescription, drugs == 0));
            drugs += 1;
        }
    }
    all.extend(cancelled(source));
    all.extend(open(source));
    all.retain(|request| !request.until(life.today).is_empty());
    all.sort_by(|a, b| (a.states[0].0, &a.id).cmp(&(b.states[0].0, &b.id)));
    all
}

/// The sort of service that a kind of request is about.
const fn sort(sought: Sought) -> Sort {
    match sought {
        Sought::Imaging => Sort::Imaging,
        Sought::Surgery => Sort::Surgery,
        Sought::Therapy => Sort::Therapy,
        Sought::Drug | Sought::Equipment => Sort::Supply,
    }
}

/// What the request for a visit was about: the weightiest of its services.
fn sought(visit: &Visit) -> Sought {
    [Sought::Surgery, Sought::Imaging, Sought::Therapy]
        .into_iter()
        .find(|sought| visit.performed.iter().any(|done| done.act.sort == sort(*sought)))
        .unwrap_or(Sought::Equipment)
}

/// The request for a visit. The first operation is denied at first and approved on appeal.
fn of_visit(source: Source<'_>, visit: &Visit, sought: Sought, appealed: bool) -> Vec<PriorAuth> {
    let day = visit.date();
    let about = visit.performed.iter().find(|done| done.act.sort == sort(sought));
    let Some(wanted) = about.or(visit.performed.first()) else { return Vec::new() };
    let mut rng = source.rng("authorization", &visit.id);
    let asked = day.plus(-days(rng.between(16, 24)));
    let decided = asked.plus(days(rng.between(1, 6)));
    let requester = source.practitioner(visit.practitioner, "requesting");
    let Some(mut request) = source.request(&visit.id, sought, asked, requester, visit.organization)
    else {
        return Vec::new();
    };
    request.service = billed(&wanted.act.billing);
    request.diagnosis = visit.diagnoses.first().map(|dx| diagnosis(dx, None));
    request.period = (decided, day.plus(60));
    request.used = vec![day];
    request.states = vec![(asked, State::Pended), (decided, State::Approved)];
    if !appealed {
        return vec![request];
    }
    let mut first = request.clone();
    first.id = id(source.life.seed, &format!("authorization-denied:{}", visit.id), 0);
    first.number = numbered(source.life, &format!("denied:{}", visit.id));
    first.used = Vec::new();
    first.states = vec![(asked.plus(-20), State::Pended), (asked.plus(-14), State::Denied)];
    first.period = (asked.plus(-14), day.plus(60));
    request.appeals = Some(first.number.clone());
    request.urgent = true;
    vec![first, request]
}

/// The request for a drug, decided within hours of the prescription; the first one in part, and in full
/// a month later.
fn of_drug(source: Source<'_>, prescription: &Prescription, first: bool) -> Option<PriorAuth> {
    let life = source.life;
    let asked = prescription.authored.date;
    let requester = source.practitioner(prescription.prescriber, "requesting");
    let pharmacy = life.providers.kind(OrganizationKind::Pharmacy);
    let mut request = source.request(&prescription.id, Sought::Drug, asked, requester, pharmacy)?;
    request.period = (asked, prescription.end.max(asked));
    let fills = life.fills.iter().filter(|fill| fill.prescription == prescription.id);
    request.used = fills.map(|fill| fill.when.date).collect();
    request.units = i64::from(prescription.refills) + 1;
    request.service = Code {
        system: draft::HCPCS,
        code: String::from("J3490"),
        display: String::from("Unclassified drugs"),
    };
    request.drug = Some(Code {
        system: System::Ndc.uri(),
        code: prescription.drug.ndc.to_owned(),
        display: prescription.drug.rxnorm.display.to_owned(),
    });
    request.diagnosis = Some(diagnosis(prescription.dx, None));
    request.states = vec![(asked, State::Pended)];
    if first {
        request.states.push((asked, State::Partial(3.min(request.units))));
        request.states.push((asked.plus(30), State::Approved));
    } else {
        request.states.push((asked, State::Approved));
    }
    Some(request)
}

/// More physical therapy was asked for, and withdrawn.
fn cancelled(source: Source<'_>) -> Option<PriorAuth> {
    let life = source.life;
    let visit = life
        .visits
        .iter()
        .find(|visit| visit.setting == Setting::Therapy)
        .or(life.visits.first())?;
    let asked = visit.date().plus(21);
    let requester = source.practitioner(life.providers.of(Role::PhysicalTherapy), "requesting");
    let mut request = source.request(
        &format!("more:{}", visit.id),
        Sought::Therapy,
        asked,
        requester,
        visit.organization,
    )?;
    request.service =
        billed(&code::Code::new(System::Cpt, "97110", "Therapeutic exercises, 15 minutes"));
    request.units = 12;
    request.diagnosis = visit.diagnoses.first().map(|dx| diagnosis(dx, None));
    request.period = (asked, asked.plus(90));
    request.states = vec![(asked, State::Pended), (asked.plus(5), State::Cancelled)];
    Some(request)
}

/// The request that is open today: sensors for measuring glucose.
fn open(source: Source<'_>) -> Option<PriorAuth> {
    let life = source.life;
    let requester = source.practitioner(life.providers.of(Role::Endocrinology), "requesting");
    let at = life.providers.practitioner(life.providers.of(Role::Endocrinology)).organization;
    let mut request = source.request("open", Sought::Equipment, OPEN_REQUEST, requester, at)?;
    let sensors = "Supply allowance for non-adjunctive, non-implanted continuous glucose monitor, 1 month supply";
    request.service = billed(&code::Code::new(System::Hcpcs, "A4239", sensors));
    request.units = 12;
    let diabetes = life.diagnoses.iter().find(|diagnosis| diagnosis.dx.icd10.starts_with("E11"));
    let found = diabetes.or(life.diagnoses.first())?;
    request.diagnosis = Some(diagnosis(found.dx, None));
    request.period = (OPEN_REQUEST.plus(9), OPEN_REQUEST.plus(374));
    request.urgent = true;
    request.states = vec![
        (OPEN_REQUEST, State::Pended),
        (OPEN_REQUEST.plus(9), State::Partial(3)),
        (OPEN_REQUEST.plus(16), State::Approved),
    ];
    Some(request)
}

impl Source<'_> {
    /// A request with nothing decided.
    fn request(
        &self,
        of: &str,
        sought: Sought,
        asked: Date,
        requester: Party,
        performer: OrganizationIx,
    ) -> Option<PriorAuth> {
        use super::coverage::{self, CoverageKind};
        let kind = if sought == Sought::Drug { CoverageKind::Drug } else { CoverageKind::Medical };
        Some(PriorAuth {
            id: id(self.life.seed, &format!("authorization:{of}"), 0),
            number: numbered(self.life, of),
            sought,
            service: Code { system: "", code: String::new(), display: String::new() },
            drug: None,
            units: 1,
            diagnosis: None,
            requester,
            performer: self.organization(performer, "performing"),
            coverage: coverage::at(self.coverages, kind, asked)?,
            period: (asked, asked.plus(90)),
            urgent: false,
            states: vec![(asked, State::Pended)],
            used: Vec::new(),
            appeals: None,
        })
    }
}
