//! Any text for a policy: the parser answers, and what it accepts can be asked about.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plumbline_policy::{Pattern, Statement, parse, parse_encoded};

fn patterns(statement: &Statement) -> impl Iterator<Item = &Pattern> {
    statement.actions.patterns.iter().chain(statement.resources.iter().flat_map(|resources| &resources.patterns))
}

fuzz_target!(|text: &str| {
    let _ = parse_encoded(text);
    let Ok(document) = parse(text) else {
        return;
    };
    let written: Vec<&Pattern> = document.statements.iter().flat_map(patterns).take(20).collect();
    for (at, pattern) in written.iter().enumerate() {
        assert!(!pattern.covers(pattern).is_no(), "`{}` does not cover itself", pattern.text());
        for other in written.iter().take(at) {
            let (meets, met) = (pattern.intersects(other), other.intersects(pattern));
            assert_eq!(meets, met, "`{}` and `{}` meet one way only", pattern.text(), other.text());
        }
    }
    for statement in &document.statements {
        let _ = statement.matches_action("s3:GetObject");
    }
});
