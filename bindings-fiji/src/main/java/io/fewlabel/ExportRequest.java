package io.fewlabel;

/** Which model to write in another form, for other programs. The reference page ({@code core/docs/reference.md}) lists the fields. */
public final class ExportRequest extends Arguments<ExportRequest> {

	/**
	 * Exports a model as an ONNX file.
	 *
	 * @param model name or file of the model
	 * @param output the file to write
	 */
	public ExportRequest(String model, String output) {
		set("model", model);
		set("output", output);
	}

	/** Version of ONNX's operators, instead of that of the model. */
	public ExportRequest opset(long version) {
		return set("opset", version);
	}

	/** What to do when the file is there: {@code error}, {@code skip} (keep the very same) or {@code overwrite}. */
	public ExportRequest existing(String what) {
		return set("existing", what);
	}

	String json() {
		return request("export", args());
	}
}
