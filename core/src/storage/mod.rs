//! The redb tables of a vault: the log of rows, bodies, dictionaries, changes.
