//! How this payer differs from a perfect one. Every field can be set by itself; profiles are sets of
//! fields that behave like a known server.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

/// Members that replace those of a JSON object of the payer; `null` removes one.
pub type Members = BTreeMap<String, Value>;

/// What `/.well-known/smart-configuration` answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum SmartConfig {
    /// The document.
    #[default]
    Ok,
    /// 404.
    NotFound,
    /// A page for people, with status 200.
    Html,
    /// The document with endpoints relative to the base.
    RelativeUrls,
}

/// What `/metadata` answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Metadata {
    /// A CapabilityStatement.
    #[default]
    Ok,
    /// 404.
    NotFound,
    /// A CapabilityStatement with the older `oauth-uris` extension.
    OauthUris,
}

/// What `Patient/[id]/$everything` answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Everything {
    /// Pages by phases.
    #[default]
    Microsoft,
    /// 404: not offered, and not in the CapabilityStatement.
    Off,
    /// 403, although the CapabilityStatement offers it.
    Forbidden,
    /// All in one Bundle without links.
    SingleBundle,
}

/// What becomes of `_since` and `_lastUpdated`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Since {
    /// It filters by the time at which this server got the resource.
    #[default]
    Honoured,
    /// It changes nothing.
    Ignored,
    /// 400.
    Rejected,
}

/// Whether searchsets carry `total`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Total {
    /// They do not.
    #[default]
    None,
    /// The true number.
    Exact,
}

/// The form of next links.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum NextLinks {
    /// Absolute, at the origin of the base.
    #[default]
    Absolute,
    /// Relative to the base.
    Relative,
    /// Absolute, at this other origin: a server that does not know its public name.
    OtherOrigin(String),
}

/// What happens to refresh tokens.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Refresh {
    /// Each use gives a new one; a second use revokes the whole login.
    #[default]
    Rotate,
    /// The first one stays.
    Fixed,
    /// There are none.
    None,
}

/// The id_token.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum IdToken {
    /// RS256 with the published key, where `openid` was granted.
    #[default]
    On,
    /// Never sent.
    Off,
    /// `alg: none`, no signature.
    AlgNone,
    /// Signed with a key that is not published, under the published key's id.
    WrongKey,
    /// With another nonce.
    WrongNonce,
    /// For another client.
    WrongAudience,
    /// Expired an hour ago.
    Expired,
}

/// The `iss` parameter of the authorization response.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Iss {
    /// The issuer.
    #[default]
    Present,
    /// Missing, and not announced.
    Absent,
    /// Another server's, although the issuer's is announced.
    Wrong,
}

/// What is granted of the scopes that were asked for and that the person left ticked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Granted {
    /// All of it.
    #[default]
    Same,
    /// Resource scopes for these types only; a wildcard becomes one scope a type.
    Subset(Vec<String>),
    /// No resource scope at all.
    Empty,
}

/// The syntax of resource scopes that is understood; others are dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum ScopeSyntax {
    /// Both.
    #[default]
    Both,
    /// `patient/*.read`.
    V1,
    /// `patient/*.rs`.
    V2,
}

/// A header that every request for data has to carry. Its value is not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Name of the header.
    pub header: String,
    /// The key.
    pub value: String,
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey").field("header", &self.header).finish_non_exhaustive()
    }
}

