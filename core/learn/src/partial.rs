//! The state of an interrupted run, in `SAVE.partial/`: all that is needed to go on to the last bit.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Level, Result};
use fewlabel_image::AtomicFile;
use fewlabel_model::{Tensor, Weights};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::run::Run;
use crate::seen::Seen;

const FILE: &str = "state.safetensors";
/// The one entry of the file's metadata.
const ABOUT: &str = "fewlabel";
const OPERATION: &str = "resume training";

/// Fields of requests that do not change what comes out.
const BESIDE_THE_POINT: [&str; 3] = ["resume", "existing", "learner"];

/// What must be the same for a run to go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// Version of Fewlabel.
    pub version: String,
    /// The arguments of the request, without what does not change the result.
    pub request: Value,
    /// Hashes of the images and labels.
    pub seen: Seen,
}

/// Where a run stands, with its tensors by group.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State<S> {
    pub standing: S,
    pub tensors: HashMap<String, Weights>,
}

#[derive(Serialize, Deserialize)]
struct About<S> {
    identity: Identity,
    standing: S,
}

/// The folder of the state.
#[derive(Debug)]
pub(crate) struct Partial {
    folder: PathBuf,
    identity: Identity,
}

impl Identity {
    /// # Errors
    /// `internal` when the arguments are no JSON.
    pub fn new(args: &impl Serialize, seen: &Seen) -> Result<Self> {
        let mut request = serde_json::to_value(args).map_err(|error| Error::internal(OPERATION, error.to_string()))?;
        if let Some(fields) = request.as_object_mut() {
            fields.retain(|name, _| !BESIDE_THE_POINT.contains(&name.as_str()));
        }
        Ok(Self { version: env!("CARGO_PKG_VERSION").into(), request, seen: seen.clone() })
    }

    /// # Errors
    /// `invalid-request`, naming the first field of the request that differs.
    fn check(&self, there: &Self, folder: &Path) -> Result<()> {
        let refuse = |message: &str| {
            Error::new(ErrorKind::InvalidRequest, OPERATION, message)
                .file(folder)
                .hint("give the same request as before, or leave resume out to begin anew")
        };
        if there.version != self.version {
            return Err(refuse("the interrupted run was made by another version").with("version", &there.version));
        }
        let (ours, theirs) = (&self.request, &there.request);
        let names = ours.as_object().into_iter().chain(theirs.as_object()).flat_map(|object| object.keys());
        if let Some(field) = names.into_iter().find(|name| ours.get(name.as_str()) != theirs.get(name.as_str())) {
            let show = |value: Option<&serde_json::Value>| value.map_or_else(|| "unset".to_owned(), ToString::to_string);
            return Err(refuse("the interrupted run was asked for something else")
                .with("field", field)
                .with("now", show(ours.get(field.as_str())))
                .with("then", show(theirs.get(field.as_str()))));
        }
        if there.seen != self.seen {
            return Err(refuse("images or labels have changed since the run was interrupted"));
        }
        Ok(())
    }
}

impl Partial {
    /// Makes the folder, so that a place that cannot be written is found before anything is computed.
    ///
    /// # Errors
    /// `io`.
    pub fn open(folder: PathBuf, identity: Identity) -> Result<Self> {
        // Of whatever kind the system says it is ("not found" on some that cannot be written): the place will not do.
        std::fs::create_dir_all(&folder).map_err(|error| {
            Error::new(ErrorKind::Io, "save training state", "the folder of the model cannot be written")
                .file(&folder)
                .hint("save the model into a folder that you may write, on a disk that can be written")
                .because(&error)
        })?;
        Ok(Self { folder, identity })
    }

    /// Whether to go on with a state that lies there; says so when one is given up, or is missed.
    pub fn goes_on(&self, run: &Run<'_>, resume: bool) -> bool {
        match (resume, self.exists()) {
            (true, false) => run.info("there is no interrupted run to go on with: beginning anew"),
            (false, true) => {
                run.log(Level::Warning, "an interrupted run of this name is given up: resume would have gone on with it");
            }
            (true, true) | (false, false) => {}
        }
        resume && self.exists()
    }

    /// Whether a state lies there.
    pub fn exists(&self) -> bool {
        self.folder.join(FILE).is_file()
    }

    /// Writes the state, in one piece or not at all.
    ///
    /// # Errors
    /// `io`.
    pub fn save<S: Serialize + Clone>(&self, state: &State<S>) -> Result<()> {
        let failed = |error: &dyn std::error::Error| Error::internal("save training state", error.to_string());
        let about = About { identity: self.identity.clone(), standing: state.standing.clone() };
        let about = serde_json::to_string(&about).map_err(|error| failed(&error))?;
        let bytes: Vec<(String, &[usize], Vec<u8>)> = state
            .tensors
            .iter()
            .flat_map(|(group, weights)| weights.iter().map(move |(name, tensor)| (group, name, tensor)))
            .map(|(group, name, tensor)| {
                (
                    format!("{group}/{name}"),
                    tensor.shape.as_slice(),
                    tensor.data.iter().flat_map(|value| value.to_le_bytes()).collect(),
                )
            })
            .collect();
        let views: Result<Vec<_>, _> = bytes
            .iter()
            .map(|(name, shape, bytes)| TensorView::new(Dtype::F32, shape.to_vec(), bytes).map(|view| (name, view)))
            .collect();
        let file =
            safetensors::serialize(views.map_err(|error| failed(&error))?, Some(HashMap::from([(ABOUT.to_owned(), about)])))
                .map_err(|error| failed(&error))?;
        let mut out = AtomicFile::create(&self.folder.join(FILE), true)?;
        out.write_all(&file).map_err(|error| out.error(&error))?;
        out.commit()
    }

    /// Reads the state back.
    ///
    /// # Errors
    /// `invalid-request` when it belongs to another request, version or set of labels; `bad-model` when it is damaged.
    pub fn load<S: DeserializeOwned>(&self) -> Result<State<S>> {
        let path = self.folder.join(FILE);
        let bytes = std::fs::read(&path).map_err(|error| Error::io(OPERATION, &path, &error))?;
        let damaged = |error: &dyn std::error::Error| {
            Error::new(ErrorKind::BadModel, OPERATION, "the saved state is damaged")
                .file(&path)
                .with("reason", error)
                .hint("begin anew: leave resume out")
        };
        let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(|error| damaged(&error))?;
        let about = metadata.metadata().as_ref().and_then(|map| map.get(ABOUT)).cloned().unwrap_or_default();
        let about: About<S> = serde_json::from_str(&about).map_err(|error| damaged(&error))?;
        self.identity.check(&about.identity, &self.folder)?;
        let mut tensors: HashMap<String, Weights> = HashMap::new();
        for (name, view) in SafeTensors::deserialize(&bytes).map_err(|error| damaged(&error))?.iter() {
            let Some((group, name)) = name.split_once('/') else { continue };
            let data = view.data().as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
            tensors.entry(group.to_owned()).or_default().insert(name.to_owned(), Tensor::new(view.shape().to_vec(), data));
        }
        Ok(State { standing: about.standing, tensors })
    }

    /// Removes the state: the run came to its end.
    pub fn remove(self) {
        // What cannot be removed harms nobody; the next run with this name replaces it.
        let _ = std::fs::remove_file(self.folder.join(FILE));
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // Goes only when it is empty.
        let _ = std::fs::remove_dir(&self.folder);
    }
}
