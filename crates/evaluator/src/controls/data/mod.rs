//! Data protection: DATA.

mod data_01_bucket_default_key;
mod data_03_bucket_denies_other_keys;
mod data_04_bucket_denies_plaintext;
mod data_05_bucket_denies_outside_endpoint;
mod data_06_block_public_access;
mod data_09_bucket_not_shared;
mod data_10_key_usable;
mod data_11_key_rotates;
mod data_12_key_policy_confined;
mod data_13_ebs_encrypted;
mod data_15_resource_policy_within_reference;

use crate::Control;

/// The controls of this area, in order.
pub(crate) const CONTROLS: &[&Control] = &[
    &data_01_bucket_default_key::CONTROL,
    &data_03_bucket_denies_other_keys::CONTROL,
    &data_04_bucket_denies_plaintext::CONTROL,
    &data_05_bucket_denies_outside_endpoint::CONTROL,
    &data_06_block_public_access::CONTROL,
    &data_09_bucket_not_shared::CONTROL,
    &data_10_key_usable::CONTROL,
    &data_11_key_rotates::CONTROL,
    &data_12_key_policy_confined::CONTROL,
    &data_13_ebs_encrypted::CONTROL,
    &data_15_resource_policy_within_reference::CONTROL,
];
