//! The record at a glance, as of its newest day: whose it is, the coverage, conditions, medications,
//! allergies, labs with their course, visits, vaccines, and what the plan paid. Read by searches, as an app
//! would.

mod plan;
mod sheet;

use std::collections::BTreeMap;

use chartkeep::{SearchPage, Vault};
use serde_json::Value;
use sheet::Sheet;

use crate::failure::Stop;
use crate::style::{cut, width};
use crate::ui::Ui;

/// Laboratory values that many people watch (LOINC), the most telling first.
const WATCHED: [&[&str]; 7] = [
    &["4548-4"],
    &["13457-7", "18262-6", "2089-1"],
    &["98979-8", "33914-3", "62238-1", "48642-3"],
    &["9318-7", "14959-1"],
    &["2160-0", "38483-4"],
    &["718-7"],
    &["2345-7", "2339-0"],
];
/// Labs, visits, vaccines that are shown.
const LABS: usize = 4;
const VISITS: usize = 3;
const VACCINES: usize = 5;
/// Values of one laboratory test, at most.
const COURSE: usize = 8;

/// The newest day of the record, empty where nothing has a date.
pub(crate) fn newest(vault: &Vault) -> Result<String, Stop> {
    let mut newest = String::new();
    for query in
        ["Observation?_sort=-date&_count=5", "Encounter?status=finished&_sort=-date&_count=5"]
    {
        for row in vault.search(query)?.rows {
            let date = row.date.as_deref().and_then(|date| date.get(..10)).unwrap_or_default();
            newest = newest.max(date.to_owned());
        }
    }
    Ok(newest)
}

pub(crate) fn of(vault: &Vault, ui: &Ui, today: &str) -> Result<String, Stop> {
    let mut sheet = Sheet::new(ui);
    for patient in json(&vault.search("Patient?_count=3")?) {
        sheet.line("Person", &subject(&patient, today));
    }
    plan::coverage(vault, &mut sheet, today)?;
    sheet.list("Conditions", &conditions(vault)?);
    sheet.list("Medications", &medications(vault)?);
    sheet.list("Allergies", &allergies(vault)?);
    labs(vault, &mut sheet)?;
    sheet.list("Vitals", &vitals(vault)?);
    visits(vault, &mut sheet, today)?;
    sheet.list("Vaccines", &vaccines(vault)?);
    plan::claims(vault, &mut sheet, today)?;
    Ok(sheet.done())
}

fn json(page: &SearchPage) -> Vec<Value> {
    page.resources.iter().filter_map(|one| serde_json::from_slice(one.bytes()).ok()).collect()
}

