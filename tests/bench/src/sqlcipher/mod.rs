//! SQLCipher and FTS5 with the values that the vault indexes: what an app would build without us.

mod schema;

use std::path::Path;

use chartkeep::testing::{IndexValue, IndexValues, index_values};
use rusqlite::{Connection, OptionalExtension as _, Statement, params};

use crate::engine::{Answer, CACHE, Engine, KEY, PER_COMMIT};
use crate::searches::Asked;
use crate::{Outcome, record};

/// An open, unlocked file.
pub(crate) struct SqlCipher(Connection);

/// The two statements of a search.
pub(crate) struct Prepared<'a> {
    count: Statement<'a>,
    page: Statement<'a>,
}

impl Engine for SqlCipher {
    type Prepared<'a> = Prepared<'a>;

    fn import(folder: &Path) -> Outcome<Self> {
        let store = Self::open(folder)?;
        store.0.execute_batch(schema::TABLES)?;
        let mut commit = Vec::with_capacity(PER_COMMIT);
        for line in record::lines()? {
            commit.push(line?);
            if commit.len() == PER_COMMIT {
                store.put(&commit)?;
                commit.clear();
            }
        }
        store.put(&commit)?;
        Ok(store)
    }

    fn compact(self) -> Outcome<()> {
        self.0.execute_batch(
            "INSERT INTO text (text) VALUES ('optimize'); ANALYZE; VACUUM; PRAGMA wal_checkpoint(TRUNCATE);",
        )?;
        self.0.close().map_err(|(_, fault)| fault)?;
        Ok(())
    }

    fn open(folder: &Path) -> Outcome<Self> {
        let db = Connection::open(folder.join("record.db"))?;
        db.set_prepared_statement_cache_capacity(64);
        let key: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
        db.pragma_update(None, "key", format!("x'{key}'"))?;
        db.execute_batch(schema::SETTINGS)?;
        db.pragma_update(None, "cache_size", -i64::try_from(CACHE / 1024)?)?;
        db.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
        Ok(Self(db))
    }

    fn version(&self) -> Outcome<String> {
        let cipher: String = self.0.query_row("PRAGMA cipher_version", [], |row| row.get(0))?;
        Ok(format!("SQLCipher {cipher} (SQLite {})", rusqlite::version()))
    }

    fn commit(&mut self, resources: &[String]) -> Outcome<()> {
        self.put(resources)
    }

    fn prepare<'a>(&'a self, asked: &Asked) -> Outcome<Prepared<'a>> {
        Ok(Prepared { count: self.0.prepare(asked.count)?, page: self.0.prepare(asked.page)? })
    }

    fn ask(prepared: &mut Prepared<'_>) -> Outcome<Answer> {
        let total: i64 = prepared.count.query_row([], |row| row.get(0))?;
        let (mut rows, mut bytes) = (0, 0);
        let mut page = prepared.page.query([])?;
        while let Some(row) = page.next()? {
            rows += 1;
            bytes += row.get_ref(0)?.as_bytes()?.len();
        }
        Ok(Answer { total: total.try_into()?, rows, bytes })
    }
}

impl SqlCipher {
    /// Writes resources with all their values and text, in one commit.
    fn put(&self, resources: &[String]) -> Outcome<()> {
        self.0.execute_batch("BEGIN IMMEDIATE")?;
        for body in resources {
            let extract = index_values(body.as_bytes()).ok_or("not a resource")?;
            let Some(row) = self.put_body(&extract, body)? else { continue };
            for (name, value) in &extract.values {
                self.put_value(row, &extract.resource_type, name, value)?;
            }
            let text = extract.texts.join("\n");
            self.run("INSERT INTO text (rowid, body) VALUES (?, ?)", params![row, text])?;
        }
        self.0.execute_batch("COMMIT")?;
        Ok(())
    }

