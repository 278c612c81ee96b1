//! EC2's answers: networks of as many VPCs as the size says, the first of them the environment's.

use crate::account::{ACCOUNT, Account, PREFIX_LIST, PREFIX_LISTS, Purpose, REGION, SUBNETS_OF_VPC, arn, id, key};
use crate::answer::{Answered, Page, each, page, unknown};
use crate::request::{Answer, Refusal, Request};

/// The largest page of most listings.
const LARGEST: u64 = 1000;
/// Zones of the Region.
const ZONES: [&str; 3] = ["a", "b", "c"];
/// VPC Block Public Access of the Region: both directions.
const BLOCKED: &str = "<vpcBlockPublicAccessOptions><state>update-complete</state>\
    <internetGatewayBlockMode>block-bidirectional</internetGatewayBlockMode><managedBy>account</managedBy>\
    </vpcBlockPublicAccessOptions>";
/// Parameters of a listing.
const PAGED: &[&str] = &["MaxResults", "NextToken"];

pub(crate) fn answer(account: &Account, request: &Request) -> Answered {
    let size = &account.size;
    let none = |set: &str, largest| Ok(set_of(request, set, &paged(request, 0, largest)?, |_| String::new()));
    let some = |set: &str, total, largest, write: fn(&Account, u64) -> String| {
        Ok(set_of(request, set, &paged(request, total, largest)?, |n| write(account, n)))
    };
    match request.operation.as_str() {
        "DescribeVpcs" => some("vpcSet", size.vpcs, LARGEST, vpc),
        "DescribeSubnets" => some("subnetSet", size.subnets(), LARGEST, subnet),
        "DescribeRouteTables" => some("routeTableSet", size.route_tables, 100, route_table),
        "DescribeSecurityGroups" => some("securityGroupInfo", size.groups, LARGEST, group),
        "DescribeNetworkInterfaces" => some("networkInterfaceSet", size.interfaces, LARGEST, interface),
        "DescribeVpcEndpoints" => some("vpcEndpointSet", size.vpc_endpoints, LARGEST, endpoint),
        "DescribeManagedPrefixLists" => some("prefixListSet", PREFIX_LISTS, 100, prefix_list),
        "DescribeFlowLogs" => some("flowLogSet", size.vpcs, LARGEST, flow_log),
        "DescribeNetworkAcls" => some("networkAclSet", size.vpcs, LARGEST, network_acl),
        "DescribeInternetGateways" => none("internetGatewaySet", LARGEST),
        "DescribeEgressOnlyInternetGateways" => none("egressOnlyInternetGatewaySet", 255),
        "DescribeCarrierGateways" => none("carrierGatewaySet", LARGEST),
        "DescribeNatGateways" => none("natGatewaySet", LARGEST),
        "DescribeVolumes" => none("volumeSet", LARGEST),
        "DescribeVpcPeeringConnections" => none("vpcPeeringConnectionSet", LARGEST),
        "DescribeTransitGatewayVpcAttachments" => none("transitGatewayVpcAttachments", LARGEST),
        "DescribeVpcBlockPublicAccessExclusions" => none("vpcBlockPublicAccessExclusionSet", LARGEST),
        "DescribeVpcBlockPublicAccessOptions" => Ok(whole(request, BLOCKED)),
        "DescribeVpnGateways" => {
            request.only(&[])?;
            none("vpnGatewaySet", LARGEST)
        }
        "DescribeAvailabilityZones" => {
            request.only(&["AllAvailabilityZones"])?;
            let page = Page { items: 0..ZONES.len() as u64, next: None };
            Ok(set_of(request, "availabilityZoneInfo", &page, zone))
        }
        "GetManagedPrefixListEntries" => {
            request.only(&["MaxResults", "NextToken", "PrefixListId"])?;
            let page = page(3, 100, request.value("MaxResults").as_deref(), request.value("NextToken").as_deref())?;
            Ok(set_of(request, "entrySet", &page, |n| format!("<cidr>52.{n}.0.0/16</cidr>")))
        }
        "DescribeRegions" => {
            request.only(&["AllRegions"])?;
            let one =
                format!("<item><regionName>{REGION}</regionName><optInStatus>opt-in-not-required</optInStatus></item>");
            Ok(whole(request, &format!("<regionInfo>{one}</regionInfo>")))
        }
        "DescribeVpcAttribute" => {
            request.only(&["Attribute", "VpcId"])?;
            let vpc = request.value("VpcId").unwrap_or_default();
            let name = request.value("Attribute").unwrap_or_default();
            Ok(whole(request, &format!("<vpcId>{vpc}</vpcId><{name}><value>true</value></{name}>")))
        }
        "GetEbsEncryptionByDefault" => Ok(whole(request, "<ebsEncryptionByDefault>true</ebsEncryptionByDefault>")),
        "GetEbsDefaultKmsKeyId" => {
            Ok(whole(request, &format!("<kmsKeyId>{}</kmsKeyId>", key(size, Purpose::Volumes, 0))))
        }
        _ => Err(unknown(request)),
    }
}

