//! What a report means for the exit code.

use std::collections::BTreeSet;

use crate::{Report, Severity, Verdict};

/// What a report means for the exit code of an audit that ran to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitStatus {
    /// Everything asked for was seen, and no drift is open.
    Clean,
    /// Drift is open, seen now or not.
    Drift,
    /// No drift is open, but not everything could be seen.
    Blind,
}

impl ExitStatus {
    /// The exit code of the contract.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Drift => 1,
            Self::Blind => 3,
        }
    }
}

impl Report {
    /// What the report means for the exit code, where findings below `fail_on` don't count. Drift goes before blindness; what
    /// a live exception covers is no drift, but not seeing it is blindness all the same.
    ///
    /// A lost read is blindness even where no verdict hung on it today: whoever counts on "0" counts on a complete look. It
    /// counts where a control at or above `fail_on` reads it.
    #[must_use]
    pub fn exit_status(&self, fail_on: Severity) -> ExitStatus {
        let counted = || self.findings.iter().filter(|finding| finding.severity >= fail_on);
        if counted().any(crate::Finding::is_drift) {
            return ExitStatus::Drift;
        }
        let controls: BTreeSet<&str> = counted().map(|finding| finding.control.as_str()).collect();
        let lost = self.coverage.reads.iter().filter(|read| read.outcome.is_loss());
        let blinded = lost.flat_map(|read| &read.blinds).any(|control| controls.contains(control.as_str()));
        if blinded || counted().any(|finding| finding.verdict == Verdict::InsufficientData) {
            ExitStatus::Blind
        } else {
            ExitStatus::Clean
        }
    }
}
