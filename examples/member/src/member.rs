//! A member's record: its size, its resources, its days.

use std::collections::BTreeMap;

use crate::date::{Date, TODAY};
use crate::fhir::home::Home;
use crate::life::build::{course, whole};
use crate::life::view::{Window, view};
use crate::life::{Life, provider::Providers};
use crate::{Resource, fhir, formulary, money};

/// The smallest record that can be asked for.
pub const FEWEST: usize = 300;
/// The largest record that can be asked for.
pub const MOST: usize = 400_000;
/// The last virtual day that there is.
pub const LAST_DAY: u32 = 730;

/// Asks for a member.
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    seed: u64,
    resources: usize,
}

/// What a virtual day brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A resource is new, or has changed.
    Put(Resource),
    /// A resource is there no more.
    Gone {
        /// Its type.
        kind: &'static str,
        /// Its id.
        id: String,
    },
}

/// One synthetic member with a whole record.
#[derive(Clone, Debug)]
pub struct Member {
    whole: Life,
    window: Window,
    home: Home,
}

impl Builder {
    /// The seed: another one is another member. 1 unless set.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many resources the record has, from [`FEWEST`] to [`MOST`]; what is asked beyond is taken as
    /// the nearest. 2,000 unless set. The record is exact to a resource where there is room for home
    /// measurements, which is always but for the smallest.
    pub fn resources(mut self, resources: usize) -> Self {
        self.resources = resources.clamp(FEWEST, MOST);
        self
    }

    /// Makes the member. The same seed and size always give the same.
    #[must_use]
    pub fn build(self) -> Member {
        let (life, _) = whole(self.seed);
        let full = TODAY.since(course::START);
        let count = |days: i32| core(&view(&life, window(days), TODAY)).len();
        // The widest window whose record still fits; the rest is measured at home.
        let (mut fits, mut core_count) = (0, None);
        let all = count(full);
        if all <= self.resources {
            (fits, core_count) = (full, Some(all));
        } else {
            let mut over = full;
            while over - fits > 3 {
                let middle = i32::midpoint(fits, over);
                let counted = count(middle);
                if counted <= self.resources {
                    (fits, core_count) = (middle, Some(counted));
                } else {
                    over = middle;
                }
            }
        }
        let core_count = core_count.unwrap_or_else(|| count(fits));
        let window = window(fits);
        let home = Home::new(&life, self.resources.saturating_sub(core_count));
        Member { whole: life, window, home }
    }
}

/// Everything of the last `days`, and what is essential of some more years.
fn window(days: i32) -> Window {
    let essential = (days * 3 + 420).min(TODAY.since(course::START));
    Window { since: TODAY.plus(-days), essential_since: TODAY.plus(-essential) }
}

/// The record without home measurements.
fn core(life: &Life) -> Vec<Resource> {
    let mut all = fhir::clinical(life);
    all.extend(money::resources(life));
    all.extend(formulary::resources(life));
    let providers = fhir::provider::referred(life, &all);
    all.extend(providers);
    all
}

impl Member {
    /// Asks for a member of a seed and a size.
    pub const fn builder() -> Builder {
        Builder { seed: 1, resources: 2_000 }
    }

    /// The facts behind the record as it stands on day 0.
    #[must_use]
    pub fn life(&self) -> Life {
        self.life_at(0)
    }

    /// The facts behind the record as it stands on a virtual day.
    #[must_use]
    pub fn life_at(&self, day: u32) -> Life {
        view(&self.whole, self.window, date(day))
    }

    /// Who gives care and who pays.
    #[must_use]
    pub const fn providers(&self) -> &Providers {
        &self.whole.providers
    }

    /// FHIR id of the Patient.
    #[must_use]
    pub fn patient_id(&self) -> &str {
        &self.whole.member.id
    }

    /// Every resource as of day 0, each id once, in a fixed order. Home measurements are made on the
    /// way, so that a large record is never whole in memory.
    pub fn resources(&self) -> impl Iterator<Item = Resource> + '_ {
        self.resources_at(0)
    }

    /// Every resource as of a virtual day (up to [`LAST_DAY`]): what the server would answer that day.
    pub fn resources_at(&self, day: u32) -> impl Iterator<Item = Resource> + '_ {
        core(&self.life_at(day)).into_iter().chain(self.home.until(date(day)))
    }

    /// What is new, changed or gone on a virtual day (1 to [`LAST_DAY`]) against the day before.
    #[must_use]
    pub fn day(&self, day: u32) -> Vec<Event> {
        if day == 0 || day > LAST_DAY {
            return Vec::new();
        }
        let key = |resource: &Resource| (resource.kind, resource.id.clone());
        let mut before: BTreeMap<_, _> = core(&self.life_at(day - 1))
            .into_iter()
            .map(|resource| (key(&resource), resource.json))
            .collect();
        let mut events = Vec::new();
        for resource in core(&self.life_at(day)) {
            if before.remove(&key(&resource)).as_ref() != Some(&resource.json) {
                events.push(Event::Put(resource));
            }
        }
        events.extend(before.into_keys().map(|(kind, id)| Event::Gone { kind, id }));
        events.extend(self.home.on(date(day)).into_iter().map(Event::Put));
        events
    }

    /// References whose targets are in no directory and shall be kept dangling: a practitioner who
    /// retired, a place that was closed, an order that was deleted. Each as `Type/id`; a small record
    /// may have none of them.
    #[must_use]
    pub fn intended_dangling() -> Vec<String> {
        vec![
            format!("Practitioner/{}", fhir::RETIRED),
            format!("Location/{}", fhir::CLOSED),
            format!("ServiceRequest/{}", fhir::PURGED),
        ]
    }
}

/// The date of a virtual day.
fn date(day: u32) -> Date {
    TODAY.plus(i32::try_from(day.min(LAST_DAY)).unwrap_or(0))
}
