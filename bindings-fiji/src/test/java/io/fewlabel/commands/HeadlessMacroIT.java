package io.fewlabel.commands;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import com.google.gson.Gson;

import ij.IJ;
import ij.ImageJ;
import ij.ImagePlus;
import io.fewlabel.Checkout;
import javassist.ClassPool;
import net.imagej.patcher.LegacyInjector;

/** The packaged jar in a headless ImageJ of its own, as Fiji makes one, against the command line. */
class HeadlessMacroIT {

	@TempDir
	Path folder;

	@BeforeEach
	void built() {
		Checkout.needsNatives();
	}

	/** Runs a macro with the library in the folder of the programs, and gives what it printed. */
	private String macro(String... lines) throws Exception {
		return imageJ(System.getProperty("fewlabel.jar"), System.getenv("FEWLABEL_PROGRAMS"), lines);
	}

	/** ImageJ reads the menus from the folder of plugins, and Fiji has these jars on its class path. */
	private String imageJ(String classes, String programs, String... lines) throws Exception {
		Path macro = folder.resolve("macro.ijm");
		Files.write(macro, Arrays.asList(lines), StandardCharsets.UTF_8);
		String path = String.join(File.pathSeparator, classes, jar(ImageJ.class), jar(Gson.class), jar(LegacyInjector.class), jar(ClassPool.class));
		return run(programs, Paths.get(System.getProperty("java.home"), "bin", "java").toString(), "--add-opens=java.base/java.lang=ALL-UNNAMED",
			"-javaagent:" + jar(LegacyInjector.class) + "=init", "-Djava.awt.headless=true",
			"-Dplugins.dir=" + new File(System.getProperty("fewlabel.jar")).getParent(), "-cp", path, "ij.ImageJ", "-batch", macro.toString());
	}

