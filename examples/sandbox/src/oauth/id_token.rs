//! id_tokens: RS256 by a key of this process, and the ways in which they can be wrong.

use std::sync::OnceLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::clock::Millis;
use crate::switches::{IdToken, Members, overlay};

const KEY_ID: &str = "sandbox-1";

/// What an id_token says.
pub(super) struct Claims<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) patient: &'a str,
    pub(super) nonce: Option<&'a str>,
    pub(super) now: Millis,
    pub(super) life: u64,
    pub(super) members: &'a Members,
}

/// Keys take a second to make, so they serve every sandbox of the process: the published one and
/// one that nobody should trust.
fn key(published: bool) -> Result<&'static RsaKeyPair, String> {
    static PUBLISHED: OnceLock<Option<RsaKeyPair>> = OnceLock::new();
    static OTHER: OnceLock<Option<RsaKeyPair>> = OnceLock::new();
    let place = if published { &PUBLISHED } else { &OTHER };
    place
        .get_or_init(|| RsaKeyPair::generate(KeySize::Rsa2048).ok())
        .as_ref()
        .ok_or_else(|| "no RSA key could be made".to_owned())
}

/// The JSON Web Key Set.
pub(super) fn published_keys() -> Result<Value, String> {
    let key = key(true)?;
    let (modulus, exponent) =
        integers(key.public_key().as_ref()).ok_or("the public key is not readable")?;
    Ok(json!({"keys": [{
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID,
        "n": URL_SAFE_NO_PAD.encode(modulus), "e": URL_SAFE_NO_PAD.encode(exponent),
    }]}))
}

/// The token in compact form.
pub(super) fn token(claims: &Claims<'_>, switch: IdToken) -> Result<String, String> {
    let issued = claims.now / 1000;
    let life = i64::try_from(claims.life).unwrap_or(i64::MAX / 4000);
    let (issued, expires) = match switch {
        IdToken::Expired => (issued - 3600 - life, issued - 3600),
        _ => (issued, issued + life),
    };
    let audience = match switch {
        IdToken::WrongAudience => "another-client",
        _ => claims.client,
    };
    let mut body = json!({
        "iss": claims.issuer,
        "aud": audience,
        "sub": format!("member-{}", claims.patient),
        "iat": issued,
        "exp": expires,
        "fhirUser": format!("{}/Patient/{}", claims.issuer, claims.patient),
    });
    match (switch, claims.nonce) {
        (IdToken::WrongNonce, _) => body["nonce"] = json!("not-the-nonce"),
        (_, Some(nonce)) => body["nonce"] = json!(nonce),
        (_, None) => {}
    }
    overlay(&mut body, claims.members);
    let head = match switch {
        IdToken::AlgNone => json!({"alg": "none", "typ": "JWT"}),
        _ => json!({"alg": "RS256", "typ": "JWT", "kid": KEY_ID}),
    };
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(&head), encode(&body));
    if switch == IdToken::AlgNone {
        return Ok(format!("{signed}."));
    }
    let key = key(switch != IdToken::WrongKey)?;
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
        .map_err(|_| "the id_token could not be signed".to_owned())?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Modulus and exponent of a DER RSAPublicKey, without the zero byte of the sign.
fn integers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = element(der, 0x30)?;
    let (modulus, rest) = element(sequence, 0x02)?;
    let (exponent, _) = element(rest, 0x02)?;
    let unsigned = |bytes| <[u8]>::strip_prefix(bytes, &[0]).unwrap_or(bytes);
    Some((unsigned(modulus), unsigned(exponent)))
}

/// The content of a DER element with this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = der.split_first_chunk()?;
    if found != tag {
        return None;
    }
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        (bytes.iter().fold(0, |length, &byte| (length << 8) | usize::from(byte)), rest)
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

    use super::*;

    fn verifies(token: &str) -> bool {
        let keys = published_keys().unwrap();
        let part =
            |name: &str| URL_SAFE_NO_PAD.decode(keys["keys"][0][name].as_str().unwrap()).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        RsaPublicKeyComponents { n: part("n"), e: part("e") }
            .verify(
                &RSA_PKCS1_2048_8192_SHA256,
                signed.as_bytes(),
                &URL_SAFE_NO_PAD.decode(signature).unwrap(),
            )
            .is_ok()
    }

    #[test]
    fn only_the_published_key_verifies() {
        let claims = Claims {
            issuer: "http://h/fhir",
            client: "c",
            patient: "p",
            nonce: Some("n"),
            now: 0,
            life: 60,
            members: &Members::new(),
        };
        let token = |switch| token(&claims, switch).unwrap();
        assert!(verifies(&token(IdToken::On)));
        assert!(!verifies(&token(IdToken::WrongKey)));
        assert!(token(IdToken::AlgNone).ends_with('.'));
    }
}
