//! `fewlabel`: the entry points of the contract on the command line.
//!
//! Flags are the fields of the requests with `--` and dashes. Results go to stdout, everything else to stderr.

mod commands;
mod exit;
mod interrupt;
mod output;
mod progress;
mod show;
mod values;
mod work;

use std::process::ExitCode;

use clap::Parser;

use commands::Command;

/// Segments microscopy images from a handful of labels.
#[derive(Parser)]
#[command(name = "fewlabel", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    output: output::Output,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::run(cli.command, &cli.output) {
        Ok(code) => code,
        Err(error) => {
            output::error_line(&error);
            exit::code_of(&error)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use fewlabel::contract::schema;

    use super::Cli;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    /// One vocabulary: every field of a request is a flag of the same name with dashes (or what stands there without one),
    /// and no flag is anything else.
    #[test]
    fn flags_are_the_fields_of_the_requests() {
        let document = schema();
        let command = Cli::command();
        for (entry, without_flag, more) in [
            ("train", &[][..], &[][..]),
            ("segment", &["images"], &["paths"]),
            ("classify", &["images"], &["paths"]),
            ("export", &[], &[]),
            ("evaluate", &[], &[]),
            ("describe", &["path"], &["path"]),
            ("bench", &[], &[]),
            ("runtime", &["action"], &["action", "yes"]),
        ] {
            let form = document["entries"][entry]["args"]["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
            let mut fields: Vec<String> = document["$defs"][form]["properties"]
                .as_object()
                .unwrap()
                .keys()
                .filter(|field| !without_flag.contains(&field.as_str()))
                .map(|field| field.replace('_', "-"))
                .collect();
            let mut flags: Vec<String> = command
                .find_subcommand(entry)
                .unwrap()
                .get_arguments()
                .filter(|argument| !argument.is_global_set())
                .map(|argument| argument.get_long().map_or_else(|| argument.get_id().to_string(), str::to_owned))
                .filter(|flag| !more.contains(&flag.as_str()))
                .collect();
            fields.sort();
            flags.sort();
            assert_eq!(flags, fields, "{entry}");
        }
    }
}
