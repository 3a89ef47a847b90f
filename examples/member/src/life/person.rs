//! People: the member and the family. Names are invented; no real person is meant.

use crate::date::Date;

/// Administrative gender and birth sex of everyone here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// Where someone lived, in the order of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Street and number, then the flat.
    pub lines: Vec<String>,
    /// City.
    pub city: &'static str,
    /// Two letters.
    pub state: &'static str,
    /// ZIP code.
    pub zip: &'static str,
    /// First day there; `None` if unknown.
    pub from: Option<Date>,
    /// Last day there; `None` if it is the home of today.
    pub until: Option<Date>,
}

/// A person of the family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// FHIR id of the Patient or RelatedPerson.
    pub id: String,
    /// Family name.
    pub family: String,
    /// Family name before marriage.
    pub birth_family: Option<String>,
    /// Given names.
    pub given: Vec<String>,
    /// Sex.
    pub sex: Sex,
    /// Day of birth.
    pub birth: Date,
    /// Homes, oldest first; not empty.
    pub addresses: Vec<Address>,
    /// Telephone, of the range kept for fiction (555-01xx).
    pub phone: String,
    /// E-mail at example.com/org/net.
    pub email: String,
    /// Heritage: names, race and ethnicity, language.
    pub heritage: &'static Heritage,
    /// Member number on the card; the two digits after the dash tell the person.
    pub member_number: String,
}

/// Where a family comes from, as far as a health record asks.
#[derive(Debug, PartialEq, Eq)]
pub struct Heritage {
    /// Family names.
    pub families: &'static [&'static str],
    /// Given names of women.
    pub women: &'static [&'static str],
    /// Given names of men.
    pub men: &'static [&'static str],
    /// OMB race category: code and display.
    pub race: (&'static str, &'static str),
    /// Detailed race, if it is given: code and display.
    pub detailed: Option<(&'static str, &'static str)>,
    /// OMB ethnicity: code and display.
    pub ethnicity: (&'static str, &'static str),
    /// BCP 47 language besides English, if any: code and display.
    pub language: Option<(&'static str, &'static str)>,
}

impl Person {
    /// Given and family names.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.given.join(" "), self.family)
    }

    /// The first given name.
    #[must_use]
    pub fn first_name(&self) -> &str {
        self.given.first().map_or("", String::as_str)
    }

    /// "Ms." or "Mr." and the family name.
    #[must_use]
    pub fn addressed(&self) -> String {
        format!("{} {}", if self.sex == Sex::Female { "Ms." } else { "Mr." }, self.family)
    }
}
