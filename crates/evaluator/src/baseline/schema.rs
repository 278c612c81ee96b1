//! The JSON Schema of the file, made from the types that load it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// One of the four things that a baseline file may write where an ARN or an account stands.
const ACCOUNT: &str = r"^([0-9]{12}|\{account\})$";

/// The schema of texts that must match `pattern`.
fn text(pattern: &str, description: &str) -> Schema {
    json_schema!({ "type": "string", "pattern": pattern, "description": description })
}

/// Declares a stand-in whose only use is the schema of a type that another crate defines.
macro_rules! text_schema {
    ($name:ident, $pattern:expr, $description:expr) => {
        #[doc = $description]
        pub(super) struct $name;

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                text($pattern, $description)
            }
        }
    };
}

text_schema!(AccountText, ACCOUNT, "An account id: twelve digits, quoted.");
text_schema!(ArnText, r"^arn:", "An ARN.");
text_schema!(CidrText, r"^[0-9a-fA-F:.]+/[0-9]{1,3}$", "An IPv4 or IPv6 network such as `10.9.0.0/16`.");
text_schema!(DateText, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "A date `YYYY-MM-DD` (UTC), valid through that day.");
text_schema!(RegionText, r"^[a-z0-9]+(-[a-z0-9]+)+-[0-9]+$", "A Region code such as `eu-west-1`.");
