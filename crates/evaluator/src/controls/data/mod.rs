//! Data protection: DATA.

mod data_01_bucket_default_key;
mod data_06_block_public_access;
mod data_10_key_usable;
mod data_11_key_rotates;
mod data_13_ebs_encrypted;
mod data_15_resource_policy_within_reference;

use crate::Control;

/// The controls of this area, in order.
pub(crate) const CONTROLS: &[&Control] = &[
    &data_01_bucket_default_key::CONTROL,
    &data_06_block_public_access::CONTROL,
    &data_10_key_usable::CONTROL,
    &data_11_key_rotates::CONTROL,
    &data_13_ebs_encrypted::CONTROL,
    &data_15_resource_policy_within_reference::CONTROL,
];
