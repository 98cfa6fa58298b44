//! OME-XML: what an OME-TIFF says about its images, in the `ImageDescription` of its first page.
//!
//! Source: the schema 2016-06 of the OME data model (`ome.xsd`), which names all attributes used here, and the OME-TIFF
//! specification 6. What schemas since 2007 call otherwise is understood, too.

mod attributes;
mod calibration;
mod dimension_order;
mod document;
mod elements;
mod parse;
mod planes;
mod unit;
mod write;

pub(crate) use document::{Ome, Series};
pub(crate) use unit::centimetres;
pub(crate) use write::Description;

use dimension_order::DimensionOrder;
use document::{Channel, Length, TiffData};
use fewlabel_contract::{Error, ErrorKind};

const OPERATION: &str = "read OME-XML";

/// Namespace of the annotation in which this crate keeps slice labels, for which OME-XML has no place of its own.
const SLICE_LABELS: &str = "fewlabel/slice-labels";

fn unreadable(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::UnreadableImage, OPERATION, message)
}

fn exceeded(message: &str, allowed: usize) -> Error {
    Error::new(ErrorKind::LimitExceeded, OPERATION, message).with("allowed", allowed)
}

fn broken(source: &quick_xml::Error) -> Error {
    unreadable("the OME-XML of this file is cut short or damaged").because(source).hint("export the image again")
}
