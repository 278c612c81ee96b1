//! `plumbline permissions`: what the reads need, and what goes blind without it.

use anyhow::{Result, bail};
use plumbline_evaluator::{Control, controls};
use plumbline_render::{permissions_json, without_json, without_text};

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
        None => permissions_json(
            chosen
                .iter()
                .flat_map(|control| control.sources)
                .map(|source| (source.service, source.permissions.iter().copied())),
        )?,
        Some(action) => {
            let needs = |control: &&Control| {
                let mut actions = control.sources.iter().flat_map(|source| source.permissions);
                actions.any(|needed| needed.eq_ignore_ascii_case(action))
            };
            let blinded: Vec<_> = chosen.iter().copied().filter(needs).map(|control| control.info).collect();
            if blinded.is_empty() {
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
