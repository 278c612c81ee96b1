//! Tests of patterns: the corners by name, and laws against a naive matcher.

use proptest::prelude::*;

use super::*;

fn glob(text: &str) -> Pattern {
    Pattern::glob(text, Variables::Live)
}

/// Tries every length for each `*`; small inputs only.
fn naive(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), _) => naive(rest, text) || text.split_first().is_some_and(|(_, tail)| naive(pattern, tail)),
        (Some(('?', rest)), Some((_, tail))) => naive(rest, tail),
        (Some((a, rest)), Some((b, tail))) => a == b && naive(rest, tail),
        _ => false,
    }
}

fn naive_text(pattern: &str, text: &str) -> bool {
    let chars = |s: &str| s.chars().collect::<Vec<_>>();
    naive(&chars(pattern), &chars(text))
}

/// All words over an alphabet, up to a length.
fn words(alphabet: &str, longest: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..longest {
        let longer = |word: &String| alphabet.chars().map(|c| format!("{word}{c}")).collect::<Vec<_>>();
        last = last.iter().flat_map(longer).collect();
        all.extend(last.iter().cloned());
    }
    all
}

#[test]
fn star_crosses_colons_and_slashes_and_question_mark_is_one() {
    let pattern = glob("arn:aws:s3:::a*z");
    assert_eq!(pattern.matches("arn:aws:s3:::a/b:c/z"), Answer::Yes);
    assert_eq!(pattern.matches("arn:aws:s3:::az"), Answer::Yes);
    assert_eq!(glob("a?c").matches("abc"), Answer::Yes);
    assert_eq!(glob("a?c").matches("ac"), Answer::No);
    assert_eq!(glob("a?c").matches("aéc"), Answer::Yes);
    assert_eq!(glob("").matches(""), Answer::Yes);
    assert_eq!(glob("").matches("a"), Answer::No);
}

#[test]
fn row_19_actions_ignore_case_and_resources_do_not() {
    assert_eq!(Pattern::action("S3:get*").matches("s3:GetObject"), Answer::Yes);
    assert_eq!(glob("arn:aws:s3:::Data").matches("arn:aws:s3:::data"), Answer::No);
    assert_eq!(Pattern::action("S3:*").covers(&Pattern::action("s3:Get*")), Answer::Yes);
    assert_eq!(glob("s3:*").covers(&Pattern::action("s3:x")), Answer::No);
    assert_eq!(Pattern::action("A:B").intersects(&glob("a:b")), Answer::Yes);
}

#[test]
fn row_22_variables_are_text_in_old_versions() {
    let old = Pattern::glob("${aws:username}", Variables::Plain);
    assert_eq!(old.matches("${aws:username}"), Answer::Yes);
    assert!(!old.has_variables());
    let star = Pattern::glob("${*}", Variables::Plain);
    assert_eq!(star.matches("${abc}"), Answer::Yes);
}

#[test]
fn row_26_special_characters_are_themselves() {
    assert_eq!(glob("a${*}b").matches("a*b"), Answer::Yes);
    assert_eq!(glob("a${*}b").matches("axb"), Answer::No);
    assert_eq!(glob("${?}${$}").matches("?$"), Answer::Yes);
    let literal = Pattern::literal("${*}", Variables::Live);
    assert_eq!(literal.matches("*"), Answer::Yes);
}

#[test]
fn a_variable_is_a_hole() {
    let home = glob("arn:aws:s3:::b/${aws:username}/*");
    assert_eq!(home.matches("arn:aws:s3:::b/x/y"), Answer::Undecidable);
    assert_eq!(home.matches("arn:aws:s3:::c/x/y"), Answer::No);
    assert_eq!(home.intersects(&glob("arn:aws:s3:::b/x/y")), Answer::Yes);
    assert_eq!(home.intersects(&glob("arn:aws:s3:::c/*")), Answer::No);
    assert_eq!(home.covers(&glob("arn:aws:s3:::b/x/y")), Answer::No.or(Answer::Undecidable));
    assert_eq!(home.covers(&home), Answer::Yes);
    assert_eq!(glob("arn:aws:s3:::b/*").covers(&home), Answer::Yes);
    assert_eq!(glob("arn:aws:s3:::b/?").covers(&home), Answer::Undecidable);
    assert_eq!(glob("${aws:username").matches("${aws:username"), Answer::Yes);
}

