//! Where spans and events go at a terminal: to standard error, if `RUST_LOG` asks for them.

use tracing_subscriber::EnvFilter;

/// Writes what `RUST_LOG` asks for to standard error; nothing where it is not set. `RUST_LOG=plumbline=debug` shows this
/// program's own reads and not the SDK's.
pub fn log_to_stderr() {
    if let Ok(filter) = EnvFilter::try_from_default_env() {
        // A second call, as in a test, changes nothing.
        let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
    }
}
