//! Whether a principal element names the caller, and in which way: what a resource policy gives
//! depends on that. How grants then combine is in `layers`.

use crate::answer::Answer;
use crate::document::{Principal, PrincipalKind, Principals, Sense};
use crate::principal::{PrincipalClass, classify};
use crate::request::{Asker, Caller, Request};
use crate::trial::{Found, Trial};

/// A principal as written, made ready.
#[derive(Clone, Debug)]
enum Who {
    /// `"*"`
    Everyone,
    /// `{"AWS": "*"}`
    EveryoneOfAws,
    Account(String),
    User {
        arn: String,
        account: String,
    },
    Role {
        arn: String,
        account: String,
        /// Without path.
        name: String,
    },
    Session {
        arn: String,
        account: String,
        role: String,
    },
    FederatedUser(String),
    Service(String),
    Provider(String),
    /// The unique id of a principal that is gone.
    Deleted,
    CanonicalUser,
    /// None of these, and no ARN of any caller.
    Nobody,
    /// Not documented, such as a wildcard inside an ARN.
    Odd(String),
}

/// The elements `Principal` and `NotPrincipal`, made ready.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    sense: Sense,
    members: Vec<Who>,
}

/// The ways in which a caller can be named (IAM User Guide, "AWS JSON policy elements:
/// Principal").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ways {
    /// The user, the session, the service itself.
    pub(crate) itself: Answer,
    /// The role of a session.
    pub(crate) role: Answer,
    /// Everyone.
    pub(crate) everyone: Answer,
    /// The caller's account, which hands on by its own policies.
    pub(crate) account: Answer,
}

impl Ways {
    pub(crate) const NONE: Ways =
        Ways { itself: Answer::No, role: Answer::No, everyone: Answer::No, account: Answer::No };

    /// Of a policy that cannot be read for certain.
    pub(crate) const OPEN: Ways = Ways {
        itself: Answer::Undecidable,
        role: Answer::Undecidable,
        everyone: Answer::Undecidable,
        account: Answer::Undecidable,
    };

    /// In any way.
    pub(crate) fn any(self) -> Answer {
        self.itself.or(self.role).or(self.everyone).or(self.account)
    }

    pub(crate) fn and(self, rest: Answer) -> Ways {
        self.each(|way| way.and(rest))
    }

    pub(crate) fn or(self, other: Ways) -> Ways {
        Ways {
            itself: self.itself.or(other.itself),
            role: self.role.or(other.role),
            everyone: self.everyone.or(other.everyone),
            account: self.account.or(other.account),
        }
    }

    fn each(self, change: impl Fn(Answer) -> Answer) -> Ways {
        Ways {
            itself: change(self.itself),
            role: change(self.role),
            everyone: change(self.everyone),
            account: change(self.account),
        }
    }
}

impl Who {
    fn new(principal: &Principal) -> Self {
        let arn = principal.value.clone();
        match classify(principal) {
            PrincipalClass::Everyone if principal.kind == PrincipalKind::Everyone => Who::Everyone,
            PrincipalClass::Everyone => Who::EveryoneOfAws,
            PrincipalClass::Account(account) => Who::Account(account.to_owned()),
            PrincipalClass::User { account, .. } => Who::User { account: account.to_owned(), arn },
            PrincipalClass::Role { account, name } => {
                let name = name.rsplit('/').next().unwrap_or(name).to_owned();
                Who::Role { account: account.to_owned(), name, arn }
            }
            PrincipalClass::Session { account, role, .. } => {
                Who::Session { account: account.to_owned(), role: role.to_owned(), arn }
            }
            PrincipalClass::FederatedUser { .. } => Who::FederatedUser(arn),
            PrincipalClass::Service(service) => Who::Service(service.to_ascii_lowercase()),
            PrincipalClass::SamlProvider { .. } | PrincipalClass::OidcProvider { .. } => Who::Provider(arn),
            PrincipalClass::Deleted(_) => Who::Deleted,
            PrincipalClass::CanonicalUser(_) => Who::CanonicalUser,
            // An identity of CloudFront stands for no caller of a request.
            PrincipalClass::Unrecognized(text)
                if text.starts_with("arn:aws:iam::cloudfront:user/") && !text.contains(['*', '?']) =>
            {
                Who::Nobody
            }
            PrincipalClass::Unrecognized(text) => Who::Odd(text.to_owned()),
        }
    }

