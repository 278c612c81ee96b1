//! The reader against made-up answers, in virtual time.
#![allow(clippy::result_large_err, reason = "the error is the SDK's")]

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;
use plumbline_names::{Region, Text};
use plumbline_snapshot::{Collected, Details, Outcome, Passage, Plan, Read, Source, Why};
use tokio::time::Instant;

use crate::replay::plan;
use crate::{Absent, Bucket, Forecast, Missing, Next, Page, Patience, Progress, Reader, Share, Taken, each};

const LIST: Source = Source { service: "s", operation: "List", permissions: &[] };
const THING: Source = Source { service: "s", operation: "Describe", permissions: &[] };
const OTHER: Source = Source { service: "s", operation: "Other", permissions: &[] };

type Answer = Result<(Vec<&'static str>, Option<&'static str>), SdkError<ErrorMetadata, HttpResponse>>;

/// Answers in order; none left hangs for ever.
struct Aws {
    answers: RefCell<VecDeque<Answer>>,
    tokens: RefCell<Vec<Option<String>>>,
}

impl Aws {
    fn of(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: RefCell::new(answers.into_iter().collect()), tokens: RefCell::default() }
    }

    fn call(&self, token: Option<String>) -> impl Future<Output = Answer> + use<> {
        self.tokens.borrow_mut().push(token);
        let answer = self.answers.borrow_mut().pop_front();
        async move {
            match answer {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        }
    }

    fn calls(&self) -> usize {
        self.tokens.borrow().len()
    }
}

fn error(status: u16, code: &str) -> Answer {
    let meta = ErrorMetadata::builder().code(code).message("said so").build();
    Err(SdkError::service_error(meta, HttpResponse::new(status.try_into().unwrap(), SdkBody::from("x"))))
}

fn page((items, next): (Vec<&'static str>, Option<&'static str>)) -> Page<u32> {
    Page::of(items.into_iter().map(|id| Some((id.to_owned(), 1))), Next::token(next))
}

fn reader() -> Reader {
    Reader::new(plan(&[&LIST, &THING], "eu-west-1", Details::default()), Share::OFF, None)
}

async fn list(reader: &Reader, aws: &Aws, into: &mut Collected<u32>) {
    reader.list(&LIST, into, |token| aws.call(token), page).await;
}

fn ids(listing: &Collected<u32>) -> Vec<&str> {
    listing.entries().map(|(id, _)| id).collect()
}

