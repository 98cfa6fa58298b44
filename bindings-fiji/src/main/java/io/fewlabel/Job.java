package io.fewlabel;

import java.util.function.LongConsumer;

/**
 * A piece of work under way. {@link #await()} gives what comes out of it and frees what the native library holds; whoever does not
 * wait should {@link #close()} it.
 */
public final class Job extends NativeHandle {

	private static final String ENDED = "ended";

	private final EventRelay relay;
	private final long id;
	private final Object ending = new Object();
	private volatile boolean ended;
	private Response response;
	private Object[] buffers;
	private FewlabelException failure;

	private Job(Engine engine, String request, Object[] buffers, EventRelay relay) {
		super(Native::jobClose);
		this.relay = relay;
		open(engine.<Long> use(handle -> Native.submit(handle, request, buffers, relay)));
		id = this.<Long> use(Native::jobId);
	}

	static Job start(Engine engine, String request, Object[] buffers, Listener listener) {
		EventRelay relay = new EventRelay(listener);
		Job job = new Job(engine, request, buffers, relay);
		relay.of(job);
		return job;
	}

	/** Its number, unique in this session. */
	public long id() {
		return id;
	}

	/** What it is doing: {@code queued}, {@code running} or {@code ended}. */
	public String status() {
		return ended ? ENDED : use(Native::jobStatus);
	}

	/**
	 * Waits until it has ended. Every caller gets the same.
	 *
	 * @throws FewlabelException what went wrong; {@code cancelled} when somebody asked it to stop
	 */
	public Response await() {
		if (relay.isTelling()) {
			throw new IllegalStateException("A listener must not wait for its own job.");
		}
		synchronized (ending) {
			if (!ended) {
				try {
					response = use(job -> {
						String outcome = Native.jobWait(job);
						buffers = Native.jobTakeBuffers(job);
						return Response.ofOutcome(outcome);
					});
				} catch (FewlabelException error) {
					failure = error;
				}
				ended = true;
				super.close();
			}
		}
		relay.rethrow();
		if (failure != null) {
			throw failure;
		}
		return response;
	}

	/** Waits at most so long, and says whether it has ended. */
	public boolean endedWithin(long milliseconds) throws InterruptedException {
		return ended || relay.endedWithin(milliseconds) || status().equals(ENDED);
	}

	/**
	 * The pixel buffers of a job that {@link #await()} has seen end: {@code byte[]}, {@code short[]}, {@code int[]} (unsigned) or
	 * {@code float[]}. A result refers to them by number.
	 */
	public Object[] buffers() {
		if (!ended) {
			throw new IllegalStateException("The buffers are there once the job was awaited.");
		}
		return buffers == null ? new Object[0] : buffers.clone();
	}

	/** Asks it to stop now. Too late is no harm. */
	public void cancel() {
		ask(Native::jobCancel);
	}

	/** Asks it to stop and keep the best so far. Too late is no harm. */
	public void finishEarly() {
		ask(Native::jobFinishEarly);
	}

	private void ask(LongConsumer call) {
		try {
			use(job -> {
				call.accept(job);
				return null;
			});
		} catch (IllegalStateException closed) {
			if (!ended) {
				throw closed;
			}
		}
	}

	/** Lets go of it without waiting: it goes on, and nobody hears what came out. */
	@Override
	public void close() {
		super.close();
	}
}
