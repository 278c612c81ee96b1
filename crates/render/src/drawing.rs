//! Networks and the paths through them, as a picture: one self-contained SVG, without scripts and fonts of its own.
//!
//! The places are fixed by plain code. A network has an order that everyone who draws one keeps: the internet above, a column
//! for each zone, subnets in it, other networks beside. A graph layouter would put things where lines are short, and somewhere
//! else after every change; `layout-rs`, the one in Rust that does without Graphviz, knows no boxes within boxes. For writing
//! the elements a library (`svg`) would save a few lines of `canvas.rs`, and not the escaping of hostile names.

mod canvas;
mod card;
mod label;
mod layout;
mod wires;

#[cfg(test)]
mod scenes;
#[cfg(test)]
mod tests;

use plumbline_reachability::outline::{Gateway, Outline, Vpc, Zone};
use plumbline_reachability::{Told, ToldPath};

use canvas::{COLUMN, Canvas, Rect, px};
use label::shortened;
use layout::{GATEWAY_COLUMNS, LEADS, Layout, TITLE_COLUMNS};
use wires::{Plan, Tracks, Wire};

use crate::escape::fitted;
use crate::paths::{hop_text, on};

/// An answer and the networks that it is about, as SVG.
#[must_use]
pub fn paths_svg(outline: &Outline, told: &Told) -> String {
    let plan = Plan::of(outline, told);
    let lost = told.unknown.iter().map(|path| plan.wire(path, true));
    let wires: Vec<Wire<'_>> = lost.chain(told.paths.iter().map(|path| plan.wire(path, false))).collect();
    let tracks = Tracks::of(&wires);
    let layout = Layout::of(outline, &plan, &tracks);
    let heading = heading(told);
    let mut canvas = Canvas::new(layout.width, layout.height, &heading);
    let room = usize::try_from((layout.width - 40) * 10 / COLUMN).unwrap_or_default();
    canvas.text("bold", layout.internet.x, layout.internet.y - 10, &fitted(&heading, room));
    boxes(&mut canvas, outline, &layout);
    for wire in &wires {
        let (class, verb) = if wire.lost { ("lost", "may reach") } else { ("open", "can reach") };
        canvas.group(class, &sentence(wire.path, verb), |canvas| draw(canvas, wire, &plan, &tracks, &layout));
    }
    legend(&mut canvas, layout.legend(), plan.is_crowded);
    canvas.finish()
}

fn heading(told: &Told) -> String {
    let open = match told.paths.len() {
        0 if told.unknown.is_empty() && told.missing.is_empty() => "closed".to_owned(),
        0 => "no open path seen".to_owned(),
        1 => "1 open path".to_owned(),
        number => format!("{number} open paths"),
    };
    let lost =
        if told.unknown.is_empty() { String::new() } else { format!(", {} lost from sight", told.unknown.len()) };
    format!("from {} to {}: {open}{lost}", told.from, told.to)
}

fn sentence(path: &ToldPath, verb: &str) -> Vec<String> {
    let mut all = vec![format!("{} {verb} {}{}", path.from, path.to, on(path))];
    all.extend(path.hops.iter().map(hop_text));
    all
}

fn boxes(canvas: &mut Canvas, outline: &Outline, layout: &Layout<'_>) {
    canvas.rect("gateway", layout.internet);
    canvas.text("bold", layout.internet.x + 10, layout.internet.y + 17, "internet");
    for (at, (vpc, rect)) in outline.vpcs.iter().zip(&layout.vpcs).enumerate() {
        vpc_box(canvas, vpc, *rect);
        for (number, zone) in vpc.zones.iter().enumerate() {
            if let Some(rect) = layout.zones.get(&(at, number)) {
                zone_box(canvas, zone, *rect, layout);
            }
        }
    }
    for (card, rect) in &layout.subnets {
        card.draw(canvas, *rect);
    }
    for (own, rect) in &layout.gateways {
        gateway(canvas, own, own.kind, *rect);
    }
    for (own, rect) in &layout.endpoints {
        gateway(canvas, own, &card::service(own), *rect);
    }
    for (own, rect) in &layout.others {
        gateway(canvas, own, own.kind, *rect);
        for (line, text) in own.leads_to.iter().take(LEADS).enumerate() {
            let y = rect.y + 41 + px(line) * 13;
            canvas.text("small grey", rect.x + 6, y, &shortened(text, GATEWAY_COLUMNS));
        }
    }
}

