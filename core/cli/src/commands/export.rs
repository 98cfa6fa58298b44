//! `fewlabel export`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use fewlabel::contract::{Entry, Existing, ExportArgs, ModelForm, Request, Result};

use crate::output::Output;
use crate::show;
use crate::values::{existing, form};
use crate::work::work;

/// Flags of `export`.
#[derive(Args)]
pub struct Export {
    /// Name or file of the model
    #[arg(long, value_name = "MODEL")]
    model: String,
    /// The form
    #[arg(long = "as", value_parser = form(), default_value = "onnx")]
    form: ModelForm,
    /// Version of ONNX's operators [default: that of the model]
    #[arg(long, value_name = "N")]
    opset: Option<i64>,
    /// The file to write
    #[arg(long, value_name = "PATH")]
    output: PathBuf,
    /// What to do when it is there already
    #[arg(long, value_parser = existing(), default_value = "error")]
    existing: Existing,
}

impl Export {
    /// Exports, and says what was written.
    pub fn run(self, output: &Output) -> Result<ExitCode> {
        let args =
            ExportArgs { model: self.model, form: self.form, opset: self.opset, output: self.output, existing: self.existing };
        args.check()?;
        work(Request::new(Entry::Export, &args)?, output, |response, out| show::export(&response.parse_result()?, out))
    }
}
