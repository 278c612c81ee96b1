//! IAMC-05: creating notebooks and domains is confined to private, non-root settings.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::iam;

use super::{Gate, Key, each_call};
use crate::Control;
use crate::place::Place;
use crate::tables::condition_keys::{APP_NETWORK, DIRECT_INTERNET, ROOT_ACCESS, supporting, supports};
use crate::world::World;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS, &iam::POLICY, &iam::POLICY_VERSION],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAMC-05",
    name: "condition-private-notebooks",
    title: "Creating notebooks and domains is confined to private, non-root settings.",
    area: Area::Roles,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "role × action",
    rationale: "Notebooks have direct internet access and root unless it is switched off, and domains the public internet: who may create them otherwise opens the environment.",
    decided: "Each Allow that a bound role has must confine sagemaker:DirectInternetAccess to Disabled for CreateNotebookInstance, sagemaker:RootAccess to Disabled (MEDIUM) for it and for UpdateNotebookInstance, and sagemaker:AppNetworkAccessType to VpcOnly for CreateDomain and UpdateDomain.",
    remediation: "State StringEquals with these values in the Allow, or deny StringNotEquals.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-3", "AC-6"] },
};

/// The settings: the key, its wanted value, the other one, how bad an escape is and what it is.
const SETTINGS: [(&str, &str, &str, Severity, &str); 3] = [
    (DIRECT_INTERNET, "Disabled", "Enabled", Severity::High, "with direct internet access"),
    (ROOT_ACCESS, "Disabled", "Enabled", Severity::Medium, "with root access"),
    (APP_NETWORK, "VpcOnly", "PublicInternetOnly", Severity::High, "with the public internet"),
];

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let actions: Vec<_> = supporting(&[ROOT_ACCESS]).chain(supporting(&[APP_NETWORK])).collect();
    each_call(&INFO, world, place, &actions, |say, call| {
        for (key, wanted, other, severity, escape) in SETTINGS.into_iter().filter(|it| supports(call.action, it.0)) {
            call.confined(say, &Gate::new(vec![Key::of(key, wanted, [wanted, other])], severity, escape));
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::iam;
    use serde_json::json;

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};
    use crate::controls::iamc::edits::{add, allow, allow_if, condition, deny};

    const DIRECT: &str = "sagemaker:DirectInternetAccess";
    const ROOT: &str = "sagemaker:RootAccess";
    const CREATE: &str = "sagemaker:CreateNotebookInstance";

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind_but(&CONTROL, &[&iam::POLICY, &iam::POLICY_VERSION]);
    }

    #[test]
    fn pass_trap_a_deny_of_the_bad_value_misses_the_default() {
        check(
            &CONTROL,
            |env| {
                condition(env, "notebook_creation", 0, |condition| {
                    condition["StringEquals"] = json!({ROOT: "Disabled"});
                });
                add(env, "notebook_creation", &[deny(CREATE, json!({"StringEquals": {DIRECT: "Enabled"}}))]);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-sc-launch-role-fraud-dev [sagemaker:CreateNotebookInstance]: `ds-sc-launch-role-fraud-dev` may call sagemaker:CreateNotebookInstance with direct internet access: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev` v1 does not confine `sagemaker:DirectInternetAccess`: the Deny does not fire without the key (deny_misses_absent).
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateNotebookInstance"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"],"Condition":{"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"sagemaker:RootAccess":["Disabled"]}}}, wanted sagemaker:DirectInternetAccess within Disabled
            "#]],
        );
    }

    #[test]
    fn a_deny_of_the_bad_value_with_its_twin() {
        check(
            &CONTROL,
            |env| {
                condition(env, "notebook_creation", 0, |condition| {
                    condition["StringEquals"] = json!({ROOT: "Disabled"});
                });
                let twins = [
                    deny(CREATE, json!({"StringEquals": {DIRECT: "Enabled"}})),
                    deny(CREATE, json!({"Null": {DIRECT: "true"}})),
                ];
                add(env, "notebook_creation", &twins);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn root_alone_is_less() {
        check(
            &CONTROL,
            |env| {
                condition(env, "notebook_creation", 0, |condition| {
                    condition["StringEquals"] = json!({DIRECT: "Disabled"});
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-sc-launch-role-fraud-dev [sagemaker:CreateNotebookInstance]: `ds-sc-launch-role-fraud-dev` may call sagemaker:CreateNotebookInstance with root access: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev` v1 allows it with any `sagemaker:RootAccess` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateNotebookInstance"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"],"Condition":{"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"sagemaker:DirectInternetAccess":["Disabled"]}}}, wanted sagemaker:RootAccess within Disabled
            "#]],
        );
    }

    #[test]
    fn pass_trap_create_is_guarded_and_update_is_not() {
        check(
            &CONTROL,
            |env| {
                add(env, "notebook_creation", &[allow(&["sagemaker:*NotebookInstance"])]);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-sc-launch-role-fraud-dev [sagemaker:CreateNotebookInstance]: `ds-sc-launch-role-fraud-dev` may call sagemaker:CreateNotebookInstance with direct internet access: statement 5 of `arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev` v1 allows it with any `sagemaker:DirectInternetAccess` or none; `ds-sc-launch-role-fraud-dev` may call sagemaker:CreateNotebookInstance with root access: statement 5 of `arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev` v1 allows it with any `sagemaker:RootAccess` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev.PolicyDocument.Statement[5]: saw {"Effect":"Allow","Action":["sagemaker:*NotebookInstance"],"Resource":["*"]}, wanted sagemaker:DirectInternetAccess within Disabled
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev.PolicyDocument.Statement[5]: saw {"Effect":"Allow","Action":["sagemaker:*NotebookInstance"],"Resource":["*"]}, wanted sagemaker:RootAccess within Disabled
                NON_COMPLIANT MEDIUM fraud-dev ds-sc-launch-role-fraud-dev [sagemaker:UpdateNotebookInstance]: `ds-sc-launch-role-fraud-dev` may call sagemaker:UpdateNotebookInstance with root access: statement 5 of `arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev` v1 allows it with any `sagemaker:RootAccess` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev.PolicyDocument.Statement[5]: saw {"Effect":"Allow","Action":["sagemaker:*NotebookInstance"],"Resource":["*"]}, wanted sagemaker:RootAccess within Disabled
            "#]],
        );
    }

    #[test]
    fn fail_trap_update_has_no_key_of_internet_access() {
        check(
            &CONTROL,
            |env| {
                let no_root = json!({"StringEquals": {ROOT: "Disabled"}});
                add(env, "notebook_creation", &[allow_if(&["sagemaker:UpdateNotebookInstance"], no_root)]);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn domains() {
        check(
            &CONTROL,
            |env| {
                let any = json!({"StringLike": {"sagemaker:AppNetworkAccessType": "*"}});
                let inside = json!({"StringEquals": {"sagemaker:AppNetworkAccessType": "VpcOnly"}});
                let statements =
                    [allow_if(&["sagemaker:UpdateDomain"], any), allow_if(&["sagemaker:CreateDomain"], inside)];
                add(env, "notebook_creation", &statements);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-sc-launch-role-fraud-dev [sagemaker:UpdateDomain]: `ds-sc-launch-role-fraud-dev` may call sagemaker:UpdateDomain with the public internet: statement 5 of `arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev` v1 allows it with other values of `sagemaker:AppNetworkAccessType`.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev.PolicyDocument.Statement[5]: saw {"Effect":"Allow","Action":["sagemaker:UpdateDomain"],"Resource":["*"],"Condition":{"StringLike":{"sagemaker:AppNetworkAccessType":["*"]}}}, wanted sagemaker:AppNetworkAccessType within VpcOnly
            "#]],
        );
    }
}
