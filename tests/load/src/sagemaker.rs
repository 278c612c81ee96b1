//! SageMaker: listings, descriptions, `Search` and tags of six kinds.

use jiff::Timestamp;

use crate::account::{Account, Purpose, SUBNETS_OF_VPC, arn, bucket, id, key, role_arn};
use crate::answer::{Answered, listed, page, unknown};
use crate::request::{Answer, Refusal, Request, invalid};

/// The largest page of every listing.
const LARGEST: u64 = 100;
const TAGS: &str = "[{\"Key\":\"ProjectName\",\"Value\":\"load\"},{\"Key\":\"Stage\",\"Value\":\"bench\"}]";

pub(crate) fn answer(account: &Account, request: &Request) -> Answered {
    let size = &account.size;
    match request.operation.as_str() {
        "ListNotebookInstances" => list(request, "NotebookInstances", size.notebooks, |n| {
            summary(account, "NotebookInstance", "notebook-instance", &notebook(n), "InService")
        }),
        "ListDomains" => list(request, "Domains", size.domains, |n| {
            let (id, at) = (domain(n), account.made().as_second());
            format!(
                "{{\"DomainId\":\"{id}\",\"DomainArn\":\"{}\",\"DomainName\":\"load-{n}\",\"Status\":\"InService\",\
                 \"CreationTime\":{at},\"LastModifiedTime\":{at}}}",
                arn("sagemaker", &format!("domain/{id}"))
            )
        }),
        "ListModels" => list(request, "Models", size.models, |n| made(account, "Model", "model", &model(n))),
        "ListEndpointConfigs" => list(request, "EndpointConfigs", size.endpoint_configs, |n| {
            made(account, "EndpointConfig", "endpoint-config", &config(n))
        }),
        "ListEndpoints" => list(request, "Endpoints", size.endpoints, |n| {
            summary(account, "Endpoint", "endpoint", &endpoint(n), "InService")
        }),
        "ListTrainingJobs" => {
            let order = (request.value("SortBy"), request.value("SortOrder"));
            newest_first(order.0.as_deref(), order.1.as_deref(), "CreationTime")?;
            request.only(&["MaxResults", "NextToken", "SortBy", "SortOrder", "CreationTimeBefore"])?;
            let newer = match request.value("CreationTimeBefore") {
                None => 0,
                Some(seconds) => account.jobs_made_since(moment(&seconds)?),
            };
            let left = size.jobs.number.saturating_sub(newer);
            paged(request, "TrainingJobSummaries", left, |n| listed_job(account, n + newer))
        }
        "Search" => search(account, request),
        "ListTags" => {
            request.only(&["ResourceArn", "MaxResults", "NextToken"])?;
            Ok(Answer::json(format!("{{\"Tags\":{TAGS}}}")))
        }
        "DescribeNotebookInstance" => {
            let n = known(request, "NotebookInstanceName", size.notebooks)?;
            Ok(Answer::json(describe_notebook(account, n)))
        }
        "DescribeDomain" => {
            let n = known(request, "DomainId", size.domains)?;
            Ok(Answer::json(describe_domain(account, n)))
        }
        "DescribeEndpointConfig" => {
            let n = known(request, "EndpointConfigName", size.endpoint_configs)?;
            Ok(Answer::json(describe_config(account, n)))
        }
        "DescribeTrainingJob" => {
            let n = known(request, "TrainingJobName", size.jobs.number)?;
            Ok(Answer::json(job(account, n)))
        }
        "DescribeModel" => {
            let n = known(request, "ModelName", size.models)?;
            Ok(Answer::json(describe_model(account, n)))
        }
        "DescribeEndpoint" => {
            let n = known(request, "EndpointName", size.endpoints)?;
            Ok(Answer::json(describe_endpoint(account, n)))
        }
        _ => Err(unknown(request)),
    }
}

fn list(request: &Request, name: &str, total: u64, write: impl Fn(u64) -> String) -> Answered {
    request.only(&["MaxResults", "NextToken", "SortBy", "SortOrder"])?;
    paged(request, name, total, write)
}

