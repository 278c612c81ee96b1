//! One line in, one line out: what the command `policy simulate` answers. The rules are in
//! `decide`.

use crate::compiled::Policy;
use crate::decide::{PolicySet, decide};
use crate::json::{self, Json};
use crate::parse;
use crate::request::{Members, Request, RequestError, refuse};

/// Most bytes of one line; a longer one is not read.
pub const MAX_LINE_BYTES: usize = 4 * 1024 * 1024;

/// Decides the request of one line, `{"id", "request", "identity_policies", "resource_policy",
/// "permission_boundary", "session_policies", "scps", "rcps", "vpc_endpoint_policy"}`, and
/// answers `{"id", "decision", "reason"}`. A line that is not of this form, or holds a policy
/// that IAM refuses, is answered with `UNKNOWN` and the reason.
///
/// ```
/// let answer = plumbline_policy::simulate_line(r#"{"id": "1", "request": {}}"#);
/// assert_eq!(answer, r#"{"id":"1","decision":"UNKNOWN","reason":"request: `principal` is missing"}"#);
/// ```
#[must_use]
pub fn simulate_line(text: &str) -> String {
    if text.len() > MAX_LINE_BYTES {
        return answer("null", "UNKNOWN", &format!("the line has more than {MAX_LINE_BYTES} bytes"));
    }
    let line = match json::read(text) {
        Ok(line) => line,
        Err(error) => return answer("null", "UNKNOWN", &format!("not acceptable JSON: {error}")),
    };
    let id = id_of(&line);
    match read(&line) {
        Ok((policies, request)) => {
            let decision = decide(&policies, &request);
            answer(&id, decision.as_str(), &decision.reason())
        }
        Err(why) => answer(&id, "UNKNOWN", &why),
    }
}

