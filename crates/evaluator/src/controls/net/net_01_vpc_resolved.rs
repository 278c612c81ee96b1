//! NET-01: the environment resolves to exactly one VPC.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::{ec2, sts};

use crate::Control;
use crate::judge::{self, Set, few, field, many};
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&ec2::VPCS, &sts::GET_CALLER_IDENTITY], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "NET-01",
    name: "vpc-resolved",
    title: "The environment resolves to exactly one available VPC owned by the audited account.",
    area: Area::Network,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "env",
    rationale: "Every other verdict is about one VPC: if the selector names none, several or another account's, they are about nothing.",
    decided: "The VPCs of the Region are held against `vpc`: exactly one must match, be available, not be the default VPC, and belong to the caller or to the declared owner.",
    remediation: "Correct the selector in the baseline, or tag one VPC only.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["CM-8"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let [environment] = place.environments.as_slice() else { return Vec::new() };
    let matches = match world.vpc_matches(place, environment) {
        Ok(Set { items, unknown: Some(unknown) }) if items.is_empty() => {
            return vec![judge::unknown_set(&INFO, place, unknown)];
        }
        Ok(matches) => matches,
        Err(unknown) => return vec![judge::unknown_set(&INFO, place, unknown)],
    };
    let resource = match matches.items.as_slice() {
        [vpc] => world.vpc_ref(place, vpc),
        _ => place.resource(),
    };
    vec![judge::subject(&INFO, place.subject(resource, None), |say| {
        if matches.items.len() > 1 {
            let ids = matches.items.iter().map(|vpc| &vpc.id);
            let (count, first) = (matches.items.len(), few(", ", ids.clone()));
            say.broken(
                format!("the selector of `{}` matches {count} VPCs: {first}", environment.name),
                [field(&ec2::VPCS, "Vpcs[].VpcId", many(", ", ids), "exactly one VPC")],
            );
        }
        if matches.all()?.is_empty() {
            say.broken(
                format!("the selector of `{}` matches no VPC of {}", environment.name, environment.region),
                [field(&ec2::VPCS, "Vpcs[].VpcId", "none", "exactly one VPC")],
            );
        }
        if let [vpc] = matches.items.as_slice() {
            let declared = environment.vpc.as_ref().and_then(|selector| selector.owner_account.as_ref());
            let owner = declared.unwrap_or(place.account).as_str();
            let path = |name: &str| format!("{}.{name}", vpc.id);
            if vpc.owner != owner {
                say.broken(
                    format!("`{}` belongs to account {}, not to {owner}", vpc.id, vpc.owner),
                    [field(&ec2::VPCS, path("OwnerId"), &vpc.owner, owner)],
                );
            }
            if vpc.is_default {
                say.broken(
                    format!("`{}` is the default VPC, whose subnets are public", vpc.id),
                    [field(&ec2::VPCS, path("IsDefault"), "true", "false")],
                );
            }
            if vpc.state != "available" {
                say.broken(
                    format!("`{}` is `{}`, not available", vpc.id, vpc.state),
                    [field(&ec2::VPCS, path("State"), &vpc.state, "available")],
                );
            }
        }
        Ok(())
    })]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        // Without the caller's identity there is no snapshot at all.
        blind_but(&CONTROL, &[&plumbline_snapshot::sts::GET_CALLER_IDENTITY]);
    }

    #[test]
    fn no_match() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline("{Name: ds-vpc-fraud-dev}", "{Name: ds-vpc-typo}");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev 111122223333: The selector of `fraud-dev` matches no VPC of eu-west-1.
                  ec2:DescribeVpcs Vpcs[].VpcId: saw none, wanted exactly one VPC
            "#]],
        );
    }

    #[test]
    fn pass_trap_several_matches_are_not_the_first() {
        check(
            &CONTROL,
            |env| {
                env.duplicate_vpc("vpc-0twin");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev 111122223333: The selector of `fraud-dev` matches 2 VPCs: vpc-0f4a7d2c1b9e80001, vpc-0twin.
                  ec2:DescribeVpcs Vpcs[].VpcId: saw vpc-0f4a7d2c1b9e80001, vpc-0twin, wanted exactly one VPC
            "#]],
        );
    }

    #[test]
    fn the_default_vpc() {
        check(
            &CONTROL,
            |env| {
                env.vpc(|vpc| vpc.is_default = true);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is the default VPC, whose subnets are public.
                  ec2:DescribeVpcs vpc-0f4a7d2c1b9e80001.IsDefault: saw true, wanted false
            "#]],
        );
    }

    #[test]
    fn not_available_yet() {
        check(
            &CONTROL,
            |env| {
                env.vpc(|vpc| vpc.state = "pending".to_owned());
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is `pending`, not available.
                  ec2:DescribeVpcs vpc-0f4a7d2c1b9e80001.State: saw pending, wanted available
            "#]],
        );
    }

    #[test]
    fn another_account() {
        check(
            &CONTROL,
            |env| {
                env.vpc(|vpc| vpc.owner = "999999999999".to_owned());
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` belongs to account 999999999999, not to 111122223333.
                  ec2:DescribeVpcs vpc-0f4a7d2c1b9e80001.OwnerId: saw 999999999999, wanted 111122223333
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_shared_vpc_that_is_declared() {
        check(
            &CONTROL,
            |env| {
                env.vpc(|vpc| vpc.owner = "999999999999".to_owned()).replace_baseline(
                    "{tags: {Name: ds-vpc-fraud-dev}}",
                    "{tags: {Name: ds-vpc-fraud-dev}, owner_account: \"999999999999\"}",
                );
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }

    #[test]
    fn a_baseline_without_vpc() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline("    vpc: {tags: {Name: ds-vpc-fraud-dev}}\n", "");
            },
            expect![[r#"
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev 111122223333: The baseline has no `vpc`.
            "#]],
        );
    }
}
