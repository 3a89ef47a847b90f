//! The family: names, homes, numbers.

use crate::date::Date;
use crate::life::id;
use crate::life::person::{Address, Heritage, Person, Sex};
use crate::rng::Rng;

static HERITAGES: &[Heritage] = &[
    Heritage {
        families: &["Vang", "Xiong", "Yang", "Thao", "Lor"],
        women: &["Mai", "Pa Houa", "Yer", "Kao Nou", "Paj Ntaub"],
        men: &["Tou", "Kou", "Cheng", "Tou Ger", "Pao"],
        race: ("2028-9", "Asian"),
        detailed: Some(("2037-0", "Hmong")),
        ethnicity: ("2186-5", "Not Hispanic or Latino"),
        language: Some(("hmn", "Hmong")),
    },
    Heritage {
        families: &["Núñez", "Peña Ibarra", "García", "Muñoz", "Jiménez"],
        women: &["María José", "Lucía", "Belén", "Ángela", "Inés"],
        men: &["José", "Martín", "Ángel", "Andrés", "Raúl"],
        race: ("2106-3", "White"),
        detailed: None,
        ethnicity: ("2135-2", "Hispanic or Latino"),
        language: Some(("es", "Spanish")),
    },
    Heritage {
        families: &["Nguyễn", "Trần", "Đặng", "Phạm", "Lê"],
        women: &["Thị Hương", "Ngọc Lan", "Thảo", "Bích Thủy"],
        men: &["Văn Dũng", "Minh Đức", "Quốc", "Hữu Phước"],
        race: ("2028-9", "Asian"),
        detailed: Some(("2047-9", "Vietnamese")),
        ethnicity: ("2186-5", "Not Hispanic or Latino"),
        language: Some(("vi", "Vietnamese")),
    },
    Heritage {
        families: &["Bjørnstad", "Kowalczyk", "O’Rourke", "Lindqvist", "Müller"],
        women: &["Siobhán", "Annika", "Zoë", "Renée", "Margaret"],
        men: &["Søren", "Łukasz", "Declan", "Jürgen", "Thomas"],
        race: ("2106-3", "White"),
        detailed: None,
        ethnicity: ("2186-5", "Not Hispanic or Latino"),
        language: None,
    },
    Heritage {
        families: &["Washington", "Baptiste", "Okonkwo", "Freeman", "Booker"],
        women: &["Denise", "Aaliyah", "Chloé", "Monique", "Ngozi"],
        men: &["Marcus", "Terrence", "André", "Emeka", "Isaiah"],
        race: ("2054-5", "Black or African American"),
        detailed: None,
        ethnicity: ("2186-5", "Not Hispanic or Latino"),
        language: None,
    },
];

static STREETS: &[&str] = &[
    "Prairie Clover Lane",
    "Wheatgrass Avenue",
    "Old Mill Road",
    "Juneberry Street",
    "Heron Court",
];

/// A city of the region with a ZIP code of it.
static CITIES: &[(&str, &str)] = &[
    ("Milwaukee", "53202"),
    ("Wauwatosa", "53213"),
    ("Madison", "53703"),
    ("Waukesha", "53186"),
    ("Racine", "53403"),
];

/// The family of a seed: member, spouse, child, and whether the spouse holds the contract.
pub(super) fn family(seed: u64) -> (Person, Person, Person, bool) {
    let mut rng = Rng::named(seed, "people");
    let sex = if rng.chance(60) { Sex::Female } else { Sex::Male };
    let heritage = rng.pick(HERITAGES);
    let spouse_heritage = if rng.chance(70) { heritage } else { rng.pick(HERITAGES) };
    // A member who gave birth in 2012 or 2013 was 26 to 35 then.
    let year = match sex {
        Sex::Female => rng.between(1978, 1986),
        Sex::Male => rng.between(1967, 1982),
    };
    let birth = day_of_year(&mut rng, year);
    let spouse_year = year + rng.between(-4, 4);
    let spouse_birth = day_of_year(&mut rng, spouse_year);
    let child_birth = super::episodes::birth_of_child(seed);
    let contract = format!("{:03}{:06}", rng.between(100, 899), rng.between(0, 999_999));
    let subscribes = rng.chance(35);
    let homes = homes(&mut rng);
    let family = *rng.pick(heritage.families);
    let maiden = *rng.pick(spouse_heritage.families);
    let phone = |rng: &mut Rng| format!("414-555-01{:02}", rng.between(0, 99));
    let given = |rng: &mut Rng, from: &'static Heritage, sex: Sex| -> Vec<String> {
        let names = if sex == Sex::Female { from.women } else { from.men };
        let first = *rng.pick(names);
        let middle = *rng.pick(names);
        [first].into_iter().chain((middle != first).then_some(middle)).map(str::to_owned).collect()
    };
    let other = if sex == Sex::Female { Sex::Male } else { Sex::Female };
    let suffixes = if subscribes { ["02", "01", "03"] } else { ["01", "02", "03"] };
    let person = |rng: &mut Rng, n: u64, sex, birth, from, birth_family: Option<&str>| {
        let given = given(rng, from, sex);
        Person {
            id: id(seed, "person", n),
            family: family.to_owned(),
            birth_family: birth_family.map(str::to_owned),
            email: format!(
                "{}{}@example.org",
                ["member", "spouse", "child"][usize::from(n == 1) + 2 * usize::from(n == 2)],
                birth_mark(birth)
            ),
            given,
            sex,
            birth,
            addresses: homes.clone(),
            phone: phone(rng),
            heritage: from,
            member_number: format!(
                "{contract}-{}",
                suffixes[usize::from(n == 1) + 2 * usize::from(n == 2)]
            ),
        }
    };
    let maiden = Some(maiden).filter(|maiden| *maiden != family);
    let (mine, theirs) = if sex == Sex::Female { (maiden, None) } else { (None, maiden) };
    let member = person(&mut rng, 0, sex, birth, heritage, mine);
    let spouse = person(&mut rng, 1, other, spouse_birth, spouse_heritage, theirs);
    let child_sex = if rng.chance(50) { Sex::Female } else { Sex::Male };
    let child = person(&mut rng, 2, child_sex, child_birth, heritage, None);
    (member, spouse, child, subscribes)
}

fn birth_mark(birth: Date) -> String {
    let (year, month, _) = birth.ymd();
    format!("{:02}{month:02}", year % 100)
}

fn day_of_year(rng: &mut Rng, year: i64) -> Date {
    let year = i32::try_from(year).unwrap_or(1980);
    Date::of(year, 1, 1).plus(i32::try_from(rng.between(0, 364)).unwrap_or(0))
}

/// Three homes, the last one of today.
fn homes(rng: &mut Rng) -> Vec<Address> {
    let moves = [Date::of(2014, 8, 1), Date::of(2019, 5, 15)];
    (0..3_usize)
        .map(|n| {
            let (city, zip) = *rng.pick(CITIES);
            let mut lines = vec![format!("{} {}", rng.between(100, 9_899), rng.pick(STREETS))];
            if n == 0 {
                lines.push(format!("Apt {}", rng.between(1, 48)));
            }
            Address {
                lines,
                city,
                state: "WI",
                zip,
                from: n.checked_sub(1).map(|n| moves[n]),
                until: moves.get(n).map(|day| day.plus(-1)),
            }
        })
        .collect()
}
