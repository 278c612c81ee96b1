//! `plumbline network`: questions about the networks of a saved snapshot, answered offline.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use plumbline_reachability::outline::Outline;
use plumbline_reachability::{Graph, NoNode, Node, Told};
use plumbline_render::{overview_json, overview_text, paths_json, paths_svg, paths_text};
use plumbline_snapshot::Snapshot;
use plumbline_snapshot::ec2::{Ec2, Vpc};

use crate::args::{Format, Network, NetworkOverview, Paths, PathsFormat};
use crate::{exit, output};

pub(crate) fn run(given: Network) -> Result<u8> {
    match given {
        Network::Paths(given) => paths(&given),
        Network::Overview(given) => overview(&given),
    }
}

fn overview(given: &NetworkOverview) -> Result<u8> {
    let snapshot = opened(&given.snapshot)?;
    let mut all = Vec::new();
    for (region, regional) in &snapshot.regions {
        let graph = Graph::of(&regional.ec2);
        let chosen = |vpc: &&Vpc| given.vpc.as_ref().is_none_or(|id| *id == vpc.id);
        for vpc in regional.ec2.vpcs.seen().filter(chosen) {
            let told = graph.overview(vpc);
            all.push(told.with_context(|| format!("{region}, `{}`; ask `network paths` with two ends", vpc.id))?);
        }
    }
    if let (true, Some(id)) = (all.is_empty(), &given.vpc) {
        bail!("`{id}` is in no Region of the snapshot `{}`", given.snapshot.display());
    }
    let out = given.printing.out.as_deref();
    let text = match given.printing.format {
        Format::Text => {
            let style = output::style(out);
            all.iter().map(|told| overview_text(told, &style)).collect::<Vec<_>>().join("\n")
        }
        Format::Json => format!("{:#}\n", all.iter().map(overview_json).collect::<serde_json::Value>()),
    };
    output::deliver(&text, out)?;
    Ok(exit::FINE)
}

fn paths(given: &Paths) -> Result<u8> {
    let snapshot = opened(&given.snapshot)?;
    let (from, to) = (given.from.as_deref(), given.to.as_deref());
    let mut answers = Vec::new();
    let mut absent = None;
    for (region, regional) in &snapshot.regions {
        match answer(&regional.ec2, from, to) {
            Ok(answer) => answers.push(answer),
            // What one Region does not have another may.
            Err(Failed::Node(NoNode::Absent(id))) => absent = Some(id),
            Err(Failed::Node(error @ NoNode::Unknown(_))) => bail!(error),
            Err(Failed::TooMany(error)) => {
                bail!("{region}: {error}; ask with a narrower --from or --to")
            }
        }
    }
    if let (true, Some(id)) = (answers.is_empty(), absent) {
        bail!("`{id}` is in no Region of the snapshot `{}`", given.snapshot.display());
    }
    let out = given.out.as_deref();
    let text = match given.format {
        PathsFormat::Text => answers.iter().map(|(told, _)| paths_text(told, &output::style(out))).collect(),
        PathsFormat::Json => match answers.as_slice() {
            [(one, _)] => format!("{:#}\n", paths_json(one)),
            all => {
                let all = all.iter().map(|(told, _)| paths_json(told));
                format!("{:#}\n", serde_json::Value::Array(all.collect()))
            }
        },
        PathsFormat::Svg => drawn(&answers),
    };
    output::deliver(&text, out)?;
    Ok(exit::FINE)
}

fn opened(path: &Path) -> Result<Snapshot> {
    let bytes = output::read(path)?;
    Snapshot::from_bytes(&bytes).with_context(|| format!("opening `{}`", path.display()))
}

enum Failed {
    Node(NoNode),
    TooMany(plumbline_reachability::TooMany),
}

/// The picture of one Region: the first that has paths, else the first.
fn drawn(answers: &[(Told, Outline)]) -> String {
    let with_paths = answers.iter().find(|(told, _)| !told.paths.is_empty());
    with_paths.or(answers.first()).map_or_else(String::new, |(told, outline)| paths_svg(outline, told))
}

/// The answer of one Region, and the networks that it is about. An end that is not given is anything.
fn answer(ec2: &Ec2, from: Option<&str>, to: Option<&str>) -> Result<(Told, Outline), Failed> {
    let graph = Graph::of(ec2);
    let node = |text: Option<&str>| text.map_or(Ok(Node::Anything), |text| graph.node(text));
    let (from, to) = (node(from).map_err(Failed::Node)?, node(to).map_err(Failed::Node)?);
    let reach = graph.reach(&from, &to).map_err(Failed::TooMany)?;
    let told = graph.told(&from, &to, reach);
    let outline = graph.outline(&from, &to, &told);
    Ok((told, outline))
}
