//! Networks that somebody made to be hard: as many groups that name each other in rings, rules, routes and entries as AWS takes
//! at most ("Amazon VPC quotas", Amazon VPC User Guide), overlapping as much as they can.

use plumbline_snapshot::ec2::Ec2;
use serde_json::{Map, Value, json};

/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hostile {
    pub(crate) vpcs: usize,
    /// Of each VPC, as all that follows.
    pub(crate) subnets: usize,
    pub(crate) interfaces: usize,
    pub(crate) groups: usize,
    /// Groups of an interface: 16 at most, and with the rules of each no more than 1,000.
    pub(crate) worn: usize,
    /// Rules of a group, each way.
    pub(crate) rules: usize,
    /// Routes of each table: 1,000 at most.
    pub(crate) routes: usize,
    /// Entries of each network ACL, each way: 40 at most.
    pub(crate) entries: usize,
    /// Entries of a prefix list: 1,000 at most.
    pub(crate) listed: usize,
}

/// Few of everything.
pub(crate) const TAME: Hostile = Hostile {
    vpcs: 2,
    subnets: 20,
    interfaces: 2_500,
    groups: 50,
    worn: 1,
    rules: 5,
    routes: 5,
    entries: 5,
    listed: 5,
};

/// Each at its quota, and all at once.
pub(crate) const QUOTAS: [(&str, Hostile); 4] = [
    ("groups that name each other in rings", Hostile { groups: 1_250, worn: 16, rules: 62, ..TAME }),
    ("1,000 rules a group, each way", Hostile { rules: 1_000, ..TAME }),
    (
        "1,000 routes a table, 40 entries an ACL",
        Hostile { subnets: 100, routes: 1_000, entries: 40, listed: 1_000, ..TAME },
    ),
    (
        "all of these",
        Hostile {
            vpcs: 2,
            subnets: 100,
            interfaces: 2_500,
            groups: 1_250,
            worn: 16,
            rules: 62,
            routes: 1_000,
            entries: 40,
            listed: 1_000,
        },
    ),
];

/// Such networks.
pub(crate) fn hostile(much: Hostile) -> Ec2 {
    let mut all = All::default();
    for group in [
        "egress_only_internet_gateways",
        "vpn_gateways",
        "nat_gateways",
        "vpc_endpoints",
        "vpc_block_public_access_exclusions",
    ] {
        all.0.insert(group.to_owned(), json!([]));
    }
    all.0.insert(
        "vpc_block_public_access_options".to_owned(),
        json!({"InternetGatewayBlockMode": "off", "State": "default-state"}),
    );
    let listed: Vec<Value> = (0..much.listed).map(|at| json!({"Cidr": apart(at)})).collect();
    all.add("prefix_lists", json!({"PrefixListId": "pl-1", "AddressFamily": "IPv4", "Entries": listed}));
    for number in 0..much.vpcs {
        all.vpc(number, much);
    }
    plumbline_testkit::describe::ec2(&Value::Object(all.0))
}

/// Addresses no two of which are side by side.
fn apart(at: usize) -> String {
    format!("52.{}.{}.{}/32", at / 8_192 % 256, at / 32 % 256, at % 32 * 8 + 1)
}

/// Describe* answers in the making.
#[derive(Default)]
struct All(Map<String, Value>);

impl All {
    fn add(&mut self, group: &str, one: Value) {
        if let Some(all) = self.0.entry(group.to_owned()).or_insert_with(|| json!([])).as_array_mut() {
            all.push(one);
        }
    }

    fn vpc(&mut self, number: usize, much: Hostile) {
        let vpc = format!("vpc-{number}");
        let next = (number + 1) % much.vpcs;
        self.add(
            "vpcs",
            json!({"VpcId": vpc, "CidrBlockAssociationSet": [{"CidrBlock": format!("10.{number}.0.0/16")}]}),
        );
        self.add("internet_gateways", json!({"InternetGatewayId": format!("igw-{number}"), "Attachments": [{"VpcId": vpc, "State": "available"}]}));
        self.add(
            "vpc_peering_connections",
            json!({"VpcPeeringConnectionId": format!("pcx-{number}"), "Status": {"Code": "active"},
            "RequesterVpcInfo": {"VpcId": vpc}, "AccepterVpcInfo": {"VpcId": format!("vpc-{next}")}}),
        );
        let attached: Vec<String> = (0..much.subnets).map(|at| format!("subnet-{number}-{at}")).collect();
        self.add(
            "transit_gateway_vpc_attachments",
            json!({"TransitGatewayAttachmentId": format!("tgw-attach-{number}"), "TransitGatewayId": "tgw-1", "VpcId": vpc,
            "State": "available", "SubnetIds": attached}),
        );
        for at in 0..much.groups {
            self.group(number, at, much);
        }
        for at in 0..much.subnets {
            self.subnet(number, at, much);
        }
        for at in 0..much.interfaces {
            self.interface(number, at, much);
        }
    }