fn paged(request: &Request, name: &str, total: u64, write: impl Fn(u64) -> String) -> Answered {
    let (size, token) = (request.value("MaxResults"), request.value("NextToken"));
    let page = page(total, LARGEST, size.as_deref(), token.as_deref())?;
    Ok(listed(name, &page, "NextToken", write))
}

fn search(account: &Account, request: &Request) -> Answered {
    request.only(&["Resource", "MaxResults", "NextToken", "SortBy", "SortOrder"])?;
    let size = &account.size;
    let results = |total: u64, write: &dyn Fn(u64) -> String| paged(request, "Results", total, write);
    match request.value("Resource").as_deref() {
        Some("TrainingJob") => {
            let order = (request.value("SortBy"), request.value("SortOrder"));
            newest_first(order.0.as_deref(), order.1.as_deref(), "LastModifiedTime")?;
            results(size.jobs.number, &|n| format!("{{\"TrainingJob\":{}}}", tagged(job(account, n))))
        }
        Some("Model") => {
            results(size.models, &|n| format!("{{\"Model\":{{\"Model\":{}}}}}", tagged(describe_model(account, n))))
        }
        Some("Endpoint") => {
            results(size.endpoints, &|n| format!("{{\"Endpoint\":{}}}", tagged(describe_endpoint(account, n))))
        }
        _ => Err(invalid("the load server searches training jobs, models and endpoints")),
    }
}

/// A moment as JSON has it: seconds, with a fraction or without.
fn moment(seconds: &str) -> Result<Timestamp, Refusal> {
    let seconds: f64 = seconds.parse().map_err(|_| invalid("no moment"))?;
    #[expect(clippy::cast_possible_truncation, reason = "a moment of our time in milliseconds")]
    let millis = (seconds * 1000.0).round() as i64;
    Timestamp::from_millisecond(millis).map_err(|_| invalid("no moment"))
}

/// Jobs stand newest first here, so that no other order can be asked for.
fn newest_first(by: Option<&str>, order: Option<&str>, expected: &str) -> Result<(), Refusal> {
    match (by, order) {
        (Some(by), Some("Descending")) if by == expected => Ok(()),
        _ => Err(invalid(&format!("the load server sorts training jobs by {expected}, Descending"))),
    }
}

/// The number at the end of a name, if there is such a resource.
fn known(request: &Request, parameter: &str, total: u64) -> Result<u64, Refusal> {
    request.only(&[parameter])?;
    let name = request.value(parameter).unwrap_or_default();
    match name.rsplit('-').next().and_then(|number| number.parse().ok()) {
        Some(n) if n < total => Ok(n),
        _ => Err(invalid(&format!("Could not find {name}"))),
    }
}

fn notebook(n: u64) -> String {
    format!("load-notebook-{n:06}")
}

fn domain(n: u64) -> String {
    format!("d-{n:012}")
}

fn model(n: u64) -> String {
    format!("load-model-{n:06}")
}

fn config(n: u64) -> String {
    format!("load-config-{n:06}")
}

fn endpoint(n: u64) -> String {
    format!("load-endpoint-{n:06}")
}

fn made(account: &Account, kind: &str, path: &str, name: &str) -> String {
    format!(
        "{{\"{kind}Name\":\"{name}\",\"{kind}Arn\":\"{}\",\"CreationTime\":{}}}",
        arn("sagemaker", &format!("{path}/{name}")),
        account.made().as_second(),
    )
}

fn summary(account: &Account, kind: &str, path: &str, name: &str, status: &str) -> String {
    let at = account.made().as_second();
    format!(
        "{{\"{kind}Name\":\"{name}\",\"{kind}Arn\":\"{}\",\"{kind}Status\":\"{status}\",\"CreationTime\":{at},\
         \"LastModifiedTime\":{at}}}",
        arn("sagemaker", &format!("{path}/{name}")),
    )
}

/// The body of a description with the tags that `Search` adds.
fn tagged(mut body: String) -> String {
    body.truncate(body.len() - 1);
    body.push_str(",\"Tags\":");
    body.push_str(TAGS);
    body.push('}');
    body
}

