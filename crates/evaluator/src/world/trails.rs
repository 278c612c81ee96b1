//! CloudTrail: what each trail records, and whether it does so now.

use std::collections::BTreeSet;

use plumbline_findings::Reason;
use plumbline_names::ResourceRef;
use plumbline_snapshot::Read;
use plumbline_snapshot::cloudtrail::{AdvancedSelector, BasicSelector, EventSelectors, FieldSelector, Trail};

use crate::baseline::BucketChoice;
use crate::judge::{Known, Set, Unknown};
use crate::place::Place;
use crate::world::World;
use crate::world::network::set_of;

/// The event sources that a trail must not leave out; the last stands for any other.
pub(crate) const SOURCES: [&str; 6] =
    ["sagemaker.amazonaws.com", "iam.amazonaws.com", "sts.amazonaws.com", "s3.amazonaws.com", KMS, "any other source"];
/// The event source of KMS.
pub(crate) const KMS: &str = "kms.amazonaws.com";

/// Management events: their source, and whether they write.
pub(crate) type Events = BTreeSet<(&'static str, bool)>;

/// Every kind of management event that must be recorded.
pub(crate) fn all_events() -> Events {
    SOURCES.into_iter().flat_map(|source| [(source, false), (source, true)]).collect()
}

/// The management events that selectors record. Several selectors add up.
pub(crate) fn management_events(selectors: &EventSelectors) -> Events {
    let recorded = |(source, writes): &(&'static str, bool)| {
        selectors.basic.iter().any(|basic| basic_records(basic, source, *writes))
            || selectors.advanced.iter().any(|advanced| advanced_records(advanced, source, *writes))
    };
    all_events().into_iter().filter(recorded).collect()
}

fn basic_records(selector: &BasicSelector, source: &str, writes: bool) -> bool {
    let half = if writes { "WriteOnly" } else { "ReadOnly" };
    selector.includes_management
        && (selector.read_write == "All" || selector.read_write == half)
        && !selector.excluded_sources.iter().any(|excluded| excluded == source)
}

/// All conditions of an advanced selector must hold. One on a field that is not known here narrows it to less than all.
fn advanced_records(selector: &AdvancedSelector, source: &str, writes: bool) -> bool {
    let is_about_management = selector.fields.iter().any(|field| field.field == "eventCategory");
    is_about_management
        && selector.fields.iter().all(|field| match field.field.as_str() {
            "eventCategory" => admits(field, "Management"),
            "readOnly" => admits(field, if writes { "false" } else { "true" }),
            "eventSource" => admits(field, source),
            _ => false,
        })
}

/// Whether a condition holds for this value: one of what it may be, and nothing of what it must not be.
fn admits(field: &FieldSelector, value: &str) -> bool {
    let wanted = field.equals.is_empty() && field.starts_with.is_empty() && field.ends_with.is_empty()
        || field.equals.iter().any(|it| it == value)
        || field.starts_with.iter().any(|it| value.starts_with(it.as_str()))
        || field.ends_with.iter().any(|it| value.ends_with(it.as_str()));
    let refused = field.not_equals.iter().any(|it| it == value)
        || field.not_starts_with.iter().any(|it| value.starts_with(it.as_str()))
        || field.not_ends_with.iter().any(|it| value.ends_with(it.as_str()));
    wanted && !refused
}

/// Whether selectors record some object events of a bucket.
fn records_objects(selectors: &EventSelectors, place: &Place<'_>, bucket: &str) -> bool {
    let bucket = format!("arn:{}:s3:::{bucket}/", place.partition);
    let meets = |prefix: &String| bucket.starts_with(prefix.as_str()) || prefix.starts_with(&bucket);
    let of_objects = |resource: &&plumbline_snapshot::cloudtrail::DataResource| resource.kind == "AWS::S3::Object";
    let basic = selectors.basic.iter().flat_map(|basic| &basic.data).filter(of_objects);
    let advanced = selectors.advanced.iter().any(|advanced| {
        advanced.fields.iter().any(|field| field.field == "resources.type" && admits(field, "AWS::S3::Object"))
            && advanced.fields.iter().all(|field| match field.field.as_str() {
                "eventCategory" => admits(field, "Data"),
                "resources.ARN" => {
                    let named = field.equals.iter().chain(&field.starts_with);
                    let narrowed = !field.equals.is_empty() || !field.starts_with.is_empty();
                    let out = field.not_starts_with.iter().any(|prefix| bucket.starts_with(prefix.as_str()));
                    (!narrowed || named.into_iter().any(meets)) && !out
                }
                _ => true,
            })
    });
    advanced || basic.flat_map(|resource| &resource.values).any(meets)
}

impl<'a> World<'a> {
    /// The trails seen in the place's Region: the account's own, shadows of multi-Region trails, and the organization's.
    pub(crate) fn trails(&self, place: &Place<'a>) -> Set<'a, &'a Trail> {
        match self.regional(place) {
            Ok(regional) => set_of(&regional.cloudtrail.trails),
            Err(unknown) => Set::unknown(unknown),
        }
    }

    /// The covering trails: those that log now, and record management events, or object events of a data bucket.
    pub(crate) fn covering_trails(&self, place: &Place<'a>) -> Set<'a, &'a Trail> {
        let trails = self.trails(place);
        let mut covering = Set { items: Vec::new(), unknown: trails.unknown };
        for trail in trails.items {
            match self.covers(place, trail) {
                Ok(true) => covering.items.push(trail),
                Ok(false) => {}
                Err(unknown) => covering.unknown = covering.unknown.or(Some(unknown)),
            }
        }
        covering
    }

    fn covers(&self, place: &Place<'a>, trail: &'a Trail) -> Known<'a, bool> {
        // A trail that certainly does not log covers nothing, whatever it would record; and the other way round.
        let logs = there(&trail.status, trail).map(|status| status.is_some_and(|status| status.is_logging));
        let records = there(&trail.selectors, trail).map(|selectors| {
            selectors.is_some_and(|selectors| {
                !management_events(selectors).is_empty()
                    || self.bucket_names(place).any(|bucket| records_objects(selectors, place, bucket))
            })
        });
        match (logs, records) {
            (Ok(false), _) | (_, Ok(false)) => Ok(false),
            (Ok(true), Ok(true)) => Ok(true),
            (Err(unknown), _) | (_, Err(unknown)) => Err(unknown),
        }
    }

    fn bucket_names(&self, place: &Place<'a>) -> impl Iterator<Item = &'a str> {
        let environments = place.environments.clone().into_iter();
        let choices = environments.flat_map(|environment| environment.data_buckets.iter().flatten());
        choices.filter_map(|choice: &BucketChoice| choice.name.as_deref())
    }
}

/// What was read of a trail; none if it is gone.
///
/// # Errors
/// It was not seen. Of an organization's trail only the organization may see it.
pub(crate) fn there<'a, T>(read: &'a Read<Option<T>>, trail: &Trail) -> Known<'a, Option<&'a T>> {
    match read.sight() {
        Ok(value) => Ok(value.as_ref()),
        Err(gap) if trail.is_organization && gap.why == plumbline_snapshot::Why::Denied => Err(Unknown::Because(
            Reason::AccessDenied,
            format!("{} of the organization trail `{}` is denied to this account", gap.operation, trail.arn),
        )),
        Err(gap) => Err(Unknown::Gap(gap)),
    }
}

