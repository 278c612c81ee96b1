//! CodeCommit's answers as snapshot types. Pure: no call, no judgement.

use std::collections::BTreeMap;

use aws_sdk_codecommit::operation::batch_get_repositories::BatchGetRepositoriesOutput;
use aws_sdk_codecommit::types::{BatchGetRepositoriesError, BatchGetRepositoriesErrorCodeEnum as Code};
use plumbline_collector::Missing;
use plumbline_snapshot::codecommit::{REPOSITORIES, Repository};
use plumbline_snapshot::{Gap, Read, Why};

/// What one answer says of each name: an error of one repository comes in an answer of success.
pub(crate) fn repositories(
    answer: &BatchGetRepositoriesOutput,
) -> Result<BTreeMap<String, Read<Option<Repository>>>, Missing> {
    let mut found = BTreeMap::new();
    for item in answer.repositories() {
        let name = text(item.repository_name()).ok_or(Missing("repositoryName"))?;
        let arn = text(item.arn()).ok_or(Missing("Arn"))?;
        let repository = Repository { name: name.clone(), arn, kms_key: text(item.kms_key_id()) };
        found.insert(name, Read::Seen(Some(repository)));
    }
    for name in answer.repositories_not_found() {
        found.insert(name.clone(), Read::Seen(None));
    }
    for error in answer.errors() {
        if let Some(name) = text(error.repository_name()) {
            let read = failed(error, &name);
            found.insert(name, read);
        }
    }
    Ok(found)
}

/// What an error says of its repository.
fn failed(error: &BatchGetRepositoriesError, name: &str) -> Read<Option<Repository>> {
    let why = match error.error_code() {
        Some(Code::RepositoryDoesNotExistException) => return Read::Seen(None),
        Some(Code::EncryptionKeyAccessDeniedException) => Why::Denied,
        _ => Why::Failed,
    };
    let code = error.error_code().map(Code::as_str).unwrap_or_default();
    let detail = format!("{code}: {}", error.error_message().unwrap_or_default());
    Read::Gap(Gap::of(&REPOSITORIES, why, detail).about(name))
}

fn text(value: Option<&str>) -> Option<String> {
    value.filter(|value| !value.is_empty()).map(str::to_owned)
}
