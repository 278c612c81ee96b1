//! One request: who asks for what, on what, under which circumstances. Read from JSON and
//! printed as it, so that a witness can be passed on. Whether it is allowed is in `decide`.

use std::fmt;

use crate::document::PrincipalKind;
use crate::json::{self, Json};
use crate::matching::parts_of;
use crate::parse::{MAX_PATTERN_CHARS, shown};
use crate::principal::{PrincipalClass, classify_text, is_account};

/// What a request's principal is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The root user of an account.
    Root,
    /// An IAM user.
    User,
    /// A role, of which the session is not said.
    Role,
    /// A session of a role.
    Session {
        /// The role's name, without path.
        role: String,
    },
    /// A federated user session.
    FederatedUser,
    /// An identity of a SAML or OpenID Connect provider, which has no AWS credentials yet.
    Provider,
    /// An AWS service.
    Service,
    /// Nobody: an unsigned request.
    Anonymous,
}

impl Caller {
    /// What `aws:PrincipalType` holds; None where there is none.
    fn as_type(&self) -> Option<&'static str> {
        match self {
            Caller::Root => Some("Account"),
            Caller::User => Some("User"),
            Caller::Role | Caller::Session { .. } => Some("AssumedRole"),
            Caller::FederatedUser => Some("FederatedUser"),
            Caller::Anonymous => Some("Anonymous"),
            Caller::Provider | Caller::Service => None,
        }
    }
}

/// The value or values of a condition key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextValue {
    /// Of a single-valued key.
    One(String),
    /// Of a multivalued key, in the order given; there may be none.
    Many(Vec<String>),
}

/// A key of the request context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextEntry {
    /// As given; case does not matter.
    pub key: String,
    /// What it holds.
    pub value: ContextValue,
    folded: String,
}

/// A key that AWS puts into every request of a kind of caller, where the request leaves it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Implied<'a> {
    pub(crate) key: &'static str,
    /// None: it is there, and what it holds does not follow from the request.
    pub(crate) value: Option<&'a str>,
}

/// A request to AWS, with all that authorization may look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    principal: String,
    caller: Caller,
    /// The caller's account: None for services, anonymous callers and built-in providers.
    account: Option<String>,
    action: String,
    folded_action: String,
    resource: String,
    resource_account: String,
    /// INVARIANT: sorted by folded key, none twice.
    context: Vec<ContextEntry>,
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker<'a> {
    pub(crate) principal: &'a str,
    pub(crate) caller: &'a Caller,
    pub(crate) account: Option<&'a str>,
}

/// Why something is no request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not JSON, or nested too deep, or too many values.
    #[error("not acceptable JSON: {0}")]
    NotJson(String),
    /// A member that must be there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A member or context key twice; case of keys does not matter.
    #[error("`{0}` is given more than once")]
    Repeated(String),
    /// A member that requests do not have.
    #[error("`{0}` is not known")]
    Unknown(String),
    /// Another value than belongs there.
    #[error("`{place}` is {found}, not {wanted}")]
    Value {
        /// The member, or the context key.
        place: String,
        /// What belongs there.
        wanted: &'static str,
        /// What there is, cut and escaped.
        found: String,
    },
}

impl Request {
    /// A request. `principal` is an ARN, a service principal such as `ec2.amazonaws.com`, the
    /// name of a built-in identity provider, or `anonymous`; `action` is `prefix:Name`;
    /// `resource` is an ARN, or `*` for actions without resource types; without
    /// `resource_account` the ARN must say it (`*` is of the caller's account).
    ///
    /// # Errors
    /// [`RequestError`], which names the member.
    pub fn new(
        principal: &str,
        action: &str,
        resource: &str,
        resource_account: Option<&str>,
        context: Vec<(String, ContextValue)>,
    ) -> Result<Self, RequestError> {
        Request::of(principal, action, resource, [resource_account, None], context)
    }

