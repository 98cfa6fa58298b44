package io.fewlabel;

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
