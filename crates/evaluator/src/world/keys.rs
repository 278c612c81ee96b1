//! Keys: what a reference means, which keys the baseline declares for which use, and which are in use.

use plumbline_findings::{Evidence, Reason};
use plumbline_names::ResourceRef;
use plumbline_snapshot::kms::{self, Key, KeyMetadata, Kms};

use crate::baseline::{Environment, KeyBy, KeyChoice, KeyUse};
use crate::judge::{Known, Set, Unknown, field};
use crate::place::Place;
use crate::world::World;
use crate::world::buckets::DataBucket;

/// What a reference to a key means.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Meaning {
    /// The key of this ARN.
    Key(String),
    /// A key that AWS made for one of its services: this alias. Never a customer's.
    AwsManaged(String),
    /// Nothing: an alias that does not exist, or has no key yet.
    Nothing(String),
}

/// Whether a reference means a key of the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyAnswer {
    /// The reference as written, and what it means.
    pub(crate) saw: String,
    /// Why it is no key of the environment for this use; none if it is one.
    pub(crate) fault: Option<String>,
}

/// A way in which a key is not usable (DATA-10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyFault {
    /// What is wrong, to follow the key's name: `is disabled`.
    pub(crate) message: String,
    /// The field that says so.
    pub(crate) evidence: Evidence,
    /// Data under the key is out of reach now, or soon.
    pub(crate) locks_out: bool,
}

impl KeyAnswer {
    fn good(saw: String) -> Self {
        Self { saw, fault: None }
    }

    fn bad(saw: String, fault: impl Into<String>) -> Self {
        Self { saw, fault: Some(fault.into()) }
    }
}

impl<'a> World<'a> {
    /// What a reference (id, ARN, alias name or alias ARN) means in the place's Region.
    ///
    /// # Errors
    /// The aliases were not seen, or the alias is another account's or Region's.
    pub(crate) fn key_meant(&self, place: &Place<'a>, written: &str) -> Known<'a, Meaning> {
        let alias = match written.split_once(":alias/") {
            Some((_, name)) => Some(format!("alias/{name}")),
            None => written.starts_with("alias/").then(|| written.to_owned()),
        };
        if let Some(alias) = &alias
            && alias.starts_with("alias/aws/")
        {
            return Ok(Meaning::AwsManaged(alias.clone()));
        }
        if Kms::is_foreign_alias(written, place.account, place.region) {
            return Err(Unknown::Because(
                Reason::Unresolved,
                format!("`{written}` is an alias of another account or Region, which only its owner can follow"),
            ));
        }
        let kms = &self.regional(place)?.kms;
        Ok(match kms.key_arn(written, place.account, place.partition, place.region)? {
            Some(arn) => Meaning::Key(arn),
            None => Meaning::Nothing(alias.unwrap_or_else(|| written.to_owned())),
        })
    }

    /// Whether `written` is a key of the environment for one of `uses`: usable as DATA-10 wants it, and declared.
    ///
    /// # Errors
    /// The reference cannot be followed, or what decides was not seen.
    pub(crate) fn environment_key(
        &self,
        place: &Place<'a>,
        written: Option<&str>,
        uses: &[KeyUse],
    ) -> Known<'a, KeyAnswer> {
        let Some(written) = written.filter(|written| !written.is_empty()) else {
            return Ok(KeyAnswer::bad("not set".to_owned(), "is not set"));
        };
        let arn = match self.key_meant(place, written)? {
            Meaning::Key(arn) => arn,
            Meaning::AwsManaged(_) => {
                return Ok(KeyAnswer::bad(written.to_owned(), format!("is the AWS-managed key `{written}`")));
            }
            Meaning::Nothing(_) => {
                return Ok(KeyAnswer::bad(written.to_owned(), format!("is `{written}`, which leads to no key")));
            }
        };
        let saw = if arn == written { arn.clone() } else { format!("{written} ({arn})") };
        // What is certainly not declared is certainly wrong, whatever is known of the key.
        let declared = self.declares(place, &arn, uses);
        if declared == Ok(false) {
            return Ok(KeyAnswer::bad(
                saw,
                format!("is `{written}`, which the baseline does not declare for {}", words(uses)),
            ));
        }
        match self.key_faults(place, &arn)?.first() {
            Some(fault) => Ok(KeyAnswer::bad(saw, format!("is `{written}`, which {}", fault.message))),
            None => declared.map(|_| KeyAnswer::good(saw)),
        }
    }

