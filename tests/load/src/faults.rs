//! What goes wrong now and then, the same in every run with the same seed.

/// How often each kind of trouble comes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Faults {
    /// The part of requests that are throttled although the bucket has a token.
    pub throttled: f64,
    /// The part that fails with status 500.
    pub failed: f64,
    /// The part whose connection is cut before the answer.
    pub cut: f64,
    /// Where the sequence begins.
    pub seed: u64,
}

/// One kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A throttle.
    Throttled,
    /// Status 500.
    Failed,
    /// No answer, and the connection is gone.
    Cut,
}

impl Faults {
    /// Nothing goes wrong.
    pub const NONE: Self = Self { throttled: 0.0, failed: 0.0, cut: 0.0, seed: 0 };

    /// 5 % throttled, 1 % failed, 0.5 % cut.
    #[must_use]
    pub fn rough(seed: u64) -> Self {
        Self { throttled: 0.05, failed: 0.01, cut: 0.005, seed }
    }

    /// What happens to the n-th request.
    #[must_use]
    pub fn of(&self, n: u64) -> Option<Fault> {
        let chance = chance(self.seed.wrapping_add(n));
        let limits = [
            (self.throttled, Fault::Throttled),
            (self.throttled + self.failed, Fault::Failed),
            (self.throttled + self.failed + self.cut, Fault::Cut),
        ];
        limits.into_iter().find(|(limit, _)| chance < *limit).map(|(_, fault)| fault)
    }
}

/// A number from 0 to 1 that looks random (SplitMix64).
fn chance(n: u64) -> f64 {
    let mut mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::{Fault, Faults};

    #[test]
    fn each_kind_comes_as_often_as_it_should() {
        let faults = Faults::rough(7);
        let of = |kind: Fault| (0..100_000).filter(|n| faults.of(*n) == Some(kind)).count();
        assert!((4_800..5_200).contains(&of(Fault::Throttled)), "{}", of(Fault::Throttled));
        assert!((900..1_100).contains(&of(Fault::Failed)), "{}", of(Fault::Failed));
        assert!((430..570).contains(&of(Fault::Cut)), "{}", of(Fault::Cut));
        assert_eq!((0..100_000).filter_map(|n| Faults::NONE.of(n)).count(), 0);
    }
}
