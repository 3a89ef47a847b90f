//! Prices: what the plan allows for a service, what a provider charges, which benefit applies and under
//! which revenue code a hospital bills it. Rough figures of the years around 2024, grown by two percent
//! a year; integers only.

use super::benefit::Service;
use super::cents::Cents;
use crate::life::code::{Act, Sort};
use crate::life::provider::Role;
use crate::life::visit::{Setting, Topic, Visit};
use crate::rng::Rng;

/// Allowed dollars of single codes, for a professional claim in 2024.
const ALLOWED: &[(&str, i64)] = &[
    ("99202", 78),
    ("99203", 118),
    ("99204", 176),
    ("99205", 232),
    ("99211", 25),
    ("99212", 59),
    ("99213", 96),
    ("99214", 136),
    ("99215", 192),
    ("99221", 88),
    ("99222", 138),
    ("99223", 203),
    ("99231", 52),
    ("99232", 83),
    ("99233", 125),
    ("99238", 85),
    ("99239", 122),
    ("99281", 15),
    ("99282", 44),
    ("99283", 75),
    ("99284", 128),
    ("99285", 187),
    ("99385", 132),
    ("99386", 152),
    ("99395", 138),
    ("99396", 148),
    ("99397", 159),
    ("90460", 24),
    ("90471", 22),
    ("90472", 15),
    ("90686", 22),
    ("90674", 34),
    ("90715", 38),
    ("90750", 184),
    ("91320", 142),
    ("90791", 188),
    ("90832", 82),
    ("90834", 108),
    ("90837", 160),
    ("90847", 112),
    ("92004", 156),
    ("92014", 132),
    ("92250", 44),
    ("93000", 18),
    ("94010", 30),
    ("94640", 12),
    ("96127", 6),
    ("97110", 34),
    ("97112", 38),
    ("97140", 32),
    ("97161", 108),
    ("97530", 41),
    ("97802", 38),
    ("97803", 33),
    ("98960", 30),
    ("99406", 16),
    ("11721", 46),
    ("17000", 70),
    ("11102", 112),
    ("20610", 68),
    ("27447", 1_480),
    ("29881", 620),
    ("29888", 1_120),
    ("45378", 380),
    ("45380", 460),
    ("45385", 530),
    ("59400", 2_480),
    ("59409", 1_020),
    ("59410", 1_240),
    ("59510", 2_760),
    ("76805", 152),
    ("76811", 205),
    ("77063", 58),
    ("77067", 142),
    ("71045", 26),
    ("71046", 34),
    ("73562", 38),
    ("73721", 248),
    ("73560", 30),
    ("74177", 335),
    ("70450", 118),
    ("72148", 226),
    ("80053", 14),
    ("80061", 18),
    ("83036", 13),
    ("85025", 10),
    ("84443", 22),
    ("82043", 8),
    ("82570", 7),
    ("81001", 5),
    ("87804", 20),
    ("87635", 51),
    ("G0108", 58),
    ("G0109", 17),
    ("E0114", 46),
    ("L1833", 540),
    ("0502F", 0),
    ("0503F", 0),
    ("88305", 68),
    ("36415", 3),
    ("92015", 35),
    ("V2020", 90),
    ("V2103", 70),
    ("01400", 320),
    ("00812", 290),
    ("96360", 36),
    ("96365", 72),
    ("95249", 58),
    ("95251", 36),
    ("G0247", 32),
    ("73610", 32),
    ("76801", 118),
    ("59025", 48),
    ("90656", 20),
    ("91300", 0),
    ("90480", 42),
    ("90677", 245),
    ("85027", 8),
    ("86140", 7),
    ("84484", 18),
    ("87040", 14),
    ("82950", 6),
    ("E2103", 248),
    ("A4239", 260),
];

/// Allowed dollars of dental codes in 2024.
const DENTAL: &[(&str, i64)] = &[
    ("D0120", 38),
    ("D0140", 56),
    ("D0150", 66),
    ("D0210", 108),
    ("D0220", 22),
    ("D0274", 48),
    ("D0330", 88),
    ("D1110", 78),
    ("D1206", 34),
    ("D1354", 32),
    ("D2140", 108),
    ("D2150", 136),
    ("D2391", 138),
    ("D2392", 172),
    ("D2393", 208),
    ("D2330", 118),
    ("D2331", 146),
    ("D2740", 940),
    ("D2950", 198),
    ("D3310", 640),
    ("D3320", 745),
    ("D3330", 910),
    ("D4341", 196),
    ("D4910", 112),
    ("D7140", 138),
    ("D7210", 236),
    ("D7240", 388),
    ("D9110", 92),
    ("D9230", 48),
    ("D6010", 1_780),
];

/// What the plan allows for a unit of a service in a year.
pub(super) fn allowed(act: &Act, year: i32) -> Cents {
    let code = act.billing.code;
    let listed = ALLOWED.iter().chain(DENTAL).find(|(listed, _)| *listed == code);
    let dollars = listed.map_or_else(|| usual(act), |(_, dollars)| *dollars);
    grown(Cents::dollars(dollars), year)
}

