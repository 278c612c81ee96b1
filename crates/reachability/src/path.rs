//! What becomes of packets: every way that they take from where they are sent, and whether what answers them comes back.

use crate::branch::{Branch, By, End, Fate, Place, Step};
use crate::graph::Graph;
use crate::packets::{ICMP, Packet, Packets, TooMany};
use crate::rule::Rule;
use crate::view::View;
use crate::walk::{Next, Walk};

/// Where packets are sent from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin<'a> {
    /// A network interface, by its id.
    Interface(&'a str),
    /// The internet.
    Internet,
    /// What lies behind a peering connection, transit gateway or virtual private gateway, by its id, into a VPC, by its id.
    Beyond(&'a str, &'a str),
}

/// What became of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict<'a> {
    /// They arrived.
    Delivered(Place<'a>),
    /// Something stopped them.
    Dropped,
    /// It is not known: something on the way was not read, or the documentation does not settle it.
    Unknown,
}

/// A step of a way.
#[derive(Clone, Debug)]
pub struct Hop<'a> {
    /// The id of what decides.
    pub at: &'a str,
    /// What it does.
    pub rule: Rule,
    pub(crate) by: By<'a>,
    /// How the packet looks there, of [`Way::packets`]' witness.
    pub packet: Option<Packet>,
}

impl<'a> Hop<'a> {
    /// What a route leads to.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let route = if let By::Route(route) = self.by { Some(route) } else { None };
        route.into_iter().flat_map(|route| route.targets.values().map(String::as_str))
    }

    /// The subnet whose network ACL or interface it is about.
    pub(crate) fn subnet(&self) -> Option<&'a str> {
        match self.by {
            By::Acl(_, _, subnet) => Some(subnet),
            By::Groups(interface, ..) => Some(&interface.subnet_id),
            By::Rule | By::Route(_) => None,
        }
    }

    /// Whether it is a route that leads to something.
    pub(crate) fn leads_to(&self, id: &str) -> bool {
        self.targets().any(|target| target == id)
    }
}

impl Way<'_> {
    /// Whether something on the way, before its end, was not settled.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.doubtful
    }
}

/// A way that packets take, to its end. Several ways may be taken by the same packet where it is not known which.
#[derive(Clone, Debug)]
pub struct Way<'a> {
    /// The packets, as they were sent.
    pub packets: Packets,
    /// How it ends: the last hop decides.
    pub verdict: Verdict<'a>,
    /// From the sender to the end.
    pub hops: Vec<Hop<'a>>,
    /// Instances and gateway load balancer endpoints that have to pass them on.
    pub assumes: Vec<&'a str>,
    pub(crate) doubtful: bool,
    /// What becomes of answers, of packets that were delivered.
    pub answers: Vec<Answer<'a>>,
}

/// A way that answers take.
#[derive(Clone, Debug)]
pub struct Answer<'a> {
    /// The packets that they answer, as those were sent.
    pub packets: Packets,
    /// How it ends.
    pub verdict: Verdict<'a>,
    /// From whoever got the packets to the end.
    pub hops: Vec<Hop<'a>>,
}

