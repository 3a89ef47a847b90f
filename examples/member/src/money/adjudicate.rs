//! Adjudication of one line: from a charge to who pays what. Owns the money identities and the
//! accumulators of a benefit period; knows no codes and no FHIR.
//!
//! The identities, of every line and so of every total (C4BB adjudication categories):
//!
//! - `submitted = discount + noncovered + eligible`
//! - `eligible = priorpayerpaid + deductible + copay + coinsurance + benefit`
//! - `memberliability = deductible + copay + coinsurance + noncovered`
//! - `benefit = paidtoprovider + paidtopatient`
//! - `drugcost = eligible` on a paid pharmacy line: ingredient + dispensing fee + tax + administration
//!
//! So without another payer `eligible - (memberliability - noncovered) = benefit`. Out of network there
//! is no contract: what exceeds the allowed amount is `noncovered`, and the discount is nothing. A line
//! denied at the provider's cost (group code CO) has the whole charge as discount; a line denied at the
//! member's cost (PR) has it as noncovered.

use super::benefit::{Network, Plan, Share};
use super::cents::Cents;

/// Who bears a denied or reduced amount (X12 claim adjustment group code).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Burden {
    /// `CO`: the provider, by contract.
    Provider,
    /// `PR`: the member.
    Member,
}

/// The money of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Money {
    /// What the provider charged.
    pub submitted: Cents,
    /// What the contract takes off.
    pub discount: Cents,
    /// What the plan does not cover and the member owes.
    pub noncovered: Cents,
    /// The allowed amount of what is covered.
    pub eligible: Cents,
    /// What another payer, who comes first, paid of it.
    pub prior_paid: Cents,
    /// The member's part under the deductible.
    pub deductible: Cents,
    /// The member's fixed part.
    pub copay: Cents,
    /// The member's percentage.
    pub coinsurance: Cents,
    /// What the plan pays.
    pub benefit: Cents,
}

impl Money {
    /// The member's part of the eligible amount.
    #[must_use]
    pub(crate) fn share(&self) -> Cents {
        self.deductible + self.copay + self.coinsurance
    }

    /// What the member owes.
    #[must_use]
    pub(crate) fn member_liability(&self) -> Cents {
        self.share() + self.noncovered
    }

    /// Adds another line.
    pub(crate) fn add(&mut self, other: &Money) {
        self.submitted += other.submitted;
        self.discount += other.discount;
        self.noncovered += other.noncovered;
        self.eligible += other.eligible;
        self.prior_paid += other.prior_paid;
        self.deductible += other.deductible;
        self.copay += other.copay;
        self.coinsurance += other.coinsurance;
        self.benefit += other.benefit;
    }

    /// A line of which nothing is covered.
    #[must_use]
    pub(crate) fn denied(submitted: Cents, burden: Burden) -> Money {
        match burden {
            Burden::Provider => Money { submitted, discount: submitted, ..Money::default() },
            Burden::Member => Money { submitted, noncovered: submitted, ..Money::default() },
        }
    }

    /// Whether the identities above hold and no amount is negative.
    #[must_use]
    pub(crate) fn adds_up(&self) -> bool {
        self.submitted == self.discount + self.noncovered + self.eligible
            && self.eligible == self.prior_paid + self.share() + self.benefit
            && [
                self.discount,
                self.noncovered,
                self.eligible,
                self.prior_paid,
                self.deductible,
                self.copay,
                self.coinsurance,
                self.benefit,
            ]
            .iter()
            .all(|amount| *amount >= Cents::ZERO)
    }
}

/// What was used of one benefit period (one Coverage), in network and out of network.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    /// Met part of the deductible.
    pub deductible: [Cents; 2],
    /// Met part of the out-of-pocket limit.
    pub out_of_pocket: [Cents; 2],
    /// What the plan paid (dental plans have a maximum).
    pub paid: Cents,
}

/// A line to adjudicate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Charge {
    /// What the provider charges.
    pub submitted: Cents,
    /// What the plan allows for it, at most the charge.
    pub allowed: Cents,
    /// What another payer paid.
    pub prior_paid: Cents,
    /// Whether the provider has a contract: without, the member owes what exceeds the allowed amount.
    pub contracted: bool,
    /// The side of the network whose benefits and accumulators apply.
    pub network: Network,
    /// What the member pays.
    pub share: Share,
    /// What the plan pays in the period at most, if it has a maximum.
    pub maximum: Option<Cents>,
}

