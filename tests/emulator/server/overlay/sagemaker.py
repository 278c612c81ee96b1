"""SageMaker: a store of its own for the kinds the product reads, driven by one table.

A resource keeps its create request; describe, list and search answers are drawn from it by the members that the
service model gives them, so nothing that was asked for is lost. The store hangs on moto's SageMaker backend.
"""

from __future__ import annotations

import copy
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ..models import operation_model, service_model
from ..state import store
from .sagemaker_query import filtered, listed, ordered, page


@dataclass(frozen=True)
class Kind:
    """One kind of SageMaker resource."""

    name: str
    arn: str
    key: tuple[str, ...]
    status: str | None = None
    initial: str = ""
    lists: str | None = None
    plural: str | None = None
    absent: str = "ResourceNotFound"
    search: bool = False
    rename: dict[str, str] = field(default_factory=dict)

    @property
    def arn_field(self) -> str:
        return "JobDefinitionArn" if self.name.endswith("JobDefinition") else f"{self.name.removesuffix('V2')}Arn"

    @property
    def many(self) -> str:
        return self.plural or f"{self.name}s"


VALIDATION = "ValidationException"
KINDS = [
    Kind(
        "NotebookInstance",
        "notebook-instance",
        ("NotebookInstanceName",),
        "NotebookInstanceStatus",
        "InService",
        absent=VALIDATION,
        rename={"SecurityGroupIds": "SecurityGroups", "LifecycleConfigName": "NotebookInstanceLifecycleConfigName"},
    ),
    Kind(
        "NotebookInstanceLifecycleConfig",
        "notebook-instance-lifecycle-config",
        ("NotebookInstanceLifecycleConfigName",),
        absent=VALIDATION,
    ),
    Kind("CodeRepository", "code-repository", ("CodeRepositoryName",), plural="CodeRepositories", absent=VALIDATION),
    Kind("StudioLifecycleConfig", "studio-lifecycle-config", ("StudioLifecycleConfigName",)),
    Kind("Domain", "domain", ("DomainId",), "Status", "InService"),
    Kind("UserProfile", "user-profile", ("DomainId", "UserProfileName"), "Status", "InService"),
    Kind("Space", "space", ("DomainId", "SpaceName"), "Status", "InService"),
    Kind("App", "app", ("DomainId", "UserProfileName", "AppType", "AppName"), "Status", "InService"),
    Kind("TrainingJob", "training-job", ("TrainingJobName",), "TrainingJobStatus", "Completed", search=True),
    Kind("ProcessingJob", "processing-job", ("ProcessingJobName",), "ProcessingJobStatus", "Completed"),
    Kind("TransformJob", "transform-job", ("TransformJobName",), "TransformJobStatus", "Completed"),
    Kind(
        "HyperParameterTuningJob",
        "hyper-parameter-tuning-job",
        ("HyperParameterTuningJobName",),
        "HyperParameterTuningJobStatus",
        "Completed",
        search=True,
    ),
    Kind("AutoMLJobV2", "automl-job", ("AutoMLJobName",), "AutoMLJobStatus", "Completed", plural="AutoMLJobs"),
    Kind("Model", "model", ("ModelName",), absent=VALIDATION, search=True),
    Kind("EndpointConfig", "endpoint-config", ("EndpointConfigName",), absent=VALIDATION),
    Kind("Endpoint", "endpoint", ("EndpointName",), "EndpointStatus", "InService", absent=VALIDATION, search=True),
    Kind("FeatureGroup", "feature-group", ("FeatureGroupName",), "FeatureGroupStatus", "Created", search=True),
    Kind(
        "MonitoringSchedule",
        "monitoring-schedule",
        ("MonitoringScheduleName",),
        "MonitoringScheduleStatus",
        "Scheduled",
    ),
    Kind("DataQualityJobDefinition", "data-quality-job-definition", ("JobDefinitionName",)),
    Kind("ModelQualityJobDefinition", "model-quality-job-definition", ("JobDefinitionName",)),
    Kind("ModelBiasJobDefinition", "model-bias-job-definition", ("JobDefinitionName",)),
    Kind("ModelExplainabilityJobDefinition", "model-explainability-job-definition", ("JobDefinitionName",)),
]
BY_NAME = {kind.name: kind for kind in KINDS}

