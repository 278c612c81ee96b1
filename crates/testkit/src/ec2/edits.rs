//! Edits of networks, gateways, rules, endpoints, flow logs and volumes.

use plumbline_snapshot::Read;
use plumbline_snapshot::ec2::{
    AttachedGateway, CarrierGateway, FlowLog, GroupPair, NatGateway, NetworkInterface, Permission, PrefixList, Route,
    RouteTable, SecurityGroup, Subnet, Volume, Vpc, VpcEndpoint, Zone,
};

use super::{VPC, gateway, route};
use crate::env::{change, take};
use crate::{ACCOUNT, Env};

/// A permission for all protocols and ports, with nobody at the other end yet.
#[must_use]
pub fn all_traffic() -> Permission {
    Permission { protocol: "-1".to_owned(), from_port: None, to_port: None, ..tcp(0) }
}

/// A permission for one tcp port, with nobody at the other end yet.
#[must_use]
pub fn tcp(port: i32) -> Permission {
    Permission {
        protocol: "tcp".to_owned(),
        from_port: Some(port),
        to_port: Some(port),
        ipv4: Vec::new(),
        ipv6: Vec::new(),
        prefix_lists: Vec::new(),
        groups: Vec::new(),
    }
}

/// The permission with an IPv4 or IPv6 block more at the other end.
#[must_use]
pub fn with_cidr(mut permission: Permission, block: &str) -> Permission {
    let blocks = if block.contains(':') { &mut permission.ipv6 } else { &mut permission.ipv4 };
    blocks.push(block.to_owned());
    blocks.sort();
    permission
}

/// The permission with a security group of the account more at the other end.
#[must_use]
pub fn with_group(mut permission: Permission, group_id: &str) -> Permission {
    permission.groups.push(GroupPair {
        group_id: group_id.to_owned(),
        user_id: Some(ACCOUNT.to_owned()),
        vpc_id: None,
        peering_id: None,
    });
    permission.groups.sort();
    permission
}

/// The permission with a prefix list more at the other end.
#[must_use]
pub fn with_prefix_list(mut permission: Permission, list_id: &str) -> Permission {
    permission.prefix_lists.push(list_id.to_owned());
    permission.prefix_lists.sort();
    permission
}

impl Env {
    /// Edits the environment's VPC.
    pub fn vpc(&mut self, edit: impl FnOnce(&mut Vpc)) -> &mut Self {
        change(&mut self.ec2().vpcs, VPC, edit);
        self
    }

    /// Adds a VPC, or replaces the one of its id.
    pub fn add_vpc(&mut self, vpc: Vpc) -> &mut Self {
        self.ec2().vpcs.add([(vpc.id.clone(), vpc)]);
        self
    }

    /// Adds a copy of the environment's VPC under another id, as when two carry the same tags.
    pub fn duplicate_vpc(&mut self, id: &str) -> &mut Self {
        let twin = self.ec2().vpcs.item_mut(VPC).map(|vpc| Vpc { id: id.to_owned(), ..vpc.clone() });
        self.add_vpc(twin.expect("the environment's VPC"))
    }

    /// Removes a VPC.
    pub fn remove_vpc(&mut self, id: &str) -> &mut Self {
        take(&mut self.ec2().vpcs, id);
        self
    }

    /// Sets the VPC's attributes `enableDnsSupport` and `enableDnsHostnames`.
    pub fn dns(&mut self, support: bool, hostnames: bool) -> &mut Self {
        self.vpc(|vpc| {
            vpc.dns_support = Read::Seen(support);
            vpc.dns_hostnames = Read::Seen(hostnames);
        })
    }

    /// Edits a subnet.
    pub fn subnet(&mut self, id: &str, edit: impl FnOnce(&mut Subnet)) -> &mut Self {
        change(&mut self.ec2().subnets, id, edit);
        self
    }

    /// Adds a subnet; see [`super::plain_subnet`].
    pub fn add_subnet(&mut self, subnet: Subnet) -> &mut Self {
        self.ec2().subnets.add([(subnet.id.clone(), subnet)]);
        self
    }

    /// Removes a subnet.
    pub fn remove_subnet(&mut self, id: &str) -> &mut Self {
        take(&mut self.ec2().subnets, id);
        self
    }

    /// Edits a zone.
    pub fn zone(&mut self, id: &str, edit: impl FnOnce(&mut Zone)) -> &mut Self {
        change(&mut self.ec2().zones, id, edit);
        self
    }

    /// Edits a route table.
    pub fn route_table(&mut self, id: &str, edit: impl FnOnce(&mut RouteTable)) -> &mut Self {
        change(&mut self.ec2().route_tables, id, edit);
        self
    }

    /// Adds a route table.
    pub fn add_route_table(&mut self, table: RouteTable) -> &mut Self {
        self.ec2().route_tables.add([(table.id.clone(), table)]);
        self
    }

    /// Removes a route table.
    pub fn remove_route_table(&mut self, id: &str) -> &mut Self {
        take(&mut self.ec2().route_tables, id);
        self
    }

