"""Self-service: the portfolio from which people take notebooks, and the repository of their code."""

from __future__ import annotations

import json
from typing import Any

from . import names as n

PORTFOLIO, PRODUCT, REPOSITORY = "fraud-dev products", "fraud SageMaker dev notebook", "ds-fraud-dev"


def portfolio(c: Any, ids: dict[str, Any]) -> None:
    """A portfolio with one product, launched by the creation role, for the data scientists; one launch of it."""
    catalog = c("servicecatalog")
    made = catalog.create_portfolio(DisplayName=PORTFOLIO, ProviderName="platform", IdempotencyToken="portfolio")
    ids["portfolio"] = made["PortfolioDetail"]["Id"]
    parameters = {"ProjectName": ["fraud"], "EnvType": ["dev"], "InstanceType": ["ml.t3.medium", "ml.t3.large"]}
    template = {"Parameters": {key: {"Type": "String", "AllowedValues": values} for key, values in parameters.items()}}
    made = catalog.create_product(
        Name=PRODUCT,
        Owner="platform",
        ProductType="CLOUD_FORMATION_TEMPLATE",
        ProvisioningArtifactParameters={"Name": "v1", "Info": {"PlumblineTemplate": json.dumps(template)}},
        IdempotencyToken="product",
    )
    ids["product"] = made["ProductViewDetail"]["ProductViewSummary"]["ProductId"]
    both = {"PortfolioId": ids["portfolio"], "ProductId": ids["product"]}
    catalog.associate_product_with_portfolio(**both)
    catalog.associate_principal_with_portfolio(
        PortfolioId=ids["portfolio"], PrincipalARN=n.role_arn("data_scientist"), PrincipalType="IAM"
    )
    locked = {
        key: {"Assertions": [{"Assert": {"Fn::Contains": [values, {"Ref": key}]}}]}
        for key, values in parameters.items()
    }
    ids["constraints"] = {}
    for kind, said in (("LAUNCH", {"RoleArn": n.role_arn("notebook_creation")}), ("TEMPLATE", {"Rules": locked})):
        made = catalog.create_constraint(**both, Type=kind, Parameters=json.dumps(said), IdempotencyToken=kind)
        ids["constraints"][kind.lower()] = made["ConstraintDetail"]["ConstraintId"]
    made = catalog.provision_product(
        ProductId=ids["product"], ProvisionedProductName=n.NOTEBOOK, ProvisionToken="notebook"
    )
    ids["provisioned"] = made["RecordDetail"]["ProvisionedProductId"]
    # A portfolio of somebody else.
    catalog.create_portfolio(DisplayName="web shop", ProviderName="shop", IdempotencyToken="shop")


def repository(c: Any, ids: dict[str, Any]) -> None:
    """A repository under the data key."""
    made = c("codecommit").create_repository(repositoryName=REPOSITORY, kmsKeyId=ids["keys"]["data"])
    ids["repository"] = made["repositoryMetadata"]["Arn"]
