//! Bulk bodies: whole records with tags by `Search`, matched with the names that were listed.
//!
//! The listing is the authority on what exists: a record of a name that is not listed is dropped, a listed name without
//! a fitting record is left for its description.

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::types::{ResourceType, SearchRecord, SearchSortOrder};
use jiff::Timestamp;
use plumbline_collector::{Next, Reader, Taken, each};
use plumbline_snapshot::sagemaker::{self as snapshot, Resource};
use plumbline_snapshot::{Collected, Gap, Passage, Read};

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

/// Fills in bodies and tags of what was listed: by `Search` where it has them, else one by one; all one by one where that
/// takes fewer calls.
///
/// If the search fails or breaks off, what it did not bring stays a gap of `Search`: describing every resource of a kind
/// instead would take hours where there are many.
pub(crate) async fn bodies<T: Described>(
    client: &Client,
    reader: &Reader,
    (list, passage): (&mut Collected<Resource<T>>, &mut Option<Passage>),
    wanted: &Wanted<T>,
) {
    let open = list.seen().filter(|resource| is_open(resource)).count();
    if open == 0 || !reader.wants(&snapshot::SEARCH) {
        return;
    }
    let pages = if wanted.since.is_some() { 1 } else { list.len().div_ceil(limits::PAGE as usize) };
    // One by one it is two calls for each. A search that was begun is brought to its end.
    if passage.is_some() || open * 2 > pages {
        let passage = passage.get_or_insert_with(|| Passage::unread(&snapshot::SEARCH));
        search(client, reader, (list, passage), wanted).await;
        if let Some(gap) = passage.gap() {
            for (name, resource) in list.items_mut().filter(|(_, resource)| is_open(resource)) {
                mark(&mut resource.body, gap, name);
                mark(&mut resource.tags, gap, name);
            }
            return;
        }
        for (name, resource) in list.items_mut() {
            let Resource { arn, body, tags, .. } = resource;
            reopen(body, || Read::unread_of(T::SOURCE, name));
            reopen(tags, || Read::unread_of(&snapshot::RESOURCE_TAGS, arn));
        }
    }
    let all = list.items_mut().map(|(_, resource)| resource);
    let open: Vec<_> = all.filter(|resource| is_open(resource)).collect();
    each(open, limits::AT_ONCE, |resource| complete(client, reader, resource)).await;
}

/// Whether its body or tags are still to be read.
pub(crate) fn is_open<T>(resource: &Resource<T>) -> bool {
    resource.body.is_open() || resource.tags.is_open()
}

fn mark<T>(read: &mut Read<T>, gap: &Gap, name: &str) {
    if read.is_open() {
        *read = Read::Gap(gap.clone().about(name));
    }
}

/// What is still open is asked otherwise.
fn reopen<T>(read: &mut Read<T>, otherwise: impl FnOnce() -> Read<T>) {
    if read.is_open() {
        *read = otherwise();
    }
}

async fn search<T>(
    client: &Client,
    reader: &Reader,
    (list, passage): (&mut Collected<Resource<T>>, &mut Passage),
    wanted: &Wanted<T>,
) {
    let call = |token| {
        let mut call = client.search().resource(wanted.kind.clone()).max_results(limits::PAGE);
        if wanted.since.is_some() {
            call = call.sort_by("LastModifiedTime").sort_order(SearchSortOrder::Descending);
        }
        Box::pin(call.set_next_token(token).send())
    };
    reader
        .walk(&snapshot::SEARCH, passage, call, |answer| {
            let mut taken =
                Taken { items: 0, nameless: false, next: Next::token(answer.next_token().map(str::to_owned)) };
            let mut oldest = None;
            for item in answer.results() {
                match (wanted.convert)(item) {
                    Some((name, record)) => {
                        taken.items += 1;
                        oldest = record.modified;
                        if let Some(resource) = list.item_mut(&name) {
                            settle(resource, record, wanted.fits);
                        }
                    }
                    None => taken.nameless = true,
                }
            }
            let enough = matches!((wanted.since, oldest), (Some(since), Some(oldest)) if oldest < since);
            taken.next = taken.next.unless(enough);
            taken
        })
        .await;
}

/// Gives a listed resource its record, if it is one of this resource as it is now.
fn settle<T>(resource: &mut Resource<T>, record: Record<T>, fits: fn(&Resource<T>, &Record<T>) -> bool) {
    if fits(resource, &record) {
        record.standing.tell(&mut resource.status, &mut resource.modified);
        if resource.body.is_open() {
            resource.body = Read::Seen(Some(record.body));
        }
        if resource.tags.is_open() {
            resource.tags = Read::Seen(record.tags);
        }
    }
}
