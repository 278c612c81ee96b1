//! The reads of EC2 in one Region: networks, gateways, rules, endpoints, flow logs and volume settings.
//!
//! Everything of the Region is listed, unfiltered and side by side: what belongs to an environment is not for a collector
//! to say, and egress-only gateways and prefix lists have no VPC filter anyhow. Then follows what depends on it: the
//! DNS attributes of the VPCs that the plan chooses, the entries of the prefix lists that a rule or route names, and
//! volumes where an interface belongs to an instance. No operation here has an answer that means 'absent'.

mod convert;
mod limits;
mod perimeter;
mod regions;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::VpcAttributeName;
use aws_types::SdkConfig;
use plumbline_collector::{Check, Collector, Missing, Next, Page, Reader, each, polite};
use plumbline_snapshot::Collected;
use plumbline_snapshot::ec2::{self, Ec2, PrefixList, Vpc};
use tokio::join;

use limits::{AT_ONCE, PAGE, PAGE_OF_EGRESS_ONLY, PAGE_OF_HUNDRED};

pub use regions::RegionsCollector;

/// Reads EC2 in the Region of its client.
#[derive(Debug, Clone)]
pub struct Ec2Collector {
    client: Client,
}

impl Ec2Collector {
    /// A collector for the Region, credentials and endpoint of `config`.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        let config = aws_sdk_ec2::config::Builder::from(&polite(config)).interceptor(Check::of("ec2", limits::SHAPES));
        Self { client: Client::from_conf(config.build()) }
    }
}

impl Collector for Ec2Collector {
    type Fragment = Ec2;

