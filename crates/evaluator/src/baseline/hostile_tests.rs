//! Files that mean harm, or were damaged: an error in good time, never a panic.

use expect_test::expect;
use jiff::civil::date;

use super::mistakes_tests::{all_wrong, error_of, file_with};
use super::{LoadContext, MOST_BYTES, load_bytes};

#[test]
fn many_mistakes_are_counted() {
    let lines: String = (0..200).map(|index| format!("colour_{index}: red\n")).collect();
    let error = error_of(&file_with(&lines));
    assert_eq!(error.mistakes().len(), 25);
    assert!(error.to_string().ends_with("more"), "{error}");
}

#[test]
fn the_words_of_a_file_cannot_reach_the_terminal_as_commands() {
    let error = error_of(&file_with("\"a\\e[31m\\nb\": 1")).to_string();
    assert!(!error.contains('\u{1b}') && error.lines().count() == 1, "{error:?}");
}

#[test]
fn hostile_files_are_refused_quickly() {
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned()
        + &('b'..='i').fold(String::new(), |text, letter| {
            let before = char::from(letter as u8 - 1);
            text + &format!("{letter}: &{letter} [{}]\n", vec![format!("*{before}"); 9].join(","))
        });
    let nested: String = (0..1_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let list = "sg-1,".repeat(40_000);
    let many: String = (0..5_000).map(|index| format!("  - {{name: e{index}, region: eu-west-1}}\n")).collect();
    let wide =
        format!("version: 1\naccount_id: '111122223333'\ndefaults: {{access_vpcs: [{list}]}}\nenvironments:\n{many}");
    all_wrong(
        [
            bomb,
            "[".repeat(500_000),
            format!("a: {}", "{a: ".repeat(100_000)),
            nested,
            "a: b\n".repeat(200_000),
            "x".repeat(10 << 20),
            wide,
        ],
        expect![[r#"
            b.yaml:6:8: anchors and aliases expand to too much
            b.yaml:1:33: not valid YAML: recursion limit exceeded
            b.yaml:1:128: nested deeper than 32
            b.yaml:33:33: nested deeper than 32
            b.yaml:50000:4: more than 100000 values
            `b.yaml` has 10485760 bytes: the most is 1048576
            b.yaml:11:5: the file is too large once `defaults` are merged into each environment"#]],
    );
    assert_eq!(MOST_BYTES, 1_048_576);
    let binary = load_bytes(b"version: \xff\xfe", "b.yaml", &LoadContext::on(date(2026, 8, 1))).expect_err("not text");
    expect!["`b.yaml` is not UTF-8: byte 9"].assert_eq(&binary.to_string());
}

#[test]
fn damaged_files_never_panic() {
    let whole = super::example_tests::EXAMPLE;
    let context = LoadContext::on(date(2026, 8, 1));
    let mut state: u64 = 42;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or_default() % below.max(1)
    };
    for _ in 0..150 {
        let mut bytes = whole.as_bytes().to_vec();
        for _ in 0..=random(3) {
            let at = random(bytes.len());
            match random(4) {
                0 => bytes[at] = b"{}[]:,-#&*!|>'\"%@` \n\t0"[random(22)],
                1 => drop(bytes.drain(at..(at + random(40)).min(bytes.len()))),
                2 => bytes.truncate(at.max(1)),
                _ => {
                    let piece = bytes[at..(at + random(60)).min(bytes.len())].to_vec();
                    bytes.splice(at..at, piece);
                }
            }
        }
        if let Err(error) = load_bytes(&bytes, "b.yaml", &context) {
            assert!(error.mistakes().iter().all(|mistake| mistake.line > 0), "{error}");
        }
    }
}