    /// Whether the baseline declares the key of this ARN for one of `uses`.
    ///
    /// # Errors
    /// The baseline has no keys, or the aliases or tags that decide were not seen.
    pub(crate) fn declares(&self, place: &Place<'a>, arn: &str, uses: &[KeyUse]) -> Known<'a, bool> {
        let mut unknown = None;
        for environment in &place.environments {
            let Some(choices) = &environment.kms_keys else {
                unknown = unknown.or_else(|| Some(Unknown::baseline_missing("kms_keys")));
                continue;
            };
            for choice in choices.iter().filter(|choice| uses.iter().any(|wanted| choice.uses.contains(wanted))) {
                match self.means(place, choice, arn) {
                    Ok(true) => return Ok(true),
                    Ok(false) => {}
                    Err(reason) => unknown = unknown.or(Some(reason)),
                }
            }
        }
        unknown.map_or(Ok(false), Err)
    }

    /// Whether an entry of the baseline means the key of this ARN.
    ///
    /// # Errors
    /// The aliases or tags that decide were not seen.
    pub(crate) fn means(&self, place: &Place<'a>, choice: &'a KeyChoice, arn: &str) -> Known<'a, bool> {
        let kms = &self.regional(place)?.kms;
        match &choice.by {
            KeyBy::Arn(wanted) => Ok(wanted.as_str() == arn),
            KeyBy::Alias(alias) => Ok(self.key_meant(place, alias)? == Meaning::Key(arn.to_owned())),
            KeyBy::AliasPattern(pattern) => {
                for alias in aliases_of(kms, arn).filter(|alias| pattern.matches(alias)) {
                    if self.key_meant(place, alias)? == Meaning::Key(arn.to_owned()) {
                        return Ok(true);
                    }
                }
                kms.aliases.all().map(|_| false).map_err(Unknown::Gap)
            }
            KeyBy::Tags(wanted) => {
                let tags = self.key(place, arn)?.tags.sight()?;
                Ok(wanted.iter().all(|(name, value)| tags.get(name) == Some(value)))
            }
        }
    }

    /// The keys that the aliases of a pattern point at, of those seen.
    fn aliased(&self, place: &Place<'a>, choice: &KeyChoice) -> Known<'a, Vec<String>> {
        let KeyBy::AliasPattern(pattern) = &choice.by else { return Ok(Vec::new()) };
        let kms = &self.regional(place)?.kms;
        let names = kms.aliases.seen().map(|alias| alias.name.as_str());
        let mut keys = Vec::new();
        for name in names.filter(|name| !name.starts_with("alias/aws/") && pattern.matches(name)) {
            if let Meaning::Key(arn) = self.key_meant(place, name)? {
                keys.push(arn);
            }
        }
        Ok(keys)
    }

    /// The keys that an entry of the baseline means, of those seen; what is not known is told beside them.
    pub(crate) fn keys_meant(
        &self,
        place: &Place<'a>,
        choice: &'a KeyChoice,
    ) -> Known<'a, (Vec<Meaning>, Option<Unknown<'a>>)> {
        let kms = &self.regional(place)?.kms;
        match &choice.by {
            KeyBy::Arn(arn) => Ok((vec![self.key_meant(place, arn.as_str())?], None)),
            KeyBy::Alias(alias) => Ok((vec![self.key_meant(place, alias)?], None)),
            KeyBy::AliasPattern(_) => {
                let keys = self.aliased(place, choice)?.into_iter().map(Meaning::Key).collect();
                Ok((keys, kms.aliases.gap().map(Unknown::Gap)))
            }
            KeyBy::Tags(_) => {
                let mut unknown = None;
                let mut keys = Vec::new();
                for arn in kms.keys.keys() {
                    match self.means(place, choice, arn) {
                        Ok(true) => keys.push(Meaning::Key(arn.clone())),
                        Ok(false) => {}
                        Err(reason) => unknown = unknown.or(Some(reason)),
                    }
                }
                // Keys are found through their aliases; one not listed may carry the tags.
                Ok((keys, unknown.or_else(|| kms.aliases.gap().map(Unknown::Gap))))
            }
        }
    }

