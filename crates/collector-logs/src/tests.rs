//! Played answers.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_types::sdk_config::SharedHttpClient;
use plumbline_collector::replay::{Answer, Fault, Recorder, Replay, plan};
use plumbline_collector::{Collector, Patience, Reader, Share, Silent};
use plumbline_snapshot::logs::{LOG_GROUPS, Logs};
use plumbline_snapshot::{Details, Outcome, Read, Why};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::LogsCollector;

const REGION: &str = "eu-west-1";

fn aws() -> Replay {
    let aws = Replay::new();
    aws.answer(&LOG_GROUPS, Answer::json(include_str!("../fixtures/log-groups-2.json")).when("\"token-2\""));
    aws.answer(&LOG_GROUPS, Answer::json(r#"{"logGroups": [], "nextToken": "token-2"}"#).when("\"token-1\""));
    aws.answer(&LOG_GROUPS, Answer::json(include_str!("../fixtures/log-groups-1.json")).when("\"limit\":50"));
    aws
}

async fn fill(aws: &Replay, logs: &mut Logs) -> Reader {
    let reader = Reader::new(plan(&[&LOG_GROUPS], REGION, Details::default()), Share::default(), None)
        .in_region(&REGION.parse().unwrap());
    LogsCollector::new(&aws.config(REGION)).fill(&reader, logs).await;
    reader
}

#[tokio::test(start_paused = true)]
async fn two_pages_with_an_empty_one_between() {
    let (aws, mut logs) = (aws(), Logs::unread());
    let reader = fill(&aws, &mut logs).await;
    let groups: Vec<_> = logs.sagemaker_groups.all().unwrap().collect();
    assert_eq!(groups.len(), 2);
    assert_eq!((groups[0].stored_bytes, groups[0].retention_days), (4711, Some(90)));
    assert_eq!((groups[1].stored_bytes, groups[1].retention_days, &groups[1].kms_key), (0, None, &None));
    assert!(groups.iter().all(|group| !group.arn.as_ref().unwrap().ends_with(":*")));
    assert!(aws.requests().iter().all(|request| request.text.contains(r#""logGroupNamePrefix":"/aws/sagemaker/""#)));
    assert_eq!((reader.records()[0].calls, reader.records()[0].items, aws.calls_of(&LOG_GROUPS)), (3, 2, 3));
    // Filled already: nothing is asked again.
    fill(&aws, &mut logs).await;
    assert_eq!(aws.calls_of(&LOG_GROUPS), 3);
}

fn named(aws: &Replay) -> (LogsCollector, Reader, BTreeSet<String>) {
    let reader = Reader::new(plan(&[&LOG_GROUPS], REGION, Details::default()), Share::default(), None)
        .in_region(&REGION.parse().unwrap());
    let names = ["/ds/flow", "/ds/gone"].map(str::to_owned);
    (LogsCollector::new(&aws.config(REGION)), reader, names.into())
}

#[tokio::test(start_paused = true)]
async fn destinations_are_found_by_their_whole_names() {
    let aws = Replay::new();
    let group = |name: &str, more: &str| format!(r#"{{"logGroups": [{{"logGroupName": "{name}"}}]{more}}}"#);
    // What only begins like it comes first, then an empty page, then the group itself.
    aws.answer(&LOG_GROUPS, Answer::json(group("/ds/flow", "")).when("\"token-2\""));
    aws.answer(&LOG_GROUPS, Answer::json(r#"{"logGroups": [], "nextToken": "token-2"}"#).when("\"token-1\""));
    let first = group("/ds/flow-of-others", r#", "nextToken": "token-1""#);
    aws.answer(&LOG_GROUPS, Answer::json(first).when("\"logGroupNamePrefix\":\"/ds/flow\""));
    aws.answer(&LOG_GROUPS, Answer::json(group("/ds/gone-too", "")).when("\"logGroupNamePrefix\":\"/ds/gone\""));
    let (collector, reader, names) = named(&aws);
    let mut logs = Logs::unread();
    collector.destinations(&reader, &mut logs, &names).await;
    let flow = logs.destinations["/ds/flow"].sight().unwrap().as_ref().unwrap();
    assert_eq!(flow.name, "/ds/flow");
    assert_eq!(logs.destinations["/ds/gone"], Read::Seen(None));
    assert_eq!((logs.destinations.len(), aws.calls_of(&LOG_GROUPS), aws.unanswered().len()), (2, 4, 0));
    assert_eq!(logs.sagemaker_groups.gap().map(|gap| gap.why), Some(Why::NotPlanned));
    // What is seen is not asked again.
    collector.destinations(&reader, &mut logs, &names).await;
    assert_eq!(aws.calls_of(&LOG_GROUPS), 4);

    // The second page of one is refused, or the first: not seen is not absent.
    for calls in [1.., 0..] {
        let aws = aws.fresh();
        aws.fault_calls(&LOG_GROUPS, calls, Fault::Denied);
        let (collector, reader, _) = named(&aws);
        let mut logs = Logs::unread();
        collector.destinations(&reader, &mut logs, &["/ds/flow".to_owned()].into()).await;
        let gap = logs.destinations["/ds/flow"].sight().unwrap_err();
        assert_eq!(gap.target.as_deref(), Some("/ds/flow"));
        assert!(matches!(gap.why, Why::Denied | Why::Truncated), "{gap:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_fault_looks_like_an_empty_list() {
    for fault in Fault::ALL {
        let (aws, mut logs) = (aws(), Logs::unread());
        aws.fault(&LOG_GROUPS, fault.clone());
        let reader = fill(&aws, &mut logs).await;
        let why = match fault {
            Fault::Denied => Why::Denied,
            Fault::Throttled => Why::Throttled,
            _ => Why::Failed,
        };
        assert_eq!(logs.sagemaker_groups.gap().map(|gap| gap.why), Some(why), "{fault:?}");
        assert_eq!(reader.records()[0].outcome, Outcome::from(why));
        // And on the second page it leaves a listing that is cut short.
        let mut logs = Logs::unread();
        aws.heal();
        aws.fault_calls(&LOG_GROUPS, 1.., fault.clone());
        fill(&aws, &mut logs).await;
        assert_eq!(logs.sagemaker_groups.gap().map(|gap| gap.why), Some(Why::Truncated), "{fault:?}");
        assert_eq!((logs.sagemaker_groups.len(), logs.sagemaker_groups.cursor()), (1, Some("token-1")), "{fault:?}");
        // In the same run it is not asked again.
        aws.heal();
        let calls = aws.calls_of(&LOG_GROUPS);
        fill(&aws, &mut logs).await;
        assert_eq!((logs.sagemaker_groups.len(), aws.calls_of(&LOG_GROUPS)), (1, calls));
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttle_that_passes_and_a_region_without_the_service() {
    let (aws, mut logs) = (aws(), Logs::unread());
    aws.fault_calls(&LOG_GROUPS, 0..3, Fault::Throttled);
    let reader = fill(&aws, &mut logs).await;
    assert!(logs.sagemaker_groups.is_whole());
    assert_eq!((reader.records()[0].throttled, reader.records()[0].calls), (3, 6));

    aws.fault(&LOG_GROUPS, Fault::Unsupported);
    let mut logs = Logs::unread();
    fill(&aws, &mut logs).await;
    assert_eq!(logs.sagemaker_groups.gap().unwrap().why, Why::Unsupported);
}

#[tokio::test(start_paused = true)]
async fn what_was_recorded_plays_the_same() {
    let (aws, mut logs) = (aws(), Logs::unread());
    let recorder = Recorder::new(SharedHttpClient::new(aws.clone()));
    let config = aws.config(REGION).into_builder().http_client(recorder.clone()).build();
    let reader = Reader::new(plan(&[&LOG_GROUPS], REGION, Details::default()), Share::default(), None);
    LogsCollector::new(&config).fill(&reader, &mut logs).await;
    let exchanges = recorder.exchanges();
    assert_eq!((exchanges.len(), exchanges[0].operation.to_string().as_str()), (3, "logs:DescribeLogGroups"));
    assert!(exchanges.iter().all(|exchange| !format!("{exchange:?}").contains("AKIDREPLAY")));

    let replay = Replay::of(&exchanges);
    let mut again = Logs::unread();
    fill(&replay, &mut again).await;
    assert_eq!(again, logs);
    assert_eq!(replay.calls(), aws.calls());
    // From its beginning once more.
    let mut again = Logs::unread();
    fill(&replay.fresh(), &mut again).await;
    assert_eq!(again, logs);
}

/// Answers every connection with these bytes, over a real socket and the SDK's own HTTP client.
async fn over_http(bytes: &'static str) -> Result<usize, String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 65536];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(bytes.as_bytes()).await;
            let _ = socket.shutdown().await;
        }
    });
    let mut config = Replay::new().config(REGION).into_builder().endpoint_url(endpoint);
    config.set_http_client(None);
    let config = config.build();
    let patience = Patience { failed: 2, base: Duration::from_millis(1), ..Patience::default() };
    let planned = plan(&[&LOG_GROUPS], REGION, Details::default());
    let reader = Reader::patient(planned, Share::OFF, None, patience, Arc::new(Silent));
    let mut logs = Logs::unread();
    LogsCollector::new(&config).fill(&reader, &mut logs).await;
    server.abort();
    match logs.sagemaker_groups.gap() {
        None => Ok(logs.sagemaker_groups.len()),
        Some(gap) => Err(format!("{:?}: {}", gap.why, gap.detail)),
    }
}

#[tokio::test]
async fn a_real_connection_that_is_cut_or_empty() {
    const GROUP: &str = r#"{"logGroups":[{"logGroupName":"x"}]}"#;
    assert_eq!(GROUP.len(), 36);
    assert_eq!(
        over_http("HTTP/1.1 200 OK\r\nContent-Length: 36\r\n\r\n{\"logGroups\":[{\"logGroupName\":\"x\"}]}").await,
        Ok(1)
    );
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n24\r\n{\"logGroups\":[{\"logGroupName\":\"x\"}]}\r\n0\r\n\r\n";
    assert_eq!(over_http(chunked).await, Ok(1));
    // Closed by the server, with no length at all: whole as far as HTTP goes.
    assert_eq!(over_http("HTTP/1.1 200 OK\r\n\r\n{\"logGroups\":[]}").await, Ok(0));
    for bytes in [
        "HTTP/1.1 200 OK\r\nContent-Length: 360\r\n\r\n{\"logGroups\":[{\"logGroupName\":\"x\"}]}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n24\r\n{\"logGroups\":[{\"logGroupName\":\"x\"}]}\r\n",
        "HTTP/1.1 200 OK\r\n\r\n{\"logGroups\":[{\"logGroupName\":\"x\"}",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 500 X\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "",
    ] {
        let said = over_http(bytes).await.unwrap_err();
        assert!(said.starts_with("Failed: "), "{bytes:?}: {said}");
    }
}
