//! The report for a terminal. It fits a screen: coverage first, then the worst drift, grouped, each with what to do.

use plumbline_findings::{ExitStatus, Finding, Lifecycle, Report, Severity};

use crate::escape::fitted;
use crate::group::{Group, Room, Told, count, first_few, groups, name_of};
use crate::notes;
use crate::page::{Paragraph, Style, ink, lines_of, lines_within, printed};

/// Lines that drift gets on a screen, if it needs them, however much else there is to say: one group, and what is folded.
const DRIFT_LINES: usize = 8;

/// Lines that it gets before other paragraphs get a second one.
const GOOD_DRIFT_LINES: usize = 12;

/// Lines of the paragraph that says what was audited: less would leave out which run it was.
const AUDITED_LINES: usize = 2;

/// The line of the shell's prompt.
const PROMPT: usize = 1;

/// The report as text for a terminal, each line ended by a newline.
///
/// Where a height is given (24 lines or more), it is not exceeded: what does not fit is folded, the worst comes first and is
/// always there. Findings below `fail_on` are shown all the same: it is what the last line speaks of.
#[must_use]
pub fn text(report: &Report, style: &Style, fail_on: Severity) -> String {
    let drift = report.findings.iter().filter(|finding| finding.is_drift());
    let groups = groups(drift.map(|finding| Told { finding, because: None }), |_| ());
    let room = Room::of(style);
    let audited = audited(report, style);
    let exit = exit(report, fail_on).lines(style);
    let Some(height) = style.height else {
        let mut lines = audited.lines(style);
        lines.extend(lines_of(&head(report, usize::MAX), style, usize::MAX));
        lines.extend(groups.iter().flat_map(|group| lines_of(&group.paragraphs(room), style, usize::MAX)));
        lines.extend(lines_of(&tail(report, false, room), style, usize::MAX));
        lines.extend(exit);
        return printed(&lines);
    };
    let mut lines = audited.lines(style);
    let height = height.saturating_sub(PROMPT + lines.len() + exit.len());
    let needed: usize = groups.iter().map(|group| lines_of(&group.paragraphs(room), style, usize::MAX).len()).sum();
    let tail = tail(report, true, room);
    let mut head = head(report, 3);
    if head.len() + tail.len() + needed.min(GOOD_DRIFT_LINES) > height {
        head = self::head(report, 2);
    }
    let mut spare = height.saturating_sub(head.len() + tail.len() + needed.min(GOOD_DRIFT_LINES));
    let head_lines = lines_within(&head, style, &mut spare);
    let mut tail_lines = lines_within(&tail, style, &mut spare);
    let room = height.saturating_sub(head_lines.len() + needed.min(DRIFT_LINES));
    if tail_lines.len() > room {
        tail_lines = squeezed(tail_lines, room);
    }
    let room = height.saturating_sub(head_lines.len() + tail_lines.len()).max(DRIFT_LINES);
    lines.extend(head_lines);
    lines.extend(folded(&groups, room, style));
    lines.extend(tail_lines);
    lines.extend(exit);
    printed(&lines)
}

/// What was audited. A screen has two lines for it: it names fewer environments then, so that time and run are there.
fn audited(report: &Report, style: &Style) -> Paragraph {
    let say = |said: String| Paragraph::labelled("plumbline", ink::HEAD, said);
    let only = notes::only(report);
    if style.height.is_none() {
        return say(notes::audited(report, notes::AT_LENGTH) + &only);
    }
    let fits = |said: String| say(said).lines(style).len() <= AUDITED_LINES;
    let whole = (1..=notes::AT_LENGTH).rev().find(|few| fits(notes::audited(report, *few) + &only));
    // What was left out by the scope is cut before the run is.
    let few = whole.or_else(|| (0..=notes::AT_LENGTH).rev().find(|few| fits(notes::audited(report, *few))));
    say(notes::audited(report, few.unwrap_or_default()) + &only).at_most(AUDITED_LINES)
}

/// What stands above the drift: what could be seen, and how much drift there is.
fn head(report: &Report, reads: usize) -> Vec<Paragraph> {
    let mut head = notes::coverage(report, reads);
    head.extend(notes::not_audited(report));
    head.push(notes::verdicts(report));
    head.push(counts(report));
    head
}