fn paged(request: &Request, total: u64, largest: u64) -> Result<Page, Refusal> {
    request.only(PAGED)?;
    page(total, largest, request.value("MaxResults").as_deref(), request.value("NextToken").as_deref())
}

fn set_of(request: &Request, set: &str, page: &Page, write: impl Fn(u64) -> String) -> Answer {
    let items = each(page.items.clone(), "", |n| format!("<item>{}</item>", write(n)));
    let next = page.next.as_ref().map(|next| format!("<nextToken>{next}</nextToken>")).unwrap_or_default();
    whole(request, &format!("<{set}>{items}</{set}>{next}"))
}

fn whole(request: &Request, inside: &str) -> Answer {
    let name = &request.operation;
    Answer::xml(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{name}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
         <requestId>r</requestId>{inside}</{name}Response>"
    ))
}

fn tags(pairs: &[(&str, &str)]) -> String {
    let items: String =
        pairs.iter().map(|(key, value)| format!("<item><key>{key}</key><value>{value}</value></item>")).collect();
    format!("<tagSet>{items}</tagSet>")
}

fn vpc(_: &Account, n: u64) -> String {
    format!(
        "<vpcId>{}</vpcId><ownerId>{ACCOUNT}</ownerId><state>available</state><cidrBlock>10.{}.0.0/16</cidrBlock>\
         <cidrBlockAssociationSet><item><associationId>{}</associationId><cidrBlock>10.{}.0.0/16</cidrBlock>\
         <cidrBlockState><state>associated</state></cidrBlockState></item></cidrBlockAssociationSet>\
         <dhcpOptionsId>dopt-0</dhcpOptionsId><instanceTenancy>default</instanceTenancy><isDefault>false</isDefault>{}",
        id("vpc", n),
        n % 256,
        id("vpc-cidr-assoc", n),
        n % 256,
        tags(&[("Name", &format!("load-vpc-{n}")), ("ProjectName", "load")]),
    )
}

fn subnet(_: &Account, n: u64) -> String {
    let (vpc, at) = (n / SUBNETS_OF_VPC, n % SUBNETS_OF_VPC);
    let zone = n % ZONES.len() as u64 + 1;
    let subnet = id("subnet", n);
    format!(
        "<subnetId>{subnet}</subnetId><subnetArn>{}</subnetArn><vpcId>{}</vpcId><ownerId>{ACCOUNT}</ownerId>\
         <state>available</state><availabilityZone>{REGION}{}</availabilityZone>\
         <availabilityZoneId>euw1-az{zone}</availabilityZoneId><cidrBlock>10.{}.{at}.0/24</cidrBlock>\
         <availableIpAddressCount>200</availableIpAddressCount><defaultForAz>false</defaultForAz>\
         <mapPublicIpOnLaunch>false</mapPublicIpOnLaunch>\
         <assignIpv6AddressOnCreation>false</assignIpv6AddressOnCreation><ipv6CidrBlockAssociationSet/>{}",
        arn("ec2", &format!("subnet/{subnet}")),
        id("vpc", vpc),
        usize::try_from(zone).ok().and_then(|zone| ZONES.get(zone - 1)).unwrap_or(&"a"),
        vpc % 256,
        tags(&[("Name", &format!("load-vpc-{vpc}")), ("ProjectName", "load"), ("Tier", "private")]),
    )
}

fn zone(n: u64) -> String {
    let letter = usize::try_from(n).ok().and_then(|n| ZONES.get(n)).unwrap_or(&"a");
    format!(
        "<zoneName>{REGION}{letter}</zoneName><zoneId>euw1-az{}</zoneId><zoneState>available</zoneState>\
         <regionName>{REGION}</regionName><zoneType>availability-zone</zoneType><messageSet/>",
        n + 1
    )
}

