//! A C-CDA document: US Realm header and a structured body of narrative sections. Sections claim the
//! templates whose entries are optional, for they carry none.

use super::parts::escape;
use crate::life::Life;
use crate::life::person::Sex;
use crate::life::provider::Organization;
use crate::life::record::Document;

const LOINC: &str = "codeSystem=\"2.16.840.1.113883.6.1\" codeSystemName=\"LOINC\"";

/// Section heading, template and LOINC code with its name.
static SECTIONS: [(&str, &str, &str, &str); 6] = [
    (
        "Allergies",
        "2.16.840.1.113883.10.20.22.2.6",
        "48765-2",
        "Allergies and adverse reactions Document",
    ),
    (
        "Medications",
        "2.16.840.1.113883.10.20.22.2.1",
        "10160-0",
        "History of Medication use Narrative",
    ),
    ("Problems", "2.16.840.1.113883.10.20.22.2.5", "11450-4", "Problem list - Reported"),
    (
        "Results",
        "2.16.840.1.113883.10.20.22.2.3",
        "30954-2",
        "Relevant diagnostic tests/laboratory data Narrative",
    ),
    ("Hospital course", "1.3.6.1.4.1.19376.1.5.3.1.3.5", "8648-8", "Hospital course Narrative"),
    (
        "Medications at discharge",
        "2.16.840.1.113883.10.20.22.2.11",
        "10183-2",
        "Hospital discharge medications Narrative",
    ),
];

/// The document as XML.
pub(super) fn write(life: &Life, document: &Document) -> String {
    let place = life.providers.organization(document.organization);
    let author = life.providers.practitioner(document.author);
    let time = document.when.compact();
    let sections: String =
        document.sections.iter().map(|(heading, text)| section(heading, text)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:sdtc=\"urn:hl7-org:sdtc\">\n\
<realmCode code=\"US\"/>\n\
<typeId root=\"2.16.840.1.113883.1.3\" extension=\"POCD_HD000040\"/>\n\
<templateId root=\"2.16.840.1.113883.10.20.22.1.1\" extension=\"2015-08-01\"/>\n\
<id root=\"{id}\"/>\n\
<code code=\"{code}\" {LOINC} displayName=\"{kind}\"/>\n\
<title>{title}</title>\n\
<effectiveTime value=\"{time}\"/>\n\
<confidentialityCode code=\"N\" codeSystem=\"2.16.840.1.113883.5.25\"/>\n\
<languageCode code=\"en-US\"/>\n\
{target}\
<author><time value=\"{time}\"/><assignedAuthor><id root=\"2.16.840.1.113883.4.6\" extension=\"{npi}\"/>{address}{phone}<assignedPerson><name>{given}<family>{family}</family><suffix>{suffix}</suffix></name></assignedPerson></assignedAuthor></author>\n\
<custodian><assignedCustodian><representedCustodianOrganization><id root=\"2.16.840.1.113883.4.6\" extension=\"{place_npi}\"/><name>{place_name}</name>{phone}{address}</representedCustodianOrganization></assignedCustodian></custodian>\n\
<component><structuredBody>\n{sections}</structuredBody></component>\n\
</ClinicalDocument>\n",
        id = document.id.to_uppercase(),
        code = document.kind.code,
        kind = escape(document.kind.display),
        title = escape(&document.title),
        target = record_target(life),
        npi = author.npi,
        given = given(author.given.iter().copied()),
        family = escape(author.family),
        suffix = author.suffix,
        place_npi = place.npi.as_deref().unwrap_or(""),
        place_name = escape(place.name),
        address = address(place),
        phone = telecom(&place.phone, "WP"),
    )
}

fn given<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("<given>{}</given>", escape(name))).collect()
}

fn telecom(phone: &str, of: &str) -> String {
    format!("<telecom use=\"{of}\" value=\"tel:+1-{phone}\"/>")
}

fn address(place: &Organization) -> String {
    format!(
        "<addr use=\"WP\"><streetAddressLine>{}</streetAddressLine><city>{}</city><state>{}</state><postalCode>{}</postalCode><country>US</country></addr>",
        escape(place.street),
        place.city,
        place.state,
        place.zip
    )
}

fn record_target(life: &Life) -> String {
    let member = &life.member;
    let (gender, display) = if member.sex == Sex::Female { ("F", "Female") } else { ("M", "Male") };
    let home = member.addresses.last();
    let street: String = home
        .iter()
        .flat_map(|home| &home.lines)
        .map(|line| format!("<streetAddressLine>{}</streetAddressLine>", escape(line)))
        .collect();
    let (city, state, zip) = home.map_or(("", "", ""), |home| (home.city, home.state, home.zip));
    let (race, ethnicity) = (member.heritage.race, member.heritage.ethnicity);
    format!(
        "<recordTarget><patientRole><id root=\"2.16.840.1.113883.19.5.99999\" extension=\"{number}\"/><addr use=\"HP\">{street}<city>{city}</city><state>{state}</state><postalCode>{zip}</postalCode><country>US</country></addr>{phone}<patient><name use=\"L\">{given}<family>{family}</family></name><administrativeGenderCode code=\"{gender}\" codeSystem=\"2.16.840.1.113883.5.1\" displayName=\"{display}\"/><birthTime value=\"{birth}\"/><raceCode code=\"{}\" codeSystem=\"2.16.840.1.113883.6.238\" displayName=\"{}\"/><ethnicGroupCode code=\"{}\" codeSystem=\"2.16.840.1.113883.6.238\" displayName=\"{}\"/><languageCommunication><languageCode code=\"en\"/></languageCommunication></patient></patientRole></recordTarget>\n",
        race.0,
        race.1,
        ethnicity.0,
        ethnicity.1,
        number = member.member_number,
        phone = telecom(&member.phone, "MC"),
        given = given(member.given.iter().map(String::as_str)),
        family = escape(&member.family),
        birth = member.birth.compact(),
    )
}

fn section(heading: &str, text: &str) -> String {
    let known = SECTIONS.iter().find(|(name, ..)| *name == heading);
    let code = known.map_or_else(String::new, |(_, template, code, name)| {
        format!(
            "<templateId root=\"{template}\"/><code code=\"{code}\" {LOINC} displayName=\"{}\"/>",
            escape(name)
        )
    });
    let items: String = text
        .trim_end_matches('.')
        .split("; ")
        .map(|item| format!("<item>{}</item>", escape(item)))
        .collect();
    format!(
        "<component><section>{code}<title>{}</title><text><list>{items}</list></text></section></component>\n",
        escape(heading)
    )
}
