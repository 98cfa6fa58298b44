//! From the name of an entry to the code that does it.

mod bench;
mod channels;
mod classify;
mod describe;
mod evaluate;
mod existing;
mod export;
mod folder;
mod inputs;
mod learn;
mod model;
mod record;
mod runtime;
mod segment;
mod settings;

use fewlabel_contract::{Entry, Error, ErrorKind, Outcome, Request, Response, Result};

use crate::engine::Context;

/// Runs a request to its end.
pub(crate) fn run(request: &Request, context: &mut Context) -> Outcome {
    match dispatch(request, context) {
        Ok(outcome) => outcome,
        Err(error) if error.kind == ErrorKind::Cancelled && context.token.is_cancelled() => Outcome::Cancelled,
        Err(error) => Outcome::Failed { error },
    }
}

fn dispatch(request: &Request, context: &mut Context) -> Result<Outcome> {
    let done = |result: Result<Response>| result.map(|response| Outcome::Done { response });
    match request.entry {
        Entry::Pretrain => learn::pretrain(request, context),
        Entry::Train => learn::train(request, context),
        Entry::Segment => segment::run(request, context),
        Entry::Classify => classify::run(request, context),
        Entry::Evaluate => done(evaluate::run(request, context)),
        Entry::Export => done(export::run(request, context)),
        Entry::Describe => done(describe::run(request, context)),
        Entry::Bench => done(bench::run(request, context)),
        Entry::Runtime => done(runtime::run(request, context)),
        Entry::Session | Entry::Suggest => {
            Err(Error::new(ErrorKind::Unsupported, request.entry.name(), "this version cannot do that yet")
                .with("field", "entry")
                .with("value", request.entry.name())
                .hint("describe lists what this version can do"))
        }
    }
}
