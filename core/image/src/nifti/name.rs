//! Names of NIfTI files.

use std::path::Path;

/// Whether a file is called as NIfTI files are: `NAME.nii`, `NAME.nii.gz`, in any case.
///
/// ```
/// assert!(fewlabel_image::is_nifti("scans/a.NII.gz".as_ref()) && !fewlabel_image::is_nifti("nii.gz/a.tif".as_ref()));
/// ```
pub fn is_nifti(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    name.ends_with(".nii") || name.ends_with(".nii.gz")
}
