//! A set-up of the product on an emulator: topics with queues behind them, a bucket for the state, programs and users that
//! share it; and what its alerts and answers say.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use plumbline_findings::{Finding, Verdict};
use serde_json::{Value, json};

use crate::compare::line;
use crate::program::{Cli, Ran};
use crate::runtime::{Answer, Runtime};
use crate::server::{Emulator, Mail, Outputs, Zygote};

/// Where the state lies in its bucket.
pub const PREFIX: &str = "audits/prod";

/// Breaks in several areas, each of few findings.
pub const BROKEN: &[&str] = &[
    "net-02-igw-attached",
    "net-14-default-ingress",
    "vpe-03-s3-open",
    "iam-03-anybody",
    "data-11-off",
    "smk-04-root-enabled",
    "smk-12-hidden",
    "log-01-stopped",
    "log-11-reject-only",
];

/// An account with topics, queues behind them and a bucket for the state.
#[derive(Debug)]
pub struct Stage {
    /// Its emulator.
    pub emulator: Emulator,
    /// Its topics and its bucket.
    pub outputs: Outputs,
}

/// An alert as the subscribed queue got it.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// The id of its finding; empty where it has none.
    pub finding: String,
    /// What became of that.
    pub lifecycle: String,
    /// The message.
    pub message: Value,
    /// The attributes.
    pub attributes: BTreeMap<String, String>,
}

impl Stage {
    /// A fresh account with the outputs added.
    ///
    /// # Errors
    /// The emulator does not answer.
    pub fn of(zygote: &Zygote) -> Result<Self> {
        let emulator = zygote.fork()?;
        let outputs = emulator.outputs()?;
        Ok(Self { emulator, outputs })
    }

    /// The variables that a set-up has.
    ///
    /// # Errors
    /// An output is missing.
    pub fn variables(&self) -> Result<Vec<(&'static str, String)>> {
        let topic = |name: &str| self.outputs.topics.get(name).cloned().context("no such topic");
        Ok(vec![
            ("PLUMBLINE_BASELINE", Cli::new()?.baseline()),
            ("PLUMBLINE_STATE", self.state()),
            ("PLUMBLINE_TOPIC_ARN", topic("alerts")?),
            ("PLUMBLINE_DIGEST_TOPIC_ARN", topic("digest")?),
            ("PLUMBLINE_API_SHARE", "off".to_owned()),
        ])
    }

    /// Where the state is kept.
    #[must_use]
    pub fn state(&self) -> String {
        format!("s3://{}/{PREFIX}", self.outputs.state_bucket)
    }

    /// A Lambda program that waits for events.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn program(&self) -> Result<Runtime> {
        self.program_with(&[])
    }

    /// The same with other variables in place of its own.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn program_with(&self, more: &[(&str, &str)]) -> Result<Runtime> {
        let own = self.variables()?;
        let mut variables: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
        variables.extend(more);
        Runtime::start(&self.emulator.url(), &variables)
    }

    /// A user at a terminal with the same set-up.
    ///
    /// # Errors
    /// No temporary folder can be made.
    pub fn user(&self) -> Result<Cli> {
        let mut user = Cli::new()?;
        for (name, value) in self.variables()? {
            user = user.with(name, &value);
        }
        Ok(user)
    }

    /// The user's audit, published.
    ///
    /// # Errors
    /// It cannot be started, or did not end in time.
    pub fn publish(&self, user: &Cli) -> Result<Ran> {
        let (baseline, state) = (user.baseline(), self.state());
        user.run(
            &self.emulator,
            &["audit", "--baseline", &baseline, "--state", &state, "--publish", "--format", "json"],
        )
    }

    /// Makes several breaks.
    ///
    /// # Errors
    /// The emulator does not answer, or a break fails.
    pub fn break_all(&self, names: &[&str]) -> Result<()> {
        names.iter().try_for_each(|name| self.emulator.break_(name).map(drop))
    }

    /// The alerts that came in.
    ///
    /// # Errors
    /// The emulator does not answer, or an alert is no JSON.
    pub fn alerts(&self) -> Result<Vec<Alert>> {
        self.emulator.mail("alerts")?.iter().map(alert).collect()
    }

    /// What the state remembers.
    ///
    /// # Errors
    /// No state was saved.
    pub fn remembered(&self) -> Result<Value> {
        let objects = self.emulator.objects()?;
        let text = objects.get(&format!("{PREFIX}/123456789012/state.json")).context("no state was saved")?;
        Ok(serde_json::from_str(text.as_deref().context("the state is no text")?)?)
    }

    /// How much is owed.
    ///
    /// # Errors
    /// No state was saved.
    pub fn owed(&self) -> Result<usize> {
        let state = self.remembered()?;
        let outbox = state.get("outbox").context("no outbox")?;
        let count = |name: &str| outbox.get(name).and_then(Value::as_array).map_or(0, Vec::len);
        Ok(count("alerts") + count("digests"))
    }

    /// The ids of what is NON_COMPLIANT, as an audit of its own sees it.
    ///
    /// # Errors
    /// The audit failed.
    pub fn open(&self) -> Result<BTreeSet<String>> {
        let audited = Cli::new()?.audit(&self.emulator, &[])?;
        let open = audited.report.findings.iter().filter(|finding| finding.verdict == Verdict::NonCompliant);
        Ok(open.map(|finding| finding.id.to_string()).collect())
    }
}

