//! Accounts and baselines that need the reads which the clean account has no use for.

use anyhow::Result;
use serde_json::{Value, json};

use crate::program::Cli;
use crate::server::{Emulator, Zygote};

/// One way in which an account or its baseline differs from the clean one.
#[derive(Debug, Clone, Copy)]
pub struct Variation {
    /// What it is.
    pub name: &'static str,
    /// Texts of the baseline, and what stands in their place.
    pub baseline: &'static [(&'static str, &'static str)],
    /// Breaks to make.
    pub breaks: &'static [&'static str],
    /// Faults to inject.
    pub faults: fn() -> Vec<Value>,
}

/// All of them.
pub const VARIATIONS: &[Variation] = &[
    Variation {
        name: "the baseline names a key by its tags",
        baseline: &[(
            "{name: logs, alias: alias/ds-logs, uses",
            "{name: logs, alias: alias/ds-logs, tags: {ProjectName: fraud}, uses",
        )],
        breaks: &[],
        faults: Vec::new,
    },
    Variation {
        name: "the baseline asks for the remote-debug setting of training jobs",
        baseline: &[("    min_azs: 3\n", "    min_azs: 3\n    check_remote_debug: true\n")],
        breaks: &[],
        faults: Vec::new,
    },
    Variation {
        name: "Search knows nothing of what is listed",
        baseline: &[],
        breaks: &[],
        faults: || {
            vec![json!({"kind": "patch", "service": "sagemaker", "operation": "Search",
                        "set": {"Results": []}, "remove": ["NextToken"]})]
        },
    },
    Variation {
        name: "an instance with a volume in an environment subnet, and a prefix list that a rule names",
        baseline: &[],
        breaks: &["data-13-plain-volume", "net-15-prefix-list"],
        faults: Vec::new,
    },
];

impl Variation {
    /// An account with this difference, and a user with its baseline. `more` are faults beside its own.
    ///
    /// # Errors
    /// The emulator does not answer.
    pub fn prepare(&self, zygote: &Zygote, more: &[Value]) -> Result<(Cli, Emulator)> {
        let emulator = zygote.fork()?;
        for name in self.breaks {
            emulator.break_(name)?;
        }
        let mut faults = more.to_vec();
        faults.extend((self.faults)());
        emulator.faults(&faults)?;
        Ok((Cli::under(self.baseline)?, emulator))
    }
}
