package io.fewlabel.commands;

import java.util.Collections;
import java.util.List;
import java.util.Map;

import ij.IJ;
import ij.plugin.PlugIn;
import io.fewlabel.Fewlabel;
import io.fewlabel.FewlabelException;
import io.fewlabel.Job;
import io.fewlabel.Response;
import io.fewlabel.TrainRequest;

/** {@code Fewlabel Train from Folder...}: a model from a folder of images and one of labels. Esc stops and keeps the best; twice, cancels. */
public final class TrainFromFolderCommand implements PlugIn {

	private static final String COMMAND = "Fewlabel Train from Folder...";
	private static final String AUTOMATIC = "automatic";
	/** The request's default budget, shown so that people know how long to wait. */
	private static final String MINUTES = "5";

	@Override
	public void run(String arg) {
		try {
			train();
		} catch (FewlabelException error) {
			Failures.show(COMMAND, error);
		} finally {
			IJ.showProgress(1, 1);
		}
	}

	private static void train() {
		CommandDialog dialog = new CommandDialog(COMMAND, pages());
		if (!dialog.ask()) {
			return;
		}
		Map<String, Object> values = dialog.values();
		TrainRequest request = new TrainRequest(list(values.remove("images")), list(values.remove("labels")), text(values.remove("save")));
		values.forEach(request::set);
		Job job = Fewlabel.train(request, new StatusBar(true));
		StatusBar.waitFor(job, () -> {
			IJ.showStatus("Fewlabel: stopping, the best so far is kept (Esc again: stop now)");
			job.finishEarly();
		}, job::cancel);
		Response response = job.await();
		IJ.log("Fewlabel: " + summary(response));
		IJ.showStatus("Fewlabel: model saved");
	}

	/** The dialogs. */
	static Page[] pages() {
		return new Page[] {
			new Page("", Field.folder("Images folder"), Field.folder("Labels folder"), Field.file("Save model as"),
				Field.text("Start from", AUTOMATIC), Field.number("Minutes of training", MINUTES),
				Field.choice("Find", "objects", "areas", "kinds")),
			new Page("More options", Field.number("Steps instead of minutes", ""), Field.number("Object_diameter", "from labels"),
				Field.number("Unlabelled value", ""), Field.choice("Existing model", "error", "overwrite"),
				Field.number("Seed", "0"), Field.text("Device", "auto")),
			new Page("Network and crops", Field.number("Width", AUTOMATIC), Field.number("Levels", AUTOMATIC),
				Field.number("Crop (pixels)", AUTOMATIC), Field.number("Batch (crops)", AUTOMATIC),
				Field.number("Learning_rate", AUTOMATIC), Field.number("Threads", "all"))};
	}

	/** What was left empty goes to the engine as empty, which says that it is needed. */
	private static List<String> list(Object path) {
		return path == null ? Collections.emptyList() : Collections.singletonList(path.toString());
	}

	private static String text(Object path) {
		return path == null ? "" : path.toString();
	}

	/** One line about a training, in the words of people. */
	static String summary(Response response) {
		Map<String, Object> result = response.result();
		Object steps = ((Number) result.get("steps")).longValue();
		StringBuilder line = new StringBuilder("model saved to ").append(result.get("model")).append(" after ").append(steps).append(" steps");
		line.append(response.finishedEarly() ? ", stopped early" : "");
		((Map<?, ?>) result.get("scores")).forEach((name, score) -> {
			line.append(String.format(", %s %.3f", name, ((Number) score).doubleValue()));
		});
		line.append(Boolean.TRUE.equals(result.get("helped")) ? "" : "; training did not make it better than the start");
		return line.toString();
	}
}