impl Ledger {
    /// Adjudicates a line and counts it.
    pub(super) fn adjudicate(&mut self, plan: &Plan, charge: &Charge) -> Money {
        if charge.share == Share::NotCovered {
            return Money::denied(charge.submitted, Burden::Member);
        }
        let side = charge.network as usize;
        let over = charge.submitted - charge.allowed;
        let mut money = Money {
            submitted: charge.submitted,
            eligible: charge.allowed,
            prior_paid: charge.prior_paid.min(charge.allowed),
            ..Money::default()
        };
        if charge.contracted {
            money.discount = over;
        } else {
            money.noncovered = over;
        }

        let base = money.eligible - money.prior_paid;
        let under_deductible = (plan.deductible[side] - self.deductible[side]).min(base);
        match charge.share {
            Share::NotCovered | Share::NoCharge => {}
            Share::Copay(copay) => money.copay = copay.min(base),
            Share::CopayAfterDeductible(copay) => {
                money.deductible = under_deductible;
                money.copay = copay.min(base - under_deductible);
            }
            Share::Coinsurance(percent) => money.coinsurance = base.percent(percent),
            Share::CoinsuranceAfterDeductible(percent) => {
                money.deductible = under_deductible;
                money.coinsurance = (base - under_deductible).percent(percent);
            }
        }

        // The limit of what the member pays: the percentage gives way first, the deductible last.
        let mut over = money.share() - (plan.limit[side] - self.out_of_pocket[side]);
        for part in [&mut money.coinsurance, &mut money.copay, &mut money.deductible] {
            if over.is_some() {
                let cut = over.min(*part);
                *part -= cut;
                over -= cut;
            }
        }

        money.benefit = base - money.share();
        if let Some(maximum) = charge.maximum {
            let over = money.benefit - (maximum - self.paid);
            if over.is_some() {
                money.benefit -= over;
                money.eligible -= over;
                money.noncovered += over;
            }
        }
        debug_assert!(money.adds_up(), "the identities hold for every line");
        self.count(charge.network, &money);
        money
    }

    /// Counts a line.
    fn count(&mut self, network: Network, money: &Money) {
        let side = network as usize;
        self.deductible[side] += money.deductible;
        self.out_of_pocket[side] += money.share();
        self.paid += money.benefit;
    }

    /// Takes a line back that was reversed or replaced.
    pub(super) fn give_back(&mut self, network: Network, money: &Money) {
        let side = network as usize;
        self.deductible[side] -= money.deductible;
        self.out_of_pocket[side] -= money.share();
        self.paid -= money.benefit;
    }
}

#[cfg(test)]
mod tests {
    use super::super::benefit::{HDHP_SAVER, HMO_LOCAL, PPO_CHOICE, PPO_GOLD, Service};
    use super::*;

    fn charge(plan: &Plan, dollars: i64, service: Service, network: Network) -> Charge {
        Charge {
            submitted: Cents::dollars(dollars),
            allowed: Cents::dollars(dollars).percent(60),
            prior_paid: Cents::ZERO,
            contracted: network == Network::In,
            network,
            share: plan.share(service, network),
            maximum: None,
        }
    }

    #[test]
    fn a_year_of_charges_stops_at_the_limit() {
        for plan in [&PPO_CHOICE, &HMO_LOCAL, &HDHP_SAVER, &PPO_GOLD] {
            for network in [Network::In, Network::Out] {
                let mut ledger = Ledger::default();
                let side = network as usize;
                let mut paid = Cents::ZERO;
                for n in 0..60 {
                    let service = [Service::Primary, Service::Inpatient, Service::Emergency][n % 3];
                    let money = ledger.adjudicate(plan, &charge(plan, 900, service, network));
                    assert!(money.adds_up(), "{money:?}");
                    paid += money.share();
                    assert!(ledger.deductible[side] <= plan.deductible[side]);
                    assert!(ledger.out_of_pocket[side] <= plan.limit[side]);
                }
                assert_eq!(paid, plan.limit[side]);
            }
        }
    }

    #[test]
    fn what_is_given_back_can_be_used_again() {
        let mut ledger = Ledger::default();
        let charge = charge(&PPO_GOLD, 1_000, Service::Inpatient, Network::In);
        let first = ledger.adjudicate(&PPO_GOLD, &charge);
        assert_eq!(first.deductible, Cents::dollars(600));
        ledger.give_back(Network::In, &first);
        assert_eq!(ledger.adjudicate(&PPO_GOLD, &charge), first);
    }

    #[test]
    fn another_payer_comes_first_and_a_maximum_is_the_last_word() {
        let mut ledger = Ledger::default();
        let mut line = charge(&PPO_GOLD, 1_000, Service::Specialist, Network::In);
        line.prior_paid = Cents::dollars(500);
        let money = ledger.adjudicate(&PPO_GOLD, &line);
        assert_eq!((money.copay, money.benefit), (Cents::dollars(60), Cents::dollars(40)));
        line.prior_paid = Cents::ZERO;
        line.maximum = Some(Cents::dollars(140));
        let money = ledger.adjudicate(&PPO_GOLD, &line);
        assert!(money.adds_up());
        assert_eq!((money.benefit, money.noncovered), (Cents::dollars(100), Cents::dollars(440)));
    }
}