/// What the plan allows for a laboratory panel, by its CPT code.
pub(super) fn allowed_panel(cpt: &str, year: i32) -> Cents {
    let dollars = ALLOWED.iter().find(|(code, _)| *code == cpt).map_or(24, |(_, dollars)| *dollars);
    grown(Cents::dollars(dollars), year)
}

/// A usual amount for a sort of service.
const fn usual(act: &Act) -> i64 {
    match act.sort {
        Sort::Visit => 110,
        Sort::Surgery => 410,
        Sort::Anesthesia => 365,
        Sort::Imaging => 140,
        Sort::Laboratory => 24,
        Sort::Therapy => 36,
        Sort::Counselling => 48,
        Sort::Vaccine => 46,
        Sort::Dental => 120,
        Sort::Vision => 105,
        Sort::Test => 32,
        Sort::Supply => 64,
        Sort::Stay => 190,
    }
}

/// A price of 2024 in another year: two percent a year.
pub(super) fn grown(price: Cents, year: i32) -> Cents {
    price.percent((100 + 2 * i64::from(year - 2024)).max(50))
}

/// What a provider charges for what the plan allows: everyone has a factor of their own.
pub(super) fn charge(allowed: Cents, rng: &mut Rng, factor: i64) -> Cents {
    let charge = allowed.percent(factor + rng.between(-8, 8));
    // Providers charge whole dollars or quarters.
    Cents((charge.0 + 24) / 25 * 25).max(allowed)
}

/// How many times the allowed amount a facility bills and gets for a service.
pub(super) const fn facility_percent(act: &Act) -> i64 {
    match act.sort {
        Sort::Surgery => 420,
        Sort::Imaging => 230,
        Sort::Visit => 310,
        Sort::Test | Sort::Therapy => 150,
        _ => 120,
    }
}

/// Revenue code (NUBC) under which a hospital bills a service.
pub(super) fn revenue(act: &Act, setting: Setting) -> &'static str {
    match act.sort {
        Sort::Visit if setting == Setting::Emergency => "0450",
        Sort::Visit => "0510",
        Sort::Surgery if act.billing.code.starts_with("59") => "0722",
        Sort::Surgery if act.billing.code.starts_with("45") => "0750",
        Sort::Surgery => "0360",
        Sort::Anesthesia => "0370",
        Sort::Imaging if advanced(act) && act.text.contains("CT") => "0352",
        Sort::Imaging if advanced(act) => "0611",
        Sort::Imaging if act.billing.code.starts_with("768") => "0402",
        Sort::Imaging => "0320",
        Sort::Laboratory => "0300",
        Sort::Therapy => "0420",
        Sort::Vaccine => "0771",
        Sort::Test => "0730",
        Sort::Supply => "0270",
        Sort::Stay => "0120",
        Sort::Counselling | Sort::Dental | Sort::Vision => "0500",
    }
}

/// Whether imaging is CT, MRI or PET.
fn advanced(act: &Act) -> bool {
    let display = act.billing.display.to_ascii_lowercase();
    ["magnetic", "mri", "tomography", "ct ", "pet"].iter().any(|word| display.contains(word))
        && !display.contains("tomosynthesis")
        && !display.contains("breast")
}

/// Whether a code is preventive care by itself.
fn preventive(act: &Act) -> bool {
    act.sort == Sort::Vaccine
        || ["9938", "9939", "77067", "77063", "G0108", "G0109", "9780", "96127", "99406"]
            .iter()
            .any(|start| act.billing.code.starts_with(start))
}

/// Which benefit applies to a service of a visit done by someone of `role`.
pub(super) fn service(act: &Act, visit: &Visit, role: Role) -> Service {
    if preventive(act)
        || matches!(visit.topic, Topic::Annual | Topic::Screening | Topic::Vaccination)
    {
        return Service::Preventive;
    }
    match (act.sort, visit.setting) {
        (Sort::Supply, _) => Service::Equipment,
        (Sort::Vision, _) | (Sort::Visit, Setting::Vision) => Service::Vision,
        (_, Setting::Inpatient) => Service::Inpatient,
        (_, Setting::Emergency) => Service::Emergency,
        (Sort::Visit, Setting::UrgentCare) => Service::Urgent,
        (Sort::Visit | Sort::Counselling, _) => match role {
            Role::PrimaryCare | Role::NursePractitioner => Service::Primary,
            Role::Psychology => Service::MentalHealth,
            Role::Dietitian => Service::Preventive,
            _ => Service::Specialist,
        },
        (Sort::Therapy, _) => Service::Therapy,
        (Sort::Imaging, _) if advanced(act) => Service::AdvancedImaging,
        (Sort::Imaging | Sort::Laboratory | Sort::Test, _) => Service::Diagnostic,
        (Sort::Surgery | Sort::Anesthesia, _) => Service::OutpatientSurgery,
        (Sort::Stay, _) => Service::Inpatient,
        (Sort::Vaccine, _) => Service::Preventive,
        (Sort::Dental, _) => dental(act.billing.code),
    }
}

/// Which dental benefit applies to a CDT code.
pub(super) fn dental(code: &str) -> Service {
    match code.get(..2) {
        Some("D0" | "D1") => Service::DentalPreventive,
        Some("D6" | "D5") => Service::DentalMajor,
        _ if code.starts_with("D27") || code == "D2950" => Service::DentalMajor,
        _ => Service::DentalBasic,
    }
}
