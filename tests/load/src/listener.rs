//! The front on the loopback: HTTP/1.1 with connections that stay open, as much of it as the SDK's client uses.
//!
//! Written out here, since the server half of hyper is a feature that nothing else asks for: switching it on would build
//! every crate of the SDK again.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::request::{Answer, Request};
use crate::server::{Reply, Server};

/// The longest head and body of a request.
const LONGEST: usize = 1 << 20;

/// A server at a port, with a thread of its own; it ends with this value.
#[derive(Debug)]
pub struct Loopback {
    address: SocketAddr,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Loopback {
    /// Starts to listen at a free port of 127.0.0.1.
    ///
    /// # Errors
    /// No port, or no thread.
    pub fn start(server: Arc<Server>) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (end, ended) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("load".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, server) => {}
                    _ = ended => {}
                }
            });
        })?;
        Ok(Self { address, end: Some(end), thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            let _ = end.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: std::net::TcpListener, server: Arc<Server>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    while let Ok((stream, _)) = listener.accept().await {
        let server = server.clone();
        tokio::spawn(async move {
            // A connection that the other side drops is no concern of the server's.
            let _ = converse(stream, &server).await;
        });
    }
}

/// Answers the requests of one connection until it ends or is cut.
async fn converse(mut stream: TcpStream, server: &Server) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    while let Some((request, head)) = next(&mut stream, &mut buffer).await? {
        match server.ask(&request).await {
            Reply::Answer(answer) => stream.write_all(&written(&answer, head)).await?,
            Reply::Cut => return Ok(()),
        }
    }
    Ok(())
}

/// The next request of a connection, and whether it is a HEAD; none at its end.
async fn next(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<(Request, bool)>> {
    loop {
        if let Some((request, head, used)) = parse(buffer)? {
            buffer.drain(..used);
            return Ok(Some((request, head)));
        }
        if buffer.len() > LONGEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "too long a request"));
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

/// The request at the beginning of `bytes`, if it is all there, and how many bytes it took.
fn parse(bytes: &[u8]) -> io::Result<Option<(Request, bool, usize)>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let invalid = || io::Error::new(io::ErrorKind::InvalidData, "not a request");
    let head = bytes.get(..end).and_then(|head| std::str::from_utf8(head).ok()).ok_or_else(invalid)?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (first.next().unwrap_or_default(), first.next().ok_or_else(invalid)?);
    let headers: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(':')).collect();
    let header = |name: &str| {
        let found = headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    };
    let length: usize = match header("content-length") {
        None => 0,
        Some(length) => length.parse().map_err(|_| invalid())?,
    };
    let Some(body) = bytes.get(end + 4..end + 4 + length) else { return Ok(None) };
    let authorization = header("authorization").unwrap_or_default();
    let request = Request::of(method, target, authorization, header("x-amz-target"), body);
    Ok(Some((request, method == "HEAD", end + 4 + length)))
}

fn written(answer: &Answer, head: bool) -> Vec<u8> {
    let Answer { status, content_type, bucket_region, body } = answer;
    let region = bucket_region.map(|region| format!("x-amz-bucket-region: {region}\r\n")).unwrap_or_default();
    let length = body.len();
    let mut bytes =
        format!("HTTP/1.1 {status} .\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n{region}\r\n")
            .into_bytes();
    if !head {
        bytes.extend_from_slice(body.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_request_is_taken_when_it_is_whole() {
        let text = b"POST / HTTP/1.1\r\nX-Amz-Target: SageMaker.ListModels\r\ncontent-length: 2\r\n\r\n{}GET /";
        for length in 0..text.len() - 5 {
            assert!(parse(&text[..length]).unwrap().is_none() || length == text.len() - 5, "{length}");
        }
        let (request, head, used) = parse(text).unwrap().unwrap();
        assert_eq!((request.operation.as_str(), head, used), ("ListModels", false, text.len() - 5));
        assert!(parse(b"\r\n\r\n").is_err());
    }
}
