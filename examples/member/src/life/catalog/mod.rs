//! Tables of what can happen: diagnoses, services, drugs, tests, vaccines, with their real codes.
//! Single codes with their names are facts; no content of a code system is in here.

pub mod acts;
pub mod drugs;
pub mod dx;
pub mod labs;
pub mod vaccines;
