//! Learning from images that nobody has labelled, from a request to a model package.

mod accumulate;
mod batch;
mod check;
mod contrast;
mod course;
mod finish;
mod health;
mod method;
mod methods;
mod preset;
mod restoration;
mod settings;

pub use check::{Checked, Checker};
pub use course::Standing;
pub use health::Health;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use fewlabel_contract::{ErrorKind, Level, PretrainArgs, PretrainResult, Result};
use fewlabel_image::list;
use fewlabel_model::{Activation, Head, HeadGroup, Normalisation};

use crate::device::{self, Machine};
use crate::net::{Net, initial_weights};
use crate::optim::Optimiser;
use crate::partial::{Identity, Partial};
use crate::pool::{Factor, Pool, PoolOptions};
use crate::run::Run;
use crate::save::check_crop;
use crate::scale::WORKING_DIAMETER;
use crate::seen::Seen;
use crate::shim::CudaLibrary;
use crate::start::{Parts, Start};
use crate::upright::Upright;
use course::{Course, End};
use method::Method;
use settings::PretrainSettings;

/// Learns from unlabelled images and writes the package.
///
/// # Errors
/// Everything that [`fewlabel_contract::ErrorKind`] has a name for, but for what concerns hosts.
pub fn pretrain(args: &PretrainArgs, cuda: &CudaLibrary, run: &Run<'_>) -> Result<PretrainResult> {
    let began = Instant::now();
    args.check()?;
    let args = &*preset::filled(args);
    let settings = PretrainSettings::new(args)?;
    let machine = Machine::choose(args.device, cuda)?;
    device::prepare(run.threads, &machine)?;
    run.info(format!("learning on the {}, {} threads", machine.reason, run.threads));
    let start = Start::open(args.start.as_deref())?;
    // What is on record tells the planes, wherever they come from.
    let args = &PretrainArgs { plane: args.plane.or_else(|| start.as_ref()?.plane()), ..args.clone() };
    run.phase("opening images");
    let normalisation = start.as_ref().map_or_else(|| Ok(Normalisation::default()), Start::normalisation)?;
    let options = PoolOptions {
        channels: args.channels.clone(),
        plane: args.plane,
        network_channels: start.as_ref().map(|start| start.channels().to_vec()),
        normalisation: normalisation.clone(),
        factor: Factor::Of(args.object_diameter.map_or(1.0, |diameter| WORKING_DIAMETER / diameter)),
        room: PoolOptions::usual_room(),
    };
    let paths = list(&args.images, args.recursive)?.into_iter().map(|found| found.path);
    let (pool, left_out) = Pool::open(paths, options, run.token)?;
    for error in &left_out {
        run.log(Level::Warning, format!("left out: {error}"));
    }
    run.info(format!("{} images, {} left out", pool.images(), left_out.len()));
    let pool = Arc::new(pool);

    let head = Head { groups: vec![HeadGroup { activation: Activation::Sigmoid, channels: pool.channels().len() }] };
    let network = match &start {
        Some(start) => {
            start.check_decoder()?;
            start.network_with(pool.channels().len(), &head, &settings.network)?
        }
        None => preset::network(args, &settings, pool.channels().len(), &head)?,
    };
    check_crop(settings.crop, network.stride())?;
    let mut weights = initial_weights(&network, args.seed);
    let report =
        start.as_ref().map(|s| s.load_into(&mut weights, &network, Parts { decoder: true, head: s.restores() })).transpose()?;
    let net = Net::with_weights(network.clone(), &weights, &machine)?;
    let method = method::method(args, &net, &machine)?;
    let optimiser = optimiser(&net, &*method, preset::decays(args))?;
    let plan = Upright::decide(args.upright, pool.paths(), run).views(method.plan());
    let checker = Checker::new(&pool, plan.clone(), args.seed, (settings.batch, settings.crop));

    run.phase("looking at all files");
    let seen = Seen::images(pool.paths())?;
    let partial = Partial::open(settings.save.partial(), Identity::new(args, &seen)?)?;
    let mut course = Course {
        run,
        settings: &settings,
        seed: args.seed,
        machine: &machine,
        plan,
        pool,
        method,
        net,
        optimiser,
        checker,
        standing: Standing::default(),
        best_weights: None,
        partial,
        began,
    };
    let done = learned(&mut course, args).and_then(|end| {
        let about = finish::About {
            args,
            seen: &seen,
            network: &network,
            normalisation: &normalisation,
            start: start.as_ref().zip(report.as_ref()),
            left_out: left_out.len(),
            early: end == End::Early,
        };
        finish::finish(&mut course, &about)
    });
    // A cancelled run leaves nothing behind; a failed one can be gone on with.
    if done.as_ref().map_or_else(|error| error.kind == ErrorKind::Cancelled, |_| true) {
        course.partial.remove();
    }
    done
}

/// The steps, from the start or from where an interrupted run left off.
fn learned(course: &mut Course<'_>, args: &PretrainArgs) -> Result<End> {
    if course.partial.goes_on(course.run, args.resume) {
        course.resume()?;
    }
    course.go()
}

/// For what the method trains: without the decoder only the encoder of the network, and its own heads.
fn optimiser(net: &Net, method: &dyn Method, decays: bool) -> Result<Optimiser> {
    let trained: Vec<_> = std::iter::once(&net.parameters).chain(method.heads()).collect();
    let left_alone = if method.trains_decoder() { BTreeSet::new() } else { net.decoder_parameters() };
    Optimiser::new(&trained, decays, |name| if left_alone.contains(name) { 0.0 } else { 1.0 })
}
