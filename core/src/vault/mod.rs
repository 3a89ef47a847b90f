//! The vault: the type an app opens.
