//! The VPC, its subnets and their effective route tables.

use ipnet::IpNet;
use plumbline_findings::Reason;
use plumbline_names::ResourceRef;
use plumbline_snapshot::ec2::{RouteTable, RouteTableAssociation, Subnet, Vpc};
use plumbline_snapshot::{Collected, Tags};

use crate::baseline::{Candidate, Environment};
use crate::judge::{Known, Set, Unknown};
use crate::place::Place;
use crate::world::World;

/// A route table that carries environment traffic.
#[derive(Debug, Clone)]
pub(crate) struct TableUse<'a> {
    /// The table.
    pub(crate) table: &'a RouteTable,
    /// It is the VPC's main table.
    pub(crate) main: bool,
    /// The environment subnets that it governs.
    pub(crate) subnets: Vec<&'a Subnet>,
}

impl<'a> World<'a> {
    /// The VPCs of the Region that the environment's selector matches, of those seen.
    pub(crate) fn vpc_matches(&self, place: &Place<'a>, environment: &'a Environment) -> Known<'a, Set<'a, &'a Vpc>> {
        let choice = environment.vpc.as_ref().ok_or_else(|| Unknown::baseline_missing("vpc"))?.choice();
        let vpcs = &self.regional(place)?.ec2.vpcs;
        Ok(set_of(vpcs).filter_map(|vpc| choice.chooses(&vpc.id, &vpc.tags).then_some(vpc)))
    }

    /// The one VPC of a declared environment.
    ///
    /// # Errors
    /// Not exactly one VPC matches (NET-01 judges that), or not all were seen.
    pub(crate) fn vpc_of(&self, place: &Place<'a>, environment: &'a Environment) -> Known<'a, &'a Vpc> {
        let matches = self.vpc_matches(place, environment)?;
        match matches.all()? {
            [vpc] => Ok(vpc),
            others => Err(Unknown::Because(
                Reason::Unresolved,
                format!("the baseline's `vpc` of `{}` matches {} VPCs, see NET-01", environment.name, others.len()),
            )),
        }
    }

    /// The VPC of a place that is one declared environment.
    ///
    /// # Errors
    /// As [`World::vpc_of`].
    pub(crate) fn vpc(&self, place: &Place<'a>) -> Known<'a, &'a Vpc> {
        match place.environments.as_slice() {
            [environment] if !place.is_unassigned() => self.vpc_of(place, environment),
            _ => Err(Unknown::Because(Reason::Unresolved, "`unassigned` has no VPC of its own".to_owned())),
        }
    }

    /// What the VPC's owner alone can list is proof only with the owner's credentials.
    ///
    /// # Errors
    /// The VPC is shared from another account.
    pub(crate) fn owner_sees(&self, vpc: &Vpc) -> Known<'a, ()> {
        if vpc.owner == self.snapshot.account.as_str() {
            Ok(())
        } else {
            Err(Unknown::Because(
                Reason::AccessDenied,
                format!(
                    "`{}` is shared by account {}, which alone can list this: audit with its credentials",
                    vpc.id, vpc.owner
                ),
            ))
        }
    }

    /// The environment's subnets: those that the baseline selects in the VPC, or all of it. In `unassigned` those of any
    /// declared environment of the Region.
    pub(crate) fn subnets(&self, place: &Place<'a>) -> Set<'a, &'a Subnet> {
        let mut items = Vec::new();
        let mut unknown = None;
        for environment in &place.environments {
            match self.subnets_of(place, environment) {
                Ok(set) => {
                    items.extend(set.items);
                    unknown = unknown.or(set.unknown);
                }
                Err(reason) => unknown = unknown.or(Some(reason)),
            }
        }
        Set { items, unknown }
    }

    fn subnets_of(&self, place: &Place<'a>, environment: &'a Environment) -> Known<'a, Set<'a, &'a Subnet>> {
        let vpc = self.vpc_of(place, environment)?;
        let subnets = &self.regional(place)?.ec2.subnets;
        Ok(set_of(subnets).filter_map(|subnet| {
            let candidate = Candidate {
                id: &subnet.id,
                arn: &subnet.arn,
                name: name_of(&subnet.tags).unwrap_or_default(),
                tags: Some(&subnet.tags),
            };
            let chosen = environment.subnets.as_ref().is_none_or(|selector| selector.chooses(&candidate) == Some(true));
            (subnet.vpc_id == vpc.id && chosen).then_some(subnet)
        }))
    }

    /// The route table that governs `subnet`: the one associated with it, else the VPC's main table; and whether it is
    /// the main one.
    ///
    /// # Errors
    /// Neither was seen.
    pub(crate) fn route_table_of(&self, place: &Place<'a>, subnet: &Subnet) -> Known<'a, (&'a RouteTable, bool)> {
        let tables = &self.regional(place)?.ec2.route_tables;
        let explicit = associated(tables, |it| it.subnet_id.as_deref() == Some(subnet.id.as_str()), |_| true)?;
        if let Some(table) = explicit {
            return Ok((table, false));
        }
        // Without an explicit association among all tables the main one governs; a table not seen might hold one.
        let _ = tables.all()?;
        match self.main_table(place, &subnet.vpc_id)? {
            Some(table) => Ok((table, true)),
            None => Err(Unknown::Because(
                Reason::Unresolved,
                format!("neither a route table of `{}` nor a main table of `{}` was listed", subnet.id, subnet.vpc_id),
            )),
        }
    }

    /// The VPC's main route table.
    ///
    /// # Errors
    /// It is not among the tables seen, and not all were.
    pub(crate) fn main_table(&self, place: &Place<'a>, vpc_id: &str) -> Known<'a, Option<&'a RouteTable>> {
        let tables = &self.regional(place)?.ec2.route_tables;
        let main = associated(tables, |it| it.main, |table| table.vpc_id == vpc_id)?;
        match main {
            Some(table) => Ok(Some(table)),
            None => Ok(tables.all().map(|_| None)?),
        }
    }

    /// The tables that carry environment traffic: the effective ones of the environment's subnets, and the main table.
    pub(crate) fn effective_tables(&self, place: &Place<'a>, with_main: bool) -> Set<'a, TableUse<'a>> {
        let subnets = self.subnets(place);
        let mut unknown = subnets.unknown.clone();
        let mut uses: Vec<TableUse<'a>> = Vec::new();
        for subnet in subnets.items {
            match self.route_table_of(place, subnet) {
                Ok((table, main)) => match uses.iter_mut().find(|other| other.table.id == table.id) {
                    Some(other) => other.subnets.push(subnet),
                    None => uses.push(TableUse { table, main, subnets: vec![subnet] }),
                },
                Err(reason) => unknown = unknown.or(Some(reason)),
            }
        }
        if with_main {
            match self.vpc(place).and_then(|vpc| self.main_table(place, &vpc.id)) {
                Ok(Some(table)) => match uses.iter_mut().find(|other| other.table.id == table.id) {
                    Some(other) => other.main = true,
                    None => uses.push(TableUse { table, main: true, subnets: Vec::new() }),
                },
                Ok(None) => {}
                Err(reason) => unknown = unknown.or(Some(reason)),
            }
        }
        uses.sort_by(|a, b| a.table.id.cmp(&b.table.id));
        Set { items: uses, unknown }
    }

    /// The blocks of a VPC, IPv4 and IPv6, that are associated now.
    ///
    /// # Errors
    /// A block is no CIDR.
    pub(crate) fn vpc_blocks(&self, vpc: &'a Vpc) -> Known<'a, Vec<IpNet>> {
        vpc.cidrs
            .iter()
            .filter(|block| block.state == "associated")
            .map(|block| cidr(&block.cidr).ok_or_else(|| unreadable(&vpc.id, &block.cidr)))
            .collect()
    }

    /// The blocks that a route's or rule's destination stands for: itself, or the entries of a prefix list.
    ///
    /// # Errors
    /// The list or its entries were not seen, or it is neither.
    pub(crate) fn blocks_of(&self, place: &Place<'a>, destination: &str) -> Known<'a, Vec<IpNet>> {
        if !destination.starts_with("pl-") {
            return Ok(vec![cidr(destination).ok_or_else(|| unreadable("a rule or route", destination))?]);
        }
        let lists = &self.regional(place)?.ec2.prefix_lists;
        let list = lists.get(destination)?.ok_or_else(|| {
            Unknown::Because(Reason::Unresolved, format!("`{destination}` is named by a rule or route and not listed"))
        })?;
        list.entries.sight()?.iter().map(|entry| cidr(entry).ok_or_else(|| unreadable(destination, entry))).collect()
    }

    /// The VPC as the resource of a finding.
    pub(crate) fn vpc_ref(&self, place: &Place<'a>, vpc: &Vpc) -> ResourceRef {
        ResourceRef::new(
            place.arn_of("ec2", &vpc.owner, &format!("vpc/{}", vpc.id)),
            "AWS::EC2::VPC",
            name_of(&vpc.tags).unwrap_or(&vpc.id),
        )
    }
}

/// A listing as a set.
pub(crate) fn set_of<T>(listing: &Collected<T>) -> Set<'_, &T> {
    Set { items: listing.seen().collect(), unknown: listing.gap().map(Unknown::Gap) }
}

/// The tag `Name`.
pub(crate) fn name_of(tags: &Tags) -> Option<&str> {
    tags.get("Name").map(String::as_str)
}

/// A subnet as the resource of a finding.
pub(crate) fn subnet_ref(subnet: &Subnet) -> ResourceRef {
    ResourceRef::new(subnet.arn.as_str(), "AWS::EC2::Subnet", name_of(&subnet.tags).unwrap_or(&subnet.id))
}

/// A route table as the resource of a finding.
pub(crate) fn table_ref(place: &Place<'_>, table: &RouteTable) -> ResourceRef {
    ResourceRef::new(
        place.arn_of("ec2", &table.owner, &format!("route-table/{}", table.id)),
        "AWS::EC2::RouteTable",
        name_of(&table.tags).unwrap_or(&table.id),
    )
}

/// A block in CIDR notation; a bare address is a block of one. Host bits are masked.
pub(crate) fn cidr(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from)).map(|net| net.trunc()).ok()
}

