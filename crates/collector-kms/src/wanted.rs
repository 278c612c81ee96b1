//! Which keys to ask about.

use std::collections::BTreeSet;

use plumbline_names::{AccountId, Region};
use plumbline_snapshot::kms::Kms;
use plumbline_snapshot::{Details, Read};

/// The ARNs of the keys that `references` and the plan's details name. A reference that cannot be followed (an alias
/// that does not exist, was not seen, or belongs to another account or Region) names none.
pub(crate) fn keys(
    kms: &Kms,
    references: &BTreeSet<String>,
    details: &Details,
    account: &AccountId,
    region: &Region,
) -> BTreeSet<String> {
    let by_pattern = kms.aliases.entries().map(|(name, _)| name).filter(|name| {
        details.alias_patterns.iter().any(|pattern| matches(pattern, name))
            // Which keys have the tags shows only when they are asked.
            || (!details.key_tags.is_empty() && !name.starts_with("alias/aws/"))
    });
    let named = references.iter().chain(&details.keys).map(String::as_str);
    let partition = region.partition();
    named
        .chain(by_pattern)
        .filter(|reference| !reference.is_empty() && !Kms::is_foreign_alias(reference, account, region))
        // An alias that was not seen is a gap of the aliases, which whoever follows it meets there.
        .filter_map(|reference| kms.key_arn(reference, account, &partition, region).unwrap_or(None))
        .collect()
}

/// The ARNs of the primaries of replicas, where nothing else refers to them.
pub(crate) fn primaries(kms: &Kms) -> BTreeSet<String> {
    let metadata = kms.keys.values().filter_map(|key| match &key.metadata {
        Read::Seen(metadata) => metadata.as_ref(),
        Read::Gap(_) => None,
    });
    let replicas = metadata.filter(|metadata| metadata.multi_region_role.as_deref() == Some("REPLICA"));
    replicas.filter_map(|replica| replica.primary_arn.clone()).filter(|arn| !kms.keys.contains_key(arn)).collect()
}

/// Whether `name` is of the form `pattern`, in which `*` stands for any letters and `?` for one.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where the last `*` stands, and how far into the name it has eaten.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match (pattern.get(p), name.get(n)) {
            (Some('*'), _) => {
                star = Some((p, n));
                p += 1;
            }
            (Some('?'), Some(_)) => (p, n) = (p + 1, n + 1),
            (Some(wanted), Some(letter)) if wanted == letter => (p, n) = (p + 1, n + 1),
            _ => match star {
                Some((at, eaten)) => {
                    star = Some((at, eaten + 1));
                    (p, n) = (at + 1, eaten + 1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, name, fits) in [
            ("alias/ds-*", "alias/ds-data", true),
            ("alias/ds-*", "alias/dx-data", false),
            ("alias/ds-*", "alias/ds-", true),
            ("*-data", "alias/a-data-data", true),
            ("*-data", "alias/a-data-x", false),
            ("alias/?s-*-x", "alias/ds-a-x-x", true),
            ("alias/d", "alias/ds", false),
            ("", "", true),
            ("*", "", true),
            ("?", "", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }
}
