//! A package index on the loopback, with the faults that real ones have.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::small::Small;

/// What is wrong with the server.
#[derive(Clone, Copy, Default)]
pub struct Faults {
    /// Answers with links in HTML instead of JSON.
    pub html: bool,
    /// Closes the connection after so many bytes of a file, this many times.
    pub cuts: usize,
    /// Ignores `Range`.
    pub whole_files_only: bool,
    /// Flips a bit of every file.
    pub spoils: bool,
}

/// Serves until it is dropped by the end of the test process; every request is written down.
pub struct Server {
    pub index: String,
    pub requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn start(small: &[Small], faults: Faults) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let index = format!("http://{}/simple/", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let shelf = Shelf {
            files: small.iter().map(|s| (s.wheel.name.to_owned(), (s.wheel.project, s.bytes.clone()))).collect(),
            faults,
        };
        let written = Arc::clone(&requests);
        std::thread::spawn(move || {
            let mut cuts = faults.cuts;
            for stream in listener.incoming().flatten() {
                shelf.answer(stream, &written, &mut cuts);
            }
        });
        Self { index, requests }
    }

    /// Requests for files: their first line and their `Range`.
    pub fn file_requests(&self) -> Vec<String> {
        self.requests.lock().expect("requests").iter().filter(|request| request.contains("/files/")).cloned().collect()
    }
}

struct Shelf {
    files: BTreeMap<String, (&'static str, Vec<u8>)>,
    faults: Faults,
}

impl Shelf {
    fn answer(&self, stream: TcpStream, written: &Mutex<Vec<String>>, cuts: &mut usize) {
        let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).is_err() || line.trim().is_empty() {
                break;
            }
            lines.push(line.trim().to_ascii_lowercase());
        }
        let Some(first) = lines.first() else { return };
        let path = first.split_whitespace().nth(1).unwrap_or_default().to_owned();
        let range = lines
            .iter()
            .find_map(|line| line.strip_prefix("range: bytes="))
            .map(|range| range.trim_end_matches('-').parse::<usize>().expect("a range"));
        written.lock().expect("requests").push(format!("{path} {range:?}"));
        let mut stream = stream;
        if let Some(name) = path.strip_prefix("/files/") {
            self.send_file(&mut stream, name, range, cuts);
        } else {
            self.send_page(&mut stream, &path);
        }
    }

    fn send_page(&self, stream: &mut TcpStream, path: &str) {
        let project = path.trim_start_matches("/simple/").trim_end_matches('/');
        let names: Vec<&String> = self.files.iter().filter(|(_, (p, _))| *p == project).map(|(name, _)| name).collect();
        let (status, kind, body) = if names.is_empty() {
            ("404 Not Found", "text/plain", String::new())
        } else if self.faults.html {
            (
                "200 OK",
                "text/html",
                names.iter().map(|name| format!("<a href=\"../../files/{name}#sha256=0\">{name}</a>")).collect(),
            )
        } else {
            let files: Vec<String> = names
                .iter()
                .map(|name| format!("{{\"filename\": \"{name}\", \"url\": \"/files/{name}\", \"hashes\": {{}}}}"))
                .collect();
            ("200 OK", "application/vnd.pypi.simple.v1+json", format!("{{\"files\": [{}]}}", files.join(", ")))
        };
        // A client that hung up is its own business.
        let _ = write!(
            stream,
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
    }

    fn send_file(&self, stream: &mut TcpStream, name: &str, range: Option<usize>, cuts: &mut usize) {
        let mut bytes = self.files[name].1.clone();
        if self.faults.spoils {
            bytes[10] ^= 1;
        }
        let from = range.filter(|_| !self.faults.whole_files_only);
        let rest = &bytes[from.unwrap_or(0)..];
        let status = if from.is_some() { "206 Partial Content" } else { "200 OK" };
        let sent = if *cuts > 0 && rest.len() > 1000 { rest.len() / 2 } else { rest.len() };
        *cuts -= usize::from(sent < rest.len());
        let _ = write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", rest.len());
        let _ = stream.write_all(&rest[..sent]);
    }
}
