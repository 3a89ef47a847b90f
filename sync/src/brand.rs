//! Payers and providers: a name, and where their FHIR server answers.

use url::Url;

/// A payer or provider whose server can be connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    name: String,
    base: String,
}

impl Brand {
    /// The server at a FHIR base URL; named after its host.
    pub fn at(base_url: &str) -> Self {
        let base = base_url.trim();
        let host = Url::parse(base).ok().and_then(|url| {
            let host = url.host_str()?.to_owned();
            Some(url.port().map_or(host.clone(), |port| format!("{host}:{port}")))
        });
        Self { name: host.unwrap_or_else(|| "server".to_owned()), base: base.to_owned() }
    }

    /// A payer known by this library, at the production base that it documents:
    ///
    /// - `healthpartners`: HealthPartners, Patient Access API. Its sandbox has another base, shown in its
    ///   developer portal: [`Brand::at`].
    ///
    /// ```
    /// assert!(chartkeep_sync::Brand::builtin("healthpartners").is_some());
    /// assert!(chartkeep_sync::Brand::builtin("nobody").is_none());
    /// ```
    pub fn builtin(key: &str) -> Option<Self> {
        match key {
            "healthpartners" => Some(Self {
                name: "HealthPartners".to_owned(),
                base: "https://api-developerportal.healthpartners.com/interop/external/fhir"
                    .to_owned(),
            }),
            _ => None,
        }
    }

    /// The name of a connection to it, unless the app gives another.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its FHIR base URL, as given.
    pub fn base_url(&self) -> &str {
        &self.base
    }
}
