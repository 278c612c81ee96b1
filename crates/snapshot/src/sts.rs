//! STS: whose credentials these are.

use crate::Source;

/// Who the caller is; needs no permission.
pub const GET_CALLER_IDENTITY: Source = Source { service: "sts", operation: "GetCallerIdentity", permissions: &[] };

/// The reads of this service.
pub const SOURCES: &[&Source] = &[&GET_CALLER_IDENTITY];
