//! Exit codes: 0 done; 2 wrong usage or request; 3 some images failed; 4 environment; 130 cancelled; 1 a fault of Fewlabel.

use std::process::ExitCode;

use fewlabel::contract::{ClassifyResult, Entry, Error, ErrorKind, Outcome, Response, SegmentResult, Status};

/// The code for an error.
pub fn code_of(error: &Error) -> ExitCode {
    ExitCode::from(number(error))
}

fn number(error: &Error) -> u8 {
    let about_a_device = error.context.iter().any(|(name, _)| name == "device");
    match error.kind {
        ErrorKind::NotFound if about_a_device => 4,
        ErrorKind::LearnerMissing | ErrorKind::LearnerLost | ErrorKind::PeerLost | ErrorKind::OutOfMemory | ErrorKind::Io => 4,
        ErrorKind::Cancelled => 130,
        ErrorKind::Internal => 1,
        _ => 2,
    }
}

/// The code for the way a job ended.
pub fn code_of_outcome(outcome: &Outcome) -> ExitCode {
    ExitCode::from(match outcome {
        Outcome::Done { response } => failed_images(response),
        // A training that stopped early kept its best: that is what was asked for. Images left out are not.
        Outcome::FinishedEarly { response } if matches!(response.entry, Entry::Segment | Entry::Classify) => 130,
        Outcome::FinishedEarly { .. } => 0,
        Outcome::Cancelled => 130,
        Outcome::Failed { error } => number(error),
    })
}

fn failed_images(response: &Response) -> u8 {
    let some_failed = match response.entry {
        Entry::Segment => response
            .parse_result::<SegmentResult>()
            .is_ok_and(|result| result.images.iter().any(|image| image.status == Status::Failed)),
        Entry::Classify => response.parse_result::<ClassifyResult>().is_ok_and(|result| result.failed > 0),
        _ => false,
    };
    if some_failed { 3 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_by_kind() {
        let code = |kind| number(&Error::new(kind, "test", "test"));
        assert_eq!(code(ErrorKind::InvalidRequest), 2);
        assert_eq!(code(ErrorKind::Unsupported), 2);
        assert_eq!(code(ErrorKind::NotFound), 2);
        assert_eq!(number(&Error::new(ErrorKind::NotFound, "choose device", "no GPU").with("device", "cuda:0")), 4);
        assert_eq!(code(ErrorKind::LearnerMissing), 4);
        assert_eq!(code(ErrorKind::Io), 4);
        assert_eq!(code(ErrorKind::Cancelled), 130);
        assert_eq!(code(ErrorKind::Internal), 1);
    }
}
