//! Coverage, claims and prior authorization of a life.

use crate::Resource;
use crate::life::Life;

/// The money resources of the record as it stands on `life.today`.
pub(crate) fn resources(_life: &Life) -> Vec<Resource> {
    Vec::new()
}
