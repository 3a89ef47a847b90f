//! The tables and indexes of Android's FHIR engine (its schema version 10) under names of our own:
//! a table for each kind of search parameter, each row with the random 16-byte key of its resource.
//! Where they depart from it, and in whose favour, stands at [`TABLES`].

/// Settings of every connection, after its key. Room checks foreign keys, so they are checked here.
pub(super) const SETTINGS: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA temp_store = MEMORY;
    PRAGMA foreign_keys = ON;
";

/// Everything in an empty file. Columns, keys and indexes are the engine's, except:
///
/// - Kinder to SQLCipher: dates and date-times, which our values do not tell apart, share one table
///   where the engine has two, so a sort by date joins one less. There is no table of positions, of
///   which we index none, nor of local changes, which the engine writes only for changes made on the
///   device. `path` is `Type.name`, about as long as a FHIRPath. A quantity without a canonical
///   form has one row, without a second for its printed unit. Bodies are stored as they come; the
///   engine parses each and writes it anew.
/// - Harder on it: a number or quantity is an interval, so `low` is stored (in no index) beside
///   `high`, which stands where the engine has the value.
/// - Neither: the values are the vault's, which splits names and addresses where the engine joins
///   them. Composites and full text, which the engine lacks and the vault has, are in the same
///   manner; for composites an index of all that such a search asks but the systems, as for tokens.
pub(super) const TABLES: &str = "
    CREATE TABLE resource (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, uuid BLOB NOT NULL, type TEXT NOT NULL,
        logical_id TEXT NOT NULL, body TEXT NOT NULL, version_id TEXT, updated_remote INTEGER, updated_local INTEGER);
    CREATE UNIQUE INDEX resource_uuid ON resource (uuid);
    CREATE UNIQUE INDEX resource_identity ON resource (type, logical_id);

    CREATE TABLE token (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, uuid BLOB NOT NULL, type TEXT NOT NULL,
        name TEXT NOT NULL, path TEXT NOT NULL, system TEXT, value TEXT NOT NULL,
        FOREIGN KEY (uuid) REFERENCES resource (uuid) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
    CREATE INDEX token_search ON token (type, name, value, uuid);
    CREATE INDEX token_uuid ON token (uuid);

    CREATE TABLE string (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, uuid BLOB NOT NULL, type TEXT NOT NULL,
        name TEXT NOT NULL, path TEXT NOT NULL, value TEXT NOT NULL,
        FOREIGN KEY (uuid) REFERENCES resource (uuid) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
    CREATE INDEX string_search ON string (type, name, value);
    CREATE INDEX string_uuid ON string (uuid, name, value);

    CREATE TABLE date_time (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, uuid BLOB NOT NULL, type TEXT NOT NULL,
        name TEXT NOT NULL, path TEXT NOT NULL, start INTEGER NOT NULL, finish INTEGER NOT NULL,
        FOREIGN KEY (uuid) REFERENCES resource (uuid) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
    CREATE INDEX date_time_search ON date_time (type, name, uuid, start, finish);
    CREATE INDEX date_time_uuid ON date_time (uuid, name, start);

    CREATE TABLE number (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, uuid BLOB NOT NULL, type TEXT NOT NULL,
        name TEXT NOT NULL, path TEXT NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
        FOREIGN KEY (uuid) REFERENCES resource (uuid) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
    CREATE INDEX number_search ON number (type, name, high);
    CREATE INDEX number_uuid ON number (uuid, name, high);

    CREATE TABLE quantity (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, uuid BLOB NOT NULL, type TEXT NOT NULL,
        name TEXT NOT NULL, path TEXT NOT NULL, system TEXT NOT NULL, code TEXT NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
        FOREIGN KEY (uuid) REFERENCES resource (uuid) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
    CREATE INDEX quantity_search ON quantity (type, name, high, code);
    CREATE INDEX quantity_uuid ON quantity (uuid);

    CREATE TABLE reference (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, uuid BLOB NOT NULL, type TEXT NOT NULL,
        name TEXT NOT NULL, path TEXT NOT NULL, value TEXT NOT NULL,
        FOREIGN KEY (uuid) REFERENCES resource (uuid) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
    CREATE INDEX reference_search ON reference (type, name, value);
    CREATE INDEX reference_uuid ON reference (uuid);

    CREATE TABLE uri (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, uuid BLOB NOT NULL, type TEXT NOT NULL,
        name TEXT NOT NULL, path TEXT NOT NULL, value TEXT NOT NULL,
        FOREIGN KEY (uuid) REFERENCES resource (uuid) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
    CREATE INDEX uri_search ON uri (type, name, value);
    CREATE INDEX uri_uuid ON uri (uuid);

    CREATE TABLE composite (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, uuid BLOB NOT NULL, type TEXT NOT NULL,
        name TEXT NOT NULL, path TEXT NOT NULL, first_system TEXT, first TEXT NOT NULL, second_system TEXT NOT NULL,
        second TEXT NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
        FOREIGN KEY (uuid) REFERENCES resource (uuid) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
    CREATE INDEX composite_search ON composite (type, name, first, second, high);
    CREATE INDEX composite_uuid ON composite (uuid);

    CREATE VIRTUAL TABLE text USING fts5(body, content = '', contentless_delete = 1,
        tokenize = 'unicode61 remove_diacritics 2');
";
