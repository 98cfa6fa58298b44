package io.fewlabel;

import java.util.Collections;
import java.util.List;

/**
 * What to learn from, and how long. Fields without a method of their own are set by name: {@code request.set("seed", 3)}; the
 * reference page ({@code core/docs/reference.md}) lists them.
 */
public final class TrainRequest extends Arguments<TrainRequest> {

	/**
	 * Learns from images and labels.
	 *
	 * @param images image files, folders or {@code @list.txt}
	 * @param labels label files, folders or {@code @list.txt}; each belongs to the image of the same stem
	 * @param save name or file of the model to write
	 */
	public TrainRequest(List<String> images, List<String> labels, String save) {
		set("images", images);
		set("labels", labels);
		set("save", save);
	}

	/** Learns from a folder of images and a folder of labels. */
	public TrainRequest(String images, String labels, String save) {
		this(Collections.singletonList(images), Collections.singletonList(labels), save);
	}

	/** The model to start from: a name, a file, or {@code none}. */
	public TrainRequest start(String model) {
		return set("start", model);
	}

	/** What is taken over from the start: {@code all} that fits, or the {@code encoder} alone. */
	public TrainRequest transfer(String what) {
		return set("transfer", what);
	}

	/** Learning rate of what is taken over, as a share (0 to 1) of that of the rest. */
	public TrainRequest transferRate(double share) {
		return set("transfer_rate", share);
	}

	/** Budget of wall time, loading and saving included. */
	public TrainRequest minutes(double minutes) {
		return set("minutes", minutes);
	}

	/** Budget in optimisation steps, instead of minutes. */
	public TrainRequest steps(long steps) {
		return set("steps", steps);
	}

	/** Whether pixels are contrasted by their labels: {@code none}, {@code local} (a stage before fine-tuning) or {@code joint}. */
	public TrainRequest contrast(String how) {
		return set("contrast", how);
	}

	/** Share of the budget (0 to 1) that the stage takes. */
	public TrainRequest contrastShare(double share) {
		return set("contrast_share", share);
	}

	/** Peak learning rate of the stage. */
	public TrainRequest contrastRate(double rate) {
		return set("contrast_rate", rate);
	}

	/** Weight of a {@code joint} contrast beside fine-tuning. */
	public TrainRequest contrastWeight(double factor) {
		return set("contrast_weight", factor);
	}

	/** What belongs together: {@code classes}, {@code objects}, {@code views} or {@code regions}. */
	public TrainRequest contrastPositives(String what) {
		return set("contrast_positives", what);
	}

	/** How likeness within a class is set against likeness to others: {@code share}, {@code ratio} or {@code ratio-mean}. */
	public TrainRequest contrastForm(String form) {
		return set("contrast_form", form);
	}

	/** Which pixels are contrasted: {@code per-class}, {@code stride}, {@code block} or {@code full}. */
	public TrainRequest contrastSampling(String sampling) {
		return set("contrast_sampling", sampling);
	}

	/** Pixels of each class, stride, or side of a block, as the sampling says. */
	public TrainRequest contrastPixels(long number) {
		return set("contrast_pixels", number);
	}

	/** Temperature of the contrast. */
	public TrainRequest contrastTemperature(double temperature) {
		return set("contrast_temperature", temperature);
	}

	/** Leave the encoder as it is while fine-tuning. */
	public TrainRequest freezeEncoder(boolean frozen) {
		return set("freeze_encoder", frozen);
	}

	/** What is done against learning the few labels by heart: {@code none}, {@code mixup} or {@code consistency}. */
	public TrainRequest regularisation(String how) {
		return set("regularisation", how);
	}

	/** Number of the Beta distribution that shares of {@code mixup} are drawn from. */
	public TrainRequest mixupAlpha(double number) {
		return set("mixup_alpha", number);
	}

	/** Weight of {@code consistency} at the end of its rise. */
	public TrainRequest consistencyWeight(double factor) {
		return set("consistency_weight", factor);
	}

	/** How volumes are cut into planes: {@code axial}, {@code coronal} or {@code sagittal}. */
	public TrainRequest plane(String across) {
		return set("plane", across);
	}

	/** The images always lie the same way round: they are not mirrored nor turned, but for a little. */
	public TrainRequest upright(boolean lie) {
		return set("upright", lie);
	}

	/** Normalisation layers of a new network: {@code batch} or {@code instance}. */
	public TrainRequest norm(String layers) {
		return set("norm", layers);
	}

	/** What is looked for: {@code objects} or {@code areas}. */
	public TrainRequest find(String what) {
		return set("find", what);
	}

	/** Size of the objects, in the unit of calibrated images, else in pixels. */
	public TrainRequest objectDiameter(double size) {
		return set("object_diameter", size);
	}

	String json() {
		return request("train", args());
	}
}