DEFAULTS: dict[str, dict[str, Any]] = {
    "NotebookInstance": {
        "DirectInternetAccess": "Enabled",
        "RootAccess": "Enabled",
        "VolumeSizeInGB": 5,
        "PlatformIdentifier": "notebook-al2-v3",
        "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"},
    },
    "Domain": {"AppNetworkAccessType": "PublicInternetOnly"},
    "TrainingJob": {
        "EnableNetworkIsolation": False,
        "EnableInterContainerTrafficEncryption": False,
        "EnableManagedSpotTraining": False,
    },
    "Model": {"EnableNetworkIsolation": False},
}


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def resources(backend: Any) -> dict[str, dict[str, dict[str, Any]]]:
    """All resources of a region: kind -> key -> record."""
    return store(backend, "plumbline_resources", dict)


def refuse(code: str, message: str) -> Exception:
    """An error of the service, to be raised."""
    from moto.core.exceptions import JsonRESTError

    return JsonRESTError(code, message)


def find(backend: Any, kind: Kind, params: dict[str, Any]) -> dict[str, Any]:
    """The record a request names, or the service's not-found error."""
    key = "/".join(str(params.get(part, "")) for part in kind.key)
    record = resources(backend).get(kind.name, {}).get(key)
    if record is None:
        if kind.absent == VALIDATION:
            raise refuse(
                VALIDATION,
                f'Could not find {kind.name} "{record_arn(backend, kind, key)}".'
                if kind.name != "NotebookInstance"
                else "RecordNotFound",
            )
        raise refuse("ResourceNotFound", "Requested resource not found.")
    return record


def record_arn(backend: Any, kind: Kind, key: str) -> str:
    return f"arn:aws:sagemaker:{backend.region_name}:{backend.account_id}:{kind.arn}/{key}"


def create(backend: Any, kind: Kind, params: dict[str, Any]) -> dict[str, Any]:
    """Make a resource from its create request; returns the create answer."""
    body = {kind.rename.get(name, name): copy.deepcopy(value) for name, value in params.items() if name != "Tags"}
    if kind.name == "Domain":
        body["DomainId"] = f"d-{_short(backend, params['DomainName'])}"
        body["Url"] = f"https://{body['DomainId']}.studio.{backend.region_name}.sagemaker.aws"
        body["HomeEfsFileSystemId"] = f"fs-{_short(backend, params['DomainName'] + 'efs')}"
    key = "/".join(str(body.get(part, "")) for part in kind.key)
    held = resources(backend).setdefault(kind.name, {})
    if key in held:
        code = VALIDATION if kind.absent == VALIDATION else "ResourceInUse"
        raise refuse(code, f'Cannot create already existing {kind.arn} "{record_arn(backend, kind, key)}".')
    for name, value in DEFAULTS.get(kind.name, {}).items():
        body.setdefault(name, value)
    at = now()
    arn = record_arn(backend, kind, key)
    body |= {kind.arn_field: arn, "CreationTime": at, "LastModifiedTime": at}
    if kind.status:
        body[kind.status] = kind.initial
    FINISH.get(kind.name, lambda *_: None)(backend, body, at)
    held[key] = {"kind": kind.name, "arn": arn, "body": body, "tags": list(params.get("Tags") or [])}
    answer = {kind.arn_field: arn}
    if kind.name == "Domain":
        answer |= {"DomainId": body["DomainId"], "Url": body["Url"]}
    return answer


def _short(backend: Any, text: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_DNS, f"{backend.region_name}/{text}").hex[:12]


def _ended(start: str, end: str) -> Any:
    def finish(backend: Any, body: dict[str, Any], at: datetime) -> None:
        body[start] = at
        body[end] = at + timedelta(seconds=1)
        body["LastModifiedTime"] = body[end]
        body.setdefault("SecondaryStatus", "Completed")
        body.setdefault("AutoMLJobSecondaryStatus", "Completed")

    return finish


def _endpoint(backend: Any, body: dict[str, Any], at: datetime) -> None:
    config = find(backend, BY_NAME["EndpointConfig"], body)["body"]
    body["ProductionVariants"] = [
        {
            "VariantName": v["VariantName"],
            "CurrentWeight": v.get("InitialVariantWeight", 1.0),
            "DesiredWeight": v.get("InitialVariantWeight", 1.0),
            "CurrentInstanceCount": v.get("InitialInstanceCount", 1),
            "DesiredInstanceCount": v.get("InitialInstanceCount", 1),
        }
        for v in config["ProductionVariants"]
    ]
    body.pop("DataCaptureConfig", None)
    capture = config.get("DataCaptureConfig")
    if capture:
        enabled = bool(capture.get("EnableCapture"))
        body["DataCaptureConfig"] = {
            "EnableCapture": enabled,
            "CaptureStatus": "Started" if enabled else "Stopped",
            "CurrentSamplingPercentage": capture.get("InitialSamplingPercentage", 100),
            "DestinationS3Uri": capture.get("DestinationS3Uri"),
            "KmsKeyId": capture.get("KmsKeyId", ""),
        }


