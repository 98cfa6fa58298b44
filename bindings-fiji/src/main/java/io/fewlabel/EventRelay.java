package io.fewlabel;

import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

/** Tells a {@link Listener} what the engine says, and keeps what the listener throws away from the engine. */
final class EventRelay implements EventSink {

	private final Listener listener;
	private final CountDownLatch ended = new CountDownLatch(1);
	private Job job;
	private Throwable thrown;
	private volatile Thread telling;

	EventRelay(Listener listener) {
		this.listener = listener;
	}

	@Override
	public void event(String json) {
		telling = Thread.currentThread();
		try {
			JsonObject event = JsonParser.parseString(json).getAsJsonObject();
			String kind = event.get("event").getAsString();
			if (kind.equals("ended")) {
				ended.countDown();
			} else if (listener != null && !hasThrown()) {
				tell(kind, event);
			}
		} catch (Throwable error) {
			stop(error);
		} finally {
			telling = null;
		}
	}

	private void tell(String kind, JsonObject event) {
		switch (kind) {
			case "progress":
				Map<String, Double> metrics = new LinkedHashMap<>();
				if (event.has("metrics")) {
					for (Map.Entry<String, JsonElement> metric : event.getAsJsonObject("metrics").entrySet()) {
						metrics.put(metric.getKey(), number(metric.getValue(), Double.NaN));
					}
				}
				long total = (long) number(event.get("total"), -1);
				listener.progress(text(event, "phase"), event.get("step").getAsLong(), total, metrics, number(event.get("remaining"), Double.NaN));
				break;
			case "preview":
				listener.preview(event.get("step").getAsLong(), path(event));
				break;
			case "log":
				listener.log(text(event, "level"), text(event, "message"));
				break;
			case "artifact":
				listener.artifact(path(event), text(event, "sha256"));
				break;
			default:
				throw new FewlabelException("internal", "hear event: the engine speaks of what this jar does not know (event: " + kind + ")", null);
		}
	}

	private static String text(JsonObject event, String field) {
		return event.get(field).getAsString();
	}

	private static Path path(JsonObject event) {
		return Paths.get(text(event, "path"));
	}

	/** JSON has no NaN: it is null there. */
	private static double number(JsonElement value, double absent) {
		return value == null || value.isJsonNull() ? absent : value.getAsDouble();
	}

	private synchronized boolean hasThrown() {
		return thrown != null;
	}

	private synchronized void stop(Throwable error) {
		if (thrown == null) {
			thrown = error;
		}
		if (job != null) {
			job.cancel();
		}
	}

	/** Names the job, which may have told something before. */
	synchronized void of(Job told) {
		job = told;
		if (thrown != null) {
			job.cancel();
		}
	}

	/** Whether the caller is inside a call of the listener. */
	boolean isTelling() {
		return telling == Thread.currentThread();
	}

	/** Waits at most so long for the last event. */
	boolean endedWithin(long milliseconds) throws InterruptedException {
		return ended.await(milliseconds, TimeUnit.MILLISECONDS);
	}

	/** Throws what the listener has thrown. */
	synchronized void rethrow() {
		if (thrown instanceof Error) {
			throw (Error) thrown;
		}
		if (thrown instanceof RuntimeException) {
			throw (RuntimeException) thrown;
		}
		// Languages on this machine that know no checked exceptions throw them nevertheless.
		if (thrown != null) {
			throw new IllegalStateException(thrown);
		}
	}
}
