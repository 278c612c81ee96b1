//! What may start the function: a scheduled event as EventBridge sends it, `{}`, or a payload on demand.

use lambda_runtime::Diagnostic;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Where it came from.
    pub(crate) origin: Origin,
    /// The event's id, by which a second delivery is known; none where the payload has none.
    pub(crate) event_id: Option<String>,
    /// Environments; empty means all.
    pub(crate) environments: Vec<String>,
    /// Scope words; empty means everything.
    pub(crate) scope: Vec<String>,
    /// Why, in the words of who asked.
    pub(crate) reason: Option<String>,
    /// Whether to alert and measure.
    pub(crate) publish: bool,
    /// Whether to ignore what is carried over.
    pub(crate) full: bool,
}

/// Where a start came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A schedule.
    Schedule,
    /// Somebody's payload.
    OnDemand,
}

/// A payload that means nothing here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// Not one of the known forms.
    #[error(
        "the payload is none of: a scheduled event of EventBridge, {{}}, or {{\"action\":\"audit\",\"environments\":[],\"scope\":[],\"reason\":\"\",\"publish\":true,\"full\":false}}: {0}"
    )]
    UnknownPayload(String),
}

impl From<Refused> for Diagnostic {
    fn from(refused: Refused) -> Self {
        Self { error_type: "UnknownPayload".into(), error_message: refused.to_string() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OnDemand {
    action: Action,
    #[serde(default)]
    environments: Vec<String>,
    #[serde(default)]
    scope: Vec<String>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default = "yes")]
    publish: bool,
    #[serde(default)]
    full: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Audit,
}

fn yes() -> bool {
    true
}

/// The payload of a function's next leg: the same audit, on demand. What was read so far it finds by itself.
#[derive(Serialize)]
struct NextLeg<'a> {
    action: &'static str,
    environments: &'a [String],
    scope: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    publish: bool,
    full: bool,
}

/// The longest reason that is kept, in characters.
const LONGEST_REASON: usize = 500;

impl Asked {
    /// The payload that asks for the same once more.
    pub(crate) fn again(&self) -> String {
        let Self { environments, scope, reason, publish, full, .. } = self;
        let next =
            NextLeg { action: "audit", environments, scope, reason: reason.as_deref(), publish: *publish, full: *full };
        // Strings and flags are always JSON; `{}` would ask for the whole audit.
        serde_json::to_string(&next).unwrap_or_else(|_| "{}".to_owned())
    }

    /// What a payload asks for.
    ///
    /// # Errors
    /// [`Refused`], which says what the forms are.
    pub(crate) fn from_payload(payload: &Value) -> Result<Self, Refused> {
        let Some(fields) = payload.as_object() else {
            return Err(Refused::UnknownPayload("it is no JSON object".to_owned()));
        };
        let whole = Self {
            origin: Origin::Schedule,
            event_id: None,
            environments: Vec::new(),
            scope: Vec::new(),
            reason: None,
            publish: true,
            full: false,
        };
        if fields.is_empty() {
            return Ok(Self { origin: Origin::OnDemand, ..whole });
        }
        if !fields.contains_key("action") && fields.contains_key("detail-type") {
            // "Amazon EventBridge event reference": a rule on a schedule sends `Scheduled Event` from `aws.events`,
            // EventBridge Scheduler the same from `aws.scheduler`.
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            let scheduled = text("detail-type") == Some("Scheduled Event")
                && matches!(text("source"), Some("aws.events" | "aws.scheduler"));
            return match text("id") {
                Some(id) if scheduled && !id.is_empty() => Ok(Self { event_id: Some(id.to_owned()), ..whole }),
                _ => Err(Refused::UnknownPayload(format!(
                    "an event of type {} from {} is not a schedule with an id",
                    text("detail-type").map_or_else(|| "no text".to_owned(), |name| format!("`{name}`")),
                    text("source").map_or_else(|| "nowhere".to_owned(), |name| format!("`{name}`")),
                ))),
            };
        }
        let given: OnDemand =
            serde_json::from_value(payload.clone()).map_err(|error| Refused::UnknownPayload(error.to_string()))?;
        let OnDemand { action: Action::Audit, environments, scope, reason, publish, full } = given;
        Ok(Self {
            origin: Origin::OnDemand,
            event_id: None,
            environments,
            scope,
            reason: reason.map(|text| text.chars().take(LONGEST_REASON).collect()),
            publish,
            full,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Asked, Origin};

    #[test]
    fn a_scheduled_event_as_it_comes() {
        let asked = Asked::from_payload(&json!({
            "version": "0",
            "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": "111122223333",
            "time": "2026-09-14T06:00:00Z",
            "region": "eu-west-1",
            "resources": ["arn:aws:events:eu-west-1:111122223333:rule/audit"],
            "detail": {}
        }))
        .unwrap();
        assert_eq!(asked.origin, Origin::Schedule);
        assert_eq!(asked.event_id.as_deref(), Some("53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa"));
        assert!(asked.publish && !asked.full && asked.scope.is_empty() && asked.environments.is_empty());
    }

    #[test]
    fn nothing_asks_for_everything() {
        let asked = Asked::from_payload(&json!({})).unwrap();
        assert!(asked.publish && !asked.full && asked.event_id.is_none());
    }

    #[test]
    fn a_payload_on_demand() {
        let asked = Asked::from_payload(&json!({
            "action": "audit", "environments": ["fraud-dev"], "scope": ["area:network"], "reason": "INC-1234", "publish": false, "full": true
        }))
        .unwrap();
        assert_eq!(asked.environments, ["fraud-dev"]);
        assert_eq!(asked.scope, ["area:network"]);
        assert_eq!(asked.reason.as_deref(), Some("INC-1234"));
        assert!(!asked.publish && asked.full);
    }

    #[test]
    fn the_next_leg_is_asked_for_the_same() {
        for payload in [
            json!({"action": "audit", "environments": ["fraud-dev"], "scope": ["area:network"], "reason": "INC-1234", "publish": false, "full": true}),
            json!({}),
        ] {
            let asked = Asked::from_payload(&payload).unwrap();
            let again: serde_json::Value = serde_json::from_str(&asked.again()).unwrap();
            assert_eq!(Asked::from_payload(&again).unwrap(), asked);
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_forms_that_are_known() {
        for payload in [
            json!(null),
            json!([]),
            json!("audit"),
            json!({"action": "delete"}),
            json!({"action": "audit", "enviroments": []}),
            json!({"action": "audit", "scope": "area:network"}),
            json!({"environments": ["fraud-dev"]}),
            json!({"Records": [{"eventSource": "aws:s3"}]}),
            json!({"detail-type": "EC2 Instance State-change Notification", "source": "aws.ec2", "id": "1"}),
            json!({"detail-type": "Scheduled Event", "source": "aws.events"}),
            json!({"detail-type": "Scheduled Event", "source": "my.events", "id": "1"}),
        ] {
            let error = Asked::from_payload(&payload).unwrap_err().to_string();
            assert!(error.contains("\"action\":\"audit\""), "{payload}: {error}");
        }
    }
}
