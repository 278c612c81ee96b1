//! The statements of a comparison over the tables of their variables: each as boxes of rows.
//! How a table comes about is in `columns`, `representatives` and `keys`; what the boxes mean together in `compare`.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::boxes::{Cells, Rows};
use crate::columns::{Cell, Column, HOME_ROLE, Opens, Reading, Value, actions, resources};
use crate::compiled::PolicyKind;
use crate::document::Statement;
use crate::keys;
use crate::pattern::{Pattern, Token, Variables};
use crate::representatives::{principals, stands_for};
use crate::trial::Slot;

/// Most boxes of one statement.
const MOST_BOXES: usize = 256;
/// Most values of a variable that are taken out of other patterns.
const MOST_HINTS: usize = 16;

/// A variable of requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Variable {
    Caller,
    Action,
    Resource,
    /// As a policy writes it.
    Key(String),
}

/// One statement over the tables.
#[derive(Clone, Debug)]
pub(crate) enum Boxed {
    /// Where it applies, whatever the answers to open questions are.
    Settled(Cells),
    Open {
        /// Where it applies, open questions being variables of their own.
        exact: Vec<Cells>,
        /// Where it applies for certain.
        surely: Cells,
        /// Where it may apply.
        perhaps: Cells,
    },
}

impl Boxed {
    pub(crate) fn exact(&self) -> &[Cells] {
        match self {
            Boxed::Settled(cells) if cells.is_empty() => &[],
            Boxed::Settled(cells) => std::slice::from_ref(cells),
            Boxed::Open { exact, .. } => exact,
        }
    }

    pub(crate) fn surely(&self) -> &Cells {
        match self {
            Boxed::Settled(cells) | Boxed::Open { surely: cells, .. } => cells,
        }
    }

    pub(crate) fn perhaps(&self) -> &Cells {
        match self {
            Boxed::Settled(cells) | Boxed::Open { perhaps: cells, .. } => cells,
        }
    }
}

/// All variables that some statement looks at, and the statements over them.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) variables: Vec<(Variable, Vec<Value>)>,
    pub(crate) statements: Vec<Boxed>,
    /// Questions without a settled answer that some statement depends on.
    pub(crate) opens: Vec<String>,
    /// Cells of no request, of a plain reading.
    pub(crate) impossible: Vec<Cells>,
}

/// The tests of one statement in one column; none where it does not look at the variable.
type Tests = Range<usize>;

struct Draft {
    variable: Variable,
    column: Column,
    /// By statement.
    tests: Vec<Tests>,
}

/// Keys that patterns hold as variables, in lower case, and whether it matters elsewhere too that
/// there is one: it has a default, or conditions. None when a variable has a form that is not
/// documented.
pub(crate) fn variables_of(statements: &[&Statement]) -> Option<BTreeMap<String, bool>> {
    let mut all = BTreeMap::new();
    let mut of = |tokens: &[Token]| {
        tokens.iter().all(|token| match token {
            Token::Hole(inside) => Slot::read(inside).is_some_and(|slot| {
                *all.entry(slot.key.to_ascii_lowercase()).or_insert(false) |= slot.default.is_some();
                true
            }),
            _ => true,
        })
    };
    for statement in statements {
        let mut resources = statement.resources.iter().flat_map(|resources| &resources.patterns);
        let known = resources.all(|pattern| of(pattern.tokens()));
        let live = |condition: &&crate::condition::Condition| {
            condition.variables == Variables::Live && condition.values.iter().any(|value| value.contains("${"))
        };
        let mut conditions = statement.conditions.iter().filter(live).flat_map(crate::condition::Condition::patterns);
        if !known || !conditions.all(|pattern| of(pattern.tokens())) {
            return None;
        }
    }
    for condition in statements.iter().flat_map(|statement| &statement.conditions) {
        if let Some(matters) = all.get_mut(&condition.key.to_ascii_lowercase()) {
            *matters = true;
        }
    }
    Some(all)
}

/// Values of a variable, by its key in lower case, with which a pattern around it could meet
/// another pattern of the same element: what that one has in its place.
pub(crate) fn hints(statements: &[&Statement], variable: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut meet = |patterns: &[Pattern]| {
        for pattern in patterns.iter().filter(|pattern| pattern.has_variables()) {
            let is_it = |token: &Token| match token {
                Token::Hole(inside) => Slot::read(inside).is_some_and(|slot| slot.key.eq_ignore_ascii_case(variable)),
                _ => false,
            };
            let Some(place) = pattern.tokens().iter().position(is_it) else {
                continue;
            };
            let (before, after) = pattern.tokens().split_at(place);
            let behind = after.get(1);
            for other in patterns {
                let Some(rest) = other.tokens().strip_prefix(before) else {
                    continue;
                };
                let letter = |token: &Token| match token {
                    Token::Literal(c) if Some(token) != behind => Some(*c),
                    _ => None,
                };
                let text: String = rest.iter().map_while(letter).collect();
                if !text.is_empty() && all.len() < MOST_HINTS && !all.contains(&text) {
                    all.push(text);
                }
            }
        }
    };
    let resources = statements.iter().flat_map(|s| s.resources.iter().flat_map(|r| &r.patterns));
    meet(&resources.cloned().collect::<Vec<_>>());
    let conditions = || statements.iter().flat_map(|statement| &statement.conditions);
    for holding in conditions().filter(|condition| condition.values.iter().any(|value| value.contains("${"))) {
        let same = conditions().filter(|other| other.key.eq_ignore_ascii_case(&holding.key));
        meet(&same.flat_map(crate::condition::Condition::patterns).collect::<Vec<_>>());
    }
    all
}

