//! Patient and RelatedPerson.

use super::Writer;
use super::parts::{
    US_CORE, coding, extension, hl7, narrative, period, reference, resource, typed_identifier,
};
use crate::date::Date;
use crate::json::{Arr, Obj};
use crate::life::Life;
use crate::life::person::{Address, Person, Sex};

const CARIN: &str = "http://hl7.org/fhir/us/carin-bb/StructureDefinition/";
const MEMBER_SYSTEM: &str = crate::money::MEMBER_NUMBER;
const CHART_SYSTEM: &str = "https://creamcityfamily.example/mrn";

/// Version of the Patient: one for enrolment, one more for each move.
pub(crate) const PATIENT_VERSION: u32 = 3;

pub(super) fn write(out: &mut Writer<'_>) {
    let life = out.life;
    out.put("Patient", &life.member.id, patient(life));
    for (person, relation) in [(&life.spouse, spouse()), (&life.child, child(&life.child))] {
        out.put("RelatedPerson", &person.id, related(life, person, relation));
    }
}

const fn gender(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "female",
        Sex::Male => "male",
    }
}

fn spouse() -> Obj {
    hl7("v3-RoleCode", "SPS", "spouse")
}

fn child(person: &Person) -> Obj {
    match person.sex {
        Sex::Female => hl7("v3-RoleCode", "DAU", "natural daughter"),
        Sex::Male => hl7("v3-RoleCode", "SON", "natural son"),
    }
}

fn patient(life: &Life) -> Obj {
    let member = &life.member;
    let moved = Date::of(2019, 6, 3).at(10, 12);
    let profiles =
        [&format!("{US_CORE}us-core-patient|6.1.0"), &format!("{CARIN}C4BB-Patient|2.1.0")];
    let profiles = profiles.map(String::as_str);
    let lines = [
        format!("{}, born {}, {}", member.full_name(), member.birth.in_words(), gender(member.sex)),
        format!("Member number {}", member.member_number),
    ];
    resource("Patient", &member.id, PATIENT_VERSION, moved, &profiles)
        .put("text", narrative(&lines))
        .list("extension", race_and_ethnicity(member))
        .list("identifier", identifiers(life))
        .put("active", true)
        .list("name", names(member))
        .list("telecom", telecom(member))
        .put("gender", gender(member.sex))
        .text("birthDate", member.birth)
        .list("address", member.addresses.iter().map(address))
        .put("maritalStatus", hl7("v3-MaritalStatus", "M", "Married"))
        .list("communication", languages(member))
        .one(
            "generalPractitioner",
            super::practitioner(life, life.providers.of(crate::life::provider::Role::PrimaryCare)),
        )
        .put(
            "managingOrganization",
            super::organization(
                life,
                life.providers.kind(crate::life::provider::OrganizationKind::Payer),
            ),
        )
}

fn identifiers(life: &Life) -> Vec<Obj> {
    let chart = typed_identifier(
        ("MR", "Medical record number"),
        CHART_SYSTEM,
        &life.member.member_number[..9],
    );
    crate::money::member_identifiers(life).into_iter().chain([chart]).collect()
}

fn race_and_ethnicity(person: &Person) -> Vec<Obj> {
    const CDC: &str = "urn:oid:2.16.840.1.113883.6.238";
    let part = |url: &str, (code, display): (&str, &str)| {
        extension(url, "valueCoding", coding(CDC, code, display))
    };
    let (race, ethnicity) = (person.heritage.race, person.heritage.ethnicity);
    let races: Arr = [
        Some(part("ombCategory", race)),
        person.heritage.detailed.map(|it| part("detailed", it)),
        Some(extension("text", "valueString", race.1)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let ethnicities: Arr =
        [part("ombCategory", ethnicity), extension("text", "valueString", ethnicity.1)]
            .into_iter()
            .collect();
    let birth_sex = if person.sex == Sex::Female { "F" } else { "M" };
    vec![
        Obj::new().put("extension", races).put("url", format!("{US_CORE}us-core-race")),
        Obj::new().put("extension", ethnicities).put("url", format!("{US_CORE}us-core-ethnicity")),
        extension(&format!("{US_CORE}us-core-birthsex"), "valueCode", birth_sex),
    ]
}

fn names(person: &Person) -> Vec<Obj> {
    let official = Obj::new()
        .put("use", "official")
        .put("text", person.full_name())
        .put("family", &person.family)
        .list("given", &person.given);
    let maiden = person.birth_family.as_ref().map(|family| {
        Obj::new().put("use", "maiden").put("family", family).list("given", &person.given)
    });
    [Some(official), maiden].into_iter().flatten().collect()
}

fn telecom(person: &Person) -> Vec<Obj> {
    let point = |system: &str, value: &str, of: &str| {
        Obj::new().put("system", system).put("value", value).put("use", of)
    };
    vec![point("phone", &person.phone, "mobile"), point("email", &person.email, "home")]
}

/// An address with the time of living there.
pub(crate) fn address(address: &Address) -> Obj {
    let period = match (address.from, address.until) {
        (None, None) => None,
        (None, Some(until)) => Some(Obj::new().text("end", until)),
        (Some(from), until) => Some(period(from, until)),
    };
    Obj::new()
        .put("use", if address.until.is_some() { "old" } else { "home" })
        .list("line", &address.lines)
        .put("city", address.city)
        .put("state", address.state)
        .put("postalCode", address.zip)
        .put("country", "US")
        .maybe("period", period)
}

fn languages(person: &Person) -> Vec<Obj> {
    let language = |code: &str, display: &str, preferred: bool| {
        let coding = coding("urn:ietf:bcp:47", code, display);
        let concept = Obj::new().one("coding", coding).put("text", display);
        Obj::new().put("language", concept).put("preferred", preferred)
    };
    let own = person.heritage.language.map(|(code, display)| language(code, display, false));
    [Some(language("en", "English", true)), own].into_iter().flatten().collect()
}

fn related(life: &Life, person: &Person, relationship: Obj) -> Obj {
    let profiles =
        [format!("{US_CORE}us-core-relatedperson"), format!("{CARIN}C4BB-RelatedPerson|2.1.0")];
    let profiles: Vec<&str> = profiles.iter().map(String::as_str).collect();
    let since = person.birth.max(Date::of(2008, 6, 14));
    let home = person.addresses.last().map(address);
    resource("RelatedPerson", &person.id, 1, Date::of(2019, 6, 3).at(10, 20), &profiles)
        .one(
            "identifier",
            typed_identifier(("MB", "Member Number"), MEMBER_SYSTEM, &person.member_number),
        )
        .put("active", true)
        .put("patient", reference("Patient", &life.member.id))
        .one("relationship", relationship)
        .list("name", names(person))
        .list("telecom", telecom(person))
        .put("gender", gender(person.sex))
        .text("birthDate", person.birth)
        .list("address", home)
        .put("period", period(since, None::<Date>))
}

/// A value that is known to be there but is not shown, or not known: the extension that says why.
pub(crate) fn absent(reason: &str) -> Obj {
    extension("http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode", reason)
}
