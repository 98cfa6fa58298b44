//! Few-label training: checked here, done by the learner.

use fewlabel_contract::{Outcome, Request, Result, TrainArgs};

use crate::engine::Context;
use crate::learner;

pub(super) fn run(request: &Request, context: &Context) -> Result<Outcome> {
    let args: TrainArgs = request.parse_args()?;
    args.check()?;
    learner::run(request, args.learner.as_deref(), context)
}
