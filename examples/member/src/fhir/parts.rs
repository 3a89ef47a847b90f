//! Data types that many resources share: references, codings, quantities, periods, meta.

use crate::date::Moment;
use crate::decimal::Decimal;
use crate::json::{Obj, Raw};
use crate::life::code::{Code, Dx, System};
use crate::life::lab::Unit;

/// Start of the canonical URL of a US Core profile.
pub const US_CORE: &str = "http://hl7.org/fhir/us/core/StructureDefinition/";

/// Start of the code systems of HL7 terminology.
pub const TERMINOLOGY: &str = "http://terminology.hl7.org/CodeSystem/";

/// The start of every resource: type, id, meta. `profiles` are whole canonical URLs.
pub fn resource(kind: &str, id: &str, version: u32, updated: Moment, profiles: &[&str]) -> Obj {
    let meta = Obj::new()
        .text("versionId", version)
        .put("lastUpdated", updated.utc())
        .list("profile", profiles.iter().copied());
    Obj::new().put("resourceType", kind).put("id", id).put("meta", meta)
}

/// A literal reference.
pub fn reference(kind: &str, id: &str) -> Obj {
    Obj::new().put("reference", format!("{kind}/{id}"))
}

/// A literal reference with the name of its target.
pub fn named_reference(kind: &str, id: &str, display: &str) -> Obj {
    reference(kind, id).put("display", display)
}

/// A coding of any system.
pub fn coding(system: &str, code: &str, display: &str) -> Obj {
    Obj::new().put("system", system).put("code", code).put("display", display)
}

/// A coding of a code of the record.
pub fn coded(code: &Code) -> Obj {
    coding(code.system.uri(), code.code, code.display)
}

/// A concept of one coding.
pub fn concept(system: &str, code: &str, display: &str) -> Obj {
    Obj::new().one("coding", coding(system, code, display))
}

/// A concept of a code of the record, with its display as text.
pub fn code_concept(code: &Code) -> Obj {
    Obj::new().one("coding", coded(code)).put("text", code.display)
}

/// A concept of a code of the HL7 terminology: `system` is the last part of its URL.
pub fn hl7(system: &str, code: &str, display: &str) -> Obj {
    concept(&format!("{TERMINOLOGY}{system}"), code, display)
}

/// A concept with nothing but words.
pub fn words(text: &str) -> Obj {
    Obj::new().put("text", text)
}

/// A diagnosis with both codings.
pub fn diagnosis(dx: &Dx) -> Obj {
    let snomed = dx.snomed.map(|(code, display)| coding(System::Snomed.uri(), code, display));
    let icd = coding(System::Icd10Cm.uri(), dx.icd10, dx.icd10_display);
    Obj::new().list("coding", snomed.into_iter().chain([icd])).put("text", dx.text)
}

/// A quantity in UCUM.
pub fn quantity(amount: Decimal, unit: &Unit) -> Obj {
    quantity_of(amount, unit.printed, unit.ucum)
}

/// A quantity in UCUM with the unit as printed and as coded.
pub fn quantity_of(amount: Decimal, printed: &str, ucum: &str) -> Obj {
    Obj::new()
        .put("value", Raw(amount))
        .put("unit", printed)
        .put("system", "http://unitsofmeasure.org")
        .put("code", ucum)
}

/// A period of two FHIR dates or dateTimes; the end may be open.
pub fn period(start: impl std::fmt::Display, end: Option<impl std::fmt::Display>) -> Obj {
    Obj::new().text("start", start).maybe("end", end.map(|end| end.to_string()))
}

/// An identifier of a system.
pub fn identifier(system: &str, value: &str) -> Obj {
    Obj::new().put("system", system).put("value", value)
}

/// An identifier with its type of HL7 table 0203.
pub fn typed_identifier(kind: (&str, &str), system: &str, value: &str) -> Obj {
    Obj::new().put("type", hl7("v2-0203", kind.0, kind.1)).put("system", system).put("value", value)
}

/// An extension with a value: `kind` is the name of the value field, such as `valueCode`.
pub fn extension(url: &str, kind: &str, value: impl crate::json::Value) -> Obj {
    Obj::new().put("url", url).put(kind, value)
}

/// The narrative of a resource from lines of text, escaped.
pub fn narrative(lines: &[String]) -> Obj {
    let body: String = lines.iter().map(|line| format!("<p>{}</p>", escape(line))).collect();
    Obj::new()
        .put("status", "generated")
        .put("div", format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{body}</div>"))
}

/// Text for XML and XHTML.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
