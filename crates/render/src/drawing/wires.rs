//! Which way the line of a path goes: through channels that are kept free of boxes and text. Lines to the same end share a track.

use std::collections::{BTreeMap, BTreeSet};

use plumbline_reachability::outline::{Outline, Subnet};
use plumbline_reachability::{Told, ToldPath};

/// Where something is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// Above everything.
    Internet,
    /// On the upper edge of a VPC.
    Top(usize),
    /// On its lower edge.
    Bottom(usize),
    /// Beside the VPCs.
    Side,
    /// In a column of a VPC.
    Column(usize, usize),
}

/// A strip between boxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Channel {
    /// Left of a column.
    Gutter(usize),
    /// Over the zones of a VPC.
    Top(usize),
    /// Under them.
    Bottom(usize),
    /// Between a VPC and the one above it.
    Above(usize),
    /// Left of the VPCs.
    Left,
    /// Right of them.
    Right,
}

impl Channel {
    pub(super) fn is_vertical(self) -> bool {
        matches!(self, Channel::Gutter(_) | Channel::Left | Channel::Right)
    }
}

/// Legs that share their tracks: those to a gateway, or from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bundle<'a> {
    lost: bool,
    hub: &'a str,
    outward: bool,
}

/// A side of a box at which lines end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Face {
    /// Towards the internet.
    Outer,
    /// Any other.
    Inner,
}

/// The end of a leg at a box: which one, and whether it arrives there.
pub(super) type Port<'a> = (Bundle<'a>, bool);

/// A part of a line, from one box to the next; to none where it is lost.
#[derive(Clone, Debug)]
pub(super) struct Leg<'a> {
    pub(super) from: &'a str,
    pub(super) to: Option<&'a str>,
    pub(super) bundle: Bundle<'a>,
    pub(super) channels: Vec<Channel>,
    /// Whether it is between a gateway on an upper edge and the internet.
    outer: bool,
}

impl<'a> Leg<'a> {
    /// Its ends at boxes, with the side of each.
    pub(super) fn ends(&self) -> impl Iterator<Item = (&'a str, Face, Port<'a>)> {
        let face = if self.outer { Face::Outer } else { Face::Inner };
        let from = (self.from, face, (self.bundle, false));
        std::iter::once(from).chain(self.to.map(|to| (to, face, (self.bundle, true))))
    }
}

/// The line of a path.
#[derive(Clone, Debug)]
pub(super) struct Wire<'a> {
    pub(super) path: &'a ToldPath,
    pub(super) lost: bool,
    pub(super) legs: Vec<Leg<'a>>,
}

/// A column of subnets in a zone of a VPC.
pub(super) struct Column<'a> {
    pub(super) vpc: usize,
    pub(super) zone: usize,
    pub(super) subnets: Vec<&'a Subnet>,
}

/// Where everything goes, before its place is known.
pub(super) struct Plan<'a> {
    pub(super) spots: BTreeMap<&'a str, Spot>,
    pub(super) columns: Vec<Column<'a>>,
    /// Whether so many subnets are reached from others that all those lines share one track.
    pub(super) is_crowded: bool,
}

/// Subnets that are reached from others on a track for each.
const TRACKS_OF_SUBNETS: usize = 8;

/// The columns of a zone of so many subnets: up to six are in one, and more become a block about as wide as high.
fn columns_for(subnets: usize) -> usize {
    if subnets <= 6 { 1 } else { (2..).find(|columns| subnets <= 5 * columns * columns).unwrap_or(2) }
}

impl<'a> Plan<'a> {
    pub(super) fn of(outline: &'a Outline, told: &'a Told) -> Self {
        let spots = BTreeMap::from([("internet", Spot::Internet)]);
        let mut plan = Plan { spots, columns: Vec::new(), is_crowded: false };
        for (at, vpc) in outline.vpcs.iter().enumerate() {
            plan.spots.extend(vpc.gateways.iter().map(|own| (own.id.as_str(), Spot::Top(at))));
            plan.spots.extend(vpc.endpoints.iter().map(|own| (own.id.as_str(), Spot::Bottom(at))));
            for (zone, own) in vpc.zones.iter().enumerate() {
                let columns = columns_for(own.subnets.len());
                for column in 0..columns {
                    let subnets: Vec<&Subnet> = own.subnets.iter().skip(column).step_by(columns).collect();
                    let spot = Spot::Column(at, plan.columns.len());
                    let nats = subnets.iter().flat_map(|subnet| &subnet.nats).map(|nat| nat.id.as_str());
                    plan.spots.extend(nats.chain(subnets.iter().map(|subnet| subnet.id.as_str())).map(|id| (id, spot)));
                    plan.columns.push(Column { vpc: at, zone, subnets });
                }
            }
        }
        plan.spots.extend(outline.others.iter().map(|own| (own.id.as_str(), Spot::Side)));
        let pairs = told.paths.iter().chain(&told.unknown).flat_map(|path| path.stations.windows(2));
        let reached: BTreeSet<&String> =
            pairs.filter(|pair| !pair.iter().any(|id| plan.is_hub(id))).filter_map(|pair| pair.last()).collect();
        plan.is_crowded = reached.len() > TRACKS_OF_SUBNETS;
        plan
    }