    async fn fill(&self, reader: &Reader, ec2: &mut Ec2) {
        let reader = &reader.with_buckets(limits::BUCKETS);
        let client = &self.client;
        // WHY: calls are boxed, since the future of an SDK call is large, and so many of them stand side by side here that
        // their sum overflows the stack of a thread.
        let Ec2 {
            vpcs,
            subnets,
            zones,
            route_tables,
            internet_gateways,
            egress_only_gateways,
            carrier_gateways,
            nat_gateways,
            vpn_gateways,
            security_groups,
            network_interfaces,
            vpc_endpoints,
            prefix_lists,
            flow_logs,
            ebs_encryption_by_default,
            ebs_default_key,
            volumes: _,
            peerings,
            transit_attachments,
            network_acls,
            vpc_block,
            vpc_block_exclusions,
        } = ec2;
        join!(
            reader.list(
                &ec2::VPCS,
                vpcs,
                |token| Box::pin(client.describe_vpcs().max_results(PAGE).set_next_token(token).send()),
                |answer| Page::of(answer.vpcs().iter().map(convert::vpc), Next::token(answer.next_token.clone())),
            ),
            reader.list(
                &ec2::SUBNETS,
                subnets,
                |token| Box::pin(client.describe_subnets().max_results(PAGE).set_next_token(token).send()),
                |answer| Page::of(answer.subnets().iter().map(convert::subnet), Next::token(answer.next_token.clone())),
            ),
            reader.list(
                &ec2::AVAILABILITY_ZONES,
                zones,
                |_| Box::pin(client.describe_availability_zones().all_availability_zones(false).send()),
                |answer| Page::of(answer.availability_zones().iter().map(convert::zone), Next::End),
            ),
            reader.list(
                &ec2::ROUTE_TABLES,
                route_tables,
                |token| Box::pin(
                    client.describe_route_tables().max_results(PAGE_OF_HUNDRED).set_next_token(token).send()
                ),
                |answer| Page::of(
                    answer.route_tables().iter().map(convert::route_table),
                    Next::token(answer.next_token.clone())
                ),
            ),
            reader.list(
                &ec2::INTERNET_GATEWAYS,
                internet_gateways,
                |token| Box::pin(client.describe_internet_gateways().max_results(PAGE).set_next_token(token).send()),
                |answer| {
                    let items = answer.internet_gateways().iter().map(convert::internet_gateway);
                    Page::of(items, Next::token(answer.next_token.clone()))
                },
            ),
            reader.list(
                &ec2::EGRESS_ONLY_GATEWAYS,
                egress_only_gateways,
                |token| {
                    let call = client.describe_egress_only_internet_gateways().max_results(PAGE_OF_EGRESS_ONLY);
                    Box::pin(call.set_next_token(token).send())
                },
                |answer| {
                    let items = answer.egress_only_internet_gateways().iter().map(convert::egress_only_gateway);
                    Page::of(items, Next::token(answer.next_token.clone()))
                },
            ),
            reader.list(
                &ec2::CARRIER_GATEWAYS,
                carrier_gateways,
                |token| Box::pin(client.describe_carrier_gateways().max_results(PAGE).set_next_token(token).send()),
                |answer| {
                    let items = answer.carrier_gateways().iter().map(convert::carrier_gateway);
                    Page::of(items, Next::token(answer.next_token.clone()))
                },
            ),
            reader.list(
                &ec2::NAT_GATEWAYS,
                nat_gateways,
                |token| Box::pin(client.describe_nat_gateways().max_results(PAGE).set_next_token(token).send()),
                |answer| Page::of(
                    answer.nat_gateways().iter().map(convert::nat_gateway),
                    Next::token(answer.next_token.clone())
                ),
            ),
            reader.list(
                &ec2::VPN_GATEWAYS,
                vpn_gateways,
                |_| Box::pin(client.describe_vpn_gateways().send()),
                |answer| Page::of(answer.vpn_gateways().iter().map(convert::vpn_gateway), Next::End),
            ),
            reader.list(
                &ec2::SECURITY_GROUPS,
                security_groups,
                |token| Box::pin(client.describe_security_groups().max_results(PAGE).set_next_token(token).send()),
                |answer| {
                    let items = answer.security_groups().iter().map(convert::security_group);
                    Page::of(items, Next::token(answer.next_token.clone()))
                },
            ),
            reader.list(
                &ec2::NETWORK_INTERFACES,
                network_interfaces,
                |token| Box::pin(client.describe_network_interfaces().max_results(PAGE).set_next_token(token).send()),
                |answer| {
                    let items = answer.network_interfaces().iter().map(convert::network_interface);
                    Page::of(items, Next::token(answer.next_token.clone()))
                },
            ),
            reader.list(
                &ec2::VPC_ENDPOINTS,
                vpc_endpoints,
                |token| Box::pin(client.describe_vpc_endpoints().max_results(PAGE).set_next_token(token).send()),
                |answer| Page::of(
                    answer.vpc_endpoints().iter().map(convert::vpc_endpoint),
                    Next::token(answer.next_token.clone())
                ),
            ),
            reader.list(
                &ec2::MANAGED_PREFIX_LISTS,
                prefix_lists,
                |token| Box::pin(
                    client.describe_managed_prefix_lists().max_results(PAGE_OF_HUNDRED).set_next_token(token).send()
                ),
                |answer| Page::of(
                    answer.prefix_lists().iter().map(convert::prefix_list),
                    Next::token(answer.next_token.clone())
                ),
            ),
            reader.list(
                &ec2::FLOW_LOGS,
                flow_logs,
                |token| Box::pin(client.describe_flow_logs().max_results(PAGE).set_next_token(token).send()),
                |answer| Page::of(
                    answer.flow_logs().iter().map(convert::flow_log),
                    Next::token(answer.next_token.clone())
                ),
            ),
            reader.one(
                &ec2::EBS_ENCRYPTION,
                None,
                ebs_encryption_by_default,
                || Box::pin(client.get_ebs_encryption_by_default().send()),
                |answer| answer.ebs_encryption_by_default.ok_or(Missing("EbsEncryptionByDefault")),
            ),
            reader.one(
                &ec2::EBS_DEFAULT_KEY,
                None,
                ebs_default_key,
                || Box::pin(client.get_ebs_default_kms_key_id().send()),
                |answer| answer.kms_key_id.ok_or(Missing("KmsKeyId")).map(Some),
            ),
            reader.list(
                &ec2::PEERINGS,
                peerings,
                |token| Box::pin(
                    client.describe_vpc_peering_connections().max_results(PAGE).set_next_token(token).send()
                ),
                |answer| {
                    let items = answer.vpc_peering_connections().iter().map(perimeter::peering);
                    Page::of(items, Next::token(answer.next_token.clone()))
                },
            ),
            reader.list(
                &ec2::TRANSIT_ATTACHMENTS,
                transit_attachments,
                |token| {
                    let call = client.describe_transit_gateway_vpc_attachments().max_results(PAGE);
                    Box::pin(call.set_next_token(token).send())
                },
                |answer| {
                    let items = answer.transit_gateway_vpc_attachments().iter().map(perimeter::attachment);
                    Page::of(items, Next::token(answer.next_token.clone()))
                },
            ),
            reader.list(
                &ec2::NETWORK_ACLS,
                network_acls,
                |token| Box::pin(client.describe_network_acls().max_results(PAGE).set_next_token(token).send()),
                |answer| Page::of(
                    answer.network_acls().iter().map(perimeter::acl),
                    Next::token(answer.next_token.clone())
                ),
            ),
            reader.one(
                &ec2::VPC_BLOCK,
                None,
                vpc_block,
                || Box::pin(client.describe_vpc_block_public_access_options().send()),
                |answer| perimeter::block(answer.vpc_block_public_access_options()),
            ),
            reader.list(
                &ec2::VPC_BLOCK_EXCLUSIONS,
                vpc_block_exclusions,
                |token| {
                    let call = client.describe_vpc_block_public_access_exclusions().max_results(PAGE);
                    Box::pin(call.set_next_token(token).send())
                },
                |answer| {
                    let items = answer.vpc_block_public_access_exclusions().iter().map(perimeter::exclusion);
                    Page::of(items, Next::token(answer.next_token.clone()))
                },
            ),
        );
        self.what_depends_on_it(reader, ec2).await;
    }
}

