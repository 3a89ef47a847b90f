//! Who gives care and who pays: practitioners, organizations, places. Invented; NPIs have a right
//! check digit and are drawn from a range that begins with 1.

use super::code::Code;
use super::person::Sex;

/// Index into [`Providers::practitioners`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PractitionerIx(pub usize);

/// Index into [`Providers::organizations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OrganizationIx(pub usize);

/// What someone does in this member's care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Family physician.
    PrimaryCare,
    /// Nurse practitioner of the same clinic.
    NursePractitioner,
    /// Endocrinologist.
    Endocrinology,
    /// Diabetes educator and dietitian.
    Dietitian,
    /// Eye doctor.
    Optometry,
    /// Dentist.
    Dentistry,
    /// Orthopaedic surgeon.
    Orthopedics,
    /// Physical therapist.
    PhysicalTherapy,
    /// Emergency physician.
    Emergency,
    /// Hospitalist.
    Hospitalist,
    /// Radiologist.
    Radiology,
    /// Pathologist of the laboratory.
    Pathology,
    /// Obstetrician.
    Obstetrics,
    /// Gastroenterologist.
    Gastroenterology,
    /// Psychologist, by video.
    Psychology,
    /// Podiatrist.
    Podiatry,
    /// Dermatologist outside the network.
    Dermatology,
    /// Anaesthesiologist outside the network at a hospital inside of it.
    Anesthesiology,
    /// Pharmacist.
    Pharmacist,
}

/// A practitioner in one role at one organization.
#[derive(Clone, Debug)]
pub struct Practitioner {
    /// FHIR id of the Practitioner.
    pub id: String,
    /// FHIR id of the PractitionerRole.
    pub role_id: String,
    /// Ten digits with a right check digit.
    pub npi: String,
    /// Prefix, given and family name, suffix as printed: `Dr. Mai Yang Vue, MD`.
    pub family: &'static str,
    /// Given names.
    pub given: Vec<&'static str>,
    /// MD, DO, NP, DDS, ...
    pub suffix: &'static str,
    /// Sex.
    pub sex: Sex,
    /// What this practitioner does.
    pub role: Role,
    /// Taxonomy of the specialty.
    pub specialty: Code,
    /// Where.
    pub organization: OrganizationIx,
    /// Whether under contract with the plan.
    pub in_network: bool,
}

/// What an organization is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrganizationKind {
    /// The health plan.
    Payer,
    /// A clinic of physicians.
    Clinic,
    /// A hospital.
    Hospital,
    /// A surgery centre.
    SurgeryCenter,
    /// A laboratory.
    Laboratory,
    /// An imaging centre.
    Imaging,
    /// A pharmacy in the neighbourhood.
    Pharmacy,
    /// A pharmacy by mail.
    MailPharmacy,
    /// A dentist's practice.
    Dental,
    /// An eye doctor's practice.
    Vision,
    /// A practice of physical therapy.
    Therapy,
    /// A practice of psychologists by video.
    Telehealth,
    /// The member's employer, holder of the group contract.
    Employer,
    /// A health information exchange, where clinical data of others comes from.
    Exchange,
}

/// An organization with its one place.
#[derive(Clone, Debug)]
pub struct Organization {
    /// FHIR id of the Organization.
    pub id: String,
    /// FHIR id of the Location.
    pub location_id: String,
    /// What it is.
    pub kind: OrganizationKind,
    /// Name.
    pub name: &'static str,
    /// Ten digits with a right check digit; `None` for employer and exchange.
    pub npi: Option<String>,
    /// Tax id, `98-` and seven digits.
    pub tin: String,
    /// Street.
    pub street: &'static str,
    /// City.
    pub city: &'static str,
    /// Two letters.
    pub state: &'static str,
    /// ZIP code.
    pub zip: &'static str,
    /// Telephone of the range kept for fiction.
    pub phone: String,
    /// Latitude and longitude of the city, as text.
    pub position: (&'static str, &'static str),
    /// Whether under contract with the plan.
    pub in_network: bool,
}

/// Everyone who can appear in a record. The FHIR part writes only those that a resource refers to.
#[derive(Clone, Debug)]
pub struct Providers {
    /// Practitioners.
    pub practitioners: Vec<Practitioner>,
    /// Organizations.
    pub organizations: Vec<Organization>,
}

impl Providers {
    /// The practitioner of an index.
    #[must_use]
    pub fn practitioner(&self, index: PractitionerIx) -> &Practitioner {
        &self.practitioners[index.0]
    }

    /// The organization of an index.
    #[must_use]
    pub fn organization(&self, index: OrganizationIx) -> &Organization {
        &self.organizations[index.0]
    }

    /// The first practitioner of a role (there is one for each).
    #[must_use]
    pub fn of(&self, role: Role) -> PractitionerIx {
        PractitionerIx(self.practitioners.iter().position(|p| p.role == role).unwrap_or(0))
    }

    /// The first organization of a kind (there is one for each).
    #[must_use]
    pub fn kind(&self, kind: OrganizationKind) -> OrganizationIx {
        OrganizationIx(self.organizations.iter().position(|o| o.kind == kind).unwrap_or(0))
    }
}

impl Practitioner {
    /// `Mai Vue, MD`.
    #[must_use]
    pub fn printed(&self) -> String {
        format!("{} {}, {}", self.given.join(" "), self.family, self.suffix)
    }
}

/// Ten digits of an NPI: nine given ones and the check digit (Luhn over `80840` and the digits).
#[must_use]
pub fn npi(nine: u32) -> String {
    let digits = format!("80840{nine:09}");
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            let doubled = if place % 2 == 0 { digit * 2 } else { digit };
            doubled / 10 + doubled % 10
        })
        .sum();
    format!("{nine:09}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::npi;

    #[test]
    fn the_check_digit_is_the_published_example() {
        // The example of the NPI standard: 123456789 gets the check digit 3.
        assert_eq!(npi(123_456_789), "1234567893");
    }
}
