//! One variable of a comparison as a table: rows that stand for all its values, and for each
//! test of a statement in which rows it holds. Actions and resources are here, callers in
//! `representatives`, condition keys in `keys`; searching the tables is in `boxes`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::answer::Answer;
use crate::boxes::MOST_ROWS;
use crate::classes::{Class, Colons, Letter, Source, Steps, Universe, classes};
use crate::compiled::{Odd, PolicyKind, has_type};
use crate::document::{Actions, Resources, Sense};
use crate::matching::ends_segments_only;
use crate::pattern::{Pattern, Token, Variables, normal};
use crate::trial::Slot;

/// The account that witnesses are of, where no policy says another.
pub(crate) const HOME: &str = "111122223333";
/// The caller of witnesses, where no policy says another.
pub(crate) const HOME_ROLE: &str = "arn:aws:iam::111122223333:role/plumbline-role";
/// A question that `Resource` patterns leave open.
const COLONS: &str = "whether a wildcard inside a segment of a Resource passes a colon after the fifth";
/// Most patterns with a variable that one text may belong to.
const MOST_HOLES: usize = 8;
/// Most looks at what patterns with variables may take together.
const MOST_LOOKS: usize = 500_000;

/// What a row stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Value {
    Absent,
    One(String),
    Many(Vec<String>),
}

/// Whether a test holds in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Cell {
    No,
    Yes,
    /// If the open question with this number is answered so.
    If(usize, bool),
}

impl Cell {
    pub(crate) fn negated(self) -> Cell {
        match self {
            Cell::No => Cell::Yes,
            Cell::Yes => Cell::No,
            Cell::If(open, answer) => Cell::If(open, !answer),
        }
    }

    pub(crate) fn of(holds: bool) -> Cell {
        if holds { Cell::Yes } else { Cell::No }
    }
}

/// What has no settled meaning. The same question has the same answer in both documents.
#[derive(Debug, Default)]
pub(crate) struct Opens(Vec<String>);

impl Opens {
    pub(crate) fn ask(&mut self, question: String) -> Cell {
        let place = self.0.iter().position(|own| *own == question).unwrap_or_else(|| {
            self.0.push(question);
            self.0.len() - 1
        });
        Cell::If(place, true)
    }

    /// Whether any of the tests holds.
    pub(crate) fn any(&mut self, cells: impl Iterator<Item = Cell>) -> Cell {
        let mut open: Vec<Cell> = Vec::new();
        for cell in cells {
            match cell {
                Cell::Yes => return Cell::Yes,
                Cell::No => {}
                open_cell if open.contains(&open_cell) => {}
                open_cell => open.push(open_cell),
            }
        }
        self.joined(open, "or")
    }

    /// Whether all of the tests hold.
    pub(crate) fn all(&mut self, cells: impl Iterator<Item = Cell>) -> Cell {
        let any = |cell: Cell| cell.negated();
        self.any(cells.map(any)).negated()
    }

    fn joined(&mut self, mut open: Vec<Cell>, word: &str) -> Cell {
        match open.as_slice() {
            [] => return Cell::No,
            [only] => return *only,
            _ => {}
        }
        open.sort_by_key(|cell| match cell {
            Cell::If(place, answer) => (*place, *answer),
            _ => (0, false),
        });
        let text = |cell: &Cell| match cell {
            Cell::If(place, answer) => format!("{}{}", if *answer { "" } else { "not " }, self.name(*place)),
            _ => String::new(),
        };
        let question = open.iter().map(text).collect::<Vec<_>>().join(&format!(" {word} "));
        self.ask(question)
    }

    pub(crate) fn name(&self, place: usize) -> &str {
        self.0.get(place).map(String::as_str).unwrap_or_default()
    }
}

/// What a variable of the policy language holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Nothing,
    Text(String),
    /// There is a value, and it can be any.
    Something,
}

/// What variables of the policy language hold, by key in lower case. Of others it is not said
/// whether they hold anything.
pub(crate) type Valuation = BTreeMap<String, Held>;