/// A trail as the resource of a finding.
pub(crate) fn trail_ref(trail: &Trail) -> ResourceRef {
    ResourceRef::new(trail.arn.as_str(), "AWS::CloudTrail::Trail", trail.name.as_str())
}

#[cfg(test)]
mod tests {
    use plumbline_snapshot::cloudtrail::{AdvancedSelector, BasicSelector, EventSelectors, FieldSelector};

    use super::{Events, all_events, management_events};

    fn basic(read_write: &str, includes_management: bool, excluded: &[&str]) -> BasicSelector {
        BasicSelector {
            read_write: read_write.to_owned(),
            includes_management,
            excluded_sources: excluded.iter().map(|it| (*it).to_owned()).collect(),
            data: Vec::new(),
        }
    }

    fn field(name: &str, equals: &[&str], not_equals: &[&str]) -> FieldSelector {
        FieldSelector {
            field: name.to_owned(),
            equals: equals.iter().map(|it| (*it).to_owned()).collect(),
            not_equals: not_equals.iter().map(|it| (*it).to_owned()).collect(),
            ..FieldSelector::default()
        }
    }

    fn of(basic: &[BasicSelector], advanced: &[&[FieldSelector]]) -> Events {
        let advanced = advanced.iter().map(|fields| AdvancedSelector { name: None, fields: fields.to_vec() });
        management_events(&EventSelectors { basic: basic.to_vec(), advanced: advanced.collect() })
    }

    fn half(writes: bool) -> Events {
        all_events().into_iter().filter(|(_, it)| *it == writes).collect()
    }

    #[test]
    fn basic_selectors_add_up() {
        assert_eq!(of(&[basic("All", true, &[])], &[]), all_events());
        assert_eq!(of(&[basic("ReadOnly", true, &[]), basic("WriteOnly", true, &[])], &[]), all_events());
        assert_eq!(of(&[basic("ReadOnly", true, &[])], &[]), half(false));
        assert_eq!(of(&[basic("All", false, &[])], &[]), Events::new());
        assert_eq!(of(&[], &[]), Events::new());
        assert_eq!(all_events().len() - of(&[basic("All", true, &["kms.amazonaws.com"])], &[]).len(), 2);
        assert_eq!(of(&[basic("All", true, &["rdsdata.amazonaws.com"])], &[]), all_events());
    }

    #[test]
    fn conditions_of_an_advanced_selector_must_all_hold() {
        let management = || field("eventCategory", &["Management"], &[]);
        assert_eq!(of(&[], &[&[management()]]), all_events());
        assert_eq!(of(&[], &[&[field("eventCategory", &["Data"], &[])]]), Events::new());
        assert_eq!(of(&[], &[&[field("readOnly", &["true"], &[])]]), Events::new());
        assert_eq!(of(&[], &[&[management(), field("readOnly", &["true"], &[])]]), half(false));
        assert_eq!(
            of(
                &[],
                &[
                    &[management(), field("readOnly", &["true"], &[])],
                    &[management(), field("readOnly", &["false"], &[])]
                ]
            ),
            all_events()
        );
        let without = |source| of(&[], &[&[management(), field("eventSource", &[], &[source])]]);
        assert_eq!(all_events().len() - without("sagemaker.amazonaws.com").len(), 2);
        assert_eq!(without("rdsdata.amazonaws.com"), all_events());
        assert_eq!(of(&[], &[&[management(), field("eventSource", &["iam.amazonaws.com"], &[])]]).len(), 2);
        assert_eq!(of(&[], &[&[management(), field("eventName", &["CreateUser"], &[])]]), Events::new());
    }
}
