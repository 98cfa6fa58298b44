//! Whole-slide images of Aperio (`.svs`): one image in several resolutions, and pictures of the slide around it.
//!
//! The first page is the image. Behind it stand a thumbnail in strips, smaller copies of the image in tiles, and pictures of
//! label and slide in strips; only the tiles tell the copies. Source: OpenSlide's description of the format.

/// What the description of the first page says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slide {
    /// Micrometres from pixel to pixel.
    pub pixel_size: Option<f64>,
}

impl Slide {
    /// Reads the text of `ImageDescription`; `None` when it is not Aperio's.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if !text.starts_with("Aperio") {
            return None;
        }
        let mut fields = text.split('|').filter_map(|field| field.split_once('='));
        let size = fields.find(|(name, _)| name.trim() == "MPP").and_then(|(_, value)| value.trim().parse().ok());
        Some(Self { pixel_size: size.filter(|size: &f64| size.is_finite() && *size > 0.0) })
    }
}

#[cfg(test)]
mod tests {
    use super::Slide;

    #[test]
    fn the_size_of_a_pixel() {
        let text = "Aperio Image Library v11.2.1 \r\n2220x2967 [0,0 2220x2967] (240x240) JPEG/RGB Q=30|AppMag = 20|MPP = 0.4990|Left = 25.6";
        assert_eq!(Slide::parse(text), Some(Slide { pixel_size: Some(0.499) }));
        for (text, slide) in [
            ("Aperio", Some(Slide { pixel_size: None })),
            ("Aperio|MPP = 0", Some(Slide { pixel_size: None })),
            ("Aperio|MPP = nan|MPP = 1", Some(Slide { pixel_size: None })),
            ("ImageJ=1.54p\nMPP = 1", None),
            ("", None),
        ] {
            assert_eq!(Slide::parse(text), slide, "{text:?}");
        }
    }
}