def _automl(backend: Any, body: dict[str, Any], at: datetime) -> None:
    config = body.pop("AutoMLJobConfig", None) or {}
    if config.get("SecurityConfig"):
        body["SecurityConfig"] = config["SecurityConfig"]
    if "InputDataConfig" in body:
        body["AutoMLJobInputDataConfig"] = body.pop("InputDataConfig")
    _ended("StartTime", "EndTime")(backend, body, at)


def _notebook(backend: Any, body: dict[str, Any], at: datetime) -> None:
    body["Url"] = f"{body['NotebookInstanceName']}.notebook.{backend.region_name}.sagemaker.aws"


def _feature_group(backend: Any, body: dict[str, Any], at: datetime) -> None:
    if body.get("OfflineStoreConfig"):
        body["OfflineStoreStatus"] = {"Status": "Active"}


FINISH: dict[str, Any] = {
    "TrainingJob": _ended("TrainingStartTime", "TrainingEndTime"),
    "ProcessingJob": _ended("ProcessingStartTime", "ProcessingEndTime"),
    "TransformJob": _ended("TransformStartTime", "TransformEndTime"),
    "HyperParameterTuningJob": _ended("TuningStartTime", "HyperParameterTuningEndTime"),
    "AutoMLJobV2": _automl,
    "Endpoint": _endpoint,
    "NotebookInstance": _notebook,
    "FeatureGroup": _feature_group,
}


def drawn(shape: Any, body: dict[str, Any]) -> dict[str, Any]:
    """The members of a shape that a body has."""
    return {name: body[name] for name in shape.members if body.get(name) is not None}


def _describe(kind: Kind) -> Any:
    def method(self: Any) -> Any:
        from moto.core.responses import ActionResult

        record = find(self.sagemaker_backend, kind, self.params)
        return ActionResult(drawn(operation_model("sagemaker", f"Describe{kind.name}").output_shape, record["body"]))

    return method


def _create(kind: Kind) -> Any:
    def method(self: Any) -> Any:
        from moto.core.responses import ActionResult

        return ActionResult(create(self.sagemaker_backend, kind, dict(self.params)))

    return method


def _delete(kind: Kind) -> Any:
    def method(self: Any) -> Any:
        from moto.core.responses import EmptyResult

        record = find(self.sagemaker_backend, kind, self.params)
        held = resources(self.sagemaker_backend)[kind.name]
        for key in [key for key, value in held.items() if value is record]:
            del held[key]
        return EmptyResult()

    return method


def _update(kind: Kind) -> Any:
    def method(self: Any) -> Any:
        from moto.core.responses import ActionResult

        params = copy.deepcopy(dict(self.params))
        record = find(self.sagemaker_backend, kind, params)
        body = record["body"]
        if kind.name == "NotebookInstance":
            if params.pop("DisassociateLifecycleConfig", False):
                body.pop("NotebookInstanceLifecycleConfigName", None)
            if params.pop("DisassociateDefaultCodeRepository", False):
                body.pop("DefaultCodeRepository", None)
            if params.pop("DisassociateAdditionalCodeRepositories", False):
                body.pop("AdditionalCodeRepositories", None)
        if kind.name == "Domain":
            settings = params.pop("DomainSettingsForUpdate", None)
            if settings:
                body["DomainSettings"] = {**(body.get("DomainSettings") or {}), **settings}
            for name in ("DefaultUserSettings", "DefaultSpaceSettings"):
                if name in params:
                    body[name] = {**(body.get(name) or {}), **params.pop(name)}
        for name, value in params.items():
            if name not in kind.key and name not in ("Tags", "DeploymentConfig"):
                body[kind.rename.get(name, name)] = value
        body["LastModifiedTime"] = now()
        if kind.name == "Endpoint":
            _endpoint(self.sagemaker_backend, body, now())
        return ActionResult({kind.arn_field: record["arn"]})

    return method


def _status(kind: Kind, status: str) -> Any:
    def method(self: Any) -> Any:
        from moto.core.responses import EmptyResult

        record = find(self.sagemaker_backend, kind, self.params)
        if kind.status and (
            kind.name in ("NotebookInstance", "MonitoringSchedule") or record["body"][kind.status] == "InProgress"
        ):
            record["body"][kind.status] = status
            record["body"]["LastModifiedTime"] = now()
        return EmptyResult()

    return method


def _list(kind: Kind) -> Any:
    def method(self: Any) -> Any:
        from moto.core.responses import ActionResult

        records = list(resources(self.sagemaker_backend).get(kind.name, {}).values())
        return ActionResult(listed(kind, records, dict(self.params)))

    return method


