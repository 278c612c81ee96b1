//! SageMaker's actions by what tags can decide of them (catalogue, IAMC-08), with the action dictionary's word on which take
//! tags and which act on what has some.

use std::sync::LazyLock;

use super::actions::{Dictionary, Support};
use super::classes::deeds;
use crate::baseline::CapabilityClass;

/// The actions that put tags on what there is, or take them off.
pub(crate) const TAGGING: [&str; 2] = ["sagemaker:AddTags", "sagemaker:DeleteTags"];

/// The key that a request to tag has when it is part of making something.
pub(crate) const TAGGING_ACTION: &str = "sagemaker:TaggingAction";

static CREATES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let classes = [CapabilityClass::NbCreate, CapabilityClass::JobSubmit, CapabilityClass::EpCreate];
    let actions = classes.into_iter().flat_map(deeds).flat_map(|deeds| deeds.actions).copied();
    actions.filter(|action| action.starts_with("sagemaker:Create") && takes(action, "aws:RequestTag/x")).collect()
});

static TOUCHES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let sagemaker = Dictionary::embedded().service("sagemaker").into_iter();
    let actions = sagemaker.flat_map(|service| &service.actions).map(|action| action.name.as_str());
    actions.filter(|action| is_touch(action) && takes(action, "aws:ResourceTag/x")).collect()
});

/// The creates of notebooks, jobs and endpoints that take tags.
pub(crate) fn creates() -> &'static [&'static str] {
    &CREATES
}

/// The actions that start, stop, open, update or delete what has tags.
pub(crate) fn touches() -> &'static [&'static str] {
    &TOUCHES
}

fn is_touch(action: &str) -> bool {
    let name = action.strip_prefix("sagemaker:").unwrap_or_default();
    let begins = ["Start", "Stop", "Update", "Delete"].iter().any(|verb| name.starts_with(verb));
    (begins || name.contains("Presigned")) && !TAGGING.contains(&action)
}

fn takes(action: &str, key: &str) -> bool {
    Dictionary::embedded().action(action).is_some_and(|action| action.support(key) != Support::No)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_create_of_the_classes_takes_tags() {
        let names: Vec<&str> = creates().iter().filter_map(|action| action.strip_prefix("sagemaker:Create")).collect();
        assert_eq!(
            names,
            [
                "NotebookInstance",
                "NotebookInstanceLifecycleConfig",
                "Domain",
                "UserProfile",
                "StudioLifecycleConfig",
                "TrainingJob",
                "ProcessingJob",
                "TransformJob",
                "HyperParameterTuningJob",
                "AutoMLJob",
                "AutoMLJobV2",
                "Job",
                "LabelingJob",
                "Cluster",
                "EndpointConfig",
                "Endpoint",
                "InferenceComponent",
            ]
        );
    }

    #[test]
    fn what_touches_has_tags_to_go_by() {
        for name in [
            "StartNotebookInstance",
            "StopNotebookInstance",
            "StopTrainingJob",
            "StopProcessingJob",
            "StopTransformJob",
            "StopHyperParameterTuningJob",
            "StopAutoMLJob",
            "StartPipelineExecution",
            "CreatePresignedNotebookInstanceUrl",
            "CreatePresignedDomainUrl",
            "UpdateNotebookInstance",
            "UpdateEndpoint",
            "DeleteNotebookInstance",
            "DeleteEndpoint",
            "DeleteModel",
        ] {
            assert!(touches().contains(&format!("sagemaker:{name}").as_str()), "{name}");
        }
        // Of these no resource has tags, or tags are what they are about.
        for name in ["StopHumanLoop", "DeleteResourcePolicy", "UpdateSharedModel", "AddTags", "DeleteTags"] {
            assert!(!touches().contains(&format!("sagemaker:{name}").as_str()), "{name}");
        }
        assert!(touches().iter().all(|action| !creates().contains(action)), "an action is gated by one of the two");
    }
}