fn vpc_box(canvas: &mut Canvas, vpc: &Vpc, rect: Rect) {
    let mut title = vec![vpc.id.clone()];
    title.extend(vpc.name.iter().chain(&vpc.blocks).cloned());
    canvas.group("network", &title, |canvas| {
        canvas.rect("vpc", rect);
        let name = vpc.name.as_deref().map_or_else(|| vpc.id.clone(), |name| format!("{} {name}", vpc.id));
        canvas.text("bold", rect.x + 12, rect.y + 19, &fitted(&name, TITLE_COLUMNS));
        canvas.text("grey", rect.x + 12, rect.y + 34, &fitted(&vpc.blocks.join(", "), TITLE_COLUMNS));
        if vpc.zones.is_empty() {
            canvas.text("grey", rect.x + 12, rect.y + 49, "no subnets");
        }
    });
}

fn zone_box(canvas: &mut Canvas, zone: &Zone, rect: Rect, layout: &Layout<'_>) {
    canvas.rect("zone", rect);
    let name = match (&zone.name, zone.id.as_str()) {
        (_, "") => "zone not seen".to_owned(),
        (Some(name), id) => format!("{name} ({id})"),
        (None, id) => id.to_owned(),
    };
    // Over its first column, right of the lines that go up there.
    let inside = layout.subnets.iter().filter(|(_, own)| rect.holds(own));
    let first = inside.map(|(_, own)| own.x).min();
    let x = first.unwrap_or(rect.x + 12);
    canvas.text("small bold", x, rect.y + 16, &fitted(&name, layout.scale.columns));
}

fn gateway(canvas: &mut Canvas, own: &Gateway, what: &str, rect: Rect) {
    let mut title = vec![format!("{} {}", own.kind, own.id)];
    title.extend(own.leads_to.iter().cloned());
    canvas.group("edge", &title, |canvas| {
        canvas.rect("gateway", rect);
        canvas.text("small bold", rect.x + 6, rect.y + 14, &fitted(what, GATEWAY_COLUMNS));
        canvas.text("small", rect.x + 6, rect.y + 27, &shortened(&own.id, GATEWAY_COLUMNS));
    });
}

fn draw<'a>(canvas: &mut Canvas, wire: &Wire<'a>, plan: &Plan<'a>, tracks: &Tracks<'a>, layout: &Layout<'a>) {
    for (at, leg) in wire.legs.iter().enumerate() {
        let points = layout.points(leg, plan, tracks);
        canvas.line_through(&points, wire.lost);
        let ends = at + 1 == wire.legs.len();
        if let [.., from, to] = points.as_slice() {
            if wire.lost && ends { canvas.ring(*to) } else { canvas.head(*from, *to) }
        }
    }
}

fn legend(canvas: &mut Canvas, (x, y): (i32, i32), is_crowded: bool) {
    canvas.group("legend", &[], |canvas| {
        for (class, at, text) in [("open", x, "open path"), ("lost", x + 120, "lost from sight")] {
            canvas.group(&format!("{class} key"), &[], |canvas| {
                canvas.line_through(&[(at, y - 4), (at + 28, y - 4)], class == "lost");
                if class == "open" { canvas.head((at, y - 4), (at + 28, y - 4)) } else { canvas.ring((at + 28, y - 4)) }
            });
            canvas.text("small grey", at + 38, y, text);
        }
        let note = if is_crowded { "; subnets share one line among themselves" } else { "" };
        canvas.text("small grey", x + 270, y, &format!("rest on a line for its hops{note}"));
    });
}
