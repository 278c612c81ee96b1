//! Service Catalog: portfolios with what they hold, who may use them, and what was launched from them. Never templates.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Collected, Read, Source};

macro_rules! source {
    ($name:ident, $operation:literal, $doc:literal) => {
        #[doc = $doc]
        pub const $name: Source = Source {
            service: "servicecatalog",
            operation: $operation,
            permissions: &[concat!("servicecatalog:", $operation)],
        };
    };
}

source!(PORTFOLIOS, "ListPortfolios", "The portfolios of the account.");
source!(IMPORTED_PORTFOLIOS, "ListAcceptedPortfolioShares", "The portfolios that other accounts share with it.");
source!(PRODUCTS, "SearchProductsAsAdmin", "The products of a portfolio.");
source!(CONSTRAINTS, "ListConstraintsForPortfolio", "The constraints of a portfolio.");
source!(CONSTRAINT, "DescribeConstraint", "What a constraint says.");
source!(PRINCIPALS, "ListPrincipalsForPortfolio", "Who may use a portfolio.");
source!(SHARES, "DescribePortfolioShares", "With whom a portfolio is shared, one kind of recipient a call.");
source!(ARTIFACTS, "ListProvisioningArtifacts", "The versions of a product; not paged.");
source!(ARTIFACT, "DescribeProvisioningArtifact", "The parameters of a version of a product.");
source!(PRODUCT_PORTFOLIOS, "ListPortfoliosForProduct", "The portfolios that hold a product.");
source!(PROVISIONED_PRODUCTS, "SearchProvisionedProducts", "What was launched, by whomever.");

/// The reads of this service.
pub const SOURCES: &[&Source] = &[
    &PORTFOLIOS,
    &IMPORTED_PORTFOLIOS,
    &PRODUCTS,
    &CONSTRAINTS,
    &CONSTRAINT,
    &PRINCIPALS,
    &SHARES,
    &ARTIFACTS,
    &ARTIFACT,
    &PRODUCT_PORTFOLIOS,
    &PROVISIONED_PRODUCTS,
];

/// The kinds of recipients that `DescribePortfolioShares` asks about (API model: `DescribePortfolioShareType`).
pub const SHARE_KINDS: [&str; 4] = ["ACCOUNT", "ORGANIZATION", "ORGANIZATIONAL_UNIT", "ORGANIZATION_MEMBER_ACCOUNT"];

/// Service Catalog in one Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceCatalog {
    /// The account's portfolios by id.
    pub portfolios: Collected<Portfolio>,
    /// Portfolios that other accounts share with it, by id.
    pub imported: Collected<Portfolio>,
    /// Products by id of the portfolios that are planned.
    pub products: BTreeMap<String, Product>,
    /// Provisioned products by id.
    pub provisioned: Collected<ProvisionedProduct>,
}

/// A portfolio. All but its names is read only of those that are planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portfolio {
    /// `port-…`.
    pub id: String,
    /// Its display name, which need not be unique.
    pub name: String,
    /// Its products by id.
    pub products: Read<BTreeMap<String, ListedProduct>>,
    /// Its constraints by id.
    pub constraints: Read<BTreeMap<String, Constraint>>,
    /// Who may use it.
    pub principals: Read<BTreeSet<Principal>>,
    /// With whom it is shared, by kind of recipient ([`SHARE_KINDS`]); of the account's own portfolios only.
    pub shares: BTreeMap<String, Read<BTreeSet<Share>>>,
}

/// A product in a portfolio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedProduct {
    /// `prod-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `AVAILABLE`, `CREATING`, `FAILED`; none where AWS does not say.
    pub status: Option<String>,
}

/// A constraint on a product in a portfolio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraint {
    /// `cons-…`.
    pub id: String,
    /// `LAUNCH`, `TEMPLATE`, `NOTIFICATION`, `STACKSET`, `RESOURCE_UPDATE`.
    pub kind: String,
    /// The product.
    pub product_id: String,
    /// What it says; `None` where it is gone since.
    pub detail: Read<Option<ConstraintDetail>>,
}

/// What a constraint says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConstraintDetail {
    /// `AVAILABLE`, `CREATING`, `FAILED`.
    pub status: String,
    /// Its parameters as JSON text: role, rules, topics, …
    pub parameters: String,
}

/// Who may use a portfolio.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Principal {
    /// An ARN, or a pattern of ARNs.
    pub arn: String,
    /// `IAM` or `IAM_PATTERN`.
    pub kind: String,
}

/// A share of a portfolio.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Share {
    /// The account, or the ARN of the organization or unit.
    pub recipient: String,
    /// Whether the recipient has imported it.
    pub accepted: bool,
    /// Whether the names of its principals hold in the recipient's account too.
    pub shares_principals: bool,
}

/// A product of a planned portfolio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// `prod-…`.
    pub id: String,
    /// Its versions by id.
    pub artifacts: Read<BTreeMap<String, Artifact>>,
    /// The portfolios that hold it, by id.
    pub portfolios: Read<BTreeSet<String>>,
}

/// A version of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// `pa-…`.
    pub id: String,
    /// Whether it can be launched.
    pub active: bool,
    /// Its template's parameters by name; read of active versions, `None` where it is gone since.
    pub parameters: Read<Option<BTreeMap<String, TemplateParameter>>>,
}

/// A parameter of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateParameter {
    /// The values that it may have; empty where any is allowed, or where the template keeps them from view.
    pub allowed_values: Vec<String>,
}

/// What was launched from a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionedProduct {
    /// `pp-…`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// `CFN_STACK`, `CFN_STACKSET`, `TERRAFORM_OPEN_SOURCE`, …; none where AWS does not say.
    pub kind: Option<String>,
    /// `AVAILABLE`, `UNDER_CHANGE`, `TAINTED`, `ERROR`, `PLAN_IN_PROGRESS`; none where AWS does not say.
    pub status: Option<String>,
    /// The product.
    pub product_id: Option<String>,
    /// What it became, as the ARN of a stack.
    pub physical_id: Option<String>,
    /// Who launched it.
    pub user_arn: Option<String>,
}

impl ServiceCatalog {
    /// Service Catalog of nothing but gaps.
    #[must_use]
    pub fn unread() -> Self {
        Self {
            portfolios: Collected::unread(&PORTFOLIOS),
            imported: Collected::unread(&IMPORTED_PORTFOLIOS),
            products: BTreeMap::new(),
            provisioned: Collected::unread(&PROVISIONED_PRODUCTS),
        }
    }
}

impl Portfolio {
    /// A portfolio of which only the names are known. One of the account's `own` has shares to ask about.
    #[must_use]
    pub fn unread(id: &str, name: &str, own: bool) -> Self {
        let kinds = SHARE_KINDS.iter().filter(|_| own);
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            products: Read::unread_of(&PRODUCTS, id),
            constraints: Read::unread_of(&CONSTRAINTS, id),
            principals: Read::unread_of(&PRINCIPALS, id),
            shares: kinds.map(|kind| ((*kind).to_owned(), Read::unread_of(&SHARES, id))).collect(),
        }
    }
}

impl Product {
    /// A product of which only the id is known.
    #[must_use]
    pub fn unread(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            artifacts: Read::unread_of(&ARTIFACTS, id),
            portfolios: Read::unread_of(&PRODUCT_PORTFOLIOS, id),
        }
    }
}
