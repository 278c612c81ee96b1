//! The way through a listing: which token is next, and whether it leads in a circle.

use plumbline_snapshot::{Gap, Source, Why};

use crate::classify::Failure;
use crate::page::{Next, Stopped, Taken};

/// How far a listing has come.
#[derive(Debug)]
pub(crate) struct Way {
    /// The token of the page to ask for.
    pub(crate) token: Option<String>,
    /// Pages that came in.
    pages: u64,
    /// The listing goes on where an earlier run stopped.
    resumed: bool,
    /// A token of the past, moved up whenever the number of pages has doubled: any circle comes back to it (Brent).
    mark: Option<String>,
}

/// A listing that broke off.
#[derive(Debug)]
pub(crate) struct Broken {
    /// What went wrong.
    pub(crate) failure: Failure,
    /// Pages that came in before.
    pub(crate) pages: u64,
    /// Whether there are earlier pages than those.
    resumed: bool,
    /// The token of the page that did not come.
    cursor: Option<String>,
}

/// No listing has more pages; one that seems to never ends.
const MOST_PAGES: u64 = 100_000;

impl Way {
    pub(crate) fn from(token: Option<String>) -> Self {
        Self { resumed: token.is_some(), token, pages: 0, mark: None }
    }

    /// Notes a page; true at the end of the listing.
    ///
    /// # Errors
    /// The page cannot be trusted, or the next token was there before.
    pub(crate) fn go_on(&mut self, taken: Taken) -> Result<bool, Broken> {
        if taken.nameless {
            return Err(self.untrusted("an item came without its id"));
        }
        let next = match taken.next {
            Next::End => return Ok(true),
            Next::Lost => return Err(self.untrusted("the answer says that there is more, but has no token")),
            Next::Token(next) => Some(next),
        };
        self.pages += 1;
        if next == self.token || next == self.mark {
            self.token = None;
            return Err(self.untrusted("the same token came twice: the listing leads in a circle"));
        }
        if self.pages >= MOST_PAGES {
            return Err(self.untrusted("the listing does not end"));
        }
        if self.pages.is_power_of_two() {
            self.mark.clone_from(&next);
        }
        self.token = next;
        Ok(false)
    }

    /// The listing broke off at the page last asked for.
    pub(crate) fn broken(&mut self, failure: Failure) -> Broken {
        Broken { failure, pages: self.pages, resumed: self.resumed, cursor: self.token.take() }
    }

    fn untrusted(&mut self, detail: &str) -> Broken {
        self.broken(Failure::own(Why::Failed, detail, false))
    }
}

impl Broken {
    /// The gap of the listing: truncated if there is a page before it, else the reason itself. What ran out of time goes on.
    pub(crate) fn stopped(self, source: &Source) -> Stopped {
        let gap = if self.failure.why != Why::OutOfTime && (self.pages > 0 || self.resumed) {
            let detail = format!("after {} pages: {}", self.pages, self.failure.detail);
            Gap::of(source, Why::Truncated, detail)
        } else {
            Gap::of(source, self.failure.why, self.failure.detail)
        };
        Stopped { gap, cursor: self.cursor.map(String::into_boxed_str) }
    }
}

#[cfg(test)]
mod tests {
    use plumbline_snapshot::{Source, Why};

    use super::Way;
    use crate::page::{Next, Taken};

    const SOURCE: Source = Source { service: "s", operation: "List", permissions: &[] };

    fn page(token: &str) -> Taken {
        Taken { items: 0, nameless: false, next: Next::token(Some(token)) }
    }

    #[test]
    fn a_circle_of_any_length_ends() {
        for length in 1..20 {
            let mut way = Way::from(None);
            let broken = (0..1000).find_map(|at| way.go_on(page(&format!("t{}", at % length))).err()).unwrap();
            assert!(broken.pages <= 64, "{length}");
            let stopped = broken.stopped(&SOURCE);
            assert_eq!((stopped.gap.why, stopped.cursor), (Why::Truncated, None));
        }
    }

    #[test]
    fn a_resumed_listing_is_truncated_even_if_no_page_came() {
        let mut way = Way::from(Some("t".to_owned()));
        let stopped = way.untrusted("x").stopped(&SOURCE);
        assert_eq!((stopped.gap.why, stopped.cursor.as_deref()), (Why::Truncated, Some("t")));
        assert_eq!(Way::from(None).untrusted("x").stopped(&SOURCE).gap.why, Why::Failed);
    }
}
