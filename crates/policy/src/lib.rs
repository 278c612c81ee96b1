//! The IAM policy language: documents, patterns, conditions, what they confine, and which
//! requests they allow.
//!
//! This crate reads policy text and answers questions about it. It never knows a
//! snapshot, a control or a role; tables of facts come in as arguments or are
//! small constants here. What cannot be known is said so ([`Answer::Undecidable`],
//! [`Confinement::Undecidable`], [`Decision::Unknown`]) and is never turned into an assurance.
//!
//! ```
//! use plumbline_policy::{Answer, parse};
//!
//! let document = parse(r#"{"Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}"#)?;
//! let statement = document.statements.first().ok_or("no statement")?;
//! assert_eq!(statement.matches_action("s3:getobject"), Answer::Yes);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod admits;
mod answer;
mod arn;
mod ask;
mod boxes;
mod callers;
mod changes;
mod checks;
mod classes;
mod columns;
mod compare;
mod comparison;
mod compiled;
mod condition;
mod decide;
mod denies;
mod document;
mod effective;
mod entries;
mod full;
mod gated;
mod grants;
mod home;
mod json;
mod keys;
mod known;
mod layers;
mod matching;
mod may;
mod measured;
mod pairs;
mod parse;
mod pattern;
mod perimeter;
mod prefixes;
mod principal;
mod representatives;
mod request;
mod simulate;
mod sweep;
mod tables;
mod trial;
mod trust;
mod valuations;
mod values;
mod wanted;
mod witness;

pub use admits::{Admission, Naming, admissions, granted_to};
pub use answer::Answer;
pub use arn::ArnPattern;
pub use ask::{Claim, denies_exactly, gated_exactly};
pub use changes::{Cause, Change, cause};
pub use compare::{compare, compare_effective};
pub use comparison::{ComparedKind, Comparison};
pub use compiled::{Policy, PolicyKind};
pub use condition::{Base, Condition, Operator, SetOperator};
pub use decide::{Cited, Decision, PolicySet, decide};
pub use denies::{CarveOuts, carved_out, denies_covering, perimeter_denies};
pub use document::{
    Actions, Document, Effect, Principal, PrincipalKind, Principals, Resources, Sense, Statement, Version,
};
pub use effective::Effective;
pub use full::{FullAccess, full_access, full_access_with};
pub use gated::{
    Confinement, DEPRECATED_KEYS, Ineffective, KeyKind, Question, confines, confines_by_any_spelling, confines_present,
    confines_with, deprecated_spellings, on_unsupported_key, same_key,
};
pub use grants::{Asking, Grant, bars, confined, confined_by_any, grants};
pub use home::in_account;
pub use json::{MAX_DEPTH, MAX_NODES, MAX_TEXT_BYTES};
pub use known::{KnownActions, compare_known};
pub use matching::DECISION_BUDGET;
pub use may::{Asked, may, may_any};
pub use pairs::{compare_line, compare_line_known};
pub use parse::{MAX_PATTERN_CHARS, MAX_STATEMENTS, ParseError, Problem, parse, parse_encoded};
pub use pattern::{Pattern, STEP_BUDGET, Variables};
pub use perimeter::{Absent, Perimeter, denies_over, perimeter, resources_reached};
pub use principal::{PARTITIONS, PrincipalClass, account_of, classify};
pub use request::{Caller, ContextEntry, ContextValue, Request, RequestError};
pub use simulate::{MAX_LINE_BYTES, simulate_line};
pub use sweep::{Sweep, sweep};
pub use trust::{FAMILY, Federation, TrustAction, TrustGrant, federation_of, trust_grants, web_identity_keys};
pub use wanted::Wanted;
