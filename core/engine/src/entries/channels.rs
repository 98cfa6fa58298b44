//! Which channels of an image a model reads.

use fewlabel_contract::Result;
use fewlabel_image::{ChosenChannels, Source};

/// The channels of an image that a model reads, and what to say about them: those `asked` for, or, where the image has others than the
/// model `reads`, those that are called as in its training.
pub(super) fn channels<'s>(
    image: &'s dyn Source,
    reads: &[String],
    asked: &[String],
) -> Result<(ChosenChannels<'s>, Option<String>)> {
    let info = image.info();
    let lowered = |names: &[String]| names.iter().map(|name| name.to_lowercase()).collect::<Vec<_>>();
    let there = lowered(&info.channel_names);
    let named = !reads.is_empty() && lowered(reads).iter().all(|name| there.contains(name));
    if !asked.is_empty() || !named || info.rgb || there == lowered(reads) {
        return Ok((ChosenChannels::new(image, asked)?, None));
    }
    let note = format!("of {} channels the model reads {}", info.shape.c, reads.join(", "));
    Ok((ChosenChannels::new(image, reads)?, Some(note)))
}
