//! What the answer of a listing holds, and whether there is more.

use plumbline_names::Text;
use plumbline_snapshot::Gap;

/// What is missing from an answer, by the API's name: the answer cannot be trusted, and the read has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing(
    /// The member, such as `KeyMetadata`.
    pub &'static str,
);

/// Where a listing goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// The listing is whole.
    End,
    /// There is more, by this token. An empty page with a token is not the end.
    Token(String),
    /// The answer says that there is more, but not where: the listing is cut.
    Lost,
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items by id.
    pub items: Vec<(Text, T)>,
    /// Whether an item had no id, and so could not be kept: the page cannot be trusted.
    pub nameless: bool,
    /// Where the listing goes on.
    pub next: Next,
}

/// What a page of a [`crate::Reader::walk`] held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// How many items.
    pub items: usize,
    /// Whether an item came without its identity.
    pub nameless: bool,
    /// Where the listing goes on.
    pub next: Next,
}

/// Why a listing broke off, and where it would go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stopped {
    /// The gap.
    pub(crate) gap: Gap,
    /// The token of the page that did not come.
    pub(crate) cursor: Option<Box<str>>,
}

impl Next {
    /// From a token alone (`NextToken`), owned or borrowed: none, or an empty one, is the end.
    #[must_use]
    pub fn token(token: Option<impl Into<String>>) -> Self {
        match token.map(Into::into) {
            Some(token) if !token.is_empty() => Self::Token(token),
            _ => Self::End,
        }
    }

    /// From a flag and a token (`IsTruncated` and `Marker`): the flag decides.
    #[must_use]
    pub fn flagged(truncated: bool, token: Option<impl Into<String>>) -> Self {
        match (truncated, Self::token(token)) {
            (false, _) => Self::End,
            (true, Self::Token(token)) => Self::Token(token),
            (true, _) => Self::Lost,
        }
    }

    /// Ends the listing here if `enough`: what follows is older than anyone asked for, and the listing counts as whole.
    #[must_use]
    pub fn unless(self, enough: bool) -> Self {
        if enough { Self::End } else { self }
    }
}

impl<T> Page<T> {
    /// A page of converted items. `None`, or an item with an empty id, is one that came without its identity.
    pub fn of(items: impl IntoIterator<Item = Option<(impl Into<Text>, T)>>, next: Next) -> Self {
        let mut page = Self { items: Vec::new(), nameless: false, next };
        for item in items {
            match item.map(|(id, item)| (id.into(), item)) {
                Some((id, item)) if !id.is_empty() => page.items.push((id, item)),
                _ => page.nameless = true,
            }
        }
        page
    }

    /// The page without its items.
    pub(crate) fn split(self) -> (Vec<(Text, T)>, Taken) {
        let taken = Taken { items: self.items.len(), nameless: self.nameless, next: self.next };
        (self.items, taken)
    }
}

#[cfg(test)]
mod tests {
    use super::{Next, Page};

    #[test]
    fn the_flag_decides_and_a_lost_token_is_not_the_end() {
        assert_eq!(Next::flagged(false, Some("x")), Next::End);
        assert_eq!(Next::flagged(true, Some("x")), Next::Token("x".to_owned()));
        assert_eq!(Next::flagged(true, None::<&str>), Next::Lost);
        assert_eq!(Next::flagged(true, Some(String::new())), Next::Lost);
        assert_eq!(Next::token(Some(String::new())), Next::End);
        assert_eq!(Next::token(Some("x".to_owned())).unless(true), Next::End);
    }

    #[test]
    fn an_item_without_an_id_spoils_the_page_but_not_the_others() {
        let page = Page::of([Some(("a".to_owned(), 1)), None, Some((String::new(), 3))], Next::End);
        assert_eq!((page.items, page.nameless), (vec![("a".into(), 1)], true));
    }
}