/// Six of each VPC: the first is its main one, each of the others serves some subnets.
fn route_table(account: &Account, n: u64) -> String {
    let vpcs = account.size.vpcs;
    let (vpc, at) = (n % vpcs, n / vpcs);
    let table = id("rtb", n);
    let association = |number: u64, what: &str| {
        format!(
            "<item><routeTableAssociationId>{}</routeTableAssociationId><routeTableId>{table}</routeTableId>{what}\
             <associationState><state>associated</state></associationState></item>",
            id("rtbassoc", n * 16 + number)
        )
    };
    let associations = if at == 0 {
        association(0, "<main>true</main>")
    } else {
        let own = (0..SUBNETS_OF_VPC).filter(|subnet| subnet % 5 + 1 == at);
        own.map(|subnet| {
            let subnet_id = id("subnet", vpc * SUBNETS_OF_VPC + subnet);
            association(subnet + 1, &format!("<subnetId>{subnet_id}</subnetId><main>false</main>"))
        })
        .collect()
    };
    format!(
        "<routeTableId>{table}</routeTableId><vpcId>{}</vpcId><ownerId>{ACCOUNT}</ownerId><routeSet>\
         <item><destinationCidrBlock>10.{}.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId>\
         <state>active</state><origin>CreateRouteTable</origin></item>\
         <item><destinationPrefixListId>{PREFIX_LIST}</destinationPrefixListId><gatewayId>{}</gatewayId>\
         <state>active</state><origin>CreateRoute</origin></item></routeSet>\
         <associationSet>{associations}</associationSet><propagatingVgwSet/>{}",
        id("vpc", vpc),
        vpc % 256,
        id("vpce", vpc),
        tags(&[("ProjectName", "load")]),
    )
}

fn group(account: &Account, n: u64) -> String {
    let vpcs = account.size.vpcs;
    let (vpc, at) = (n % vpcs, n / vpcs);
    let (group, tier) = (id("sg", n), if at < 4 { "workload" } else { "other" });
    let rule = format!(
        "<item><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort><groups><item>\
         <userId>{ACCOUNT}</userId><groupId>{group}</groupId></item></groups><ipRanges/><ipv6Ranges/><prefixListIds/>\
         </item>"
    );
    format!(
        "<groupId>{group}</groupId><groupName>load-{n}</groupName><groupDescription>load</groupDescription>\
         <vpcId>{}</vpcId><ownerId>{ACCOUNT}</ownerId><ipPermissions>{rule}</ipPermissions>\
         <ipPermissionsEgress>{rule}</ipPermissionsEgress>{}",
        id("vpc", vpc),
        tags(&[("ProjectName", "load"), ("Tier", tier)]),
    )
}

fn interface(account: &Account, n: u64) -> String {
    let vpcs = account.size.vpcs;
    let (vpc, at) = (n % vpcs, n / vpcs);
    let subnet = vpc * SUBNETS_OF_VPC + at % SUBNETS_OF_VPC;
    format!(
        "<networkInterfaceId>{}</networkInterfaceId><subnetId>{}</subnetId><vpcId>{}</vpcId>\
         <ownerId>{ACCOUNT}</ownerId><interfaceType>interface</interfaceType><status>in-use</status>\
         <requesterManaged>true</requesterManaged><privateIpAddress>10.{}.{}.9</privateIpAddress><groupSet><item>\
         <groupId>{}</groupId></item></groupSet><privateIpAddressesSet/><tagSet/>",
        id("eni", n),
        id("subnet", subnet),
        id("vpc", vpc),
        vpc % 256,
        at % SUBNETS_OF_VPC,
        id("sg", vpc + vpcs * (at % 4)),
    )
}