#[tokio::test(start_paused = true)]
async fn pages_are_followed_through_an_empty_one() {
    let aws = Aws::of([Ok((vec!["a"], Some("1"))), Ok((vec![], Some("2"))), Ok((vec!["b", "c"], None))]);
    let region: Region = "eu-west-1".parse().unwrap();
    let reader = reader().in_region(&region);
    let mut listing = Collected::unread(&LIST);
    list(&reader, &aws, &mut listing).await;
    assert!(listing.is_whole());
    assert_eq!(ids(&listing), ["a", "b", "c"]);
    assert_eq!(*aws.tokens.borrow(), [None, Some("1".to_owned()), Some("2".to_owned())]);
    let records = reader.records();
    let [record] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!((record.calls, record.items, record.outcome), (3, 3, Outcome::Complete));
    assert_eq!((record.region.as_ref(), &record.error), (Some(&region), &None));
    // What is whole is not asked again.
    list(&reader, &aws, &mut listing).await;
    assert_eq!(aws.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_circle_ends_and_keeps_what_it_saw() {
    let aws = Aws::of([Ok((vec!["a"], Some("1"))), Ok((vec!["b"], Some("1")))]);
    let mut listing = Collected::unread(&LIST);
    list(&reader(), &aws, &mut listing).await;
    let gap = listing.gap().unwrap();
    assert_eq!(gap.why, Why::Truncated);
    assert!(gap.detail.contains("the same token came twice"), "{}", gap.detail);
    assert_eq!((ids(&listing), listing.cursor()), (vec!["a", "b"], None));
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_breaks_off_is_truncated_and_not_asked_again() {
    let aws = Aws::of([Ok((vec!["a"], Some("1"))), error(400, "AccessDeniedException"), Ok((vec!["b"], None))]);
    let mut listing = Collected::unread(&LIST);
    let first = reader();
    list(&first, &aws, &mut listing).await;
    let gap = listing.gap().unwrap();
    assert_eq!((gap.why, gap.detail.as_str()), (Why::Truncated, "after 1 pages: AccessDeniedException: said so"));
    assert_eq!((ids(&listing), listing.cursor()), (vec!["a"], Some("1")));
    assert_eq!(first.records()[0].outcome, Outcome::Truncated);
    list(&reader(), &aws, &mut listing).await;
    assert_eq!(aws.calls(), 2, "in one run, what was refused stays so");
}

/// A listing whose first page came in, and whose second ran out of time.
async fn interrupted() -> Collected<u32> {
    let reader = Reader::new(plan(&[&LIST], "eu-west-1", Details::default()), Share::OFF, None);
    reader.go_on(Some(Instant::now()));
    let mut listing = Collected::unread(&LIST);
    list(&reader, &Aws::of([]), &mut listing).await;
    assert_eq!((listing.gap().map(|gap| gap.why), listing.cursor()), (Some(Why::OutOfTime), None));
    let deadline = Some(Instant::now() + Duration::from_secs(5));
    let reader = Reader::new(plan(&[&LIST], "eu-west-1", Details::default()), Share::OFF, deadline);
    list(&reader, &Aws::of([Ok((vec!["a"], Some("1")))]), &mut listing).await;
    assert_eq!((listing.gap().map(|gap| gap.why), listing.cursor()), (Some(Why::OutOfTime), Some("1")));
    assert_eq!(reader.records()[0].outcome, Outcome::OutOfTime);
    listing
}

#[tokio::test(start_paused = true)]
async fn what_ran_out_of_time_goes_on_where_it_was() {
    let mut listing = interrupted().await;
    let aws = Aws::of([Ok((vec!["b"], None))]);
    list(&reader(), &aws, &mut listing).await;
    assert!(listing.is_whole());
    assert_eq!((ids(&listing), listing.cursor()), (vec!["a", "b"], None));
    assert_eq!(*aws.tokens.borrow(), [Some("1".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_slice_lets_in_what_is_under_way_and_the_next_one_forgets_that_time_ran_out() {
    let reader = Reader::new(plan(&[&LIST, &THING], "eu-west-1", Details::default()), Share::OFF, None);
    reader.go_on(Some(Instant::now() + Duration::from_secs(1)));
    let slow = || async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        Answer::Ok((vec!["x"], None))
    };
    let (mut first, mut second) = (Read::unread(&THING), Read::unread(&THING));
    reader.one(&THING, None, &mut first, slow, |_| Ok(())).await;
    reader.one(&THING, None, &mut second, slow, |_| Ok(())).await;
    assert!(first.is_seen() && second.is_open() && reader.ran_out_of_time());
    assert_eq!((reader.records()[0].calls, reader.records()[0].outcome), (1, Outcome::OutOfTime));
    reader.go_on(None);
    assert!(!reader.ran_out_of_time());
    reader.one(&THING, None, &mut second, slow, |_| Ok(())).await;
    assert!(second.is_seen());
    assert_eq!((reader.records()[0].calls, reader.records()[0].outcome), (2, Outcome::Complete));
    // The next leg's reader begins with that.
    let next = self::reader();
    next.remember(&reader.records());
    assert_eq!(next.records(), reader.records());
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_begins_the_listing_anew() {
    let mut listing = interrupted().await;
    let aws = Aws::of([error(400, "InvalidNextTokenException"), Ok((vec!["b"], None))]);
    list(&reader(), &aws, &mut listing).await;
    assert!(listing.is_whole());
    assert_eq!(ids(&listing), ["b"], "`a` is gone meanwhile");
}

#[tokio::test(start_paused = true)]
async fn what_a_prior_knew_is_kept_only_for_what_is_still_listed() {
    let mut listing = Collected::unread(&LIST);
    listing.expect([("a".to_owned(), 7), ("gone".to_owned(), 8)]);
    let aws = Aws::of([Ok((vec!["a", "b"], None))]);
    reader().list_keeping(&LIST, &mut listing, |token| aws.call(token), page, |new, old| *new += old).await;
    let entries: Vec<_> = listing.entries().map(|(id, item)| (id, *item)).collect();
    assert_eq!(entries, [("a", 8), ("b", 1)]);
}

#[tokio::test(start_paused = true)]
async fn the_reason_itself_if_no_page_came() {
    for (status, code, why, calls) in [
        (403, "AccessDenied", Why::Denied, 1),
        (400, "UnknownOperationException", Why::Unsupported, 1),
        (400, "ValidationException", Why::Failed, 1),
        (500, "InternalFailure", Why::Failed, 3),
        (400, "ThrottlingException", Why::Throttled, 6),
    ] {
        let aws = Aws::of((0..10).map(|_| error(status, code)));
        let (reader, mut listing) = (reader(), Collected::unread(&LIST));
        let started = Instant::now();
        list(&reader, &aws, &mut listing).await;
        assert_eq!((listing.gap().unwrap().why, aws.calls()), (why, calls), "{code}");
        assert!(started.elapsed() < Duration::from_secs(16), "{code}");
        let record = &reader.records()[0];
        assert_eq!((record.calls, record.outcome), (calls as u64, why.into()));
        assert_eq!(record.throttled, if why == Why::Throttled { 6 } else { 0 });
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttle_and_a_failure_that_pass_leave_no_trace() {
    let aws =
        Aws::of([error(400, "ThrottlingException"), error(503, "X"), error(400, "Throttling"), Ok((vec!["a"], None))]);
    let (reader, mut listing) = (reader(), Collected::unread(&LIST));
    list(&reader, &aws, &mut listing).await;
    assert!(listing.is_whole());
    let record = &reader.records()[0];
    assert_eq!((record.calls, record.throttled, record.outcome), (4, 2, Outcome::Complete));
}

#[tokio::test(start_paused = true)]
async fn a_hang_ends_in_bounded_time() {
    let aws = Aws::of([]);
    let mut listing = Collected::unread(&LIST);
    let started = Instant::now();
    list(&reader(), &aws, &mut listing).await;
    assert_eq!(listing.gap().unwrap().detail, "no answer within 15 s");
    assert_eq!(aws.calls(), 3);
    assert!((45..50).contains(&started.elapsed().as_secs()));
}

#[tokio::test(start_paused = true)]
async fn many_reads_that_hang_lose_patience_together() {
    let reader = reader();
    let (aws, mut listing) = (Aws::of([Ok((vec!["a"], None))]), Collected::unread(&LIST));
    list(&reader, &aws, &mut listing).await;
    let (aws, things, took) = hang(&reader).await;
    assert_eq!(aws.calls(), 3 * 3 + 17);
    assert!(took < Duration::from_secs(400));
    let gap = things[999].sight().unwrap_err();
    assert_eq!(gap.detail, "not asked any more after 20 failures in a row: no answer within 15 s");
    // Other operations are none the wiser.
    let (aws, mut listing) = (Aws::of([Ok((vec!["a"], None))]), Collected::unread(&LIST));
    list(&reader, &aws, &mut listing).await;
    assert!(listing.is_whole());
}

#[tokio::test(start_paused = true)]
async fn who_has_not_answered_for_a_minute_is_not_asked_any_more() {
    let reader = reader();
    let (aws, things, took) = hang(&reader).await;
    assert!(aws.calls() <= 5, "{}", aws.calls());
    assert!((Duration::from_secs(60)..Duration::from_secs(75)).contains(&took), "{took:?}");
    let gap = things[999].sight().unwrap_err();
    assert_eq!(gap.why, Why::Failed);
    assert!(gap.detail.contains("has answered for 60 s") && gap.detail.contains("VPC endpoint"), "{}", gap.detail);
    // No other operation of it is tried either, and it is no matter of time: nothing is put off.
    let (aws, mut listing) = (Aws::of([Ok((vec!["a"], None))]), Collected::unread(&LIST));
    list(&reader, &aws, &mut listing).await;
    assert_eq!((aws.calls(), listing.gap().unwrap().why, reader.ran_out_of_time()), (0, Why::Failed, false));
    // Another Region is.
    let (elsewhere, mut listing) = (reader.in_region(&"eu-west-2".parse().unwrap()), Collected::unread(&LIST));
    list(&elsewhere, &aws, &mut listing).await;
    assert!(listing.is_whole());
}

/// A thousand questions without an answer: who was asked, what became of them, and how long it took.
async fn hang(reader: &Reader) -> (Aws, Vec<Read<()>>, Duration) {
    let (aws, started) = (Aws::of([]), Instant::now());
    let mut things: Vec<Read<()>> = (0..1000).map(|_| Read::unread(&THING)).collect();
    for thing in &mut things {
        reader.one(&THING, None, thing, || aws.call(None), |_| Ok(())).await;
    }
    assert!(things.iter().all(|thing| !thing.is_seen()));
    (aws, things, started.elapsed())
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_everything() {
    let deadline = Instant::now() + Duration::from_secs(20);
    let reader = Reader::new(plan(&[&LIST, &THING], "eu-west-1", Details::default()), Share::OFF, Some(deadline));
    let aws = Aws::of([Ok((vec!["a"], Some("1")))]);
    let mut listing = Collected::unread(&LIST);
    list(&reader, &aws, &mut listing).await;
    assert_eq!((listing.gap().unwrap().why, listing.cursor()), (Why::OutOfTime, Some("1")));
    assert!(Instant::now() <= deadline + Duration::from_millis(2));
    assert!(reader.ran_out_of_time());
    let mut thing = Read::unread(&THING);
    let before = aws.calls();
    reader.one(&THING, Some("x"), &mut thing, || aws.call(None), |_| Ok(())).await;
    let gap = thing.sight().unwrap_err();
    assert_eq!((gap.why, gap.target.as_deref(), aws.calls()), (Why::OutOfTime, Some("x"), before));
}

#[tokio::test(start_paused = true)]
async fn a_question_is_seen_absent_or_a_gap() {
    let absent = Absent::codes(&["NotFound"]);
    let find = async |answer: Answer| {
        let (aws, mut thing) = (Aws::of([answer]), Read::unread(&THING));
        reader()
            .find(&THING, Some("x"), &absent, &mut thing, || aws.call(None), |(items, _)| Ok(items.len().into()))
            .await;
        thing
    };
    assert_eq!(find(Ok((vec!["a"], None))).await, Read::Seen(Some(1)));
    assert_eq!(find(error(404, "NotFound")).await, Read::Seen(None));
    let gap = find(error(404, "AccessDenied")).await;
    assert_eq!(gap.sight().unwrap_err().why, Why::Denied);
    assert_eq!(gap.sight().unwrap_err().target.as_deref(), Some("x"));
    let (aws, mut thing) = (Aws::of([Ok((vec![], None))]), Read::<()>::unread(&THING));
    reader().one(&THING, None, &mut thing, || aws.call(None), |_| Err(Missing("Thing"))).await;
    let gap = thing.sight().unwrap_err();
    assert_eq!((gap.why, gap.detail.as_str()), (Why::Failed, "answer without `Thing`"));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_planned_is_left_as_it_is() {
    let (aws, reader) = (Aws::of([Ok((vec!["a"], None))]), reader());
    let mut listing = Collected::unread(&OTHER);
    let before = listing.clone();
    reader.list(&OTHER, &mut listing, |token| aws.call(token), page).await;
    let taken = |_| Taken { items: 0, nameless: false, next: Next::End };
    let mut passage = Passage::unread(&OTHER);
    reader.walk(&OTHER, &mut passage, |token| aws.call(token), taken).await;
    assert_eq!((listing, aws.calls(), passage.gap().map(|gap| gap.why)), (before, 0, Some(Why::NotPlanned)));
    assert_eq!((reader.records()[0].outcome, reader.records()[0].calls), (Outcome::NotPlanned, 0));
}

#[tokio::test(start_paused = true)]
async fn what_lies_beyond_the_pages_stays() {
    let mut listing = Collected::unread(&LIST);
    listing.expect([("a".to_owned(), 7), ("gone".to_owned(), 8), ("old".to_owned(), 9)]);
    let aws = Aws::of([Ok((vec!["a", "b"], None))]);
    let (keep, beyond) = (|new: &mut u32, old| *new += old, |_: &str, old: &u32| *old == 9);
    reader().list_down_to(&LIST, &mut listing, |token| aws.call(token), page, keep, beyond).await;
    let entries: Vec<_> = listing.entries().map(|(id, item)| (id, *item)).collect();
    assert_eq!(entries, [("a", 8), ("b", 1), ("old", 9)]);
    assert_eq!(listing.unconfirmed().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_could_list_stays_unconfirmed_and_out_of_sight() {
    let mut listing = Collected::unread(&LIST);
    listing.expect([("a".to_owned(), 7)]);
    list(&reader(), &Aws::of([error(403, "AccessDenied")]), &mut listing).await;
    assert_eq!((listing.len(), listing.unconfirmed().count()), (0, 1));
    assert!(listing.get("a").is_err() && listing.seen().next().is_none());
}

#[tokio::test(start_paused = true)]
async fn listings_of_one_answer_are_whole_or_stop_together() {
    let unread = || Collected::unread(&LIST);
    let all = async |answers: Vec<Answer>, mut a: Collected<u32>| {
        let (aws, mut b, mut c) = (Aws::of(answers), unread(), unread());
        let pages = |(ids, next): (Vec<&'static str>, Option<&'static str>)| {
            let items = ids.iter().map(|id| Some((Text::from(*id), 1))).collect();
            (
                (items, (vec![Some((Text::from("b"), 2))], vec![(!ids.contains(&"!")).then(|| ("c".into(), 3))])),
                Next::token(next),
            )
        };
        reader().list_together(&LIST, (&mut a, (&mut b, &mut c)), |token| aws.call(token), pages).await;
        (a, b, c, aws.calls())
    };
    let (a, b, c, _) = all(vec![Ok((vec!["x"], Some("1"))), Ok((vec!["y"], None))], unread()).await;
    assert!(a.is_whole() && b.is_whole() && c.is_whole());
    assert_eq!((ids(&a), ids(&b), ids(&c)), (vec!["x", "y"], vec!["b"], vec!["c"]));
    let (a, b, c, _) = all(vec![Ok((vec!["x"], Some("1"))), error(400, "X")], unread()).await;
    assert_eq!((a.gap(), a.cursor()), (b.gap(), b.cursor()));
    assert_eq!((a.gap(), a.cursor()), (c.gap(), c.cursor()));
    assert_eq!((a.gap().unwrap().why, a.cursor()), (Why::Truncated, Some("1")));
    // One that was whole before is read again with the others, and what came without its identity spoils them all.
    let (a, _, _, calls) = all(vec![Ok((vec!["x"], None))], Collected::whole([("old", 7)])).await;
    assert_eq!((ids(&a), calls), (vec!["x"], 1));
    let (a, b, c, _) = all(vec![Ok((vec!["!"], None))], unread()).await;
    assert!(!a.is_whole() && !b.is_whole() && !c.is_whole());
}

#[tokio::test(start_paused = true)]
async fn what_belongs_to_one_thing_is_gathered_whole_or_not_at_all() {
    let gather = async |answers: Vec<Answer>| {
        let (aws, mut tags) = (Aws::of(answers), Read::<Vec<String>>::unread(&THING));
        let finish = |all: Vec<(String, u32)>| all.into_iter().map(|(id, _)| id).collect();
        reader().gather(&THING, Some("x"), &mut tags, |token| aws.call(token), page, finish).await;
        tags
    };
    let whole = gather(vec![Ok((vec!["a"], Some("1"))), Ok((vec!["b"], None))]).await;
    assert_eq!(whole, Read::Seen(vec!["a".to_owned(), "b".to_owned()]));
    let cut = gather(vec![Ok((vec!["a"], Some("1"))), error(400, "X")]).await;
    assert_eq!((cut.sight().unwrap_err().why, cut.sight().unwrap_err().target.as_deref()), (Why::Truncated, Some("x")));
}

const SLOW: &[Bucket] = &[Bucket::published(&[&THING], 4.0, 2.0, "a test")];
const GUESSED: &[Bucket] = &[Bucket::guess(&[&THING], 1.0, 1.0, "a test")];

/// Asks as many questions at once as there are good answers, and says how long it took.
async fn ask(reader: &Reader, answers: Vec<Answer>) -> Duration {
    let mut things: Vec<Read<()>> = answers.iter().flatten().map(|_| Read::unread(&THING)).collect();
    let aws = Aws::of(answers);
    let started = Instant::now();
    let one = async |thing: &mut Read<()>| reader.one(&THING, None, thing, || aws.call(None), |_| Ok(())).await;
    each(things.iter_mut(), 50, one).await;
    started.elapsed()
}

fn within(plan: &Arc<Plan>, share: f64, buckets: &'static [Bucket]) -> Reader {
    Reader::new(Arc::clone(plan), Share::of(share).unwrap(), None).with_buckets(buckets)
}

fn good(count: usize) -> Vec<Answer> {
    (0..count).map(|_| Ok((vec![], None))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_run_takes_its_share_of_the_limit_and_no_less_time_than_the_bound() {
    let plan = plan(&[&THING], "eu-west-1", Details::default());
    // (N - φB) / (φr): the other half of the bucket belongs to the rest of the account.
    for (share, seconds) in [(1.0, 13.0), (0.5, 28.0)] {
        let reader = within(&plan, share, SLOW);
        let took = ask(&reader, good(30)).await;
        assert!((seconds..seconds + 0.1).contains(&took.as_secs_f64()), "{took:?}");
        assert!((reader.bound().as_secs_f64() - seconds).abs() < 1e-6);
    }
    // Regions have buckets of their own.
    let reader = within(&plan, 1.0, SLOW);
    let (here, there) = ("eu-west-1".parse().unwrap(), "eu-west-2".parse().unwrap());
    ask(&reader.in_region(&here), good(4)).await;
    assert!(ask(&reader.in_region(&there), good(4)).await.is_zero());
    let off = Reader::new(plan, Share::OFF, None).with_buckets(SLOW);
    assert!(ask(&off, good(1000)).await.is_zero());
    assert!((off.bound().as_secs_f64() - 498.0).abs() < 1e-6);
}

#[tokio::test(start_paused = true)]
async fn a_throttle_halves_the_rate_and_it_grows_back() {
    let plan = plan(&[&THING], "eu-west-1", Details::default());
    let reader = within(&plan, 1.0, SLOW);
    ask(&reader, std::iter::once(error(400, "Throttling")).chain(good(1)).collect()).await;
    let slow = ask(&reader, good(10)).await.as_secs_f64();
    assert!((5.5..8.0).contains(&slow), "{slow}: half as fast at first");
    ask(&reader, good(60)).await;
    let recovered = ask(&reader, good(10)).await.as_secs_f64();
    assert!((4.9..5.2).contains(&recovered), "{recovered}");
}

#[tokio::test(start_paused = true)]
async fn a_guessed_rate_is_tried_upwards_and_the_bound_follows() {
    let plan = plan(&[&THING], "eu-west-1", Details::default());
    let reader = within(&plan, 1.0, GUESSED);
    let took = ask(&reader, good(400)).await;
    assert!((100..200).contains(&took.as_secs()), "{took:?}");
    assert!((reader.bound().as_secs_f64() - 399.0 / 4.0).abs() < 1e-6);
}

#[tokio::test(start_paused = true)]
async fn what_was_tried_upwards_and_throttled_goes_back_to_what_is_known() {
    let plan = plan(&[&THING], "eu-west-1", Details::default());
    let reader = within(&plan, 1.0, GUESSED);
    // 40 answers bring the rate from 1 to 1.8 a second; then one is throttled.
    ask(&reader, good(40)).await;
    ask(&reader, std::iter::once(error(400, "Throttling")).chain(good(1)).collect()).await;
    let next = ask(&reader, good(10)).await.as_secs_f64();
    assert!((8.0..11.0).contains(&next), "{next}: about one a second, and not half of that");
    ask(&reader, good(200)).await;
    let fast = ask(&reader, good(10)).await.as_secs_f64();
    assert!((6.0..8.0).contains(&fast), "{fast}: up to four fifths of what was too much, and no more");
}

#[test]
fn a_share_is_a_part_of_the_whole() {
    assert_eq!((Share::of(0.0), Share::of(1.1), Share::of(f64::NAN)), (None, None, None));
    assert_eq!(Share::of(0.5), Some(Share::default()));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_in_a_region_that_is_closed() {
    let (home, away): (Region, Region) = ("eu-west-1".parse().unwrap(), "me-south-1".parse().unwrap());
    let aws = Aws::of([Ok((vec!["a"], None)), Ok((vec!["b"], None))]);
    let all = reader();
    let early = all.in_region(&away);
    all.close_region(&away, "not enabled");

    let mut listing = Collected::unread(&LIST);
    list(&early, &aws, &mut listing).await;
    let gap = listing.gap().unwrap();
    assert_eq!((gap.why, gap.detail.as_str(), listing.is_open()), (Why::Unsupported, "not enabled", false));
    let mut thing = Read::unread(&THING);
    let absent = Absent::codes(&["NotFound"]);
    let found = |_: (Vec<&str>, Option<&str>)| Ok(Some(1));
    all.about(Some(&away)).find(&THING, Some("x"), &absent, &mut thing, || aws.call(None), found).await;
    assert_eq!(thing.sight().unwrap_err().why, Why::Unsupported, "a thing of a global service that lies there");
    assert_eq!(aws.calls(), 0);
    let records: Vec<_> = all.records().into_iter().map(|it| (it.operation, it.region, it.outcome, it.calls)).collect();
    let unsupported = |operation: &str, region| (operation.to_owned(), region, Outcome::Unsupported, 0);
    assert_eq!(records, [unsupported("Describe", None), unsupported("List", Some(away.clone()))]);

    // Everywhere else it goes on.
    let mut listing = Collected::unread(&LIST);
    list(&all.in_region(&home), &aws, &mut listing).await;
    assert!(listing.is_whole());
    let mut thing = Read::unread(&THING);
    all.about(Some(&home)).find(&THING, None, &absent, &mut thing, || aws.call(None), found).await;
    assert!(thing.is_seen());
    assert_eq!((all.bound(), aws.calls()), (Duration::ZERO, 2));
}

/// Keeps what there is to ask how far the reading is.
#[derive(Default)]
struct Follower(std::sync::Mutex<Option<Forecast>>);

impl Progress for Follower {
    fn follow(&self, forecast: Forecast) {
        *self.0.lock().unwrap() = Some(forecast);
    }
    fn started(&self, _: &Source, _: Option<&Region>) {}
    fn received(&self, _: &Source, _: Option<&Region>, _: u64) {}
    fn ended(&self, _: &Source, _: Option<&Region>, _: Outcome) {}
}

#[tokio::test(start_paused = true)]
async fn a_batch_says_how_much_longer_it_takes() {
    const BUCKETS: &[Bucket] = &[Bucket::published(&[&THING], 10.0, 10.0, "test")];
    let follower = Arc::new(Follower::default());
    let plan = plan(&[&THING], "eu-west-1", Details::default());
    let reader = Reader::patient(plan, Share::of(1.0).unwrap(), None, Patience::default(), follower.clone());
    let reader = &reader.in_region(&"eu-west-1".parse().unwrap()).with_buckets(BUCKETS);
    let forecast = follower.0.lock().unwrap().clone().unwrap();
    let mut things: Vec<Read<u32>> = (0..100).map(|_| Read::unread(&THING)).collect();
    let batch = each(things.iter_mut(), 4, async |thing: &mut Read<u32>| {
        let answer = || async { Ok::<_, SdkError<ErrorMetadata, HttpResponse>>(1) };
        reader.one(&THING, None, thing, answer, Ok).await;
    });
    let seen = async {
        tokio::time::sleep(Duration::from_secs(4)).await;
        forecast.longest().unwrap()
    };
    let started = Instant::now();
    let ((), outlook) = tokio::join!(batch, seen);
    let after = started.elapsed() - Duration::from_secs(4);
    assert_eq!((outlook.source, outlook.total, outlook.estimated), (&THING, 100, true));
    assert_eq!(outlook.region.as_ref().map(Region::as_str), Some("eu-west-1"));
    assert!((48..=52).contains(&outlook.done), "{outlook:?}");
    let (told, took) = (outlook.left.unwrap().as_secs_f64(), after.as_secs_f64());
    assert!((told - took).abs() < 0.5, "told {told} s, took {took} s");
    assert_eq!((forecast.longest(), reader.tally(&["s"])), (None, (100, 100)));
}
