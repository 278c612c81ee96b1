//! The reads of EC2 on recorded answers. All fixtures are invented.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use plumbline_collector::replay::{Answer, Fault, Replay};
use plumbline_collector::{Collector, Reader, Share};
use plumbline_snapshot::ec2::{self, Ec2};
use plumbline_snapshot::{Details, Outcome, Plan, Read, Source, VpcChoice, Why};
use tokio::time::Instant;

use crate::Ec2Collector;

const REGION: &str = "eu-west-1";

macro_rules! fixture {
    ($name:literal) => {
        Answer::xml(include_str!(concat!("../fixtures/", $name, ".xml")))
    };
}

/// A Region with a few of everything.
fn aws() -> Replay {
    let aws = Replay::new();
    for (source, answer) in [
        (&ec2::VPCS, fixture!("DescribeVpcs")),
        (&ec2::VPC_ATTRIBUTE, fixture!("DescribeVpcAttribute.enableDnsSupport").when("Attribute=enableDnsSupport")),
        (&ec2::VPC_ATTRIBUTE, fixture!("DescribeVpcAttribute.enableDnsHostnames").when("Attribute=enableDnsHostnames")),
        (&ec2::SUBNETS, fixture!("DescribeSubnets")),
        (&ec2::AVAILABILITY_ZONES, fixture!("DescribeAvailabilityZones")),
        (&ec2::ROUTE_TABLES, fixture!("DescribeRouteTables")),
        (&ec2::INTERNET_GATEWAYS, fixture!("DescribeInternetGateways")),
        (&ec2::EGRESS_ONLY_GATEWAYS, fixture!("DescribeEgressOnlyInternetGateways")),
        (&ec2::CARRIER_GATEWAYS, fixture!("DescribeCarrierGateways")),
        (&ec2::NAT_GATEWAYS, fixture!("DescribeNatGateways")),
        (&ec2::VPN_GATEWAYS, fixture!("DescribeVpnGateways")),
        (&ec2::SECURITY_GROUPS, fixture!("DescribeSecurityGroups")),
        (&ec2::NETWORK_INTERFACES, fixture!("DescribeNetworkInterfaces")),
        (&ec2::VPC_ENDPOINTS, fixture!("DescribeVpcEndpoints")),
        (&ec2::MANAGED_PREFIX_LISTS, fixture!("DescribeManagedPrefixLists")),
        (&ec2::PREFIX_LIST_ENTRIES, fixture!("GetManagedPrefixListEntries")),
        (&ec2::FLOW_LOGS, fixture!("DescribeFlowLogs")),
        (&ec2::EBS_ENCRYPTION, fixture!("GetEbsEncryptionByDefault")),
        (&ec2::EBS_DEFAULT_KEY, fixture!("GetEbsDefaultKmsKeyId")),
        (&ec2::VOLUMES, fixture!("DescribeVolumes")),
        (&ec2::PEERINGS, fixture!("DescribeVpcPeeringConnections")),
        (&ec2::TRANSIT_ATTACHMENTS, fixture!("DescribeTransitGatewayVpcAttachments")),
        (&ec2::NETWORK_ACLS, fixture!("DescribeNetworkAcls")),
        (&ec2::VPC_BLOCK, fixture!("DescribeVpcBlockPublicAccessOptions")),
        (&ec2::VPC_BLOCK_EXCLUSIONS, fixture!("DescribeVpcBlockPublicAccessExclusions")),
    ] {
        aws.answer(source, answer);
    }
    aws
}

fn reader_of(sources: &[&Source]) -> Reader {
    let lab = VpcChoice { ids: BTreeSet::from(["vpc-lab".to_owned()]), ..VpcChoice::default() };
    let details = Details { vpcs: vec![lab], ..Details::default() };
    let region: plumbline_names::Region = REGION.parse().unwrap();
    let plan = Plan {
        sources: sources.iter().map(|source| source.operation()).collect(),
        regions: BTreeMap::from([(region.clone(), details)]),
        buckets: BTreeMap::new(),
        jobs_since: Timestamp::UNIX_EPOCH,
        tags_since: Timestamp::UNIX_EPOCH,
        until: Timestamp::UNIX_EPOCH,
    };
    Reader::new(Arc::new(plan), Share::OFF, None).in_region(&region)
}