/// How the payer behaves. The default is a perfect one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Switches {
    /// Discovery.
    pub smart_config: SmartConfig,
    /// Changes to that document, such as another server's token endpoint.
    pub smart_config_members: Members,
    /// The CapabilityStatement.
    pub metadata: Metadata,
    /// `$everything`.
    pub everything: Everything,
    /// `$everything` starts with what the Patient names as general practitioner and managing
    /// organization.
    pub everything_carers: bool,
    /// `_since` and `_lastUpdated`.
    pub since: Since,
    /// `total`.
    pub total: Total,
    /// Next links.
    pub next_links: NextLinks,
    /// The largest `_count` of a search.
    pub search_count_max: usize,
    /// Refresh tokens.
    pub refresh: Refresh,
    /// For so many seconds a rotated refresh token may be used again.
    pub refresh_grace: u64,
    /// The next refresh rotates, and its answer never arrives; then this is `false` again.
    pub lose_refresh_response: bool,
    /// The id_token.
    pub id_token: IdToken,
    /// Changes to its claims.
    pub id_token_members: Members,
    /// `iss` (RFC 9207).
    pub iss: Iss,
    /// Changes to token responses, such as another `patient` or a `token_type` in capitals.
    pub token_members: Members,
    /// The token response says `patient`.
    pub patient_in_token: bool,
    /// Scopes granted.
    pub granted: Granted,
    /// A key that requests for data have to carry.
    pub api_key: Option<ApiKey>,
    /// Authorization requests without PKCE are refused.
    pub require_pkce: bool,
    /// A public client is offered.
    pub public_clients: bool,
    /// Reads of a Binary answer its content, not the resource.
    pub raw_binaries: bool,
    /// Answers are compressed for those who accept it.
    pub gzip: bool,
    /// Life of an access token in seconds.
    pub expires_in: u64,
    /// The token response says `expires_in`.
    pub say_expires_in: bool,
    /// Scope syntax.
    pub scope_syntax: ScopeSyntax,
    /// The account has been emptied: Patients are refused with 403, everything else is an empty set.
    pub empty_account: bool,
    /// Status for another person's data: 403 or 404.
    pub foreign_status: u16,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            smart_config: SmartConfig::default(),
            smart_config_members: Members::new(),
            metadata: Metadata::default(),
            everything: Everything::default(),
            everything_carers: false,
            since: Since::default(),
            total: Total::default(),
            next_links: NextLinks::default(),
            search_count_max: 1000,
            refresh: Refresh::default(),
            refresh_grace: 0,
            lose_refresh_response: false,
            id_token: IdToken::default(),
            id_token_members: Members::new(),
            iss: Iss::default(),
            token_members: Members::new(),
            patient_in_token: true,
            granted: Granted::default(),
            api_key: None,
            require_pkce: true,
            public_clients: true,
            raw_binaries: false,
            gzip: true,
            expires_in: 3600,
            say_expires_in: true,
            scope_syntax: ScopeSyntax::default(),
            empty_account: false,
            foreign_status: 403,
        }
    }
}

impl Switches {
    /// The names that [`Switches::profile`] knows.
    pub const PROFILES: &'static [&'static str] =
        &["perfect", "healthpartners-like", "search-only", "single-bundle", "legacy-v1"];

    /// A named set; `None` for an unknown name.
    ///
    /// ```
    /// use chartkeep_sandbox::Switches;
    /// assert_eq!(Switches::profile("perfect"), Some(Switches::default()));
    /// assert!(Switches::PROFILES.iter().all(|name| Switches::profile(name).is_some()));
    /// ```
    pub fn profile(name: &str) -> Option<Self> {
        let perfect = Self::default();
        Some(match name {
            "perfect" => perfect,
            "healthpartners-like" => Self {
                everything_carers: true,
                scope_syntax: ScopeSyntax::V2,
                public_clients: false,
                api_key: Some(ApiKey {
                    header: "X-Api-Key".to_owned(),
                    value: "sandbox-api-key".to_owned(),
                }),
                ..perfect
            },
            "search-only" => Self { everything: Everything::Off, total: Total::Exact, ..perfect },
            "single-bundle" => Self {
                everything: Everything::SingleBundle,
                since: Since::Ignored,
                refresh: Refresh::Fixed,
                ..perfect
            },
            "legacy-v1" => Self {
                smart_config: SmartConfig::NotFound,
                metadata: Metadata::OauthUris,
                everything: Everything::Off,
                since: Since::Rejected,
                scope_syntax: ScopeSyntax::V1,
                iss: Iss::Absent,
                id_token: IdToken::Off,
                ..perfect
            },
            _ => return None,
        })
    }
}

/// The object with its members replaced.
pub(crate) fn overlay(object: &mut Value, members: &Members) {
    let Value::Object(object) = object else { return };
    for (name, value) in members {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
}
