//! Rules that a reader relies on and a compiler does not see.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};

use plumbline_snapshot::{Source, sources};

/// The longest a source file may be, in lines.
const LONGEST: usize = 600;
/// Verbs of operations that only read.
const READING: [&str; 7] = ["Describe", "Get", "List", "Search", "Head", "Lookup", "BatchGet"];
/// Operations that read content, which a snapshot must not hold.
const CONTENT: [&str; 12] = [
    "GetObject",
    "GetObjectAttributes",
    "GetSecretValue",
    "GetLogEvents",
    "FilterLogEvents",
    "GetParameter",
    "GetParameters",
    "GetRecord",
    "BatchGetRecord",
    "Decrypt",
    "GetQueryResults",
    "GetFile",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file of the project that git would track, with its text.
fn rust_files() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join("crates"), root().join("tests"), root().join("bench")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(found.len() > 50, "looked in the wrong place");
    found
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<_> =
        rust_files().into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|(path, _)| path).collect();
    assert!(silent.is_empty(), "without `//!` at the head: {silent:?}");
}

#[test]
fn no_file_outgrows_its_name() {
    let long: Vec<_> = rust_files()
        .into_iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .collect();
    assert!(long.is_empty(), "over {LONGEST} lines: {long:?}");
}

#[test]
fn every_source_reads_and_none_reads_content() {
    for Source { service, operation, permissions } in sources() {
        assert!(
            READING.iter().any(|verb| operation.starts_with(verb)),
            "{service}:{operation} does not read by its name"
        );
        assert!(!CONTENT.contains(operation), "{service}:{operation} reads content");
        for permission in *permissions {
            let (_, action) = permission.split_once(':').unwrap();
            assert!(READING.iter().any(|verb| action.starts_with(verb)), "{permission} does not read by its name");
            assert!(!CONTENT.contains(&action), "{permission} reads content");
        }
    }
}

#[test]
fn every_control_file_is_listed_and_named_after_its_control() {
    let controls = root().join("crates/evaluator/src/controls");
    let mut files = Vec::new();
    for area in std::fs::read_dir(&controls).unwrap() {
        let area = area.unwrap().path();
        if area.is_dir() {
            for file in std::fs::read_dir(&area).unwrap() {
                let file = file.unwrap();
                let name = file.file_name().into_string().unwrap();
                // A folder holds the tests of the file of its name.
                if name != "mod.rs" && file.file_type().unwrap().is_file() {
                    files.push(name);
                }
            }
        }
    }
    files.sort();
    let mut expected: Vec<String> = plumbline_evaluator::controls()
        .map(|control| {
            format!("{}_{}.rs", control.info.id.to_lowercase().replace('-', "_"), control.info.name.replace('-', "_"))
        })
        .collect();
    expected.sort();
    assert_eq!(files, expected);
}

#[test]
fn control_ids_are_unique_and_their_words_are_whole() {
    let mut seen = std::collections::BTreeSet::new();
    for control in plumbline_evaluator::controls() {
        let info = control.info;
        assert!(seen.insert(info.id), "{} twice", info.id);
        for (what, text) in [
            ("title", info.title),
            ("rationale", info.rationale),
            ("decided", info.decided),
            ("remediation", info.remediation),
        ] {
            assert!(text.len() > 10 && text.ends_with('.'), "{}: its {what} is no sentence: `{text}`", info.id);
        }
        assert!(!control.sources.is_empty(), "{} reads nothing", info.id);
    }
}
