//! How far an output pixel looks.

use std::collections::BTreeMap;

use crate::{Block, Network};

/// First and last index along one axis, both included.
type Interval = (i64, i64);

impl Network {
    /// Side in pixels of the square of input pixels that an output pixel can depend on.
    ///
    /// Exact for every list of blocks. Behind pooling the square depends on where the pixel lies
    /// within a cell of [`Network::stride`] pixels; this is the widest. Whole planes, and so no
    /// finite number, for networks that are not [`Network::is_local`]: there it counts the
    /// convolutions alone, up to the pool where there is one.
    pub fn receptive_field(&self) -> usize {
        (0..self.stride() as i64)
            .map(|at| {
                let (first, last) = self.sources(at);
                (last - first + 1) as usize
            })
            .max()
            .unwrap_or(1)
    }

    /// Pixels that a tile must be given around itself so that it comes out as in the whole plane:
    /// half the receptive field, rounded up to [`Network::stride`].
    ///
    /// Tiles begin at multiples of the stride, so it is enough to count from the border of a cell of
    /// stride pixels: half of what the field spans beyond that cell. Around a whole image nothing is given: 0 for those that are
    /// [`Network::is_pooled`].
    pub fn halo(&self) -> usize {
        if self.is_pooled() {
            return 0;
        }
        let stride = self.stride();
        let (first, _) = self.sources(0);
        let (_, last) = self.sources(stride as i64 - 1);
        let reach = (-first).max(last - (stride as i64 - 1)).max(0) as usize;
        reach.next_multiple_of(stride)
    }

    /// The input pixels along one axis that the output pixel `at` depends on.
    ///
    /// Walks the list backwards. What is needed of the maps kept under a name is joined to what is
    /// needed of them directly; both hold the pixel itself, so the union is an interval.
    fn sources(&self, at: i64) -> Interval {
        // `None`: nothing is needed, since what follows goes on with kept maps.
        let mut need: Option<Interval> = Some((at, at));
        let mut kept: BTreeMap<&str, Interval> = BTreeMap::new();
        for block in self.blocks().iter().rev() {
            for skip in block.reads() {
                kept.extend(join(need, kept.get(skip.as_str()).copied()).map(|all| (skip.as_str(), all)));
            }
            need = match block {
                Block::MaxPool2 => need.map(|(first, last)| (2 * first, 2 * last + 1)),
                Block::MaxPool3 => need.map(|(first, last)| (2 * first - 1, 2 * last + 1)),
                Block::UpConv2x2 { .. } | Block::Upsample2 => need.map(|(first, last)| (first.div_euclid(2), last.div_euclid(2))),
                Block::Take { .. } => None,
                Block::Keep { skip } => join(need, kept.remove(skip.as_str())),
                other => other.convolution().map_or(need, |conv| {
                    let (reach, stride) = (conv.padding() as i64, conv.stride as i64);
                    need.map(|(first, last)| (stride * first - reach, stride * last + reach))
                }),
            };
        }
        need.unwrap_or((at, at))
    }
}

fn join(a: Option<Interval>, b: Option<Interval>) -> Option<Interval> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (one, other) => one.or(other),
    }
}
