//! Which role can become which: a call of `sts:AssumeRole` takes what the caller's policies say and what the trust of the
//! other role says ("Policy evaluation logic" and "Permissions boundaries for IAM entities", IAM User Guide).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use plumbline_findings::Evidence;
use plumbline_policy::{
    Answer, Document, Naming, Pattern, PrincipalClass, Variables, admissions, classify, trust_grants,
};
use plumbline_snapshot::iam::{self, Role};

use crate::judge::{Known, Unknown, field};
use crate::world::World;
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

/// A half of a step, which alone does nothing.
#[derive(Debug, Clone)]
pub(crate) struct Half {
    /// Where the statement is: its policy and number.
    pub(crate) place: String,
    /// The statement.
    pub(crate) evidence: Evidence,
}

/// Whether one role can become another.
#[derive(Debug, Clone)]
pub(crate) enum Way<'a> {
    /// It can, or may.
    Open(Box<Step<'a>>),
    /// It cannot; what there is of a half.
    Closed(Vec<Half>),
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

    /// How a role can become others in one step, and of `told` also how it cannot, where half of a way is there; with
    /// `halves`, which halves these are.
    pub(crate) fn from(
        &self,
        from: &'a Role,
        told: &BTreeMap<&'a str, &'a Role>,
        halves: bool,
    ) -> Vec<(&'a Role, Way<'a>)> {
        let any = Pattern::glob("*", Variables::Plain);
        let asks = match self.world.powers(from) {
            Ok(powers) => !powers.may(ASSUME, &any).is_empty(),
            Err(_) => true,
        };
        let names = [from.arn.as_str(), from.name.as_str()];
        let by_name = names.into_iter().filter_map(|name| self.named.get(name)).flatten().copied();
        let by_account = self.accounts.iter().copied().filter(|to| asks || told.contains_key(to.arn.as_str()));
        let allowed = told.values().copied().filter(|_| asks);
        let mut seen = BTreeSet::new();
        let others = by_name.chain(self.open.iter().copied()).chain(by_account).chain(allowed);
        let others = others.filter(|to| to.arn != from.arn && seen.insert(to.arn.as_str()));
        others.map(|to| (to, self.way(from, to, halves))).collect()
    }

    /// Whether `from` can become `to` in one step; with `tell`, what there is of a half if not.
    fn way(&self, from: &'a Role, to: &'a Role, tell: bool) -> Way<'a> {
        let trust = match self.trusts.get(to.arn.as_str()) {
            Some(Ok(trust)) => Arc::clone(trust),
            Some(Err(unknown)) => return self.unsure(from, to, unknown.clone(), Vec::new()),
            None => return Way::Closed(Vec::new()),
        };
        let admitted = admissions(&trust, &from.arn);
        if admitted.is_empty() && !tell {
            return Way::Closed(Vec::new());
        }
        let target = Pattern::literal(&to.arn, Variables::Plain);
        let trusted = |index: usize, text: String| {
            field(
                &iam::ACCOUNT_AUTHORIZATION_DETAILS,
                format!("{}.AssumeRolePolicyDocument.Statement[{index}]", to.name),
                text,
                format!("a trust that does not let in `{}`", from.name),
            )
        };
        let powers = match self.world.powers(from) {
            Ok(powers) => powers,
            Err(_) if admitted.is_empty() => return Way::Closed(Vec::new()),
            Err(unknown) => return self.unsure(from, to, unknown, Vec::new()),
        };
        let allowed = powers.may(ASSUME, &target);
        let permission = allowed.first().map(|power| power.evidence(&format!("no Allow of {ASSUME} on `{}`", to.arn)));
        let half = |evidence: &Evidence, place: String| Half { place, evidence: evidence.clone() };
        let own = permission.iter().zip(&allowed).map(|(evidence, power)| half(evidence, power.words()));
        let mut halves: Vec<Half> = if tell { own.collect() } else { Vec::new() };
        let mut doubtful = None;
        for admission in &admitted {
            let index = admission.statement.index;
            let evidence = || trusted(index, admission.statement.to_string());
            let (passes, words) = match admission.naming {
                Naming::Account => {
                    let own = allowed.first().map_or_else(String::new, |power| power.words());
                    let passes = Answer::any(allowed.iter().map(|power| power.sure));
                    let words =
                        format!("{own} allows {ASSUME}, and statement {index} of the trust policy of `{}`", to.name);
                    (passes, format!("{words} lets the account in"))
                }
                Naming::Role | Naming::Session => {
                    let barred = powers.bars(ASSUME, &target, admission.naming == Naming::Role);
                    let words = format!("statement {index} of the trust policy of `{}` lets `{}`", to.name, from.name);
                    (barred.negated(), format!("{words} in by itself, for which it needs no Allow of its own"))
                }
            };
            let sure = admission.sure.and(passes);
            if sure.is_no() {
                if tell {
                    halves.push(half(&evidence(), format!("statement {index} of the trust of `{}`", to.name)));
                }
                continue;
            }
            let step = Step {
                from,
                to,
                doubt: (!sure.is_yes()).then(|| {
                    undecided(format!(
                        "whether `{}` can become `{}` hangs on the conditions of statement {index} of the latter's trust policy",
                        from.name, to.name
                    ))
                }),
                words,
                evidence: permission.iter().cloned().chain([evidence()]).collect(),
            };
            if step.doubt.is_none() {
                return Way::Open(Box::new(step));
            }
            doubtful.get_or_insert(step);
        }
        doubtful.map_or(Way::Closed(halves), |step| Way::Open(Box::new(step)))
    }

    fn unsure(&self, from: &'a Role, to: &'a Role, doubt: Unknown<'a>, evidence: Vec<Evidence>) -> Way<'a> {
        Way::Open(Box::new(Step { from, to, doubt: Some(doubt), words: String::new(), evidence }))
    }
}
