//! IAM-14: people and programs work only through roles: no IAM user has SageMaker or data access.

use plumbline_findings::{Area, Assessment, ControlInfo, Evidence, Maps, Origin, Severity};
use plumbline_policy::{CarveOuts, Confinement, KeyKind, Question, Wanted};
use plumbline_snapshot::iam::{self, User};

use super::{Offence, tell};
use crate::Control;
use crate::baseline::CapabilityClass;
use crate::judge::{self, Known, Say, few};
use crate::place::Place;
use crate::tables::classes::On;
use crate::world::World;
use crate::world::capabilities::{by_statement, unclear};
use crate::world::chains::ASSUME;
use crate::world::powers::Powers;
use crate::world::principals::Principal;
use crate::world::targets::Targets;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS, &iam::POLICY, &iam::POLICY_VERSION],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAM-14",
    name: "no-iam-users",
    title: "People and programs work only through roles: no IAM user has SageMaker or data access.",
    area: Area::Roles,
    severity: Severity::Medium,
    origin: Origin::Derived,
    scope: "env",
    rationale: "A user's keys live until somebody deletes them, and work from everywhere, outside the roles that keep tasks apart.",
    decided: "Of every IAM user that is not among `admin_principals`: what its own, its groups' and its attached policies let through, with boundary and Denies, conditions of an Allow left aside. It must be none of NB_USE, NB_CREATE, JOB_SUBMIT, EP_CREATE and EP_INVOKE, no DATA_RW on a data bucket, and no sts:AssumeRole on a bound role unless aws:MultiFactorAuthPresent confines it. Reading and listing SageMaker counts for nothing. Whether a user has access keys is not read.",
    remediation: "Delete the user, or take the permissions away, and let people federate into `data_scientist`.",
    maps: Maps { securityhub: &["IAM.2"], cis: &[], nist: &["AC-2", "IA-2"] },
};

/// What no user may do.
const CLASSES: [CapabilityClass; 6] = [
    CapabilityClass::NbUse,
    CapabilityClass::NbCreate,
    CapabilityClass::JobSubmit,
    CapabilityClass::EpCreate,
    CapabilityClass::EpInvoke,
    CapabilityClass::DataRw,
];

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    vec![judge::subject(&INFO, place.subject(place.resource(), None), |say| look(world, place, say))]
}

fn look<'a>(world: &World<'a>, place: &Place<'a>, say: &mut Say<'a>) -> Known<'a, ()> {
    let targets = world.targets(place);
    let mut offenders: Vec<Offence> = Vec::new();
    for user in say.listing(&world.snapshot.iam.users) {
        if place.is_admin(&user.arn) {
            continue;
        }
        if let Some(powers) = say.see(world.powers_of(Principal::User(user))) {
            offenders.extend(offence(user, &powers, &targets, say));
        }
    }
    tell(say, "users", offenders);
    Ok(())
}

/// What a user may do and should not.
fn offence<'a>(user: &'a User, powers: &Powers, targets: &Targets<'a>, say: &mut Say<'a>) -> Option<Offence> {
    let who = format!("the user `{}`", user.name);
    let mut parts: Vec<(String, Evidence)> = Vec::new();
    for class in CLASSES {
        let holdings = say.set(powers.held(class, targets, &[]));
        for statement in by_statement(holdings) {
            let words = format!("{} ({}) by {}", statement.deeds(), class.as_str(), statement.power.words());
            parts.push((words, statement.evidence_for(&who)));
        }
    }
    parts.extend(assumes(&who, powers, targets, say));
    let words = few(", ", parts.iter().map(|(words, _)| words));
    let evidence: Vec<Evidence> = parts.into_iter().map(|(_, evidence)| evidence).collect();
    (!evidence.is_empty()).then(|| (format!("{who} may {words}"), evidence))
}

