//! Which page holds which plane.

use std::ops::Range;

use fewlabel_contract::{Error, ErrorKind, Result};

use super::{OPERATION, Series, TiffData, unreadable};

impl Series {
    /// Channels as pages hold them: those that lie side by side in a pixel count once.
    ///
    /// # Errors
    /// `unreadable-image` when the samples of the channels are not those of the image.
    pub(crate) fn stored_channels(&self) -> Result<usize> {
        let samples = self.channels.iter().fold(0_usize, |sum, channel| sum.saturating_add(channel.samples));
        match self.channels.iter().all(|channel| channel.samples == 1) {
            // Nothing lies side by side; not every channel must be described.
            true => Ok(self.shape.c),
            false if samples == self.shape.c => Ok(self.channels.len()),
            false => Err(unreadable("the channels in the OME-XML have another number of samples than the image")
                .with("samples of the channels", samples)
                .with("SizeC", self.shape.c)),
        }
    }

    /// For each plane in order `t z c`, a stored channel each, the number of the page that holds it, in a file called `this` with
    /// so many pages. Smaller copies of pages are no pages here.
    ///
    /// # Errors
    /// `unsupported` where pages of another file are named; `unreadable-image` where a plane has no page or two of them, or
    /// planes or pages are named that are not there.
    pub(crate) fn planes(&self, pages: usize, this: &str) -> Result<Vec<usize>> {
        let extent = [self.shape.z, self.stored_channels()?, self.shape.t];
        if let Some(other) = self.tiff_data.iter().find_map(|block| block.elsewhere(this)) {
            return Err(Error::new(ErrorKind::Unsupported, OPERATION, "a part of the image lies in another file")
                .with("other file", other)
                .hint("save all planes in one OME-TIFF, with Bio-Formats for example"));
        }
        let planes = extent.iter().try_fold(1_usize, |product, &n| product.checked_mul(n)).filter(|&planes| planes <= pages);
        let planes = planes.ok_or_else(|| {
            unreadable("the file has fewer pages than the OME-XML has planes")
                .with("slices", extent[0])
                .with("channels", extent[1])
                .with("frames", extent[2])
                .with("pages", pages)
        })?;
        let all = [TiffData::default()];
        let blocks = if self.tiff_data.is_empty() { &all[..] } else { &self.tiff_data };
        let mut found = vec![None; planes];
        for block in blocks {
            let (ranks, first) = self.range(block, extent, planes, pages)?;
            for (page, rank) in (first..).zip(ranks) {
                let [z, c, t] = self.order.at(rank, extent);
                let plane = found.get_mut((t * extent[0] + z) * extent[1] + c);
                if plane.is_none_or(|entry| entry.replace(page).is_some()) {
                    return Err(in_plane("the OME-XML names two pages for one plane", [z, c, t]));
                }
            }
        }
        let missing = |plane: usize| {
            let at = [plane / extent[1] % extent[0], plane % extent[1], plane / (extent[0] * extent[1])];
            in_plane("the OME-XML names no page for a plane", at)
        };
        found.into_iter().enumerate().map(|(plane, page)| page.ok_or_else(|| missing(plane))).collect()
    }

    /// The planes of a block, as places in the image's order of planes, and the page of the first.
    fn range(&self, block: &TiffData, extent: [usize; 3], planes: usize, pages: usize) -> Result<(Range<usize>, usize)> {
        let first = block.first.map(|n| n as usize);
        let start = self
            .order
            .rank(first, extent)
            .ok_or_else(|| in_plane("the OME-XML has a page for a plane beyond its axes", first))?;
        let count = match (block.plane_count, block.ifd) {
            (Some(count), _) => count as usize,
            (None, Some(_)) => 1,
            (None, None) => pages.min(planes - start),
        };
        let (last, page) = (start.saturating_add(count), block.ifd.unwrap_or(0) as usize);
        if last > planes || page.saturating_add(count) > pages {
            return Err(unreadable("the OME-XML names planes or pages that are not there")
                .with("IFD", page)
                .with("PlaneCount", count)
                .with("planes", planes)
                .with("pages", pages));
        }
        Ok((start..last, page))
    }
}

impl TiffData {
    /// The file with the pages, where it is another than the one called `this`.
    fn elsewhere(&self, this: &str) -> Option<&str> {
        let file = self.file.as_deref()?;
        // Paths are written with `/`, by some programs on Windows with `\`.
        let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
        (name != this).then_some(file)
    }
}