    /// Rules whose ports overlap: for a group of this VPC, for one of the next, and for an address. All rings have another step.
    fn group(&mut self, number: usize, at: usize, much: Hostile) {
        let (next, groups) = ((number + 1) % much.vpcs, much.groups);
        let rule = |own: usize| {
            let to = (at + own * own + 1) % groups;
            let pair = match own % 3 {
                0 => json!({"UserIdGroupPairs": [{"GroupId": format!("sg-{number}-{to}")}]}),
                1 => {
                    json!({"UserIdGroupPairs": [{"GroupId": format!("sg-{next}-{to}"), "VpcPeeringConnectionId": format!("pcx-{number}")}]})
                }
                _ => json!({"IpRanges": [{"CidrIp": apart(at * 64 + own)}]}),
            };
            let first = own * 60 % 60_000;
            let mut rule = json!({"IpProtocol": if own.is_multiple_of(2) { "tcp" } else { "udp" }, "FromPort": first, "ToPort": first + 5_000});
            if let (Some(rule), Value::Object(pair)) = (rule.as_object_mut(), pair) {
                rule.extend(pair);
            }
            rule
        };
        let mut rules: Vec<Value> = (0..much.rules).map(rule).collect();
        rules.push(
            json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": "pl-1"}]}),
        );
        self.add(
            "security_groups",
            json!({"GroupId": format!("sg-{number}-{at}"), "VpcId": format!("vpc-{number}"),
            "IpPermissions": rules, "IpPermissionsEgress": rules}),
        );
    }

    fn subnet(&mut self, number: usize, at: usize, much: Hostile) {
        let (vpc, subnet) = (format!("vpc-{number}"), format!("subnet-{number}-{at}"));
        self.add("subnets", json!({"SubnetId": subnet, "VpcId": vpc, "AvailabilityZone": "az1", "CidrBlock": format!("10.{number}.{at}.0/24")}));
        let mut routes = vec![
            json!({"DestinationCidrBlock": format!("10.{number}.0.0/16"), "GatewayId": "local"}),
            json!({"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": format!("igw-{number}")}),
            json!({"DestinationCidrBlock": "10.0.0.0/8", "VpcPeeringConnectionId": format!("pcx-{number}")}),
            json!({"DestinationPrefixListId": "pl-1", "TransitGatewayId": "tgw-1"}),
        ];
        // Blocks within blocks, by turns to one gateway and the other.
        routes.extend((routes.len()..much.routes).map(|own| {
            let (one, two, length) = (own / 250 % 250, own % 250, 24 + own % 3);
            let block = format!("54.{one}.{two}.0/{length}");
            match own % 3 {
                0 => json!({"DestinationCidrBlock": block, "TransitGatewayId": "tgw-1"}),
                1 => json!({"DestinationCidrBlock": block, "VpcPeeringConnectionId": format!("pcx-{number}")}),
                _ => json!({"DestinationCidrBlock": block, "GatewayId": format!("igw-{number}")}),
            }
        }));
        self.add(
            "route_tables",
            json!({"RouteTableId": format!("rtb-{number}-{at}"), "VpcId": vpc, "Routes": routes, "Associations": [{"SubnetId": subnet}]}),
        );
        let each = |egress: bool| (0..much.entries).map(move |own| entry(own, much.entries, egress));
        let entries: Vec<Value> = each(false).chain(each(true)).collect();
        self.add(
            "network_acls",
            json!({"NetworkAclId": format!("acl-{number}-{at}"), "Entries": entries, "Associations": [{"SubnetId": subnet}]}),
        );
    }

    fn interface(&mut self, number: usize, at: usize, much: Hostile) {
        let (subnet, own) = (at % much.subnets, at / much.subnets + 5);
        let worn: Vec<Value> = (0..much.worn)
            .map(|one| json!({"GroupId": format!("sg-{number}-{}", (at * 7 + one * one * 13 + one) % much.groups)}))
            .collect();
        let mut private = json!({"PrivateIpAddress": format!("10.{number}.{subnet}.{own}"), "Primary": true});
        if let Some(private) = private.as_object_mut().filter(|_| at.is_multiple_of(2)) {
            private
                .insert("Association".to_owned(), json!({"PublicIp": format!("198.{}.{subnet}.{own}", 18 + number)}));
        }
        self.add(
            "network_interfaces",
            json!({"NetworkInterfaceId": format!("eni-{number}-{at}"), "VpcId": format!("vpc-{number}"),
            "SubnetId": format!("subnet-{number}-{subnet}"), "InterfaceType": "interface", "SourceDestCheck": true,
            "Groups": worn, "PrivateIpAddresses": [private], "Attachment": {"InstanceId": format!("i-{number}-{at}")}}),
        );
    }
}

/// By turns it denies and allows; the last one allows everything. Blocks and ports overlap with those of others.
fn entry(own: usize, all: usize, egress: bool) -> Value {
    let (number, last) = (own + 1, own + 1 == all);
    if last {
        return json!({"RuleNumber": number, "Egress": egress, "RuleAction": "allow", "CidrBlock": "0.0.0.0/0", "Protocol": "-1"});
    }
    let length = 2 + own % 6;
    let first = (own * 37 % 256) >> (8 - length) << (8 - length);
    let from = own * 1_500;
    json!({"RuleNumber": number, "Egress": egress, "RuleAction": if own.is_multiple_of(2) { "deny" } else { "allow" },
        "CidrBlock": format!("{first}.0.0.0/{length}"), "Protocol": if own.is_multiple_of(3) { "17" } else { "6" },
        "PortRange": {"From": from, "To": (from + 20_000).min(65_535)}})
}
