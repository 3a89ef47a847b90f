//! SQLCipher and FTS5 with the values that the vault indexes, in the layout of Android's FHIR
//! engine: what an app would build without us.

mod schema;
mod values;

use std::path::Path;

use chartkeep::testing::{IndexValues, index_values};
use rusqlite::{Connection, OptionalExtension as _, Statement, params};

use crate::Outcome;
use crate::engine::{Answer, CACHE, Engine, KEY, PER_COMMIT};
use crate::record::Record;
use crate::searches::Asked;

use values::Uuid;

/// An open, unlocked file.
pub(crate) struct SqlCipher(Connection);

/// The two statements of a search.
pub(crate) struct Prepared<'a> {
    count: Statement<'a>,
    page: Statement<'a>,
}

impl Engine for SqlCipher {
    type Prepared<'a> = Prepared<'a>;

    fn import(folder: &Path, record: &Record) -> Outcome<Self> {
        let store = Self::open(folder)?;
        store.0.execute_batch(schema::TABLES)?;
        let mut commit = Vec::with_capacity(PER_COMMIT);
        for line in record.lines()? {
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
        Ok(Prepared { count: self.0.prepare(&asked.count)?, page: self.0.prepare(&asked.page)? })
    }

    fn ask(prepared: &mut Prepared<'_>) -> Outcome<Answer> {
        let total: i64 = prepared.count.query_row([], |row| row.get(0))?;
        let (mut rows, mut bytes) = (0, 0);
        let mut page = prepared.page.query([])?;
        while let Some(row) = page.next()? {
            rows += 1;
            bytes += row.get_ref(1)?.as_bytes()?.len();
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
            let (row, uuid) = self.put_body(&extract, body)?;
            for (name, value) in &extract.values {
                values::put(&self.0, uuid, &extract.resource_type, name, value)?;
            }
            let text = extract.texts.join("\n");
            self.run("INSERT INTO text (rowid, body) VALUES (?, ?)", params![row, text])?;
        }
        self.0.execute_batch("COMMIT")?;
        Ok(())
    }

    /// The row and key of a body. They stay those of an older version, whose values go with it.
    fn put_body(&self, extract: &IndexValues, body: &str) -> Outcome<(i64, Uuid)> {
        let IndexValues { resource_type: of, id, .. } = extract;
        let held: Option<(i64, Uuid)> = self
            .0
            .prepare_cached("SELECT id, uuid FROM resource WHERE logical_id = ? AND type = ?")?
            .query_row(params![id, of], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (row, uuid) = match held {
            Some((row, uuid)) => {
                self.run("DELETE FROM text WHERE rowid = ?", params![row])?;
                (Some(row), uuid)
            }
            None => (None, values::uuid(of, id)),
        };
        // The record holds no versions and no times of change for the other columns.
        self.run(
            "INSERT OR REPLACE INTO resource (id, uuid, type, logical_id, body)
             VALUES (?, ?, ?, ?, ?)",
            params![row, uuid, of, id, body],
        )?;
        Ok((self.0.last_insert_rowid(), uuid))
    }

    fn run(&self, sql: &str, values: impl rusqlite::Params) -> Outcome<()> {
        self.0.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }
}
