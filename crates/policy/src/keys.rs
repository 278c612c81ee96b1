//! A condition key as a table: absent, one value or several, and in which of these rows each
//! condition on the key holds. Callers, actions and resources are in `columns`.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use crate::answer::Answer;
use crate::classes::{Class, Colons, Universe};
use crate::columns::{self, Cell, Column, HOME, HOME_ROLE, Held, Opens, Texts, Valuation, Value, filled};
use crate::condition::{Base, Condition, Family, SetOperator};
use crate::measured;
use crate::pattern::{Token, Variables};
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
enum Reader {
    /// The patterns, set operator aside; `short`: some value has fewer than six parts.
    Patterns {
        machines: Vec<usize>,
        arn: bool,
        short: bool,
    },
    Values,
    Null,
    /// Its meaning is not settled.
    Open(Cell),
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
            Some(texts.add(&tokens, false, Colons::Plain))
        }
        _ => None,
    };
    // What the key holds in a request of the caller that a witness has.
    let implied = IMPLIED.iter().find(|(own, _)| *own == key).map(|(_, text)| *text);
    if let (Some(text), Sort::Text, None) = (implied, sort, wanted) {
        texts.add(crate::pattern::Pattern::literal(text, Variables::Plain).tokens(), false, Colons::Plain);
    }
    let six = (readers.iter()).any(|reader| matches!(reader, Reader::Patterns { arn: true, .. })).then(|| {
        let tokens = crate::pattern::Pattern::glob(SIX_PARTS, Variables::Plain);
        texts.add(tokens.tokens(), false, Colons::Plain)
    });
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
    let mut rows: Vec<(String, Vec<Cell>)> = Vec::with_capacity(found.len());
    for class in found {
        let mut cells = Vec::with_capacity(tests.len());
        for (test, reader) in tests.iter().zip(&readers) {
            cells.push(one(test, reader, &class, six, how.plain, opens));
        }
        rows.push((class.text, cells));
    }
    let mut column = Column::default();
    let absent_cells: Vec<Cell> =
        tests.iter().zip(&readers).map(|(test, reader)| absent(test, reader, opens)).collect();
    let may_be_absent = !matches!(wanted, Some(Held::Text(_) | Held::Something));
    // The last that a witness should lack is what every request has.
    if may_be_absent && implied.is_none() {
        column.add(Value::Absent, absent_cells.clone());
    }
    // A single-valued key, or a variable, which no multivalued key can be.
    let single = wanted.is_some() || how.single.as_deref() == Some(key);
    if single || tests.iter().all(|test| test.operator.set == SetOperator::None) {
        for (text, mut cells) in rows {
            // To a set operator an empty value alone is none.
            let sets = tests.iter().zip(&readers).zip(&mut cells).filter(|((test, _), _)| is_set(test));
            for ((test, reader), cell) in sets.filter(|_| text.is_empty()) {
                *cell = absent(test, reader, opens);
            }
            column.add(Value::One(text), cells);
        }
    } else {
        several(tests, rows, &mut column, opens)
            .ok_or_else(|| format!("the values of `{key}` combine in too many ways"))?;
    }
    if may_be_absent && implied.is_some() {
        column.add(Value::Absent, absent_cells);
    }
    column.checked(&format!("`{key}`"))
}

fn is_set(test: &Condition) -> bool {
    test.operator.set != SetOperator::None
}

/// The text of a condition, for naming it.
fn named(test: &Condition) -> String {
    format!("`{}` on `{}` with `{}`", test.operator.text(), test.key, test.values.join("`, `"))
}

fn reader(test: &Condition, sort: Sort, valuation: &Valuation, texts: &mut Texts, opens: &mut Opens) -> Reader {
    if test.operator.base == Base::Null {
        return Reader::Null;
    }
    if sort == Sort::None {
        return Reader::Open(opens.ask(named(test)));
    }
    if sort != Sort::Text {
        return Reader::Values;
    }
    let arn = test.operator.base.family() == Family::Arn;
    let colons = if arn { Colons::Arn } else { Colons::Plain };
    let (mut machines, mut short) = (Vec::new(), false);
    for pattern in test.patterns() {
        let Some(tokens) = filled(pattern.tokens(), valuation) else {
            continue;
        };
        let filled = crate::pattern::Pattern::from_tokens(pattern.text(), tokens, pattern.ignores_case());
        if arn && filled.tokens().iter().filter(|t| **t == Token::Literal(':')).count() < 5 {
            short = true;
            continue;
        }
        machines.push(texts.add(filled.tokens(), filled.ignores_case(), colons));
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
fn one(test: &Condition, reader: &Reader, class: &Class, six: Option<usize>, plain: bool, opens: &mut Opens) -> Cell {
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
        Reader::Values => {
            let own = test.values.iter().map(|own| meets(test, own, &class.text));
            match Answer::any(own) {
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
fn meets(test: &Condition, own: &str, value: &str) -> Answer {
    if test.variables == Variables::Live && own.contains("${") {
        return Answer::Undecidable;
    }
    let base = test.operator.base;
    match sort_of(base) {
        Some(Sort::Number) => compared(base, &Number::read(value), &Number::read(own)),
        Some(Sort::Time) => compared(base, &Time::read(value), &Time::read(own)),
        Some(Sort::Bool) => match own {
            "true" | "false" => Answer::from(own == value),
            _ => Answer::Undecidable,
        },
        Some(Sort::Digest) => match read_base64(own) {
            Reading::Is(own) => Answer::from(*own == *value),
            _ => Answer::Undecidable,
        },
        Some(Sort::Address) => match (read_address(value), Network::read(own)) {
            (Reading::Is(address), Reading::Is(range)) => Answer::from(in_range(&range, &address)),
            (_, Reading::Malformed) if !base.is_negated() => Answer::No,
            _ => Answer::Undecidable,
        },
        _ => Answer::Undecidable,
    }
}

fn in_range(range: &Network, address: &IpAddr) -> bool {
    range.holds(address)
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
fn absent(test: &Condition, reader: &Reader, opens: &mut Opens) -> Cell {
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
fn several(tests: &[&Condition], rows: Vec<(String, Vec<Cell>)>, column: &mut Column, opens: &mut Opens) -> Option<()> {
    let rows: Vec<(String, Vec<Cell>)> = rows.into_iter().filter(|(text, _)| !text.is_empty()).collect();
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
            column.add(value, cells);
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
