//! The one door to AWS: attempts, deadline, paging, and what becomes of an answer.

use std::collections::BTreeMap;
use std::error::Error;
use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use plumbline_names::Region;
use plumbline_snapshot::{Collected, Details, Gap, Outcome, Passage, Plan, Read, ReadRecord, Source, Why};
use tokio::time::Instant;
use tracing::{Instrument, debug_span};

use crate::attempt::{Attempts, Patience, Tries};
use crate::budget::{Bucket, Budgets, Share};
use crate::classify::{Absent, Failure, classify};
use crate::endpoint::Endpoints;
use crate::listings::Listings;
use crate::log::Log;
use crate::page::{Missing, Next, Page, Stopped, Taken};
use crate::progress::{Progress, Silent};
use crate::way::{Broken, Way};
use crate::work::{Forecast, Work};

/// Asks AWS the questions of a plan in one Region, or globally; cheap to clone.
///
/// All readers that come from one share its plan, budgets, deadline, log and progress. Time is tokio's.
#[derive(Clone)]
pub struct Reader {
    shared: Arc<Shared>,
    region: Option<Region>,
    /// Where the thing that is asked about lies, for global services.
    place: Option<Region>,
    buckets: &'static [Bucket],
}

struct Shared {
    plan: Arc<Plan>,
    attempts: Attempts,
    budgets: Budgets,
    endpoints: Endpoints,
    log: Log,
    progress: Arc<dyn Progress>,
    work: Arc<Work>,
    /// Regions in which nothing is asked, each with the reason.
    closed: RwLock<BTreeMap<Region, String>>,
}

impl Reader {
    /// A reader of the global services for a plan.
    #[must_use]
    pub fn new(plan: Arc<Plan>, share: Share, deadline: Option<Instant>) -> Self {
        Self::patient(plan, share, deadline, Patience::default(), Arc::new(Silent))
    }

    /// The same with one's own patience, and someone who hears of the progress.
    #[must_use]
    pub fn patient(
        plan: Arc<Plan>,
        share: Share,
        deadline: Option<Instant>,
        patience: Patience,
        progress: Arc<dyn Progress>,
    ) -> Self {
        let work = Arc::new(Work::default());
        progress.follow(Forecast::of(&work));
        let shared = Shared {
            work,
            plan,
            attempts: Attempts::new(deadline, patience),
            budgets: Budgets::new(share),
            endpoints: Endpoints::new(patience.silence),
            log: Log::default(),
            progress,
            closed: RwLock::default(),
        };
        Self { shared: Arc::new(shared), region: None, place: None, buckets: &[] }
    }

    /// The same reader for one Region.
    #[must_use]
    pub fn in_region(&self, region: &Region) -> Self {
        Self { region: Some(region.clone()), ..self.clone() }
    }

    /// The same reader for global services.
    #[must_use]
    pub fn globally(&self) -> Self {
        Self { region: None, place: None, ..self.clone() }
    }

    /// The same reader for a thing of a global service that lies in a Region, such as a bucket: told and counted as before,
    /// and not asked where the Region is closed.
    #[must_use]
    pub fn about(&self, place: Option<&Region>) -> Self {
        Self { place: place.cloned(), ..self.clone() }
    }

    /// From now on nothing is asked in `region`, by any reader that comes from the same one: every read there ends as
    /// [`Why::Unsupported`] with this detail, and without a call.
    pub fn close_region(&self, region: &Region, detail: &str) {
        let mut closed = self.shared.closed.write().unwrap_or_else(PoisonError::into_inner);
        closed.insert(region.clone(), detail.to_owned());
    }

    /// What every read here ends with, if the Region is closed.
    fn closed(&self) -> Option<Failure> {
        let closed = self.shared.closed.read().unwrap_or_else(PoisonError::into_inner);
        let detail = closed.get(self.region.as_ref().or(self.place.as_ref())?)?;
        Some(Failure::own(Why::Unsupported, detail.clone(), false))
    }

    /// The same reader with the rate limits of a service: what each collector's `fill` begins with.
    #[must_use]
    pub fn with_buckets(&self, buckets: &'static [Bucket]) -> Self {
        Self { buckets, ..self.clone() }
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.shared.plan
    }

    /// The Region that this reader asks; none for global services.
    #[must_use]
    pub fn region(&self) -> Option<&Region> {
        self.region.as_ref()
    }

