//! The baseline file: what the user wants, typed and resolved. It holds intent, never observed state.
//!
//! [`Environment`] is what controls read. Nothing here judges, selects resources or opens files.

mod accepted;
mod check;
mod data;
mod decode;
mod endpoints;
mod environment;
mod error;
mod exceptions;
mod load;
mod logs;
mod network;
mod pattern;
mod placeholders;
mod references;
mod roles;
mod sagemaker;
mod schema;
mod scope;
mod selector;
mod selfservice;
mod text;
mod tree;

#[cfg(test)]
mod example_tests;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod mistakes_tests;

pub use data::{BucketChoice, BucketKind, KeyBy, KeyChoice, KeyUse, Versioning};
pub use endpoints::{
    CentralEndpoint, EndpointReference, EndpointType, RequiredEndpoint, Requirement, ServicePort, ZoneGap,
};
pub use environment::Environment;
pub use error::{BaselineError, Mistake};
pub use exceptions::Exception;
pub use load::{LoadContext, MOST_BYTES, load, load_bytes};
pub use network::{NaclMode, Peer, PortRange, Protocol, RouteTarget, TrafficPeer, TrafficRule};
pub use pattern::Pattern;
pub use references::{Reference, References};
pub use roles::{CapabilityClass, LogicalRole, NotUsed, PolicyPaths, RoleBinding, SeparationOverride};
pub use sagemaker::{AuthMode, IsolationExempt, LifecycleConfig, ResourceKind, Studio};
pub use schema::schema;
pub use scope::{AcceptedKind, DisabledControl, Exclusion, Include, Selection, UnjudgedKind, Unselected};
pub use selector::{Candidate, Selector, VpcSelector};
pub use selfservice::{Portfolio, Product, SelfService};

use plumbline_names::AccountId;

/// A loaded baseline file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// The file's name, as it was given.
    pub file: String,
    /// SHA-256 of the file's bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// The account that the file is about.
    pub account_id: AccountId,
    /// The environments, in the file's order; at least one.
    pub environments: Vec<Environment>,
    /// Violations that someone answers for.
    pub exceptions: Vec<Exception>,
    /// Relaxed cells of the separation matrix.
    pub separation_overrides: Vec<SeparationOverride>,
    /// Loosening values, one readable line each: "accepted by baseline".
    pub accepted: Vec<String>,
    /// Reference policies; empty until [`Baseline::with_references`] has them.
    pub references: References,
}