/// How a comparison reads what can be read in more than one way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    pub(crate) valuation: Valuation,
    /// What `decide` leaves open is open: else wildcards in partition, service and resource type
    /// of a `Resource` are wildcards, a `Resource` that is no ARN stands for what its wildcards
    /// reach, `{"AWS": "*"}` is everyone, and an empty value is a value to `Null`. Keys that every
    /// request has are there.
    pub(crate) plain: bool,
    /// A key, in lower case, that has one value at most whatever operators are on it.
    pub(crate) single: Option<String>,
    /// Those of the comparison.
    pub(crate) steps: Steps,
}

/// Cells of rows, one row after the other.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    cells: Vec<Cell>,
    width: usize,
    height: usize,
}

impl Grid {
    pub(crate) fn new(width: usize) -> Self {
        Grid { cells: Vec::new(), width, height: 0 }
    }

    /// A row, which has as many cells as the others.
    pub(crate) fn push(&mut self, row: impl IntoIterator<Item = Cell>) {
        self.cells.extend(row);
        self.height += 1;
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &[Cell]> {
        (0..self.height).map(|row| self.cells.get(row * self.width..(row + 1) * self.width).unwrap_or_default())
    }
}

/// Rows, and the cell of each test in each row.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) values: Vec<Value>,
    pub(crate) cells: Grid,
}

impl Column {
    pub(crate) fn new(tests: usize) -> Self {
        Column { values: Vec::new(), cells: Grid::new(tests) }
    }

    /// Adds a row unless another is the same to every test.
    pub(crate) fn add(&mut self, cells: &[Cell], value: impl FnOnce() -> Value) {
        if self.cells.rows().all(|own| own != cells) {
            self.push(cells, value);
        }
    }

    /// Adds a row, which may be as another.
    pub(crate) fn push(&mut self, cells: &[Cell], value: impl FnOnce() -> Value) {
        // One row more than the limit is enough to see that it is passed.
        if self.values.len() <= MOST_ROWS {
            self.values.push(value());
            self.cells.push(cells.iter().copied());
        }
    }

    pub(crate) fn checked(self, what: impl FnOnce() -> String) -> Result<Column, String> {
        if self.values.len() > MOST_ROWS {
            return Err(format!("{} is told apart in more than {MOST_ROWS} ways", what()));
        }
        Ok(self)
    }
}

/// The patterns of one variable, each once.
#[derive(Default)]
pub(crate) struct Texts<'a> {
    patterns: Vec<Source<'a>>,
}

/// Keys whose values never hold a colon (IAM API Reference, "CreateUser"; account ids).
const WITHOUT_COLON: &[&str] = &[
    "aws:username",
    "aws:principalaccount",
    "aws:resourceaccount",
    "aws:sourceaccount",
    "aws:principalorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
];

pub(crate) fn holds_no_colon(key: &str) -> bool {
    WITHOUT_COLON.iter().any(|own| own.eq_ignore_ascii_case(key))
}

impl<'a> Texts<'a> {
    /// Tokens are in normal form.
    pub(crate) fn add(&mut self, tokens: impl Into<Cow<'a, [Token]>>, folds: bool, colons: Colons) -> usize {
        let new = Source { tokens: tokens.into(), folds, colons };
        self.patterns.iter().position(|own| *own == new).unwrap_or_else(|| {
            self.patterns.push(new);
            self.patterns.len() - 1
        })
    }

