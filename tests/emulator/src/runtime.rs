//! The runtime API of AWS Lambda, as far as one program under test needs it.
//!
//! Source: "Using the Lambda runtime API for custom runtimes" (AWS Lambda Developer Guide).

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::program::{target, whole};

/// A runtime API with the Lambda program that polls it.
#[derive(Debug)]
pub struct Runtime {
    program: Mutex<Child>,
    log: Mutex<File>,
    events: Sender<Event>,
    answers: Mutex<Receiver<Answer>>,
}

/// What the program answered to one event.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A response.
    Response(Value),
    /// An error: its type and message.
    Error(Value),
}

/// What every program under test gets: credentials that the emulator takes, and its endpoint.
pub(crate) fn environment(endpoint: &str) -> Vec<(String, String)> {
    let pairs = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("PATH", "/usr/bin:/bin"),
        ("HOME", "/nonexistent"),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

/// An event on its way to the program.
#[derive(Debug)]
struct Event {
    id: String,
    payload: String,
    time: Duration,
}

impl Runtime {
    /// Starts the Lambda program with the emulator at `endpoint` and more variables.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(endpoint: &str, more: &[(&str, &str)]) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let (events, waiting) = channel::<Event>();
        let (tell, answers) = channel();
        let waiting = Arc::new(Mutex::new(waiting));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (waiting, tell) = (Arc::clone(&waiting), tell.clone());
                std::thread::spawn(move || serve(stream, &waiting, &tell));
            }
        });
        let log = tempfile::tempfile()?;
        let program = Command::new(target("plumbline-lambda"))
            .env_clear()
            .envs(environment(endpoint))
            .env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{port}"))
            .env("AWS_LAMBDA_FUNCTION_NAME", "plumbline")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/plumbline")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "test")
            .env("RUST_LOG", "warn")
            .envs(more.iter().copied())
            .stderr(log.try_clone()?)
            .stdout(log.try_clone()?)
            .spawn()
            .context("starting plumbline-lambda: `cargo build --workspace` makes it")?;
        Ok(Self { program: Mutex::new(program), log: Mutex::new(log), events, answers: Mutex::new(answers) })
    }

    /// Sends one event and waits for the answer.
    ///
    /// # Errors
    /// The program ended, or no answer came within five minutes.
    pub fn invoke(&self, request_id: &str, payload: &Value) -> Result<Answer> {
        self.send(request_id, payload)?;
        self.answer()
    }

    /// Waits for the answer to an event that was sent.
    ///
    /// # Errors
    /// The program ended, or no answer came within five minutes.
    pub fn answer(&self) -> Result<Answer> {
        for _ in 0..300 {
            let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
            match answers.recv_timeout(Duration::from_secs(1)) {
                Ok(answer) => return Ok(answer),
                Err(RecvTimeoutError::Disconnected) => bail!("the runtime API ended"),
                Err(RecvTimeoutError::Timeout) => {
                    let ended = self.program.lock().unwrap_or_else(PoisonError::into_inner).try_wait()?;
                    if let Some(status) = ended {
                        bail!("the program ended with {status}: {}", self.log()?);
                    }
                }
            }
        }
        bail!("no answer within five minutes: {}", self.log()?)
    }

    /// What the program logged.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn log(&self) -> Result<String> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(String::from_utf8_lossy(&whole(&mut log)?).into_owned())
    }

    /// Sends an event whose answer nobody waits for.
    ///
    /// # Errors
    /// The runtime has ended.
    pub fn send(&self, request_id: &str, payload: &Value) -> Result<()> {
        // Fifteen minutes: as Lambda gives at most.
        self.send_within(request_id, payload, Duration::from_secs(900))
    }

    /// The same with so much time.
    ///
    /// # Errors
    /// The runtime has ended.
    pub fn send_within(&self, request_id: &str, payload: &Value, time: Duration) -> Result<()> {
        Ok(self.events.send(Event { id: request_id.to_owned(), payload: payload.to_string(), time })?)
    }

    /// Kills the program without warning.
    ///
    /// # Errors
    /// It is not there any more.
    pub fn kill(&self) -> Result<()> {
        let mut program = self.program.lock().unwrap_or_else(PoisonError::into_inner);
        program.kill()?;
        program.wait()?;
        Ok(())
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// Answers the requests of one connection.
fn serve(stream: TcpStream, waiting: &Mutex<Receiver<Event>>, tell: &Sender<Answer>) {
    let Ok(mut out) = stream.try_clone() else { return };
    let mut reader = BufReader::new(stream);
    while let Some((path, body)) = receive(&mut reader) {
        let answer = if path.ends_with("/invocation/next") {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(Event { id, payload, time }) = next else { return };
            let deadline = deadline_millis(time);
            format!(
                "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: {id}\r\nLambda-Runtime-Deadline-Ms: {deadline}\r\n\
                 Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:123456789012:function:plumbline\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{payload}",
                payload.len()
            )
        } else {
            let value = serde_json::from_slice(&body).unwrap_or(Value::Null);
            let _ = tell.send(if path.ends_with("/response") { Answer::Response(value) } else { Answer::Error(value) });
            "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".to_owned()
        };
        if out.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// The path and body of the next request.
fn receive(reader: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    let path = first.split_whitespace().nth(1)?.to_owned();
    let mut length = 0;
    let mut chunked = false;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        chunked |= line == "transfer-encoding: chunked";
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    while chunked {
        let mut size = String::new();
        reader.read_line(&mut size).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk).ok()?;
        chunk.truncate(size);
        body.extend(chunk);
        chunked = size > 0;
    }
    Some((path, body))
}

/// So long from now.
#[expect(clippy::disallowed_methods, reason = "the runtime API tells the time")]
fn deadline_millis(time: Duration) -> u128 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (now + time).as_millis()
}
