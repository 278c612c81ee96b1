//! Hiding reads: what a denied, failed or cut operation would leave of a snapshot.

mod studio;

use plumbline_snapshot::sagemaker::{Resource, SageMaker};
use plumbline_snapshot::servicecatalog as sc;
use plumbline_snapshot::{
    Collected, Gap, Outcome, Read, Snapshot, Source, Why, cloudtrail, codecommit, ec2, iam, kms, logs, s3, sagemaker,
    sources, sts,
};

use crate::Env;
use crate::sagemaker::studio::DESCRIBED_FEATURE_GROUPS;
use crate::sagemaker::{DESCRIBED_ENDPOINTS, DESCRIBED_MODELS, DESCRIBED_TRAINING_JOBS, DESCRIBED_TUNING_JOBS};

/// Every source that [`Env::hide`] can hide: all but the one that says whose account it is.
pub fn hidable() -> impl Iterator<Item = &'static Source> {
    sources().filter(|source| **source != sts::GET_CALLER_IDENTITY)
}

/// How a read is taken away.
struct Hiding {
    source: Source,
    gap: Gap,
    /// Whether a listing keeps what was read before it broke off.
    keep: bool,
}

impl Env {
    /// Hides everything that `source` fills, anywhere in the snapshot, as if AWS had denied it.
    ///
    /// A listing loses its items, and with them all that is known of them; a read about an item becomes a gap about it.
    ///
    /// # Panics
    /// If `source` is `sts:GetCallerIdentity`, without which there is no snapshot, or unknown.
    pub fn hide(&mut self, source: &Source) -> &mut Self {
        self.hide_with(source, Why::Denied)
    }

    /// As [`Env::hide`], with another reason.
    ///
    /// # Panics
    /// As [`Env::hide`].
    pub fn hide_with(&mut self, source: &Source, why: Why) -> &mut Self {
        self.take_away(source, why, false)
    }

    /// Truncates the listing of `source`: what it listed stays, but it is not whole. A read about an item becomes a
    /// truncated gap.
    ///
    /// # Panics
    /// As [`Env::hide`].
    pub fn cut(&mut self, source: &Source) -> &mut Self {
        self.take_away(source, Why::Truncated, true)
    }

    fn take_away(&mut self, source: &Source, why: Why, keep: bool) -> &mut Self {
        let detail = match why {
            Why::Denied => format!("AccessDenied: not authorized to perform {}", source.operation()),
            Why::Failed => "InternalFailure: status 500".to_owned(),
            Why::Throttled => "Throttling: Rate exceeded".to_owned(),
            Why::Truncated => "InternalFailure: status 500 on page 2".to_owned(),
            Why::Unsupported => "UnsupportedOperation: not available in this Region".to_owned(),
            Why::NotPlanned => String::new(),
            Why::OutOfTime => "the run's time was used up".to_owned(),
        };
        let hiding = Hiding { source: *source, gap: Gap::of(source, why, detail.clone()), keep };
        assert!(hiding.in_snapshot(&mut self.snapshot), "`{}` cannot be hidden", source.operation());
        for read in &mut self.snapshot.reads {
            if read.service == source.service && read.operation == source.operation {
                read.outcome = Outcome::from(why);
                read.error = (!detail.is_empty()).then(|| detail.clone());
            }
        }
        self
    }
}

impl Hiding {
    fn in_snapshot(&self, snapshot: &mut Snapshot) -> bool {
        let mut known = self.is(&ec2::REGIONS) && self.list(&mut snapshot.region_status);
        known |= self.in_iam(&mut snapshot.iam) || self.in_s3(&mut snapshot.s3);
        for regional in snapshot.regions.values_mut() {
            known |= self.in_ec2(&mut regional.ec2);
            known |= self.in_sagemaker(&mut regional.sagemaker);
            known |= self.in_cloudtrail(&mut regional.cloudtrail);
            known |= self.in_kms(&mut regional.kms);
            known |= self.in_logs(&mut regional.logs);
            known |= self.in_servicecatalog(&mut regional.servicecatalog);
            known |= self.in_codecommit(&mut regional.codecommit);
        }
        known
    }

    fn is(&self, source: &Source) -> bool {
        self.source == *source
    }

    /// Stops a listing. Always true, to say that the source is known.
    fn list<T>(&self, list: &mut Collected<T>) -> bool {
        if !self.keep {
            *list = Collected::empty();
        }
        list.stop(self.gap.clone(), self.keep.then(|| "page-2".to_owned()));
        true
    }

