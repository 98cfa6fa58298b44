//! What a host may say about its surroundings.

use std::path::PathBuf;
use std::time::Duration;

/// Where things lie and how patient the engine is. The default suits a program of its own.
#[derive(Clone, Debug)]
pub struct Config {
    /// The user's data folder, for logs and an installed learner; `None`: [`fewlabel_contract::data_folder`].
    pub home: Option<PathBuf>,
    /// The learner program; `None`: it is looked for.
    pub learner: Option<PathBuf>,
    /// The folder of the native library of this host (a Fiji jar's, a Node package's), where the learner may lie as well.
    pub beside: Option<PathBuf>,
    /// How long a learner may take to say hello. It loads libtorch meanwhile, possibly from a cold disk.
    pub hello_within: Duration,
    /// How long a cancelled learner may take to end before it is killed.
    pub cancel_within: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            home: fewlabel_contract::data_folder(),
            learner: None,
            beside: None,
            hello_within: Duration::from_secs(120),
            cancel_within: Duration::from_secs(10),
        }
    }
}
