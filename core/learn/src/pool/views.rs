//! The views that methods learn from.

use fewlabel_contract::Result;
use fewlabel_image::Maps;
use rand::RngExt;
use rand::seq::SliceRandom;

use super::Pool;
use super::pick::pick;
use crate::augment::{AugmentConfig, Geometry, Intensity, Window, warp_image};
use crate::proxy::{ProxyConfig, proxy_view};
use crate::stream::{Purpose, stream};

/// Which views a method wants of a place.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewPlan {
    /// How the first view is changed.
    pub first: AugmentConfig,
    /// How the second view is changed, and how far its centre may lie from that of the first, as a share of a crop's side.
    pub second: Option<(AugmentConfig, f64)>,
    /// What is done to a copy of the first view, which is to be restored from it.
    pub proxy: Option<ProxyConfig>,
    /// Whether intensities end at 0 and 1, as what is restored must; else they go beyond, as those of crops with labels do.
    pub bounded: bool,
}

impl ViewPlan {
    /// Crops as they are.
    pub fn unchanged() -> Self {
        Self { first: AugmentConfig::none(), second: None, proxy: None, bounded: true }
    }
}

/// Views of `count` places, each `size` rows by `size` columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Views {
    /// Places (B).
    pub count: usize,
    /// Channels (C).
    pub channels: usize,
    /// Rows and columns (H = W).
    pub size: usize,
    /// `[B, C, H, W]`.
    pub first: Vec<f32>,
    /// `[B, C, H, W]`; empty when the plan has none.
    pub second: Vec<f32>,
    /// `[B, C, H, W]`; empty when the plan has none.
    pub proxy: Vec<f32>,
    /// `[B, H, W]`: 1 where the proxy hides what is to be restored, else 0; empty without a proxy.
    pub hidden: Vec<f32>,
    /// `[B]`: number of the image in the pool.
    pub images: Vec<i64>,
}

impl Pool {
    /// The views of step `step`. Those of place `i` are a function of the pool's images and `(seed, step, i)` alone, whoever
    /// makes them and when.
    ///
    /// The parts whose numbers are given take turns: each is seen once before any is seen again.
    ///
    /// # Errors
    /// Those of reading a part.
    ///
    /// # Panics
    /// When there is no part.
    pub fn views(&self, plan: &ViewPlan, parts: &[usize], seed: u64, step: u64, count: usize, size: usize) -> Result<Views> {
        let mut views = Views { count, channels: self.channels().len(), size, ..Views::default() };
        let mut turns = Turns { seed, parts, round: None };
        for index in 0..count as u64 {
            let part = turns.part(step * count as u64 + index);
            self.add_views(&mut views, plan, part, (seed, step, index))?;
        }
        Ok(views)
    }

    fn add_views(&self, views: &mut Views, plan: &ViewPlan, part: usize, (seed, step, index): (u64, u64, u64)) -> Result<()> {
        let size = views.size;
        let rng = |purpose| stream(seed, step, index, purpose);
        let reach = size as f32 / 2.0;
        let image = self.part(part)?;
        let geometry = Geometry::draw(&plan.first, reach, &mut rng(Purpose::Geometry));
        let origin = pick(&image, size, geometry.half_extent(size), &mut rng(Purpose::Place));
        let read = |origin, geometry: &Geometry| warp_image(&image, &Window { origin, size, geometry });
        let changed = |mut view: Maps, config: &AugmentConfig, intensity, noise| {
            Intensity::draw(config, view.channels, &mut rng(intensity)).apply(&mut view, &mut rng(noise));
            if plan.bounded {
                view.data.iter_mut().for_each(|value| *value = value.clamp(0.0, 1.0));
            }
            view
        };
        let first = changed(read(origin, &geometry), &plan.first, Purpose::Intensity, Purpose::Noise);
        if let Some((config, shift)) = &plan.second {
            let mut rng = rng(Purpose::SecondPlace);
            let mut moved = |at: i64| at + ((rng.random::<f64>() * 2.0 - 1.0) * shift * size as f64).round() as i64;
            let origin = (moved(origin.0), moved(origin.1));
            let geometry = Geometry::draw(config, reach, &mut rng);
            let second = changed(read(origin, &geometry), config, Purpose::SecondIntensity, Purpose::SecondNoise);
            views.second.extend(second.data);
        }
        if let Some(config) = &plan.proxy {
            let proxy = proxy_view(&first, config, seed, step, index);
            views.proxy.extend(proxy.image.data);
            views.hidden.extend(proxy.hidden.data.iter().map(|&hidden| f32::from(u8::from(hidden))));
        }
        views.first.extend(first.data);
        views.images.push(self.image_of(part) as i64);
        Ok(())
    }
}

/// Which part has its turn: in each round all parts in an order of its own.
struct Turns<'a> {
    seed: u64,
    parts: &'a [usize],
    round: Option<(u64, Vec<usize>)>,
}

impl Turns<'_> {
    fn part(&mut self, turn: u64) -> usize {
        let count = self.parts.len() as u64;
        let round = turn / count;
        if self.round.as_ref().is_none_or(|(now, _)| *now != round) {
            let mut order = self.parts.to_vec();
            order.shuffle(&mut stream(self.seed, round, 0, Purpose::Turn));
            self.round = Some((round, order));
        }
        let place = (turn % count) as usize;
        self.round.as_ref().map_or(self.parts[place], |(_, order)| order[place])
    }
}
