//! The command `plumbline` as a user starts it.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use plumbline_findings::Report;
use tempfile::TempDir;

use crate::server::{Credentials, Emulator};
use crate::side_by_side::until;

/// No command may run longer, in seconds: it must end in bounded time whatever AWS does.
const LONGEST: u64 = 120;

/// The folder of the programs that `cargo build --workspace` made: beside the folder of this test.
///
/// # Panics
/// If the test does not run from a target folder.
#[must_use]
pub fn target(program: &str) -> PathBuf {
    #[expect(clippy::expect_used, reason = "a test without a path cannot run")]
    let test = std::env::current_exe().expect("the path of this test");
    let folder = test.ancestors().find(|folder| folder.join("deps").is_dir()).unwrap_or(&test);
    folder.join(program)
}

/// The text of a file.
///
/// # Errors
/// It cannot be read.
#[expect(clippy::disallowed_methods, reason = "a test looks at what a program wrote")]
pub fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

/// The command with a folder of its own, in which it keeps its state.
#[derive(Debug)]
pub struct Cli {
    folder: TempDir,
    baseline: PathBuf,
    variables: Vec<(String, String)>,
}

/// What a command gave back.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// What it printed.
    pub out: Vec<u8>,
    /// What it said beside that.
    pub err: String,
}

/// What an audit gave back.
#[derive(Debug)]
pub struct Audited {
    /// The report.
    pub report: Report,
    /// The exit code.
    pub code: i32,
    /// What it said beside the report.
    pub err: String,
}

impl Ran {
    /// What it printed, as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }
}

impl Cli {
    /// A user who has never run it, with the baseline of the emulated account.
    ///
    /// # Errors
    /// No temporary folder can be made.
    pub fn new() -> Result<Self> {
        let baseline = Path::new(env!("CARGO_MANIFEST_DIR")).join("baseline.yaml");
        Ok(Self { folder: tempfile::tempdir()?, baseline, variables: Vec::new() })
    }

    /// A user with that baseline after a change: each of `changes` replaces one text, which must be there.
    ///
    /// # Errors
    /// A text is not in the baseline, or the file cannot be written.
    #[expect(clippy::disallowed_methods, reason = "a test writes a baseline of its own")]
    pub fn under(changes: &[(&str, &str)]) -> Result<Self> {
        let mut user = Self::new()?;
        let mut text = read(&user.baseline)?;
        for (old, new) in changes {
            if !text.contains(old) {
                bail!("the baseline has no {old:?}");
            }
            text = text.replace(old, new);
        }
        user.baseline = user.folder().join("baseline.yaml");
        std::fs::write(&user.baseline, text)?;
        Ok(user)
    }

    /// The same user with one more variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same user with these credentials.
    #[must_use]
    pub fn signed_in(self, as_whom: &Credentials) -> Self {
        self.with("AWS_ACCESS_KEY_ID", &as_whom.access_key_id).with("AWS_SECRET_ACCESS_KEY", &as_whom.secret_access_key)
    }

    /// The baseline file.
    #[must_use]
    pub fn baseline(&self) -> String {
        self.baseline.display().to_string()
    }

    /// Where this user keeps things.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A path in this user's folder.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        self.folder().join(name).display().to_string()
    }

    /// Runs the command with credentials and endpoint of `emulator`.
    ///
    /// # Errors
    /// It cannot be started, or did not end in time and was killed.
    pub fn run(&self, emulator: &Emulator, arguments: &[&str]) -> Result<Ran> {
        let mut command = self.command(arguments);
        command.envs(crate::runtime::environment(&emulator.url()));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        finish(command)
    }

    /// Runs the command without credentials and without an endpoint.
    ///
    /// # Errors
    /// It cannot be started, or did not end in time and was killed.
    pub fn offline(&self, arguments: &[&str]) -> Result<Ran> {
        finish(self.command(arguments))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(target("plumbline"));
        command.args(arguments).current_dir(self.folder()).env_clear();
        command
    }

    /// `plumbline audit` with a JSON report, remembering what this user saw before.
    ///
    /// # Errors
    /// It cannot be started, printed no report, or did not end in time.
    pub fn audit(&self, emulator: &Emulator, more: &[&str]) -> Result<Audited> {
        let (baseline, state) = (self.baseline(), self.path("state"));
        let mut arguments = vec!["audit", "--format", "json", "--api-share", "off", "--baseline", &baseline];
        if !more.contains(&"--state") {
            arguments.extend(["--state", &state]);
        }
        arguments.extend(more);
        Audited::of(self.run(emulator, &arguments)?)
    }
}

impl Audited {
    /// The report that a command printed.
    ///
    /// # Errors
    /// It printed none.
    pub fn of(ran: Ran) -> Result<Self> {
        let report = Report::from_bytes(&ran.out)
            .with_context(|| format!("no report, exit {}: {}", ran.code, ran.err.trim_end()))?;
        Ok(Self { report, code: ran.code, err: ran.err })
    }
}

/// Runs a command to its end.
fn finish(mut command: Command) -> Result<Ran> {
    let (mut out, mut err) = (tempfile::tempfile()?, tempfile::tempfile()?);
    let mut child =
        command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(err.try_clone()?).spawn().with_context(|| {
            format!("starting {}: `cargo build --workspace` makes it", target("plumbline").display())
        })?;
    let ended = until(LONGEST, || child.try_wait().transpose());
    let Some(status) = ended else {
        child.kill()?;
        child.wait()?;
        bail!("still running after {LONGEST} s: killed; it said {}", String::from_utf8_lossy(&whole(&mut err)?));
    };
    let code = status?.code().unwrap_or(-1);
    Ok(Ran { code, out: whole(&mut out)?, err: String::from_utf8_lossy(&whole(&mut err)?).into_owned() })
}

/// All bytes of a file that another process wrote.
pub(crate) fn whole(file: &mut File) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}
