//! The contract between Fewlabel and everything that calls it.
//!
//! One [`Entry`] table, one [`Request`] envelope, one struct of arguments and one of results for each
//! entry point, one [`Event`] stream, one [`Error`]. The command line, the Java and JavaScript
//! bindings and the learner process all speak these types and nothing else.
//!
//! Pixels never travel inside the JSON: a request names a file, or a [`BufferRef`] that stands for
//! a buffer handed over beside the request.

mod bench;
mod cancel;
mod canonical;
mod check;
mod classify;
mod contrast;
mod describe;
mod entry;
mod error;
mod evaluate;
mod event;
mod export;
mod job;
mod knobs;
mod learning;
mod pretrain;
mod reference;
mod request;
mod runtime;
mod schema;
mod segment;
mod train;
mod words;

pub use bench::{BenchArgs, BenchResult};
pub use cancel::CancelToken;
pub use canonical::canonical;
pub use classify::{ClassifiedImage, ClassifiedPlane, ClassifyArgs, ClassifyResult};
pub use contrast::{Contrast, ContrastForm, ContrastPositives, ContrastSampling};
pub use describe::{DescribeArgs, DescribeResult, EntryState, ModelCard};
pub use entry::{ENTRIES, Entry, EntryRow, Forms, RunsIn};
pub use error::{Error, ErrorKind, Result};
pub use evaluate::{EvaluateArgs, EvaluateResult, ImageScores, KindScores, KindsScores, ObjectScores, OverlapScores};
pub use event::{Event, Level, Outcome, Progress, Sink};
pub use export::{ExportArgs, ExportResult, ModelForm};
pub use job::{Job, JobStatus};
pub use knobs::{KNOBS, Knob, data_folder};
pub use learning::{Norm, Regularisation, VolumePlane};
pub use pretrain::{ContrastOf, Method, Preset, PretrainArgs, PretrainResult, SameImage};
pub use reference::reference_page;
pub use request::{CONTRACT, Request, Response};
pub use runtime::{RuntimeAction, RuntimeArgs, RuntimeFile, RuntimeResult};
pub use schema::schema;
pub use segment::{BufferRef, ImageInput, PixelType, Region, SegmentArgs, SegmentResult, SegmentedImage, Status};
pub use train::{FromLabels, ObjectDiameter, TrainArgs, TrainResult, Transfer};
pub use words::{Columns, Device, Existing, Find, Format, Link};