    /// The ARNs of the keys that the baseline declares for one of `uses`, of those that were seen.
    pub(crate) fn keys_for(&self, place: &Place<'a>, uses: &[KeyUse]) -> Set<'a, String> {
        let mut found = Set::whole(Vec::new());
        for environment in &place.environments {
            let Some(choices) = &environment.kms_keys else {
                found.unknown = found.unknown.or_else(|| Some(Unknown::baseline_missing("kms_keys")));
                continue;
            };
            for choice in choices.iter().filter(|choice| uses.iter().any(|wanted| choice.uses.contains(wanted))) {
                let (meanings, unknown) = match self.keys_meant(place, choice) {
                    Ok(meant) => meant,
                    Err(unknown) => (Vec::new(), Some(unknown)),
                };
                found.unknown = found.unknown.or(unknown);
                found.items.extend(meanings.into_iter().filter_map(|meaning| match meaning {
                    Meaning::Key(arn) => Some(arn),
                    Meaning::AwsManaged(_) | Meaning::Nothing(_) => None,
                }));
            }
        }
        found.items.sort();
        found.items.dedup();
        found
    }

    /// Whether `written` means a key that AWS made for one of its services.
    ///
    /// # Errors
    /// The reference cannot be followed, or the key was not seen.
    pub(crate) fn is_aws_managed(&self, place: &Place<'a>, written: &str) -> Known<'a, bool> {
        let arn = match self.key_meant(place, written)? {
            Meaning::AwsManaged(_) => return Ok(true),
            Meaning::Nothing(_) => return Ok(false),
            Meaning::Key(arn) => arn,
        };
        if aliases_of(&self.regional(place)?.kms, &arn).any(|alias| alias.starts_with("alias/aws/")) {
            return Ok(true);
        }
        let metadata = self.key(place, &arn)?.metadata.sight()?.as_ref();
        Ok(metadata.is_some_and(|metadata| metadata.manager.as_deref() == Some("AWS")))
    }

    /// What was read of a key.
    ///
    /// # Errors
    /// The snapshot does not cover it.
    pub(crate) fn key(&self, place: &Place<'a>, arn: &str) -> Known<'a, &'a Key> {
        self.regional(place)?
            .kms
            .keys
            .get(arn)
            .ok_or_else(|| Unknown::Because(Reason::NotRead, format!("the snapshot does not cover the key `{arn}`")))
    }

    /// The ways in which a key is not the usable customer key that DATA-10 wants; none if it is.
    ///
    /// # Errors
    /// It was not seen.
    pub(crate) fn key_faults(&self, place: &Place<'a>, arn: &str) -> Known<'a, Vec<KeyFault>> {
        let Some(metadata) = self.key(place, arn)?.metadata.sight()? else {
            return Ok(vec![fault(arn, "KeyMetadata", "none", "a key", "does not exist".to_owned(), false)]);
        };
        let said = |name: &str, value: &'a Option<String>| {
            value.as_deref().ok_or_else(|| {
                Unknown::Because(Reason::ApiError, format!("kms:DescribeKey of `{arn}` answered without `{name}`"))
            })
        };
        let KeyMetadata { manager, state, spec, usage, account, .. } = metadata;
        let mut faults = Vec::new();
        let mut unknown = None;
        let mut wants =
            |name: &str, value: &'a Option<String>, wanted: &str, message: &dyn Fn(&str) -> String| match said(
                name, value,
            ) {
                Ok(saw) if saw == wanted => {}
                Ok(saw) => {
                    let locks_out = name == "KeyState"
                        && matches!(saw, "PendingDeletion" | "PendingReplicaDeletion" | "Unavailable" | "Disabled");
                    faults.push(fault(arn, name, saw, wanted, message(saw), locks_out));
                }
                Err(reason) => unknown = unknown.take().or(Some(reason)),
            };
        let deleted = metadata.deletion_date.map_or_else(String::new, |date| format!(", to be deleted at {date}"));
        wants("KeyState", state, "Enabled", &|saw| format!("is in state {saw}{deleted}"));
        wants("KeyManager", manager, "CUSTOMER", &|saw| format!("is managed by {saw}, not by the customer"));
        wants("KeySpec", spec, "SYMMETRIC_DEFAULT", &|saw| format!("is of kind {saw}, not symmetric"));
        wants("KeyUsage", usage, "ENCRYPT_DECRYPT", &|saw| format!("is for {saw}, not for encryption"));
        match said("AWSAccountId", account) {
            Ok(owner) if allows(place, owner) => {}
            // An AWS-managed key says all with its manager.
            Ok(_) if manager.as_deref() == Some("AWS") => {}
            Ok(owner) => faults.push(fault(
                arn,
                "AWSAccountId",
                owner,
                "an account of allowed_accounts",
                format!("belongs to account {owner}, which is not allowed"),
                false,
            )),
            Err(reason) => unknown = unknown.take().or(Some(reason)),
        }
        match unknown {
            Some(unknown) if faults.is_empty() => Err(unknown),
            _ => Ok(faults),
        }
    }

    /// The ARNs of the keys that may encrypt a data bucket, of those seen: the one that the baseline gives it, or all of use
    /// `s3`.
    pub(crate) fn keys_of_bucket(&self, place: &Place<'a>, bucket: &DataBucket<'a>) -> Set<'a, String> {
        let mut keys: Set<'a, String> = Set::whole(Vec::new());
        let mut named = false;
        for environment in &place.environments {
            let Some(choices) = &environment.kms_keys else {
                keys.unknown.get_or_insert_with(|| Unknown::baseline_missing("kms_keys"));
                continue;
            };
            let its = |choice: &&KeyChoice| match &bucket.choice.kms_key {
                Some(name) => choice.name == *name,
                None => choice.uses.contains(&KeyUse::S3),
            };
            for choice in choices.iter().filter(its) {
                named = true;
                match self.keys_meant(place, choice) {
                    Ok((meanings, unknown)) => {
                        let arns = meanings.into_iter().filter_map(|meaning| match meaning {
                            Meaning::Key(arn) => Some(arn),
                            Meaning::AwsManaged(_) | Meaning::Nothing(_) => None,
                        });
                        keys.items.extend(arns);
                        keys.unknown = keys.unknown.take().or(unknown);
                    }
                    Err(unknown) => keys.unknown = keys.unknown.take().or(Some(unknown)),
                }
            }
        }
        if !named {
            let what =
                bucket.choice.kms_key.as_ref().map_or("of use `s3`".to_owned(), |name| format!("named `{name}`"));
            let missing = || Unknown::Because(Reason::BaselineMissing, format!("the baseline has no key {what}"));
            keys.unknown.get_or_insert_with(missing);
        }
        keys
    }

