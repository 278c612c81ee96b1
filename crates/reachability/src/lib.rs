//! Who can reach whom in and out of VPCs, decided from a snapshot alone: by which packets, over which hops, or what closes it.
//!
//! What network ACLs and security groups let pass can be asked by itself too: [`ingress`], [`permits`]. Whether a path is allowed is
//! a control's business, not this crate's.

mod between;
mod block;
mod border;
mod bounds;
mod branch;
mod cube;
mod endpoints;
mod explain;
mod filters;
mod firewall;
mod flow;
mod gateways;
mod graph;
mod nat;
mod node;
pub mod outline;
pub mod overview;
mod packets;
mod path;
mod reach;
mod reserved;
mod routes;
mod rule;
mod told;
mod view;
mod walk;
mod work;

pub use border::{Border, Crossing, Direction, Lost};
pub use bounds::Bounds;
pub use branch::Place;
pub use explain::Said;
pub use firewall::{Entry, ingress, permits};
pub use flow::{Addresses, Flow};
pub use graph::Graph;
pub use node::{NoNode, Node};
pub use packets::{MAX_BOXES, Packet, Packets, TooMany};
pub use path::{Answer, Hop, Origin, Verdict, Way, verdict_on};
pub use reach::{Back, Path, Reach, Stop};
pub use rule::Rule;
pub use told::{Cut, Told, ToldPath};
pub use walk::MAX_STEPS;
pub use work::{MAX_KEPT, MAX_WORK};
