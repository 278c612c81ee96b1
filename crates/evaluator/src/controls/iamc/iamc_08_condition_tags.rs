//! IAMC-08: tags gate who creates and who touches what.

use std::borrow::Cow;

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_policy::{Condition, KeyKind, Pattern, Variables, Wanted, same_key};
use plumbline_snapshot::iam;

use super::{Call, Gate, Key, each_call};
use crate::Control;
use crate::judge;
use crate::place::Place;
use crate::tables::tagging::{TAGGING, TAGGING_ACTION, creates, touches};
use crate::world::World;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS, &iam::POLICY, &iam::POLICY_VERSION],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAMC-08",
    name: "condition-tags",
    title: "Tags gate who creates and who touches what.",
    area: Area::Roles,
    severity: Severity::Medium,
    origin: Origin::Beyond,
    scope: "role × action",
    rationale: "Where projects share an account, the tag is all that keeps one from opening, changing or deleting what is the other's.",
    decided: "Each Allow that a bound role has of a create of NB_CREATE, JOB_SUBMIT or EP_CREATE must confine aws:RequestTag of `project_tag_key` to `project_tag_value`; of a SageMaker action that starts, stops, opens, updates or deletes what has tags, aws:ResourceTag or sagemaker:ResourceTag of that key; of AddTags and DeleteTags the same, or sagemaker:TaggingAction, which is there only while something is made. A tag of the caller's (`${aws:PrincipalTag/...}`) counts as the value. Without `project_tag_key` and `project_tag_value` there is nothing to judge.",
    remediation: "State StringEquals with the tag's key and the project's value in the Allow, and allow AddTags only under sagemaker:TaggingAction.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-3", "AC-16"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let Some(tag) = Tag::of(place) else {
        let subject = place.subject(place.resource(), None);
        return vec![judge::nothing(&INFO, subject, Reason::NotRequiredByBaseline)];
    };
    let actions = [creates(), touches(), &TAGGING].concat();
    each_call(&INFO, world, place, &actions, |say, call| {
        call.confined(say, &tag.gate(call));
        Ok(())
    })
}

/// The tag by which projects are told apart.
struct Tag<'a> {
    key: &'a str,
    value: &'a str,
}

impl<'a> Tag<'a> {
    /// The baseline's, if it names one.
    fn of(place: &Place<'a>) -> Option<Self> {
        place.environments.iter().find_map(|environment| {
            let (key, value) = (environment.project_tag_key.as_deref()?, environment.project_tag_value.as_deref()?);
            Some(Self { key, value })
        })
    }

    /// What a call must be confined to.
    fn gate(&self, call: &Call<'_, 'a>) -> Gate<'a> {
        if creates().contains(&call.action) {
            return Gate::new(vec![self.on("aws:RequestTag", call)], INFO.severity, "without the project's tag");
        }
        let mut keys = vec![self.on("aws:ResourceTag", call), self.on("sagemaker:ResourceTag", call)];
        if TAGGING.contains(&call.action) {
            keys.push(while_making());
        }
        Gate::new(keys, INFO.severity, "on what is not the project's")
    }

    /// The key of the tag where it stands, with the project's value.
    fn on(&self, prefix: &str, call: &Call<'_, 'a>) -> Key<'a> {
        let name = format!("{prefix}/{}", self.key);
        let project = Pattern::literal(self.value, Variables::Plain);
        let callers = conditions(call).filter(|condition| same_key(&condition.key, &name)).flat_map(tags_of_caller);
        let wanted = Wanted::patterns(std::iter::once(project).chain(callers));
        Key { name: Cow::Owned(name), kind: KeyKind::Single, wanted, values: self.value.to_owned(), unknown: None }
    }
}

/// The key that says what is being made, with whatever value: a request that has it tags nothing that was there before.
fn while_making<'a>() -> Key<'a> {
    let wanted = Wanted::values(creates()).among(creates().iter().copied());
    let values = "the action that makes it".to_owned();
    Key { name: Cow::Borrowed(TAGGING_ACTION), kind: KeyKind::Single, wanted, values, unknown: None }
}

