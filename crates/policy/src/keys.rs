//! A condition key as a table: absent, one value or several, and in which of these rows each
//! condition on the key holds. Callers, actions and resources are in `columns`.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use crate::answer::Answer;
use crate::classes::{Class, Colons, Universe};
use crate::columns::{self, Cell, Column, Grid, HOME, HOME_ROLE, Held, Opens, Texts, Valuation, Value, filled};
use crate::condition::{Base, Condition, Family, SetOperator};
use crate::measured;
use crate::pattern::{Pattern, Token, Variables};
use crate::values::{Network, Number, Reading, Time, read_address, read_base64};

/// Most combinations of several values that are looked at.
const MOST_SETS: usize = 4_096;
/// Keys that AWS puts into every request of a role, in lower case, and what they hold in one that
/// says nothing else (IAM User Guide, "AWS global condition context keys").
pub(crate) const IMPLIED: &[(&str, &str)] = &[
    ("aws:principalaccount", HOME),
    ("aws:principalarn", HOME_ROLE),
    ("aws:principalisawsservice", "false"),
    ("aws:principaltype", "AssumedRole"),
    ("aws:resourceaccount", HOME),
];
const SIX_PARTS: &str = "*:*:*:*:*:*";

/// What the values of a key are compared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Text,
    Number,
    Time,
    Bool,
    Digest,
    Address,
    /// An operator that is not known.
    None,
}

fn sort_of(base: Base) -> Option<Sort> {
    Some(match base.family() {
        Family::Null => return None,
        Family::Text | Family::Arn => Sort::Text,
        Family::Bool => Sort::Bool,
        Family::Address => Sort::Address,
        Family::Other => match base {
            Base::Unknown => Sort::None,
            Base::BinaryEquals => Sort::Digest,
            Base::DateEquals
            | Base::DateNotEquals
            | Base::DateLessThan
            | Base::DateLessThanEquals
            | Base::DateGreaterThan
            | Base::DateGreaterThanEquals => Sort::Time,
            _ => Sort::Number,
        },
    })
}

/// How a condition looks at one value.
enum Reader<'a> {
    /// The patterns, set operator aside; `short`: some value has fewer than six parts.
    Patterns {
        machines: Vec<usize>,
        arn: bool,
        short: bool,
    },
    Values(Vec<Bound<'a>>),
    Null,
    /// Its meaning is not settled.
    Open(Cell),
}

/// A value of a condition, read as what its operator compares.
enum Bound<'a> {
    Number(Reading<Number>),
    Time(Reading<Time>),
    Network(Reading<Network>),
    Text(&'a str),
    /// Its meaning is not settled.
    Open,
}

impl<'a> Bound<'a> {
    fn new(test: &Condition, text: &'a str, sort: Sort) -> Self {
        if test.variables == Variables::Live && text.contains("${") {
            return Bound::Open;
        }
        match sort {
            Sort::Number => Bound::Number(Number::read(text)),
            Sort::Time => Bound::Time(Time::read(text)),
            Sort::Address => Bound::Network(Network::read(text)),
            Sort::Bool if ["true", "false"].contains(&text) => Bound::Text(text),
            Sort::Digest if matches!(read_base64(text), Reading::Is(_)) => Bound::Text(text),
            _ => Bound::Open,
        }
    }
}

/// A value of a key, read as what its conditions compare.
enum Meant {
    Number(Reading<Number>),
    Time(Reading<Time>),
    Address(Reading<IpAddr>),
    Text,
}

impl Meant {
    fn new(text: &str, sort: Sort) -> Self {
        match sort {
            Sort::Number => Meant::Number(Number::read(text)),
            Sort::Time => Meant::Time(Time::read(text)),
            Sort::Address => Meant::Address(read_address(text)),
            _ => Meant::Text,
        }
    }
}