    /// As [`Request::new`]; `accounts` are the resource's account, and what it is where nothing says it.
    pub(crate) fn of(
        principal: &str,
        action: &str,
        resource: &str,
        accounts: [Option<&str>; 2],
        context: Vec<(String, ContextValue)>,
    ) -> Result<Self, RequestError> {
        let [resource_account, otherwise] = accounts;
        for (place, text) in [("principal", principal), ("action", action), ("resource", resource)] {
            short_enough(place, text)?;
        }
        let folded_action = action_name(action)?;
        let (caller, account) = caller(principal, &folded_action)?;
        let stated = account_in(resource)?;
        let resource_account = match (resource_account, stated, &account) {
            (Some(given), Some(stated), _) if given != stated => {
                return refuse("resource_account", "the account of the resource's ARN", given);
            }
            (Some(given), ..) if is_account(given) || given == "aws" => given.to_owned(),
            (Some(given), ..) => return refuse("resource_account", "an account id", given),
            (None, Some(stated), _) => stated.to_owned(),
            (None, None, Some(own)) if resource == "*" => own.clone(),
            (None, None, _) => otherwise.ok_or(RequestError::Missing("resource_account"))?.to_owned(),
        };
        Ok(Request {
            principal: principal.to_owned(),
            caller,
            account,
            action: action.to_owned(),
            folded_action,
            resource: resource.to_owned(),
            resource_account,
            context: sorted(context)?,
        })
    }

    /// Reads one request, in the form that the command `policy simulate` takes and in which
    /// witnesses are printed.
    ///
    /// # Errors
    /// [`RequestError`], which names the place.
    pub fn parse(text: &str) -> Result<Self, RequestError> {
        let json = json::read(text).map_err(|error| RequestError::NotJson(error.to_string()))?;
        Request::from_json(&json)
    }

    pub(crate) fn from_json(json: &Json) -> Result<Self, RequestError> {
        let members = Members::of(json, "request")?;
        members.only(&["principal", "action", "resource", "resource_account", "context"])?;
        let context = match members.find("context") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::Object(entries)) => {
                let entry = |(key, value): &(String, Json)| Ok((key.clone(), context_value(key, value)?));
                entries.iter().map(entry).collect::<Result<Vec<_>, RequestError>>()?
            }
            Some(other) => return refuse("context", "an object", other.kind()),
        };
        Request::new(
            members.text("principal")?.ok_or(RequestError::Missing("principal"))?,
            members.text("action")?.ok_or(RequestError::Missing("action"))?,
            members.text("resource")?.ok_or(RequestError::Missing("resource"))?,
            members.text("resource_account")?,
            context,
        )
    }

    /// As given.
    #[must_use]
    pub fn principal(&self) -> &str {
        &self.principal
    }

    pub(crate) fn asker(&self) -> Asker<'_> {
        Asker { principal: &self.principal, caller: &self.caller, account: self.account() }
    }

    /// What the principal is.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The caller's account; None where it has none.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// As given.
    #[must_use]
    pub fn action(&self) -> &str {
        &self.action
    }

    /// An ARN or `*`.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The account that owns the resource; `aws` for what AWS owns.
    #[must_use]
    pub fn resource_account(&self) -> &str {
        &self.resource_account
    }

    /// The keys of the context, in the order of their names in lower case.
    #[must_use]
    pub fn context(&self) -> &[ContextEntry] {
        &self.context
    }

    /// What a key holds; case does not matter. None when the request lacks it.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&ContextValue> {
        self.folded_value(&key.to_ascii_lowercase())
    }

    pub(crate) fn folded_value(&self, folded: &str) -> Option<&ContextValue> {
        let place = self.context.binary_search_by(|entry| entry.folded.as_str().cmp(folded)).ok()?;
        self.context.get(place).map(|entry| &entry.value)
    }

    pub(crate) fn folded_action(&self) -> &str {
        &self.folded_action
    }

    /// The prefix of the action, in lower case.
    pub(crate) fn service(&self) -> &str {
        let colon = self.folded_action.bytes().position(|b| b == b':');
        colon.and_then(|at| self.folded_action.get(..at)).unwrap_or_default()
    }

    /// By a key in lower case (IAM User Guide, "AWS global condition context keys", properties of
    /// the principal and of the resource).
    pub(crate) fn implied(&self, folded: &str) -> Option<Implied<'_>> {
        let caller = &self.caller;
        // Who has credentials of AWS.
        let signs = !matches!(caller, Caller::Anonymous | Caller::Service | Caller::Provider);
        let (key, value) = match folded {
            "aws:resourceaccount" => ("aws:ResourceAccount", Some(self.resource_account.as_str())),
            "aws:principaltype" => ("aws:PrincipalType", Some(caller.as_type()?)),
            "aws:principalisawsservice" if *caller == Caller::Service => ("aws:PrincipalIsAWSService", Some("true")),
            "aws:principalisawsservice" if signs => ("aws:PrincipalIsAWSService", Some("false")),
            "aws:principalservicename" if *caller == Caller::Service => {
                ("aws:PrincipalServiceName", Some(self.principal.as_str()))
            }
            "aws:principalaccount" if *caller == Caller::Anonymous => ("aws:PrincipalAccount", Some("anonymous")),
            "aws:principalaccount" if signs => ("aws:PrincipalAccount", self.account.as_deref()),
            // The path of the role is not in the ARN of a session.
            "aws:principalarn" if signs => {
                let session = matches!(caller, Caller::Session { .. });
                ("aws:PrincipalArn", (!session).then_some(self.principal.as_str()))
            }
            "aws:username" if *caller == Caller::User => ("aws:username", self.principal.rsplit('/').next()),
            _ => return None,
        };
        self.folded_value(folded).is_none().then_some(Implied { key, value })
    }
}

