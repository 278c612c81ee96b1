//! What a bucket's policy and encryption say about writes that ask for an encryption of their own.

use plumbline_policy::{Absent, Confinement, KeyKind, Wanted};

use crate::judge::Known;
use crate::world::bucket_policies::{BucketPolicy, Key, On};

// Condition keys of Amazon S3 (Service Authorization Reference), each present only with the header of its name.

/// The algorithm that a write names.
pub(crate) const ALGORITHM: &str = "s3:x-amz-server-side-encryption";
/// The key that a write names. The policy must write it as ARN (Amazon S3 User Guide, "Using server-side encryption with AWS
/// KMS keys").
pub(crate) const KEY: &str = "s3:x-amz-server-side-encryption-aws-kms-key-id";
/// The algorithm of a key that a write brings (SSE-C).
pub(crate) const CUSTOMER_KEY: &str = "s3:x-amz-server-side-encryption-customer-algorithm";

/// What the header of the algorithm can say (Amazon S3 API Reference, "PutObject").
const ALGORITHMS: [&str; 4] = ["AES256", "aws:fsx", "aws:kms", "aws:kms:dsse"];

/// Whether writes of a kind are denied to everyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    /// They are.
    Yes,
    /// They are not; what the Denies do instead.
    No(Confinement),
    /// A variable or an unknown operator decides.
    Undecidable,
}

impl Denied {
    fn if_confined(how: Confinement) -> Self {
        match how {
            Confinement::Confined => Self::Yes,
            Confinement::Undecidable => Self::Undecidable,
            how => Self::No(how),
        }
    }
}

fn kms() -> Wanted {
    Wanted::values(["aws:kms", "aws:kms:dsse"]).among(ALGORITHMS)
}

fn writes(policy: &BucketPolicy<'_>, name: &'static str, wanted: &Wanted, absent: Absent) -> Denied {
    let key = Key { name, kind: KeyKind::Single, wanted, absent };
    Denied::if_confined(policy.leaves_only("s3:PutObject", On::Objects, &key, &|_| false))
}

/// Writes that name another algorithm than KMS's.
pub(crate) fn other_algorithms(policy: &BucketPolicy<'_>) -> Denied {
    writes(policy, ALGORITHM, &kms(), Absent::Passes)
}

/// Writes that name another key than these.
pub(crate) fn other_keys(policy: &BucketPolicy<'_>, keys: &Wanted) -> Denied {
    writes(policy, KEY, keys, Absent::Passes)
}

/// Whether writes that name no encryption are denied, too: stricter than need be.
pub(crate) fn strict(policy: &BucketPolicy<'_>) -> bool {
    let named = |name, wanted: &Wanted| writes(policy, name, wanted, Absent::Denied) == Denied::Yes;
    named(ALGORITHM, &kms()) || named(KEY, &Wanted::naming())
}

/// Writes that bring a key of their own: denied, blocked by the bucket (Amazon S3 API Reference, "BlockedEncryptionTypes"),
/// or impossible since every write must name KMS.
///
/// # Errors
/// The policy does not deny them, and the bucket's encryption was not seen.
pub(crate) fn customer_keys<'a>(policy: &BucketPolicy<'a>) -> Known<'a, Denied> {
    // The header takes one value (Amazon S3 API Reference, "PutObject"), and none is wanted.
    let none = Wanted::values([""; 0]).among(["AES256"]);
    let denied = writes(policy, CUSTOMER_KEY, &none, Absent::Passes);
    if denied == Denied::Yes || strict(policy) {
        return Ok(Denied::Yes);
    }
    let blocks = |kind: &String| kind.eq_ignore_ascii_case("SSE-C");
    let blocked = policy.bucket.encryption.sight()?.as_ref().is_some_and(|found| found.blocked.iter().any(blocks));
    Ok(if blocked { Denied::Yes } else { denied })
}