/// Each Allow by which a user becomes a bound role without a second factor.
fn assumes<'a>(who: &str, powers: &Powers, targets: &Targets<'a>, say: &mut Say<'a>) -> Vec<(String, Evidence)> {
    if powers.may(ASSUME, targets.widest(On::Roles)).is_empty() {
        return Vec::new();
    }
    // "Secure API access with MFA": IAM User Guide.
    let wanted = Wanted::yes();
    let question = Question {
        key: "aws:MultiFactorAuthPresent",
        kind: KeyKind::Boolean,
        wanted: &wanted,
        carve_outs: CarveOuts::NONE,
    };
    let roles = targets.of(On::Roles).map(|roles| say.set(roles.clone())).unwrap_or_default();
    let mut found: Vec<(String, Evidence, Vec<String>)> = Vec::new();
    for role in roles {
        for (power, confinement) in powers.gated(ASSUME, &role.pattern, &question) {
            match confinement {
                Confinement::Confined => continue,
                Confinement::Undecidable => {
                    say.unknown(unclear(ASSUME, &power));
                    continue;
                }
                Confinement::PresenceOnly | Confinement::Open { .. } if power.sure.is_yes() => {}
                Confinement::PresenceOnly | Confinement::Open { .. } => {
                    say.unknown(unclear(ASSUME, &power));
                    continue;
                }
            }
            let words = power.words();
            match found.iter_mut().find(|(known, ..)| *known == words) {
                Some((_, _, names)) => names.push(role.name.clone()),
                None => {
                    let wanted = format!("no Allow of {ASSUME} without Bool aws:MultiFactorAuthPresent true for {who}");
                    let evidence = power.evidence(&wanted);
                    found.push((words, evidence, vec![role.name.clone()]));
                }
            }
        }
    }
    let told = |(words, evidence, names): (String, Evidence, Vec<String>)| {
        (format!("{ASSUME} on {} without a second factor by {words}", few(", ", names)), evidence)
    };
    found.into_iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::iam::{ACCOUNT_AUTHORIZATION_DETAILS, POLICY, POLICY_VERSION, User};
    use plumbline_snapshot::{Gap, Why};
    use plumbline_testkit::iam::*;
    use plumbline_testkit::s3::BUCKET_DATA;
    use serde_json::{Value, json};

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    const ANA: &str = "arn:aws:iam::111122223333:user/ana";

    fn allow(action: Value, resource: Value) -> Value {
        json!({"Effect": "Allow", "Action": action, "Resource": resource})
    }

    fn ana(statements: &[Value]) -> User {
        let policy = json!({"Version": "2012-10-17", "Statement": statements});
        let inline = [("own".into(), encode(&policy.to_string()).into())].into_iter().collect();
        User { inline, ..plain_user(ANA) }
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind_but(&CONTROL, &[&POLICY, &POLICY_VERSION]);
    }

    #[test]
    fn a_user_may_do_what_each_class_says() {
        let deeds = [
            ("sagemaker:StartNotebookInstance", json!("*")),
            ("sagemaker:CreateDomain", json!("*")),
            ("sagemaker:CreateTrainingJob", json!("*")),
            ("sagemaker:UpdateEndpoint", json!("*")),
            ("sagemaker:InvokeEndpoint", json!("arn:aws:sagemaker:*:*:endpoint/scoring")),
            ("s3:GetObject", json!(format!("arn:aws:s3:::{BUCKET_DATA}/*"))),
        ];
        check(
            &CONTROL,
            |env| {
                env.add_user(ana(&deeds.map(|(action, resource)| allow(json!(action), resource))));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev 111122223333: The user `ana` may sagemaker:StartNotebookInstance (NB_USE) by statement 0 of the inline policy `own` of `ana`, sagemaker:CreateDomain (NB_CREATE) by statement 1 of the inline policy `own` of `ana`, sagemaker:CreateTrainingJob (JOB_SUBMIT) by statement 2 of the inline policy `own` of `ana` and 3 more.
                  iam:GetAccountAuthorizationDetails ana.UserPolicyList[own].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:StartNotebookInstance"],"Resource":["*"]}, wanted no Allow of sagemaker:StartNotebookInstance for the user `ana`
                  iam:GetAccountAuthorizationDetails ana.UserPolicyList[own].PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["sagemaker:CreateDomain"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateDomain for the user `ana`
                  iam:GetAccountAuthorizationDetails ana.UserPolicyList[own].PolicyDocument.Statement[2]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateTrainingJob for the user `ana`
                  iam:GetAccountAuthorizationDetails ana.UserPolicyList[own].PolicyDocument.Statement[3]: saw {"Effect":"Allow","Action":["sagemaker:UpdateEndpoint"],"Resource":["*"]}, wanted no Allow of sagemaker:UpdateEndpoint for the user `ana`
                  iam:GetAccountAuthorizationDetails ana.UserPolicyList[own].PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:InvokeEndpoint"],"Resource":["arn:aws:sagemaker:*:*:endpoint/scoring"]}, wanted no Allow of sagemaker:InvokeEndpoint for the user `ana`
                  iam:GetAccountAuthorizationDetails ana.UserPolicyList[own].PolicyDocument.Statement[5]: saw {"Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::ds-data-fraud-dev-7f3a/*"]}, wanted no Allow of s3:GetObject on arn:aws:s3:::ds-data-fraud-dev-7f3a for the user `ana`
            "#]],
        );
    }

    #[test]
    fn pass_trap_what_a_group_gives() {
        check(
            &CONTROL,
            |env| {
                env.user_group(AUDITORS, |group| group.attached = vec![ADMINISTRATOR.into()]);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev 111122223333: The user `auditor` may sagemaker:StartNotebookInstance, sagemaker:StopNotebookInstance, sagemaker:CreatePresignedNotebookInstanceUrl and 1 more (NB_USE) by statement 0 of `arn:aws:iam::aws:policy/AdministratorAccess` v1, sagemaker:CreateNotebookInstance, sagemaker:UpdateNotebookInstance, sagemaker:DeleteNotebookInstance and 8 more (NB_CREATE) by statement 0 of `arn:aws:iam::aws:policy/AdministratorAccess` v1, sagemaker:CreateTrainingJob, sagemaker:CreateProcessingJob, sagemaker:CreateTransformJob and 7 more (JOB_SUBMIT) by statement 0 of `arn:aws:iam::aws:policy/AdministratorAccess` v1 and 4 more.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::aws:policy/AdministratorAccess.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of sagemaker:StartNotebookInstance, sagemaker:StopNotebookInstance, sagemaker:CreatePresignedNotebookInstanceUrl, sagemaker:CreatePresignedDomainUrl for the user `auditor`
                  iam:GetAccountAuthorizationDetails arn:aws:iam::aws:policy/AdministratorAccess.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateNotebookInstance, sagemaker:UpdateNotebookInstance, sagemaker:DeleteNotebookInstance, sagemaker:CreateNotebookInstanceLifecycleConfig, sagemaker:UpdateNotebookInstanceLifecycleConfig, sagemaker:CreateDomain, sagemaker:UpdateDomain, sagemaker:DeleteDomain, sagemaker:CreateUserProfile, sagemaker:UpdateUserProfile, sagemaker:CreateStudioLifecycleConfig for the user `auditor`
                  iam:GetAccountAuthorizationDetails arn:aws:iam::aws:policy/AdministratorAccess.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateTrainingJob, sagemaker:CreateProcessingJob, sagemaker:CreateTransformJob, sagemaker:CreateHyperParameterTuningJob, sagemaker:CreateAutoMLJob, sagemaker:CreateAutoMLJobV2, sagemaker:CreateJob, sagemaker:CreateLabelingJob, sagemaker:CreateCluster, sagemaker:StartPipelineExecution for the user `auditor`
                  iam:GetAccountAuthorizationDetails arn:aws:iam::aws:policy/AdministratorAccess.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateEndpointConfig, sagemaker:CreateEndpoint, sagemaker:UpdateEndpoint, sagemaker:DeleteEndpoint, sagemaker:UpdateEndpointWeightsAndCapacities, sagemaker:CreateInferenceComponent, sagemaker:UpdateInferenceComponent for the user `auditor`
                  iam:GetAccountAuthorizationDetails arn:aws:iam::aws:policy/AdministratorAccess.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of sagemaker:InvokeEndpoint, sagemaker:InvokeEndpointAsync, sagemaker:InvokeEndpointWithResponseStream for the user `auditor`
                  iam:GetAccountAuthorizationDetails arn:aws:iam::aws:policy/AdministratorAccess.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of s3:GetObject, s3:PutObject, s3:DeleteObject on arn:aws:s3:::ds-data-lake-7f3a, arn:aws:s3:::ds-data-fraud-dev-7f3a, arn:aws:s3:::ds-model-fraud-dev-7f3a for the user `auditor`
                  iam:GetAccountAuthorizationDetails arn:aws:iam::aws:policy/AdministratorAccess.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of sts:AssumeRole without Bool aws:MultiFactorAuthPresent true for the user `auditor`
            "#]],
        );
    }

    #[test]
    fn fail_trap_who_only_looks() {
        check(
            &CONTROL,
            |env| {
                env.add_user(ana(&[
                    allow(json!(["sagemaker:List*", "sagemaker:Describe*", "s3:List*"]), json!("*")),
                    allow(json!("s3:*"), json!(["arn:aws:s3:::a-web-site", "arn:aws:s3:::a-web-site/*"])),
                ]));
            },
            expect![["COMPLIANT\n"]],
        );
    }

    #[test]
    fn what_takes_it_back_and_who_is_an_administrator() {
        check(
            &CONTROL,
            |env| {
                env.add_user(ana(&[
                    allow(json!("*"), json!("*")),
                    json!({"Effect": "Deny", "NotAction": ["ec2:*", "sagemaker:List*"], "Resource": "*"}),
                ]));
            },
            expect![["COMPLIANT\n"]],
        );
        check(
            &CONTROL,
            |env| {
                env.add_user(ana(&[allow(json!("*"), json!("*"))]));
                env.replace_baseline("role/platform-admin", "user/a*");
            },
            expect![["COMPLIANT\n"]],
        );
    }

    #[test]
    fn a_bound_role_is_assumed_with_a_second_factor_or_not_at_all() {
        let assume = |condition: Value| {
            let mut statement = allow(json!("sts:AssumeRole"), json!(DATA_SCIENTIST));
            statement["Condition"] = condition;
            statement
        };
        check(
            &CONTROL,
            |env| {
                env.add_user(ana(&[assume(json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}))]));
            },
            expect![["COMPLIANT\n"]],
        );
        check(
            &CONTROL,
            |env| {
                env.add_user(ana(&[assume(json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}))]));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev 111122223333: The user `ana` may sts:AssumeRole on arn:aws:iam::111122223333:role/ds-user-role-fraud-dev without a second factor by statement 0 of the inline policy `own` of `ana`.
                  iam:GetAccountAuthorizationDetails ana.UserPolicyList[own].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sts:AssumeRole"],"Resource":["arn:aws:iam::111122223333:role/ds-user-role-fraud-dev"],"Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":["true"]}}}, wanted no Allow of sts:AssumeRole without Bool aws:MultiFactorAuthPresent true for the user `ana`
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.add_user(ana(&[allow(json!("sts:*"), json!("arn:aws:iam::111122223333:role/*"))]));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev 111122223333: The user `ana` may sts:AssumeRole on arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev, arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev, arn:aws:iam::111122223333:role/ds-sc-launch-role-fraud-dev and 5 more without a second factor by statement 0 of the inline policy `own` of `ana`.
                  iam:GetAccountAuthorizationDetails ana.UserPolicyList[own].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sts:*"],"Resource":["arn:aws:iam::111122223333:role/*"]}, wanted no Allow of sts:AssumeRole without Bool aws:MultiFactorAuthPresent true for the user `ana`
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.add_user(ana(&[allow(json!("sts:AssumeRole"), json!(PLATFORM_ADMIN))]));
            },
            expect![["COMPLIANT\n"]],
        );
    }

    #[test]
    fn a_listing_that_was_cut_and_a_group_that_is_not_there() {
        let cut = || Gap::of(&ACCOUNT_AUTHORIZATION_DETAILS, Why::Truncated, "cut");
        check(
            &CONTROL,
            |env| {
                env.snapshot.iam.users.stop(cut(), None);
            },
            expect![[r#"
                INSUFFICIENT_DATA truncated MEDIUM fraud-dev 111122223333: iam:GetAccountAuthorizationDetails was not seen: truncated, cut.
                  iam:GetAccountAuthorizationDetails not seen: truncated
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.snapshot.iam.groups = plumbline_snapshot::Collected::empty();
            },
            expect![[r#"
                INSUFFICIENT_DATA api_error MEDIUM fraud-dev 111122223333: The user `auditor` is in the group `auditors`, which IAM does not list.
            "#]],
        );
    }
}
