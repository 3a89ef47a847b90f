//! FHIR R4 (US Core 6.1.0) of the facts of a life: one file for a group of resource types.

pub mod parts;
