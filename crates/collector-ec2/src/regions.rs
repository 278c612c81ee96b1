//! The read of the account's Regions: one call, in a Region that the account is known to use.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::Region;
use aws_types::SdkConfig;
use plumbline_collector::{Check, Collector, Next, Page, Reader, polite};
use plumbline_snapshot::{Collected, ec2};

use crate::convert::text;
use crate::limits;

/// Reads which Regions there are, and which of them the account has opted into.
#[derive(Debug, Clone)]
pub struct RegionsCollector {
    client: Client,
}

impl RegionsCollector {
    /// A collector that asks in the Region of `config`. Each enabled Region knows of all others.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        let config = aws_sdk_ec2::config::Builder::from(&polite(config)).interceptor(Check::of("ec2", limits::SHAPES));
        Self { client: Client::from_conf(config.build()) }
    }
}

impl Collector for RegionsCollector {
    /// The opt-in status by the Region's name.
    type Fragment = Collected<String>;

    async fn fill(&self, reader: &Reader, statuses: &mut Collected<String>) {
        reader
            .globally()
            .with_buckets(limits::BUCKETS)
            .list(
                &ec2::REGIONS,
                statuses,
                |_| Box::pin(self.client.describe_regions().all_regions(true).send()),
                |answer| Page::of(answer.regions().iter().map(status), Next::End),
            )
            .await;
    }
}

/// A Region with its status.
fn status(region: &Region) -> Option<(String, String)> {
    Some((text(region.region_name())?, text(region.opt_in_status())?))
}

#[cfg(test)]
mod tests {
    use plumbline_collector::replay::{Answer, Fault, Replay, plan};
    use plumbline_collector::{Collector as _, Reader, Share};
    use plumbline_snapshot::{Collected, Details, Why, ec2};

    use super::RegionsCollector;

    const ANSWER: &str = include_str!("../fixtures/DescribeRegions.xml");

    async fn asked(aws: &Replay) -> (Reader, Collected<String>) {
        let reader = Reader::new(plan(&[&ec2::REGIONS], "eu-west-1", Details::default()), Share::OFF, None);
        let mut statuses = Collected::unread(&ec2::REGIONS);
        RegionsCollector::new(&aws.config("eu-west-1")).fill(&reader, &mut statuses).await;
        (reader, statuses)
    }

    #[tokio::test(start_paused = true)]
    async fn one_call_tells_of_every_region() {
        let aws = Replay::new();
        aws.answer(&ec2::REGIONS, Answer::xml(ANSWER));
        let (reader, statuses) = asked(&aws).await;
        let said: Vec<_> = statuses.entries().map(|(name, status)| (name, status.as_str())).collect();
        let wanted =
            [("eu-south-1", "not-opted-in"), ("eu-west-1", "opt-in-not-required"), ("il-central-1", "opted-in")];
        assert_eq!((said, statuses.is_whole()), (wanted.to_vec(), true));
        assert!(aws.requests().iter().all(|request| request.text.contains("AllRegions=true")), "{:?}", aws.requests());
        assert_eq!(reader.records().iter().map(|record| &record.region).collect::<Vec<_>>(), [&None]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_fault_or_a_region_without_status_is_no_answer() {
        for fault in Fault::ALL {
            let aws = Replay::new();
            aws.answer(&ec2::REGIONS, Answer::xml(ANSWER));
            aws.fault(&ec2::REGIONS, fault.clone());
            let (_, statuses) = asked(&aws).await;
            let why = match fault {
                Fault::Denied => Why::Denied,
                Fault::Throttled => Why::Throttled,
                _ => Why::Failed,
            };
            assert_eq!(statuses.gap().map(|gap| gap.why), Some(why), "{fault:?}");
        }
        let aws = Replay::new();
        aws.answer(&ec2::REGIONS, Answer::xml(ANSWER.replace("<optInStatus>opted-in</optInStatus>", "")));
        let (_, statuses) = asked(&aws).await;
        assert!(statuses.gap().is_some_and(|gap| gap.detail.contains("optInStatus")), "{:?}", statuses.gap());
    }
}
