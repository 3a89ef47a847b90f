//! The drug formulary of the member's plan.

use crate::Resource;
use crate::life::Life;

pub(crate) mod table;

/// The formulary resources of the record as it stands on `life.today`.
pub(crate) fn resources(_life: &Life) -> Vec<Resource> {
    Vec::new()
}