async fn filled(aws: &Replay, reader: &Reader) -> Ec2 {
    let mut ec2 = Ec2::unread();
    Ec2Collector::new(&aws.config(REGION)).fill(reader, &mut ec2).await;
    ec2
}

fn outcomes(reader: &Reader) -> BTreeMap<String, Outcome> {
    reader.records().into_iter().map(|record| (record.operation, record.outcome)).collect()
}

fn ids<T>(list: &plumbline_snapshot::Collected<T>) -> Vec<&str> {
    list.entries().map(|(id, _)| id).collect()
}

#[tokio::test(start_paused = true)]
async fn one_pass_reads_everything_once() {
    let (aws, reader) = (aws(), reader_of(ec2::SOURCES));
    let ec2 = filled(&aws, &reader).await;

    assert_eq!(aws.unanswered(), []);
    // Which Regions there are is not asked in each of them.
    for source in ec2::SOURCES.iter().filter(|source| **source != &ec2::REGIONS) {
        let expected = match source.operation {
            "DescribeVpcAttribute" | "GetManagedPrefixListEntries" => 2,
            _ => 1,
        };
        assert_eq!(aws.calls_of(source), expected, "{}", source.operation);
        assert_eq!(outcomes(&reader).get(source.operation), Some(&Outcome::Complete), "{}", source.operation);
    }
    assert_eq!(ids(&ec2.vpcs), ["vpc-lab", "vpc-other"]);
    assert_eq!(ids(&ec2.subnets), ["subnet-a"]);
    assert_eq!(ids(&ec2.zones), ["euw1-az1"]);
    assert_eq!(ids(&ec2.route_tables), ["rtb-main"]);
    assert_eq!(ids(&ec2.internet_gateways), ["igw-1", "igw-loose"]);
    assert_eq!(ids(&ec2.egress_only_gateways), ["eigw-1"]);
    assert_eq!(ids(&ec2.carrier_gateways), ["cagw-1"]);
    assert_eq!(ids(&ec2.nat_gateways), ["nat-regional", "nat-zonal"]);
    assert_eq!(ids(&ec2.vpn_gateways), ["vgw-1"]);
    assert_eq!(ids(&ec2.security_groups), ["sg-work"]);
    assert_eq!(ids(&ec2.network_interfaces), ["eni-host", "eni-spread"]);
    assert_eq!(ids(&ec2.vpc_endpoints), ["vpce-api", "vpce-s3"]);
    assert_eq!(ids(&ec2.flow_logs), ["fl-1", "fl-2"]);
    assert_eq!(ids(&ec2.volumes), ["vol-1"]);
    assert_eq!(ec2.ebs_encryption_by_default, Read::Seen(true));
    assert!(matches!(&ec2.ebs_default_key, Read::Seen(Some(key)) if key.ends_with("555555555555")));
    let peering = ec2.peerings.get("pcx-1").unwrap().unwrap();
    assert_eq!((peering.requester.owner.as_str(), peering.accepter.vpc_id.as_str()), ("444455556666", "vpc-lab"));
    assert_eq!(
        (peering.requester.region.as_deref(), peering.status.as_str()),
        (Some("eu-north-1"), "pending-acceptance")
    );
    let attachment = ec2.transit_attachments.get("tgw-attach-1").unwrap().unwrap();
    assert_eq!((attachment.gateway_id.as_str(), attachment.state.as_str()), ("tgw-shared", "available"));
    let acl = ec2.network_acls.get("acl-1").unwrap().unwrap();
    assert_eq!(acl.entries.iter().map(|entry| entry.number).collect::<Vec<_>>(), [100, 32767]);
    assert!(acl.is_default && acl.subnet_ids.contains("subnet-a"));
    assert!(matches!(&ec2.vpc_block, Read::Seen(block) if block.mode == "block-bidirectional"));
    assert_eq!(ids(&ec2.vpc_block_exclusions), ["vpcbpa-exclude-1"]);
}

