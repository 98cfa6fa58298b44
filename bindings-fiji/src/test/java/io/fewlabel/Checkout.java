package io.fewlabel;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where things lie in the checkout, for tests. A test of what is not built is skipped, and says so. */
public final class Checkout {

	private Checkout() {}

	public static Path contract() {
		return root().resolve("tests/contract");
	}

	public static Path data() {
		return root().resolve("tests/data");
	}

	/** A model that needs no training: bright pixels are objects. */
	public static Path tinyModel() {
		return contract().resolve("tiny.zip");
	}

	/** A model that tells images of few bright pixels from those of many. */
	public static Path kindsModel() {
		return contract().resolve("kinds.zip");
	}

	/** An image of 16 bits that is 696 wide and 520 high. */
	public static Path image() {
		return data().resolve("bbbc039/images/C02_s4.png");
	}

	private static Path root() {
		return Paths.get(System.getProperty("basedir", "")).toAbsolutePath().getParent();
	}

	/** This machine in the words of Fiji's updater. */
	public static String platform() {
		return NativeLibrary.platform();
	}

	/** Skips the test unless the native library is built. */
	public static void needsNatives() {
		needs(System.mapLibraryName("fewlabel_jni"));
	}

	/** Skips the test unless library and learner are built. */
	public static void needsLearner() {
		needsNatives();
		needs(executable("fewlabel-learn"));
	}

	/** The program {@code fewlabel}; skips the test unless it is built. */
	public static Path commandLine() {
		return needs(executable("fewlabel"));
	}

	private static String executable(String name) {
		return System.getProperty("os.name").startsWith("Windows") ? name + ".exe" : name;
	}

	private static Path needs(String file) {
		String programs = System.getenv("FEWLABEL_PROGRAMS");
		skipUnless(programs != null, "FEWLABEL_PROGRAMS is not set to the folder that cargo builds into");
		Path path = Paths.get(programs, file);
		skipUnless(Files.isRegularFile(path), path + " is not built: cargo build --workspace");
		return path;
	}

	/** Maven counts what is skipped and shows no reason. */
	private static void skipUnless(boolean there, String reason) {
		if (!there) {
			System.out.println("skipped: " + reason);
		}
		assumeTrue(there, reason);
	}

	/** A small training of five images that ends after a few steps. */
	public static TrainRequest tinyTraining(Path folder, long steps) throws IOException {
		List<String> labels;
		try (Stream<Path> files = Files.list(data().resolve("fluorescence/labels"))) {
			labels = files.map(Path::toString).sorted().limit(5).collect(Collectors.toList());
		}
		List<String> images = labels.stream().map(label -> label.replace("labels", "images")).collect(Collectors.toList());
		TrainRequest request = new TrainRequest(images, labels, folder.resolve("model.zip").toString());
		return request.start("none").steps(steps).set("width", 8).set("levels", 2).set("crop", 64).set("batch", 2);
	}
}
