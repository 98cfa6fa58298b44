//! Where the samples of a file lie.

use fewlabel_contract::{Error, ErrorKind, Result};

use super::header::{Field, NiftiHeader};
use super::samples::{Scaling, Stored};
use super::{OPERATION, unreadable, unsupported};
use crate::{Limits, Shape};

/// What the header says about the samples.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub shape: Shape,
    /// Axes that the header names.
    pub axes: usize,
    pub stored: Stored,
    pub scaling: Option<Scaling>,
    pub little_endian: bool,
    /// First byte of the samples, which lie in order `c t z y x`; those of a colour side by side.
    pub offset: u64,
    /// First byte behind them.
    pub end: u64,
}

impl Layout {
    pub(super) fn of(header: &NiftiHeader, limits: &Limits) -> Result<Self> {
        let (axes, [x, y, z, t, c]) = lengths(header)?;
        let stored = Stored::of(header)?;
        if stored.rgb() && c > 1 {
            return Err(unsupported("a NIfTI file with several colours a pixel is not read").with("colours", c));
        }
        let exceeded = |message: &str| {
            Error::new(ErrorKind::LimitExceeded, OPERATION, message)
                .with("width", x)
                .with("height", y)
                .with("planes", [z, t, c].map(|n| n.to_string()).join(" x "))
        };
        if x.max(y) > limits.side as u64 {
            return Err(exceeded("the image is longer than allowed").with("allowed side", limits.side));
        }
        let planes = z.checked_mul(t).and_then(|n| n.checked_mul(c)).filter(|&n| n <= limits.pages as u64);
        let planes =
            planes.ok_or_else(|| exceeded("the image has more planes than allowed").with("allowed planes", limits.pages))?;
        let offset = offset(header)?;
        let bytes = [y, planes, stored.bytes() as u64].iter().try_fold(x, |n, &f| n.checked_mul(f));
        let end =
            bytes.and_then(|bytes| bytes.checked_add(offset)).ok_or_else(|| exceeded("the image is larger than any file"))?;
        let [x, y, z, t, c] = [x, y, z, t, if stored.rgb() { 3 } else { c }].map(|n| n as usize);
        Ok(Self {
            shape: Shape { t, z, c, y, x },
            axes,
            stored,
            scaling: Scaling::of(header, stored)?,
            little_endian: header.little_endian(),
            offset,
            end,
        })
    }
}

/// The number of axes and the lengths of `x y z t c`.
pub(super) fn lengths(header: &NiftiHeader) -> Result<(usize, [u64; 5])> {
    let axes = header.get(Field::Dim, 0);
    if !(1.0..=7.0).contains(&axes) {
        return Err(unreadable("the NIfTI header is damaged").with("axes", axes).hint("copy or export it again"));
    }
    let axes = axes as usize;
    let length = |axis: usize| if axis <= axes { header.get(Field::Dim, axis) } else { 1.0 };
    if let Some(axis) = (1..=7).find(|&axis| length(axis) < 1.0) {
        return Err(unreadable("the image has no pixels").with("axis", axis).with("length", length(axis)));
    }
    if let Some(axis) = (6..=7).find(|&axis| length(axis) > 1.0) {
        return Err(unsupported("a NIfTI image with six axes or more is not read")
            .with("axis", axis)
            .with("length", length(axis))
            .hint("save its parts as files of their own"));
    }
    Ok((axes, [1, 2, 3, 4, 5].map(|axis| length(axis) as u64)))
}

/// The place that the header gives, but behind the header and the four bytes that say whether extensions follow: writers that
/// leave it at 0 mean that.
fn offset(header: &NiftiHeader) -> Result<u64> {
    let offset = header.get(Field::VoxOffset, 0);
    if !(offset >= 0.0 && offset < i64::MAX as f64) {
        return Err(unreadable("the NIfTI header is damaged")
            .with("place of the samples", offset)
            .hint("copy or export it again"));
    }
    Ok((offset as u64).max(header.version().length() as u64 + 4))
}
