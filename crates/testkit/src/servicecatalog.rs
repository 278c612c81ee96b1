//! Service Catalog of the known-good environment: one portfolio with one product, launched by the creation role, for the data
//! scientists; and a portfolio of somebody else, which nobody looks into.

use std::collections::BTreeMap;

use plumbline_snapshot::Read;
use plumbline_snapshot::servicecatalog::{
    Artifact, Constraint, ConstraintDetail, ListedProduct, Portfolio, Principal, Product, ProvisionedProduct,
    SHARE_KINDS, ServiceCatalog, Share, TemplateParameter,
};
use serde_json::json;

use crate::env::{change, present, seen, some, texts, whole};
use crate::{ACCOUNT, Env, REGION, iam, sagemaker};

/// The environment's portfolio.
pub const PORTFOLIO: &str = "port-0a1b2c3d4e5f1";
/// Its display name.
pub const PORTFOLIO_NAME: &str = "fraud-dev products";
/// A portfolio of somebody else.
pub const OTHER_PORTFOLIO: &str = "port-0a1b2c3d4e5f9";
/// The product of [`PORTFOLIO`].
pub const PRODUCT: &str = "prod-0b1c2d3e4f5a1";
/// Its name.
pub const PRODUCT_NAME: &str = "fraud SageMaker dev notebook";
/// The version of [`PRODUCT`] that can be launched.
pub const ARTIFACT: &str = "pa-0c1d2e3f4a5b1";
/// A version of [`PRODUCT`] that no longer can.
pub const ARTIFACT_OLD: &str = "pa-0c1d2e3f4a5b0";
/// The launch constraint.
pub const LAUNCH_CONSTRAINT: &str = "cons-0d1e2f3a4b5c1";
/// The template constraint, which fixes the parameters that the baseline locks.
pub const TEMPLATE_CONSTRAINT: &str = "cons-0d1e2f3a4b5c2";
/// What was launched: the known-good notebook.
pub const PROVISIONED: &str = "pp-0e1f2a3b4c5d1";

pub(crate) fn known_good() -> ServiceCatalog {
    let parameters = ["ProjectName", "EnvType", "InstanceType"].map(|name| (name.to_owned(), parameter(name)));
    let artifact = |id: &str, active: bool, parameters: BTreeMap<String, TemplateParameter>| {
        (id.to_owned(), Artifact { id: id.to_owned(), active, parameters: Read::Seen(Some(parameters)) })
    };
    let product = Product {
        id: PRODUCT.to_owned(),
        artifacts: Read::Seen(
            [artifact(ARTIFACT, true, parameters.into()), artifact(ARTIFACT_OLD, false, BTreeMap::new())].into(),
        ),
        portfolios: Read::Seen(texts(&[PORTFOLIO])),
    };
    let others = Portfolio { products: Read::Seen(BTreeMap::new()), ..plain_portfolio(OTHER_PORTFOLIO, "web shop") };
    ServiceCatalog {
        portfolios: whole([plain_portfolio(PORTFOLIO, PORTFOLIO_NAME), others], |portfolio| &portfolio.id),
        imported: whole([], |portfolio: &Portfolio| &portfolio.id),
        products: [(PRODUCT.to_owned(), product)].into(),
        provisioned: whole([provisioned(PROVISIONED)], |launched| &launched.id),
    }
}

fn parameter(name: &str) -> TemplateParameter {
    let values: &[&str] = match name {
        "ProjectName" => &["fraud"],
        "EnvType" => &["dev"],
        _ => &["ml.t3.medium", "ml.t3.large"],
    };
    TemplateParameter { allowed_values: texts(values) }
}

/// A portfolio of the account that is shared with nobody: the known-good product, for the data scientists.
#[must_use]
pub fn plain_portfolio(id: &str, name: &str) -> Portfolio {
    let rule = |name: &str| json!({"Assertions": [{"Assert": {"Fn::Contains": [parameter(name).allowed_values, {"Ref": name}]}}]});
    let rules = json!({"Rules": {"Project": rule("ProjectName"), "Type": rule("EnvType")}});
    let launch = json!({"RoleArn": iam::NOTEBOOK_CREATION});
    let listed = ListedProduct { id: PRODUCT.to_owned(), name: PRODUCT_NAME.to_owned(), status: some("AVAILABLE") };
    let constraints = [
        constraint(LAUNCH_CONSTRAINT, "LAUNCH", &launch.to_string()),
        constraint(TEMPLATE_CONSTRAINT, "TEMPLATE", &rules.to_string()),
    ];
    let scientists = Principal { arn: iam::DATA_SCIENTIST.to_owned(), kind: "IAM".to_owned() };
    Portfolio {
        id: id.to_owned(),
        name: name.to_owned(),
        products: Read::Seen([(PRODUCT.to_owned(), listed)].into()),
        constraints: Read::Seen(constraints.map(|constraint| (constraint.id.clone(), constraint)).into()),
        principals: Read::Seen([scientists].into()),
        shares: SHARE_KINDS.iter().map(|kind| ((*kind).to_owned(), Read::Seen([].into()))).collect(),
    }
}

