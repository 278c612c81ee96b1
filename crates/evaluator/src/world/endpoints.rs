//! VPC endpoints of an environment's VPC, and which ones it needs.

use plumbline_findings::Reason;
use plumbline_names::ResourceRef;
use plumbline_snapshot::ec2::VpcEndpoint;
use plumbline_snapshot::sagemaker::Model;

use crate::baseline::{EndpointType, Environment, Requirement};
use crate::judge::{Known, Set, Unknown};
use crate::place::Place;
use crate::tables::endpoints::{GATEWAY, INTERFACE, NEEDED, When, serves};
use crate::world::World;
use crate::world::network::{name_of, set_of};
use crate::world::sagemaker::{Kind, Member};

/// Whether an environment needs an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Need {
    /// It does.
    Yes,
    /// It does not, for this reason.
    No(String),
    /// Another VPC provides it: which one.
    Elsewhere(String),
}

/// An endpoint that the catalogue's table or the baseline speaks of.
#[derive(Debug, Clone)]
pub(crate) struct Required<'a> {
    /// The service's name.
    pub(crate) service: String,
    /// `Interface` or `Gateway`.
    pub(crate) kind: &'static str,
    /// Whether it is needed.
    pub(crate) need: Known<'a, Need>,
}

impl Required<'_> {
    /// Whether this endpoint is the one that is meant: exact service and type, in this Region.
    pub(crate) fn is_met_by(&self, place: &Place<'_>, endpoint: &VpcEndpoint) -> bool {
        endpoint.kind.eq_ignore_ascii_case(self.kind)
            && serves(&endpoint.service_name, &self.service)
            && endpoint.service_region.as_deref().is_none_or(|region| region == place.region.as_str())
    }
}

impl<'a> World<'a> {
    /// The endpoints of the environment's VPC, of whatever type, but for those that are gone. A participant of a shared
    /// VPC sees its own alone.
    pub(crate) fn vpc_endpoints(&self, place: &Place<'a>) -> Set<'a, &'a VpcEndpoint> {
        let vpc = match self.vpc(place) {
            Ok(vpc) => vpc,
            Err(unknown) => return Set::unknown(unknown),
        };
        match self.regional(place) {
            Ok(regional) => {
                let set = set_of(&regional.ec2.vpc_endpoints)
                    .filter_map(|endpoint| (endpoint.vpc_id == vpc.id && !is_gone(endpoint)).then_some(endpoint));
                Set { unknown: set.unknown.or(self.owner_sees(vpc).err()), items: set.items }
            }
            Err(unknown) => Set::unknown(unknown),
        }
    }

    /// The interface endpoints among them.
    pub(crate) fn interface_endpoints(&self, place: &Place<'a>) -> Set<'a, &'a VpcEndpoint> {
        self.vpc_endpoints(place).filter_map(|endpoint| is_interface(endpoint).then_some(endpoint))
    }

