//! LOG-11: VPC flow logs record all traffic of the VPC and are being delivered.

use std::collections::BTreeSet;

use plumbline_findings::{Area, Assessment, ControlInfo, Evidence, Maps, Origin, Severity};
use plumbline_snapshot::ec2::{self, FlowLog, Vpc};

use crate::Control;
use crate::judge::{self, Known, Say, few, field, many};
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&ec2::VPCS, &ec2::SUBNETS, &ec2::FLOW_LOGS], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "LOG-11",
    name: "flow-logs-all-traffic",
    title: "VPC flow logs record all traffic of the VPC and are being delivered.",
    area: Area::Logs,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "env",
    rationale: "Flow logs are the only record of who talked to whom in the network, and cannot be made afterwards.",
    decided: "The VPC, or else every environment subnet, must have a flow log that is active, of all traffic, and whose delivery has not failed; one that has not delivered yet counts. A format without one of `flow_log_required_fields` is a lesser violation.",
    remediation: "Create a flow log of all traffic on the VPC, and let it write to its destination.",
    maps: Maps { securityhub: &["EC2.6"], cis: &["3.7"], nist: &["AU-12", "SI-4"] },
};

/// The fields of a record in the default format ("Flow log records", Amazon VPC User Guide).
const DEFAULT_FIELDS: [&str; 14] = [
    "version",
    "account-id",
    "interface-id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "log-status",
];

/// How well traffic is recorded, from worst to best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Quality {
    Missing,
    LacksFields,
    Whole,
}

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::vpc(&INFO, world, place, |say, vpc| look(world, place, vpc, say))
}

fn look<'a>(world: &World<'a>, place: &Place<'a>, vpc: &'a Vpc, say: &mut Say<'a>) -> Known<'a, ()> {
    let listing = &world.regional(place)?.ec2.flow_logs;
    let required: BTreeSet<&str> = place
        .environments
        .iter()
        .flat_map(|environment| environment.flow_log_required_fields.iter().map(String::as_str))
        .collect();
    let on = |resource: &str| listing.seen().filter(move |log| log.resource_id == resource).collect::<Vec<_>>();
    let best = |logs: &[&FlowLog]| logs.iter().map(|log| quality(log, &required)).max().unwrap_or(Quality::Missing);
    let of_vpc = on(&vpc.id);
    let of_vpc_best = best(&of_vpc);
    let subnets = world.subnets(place);
    let each: Vec<(&str, Vec<&FlowLog>)> =
        subnets.items.iter().map(|subnet| (subnet.id.as_str(), on(&subnet.id))).collect();
    let worst = each.iter().map(|(_, logs)| best(logs).max(of_vpc_best)).min();
    let logs = of_vpc.iter().chain(each.iter().flat_map(|(_, logs)| logs));
    // What was not listed might record the rest.
    let _ = listing.all()?;
    if of_vpc_best == Quality::Whole || worst == Some(Quality::Whole) {
        logs.filter(|log| quality(log, &required) == Quality::Whole).for_each(|log| say.fact(describe(log, &required)));
        if of_vpc_best != Quality::Whole {
            say.set(subnets);
        }
        return Ok(());
    }
    // So might what only the owner of a shared VPC can list.
    world.owner_sees(vpc)?;
    let Some(worst) = worst else {
        let _ = subnets.all()?;
        say.broken(
            format!("`{}` has no working flow log of all traffic", vpc.id),
            of_vpc.iter().map(|log| describe(log, &required)).chain(of_vpc.is_empty().then(|| none_on(&vpc.id))),
        );
        return Ok(());
    };
    let mut evidence: Vec<Evidence> =
        logs.filter(|log| quality(log, &required) != Quality::Whole).map(|log| describe(log, &required)).collect();
    if worst == Quality::LacksFields {
        let lacking: BTreeSet<&str> = of_vpc
            .iter()
            .chain(each.iter().flat_map(|(_, logs)| logs))
            .filter(|log| quality(log, &required) == Quality::LacksFields)
            .flat_map(|log| lacking(log, &required))
            .collect();
        let message = format!("flow logs of `{}` lack {}", vpc.id, few(", ", lacking));
        say.broken_as(Severity::Medium, message, evidence);
        return Ok(());
    }
    let without: Vec<_> = each.iter().filter(|(_, logs)| best(logs).max(of_vpc_best) == Quality::Missing).collect();
    evidence.extend(without.iter().filter(|(_, logs)| logs.is_empty()).map(|(id, _)| none_on(id)));
    say.broken(
        format!(
            "`{}` has no working flow log of all traffic, and neither has {}",
            vpc.id,
            few(", ", without.iter().map(|(id, _)| format!("`{id}`")))
        ),
        evidence,
    );
    Ok(())
}

