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

/// All plans.
pub const PLANS: [Plan; 5] = [
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
