//! `plumbline baseline`: check a file, or print the schema.

use std::path::Path;

use anyhow::Result;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use plumbline_evaluator::baseline::{self, LoadContext};
use plumbline_evaluator::{Baseline, controls};

use crate::args::Baseline as Given;
use crate::{exit, output};

pub(crate) fn run(given: Given) -> Result<u8> {
    match given {
        Given::Check { file } => {
            let loaded = load(&file)?;
            let names: Vec<&str> = loaded.environments.iter().map(|environment| environment.name.as_str()).collect();
            output::deliver(
                &format!(
                    "{}: fine, account {}, {} environments ({}), {} exceptions, {} values accepted beyond the defaults\n",
                    file.display(),
                    loaded.account_id,
                    names.len(),
                    names.join(", "),
                    loaded.exceptions.len(),
                    loaded.accepted.len()
                ),
                None,
            )?;
        }
        Given::Schema { out } => output::deliver(&format!("{}\n", baseline::schema().trim_end()), out.as_deref())?,
    }
    Ok(exit::FINE)
}

/// Loads a baseline file that the user named.
pub(crate) fn load(file: &Path) -> Result<Baseline> {
    let bytes = output::read(file)?;
    let catalogue: Vec<_> = controls().map(|control| control.info).collect();
    let context = LoadContext { today: today(), controls: &catalogue };
    Ok(baseline::load_bytes(&bytes, &file.display().to_string(), &context)?)
}

/// The day, UTC.
#[expect(clippy::disallowed_methods, reason = "the shell may look at the clock")]
fn today() -> jiff::civil::Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}
