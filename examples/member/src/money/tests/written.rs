//! The same identities, read from the JSON as a foreign program would.

use serde_json::Value;

use super::few_lives;
use crate::formulary;
use crate::life::Life;
use crate::money::resources;

/// Whole cents of an amount written with two decimals.
fn cents(amount: &Value) -> i64 {
    assert_eq!(amount["currency"], "USD");
    let text = amount["value"].to_string();
    let (dollars, rest) = text.split_once('.').unwrap_or((&text, "0"));
    let rest = format!("{rest:0<2}");
    dollars.parse::<i64>().expect("dollars") * 100 + rest.parse::<i64>().expect("cents")
}

/// Sum of the amounts of a category in adjudications or totals.
fn sum<'a>(parts: impl IntoIterator<Item = &'a Value>, code: &str) -> i64 {
    parts
        .into_iter()
        .filter(|part| part["category"]["coding"][0]["code"] == code && part["amount"].is_object())
        .map(|part| cents(&part["amount"]))
        .sum()
}

/// The members of an array; none if it is absent.
fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Claims and authorizations of a life, parsed.
fn benefits(life: &Life) -> Vec<Value> {
    resources(life)
        .iter()
        .filter(|resource| resource.kind == "ExplanationOfBenefit")
        .map(|resource| serde_json::from_str(&resource.json).expect("JSON"))
        .collect()
}

#[test]
fn what_is_written_adds_up() {
    for life in few_lives() {
        for claim in benefits(&life).iter().filter(|claim| claim["use"] == "claim") {
            let totals = list(&claim["total"]);
            let total = |code: &str| sum(totals, code);
            let share = total("deductible") + total("copay") + total("coinsurance");
            assert_eq!(total("memberliability"), share + total("noncovered"));
            assert_eq!(
                total("submitted"),
                total("discount") + total("noncovered") + total("eligible")
            );
            assert_eq!(total("eligible"), total("priorpayerpaid") + share + total("benefit"));
            assert_eq!(total("benefit"), total("paidtoprovider") + total("paidtopatient"));
            assert_eq!(cents(&claim["payment"]["amount"]), total("benefit"));
            let mut codes: Vec<&Value> =
                totals.iter().map(|total| &total["category"]["coding"][0]["code"]).collect();
            let count = codes.len();
            codes.sort_by_key(|code| code.as_str());
            codes.dedup();
            assert_eq!(codes.len(), count, "one total of each category");

            let items = list(&claim["item"]);
            let lines: Vec<&Value> =
                items.iter().flat_map(|item| list(&item["adjudication"])).collect();
            let header = list(&claim["adjudication"]);
            let at_header = sum(header, "submitted") > 0;
            let at_lines = lines.iter().any(|part| part["amount"].is_object());
            assert!(at_header != at_lines, "amounts stand at one level: {claim}");
            for code in [
                "submitted",
                "discount",
                "noncovered",
                "eligible",
                "priorpayerpaid",
                "deductible",
                "copay",
                "coinsurance",
                "benefit",
                "memberliability",
                "paidtoprovider",
                "paidtopatient",
                "drugcost",
            ] {
                let told =
                    if at_header { sum(header, code) } else { sum(lines.iter().copied(), code) };
                assert_eq!(told, total(code), "{code} of {claim}");
            }
            let net: i64 = items.iter().map(|item| cents(&item["net"])).sum();
            assert_eq!(net, total("submitted"));
            let parts = ["ingredientcost", "dispensingfee", "vaccineadministration"];
            let cost: i64 = parts.iter().map(|code| sum(lines.iter().copied(), code)).sum();
            assert_eq!(cost, total("drugcost"));
        }
    }
}

#[test]
fn notes_sequences_and_team_members_that_a_line_names_are_there() {
    for life in few_lives() {
        for claim in benefits(&life) {
            let has = |field: &str, inner: &str, wanted: &Value| {
                list(&claim[field]).iter().any(|one| one[inner] == *wanted)
            };
            for item in list(&claim["item"]) {
                let all = |field: &str, target: &str, inner: &str| {
                    list(&item[field]).iter().all(|wanted| has(target, inner, wanted))
                };
                assert!(all("noteNumber", "processNote", "number"));
                assert!(all("careTeamSequence", "careTeam", "sequence"));
                assert!(all("diagnosisSequence", "diagnosis", "sequence"));
            }
        }
    }
}

#[test]
fn the_formulary_knows_the_members_drugs_but_one() {
    for life in few_lives() {
        let all = formulary::resources(&life);
        let names = |kind: &str| all.iter().filter(|one| one.kind == kind).count();
        assert_eq!(names("Basic"), names("MedicationKnowledge"));
        assert!((20..600).contains(&names("Basic")), "{}", names("Basic"));
        let listed = |code: &str| {
            let coding = format!("\"code\":\"{code}\"");
            all.iter().any(|one| one.kind == "MedicationKnowledge" && one.json.contains(&coding))
        };
        let absent = formulary::table::absent(&life).expect("one is absent").rxnorm.code;
        assert!(!listed(absent));
        let bought = life.prescriptions.iter().filter(|one| !one.reported);
        assert!(bought.clone().any(|one| one.drug.rxnorm.code == absent));
        for prescription in bought {
            let code = prescription.drug.rxnorm.code;
            assert!(code == absent || listed(code), "{code}");
        }
        let flagged = |flag: &str| {
            let text = format!("usdf-{flag}-extension\",\"valueBoolean\":true");
            all.iter().any(|one| one.kind == "Basic" && one.json.contains(&text))
        };
        assert!(
            flagged("PriorAuthorization")
                && flagged("QuantityLimit")
                && flagged("StepTherapyLimit")
        );
        for plan in life_plans(&life) {
            assert!(all.iter().any(|one| one.kind == "InsurancePlan" && one.json.contains(&plan)));
        }
    }
}

/// The plan codes of the member's coverages for drugs, as they stand in JSON.
fn life_plans(life: &Life) -> Vec<String> {
    resources(life)
        .iter()
        .filter(|one| one.kind == "Coverage" && one.json.contains("DRUGPOL"))
        .map(|one| {
            let value: Value = serde_json::from_str(&one.json).expect("JSON");
            format!("\"value\":{}", value["class"][1]["value"])
        })
        .collect()
}
