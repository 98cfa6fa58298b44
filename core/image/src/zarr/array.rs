//! An array of a hierarchy, and reading parts of it chunk by chunk.

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

use fewlabel_contract::Result;

use super::codec::{self, Codec, most_packed};
use super::number::Number;
use super::place::{Axes, Block, cells, common, covered, touched};
use super::shards::{Index, Shard};
use super::{exceeded, file, unreadable, v2, v3, within};
use crate::{Limits, Pixels};

/// Version of a hierarchy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V2,
    V3,
}

/// What the metadata of an array says, in the order of its own axes.
pub(super) struct Metadata {
    pub(super) shape: Vec<u64>,
    /// Extent of what lies in a file: a chunk, or a shard of chunks.
    pub(super) chunk: Vec<u64>,
    pub(super) number: Number,
    /// One number, which stands for all of a chunk that is not there.
    pub(super) fill: Pixels,
    pub(super) keys: Keys,
    pub(super) coding: Coding,
    pub(super) shards: Option<Shards>,
}

/// How the file of a chunk is named after its place in the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Keys {
    /// Whether a `c` stands before the numbers.
    pub(super) prefix: bool,
    /// Between the numbers: `.`, or `/` for folders.
    pub(super) separator: char,
}

/// How the numbers of a chunk become bytes.
#[derive(Debug)]
pub(super) struct Coding {
    /// The axes as they lie in the chunk, the fastest one last.
    pub(super) order: Vec<usize>,
    /// Whether the lowest byte of a number comes first.
    pub(super) little_endian: bool,
    /// What the bytes went through, in this order.
    pub(super) codecs: Vec<Codec>,
}

/// Chunks that lie in shards.
#[derive(Debug)]
pub(super) struct Shards {
    /// Extent of a chunk.
    pub(super) chunk: Vec<u64>,
    pub(super) index: Index,
}

/// An array with the axes `t z c y x`, of which those that it lacks have the extent 1.
#[derive(Debug)]
pub(super) struct Array {
    folder: PathBuf,
    pub(super) shape: Axes<usize>,
    pub(super) number: Number,
    /// What stands for chunks that are not there, unless it is 0.
    fill: Option<Pixels>,
    keys: Keys,
    /// The axes that it has, in its own order.
    axes: Vec<usize>,
    /// Extent of what lies in a file.
    in_file: Axes<usize>,
    chunk: Axes<usize>,
    /// Bytes of a chunk.
    bytes: usize,
    /// From a number to the next along each axis of a chunk.
    strides: Axes<usize>,
    little_endian: bool,
    codecs: Vec<Codec>,
    /// How files that are shards say where their chunks are.
    index: Option<Index>,
}

impl Array {
    /// Reads the metadata of the array in `folder`, whose axes are these of `t z c y x`, and checks what it claims.
    ///
    /// # Errors
    /// `unreadable-image` for missing or damaged metadata, `unsupported` for what is not read here, `limit-exceeded`, `io`.
    pub(super) fn open(folder: PathBuf, version: Version, axes: &[usize], limits: &Limits) -> Result<Self> {
        let metadata = match version {
            Version::V2 => v2::read(&folder),
            Version::V3 => v3::read(&folder),
        };
        let metadata = metadata.and_then(|found| {
            found.ok_or_else(|| unreadable("an array of the image is missing").hint("copy or export the image again"))
        });
        metadata.and_then(|metadata| Self::of(metadata, &folder, axes, limits)).map_err(|e| within(e, &folder))
    }

    fn of(metadata: Metadata, folder: &Path, axes: &[usize], limits: &Limits) -> Result<Self> {
        let Metadata { shape, chunk, number, fill, keys, coding, shards } = metadata;
        Codec::check_number(&coding.codecs)?;
        let in_file = by_axis(&chunk, axes)?;
        let shape = by_axis(&shape, axes)?;
        check_size(shape, number, limits)?;
        let (inner, index) = shards.map_or((chunk, None), |shards| (shards.chunk, Some(shards.index)));
        let chunk = by_axis(&inner, axes)?;
        if in_file.iter().zip(chunk).any(|(file, chunk)| !file.is_multiple_of(chunk)) {
            return Err(unreadable("the chunks do not fill their shards"));
        }
        let chunks = in_file.iter().zip(chunk).try_fold(1_usize, |n, (file, chunk)| n.checked_mul(file / chunk));
        if chunks.is_none_or(|n| n > limits.pages) {
            return Err(exceeded("a shard has more chunks than allowed").with("allowed chunks", limits.pages));
        }
        let bytes = product(chunk).and_then(|n| n.checked_mul(number.bytes()));
        let Some(bytes) = bytes.filter(|&n| n as u64 <= limits.bytes && isize::try_from(n).is_ok()) else {
            return Err(exceeded("a chunk is larger than allowed").with("allowed bytes", limits.bytes));
        };
        let mut strides = [0; 5];
        coding.order.iter().rev().filter_map(|&axis| axes.get(axis)).fold(1, |stride, &axis| {
            strides[axis] = stride;
            stride * chunk[axis]
        });
        Ok(Self {
            folder: folder.to_owned(),
            shape,
            number,
            fill: fill.to_le_bytes().iter().any(|&byte| byte != 0).then_some(fill),
            keys,
            axes: axes.to_vec(),
            in_file,
            chunk,
            bytes,
            strides,
            little_endian: coding.little_endian,
            codecs: coding.codecs,
            index,
        })
    }

