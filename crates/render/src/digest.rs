//! The mail of a run: what changed, where, and what to do, in the order of severity.

use plumbline_findings::{Because, Change, DigestMessage, Lifecycle, Report, Visibility, digest_of};

use crate::escape::fitted;
use crate::group::{Room, Told, count, groups};
use crate::notes;
use crate::page::{Paragraph, Style, ink, lines_of, printed};

/// The bytes of a mail's text. SNS takes 262,144 for text and subject.
pub const DIGEST_BYTES: usize = 131_072;

/// The characters of a subject, of which SNS takes at most 100.
pub const SUBJECT_CHARACTERS: usize = 99;

/// The bytes of what stands below the list of changes, but for the link.
const TAIL_BYTES: usize = 16_384;

/// The bytes of a line that counts what has no place.
const FOLD_BYTES: usize = 64;

/// Lines of one paragraph.
const PARAGRAPH_LINES: usize = 12;

/// Changes under one control that are told one by one.
const EACH: usize = 10;

/// Columns of a line: what mail programs show without breaking it.
const MAIL: Style = Style { colour: false, width: 76, height: None };

/// What happened, as its own section of the mail. The order is that of the sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Opened,
    Reopened,
    Worse,
    Uncovered,
    Resolved,
}

impl Section {
    const ALL: [Self; 5] = [Self::Opened, Self::Reopened, Self::Worse, Self::Uncovered, Self::Resolved];

    fn of(because: Because) -> Self {
        match because {
            Because::New => Self::Opened,
            Because::Reopened => Self::Reopened,
            Because::SeverityRose { .. } => Self::Worse,
            Because::ExceptionExpired | Because::ExceptionNoLongerFits => Self::Uncovered,
            Because::Resolved => Self::Resolved,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Opened => "new",
            Self::Reopened => "reopened",
            Self::Worse => "worse",
            Self::Uncovered => "no longer excepted",
            Self::Resolved => "resolved",
        }
    }
}

/// The mail of a run, if anything changed: findings that alert, or what can be seen. None where all is as it was.
#[must_use]
pub fn digest(report: &Report, changes: &[Change], report_uri: &str) -> Option<DigestMessage> {
    let told: Vec<Told<'_>> = changes
        .iter()
        .filter_map(|change| {
            let finding = report.findings.iter().find(|finding| finding.id == change.finding)?;
            Some(Told { finding, because: Some(change.because) })
        })
        .collect();
    if told.is_empty() && report.visibility.is_empty() {
        return None;
    }
    Some(DigestMessage {
        id: digest_of(&["digest", report.run.account.as_str(), &report.run.id]),
        subject: subject(report, &told),
        body: body(report, &told, report_uri),
    })
}