/// The tables of these statements, each with the kind of its policy. With a valuation, variables
/// hold these values.
///
/// # Errors
/// What cannot be told apart within the limits.
pub(crate) fn tables(statements: &[(&Statement, PolicyKind)], reading: &Reading) -> Result<Tables, String> {
    let targets: Vec<_> = statements.iter().filter_map(|(s, kind)| Some((s.resources.as_ref()?, *kind))).collect();
    let statements: Vec<&Statement> = statements.iter().map(|(statement, _)| *statement).collect();
    let mut opens = Opens::default();
    let mut drafts: Vec<Draft> = Vec::new();
    let singly = |present: &dyn Fn(&Statement) -> bool| -> Vec<Tests> {
        let mut next = 0;
        let mut test = |statement: &&Statement| {
            let first = next;
            next += usize::from(present(statement));
            first..next
        };
        statements.iter().map(&mut test).collect()
    };
    let callers: Vec<_> = statements.iter().filter_map(|s| s.principals.as_ref()).collect();
    if !callers.is_empty() {
        let column = principals(&callers, reading, &mut opens)?;
        drafts.push(Draft { variable: Variable::Caller, column, tests: singly(&|s| s.principals.is_some()) });
    }
    let column = actions(&statements.iter().map(|s| &s.actions).collect::<Vec<_>>(), &reading.steps)?;
    drafts.push(Draft { variable: Variable::Action, column, tests: singly(&|_| true) });
    if !targets.is_empty() {
        let column = resources(&targets, reading, &mut opens)?;
        drafts.push(Draft { variable: Variable::Resource, column, tests: singly(&|s| s.resources.is_some()) });
    }
    let mut names: Vec<(String, String)> = Vec::new();
    let held = reading.valuation.keys();
    for key in statements.iter().flat_map(|s| &s.conditions).map(|c| &c.key).chain(held) {
        let folded = key.to_ascii_lowercase();
        if names.iter().all(|(own, _)| *own != folded) {
            names.push((folded, key.clone()));
        }
    }
    for (folded, key) in names {
        let mut conditions = Vec::new();
        let mut tests = Vec::with_capacity(statements.len());
        for statement in &statements {
            let first = conditions.len();
            conditions.extend(statement.conditions.iter().filter(|c| c.key.eq_ignore_ascii_case(&folded)));
            tests.push(first..conditions.len());
        }
        let column = keys::column(&folded, &conditions, reading, &mut opens)?;
        drafts.push(Draft { variable: Variable::Key(key), column, tests });
    }
    let mut tables = boxed(statements.len(), drafts, &opens)?;
    if reading.plain {
        tables.impossible = impossible(&tables);
    }
    Ok(tables)
}

/// What no request is: without a key that all requests of its caller have, or with an address
/// and an endpoint (IAM User Guide, "AWS global condition context keys").
fn impossible(tables: &Tables) -> Vec<Cells> {
    let rows_of = |values: &[Value], wanted: &dyn Fn(&Value) -> bool| {
        let mut rows = Rows::NONE;
        values.iter().enumerate().filter(|(_, value)| wanted(value)).for_each(|(row, _)| rows.add(row));
        rows
    };
    let whole = || {
        let variables = tables.variables.iter().map(|(_, values)| Rows::first(values.len()));
        Cells(variables.chain(tables.opens.iter().map(|_| Rows::first(2))).collect())
    };
    let find = |wanted: &dyn Fn(&Variable) -> bool| tables.variables.iter().position(|(own, _)| wanted(own));
    let key = |name: &str| find(&|own| matches!(own, Variable::Key(key) if key.eq_ignore_ascii_case(name)));
    let caller = find(&|own| *own == Variable::Caller);
    let mut all = Vec::new();
    for (at, (variable, values)) in tables.variables.iter().enumerate() {
        let Variable::Key(name) = variable else {
            continue;
        };
        let folded = name.to_ascii_lowercase();
        let has_it = |text: &str| stands_for(text).is_some_and(|request| request.implied(&folded).is_some());
        let mut cells = whole();
        if let Some(rows) = cells.0.get_mut(at) {
            *rows = rows_of(values, &|value| *value == Value::Absent);
        }
        match caller.and_then(|at| Some((cells.0.get_mut(at)?, tables.variables.get(at)?))) {
            Some((rows, (_, callers))) => {
                *rows = rows_of(callers, &|value| matches!(value, Value::One(text) if has_it(text)));
                all.push(cells);
            }
            None if has_it(HOME_ROLE) => all.push(cells),
            None => {}
        }
    }
    if let (Some(address), Some(endpoint)) = (key("aws:SourceIp"), key("aws:SourceVpce")) {
        let mut cells = whole();
        for at in [address, endpoint] {
            if let (Some(rows), Some((_, values))) = (cells.0.get_mut(at), tables.variables.get(at)) {
                *rows = rows_of(values, &|value| *value != Value::Absent);
            }
        }
        all.push(cells);
    }
    all
}

