//! Every key that the baseline or a resource of the environment refers to, and who does.

use std::collections::BTreeMap;

use plumbline_names::{ResourceRef, Text};
use plumbline_snapshot::{Source, cloudtrail, ec2, s3};

use crate::baseline::{KeyBy, KeyUse};
use crate::judge::{Known, Set, Unknown};
use crate::place::Place;
use crate::world::World;
use crate::world::keys::{Meaning, aliases_of};
use crate::world::sagemaker::{Kind, Member};

/// The uses of a file system's key.
pub(crate) const STUDIO: &[KeyUse] = &[KeyUse::Studio, KeyUse::Volume];
/// The uses of a volume's key.
pub(crate) const VOLUME: &[KeyUse] = &[KeyUse::Volume];
/// The uses of an output's key.
pub(crate) const OUTPUT: &[KeyUse] = &[KeyUse::Output];

/// A key in use.
#[derive(Debug, Clone)]
pub(crate) struct KeyInUse<'a> {
    /// What the references mean, or why they cannot be followed.
    pub(crate) meaning: Known<'a, Meaning>,
    /// It as the resource of a finding.
    pub(crate) resource: ResourceRef,
    /// Who refers to it; at least one.
    pub(crate) by: Vec<Referrer>,
}

/// Something that refers to a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Referrer {
    /// Who, for sentences.
    pub(crate) who: String,
    /// The field and the read that says so; none for the baseline itself.
    pub(crate) field: Option<(&'static Source, String)>,
    /// The reference as written.
    pub(crate) written: String,
    /// The uses of which the baseline must declare one; empty where it need not.
    pub(crate) uses: &'static [KeyUse],
    /// It names this key, and does not merely match it by pattern or tags.
    pub(crate) names_it: bool,
}

/// What is found while the references are gathered.
struct Gathered<'a> {
    keys: BTreeMap<Text, KeyInUse<'a>>,
    unknown: Option<Unknown<'a>>,
}

impl<'a> World<'a> {
    /// Every key that the baseline names, or that a data bucket, a SageMaker resource of the place, a logging trail or the
    /// EBS default refers to. AWS's own EBS key as the default is no reference: nobody chose it, and DATA-13 judges it.
    pub(crate) fn keys_in_use(&self, place: &Place<'a>) -> Set<'a, KeyInUse<'a>> {
        let mut gathered = Gathered { keys: BTreeMap::new(), unknown: None };
        self.keys_of_baseline(place, &mut gathered);
        self.keys_of_buckets(place, &mut gathered);
        if let Err(unknown) = self.keys_of_region(place, &mut gathered) {
            gathered.lacks(unknown);
        }
        self.keys_of_resources(place, &mut gathered);
        let mut keys: Vec<KeyInUse<'a>> = gathered.keys.into_values().collect();
        if let Ok(regional) = self.regional(place) {
            for key in &mut keys {
                // People know a key by its alias; the ARN stays its identity.
                if let Ok(Meaning::Key(arn)) = &key.meaning
                    && let Some(alias) = aliases_of(&regional.kms, arn).next()
                {
                    key.resource.name = alias.into();
                }
            }
        }
        Set { items: keys, unknown: gathered.unknown }
    }

    fn keys_of_baseline(&self, place: &Place<'a>, gathered: &mut Gathered<'a>) {
        for environment in &place.environments {
            let Some(choices) = &environment.kms_keys else {
                gathered.lacks(Unknown::baseline_missing("kms_keys"));
                continue;
            };
            for choice in choices {
                let (written, names_it) = match &choice.by {
                    KeyBy::Arn(arn) => (arn.as_str(), true),
                    KeyBy::Alias(alias) => (alias.as_str(), true),
                    KeyBy::AliasPattern(pattern) => (pattern.as_str(), false),
                    KeyBy::Tags(_) => ("tags", false),
                };
                let referrer = || Referrer {
                    who: format!("the baseline's entry `{}`", choice.name),
                    field: None,
                    written: written.to_owned(),
                    uses: &[],
                    names_it,
                };
                match self.keys_meant(place, choice) {
                    Ok((meanings, unknown)) => {
                        meanings.into_iter().for_each(|meaning| gathered.add(place, Ok(meaning), referrer()));
                        gathered.unknown = gathered.unknown.take().or(unknown);
                    }
                    Err(unknown) => gathered.add(place, Err(unknown), referrer()),
                }
            }
        }
    }

    fn keys_of_buckets(&self, place: &Place<'a>, gathered: &mut Gathered<'a>) {
        let buckets = self.data_buckets(place);
        gathered.unknown = gathered.unknown.take().or(buckets.unknown);
        for bucket in buckets.items {
            let encryption = self.bucket(&bucket).and_then(|found| match found {
                Some(found) => Ok(found.encryption.sight()?.as_ref()),
                None => Ok(None),
            });
            match encryption {
                Ok(Some(encryption)) => {
                    let path = format!("{}.ServerSideEncryptionConfiguration.KMSMasterKeyID", bucket.name);
                    let who = format!("the bucket `{}`", bucket.name);
                    self.refer(place, gathered, who, &s3::BUCKET_ENCRYPTION, path, &encryption.key, &[KeyUse::S3]);
                }
                Ok(None) => {}
                Err(unknown) => gathered.lacks(unknown),
            }
        }
    }

