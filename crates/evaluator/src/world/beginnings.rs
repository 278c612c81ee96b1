//! What begins with a text, of lists in the order of their texts.

/// The part of a sorted list whose texts begin so.
fn beginning<'l, T>(list: &'l [T], text: impl Fn(&T) -> &str, with: &str) -> &'l [T] {
    let rest = list.get(list.partition_point(|item| text(item) < with)..).unwrap_or_default();
    let end = rest.partition_point(|item| text(item).starts_with(with));
    rest.get(..end).unwrap_or_default()
}

/// Those whose texts begin with one of these, each once, in order.
pub(crate) fn beginning_with_any<T>(
    list: &[T],
    text: impl Fn(&T) -> &str,
    mut with: Vec<String>,
) -> impl Iterator<Item = &T> {
    with.sort();
    // What begins with a text begins with each of that one's beginnings too.
    with.dedup_by(|longer, kept| longer.starts_with(kept.as_str()));
    with.into_iter().flat_map(move |start| beginning(list, &text, &start).iter().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::beginning_with_any;

    #[test]
    fn each_once_and_in_order() {
        let list = ["a", "ab", "abc", "b", "ba", "c"];
        for (starts, expected) in [
            (vec!["ab", "a"], vec!["a", "ab", "abc"]),
            (vec!["b", "ab", "abc"], vec!["ab", "abc", "b", "ba"]),
            (vec![""], vec!["a", "ab", "abc", "b", "ba", "c"]),
            (vec!["aa", "d", "cc"], vec![]),
            (vec![], vec![]),
        ] {
            let with = starts.iter().map(|start| (*start).to_owned()).collect();
            let found: Vec<&str> = beginning_with_any(&list, |text| text, with).copied().collect();
            assert_eq!(found, expected, "{starts:?}");
        }
    }
}
