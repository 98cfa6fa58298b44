//! From what was learned without labels to a package that was checked.

use fewlabel_contract::{Entry, PretrainArgs, PretrainResult, Request, Result};
use fewlabel_model::{Network, Normalisation, PackageMeta};
use serde_json::{Value, json};

use super::course::Course;
use super::preset::decays;
use crate::made_with;
use crate::pool::ViewPlan;
use crate::publish::Learned;
use crate::seen::{Seen, hashed};
use crate::shim;
use crate::start::{Report, Start};

/// What a run began with and how it ended.
pub(super) struct About<'a> {
    pub args: &'a PretrainArgs,
    pub seen: &'a Seen,
    pub network: &'a Network,
    pub normalisation: &'a Normalisation,
    pub start: Option<(&'a Start, &'a Report)>,
    /// Images that were left out.
    pub left_out: usize,
    /// It ended before its budget did.
    pub early: bool,
}

/// Takes the best weights, measures their running statistics, writes the package and says how it went.
///
/// # Errors
/// `bad-model` when tract gives other maps than libtorch; `io`; `cancelled`.
pub(super) fn finish(course: &mut Course<'_>, about: &About<'_>) -> Result<PretrainResult> {
    let run = course.run;
    run.phase("choosing and saving");
    if let Some(best) = &course.best_weights {
        course.net.parameters.copy_from(best)?;
    }
    course.recalibrate()?;
    let save = &course.settings.save;
    let learned = Learned {
        network: about.network,
        normalisation: about.normalisation,
        weights: course.net.parameters.to_weights()?,
        meta: about.describe(course),
        plane: course.pool.raw_part(0)?,
        cover: cover(course)?,
        record: about.json(course)?,
    };
    let sha256 = learned.publish(save, run, "pretrain")?;
    let best = course.standing.best.clone().unwrap_or_default();
    Ok(PretrainResult {
        model: save.path.clone(),
        sha256,
        steps: course.standing.step,
        images: course.pool.images(),
        left_out: about.left_out,
        restoration_error: best.restoration_error,
        retrieval_accuracy: best.health.map(|health| health.retrieval_accuracy),
        effective_rank: best.health.map(|health| health.effective_rank),
        finished_early: about.early,
        seconds: course.seconds(),
    })
}

/// Three crops of what was learned from.
fn cover(course: &Course<'_>) -> Result<Vec<u8>> {
    let views =
        course.pool.views(&ViewPlan::unchanged(), &course.checker.learned_from, course.seed, 0, 3, course.settings.crop)?;
    let crop = views.channels * views.size * views.size;
    let maps = |values: &[f32]| fewlabel_image::Maps::new(views.channels, views.size, views.size, values.to_vec());
    crate::pictures::in_rows(&[views.first.chunks_exact(crop).map(maps).collect()])
}

impl About<'_> {
    fn describe(&self, course: &Course<'_>) -> PackageMeta {
        let method = self.args.method.name();
        let restored = course.pool.channels().iter().map(|name| format!("{name}, restored")).collect();
        PackageMeta {
            description: format!(
                "A start for training: learned from {} images without labels ({method}). It restores images and finds nothing yet.",
                course.pool.images()
            ),
            channels: course.pool.channels().to_vec(),
            output_channels: restored,
            plane: self.args.plane,
            data: self.start.map(|(start, _)| start.data()).unwrap_or_default(),
            object_diameter: self.args.object_diameter.map(|_| crate::scale::WORKING_DIAMETER),
            ..PackageMeta::new(&course.settings.save.model_name(), None, self.network.clone(), self.normalisation.clone())
        }
    }

    /// Versions, device, seed, request, what was seen, curves, checks, time and a sentence for a paper.
    ///
    /// `request` replays the run: a budget in minutes stands there as the steps it came to.
    fn json(&self, course: &Course<'_>) -> Result<Value> {
        let standing = &course.standing;
        let planned = standing.planned.unwrap_or(standing.step);
        let replay = PretrainArgs { minutes: None, steps: Some(planned), resume: false, ..self.args.clone() };
        let start =
            self.start.map(|(start, report)| Ok(json!({"model": hashed(&start.path)?, "tensors": report}))).transpose()?;
        Ok(json!({
            "versions": made_with::versions(),
            "device": made_with::device(course.machine, course.run.threads),
            "seed": self.args.seed,
            "request": Request::new(Entry::Pretrain, &replay)?,
            "minutes": self.args.minutes,
            "method": self.args.method,
            "trains_decoder": course.method.trains_decoder(),
            "start": start,
            "network": made_with::network(self.network),
            "seen": {
                "images": self.seen.images,
                "labels": self.seen.labels,
                "inherited": self.start.map(|(start, _)| &start.package.run["seen"]),
            },
            "left_out": self.left_out,
            "steps": standing.step,
            "planned": planned,
            "finished_early": self.early,
            "curves": {"every_10_steps": standing.errors, "checks": standing.checks},
            "best": standing.best,
            "seconds": course.seconds(),
            "methods": self.methods(course),
        }))
    }

    /// A sentence for the methods section of a paper.
    fn methods(&self, course: &Course<'_>) -> String {
        let start =
            self.start.map_or_else(|| "random weights".to_owned(), |(start, _)| format!("the model {}", start.package.meta.name));
        let settings = course.settings;
        format!(
            "A U-Net with {:.1} million parameters was pretrained with Fewlabel {} (libtorch {}; method {}) from {start} on {} unlabelled \
             images for {} steps of {} crops of {} × {} pixels ({}, peak learning rate {}, seed {}).",
            self.network.parameter_count() as f64 / 1e6,
            env!("CARGO_PKG_VERSION"),
            shim::torch_version(),
            self.args.method.name(),
            course.pool.images(),
            course.standing.step,
            settings.batch,
            settings.crop,
            settings.crop,
            if decays(self.args) { "AdamW" } else { "Adam" },
            settings.learning_rate,
            self.args.seed,
        )
    }
}
