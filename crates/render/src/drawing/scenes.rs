//! Networks and questions to draw.

use std::collections::BTreeSet;

use plumbline_reachability::outline::Outline;
use plumbline_reachability::{Graph, Node, Told};
use plumbline_testkit::ec2::{
    ACL, ENI_INSTANCE, INSTANCE, OTHER_TABLE, OTHER_VPC, SG_WORKLOAD, SUBNET_A, SUBNET_B, SUBNET_C, TABLE_PRIVATE, VPC,
    acl_entry, association, instance_interface, interface_endpoint, nat_gateway, plain_peering, plain_subnet, tcp,
    with_cidr,
};
use plumbline_testkit::{Env, known_good};

const IGW: &str = "igw-0added00000000001";
const PEERING: &str = "pcx-0e1d2c3b4a5960002";
const PUBLIC: &str = "rtb-0c2e4a6b8d0f00021";

/// What is to be drawn of a question; an end that is not given is anything.
pub(super) fn asked(env: &mut Env, from: Option<&str>, to: Option<&str>) -> (Outline, Told) {
    let graph = Graph::of(env.ec2());
    let node = |text: Option<&str>| text.map_or(Node::Anything, |text| graph.node(text).unwrap());
    let (from, to) = (node(from), node(to));
    let reach = graph.reach(&from, &to).unwrap();
    let told = graph.told(&from, &to, reach);
    (graph.outline(&from, &to, &told), told)
}

/// The known-good environment with an internet gateway, and all that would keep an instance from it taken away.
pub(super) fn opened() -> Env {
    known_good().with(|env| {
        env.add_internet_gateway(VPC).add_route(TABLE_PRIVATE, "0.0.0.0/0", "GatewayId", IGW);
        env.vpc_block(|block| block.mode = "off".to_owned());
        env.add_egress(SG_WORKLOAD, with_cidr(tcp(443), "0.0.0.0/0"));
        env.add_ingress(SG_WORKLOAD, with_cidr(tcp(22), "0.0.0.0/0"));
        env.network_acl(ACL, |acl| {
            let entry = acl_entry(10, "allow", "-1", "0.0.0.0/0");
            let mut out = entry.clone();
            out.egress = true;
            acl.entries.extend([entry, out]);
            acl.entries.sort();
        });
        publish(env, ENI_INSTANCE, "203.0.113.10");
    })
}

/// The environment's VPC and its neighbour, peered.
pub(super) fn peered() -> Env {
    opened().with(|env| {
        env.add_peering(plain_peering(PEERING, OTHER_VPC));
        env.add_route(TABLE_PRIVATE, "10.77.0.0/16", "VpcPeeringConnectionId", PEERING);
        env.add_route(OTHER_TABLE, "10.20.0.0/16", "VpcPeeringConnectionId", PEERING);
        env.add_egress(SG_WORKLOAD, with_cidr(tcp(22), "10.77.0.0/16"));
    })
}

fn publish(env: &mut Env, interface: &str, ip: &str) {
    env.network_interface(interface, |own| {
        own.public_ip = Some(ip.to_owned());
        own.addresses.iter_mut().flatten().for_each(|own| own.public_ip = Some(ip.to_owned()));
    });
}

