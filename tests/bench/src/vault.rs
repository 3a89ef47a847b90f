//! The vault as an app uses it: a file under a raw key, everything on.

use std::fs::File;
use std::path::Path;

use chartkeep::{CancelToken, ConnectionId, Find, Unlock, Vault};

use crate::Outcome;
use crate::engine::{Answer, CACHE, Engine, KEY, PAGE};
use crate::record::Record;
use crate::searches::Asked;

/// An open vault and the connection that the record came from.
pub(crate) struct Chartkeep {
    vault: Vault,
    connection: ConnectionId,
}

/// A search, and the vault to ask.
pub(crate) struct Prepared<'a> {
    vault: &'a Vault,
    query: String,
}

const FILE: &str = "record.vault";
const CONNECTION: &str = "import";

impl Engine for Chartkeep {
    type Prepared<'a> = Prepared<'a>;

    fn import(folder: &Path, record: &Record) -> Outcome<Self> {
        let options = Vault::options().cache(CACHE);
        let vault = options.create(folder.join(FILE), Unlock::key(KEY))?;
        let connection = vault.local_connection(CONNECTION)?;
        let file = File::open(&record.path)?;
        vault.import_bundle(connection, file, &CancelToken::new(), |_| ())?;
        Ok(Self { vault, connection })
    }

    fn compact(self) -> Outcome<()> {
        self.vault.compact(&CancelToken::new(), |_| ())?;
        Ok(())
    }

    fn open(folder: &Path) -> Outcome<Self> {
        let vault = Vault::options().cache(CACHE).open(folder.join(FILE), Unlock::key(KEY))?;
        let connection = vault.local_connection(CONNECTION)?;
        Ok(Self { vault, connection })
    }

    fn commit(&mut self, resources: &[String]) -> Outcome<()> {
        self.vault.write(self.connection, |tx| {
            resources.iter().try_for_each(|resource| tx.put(resource.as_bytes()))
        })?;
        Ok(())
    }

    fn version(&self) -> Outcome<String> {
        Ok(format!("Chartkeep {}", env!("CARGO_PKG_VERSION")))
    }

    fn prepare<'a>(&'a self, asked: &Asked) -> Outcome<Prepared<'a>> {
        let query = match &asked.query {
            text if text.starts_with("find:") => text.clone(),
            query => format!("{query}&_count={PAGE}"),
        };
        Ok(Prepared { vault: &self.vault, query })
    }

    fn ask(prepared: &mut Prepared<'_>) -> Outcome<Answer> {
        let mut bytes = 0;
        if let Some(text) = prepared.query.strip_prefix("find:") {
            let page = prepared.vault.find(Find::new(text).limit(PAGE))?;
            bytes += page.hits.iter().map(|hit| hit.resource.bytes().len()).sum::<usize>();
            return Ok(Answer { total: page.total.try_into()?, rows: page.hits.len(), bytes });
        }
        let page = prepared.vault.search(&prepared.query)?;
        bytes += page.resources.iter().map(|resource| resource.bytes().len()).sum::<usize>();
        Ok(Answer { total: page.total.try_into()?, rows: page.rows.len(), bytes })
    }
}
