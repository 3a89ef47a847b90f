//! Who logged in, by OpenID Connect: the id_token's signature (RS256, ES256) against the issuer's keys, and
//! its claims against the log-in that waited. What can't be verified is never used.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

use super::Pending;
use crate::discovery::same_issuer;
use crate::error::AuthorizationFault;
use crate::origin::Base;
use crate::secret::Secret;

/// How far the clocks may be apart, in seconds.
const LEEWAY: f64 = 300.0;
/// Keys that are tried for a token that does not name one.
const TRIED: usize = 8;

/// The person's own resource at the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FhirUser {
    /// A Patient of this server: its id.
    Patient(String),
    /// Somebody whose own record is not to be had here.
    Other,
    /// Not said, or at another server.
    Unknown,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    #[serde(default)]
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// Verifies `token` of the log-in `pending` with the key set `jwks`, at `now` in Unix milliseconds.
///
/// # Errors
/// `BadIdToken`, whatever is wrong with it.
pub(crate) fn verified(
    token: &Secret,
    jwks: &[u8],
    pending: &Pending,
    base: &Base,
    now: i64,
) -> Result<FhirUser, AuthorizationFault> {
    let claims = signed(token.expose(), jwks).ok_or(AuthorizationFault::BadIdToken)?;
    match holds(&claims, pending, now) {
        true => Ok(fhir_user(&claims, base)),
        false => Err(AuthorizationFault::BadIdToken),
    }
}

/// The claims, if a key of the set signed them.
fn signed(token: &str, jwks: &[u8]) -> Option<Value> {
    let (message, signature) = token.rsplit_once('.')?;
    let (header, payload) = message.split_once('.')?;
    let header: Header = serde_json::from_slice(&decoded(header)?).ok()?;
    let signature = decoded(signature)?;
    let keys: Keys = serde_json::from_slice(jwks).ok()?;
    let fits = |key: &&Key| {
        (header.kid.is_none() || header.kid == key.kid)
            && key.alg.as_ref().is_none_or(|alg| *alg == header.alg)
            && key.usage.as_ref().is_none_or(|usage| usage == "sig")
    };
    let mut candidates = keys.keys.iter().filter(fits).take(TRIED);
    let good = header.crit.is_none()
        && candidates.any(|key| key.signed(&header.alg, message.as_bytes(), &signature));
    good.then(|| serde_json::from_slice(&decoded(payload)?).ok())?
}

impl Key {
    /// The algorithm is the token's, but only with a key of its own kind: a public key is never a secret
    /// of HMAC.
    fn signed(&self, alg: &str, message: &[u8], signature: &[u8]) -> bool {
        let part = |text: &Option<String>| decoded(text.as_deref()?);
        let check = || match (alg, self.kty.as_str()) {
            ("RS256", "RSA") => {
                let (n, e) = (part(&self.n)?, part(&self.e)?);
                let key = RsaPublicKeyComponents { n: bare(&n), e: bare(&e) };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).ok()
            }
            ("ES256", "EC") if self.crv.as_deref() == Some("P-256") => {
                let point = [&[4][..], &part(&self.x)?, &part(&self.y)?].concat();
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
                key.verify(message, signature).ok()
            }
            _ => None,
        };
        check().is_some()
    }
}

/// A number without leading zeros.
fn bare(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Whether the claims are those of this log-in, now.
fn holds(claims: &Value, pending: &Pending, now: i64) -> bool {
    let text = |name: &str| claims[name].as_str();
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of any date fit")]
    let now = now as f64 / 1000.0;
    let for_us = match &claims["aud"] {
        Value::String(one) => *one == pending.client_id,
        Value::Array(all) => all.iter().any(|one| *one == pending.client_id.as_str()),
        _ => false,
    };
    let issuer = pending.endpoints.issuer.as_deref();
    let time = |name: &str| claims[name].as_f64();
    issuer.zip(text("iss")).is_some_and(|(known, named)| same_issuer(known, named))
        && for_us
        && text("azp").is_none_or(|party| party == pending.client_id)
        && time("exp").is_some_and(|end| now < end + LEEWAY)
        && time("iat").is_some_and(|issued| issued < now + LEEWAY)
        && time("nbf").is_none_or(|start| start < now + LEEWAY)
        && text("nonce") == Some(pending.nonce.expose())
}

fn fhir_user(claims: &Value, base: &Base) -> FhirUser {
    // `profile` is what the first version of SMART called it.
    let named = claims["fhirUser"].as_str().or(claims["profile"].as_str());
    let Some(named) = named.map(str::trim) else { return FhirUser::Unknown };
    let mut parts = named.split('?').next().unwrap_or_default().rsplit('/');
    let (id, kind) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match kind {
        "Patient" if base.accept(named).is_ok() && !id.is_empty() => {
            FhirUser::Patient(id.to_owned())
        }
        "Practitioner" | "PractitionerRole" | "RelatedPerson" | "Person" | "Device" => {
            FhirUser::Other
        }
        _ => FhirUser::Unknown,
    }
}

#[cfg(test)]
mod tests;