	private static String jar(Class<?> of) throws Exception {
		return Paths.get(of.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
	}

	private String run(String programs, String... command) throws Exception {
		Path output = folder.resolve("output.txt");
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
		builder.environment().put("FEWLABEL_PROGRAMS", programs);
		Process process = builder.start();
		process.getOutputStream().close();
		int code = process.waitFor();
		String text = new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
		assertEquals(0, code, text);
		return text;
	}

	/** What the program {@code fewlabel} makes of the image. */
	private ImagePlus commandLine(Path model, Path image) throws Exception {
		Path output = folder.resolve("command line");
		run("", Checkout.commandLine().toString(), "segment", "--model", model.toString(), "--output", output.toString(), image.toString());
		String name = image.getFileName().toString().replaceAll("\\.[a-z]+$", "");
		return IJ.openImage(output.resolve(name + ".labels.tif").toString());
	}

	private static void assertSamePixels(ImagePlus expected, ImagePlus found) {
		assertEquals(expected.getType(), found.getType());
		assertArrayEquals(expected.getDimensions(), found.getDimensions());
		assertEquals(expected.getCalibration().pixelWidth, found.getCalibration().pixelWidth);
		for (int plane = 1; plane <= expected.getStackSize(); plane++) {
			assertArrayEquals((short[]) expected.getStack().getPixels(plane), (short[]) found.getStack().getPixels(plane));
		}
	}

	@Test
	void aMacroSegmentsAsTheCommandLineDoes() throws Exception {
		Path labels = folder.resolve("labels of a macro.tif");
		String printed = macro("setBatchMode(true);", "open(\"" + Checkout.image() + "\");",
			"run(\"Fewlabel Segment...\", \"model=[" + Checkout.tinyModel() + "] show=[labels and table]\");",
			"print(\"title \" + getTitle() + \", images \" + nImages + \", rows \" + nResults + \" of \" + getResultString(\"image\", 37));",
			"saveAs(\"Tiff\", \"" + labels + "\");", "print(\"the end\");");
		assertTrue(printed.contains("title C02_s4.labels, images 2, rows 38 of C02_s4"), printed);
		assertTrue(printed.contains("the end"), printed);
		ImagePlus found = IJ.openImage(labels.toString());
		assertSamePixels(commandLine(Checkout.tinyModel(), Checkout.image()), found);
		assertEquals(38, found.getDisplayRangeMax());
	}

	@Test
	void aMacroTrainsAndSegmentsWithWhatItLearned() throws Exception {
		Checkout.needsLearner();
		Path data = Checkout.data().resolve("fluorescence"), model = folder.resolve("my model.zip"), labels = folder.resolve("labels.tif");
		String printed = macro("run(\"Fewlabel Train from Folder...\", \"images=[" + data.resolve("images") + "] labels=[" + data.resolve("labels")
			+ "] save=[" + model + "] start=none steps=3 width=8 levels=2 crop=64 batch=2\");", "setBatchMode(true);",
			"open(\"" + Checkout.image() + "\");", "run(\"Fewlabel Segment...\", \"model=[" + model + "]\");",
			"saveAs(\"Tiff\", \"" + labels + "\");", "print(\"the end\");");
		assertTrue(printed.contains("model saved to " + model + " after 3 steps"), printed);
		assertTrue(printed.contains("the end"), printed);
		assertSamePixels(commandLine(model, Checkout.image()), IJ.openImage(labels.toString()));
	}

	@Test
	void aMacroSortsImages() throws Exception {
		Path images = Checkout.contract().resolve("files/kinds/images"), table = folder.resolve("my kinds.csv");
		String printed = macro("run(\"Fewlabel Sort Images...\", \"model=[" + Checkout.kindsModel() + "] images=[" + images + "] output=[" + table
			+ "] recursive=yes\");", "print(\"the end\");");
		assertTrue(printed.contains("4 images sorted: 2 few, 2 many; table in " + table), printed);
		assertTrue(printed.contains("the end"), printed);
	}

	@Test
	void anErrorEndsTheMacroAndSaysWhatToDo() throws Exception {
		String[][] wrong = {{"model=[no such model.zip]", "no such model.zip"}, {"model=otsu show=[a table]", "choose one of: labels, labels and table"}};
		for (String[] options : wrong) {
			String printed = macro("setBatchMode(true);", "open(\"" + Checkout.image() + "\");",
				"run(\"Fewlabel Segment...\", \"" + options[0] + "\");", "print(\"went on\");");
			assertTrue(printed.contains(options[1]), printed);
			assertFalse(printed.contains("went on"), printed);
			assertFalse(printed.contains("at io.fewlabel"), printed);
		}
	}

	@Test
	void theLibraryIsFoundBesideTheJarAndInsideIt() throws Exception {
		String name = System.mapLibraryName("fewlabel_jni");
		Path library = Paths.get(System.getenv("FEWLABEL_PROGRAMS"), name), jar = Paths.get(System.getProperty("fewlabel.jar"));
		String platform = Checkout.platform();
		String[] lines = {"setBatchMode(true);", "open(\"" + Checkout.image() + "\");", "run(\"Fewlabel Segment...\", \"model=otsu\");",
			"print(\"title \" + getTitle());"};

		Path plugin = Files.createDirectories(folder.resolve("Fiji.app/plugins")).resolve(jar.getFileName());
		Files.copy(jar, plugin);
		assertTrue(imageJ(plugin.toString(), "", lines).contains("looked in"));

		Path inside = Files.createDirectories(folder.resolve("resources/natives/" + platform)).resolve(name);
		Files.copy(library, inside);
		String withResources = plugin + File.pathSeparator + folder.resolve("resources");
		assertTrue(imageJ(withResources, "", lines).contains("title C02_s4.labels"));

		// A file that is no library where Fiji's updater puts it: it is taken, and nothing instead.
		Path beside = Files.createDirectories(folder.resolve("Fiji.app/lib/" + platform)).resolve(name);
		Files.write(beside, new byte[] {1});
		assertTrue(imageJ(withResources, "", lines).contains("does not run on this machine"));
		Files.delete(beside);
		Files.copy(library, beside);
		assertTrue(imageJ(plugin.toString(), "", lines).contains("title C02_s4.labels"));
	}
}