fn seconds(at: Timestamp) -> String {
    format!("{}.{:03}", at.as_second(), at.subsec_millisecond())
}

fn listed_job(account: &Account, n: u64) -> String {
    let name = format!("load-job-{n:07}");
    let (made, changed) = (seconds(account.job_made(n)), seconds(account.job_changed(n)));
    let path = arn("sagemaker", &format!("training-job/{name}"));
    if account.job_runs(n) {
        return format!(
            "{{\"TrainingJobName\":\"{name}\",\"TrainingJobArn\":\"{path}\",\"CreationTime\":{made},\
             \"LastModifiedTime\":{changed},\"TrainingJobStatus\":\"InProgress\"}}"
        );
    }
    format!(
        "{{\"TrainingJobName\":\"{name}\",\"TrainingJobArn\":\"{path}\",\"CreationTime\":{made},\
         \"TrainingEndTime\":{changed},\"LastModifiedTime\":{changed},\"TrainingJobStatus\":\"Completed\"}}"
    )
}

fn job(account: &Account, n: u64) -> String {
    let name = format!("load-job-{n:07}");
    let size = &account.size;
    let (made, changed) = (seconds(account.job_made(n)), seconds(account.job_changed(n)));
    let ending = if account.job_runs(n) {
        "\"TrainingJobStatus\":\"InProgress\",\"SecondaryStatus\":\"Training\"".to_owned()
    } else {
        format!(
            "\"TrainingJobStatus\":\"Completed\",\"SecondaryStatus\":\"Completed\",\"TrainingEndTime\":{changed},\
             \"ModelArtifacts\":{{\"S3ModelArtifacts\":\"s3://{0}/out/{name}/model.tar.gz\"}}",
            bucket(3),
        )
    };
    format!(
        "{{\"TrainingJobName\":\"{name}\",\"TrainingJobArn\":\"{}\",{ending},\"CreationTime\":{made},\
         \"TrainingStartTime\":{made},\"LastModifiedTime\":{changed},\"RoleArn\":\"{}\",\
         \"HyperParameters\":{{\"epochs\":\"20\",\"lr\":\"0.001\",\"batch\":\"64\"}},\
         \"AlgorithmSpecification\":{{\"TrainingImage\":\"{}\",\"TrainingInputMode\":\"File\"}},\
         \"InputDataConfig\":[{{\"ChannelName\":\"train\",\"DataSource\":{{\"S3DataSource\":{{\
         \"S3DataType\":\"S3Prefix\",\"S3Uri\":\"s3://{}/train/\",\"S3DataDistributionType\":\"FullyReplicated\"}}}}}}],\
         \"OutputDataConfig\":{{\"KmsKeyId\":\"{}\",\"S3OutputPath\":\"s3://{}/out/\"}},\
         \"ResourceConfig\":{{\"InstanceType\":\"ml.m5.xlarge\",\"InstanceCount\":1,\"VolumeSizeInGB\":50,\
         \"VolumeKmsKeyId\":\"{}\"}},\"VpcConfig\":{},\"StoppingCondition\":{{\"MaxRuntimeInSeconds\":3600}},\
         \"EnableNetworkIsolation\":true,\"EnableInterContainerTrafficEncryption\":true,\
         \"EnableManagedSpotTraining\":false}}",
        arn("sagemaker", &format!("training-job/{name}")),
        role_arn("ds-training-role"),
        image(),
        bucket(0),
        key(size, Purpose::Data, n),
        bucket(3),
        key(size, Purpose::Volumes, n),
        network(n),
    )
}

fn describe_notebook(account: &Account, n: u64) -> String {
    let (name, at) = (notebook(n), account.made().as_second());
    format!(
        "{{\"NotebookInstanceName\":\"{name}\",\"NotebookInstanceArn\":\"{}\",\
         \"NotebookInstanceStatus\":\"InService\",\"InstanceType\":\"ml.t3.medium\",\"SubnetId\":\"{}\",\
         \"SecurityGroups\":[\"{}\"],\"RoleArn\":\"{}\",\"KmsKeyId\":\"{}\",\"LastModifiedTime\":{at},\
         \"CreationTime\":{at},\"DirectInternetAccess\":\"Disabled\",\"RootAccess\":\"Disabled\",\
         \"VolumeSizeInGB\":5}}",
        arn("sagemaker", &format!("notebook-instance/{name}")),
        id("subnet", n % SUBNETS_OF_VPC),
        id("sg", 0),
        role_arn("ds-notebook-role"),
        key(&account.size, Purpose::Volumes, n),
    )
}