    /// A text of each class. A pattern with a variable may or may not take a text that it takes
    /// with the variable as any text; only what is impossible for every value is left out: what
    /// it takes with the variable as one letter more, others take with that letter too.
    pub(crate) fn classes(&self, universe: Universe, steps: &Steps) -> Option<Vec<Class>> {
        let found = classes(&self.patterns, universe, &[], steps)?;
        let mut letters: Vec<Letter> = Vec::new();
        let mut holed: Vec<usize> = Vec::new();
        for (at, pattern) in self.patterns.iter().enumerate() {
            for token in &*pattern.tokens {
                let Token::Hole(inside) = token else {
                    continue;
                };
                if !holed.contains(&at) {
                    holed.push(at);
                }
                if letters.iter().all(|letter| letter.inside != **inside) {
                    letters.push(Letter { inside: inside.to_string(), without_colon: holds_no_colon(inside) });
                }
            }
        }
        if holed.is_empty() {
            return Some(found);
        }
        let with_letters = classes(&self.patterns, universe, &letters, steps)?;
        let mut all = Vec::new();
        let mut looks = 0;
        for class in found {
            let perhaps: Vec<usize> = holed.iter().copied().filter(|at| class.is_taken_by(*at)).collect();
            if perhaps.len() > MOST_HOLES {
                return None;
            }
            let more = with_letters.len() << perhaps.len();
            looks += more;
            if looks > MOST_LOOKS || !steps.spend(more) {
                return None;
            }
            for choice in 0..1_usize << perhaps.len() {
                let chosen =
                    |at: &usize| perhaps.iter().position(|own| own == at).is_none_or(|bit| choice >> bit & 1 == 1);
                let takers: Vec<usize> = class.takers.iter().copied().filter(|at| chosen(at)).collect();
                let takes = |at: &usize| takers.binary_search(at).is_ok();
                let possible = perhaps.iter().filter(|at| takes(at)).all(|at| {
                    with_letters.iter().any(|other| other.is_taken_by(*at) && other.takers.iter().all(&takes))
                });
                if possible {
                    all.push(Class { text: class.text.clone(), takers });
                }
            }
        }
        Some(all)
    }
}

/// A pattern with variables replaced; None where one has no value. What can be any value is
/// left as a variable.
pub(crate) fn filled<'a>(tokens: Cow<'a, [Token]>, valuation: &Valuation) -> Option<Cow<'a, [Token]>> {
    if !tokens.iter().any(|token| matches!(token, Token::Hole(_))) {
        return Some(tokens);
    }
    let mut all = Vec::with_capacity(tokens.len());
    for token in &*tokens {
        let Token::Hole(inside) = token else {
            all.push(token.clone());
            continue;
        };
        let Some(slot) = Slot::read(inside) else {
            all.push(token.clone());
            continue;
        };
        // The key without regard to case, so that the same variable is the same letter.
        let key = slot.key.to_ascii_lowercase();
        match (valuation.get(&key), slot.default) {
            (Some(Held::Text(text)), _) => all.extend(text.chars().map(Token::Literal)),
            (Some(Held::Nothing), Some(text)) => all.extend(text.chars().map(Token::Literal)),
            (Some(Held::Nothing), None) => return None,
            (Some(Held::Something), _) | (None, None) => all.push(Token::Hole(Box::new(key))),
            (None, Some(text)) => all.push(Token::Hole(Box::new(format!("{key}, '{text}'")))),
        }
    }
    Some(normal(all).into())
}

/// `Action` and `NotAction`: a test for each.
pub(crate) fn actions<'a>(tests: &[&'a Actions], steps: &Steps) -> Result<Column, String> {
    let mut texts = Texts::default();
    let mut read = |pattern: &'a Pattern| texts.add(pattern.tokens(), true, Colons::Plain);
    let lists: Vec<(Sense, Vec<usize>)> =
        tests.iter().map(|a| (a.sense, a.patterns.iter().map(&mut read).collect())).collect();
    let found = texts.classes(Universe::Action, steps);
    let mut found = found.ok_or("the patterns of actions combine in too many ways")?;
    // An action that some pattern names tells more; whether a role can be assumed, other policies
    // say too.
    found.sort_by_key(|class| (class.takers.is_empty(), class.text.starts_with("sts:assumerole")));
    let mut column = Column::new(tests.len());
    let mut cells: Vec<Cell> = Vec::with_capacity(tests.len());
    for class in found {
        cells.clear();
        cells.extend(lists.iter().map(|(sense, list)| {
            let listed = Cell::of(list.iter().any(|at| class.is_taken_by(*at)));
            if *sense == Sense::Only { listed } else { listed.negated() }
        }));
        column.add(&cells, || Value::One(written(class.text, tests)));
    }
    column.checked(|| "the action".to_owned())
}

