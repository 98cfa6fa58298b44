//! How benches speak with those who time them: settings come in as a JSON line, what was set up goes out; then each line in runs a block,
//! and its seconds a pass go out.

#![allow(clippy::print_stdout, reason = "a bench reports on its standard output")]

use std::io::BufRead;
use std::time::Instant;

use fewlabel_contract::{Error, ErrorKind, Result};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Sets up as the first line says, and does a block for each other line. `set_up` gives what is told of it, the passes of a block, and a
/// pass.
///
/// # Errors
/// `invalid-request` when the first line is no settings; what setting up and a pass say.
pub fn serve<S, P>(set_up: impl FnOnce(S) -> Result<(Value, usize, P)>) -> Result<()>
where
    S: DeserializeOwned,
    P: FnMut() -> Result<()>,
{
    let mut lines = std::io::stdin().lock().lines().map_while(std::result::Result::ok);
    let settings = serde_json::from_str(&lines.next().unwrap_or_default()).map_err(|error| {
        Error::new(ErrorKind::InvalidRequest, "read settings", "the first line is no settings").because(&error)
    })?;
    let (ready, passes, mut pass) = set_up(settings)?;
    println!("{ready}");
    for _ in lines {
        let start = Instant::now();
        for _ in 0..passes {
            pass()?;
        }
        println!("{}", json!({"seconds": start.elapsed().as_secs_f64() / passes as f64}));
    }
    Ok(())
}
