//! Roles and separation of concerns: IAM.

mod iam_01_role_bound;
mod iam_02_role_single_purpose;
mod iam_03_trust_exact;
mod iam_04_trust_source_account;
mod iam_05_separation_matrix;
mod iam_06_role_sufficient;
mod iam_07_no_wildcard_power;
mod iam_08_no_broad_managed_policy;
mod iam_09_permissions_boundary;
mod iam_10_pass_role_confined;
mod iam_11_no_privilege_escalation;
mod iam_12_no_role_chaining;
mod iam_13_only_bound_roles_pass;
mod iam_14_no_iam_users;
mod iam_15_role_within_reference;
mod iam_16_boundary_within_reference;

use plumbline_findings::Evidence;

use crate::Control;
use crate::judge::{Say, few};

/// The controls of this area, in order.
pub(crate) const CONTROLS: &[&Control] = &[
    &iam_01_role_bound::CONTROL,
    &iam_02_role_single_purpose::CONTROL,
    &iam_03_trust_exact::CONTROL,
    &iam_04_trust_source_account::CONTROL,
    &iam_05_separation_matrix::CONTROL,
    &iam_06_role_sufficient::CONTROL,
    &iam_07_no_wildcard_power::CONTROL,
    &iam_08_no_broad_managed_policy::CONTROL,
    &iam_09_permissions_boundary::CONTROL,
    &iam_10_pass_role_confined::CONTROL,
    &iam_11_no_privilege_escalation::CONTROL,
    &iam_12_no_role_chaining::CONTROL,
    &iam_13_only_bound_roles_pass::CONTROL,
    &iam_14_no_iam_users::CONTROL,
    &iam_15_role_within_reference::CONTROL,
    &iam_16_boundary_within_reference::CONTROL,
];

/// How many of those who offend give evidence.
const SHOWN: usize = 20;

/// What one of many does and should not, and what shows it.
type Offence = (String, Vec<Evidence>);

/// One violation of all who offend, if anyone does; `who` is what several of them are.
fn tell(say: &mut Say<'_>, who: &str, offences: Vec<Offence>) {
    if offences.is_empty() {
        return;
    }
    let count = if offences.len() == 1 { String::new() } else { format!("{} {who}: ", offences.len()) };
    let words = few("; ", offences.iter().map(|(words, _)| words));
    let evidence = offences.into_iter().take(SHOWN).flat_map(|(_, evidence)| evidence);
    say.broken(format!("{count}{words}"), evidence);
}
