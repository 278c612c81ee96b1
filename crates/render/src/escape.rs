//! Text that comes from AWS or from users, made harmless: a name must not steer a terminal, reorder a line or hide in it.

/// Characters for one column beyond which text is cut, whatever its width: stacked accents have none.
const CHARACTERS_FOR_A_COLUMN: usize = 4;

/// What stands where text was cut.
pub(crate) const CUT: char = '…';

/// Characters that have no width, or that change how their neighbours look. White space and controls are not repeated here.
///
/// Source: "Unicode Bidirectional Algorithm" (UAX #9), and the property `Default_Ignorable_Code_Point`.
const UNSEEN: [(u32, u32); 21] = [
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x0600, 0x0605),
    (0x061C, 0x061C),
    (0x06DD, 0x06DD),
    (0x070F, 0x070F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0x1_BCA0, 0x1_BCA3),
    (0x1_D173, 0x1_D17A),
    (0xE_0000, 0xE_0FFF),
    (0xF_FFFE, 0x10_FFFF),
];

/// Marks that stand on the character before them.
const COMBINING: [(u32, u32); 13] = [
    (0x0300, 0x036F),
    (0x0483, 0x0489),
    (0x0591, 0x05BD),
    (0x0610, 0x061A),
    (0x064B, 0x065F),
    (0x06D6, 0x06DC),
    (0x0E34, 0x0E3A),
    (0x0E47, 0x0E4E),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0x3099, 0x309A),
    (0xFE20, 0xFE2F),
];

/// Characters that take two columns, by whole blocks: one too many is a line that wraps early, one too few is a broken one.
///
/// Source: "East Asian Width" (UAX #11).
const WIDE: [(u32, u32); 14] = [
    (0x1100, 0x115F),
    (0x2300, 0x23FF),
    (0x2600, 0x27BF),
    (0x2B00, 0x2BFF),
    (0x2E80, 0x303E),
    (0x3041, 0xA4CF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7A3),
    (0xF900, 0xFAFF),
    (0xFE10, 0xFE6F),
    (0xFF00, 0xFF60),
    (0xFFE0, 0xFFE6),
    (0x1_6FE0, 0x1_FAFF),
    (0x2_0000, 0x3_FFFD),
];

fn is_in(character: char, ranges: &[(u32, u32)]) -> bool {
    let code = u32::from(character);
    ranges.iter().any(|&(first, last)| (first..=last).contains(&code))
}

/// Whether a character must not reach a terminal, a mail or a message as it is.
pub(crate) fn is_hostile(character: char) -> bool {
    if matches!(character, ' '..='~') {
        return false;
    }
    character.is_control()
        || character.is_whitespace()
        || is_in(character, &UNSEEN)
        // The last two of each plane are no characters; XML 1.0, and with it SQS, refuses those of the first.
        || u32::from(character) & 0xFFFE == 0xFFFE
}

/// The columns that a harmless character takes.
fn width(character: char) -> usize {
    if character.is_ascii() {
        1
    } else if is_in(character, &COMBINING) {
        0
    } else if is_in(character, &WIDE) {
        2
    } else {
        1
    }
}

