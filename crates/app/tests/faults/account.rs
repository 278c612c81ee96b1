//! The accounts that were recorded, and how they differ from the emulator's clean one.

/// An account, and the baseline that it is audited under.
#[derive(Debug)]
pub(crate) struct Account {
    /// Its name, which is that of its file.
    pub(crate) name: &'static str,
    /// Texts of the emulator's baseline, and what stands in their place.
    pub(crate) baseline: &'static [(&'static str, &'static str)],
    /// What is broken in it.
    pub(crate) breaks: &'static [&'static str],
    /// `Search` of SageMaker finds nothing in it, so that everything is asked one by one.
    pub(crate) searchless: bool,
    /// IAM does not list the boundary, so that it is asked for by its ARN.
    pub(crate) unlisted: bool,
    /// It was audited before, so that its drift is known, and to which environment everything belongs.
    pub(crate) known: bool,
}

/// As it should be.
pub(crate) const CLEAN: Account =
    Account { name: "clean", baseline: &[], breaks: &[], searchless: false, unlisted: false, known: false };

/// With drift in every area, and with need of the reads that the clean account has no use for.
pub(crate) const DRIFTED: Account = Account {
    name: "drifted",
    baseline: &[
        ("{name: logs, alias: alias/ds-logs, uses", "{name: logs, tags: {ProjectName: fraud}, uses"),
        ("    min_azs: 3\n", "    min_azs: 3\n    check_remote_debug: true\n"),
    ],
    breaks: &[
        "net-02-igw-attached",
        "net-14-default-ingress",
        "net-15-prefix-list",
        "vpe-03-s3-open",
        "iam-03-anybody",
        "iam-09-no-boundary",
        "data-01-sse-s3",
        "data-06-account-flag",
        "data-11-off",
        "data-13-plain-volume",
        "smk-04-root-enabled",
        "smk-08-public",
        "smk-12-hidden",
        "log-01-stopped",
        "log-08-studio",
        "log-11-reject-only",
    ],
    searchless: true,
    unlisted: true,
    known: true,
};

/// All of them.
pub(crate) const ACCOUNTS: [&Account; 2] = [&CLEAN, &DRIFTED];

/// The control that a break is about, such as `NET-02` of `net-02-igw-attached`.
pub(crate) fn control(name: &str) -> String {
    name.split('-').take(2).collect::<Vec<_>>().join("-").to_uppercase()
}

impl Account {
    /// The text of its baseline.
    pub(crate) fn baseline(&self) -> String {
        let mut text = include_str!("../../../../tests/emulator/baseline.yaml").to_owned();
        for (from, to) in self.baseline {
            assert!(text.contains(from), "the baseline has no `{from}`");
            text = text.replacen(from, to, 1);
        }
        text
    }
}
