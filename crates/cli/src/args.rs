//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use plumbline_app::share;
use plumbline_findings::Severity;
use plumbline_names::AccountId;

/// Says exactly what no longer holds in a secure SageMaker data science environment, since when, and why it is sure.
#[derive(Debug, Parser)]
#[command(
    name = "plumbline",
    version,
    max_term_width = 100,
    after_help = "Start with:\n  plumbline baseline check baseline.yaml\n  plumbline audit --baseline baseline.yaml --profile security-audit"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read the account, judge it, compare with the last state, print
    Audit(Audit),
    /// Read the account into one file, without judging it
    Snapshot(Snapshot),
    /// Judge a saved snapshot; no network
    Evaluate(Evaluate),
    /// What changed between two snapshots, or between two reports
    Diff(Diff),
    /// Check a baseline file, or print its JSON Schema
    #[command(subcommand)]
    Baseline(Baseline),
    /// The catalogue of controls
    #[command(subcommand)]
    Controls(Controls),
    /// The IAM policy that the reads need
    Permissions(Permissions),
    /// What policies allow; no network
    #[command(subcommand)]
    Policy(Policy),
    /// Who reaches whom in the networks of a saved snapshot; no network
    #[command(subcommand)]
    Network(Network),
}

/// Where credentials and Region come from, and how fast to read.
#[derive(Debug, Args)]
pub(crate) struct Account {
    /// A profile of the AWS config and credentials files
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// Keep the environments of this Region; also where STS and state are asked
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// An endpoint for every service, such as an emulator's
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// The share of each AWS rate limit that may be used: above 0 and up to 1, or `off` for an emulator [default: 0.5]
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    pub(crate) api_share: Option<ShareArgument>,
}

/// A share of the rate limits, as typed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShareArgument(pub(crate) plumbline_app::Share);

fn parse_share(text: &str) -> Result<ShareArgument, String> {
    share(text).map(ShareArgument).ok_or_else(|| "expected a number above 0 and up to 1, or `off`".to_owned())
}

/// What to look at.
#[derive(Debug, Default, Args)]
pub(crate) struct Extent {
    /// Only this environment; may be given several times
    #[arg(long = "environment", value_name = "NAME")]
    pub(crate) environments: Vec<String>,
    /// `area:network`, `control:NET-02` or `resource:ARN-or-id`; several are a union
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(crate) scope: Vec<String>,
}

/// How to print.
#[derive(Debug, Args)]
pub(crate) struct Printing {
    /// The format of what is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal
    Text,
    /// For programs
    Json,
}

fn parse_severity(text: &str) -> Result<Severity, String> {
    text.parse()
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  plumbline audit --baseline baseline.yaml --profile security-audit --fail-on HIGH\n\nExit codes: 0 nothing open, 1 drift, 2 it could not run, 3 not everything could be seen."
)]
pub(crate) struct Audit {
    /// The baseline file
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: PathBuf,
    #[command(flatten)]
    pub(crate) account: Account,
    #[command(flatten)]
    pub(crate) extent: Extent,
    /// Where the state is kept: a folder or `s3://bucket/prefix` [default: `.plumbline/` beside the baseline]
    #[arg(long, value_name = "URI")]
    pub(crate) state: Option<String>,
    /// Also send alerts (SNS) and metrics (CloudWatch), as the `PLUMBLINE_…` variables say
    #[arg(long)]
    pub(crate) publish: bool,
    /// Findings of this severity or worse decide the exit code
    #[arg(long, value_name = "SEVERITY", default_value = "LOW", value_parser = parse_severity)]
    pub(crate) fail_on: Severity,
    #[command(flatten)]
    pub(crate) printing: Printing,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Without `--scope` everything is read that any control, or a later version, may need; with it, what the controls of the scope need.\n\nExample:\n  plumbline snapshot --baseline baseline.yaml --out account.snapshot\n\nExit codes: 0 complete, 2 it could not run, 3 some read has a gap."
)]
pub(crate) struct Snapshot {
    /// The baseline file, which says what to read
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: PathBuf,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) account: Account,
    #[command(flatten)]
    pub(crate) extent: Extent,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  plumbline evaluate account.snapshot --baseline baseline.yaml --format json\n\nExit codes as of `audit`."
)]
pub(crate) struct Evaluate {
    /// The snapshot file
    #[arg(value_name = "SNAPSHOT")]
    pub(crate) snapshot: PathBuf,
    /// The baseline file
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: PathBuf,
    #[command(flatten)]
    pub(crate) extent: Extent,
    /// Compare with, and write, the state in this folder; without it nothing is remembered
    #[arg(long, value_name = "FOLDER")]
    pub(crate) state: Option<String>,
    /// Findings of this severity or worse decide the exit code
    #[arg(long, value_name = "SEVERITY", default_value = "LOW", value_parser = parse_severity)]
    pub(crate) fail_on: Severity,
    #[command(flatten)]
    pub(crate) printing: Printing,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  plumbline diff monday.snapshot tuesday.snapshot\n\nExit codes: 0 the same, 1 different, 2 it could not run."
)]
pub(crate) struct Diff {
    /// A snapshot or a JSON report
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// Another of the same kind
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    #[command(flatten)]
    pub(crate) printing: Printing,
}

