//! The tables: one for each kind of search parameter, as Android's FHIR engine has them, each with
//! an index for searching and one for replacing a resource. Kinder to SQLCipher than the original:
//! integer keys for its 16-byte ones, no element paths, no foreign keys to check, an index that
//! covers what a date search sorts by. Composites and full text, which it lacks, in the same manner.

/// Settings of every connection, after its key.
pub(super) const SETTINGS: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA temp_store = MEMORY;
";

/// Everything in an empty file.
pub(super) const TABLES: &str = "
    CREATE TABLE resource (id INTEGER PRIMARY KEY, type TEXT NOT NULL, logical TEXT NOT NULL, body TEXT NOT NULL);
    CREATE UNIQUE INDEX resource_identity ON resource (type, logical);

    CREATE TABLE token (id INTEGER PRIMARY KEY, resource INTEGER NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL,
        system TEXT NOT NULL, value TEXT NOT NULL);
    CREATE INDEX token_search ON token (type, name, value, system, resource);
    CREATE INDEX token_resource ON token (resource, name, value, system);

    CREATE TABLE string (id INTEGER PRIMARY KEY, resource INTEGER NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL,
        value TEXT NOT NULL, exact TEXT NOT NULL);
    CREATE INDEX string_search ON string (type, name, value, resource);
    CREATE INDEX string_resource ON string (resource, name, value);

    CREATE TABLE date (id INTEGER PRIMARY KEY, resource INTEGER NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL,
        start INTEGER NOT NULL, finish INTEGER NOT NULL);
    CREATE INDEX date_search ON date (type, name, start, finish, resource);
    CREATE INDEX date_resource ON date (resource, name, start, finish);

    CREATE TABLE number (id INTEGER PRIMARY KEY, resource INTEGER NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL,
        low REAL NOT NULL, high REAL NOT NULL);
    CREATE INDEX number_search ON number (type, name, low, high, resource);
    CREATE INDEX number_resource ON number (resource, name, low, high);

    CREATE TABLE quantity (id INTEGER PRIMARY KEY, resource INTEGER NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL,
        system TEXT NOT NULL, code TEXT NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
        canonical_code TEXT, canonical_low REAL, canonical_high REAL);
    CREATE INDEX quantity_search ON quantity (type, name, code, high, low, system, resource);
    CREATE INDEX quantity_canonical ON quantity (type, name, canonical_code, canonical_high, canonical_low, resource);
    CREATE INDEX quantity_resource ON quantity (resource, name, code, high);

    CREATE TABLE reference (id INTEGER PRIMARY KEY, resource INTEGER NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL,
        value TEXT NOT NULL);
    CREATE INDEX reference_search ON reference (type, name, value, resource);
    CREATE INDEX reference_resource ON reference (resource, name, value);

    CREATE TABLE uri (id INTEGER PRIMARY KEY, resource INTEGER NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL,
        value TEXT NOT NULL);
    CREATE INDEX uri_search ON uri (type, name, value, resource);
    CREATE INDEX uri_resource ON uri (resource, name, value);

    CREATE TABLE composite (id INTEGER PRIMARY KEY, resource INTEGER NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL,
        first_system TEXT NOT NULL, first TEXT NOT NULL, second_system TEXT NOT NULL, second TEXT NOT NULL,
        low REAL NOT NULL, high REAL NOT NULL);
    CREATE INDEX composite_search ON composite (type, name, first, second, high, low, first_system, second_system, resource);
    CREATE INDEX composite_resource ON composite (resource, name);

    CREATE VIRTUAL TABLE text USING fts5(body, content = '', contentless_delete = 1,
        tokenize = 'unicode61 remove_diacritics 2');
";

/// The tables that hold a resource's values.
pub(super) const VALUES: [&str; 8] =
    ["token", "string", "date", "number", "quantity", "reference", "uri", "composite"];
