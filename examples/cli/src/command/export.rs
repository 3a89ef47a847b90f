//! `chartkeep export`

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use chartkeep::{Error, Vault};
use serde::Serialize;

use crate::args::{Export, Globals};
use crate::failure::{Failure, Stop};
use crate::interrupt::Cancellable;
use crate::progress::{Progress, Unit};
use crate::style::{bytes, plural};
use crate::ui::{Ui, shown, stdout_failed};
use crate::{json, unlock};

const BUFFER: usize = 256 << 10;

#[derive(Debug, Default, Clone, Copy, Serialize)]
struct Exported {
    resources: u64,
    bytes: u64,
}

pub(crate) fn run(args: &Export, globals: &Globals, ui: &Ui) -> Result<(), Stop> {
    let to_stdout = args.out.as_os_str() == "-";
    if !to_stdout && args.out.symlink_metadata().is_ok() {
        return Err(exists(&args.out).into());
    }
    let vault = unlock::open(globals, ui, false)?;
    if to_stdout {
        let mut out = BufWriter::with_capacity(BUFFER, io::stdout().lock());
        return write(&vault, args.all_versions, ui, &mut out).map(|_| ()).map_err(
            |stop| match stop {
                Stopped::Vault(error) => error.into(),
                Stopped::Output(error) => stdout_failed(&error),
            },
        );
    }
    let done = to_file(&vault, args, ui)?;
    ui.answer(&done, || {
        let versions = if args.all_versions { "version" } else { "resource" };
        let count = plural(done.resources, versions);
        format!("Wrote {count}, {}, to {}\n", bytes(done.bytes), shown(&args.out))
    })?;
    ui.note("This file is not sealed: whoever can read it reads the record.");
    Ok(())
}

/// Who ended the export.
enum Stopped {
    Vault(Error),
    Output(io::Error),
}

fn to_file(vault: &Vault, args: &Export, ui: &Ui) -> Result<Exported, Stop> {
    let target = Target::create(&args.out)?;
    let mut out = BufWriter::with_capacity(BUFFER, &target.file);
    let done = write(vault, args.all_versions, ui, &mut out).map_err(|stop| match stop {
        Stopped::Vault(error) => Stop::from(error),
        Stopped::Output(error) => Failure::io(&args.out, &error).into(),
    })?;
    drop(out);
    target.keep().map_err(|error| Failure::io(&args.out, &error))?;
    Ok(done)
}

fn write(vault: &Vault, all: bool, ui: &Ui, out: &mut impl Write) -> Result<Exported, Stopped> {
    let info = vault.info().map_err(Stopped::Vault)?;
    let total = if all { info.versions } else { info.resources };
    let progress = Progress::new(ui, Unit::Steps, Some(total));
    let cancel = Cancellable::begin();
    let mut done = Exported::default();
    let mut failed = None;
    let result = vault.export(all, |resource| {
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let line = json::one_line(resource.bytes());
        if let Err(error) = out.write_all(&line).and_then(|()| out.write_all(b"\n")) {
            failed = Some(error);
            return Err(Error::Cancelled);
        }
        done.resources += 1;
        done.bytes += line.len() as u64 + 1;
        progress.set(done.resources, || plural(done.resources, "resource"));
        Ok(())
    });
    match (failed, result) {
        (Some(error), _) => Err(Stopped::Output(error)),
        (None, Err(error)) => Err(Stopped::Vault(error)),
        (None, Ok(())) => out.flush().map(|()| done).map_err(Stopped::Output),
    }
}

fn exists(path: &Path) -> Failure {
    Failure::argument(
        "path.exists",
        format!("{}: something lies there already", shown(path)),
        "OUT",
    )
}

/// The file being written; taken away again unless it is kept.
struct Target {
    path: PathBuf,
    file: File,
    whole: bool,
}

impl Target {
    fn create(path: &Path) -> Result<Self, Stop> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Ok(file) => Ok(Self { path: path.to_owned(), file, whole: false }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists(path).into()),
            Err(error) => Err(Failure::io(path, &error).into()),
        }
    }

    /// The file and its name are on the disk when this returns.
    fn keep(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        self.whole = true;
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if !self.whole {
            let _ = fs::remove_file(&self.path);
        }
    }
}
