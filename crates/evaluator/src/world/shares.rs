//! With whom a bucket's policy shares it.

use plumbline_policy::{CarveOuts, Confinement, Statement, Wanted, denies_over};
use plumbline_snapshot::Read;
use plumbline_snapshot::s3::{BlockPublicAccess, Bucket};

use crate::place::Place;
use crate::world::World;
use crate::world::bucket_policies::BucketPolicy;
use crate::world::callers::{Held, Ours, Stranger, Test, held};

/// One way in which an Allow of a bucket's policy shares it, with the reason in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Share {
    /// With everyone.
    Public(String),
    /// With somebody who does not belong to the environment: who, and why that is not confined.
    Foreign(String, String),
    /// It cannot be told; to follow the statement's name.
    Unknown(String),
}

impl<'a> World<'a> {
    /// Whether Block Public Access is seen to keep everyone but the account and AWS's services from a bucket whose policy S3
    /// calls public (Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", RestrictPublicBuckets).
    pub(crate) fn keeps_the_public_out(&self, place: &Place<'a>, bucket: &Bucket) -> bool {
        let restricts = |flags: &Read<Option<BlockPublicAccess>>| {
            flags.sight().is_ok_and(|flags| flags.is_some_and(|flags| flags.restrict_public_buckets))
        };
        let is_own = bucket.expected_owner == *place.account;
        restricts(&bucket.public_access_block) || (is_own && restricts(&self.snapshot.s3.account_public_access_block))
    }

    /// With whom an Allow of a bucket's policy shares it, the Denies over it counted in; nobody where it is confined.
    ///
    /// A Deny that leaves AWS's services out does not count here: what others do through a service would pass. The bucket's
    /// owner shares nothing with itself.
    pub(crate) fn shares(&self, place: &Place<'a>, policy: &BucketPolicy<'_>, allow: &Statement) -> Vec<Share> {
        let document = &policy.document;
        let ours = Ours::of(place).and(policy.bucket.expected_owner.as_str());
        let denies = denies_over(document, allow, Some("s3"));
        let mut tests = ours.callers();
        tests.extend(ours.sources());
        // The ARN of a bucket does not say whose it is.
        let buckets = self.data_buckets(place).items;
        let arns = buckets.iter().map(|bucket| format!("arn:{}:s3:::{}", place.partition, bucket.name));
        tests.push(Test::of("aws:SourceArn", Wanted::arns(arns)));
        // Which endpoints they should be is for DATA-05.
        tests.extend(["aws:SourceVpce", "aws:SourceVpc"].map(|key| Test::of(key, Wanted::naming())));
        let found = held(allow, &denies, &tests, CarveOuts::NONE);
        if found.how.is_confined() {
            return Vec::new();
        }
        // In words, the Allow itself counts: what a Deny leaves of it says little.
        let alone = held(allow, &[], &tests, CarveOuts::NONE);
        let found = if found.how == Confinement::Undecidable { found } else { alone };
        let fixed: Vec<Test> = tests.iter().map(Test::naming).collect();
        let fixed = held(allow, &denies, &fixed, CarveOuts::NONE);
        ours.strangers(allow).into_iter().map(|stranger| share(allow, stranger, &found, &fixed)).collect()
    }
}

fn share(allow: &Statement, stranger: Stranger<'_>, found: &Held, fixed: &Held) -> Share {
    let by_access_point = |key: &str| {
        let key = key.to_ascii_lowercase();
        key.starts_with("s3:dataaccesspoint") || key.starts_with("s3:accesspoint")
    };
    let access_points = allow.conditions.iter().any(|condition| by_access_point(&condition.key));
    let why = || found.why("who calls");
    match stranger {
        Stranger::Unclear("") => Share::Unknown("names no principal".to_owned()),
        Stranger::Unclear(text) => Share::Unknown(format!("names `{text}`, which does not say whose it is")),
        _ if found.how == Confinement::Undecidable => {
            Share::Unknown("may be confined: that hangs on a variable or an unknown operator".to_owned())
        }
        _ if access_points => Share::Unknown("leaves the decision to access points, which are not read".to_owned()),
        Stranger::Service(service) => {
            Share::Foreign(format!("the service `{service}`, on whosever behalf"), found.why("for whom it acts"))
        }
        Stranger::Foreign(text, account) => Share::Foreign(format!("`{text}` of the foreign account {account}"), why()),
        Stranger::Everyone => match fixed.by.filter(|_| fixed.how.is_confined()) {
            Some(key) => Share::Foreign(
                format!("whoever has the {key} that it names"),
                "that is none of allowed_accounts or org_id".to_owned(),
            ),
            None => Share::Public(why()),
        },
    }
}
