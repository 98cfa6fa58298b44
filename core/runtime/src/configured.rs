//! What this machine is configured for: package index, certificates, proxy.
//!
//! No address of an index is written down here. It comes from `--index`, from `FEWLABEL_INDEX`, or
//! from pip: its environment variables, its configuration files, and at last the address that it uses
//! by itself, which its help text names. Everything else that pip is configured for is honoured too.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use fewlabel_contract::{Error, ErrorKind, Result};

/// Where to look for wheels, and how to get there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Configured {
    /// Addresses of package indexes in the order in which they are asked; at least one.
    pub indexes: Vec<String>,
    /// File with the certificates to trust instead of the system's, as PEM.
    pub certificates: Option<PathBuf>,
    /// Proxy instead of what `HTTPS_PROXY` and its like say.
    pub proxy: Option<String>,
}

/// Reads the configuration; `index` wins over everything.
///
/// # Errors
/// `not-found` when nothing says which index to use.
pub(crate) fn configured(index: Option<&str>) -> Result<Configured> {
    choose(index, &|name| std::env::var(name).ok().filter(|value| !value.is_empty()), &ask_pip)
}

fn choose(
    index: Option<&str>,
    variable: &dyn Fn(&str) -> Option<String>,
    pip: &dyn Fn(&[&str]) -> Option<String>,
) -> Result<Configured> {
    let settings = Settings(pip(&["config", "list"]).unwrap_or_default());
    let setting = |key: &str| variable(&format!("PIP_{}", key.to_uppercase().replace('-', "_"))).or_else(|| settings.get(key));
    let indexes = match index.map(str::to_owned).or_else(|| variable("FEWLABEL_INDEX")) {
        Some(index) => vec![index],
        None => {
            let first = setting("index-url").or_else(|| pip(&["download", "--help"]).as_deref().and_then(default_index));
            let further = setting("extra-index-url").unwrap_or_default();
            first.into_iter().chain(further.split_whitespace().map(str::to_owned)).collect()
        }
    };
    if indexes.is_empty() {
        return Err(Error::new(
            ErrorKind::NotFound,
            "find package index",
            "this machine is not configured for a package index, and pip is not there to ask",
        )
        .hint("give the address of a package index with --index, or a folder with the files of the plan with --from"));
    }
    Ok(Configured { indexes, certificates: setting("cert").map(PathBuf::from), proxy: setting("proxy") })
}

/// What `pip config list` prints: lines such as `global.index-url='https://…'`.
struct Settings(String);

impl Settings {
    /// The value that `pip download` would use: the environment's, else its own section's, else the
    /// global section's.
    fn get(&self, key: &str) -> Option<String> {
        [":env:", "download", "global"].iter().find_map(|section| {
            let prefix = format!("{section}.{key}=");
            self.0.lines().find_map(|line| line.strip_prefix(&prefix)).map(unquoted).filter(|value| !value.is_empty())
        })
    }
}

/// A Python string literal's content, as `repr` writes it.
fn unquoted(literal: &str) -> String {
    let inner = literal.trim();
    let inner = inner.strip_prefix(['\'', '"']).and_then(|rest| rest.strip_suffix(['\'', '"'])).unwrap_or(inner);
    inner.replace("\\n", "\n").replace("\\\\", "\\")
}

/// The address in `-i, --index-url <url>  Base URL of the Python Package Index (default …)`.
fn default_index(help: &str) -> Option<String> {
    let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, option) = words.split_once("--index-url <url>")?;
    let (_, rest) = option.split_once("(default ")?;
    let (address, _) = rest.split_once(')')?;
    address.contains("://").then(|| address.to_owned())
}

fn ask_pip(arguments: &[&str]) -> Option<String> {
    ["python3", "python"].iter().find_map(|python| {
        let output = Command::new(python).args(["-m", "pip"]).args(arguments).stdin(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "Package Index Options:\n  -i, --index-url <url>       Base URL of the Python Package Index (default\n                              https://index.example/simple). This should point to a\n  --extra-index-url <url>     Extra URLs of package indexes";

    fn pip(list: &'static str) -> impl Fn(&[&str]) -> Option<String> {
        move |arguments| Some(if arguments[0] == "config" { list } else { HELP }.to_owned())
    }

    #[test]
    fn the_request_wins_then_the_variables_then_pips_files_then_pip_itself() {
        let files = pip(
            "global.index-url='https://files.example/simple'\nglobal.extra-index-url='https://a.example/s\\nhttps://b.example/s'\nglobal.cert='/ca.pem'\ninstall.index-url='https://not.this'",
        );
        let own = |name: &str| (name == "FEWLABEL_INDEX").then(|| "https://own.example/simple".to_owned());
        let pips = |name: &str| (name == "PIP_INDEX_URL").then(|| "https://variable.example/simple".to_owned());
        let none = |_: &str| None;

        let given = choose(Some("https://given.example/simple"), &own, &files).expect("an index");
        assert_eq!(given.indexes, ["https://given.example/simple"]);
        assert_eq!(given.certificates, Some(PathBuf::from("/ca.pem")));
        assert_eq!(choose(None, &own, &files).expect("an index").indexes, ["https://own.example/simple"]);
        let extra = ["https://a.example/s", "https://b.example/s"];
        assert_eq!(
            choose(None, &pips, &files).expect("an index").indexes,
            [&["https://variable.example/simple"], &extra[..]].concat()
        );
        assert_eq!(
            choose(None, &none, &files).expect("an index").indexes,
            [&["https://files.example/simple"], &extra[..]].concat()
        );
        assert_eq!(choose(None, &none, &pip("")).expect("an index").indexes, ["https://index.example/simple"]);
    }

    #[test]
    fn pips_own_section_wins_over_the_global_one() {
        let files = pip("download.proxy='http://d.example:1'\nglobal.proxy='http://g.example:1'");
        assert_eq!(choose(None, &|_| None, &files).expect("an index").proxy.as_deref(), Some("http://d.example:1"));
    }

    #[test]
    fn without_any_index_the_error_says_what_to_give() {
        let error = choose(None, &|_| None, &|_| None).expect_err("no index");
        assert_eq!(error.kind, ErrorKind::NotFound);
        let hint = error.hint.expect("a hint");
        assert!(hint.contains("--index") && hint.contains("--from"), "{hint}");
    }
}