/// The table of one key: a test for each condition. `key` is in lower case.
pub(crate) fn column(
    key: &str,
    tests: &[&Condition],
    how: &columns::Reading,
    opens: &mut Opens,
) -> Result<Column, String> {
    let valuation = &how.valuation;
    let mut sorts: Vec<Sort> = tests.iter().filter_map(|test| sort_of(test.operator.base)).collect();
    sorts.dedup();
    let sort = match sorts.as_slice() {
        [] => Sort::Text,
        [first, rest @ ..] if rest.iter().all(|sort| sort == first) => *first,
        _ => Sort::None,
    };
    let mut texts = Texts::default();
    let mut readers = Vec::with_capacity(tests.len());
    for test in tests {
        readers.push(reader(test, sort, valuation, &mut texts, opens));
    }
    let wanted = valuation.get(key);
    let only = match wanted {
        Some(Held::Text(text)) => {
            let tokens: Vec<Token> = text.chars().map(Token::Literal).collect();
            Some(texts.add(tokens, false, Colons::Plain))
        }
        _ => None,
    };
    // What the key holds in a request of the caller that a witness has.
    let implied = IMPLIED.iter().find(|(own, _)| *own == key).map(|(_, text)| *text);
    if let (Some(text), Sort::Text, None) = (implied, sort, wanted) {
        texts.add(Pattern::literal(text, Variables::Plain).into_tokens(), false, Colons::Plain);
    }
    let six = (readers.iter())
        .any(|reader| matches!(reader, Reader::Patterns { arn: true, .. }))
        .then(|| texts.add(Pattern::glob(SIX_PARTS, Variables::Plain).into_tokens(), false, Colons::Plain));
    let mut found: Vec<Class> = match sort {
        Sort::Text => texts
            .classes(Universe::Any, &how.steps)
            .ok_or_else(|| format!("the patterns of `{key}` combine in too many ways"))?,
        other => plain(other, key, tests).into_iter().map(|text| Class { text, takers: Vec::new() }).collect(),
    };
    match (wanted, only) {
        (Some(Held::Nothing), _) => found.clear(),
        (Some(Held::Text(_)), Some(only)) if sort == Sort::Text => found.retain(|class| class.is_taken_by(only)),
        (Some(Held::Text(text)), _) => found.retain(|class| class.text == *text),
        (Some(Held::Something) | None, _) => {}
    }
    // An empty value is a value, and the last that a witness should have.
    found.sort_by_key(|class| (implied != Some(class.text.as_str()), class.text.is_empty()));
    let mut grid = Grid::new(tests.len());
    for class in &found {
        let meant = Meant::new(&class.text, sort);
        let each = tests.iter().zip(&readers);
        grid.push(each.map(|(test, reader)| one(test, reader, (class, &meant), six, how.plain, opens)));
    }
    let texts = found.into_iter().map(|class| class.text);
    let mut column = Column::new(tests.len());
    let absent_cells: Vec<Cell> =
        tests.iter().zip(&readers).map(|(test, reader)| absent(test, reader, opens)).collect();
    let may_be_absent = !matches!(wanted, Some(Held::Text(_) | Held::Something));
    // The last that a witness should lack is what every request has.
    if may_be_absent && implied.is_none() {
        column.add(&absent_cells, || Value::Absent);
    }
    // A single-valued key, or a variable, which no multivalued key can be.
    let single = wanted.is_some() || how.single.as_deref() == Some(key);
    if single || tests.iter().all(|test| test.operator.set == SetOperator::None) {
        let mut cells: Vec<Cell> = Vec::with_capacity(tests.len());
        for (text, own) in texts.zip(grid.rows()) {
            cells.clear();
            cells.extend(own);
            // To a set operator an empty value alone is none.
            let sets = tests.iter().zip(&readers).zip(&mut cells).filter(|((test, _), _)| is_set(test));
            for ((test, reader), cell) in sets.filter(|_| text.is_empty()) {
                *cell = absent(test, reader, opens);
            }
            column.add(&cells, || Value::One(text));
        }
    } else {
        let rows = texts.zip(grid.rows()).filter(|(text, _)| !text.is_empty()).collect();
        several(tests, rows, &mut column, opens)
            .ok_or_else(|| format!("the values of `{key}` combine in too many ways"))?;
    }
    if may_be_absent && implied.is_some() {
        column.add(&absent_cells, || Value::Absent);
    }
    column.checked(|| format!("`{key}`"))
}

fn is_set(test: &Condition) -> bool {
    test.operator.set != SetOperator::None
}

/// The text of a condition, for naming it.
fn named(test: &Condition) -> String {
    format!("`{}` on `{}` with `{}`", test.operator.text(), test.key, test.values.join("`, `"))
}

