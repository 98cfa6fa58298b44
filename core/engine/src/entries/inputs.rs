//! The images of a request, wherever they come from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fewlabel_contract::{BufferRef, Error, ErrorKind, ImageInput, Result};
use fewlabel_image::{Calibration, Found, Image, InMemory, Limits, Pixels, Shape, Source, list, open_source};
use sha2::{Digest, Sha256};

use super::model::{hexadecimal, sha256_of};

const OPERATION: &str = "list images";

/// One image to work on.
#[derive(Debug)]
pub(super) struct Input {
    /// What its outputs are called, with the folders below the one given: `plate1/well A1`.
    pub name: String,
    /// The file itself, seen from the folder given: `plate1/well A1.tif`. The name of a buffer.
    pub file: String,
    pub origin: Origin,
}

/// Where its pixels are.
#[derive(Debug)]
pub(super) enum Origin {
    File(PathBuf),
    Buffer(BufferRef),
}

/// All images of a request in its order. `made` are files that earlier runs wrote into the output folder: a folder that is input and
/// output at once does not take its own outputs.
pub(super) fn inputs(images: &[ImageInput], recursive: bool, made: &BTreeSet<PathBuf>) -> Result<Vec<Input>> {
    let paths: Vec<String> = images
        .iter()
        .filter_map(|image| match image {
            ImageInput::Path(path) => Some(path.clone()),
            ImageInput::Buffer(_) => None,
        })
        .collect();
    let mut inputs = Vec::new();
    if !paths.is_empty() {
        inputs.extend(list(&paths, recursive)?.into_iter().filter(|found| !made.contains(&found.path)).map(from_file));
    }
    inputs.extend(images.iter().filter_map(|image| match image {
        ImageInput::Path(_) => None,
        ImageInput::Buffer(buffer) => {
            let name = buffer.name.clone().unwrap_or_else(|| "image".to_owned());
            Some(Input { file: name.clone(), name, origin: Origin::Buffer(buffer.clone()) })
        }
    }));
    Ok(inputs)
}

fn from_file(found: Found) -> Input {
    let mut name: String =
        found.relative.components().map(|part| part.as_os_str().to_string_lossy().into_owned() + "/").collect();
    name.push_str(&found.name);
    Input { name, file: found.from_folder(), origin: Origin::File(found.path) }
}

/// Refuses two images whose outputs would have one name, that which `called` gives.
pub(super) fn refuse_clashes(inputs: &[Input], called: impl Fn(&Input) -> &str) -> Result<()> {
    let mut seen: BTreeMap<String, &Input> = BTreeMap::new();
    for input in inputs {
        // On these systems names that differ in case alone are one file.
        let name = called(input);
        let key = if cfg!(any(windows, target_os = "macos")) { name.to_lowercase() } else { name.to_owned() };
        if let Some(other) = seen.insert(key, input) {
            return Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "two images would write the same output")
                .with("first", other.place())
                .with("second", input.place())
                .with("output", name)
                .hint("rename one of them, or give the folder that holds the folders of both"));
        }
    }
    Ok(())
}

impl Input {
    /// Where it comes from, for people.
    pub fn place(&self) -> String {
        match &self.origin {
            Origin::File(path) => path.display().to_string(),
            Origin::Buffer(buffer) => format!("buffer {}", buffer.buffer),
        }
    }

    /// Opens it.
    pub fn open(&self, buffers: &[Pixels]) -> Result<Box<dyn Source>> {
        match &self.origin {
            Origin::File(path) => open_source(path, &Limits::default()),
            Origin::Buffer(buffer) => Ok(Box::new(InMemory::new(from_buffer(buffer, buffers)?))),
        }
    }

    /// SHA-256 of what it was made from: the bytes of the file, or shape and samples.
    pub fn fingerprint(&self, buffers: &[Pixels]) -> Result<String> {
        let mut hash = Sha256::new();
        match &self.origin {
            Origin::File(path) => return fingerprint_of(path),
            Origin::Buffer(buffer) => {
                hash.update(format!("{buffer:?}").as_bytes());
                if let Some(samples) = buffers.get(buffer.buffer) {
                    hash.update(samples.to_le_bytes());
                }
            }
        }
        Ok(hexadecimal(hash))
    }
}

