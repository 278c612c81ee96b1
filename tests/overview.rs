//! The overview of a VPC (`Graph::overview`) held against the ways of each interface (`Graph::ways`), which are held against
//! the packet walker, on the recorded topologies; and what it says of an environment.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod walks;

use std::collections::BTreeSet;

use plumbline_reachability::overview::{Callers, Overview};
use plumbline_reachability::{Answer, Graph, Node, Origin, Packets, Place, Verdict};
use plumbline_snapshot::ec2::{Ec2, NetworkInterface, Vpc};
use plumbline_testkit::ec2::*;
use plumbline_testkit::{Env, known_good};

use walks::{Line, each, generated, known};

/// What only answers, and what forwards.
const SILENT: [&str; 5] =
    ["nat_gateway", "gateway_load_balancer_endpoint", "transit_gateway", "vpc_endpoint", "gateway_load_balancer"];

fn from(interface: &NetworkInterface) -> Packets {
    let own = interface.addresses.iter().flatten();
    own.fold(Packets::none(), |all, own| {
        let ip: std::net::IpAddr = own.ip.parse().unwrap();
        all.or(&Packets::from(ip.into())).unwrap()
    })
}

/// From which subnet to which some packet of some interface of a VPC surely gets, way by way.
fn passages<'a>(graph: &Graph<'a>, ec2: &'a Ec2, vpc: &Vpc) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let senders = ec2.network_interfaces.seen().filter(|it| it.vpc_id == vpc.id && !SILENT.contains(&&*it.kind));
    for sender in senders {
        for way in graph.ways(Origin::Interface(&sender.id), from(sender)).unwrap() {
            let Verdict::Delivered(Place::Of(id)) = way.verdict else { continue };
            let Ok(Some(to)) = ec2.network_interfaces.get(id) else { continue };
            if to.vpc_id == vpc.id && to.id != sender.id {
                found.insert((sender.subnet_id.clone(), to.subnet_id.clone()));
            }
        }
    }
    found
}

fn differences(line: &Line) -> Vec<String> {
    let ec2 = line.ec2();
    let graph = Graph::of(&ec2);
    let mut found = Vec::new();
    for vpc in ec2.vpcs.seen() {
        let overview = graph.overview(vpc).unwrap();
        let told: BTreeSet<_> = overview.between.iter().map(|it| (it.from.clone(), it.to.clone())).collect();
        let own = passages(&graph, &ec2, vpc);
        if told != own {
            found.push(format!("{}: between {told:?}, its ways {own:?}", vpc.id));
        }
        for callers in &overview.endpoints {
            found.extend(wrong_callers(&graph, &ec2, callers));
        }
    }
    found
}

/// Interfaces of which their ways say otherwise.
fn wrong_callers<'a>(graph: &Graph<'a>, ec2: &'a Ec2, callers: &Callers) -> Vec<String> {
    let https = Packets::protocol(6).and(&Packets::ports(443, 443)).unwrap();
    let https = https.and(&Packets::source_ports(32_768, 60_999)).unwrap();
    let reaches = |name: &str| {
        let id = name.split(' ').next().unwrap();
        let Ok(Some(sender)) = ec2.network_interfaces.get(id) else { return false };
        let packets = from(sender).and(&https).unwrap();
        let ways = graph.ways(Origin::Interface(&sender.id), packets).unwrap();
        ways.iter().any(|way| {
            let back = |answer: &Answer<'_>| matches!(answer.verdict, Verdict::Delivered(_));
            way.verdict == Verdict::Delivered(Place::Of(&callers.endpoint)) && way.answers.iter().any(back)
        })
    };
    let reach = callers.reach.iter().filter(|name| !reaches(name)).map(|name| format!("{name} reaches it"));
    let shut = callers.shut_off.iter().filter(|(name, _)| reaches(name));
    reach.chain(shut.map(|(name, said)| format!("{name} is shut off: {said:?}"))).collect()
}

#[test]
fn an_overview_says_what_the_ways_say() {
    let lines: Vec<Line> = generated().into_iter().chain(known()).collect();
    let found = each(&lines, differences);
    assert!(found.is_empty(), "{}\n{}", found.len(), found.join("\n"));
}

#[test]
fn the_recorded_topologies_have_something_to_say() {
    let counts = each(&generated(), |line| {
        let ec2 = line.ec2();
        let graph = Graph::of(&ec2);
        let all: Vec<Overview> = ec2.vpcs.seen().map(|vpc| graph.overview(vpc).unwrap()).collect();
        let callers = || all.iter().flat_map(|told| &told.endpoints);
        vec![[
            all.iter().flat_map(|told| &told.out).count(),
            all.iter().flat_map(|told| &told.into).count(),
            all.iter().flat_map(|told| &told.between).count(),
            all.iter().flat_map(|told| &told.between).filter(|it| !it.unanswered.is_empty()).count(),
            callers().map(|it| it.reach.len()).sum(),
            callers().map(|it| it.shut_off.len()).sum(),
        ]]
    });
    let sums: Vec<usize> = (0..6).map(|at| counts.iter().filter_map(|row| row.get(at)).sum()).collect();
    assert!(sums.iter().all(|sum| *sum > 50), "{sums:?}");
}

