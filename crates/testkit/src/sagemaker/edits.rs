//! Edits of notebooks, domains, training jobs, models, endpoints and their configs.
//!
//! Each kind has three: `kind(name, ..)` edits the body, `kind_resource(name, ..)` what lists and tags say of it,
//! `add_kind(name, body)` adds one as the known-good ones are, without tags.

use plumbline_snapshot::Read;
use plumbline_snapshot::sagemaker::{Domain, Endpoint, EndpointConfig, Model, Notebook, Resource, TrainingJob};

use super::resource;
use crate::Env;
use crate::env::{change, present, take};

impl Env {
    /// Edits what a notebook is.
    pub fn notebook(&mut self, name: &str, edit: impl FnOnce(&mut Notebook)) -> &mut Self {
        self.notebook_resource(name, |it| edit(present(&mut it.body, name)))
    }

    /// Edits a notebook's status, times, tags, or body as a read.
    pub fn notebook_resource(&mut self, name: &str, edit: impl FnOnce(&mut Resource<Notebook>)) -> &mut Self {
        change(&mut self.sagemaker().notebooks, name, edit);
        self
    }

    /// Adds a notebook in service; see [`super::plain_notebook`].
    pub fn add_notebook(&mut self, name: &str, body: Notebook) -> &mut Self {
        let added = resource("notebook-instance", name, Some("InService"), body);
        self.sagemaker().notebooks.add([(name.to_owned(), added)]);
        self
    }

    /// Removes a notebook.
    pub fn remove_notebook(&mut self, name: &str) -> &mut Self {
        take(&mut self.sagemaker().notebooks, name);
        self
    }

    /// Edits what a domain is.
    pub fn domain(&mut self, id: &str, edit: impl FnOnce(&mut Domain)) -> &mut Self {
        self.domain_resource(id, |it| edit(present(&mut it.body, id)))
    }

    /// Edits a domain's status, times, tags, or body as a read.
    pub fn domain_resource(&mut self, id: &str, edit: impl FnOnce(&mut Resource<Domain>)) -> &mut Self {
        change(&mut self.sagemaker().domains, id, edit);
        self
    }

    /// Adds a domain in service.
    pub fn add_domain(&mut self, id: &str, body: Domain) -> &mut Self {
        let added = resource("domain", id, Some("InService"), body);
        self.sagemaker().domains.add([(id.to_owned(), added)]);
        self
    }

    /// Removes a domain.
    pub fn remove_domain(&mut self, id: &str) -> &mut Self {
        take(&mut self.sagemaker().domains, id);
        self
    }

    /// Edits what a training job is.
    pub fn training_job(&mut self, name: &str, edit: impl FnOnce(&mut TrainingJob)) -> &mut Self {
        self.training_job_resource(name, |it| edit(present(&mut it.body, name)))
    }

    /// Edits a training job's status, times, tags, or body as a read.
    pub fn training_job_resource(&mut self, name: &str, edit: impl FnOnce(&mut Resource<TrainingJob>)) -> &mut Self {
        change(&mut self.sagemaker().training_jobs, name, edit);
        self
    }

    /// Adds a completed training job; see [`super::plain_training_job`].
    pub fn add_training_job(&mut self, name: &str, body: TrainingJob) -> &mut Self {
        let added = resource("training-job", name, Some("Completed"), body);
        self.sagemaker().training_jobs.add([(name.to_owned(), added)]);
        self
    }

    /// Removes a training job.
    pub fn remove_training_job(&mut self, name: &str) -> &mut Self {
        take(&mut self.sagemaker().training_jobs, name);
        self
    }

    /// Edits what a model is.
    pub fn model(&mut self, name: &str, edit: impl FnOnce(&mut Model)) -> &mut Self {
        self.model_resource(name, |it| edit(present(&mut it.body, name)))
    }

    /// Edits a model's times, tags, or body as a read.
    pub fn model_resource(&mut self, name: &str, edit: impl FnOnce(&mut Resource<Model>)) -> &mut Self {
        change(&mut self.sagemaker().models, name, edit);
        self
    }

