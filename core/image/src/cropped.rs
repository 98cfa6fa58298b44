//! A rectangle of an image as an image of its own.

use fewlabel_contract::Result;

use crate::{ImageInfo, NiftiHeader, Pixels, Rectangle, Region, Source};

/// The same rows and columns of all planes and channels of another image, at full resolution.
#[derive(Debug)]
pub struct Cropped<'a> {
    image: &'a dyn Source,
    info: ImageInfo,
    rectangle: Rectangle,
}

impl<'a> Cropped<'a> {
    /// # Errors
    /// `invalid-request` for a rectangle that is empty or lies outside.
    pub fn new(image: &'a dyn Source, rectangle: Rectangle) -> Result<Self> {
        let whole = image.info();
        Region::whole(whole.shape).rectangle(rectangle.y.clone(), rectangle.x.clone()).check(whole.shape)?;
        let mut info = whole.clone();
        (info.shape.y, info.shape.x) = rectangle.size();
        info.levels = vec![rectangle.size()];
        Ok(Self { image, info, rectangle })
    }
}

impl Source for Cropped<'_> {
    fn info(&self) -> &ImageInfo {
        &self.info
    }

    fn read(&self, _: usize, region: &Region) -> Result<Pixels> {
        region.check(self.info.shape)?;
        let (top, left) = (self.rectangle.y.start, self.rectangle.x.start);
        let (y, x) = (region.y.start + top..region.y.end + top, region.x.start + left..region.x.end + left);
        self.image.read(0, &region.clone().rectangle(y, x))
    }

    fn nifti_header(&self) -> Option<NiftiHeader> {
        self.image.nifti_header().map(|header| header.cropped(&self.rectangle))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Calibration, Image, InMemory, Shape};

    #[test]
    fn a_rectangle_is_an_image() {
        let shape = Shape { t: 1, z: 2, c: 1, y: 3, x: 4 };
        let image = InMemory::new(Image {
            shape,
            pixels: Pixels::U8((0..24).collect()),
            rgb: false,
            calibration: Calibration::default(),
            slice_labels: vec!["a".to_owned(), "b".to_owned()],
        });
        let cropped = Cropped::new(&image, Rectangle { y: 1..3, x: 2..4 }).expect("inside");
        let part = cropped.image().expect("all of it");
        assert_eq!(part.pixels, Pixels::U8(vec![6, 7, 10, 11, 18, 19, 22, 23]));
        assert_eq!((part.shape, part.slice_labels), (Shape { y: 2, x: 2, ..shape }, vec!["a".to_owned(), "b".to_owned()]));
        let corner = Region::plane(part.shape, 0, 1).rectangle(1..2, 0..1);
        assert_eq!(cropped.read(0, &corner).expect("a pixel"), Pixels::U8(vec![22]));
        assert!(cropped.read(0, &Region::plane(part.shape, 0, 1).rectangle(1..3, 0..1)).is_err());
        assert!(Cropped::new(&image, Rectangle { y: 1..4, x: 2..4 }).is_err());
    }
}
