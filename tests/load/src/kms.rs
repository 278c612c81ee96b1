//! KMS: the customer's keys, each with an alias, and the aliases of AWS.

use crate::account::{ACCOUNT, Account, arn, key_id};
use crate::answer::{Answered, each, page, unknown};
use crate::request::{Answer, Refusal, Request};

pub(crate) fn answer(account: &Account, request: &Request) -> Answered {
    match request.operation.as_str() {
        "ListAliases" => {
            request.only(&["Limit", "Marker"])?;
            let (limit, marker) = (request.value("Limit"), request.value("Marker"));
            let page = page(account.size.aliases(), 100, limit.as_deref(), marker.as_deref())?;
            let next = page.next.as_ref().map(|next| format!(",\"NextMarker\":\"{next}\"")).unwrap_or_default();
            Ok(Answer::json(format!(
                "{{\"Aliases\":[{}],\"Truncated\":{}{next}}}",
                each(page.items.clone(), ",", |n| alias(account, n)),
                page.next.is_some(),
            )))
        }
        "DescribeKey" => {
            request.only(&["KeyId"])?;
            let id = known(account, request)?;
            Ok(Answer::json(format!(
                "{{\"KeyMetadata\":{{\"AWSAccountId\":\"{ACCOUNT}\",\"KeyId\":\"{id}\",\"Arn\":\"{}\",\
                 \"CreationDate\":{},\"Enabled\":true,\"KeyManager\":\"CUSTOMER\",\"KeySpec\":\"SYMMETRIC_DEFAULT\",\
                 \"KeyState\":\"Enabled\",\"KeyUsage\":\"ENCRYPT_DECRYPT\",\"MultiRegion\":false,\
                 \"Origin\":\"AWS_KMS\"}}}}",
                arn("kms", &format!("key/{id}")),
                account.made().as_second(),
            )))
        }
        "GetKeyPolicy" => {
            request.only(&["KeyId", "PolicyName"])?;
            known(account, request)?;
            // What a key has that nobody gave a policy: its use is up to IAM.
            let policy = format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:root"}},"Action":"kms:*","Resource":"*"}}]}}"#
            );
            Ok(Answer::json(format!("{{\"Policy\":{},\"PolicyName\":\"default\"}}", serde_json::Value::from(policy))))
        }
        "GetKeyRotationStatus" => {
            request.only(&["KeyId"])?;
            let id = known(account, request)?;
            Ok(Answer::json(format!("{{\"KeyId\":\"{id}\",\"KeyRotationEnabled\":true,\"RotationPeriodInDays\":365}}")))
        }
        _ => Err(unknown(request)),
    }
}

/// Aliases that the baseline names come first.
fn alias(account: &Account, n: u64) -> String {
    let (name, target) = match n.checked_sub(account.size.keys) {
        Some(other) => (format!("alias/aws/service-{other}"), key_id(0x00ff_0000_0000 + other)),
        None => {
            let purpose = match n % 3 {
                0 => "data",
                1 => "volumes",
                _ => "logs",
            };
            (format!("alias/load-{purpose}-{}", n / 3), key_id(n))
        }
    };
    format!("{{\"AliasName\":\"{name}\",\"AliasArn\":\"{}\",\"TargetKeyId\":\"{target}\"}}", arn("kms", &name))
}

fn known(account: &Account, request: &Request) -> Result<String, Refusal> {
    let asked = request.value("KeyId").unwrap_or_default();
    let id = asked.rsplit('/').next().unwrap_or_default();
    let number = id.rsplit('-').next().and_then(|hex| u64::from_str_radix(hex, 16).ok());
    match number {
        Some(n) if n < account.size.keys && id == key_id(n) => Ok(id.to_owned()),
        _ => Err(Refusal(400, "NotFoundException", format!("no key {asked}"))),
    }
}
