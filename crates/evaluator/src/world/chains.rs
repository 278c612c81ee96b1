//! Which role can become which: a call of `sts:AssumeRole` takes what the caller's policies say and what the trust of the
//! other role says ("Policy evaluation logic" and "Permissions boundaries for IAM entities", IAM User Guide).

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use plumbline_findings::Evidence;
use plumbline_policy::{
    Admission, Answer, Document, Naming, Pattern, PrincipalClass, Variables, admissions, classify, trust_grants,
};
use plumbline_snapshot::iam::{self, Role};

use crate::judge::{Known, Unknown, field};
use crate::world::World;
use crate::world::powers::{Power, Powers};
use crate::world::targets::undecided;

/// The action by which a role becomes another.
pub(crate) const ASSUME: &str = "sts:AssumeRole";

/// One role that can become another.
#[derive(Debug, Clone)]
pub(crate) struct Step<'a> {
    /// Who.
    pub(crate) from: &'a Role,
    /// What it becomes.
    pub(crate) to: &'a Role,
    /// Why it is not certain; none if it is.
    pub(crate) doubt: Option<Unknown<'a>>,
    /// In words, to follow `can become`.
    pub(crate) words: String,
    /// The statements.
    pub(crate) evidence: Vec<Evidence>,
}

/// The roles of the account, by whom they trust.
#[derive(Debug)]
pub(crate) struct Chains<'w, 'a> {
    world: &'w World<'a>,
    trusts: HashMap<&'a str, Known<'a, Arc<Document>>>,
    /// Roles by the ARN, or the name of the session's role, that their trust names.
    named: HashMap<String, Vec<&'a Role>>,
    /// Roles that trust everyone, or that have a trust that cannot be read.
    open: Vec<&'a Role>,
    /// Roles that trust an account as a whole.
    accounts: Vec<&'a Role>,
    /// The steps from a role, by its ARN, each looked for once.
    steps: RefCell<HashMap<&'a str, Rc<[Rc<Step<'a>>]>>>,
}

impl<'a> World<'a> {
    /// The roles seen, by whom they trust.
    pub(crate) fn chains(&self) -> Chains<'_, 'a> {
        let mut chains = Chains {
            world: self,
            trusts: HashMap::new(),
            named: HashMap::new(),
            open: Vec::new(),
            accounts: Vec::new(),
            steps: RefCell::default(),
        };
        for role in self.snapshot.iam.roles.seen() {
            let trust = self.trust_of(role);
            chains.sort(role, &trust);
            chains.trusts.insert(&role.arn, trust);
        }
        chains
    }
}

