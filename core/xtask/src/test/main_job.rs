//! The main job, short: half a minute of training must already find objects.

use fewlabel_contract::Result;

use super::tally::Tally;
use crate::demo::Demo;

/// AP50 that half a minute of training reaches on any machine on which the tests may run.
const AP50: f64 = 0.5;

/// Trains, segments, scores and reports, and checks that all of it was done.
pub fn main_job() -> Result<Tally> {
    let done = Demo::of_minutes(0.5).run()?;
    let mut tally = Tally::of(done.segmented == done.images);
    println!("{} of {} images were segmented", done.segmented, done.images);
    tally.add(Tally::of(done.ap50 >= AP50));
    println!("AP50 is {:.3}, and should be at least {AP50}", done.ap50);
    tally.add(Tally::of(done.report.is_file()));
    println!("the report is {}", done.report.display());
    Ok(tally)
}
