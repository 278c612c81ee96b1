//! VPC Block Public Access ("Block public access to VPCs and subnets", "VPC BPA basics" and its "Advanced example", Amazon VPC
//! User Guide).

use plumbline_snapshot::ec2::{Ec2, VpcBlockExclusion};

/// What it does to packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blocks {
    No,
    Yes,
    /// It would, but for an exclusion.
    Excluded,
    /// The pages do not settle it, or the setting was not seen.
    Open,
}

/// By what packets leave or come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum By {
    /// An internet gateway.
    Internet,
    /// An internet gateway on behalf of a NAT gateway.
    Nat,
    /// An egress-only internet gateway.
    EgressOnly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Bidirectional,
    Ingress,
}

/// `subnets`: those that an exclusion may be about; `balancer`: the subnet of a gateway load balancer endpoint on the way.
pub(crate) fn blocks(ec2: &Ec2, vpc: &str, subnets: &[&str], by: By, balancer: Option<&str>) -> Blocks {
    let Ok(options) = ec2.vpc_block.sight() else { return Blocks::Open };
    let mode = match (options.mode.as_str(), options.state.as_str()) {
        (_, "update-in-progress") => return Blocks::Open,
        ("off", _) => return Blocks::No,
        ("block-bidirectional", _) => Mode::Bidirectional,
        ("block-ingress", _) => Mode::Ingress,
        _ => return Blocks::Open,
    };
    if let Some(balancer) = balancer {
        // Whether an exclusion of this subnet helps, two versions of the page tell differently; of ingress-only mode and a NAT
        // gateway behind one, neither tells.
        let closed = one(ec2, mode, vpc, balancer, By::Internet) == Blocks::Yes;
        return if closed && (mode == Mode::Bidirectional || by == By::Internet) { Blocks::Yes } else { Blocks::Open };
    }
    if mode == Mode::Ingress && by != By::Internet {
        // What NAT and egress-only gateways carry passes; an instance's own way out is closed too (scenario 3).
        return Blocks::No;
    }
    let mut answers = subnets.iter().map(|subnet| one(ec2, mode, vpc, subnet, by));
    let first = answers.next().unwrap_or(Blocks::Open);
    if answers.all(|answer| answer == first) { first } else { Blocks::Open }
}

fn one(ec2: &Ec2, mode: Mode, vpc: &str, subnet: &str, by: By) -> Blocks {
    let Ok(exclusions) = ec2.vpc_block_exclusions.all() else { return Blocks::Open };
    let mut modes: Vec<Option<&str>> = exclusions.filter_map(|it| about(it, &[vpc, subnet])).collect();
    modes.sort_unstable();
    modes.dedup();
    match (mode, modes.as_slice()) {
        (_, [Some("allow-bidirectional")]) => Blocks::Excluded,
        // Egress-only exclusions count in bidirectional mode alone (scenario 5).
        (_, []) | (Mode::Ingress, [Some("allow-egress")]) => Blocks::Yes,
        // There they let out what has a NAT or egress-only gateway, and nothing else (scenario 6).
        (Mode::Bidirectional, [Some("allow-egress")]) if by == By::Internet => Blocks::Yes,
        (Mode::Bidirectional, [Some("allow-egress")]) => Blocks::Excluded,
        _ => Blocks::Open,
    }
}

/// The mode of an exclusion of one of these; none inside where its state does not say whether it holds.
fn about<'e>(exclusion: &'e VpcBlockExclusion, places: &[&str]) -> Option<Option<&'e str>> {
    let name = exclusion.resource_arn.rsplit('/').next()?;
    if !places.contains(&name) {
        return None;
    }
    match exclusion.state.as_str() {
        "create-failed" | "delete-complete" | "disable-complete" => None,
        "create-complete" | "update-complete" => Some(exclusion.mode.as_deref()),
        _ => Some(None),
    }
}
