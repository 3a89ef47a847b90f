//! The texts of a resource: one walk over its JSON by member names, the same for every type.
//! Taken are names and displays (titles), and narrative, notes and text attachments (bodies).

use std::borrow::Cow;

use crate::fhir::{Kind, Node, base64, plain_text, text_of};

/// Where a text comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextField {
    /// Names, titles, displays of codes.
    Title,
    /// Narrative, notes, comments, addresses, attachments.
    Body,
}

impl TextField {
    /// Number of the field in the index.
    pub(super) fn number(self) -> usize {
        match self {
            TextField::Title => 0,
            TextField::Body => 1,
        }
    }
}

/// Most text taken of one resource, in bytes; what comes later in it is not found.
const MOST: usize = 1 << 20;

/// Bytes of raw content that are searched for text: enough that more of them would change nothing.
pub(crate) const SEARCHED: usize = MOST + 8;

/// Stands after every single text.
const END: char = '\u{1e}';

/// Members whose string is a title.
const TITLES: &[&str] = &[
    "alias",
    "display",
    "family",
    "given",
    "name",
    "prefix",
    "productName",
    "shortTitle",
    "subtitle",
    "suffix",
    "synonym",
    "text",
    "title",
];

/// Members whose string belongs to the body. `value[x]`, `content[x]` and the like stand here with
/// the type that is text.
const BODIES: &[&str] = &[
    "abatementString",
    "additionalInformation",
    "address",
    "answerString",
    "availabilityExceptions",
    "cancelledReason",
    "city",
    "comment",
    "comments",
    "conclusion",
    "contentString",
    "country",
    "description",
    "detail",
    "detailString",
    "diagnostics",
    "disposition",
    "district",
    "extraDetails",
    "guidance",
    "instruction",
    "line",
    "manufacturer",
    "mitigation",
    "note",
    "onsetString",
    "patientInstruction",
    "paymentTerms",
    "performedString",
    "postalCode",
    "preparationInstruction",
    "publisher",
    "purpose",
    "rationale",
    "reason",
    "requirement",
    "state",
    "statusReason",
    "summary",
    "textEquivalent",
    "usage",
    "valueMarkdown",
    "valueString",
];

/// Members that hold notes: their `text` is no title.
const NOTES: &[&str] = &["note", "processNote", "progress", "annotation", "valueAnnotation"];

/// The texts of one resource.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Texts {
    title: String,
    body: String,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Texts")
            .field("title_bytes", &self.title.len())
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

impl Texts {
    /// Takes the texts of a resource.
    pub(crate) fn of(resource: Node<'_>) -> Texts {
        let mut texts = Texts::default();
        texts.object(resource, "");
        texts
    }

    /// No text at all: such rows are not in the index.
    pub(crate) fn is_empty(&self) -> bool {
        self.title.is_empty() && self.body.is_empty()
    }

    /// Every single text, titles first.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (TextField, &str)> {
        let split = |text| str::split_terminator(text, END);
        let titles = split(&self.title).map(|text| (TextField::Title, text));
        titles.chain(split(&self.body).map(|text| (TextField::Body, text)))
    }

    fn walk(&mut self, node: Node<'_>, name: &str, parent: &str) {
        match node.kind() {
            Kind::Object => self.object(node, name),
            Kind::Array => node.items().for_each(|item| self.walk(item, name, parent)),
            Kind::String => {
                if let Some(field) = field(name, parent)
                    && let Some(text) = node.str()
                {
                    self.push(field, &text);
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, node: Node<'_>, name: &str) {
        let (mut display, mut coded) = (None, false);
        let mut content = Content::default();
        for (key, value) in node.members() {
            match &*key {
                "meta" => continue,
                "display" => display = value.str(),
                "code" | "system" => coded = true,
                "data" => content.data = value.str(),
                "contentType" => content.kind = value.str(),
                "origin" | "when" => content.other = true,
                "div" => {
                    if let Some(html) = value.str() {
                        self.push(TextField::Body, &plain_text(&html));
                    }
                    continue;
                }
                _ => {}
            }
            if !matches!(&*key, "display" | "data") {
                self.walk(value, &key, name);
            }
        }
        if let Some(display) = display {
            // Of a reference it is the name of something else.
            self.push(if coded { TextField::Title } else { TextField::Body }, &display);
        }
        if let Some(text) = content.text(MOST.saturating_sub(self.len())) {
            self.push(TextField::Body, &text);
        }
    }

    fn len(&self) -> usize {
        self.title.len() + self.body.len()
    }

    fn push(&mut self, field: TextField, text: &str) {
        let room = MOST.saturating_sub(self.len());
        let text = &text[..text.floor_char_boundary(room.min(text.len()))];
        let text = text.trim();
        let to = match field {
            TextField::Title => &mut self.title,
            TextField::Body => &mut self.body,
        };
        // A CodeableConcept's text mostly repeats its coding's display.
        let before = to.strip_suffix(END).and_then(|before| before.strip_suffix(text));
        let again = before.is_some_and(|before| before.is_empty() || before.ends_with(END));
        if text.is_empty() || again {
            return;
        }
        match text.contains(END) {
            true => to.extend(text.split(END).flat_map(|part| [part, " "])),
            false => to.push_str(text),
        }
        to.push(END);
    }
}

fn field(name: &str, parent: &str) -> Option<TextField> {
    if TITLES.binary_search(&name).is_ok() {
        let note = name == "text" && NOTES.contains(&parent);
        return Some(if note { TextField::Body } else { TextField::Title });
    }
    BODIES.binary_search(&name).is_ok().then_some(TextField::Body)
}

/// What an object says that may be an Attachment or a Binary.
#[derive(Default)]
struct Content<'t> {
    data: Option<Cow<'t, str>>,
    kind: Option<Cow<'t, str>>,
    /// SampledData and Signature have `data` too, of another sort.
    other: bool,
}

impl Content<'_> {
    /// Its text, if it is text, cut to about `most` bytes.
    fn text(&self, most: usize) -> Option<String> {
        let data = self.data.as_deref().filter(|_| !self.other && most > 0)?;
        let kind = self.kind.as_deref().map(|kind| kind.split(';').next().unwrap_or(kind).trim());
        let html = match kind.map(str::to_ascii_lowercase).as_deref() {
            Some("text/plain" | "text/markdown" | "text/x-markdown") => false,
            Some("text/html" | "application/xhtml+xml") => true,
            Some(_) => return None,
            None => false,
        };
        let bytes = decode(data, most)?;
        let text = match (std::str::from_utf8(&bytes), kind) {
            (Err(_), None) => return None,
            _ => text_of(&bytes),
        };
        let binary = |c: char| c.is_control() && !c.is_whitespace();
        if kind.is_none() && text.contains(binary) {
            return None;
        }
        Some(if html { plain_text(&text) } else { text.into_owned() })
    }
}

/// Decodes the front of base64 data, about `most` bytes; does not end inside a character.
fn decode(data: &str, most: usize) -> Option<Vec<u8>> {
    let groups = most.div_ceil(3);
    if data.len() / 4 <= groups {
        return base64(data);
    }
    let signs = data.chars().filter(|c| !c.is_whitespace());
    let mut bytes = base64(&signs.take(groups * 4).collect::<String>())?;
    if let Err(error) = std::str::from_utf8(&bytes)
        && error.error_len().is_none()
    {
        bytes.truncate(error.valid_up_to());
    }
    Some(bytes)
}
