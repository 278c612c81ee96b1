//! Reports made by hand, for the tests of every format.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use plumbline_findings::{
    Area, Attribution, BaselineInfo, Because, Change, ControlInfo, Cost, Coverage, Evidence, ExceptionNote,
    ExceptionNotes, ExcludedResource, Finding, LastVerdict, Lifecycle, Maps, Origin, REPORT_SCHEMA, ReadCoverage,
    ReadOutcome, Reason, RelatedControls, Report, RunInfo, Severity, State, Summary, Trigger, Verdict, Visibility,
    VisibilityChange,
};
use plumbline_names::{AccountId, Partition, Region, ResourceRef, Text, UNASSIGNED};

use crate::{CatalogueEntry, CatalogueRead};

pub(crate) const URI: &str = "s3://ds-audit-state/plumbline/111122223333/reports/2025-11-24/r-7.json.zst";

/// What no byte of any format but an escaped one may hold: controls, an override, invisible and wide characters.
pub(crate) const HOSTILE: &str =
    "nb\u{1b}[2J\u{1b}]0;pwned\u{7}\r\n\u{9b}31m\u{202e}\u{200b}\u{feff}\u{e0041}\u{ffff}日本";

pub(crate) fn account() -> AccountId {
    "111122223333".parse().unwrap()
}

pub(crate) fn at(time: &str) -> Timestamp {
    format!("2025-11-24T{time}Z").parse().unwrap()
}

pub(crate) fn region() -> Region {
    "eu-west-1".parse().unwrap()
}

/// A control and its area, for findings and catalogues.
pub(crate) const GATEWAY: ControlInfo = ControlInfo {
    id: "NET-02",
    name: "no-internet-gateway",
    title: "No internet gateway is attached to the VPC.",
    area: Area::Network,
    severity: Severity::Critical,
    origin: Origin::Seed,
    scope: "env",
    rationale: "An attached gateway is one CreateRoute away from the internet, whether or not a route uses it today.",
    decided: "Every attachment of every internet gateway to the VPC counts, in whatever state but detached.",
    remediation: "Remove the routes that use the gateway, then detach and delete it.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-4", "SC-7"] },
};

pub(crate) const DIRECT: ControlInfo = ControlInfo {
    id: "SMK-02",
    name: "notebook-no-direct-internet",
    title: "No notebook has direct internet access.",
    area: Area::Sagemaker,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "notebook",
    rationale: "Direct access goes around the VPC.",
    decided: "DirectInternetAccess of each notebook is Disabled.",
    remediation: "Make the notebook again with direct internet access disabled; it cannot be changed.",
    maps: Maps { securityhub: &["SageMaker.1"], cis: &[], nist: &["SC-7"] },
};

pub(crate) fn catalogue() -> Vec<CatalogueEntry<'static>> {
    let vpcs = CatalogueRead { service: "ec2", operation: "DescribeVpcs", permissions: &["ec2:DescribeVpcs"] };
    let gateways = CatalogueRead {
        service: "ec2",
        operation: "DescribeInternetGateways",
        permissions: &["ec2:DescribeInternetGateways"],
    };
    let notebooks = CatalogueRead {
        service: "sagemaker",
        operation: "ListNotebookInstances",
        permissions: &["sagemaker:ListNotebookInstances"],
    };
    vec![
        CatalogueEntry { info: &GATEWAY, reads: vec![vpcs, gateways] },
        CatalogueEntry { info: &DIRECT, reads: vec![notebooks, vpcs] },
    ]
}

/// A finding of `control` about the resource `name` of `fraud-dev`, COMPLIANT.
pub(crate) fn compliant(control: &ControlInfo, name: &str) -> Finding {
    Finding {
        id: format!("{}-{name}", control.id.to_lowercase()).into(),
        control: control.id.into(),
        name: control.name.into(),
        title: control.title.into(),
        area: control.area,
        severity: control.severity,
        verdict: Verdict::Compliant,
        reason: None,
        lifecycle: None,
        environment: "fraud-dev".into(),
        account: account(),
        region: Some(region()),
        resource: ResourceRef::new(
            format!("arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/{name}"),
            "AWS::SageMaker::NotebookInstance",
            name,
        ),
        aspect: None,
        message: "".into(),
        evidence: vec![],
        remediation: control.remediation.into(),
        first_seen: at("09:00:00"),
        last_seen: at("11:05:00"),
        last_confirmed: Some(at("11:05:00")),
        attribution: None,
        exception: None,
        maps: RelatedControls::from(&control.maps).into(),
        baseline_change: false,
    }
}

