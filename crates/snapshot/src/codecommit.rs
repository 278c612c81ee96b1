//! CodeCommit: under which key the repositories lie. Never what is in them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Read, Source};

/// Repositories by name, at most 100 a call.
pub const REPOSITORIES: Source = Source {
    service: "codecommit",
    operation: "BatchGetRepositories",
    permissions: &["codecommit:BatchGetRepositories"],
};

/// The reads of this service.
pub const SOURCES: &[&Source] = &[&REPOSITORIES];

/// CodeCommit in one Region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeCommit {
    /// Planned repositories by name; `None` where no such repository exists.
    pub repositories: BTreeMap<String, Read<Option<Repository>>>,
}

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its key as written; none where AWS does not say, which means its own key.
    pub kms_key: Option<String>,
}

impl CodeCommit {
    /// CodeCommit of nothing: repositories are added as they are planned.
    #[must_use]
    pub fn unread() -> Self {
        Self::default()
    }
}
