//! An account of many roles, made up: roles of the seven kinds and others, each with a trust and an inline policy of its own,
//! managed policies and boundaries that many share, and a few mistakes.

use plumbline_snapshot::iam::Role;
use plumbline_testkit::iam::{ADMINISTRATOR, encode, plain_policy, plain_role};
use plumbline_testkit::{ACCOUNT, Env, known_good};
use serde_json::{Value, json};

/// Kinds of roles with the folder of each and how many of a hundred there are.
const KINDS: &[(&str, &str, usize)] = &[
    ("data_scientist", "user", 20),
    ("notebook_creation", "launch", 2),
    ("notebook_execution", "notebook", 36),
    ("training_execution", "training", 16),
    ("endpoint_creation", "deploy", 6),
    ("endpoint_hosting", "hosting", 8),
    ("endpoint_invocation", "caller", 3),
    ("", "other", 9),
];
/// How many projects share the account.
const PROJECTS: usize = 80;
/// How many variants of a managed policy there are.
const VARIANTS: usize = 8;
/// One role in so many has a mistake.
const MISTAKEN: u64 = 60;

/// Numbers that are the same in each run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.next().is_multiple_of(count)
    }
}

/// The known-good environment, its bindings by folder, with so many roles in all.
pub(crate) fn account(roles: usize) -> Env {
    let mut env = known_good();
    for (kind, folder, _) in KINDS.iter().filter(|(kind, ..)| !kind.is_empty()) {
        bind(&mut env, kind, folder);
    }
    for variant in 0..VARIANTS {
        for (kind, folder, _) in KINDS {
            let arn = managed(folder, variant);
            env.add_policy(plain_policy(&arn, &document(permissions(kind, &format!("g{variant}")))));
        }
        env.add_policy(plain_policy(&managed("base", variant), &document(base(variant))));
        env.add_policy(plain_policy(&boundary(variant), &document(limits(variant))));
    }
    let missing = roles.saturating_sub(env.snapshot.iam.roles.len());
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let made: Vec<Role> = (0..missing).map(|number| role(number, &mut dice)).collect();
    env.iam().roles.add(made.into_iter().map(|role| (role.arn.clone(), role)));
    env
}

/// Binds a kind to its folder alone.
fn bind(env: &mut Env, kind: &str, folder: &str) {
    let head = format!("      {kind}:\n        bind: ");
    let text = env.baseline.clone();
    if let Some((before, after)) = text.split_once(&head) {
        let rest = after.split_once('\n').map_or("", |(_, rest)| rest);
        env.baseline =
            format!("{before}{head}{{arn_patterns: [\"arn:aws:iam::{{account}}:role/ml/{folder}/*\"]}}\n{rest}");
    }
}

fn managed(folder: &str, variant: usize) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/ml/{folder}-{variant}")
}

fn boundary(variant: usize) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/ml/boundary-{variant}")
}

fn role_of(folder: &str, project: &str, number: usize) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/ml/{folder}/{project}-{folder}-{number}")
}

fn document(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn allow(actions: &[&str], resources: &[String], condition: Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resources, "Condition": condition})
}

fn role(number: usize, dice: &mut Dice) -> Role {
    let mut place = number % 100;
    let mut chosen = ("", "other");
    for (kind, folder, share) in KINDS {
        if place < *share {
            chosen = (kind, folder);
            break;
        }
        place -= share;
    }
    let (kind, folder) = chosen;
    let project = format!("p{}", number % PROJECTS);
    let arn = role_of(folder, &project, number);
    let mut role = plain_role(&arn, &trust(kind, &project, number, dice));
    let variant = number / 100 % VARIANTS;
    role.attached = vec![managed("base", variant).into(), managed(folder, variant).into()];
    role.boundary = (!dice.one_in(50)).then(|| boundary(variant).into());
    let mut inline = |name: &str, statements: Vec<Value>| {
        role.inline.insert(name.into(), encode(&document(statements).to_string()).into());
    };
    inline("own", permissions(kind, &format!("{project}-{number}")));
    if dice.one_in(3) {
        inline("shared", shared(&project, number));
    }
    if dice.one_in(MISTAKEN) {
        inline("temporary", vec![mistake(dice)]);
        if dice.one_in(2) {
            role.boundary = None;
        }
    }
    if kind.is_empty() && dice.one_in(40) {
        role.attached = vec![ADMINISTRATOR.into()];
        role.boundary = None;
    }
    role
}

