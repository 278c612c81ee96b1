//! Networks of a size: VPCs of twenty subnets over three zones, public and private ones, with NAT gateways, peerings, a transit
//! gateway, network ACLs of their own and security groups that name each other.

use plumbline_snapshot::ec2::Ec2;
use serde_json::{Value, json};

/// How large.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) vpcs: usize,
    pub(crate) subnets: usize,
    pub(crate) interfaces: usize,
    pub(crate) groups: usize,
}

/// Networks of this size; all of it is spread evenly over the VPCs.
pub(crate) fn networks(size: Size) -> Ec2 {
    let mut all = Groups::default();
    for number in 0..size.vpcs {
        all.vpc(number, size);
    }
    for number in 1..size.vpcs {
        all.add(
            "vpc_peering_connections",
            json!({
            "VpcPeeringConnectionId": format!("pcx-{number}"), "Status": {"Code": "active"},
            "RequesterVpcInfo": {"VpcId": format!("vpc-{}", number - 1)},
            "AccepterVpcInfo": {"VpcId": format!("vpc-{number}")}}),
        );
    }
    for group in [
        "egress_only_internet_gateways",
        "vpn_gateways",
        "vpc_block_public_access_exclusions",
        "vpc_peering_connections",
    ] {
        all.0.entry(group.to_owned()).or_insert_with(|| json!([]));
    }
    all.0.insert(
        "vpc_block_public_access_options".to_owned(),
        json!({"InternetGatewayBlockMode": "off", "State": "default-state"}),
    );
    all.add(
        "prefix_lists",
        json!({"PrefixListId": "pl-s3", "AddressFamily": "IPv4",
        "Entries": [{"Cidr": "52.218.0.0/17"}, {"Cidr": "3.5.64.0/21"}, {"Cidr": "18.34.0.0/19"}]}),
    );
    plumbline_testkit::describe::ec2(&Value::Object(all.0))
}

/// Describe* answers in the making.
#[derive(Default)]
struct Groups(serde_json::Map<String, Value>);

impl Groups {
    fn add(&mut self, group: &str, one: Value) {
        if let Some(all) = self.0.entry(group.to_owned()).or_insert_with(|| json!([])).as_array_mut() {
            all.push(one);
        }
    }

    fn vpc(&mut self, number: usize, size: Size) {
        let vpc = format!("vpc-{number}");
        let block = format!("10.{number}.0.0/16");
        self.add("vpcs", json!({"VpcId": vpc, "CidrBlockAssociationSet": [{"CidrBlock": block}]}));
        self.add("internet_gateways", json!({"InternetGatewayId": format!("igw-{number}"), "Attachments": [{"VpcId": vpc, "State": "available"}]}));
        self.add("vpc_endpoints", json!({"VpcEndpointId": format!("vpce-{number}"), "VpcId": vpc, "VpcEndpointType": "Gateway", "State": "available"}));
        let subnets = size.subnets / size.vpcs;
        let groups = size.groups / size.vpcs;
        for at in 0..groups {
            self.group(number, at, groups);
        }
        for at in 0..subnets {
            self.subnet(number, at, size.interfaces / size.subnets, groups);
        }
        let attached: Vec<String> = (0..3.min(subnets)).map(|at| format!("subnet-{number}-{at}")).collect();
        self.add(
            "transit_gateway_vpc_attachments",
            json!({
            "TransitGatewayAttachmentId": format!("tgw-attach-{number}"), "TransitGatewayId": "tgw-1", "VpcId": vpc,
            "State": "available", "SubnetIds": attached}),
        );
    }

