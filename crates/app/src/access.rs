//! Whose account it is: credentials, Region, endpoint, and the one HTTP client that all services share.

use aws_config::{BehaviorVersion, Region as SdkRegion, SdkConfig};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_types::timeout::TimeoutConfig;
use plumbline_names::{AccountId, Arn, Partition, Region};
use plumbline_snapshot::{Outcome, ReadRecord, sts};
use std::time::Duration;

/// What the user asked for; what is not given comes from where the AWS CLI takes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// A profile of the shared config and credentials files.
    pub profile: Option<String>,
    /// The Region that is asked for what is not bound to another.
    pub region: Option<String>,
    /// An endpoint for every service, such as an emulator's.
    pub endpoint_url: Option<String>,
    /// The Regions to try where none is set anywhere, in their order: the first in which STS takes the credentials.
    pub fallback_regions: Vec<String>,
}

/// Credentials that were tried once, and who they belong to.
#[derive(Debug, Clone)]
pub struct Access {
    sdk: SdkConfig,
    /// The account.
    pub account: AccountId,
    /// The account's partition.
    pub partition: Partition,
    /// The ARN of the caller.
    pub caller: String,
    /// The Region asked for what is not bound to another.
    pub region: Region,
}

/// Why there is no access.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// No Region is set anywhere.
    #[error("no region: pass `--region`, set `AWS_REGION`, or give the profile one")]
    NoRegion,
    /// The Region is no Region code.
    #[error(transparent)]
    Region(#[from] plumbline_names::RegionError),
    /// The endpoint is no URL.
    #[error("`{0}` is not an endpoint: expected a URL such as `http://127.0.0.1:5000`")]
    Endpoint(String),
    /// STS did not answer.
    #[error("asking STS who is calling: cannot reach `{at}`: {cause}; check the endpoint, the network and the proxy")]
    Unreachable {
        /// The endpoint, or the Region whose endpoint it is.
        at: String,
        /// What the transport said.
        cause: String,
    },
    /// There are no credentials, or they could not be fetched.
    #[error(
        "finding credentials: {0}; is the profile in the AWS config? Else pass `--profile`, or set `AWS_PROFILE` or `AWS_ACCESS_KEY_ID`"
    )]
    Credentials(String),
    /// STS did not say who the caller is.
    #[error("asking STS who is calling: {0}; check the profile, the credentials and that `{1}` is enabled")]
    Identity(String, String),
    /// STS answered without an account or ARN.
    #[error("asking STS who is calling: the answer has no usable account: `{0}`")]
    Answer(String),
}

impl Access {
    /// Finds credentials and asks STS once who they belong to.
    ///
    /// # Errors
    /// [`AccessError`]: no Region, no credentials, or STS refuses them.
    pub async fn connect(wanted: &Wanted) -> Result<Self, AccessError> {
        let http =
            aws_smithy_http_client::Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::AwsLc)).build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            .read_timeout(Duration::from_secs(10))
            .operation_attempt_timeout(Duration::from_secs(15))
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http).timeout_config(timeouts);
        if let Some(profile) = &wanted.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = &wanted.region {
            loader = loader.region(SdkRegion::new(region.clone()));
        }
        if let Some(endpoint) = &wanted.endpoint_url {
            loader = loader.endpoint_url(endpoint);
        }
        let sdk = loader.load().await;
        if sdk.region().is_some() {
            return Self::ask(sdk).await;
        }
        Self::among(&sdk, &wanted.fallback_regions).await
    }

    /// Asks STS in one Region after another, until one takes the credentials.
    async fn among(sdk: &SdkConfig, regions: &[String]) -> Result<Self, AccessError> {
        let mut asked = Err(AccessError::NoRegion);
        for region in regions {
            asked = Self::ask(sdk.to_builder().region(SdkRegion::new(region.clone())).build()).await;
            // A Region that the account has not opted into knows no credentials of it ("Managing AWS STS in an AWS
            // Region"): another may.
            if !matches!(asked, Err(AccessError::Identity(..))) {
                break;
            }
        }
        asked
    }

    /// Asks STS in the Region of `sdk` who the credentials belong to.
    async fn ask(sdk: SdkConfig) -> Result<Self, AccessError> {
        let region: Region = sdk.region().ok_or(AccessError::NoRegion)?.as_ref().parse()?;
        if let Some(endpoint) = sdk.endpoint_url()
            && !is_url(endpoint)
        {
            return Err(AccessError::Endpoint(one_line(endpoint)));
        }
        let asked = aws_sdk_sts::Client::new(&sdk).get_caller_identity().send().await;
        let identity = asked.map_err(|error| refused(&error, sdk.endpoint_url(), &region))?;
        let caller = identity.arn.unwrap_or_default();
        let account = identity.account.unwrap_or_default();
        let unusable = || AccessError::Answer(one_line(&format!("{account} {caller}")));
        let arn: Arn = caller.parse().map_err(|_| unusable())?;
        let partition = Partition::named(arn.partition());
        Ok(Self { account: account.parse().map_err(|_| unusable())?, partition, caller, region, sdk })
    }

    /// Access through a config of one's own, such as one that replays recorded answers. Nobody is asked whose it is.
    #[must_use]
    pub fn through(sdk: SdkConfig, account: AccountId, partition: Partition, region: Region) -> Self {
        let caller = format!("arn:{partition}:iam::{account}:root");
        Self { sdk, account, partition, caller, region }
    }

    /// The config of one Region.
    #[must_use]
    pub(crate) fn in_region(&self, region: &Region) -> SdkConfig {
        self.sdk.to_builder().region(SdkRegion::new(region.as_str().to_owned())).build()
    }

    /// The config of the Region asked for what is not bound to another.
    #[must_use]
    pub(crate) fn config(&self) -> &SdkConfig {
        &self.sdk
    }

    /// The endpoint for every service, if one is set.
    #[must_use]
    pub(crate) fn endpoint(&self) -> Option<&str> {
        self.sdk.endpoint_url()
    }

    /// Whether buckets stand in the path: with an endpoint of one's own, the host is all there is.
    #[must_use]
    pub(crate) fn is_path_style(&self) -> bool {
        self.endpoint().is_some()
    }

    /// The read that [`Access::connect`] made.
    #[must_use]
    pub(crate) fn record(&self) -> ReadRecord {
        ReadRecord {
            service: sts::GET_CALLER_IDENTITY.service.to_owned(),
            operation: sts::GET_CALLER_IDENTITY.operation.to_owned(),
            region: None,
            outcome: Outcome::Complete,
            calls: 1,
            items: 1,
            throttled: 0,
            error: None,
        }
    }
}

