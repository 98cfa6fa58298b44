//! From a plan's name to its trials.

use fewlabel_contract::{Error, ErrorKind, Result};

use super::outlines::OUTLINES;
use super::pretraining::Start;
use super::sets::set;
use super::trial::{Budget, Labels, Part, Trial};

/// A set and the numbers of labelled images that are tried on it.
type Curve = (&'static str, &'static [usize]);

/// A plan: sets with numbers of labelled images, and sets with 15 outlines.
struct Plan {
    name: &'static str,
    curves: &'static [Curve],
    outlines: &'static [&'static str],
}

const PLANS: [Plan; 2] = [
    Plan {
        name: "foundation",
        curves: &[("fluorescence", &[2, 8]), ("histology", &[4]), ("mixed", &[8]), ("usiigaci", &[4]), ("fib25", &[4])],
        outlines: &["fluorescence", "histology", "mixed", "usiigaci", "fib25"],
    },
    Plan {
        name: "curves",
        curves: &[
            ("fluorescence", &[1, 2, 4, 8, 16]),
            ("histology", &[1, 2, 4, 8, 16]),
            ("mixed", &[4, 8, 16]),
            ("bbbc039", &[1, 2, 4, 8, 16]),
            ("usiigaci", &[1, 2, 4, 8, 16]),
            ("fib25", &[1, 2, 4, 8, 16]),
        ],
        outlines: &["fluorescence", "histology", "mixed", "bbbc039", "usiigaci", "fib25"],
    },
];

/// What a person asks of a plan.
pub struct Wish<'a> {
    /// Its name.
    pub plan: &'a str,
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
    /// What is started from.
    pub start: &'a Start,
    /// Seed of the trainings.
    pub seed: u64,
    /// How long each may take.
    pub budget: Budget,
    /// Threads of each.
    pub threads: Option<usize>,
    /// Further flags of each.
    pub flags: &'a [String],
    /// Name of the flags.
    pub variant: Option<&'a str>,
}

/// The trials: whole label images first, then outlines; in each half every set with one order before the next order.
///
/// # Errors
/// `invalid-request` for a plan or set that is not there, or when nothing is left.
pub fn trials(wish: &Wish<'_>) -> Result<Vec<Trial>> {
    let wrong = |message: &str| Error::new(ErrorKind::InvalidRequest, "plan study", message);
    let plan = PLANS.iter().find(|plan| plan.name == wish.plan).ok_or_else(|| {
        let names: Vec<&str> = PLANS.iter().map(|plan| plan.name).collect();
        wrong("there is no such plan").with("plan", wish.plan).with("plans", names.join(", "))
    })?;
    for name in wish.only {
        set(name)?;
    }
    let is_wanted = |name: &str| wish.only.is_empty() || wish.only.iter().any(|only| only == name);
    let everything = wish.k.is_empty() && !wish.outlines;
    let whole = plan.curves.iter().flat_map(|&(name, ks)| ks.iter().map(move |&k| (name, Labels::K(k))));
    let whole: Vec<_> = whole.filter(|(_, k)| everything || matches!(k, Labels::K(k) if wish.k.contains(k))).collect();
    let sparse: Vec<_> = plan.outlines.iter().map(|&name| (name, Labels::Outlines(OUTLINES))).collect();
    let sparse = if everything || wish.outlines { sparse } else { Vec::new() };
    let mut trials = Vec::new();
    for half in [whole, sparse] {
        for &order in wish.orders {
            for &(name, labels) in half.iter().filter(|(name, _)| is_wanted(name)) {
                trials.push(trial(wish, name, labels, order)?);
            }
        }
    }
    if trials.is_empty() {
        return Err(wrong("nothing of the plan is left").with("plan", plan.name).hint("ask for other sets, orders or k"));
    }
    Ok(trials)
}

fn trial(wish: &Wish<'_>, name: &str, labels: Labels, order: u32) -> Result<Trial> {
    let set = set(name)?;
    Ok(Trial {
        set: name.to_owned(),
        split: format!("{}/{}", set.folder, set.split),
        find: set.find,
        labels,
        order,
        part: wish.part,
        start: wish.start.name(set),
        seed: wish.seed,
        budget: wish.budget,
        threads: wish.threads,
        flags: wish.flags.to_vec(),
        variant: wish.variant.map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    fn wish<'a>() -> Wish<'a> {
        static NONE: LazyLock<Start> = LazyLock::new(|| Start::given("none").expect("a name"));
        Wish {
            plan: "foundation",
            only: &[],
            k: &[],
            outlines: false,
            orders: &[0, 1, 2],
            part: Part::Val,
            start: &NONE,
            seed: 0,
            budget: Budget::Minutes(6.0),
            threads: None,
            flags: &[],
            variant: None,
        }
    }

    fn short(wish: &Wish<'_>) -> Vec<String> {
        let trials = trials(wish).expect("trials");
        trials.iter().map(|trial| format!("{} {} {}", trial.set, trial.labels, trial.order)).collect()
    }

    #[test]
    fn the_foundation_is_the_whole_table() {
        let all = short(&wish());
        assert_eq!(all.len(), 3 * 6 + 3 * 5);
        assert_eq!(all[..3], ["fluorescence k=2 0", "fluorescence k=8 0", "histology k=4 0"]);
        assert_eq!((all[6].as_str(), all[18].as_str()), ("fluorescence k=2 1", "fluorescence 15 outlines 0"));
        let areas = trials(&wish()).expect("trials").iter().filter(|trial| trial.find == fewlabel_contract::Find::Areas).count();
        assert_eq!(areas, 6);
    }

    #[test]
    fn it_is_narrowed() {
        let only = ["usiigaci".to_owned(), "fluorescence".to_owned()];
        assert_eq!(short(&Wish { only: &only, k: &[2], orders: &[2], ..wish() }), ["fluorescence k=2 2"]);
        assert_eq!(
            short(&Wish { only: &only, outlines: true, orders: &[1], ..wish() }),
            ["fluorescence 15 outlines 1", "usiigaci 15 outlines 1"]
        );
        assert_eq!(
            short(&Wish { only: &only[..1], k: &[4], outlines: true, orders: &[0], ..wish() }),
            ["usiigaci k=4 0", "usiigaci 15 outlines 0"]
        );
    }

    #[test]
    fn what_is_not_there_is_said() {
        let message = |wish: &Wish<'_>| trials(wish).expect_err("an error").to_string();
        assert!(message(&Wish { plan: "all", ..wish() }).contains("foundation, curves"));
        assert!(message(&Wish { only: &["nuclei".to_owned()], ..wish() }).contains("histology"));
        assert!(message(&Wish { k: &[3], ..wish() }).contains("nothing of the plan is left"));
    }
}
