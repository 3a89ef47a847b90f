//! The files that `import` reads: what the arguments name, folders opened up in sorted order.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::ui::shown;

/// Extensions that are taken without a look inside.
const KNOWN: [&str; 6] = ["json", "ndjson", "jsonl", "gz", "zst", "zstd"];

/// Where one import reads from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    Stdin,
    File(PathBuf),
}

impl Source {
    /// The name as the person gave it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdin => "stdin".to_owned(),
            Self::File(path) => shown(path),
        }
    }

    pub(crate) fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Stdin => Box::new(io::stdin()),
            Self::File(path) => Box::new(File::open(path)?),
        })
    }
}

/// What the arguments come to.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) files: Vec<Source>,
    /// Bytes of all of them, where that is known.
    pub(crate) bytes: Option<u64>,
    /// Places that could not be looked into.
    pub(crate) unreadable: Vec<(PathBuf, io::Error)>,
    /// Files in folders that hold nothing to import.
    pub(crate) skipped: u64,
}

impl Sources {
    pub(crate) fn collect(paths: &[PathBuf]) -> Self {
        let mut sources = Self { bytes: Some(0), ..Self::default() };
        for path in paths {
            if path.as_os_str() == "-" {
                sources.files.push(Source::Stdin);
                sources.bytes = None;
            } else {
                sources.argument(path);
            }
        }
        sources
    }

    fn argument(&mut self, path: &Path) {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => self.folder(path),
            Ok(found) => self.take(path, found.is_file().then_some(found.len())),
            Err(error) => self.unreadable.push((path.to_owned(), error)),
        }
    }

    fn take(&mut self, path: &Path, bytes: Option<u64>) {
        self.files.push(Source::File(path.to_owned()));
        self.bytes = self.bytes.zip(bytes).map(|(sum, bytes)| sum + bytes);
    }

    /// Everything below a folder; links to folders are not followed, so that none is met twice.
    fn folder(&mut self, folder: &Path) {
        let entries =
            fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.unreadable.push((folder.to_owned(), error)),
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.folder(&path);
                continue;
            }
            match fs::metadata(&path) {
                Ok(found) if found.is_file() && is_wanted(&path) => {
                    self.take(&path, Some(found.len()));
                }
                Ok(_) => self.skipped += 1,
                Err(error) => self.unreadable.push((path, error)),
            }
        }
    }
}

fn is_wanted(path: &Path) -> bool {
    let known = |extension: &OsStr| KNOWN.iter().any(|known| extension.eq_ignore_ascii_case(known));
    if path.extension().is_some_and(known) {
        return true;
    }
    let mut head = Vec::new();
    // A file that cannot be read is wanted, so that the import names it.
    File::open(path).and_then(|file| file.take(256).read_to_end(&mut head)).is_err()
        || looks_like_input(&head)
}

fn looks_like_input(head: &[u8]) -> bool {
    const GZIP: &[u8] = &[0x1f, 0x8b];
    const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    head.starts_with(GZIP)
        || head.starts_with(ZSTD)
        || text.trim_ascii_start().first() == Some(&b'{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_where_the_name_does_not() {
        assert!(looks_like_input(b"\xef\xbb\xbf\n {\"resourceType\""));
        assert!(looks_like_input(&[0x1f, 0x8b, 8]));
        assert!(!looks_like_input(b"# Read me"));
        assert!(!looks_like_input(b""));
    }
}
