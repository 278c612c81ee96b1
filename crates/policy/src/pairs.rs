//! One pair in, one line out: what the command `policy compare --pairs` answers. The rules are
//! in `compare`.

use crate::compare::compare;
use crate::comparison::{ComparedKind, Comparison};
use crate::compiled::Policy;
use crate::json::{self, Json};
use crate::known::{KnownActions, compare_known};
use crate::parse;
use crate::request::{Members, RequestError};
use crate::simulate::{MAX_LINE_BYTES, id_of, quoted};

/// Compares the two documents of one line, `{"id", "type", "reference", "candidate"}`, and
/// answers `{"id", "result", "witness", "reason"}`. A line that is not of this form, or holds a
/// policy that IAM refuses, is answered with `UNKNOWN` and the reason.
///
/// ```
/// let answer = plumbline_policy::compare_line(r#"{"id": "1", "type": "gift"}"#);
/// assert_eq!(answer, r#"{"id":"1","result":"UNKNOWN","witness":null,"reason":"`gift` is no type of policy"}"#);
/// ```
#[must_use]
pub fn compare_line(text: &str) -> String {
    answered(text, compare)
}

/// As [`compare_line`], over the actions known today.
#[must_use]
pub fn compare_line_known(text: &str, known: &KnownActions) -> String {
    answered(text, |kind, reference, candidate| compare_known(kind, &reference.into(), &candidate.into(), known))
}

fn answered(text: &str, compared: impl Fn(ComparedKind, &Policy, &Policy) -> Comparison) -> String {
    let answer = |id: &str, result: &str, witness: &str, reason: &str| {
        let reason = quoted(reason);
        format!(r#"{{"id":{id},"result":"{result}","witness":{witness},"reason":{reason}}}"#)
    };
    if text.len() > MAX_LINE_BYTES {
        return answer("null", "UNKNOWN", "null", &format!("the line has more than {MAX_LINE_BYTES} bytes"));
    }
    let line = match json::read(text) {
        Ok(line) => line,
        Err(error) => return answer("null", "UNKNOWN", "null", &format!("not acceptable JSON: {error}")),
    };
    let id = id_of(&line);
    match read(&line) {
        Err(why) => answer(&id, "UNKNOWN", "null", &why),
        Ok((kind, reference, candidate)) => {
            let comparison = compared(kind, &reference, &candidate);
            let witness = match &comparison {
                Comparison::NewAccess { witness, .. } => witness.to_string(),
                _ => "null".to_owned(),
            };
            answer(&id, comparison.as_str(), &witness, &comparison.reason())
        }
    }
}

fn read(line: &Json) -> Result<(ComparedKind, Policy, Policy), String> {
    let said = |error: RequestError| error.to_string();
    let members = Members::of(line, "line").map_err(said)?;
    let name = members.text("type").map_err(said)?.unwrap_or("identity");
    let kind = ComparedKind::of_name(name).ok_or_else(|| format!("`{}` is no type of policy", parse::shown(name)))?;
    let policy = |name: &'static str| {
        let json = members.find(name).ok_or_else(|| said(RequestError::Missing(name)))?;
        parse::document(json).map(Policy::from).map_err(|error| format!("{name}: {error}"))
    };
    Ok((kind, policy("reference")?, policy("candidate")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_fails() {
        for line in ["", "null", "[]", "{\"id\":1}", "{\"type\":\"identity\",\"reference\":{},\"candidate\":{}}"] {
            assert!(compare_line(line).contains(r#""result":"UNKNOWN","witness":null"#), "{line}");
        }
        assert!(compare_line(&" ".repeat(MAX_LINE_BYTES + 1)).contains("more than"));
    }
}
