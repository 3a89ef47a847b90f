//! The drugs of the formulary: a table of real ones (`drugs.tsv`, made by
//! `scripts/formulary-table.py`) and the member's own. Owns where a drug stands: its tier and limits.

use crate::date::TODAY;
use crate::life::Life;
use crate::life::drug::Drug;
use crate::money::benefit::Tier;

/// The table: RxNorm code, tier, flags, name, separated by tabs.
const TABLE: &str = include_str!("drugs.tsv");

/// Where a drug stands in the formulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// RxNorm code of a clinical or branded drug or pack.
    pub(crate) rxnorm: &'static str,
    /// Name in RxNorm.
    pub(crate) name: &'static str,
    /// Tier.
    pub(crate) tier: Tier,
    /// Whether the plan wants to be asked before.
    pub(crate) prior_authorization: bool,
    /// Whether another drug has to be tried before.
    pub(crate) step_therapy: bool,
    /// Whether the quantity is limited.
    pub(crate) quantity_limit: bool,
}

/// Every line of the table.
pub(super) fn table() -> impl Iterator<Item = Entry> {
    TABLE.lines().filter_map(|line| {
        let mut fields = line.split('\t');
        let (rxnorm, tier, flags, name) =
            (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        let tier = match tier {
            "z" => Tier::ZeroCost,
            "p" => Tier::PreferredBrand,
            "n" => Tier::NonPreferredBrand,
            "s" => Tier::Specialty,
            "m" => Tier::MedicalService,
            _ => Tier::Generic,
        };
        Some(Entry {
            rxnorm,
            name,
            tier,
            prior_authorization: flags.contains('P'),
            step_therapy: flags.contains('S'),
            quantity_limit: flags.contains('Q'),
        })
    })
}

/// The member's drugs up to the end of the record, each once, in the order in which they were first
/// prescribed. Later days of the view do not change them, nor what follows from them.
fn prescribed(life: &Life) -> Vec<&'static Drug> {
    let mut drugs: Vec<&'static Drug> = Vec::new();
    let bought =
        life.prescriptions.iter().filter(|one| !one.reported && one.authored.date <= TODAY);
    for prescription in bought {
        if !drugs.iter().any(|drug| drug.rxnorm.code == prescription.drug.rxnorm.code) {
            drugs.push(prescription.drug);
        }
    }
    drugs
}

/// Drugs that the formulary of today has dropped for others of their class, the likeliest first: losartan
/// for other angiotensin receptor blockers, amlodipine, prednisone.
const DROPPED: &[&str] = &["979492", "197361", "198145"];

/// The member's drug that the formulary of today does not list.
pub(crate) fn absent(life: &Life) -> Option<&'static Drug> {
    let drugs = prescribed(life);
    let plain = |drug: &&&Drug| !drug.brand && !drug.prior_authorization && !drug.specialty;
    let dropped =
        DROPPED.iter().find_map(|code| drugs.iter().find(|drug| drug.rxnorm.code == *code));
    dropped.or_else(|| drugs.iter().skip(1).find(plain)).copied()
}

/// The member's drug for which another has to be tried before: the first brand.
fn stepped(life: &Life) -> Option<&'static str> {
    let drugs = prescribed(life);
    let brand = drugs.iter().find(|drug| drug.brand && !drug.prior_authorization);
    brand.or(drugs.iter().find(|drug| drug.brand)).map(|drug| drug.rxnorm.code)
}

/// Where a drug of the member stands, apart from the one that is absent.
pub(crate) fn entry(drug: &'static Drug, stepped: Option<&str>) -> Entry {
    let tier = match (drug.specialty, drug.brand) {
        (true, _) => Tier::Specialty,
        (false, true) if drug.prior_authorization => Tier::NonPreferredBrand,
        (false, true) => Tier::PreferredBrand,
        (false, false) => Tier::Generic,
    };
    Entry {
        rxnorm: drug.rxnorm.code,
        name: drug.rxnorm.display,
        tier,
        prior_authorization: drug.prior_authorization,
        step_therapy: stepped == Some(drug.rxnorm.code),
        quantity_limit: drug.prior_authorization,
    }
}

/// The drugs of the formulary of today: the member's, then `more` of the table.
pub(super) fn listed(life: &Life, more: usize) -> Vec<Entry> {
    let absent = absent(life).map(|drug| drug.rxnorm.code);
    let stepped = stepped(life);
    let mut entries: Vec<Entry> = prescribed(life)
        .into_iter()
        .filter(|drug| Some(drug.rxnorm.code) != absent)
        .map(|drug| entry(drug, stepped))
        .collect();
    let own: Vec<&str> = entries.iter().map(|entry| entry.rxnorm).collect();
    let others: Vec<Entry> = table()
        .filter(|entry| !own.contains(&entry.rxnorm) && Some(entry.rxnorm) != absent)
        .collect();
    // Spread over the whole table, so that every tier is there.
    let step = (others.len() / more.max(1)).max(1);
    entries.extend(others.into_iter().step_by(step).take(more));
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_drug_of_its_own() {
        let mut codes: Vec<&str> = table().map(|entry| entry.rxnorm).collect();
        assert_eq!(codes.len(), TABLE.lines().count());
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), TABLE.lines().count());
        assert!(codes.iter().all(|code| code.bytes().all(|byte| byte.is_ascii_digit())));
        for tier in Tier::ALL {
            assert!(table().any(|entry| entry.tier == tier), "{tier:?}");
        }
    }
}
