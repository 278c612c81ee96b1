//! The next leg of a run: the function invokes itself, asynchronously.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::DisplayErrorContext;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;

use crate::access::Access;
use crate::wiring::AppError;

/// Invokes the function `name` with `payload`, and does not wait for what it does ("Invoking a Lambda function
/// asynchronously", AWS Lambda Developer Guide).
///
/// # Errors
/// [`AppError::NextLeg`]: Lambda did not take the event.
pub async fn next_leg(access: &Access, name: &str, payload: String) -> Result<(), AppError> {
    let call = Client::new(access.config()).invoke().function_name(name).invocation_type(InvocationType::Event);
    let sent = call.payload(Blob::new(payload)).send().await;
    let failed = |cause: String| AppError::NextLeg { function: name.to_owned(), cause };
    match sent {
        // "The HTTP status code is in the 200 range for a successful request. […] For the Event invocation type, this status
        // code is 202": API_Invoke.
        Ok(answer) if answer.status_code == 202 => Ok(()),
        Ok(answer) => Err(failed(format!("status {}", answer.status_code))),
        Err(error) => Err(failed(DisplayErrorContext(&error).to_string())),
    }
}
