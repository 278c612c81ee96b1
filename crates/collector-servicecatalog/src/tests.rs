//! Played answers. All of them are invented.

use std::collections::BTreeSet;

use plumbline_collector::replay::{Answer, Fault, Replay, plan};
use plumbline_collector::{Collector, Reader, Share};
use plumbline_snapshot::servicecatalog::{self as sc, Portfolio, SHARE_KINDS, SOURCES, ServiceCatalog};
use plumbline_snapshot::{Details, Outcome, Read, Source, Why};

use crate::ServiceCatalogCollector;

const REGION: &str = "eu-west-1";

/// An answer for a request that has this text in it.
fn on(text: &str, body: &str) -> Answer {
    Answer::json(body.to_owned()).when(text)
}

/// A portfolio with two pages of everything that has pages, and one that nobody asks about.
fn aws() -> Replay {
    let aws = Replay::new();
    let portfolio = |id: &str, name: &str| format!(r#"{{"Id": "{id}", "DisplayName": "{name}", "ARN": "arn"}}"#);
    let two = |source, list: &str, of: &str, first: &str, last: &str| {
        let page = |items: &str, more: &str| format!(r#"{{"{list}": [{items}]{more}}}"#);
        aws.answer(source, on(r#""PageToken":"two""#, &page("", r#", "NextPageToken": "three""#)));
        aws.answer(source, on(r#""PageToken":"three""#, &page(last, "")));
        aws.answer(source, on(of, &page(first, r#", "NextPageToken": "two""#)));
    };
    let (ours, other) = (portfolio("port-1", "lab products"), portfolio("port-2", "others"));
    two(&sc::PORTFOLIOS, "PortfolioDetails", r#""PageSize":100"#, &ours, &other);
    let (theirs, spare) = (portfolio("port-8", "central"), portfolio("port-9", "spare"));
    two(&sc::IMPORTED_PORTFOLIOS, "PortfolioDetails", r#""PageSize":100"#, &theirs, &spare);
    let launched = |id: &str| {
        format!(
            r#"{{"Id": "{id}", "Arn": "arn:{id}", "Type": "CFN_STACK", "Status": "AVAILABLE", "ProductId": "prod-1",
                 "PhysicalId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/SC-{id}/1", "UserArn": "arn:user"}}"#
        )
    };
    let all = r#""AccessLevelFilter":{"Key":"Account","Value":"self"}"#;
    two(&sc::PROVISIONED_PRODUCTS, "ProvisionedProducts", all, &launched("pp-1"), &launched("pp-2"));
    let product = |id: &str| {
        format!(
            r#"{{"ProductViewSummary": {{"Id": "pv", "ProductId": "{id}", "Name": "{id}"}}, "Status": "AVAILABLE"}}"#
        )
    };
    two(&sc::PRODUCTS, "ProductViewDetails", r#""PageSize":20"#, &product("prod-1"), &product("prod-2"));
    let constraint = |id: &str, kind: &str| {
        format!(r#"{{"ConstraintId": "{id}", "Type": "{kind}", "ProductId": "prod-1", "PortfolioId": "port-1"}}"#)
    };
    let (launch, gone) = (constraint("cons-1", "LAUNCH"), constraint("cons-gone", "TEMPLATE"));
    two(&sc::CONSTRAINTS, "ConstraintDetails", r#""PageSize":20"#, &launch, &gone);
    let principal = |kind: &str| format!(r#"{{"PrincipalARN": "arn:aws:iam:::role/ds", "PrincipalType": "{kind}"}}"#);
    two(&sc::PRINCIPALS, "Principals", r#""PageSize":20"#, &principal("IAM"), &principal("IAM_PATTERN"));
    let account = |id: &str| {
        format!(r#"{{"PrincipalId": "{id}", "Type": "ACCOUNT", "Accepted": true, "SharePrincipals": true}}"#)
    };
    for kind in SHARE_KINDS.iter().skip(1) {
        aws.answer(&sc::SHARES, on(&format!(r#""Type":"{kind}""#), r#"{"PortfolioShareDetails": []}"#));
    }
    let of = r#""Type":"ACCOUNT""#;
    two(&sc::SHARES, "PortfolioShareDetails", of, &account("222233334444"), &account("333344445555"));
    aws.answer(&sc::CONSTRAINT, Answer::error(400, "ResourceNotFoundException", "gone").when("cons-gone"));
    let detail = r#"{"ConstraintDetail": {"ConstraintId": "cons-1"}, "Status": "AVAILABLE",
                     "ConstraintParameters": "{\"RoleArn\":\"arn:aws:iam::111122223333:role/launch\"}"}"#;
    aws.answer(&sc::CONSTRAINT, on("cons-1", detail));
    let versions =
        r#"{"ProvisioningArtifactDetails": [{"Id": "pa-1", "Active": true}, {"Id": "pa-2", "Active": false}]}"#;
    aws.answer(&sc::ARTIFACTS, on("prod-1", versions));
    aws.answer(&sc::ARTIFACTS, on("prod-2", r#"{"ProvisioningArtifactDetails": []}"#));
    let parameters = r#"{"ProvisioningArtifactDetail": {"Id": "pa-1"}, "Info": {"TemplateUrl": "https://example.com/t"},
        "ProvisioningArtifactParameters": [{"ParameterKey": "Env", "ParameterConstraints": {"AllowedValues": ["dev"]}}]}"#;
    aws.answer(&sc::ARTIFACT, on(r#""IncludeProvisioningArtifactParameters":true"#, parameters));
    two(&sc::PRODUCT_PORTFOLIOS, "PortfolioDetails", r#""PageSize":100"#, &ours, &other);
    aws
}

fn details() -> Details {
    Details { portfolio_names: BTreeSet::from(["lab products".to_owned()]), ..Details::default() }
}

fn reader_of(sources: &[&Source], details: Details) -> Reader {
    Reader::new(plan(sources, REGION, details), Share::OFF, None).in_region(&REGION.parse().unwrap())
}

async fn filled(aws: &Replay, reader: &Reader) -> ServiceCatalog {
    let mut catalog = ServiceCatalog::unread();
    ServiceCatalogCollector::new(&aws.config(REGION)).fill(reader, &mut catalog).await;
    catalog
}

fn portfolio<'a>(catalog: &'a ServiceCatalog, id: &str) -> &'a Portfolio {
    catalog.portfolios.get(id).unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_planned_portfolio_is_read_through_its_pages_and_no_other() {
    let (aws, reader) = (aws(), reader_of(SOURCES, details()));
    let catalog = filled(&aws, &reader).await;
    assert_eq!(aws.unanswered(), []);
    assert!(catalog.portfolios.is_whole() && catalog.imported.is_whole() && catalog.provisioned.is_whole());
    assert_eq!((catalog.portfolios.len(), catalog.imported.len(), catalog.provisioned.len()), (2, 2, 2));
    let launched = catalog.provisioned.get("pp-1").unwrap().unwrap();
    assert!(launched.physical_id.as_ref().unwrap().contains(":stack/SC-pp-1/"));

    let lab = portfolio(&catalog, "port-1");
    let products = lab.products.sight().unwrap();
    assert_eq!(products.keys().collect::<Vec<_>>(), ["prod-1", "prod-2"]);
    assert_eq!(products["prod-1"].status.as_deref(), Some("AVAILABLE"));
    let constraints = lab.constraints.sight().unwrap();
    assert_eq!((constraints.len(), constraints["cons-1"].kind.as_str()), (2, "LAUNCH"));
    let said = constraints["cons-1"].detail.sight().unwrap().as_ref().unwrap();
    assert!(said.parameters.contains("role/launch") && said.status == "AVAILABLE");
    assert_eq!(constraints["cons-gone"].detail, Read::Seen(None));
    assert_eq!(lab.principals.sight().unwrap().len(), 2);
    let shared: Vec<usize> = SHARE_KINDS.iter().map(|kind| lab.shares[*kind].sight().unwrap().len()).collect();
    assert_eq!(shared, [2, 0, 0, 0]);
    assert!(lab.shares["ACCOUNT"].sight().unwrap().iter().all(|share| share.shares_principals && share.accepted));

    let product = &catalog.products["prod-1"];
    let artifacts = product.artifacts.sight().unwrap();
    let parameters = artifacts["pa-1"].parameters.sight().unwrap().as_ref().unwrap();
    assert_eq!(parameters["Env"].allowed_values, ["dev"]);
    // A version that cannot be launched is not asked about.
    assert_eq!(artifacts["pa-2"].parameters.sight().unwrap_err().why, Why::NotPlanned);
    assert_eq!(product.portfolios.sight().unwrap().len(), 2);

    assert_eq!(portfolio(&catalog, "port-2").principals.sight().unwrap_err().why, Why::NotPlanned);
    assert!(aws.requests().iter().all(|request| !request.text.contains("port-2") && !request.text.contains("port-8")));
    for record in reader.records() {
        assert_eq!(record.outcome, Outcome::Complete, "{record:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_accounts_portfolio_by_its_id_has_no_shares() {
    let (aws, details) =
        (aws(), Details { portfolio_ids: BTreeSet::from(["port-8".to_owned()]), ..Details::default() });
    let catalog = filled(&aws, &reader_of(SOURCES, details)).await;
    let central = catalog.imported.get("port-8").unwrap().unwrap();
    assert!(central.products.is_seen() && central.principals.is_seen() && central.shares.is_empty());
    assert_eq!(aws.calls_of(&sc::SHARES), 0);
    assert_eq!(portfolio(&catalog, "port-1").products.sight().unwrap_err().why, Why::NotPlanned);
}

#[tokio::test(start_paused = true)]
async fn each_fault_of_each_read_blinds_that_read_alone() {
    for source in SOURCES {
        for fault in Fault::ALL.into_iter().chain([Fault::Unsupported]) {
            let (aws, reader) = (aws(), reader_of(SOURCES, details()));
            aws.fault(source, fault.clone());
            filled(&aws, &reader).await;
            let expected = match fault {
                Fault::Denied => Outcome::Denied,
                Fault::Throttled => Outcome::Throttled,
                Fault::Unsupported => Outcome::Unsupported,
                _ => Outcome::Failed,
            };
            for record in reader.records() {
                let met = record.operation == source.operation;
                let expected = if met { expected } else { Outcome::Complete };
                assert_eq!(record.outcome, expected, "{} while {} meets {fault:?}", record.operation, source.operation);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_breaks_off_is_no_list() {
    for source in [&sc::PRODUCTS, &sc::CONSTRAINTS, &sc::PRINCIPALS, &sc::SHARES, &sc::PRODUCT_PORTFOLIOS] {
        let (aws, reader) = (aws(), reader_of(SOURCES, details()));
        aws.fault_calls(source, 2.., Fault::Denied);
        let catalog = filled(&aws, &reader).await;
        let lab = portfolio(&catalog, "port-1");
        let gaps = [
            lab.products.sight().err(),
            lab.constraints.sight().err(),
            lab.principals.sight().err(),
            lab.shares.values().find_map(|shares| shares.sight().err()),
            catalog.products.values().find_map(|product| product.portfolios.sight().err()),
        ];
        let gaps: Vec<_> = gaps.into_iter().flatten().collect();
        assert!(!gaps.is_empty(), "{}", source.operation);
        for gap in gaps {
            assert_eq!(gap.operation, source.operation());
            assert!(matches!(gap.why, Why::Denied | Why::Truncated), "{gap:?}");
        }
    }
    // Versions that the answer leaves out cannot be asked for.
    let (aws, reader) = (aws(), reader_of(SOURCES, details()));
    aws.forget(&sc::ARTIFACTS);
    let cut = r#"{"ProvisioningArtifactDetails": [{"Id": "pa-1", "Active": true}], "NextPageToken": "more"}"#;
    aws.answer(&sc::ARTIFACTS, Answer::json(cut));
    let catalog = filled(&aws, &reader).await;
    let gap = catalog.products["prod-1"].artifacts.sight().unwrap_err();
    assert_eq!(gap.target.as_deref(), Some("prod-1"));
    assert!(gap.detail.contains("has no token"), "{gap:?}");
}

#[tokio::test(start_paused = true)]
async fn a_portfolio_that_went_away_is_a_gap_and_nothing_is_read_again() {
    let aws = aws();
    let gone = Fault::Error(400, "ResourceNotFoundException".to_owned(), "Portfolio port-1 not found.".to_owned());
    aws.fault(&sc::PRINCIPALS, gone);
    let reader = reader_of(SOURCES, details());
    let mut catalog = filled(&aws, &reader).await;
    let gap = portfolio(&catalog, "port-1").principals.sight().unwrap_err();
    assert_eq!((gap.why, gap.target.as_deref()), (Why::Failed, Some("port-1")));
    aws.heal();
    let before = aws.requests().len();
    let collector = ServiceCatalogCollector::new(&aws.config(REGION));
    collector.fill(&reader, &mut catalog).await;
    assert_eq!(aws.requests().len(), before, "neither what is seen nor what was refused is read again");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_planned_is_not_asked() {
    let aws = aws();
    let catalog = filled(&aws, &reader_of(&[&sc::PORTFOLIOS], details())).await;
    assert_eq!(aws.requests().len(), 3);
    assert!(catalog.portfolios.is_whole() && catalog.products.is_empty());
    assert_eq!(portfolio(&catalog, "port-1").products.sight().unwrap_err().why, Why::NotPlanned);
    filled(&aws, &reader_of(&[&sc::PROVISIONED_PRODUCTS], Details::default())).await;
    assert_eq!(aws.calls_of(&sc::PROVISIONED_PRODUCTS), 3);
}