/// All conditions of the role's policies and of its boundary.
fn conditions<'c>(call: &Call<'c, '_>) -> impl Iterator<Item = &'c Condition> {
    let held = call.powers.policies().iter().chain(call.powers.boundary());
    held.flat_map(|held| &held.document.statements).flat_map(|statement| &statement.conditions)
}

/// Those of a condition's values that are a tag of the caller's and nothing else.
fn tags_of_caller(condition: &Condition) -> impl Iterator<Item = Pattern> {
    let live = condition.values.iter().filter(|_| condition.variables == Variables::Live);
    live.filter(|value| is_tag_of_caller(value)).map(|value| Pattern::literal(value, Variables::Live))
}

fn is_tag_of_caller(value: &str) -> bool {
    const PREFIX: &str = "${aws:PrincipalTag/";
    let start = value.get(..PREFIX.len()).filter(|start| start.eq_ignore_ascii_case(PREFIX));
    let key = start.and_then(|_| value.get(PREFIX.len()..)?.strip_suffix('}'));
    // What follows a comma holds where the caller has no such tag.
    key.is_some_and(|key| !key.is_empty() && !key.contains(['$', '{', '}', ',']))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use plumbline_snapshot::iam;
    use plumbline_testkit::Env;
    use plumbline_testkit::iam::BOUNDARY;
    use serde_json::{Value, json};

    use super::{CONTROL, is_tag_of_caller};
    use crate::check::{blind_but, check, clean};
    use crate::controls::iamc::edits::{add, allow, allow_if, condition, deny, drop_key, training};

    const MADE: &str = "aws:RequestTag/ProjectName";
    const THERE: &str = "aws:ResourceTag/ProjectName";

    /// The tag on training jobs under another operator, with another value.
    fn made(env: &mut Env, operator: &str, value: Value) {
        training(env, |condition| {
            drop_key(condition, "StringEquals", MADE);
            condition[operator][MADE] = value;
        });
    }

    /// The condition on starting and stopping notebooks.
    fn start(env: &mut Env, wanted: Value) -> &mut Env {
        condition(env, "data_scientist", 0, |condition| *condition = wanted)
    }

    /// A role that may tag under this condition.
    fn tag(wanted: Value, expected: Expect) {
        check(
            &CONTROL,
            |env| {
                add(env, "training_execution", &[allow_if(&["sagemaker:*Tags"], wanted)]);
            },
            expected,
        );
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind_but(&CONTROL, &[&iam::POLICY, &iam::POLICY_VERSION]);
    }

    #[test]
    fn makes_what_has_no_tag() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| drop_key(condition, "StringEquals", MADE));
                condition(env, "notebook_creation", 0, |condition| drop_key(condition, "StringEquals", MADE));
                condition(env, "endpoint_creation", 2, |condition| *condition = json!({}));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-deploy-role-fraud-dev [sagemaker:CreateEndpoint]: `ds-deploy-role-fraud-dev` may call sagemaker:CreateEndpoint without the project's tag: statement 2 of `arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev` v1 allows it with any `aws:RequestTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev.PolicyDocument.Statement[2]: saw {"Effect":"Allow","Action":["sagemaker:CreateEndpoint"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:endpoint/*","arn:aws:sagemaker:eu-west-1:111122223333:endpoint-config/*"]}, wanted aws:RequestTag/ProjectName within fraud
                NON_COMPLIANT MEDIUM fraud-dev ds-sc-launch-role-fraud-dev [sagemaker:CreateNotebookInstance]: `ds-sc-launch-role-fraud-dev` may call sagemaker:CreateNotebookInstance without the project's tag: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev` v1 allows it with any `aws:RequestTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateNotebookInstance"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"],"Condition":{"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"sagemaker:DirectInternetAccess":["Disabled"],"sagemaker:RootAccess":["Disabled"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted aws:RequestTag/ProjectName within fraud
                NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob without the project's tag: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 allows it with any `aws:RequestTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted aws:RequestTag/ProjectName within fraud
            "#]],
        );
    }

    #[test]
    fn makes_what_has_another_tag() {
        check(
            &CONTROL,
            |env| made(env, "StringEquals", json!(["fraud", "risk"])),
            expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob without the project's tag: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 allows it with other values of `aws:RequestTag/ProjectName`.
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"aws:RequestTag/ProjectName":["fraud","risk"],"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted aws:RequestTag/ProjectName within fraud
        "#]],
        );
        check(
            &CONTROL,
            |env| made(env, "StringLike", json!("*")),
            expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob without the project's tag: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 allows it with other values of `aws:RequestTag/ProjectName`.
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]},"StringLike":{"aws:RequestTag/ProjectName":["*"]}}}, wanted aws:RequestTag/ProjectName within fraud
        "#]],
        );
    }

    #[test]
    fn shapes_that_do_not_confine_the_tag() {
        check(
            &CONTROL,
            |env| made(env, "Null", json!("false")),
            expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob without the project's tag: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 allows it with other values of `aws:RequestTag/ProjectName`.
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"aws:RequestTag/ProjectName":["false"],"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted aws:RequestTag/ProjectName within fraud
        "#]],
        );
        check(
            &CONTROL,
            |env| made(env, "StringEqualsIfExists", json!("fraud")),
            expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob without the project's tag: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 does not confine `aws:RequestTag/ProjectName`: an Allow with IfExists also grants without the key (ifexists_on_allow).
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]},"StringEqualsIfExists":{"aws:RequestTag/ProjectName":["fraud"]}}}, wanted aws:RequestTag/ProjectName within fraud
        "#]],
        );
        check(
            &CONTROL,
            |env| made(env, "ForAllValues:StringEquals", json!("fraud")),
            expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob without the project's tag: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 does not confine `aws:RequestTag/ProjectName`: ForAllValues is true without the key (vacuous_forallvalues).
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"aws:RequestTag/ProjectName":["fraud"],"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted aws:RequestTag/ProjectName within fraud
        "#]],
        );
    }

    #[test]
    fn pass_trap_the_keys_of_tags_alone() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| {
                    drop_key(condition, "StringEquals", MADE);
                    condition["ForAllValues:StringEquals"]["aws:TagKeys"] = json!(["ProjectName"]);
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob without the project's tag: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 allows it with any `aws:RequestTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"aws:TagKeys":["ProjectName"],"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted aws:RequestTag/ProjectName within fraud
            "#]],
        );
    }

    #[test]
    fn starts_opens_updates_and_deletes_what_is_not_the_projects() {
        check(
            &CONTROL,
            |env| {
                start(env, json!({"StringEquals": {THERE: "risk"}}));
                condition(env, "data_scientist", 1, |condition| drop_key(condition, "StringEquals", THERE));
                condition(env, "notebook_creation", 1, |condition| *condition = json!({}));
                condition(env, "endpoint_creation", 4, |condition| *condition = json!({}));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-deploy-role-fraud-dev [sagemaker:UpdateEndpoint]: `ds-deploy-role-fraud-dev` may call sagemaker:UpdateEndpoint on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:UpdateEndpoint","sagemaker:DescribeEndpoint"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:endpoint/*","arn:aws:sagemaker:eu-west-1:111122223333:endpoint-config/*"]}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud
                NON_COMPLIANT MEDIUM fraud-dev ds-sc-launch-role-fraud-dev [sagemaker:DeleteNotebookInstance]: `ds-sc-launch-role-fraud-dev` may call sagemaker:DeleteNotebookInstance on what is not the project's: statement 1 of `arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["sagemaker:DeleteNotebookInstance","sagemaker:DescribeNotebookInstance"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"]}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud
                NON_COMPLIANT MEDIUM fraud-dev ds-user-role-fraud-dev [sagemaker:CreatePresignedNotebookInstanceUrl]: `ds-user-role-fraud-dev` may call sagemaker:CreatePresignedNotebookInstanceUrl on what is not the project's: statement 1 of `arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["sagemaker:CreatePresignedNotebookInstanceUrl"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"],"Condition":{"StringEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00003","vpce-0b2c4d6e8f0a00007"]}}}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud
                NON_COMPLIANT MEDIUM fraud-dev ds-user-role-fraud-dev [sagemaker:StartNotebookInstance]: `ds-user-role-fraud-dev` may call sagemaker:StartNotebookInstance on what is not the project's: statement 0 of `arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev` v1 allows it with other values of `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName`.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:StartNotebookInstance","sagemaker:StopNotebookInstance"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"],"Condition":{"StringEquals":{"aws:ResourceTag/ProjectName":["risk"]}}}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud
                NON_COMPLIANT MEDIUM fraud-dev ds-user-role-fraud-dev [sagemaker:StopNotebookInstance]: `ds-user-role-fraud-dev` may call sagemaker:StopNotebookInstance on what is not the project's: statement 0 of `arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev` v1 allows it with other values of `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName`.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:StartNotebookInstance","sagemaker:StopNotebookInstance"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"],"Condition":{"StringEquals":{"aws:ResourceTag/ProjectName":["risk"]}}}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud
            "#]],
        );
    }

    #[test]
    fn stops_jobs_of_others() {
        check(
            &CONTROL,
            |env| {
                add(env, "training_execution", &[allow(&["sagemaker:Stop*Job"])]);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:StopAIBenchmarkJob]: `ds-training-role-fraud-dev` may call sagemaker:StopAIBenchmarkJob on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:Stop*Job"],"Resource":["*"]}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:StopAIRecommendationJob]: `ds-training-role-fraud-dev` may call sagemaker:StopAIRecommendationJob on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:Stop*Job"],"Resource":["*"]}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:StopAutoMLJob]: `ds-training-role-fraud-dev` may call sagemaker:StopAutoMLJob on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:Stop*Job"],"Resource":["*"]}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:StopCompilationJob]: `ds-training-role-fraud-dev` may call sagemaker:StopCompilationJob on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:Stop*Job"],"Resource":["*"]}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:StopEdgePackagingJob]: `ds-training-role-fraud-dev` may call sagemaker:StopEdgePackagingJob on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:Stop*Job"],"Resource":["*"]}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:StopHyperParameterTuningJob]: `ds-training-role-fraud-dev` may call sagemaker:StopHyperParameterTuningJob on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:Stop*Job"],"Resource":["*"]}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:StopInferenceRecommendationsJob]: `ds-training-role-fraud-dev` may call sagemaker:StopInferenceRecommendationsJob on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:Stop*Job"],"Resource":["*"]}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:StopJob]: `ds-training-role-fraud-dev` may call sagemaker:StopJob on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:Stop*Job"],"Resource":["*"]}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:StopLabelingJob]: `ds-training-role-fraud-dev` may call sagemaker:StopLabelingJob on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:Stop*Job"],"Resource":["*"]}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:StopOptimizationJob]: `ds-training-role-fraud-dev` may call sagemaker:StopOptimizationJob on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:Stop*Job"],"Resource":["*"]}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:StopProcessingJob]: `ds-training-role-fraud-dev` may call sagemaker:StopProcessingJob on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:Stop*Job"],"Resource":["*"]}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:StopTrainingJob]: `ds-training-role-fraud-dev` may call sagemaker:StopTrainingJob on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:Stop*Job"],"Resource":["*"]}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:StopTransformJob]: `ds-training-role-fraud-dev` may call sagemaker:StopTransformJob on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:Stop*Job"],"Resource":["*"]}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud
            "#]],
        );
    }

    #[test]
    fn sagemakers_own_key_counts_and_so_do_denies_and_the_boundary() {
        check(
            &CONTROL,
            |env| {
                start(env, json!({"StringEquals": {"sagemaker:ResourceTag/projectname": "fraud"}}));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                start(env, json!({}));
                add(env, "data_scientist", &[deny("sagemaker:St*", json!({"StringNotEquals": {THERE: "fraud"}}))]);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                start(env, json!({}));
                let document = json!({"Version": "2012-10-17", "Statement": [
                    allow_if(&["sagemaker:Start*", "sagemaker:Stop*"], json!({"StringEquals": {THERE: "fraud"}})),
                ]});
                let tight = "arn:aws:iam::111122223333:policy/tight";
                env.add_policy(plumbline_testkit::iam::plain_policy(tight, &document));
                env.set_boundary("data_scientist", Some(tight));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn pass_trap_free_tagging_undoes_the_gate() {
        tag(
            json!({}),
            expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:AddTags]: `ds-training-role-fraud-dev` may call sagemaker:AddTags on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or `sagemaker:TaggingAction` or none.
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:*Tags"],"Resource":["*"]}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud or sagemaker:TaggingAction within the action that makes it
            NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:DeleteTags]: `ds-training-role-fraud-dev` may call sagemaker:DeleteTags on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or `sagemaker:TaggingAction` or none.
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:*Tags"],"Resource":["*"]}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud or sagemaker:TaggingAction within the action that makes it
        "#]],
        );
        tag(
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["ProjectName"]}}),
            expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:AddTags]: `ds-training-role-fraud-dev` may call sagemaker:AddTags on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or `sagemaker:TaggingAction` or none.
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:*Tags"],"Resource":["*"],"Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["ProjectName"]}}}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud or sagemaker:TaggingAction within the action that makes it
            NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:DeleteTags]: `ds-training-role-fraud-dev` may call sagemaker:DeleteTags on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or `sagemaker:TaggingAction` or none.
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:*Tags"],"Resource":["*"],"Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["ProjectName"]}}}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud or sagemaker:TaggingAction within the action that makes it
        "#]],
        );
        tag(
            json!({"StringEqualsIfExists": {"sagemaker:TaggingAction": "CreateModel"}}),
            expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:AddTags]: `ds-training-role-fraud-dev` may call sagemaker:AddTags on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 does not confine `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or `sagemaker:TaggingAction`: an Allow with IfExists also grants without the key (ifexists_on_allow).
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:*Tags"],"Resource":["*"],"Condition":{"StringEqualsIfExists":{"sagemaker:TaggingAction":["CreateModel"]}}}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud or sagemaker:TaggingAction within the action that makes it
            NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:DeleteTags]: `ds-training-role-fraud-dev` may call sagemaker:DeleteTags on what is not the project's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 does not confine `aws:ResourceTag/ProjectName` or `sagemaker:ResourceTag/ProjectName` or `sagemaker:TaggingAction`: an Allow with IfExists also grants without the key (ifexists_on_allow).
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:*Tags"],"Resource":["*"],"Condition":{"StringEqualsIfExists":{"sagemaker:TaggingAction":["CreateModel"]}}}, wanted aws:ResourceTag/ProjectName within fraud or sagemaker:ResourceTag/ProjectName within fraud or sagemaker:TaggingAction within the action that makes it
        "#]],
        );
    }

    #[test]
    fn tagging_while_something_is_made_and_of_what_is_the_projects() {
        tag(
            json!({"StringEquals": {"sagemaker:TaggingAction": ["CreateModel", "CreateEndpoint"]}}),
            expect![[r#"
            COMPLIANT
        "#]],
        );
        tag(
            json!({"Null": {"sagemaker:TaggingAction": "false"}}),
            expect![[r#"
            COMPLIANT
        "#]],
        );
        tag(
            json!({"StringEquals": {THERE: "fraud"}}),
            expect![[r#"
            COMPLIANT
        "#]],
        );
        check(
            &CONTROL,
            |env| {
                let neither = json!({
                    "StringNotEquals": {THERE: "fraud"},
                    "Null": {"sagemaker:TaggingAction": "true"},
                });
                let tags = allow(&["sagemaker:AddTags", "sagemaker:DeleteTags"]);
                add(env, "training_execution", &[tags, deny("sagemaker:*Tags", neither)]);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn fail_trap_the_callers_tag() {
        check(
            &CONTROL,
            |env| made(env, "StringEquals", json!("${aws:PrincipalTag/ProjectName}")),
            expect![[r#"
            COMPLIANT
        "#]],
        );
        check(
            &CONTROL,
            |env| {
                start(env, json!({"StringLike": {THERE: ["fraud", "${AWS:principaltag/team}"]}}));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                start(env, json!({}));
                let other = json!({"StringNotEquals": {THERE: "${aws:PrincipalTag/ProjectName}"}});
                add(env, "data_scientist", &[deny("sagemaker:St*", other)]);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn variables_that_are_no_tag_of_the_caller() {
        check(
            &CONTROL,
            |env| made(env, "StringEquals", json!("${aws:username}")),
            expect![[r#"
            INSUFFICIENT_DATA undecidable_policy MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: Whether `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob without the project's tag by statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 hangs on a variable or an operator that is not known here.
        "#]],
        );
        // Under the old version of the language this is no variable.
        check(
            &CONTROL,
            |env| {
                made(env, "StringEquals", json!("${aws:PrincipalTag/ProjectName}"));
                env.permissions("notebook_execution", |document| document["Version"] = json!("2008-10-17"));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob without the project's tag: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 allows it with other values of `aws:RequestTag/ProjectName`.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"aws:RequestTag/ProjectName":["${aws:PrincipalTag/ProjectName}"],"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted aws:RequestTag/ProjectName within fraud
            "#]],
        );
    }

    #[test]
    fn which_values_are_a_tag_of_the_caller() {
        for value in ["${aws:PrincipalTag/x}", "${aws:principaltag/Cost Center}"] {
            assert!(is_tag_of_caller(value), "{value}");
        }
        for value in [
            "",
            "${aws:PrincipalTag/}",
            "${aws:PrincipalTag/x",
            "${aws:PrincipalTag/x, 'fraud'}",
            "${aws:PrincipalTag/x}-dev",
            "*${aws:PrincipalTag/x}",
            "${aws:PrincipalTag/x}${aws:username}",
            "${aws:PrincipalTäg/x}",
            "${aws:ResourceTag/x}",
        ] {
            assert!(!is_tag_of_caller(value), "{value}");
        }
    }

    /// What is said without these lines of the baseline.
    fn untagged(lines: &str, expected: Expect) {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline(lines, "");
                training(env, |condition| drop_key(condition, "StringEquals", MADE));
            },
            expected,
        );
    }

    #[test]
    fn the_baseline_names_no_tag() {
        untagged(
            "    project_tag_key: ProjectName\n    project_tag_value: fraud\n",
            expect![[r#"
            NOT_APPLICABLE not_required_by_baseline MEDIUM fraud-dev 111122223333: Nothing to judge: not required by baseline.
        "#]],
        );
        untagged(
            "    project_tag_value: fraud\n",
            expect![[r#"
            NOT_APPLICABLE not_required_by_baseline MEDIUM fraud-dev 111122223333: Nothing to judge: not required by baseline.
        "#]],
        );
        untagged(
            "    project_tag_key: ProjectName\n",
            expect![[r#"
            NOT_APPLICABLE not_required_by_baseline MEDIUM fraud-dev 111122223333: Nothing to judge: not required by baseline.
        "#]],
        );
    }

    #[test]
    fn nobody_may_do_anything_with_sagemaker() {
        check(
            &CONTROL,
            |env| {
                env.policy(BOUNDARY, |policy| {
                    let document = json!({"Version": "2012-10-17", "Statement": [allow(&["s3:*"])]});
                    policy.document = Some(plumbline_testkit::iam::encode(&document.to_string()).into());
                });
            },
            expect![[r#"
                NOT_APPLICABLE no_resources MEDIUM fraud-dev 111122223333: Nothing to judge: no resources.
            "#]],
        );
    }

    #[test]
    fn a_policy_that_cannot_be_read() {
        check(
            &CONTROL,
            |env| {
                env.role("training_execution", |role| {
                    role.inline.insert("odd".into(), "%7B".into());
                });
            },
            expect![[r#"
                INSUFFICIENT_DATA undecidable_policy MEDIUM fraud-dev ds-training-role-fraud-dev: The inline policy `odd` of `ds-training-role-fraud-dev` cannot be read: the document is not acceptable JSON: EOF while parsing an object at line 1 column 1.
            "#]],
        );
    }
}
