//! The reads of CloudTrail: the trails seen in a Region, and of each whether it delivers and what it records.

mod convert;
mod limits;

use std::collections::BTreeMap;

use aws_sdk_cloudtrail::Client;
use aws_types::SdkConfig;
use plumbline_collector::{Absent, Check, Collector, Next, Page, Reader, each, polite};
use plumbline_names::{Arn, Region};
use plumbline_snapshot::cloudtrail::{CloudTrail, EVENT_SELECTORS, TRAIL_STATUS, TRAILS, Trail};

/// Reads CloudTrail as seen from one Region.
#[derive(Debug, Clone)]
pub struct CloudTrailCollector {
    config: SdkConfig,
}

/// A trail that was deleted since it was listed.
const NO_TRAIL: Absent = Absent::codes(&["TrailNotFoundException"]);

/// Questions at once; the rate is 10 a second.
const SIDE_BY_SIDE: usize = 5;

impl CloudTrailCollector {
    /// A collector for the Region of `config`.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { config: polite(config) }
    }

    /// A client for one Region, or for the collector's own.
    fn client(&self, region: Option<&Region>) -> Client {
        let mut config = aws_sdk_cloudtrail::config::Builder::from(&self.config);
        if let Some(region) = region {
            config = config.region(aws_sdk_cloudtrail::config::Region::new(region.as_str().to_owned()));
        }
        Client::from_conf(config.interceptor(Check::of("cloudtrail", limits::SHAPES)).build())
    }
}

impl Collector for CloudTrailCollector {
    type Fragment = CloudTrail;

    async fn fill(&self, reader: &Reader, cloudtrail: &mut CloudTrail) {
        let reader = &reader.with_buckets(limits::BUCKETS);
        let client = self.client(None);
        reader
            .list(
                &TRAILS,
                &mut cloudtrail.trails,
                |_| client.describe_trails().include_shadow_trails(true).send(),
                |answer| {
                    let trails = answer.trail_list.unwrap_or_default();
                    Page::of(trails.into_iter().map(convert::trail), Next::End)
                },
            )
            .await;
        // A trail answers in the Region where it was made, and to its ARN: of an organization's trail the name is not enough.
        let mut clients = BTreeMap::new();
        for trail in cloudtrail.trails.seen() {
            if let Some(home) = home(trail) {
                clients.entry(home).or_insert_with_key(|home| (reader.in_region(home), self.client(Some(home))));
            }
        }
        let here = (reader.clone(), client);
        each(cloudtrail.trails.items_mut(), SIDE_BY_SIDE, |(_, trail)| {
            let (reader, client) = home(trail).and_then(|home| clients.get(&home)).unwrap_or(&here);
            details(reader, client, trail)
        })
        .await;
    }
}

/// The Region in which to ask about a trail.
fn home(trail: &Trail) -> Option<Region> {
    let of_arn = || trail.arn.parse::<Arn>().ok().map(|arn| arn.region().to_owned());
    trail.home_region.clone().or_else(of_arn)?.parse().ok()
}

async fn details(reader: &Reader, client: &Client, trail: &mut Trail) {
    let (arn, status, selectors) = (trail.arn.as_str(), &mut trail.status, &mut trail.selectors);
    reader
        .find(
            &TRAIL_STATUS,
            Some(arn),
            &NO_TRAIL,
            status,
            || client.get_trail_status().name(arn).send(),
            |answer| Ok(Some(convert::status(answer))),
        )
        .await;
    reader
        .find(
            &EVENT_SELECTORS,
            Some(arn),
            &NO_TRAIL,
            selectors,
            || client.get_event_selectors().trail_name(arn).send(),
            |answer| convert::selectors(answer).map(Some),
        )
        .await;
}

#[cfg(test)]
mod tests;
