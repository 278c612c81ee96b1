//! The reads of Service Catalog in one Region: portfolios, and of those that the plan names what they hold, who may use
//! them and with whom they are shared; of their products the versions; and what was launched.
//!
//! `ResourceNotFoundException` of `DescribeConstraint` and `DescribeProvisioningArtifact` means that the thing is gone since it was
//! listed. A portfolio or product that vanishes between two listings is a gap: what it held cannot be told any more.

mod convert;
mod limits;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use aws_sdk_servicecatalog::Client;
use aws_sdk_servicecatalog::types::{AccessLevelFilter, AccessLevelFilterKey, DescribePortfolioShareType};
use aws_types::SdkConfig;
use plumbline_collector::{Absent, Check, Collector, Missing, Next, Page, Reader, each, polite};
use plumbline_snapshot::servicecatalog::{self as sc, Artifact, Constraint, Portfolio, Product, ServiceCatalog};
use plumbline_snapshot::{Details, Read};
use tokio::join;

use limits::{AT_ONCE, PAGE, PAGE_OF_TWENTY};

/// Gone since it was listed.
const GONE: Absent = Absent::codes(&["ResourceNotFoundException"]);

/// Reads Service Catalog of one Region.
#[derive(Debug, Clone)]
pub struct ServiceCatalogCollector {
    client: Client,
}

impl ServiceCatalogCollector {
    /// A collector for the Region of `config`.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        let config = aws_sdk_servicecatalog::config::Builder::from(&polite(config));
        Self { client: Client::from_conf(config.interceptor(Check::of("servicecatalog", limits::SHAPES)).build()) }
    }
}

impl Collector for ServiceCatalogCollector {
    type Fragment = ServiceCatalog;

    async fn fill(&self, reader: &Reader, catalog: &mut ServiceCatalog) {
        let reader = &reader.with_buckets(limits::BUCKETS);
        let client = &self.client;
        let ServiceCatalog { portfolios, imported, products, provisioned } = catalog;
        join!(
            reader.list(
                &sc::PORTFOLIOS,
                portfolios,
                |token| Box::pin(client.list_portfolios().page_size(PAGE).set_page_token(token).send()),
                |answer| {
                    let items = answer.portfolio_details().iter().map(|item| convert::portfolio(item, true));
                    Page::of(items, Next::token(answer.next_page_token()))
                },
            ),
            reader.list(
                &sc::IMPORTED_PORTFOLIOS,
                imported,
                |token| {
                    Box::pin(client.list_accepted_portfolio_shares().page_size(PAGE).set_page_token(token).send())
                },
                |answer| {
                    let items = answer.portfolio_details().iter().map(|item| convert::portfolio(item, false));
                    Page::of(items, Next::token(answer.next_page_token()))
                },
            ),
            reader.list(
                &sc::PROVISIONED_PRODUCTS,
                provisioned,
                |token| {
                    // Without this filter AWS answers with the caller's own only.
                    let all = AccessLevelFilter::builder().key(AccessLevelFilterKey::Account).value("self").build();
                    let call = client.search_provisioned_products().access_level_filter(all);
                    Box::pin(call.page_size(PAGE).set_page_token(token).send())
                },
                |answer| Page::of(
                    answer.provisioned_products().iter().map(convert::provisioned),
                    Next::token(answer.next_page_token())
                ),
            ),
        );
        let details = reader.details();
        let all = portfolios.items_mut().chain(imported.items_mut()).map(|(_, portfolio)| portfolio);
        let mut chosen: Vec<_> = all.filter(|portfolio| is_chosen(&details, portfolio)).collect();
        each(chosen.iter_mut(), AT_ONCE, |portfolio| self.portfolio(reader, portfolio)).await;
        let listed = chosen.iter().filter_map(|portfolio| portfolio.products.sight().ok());
        let ids: BTreeSet<&String> = listed.flat_map(|products| products.keys()).collect();
        for id in ids {
            products.entry(id.clone()).or_insert_with(|| Product::unread(id));
        }
        each(products.values_mut(), AT_ONCE, |product| self.product(reader, product)).await;
    }
}

/// Whether the plan names the portfolio.
fn is_chosen(details: &Details, portfolio: &Portfolio) -> bool {
    details.portfolio_ids.contains(&portfolio.id) || details.portfolio_names.contains(&portfolio.name)
}

