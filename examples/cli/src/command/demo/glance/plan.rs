//! The plan's side of the record at a glance: coverage, prior authorizations, claims by year.

use std::collections::BTreeMap;

use chartkeep::Vault;
use serde_json::Value;

use super::sheet::Sheet;
use super::{code, day, each, json, label, referred};
use crate::failure::Stop;
use crate::style::count;

/// Years of claims that are shown, and prior authorizations.
const SHOWN: usize = 3;

/// The payers and plans in force, with the last day of each.
pub(super) fn coverage(vault: &Vault, sheet: &mut Sheet, today: &str) -> Result<(), Stop> {
    let mut items: Vec<String> = Vec::new();
    for coverage in json(&vault.search("Coverage?status=active&_count=200")?) {
        let (start, end) = (day(&coverage["period"]["start"]), day(&coverage["period"]["end"]));
        if start > today || !end.is_empty() && end < today {
            continue;
        }
        let payer = referred(vault, &coverage["payor"][0]).unwrap_or_default();
        let plan = each(&coverage["class"])
            .filter(|class| code(&class["type"]) == "plan")
            .find_map(|class| class["name"].as_str().or(class["value"].as_str()))
            .unwrap_or("a plan");
        // Plans often carry the payer's name in front of their own.
        let plan = plan.strip_prefix(&payer).unwrap_or(plan).trim();
        if !payer.is_empty() && !items.contains(&payer) {
            items.push(payer);
        }
        let until = if end.is_empty() { String::new() } else { format!(" (to {end})") };
        items.push(format!("{plan}{until}"));
    }
    sheet.list("Coverage", &items);
    Ok(())
}

/// Prior authorizations that wait for an answer or are in force, and what the claims of the last years
/// came to.
pub(super) fn claims(vault: &Vault, sheet: &mut Sheet, today: &str) -> Result<(), Stop> {
    let all =
        json(&vault.search("ExplanationOfBenefit?status=active&_sort=-created&_count=10000")?);
    let asked = all.iter().filter(|one| one["use"] == "preauthorization");
    for line in asked.filter_map(|one| authorization(one, today)).take(SHOWN) {
        sheet.line("Prior auth.", &line);
    }
    let mut years: BTreeMap<&str, Year> = BTreeMap::new();
    for claim in all.iter().filter(|one| one["use"] == "claim") {
        let start = claim["billablePeriod"]["start"].as_str().or(claim["created"].as_str());
        let Some(year) = start.and_then(|start| start.get(..4)) else { continue };
        years.entry(year).or_default().add(claim);
    }
    if years.is_empty() {
        return Ok(());
    }
    sheet.line("Claims", "year   claims      charged    plan paid   your share");
    for (year, of) in years.iter().rev().take(SHOWN) {
        let [charged, paid, share] = [of.charged, of.paid, of.share].map(money);
        let claims = count(of.claims);
        sheet.line("Claims", &format!("{year}{claims:>9}{charged:>13}{paid:>13}{share:>13}"));
    }
    Ok(())
}

/// A prior authorization that matters today.
fn authorization(one: &Value, today: &str) -> Option<String> {
    let item = &one["item"][0];
    let end = day(&one["preAuthRefPeriod"][0]["end"]);
    let end = if end.is_empty() { day(&one["billablePeriod"]["end"]) } else { end };
    let what = label(&item["productOrService"]);
    let number = one["preAuthRef"][0].as_str().unwrap_or_default();
    let refused = each(&item["adjudication"]).any(|part| code(&part["category"]) == "denialreason");
    if one["outcome"] != "complete" {
        let since = day(&one["created"]);
        return Some(format!("{number} waiting since {since}: {what}"));
    }
    (!refused && end >= today).then(|| format!("{number} approved to {end}: {what}"))
}

/// Sums of a year in cents.
#[derive(Default)]
struct Year {
    claims: u64,
    charged: i64,
    paid: i64,
    share: i64,
}

impl Year {
    /// Adds the totals of a claim (C4BB Adjudication, and the base codes of R4).
    fn add(&mut self, claim: &Value) {
        self.claims += 1;
        for total in each(&claim["total"]) {
            let cents = cents(&total["amount"]["value"]);
            match code(&total["category"]) {
                "submitted" => self.charged += cents,
                "benefit" => self.paid += cents,
                "memberliability" => self.share += cents,
                _ => {}
            }
        }
    }
}

/// An amount without a float on the way: its text has the digits.
fn cents(value: &Value) -> i64 {
    let text = match value {
        Value::Number(number) => number.to_string(),
        _ => return 0,
    };
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part: String = part.chars().chain("00".chars()).take(2).collect();
    let size = whole.trim_start_matches('-').parse::<i64>().unwrap_or(0) * 100
        + part.parse::<i64>().unwrap_or(0);
    if text.starts_with('-') { -size } else { size }
}

fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let size = cents.unsigned_abs();
    format!("{sign}{}.{:02}", count(size / 100), size % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_cents() {
        for (text, expected, shown) in
            [("12", 1_200, "12.00"), ("-3.5", -350, "-3.50"), ("1234.07", 123_407, "1,234.07")]
        {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!((cents(&value), money(expected).as_str()), (expected, shown));
        }
        assert_eq!(cents(&Value::Null), 0);
    }
}
