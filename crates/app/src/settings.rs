//! What the environment sets: read once, here.

use plumbline_collector::Share;

/// The set-up of a Lambda function, and of `--publish` on the command line.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// `PLUMBLINE_BASELINE`: `s3://bucket/key` or a file of the package.
    pub baseline: Option<String>,
    /// `PLUMBLINE_STATE`: `s3://bucket/prefix`.
    pub state: Option<String>,
    /// `PLUMBLINE_TOPIC_ARN`: the alerts topic.
    pub topic_arn: Option<String>,
    /// `PLUMBLINE_DIGEST_TOPIC_ARN`: the digest topic.
    pub digest_topic_arn: Option<String>,
    /// `PLUMBLINE_METRICS_NAMESPACE`.
    pub namespace: String,
    /// `PLUMBLINE_API_SHARE`.
    pub share: Share,
    /// `AWS_LAMBDA_FUNCTION_NAME`, which Lambda sets.
    pub function: Option<String>,
}

/// Why the environment cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A variable that is needed is not set.
    #[error("`{0}` is not set: {1}")]
    Missing(&'static str, &'static str),
    /// A variable has a value that means nothing.
    #[error("`{name}` is `{value}`: expected {expected}")]
    Wrong {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
        /// What would be right.
        expected: &'static str,
    },
}

impl Settings {
    /// What the process's environment sets.
    ///
    /// # Errors
    /// [`SettingsError::Wrong`] for a value that means nothing.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// The same from any source of names and values.
    ///
    /// # Errors
    /// [`SettingsError::Wrong`] for a value that means nothing.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let text = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
        let share = match text("PLUMBLINE_API_SHARE") {
            None => Share::default(),
            Some(value) => share(&value).ok_or(SettingsError::Wrong {
                name: "PLUMBLINE_API_SHARE",
                value,
                expected: "a number above 0 and up to 1, or `off`",
            })?,
        };
        for name in ["PLUMBLINE_TOPIC_ARN", "PLUMBLINE_DIGEST_TOPIC_ARN"] {
            if let Some(value) = text(name)
                && !value.parse::<plumbline_names::Arn>().is_ok_and(|arn| arn.service() == "sns")
            {
                let name =
                    if name == "PLUMBLINE_TOPIC_ARN" { "PLUMBLINE_TOPIC_ARN" } else { "PLUMBLINE_DIGEST_TOPIC_ARN" };
                return Err(SettingsError::Wrong { name, value, expected: "the ARN of an SNS topic" });
            }
        }
        Ok(Self {
            baseline: text("PLUMBLINE_BASELINE"),
            state: text("PLUMBLINE_STATE"),
            topic_arn: text("PLUMBLINE_TOPIC_ARN"),
            digest_topic_arn: text("PLUMBLINE_DIGEST_TOPIC_ARN"),
            namespace: text("PLUMBLINE_METRICS_NAMESPACE").unwrap_or_else(|| "Plumbline".to_owned()),
            share,
            function: text("AWS_LAMBDA_FUNCTION_NAME"),
        })
    }
}

/// The share of each rate limit that a word means: `0.5`, `1`, `off`.
#[must_use]
pub fn share(text: &str) -> Option<Share> {
    if text == "off" { Some(Share::OFF) } else { text.parse().ok().and_then(Share::of) }
}

#[cfg(test)]
mod tests {
    use super::{Settings, share};

    #[test]
    fn defaults_and_mistakes() {
        let plain = Settings::from_lookup(|_| None).unwrap();
        assert_eq!(plain.namespace, "Plumbline");
        assert_eq!(plain.topic_arn, None);
        let blank = Settings::from_lookup(|_| Some(" ".to_owned())).unwrap();
        assert_eq!(blank, plain);
        for (name, value, says) in [
            (
                "PLUMBLINE_API_SHARE",
                "2",
                "`PLUMBLINE_API_SHARE` is `2`: expected a number above 0 and up to 1, or `off`",
            ),
            ("PLUMBLINE_TOPIC_ARN", "alerts", "`PLUMBLINE_TOPIC_ARN` is `alerts`: expected the ARN of an SNS topic"),
        ] {
            let error = Settings::from_lookup(|asked| (asked == name).then(|| value.to_owned())).unwrap_err();
            assert_eq!(error.to_string(), says);
        }
    }

    #[test]
    fn a_share_is_a_part_or_off() {
        for (text, good) in
            [("0.5", true), ("1", true), ("off", true), ("0", false), ("1.1", false), ("NaN", false), ("", false)]
        {
            assert_eq!(share(text).is_some(), good, "{text}");
        }
    }
}
