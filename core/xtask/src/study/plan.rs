//! From a plan's name to its trials.

use fewlabel_contract::{Error, ErrorKind, Find, Result};

use super::outlines::images;
use super::plans::{Count, PLANS, Plan, Recipe, Starts};
use super::pool::{Pool, Sources};
use super::pretraining::{Given, Pretraining, Start, methods};
use super::sets::{Set, set};
use super::trial::{Budget, Labels, Part, Trial};

const OPERATION: &str = "plan study";

/// What a person asks of a plan. What she leaves open, the plan says.
pub struct Wish<'a> {
    /// The plan.
    pub plan: &'static Plan,
    /// Folder of all data, which says how many images and classes there are.
    pub data: &'a str,
    /// Only these sets; all when empty.
    pub only: &'a [String],
    /// Only these numbers of labelled images; when empty all, unless only outlines are asked for.
    pub k: &'a [usize],
    /// Only outlines, or outlines besides `k`.
    pub outlines: bool,
    /// Orders of the training images.
    pub orders: &'a [u32],
    /// What is scored.
    pub part: Part,
    /// Model that everything starts from.
    pub start: Option<Given>,
    /// Methods that make starts.
    pub methods: &'a [String],
    /// Only these recipes, where the plan has recipes; all when empty.
    pub recipes: &'a [String],
    /// What these methods start from themselves.
    pub base: Given,
    /// How long each pretraining may take.
    pub pretraining: Option<Budget>,
    /// Images of each pretraining.
    pub pool: Pool,
    /// Further flags of each pretraining.
    pub pretrain_flags: Vec<String>,
    /// Seeds of pretraining and training.
    pub seeds: &'a [u64],
    /// How long each training may take.
    pub budget: Option<Budget>,
    /// Threads of each program.
    pub threads: Option<usize>,
    /// Further flags of each training.
    pub flags: &'a [String],
    /// Name of the flags.
    pub variant: Option<&'a str>,
}

/// A trial and what it starts from.
#[derive(Clone, Debug)]
pub struct Planned {
    /// What it starts from.
    pub start: Start,
    /// The trial.
    pub trial: Trial,
}

/// The plan of this name.
///
/// # Errors
/// `invalid-request` when there is none.
pub fn plan(name: &str) -> Result<&'static Plan> {
    PLANS.iter().find(|plan| plan.name == name).ok_or_else(|| {
        let names: Vec<&str> = PLANS.iter().map(|plan| plan.name).collect();
        wrong("there is no such plan").with("plan", name).with("plans", names.join(", "))
    })
}

/// The trials: whole label images first, then outlines; in each half every set with one order before the next order, and of one
/// set with one order what differs in the start alone one after another, so that an interrupted study can compare.
///
/// # Errors
/// `invalid-request` for a set or method that is not there, or when nothing is left; those of reading splits and tables.
pub fn trials(wish: &Wish<'_>) -> Result<Vec<Planned>> {
    for name in wish.only {
        set(name)?;
    }
    let is_wanted = |name: &str| wish.only.is_empty() || wish.only.iter().any(|only| only == name);
    let everything = wish.k.is_empty() && !wish.outlines;
    let mut whole = Vec::new();
    for &(name, counts) in wish.plan.curves.iter().filter(|(name, _)| is_wanted(name)) {
        let mut ks = counts.iter().map(|count| number(*count, set(name)?, wish.data)).collect::<Result<Vec<_>>>()?;
        ks.dedup();
        whole.extend(ks.into_iter().filter(|k| everything || wish.k.contains(k)).map(|k| (name, Labels::K(k))));
    }
    let sparse = wish.plan.outlines.iter().filter(|(name, _)| is_wanted(name) && (everything || wish.outlines));
    let sparse = sparse.flat_map(|&(name, counts)| counts.iter().map(move |&count| (name, Labels::Outlines(count)))).collect();
    let mut planned = Vec::new();
    for half in [whole, sparse] {
        for &order in wish.orders {
            for &(name, labels) in &half {
                for &seed in wish.seeds {
                    for way in ways(wish, set(name)?, seed)? {
                        let trial = trial(wish, set(name)?, labels, order, seed, &way)?;
                        planned.push(Planned { start: way.start, trial });
                    }
                }
            }
        }
    }
    if planned.is_empty() {
        let hint = "ask for other sets, orders or k";
        return Err(wrong("nothing of the plan is left").with("plan", wish.plan.name).hint(hint));
    }
    Ok(planned)
}

fn wrong(message: &str) -> Error {
    Error::new(ErrorKind::InvalidRequest, OPERATION, message)
}