/// The same, NON_COMPLIANT.
pub(crate) fn broken(control: &ControlInfo, name: &str, lifecycle: Lifecycle) -> Finding {
    Finding {
        verdict: Verdict::NonCompliant,
        lifecycle: Some(lifecycle),
        message: format!("Notebook `{name}` has direct internet access.").into(),
        evidence: vec![Evidence::field(
            "sagemaker:DescribeNotebookInstance",
            format!("{name}.DirectInternetAccess"),
            "Enabled",
            "Disabled",
        )],
        ..compliant(control, name)
    }
}

/// The worst: an attached gateway, and who did it.
pub(crate) fn gateway() -> Finding {
    Finding {
        region: Some(region()),
        resource: ResourceRef::new("arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1", "AWS::EC2::VPC", "vpc-1"),
        message: "Internet gateway `igw-1` is attached to `vpc-1`.".into(),
        evidence: vec![Evidence::field(
            "ec2:DescribeInternetGateways",
            "igw-1.Attachments[vpc-1].State",
            "available",
            "not attached",
        )],
        attribution: Some(Box::new(Attribution {
            event_id: "e-1".into(),
            event_name: "AttachInternetGateway".into(),
            event_time: at("10:00:00"),
            principal: "arn:aws:sts::111122223333:assumed-role/ds-admin/eve".into(),
            source_ip: Some("198.51.100.7".into()),
            confidence: "high".into(),
        })),
        ..broken(&GATEWAY, "vpc-1", Lifecycle::New)
    }
}

pub(crate) fn resolved(name: &str) -> Finding {
    Finding {
        lifecycle: Some(Lifecycle::Resolved),
        verdict: Verdict::NotApplicable,
        reason: Some(Reason::ResourceGone),
        message: "".into(),
        ..broken(&DIRECT, name, Lifecycle::Resolved)
    }
}

pub(crate) fn read(operation: &str, outcome: ReadOutcome, blinds: &[&str]) -> ReadCoverage {
    ReadCoverage {
        service: "ec2".to_owned(),
        operation: operation.to_owned(),
        region: Some(region()),
        outcome,
        calls: 1,
        items: 2,
        throttled: 0,
        error: outcome.is_loss().then(|| "UnauthorizedOperation: you are not authorized".to_owned()),
        blinds: blinds.iter().map(|id| (*id).to_owned()).collect(),
    }
}

/// A report with these findings, in which everything was seen.
pub(crate) fn report(findings: Vec<Finding>) -> Report {
    Report {
        schema: REPORT_SCHEMA.to_owned(),
        run: RunInfo {
            id: "r-7".to_owned(),
            trigger: Trigger::Schedule,
            reason: None,
            started_at: at("11:04:00"),
            finished_at: at("11:05:00"),
            account: account(),
            partition: Partition::named("aws"),
            regions: vec![region()],
            environments: vec!["fraud-dev".into()],
            scope: vec![],
            baseline: BaselineInfo {
                file: "baseline.yaml".to_owned(),
                sha256: "0123456789abcdef".repeat(4),
                accepted: vec![],
                changed_from: None,
            },
            version: "0.1.0".to_owned(),
            previous: Some("r-6".to_owned()),
            legs: 1,
        },
        coverage: Coverage::of(vec![
            read("DescribeVpcs", ReadOutcome::Complete, &[]),
            read("DescribeSubnets", ReadOutcome::Complete, &[]),
            read("DescribeFlowLogs", ReadOutcome::NotPlanned, &[]),
        ]),
        cost: Cost { seconds: 3.25, calls: 12, throttled: 1, ..Cost::default() },
        summary: Summary::of(&findings),
        findings,
        visibility: vec![],
        exceptions: ExceptionNotes::default(),
        excluded: vec![],
        notes: vec![],
    }
}