impl Ec2Collector {
    /// What is read of the things listed before.
    async fn what_depends_on_it(&self, reader: &Reader, ec2: &mut Ec2) {
        let choices = reader.details().vpcs;
        let named: Vec<String> = ec2.referenced_prefix_lists().into_iter().map(str::to_owned).collect();
        let instances = ec2.has_instances();
        let vpcs = ec2.vpcs.items_mut().map(|(_, vpc)| vpc);
        let chosen: Vec<_> =
            vpcs.filter(|vpc| choices.iter().any(|choice| choice.chooses(&vpc.id, &vpc.tags))).collect();
        let lists = ec2.prefix_lists.items_mut().map(|(_, list)| list);
        let lists: Vec<_> = lists.filter(|list| named.contains(&list.id)).collect();
        join!(
            each(chosen, AT_ONCE, |vpc| self.attributes(reader, vpc)),
            each(lists, AT_ONCE, |list| self.entries(reader, list)),
            async {
                if instances {
                    self.volumes(reader, &mut ec2.volumes).await;
                }
            },
        );
    }

    /// The two DNS attributes of a VPC, one a call.
    async fn attributes(&self, reader: &Reader, vpc: &mut Vpc) {
        let Vpc { id, dns_support, dns_hostnames, .. } = vpc;
        let call = |name| Box::pin(self.client.describe_vpc_attribute().vpc_id(id.as_str()).attribute(name).send());
        join!(
            reader.one(
                &ec2::VPC_ATTRIBUTE,
                Some(id),
                dns_support,
                || call(VpcAttributeName::EnableDnsSupport),
                |answer| convert::attribute(answer.enable_dns_support()).ok_or(Missing("EnableDnsSupport")),
            ),
            reader.one(
                &ec2::VPC_ATTRIBUTE,
                Some(id),
                dns_hostnames,
                || call(VpcAttributeName::EnableDnsHostnames),
                |answer| convert::attribute(answer.enable_dns_hostnames()).ok_or(Missing("EnableDnsHostnames")),
            ),
        );
    }

    /// The blocks of a prefix list; all of them or a gap.
    async fn entries(&self, reader: &Reader, list: &mut PrefixList) {
        let PrefixList { id, entries, .. } = list;
        let call = |token| {
            let call = self.client.get_managed_prefix_list_entries().prefix_list_id(id.as_str());
            Box::pin(call.max_results(PAGE_OF_HUNDRED).set_next_token(token).send())
        };
        reader
            .gather(
                &ec2::PREFIX_LIST_ENTRIES,
                Some(id),
                entries,
                call,
                |answer| {
                    Page::of(
                        answer.entries().iter().map(convert::prefix_list_entry),
                        Next::token(answer.next_token.clone()),
                    )
                },
                |blocks| blocks.into_iter().map(|(block, ())| block).collect::<BTreeSet<_>>().into_iter().collect(),
            )
            .await;
    }

    async fn volumes(&self, reader: &Reader, volumes: &mut Collected<ec2::Volume>) {
        let client = &self.client;
        reader
            .list(
                &ec2::VOLUMES,
                volumes,
                |token| Box::pin(client.describe_volumes().max_results(PAGE).set_next_token(token).send()),
                |answer| Page::of(answer.volumes().iter().map(convert::volume), Next::token(answer.next_token.clone())),
            )
            .await;
    }
}
