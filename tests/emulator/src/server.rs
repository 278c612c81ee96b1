//! Emulators: a process that holds the built account, and the fresh copies that it forks.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use plumbline_findings::{Finding, Verdict};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::http::request;

/// Holds the built account, and forks copies of it in milliseconds.
#[derive(Debug)]
pub struct Zygote {
    child: Child,
    pipes: Arc<Pipes>,
}

/// What the process hears and what it says; none once it is to end.
#[derive(Debug)]
struct Pipes(Mutex<Option<(ChildStdin, BufReader<ChildStdout>)>>);

/// One emulator with an account of its own.
#[derive(Debug)]
pub struct Emulator {
    port: u16,
    pid: u32,
    pipes: Arc<Pipes>,
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
    ///
    /// None where there was none: it hung, or the connection was reset.
    pub status: Option<u16>,
    /// The small parameters.
    #[serde(default)]
    pub params: BTreeMap<String, Value>,
}

/// A named way to break the account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Break {
    /// Its name, which begins with the control that it is about.
    pub name: String,
    /// What it does.
    pub text: String,
    /// What it changes.
    pub expect: Vec<Expected>,
    /// Whether it can be undone.
    pub mend: bool,
    /// Whether the demo shows it.
    pub demo: bool,
    /// Whether `expect` is all that it changes.
    pub exact: bool,
}

/// A finding that a break changes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Expected {
    /// The control's id.
    pub control: String,
    /// The environment.
    pub environment: String,
    /// The resource's ARN, its name or the last part of its ARN; empty for the environment as a whole.
    pub resource: String,
    /// The verdict that it gets.
    pub verdict: Verdict,
    /// Which of several ways; none for any.
    #[serde(default)]
    pub aspect: Option<String>,
    /// Whether the catalogue leaves it open.
    #[serde(default)]
    pub optional: bool,
}

/// Where the product's own output goes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Outputs {
    /// The bucket for the state.
    pub state_bucket: String,
    /// The topics `alerts` and `digest`.
    pub topics: BTreeMap<String, String>,
}

/// A message as the queue behind a topic got it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Mail {
    /// The subject.
    #[serde(default)]
    pub subject: Option<String>,
    /// The text.
    pub message: String,
    /// The attributes.
    #[serde(default)]
    pub message_attributes: BTreeMap<String, Attribute>,
}

/// The value of a message attribute.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attribute {
    /// `String` or `String.Array`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// The value.
    pub value: String,
}

/// A value that CloudWatch was given.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Datum {
    /// The namespace.
    pub namespace: String,
    /// The metric.
    pub metric_name: String,
    /// The value.
    pub value: f64,
    /// The unit.
    pub unit: String,
    /// The dimensions.
    #[serde(default)]
    pub dimensions: Vec<Dimension>,
}

/// One dimension of a metric.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Dimension {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Keys of a user of the emulated account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Credentials {
    /// The id.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: String,
}

impl Expected {
    /// Whether `finding` is the one that is meant, whatever its verdict.
    #[must_use]
    pub fn means(&self, finding: &Finding) -> bool {
        let resource = self.resource.as_str();
        let arn = finding.resource.arn.as_str();
        let ends = |text: &str| {
            let before = text.strip_suffix(resource).unwrap_or_default();
            before.ends_with('/') || before.ends_with(':')
        };
        // A resource that need not be there is an aspect of what holds it: an endpoint of its VPC.
        let within = |aspect: &str| aspect.split(' ').any(|word| word == resource);
        let same = resource.is_empty()
            || arn == resource
            || finding.resource.name == resource
            || ends(arn)
            || finding.aspect.as_deref().is_some_and(within);
        let way =
            |wanted: &str| finding.aspect.as_deref().is_some_and(|aspect| aspect.split(' ').any(|word| word == wanted));
        finding.control == self.control
            && finding.environment == self.environment
            && same
            && self.aspect.as_deref().is_none_or(way)
    }
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.control, self.environment, self.resource)?;
        if let Some(aspect) = &self.aspect {
            write!(f, " [{aspect}]")?;
        }
        write!(f, " {}", self.verdict)
    }
}

impl Datum {
    /// The metric with its dimensions sorted, as `Drift Environment=fraud-dev,Severity=LOW`.
    #[must_use]
    pub fn series(&self) -> String {
        let mut dimensions: Vec<String> =
            self.dimensions.iter().map(|dimension| format!("{}={}", dimension.name, dimension.value)).collect();
        dimensions.sort();
        format!("{} {}", self.metric_name, dimensions.join(",")).trim_end().to_owned()
    }
}