/// A number of labelled images, of kinds that of each class.
fn number(count: Count, set: &Set, data: &str) -> Result<usize> {
    match count {
        Count::Of(count) => Ok(count),
        Count::All => Ok(set.training_images(data)? / set.labels_of_one(data)?),
    }
}

/// How one set is learned: what is started from, how long is trained then, and how.
struct Way {
    start: Start,
    budget: Budget,
    flags: Vec<String>,
    variant: Option<String>,
}

fn ways(wish: &Wish<'_>, set: &Set, seed: u64) -> Result<Vec<Way>> {
    let usual = if set.find == Find::Kinds { wish.plan.budget_of_kinds } else { wish.plan.budget };
    let budget = wish.budget.unwrap_or(usual);
    let words = |flags: &[&str]| flags.iter().map(|&flag| flag.to_owned()).collect::<Vec<_>>();
    let pretraining = |method, budget, pool, base: &Given| {
        Start::Pretrained(Pretraining {
            method,
            budget,
            pool,
            base: base.clone(),
            seed,
            threads: wish.threads,
            flags: [words(set.flags.1), wish.pretrain_flags.clone()].concat(),
        })
    };
    let way = |start, budget| Way {
        start,
        budget,
        flags: [words(set.flags.0), wish.flags.to_vec()].concat(),
        variant: wish.variant.map(str::to_owned),
    };
    let by_method = |method: Option<_>| match method {
        Some(method) => pretraining(method, wish.pretraining.unwrap_or(wish.plan.pretraining), wish.pool, &wish.base),
        None => Start::Given(Given::none()),
    };
    let by_methods = |names: &[&str]| Ok(methods(names)?.into_iter().map(|method| way(by_method(method), budget)).collect());
    let asked: Vec<&str> = wish.methods.iter().map(String::as_str).collect();
    match (wish.plan.starts, &wish.start) {
        _ if !asked.is_empty() => by_methods(&asked),
        (Starts::Recipes(recipes), None) => {
            let by_recipe = |recipe: &Recipe| Way {
                flags: [words(set.flags.0), words(recipe.flags), wish.flags.to_vec()].concat(),
                variant: Some([Some(recipe.name), wish.variant].into_iter().flatten().collect::<Vec<_>>().join(" ")),
                ..way(by_method(recipe.method), budget)
            };
            Ok(chosen(recipes, wish.recipes)?.into_iter().map(by_recipe).collect())
        }
        (Starts::TimeMatched { method, before, after, pools }, None) => {
            if wish.base.is_none() {
                return Err(wrong("the plan needs a model to adapt").hint("give --base MODEL, a name or a file"));
            }
            let whole = Budget::Minutes(before + after);
            let mut ways = vec![way(Start::Given(Given::none()), whole), way(Start::Given(wish.base.clone()), whole)];
            let there = Pool { sources: Sources::OwnAndPools, size: None }.available(set, wish.data)?;
            for &size in pools.iter().filter(|size| **size <= there) {
                let pool = Pool { sources: Sources::OwnAndPools, size: Some(size) };
                for base in [&wish.base, &Given::none()] {
                    ways.push(way(pretraining(method, Budget::Minutes(before), pool, base), Budget::Minutes(after)));
                }
            }
            Ok(ways)
        }
        (Starts::Methods(names), None) => by_methods(names),
        (_, start) => Ok(vec![way(Start::Given(start.clone().unwrap_or_else(Given::none)), budget)]),
    }
}

/// The recipes that a person names; all when she names none.
fn chosen<'a>(recipes: &'a [Recipe], names: &[String]) -> Result<Vec<&'a Recipe>> {
    if let Some(name) = names.iter().find(|name| recipes.iter().all(|recipe| recipe.key() != **name)) {
        let known: Vec<String> = recipes.iter().map(Recipe::key).collect();
        return Err(wrong("there is no such recipe").with("recipe", name).with("recipes", known.join(", ")));
    }
    Ok(recipes.iter().filter(|recipe| names.is_empty() || names.contains(&recipe.key())).collect())
}

fn trial(wish: &Wish<'_>, set: &Set, labels: Labels, order: u32, seed: u64, way: &Way) -> Result<Trial> {
    let first = match labels {
        Labels::K(k) => (set.find == Find::Kinds).then(|| Ok(k * set.labels_of_one(wish.data)?)).transpose()?,
        // The usual numbers need no look at the data: every set has as many images.
        Labels::Outlines(count) if images(count) <= FEWEST_IMAGES => None,
        Labels::Outlines(count) => Some(set.training_images(wish.data)?).filter(|there| *there < images(count)),
    };
    Ok(Trial {
        set: set.name.to_owned(),
        split: format!("{}/{}", set.folder, set.split),
        find: set.find,
        labels,
        first,
        order,
        part: wish.part,
        start: way.start.name(set),
        pretraining: way.start.pretraining().cloned(),
        seed,
        budget: way.budget,
        threads: wish.threads,
        flags: way.flags.clone(),
        variant: way.variant.clone(),
    })
}

