//! Generated members and their virtual days: what is served of them on a day, and how one day becomes
//! another. Owns no clock; the state's clock is moved along.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chartkeep_member::{Event, LAST_DAY, Member};

use crate::SandboxError;
use crate::clock::Millis;
use crate::data::Store;
use crate::state::State;

/// Seed and size of the member that is served when no other data is given.
pub(crate) const DEFAULT: (u64, usize) = (1, 2_000);
/// Seed and size of a second member, so that there is always another person's data to be refused.
const OTHER: (u64, usize) = (6, 300);
/// The second member where the first has that seed already.
const SUBSTITUTE: (u64, usize) = (1, 300);

const DAY: Duration = Duration::from_hours(24);

/// The generated members of a sandbox, all on the same virtual day.
pub(crate) struct Days {
    members: Vec<Member>,
    first: u32,
    now: u32,
}

impl Days {
    /// Members by seed and size, as of a day.
    pub(crate) fn new(members: &[(u64, usize)], day: u32) -> Result<Self, SandboxError> {
        if day > LAST_DAY {
            return Err(SandboxError::Day { asked: day, now: 0, last: LAST_DAY });
        }
        let members = members.iter().map(|&(seed, resources)| member(seed, resources)).collect();
        Ok(Self { members, first: day, now: day })
    }

    /// The virtual day; `None` where no member was generated.
    pub(crate) fn today(&self) -> Option<u32> {
        (!self.members.is_empty()).then_some(self.now)
    }

    /// Everything of the first day.
    pub(crate) fn load(&self, store: &mut Store, at: Millis) -> Result<(), SandboxError> {
        for member in &self.members {
            for resource in member.resources_at(self.first) {
                put(store, &resource.json, at)?;
            }
        }
        Ok(())
    }
}

/// Who is served beside this first member.
pub(crate) fn beside(seed: u64) -> (u64, usize) {
    if seed == OTHER.0 { SUBSTITUTE } else { OTHER }
}

/// Goes on to a virtual day, one day after the other. The clock moves 24 hours with each, and what a day
/// brings counts as changed then.
pub(crate) fn advance(state: &mut State, day: u32) -> Result<(), SandboxError> {
    let State { days, store, clock, .. } = state;
    if days.members.is_empty() {
        return Err(SandboxError::NoDays);
    }
    if day < days.now || day > LAST_DAY {
        return Err(SandboxError::Day { asked: day, now: days.now, last: LAST_DAY });
    }
    while days.now < day {
        days.now += 1;
        clock.advance(DAY);
        let now = clock.now();
        for member in &days.members {
            for event in member.day(days.now) {
                match event {
                    Event::Put(resource) => put(store, &resource.json, now)?,
                    Event::Gone { kind, id } => {
                        store.remove(kind, &id);
                    }
                }
            }
        }
    }
    Ok(())
}

fn put(store: &mut Store, json: &str, at: Millis) -> Result<(), SandboxError> {
    let wrong = |reason| SandboxError::Data {
        source_name: "a generated member".to_owned(),
        line: 1,
        reason,
    };
    store.put(json, at).map(drop).map_err(wrong)
}

/// A member, made once in a process: finding the years that fill its size takes longest. What is kept are
/// the facts of the life, not the record.
fn member(seed: u64, resources: usize) -> Member {
    static MADE: Mutex<Option<HashMap<(u64, usize), Member>>> = Mutex::new(None);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.get_or_insert_default()
        .entry((seed, resources))
        .or_insert_with(|| Member::builder().seed(seed).resources(resources).build())
        .clone()
}
