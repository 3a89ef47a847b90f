//! FHIR of the money: C4BB 2.1.0 coverages, organizations and explanations of benefit, and PDex prior
//! authorizations. Pure functions of the book; owns canonical URLs and code systems of these guides.

mod coverage;
mod eob;
mod items;
mod organization;
mod prior_auth;
mod supporting;

use std::collections::BTreeSet;

use super::book::Book;
use super::cents::Cents;
use super::claim::Code;
use crate::Resource;
use crate::fhir::parts::coding;
use crate::json::{Obj, Raw};
use crate::life::Life;

/// Start of the profiles of CARIN Blue Button.
const C4BB: &str = "http://hl7.org/fhir/us/carin-bb/StructureDefinition/";
/// Its version.
const C4BB_VERSION: &str = "|2.1.0";
/// Start of its code systems.
const C4BB_CODES: &str = "http://hl7.org/fhir/us/carin-bb/CodeSystem/";
/// Why something is absent.
const ABSENT: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
/// System of the payer's identifiers; the last part tells which.
const PAYER: &str = "https://payer.example.com/fhir/";

/// All resources of a book.
pub(super) fn resources(life: &Life, book: &Book) -> Vec<Resource> {
    let mut all = organization::resources(life, book);
    let told = told(life, book);
    let oldest = told.first().filter(|_| told.len() > 1).copied();
    for index in told {
        let by_name = Some(index) == oldest;
        all.push(coverage::resource(life, &book.coverages[index], by_name));
    }
    all.extend(book.claims.iter().map(|claim| eob::resource(life, book, claim)));
    all.extend(book.authorizations.iter().map(|request| prior_auth::resource(life, book, request)));
    all
}

/// The coverages that a record tells: those of its window, and those that its claims and requests name.
/// The medical ones come first, by time.
fn told(life: &Life, book: &Book) -> Vec<usize> {
    let mut told: BTreeSet<usize> = BTreeSet::new();
    for (index, fact) in book.coverages.iter().enumerate() {
        if fact.period.1 >= life.since {
            told.insert(index);
        }
    }
    for claim in &book.claims {
        told.insert(claim.coverage);
        told.extend(claim.other_coverage);
    }
    told.extend(book.authorizations.iter().map(|request| request.coverage));
    told.into_iter().collect()
}

/// A concept of one coding of a C4BB code system.
fn c4bb(system: &str, code: &str, display: &str) -> Obj {
    Obj::new().one("coding", coding(&format!("{C4BB_CODES}{system}"), code, display))
}

/// A concept of a code without a display.
fn bare(system: &str, code: &str) -> Obj {
    Obj::new().one("coding", Obj::new().put("system", system).put("code", code))
}

/// A concept of a code of a claim.
fn concept(code: &Code) -> Obj {
    let mut one = Obj::new().put("system", code.system).put("code", &code.code);
    if !code.display.is_empty() {
        one = one.put("display", &code.display);
    }
    Obj::new().one("coding", one)
}

/// A concept that is not told, with the reason.
fn absent(reason: &str, display: &str) -> Obj {
    let url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
    let why = Obj::new().put("url", url).put("valueCode", reason);
    Obj::new().one("extension", why).put("text", display)
}

/// US dollars.
fn money(amount: Cents) -> Obj {
    Obj::new().put("value", Raw(amount)).put("currency", "USD")
}

/// A reference that is whole already, with the name of its target.
fn refer(reference: &str, display: &str) -> Obj {
    Obj::new().put("reference", reference).put("display", display)
}