/// Why STS did not say who is calling.
fn refused(
    error: &SdkError<GetCallerIdentityError, HttpResponse>,
    endpoint: Option<&str>,
    region: &Region,
) -> AccessError {
    let said = match (error.code(), error.message()) {
        (Some(code), Some(message)) => Some(format!("{code}: {message}")),
        (Some(code), None) => Some(code.to_owned()),
        _ => None,
    };
    let root = root_cause(error);
    // The SDK lists every place it looked into, which is more than a sentence.
    let root = one_line(root.split(". Attempted").next().unwrap_or(&root));
    match error {
        SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) if lacks_credentials(error) => {
            AccessError::Credentials(root)
        }
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => {
            let at = endpoint.map_or_else(|| format!("STS in {region}"), one_line);
            AccessError::Unreachable { at, cause: root }
        }
        _ => AccessError::Identity(one_line(&said.unwrap_or(root)), region.to_string()),
    }
}

/// Whether it came to nothing before anything was sent, for want of credentials.
fn lacks_credentials(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| error.is::<CredentialsError>())
}

/// What the innermost cause says.
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// Whether a text is a URL with a host.
fn is_url(text: &str) -> bool {
    text.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    })
}

/// A text without control characters, at most 300 characters.
pub(crate) fn one_line(text: &str) -> String {
    let mut line: String =
        text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(300).collect();
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use plumbline_collector::replay::{Answer, Fault, Replay};
    use plumbline_snapshot::sts::GET_CALLER_IDENTITY;

    use super::{Access, AccessError};

    #[tokio::test(start_paused = true)]
    async fn a_region_that_is_not_enabled_is_no_reason_to_give_up() {
        const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
            <Arn>arn:aws:iam::111122223333:user/a</Arn><UserId>AIDA</UserId><Account>111122223333</Account>\
            </GetCallerIdentityResult></GetCallerIdentityResponse>";
        let aws = Replay::new();
        let unknown =
            Answer::error(403, "InvalidClientTokenId", "The security token included in the request is invalid");
        aws.answer(&GET_CALLER_IDENTITY, unknown.in_region("me-south-1"));
        aws.answer(&GET_CALLER_IDENTITY, Answer::xml(IDENTITY).in_region("eu-west-1"));
        let config = aws.config("us-east-1");
        let among = async |regions: &[&str]| {
            let regions: Vec<String> = regions.iter().map(|region| (*region).to_owned()).collect();
            Access::among(&config, &regions).await
        };
        let access = among(&["me-south-1", "eu-west-1"]).await.unwrap();
        assert_eq!((access.region.as_str(), access.account.as_str()), ("eu-west-1", "111122223333"));
        let refused = among(&["me-south-1"]).await.unwrap_err();
        assert!(matches!(&refused, AccessError::Identity(_, region) if region == "me-south-1"), "{refused}");
        assert!(matches!(among(&[]).await, Err(AccessError::NoRegion)));
        // Who cannot be reached in one is not asked in all.
        aws.fault(&GET_CALLER_IDENTITY, Fault::Reset);
        assert!(matches!(among(&["me-south-1", "eu-west-1"]).await, Err(AccessError::Unreachable { .. })));
        assert!(aws.requests().iter().all(|request| request.region != "us-east-1"));
    }
}
