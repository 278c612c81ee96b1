//! Emulators: a process that holds the built account, and the fresh copies that it forks.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::request;

/// Holds the built account, and forks copies of it in milliseconds.
#[derive(Debug)]
pub struct Zygote {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

/// One emulator with an account of its own.
#[derive(Debug)]
pub struct Emulator {
    port: u16,
    pid: u32,
}

/// A request that an emulator received.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Call {
    /// The service, such as `ec2`.
    pub service: String,
    /// The operation, such as `DescribeVpcs`.
    pub operation: String,
    /// Whether it writes.
    pub write: bool,
    /// The HTTP status of the answer.
    pub status: u16,
}

/// The Python of the virtual environment: what `PLUMBLINE_TEST_PYTHON` names, else that of `make`.
#[expect(clippy::disallowed_methods, reason = "the tests are told where Python is")]
pub(crate) fn python() -> PathBuf {
    std::env::var_os("PLUMBLINE_TEST_PYTHON").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.build/venv/bin/python"),
        PathBuf::from,
    )
}

impl Zygote {
    /// Builds the account, which takes a few seconds.
    ///
    /// # Errors
    /// Python or the emulator cannot be started.
    pub fn start() -> Result<Self> {
        let mut child = Command::new(python())
            .args(["-m", "server", "zygote"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}: `make emulator` sets it up", python().display()))?;
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().context("no output")?);
        Ok(Self { child, stdin, stdout })
    }

    /// A fresh copy.
    ///
    /// # Errors
    /// The emulator does not answer.
    pub fn fork(&mut self) -> Result<Emulator> {
        #[derive(Deserialize)]
        struct Born {
            port: u16,
            pid: u32,
        }
        let stdin = self.stdin.as_mut().context("no input")?;
        stdin.write_all(b"fork\n")?;
        stdin.flush()?;
        loop {
            let mut line = String::new();
            ensure!(self.stdout.read_line(&mut line)? > 0, "the emulator ended");
            // The first lines say how the building goes.
            if let Ok(Born { port, pid }) = serde_json::from_str(&line) {
                return Ok(Emulator { port, pid });
            }
        }
    }
}

impl Drop for Zygote {
    fn drop(&mut self) {
        // The end of its input ends it, and its copies with it.
        self.stdin = None;
        let _ = self.child.wait();
    }
}

impl Emulator {
    /// The endpoint for every service.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The breaks that it knows.
    ///
    /// # Errors
    /// The emulator does not answer.
    pub fn breaks(&self) -> Result<Vec<Value>> {
        Ok(serde_json::from_str(&request(self.port, "GET", "/_plumbline/breaks", "")?)?)
    }

    /// Breaks the account in a named way; the answer has the expectation with ids filled in.
    ///
    /// # Errors
    /// The emulator does not answer, or the break fails.
    pub fn break_(&self, name: &str) -> Result<Value> {
        Ok(serde_json::from_str(&request(self.port, "POST", &format!("/_plumbline/break/{name}"), "")?)?)
    }

    /// Mends what a break did.
    ///
    /// # Errors
    /// The emulator does not answer, or nothing can be mended.
    pub fn mend(&self, name: &str) -> Result<()> {
        request(self.port, "POST", &format!("/_plumbline/mend/{name}"), "").map(drop)
    }

    /// Injects faults.
    ///
    /// # Errors
    /// The emulator does not answer, or does not know a fault.
    pub fn faults(&self, rules: &[Value]) -> Result<()> {
        request(self.port, "PUT", "/_plumbline/faults", &json!(rules).to_string()).map(drop)
    }

    /// Ends all faults.
    ///
    /// # Errors
    /// The emulator does not answer.
    pub fn heal(&self) -> Result<()> {
        request(self.port, "DELETE", "/_plumbline/faults", "").map(drop)
    }

    /// Every request received since the last [`Emulator::forget`].
    ///
    /// # Errors
    /// The emulator does not answer.
    pub fn calls(&self) -> Result<Vec<Call>> {
        Ok(serde_json::from_str(&request(self.port, "GET", "/_plumbline/calls", "")?)?)
    }

    /// Forgets the requests so far.
    ///
    /// # Errors
    /// The emulator does not answer.
    pub fn forget(&self) -> Result<()> {
        request(self.port, "DELETE", "/_plumbline/calls", "").map(drop)
    }

    /// Anything else that the emulator offers.
    ///
    /// # Errors
    /// The emulator does not answer.
    pub fn ask(&self, method: &str, path: &str, body: &str) -> Result<String> {
        request(self.port, method, path, body)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.pid.to_string()).status();
    }
}
