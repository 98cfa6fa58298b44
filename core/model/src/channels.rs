//! Whether an image has the channels that a model wants.

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_image::Maps;

/// What is done to an image's channels before a model sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelMatch {
    /// Nothing: the image has what the model wants.
    AsTheyAre,
    /// Red, green and blue become one channel: 0.299 R + 0.587 G + 0.114 B (Rec. 601, as ImageJ's weighted conversion).
    Luminance,
}

/// How an image of `found` channels goes into a model that wants `wanted`; `rgb` says whether they are
/// the red, green and blue of one colour picture.
///
/// ```
/// use fewlabel_model::{ChannelMatch, match_channels};
/// let wanted = ["nuclei".to_owned()];
/// assert_eq!(match_channels(&wanted, 1, false)?, ChannelMatch::AsTheyAre);
/// assert_eq!(match_channels(&wanted, 3, true)?, ChannelMatch::Luminance);
/// assert!(match_channels(&wanted, 2, false).is_err());
/// # Ok::<(), fewlabel_contract::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] when the numbers differ, unless a colour picture meets a model of one channel.
pub fn match_channels(wanted: &[String], found: usize, rgb: bool) -> Result<ChannelMatch> {
    if found == wanted.len() {
        return Ok(ChannelMatch::AsTheyAre);
    }
    if wanted.len() == 1 && found == 3 && rgb {
        return Ok(ChannelMatch::Luminance);
    }
    let hint = match (wanted.len(), found) {
        (1, _) => "give an image that holds only the channel that the model was trained on",
        (3, 1) => "the model was trained on colour or three channels; use or train a model for one channel",
        _ => "give an image with the channels, in their order, that the model was trained on",
    };
    Err(Error::new(ErrorKind::InvalidRequest, "match channels", "the image has another number of channels than the model wants")
        .with("model wants", format!("{} ({})", wanted.len(), wanted.join(", ")))
        .with("image has", found)
        .hint(hint))
}

impl ChannelMatch {
    /// What to tell the person, if anything was changed.
    pub fn note(self) -> Option<&'static str> {
        match self {
            Self::AsTheyAre => None,
            Self::Luminance => {
                Some("the model wants one channel: the colour image was converted to luminance (0.299 R + 0.587 G + 0.114 B)")
            }
        }
    }

    /// Applies it to one plane.
    ///
    /// # Panics
    /// When [`Self::Luminance`] meets other than three channels.
    pub fn apply(self, maps: Maps) -> Maps {
        match self {
            Self::AsTheyAre => maps,
            Self::Luminance => {
                assert_eq!(maps.channels, 3, "red, green and blue");
                let grey = maps
                    .channel(0)
                    .iter()
                    .zip(maps.channel(1))
                    .zip(maps.channel(2))
                    .map(|((&r, &g), &b)| (0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b)) as f32)
                    .collect();
                Maps::new(1, maps.height, maps.width, grey)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(n: usize) -> Vec<String> {
        (0..n).map(|c| format!("channel{c}")).collect()
    }

    #[test]
    fn only_a_colour_picture_becomes_one_channel() {
        assert_eq!(match_channels(&names(1), 3, true).unwrap(), ChannelMatch::Luminance);
        for (wanted, found, rgb) in [(1, 3, false), (1, 2, false), (3, 1, false), (2, 3, true), (4, 3, true), (1, 4, true)] {
            let error = match_channels(&names(wanted), found, rgb).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidRequest);
            assert!(error.to_string().contains(&format!("image has: {found}")), "{error}");
        }
        for channels in 1..5 {
            assert_eq!(match_channels(&names(channels), channels, channels == 3).unwrap(), ChannelMatch::AsTheyAre);
        }
    }

    #[test]
    fn the_conversion_is_said() {
        assert!(ChannelMatch::Luminance.note().is_some_and(|note| note.contains("0.299 R")));
        assert!(ChannelMatch::AsTheyAre.note().is_none());
    }

    /// Red, green, blue, white and grey, as Pillow's `convert("L")` weighs them.
    #[test]
    fn luminance_weighs_the_colours_as_the_eye_does() {
        let colours = [[255.0, 0.0, 0.0, 255.0, 9.0], [0.0, 255.0, 0.0, 255.0, 9.0], [0.0, 0.0, 255.0, 255.0, 9.0]].concat();
        let grey = ChannelMatch::Luminance.apply(Maps::new(3, 1, 5, colours));
        assert_eq!((grey.channels, grey.height, grey.width), (1, 1, 5));
        assert_eq!(grey.data, [76.245, 149.685, 29.07, 255.0, 9.0]);
    }
}