/// Whether every block lies inside some block of `outer`.
pub(crate) fn inside(blocks: &[IpNet], outer: &[IpNet]) -> bool {
    blocks.iter().all(|block| outer.iter().any(|wide| wide.contains(block)))
}

/// The table, of `such` ones, with an association of `which` that is in force.
///
/// # Errors
/// None is, but of one it cannot be said.
fn associated<'a>(
    tables: &'a Collected<RouteTable>,
    which: impl Fn(&RouteTableAssociation) -> bool,
    such: impl Fn(&RouteTable) -> bool,
) -> Known<'a, Option<&'a RouteTable>> {
    let mut unknown = None;
    for table in tables.seen().filter(|table| such(table)) {
        for association in table.associations.iter().filter(|association| which(association)) {
            match association.state.as_deref() {
                // An answer without a state counts.
                None | Some("associated" | "associating") => return Ok(Some(table)),
                Some("disassociating" | "disassociated" | "failed") => {}
                Some(other) => {
                    unknown.get_or_insert_with(|| {
                        let message =
                            format!("an association of `{}` is `{other}`, a state that is not known here", table.id);
                        Unknown::Because(Reason::Unresolved, message)
                    });
                }
            }
        }
    }
    unknown.map_or(Ok(None), Err)
}

fn unreadable<'a>(whose: &str, text: &str) -> Unknown<'a> {
    Unknown::Because(Reason::ApiError, format!("`{text}` of `{whose}` is no address block"))
}
