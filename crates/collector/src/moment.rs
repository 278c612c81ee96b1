//! The SDK's times as ours.

use aws_smithy_types::DateTime;
use jiff::Timestamp;

/// A moment as AWS gave it; `None` outside the years that a timestamp can name.
#[must_use]
pub fn moment(time: &DateTime) -> Option<Timestamp> {
    Timestamp::from_nanosecond(time.as_nanos()).ok()
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;

    use super::moment;

    #[test]
    fn a_moment_keeps_its_fraction_and_an_absurd_one_is_none() {
        let time = moment(&DateTime::from_fractional_secs(1_700_000_000, 0.25)).unwrap();
        assert_eq!(time.to_string(), "2023-11-14T22:13:20.25Z");
        assert_eq!(moment(&DateTime::from_secs(i64::MAX)), None);
    }
}
