//! One service in one Region, as it is asked: how many requests are under way, and whether anybody answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use plumbline_names::Region;
use plumbline_snapshot::Why;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::classify::Failure;

/// Requests in flight at once to one service in one Region. What hangs there holds up nobody else, and eight services of
/// eight Regions stay below the 1,024 file descriptors of a Lambda function (LIMITS §3).
const IN_FLIGHT: usize = 12;

/// Fewer requests than this without an answer are no silence, however long ago they were sent: one of them may wait for
/// its turn.
const UNANSWERED: u32 = 3;

/// Every service of every Region that a run asks.
#[derive(Debug)]
pub(crate) struct Endpoints {
    /// So long without an answer means that nobody is there.
    silence: Duration,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// By Region (none for a global service) and service.
    endpoints: BTreeMap<(Option<Region>, &'static str), Arc<Endpoint>>,
    regions: BTreeMap<Region, Arc<Pulse>>,
}

/// One service in one Region.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// Places among the requests in flight.
    pub(crate) flight: Semaphore,
    service: &'static str,
    silence: Duration,
    pulse: Pulse,
    region: Option<(Region, Arc<Pulse>)>,
}

/// Whether somebody answers.
#[derive(Debug, Default)]
struct Pulse(Mutex<Waiting>);

/// What was sent since the last answer.
#[derive(Debug, Default)]
struct Waiting {
    requests: u32,
    since: Option<Instant>,
    /// Of which services.
    services: BTreeSet<&'static str>,
    /// Whether anything was ever answered.
    reached: bool,
}

impl Endpoints {
    pub(crate) fn new(silence: Duration) -> Self {
        Self { silence, known: Mutex::default() }
    }

    /// The endpoint of `service` in `region`, or of a global service.
    pub(crate) fn of(&self, service: &'static str, region: Option<&Region>) -> Arc<Endpoint> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Known { endpoints, regions } = &mut *known;
        let endpoint = endpoints.entry((region.cloned(), service)).or_insert_with(|| {
            let region = region.map(|region| (region.clone(), regions.entry(region.clone()).or_default().clone()));
            let flight = Semaphore::new(IN_FLIGHT);
            Arc::new(Endpoint { flight, service, silence: self.silence, pulse: Pulse::default(), region })
        });
        endpoint.clone()
    }
}

impl Endpoint {
    /// A request goes out.
    pub(crate) fn sent(&self) {
        self.pulses().for_each(|pulse| pulse.sent(self.service));
    }

    /// An answer came in, of whatever kind.
    pub(crate) fn answered(&self) {
        self.pulses().for_each(Pulse::answered);
    }

    /// What every further read ends with, once nobody has answered for so long: first of the whole Region.
    ///
    /// Who has answered before can be reached, and its silence may be that of one operation: then the others are asked all
    /// the same. Of a Region the silence of two services is enough.
    pub(crate) fn silent(&self) -> Option<Failure> {
        let seconds = self.silence.as_secs();
        let who = match &self.region {
            Some((region, pulse)) if pulse.is_silent(self.silence) => format!("nothing in `{region}`"),
            Some((region, _)) if self.pulse.is_silent(self.silence) => {
                format!("nothing of `{}` in `{region}`", self.service)
            }
            None if self.pulse.is_silent(self.silence) => format!("nothing of `{}`", self.service),
            _ => return None,
        };
        let detail = format!(
            "{who} has answered for {seconds} s, and nothing more is asked there: see whether it can be reached from here \
             (VPC endpoint, firewall, the health of the service)"
        );
        Some(Failure::own(Why::Failed, detail, false))
    }

    fn pulses(&self) -> impl Iterator<Item = &Pulse> {
        self.region.iter().map(|(_, pulse)| &**pulse).chain([&self.pulse])
    }
}

impl Pulse {
    fn sent(&self, service: &'static str) {
        let mut waiting = self.waiting();
        waiting.services.insert(service);
        waiting.requests = waiting.requests.saturating_add(1);
        waiting.since.get_or_insert_with(Instant::now);
    }

    fn answered(&self) {
        *self.waiting() = Waiting { reached: true, ..Waiting::default() };
    }

    fn is_silent(&self, silence: Duration) -> bool {
        let waiting = self.waiting();
        let dark = !waiting.reached || waiting.services.len() > 1;
        dark && waiting.requests >= UNANSWERED && waiting.since.is_some_and(|since| since.elapsed() >= silence)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use plumbline_names::Region;
    use tokio::time::advance;

    use super::Endpoints;

    const SILENCE: Duration = Duration::from_secs(60);

    fn said(endpoints: &Endpoints, service: &'static str, region: Option<&Region>) -> Option<String> {
        endpoints.of(service, region).silent().map(|failure| failure.detail)
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_is_silent_is_given_up_and_no_other() {
        let endpoints = Endpoints::new(SILENCE);
        let (here, there): (Region, Region) = ("eu-west-1".parse().unwrap(), "me-south-1".parse().unwrap());
        for _ in 0..3 {
            endpoints.of("kms", Some(&here)).sent();
        }
        advance(SILENCE - Duration::from_millis(1)).await;
        endpoints.of("ec2", Some(&here)).sent();
        endpoints.of("ec2", Some(&here)).answered();
        assert_eq!(said(&endpoints, "kms", Some(&here)), None);
        advance(Duration::from_millis(1)).await;
        let detail = said(&endpoints, "kms", Some(&here)).unwrap();
        assert!(detail.starts_with("nothing of `kms` in `eu-west-1` has answered for 60 s"), "{detail}");
        assert_eq!(said(&endpoints, "ec2", Some(&here)), None);
        assert_eq!(said(&endpoints, "kms", Some(&there)), None);
        // A late answer is an answer.
        endpoints.of("kms", Some(&here)).answered();
        assert_eq!(said(&endpoints, "kms", Some(&here)), None);
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_answered_before_is_asked_further() {
        let endpoints = Endpoints::new(SILENCE);
        let region: Region = "eu-west-1".parse().unwrap();
        let (kms, logs) = (endpoints.of("kms", Some(&region)), endpoints.of("logs", Some(&region)));
        kms.answered();
        for _ in 0..100 {
            kms.sent();
        }
        advance(SILENCE * 2).await;
        assert_eq!(said(&endpoints, "kms", Some(&region)), None, "one operation may hang, and the others answer");
        logs.sent();
        assert!(said(&endpoints, "kms", Some(&region)).unwrap().starts_with("nothing in `eu-west-1`"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_region_is_silent_when_all_its_services_are() {
        let endpoints = Endpoints::new(SILENCE);
        let region: Region = "me-south-1".parse().unwrap();
        for service in ["ec2", "logs", "sagemaker"] {
            endpoints.of(service, Some(&region)).sent();
        }
        advance(SILENCE).await;
        let detail = said(&endpoints, "kms", Some(&region)).unwrap();
        assert!(detail.starts_with("nothing in `me-south-1` has answered for 60 s"), "{detail}");
        assert_eq!(said(&endpoints, "kms", None), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lone_request_that_waits_for_its_turn_is_no_silence() {
        let endpoints = Endpoints::new(SILENCE);
        for _ in 0..2 {
            endpoints.of("iam", None).sent();
        }
        advance(SILENCE * 10).await;
        assert_eq!(said(&endpoints, "iam", None), None);
        endpoints.of("iam", None).sent();
        assert!(said(&endpoints, "iam", None).unwrap().starts_with("nothing of `iam` has answered"));
    }
}
