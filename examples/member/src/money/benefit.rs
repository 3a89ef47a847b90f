//! Benefit designs: what a plan makes the member pay for a kind of service, in and out of network, and
//! for a drug of a tier at a kind of pharmacy. The formulary publishes the same numbers that the
//! pharmacy claims are adjudicated with. Facts only; owns no state.

use super::cents::Cents;

/// Which side of the plan's network a benefit is paid on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Network {
    /// In network.
    In,
    /// Out of network.
    Out,
}

/// Kind of service, as a summary of benefits lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    /// Preventive care (no charge in network, 45 CFR 147.130).
    Preventive,
    /// Visit to primary care.
    Primary,
    /// Visit to a specialist.
    Specialist,
    /// Visit for mental health.
    MentalHealth,
    /// Urgent care.
    Urgent,
    /// Emergency department.
    Emergency,
    /// Physical, occupational or speech therapy.
    Therapy,
    /// Laboratory and simple tests.
    Diagnostic,
    /// CT, MRI, PET.
    AdvancedImaging,
    /// Surgery and procedures without a stay.
    OutpatientSurgery,
    /// Hospital stay: facility and professional fees.
    Inpatient,
    /// Durable medical equipment and supplies.
    Equipment,
    /// Eye examination and lenses.
    Vision,
    /// Dental examination, cleaning, X-ray.
    DentalPreventive,
    /// Fillings, extractions, root canals.
    DentalBasic,
    /// Crowns, bridges, dentures.
    DentalMajor,
}

/// What the member pays of the eligible amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// Nothing is covered.
    NotCovered,
    /// Nothing is paid by the member.
    NoCharge,
    /// A fixed amount, without deductible.
    Copay(Cents),
    /// A fixed amount once the deductible is met.
    CopayAfterDeductible(Cents),
    /// Percent of the amount, without deductible.
    Coinsurance(i64),
    /// Percent of what is left after the deductible.
    CoinsuranceAfterDeductible(i64),
}

/// Drug tier of a formulary (Drug Formulary, DrugTierVS).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tier {
    /// `zero-cost-share-preventative`
    ZeroCost,
    /// `generic`
    Generic,
    /// `preferred-brand`
    PreferredBrand,
    /// `non-preferred-brand`
    NonPreferredBrand,
    /// `specialty`
    Specialty,
    /// `medical-service`: given by a clinician, paid under the medical benefit.
    MedicalService,
}

impl Tier {
    /// All tiers.
    pub(crate) const ALL: [Tier; 6] = [
        Tier::ZeroCost,
        Tier::Generic,
        Tier::PreferredBrand,
        Tier::NonPreferredBrand,
        Tier::Specialty,
        Tier::MedicalService,
    ];

    /// Code and display in `usdf-DrugTierCS-TEMPORARY-TRIAL-USE`.
    #[must_use]
    pub(crate) const fn code(self) -> (&'static str, &'static str) {
        match self {
            Tier::ZeroCost => ("zero-cost-share-preventative", "Zero cost-share preventative"),
            Tier::Generic => ("generic", "Generic"),
            Tier::PreferredBrand => ("preferred-brand", "Preferred Brand"),
            Tier::NonPreferredBrand => ("non-preferred-brand", "Non-preferred Brand"),
            Tier::Specialty => ("specialty", "Specialty"),
            Tier::MedicalService => ("medical-service", "Medical Service"),
        }
    }
}

/// Kind of pharmacy and supply (Drug Formulary, PharmacyBenefitTypeVS).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Channel {
    /// `1-month-in-retail`
    OneMonthRetail,
    /// `3-month-in-retail`
    ThreeMonthRetail,
    /// `1-month-in-mail`
    OneMonthMail,
    /// `3-month-in-mail`
    ThreeMonthMail,
    /// `1-month-out-retail`
    OneMonthOut,
}

impl Channel {
    /// All kinds.
    pub(crate) const ALL: [Channel; 5] = [
        Channel::OneMonthRetail,
        Channel::ThreeMonthRetail,
        Channel::OneMonthMail,
        Channel::ThreeMonthMail,
        Channel::OneMonthOut,
    ];

