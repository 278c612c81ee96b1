//! CodeCommit of the known-good environment: one repository under the key `data`.

use plumbline_snapshot::Read;
use plumbline_snapshot::codecommit::{CodeCommit, Repository};

use crate::env::{present, some};
use crate::{ACCOUNT, Env, REGION, kms};

/// The repository.
pub const REPOSITORY: &str = "ds-fraud-dev";

pub(crate) fn known_good() -> CodeCommit {
    let repository = plain_repository(REPOSITORY);
    CodeCommit { repositories: [(REPOSITORY.to_owned(), Read::Seen(Some(repository)))].into() }
}

/// A repository of the account under the key `data`.
#[must_use]
pub fn plain_repository(name: &str) -> Repository {
    Repository {
        name: name.to_owned(),
        arn: format!("arn:aws:codecommit:{REGION}:{ACCOUNT}:{name}"),
        kms_key: some(kms::KEY_DATA),
    }
}

impl Env {
    /// Edits a repository.
    pub fn repository(&mut self, name: &str, edit: impl FnOnce(&mut Repository)) -> &mut Self {
        let found = self.codecommit().repositories.get_mut(name);
        edit(present(found.unwrap_or_else(|| panic!("no repository `{name}` to edit")), name));
        self
    }

    /// Deletes a repository in AWS: the planned name stays, and is not found.
    pub fn delete_repository(&mut self, name: &str) -> &mut Self {
        self.codecommit().repositories.insert(name.to_owned(), Read::Seen(None));
        self
    }
}
