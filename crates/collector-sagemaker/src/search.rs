//! Bulk bodies: whole records with tags by `Search`, matched with the names that were listed.
//!
//! The listing is the authority on what exists: a record of a name that is not listed is dropped, a listed name without
//! a fitting record is left for its description.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::types::{ResourceType, SearchRecord, SearchSortOrder};
use jiff::Timestamp;
use plumbline_collector::{Next, Reader, Taken, each};
use plumbline_snapshot::sagemaker::{self as snapshot, Resource};
use plumbline_snapshot::{Collected, Gap, Passage, Read};

use crate::convert::Record;
use crate::describe::{Described, Standing, complete};
use crate::jobs::Searched;
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
    agree((&listed.arn, listed.created), (&record.arn, record.created))
}

/// Whether two things are one: the same ARN, made in the same second as far as both say when.
fn agree(listed: (&str, Option<Timestamp>), record: (&str, Option<Timestamp>)) -> bool {
    let made = |at: Option<Timestamp>| at.map(Timestamp::as_second);
    let times = match (made(listed.1), made(record.1)) {
        (Some(listed), Some(record)) => listed == record,
        _ => true,
    };
    listed.0 == record.0 && times
}

impl<T> Record<T> {
    /// The record as a resource that was seen whole.
    fn into_resource(self, name: &str) -> Resource<T> {
        Resource {
            arn: self.arn.into(),
            name: name.into(),
            status: self.standing.status,
            created: self.created,
            modified: self.standing.modified,
            body: Read::Seen(Some(self.body)),
            tags: Read::Seen(self.tags),
        }
    }
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
            mark_all(list, gap);
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

/// Says of everything that is still open why it is.
pub(crate) fn mark_all<T>(list: &mut Collected<Resource<T>>, gap: &Gap) {
    for (name, resource) in list.items_mut().filter(|(_, resource)| is_open(resource)) {
        mark(&mut resource.body, gap, name);
        mark(&mut resource.tags, gap, name);
    }
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

/// Searches for jobs while they are still being listed. What comes is put into `found`, by name.
pub(crate) async fn ahead<T: Searched>(
    client: &Client,
    reader: &Reader,
    found: &Mutex<&mut BTreeMap<String, Resource<T>>>,
    passage: &mut Passage,
    since: Timestamp,
) {
    let keep = |name: String, record: Record<T>| {
        let record = record.into_resource(&name);
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        // Of two jobs that had the name, the later one may still be there.
        if found.get(&name).is_none_or(|other| other.created < record.created) {
            found.insert(name, record);
        }
    };
    walk(client, reader, passage, (&T::resource(), Some(since), T::CONVERT), keep).await;
}

async fn search<T>(
    client: &Client,
    reader: &Reader,
    (list, passage): (&mut Collected<Resource<T>>, &mut Passage),
    wanted: &Wanted<T>,
) {
    let give = |name: String, record: Record<T>| {
        if let Some(resource) = list.item_mut(&name)
            && (wanted.fits)(resource, &record)
        {
            fill(resource, record.into_resource(&name));
        }
    };
    walk(client, reader, passage, (&wanted.kind, wanted.since, wanted.convert), give).await;
}

/// Walks the pages of a search, newest first down to `since` where there is one, and tells each record.
async fn walk<T>(
    client: &Client,
    reader: &Reader,
    passage: &mut Passage,
    (kind, since, convert): (&ResourceType, Option<Timestamp>, Convert<T>),
    mut tell: impl FnMut(String, Record<T>),
) {
    let call = |token| {
        let mut call = client.search().resource(kind.clone()).max_results(limits::PAGE);
        if since.is_some() {
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
                match convert(item) {
                    Some((name, record)) => {
                        taken.items += 1;
                        oldest = record.modified;
                        tell(name, record);
                    }
                    None => taken.nameless = true,
                }
            }
            let enough = matches!((since, oldest), (Some(since), Some(oldest)) if oldest < since);
            taken.next = taken.next.unless(enough);
            taken
        })
        .await;
}

/// Gives a listed job its record, if it is one of this job and not of an earlier one of the same name.
pub(crate) fn settle<T>(job: &mut Resource<T>, record: Resource<T>) {
    if agree((&job.arn, job.created), (&record.arn, record.created)) {
        fill(job, record);
    }
}

/// Gives a listed resource what its record says and nobody has said yet.
fn fill<T>(resource: &mut Resource<T>, record: Resource<T>) {
    let standing = Standing { status: record.status, created: record.created, modified: record.modified };
    standing.tell(&mut resource.status, &mut resource.modified);
    if resource.body.is_open() {
        resource.body = record.body;
    }
    if resource.tags.is_open() {
        resource.tags = record.tags;
    }
}
