//! Inputs: Bundles, single resources and NDJSON, plain or gzip, files or folders.

use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::reference::rewrite;
use crate::SandboxError;

/// What a gzip file may unfold to.
const UNPACKED_LIMIT: u64 = 2 * 1024 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    resource_type: Option<String>,
    id: Option<String>,
}

#[derive(Deserialize)]
struct Bundle<'a> {
    r#type: Option<String>,
    #[serde(borrow, default)]
    entry: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    full_url: Option<String>,
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
}

/// The bodies in a file, or in every `.json` and `.ndjson` file below a folder by order of name.
pub(crate) fn path(path: &Path, out: &mut Vec<String>) -> Result<(), SandboxError> {
    let failed = |source| SandboxError::Read { path: path.to_owned(), source };
    if path.is_dir() {
        let mut below: Vec<PathBuf> = fs::read_dir(path)
            .and_then(|entries| entries.map(|entry| entry.map(|it| it.path())).collect())
            .map_err(failed)?;
        below.sort();
        for file in below.iter().filter(|it| it.is_dir() || has_known_name(it)) {
            self::path(file, out)?;
        }
        return Ok(());
    }
    let mut bytes = fs::read(path).map_err(failed)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        flate2::read::MultiGzDecoder::new(bytes.as_slice())
            .take(UNPACKED_LIMIT)
            .read_to_end(&mut plain)
            .map_err(failed)?;
        bytes = plain;
    }
    text(&bytes, &path.display().to_string(), out)
}

/// The bodies in JSON or NDJSON text; `source` names it in errors.
pub(crate) fn text(bytes: &[u8], source: &str, out: &mut Vec<String>) -> Result<(), SandboxError> {
    let wrong = |line: usize, reason: String| SandboxError::Data {
        source_name: source.to_owned(),
        line,
        reason,
    };
    let text = std::str::from_utf8(bytes).map_err(|error| wrong(1, error.to_string()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // One value is a resource however many lines it has; anything else is one resource a line.
    if let Ok(whole) = serde_json::from_str::<&RawValue>(text) {
        return resource(whole.get(), out).map_err(|reason| wrong(1, reason));
    }
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let value: &RawValue =
            serde_json::from_str(line).map_err(|error| wrong(at + 1, error.to_string()))?;
        resource(value.get(), out).map_err(|reason| wrong(at + 1, reason))?;
    }
    Ok(())
}

/// One resource, or those in a Bundle that a server would take apart.
fn resource(text: &str, out: &mut Vec<String>) -> Result<(), String> {
    let head: Head = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if head.resource_type.as_deref() == Some("Bundle") {
        let bundle: Bundle<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        // These two are one thing each, which servers store whole.
        if !matches!(bundle.r#type.as_deref(), Some("document" | "message")) {
            return entries(bundle.entry, out);
        }
    }
    let kind = head.resource_type.ok_or("no resourceType")?;
    out.push(identified(text, &kind, head.id.as_deref(), None, out.len()));
    Ok(())
}

/// The resources of a Bundle, with references between them resolved.
fn entries(entries: Vec<Entry<'_>>, out: &mut Vec<String>) -> Result<(), String> {
    let mut targets = HashMap::new();
    let mut bodies = Vec::new();
    for entry in entries {
        let Some(raw) = entry.resource else { continue };
        let inner: Head = serde_json::from_str(raw.get()).map_err(|error| error.to_string())?;
        let kind = inner.resource_type.ok_or("an entry without resourceType")?;
        if kind == "OperationOutcome" {
            continue;
        }
        let urn = entry.full_url.filter(|url| url.starts_with("urn:"));
        let position = out.len() + bodies.len();
        let body = identified(raw.get(), &kind, inner.id.as_deref(), urn.as_deref(), position);
        if let Some(urn) = urn {
            let own: Head = serde_json::from_str(&body).map_err(|error| error.to_string())?;
            targets.insert(urn, format!("{kind}/{}", own.id.unwrap_or_default()));
        }
        bodies.push(body);
    }
    if targets.is_empty() {
        out.append(&mut bodies);
    } else {
        out.extend(bodies.iter().map(|body| rewrite(body, &targets)));
    }
    Ok(())
}

/// The text as given, or with the id that a server gives to a resource without one: that of its
/// `urn:uuid:`, else its place in the input.
fn identified(text: &str, kind: &str, id: Option<&str>, urn: Option<&str>, at: usize) -> String {
    if id.is_some() {
        return text.to_owned();
    }
    let id = match urn.and_then(|urn| urn.strip_prefix("urn:uuid:")) {
        Some(uuid) => uuid.to_owned(),
        None => format!("sandbox-{}-{at}", kind.to_ascii_lowercase()),
    };
    text.replacen('{', &format!("{{\"id\":\"{id}\","), 1)
}

fn has_known_name(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let name = name.strip_suffix(".gz").unwrap_or(name);
    name.ends_with(".json") || name.ends_with(".ndjson")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(input: &str) -> Vec<String> {
        let mut out = Vec::new();
        text(input.as_bytes(), "test", &mut out).unwrap();
        out
    }

    #[test]
    fn a_bundle_is_taken_apart_and_its_urns_resolved() {
        let bodies = loaded(
            r#"{"resourceType":"Bundle","type":"transaction","entry":[
              {"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient","id":"1"}},
              {"fullUrl":"urn:uuid:o","resource":{"resourceType":"Observation","n": 1.00,
                "subject":{"reference":"urn:uuid:p"}}}]}"#,
        );
        assert_eq!(bodies[0], r#"{"resourceType":"Patient","id":"1"}"#);
        assert!(bodies[1].starts_with(r#"{"id":"o","resourceType":"Observation","n": 1.00,"#));
        assert!(bodies[1].ends_with(r#""subject":{"reference":"Patient/1"}}"#));
    }

    #[test]
    fn lines_are_resources_and_errors_name_their_line() {
        let lines = "{\"resourceType\":\"Patient\",\"id\":\"1\"}\n\n{\"resourceType\":\"Basic\",\"id\":\"2\"}\n";
        assert_eq!(loaded(lines).len(), 2);
        let wrong = format!("{lines}{{nonsense\n");
        let error = text(wrong.as_bytes(), "a.ndjson", &mut Vec::new()).unwrap_err();
        assert!(error.to_string().starts_with("a.ndjson, line 4: "), "{error}");
    }
}
