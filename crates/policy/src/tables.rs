//! The statements of a comparison over the tables of their variables: each as boxes of rows.
//! How a table comes about is in `columns` and `keys`; what the boxes mean together in `compare`.

use std::collections::BTreeSet;

use crate::boxes::{Cells, Rows};
use crate::columns::{Cell, Column, Opens, Valuation, Value, actions, principals, resources};
use crate::compiled::PolicyKind;
use crate::document::Statement;
use crate::keys;
use crate::pattern::{Token, Variables};
use crate::trial::Slot;

/// Most boxes of one statement.
const MOST_BOXES: usize = 256;

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
pub(crate) struct Boxed {
    /// Where it applies, open questions being variables of their own.
    pub(crate) exact: Vec<Cells>,
    /// Where it applies for certain.
    pub(crate) surely: Cells,
    /// Where it may apply.
    pub(crate) perhaps: Cells,
}

/// All variables that some statement looks at, and the statements over them.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) variables: Vec<(Variable, Vec<Value>)>,
    pub(crate) statements: Vec<Boxed>,
    /// Questions without a settled answer that some statement depends on.
    pub(crate) opens: Vec<String>,
}

/// The tests of one statement in one column.
type Tests = Vec<usize>;

struct Draft {
    variable: Variable,
    column: Column,
    /// By statement; empty where it does not look at the variable.
    tests: Vec<Tests>,
}

/// Keys that patterns hold as variables, in lower case; None when a variable has a form that is
/// not documented.
pub(crate) fn variables_of(statements: &[&Statement]) -> Option<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    let mut of = |tokens: &[Token]| {
        tokens.iter().all(|token| match token {
            Token::Hole(inside) => Slot::read(inside).is_some_and(|slot| {
                all.insert(slot.key.to_ascii_lowercase());
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
    Some(all)
}

/// The tables of these statements, in a policy of a kind. With a valuation, variables hold
/// these values.
///
/// # Errors
/// What cannot be told apart within the limits.
pub(crate) fn tables(
    statements: &[&Statement],
    kind: PolicyKind,
    valuation: Option<&Valuation>,
) -> Result<Tables, String> {
    let mut opens = Opens::default();
    let mut drafts: Vec<Draft> = Vec::new();
    let singly = |present: &dyn Fn(&Statement) -> bool| -> Vec<Tests> {
        let mut next = 0;
        let mut test = |statement: &&Statement| {
            if !present(statement) {
                return Vec::new();
            }
            next += 1;
            vec![next - 1]
        };
        statements.iter().map(&mut test).collect()
    };
    let callers: Vec<_> = statements.iter().filter_map(|s| s.principals.as_ref()).collect();
    if !callers.is_empty() {
        let column = principals(&callers, &mut opens)?;
        drafts.push(Draft { variable: Variable::Caller, column, tests: singly(&|s| s.principals.is_some()) });
    }
    let column = actions(&statements.iter().map(|s| &s.actions).collect::<Vec<_>>())?;
    drafts.push(Draft { variable: Variable::Action, column, tests: singly(&|_| true) });
    let targets: Vec<_> = statements.iter().filter_map(|s| s.resources.as_ref()).collect();
    if !targets.is_empty() {
        let column = resources(&targets, kind, valuation, &mut opens)?;
        drafts.push(Draft { variable: Variable::Resource, column, tests: singly(&|s| s.resources.is_some()) });
    }
    let mut names: Vec<(String, String)> = Vec::new();
    let held = valuation.into_iter().flatten().map(|(key, _)| key);
    for key in statements.iter().flat_map(|s| &s.conditions).map(|c| &c.key).chain(held) {
        let folded = key.to_ascii_lowercase();
        if names.iter().all(|(own, _)| *own != folded) {
            names.push((folded, key.clone()));
        }
    }
    for (folded, key) in names {
        let mut conditions = Vec::new();
        let mut tests = Vec::with_capacity(statements.len());
        for statement in statements {
            let first = conditions.len();
            conditions.extend(statement.conditions.iter().filter(|c| c.key.eq_ignore_ascii_case(&folded)));
            tests.push((first..conditions.len()).collect());
        }
        let column = keys::column(&folded, &conditions, valuation, &mut opens)?;
        drafts.push(Draft { variable: Variable::Key(key), column, tests });
    }
    boxed(statements.len(), drafts, opens)
}

fn boxed(count: usize, drafts: Vec<Draft>, mut opens: Opens) -> Result<Tables, String> {
    // For each statement and variable: the rows where it applies, and where only if some open
    // question is answered so.
    type Split = (Rows, Vec<((usize, bool), Rows)>);
    let mut splits: Vec<Vec<Split>> = Vec::with_capacity(count);
    for statement in 0..count {
        let mut of_statement = Vec::with_capacity(drafts.len());
        for draft in &drafts {
            let tests = draft.tests.get(statement).map(Vec::as_slice).unwrap_or_default();
            let (mut sure, mut open): Split = (Rows::NONE, Vec::new());
            for (row, (_, cells)) in draft.column.rows.iter().enumerate() {
                let tested = tests.iter().filter_map(|test| cells.get(*test)).copied();
                match opens.all(tested) {
                    Cell::No => {}
                    Cell::Yes => sure.add(row),
                    Cell::If(question, answer) => match open.iter_mut().find(|(own, _)| *own == (question, answer)) {
                        Some((_, rows)) => rows.add(row),
                        None => {
                            let mut rows = Rows::NONE;
                            rows.add(row);
                            open.push(((question, answer), rows));
                        }
                    },
                }
            }
            of_statement.push((sure, open));
        }
        splits.push(of_statement);
    }
    let mut used: Vec<usize> =
        splits.iter().flatten().flat_map(|(_, open)| open).map(|((question, _), _)| *question).collect();
    used.sort_unstable();
    used.dedup();
    let answers = |wanted: Option<(usize, bool)>| {
        let rows = |question: &usize| match wanted {
            Some((own, answer)) if own == *question => {
                let mut rows = Rows::NONE;
                rows.add(usize::from(answer));
                rows
            }
            _ => Rows::first(2),
        };
        used.iter().map(rows).collect::<Vec<Rows>>()
    };
    let mut statements = Vec::with_capacity(count);
    for of_statement in &splits {
        let width = of_statement.len();
        let whole: Vec<Rows> = vec![Rows::NONE; width].into_iter().chain(answers(None)).collect();
        let mut exact = vec![Cells(whole.clone())];
        let (mut surely, mut perhaps) = (Cells(whole.clone()), Cells(whole));
        for (at, (sure, open)) in of_statement.iter().enumerate() {
            let mut next = Vec::new();
            for cells in &exact {
                let mut with = |rows: Rows, wanted: Option<(usize, bool)>| {
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
                with(*sure, None);
                for (wanted, rows) in open {
                    with(*rows, Some(*wanted));
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
        statements.push(Boxed { exact, surely, perhaps });
    }
    let variables = drafts.into_iter().map(|draft| {
        let values = draft.column.rows.into_iter().map(|(value, _)| value).collect();
        (draft.variable, values)
    });
    let opens = used.iter().map(|question| opens.name(*question).to_owned()).collect();
    Ok(Tables { variables: variables.collect(), statements, opens })
}
