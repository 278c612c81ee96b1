//! `plumbline controls`: the catalogue.

use anyhow::{Result, bail};
use plumbline_evaluator::{Control, Scope, controls};
use plumbline_render::{CatalogueEntry, CatalogueRead, controls_json, controls_text, show_text};

use crate::args::{Controls, Format};
use crate::{exit, output};

pub(crate) fn run(given: Controls) -> Result<u8> {
    match given {
        Controls::List { printing } => {
            let entries: Vec<_> = controls().map(entry).collect();
            let text = match printing.format {
                Format::Json => controls_json(&entries)?,
                Format::Text => controls_text(&entries, &output::style(printing.out.as_deref())),
            };
            output::deliver(&text, printing.out.as_deref())?;
        }
        Controls::Show { id, printing } => {
            let entry = entry(find(&id)?);
            let text = match printing.format {
                Format::Json => controls_json(&[entry])?,
                Format::Text => show_text(&entry, &output::style(printing.out.as_deref())),
            };
            output::deliver(&text, printing.out.as_deref())?;
        }
    }
    Ok(exit::FINE)
}

/// The control of this id, in any case of letters.
pub(crate) fn find(id: &str) -> Result<&'static Control> {
    if let Some(control) = controls().find(|control| control.info.id.eq_ignore_ascii_case(id)) {
        return Ok(control);
    }
    // The scope knows how to say which control is nearest.
    match Scope::default().add(&format!("control:{id}")) {
        Err(error) => bail!(error),
        Ok(()) => bail!("`{id}` is not a control of this version"),
    }
}

/// A control as the catalogue prints it.
pub(crate) fn entry(control: &'static Control) -> CatalogueEntry<'static> {
    let reads = control.sources.iter().map(|source| CatalogueRead {
        service: source.service,
        operation: source.operation,
        permissions: source.permissions,
    });
    CatalogueEntry { info: control.info, reads: reads.collect() }
}