fn describe_domain(account: &Account, n: u64) -> String {
    let (name, at) = (domain(n), account.made().as_second());
    let defaults =
        format!("{{\"ExecutionRole\":\"{}\",\"SecurityGroups\":[\"{}\"]}}", role_arn("ds-notebook-role"), id("sg", 0));
    format!(
        "{{\"DomainId\":\"{name}\",\"DomainArn\":\"{}\",\"DomainName\":\"load-{n}\",\"Status\":\"InService\",\
         \"CreationTime\":{at},\"LastModifiedTime\":{at},\"AuthMode\":\"IAM\",\"AppNetworkAccessType\":\"VpcOnly\",\
         \"VpcId\":\"{}\",\"SubnetIds\":[\"{}\",\"{}\"],\"KmsKeyId\":\"{}\",\"DefaultUserSettings\":{defaults},\
         \"DefaultSpaceSettings\":{defaults}}}",
        arn("sagemaker", &format!("domain/{name}")),
        id("vpc", 0),
        id("subnet", 0),
        id("subnet", 1),
        key(&account.size, Purpose::Volumes, n),
    )
}

fn describe_config(account: &Account, n: u64) -> String {
    let name = config(n);
    format!(
        "{{\"EndpointConfigName\":\"{name}\",\"EndpointConfigArn\":\"{}\",\"ProductionVariants\":[{{\
         \"VariantName\":\"AllTraffic\",\"ModelName\":\"{}\",\"InitialInstanceCount\":2,\
         \"InstanceType\":\"ml.m5.large\",\"InitialVariantWeight\":1.0}}],\"KmsKeyId\":\"{}\",\"CreationTime\":{}}}",
        arn("sagemaker", &format!("endpoint-config/{name}")),
        model(n % account.size.models.max(1)),
        key(&account.size, Purpose::Volumes, n),
        account.made().as_second(),
    )
}

fn describe_model(account: &Account, n: u64) -> String {
    let name = model(n);
    format!(
        "{{\"ModelName\":\"{name}\",\"ModelArn\":\"{}\",\"PrimaryContainer\":{{\"Image\":\"{}\",\
         \"ModelDataUrl\":\"s3://{}/out/model.tar.gz\"}},\"ExecutionRoleArn\":\"{}\",\"VpcConfig\":{},\
         \"CreationTime\":{},\"EnableNetworkIsolation\":true}}",
        arn("sagemaker", &format!("model/{name}")),
        image(),
        bucket(3),
        role_arn("ds-hosting-role"),
        network(n),
        account.made().as_second(),
    )
}

fn describe_endpoint(account: &Account, n: u64) -> String {
    let (name, at) = (endpoint(n), account.made().as_second());
    format!(
        "{{\"EndpointName\":\"{name}\",\"EndpointArn\":\"{}\",\"EndpointConfigName\":\"{}\",\
         \"EndpointStatus\":\"InService\",\"CreationTime\":{at},\"LastModifiedTime\":{at}}}",
        arn("sagemaker", &format!("endpoint/{name}")),
        config(n % account.size.endpoint_configs.max(1)),
    )
}

fn image() -> String {
    format!("{}.dkr.ecr.{}.amazonaws.com/load:1", crate::account::ACCOUNT, crate::account::REGION)
}

fn network(n: u64) -> String {
    format!(
        "{{\"SecurityGroupIds\":[\"{}\"],\"Subnets\":[\"{}\",\"{}\"]}}",
        id("sg", 0),
        id("subnet", n % SUBNETS_OF_VPC),
        id("subnet", (n + 1) % SUBNETS_OF_VPC)
    )
}