/// The items of an array; none of anything else.
fn each(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The first code of a concept.
fn code(concept: &Value) -> &str {
    concept["coding"][0]["code"].as_str().unwrap_or_default()
}

/// What people call a concept.
fn label(concept: &Value) -> &str {
    let coding = &concept["coding"][0];
    let known = [&concept["text"], &coding["display"], &coding["code"]];
    known.into_iter().find_map(Value::as_str).unwrap_or_default()
}

/// The day of a FHIR date, or as much of it as is known.
fn day(date: &Value) -> &str {
    let text = date.as_str().unwrap_or_default();
    text.get(..10).unwrap_or(text)
}

/// What a list would call the resource that is referred to.
fn referred(vault: &Vault, reference: &Value) -> Option<String> {
    if let Some(display) = reference["display"].as_str() {
        return Some(display.to_owned());
    }
    let (kind, id) = reference["reference"].as_str()?.split_once('/')?;
    let found = vault.search(&format!("{kind}?_id={id}&_count=1"));
    Some(found.ok()?.rows.into_iter().next()?.title)
}

fn subject(patient: &Value, today: &str) -> String {
    let name = &patient["name"][0];
    let words: Vec<&str> =
        each(&name["given"]).chain([&name["family"]]).filter_map(Value::as_str).collect();
    let gender = patient["gender"].as_str().unwrap_or("gender unknown");
    let born = day(&patient["birthDate"]);
    let age = age(born, today).map_or_else(String::new, |age| format!("{age}, "));
    format!("{}, {age}{gender}, born {born}", words.join(" "))
}

/// Full years between two days.
fn age(born: &str, today: &str) -> Option<u16> {
    let year = |day: &str| day.get(..4)?.parse::<u16>().ok();
    let birthday = today.get(5..)? >= born.get(5..)?;
    year(today)?.checked_sub(year(born)?)?.checked_sub(u16::from(!birthday))
}

/// Conditions of the problem list, or all active ones where there is no such list.
fn conditions(vault: &Vault) -> Result<Vec<String>, Stop> {
    let active = "Condition?clinical-status=active,recurrence,relapse&_count=100";
    let listed = vault.search(&format!("{active}&category=problem-list-item,health-concern"))?;
    let page = if listed.total > 0 { listed } else { vault.search(active)? };
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for condition in json(&page) {
        if ["entered-in-error", "refuted"].contains(&code(&condition["verificationStatus"])) {
            continue;
        }
        let onset = day(&condition["onsetDateTime"]);
        let since = if onset.is_empty() { day(&condition["recordedDate"]) } else { onset };
        let known = found.entry(label(&condition["code"]).to_owned()).or_default();
        if known.is_empty() || !since.is_empty() && since < known.as_str() {
            since.clone_into(known);
        }
    }
    let mut all: Vec<(String, String)> = found.into_iter().collect();
    all.sort_by(|one, other| one.1.cmp(&other.1));
    let shown = |(name, since): (String, String)| match since.get(..4) {
        Some(year) => format!("{name} ({year})"),
        None => name,
    };
    Ok(all.into_iter().map(shown).collect())
}

/// Medicines of the active orders, each once.
fn medications(vault: &Vault) -> Result<Vec<String>, Stop> {
    let page = vault.search("MedicationRequest?status=active&_count=100")?;
    let mut all = Vec::new();
    for (order, row) in json(&page).into_iter().zip(&page.rows) {
        let name = referred(vault, &order["medicationReference"]);
        all.push(name.unwrap_or_else(|| row.title.clone()));
    }
    all.sort_by_key(|name| name.to_lowercase());
    all.dedup();
    Ok(all)
}

fn allergies(vault: &Vault) -> Result<Vec<String>, Stop> {
    let page = vault.search("AllergyIntolerance?clinical-status=active&_count=50")?;
    let shown = |allergy: &Value| {
        let name = label(&allergy["code"]).to_owned();
        let manifestation = label(&allergy["reaction"][0]["manifestation"][0]).to_lowercase();
        let high = (allergy["criticality"] == "high").then_some("high risk");
        let parts = [Some(manifestation.as_str()).filter(|text| !text.is_empty()), high];
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        if parts.is_empty() { name } else { format!("{name} ({})", parts.join(", ")) }
    };
    Ok(json(&page).iter().map(shown).collect())
}

/// The course of the watched laboratory values, from older to newer.
fn labs(vault: &Vault, sheet: &mut Sheet) -> Result<(), Stop> {
    let mut lines: Vec<(String, Vec<String>, String)> = Vec::new();
    for codes in WATCHED {
        let codes: Vec<String> =
            codes.iter().map(|code| format!("http://loinc.org|{code}")).collect();
        let query = format!(
            "Observation?code={}&status=final,amended,corrected&_sort=-date&_count={COURSE}",
            codes.join(",")
        );
        let found = json(&vault.search(&query)?);
        let Some(newest) = found.first() else { continue };
        let unit = newest["valueQuantity"]["unit"].as_str().unwrap_or_default();
        let flag = match code(&newest["interpretation"][0]) {
            "H" | "HH" | "HU" => ", high",
            "L" | "LL" | "LU" => ", low",
            _ => "",
        };
        let date = day(&newest["effectiveDateTime"]).get(..7).unwrap_or_default();
        // Older values of another unit would be no course.
        let of_unit = |one: &&Value| one["valueQuantity"]["unit"].as_str() == Some(unit);
        let values = found.iter().filter(of_unit).filter_map(|one| number(&one["valueQuantity"]));
        let (values, after) = (values.collect(), format!(" {unit} ({date}{flag})"));
        lines.push((label(&newest["code"]).to_owned(), values, after));
        if lines.len() == LABS {
            break;
        }
    }
    let names = lines.iter().map(|line| width(&line.0)).max().unwrap_or(0).min(28);
    for (name, values, after) in lines {
        // As many as there is room for.
        let mut course = String::new();
        for value in values {
            let longer = if course.is_empty() { value } else { format!("{value} → {course}") };
            if !course.is_empty() && names + 2 + width(&longer) + width(&after) > sheet.width() {
                break;
            }
            course = longer;
        }
        sheet.line("Labs", &format!("{:<names$}  {course}{after}", cut(&name, names)));
    }
    Ok(())
}

fn number(quantity: &Value) -> Option<String> {
    quantity["value"].as_number().map(ToString::to_string)
}

/// The newest blood pressure and weight.
fn vitals(vault: &Vault) -> Result<Vec<String>, Stop> {
    let mut all = Vec::new();
    for (loinc, name) in [("85354-9", "blood pressure"), ("29463-7", "weight")] {
        let query = format!("Observation?code=http://loinc.org|{loinc}&_sort=-date&_count=1");
        let Some(newest) = json(&vault.search(&query)?).into_iter().next() else { continue };
        let part = |loinc: &str| {
            let part = each(&newest["component"]).find(|part| code(&part["code"]) == loinc)?;
            number(&part["valueQuantity"])
        };
        let value = match (part("8480-6"), part("8462-4"), number(&newest["valueQuantity"])) {
            (Some(systolic), Some(diastolic), _) => format!("{systolic}/{diastolic} mmHg"),
            (_, _, Some(value)) => {
                format!("{value} {}", newest["valueQuantity"]["unit"].as_str().unwrap_or_default())
            }
            _ => continue,
        };
        let month = day(&newest["effectiveDateTime"]).get(..7).unwrap_or_default();
        all.push(format!("{name} {value} ({month})"));
    }
    Ok(all)
}

/// The visits that come, and the last ones.
fn visits(vault: &Vault, sheet: &mut Sheet, today: &str) -> Result<(), Stop> {
    for planned in json(&vault.search("Encounter?status=planned,arrived&_sort=date&_count=2")?) {
        sheet.line("Next visits", &visit(vault, &planned));
    }
    let until = if today.is_empty() { String::new() } else { format!("&date=le{today}") };
    let past = format!("Encounter?status=finished{until}&_sort=-date&_count={VISITS}");
    for past in json(&vault.search(&past)?) {
        sheet.line("Last visits", &visit(vault, &past));
    }
    Ok(())
}

fn visit(vault: &Vault, encounter: &Value) -> String {
    let reason = [&encounter["reasonCode"][0], &encounter["type"][0]].map(label);
    let what = reason.into_iter().find(|text| !text.is_empty()).unwrap_or("Visit");
    let place = referred(vault, &encounter["serviceProvider"]);
    let place = place.map_or_else(String::new, |place| format!(", {place}"));
    format!("{}  {what}{place}", day(&encounter["period"]["start"]))
}

/// What is due where the record says so, then each vaccine with its last dose, the newest first.
fn vaccines(vault: &Vault) -> Result<Vec<String>, Stop> {
    let mut all = Vec::new();
    for forecast in json(&vault.search("ImmunizationRecommendation?_sort=-date&_count=1")?) {
        for due in each(&forecast["recommendation"]) {
            if ["due", "overdue"].contains(&code(&due["forecastStatus"])) {
                let by = day(&due["dateCriterion"][0]["value"]);
                all.push(format!("{} due {by}", label(&due["vaccineCode"][0])));
            }
        }
    }
    let given = vault.search("Immunization?status=completed&_sort=-date&_count=200")?;
    let mut seen: Vec<String> = Vec::new();
    for dose in json(&given) {
        // Names go on with how the vaccine is made.
        let name = label(&dose["vaccineCode"]).split(',').next().unwrap_or_default().to_owned();
        if !seen.contains(&name) && seen.len() < VACCINES {
            all.push(format!("{name} {}", day(&dose["occurrenceDateTime"])));
            seen.push(name);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_full_years() {
        assert_eq!(age("1985-05-06", "2026-05-05"), Some(40));
        assert_eq!(age("1985-05-06", "2026-05-06"), Some(41));
        assert_eq!((age("", "2026-05-06"), age("1985-05-06", "")), (None, None));
        assert_eq!(age("2027-01-01", "2026-01-01"), None);
    }
}
