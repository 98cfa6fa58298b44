package io.fewlabel;

import com.google.gson.JsonObject;

/**
 * How to segment. Fields without a method of their own are set by name: {@code options.set("tile", 512)}; the reference page
 * ({@code core/docs/reference.md}) lists them.
 */
public final class SegmentOptions extends Arguments<SegmentOptions> {

	private boolean table;

	/** Segments with the model of this name or file. */
	public SegmentOptions(String model) {
		set("model", model);
	}

	/** Options without a model: it is set later, by name. */
	public SegmentOptions() {}

	/** Size of the objects, in the unit of the image where it is calibrated, else in pixels. */
	public SegmentOptions objectDiameter(double size) {
		return set("object_diameter", size);
	}

	/** Only these channels, in the order in which the model reads them: names, or numbers from 1. */
	public SegmentOptions channels(String... wanted) {
		return set("channels", wanted);
	}

	/**
	 * Only this rectangle, in pixels; intensities are normalised as for the whole image. The label image has its size and knows its
	 * place (the origin of its calibration); the table tells places in the whole image.
	 */
	public SegmentOptions region(int x, int y, int width, int height) {
		JsonObject region = new JsonObject();
		region.addProperty("x", x);
		region.addProperty("y", y);
		region.addProperty("width", width);
		region.addProperty("height", height);
		return set("region", region);
	}

	/** Also measure each object: {@link SegmentResult#table()}. */
	public SegmentOptions measure(boolean wanted) {
		table = wanted;
		return this;
	}

	@Override
	public SegmentOptions set(String field, Object value) {
		if (field.equals("images") || field.equals("output")) {
			throw new FewlabelException("invalid-request", "segment: the image is the open one and the labels come back (field: " + field + ")",
				"leave it out, or submit a request for files with Fewlabel.submit");
		}
		return super.set(field, value);
	}

	boolean measures() {
		return table;
	}
}