impl<'a> Graph<'a> {
    /// Every way that these packets take.
    ///
    /// # Errors
    /// [`TooMany`]: the question is too large to be answered.
    pub fn ways(&self, origin: Origin<'a>, packets: Packets) -> Result<Vec<Way<'a>>, TooMany> {
        let mut walk = Walk::new(self, None);
        self.start(&mut walk, origin, packets)?;
        walk.run()?;
        walk.ends.into_iter().map(|end| self.way(origin, end)).collect()
    }

    pub(crate) fn start(&self, walk: &mut Walk<'_, 'a>, origin: Origin<'a>, packets: Packets) -> Result<(), TooMany> {
        match origin {
            Origin::Interface(id) => match self.interface(id) {
                Ok(interface) => {
                    let begun = Some((interface.subnet_id.as_str(), interface.vpc_id.as_str()));
                    walk.go(Branch::new(packets, begun), Next::Send(interface));
                }
                Err(rule) => walk.open(Branch::new(packets, None), id, rule),
            },
            Origin::Internet => {
                let mut branch = Branch::new(packets, None);
                branch.hop("internet", Rule::Sender);
                walk.go(branch, Next::Internet);
            }
            Origin::Beyond(gateway, vpc) => {
                let mut branch = Branch::new(packets, None);
                branch.hop(gateway, Rule::Sender);
                match gateway.split('-').next() {
                    Some("pcx") => walk.in_by_peering(branch, gateway, vpc)?,
                    Some("tgw") => walk.in_by_transit(branch, gateway, vpc)?,
                    Some("vgw") => walk.in_by_vpn(branch, gateway, vpc)?,
                    _ => walk.open(branch, gateway, Rule::UnknownTarget),
                }
            }
        }
        Ok(())
    }

    /// A way without its answers.
    pub(crate) fn forward(&self, end: End<'a>) -> Way<'a> {
        let witness = end.branch.packets.witness();
        Way {
            verdict: verdict(end.fate),
            hops: hops(&end, witness.as_ref()),
            packets: end.branch.packets,
            assumes: end.branch.assumes,
            doubtful: end.branch.doubt.is_some(),
            answers: Vec::new(),
        }
    }

    fn way(&self, origin: Origin<'a>, end: End<'a>) -> Result<Way<'a>, TooMany> {
        let answers = match end.fate {
            Fate::Delivered(place) => self.answers(origin, place, &end.branch)?,
            Fate::Dropped | Fate::Open => Vec::new(),
        };
        Ok(Way { answers, ..self.forward(end) })
    }

    /// Answers to packets that were delivered: they have to come back to the sender, from the address and port that the sender
    /// wrote to.
    fn answers(&self, origin: Origin<'a>, place: Place<'a>, sent: &Branch<'a>) -> Result<Vec<Answer<'a>>, TooMany> {
        let begin = match origin {
            Origin::Interface(id) | Origin::Beyond(id, _) => Place::Of(id),
            Origin::Internet => Place::Internet,
        };
        let mut walk = Walk::new(self, Some(begin));
        for branch in answering(sent)? {
            let Some(branch) = branch else { continue };
            match place {
                Place::Internet => walk.go(branch, Next::Internet),
                Place::Of(id) => match (self.interface(id), self.ec2.vpc_endpoints.get(id)) {
                    (Ok(interface), _) => walk.go(branch, Next::Send(interface)),
                    (_, Ok(Some(endpoint))) => walk.go(branch, Next::Within(&endpoint.vpc_id, None)),
                    _ => walk.open(branch, id, Rule::NotRead),
                },
            }
        }
        walk.run()?;
        let mut answers = Vec::new();
        for end in walk.ends {
            self.settle(begin, end, &mut answers)?;
        }
        Ok(answers)
    }

    fn settle(&self, begin: Place<'a>, end: End<'a>, answers: &mut Vec<Answer<'a>>) -> Result<(), TooMany> {
        let mut keep = |branch: Branch<'a>, fate: Fate<'a>, rule: Option<Rule>| {
            let mut branch = branch;
            if let (Some(rule), Place::Of(at)) = (rule, begin) {
                branch.hop(at, rule);
            }
            let end = End { branch, fate };
            let witness = end.branch.packets.witness();
            let hops = hops(&end, witness.as_ref());
            answers.push(Answer { packets: end.branch.packets, verdict: verdict(fate), hops });
        };
        match end.fate {
            Fate::Delivered(place) if place != begin => keep(end.branch, Fate::Dropped, Some(Rule::OtherPlace)),
            Fate::Delivered(_) => {
                let expected = View::SENT.answered(end.branch.icmp);
                let view = end.branch.view;
                let (fitting, others) = end.branch.split_alike(expected, view)?;
                if let Some(branch) = fitting {
                    keep(branch, end.fate, None);
                }
                if let Some(branch) = others {
                    keep(branch, Fate::Dropped, Some(Rule::OtherFlow));
                }
            }
            fate => keep(end.branch, fate, None),
        }
        Ok(())
    }
}

/// What answers packets where they arrived. Of ICMP only requests are answered: echo and timestamp (RFC 792), echo (RFC 4443).
fn answering<'a>(sent: &Branch<'a>) -> Result<Vec<Option<Branch<'a>>>, TooMany> {
    let mut fresh = Branch { steps: Default::default(), been: Vec::new(), balancer: None, ..sent.clone() };
    fresh.between = crate::graph::Between::Nothing;
    let requests: [(u8, u8, u16); 3] = [(1, 8, 0), (1, 13, 14 << 8), (58, 128, 129 << 8)];
    let mut found = Vec::new();
    for (protocol, kind, answer) in requests {
        let first = u16::from(kind) << 8;
        let asked = Packets::protocol(protocol).and(&Packets::ports(first, first | 0xff))?;
        let packets = fresh.packets.and(&asked)?;
        let view = fresh.view.answered(Some(answer));
        found.push((!packets.is_empty()).then(|| Branch { packets, view, icmp: Some(answer), ..fresh.clone() }));
    }
    let mut others = fresh.packets.clone();
    for protocol in ICMP {
        others = others.minus(&Packets::protocol(protocol))?;
    }
    let view = fresh.view.answered(None);
    found.push((!others.is_empty()).then_some(Branch { packets: others, view, ..fresh }));
    Ok(found)
}

fn verdict(fate: Fate<'_>) -> Verdict<'_> {
    match fate {
        Fate::Delivered(place) => Verdict::Delivered(place),
        Fate::Dropped => Verdict::Dropped,
        Fate::Open => Verdict::Unknown,
    }
}

fn hops<'a>(end: &End<'a>, witness: Option<&Packet>) -> Vec<Hop<'a>> {
    let steps = end.branch.steps.in_order().into_iter();
    let hop = |step: Step<'a>| Hop {
        at: step.at,
        rule: step.rule,
        by: step.by,
        packet: witness.map(|sent| step.view.of(sent, end.branch.taken)),
    };
    steps.map(hop).collect()
}

/// What surely becomes of one packet, of all ways that packets of its origin take, and of the answer to it: none where nothing
/// answers it, or it did not surely arrive.
#[must_use]
pub fn verdict_on<'a>(ways: &[Way<'a>], packet: &Packet) -> (Verdict<'a>, Option<Verdict<'a>>) {
    let taken: Vec<&Way<'a>> = ways.iter().filter(|way| way.packets.contains(packet)).collect();
    let verdict = settled(taken.iter().map(|way| way.verdict));
    if !matches!(verdict, Verdict::Delivered(_)) {
        return (verdict, None);
    }
    let answers = taken.iter().flat_map(|way| &way.answers).filter(|answer| answer.packets.contains(packet));
    let mut answers = answers.map(|answer| answer.verdict).peekable();
    let answer = answers.peek().is_some().then(|| settled(answers));
    (verdict, answer)
}

/// One verdict where all are alike: what arrives here or there is not known to be at either place.
fn settled<'a>(mut verdicts: impl Iterator<Item = Verdict<'a>>) -> Verdict<'a> {
    let first = verdicts.next().unwrap_or(Verdict::Unknown);
    if verdicts.all(|other| other == first) { first } else { Verdict::Unknown }
}