fn reader<'a>(
    test: &'a Condition,
    sort: Sort,
    valuation: &Valuation,
    texts: &mut Texts<'_>,
    opens: &mut Opens,
) -> Reader<'a> {
    if test.operator.base == Base::Null {
        return Reader::Null;
    }
    if sort == Sort::None {
        return Reader::Open(opens.ask(named(test)));
    }
    if sort != Sort::Text {
        return Reader::Values(test.values.iter().map(|value| Bound::new(test, value, sort)).collect());
    }
    let arn = test.operator.base.family() == Family::Arn;
    let colons = if arn { Colons::Arn } else { Colons::Plain };
    let (mut machines, mut short) = (Vec::new(), false);
    for pattern in test.patterns() {
        let folds = pattern.ignores_case();
        let Some(tokens) = filled(pattern.into_tokens().into(), valuation) else {
            continue;
        };
        if arn && tokens.iter().filter(|t| **t == Token::Literal(':')).count() < 5 {
            short = true;
            continue;
        }
        machines.push(texts.add(tokens.into_owned(), folds, colons));
    }
    Reader::Patterns { machines, arn, short }
}

/// Values that stand for all of a sort that is no text.
fn plain(sort: Sort, key: &str, tests: &[&Condition]) -> Vec<String> {
    let named: Vec<&str> = tests.iter().flat_map(|test| &test.values).map(String::as_str).collect();
    match sort {
        Sort::Number => measured::numbers(&named),
        Sort::Time => measured::times(&named, key == "aws:epochtime"),
        Sort::Address => measured::addresses(&named),
        Sort::Bool => vec!["true".to_owned(), "false".to_owned()],
        Sort::Digest => {
            let fresh =
                (0..=named.len()).map(|at| format!("AAA{}", char::from(b'A' + u8::try_from(at % 26).unwrap_or(0))));
            named
                .iter()
                .map(|text| (*text).to_owned())
                .filter(|text| matches!(read_base64(text), Reading::Is(_)))
                .chain(fresh)
                .collect()
        }
        Sort::Text | Sort::None => vec!["x".to_owned()],
    }
}

/// Whether the comparison holds for one value of the key, set operator aside.
fn one(
    test: &Condition,
    reader: &Reader<'_>,
    (class, meant): (&Class, &Meant),
    six: Option<usize>,
    plain: bool,
    opens: &mut Opens,
) -> Cell {
    let negated = test.operator.base.is_negated();
    let listed = match reader {
        Reader::Open(cell) => return *cell,
        Reader::Null if plain && class.text.is_empty() && test.null_holds(true) != test.null_holds(false) => {
            return opens.ask(format!("`Null` on an empty value of `{}`", test.key));
        }
        Reader::Null => {
            return answered(test, test.null_holds(false), opens);
        }
        Reader::Patterns { machines, arn, short } => {
            let malformed = *arn && (*short || six.is_some_and(|six| !class.is_taken_by(six)));
            if machines.iter().any(|machine| class.is_taken_by(*machine)) {
                Cell::Yes
            } else if malformed && negated {
                opens.ask("whether a negated ARN operator holds with fewer than six parts".to_owned()).negated()
            } else {
                Cell::No
            }
        }
        Reader::Values(bounds) => {
            match Answer::any(bounds.iter().map(|own| meets(test.operator.base, own, meant, &class.text))) {
                Answer::Undecidable => opens.ask(named(test)),
                settled => Cell::of(settled.is_yes()),
            }
        }
    };
    if negated { listed.negated() } else { listed }
}

fn answered(test: &Condition, answer: Answer, opens: &mut Opens) -> Cell {
    match answer {
        Answer::Yes => Cell::Yes,
        Answer::No => Cell::No,
        Answer::Undecidable => opens.ask(named(test)),
    }
}

/// Of operators that compare by value: whether one value of the policy is met.
fn meets(base: Base, own: &Bound<'_>, value: &Meant, text: &str) -> Answer {
    match (own, value) {
        (Bound::Number(own), Meant::Number(value)) => compared(base, value, own),
        (Bound::Time(own), Meant::Time(value)) => compared(base, value, own),
        (Bound::Network(Reading::Is(range)), Meant::Address(Reading::Is(address))) => {
            Answer::from(range.holds(address))
        }
        (Bound::Network(Reading::Malformed), _) if !base.is_negated() => Answer::No,
        (Bound::Text(own), _) => Answer::from(*own == text),
        _ => Answer::Undecidable,
    }
}

