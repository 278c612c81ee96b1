//! `plumbline permissions`: what the reads need, and what goes blind without it.

use anyhow::{Result, bail};
use plumbline_evaluator::{Control, controls};
use plumbline_render::{permissions_json, without_json, without_text};
use plumbline_snapshot::{Source, sources};

use crate::args::{Format, Permissions};
use crate::controls::find;
use crate::{exit, output};

pub(crate) fn run(given: Permissions) -> Result<u8> {
    let chosen: Vec<&'static Control> = if given.controls.is_empty() {
        controls().collect()
    } else {
        given.controls.iter().map(|id| find(id)).collect::<Result<_>>()?
    };
    let out = given.printing.out.as_deref();
    let text = match &given.without {
        None => {
            // Without a choice of controls: what any command may read, `snapshot` included.
            let of_controls: Vec<&Source> = chosen.iter().flat_map(|control| control.sources).copied().collect();
            let reads = if given.controls.is_empty() { sources().collect() } else { of_controls };
            permissions_json(reads.iter().map(|source| (source.service, source.permissions.iter().copied())))?
        }
        Some(action) => {
            let needs = |control: &&Control| control.sources.iter().any(|source| source.needs(action));
            let blinded: Vec<_> = chosen.iter().copied().filter(needs).map(|control| control.info).collect();
            let only_read = given.controls.is_empty() && sources().any(|source| source.needs(action));
            if blinded.is_empty() && !only_read {
                bail!("`{action}` is not an action that these controls need: see `plumbline permissions`");
            }
            match given.printing.format {
                Format::Json => without_json(&[action], &blinded)?,
                Format::Text => without_text(&[action], &blinded, &output::style(out)),
            }
        }
    };
    output::deliver(&text, out)?;
    Ok(exit::FINE)
}
