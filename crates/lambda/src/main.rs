//! The Lambda function: an event in, an audit, a short answer out. A decision here belongs further in.

mod event;
mod handler;

use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use serde_json::Value;

use crate::handler::Handler;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    // Settings and credentials are looked at on the first event: a mistake in them is then an answer with a name.
    let handler = &Handler::default();
    run(service_fn(|event: LambdaEvent<Value>| async move { handler.handle(event).await })).await
}
