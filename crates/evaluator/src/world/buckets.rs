//! The data buckets that the baseline names.

use plumbline_findings::Reason;
use plumbline_names::ResourceRef;
use plumbline_snapshot::s3::Bucket;

use crate::baseline::BucketChoice;
use crate::judge::{Known, Set, Unknown, few};
use crate::place::Place;
use crate::world::World;

/// A bucket that the baseline names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DataBucket<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// What the baseline says of it.
    pub(crate) choice: &'a BucketChoice,
}

impl<'a> World<'a> {
    /// The data buckets of a place. Buckets that the baseline chooses by tags are not among them, since no read finds
    /// them: the set is then not whole.
    pub(crate) fn data_buckets(&self, place: &Place<'a>) -> Set<'a, DataBucket<'a>> {
        let mut buckets: Set<'a, DataBucket<'a>> = Set::whole(Vec::new());
        for environment in &place.environments {
            let Some(choices) = &environment.data_buckets else {
                buckets.unknown.get_or_insert_with(|| Unknown::baseline_missing("data_buckets"));
                continue;
            };
            for choice in choices {
                match choice.name.as_deref() {
                    Some(name) if buckets.items.iter().all(|other| other.name != name) => {
                        buckets.items.push(DataBucket { name, choice });
                    }
                    Some(_) => {}
                    None => {
                        let tags = choice.tags.iter().map(|(key, value)| format!("{key}={value}"));
                        buckets.unknown.get_or_insert(Unknown::Because(
                            Reason::Unresolved,
                            format!(
                                "the baseline chooses a bucket by the tags {}, and buckets are not searched by tags: \
                                 name it",
                                few(", ", tags)
                            ),
                        ));
                    }
                }
            }
        }
        buckets
    }

    /// What was seen of a data bucket; `None` where no such bucket exists.
    ///
    /// # Errors
    /// Whether it exists was not seen.
    pub(crate) fn bucket(&self, bucket: &DataBucket<'_>) -> Known<'a, Option<&'a Bucket>> {
        let found = self.snapshot.s3.buckets.get(bucket.name).ok_or_else(|| {
            Unknown::Because(Reason::NotRead, format!("the snapshot does not cover the bucket `{}`", bucket.name))
        })?;
        Ok(found.region.sight()?.as_ref().map(|_| found))
    }

    /// The data bucket as the resource of a finding.
    pub(crate) fn bucket_ref(&self, place: &Place<'a>, bucket: &DataBucket<'_>) -> ResourceRef {
        ResourceRef::new(format!("arn:{}:s3:::{}", place.partition, bucket.name), "AWS::S3::Bucket", bucket.name)
    }
}
