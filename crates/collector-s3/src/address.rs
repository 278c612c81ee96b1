//! Where requests go when the endpoint is not AWS's own: path style, and no account before the host.

use std::net::IpAddr;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use plumbline_names::AccountId;

/// How buckets and the account are written into addresses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Addresses {
    /// The bucket stands in the path, not before the host.
    pub path_style: bool,
    /// The account is left off the host of S3 Control.
    pub bare_host: bool,
}

impl Addresses {
    /// What fits an endpoint: none is AWS's own; with an address or localhost as endpoint S3 Control's account prefix is
    /// left off the host, since `111122223333.127.0.0.1` names no host.
    #[must_use]
    pub fn of(endpoint: Option<&str>) -> Self {
        let Some(endpoint) = endpoint else { return Self::default() };
        let host = host(endpoint);
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
        let local = host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost");
        Self { path_style: true, bare_host: address || local }
    }
}

/// The host of a URL, without user and port.
fn host(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit()) => host,
        _ => host,
    }
}

/// Takes the account off the host before a request is signed.
#[derive(Debug)]
pub(crate) struct WithoutAccount {
    prefix: String,
}

impl WithoutAccount {
    /// For requests about `account`.
    pub(crate) fn of(account: &AccountId) -> Self {
        Self { prefix: format!("//{account}.") }
    }

    fn bare(&self, uri: &str) -> String {
        uri.replacen(&self.prefix, "//", 1)
    }
}

impl Intercept for WithoutAccount {
    fn name(&self) -> &'static str {
        "WithoutAccount"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let bare = self.bare(request.uri());
        Ok(request.set_uri(bare)?)
    }
}

#[cfg(test)]
mod tests {
    use super::{Addresses, WithoutAccount};

    #[test]
    fn only_addresses_and_localhost_lose_the_account() {
        let cases = [
            (None, false, false),
            (Some("https://s3.eu-west-1.amazonaws.com"), true, false),
            (Some("http://emulator.internal:5000"), true, false),
            (Some("http://127.0.0.1:5000"), true, true),
            (Some("http://10.0.0.7"), true, true),
            (Some("http://[::1]:5000/base"), true, true),
            (Some("http://LocalHost:5000"), true, true),
            (Some("http://s3.localhost:5000"), true, true),
            (Some("http://user@127.0.0.1:1"), true, true),
        ];
        for (endpoint, path_style, bare_host) in cases {
            assert_eq!(Addresses::of(endpoint), Addresses { path_style, bare_host }, "{endpoint:?}");
        }
    }

    #[test]
    fn the_account_goes_and_nothing_else() {
        let without = WithoutAccount::of(&"111122223333".parse().unwrap());
        let cases = [
            ("http://111122223333.127.0.0.1:5000/v20180820/x", "http://127.0.0.1:5000/v20180820/x"),
            ("http://127.0.0.1:5000/v20180820/x?a=//111122223333.", "http://127.0.0.1:5000/v20180820/x?a=//"),
            ("http://127.0.0.1:5000/v20180820/x", "http://127.0.0.1:5000/v20180820/x"),
        ];
        for (given, expected) in cases {
            assert_eq!(without.bare(given), expected);
        }
    }
}
