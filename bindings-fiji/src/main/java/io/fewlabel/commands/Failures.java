package io.fewlabel.commands;

import ij.IJ;
import ij.Macro;
import io.fewlabel.FewlabelException;

/** Shows what went wrong. */
final class Failures {

	private Failures() {}

	/** One line with what to do. A macro ends there, and says so on the console where there is no display. */
	static void show(String command, FewlabelException error) {
		if (error.code().equals("cancelled")) {
			IJ.showStatus("Fewlabel: cancelled");
			throw new RuntimeException(Macro.MACRO_CANCELED);
		}
		IJ.error(command.replace("...", ""), error.line());
	}
}
