//! Scopes: `patient/[type].[actions]` of SMART v1 and v2, and the launch scopes.

use crate::switches::{Granted, ScopeSyntax};

const OTHERS: &[&str] =
    &["openid", "fhirUser", "profile", "offline_access", "online_access", "launch/patient"];

/// Type and actions (`cruds`) of a patient scope.
fn resource_scope(scope: &str) -> Option<(&str, String, ScopeSyntax)> {
    let (kind, actions) = scope.strip_prefix("patient/")?.split_once('.')?;
    if kind != "*" && !crate::data::is_type(kind) {
        return None;
    }
    match actions {
        "read" => return Some((kind, "rs".to_owned(), ScopeSyntax::V1)),
        "write" => return Some((kind, "cud".to_owned(), ScopeSyntax::V1)),
        "*" => return Some((kind, "cruds".to_owned(), ScopeSyntax::V1)),
        _ => {}
    }
    // Letters have to stand in this order (SMART App Launch 2).
    let mut order = "cruds".chars();
    let in_order = actions.chars().all(|letter| order.any(|next| next == letter));
    (in_order && !actions.is_empty()).then(|| (kind, actions.to_owned(), ScopeSyntax::V2))
}

/// Whether a granted scope allows an action on a type.
pub(crate) fn allows(scope: &str, kind: &str, action: char) -> bool {
    resource_scope(scope)
        .is_some_and(|(name, actions, _)| (name == "*" || name == kind) && actions.contains(action))
}

/// The asked scopes that this server knows, in their order.
pub(crate) fn known(asked: &str, syntax: ScopeSyntax) -> Vec<String> {
    let mut known: Vec<String> = Vec::new();
    for scope in asked.split_ascii_whitespace() {
        let understood = match resource_scope(scope) {
            Some((_, _, form)) => syntax == ScopeSyntax::Both || syntax == form,
            None => OTHERS.contains(&scope),
        };
        if understood && !known.iter().any(|it| it == scope) {
            known.push(scope.to_owned());
        }
    }
    known
}

/// What is granted of the scopes that the person allowed.
pub(crate) fn granted(allowed: &[String], switch: &Granted) -> Vec<String> {
    let mut granted = Vec::new();
    for scope in allowed {
        let Some((kind, _, _)) = resource_scope(scope) else {
            granted.push(scope.clone());
            continue;
        };
        match switch {
            Granted::Same => granted.push(scope.clone()),
            Granted::Empty => {}
            Granted::Subset(types) => {
                let (_, actions) = scope.split_once('.').unwrap_or_default();
                let of = types.iter().filter(|it| kind == "*" || kind == it.as_str());
                granted.extend(of.map(|kind| format!("patient/{kind}.{actions}")));
            }
        }
    }
    granted
}

/// What a scope means, for the person who is asked.
pub(crate) fn in_words(scope: &str) -> String {
    let Some((kind, actions, _)) = resource_scope(scope) else {
        return match scope {
            "openid" | "profile" => "Know that it is you who signed in".to_owned(),
            "fhirUser" => "Know which record is yours".to_owned(),
            "offline_access" => "Stay connected until you end it".to_owned(),
            "online_access" => "Stay connected while you are signed in".to_owned(),
            "launch/patient" => "Know whose record you choose below".to_owned(),
            other => other.to_owned(),
        };
    };
    let what = if kind == "*" { "every part of the record".to_owned() } else { spaced(kind) };
    let read = actions.contains(['r', 's']);
    let write = actions.contains(['c', 'u', 'd']);
    match (read, write) {
        (true, true) => format!("Read and change {what}"),
        (false, true) => format!("Change {what}"),
        _ => format!("Read {what}"),
    }
}

/// `ExplanationOfBenefit` as `explanation of benefit`.
fn spaced(kind: &str) -> String {
    let mut out = String::new();
    for letter in kind.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_of_both_syntaxes() {
        assert!(allows("patient/*.read", "Claim", 's') && allows("patient/*.rs", "Claim", 'r'));
        assert!(!allows("patient/*.r", "Claim", 's') && !allows("patient/Goal.rs", "Claim", 'r'));
        for wrong in ["patient/*.sr", "patient/*.", "user/*.rs", "patient/*", "patient/a.rs"] {
            assert!(!allows(wrong, "Claim", 'r'), "{wrong}");
        }
    }

    #[test]
    fn unknown_scopes_are_dropped() {
        let asked = "openid patient/*.rs patient/*.read system/*.rs x openid";
        assert_eq!(known(asked, ScopeSyntax::V2), ["openid", "patient/*.rs"]);
        assert_eq!(known(asked, ScopeSyntax::V1), ["openid", "patient/*.read"]);
    }

    #[test]
    fn a_subset_names_its_types() {
        let allowed = known("openid patient/*.rs", ScopeSyntax::Both);
        let types = vec!["Patient".to_owned(), "Coverage".to_owned()];
        assert_eq!(
            granted(&allowed, &Granted::Subset(types)),
            ["openid", "patient/Patient.rs", "patient/Coverage.rs"]
        );
        assert_eq!(granted(&allowed, &Granted::Empty), ["openid"]);
        assert_eq!(in_words("patient/ExplanationOfBenefit.rs"), "Read explanation of benefit");
    }
}
