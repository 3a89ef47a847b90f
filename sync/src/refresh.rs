//! A new access token for an old refresh token, once. A refresh token may be good for a single use, so its
//! sending is written down before it, and the answer is durable before anything uses it.

use chartkeep::{LedgerEntry, TokenKind};

use crate::details::{ConnectionState, Details};
use crate::error::{AuthorizationFault, SyncError};
use crate::http::HttpFault;
use crate::oauth::{TokenFault, TokenReply, Tokens};
use crate::session::Session;

/// A lost answer is asked for again this long after the first request, in milliseconds.
const GRACE: i64 = 60_000;
/// How often one refresh token is sent in all.
const MAX_TRIES: u8 = 2;

impl Session {
    /// Renews the access token, unless somebody did since `used` was read. Goes on to its end even when
    /// the caller gives up, so that a token that was sent is not lost.
    pub(crate) async fn refresh(&self, used: Option<crate::Secret>) -> Result<(), SyncError> {
        let session = self.clone();
        let work = async move {
            let _turn = session.turn().lock().await;
            let now = session.secret(TokenKind::Access)?;
            match now.is_some() && now != used {
                true => Ok(()),
                false => session.refresh_now().await,
            }
        };
        tokio::spawn(work).await.unwrap_or(Err(SyncError::Cancelled))
    }

    async fn refresh_now(&self) -> Result<(), SyncError> {
        let details = self.details()?;
        let Some(token) = self.secret(TokenKind::Refresh)? else {
            return match self.secret(TokenKind::Access)? {
                Some(_) => Err(self.ended(ConnectionState::NeedsAuthorization)?),
                None => Err(self.needs_authorization()),
            };
        };
        let app = self.app(&details)?;
        // Before the journal: without its exchanger the app can send nothing.
        app.exchanger()?;
        loop {
            let Some((began, tries)) = self.begin_refresh()? else {
                return Err(self.ended(ConnectionState::NeedsAuthorization)?);
            };
            match app.refresh(&details.endpoints.token, &token).await {
                Ok(reply) => return self.settle(&reply, tries),
                Err(SyncError::Http(
                    fault @ (HttpFault::TimedOut | HttpFault::Broken | HttpFault::TooLarge),
                )) => {
                    // Once more at once, or at the next access: the journal says whether it may be.
                    if tries < MAX_TRIES && self.now() - began > GRACE {
                        return Err(fault.into());
                    }
                }
                Err(SyncError::Http(HttpFault::Redirected)) => {
                    self.end_refresh(|details| {
                        (details.refresh_began, details.refresh_tries) = (None, 0)
                    })?;
                    return Err(HttpFault::Redirected.into());
                }
                Err(unsent) => {
                    self.end_refresh(|details| {
                        details.refresh_tries = tries - 1;
                        details.refresh_began = details.refresh_began.filter(|_| tries > 1);
                    })?;
                    return Err(unsent);
                }
            }
        }
    }

    /// Writes down that the refresh token is sent now; when it first was, and how often. `None`: it was
    /// sent too often without an answer.
    fn begin_refresh(&self) -> Result<Option<(i64, u8)>, SyncError> {
        Details::update(self.vault(), self.connection().id, |details, _| {
            if details.refresh_tries >= MAX_TRIES {
                return Ok(None);
            }
            let began = *details.refresh_began.get_or_insert(self.now());
            details.refresh_tries += 1;
            Ok(Some((began, details.refresh_tries)))
        })
    }

    fn end_refresh(&self, work: impl FnOnce(&mut Details)) -> Result<(), SyncError> {
        Details::update(self.vault(), self.connection().id, |details, _| {
            work(details);
            Ok(())
        })
    }

    /// Stores an answer, or what it means that there are no tokens in it.
    fn settle(&self, reply: &TokenReply, tries: u8) -> Result<(), SyncError> {
        let tokens = match Tokens::read(reply) {
            Ok(tokens) => tokens,
            Err(TokenFault::InvalidGrant) => {
                // After a lost answer it says no more than that the token was used.
                let state = match tries {
                    1 => ConnectionState::ConsentEnded,
                    _ => ConnectionState::NeedsAuthorization,
                };
                return Err(self.ended(state)?);
            }
            Err(fault) => {
                let error = fault.error(self.now());
                self.end_refresh(|details| {
                    (details.refresh_began, details.refresh_tries) = (None, 0);
                    if error == AuthorizationFault::BadClient.into() {
                        details.state = ConnectionState::AppProblem;
                    }
                })?;
                return Err(error);
            }
        };
        Details::update(self.vault(), self.connection().id, |details, txn| {
            txn.set_token(TokenKind::Access, tokens.access.expose().as_bytes())?;
            if let Some(refresh) = &tokens.refresh {
                txn.set_token(TokenKind::Refresh, refresh.expose().as_bytes())?;
            }
            details.renewed(tokens.life, self.now());
            if let Some(granted) = &tokens.scope {
                details.granted.clone_from(granted);
            }
            if details.state == ConnectionState::AppProblem {
                details.state = ConnectionState::Connected;
            }
            txn.ledger(self.entry("refresh", Some(reply.status), None));
            Ok(())
        })
    }

    /// The grant is over: tokens go, data stays. The error that says so.
    pub(crate) fn ended(&self, state: ConnectionState) -> Result<SyncError, SyncError> {
        let error = self.needs_authorization();
        Details::update(self.vault(), self.connection().id, |details, txn| {
            details.end_grant(state, txn);
            txn.ledger(self.entry("refresh", None, Some(error.code())));
            Ok(())
        })?;
        Ok(error)
    }

    /// An entry of the ledger outside any run.
    pub(crate) fn entry(
        &self,
        request: &str,
        status: Option<u16>,
        reason: Option<&str>,
    ) -> LedgerEntry {
        LedgerEntry {
            at: self.now(),
            request: request.to_owned(),
            status,
            reason: reason.map(str::to_owned),
            ..LedgerEntry::default()
        }
    }
}