/// Prints the request as compact JSON. Parsing the print gives the same request.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| serde_json::to_string(text).map_err(|_| fmt::Error);
        write!(f, "{{\"principal\":{},", quoted(&self.principal)?)?;
        write!(f, "\"action\":{},", quoted(&self.action)?)?;
        write!(f, "\"resource\":{},", quoted(&self.resource)?)?;
        write!(f, "\"resource_account\":{},\"context\":{{", quoted(&self.resource_account)?)?;
        for (position, entry) in self.context.iter().enumerate() {
            let comma = if position > 0 { "," } else { "" };
            let value = match &entry.value {
                ContextValue::One(text) => quoted(text)?,
                ContextValue::Many(list) => serde_json::to_string(list).map_err(|_| fmt::Error)?,
            };
            write!(f, "{comma}{}:{value}", quoted(&entry.key)?)?;
        }
        f.write_str("}}")
    }
}

pub(crate) fn refuse<T>(place: &str, wanted: &'static str, found: &str) -> Result<T, RequestError> {
    Err(RequestError::Value { place: shown(place), wanted, found: format!("`{}`", shown(found)) })
}

fn short_enough(place: &str, text: &str) -> Result<(), RequestError> {
    if text.len() > MAX_PATTERN_CHARS { refuse(place, "short enough", text) } else { Ok(()) }
}

/// The action in lower case.
///
/// # Errors
/// When it is not one action.
pub(crate) fn action_name(action: &str) -> Result<String, RequestError> {
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    match action.split_once(':') {
        Some((service, name)) if plain(service) && plain(name) => Ok(action.to_ascii_lowercase()),
        _ => refuse("action", "one action, as in `s3:GetObject`", action),
    }
}

/// The account of a resource's ARN, where it has one.
pub(crate) fn account_in(resource: &str) -> Result<Option<&str>, RequestError> {
    if resource == "*" {
        return Ok(None);
    }
    match parts_of(resource) {
        Some(["arn", partition, service, _, account, _]) if !partition.is_empty() && !service.is_empty() => {
            Ok((is_account(account) || account == "aws").then_some(account))
        }
        _ => refuse("resource", "an ARN or `*`", resource),
    }
}