    /// Blanks a read that is about nothing in particular.
    fn read<T>(&self, read: &mut Read<T>) -> bool {
        *read = Read::Gap(self.gap.clone());
        true
    }

    /// Blanks a read about `target`.
    fn about<T>(&self, read: &mut Read<T>, target: &str) {
        *read = Read::Gap(self.gap.clone().about(target));
    }

    fn in_iam(&self, all: &mut iam::Iam) -> bool {
        if self.is(&iam::ACCOUNT_AUTHORIZATION_DETAILS) {
            return self.list(&mut all.roles)
                && self.list(&mut all.policies)
                && self.list(&mut all.users)
                && self.list(&mut all.groups);
        }
        for (arn, policy) in all.unlisted.items_mut() {
            if self.is(&iam::POLICY) {
                self.about(policy, arn);
            } else if self.is(&iam::POLICY_VERSION)
                && let Read::Seen(Some(found)) = policy
            {
                self.about(&mut found.document, arn);
            }
        }
        [iam::POLICY, iam::POLICY_VERSION].contains(&self.source)
    }

    fn in_s3(&self, all: &mut s3::S3) -> bool {
        if self.is(&s3::ACCOUNT_PUBLIC_ACCESS_BLOCK) {
            return self.read(&mut all.account_public_access_block);
        }
        for (name, bucket) in all.buckets.iter_mut().chain(&mut all.log_buckets) {
            if self.is(&s3::HEAD_BUCKET) {
                self.about(&mut bucket.region, name);
            } else if self.is(&s3::BUCKET_ENCRYPTION) {
                self.about(&mut bucket.encryption, name);
            } else if self.is(&s3::PUBLIC_ACCESS_BLOCK) {
                self.about(&mut bucket.public_access_block, name);
            } else if self.is(&s3::BUCKET_POLICY) {
                self.about(&mut bucket.policy, name);
            } else if self.is(&s3::BUCKET_POLICY_STATUS) {
                self.about(&mut bucket.policy_is_public, name);
            } else if self.is(&s3::OWNERSHIP_CONTROLS) {
                self.about(&mut bucket.ownership, name);
            } else if self.is(&s3::BUCKET_VERSIONING) {
                self.about(&mut bucket.versioning, name);
            }
        }
        s3::SOURCES.contains(&&self.source)
    }

    fn in_logs(&self, all: &mut logs::Logs) -> bool {
        if !self.is(&logs::LOG_GROUPS) {
            return false;
        }
        all.destinations.iter_mut().for_each(|(name, group)| self.about(group, name));
        self.list(&mut all.sagemaker_groups)
    }

    fn in_ec2(&self, all: &mut ec2::Ec2) -> bool {
        match self.source {
            ec2::VPCS => self.list(&mut all.vpcs),
            ec2::VPC_ATTRIBUTE => {
                for (id, vpc) in all.vpcs.items_mut() {
                    self.about(&mut vpc.dns_support, id);
                    self.about(&mut vpc.dns_hostnames, id);
                }
                true
            }
            ec2::SUBNETS => self.list(&mut all.subnets),
            ec2::AVAILABILITY_ZONES => self.list(&mut all.zones),
            ec2::ROUTE_TABLES => self.list(&mut all.route_tables),
            ec2::INTERNET_GATEWAYS => self.list(&mut all.internet_gateways),
            ec2::EGRESS_ONLY_GATEWAYS => self.list(&mut all.egress_only_gateways),
            ec2::CARRIER_GATEWAYS => self.list(&mut all.carrier_gateways),
            ec2::NAT_GATEWAYS => self.list(&mut all.nat_gateways),
            ec2::VPN_GATEWAYS => self.list(&mut all.vpn_gateways),
            ec2::SECURITY_GROUPS => self.list(&mut all.security_groups),
            ec2::NETWORK_INTERFACES => self.list(&mut all.network_interfaces),
            ec2::VPC_ENDPOINTS => self.list(&mut all.vpc_endpoints),
            ec2::MANAGED_PREFIX_LISTS => self.list(&mut all.prefix_lists),
            ec2::PREFIX_LIST_ENTRIES => {
                all.prefix_lists.items_mut().for_each(|(id, list)| self.about(&mut list.entries, id));
                true
            }
            ec2::FLOW_LOGS => self.list(&mut all.flow_logs),
            ec2::EBS_ENCRYPTION => self.read(&mut all.ebs_encryption_by_default),
            ec2::EBS_DEFAULT_KEY => self.read(&mut all.ebs_default_key),
            ec2::VOLUMES => self.list(&mut all.volumes),
            ec2::PEERINGS => self.list(&mut all.peerings),
            ec2::TRANSIT_ATTACHMENTS => self.list(&mut all.transit_attachments),
            ec2::NETWORK_ACLS => self.list(&mut all.network_acls),
            ec2::VPC_BLOCK => self.read(&mut all.vpc_block),
            ec2::VPC_BLOCK_EXCLUSIONS => self.list(&mut all.vpc_block_exclusions),
            _ => false,
        }
    }

