//! What the tests against the emulated account share: emulators that are forked from a built account, the programs under
//! test, a runtime API for the Lambda program, and how two reports differ. Everything on 127.0.0.1.

mod compare;
mod http;
mod program;
mod runtime;
mod server;
mod side_by_side;
mod stage;
mod variations;

pub use compare::{Changed, changed, differences, exit_code, line, lost, steady};
pub use program::{Audited, Cli, Ran, read, target};
pub use runtime::{Answer, Runtime};
pub use server::{Attribute, Break, Call, Credentials, Datum, Dimension, Emulator, Expected, Mail, Outputs, Zygote};
pub use side_by_side::{side_by_side, until};
pub use stage::{Alert, BROKEN, PREFIX, Stage, exactly, failure, is_audit, is_well_formed, response, scheduled};
pub use variations::{DECISIVE, UNNEEDED, UNSHOWN, VARIATIONS, Variation, listed, no_records};
