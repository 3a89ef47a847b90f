//! Query parameters: those that are known keep their exact text for the links of the answer, the
//! others become warnings and vanish.

use super::outcome::outcome;
use crate::http::form_pairs;

/// A query taken apart.
#[derive(Debug, Default)]
pub(crate) struct Query {
    kept: Vec<String>,
    values: Vec<(String, String)>,
    unknown: Vec<String>,
}

impl Query {
    /// Reads a raw query, of which `known` names are understood; `ct` always is.
    pub(crate) fn read(raw: &str, known: &[&str]) -> Self {
        let mut query = Self::default();
        for piece in raw.split('&').filter(|piece| !piece.is_empty()) {
            for (name, value) in form_pairs(piece) {
                if name == "ct" || known.contains(&name.as_str()) {
                    if name != "ct" {
                        query.kept.push(piece.to_owned());
                    }
                    query.values.push((name, value));
                } else {
                    query.unknown.push(name);
                }
            }
        }
        query
    }

    /// The first value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every value of a parameter.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A link to `target` with the parameters that were understood, and a continuation token.
    pub(crate) fn link(&self, target: &str, token: Option<&str>) -> String {
        let mut pieces = self.kept.clone();
        if let Some(token) = token {
            pieces.push(format!("ct={}", crate::http::percent_encode(token)));
        }
        if pieces.is_empty() {
            return target.to_owned();
        }
        format!("{target}?{}", pieces.join("&"))
    }

    /// One OperationOutcome for every parameter that was not understood.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.unknown
            .iter()
            .map(|name| {
                let text = format!("The parameter '{name}' is not supported and was left out.");
                outcome("warning", "not-supported", &text)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_parameters_keep_their_text_and_others_vanish() {
        let query = Query::read("_count=5&_type=A%2CB&x=1&ct=1a%2B", &["_type"]);
        assert_eq!(query.get("_type"), Some("A,B"));
        assert_eq!(query.get("ct"), Some("1a+"));
        assert_eq!(query.link("http://h/x", Some("1+/=")), "http://h/x?_type=A%2CB&ct=1%2B%2F%3D");
        assert_eq!(query.warnings().len(), 2);
    }
}
