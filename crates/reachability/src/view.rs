//! How packets look at a place, told by how they were sent. Sets of packets stay those that were sent, however often addresses
//! are translated on the way: what a filter asks is carried back to them.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::cube::{Cube, Dimension, Span};
use crate::packets::{Packet, Packets, number};

/// What a number of a packet is at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Term {
    /// One that it was sent with.
    Sent(Dimension),
    /// This one.
    Is(u128),
    /// The port that a NAT took.
    Taken,
}

/// How packets look at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) source: Term,
    pub(crate) destination: Term,
    pub(crate) source_port: Term,
    pub(crate) port: Term,
}

/// The ports that a NAT takes ("NAT gateway basics", Amazon VPC User Guide).
pub(crate) const NAT_PORTS: Span = Span { low: 1024, high: 65_535 };

impl View {
    /// As they were sent.
    pub(crate) const SENT: View = View {
        source: Term::Sent(Dimension::Source),
        destination: Term::Sent(Dimension::Destination),
        source_port: Term::Sent(Dimension::SourcePort),
        port: Term::Sent(Dimension::Port),
    };

    pub(crate) fn with_source(self, source: IpAddr) -> Self {
        View { source: Term::Is(number(source)), ..self }
    }

    pub(crate) fn with_destination(self, destination: IpAddr) -> Self {
        View { destination: Term::Is(number(destination)), ..self }
    }

    /// As what answers them looks: of ICMP with this type and code.
    pub(crate) fn answered(self, icmp: Option<u16>) -> Self {
        let (source_port, port) = match icmp {
            Some(kind) => (Term::Is(0), Term::Is(kind.into())),
            None => (self.port, self.source_port),
        };
        View { source: self.destination, destination: self.source, source_port, port }
    }

    /// Those packets, as they were sent, that look alike in both views; none where nothing can be said.
    pub(crate) fn alike(self, other: Self) -> Option<Packets> {
        let pairs = [
            (self.source, other.source),
            (self.destination, other.destination),
            (self.source_port, other.source_port),
            (self.port, other.port),
        ];
        let mut same = Packets::all();
        for pair in pairs {
            match pair {
                (one, two) if one == two => {}
                (Term::Sent(dimension), Term::Is(value)) | (Term::Is(value), Term::Sent(dimension)) => {
                    same = same.narrowed(dimension, Span::one(value))?;
                }
                _ => return None,
            }
        }
        Some(same)
    }

    /// Those packets, as they were sent, that are in a set as they look here; for each range of taken ports that the set tells
    /// apart.
    pub(crate) fn sent(self, set: &Packets, taken: Span) -> Vec<(Span, Cow<'_, Packets>)> {
        if self == View::SENT {
            return vec![(taken, Cow::Borrowed(set))];
        }
        let pieces = if self.port == Term::Taken { set.pieces(Dimension::Port, taken) } else { vec![taken] };
        let mapped = |taken| set.mapped(|cube, last| self.cube(cube, taken, last));
        pieces.into_iter().map(|taken| (taken, Cow::Owned(mapped(taken)))).collect()
    }

    fn cube(self, here: &Cube, taken: Span, last: u128) -> Option<Cube> {
        let terms = [
            (Dimension::Source, self.source),
            (Dimension::Destination, self.destination),
            (Dimension::Protocol, Term::Sent(Dimension::Protocol)),
            (Dimension::SourcePort, self.source_port),
            (Dimension::Port, self.port),
        ];
        let mut sent = Cube::all(last);
        for (dimension, term) in terms {
            let span = here.span(dimension);
            match term {
                Term::Sent(own) => sent = sent.with(own, sent.span(own).meet(span)?),
                Term::Is(value) if !span.holds(value) => return None,
                Term::Taken if !span.holds(taken.low) => return None,
                Term::Is(_) | Term::Taken => {}
            }
        }
        Some(sent)
    }

    /// One packet as it looks here.
    pub(crate) fn of(self, sent: &Packet, taken: Span) -> Packet {
        let v4 = sent.source.is_ipv4();
        let address = |term: Term, own: [IpAddr; 2]| match term {
            Term::Sent(Dimension::Source) => own[0],
            Term::Is(value) if v4 => IpAddr::V4(u32::try_from(value).unwrap_or_default().into()),
            Term::Is(value) => IpAddr::V6(value.into()),
            _ => own[1],
        };
        let port = |term: Term| match term {
            Term::Sent(Dimension::SourcePort) => sent.source_port,
            Term::Sent(_) => sent.port,
            Term::Is(value) => u16::try_from(value).unwrap_or_default(),
            Term::Taken => u16::try_from(taken.low).unwrap_or_default(),
        };
        let ends = [sent.source, sent.destination];
        Packet {
            source: address(self.source, ends),
            destination: address(self.destination, ends),
            protocol: sent.protocol,
            source_port: port(self.source_port),
            port: port(self.port),
        }
    }
}
