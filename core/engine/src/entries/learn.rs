//! What the learner does: checked here, done there.

use fewlabel_contract::{Outcome, PretrainArgs, Request, Result, TrainArgs};

use crate::engine::Context;
use crate::learner;

/// Learning from unlabelled images.
pub(super) fn pretrain(request: &Request, context: &Context) -> Result<Outcome> {
    let args: PretrainArgs = request.parse_args()?;
    args.check()?;
    learner::run(request, args.learner.as_deref(), context)
}

/// Few-label training.
pub(super) fn train(request: &Request, context: &Context) -> Result<Outcome> {
    let args: TrainArgs = request.parse_args()?;
    args.check()?;
    learner::run(request, args.learner.as_deref(), context)
}
