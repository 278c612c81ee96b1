//! VPC endpoints as the targets of routes. Interface endpoints are their interfaces.

use crate::branch::{Branch, Place};
use crate::firewall::Way;
use crate::graph::Graph;
use crate::rule::Rule;
use crate::walk::{Done, Next, Walk};

impl<'a> Graph<'a> {
    /// The one subnet of a gateway load balancer endpoint; none of a gateway endpoint.
    pub(crate) fn endpoint_subnet(&self, id: &str) -> Result<Option<&'a str>, Rule> {
        let endpoint = self.ec2.vpc_endpoints.get(id).ok().flatten().ok_or(Rule::NotRead)?;
        if endpoint.kind != "GatewayLoadBalancer" {
            return Ok(None);
        }
        Ok(endpoint.subnet_ids.iter().next().map(String::as_str))
    }
}

impl<'a> Walk<'_, 'a> {
    pub(crate) fn enter_endpoint(
        &mut self,
        branch: Branch<'a>,
        id: &'a str,
        vpc: &'a str,
        from: Option<&'a str>,
    ) -> Done {
        let Ok(Some(endpoint)) = self.graph.ec2.vpc_endpoints.get(id) else {
            return self.opened(branch, id, Rule::NotRead);
        };
        if !endpoint.state.eq_ignore_ascii_case("available") {
            return self.dropped(branch, id, Rule::EndpointNotAvailable);
        }
        let subnets: Vec<&'a str> = endpoint.subnet_ids.iter().map(String::as_str).collect();
        match (endpoint.kind.as_str(), subnets.as_slice()) {
            _ if endpoint.vpc_id != vpc => self.opened(branch, id, Rule::EndpointUnknown),
            ("Gateway", _) => self.enter_service(branch, id, vpc),
            ("GatewayLoadBalancer", [subnet]) => self.through_balancer(branch, id, subnet, from),
            _ => self.opened(branch, id, Rule::EndpointUnknown),
        }
    }

    /// Gateway endpoints serve what is in the VPC; whether a NAT gateway counts, the pages say differently.
    fn enter_service(&mut self, branch: Branch<'a>, id: &'a str, vpc: &'a str) -> Done {
        let senders = self.graph.senders_in(vpc);
        // Up to the border it is not asked which addresses of a subnet are in use.
        let (own, others) = if self.to_border {
            let nats = branch.split(&senders.nats)?;
            (nats.1, nats.0)
        } else {
            branch.split(&senders.plain)?
        };
        for branch in own {
            self.deliver(branch, Place::Of(id), id, Rule::EndpointService);
        }
        for branch in others {
            let (open, foreign) = branch.split(&senders.nats)?;
            self.open_all(open, id, Rule::EndpointUnknown);
            if self.graph.knows_interfaces() {
                self.drop_all(foreign, id, Rule::EndpointNotExtended);
            } else {
                self.open_all(foreign, id, Rule::NotRead);
            }
        }
        Ok(())
    }

    /// The appliances give back what they let pass, as it came, and the endpoint's subnet routes it on.
    fn through_balancer(&mut self, branch: Branch<'a>, id: &'a str, subnet: &'a str, from: Option<&'a str>) -> Done {
        let entered = if from == Some(subnet) { vec![branch] } else { self.pass_acl(branch, subnet, Way::In)? };
        for branch in entered {
            let Some(mut branch) = self.visit(branch, id) else { continue };
            branch.hop(id, Rule::BalancerEndpoint);
            branch.assume(id);
            branch.balancer = Some(subnet);
            match self.graph.subnet(subnet) {
                Ok(subnet) => self.go(branch, Next::Leave(subnet)),
                Err(rule) => self.open(branch, subnet, rule),
            }
        }
        Ok(())
    }
}
