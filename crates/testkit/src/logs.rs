//! CloudWatch Logs of the known-good environment: the log group of every kind that runs.

use plumbline_snapshot::Read;
use plumbline_snapshot::logs::{LogGroup, Logs};

use crate::env::{change, present, some, take, whole};
use crate::{ACCOUNT, Env, kms, sagemaker};

/// The log group of notebook instances.
pub const GROUP_NOTEBOOKS: &str = "/aws/sagemaker/NotebookInstances";
/// The log group of training jobs.
pub const GROUP_TRAINING: &str = "/aws/sagemaker/TrainingJobs";
/// The log group of Studio.
pub const GROUP_STUDIO: &str = "/aws/sagemaker/studio";
/// The log group of the flow logs.
pub const GROUP_FLOW: &str = "/ds/flow/fraud-dev";
/// The log group of the covering trail.
pub const GROUP_TRAIL: &str = "/audit/trail";

/// The log group of an endpoint.
#[must_use]
pub fn group_of_endpoint(name: &str) -> String {
    format!("/aws/sagemaker/Endpoints/{name}")
}

pub(crate) fn known_good() -> Logs {
    let endpoints = [sagemaker::ENDPOINT, sagemaker::ENDPOINT_LATE, sagemaker::ENDPOINT_TAGGED].map(group_of_endpoint);
    let groups = [GROUP_NOTEBOOKS, GROUP_TRAINING, GROUP_STUDIO].into_iter().map(plain_log_group);
    let groups = groups.chain(endpoints.iter().map(|name| plain_log_group(name)));
    let destinations = [GROUP_FLOW, GROUP_TRAIL].map(|name| (name.to_owned(), Read::Seen(Some(plain_log_group(name)))));
    Logs { sagemaker_groups: whole(groups, |group| &group.name), destinations: destinations.into() }
}

/// An encrypted log group that keeps its events 400 days.
#[must_use]
pub fn plain_log_group(name: &str) -> LogGroup {
    LogGroup {
        name: name.to_owned(),
        arn: Some(format!("arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:{name}")),
        stored_bytes: 48_213,
        retention_days: Some(400),
        retention_policy: None,
        kms_key: some(kms::KEY_LOGS),
    }
}

impl Env {
    /// Edits a log group.
    pub fn log_group(&mut self, name: &str, edit: impl FnOnce(&mut LogGroup)) -> &mut Self {
        change(&mut self.logs().sagemaker_groups, name, edit);
        self
    }

    /// Edits a log group that a trail or a flow log delivers to.
    pub fn log_destination(&mut self, name: &str, edit: impl FnOnce(&mut LogGroup)) -> &mut Self {
        let found = self.logs().destinations.get_mut(name);
        edit(present(found.unwrap_or_else(|| panic!("no destination `{name}` to edit")), name));
        self
    }

    /// Adds a log group; see [`plain_log_group`].
    pub fn add_log_group(&mut self, group: LogGroup) -> &mut Self {
        self.logs().sagemaker_groups.add([(group.name.clone(), group)]);
        self
    }

    /// Removes a log group.
    pub fn remove_log_group(&mut self, name: &str) -> &mut Self {
        take(&mut self.logs().sagemaker_groups, name);
        self
    }
}
