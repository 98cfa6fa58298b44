//! ImageJ itself: it reads what we write and what roifile wrote, and writes what we read.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use fewlabel_contract::{Error, ErrorKind, Result};

use super::super::tally::Tally;
use super::corpus::fresh;
use super::differences::differences;
use super::manifest::{self, Case, Drawn, Facts, Reads};
use super::reading;
use super::table::Table;
use super::writing::Written;
use crate::process::{command, is_there, run};
use crate::workspace::target;

/// The version that this is about, as Maven Central has it.
const VERSION: &str = "1.54p";

/// Runs the programs in `sources` with ImageJ. Without Java or Maven this is a skipped check.
///
/// # Errors
/// `internal` when ImageJ cannot be fetched or the programs fail; `io`.
pub fn imagej(sources: &Path, corpus: &Path, cases: &[Case], written: &Written, table: &mut Table) -> Result<Tally> {
    if !is_there("javac") {
        return Ok(Tally::skipped("formats seen by ImageJ: there is no javac (Debian: default-jdk-headless)"));
    }
    let folder = target("formats")?.join("imagej");
    let Some(jar) = jar(&folder)? else {
        return Ok(Tally::skipped("formats seen by ImageJ: Maven is not installed (Debian: maven)"));
    };
    let java = Java::compiled(sources, &folder, &jar)?;
    let tiled = reads(&java, &folder, written, table)?;
    reads_outlines(&java, &folder, corpus, cases, table)?;
    writes(&java, &folder, table)?;
    let mut tally = Tally::default();
    tally.skip(tiled, "formats seen by ImageJ: it opens no tiled TIFFs, so no OME-TIFF of ours; tifffile does");
    Ok(tally)
}

/// The jar of ImageJ: where Maven keeps it, or else fetched by Maven; `None` without Maven.
fn jar(folder: &Path) -> Result<Option<PathBuf>> {
    let name = format!("ij-{VERSION}.jar");
    let kept = std::env::home_dir().map(|home| {
        ["net", "imagej", "ij", VERSION, &name].iter().fold(home.join(".m2").join("repository"), |path, part| path.join(part))
    });
    let fetched = folder.join(&name);
    if let Some(jar) = kept.into_iter().chain([fetched.clone()]).find(|path| path.is_file()) {
        return Ok(Some(jar));
    }
    if !is_there("mvn") {
        return Ok(None);
    }
    let mut maven = command("mvn");
    maven.args(["--batch-mode", "--no-transfer-progress", "--quiet", "dependency:copy"]);
    maven.arg(format!("-Dartifact=net.imagej:ij:{VERSION}")).arg(format!("-DoutputDirectory={}", folder.display()));
    run(&mut maven)?;
    Ok(Some(fetched))
}

/// The programs, ready to run.
struct Java {
    classpath: std::ffi::OsString,
}

impl Java {
    fn compiled(sources: &Path, folder: &Path, jar: &Path) -> Result<Self> {
        let classes = folder.join("classes");
        fresh(&classes)?;
        let failed = |error: std::io::Error| Error::io("list sources", sources, &error);
        let mut files = Vec::new();
        for entry in std::fs::read_dir(sources).map_err(failed)? {
            files.push(entry.map_err(failed)?.path());
        }
        run(command("javac").args(["-nowarn", "-encoding", "UTF-8", "-classpath"]).arg(jar).arg("-d").arg(&classes).args(files))?;
        let classpath = std::env::join_paths([classes.as_path(), jar])
            .map_err(|error| Error::new(ErrorKind::Internal, "run ImageJ", "a path holds a separator").because(&error))?;
        Ok(Self { classpath })
    }

    /// Runs a program. What ImageJ says besides is not for people.
    fn run(&self, arguments: &[&std::ffi::OsStr]) -> Result<()> {
        let mut java = command("java");
        java.args(["-Djava.awt.headless=true", "-Dfile.encoding=UTF-8", "-classpath"]).arg(&self.classpath);
        run(java.args(arguments).stdout(Stdio::null()))
    }

    /// What ImageJ finds in files, by their paths.
    fn find(&self, folder: &Path, asked: &[Asked]) -> Result<HashMap<String, Case>> {
        let (list, out) = (folder.join("asked.txt"), folder.join("found.jsonl"));
        let lines: String = asked.iter().map(Asked::line).collect();
        std::fs::write(&list, lines).map_err(|error| Error::io("write list", &list, &error))?;
        self.run(&["Reading".as_ref(), list.as_os_str(), out.as_os_str()])?;
        Ok(manifest::read(&out)?.into_iter().map(|case| (case.file.clone(), case)).collect())
    }
}

/// A file that ImageJ is asked about.
struct Asked {
    path: PathBuf,
    reads: Reads,
    /// Rows and columns of the plane that outlines lie on.
    plane: (usize, usize),
}

impl Asked {
    fn of(folder: &Path, case: &Case) -> Self {
        let [.., y, x] = case.facts.shape;
        Self { path: folder.join(&case.file), reads: case.reads, plane: (y, x) }
    }

