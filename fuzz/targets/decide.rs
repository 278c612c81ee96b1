//! Any line for `policy simulate`: it is answered, in the form that the contract promises.
#![no_main]

mod decisions;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    decisions::decided(line);
});
