//! SMART on FHIR client and sync engine.