/// Open questions, and how they are answered.
type Answers = Vec<(usize, bool)>;

/// Of one statement in one column: the rows where it applies, and where only if open questions
/// are answered so.
type Split = (Rows, Vec<(Answers, Rows)>);

fn split(column: &Column, tests: Tests) -> Split {
    let (mut sure, mut open): Split = (Rows::NONE, Vec::new());
    'rows: for (row, cells) in column.cells.rows().enumerate() {
        let mut answers = Answers::new();
        for cell in cells.get(tests.clone()).unwrap_or_default() {
            match cell {
                Cell::Yes => {}
                Cell::No => continue 'rows,
                Cell::If(question, answer) if answers.contains(&(*question, !*answer)) => continue 'rows,
                Cell::If(question, answer) => answers.push((*question, *answer)),
            }
        }
        if answers.is_empty() {
            sure.add(row);
            continue;
        }
        answers.sort_unstable();
        answers.dedup();
        match open.iter_mut().find(|(own, _)| *own == answers) {
            Some((_, rows)) => rows.add(row),
            None => {
                let mut rows = Rows::NONE;
                rows.add(row);
                open.push((answers, rows));
            }
        }
    }
    (sure, open)
}

fn boxed(count: usize, drafts: Vec<Draft>, opens: &Opens) -> Result<Tables, String> {
    let width = drafts.len();
    let mut splits: Vec<Split> = Vec::with_capacity(count * width);
    for statement in 0..count {
        let tests = |draft: &Draft| draft.tests.get(statement).cloned().unwrap_or_default();
        splits.extend(drafts.iter().map(|draft| split(&draft.column, tests(draft))));
    }
    let asked = splits.iter().flat_map(|(_, open)| open).flat_map(|(answers, _)| answers);
    let mut used: Vec<usize> = asked.map(|(question, _)| *question).collect();
    used.sort_unstable();
    used.dedup();
    let answers = |wanted: &[(usize, bool)]| {
        let rows = |question: &usize| match wanted.iter().find(|(own, _)| own == question) {
            Some((_, answer)) => {
                let mut rows = Rows::NONE;
                rows.add(usize::from(*answer));
                rows
            }
            None => Rows::first(2),
        };
        used.iter().map(rows).collect::<Vec<Rows>>()
    };
    let mut statements = Vec::with_capacity(count);
    for of_statement in splits.chunks(width.max(1)) {
        if of_statement.iter().all(|(_, open)| open.is_empty()) {
            let cells = Cells(of_statement.iter().map(|(sure, _)| *sure).chain(answers(&[])).collect());
            statements.push(Boxed::Settled(cells));
            continue;
        }
        let whole: Vec<Rows> = vec![Rows::NONE; width].into_iter().chain(answers(&[])).collect();
        let mut exact = vec![Cells(whole.clone())];
        let (mut surely, mut perhaps) = (Cells(whole.clone()), Cells(whole));
        for (at, (sure, open)) in of_statement.iter().enumerate() {
            let mut next = Vec::new();
            for cells in &exact {
                let mut with = |rows: Rows, wanted: &[(usize, bool)]| {
                    let mut cells = cells.clone();
                    if let Some(own) = cells.0.get_mut(at) {
                        *own = rows;
                    }
                    for (own, other) in cells.0.iter_mut().skip(width).zip(answers(wanted)) {
                        *own = own.and(&other);
                    }
                    let possible = !rows.is_empty() && cells.0.iter().skip(width).all(|rows| !rows.is_empty());
                    if possible {
                        next.push(cells);
                    }
                };
                with(*sure, &[]);
                for (wanted, rows) in open {
                    with(*rows, wanted);
                }
            }
            if next.len() > MOST_BOXES {
                return Err("a statement depends on too many open questions".to_owned());
            }
            exact = next;
            let all = open.iter().fold(*sure, |all, (_, rows)| all.or(rows));
            if let (Some(own), Some(other)) = (surely.0.get_mut(at), perhaps.0.get_mut(at)) {
                (*own, *other) = (*sure, all);
            }
        }
        statements.push(Boxed::Open { exact, surely, perhaps });
    }
    let variables = drafts.into_iter().map(|draft| (draft.variable, draft.column.values));
    let opens = used.iter().map(|question| opens.name(*question).to_owned()).collect();
    Ok(Tables { variables: variables.collect(), statements, opens, impossible: Vec::new() })
}