/// The action in the letters of the policy, where it writes it out.
fn written(folded: String, tests: &[&Actions]) -> String {
    let mut named = tests.iter().flat_map(|test| &test.patterns).map(Pattern::text);
    named.find(|text| text.eq_ignore_ascii_case(&folded)).map_or(folded, str::to_owned)
}

/// How one pattern of `Resource` is read.
enum Target {
    Everything,
    /// Its meaning is not settled.
    Open {
        open: Cell,
        /// None where it may be any resource.
        over: Option<usize>,
        /// It may be the resource `*`.
        of_all: bool,
    },
    Arn {
        written: Form,
        completed: Option<Form>,
        short: Cell,
    },
}

struct Form {
    strict: Option<usize>,
    loose: Option<usize>,
    /// Matches only if this open question is answered so.
    only_if: Cell,
    /// The same, for wildcards in partition or service, and in the resource type.
    odd: [Cell; 2],
}

/// `Resource` and `NotResource`, each with the kind of its policy: a test for each.
pub(crate) fn resources(
    tests: &[(&Resources, PolicyKind)],
    reading: &Reading,
    opens: &mut Opens,
) -> Result<Column, String> {
    let mut texts = Texts::default();
    let mut lists: Vec<(Sense, PolicyKind, Vec<Target>)> = Vec::new();
    for (test, kind) in tests {
        let targets = test.patterns.iter().map(|p| target(p, *kind, test.sense, reading, &mut texts, opens));
        lists.push((test.sense, *kind, targets.collect()));
    }
    if reading.plain {
        // Whether a resource has a type.
        for shape in ["*:*:*:*:*:*/*", "*:*:*:*:*:*:*"] {
            texts.add(Pattern::glob(shape, Variables::Plain).into_tokens(), false, Colons::Arn);
        }
    }
    let found = texts.classes(Universe::Arn, &reading.steps);
    let mut found = found.ok_or("the patterns of resources combine in too many ways")?;
    found.sort_by_key(|class| class.takers.is_empty());
    let unnamed = found.iter().position(|class| class.takers.is_empty()).unwrap_or(found.len());
    let mut column = Column::new(tests.len());
    let colons = opens.ask(COLONS.to_owned());
    let (mut cells, mut each): (Vec<Cell>, Vec<Cell>) = (Vec::with_capacity(tests.len()), Vec::new());
    for place in 0..=found.len() {
        // The resource `*`, of actions without resource types, after those that have a name.
        let class = match place.cmp(&unnamed) {
            std::cmp::Ordering::Less => found.get_mut(place),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => found.get_mut(place - 1),
        };
        cells.clear();
        for (sense, kind, targets) in &lists {
            each.clear();
            for target in targets {
                each.push(met(target, class.as_deref(), *kind, colons, opens));
            }
            let listed = opens.any(each.iter().copied());
            cells.push(if *sense == Sense::Only { listed } else { listed.negated() });
        }
        let text = || class.map_or_else(|| "*".to_owned(), |class| std::mem::take(&mut class.text));
        column.add(&cells, || Value::One(text()));
    }
    column.checked(|| "the resource".to_owned())
}

fn target<'a>(
    pattern: &'a Pattern,
    kind: PolicyKind,
    sense: Sense,
    reading: &Reading,
    texts: &mut Texts<'a>,
    opens: &mut Opens,
) -> Target {
    let text = pattern.text();
    if pattern.tokens() == [Token::Run] {
        return Target::Everything;
    }
    if !pattern.begins_with("arn:") {
        // IAM takes none of these; what no wildcard could reach is not meant all the same.
        let open = opens.ask(format!("`{text}`, which is neither `*` nor an ARN"));
        if reading.plain {
            return Target::Open { open, over: None, of_all: true };
        }
        let over = Some(texts.add(over(pattern.tokens()), false, Colons::Plain));
        return Target::Open { open, over, of_all: pattern.matches("*") != Answer::No };
    }
    let mut form = |tokens| form(text, tokens, sense, reading, texts, opens);
    let written = form(pattern.tokens().into());
    let completed = pattern.completed_arn().map(|longer| form(longer.into_tokens().into()));
    let short = match completed {
        Some(_) if kind != PolicyKind::Identity => opens.ask(format!("the short ARN `{text}` in a {kind}")),
        _ => Cell::Yes,
    };
    Target::Arn { written, completed, short }
}