    /// The row of a new body, cleared of an older version's values; none when nothing changed.
    fn put_body(&self, extract: &IndexValues, body: &str) -> Outcome<Option<i64>> {
        let identity = params![extract.resource_type, extract.id];
        let held: Option<(i64, String)> = self
            .0
            .prepare_cached("SELECT id, body FROM resource WHERE type = ? AND logical = ?")?
            .query_row(identity, |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match held {
            Some((_, old)) if old == body => Ok(None),
            Some((row, _)) => {
                for table in schema::VALUES {
                    self.run(&format!("DELETE FROM {table} WHERE resource = ?"), params![row])?;
                }
                self.run("DELETE FROM text WHERE rowid = ?", params![row])?;
                self.run("UPDATE resource SET body = ? WHERE id = ?", params![body, row])?;
                Ok(Some(row))
            }
            None => {
                self.run(
                    "INSERT INTO resource (type, logical, body) VALUES (?, ?, ?)",
                    params![extract.resource_type, extract.id, body],
                )?;
                Ok(Some(self.0.last_insert_rowid()))
            }
        }
    }

    fn put_value(&self, row: i64, of: &str, name: &str, value: &IndexValue) -> Outcome<()> {
        match value {
            IndexValue::Token { system, code } => self.run(
                "INSERT INTO token (resource, type, name, system, value) VALUES (?, ?, ?, ?, ?)",
                params![row, of, name, system, code],
            ),
            IndexValue::String { folded, exact } => self.run(
                "INSERT INTO string (resource, type, name, value, exact) VALUES (?, ?, ?, ?, ?)",
                params![row, of, name, folded, exact],
            ),
            IndexValue::Date { from, to } => self.run(
                "INSERT INTO date (resource, type, name, start, finish) VALUES (?, ?, ?, ?, ?)",
                params![row, of, name, from, to],
            ),
            IndexValue::Number { low, high } => self.run(
                "INSERT INTO number (resource, type, name, low, high) VALUES (?, ?, ?, ?, ?)",
                params![row, of, name, low, high],
            ),
            IndexValue::Quantity { system, code, low, high, canonical } => {
                let (unit, from, to) = match canonical {
                    Some((unit, from, to)) => (Some(unit), Some(from), Some(to)),
                    None => (None, None, None),
                };
                self.run(
                    "INSERT INTO quantity (resource, type, name, system, code, low, high,
                     canonical_code, canonical_low, canonical_high)
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    params![row, of, name, system, code, low, high, unit, from, to],
                )
            }
            IndexValue::Reference(value) => self.run(
                "INSERT INTO reference (resource, type, name, value) VALUES (?, ?, ?, ?)",
                params![row, of, name, value],
            ),
            IndexValue::Uri(value) => self.run(
                "INSERT INTO uri (resource, type, name, value) VALUES (?, ?, ?, ?)",
                params![row, of, name, value],
            ),
            // Only inside a composite.
            IndexValue::Canonical { .. } => Ok(()),
            IndexValue::Composite(parts) => {
                let [first, second] = [parts.first(), parts.get(1)].map(Component::of);
                self.run(
                    "INSERT INTO composite (resource, type, name, first_system, first,
                     second_system, second, low, high) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    params![
                        row,
                        of,
                        name,
                        first.system,
                        first.text,
                        second.system,
                        second.text,
                        second.low,
                        second.high
                    ],
                )
            }
        }
    }

    fn run(&self, sql: &str, values: impl rusqlite::Params) -> Outcome<()> {
        self.0.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }
}

/// A part of a composite, in the columns that all kinds share.
struct Component<'a> {
    system: &'a str,
    text: &'a str,
    low: f64,
    high: f64,
}

impl<'a> Component<'a> {
    fn of(value: Option<&'a IndexValue>) -> Self {
        let text = |system, text| Self { system, text, low: 0.0, high: 0.0 };
        match value {
            Some(IndexValue::Token { system, code }) => text(system, code),
            Some(IndexValue::String { folded, .. }) => text("", folded),
            Some(IndexValue::Reference(value) | IndexValue::Uri(value)) => text("", value),
            Some(IndexValue::Date { from, to }) => {
                Self { system: "", text: "", low: *from as f64, high: *to as f64 }
            }
            Some(IndexValue::Number { low, high }) => {
                Self { system: "", text: "", low: *low, high: *high }
            }
            Some(IndexValue::Quantity { system, code, low, high, .. }) => {
                Self { system, text: code, low: *low, high: *high }
            }
            Some(IndexValue::Canonical { unit, low, high }) => {
                Self { system: "", text: unit, low: *low, high: *high }
            }
            Some(IndexValue::Composite(_)) | None => text("", ""),
        }
    }
}
