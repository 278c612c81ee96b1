//! NET-11: no network interface in the environment subnets carries a public address.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_snapshot::ec2::{self, NetworkInterface};

use crate::Control;
use crate::judge::{self, Say, Unknown, field};
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&ec2::VPCS, &ec2::SUBNETS, &ec2::NETWORK_INTERFACES], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "NET-11",
    name: "no-public-address",
    title: "No network interface in the environment subnets carries a public address.",
    area: Area::Network,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "env",
    rationale: "An interface with a public address can be reached from the internet as soon as a route leads there.",
    decided: "Every network interface in an environment subnet counts, whoever made it and whatever it belongs to: none of its addresses may have a public or carrier address associated.",
    remediation: "Disassociate the address, and find out who attached it.",
    maps: Maps { securityhub: &["EC2.9"], cis: &[], nist: &["SC-7"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::vpc(&INFO, world, place, |say, vpc| {
        let subnets = world.subnets(place);
        // In a subnet that was not listed there may be an address that nobody looks for.
        if let Some(unknown) = &subnets.unknown {
            say.unknown(unknown.clone());
        }
        for interface in say.listing(&world.regional(place)?.ec2.network_interfaces) {
            if subnets.items.iter().any(|subnet| subnet.id == interface.subnet_id) {
                look(interface, say);
            }
        }
        world.owner_sees(vpc)
    })
}

fn look(interface: &NetworkInterface, say: &mut Say<'_>) {
    let NetworkInterface { id, subnet_id, kind, .. } = interface;
    let mut broken = |what: &str, path: &str, address: &str| {
        let of = interface.instance_id.as_ref().map_or_else(String::new, |instance| format!(", of `{instance}`"));
        let maker = interface.requester_id.as_ref().map_or_else(String::new, |who| format!(", made by `{who}`"));
        let evidence =
            |path: &str, saw: &str, wanted: &str| field(&ec2::NETWORK_INTERFACES, format!("{id}.{path}"), saw, wanted);
        let mut shown = vec![
            evidence(path, address, "none"),
            evidence("SubnetId", subnet_id, "any"),
            evidence("InterfaceType", kind, "any"),
        ];
        shown.extend(interface.requester_id.as_deref().map(|who| evidence("RequesterId", who, "any")));
        say.broken(format!("`{id}` in `{subnet_id}` has the {what} address {address} (type {kind}{of}{maker})"), shown);
    };
    if let Some(address) = &interface.public_ip {
        broken("public", "Association.PublicIp", address);
    }
    if let Some(address) = &interface.carrier_ip {
        broken("carrier", "Association.CarrierIp", address);
    }
    // The association of the first address is the interface's own; the others have theirs.
    for own in interface.addresses.iter().flatten() {
        if let Some(address) = own.public_ip.as_ref().filter(|address| interface.public_ip.as_ref() != Some(address)) {
            broken("public", &format!("PrivateIpAddresses[{}].Association.PublicIp", own.ip), address);
        }
    }
    if interface.addresses.is_none() {
        say.unknown(Unknown::Because(
            Reason::NotRead,
            format!("the snapshot is from before the addresses of `{id}` beside its first one were kept"),
        ));
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::ec2 as source;
    use plumbline_snapshot::ec2::{InterfaceAddress, NetworkInterface};
    use plumbline_testkit::ec2::*;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    fn with_public(interface: NetworkInterface) -> NetworkInterface {
        NetworkInterface { public_ip: Some("198.51.100.7".to_owned()), ..interface }
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn an_instance() {
        check(
            &CONTROL,
            |env| {
                env.network_interface(ENI_INSTANCE, |interface| *interface = with_public(interface.clone()));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `eni-0c1d3e5f7a9b00001` in `subnet-0a1d3f5b7c9e00001` has the public address 198.51.100.7 (type interface, of `i-0b1c2d3e4f5a60001`).
                  ec2:DescribeNetworkInterfaces eni-0c1d3e5f7a9b00001.Association.PublicIp: saw 198.51.100.7, wanted none
                  ec2:DescribeNetworkInterfaces eni-0c1d3e5f7a9b00001.SubnetId: saw subnet-0a1d3f5b7c9e00001, wanted any
                  ec2:DescribeNetworkInterfaces eni-0c1d3e5f7a9b00001.InterfaceType: saw interface, wanted any
            "#]],
        );
    }

    #[test]
    fn pass_trap_an_interface_of_no_instance() {
        check(
            &CONTROL,
            |env| {
                env.add_network_interface(with_public(NetworkInterface {
                    instance_id: None,
                    kind: "network_load_balancer".to_owned(),
                    requester_id: Some("amazon-elb".to_owned()),
                    ..instance_interface("eni-0added", SUBNET_C, "")
                }));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `eni-0added` in `subnet-0a1d3f5b7c9e00003` has the public address 198.51.100.7 (type network_load_balancer, made by `amazon-elb`).
                  ec2:DescribeNetworkInterfaces eni-0added.Association.PublicIp: saw 198.51.100.7, wanted none
                  ec2:DescribeNetworkInterfaces eni-0added.SubnetId: saw subnet-0a1d3f5b7c9e00003, wanted any
                  ec2:DescribeNetworkInterfaces eni-0added.InterfaceType: saw network_load_balancer, wanted any
                  ec2:DescribeNetworkInterfaces eni-0added.RequesterId: saw amazon-elb, wanted any
            "#]],
        );
    }

    #[test]
    fn pass_trap_the_second_address_of_an_interface() {
        check(
            &CONTROL,
            |env| {
                env.network_interface(ENI_NOTEBOOK, |interface| {
                    interface.addresses.get_or_insert_default().push(InterfaceAddress {
                        ip: "10.20.2.11".to_owned(),
                        public_ip: Some("198.51.100.8".to_owned()),
                    });
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `eni-0c1d3e5f7a9b00002` in `subnet-0a1d3f5b7c9e00002` has the public address 198.51.100.8 (type interface, made by `AROAINVENTEDSAGEMAKER:notebook`).
                  ec2:DescribeNetworkInterfaces eni-0c1d3e5f7a9b00002.PrivateIpAddresses[10.20.2.11].Association.PublicIp: saw 198.51.100.8, wanted none
                  ec2:DescribeNetworkInterfaces eni-0c1d3e5f7a9b00002.SubnetId: saw subnet-0a1d3f5b7c9e00002, wanted any
                  ec2:DescribeNetworkInterfaces eni-0c1d3e5f7a9b00002.InterfaceType: saw interface, wanted any
                  ec2:DescribeNetworkInterfaces eni-0c1d3e5f7a9b00002.RequesterId: saw AROAINVENTEDSAGEMAKER:notebook, wanted any
            "#]],
        );
    }

    #[test]
    fn a_public_address_is_told_once_though_it_stands_twice() {
        check(
            &CONTROL,
            |env| {
                env.network_interface(ENI_INSTANCE, |interface| {
                    *interface = with_public(interface.clone());
                    interface.addresses.as_mut().unwrap()[0].public_ip.clone_from(&interface.public_ip);
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `eni-0c1d3e5f7a9b00001` in `subnet-0a1d3f5b7c9e00001` has the public address 198.51.100.7 (type interface, of `i-0b1c2d3e4f5a60001`).
                  ec2:DescribeNetworkInterfaces eni-0c1d3e5f7a9b00001.Association.PublicIp: saw 198.51.100.7, wanted none
                  ec2:DescribeNetworkInterfaces eni-0c1d3e5f7a9b00001.SubnetId: saw subnet-0a1d3f5b7c9e00001, wanted any
                  ec2:DescribeNetworkInterfaces eni-0c1d3e5f7a9b00001.InterfaceType: saw interface, wanted any
            "#]],
        );
    }

    #[test]
    fn a_carrier_address() {
        check(
            &CONTROL,
            |env| {
                env.network_interface(ENI_INSTANCE, |it| it.carrier_ip = Some("203.0.113.7".to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `eni-0c1d3e5f7a9b00001` in `subnet-0a1d3f5b7c9e00001` has the carrier address 203.0.113.7 (type interface, of `i-0b1c2d3e4f5a60001`).
                  ec2:DescribeNetworkInterfaces eni-0c1d3e5f7a9b00001.Association.CarrierIp: saw 203.0.113.7, wanted none
                  ec2:DescribeNetworkInterfaces eni-0c1d3e5f7a9b00001.SubnetId: saw subnet-0a1d3f5b7c9e00001, wanted any
                  ec2:DescribeNetworkInterfaces eni-0c1d3e5f7a9b00001.InterfaceType: saw interface, wanted any
            "#]],
        );
    }

    #[test]
    fn a_subnet_of_the_vpc_that_is_not_the_environments() {
        check(
            &CONTROL,
            |env| {
                env.add_subnet(plain_subnet("subnet-0other", "euw1-az1", "10.20.9.0/24"))
                    .add_network_interface(with_public(instance_interface("eni-0added", "subnet-0other", "i-1")));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_in_listings_that_broke_off() {
        check(
            &CONTROL,
            |env| {
                env.network_interface(ENI_INSTANCE, |interface| *interface = with_public(interface.clone()))
                    .cut(&source::NETWORK_INTERFACES)
                    .cut(&source::SUBNETS);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `eni-0c1d3e5f7a9b00001` in `subnet-0a1d3f5b7c9e00001` has the public address 198.51.100.7 (type interface, of `i-0b1c2d3e4f5a60001`).
                  ec2:DescribeNetworkInterfaces eni-0c1d3e5f7a9b00001.Association.PublicIp: saw 198.51.100.7, wanted none
                  ec2:DescribeNetworkInterfaces eni-0c1d3e5f7a9b00001.SubnetId: saw subnet-0a1d3f5b7c9e00001, wanted any
                  ec2:DescribeNetworkInterfaces eni-0c1d3e5f7a9b00001.InterfaceType: saw interface, wanted any
            "#]],
        );
    }

    #[test]
    fn no_address_in_a_listing_that_broke_off() {
        check(
            &CONTROL,
            |env| {
                env.cut(&source::NETWORK_INTERFACES);
            },
            expect![[r#"
                INSUFFICIENT_DATA truncated HIGH fraud-dev ds-vpc-fraud-dev: ec2:DescribeNetworkInterfaces was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeNetworkInterfaces not seen: truncated
            "#]],
        );
    }

    #[test]
    fn a_file_from_before_all_addresses_were_kept() {
        check(
            &CONTROL,
            |env| {
                env.network_interface(ENI_NOTEBOOK, |interface| interface.addresses = None);
            },
            expect![[r#"
                INSUFFICIENT_DATA not_read HIGH fraud-dev ds-vpc-fraud-dev: The snapshot is from before the addresses of `eni-0c1d3e5f7a9b00002` beside its first one were kept.
            "#]],
        );
    }

    #[test]
    fn a_participant_of_a_shared_vpc_sees_its_own_alone() {
        check(
            &CONTROL,
            |env| {
                env.vpc(|vpc| vpc.owner = "999999999999".to_owned());
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is shared by account 999999999999, which alone can list this: audit with its credentials.
            "#]],
        );
    }
}