/// `2 new, 1 resolved`; what came into view or went out of it where nothing else changed.
fn happened(report: &Report, told: &[Told<'_>]) -> String {
    let words: Vec<String> = Section::ALL
        .into_iter()
        .filter_map(|section| {
            let is = |told: &&Told<'_>| told.because.map(Section::of) == Some(section);
            let number = told.iter().filter(is).count();
            (number > 0).then(|| format!("{number} {}", section.word()))
        })
        .collect();
    if !words.is_empty() {
        return words.join(", ");
    }
    let lost = report.visibility.iter().filter(|change| change.change == Visibility::Lost).count();
    let regained = report.visibility.len() - lost;
    match (lost, regained) {
        (0, regained) => format!("{} in sight again", count(regained, "verdict", "verdicts")),
        (lost, 0) => format!("{} out of sight", count(lost, "verdict", "verdicts")),
        (lost, regained) => format!("{} out of sight, {regained} in sight again", count(lost, "verdict", "verdicts")),
    }
}

/// ASCII, on one line, under 100 characters.
fn subject(report: &Report, told: &[Told<'_>]) -> String {
    let opened = told.iter().filter(|told| told.finding.lifecycle != Some(Lifecycle::Resolved));
    let worst = opened.map(|told| told.finding.severity).max();
    let worst = worst.map_or_else(String::new, |worst| format!("{worst} in "));
    let environments = notes::environments(told.iter().map(|told| told.finding));
    let place = match (environments.first(), environments.len()) {
        (Some(only), 1) => format!(" {}", fitted(only, 24)),
        (_, 0) => String::new(),
        (_, many) => format!(" ({many} environments)"),
    };
    let whole = format!("[plumbline] {worst}{}{place}: {}", report.run.account, happened(report, told));
    let ascii = whole.chars().map(|character| if matches!(character, ' '..='~') { character } else { '?' });
    let mut subject: String = ascii.collect();
    if subject.len() > SUBJECT_CHARACTERS {
        subject.truncate(SUBJECT_CHARACTERS - 3);
        subject.push_str("...");
    }
    subject
}

fn body(report: &Report, told: &[Told<'_>], report_uri: &str) -> String {
    let mut lines = Paragraph::labelled("plumbline:", ink::PLAIN, happened(report, told)).lines(&MAIL);
    let audited = notes::audited(report, notes::AT_LENGTH) + &notes::only(report);
    lines.extend(Paragraph::new(audited).at_most(PARAGRAPH_LINES).lines(&MAIL));
    let open = notes::by_severity(report).unwrap_or_else(|| "none".to_owned());
    lines.extend(Paragraph::labelled("Open drift now:", ink::PLAIN, open).lines(&MAIL));

    let mut tail = vec![String::new()];
    let notes = [
        notes::visibility(report),
        notes::coverage(report, 5),
        notes::exceptions(report),
        notes::not_audited(report).into_iter().chain(notes::excluded(report)).collect(),
        notes::others(report, 5),
    ];
    tail.extend(within(lines_of(&notes.concat(), &MAIL, PARAGRAPH_LINES), TAIL_BYTES));
    tail.push(String::new());
    let uri = fitted(report_uri, 1_000);
    // WHY: a link that is broken over lines can't be followed.
    tail.push("The whole report:".to_owned());
    tail.push(uri);

    lines.extend(changes(told, DIGEST_BYTES.saturating_sub(bytes(&lines) + bytes(&tail) + FOLD_BYTES)));
    lines.extend(tail);
    printed(&lines)
}

/// The lines that there is room for; the others are counted.
fn within(mut lines: Vec<String>, room: usize) -> Vec<String> {
    let mut used = 0;
    let fit = lines
        .iter()
        .take_while(|line| {
            used += line.len() + 1;
            used + FOLD_BYTES <= room
        })
        .count();
    let rest = lines.len() - fit;
    if rest > 0 {
        lines.truncate(fit);
        lines.push(format!("and {}, which the report has.", count(rest, "more line", "more lines")));
    }
    lines
}

fn bytes(lines: &[String]) -> usize {
    lines.iter().map(|line| line.len() + 1).sum()
}

/// The changes by section and group, in at most `room` bytes; what has no place is counted.
fn changes(told: &[Told<'_>], room: usize) -> Vec<String> {
    let folded = groups(told.iter().copied(), |told| told.because.map(Section::of));
    // What is resolved comes last: nobody has to do anything about it.
    let (open, resolved): (Vec<_>, Vec<_>) = folded
        .into_iter()
        .partition(|group| group.first().and_then(|told| told.because).map(Section::of) != Some(Section::Resolved));
    let groups: Vec<_> = open.into_iter().chain(resolved).collect();
    let mut lines = Vec::new();
    let mut used = 0;
    for (nth, group) in groups.iter().enumerate() {
        let Some(Told { because: Some(because), .. }) = group.first() else { continue };
        let word = Section::of(*because).word().to_uppercase();
        let title = format!("{} {word}, {}", group.severity, group.control());
        let mut next = vec![String::new()];
        next.extend(Paragraph::new(title).lines(&MAIL));
        next.extend(lines_of(&group.details(EACH, Room::of(&MAIL)), &MAIL, PARAGRAPH_LINES));
        if used + bytes(&next) > room {
            let left: usize = groups.iter().skip(nth).map(|group| group.members.len()).sum();
            lines.push(String::new());
            lines.push(format!("And {}, which the report has.", count(left, "more change", "more changes")));
            break;
        }
        used += bytes(&next);
        lines.extend(next);
    }
    lines
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_findings::{Because, Finding, Severity, Summary};

    use super::{DIGEST_BYTES, SUBJECT_CHARACTERS, digest};
    use crate::samples::{
        DIRECT, HOSTILE, URI, broken, busy, changes, compliant, everywhere, gateway, new_ones, report, resolved,
        steering,
    };

    #[test]
    fn nothing_changed_no_mail() {
        let persisting = report(vec![
            compliant(&DIRECT, "nb-1"),
            broken(&DIRECT, "nb-2", plumbline_findings::Lifecycle::Persisting),
        ]);
        assert_eq!(digest(&persisting, &changes(&persisting), URI), None);
    }

    #[test]
    fn a_mail() {
        let mail = report(vec![gateway(), resolved("nb-old")]);
        let mail = digest(&mail, &changes(&mail), URI).unwrap();
        expect![[r#"
            ebd802cebf2d084456a5d92557bf4fb9
            [plumbline] CRITICAL in 111122223333 fraud-dev: 1 new, 1 resolved

            plumbline: 1 new, 1 resolved
            account 111122223333, fraud-dev (eu-west-1), 2025-11-24 11:05 UTC, baseline
              baseline.yaml (01234567), run r-7
            Open drift now: 1 CRITICAL

            CRITICAL NEW, NET-02 no-internet-gateway
              vpc-1: Internet gateway `igw-1` is attached to `vpc-1` (fraud-dev,
                eu-west-1)
              by: arn:aws:sts::111122223333:assumed-role/ds-admin/eve
                (AttachInternetGateway at 2025-11-24T10:00:00Z)
              do: Remove the routes that use the gateway, then detach and delete it.

            HIGH RESOLVED, SMK-02 notebook-no-direct-internet
              nb-old: the resource is gone (fraud-dev, eu-west-1)

            Coverage: complete (2 reads, 12 calls in 3.2 s)

            The whole report:
            s3://ds-audit-state/plumbline/111122223333/reports/2025-11-24/r-7.json.zst
        "#]]
        .assert_eq(&format!("{}\n{}\n\n{}", mail.id, mail.subject, mail.body));
    }

    #[test]
    fn a_mail_of_a_busy_run() {
        let mail = digest(&busy(), &changes(&busy()), URI).unwrap();
        expect![[r#"
            [plumbline] CRITICAL in 111122223333 (2 environments): 2 new, 1 reopened, 1 resolved

            plumbline: 2 new, 1 reopened, 1 resolved
            account 111122223333, fraud-dev (eu-west-1), 2025-11-24 11:05 UTC, baseline
              baseline.yaml (01234567, was fedcba98), run r-7, only area:network,
              area:sagemaker
            Open drift now: 1 CRITICAL, 13 HIGH

            CRITICAL NEW, NET-02 no-internet-gateway
              vpc-1: Internet gateway `igw-1` is attached to `vpc-1` (fraud-dev,
                eu-west-1)
              by: arn:aws:sts::111122223333:assumed-role/ds-admin/eve
                (AttachInternetGateway at 2025-11-24T10:00:00Z)
              do: Remove the routes that use the gateway, then detach and delete it.

            HIGH NEW, SMK-02 notebook-no-direct-internet
              nb-x: Notebook `nb-x` has direct internet access (unassigned, eu-west-1)
              do: Make the notebook again with direct internet access disabled; it
                cannot be changed.

            HIGH REOPENED, SMK-02 notebook-no-direct-internet
              nb-05: Notebook `nb-05` has direct internet access (fraud-dev, eu-west-1)
              do: Make the notebook again with direct internet access disabled; it
                cannot be changed.

            HIGH RESOLVED, SMK-02 notebook-no-direct-internet
              nb-old: the resource is gone (fraud-dev, eu-west-1)

            Out of sight: 1 verdict: SMK-02 nb-dark in fraud-dev (access_denied)
            Coverage: INCOMPLETE (2 of 3 reads lost, 12 calls in 3.2 s): blinds NET-05,
              NET-08, NET-09, VPE-08
              ec2:DescribeRouteTables in eu-west-1 denied, blinds NET-08, NET-09,
                VPE-08: UnauthorizedOperation: you are not authorized
              ec2:DescribeVpnGateways in eu-west-1 throttled, blinds NET-05:
                UnauthorizedOperation: you are not authorized
            Not decided: 1 verdict: access_denied 1 (SMK-02)
            Exceptions expired: 1: NET-05 in fraud-dev until 2025-11-23
              (net@example.com), vpn-gateway/vgw-1
            Exceptions about to expire: 3: NET-05 in fraud-dev until 2025-12-01
              (net@example.com), vpn-gateway/vgw-1, NET-05 in fraud-dev until 2025-12-01
              (net@example.com), vpn-gateway/vgw-1 and 1 more
            Exceptions that do not fit: 1: NET-05 in fraud-dev until 2025-11-23
              (net@example.com), vpn-gateway/vgw-1: `a.State` is `on`, the exception
              says `off`
            Exceptions without use: 1: NET-05 in fraud-dev until 2025-11-23
              (net@example.com), vpn-gateway/vgw-1
            Unselected: nobody audits 12 SageMaker resources of `eu-west-1`, which are
              in no environment
            Excluded by baseline: 1 resource: notebook-instance/nb-9 until 2025-12-24
              (ds@example.com)
            Note: 2 verdicts are older than what another run has saved meanwhile
            Note: ambiguous_selection: `nb-3` matches `fraud-dev` and `churn-dev` by
              tags, hence it is unassigned

            The whole report:
            s3://ds-audit-state/plumbline/111122223333/reports/2025-11-24/r-7.json.zst
        "#]]
        .assert_eq(&format!("{}\n\n{}", mail.subject, mail.body));
    }

    #[test]
    fn a_mail_when_only_the_sight_changed() {
        let mut report = report(vec![]);
        report.visibility = busy().visibility;
        let mail = digest(&report, &[], URI).unwrap();
        expect!["[plumbline] 111122223333: 1 verdict out of sight"].assert_eq(&mail.subject);
        assert!(mail.body.contains("Out of sight: 1 verdict: SMK-02 nb-dark in fraud-dev (access_denied)"));
    }

    #[test]
    fn however_much_changed_it_is_one_bounded_mail() {
        for n in [1, 50, 51, 500] {
            let mut report = new_ones(n);
            // Worst case: each under a control of its own.
            for (n, finding) in report.findings.iter_mut().enumerate() {
                finding.control = format!("SMK-{n:03}").into();
                finding.message = "long ".repeat(2_000).into();
                finding.remediation = "日本 ".repeat(2_000).into();
            }
            let mail = digest(&report, &changes(&report), URI).unwrap();
            assert!(mail.body.len() <= DIGEST_BYTES, "{}", mail.body.len());
            assert_eq!(mail.body.contains("more changes, which the report has."), n == 500, "{n}");
            assert!(mail.body.ends_with(&format!("{URI}\n")));
        }
    }

    #[test]
    fn a_subject_that_grows_too_long_is_cut_behind_the_worst() {
        let report = new_ones(500);
        let because = [
            Because::New,
            Because::Reopened,
            Because::SeverityRose { from: Severity::Low },
            Because::ExceptionExpired,
            Because::Resolved,
        ];
        let mut changes = changes(&report);
        for (n, change) in changes.iter_mut().enumerate() {
            change.because = because[n % 5];
        }
        let mail = digest(&report, &changes, URI).unwrap();
        expect!["[plumbline] HIGH in 111122223333 fraud-dev: 100 new, 100 reopened, 100 worse, 100 no longer exce..."]
            .assert_eq(&mail.subject);
        assert_eq!(mail.subject.len(), SUBJECT_CHARACTERS);
    }

    #[test]
    fn whatever_the_report_subject_and_text_are_plain() {
        let wide = "データ".repeat(3_000);
        for text in [HOSTILE, &wide, "", "\u{1b}".repeat(9_000).as_str()] {
            let mut report = everywhere(text, 200);
            report.findings.push(Finding { lifecycle: None, ..gateway() });
            report.summary = Summary::of(&report.findings);
            let mail = digest(&report, &changes(&report), text).unwrap();
            assert!(mail.subject.is_ascii() && !mail.subject.contains('\n'), "{}", mail.subject);
            assert!(mail.subject.len() <= SUBJECT_CHARACTERS);
            assert!(mail.subject.starts_with("[plumbline] CRITICAL in 111122223333"), "{}", mail.subject);
            assert!(mail.body.len() <= DIGEST_BYTES, "{}", mail.body.len());
            assert_eq!(steering(&mail.body), [].into());
        }
    }

    #[test]
    fn an_arn_is_whole_in_a_mail() {
        let arn = format!("arn:aws:iam::111122223333:role/{}/ds", "p".repeat(400));
        let mut finding = gateway();
        finding.message = format!("The role `{arn}` is attached.").into();
        finding.resource.name = arn.as_str().into();
        finding.attribution.as_mut().unwrap().principal = format!("{arn}/eve@example.com").into();
        let report = report(vec![finding]);
        let body = digest(&report, &changes(&report), URI).unwrap().body;
        assert!(body.contains(&format!("  {arn}:\n    The role\n    `{arn}`\n    is attached (")), "{body}");
        assert!(body.contains(&format!("{arn}/eve@example.com")), "{body}");
    }
}
