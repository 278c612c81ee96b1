//! Filters on the way: security groups at interfaces, network ACLs at the edges of subnets.

use plumbline_snapshot::ec2::NetworkInterface;

use crate::branch::{Branch, By};
use crate::firewall::Way;
use crate::graph::Between;
use crate::packets::TooMany;
use crate::rule::Rule;
use crate::view::View;
use crate::walk::Walk;

impl<'a> Walk<'_, 'a> {
    /// Security groups. What answers a packet that they let pass the other way is not asked ("tracking").
    pub(crate) fn pass_groups(
        &mut self,
        branch: Branch<'a>,
        interface: &'a NetworkInterface,
        way: Way,
        between: Between<'a>,
    ) -> Result<Vec<Branch<'a>>, TooMany> {
        let name = interface.id.as_str();
        let (mut passed, asked) = self.tracked(branch, name)?;
        let by = By::Groups(interface, way, between);
        // "NAT gateway basics", "Gateway Load Balancer endpoints": those have no security groups.
        let without = ["nat_gateway", "gateway_load_balancer_endpoint", "transit_gateway"];
        for mut branch in asked {
            if without.contains(&interface.kind.as_str()) {
                branch.hop(name, Rule::GroupAllow);
                passed.push(branch);
                continue;
            }
            let bounds = self.graph.groups(interface, way, between)?;
            let [sure, open, closed] = branch.filtered(&bounds)?;
            for mut branch in sure {
                branch.hop_by(name, Rule::GroupAllow, by);
                branch.tracked.push((name, branch.view));
                passed.push(branch);
            }
            self.drop_by(closed, name, Rule::GroupDeny, by);
            for mut branch in open {
                branch.doubted_by(name, Rule::GroupUnknown, by);
                branch.tracked.push((name, branch.view));
                passed.push(branch);
            }
        }
        Ok(passed)
    }

    /// Answers to what the groups of an interface let pass, and what is not one.
    fn tracked(&self, branch: Branch<'a>, name: &'a str) -> Result<(Vec<Branch<'a>>, Vec<Branch<'a>>), TooMany> {
        if !self.is_answer() {
            return Ok((Vec::new(), vec![branch]));
        }
        let seen: Vec<View> = branch.tracked.iter().filter(|(own, _)| *own == name).map(|(_, view)| *view).collect();
        let (mut answers, mut others) = (Vec::new(), vec![branch]);
        for view in seen {
            let mut rest = Vec::new();
            for branch in others {
                let (answered, here) = (view.answered(branch.icmp), branch.view);
                let (known, other) = branch.split_alike(answered, here)?;
                answers.extend(known.map(|mut branch| {
                    branch.hop(name, Rule::GroupTracked);
                    branch
                }));
                rest.extend(other);
            }
            others = rest;
        }
        Ok((answers, others))
    }

    /// Network ACLs are stateless: each packet is judged by itself.
    pub(crate) fn pass_acl(
        &mut self,
        mut branch: Branch<'a>,
        subnet: &'a str,
        way: Way,
    ) -> Result<Vec<Branch<'a>>, TooMany> {
        let Some(acl) = self.graph.acl_of(subnet) else {
            branch.doubted(subnet, Rule::AclUnknown);
            return Ok(vec![branch]);
        };
        self.check()?;
        let bounds = self.graph.acl(acl, way)?;
        let by = By::Acl(acl, way, subnet);
        // At the border nobody asks what was dropped.
        let [mut passed, open, closed] = match self.to_border && bounds.is_known() {
            true => [branch.within(bounds.surely())?, Vec::new(), Vec::new()],
            false => branch.filtered(&bounds)?,
        };
        passed.iter_mut().for_each(|branch| branch.hop_by(&acl.id, Rule::AclAllow, by));
        self.drop_by(closed, &acl.id, Rule::AclDeny, by);
        passed.extend(open.into_iter().map(|mut branch| {
            branch.doubted_by(&acl.id, Rule::AclUnknown, by);
            branch
        }));
        Ok(passed)
    }
}
