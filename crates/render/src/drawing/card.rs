//! What the box of a subnet says.

use plumbline_reachability::outline::{Gateway, Subnet};

use super::canvas::{COLUMN, Canvas, Rect, SMALL_COLUMN, px, wide};
use super::label::shortened;
use crate::escape::{columns, fitted};

/// How large subnets are drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    /// The columns of a line.
    pub(super) columns: usize,
    /// A column, in tenths of pixels.
    column: i32,
    line: i32,
    class: &'static str,
    /// The columns that the label of a group takes even where there are many.
    group: usize,
    endpoint_lines: usize,
}

/// For a few subnets, and for many.
pub(super) const ROOMY: Scale =
    Scale { columns: 34, column: COLUMN, line: 15, class: "", group: 15, endpoint_lines: 3 };
pub(super) const DENSE: Scale =
    Scale { columns: 24, column: SMALL_COLUMN, line: 13, class: "small", group: 9, endpoint_lines: 3 };

const SIDE: i32 = 9;
const ABOVE: i32 = 5;

impl Scale {
    /// How wide a box is.
    pub(super) fn width(&self) -> i32 {
        wide(self.columns, self.column) + 2 * SIDE
    }
}

/// The text of a box.
pub(super) struct Card<'a> {
    subnet: &'a Subnet,
    scale: Scale,
    lines: Vec<(bool, String)>,
    groups: Vec<String>,
    endpoints: Vec<String>,
}

impl<'a> Card<'a> {
    pub(super) fn of(subnet: &'a Subnet, scale: Scale) -> Self {
        let most = scale.columns;
        let mut lines = Vec::new();
        if let Some(name) = &subnet.name {
            lines.push((true, fitted(name, most)));
        }
        lines.push((subnet.name.is_none(), shortened(&subnet.id, most)));
        if let Some(block) = subnet.blocks.first() {
            let others = subnet.blocks.len() - 1;
            let rest = if others > 0 { format!(" +{others}") } else { String::new() };
            lines.push((false, shortened(block, most.saturating_sub(rest.len())) + &rest));
        }
        if let Some(table) = &subnet.table {
            let target = table.defaults.first();
            lines.push((
                false,
                match target {
                    Some(target) => format!("default → {}", shortened(target, most.saturating_sub(10))),
                    None => shortened(&table.id, most),
                },
            ));
        }
        lines.push((false, fitted(&interfaces(subnet), most)));
        // A label takes two columns more than its text.
        let room = (most / subnet.groups.len().max(1)).saturating_sub(2).max(scale.group);
        let groups = labels(subnet.groups.values().map(|name| shortened(name, room)).collect(), most);
        let endpoints = wrapped(subnet.endpoints.iter().map(service).collect(), most, scale.endpoint_lines);
        Card { subnet, scale, lines, groups, endpoints }
    }

    /// How high a box has to be.
    pub(super) fn height(&self) -> i32 {
        let lines = px(self.lines.len() + self.endpoints.len()) * self.scale.line;
        let chips = if self.groups.is_empty() { 0 } else { self.chip() };
        lines + chips + px(self.subnet.nats.len()) * self.nat() + 2 * ABOVE
    }

    fn chip(&self) -> i32 {
        self.scale.line + 4
    }

    /// Lines end at NAT gateways: they are higher than their text needs.
    fn nat(&self) -> i32 {
        self.scale.line + 9
    }

    /// Where lines may end at the left edge, from the top of the box.
    pub(super) fn edge(&self) -> i32 {
        ABOVE + px(self.lines.len()) * self.scale.line
    }

    /// The boxes of the NAT gateways in a box.
    pub(super) fn nats(&self, rect: Rect) -> Vec<(&'a Gateway, Rect)> {
        let place = |at: usize| Rect {
            x: rect.x + SIDE - 2,
            y: rect.y + self.edge() + px(at) * self.nat() + 2,
            width: rect.width - 2 * SIDE + 4,
            height: self.nat() - 4,
        };
        self.subnet.nats.iter().enumerate().map(|(at, nat)| (nat, place(at))).collect()
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, rect: Rect) {
        let class = self.scale.class;
        let (x, line) = (rect.x + SIDE, self.scale.line);
        canvas.group("subnet", &said(self.subnet), |canvas| {
            canvas.rect("box", rect);
            let mut y = rect.y + ABOVE;
            for (bold, text) in &self.lines {
                let weight = if *bold { "bold" } else { "" };
                canvas.text(&format!("{class} {weight}"), x, y + line - 4, text);
                y += line;
            }
            y += px(self.subnet.nats.len()) * self.nat();
            if !self.groups.is_empty() {
                let mut at = x - 2;
                for label in &self.groups {
                    let width = wide(columns(label), self.scale.column) + 6;
                    canvas.rect("chip", Rect { x: at, y: y + 1, width, height: line });
                    canvas.text(&format!("{class} grey"), at + 3, y + line - 3, label);
                    at += width + 4;
                }
                y += self.chip();
            }
            for text in &self.endpoints {
                canvas.text(&format!("{class} grey"), x, y + line - 4, text);
                y += line;
            }
        });
        for (nat, place) in self.nats(rect) {
            let mut title = vec![format!("{} {}", nat.kind, nat.id)];
            title.extend(nat.leads_to.iter().cloned());
            canvas.group("nat", &title, |canvas| {
                canvas.rect("gateway", place);
                let text = format!("NAT {}", shortened(&nat.id, self.scale.columns.saturating_sub(4)));
                canvas.text(class, x + 2, place.bottom() - 6, &text);
            });
        }
    }
}

