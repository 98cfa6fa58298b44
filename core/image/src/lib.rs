//! Images with named axes, label images, and the files they live in.
//!
//! Axis order everywhere is `t z c y x` (x fastest); what is two-dimensional is a [`Plane`],
//! what goes through a network is [`Maps`]: channel first, `c y x`.

mod atomic_file;
mod cellpose;
mod chosen_channels;
mod cropped;
mod csv;
mod files;
mod image;
mod imagej;
mod label_image;
mod label_rows;
mod limits;
mod map_rows;
mod maps;
mod nifti;
mod ome;
mod outlines;
mod pixels;
mod plane;
mod positioned_file;
mod read;
mod refusal;
mod region;
mod resample;
mod scratch_labels;
mod scratch_maps;
mod source;
mod summary;
mod turn;
mod turned;
mod turned_back;
mod write;
mod zarr;

pub use atomic_file::AtomicFile;
pub use chosen_channels::ChosenChannels;
pub use cropped::Cropped;
pub use csv::{csv_fields, csv_line, write_csv};
pub use files::{Found, KindLabels, Pair, Table, list, list_labels, pair, read_order, stem};
pub use image::{Calibration, Image, Shape};
pub use label_image::LabelImage;
pub use label_rows::LabelRows;
pub use limits::Limits;
pub use map_rows::{MapRows, MapStack};
pub use maps::Maps;
pub use nifti::{NiftiHeader, is_nifti, write_nifti_labels, write_nifti_maps};
pub use outlines::{
    Class, Numbering, Outline, OutlineShape, Painted, PathSegment, Point, Position, RoiBytes, Run, decode_roi, encode_roi, paint,
    read_outlines, trace, trace_rows, write_geojson, write_roi_zip,
};
pub use pixels::{PixelType, Pixels};
pub use plane::Plane;
pub use read::{LabelKind, open, open_labels, open_labels_across, open_source};
pub use region::{Rectangle, Region};
pub use resample::{ResampledPart, resample_image, resample_labels};
pub use scratch_labels::{KeptLabels, ScratchLabels};
pub use scratch_maps::{KeptMaps, ScratchMaps};
pub use source::{ImageInfo, InMemory, Source};
pub(crate) use turn::Direction;
pub use turn::Turn;
pub use turned::{Turned, across};
pub use turned_back::{TurnedBackLabels, TurnedBackMaps};
pub use write::{
    encode_png_rgb, imagej_holds_labels, imagej_holds_maps, write_labels, write_labels_ome, write_labels_png, write_maps,
    write_maps_ome, write_png_rgb,
};
pub use zarr::{ImageLabel, ZarrChannel, ZarrSource, is_zarr, write_labels_zarr, write_maps_zarr};
