//! The people and places of care. Names are invented; the same for every seed but for their numbers.

use crate::life::code::{Code, System};
use crate::life::id;
use crate::life::person::Sex::{self, Female, Male};
use crate::life::provider::{
    Organization, OrganizationIx, OrganizationKind as Kind, Practitioner, Providers, Role, npi,
};
use crate::rng::Rng;

/// Kind, name, street, city, ZIP, in network.
type Place = (Kind, &'static str, &'static str, &'static str, &'static str, bool);

static PLACES: &[Place] = &[
    (Kind::Payer, "Lakeshore Prairie Health Plan", "1 Plan Plaza", "Madison", "53703", true),
    (Kind::Clinic, "Cream City Family Medicine", "410 Burleigh Street", "Milwaukee", "53202", true),
    (Kind::Hospital, "St. Odile Medical Center", "2200 Hospital Drive", "Milwaukee", "53202", true),
    (Kind::SurgeryCenter, "Lakeside Surgery Center", "88 Harbor View", "Milwaukee", "53202", true),
    (Kind::Laboratory, "Badger Reference Laboratory", "7 Assay Court", "Waukesha", "53186", true),
    (Kind::Imaging, "Kettle Moraine Imaging", "19 Moraine Way", "Waukesha", "53186", true),
    (Kind::Pharmacy, "Third Ward Pharmacy", "301 Water Street", "Milwaukee", "53202", true),
    (Kind::MailPharmacy, "PrairieScripts Mail Order", "5000 Parcel Road", "Racine", "53403", true),
    (Kind::Dental, "Bluemound Dental Group", "77 Bluemound Road", "Wauwatosa", "53213", true),
    (Kind::Vision, "North Point Eye Care", "6 Lighthouse Lane", "Milwaukee", "53202", true),
    (Kind::Therapy, "Stride Physical Therapy", "520 Mill Race", "Wauwatosa", "53213", true),
    (
        Kind::Telehealth,
        "Clearwater Behavioral Health",
        "Suite 9, 12 Capitol Square",
        "Madison",
        "53703",
        true,
    ),
    (
        Kind::Employer,
        "Great Lakes Tool & Die Cooperative",
        "900 Foundry Row",
        "Milwaukee",
        "53202",
        true,
    ),
    (Kind::Exchange, "Wisconsin Health Data Bridge", "3 Exchange Street", "Madison", "53703", true),
    (Kind::Clinic, "Third Coast Dermatology", "640 Brady Street", "Milwaukee", "53202", false),
    (
        Kind::Clinic,
        "Great Lakes Anesthesia Partners",
        "88 Harbor View",
        "Milwaukee",
        "53202",
        false,
    ),
];

/// Role, given, family, suffix, sex, taxonomy code and name, place in `PLACES`, in network.
type Member = (
    Role,
    &'static [&'static str],
    &'static str,
    &'static str,
    Sex,
    &'static str,
    &'static str,
    usize,
    bool,
);