    /// Adds an active route: `add_route(TABLE_MAIN, "0.0.0.0/0", "GatewayId", "igw-…")`.
    pub fn add_route(&mut self, table: &str, destination: &str, target_field: &str, target: &str) -> &mut Self {
        self.route_table(table, |table| {
            table.routes.push(route(destination, target_field, target));
            table.routes.sort();
        })
    }

    /// Edits the route of a destination.
    pub fn route(&mut self, table: &str, destination: &str, edit: impl FnOnce(&mut Route)) -> &mut Self {
        self.route_table(table, |table| {
            let found = table.routes.iter_mut().find(|route| route.destination == destination);
            edit(found.unwrap_or_else(|| panic!("no route to `{destination}` to edit")));
        })
    }

    /// Removes the route of a destination.
    pub fn remove_route(&mut self, table: &str, destination: &str) -> &mut Self {
        self.route_table(table, |table| {
            let before = table.routes.len();
            table.routes.retain(|route| route.destination != destination);
            assert!(table.routes.len() < before, "no route to `{destination}` to remove");
        })
    }

    /// Adds an internet gateway attached (`available`) to a VPC; see [`Env::add_internet_gateway_in`] for other states.
    pub fn add_internet_gateway(&mut self, vpc_id: &str) -> &mut Self {
        self.add_internet_gateway_in(vpc_id, "available")
    }

    /// Adds the internet gateway `igw-0added00000000001`, its attachment in this state.
    pub fn add_internet_gateway_in(&mut self, vpc_id: &str, state: &str) -> &mut Self {
        let added = gateway("igw-0added00000000001", &[(vpc_id, state)]);
        self.ec2().internet_gateways.add([(added.id.clone(), added)]);
        self
    }

    /// Edits an internet gateway.
    pub fn internet_gateway(&mut self, id: &str, edit: impl FnOnce(&mut AttachedGateway)) -> &mut Self {
        change(&mut self.ec2().internet_gateways, id, edit);
        self
    }

    /// Adds the egress-only internet gateway `eigw-0added00000000001`, its attachment in this state.
    pub fn add_egress_only_gateway(&mut self, vpc_id: &str, state: &str) -> &mut Self {
        let added = gateway("eigw-0added00000000001", &[(vpc_id, state)]);
        self.ec2().egress_only_gateways.add([(added.id.clone(), added)]);
        self
    }

    /// Adds the carrier gateway `cagw-0added00000000001` in this state.
    pub fn add_carrier_gateway(&mut self, vpc_id: &str, state: &str) -> &mut Self {
        let id = "cagw-0added00000000001".to_owned();
        let added = CarrierGateway { id: id.clone(), vpc_id: vpc_id.to_owned(), state: state.to_owned() };
        self.ec2().carrier_gateways.add([(id, added)]);
        self
    }

    /// Adds the virtual private gateway `vgw-0added00000000001`, its attachment in this state.
    pub fn add_vpn_gateway(&mut self, vpc_id: &str, state: &str) -> &mut Self {
        let added = gateway("vgw-0added00000000001", &[(vpc_id, state)]);
        self.ec2().vpn_gateways.add([(added.id.clone(), added)]);
        self
    }

    /// Edits a virtual private gateway.
    pub fn vpn_gateway(&mut self, id: &str, edit: impl FnOnce(&mut AttachedGateway)) -> &mut Self {
        change(&mut self.ec2().vpn_gateways, id, edit);
        self
    }

    /// Adds a NAT gateway; see [`super::nat_gateway`].
    pub fn add_nat_gateway(&mut self, added: NatGateway) -> &mut Self {
        self.ec2().nat_gateways.add([(added.id.clone(), added)]);
        self
    }

    /// Edits a NAT gateway.
    pub fn nat_gateway(&mut self, id: &str, edit: impl FnOnce(&mut NatGateway)) -> &mut Self {
        change(&mut self.ec2().nat_gateways, id, edit);
        self
    }

    /// Edits a security group.
    pub fn group(&mut self, id: &str, edit: impl FnOnce(&mut SecurityGroup)) -> &mut Self {
        change(&mut self.ec2().security_groups, id, edit);
        self
    }

    /// Adds a security group; see [`super::plain_group`].
    pub fn add_group(&mut self, group: SecurityGroup) -> &mut Self {
        self.ec2().security_groups.add([(group.id.clone(), group)]);
        self
    }

    /// Removes a security group.
    pub fn remove_group(&mut self, id: &str) -> &mut Self {
        take(&mut self.ec2().security_groups, id);
        self
    }

    /// Adds an ingress rule: `add_ingress(SG_WORKLOAD, with_cidr(tcp(22), "0.0.0.0/0"))`.
    pub fn add_ingress(&mut self, group: &str, permission: Permission) -> &mut Self {
        self.group(group, |group| {
            group.ingress.push(permission);
            group.ingress.sort();
        })
    }

    /// Adds an egress rule.
    pub fn add_egress(&mut self, group: &str, permission: Permission) -> &mut Self {
        self.group(group, |group| {
            group.egress.push(permission);
            group.egress.sort();
        })
    }

