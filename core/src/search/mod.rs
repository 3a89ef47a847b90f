//! FHIR search: query text, plan, page.
