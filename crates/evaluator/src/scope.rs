//! What a run looks at: environments, and areas, controls or resources. Several are a union.

use std::collections::BTreeSet;

use plumbline_findings::{Area, ControlInfo};
use plumbline_names::{EnvironmentName, Region, ResourceRef};

/// The scope of a run. The default is everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Environments; empty means all.
    pub environments: BTreeSet<EnvironmentName>,
    /// Only the environments of this Region.
    pub region: Option<Region>,
    /// Areas and controls; together with `resources` a union, empty means all.
    pub areas: BTreeSet<Area>,
    /// Control ids.
    pub controls: BTreeSet<String>,
    /// Resource ARNs or ids. Controls outside `areas` and `controls` are judged for these alone.
    pub resources: BTreeSet<String>,
}

/// Why a scope word is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// The word has no known prefix.
    #[error("`{0}` is not a scope: expected `area:network`, `control:NET-02` or `resource:ARN-or-id`")]
    Form(String),
    /// No such area.
    #[error(
        "`{found}` is not an area: expected one of network, endpoints, roles, data, sagemaker, logs, self-service{hint}"
    )]
    Area {
        /// The word.
        found: String,
        /// The nearest one, as a question.
        hint: String,
    },
    /// No such control.
    #[error("`{found}` is not a control of this version: see `plumbline controls list`{hint}")]
    Control {
        /// The word.
        found: String,
        /// The nearest one, as a question.
        hint: String,
    },
}

impl Scope {
    /// Adds one word of `--scope`.
    ///
    /// # Errors
    /// [`ScopeError`], which names the nearest known word.
    pub fn add(&mut self, word: &str) -> Result<(), ScopeError> {
        match word.split_once(':') {
            Some(("area", name)) => {
                let area =
                    Area::ALL.into_iter().find(|area| area.as_str() == name).ok_or_else(|| ScopeError::Area {
                        found: name.to_owned(),
                        hint: nearest(name, Area::ALL.into_iter().map(Area::as_str)),
                    })?;
                self.areas.insert(area);
            }
            Some(("control", id)) => {
                let known = crate::controls().map(|control| control.info.id);
                if !known.clone().any(|other| other == id) {
                    return Err(ScopeError::Control { found: id.to_owned(), hint: nearest(id, known) });
                }
                self.controls.insert(id.to_owned());
            }
            Some(("resource", name)) if !name.is_empty() => {
                self.resources.insert(name.to_owned());
            }
            _ => return Err(ScopeError::Form(word.to_owned())),
        }
        Ok(())
    }

    /// Whether the scope leaves nothing out.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.environments.is_empty() && self.region.is_none() && self.is_every_control()
    }

    /// Whether every control is judged on every resource.
    #[must_use]
    pub fn is_every_control(&self) -> bool {
        self.areas.is_empty() && self.controls.is_empty() && self.resources.is_empty()
    }

    /// Whether `control` is judged on all its subjects.
    #[must_use]
    pub fn names(&self, control: &ControlInfo) -> bool {
        self.is_every_control() || self.areas.contains(&control.area) || self.controls.contains(control.id)
    }

    /// Whether `control` is judged at all.
    #[must_use]
    pub fn wants(&self, control: &ControlInfo) -> bool {
        self.names(control) || !self.resources.is_empty()
    }

    /// Whether the scope names `resource` by ARN, by name, or by the last part of its ARN.
    #[must_use]
    pub fn names_resource(&self, resource: &ResourceRef) -> bool {
        self.resources.iter().any(|name| {
            *name == resource.arn
                || *name == resource.name
                || resource.arn.rsplit(['/', ':']).next().is_some_and(|last| last == name)
        })
    }
}

/// ` (did you mean `x`?)` for the nearest known word, or nothing.
fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    known
        .map(|other| (strsim::damerau_levenshtein(word, other), other))
        .min()
        .filter(|(distance, other)| *distance <= other.len().div_ceil(2))
        .map_or_else(String::new, |(_, other)| format!(" (did you mean `{other}`?)"))
}

#[cfg(test)]
mod tests {
    use super::Scope;

    #[test]
    fn a_mistyped_word_is_answered_with_the_nearest() {
        let mut scope = Scope::default();
        for (word, answer) in [
            ("area:netwrk", "did you mean `network`?"),
            ("control:NET-2", "did you mean `NET-02`?"),
            ("NET-02", "expected `area:network`"),
            ("resource:", "expected `area:network`"),
        ] {
            let error = scope.add(word).unwrap_err().to_string();
            assert!(error.contains(answer), "{word}: {error}");
        }
        assert!(scope.is_whole());
        scope.add("control:NET-02").unwrap();
        assert!(!scope.is_every_control());
    }
}