    fn names(&self, asker: Asker<'_>, trial: &Trial<'_>) -> Ways {
        let Asker { principal: text, caller, account: own_account } = asker;
        let itself = |answer| Ways { itself: answer, ..Ways::NONE };
        let in_account = |account: &str| own_account == Some(account);
        match self {
            Who::Everyone | Who::EveryoneOfAws => {
                let everyone = match caller {
                    Caller::Provider if matches!(self, Who::EveryoneOfAws) => {
                        trial.open(|| "a principal {\"AWS\": \"*\"} against a federated identity".to_owned())
                    }
                    Caller::Service if matches!(self, Who::EveryoneOfAws) => {
                        trial.open(|| "a principal {\"AWS\": \"*\"} against a service".to_owned())
                    }
                    _ => Answer::Yes,
                };
                Ways { everyone, ..Ways::NONE }
            }
            Who::Account(account) => {
                let account = Answer::from(in_account(account) && *caller != Caller::Provider);
                Ways { account, ..Ways::NONE }
            }
            // What the parent is given reaches the federated user within its session policies,
            // as what a role is given reaches its sessions.
            Who::User { account, .. } if *caller == Caller::FederatedUser && in_account(account) => {
                let role = trial.open(|| "a user who may be the parent of the federated user".to_owned());
                Ways { role, ..Ways::NONE }
            }
            Who::User { arn, .. } => itself(Answer::from(*caller == Caller::User && arn == text)),
            Who::Role { account, name, arn } => {
                let role = match caller {
                    Caller::Session { role } => in_account(account) && role == name,
                    Caller::Role => arn == text,
                    _ => false,
                };
                Ways { role: Answer::from(role), ..Ways::NONE }
            }
            Who::Session { arn, account, role } => match caller {
                Caller::Session { .. } => itself(Answer::from(arn == text)),
                Caller::Role if in_account(account) && text.rsplit('/').next() == Some(role) => {
                    itself(trial.open(|| "a session as principal against a role without session".to_owned()))
                }
                _ => Ways::NONE,
            },
            Who::FederatedUser(arn) => itself(Answer::from(*caller == Caller::FederatedUser && arn == text)),
            Who::Service(service) => {
                itself(Answer::from(*caller == Caller::Service && text.eq_ignore_ascii_case(service)))
            }
            Who::Provider(provider) => match caller {
                Caller::Provider => itself(Answer::from(provider == text)),
                Caller::Session { .. } => match trial.look("aws:federatedprovider") {
                    Found::One(own) if own == provider => {
                        itself(trial.open(|| "a provider as principal against a session of it".to_owned()))
                    }
                    _ => Ways::NONE,
                },
                _ => Ways::NONE,
            },
            // It stands for an account; for which one, the policy does not say.
            Who::CanonicalUser if own_account.is_some() && *caller != Caller::Provider => {
                let account = trial.open(|| "a canonical user id as principal".to_owned());
                Ways { account, ..Ways::NONE }
            }
            Who::CanonicalUser | Who::Deleted | Who::Nobody => Ways::NONE,
            Who::Odd(text) => itself(trial.open(|| format!("`{text}` as principal"))),
        }
    }
}

impl Named {
    pub(crate) fn new(principals: &Principals) -> Self {
        Named { sense: principals.sense, members: principals.members.iter().map(Who::new).collect() }
    }

    /// `"*"` and `{"AWS": "*"}` are the same (IAM User Guide, "AWS JSON policy elements: Principal").
    pub(crate) fn alike(mut self) -> Self {
        for who in &mut self.members {
            if matches!(who, Who::EveryoneOfAws) {
                *who = Who::Everyone;
            }
        }
        self
    }

    pub(crate) fn leaves_out(&self) -> bool {
        self.sense == Sense::AllBut
    }

    /// Whether it is everyone, in either spelling, and nobody else.
    pub(crate) fn is_everyone(&self) -> bool {
        let everyone = |who: &Who| matches!(who, Who::Everyone | Who::EveryoneOfAws);
        self.sense == Sense::Only && self.members.iter().all(everyone)
    }

    /// In which ways the element names the caller. `bounded`: the caller has a permissions
    /// boundary.
    pub(crate) fn names(&self, trial: &Trial<'_>, bounded: bool) -> Ways {
        self.names_asker(trial.request.asker(), trial, bounded)
    }

    /// The same of another caller than that of the request, whose keys are looked at.
    pub(crate) fn names_asker(&self, asker: Asker<'_>, trial: &Trial<'_>, bounded: bool) -> Ways {
        let listed = self.members.iter().fold(Ways::NONE, |ways, who| ways.or(who.names(asker, trial)));
        match self.sense {
            Sense::Only => listed,
            Sense::AllBut => Ways { everyone: spares_not(asker, trial, listed, bounded), ..Ways::NONE },
        }
    }
}

/// Whether `NotPrincipal` speaks of the caller, who is in its list in these ways (IAM User Guide,
/// "AWS JSON policy elements: NotPrincipal": the account, the role and the session must all be
/// named; "Permissions boundaries for IAM entities": who has one is always denied).
fn spares_not(asker: Asker<'_>, trial: &Trial<'_>, listed: Ways, bounded: bool) -> Answer {
    let federated = *asker.caller == Caller::FederatedUser;
    if bounded && !federated {
        return Answer::Yes;
    }
    let needed: &[Answer] = match asker.caller {
        Caller::Root => &[listed.account],
        Caller::User | Caller::FederatedUser => &[listed.itself, listed.account],
        Caller::Role => &[listed.role, listed.account],
        Caller::Session { .. } => &[listed.itself, listed.role, listed.account],
        Caller::Service | Caller::Provider => &[listed.itself],
        Caller::Anonymous => &[],
    };
    let some = listed.any();
    let all = Answer::all(needed.iter().copied());
    match (some, all) {
        (Answer::No, _) => Answer::Yes,
        (_, Answer::Yes) if bounded => {
            trial.open(|| "NotPrincipal that names a federated user whose parent has a boundary".to_owned())
        }
        (_, Answer::Yes) => Answer::No,
        _ => trial.open(|| "NotPrincipal that names a part of the caller, its role and its account".to_owned()),
    }
}

/// Whether the caller is a service-linked role: by the path of the role's ARN, or else perhaps
/// by its name (IAM User Guide, "Create a service-linked role").
pub(crate) fn is_service_linked(request: &Request) -> Answer {
    let in_path = |arn: &str| arn.contains(":role/aws-service-role/");
    match request.caller() {
        Caller::Role => Answer::from(in_path(request.principal())),
        Caller::Session { role } => match request.folded_value("aws:principalarn") {
            Some(crate::request::ContextValue::One(arn)) => Answer::from(in_path(arn)),
            _ if role.starts_with("AWSServiceRoleFor") => Answer::Undecidable,
            _ => Answer::No,
        },
        _ => Answer::No,
    }
}