fn in_plane(message: &str, [z, c, t]: [usize; 3]) -> Error {
    unreadable(message).with("slice", z).with("channel", c).with("frame", t)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Channel, DimensionOrder};
    use super::*;
    use crate::Shape;

    fn series(order: &str, z: usize, c: usize, t: usize, tiff_data: Vec<TiffData>) -> Series {
        Series {
            name: None,
            shape: Shape { t, z, c, y: 512, x: 512 },
            order: DimensionOrder::parse(order).expect("an order"),
            pixel_type: None,
            physical_size: [None; 3],
            frame_interval: None,
            channels: Vec::new(),
            tiff_data,
            slice_labels: Vec::new(),
        }
    }

    fn block(ifd: Option<u32>, first: [u32; 3], plane_count: Option<u32>) -> TiffData {
        TiffData { ifd, first, plane_count, file: None }
    }

    fn refused(series: &Series, pages: usize) -> Error {
        series.planes(pages, "this.ome.tif").expect_err("refused")
    }

    /// The examples of the specification: "Fragment 1" to "Fragment 4".
    #[test]
    fn examples_of_the_specification() {
        let all = series("XYZTC", 3, 2, 2, vec![TiffData::default()]);
        // Pages 0 to 11 are Z0-T0-C0, Z1-T0-C0, Z2-T0-C0, Z0-T1-C0 … Z2-T1-C1; here in order t z c.
        assert_eq!(all.planes(12, "").expect("pages"), [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]);
        assert_eq!(all.planes(20, "").expect("pages"), all.planes(12, "").expect("pages"), "extraneous pages are ignored");
        let none = Series { tiff_data: Vec::new(), ..all.clone() };
        assert_eq!(none.planes(12, "").expect("pages"), all.planes(12, "").expect("pages"));

        let ten = series("XYCTZ", 4, 2, 3, vec![block(None, [0; 3], Some(10))]);
        let error = refused(&ten, 24).to_string();
        // Of the second slice the frames 0 and 1 are there; in order t z c the first that is missing is Z2-T0-C0.
        assert!(error.contains("no page for a plane (slice: 2, channel: 0, frame: 0)"), "{error}");

        let five = series("XYZTC", 5, 1, 1, vec![block(Some(3), [0; 3], Some(5))]);
        assert_eq!(five.planes(8, "").expect("pages"), [3, 4, 5, 6, 7]);

        let backwards = (0..6).map(|i| block(Some(i), [0, 0, 5 - i], None)).collect();
        assert_eq!(series("XYZTC", 1, 1, 6, backwards).planes(6, "").expect("pages"), [5, 4, 3, 2, 1, 0]);
    }

    #[test]
    fn samples_side_by_side_count_once() {
        let channel = |samples| Channel { samples, ..Channel::default() };
        let rgb = Series { channels: vec![channel(3)], ..series("XYCZT", 2, 3, 1, Vec::new()) };
        assert_eq!(rgb.planes(2, "").expect("pages"), [0, 1]);
        let both = Series { channels: vec![channel(3), channel(1)], ..series("XYCZT", 1, 4, 1, Vec::new()) };
        assert_eq!(both.planes(2, "").expect("pages"), [0, 1]);
        let few = Series { channels: vec![channel(1)], ..series("XYCZT", 1, 4, 1, Vec::new()) };
        assert_eq!(few.planes(4, "").expect("pages"), [0, 1, 2, 3]);
        for wrong in [vec![channel(2)], vec![channel(3), channel(3)], vec![channel(usize::MAX), channel(usize::MAX)]] {
            let wrong = Series { channels: wrong, ..series("XYCZT", 1, 3, 1, Vec::new()) };
            assert_eq!(refused(&wrong, 3).kind, ErrorKind::UnreadableImage);
        }
    }

    #[test]
    fn other_files_are_named() {
        let block = |file: &str| TiffData { ifd: Some(0), file: Some(file.into()), ..TiffData::default() };
        for same in ["this.ome.tif", "./this.ome.tif", "C:\\data\\this.ome.tif"] {
            assert_eq!(series("XYZCT", 1, 1, 1, vec![block(same)]).planes(1, "this.ome.tif").expect("pages"), [0]);
        }
        // Planes of other files are why this one has too few pages.
        let error = refused(&series("XYZCT", 9, 1, 1, vec![block("this.ome.tif"), block("a/b.ome.tif")]), 1);
        assert_eq!(error.kind, ErrorKind::Unsupported);
        assert!(error.to_string().contains("a/b.ome.tif"), "{error}");
    }

    #[test]
    fn wrong_blocks_are_refused() {
        for (blocks, message) in [
            (vec![block(Some(0), [0; 3], None), block(Some(1), [0; 3], None)], "two pages"),
            (vec![block(None, [0; 3], None), block(None, [0; 3], None)], "two pages"),
            (vec![block(Some(0), [2, 0, 0], None)], "beyond its axes"),
            (vec![block(Some(0), [0; 3], Some(3))], "not there"),
            (vec![block(Some(2), [0; 3], Some(2))], "not there"),
            (vec![block(Some(u32::MAX), [0; 3], Some(u32::MAX))], "not there"),
            (vec![block(Some(0), [0; 3], Some(0))], "no page"),
            (vec![block(None, [1, 0, 0], None)], "no page"),
        ] {
            let error = refused(&series("XYZCT", 2, 1, 1, blocks.clone()), 3);
            assert!(error.kind == ErrorKind::UnreadableImage && error.message.contains(message), "{blocks:?}: {error}");
        }
        let huge = 0x7fff_ffff;
        assert!(refused(&series("XYZCT", huge, huge, huge, Vec::new()), 3).message.contains("fewer pages"));
    }

    proptest! {
        /// One block a plane, in any order of planes, says the same as no block.
        #[test]
        fn blocks_and_order_agree(order in 0_usize..6, z in 1_usize..5, c in 1_usize..5, t in 1_usize..5) {
            let order = ["XYZCT", "XYZTC", "XYCZT", "XYCTZ", "XYTZC", "XYTCZ"][order];
            let plain = series(order, z, c, t, Vec::new());
            let pages = plain.planes(z * c * t, "").expect("pages");
            let mut sorted = pages.clone();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..z * c * t).collect::<Vec<_>>());
            let at = |plane: usize| [plane / c % z, plane % c, plane / (z * c)].map(|n| n as u32);
            let blocks = pages.iter().enumerate().map(|(plane, &page)| block(Some(page as u32), at(plane), None)).collect();
            prop_assert_eq!(series("XYTZC", z, c, t, blocks).planes(z * c * t, "").expect("pages"), pages);
        }
    }
}