fn answer(id: &str, decision: &str, reason: &str) -> String {
    format!(r#"{{"id":{id},"decision":"{decision}","reason":{}}}"#, quoted(reason))
}

pub(crate) fn quoted(text: &str) -> String {
    // A text always has a form in JSON.
    serde_json::to_string(text).unwrap_or_default()
}

/// As it is printed; `null` without one.
pub(crate) fn id_of(line: &Json) -> String {
    let Json::Object(entries) = line else {
        return "null".to_owned();
    };
    match entries.iter().find(|(key, _)| key == "id") {
        Some((_, Json::Text(text))) => quoted(text),
        Some((_, Json::Number(number))) => number.clone(),
        _ => "null".to_owned(),
    }
}

fn read(line: &Json) -> Result<(PolicySet, Request), String> {
    let said = |error: RequestError| error.to_string();
    let members = Members::of(line, "line").map_err(said)?;
    let request = members.find("request").ok_or_else(|| said(RequestError::Missing("request")))?;
    let mut policies = PolicySet::default();
    for (name, value) in members.entries() {
        let named = |error: String| format!("{name}: {error}");
        match name {
            "id" | "request" => {}
            "identity_policies" => policies.identity = list(value).map_err(named)?,
            "session_policies" => policies.session = list(value).map_err(named)?,
            "resource_policy" => policies.resource = single(value).map_err(named)?,
            "permission_boundary" => policies.boundary = single(value).map_err(named)?,
            "vpc_endpoint_policy" => policies.endpoint = single(value).map_err(named)?,
            "scps" => policies.scps = levels(value).map_err(named)?,
            "rcps" => policies.rcps = levels(value).map_err(named)?,
            // A remark does no harm; what could be a policy under another name would.
            _ if !matches!(value, Json::Object(_) | Json::List(_)) => {}
            _ => return Err(said(RequestError::Unknown(parse::shown(name)))),
        }
    }
    let request = Request::from_json(request).map_err(|error| format!("request: {error}"))?;
    Ok((policies, request))
}

fn policy(json: &Json) -> Result<Policy, String> {
    parse::document(json).map(Policy::from).map_err(|error| error.to_string())
}

fn single(json: &Json) -> Result<Option<Policy>, String> {
    if *json == Json::Null {
        return Ok(None);
    }
    policy(json).map(Some)
}

fn list(json: &Json) -> Result<Vec<Policy>, String> {
    each(json, policy)
}

fn levels(json: &Json) -> Result<Vec<Vec<Policy>>, String> {
    each(json, list)
}

fn each<T>(json: &Json, read: impl Fn(&Json) -> Result<T, String>) -> Result<Vec<T>, String> {
    let placed = |(at, item): (usize, &Json)| read(item).map_err(|error| format!("{at}: {error}"));
    match json {
        Json::Null => Ok(Vec::new()),
        Json::List(items) => items.iter().enumerate().map(placed).collect(),
        other => refuse("it", "a list", other.kind()).map_err(|error: RequestError| error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"id":"a","request":{"principal":"arn:aws:iam::111122223333:user/alice",
        "action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resource_account":"111122223333","context":{}},
        "identity_policies":[{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}],
        "resource_policy":null,"permission_boundary":null,"session_policies":[],"scps":[],"rcps":[],
        "vpc_endpoint_policy":null}"#;

    fn reason(from: &str, to: &str) -> String {
        assert!(LINE.contains(from), "{from}");
        let answer = simulate_line(&LINE.replacen(from, to, 1));
        assert!(answer.starts_with(r#"{"id":"a","decision":"UNKNOWN","reason":""#), "{answer}");
        answer
    }

    #[test]
    fn a_line_is_answered() {
        let expected = r#"{"id":"a","decision":"ALLOW","reason":"allowed by statement 0 of the identity policy 0"}"#;
        assert_eq!(simulate_line(LINE), expected);
        assert!(simulate_line(&LINE.replace("s3:*", "ec2:*")).contains("IMPLICIT_DENY"));
        assert!(simulate_line(&LINE.replace("Allow", "Deny")).contains("denied by statement 0 of"));
        assert!(simulate_line(&LINE.replace(r#""id":"a""#, r#""id":7"#)).starts_with(r#"{"id":7,"#));
        assert!(simulate_line(&LINE.replace(r#""id":"a","#, "")).starts_with(r#"{"id":null,"#));
    }

    #[test]
    fn row_59_what_iam_refuses_is_unknown() {
        for (from, to, expected) in [
            (r#""Effect":"Allow""#, r#""Effect":"Deny","Effect":"Allow""#, "given more than once"),
            (r#""s3:*""#, "[]", "empty"),
            ("\"Action\"", "\"Actions\"", "unknown element"),
            (r#""Effect":"Allow""#, r#""Effect":"allow""#, "not `Allow` or `Deny`"),
            (r#""scps":[]"#, r#""scps":[{}]"#, "scps: 0:"),
            (r#""scps":[]"#, r#""service_control_policies":[]"#, "is not known"),
            (r#""rcps":[]"#, r#""scps":[]"#, "`scps` is given more than once"),
            ("s3:GetObject", "s3", "request: `action`"),
            (r#""request""#, r#""note":"x","requests""#, "`request` is missing"),
        ] {
            let reason = reason(from, to);
            assert!(reason.contains(expected), "{reason}");
        }
    }

    proptest::proptest! {
        #[test]
        fn broken_lines_give_an_answer(at in 0..LINE.len(), cut in 0..30_usize, put in "[\\PC{}\\[\\]\",:*?$0-9a-z]{0,12}") {
            let mut line = LINE.to_owned();
            line.replace_range(at..(at + cut).min(LINE.len()), &put);
            let answer = simulate_line(&line);
            proptest::prop_assert!(answer.contains("\"decision\":\""), "{}", answer);
        }
    }

    #[test]
    fn no_line_fails() {
        for line in ["", "null", "[]", "{", "{\"id\":{}}", "\u{0}", "{\"id\":\"x\",\"request\":null}"] {
            assert!(simulate_line(line).contains("UNKNOWN"), "{line}");
        }
        assert!(simulate_line(&"[".repeat(MAX_LINE_BYTES + 1)).contains("more than"));
    }
}