#[tokio::test(start_paused = true)]
async fn only_chosen_vpcs_and_named_prefix_lists_are_looked_into() {
    let (aws, reader) = (aws(), reader_of(ec2::SOURCES));
    let ec2 = filled(&aws, &reader).await;

    let lab = ec2.vpcs.get("vpc-lab").unwrap().unwrap();
    assert_eq!((&lab.dns_support, &lab.dns_hostnames), (&Read::Seen(true), &Read::Seen(false)));
    let other = ec2.vpcs.get("vpc-other").unwrap().unwrap();
    assert!(matches!(&other.dns_support, Read::Gap(gap) if gap.why == Why::NotPlanned));

    let entries = |id: &str| ec2.prefix_lists.get(id).unwrap().unwrap().entries.clone();
    let blocks = Read::Seen(vec!["192.0.2.0/24".to_owned(), "198.51.100.0/24".to_owned()]);
    assert_eq!((entries("pl-s3"), entries("pl-own")), (blocks.clone(), blocks));
    assert!(matches!(entries("pl-idle"), Read::Gap(gap) if gap.why == Why::NotPlanned));
}

#[tokio::test(start_paused = true)]
async fn volumes_are_read_only_where_an_interface_belongs_to_an_instance() {
    let (aws, reader) = (aws(), reader_of(ec2::SOURCES));
    aws.forget(&ec2::NETWORK_INTERFACES);
    let none = "<DescribeNetworkInterfacesResponse><networkInterfaceSet/></DescribeNetworkInterfacesResponse>";
    aws.answer(&ec2::NETWORK_INTERFACES, Answer::xml(none));
    let ec2 = filled(&aws, &reader).await;
    assert!(ec2.network_interfaces.is_whole());
    assert_eq!(ec2.volumes.gap().map(|gap| gap.why), Some(Why::NotPlanned));
    assert_eq!(aws.calls_of(&ec2::VOLUMES), 0);
}

