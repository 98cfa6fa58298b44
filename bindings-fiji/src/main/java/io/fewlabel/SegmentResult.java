package io.fewlabel;

import java.util.List;
import java.util.Map;

import com.google.gson.JsonObject;

import ij.ImagePlus;
import ij.ImageStack;
import ij.measure.Calibration;
import ij.measure.ResultsTable;

/** The objects of one image. */
public final class SegmentResult {

	/** Largest label of a 16-bit image. */
	private static final long SHORT = 65535;
	/** Largest whole number up to which a 32-bit float holds all. */
	private static final long FLOAT = 1 << 24;

	private final ImagePlus labels;
	private final ResultsTable table;
	private final Response response;

	private SegmentResult(ImagePlus labels, ResultsTable table, Response response) {
		this.labels = labels;
		this.table = table;
		this.response = response;
	}

	/** {@code region} as in the request; null for all of the image. */
	static SegmentResult of(ImagePlus image, JsonObject region, int[] ids, ResultsTable table, Response response) {
		ImagePlus labels = region == null ? labelImage(image, image.getWidth(), image.getHeight(), ids)
			: labelImage(image, region.get("width").getAsInt(), region.get("height").getAsInt(), ids);
		if (region != null) {
			labels.getCalibration().xOrigin -= region.get("x").getAsInt();
			labels.getCalibration().yOrigin -= region.get("y").getAsInt();
		}
		return new SegmentResult(labels, table, response);
	}

	/**
	 * The label image: 0 is background, each object has its own number. 16-bit; above 65,535 labels 32-bit float. Slices, frames,
	 * calibration and slice labels are those of the image. Of a rectangle it has that size, and its origin tells where that lies.
	 */
	public ImagePlus labels() {
		return labels;
	}

	/** A row for each object; null when {@link SegmentOptions#measure(boolean)} did not ask for it. */
	public ResultsTable table() {
		return table;
	}

	/** Number of objects, or of areas with a class. */
	public long objects() {
		List<?> images = (List<?>) response.result().get("images");
		return ((Number) ((Map<?, ?>) images.get(0)).get("objects")).longValue();
	}

	/** What the engine answered. */
	public Response response() {
		return response;
	}

	/** {@link Response#canonical()} of {@link #response()}. */
	public String canonical() {
		return response.canonical();
	}

	/** Labels as an image like {@code image}, {@code ids} in order {@code t z y x}. */
	static ImagePlus labelImage(ImagePlus image, int width, int height, int[] ids) {
		long max = 0;
		for (int id : ids) {
			max = Math.max(max, Integer.toUnsignedLong(id));
		}
		if (max > FLOAT) {
			throw new FewlabelException("limit-exceeded", "show labels: ImageJ has no image for so many objects (labels: " + max + ", most: "
				+ FLOAT + ")", "segment a part of the image, or the file with Fewlabel.submit");
		}
		int size = width * height;
		int slices = image.getNSlices(), frames = image.getNFrames();
		ImageStack stack = new ImageStack(width, height);
		for (int t = 1, at = 0; t <= frames; t++) {
			for (int z = 1; z <= slices; z++, at += size) {
				String label = image.getStack().getSliceLabel(image.getStackIndex(1, z, t));
				stack.addSlice(label, max > SHORT ? floats(ids, at, size) : shorts(ids, at, size));
			}
		}
		ImagePlus labels = new ImagePlus(ImageBuffer.name(image) + ".labels", stack);
		labels.setDimensions(1, slices, frames);
		labels.setOpenAsHyperStack(slices > 1 && frames > 1);
		Calibration calibration = image.getCalibration().copy();
		calibration.disableDensityCalibration();
		labels.setCalibration(calibration);
		labels.getProcessor().setLut(LabelColors.lut(Math.max(max, 1)));
		labels.getStack().setColorModel(labels.getProcessor().getColorModel());
		labels.setDisplayRange(0, Math.max(max, 1));
		return labels;
	}

	private static short[] shorts(int[] ids, int from, int size) {
		short[] plane = new short[size];
		for (int i = 0; i < size; i++) {
			plane[i] = (short) ids[from + i];
		}
		return plane;
	}

	private static float[] floats(int[] ids, int from, int size) {
		float[] plane = new float[size];
		for (int i = 0; i < size; i++) {
			plane[i] = ids[from + i];
		}
		return plane;
	}
}
