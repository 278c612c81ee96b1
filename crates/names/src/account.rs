//! The twelve-digit account number.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Text;

/// An AWS account id: exactly twelve decimal digits, kept as text since leading zeros count.
///
/// Source: "AWS account identifiers" (AWS Account Management Reference Guide).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(Text);

/// Why a text is no account id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an account id: expected twelve digits")]
pub struct AccountIdError(String);

impl AccountId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AccountId {
    type Error = AccountIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.into()))
        } else {
            Err(AccountIdError(text))
        }
    }
}

impl std::str::FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_owned().try_into()
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.0.into()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::AccountId;

    #[test]
    fn only_twelve_digits_are_an_account() {
        assert!("012345678901".parse::<AccountId>().is_ok());
        for wrong in ["", "12345678901", "1234567890123", "12345678901a", "１２３４"] {
            assert!(wrong.parse::<AccountId>().is_err(), "{wrong}");
        }
    }
}
