//! S3 and S3 Control: the settings of the baseline's buckets and of the account.

use crate::account::{Account, Purpose, REGION, bucket, key};
use crate::answer::{Answered, unknown};
use crate::request::{Answer, Refusal, Request};

const FLAGS: &str = "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>\
                     <BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>";

pub(crate) fn answer(account: &Account, request: &Request) -> Answered {
    let blocked = Answer::xml(format!("<PublicAccessBlockConfiguration>{FLAGS}</PublicAccessBlockConfiguration>"));
    if request.service == "s3control" {
        return if request.operation == "GetPublicAccessBlock" { Ok(blocked) } else { Err(unknown(request)) };
    }
    let name = request.path.trim_matches('/');
    let number = name.rsplit('-').next().and_then(|number| number.parse::<u64>().ok());
    let Some(n) = number.filter(|n| *n < account.size.buckets && bucket(*n) == name) else {
        return Err(Refusal(404, "NoSuchBucket", format!("no bucket {name}")));
    };
    match request.operation.as_str() {
        "HeadBucket" => Ok(Answer { bucket_region: Some(REGION), ..Answer::xml(String::new()) }),
        "GetPublicAccessBlock" => Ok(blocked),
        "GetBucketPolicy" => Ok(Answer::json(format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::{name}","arn:aws:s3:::{name}/*"],"Condition":{{"Bool":{{"aws:SecureTransport":"false"}}}}}}]}}"#
        ))),
        "GetBucketPolicyStatus" => {
            Ok(Answer::xml("<PolicyStatus><IsPublic>false</IsPublic></PolicyStatus>".to_owned()))
        }
        "GetBucketEncryption" => Ok(Answer::xml(format!(
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
             <SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>{}</KMSMasterKeyID>\
             </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule>\
             </ServerSideEncryptionConfiguration>",
            key(&account.size, Purpose::Data, n),
        ))),
        _ => Err(unknown(request)),
    }
}