/// Training images of the smallest set.
const FEWEST_IMAGES: usize = 20;

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::study::sets::tests::data;

    /// The plan as it is, on validation images.
    pub fn wish<'a>(name: &str, data: &'a str) -> Wish<'a> {
        let plan = plan(name).expect("a plan");
        Wish {
            plan,
            data,
            only: &[],
            k: &[],
            outlines: false,
            orders: &[0, 1, 2],
            part: Part::Val,
            start: None,
            methods: &[],
            recipes: &[],
            base: Given::none(),
            pretraining: None,
            pool: Pool::default(),
            pretrain_flags: Vec::new(),
            seeds: plan.seeds,
            budget: None,
            threads: plan.threads,
            flags: &[],
            variant: None,
        }
    }

    fn short(wish: &Wish<'_>) -> Vec<String> {
        let planned = trials(wish).expect("trials");
        planned.iter().map(|Planned { trial, .. }| format!("{} {} {}", trial.set, trial.labels, trial.order)).collect()
    }

    #[test]
    fn the_foundation_is_the_whole_table() {
        let all = short(&wish("foundation", ""));
        assert_eq!(all.len(), 3 * 6 + 3 * 5);
        assert_eq!(all[..3], ["fluorescence k=2 0", "fluorescence k=8 0", "histology k=4 0"]);
        assert_eq!((all[6].as_str(), all[18].as_str()), ("fluorescence k=2 1", "fluorescence 15 outlines 0"));
        let planned = trials(&wish("foundation", "")).expect("trials");
        assert_eq!(planned.iter().filter(|planned| planned.trial.find == Find::Areas).count(), 6);
        assert!(planned.iter().all(|planned| planned.trial.start == "none" && planned.trial.budget == Budget::Minutes(6.0)));
    }

    #[test]
    fn it_is_narrowed() {
        let only = ["usiigaci".to_owned(), "fluorescence".to_owned()];
        let narrowed = |only, k, outlines, orders| short(&Wish { only, k, outlines, orders, ..wish("foundation", "") });
        assert_eq!(narrowed(&only, &[2], false, &[2]), ["fluorescence k=2 2"]);
        assert_eq!(narrowed(&only, &[], true, &[1]), ["fluorescence 15 outlines 1", "usiigaci 15 outlines 1"]);
        assert_eq!(narrowed(&only[..1], &[4], true, &[0]), ["usiigaci k=4 0", "usiigaci 15 outlines 0"]);
    }

    #[test]
    fn what_is_not_there_is_said() {
        assert!(plan("all").expect_err("no plan").to_string().contains("foundation, curves, tower"));
        let message = |wish: &Wish<'_>| trials(wish).expect_err("an error").to_string();
        assert!(message(&Wish { only: &["nuclei".to_owned()], ..wish("foundation", "") }).contains("histology"));
        assert!(message(&Wish { k: &[3], ..wish("foundation", "") }).contains("nothing of the plan is left"));
        assert!(message(&Wish { methods: &["towel".to_owned()], ..wish("foundation", "") }).contains("simclr"));
        assert!(message(&wish("time-matched", "")).contains("--base"));
    }

    #[test]
    fn the_small_preset_compares_five_starts_with_one_thread() {
        let folder = data();
        let data = folder.path().to_string_lossy();
        let planned = trials(&wish("tower", &data)).expect("trials");
        assert_eq!(planned.len(), 5 * 2 * 3 * 4);
        let methods: Vec<&str> = planned[..5].iter().map(|p| p.trial.start.split(' ').next().unwrap_or_default()).collect();
        assert_eq!(methods, ["none", "simclr", "restore", "contrast-proxy", "tower"]);
        assert!(planned.iter().all(|planned| planned.trial.threads == Some(1)));
        let kinds: Vec<&Trial> = planned.iter().map(|p| &p.trial).filter(|trial| trial.find == Find::Kinds).collect();
        assert_eq!((kinds[0].first, kinds[5].first), (Some(4), Some(16)), "k of each of two classes");
        let mut starts: Vec<String> = planned
            .iter()
            .filter(|p| p.trial.pretraining.is_some())
            .map(|p| format!("{} {}", p.trial.set, p.trial.start))
            .collect();
        starts.sort();
        starts.dedup();
        assert_eq!(starts.len(), 4 * 4, "orders and labels share starts");
    }

    #[test]
    fn all_labels_are_as_many_as_the_set_has() {
        let folder = data();
        let data = folder.path().to_string_lossy();
        let only = ["pbc".to_owned()];
        let planned = trials(&Wish { only: &only, orders: &[0], seeds: &[1], ..wish("tower-full", &data) }).expect("trials");
        let all = planned.iter().map(|planned| planned.trial.labelled_images()).min();
        assert_eq!(all, Some(2));
        let last = &planned[planned.len() - 1].trial;
        assert_eq!((last.labels, last.first, last.seed), (Labels::K(2), Some(4), 1));
        assert_eq!(last.pretraining.as_ref().map(|made| made.seed), Some(1));
    }

    #[test]
    fn whoever_pretrains_trains_less() {
        let folder = data();
        let data = folder.path().to_string_lossy();
        let only = ["pbc".to_owned()];
        let base = Given::from("microscopy.zip 12".to_owned());
        let planned = trials(&Wish { only: &only, orders: &[0], base, ..wish("time-matched", &data) }).expect("trials");
        let told: Vec<String> = planned
            .iter()
            .map(|p| format!("{} + {}", p.trial.start.rsplit_once(' ').map_or("", |(a, _)| a), p.trial.budget))
            .collect();
        // The pool of these data has six images: none of the plan's sizes.
        assert_eq!(told, [" + 12 min", "microscopy.zip + 12 min"]);
        std::fs::write(folder.path().join("pools/split.json"), long_list(folder.path())).expect("written");
        let base = Given::from("microscopy.zip 12".to_owned());
        let planned = trials(&Wish { only: &only, orders: &[0], base, ..wish("time-matched", &data) }).expect("trials");
        let made: Vec<String> = planned.iter().filter_map(|p| p.trial.pretraining.as_ref().map(ToString::to_string)).collect();
        assert_eq!(made, ["tower 8 min on 50 of own+pools from microscopy.zip 12", "tower 8 min on 50 of own+pools"]);
        assert!(planned[2..].iter().all(|planned| planned.trial.budget == Budget::Minutes(4.0)));
    }

    /// 60 images in the pool.
    fn long_list(data: &std::path::Path) -> String {
        let names: Vec<String> = (0..60).map(|n| format!("pbc/{n}.jpg")).collect();
        for name in &names {
            std::fs::write(data.join("pools").join(name), name).expect("written");
        }
        serde_json::json!({"unlabelled": names}).to_string()
    }

    #[test]
    fn recipes_are_one_request_apart_and_share_their_starts() {
        let all = trials(&Wish { orders: &[0], k: &[16], ..wish("hippocampus", "") }).expect("trials");
        assert_eq!(all.len(), 15);
        let told = |planned: &Planned| {
            (planned.trial.start.split(' ').next().unwrap_or_default().to_owned(), planned.trial.flags.join(" "))
        };
        let size = "--crop 64 --batch 16";
        assert_eq!(told(&all[0]), ("none".to_owned(), size.to_owned()));
        assert_eq!(told(&all[10]), ("simclr".to_owned(), format!("{size} --contrast local --contrast-sampling block")));
        assert_eq!(all[10].trial.start, all[1].trial.start);
        assert_eq!(all[1].trial.pretraining.as_ref().expect("made").flags, ["--crop", "64"]);
        let mut hashes: Vec<String> = all.iter().map(|planned| planned.trial.request_hash().expect("a hash")).collect();
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), 15);
        let recipes = ["none".to_owned(), "simclr L (block)".to_owned()];
        let some = trials(&Wish { orders: &[0], k: &[8], recipes: &recipes, ..wish("hippocampus", "") }).expect("trials");
        assert_eq!(some.iter().map(|p| p.trial.variant.as_deref().unwrap_or_default()).collect::<Vec<_>>(), ["", "L (block)"]);
        let unknown = ["L".to_owned()];
        let error = trials(&Wish { recipes: &unknown, ..wish("hippocampus", "") }).map(|_| ()).expect_err("no recipe");
        assert!(error.to_string().contains("tower L (per class)"), "{error}");
    }

    #[test]
    fn a_start_that_is_asked_for_replaces_the_methods_of_the_plan() {
        let start = Some(Given::from("m.zip 12".to_owned()));
        let only = ["usiigaci".to_owned()];
        let planned = trials(&Wish { start, only: &only, orders: &[0], k: &[2], ..wish("tower", "") }).expect("trials");
        assert_eq!(planned.iter().map(|p| p.trial.start.as_str()).collect::<Vec<_>>(), ["m.zip 12"]);
    }
}
