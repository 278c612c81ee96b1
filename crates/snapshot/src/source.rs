//! One kind of read, declared once.

use plumbline_names::Operation;

/// One kind of read: the API operation, and the IAM permissions that it needs (the names often differ).
///
/// Plans, permissions, coverage and the tests of blindness are all derived from these declarations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// The service as it is named throughout, such as `ec2` or `s3control`.
    pub service: &'static str,
    /// The API operation, such as `DescribeVpcs`.
    pub operation: &'static str,
    /// The IAM actions that permit it, such as `ec2:DescribeVpcs`.
    pub permissions: &'static [&'static str],
}

impl Source {
    /// The operation as a shared noun.
    #[must_use]
    pub fn operation(&self) -> Operation {
        Operation::new(self.service, self.operation)
    }

    /// Whether an IAM action permits it; actions are written in any case.
    #[must_use]
    pub fn needs(&self, action: &str) -> bool {
        self.permissions.iter().any(|needed| needed.eq_ignore_ascii_case(action))
    }
}