fn compared<T: Ord>(base: Base, value: &Reading<T>, own: &Reading<T>) -> Answer {
    let (Reading::Is(value), Reading::Is(own)) = (value, own) else {
        let no = matches!(own, Reading::Malformed) && !base.is_negated();
        return if no { Answer::No } else { Answer::Undecidable };
    };
    Answer::from(match base {
        Base::NumericLessThan | Base::DateLessThan => value < own,
        Base::NumericLessThanEquals | Base::DateLessThanEquals => value <= own,
        Base::NumericGreaterThan | Base::DateGreaterThan => value > own,
        Base::NumericGreaterThanEquals | Base::DateGreaterThanEquals => value >= own,
        _ => value == own,
    })
}

/// Of a request without the key.
fn absent(test: &Condition, reader: &Reader<'_>, opens: &mut Opens) -> Cell {
    match reader {
        Reader::Open(cell) if test.operator.base == Base::Unknown => *cell,
        _ => answered(test, test.holds_when_absent(), opens),
    }
}

/// What tests see of a set of values: for each test whether some value meets it, some might,
/// and some does not.
type Seen = Vec<(bool, Vec<Cell>, bool)>;

/// Sets of values, each a smallest one of those that no test tells apart. An empty value beside
/// others, or alone, counts as none (IAM User Guide, "Single-valued vs. multivalued context
/// keys"), so no set holds one.
fn several(tests: &[&Condition], rows: Vec<(String, &[Cell])>, column: &mut Column, opens: &mut Opens) -> Option<()> {
    let mut known: HashMap<Vec<Cell>, ()> = HashMap::new();
    let mut queue: VecDeque<(Vec<usize>, Seen)> = VecDeque::new();
    let look = |seen: &Seen, cells: &[Cell]| -> Seen {
        let join = |((yes, perhaps, no), cell): (&(bool, Vec<Cell>, bool), &Cell)| match cell {
            Cell::Yes => (true, perhaps.clone(), *no),
            Cell::No => (*yes, perhaps.clone(), true),
            open if perhaps.contains(open) => (*yes, perhaps.clone(), *no),
            open => (*yes, perhaps.iter().chain([open]).copied().collect(), *no),
        };
        seen.iter().zip(cells).map(join).collect()
    };
    let nothing: Seen = tests.iter().map(|_| (false, Vec::new(), false)).collect();
    // A condition without set operator takes no list.
    let lists = tests.iter().all(|test| is_set(test) || test.operator.base == Base::Null);
    for (at, (_, cells)) in rows.iter().enumerate() {
        queue.push_back((vec![at], look(&nothing, cells)));
    }
    let mut states: HashMap<(bool, Seen), ()> = HashMap::new();
    while let Some((set, seen)) = queue.pop_front() {
        let many = set.len() > 1;
        if states.insert((many, seen.clone()), ()).is_some() {
            continue;
        }
        if states.len() > MOST_SETS {
            return None;
        }
        let mut cells = Vec::with_capacity(tests.len());
        for (test, (yes, perhaps, no)) in tests.iter().zip(&seen) {
            cells.push(match test.operator.set {
                SetOperator::ForAllValues if *no => Cell::No,
                SetOperator::ForAllValues => opens.all(perhaps.iter().copied()),
                SetOperator::ForAnyValue if *yes => Cell::Yes,
                SetOperator::ForAnyValue => opens.any(perhaps.iter().copied()),
                // `Null` sees the key alone.
                SetOperator::None if many && test.operator.base != Base::Null => {
                    opens.ask(format!("{}, which has several values", named(test)))
                }
                SetOperator::None if *yes => Cell::Yes,
                SetOperator::None => opens.any(perhaps.iter().copied()),
            });
        }
        if known.insert(cells.clone(), ()).is_none() {
            let mut values: Vec<String> =
                set.iter().filter_map(|at| rows.get(*at)).map(|(text, _)| text.clone()).collect();
            let value = match values.pop() {
                Some(only) if values.is_empty() && !lists => Value::One(only),
                last => Value::Many(values.into_iter().chain(last).collect()),
            };
            column.add(&cells, || value);
        }
        for (at, (_, cells)) in rows.iter().enumerate() {
            if set.contains(&at) {
                continue;
            }
            let more = look(&seen, cells);
            if more != seen || !many {
                let mut set = set.clone();
                set.push(at);
                queue.push_back((set, more));
            }
        }
    }
    Some(())
}
