//! The plans of studies.

use fewlabel_contract::Method;

use super::trial::Budget;

/// A number of labelled images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Of(usize),
    /// All training images.
    All,
}

/// A set and the numbers of labelled images that are tried on it; of kinds the numbers of each class.
type Curve = (&'static str, &'static [Count]);

/// A set and the numbers of outlines that are tried on it.
type Outlines = (&'static str, &'static [usize]);

/// What trials start from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Starts {
    /// From what the person says, or from nothing.
    AsAsked,
    /// From what these methods make of unlabelled images; `none` stands for nothing.
    Methods(&'static [&'static str]),
    /// Each recipe in turn, the first of them first.
    Recipes(&'static [Recipe]),
    /// From nothing, from a model, and from what a method makes of unlabelled images in the same time, from nothing and from the model.
    TimeMatched {
        /// The method.
        method: Method,
        /// Minutes of pretraining.
        before: f64,
        /// Minutes of training after it; without pretraining there are as many more as it takes.
        after: f64,
        /// Numbers of unlabelled images, as far as a set has so many.
        pools: &'static [usize],
    },
}

/// A way to learn from labels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
    /// What it is called in tables, beside its start; empty where the start says all.
    pub name: &'static str,
    /// What makes the start of the set's unlabelled images; `None`: nothing.
    pub method: Option<Method>,
    /// Further flags of the training.
    pub flags: &'static [&'static str],
}

impl Recipe {
    /// As a person asks for it: `none`, `simclr`, `L (block)`, `simclr L (block)`.
    pub fn key(&self) -> String {
        let method = self.method.map(Method::name);
        let words: Vec<&str> = method.into_iter().chain((!self.name.is_empty()).then_some(self.name)).collect();
        if words.is_empty() { "none".to_owned() } else { words.join(" ") }
    }
}

/// What is tried.
#[derive(Debug, PartialEq)]
pub struct Plan {
    /// What it is called.
    pub name: &'static str,
    /// Numbers of labelled images.
    pub curves: &'static [Curve],
    /// Numbers of outlines.
    pub outlines: &'static [Outlines],
    /// What is started from.
    pub starts: Starts,
    /// Seeds of pretraining and training.
    pub seeds: &'static [u64],
    /// How long each training may take, of objects and areas.
    pub budget: Budget,
    /// The same of kinds.
    pub budget_of_kinds: Budget,
    /// How long each pretraining may take.
    pub pretraining: Budget,
    /// Threads of each program; `None`: all.
    pub threads: Option<usize>,
    /// Trials at a time.
    pub jobs: usize,
}

const FIFTEEN: &[usize] = &[15];
const RISING: &[Count] = &[Count::Of(1), Count::Of(2), Count::Of(4), Count::Of(8), Count::Of(16)];
const TO_ALL: &[Count] = &[Count::Of(1), Count::Of(2), Count::Of(4), Count::Of(8), Count::Of(16), Count::All];
const TWO: &[Count] = &[Count::Of(2)];
const FOUR: &[Count] = &[Count::Of(4)];
const TWO_AND_EIGHT: &[Count] = &[Count::Of(2), Count::Of(8)];

const FOUNDATION: Plan = Plan {
    name: "foundation",
    curves: &[
        ("fluorescence", TWO_AND_EIGHT),
        ("histology", FOUR),
        ("mixed", &[Count::Of(8)]),
        ("usiigaci", FOUR),
        ("fib25", FOUR),
    ],
    outlines: &[("fluorescence", FIFTEEN), ("histology", FIFTEEN), ("mixed", FIFTEEN), ("usiigaci", FIFTEEN), ("fib25", FIFTEEN)],
    starts: Starts::AsAsked,
    seeds: &[0],
    budget: Budget::Minutes(6.0),
    budget_of_kinds: Budget::Minutes(6.0),
    pretraining: Budget::Minutes(8.0),
    threads: None,
    jobs: 1,
};

/// The small preset: 150 minutes at most on two cores, which [`super::cost`] adds up. Steps are few for that; what they do not show, `tower-full`
/// does.
const TOWER: Plan = Plan {
    name: "tower",
    curves: &[("fluorescence", TWO_AND_EIGHT), ("usiigaci", TWO_AND_EIGHT), ("fib25", TWO_AND_EIGHT), ("pbc", TWO_AND_EIGHT)],
    outlines: &[],
    starts: Starts::Methods(&["none", "simclr", "restore", "contrast-proxy", "tower"]),
    budget: Budget::Steps(120),
    budget_of_kinds: Budget::Steps(60),
    pretraining: Budget::Steps(240),
    threads: Some(1),
    jobs: 2,
    ..FOUNDATION
};

