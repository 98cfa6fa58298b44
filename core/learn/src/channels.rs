//! Which channels a new network reads.

use fewlabel_contract::{Error, ErrorKind, Result};

/// Channels of a network for these images, by the names that all images give them, or that they were asked for by. Grey and colour
/// images together make a network for one channel.
///
/// Of each image: the number of its channels, whether they are the red, green and blue of a colour picture, and their names.
///
/// # Errors
/// `invalid-request` when the images do not agree; `not-found` without any.
pub fn agreed_channels<'a>(
    images: impl Iterator<Item = (usize, bool, &'a [String])>,
    asked_for: &[String],
) -> Result<Vec<String>> {
    let images: Vec<_> = images.collect();
    let named = |names: &[&str]| Ok(names.iter().map(|&name| name.to_owned()).collect());
    let &(count, rgb, names) =
        images.first().ok_or_else(|| Error::new(ErrorKind::NotFound, "choose channels", "there is no image"))?;
    let alike = images.iter().all(|image| (image.0, image.1) == (count, rgb));
    let agreed = names.iter().all(|name| !name.is_empty()) && images.iter().all(|image| image.2 == names);
    if !rgb && agreed && names.len() == count {
        return Ok(names.to_vec());
    }
    if !rgb && alike && asked_for.len() == count {
        return Ok(asked_for.to_vec());
    }
    if rgb && alike && count == 3 {
        return named(&["red", "green", "blue"]);
    }
    if images.iter().all(|image| image.0 == 1 || image.1) {
        return named(&["intensity"]);
    }
    if images.iter().all(|image| image.0 == count) {
        return Ok((1..=count).map(|c| format!("channel {c}")).collect());
    }
    let counts: Vec<String> = images.iter().map(|image| image.0.to_string()).collect();
    Err(Error::new(ErrorKind::InvalidRequest, "choose channels", "the images do not agree in their channels")
        .with("channels", counts.join(", "))
        .hint("train on images that all show the same channels, or say which are to be read (channels)"))
}
