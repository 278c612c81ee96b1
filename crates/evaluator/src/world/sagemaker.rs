//! SageMaker resources of a place, and which endpoint serves what.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use plumbline_findings::Reason;
use plumbline_names::ResourceRef;
use plumbline_snapshot::sagemaker::{
    self, Domain, Endpoint, EndpointConfig, Model, Notebook, Resource, SageMaker, TrainingJob,
};
use plumbline_snapshot::{Collected, Source};

use crate::judge::{Known, Set, Unknown};
use crate::place::Place;
use crate::world::World;
use crate::world::network::set_of;

/// A kind of SageMaker resource.
pub(crate) trait Kind: Sized + 'static {
    /// Its CloudFormation type name, or what it would be.
    const TYPE: &'static str;
    /// One of it, for sentences.
    const WORD: &'static str;
    /// The read that says most of it: the operation of the evidence.
    const READ: &'static Source;

    /// Its body holds the name that people gave it, and what is listed is an id.
    const HAS_ID: bool = false;

    /// The list of this kind.
    fn list(all: &SageMaker) -> &Collected<Resource<Self>>;
    /// The name that people gave it, where what is listed is an id.
    fn given_name(&self) -> Option<&str> {
        None
    }
    /// The VPC that it names.
    fn vpc(&self) -> Option<&str> {
        None
    }
    /// The subnets that it names.
    fn subnets(&self) -> Vec<&str>;
    /// The security groups that it names.
    fn groups(&self) -> Vec<&str>;
    /// The execution roles that it names.
    fn roles(&self) -> Vec<&str>;
}

macro_rules! kind {
    ($body:ty, $type:literal, $word:literal, $read:ident, $list:ident) => {
        const TYPE: &'static str = $type;
        const WORD: &'static str = $word;
        const READ: &'static Source = &sagemaker::$read;

        fn list(all: &SageMaker) -> &Collected<Resource<$body>> {
            &all.$list
        }
    };
}

impl Kind for Notebook {
    kind!(Notebook, "AWS::SageMaker::NotebookInstance", "notebook instance", NOTEBOOK, notebooks);
    fn subnets(&self) -> Vec<&str> {
        self.subnet_id.as_deref().into_iter().collect()
    }
    fn groups(&self) -> Vec<&str> {
        texts(&self.groups)
    }
    fn roles(&self) -> Vec<&str> {
        self.role_arn.as_deref().into_iter().collect()
    }
}

impl Kind for Domain {
    kind!(Domain, "AWS::SageMaker::Domain", "Studio domain", DOMAIN, domains);
    const HAS_ID: bool = true;

    fn given_name(&self) -> Option<&str> {
        self.domain_name.as_deref()
    }
    fn vpc(&self) -> Option<&str> {
        self.vpc_id.as_deref()
    }
    fn subnets(&self) -> Vec<&str> {
        texts(&self.subnets)
    }
    fn groups(&self) -> Vec<&str> {
        let defaults = self.user_defaults.iter().chain(&self.space_defaults);
        defaults.flat_map(|defaults| texts(&defaults.groups)).collect()
    }
    fn roles(&self) -> Vec<&str> {
        let defaults = self.user_defaults.iter().chain(&self.space_defaults);
        defaults.filter_map(|defaults| defaults.role_arn.as_deref()).collect()
    }
}

impl Kind for TrainingJob {
    kind!(TrainingJob, "AWS::SageMaker::TrainingJob", "training job", SEARCH, training_jobs);
    fn subnets(&self) -> Vec<&str> {
        self.vpc.iter().flat_map(|vpc| texts(&vpc.subnets)).collect()
    }
    fn groups(&self) -> Vec<&str> {
        self.vpc.iter().flat_map(|vpc| texts(&vpc.groups)).collect()
    }
    fn roles(&self) -> Vec<&str> {
        self.role_arn.as_deref().into_iter().collect()
    }
}

impl Kind for Model {
    kind!(Model, "AWS::SageMaker::Model", "model", SEARCH, models);
    fn subnets(&self) -> Vec<&str> {
        self.vpc.iter().flat_map(|vpc| texts(&vpc.subnets)).collect()
    }
    fn groups(&self) -> Vec<&str> {
        self.vpc.iter().flat_map(|vpc| texts(&vpc.groups)).collect()
    }
    fn roles(&self) -> Vec<&str> {
        self.role_arn.as_deref().into_iter().collect()
    }
}

impl Kind for Endpoint {
    kind!(Endpoint, "AWS::SageMaker::Endpoint", "endpoint", SEARCH, endpoints);
    fn subnets(&self) -> Vec<&str> {
        Vec::new()
    }
    fn groups(&self) -> Vec<&str> {
        Vec::new()
    }
    fn roles(&self) -> Vec<&str> {
        Vec::new()
    }
}

