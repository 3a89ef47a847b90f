//! The record at a glance: whose it is, the coverage and its plan, problems, medicines, the latest
//! labs, and what the claims came to. Read by searches, as an app would.

use chartkeep::{SearchPage, Vault};
use serde_json::Value;

use crate::failure::Stop;
use crate::style::{Style, clean, count, paint};
use crate::ui::Ui;

/// Lines of a list before "and n more".
const SHOWN: usize = 5;

pub(crate) fn of(vault: &Vault, ui: &Ui) -> Result<String, Stop> {
    let mut lines = Vec::new();
    for patient in json(&vault.search("Patient?_count=5")?) {
        lines.push(("Person", subject(&patient)));
    }
    for coverage in json(&vault.search("Coverage?status=active&_count=5")?) {
        lines.push(("Coverage", plan(vault, &coverage)?));
    }
    list(&mut lines, "Problems", &vault.search("Condition?clinical-status=active&_count=5")?);
    let medicines = vault.search("MedicationRequest?status=active&_count=5")?;
    for (order, row) in json(&medicines).into_iter().zip(&medicines.rows) {
        let named = referred(vault, &order["medicationReference"])?;
        lines.push(("Medicines", named.unwrap_or_else(|| row.title.clone())));
    }
    let labs = vault.search("Observation?category=laboratory&_sort=-date&_count=5")?;
    let values = json(&labs).into_iter().zip(&labs.rows);
    let shown: Vec<String> = values
        .map(|(lab, row)| {
            let day: String = row.date.as_deref().unwrap_or_default().chars().take(10).collect();
            format!("{} {} ({day})", row.title, quantity(&lab["valueQuantity"]))
        })
        .collect();
    lines.extend(shown.into_iter().map(|text| ("Labs", text)));
    if let Some(claims) = claims(vault)? {
        lines.push(("Claims", claims));
    }
    Ok(text(&lines, ui))
}

/// One line each; a name stands before the first of its lines only.
fn text(lines: &[(&str, String)], ui: &Ui) -> String {
    let mut out = String::new();
    let mut before = "";
    for (name, line) in lines {
        let shown = if *name == before { "" } else { name };
        let name_cell = paint(ui.color, Style::Key, &format!("{shown:<10}")).into_owned();
        out.push_str(&format!("{name_cell} {}\n", clean(line)));
        before = name;
    }
    out
}

fn json(page: &SearchPage) -> Vec<Value> {
    page.resources.iter().filter_map(|one| serde_json::from_slice(one.bytes()).ok()).collect()
}

fn list(lines: &mut Vec<(&str, String)>, name: &'static str, page: &SearchPage) {
    lines.extend(page.rows.iter().take(SHOWN).map(|row| (name, row.title.clone())));
    let more = page.total.saturating_sub(page.rows.len().min(SHOWN) as u64);
    if more > 0 {
        lines.push((name, format!("and {} more", count(more))));
    }
}

fn subject(patient: &Value) -> String {
    let name = &patient["name"][0];
    let given = name["given"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut words: Vec<&str> = given.collect();
    words.extend(name["family"].as_str());
    let text = |name: &str| patient[name].as_str().unwrap_or("unknown").to_owned();
    format!("{}, {}, born {}", words.join(" "), text("gender"), text("birthDate"))
}

/// What a list would call the resource that is referred to.
fn referred(vault: &Vault, reference: &Value) -> Result<Option<String>, Stop> {
    if let Some(display) = reference["display"].as_str() {
        return Ok(Some(display.to_owned()));
    }
    let Some((kind, id)) = reference["reference"].as_str().and_then(|text| text.split_once('/'))
    else {
        return Ok(None);
    };
    let found = vault.search(&format!("{kind}?_id={id}&_count=1"));
    Ok(found.ok().and_then(|page| page.rows.into_iter().next()).map(|row| row.title))
}

fn plan(vault: &Vault, coverage: &Value) -> Result<String, Stop> {
    let payor = referred(vault, &coverage["payor"][0])?.unwrap_or_else(|| "a payer".to_owned());
    let classes = coverage["class"].as_array().into_iter().flatten();
    let plan = classes
        .filter(|class| class["type"]["coding"][0]["code"] == "plan")
        .find_map(|class| class["name"].as_str().or(class["value"].as_str()));
    let since = coverage["period"]["start"].as_str();
    let mut text = payor;
    if let Some(plan) = plan {
        text.push_str(&format!(", {plan}"));
    }
    if let Some(since) = since {
        text.push_str(&format!(", since {since}"));
    }
    Ok(text)
}

fn quantity(value: &Value) -> String {
    let number = match &value["value"] {
        Value::Number(number) => number.to_string(),
        _ => return String::new(),
    };
    format!("{number} {}", value["unit"].as_str().unwrap_or_default())
}

/// How many claims there are, and the sums of what was charged and what the plan paid.
fn claims(vault: &Vault) -> Result<Option<String>, Stop> {
    let page = vault.search("ExplanationOfBenefit?status=active&_count=10000")?;
    if page.total == 0 {
        return Ok(None);
    }
    let (mut charged, mut paid) = (0.0, 0.0);
    for claim in json(&page) {
        let totals = claim["total"].as_array().into_iter().flatten();
        for total in totals {
            let amount = total["amount"]["value"].as_f64().unwrap_or(0.0);
            let codes = total["category"]["coding"].as_array().into_iter().flatten();
            for code in codes.filter_map(|coding| coding["code"].as_str()) {
                match code {
                    "submitted" => charged += amount,
                    "benefit" | "paidtoprovider" => paid += amount,
                    _ => {}
                }
            }
        }
    }
    Ok(Some(format!("{}: charged {charged:.2}, paid by the plan {paid:.2}", count(page.total))))
}