/// The known-good account, its endpoint of STS with an interface in two subnets.
fn environment() -> Env {
    let mut env = known_good();
    for (id, subnet, ip) in [("eni-sts-a", SUBNET_A, "10.20.1.201"), ("eni-sts-b", SUBNET_B, "10.20.2.201")] {
        let mut own = instance_interface(id, subnet, INSTANCE);
        own.kind = "vpc_endpoint".to_owned();
        own.instance_id = None;
        own.groups = vec![SG_ENDPOINTS.to_owned()];
        for address in own.addresses.iter_mut().flatten() {
            ip.clone_into(&mut address.ip);
        }
        env.add_network_interface(own);
    }
    env.endpoint("sts", |endpoint| {
        endpoint.interface_ids = Some(["eni-sts-a", "eni-sts-b"].map(str::to_owned).into());
    });
    env
}

fn callers(env: &Env, endpoint: &str) -> Callers {
    let regional = env.snapshot.regions.values().next().unwrap();
    let graph = Graph::of(&regional.ec2);
    let vpc = regional.ec2.vpcs.get(VPC).ok().flatten().unwrap();
    let overview = graph.overview(vpc).unwrap();
    overview.endpoints.into_iter().find(|callers| callers.endpoint == endpoint).unwrap()
}

fn why(list: &[(String, plumbline_reachability::Said)]) -> Vec<String> {
    list.iter().map(|(name, said)| format!("{}: {}", name.split(' ').next().unwrap(), said.says)).collect()
}

#[test]
fn who_reaches_an_interface_endpoint_and_who_is_shut_off() {
    let mut env = environment();
    let own = callers(&env, ENDPOINT_STS);
    assert_eq!((own.reach.len(), own.shut_off.len(), own.partly.len(), own.perhaps.len()), (2, 0, 0, 0), "{own:?}");
    env.network_interface(ENI_NOTEBOOK, |own| own.groups = vec![SG_DEFAULT.to_owned()]);
    let own = callers(&env, ENDPOINT_STS);
    assert_eq!(own.reach.len(), 1, "{own:?}");
    assert!(
        why(&own.shut_off).iter().all(|it| it.starts_with(&format!("{ENI_NOTEBOOK}: no egress rule lets tcp 443"))),
        "{own:?}"
    );
    assert_eq!(own.shut_off.len(), 1, "{own:?}");
}

#[test]
fn an_endpoint_that_answers_in_one_zone_only() {
    let mut env = environment();
    env.network_interface("eni-sts-b", |own| own.groups = vec![SG_DEFAULT.to_owned()]);
    let own = callers(&env, ENDPOINT_STS);
    assert_eq!((own.reach.len(), own.partly.len()), (0, 2), "{own:?}");
    assert!(why(&own.partly).iter().all(|it| it.contains("no egress rule lets tcp 443")), "{own:?}");
}

#[test]
fn interfaces_of_an_endpoint_that_were_not_read_prove_nothing() {
    let mut env = environment();
    env.remove_network_interface("eni-sts-b");
    let own = callers(&env, ENDPOINT_STS);
    assert_eq!((own.reach.len(), own.shut_off.len(), own.perhaps.len()), (0, 0, 2), "{own:?}");
}

#[test]
fn a_wide_endpoint_policy_on_an_endpoint_that_no_table_uses() {
    let mut env = environment();
    let own = callers(&env, ENDPOINT_S3);
    assert_eq!(own.reach.len(), 2, "{own:?}");
    env.endpoint("s3", |endpoint| {
        let wide =
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
        endpoint.policy = Some(wide.to_owned());
        endpoint.route_table_ids.clear();
    });
    for table in [TABLE_MAIN, TABLE_PRIVATE] {
        env.route_table(table, |table| {
            table.routes.retain(|route| !route.targets.values().any(|target| target == ENDPOINT_S3))
        });
    }
    let own = callers(&env, ENDPOINT_S3);
    assert_eq!((own.reach.len(), own.shut_off.len()), (0, 2), "{own:?}");
    assert!(why(&own.shut_off).iter().all(|it| it.contains("no route of its subnet leads there")), "{own:?}");
    let regional = env.snapshot.regions.values().next().unwrap();
    let graph = Graph::of(&regional.ec2);
    let reach = graph.reach(&Node::Vpc(VPC), &graph.node(ENDPOINT_S3).unwrap()).unwrap();
    assert!(reach.paths.is_empty() && reach.unknown.is_empty(), "{reach:?}");
}
