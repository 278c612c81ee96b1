"""Service Catalog: products in portfolios, versions, constraints, principals, and what was launched."""

from __future__ import annotations

import json
from typing import Any

from ..state import store


def install() -> None:
    """Add the operations that moto lacks to its response class."""
    from moto.core.responses import ActionResult, EmptyResult
    from moto.moto_api._internal import mock_random
    from moto.servicecatalog.exceptions import ResourceNotFoundException
    from moto.servicecatalog.responses import ServiceCatalogResponse

    def one(prefix: str) -> str:
        return f"{prefix}-{mock_random.get_random_hex(13)}"

    def held(self: Any, name: str) -> Any:
        return store(self.servicecatalog_backend, f"plumbline_{name}", dict)

    def asked(self: Any) -> dict[str, Any]:
        found = json.loads(self.body or "{}")
        return dict(found)

    def portfolio(self: Any) -> str:
        wanted = str(asked(self)["PortfolioId"])
        if wanted not in self.servicecatalog_backend.portfolios:
            raise ResourceNotFoundException(f"Portfolio {wanted} not found.")
        return wanted

    def product(self: Any) -> Any:
        wanted = asked(self)["ProductId"]
        if wanted not in self.servicecatalog_backend.products:
            raise ResourceNotFoundException(f"Product {wanted} not found.")
        return self.servicecatalog_backend.products[wanted]

    def associate_product_with_portfolio(self: Any) -> Any:
        members = held(self, "members").setdefault(portfolio(self), [])
        if product(self).id not in members:
            members.append(product(self).id)
        return EmptyResult()

    def disassociate_product_from_portfolio(self: Any) -> Any:
        members = held(self, "members").get(portfolio(self), [])
        if asked(self)["ProductId"] in members:
            members.remove(asked(self)["ProductId"])
        return EmptyResult()

    def search_products_as_admin(self: Any) -> Any:
        products = self.servicecatalog_backend.products
        within = asked(self).get("PortfolioId")
        ids = held(self, "members").get(portfolio(self), []) if within else list(products)
        views = [
            {
                "ProductViewSummary": products[key].to_dict(),
                "Status": "AVAILABLE",
                "ProductARN": products[key].arn,
                "CreatedTime": products[key].created_time,
            }
            for key in ids
            if key in products
        ]
        return ActionResult({"ProductViewDetails": views})

    def list_portfolios_for_product(self: Any) -> Any:
        wanted = product(self).id
        portfolios = self.servicecatalog_backend.portfolios
        within = [key for key, members in held(self, "members").items() if wanted in members and key in portfolios]
        return ActionResult({"PortfolioDetails": [portfolios[key].to_dict() for key in within]})

    def versions(self: Any, found: Any) -> dict[str, dict[str, Any]]:
        """A product's versions; the first comes from its creation."""
        kept = held(self, "versions").setdefault(found.id, {})
        if not kept:
            given = found.provisioning_artifact_parameters
            key = one("pa")
            kept[key] = {
                "Id": key,
                "Name": given.get("Name", "v1"),
                "Type": given.get("Type", "CLOUD_FORMATION_TEMPLATE"),
                "CreatedTime": found.created_time,
                "Active": True,
                "Guidance": "DEFAULT",
            }
        return kept

    def list_provisioning_artifacts(self: Any) -> Any:
        return ActionResult({"ProvisioningArtifactDetails": list(versions(self, product(self)).values())})

    def describe_provisioning_artifact(self: Any) -> Any:
        found = product(self)
        wanted = asked(self)["ProvisioningArtifactId"]
        if wanted not in versions(self, found):
            raise ResourceNotFoundException(f"Provisioning artifact {wanted} not found.")
        answer = {"ProvisioningArtifactDetail": versions(self, found)[wanted], "Info": {}, "Status": "AVAILABLE"}
        if asked(self).get("IncludeProvisioningArtifactParameters"):
            answer["ProvisioningArtifactParameters"] = _parameters(found)
        return ActionResult(answer)

    def update_provisioning_artifact(self: Any) -> Any:
        found = versions(self, product(self))[asked(self)["ProvisioningArtifactId"]]
        found["Active"] = asked(self).get("Active", found["Active"])
        return ActionResult({"ProvisioningArtifactDetail": found, "Info": {}, "Status": "AVAILABLE"})

    def create_constraint(self: Any) -> Any:
        given, key = asked(self), one("cons")
        made = {
            "ConstraintDetail": {
                "ConstraintId": key,
                "Type": given["Type"],
                "Description": given.get("Description", ""),
                "Owner": self.current_account,
                "ProductId": product(self).id,
                "PortfolioId": portfolio(self),
            },
            "ConstraintParameters": given["Parameters"],
            "Status": "AVAILABLE",
        }
        held(self, "constraints")[key] = made
        return ActionResult(made)

    def list_constraints_for_portfolio(self: Any) -> Any:
        within, of = portfolio(self), asked(self).get("ProductId")
        details = [one["ConstraintDetail"] for one in held(self, "constraints").values()]
        found = [d for d in details if d["PortfolioId"] == within and of in (None, d["ProductId"])]
        return ActionResult({"ConstraintDetails": found})

    def describe_constraint(self: Any) -> Any:
        found = held(self, "constraints").get(asked(self)["Id"])
        if found is None:
            raise ResourceNotFoundException(f"Constraint {asked(self)['Id']} not found.")
        return ActionResult(found)

    def delete_constraint(self: Any) -> Any:
        held(self, "constraints").pop(asked(self)["Id"], None)
        return EmptyResult()

    def associate_principal_with_portfolio(self: Any) -> Any:
        made = {"PrincipalARN": asked(self)["PrincipalARN"], "PrincipalType": asked(self)["PrincipalType"]}
        found = held(self, "principals").setdefault(portfolio(self), [])
        if made not in found:
            found.append(made)
        return EmptyResult()

    def disassociate_principal_from_portfolio(self: Any) -> Any:
        found, gone = held(self, "principals").get(portfolio(self), []), asked(self)["PrincipalARN"]
        found[:] = [kept for kept in found if kept["PrincipalARN"] != gone]
        return EmptyResult()

    def list_principals_for_portfolio(self: Any) -> Any:
        return ActionResult({"Principals": list(held(self, "principals").get(portfolio(self), []))})

    def list_accepted_portfolio_shares(self: Any) -> Any:
        return ActionResult({"PortfolioDetails": list(held(self, "imported").values())})

    def provision_product(self: Any) -> Any:
        given, key, found = asked(self), one("pp"), product(self)
        stack = f"SC-{self.current_account}-{key}"
        where = f"{self.region}:{self.current_account}"
        held(self, "provisioned")[key] = {
            "Id": key,
            "Name": given["ProvisionedProductName"],
            "Arn": f"arn:aws:servicecatalog:{where}:stack/{given['ProvisionedProductName']}/{key}",
            "Type": "CFN_STACK",
            "Status": "AVAILABLE",
            "CreatedTime": found.created_time,
            "PhysicalId": f"arn:aws:cloudformation:{where}:stack/{stack}/{mock_random.uuid4()}",
            "ProductId": found.id,
            "ProductName": found.name,
            "ProvisioningArtifactId": given.get("ProvisioningArtifactId", ""),
            "UserArn": f"arn:aws:iam::{self.current_account}:root",
        }
        record = {"RecordId": one("rec"), "ProvisionedProductId": key, "ProductId": found.id, "Status": "SUCCEEDED"}
        return ActionResult({"RecordDetail": record})

    def search_provisioned_products(self: Any) -> Any:
        everything = asked(self).get("AccessLevelFilter", {}).get("Key") == "Account"
        found = list(held(self, "provisioned").values()) if everything else []
        return ActionResult({"ProvisionedProducts": found, "TotalResultsCount": len(found)})

    for method in (
        associate_product_with_portfolio,
        disassociate_product_from_portfolio,
        search_products_as_admin,
        list_portfolios_for_product,
        list_provisioning_artifacts,
        describe_provisioning_artifact,
        update_provisioning_artifact,
        create_constraint,
        list_constraints_for_portfolio,
        describe_constraint,
        delete_constraint,
        associate_principal_with_portfolio,
        disassociate_principal_from_portfolio,
        list_principals_for_portfolio,
        list_accepted_portfolio_shares,
        provision_product,
        search_provisioned_products,
    ):
        setattr(ServiceCatalogResponse, method.__name__, method)


def _parameters(product: Any) -> list[dict[str, Any]]:
    """The parameters of a product's template, which it carries itself instead of a place where it would be."""
    given = product.provisioning_artifact_parameters.get("Info", {}).get("PlumblineTemplate", "{}")
    found = []
    for key, one in json.loads(given).get("Parameters", {}).items():
        made: dict[str, Any] = {"ParameterKey": key, "ParameterType": one["Type"], "IsNoEcho": one.get("NoEcho", False)}
        if "AllowedValues" in one:
            made["ParameterConstraints"] = {"AllowedValues": one["AllowedValues"]}
        found.append(made)
    return found
