//! What the tests against the emulated account share: emulators that are forked from a built account, the programs under
//! test, and a runtime API for the Lambda program. Everything on 127.0.0.1.

mod http;
mod program;
mod runtime;
mod server;

pub use program::{Audited, Cli, target};
pub use runtime::{Answer, Runtime};
pub use server::{Call, Emulator, Zygote};