impl<'a> Chains<'_, 'a> {
    fn sort(&mut self, role: &'a Role, trust: &Known<'a, Arc<Document>>) {
        let Ok(document) = trust else { return self.open.push(role) };
        let mut names: BTreeSet<String> = BTreeSet::new();
        let (mut account, mut open) = (false, false);
        for grant in trust_grants(document) {
            open |= grant.is_public();
            for principal in grant.principals() {
                match classify(principal) {
                    PrincipalClass::Role { .. } => drop(names.insert(principal.value.clone())),
                    PrincipalClass::Session { role, .. } => drop(names.insert(role.to_owned())),
                    PrincipalClass::Account(_) => account = true,
                    _ => {}
                }
            }
        }
        if open {
            self.open.push(role);
        } else if account {
            self.accounts.push(role);
        }
        for name in names {
            self.named.entry(name).or_default().push(role);
        }
    }

    /// How a role can become others, or may, in one step.
    pub(crate) fn steps(&self, from: &'a Role) -> Rc<[Rc<Step<'a>>]> {
        if let Some(known) = self.steps.borrow().get(from.arn.as_str()) {
            return Rc::clone(known);
        }
        let asks = match self.world.powers(from) {
            Ok(powers) => !powers.may(ASSUME, &Pattern::glob("*", Variables::Plain)).is_empty(),
            Err(_) => true,
        };
        let by_account = self.accounts.iter().copied().filter(|_| asks);
        let others = distinct(from, self.by_name(from).chain(self.open.iter().copied()).chain(by_account));
        let steps: Rc<[Rc<Step<'a>>]> = others.filter_map(|to| self.step(from, to)).map(Rc::new).collect();
        self.steps.borrow_mut().insert(&from.arn, Rc::clone(&steps));
        steps
    }

    /// The halves of ways from a role into others, where no way is: its own Allows, and the trusts that let it in. Each
    /// statement comes once, though it may be half of many ways.
    pub(crate) fn halves<'c>(
        &'c self,
        from: &'a Role,
        is_other: &'c dyn Fn(&str) -> bool,
    ) -> impl Iterator<Item = Evidence> + 'c {
        let closed = move |to: &&'a Role| is_other(&to.arn) && self.step(from, to).is_none();
        let trusting = self.by_name(from).chain(self.open.iter().copied()).chain(self.accounts.iter().copied());
        let trusts = distinct(from, trusting).filter(closed).flat_map(move |to| self.half_of_trust(from, to));
        let own = self.world.powers(from).map_or_else(|_| Vec::new(), |powers| self.own_halves(from, &powers, &closed));
        own.into_iter().chain(trusts)
    }

    fn own_halves(&self, from: &'a Role, powers: &Powers, closed: &dyn Fn(&&'a Role) -> bool) -> Vec<Evidence> {
        let half = |power: &Power<'_>| {
            let to =
                self.world.roles_met(power).filter(|to| to.arn != from.arn && lets(powers, power, to)).find(closed)?;
            Some(permission(power, to))
        };
        powers.may(ASSUME, &Pattern::glob("*", Variables::Plain)).iter().filter_map(half).collect()
    }

    fn half_of_trust(&self, from: &'a Role, to: &'a Role) -> Vec<Evidence> {
        let Some(Ok(trust)) = self.trusts.get(to.arn.as_str()) else { return Vec::new() };
        admissions(trust, &from.arn).iter().map(|admission| trusted(from, to, admission)).collect()
    }

    fn by_name(&self, from: &Role) -> impl Iterator<Item = &'a Role> {
        let names = [from.arn.as_str(), from.name.as_str()];
        names.into_iter().filter_map(|name| self.named.get(name)).flatten().copied()
    }

    /// The step from one role to another, if it can or may become that.
    fn step(&self, from: &'a Role, to: &'a Role) -> Option<Step<'a>> {
        let unsure = |doubt| Some(Step { from, to, doubt: Some(doubt), words: String::new(), evidence: Vec::new() });
        let trust = match self.trusts.get(to.arn.as_str())? {
            Ok(trust) => trust,
            Err(unknown) => return unsure(unknown.clone()),
        };
        let admitted = admissions(trust, &from.arn);
        if admitted.is_empty() {
            return None;
        }
        let powers = match self.world.powers(from) {
            Ok(powers) => powers,
            Err(unknown) => return unsure(unknown),
        };
        let target = Pattern::literal(&to.arn, Variables::Plain);
        let allowed = powers.may(ASSUME, &target);
        let sure = |admission: &Admission<'_>| {
            let passes = match admission.naming {
                Naming::Account => Answer::any(allowed.iter().map(|power| power.sure)),
                Naming::Role => powers.bars(ASSUME, &target, true).negated(),
                Naming::Session => powers.bars(ASSUME, &target, false).negated(),
            };
            admission.sure.and(passes)
        };
        let open: Vec<(&Admission<'_>, Answer)> =
            admitted.iter().map(|admission| (admission, sure(admission))).filter(|(_, sure)| !sure.is_no()).collect();
        let (admission, sure) = open.iter().find(|(_, sure)| sure.is_yes()).or(open.first())?;
        let index = admission.statement.index;
        let words = match admission.naming {
            Naming::Account => {
                let own = allowed.first().map_or_else(String::new, Power::words);
                format!(
                    "{own} allows {ASSUME}, and statement {index} of the trust policy of `{}` lets the account in",
                    to.name
                )
            }
            Naming::Role | Naming::Session => format!(
                "statement {index} of the trust policy of `{}` lets `{}` in by itself, for which it needs no Allow of its own",
                to.name, from.name
            ),
        };
        let doubt = (!sure.is_yes()).then(|| {
            undecided(format!(
                "whether `{}` can become `{}` hangs on the conditions of statement {index} of the latter's trust policy",
                from.name, to.name
            ))
        });
        let allow = allowed.first().map(|power| permission(power, to));
        Some(Step {
            from,
            to,
            doubt,
            words,
            evidence: allow.into_iter().chain([trusted(from, to, admission)]).collect(),
        })
    }
}

/// Each role once, without this one.
fn distinct<'a>(without: &'a Role, roles: impl Iterator<Item = &'a Role>) -> impl Iterator<Item = &'a Role> {
    let mut seen = BTreeSet::from([without.arn.as_str()]);
    roles.filter(move |role| seen.insert(role.arn.as_str()))
}

/// Whether an Allow lets a role assume another, and no Deny or boundary keeps it from that.
fn lets(powers: &Powers, power: &Power<'_>, to: &Role) -> bool {
    let found = powers.may(ASSUME, &Pattern::literal(&to.arn, Variables::Plain));
    found.iter().any(|one| std::ptr::eq(one.statement, power.statement))
}

fn permission(power: &Power<'_>, to: &Role) -> Evidence {
    power.evidence(&format!("no Allow of {ASSUME} on `{}`", to.arn))
}

fn trusted(from: &Role, to: &Role, admission: &Admission<'_>) -> Evidence {
    let Admission { statement, .. } = admission;
    field(
        &iam::ACCOUNT_AUTHORIZATION_DETAILS,
        format!("{}.AssumeRolePolicyDocument.Statement[{}]", to.name, statement.index),
        statement.to_string(),
        format!("a trust that does not let in `{}`", from.name),
    )
}