    /// Which single things the plan wants in this reader's Region; nothing for global services.
    #[must_use]
    pub fn details(&self) -> Details {
        self.region.as_ref().map(|region| self.shared.plan.details(region)).unwrap_or_default()
    }

    /// Whether the plan wants `source`. The reads below ask this themselves.
    #[must_use]
    pub fn wants(&self, source: &Source) -> bool {
        self.shared.plan.wants(source)
    }

    /// Whether some read was put off because the time was up.
    #[must_use]
    pub fn ran_out_of_time(&self) -> bool {
        self.shared.attempts.ran_out()
    }

    /// Begins a slice of the run: until `pause` (none: the deadline) calls are made; those under way then still come in. What
    /// ran out of time before is to be tried again.
    pub fn go_on(&self, pause: Option<Instant>) {
        self.shared.attempts.go_on(pause);
        self.shared.log.go_on();
    }

    /// Takes over what earlier legs of the same run have read.
    pub fn remember(&self, records: &[ReadRecord]) {
        self.shared.log.remember(records);
    }

    /// Every read so far, sorted by service, operation and Region.
    #[must_use]
    pub fn records(&self) -> Vec<ReadRecord> {
        self.shared.log.records()
    }

    /// Calls made and items received of these services so far, where this reader asks.
    #[must_use]
    pub fn tally(&self, services: &[&str]) -> (u64, u64) {
        let records = self.shared.log.records();
        let of = |it: &&ReadRecord| services.contains(&it.service.as_str()) && it.region == self.region;
        records.iter().filter(of).fold((0, 0), |(calls, items), it| (calls + it.calls, items + it.items))
    }

    /// The least time that the rate limits allow for the calls so far (LIMITS: the bound).
    #[must_use]
    pub fn bound(&self) -> Duration {
        self.shared.budgets.bound()
    }