    fn in_cloudtrail(&self, all: &mut cloudtrail::CloudTrail) -> bool {
        if self.is(&cloudtrail::TRAILS) {
            return self.list(&mut all.trails);
        }
        for (arn, trail) in all.trails.items_mut() {
            if self.is(&cloudtrail::TRAIL_STATUS) {
                self.about(&mut trail.status, arn);
            } else if self.is(&cloudtrail::EVENT_SELECTORS) {
                self.about(&mut trail.selectors, arn);
            }
        }
        [cloudtrail::TRAIL_STATUS, cloudtrail::EVENT_SELECTORS].contains(&self.source)
    }

    fn in_kms(&self, all: &mut kms::Kms) -> bool {
        if self.is(&kms::ALIASES) {
            return self.list(&mut all.aliases);
        }
        for (arn, key) in &mut all.keys {
            if self.is(&kms::KEY) {
                self.about(&mut key.metadata, arn);
            } else if self.is(&kms::KEY_ROTATION) {
                self.about(&mut key.rotation, arn);
            } else if self.is(&kms::KEY_TAGS) {
                self.about(&mut key.tags, arn);
            } else if self.is(&kms::KEY_POLICY) {
                self.about(&mut key.policy, arn);
            }
        }
        [kms::KEY, kms::KEY_ROTATION, kms::KEY_TAGS, kms::KEY_POLICY].contains(&self.source)
    }

    fn in_servicecatalog(&self, all: &mut sc::ServiceCatalog) -> bool {
        match self.source {
            sc::PORTFOLIOS => return self.list(&mut all.portfolios),
            sc::IMPORTED_PORTFOLIOS => return self.list(&mut all.imported),
            sc::PROVISIONED_PRODUCTS => return self.list(&mut all.provisioned),
            _ => {}
        }
        for (id, portfolio) in all.portfolios.items_mut().chain(all.imported.items_mut()) {
            match self.source {
                sc::PRODUCTS => self.about(&mut portfolio.products, id),
                sc::CONSTRAINTS => self.about(&mut portfolio.constraints, id),
                sc::PRINCIPALS => self.about(&mut portfolio.principals, id),
                sc::SHARES => portfolio.shares.values_mut().for_each(|shares| self.about(shares, id)),
                sc::CONSTRAINT => {
                    if let Read::Seen(constraints) = &mut portfolio.constraints {
                        constraints.iter_mut().for_each(|(id, one)| self.about(&mut one.detail, id));
                    }
                }
                _ => {}
            }
        }
        for (id, product) in &mut all.products {
            match self.source {
                sc::ARTIFACTS => self.about(&mut product.artifacts, id),
                sc::PRODUCT_PORTFOLIOS => self.about(&mut product.portfolios, id),
                sc::ARTIFACT => {
                    if let Read::Seen(artifacts) = &mut product.artifacts {
                        artifacts.iter_mut().for_each(|(id, one)| self.about(&mut one.parameters, id));
                    }
                }
                _ => {}
            }
        }
        sc::SOURCES.contains(&&self.source)
    }

    fn in_codecommit(&self, all: &mut codecommit::CodeCommit) -> bool {
        if self.is(&codecommit::REPOSITORIES) {
            all.repositories.iter_mut().for_each(|(name, repository)| self.about(repository, name));
        }
        self.is(&codecommit::REPOSITORIES)
    }

