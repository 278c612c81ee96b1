//! The JSON Schema of the file, made from the types that load it.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::{Environment, Exception, SeparationOverride};

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

/// A baseline file: what the owner of an account wants of its SageMaker environments.
#[derive(JsonSchema)]
#[schemars(title = "plumbline baseline", extend("additionalProperties" = false))]
#[expect(dead_code, reason = "only its schema is used")]
struct BaselineFile {
    /// The version of the file's format.
    #[schemars(extend("const" = 1))]
    version: u32,
    /// The account that the file is about: twelve digits, quoted.
    #[schemars(regex(pattern = "^[0-9]{12}$"))]
    account_id: String,
    /// Values for environments that do not give their own. A value is replaced whole.
    defaults: Option<Defaults>,
    /// The environments of the account.
    #[schemars(length(min = 1))]
    environments: Vec<Environment>,
    /// Violations that someone answers for.
    exceptions: Option<Vec<Exception>>,
    /// Relaxed cells of the separation matrix.
    separation_overrides: Option<Vec<SeparationOverride>>,
}

/// Any parameter of an environment; none is required.
struct Defaults;

impl JsonSchema for Defaults {
    fn schema_name() -> Cow<'static, str> {
        "Defaults".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Environment::json_schema(generator);
        schema.remove("required");
        schema.insert("description".to_owned(), "Any parameter of an environment; none is required.".into());
        schema
    }
}

/// Takes away a default that is only serde's: the loader fills in what depends on account and Region.
pub(super) fn without_default(schema: &mut Schema) {
    schema.remove("default");
}

/// The JSON Schema (2020-12) of the file, made from the types that load it; the same bytes every time.
#[must_use]
pub fn schema() -> String {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<BaselineFile>().to_value();
    forbid_nulls(&mut schema);
    let mut text = format!("{schema:#}");
    text.push('\n');
    text
}

/// A key without a value is refused, so no value may be null.
fn forbid_nulls(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(forbid_nulls),
        Value::Object(map) => {
            if map.get("default").is_some_and(Value::is_null) {
                map.remove("default");
            }
            if let Some(Value::Array(types)) = map.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    map.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(choices)) = map.get_mut("anyOf") {
                choices.retain(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
                if let [Value::Object(only)] = choices.as_slice() {
                    let only = only.clone();
                    map.remove("anyOf");
                    for (key, value) in only {
                        map.entry(key).or_insert(value);
                    }
                }
            }
            map.values_mut().for_each(forbid_nulls);
        }
        _ => {}
    }
}
