//! Drawings of small and large networks, read back as XML.

use std::collections::{BTreeMap, BTreeSet};

use expect_test::expect;
use plumbline_reachability::outline::{Gateway, Outline, Subnet, Table, Vpc, Zone};
use plumbline_reachability::{Back, Packet, Said, Told, ToldPath};
use plumbline_testkit::ec2::{
    ENI_INSTANCE, OTHER_SUBNET, OTHER_VPC, SG_WORKLOAD, SUBNET_A, SUBNET_B, TRANSIT_GATEWAY, VPC,
};
use plumbline_testkit::known_good;

use super::canvas::{COLUMN, Rect, SMALL_COLUMN, wide};
use super::paths_svg;
use super::scenes::{asked, large, opened, peered};
use crate::escape::columns;
use crate::samples::HOSTILE;

/// An element with what is written in it.
#[derive(Debug)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
    /// The classes of all that it lies in.
    within: Vec<String>,
}

impl Element {
    fn number(&self, attribute: &str) -> i32 {
        self.attributes[attribute].parse().unwrap()
    }

    fn class(&self) -> &str {
        self.attributes.get("class").map_or("", String::as_str)
    }

    fn is_key(&self) -> bool {
        self.class().contains("key") || self.within.iter().any(|class| class.contains("key"))
    }

    fn rect(&self) -> Rect {
        Rect { x: self.number("x"), y: self.number("y"), width: self.number("width"), height: self.number("height") }
    }

    /// The corners of a line, without its letters.
    fn points(&self) -> Vec<(i32, i32)> {
        let data = self.attributes["d"].trim_start_matches('M');
        let point = |text: &str| text.split_once(' ').map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap())).unwrap();
        data.split('L').map(point).collect()
    }

    /// Where a text is: a little less than what it may take.
    fn span(&self) -> Rect {
        let column = if self.class().contains("small") { SMALL_COLUMN } else { COLUMN };
        let text = self.text.replace("&lt;", "<").replace("&amp;", "&");
        Rect { x: self.number("x"), y: self.number("y") - 8, width: wide(columns(&text), column), height: 9 }
    }
}

/// The elements of a document that is well-formed, without the parts of XML that no drawing has.
fn elements(document: &str) -> Vec<Element> {
    let mut all: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut rest = document;
    while let Some((text, after)) = rest.split_once('<') {
        assert!(is_text(text), "not XML text: {text:?}");
        let (tag, after) = after.split_once('>').expect("a tag ends");
        if let Some(name) = tag.strip_prefix('/') {
            let ended = open.pop().expect("something is open");
            assert_eq!(all[ended].name, name);
            all[ended].text.push_str(text);
        } else {
            let within = open.iter().map(|at| all[*at].class().to_owned()).collect();
            let (inner, closed) = tag.strip_suffix('/').map_or((tag, false), |inner| (inner, true));
            if !closed {
                open.push(all.len());
            }
            all.push(element(inner, within));
        }
        rest = after;
    }
    assert!(open.is_empty() && rest.trim().is_empty() && all[0].name == "svg");
    all
}

fn element(tag: &str, within: Vec<String>) -> Element {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut attributes = BTreeMap::new();
    while let Some((key, after)) = rest.split_once("=\"") {
        let (value, after) = after.split_once('"').expect("a value ends");
        assert!(is_text(value) && !value.contains('<'), "not a value: {value:?}");
        assert!(attributes.insert(key.trim().to_owned(), value.to_owned()).is_none(), "twice: {key}");
        rest = after;
    }
    assert!(rest.is_empty() && name.chars().all(char::is_alphanumeric), "not a tag: {tag:?}");
    Element { name: name.to_owned(), attributes, text: String::new(), within }
}

fn is_text(text: &str) -> bool {
    let named = ["amp;", "lt;", "gt;", "quot;", "#39;"];
    let escaped = text.split('&').skip(1).all(|after| named.iter().any(|name| after.starts_with(name)));
    escaped && !text.contains('>') && text.chars().all(|own| own == '\n' || !own.is_control() && own < '\u{fffe}')
}

