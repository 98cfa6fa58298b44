//! Plan, install, status and removal of the training add-on.

use fewlabel_contract::{Event, Request, Response, Result, RuntimeAction, RuntimeArgs};
use fewlabel_runtime::{InstallOptions, VERSION, install, plan, remove, status};

use crate::engine::Context;

pub(super) fn run(request: &Request, context: &Context) -> Result<Response> {
    let args: RuntimeArgs = request.parse_args()?;
    args.check()?;
    let result = match args.action {
        RuntimeAction::Plan => {
            let mut now = status();
            now.files = plan(args.device)?;
            now.version = VERSION.to_owned();
            now
        }
        RuntimeAction::Install => {
            let options = InstallOptions { device: args.device, from: args.from, index: args.index, headers: false };
            install(&options, &context.token, &mut |progress| context.events.send(Event::Progress(progress)))?
        }
        RuntimeAction::Status => status(),
        RuntimeAction::Remove => remove()?,
    };
    Response::new(request.entry, &result)
}