/// What stands below it.
fn tail(report: &Report, short: bool, room: Room) -> Vec<Paragraph> {
    let mut tail: Vec<Paragraph> = resolved(report, room).into_iter().collect();
    tail.extend(notes::visibility(report));
    if short {
        tail.extend(notes::exceptions_in_short(report));
    } else {
        tail.extend(notes::exceptions(report));
    }
    tail.extend(notes::excluded(report));
    tail.extend(notes::accepted(report));
    tail.extend(notes::others(report, if short { 1 } else { usize::MAX }));
    tail
}

/// The lines that there is room for; the others are counted.
fn squeezed(mut lines: Vec<String>, room: usize) -> Vec<String> {
    let shown = room.saturating_sub(1);
    let rest = lines.len().saturating_sub(shown);
    lines.truncate(shown);
    lines.push(format!("and {}", count(rest, "more note", "more notes")));
    lines
}

/// As many groups as there is room for, the worst first; the rest in one paragraph.
fn folded(groups: &[Group<'_>], room: usize, style: &Style) -> Vec<String> {
    let mut shown: Vec<Paragraph> = Vec::new();
    let mut rest = groups;
    while let Some((next, after)) = rest.split_first() {
        let paragraphs = next.paragraphs(Room::of(style));
        let fold = usize::from(!after.is_empty());
        // INVARIANT: the worst is always there.
        if !shown.is_empty() && shown.len() + paragraphs.len() + fold > room {
            break;
        }
        shown.extend(paragraphs);
        rest = after;
    }
    let fold: Vec<Paragraph> = if rest.is_empty() { Vec::new() } else { vec![fold(rest)] };
    let mut spare = room.saturating_sub(shown.len() + fold.len());
    let mut lines = lines_within(&shown, style, &mut spare);
    lines.extend(lines_within(&fold, style, &mut spare));
    lines
}

/// Groups that there is no room for: `HIGH SMK-02 (12), SMK-08`.
fn fold(rest: &[Group<'_>]) -> Paragraph {
    let findings: usize = rest.iter().map(|group| group.members.len()).sum();
    let mut above = None;
    let words = rest.iter().map(|group| {
        let id = fitted(group.first().map_or("", |told| told.finding.control.as_str()), 16);
        let severity = if above.replace(group.severity) == Some(group.severity) {
            String::new()
        } else {
            format!("{} ", group.severity)
        };
        match group.members.len() {
            1 => format!("{severity}{id}"),
            many => format!("{severity}{id} ({many})"),
        }
    });
    let head = format!("and {findings} more under {}:", count(rest.len(), "control", "controls"));
    Paragraph::new(format!("{head} {}", first_few(words, 16)))
}

/// How much drift there is, and what became of it.
fn counts(report: &Report) -> Paragraph {
    let of = |lifecycle: Lifecycle| report.summary.lifecycle.get(&lifecycle).copied().unwrap_or_default();
    let mut changes: Vec<String> =
        [(Lifecycle::New, "new"), (Lifecycle::Reopened, "reopened"), (Lifecycle::Resolved, "resolved")]
            .into_iter()
            .filter(|(lifecycle, _)| of(*lifecycle) > 0)
            .map(|(lifecycle, word)| format!("{} {word}", of(lifecycle)))
            .collect();
    if report.summary.excepted > 0 {
        changes.push(format!("{} under a live exception", report.summary.excepted));
    }
    let changes = if changes.is_empty() { String::new() } else { format!(" ({})", changes.join(", ")) };
    match notes::by_severity(report) {
        Some(severities) => Paragraph::labelled("Drift:", ink::HEAD, format!("{severities}{changes}")),
        None => Paragraph::labelled("Drift: none", ink::GOOD, changes.trim_start()),
    }
}

/// What was resolved.
fn resolved(report: &Report, room: Room) -> Option<Paragraph> {
    let resolved: Vec<&Finding> =
        report.findings.iter().filter(|finding| finding.lifecycle == Some(Lifecycle::Resolved)).collect();
    let words = resolved.iter().map(|finding| format!("{} {}", finding.control, name_of(finding, room)));
    let text = format!("{}: {}", resolved.len(), first_few(words, 4));
    (!resolved.is_empty()).then(|| Paragraph::labelled("RESOLVED", ink::GOOD, text))
}

/// What the exit code will be, and how to see all.
fn exit(report: &Report, fail_on: Severity) -> Paragraph {
    let status = report.exit_status(fail_on);
    let (colour, says) = match status {
        ExitStatus::Clean => (ink::GOOD, format!("no drift of {fail_on} or worse, nothing undecided")),
        ExitStatus::Drift => (ink::CARE, format!("drift of {fail_on} or worse is open")),
        ExitStatus::Blind => {
            (ink::CARE, format!("no drift of {fail_on} or worse seen, but not everything could be seen"))
        }
    };
    Paragraph::labelled(format!("Exit {}:", status.code()), colour, format!("{says}. All: --format json"))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_findings::{Coverage, Lifecycle, ReadOutcome, Severity};

    use super::text;
    use crate::escape::columns;
    use crate::page::Style;
    use crate::samples::{
        DIRECT, GATEWAY, HOSTILE, broken, busy, compliant, everywhere, new_ones, read, report, steering,
    };

    const SCREEN: Style = Style { colour: false, width: 80, height: Some(24) };

    #[test]
    fn a_clean_run_is_a_few_lines() {
        let clean = report(vec![compliant(&GATEWAY, "vpc-1"), compliant(&DIRECT, "nb-1")]);
        expect![[r#"
            plumbline account 111122223333, fraud-dev (eu-west-1), 2025-11-24 11:05 UTC,
              baseline baseline.yaml (01234567), run r-7
            Coverage: complete (2 reads, 12 calls in 3.2 s)
            Verdicts: 2 compliant, 0 not compliant, 0 not applicable, 0 insufficient data
            Drift: none
            Exit 0: no drift of LOW or worse, nothing undecided. All: --format json
        "#]]
        .assert_eq(&text(&clean, &SCREEN, Severity::Low));
        expect![[r#"
            plumbline account 111122223333, fraud-dev (eu-west-1), 2025-11-24 11:05 UTC,
              baseline baseline.yaml (01234567), run r-7
            Coverage: complete (2 reads, 12 calls in 3.2 s)
            Verdicts: 0 compliant, 0 not compliant, 0 not applicable, 0 insufficient data
            Drift: none
            Exit 0: no drift of LOW or worse, nothing undecided. All: --format json
        "#]]
        .assert_eq(&text(&report(vec![]), &SCREEN, Severity::Low));
    }

    #[test]
    fn a_busy_run_fits_a_screen() {
        expect![[r#"
            plumbline account 111122223333, fraud-dev (eu-west-1), 2025-11-24 11:05 UTC,
              baseline baseline.yaml (changed), run r-7, only area:network, area:sagemaker
            Coverage: INCOMPLETE (2 of 3 reads lost, 12 calls in 3.2 s): blinds NET-05,…
              ec2:DescribeRouteTables in eu-west-1 denied, blinds NET-08, NET-09, VPE-08:…
              ec2:DescribeVpnGateways in eu-west-1 throttled, blinds NET-05:…
            Not decided: 1 verdict: access_denied 1 (SMK-02)
            Unselected: nobody audits 12 SageMaker resources of `eu-west-1`, which are in n…
            Verdicts: 1 compliant, 14 not compliant, 1 not applicable, 1 insufficient data
            Drift: 1 CRITICAL, 13 HIGH (2 new, 1 reopened, 1 resolved)
            CRITICAL NET-02 no-internet-gateway: NEW
              vpc-1: Internet gateway `igw-1` is attached to `vpc-1` (fraud-dev, eu-west-1)
              by: arn:aws:sts::111122223333:assumed-role/ds-admin/eve (AttachInternetGatewa…
              do: Remove the routes that use the gateway, then detach and delete it.
            HIGH SMK-02 notebook-no-direct-internet: 13 resources, 1 NEW, 1 REOPENED
              nb-05: Notebook `nb-05` has direct internet access (fraud-dev, eu-west-1)
              and 12 more: nb-x, nb-01, nb-02 and 9 more (fraud-dev, unassigned; eu-west-1)
              do: Make the notebook again with direct internet access disabled; it cannot b…
            RESOLVED 1: SMK-02 nb-old
            Out of sight: 1 verdict: SMK-02 nb-dark in fraud-dev (access_denied)
            Exceptions: 1 expired (NET-05), 3 about to expire (NET-05), 1 not fitting…
            Excluded by baseline: 1 resource: notebook-instance/nb-9 until 2025-12-24…
            and 3 more notes
            Exit 1: drift of LOW or worse is open. All: --format json
        "#]]
        .assert_eq(&text(&busy(), &SCREEN, Severity::Low));
    }

    #[test]
    fn without_a_height_every_group_is_there() {
        expect![[r#"
            plumbline account 111122223333, fraud-dev (eu-west-1), 2025-11-24 11:05 UTC,
              baseline baseline.yaml (01234567, was fedcba98), run r-7, only area:network,
              area:sagemaker
            Coverage: INCOMPLETE (2 of 3 reads lost, 12 calls in 3.2 s): blinds NET-05,
              NET-08, NET-09, VPE-08
              ec2:DescribeRouteTables in eu-west-1 denied, blinds NET-08, NET-09, VPE-08:
                UnauthorizedOperation: you are not authorized
              ec2:DescribeVpnGateways in eu-west-1 throttled, blinds NET-05:
                UnauthorizedOperation: you are not authorized
            Not decided: 1 verdict: access_denied 1 (SMK-02)
            Unselected: nobody audits 12 SageMaker resources of `eu-west-1`, which are in no
              environment
            Verdicts: 1 compliant, 14 not compliant, 1 not applicable, 1 insufficient data
            Drift: 1 CRITICAL, 13 HIGH (2 new, 1 reopened, 1 resolved)
            CRITICAL NET-02 no-internet-gateway: NEW
              vpc-1: Internet gateway `igw-1` is attached to `vpc-1` (fraud-dev, eu-west-1)
              by: arn:aws:sts::111122223333:assumed-role/ds-admin/eve (AttachInternetGateway
                at 2025-11-24T10:00:00Z)
              do: Remove the routes that use the gateway, then detach and delete it.
            HIGH SMK-02 notebook-no-direct-internet: 13 resources, 1 NEW, 1 REOPENED
              nb-05: Notebook `nb-05` has direct internet access (fraud-dev, eu-west-1)
              and 12 more: nb-x, nb-01, nb-02 and 9 more (fraud-dev, unassigned; eu-west-1)
              do: Make the notebook again with direct internet access disabled; it cannot be
                changed.
            RESOLVED 1: SMK-02 nb-old
            Out of sight: 1 verdict: SMK-02 nb-dark in fraud-dev (access_denied)
            Exceptions expired: 1: NET-05 in fraud-dev until 2025-11-23 (net@example.com),
              vpn-gateway/vgw-1
            Exceptions about to expire: 3: NET-05 in fraud-dev until 2025-12-01
              (net@example.com), vpn-gateway/vgw-1, NET-05 in fraud-dev until 2025-12-01
              (net@example.com), vpn-gateway/vgw-1 and 1 more
            Exceptions that do not fit: 1: NET-05 in fraud-dev until 2025-11-23
              (net@example.com), vpn-gateway/vgw-1: `a.State` is `on`, the exception says
              `off`
            Exceptions without use: 1: NET-05 in fraud-dev until 2025-11-23
              (net@example.com), vpn-gateway/vgw-1
            Excluded by baseline: 1 resource: notebook-instance/nb-9 until 2025-12-24
              (ds@example.com)
            Accepted by baseline: 3 values beyond the defaults: `allowed_peers`,
              `accepted_kinds`, `job_lookback_days`
            Note: 2 verdicts are older than what another run has saved meanwhile
            Note: ambiguous_selection: `nb-3` matches `fraud-dev` and `churn-dev` by tags,
              hence it is unassigned
            Exit 1: drift of CRITICAL or worse is open. All: --format json
        "#]]
        .assert_eq(&text(&busy(), &Style { height: None, ..SCREEN }, Severity::Critical));
    }

    #[test]
    fn whatever_the_report_it_fits_and_steers_nothing() {
        let long = "a-very-long-name ".repeat(200);
        let wide = "データ".repeat(300);
        for hostile in [HOSTILE, &long, &wide, ""] {
            let report = everywhere(hostile, 500);
            for (width, height) in [(80, 24), (80, 30), (120, 50), (200, 24)] {
                let style = Style { colour: false, width, height: Some(height) };
                let said = text(&report, &style, Severity::Low);
                assert!(said.lines().count() < height, "{} lines in {height}:\n{said}", said.lines().count());
                assert!(said.lines().all(|line| columns(line) <= width), "{said}");
                assert_eq!(steering(&said), [].into(), "{said:?}");
                assert!(said.contains("CRITICAL") && said.contains("Exit 1"), "{said}");
            }
            let said = text(&report, &Style { height: None, ..SCREEN }, Severity::Low);
            assert_eq!(steering(&said), [].into());
        }
    }

    #[test]
    fn what_a_region_does_not_have_is_no_loss_and_blinds_all_the_same() {
        let mut report = report(vec![]);
        report.coverage = Coverage::of(vec![read("DescribeVpcs", ReadOutcome::Unsupported, &["NET-01"])]);
        let said = text(&report, &SCREEN, Severity::Low);
        let coverage: Vec<&str> = said.lines().skip(2).take(2).collect();
        expect![[r#"
            Coverage: complete (1 of 1 reads not supported here, 12 calls in 3.2 s): blinds
              NET-01"#]]
        .assert_eq(&coverage.join("\n"));
    }

    #[test]
    fn many_resources_of_one_control_are_one_group() {
        for (n, lines) in [(0, 7), (1, 10), (50, 12), (51, 12), (500, 12)] {
            let said = text(&new_ones(n), &SCREEN, Severity::Low);
            assert!(said.lines().count() <= lines, "{said}");
        }
    }

    #[test]
    fn many_controls_are_folded_and_all_counted() {
        let mut report = report(vec![]);
        for n in 1..=40 {
            let mut finding = broken(&DIRECT, &format!("nb-{n}"), Lifecycle::New);
            finding.control = format!("SMK-{n:02}").into();
            report.findings.push(finding);
        }
        report.summary = plumbline_findings::Summary::of(&report.findings);
        let said = text(&report, &SCREEN, Severity::Low);
        expect![[r#"
            plumbline account 111122223333, fraud-dev (eu-west-1), 2025-11-24 11:05 UTC,
              baseline baseline.yaml (01234567), run r-7
            Coverage: complete (2 reads, 12 calls in 3.2 s)
            Verdicts: 0 compliant, 40 not compliant, 0 not applicable, 0 insufficient data
            Drift: 40 HIGH (40 new)
            HIGH SMK-01 notebook-no-direct-internet: NEW
              nb-1: Notebook `nb-1` has direct internet access (fraud-dev, eu-west-1)
              do: Make the notebook again with direct internet access disabled; it cannot be
                changed.
            HIGH SMK-02 notebook-no-direct-internet: NEW
              nb-2: Notebook `nb-2` has direct internet access (fraud-dev, eu-west-1)
              do: Make the notebook again with direct internet access disabled; it cannot b…
            HIGH SMK-03 notebook-no-direct-internet: NEW
              nb-3: Notebook `nb-3` has direct internet access (fraud-dev, eu-west-1)
              do: Make the notebook again with direct internet access disabled; it cannot b…
            HIGH SMK-04 notebook-no-direct-internet: NEW
              nb-4: Notebook `nb-4` has direct internet access (fraud-dev, eu-west-1)
              do: Make the notebook again with direct internet access disabled; it cannot b…
            HIGH SMK-05 notebook-no-direct-internet: NEW
              nb-5: Notebook `nb-5` has direct internet access (fraud-dev, eu-west-1)
              do: Make the notebook again with direct internet access disabled; it cannot b…
            and 35 more under 35 controls: HIGH SMK-06, SMK-07, SMK-08, SMK-09, SMK-10,…
            Exit 1: drift of LOW or worse is open. All: --format json
        "#]]
        .assert_eq(&said);
    }

    #[test]
    fn colour_only_where_asked() {
        let coloured = text(&busy(), &Style { colour: true, ..SCREEN }, Severity::Low);
        let plain = text(&busy(), &SCREEN, Severity::Low);
        assert!(!plain.contains('\u{1b}'));
        assert!(coloured.contains("\u{1b}[1m\u{1b}[91mCRITICAL\u{1b}[0m NET-02"), "{coloured:?}");
        let mut stripped = String::new();
        let mut rest = coloured.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            stripped.push_str(before);
            rest = after.split_once('m').map_or("", |(_, after)| after);
        }
        stripped.push_str(rest);
        assert_eq!(stripped, plain);
    }

    /// A run as they are: long names, a path, several environments and Regions.
    fn long_run(environments: usize) -> plumbline_findings::Report {
        let mut report = report(vec![]);
        report.run.environments = (0..environments).map(|n| format!("fraud-detection-{n:02}").into()).collect();
        report.run.regions = ["ap-southeast-2", "eu-central-1", "eu-west-1", "us-east-1"][..environments.min(4)]
            .iter()
            .map(|region| region.parse().unwrap())
            .collect();
        report.run.id = "20261124T060000Z-cad78445".to_owned();
        report.run.baseline.file = "s3://ds-audit-config/plumbline/prod/plumbline.yaml".to_owned();
        report
    }

    #[test]
    fn the_head_says_which_run_it_was_in_two_lines() {
        for environments in [1, 2, 5, 40] {
            for scope in [vec![], vec!["area:network".to_owned()], vec!["resource:".to_owned() + &"x".repeat(90)]] {
                let mut report = long_run(environments);
                report.run.scope = scope;
                report.run.baseline.changed_from = Some("fedcba98".repeat(8));
                let said = text(&report, &SCREEN, Severity::Low);
                let head = said.split("Coverage").next().unwrap().replace("\n  ", " ");
                assert_eq!(said.lines().position(|line| line.starts_with("Coverage")), Some(2), "{said}");
                for word in ["111122223333", "2025-11-24 11:05 UTC", "plumbline.yaml", "20261124T060000Z-cad78445"] {
                    assert!(head.contains(word), "{word} is not in {head}");
                }
                assert!(!head.contains("s3:"), "{head}");
            }
        }
        let head = |environments| {
            let said = text(&long_run(environments), &SCREEN, Severity::Low);
            said.lines().take(2).collect::<Vec<_>>().join("\n")
        };
        expect![[r#"
            plumbline account 111122223333, fraud-detection-00 (ap-southeast-2), 2025-11-24
              11:05 UTC, baseline plumbline.yaml (01234567), run 20261124T060000Z-cad78445
            plumbline account 111122223333, fraud-detection-00 and 1 more (2 Regions),
              2025-11-24 11:05 UTC, baseline plumbline.yaml, run 20261124T060000Z-cad78445
            plumbline account 111122223333, fraud-detection-00 and 39 more (4 Regions),
              2025-11-24 11:05 UTC, baseline plumbline.yaml, run 20261124T060000Z-cad78445"#]]
        .assert_eq(&[head(1), head(2), head(40)].join("\n"));
    }

    #[test]
    fn what_the_baseline_accepts_goes_by_its_parameters() {
        let mut report = report(vec![]);
        report.run.baseline.accepted = [
            "`fraud-dev`: `admin_principals` allows `arn:aws:iam::111122223333:role/ds-admin`",
            "`fraud-dev`: `admin_principals` allows `arn:aws:iam::111122223333:role/ds-root`",
            "`fraud-dev`: `roles.data_scientist.trusted_principals` allows `arn:aws:iam::111122223333:saml-provider/x`",
            "`fraud-dev`: `separation_overrides` lets `data_scientist` hold `pass_role` until 2027-05-31",
        ]
        .map(str::to_owned)
        .into();
        let said = text(&report, &SCREEN, Severity::Low);
        let accepted: Vec<&str> = said.lines().skip(5).take(2).collect();
        expect![[r#"
            Accepted by baseline: 4 values beyond the defaults: `admin_principals`,
              `roles.data_scientist.trusted_principals`, `separation_overrides`"#]]
        .assert_eq(&accepted.join("\n"));
    }

    #[test]
    fn a_word_wider_than_the_screen_is_cut_there_and_whole_in_a_file() {
        let arn = format!("arn:aws:iam::111122223333:role/{}/ds", "p".repeat(90));
        let mut report = report(vec![broken(&DIRECT, "nb-1", Lifecycle::New)]);
        report.findings[0].message = format!("Notebook `nb-1` runs under `{arn}`.").into();
        report.findings[0].resource.name = "".into();
        report.findings[0].resource.arn = format!("{arn}-of-it").into();
        let on_screen = text(&report, &SCREEN, Severity::Low);
        assert!(on_screen.lines().all(|line| columns(line) <= 80), "{on_screen}");
        assert!(on_screen.contains("  arn:aws:iam::111122223333:role/ppp"), "{on_screen}");
        assert!(on_screen.lines().all(|line| !line.trim_start().starts_with("pp")), "{on_screen}");
        let in_file = text(&report, &Style { height: None, width: 100, colour: false }, Severity::Low);
        assert!(in_file.contains(&format!("`{arn}`")) && in_file.contains(&format!("{arn}-of-it:\n")), "{in_file}");
    }
}
