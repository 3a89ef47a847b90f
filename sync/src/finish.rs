//! The end of a log-in: from the callback to tokens in the vault. Until the last step nothing is stored but
//! that the log-in no longer waits, so a refusal anywhere leaves the connection as it was.

use std::time::Duration;

use chartkeep::{ConnectionId, TokenKind};

use crate::client::Client;
use crate::connection::Connection;
use crate::details::{ConnectionState, Details};
use crate::error::{AuthorizationFault, SyncError};
use crate::http::{Access, HttpFault};
use crate::oauth::{Callback, FhirUser, Pending, Tokens, verified};
use crate::origin::checked;
use crate::patient;
use crate::session::Session;

const WITHIN: Duration = Duration::from_secs(30);

impl Client {
    /// Finishes a log-in with the address that the browser came back with, also in a process that did not
    /// begin it. A callback counts once. When somebody else logged in than whose data the connection
    /// brings, theirs is another connection: found, or made.
    ///
    /// # Errors
    /// [`SyncError::Authorization`], with why; [`SyncError::Http`]. The code is sent only when callback,
    /// `state` and `iss` are right, and never twice. After an error no token was stored.
    pub async fn finish_authorization(&self, callback_url: &str) -> Result<Connection, SyncError> {
        let callback = Callback::parse(callback_url)?;
        let unknown = AuthorizationFault::UnknownState;
        let (id, _) = self.vault().pending(callback.state())?.ok_or(unknown)?;
        let connection = self.by_id(id)?;
        let session = connection.session();
        let details = session.details()?;
        let mut app = session.app(&details)?;
        // What the app has to mend first must not use the log-in up.
        app.exchanger()?;
        let pending = self.take(id, callback.state())?;
        if self.now() >= pending.until {
            return Err(AuthorizationFault::Expired.into());
        }
        let code = callback.code(&pending, session.base())?;
        app.client_id.clone_from(&pending.client_id);

        let endpoint = &pending.endpoints.token;
        let sent = app.exchange(endpoint, &code, &pending.verifier, &pending.redirect_uri).await;
        let reply = match sent {
            Err(SyncError::Http(HttpFault::Redirected)) => {
                return Err(AuthorizationFault::BadTokenAnswer.into());
            }
            sent => sent?,
        };
        let tokens = Tokens::read(&reply).map_err(|fault| fault.error(self.now()))?;
        let user = self.user(session, &pending, &tokens).await?;
        let bearer = Some(tokens.access.clone());
        let api_key = session.api_key(&details)?;
        let access = Access { base: session.base().clone(), bearer, api_key };
        let patient = patient::resolve(session.http(), &access, &tokens, user).await?;

        let target = self.place(&connection, &details, &patient)?;
        self.keep(&target, session, &pending, &tokens, &patient).await?;
        Ok(target)
    }

    /// Takes a log-in out of the vault, durably: whatever comes of it, its `state` is used.
    fn take(&self, id: ConnectionId, state: &str) -> Result<Pending, SyncError> {
        let kept = Details::update(self.vault(), id, |details, txn| {
            // Again, inside the transaction: another call may have taken it.
            let kept = self.vault().pending(state)?.ok_or(AuthorizationFault::UnknownState)?;
            txn.remove_pending(state);
            details.waiting.retain(|waiting| waiting.state != state);
            Ok(kept.1)
        })?;
        Pending::from_json(&kept)
    }

    /// Who logged in, by an id_token that can be verified. One that is wrong ends the log-in; one whose
    /// keys are not to be had is left unread.
    async fn user(
        &self,
        session: &Session,
        pending: &Pending,
        tokens: &Tokens,
    ) -> Result<FhirUser, SyncError> {
        let endpoints = &pending.endpoints;
        let (Some(token), Some(_), Some(jwks)) = (&tokens.id, &endpoints.issuer, &endpoints.jwks)
        else {
            return Ok(FhirUser::Unknown);
        };
        let url = checked(jwks).map_err(|_| HttpFault::Foreign)?;
        if !pending.asks_for("openid") {
            return Ok(FhirUser::Unknown);
        }
        match session.http().get_public(&url, &[], WITHIN).await {
            Ok(keys) if keys.status == 200 => {
                Ok(verified(token, &keys.body, pending, session.base(), self.now())?)
            }
            _ => Ok(FhirUser::Unknown),
        }
    }

    /// The connection for this patient: the one that logged in, or of the same server and client another.
    fn place(
        &self,
        connection: &Connection,
        details: &Details,
        patient: &str,
    ) -> Result<Connection, SyncError> {
        if details.patient.as_deref().is_none_or(|known| known == patient) {
            return Ok(connection.clone());
        }
        for other in self.connections()? {
            let theirs = other.session().details()?;
            if other.base() == connection.base()
                && theirs.client_id == details.client_id
                && theirs.patient.as_deref() == Some(patient)
            {
                return Ok(other);
            }
        }
        let id = self.make(connection.name(), connection.session().base())?;
        self.by_id(id)
    }

    /// Stores all of it in one transaction.
    async fn keep(
        &self,
        target: &Connection,
        source: &Session,
        pending: &Pending,
        tokens: &Tokens,
        patient: &str,
    ) -> Result<(), SyncError> {
        let session = target.session();
        // A refresh of the grant before must not come after.
        let _turn = session.turn().lock().await;
        let app = source.details()?;
        let secrets = [TokenKind::ClientSecret, TokenKind::ApiKey];
        let secrets = secrets.map(|kind| source.secret(kind).map(|secret| (kind, secret)));
        Details::update(self.vault(), target.id(), |details, txn| {
            if target.id() != source.connection().id {
                details.authentication = app.authentication;
                details.redirect_uri.clone_from(&app.redirect_uri);
                details.api_key_header.clone_from(&app.api_key_header);
                details.next = app.next.clone();
                for secret in secrets {
                    match secret? {
                        (kind, Some(secret)) => txn.set_token(kind, secret.expose().as_bytes())?,
                        (kind, None) => txn.remove_token(kind),
                    }
                }
            }
            details.client_id.clone_from(&pending.client_id);
            details.state = ConnectionState::Connected;
            details.endpoints = pending.endpoints.clone();
            details.asked.clone_from(&pending.scopes);
            details.granted = tokens.scope.clone().unwrap_or_else(|| pending.scopes.clone());
            details.patient = Some(patient.to_owned());
            details.renewed(tokens.life, self.now());
            txn.set_token(TokenKind::Access, tokens.access.expose().as_bytes())?;
            match &tokens.refresh {
                Some(refresh) => txn.set_token(TokenKind::Refresh, refresh.expose().as_bytes())?,
                None => txn.remove_token(TokenKind::Refresh),
            }
            txn.add_subject(patient);
            txn.ledger(session.entry("login", None, None));
            Ok(())
        })
    }
}
