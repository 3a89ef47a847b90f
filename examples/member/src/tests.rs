use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::life::lab::Found;
use crate::{Event, Member, Resource};

/// FNV-1a of the NDJSON of seed 1 at 300 resources. It changes with [`crate::VERSION`], or never.
const PINNED: u64 = 0x6bf5_4176_549a_72a9;

fn member(seed: u64, resources: usize) -> Member {
    Member::builder().seed(seed).resources(resources).build()
}

fn hash(resources: impl Iterator<Item = Resource>) -> u64 {
    resources.fold(0xcbf2_9ce4_8422_2325, |hash, resource| {
        resource
            .json
            .bytes()
            .chain([b'\n'])
            .fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
    })
}

/// Every reference of a value, without the version.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(target) if name == "reference" && !target.starts_with('#') => {
                        let target = target.split("/_history/").next().unwrap_or(target);
                        found.insert(target.to_owned());
                    }
                    value => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// Checks that ids are valid and unique, lines are lines, and nothing dangles but what shall; gives what
/// dangles.
fn sound(resources: impl Iterator<Item = Resource>) -> BTreeSet<String> {
    let (mut known, mut wanted) = (BTreeSet::new(), BTreeSet::new());
    for resource in resources {
        assert!(!resource.json.contains('\n'), "{} {} is one line", resource.kind, resource.id);
        let value: Value = serde_json::from_str(&resource.json).expect("a line parses");
        assert_eq!(value["resourceType"], resource.kind);
        assert_eq!(value["id"], resource.id.as_str());
        let valid = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        assert!(
            (1..=64).contains(&resource.id.len()) && resource.id.chars().all(valid),
            "{} is no id",
            resource.id
        );
        let key = format!("{}/{}", resource.kind, resource.id);
        assert!(known.insert(key.clone()), "{key} is there twice");
        references(&value, &mut wanted);
    }
    let dangling: BTreeSet<String> = wanted.difference(&known).cloned().collect();
    let intended: BTreeSet<String> = Member::intended_dangling().into_iter().collect();
    assert!(dangling.is_subset(&intended), "{:?}", dangling.difference(&intended));
    dangling
}

#[test]
fn a_seed_gives_the_same_bytes() {
    let first = hash(member(1, 300).resources());
    assert_eq!(first, hash(member(1, 300).resources()));
    assert_ne!(first, hash(member(2, 300).resources()));
    assert_eq!(first, PINNED, "the bytes changed: raise VERSION, pin {first:#018x}");
}

#[test]
fn the_size_is_the_size_that_was_asked() {
    for seed in [1, 2, 3] {
        for asked in [300, 2_000, 22_782] {
            assert_eq!(member(seed, asked).resources().count(), asked, "seed {seed}");
        }
    }
}

#[test]
fn nothing_dangles_but_what_shall() {
    for seed in 1..=6 {
        sound(member(seed, 300).resources());
        sound(member(seed, 2_000).resources());
    }
    let dangling = sound(member(1, 22_782).resources());
    assert_eq!(dangling.len(), Member::intended_dangling().len(), "{dangling:?}");
    sound(member(1, 2_000).resources_at(400));
}

#[test]
fn sizes_share_one_life() {
    let large: BTreeMap<String, String> = member(5, 22_782)
        .resources()
        .map(|it| (format!("{}/{}", it.kind, it.id), it.json))
        .collect();
    let small = member(5, 2_000);
    let shared =
        ["Patient", "Condition", "Encounter", "MedicationDispense", "Immunization", "Procedure"];
    for resource in small.resources().filter(|it| shared.contains(&it.kind)) {
        let same = large.get(&format!("{}/{}", resource.kind, resource.id));
        assert!(same.is_some(), "{} {} is of another life", resource.kind, resource.id);
    }
}

#[test]
fn fills_follow_their_days_supply() {
    for seed in 1..=8 {
        let life = member(seed, 22_782).life();
        let mut last = BTreeMap::new();
        let mut late = 0;
        for fill in &life.fills {
            let prescription = life.prescription(fill).expect("a fill has its prescription");
            assert!(fill.when >= prescription.authored, "filled before it was written");
            assert!(fill.when.date <= prescription.end, "filled after its end");
            assert!(prescription.stopped.is_none_or(|(day, _)| fill.when.date <= day));
            assert!(fill.number <= prescription.refills, "more refills than allowed");
            let key = (prescription.drug.rxnorm.code, fill.days_supply);
            if let Some(before) = last.insert(key, fill)
                && prescription.days_supply >= 28
                && fill.late < 60
            {
                let gap = fill.when.date.since(before.when.date) - before.days_supply;
                assert!(gap >= -5, "{} filled {gap} days early", prescription.drug.name);
                assert!(gap <= 19, "{} filled {gap} days late", prescription.drug.name);
                assert_eq!(fill.late, gap.max(0));
                late += u32::from(gap > 3);
            }
        }
        assert!(late > 0, "someone is late now and then");
    }
}

#[test]
fn the_a1c_follows_treatment() {
    for seed in 1..=8 {
        let life = member(seed, 22_782).life();
        let value = |from: i32, to: i32| -> i64 {
            let values: Vec<i64> = life
                .panels
                .iter()
                .filter(|panel| (from..to).contains(&panel.collected.date.year()))
                .flat_map(|panel| &panel.results)
                .filter(|result| result.analyte.loinc == "4548-4")
                .filter_map(|result| match result.found {
                    Found::Amount(amount, ..) => Some(amount.units),
                    _ => None,
                })
                .collect();
            values.iter().sum::<i64>() / i64::try_from(values.len()).expect("few").max(1)
        };
        let (before, worst, now) = (value(2011, 2013), value(2021, 2022), value(2025, 2027));
        assert!(before < 65, "seed {seed}: {before} before diabetes");
        assert!(worst > 80, "seed {seed}: {worst} at the worst");
        assert!(now < 70, "seed {seed}: {now} under treatment of today");
    }
}

#[test]
fn days_add_up_to_the_truth_and_versions_only_grow() {
    let member = member(3, 2_000);
    let version = |json: &str| -> u32 {
        let value: Value = serde_json::from_str(json).expect("json");
        value["meta"]["versionId"].as_str().and_then(|it| it.parse().ok()).expect("a version")
    };
    let mut store: BTreeMap<(&str, String), String> =
        member.resources().map(|it| ((it.kind, it.id), it.json)).collect();
    let (mut gone, mut changed) = (0, 0);
    for day in 1..=60 {
        for event in member.day(day) {
            match event {
                Event::Put(it) => {
                    let put = it.json.clone();
                    if let Some(before) = store.insert((it.kind, it.id.clone()), it.json) {
                        changed += 1;
                        assert!(
                            version(&put) > version(&before),
                            "{} {} on day {day}",
                            it.kind,
                            it.id
                        );
                    }
                }
                Event::Gone { kind, id } => {
                    gone += 1;
                    assert!(store.remove(&(kind, id)).is_some(), "what is gone was there");
                }
            }
        }
    }
    let truth: BTreeMap<(&str, String), String> =
        member.resources_at(60).map(|it| ((it.kind, it.id), it.json)).collect();
    assert!(store == truth, "sixty days of events give the record of day sixty");
    assert!(gone > 0 && changed > 0);
}
