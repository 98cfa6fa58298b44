package io.fewlabel.commands;

import ij.IJ;
import ij.ImagePlus;
import ij.WindowManager;
import ij.plugin.PlugIn;
import io.fewlabel.Fewlabel;
import io.fewlabel.FewlabelException;
import io.fewlabel.SegmentOptions;
import io.fewlabel.SegmentResult;
import io.fewlabel.Segmentation;

/** {@code Fewlabel Segment...}: the label image of the current image. Esc cancels. */
public final class SegmentCommand implements PlugIn {

	private static final String COMMAND = "Fewlabel Segment...";
	private static final String LABELS = "labels", AND_TABLE = "labels and table";

	@Override
	public void run(String arg) {
		try {
			segment();
		} catch (FewlabelException error) {
			Failures.show(COMMAND, error);
		} finally {
			IJ.showProgress(1, 1);
		}
	}

	private static void segment() {
		ImagePlus image = WindowManager.getCurrentImage();
		if (image == null) {
			IJ.noImage();
			return;
		}
		CommandDialog dialog = new CommandDialog(COMMAND, pages(image.getCalibration().getUnits()));
		if (!dialog.ask()) {
			return;
		}
		boolean table = dialog.text("show").equals(AND_TABLE);
		SegmentOptions options = new SegmentOptions().measure(table);
		dialog.values().forEach((key, value) -> {
			if (!key.equals("show")) {
				options.set(key, value);
			}
		});
		Segmentation segmentation = Fewlabel.startSegment(image, options, new StatusBar(false));
		StatusBar.waitFor(segmentation.job(), segmentation.job()::cancel);
		SegmentResult result = segmentation.await();
		result.labels().show();
		if (table) {
			ResultsRows.append(result.table());
		}
		IJ.showStatus("Fewlabel: " + result.objects() + (result.objects() == 1 ? " object" : " objects"));
	}

	/** The dialogs; lengths are in {@code unit}. */
	static Page[] pages(String unit) {
		return new Page[] {
			new Page("", Field.file("Model (name or file)"), Field.choice("Show", LABELS, AND_TABLE),
				Field.number("Object_diameter (in " + unit + ")", "as in training")),
			new Page("More options", Field.number("Tile (pixels)", "automatic"), Field.number("Halo (pixels)", "automatic"),
				Field.number("Threads", "all"), Field.number("Memory (MB)", "automatic"))};
	}
}
