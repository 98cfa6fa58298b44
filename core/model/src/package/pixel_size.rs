//! Sizes of pixels in units that can be compared.

/// Size of a pixel along y and x.
#[derive(Clone, Debug, PartialEq)]
pub struct PixelSize {
    /// In `unit`; more than 0.
    pub size: f64,
    /// As the zoo writes units of length: `micrometer`, `nanometer`.
    pub unit: String,
}

/// What people, ImageJ and the zoo call a unit, the zoo's name for it, and its length in micrometres.
const UNITS: &[(&[&str], &str, f64)] = &[
    (&["µm", "\u{3bc}m", "um", "micron", "microns", "micrometer", "micrometre"], "micrometer", 1.0),
    (&["nm", "nanometer", "nanometre"], "nanometer", 1e-3),
    (&["mm", "millimeter", "millimetre"], "millimeter", 1e3),
];

impl PixelSize {
    /// From a size in a unit as people write it; `None` for a unit that is no length known here, and for a size that is not
    /// more than zero.
    ///
    /// ```
    /// use fewlabel_model::PixelSize;
    /// let pixel = PixelSize::new(325.0, "nm").unwrap();
    /// assert_eq!((pixel.unit.as_str(), pixel.micrometres()), ("nanometer", Some(0.325)));
    /// assert_eq!(PixelSize::new(1.0, "pixel"), None);
    /// ```
    pub fn new(size: f64, unit: &str) -> Option<Self> {
        let (_, name, _) = UNITS.iter().find(|(names, _, _)| names.contains(&unit))?;
        (size.is_finite() && size > 0.0).then(|| Self { size, unit: (*name).to_owned() })
    }

    /// The size in micrometres; `None` for a foreign package's unit that is not known here.
    pub fn micrometres(&self) -> Option<f64> {
        UNITS.iter().find(|(names, _, _)| names.contains(&self.unit.as_str())).map(|(_, _, length)| self.size * length)
    }
}
