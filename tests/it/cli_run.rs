//! Runs the built `chartkeep` in a folder of its own.
#![expect(clippy::unwrap_used, reason = "a step that fails here fails the test")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

/// The program: `CHARTKEEP_BIN`, or this workspace's, built once beside this test.
pub(crate) fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Some(given) = std::env::var_os("CHARTKEEP_BIN") {
            return given.into();
        }
        let test = std::env::current_exe().expect("a path of this test");
        let profile = test.parent().and_then(Path::parent).expect("…/PROFILE/deps/it");
        let release = profile.file_name().is_some_and(|name| name == "release");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--locked", "--bin", "chartkeep"])
            .args(release.then_some("--release"))
            .current_dir(root)
            .env("CARGO_TARGET_DIR", profile.parent().expect("the target folder"))
            .status()
            .expect("cargo runs");
        assert!(status.success(), "the command line was not built");
        profile.join(format!("chartkeep{}", std::env::consts::EXE_SUFFIX))
    })
}

/// A folder with a key file, and the path of a vault that may not exist yet.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
    pub(crate) key: PathBuf,
    pub(crate) vault: PathBuf,
}

/// What a run left behind.
pub(crate) struct Ran {
    /// None where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

impl Desk {
    /// Without a vault.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let key = folder.path().join("key");
        fs::write(&key, "07".repeat(32) + "\n").expect("a key file");
        let vault = folder.path().join("me.vault");
        Self { folder, key, vault }
    }

    /// With an empty vault.
    pub(crate) fn new() -> Self {
        let desk = Self::empty();
        desk.run(&["init"]).done();
        desk
    }

    /// With a vault that holds these files, each in the connection `import`.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let desk = Self::new();
        for (name, text) in files {
            let file = desk.file(name, text.as_bytes());
            desk.run(&["import", file.to_str().unwrap()]).done();
        }
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// A command without vault, key, terminal or surroundings.
    pub(crate) fn bare(&self) -> Command {
        let mut command = Command::new(program());
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        for name in ["CHARTKEEP_VAULT", "NO_COLOR", "RUST_BACKTRACE"] {
            command.env_remove(name);
        }
        command.env("TERM", "xterm-256color");
        command
    }

    /// A command on the vault.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = self.bare();
        command.arg("--vault").arg(&self.vault).arg("--key-file").arg(&self.key).args(words);
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        Ran::of(&mut self.command(words))
    }

    /// The one JSON value of a command that must succeed.
    pub(crate) fn json(&self, words: &[&str]) -> Value {
        let ran = self.run(&[words, &["--json"]].concat());
        assert_eq!(ran.code, Some(0), "{words:?}: {}", ran.err);
        ran.json()
    }

    /// Runs with a text on stdin.
    pub(crate) fn feed(&self, words: &[&str], input: &[u8]) -> Ran {
        let mut child = self
            .command(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Ran::from(output)
    }

    /// Names and contents of everything in the folder.
    pub(crate) fn contents(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let read = |path: PathBuf| {
            let bytes = if path.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
            (path, bytes)
        };
        paths.into_iter().map(read).collect()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: output.stdout,
            err: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        command.output().expect("the program starts").into()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.out).expect("stdout is UTF-8")
    }

    /// Stdout as exactly one JSON value.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.out)
            .unwrap_or_else(|error| panic!("{error} in {:?}", String::from_utf8_lossy(&self.out)))
    }

    /// Stdout as one JSON value a line.
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        self.text()
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON on each line"))
            .collect()
    }

    /// It succeeded.
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.err);
        self
    }

    /// It was refused with this exit code and error code, in the form that scripts rely on.
    pub(crate) fn refused(self, exit: i32, code: &str) -> Self {
        assert_eq!(self.code, Some(exit), "{}{}", self.err, String::from_utf8_lossy(&self.out));
        let start = format!("error[{code}]: ");
        assert!(self.err.starts_with(&start), "{start}: {}", self.err);
        let lines: Vec<&str> = self.err.lines().collect();
        assert!((2..=8).contains(&lines.len()), "{}", self.err);
        assert!(lines.iter().any(|line| line.starts_with("help: ")), "{}", self.err);
        self
    }
}
