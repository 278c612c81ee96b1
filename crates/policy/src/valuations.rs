//! What the variables of policies may hold in a comparison: the ways in which they may be there,
//! and values to try for a witness. What statements mean with them is in `tables`.

use std::collections::BTreeMap;

use crate::columns::{Held, Valuation, Value, holds_no_colon};
use crate::document::Statement;
use crate::tables::{Tables, Variable, hints};

/// Most values of variables that are tried for a witness.
const MOST_VALUATIONS: usize = 100;
/// Most ways in which variables may be there or not.
const MOST_CASES: usize = 16;

/// Without and with a value, for each variable of which that matters elsewhere.
///
/// # Errors
/// When there are too many of them.
pub(crate) fn cases(variables: &BTreeMap<String, bool>) -> Result<Vec<Valuation>, String> {
    let mut all = vec![Valuation::new()];
    for (variable, _) in variables.iter().filter(|(_, matters)| **matters) {
        let both = |own: &Valuation| {
            [Held::Something, Held::Nothing]
                .map(|held| own.clone().into_iter().chain([(variable.clone(), held)]).collect())
        };
        all = all.iter().flat_map(both).collect();
        if all.len() > MOST_CASES {
            return Err("too many variables that have defaults or conditions".to_owned());
        }
    }
    Ok(all)
}

/// Values of variables to try: something new, the same for all, with a colon too, what its own conditions tell
/// apart, what other patterns have in its place, and none.
pub(crate) fn valuations(variables: &[&str], statements: &[&Statement], tables: &Tables) -> Vec<Valuation> {
    let mut all: Vec<Valuation> = vec![Valuation::new()];
    for (at, variable) in variables.iter().enumerate() {
        let mut values: Vec<Held> = vec![Held::Text(format!("plumbline{at}"))];
        if variables.len() > 1 {
            values.push(Held::Text("plumbline".to_owned()));
        }
        if !holds_no_colon(variable) {
            values.push(Held::Text(format!("plumbline{at}:x")));
        }
        let named = |(own, _): &&(Variable, Vec<Value>)| matches!(own, Variable::Key(key) if key.eq_ignore_ascii_case(variable));
        for value in tables.variables.iter().find(named).into_iter().flat_map(|(_, values)| values) {
            if let Value::One(text) = value {
                values.push(Held::Text(text.clone()));
            }
        }
        values.extend(hints(statements, variable).into_iter().map(Held::Text));
        values.push(Held::Nothing);
        let each = |value: &Held| {
            let with =
                |own: &Valuation| own.clone().into_iter().chain([((*variable).to_owned(), value.clone())]).collect();
            all.iter().map(with).collect::<Vec<Valuation>>()
        };
        all = values.iter().flat_map(each).take(MOST_VALUATIONS).collect();
    }
    all
}
