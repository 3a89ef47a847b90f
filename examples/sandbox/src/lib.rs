//! The sandbox payer.
