//! One answer read as a page: the exact bytes of its resources and the link to the next page. Tolerant of
//! how servers wrap things, strict about what is JSON.

use std::ops::Range;

use serde::Deserialize;
use serde_json::value::RawValue;

/// Most entries of one page.
const MAX_ENTRIES: usize = 1_000_000;

/// A page, with the bytes it was read from.
pub(crate) struct Page {
    bytes: Vec<u8>,
    resources: Vec<Range<usize>>,
    /// As the server wrote it.
    pub(crate) next: Option<String>,
    /// The link to the page itself, where it is told.
    pub(crate) own: Option<String>,
    /// How many resources all pages have, where the server says so.
    pub(crate) total: Option<u64>,
    /// OperationOutcomes among the entries.
    pub(crate) outcomes: usize,
    /// The server left links out because they were too long: more is there than it can say.
    pub(crate) cut: bool,
}

/// Why an answer is no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageFault {
    /// Not JSON, or cut off: another try may help.
    NotJson,
    /// JSON, but neither a Bundle nor a resource.
    NotFhir,
    /// More than is taken.
    TooLarge,
}

#[derive(Deserialize)]
struct Head<'b> {
    #[serde(rename = "resourceType", borrow)]
    resource_type: Option<std::borrow::Cow<'b, str>>,
}

#[derive(Deserialize)]
struct Bundle<'b> {
    #[serde(borrow, default)]
    entry: Option<Vec<Entry<'b>>>,
    #[serde(default)]
    link: Option<Vec<Link>>,
    /// As a value: an odd one must not make the page none.
    #[serde(default)]
    total: serde_json::Value,
}

#[derive(Deserialize)]
struct Entry<'b> {
    #[serde(borrow)]
    resource: Option<&'b RawValue>,
    #[serde(default)]
    search: Option<Search>,
}

#[derive(Deserialize)]
struct Search {
    mode: Option<String>,
}

#[derive(Deserialize)]
struct Link {
    relation: Option<String>,
    url: Option<String>,
}

impl Page {
    /// Reads the body of an answer with a status that says yes.
    pub(crate) fn read(bytes: Vec<u8>) -> Result<Self, PageFault> {
        let start = if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) { 3 } else { 0 };
        let text = std::str::from_utf8(&bytes[start..]).map_err(|_| PageFault::NotJson)?;
        let head: Head<'_> =
            serde_json::from_str(text).map_err(|fault| match fault.classify() {
                serde_json::error::Category::Data => PageFault::NotFhir,
                _ => PageFault::NotJson,
            })?;
        let place = |raw: &str| {
            let from = raw.as_ptr() as usize - bytes.as_ptr() as usize;
            from..from + raw.len()
        };
        let mut page = Self {
            bytes: Vec::new(),
            resources: Vec::new(),
            next: None,
            own: None,
            total: None,
            outcomes: 0,
            cut: false,
        };
        match head.resource_type.as_deref() {
            None => return Err(PageFault::NotFhir),
            Some("Bundle") => {
                let bundle: Bundle<'_> =
                    serde_json::from_str(text).map_err(|_| PageFault::NotFhir)?;
                page.total = bundle.total.as_u64();
                let entries = bundle.entry.unwrap_or_default();
                if entries.len() > MAX_ENTRIES {
                    return Err(PageFault::TooLarge);
                }
                for entry in entries {
                    let Some(resource) = entry.resource else { continue };
                    if is_outcome(resource, entry.search.as_ref()) {
                        page.outcomes += 1;
                        page.cut |= resource.get().contains("link values omitted");
                        continue;
                    }
                    page.resources.push(place(resource.get()));
                }
                for link in bundle.link.unwrap_or_default() {
                    match link.relation.as_deref() {
                        Some("next") => page.next = link.url,
                        Some("self") => page.own = link.url,
                        _ => {}
                    }
                }
            }
            Some("OperationOutcome") => page.outcomes = 1,
            Some(_) => page.resources.push(place(text.trim())),
        }
        page.bytes = bytes;
        Ok(page)
    }

    /// The exact bytes of each resource.
    pub(crate) fn resources(&self) -> impl Iterator<Item = &[u8]> {
        self.resources.iter().map(|place| &self.bytes[place.clone()])
    }

    pub(crate) fn len(&self) -> usize {
        self.resources.len()
    }
}

fn is_outcome(resource: &RawValue, search: Option<&Search>) -> bool {
    let by_mode = search.and_then(|s| s.mode.as_deref()) == Some("outcome");
    by_mode
        || serde_json::from_str::<Head<'_>>(resource.get())
            .is_ok_and(|head| head.resource_type.as_deref() == Some("OperationOutcome"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(page: &Page) -> Vec<&str> {
        page.resources().map(|bytes| std::str::from_utf8(bytes).unwrap()).collect()
    }

    #[test]
    fn resources_keep_their_bytes() {
        let body = "\u{feff}{\"resourceType\":\"Bundle\",\"link\":[{\"relation\":\"self\",\"url\":\"s\"},\
            {\"relation\":\"next\",\"url\":\"n?ct=a%2B\"}],\"entry\":[\
            {\"fullUrl\":\"x\",\"resource\": {\"resourceType\" : \"A\",\n \"id\":\"1\"} },\
            {\"resource\":{\"resourceType\":\"OperationOutcome\"},\"search\":{\"mode\":\"outcome\"}},\
            {\"request\":{}}]}";
        let page = Page::read(body.as_bytes().to_vec()).unwrap();
        assert_eq!(texts(&page), ["{\"resourceType\" : \"A\",\n \"id\":\"1\"}"]);
        assert_eq!((page.next.as_deref(), page.outcomes), (Some("n?ct=a%2B"), 1));
        assert_eq!(page.own.as_deref(), Some("s"));
    }

    #[test]
    fn a_bare_resource_and_an_empty_page_are_pages() {
        let page = Page::read(b" {\"resourceType\":\"Patient\",\"id\":\"p\"}\n".to_vec()).unwrap();
        assert_eq!(texts(&page), ["{\"resourceType\":\"Patient\",\"id\":\"p\"}"]);
        let page = Page::read(b"{\"resourceType\":\"Bundle\"}".to_vec()).unwrap();
        assert_eq!((page.len(), page.next), (0, None));
        let page = Page::read(b"{\"resourceType\":\"OperationOutcome\"}".to_vec()).unwrap();
        assert_eq!((page.len(), page.outcomes), (0, 1));
    }

    #[test]
    fn anything_else_is_a_fault() {
        for (body, fault) in [
            ("<html></html>", PageFault::NotJson),
            ("", PageFault::NotJson),
            ("{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{\"res", PageFault::NotJson),
            ("{}", PageFault::NotFhir),
            ("[1]", PageFault::NotFhir),
            ("{\"resourceType\":1}", PageFault::NotFhir),
        ] {
            assert_eq!(Page::read(body.as_bytes().to_vec()).err(), Some(fault), "{body}");
        }
        assert!(Page::read(vec![0xFF, 0xFE]).is_err());
    }
}