#[tokio::test(start_paused = true)]
async fn every_listing_sends_its_largest_page_and_no_filter() {
    let (aws, reader) = (aws(), reader_of(ec2::SOURCES));
    filled(&aws, &reader).await;
    for request in aws.requests() {
        let expected = match request.operation.name() {
            "DescribeRouteTables" | "DescribeManagedPrefixLists" | "GetManagedPrefixListEntries" => "MaxResults=100&",
            "DescribeEgressOnlyInternetGateways" => "MaxResults=255&",
            "DescribeVpnGateways"
            | "DescribeVpcAttribute"
            | "GetEbsEncryptionByDefault"
            | "GetEbsDefaultKmsKeyId"
            | "DescribeVpcBlockPublicAccessOptions" => "",
            "DescribeAvailabilityZones" => "AllAvailabilityZones=false",
            _ => "MaxResults=1000&",
        };
        let text = format!("{}&", request.text);
        assert!(text.contains(expected) && !text.contains("Filter"), "{text}");
        assert!(!expected.is_empty() || !text.contains("MaxResults"), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn pages_are_followed_through_an_empty_one() {
    let aws = Replay::new();
    let page = |items: &str, token: &str| {
        Answer::xml(format!(
            "<DescribeInternetGatewaysResponse><internetGatewaySet>{items}</internetGatewaySet>{token}\
             </DescribeInternetGatewaysResponse>"
        ))
    };
    let gateway = |id: &str| format!("<item><internetGatewayId>{id}</internetGatewayId><attachmentSet/></item>");
    aws.answer(&ec2::INTERNET_GATEWAYS, page(&gateway("igw-1"), "<nextToken>two</nextToken>"));
    aws.answer(&ec2::INTERNET_GATEWAYS, page("", "<nextToken>three</nextToken>").when("NextToken=two"));
    aws.answer(&ec2::INTERNET_GATEWAYS, page(&gateway("igw-2"), "<nextToken/>").when("NextToken=three"));
    let reader = reader_of(&[&ec2::INTERNET_GATEWAYS]);
    let ec2 = filled(&aws, &reader).await;
    assert!(ec2.internet_gateways.is_whole());
    assert_eq!(ids(&ec2.internet_gateways), ["igw-1", "igw-2"]);
    assert_eq!(aws.calls_of(&ec2::INTERNET_GATEWAYS), 3);

    aws.fault_calls(&ec2::INTERNET_GATEWAYS, 2.., Fault::Denied);
    let broken = filled(&aws.fresh(), &reader).await;
    assert!(broken.internet_gateways.is_whole(), "a fresh script has no faults");
}

#[tokio::test(start_paused = true)]
async fn each_new_listing_follows_its_pages() {
    for (source, list) in [
        (&ec2::PEERINGS, "vpcPeeringConnectionSet"),
        (&ec2::TRANSIT_ATTACHMENTS, "transitGatewayVpcAttachments"),
        (&ec2::NETWORK_ACLS, "networkAclSet"),
        (&ec2::VPC_BLOCK_EXCLUSIONS, "vpcBlockPublicAccessExclusionSet"),
    ] {
        let aws = aws();
        aws.forget(source);
        let root = format!("{}Response", source.operation);
        let whole = match source.operation {
            "DescribeVpcPeeringConnections" => include_str!("../fixtures/DescribeVpcPeeringConnections.xml"),
            "DescribeNetworkAcls" => include_str!("../fixtures/DescribeNetworkAcls.xml"),
            "DescribeTransitGatewayVpcAttachments" => {
                include_str!("../fixtures/DescribeTransitGatewayVpcAttachments.xml")
            }
            _ => include_str!("../fixtures/DescribeVpcBlockPublicAccessExclusions.xml"),
        };
        let empty = format!("<{root}><{list}/><nextToken>three</nextToken></{root}>");
        let first = whole.replace(&format!("</{list}>"), &format!("</{list}><nextToken>two</nextToken>"));
        let last = whole.replace("-1<", "-2<");
        aws.answer(source, Answer::xml(first));
        aws.answer(source, Answer::xml(empty).when("NextToken=two"));
        aws.answer(source, Answer::xml(last).when("NextToken=three"));
        let reader = reader_of(&[source]);
        let ec2 = filled(&aws, &reader).await;
        assert_eq!(aws.calls_of(source), 3, "{}", source.operation);
        let found =
            [ec2.peerings.len(), ec2.transit_attachments.len(), ec2.network_acls.len(), ec2.vpc_block_exclusions.len()];
        assert_eq!(found.iter().sum::<usize>(), 2, "{}", source.operation);
        assert_eq!(outcomes(&reader).get(source.operation), Some(&Outcome::Complete), "{}", source.operation);
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_breaks_off_keeps_its_pages_and_goes_on_if_it_ran_out_of_time() {
    let aws = Replay::new();
    let page = |id: &str, token: &str| {
        Answer::xml(format!(
            "<DescribeInternetGatewaysResponse><internetGatewaySet><item><internetGatewayId>{id}</internetGatewayId>\
             <attachmentSet/></item></internetGatewaySet>{token}</DescribeInternetGatewaysResponse>"
        ))
    };
    aws.answer(&ec2::INTERNET_GATEWAYS, page("igw-1", "<nextToken>two</nextToken>"));
    aws.answer(&ec2::INTERNET_GATEWAYS, page("igw-2", "").when("NextToken=two"));
    aws.fault_calls(&ec2::INTERNET_GATEWAYS, 1.., Fault::Denied);
    let reader = reader_of(&[&ec2::INTERNET_GATEWAYS]);
    let mut ec2 = filled(&aws, &reader).await;
    assert_eq!(ids(&ec2.internet_gateways), ["igw-1"]);
    assert_eq!(ec2.internet_gateways.gap().map(|gap| gap.why), Some(Why::Truncated));
    assert_eq!(ec2.internet_gateways.cursor(), Some("two"));

    // What was refused is not asked again in the same run.
    aws.heal();
    let collector = Ec2Collector::new(&aws.config(REGION));
    collector.fill(&reader, &mut ec2).await;
    assert_eq!(ec2.internet_gateways.gap().map(|gap| gap.why), Some(Why::Truncated));

    let aws = aws.fresh();
    aws.take_time(Duration::from_secs(1));
    reader.go_on(Some(Instant::now() + Duration::from_millis(500)));
    let mut ec2 = filled(&aws, &reader).await;
    assert_eq!(ec2.internet_gateways.gap().map(|gap| gap.why), Some(Why::OutOfTime));
    assert_eq!((ids(&ec2.internet_gateways), ec2.internet_gateways.cursor()), (vec!["igw-1"], Some("two")));
    reader.go_on(None);
    Ec2Collector::new(&aws.config(REGION)).fill(&reader, &mut ec2).await;
    assert!(ec2.internet_gateways.is_whole());
    assert_eq!(ids(&ec2.internet_gateways), ["igw-1", "igw-2"]);
}

#[tokio::test(start_paused = true)]
async fn a_throttle_that_ends_costs_time_only() {
    let (aws, reader) = (aws(), reader_of(ec2::SOURCES));
    aws.fault_calls(&ec2::SUBNETS, 0..3, Fault::Throttled);
    let ec2 = filled(&aws, &reader).await;
    assert!(ec2.subnets.is_whole());
    assert_eq!(aws.calls_of(&ec2::SUBNETS), 4);
}

#[tokio::test(start_paused = true)]
async fn each_fault_of_each_read_blinds_that_read_alone() {
    for source in ec2::SOURCES {
        for fault in Fault::ALL.into_iter().chain([Fault::Unsupported]) {
            let (aws, reader) = (aws(), reader_of(ec2::SOURCES));
            aws.fault(source, fault.clone());
            filled(&aws, &reader).await;
            let expected = match fault {
                Fault::Denied => Outcome::Denied,
                Fault::Throttled => Outcome::Throttled,
                Fault::Unsupported => Outcome::Unsupported,
                _ => Outcome::Failed,
            };
            for (operation, outcome) in outcomes(&reader) {
                let expected = if operation == source.operation { expected } else { Outcome::Complete };
                assert_eq!(outcome, expected, "{operation} while {} meets {fault:?}", source.operation);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_list_of_rules_is_not_an_empty_one() {
    let (aws, reader) = (aws(), reader_of(ec2::SOURCES));
    aws.forget(&ec2::SECURITY_GROUPS);
    let stripped = include_str!("../fixtures/DescribeSecurityGroups.xml").replace("ipPermissions>", "ipPermits>");
    aws.answer(&ec2::SECURITY_GROUPS, Answer::xml(stripped));
    let ec2 = filled(&aws, &reader).await;
    let gap = ec2.security_groups.gap().unwrap();
    assert_eq!(gap.why, Why::Failed);
    assert!(gap.detail.contains("ipPermissions"), "{}", gap.detail);
}

#[tokio::test(start_paused = true)]
async fn an_attribute_of_a_vpc_that_went_away_is_a_gap_about_it() {
    let (aws, reader) = (aws(), reader_of(ec2::SOURCES));
    let gone = Fault::Error(400, "InvalidVpcID.NotFound".to_owned(), "The vpc ID 'vpc-lab' does not exist".to_owned());
    aws.fault(&ec2::VPC_ATTRIBUTE, gone);
    let ec2 = filled(&aws, &reader).await;
    let lab = ec2.vpcs.get("vpc-lab").unwrap().unwrap();
    let gap = lab.dns_support.sight().unwrap_err();
    assert_eq!((gap.why, gap.target.as_deref()), (Why::Failed, Some("vpc-lab")));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_planned_stays_so_and_what_is_seen_is_not_read_again() {
    let aws = aws();
    let mut ec2 = filled(&aws, &reader_of(&[&ec2::VPCS, &ec2::VPC_ATTRIBUTE])).await;
    assert_eq!(aws.requests().len(), 3);
    assert_eq!(ec2.subnets.gap().map(|gap| gap.why), Some(Why::NotPlanned));
    assert!(!ec2.ebs_default_key.is_seen());

    let reader = reader_of(ec2::SOURCES);
    Ec2Collector::new(&aws.config(REGION)).fill(&reader, &mut ec2).await;
    assert_eq!((aws.calls_of(&ec2::VPCS), aws.calls_of(&ec2::VPC_ATTRIBUTE)), (1, 2));
    let before = aws.requests().len();
    Ec2Collector::new(&aws.config(REGION)).fill(&reader, &mut ec2).await;
    assert_eq!(aws.requests().len(), before);
    assert_eq!(ec2, filled(&aws.fresh(), &reader_of(ec2::SOURCES)).await);
}
