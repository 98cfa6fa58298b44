//! What is left of a file's name when its extension and its role are taken off.

/// Endings that count as one extension.
const EXTENSIONS: [&str; 3] = [".nii.gz", ".ome.tif", ".ome.zarr"];

/// What our own outputs have between name and extension: `NAME.labels.tif`, `NAME.rois.zip`.
const OUTPUTS: [&str; 2] = [".labels", ".rois"];

/// What tools append to the name of an image when they save its labels; longer ones first.
const ROLES: [&str; 6] = ["_cp_masks", "_labels", "_label", "_masks", "_mask", "_seg"];

/// The part of a file's name that an image and its labels share.
///
/// The name minus one of `.nii.gz .ome.tif .ome.zarr` or its last extension and what `.labels` or `.rois` stands before it, then
/// minus one of `_mask _masks _label _labels _seg _cp_masks`. Upper and lower case count alike in what is
/// taken off. What would leave nothing is not taken off.
///
/// ```
/// use fewlabel_image::stem;
/// assert_eq!(stem("cell 1.tif"), "cell 1");
/// assert_eq!(stem("cell 1_cp_masks.png"), "cell 1");
/// assert_eq!(stem("cell 1.labels.tif"), "cell 1");
/// ```
pub fn stem(file_name: &str) -> &str {
    let name = output_name(file_name);
    let name = OUTPUTS.iter().find_map(|output| without_ending(name, output)).unwrap_or(name);
    ROLES.iter().find_map(|role| without_ending(name, role)).unwrap_or(name)
}

/// The name minus its extension, where `.nii.gz`, `.ome.tif` and `.ome.zarr` count as one: what outputs are named after.
pub(super) fn output_name(file_name: &str) -> &str {
    EXTENSIONS.iter().find_map(|e| without_ending(file_name, e)).unwrap_or_else(|| without_last(file_name))
}

fn without_last(file_name: &str) -> &str {
    match file_name.rsplit_once('.') {
        Some((name, _)) if !name.is_empty() => name,
        _ => file_name,
    }
}

fn without_ending<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(ending.len()).filter(|&at| at > 0 && name.is_char_boundary(at))?;
    name[at..].eq_ignore_ascii_case(ending).then_some(&name[..at])
}

#[cfg(test)]
mod tests {
    use super::{output_name, stem};

    #[test]
    fn stems_of_the_partner_rule() {
        for (file, expected) in [
            ("a.tif", "a"),
            ("a.nii.gz", "a"),
            ("a.OME.TIF", "a"),
            ("a.ome.zarr", "a"),
            ("a.labels.tif", "a"),
            ("a.rois.zip", "a"),
            ("a.labels.ome.tif", "a"),
            ("a.labels.ome.zarr", "a"),
            ("a.labels.nii.gz", "a"),
            ("a.labels.png", "a"),
            ("a_mask.png", "a"),
            ("a_masks.png", "a"),
            ("a_label.tif", "a"),
            ("a_labels.tif", "a"),
            ("a_seg.npy", "a"),
            ("a_cp_masks.tif", "a"),
            ("a_Mask.TIF", "a"),
            ("a.b.tif", "a.b"),
            ("a", "a"),
            // Only one role is taken off, and only from the end.
            ("a_mask_seg.png", "a_mask"),
            ("mask_a.png", "mask_a"),
            // Nothing that would leave nothing.
            (".tif", ".tif"),
            ("_mask.png", "_mask"),
            (".nii.gz", ".nii"),
            // Letters of more than one byte, at the place where an ending would begin.
            ("Zelle µ_mask.tif", "Zelle µ"),
            ("µµµ.tif", "µµµ"),
            ("細胞.ome.tif", "細胞"),
            ("éééé", "éééé"),
        ] {
            assert_eq!(stem(file), expected, "stem of {file:?}");
        }
    }

    #[test]
    fn outputs_keep_the_role_in_their_name() {
        assert_eq!(output_name("a_mask.png"), "a_mask");
        assert_eq!(output_name("a.ome.tif"), "a");
        assert_eq!(output_name("a.labels.tif"), "a.labels");
        assert_eq!(output_name("µ.nii.gz"), "µ");
    }
}
