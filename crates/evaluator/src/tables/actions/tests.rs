//! The embedded dictionary is whole, and says what the catalogue takes for granted.

use super::{Dictionary, Fault, Level, Support, ValueKind};

fn embedded() -> &'static Dictionary {
    Dictionary::embedded()
}

fn names(pattern: &str) -> Vec<&'static str> {
    embedded().expand(pattern).actions.iter().map(|action| action.name.as_str()).collect()
}

#[test]
fn every_line_of_the_embedded_file_is_read() {
    let dictionary = embedded();
    assert_eq!(dictionary.faults(), [], "actions.txt");
    let text = include_str!("../actions.txt");
    let begins_large = |line: &&str| line.starts_with(|first: char| first.is_ascii_uppercase());
    let written = text.lines().filter(begins_large).count();
    let read: usize = dictionary.services().iter().map(|service| service.actions.len()).sum();
    assert_eq!(read, written);
    assert!(read > 3_500, "only {read} actions");
    assert!(text.len() < 400_000, "{} bytes go into each program", text.len());
    for service in dictionary.services() {
        assert!(!service.actions.is_empty(), "{} has no action", service.prefix);
        for kind in &service.types {
            assert!(kind.pattern().is_some(), "{}: {}", kind.name, kind.arn);
        }
        for action in &service.actions {
            assert_eq!(dictionary.action(&action.name.to_uppercase()), Some(action));
        }
    }
}

#[test]
fn it_is_of_the_version_that_is_pinned() {
    let origin = embedded().origin();
    let pinned = format!("{}=={}", origin.package, origin.version);
    let requirements = include_str!("../../../dictionary/requirements.txt");
    assert!(requirements.lines().any(|line| line == pinned), "`make dictionary` was not run: it is of {pinned}");
    assert_eq!(origin.licence, "MIT");
    assert!(include_str!("../actions.txt").contains("# MIT License\n"), "the notice stays with what is taken");
}

#[test]
fn a_line_that_cannot_be_read_is_a_fault() {
    for (text, what) in [
        ("source p 1 2026-01-01 MIT\nGetObject R", "before any service"),
        ("source p 1 2026-01-01 MIT\nservice s3 Amazon S3\nGetObject X", "an action has a level"),
        ("source p 1 2026-01-01 MIT\nservice s3 Amazon S3\nGetObject R object", "an unknown type"),
        ("source p 1 2026-01-01 MIT\nservice s3 Amazon S3\nGetObject R | :prefix", "an unknown key"),
        ("source p 1 2026-01-01 MIT\nservice s3 Amazon S3\nget R", "neither an action nor a kind of line"),
        ("source p 1 2026-01-01 MIT\nservice s3 Amazon S3\nkey :prefix Text", "an unknown kind of key"),
        ("source p 1 2026-01-01 MIT\nservice s3 Amazon S3\nGetB R\ngetA R", "neither an action nor a kind of line"),
        ("source p 1 2026-01-01 MIT\nservice s3 Amazon S3\nGetB R\nGetA R", "actions out of order, or twice"),
        ("source p 1 2026-01-01 MIT\nservice s3 S\nservice S3 S", "services out of order, or twice"),
        ("service s3 Amazon S3", "without its source"),
        ("source p 1", "a source has four words"),
    ] {
        let dictionary = Dictionary::read(text);
        assert!(dictionary.faults().iter().any(|Fault { what: found, .. }| *found == what), "{text}: {dictionary:?}");
    }
}

