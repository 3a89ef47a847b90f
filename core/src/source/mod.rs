//! Connections, subjects, cursors, ledger, tokens: what a sync commits beside rows.
