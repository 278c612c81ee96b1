//! The marks of a drawing, as SVG.

use std::fmt::Write as _;

use super::label::xml;

/// A rectangle, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

impl Rect {
    pub(super) fn right(&self) -> i32 {
        self.x + self.width
    }

    pub(super) fn bottom(&self) -> i32 {
        self.y + self.height
    }

    /// Whether another one is within it.
    pub(super) fn holds(&self, other: &Rect) -> bool {
        self.x <= other.x && self.y <= other.y && other.right() <= self.right() && other.bottom() <= self.bottom()
    }

    pub(super) fn middle(&self) -> (i32, i32) {
        (self.x + self.width / 2, self.y + self.height / 2)
    }
}

/// A number of things as a number of pixels.
pub(super) fn px(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX / 1024).min(i32::MAX / 1024)
}

/// How wide a fixed-pitch font sets that many columns, in tenths of pixels of a column.
pub(super) fn wide(columns: usize, tenths: i32) -> i32 {
    (px(columns).saturating_mul(tenths) + 9) / 10
}

/// A column of the font of 11 pixels, and of the small one of 10, in tenths of pixels.
pub(super) const COLUMN: i32 = 67;
pub(super) const SMALL_COLUMN: i32 = 61;

const STYLE: &str = "text{font:11px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#222}\
.small{font-size:10px}.bold{font-weight:bold}.grey{fill:#666}\
.page{fill:#fff}.vpc{fill:#fff;stroke:#333;stroke-width:1.5}.zone{fill:#f5f5f5;stroke:#999;stroke-dasharray:5 3}\
.box{fill:#fff;stroke:#777}.gateway{fill:#e8e8e8;stroke:#444}.chip{fill:#f0f0f0;stroke:#aaa}\
.open path,.lost path{fill:none;stroke-width:1.8;stroke-linejoin:round}\
.open path{stroke:#c00}.lost path{stroke:#b36b00;stroke-dasharray:6 4}\
.open .head{fill:#c00;stroke:none}.lost .head{fill:#b36b00;stroke:none}.lost circle{fill:#fff;stroke:#b36b00;stroke-width:1.8}\
.open .reach,.lost .reach{stroke-opacity:0;stroke-width:9;stroke-dasharray:none}";

/// A dash with the gap after it, as the style has them.
const DASH: i32 = 10;

fn data(points: &[(i32, i32)]) -> String {
    let points = points.iter().map(|(x, y)| format!("{x} {y}"));
    format!("M{}", points.collect::<Vec<_>>().join("L"))
}

/// A drawing under way.
pub(super) struct Canvas {
    out: String,
}

impl Canvas {
    pub(super) fn new(width: i32, height: i32, title: &str) -> Self {
        let mut canvas = Canvas { out: String::new() };
        let size = format!("width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\"");
        canvas.line(&format!("<svg xmlns=\"http://www.w3.org/2000/svg\" {size}>"));
        canvas.title(&[title.to_owned()]);
        canvas.line(&format!("<style>{STYLE}</style>"));
        canvas.rect("page", Rect { x: 0, y: 0, width, height });
        canvas
    }

    pub(super) fn finish(mut self) -> String {
        self.line("</svg>");
        self.out
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// What is shown where the pointer rests, a line for each.
    fn title(&mut self, lines: &[String]) {
        let lines: Vec<String> = lines.iter().map(|line| xml(line)).collect();
        self.line(&format!("<title>{}</title>", lines.join("\n")));
    }

    /// Marks that belong together.
    pub(super) fn group(&mut self, class: &str, title: &[String], marks: impl FnOnce(&mut Self)) {
        self.line(&format!("<g class=\"{class}\">"));
        if !title.is_empty() {
            self.title(title);
        }
        marks(self);
        self.line("</g>");
    }

    pub(super) fn rect(&mut self, class: &str, rect: Rect) {
        let Rect { x, y, width, height } = rect;
        let _ = writeln!(
            self.out,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"3\"/>"
        );
    }

    /// Text that has been cut to its room, its baseline at `y`.
    pub(super) fn text(&mut self, class: &str, x: i32, y: i32, text: &str) {
        let class = match class.trim() {
            "" => String::new(),
            class => format!(" class=\"{class}\""),
        };
        let _ = writeln!(self.out, "<text{class} x=\"{x}\" y=\"{y}\">{}</text>", xml(text));
    }

    /// A line through points, with as much room around it as a pointer needs.
    pub(super) fn line_through(&mut self, points: &[(i32, i32)], dashed: bool) {
        if dashed {
            points.windows(2).for_each(|pair| self.dashes(pair));
        } else {
            self.line(&format!("<path d=\"{}\"/>", data(points)));
        }
        self.line(&format!("<path class=\"reach\" d=\"{}\"/>", data(points)));
    }

    /// A part of a dashed line. Dashes are at the same places in all lines that share a track, so that they stay dashes.
    fn dashes(&mut self, pair: &[(i32, i32)]) {
        let &[one, other] = pair else { return };
        let (from, to) = (one.min(other), one.max(other));
        let begin = if from.1 == to.1 { from.0 } else { from.1 };
        let offset = begin.rem_euclid(DASH);
        self.line(&format!("<path d=\"{}\" stroke-dashoffset=\"{offset}\"/>", data(&[from, to])));
    }

    /// The head of an arrow from one point to another.
    pub(super) fn head(&mut self, from: (i32, i32), to: (i32, i32)) {
        let (across, along) = (3, 7);
        let (dx, dy) = ((to.0 - from.0).signum(), (to.1 - from.1).signum());
        let base = (to.0 - dx * along, to.1 - dy * along);
        let (left, right) =
            ((base.0 - dy * across, base.1 - dx * across), (base.0 + dy * across, base.1 + dx * across));
        let _ = writeln!(
            self.out,
            "<polygon class=\"head\" points=\"{},{} {},{} {},{}\"/>",
            to.0, to.1, left.0, left.1, right.0, right.1
        );
    }

    /// The end of what is lost from sight.
    pub(super) fn ring(&mut self, (x, y): (i32, i32)) {
        self.line(&format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"4\"/>"));
    }
}
