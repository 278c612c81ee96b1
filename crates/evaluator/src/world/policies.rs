//! Policies of buckets, keys and endpoints: read, and in the words of messages.

use plumbline_findings::{Evidence, Reason};
use plumbline_names::Text;
use plumbline_policy::{Document, Sense, Statement, parse};
use plumbline_snapshot::ec2::VpcEndpoint;
use plumbline_snapshot::{Read, Source};

use crate::judge::{Known, Unknown, few, field};
use crate::place::Place;
use crate::tables::endpoints::takes_a_policy;

/// The policy that was read; `None` where there is none. `what` names its owner in messages.
///
/// # Errors
/// It was not seen, or is no policy.
pub(crate) fn read_policy<'a>(what: &str, policy: &'a Read<Option<String>>) -> Known<'a, Option<Document>> {
    policy.sight()?.as_deref().map(|text| document(what, text)).transpose()
}

/// An endpoint's policy; `None` where its service takes none.
///
/// # Errors
/// It was not sent though the service takes one, or is no policy.
pub(crate) fn endpoint_policy<'a>(place: &Place<'a>, endpoint: &'a VpcEndpoint) -> Known<'a, Option<Document>> {
    let (id, service) = (&endpoint.id, &endpoint.service_name);
    match &endpoint.policy {
        Some(text) => document(&format!("`{id}`"), text).map(Some),
        None if takes_a_policy(service, place.region.as_str()) => Err(Unknown::Because(
            Reason::ApiError,
            format!("no policy of `{id}` was sent, and endpoints of `{service}` have one"),
        )),
        None => Ok(None),
    }
}

fn document<'a>(what: &str, text: &str) -> Known<'a, Document> {
    parse(text).map_err(|error| {
        Unknown::Because(Reason::UndecidablePolicy, format!("the policy of {what} cannot be read: {error}"))
    })
}

/// What a statement says cannot be decided, `about` being what it says: `who may use it`.
pub(crate) fn hangs<'a>(what: &str, statement: &Statement, about: &str) -> Unknown<'a> {
    Unknown::Because(
        Reason::UndecidablePolicy,
        format!(
            "whether statement {} of the policy of {what} confines {about} hangs on a variable or an unknown operator",
            statement.index
        ),
    )
}

/// A statement as evidence, with what is wanted of it.
pub(crate) fn shown(source: &Source, path: &str, statement: &Statement, wanted: impl Into<Text>) -> Evidence {
    field(source, format!("{path}.Statement[{}]", statement.index), statement.to_string(), wanted)
}

/// The actions of a statement, in words: `s3:GetObject, s3:PutObject`, `all actions but iam:*`.
pub(crate) fn actions_of(statement: &Statement) -> String {
    let named = few(", ", statement.actions.patterns.iter().map(|pattern| pattern.text()));
    match statement.actions.sense {
        Sense::Only if named == "*" => "all actions".to_owned(),
        Sense::Only => named,
        Sense::AllBut => format!("all actions but {named}"),
    }
}
