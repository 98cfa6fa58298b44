package io.fewlabel.commands;

import java.util.Map;

import ij.IJ;
import io.fewlabel.Job;
import io.fewlabel.Listener;

/** Shows in ImageJ's status bar and log how a job goes, and hears the Esc key. */
final class StatusBar implements Listener {

	/** How long the status bar may lag behind the Esc key, in milliseconds. */
	private static final long LOOK_AGAIN = 50;

	private final boolean talkative;

	/** {@code talkative}: whether the log tells what a person might like to know, beside what they should. */
	StatusBar(boolean talkative) {
		this.talkative = talkative;
	}

	@Override
	public void progress(String phase, long step, long total, Map<String, Double> metrics, double remaining) {
		double done = step + metrics.getOrDefault("part", 0.0);
		StringBuilder line = new StringBuilder("Fewlabel: ").append(phase);
		if (total > 0) {
			IJ.showProgress(Math.min(done / total, 1));
			line.append(' ').append(step).append('/').append(total);
		}
		if (metrics.containsKey("training_error")) {
			line.append(String.format(", training error %.3f", metrics.get("training_error")));
		}
		if (!Double.isNaN(remaining)) {
			line.append(String.format(", %d:%02d left", (long) remaining / 60, (long) remaining % 60));
		}
		IJ.showStatus(line.toString());
	}

	@Override
	public void log(String level, String message) {
		if (level.equals("warning") || talkative && level.equals("info")) {
			IJ.log("Fewlabel: " + message);
		}
	}

	/** Waits until the job has ended; each time Esc is pressed the next of {@code wishes} is done. */
	static void waitFor(Job job, Runnable... wishes) {
		int pressed = 0;
		IJ.resetEscape();
		try {
			while (!job.endedWithin(LOOK_AGAIN)) {
				if (IJ.escapePressed()) {
					IJ.resetEscape();
					wishes[Math.min(pressed++, wishes.length - 1)].run();
				}
			}
		} catch (InterruptedException interrupted) {
			job.cancel();
			Thread.currentThread().interrupt();
		}
	}
}
