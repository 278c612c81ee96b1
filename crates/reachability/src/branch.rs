//! Packets that took the same way so far, and how such a way ends.

use std::net::IpAddr;
use std::rc::Rc;

use plumbline_snapshot::ec2::{NetworkAcl, NetworkInterface, Route};

use crate::border::Direction;
use crate::bounds::Bounds;
use crate::cube::{Dimension, Span, joined};
use crate::firewall::Way;
use crate::graph::Between;
use crate::packets::{Packets, TooMany, number};
use crate::rule::Rule;
use crate::view::{NAT_PORTS, Term, View};

/// What decides at a step, beyond its rule.
#[derive(Clone, Copy, Debug)]
pub(crate) enum By<'a> {
    Rule,
    Route(&'a Route),
    Acl(&'a NetworkAcl, Way, &'a str),
    Groups(&'a NetworkInterface, Way, Between<'a>),
}

/// One step of a way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step<'a> {
    /// The id of what decides.
    pub(crate) at: &'a str,
    pub(crate) rule: Rule,
    pub(crate) by: By<'a>,
    /// How the packets look there.
    pub(crate) view: View,
}

/// Steps, the last one first; ways that part share what they had in common.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steps<'a>(Option<Rc<(Step<'a>, Steps<'a>)>>);

impl<'a> Steps<'a> {
    fn push(&mut self, step: Step<'a>) {
        let before = std::mem::take(self);
        self.0 = Some(Rc::new((step, before)));
    }

    pub(crate) fn last(&self) -> Option<Step<'a>> {
        self.0.as_ref().map(|link| link.0)
    }

    /// From the first to the last.
    pub(crate) fn in_order(&self) -> Vec<Step<'a>> {
        let mut all = Vec::new();
        let mut next = self;
        while let Some(link) = &next.0 {
            all.push(link.0);
            next = &link.1;
        }
        all.reverse();
        all
    }
}

/// What an instance that forwards does with a packet: it is not known which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forwarding {
    Unchanged,
    Translated,
}

