//! What is only counted: of every kind the same few fields.

use aws_smithy_types::DateTime;
use plumbline_collector::moment;
use plumbline_snapshot::sagemaker::counted::Counted;

use super::text;

/// Something that is counted, by its ARN, or by its name where it is listed without one.
pub(crate) fn counted(
    name: Option<&str>,
    arn: Option<&str>,
    status: Option<&str>,
    created: Option<&DateTime>,
) -> Option<(String, Counted)> {
    let (name, arn) = (text(name)?, text(arn));
    let id = arn.clone().unwrap_or_else(|| name.clone());
    Some((id, Counted { name, arn, status: text(status), created: created.and_then(moment) }))
}
