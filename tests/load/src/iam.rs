//! IAM's roles and policies in pages as short as IAM sends them, and STS.

use crate::account::{ACCOUNT, Account, ROLES, role, role_arn};
use crate::answer::{Answered, each, page, unknown};
use crate::request::{Answer, Request};

/// IAM may send fewer than it was asked for, and does: about so many a page.
pub(crate) const SHORT_PAGE: u64 = 100;

/// All roles, then all policies.
pub(crate) fn details(account: &Account, request: &Request) -> Answered {
    if request.operation != "GetAccountAuthorizationDetails" {
        return Err(unknown(request));
    }
    request.only(&["MaxItems", "Marker"])?;
    let wanted = request.value("MaxItems");
    // The largest page is checked as the service does; what comes is shorter.
    page(0, 1000, wanted.as_deref(), None)?;
    let wanted = wanted.and_then(|size| size.parse::<u64>().ok()).unwrap_or(SHORT_PAGE).min(SHORT_PAGE);
    let (roles, policies) = (account.size.roles, account.size.policies);
    let token = request.value("Marker");
    let page = page(roles + policies, SHORT_PAGE, Some(&wanted.to_string()), token.as_deref())?;
    let own = page.items.start.min(roles)..page.items.end.min(roles);
    let rest = page.items.start.max(roles) - roles..page.items.end.max(roles) - roles;
    let marker = page.next.as_ref().map(|next| format!("<Marker>{next}</Marker>")).unwrap_or_default();
    Ok(Answer::xml(format!(
        "<GetAccountAuthorizationDetailsResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
         <GetAccountAuthorizationDetailsResult><UserDetailList/><GroupDetailList/><RoleDetailList>{}</RoleDetailList>\
         <Policies>{}</Policies><IsTruncated>{}</IsTruncated>{marker}</GetAccountAuthorizationDetailsResult>\
         <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetAccountAuthorizationDetailsResponse>",
        each(own, "", |n| role_detail(account, n)),
        each(rest, "", |n| policy_detail(account, n)),
        page.next.is_some(),
    )))
}

/// Who is calling.
pub(crate) fn identity(request: &Request) -> Answered {
    if request.operation != "GetCallerIdentity" {
        return Err(unknown(request));
    }
    Ok(Answer::xml(format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>{}</Arn><UserId>AROALOAD:load</UserId><Account>{ACCOUNT}</Account></GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>",
        format_args!("arn:aws:sts::{ACCOUNT}:assumed-role/auditor/load"),
    )))
}

fn role_detail(account: &Account, n: u64) -> String {
    let name = role(n);
    let principal = match n {
        0 | 4 | 6 => format!("\"AWS\":\"arn:aws:iam::{ACCOUNT}:root\""),
        1 => "\"Service\":\"servicecatalog.amazonaws.com\"".to_owned(),
        2 | 3 | 5 => "\"Service\":\"sagemaker.amazonaws.com\"".to_owned(),
        _ => "\"Service\":\"lambda.amazonaws.com\"".to_owned(),
    };
    let trust = format!(
        "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Principal\":{{{principal}}},\
         \"Action\":\"sts:AssumeRole\"}}]}}"
    );
    let policy = format!(
        "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":[\"logs:PutLogEvents\",\
         \"s3:GetObject\"],\"Resource\":\"arn:aws:s3:::app-{n}/*\"}}]}}"
    );
    let tags = if n < ROLES.len() as u64 {
        "<Tags><member><Key>ProjectName</Key><Value>load</Value></member></Tags>"
    } else {
        "<Tags/>"
    };
    format!(
        "<member><Path>/</Path><RoleName>{name}</RoleName><RoleId>AROA{n:017}</RoleId><Arn>{}</Arn>\
         <CreateDate>{}</CreateDate><AssumeRolePolicyDocument>{}</AssumeRolePolicyDocument><InstanceProfileList/>\
         <RolePolicyList><member><PolicyName>own</PolicyName><PolicyDocument>{}</PolicyDocument></member>\
         </RolePolicyList><AttachedManagedPolicies><member><PolicyName>app-0</PolicyName>\
         <PolicyArn>{}</PolicyArn></member></AttachedManagedPolicies>{tags}<RoleLastUsed/></member>",
        role_arn(&name),
        account.made(),
        encoded(&trust),
        encoded(&policy),
        policy_arn(0),
    )
}

fn policy_arn(n: u64) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/app-{n}")
}

fn policy_detail(account: &Account, n: u64) -> String {
    let document = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"logs:CreateLogStream\",\
                    \"Resource\":\"*\"}]}";
    let made = account.made();
    format!(
        "<member><PolicyName>app-{n}</PolicyName><PolicyId>ANPA{n:017}</PolicyId><Arn>{}</Arn><Path>/</Path>\
         <DefaultVersionId>v1</DefaultVersionId><AttachmentCount>1</AttachmentCount><IsAttachable>true</IsAttachable>\
         <CreateDate>{made}</CreateDate><UpdateDate>{made}</UpdateDate><PolicyVersionList><member>\
         <Document>{}</Document><VersionId>v1</VersionId><IsDefaultVersion>true</IsDefaultVersion>\
         <CreateDate>{made}</CreateDate></member></PolicyVersionList></member>",
        policy_arn(n),
        encoded(document),
    )
}

/// A document as IAM sends it: percent-encoded.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
