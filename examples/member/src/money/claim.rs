//! A claim as plain facts: who billed what for which visit or fill, how it was adjudicated, and what
//! became of it. Owns the shape and the sums; how claims come about is in the modules beside, and how
//! they look in FHIR in `fhir`.

use super::adjudicate::{Burden, Money};
use super::benefit::{Network, Service, Share};
use super::cents::Cents;
use crate::date::Date;
use crate::decimal::Decimal;

/// Kind of claim: one of the five C4BB profiles, vision being a professional claim of its own type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A hospital's claim for a stay (UB-04, bill type 011x).
    Inpatient,
    /// A hospital's claim without a stay (013x).
    Outpatient,
    /// A clinician's or supplier's claim (CMS-1500).
    Professional,
    /// An optometrist's claim.
    Vision,
    /// A pharmacy's claim (NCPDP).
    Pharmacy,
    /// A dentist's claim (ADA).
    Oral,
}

/// A code of a code system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    /// URI of the code system.
    pub system: &'static str,
    /// The code.
    pub code: String,
    /// Its name; empty where none is sent.
    pub display: String,
}

/// Why a line was not paid or paid less.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Denial {
    /// Claim adjustment reason code (X12) or, for a pharmacy claim, NCPDP reject code.
    pub reason: &'static str,
    /// Remittance advice remark code, if any.
    pub remark: Option<&'static str>,
    /// What the payer tells the member.
    pub note: &'static str,
    /// Who bears the amount.
    pub burden: Burden,
}

/// A diagnosis of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClaimDiagnosis {
    /// ICD-10-CM code.
    pub code: String,
    /// Its name.
    pub display: String,
    /// Present on admission: `Y`, `N`, `U` or `W`; only on inpatient claims.
    pub on_admission: Option<&'static str>,
}

/// What was done to a tooth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tooth {
    /// Number in the Universal Numbering System, 1 to 32.
    pub number: &'static str,
    /// Surfaces: letters of `M`, `O`, `D`, `B`, `L`, `I`, `F`.
    pub surfaces: &'static str,
}

/// A line of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// NUBC revenue code; institutional claims only.
    pub revenue: Option<&'static str>,
    /// CPT, HCPCS, CDT or NDC code; nothing where the line has only a revenue code.
    pub product: Option<Code>,
    /// CPT or HCPCS modifiers.
    pub modifiers: Vec<&'static str>,
    /// Units of service.
    pub units: i64,
    /// First and last day.
    pub serviced: (Date, Date),
    /// Tooth and surfaces of a dental line.
    pub tooth: Option<Tooth>,
    /// Kind of service the benefit was looked up for.
    pub service: Service,
    /// What the plan's fee schedule allows for it.
    pub allowed: Cents,
    /// Who pays what; before adjudication only the charge is set.
    pub money: Money,
    /// Why it was denied or reduced, if it was.
    pub denial: Option<&'static Denial>,
}

/// A person or organization of a claim and its role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Party {
    /// FHIR reference: `Practitioner/…` or `Organization/…`.
    pub reference: String,
    /// Name.
    pub name: String,
    /// Code of `C4BBClaimCareTeamRole`, or `primary` of the base system.
    pub role: &'static str,
    /// NUCC taxonomy code and name, where sent.
    pub taxonomy: Option<(&'static str, &'static str)>,
}

/// What only a hospital's claim says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stay {
    /// Type of bill, four digits with the leading zero.
    pub bill_type: String,
    /// Priority of admission or visit (NUBC): 1 emergency, 2 urgent, 3 elective.
    pub admission_type: &'static str,
    /// Point of origin (NUBC).
    pub origin: &'static str,
    /// Discharge status (NUBC): 01 home.
    pub discharge: &'static str,
    /// MS-DRG and its name; inpatient only.
    pub drg: Option<(&'static str, &'static str)>,
    /// ICD-10-PCS procedures with their day; inpatient only.
    pub procedures: Vec<(String, String, Date)>,
    /// Whether amounts stand at the header (then not at the lines).
    pub header_level: bool,
}

/// What only a pharmacy's claim says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Script {
    /// Prescription number of the pharmacy.
    pub number: String,
    /// Days of supply.
    pub days_supply: i64,
    /// Number of the fill: 0 the first.
    pub refill: i64,
    /// Refills the prescriber allowed.
    pub refills_authorized: i64,
    /// Dispensed as written (NCPDP 408-D8): 0 no selection, 1 prescriber insists.
    pub daw: &'static str,
    /// Whether it is a brand.
    pub brand: bool,
    /// Origin of the prescription (NCPDP 419-DJ): 3 electronic, 1 written.
    pub origin: &'static str,
    /// Parts of the drug cost: ingredient, dispensing fee, giving of a vaccine. Wisconsin does not tax
    /// drugs, so no part is a tax.
    pub parts: [Cents; 3],
    /// What the member pays for the drug's tier at this kind of pharmacy.
    pub share: Share,
    /// Quantity, with its unit in UCUM.
    pub quantity: (Decimal, &'static str),
    /// Reference of the prescription; none for a vaccine.
    pub prescription: Option<String>,
}

