//! Self-service: the portfolio from which people take notebooks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The environment's part of the service catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SelfService {
    /// Whether there is one. Default: true.
    #[serde(default = "super::scope::yes")]
    pub enabled: bool,
    /// The portfolio. Required if enabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portfolio: Option<Portfolio>,
    /// The products. Required if enabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<Product>>,
    /// ARNs of roles that products may launch under. Default: those bound to `notebook_creation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_roles: Option<Vec<String>>,
    /// Template parameters that a constraint must fix. Default: none.
    #[serde(default)]
    pub locked_parameters: Vec<String>,
    /// ARNs that may use the portfolio beside the data scientists. Default: none.
    #[serde(default)]
    pub extra_principals: Vec<String>,
}

/// A portfolio, by its id or its display name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawPortfolio", into = "RawPortfolio")]
pub enum Portfolio {
    /// The id, such as `port-0a1b`.
    Id(String),
    /// The display name, which must be unique.
    DisplayName(String),
}

/// A product, by its id or its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawProduct", into = "RawProduct")]
pub enum Product {
    /// The id, such as `prod-0a1b`.
    Id(String),
    /// The name.
    Name(String),
}

impl Default for SelfService {
    fn default() -> Self {
        Self {
            enabled: true,
            portfolio: None,
            products: None,
            launch_roles: None,
            locked_parameters: Vec::new(),
            extra_principals: Vec::new(),
        }
    }
}

/// A portfolio as it stands in the file: `id` or `display_name`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Portfolio", extend("minProperties" = 1, "maxProperties" = 1))]
struct RawPortfolio {
    /// The id, such as `port-0a1b`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The display name, which must be unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
}

/// A product as it stands in the file: `id` or `name`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Product", extend("minProperties" = 1, "maxProperties" = 1))]
struct RawProduct {
    /// The id, such as `prod-0a1b`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl TryFrom<RawPortfolio> for Portfolio {
    type Error = &'static str;

    fn try_from(raw: RawPortfolio) -> Result<Self, Self::Error> {
        match (raw.id, raw.display_name) {
            (Some(id), None) => Ok(Self::Id(id)),
            (None, Some(name)) => Ok(Self::DisplayName(name)),
            _ => Err("expected either `id` or `display_name`"),
        }
    }
}

impl From<Portfolio> for RawPortfolio {
    fn from(portfolio: Portfolio) -> Self {
        match portfolio {
            Portfolio::Id(id) => Self { id: Some(id), display_name: None },
            Portfolio::DisplayName(name) => Self { id: None, display_name: Some(name) },
        }
    }
}

impl TryFrom<RawProduct> for Product {
    type Error = &'static str;

    fn try_from(raw: RawProduct) -> Result<Self, Self::Error> {
        match (raw.id, raw.name) {
            (Some(id), None) => Ok(Self::Id(id)),
            (None, Some(name)) => Ok(Self::Name(name)),
            _ => Err("expected either `id` or `name`"),
        }
    }
}

impl From<Product> for RawProduct {
    fn from(product: Product) -> Self {
        match product {
            Product::Id(id) => Self { id: Some(id), name: None },
            Product::Name(name) => Self { id: None, name: Some(name) },
        }
    }
}
