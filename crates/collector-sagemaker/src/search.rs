//! Bulk bodies: whole records with tags by `Search`, matched with the names that were listed.
//!
//! The listing is the authority on what exists: a record of a name that is not listed is dropped, a listed name without
//! a fitting record is left for its description.

use std::collections::BTreeMap;

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::types::{ResourceType, SearchRecord, SearchSortOrder};
use jiff::Timestamp;
use plumbline_collector::{Next, Reader, Stopped, Taken, each};
use plumbline_snapshot::sagemaker::{self as snapshot, Resource};
use plumbline_snapshot::{Collected, Read};

use crate::convert::Record;
use crate::describe::{Described, complete};
use crate::limits;

/// A record as its name and body; `None` if it is of another kind or lacks its identity.
pub(crate) type Convert<T> = fn(&SearchRecord) -> Option<(String, Record<T>)>;

/// What to search for.
pub(crate) struct Wanted<T> {
    /// The kind of record.
    pub(crate) kind: ResourceType,
    /// Records last changed before this moment are not wanted; the newest come first then.
    pub(crate) since: Option<Timestamp>,
    /// How a record is read.
    pub(crate) convert: Convert<T>,
    /// Whether a record is about the listed resource as it is now.
    pub(crate) fits: fn(&Resource<T>, &Record<T>) -> bool,
}

/// Whether a record is about the listed resource, and not about an earlier one of the same name.
pub(crate) fn same<T>(listed: &Resource<T>, record: &Record<T>) -> bool {
    let made = |at: Option<Timestamp>| at.map(Timestamp::as_second);
    let agree = match (made(listed.created), made(record.created)) {
        (Some(listed), Some(record)) => listed == record,
        _ => true,
    };
    listed.arn == record.arn && agree
}

/// Fills in bodies and tags of what was listed: by `Search` where it has them, else one by one.
///
/// If the search fails or breaks off, what it did not bring stays a gap of `Search`: describing every resource of a kind
/// instead would take hours where there are many.
pub(crate) async fn bodies<T: Described>(
    client: &Client,
    reader: &Reader,
    list: &mut Collected<Resource<T>>,
    wanted: &Wanted<T>,
) {
    if list.seen().all(is_complete) || !reader.wants(&snapshot::SEARCH) {
        return;
    }
    let (records, ending) = search(client, reader, wanted).await;
    settle(list, records, &ending, wanted.fits);
    if ending.is_ok() {
        let all = list.items_mut().map(|(_, resource)| resource);
        let open: Vec<_> = all.filter(|resource| !is_complete(resource)).collect();
        each(open, limits::AT_ONCE, |resource| complete(client, reader, resource)).await;
    }
}

fn is_complete<T>(resource: &Resource<T>) -> bool {
    resource.body.is_seen() && resource.tags.is_seen()
}

async fn search<T>(
    client: &Client,
    reader: &Reader,
    wanted: &Wanted<T>,
) -> (BTreeMap<String, Record<T>>, Result<(), Stopped>) {
    let mut records = BTreeMap::new();
    let call = |token| {
        let mut call = client.search().resource(wanted.kind.clone()).max_results(limits::PAGE);
        if wanted.since.is_some() {
            call = call.sort_by("LastModifiedTime").sort_order(SearchSortOrder::Descending);
        }
        Box::pin(call.set_next_token(token).send())
    };
    let ending = reader
        .walk(&snapshot::SEARCH, call, |answer| {
            let mut taken =
                Taken { items: 0, nameless: false, next: Next::token(answer.next_token().map(str::to_owned)) };
            let mut oldest = None;
            for item in answer.results() {
                match (wanted.convert)(item) {
                    Some((name, record)) => {
                        taken.items += 1;
                        oldest = record.modified;
                        // The newest comes first: of two records of one name it is the one that lives.
                        records.entry(name).or_insert(record);
                    }
                    None => taken.nameless = true,
                }
            }
            let enough = matches!((wanted.since, oldest), (Some(since), Some(oldest)) if oldest < since);
            taken.next = taken.next.unless(enough);
            taken
        })
        .await;
    (records, ending)
}

/// Gives each listed resource its record, or says why it has none.
fn settle<T: Described>(
    list: &mut Collected<Resource<T>>,
    mut records: BTreeMap<String, Record<T>>,
    ending: &Result<(), Stopped>,
    fits: fn(&Resource<T>, &Record<T>) -> bool,
) {
    for (name, resource) in list.items_mut() {
        let record = records.remove(name).filter(|record| fits(resource, record));
        let (body, tags) = match (record, ending) {
            (Some(record), _) => (Read::Seen(Some(record.body)), Read::Seen(record.tags)),
            (None, Err(stopped)) => {
                let gap = stopped.gap.clone().about(name);
                (Read::Gap(gap.clone()), Read::Gap(gap))
            }
            (None, Ok(())) => {
                (Read::unread_of(T::SOURCE, name), Read::unread_of(&snapshot::RESOURCE_TAGS, &resource.arn))
            }
        };
        if !resource.body.is_seen() {
            resource.body = body;
        }
        if !resource.tags.is_seen() {
            resource.tags = tags;
        }
    }
}