/// Packets that are at the same place, as they were sent, and what the network remembers of them.
#[derive(Clone, Debug)]
pub(crate) struct Branch<'a> {
    pub(crate) packets: Packets,
    pub(crate) view: View,
    pub(crate) steps: Steps<'a>,
    /// What was not settled on the way, without ending it: what is dropped later is dropped anyway.
    pub(crate) doubt: Option<(&'a str, Rule)>,
    pub(crate) between: Between<'a>,
    /// How the sender saw whom its route led to: what its security groups are asked by.
    pub(crate) seen: Between<'a>,
    /// The subnet and VPC of the sender.
    pub(crate) begun: Option<(&'a str, &'a str)>,
    /// Interfaces whose groups let it pass, and how it looked there.
    pub(crate) tracked: Vec<(&'a str, View)>,
    /// What translated it: how it came and how it left.
    pub(crate) translated: Vec<(&'a str, View, View)>,
    /// Egress-only gateways that let it out.
    pub(crate) let_out: Vec<(&'a str, View)>,
    /// Ports that a NAT may have taken.
    pub(crate) taken: Span,
    pub(crate) forwarding: Option<Forwarding>,
    /// The subnet of the gateway load balancer endpoint that it came through.
    pub(crate) balancer: Option<&'a str>,
    pub(crate) been: Vec<(&'a str, View)>,
    /// What has to pass it on for it to go this way.
    pub(crate) assumes: Vec<&'a str>,
    /// Of an answer to ICMP: its type and code.
    pub(crate) icmp: Option<u16>,
}

impl<'a> Branch<'a> {
    pub(crate) fn new(packets: Packets, begun: Option<(&'a str, &'a str)>) -> Self {
        Branch {
            packets,
            view: View::SENT,
            steps: Steps::default(),
            doubt: None,
            between: Between::Nothing,
            seen: Between::Nothing,
            begun,
            tracked: Vec::new(),
            translated: Vec::new(),
            let_out: Vec::new(),
            taken: NAT_PORTS,
            forwarding: None,
            balancer: None,
            been: Vec::new(),
            assumes: Vec::new(),
            icmp: None,
        }
    }

    pub(crate) fn hop(&mut self, at: &'a str, rule: Rule) {
        self.hop_by(at, rule, By::Rule);
    }

    pub(crate) fn hop_by(&mut self, at: &'a str, rule: Rule, by: By<'a>) {
        self.steps.push(Step { at, rule, by, view: self.view });
    }

    pub(crate) fn doubted(&mut self, at: &'a str, rule: Rule) {
        self.doubted_by(at, rule, By::Rule);
    }

    pub(crate) fn doubted_by(&mut self, at: &'a str, rule: Rule, by: By<'a>) {
        self.hop_by(at, rule, by);
        self.doubt.get_or_insert((at, rule));
    }

    /// That it goes on only if what runs there passes it on.
    pub(crate) fn assume(&mut self, at: &'a str) {
        self.between = Between::Other;
        if !self.assumes.contains(&at) {
            self.assumes.push(at);
        }
    }

    /// Whether a way that a doubt left open is at its end all the same.
    pub(crate) fn is_at_border(&self, direction: Direction) -> bool {
        let rule = self.steps.last().map(|step| step.rule);
        match direction {
            Direction::In => rule == Some(Rule::InSubnet),
            Direction::Out => rule.is_some_and(|rule| {
                rule.is_boundary()
                    || matches!(
                        rule,
                        Rule::IgwOut | Rule::EgressOnlyOut | Rule::Peering | Rule::EndpointService | Rule::Carrier
                    )
            }),
        }
    }

    /// Those that are in a set, as they look here, and the others.
    ///
    /// # Errors
    /// [`TooMany`].
    pub(crate) fn split(self, set: &Packets) -> Result<(Vec<Self>, Vec<Self>), TooMany> {
        let (mut within, mut without) = (Vec::new(), Vec::new());
        for (taken, sent) in self.view.sent(set, self.taken) {
            let inside = self.packets.and(&sent)?;
            if inside.is_empty() {
                without.push(self.part(self.packets.clone(), taken));
                continue;
            }
            // All of them, as a filter often lets all pass.
            if inside != self.packets {
                let outside = self.packets.minus(&sent)?;
                without.extend((!outside.is_empty()).then(|| self.part(outside, taken)));
            }
            within.push(self.part(inside, taken));
        }
        Ok((within, without))
    }

    /// Those that are in a set, as they look here.
    ///
    /// # Errors
    /// [`TooMany`].
    pub(crate) fn within(&self, set: &Packets) -> Result<Vec<Self>, TooMany> {
        let mut within = Vec::new();
        for (taken, sent) in self.view.sent(set, self.taken) {
            let inside = self.packets.and(&sent)?;
            within.extend((!inside.is_empty()).then(|| self.part(inside, taken)));
        }
        Ok(within)
    }

    /// Those that certainly pass a filter, those that possibly do, and the others.
    ///
    /// # Errors
    /// [`TooMany`].
    pub(crate) fn filtered(self, filter: &Bounds) -> Result<[Vec<Self>; 3], TooMany> {
        let (sure, others) = self.split(filter.surely())?;
        if filter.is_known() {
            return Ok([sure, Vec::new(), others]);
        }
        let (mut open, mut closed) = (Vec::new(), Vec::new());
        for branch in others {
            let (own, other) = branch.split(filter.possibly())?;
            open.extend(own);
            closed.extend(other);
        }
        Ok([sure, open, closed])
    }

    /// Whether an address may be their source (or destination), as they look here: told for many addresses at once.
    pub(crate) fn ends(&self, dimension: Dimension) -> impl Fn(IpAddr) -> bool + use<> {
        let term = if dimension == Dimension::Source { self.view.source } else { self.view.destination };
        let spans = |v4| match term {
            Term::Sent(own) => joined(self.packets.cubes(v4).iter().map(|cube| cube.span(own)).collect()),
            Term::Is(value) => vec![Span::one(value)],
            Term::Taken => vec![Span::up_to(u128::MAX)],
        };
        let (v4, v6) = (spans(true), spans(false));
        move |ip| {
            let (spans, at) = (if ip.is_ipv4() { &v4 } else { &v6 }, number(ip));
            let next = spans.partition_point(|span| span.high < at);
            spans.get(next).is_some_and(|span| span.holds(at))
        }
    }

    /// Some of them.
    fn part(&self, packets: Packets, taken: Span) -> Self {
        Branch {
            packets,
            taken,
            view: self.view,
            steps: self.steps.clone(),
            doubt: self.doubt,
            between: self.between,
            seen: self.seen,
            begun: self.begun,
            tracked: self.tracked.clone(),
            translated: self.translated.clone(),
            let_out: self.let_out.clone(),
            forwarding: self.forwarding,
            balancer: self.balancer,
            been: self.been.clone(),
            assumes: self.assumes.clone(),
            icmp: self.icmp,
        }
    }

    /// Those that look in a second view as they do in a first, and the others.
    ///
    /// # Errors
    /// [`TooMany`].
    pub(crate) fn split_alike(self, one: View, other: View) -> Result<(Option<Self>, Option<Self>), TooMany> {
        let Some(alike) = one.alike(other) else { return Ok((None, Some(self))) };
        let (inside, outside) = (self.packets.and(&alike)?, self.packets.minus(&alike)?);
        let part = |packets: Packets| (!packets.is_empty()).then(|| self.part(packets, self.taken));
        Ok((part(inside), part(outside)))
    }
}

/// How a way ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate<'a> {
    /// At its destination: an interface, an endpoint, a boundary, or the internet.
    Delivered(Place<'a>),
    Dropped,
    /// Nobody knows.
    Open,
}

/// Where packets may begin or end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place<'a> {
    /// The internet.
    Internet,
    /// A network interface, an endpoint, or a boundary behind which nothing was read.
    Of(&'a str),
}

/// A way to its end. Its last step decided.
#[derive(Clone, Debug)]
pub(crate) struct End<'a> {
    pub(crate) branch: Branch<'a>,
    pub(crate) fate: Fate<'a>,
}
