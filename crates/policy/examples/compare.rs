//! Compares the pairs on standard input, a line in, a line out, without the rest of the product:
//! for comparing with the oracle at any size (tests/differential/README.md).
#![expect(clippy::print_stdout, reason = "the answers are its output")]

use std::io::BufRead;

fn main() -> std::io::Result<()> {
    for line in std::io::stdin().lock().lines() {
        println!("{}", plumbline_policy::compare_line(&line?));
    }
    Ok(())
}
