//! A rough extractor by element name and datatype, with about as many values as the vault takes.

use serde_json::{Map, Value as Json};

use crate::Outcome;
use crate::value::{Extract, Indexed, Quantity, Value};

/// What a resource is indexed by.
pub(crate) fn extract(body: &str) -> Outcome<Extract> {
    let json: Json = serde_json::from_str(body)?;
    let word = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    let mut extract = Extract {
        resource_type: word("resourceType"),
        id: word("id"),
        values: Vec::new(),
        titles: Vec::new(),
        bodies: Vec::new(),
    };
    if let Json::Object(members) = &json {
        for (name, value) in members {
            extract.element(name, value);
        }
    }
    for component in json["component"].as_array().into_iter().flatten() {
        for coding in component["code"]["coding"].as_array().into_iter().flatten() {
            if let (Some(code), Some(quantity)) =
                (token(coding), quantity(&component["valueQuantity"]))
            {
                let parts = vec![code, Value::Quantity(quantity)];
                extract.push("component-code-value-quantity", Value::Composite(parts));
            }
        }
    }
    Ok(extract)
}

impl Extract {
    fn push(&mut self, parameter: &str, value: Value) {
        self.values.push(Indexed { parameter: parameter.to_owned(), value });
    }

    fn element(&mut self, name: &str, value: &Json) {
        match value {
            Json::Array(items) => items.iter().for_each(|item| self.element(name, item)),
            Json::Object(members) => self.object(name, members, value),
            Json::String(text) => self.text(name, text),
            _ => {}
        }
    }

    fn object(&mut self, name: &str, members: &Map<String, Json>, value: &Json) {
        if let Some(Json::String(target)) = members.get("reference") {
            self.push(name, Value::Reference(target.clone()));
            if target.starts_with("Patient/") {
                self.push("patient", Value::Reference(target.clone()));
            }
        } else if let Some(quantity) = quantity(value) {
            self.push("value-quantity", Value::Quantity(quantity));
        } else if let Some(token) = token(value) {
            self.push(name, token);
            if let Some(display) = members.get("display").and_then(Json::as_str) {
                self.titles.push(display.to_owned());
            }
        } else if name == "text" {
            let plain = members.get("div").and_then(Json::as_str).unwrap_or_default();
            self.titles.push(
                plain.split('<').map(|part| part.split('>').next_back().unwrap_or("")).collect(),
            );
        } else {
            for (inner, value) in members {
                self.element(if inner == "coding" { name } else { inner }, value);
            }
        }
    }

    fn text(&mut self, name: &str, text: &str) {
        if let Some((from, to)) = interval(text) {
            let parameter = if name == "effectiveDateTime" { "date" } else { name };
            self.push(parameter, Value::Date { from, to });
        } else if matches!(name, "family" | "given" | "prefix" | "name" | "line" | "city" | "state")
        {
            self.push(name, Value::String { folded: text.to_lowercase(), exact: text.to_owned() });
            self.titles.push(text.to_owned());
        } else if matches!(name, "status" | "use" | "gender" | "intent" | "code") {
            self.push(name, Value::Token { system: String::new(), code: text.to_lowercase() });
        }
    }
}

fn token(value: &Json) -> Option<Value> {
    let code = value["code"].as_str().or_else(|| value["value"].as_str())?.to_lowercase();
    Some(Value::Token { system: value["system"].as_str().unwrap_or_default().to_owned(), code })
}

fn quantity(value: &Json) -> Option<Quantity> {
    let low = value["value"].as_f64()?;
    let word = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let canonical = Some((word("code"), low, low));
    Some(Quantity { system: word("system"), code: word("code"), low, high: low, canonical })
}

/// Microseconds of the first and the last instant that a date covers; time zones are dropped.
fn interval(text: &str) -> Option<(i64, i64)> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let days = year * 372 + month * 31 + day;
    let second = match text.get(10..11) {
        None => return Some((days * 86_400_000_000, (days + 1) * 86_400_000_000 - 1)),
        Some("T") => number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?,
        Some(_) => return None,
    };
    let from = (days * 86_400 + second) * 1_000_000;
    Some((from, from + 999_999))
}