    /// The numbers in a part of the array, which lies in it and is not empty, in order `t z c y x`.
    ///
    /// # Errors
    /// `limit-exceeded` for a part that is larger or of more chunks than allowed; `unreadable-image` for damaged chunks;
    /// `io`, `out-of-memory`.
    pub(super) fn read(&self, part: &Axes<Range<usize>>, limits: &Limits) -> Result<Pixels> {
        let length = product(part.clone().map(|range| range.len()));
        let fits = |n: &usize| n.checked_mul(self.number.pixel_type.bytes()).is_some_and(|n| n as u64 <= limits.bytes);
        let Some(length) = length.filter(fits) else {
            return Err(exceeded("the part is larger than allowed").with("allowed bytes", limits.bytes));
        };
        let chunks = product(touched(part, self.chunk).map(|range| range.len()));
        if chunks.is_none_or(|n| n > limits.pages) {
            return Err(exceeded("the part has more chunks than allowed")
                .with("allowed chunks", limits.pages)
                .hint("read a smaller part, or export the image with larger chunks"));
        }
        let mut pixels = Pixels::zeros(self.number.pixel_type, length)?;
        for block in cells(touched(part, self.in_file)) {
            let path = self.path(block);
            self.read_file(&path, covered(block, self.in_file), part, &mut pixels).map_err(|e| within(e, &path))?;
        }
        Ok(pixels)
    }

    /// Reads what a file holds of a part.
    fn read_file(&self, path: &Path, covers: Axes<Range<usize>>, part: &Axes<Range<usize>>, pixels: &mut Pixels) -> Result<()> {
        let Some((file, length)) = file::open(path)? else { return self.fill(covers, part, pixels) };
        let Some(index) = self.index else {
            let packed = self.whole(file, length, path)?;
            return self.unpack(packed, covers, part, pixels);
        };
        let inner = self.in_file.iter().zip(self.chunk).map(|(file, chunk)| file / chunk);
        let shard = Shard::open(file, length, inner.product(), index)?;
        for chunk in cells(touched(&common(part, &covers), self.chunk)) {
            let covers = covered(chunk, self.chunk);
            match shard.chunk(self.number_in_shard(chunk), self.bytes)? {
                Some(packed) => self.unpack(packed, covers, part, pixels)?,
                None => self.fill(covers, part, pixels)?,
            }
        }
        Ok(())
    }

    /// All of a file that is a chunk.
    fn whole(&self, file: File, length: u64, path: &Path) -> Result<Vec<u8>> {
        match usize::try_from(length) {
            Ok(length) if length <= most_packed(self.bytes) => file::content(file, length, path),
            _ => Err(unreadable("the file of a chunk is longer than it can be")
                .with("bytes", length)
                .with("bytes of a chunk", self.bytes)),
        }
    }

    fn unpack(&self, packed: Vec<u8>, covers: Axes<Range<usize>>, part: &Axes<Range<usize>>, pixels: &mut Pixels) -> Result<()> {
        let bytes = codec::unpack(&self.codecs, packed, self.bytes)?;
        let mut samples = self.number.samples(&bytes, self.little_endian);
        Block { samples: &mut samples, covers, strides: self.strides }.place(pixels, part)
    }

    fn fill(&self, covers: Axes<Range<usize>>, part: &Axes<Range<usize>>, pixels: &mut Pixels) -> Result<()> {
        match self.fill.clone() {
            Some(mut samples) => Block { samples: &mut samples, covers, strides: [0; 5] }.place(pixels, part),
            None => Ok(()),
        }
    }

    /// The file of a chunk or shard.
    fn path(&self, block: Axes<usize>) -> PathBuf {
        let numbers = self.axes.iter().filter_map(|&axis| block.get(axis)).map(usize::to_string);
        let names: Vec<String> = self.keys.prefix.then(|| "c".to_owned()).into_iter().chain(numbers).collect();
        match self.keys.separator {
            '/' => self.folder.join(names.iter().collect::<PathBuf>()),
            _ => self.folder.join(names.join(".")),
        }
    }

    /// Which one of its shard a chunk is, in the order of the axes of the array.
    fn number_in_shard(&self, chunk: Axes<usize>) -> usize {
        self.axes.iter().fold(0, |number, &axis| {
            let chunks = self.in_file[axis] / self.chunk[axis];
            number * chunks + chunk[axis] % chunks
        })
    }
}

/// Extents for `t z c y x`, from those of the axes that an array has.
fn by_axis(extents: &[u64], axes: &[usize]) -> Result<Axes<usize>> {
    let wrong = || unreadable("the shape of an array is impossible").with("axes", axes.len()).with("extents", extents.len());
    if extents.len() != axes.len() {
        return Err(wrong());
    }
    let mut all = [1; 5];
    for (&extent, &axis) in extents.iter().zip(axes) {
        let extent = usize::try_from(extent).ok().filter(|&extent| extent > 0);
        *all.get_mut(axis).ok_or_else(wrong)? = extent.ok_or_else(|| wrong().hint("each extent is 1 or more"))?;
    }
    Ok(all)
}

fn check_size(shape: Axes<usize>, number: Number, limits: &Limits) -> Result<()> {
    let [t, z, c, y, x] = shape;
    let message = if y.max(x) > limits.side {
        "the image is longer than allowed"
    } else if [z, c].iter().try_fold(t, |n, &f| n.checked_mul(f)).is_none_or(|planes| planes > limits.pages) {
        "the image has more planes than allowed"
    } else if product(shape).and_then(|n| n.checked_mul(number.pixel_type.bytes())).is_none_or(|n| isize::try_from(n).is_err()) {
        "the image is larger than can be addressed"
    } else {
        return Ok(());
    };
    Err(exceeded(message)
        .with("width", x)
        .with("height", y)
        .with("allowed side", limits.side)
        .with("allowed planes", limits.pages))
}

fn product(extents: Axes<usize>) -> Option<usize> {
    extents.iter().try_fold(1_usize, |n, &f| n.checked_mul(f))
}
