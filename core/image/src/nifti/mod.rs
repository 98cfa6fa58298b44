//! NIfTI files: one of a header and samples (`.nii`), also packed by gzip (`.nii.gz`).
//!
//! Written from the definitions of the header, `nifti1.h` (2004) and `nifti2.h` (2011).

mod calibration;
mod data;
mod directions;
mod header;
mod layout;
mod name;
mod samples;
mod source;
mod write;

use fewlabel_contract::Error;

pub use header::NiftiHeader;
pub use name::is_nifti;
pub(crate) use source::NiftiSource;
pub use write::{write_nifti_labels, write_nifti_maps};

use crate::refusal::{OPEN_IMAGE as OPERATION, unreadable, unsupported};

fn cut_short() -> Error {
    unreadable("the NIfTI file is cut short").hint("copy or export it again")
}