fn none_on(resource: &str) -> Evidence {
    let wanted = "one there or on the VPC: ALL traffic, ACTIVE, delivered";
    field(&ec2::FLOW_LOGS, format!("{resource}.FlowLogs[].ResourceId"), "no flow log", wanted)
}

fn quality(log: &FlowLog, required: &BTreeSet<&str>) -> Quality {
    let fails = log.deliver_status.as_deref() == Some("FAILED");
    if log.status != "ACTIVE" || log.traffic_type != "ALL" || fails {
        Quality::Missing
    } else if lacking(log, required).is_empty() {
        Quality::Whole
    } else {
        Quality::LacksFields
    }
}

/// The required fields that the log's format has not.
fn lacking<'r>(log: &FlowLog, required: &BTreeSet<&'r str>) -> Vec<&'r str> {
    let format = log.format.as_deref().filter(|format| !format.trim().is_empty());
    let fields: BTreeSet<&str> = match format {
        None => DEFAULT_FIELDS.into(),
        Some(format) => format.split(['$', '{', '}', ' ', ',']).filter(|field| !field.is_empty()).collect(),
    };
    required.iter().copied().filter(|field| !fields.contains(field)).collect()
}

fn describe(log: &FlowLog, required: &BTreeSet<&str>) -> Evidence {
    let mut saw = format!("{} on {}, {}", log.traffic_type, log.resource_id, log.status);
    match (log.deliver_status.as_deref(), log.deliver_error.as_deref()) {
        (Some(status), Some(error)) => saw.push_str(&format!(", delivery {status}: {error}")),
        (Some(status), None) => saw.push_str(&format!(", delivery {status}")),
        (None, _) => saw.push_str(", nothing delivered yet"),
    }
    if let Some(destination) = &log.destination {
        saw.push_str(&format!(", to {destination}"));
    }
    let lacking = lacking(log, required);
    if !lacking.is_empty() {
        saw.push_str(&format!(", without {}", many(", ", &lacking)));
    }
    let decides = match (log.traffic_type.as_str(), log.status.as_str(), log.deliver_status.as_deref()) {
        ("ALL", "ACTIVE", Some("FAILED")) => "DeliverLogsStatus",
        ("ALL", "ACTIVE", _) if !lacking.is_empty() => "LogFormat",
        ("ALL", ..) => "FlowLogStatus",
        _ => "TrafficType",
    };
    let wanted = "ALL traffic, ACTIVE, delivered, with all required fields";
    field(&ec2::FLOW_LOGS, format!("{}.{decides}", log.id), saw, wanted)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::ec2 as source;
    use plumbline_testkit::ec2::*;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn one_subnet_has_none() {
        check(
            &CONTROL,
            |env| {
                env.remove_flow_log(FLOW_LOGS[2]);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` has no working flow log of all traffic, and neither has `subnet-0a1d3f5b7c9e00003`.
                  ec2:DescribeFlowLogs subnet-0a1d3f5b7c9e00003.FlowLogs[].ResourceId: saw no flow log, wanted one there or on the VPC: ALL traffic, ACTIVE, delivered
            "#]],
        );
    }

    #[test]
    fn there_is_none() {
        check(
            &CONTROL,
            |env| {
                FLOW_LOGS.iter().for_each(|id| {
                    env.remove_flow_log(id);
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` has no working flow log of all traffic, and neither has `subnet-0a1d3f5b7c9e00001`, `subnet-0a1d3f5b7c9e00002`, `subnet-0a1d3f5b7c9e00003`.
                  ec2:DescribeFlowLogs subnet-0a1d3f5b7c9e00001.FlowLogs[].ResourceId: saw no flow log, wanted one there or on the VPC: ALL traffic, ACTIVE, delivered
                  ec2:DescribeFlowLogs subnet-0a1d3f5b7c9e00002.FlowLogs[].ResourceId: saw no flow log, wanted one there or on the VPC: ALL traffic, ACTIVE, delivered
                  ec2:DescribeFlowLogs subnet-0a1d3f5b7c9e00003.FlowLogs[].ResourceId: saw no flow log, wanted one there or on the VPC: ALL traffic, ACTIVE, delivered
            "#]],
        );
    }

    #[test]
    fn one_on_the_vpc_is_enough() {
        check(
            &CONTROL,
            |env| {
                FLOW_LOGS.iter().for_each(|id| {
                    env.remove_flow_log(id);
                });
                env.add_flow_log(flow_log("fl-vpc", VPC));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn pass_trap_active_and_delivery_fails() {
        check(
            &CONTROL,
            |env| {
                env.flow_log(FLOW_LOGS[0], |log| {
                    log.deliver_status = Some("FAILED".to_owned());
                    log.deliver_error = Some("Access error".to_owned());
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` has no working flow log of all traffic, and neither has `subnet-0a1d3f5b7c9e00001`.
                  ec2:DescribeFlowLogs fl-0a9b8c7d6e5f40001.DeliverLogsStatus: saw ALL on subnet-0a1d3f5b7c9e00001, ACTIVE, delivery FAILED: Access error, to /ds/flow/fraud-dev, wanted ALL traffic, ACTIVE, delivered, with all required fields
            "#]],
        );
    }

    #[test]
    fn pass_trap_part_of_the_traffic() {
        check(
            &CONTROL,
            |env| {
                FLOW_LOGS.iter().for_each(|id| {
                    env.remove_flow_log(id);
                });
                for (id, part) in [("fl-1", "REJECT"), ("fl-2", "ACCEPT")] {
                    let mut log = flow_log(id, VPC);
                    log.traffic_type = part.to_owned();
                    env.add_flow_log(log);
                }
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` has no working flow log of all traffic, and neither has `subnet-0a1d3f5b7c9e00001`, `subnet-0a1d3f5b7c9e00002`, `subnet-0a1d3f5b7c9e00003`.
                  ec2:DescribeFlowLogs fl-1.TrafficType: saw REJECT on vpc-0f4a7d2c1b9e80001, ACTIVE, delivery SUCCESS, to /ds/flow/fraud-dev, wanted ALL traffic, ACTIVE, delivered, with all required fields
                  ec2:DescribeFlowLogs fl-2.TrafficType: saw ACCEPT on vpc-0f4a7d2c1b9e80001, ACTIVE, delivery SUCCESS, to /ds/flow/fraud-dev, wanted ALL traffic, ACTIVE, delivered, with all required fields
                  ec2:DescribeFlowLogs subnet-0a1d3f5b7c9e00001.FlowLogs[].ResourceId: saw no flow log, wanted one there or on the VPC: ALL traffic, ACTIVE, delivered
                  ec2:DescribeFlowLogs subnet-0a1d3f5b7c9e00002.FlowLogs[].ResourceId: saw no flow log, wanted one there or on the VPC: ALL traffic, ACTIVE, delivered
                  ec2:DescribeFlowLogs subnet-0a1d3f5b7c9e00003.FlowLogs[].ResourceId: saw no flow log, wanted one there or on the VPC: ALL traffic, ACTIVE, delivered
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_flow_log_on_an_interface() {
        check(
            &CONTROL,
            |env| {
                FLOW_LOGS.iter().for_each(|id| {
                    env.remove_flow_log(id);
                });
                env.add_flow_log(flow_log("fl-eni", ENI_NOTEBOOK)).add_flow_log(flow_log("fl-other", OTHER_VPC));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` has no working flow log of all traffic, and neither has `subnet-0a1d3f5b7c9e00001`, `subnet-0a1d3f5b7c9e00002`, `subnet-0a1d3f5b7c9e00003`.
                  ec2:DescribeFlowLogs subnet-0a1d3f5b7c9e00001.FlowLogs[].ResourceId: saw no flow log, wanted one there or on the VPC: ALL traffic, ACTIVE, delivered
                  ec2:DescribeFlowLogs subnet-0a1d3f5b7c9e00002.FlowLogs[].ResourceId: saw no flow log, wanted one there or on the VPC: ALL traffic, ACTIVE, delivered
                  ec2:DescribeFlowLogs subnet-0a1d3f5b7c9e00003.FlowLogs[].ResourceId: saw no flow log, wanted one there or on the VPC: ALL traffic, ACTIVE, delivered
            "#]],
        );
    }

    #[test]
    fn fail_trap_nothing_was_delivered_yet() {
        check(
            &CONTROL,
            |env| {
                env.flow_log(FLOW_LOGS[0], |log| log.deliver_status = None);
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }

    #[test]
    fn a_format_that_lacks_a_field() {
        check(
            &CONTROL,
            |env| {
                env.flow_log(FLOW_LOGS[0], |log| {
                    log.format =
                        Some("${pkt-srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${action}".to_owned());
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-vpc-fraud-dev: Flow logs of `vpc-0f4a7d2c1b9e80001` lack srcaddr.
                  ec2:DescribeFlowLogs fl-0a9b8c7d6e5f40001.LogFormat: saw ALL on subnet-0a1d3f5b7c9e00001, ACTIVE, delivery SUCCESS, to /ds/flow/fraud-dev, without srcaddr, wanted ALL traffic, ACTIVE, delivered, with all required fields
            "#]],
        );
    }

    #[test]
    fn a_format_with_all_fields() {
        check(
            &CONTROL,
            |env| {
                env.flow_log(FLOW_LOGS[0], |log| {
                    log.format =
                        Some("${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${action} ${vpc-id}".to_owned());
                });
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_field_that_the_default_format_lacks() {
        check(
            &CONTROL,
            |env| {
                env.add_to_baseline("flow_log_required_fields: [srcaddr, vpc-id]");
                FLOW_LOGS.iter().for_each(|id| {
                    env.remove_flow_log(id);
                });
                env.add_flow_log(flow_log("fl-vpc", VPC));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-vpc-fraud-dev: Flow logs of `vpc-0f4a7d2c1b9e80001` lack vpc-id.
                  ec2:DescribeFlowLogs fl-vpc.LogFormat: saw ALL on vpc-0f4a7d2c1b9e80001, ACTIVE, delivery SUCCESS, to /ds/flow/fraud-dev, without vpc-id, wanted ALL traffic, ACTIVE, delivered, with all required fields
            "#]],
        );
    }

    #[test]
    fn a_participant_of_a_shared_vpc_cannot_know() {
        check(
            &CONTROL,
            |env| {
                env.remove_flow_log(FLOW_LOGS[0]).vpc(|vpc| vpc.owner = "999999999999".to_owned());
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is shared by account 999999999999, which alone can list this: audit with its credentials.
            "#]],
        );
    }

    #[test]
    fn a_listing_that_broke_off() {
        check(
            &CONTROL,
            |env| {
                env.remove_flow_log(FLOW_LOGS[0]).cut(&source::FLOW_LOGS);
            },
            expect![[r#"
                INSUFFICIENT_DATA truncated HIGH fraud-dev ds-vpc-fraud-dev: ec2:DescribeFlowLogs was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeFlowLogs not seen: truncated
            "#]],
        );
    }
}
