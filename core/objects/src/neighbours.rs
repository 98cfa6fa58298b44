//! The pixels around a pixel.

/// Steps to the eight neighbours, in raster order.
const STEPS: [(isize, isize); 8] = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)];

/// The up to eight neighbours of `pixel` (its number in raster order), in raster order.
#[inline]
pub(crate) fn neighbours(pixel: usize, height: usize, width: usize) -> impl Iterator<Item = usize> {
    let (y, x) = ((pixel / width) as isize, (pixel % width) as isize);
    STEPS.into_iter().filter_map(move |(dy, dx)| {
        let (y, x) = (y + dy, x + dx);
        let inside = y >= 0 && x >= 0 && y < height as isize && x < width as isize;
        inside.then(|| y as usize * width + x as usize)
    })
}
