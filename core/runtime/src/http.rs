//! Reads pages and files from a package index.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use fewlabel_contract::{Error, ErrorKind, Result};
use ureq::ResponseExt;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::configured::Configured;

const OPERATION: &str = "fetch training add-on";

/// Longest page of an index that is read, in bytes.
const PAGE_LIMIT: u64 = 64 << 20;

/// A connection is given up after so long without a byte.
const PATIENCE: Duration = Duration::from_secs(60);

/// Knows the machine's certificates and proxy.
pub(crate) struct Client(ureq::Agent);

/// A page of an index.
pub(crate) struct Page {
    /// Where it came from, after redirects: what its links are relative to.
    pub address: String,
    /// Whether it is JSON; HTML otherwise.
    pub json: bool,
    /// Its text.
    pub text: String,
}

/// A file that is being read.
pub(crate) struct Stream {
    /// Byte at which it begins: what was asked for, or 0 when the server does not do that.
    pub from: u64,
    /// Its bytes.
    pub reader: Box<dyn Read>,
}

impl Client {
    /// A client for a machine's configuration.
    ///
    /// # Errors
    /// `io` or `not-found` when the certificates cannot be read; `invalid-request` when the proxy is no address.
    pub fn new(configured: &Configured) -> Result<Self> {
        let roots = match &configured.certificates {
            Some(path) => certificates(path)?,
            None => RootCerts::PlatformVerifier,
        };
        let mut builder = ureq::Agent::config_builder()
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .timeout_connect(Some(PATIENCE))
            .timeout_per_read(Some(PATIENCE))
            .http_status_as_error(false)
            .user_agent(concat!("fewlabel/", env!("CARGO_PKG_VERSION")));
        if let Some(address) = &configured.proxy {
            let proxy = ureq::Proxy::new(address).map_err(|error| {
                Error::new(ErrorKind::InvalidRequest, OPERATION, "the proxy that pip is configured for is not an address")
                    .because(&error)
            })?;
            builder = builder.proxy(Some(proxy));
        }
        Ok(Self(builder.build().new_agent()))
    }

    /// The page at `address`, or nothing when the index has none there.
    ///
    /// # Errors
    /// `io` when the index cannot be reached or answers with an error.
    pub fn page(&self, address: &str, accept: &str) -> Result<Option<Page>> {
        let mut response = self.0.get(address).header("accept", accept).call().map_err(|error| unreachable(address, &error))?;
        let status = response.status().as_u16();
        if status == 404 {
            return Ok(None);
        }
        if status != 200 {
            return Err(refused(address, status));
        }
        let json = response.body().mime_type().is_some_and(|mime| mime.ends_with("json"));
        let final_address = response.get_uri().to_string();
        let text =
            response.body_mut().with_config().limit(PAGE_LIMIT).read_to_string().map_err(|error| unreachable(address, &error))?;
        Ok(Some(Page { address: final_address, json, text }))
    }

    /// The file at `address`, from byte `from` on where the server can do that.
    ///
    /// # Errors
    /// `io` when the server cannot be reached or answers with an error.
    pub fn stream(&self, address: &str, from: u64) -> Result<Stream> {
        let mut request = self.0.get(address).header("accept-encoding", "identity");
        if from > 0 {
            request = request.header("range", format!("bytes={from}-"));
        }
        let response = request.call().map_err(|error| unreachable(address, &error))?;
        let from = match response.status().as_u16() {
            206 => from,
            200 => 0,
            status => return Err(refused(address, status)),
        };
        Ok(Stream { from, reader: Box::new(response.into_body().into_with_config().limit(u64::MAX).reader()) })
    }
}

fn certificates(path: &Path) -> Result<RootCerts> {
    let pem = std::fs::read(path).map_err(|error| Error::io("read certificates", path, &error))?;
    let mut found: Vec<Certificate<'static>> = Vec::new();
    for item in parse_pem(&pem) {
        let item = item.map_err(|error| {
            Error::new(ErrorKind::Io, "read certificates", "the file is not in PEM form").file(path).because(&error)
        })?;
        if let PemItem::Certificate(certificate) = item {
            found.push(certificate);
        }
    }
    Ok(RootCerts::new_with_certs(&found))
}

fn unreachable(address: &str, error: &ureq::Error) -> Error {
    Error::new(ErrorKind::Io, OPERATION, "the package index cannot be reached")
        .with("address", without_secrets(address))
        .with("reason", error)
        .because(error)
        .hint("check the network and the proxy, give another index with --index, or bring the files of the plan by hand and give their folder with --from")
}

fn refused(address: &str, status: u16) -> Error {
    Error::new(ErrorKind::Io, OPERATION, "the package index refused")
        .with("address", without_secrets(address))
        .with("status", status)
        .hint("check the address of the index, or give another one with --index")
}

/// The address without the user name and password that it may hold.
pub(crate) fn without_secrets(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let host_ends = rest.find('/').unwrap_or(rest.len());
    match rest[..host_ends].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        assert_eq!(without_secrets("https://me:secret@index.example/simple/a@b"), "https://index.example/simple/a@b");
        assert_eq!(without_secrets("https://index.example/simple"), "https://index.example/simple");
    }

    #[test]
    fn a_certificate_file_that_is_none_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ca.pem");
        let configured = Configured { certificates: Some(path.clone()), ..Configured::default() };
        assert_eq!(Client::new(&configured).err().expect("no file").kind, ErrorKind::NotFound);
        std::fs::write(&path, "-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n").expect("written");
        assert_eq!(Client::new(&configured).err().expect("not PEM").kind, ErrorKind::Io);
    }
}
