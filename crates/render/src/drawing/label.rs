//! Text in a drawing: made harmless, cut to its room, and escaped as XML.

use crate::escape::{CUT, columns, escaped, fitted};

/// The text as XML character data or an attribute's value. Controls and what is no character become visible before.
pub(super) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in escaped(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// An id escaped, and cut in its middle so that it takes at most `most` columns: both ends of an id tell it from others.
pub(super) fn shortened(id: &str, most: usize) -> String {
    let id = escaped(id);
    if columns(&id) <= most {
        return id;
    }
    let Some(tail) = (most >= 12).then(|| id.chars().rev().take(5).collect::<Vec<char>>()) else {
        return fitted(&id, most);
    };
    let tail: String = tail.into_iter().rev().collect();
    let head = fitted(&id, most.saturating_sub(columns(&tail)));
    if head.ends_with(CUT) { head + &tail } else { fitted(&id, most) }
}

#[cfg(test)]
mod tests {
    use super::{shortened, xml};

    #[test]
    fn what_xml_would_read_is_escaped() {
        assert_eq!(xml("<a b=\"c\">&'"), "&lt;a b=&quot;c&quot;&gt;&amp;&#39;");
        assert_eq!(xml("a\u{0}\u{1b}\u{ffff}\nb"), "a\\u{0}\\u{1b}\\u{ffff}\\u{a}b");
    }

    #[test]
    fn an_id_is_cut_in_its_middle() {
        for (id, most, short) in [
            ("subnet-0a1d3f5b7c9e00001", 24, "subnet-0a1d3f5b7c9e00001"),
            ("subnet-0a1d3f5b7c9e00001", 17, "subnet-0a1d…00001"),
            ("subnet-0a1d3f5b7c9e00001", 8, "subnet-…"),
            ("データ科学データ科学データ科学", 20, "データ科…データ科学"),
        ] {
            assert_eq!(shortened(id, most), short);
        }
    }
}