/// A scheduled event as EventBridge sends it.
pub fn scheduled(id: &str) -> Value {
    json!({
        "version": "0", "id": id, "detail-type": "Scheduled Event", "source": "aws.events", "account": "123456789012",
        "time": "2026-09-14T06:00:00Z", "region": "eu-west-1",
        "resources": ["arn:aws:events:eu-west-1:123456789012:rule/plumbline"], "detail": {}
    })
}

fn alert(mail: &Mail) -> Result<Alert> {
    let message: Value = serde_json::from_str(&mail.message).with_context(|| mail.message.clone())?;
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let finding = message.get("finding");
    Ok(Alert {
        finding: text(finding.and_then(|finding| finding.get("id"))).unwrap_or_default(),
        lifecycle: text(finding.and_then(|finding| finding.get("lifecycle"))).unwrap_or_default(),
        attributes: mail.message_attributes.iter().map(|(name, value)| (name.clone(), value.value.clone())).collect(),
        message,
    })
}

/// The answer to an event that was audited.
///
/// # Errors
/// It is an error.
pub fn response(answer: Answer) -> Result<Value> {
    match answer {
        Answer::Response(value) => Ok(value),
        Answer::Error(error) => bail!("the function failed: {error}"),
    }
}

/// Whether an answer tells of an audit.
pub fn is_audit(answer: &Answer) -> bool {
    matches!(answer, Answer::Response(value) if value.get("summary").is_some())
}

/// The type and message of an error.
///
/// # Errors
/// It is no error, or has no type or message.
pub fn failure(answer: Answer) -> Result<(String, String)> {
    let Answer::Error(error) = answer else { bail!("no error but {answer:?}") };
    let text = |name: &str| error.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok((text("errorType").context("no type")?, text("errorMessage").context("no message")?))
}

/// One alert for each of `findings` and none more, each with this lifecycle.
///
/// # Errors
/// What is told without being open, what is open and not told, and what is told twice.
pub fn exactly(alerts: &[Alert], findings: &BTreeSet<String>, lifecycle: &str) -> Result<()> {
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for alert in alerts {
        ensure!(
            alert.lifecycle == lifecycle,
            "an alert that is {} and not {lifecycle}: {:#}",
            alert.lifecycle,
            alert.message
        );
        *told.entry(&alert.finding).or_default() += 1;
    }
    let twice: Vec<_> = told.iter().filter(|(_, times)| **times != 1).collect();
    ensure!(twice.is_empty(), "told more than once: {twice:?}");
    let told: BTreeSet<String> = told.into_keys().map(str::to_owned).collect();
    let (more, fewer): (Vec<_>, Vec<_>) = (told.difference(findings).collect(), findings.difference(&told).collect());
    ensure!(more.is_empty() && fewer.is_empty(), "told without being open: {more:?}; open and not told: {fewer:?}");
    Ok(())
}

/// The form of an alert, and its eight attributes.
///
/// # Errors
/// What is not as it should be.
pub fn is_well_formed(alert: &Alert) -> Result<()> {
    let message = &alert.message;
    let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let wanted: BTreeMap<String, String> = [
        ("schema", "plumbline.alert/1".to_owned()),
        ("severity", text("/finding/severity")),
        ("area", text("/finding/area")),
        ("control", text("/finding/control")),
        ("environment", text("/finding/environment")),
        ("account", "123456789012".to_owned()),
        ("region", "eu-west-1".to_owned()),
        ("lifecycle", text("/finding/lifecycle")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    ensure!(alert.attributes == wanted, "attributes {:?}, wanted {wanted:?}", alert.attributes);
    ensure!(text("/schema") == "plumbline.alert/1" && !text("/text").is_empty(), "{message:#}");
    ensure!(!text("/run/id").is_empty() && !text("/run/report").is_empty(), "{message:#}");
    let finding: Finding = serde_json::from_value(message.get("finding").cloned().context("no finding")?)?;
    ensure!(finding.verdict == Verdict::NonCompliant && !finding.evidence.is_empty(), "{}", line(&finding));
    Ok(())
}
