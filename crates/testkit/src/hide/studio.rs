//! Hiding what lives in domains, feature groups, monitoring, and what is counted.

use std::collections::BTreeMap;

use plumbline_snapshot::sagemaker::monitoring::{self, MONITORED};
use plumbline_snapshot::sagemaker::studio::InDomain;
use plumbline_snapshot::sagemaker::{SageMaker, features, studio};
use plumbline_snapshot::{Collected, Read};

use super::Hiding;
use crate::sagemaker::studio::DESCRIBED_FEATURE_GROUPS;

impl Hiding {
    pub(super) fn in_studio(&self, all: &mut SageMaker) -> bool {
        match self.source {
            studio::USER_PROFILES => self.list(&mut all.user_profiles),
            studio::USER_PROFILE => self.in_domains(&mut all.user_profiles),
            studio::SPACES => self.list(&mut all.spaces),
            studio::SPACE => self.in_domains(&mut all.spaces),
            studio::LIFECYCLE_CONFIG => self.named(&mut all.lifecycle_configs),
            studio::CODE_REPOSITORY => self.named(&mut all.code_repositories),
            features::FEATURE_GROUPS => self.list(&mut all.feature_groups),
            features::FEATURE_GROUP => {
                self.bodies(&mut all.feature_groups, |name, _| DESCRIBED_FEATURE_GROUPS.contains(&name))
            }
            monitoring::SCHEDULES => self.list(&mut all.monitoring_schedules),
            monitoring::SCHEDULE => self.bodies(&mut all.monitoring_schedules, |_, _| true),
            _ => self.definitions(all) || self.counts(all),
        }
    }

    fn in_domains<T>(&self, list: &mut Collected<InDomain<T>>) -> bool {
        list.items_mut().for_each(|(id, it)| self.about(&mut it.body, id));
        true
    }

    fn named<T>(&self, all: &mut BTreeMap<String, Read<T>>) -> bool {
        all.iter_mut().for_each(|(name, it)| self.about(it, name));
        true
    }

    fn definitions(&self, all: &mut SageMaker) -> bool {
        let Some((monitors, _)) = MONITORED.iter().find(|(_, source)| self.is(source)) else { return false };
        for (id, definition) in &mut all.monitoring_definitions {
            if let Some((kind, name)) = id.split_once('/')
                && kind == *monitors
            {
                self.about(definition, name);
            }
        }
        true
    }

    fn counts(&self, all: &mut SageMaker) -> bool {
        let listings = all.counted.entries_mut().filter(|(listing, _)| self.is(listing.source));
        listings.map(|(_, found)| self.list(found)).count() > 0
    }
}