impl ServiceCatalogCollector {
    /// What a portfolio holds, who may use it and with whom it is shared.
    async fn portfolio(&self, reader: &Reader, portfolio: &mut Portfolio) {
        let client = &self.client;
        let Portfolio { id, products, constraints, principals, shares, name: _ } = portfolio;
        let id = id.as_str();
        join!(
            reader.gather(
                &sc::PRODUCTS,
                Some(id),
                products,
                |token| {
                    let call = client.search_products_as_admin().portfolio_id(id).page_size(PAGE_OF_TWENTY);
                    Box::pin(call.set_page_token(token).send())
                },
                |answer| Page::of(
                    answer.product_view_details().iter().map(convert::product),
                    Next::token(answer.next_page_token())
                ),
                |products| products.into_iter().collect(),
            ),
            reader.gather(
                &sc::CONSTRAINTS,
                Some(id),
                constraints,
                |token| {
                    let call = client.list_constraints_for_portfolio().portfolio_id(id).page_size(PAGE_OF_TWENTY);
                    Box::pin(call.set_page_token(token).send())
                },
                |answer| Page::of(
                    answer.constraint_details().iter().map(convert::constraint),
                    Next::token(answer.next_page_token())
                ),
                |constraints| constraints.into_iter().collect(),
            ),
            reader.gather(
                &sc::PRINCIPALS,
                Some(id),
                principals,
                |token| {
                    let call = client.list_principals_for_portfolio().portfolio_id(id).page_size(PAGE_OF_TWENTY);
                    Box::pin(call.set_page_token(token).send())
                },
                |answer| Page::of(
                    answer.principals().iter().map(convert::principal),
                    Next::token(answer.next_page_token())
                ),
                |principals| principals.into_iter().map(|(_, principal)| principal).collect(),
            ),
            each(shares.iter_mut(), AT_ONCE, |(kind, shares)| self.shares(reader, id, kind, shares)),
        );
        if let Read::Seen(constraints) = constraints {
            each(constraints.values_mut(), AT_ONCE, |constraint| self.constraint(reader, constraint)).await;
        }
    }

    /// With whom of one kind a portfolio is shared.
    async fn shares(&self, reader: &Reader, id: &str, kind: &str, shares: &mut Read<BTreeSet<sc::Share>>) {
        reader
            .gather(
                &sc::SHARES,
                Some(id),
                shares,
                |token| {
                    let call = self.client.describe_portfolio_shares().portfolio_id(id).page_size(PAGE);
                    let call = call.r#type(DescribePortfolioShareType::from(kind));
                    Box::pin(call.set_page_token(token).send())
                },
                |answer| {
                    let items = answer.portfolio_share_details().iter().map(convert::share);
                    Page::of(items, Next::token(answer.next_page_token()))
                },
                |shares| shares.into_iter().map(|(_, share)| share).collect(),
            )
            .await;
    }

    /// What a constraint says.
    async fn constraint(&self, reader: &Reader, constraint: &mut Constraint) {
        let Constraint { id, detail, .. } = constraint;
        reader
            .find(
                &sc::CONSTRAINT,
                Some(id),
                &GONE,
                detail,
                || Box::pin(self.client.describe_constraint().id(id.as_str()).send()),
                |answer| convert::detail(&answer).map(Some),
            )
            .await;
    }

    /// A product's versions with their parameters, and the portfolios that hold it.
    async fn product(&self, reader: &Reader, product: &mut Product) {
        let client = &self.client;
        let Product { id, artifacts, portfolios } = product;
        let id = id.as_str();
        join!(
            reader.gather(
                &sc::ARTIFACTS,
                Some(id),
                artifacts,
                |_| Box::pin(client.list_provisioning_artifacts().product_id(id).send()),
                |answer| {
                    // The answer may have a token, which the question cannot take: then what follows is lost.
                    let more = answer.next_page_token().is_some_and(|token| !token.is_empty());
                    let items = answer.provisioning_artifact_details().iter().map(convert::artifact);
                    Page::of(items, Next::flagged(more, None::<String>))
                },
                |artifacts| artifacts.into_iter().collect(),
            ),
            reader.gather(
                &sc::PRODUCT_PORTFOLIOS,
                Some(id),
                portfolios,
                |token| {
                    let call = client.list_portfolios_for_product().product_id(id).page_size(PAGE);
                    Box::pin(call.set_page_token(token).send())
                },
                |answer| {
                    let items = answer.portfolio_details().iter().map(|item| Some((convert::text(item.id())?, ())));
                    Page::of(items, Next::token(answer.next_page_token()))
                },
                |portfolios| portfolios.into_iter().map(|(id, ())| id).collect(),
            ),
        );
        if let Read::Seen(artifacts) = artifacts {
            let active = artifacts.values_mut().filter(|artifact| artifact.active).collect::<Vec<_>>();
            each(active, AT_ONCE, |artifact| self.artifact(reader, id, artifact)).await;
        }
    }

    /// The parameters of a version.
    async fn artifact(&self, reader: &Reader, product: &str, artifact: &mut Artifact) {
        let Artifact { id, parameters, .. } = artifact;
        reader
            .find(
                &sc::ARTIFACT,
                Some(id),
                &GONE,
                parameters,
                || {
                    let call = self.client.describe_provisioning_artifact().product_id(product);
                    let call = call.provisioning_artifact_id(id.as_str());
                    Box::pin(call.include_provisioning_artifact_parameters(true).send())
                },
                |answer| {
                    let items = answer.provisioning_artifact_parameters().iter().map(convert::parameter);
                    items.collect::<Option<_>>().ok_or(Missing("ParameterKey")).map(Some)
                },
            )
            .await;
    }
}
