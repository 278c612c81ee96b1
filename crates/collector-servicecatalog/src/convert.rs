//! Service Catalog's answers as snapshot types. Pure: no call, no judgement.

use aws_sdk_servicecatalog::operation::describe_constraint::DescribeConstraintOutput;
use aws_sdk_servicecatalog::types as aws;
use plumbline_collector::Missing;
use plumbline_snapshot::Read;
use plumbline_snapshot::servicecatalog::{
    ARTIFACT, Artifact, CONSTRAINT, Constraint, ConstraintDetail, ListedProduct, Portfolio, Principal,
    ProvisionedProduct, Share, TemplateParameter,
};

/// A portfolio, of which its names are listed.
pub(crate) fn portfolio(item: &aws::PortfolioDetail, own: bool) -> Option<(String, Portfolio)> {
    let id = text(item.id())?;
    let found = Portfolio::unread(&id, item.display_name()?, own);
    Some((id, found))
}

/// A product in a portfolio.
pub(crate) fn product(item: &aws::ProductViewDetail) -> Option<(String, ListedProduct)> {
    let summary = item.product_view_summary()?;
    let id = text(summary.product_id())?;
    let status = item.status().map(|status| status.as_str().to_owned());
    Some((id.clone(), ListedProduct { id, name: summary.name()?.to_owned(), status }))
}

/// A constraint; what it says is read apart.
pub(crate) fn constraint(item: &aws::ConstraintDetail) -> Option<(String, Constraint)> {
    let id = text(item.constraint_id())?;
    let found = Constraint {
        kind: text(item.r#type())?,
        product_id: text(item.product_id())?,
        detail: Read::unread_of(&CONSTRAINT, &id),
        id: id.clone(),
    };
    Some((id, found))
}

/// What a constraint says.
pub(crate) fn detail(answer: &DescribeConstraintOutput) -> Result<ConstraintDetail, Missing> {
    let status = answer.status().map(aws::Status::as_str);
    Ok(ConstraintDetail {
        status: text(status).ok_or(Missing("Status"))?,
        parameters: text(answer.constraint_parameters()).ok_or(Missing("ConstraintParameters"))?,
    })
}

/// Who may use a portfolio. One ARN may stand there as itself and as a pattern.
pub(crate) fn principal(item: &aws::Principal) -> Option<(String, Principal)> {
    let arn = text(item.principal_arn())?;
    let kind = text(item.principal_type().map(aws::PrincipalType::as_str))?;
    Some((format!("{kind} {arn}"), Principal { arn, kind }))
}

/// A share of a portfolio.
pub(crate) fn share(item: &aws::PortfolioShareDetail) -> Option<(String, Share)> {
    let recipient = text(item.principal_id())?;
    let found =
        Share { recipient: recipient.clone(), accepted: item.accepted(), shares_principals: item.share_principals() };
    Some((recipient, found))
}

/// A version of a product; its parameters are read apart.
pub(crate) fn artifact(item: &aws::ProvisioningArtifactDetail) -> Option<(String, Artifact)> {
    let id = text(item.id())?;
    let found = Artifact { active: item.active()?, parameters: Read::unread_of(&ARTIFACT, &id), id: id.clone() };
    Some((id, found))
}

/// A parameter of a template. Of one that the template keeps from view no value is kept here either.
pub(crate) fn parameter(item: &aws::ProvisioningArtifactParameter) -> Option<(String, TemplateParameter)> {
    let constraints = item.parameter_constraints().filter(|_| !item.is_no_echo());
    let allowed_values = constraints.map(|it| it.allowed_values().to_vec()).unwrap_or_default();
    Some((text(item.parameter_key())?, TemplateParameter { allowed_values }))
}

/// What was launched.
pub(crate) fn provisioned(item: &aws::ProvisionedProductAttribute) -> Option<(String, ProvisionedProduct)> {
    let id = text(item.id())?;
    let found = ProvisionedProduct {
        arn: text(item.arn())?,
        kind: text(item.r#type()),
        status: item.status().map(|status| status.as_str().to_owned()),
        product_id: text(item.product_id()),
        physical_id: text(item.physical_id()),
        user_arn: text(item.user_arn()),
        id: id.clone(),
    };
    Some((id, found))
}

/// A text that is there and not empty.
pub(crate) fn text(value: Option<&str>) -> Option<String> {
    value.filter(|value| !value.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use aws_sdk_servicecatalog::types as aws;

    use super::{artifact, constraint, parameter, portfolio, principal, product, share};

    #[test]
    fn what_has_no_id_is_not_kept() {
        assert_eq!(portfolio(&aws::PortfolioDetail::builder().display_name("x").build(), true), None);
        assert_eq!(product(&aws::ProductViewDetail::builder().build()), None);
        let bare = aws::ConstraintDetail::builder().constraint_id("cons-1").product_id("prod-1");
        assert_eq!(constraint(&bare.clone().build()), None);
        assert_eq!(constraint(&bare.r#type("A_NEWER_KIND").build()).unwrap().1.kind, "A_NEWER_KIND");
        assert_eq!(principal(&aws::Principal::builder().principal_arn("arn").build()), None);
        assert_eq!(share(&aws::PortfolioShareDetail::builder().build()), None);
        // Whether a version can be launched must not be guessed.
        assert_eq!(artifact(&aws::ProvisioningArtifactDetail::builder().id("pa-1").build()), None);
    }

    #[test]
    fn another_accounts_portfolio_has_no_shares_to_ask_about() {
        let item = aws::PortfolioDetail::builder().id("port-1").display_name("x").build();
        assert_eq!(portfolio(&item, true).unwrap().1.shares.len(), 4);
        assert_eq!(portfolio(&item, false).unwrap().1.shares.len(), 0);
    }

    #[test]
    fn a_principal_and_a_pattern_of_the_same_text_are_two() {
        let of = |kind: &str| {
            let item = aws::Principal::builder().principal_arn("arn:aws:iam:::role/a").principal_type(kind.into());
            principal(&item.build()).unwrap().0
        };
        assert_ne!(of("IAM"), of("IAM_PATTERN"));
    }

    #[test]
    fn values_that_a_template_hides_stay_hidden() {
        let values = aws::ParameterConstraints::builder().allowed_values("a").allowed_values("b").build();
        let open = aws::ProvisioningArtifactParameter::builder().parameter_key("Env").parameter_constraints(values);
        assert_eq!(parameter(&open.clone().build()).unwrap().1.allowed_values, ["a", "b"]);
        assert!(parameter(&open.is_no_echo(true).build()).unwrap().1.allowed_values.is_empty());
    }
}