/// Whom a role of a kind lets in.
fn trust(kind: &str, project: &str, number: usize, dice: &mut Dice) -> Value {
    let assume = |principal: Value, condition: Value| json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition});
    let from = |service: &str, source: String| {
        let condition = json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnLike": {"aws:SourceArn": source}});
        assume(json!({"Service": service}), condition)
    };
    let source =
        |service: &str, kind: &str| format!("arn:aws:{service}:eu-west-1:{ACCOUNT}:{kind}/{project}-{number}-*");
    let own = match kind {
        "data_scientist" => json!({
            "Effect": "Allow",
            "Principal": {"Federated": format!("arn:aws:iam::{ACCOUNT}:saml-provider/corp")},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml", "SAML:sub": format!("u{number}")}},
        }),
        "notebook_creation" => from("servicecatalog.amazonaws.com", source("servicecatalog", "stack")),
        "notebook_execution" => from("sagemaker.amazonaws.com", source("sagemaker", "notebook-instance")),
        "training_execution" => from("sagemaker.amazonaws.com", source("sagemaker", "training-job")),
        "endpoint_creation" => from("codebuild.amazonaws.com", source("codebuild", "project")),
        "endpoint_hosting" => from("sagemaker.amazonaws.com", source("sagemaker", "model")),
        "endpoint_invocation" => from("ecs-tasks.amazonaws.com", source("ecs", "task")),
        _ if dice.one_in(3) => from("lambda.amazonaws.com", source("lambda", "function")),
        _ if dice.one_in(4) => {
            assume(json!({"AWS": role_of("other", &format!("p{}", (number - 7) % PROJECTS), number - 7)}), json!({}))
        }
        _ => from("ec2.amazonaws.com", source("ec2", "instance")),
    };
    let mut statements = vec![own];
    if dice.one_in(200) {
        let condition = json!({"StringEquals": {"sts:ExternalId": format!("break-glass-{number}")}});
        statements.push(assume(json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}), condition));
    }
    document(statements)
}

