//! The seal as a whole: create, open, close, damage, power cuts.

mod basics;
mod support;
