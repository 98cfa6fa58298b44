//! Models by name.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Result, data_folder};

/// Folders to look in before all others, separated as in `PATH`.
const FOLDERS: &str = "FEWLABEL_MODELS";
/// Name of a folder of models beside something.
const MODELS: &str = "models";
const ENDING: &str = "zip";

/// The file of a model that was named.
///
/// A file of that name, with or without `.zip`; else one of that name in, one after another, the
/// folders of `FEWLABEL_MODELS`, the folder of the native library (`beside`, where a host has one) and that of the
/// executable with `models` beside each, `models` of the checkout or the Fiji that either lies in, and `models` in
/// the user's data folder.
///
/// # Errors
/// [`ErrorKind::NotFound`], listing the models that are there and the folders that were looked in.
pub fn find_model(name: &str, beside: Option<&Path>) -> Result<PathBuf> {
    find_in(name, &folders(beside))
}

fn find_in(name: &str, folders: &[PathBuf]) -> Result<PathBuf> {
    let not_found = |message: &str| Error::new(ErrorKind::NotFound, "find model", message).with("model", name);
    if name.trim().is_empty() {
        return Err(not_found("no model was named"));
    }
    let here = std::iter::once(PathBuf::from(name));
    // A path from the root replaces the folder it is joined to, so it is looked for once.
    let elsewhere = folders.iter().map(|folder| folder.join(name));
    if let Some(found) = here.chain(elsewhere).find_map(|path| as_file(&path)) {
        return Ok(found);
    }
    let there: BTreeSet<String> = folders.iter().flat_map(|folder| models_in(folder)).collect();
    let hint = if there.is_empty() {
        "no models are installed: give a file, or put model packages into a folder and name it in FEWLABEL_MODELS".to_owned()
    } else {
        format!("these are there: {}", there.into_iter().collect::<Vec<_>>().join(", "))
    };
    let looked: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    Err(not_found("there is no model of this name").with("looked in", looked.join(", ")).hint(hint))
}

/// The path itself or with `.zip` behind it, whichever is a file.
fn as_file(path: &Path) -> Option<PathBuf> {
    let mut longer = path.as_os_str().to_owned();
    longer.push(".");
    longer.push(ENDING);
    [path.to_owned(), PathBuf::from(longer)].into_iter().find(|path| path.is_file())
}

/// Names, without `.zip`, of the packages in a folder.
fn models_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = folder.read_dir() else { return Vec::new() };
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file() && path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(ENDING)))
        .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .collect()
}

/// Where models lie, in the order in which they are looked for.
fn folders(beside: Option<&Path>) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = env::var_os(FOLDERS).iter().flat_map(env::split_paths).collect();
    let executable = env::current_exe().ok();
    for folder in [beside, executable.as_deref().and_then(Path::parent)].into_iter().flatten() {
        folders.extend([folder.to_owned(), folder.join(MODELS)]);
        folders.extend(folder.ancestors().find(|above| is_home(above)).map(|root| root.join(MODELS)));
    }
    folders.extend(data_folder().map(|data| data.join(MODELS)));
    folders.retain(|folder| !folder.as_os_str().is_empty());
    folders
}

/// Whether a folder is the root of this program's sources or of a Fiji, both of which keep models in `models`.
fn is_home(folder: &Path) -> bool {
    let is_checkout = folder.join("core/model/Cargo.toml").is_file();
    let is_fiji = folder.join("jars").is_dir() && folder.join("plugins").is_dir();
    (is_checkout || is_fiji) && folder.join(MODELS).is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            std::fs::write(folder.path().join(name), b"").unwrap();
        }
        folder
    }

    #[test]
    fn the_first_folder_that_has_it_counts() {
        let first = folder_with(&["nuclei.zip"]);
        let second = folder_with(&["nuclei.zip", "Zellen größer.zip"]);
        let folders = [first.path().to_owned(), second.path().to_owned()];
        assert_eq!(find_in("nuclei", &folders).unwrap(), first.path().join("nuclei.zip"));
        assert_eq!(find_in("nuclei.zip", &folders).unwrap(), first.path().join("nuclei.zip"));
        assert_eq!(find_in("Zellen größer", &folders).unwrap(), second.path().join("Zellen größer.zip"));
    }

    #[test]
    fn a_file_comes_before_names() {
        let folder = folder_with(&["mine.zip", "plain"]);
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        assert_eq!(find_in(&path("mine"), &[]).unwrap(), folder.path().join("mine.zip"));
        assert_eq!(find_in(&path("plain"), &[]).unwrap(), folder.path().join("plain"));
    }

    #[test]
    fn a_library_in_fiji_finds_fijis_models() {
        let fiji = tempfile::tempdir().unwrap();
        let library = fiji.path().join("lib").join("linux64");
        for folder in [&library, &fiji.path().join("jars"), &fiji.path().join("plugins"), &fiji.path().join(MODELS)] {
            std::fs::create_dir_all(folder).unwrap();
        }
        let model = fiji.path().join(MODELS).join("nuclei.zip");
        std::fs::write(&model, b"").unwrap();
        assert_eq!(find_model("nuclei", Some(&library)).unwrap(), model);
        std::fs::write(library.join("nuclei.zip"), b"").unwrap();
        assert_eq!(find_model("nuclei", Some(&library)).unwrap(), library.join("nuclei.zip"));
    }

    #[test]
    fn what_is_there_is_listed_when_nothing_fits() {
        let folder = folder_with(&["nuclei.zip", "membranes.ZIP", "notes.txt"]);
        let error = find_in("cells", &[folder.path().to_owned(), PathBuf::from("/nowhere at all")]).unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound);
        assert_eq!(error.hint.as_deref(), Some("these are there: membranes, nuclei"));
        assert!(find_in(" ", &[]).unwrap_err().to_string().contains("no model was named"));
        // A folder is not a model.
        std::fs::create_dir(folder.path().join("cells.zip")).unwrap();
        assert!(find_in("cells", &[folder.path().to_owned()]).is_err());
    }
}