/// A report with something of everything.
pub(crate) fn busy() -> Report {
    let mut findings = vec![gateway()];
    findings.extend((1..=12).map(|n| {
        broken(&DIRECT, &format!("nb-{n:02}"), if n == 5 { Lifecycle::Reopened } else { Lifecycle::Persisting })
    }));
    findings.push(Finding { environment: UNASSIGNED.into(), ..broken(&DIRECT, "nb-x", Lifecycle::New) });
    findings.push(resolved("nb-old"));
    findings.push(Finding {
        verdict: Verdict::InsufficientData,
        reason: Some(Reason::AccessDenied),
        ..compliant(&DIRECT, "nb-dark")
    });
    findings.push(compliant(&GATEWAY, "vpc-2"));
    let mut report = report(findings);
    report.run.scope = vec!["area:network".to_owned(), "area:sagemaker".to_owned()];
    report.run.baseline.accepted = ["allowed_peers", "accepted_kinds", "job_lookback_days"]
        .map(|name| format!("`fraud-dev`: `{name}` is wider"))
        .into();
    report.run.baseline.changed_from = Some("fedcba9876543210".repeat(4));
    report.coverage = Coverage::of(vec![
        read("DescribeVpcs", ReadOutcome::Complete, &[]),
        read("DescribeRouteTables", ReadOutcome::Denied, &["NET-08", "NET-09", "VPE-08"]),
        read("DescribeVpnGateways", ReadOutcome::Throttled, &["NET-05"]),
    ]);
    let note = ExceptionNote {
        control: "NET-05".to_owned(),
        environment: "fraud-dev".into(),
        subject: "arn:aws:ec2:eu-west-1:111122223333:vpn-gateway/vgw-1".to_owned(),
        expires: "2025-11-23".parse().unwrap(),
        owner: "net@example.com".to_owned(),
        reason: "Migration until the end of the year.".to_owned(),
        ticket: None,
        findings: vec![],
        detail: None,
    };
    report.exceptions = ExceptionNotes {
        expiring: vec![ExceptionNote { expires: "2025-12-01".parse().unwrap(), ..note.clone() }; 3],
        unused: vec![note.clone()],
        mismatched: vec![ExceptionNote {
            detail: Some("`a.State` is `on`, the exception says `off`".to_owned()),
            ..note.clone()
        }],
        expired: vec![note],
    };
    let nb = |name: &str| {
        ResourceRef::new(
            format!("arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/{name}"),
            "AWS::SageMaker::NotebookInstance",
            name,
        )
    };
    report.visibility = vec![VisibilityChange {
        finding: "f".into(),
        control: "SMK-02".into(),
        environment: "fraud-dev".into(),
        region: Some(region()),
        resource: nb("nb-dark"),
        aspect: None,
        change: Visibility::Lost,
        from: Some(Verdict::Compliant),
        to: Some(Verdict::InsufficientData),
        reason: Some(Reason::AccessDenied),
    }];
    report.excluded = vec![ExcludedResource {
        environment: "fraud-dev".into(),
        arn: nb("nb-9").arn.into(),
        reason: "A demonstration.".to_owned(),
        owner: "ds@example.com".to_owned(),
        expires: "2025-12-24".parse().unwrap(),
    }];
    report.notes = vec![
        "2 verdicts are older than what another run has saved meanwhile".to_owned(),
        "ambiguous_selection: `nb-3` matches `fraud-dev` and `churn-dev` by tags, hence it is unassigned".to_owned(),
        "unselected: nobody audits 12 SageMaker resources of `eu-west-1`, which are in no environment".to_owned(),
    ];
    report
}

/// What to tell of each finding that changed.
pub(crate) fn changes(report: &Report) -> Vec<Change> {
    let because = |finding: &Finding| match finding.lifecycle? {
        Lifecycle::New => Some(Because::New),
        Lifecycle::Reopened => Some(Because::Reopened),
        Lifecycle::Resolved => Some(Because::Resolved),
        Lifecycle::Persisting => None,
    };
    let changes = report.findings.iter().filter_map(|finding| {
        Some(Change { id: format!("m-{}", finding.id), finding: finding.id.clone(), because: because(finding)? })
    });
    changes.collect()
}

