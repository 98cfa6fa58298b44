//! Which pixels are compared with which.

use std::collections::BTreeMap;

use fewlabel_contract::{Error, ErrorKind, Result};
use rand::SeedableRng;
use rand::seq::index::sample;
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

use crate::torch_result::TorchResult;

/// Label of pixels of which nothing is known: they are compared with nothing.
pub const UNLABELLED: i64 = -1;
/// Label of pixels that others are told from, and of which nothing else is asked.
pub const BACKGROUND: i64 = 0;

/// Which pixels of a batch are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// All, each with all others.
    Full,
    /// Every so many-th row and column, beginning with the first.
    Stride(usize),
    /// All, but only with those in the same square of this side, in all images and views. At the end of rows and columns the squares are
    /// smaller where the side does not fit.
    Block(usize),
    /// At most so many of each class, drawn anew each time.
    PerClass(usize),
}

/// What belongs together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Positives {
    /// Pixels of one label. Anchors are those that are labelled and not background.
    SameLabel,
    /// The same pixel in the other view; labels say nothing. The first half of the maps is one view, the second the other.
    SamePixel,
}

/// The pixels of a batch that are compared, set by set.
#[derive(Debug)]
pub struct Picked {
    /// `[m]`: their places in maps of which `n h w` are one axis.
    pub(super) places: Tensor,
    pub(super) sets: Vec<PickedSet>,
}

/// Pixels that are compared with each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PickedSet {
    /// The row of its first pixel.
    pub first: i64,
    /// Number of the class of each, from 0 without gaps.
    pub classes: Vec<i64>,
    /// How many each class has.
    pub counts: Vec<i64>,
    /// Rows, from the first of the set, that have others of their class and are asked about; never empty.
    pub anchors: Vec<i64>,
}

/// Picks pixels of a batch, whose `labels` are `[n, h, w]`, whole numbers: [`UNLABELLED`], [`BACKGROUND`], or a class or object.
///
/// Anchors without another pixel of their class in their set are left out, and sets without anchors.
///
/// # Errors
/// `invalid-request` for a stride, block or number of 0; what libtorch says.
pub fn pick(labels: &Tensor, sampling: Sampling, positives: Positives, seed: u64) -> Result<Picked> {
    if let Sampling::Stride(0) | Sampling::Block(0) | Sampling::PerClass(0) = sampling {
        return Err(Error::new(ErrorKind::InvalidRequest, "pick pixels", "a stride, block or number of pixels is 0"));
    }
    let size = labels.size();
    let &[n, h, w] = size.as_slice() else {
        return Err(Error::internal("pick pixels", "labels have three axes").with("axes", size.len()));
    };
    let flat = labels.f_to_device(tch::Device::Cpu).and_then(|t| t.f_to_kind(Kind::Int64)).and_then(|t| t.f_reshape([-1]));
    let flat = flat.torch("pick pixels")?;
    let mut labels = Vec::<i64>::try_from(&flat).torch("pick pixels")?;
    let pixels = (n / 2 * h * w) as usize;
    if positives == Positives::SamePixel {
        // Each pixel is a class with one member in each view, none is background.
        labels = (0..labels.len()).map(|place| 1 + (place % pixels.max(1)) as i64).collect();
    }
    let grid = Grid { labels: &labels, rows: h as usize, columns: w as usize };
    let wanted = match sampling {
        Sampling::Full => grid.by(|_, _| Some(0)),
        Sampling::Stride(step) => grid.by(|y, x| (y % step == 0 && x % step == 0).then_some(0)),
        Sampling::Block(side) => grid.by(|y, x| Some(y / side * grid.columns.div_ceil(side) + x / side)),
        Sampling::PerClass(most) => vec![drawn(&labels, most, positives, pixels, seed)],
    };
    let mut places = Vec::new();
    let mut sets = Vec::new();
    for chosen in wanted {
        let set = PickedSet::of(chosen.iter().map(|&place| labels[place]), places.len() as i64);
        if !set.anchors.is_empty() {
            places.extend(chosen.iter().map(|&place| place as i64));
            sets.push(set);
        }
    }
    Ok(Picked { places: Tensor::f_from_slice(&places).torch("pick pixels")?, sets })
}

impl Picked {
    /// Whether nothing is asked about.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// Pixels that are asked about.
    pub fn anchors(&self) -> usize {
        self.sets.iter().map(|set| set.anchors.len()).sum()
    }

    /// The picked pixels of maps `[n, c, h, w]` as rows `[m, c]`; n, h and w are those of the labels.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn rows(&self, maps: &Tensor) -> Result<Tensor> {
        let channels = maps.size().get(1).copied().unwrap_or(1);
        maps.f_permute([0, 2, 3, 1])
            .and_then(|t| t.f_reshape([-1, channels]))
            .and_then(|t| t.f_index_select(0, &self.places.f_to_device(maps.device())?))
            .torch("pick pixels")
    }
}

impl PickedSet {
    fn of(labels: impl Iterator<Item = i64>, first: i64) -> Self {
        let labels: Vec<i64> = labels.collect();
        let mut numbers: BTreeMap<i64, i64> = labels.iter().map(|&label| (label, 0)).collect();
        numbers.values_mut().zip(0..).for_each(|(number, next)| *number = next);
        let classes: Vec<i64> = labels.iter().map(|label| numbers[label]).collect();
        let mut counts = vec![0; numbers.len()];
        classes.iter().for_each(|&class| counts[class as usize] += 1);
        let is_anchor = |place: &usize| labels[*place] != BACKGROUND && counts[classes[*place] as usize] > 1;
        let anchors = (0..labels.len()).filter(is_anchor).map(|place| place as i64).collect();
        Self { first, classes, counts, anchors }
    }
}

/// The labels of a batch by image, row and column.
struct Grid<'a> {
    labels: &'a [i64],
    rows: usize,
    columns: usize,
}

impl Grid<'_> {
    /// Places of labelled pixels, in sets by the number that `set` gives to a row and column; `None`: in none.
    fn by(&self, set: impl Fn(usize, usize) -> Option<usize>) -> Vec<Vec<usize>> {
        let mut sets: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let labelled = self.labels.iter().enumerate().filter(|(_, label)| **label != UNLABELLED);
        for (place, _) in labelled {
            let (y, x) = (place / self.columns % self.rows, place % self.columns);
            if let Some(number) = set(y, x) {
                sets.entry(number).or_default().push(place);
            }
        }
        sets.into_values().collect()
    }
}

/// At most so many places of each class; of pixels that belong to those of the other view at most so many and their partners.
fn drawn(labels: &[i64], most: usize, positives: Positives, pixels: usize, seed: u64) -> Vec<usize> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut choose = |of: usize| sample(&mut random, of, most.min(of)).into_vec();
    let mut places: Vec<usize> = match positives {
        Positives::SamePixel => choose(pixels).into_iter().flat_map(|pixel| [pixel, pixel + pixels]).collect(),
        Positives::SameLabel => {
            let mut of_class: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
            let labelled = labels.iter().enumerate().filter(|(_, label)| **label != UNLABELLED);
            labelled.for_each(|(place, &label)| of_class.entry(label).or_default().push(place));
            of_class.values().flat_map(|of| choose(of.len()).into_iter().map(|chosen| of[chosen])).collect()
        }
    };
    places.sort_unstable();
    places
}
