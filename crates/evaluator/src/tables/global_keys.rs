//! The condition keys that any request may have, whatever its action (IAM User Guide, "AWS global condition context keys").
//!
//! aws:RequestTag, aws:ResourceTag and aws:TagKeys are not among them, though on that page: a request has them only where
//! the action or the resource takes them, which the action dictionary knows.

/// Global keys, in the page's groups.
const GLOBAL: &[&str] = &[
    // The principal.
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:PrincipalType",
    "aws:userid",
    "aws:username",
    // The role session.
    "aws:AssumedRoot",
    "aws:ChatbotSourceArn",
    "aws:Ec2InstanceSourcePrivateIPv4",
    "aws:Ec2InstanceSourceVpc",
    "aws:FederatedProvider",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:SourceIdentity",
    "aws:TokenIssueTime",
    // The same, by the service that got the session; they go with the session to every other service.
    "codebuild:BuildArn",
    "codebuild:ProjectArn",
    "ec2:RoleDelivery",
    "ec2:SourceInstanceArn",
    "glue:CredentialIssuingService",
    "glue:RoleAssumedBy",
    "identitystore:UserId",
    "lambda:SourceFunctionArn",
    "ssm:SourceInstanceArn",
    // The network.
    "aws:SourceIp",
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:SourceVpce",
    "aws:VpcSourceIp",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
    // The resource.
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
    // The request.
    "aws:CalledVia",
    "aws:CalledViaAWSMCP",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:IsMcpServiceAction",
    "aws:referer",
    "aws:RequestedRegion",
    "aws:SecureTransport",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:UserAgent",
    "aws:ViaAWSMCPService",
    "aws:ViaAWSService",
];

/// The caller's tags, one key for each.
const PRINCIPAL_TAG: &str = "aws:PrincipalTag/";

/// Whether any request may have the key: a global one, or one of an identity provider, which a federated session carries
/// on to what it calls (IAM User Guide, "IAM and AWS STS condition context keys").
pub(crate) fn is_global(key: &str) -> bool {
    let tagged = key.get(..PRINCIPAL_TAG.len()).is_some_and(|start| start.eq_ignore_ascii_case(PRINCIPAL_TAG));
    let federated = key.split_once(':').is_some_and(|(provider, _)| {
        provider.eq_ignore_ascii_case("saml") || (provider.contains('.') && !provider.contains(['*', '$', ' ']))
    });
    tagged || federated || GLOBAL.iter().any(|known| known.eq_ignore_ascii_case(key))
}