/// Local contrast with the block of the paper, and with its stride; both as printed there but for the form.
const BLOCK: &[&str] = &["--contrast", "local", "--contrast-sampling", "block"];
const STRIDE: &[&str] = &["--contrast", "local", "--contrast-sampling", "stride"];
const OF_VIEWS: &[&str] = &["--contrast", "local", "--contrast-positives", "views", "--contrast-sampling", "stride"];
const PER_CLASS: &[&str] = &["--contrast", "local"];
const RATIO: &[&str] = &["--contrast", "local", "--contrast-sampling", "stride", "--contrast-form", "ratio"];
const FROZEN: &[&str] = &["--contrast", "local", "--contrast-sampling", "stride", "--freeze-encoder"];

const fn recipe(name: &'static str, method: Option<Method>, flags: &'static [&'static str]) -> Recipe {
    Recipe { name, method, flags }
}

/// Local contrast (L), after global contrast (G, SimCLR) or TOWER, beside what else learns from few labels (Hu et al., arXiv 2109.07407).
const LOCAL_CONTRAST: &[Recipe] = &[
    recipe("", None, &[]),
    recipe("", Some(Method::Simclr), &[]),
    recipe("", Some(Method::Tower), &[]),
    recipe("L (stride)", None, STRIDE),
    recipe("L (block)", None, BLOCK),
    recipe("L (per class)", None, PER_CLASS),
    recipe("L (ratio)", None, RATIO),
    recipe("L (frozen encoder)", None, FROZEN),
    recipe("L (views)", None, OF_VIEWS),
    recipe("L (stride)", Some(Method::Simclr), STRIDE),
    recipe("L (block)", Some(Method::Simclr), BLOCK),
    recipe("L (views)", Some(Method::Simclr), OF_VIEWS),
    recipe("L (per class)", Some(Method::Tower), PER_CLASS),
    recipe("Mixup", None, &["--regularisation", "mixup"]),
    recipe("consistency", None, &["--regularisation", "consistency"]),
];

/// 4 minutes a training on one thread of the machine of the studies; 10 % of the labels with all recipes, 5 and 20 % with `--recipes`.
const HIPPOCAMPUS: Plan = Plan {
    name: "hippocampus",
    curves: &[("hippocampus", &[Count::Of(8), Count::Of(16), Count::Of(32)])],
    outlines: &[],
    starts: Starts::Recipes(LOCAL_CONTRAST),
    budget: Budget::Steps(800),
    pretraining: Budget::Steps(800),
    ..TOWER
};

/// All plans.
pub const PLANS: [Plan; 8] = [
    FOUNDATION,
    Plan {
        name: "curves",
        curves: &[
            ("fluorescence", RISING),
            ("histology", RISING),
            ("mixed", &[Count::Of(4), Count::Of(8), Count::Of(16)]),
            ("bbbc039", RISING),
            ("usiigaci", RISING),
            ("fib25", RISING),
        ],
        outlines: &[
            ("fluorescence", FIFTEEN),
            ("histology", FIFTEEN),
            ("mixed", FIFTEEN),
            ("bbbc039", FIFTEEN),
            ("usiigaci", FIFTEEN),
            ("fib25", FIFTEEN),
        ],
        ..FOUNDATION
    },
    TOWER,
    HIPPOCAMPUS,
    // 10, 20 and 40 % of ten volumes.
    Plan { name: "mmwhs", curves: &[("mmwhs", &[Count::Of(1), Count::Of(2), Count::Of(4)])], ..HIPPOCAMPUS },
    Plan {
        name: "local-contrast",
        curves: &[("fluorescence", TWO_AND_EIGHT), ("usiigaci", TWO_AND_EIGHT), ("fib25", TWO_AND_EIGHT)],
        budget: Budget::Steps(120),
        pretraining: Budget::Steps(240),
        ..HIPPOCAMPUS
    },
    Plan {
        name: "tower-full",
        curves: &[
            ("fluorescence", TO_ALL),
            ("histology", TO_ALL),
            ("usiigaci", TO_ALL),
            ("fib25", TO_ALL),
            ("pbc", &[Count::Of(1), Count::Of(2), Count::Of(5), Count::Of(10), Count::All]),
        ],
        outlines: &[
            ("fluorescence", &[5, 15, 50, 150]),
            ("histology", &[5, 15, 50, 150]),
            ("usiigaci", &[5, 15, 50, 150]),
            ("fib25", &[5, 15, 50, 150]),
        ],
        starts: Starts::Methods(&["none", "simclr", "byol", "restore", "mae", "contrast-proxy", "uncorrelated", "tower"]),
        seeds: &[0, 1],
        budget: Budget::Steps(600),
        budget_of_kinds: Budget::Steps(300),
        pretraining: Budget::Steps(2_000),
        ..TOWER
    },
    Plan {
        name: "time-matched",
        curves: &[("fluorescence", TWO), ("usiigaci", TWO), ("fib25", TWO), ("pbc", TWO)],
        outlines: &[("fluorescence", FIFTEEN), ("usiigaci", FIFTEEN), ("fib25", FIFTEEN)],
        starts: Starts::TimeMatched { method: Method::Tower, before: 8.0, after: 4.0, pools: &[50, 500, 2_800] },
        threads: Some(2),
        ..FOUNDATION
    },
];
