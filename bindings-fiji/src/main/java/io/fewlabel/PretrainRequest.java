package io.fewlabel;

import java.util.Collections;
import java.util.List;

/**
 * Which images to learn from without labels, how, and how long. Fields without a method of their own are set by name:
 * {@code request.set("seed", 3)}; the reference page ({@code core/docs/reference.md}) lists them.
 */
public final class PretrainRequest extends Arguments<PretrainRequest> {

	/**
	 * Learns from images.
	 *
	 * @param images image files, folders or {@code @list.txt}
	 * @param save name or file of the model to write
	 */
	public PretrainRequest(List<String> images, String save) {
		set("images", images);
		set("save", save);
	}

	/** Learns from a folder of images. */
	public PretrainRequest(String images, String save) {
		this(Collections.singletonList(images), save);
	}

	/** How it learns: {@code tower}, {@code simclr}, {@code byol}, {@code restore}, {@code mae}, {@code contrast-proxy} or {@code uncorrelated}. */
	public PretrainRequest method(String how) {
		return set("method", how);
	}

	/** What the contrast tells apart: {@code places}, {@code crops} or {@code same-crops}. */
	public PretrainRequest contrast(String what) {
		return set("contrast", what);
	}

	/** The model to start from: a name, a file, or {@code none}. */
	public PretrainRequest start(String model) {
		return set("start", model);
	}

	/** Budget of wall time, loading and saving included. */
	public PretrainRequest minutes(double minutes) {
		return set("minutes", minutes);
	}

	/** Budget in optimisation steps, instead of minutes. */
	public PretrainRequest steps(long steps) {
		return set("steps", steps);
	}

	/** Diameter in pixels of the objects in the images: they are brought to the size at which training sees them. */
	public PretrainRequest objectDiameter(double pixels) {
		return set("object_diameter", pixels);
	}

	/** How volumes are cut into planes: {@code axial}, {@code coronal} or {@code sagittal}. */
	public PretrainRequest plane(String across) {
		return set("plane", across);
	}

	/** The images always lie the same way round: they are not mirrored nor turned, but for a little. */
	public PretrainRequest upright(boolean lie) {
		return set("upright", lie);
	}

	/** Normalisation layers of a new network: {@code batch} or {@code instance}. */
	public PretrainRequest norm(String layers) {
		return set("norm", layers);
	}

	String json() {
		return request("pretrain", args());
	}
}
