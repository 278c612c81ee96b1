//! `plumbline policy`: questions about policies, answered offline.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use plumbline_evaluator::known_actions;
use plumbline_policy::{
    ComparedKind, Comparison, Document, KnownActions, Policy as Ready, cause, compare, compare_known, compare_line,
    compare_line_known, in_account, parse, simulate_line,
};
use plumbline_render::{Compared, comparison_text};

use crate::args::{Compare, Policy, PolicyType, Simulate, World};
use crate::{exit, output};

pub(crate) fn run(given: Policy) -> Result<u8> {
    match given {
        Policy::Compare(given) => match &given.pairs {
            Some(pairs) => compare_all(pairs, &given),
            None => compare_two(&given),
        },
        Policy::Simulate(Simulate { cases, out }) => answer(&cases, out.as_deref(), simulate_line),
    }
}

fn compare_all(pairs: &Path, given: &Compare) -> Result<u8> {
    match given.world {
        World::Open => answer(pairs, given.out.as_deref(), compare_line),
        World::Dictionary => {
            let known = known_actions();
            answer(pairs, given.out.as_deref(), |line| compare_line_known(line, known))
        }
    }
}

/// Compares two files and says it in words.
fn compare_two(given: &Compare) -> Result<u8> {
    let (Some(reference), Some(candidate)) = (&given.reference, &given.candidate) else {
        bail!("give a REFERENCE and a CANDIDATE, or --pairs");
    };
    let kind = kind_of(given.kind);
    let known: Option<&KnownActions> = match given.world {
        World::Open => None,
        World::Dictionary => Some(known_actions()),
    };
    let (old, new): (Ready, Ready) = (document(reference)?.into(), document(candidate)?.into());
    let found = match known {
        None => compare(kind, &old, &new),
        Some(known) => compare_known(kind, &(&old).into(), &(&new).into(), known),
    };
    let found = match &given.account {
        Some(account) => in_account(kind, &(&old).into(), &(&new).into(), found, account.as_str()),
        None => found,
    };
    let (reference, path) = (reference.display().to_string(), candidate.display().to_string());
    let subject = candidate.file_stem().map_or_else(|| path.clone(), |stem| stem.to_string_lossy().into_owned());
    let compared = Compared {
        kind,
        subject: &subject,
        reference: &reference,
        candidate: &path,
        known_actions: known.map(KnownActions::len),
    };
    let out = given.out.as_deref();
    let cause = cause(&old, &new, &found);
    output::deliver(&comparison_text(&compared, &found, cause.as_ref(), &output::style(out)), out)?;
    Ok(match found {
        Comparison::NoNewAccess => exit::FINE,
        Comparison::NewAccess { .. } => exit::DRIFT,
        Comparison::Unknown { .. } => exit::NOT_SEEN,
    })
}

fn document(path: &Path) -> Result<Document> {
    let bytes = output::read(path)?;
    let named = || format!("reading the policy `{}`", path.display());
    let text = std::str::from_utf8(&bytes).with_context(named)?;
    parse(text).with_context(named)
}

fn kind_of(kind: PolicyType) -> ComparedKind {
    match kind {
        PolicyType::Identity => ComparedKind::Identity,
        PolicyType::Resource => ComparedKind::Resource,
        PolicyType::Trust => ComparedKind::Trust,
        PolicyType::Boundary => ComparedKind::Boundary,
        PolicyType::Endpoint => ComparedKind::Endpoint,
        PolicyType::Key => ComparedKind::Key,
        PolicyType::Scp => ComparedKind::Scp,
        PolicyType::Rcp => ComparedKind::Rcp,
        PolicyType::Session => ComparedKind::Session,
    }
}

/// Answers every line of a file with a line, in the same order. A blank line asks nothing.
fn answer(questions: &Path, out: Option<&Path>, each: impl Fn(&str) -> String) -> Result<u8> {
    let questions = output::read(questions)?;
    output::stream(out, |place| {
        for line in questions.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            // What is no text is not guessed at: it is answered as a line that cannot be read.
            let text = std::str::from_utf8(line).unwrap_or("\u{FFFD}");
            writeln!(place, "{}", each(text))?;
        }
        Ok(())
    })?;
    Ok(exit::FINE)
}