/// SHA-256 of an image: of the bytes of its file, or of the files in its folder.
pub(super) fn fingerprint_of(path: &Path) -> Result<String> {
    if !path.is_dir() {
        return sha256_of(path);
    }
    let mut hash = Sha256::new();
    add_folder(path, &mut hash)?;
    Ok(hexadecimal(hash))
}

/// Hashes the files of an image that is a folder: their names in order, and what is in them.
fn add_folder(folder: &Path, hash: &mut Sha256) -> Result<()> {
    let failed = |error: std::io::Error| Error::io(OPERATION, folder, &error);
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>().map_err(failed)?;
    paths.sort();
    for path in paths {
        hash.update(path.file_name().unwrap_or_default().as_encoded_bytes());
        if path.is_dir() {
            hash.update(b"/");
            add_folder(&path, hash)?;
        } else {
            hash.update(format!("={}", sha256_of(&path)?));
        }
    }
    hash.update(b".");
    Ok(())
}

/// An image from a buffer that came beside the request.
fn from_buffer(buffer: &BufferRef, buffers: &[Pixels]) -> Result<Image> {
    let wrong = |message: &str| {
        Error::new(ErrorKind::InvalidRequest, "read buffer", message).with("field", "images").with("buffer", buffer.buffer)
    };
    let pixels = buffers.get(buffer.buffer).ok_or_else(|| wrong("there is no such buffer").with("buffers", buffers.len()))?;
    let words = |kind: &dyn std::fmt::Debug| format!("{kind:?}").to_lowercase();
    let (wanted, found) = (words(&buffer.pixel_type), words(&pixels.pixel_type()));
    if wanted != found {
        return Err(wrong("the buffer is of another type").with("type", wanted).with("buffer holds", found));
    }
    let sides = [buffer.t, buffer.z, buffer.c, buffer.y, buffer.x];
    let samples = sides.iter().try_fold(1_usize, |product, &side| product.checked_mul(side));
    if samples != Some(pixels.len()) {
        return Err(wrong("the buffer does not fill its shape")
            .with("shape", sides.map(|side| side.to_string()).join(" x "))
            .with("samples", pixels.len()));
    }
    if buffer.rgb && buffer.c != 3 {
        return Err(wrong("red, green and blue are three channels").with("channels", buffer.c));
    }
    Ok(Image {
        shape: Shape { t: buffer.t, z: buffer.z, c: buffer.c, y: buffer.y, x: buffer.x },
        pixels: pixels.clone(),
        rgb: buffer.rgb,
        calibration: Calibration {
            x: buffer.pixel_size,
            y: buffer.pixel_size,
            unit: buffer.unit.clone(),
            ..Calibration::default()
        },
        slice_labels: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::PixelType;

    use super::*;

    fn buffer(y: usize, x: usize, pixel_type: PixelType) -> BufferRef {
        BufferRef {
            buffer: 0,
            name: None,
            t: 1,
            z: 1,
            c: 1,
            y,
            x,
            pixel_type,
            rgb: false,
            pixel_size: Some(0.5),
            unit: Some("µm".to_owned()),
        }
    }

    #[test]
    fn a_buffer_must_be_what_the_request_says() {
        let pixels = [Pixels::U16((0..25).collect())];
        let image = from_buffer(&buffer(5, 5, PixelType::U16), &pixels).unwrap();
        assert_eq!((image.plane(0, 0).data[7], image.calibration.x), (7.0, Some(0.5)));
        for (wrong, word) in [
            (buffer(5, 4, PixelType::U16), "fill"),
            (buffer(5, 5, PixelType::U8), "type"),
            (BufferRef { buffer: 1, ..buffer(5, 5, PixelType::U16) }, "no such"),
            (BufferRef { y: usize::MAX, ..buffer(5, 5, PixelType::U16) }, "fill"),
            (BufferRef { rgb: true, ..buffer(5, 5, PixelType::U16) }, "three"),
        ] {
            let error = from_buffer(&wrong, &pixels).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidRequest);
            assert!(error.message.contains(word), "{error}");
        }
    }
}