/// One subnet with one path to the internet.
fn small() -> (Outline, Told) {
    let own = |id: &str, kind| Gateway { id: id.to_owned(), kind, leads_to: Vec::new() };
    let subnet = Subnet {
        id: "subnet-0a1d3f5b7c9e00001".to_owned(),
        name: Some("public".to_owned()),
        blocks: vec!["10.20.1.0/24".to_owned()],
        table: Some(Table { id: "rtb-0c2e".to_owned(), defaults: BTreeSet::from(["igw-0f9e".to_owned()]) }),
        interfaces: BTreeMap::from([("interface".to_owned(), 2)]),
        groups: BTreeMap::from([("sg-0e1f".to_owned(), "web".to_owned())]),
        ..Subnet::default()
    };
    let zone = Zone { id: "euw1-az1".to_owned(), name: Some("eu-west-1b".to_owned()), subnets: vec![subnet] };
    let vpc = Vpc {
        id: "vpc-0f4a".to_owned(),
        blocks: vec!["10.20.0.0/16".to_owned()],
        zones: vec![zone],
        gateways: vec![own("igw-0f9e", "internet gateway")],
        ..Vpc::default()
    };
    let said =
        |at: &str, rule: &str| Said { at: at.to_owned(), rule: rule.to_owned(), says: "sends it out".to_owned() };
    let path = ToldPath {
        from: "eni-0c1d".to_owned(),
        to: "internet".to_owned(),
        flows: Vec::new(),
        witness: Packet {
            source: [10, 20, 1, 10].into(),
            destination: [192, 0, 2, 1].into(),
            protocol: 6,
            source_port: 40_000,
            port: 443,
        },
        hops: vec![said("igw-0f9e", "igw-out")],
        back: Back::Yes,
        back_hops: Vec::new(),
        assumes: Vec::new(),
        stations: ["subnet-0a1d3f5b7c9e00001", "igw-0f9e", "internet"].map(str::to_owned).to_vec(),
    };
    let told = Told {
        from: "vpc-0f4a".to_owned(),
        to: "internet".to_owned(),
        paths: vec![path],
        closed_by: Vec::new(),
        unknown: Vec::new(),
        missing: Vec::new(),
        cuts: Vec::new(),
    };
    (Outline { vpcs: vec![vpc], others: Vec::new() }, told)
}

/// Drawings of every kind: few and many subnets, one and several VPCs, open, lost, closed.
fn drawings() -> Vec<(&'static str, Told, Vec<Element>)> {
    let drawn = |name, (outline, told): (Outline, Told)| {
        let all = elements(&paths_svg(&outline, &told));
        (name, told, all)
    };
    let subnet = "subnet-0b183f5b7c9e00001";
    let mut unseen = opened();
    unseen.remove_subnet(SUBNET_B);
    vec![
        drawn("small", small()),
        drawn("closed", asked(&mut known_good(), Some("internet"), Some(VPC))),
        drawn("known-good", asked(&mut known_good(), Some(VPC), None)),
        drawn("open", asked(&mut opened(), None, None)),
        drawn("by transit", asked(&mut opened(), Some(TRANSIT_GATEWAY), Some(SUBNET_A))),
        drawn("peered", asked(&mut peered(), Some(VPC), Some(OTHER_VPC))),
        drawn("without a subnet", asked(&mut unseen, None, None)),
        drawn("large", asked(&mut large(), Some(VPC), Some("internet"))),
        drawn("to one of many", asked(&mut large(), None, Some(subnet))),
        drawn("from one to all", asked(&mut large(), Some(subnet), None)),
        drawn("nothing", (Outline::default(), Told { paths: Vec::new(), ..small().1 })),
    ]
}