impl Kind for EndpointConfig {
    kind!(EndpointConfig, "AWS::SageMaker::EndpointConfig", "endpoint config", ENDPOINT_CONFIG, endpoint_configs);
    fn subnets(&self) -> Vec<&str> {
        self.vpc.iter().flat_map(|vpc| texts(&vpc.subnets)).collect()
    }
    fn groups(&self) -> Vec<&str> {
        self.vpc.iter().flat_map(|vpc| texts(&vpc.groups)).collect()
    }
    fn roles(&self) -> Vec<&str> {
        self.role_arn.as_deref().into_iter().collect()
    }
}

fn texts(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// A resource that is selected into a place, or that may be.
#[derive(Debug, Clone)]
pub(crate) struct Member<'a, T> {
    /// What was listed.
    pub(crate) resource: &'a Resource<T>,
    /// Whether it belongs here, and not perhaps elsewhere.
    certain: bool,
    /// What was not seen of its selection.
    doubt: Option<Unknown<'a>>,
}

impl<'a, T: Kind> Member<'a, T> {
    /// What it is.
    ///
    /// # Errors
    /// It was not seen; or it is not known whether the resource belongs here, so that no verdict on it can be given here.
    pub(crate) fn body(&self) -> Known<'a, &'a T> {
        if let (false, Some(doubt)) = (self.certain, &self.doubt) {
            return Err(doubt.clone());
        }
        match self.resource.body.sight()? {
            Some(body) => Ok(body),
            None => Err(Unknown::Because(Reason::Unresolved, format!("`{}` is gone", self.resource.name))),
        }
    }

    /// Nothing, if it certainly belongs here.
    ///
    /// # Errors
    /// It may belong elsewhere.
    pub(crate) fn belongs(&self) -> Known<'a, ()> {
        match &self.doubt {
            Some(doubt) if !self.certain => Err(doubt.clone()),
            _ => Ok(()),
        }
    }

    /// What was not seen of its selection, although it can only belong here: violations stand, compliance does not.
    pub(crate) fn doubt(&self) -> Option<Unknown<'a>> {
        self.doubt.clone()
    }

    /// It as the resource of a finding.
    pub(crate) fn reference(&self) -> ResourceRef {
        ResourceRef::new(self.resource.arn.clone(), T::TYPE, self.resource.name.clone())
    }
}

/// Whether a job has come to its end.
pub(crate) fn has_ended(status: Option<&str>) -> bool {
    matches!(status, Some("Completed" | "Failed" | "Stopped" | "Deleting" | "Deleted"))
}

/// Whether an endpoint serves, or is on its way to or may come back to it.
pub(crate) fn is_live(endpoint: &Resource<Endpoint>) -> bool {
    !matches!(endpoint.status.as_deref(), Some("Deleting" | "Failed"))
}

/// Which endpoints of a Region use which config and which model.
#[derive(Debug, Default)]
pub(crate) struct Hosting<'a> {
    on_config: BTreeMap<&'a str, Vec<&'a Resource<Endpoint>>>,
    on_model: BTreeMap<&'a str, Vec<&'a Resource<Endpoint>>>,
    /// Why an endpoint may use a config that is not told here.
    configs_unknown: Option<Unknown<'a>>,
    /// Why an endpoint may use a model that is not told here.
    models_unknown: Option<Unknown<'a>>,
}

impl<'a> Hosting<'a> {
    /// The hosting of one Region.
    pub(crate) fn of(all: &'a SageMaker) -> Self {
        let mut hosting = Self { configs_unknown: all.endpoints.gap().map(Unknown::Gap), ..Self::default() };
        let mut behind = None;
        for endpoint in all.endpoints.seen() {
            let names = match configs_of(endpoint) {
                Ok(names) => names,
                Err(unknown) => {
                    hosting.configs_unknown.get_or_insert(unknown);
                    continue;
                }
            };
            for name in names {
                hosting.on_config.entry(name).or_default().push(endpoint);
                match models_of(all, name) {
                    Ok(models) => {
                        for model in models {
                            let on = hosting.on_model.entry(model).or_default();
                            if on.last().is_none_or(|last| last.arn != endpoint.arn) {
                                on.push(endpoint);
                            }
                        }
                    }
                    Err(unknown) => behind = behind.take().or(Some(unknown)),
                }
            }
        }
        hosting.models_unknown = hosting.configs_unknown.clone().or(behind);
        hosting
    }

    /// The endpoints that use the config of this name, now or after an update under way.
    pub(crate) fn on_config(&self, config: &str) -> Set<'a, &'a Resource<Endpoint>> {
        let items = self.on_config.get(config).cloned().unwrap_or_default();
        Set { items, unknown: self.configs_unknown.clone() }
    }

