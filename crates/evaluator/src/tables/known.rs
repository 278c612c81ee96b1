//! The dictionary's actions as policy questions take them.

use std::sync::LazyLock;

use plumbline_policy::KnownActions;

use super::actions::Dictionary;

static KNOWN: LazyLock<KnownActions> = LazyLock::new(|| {
    let services = Dictionary::embedded().services().iter();
    services.flat_map(|service| service.actions.iter().map(|action| action.name.to_string())).collect()
});

/// The actions known today, for [`plumbline_policy::compare_known`].
#[must_use]
pub fn known_actions() -> &'static KnownActions {
    &KNOWN
}

#[cfg(test)]
mod tests {
    use super::known_actions;

    #[test]
    fn they_carry_their_service() {
        assert!(known_actions().contains("s3:getobject"));
        assert!(known_actions().contains("sagemaker:CreateTrainingJob"));
        assert!(!known_actions().contains("s3:GetSomethingNew"));
    }
}