#[test]
fn a_small_network_is_drawn() {
    let (outline, told) = small();
    let svg = paths_svg(&outline, &told);
    assert_eq!(svg, paths_svg(&outline, &told));
    let style = svg.lines().find(|line| line.starts_with("<style>")).unwrap();
    expect![[r#"
        <svg xmlns="http://www.w3.org/2000/svg" width="536" height="421" viewBox="0 0 536 421">
        <title>from vpc-0f4a to internet: 1 open path</title>
        <style>…</style>
        <rect class="page" x="0" y="0" width="536" height="421" rx="3"/>
        <text class="bold" x="20" y="38">from vpc-0f4a to internet: 1 open path</text>
        <rect class="gateway" x="20" y="48" width="496" height="26" rx="3"/>
        <text class="bold" x="30" y="65">internet</text>
        <g class="network">
        <title>vpc-0f4a
        10.20.0.0/16</title>
        <rect class="vpc" x="20" y="138" width="478" height="214" rx="3"/>
        <text class="bold" x="32" y="157">vpc-0f4a</text>
        <text class="grey" x="32" y="172">10.20.0.0/16</text>
        </g>
        <rect class="zone" x="32" y="196" width="286" height="140" rx="3"/>
        <text class="small bold" x="60" y="212">eu-west-1b (euw1-az1)</text>
        <g class="subnet">
        <title>subnet-0a1d3f5b7c9e00001
        public
        10.20.1.0/24
        rtb-0c2e: igw-0f9e
        2 interface
        sg-0e1f web</title>
        <rect class="box" x="60" y="220" width="246" height="104" rx="3"/>
        <text class="bold" x="69" y="236">public</text>
        <text x="69" y="251">subnet-0a1d3f5b7c9e00001</text>
        <text x="69" y="266">10.20.1.0/24</text>
        <text x="69" y="281">default → igw-0f9e</text>
        <text x="69" y="296">2 interfaces</text>
        <rect class="chip" x="67" y="301" width="27" height="15" rx="3"/>
        <text class="grey" x="70" y="312">web</text>
        </g>
        <g class="edge">
        <title>internet gateway igw-0f9e</title>
        <rect class="gateway" x="339" y="121" width="147" height="34" rx="3"/>
        <text class="small bold" x="345" y="135">internet gateway</text>
        <text class="small" x="345" y="148">igw-0f9e</text>
        </g>
        <g class="open">
        <title>eni-0c1d can reach internet
        igw-0f9e igw-out: sends it out</title>
        <path d="M60 260L38 260L38 186L412 186L412 155"/>
        <path class="reach" d="M60 260L38 260L38 186L412 186L412 155"/>
        <polygon class="head" points="412,155 415,162 409,162"/>
        <path d="M412 121L412 74"/>
        <path class="reach" d="M412 121L412 74"/>
        <polygon class="head" points="412,74 415,81 409,81"/>
        </g>
        <g class="legend">
        <g class="open key">
        <path d="M20 401L48 401"/>
        <path class="reach" d="M20 401L48 401"/>
        <polygon class="head" points="48,401 41,398 41,404"/>
        </g>
        <text class="small grey" x="58" y="405">open path</text>
        <g class="lost key">
        <path d="M140 401L168 401" stroke-dashoffset="0"/>
        <path class="reach" d="M140 401L168 401"/>
        <circle cx="168" cy="401" r="4"/>
        </g>
        <text class="small grey" x="178" y="405">lost from sight</text>
        <text class="small grey" x="290" y="405">rest on a line for its hops</text>
        </g>
        </svg>
    "#]]
    .assert_eq(&svg.replace(style, "<style>…</style>"));
}

#[test]
fn red_lines_are_the_open_paths_and_amber_ones_those_lost_from_sight() {
    for (name, told, all) in drawings() {
        for (class, paths) in [("open", &told.paths), ("lost", &told.unknown)] {
            let drawn: Vec<&Element> = all.iter().filter(|own| own.name == "g" && own.class() == class).collect();
            assert_eq!(drawn.len(), paths.len(), "{name}: {class}");
            let lines = all.iter().filter(|own| own.name == "path" && !own.is_key() && own.class() == "reach");
            let lines = lines.filter(|own| own.within.iter().any(|own| own == class)).count();
            let legs: usize = paths.iter().map(|path| (path.stations.len() - 1).max(1)).sum();
            assert_eq!(lines, legs, "{name}: {class}");
        }
        let elsewhere = all.iter().filter(|own| ["path", "polygon", "circle"].contains(&own.name.as_str()));
        let coloured =
            |own: &&Element| !own.within.iter().any(|own| own.starts_with("open") || own.starts_with("lost"));
        assert_eq!(elsewhere.filter(coloured).count(), 0, "{name}");
    }
}

#[test]
fn a_line_goes_from_the_sender_to_the_end() {
    let (outline, told) = asked(&mut opened(), Some(ENI_INSTANCE), Some("internet"));
    let all = elements(&paths_svg(&outline, &told));
    let lines: Vec<_> =
        all.iter().filter(|own| own.name == "path" && own.within.iter().any(|own| own == "open")).collect();
    let lines: Vec<_> = lines.into_iter().filter(|own| own.class().is_empty() && !own.is_key()).collect();
    let (first, last) = (lines[0].points()[0], *lines[1].points().last().unwrap());
    let boxes: Vec<Rect> = all.iter().filter(|own| own.class() == "box").map(Element::rect).collect();
    let titles: Vec<&Element> =
        all.iter().filter(|own| own.name == "title" && own.within.iter().any(|own| own == "subnet")).collect();
    let sender = titles.iter().position(|own| own.text.starts_with(SUBNET_A)).unwrap();
    assert_eq!(first.0, boxes[sender].x);
    assert!((boxes[sender].y..boxes[sender].bottom()).contains(&first.1));
    let internet = all.iter().find(|own| own.class() == "gateway").unwrap().rect();
    assert_eq!(last.1, internet.bottom());
    let title = all.iter().find(|own| own.name == "title" && own.within.iter().any(|own| own == "open")).unwrap();
    let from = format!("{ENI_INSTANCE} (i-0b1c2d3e4f5a60001, {SUBNET_A}) can reach internet: tcp 443 from");
    assert!(title.text.starts_with(&from), "{}", title.text);
    assert!(title.text.contains(&format!("{SG_WORKLOAD} egress tcp 443 to 0.0.0.0/0")), "{}", title.text);
}

#[test]
fn a_line_between_vpcs_goes_through_what_joins_them() {
    let (outline, told) = asked(&mut peered(), Some(SUBNET_A), Some(OTHER_VPC));
    assert_eq!(outline.vpcs.iter().map(|vpc| vpc.id.as_str()).collect::<Vec<_>>(), [VPC, OTHER_VPC]);
    let by_peering: Vec<&ToldPath> =
        told.paths.iter().filter(|path| path.stations.iter().any(|id| id.starts_with("pcx-"))).collect();
    assert_eq!(by_peering.len(), 1);
    assert_eq!(by_peering[0].stations, [SUBNET_A, "pcx-0e1d2c3b4a5960002", OTHER_SUBNET]);
}

#[test]
fn only_the_networks_of_the_question_are_drawn() {
    for (from, to, vpcs) in [
        (Some(VPC), Some("internet"), vec![VPC]),
        (Some(OTHER_VPC), Some("internet"), vec![OTHER_VPC]),
        (Some("10.77.1.0/28"), Some("internet"), vec![OTHER_VPC]),
        (None, Some("internet"), vec![VPC, OTHER_VPC]),
        (None, None, vec![VPC, OTHER_VPC]),
        (Some(TRANSIT_GATEWAY), Some("internet"), vec![VPC]),
    ] {
        let (outline, _) = asked(&mut known_good(), from, to);
        assert_eq!(outline.vpcs.iter().map(|vpc| vpc.id.as_str()).collect::<Vec<_>>(), vpcs, "{from:?} {to:?}");
    }
}

#[test]
fn every_subnet_is_there_and_none_covers_another() {
    let mut env = large();
    let (outline, told) = asked(&mut env, Some(VPC), Some("internet"));
    let all = elements(&paths_svg(&outline, &told));
    let titles = all.iter().filter(|own| own.name == "title" && own.within.iter().any(|own| own == "subnet"));
    let drawn: BTreeSet<&str> = titles.filter_map(|own| own.text.lines().next()).collect();
    let there = env.ec2().subnets.seen().filter(|subnet| subnet.vpc_id == VPC);
    assert_eq!(drawn, there.map(|subnet| subnet.id.as_str()).collect());
    assert_eq!(drawn.len(), 60);
    for (name, _, all) in drawings() {
        let boxes: Vec<Rect> =
            all.iter().filter(|own| ["box", "gateway"].contains(&own.class())).map(Element::rect).collect();
        let zones: Vec<Rect> = all.iter().filter(|own| own.class() == "zone").map(Element::rect).collect();
        for (at, one) in boxes.iter().enumerate() {
            let others = boxes.iter().skip(at + 1).filter(|other| !one.holds(other));
            others.for_each(|other| assert!(!meet(one, other), "{name}: {one:?} and {other:?}"));
        }
        for (at, one) in zones.iter().enumerate() {
            zones.iter().skip(at + 1).for_each(|other| assert!(!meet(one, other), "{name}: {one:?} and {other:?}"));
        }
        let subnets = all.iter().filter(|own| own.class() == "box").map(Element::rect);
        subnets.for_each(|own| assert!(zones.iter().any(|zone| zone.holds(&own)), "{name}: {own:?} is in no zone"));
    }
}

fn meet(one: &Rect, other: &Rect) -> bool {
    one.x < other.right() && other.x < one.right() && one.y < other.bottom() && other.y < one.bottom()
}

#[test]
fn nothing_leaves_the_picture_and_no_text_is_covered() {
    for (name, _, all) in drawings() {
        let page = Rect { x: 0, y: 0, width: all[0].number("width"), height: all[0].number("height") };
        let texts: Vec<(Rect, &str)> =
            all.iter().filter(|own| own.name == "text").map(|own| (own.span(), own.text.as_str())).collect();
        let rects = all.iter().filter(|own| own.name == "rect").map(Element::rect);
        for rect in rects.chain(texts.iter().map(|(span, _)| *span)) {
            assert!(page.holds(&rect), "{name}: {rect:?}");
        }
        for (at, (one, text)) in texts.iter().enumerate() {
            let covered = texts.iter().skip(at + 1).find(|(other, _)| meet(one, other));
            assert!(covered.is_none(), "{name}: {text} and {covered:?}");
        }
        for line in all.iter().filter(|own| own.name == "path") {
            for pair in line.points().windows(2) {
                let ((x, y), (to_x, to_y)) = (pair[0], pair[1]);
                assert!(x == to_x || y == to_y, "{name}: neither upright nor level");
                let width = (x - to_x).abs();
                let own = Rect { x: x.min(to_x), y: y.min(to_y), width: width + 1, height: (y - to_y).abs() + 1 };
                assert!(page.holds(&own), "{name}: {own:?}");
                let covered = texts.iter().find(|(text, _)| meet(&own, text));
                assert!(covered.is_none(), "{name}: {own:?} goes through {covered:?}");
            }
        }
    }
}

#[test]
fn names_cannot_break_the_picture() {
    let mut env = opened();
    let hostile = format!("</title><script>alert(1)</script>&amp;\"'{HOSTILE}");
    env.subnet(SUBNET_A, |subnet| drop(subnet.tags.insert("Name".to_owned(), hostile.clone())));
    env.vpc(|vpc| drop(vpc.tags.insert("Name".to_owned(), format!("<&>\"'{HOSTILE}"))));
    env.group(SG_WORKLOAD, |group| group.name = "<b>&".to_owned());
    env.zone("euw1-az1", |zone| zone.name = "<&\u{0}".to_owned());
    env.endpoint("sts", |own| own.service_name = "<x>&\u{1}".to_owned());
    let (outline, mut told) = asked(&mut env, Some(VPC), None);
    told.to = hostile.clone();
    told.paths.iter_mut().for_each(|path| path.to = hostile.clone());
    let svg = paths_svg(&outline, &told);
    let all = elements(&svg);
    let names: BTreeSet<&str> = all.iter().map(|own| own.name.as_str()).collect();
    let drawn = ["circle", "g", "path", "polygon", "rect", "style", "svg", "text", "title"];
    assert_eq!(names, BTreeSet::from(drawn));
    assert!(all.iter().any(|own| own.name == "text" && own.text == "&lt;b&gt;&amp;"));
    assert!(svg.contains("&lt;script&gt;alert(1)") && svg.contains(r"\u{1b}[2J"));
    for outer in ["http://www.w3.org/2000/svg", "url(", "@import", "href"] {
        let number = usize::from(outer.starts_with("http"));
        assert_eq!(svg.matches(outer).count(), number, "self-contained: {outer}");
    }
}