    /// Every endpoint of the catalogue's table and of the baseline, with whether the place needs it.
    pub(crate) fn required_endpoints(&self, place: &Place<'a>) -> Vec<Required<'a>> {
        let named = |service: &str| service.replace("{region}", place.region.as_str());
        let mut required: Vec<Required<'a>> = NEEDED
            .iter()
            .map(|row| {
                let service = named(row.service);
                let need = self.need(place, &service, row.kind, Some(row.when));
                Required { service, kind: row.kind, need }
            })
            .collect();
        for entry in place.environments.iter().flat_map(|environment| &environment.required_endpoints) {
            let (service, kind) = (named(&entry.service), type_name(entry.kind));
            if !required.iter().any(|other| other.kind == kind && other.service == service) {
                let need = self.need(place, &service, kind, None);
                required.push(Required { service, kind, need });
            }
        }
        required
    }

    /// Whether the place needs the endpoint: what the baseline says comes first, then the table's `when`.
    fn need(&self, place: &Place<'a>, service: &str, kind: &str, when: Option<When>) -> Known<'a, Need> {
        if kind == INTERFACE {
            let mut all = place.environments.iter().flat_map(|environment| &environment.central_endpoints);
            if let Some(central) = all.find(|central| serves(&central.service, service)) {
                return Ok(Need::Elsewhere(format!("`{}` of account {}", central.vpc, central.account)));
            }
        }
        let entry = |environment: &&'a Environment| {
            let region = environment.region.as_str();
            let mut entries = environment.required_endpoints.iter().rev();
            entries
                .find(|entry| type_name(entry.kind) == kind && entry.service.replace("{region}", region) == service)
                .map(|entry| entry.required)
        };
        match (place.environments.iter().find_map(entry), when) {
            (Some(Requirement::Always), _) => Ok(Need::Yes),
            (Some(Requirement::Never), _) => Ok(Need::No("`required_endpoints` says never".to_owned())),
            (Some(Requirement::Auto) | None, Some(when)) => self.when(place, when),
            (Some(Requirement::Auto) | None, None) => Err(Unknown::Because(
                Reason::BaselineMissing,
                format!(
                    "`required_endpoints` asks for `{service}` where it is used, and the table does not say when that is: say always or never"
                ),
            )),
        }
    }

    fn when(&self, place: &Place<'a>, when: When) -> Known<'a, Need> {
        let (used, otherwise) = match when {
            When::Always => (true, ""),
            When::DirectKms => {
                (place.environments.iter().any(|environment| environment.direct_kms_use), "`direct_kms_use` is false")
            }
            When::CodeCommit => (
                place.environments.iter().any(|environment| !environment.codecommit_repositories.is_empty()),
                "the baseline lists no CodeCommit repository",
            ),
            When::Notebooks => (some(self.notebooks(place))?, "there is no notebook instance"),
            When::Domains => (some(self.domains(place))?, "there is no Studio domain"),
            When::ImagesThroughVpc => {
                (some_pull_through_vpc(self.models(place))?, "no model pulls its image through the VPC")
            }
        };
        Ok(if used { Need::Yes } else { Need::No(otherwise.to_owned()) })
    }
}

/// Whether an endpoint serves now.
pub(crate) fn is_available(endpoint: &VpcEndpoint) -> bool {
    endpoint.state.eq_ignore_ascii_case("available")
}

/// Whether it is an interface endpoint.
pub(crate) fn is_interface(endpoint: &VpcEndpoint) -> bool {
    endpoint.kind.eq_ignore_ascii_case(INTERFACE)
}

/// Whether it is a gateway endpoint.
pub(crate) fn is_gateway(endpoint: &VpcEndpoint) -> bool {
    endpoint.kind.eq_ignore_ascii_case(GATEWAY)
}

/// Whether an endpoint is only listed for a while, and nothing goes through it any more.
fn is_gone(endpoint: &VpcEndpoint) -> bool {
    endpoint.state.eq_ignore_ascii_case("deleted")
}

fn type_name(kind: EndpointType) -> &'static str {
    match kind {
        EndpointType::Interface => INTERFACE,
        EndpointType::Gateway => GATEWAY,
    }
}

/// An endpoint as the resource of a finding.
pub(crate) fn endpoint_ref(place: &Place<'_>, endpoint: &VpcEndpoint) -> ResourceRef {
    let owner = endpoint.owner.as_deref().unwrap_or(place.account.as_str());
    ResourceRef::new(
        place.arn_of("ec2", owner, &format!("vpc-endpoint/{}", endpoint.id)),
        "AWS::EC2::VPCEndpoint",
        name_of(&endpoint.tags).unwrap_or(&endpoint.id),
    )
}

/// Whether some resource belongs to the place; not known if one only may, or may not have been listed.
fn some<'a, T: Kind>(members: Set<'a, Member<'a, T>>) -> Known<'a, bool> {
    let mut unknown = members.unknown;
    for member in &members.items {
        match member.belongs() {
            Ok(()) => return Ok(true),
            Err(doubt) => unknown = unknown.or(Some(doubt)),
        }
    }
    unknown.map_or(Ok(false), Err)
}

/// Whether some model of the place pulls its image through the VPC.
fn some_pull_through_vpc<'a>(models: Set<'a, Member<'a, Model>>) -> Known<'a, bool> {
    let mut unknown = models.unknown;
    for model in &models.items {
        match model.resource.body.sight() {
            // What does not pull does not matter, whether it belongs here or not.
            Ok(body) if body.as_ref().is_none_or(|body| !body.pulls_through_vpc) => {}
            Ok(_) => match model.belongs() {
                Ok(()) => return Ok(true),
                Err(doubt) => unknown = unknown.or(Some(doubt)),
            },
            Err(gap) => unknown = unknown.or(Some(Unknown::Gap(gap))),
        }
    }
    unknown.map_or(Ok(false), Err)
}