static STAFF: &[Member] = &[
    (
        Role::PrimaryCare,
        &["Rosalind", "Amara"],
        "Achterberg",
        "MD",
        Female,
        "207Q00000X",
        "Family Medicine Physician",
        1,
        true,
    ),
    (
        Role::NursePractitioner,
        &["Pa Chia"],
        "Moua",
        "NP",
        Female,
        "363LF0000X",
        "Family Nurse Practitioner",
        1,
        true,
    ),
    (
        Role::Endocrinology,
        &["Héctor"],
        "Villaseñor",
        "MD",
        Male,
        "207RE0101X",
        "Endocrinology, Diabetes & Metabolism Physician",
        2,
        true,
    ),
    (
        Role::Dietitian,
        &["Greta"],
        "Lindholm",
        "RD",
        Female,
        "133V00000X",
        "Registered Dietitian",
        1,
        true,
    ),
    (
        Role::Optometry,
        &["Samuel", "Ôn"],
        "Trương",
        "OD",
        Male,
        "152W00000X",
        "Optometrist",
        9,
        true,
    ),
    (Role::Dentistry, &["Priya"], "Raghunathan", "DDS", Female, "122300000X", "Dentist", 8, true),
    (
        Role::Orthopedics,
        &["Bartholomew"],
        "Kjeldsen",
        "MD",
        Male,
        "207X00000X",
        "Orthopaedic Surgery Physician",
        3,
        true,
    ),
    (
        Role::PhysicalTherapy,
        &["Imani"],
        "Osei",
        "DPT",
        Female,
        "225100000X",
        "Physical Therapist",
        10,
        true,
    ),
    (
        Role::Emergency,
        &["Lorcan"],
        "Devereux",
        "MD",
        Male,
        "207P00000X",
        "Emergency Medicine Physician",
        2,
        true,
    ),
    (
        Role::Hospitalist,
        &["Yuki"],
        "Hasegawa-Bloom",
        "MD",
        Female,
        "208M00000X",
        "Hospitalist Physician",
        2,
        true,
    ),
    (
        Role::Radiology,
        &["Ewa"],
        "Dąbrowska",
        "MD",
        Female,
        "2085R0202X",
        "Diagnostic Radiology Physician",
        5,
        true,
    ),
    (
        Role::Pathology,
        &["Cornelius"],
        "Abernathy",
        "MD",
        Male,
        "207ZP0102X",
        "Anatomic Pathology & Clinical Pathology Physician",
        4,
        true,
    ),
    (
        Role::Obstetrics,
        &["Fatoumata"],
        "Diallo",
        "MD",
        Female,
        "207V00000X",
        "Obstetrics & Gynecology Physician",
        2,
        true,
    ),
    (
        Role::Gastroenterology,
        &["Leopold"],
        "Zühlke",
        "MD",
        Male,
        "207RG0100X",
        "Gastroenterology Physician",
        2,
        true,
    ),
    (Role::Psychology, &["Noor"], "Haddad", "PhD", Female, "103T00000X", "Psychologist", 11, true),
    (Role::Podiatry, &["Wendell"], "Ostrander", "DPM", Male, "213E00000X", "Podiatrist", 1, true),
    (
        Role::Dermatology,
        &["Clémence"],
        "Beaulieu",
        "MD",
        Female,
        "207N00000X",
        "Dermatology Physician",
        14,
        false,
    ),
    (
        Role::Anesthesiology,
        &["Radomir"],
        "Ivančić",
        "MD",
        Male,
        "207L00000X",
        "Anesthesiology Physician",
        15,
        false,
    ),
    (
        Role::Pharmacist,
        &["Tabitha"],
        "Nwosu",
        "PharmD",
        Female,
        "183500000X",
        "Pharmacist",
        6,
        true,
    ),
];

/// Latitude and longitude of a city of the region.
fn position(city: &str) -> (&'static str, &'static str) {
    match city {
        "Madison" => ("43.0731", "-89.4012"),
        "Waukesha" => ("43.0117", "-88.2315"),
        "Racine" => ("42.7261", "-87.7829"),
        "Wauwatosa" => ("43.0495", "-88.0076"),
        _ => ("43.0389", "-87.9065"),
    }
}

/// Everyone who can appear in the record of a seed.
pub(super) fn providers(seed: u64) -> Providers {
    let mut rng = Rng::named(seed, "providers");
    let mut number = |base: i64| {
        let nine = base + rng.between(0, 9_999_999);
        npi(u32::try_from(nine).unwrap_or(100_000_000))
    };
    let organizations = (0_u64..)
        .zip(PLACES)
        .map(|(n, &(kind, name, street, city, zip, in_network))| Organization {
            id: id(seed, "organization", n),
            location_id: id(seed, "location", n),
            kind,
            name,
            npi: (!matches!(kind, Kind::Employer | Kind::Exchange)).then(|| number(180_000_000)),
            tin: format!("98-{:07}", 1_000_000 + n * 4_177),
            street,
            city,
            state: "WI",
            zip,
            phone: format!("608-555-01{:02}", 10 + n),
            position: position(city),
            in_network,
        })
        .collect();
    let practitioners = (0_u64..)
        .zip(STAFF)
        .map(|(n, member)| {
            let &(role, given, family, suffix, sex, taxonomy, specialty, place, in_network) =
                member;
            Practitioner {
                id: id(seed, "practitioner", n),
                role_id: id(seed, "role", n),
                npi: number(140_000_000),
                family,
                given: given.to_vec(),
                suffix,
                sex,
                role,
                specialty: Code::new(System::Nucc, taxonomy, specialty),
                organization: OrganizationIx(place),
                in_network,
            }
        })
        .collect();
    Providers { practitioners, organizations }
}
