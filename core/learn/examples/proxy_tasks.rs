//! Makes the picture of the proxy tasks in the docs: `cargo run -p fewlabel-learn --example proxy_tasks -- IMAGE PICTURE.png`.
//!
//! Three crops of an image, each in a row: as it is, then each task alone, in the order in which they are listed in
//! `core/docs/pretraining.md`.

use std::path::Path;

use fewlabel_contract::{CancelToken, Error, ErrorKind, Result};
use fewlabel_image::Maps;
use fewlabel_learn::pictures::in_rows;
use fewlabel_learn::pool::{Factor, Pool, PoolOptions, ViewPlan};
use fewlabel_learn::proxy::{CurveFamily, MaskKind, ProxyConfig, proxy_view};
use fewlabel_model::Normalisation;

/// Side of a crop in pixels.
const SIDE: usize = 96;

fn main() -> Result<()> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [image, picture] = &given[..] else {
        return Err(Error::new(ErrorKind::InvalidRequest, "draw proxy tasks", "an image and the name of a picture are wanted"));
    };
    let options = PoolOptions {
        channels: Vec::new(),
        plane: None,
        network_channels: None,
        normalisation: Normalisation::default(),
        factor: Factor::Of(1.0),
        room: 1 << 26,
    };
    let (pool, _) = Pool::open([image.into()], options, &CancelToken::new())?;
    let parts: Vec<usize> = (0..pool.len()).collect();
    let views = pool.views(&ViewPlan::unchanged(), &parts, 0, 0, 3, SIDE)?;
    let crop = views.channels * SIDE * SIDE;
    let rows: Vec<Vec<Maps>> = (0..3)
        .map(|place| {
            let values = views.first[place * crop..(place + 1) * crop].to_vec();
            let clean = Maps::new(views.channels, SIDE, SIDE, values);
            let shown = tasks().into_iter().map(|task| proxy_view(&clean, &task, 4, 0, place as u64).image);
            std::iter::once(clean.clone()).chain(shown).collect()
        })
        .collect();
    let png = in_rows(&rows)?;
    std::fs::write(picture, png).map_err(|error| Error::io("write picture", Path::new(picture), &error))
}

/// Each task alone.
fn tasks() -> Vec<ProxyConfig> {
    let none = ProxyConfig::none();
    let masked = |mask| ProxyConfig { masks: vec![mask], ray_count: 5, ..none.clone() };
    vec![
        ProxyConfig { curve: CurveFamily::Fixed, ..none.clone() },
        ProxyConfig { curve: CurveFamily::Free, ..none.clone() },
        masked(MaskKind::Rows),
        masked(MaskKind::Blocks),
        masked(MaskKind::Rays),
        masked(MaskKind::Polylines),
        masked(MaskKind::Discs),
        ProxyConfig { shuffle_share: 1.0, ..none.clone() },
        ProxyConfig { paint_share: 1.0, ..none.clone() },
    ]
}