    /// One that lets in the next, and now and then the world; each third may go everywhere.
    fn group(&mut self, number: usize, at: usize, all: usize) {
        let next = format!("sg-{number}-{}", (at + 1) % all);
        let after = format!("sg-{number}-{}", (at + 7) % all);
        let mut ingress = vec![
            json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [{"GroupId": next}]}),
            json!({"IpProtocol": "tcp", "FromPort": 8000 + at % 100, "ToPort": 8100, "UserIdGroupPairs": [{"GroupId": after}]}),
            json!({"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": format!("10.{number}.0.0/16")}]}),
        ];
        if at.is_multiple_of(20) {
            ingress.push(
                json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}),
            );
        }
        let egress = match at % 3 {
            0 => vec![json!({"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]})],
            _ => vec![
                json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [{"GroupId": next}]}),
                json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": "pl-s3"}]}),
            ],
        };
        self.add(
            "security_groups",
            json!({"GroupId": format!("sg-{number}-{at}"), "VpcId": format!("vpc-{number}"),
            "IpPermissions": ingress, "IpPermissionsEgress": egress}),
        );
    }

    /// Every fifth is public.
    fn subnet(&mut self, number: usize, at: usize, interfaces: usize, groups: usize) {
        let (vpc, subnet) = (format!("vpc-{number}"), format!("subnet-{number}-{at}"));
        let is_public = at.is_multiple_of(5);
        self.add(
            "subnets",
            json!({"SubnetId": subnet, "VpcId": vpc, "AvailabilityZone": format!("az{}", at % 3),
            "CidrBlock": format!("10.{number}.{at}.0/24")}),
        );
        let nat = format!("nat-{number}-{at}");
        if is_public {
            self.nat(number, at, &nat, &subnet);
        }
        let target = if is_public {
            ("GatewayId", format!("igw-{number}"))
        } else {
            ("NatGatewayId", format!("nat-{number}-{}", at / 5 * 5))
        };
        let mut routes = vec![
            json!({"DestinationCidrBlock": format!("10.{number}.0.0/16"), "GatewayId": "local"}),
            json!({"DestinationCidrBlock": "0.0.0.0/0", target.0: target.1}),
            json!({"DestinationPrefixListId": "pl-s3", "GatewayId": format!("vpce-{number}")}),
            json!({"DestinationCidrBlock": "10.128.0.0/9", "TransitGatewayId": "tgw-1"}),
        ];
        if number > 0 {
            routes.push(json!({"DestinationCidrBlock": format!("10.{}.0.0/16", number - 1), "VpcPeeringConnectionId": format!("pcx-{number}")}));
        }
        self.add(
            "route_tables",
            json!({"RouteTableId": format!("rtb-{number}-{at}"), "VpcId": vpc, "Routes": routes,
            "Associations": [{"SubnetId": subnet}]}),
        );
        self.acl(number, at, &subnet);
        for own in 0..interfaces {
            let place = at * interfaces + own;
            let mine: Vec<Value> = [place, place * 3 + 1]
                .iter()
                .map(|one| json!({"GroupId": format!("sg-{number}-{}", one % groups)}))
                .collect();
            let mut private = json!({"PrivateIpAddress": format!("10.{number}.{at}.{}", 10 + own), "Primary": true});
            if is_public
                && own.is_multiple_of(2)
                && let Some(private) = private.as_object_mut()
            {
                private.insert(
                    "Association".to_owned(),
                    json!({"PublicIp": format!("198.{}.{at}.{}", 18 + number, 10 + own)}),
                );
            }
            self.add(
                "network_interfaces",
                json!({"NetworkInterfaceId": format!("eni-{number}-{at}-{own}"), "VpcId": vpc,
                "SubnetId": subnet, "InterfaceType": "interface", "SourceDestCheck": true, "Groups": mine,
                "PrivateIpAddresses": [private], "Attachment": {"InstanceId": format!("i-{number}-{at}-{own}")}}),
            );
        }
    }

    fn nat(&mut self, number: usize, at: usize, nat: &str, subnet: &str) {
        let (ip, public) = (format!("10.{number}.{at}.4"), format!("198.{}.{at}.4", 18 + number));
        let (interface, vpc) = (format!("eni-{nat}"), format!("vpc-{number}"));
        self.add(
            "nat_gateways",
            json!({"NatGatewayId": nat, "VpcId": vpc, "SubnetId": subnet, "State": "available",
            "ConnectivityType": "public", "AvailabilityMode": "zonal",
            "NatGatewayAddresses": [{"NetworkInterfaceId": interface, "PrivateIp": ip, "PublicIp": public}]}),
        );
        self.add(
            "network_interfaces",
            json!({"NetworkInterfaceId": interface, "VpcId": vpc, "SubnetId": subnet,
            "InterfaceType": "nat_gateway", "SourceDestCheck": false,
            "PrivateIpAddresses": [{"PrivateIpAddress": ip, "Association": {"PublicIp": public}}]}),
        );
    }

    fn acl(&mut self, number: usize, at: usize, subnet: &str) {
        let entry = |rule: usize, egress: bool, action: &str, block: &str, ports: Option<(u16, u16)>| {
            let mut one = json!({"RuleNumber": rule, "Egress": egress, "RuleAction": action, "CidrBlock": block,
                "Protocol": if ports.is_some() { "6" } else { "-1" }});
            if let (Some((from, to)), Some(one)) = (ports, one.as_object_mut()) {
                one.insert("PortRange".to_owned(), json!({"From": from, "To": to}));
            }
            one
        };
        let entries = vec![
            entry(90, false, "deny", "203.0.113.0/24", None),
            entry(95, false, "deny", "0.0.0.0/0", Some((22, 22))),
            entry(100, false, "allow", &format!("10.{number}.0.0/16"), None),
            entry(110, false, "allow", "0.0.0.0/0", Some((443, 443))),
            entry(120, false, "allow", "0.0.0.0/0", Some((1024, 65_535))),
            entry(90, true, "deny", "203.0.113.0/24", None),
            entry(100, true, "allow", "0.0.0.0/0", None),
        ];
        self.add(
            "network_acls",
            json!({"NetworkAclId": format!("acl-{number}-{at}"), "Entries": entries,
            "Associations": [{"SubnetId": subnet}]}),
        );
    }
}