/// What a principal is, and its account.
pub(crate) fn caller(principal: &str, folded_action: &str) -> Result<(Caller, Option<String>), RequestError> {
    if principal == "anonymous" {
        return Ok((Caller::Anonymous, None));
    }
    if !principal.starts_with("arn:") {
        let web_identity = folded_action == "sts:assumerolewithwebidentity";
        let provider = ["accounts.google.com", "www.amazon.com", "graph.facebook.com"].contains(&principal)
            || (web_identity && principal == "cognito-identity.amazonaws.com");
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'-';
        let service = principal.contains(".amazonaws.com") || principal.ends_with(".aws.internal");
        return match () {
            () if provider => Ok((Caller::Provider, None)),
            () if service && principal.bytes().all(plain) => Ok((Caller::Service, None)),
            () => refuse("principal", "an ARN, a service principal or `anonymous`", principal),
        };
    }
    let (caller, account) = match classify_text(PrincipalKind::Aws, principal) {
        PrincipalClass::Account(account) => (Caller::Root, account.to_owned()),
        PrincipalClass::User { account, .. } => (Caller::User, account.to_owned()),
        PrincipalClass::Role { account, .. } => (Caller::Role, account.to_owned()),
        PrincipalClass::Session { account, role, .. } => {
            (Caller::Session { role: role.to_owned() }, account.to_owned())
        }
        PrincipalClass::FederatedUser { account, .. } => (Caller::FederatedUser, account.to_owned()),
        _ => match classify_text(PrincipalKind::Federated, principal) {
            PrincipalClass::SamlProvider { account, .. }
            | PrincipalClass::OidcProvider { account: Some(account), .. } => (Caller::Provider, account.to_owned()),
            _ => return refuse("principal", "the ARN of a principal", principal),
        },
    };
    Ok((caller, Some(account)))
}

fn sorted(context: Vec<(String, ContextValue)>) -> Result<Vec<ContextEntry>, RequestError> {
    let mut entries = Vec::with_capacity(context.len());
    for (key, value) in context {
        short_enough(&key, &key)?;
        let values = match &value {
            ContextValue::One(one) => std::slice::from_ref(one),
            ContextValue::Many(many) => many.as_slice(),
        };
        for text in values {
            short_enough(&key, text)?;
        }
        entries.push(ContextEntry { folded: key.to_ascii_lowercase(), key, value });
    }
    entries.sort_by(|a, b| a.folded.cmp(&b.folded));
    let twice = entries.windows(2).find_map(|pair| match pair {
        [a, b] if a.folded == b.folded => Some(b.key.clone()),
        _ => None,
    });
    match twice {
        Some(key) => Err(RequestError::Repeated(shown(&key))),
        None => Ok(entries),
    }
}

fn context_value(key: &str, json: &Json) -> Result<ContextValue, RequestError> {
    let scalar = |json: &Json| match json {
        Json::Text(text) => Ok(text.clone()),
        Json::Bool(value) => Ok(value.to_string()),
        Json::Number(number) => Ok(number.clone()),
        other => refuse(key, "a text, a number, a boolean or a list of them", other.kind()),
    };
    match json {
        Json::List(list) => Ok(ContextValue::Many(list.iter().map(scalar).collect::<Result<Vec<_>, _>>()?)),
        single => Ok(ContextValue::One(scalar(single)?)),
    }
}

/// The members of an object, none of them twice.
pub(crate) struct Members<'a>(&'a [(String, Json)]);

impl<'a> Members<'a> {
    pub(crate) fn of(json: &'a Json, place: &'static str) -> Result<Self, RequestError> {
        let Json::Object(entries) = json else {
            return refuse(place, "an object", json.kind());
        };
        for (at, (key, _)) in entries.iter().enumerate() {
            if entries.iter().skip(at + 1).any(|(other, _)| other == key) {
                return Err(RequestError::Repeated(shown(key)));
            }
            // WHY: forms have a dozen members; without this, comparing each with each is slow.
            if at > 100 {
                return refuse(place, "an object of few members", "more than a hundred");
            }
        }
        Ok(Members(entries))
    }

