//! The composition root: the only crate that knows all others.
//!
//! [`Settings`] come from the environment once, [`Access`] makes credentials and the one HTTP client, [`Fleet`] fills a
//! snapshot, and [`wiring`] fills the ports of `audit`. Never holds a rule.

mod access;
mod clock;
mod fleet;
mod log;
mod relay;
mod settings;
mod wiring;

pub use access::{Access, AccessError, Wanted};
pub use clock::SystemClock;
pub use fleet::{Fleet, Pace};
pub use log::log_to_stderr;
pub use plumbline_collector::{Forecast, Outlook, Patience, Progress, Share, Silent};
pub use relay::next_leg;
pub use settings::{Settings, SettingsError, share};
pub use wiring::{AppError, Job, LoadedBaseline, MARGIN, StateUri, audit, evaluate, load_baseline, scope, snapshot};
