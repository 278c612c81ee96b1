//! Whose callers and resources are the environment's, and whether a policy confines an Allow to them.

use plumbline_policy::{
    CarveOuts, Confinement, KeyKind, Pattern, Principal, PrincipalClass, Question, Sense, Statement, Variables, Wanted,
    account_of, classify, confines_with,
};

use crate::place::Place;

/// The accounts and organizations that belong to an environment.
#[derive(Debug, Clone)]
pub(crate) struct Ours {
    accounts: Vec<String>,
    organizations: Vec<String>,
}

/// A condition key, and what it should be confined to.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    key: &'static str,
    kind: KeyKind,
    wanted: Wanted,
}

/// What a policy does about the best of several keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    /// What it does.
    pub(crate) how: Confinement,
    /// Which key that is; none where it speaks of none.
    pub(crate) by: Option<&'static str>,
}

/// Whom a principal of an Allow means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who<'p> {
    /// Nobody: what is left of one that was deleted.
    Nobody,
    /// Somebody of the environment's accounts.
    Ours,
    /// Everyone.
    Everyone,
    /// Somebody of this account, which is none of them.
    Foreign(&'p str),
    /// A service of AWS's.
    Service(&'p str),
    /// Its text does not say whose it is.
    Unclear,
}

/// Somebody whom an Allow lets in and who is not known to be of the environment's accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stranger<'p> {
    /// Everyone, or everyone but some.
    Everyone,
    /// Somebody of another account: the principal, and the account.
    Foreign(&'p str, &'p str),
    /// A service of AWS's, on whosever behalf.
    Service(&'p str),
    /// A principal whose text does not say whose it is; empty where the Allow names none.
    Unclear(&'p str),
}

impl Ours {
    /// Those of a place: the account, `allowed_accounts` and `org_id`.
    pub(crate) fn of(place: &Place<'_>) -> Self {
        let mut accounts = vec![place.account.to_string()];
        let allowed = place.environments.iter().flat_map(|environment| &environment.allowed_accounts);
        accounts.extend(allowed.map(ToString::to_string));
        accounts.sort();
        accounts.dedup();
        let organizations = place.environments.iter().filter_map(|environment| environment.org_id.clone()).collect();
        Self { accounts, organizations }
    }

    /// And this account.
    pub(crate) fn and(mut self, account: &str) -> Self {
        self.accounts.push(account.to_owned());
        self
    }

    /// Whether an account is among them.
    pub(crate) fn has(&self, account: &str) -> bool {
        self.accounts.iter().any(|own| own == account)
    }

    /// Whether every account of a pattern is among them.
    pub(crate) fn has_all(&self, accounts: &Pattern) -> bool {
        let own = |account: &String| Pattern::literal(account, Variables::Plain).covers(accounts).is_yes();
        self.accounts.iter().any(own)
    }

    /// Whom a principal means.
    pub(crate) fn who<'p>(&self, principal: &'p Principal) -> Who<'p> {
        match (classify(principal), account_of(principal)) {
            (PrincipalClass::Deleted(_), _) => Who::Nobody,
            (PrincipalClass::Everyone, _) => Who::Everyone,
            (PrincipalClass::Service(service), _) => Who::Service(service),
            (_, Some(account)) if self.has(account) => Who::Ours,
            (_, Some(account)) => Who::Foreign(account),
            (_, None) => Who::Unclear,
        }
    }

    /// The strangers among the principals of an Allow, its conditions aside.
    pub(crate) fn strangers<'p>(&self, allow: &'p Statement) -> Vec<Stranger<'p>> {
        let Some(principals) = &allow.principals else { return vec![Stranger::Unclear("")] };
        if principals.sense == Sense::AllBut || principals.lists_everyone() {
            return vec![Stranger::Everyone];
        }
        let stranger = |principal: &'p Principal| match self.who(principal) {
            Who::Nobody | Who::Ours => None,
            Who::Everyone => Some(Stranger::Everyone),
            Who::Foreign(account) => Some(Stranger::Foreign(&principal.value, account)),
            Who::Service(service) => Some(Stranger::Service(service)),
            Who::Unclear => Some(Stranger::Unclear(&principal.value)),
        };
        principals.members.iter().filter_map(stranger).collect()
    }

    /// Their ids.
    pub(crate) fn ids(&self) -> Wanted {
        Wanted::values(&self.accounts)
    }

    /// The ARN of whatever is theirs.
    pub(crate) fn arns(&self) -> Wanted {
        Wanted::arns(self.accounts.iter().map(|account| format!("arn:*:*:*:{account}:*")))
    }

    /// What confines callers to them.
    pub(crate) fn callers(&self) -> Vec<Test> {
        self.tests(["aws:PrincipalAccount"], ["aws:PrincipalOrgID"], ["aws:PrincipalOrgPaths"], ["aws:PrincipalArn"])
    }

    /// What confines resources to them.
    pub(crate) fn resources(&self) -> Vec<Test> {
        let accounts = ["aws:ResourceAccount", "s3:ResourceAccount"];
        self.tests(accounts, ["aws:ResourceOrgID"], ["aws:ResourceOrgPaths"], [])
    }

    /// What confines services of AWS's to requests on behalf of their resources (IAM User Guide, "The confused deputy
    /// problem").
    pub(crate) fn sources(&self) -> Vec<Test> {
        self.tests(
            ["aws:SourceAccount", "aws:SourceOwner"],
            ["aws:SourceOrgID"],
            ["aws:SourceOrgPaths"],
            ["aws:SourceArn"],
        )
    }

    fn tests<const A: usize, const B: usize, const C: usize, const D: usize>(
        &self,
        accounts: [&'static str; A],
        organizations: [&'static str; B],
        paths: [&'static str; C],
        arns: [&'static str; D],
    ) -> Vec<Test> {
        let test = |wanted: Wanted| move |key| Test { key, kind: KeyKind::Single, wanted: wanted.clone() };
        let glob = |text: String| Pattern::glob(&text, Variables::Plain);
        let within = self.organizations.iter().map(|organization| glob(format!("{organization}/*")));
        let mut tests: Vec<Test> = accounts.into_iter().map(test(self.ids())).collect();
        tests.extend(organizations.into_iter().map(test(Wanted::values(&self.organizations))));
        tests.extend(paths.into_iter().map(test(Wanted::patterns(within))));
        tests.extend(arns.into_iter().map(test(self.arns())));
        tests
    }
}

impl Test {
    /// A single-valued key with these wanted values.
    pub(crate) fn of(key: &'static str, wanted: Wanted) -> Self {
        Self { key, kind: KeyKind::Single, wanted }
    }

    /// The same key with any value that names something fixed.
    pub(crate) fn naming(&self) -> Self {
        Self { wanted: Wanted::naming(), ..self.clone() }
    }
}

/// What an Allow and the Denies over it do about the best of these keys.
pub(crate) fn held(allow: &Statement, denies: &[&Statement], tests: &[Test], carve_outs: CarveOuts<'_>) -> Held {
    let rank = |held: &Held| match held.how {
        Confinement::Confined => 4,
        Confinement::Undecidable => 3,
        Confinement::PresenceOnly => 2,
        Confinement::Open { reason: Some(_) } => 1,
        Confinement::Open { reason: None } => 0,
    };
    let mut best = Held { how: Confinement::Open { reason: None }, by: None };
    for test in tests {
        let question = Question { key: test.key, kind: test.kind, wanted: &test.wanted, carve_outs };
        let found = Held { how: confines_with(Some(allow), denies, &question), by: Some(test.key) };
        if rank(&found) > rank(&best) {
            best = found;
        }
    }
    best
}

impl Held {
    /// Why it does not hold, `what` being what it should confine: `nothing confines who calls`.
    pub(crate) fn why(&self, what: &str) -> String {
        match (self.how, self.by) {
            (Confinement::Open { reason: Some(reason) }, Some(key)) => {
                format!("what it says of {key} does not confine {what} ({})", reason.as_str())
            }
            (Confinement::PresenceOnly, Some(key)) => format!("what it says of {key} admits others, too"),
            _ => format!("nothing confines {what}"),
        }
    }
}
