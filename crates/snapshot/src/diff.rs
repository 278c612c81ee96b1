//! What changed between two snapshots: resources that came or went, fields that differ, gaps that opened or closed.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{FileError, Snapshot};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Change {
    /// Where the resource is listed: `ec2.route_tables`, with its Region before it where it has one.
    pub listing: String,
    /// The resource's id; none for what is no resource.
    pub id: Option<String>,
    /// The field below it, such as `routes[2].targets.GatewayId`; none if the resource itself came or went.
    pub field: Option<String>,
    /// What it was; none if it was not there.
    pub before: Option<String>,
    /// What it is; none if it is gone.
    pub after: Option<String>,
}

/// The names under which listings keep their items.
const ITEMS: [&str; 9] = [
    "items",
    "buckets",
    "log_buckets",
    "keys",
    "destinations",
    "repositories",
    "lifecycle_configs",
    "code_repositories",
    "monitoring_definitions",
];
/// What differs between any two runs and says nothing about the account.
const OF_THE_RUN: [&str; 4] = ["schema", "window", "reads", "cost"];

/// Every difference between two snapshots, sorted. Equal accounts read at different times have none.
///
/// # Errors
/// [`FileError::Json`] if a snapshot cannot be written, which no value read here causes.
pub fn changes(old: &Snapshot, new: &Snapshot) -> Result<Vec<Change>, FileError> {
    let (mut old, mut new) = (serde_json::to_value(old)?, serde_json::to_value(new)?);
    for tree in [&mut old, &mut new] {
        if let Value::Object(fields) = tree {
            fields.retain(|name, _| !OF_THE_RUN.contains(&name.as_str()));
        }
        forget_the_reading(tree);
    }
    let mut found = BTreeSet::new();
    walk(&Place::default(), Some(&old), Some(&new), &mut found);
    Ok(found.into_iter().collect())
}

/// Leaves out how far the reading came, and what it has yet to confirm.
fn forget_the_reading(tree: &mut Value) {
    let regions = tree.get_mut("regions").and_then(Value::as_object_mut);
    let services = regions.into_iter().flat_map(|regions| regions.values_mut()).filter_map(Value::as_object_mut);
    for service in services.flat_map(|services| services.values_mut()).filter_map(Value::as_object_mut) {
        service.remove("bookmarks");
        for listing in service.values_mut().filter_map(Value::as_object_mut) {
            // What is counted has a listing for each kind.
            if !listing.contains_key("items") {
                listing.values_mut().filter_map(Value::as_object_mut).for_each(|below| {
                    below.remove("prior");
                });
            }
            listing.remove("prior");
        }
    }
}

/// Where in the tree a value stands.
#[derive(Debug, Clone, Default)]
struct Place {
    listing: String,
    id: Option<String>,
    field: String,
}

impl Place {
    /// The place of a field of an object here.
    fn below(&self, name: &str) -> Self {
        let mut place = self.clone();
        if place.id.is_some() {
            place.field = join(&place.field, name);
        } else if ITEMS.contains(&name) && !place.listing.is_empty() {
            place.field = "items".to_owned();
        } else if place.field == "items" {
            place.id = Some(name.to_owned());
            place.field = String::new();
        } else if name != "regions" {
            place.listing = join(&place.listing, name);
        }
        place
    }

    fn change(&self, before: Option<&Value>, after: Option<&Value>) -> Change {
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Change {
            listing: self.listing.clone(),
            id: self.id.clone(),
            field: (!self.field.is_empty()).then(|| self.field.clone()),
            before: before.map(text),
            after: after.map(text),
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn walk(place: &Place, old: Option<&Value>, new: Option<&Value>, found: &mut BTreeSet<Change>) {
    match (old, new) {
        (old, new) if old == new => {}
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
                walk(&place.below(name), old.get(name), new.get(name), found);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            // Lists here are sets that are sorted: what left and what came, without the shifting of positions.
            let gone = old.iter().filter(|item| !new.contains(item)).map(|item| place.change(Some(item), None));
            let come = new.iter().filter(|item| !old.contains(item)).map(|item| place.change(None, Some(item)));
            found.extend(gone.chain(come));
        }
        (old, new) => {
            found.insert(place.change(old, new));
        }
    }
}
