//! Elements whose attributes say all.

use fewlabel_contract::Result;

use super::attributes::Attributes;
use super::document::type_called;
use super::{Channel, DimensionOrder, Length, Series, TiffData, unit, unreadable};
use crate::Shape;

/// `Pixels`, of an image of this name.
pub(super) fn pixels(of: &Attributes, name: Option<String>) -> Result<Series> {
    let order = of.text("DimensionOrder").unwrap_or_default();
    let order = DimensionOrder::parse(order).ok_or_else(|| {
        unreadable("the OME-XML has no order of planes that is known")
            .with("DimensionOrder", order.chars().take(40).collect::<String>())
    })?;
    let length = |size: &str, its_unit: &str| {
        let unit = of.text(its_unit).map_or(Some("µm"), unit::length)?;
        Some(Length { value: of.positive(size)?, unit })
    };
    let seconds = |value| unit::seconds(value, of.text("TimeIncrementUnit").unwrap_or("s"));
    Ok(Series {
        name,
        shape: Shape {
            t: of.extent("SizeT")?,
            z: of.extent("SizeZ")?,
            c: of.extent("SizeC")?,
            y: of.extent("SizeY")?,
            x: of.extent("SizeX")?,
        },
        order,
        pixel_type: of.text("Type").or_else(|| of.text("PixelType")).and_then(type_called),
        physical_size: [
            length("PhysicalSizeX", "PhysicalSizeXUnit"),
            length("PhysicalSizeY", "PhysicalSizeYUnit"),
            length("PhysicalSizeZ", "PhysicalSizeZUnit"),
        ],
        frame_interval: of.positive("TimeIncrement").and_then(seconds).filter(|s| s.is_finite() && *s > 0.0),
        channels: Vec::new(),
        tiff_data: Vec::new(),
        slice_labels: Vec::new(),
    })
}

/// `Channel`.
pub(super) fn channel(of: &Attributes) -> Result<Channel> {
    let samples = of.whole("SamplesPerPixel")?.unwrap_or(1).max(1) as usize;
    // A signed number by the schema; some programs write it without sign.
    let colour = of.text("Color").and_then(|text| text.parse::<i64>().ok());
    let colour = colour.and_then(|n| u32::try_from(n).ok().or_else(|| i32::try_from(n).ok().map(i32::cast_unsigned)));
    Ok(Channel { name: of.text("Name").map(str::to_owned), samples, colour: colour.map(u32::to_be_bytes) })
}

/// `TiffData`, whose file is not known yet.
pub(super) fn tiff_data(of: &Attributes) -> Result<TiffData> {
    let first = |name| of.whole(name).map(Option::unwrap_or_default);
    let plane_count = match of.whole("PlaneCount")? {
        // As it was called until 2008.
        None => of.whole("NumPlanes")?,
        count => count,
    };
    let first = [first("FirstZ")?, first("FirstC")?, first("FirstT")?];
    Ok(TiffData { ifd: of.whole("IFD")?, first, plane_count, file: None })
}