    /// The kind for a fill: a supply of more than 34 days is one of three months.
    #[must_use]
    pub(crate) const fn of(days_supply: i32, mail: bool) -> Channel {
        match (days_supply > 34, mail) {
            (false, false) => Channel::OneMonthRetail,
            (true, false) => Channel::ThreeMonthRetail,
            (false, true) => Channel::OneMonthMail,
            (true, true) => Channel::ThreeMonthMail,
        }
    }

    /// Code and display in `usdf-PharmacyBenefitTypeCS-TEMPORARY-TRIAL-USE`.
    #[must_use]
    pub(crate) const fn code(self) -> (&'static str, &'static str) {
        match self {
            Channel::OneMonthRetail => ("1-month-in-retail", "1 month in network retail"),
            Channel::ThreeMonthRetail => ("3-month-in-retail", "3 month in network retail"),
            Channel::OneMonthMail => ("1-month-in-mail", "1 month in network mail order"),
            Channel::ThreeMonthMail => ("3-month-in-mail", "3 month in network mail order"),
            Channel::OneMonthOut => ("1-month-out-retail", "1 month out of network retail"),
        }
    }
}

/// A benefit design: one plan of the payer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Value of `Coverage.class` plan and identifier of the `InsurancePlan`.
    pub code: &'static str,
    /// Name of the plan.
    pub name: &'static str,
    /// Yearly deductible of the person, in network and out of network.
    pub deductible: [Cents; 2],
    /// Yearly limit of what the person pays, in network and out of network; medical and drugs together.
    pub limit: [Cents; 2],
    /// Copay of a primary and of a specialist visit; nothing means coinsurance after the deductible.
    visit: Option<[Cents; 2]>,
    /// Copay of an emergency visit, after the deductible.
    emergency: Option<Cents>,
    /// Coinsurance in percent, in network and out of network; nothing means not covered.
    coinsurance: [Option<i64>; 2],
    /// Copays of generic, preferred and non-preferred brand for a month at retail; nothing means
    /// coinsurance after the deductible for all drugs (a plan for health savings accounts).
    drugs: Option<[Cents; 3]>,
    /// Coinsurance of specialty drugs in percent.
    specialty: i64,
}

/// A wide network, low deductible.
pub(crate) static PPO_CHOICE: Plan = Plan {
    code: "PPO-0500",
    name: "Choice PPO 500",
    deductible: [Cents::dollars(500), Cents::dollars(1_000)],
    limit: [Cents::dollars(3_000), Cents::dollars(6_000)],
    visit: Some([Cents::dollars(20), Cents::dollars(40)]),
    emergency: Some(Cents::dollars(150)),
    coinsurance: [Some(10), Some(30)],
    drugs: Some([Cents::dollars(10), Cents::dollars(30), Cents::dollars(60)]),
    specialty: 20,
};

/// A closed network: nothing is paid outside, emergencies apart.
pub(crate) static HMO_LOCAL: Plan = Plan {
    code: "HMO-1500",
    name: "Local HMO 1500",
    deductible: [Cents::dollars(1_500), Cents::ZERO],
    limit: [Cents::dollars(5_500), Cents::ZERO],
    visit: Some([Cents::dollars(25), Cents::dollars(50)]),
    emergency: Some(Cents::dollars(300)),
    coinsurance: [Some(20), None],
    drugs: Some([Cents::dollars(12), Cents::dollars(45), Cents::dollars(85)]),
    specialty: 25,
};

/// A high deductible with a health savings account: everything but prevention is subject to it.
pub(crate) static HDHP_SAVER: Plan = Plan {
    code: "HDHP-3200",
    name: "Saver HDHP 3200",
    deductible: [Cents::dollars(3_200), Cents::dollars(6_400)],
    limit: [Cents::dollars(6_000), Cents::dollars(12_000)],
    visit: None,
    emergency: None,
    coinsurance: [Some(20), Some(40)],
    drugs: None,
    specialty: 20,
};