    /// Adds a model; see [`super::plain_model`].
    pub fn add_model(&mut self, name: &str, body: Model) -> &mut Self {
        let added = resource("model", name, None, body);
        self.sagemaker().models.add([(name.to_owned(), added)]);
        self
    }

    /// Removes a model.
    pub fn remove_model(&mut self, name: &str) -> &mut Self {
        take(&mut self.sagemaker().models, name);
        self
    }

    /// Edits what an endpoint (of SageMaker, not of the VPC) is.
    pub fn hosted_endpoint(&mut self, name: &str, edit: impl FnOnce(&mut Endpoint)) -> &mut Self {
        self.hosted_endpoint_resource(name, |it| edit(present(&mut it.body, name)))
    }

    /// Edits an endpoint's status, times, tags, or body as a read.
    pub fn hosted_endpoint_resource(&mut self, name: &str, edit: impl FnOnce(&mut Resource<Endpoint>)) -> &mut Self {
        change(&mut self.sagemaker().endpoints, name, edit);
        self
    }

    /// Adds an endpoint in service on a config.
    pub fn add_hosted_endpoint(&mut self, name: &str, config: &str) -> &mut Self {
        let body = Endpoint { config: Some(config.to_owned()), pending_config: None };
        let added = resource("endpoint", name, Some("InService"), body);
        self.sagemaker().endpoints.add([(name.to_owned(), added)]);
        self
    }

    /// Removes an endpoint.
    pub fn remove_hosted_endpoint(&mut self, name: &str) -> &mut Self {
        take(&mut self.sagemaker().endpoints, name);
        self
    }

    /// Edits what an endpoint config is.
    pub fn endpoint_config(&mut self, name: &str, edit: impl FnOnce(&mut EndpointConfig)) -> &mut Self {
        self.endpoint_config_resource(name, |it| edit(present(&mut it.body, name)))
    }

    /// Edits an endpoint config's times, tags, or body as a read.
    pub fn endpoint_config_resource(
        &mut self,
        name: &str,
        edit: impl FnOnce(&mut Resource<EndpointConfig>),
    ) -> &mut Self {
        change(&mut self.sagemaker().endpoint_configs, name, edit);
        self
    }

    /// Adds an endpoint config; see [`super::plain_endpoint_config`].
    pub fn add_endpoint_config(&mut self, name: &str, body: EndpointConfig) -> &mut Self {
        let added = resource("endpoint-config", name, None, body);
        self.sagemaker().endpoint_configs.add([(name.to_owned(), added)]);
        self
    }

    /// Removes an endpoint config.
    pub fn remove_endpoint_config(&mut self, name: &str) -> &mut Self {
        take(&mut self.sagemaker().endpoint_configs, name);
        self
    }

    /// Removes every SageMaker resource: an environment in which nobody works yet.
    pub fn remove_all_sagemaker(&mut self) -> &mut Self {
        let all = self.sagemaker();
        all.notebooks = plumbline_snapshot::Collected::empty();
        all.domains = plumbline_snapshot::Collected::empty();
        all.training_jobs = plumbline_snapshot::Collected::empty();
        all.processing_jobs = plumbline_snapshot::Collected::empty();
        all.transform_jobs = plumbline_snapshot::Collected::empty();
        all.tuning_jobs = plumbline_snapshot::Collected::empty();
        all.automl_jobs = plumbline_snapshot::Collected::empty();
        all.models = plumbline_snapshot::Collected::empty();
        all.endpoints = plumbline_snapshot::Collected::empty();
        all.endpoint_configs = plumbline_snapshot::Collected::empty();
        self
    }

    /// Lets a notebook vanish between list and description.
    pub fn vanish_notebook(&mut self, name: &str) -> &mut Self {
        self.notebook_resource(name, |it| it.body = Read::Seen(None))
    }
}