/// What a kind of role does, on what carries the name.
fn permissions(kind: &str, name: &str) -> Vec<Value> {
    let on = |kind: &str| vec![format!("arn:aws:sagemaker:eu-west-1:{ACCOUNT}:{kind}/{name}-*")];
    let objects = |bucket: &str| vec![format!("arn:aws:s3:::{bucket}/{name}/*")];
    let tagged = json!({"StringEquals": {"aws:ResourceTag/Owner": name}});
    let network = json!({
        "ForAllValues:StringEquals": {"sagemaker:VpcSubnets": ["subnet-0a1", "subnet-0b2"]},
        "Null": {"sagemaker:VpcSubnets": "false"},
    });
    let pass = |folder: &str| {
        let to = json!({"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}});
        let project = name.split('-').next().unwrap_or(name);
        allow(&["iam:PassRole"], &[format!("arn:aws:iam::{ACCOUNT}:role/ml/{folder}/{project}-*")], to)
    };
    let keys = [format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/1111aaaa-22bb-33cc-44dd-{name}")];
    match kind {
        "data_scientist" => vec![
            allow(
                &["sagemaker:StartNotebookInstance", "sagemaker:StopNotebookInstance"],
                &on("notebook-instance"),
                tagged.clone(),
            ),
            allow(&["sagemaker:CreatePresignedNotebookInstanceUrl"], &on("notebook-instance"), tagged),
            allow(&["sagemaker:CreatePresignedDomainUrl"], &on("user-profile"), json!({})),
        ],
        "notebook_creation" => vec![
            allow(&["sagemaker:CreateNotebookInstance"], &on("notebook-instance"), network),
            allow(
                &["sagemaker:DeleteNotebookInstance", "sagemaker:UpdateNotebookInstance"],
                &on("notebook-instance"),
                tagged,
            ),
            allow(&["kms:CreateGrant"], &keys, json!({"Bool": {"kms:GrantIsForAWSResource": "true"}})),
            pass("notebook"),
        ],
        "notebook_execution" => vec![
            allow(&["sagemaker:CreateTrainingJob"], &on("training-job"), network.clone()),
            allow(&["sagemaker:CreateProcessingJob", "sagemaker:StopProcessingJob"], &on("processing-job"), network),
            allow(&["s3:GetObject", "s3:PutObject"], &objects("ds-data-lake-7f3a"), json!({})),
            allow(&["kms:Decrypt", "kms:GenerateDataKey"], &keys, json!({})),
            pass("training"),
        ],
        "training_execution" => vec![
            allow(&["s3:GetObject", "s3:PutObject"], &objects("ds-data-fraud-dev-7f3a"), json!({})),
            allow(
                &["s3:ListBucket"],
                &["arn:aws:s3:::ds-data-fraud-dev-7f3a".to_owned()],
                json!({"StringLike": {"s3:prefix": format!("{name}/*")}}),
            ),
            allow(&["kms:Decrypt", "kms:GenerateDataKey"], &keys, json!({})),
        ],
        "endpoint_creation" => vec![
            allow(&["sagemaker:CreateModel"], &on("model"), network),
            allow(&["sagemaker:CreateEndpointConfig"], &on("endpoint-config"), json!({})),
            allow(&["sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"], &on("endpoint"), tagged),
            pass("hosting"),
        ],
        "endpoint_hosting" => vec![
            allow(&["s3:GetObject"], &objects("ds-model-fraud-dev-7f3a"), json!({})),
            allow(&["kms:Decrypt"], &keys, json!({})),
        ],
        "endpoint_invocation" => vec![allow(&["sagemaker:InvokeEndpoint"], &on("endpoint"), json!({}))],
        _ => vec![
            allow(
                &["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
                &[format!("arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/{name}")],
                json!({}),
            ),
            allow(
                &["sqs:SendMessage", "sqs:ReceiveMessage"],
                &[format!("arn:aws:sqs:eu-west-1:{ACCOUNT}:{name}-*")],
                json!({}),
            ),
            allow(&["sts:AssumeRole"], &[role_of("other", name.split('-').next().unwrap_or(name), 1)], json!({})),
        ],
    }
}

/// What every role has.
fn base(variant: usize) -> Vec<Value> {
    let streams = format!("arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/sagemaker/*");
    vec![
        allow(&["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"], &[streams], json!({})),
        allow(
            &["ecr:GetAuthorizationToken", "ecr:BatchGetImage", "cloudwatch:PutMetricData"],
            &["*".to_owned()],
            json!({}),
        ),
        allow(&["ec2:Describe*", "sagemaker:Describe*", "sagemaker:List*"], &["*".to_owned()], json!({})),
        json!({"Effect": "Deny", "Action": "s3:*", "NotResource": ["arn:aws:s3:::ds-*", format!("arn:aws:s3:::g{variant}-*")]}),
    ]
}

/// What some have beside.
fn shared(project: &str, number: usize) -> Vec<Value> {
    let tables = vec![
        format!("arn:aws:glue:eu-west-1:{ACCOUNT}:catalog"),
        format!("arn:aws:glue:eu-west-1:{ACCOUNT}:table/{project}/*"),
    ];
    vec![
        allow(&["glue:GetTable", "glue:GetPartitions", "glue:GetDatabase"], &tables, json!({})),
        allow(
            &["athena:StartQueryExecution", "athena:GetQuery*"],
            &[format!("arn:aws:athena:eu-west-1:{ACCOUNT}:workgroup/{project}")],
            json!({}),
        ),
        allow(&["s3:GetObject"], &[format!("arn:aws:s3:::ds-shared-{project}/results/{number}/*")], json!({})),
        json!({"Effect": "Deny", "Action": ["s3:*"], "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
    ]
}

/// What any role may do at most. The last variant is a list of what is denied only.
fn limits(variant: usize) -> Vec<Value> {
    let everything = ["*".to_owned()];
    let services = [
        "ec2:Describe*",
        "ecr:*",
        "iam:PassRole",
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:GenerateDataKey*",
        "logs:*",
        "s3:*",
        "sagemaker:*",
        "servicecatalog:*",
        "glue:Get*",
        "athena:*",
        "dynamodb:*",
        "sqs:*",
        "sts:AssumeRole",
        "cloudwatch:*",
    ];
    let own = if variant + 1 == VARIANTS {
        allow(&["*"], &everything, json!({}))
    } else {
        allow(&services, &everything, json!({}))
    };
    vec![
        own,
        json!({"Effect": "Deny", "Action": ["organizations:*", "account:*", "logs:Delete*", "cloudtrail:*"], "Resource": "*"}),
        json!({"Effect": "Deny", "Action": ["s3:PutBucketPolicy", "s3:DeleteBucket*", "iam:Delete*Boundary"], "Resource": "*"}),
    ]
}

/// Something that a role should not have.
fn mistake(dice: &mut Dice) -> Value {
    let everything = ["*".to_owned()];
    match dice.next() % 8 {
        0 => allow(&["s3:*"], &everything, json!({})),
        1 => allow(&["iam:PassRole"], &everything, json!({})),
        2 => allow(
            &["iam:PutRolePolicy", "iam:AttachRolePolicy"],
            &[format!("arn:aws:iam::{ACCOUNT}:role/ml/*")],
            json!({}),
        ),
        3 => json!({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}),
        4 => allow(&["sts:AssumeRole"], &everything, json!({})),
        5 => allow(&["sagemaker:*"], &everything, json!({})),
        6 => allow(&["kms:*", "lambda:*"], &everything, json!({})),
        _ => allow(&["iam:CreatePolicyVersion", "lambda:CreateFunction"], &everything, json!({})),
    }
}
