//! The place of every box and channel.

use std::collections::BTreeMap;

use plumbline_reachability::outline::{Gateway, Outline, Vpc};

use super::canvas::{COLUMN, Rect, SMALL_COLUMN, px, wide};
use super::card::{Card, DENSE, ROOMY, Scale};
use super::wires::{Channel, Face, Leg, Plan, Spot, Tracks};

/// Columns of the text of a gateway's box.
pub(super) const GATEWAY_COLUMNS: usize = 22;
/// Columns of the title of a VPC.
pub(super) const TITLE_COLUMNS: usize = 44;
/// Lines of what a connection leads to.
pub(super) const LEADS: usize = 4;

const MARGIN: i32 = 20;
const PAD: i32 = 12;
const GAP: i32 = 12;
const HEADING: i32 = 44;
const INTERNET: i32 = 26;
/// Half of a gateway's box is inside its VPC.
const HALF: i32 = 17;
const TITLE: i32 = 42;
const ZONE_TITLE: i32 = 24;
const LEGEND: i32 = 36;
/// Between an arrow and a box.
const HEAD: i32 = 12;

/// The place of everything.
pub(super) struct Layout<'a> {
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) internet: Rect,
    pub(super) vpcs: Vec<Rect>,
    /// By VPC and zone.
    pub(super) zones: BTreeMap<(usize, usize), Rect>,
    pub(super) subnets: Vec<(Card<'a>, Rect)>,
    pub(super) gateways: Vec<(&'a Gateway, Rect)>,
    pub(super) endpoints: Vec<(&'a Gateway, Rect)>,
    pub(super) others: Vec<(&'a Gateway, Rect)>,
    pub(super) scale: Scale,
    /// Where channels begin.
    channels: BTreeMap<Channel, i32>,
    places: BTreeMap<&'a str, Rect>,
    /// Of subnets how far lines may end down their left edge.
    edges: BTreeMap<&'a str, i32>,
}

fn step(number: usize, room: i32, most: i32) -> i32 {
    (room / px(number.max(1))).clamp(1, most)
}

/// Tracks are further apart where there are few.
fn track_step(number: usize) -> i32 {
    step(number, 180, 6).max(2)
}

fn gateway_width() -> i32 {
    wide(GATEWAY_COLUMNS, SMALL_COLUMN) + 12
}

impl<'a> Layout<'a> {
    pub(super) fn of(outline: &'a Outline, plan: &Plan<'a>, tracks: &Tracks<'a>) -> Self {
        let largest = outline.vpcs.iter().flat_map(|vpc| &vpc.zones).map(|zone| zone.subnets.len()).max().unwrap_or(0);
        let scale = if largest > 6 { DENSE } else { ROOMY };
        let mut layout = Layout {
            width: 0,
            height: 0,
            internet: Rect::default(),
            vpcs: Vec::new(),
            zones: BTreeMap::new(),
            subnets: Vec::new(),
            gateways: Vec::new(),
            endpoints: Vec::new(),
            others: Vec::new(),
            scale,
            channels: BTreeMap::from([(Channel::Left, MARGIN)]),
            places: BTreeMap::new(),
            edges: BTreeMap::new(),
        };
        let left = MARGIN + thickness(tracks, Channel::Left, 0);
        let mut y = MARGIN + HEADING + INTERNET + 2 * HALF + 14;
        for (at, vpc) in outline.vpcs.iter().enumerate() {
            if at > 0 {
                layout.channels.insert(Channel::Above(at), y);
                y += thickness(tracks, Channel::Above(at), 8) + HALF;
            }
            y = layout.put_vpc(at, vpc, plan, tracks, (left, y)) + HALF + 16;
        }
        layout.widen();
        layout.put_others(outline, tracks);
        layout.frame(left, y);
        layout
    }

    /// Places a VPC, and says where it ends.
    fn put_vpc(&mut self, at: usize, vpc: &'a Vpc, plan: &Plan<'a>, tracks: &Tracks<'a>, (x, y): (i32, i32)) -> i32 {
        let zones_at = y + TITLE + thickness(tracks, Channel::Top(at), 4);
        self.channels.insert(Channel::Top(at), y + TITLE);
        let (right, bottom) = self.put_zones(at, plan, tracks, (x + PAD, zones_at));
        self.channels.insert(Channel::Bottom(at), bottom + 4);
        let below = if vpc.endpoints.is_empty() { PAD } else { HALF + 8 };
        let end = bottom + thickness(tracks, Channel::Bottom(at), 4) + below;
        let gateways_at = x + PAD + wide(TITLE_COLUMNS, COLUMN) + GAP;
        let row = |all: &'a [Gateway], x: i32, y: i32| -> Vec<(&'a Gateway, Rect)> {
            let place = |at: usize| Rect {
                x: x + px(at) * (gateway_width() + GAP),
                y: y - HALF,
                width: gateway_width(),
                height: 2 * HALF,
            };
            all.iter().enumerate().map(|(at, own)| (own, place(at))).collect()
        };
        let gateways = row(&vpc.gateways, gateways_at, y);
        let endpoints = row(&vpc.endpoints, x + PAD + GAP, end);
        let edges = gateways.iter().chain(&endpoints).map(|(_, rect)| rect.right());
        let right = edges.chain([right, gateways_at]).max().unwrap_or(right) + PAD;
        self.places.extend(gateways.iter().chain(&endpoints).map(|(own, rect)| (own.id.as_str(), *rect)));
        self.gateways.extend(gateways);
        self.endpoints.extend(endpoints);
        self.vpcs.push(Rect { x, y, width: right - x, height: end - y });
        end
    }

    /// Places the zones of a VPC, and says how far they go. Rows are as high in every zone.
    fn put_zones(&mut self, at: usize, plan: &Plan<'a>, tracks: &Tracks<'a>, (left, top): (i32, i32)) -> (i32, i32) {
        let columns: Vec<_> = plan.columns.iter().enumerate().filter(|(_, column)| column.vpc == at).collect();
        let mut rows: Vec<i32> = Vec::new();
        for (_, column) in &columns {
            rows.resize(rows.len().max(column.subnets.len()), 0);
            for (row, subnet) in rows.iter_mut().zip(&column.subnets) {
                *row = (*row).max(Card::of(subnet, self.scale).height());
            }
        }
        let (mut x, mut end) = (left, top);
        let mut zone = None;
        for (number, column) in columns {
            if zone.is_some_and(|zone| zone != column.zone) {
                x += PAD + GAP;
            }
            let begin = x;
            self.channels.insert(Channel::Gutter(number), x);
            x += thickness(tracks, Channel::Gutter(number), 0) + HEAD;
            let mut y = top + ZONE_TITLE;
            for (subnet, height) in column.subnets.iter().zip(&rows) {
                let rect = Rect { x, y, width: self.scale.width(), height: *height };
                self.put_subnet(Card::of(subnet, self.scale), &subnet.id, rect);
                y += height + 10;
            }
            x += self.scale.width();
            end = end.max(y);
            let own = self.zones.entry((at, column.zone)).or_insert(Rect { x: begin, y: top, width: 0, height: 0 });
            own.width = x + PAD - own.x;
            zone = Some(column.zone);
        }
        let zones = self.zones.iter_mut().filter(|((vpc, _), _)| *vpc == at);
        zones.for_each(|(_, rect)| rect.height = end + 2 - rect.y);
        (x + if zone.is_some() { PAD } else { 0 }, end + 2)
    }

    fn put_subnet(&mut self, card: Card<'a>, id: &'a str, rect: Rect) {
        self.places.insert(id, rect);
        self.edges.insert(id, card.edge());
        self.places.extend(card.nats(rect).into_iter().map(|(nat, place)| (nat.id.as_str(), place)));
        self.subnets.push((card, rect));
    }

    /// VPCs are as wide as the widest.
    fn widen(&mut self) {
        let width = self.vpcs.iter().map(|vpc| vpc.width).max().unwrap_or(0);
        self.vpcs.iter_mut().for_each(|vpc| vpc.width = width);
    }

    fn put_others(&mut self, outline: &'a Outline, tracks: &Tracks<'a>) {
        let edge = self.vpcs.first().map_or(MARGIN, Rect::right);
        self.channels.insert(Channel::Right, edge + 6);
        let x = edge + 6 + thickness(tracks, Channel::Right, 0) + HEAD;
        let mut y = self.vpcs.first().map_or(MARGIN + HEADING, |vpc| vpc.y);
        for own in &outline.others {
            let height = 2 * HALF + px(own.leads_to.len().min(LEADS)) * 13;
            let rect = Rect { x, y, width: gateway_width(), height };
            self.places.insert(&own.id, rect);
            self.others.push((own, rect));
            y += height + GAP;
        }
    }

    fn frame(&mut self, left: i32, bottom: i32) {
        let beside = self.others.iter().map(|(_, rect)| (rect.right(), rect.bottom() + GAP));
        let (right, bottom) = beside.fold((0, bottom), |(x, y), (right, low)| (x.max(right), y.max(low)));
        let edge = self.vpcs.first().map_or(MARGIN, Rect::right);
        let channel = self.channels.get(&Channel::Right).copied().unwrap_or(edge);
        let right = right.max(channel + HEAD).max(left + 480);
        self.internet = Rect { x: MARGIN, y: MARGIN + HEADING - 16, width: right - MARGIN, height: INTERNET };
        self.width = right + MARGIN;
        self.height = bottom + LEGEND;
    }

    /// Where the legend is.
    pub(super) fn legend(&self) -> (i32, i32) {
        (MARGIN, self.height - 16)
    }

    // Lines

    /// The points of a leg.
    pub(super) fn points(&self, leg: &Leg<'a>, plan: &Plan<'a>, tracks: &Tracks<'a>) -> Vec<(i32, i32)> {
        let mut ends = leg.ends().map(|(id, face, port)| self.port(id, face, tracks.port(id, face, port), plan));
        let (from, to) = (ends.next().flatten(), ends.next().flatten());
        let mut points: Vec<(i32, i32)> = from.into_iter().collect();
        let sky = self.internet.bottom();
        let mut last = None;
        for channel in &leg.channels {
            let number = tracks.track(*channel, leg.bundle);
            let begin = self.channels.get(channel).copied().unwrap_or_default();
            let track = begin + 6 + px(number) * track_step(tracks.number(*channel));
            let (x, y) = points.last().copied().unwrap_or((track, sky));
            points.push(if channel.is_vertical() { (track, y) } else { (x, track) });
            last = Some((*channel, track));
        }
        match (to, last) {
            (Some((x, y)), Some((channel, track))) => {
                points.push(if channel.is_vertical() { (track, y) } else { (x, track) });
                points.push((x, y));
            }
            // Straight down from the internet.
            (Some((x, y)), None) => points.extend((points.is_empty()).then_some((x, sky)).into_iter().chain([(x, y)])),
            // Up to it.
            (None, _) if leg.to.is_some() => points.extend(points.last().map(|(x, _)| (*x, sky))),
            (None, _) => {}
        }
        points.dedup();
        points
    }

    /// Where a line ends at a box; the internet takes lines anywhere.
    fn port(&self, id: &str, face: Face, (at, number): (usize, usize), plan: &Plan<'a>) -> Option<(i32, i32)> {
        let rect = self.places.get(id)?;
        let spread = |middle: i32, room: i32| {
            let step = step(number, room - 8, 8);
            middle - px(number - 1) * step / 2 + px(at) * step
        };
        let (x, y) = rect.middle();
        match plan.spot(id)? {
            Spot::Internet => None,
            Spot::Top(_) if face == Face::Outer => Some((spread(x, rect.width), rect.y)),
            Spot::Top(_) => Some((spread(x, rect.width), rect.bottom())),
            Spot::Bottom(_) => Some((spread(x, rect.width), rect.y)),
            Spot::Side => Some((rect.x, spread(y, rect.height))),
            Spot::Column(..) => {
                // Of a NAT gateway the whole edge is for lines.
                let (height, room) = self.edges.get(id).map_or((rect.height, rect.height + 8), |edge| (*edge, *edge));
                Some((rect.x, spread(rect.y + height / 2, room)))
            }
        }
    }
}

/// How much room a channel takes.
fn thickness(tracks: &Tracks<'_>, channel: Channel, least: i32) -> i32 {
    match tracks.number(channel) {
        0 => least,
        number => 10 + px(number) * track_step(number),
    }
}