    fn in_sagemaker(&self, all: &mut SageMaker) -> bool {
        match self.source {
            sagemaker::NOTEBOOKS => self.list(&mut all.notebooks),
            sagemaker::DOMAINS => self.list(&mut all.domains),
            sagemaker::TRAINING_JOBS => self.list(&mut all.training_jobs),
            sagemaker::PROCESSING_JOBS => self.list(&mut all.processing_jobs),
            sagemaker::TRANSFORM_JOBS => self.list(&mut all.transform_jobs),
            sagemaker::TUNING_JOBS => self.list(&mut all.tuning_jobs),
            sagemaker::AUTOML_JOBS => self.list(&mut all.automl_jobs),
            sagemaker::MODELS => self.list(&mut all.models),
            sagemaker::ENDPOINTS => self.list(&mut all.endpoints),
            sagemaker::ENDPOINT_CONFIGS => self.list(&mut all.endpoint_configs),
            sagemaker::NOTEBOOK => self.bodies(&mut all.notebooks, |_, _| true),
            sagemaker::DOMAIN => self.bodies(&mut all.domains, |_, _| true),
            sagemaker::ENDPOINT_CONFIG => self.bodies(&mut all.endpoint_configs, |_, _| true),
            sagemaker::PROCESSING_JOB => self.bodies(&mut all.processing_jobs, |_, _| true),
            sagemaker::TRANSFORM_JOB => self.bodies(&mut all.transform_jobs, |_, _| true),
            sagemaker::TUNING_JOB => self.bodies(&mut all.tuning_jobs, |name, _| DESCRIBED_TUNING_JOBS.contains(&name)),
            sagemaker::AUTOML_JOB => self.bodies(&mut all.automl_jobs, |_, _| true),
            sagemaker::TRAINING_JOB => self.training_job_details(all),
            sagemaker::MODEL => self.bodies(&mut all.models, |name, _| DESCRIBED_MODELS.contains(&name)),
            sagemaker::ENDPOINT => self.bodies(&mut all.endpoints, |name, status| {
                DESCRIBED_ENDPOINTS.contains(&name) || !matches!(status, Some("InService" | "Failed"))
            }),
            sagemaker::SEARCH => {
                self.records(&mut all.training_jobs);
                self.records(&mut all.tuning_jobs);
                self.records(&mut all.models);
                self.records(&mut all.feature_groups);
                self.records(&mut all.endpoints)
            }
            sagemaker::RESOURCE_TAGS => {
                self.tags(&mut all.notebooks, |_| true);
                self.tags(&mut all.domains, |_| true);
                self.tags(&mut all.endpoint_configs, |_| true);
                self.tags(&mut all.processing_jobs, |_| true);
                self.tags(&mut all.transform_jobs, |_| true);
                self.tags(&mut all.automl_jobs, |_| true);
                self.tags(&mut all.tuning_jobs, |name| DESCRIBED_TUNING_JOBS.contains(&name));
                self.tags(&mut all.monitoring_schedules, |_| true);
                self.tags(&mut all.feature_groups, |name| DESCRIBED_FEATURE_GROUPS.contains(&name));
                self.tags(&mut all.training_jobs, |name| DESCRIBED_TRAINING_JOBS.contains(&name));
                self.tags(&mut all.models, |name| DESCRIBED_MODELS.contains(&name));
                self.tags(&mut all.endpoints, |name| DESCRIBED_ENDPOINTS.contains(&name))
            }
            _ => self.in_studio(all),
        }
    }

    /// Blanks the bodies of those whose name and status say so.
    fn bodies<T>(&self, list: &mut Collected<Resource<T>>, which: impl Fn(&str, Option<&str>) -> bool) -> bool {
        for (name, resource) in list.items_mut() {
            if which(name, resource.status.as_deref()) {
                self.about(&mut resource.body, name);
            }
        }
        true
    }

    fn tags<T>(&self, list: &mut Collected<Resource<T>>, which: impl Fn(&str) -> bool) -> bool {
        for (_, resource) in list.items_mut().filter(|(name, _)| which(name)) {
            let arn = resource.arn.clone();
            self.about(&mut resource.tags, &arn);
        }
        true
    }

    /// Blanks bodies and tags: a search that fails leaves no resource described one by one.
    fn records<T>(&self, list: &mut Collected<Resource<T>>) -> bool {
        for (name, resource) in list.items_mut() {
            self.about(&mut resource.body, name);
            self.about(&mut resource.tags, name);
        }
        true
    }

    /// Hides what only `DescribeTrainingJob` says, and the jobs that `Search` did not have.
    fn training_job_details(&self, all: &mut SageMaker) -> bool {
        for (name, job) in all.training_jobs.items_mut() {
            if let Read::Seen(Some(body)) = &mut job.body
                && let Some(remote_debug) = &mut body.remote_debug
            {
                self.about(remote_debug, name);
            }
        }
        self.bodies(&mut all.training_jobs, |name, _| DESCRIBED_TRAINING_JOBS.contains(&name))
    }
}
