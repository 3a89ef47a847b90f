//! The pages for the person: plain HTML without scripts.

use std::fmt::Write as _;

use super::{Ask, scope};
use crate::state::State;

const STYLE: &str = "body{font:1.05rem/1.5 system-ui,sans-serif;max-width:38rem;margin:2rem auto;\
padding:0 1rem;color:#1c2430;background:#f7f8fa}main{background:#fff;border:1px solid #ccd3dc;\
border-radius:.6rem;padding:1.2rem 1.6rem 1.6rem}h1{font-size:1.4rem}fieldset{border:1px solid \
#ccd3dc;border-radius:.4rem;margin:1rem 0;padding:.6rem 1rem}legend{font-weight:600;padding:0 \
.4rem}label{display:block;padding:.25rem 0}small{color:#4c596b}button{font:inherit;padding:.5rem \
1.4rem;margin-right:.8rem;border-radius:.4rem;border:1px solid #1d4f91;background:#fff;\
color:#1d4f91}button.main{background:#1d4f91;color:#fff}button:focus-visible,input:focus-visible\
{outline:3px solid #f0a500;outline-offset:2px}code{font-size:.85em}";

/// The consent page: who asks, for what, for whose record.
pub(super) fn page(state: &State, ask: &Ask, token: &str) -> String {
    let mut scopes = String::new();
    for scope in &ask.scopes {
        let (value, words) = (escaped(scope), escaped(&scope::in_words(scope)));
        write!(
            scopes,
            "<label><input type=\"checkbox\" name=\"scope\" value=\"{value}\" checked> {words} \
             <small><code>{value}</code></small></label>"
        )
        .expect("writing to a String does not fail");
    }
    let mut patients = String::new();
    for (at, patient) in state.patients().iter().enumerate() {
        let chosen = match &state.default_patient {
            Some(default) => *default == patient.id,
            None => at == 0,
        };
        let (id, name) = (escaped(&patient.id), escaped(&patient.name));
        let born = patient.birth_date.as_deref().map(escaped).unwrap_or_default();
        let checked = if chosen { " checked" } else { "" };
        write!(
            patients,
            "<label><input type=\"radio\" name=\"patient\" value=\"{id}\" required{checked}> {name} \
             <small>born {born}, {} resources</small></label>",
            patient.resources
        )
        .expect("writing to a String does not fail");
    }
    let app = escaped(ask.client_name);
    let back = escaped(&ask.redirect_uri);
    let body = format!(
        "<h1>{app} asks for access to a health record</h1>\
         <p>This is a sandbox on this computer, not a real payer. After your answer you return to \
         <code>{back}</code>.</p>\
         <form method=\"post\" action=\"/interop/oauth2/consent\">\
         <input type=\"hidden\" name=\"request\" value=\"{}\">\
         <fieldset><legend>It wants to</legend>{scopes}</fieldset>\
         <fieldset><legend>Whose record</legend>{patients}</fieldset>\
         <p><button class=\"main\" name=\"decision\" value=\"allow\">Allow</button>\
         <button name=\"decision\" value=\"deny\" formnovalidate>Deny</button></p></form>",
        escaped(token)
    );
    document("Allow access?", &body)
}

/// A page that says why nothing happens.
pub(super) fn problem(reason: &str) -> String {
    let reason = escaped(reason);
    document("Not possible", &format!("<h1>This request cannot be answered</h1><p>{reason}</p>"))
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} - sandbox payer</title><style>{STYLE}</style></head>\
         <body><main>{body}</main></body></html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escaped("<a b='\"&\">"), "&lt;a b=&#39;&quot;&amp;&quot;&gt;");
        assert!(problem("<script>").contains("<p>&lt;script&gt;</p>"));
    }
}
