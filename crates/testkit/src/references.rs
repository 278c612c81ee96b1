//! The reference policies of the known-good environment: its own documents, as if each had been reviewed on the day that
//! it was made.

use std::collections::BTreeMap;

use plumbline_snapshot::{Read, Snapshot};

use crate::env::region;
use crate::{iam, kms};

/// By the path under which the baseline names it.
pub(crate) fn of(snapshot: &Snapshot) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut add = |path: String, text: &str| {
        let document: serde_json::Value = serde_json::from_str(text).expect("a policy as JSON");
        files.insert(path, format!("{document:#}\n").into_bytes());
    };
    let managed = |arn: &str| {
        let policy = snapshot.iam.policies.get(arn).ok().flatten().expect("a policy that is listed");
        iam::decode(policy.document.as_deref().expect("a document"))
    };
    for (logical, arn) in iam::ROLES {
        let role = snapshot.iam.roles.get(arn).ok().flatten().expect("a role");
        let own = role.attached.iter().filter(|arn| arn.as_str() != iam::CATALOGUE_END_USER).map(|arn| managed(arn));
        let inline = role.inline.values().map(|document| iam::decode(document));
        for text in own.chain(inline) {
            add(format!("references/roles/{logical}.json"), &text);
        }
    }
    add("references/roles/catalogue_end_user.json".to_owned(), &managed(iam::CATALOGUE_END_USER));
    add("references/boundary.json".to_owned(), &managed(iam::BOUNDARY));
    let regional = snapshot.regions.get(&region()).expect("the Region");
    for endpoint in regional.ec2.vpc_endpoints.seen() {
        let name = endpoint.service_name.replace("eu-west-1.", "");
        let name = name.trim_start_matches("com.amazonaws.").trim_start_matches("aws.sagemaker.");
        if let Some(policy) = &endpoint.policy {
            add(format!("references/endpoints/{name}.json"), policy);
        }
    }
    for (name, bucket) in &snapshot.s3.buckets {
        if let Read::Seen(Some(policy)) = &bucket.policy {
            add(format!("references/buckets/{name}.json"), policy);
        }
    }
    for (name, arn) in
        [("data", kms::KEY_DATA), ("volumes", kms::KEY_VOLUMES), ("project", kms::KEY_PROJECT), ("logs", kms::KEY_LOGS)]
    {
        if let Some(Read::Seen(Some(policy))) = regional.kms.keys.get(arn).map(|key| &key.policy) {
            add(format!("references/keys/{name}.json"), policy);
        }
    }
    files
}