/// The plan of later years: a middle deductible.
pub(crate) static PPO_GOLD: Plan = Plan {
    code: "PPO-1000",
    name: "Gold PPO 1000 – Élan",
    deductible: [Cents::dollars(1_000), Cents::dollars(2_500)],
    limit: [Cents::dollars(4_500), Cents::dollars(9_000)],
    visit: Some([Cents::dollars(30), Cents::dollars(60)]),
    emergency: Some(Cents::dollars(250)),
    coinsurance: [Some(20), Some(40)],
    drugs: Some([Cents::dollars(15), Cents::dollars(40), Cents::dollars(75)]),
    specialty: 25,
};

/// The dental plan.
pub(crate) static DENTAL: Plan = Plan {
    code: "DPPO-50",
    name: "Dental PPO 50/1500",
    deductible: [Cents::dollars(50), Cents::dollars(50)],
    limit: [Cents(i64::MAX / 4), Cents(i64::MAX / 4)],
    visit: None,
    emergency: None,
    coinsurance: [Some(20), Some(40)],
    drugs: None,
    specialty: 0,
};

/// What the dental plan pays in a year at most.
pub(crate) const DENTAL_MAXIMUM: Cents = Cents::dollars(1_500);

impl Plan {
    /// What the member pays for a service.
    #[must_use]
    pub(crate) fn share(&self, service: Service, network: Network) -> Share {
        let Some(coinsurance) = self.coinsurance[network as usize] else {
            return Share::NotCovered;
        };
        let after = Share::CoinsuranceAfterDeductible(coinsurance);
        let visit = |index: usize| match self.visit {
            Some(copays) if network == Network::In => Share::Copay(copays[index]),
            _ => after,
        };
        match service {
            Service::Preventive | Service::DentalPreventive if network == Network::In => {
                Share::NoCharge
            }
            Service::Preventive | Service::DentalPreventive => Share::Coinsurance(coinsurance),
            Service::Primary | Service::MentalHealth => visit(0),
            Service::Specialist | Service::Urgent | Service::Therapy | Service::Vision => visit(1),
            Service::Emergency => match self.emergency {
                Some(copay) => Share::CopayAfterDeductible(copay),
                None => after,
            },
            Service::DentalMajor => Share::CoinsuranceAfterDeductible(50),
            Service::Diagnostic
            | Service::AdvancedImaging
            | Service::OutpatientSurgery
            | Service::Inpatient
            | Service::Equipment
            | Service::DentalBasic => after,
        }
    }

    /// What the member pays for a drug of a tier. Three months cost two and a half copays by mail and
    /// three at retail. Nothing is paid out of network.
    #[must_use]
    pub(crate) fn drug_share(&self, tier: Tier, channel: Channel) -> Share {
        if channel == Channel::OneMonthOut {
            return Share::NotCovered;
        }
        let copay = match (tier, self.drugs) {
            (Tier::ZeroCost, _) => return Share::NoCharge,
            (Tier::MedicalService | Tier::Specialty, Some(_)) => {
                return Share::Coinsurance(self.specialty);
            }
            (_, None) => return Share::CoinsuranceAfterDeductible(self.specialty),
            (Tier::Generic, Some(copays)) => copays[0],
            (Tier::PreferredBrand, Some(copays)) => copays[1],
            (Tier::NonPreferredBrand, Some(copays)) => copays[2],
        };
        Share::Copay(match channel {
            Channel::OneMonthRetail | Channel::OneMonthMail | Channel::OneMonthOut => copay,
            Channel::ThreeMonthRetail => copay.percent(300),
            Channel::ThreeMonthMail => copay.percent(250),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prevention_in_network_is_free_in_every_plan() {
        for plan in [&PPO_CHOICE, &HMO_LOCAL, &HDHP_SAVER, &PPO_GOLD, &DENTAL] {
            assert_eq!(plan.share(Service::Preventive, Network::In), Share::NoCharge);
            assert!(plan.deductible[0] <= plan.limit[0]);
        }
        assert_eq!(HMO_LOCAL.share(Service::Specialist, Network::Out), Share::NotCovered);
        assert_eq!(
            HDHP_SAVER.drug_share(Tier::Generic, Channel::OneMonthRetail),
            Share::CoinsuranceAfterDeductible(20)
        );
        assert_eq!(
            PPO_GOLD.drug_share(Tier::Generic, Channel::ThreeMonthMail),
            Share::Copay(Cents(3_750))
        );
    }
}
