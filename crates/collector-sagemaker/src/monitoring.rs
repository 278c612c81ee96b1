//! The reads of monitoring schedules, and of the definitions that they name.

use aws_sdk_sagemaker::Client;
use plumbline_collector::{Next, Page, Reader};
use plumbline_snapshot::sagemaker::Resource;
use plumbline_snapshot::sagemaker::monitoring::{self, Definition, Schedule};
use plumbline_snapshot::{Collected, Read, Source};

use crate::SageMakerCollector;
use crate::convert::monitoring as convert;
use crate::describe::{Described, GONE, Standing};
use crate::limits::PAGE;

impl Described for Schedule {
    const SOURCE: &'static Source = &monitoring::SCHEDULE;

    async fn describe(client: &Client, reader: &Reader, name: &str, into: &mut Read<Option<Self>>, _: &mut Standing) {
        let call = || Box::pin(client.describe_monitoring_schedule().monitoring_schedule_name(name).send());
        let convert = |answer| Ok(Some(convert::schedule(&answer)));
        reader.find(Self::SOURCE, Some(name), &GONE, into, call, convert).await;
    }
}

impl SageMakerCollector {
    /// Lists the monitoring schedules, and describes each.
    pub(crate) async fn schedules(&self, reader: &Reader, list: &mut Collected<Resource<Schedule>>) {
        reader
            .list(
                &monitoring::SCHEDULES,
                list,
                |token| {
                    Box::pin(self.client.list_monitoring_schedules().max_results(PAGE).set_next_token(token).send())
                },
                |answer| {
                    let items = answer.monitoring_schedule_summaries().iter().map(convert::listed_schedule);
                    Page::of(items, Next::token(answer.next_token()))
                },
            )
            .await;
        self.complete_each(reader, list).await;
    }

    /// Describes a definition by its [`monitoring::definition_id`].
    pub(crate) async fn definition(&self, reader: &Reader, id: &str, into: &mut Read<Option<Definition>>) {
        let Some((kind, name)) = id.split_once('/') else { return };
        let Some((_, source)) = monitoring::MONITORED.into_iter().find(|(monitored, _)| *monitored == kind) else {
            return;
        };
        let client = &self.client;
        match *source {
            monitoring::DATA_QUALITY_DEFINITION => {
                let call = || Box::pin(client.describe_data_quality_job_definition().job_definition_name(name).send());
                let convert = |answer| Ok(Some(convert::data_quality(&answer)));
                reader.find(source, Some(name), &GONE, into, call, convert).await;
            }
            monitoring::MODEL_QUALITY_DEFINITION => {
                let call = || Box::pin(client.describe_model_quality_job_definition().job_definition_name(name).send());
                let convert = |answer| Ok(Some(convert::model_quality(&answer)));
                reader.find(source, Some(name), &GONE, into, call, convert).await;
            }
            monitoring::MODEL_BIAS_DEFINITION => {
                let call = || Box::pin(client.describe_model_bias_job_definition().job_definition_name(name).send());
                let convert = |answer| Ok(Some(convert::model_bias(&answer)));
                reader.find(source, Some(name), &GONE, into, call, convert).await;
            }
            monitoring::MODEL_EXPLAINABILITY_DEFINITION => {
                let call =
                    || Box::pin(client.describe_model_explainability_job_definition().job_definition_name(name).send());
                let convert = |answer| Ok(Some(convert::model_explainability(&answer)));
                reader.find(source, Some(name), &GONE, into, call, convert).await;
            }
            _ => {}
        }
    }
}