fn interfaces(subnet: &Subnet) -> String {
    let all: usize = subnet.interfaces.values().sum();
    let special = subnet.interfaces.iter().filter(|(kind, _)| *kind != "interface");
    let kinds: Vec<String> = special.map(|(kind, number)| format!("{number} {}", kind_in_words(kind))).collect();
    let total = match all {
        0 => "no interfaces".to_owned(),
        1 => "1 interface".to_owned(),
        all => format!("{all} interfaces"),
    };
    if kinds.is_empty() { total } else { format!("{total} ({})", kinds.join(", ")) }
}

fn kind_in_words(kind: &str) -> String {
    match kind {
        "nat_gateway" => "NAT".to_owned(),
        "vpc_endpoint" => "endpoint".to_owned(),
        other => other.replace('_', " "),
    }
}

/// As many labels as a line holds, and how many others there are.
fn labels(all: Vec<String>, most: usize) -> Vec<String> {
    let number = all.len();
    let mut kept: Vec<String> = Vec::new();
    let mut used = 0;
    for (at, label) in all.into_iter().enumerate() {
        let width = columns(&label) + 2;
        let room = if at + 1 == number { most } else { most.saturating_sub(5) };
        if used + width > room + 1 {
            kept.push(format!("+{}", number - at));
            break;
        }
        used += width;
        kept.push(label);
    }
    kept
}

/// Words in lines, cut where there are too many.
fn wrapped(words: Vec<String>, most: usize, lines: usize) -> Vec<String> {
    let number = words.len();
    let mut all: Vec<String> = (number > 0).then(|| "endpoints:".to_owned()).into_iter().collect();
    for (at, word) in words.into_iter().enumerate() {
        let comma = if at + 1 < number { "," } else { "" };
        let word = fitted(&word, most.saturating_sub(2)) + comma;
        let full = all.len() >= lines;
        // The last line leaves room for the number of others.
        let room = if full && at + 1 < number { most.saturating_sub(5) } else { most };
        match all.last_mut() {
            Some(line) if columns(line) + 1 + columns(&word) <= room => {
                line.push(' ');
                line.push_str(&word);
            }
            Some(line) if full => {
                line.push_str(&format!(" +{}", number - at));
                break;
            }
            _ => all.push(word),
        }
    }
    all
}

/// The name of a service without what all have in common.
pub(super) fn service(endpoint: &Gateway) -> String {
    let name = endpoint.leads_to.first().unwrap_or(&endpoint.id);
    let is_region = |part: &str| part.matches('-').count() >= 2 && part.ends_with(|last: char| last.is_ascii_digit());
    let common = |part: &&str| ["com", "amazonaws", "aws"].contains(part) || is_region(part);
    let parts: Vec<&str> = name.split('.').filter(|part| !common(part)).collect();
    if parts.is_empty() { name.clone() } else { parts.join(".") }
}

/// Everything about a subnet.
fn said(subnet: &Subnet) -> Vec<String> {
    let mut all = vec![subnet.id.clone()];
    all.extend(subnet.name.clone());
    all.extend(subnet.blocks.iter().cloned());
    if let Some(table) = &subnet.table {
        let targets: Vec<&str> = table.defaults.iter().map(String::as_str).collect();
        let targets = if targets.is_empty() { "no default route".to_owned() } else { targets.join(", ") };
        all.push(format!("{}: {targets}", table.id));
    }
    all.extend(subnet.interfaces.iter().map(|(kind, number)| format!("{number} {kind}")));
    all.extend(subnet.groups.iter().map(|(id, name)| format!("{id} {name}")));
    all.extend(subnet.endpoints.iter().map(|it| format!("{} {}", it.id, it.leads_to.join(" "))));
    all
}