def _search(self: Any) -> Any:
    from moto.core.responses import ActionResult

    resource = self.params.get("Resource")
    kind = BY_NAME.get(resource)
    if kind is None or not kind.search:
        if resource in (
            "Project",
            "Pipeline",
            "PipelineExecution",
            "Experiment",
            "ModelPackage",
            "ModelPackageGroup",
            "Trial",
            "TrialComponent",
            "ModelCard",
            "FeatureMetadata",
            "Job",
        ):
            return ActionResult({"Results": [], "TotalHits": {"Value": 0, "Relation": "EqualTo"}})
        raise refuse(VALIDATION, f"Value '{resource}' at 'resource' failed to satisfy constraint")
    records = list(resources(self.sagemaker_backend).get(kind.name, {}).values())
    found = filtered(records, self.params.get("SearchExpression") or {})
    found = ordered(
        found, self.params.get("SortBy") or "LastModifiedTime", self.params.get("SortOrder") or "Descending"
    )
    some, token = page(found, self.params.get("NextToken"), self.params.get("MaxResults") or 100)
    record_shape = service_model("sagemaker").shape_for("SearchRecord").members[resource]
    results = []
    for record in some:
        body = dict(record["body"], Tags=record["tags"])
        if kind.name == "Model":
            results.append({"Model": {"Model": drawn(record_shape.members["Model"], body)}})
        else:
            results.append({resource: drawn(record_shape, body)})
    answer: dict[str, Any] = {"Results": results, "TotalHits": {"Value": len(found), "Relation": "EqualTo"}}
    if token:
        answer["NextToken"] = token
    return ActionResult(answer)


def by_arn(backend: Any, arn: str) -> dict[str, Any] | None:
    """The record with an ARN."""
    for held in resources(backend).values():
        for record in held.values():
            if record["arn"].lower() == str(arn).lower():
                return record
    return None


def _tags(verb: str, original: Any) -> Any:
    def method(self: Any) -> Any:
        from moto.core.responses import ActionResult, EmptyResult

        record = by_arn(self.sagemaker_backend, self.params.get("ResourceArn"))
        if record is None:
            try:
                return original(self)
            except (AttributeError, KeyError, NotImplementedError, TypeError):
                raise refuse(VALIDATION, "RecordNotFound") from None
        if verb == "list":
            some, token = page(record["tags"], self.params.get("NextToken"), self.params.get("MaxResults") or 50)
            return ActionResult({"Tags": some, **({"NextToken": token} if token else {})})
        gone = set(self.params.get("TagKeys") or []) | {t["Key"] for t in self.params.get("Tags") or []}
        record["tags"] = [t for t in record["tags"] if t["Key"] not in gone] + list(self.params.get("Tags") or [])
        return ActionResult({"Tags": record["tags"]}) if verb == "add" else EmptyResult()

    return method


def _empty_list(operation: str) -> Any:
    def method(self: Any) -> Any:
        from moto.core.responses import ActionResult

        shape = operation_model("sagemaker", operation).output_shape
        return ActionResult({name: [] for name, member in shape.members.items() if member.type_name == "list"})

    return method


def install() -> None:
    """Put the table's operations on moto's response class."""
    from moto.core.utils import camelcase_to_underscores
    from moto.sagemaker.responses import SageMakerResponse

    def put(operation: str, method: Any) -> None:
        name = camelcase_to_underscores(operation)
        method.__name__ = name
        setattr(SageMakerResponse, name, method)

    operations = set(service_model("sagemaker").operation_names)
    for kind in KINDS:
        makers = {
            f"Create{kind.name}": _create(kind),
            f"Describe{kind.name}": _describe(kind),
            f"Delete{kind.name}": _delete(kind),
            f"Update{kind.name}": _update(kind),
            f"List{kind.many}": _list(kind),
            f"Stop{kind.name.removesuffix('V2')}": _status(kind, "Stopped"),
            f"Start{kind.name}": _status(kind, "InService" if kind.name == "NotebookInstance" else "Scheduled"),
        }
        for operation, method in makers.items():
            if operation in operations:
                put(operation, method)
    put("CreateAutoMLJob", _create(BY_NAME["AutoMLJobV2"]))
    put("DescribeAutoMLJob", _describe(BY_NAME["AutoMLJobV2"]))
    put("Search", _search)
    for verb in ("list", "add", "delete"):
        method = _tags(verb, getattr(SageMakerResponse, f"{verb}_tags"))
        method.__name__ = f"{verb}_tags"
        setattr(SageMakerResponse, f"{verb}_tags", method)
    for operation in operations:
        name = camelcase_to_underscores(operation)
        if operation.startswith("List") and not hasattr(SageMakerResponse, name):
            put(operation, _empty_list(operation))