#[test]
fn patterns_are_expanded() {
    assert_eq!(names("kms:GetKey*"), ["kms:GetKeyLastUsage", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus"]);
    assert_eq!(names("KMS:getkeypolicy"), ["kms:GetKeyPolicy"]);
    assert_eq!(names("sagemaker:?elete*Domain"), ["sagemaker:DeleteDomain"]);
    assert_eq!(names("kms:Get"), Vec::<&str>::new());
    let everything: usize = embedded().services().iter().map(|service| service.actions.len()).sum();
    assert_eq!(names("*").len(), everything);
    assert_eq!(names("*:*").len(), everything);
    assert_eq!(names("s3:*").len(), embedded().service("s3").unwrap().actions.len());
    for (pattern, beyond) in [("*", true), ("s3*:*", true), ("s3:*", false), ("S3:Get*", false), ("quicksight:*", true)]
    {
        assert_eq!(embedded().expand(pattern).beyond, beyond, "{pattern}");
    }
}

#[test]
fn keys_are_known_by_every_spelling() {
    let dictionary = embedded();
    for key in [
        "sagemaker:VpcSubnets",
        "SageMaker:vpcsubnets",
        "sagemaker:VolumeKmsKey",
        "aws:RequestTag/project",
        "aws:PrincipalTag/project",
        "aws:SourceVpce",
        "kms:EncryptionContext:aws:s3:arn",
        "s3:ExistingObjectTag/class",
        "saml:sub",
        "oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub",
        "iam:PassedToService",
    ] {
        assert!(dictionary.knows_key(key), "{key}");
    }
    for key in
        ["sagemaker:VpcSubnet", "sagemaker:VpcSubnetIds", "aws:SourceVpcEndpoint", "aws:PrincipalTag", "VpcSubnets"]
    {
        assert!(!dictionary.knows_key(key), "{key}");
    }
    let kind = |key| dictionary.key(key).map(|key| key.kind);
    assert_eq!(kind("sagemaker:VpcSubnets"), Some(ValueKind::ArrayOfString));
    assert_eq!(kind("sagemaker:VolumeKmsKeyArn"), Some(ValueKind::Arn));
    assert_eq!(kind("sagemaker:NetworkIsolation"), Some(ValueKind::Bool));
    assert_eq!(kind("s3:prefix"), Some(ValueKind::String));
}

#[test]
fn support_says_where_a_key_comes_from() {
    let support = |action: &str, key| embedded().action(action).unwrap().support(key);
    assert_eq!(support("sagemaker:CreateTrainingJob", "sagemaker:VpcSubnets"), Support::Named);
    assert_eq!(support("sagemaker:CreateTrainingJob", "sagemaker:VolumeKmsKey"), Support::Named);
    assert_eq!(support("sagemaker:CreateTransformJob", "sagemaker:VpcSubnets"), Support::No);
    assert_eq!(support("sagemaker:StopTrainingJob", "sagemaker:ResourceTag/project"), Support::WithResource);
    assert_eq!(support("sagemaker:StopTrainingJob", "aws:RequestTag/project"), Support::No);
    assert_eq!(support("sagemaker:StopTrainingJob", "aws:SourceVpce"), Support::Global);
    assert_eq!(support("iam:PassRole", "iam:PassedToService"), Support::Named);
    assert_eq!(support("iam:PassRole", "iam:PermissionsBoundary"), Support::No);
    assert_eq!(support("iam:CreateRole", "iam:PermissionsBoundary"), Support::Named);
    assert_eq!(support("sts:AssumeRole", "sts:ExternalId"), Support::Named);
    assert_eq!(support("sts:AssumeRoleWithSAML", "saml:sub"), Support::Named);
    assert_eq!(support("s3:GetObject", "s3:ExistingObjectTag/class"), Support::Named);
    assert_eq!(support("s3:GetObject", "s3:prefix"), Support::No);
    assert_eq!(support("s3:PutObject", "s3:x-amz-server-side-encryption-aws-kms-key-id"), Support::Named);
    assert_eq!(support("kms:CreateGrant", "kms:GrantIsForAWSResource"), Support::Named);
    assert_eq!(support("kms:Decrypt", "kms:ViaService"), Support::Named);
    assert_eq!(support("kms:Decrypt", "kms:EncryptionContext:aws:s3:arn"), Support::Named);
    // A new endpoint has no tags yet; the network that it stands in has.
    let endpoint = embedded().action("ec2:CreateVpcEndpoint").unwrap();
    let keys_of = |kind: &str| &endpoint.types.iter().find(|acted| acted.kind.name == kind).unwrap().keys;
    assert!(keys_of("vpc").iter().any(|key| &**key == "ec2:ResourceTag/*"));
    assert!(!keys_of("vpc-endpoint").iter().any(|key| &**key == "ec2:ResourceTag/*"));
    assert!(endpoint.all_keys().contains(&"ec2:VpceServiceName"));
}

#[test]
fn actions_act_on_kinds_of_resources() {
    let kinds = |action: &str| -> Vec<(&str, &str)> {
        let types = &embedded().action(action).unwrap().types;
        types.iter().map(|acted| (acted.kind.name, acted.kind.arn)).collect()
    };
    assert_eq!(
        kinds("sagemaker:StopNotebookInstance"),
        [(
            "notebook-instance",
            "arn:${Partition}:sagemaker:${Region}:${Account}:notebook-instance/${NotebookInstanceName}"
        )]
    );
    assert_eq!(kinds("ec2:DescribeVpcs"), []);
    assert_eq!(kinds("s3:ListAllMyBuckets"), []);
    assert!(kinds("s3:GetObject").contains(&("object", "arn:${Partition}:s3:::${BucketName}/${ObjectName}")));
    assert_eq!(embedded().action("s3:GetObject").unwrap().level, Level::Read);
    assert_eq!(embedded().action("iam:PutRolePolicy").unwrap().level, Level::Permissions);
    assert_eq!(embedded().action("ec2:CreateTags").unwrap().level, Level::Tagging);
    let object = embedded().service("s3").unwrap().types.iter().find(|kind| kind.name == "object").unwrap();
    let pattern = object.pattern().unwrap();
    assert!(pattern.matches("arn:aws:s3:::data/raw/a.csv").is_yes());
    assert!(!pattern.matches("arn:aws:s3:::data").is_yes());
}

/// Catalogue, section 9: SUB, SG, VOL, OUT, ICT, NI, TYP, and whether tags are taken.
const SECTION_9: &[(&str, &str)] = &[
    ("CreateNotebookInstance", "SUB SG VOL TYP TAGS"),
    ("UpdateNotebookInstance", "TYP"),
    ("CreateDomain", "SUB SG VOL TYP TAGS"),
    ("UpdateDomain", "SUB SG TYP"),
    ("CreateUserProfile", "SG TYP TAGS"),
    ("UpdateUserProfile", "SG TYP"),
    ("CreateSpace", "TYP TAGS"),
    ("UpdateSpace", "TYP"),
    ("CreateApp", "TYP TAGS"),
    ("CreateTrainingJob", "SUB SG VOL OUT ICT NI TYP TAGS"),
    ("UpdateTrainingJob", "TYP"),
    ("CreateHyperParameterTuningJob", "SUB SG VOL OUT ICT NI TYP TAGS"),
    ("CreateProcessingJob", "SUB SG VOL OUT ICT NI TYP TAGS"),
    ("CreateAutoMLJob", "SUB SG VOL OUT ICT TAGS"),
    ("CreateAutoMLJobV2", "SUB SG VOL OUT ICT TAGS"),
    ("CreateTransformJob", "VOL OUT TYP TAGS"),
    ("CreateCompilationJob", "TAGS"),
    ("CreateModel", "SUB SG NI TAGS"),
    ("CreateEndpointConfig", "SUB SG VOL NI TYP TAGS"),
    ("CreateEndpoint", "TAGS"),
    ("UpdateEndpoint", ""),
    ("CreateInferenceComponent", "TAGS"),
    ("CreateMonitoringSchedule", "SUB SG VOL OUT ICT NI TYP TAGS"),
    ("UpdateMonitoringSchedule", "SUB SG VOL OUT ICT NI TYP TAGS"),
    ("CreateDataQualityJobDefinition", "SUB SG VOL OUT ICT NI TYP TAGS"),
    ("CreateModelQualityJobDefinition", "SUB SG VOL OUT ICT NI TYP TAGS"),
    ("CreateModelBiasJobDefinition", "SUB SG VOL OUT ICT NI TYP TAGS"),
    ("CreateModelExplainabilityJobDefinition", "SUB SG VOL OUT ICT NI TYP TAGS"),
    ("CreateFeatureGroup", "TAGS"),
    ("CreateLabelingJob", "VOL OUT TAGS"),
    ("CreateCluster", "SUB SG TYP TAGS"),
    ("UpdateCluster", "SUB SG TYP"),
    ("CreateJob", "SUB SG OUT TAGS"),
    ("CreatePipeline", "TAGS"),
    ("CreateOptimizationJob", "TAGS"),
    ("CreateEdgePackagingJob", "TAGS"),
    ("CreateMlflowTrackingServer", "TAGS"),
    ("CreateMlflowApp", "TAGS"),
    ("CreatePresignedNotebookInstanceUrl", ""),
    ("CreatePresignedDomainUrl", ""),
];

/// The last column of the same table.
const SECTION_9_OTHERS: &[(&str, &[&str])] = &[
    ("CreateNotebookInstance", &["DirectInternetAccess", "RootAccess", "MinimumInstanceMetadataServiceVersion"]),
    ("CreateNotebookInstance", &["NotebookInstanceLifecycleConfigArns"]),
    ("UpdateNotebookInstance", &["RootAccess", "MinimumInstanceMetadataServiceVersion"]),
    ("UpdateNotebookInstance", &["NotebookInstanceLifecycleConfigArns"]),
    (
        "CreateDomain",
        &["AppNetworkAccessType", "DomainSharingOutputKmsKeyArn", "ImageArns", "StudioLifecycleConfigArns"],
    ),
    ("UpdateDomain", &["AppNetworkAccessType", "DomainSharingOutputKmsKeyArn"]),
    ("CreateUserProfile", &["DomainSharingOutputKmsKeyArn"]),
    ("UpdateUserProfile", &["DomainSharingOutputKmsKeyArn"]),
    ("CreateSpace", &["RemoteAccess", "SpaceSharingType", "OwnerUserProfileArn"]),
    ("UpdateSpace", &["RemoteAccess", "SpaceSharingType", "OwnerUserProfileArn"]),
    ("CreateApp", &["ImageArns", "SpaceSharingType", "OwnerUserProfileArn"]),
    ("CreateTrainingJob", &["EnableRemoteDebug", "FileSystemId", "MaxRuntimeInSeconds", "KeepAlivePeriod"]),
    ("UpdateTrainingJob", &["EnableRemoteDebug", "KeepAlivePeriod"]),
    ("CreateHyperParameterTuningJob", &["FileSystemId", "MaxRuntimeInSeconds"]),
    ("CreateProcessingJob", &["MaxRuntimeInSeconds"]),
    ("CreateTransformJob", &["ModelArn"]),
    ("CreateModel", &["DirectGatedModelAccess"]),
    ("CreateEndpointConfig", &["ModelArn", "ServerlessMaxConcurrency", "ServerlessMemorySize"]),
    ("CreateInferenceComponent", &["ModelArn"]),
    ("CreateMonitoringSchedule", &["MaxRuntimeInSeconds"]),
    ("UpdateMonitoringSchedule", &["MaxRuntimeInSeconds"]),
    ("CreateFeatureGroup", &["FeatureGroupOnlineStoreKmsKeyArn", "FeatureGroupOfflineStoreKmsKeyArn"]),
    ("CreateFeatureGroup", &["FeatureGroupOfflineStoreS3Uri", "FeatureGroupEnableOnlineStore"]),
    ("CreateLabelingJob", &["WorkteamArn", "WorkteamType"]),
];

const COLUMNS: &[(&str, &str)] = &[
    ("SUB", "sagemaker:VpcSubnets"),
    ("SG", "sagemaker:VpcSecurityGroupIds"),
    ("VOL", "sagemaker:VolumeKmsKeyArn"),
    ("OUT", "sagemaker:OutputKmsKeyArn"),
    ("ICT", "sagemaker:InterContainerTrafficEncryption"),
    ("NI", "sagemaker:NetworkIsolation"),
    ("TYP", "sagemaker:InstanceTypes"),
    ("TAGS", "aws:RequestTag/project"),
    ("TAGS", "aws:TagKeys"),
];

#[test]
fn every_tick_and_blank_of_the_catalogue_is_the_references() {
    let mut differences = Vec::new();
    for (name, ticks) in SECTION_9 {
        let action = embedded().action(&format!("sagemaker:{name}")).unwrap();
        for (column, key) in COLUMNS {
            let ticked = ticks.split(' ').any(|tick| tick == *column);
            if ticked != (action.support(key) == Support::Named) {
                differences.push(format!("{name} {key}: the catalogue has {ticked}"));
            }
        }
    }
    for (name, keys) in SECTION_9_OTHERS {
        let action = embedded().action(&format!("sagemaker:{name}")).unwrap();
        for key in *keys {
            if action.support(&format!("sagemaker:{key}")) != Support::Named {
                differences.push(format!("{name} sagemaker:{key}: not in the reference"));
            }
        }
    }
    assert_eq!(differences, Vec::<String>::new());
}

/// Catalogue, section 7: a service and its actions, by class.
const SECTION_7: &[(&str, &str)] = &[
    (
        "sagemaker",
        "StartNotebookInstance StopNotebookInstance CreatePresignedNotebookInstanceUrl CreatePresignedDomainUrl",
    ),
    ("sagemaker", "CreateNotebookInstance UpdateNotebookInstance DeleteNotebookInstance CreateDomain UpdateDomain"),
    ("sagemaker", "CreateNotebookInstanceLifecycleConfig UpdateNotebookInstanceLifecycleConfig DeleteDomain"),
    ("sagemaker", "CreateUserProfile UpdateUserProfile CreateStudioLifecycleConfig"),
    (
        "sagemaker",
        "CreateTrainingJob CreateProcessingJob CreateTransformJob CreateHyperParameterTuningJob CreateAutoMLJob",
    ),
    ("sagemaker", "CreateAutoMLJobV2 CreateJob CreateLabelingJob CreateCluster StartPipelineExecution"),
    ("sagemaker", "CreateModel DeleteModel CreateEndpointConfig CreateEndpoint UpdateEndpoint DeleteEndpoint"),
    ("sagemaker", "UpdateEndpointWeightsAndCapacities CreateInferenceComponent UpdateInferenceComponent"),
    ("sagemaker", "InvokeEndpoint InvokeEndpointAsync InvokeEndpointWithResponseStream"),
    ("s3", "GetObject PutObject DeleteObject"),
    ("iam", "PassRole"),
    ("sts", "AssumeRole"),
    (
        "iam",
        "CreateRole PutRolePolicy PutUserPolicy PutGroupPolicy AttachRolePolicy AttachUserPolicy AttachGroupPolicy",
    ),
    ("iam", "CreatePolicyVersion SetDefaultPolicyVersion UpdateAssumeRolePolicy CreateAccessKey CreateLoginProfile"),
    ("iam", "DeleteRolePermissionsBoundary DeleteUserPermissionsBoundary PutRolePermissionsBoundary"),
    ("iam", "PutUserPermissionsBoundary AddUserToGroup"),
    ("ec2", "CreateInternetGateway AttachInternetGateway CreateNatGateway CreateEgressOnlyInternetGateway CreateRoute"),
    ("ec2", "ReplaceRoute AssociateRouteTable CreateVpcPeeringConnection AcceptVpcPeeringConnection"),
    ("ec2", "CreateTransitGatewayVpcAttachment CreateVpcEndpoint ModifyVpcEndpoint DeleteVpcEndpoints"),
    ("ec2", "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress ModifyVpcAttribute"),
    ("ec2", "ModifyVpcBlockPublicAccessOptions DeleteFlowLogs"),
    ("kms", "PutKeyPolicy ScheduleKeyDeletion DisableKey DisableKeyRotation UpdateAlias DeleteAlias CreateGrant"),
    ("s3", "PutBucketPolicy DeleteBucketPolicy PutEncryptionConfiguration PutBucketPublicAccessBlock PutBucketAcl"),
    ("s3", "PutAccountPublicAccessBlock PutObjectAcl PutBucketOwnershipControls PutBucketVersioning DeleteBucket"),
    ("cloudtrail", "StopLogging DeleteTrail UpdateTrail PutEventSelectors"),
    ("logs", "DeleteLogGroup DeleteLogStream PutRetentionPolicy DeleteRetentionPolicy DisassociateKmsKey"),
    ("servicecatalog", "CreatePortfolio UpdatePortfolio DeletePortfolio CreateProduct UpdateProduct DeleteProduct"),
    ("servicecatalog", "CreateConstraint UpdateConstraint DeleteConstraint AssociatePrincipalWithPortfolio"),
    (
        "servicecatalog",
        "DisassociatePrincipalFromPortfolio AssociateProductWithPortfolio DisassociateProductFromPortfolio",
    ),
    // Sections 6 and 13: what carries a role further (IAM-11), and reads of hosting and of invocation.
    ("lambda", "CreateFunction UpdateFunctionCode"),
    ("ec2", "RunInstances CreateNetworkInterface CreateNetworkInterfacePermission"),
    ("glue", "CreateDevEndpoint CreateJob"),
    ("cloudformation", "CreateStack"),
    ("codebuild", "CreateProject"),
    ("states", "CreateStateMachine"),
    ("ecs", "RunTask"),
    ("sagemaker", "UpdatePipeline AddTags DeleteTags DescribeEndpoint"),
    ("ecr", "BatchGetImage"),
    ("logs", "PutLogEvents"),
];

#[test]
fn every_action_of_the_capability_classes_exists() {
    for (service, actions) in SECTION_7 {
        for action in actions.split(' ') {
            let name = format!("{service}:{action}");
            assert_eq!(embedded().action(&name).map(|found| found.name.as_str()), Some(name.as_str()));
        }
    }
    assert!(names("datapipeline:*").len() > 10);
}

#[test]
fn every_permission_that_a_read_needs_exists() {
    for source in plumbline_snapshot::sources() {
        for permission in source.permissions {
            assert!(embedded().action(permission).is_some(), "{permission}");
        }
    }
}