#[test]
fn covers_finds_what_spelling_hides() {
    for (wide, narrow) in [
        ("*", "**"),
        ("**", "*"),
        ("*?", "?*"),
        ("?*", "*ba"),
        ("?*a", "*ba"),
        ("a*?*?", "a??*"),
        ("*a*", "*aa*"),
        ("s3:*", "s3:Get*"),
    ] {
        assert_eq!(glob(wide).covers(&glob(narrow)), Answer::Yes, "{wide} {narrow}");
    }
    for (narrow, wide) in [("?*", "*"), ("a*b", "a*"), ("a?", "a*"), ("ab", "a?"), ("*a", "*ab")] {
        assert_eq!(glob(narrow).covers(&glob(wide)), Answer::No, "{narrow} {wide}");
    }
}

#[test]
fn hostile_wildcards_take_bounded_steps() {
    let hostile = glob(&"a*".repeat(2_000));
    let text = format!("{}b", "a".repeat(4_000));
    assert_eq!(glob(&format!("{}b", "a*".repeat(2_000))).matches(&text[..4_000]), Answer::No);
    assert_eq!(hostile.matches(&text), Answer::Yes);
    assert_ne!(hostile.intersects(&hostile), Answer::No);
    assert_ne!(hostile.covers(&hostile), Answer::No);
}

#[test]
fn above_the_budget_the_answer_is_undecidable() {
    let long = Pattern::glob(&"a?".repeat(1_500), Variables::Plain);
    assert_eq!(long.intersects(&long), Answer::Undecidable);
    assert_eq!(long.covers(&long), Answer::Undecidable);
    let far = Pattern::glob(&format!("*{}b", "a".repeat(4_000)), Variables::Plain);
    assert_eq!(far.matches(&"a".repeat(100_000)), Answer::Undecidable);
}

#[test]
fn short_arns_are_completed() {
    let short = glob("arn:aws:kms").completed_arn().map(|p| p.text_of_tokens());
    assert_eq!(short.as_deref(), Some("arn:aws:kms:*:*:*"));
    assert_eq!(glob("arn:aws:s3:::x").completed_arn(), None);
    assert_eq!(glob("*").completed_arn(), None);
}

fn small() -> impl Strategy<Value = String> {
    proptest::collection::vec(prop_oneof![Just('a'), Just('b'), Just('*'), Just('?')], 0..5)
        .prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn matching_agrees_with_the_naive_matcher(
        pattern in "[ab:*?]{0,9}",
        text in "[ab:]{0,9}",
    ) {
        prop_assert_eq!(glob(&pattern).matches(&text), Answer::from(naive_text(&pattern, &text)));
    }

    #[test]
    fn patterns_meet_where_words_do(one in small(), other in small()) {
        let both = |word: &String| naive_text(&one, word) && naive_text(&other, word);
        let meet = words("ab", 8).iter().any(both);
        prop_assert_eq!(glob(&one).intersects(&glob(&other)), Answer::from(meet));
        prop_assert_eq!(glob(&other).intersects(&glob(&one)), Answer::from(meet));
    }

    #[test]
    fn patterns_cover_where_words_do(wide in small(), narrow in small()) {
        let escapes = |word: &String| naive_text(&narrow, word) && !naive_text(&wide, word);
        let covers = !words("abc", 6).iter().any(escapes);
        prop_assert_eq!(glob(&wide).covers(&glob(&narrow)), Answer::from(covers));
    }

    #[test]
    fn covering_is_transitive_with_matching(
        wide in "[ab*?]{0,6}", narrow in "[ab*?]{0,6}", text in "[abc]{0,8}",
    ) {
        let covers = glob(&wide).covers(&glob(&narrow));
        if covers.is_yes() && glob(&narrow).matches(&text).is_yes() {
            prop_assert_eq!(glob(&wide).matches(&text), Answer::Yes);
        }
        prop_assert_eq!(glob(&wide).covers(&glob(&wide)), Answer::Yes);
    }

    #[test]
    fn any_text_makes_a_pattern(text in any::<String>(), other in any::<String>()) {
        for variables in [Variables::Live, Variables::Plain] {
            let pattern = Pattern::glob(&text, variables);
            let _ = pattern.matches(&other);
            let _ = pattern.covers(&Pattern::glob(&other, variables).ignoring_case());
            prop_assert_eq!(pattern.covers(&pattern), Answer::Yes);
        }
        prop_assert_eq!(Pattern::literal(&text, Variables::Plain).matches(&text), Answer::Yes);
    }
}