    /// Whether lines to and from it are bundled: whatever is no subnet.
    fn is_hub(&self, id: &str) -> bool {
        !matches!(self.spot(id), Some(Spot::Column(..))) || id.starts_with("nat-")
    }

    pub(super) fn spot(&self, id: &str) -> Option<Spot> {
        self.spots.get(id).copied()
    }

    /// The line of a path.
    pub(super) fn wire(&self, path: &'a ToldPath, lost: bool) -> Wire<'a> {
        let stations: Vec<(&str, Spot)> =
            path.stations.iter().filter_map(|id| Some((id.as_str(), self.spot(id)?))).collect();
        let mut legs: Vec<Leg<'a>> = stations.windows(2).filter_map(|pair| self.leg(pair, lost)).collect();
        if let (true, [(id, spot)]) = (legs.is_empty(), stations.as_slice()) {
            let bundle = Bundle { lost, hub: id, outward: lost };
            let channels = chain(*spot).into_iter().take(1).collect();
            legs.push(Leg { from: id, to: (!lost).then_some(*id), bundle, channels, outer: false });
        }
        Wire { path, lost, legs }
    }

    fn leg(&self, pair: &[(&'a str, Spot)], lost: bool) -> Option<Leg<'a>> {
        let &[(from, here), (to, there)] = pair else { return None };
        let outward = !self.is_hub(to) && self.is_hub(from);
        let hub = match (self.is_hub(from), self.is_hub(to)) {
            (false, false) if self.is_crowded => "",
            (true, false) => from,
            _ => to,
        };
        let bundle = Bundle { lost, hub, outward };
        let outer = match (here, there) {
            (Spot::Top(vpc), Spot::Internet) | (Spot::Internet, Spot::Top(vpc)) => Some(vpc),
            _ => None,
        };
        let channels = match (outer, here) {
            (Some(0), _) => Vec::new(),
            (Some(vpc), Spot::Internet) => vec![Channel::Left, Channel::Above(vpc)],
            (Some(vpc), _) => vec![Channel::Above(vpc), Channel::Left],
            (None, _) => between(here, there),
        };
        Some(Leg { from, to: Some(to), bundle, channels, outer: outer.is_some() })
    }
}

/// The channels from a spot to the one that all share.
fn chain(spot: Spot) -> Vec<Channel> {
    match spot {
        Spot::Column(vpc, column) => vec![Channel::Gutter(column), Channel::Top(vpc), Channel::Right],
        Spot::Top(vpc) => vec![Channel::Top(vpc), Channel::Right],
        Spot::Bottom(vpc) => vec![Channel::Bottom(vpc), Channel::Right],
        Spot::Side | Spot::Internet => vec![Channel::Right],
    }
}

/// The channels from one spot to another.
fn between(here: Spot, there: Spot) -> Vec<Channel> {
    match (here, there) {
        (Spot::Column(own, column), Spot::Bottom(vpc)) if own == vpc => {
            vec![Channel::Gutter(column), Channel::Bottom(vpc)]
        }
        (Spot::Bottom(vpc), Spot::Column(own, column)) if own == vpc => {
            vec![Channel::Bottom(vpc), Channel::Gutter(column)]
        }
        _ => {
            let (out, into) = (chain(here), chain(there));
            let shared = out.iter().find(|channel| into.contains(channel)).copied();
            let before = |all: &[Channel]| -> Vec<Channel> {
                all.iter().copied().take_while(|channel| Some(*channel) != shared).collect()
            };
            let mut all = before(&out);
            all.extend(shared);
            all.extend(before(&into).into_iter().rev());
            all
        }
    }
}

/// The tracks of each channel, and the lines at each side of a box, in order.
#[derive(Default)]
pub(super) struct Tracks<'a> {
    channels: BTreeMap<Channel, BTreeSet<Bundle<'a>>>,
    ports: BTreeMap<(&'a str, Face), BTreeSet<Port<'a>>>,
}

impl<'a> Tracks<'a> {
    pub(super) fn of(wires: &[Wire<'a>]) -> Self {
        let mut tracks = Tracks::default();
        for leg in wires.iter().flat_map(|wire| &wire.legs) {
            for channel in &leg.channels {
                tracks.channels.entry(*channel).or_default().insert(leg.bundle);
            }
            for (id, face, port) in leg.ends() {
                tracks.ports.entry((id, face)).or_default().insert(port);
            }
        }
        tracks
    }

    /// How many tracks a channel has.
    pub(super) fn number(&self, channel: Channel) -> usize {
        self.channels.get(&channel).map_or(0, BTreeSet::len)
    }

    /// Which track of a channel legs are on.
    pub(super) fn track(&self, channel: Channel, bundle: Bundle<'a>) -> usize {
        self.channels.get(&channel).and_then(|all| all.iter().position(|own| *own == bundle)).unwrap_or(0)
    }

    /// Which of how many ends a leg has at the side of a box.
    pub(super) fn port(&self, id: &'a str, face: Face, port: Port<'a>) -> (usize, usize) {
        let all = self.ports.get(&(id, face));
        let at = all.and_then(|all| all.iter().position(|own| *own == port)).unwrap_or(0);
        (at, all.map_or(1, BTreeSet::len))
    }
}