/// The Python of the virtual environment: what `PLUMBLINE_TEST_PYTHON` names, else that of `make`.
#[expect(clippy::disallowed_methods, reason = "the tests are told where Python is")]
pub(crate) fn python() -> PathBuf {
    std::env::var_os("PLUMBLINE_TEST_PYTHON")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.build/venv/bin/python"), PathBuf::from)
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
        let stdin = child.stdin.take().context("no input")?;
        let stdout = BufReader::new(child.stdout.take().context("no output")?);
        Ok(Self { child, pipes: Arc::new(Pipes(Mutex::new(Some((stdin, stdout))))) })
    }

    /// A fresh copy.
    ///
    /// # Errors
    /// The emulator does not answer.
    pub fn fork(&self) -> Result<Emulator> {
        #[derive(Deserialize)]
        struct Born {
            port: u16,
            pid: u32,
        }
        let Born { port, pid } = self.pipes.ask("fork")?;
        Ok(Emulator { port, pid, pipes: Arc::clone(&self.pipes) })
    }
}

impl Pipes {
    /// Says a line, and waits for the line that is the answer.
    fn ask<T: DeserializeOwned>(&self, said: &str) -> Result<T> {
        let mut pipes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (stdin, stdout) = pipes.as_mut().context("the emulator has been ended")?;
        writeln!(stdin, "{said}")
            .and_then(|()| stdin.flush())
            .context("the process that holds the account has died")?;
        let mut line = String::new();
        ensure!(stdout.read_line(&mut line)? > 0, "the process that holds the account has died");
        serde_json::from_str(&line).with_context(|| format!("`{said}` was answered with {line}"))
    }
}

impl Drop for Zygote {
    fn drop(&mut self) {
        // The end of its input ends it, and its copies with it.
        *self.pipes.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
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
    pub fn breaks(&self) -> Result<Vec<Break>> {
        Ok(serde_json::from_str(&request(self.port, "GET", "/_plumbline/breaks", "")?)?)
    }

    /// Breaks the account in a named way; the answer has the expectation with ids filled in.
    ///
    /// # Errors
    /// The emulator does not answer, or the break fails.
    pub fn break_(&self, name: &str) -> Result<Break> {
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

    /// Topics with queues behind them, and a bucket for the state.
    ///
    /// # Errors
    /// The emulator does not answer.
    pub fn outputs(&self) -> Result<Outputs> {
        Ok(serde_json::from_str(&request(self.port, "POST", "/_plumbline/build-outputs", "")?)?)
    }

    /// Takes every message out of the queue behind `alerts` or `digest`.
    ///
    /// # Errors
    /// The emulator does not answer.
    pub fn mail(&self, topic: &str) -> Result<Vec<Mail>> {
        Ok(serde_json::from_str(&request(self.port, "POST", &format!("/_plumbline/queue/{topic}"), "")?)?)
    }

    /// The metrics that came in since the last time.
    ///
    /// # Errors
    /// The emulator does not answer.
    pub fn metrics(&self) -> Result<Vec<Datum>> {
        let all = serde_json::from_str(&request(self.port, "GET", "/_plumbline/metrics", "")?)?;
        request(self.port, "DELETE", "/_plumbline/metrics", "")?;
        Ok(all)
    }

    /// The objects of the state bucket with their texts; none where one is no text.
    ///
    /// # Errors
    /// The emulator does not answer.
    pub fn objects(&self) -> Result<BTreeMap<String, Option<String>>> {
        Ok(serde_json::from_str(&request(self.port, "GET", "/_plumbline/objects", "")?)?)
    }

    /// Writes an object into the state bucket.
    ///
    /// # Errors
    /// The emulator does not answer.
    pub fn store(&self, key: &str, text: &str) -> Result<()> {
        request(self.port, "PUT", &format!("/_plumbline/objects/{key}"), text).map(drop)
    }

    /// A user that `policy` is all it has; from now on every call is checked.
    ///
    /// # Errors
    /// The emulator does not answer, or does not take the policy.
    pub fn only(&self, policy: &Value) -> Result<Credentials> {
        Ok(serde_json::from_str(&request(self.port, "PUT", "/_plumbline/principal", &policy.to_string())?)?)
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
        // Its parent ends it: by itself, a number of a process may be another's by now.
        let _ = self.pipes.ask::<Value>(&format!("end {}", self.pid));
    }
}
