//! A control: its words, what it reads, and how it judges.

use plumbline_findings::{Assessment, ControlInfo};
use plumbline_snapshot::Source;

use crate::place::Place;
use crate::world::World;

/// One control of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Control {
    /// Its words.
    pub info: &'static ControlInfo,
    /// Every read that a COMPLIANT verdict rests on. Plans, permissions and blindness are derived from it.
    pub sources: &'static [&'static Source],
    /// It also judges SageMaker resources that no environment selects.
    pub unassigned: bool,
    /// Judges one place. Never silent: at least one assessment comes back.
    pub assess: for<'a> fn(&World<'a>, &Place<'a>) -> Vec<Assessment>,
}
