//! From a request to its answer: which service, and which page. Pure.

use std::fmt::Write as _;
use std::ops::Range;

use crate::account::Account;
use crate::request::{Answer, Refusal, Request, invalid};
use crate::{cloudtrail, ec2, iam, kms, logs, s3, sagemaker};

/// What a service answers.
pub(crate) type Answered = Result<Answer, Refusal>;

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// Which items stand on it.
    pub(crate) items: Range<u64>,
    /// Where the next one begins.
    pub(crate) next: Option<String>,
}

/// The answer of the account to a request.
#[must_use]
pub fn answer(account: &Account, request: &Request) -> Answer {
    let answered = match request.service.as_str() {
        "ec2" => ec2::answer(account, request),
        "iam" => iam::details(account, request),
        "sts" => iam::identity(request),
        "sagemaker" => sagemaker::answer(account, request),
        "kms" => kms::answer(account, request),
        "logs" => logs::answer(account, request),
        "cloudtrail" => cloudtrail::answer(account, request),
        "s3" | "s3control" => s3::answer(account, request),
        _ => Err(unknown(request)),
    };
    answered.unwrap_or_else(|refusal| request.refused(&refusal))
}

/// An operation that no audit needs.
pub(crate) fn unknown(request: &Request) -> Refusal {
    invalid(&format!("the load server has no {}", request.name()))
}

/// The page that `wanted` and `token` ask for, of `total` items where a page has at most `largest`.
pub(crate) fn page(total: u64, largest: u64, wanted: Option<&str>, token: Option<&str>) -> Result<Page, Refusal> {
    let size = match wanted {
        None => largest,
        Some(text) => match text.parse::<u64>() {
            Ok(size) if (1..=largest).contains(&size) => size,
            _ => return Err(invalid(&format!("a page has 1 to {largest} items, not {text}"))),
        },
    };
    let from = match token {
        None => 0,
        Some(token) => match token.strip_prefix('t').and_then(|at| at.parse().ok()) {
            Some(at) if at < total => at,
            _ => return Err(invalid("no such token")),
        },
    };
    let end = total.min(from + size);
    Ok(Page { items: from..end, next: (end < total).then(|| format!("t{end}")) })
}

/// A text with something written for each of the items.
pub(crate) fn each(items: Range<u64>, between: &str, write: impl Fn(u64) -> String) -> String {
    let mut text = String::new();
    for n in items.clone() {
        if n != items.start {
            text.push_str(between);
        }
        text.push_str(&write(n));
    }
    text
}

/// An object of JSON with a list and where it goes on.
pub(crate) fn listed(name: &str, page: &Page, token: &str, write: impl Fn(u64) -> String) -> Answer {
    let mut body = format!("{{\"{name}\":[{}]", each(page.items.clone(), ",", write));
    if let Some(next) = &page.next {
        // Writing to a String cannot fail.
        let _ = write!(body, ",\"{token}\":\"{next}\"");
    }
    body.push('}');
    Answer::json(body)
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn pages_end_where_the_items_do() {
        let at = |token: Option<&str>| page(250, 100, Some("100"), token).unwrap();
        assert_eq!((at(None).items, at(None).next.as_deref()), (0..100, Some("t100")));
        assert_eq!((at(Some("t200")).items, at(Some("t200")).next), (200..250, None));
        assert_eq!(page(0, 100, None, None).unwrap().items, 0..0);
        assert!(page(5, 100, Some("101"), None).is_err() && page(5, 100, None, Some("t5")).is_err());
    }
}
