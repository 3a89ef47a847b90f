use super::*;
use crate::details::{Endpoints, NextLogin};
use crate::tests::signer::{Signer, encoded};

const NOW: i64 = 1_700_000_000_000;
const ISSUER: &str = "https://login.example";

fn pending() -> Pending {
    let endpoints = Endpoints { issuer: Some(ISSUER.to_owned()), ..Endpoints::default() };
    Pending::new("app", &NextLogin { endpoints, ..NextLogin::default() }, "app:/x", 0).unwrap()
}

fn claims(pending: &Pending) -> Value {
    serde_json::json!({
        "iss": ISSUER, "aud": "app", "sub": "x", "exp": 1_700_000_060, "iat": 1_700_000_000,
        "nonce": pending.nonce.expose(), "fhirUser": "https://payer.example/fhir/Patient/p-1",
    })
}

fn judge(token: &str, jwks: &str, pending: &Pending) -> Result<FhirUser, AuthorizationFault> {
    let base = Base::parse("https://payer.example/fhir").unwrap();
    verified(&Secret::new(token), jwks.as_bytes(), pending, &base, NOW)
}

#[test]
fn good_ones_of_both_kinds() {
    let (pending, patient) = (pending(), FhirUser::Patient("p-1".to_owned()));
    for signer in [Signer::rsa("one"), Signer::ec("one")] {
        let other = Signer::ec("two");
        let keys = Signer::jwks(&[&other, &signer]);
        assert_eq!(judge(&signer.token(&claims(&pending)), &keys, &pending), Ok(patient.clone()));
        let mut several = claims(&pending);
        several["aud"] = serde_json::json!(["x", "app"]);
        several["azp"] = serde_json::json!("app");
        assert!(judge(&signer.token(&several), &keys, &pending).is_ok());
    }
}

#[test]
fn forged_ones() {
    let pending = pending();
    let (signer, stranger) = (Signer::rsa("one"), Signer::rsa("one"));
    let keys = Signer::jwks(&[&signer]);
    let good = signer.token(&claims(&pending));
    assert!(judge(&good, &keys, &pending).is_ok());
    let body = encoded(&claims(&pending).to_string());
    let signature = good.rsplit('.').next().unwrap();
    let none = encoded(r#"{"alg":"none"}"#);
    let (_, modulus) = keys.split_once("\"n\":\"").unwrap();
    let modulus = modulus.split('"').next().unwrap();
    let hmac = encoded(r#"{"alg":"HS256","kid":"one"}"#);
    let tag = aws_lc_rs::hmac::sign(
        &aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, modulus.as_bytes()),
        format!("{hmac}.{body}").as_bytes(),
    );
    let tag = URL_SAFE_NO_PAD.encode(tag);
    let renamed = signer.sign(r#"{"alg":"RS256","kid":"two"}"#, &claims(&pending));
    let critical = signer.sign(r#"{"alg":"RS256","kid":"one","crit":["x"]}"#, &claims(&pending));
    for forged in [
        format!("{none}.{body}."),
        format!("{none}.{body}.{signature}"),
        format!("{}.{body}.", encoded(r#"{"alg":"NONE"}"#)),
        format!("{hmac}.{body}.{tag}"),
        format!("{}.{body}.{signature}", encoded(r#"{"alg":"ES256","kid":"one"}"#)),
        format!("{}.{body}.{signature}", encoded(r#"{"alg":"RS384","kid":"one"}"#)),
        stranger.token(&claims(&pending)),
        Signer::rsa("unknown").token(&claims(&pending)),
        good.replacen(&body, &encoded(&body), 1),
        format!("{good}A"),
        good[..good.len() - 4].to_owned(),
        body,
        String::new(),
        "..".to_owned(),
        critical,
        renamed,
    ] {
        assert_eq!(judge(&forged, &keys, &pending), Err(AuthorizationFault::BadIdToken));
    }
    for keys in ["", "{}", "<html>", r#"{"keys":[]}"#] {
        assert!(judge(&good, keys, &pending).is_err());
    }
    let encryption = keys.replace("\"use\":\"sig\"", "\"use\":\"enc\"");
    assert!(judge(&good, &encryption, &pending).is_err());
}

#[test]
fn claims_of_another_log_in() {
    let pending = pending();
    let signer = Signer::ec("one");
    let keys = Signer::jwks(&[&signer]);
    for (name, value) in [
        ("iss", serde_json::json!("https://evil.example")),
        ("iss", Value::Null),
        ("aud", serde_json::json!("other")),
        ("aud", serde_json::json!(["other"])),
        ("aud", Value::Null),
        ("azp", serde_json::json!("other")),
        ("exp", serde_json::json!(1_699_999_600)),
        ("exp", Value::Null),
        ("iat", serde_json::json!(1_700_000_400)),
        ("iat", Value::Null),
        ("nbf", serde_json::json!(1_700_000_400)),
        ("nonce", serde_json::json!("other")),
        ("nonce", Value::Null),
    ] {
        let mut changed = claims(&pending);
        changed[name] = value;
        let found = judge(&signer.token(&changed), &keys, &pending);
        assert_eq!(found, Err(AuthorizationFault::BadIdToken), "{name}");
    }
    let mut within = claims(&pending);
    within["exp"] = serde_json::json!(1_699_999_800);
    within["iat"] = serde_json::json!(1_700_000_200);
    assert!(judge(&signer.token(&within), &keys, &pending).is_ok());
}

#[test]
fn only_a_patient_of_this_server_is_one() {
    let base = Base::parse("https://payer.example/fhir").unwrap();
    for (named, user) in [
        ("Patient/a", FhirUser::Patient("a".to_owned())),
        ("https://payer.example/fhir/Patient/a", FhirUser::Patient("a".to_owned())),
        ("https://evil.example/fhir/Patient/a", FhirUser::Unknown),
        ("Practitioner/a", FhirUser::Other),
        ("https://payer.example/fhir/RelatedPerson/a", FhirUser::Other),
        ("", FhirUser::Unknown),
    ] {
        assert_eq!(fhir_user(&serde_json::json!({ "fhirUser": named }), &base), user, "{named}");
    }
}
