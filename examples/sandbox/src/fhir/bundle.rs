//! Searchset Bundles, written as text so that resources keep their bytes.

use crate::clock::{Millis, instant};
use crate::data::Record;

/// A searchset in the making.
pub(crate) struct Page<'a> {
    pub(crate) base: &'a str,
    pub(crate) now: Millis,
    pub(crate) id: String,
    pub(crate) total: Option<usize>,
    pub(crate) self_link: String,
    pub(crate) next_link: Option<String>,
    pub(crate) records: Vec<&'a Record>,
    /// A resource that is not the payer's, put there by a fault.
    pub(crate) extra: Option<String>,
    /// OperationOutcomes, as entries with mode `outcome`.
    pub(crate) outcomes: Vec<String>,
}

impl Page<'_> {
    /// The Bundle. `entry` is absent when it would be empty.
    pub(crate) fn write(&self) -> String {
        let size: usize = self.records.iter().map(|it| it.body.len() + 200).sum();
        let mut out = String::with_capacity(size + 1000);
        out.push_str("{\"resourceType\":\"Bundle\",\"id\":");
        out.push_str(&quoted(&self.id));
        out.push_str(",\"meta\":{\"lastUpdated\":");
        out.push_str(&quoted(&instant(self.now)));
        out.push_str("},\"type\":\"searchset\"");
        if let Some(total) = self.total {
            out.push_str(&format!(",\"total\":{total}"));
        }
        out.push_str(",\"link\":[");
        if let Some(next) = &self.next_link {
            out.push_str("{\"relation\":\"next\",\"url\":");
            out.push_str(&quoted(next));
            out.push_str("},");
        }
        out.push_str("{\"relation\":\"self\",\"url\":");
        out.push_str(&quoted(&self.self_link));
        out.push_str("}]");
        let records = self.records.iter().map(|record| {
            let url = format!("{}/{}/{}", self.base, record.kind, record.id);
            let url = quoted(&url);
            format!(
                "{{\"fullUrl\":{url},\"resource\":{},\"search\":{{\"mode\":\"match\"}}}}",
                record.body
            )
        });
        let outcomes = self
            .outcomes
            .iter()
            .map(|body| format!("{{\"resource\":{body},\"search\":{{\"mode\":\"outcome\"}}}}"));
        let extra = self
            .extra
            .iter()
            .map(|body| format!("{{\"resource\":{body},\"search\":{{\"mode\":\"match\"}}}}"));
        for (at, entry) in records.chain(extra).chain(outcomes).enumerate() {
            out.push_str(if at == 0 { ",\"entry\":[" } else { "," });
            out.push_str(&entry);
        }
        if !(self.records.is_empty() && self.extra.is_none() && self.outcomes.is_empty()) {
            out.push(']');
        }
        out.push('}');
        out
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string has a JSON form")
}
