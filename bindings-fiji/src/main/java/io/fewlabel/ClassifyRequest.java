package io.fewlabel;

import java.util.Collections;
import java.util.List;

/**
 * Which images to tell the kind of, and by which model. Fields without a method of their own are set by name:
 * {@code request.set("threads", 2)}; the reference page ({@code core/docs/reference.md}) lists them.
 */
public final class ClassifyRequest extends Arguments<ClassifyRequest> {

	/**
	 * Classifies images.
	 *
	 * @param model name or file of a model of kinds
	 * @param images image files, folders or {@code @list.txt}
	 * @param output the table to write, a {@code .csv} file
	 */
	public ClassifyRequest(String model, List<String> images, String output) {
		set("model", model);
		set("images", images);
		set("output", output);
	}

	/** Classifies a folder of images. */
	public ClassifyRequest(String model, String images, String output) {
		this(model, Collections.singletonList(images), output);
	}

	/** Looks into folders below those given. */
	public ClassifyRequest recursive(boolean wanted) {
		return set("recursive", wanted);
	}

	/** What to do when the table is there: {@code error}, {@code skip} (keep the rows of images that have not changed) or {@code overwrite}. */
	public ClassifyRequest existing(String what) {
		return set("existing", what);
	}

	String json() {
		return request("classify", args());
	}
}