/// How a claim stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It stands.
    Stands,
    /// Cancelled on a day, without another in its place.
    Voided(Date),
    /// Replaced on a day by the claim with this unique claim id.
    Replaced(Date, String),
}

/// A claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Logical id of the resource.
    pub id: String,
    /// Unique claim id (`uc`).
    pub uc: String,
    /// Kind.
    pub kind: Kind,
    /// First and last day of service.
    pub service: (Date, Date),
    /// Day the payer got it.
    pub received: Date,
    /// Day it was adjudicated (`created`).
    pub adjudicated: Date,
    /// Day of payment, if anything was paid.
    pub paid: Option<Date>,
    /// Which benefits were applied.
    pub network: Network,
    /// Whether the billing provider has a contract.
    pub contracted: bool,
    /// Whether the member may be billed for what exceeds the allowed amount: out of network, unless it
    /// was an emergency or a surprise at a hospital in network (No Surprises Act, since 2022).
    pub balance_billed: bool,
    /// Index of the coverage among the member's coverages.
    pub coverage: usize,
    /// Index of the coverage whose benefit period counts: the medical one for drugs.
    pub period: usize,
    /// Index of the coverage of another payer who came first.
    pub other_coverage: Option<usize>,
    /// Who billed.
    pub billing: Party,
    /// Where it was done: an `Organization` reference and its name.
    pub facility: Option<(String, String)>,
    /// Everyone else.
    pub team: Vec<Party>,
    /// Diagnoses, the principal first.
    pub diagnoses: Vec<ClaimDiagnosis>,
    /// CMS place of service; professional, vision and oral claims.
    pub place: Option<(&'static str, &'static str)>,
    /// Lines.
    pub lines: Vec<Line>,
    /// What only a hospital's claim says.
    pub stay: Option<Stay>,
    /// What only a pharmacy's claim says.
    pub script: Option<Script>,
    /// Reference of the encounter, if the visit is in the record.
    pub encounter: Option<String>,
    /// Unique claim id of the claim this one replaces.
    pub replaces: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// Whether the codes are masked because the care is specially protected.
    pub masked: bool,
    /// Whether only the month of service is told.
    pub month_only: bool,
    /// Whether the plan paid the member instead of the provider.
    pub pay_member: bool,
    /// What the member paid at the counter.
    pub paid_by_member: Cents,
    /// Number of the prior authorization it was paid under.
    pub prior_auth: Option<String>,
}

impl Claim {
    /// The sums of all lines.
    #[must_use]
    pub(crate) fn totals(&self) -> Money {
        self.lines.iter().fold(Money::default(), |mut sum, line| {
            sum.add(&line.money);
            sum
        })
    }

    /// Whether it stands on a day.
    #[must_use]
    pub(crate) fn stands(&self, day: Date) -> bool {
        match &self.fate {
            Fate::Stands => true,
            Fate::Voided(when) | Fate::Replaced(when, _) => day < *when,
        }
    }

    /// The day on which it is in the record: payment follows the decision by a day.
    #[must_use]
    pub(crate) fn published(&self) -> Date {
        self.adjudicated.plus(1)
    }

    /// The day of the last change up to a day: adjudication or what ended it.
    #[must_use]
    pub(crate) fn changed(&self, day: Date) -> Date {
        match &self.fate {
            Fate::Voided(when) | Fate::Replaced(when, _) if day >= *when => *when,
            _ => self.published(),
        }
    }

    /// Unique claim id of the successor known on a day.
    #[must_use]
    pub(crate) fn replaced_by(&self, day: Date) -> Option<&str> {
        match &self.fate {
            Fate::Replaced(when, uc) if day >= *when => Some(uc),
            _ => None,
        }
    }

    /// Whether something was denied and nothing is left to pay for.
    #[must_use]
    pub(crate) fn denied(&self) -> bool {
        // A line that only counts a visit has no charge: it is neither paid nor denied.
        self.partly_denied() && self.totals().eligible == Cents::ZERO
    }

    /// Whether some line was denied or reduced.
    #[must_use]
    pub(crate) fn partly_denied(&self) -> bool {
        self.lines.iter().any(|line| line.denial.is_some())
    }
}