/// A reading of the pattern with this text.
fn form<'a>(
    text: &str,
    tokens: Cow<'a, [Token]>,
    sense: Sense,
    reading: &Reading,
    texts: &mut Texts<'a>,
    opens: &mut Opens,
) -> Form {
    let own = if reading.plain { Odd::of(&tokens) } else { Odd::default() };
    let mut odd = [Cell::Yes; 2];
    for (cell, (is_odd, place)) in
        odd.iter_mut().zip([(own.head, "partition or the service"), (own.of_type, "resource type")])
    {
        if is_odd {
            *cell = opens.ask(format!("a wildcard in the {place} of `{text}`"));
        }
    }
    let head = tokens.splitn(6, |t| *t == Token::Literal(':')).take(5);
    let early = head.flatten().any(|t| matches!(t, Token::Hole(_)));
    if early {
        let strict = texts.add(over(&tokens), false, Colons::Plain);
        let only_if = opens.ask(format!("a variable before the fifth colon of `{text}`"));
        return Form { strict: Some(strict), loose: None, only_if, odd };
    }
    let Some(tokens) = filled(tokens, &reading.valuation) else {
        let open = |opens: &mut Opens| opens.ask(format!("a variable without value in NotResource `{text}`"));
        let only_if = if sense == Sense::AllBut { open(opens) } else { Cell::No };
        // As if it took everything, where it is open.
        let strict = (sense == Sense::AllBut).then(|| texts.add(vec![Token::Run], false, Colons::Plain));
        return Form { strict, loose: None, only_if, odd };
    };
    let star_moved = text.contains("*?");
    let careful = star_moved || !ends_segments_only(&tokens);
    let colons = |loose| if careful { Colons::Resource { star_moved, loose } } else { Colons::Plain };
    let strict = Some(texts.add(tokens.clone(), false, colons(false)));
    let loose = careful.then(|| texts.add(tokens, false, colons(true)));
    Form { strict, loose, only_if: Cell::Yes, odd }
}

/// Variables as any text.
fn over(tokens: &[Token]) -> Vec<Token> {
    let any = |token: &Token| if matches!(token, Token::Hole(_)) { Token::Run } else { token.clone() };
    normal(tokens.iter().map(any).collect())
}

/// `class` is None for the resource `*`.
fn met(target: &Target, class: Option<&Class>, kind: PolicyKind, colons: Cell, opens: &mut Opens) -> Cell {
    let (written, completed, short) = match target {
        Target::Everything => return Cell::Yes,
        Target::Open { open, over, of_all } => {
            let perhaps = class.map_or(*of_all, |class| over.is_none_or(|over| class.is_taken_by(over)));
            return if perhaps { *open } else { Cell::No };
        }
        Target::Arn { written, completed, short } => (written, completed, short),
    };
    let Some(class) = class else {
        return Cell::No;
    };
    let mut holds = |form: &Form| {
        let takes = |machine: Option<usize>| machine.is_some_and(|machine| class.is_taken_by(machine));
        let glob = match (takes(form.strict), takes(form.loose)) {
            (true, _) => Cell::Yes,
            (false, true) => colons,
            (false, false) => Cell::No,
        };
        let [head, of_type] = form.odd;
        let of_type = if of_type == Cell::Yes || !has_type(&class.text) { Cell::Yes } else { of_type };
        opens.all([glob, form.only_if, head, of_type].into_iter())
    };
    let Some(completed) = completed else {
        return holds(written);
    };
    let completed = holds(completed);
    if kind == PolicyKind::Identity {
        return completed;
    }
    let written = holds(written);
    if written == completed && (kind != PolicyKind::Session || written == Cell::No) { written } else { *short }
}
