package io.fewlabel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

import ij.ImagePlus;
import ij.measure.Calibration;
import ij.measure.ResultsTable;

/** A segmentation under way: its {@link #job()} can be cancelled, {@link #await()} gives what comes out. */
public final class Segmentation {

	private final ImagePlus image;
	private final Job job;
	/** Where the engine writes its tables; null when none is wanted. */
	private final Path folder;
	/** The rectangle that is segmented; null for all of the image. */
	private final JsonObject region;

	private Segmentation(ImagePlus image, Job job, Path folder, JsonObject region) {
		this.image = image;
		this.job = job;
		this.folder = folder;
		this.region = region;
	}

	static Segmentation start(ImagePlus image, SegmentOptions options, Listener listener) {
		JsonObject args = options.args();
		ImageBuffer buffer = ImageBuffer.of(image);
		JsonArray images = new JsonArray();
		images.add(buffer.description());
		args.add("images", images);
		Path folder = options.measures() ? folderForTables(image) : null;
		if (folder != null) {
			args.addProperty("output", folder.toString());
		}
		try {
			Job job = Job.start(Engine.shared(), Arguments.request("segment", args), new Object[] {buffer.samples}, listener);
			return new Segmentation(image, job, folder, args.getAsJsonObject("region"));
		} catch (RuntimeException error) {
			remove(folder);
			throw error;
		}
	}

	/** The job, to watch or to cancel. */
	public Job job() {
		return job;
	}

	/**
	 * Waits for the labels. To be called once.
	 *
	 * @throws FewlabelException what went wrong; {@code cancelled} when somebody asked it to stop
	 */
	public SegmentResult await() {
		try {
			Response response = job.await();
			Map<?, ?> row = (Map<?, ?>) ((List<?>) response.result().get("images")).get(0);
			int[] ids = (int[]) job.buffers()[((Number) row.get("buffer")).intValue()];
			return SegmentResult.of(image, region, ids, folder == null ? null : table(), response);
		} finally {
			remove(folder);
		}
	}

	private ResultsTable table() {
		Path file = folder.resolve("objects.csv");
		try {
			return ResultsTable.open(file.toString());
		} catch (IOException error) {
			throw new FewlabelException("io", "read table: " + error.getMessage() + " (file: " + file + ")", null, error);
		}
	}

	private static Path folderForTables(ImagePlus image) {
		Calibration calibration = image.getCalibration();
		if (ImageBuffer.lengthUnit(calibration.getUnit()) != null && calibration.pixelWidth != calibration.pixelHeight) {
			throw new FewlabelException("unsupported", "measure objects: pixels of an open image must be square for that (image: " + image.getTitle()
				+ ", pixel width: " + calibration.pixelWidth + ", pixel height: " + calibration.pixelHeight + ")",
				"save the image and segment the file, or do without the table");
		}
		try {
			return Files.createTempDirectory("fewlabel-tables-");
		} catch (IOException error) {
			throw new FewlabelException("io", "measure objects: no folder for temporary files (" + error + ")",
				"name another one in the system property java.io.tmpdir", error);
		}
	}

	private static void remove(Path folder) {
		if (folder == null) {
			return;
		}
		try (Stream<Path> files = Files.walk(folder)) {
			for (Path file : files.sorted(Comparator.reverseOrder()).collect(Collectors.toList())) {
				Files.deleteIfExists(file);
			}
		} catch (IOException leftBehind) {
			folder.toFile().deleteOnExit();
		}
	}
}
