//! Where a control judges: a declared environment, or what no environment selects.

use plumbline_findings::Subject;
use plumbline_names::{AccountId, Partition, Region, ResourceRef, UNASSIGNED};

use crate::baseline::Environment;

/// A place that controls judge: one declared environment, or the `unassigned` resources of one Region.
///
/// In `unassigned`, 'the environment's' subnets, keys and roles are those of any declared environment of the Region.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// The environment's name.
    pub name: &'a str,
    /// The Region.
    pub region: &'a Region,
    /// The audited account.
    pub account: &'a AccountId,
    /// Its partition.
    pub partition: &'a Partition,
    /// The declared environments whose parameters count here: one, or for `unassigned` all of the Region.
    pub environments: Vec<&'a Environment>,
}

impl<'a> Place<'a> {
    /// A declared environment.
    #[must_use]
    pub fn of(environment: &'a Environment, account: &'a AccountId, partition: &'a Partition) -> Self {
        Self {
            name: &environment.name,
            region: &environment.region,
            account,
            partition,
            environments: vec![environment],
        }
    }

    /// The resources of `region` that no environment selects.
    #[must_use]
    pub fn unassigned(
        region: &'a Region,
        environments: Vec<&'a Environment>,
        account: &'a AccountId,
        partition: &'a Partition,
    ) -> Self {
        Self { name: UNASSIGNED, region, account, partition, environments }
    }

    /// Whether this is what no environment selects.
    #[must_use]
    pub fn is_unassigned(&self) -> bool {
        self.name == UNASSIGNED
    }

    /// The subject of a finding here.
    #[must_use]
    pub fn subject(&self, resource: ResourceRef, aspect: Option<String>) -> Subject {
        Subject {
            environment: self.name.into(),
            region: Some(self.region.clone()),
            resource,
            aspect: aspect.map(Into::into),
        }
    }

    /// The account, which stands for the place as a whole where no resource does.
    #[must_use]
    pub fn resource(&self) -> ResourceRef {
        ResourceRef::new(
            format!("arn:{}:iam::{}:root", self.partition, self.account),
            "AWS::::Account",
            self.account.as_str(),
        )
    }

    /// Whether the baseline names a principal among `admin_principals`.
    #[must_use]
    pub fn is_admin(&self, arn: &str) -> bool {
        let mut patterns = self.environments.iter().flat_map(|environment| &environment.admin_principals);
        patterns.any(|pattern| pattern.matches(arn))
    }

    /// The ARN of a regional resource of the audited account.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        self.arn_of(service, self.account.as_str(), resource)
    }

    /// The ARN of a regional resource of another account, such as the owner of a shared VPC.
    #[must_use]
    pub fn arn_of(&self, service: &str, account: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{account}:{resource}", self.partition, self.region)
    }
}
