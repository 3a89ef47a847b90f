//! What all kinds of claims share while they are made: numbers, dates, parties. Owns the identity of
//! claims: the id comes from the visit or fill alone, so it is the same for every size and day.

use super::claim::{Claim, ClaimDiagnosis, Code, Fate, Kind, Line, Party};
use super::coverage::{self, CoverageFact, CoverageKind};
use crate::date::Date;
use crate::life::code::{self, Dx, System};
use crate::life::provider::{OrganizationIx, PractitionerIx};
use crate::life::{self, Life};
use crate::money::benefit::Network;
use crate::money::cents::Cents;
use crate::rng::Rng;

/// What claims are made of.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// The life.
    pub(super) life: &'a Life,
    /// The member's coverages.
    pub(super) coverages: &'a [CoverageFact],
}

/// HCPCS level II as published claims name it; the clinical part uses the `http` form of HL7 terminology.
pub(super) const HCPCS: &str = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets";

impl Source<'_> {
    /// The stream of chance of a claim for something with this id.
    pub(super) fn rng(&self, topic: &str, of: &str) -> Rng {
        self.life.rng(&format!("{topic}:{of}"))
    }

    /// A claim without lines for something with the id `of`; `None` where no coverage was in force.
    pub(super) fn claim(
        &self,
        kind: Kind,
        part: &str,
        of: &str,
        service: (Date, Date),
    ) -> Option<Claim> {
        let pays = match kind {
            Kind::Pharmacy => CoverageKind::Drug,
            Kind::Oral => CoverageKind::Dental,
            _ => CoverageKind::Medical,
        };
        let coverage = coverage::at(self.coverages, pays, service.0)?;
        let period = match kind {
            Kind::Pharmacy => coverage::at(self.coverages, CoverageKind::Medical, service.0)?,
            _ => coverage,
        };
        let mut rng = self.rng("claim", &format!("{part}:{of}"));
        let (to_payer, to_decision) = match kind {
            Kind::Pharmacy => (0, 0),
            Kind::Inpatient => (rng.between(5, 21), rng.between(5, 18)),
            _ => (rng.between(2, 12), rng.between(2, 14)),
        };
        let received = service.1.plus(days(to_payer)).on_weekday();
        let received = if kind == Kind::Pharmacy { service.0 } else { received };
        let adjudicated = received.plus(days(to_decision));
        Some(Claim {
            id: life::id(self.life.seed, &format!("claim:{part}:{of}"), 0),
            uc: number(kind, received, rng.draw()),
            kind,
            service,
            received,
            adjudicated,
            paid: None,
            network: Network::In,
            contracted: true,
            balance_billed: false,
            coverage,
            period,
            other_coverage: None,
            billing: Party {
                reference: String::new(),
                name: String::new(),
                role: "",
                taxonomy: None,
            },
            facility: None,
            team: Vec::new(),
            diagnoses: Vec::new(),
            place: None,
            lines: Vec::new(),
            stay: None,
            script: None,
            encounter: None,
            replaces: None,
            fate: Fate::Stands,
            masked: false,
            month_only: false,
            pay_member: false,
            paid_by_member: Cents::ZERO,
            prior_auth: None,
        })
    }

    /// An organization in a role.
    pub(super) fn organization(&self, index: OrganizationIx, role: &'static str) -> Party {
        let organization = self.life.providers.organization(index);
        Party {
            reference: format!("Organization/{}", organization.id),
            name: organization.name.to_owned(),
            role,
            taxonomy: None,
        }
    }

    /// A practitioner in a role, with the taxonomy of the specialty.
    pub(super) fn practitioner(&self, index: PractitionerIx, role: &'static str) -> Party {
        let practitioner = self.life.providers.practitioner(index);
        Party {
            reference: format!("Practitioner/{}", practitioner.id),
            name: practitioner.printed(),
            role,
            taxonomy: Some((practitioner.specialty.code, practitioner.specialty.display)),
        }
    }
}

/// A number of days for the calendar.
pub(super) fn days(days: i64) -> i32 {
    i32::try_from(days).unwrap_or(0)
}

/// A claim number: year and day of the year of receipt, a letter for the kind, ten digits.
pub(super) fn number(kind: Kind, received: Date, draw: u64) -> String {
    let year = received.year();
    let day = received.since(Date::of(year, 1, 1)) + 1;
    let letter = match kind {
        Kind::Inpatient | Kind::Outpatient => 'H',
        Kind::Professional => 'P',
        Kind::Vision => 'V',
        Kind::Pharmacy => 'R',
        Kind::Oral => 'D',
    };
    format!("{:02}{day:03}{letter}{:010}", year % 100, draw % 10_000_000_000)
}

/// A code of the record as claims write it.
pub(super) fn billed(code: &code::Code) -> Code {
    let system = if code.system == System::Hcpcs { HCPCS } else { code.system.uri() };
    Code { system, code: code.code.to_owned(), display: code.display.to_owned() }
}

/// A diagnosis as claims write it.
pub(super) fn diagnosis(dx: &Dx, on_admission: Option<&'static str>) -> ClaimDiagnosis {
    ClaimDiagnosis { code: dx.icd10.to_owned(), display: dx.icd10_display.to_owned(), on_admission }
}

/// The replacement of a claim: the same service, another number, sent and decided later.
pub(super) fn successor(claim: &mut Claim, rng: &mut Rng, seed: u64) -> Claim {
    let mut next = claim.clone();
    let pharmacy = claim.kind == Kind::Pharmacy;
    let wait = if pharmacy { 0 } else { rng.between(12, 45) };
    next.received = claim.adjudicated.plus(days(wait));
    next.adjudicated = next.received.plus(days(if pharmacy { 1 } else { rng.between(3, 14) }));
    next.uc = number(claim.kind, next.received, rng.draw());
    next.id = life::id(seed, &format!("claim-after:{}", claim.id), 0);
    next.replaces = Some(claim.uc.clone());
    next.fate = Fate::Stands;
    if let Some(stay) = &mut next.stay {
        // Frequency code 7: replacement of a prior claim.
        stay.bill_type.replace_range(3..4, "7");
    }
    claim.fate = Fate::Replaced(next.published(), next.uc.clone());
    next
}

/// A line with its charge and nothing decided yet.
pub(super) fn line(
    product: Option<Code>,
    serviced: (Date, Date),
    units: i64,
    allowed: Cents,
    charge: Cents,
    service: super::benefit::Service,
) -> Line {
    Line {
        revenue: None,
        product,
        modifiers: Vec::new(),
        units,
        serviced,
        tooth: None,
        service,
        allowed,
        money: super::adjudicate::Money {
            submitted: charge,
            ..super::adjudicate::Money::default()
        },
        denial: None,
    }
}
