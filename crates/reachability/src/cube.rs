//! A box of packets of one family of addresses: a span in each dimension. Sets are unions of boxes, in `packets`.

/// A span of numbers, both ends included. INVARIANT: `low <= high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span<N = u128> {
    pub(crate) low: N,
    pub(crate) high: N,
}

impl<N: Copy + Ord> Span<N> {
    pub(crate) const fn one(value: N) -> Self {
        Span { low: value, high: value }
    }

    pub(crate) fn new(low: N, high: N) -> Option<Self> {
        (low <= high).then_some(Span { low, high })
    }

    pub(crate) fn meet(self, other: Self) -> Option<Self> {
        Span::new(self.low.max(other.low), self.high.min(other.high))
    }

    pub(crate) fn holds(self, value: N) -> bool {
        self.low <= value && value <= self.high
    }

    /// Of numbers of another size; what is too large for it counts as its largest.
    fn sized<M>(self, largest: M) -> Span<M>
    where
        M: Copy + TryFrom<N>,
    {
        let number = |own: N| M::try_from(own).unwrap_or(largest);
        Span { low: number(self.low), high: number(self.high) }
    }
}

impl Span {
    pub(crate) const fn up_to(high: u128) -> Self {
        Span { low: 0, high }
    }

    /// What of it lies below and above another that it meets.
    fn beside(self, other: Self) -> impl Iterator<Item = Self> {
        let below = other.low.checked_sub(1).and_then(|high| Span::new(self.low, high));
        let above = other.high.checked_add(1).and_then(|low| Span::new(low, self.high));
        below.into_iter().chain(above)
    }
}

/// Spans that meet or touch become one.
pub(crate) fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut found: Vec<Span> = Vec::new();
    for span in spans {
        match found.last_mut() {
            Some(last) if span.low <= last.high.saturating_add(1) => last.high = last.high.max(span.high),
            _ => found.push(span),
        }
    }
    found
}

/// A dimension of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dimension {
    Source,
    Destination,
    Protocol,
    SourcePort,
    Port,
}

impl Dimension {
    pub(crate) const ALL: [Dimension; 5] =
        [Dimension::Source, Dimension::Destination, Dimension::Protocol, Dimension::SourcePort, Dimension::Port];
}

/// A box: all packets whose every number lies in its span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cube {
    pub(crate) source: Span,
    pub(crate) destination: Span,
    pub(crate) protocol: Span<u8>,
    pub(crate) source_port: Span<u16>,
    pub(crate) port: Span<u16>,
}

impl Cube {
    /// All packets of a family whose last address is this.
    pub(crate) const fn all(last: u128) -> Self {
        Cube {
            source: Span::up_to(last),
            destination: Span::up_to(last),
            protocol: Span { low: 0, high: u8::MAX },
            source_port: Span { low: 0, high: u16::MAX },
            port: Span { low: 0, high: u16::MAX },
        }
    }

    pub(crate) fn span(&self, dimension: Dimension) -> Span {
        match dimension {
            Dimension::Source => self.source,
            Dimension::Destination => self.destination,
            Dimension::Protocol => self.protocol.sized(u128::MAX),
            Dimension::SourcePort => self.source_port.sized(u128::MAX),
            Dimension::Port => self.port.sized(u128::MAX),
        }
    }

    pub(crate) fn with(mut self, dimension: Dimension, span: Span) -> Self {
        match dimension {
            Dimension::Source => self.source = span,
            Dimension::Destination => self.destination = span,
            Dimension::Protocol => self.protocol = span.sized(u8::MAX),
            Dimension::SourcePort => self.source_port = span.sized(u16::MAX),
            Dimension::Port => self.port = span.sized(u16::MAX),
        }
        self
    }

    pub(crate) fn holds(&self, numbers: &[u128; 5]) -> bool {
        Dimension::ALL.iter().zip(numbers).all(|(dimension, number)| self.span(*dimension).holds(*number))
    }

    /// The least number of each dimension.
    pub(crate) fn least(&self) -> [u128; 5] {
        Dimension::ALL.map(|dimension| self.span(dimension).low)
    }

    pub(crate) fn meet(&self, other: &Self) -> Option<Self> {
        Some(Cube {
            source: self.source.meet(other.source)?,
            destination: self.destination.meet(other.destination)?,
            protocol: self.protocol.meet(other.protocol)?,
            source_port: self.source_port.meet(other.source_port)?,
            port: self.port.meet(other.port)?,
        })
    }

    /// What is left of it without another, in boxes that do not meet.
    pub(crate) fn without(self, other: &Self, left: &mut Vec<Self>) {
        let Some(common) = self.meet(other) else { return left.push(self) };
        let mut rest = self;
        for dimension in Dimension::ALL {
            let (own, cut) = (rest.span(dimension), common.span(dimension));
            left.extend(own.beside(cut).map(|span| rest.with(dimension, span)));
            rest = rest.with(dimension, cut);
        }
    }

    /// The order in which boxes that differ in one dimension alone stand side by side.
    pub(crate) fn compared(&self, other: &Self, last: Dimension) -> std::cmp::Ordering {
        let others = Dimension::ALL.into_iter().filter(|dimension| *dimension != last);
        let mut each = others.chain([last]).map(|dimension| self.span(dimension).cmp(&other.span(dimension)));
        each.find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    }

    /// The dimension in which alone they differ, and touch.
    pub(crate) fn touching(&self, other: &Self) -> Option<Dimension> {
        let mut differing = Dimension::ALL.into_iter().filter(|at| self.span(*at) != other.span(*at));
        let (Some(only), None) = (differing.next(), differing.next()) else { return None };
        let (own, next) = (self.span(only), other.span(only));
        (own.high.checked_add(1) == Some(next.low) || next.high.checked_add(1) == Some(own.low)).then_some(only)
    }

    /// Both in one box, if they differ in this dimension alone and touch there.
    pub(crate) fn joined(&self, next: &Self, dimension: Dimension) -> Option<Self> {
        let (own, other) = (self.span(dimension), next.span(dimension));
        let alike = self.with(dimension, other) == *next;
        (alike && own.high.checked_add(1) == Some(other.low))
            .then(|| self.with(dimension, Span { low: own.low, high: other.high }))
    }
}