    /// The endpoints with a variant that serves the model of this name.
    pub(crate) fn on_model(&self, model: &str) -> Set<'a, &'a Resource<Endpoint>> {
        let items = self.on_model.get(model).cloned().unwrap_or_default();
        Set { items, unknown: self.models_unknown.clone() }
    }
}

/// The configs of an endpoint: the one in force, and the one that an update is moving to.
pub(crate) fn configs_of<'a>(endpoint: &'a Resource<Endpoint>) -> Known<'a, BTreeSet<&'a str>> {
    let Some(body) = endpoint.body.sight()? else { return Ok(BTreeSet::new()) };
    Ok(body.config.iter().chain(&body.pending_config).map(String::as_str).collect())
}

/// The models that a config's variants name.
fn models_of<'a>(all: &'a SageMaker, config: &str) -> Known<'a, Vec<&'a str>> {
    let gone = || {
        Unknown::Because(
            Reason::Unresolved,
            format!("the endpoint config `{config}` is in use and no longer exists, so that its models are not known"),
        )
    };
    let listed = all.endpoint_configs.get(config)?.ok_or_else(gone)?;
    let body = listed.body.sight()?.as_ref().ok_or_else(gone)?;
    Ok(body.variants.iter().filter_map(|variant| variant.model.as_deref()).collect())
}

impl<'a> World<'a> {
    /// The notebook instances of a place.
    pub(crate) fn notebooks(&self, place: &Place<'a>) -> Set<'a, Member<'a, Notebook>> {
        self.members(place)
    }

    /// The Studio domains of a place.
    pub(crate) fn domains(&self, place: &Place<'a>) -> Set<'a, Member<'a, Domain>> {
        self.members(place)
    }

    /// The training jobs of a place: those that run, and those that ended within its lookback.
    pub(crate) fn training_jobs(&self, place: &Place<'a>) -> Set<'a, Member<'a, TrainingJob>> {
        let days = place.environments.iter().map(|environment| environment.job_lookback_days).max().unwrap_or(1);
        let since = self.now().checked_sub(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MIN);
        self.members(place).filter_map(|job: Member<'a, TrainingJob>| {
            let aged_out = job.ended().is_some_and(|ended| ended < since);
            (!aged_out).then_some(job)
        })
    }

    /// The models of a place.
    pub(crate) fn models(&self, place: &Place<'a>) -> Set<'a, Member<'a, Model>> {
        self.members(place)
    }

    /// The endpoints of a place.
    pub(crate) fn endpoints(&self, place: &Place<'a>) -> Set<'a, Member<'a, Endpoint>> {
        self.members(place)
    }

    /// The endpoint configs of a place.
    pub(crate) fn endpoint_configs(&self, place: &Place<'a>) -> Set<'a, Member<'a, EndpointConfig>> {
        self.members(place)
    }

    /// The endpoints of the Region that serve, whatever place they belong to, and use this config.
    pub(crate) fn endpoints_on_config(&self, place: &Place<'a>, config: &str) -> Set<'a, &'a Resource<Endpoint>> {
        self.hosted(place, |hosting| hosting.on_config(config))
    }

    /// The endpoints of the Region that serve, whatever place they belong to, and have this model behind them.
    pub(crate) fn endpoints_on_model(&self, place: &Place<'a>, model: &str) -> Set<'a, &'a Resource<Endpoint>> {
        self.hosted(place, |hosting| hosting.on_model(model))
    }

    fn hosted(
        &self,
        place: &Place<'a>,
        ask: impl FnOnce(&Hosting<'a>) -> Set<'a, &'a Resource<Endpoint>>,
    ) -> Set<'a, &'a Resource<Endpoint>> {
        match (self.regional(place), self.selection.hosting.get(place.region)) {
            (Ok(_), Some(hosting)) => ask(hosting).filter_map(|endpoint| is_live(endpoint).then_some(endpoint)),
            (Err(unknown), _) => Set::unknown(unknown),
            (Ok(_), None) => Set::whole(Vec::new()),
        }
    }

    /// The resources of one kind that are selected into a place, or that may be. What vanished between list and
    /// description is left out.
    fn members<T: Kind>(&self, place: &Place<'a>) -> Set<'a, Member<'a, T>> {
        let list = match self.regional(place) {
            Ok(regional) => T::list(&regional.sagemaker),
            Err(unknown) => return Set::unknown(unknown),
        };
        set_of(list).filter_map(|resource| {
            if matches!(resource.body.sight(), Ok(None)) {
                return None;
            }
            let home = self.selection.homes.get(resource.arn.as_str())?;
            let (certain, doubt) = (home.certain, home.doubt.clone());
            home.places.contains(place.name).then_some(Member { resource, certain, doubt })
        })
    }
}

impl Member<'_, TrainingJob> {
    /// When the job ended; none while it runs.
    pub(crate) fn ended(&self) -> Option<Timestamp> {
        self.resource.modified.filter(|_| has_ended(self.resource.status.as_deref()))
    }
}
