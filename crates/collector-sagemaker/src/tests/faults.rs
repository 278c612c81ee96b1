//! What goes wrong: vanished things, refusals, throttles, answers that cannot be trusted.

use super::*;

fn gone() -> Fault {
    Fault::Error(400, "ValidationException".to_owned(), "Could not find it".to_owned())
}

#[tokio::test(start_paused = true)]
async fn what_vanished_between_list_and_description_has_no_body() {
    let absent = [
        gone(),
        Fault::Error(400, "ValidationException".to_owned(), "RecordNotFound: it".to_owned()),
        Fault::Error(404, "ResourceNotFound".to_owned(), String::new()),
    ];
    for fault in absent {
        let (aws, reader) = (aws(), reader_of(sagemaker::SOURCES));
        for source in [&sagemaker::NOTEBOOK, &sagemaker::DOMAIN, &sagemaker::ENDPOINT_CONFIG, &sagemaker::MODEL] {
            aws.fault(source, fault.clone());
        }
        let found = filled(&aws, &reader).await;
        let notebook = found.notebooks.get("nb-1").unwrap().unwrap();
        assert_eq!((&notebook.body, &notebook.tags), (&Read::Seen(None), &Read::Seen(Tags::new())), "{fault:?}");
        assert_eq!(found.domains.get("d-1").unwrap().unwrap().body, Read::Seen(None));
        assert_eq!(found.endpoint_configs.get("config-1").unwrap().unwrap().body, Read::Seen(None));
        assert_eq!(found.models.get("model-new").unwrap().unwrap().body, Read::Seen(None));
        assert!(outcomes(&reader).values().all(|outcome| *outcome == Outcome::Complete));
    }
}

#[tokio::test(start_paused = true)]
async fn other_validation_errors_and_refusals_are_not_absence() {
    for (fault, why) in [
        (Fault::Error(400, "ValidationException".to_owned(), "bad name".to_owned()), Why::Failed),
        (Fault::Error(400, "AccessDeniedException".to_owned(), "Could not find it".to_owned()), Why::Denied),
        (Fault::Error(500, "ResourceNotFound".to_owned(), String::new()), Why::Failed),
    ] {
        let (aws, reader) = (aws(), reader_of(sagemaker::SOURCES));
        aws.fault(&sagemaker::NOTEBOOK, fault);
        let found = filled(&aws, &reader).await;
        let gap = found.notebooks.get("nb-1").unwrap().unwrap().body.sight().unwrap_err();
        assert_eq!((gap.why, gap.target.as_deref()), (why, Some("nb-1")));
    }
}

#[tokio::test(start_paused = true)]
async fn tags_that_are_not_found_are_settled_by_one_more_look() {
    let (aws, reader) = (aws(), reader_of(&[&sagemaker::NOTEBOOKS, &sagemaker::NOTEBOOK, &sagemaker::RESOURCE_TAGS]));
    aws.fault(&sagemaker::RESOURCE_TAGS, gone());
    aws.fault_calls(&sagemaker::NOTEBOOK, 1.., gone());
    let found = filled(&aws, &reader).await;
    let notebook = found.notebooks.get("nb-1").unwrap().unwrap();
    assert_eq!((&notebook.body, &notebook.tags), (&Read::Seen(None), &Read::Seen(Tags::new())));

    aws.heal();
    aws.fault(&sagemaker::RESOURCE_TAGS, gone());
    let found = filled(&aws, &reader).await;
    let notebook = found.notebooks.get("nb-1").unwrap().unwrap();
    assert!(matches!(notebook.body, Read::Seen(Some(_))), "it is there");
    assert_eq!(notebook.tags.sight().unwrap_err().why, Why::Failed, "so its tags are not seen");
}