#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  plumbline baseline check baseline.yaml\n\nExit codes: 0 or 2.")]
pub(crate) enum Baseline {
    /// Say what is wrong with a baseline file, with line and column
    #[command(after_help = "Example:\n  plumbline baseline check baseline.yaml")]
    Check {
        /// The baseline file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Write the live policies as reference policies, so that any later widening is drift
    #[command(
        after_help = "Example:\n  plumbline baseline freeze baseline.yaml\n  plumbline baseline freeze baseline.yaml --snapshot monday.snapshot\n\nA file that the baseline names is written to; for the rest a path is chosen, and the lines that the baseline needs are printed. Exit codes: 0, 2 it could not run, 3 some policy was not seen."
    )]
    Freeze {
        /// The baseline file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Take the policies from this snapshot instead of the live account
        #[arg(long, value_name = "SNAPSHOT")]
        snapshot: Option<PathBuf>,
        #[command(flatten)]
        account: Account,
    },
    /// Print the JSON Schema of the baseline file, for editors
    #[command(after_help = "Example:\n  plumbline baseline schema --out baseline.schema.json")]
    Schema {
        /// Write to this file instead of standard output
        #[arg(long, value_name = "PATH")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  plumbline controls show NET-02")]
pub(crate) enum Controls {
    /// Every control, a line each
    #[command(after_help = "Example:\n  plumbline controls list --format json")]
    List {
        #[command(flatten)]
        printing: Printing,
    },
    /// One control: what, why, what is read, how it is decided, how to fix
    #[command(after_help = "Example:\n  plumbline controls show NET-02")]
    Show {
        /// The control's id
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        printing: Printing,
    },
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  plumbline permissions --control NET-02 --control NET-08\n  plumbline permissions --without ec2:DescribeRouteTables"
)]
pub(crate) struct Permissions {
    /// Only what this control needs; may be given several times
    #[arg(long = "control", value_name = "ID")]
    pub(crate) controls: Vec<String>,
    /// Instead, say which controls go blind without this action
    #[arg(long, value_name = "ACTION")]
    pub(crate) without: Option<String>,
    #[command(flatten)]
    pub(crate) printing: Printing,
}

#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  plumbline policy simulate --cases cases.jsonl")]
pub(crate) enum Policy {
    /// Say whether a policy allows anything that its reference does not, with a request that shows it
    #[command(
        after_help = "Example:\n  plumbline policy compare reviewed/training_execution.json live/training_execution.json\n  plumbline policy compare --type endpoint --world dictionary vpce-s3.json now.json\n  plumbline policy compare --pairs pairs.jsonl\n\nA line of pairs:\n  {\"id\": \"1\", \"type\": \"identity\", \"reference\": {\"Version\": \"2012-10-17\", \"Statement\": []}, \"candidate\": {\"Version\": \"2012-10-17\", \"Statement\": []}}\n\nExit codes: 0 no new access, 1 new access, 2 it could not run, 3 unknown; with --pairs 0 once every line is answered."
    )]
    Compare(Compare),
    /// Decide requests: a line of JSON in, a line out, in the same order
    #[command(
        after_help = "Example:\n  plumbline policy simulate --cases cases.jsonl\n\nA line in:\n  {\"id\": \"1\", \"request\": {\"principal\": \"arn:aws:iam::111122223333:role/trainer\", \"action\": \"s3:GetObject\", \"resource\": \"arn:aws:s3:::data/a\", \"resource_account\": \"111122223333\", \"context\": {}}, \"identity_policies\": [{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\"}]}]}\n\nA line out says ALLOW, EXPLICIT_DENY, IMPLICIT_DENY or UNKNOWN, and why.\n\nExit codes: 0 once every line is answered, 2 it could not run."
    )]
    Simulate(Simulate),
}

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// The reviewed policy, a file of JSON
    #[arg(value_name = "REFERENCE", required_unless_present = "pairs")]
    pub(crate) reference: Option<PathBuf>,
    /// The policy that is to allow no more, a file of JSON
    #[arg(value_name = "CANDIDATE", required_unless_present = "pairs")]
    pub(crate) candidate: Option<PathBuf>,
    /// What both documents are
    #[arg(long = "type", value_name = "TYPE", value_enum, default_value = "identity")]
    pub(crate) kind: PolicyType,
    /// The account that the policies are of, for the request that is shown
    #[arg(long, value_name = "ID", value_parser = account_id)]
    pub(crate) account: Option<AccountId>,
    /// Which actions count: any at all, or those known today
    #[arg(long, value_name = "WORLD", value_enum, default_value = "open")]
    pub(crate) world: World,
    /// Many pairs, a line of JSON for each
    #[arg(long, value_name = "FILE", conflicts_with_all = ["reference", "candidate", "kind", "account"])]
    pub(crate) pairs: Option<PathBuf>,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  plumbline network paths monday.snapshot --from subnet-0a1b --to internet")]