/// A report with `n` new findings, and nothing else.
pub(crate) fn new_ones(n: usize) -> Report {
    report((1..=n).map(|n| broken(&DIRECT, &format!("nb-{n:04}"), Lifecycle::New)).collect())
}

/// A report in which every text that comes from outside is `text`, as often as it can be.
pub(crate) fn everywhere(text: &str, findings: usize) -> Report {
    let mut report = busy();
    let all = report.findings.len();
    let mut more: Vec<Finding> = (0..findings.max(all)).filter_map(|n| report.findings.get(n % all).cloned()).collect();
    let text = text.to_owned();
    for (n, finding) in more.iter_mut().enumerate() {
        finding.id = format!("f-{n}").into();
        finding.environment = text.as_str().into();
        finding.message = text.as_str().into();
        finding.remediation = text.as_str().into();
        finding.title = text.as_str().into();
        finding.aspect = Some(text.clone().into());
        finding.resource = ResourceRef::new(text.clone(), &text, text.clone());
        finding.evidence = vec![Evidence::field(&text, text.clone(), text.clone(), text.clone()); 3];
        if let Some(attribution) = &mut finding.attribution {
            attribution.principal = text.as_str().into();
            attribution.event_name = text.as_str().into();
        }
    }
    report.findings = more;
    report.summary = Summary::of(&report.findings);
    report.run.id.clone_from(&text);
    report.run.reason = Some(text.clone());
    report.run.environments = vec![text.clone().into(); 30];
    report.run.scope = vec![text.clone(); 30];
    report.run.baseline.file.clone_from(&text);
    report.run.baseline.changed_from = Some(text.clone());
    report.run.baseline.accepted = vec![text.clone(); 30];
    for read in &mut report.coverage.reads {
        read.error = Some(text.clone());
        read.blinds = vec![text.clone(); 30];
    }
    report.coverage.reads = report.coverage.reads.iter().cycle().take(60).cloned().collect();
    for notes in [
        &mut report.exceptions.expired,
        &mut report.exceptions.expiring,
        &mut report.exceptions.unused,
        &mut report.exceptions.mismatched,
    ] {
        for note in notes.iter_mut() {
            note.subject.clone_from(&text);
            note.owner.clone_from(&text);
            note.detail = Some(text.clone());
        }
    }
    for change in &mut report.visibility {
        change.resource.name = text.as_str().into();
        change.environment = text.as_str().into();
    }
    report.visibility = report.visibility.iter().cycle().take(60).cloned().collect();
    for excluded in &mut report.excluded {
        excluded.arn.clone_from(&text);
        excluded.owner.clone_from(&text);
    }
    report.notes = vec![format!("unselected: {text}"); 30];
    report.notes.extend(vec![text; 60]);
    report
}

/// The state after a run: two environments and `unassigned`, with some verdicts.
pub(crate) fn state() -> State {
    let mut state = State::empty(account());
    state.environments = ["fraud-dev", "churn-dev", UNASSIGNED].map(Text::from).into();
    let verdict = |verdict: Verdict, area: Area| LastVerdict {
        control: "NET-02".into(),
        area,
        environment: "fraud-dev".into(),
        region: None,
        resource: ResourceRef::new("arn", "AWS::EC2::VPC", "vpc-1"),
        aspect: None,
        whole_set: false,
        verdict,
        reason: None,
        first_seen: at("09:00:00"),
        last_seen: at("11:05:00"),
        last_confirmed: Some(at("11:05:00")),
    };
    state.verdicts = BTreeMap::from([
        ("a".into(), verdict(Verdict::Compliant, Area::Network)),
        ("b".into(), verdict(Verdict::Compliant, Area::Network)),
        ("c".into(), verdict(Verdict::Compliant, Area::Network)),
        ("d".into(), verdict(Verdict::InsufficientData, Area::Network)),
        ("e".into(), verdict(Verdict::NotApplicable, Area::Data)),
    ]);
    state
}

/// The characters of a text that must not leave as they are, newlines between lines excepted.
pub(crate) fn steering(text: &str) -> BTreeSet<char> {
    text.chars().filter(|&character| character != '\n' && crate::escape::is_hostile(character)).collect()
}
