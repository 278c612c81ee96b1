//! Amazon Resource Names, split at their first five colons.

use std::fmt;

use serde::{Deserialize, Serialize};

/// `arn:partition:service:region:account:resource`; the resource part keeps its colons and slashes.
///
/// Source: "Amazon Resource Names (ARNs)" (AWS Identity and Access Management User Guide).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Arn {
    text: String,
    /// Byte offsets of the five colons that divide the parts.
    colons: [usize; 5],
}

/// Why a text is no ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an arn: expected `arn:partition:service:region:account:resource`")]
pub struct ArnError(String);

impl Arn {
    /// The whole ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The partition, such as `aws`.
    #[must_use]
    pub fn partition(&self) -> &str {
        self.between(0, 1)
    }

    /// The service prefix, such as `iam`.
    #[must_use]
    pub fn service(&self) -> &str {
        self.between(1, 2)
    }

    /// The Region code; empty for global resources.
    #[must_use]
    pub fn region(&self) -> &str {
        self.between(2, 3)
    }

    /// The account id; empty where AWS leaves it out (S3 buckets), `aws` for AWS's own policies.
    #[must_use]
    pub fn account(&self) -> &str {
        self.between(3, 4)
    }

    /// What follows the fifth colon.
    #[must_use]
    pub fn resource(&self) -> &str {
        self.text.get(self.colons[4] + 1..).unwrap_or_default()
    }

    /// The last segment of the resource part: the name without type and path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.resource().rsplit(['/', ':']).next().unwrap_or_default()
    }

    fn between(&self, left: usize, right: usize) -> &str {
        match (self.colons.get(left), self.colons.get(right)) {
            (Some(left), Some(right)) => self.text.get(left + 1..*right).unwrap_or_default(),
            _ => "",
        }
    }
}

impl TryFrom<String> for Arn {
    type Error = ArnError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut colons = [0; 5];
        let mut found = text.match_indices(':').map(|(at, _)| at);
        for slot in &mut colons {
            match found.next() {
                Some(at) => *slot = at,
                None => return Err(ArnError(text)),
            }
        }
        let arn = Self { text, colons };
        if arn.text.starts_with("arn:")
            && !arn.partition().is_empty()
            && !arn.service().is_empty()
            && !arn.resource().is_empty()
        {
            Ok(arn)
        } else {
            Err(ArnError(arn.text))
        }
    }
}

impl std::str::FromStr for Arn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_owned().try_into()
    }
}

impl From<Arn> for String {
    fn from(arn: Arn) -> Self {
        arn.text
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Arn;

    #[test]
    fn parts_of_an_arn() {
        let arn: Arn = "arn:aws:iam::111122223333:role/service-role/ds-x".parse().unwrap();
        assert_eq!(
            (arn.partition(), arn.service(), arn.region(), arn.account(), arn.resource(), arn.name()),
            ("aws", "iam", "", "111122223333", "role/service-role/ds-x", "ds-x")
        );
        let group: Arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/Endpoints:*".parse().unwrap();
        assert_eq!(group.resource(), "log-group:/aws/sagemaker/Endpoints:*");
    }

    #[test]
    fn what_is_no_arn() {
        for wrong in ["", "arn", "arn:aws:s3", "arn:aws:s3:::", "urn:aws:s3:::b", "arn::s3:::b"] {
            assert!(wrong.parse::<Arn>().is_err(), "{wrong}");
        }
    }
}