    /// Whether a data bucket encrypts by default with its key (DATA-01).
    ///
    /// # Errors
    /// What decides was not seen.
    pub(crate) fn bucket_key(&self, place: &Place<'a>, bucket: &DataBucket<'a>) -> Known<'a, KeyAnswer> {
        let Some(found) = self.bucket(bucket)? else {
            return Ok(KeyAnswer::bad("no such bucket".to_owned(), "does not exist"));
        };
        let Some(encryption) = found.encryption.sight()? else {
            return Ok(KeyAnswer::bad("none".to_owned(), "has no default encryption"));
        };
        let algorithm = encryption.algorithm.as_str();
        if !matches!(algorithm, "aws:kms" | "aws:kms:dsse") {
            return Ok(KeyAnswer::bad(algorithm.to_owned(), format!("encrypts by default with {algorithm}")));
        }
        let Some(written) = encryption.key.as_deref().filter(|key| !key.is_empty()) else {
            return Ok(KeyAnswer::bad(
                format!("{algorithm} without a key"),
                format!("encrypts by default with {algorithm} and no key, which means the AWS-managed `aws/s3`"),
            ));
        };
        let region = found.region.sight()?.as_deref();
        let is_key_arn = written.starts_with("arn:") && !written.contains(":alias/");
        if !is_key_arn && region.is_some_and(|region| region != place.region.to_string()) {
            return Err(Unknown::Because(
                Reason::Unresolved,
                format!("`{written}` is a key of another Region than `{}`, which cannot be followed", place.region),
            ));
        }
        let mut answer = match &bucket.choice.kms_key {
            None => self.environment_key(place, Some(written), &[KeyUse::S3])?,
            Some(wanted) => self.named_key(place, written, wanted)?,
        };
        answer.saw = format!("{algorithm}, {}", answer.saw);
        answer.fault = answer.fault.map(|fault| format!("encrypts by default with a key that {fault}"));
        Ok(answer)
    }

    /// Whether `written` means the usable key that the baseline calls `name`.
    fn named_key(&self, place: &Place<'a>, written: &str, name: &str) -> Known<'a, KeyAnswer> {
        let any = self.environment_key(place, Some(written), &KeyUse::ALL)?;
        let Meaning::Key(arn) = self.key_meant(place, written)? else { return Ok(any) };
        let entries = place.environments.iter().flat_map(|environment| environment.kms_keys.iter().flatten());
        let mut unknown = None;
        let mut known = false;
        for choice in entries.filter(|choice| choice.name == name) {
            known = true;
            match self.means(place, choice, &arn) {
                Ok(true) => return Ok(any),
                Ok(false) => {}
                Err(reason) => unknown = unknown.or(Some(reason)),
            }
        }
        match unknown {
            Some(unknown) => Err(unknown),
            None if known => {
                let fault = any.fault.unwrap_or_else(|| format!("is `{written}`, not the baseline's key `{name}`"));
                Ok(KeyAnswer { saw: any.saw, fault: Some(fault) })
            }
            None => Err(Unknown::Because(Reason::BaselineMissing, format!("the baseline has no key named `{name}`"))),
        }
    }
}