/// Sixty subnets over three zones, an interface in each: two rows of public ones, a NAT gateway in two zones, twelve interface
/// endpoints, a peering, a VPN gateway.
pub(super) fn large() -> Env {
    let mut env = opened();
    clear(&mut env);
    let subnets: Vec<String> = (0..60).map(|number| add_subnet(&mut env, number)).collect();
    env.network_acl(ACL, |acl| acl.subnet_ids = subnets.iter().cloned().collect());
    let rows = |zone: Option<usize>, from: usize, to: usize| {
        let all = subnets.iter().enumerate().filter(move |(number, _)| (from..to).contains(&(number / 3)));
        let of_zone = all.filter(move |(number, _)| zone.is_none_or(|zone| number % 3 == zone));
        of_zone.map(|(_, id)| id.as_str()).collect::<Vec<&str>>()
    };
    add_table(&mut env, PUBLIC, &rows(None, 0, 2));
    env.add_route(PUBLIC, "0.0.0.0/0", "GatewayId", IGW);
    for (zone, home) in subnets.iter().enumerate().take(2) {
        let table = format!("rtb-0c2e4a6b8d0f0003{zone}");
        add_table(&mut env, &table, &rows(Some(zone), 2, 7));
        let nat = add_nat(&mut env, zone, home);
        env.add_route(&table, "0.0.0.0/0", "NatGatewayId", &nat);
    }
    for number in [4, 5] {
        publish(&mut env, &interface_of(number), &format!("203.0.113.{number}"));
    }
    for (at, service) in ["ecr.api", "ecr.dkr", "ssm", "ssmmessages"].into_iter().enumerate() {
        let id = format!("vpce-0b2c4d6e8f0b0000{at}");
        env.add_endpoint(interface_endpoint(&id, &format!("com.amazonaws.eu-west-1.{service}"), &["*"]));
    }
    let endpoints: Vec<String> = env.ec2().vpc_endpoints.seen().map(|own| own.id.clone()).collect();
    let homes: BTreeSet<String> = rows(None, 2, 3).into_iter().map(str::to_owned).collect();
    for id in endpoints {
        env.endpoint(&id, |own| {
            if own.kind == "Interface" {
                own.subnet_ids.clone_from(&homes);
            }
        });
    }
    env.add_peering(plain_peering(PEERING, "vpc-0f4a7d2c1b9e80077")).add_vpn_gateway(VPC, "attached");
    env
}

fn clear(env: &mut Env) {
    for subnet in [SUBNET_A, SUBNET_B, SUBNET_C] {
        env.remove_subnet(subnet);
    }
    let interfaces: Vec<String> = env.ec2().network_interfaces.seen().map(|own| own.id.clone()).collect();
    for id in interfaces {
        env.remove_network_interface(&id);
    }
    env.remove_route(TABLE_PRIVATE, "0.0.0.0/0").route_table(TABLE_PRIVATE, |table| table.associations.clear());
}

fn interface_of(number: usize) -> String {
    format!("eni-0e{number:02}3e5f7a9b00001")
}

fn add_subnet(env: &mut Env, number: usize) -> String {
    let (zone, row) = (number % 3 + 1, number / 3);
    let id = format!("subnet-0b{number:02}3f5b7c9e0{zone:04}");
    env.add_subnet(plain_subnet(&id, &format!("euw1-az{zone}"), &format!("10.20.{number}.0/24")));
    let tier = match row {
        0 | 1 => "public",
        2..=6 => "studio",
        _ => "training",
    };
    env.subnet(&id, |subnet| drop(subnet.tags.insert("Name".to_owned(), format!("{tier}-{zone}-{row:02}"))));
    add_interface(env, &interface_of(number), &id, &format!("10.20.{number}.10"));
    id
}

fn add_interface(env: &mut Env, id: &str, subnet: &str, ip: &str) {
    env.add_network_interface(instance_interface(id, subnet, INSTANCE));
    env.network_interface(id, |own| own.addresses.iter_mut().flatten().for_each(|own| own.ip = ip.to_owned()));
}

fn add_table(env: &mut Env, id: &str, subnets: &[&str]) {
    let mut table = env.ec2().route_tables.get(TABLE_PRIVATE).unwrap().unwrap().clone();
    table.id = id.to_owned();
    table.associations = subnets.iter().map(|subnet| association(Some(subnet))).collect();
    env.add_route_table(table);
}

fn add_nat(env: &mut Env, zone: usize, subnet: &str) -> String {
    let (id, own, ip) =
        (format!("nat-0d3b5f7a9c1e0000{zone}"), format!("eni-0d3b5f7a9c1e0000{zone}"), format!("10.20.{zone}.5"));
    env.add_nat_gateway(nat_gateway(&id, VPC, subnet));
    let interfaces = serde_json::json!([{ "id": own, "ip": ip }]);
    env.nat_gateway(&id, |nat| nat.interfaces = serde_json::from_value(interfaces).unwrap());
    add_interface(env, &own, subnet, &ip);
    env.network_interface(&own, |own| {
        own.kind = "nat_gateway".to_owned();
        own.instance_id = None;
        own.groups.clear();
        own.source_dest_check = Some(false);
    });
    publish(env, &own, &format!("203.0.113.{}", 50 + zone));
    id
}
