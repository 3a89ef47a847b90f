//! Faults: what goes wrong, on which route, at which request.

use std::time::Duration;

/// Which requests a fault counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Route {
    /// `/.well-known/smart-configuration`.
    Discovery,
    /// `/metadata`.
    Metadata,
    /// The authorization endpoint.
    Authorize,
    /// The token endpoint, whatever the grant.
    Token,
    /// The token endpoint with `grant_type=refresh_token`.
    Refresh,
    /// The revocation endpoint.
    Revoke,
    /// The published signing keys.
    Jwks,
    /// `$everything`, all its pages.
    Everything,
    /// Searches, all their pages.
    Search,
    /// Reads of one resource.
    Read,
    /// All of these.
    Any,
}

/// At which of its requests a fault strikes. Counting starts at 1 when the fault is set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nth {
    /// At this one only.
    Once(u64),
    /// At all.
    Every,
    /// At this one and all later ones.
    From(u64),
}

/// What goes wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum FaultKind {
    /// This status with an OperationOutcome; the request is not processed.
    Status(u16),
    /// This status with `Retry-After` in seconds; the request is not processed.
    RetryAfter {
        /// Usually 429 or 503.
        status: u16,
        /// The header's value.
        seconds: u64,
    },
    /// This status with `Retry-After` as a date; the request is not processed.
    RetryAfterDate {
        /// Usually 429 or 503.
        status: u16,
        /// The header's value, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
        date: String,
    },
    /// The connection is reset before the request is processed.
    Reset,
    /// The request is processed, then the connection is reset instead of an answer.
    LoseResponse,
    /// The body ends after so many bytes, as sent, and the connection closes.
    Truncate(usize),
    /// Head and half of the body, then silence for so long, then the rest.
    Stall(Duration),
    /// The body in forty pieces over 400 ms.
    SlowDrip,
    /// `Content-Length` is 16 bytes too small.
    WrongLength,
    /// 401 with `WWW-Authenticate`, although the token is good; the request is not processed.
    ExpiredToken,
    /// The cursor is not known any more: 400, 404 or 410.
    CursorGone(u16),
    /// The page before this one again (of the first page: itself), under a next link with which
    /// nothing is missed.
    DuplicatePage,
    /// A page for people with status 200; the request is not processed.
    Html200,
    /// Status 200 with no body at all.
    EmptyBody200,
    /// A byte order mark before the body.
    Bom,
    /// `Content-Type: text/plain`.
    WrongContentType,
    /// The first entry's resource instead of the Bundle; what else was on the page is lost.
    BareResource,
    /// OperationOutcome entries, a warning and an error, among the others.
    OutcomeEntries,
    /// The body lacks its last third, with a fitting length.
    BadJson,
    /// A Bundle of so many bytes more than it needs.
    HugeBody(u64),
    /// About a megabyte of gzip that unfolds to a gigabyte.
    GzipBomb,
    /// The page's next link is this, as it stands.
    NextLink(String),
    /// The page's next link leads to the page itself.
    LinkToItself,
    /// The page has no next link, although there is more.
    LinkMissing,
    /// One more entry with this resource, such as another person's.
    ExtraEntry(String),
    /// The entries of the page in reverse.
    ReorderedPage,
    /// A `total` that is this number.
    WrongTotal(usize),
    /// A redirect with this status to this location; the request is not processed.
    Redirect(u16, String),
}

/// A fault to be set with [`crate::Sandbox::fail`].
///
/// ```
/// use chartkeep_sandbox::{Fault, FaultKind, Nth, Route};
/// let third_page_cut = Fault::once(Route::Everything, 3, FaultKind::Truncate(100));
/// assert_eq!(third_page_cut.nth, Nth::Once(3));
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The requests that count.
    pub route: Route,
    /// Those that fail.
    pub nth: Nth,
    /// How they fail.
    pub kind: FaultKind,
}

impl Fault {
    /// A fault at one request, counted from 1.
    pub fn once(route: Route, nth: u64, kind: FaultKind) -> Self {
        Self { route, nth: Nth::Once(nth), kind }
    }

    /// A fault at every request.
    pub fn every(route: Route, kind: FaultKind) -> Self {
        Self { route, nth: Nth::Every, kind }
    }
}

/// The faults that are set, with what each has counted.
#[derive(Default)]
pub(crate) struct Faults(Vec<(Fault, u64)>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push((fault, 0));
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Counts a request that belongs to these routes; the first fault that strikes.
    pub(crate) fn strike(&mut self, routes: &[Route]) -> Option<FaultKind> {
        let mut struck = None;
        for (fault, count) in &mut self.0 {
            if fault.route != Route::Any && !routes.contains(&fault.route) {
                continue;
            }
            *count += 1;
            let strikes = match fault.nth {
                Nth::Once(nth) => *count == nth,
                Nth::Every => true,
                Nth::From(nth) => *count >= nth,
            };
            if strikes && struck.is_none() {
                struck = Some(fault.kind.clone());
            }
        }
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_count_their_own_route() {
        let mut faults = Faults::default();
        faults.add(Fault::once(Route::Read, 2, FaultKind::Reset));
        faults.add(Fault { route: Route::Any, nth: Nth::From(4), kind: FaultKind::Bom });
        assert_eq!(faults.strike(&[Route::Read]), None);
        assert_eq!(faults.strike(&[Route::Search]), None);
        assert_eq!(faults.strike(&[Route::Read]), Some(FaultKind::Reset));
        assert_eq!(faults.strike(&[Route::Read]), Some(FaultKind::Bom));
        faults.clear();
        assert_eq!(faults.strike(&[Route::Read]), None);
    }
}
