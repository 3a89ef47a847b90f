//! The built-in member: an invented record for previews, tests and first steps.

use super::Vault;
use super::report::CancelToken;

/// Written by `examples/member`; see `tests/src/bin/make_data.rs`.
const MEMBER: &[u8] = include_bytes!("../../data/member-1.ndjson.zst");

impl Vault {
    /// A vault in memory with the record of an invented member, a thousand resources, the same in every
    /// process: for previews, screenshots and tests of apps. Nobody real is meant. Needs the feature
    /// `sample`.
    ///
    /// ```
    /// let vault = chartkeep::Vault::sample();
    /// assert_eq!(vault.info()?.resources, 1_000);
    /// assert!(vault.search("Condition?code=http://snomed.info/sct|44054006")?.total > 0);
    /// assert!(vault.find("metformin")?.total > 0);
    /// # Ok::<(), chartkeep::Error>(())
    /// ```
    ///
    /// # Panics
    /// When the system has no random numbers.
    pub fn sample() -> Self {
        let vault = Self::in_memory();
        let source = vault.local_connection("Sample").expect("the vault is new and in memory");
        let report = vault.import_bundle(source, MEMBER, &CancelToken::new(), |_| {});
        report.expect("the built-in member is whole");
        vault
    }
}
