//! What FHIR defines: JSON, dates, decimals, text folding, units. Knows no vault.