/// A constraint on the known-good product, with its parameters as JSON text.
#[must_use]
pub fn constraint(id: &str, kind: &str, parameters: &str) -> Constraint {
    let detail = ConstraintDetail { status: "AVAILABLE".to_owned(), parameters: parameters.to_owned() };
    Constraint {
        id: id.to_owned(),
        kind: kind.to_owned(),
        product_id: PRODUCT.to_owned(),
        detail: Read::Seen(Some(detail)),
    }
}

/// A share that was accepted.
#[must_use]
pub fn share(recipient: &str, shares_principals: bool) -> Share {
    Share { recipient: recipient.to_owned(), accepted: true, shares_principals }
}

/// A launch of the known-good product.
#[must_use]
pub fn provisioned(id: &str) -> ProvisionedProduct {
    let name = sagemaker::NOTEBOOK;
    ProvisionedProduct {
        id: id.to_owned(),
        arn: format!("arn:aws:servicecatalog:{REGION}:{ACCOUNT}:stack/{name}/{id}"),
        kind: some("CFN_STACK"),
        status: some("AVAILABLE"),
        product_id: some(PRODUCT),
        physical_id: Some(format!("arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/SC-{ACCOUNT}-{id}/0f1e2d3c")),
        user_arn: Some(format!("arn:aws:sts::{ACCOUNT}:assumed-role/ds-user-role-fraud-dev/ana")),
    }
}

impl Env {
    /// Edits a portfolio of the account.
    pub fn portfolio(&mut self, id: &str, edit: impl FnOnce(&mut Portfolio)) -> &mut Self {
        change(&mut self.servicecatalog().portfolios, id, edit);
        self
    }

    /// Adds a portfolio of the account; see [`plain_portfolio`].
    pub fn add_portfolio(&mut self, portfolio: Portfolio) -> &mut Self {
        self.servicecatalog().portfolios.add([(portfolio.id.clone(), portfolio)]);
        self
    }

    /// Adds a constraint to a portfolio, or puts it in the place of another of its id; see [`constraint`].
    pub fn put_constraint(&mut self, portfolio: &str, constraint: Constraint) -> &mut Self {
        self.portfolio(portfolio, |portfolio| {
            let constraints = seen(&mut portfolio.constraints, "constraints");
            constraints.insert(constraint.id.clone(), constraint);
        })
    }

    /// Edits what a constraint says.
    pub fn constraint(&mut self, portfolio: &str, id: &str, edit: impl FnOnce(&mut ConstraintDetail)) -> &mut Self {
        self.portfolio(portfolio, |portfolio| {
            let constraints = seen(&mut portfolio.constraints, "constraints");
            let found = constraints.get_mut(id).unwrap_or_else(|| panic!("no constraint `{id}` to edit"));
            edit(present(&mut found.detail, id));
        })
    }

    /// Removes a constraint.
    pub fn remove_constraint(&mut self, portfolio: &str, id: &str) -> &mut Self {
        self.portfolio(portfolio, |portfolio| {
            let gone = seen(&mut portfolio.constraints, "constraints").remove(id);
            assert!(gone.is_some(), "no constraint `{id}` to remove");
        })
    }

    /// Edits a product of a planned portfolio.
    pub fn product(&mut self, id: &str, edit: impl FnOnce(&mut Product)) -> &mut Self {
        let found = self.servicecatalog().products.get_mut(id);
        edit(found.unwrap_or_else(|| panic!("no product `{id}` to edit")));
        self
    }

    /// Edits what was launched.
    pub fn provisioned_product(&mut self, id: &str, edit: impl FnOnce(&mut ProvisionedProduct)) -> &mut Self {
        change(&mut self.servicecatalog().provisioned, id, edit);
        self
    }
}