    /// Edits a network interface.
    pub fn network_interface(&mut self, id: &str, edit: impl FnOnce(&mut NetworkInterface)) -> &mut Self {
        change(&mut self.ec2().network_interfaces, id, edit);
        self
    }

    /// Adds a network interface; see [`super::instance_interface`].
    pub fn add_network_interface(&mut self, interface: NetworkInterface) -> &mut Self {
        self.ec2().network_interfaces.add([(interface.id.clone(), interface)]);
        self
    }

    /// Removes a network interface.
    pub fn remove_network_interface(&mut self, id: &str) -> &mut Self {
        take(&mut self.ec2().network_interfaces, id);
        self
    }

    /// The id of the endpoint of a service: its id, its full service name, or the name's last part (`s3`, `sts`,
    /// `sagemaker.api`, `notebook`).
    ///
    /// # Panics
    /// If there is none.
    pub fn endpoint_id(&mut self, service: &str) -> String {
        let names = [
            service.to_owned(),
            format!("com.amazonaws.eu-west-1.{service}"),
            format!("aws.sagemaker.eu-west-1.{service}"),
        ];
        let found = self.ec2().vpc_endpoints.seen().find(|it| it.id == service || names.contains(&it.service_name));
        found.map(|endpoint| endpoint.id.clone()).unwrap_or_else(|| panic!("no endpoint of `{service}`"))
    }

    /// Edits the endpoint of a service, named as in [`Env::endpoint_id`].
    pub fn endpoint(&mut self, service: &str, edit: impl FnOnce(&mut VpcEndpoint)) -> &mut Self {
        let id = self.endpoint_id(service);
        change(&mut self.ec2().vpc_endpoints, &id, edit);
        self
    }

    /// Gives the endpoint of a service another policy document.
    pub fn endpoint_policy(&mut self, service: &str, document: &serde_json::Value) -> &mut Self {
        self.endpoint(service, |endpoint| endpoint.policy = Some(document.to_string()))
    }

    /// Adds an endpoint; see [`super::interface_endpoint`].
    pub fn add_endpoint(&mut self, endpoint: VpcEndpoint) -> &mut Self {
        self.ec2().vpc_endpoints.add([(endpoint.id.clone(), endpoint)]);
        self
    }

    /// Removes the endpoint of a service, named as in [`Env::endpoint_id`].
    pub fn remove_endpoint(&mut self, service: &str) -> &mut Self {
        let id = self.endpoint_id(service);
        take(&mut self.ec2().vpc_endpoints, &id);
        self
    }

    /// Edits a prefix list.
    pub fn prefix_list(&mut self, id: &str, edit: impl FnOnce(&mut PrefixList)) -> &mut Self {
        change(&mut self.ec2().prefix_lists, id, edit);
        self
    }

    /// Sets the entries of a prefix list.
    pub fn prefix_list_entries(&mut self, id: &str, entries: &[&str]) -> &mut Self {
        self.prefix_list(id, |list| list.entries = Read::Seen(crate::env::texts(entries)))
    }

    /// Adds a prefix list.
    pub fn add_prefix_list(&mut self, list: PrefixList) -> &mut Self {
        self.ec2().prefix_lists.add([(list.id.clone(), list)]);
        self
    }

    /// Removes a prefix list.
    pub fn remove_prefix_list(&mut self, id: &str) -> &mut Self {
        take(&mut self.ec2().prefix_lists, id);
        self
    }

    /// Edits a flow log.
    pub fn flow_log(&mut self, id: &str, edit: impl FnOnce(&mut FlowLog)) -> &mut Self {
        change(&mut self.ec2().flow_logs, id, edit);
        self
    }

    /// Adds a flow log; see [`super::flow_log`].
    pub fn add_flow_log(&mut self, log: FlowLog) -> &mut Self {
        self.ec2().flow_logs.add([(log.id.clone(), log)]);
        self
    }

    /// Removes a flow log.
    pub fn remove_flow_log(&mut self, id: &str) -> &mut Self {
        take(&mut self.ec2().flow_logs, id);
        self
    }

    /// Turns EBS encryption by default on or off.
    pub fn ebs_encryption(&mut self, on: bool) -> &mut Self {
        self.ec2().ebs_encryption_by_default = Read::Seen(on);
        self
    }

    /// Sets the default EBS key, as AWS writes it.
    pub fn ebs_default_key(&mut self, key: Option<&str>) -> &mut Self {
        self.ec2().ebs_default_key = Read::Seen(key.map(str::to_owned));
        self
    }

    /// Edits a volume.
    pub fn volume(&mut self, id: &str, edit: impl FnOnce(&mut Volume)) -> &mut Self {
        change(&mut self.ec2().volumes, id, edit);
        self
    }

    /// Adds a volume.
    pub fn add_volume(&mut self, volume: Volume) -> &mut Self {
        self.ec2().volumes.add([(volume.id.clone(), volume)]);
        self
    }

    /// Removes a volume.
    pub fn remove_volume(&mut self, id: &str) -> &mut Self {
        take(&mut self.ec2().volumes, id);
        self
    }
}
