//! What a list row says about a resource: title, date, status. Display only; nothing is decided
//! by it.

use super::json::{Kind, Node};

#[cfg(test)]
mod tests;

/// Longest title, in characters.
const LONGEST_TITLE: usize = 200;

/// One row of a list.
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
pub(crate) struct Summary {
    /// Never empty: at least the resource type.
    pub(crate) title: String,
    /// As written.
    pub(crate) date: Option<String>,
    pub(crate) status: Option<String>,
}

/// Elements that name a resource, the best first. A name not found is passed over, so one list
/// serves all types, except where a type means something else by a common name.
const TITLES: &[&str] = &[
    "code",
    "medicationCodeableConcept",
    "medicationReference",
    "vaccineCode",
    "productCodeableConcept",
    "itemCodeableConcept",
    "name",
    "title",
    "description",
    "deviceName",
    "type",
    "kind",
    "category",
    "serviceType",
    "specialty",
    "class",
    "topic",
    "reasonCode",
    "summary",
    "comment",
    "text",
    "url",
];

/// Lists of the types whose best label is none of the usual.
const TITLES_OF_TYPE: &[(&str, &[&str])] = &[
    ("Appointment", &["description", "serviceType", "appointmentType", "reasonCode"]),
    ("AuditEvent", &["subtype", "type"]),
    ("CarePlan", &["title", "category", "description", "activity"]),
    ("CareTeam", &["name", "category"]),
    ("Claim", &["type", "item"]),
    ("ClaimResponse", &["type"]),
    ("Communication", &["topic", "category", "reasonCode"]),
    ("Composition", &["title", "type"]),
    ("Consent", &["scope", "category"]),
    ("Coverage", &["type", "class", "payor", "subscriberId"]),
    ("Device", &["deviceName", "type", "distinctIdentifier", "manufacturer", "modelNumber"]),
    ("DiagnosticReport", &["code", "category", "conclusion"]),
    ("DocumentReference", &["description", "type", "content", "category"]),
    ("Encounter", &["type", "serviceType", "reasonCode", "class"]),
    ("ExplanationOfBenefit", &["type", "item"]),
    ("Goal", &["description", "category"]),
    ("ImagingStudy", &["description", "procedureCode", "modality"]),
    ("InsurancePlan", &["name", "type"]),
    ("Location", &["name", "alias", "description", "type"]),
    ("MedicationDispense", &["medicationCodeableConcept", "medicationReference", "type"]),
    ("PractitionerRole", &["code", "specialty", "practitioner", "organization"]),
    ("Provenance", &["activity", "reason"]),
    ("QuestionnaireResponse", &["questionnaire"]),
    ("RelatedPerson", &["name", "relationship"]),
    ("ServiceRequest", &["code", "orderDetail", "category"]),
    ("Specimen", &["type"]),
    ("Task", &["description", "code", "focus"]),
];

/// Elements that date a resource, the best first; of a Period the start, else the end.
const DATES: &[&str] = &[
    "effectiveDateTime",
    "effectivePeriod",
    "effectiveInstant",
    "onsetDateTime",
    "onsetPeriod",
    "performedDateTime",
    "performedPeriod",
    "occurrenceDateTime",
    "occurrencePeriod",
    "billablePeriod",
    "servicedDate",
    "servicedPeriod",
    "period",
    "authoredOn",
    "authored",
    "whenHandedOver",
    "whenPrepared",
    "recordedDate",
    "started",
    "start",
    "startDate",
    "issued",
    "assertedDate",
    "statusDate",
    "sent",
    "received",
    "recorded",
    "dateWritten",
    "date",
    "created",
    "dateTime",
    "identifiedDateTime",
    "dateAsserted",
    "expressedOn",
    "birthDate",
    "collection",
    "lastModified",
];

/// Elements that tell a resource's state.
const STATES: &[&str] = &["status", "clinicalStatus", "lifecycleStatus", "verificationStatus"];

/// The row of a resource.
pub(crate) fn summary(root: Node<'_>) -> Summary {
    let kind = root.get("resourceType").and_then(|n| n.str()).unwrap_or_default();
    let names = TITLES_OF_TYPE.iter().find(|(t, _)| *t == kind).map_or(TITLES, |(_, names)| names);
    let title = first(root, names, label)
        .or_else(|| first(root, TITLES, label))
        .unwrap_or_else(|| kind.clone().into_owned());
    let title = if title.is_empty() { "Resource".to_owned() } else { title };
    Summary {
        title,
        date: first(root, DATES, date),
        status: first(root, STATES, |node| match node.kind() {
            Kind::String => plain(node),
            _ => code(node).or_else(|| label(node)),
        }),
    }
}

fn first(
    root: Node<'_>,
    names: &[&str],
    read: impl Fn(Node<'_>) -> Option<String>,
) -> Option<String> {
    names.iter().filter_map(|name| root.get(name)).find_map(|node| node.each().find_map(&read))
}

/// A string with something to see in it, white space made single, cut to a title's length.
fn plain(node: Node<'_>) -> Option<String> {
    let text = node.str()?;
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!words.is_empty()).then(|| match words.char_indices().nth(LONGEST_TITLE) {
        Some((cut, _)) => format!("{}…", words[..cut].trim_end()),
        None => words,
    })
}

fn text_of(node: Node<'_>, name: &str) -> Option<String> {
    node.get(name).and_then(plain)
}

/// The label of whatever datatype stands there.
fn label(node: Node<'_>) -> Option<String> {
    match node.kind() {
        Kind::String => plain(node),
        Kind::Object => concept(node)
            .or_else(|| human_name(node))
            .or_else(|| inner(node))
            .or_else(|| code(node)),
        _ => None,
    }
}

/// CodeableConcept, Coding, Reference, or a back-bone element with a display or text.
fn concept(node: Node<'_>) -> Option<String> {
    text_of(node, "text")
        .or_else(|| {
            let mut codings = node.get("coding")?.each();
            codings.find_map(|coding| text_of(coding, "display"))
        })
        .or_else(|| text_of(node, "display"))
}

fn human_name(node: Node<'_>) -> Option<String> {
    let parts = |name: &str| node.get(name).into_iter().flat_map(Node::each).filter_map(plain);
    let words: Vec<_> = parts("prefix")
        .chain(parts("given"))
        .chain(parts("family"))
        .chain(parts("suffix"))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// What a back-bone element calls itself.
fn inner(node: Node<'_>) -> Option<String> {
    const NAMES: &[&str] = &[
        "name",
        "title",
        "productOrService",
        "code",
        "attachment",
        "detail",
        "description",
        "deviceIdentifier",
        "value",
    ];
    NAMES.iter().filter_map(|name| node.get(name)).find_map(|found| match found.kind() {
        Kind::String => plain(found),
        Kind::Object => concept(found)
            .or_else(|| text_of(found, "title"))
            .or_else(|| text_of(found, "description"))
            .or_else(|| found.get("code").and_then(concept))
            .or_else(|| code(found)),
        _ => None,
    })
}

/// The code of a CodeableConcept or Coding that has no words.
fn code(node: Node<'_>) -> Option<String> {
    match node.get("coding") {
        Some(codings) => codings.each().find_map(|coding| text_of(coding, "code")),
        None => text_of(node, "code"),
    }
}

fn date(node: Node<'_>) -> Option<String> {
    const PARTS: &[&str] = &["start", "collectedDateTime", "collectedPeriod", "end"];
    match node.kind() {
        Kind::String => plain(node),
        Kind::Object => PARTS.iter().filter_map(|part| node.get(part)).find_map(date),
        _ => None,
    }
}