/// The key of this ARN as the resource of a finding, by its id.
pub(crate) fn key_ref(arn: &str) -> ResourceRef {
    ResourceRef::new(arn, "AWS::KMS::Key", arn.rsplit('/').next().unwrap_or(arn))
}

/// The aliases that point at a key, of those seen, in order.
pub(crate) fn aliases_of<'k>(kms: &'k Kms, arn: &str) -> impl Iterator<Item = &'k str> {
    let id = arn.rsplit('/').next().unwrap_or(arn);
    let on_it = kms.aliases.seen().filter(move |alias| alias.target.as_deref().is_some_and(|it| it == arn || it == id));
    on_it.map(|alias| alias.name.as_str())
}

/// Whether the baseline lets this account own what the place uses.
pub(crate) fn allows(place: &Place<'_>, account: &str) -> bool {
    let allows = |environment: &&Environment| environment.allowed_accounts.iter().any(|it| it.as_str() == account);
    place.environments.iter().any(allows)
}

/// The uses in words: `volume`, `studio or volume`.
pub(crate) fn words(uses: &[KeyUse]) -> String {
    if uses.len() == KeyUse::ALL.len() {
        return "any use".to_owned();
    }
    let words: Vec<String> = uses.iter().map(|wanted| format!("`{}`", wanted.as_str())).collect();
    format!("use {}", words.join(" or "))
}

fn fault(arn: &str, name: &str, saw: &str, wanted: &str, message: String, locks_out: bool) -> KeyFault {
    KeyFault { message, evidence: field(&kms::KEY, format!("{arn}.{name}"), saw, wanted), locks_out }
}