/// The columns that escaped text takes on a terminal; rather too many than too few.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// The text with every control character, bidirectional override, invisible character and white space other than a blank
/// replaced by a visible escape, `\u{1b}`. Meant for reading: it can't be turned back.
///
/// ```
/// assert_eq!(plumbline_render::escaped("a\u{1b}[2J\nb"), r"a\u{1b}[2J\u{a}b");
/// ```
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hostile(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

/// The text escaped, and cut with `…` so that it takes at most `most` columns.
///
/// ```
/// assert_eq!(plumbline_render::fitted("a-very-long-name", 7), "a-very…");
/// ```
#[must_use]
pub fn fitted(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    // Where to cut if it proves too long: the last place with room for the mark.
    let mut keep = 0;
    for (count, character) in text.chars().enumerate() {
        let before = out.len();
        if is_hostile(character) {
            out.extend(character.escape_unicode());
            used += out.len() - before;
        } else {
            out.push(character);
            used += width(character);
        }
        if used > most || count >= most.saturating_mul(CHARACTERS_FOR_A_COLUMN) {
            out.truncate(keep);
            out.push(CUT);
            return out;
        }
        if used < most {
            keep = out.len();
        }
    }
    out
}

/// The start of a text that takes at most `most` bytes as JSON writes it, with `…` where it was cut. It is not escaped.
pub(crate) fn cut_to_json_bytes(text: &str, most: usize) -> String {
    let mut used = 0;
    let room = most.saturating_sub(CUT.len_utf8());
    let mut keep = 0;
    for (at, character) in text.char_indices() {
        used += json_bytes(character);
        if used > most {
            let mut out = text.get(..keep).unwrap_or_default().to_owned();
            out.push(CUT);
            return out;
        }
        if used <= room {
            keep = at + character.len_utf8();
        }
    }
    text.to_owned()
}

/// At most how many bytes JSON needs for a character, as `json.rs` writes it.
fn json_bytes(character: char) -> usize {
    match character {
        '"' | '\\' => 2,
        ' '..='~' => 1,
        _ if is_hostile(character) => 6 * character.len_utf16(),
        _ => character.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::{columns, cut_to_json_bytes, escaped, fitted};

    #[test]
    fn what_steers_a_terminal_becomes_visible() {
        let cases = [
            ("plain name_1-é", "plain name_1-é"),
            ("\u{1b}[31mred", r"\u{1b}[31mred"),
            ("\u{9b}2J", r"\u{9b}2J"),
            ("bell\u{7}\u{8}\u{7f}\0", r"bell\u{7}\u{8}\u{7f}\u{0}"),
            ("a\r\n\tb", r"a\u{d}\u{a}\u{9}b"),
            ("evil\u{202e}txt.exe", r"evil\u{202e}txt.exe"),
            ("\u{2066}x\u{2069}", r"\u{2066}x\u{2069}"),
            ("zero\u{200b}width\u{feff}", r"zero\u{200b}width\u{feff}"),
            ("line\u{2028}para\u{2029}next\u{85}", r"line\u{2028}para\u{2029}next\u{85}"),
            ("tag\u{e0041}", r"tag\u{e0041}"),
            ("hard\u{a0}blank", r"hard\u{a0}blank"),
            ("\u{fffe}\u{ffff}\u{1fffe}", r"\u{fffe}\u{ffff}\u{1fffe}"),
            ("データ科学", "データ科学"),
        ];
        for (hostile, harmless) in cases {
            assert_eq!(escaped(hostile), harmless);
            assert_eq!(escaped(harmless), harmless, "twice is once");
        }
    }

    #[test]
    fn a_long_name_is_cut_by_columns() {
        for (text, most, fits) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("データ科学", 10, "データ科学"),
            ("データ科学", 9, "データ科…"),
            ("データ科学", 8, "データ…"),
            ("데이터과학", 8, "데이터…"),
            ("ﾃﾞｰﾀ", 5, "ﾃﾞｰﾀ"),
            ("ｆｕｌｌ", 7, "ｆｕｌ…"),
            ("🔥🔥🔥", 5, "🔥🔥…"),
            ("\u{1b}\u{1b}", 12, r"\u{1b}\u{1b}"),
            ("\u{1b}\u{1b}", 11, r"\u{1b}…"),
            ("", 0, ""),
            ("x", 0, "…"),
        ] {
            assert_eq!(fitted(text, most), fits, "{text} in {most}");
            assert!(columns(&fitted(text, most)) <= most.max(1));
        }
    }

    #[test]
    fn stacked_accents_end_somewhere() {
        let tower = format!("e{}", "\u{301}".repeat(1_000_000));
        assert!(fitted(&tower, 20).chars().count() <= 81);
    }

    #[test]
    fn a_cut_for_json_is_measured_as_json() {
        assert_eq!(cut_to_json_bytes("abcdef", 6), "abcdef");
        assert_eq!(cut_to_json_bytes("abcdefg", 6), "abc…");
        assert_eq!(cut_to_json_bytes("\"\"\"\"", 7), "\"\"…");
        assert_eq!(cut_to_json_bytes("\u{1b}\u{1b}\u{1b}", 17), "\u{1b}\u{1b}…");
        assert_eq!(cut_to_json_bytes("日本語", 8), "日…");
    }
}