/// Twelve of each VPC: the first is the gateway to S3, the others are interfaces.
fn endpoint(account: &Account, n: u64) -> String {
    const SERVICES: [&str; 12] = [
        "s3",
        "sagemaker.api",
        "sagemaker.runtime",
        "sts",
        "logs",
        "kms",
        "ecr.api",
        "ecr.dkr",
        "monitoring",
        "servicecatalog",
        "codecommit",
        "git-codecommit",
    ];
    let vpcs = account.size.vpcs;
    let (vpc, at) = (n % vpcs, n / vpcs);
    let service = usize::try_from(at).ok().and_then(|at| SERVICES.get(at)).unwrap_or(&"ssm");
    let made = account.made();
    let placed = if at == 0 {
        let tables = (1..6).map(|table| format!("<item>{}</item>", id("rtb", vpc + vpcs * table)));
        let tables: String = tables.collect();
        format!(
            "<vpcEndpointType>Gateway</vpcEndpointType><routeTableIdSet>{tables}</routeTableIdSet><subnetIdSet/>\
             <groupSet/><privateDnsEnabled>false</privateDnsEnabled>"
        )
    } else {
        let subnets = (0..3).map(|at| format!("<item>{}</item>", id("subnet", vpc * SUBNETS_OF_VPC + at)));
        let subnets: String = subnets.collect();
        format!(
            "<vpcEndpointType>Interface</vpcEndpointType><routeTableIdSet/><subnetIdSet>{subnets}</subnetIdSet>\
             <groupSet><item><groupId>{}</groupId><groupName>load</groupName></item></groupSet>\
             <privateDnsEnabled>true</privateDnsEnabled>",
            id("sg", vpc + vpcs * 5)
        )
    };
    format!(
        "<vpcEndpointId>{}</vpcEndpointId><vpcId>{}</vpcId><ownerId>{ACCOUNT}</ownerId>\
         <serviceName>com.amazonaws.{REGION}.{service}</serviceName><state>available</state>\
         <policyDocument>{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Principal\":\"*\",\
         \"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{{\"StringEquals\":{{\"aws:PrincipalAccount\":\
         \"{ACCOUNT}\",\"aws:ResourceAccount\":\"{ACCOUNT}\"}}}}}}]}}</policyDocument>{placed}\
         <requesterManaged>false</requesterManaged><creationTimestamp>{made}</creationTimestamp>{}",
        id("vpce", n),
        id("vpc", vpc),
        tags(&[("ProjectName", "load")]),
    )
}

fn prefix_list(_: &Account, n: u64) -> String {
    let list = if n == 0 { PREFIX_LIST.to_owned() } else { format!("pl-0000000{n}") };
    format!(
        "<prefixListId>{list}</prefixListId><addressFamily>IPv4</addressFamily><state>create-complete</state>\
         <prefixListName>com.amazonaws.{REGION}.{}</prefixListName><ownerId>AWS</ownerId><tagSet/>",
        if n == 0 { "s3".to_owned() } else { format!("service-{n}") },
    )
}

fn flow_log(_: &Account, n: u64) -> String {
    format!(
        "<flowLogId>{}</flowLogId><flowLogStatus>ACTIVE</flowLogStatus><resourceId>{}</resourceId>\
         <trafficType>ALL</trafficType><logDestinationType>cloud-watch-logs</logDestinationType>\
         <deliverLogsStatus>SUCCESS</deliverLogsStatus><logDestination>{}</logDestination>\
         <deliverLogsPermissionArn>arn:aws:iam::{ACCOUNT}:role/flow-logs</deliverLogsPermissionArn>\
         <maxAggregationInterval>600</maxAggregationInterval><tagSet/>",
        id("fl", n),
        id("vpc", n),
        arn("logs", &format!("log-group:/load/flow/{n}")),
    )
}

/// The one of each VPC, with all its subnets: it lets in what the VPC sends.
fn network_acl(_: &Account, n: u64) -> String {
    let acl = id("acl", n);
    let entry = |number: u32, action: &str, egress: bool, block: &str| {
        format!(
            "<item><ruleNumber>{number}</ruleNumber><protocol>-1</protocol><ruleAction>{action}</ruleAction>\
             <egress>{egress}</egress><cidrBlock>{block}</cidrBlock></item>"
        )
    };
    let entries = [
        entry(100, "allow", true, "0.0.0.0/0"),
        entry(32_767, "deny", true, "0.0.0.0/0"),
        entry(100, "allow", false, &format!("10.{}.0.0/16", n % 256)),
        entry(32_767, "deny", false, "0.0.0.0/0"),
    ];
    let associations: String = (0..SUBNETS_OF_VPC)
        .map(|at| {
            let subnet = n * SUBNETS_OF_VPC + at;
            format!(
                "<item><networkAclAssociationId>{}</networkAclAssociationId><networkAclId>{acl}</networkAclId>\
                 <subnetId>{}</subnetId></item>",
                id("aclassoc", subnet),
                id("subnet", subnet)
            )
        })
        .collect();
    format!(
        "<networkAclId>{acl}</networkAclId><vpcId>{}</vpcId><ownerId>{ACCOUNT}</ownerId><default>true</default>\
         <entrySet>{}</entrySet><associationSet>{associations}</associationSet>{}",
        id("vpc", n),
        entries.concat(),
        tags(&[]),
    )
}
