package io.fewlabel.commands;

import java.util.List;
import java.util.Map;

import ij.IJ;
import ij.plugin.PlugIn;
import io.fewlabel.ClassifyRequest;
import io.fewlabel.Fewlabel;
import io.fewlabel.FewlabelException;
import io.fewlabel.Job;
import io.fewlabel.Response;

/** {@code Fewlabel Sort Images...}: the kind of each image of a folder, as a table. Esc stops and keeps what is done; twice, cancels. */
public final class SortImagesCommand implements PlugIn {

	private static final String COMMAND = "Fewlabel Sort Images...";

	@Override
	public void run(String arg) {
		try {
			sort();
		} catch (FewlabelException error) {
			Failures.show(COMMAND, error);
		} finally {
			IJ.showProgress(1, 1);
		}
	}

	private static void sort() {
		CommandDialog dialog = new CommandDialog(COMMAND, pages());
		if (!dialog.ask()) {
			return;
		}
		Map<String, Object> values = dialog.values();
		ClassifyRequest request = new ClassifyRequest(text(values.remove("model")), text(values.remove("images")), text(values.remove("output")));
		request.recursive("yes".equals(values.remove("recursive")));
		values.forEach(request::set);
		Job job = Fewlabel.classify(request, new StatusBar(true));
		StatusBar.waitFor(job, () -> {
			IJ.showStatus("Fewlabel: stopping, what is done is kept (Esc again: stop now)");
			job.finishEarly();
		}, job::cancel);
		IJ.log("Fewlabel: " + summary(job.await()));
		IJ.showStatus("Fewlabel: images sorted");
	}

	/** The dialogs. */
	static Page[] pages() {
		return new Page[] {
			new Page("", Field.file("Model"), Field.folder("Images folder"), Field.file("Output table (.csv)"),
				Field.choice("Recursive (folders below)", "no", "yes"), Field.choice("Existing table", "error", "skip", "overwrite")),
			new Page("More options", Field.number("Threads", "all"), Field.number("Memory (MB)", "automatic"))};
	}

	/** What was left empty goes to the engine as empty, which says that it is needed. */
	private static String text(Object value) {
		return value == null ? "" : value.toString();
	}

	/** One line about the images, in the words of people. */
	static String summary(Response response) {
		Map<String, Object> result = response.result();
		List<?> classes = (List<?>) result.get("classes");
		List<?> counts = (List<?>) result.get("counts");
		StringBuilder line = new StringBuilder().append(((List<?>) result.get("images")).size()).append(" images sorted");
		line.append(response.finishedEarly() ? ", stopped early" : "");
		for (int i = 0; i < classes.size(); i++) {
			line.append(i == 0 ? ": " : ", ").append(((Number) counts.get(i)).longValue()).append(' ').append(classes.get(i));
		}
		long failed = ((Number) result.get("failed")).longValue();
		line.append(failed > 0 ? ", " + failed + " failed" : "");
		return line.append("; table in ").append(result.get("output")).toString();
	}
}
