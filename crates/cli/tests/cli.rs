//! The command as it is typed: help, mistakes, files; nothing that needs an account.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails, and reads the tree"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use plumbline_testkit::known_good;
use tempfile::TempDir;

const COMMANDS: [&[&str]; 18] = [
    &["audit"],
    &["snapshot"],
    &["evaluate"],
    &["diff"],
    &["baseline"],
    &["baseline", "check"],
    &["baseline", "freeze"],
    &["baseline", "schema"],
    &["controls"],
    &["controls", "list"],
    &["controls", "show"],
    &["permissions"],
    &["policy"],
    &["policy", "compare"],
    &["policy", "simulate"],
    &["network"],
    &["network", "paths"],
    &["network", "overview"],
];

fn plumbline(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_plumbline")).args(arguments).env_clear().output().unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// The known-good account as files: a snapshot and its baseline.
fn files() -> (TempDir, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let env = known_good();
    let (snapshot, baseline) = (folder.path().join("account.snapshot"), folder.path().join("baseline.yaml"));
    std::fs::write(&snapshot, env.snapshot.to_bytes().unwrap()).unwrap();
    std::fs::write(&baseline, &env.baseline).unwrap();
    for (path, text) in &env.references {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let name = |path: &Path| path.display().to_string();
    (folder, name(&snapshot), name(&baseline))
}

#[test]
fn every_command_has_help_with_an_example_and_its_page_is_current() {
    let mut page = String::from(
        "# The command line\n\nGenerated from `--help` by `make generate`; don't edit. Exit codes are in the README.\n",
    );
    for command in [[].as_slice()].iter().chain(&COMMANDS) {
        let output = plumbline(&[*command, &["--help"]].concat());
        let help = stdout(&output);
        assert!(output.status.success() && help.contains("Usage: plumbline"), "{command:?}: {help}");
        assert!(
            help.contains("plumbline ") && (help.contains("Example:") || command.is_empty()),
            "{command:?}: {help}"
        );
        let name = if command.is_empty() { String::new() } else { format!(" {}", command.join(" ")) };
        writeln!(page, "\n## plumbline{name}\n\n```text\n{}\n```", help.trim_end()).unwrap();
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/CLI.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    assert!(std::fs::read_to_string(&file).unwrap_or_default() == page, "docs/CLI.md is stale: run `make generate`");
}

#[test]
fn mistakes_are_exit_2_with_a_sentence_that_says_what_to_do() {
    let (_folder, snapshot, baseline) = files();
    let cases: [(&[&str], &str); 12] = [
        (&["audti"], "unrecognized subcommand"),
        (&["audit"], "--baseline"),
        (&["audit", "--baseline", "no-such.yaml"], "reading `no-such.yaml`"),
        (&["audit", "--baseline", &baseline, "--api-share", "2"], "above 0 and up to 1"),
        (&["audit", "--baseline", &baseline, "--fail-on", "BAD"], "expected CRITICAL, HIGH"),
        (&["evaluate", &snapshot, "--baseline", &baseline, "--scope", "area:netwrk"], "did you mean `network`"),
        (&["evaluate", &snapshot, "--baseline", &baseline, "--environment", "prod"], "it has fraud-dev"),
        (&["evaluate", &baseline, "--baseline", &baseline], "opening"),
        (&["network", "paths", &snapshot, "--from", "the moon"], "`the moon` is none of: internet, vpc-"),
        (&["network", "paths", &snapshot, "--to", "eni-gone"], "`eni-gone` is in no Region of the snapshot"),
        (&["controls", "show", "NET-2"], "did you mean `NET-02`"),
        (&["permissions", "--without", "s3:GetObject"], "not an action that these controls need"),
    ];
    for (arguments, says) in cases {
        let output = plumbline(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(says), "{arguments:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn paths_of_a_network_as_text_json_and_a_picture() {
    let (_folder, snapshot, _) = files();
    let ask = |arguments: &[&str]| {
        let output = plumbline(&[&["network", "paths", &snapshot], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output).to_owned()
    };
    let vpc = plumbline_testkit::ec2::VPC;
    let closed = ask(&["--from", vpc, "--to", "internet"]);
    assert!(closed.starts_with(&format!("CLOSED {vpc} reaches internet by no packet: proved")), "{closed}");
    let open = ask(&["--from", plumbline_testkit::ec2::ENI_NOTEBOOK, "--to", plumbline_testkit::ec2::ENDPOINT_S3]);
    assert!(open.starts_with("OPEN one kind of path") && open.contains("hands it to the service"), "{open}");
    let json = ask(&["--from", vpc, "--to", "internet", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["from"], &json["to"]), (&vpc.into(), &"internet".into()));
    assert!(json["paths"].as_array().unwrap().is_empty() && json["unknown"].as_array().unwrap().is_empty());
    assert!(
        json["closed_by"].as_array().unwrap().iter().all(|stop| stop["at"].is_string() && stop["says"].is_string())
    );
    let picture = ask(&["--format", "svg"]);
    assert!(picture.starts_with("<svg") && picture.contains(vpc), "{picture}");
}

#[test]
fn a_network_at_once_as_text_and_json() {
    let (_folder, snapshot, _) = files();
    let ask = |arguments: &[&str]| {
        let output = plumbline(&[&["network", "overview", &snapshot], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output).to_owned()
    };
    let (vpc, endpoint) = (plumbline_testkit::ec2::VPC, plumbline_testkit::ec2::ENDPOINT_S3);
    let text = ask(&["--vpc", vpc]);
    assert!(text.starts_with(vpc) && text.contains("Between subnets"), "{text}");
    assert!(text.contains(&format!("{endpoint} (com.amazonaws.eu-west-1.s3): 2 of 2 network interfaces")), "{text}");
    let json: serde_json::Value = serde_json::from_str(&ask(&["--format", "json"])).unwrap();
    let all = json.as_array().unwrap();
    let own = all.iter().find(|told| told["vpc"] == vpc).unwrap();
    let s3 = own["endpoints"].as_array().unwrap().iter().find(|callers| callers["endpoint"] == endpoint).unwrap();
    assert_eq!((s3["reached_by"].as_array().unwrap().len(), s3["shut_off"].as_array().unwrap().len()), (2, 0), "{s3}");
    let gone = plumbline(&["network", "overview", &snapshot, "--vpc", "vpc-gone"]);
    assert_eq!(gone.status.code(), Some(2));
    assert!(stderr(&gone).contains("`vpc-gone` is in no Region of the snapshot"), "{}", stderr(&gone));
}

#[test]
fn a_mistake_in_the_baseline_has_its_place_and_the_nearest_name() {
    let (folder, _, baseline) = files();
    assert_eq!(plumbline(&["baseline", "check", &baseline]).status.code(), Some(0));
    let wrong = folder.path().join("wrong.yaml");
    let text = std::fs::read_to_string(&baseline).unwrap().replace("    min_azs:", "    min_asz:");
    std::fs::write(&wrong, text).unwrap();
    let output = plumbline(&["baseline", "check", &wrong.display().to_string()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("wrong.yaml:"), "{}", stderr(&output));
    assert!(stderr(&output).contains("did you mean `min_azs`?"), "{}", stderr(&output));
}

#[test]
fn the_same_snapshot_evaluated_twice_gives_the_same_bytes() {
    let (folder, snapshot, baseline) = files();
    let evaluate = |more: &[&str]| {
        let arguments = [&["evaluate", snapshot.as_str(), "--baseline", baseline.as_str(), "--format", "json"], more];
        plumbline(&arguments.concat())
    };
    let (once, twice) = (evaluate(&[]), evaluate(&[]));
    assert_eq!(once.status.code(), Some(0), "{}", stderr(&once));
    assert_eq!(once.stdout, twice.stdout);
    assert!(!folder.path().join(".plumbline").exists(), "evaluate without `--state` remembers nothing");
    let state = folder.path().join("state").display().to_string();
    let remembered = evaluate(&["--state", &state]);
    assert_eq!(remembered.status.code(), Some(0), "{}", stderr(&remembered));
    assert!(folder.path().join("state/111122223333/state.json").exists());
}

#[test]
fn drift_is_exit_1_and_blindness_exit_3() {
    let (folder, _, baseline) = files();
    let run = |edit: &dyn Fn(&mut plumbline_testkit::Env), more: &[&str]| {
        let mut env = known_good();
        edit(&mut env);
        let file = folder.path().join("edited.snapshot");
        std::fs::write(&file, env.snapshot.to_bytes().unwrap()).unwrap();
        let file = file.display().to_string();
        plumbline(&[&["evaluate", file.as_str(), "--baseline", baseline.as_str()], more].concat())
    };
    let broken = run(
        &|env| {
            env.dns(true, false);
        },
        &[],
    );
    assert_eq!(broken.status.code(), Some(1), "{}", stdout(&broken));
    assert!(stdout(&broken).contains("NET-13"), "{}", stdout(&broken));
    let blind = run(
        &|env| {
            env.hide(&plumbline_snapshot::ec2::VPC_ATTRIBUTE);
        },
        &[],
    );
    assert_eq!(blind.status.code(), Some(3), "{}", stdout(&blind));
    let both = run(
        &|env| {
            env.dns(true, false).hide(&plumbline_snapshot::ec2::FLOW_LOGS);
        },
        &[],
    );
    assert_eq!(both.status.code(), Some(1));
    let below = run(
        &|env| {
            env.dns(true, false);
        },
        &["--fail-on", "CRITICAL"],
    );
    assert_eq!(below.status.code(), Some(0));
}

#[test]
fn a_diff_tells_snapshots_apart_and_refuses_to_compare_unlike_files() {
    let (folder, snapshot, baseline) = files();
    let mut env = known_good();
    env.dns(true, false);
    let other = folder.path().join("other.snapshot");
    std::fs::write(&other, env.snapshot.to_bytes().unwrap()).unwrap();
    let other = other.display().to_string();
    assert_eq!(plumbline(&["diff", &snapshot, &snapshot]).status.code(), Some(0));
    let differs = plumbline(&["diff", &snapshot, &other]);
    assert_eq!(differs.status.code(), Some(1));
    assert!(stdout(&differs).contains("dns_hostnames"), "{}", stdout(&differs));
    let report = |name: &str, snapshot: &str| {
        let file = folder.path().join(name).display().to_string();
        plumbline(&["evaluate", snapshot, "--baseline", &baseline, "--format", "json", "--out", &file]);
        file
    };
    let (before, after) = (report("before.json", &snapshot), report("after.json", &other));
    assert_eq!(plumbline(&["diff", &before, &before]).status.code(), Some(0));
    assert_eq!(plumbline(&["diff", &before, &after]).status.code(), Some(1));
    let unlike = plumbline(&["diff", &snapshot, &before]);
    assert_eq!(unlike.status.code(), Some(2));
    assert!(stderr(&unlike).contains("give two of a kind"), "{}", stderr(&unlike));
}

#[test]
fn output_that_is_no_terminal_has_no_terminal_codes() {
    let (_folder, snapshot, baseline) = files();
    for arguments in [vec!["evaluate", &snapshot, "--baseline", &baseline], vec!["controls", "list"]] {
        assert!(!stdout(&plumbline(&arguments)).contains('\u{1b}'));
    }
}

#[test]
fn what_is_live_is_frozen_beside_the_baseline() {
    let (folder, snapshot, baseline) = files();
    let references = folder.path().join("references");
    std::fs::remove_dir_all(&references).unwrap();
    let missing = plumbline(&["baseline", "check", &baseline]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("references/"), "{}", stderr(&missing));
    let frozen = plumbline(&["baseline", "freeze", &baseline, "--snapshot", &snapshot]);
    assert_eq!((frozen.status.code(), stderr(&frozen)), (Some(0), ""));
    assert!(stdout(&frozen).starts_with("wrote "), "{}", stdout(&frozen));
    assert!(references.join("roles/training_execution.json").is_file());
    let checked = plumbline(&["baseline", "check", &baseline]);
    assert_eq!((checked.status.code(), stderr(&checked)), (Some(0), ""));
    let judged = plumbline(&["evaluate", &snapshot, "--baseline", &baseline, "--scope", "control:IAM-15"]);
    assert_eq!(judged.status.code(), Some(0), "{}{}", stdout(&judged), stderr(&judged));
}

#[test]
fn policies_are_compared_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let policy = |actions: &str, condition: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [
                {{"Effect": "Allow", "Action": "sagemaker:DescribeTrainingJob", "Resource": "*"}},
                {{"Effect": "Allow", "Action": {actions}, "Resource": "*", "Condition": {condition}}}]}}"#
        )
    };
    let confined = r#"{"Null": {"sagemaker:VpcSubnets": "false"}}"#;
    let reference = file("reviewed.json", &policy(r#""sagemaker:CreateTrainingJob""#, confined));
    let open = file("training_execution.json", &policy(r#""sagemaker:CreateTrainingJob""#, "{}"));
    let unmade =
        file("unmade.json", &policy(r#"["sagemaker:CreateTrainingJob", "sagemaker:CreateTrainingJobX*"]"#, confined));
    let said = |arguments: &[&str]| {
        let output = plumbline(&[&["policy", "compare"], arguments].concat());
        let text = stdout(&output).replace(&folder.path().display().to_string(), "folder");
        (output.status.code(), text, stderr(&output).to_owned())
    };
    let (code, text, _) = said(&[&reference, &reference]);
    assert_eq!(code, Some(0));
    assert!(text.starts_with("NO_NEW_ACCESS `folder/reviewed.json` allows no request"), "{text}");
    let (code, text, _) = said(&[&reference, &open]);
    assert_eq!(code, Some(1));
    let sentence = "NEW_ACCESS training_execution may now sagemaker:CreateTrainingJob without sagemaker:VpcSubnets: \
                    statement 1 lost the condition on sagemaker:VpcSubnets.";
    assert!(text.replace("\n  ", " ").starts_with(sentence), "{text}");
    assert!(text.contains("\"action\":\"sagemaker:CreateTrainingJob\""), "{text}");
    assert_eq!(said(&[&reference, &unmade]).0, Some(1));
    let (code, text, _) = said(&["--world", "dictionary", &reference, &unmade]);
    assert_eq!(code, Some(0), "{text}");
    let variable =
        file("variable.json", &policy(r#""sagemaker:CreateTrainingJob""#, r#"{"NewOperator": {"a:b": "c"}}"#));
    let (code, text, _) = said(&[&reference, &variable]);
    assert_eq!(code, Some(3));
    assert!(text.starts_with("UNKNOWN"), "{text}");
    let (code, text, complaint) = said(&[&reference, &file("broken.json", "{")]);
    assert_eq!((code, text.as_str()), (Some(2), ""));
    assert!(complaint.contains("broken.json"), "{complaint}");
    assert_eq!(said(&[&reference]).0, Some(2));
}

#[test]
fn pairs_are_compared_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let (pairs, out) = (folder.path().join("pairs.jsonl"), folder.path().join("answers.jsonl"));
    let line = |id: u8, candidate: &str| {
        let policy =
            |action: &str| format!(r#"{{"Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}}}"#);
        let (old, new) = (policy("s3:Get*"), policy(candidate));
        format!(r#"{{"id": {id}, "type": "identity", "reference": {old}, "candidate": {new}}}"#)
    };
    let lines = [line(1, "s3:GetObject"), line(2, "s3:Put*"), line(3, "s3:GutterObject"), "no JSON".to_owned()];
    std::fs::write(&pairs, lines.join("\n")).unwrap();
    let results = |world: &str| {
        let typed =
            ["policy", "compare", "--pairs", pairs.to_str().unwrap(), "--world", world, "--out", out.to_str().unwrap()];
        let output = plumbline(&typed);
        assert_eq!((output.status.code(), stdout(&output), stderr(&output)), (Some(0), "", ""));
        let answers = std::fs::read_to_string(&out).unwrap();
        let each = answers.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        each.map(|it| it["result"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(results("open"), ["NO_NEW_ACCESS", "NEW_ACCESS", "NEW_ACCESS", "UNKNOWN"]);
    assert_eq!(results("dictionary"), ["NO_NEW_ACCESS", "NEW_ACCESS", "NO_NEW_ACCESS", "UNKNOWN"]);
}

#[test]
fn requests_are_decided_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let (cases, out) = (folder.path().join("cases.jsonl"), folder.path().join("answers.jsonl"));
    let line = |id: &str, action: &str| {
        format!(
            r#"{{"id": "{id}", "request": {{"principal": "arn:aws:iam::111122223333:role/trainer", "action": "{action}",
               "resource": "arn:aws:s3:::data/a", "resource_account": "111122223333", "context": {{}}}},
               "identity_policies": [{{"Version": "2012-10-17", "Statement": [
               {{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}},
               {{"Effect": "Deny", "Action": "s3:GetBucketPolicy", "Resource": "*"}}]}}]}}"#
        )
        .replace('\n', " ")
    };
    let lines = [line("a", "s3:GetObject"), line("b", "s3:PutObject"), line("c", "s3:getbucketpolicy")].join("\n");
    std::fs::write(&cases, [lines.as_bytes(), b"\n\nno JSON\n\xff\n"].concat()).unwrap();
    let typed = ["policy", "simulate", "--cases", cases.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let output = plumbline(&typed);
    assert_eq!((output.status.code(), stdout(&output), stderr(&output)), (Some(0), "", ""));
    let answers = std::fs::read_to_string(&out).unwrap();
    let decisions: Vec<(String, String)> = answers
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .map(|it: serde_json::Value| (it["id"].to_string(), it["decision"].as_str().unwrap().to_owned()))
        .collect();
    let expected = [
        ("\"a\"", "ALLOW"),
        ("\"b\"", "IMPLICIT_DENY"),
        ("\"c\"", "EXPLICIT_DENY"),
        ("null", "UNKNOWN"),
        ("null", "UNKNOWN"),
    ];
    assert_eq!(decisions, expected.map(|(id, decision)| (id.to_owned(), decision.to_owned())));
    let missing = plumbline(&["policy", "simulate", "--cases", "nowhere.jsonl"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("nowhere.jsonl"), "{}", stderr(&missing));
}
