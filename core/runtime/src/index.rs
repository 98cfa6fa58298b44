//! Finds a wheel on a package index.
//!
//! An index answers `<index>/<project>/` with a list of files, as JSON or as an HTML page of links
//! (the *simple repository API* of the Python packaging specifications, PEP 503 and PEP 691).

use fewlabel_contract::Result;
use serde::Deserialize;

use crate::http::{Client, Page};
use crate::release::Wheel;

const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/// The address of `wheel` on `index`, or nothing when the index does not have it.
///
/// # Errors
/// `io` when the index cannot be reached or answers with an error.
pub(crate) fn locate(client: &Client, index: &str, wheel: &Wheel) -> Result<Option<String>> {
    let address = format!("{}/{}/", index.trim_end_matches('/'), wheel.project);
    let Some(page) = client.page(&address, ACCEPT)? else { return Ok(None) };
    Ok(links(&page).into_iter().map(|link| join(&page.address, &link)).find(|link| file_name(link) == wheel.name))
}

#[derive(Deserialize)]
struct Listing {
    files: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    url: String,
}

fn links(page: &Page) -> Vec<String> {
    if page.json {
        let listing: Option<Listing> = serde_json::from_str(&page.text).ok();
        return listing.map(|listing| listing.files.into_iter().map(|file| file.url).collect()).unwrap_or_default();
    }
    page.text.split("<a ").skip(1).filter_map(href).collect()
}

/// The value of `href` in the rest of an HTML tag.
fn href(tag: &str) -> Option<String> {
    let (_, value) = tag.split('>').next()?.split_once("href=")?;
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let value = value[1..].split(quote).next()?;
    Some(value.replace("&amp;", "&"))
}

/// Last part of the path of an address.
fn file_name(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    path.rsplit('/').next().unwrap_or(path)
}

/// `link` as seen from `base`, without its fragment (RFC 3986, section 5.2, as far as indexes use it).
fn join(base: &str, link: &str) -> String {
    let link = link.split('#').next().unwrap_or(link);
    if link.contains("://") {
        return link.to_owned();
    }
    let (scheme, rest) = base.split_once("://").unwrap_or(("https", base));
    if let Some(elsewhere) = link.strip_prefix("//") {
        return format!("{scheme}://{elsewhere}");
    }
    let base_path = rest.split(['?', '#']).next().unwrap_or(rest);
    let (host, path) = base_path.split_once('/').unwrap_or((base_path, ""));
    let mut parts: Vec<&str> = if link.starts_with('/') { Vec::new() } else { path.split('/').collect() };
    parts.pop();
    for part in link.trim_start_matches('/').split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("{scheme}://{host}/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_joined_as_a_browser_does() {
        let base = "https://index.example/root/simple/torch/";
        for (link, expected) in [
            ("https://files.example/a.whl#sha256=1", "https://files.example/a.whl"),
            ("//files.example/a.whl", "https://files.example/a.whl"),
            ("/files/a.whl", "https://index.example/files/a.whl"),
            ("a.whl", "https://index.example/root/simple/torch/a.whl"),
            ("./a.whl?x=1", "https://index.example/root/simple/torch/a.whl?x=1"),
            ("../../files/a.whl", "https://index.example/root/files/a.whl"),
            ("../../../../a.whl", "https://index.example/a.whl"),
        ] {
            assert_eq!(join(base, link), expected, "{link}");
        }
    }

    #[test]
    fn html_and_json_pages_give_the_same_links() {
        let html = "<!DOCTYPE html><html><body><h1>Links</h1>\n<a data-x=\"1\" href=\"../f/a-1.whl#sha256=0\" rel=internal>a-1.whl</a><br/>\n<a href='b-1.whl?x=1&amp;y=2'>b-1.whl</a></body></html>";
        let json = r#"{"meta": {"api-version": "1.1"}, "name": "a", "files": [{"filename": "a-1.whl", "url": "../f/a-1.whl#sha256=0", "hashes": {}}, {"filename": "b-1.whl", "url": "b-1.whl?x=1&y=2", "hashes": {}}]}"#;
        let page = |json: bool, text: &str| Page { address: "https://i.example/s/a/".into(), json, text: text.into() };
        let expected = ["../f/a-1.whl#sha256=0", "b-1.whl?x=1&y=2"];
        assert_eq!(links(&page(false, html)), expected);
        assert_eq!(links(&page(true, json)), expected);
        assert_eq!(file_name(&join("https://i.example/s/a/", expected[1])), "b-1.whl");
        assert!(links(&page(true, "not json")).is_empty());
        assert!(links(&page(false, "<a href=>")).is_empty());
    }
}