    /// Reads a listing to its end, or goes on where time ran out; what is whole, or was refused, is left as it is.
    ///
    /// `call` gets the token of the page, none for the first. A listing that breaks off keeps its pages and its cursor: it
    /// is then [`Why::Truncated`] if at least one page came in, else it has the reason itself; [`Why::OutOfTime`] either way.
    pub async fn list<T, O, E, F>(
        &self,
        source: &'static Source,
        into: &mut Collected<T>,
        call: impl Fn(Option<String>) -> F,
        page: impl FnMut(O) -> Page<T>,
    ) where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        self.list_keeping(source, into, call, page, |_, _| ()).await;
    }

    /// Like [`Reader::list`], where items carry details of their own: `keep(new, old)` moves into the item just listed
    /// what an earlier read knew of the same id and what cannot have changed since.
    pub async fn list_keeping<T, O, E, F>(
        &self,
        source: &'static Source,
        into: &mut Collected<T>,
        call: impl Fn(Option<String>) -> F,
        page: impl FnMut(O) -> Page<T>,
        keep: impl Fn(&mut T, T),
    ) where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        self.list_down_to(source, into, call, page, keep, |_, _| false).await;
    }

    /// Like [`Reader::list_keeping`], where the pages end early, at what an earlier run has listed: what it knew and these
    /// pages did not bring stays, if `beyond` says that it lies beyond them.
    pub async fn list_down_to<T, O, E, F>(
        &self,
        source: &'static Source,
        into: &mut Collected<T>,
        call: impl Fn(Option<String>) -> F,
        mut page: impl FnMut(O) -> Page<T>,
        keep: impl Fn(&mut T, T),
        mut beyond: impl FnMut(&str, &T) -> bool,
    ) where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        if !into.is_open() || !self.begins(source) {
            return;
        }
        let mut from = into.cursor().map(str::to_owned);
        let ending = loop {
            let resumed = from.is_some();
            if !resumed {
                into.restart();
            }
            let ending = self
                .pages(source, from.take(), &call, |answer| {
                    let (items, taken) = page(answer).split();
                    for (id, mut item) in items {
                        if let Some(known) = into.known(&id) {
                            keep(&mut item, known);
                        }
                        into.add([(id, item)]);
                    }
                    taken
                })
                .await;
            match ending {
                // A token from an earlier leg may have expired: begin anew.
                Err(broken) if resumed && broken.pages == 0 && broken.failure.is_refusal() => {}
                ending => break ending,
            }
        };
        match self.conclude(source, ending) {
            Ok(()) => {
                let rest = into.take_unconfirmed();
                into.add(rest.into_iter().filter(|(id, item)| beyond(id, item)));
                into.finish();
            }
            Err(stopped) => into.stop(stopped.gap, stopped.cursor.map(String::from)),
        }
    }

    /// Like [`Reader::list`], where one answer has pages of several listings with one token: all are filled or stop together.
    pub async fn list_together<L, O, E, F>(
        &self,
        source: &'static Source,
        mut into: L,
        call: impl Fn(Option<String>) -> F,
        mut pages: impl FnMut(O) -> (L::Pages, Next),
    ) where
        L: Listings,
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        if !into.is_open() || !self.begins(source) {
            return;
        }
        let mut from = into.cursor().map(str::to_owned);
        let ending = loop {
            let resumed = from.is_some();
            if !resumed {
                into.restart();
            }
            let ending = self
                .pages(source, from.take(), &call, |answer| {
                    let (pages, next) = pages(answer);
                    let (items, nameless) = into.add(pages);
                    Taken { items, nameless, next }
                })
                .await;
            match ending {
                Err(broken) if resumed && broken.pages == 0 && broken.failure.is_refusal() => {}
                ending => break ending,
            }
        };
        match self.conclude(source, ending) {
            Ok(()) => into.finish(),
            Err(stopped) => into.stop(&stopped.gap, stopped.cursor.as_deref()),
        }
    }

    /// Reads all pages of what belongs to one thing, such as its tags: whole, or a gap.
    pub async fn gather<C, T, O, E, F>(
        &self,
        source: &'static Source,
        target: Option<&str>,
        into: &mut Read<C>,
        call: impl Fn(Option<String>) -> F,
        page: impl Fn(O) -> Page<T>,
        finish: impl FnOnce(Vec<(String, T)>) -> C,
    ) where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        if !into.is_open() || !self.begins(source) {
            return;
        }
        let mut all = Vec::new();
        let ending = self
            .pages(source, None, &call, |answer| {
                let (items, taken) = page(answer).split();
                all.extend(items.into_iter().map(|(id, item)| (id.into(), item)));
                taken
            })
            .await;
        *into = match self.conclude(source, ending) {
            Ok(()) => Read::Seen(finish(all)),
            Err(stopped) => Read::Gap(about(stopped.gap, target)),
        };
    }

    /// Walks the pages of anything else, or goes on where time ran out: `take` gets each answer and says where to go on. For
    /// answers whose items are spread over several places of the snapshot.
    pub async fn walk<O, E, F>(
        &self,
        source: &'static Source,
        passage: &mut Passage,
        call: impl Fn(Option<String>) -> F,
        mut take: impl FnMut(O) -> Taken,
    ) where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        if !passage.is_open() || !self.begins(source) {
            return;
        }
        let mut from = passage.cursor().map(str::to_owned);
        let ending = loop {
            let resumed = from.is_some();
            match self.pages(source, from.take(), &call, &mut take).await {
                Err(broken) if resumed && broken.pages == 0 && broken.failure.is_refusal() => {}
                ending => break ending,
            }
        };
        match self.conclude(source, ending) {
            Ok(()) => passage.finish(),
            Err(stopped) => passage.stop(stopped.gap, stopped.cursor.map(String::from)),
        }
    }

    /// Asks one question (about `target`, if not about the account); what is seen already, or was refused, is left as it is.
    pub async fn one<T, O, E, F>(
        &self,
        source: &'static Source,
        target: Option<&str>,
        into: &mut Read<T>,
        call: impl Fn() -> F,
        convert: impl FnOnce(O) -> Result<T, Missing>,
    ) where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        if !into.is_open() || !self.begins(source) {
            return;
        }
        let answer = self.ask(source, target, &call).await;
        *into = self.close(source, target, answer.and_then(|answer| convert(answer).map_err(without)), 1);
    }

    /// Asks about one thing that may not exist: the answers that `absent` names mean `Seen(None)`.
    pub async fn find<T, O, E, F>(
        &self,
        source: &'static Source,
        target: Option<&str>,
        absent: &Absent,
        into: &mut Read<Option<T>>,
        call: impl Fn() -> F,
        convert: impl FnOnce(O) -> Result<Option<T>, Missing>,
    ) where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        if !into.is_open() || !self.begins(source) {
            return;
        }
        let answer = match self.ask(source, target, &call).await {
            Ok(answer) => convert(answer).map_err(without),
            Err(failure) if absent.is(&failure) => Ok(None),
            Err(failure) => Err(failure),
        };
        let items = u64::from(matches!(answer, Ok(Some(_))));
        *into = self.close(source, target, answer, items);
    }

    /// Asks page after page until the end, a failure, or a token that leads in a circle.
    async fn pages<O, E, F>(
        &self,
        source: &'static Source,
        from: Option<String>,
        call: &impl Fn(Option<String>) -> F,
        mut take: impl FnMut(O) -> Taken,
    ) -> Result<(), Broken>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        let mut way = Way::from(from);
        loop {
            match self.ask(source, None, || call(way.token.clone())).await {
                Err(failure) => return Err(way.broken(failure)),
                Ok(answer) => {
                    let taken = take(answer);
                    self.received(source, taken.items as u64);
                    if way.go_on(taken)? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Makes one call, as often as it takes and patience and time allow.
    async fn ask<O, E, F>(
        &self,
        source: &'static Source,
        target: Option<&str>,
        call: impl Fn() -> F,
    ) -> Result<O, Failure>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        if let Some(failure) = self.closed() {
            return Err(failure);
        }
        let region = self.region.as_ref().map_or("global", Region::as_str);
        let span = debug_span!("read", service = source.service, operation = source.operation, region, target);
        let account = self.shared.budgets.account(self.buckets, source, self.region.as_ref());
        // A bucket is asked in its own Region.
        let endpoint = self.shared.endpoints.of(source.service, self.region.as_ref().or(self.place.as_ref()));
        let attempts = &self.shared.attempts;
        let log = (&self.shared.log, source, self.region.as_ref());
        let mut tries = Tries::default();
        async {
            loop {
                let permit = attempts.admit(&account, &endpoint).await?;
                self.shared.log.called(source, self.region.as_ref());
                endpoint.sent();
                let failure = match attempts.in_time(call()).await {
                    Ok(Ok(answer)) => {
                        endpoint.answered();
                        account.answered();
                        account.won();
                        return Ok(answer);
                    }
                    Ok(Err(error)) => classify(&error),
                    Err(failure) => failure,
                };
                if failure.status.is_some() {
                    endpoint.answered();
                }
                drop(permit);
                attempts.pause(&account, &mut tries, failure, log).await?;
            }
        }
        .instrument(span)
        .await
    }

    /// Whether the plan wants `source`; the log hears of it either way.
    fn begins(&self, source: &'static Source) -> bool {
        let region = self.region.as_ref();
        if self.wants(source) {
            let account = self.shared.budgets.account(self.buckets, source, region);
            self.shared.work.begins(source, region, account);
            self.shared.progress.started(source, region);
            return true;
        }
        self.shared.log.ended(source, region, Outcome::NotPlanned, "");
        false
    }

    fn received(&self, source: &Source, items: u64) {
        let region = self.region.as_ref();
        self.shared.log.received(source, region, items);
        self.shared.progress.received(source, region, items);
    }

    fn ended(&self, source: &'static Source, outcome: Outcome, detail: &str) {
        let region = self.region.as_ref();
        self.shared.work.ends(source, region);
        tracing::debug!(operation = source.operation, outcome = outcome.as_str(), detail, "read ended");
        self.shared.log.ended(source, region, outcome, detail);
        self.shared.progress.ended(source, region, outcome);
    }

    /// The end of a listing.
    fn conclude(&self, source: &'static Source, ending: Result<(), Broken>) -> Result<(), Stopped> {
        let ending = ending.map_err(|broken| broken.stopped(source));
        match &ending {
            Ok(()) => self.ended(source, Outcome::Complete, ""),
            Err(stopped) => self.ended(source, stopped.gap.why.into(), &stopped.gap.detail),
        }
        ending
    }

    /// The end of a question.
    fn close<T>(
        &self,
        source: &'static Source,
        target: Option<&str>,
        answer: Result<T, Failure>,
        items: u64,
    ) -> Read<T> {
        match answer {
            Ok(value) => {
                self.received(source, items);
                self.ended(source, Outcome::Complete, "");
                Read::Seen(value)
            }
            Err(failure) => {
                self.ended(source, failure.why.into(), &failure.detail);
                Read::Gap(about(Gap::of(source, failure.why, failure.detail), target))
            }
        }
    }
}

fn about(gap: Gap, target: Option<&str>) -> Gap {
    match target {
        Some(target) => gap.about(target),
        None => gap,
    }
}

fn without(missing: Missing) -> Failure {
    Failure::own(Why::Failed, format!("answer without `{}`", missing.0), false)
}
