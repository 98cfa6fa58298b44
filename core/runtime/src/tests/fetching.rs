//! Wheels from an index: whole, in pieces, and wrong.

use std::fs;
use std::net::TcpListener;

use fewlabel_contract::{CancelToken, ErrorKind};

use super::server::{Faults, Server};
use super::small::{Bench, content};
use crate::cache;
use crate::install::InstallOptions;

fn bench(faults: Faults) -> (Bench, Server) {
    let mut bench = Bench::new();
    let server = Server::start(&bench.small, faults);
    bench.index = Some(server.index.clone());
    (bench, server)
}

#[test]
fn both_kinds_of_index_give_a_whole_addon() {
    for html in [false, true] {
        let (bench, server) = bench(Faults { html, ..Faults::default() });
        assert!(bench.install(&InstallOptions::default()).expect("installed").installed);
        assert_eq!(server.file_requests(), ["/files/torch-2.11.0-x.whl None", "/files/nvidia_cuda_runtime-1-x.whl None"]);
        assert!(!cache::downloads(&bench.cache()).exists(), "wheels are of no use once they are unpacked");
    }
}

#[test]
fn a_broken_connection_is_taken_up_where_it_stopped() {
    let (bench, server) = bench(Faults { cuts: 2, ..Faults::default() });
    bench.install(&InstallOptions::default()).expect("installed");
    let requests = server.file_requests();
    assert_eq!(requests.len(), 4, "{requests:?}");
    let half = bench.small[0].bytes.len() / 2;
    let quarter = half + (bench.small[0].bytes.len() - half) / 2;
    assert_eq!(requests[1], format!("/files/torch-2.11.0-x.whl Some({half})"));
    assert_eq!(requests[2], format!("/files/torch-2.11.0-x.whl Some({quarter})"));
}

#[test]
fn a_server_that_knows_no_ranges_sends_it_again() {
    let (bench, server) = bench(Faults { cuts: 1, whole_files_only: true, ..Faults::default() });
    bench.install(&InstallOptions::default()).expect("installed");
    assert_eq!(server.file_requests().len(), 3);
}

#[test]
fn a_cancelled_fetch_goes_on_later() {
    let (bench, server) = bench(Faults::default());
    let downloads = cache::downloads(&bench.cache());
    fs::create_dir_all(&downloads).expect("a folder");
    fs::write(downloads.join("torch-2.11.0-x.whl.part"), &bench.small[0].bytes[..1000]).expect("written");
    let token = CancelToken::new();
    token.cancel();
    let error = bench.install_watched(&InstallOptions::default(), &token, &mut |_| {}).expect_err("cancelled");
    assert_eq!(error.kind, ErrorKind::Cancelled);
    assert!(downloads.join("torch-2.11.0-x.whl.part").exists());

    bench.install(&InstallOptions::default()).expect("installed");
    assert_eq!(server.file_requests()[0], "/files/torch-2.11.0-x.whl Some(1000)");
}

#[test]
fn a_wheel_that_was_fetched_before_is_used_only_when_it_is_right() {
    let (bench, server) = bench(Faults::default());
    let downloads = cache::downloads(&bench.cache());
    fs::create_dir_all(&downloads).expect("a folder");
    fs::write(downloads.join("torch-2.11.0-x.whl"), &bench.small[0].bytes).expect("written");
    fs::write(downloads.join("nvidia_cuda_runtime-1-x.whl"), "rubbish").expect("written");
    bench.install(&InstallOptions::default()).expect("installed");
    assert_eq!(server.file_requests(), ["/files/nvidia_cuda_runtime-1-x.whl None"]);
}

#[test]
fn a_file_with_another_hash_is_refused_and_forgotten() {
    let (bench, _server) = bench(Faults { spoils: true, ..Faults::default() });
    let error = bench.install(&InstallOptions::default()).expect_err("another hash");
    assert!(error.to_string().contains("SHA-256 differs"), "{error}");
    assert_eq!(content(&bench.cache()).into_keys().collect::<Vec<_>>(), ["libtorch/.lock"]);
}

#[test]
fn an_index_without_the_file_is_named() {
    let mut bench = Bench::new();
    let server = Server::start(&bench.small[1..], Faults::default());
    bench.index = Some(server.index.clone());
    let error = bench.install(&InstallOptions::default()).expect_err("not there");
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(error.to_string().contains("torch-2.11.0-x.whl") && error.to_string().contains("--from"), "{error}");
}

#[test]
fn no_network_is_an_error_that_says_what_to_do() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let mut bench = Bench::new();
    bench.index = Some(format!("http://me:secret@{closed}/simple"));
    let error = bench.install(&InstallOptions::default()).expect_err("nobody listens");
    assert_eq!(error.kind, ErrorKind::Io);
    let text = error.to_string();
    assert!(text.contains("cannot be reached") && text.contains("--from") && !text.contains("secret"), "{text}");
}