pub(crate) enum Network {
    /// Every kind of path between two ends with the rule that decides each hop, or the proof that there is none
    #[command(
        after_help = "Example:\n  plumbline network paths monday.snapshot --from subnet-0a1b --to internet\n  plumbline network paths monday.snapshot --from internet --to vpc-0c2d\n  plumbline network paths monday.snapshot --from eni-0e3f --to 10.9.0.0/16 --format json\n  plumbline network paths monday.snapshot --from vpc-0c2d --to internet --format svg --out paths.svg\n\nAn end is one of: internet, vpc-…, subnet-…, eni-…, pcx-…, tgw-…, vgw-…, vpce-…, an address, a CIDR block; left out, it is anything.\n\nOPEN is followed by each kind of path, CLOSED is proved for every packet, UNKNOWN says where packets are lost from sight.\n\nExit codes: 0 once the question is answered, 2 it could not run."
    )]
    Paths(Paths),
    /// A VPC's network at once: every way in and out, who gets from subnet to subnet, who reaches each endpoint
    #[command(
        after_help = "Example:\n  plumbline network overview monday.snapshot --vpc vpc-0c2d\n  plumbline network overview monday.snapshot --format json\n\nA way in or out names the gateway and the network interfaces that get through it. Of each endpoint it says who reaches it on tcp 443, and what shuts off who does not. `network paths` shows the hops of any of them.\n\nExit codes: 0 once the question is answered, 2 it could not run."
    )]
    Overview(NetworkOverview),
}

#[derive(Debug, Args)]
pub(crate) struct NetworkOverview {
    /// A file that `plumbline snapshot` wrote
    #[arg(value_name = "SNAPSHOT")]
    pub(crate) snapshot: PathBuf,
    /// The VPC; left out, each one of the snapshot
    #[arg(long, value_name = "VPC")]
    pub(crate) vpc: Option<String>,
    #[command(flatten)]
    pub(crate) printing: Printing,
}

#[derive(Debug, Args)]
pub(crate) struct Paths {
    /// A file that `plumbline snapshot` wrote
    #[arg(value_name = "SNAPSHOT")]
    pub(crate) snapshot: PathBuf,
    /// Who sends
    #[arg(long, value_name = "END")]
    pub(crate) from: Option<String>,
    /// Who is to be reached
    #[arg(long, value_name = "END")]
    pub(crate) to: Option<String>,
    /// How the answer is written
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    pub(crate) format: PathsFormat,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
}

/// How paths are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PathsFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// A picture of the networks, the paths in red; of several Regions the first that has paths
    Svg,
}

/// What a policy is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyType {
    Identity,
    Resource,
    Trust,
    Boundary,
    Endpoint,
    Key,
    Scp,
    Rcp,
    Session,
}

/// Which actions count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum World {
    /// Any action at all
    Open,
    /// The actions known today
    Dictionary,
}

fn account_id(text: &str) -> Result<AccountId, String> {
    text.parse().map_err(|_| "expected an account id of 12 digits".to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// The requests with their policies, a line of JSON for each
    #[arg(long, value_name = "FILE")]
    pub(crate) cases: PathBuf,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
}
