//! What the policy of a data bucket denies to everyone.

use plumbline_findings::Evidence;
use plumbline_policy::{
    Absent, Base, CarveOuts, Condition, Confinement, Document, KeyKind, Pattern, Perimeter, Question, SetOperator,
    Statement, Variables, Wanted, perimeter, same_key,
};
use plumbline_snapshot::s3::{self, Bucket};

use crate::judge::{Known, few, field};
use crate::place::Place;
use crate::world::World;
use crate::world::buckets::DataBucket;
use crate::world::policies::{read_policy, shown};

/// A data bucket with its policy.
#[derive(Debug, Clone)]
pub(crate) struct BucketPolicy<'a> {
    /// The bucket.
    pub(crate) bucket: &'a Bucket,
    /// Its policy; one without statements where it has none.
    pub(crate) document: Document,
    arn: String,
    exempt: Wanted,
}

/// Of what an action is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum On {
    /// The bucket itself.
    Bucket,
    /// Its objects.
    Objects,
}

/// A key that decides which requests pass.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key<'w> {
    /// The key.
    pub(crate) name: &'static str,
    /// What values it has.
    pub(crate) kind: KeyKind,
    /// With which of them requests may pass.
    pub(crate) wanted: &'w Wanted,
    /// What must become of requests without it.
    pub(crate) absent: Absent,
}

impl<'a> World<'a> {
    /// A data bucket with its policy; `None` where no such bucket exists.
    ///
    /// # Errors
    /// Whether it exists, or its policy, was not seen; or that is no policy.
    pub(crate) fn bucket_policy(
        &self,
        place: &Place<'a>,
        bucket: &DataBucket<'a>,
    ) -> Known<'a, Option<BucketPolicy<'a>>> {
        let Some(found) = self.bucket(bucket)? else { return Ok(None) };
        let document = read_policy(&format!("the bucket `{}`", bucket.name), &found.policy)?;
        let patterns = place.environments.iter().flat_map(|environment| &environment.bucket_policy_exempt_principals);
        let exempt = Wanted::patterns(patterns.map(|pattern| Pattern::glob(pattern.as_str(), Variables::Plain)));
        Ok(Some(BucketPolicy {
            bucket: found,
            document: document.unwrap_or(Document { version: None, id: None, statements: Vec::new() }),
            arn: format!("arn:{}:s3:::{}", place.partition, bucket.name),
            exempt,
        }))
    }
}

impl BucketPolicy<'_> {
    /// Whether the policy's Denies leave, of everyone's requests for an action, only those with wanted values of a key.
    /// Services of AWS's and `bucket_policy_exempt_principals` may be left out. `spared` are conditions that do not weaken
    /// a Deny.
    pub(crate) fn leaves_only(
        &self,
        action: &str,
        on: On,
        key: &Key<'_>,
        spared: &dyn Fn(&Condition) -> bool,
    ) -> Confinement {
        let resources = match on {
            On::Bucket => Pattern::glob(&self.arn, Variables::Plain),
            On::Objects => Pattern::glob(&format!("{}/*", self.arn), Variables::Plain),
        };
        let carve_outs = CarveOuts { services: true, principals: Some(&self.exempt) };
        let question = Question { key: key.name, kind: key.kind, wanted: key.wanted, carve_outs };
        let action = Pattern::action(action);
        let asked = Perimeter { action: &action, resources: &resources, question, absent: key.absent };
        match perimeter(&self.document, &asked, spared) {
            // Where absence does not matter, presence says nothing.
            Confinement::PresenceOnly if key.absent == Absent::Passes => Confinement::Open { reason: None },
            found => found,
        }
    }

    /// The Denies that test one of these keys.
    pub(crate) fn denies_on(&self, keys: &[&str]) -> Vec<&Statement> {
        let tests = |deny: &&Statement| deny.conditions.iter().any(|it| keys.iter().any(|key| same_key(&it.key, key)));
        self.document.denies().filter(tests).collect()
    }

    /// Those Denies as evidence, or that there is none.
    pub(crate) fn shown(&self, keys: &[&str], wanted: &str) -> Vec<Evidence> {
        let path = format!("{}.Policy", self.bucket.name);
        let denies = self.denies_on(keys);
        if denies.is_empty() {
            let none = format!("no Deny on {}", few(" or ", keys));
            return vec![field(&s3::BUCKET_POLICY, format!("{path}.Statement[]"), none, wanted)];
        }
        denies.into_iter().map(|deny| shown(&s3::BUCKET_POLICY, &path, deny, wanted)).collect()
    }

    /// Why its Denies on these keys do not do it.
    pub(crate) fn why(&self, keys: &[&str], how: Confinement) -> String {
        match how {
            _ if self.denies_on(keys).is_empty() => format!("its policy has no Deny on {}", few(" or ", keys)),
            Confinement::Open { reason: Some(reason) } => {
                format!("its policy's Deny on {} does not stop them ({})", few(" or ", keys), reason.as_str())
            }
            _ => format!("its policy's Deny on {} does not cover all of them", few(" or ", keys)),
        }
    }
}

/// Whether a condition of a Deny only leaves out requests with wanted values of a key.
pub(crate) fn leaves_out(condition: &Condition, key: &str, wanted: &Wanted) -> bool {
    let operator = &condition.operator;
    let patterns = condition.patterns();
    same_key(&condition.key, key)
        && operator.base.is_negated()
        && operator.set == SetOperator::None
        && !patterns.is_empty()
        && patterns.iter().all(|pattern| wanted.admits(key, pattern).is_yes())
}

/// Whether a condition of a Deny holds for every request over plain HTTP: a minimum version of TLS does (AWS Knowledge
/// Center, "How do I enforce TLS 1.2 or later for my Amazon S3 buckets?", which for buckets that need HTTP adds a condition
/// that leaves it out).
pub(crate) fn wants_tls(condition: &Condition) -> bool {
    let version = |value: &String| value.parse::<f64>().is_ok_and(|version| version >= 1.0);
    same_key(&condition.key, "s3:TlsVersion")
        && condition.operator.base == Base::NumericLessThan
        && condition.operator.set == SetOperator::None
        && condition.values.iter().any(version)
}
