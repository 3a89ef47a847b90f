//! Which scopes a log-in asks for: the person's data to read, cut to what the server offers.

use std::collections::BTreeSet;

use crate::discovery::Configuration;

/// What is asked for beside data, each with the capability that offers it too.
const CONTEXT: [(&str, &str); 4] = [
    ("launch/patient", "context-standalone-patient"),
    ("openid", "sso-openid-connect"),
    ("fhirUser", "sso-openid-connect"),
    ("offline_access", "permission-offline"),
];

/// The scopes to ask for, each apart by a space.
pub(crate) fn to_ask(found: &Configuration) -> String {
    let can = |name: &str| found.capabilities.iter().any(|c| c == name);
    let offered = found.scopes.as_deref().unwrap_or_default();
    let first_version = can("permission-v1") && !can("permission-v2");
    let data = data(offered, first_version, can("permission-v2"));
    // A list that leaves out the data itself tells nothing: the specification allows it to be partial.
    let cut = !data.is_empty();
    let wanted = CONTEXT.iter().filter(|(scope, capability)| {
        !cut || offered.iter().any(|o| o == scope) || can(capability)
    });
    let mut all: Vec<&str> = wanted.map(|(scope, _)| *scope).collect();
    if !all.contains(&"openid") {
        all.retain(|scope| *scope != "fhirUser");
    }
    match cut {
        true => all.extend(data.iter().map(String::as_str)),
        false if first_version => all.push("patient/*.read"),
        false => all.push("patient/*.rs"),
    }
    all.join(" ")
}

/// The scopes of a patient's data among the offered ones that give reading, narrowed to it.
fn data(offered: &[String], first_version: bool, second_version: bool) -> Vec<String> {
    let (mut first, mut second) = (BTreeSet::new(), BTreeSet::new());
    for scope in offered {
        let Some((kind, rights)) = scope.strip_prefix("patient/").and_then(|s| s.split_once('.'))
        else {
            continue;
        };
        match rights {
            "read" | "*" => drop(first.insert(format!("patient/{kind}.read"))),
            _ if rights.is_empty() || !rights.chars().all(|c| "cruds".contains(c)) => {}
            _ => {
                let reading: String = rights.chars().filter(|c| "rs".contains(*c)).collect();
                if !reading.is_empty() {
                    second.insert(format!("patient/{kind}.{reading}"));
                }
            }
        }
    }
    let by_version = match first_version || (second.is_empty() && !second_version) {
        true => (first, "patient/*.read"),
        false if second.is_empty() && first.contains("patient/*.read") => {
            return vec!["patient/*.rs".to_owned()];
        }
        false if second.is_empty() => (first, ""),
        false => (second, "patient/*.rs"),
    };
    match by_version {
        (scopes, wildcard) if scopes.contains(wildcard) => vec![wildcard.to_owned()],
        (scopes, _) => scopes.into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(scopes: Option<&str>, capabilities: &str) -> String {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        to_ask(&Configuration {
            scopes: scopes.map(words),
            capabilities: words(capabilities),
            ..Configuration::default()
        })
    }

    const ALL: &str = "launch/patient openid fhirUser offline_access patient/*.rs";

    #[test]
    fn what_is_asked_follows_what_is_offered() {
        for (offered, capabilities, expected) in [
            (None, "", ALL),
            (None, "permission-v1", "launch/patient openid fhirUser offline_access patient/*.read"),
            (None, "permission-v1 permission-v2", ALL),
            (Some("openid profile"), "", ALL),
            (Some("patient/*.rs launch/patient"), "", "launch/patient patient/*.rs"),
            (Some("patient/*.cruds launch/patient"), "", "launch/patient patient/*.rs"),
            (Some("patient/*.rs fhirUser"), "permission-offline", "offline_access patient/*.rs"),
            (Some("patient/*.read patient/*.rs"), "permission-v1", "patient/*.read"),
            (Some("patient/*.read patient/*.rs"), "permission-v1 permission-v2", "patient/*.rs"),
            (Some("patient/*.read"), "permission-v2", "patient/*.rs"),
            (Some("patient/*.* openid"), "", "openid patient/*.read"),
            (
                Some("patient/Patient.rs patient/Coverage.r patient/Goal.c user/*.rs"),
                "",
                "patient/Coverage.r patient/Patient.rs",
            ),
            (Some("patient/Patient.read patient/Goal.write"), "", "patient/Patient.read"),
            (Some("patient/Observation.rs?category=x"), "", ALL),
        ] {
            assert_eq!(asked(offered, capabilities), expected, "{offered:?} {capabilities}");
        }
    }
}
