//! Whom the baseline trusts to assume a role, beside those that the role's purpose needs.

use plumbline_policy::{
    Confinement, KeyKind, Principal, PrincipalClass, PrincipalKind, Statement, Wanted, classify, confines,
};

use crate::baseline::Environment;
use crate::place::Place;
use crate::world::bindings::Bound;

impl Bound<'_> {
    /// The `trusted_principals` of all that the role plays.
    pub(crate) fn trusted<'p>(&'p self, place: &'p Place<'_>) -> impl Iterator<Item = &'p str> {
        let bindings = place
            .environments
            .iter()
            .flat_map(|environment| self.plays.iter().filter_map(|role| environment.roles.get(role)));
        bindings.flat_map(|binding| &binding.trusted_principals).map(String::as_str)
    }

    /// Whether `trusted_principals` names this principal; an account's id and its root's ARN are the same.
    pub(crate) fn trusts(&self, place: &Place<'_>, principal: &Principal) -> bool {
        let account = |text: &str| {
            let principal = Principal { kind: PrincipalKind::Aws, value: text.to_owned() };
            match classify(&principal) {
                PrincipalClass::Account(account) => Some(account.to_owned()),
                _ => None,
            }
        };
        self.trusted(place).any(|text| match principal.kind {
            PrincipalKind::Service => service_name(place, text) == service_name(place, &principal.value),
            PrincipalKind::Aws if account(text).is_some() => account(text) == account(&principal.value),
            _ => text == principal.value,
        })
    }

    /// Whether `trusted_principals` names identity providers, which are then the only ones.
    pub(crate) fn trusts_named_providers(&self, place: &Place<'_>) -> bool {
        self.trusted(place).any(|text| text.contains(":saml-provider/") || text.contains(":oidc-provider/"))
    }
}

/// Whether an account is foreign: not allowed, and the statement does not confine callers to the organization.
pub(crate) fn is_foreign(place: &Place<'_>, statement: &Statement, account: &str) -> bool {
    let allowed = |environment: &&Environment| {
        environment.allowed_accounts.iter().any(|allowed| allowed.as_str() == account)
            || environment.org_id.as_deref().is_some_and(|organization| {
                let wanted = Wanted::values([organization]);
                confines(statement, &[], "aws:PrincipalOrgID", KeyKind::Single, &wanted) == Confinement::Confined
            })
    };
    account != place.account.as_str() && !place.environments.iter().any(allowed)
}

/// A service principal without what some services add: the Region, or the ending of China.
pub(crate) fn service_name(place: &Place<'_>, service: &str) -> String {
    let service = service.strip_suffix(".cn").unwrap_or(service);
    service.replace(&format!(".{}.amazonaws.com", place.region), ".amazonaws.com")
}

#[cfg(test)]
mod tests {
    use plumbline_names::{AccountId, Partition, Region};

    use super::service_name;
    use crate::place::Place;

    #[test]
    fn a_service_is_the_same_with_its_region_and_in_china() {
        let account: AccountId = "111122223333".parse().unwrap();
        let region: Region = "cn-north-1".parse().unwrap();
        let partition = Partition::named("aws-cn");
        let place = Place::unassigned(&region, Vec::new(), &account, &partition);
        for (written, name) in [
            ("states.amazonaws.com", "states.amazonaws.com"),
            ("states.cn-north-1.amazonaws.com", "states.amazonaws.com"),
            ("ec2.amazonaws.com.cn", "ec2.amazonaws.com"),
            ("states.eu-west-1.amazonaws.com", "states.eu-west-1.amazonaws.com"),
        ] {
            assert_eq!(service_name(&place, written), name);
        }
    }
}
