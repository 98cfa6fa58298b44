package io.fewlabel;

import java.nio.file.Path;
import java.util.Map;

/**
 * Hears how a job goes. The calls of one job come one after the other, on threads of the engine, and must return soon: the job
 * waits. A listener that throws cancels its job, and {@link Job#await()} throws the same.
 */
public interface Listener {

	/**
	 * How far a phase has come.
	 *
	 * @param phase what is being done, in words: {@code training}, {@code segmenting}
	 * @param step steps done
	 * @param total steps in all, -1 while nobody knows
	 * @param metrics named numbers: {@code training_error}, {@code ap50}
	 * @param remaining seconds that remain, NaN while nobody knows
	 */
	default void progress(String phase, long step, long total, Map<String, Double> metrics, double remaining) {}

	/** A picture to look at while waiting: a PNG file that lives as long as the job. */
	default void preview(long step, Path png) {}

	/** A line for the log; {@code level} is {@code debug}, {@code info} or {@code warning}. */
	default void log(String level, String message) {}

	/** A file was written and is final. */
	default void artifact(Path path, String sha256) {}
}