#[tokio::test(start_paused = true)]
async fn tags_come_in_pages_too() {
    let aws = aws();
    aws.forget(&sagemaker::RESOURCE_TAGS);
    let tag = |key: &str| format!(r#"{{"Key": "{key}", "Value": "v"}}"#);
    aws.answer(&sagemaker::RESOURCE_TAGS, page("Tags", &[tag("a")], Some("two")));
    aws.answer(&sagemaker::RESOURCE_TAGS, page("Tags", &[], Some("three")).when("\"two\""));
    aws.answer(&sagemaker::RESOURCE_TAGS, page("Tags", &[tag("b")], None).when("\"three\""));
    let reader = reader_of(&[&sagemaker::NOTEBOOKS, &sagemaker::RESOURCE_TAGS]);
    let seen = tags(&filled(&aws, &reader).await.notebooks, "nb-1");
    assert!(matches!(seen, Read::Seen(tags) if tags.keys().eq(["a", "b"])));

    aws.forget(&sagemaker::RESOURCE_TAGS);
    aws.answer(&sagemaker::RESOURCE_TAGS, page("Tags", &[tag("a")], Some("again")));
    let seen = tags(&filled(&aws, &reader).await.notebooks, "nb-1");
    assert_eq!(seen.sight().unwrap_err().why, Why::Truncated, "a circle");
}

#[tokio::test(start_paused = true)]
async fn without_search_the_bodies_of_that_kind_are_its_gaps() {
    for (fault, why) in [(Fault::Denied, Why::Denied), (Fault::Throttled, Why::Throttled), (Fault::Hollow, Why::Failed)]
    {
        let (aws, reader) = (aws(), reader_of(sagemaker::SOURCES));
        aws.fault(&sagemaker::SEARCH, fault);
        let found = filled(&aws, &reader).await;
        assert_eq!(ids(&found.models), ["model-1", "model-new"], "the listing stands");
        let model = found.models.get("model-1").unwrap().unwrap();
        for gap in [model.body.sight().unwrap_err(), model.tags.sight().unwrap_err()] {
            assert_eq!((gap.operation.name(), gap.why, gap.target.as_deref()), ("Search", why, Some("model-1")));
        }
        let described = [&sagemaker::MODEL, &sagemaker::TRAINING_JOB, &sagemaker::ENDPOINT];
        assert_eq!(described.map(|source| aws.calls_of(source)), [0, 0, 0]);
        assert!(matches!(found.notebooks.get("nb-1").unwrap().unwrap().body, Read::Seen(Some(_))));
    }
}

#[tokio::test(start_paused = true)]
async fn a_search_that_breaks_off_keeps_what_it_brought() {
    let aws = aws();
    aws.forget(&sagemaker::SEARCH);
    let first = include_str!("../../fixtures/SearchModels.json").replacen('{', "{\"NextToken\": \"two\",", 1);
    aws.answer(&sagemaker::SEARCH, Answer::json(first));
    aws.fault_calls(&sagemaker::SEARCH, 1.., Fault::Denied);
    let found = filled(&aws, &reader_of(&[&sagemaker::MODELS, &sagemaker::SEARCH, &sagemaker::MODEL])).await;
    assert!(body(&found.models, "model-1").network_isolation);
    let gap = found.models.get("model-new").unwrap().unwrap().body.sight().unwrap_err();
    assert_eq!((gap.operation.name(), gap.why), ("Search", Why::Truncated));
    assert_eq!(aws.calls_of(&sagemaker::MODEL), 0);
}

#[tokio::test(start_paused = true)]
async fn a_record_of_another_kind_spoils_the_search() {
    let aws = aws();
    aws.forget(&sagemaker::SEARCH);
    aws.answer(&sagemaker::SEARCH, fixture_of_endpoints());
    let found = filled(&aws, &reader_of(&[&sagemaker::MODELS, &sagemaker::SEARCH])).await;
    assert_eq!(found.models.get("model-1").unwrap().unwrap().body.sight().unwrap_err().why, Why::Failed);
}

fn fixture_of_endpoints() -> Answer {
    Answer::json(include_str!("../../fixtures/SearchEndpoints.json"))
}

#[tokio::test(start_paused = true)]
async fn a_listed_job_without_its_time_is_no_end_of_the_list() {
    let aws = Replay::new();
    let timeless = summary("a", "InProgress", 1).replace("\"CreationTime\"", "\"MadeAt\"");
    aws.answer(&sagemaker::TRAINING_JOBS, page("TrainingJobSummaries", &[timeless], Some("two")));
    let found = filled(&aws, &reader_of(&[&sagemaker::TRAINING_JOBS])).await;
    assert_eq!(found.training_jobs.gap().map(|gap| gap.why), Some(Why::Failed));
}

#[tokio::test(start_paused = true)]
async fn a_throttle_that_ends_costs_time_only() {
    let (aws, reader) = (aws(), reader_of(sagemaker::SOURCES));
    aws.fault_calls(&sagemaker::SEARCH, 0..4, Fault::Throttled);
    aws.fault_calls(&sagemaker::NOTEBOOK, 0..2, Fault::Throttled);
    assert_eq!(filled(&aws, &reader).await, filled(&aws.fresh(), &reader_of(sagemaker::SOURCES)).await);
}

#[tokio::test(start_paused = true)]
async fn each_fault_of_each_read_blinds_that_read_alone() {
    // The others have tests of their own.
    let (sources, _) = sagemaker::SOURCES.split_at(14);
    for source in sources {
        for fault in Fault::ALL.into_iter().chain([Fault::Unsupported]) {
            let (aws, reader) = (aws(), reader_of(sources));
            aws.fault(source, fault.clone());
            filled(&aws, &reader).await;
            let expected = match fault {
                Fault::Denied => Outcome::Denied,
                Fault::Throttled => Outcome::Throttled,
                Fault::Unsupported => Outcome::Unsupported,
                _ => Outcome::Failed,
            };
            for (operation, outcome) in outcomes(&reader).into_iter().filter(|(_, it)| *it != Outcome::NotPlanned) {
                let expected = if operation == source.operation { expected } else { Outcome::Complete };
                assert_eq!(outcome, expected, "{operation} while {} meets {fault:?}", source.operation);
            }
        }
    }
}