    fn line(&self) -> String {
        match self.reads {
            Reads::Outlines => format!("outlines\t{}\t{}\t{}\n", self.path.display(), self.plane.0, self.plane.1),
            _ => format!("image\t{}\n", self.path.display()),
        }
    }
}

/// ImageJ reads the TIFFs and outlines that we wrote; how many of them are tiled, which it does not open.
fn reads(java: &Java, folder: &Path, written: &Written, table: &mut Table) -> Result<u64> {
    let readable = |case: &&Case| matches!(case.format.as_str(), "ImageJ TIFF" | "ImageJ .roi" | "ImageJ ROI zip" | "PNG");
    let cases: Vec<&Case> = written.cases.iter().filter(readable).collect();
    let asked: Vec<Asked> = cases.iter().map(|case| Asked::of(&written.folder, case)).collect();
    let found = java.find(folder, &asked)?;
    for (case, asked) in cases.iter().zip(&asked) {
        let differences = match found.get(&*asked.path.to_string_lossy()) {
            Some(found) => found.error.clone().map_or_else(|| seen(&case.facts, &found.facts), |error| vec![error]),
            None => vec!["ImageJ says nothing of it".to_owned()],
        };
        table.add(&format!("written: {}, seen by ImageJ", case.format), &case.file, &differences);
    }
    Ok(written.cases.iter().filter(|case| case.format == "OME-TIFF").count() as u64)
}

/// ImageJ and we read the outlines that roifile wrote, and fill the same pixels.
fn reads_outlines(java: &Java, folder: &Path, corpus: &Path, cases: &[Case], table: &mut Table) -> Result<()> {
    let of_roifile = |case: &&Case| case.format.starts_with("ImageJ") && case.file.starts_with("roi/") && case.error.is_none();
    let cases: Vec<&Case> = cases.iter().filter(of_roifile).collect();
    let asked: Vec<Asked> = cases.iter().map(|case| Asked::of(corpus, case)).collect();
    let found = java.find(folder, &asked)?;
    for (case, asked) in cases.iter().zip(&asked) {
        let ours = reading::outlines(&asked.path, case.facts.shape);
        let differences = match (ours, found.get(&*asked.path.to_string_lossy())) {
            (Ok(ours), Some(found)) => seen(&ours, &found.facts),
            (ours, _) => vec![ours.err().map_or("ImageJ says nothing of it".to_owned(), |error| error.to_string())],
        };
        table.add("read: ImageJ outlines, as ImageJ sees them", &case.file, &differences);
    }
    Ok(())
}

/// We read what ImageJ writes.
fn writes(java: &Java, folder: &Path, table: &mut Table) -> Result<()> {
    let made = folder.join("made");
    fresh(&made)?;
    java.run(&["Writing".as_ref(), made.as_os_str()])?;
    for case in manifest::read(&made.join("manifest.jsonl"))? {
        table.add(&format!("read: {}", case.format), &case.file, &reading::check(&made, &case));
    }
    Ok(())
}

/// In what our account differs from that of ImageJ. It paints outlines one by one, not into the planes of a stack; it fills
/// straight lines by a rule of its own, has no classes of QuPath, and forgets the plane of the stack when it reads points, its
/// own, too.
fn seen(ours: &Facts, imagej: &Facts) -> Vec<String> {
    if imagej.outlines.is_empty() && ours.outlines.is_empty() {
        return differences(ours, imagej);
    }
    let unfilled = |number: usize| imagej.outlines.get(number).is_some_and(|outline| outline.sha256.is_empty());
    let outline = |(number, outline): (usize, &Drawn)| {
        let sha256 = if unfilled(number) { String::new() } else { outline.sha256.clone() };
        let [stack, at @ ..] = outline.position;
        let position = if outline.kind == "points" { [0, at[0], at[1], at[2]] } else { [stack, at[0], at[1], at[2]] };
        Drawn { class: None, sha256, position, ..outline.clone() }
    };
    let ours = ours.outlines.iter().enumerate().map(outline).collect();
    let of = |outlines| Facts { outlines, ..Facts::default() };
    differences(&of(ours), &of(imagej.outlines.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_imagej_has_not_is_not_compared() {
        let drawn =
            |sha: &str, class: Option<&str>| Drawn { sha256: sha.into(), class: class.map(Into::into), ..Drawn::default() };
        let facts = |outlines| Facts { shape: [1; 5], outlines, ..Facts::default() };
        let ours = facts(vec![drawn("a", Some("Tumor")), drawn("b", None)]);
        assert_eq!(seen(&ours, &facts(vec![drawn("a", None), drawn("", None)])), [""; 0]);
        assert_eq!(seen(&ours, &facts(vec![drawn("c", None), drawn("b", None)])).len(), 1);
        assert_eq!(seen(&ours, &facts(vec![])).len(), 1);
        let points = |stack| Drawn { kind: "points".into(), position: [stack, 0, 0, 0], ..Drawn::default() };
        assert_eq!(seen(&facts(vec![points(7)]), &facts(vec![points(0)])), [""; 0]);
        let image = |rgb| Facts { rgb, ..Facts::default() };
        assert_eq!(seen(&image(true), &image(false)).len(), 1);
    }
}
