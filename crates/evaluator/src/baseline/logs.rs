//! Audit logs: the defaults of their times. The parameters themselves are numbers and switches.

/// The defaults of this area.
pub(super) mod default {
    /// Hours within which a trail must have delivered.
    pub(in super::super) fn trail_max_delivery_age_hours() -> u32 {
        24
    }

    /// Minutes after which a resource must have its log group.
    pub(in super::super) fn log_grace_minutes() -> u32 {
        60
    }

    /// Days that logs must be kept.
    pub(in super::super) fn log_retention_min_days() -> u32 {
        365
    }
}
