//! How fast Service Catalog may be asked, and what its answers must have.

use plumbline_collector::{Bucket, Kind, Need, Shape};
use plumbline_snapshot::Source;
use plumbline_snapshot::servicecatalog as sc;

/// LIMITS §1.
const ORIGIN: &str = "AWS publishes none for Service Catalog";

const fn own(sources: &'static [&'static Source]) -> Bucket {
    Bucket::guess(sources, 5.0, 5.0, ORIGIN)
}

/// The rate limits.
pub(crate) const BUCKETS: &[Bucket] = &[
    own(&[&sc::PORTFOLIOS]),
    own(&[&sc::IMPORTED_PORTFOLIOS]),
    own(&[&sc::PRODUCTS]),
    own(&[&sc::CONSTRAINTS]),
    own(&[&sc::CONSTRAINT]),
    own(&[&sc::PRINCIPALS]),
    own(&[&sc::SHARES]),
    own(&[&sc::ARTIFACTS]),
    own(&[&sc::ARTIFACT]),
    own(&[&sc::PRODUCT_PORTFOLIOS]),
    own(&[&sc::PROVISIONED_PRODUCTS]),
];

/// The largest page of portfolios, shares and provisioned products: API model.
pub(crate) const PAGE: i32 = 100;
/// The largest page of products, constraints and principals: API model.
pub(crate) const PAGE_OF_TWENTY: i32 = 20;

/// Portfolios, constraints or products at once: the rate limits, not this, set the pace.
pub(crate) const AT_ONCE: usize = 5;

/// What answers must have. AWS writes lists even where they are empty.
pub(crate) const SHAPES: &[Shape] = &[
    Shape::json("ListPortfolios", &[Need::list("PortfolioDetails", &["Id", "DisplayName"])]),
    Shape::json("ListAcceptedPortfolioShares", &[Need::list("PortfolioDetails", &["Id", "DisplayName"])]),
    Shape::json(
        "SearchProductsAsAdmin",
        &[Need::list("ProductViewDetails", &["ProductViewSummary/ProductId", "ProductViewSummary/Name"])],
    ),
    Shape::json(
        "ListConstraintsForPortfolio",
        &[Need::list("ConstraintDetails", &["ConstraintId", "Type", "ProductId"])],
    ),
    Shape::json(
        "DescribeConstraint",
        &[
            Need::one("ConstraintParameters", Kind::Text),
            Need::one("Status", Kind::Text),
            Need::one("ConstraintDetail/ConstraintId", Kind::Text),
        ],
    ),
    Shape::json("ListPrincipalsForPortfolio", &[Need::list("Principals", &["PrincipalARN", "PrincipalType"])]),
    Shape::json("DescribePortfolioShares", &[Need::list("PortfolioShareDetails", &["PrincipalId", "Type"])]),
    Shape::json("ListProvisioningArtifacts", &[Need::list("ProvisioningArtifactDetails", &["Id", "Active"])]),
    Shape::json(
        "DescribeProvisioningArtifact",
        &[
            Need::list("ProvisioningArtifactParameters", &["ParameterKey"]),
            Need::one("ProvisioningArtifactDetail/Id", Kind::Text),
        ],
    ),
    Shape::json("ListPortfoliosForProduct", &[Need::list("PortfolioDetails", &["Id"])]),
    Shape::json("SearchProvisionedProducts", &[Need::list("ProvisionedProducts", &["Id", "Arn"])]),
];
