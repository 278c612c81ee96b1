//! The catalogue: one folder an area, one file a control.

mod data;
mod iam;
mod iamc;
mod log;
mod net;
mod smk;
mod vpe;

use crate::Control;

/// Every control, in the catalogue's order.
pub fn controls() -> impl Iterator<Item = &'static Control> + Clone {
    [net::CONTROLS, vpe::CONTROLS, iam::CONTROLS, iamc::CONTROLS, data::CONTROLS, smk::CONTROLS, log::CONTROLS]
        .into_iter()
        .flatten()
        .copied()
}
