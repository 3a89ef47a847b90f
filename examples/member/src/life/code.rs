//! Codes of the record: which system, which code, how its owner calls it. Facts only.

/// A code system, by the name that FHIR gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum System {
    /// ICD-10-CM, diagnoses.
    Icd10Cm,
    /// ICD-10-PCS, procedures of a hospital stay.
    Icd10Pcs,
    /// SNOMED CT, United States edition.
    Snomed,
    /// LOINC, observations and documents.
    Loinc,
    /// RxNorm, clinical drugs.
    RxNorm,
    /// National Drug Code, 11 digits without dashes.
    Ndc,
    /// CPT, services of physicians.
    Cpt,
    /// HCPCS level II, supplies and services.
    Hcpcs,
    /// CDT, services of dentists.
    Cdt,
    /// CVX, vaccines.
    Cvx,
    /// Health Care Provider Taxonomy.
    Nucc,
}

impl System {
    /// The URI of the system in FHIR.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Icd10Cm => "http://hl7.org/fhir/sid/icd-10-cm",
            Self::Icd10Pcs => "http://www.cms.gov/Medicare/Coding/ICD10",
            Self::Snomed => "http://snomed.info/sct",
            Self::Loinc => "http://loinc.org",
            Self::RxNorm => "http://www.nlm.nih.gov/research/umls/rxnorm",
            Self::Ndc => "http://hl7.org/fhir/sid/ndc",
            Self::Cpt => "http://www.ama-assn.org/go/cpt",
            Self::Hcpcs => "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
            Self::Cdt => "http://www.ada.org/cdt",
            Self::Cvx => "http://hl7.org/fhir/sid/cvx",
            Self::Nucc => "http://nucc.org/provider-taxonomy",
        }
    }
}

/// A code with its display text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Whose code it is.
    pub system: System,
    /// The code.
    pub code: &'static str,
    /// The display text.
    pub display: &'static str,
}

impl Code {
    /// A code of `system`.
    #[must_use]
    pub const fn new(system: System, code: &'static str, display: &'static str) -> Self {
        Self { system, code, display }
    }
}

/// A diagnosis that can be made: both codings of one thing.
#[derive(Debug, PartialEq, Eq)]
pub struct Dx {
    /// ICD-10-CM code.
    pub icd10: &'static str,
    /// ICD-10-CM description.
    pub icd10_display: &'static str,
    /// SNOMED CT code and preferred term; `None` for reasons of contact that SNOMED CT has no
    /// disorder for.
    pub snomed: Option<(&'static str, &'static str)>,
    /// What a clinician would write.
    pub text: &'static str,
}

/// A service that can be performed, ordered and billed.
#[derive(Debug, PartialEq, Eq)]
pub struct Act {
    /// CPT, HCPCS or CDT: what is billed.
    pub billing: Code,
    /// SNOMED CT code and term, if one says the same.
    pub snomed: Option<(&'static str, &'static str)>,
    /// What a clinician would write.
    pub text: &'static str,
    /// What sort of service it is.
    pub sort: Sort,
}

/// The sort of a service: decides about order category, claim line and price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Evaluation and management: the visit itself.
    Visit,
    /// An operation or another invasive service.
    Surgery,
    /// Anaesthesia.
    Anesthesia,
    /// Imaging.
    Imaging,
    /// Laboratory and pathology.
    Laboratory,
    /// Physical therapy.
    Therapy,
    /// Counselling, psychotherapy, education.
    Counselling,
    /// Giving a vaccine (the service, or the product).
    Vaccine,
    /// Teeth.
    Dental,
    /// Eyes, glasses.
    Vision,
    /// Other tests at the visit (ECG, spirometry).
    Test,
    /// Supplies and equipment.
    Supply,
    /// A hospital stay by the day or as a whole.
    Stay,
}

impl Sort {
    /// Whether a service of this sort is recorded as a Procedure: visits are Encounters, laboratory
    /// work is a DiagnosticReport, vaccines are Immunizations, supplies and stays are only billed.
    #[must_use]
    pub const fn recorded(self) -> bool {
        !matches!(self, Self::Visit | Self::Laboratory | Self::Vaccine | Self::Supply | Self::Stay)
    }
}