    fn keys_of_region(&self, place: &Place<'a>, gathered: &mut Gathered<'a>) -> Known<'a, ()> {
        let regional = self.regional(place)?;
        let any_will_do = place.environments.iter().any(|environment| environment.ebs_default_key_any_cmk);
        match regional.ec2.ebs_default_key.sight() {
            Ok(Some(written)) if self.is_aws_managed(place, written) == Ok(true) => {}
            Ok(written) => {
                let uses: &[KeyUse] = if any_will_do { &[] } else { &KeyUse::ALL };
                let who = format!("the default of EBS in `{}`", place.region);
                self.refer(place, gathered, who, &ec2::EBS_DEFAULT_KEY, "KmsKeyId".to_owned(), written, uses);
            }
            Err(gap) => gathered.lacks(gap),
        }
        gathered.unknown = gathered.unknown.take().or(regional.cloudtrail.trails.gap().map(Unknown::Gap));
        for trail in regional.cloudtrail.trails.seen().filter(|trail| trail.kms_key.is_some()) {
            match trail.status.sight() {
                Ok(Some(status)) if status.is_logging => {
                    let path = format!("{}.KmsKeyId", trail.arn);
                    let who = format!("the trail `{}`", trail.name);
                    self.refer(place, gathered, who, &cloudtrail::TRAILS, path, &trail.kms_key, &[KeyUse::Logs]);
                }
                Ok(_) => {}
                Err(gap) => gathered.lacks(gap),
            }
        }
        Ok(())
    }

    fn keys_of_resources(&self, place: &Place<'a>, gathered: &mut Gathered<'a>) {
        self.refer_each(place, gathered, self.notebooks(place), |notebook| {
            vec![("KmsKeyId".to_owned(), &notebook.kms_key, VOLUME)]
        });
        self.refer_each(place, gathered, self.domains(place), |domain| {
            let (name, key) = match &domain.kms_key {
                Some(_) => ("KmsKeyId", &domain.kms_key),
                None => ("HomeEfsFileSystemKmsKeyId", &domain.home_efs_kms_key),
            };
            vec![(name.to_owned(), key, STUDIO)]
        });
        self.refer_each(place, gathered, self.training_jobs(place), |job| {
            vec![
                ("ResourceConfig.VolumeKmsKeyId".to_owned(), &job.volume_key, VOLUME),
                ("OutputDataConfig.KmsKeyId".to_owned(), &job.output_key, OUTPUT),
            ]
        });
        self.refer_each(place, gathered, self.endpoint_configs(place), |config| {
            let capture = config.data_capture.iter().map(|it| ("DataCaptureConfig.KmsKeyId".to_owned(), &it.kms_key));
            let output = config.async_output.iter();
            let output = output.map(|it| ("AsyncInferenceConfig.OutputConfig.KmsKeyId".to_owned(), &it.kms_key));
            let dumps = config.variants.iter().filter_map(|variant| {
                let dump = variant.core_dump.as_ref()?;
                Some((format!("ProductionVariants[{}].CoreDumpConfig.KmsKeyId", variant.name), &dump.kms_key))
            });
            let outputs = capture.chain(output).chain(dumps).map(|(path, key)| (path, key, OUTPUT));
            std::iter::once(("KmsKeyId".to_owned(), &config.kms_key, VOLUME)).chain(outputs).collect()
        });
    }

    fn refer_each<T: Kind>(
        &self,
        place: &Place<'a>,
        gathered: &mut Gathered<'a>,
        members: Set<'a, Member<'a, T>>,
        keys: impl Fn(&'a T) -> Vec<(String, &'a Option<String>, &'static [KeyUse])>,
    ) {
        for member in &members.items {
            let name = &member.resource.name;
            match member.body() {
                Ok(body) => {
                    for (path, written, uses) in keys(body) {
                        let who = format!("the {} `{name}`", T::WORD);
                        self.refer(place, gathered, who, T::READ, format!("{name}.{path}"), written, uses);
                    }
                    gathered.unknown = gathered.unknown.take().or(member.doubt());
                }
                Err(unknown) => gathered.lacks(unknown),
            }
        }
        gathered.unknown = gathered.unknown.take().or(members.unknown);
    }

    #[expect(clippy::too_many_arguments, reason = "one reference is all of these")]
    fn refer(
        &self,
        place: &Place<'a>,
        gathered: &mut Gathered<'a>,
        who: String,
        source: &'static Source,
        path: String,
        written: &Option<String>,
        uses: &'static [KeyUse],
    ) {
        if let Some(written) = written.as_deref().filter(|written| !written.is_empty()) {
            let field = Some((source, path));
            let referrer = Referrer { who, field, written: written.to_owned(), uses, names_it: true };
            gathered.add(place, self.key_meant(place, written), referrer);
        }
    }
}

impl<'a> Gathered<'a> {
    fn lacks(&mut self, unknown: impl Into<Unknown<'a>>) {
        self.unknown.get_or_insert(unknown.into());
    }

    fn add(&mut self, place: &Place<'a>, meaning: Known<'a, Meaning>, referrer: Referrer) {
        let resource = match &meaning {
            Ok(Meaning::Key(arn)) => {
                let id = arn.rsplit('/').next().unwrap_or(arn);
                ResourceRef::new(arn.as_str(), "AWS::KMS::Key", id)
            }
            Ok(Meaning::AwsManaged(alias) | Meaning::Nothing(alias)) => {
                ResourceRef::new(place.arn("kms", alias), "AWS::KMS::Alias", alias.as_str())
            }
            // Aliases that were not seen leave the set open; one that cannot be followed is a subject of its own.
            Err(Unknown::Gap(_)) => {
                self.unknown = self.unknown.take().or(meaning.err());
                return;
            }
            Err(Unknown::Because(..)) => {
                ResourceRef::new(referrer.written.as_str(), "AWS::KMS::Alias", referrer.written.as_str())
            }
        };
        let key = self.keys.entry(resource.arn.clone());
        key.or_insert_with(|| KeyInUse { meaning, resource, by: Vec::new() }).by.push(referrer);
    }
}