    pub(crate) fn only(&self, known: &[&str]) -> Result<(), RequestError> {
        match self.0.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            Some((key, _)) => Err(RequestError::Unknown(shown(key))),
            None => Ok(()),
        }
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, &'a Json)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    pub(crate) fn find(&self, name: &str) -> Option<&'a Json> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub(crate) fn text(&self, name: &'static str) -> Result<Option<&'a str>, RequestError> {
        match self.find(name) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::Text(text)) => Ok(Some(text)),
            Some(other) => refuse(name, "a text", other.kind()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"principal":"arn:aws:iam::111122223333:user/team/alice","action":"s3:GetObject",
        "resource":"arn:aws:s3:::records/a","resource_account":"111122223333",
        "context":{"s3:max-keys":5,"aws:TagKeys":["b","a"],"aws:SecureTransport":true,"AWS:SourceVpce":"vpce-1"}}"#;

    fn refused(from: &str, to: &str) -> String {
        assert!(LINE.contains(from), "{from}");
        Request::parse(&LINE.replace(from, to)).unwrap_err().to_string()
    }

    #[test]
    fn a_request_is_read_and_printed() {
        let request = Request::parse(LINE).unwrap();
        assert_eq!(request.caller(), &Caller::User);
        assert_eq!(request.account(), Some("111122223333"));
        assert_eq!(request.value("AWS:sourcevpce"), Some(&ContextValue::One("vpce-1".to_owned())));
        assert_eq!(request.value("s3:MAX-keys"), Some(&ContextValue::One("5".to_owned())));
        assert_eq!(request.value("aws:SourceIp"), None);
        let printed = request.to_string();
        assert!(printed.contains(r#""aws:TagKeys":["b","a"]"#), "{printed}");
        assert_eq!(Request::parse(&printed).unwrap(), request);
        assert_eq!(request.implied("aws:username").unwrap().value, Some("alice"));
    }

    #[test]
    fn the_account_of_the_resource_follows_from_its_arn() {
        let ask = |resource, account| Request::new("anonymous", "sqs:SendMessage", resource, account, Vec::new());
        let queue = "arn:aws:sqs:eu-west-1:111122223333:q";
        assert_eq!(ask(queue, None).unwrap().resource_account(), "111122223333");
        assert!(ask(queue, Some("444455556666")).is_err());
        assert_eq!(ask("arn:aws:s3:::b", None), Err(RequestError::Missing("resource_account")));
    }

    #[test]
    fn what_is_no_request_is_refused_by_name() {
        for (from, to, expected) in [
            ("s3:GetObject", "s3:Get*", "`action` is `s3:Get*`, not one action"),
            ("arn:aws:s3:::records/a", "records", "`resource` is `records`, not an ARN"),
            ("arn:aws:iam::111122223333:user/team/alice", "alice", "`principal` is `alice`, not an ARN"),
            ("arn:aws:iam::111122223333:user/team/alice", "arn:aws:iam::1:user/a", "not the ARN of a principal"),
            ("\"resource_account\":\"111122223333\",", "\"account\":\"1\",", "`account` is not known"),
            ("AWS:SourceVpce", "aws:tagkeys", "is given more than once"),
            ("true", "{}", "`aws:SecureTransport` is `an object`"),
            ("\"principal\"", "\"action\"", "`action` is given more than once"),
        ] {
            let error = refused(from, to);
            assert!(error.contains(expected), "{error}");
        }
        let long = "a".repeat(5_000);
        assert!(refused("vpce-1", &long).contains("short enough"));
        assert!(Request::parse("[]").unwrap_err().to_string().contains("an object"));
        assert!(Request::parse("{").is_err());
    }

    #[test]
    fn callers_are_told_apart() {
        let session = "arn:aws:sts::111122223333:assumed-role/reader/job-1";
        for (principal, action, expected) in [
            ("anonymous", "s3:GetObject", Caller::Anonymous),
            ("logs.eu-west-1.amazonaws.com", "s3:PutObject", Caller::Service),
            ("arn:aws:iam::111122223333:root", "s3:PutObject", Caller::Root),
            ("arn:aws:iam::111122223333:role/a/b", "s3:PutObject", Caller::Role),
            (session, "s3:PutObject", Caller::Session { role: "reader".to_owned() }),
            ("arn:aws:sts::111122223333:federated-user/c", "s3:PutObject", Caller::FederatedUser),
            ("arn:aws:iam::111122223333:saml-provider/x", "sts:AssumeRoleWithSAML", Caller::Provider),
            ("cognito-identity.amazonaws.com", "sts:AssumeRoleWithWebIdentity", Caller::Provider),
        ] {
            let request = Request::new(principal, action, "*", Some("111122223333"), Vec::new()).unwrap();
            assert_eq!(request.caller(), &expected, "{principal}");
        }
    }
}
