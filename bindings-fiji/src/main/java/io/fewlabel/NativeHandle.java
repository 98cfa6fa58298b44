package io.fewlabel;

import java.util.function.LongConsumer;
import java.util.function.LongFunction;

/**
 * Something that lives in the native library. A use after {@link #close()} is an {@link IllegalStateException}; a use that is
 * under way when another thread closes it goes on undisturbed, and the last user frees it.
 */
abstract class NativeHandle implements AutoCloseable {

	private final LongConsumer free;
	private long handle;
	private int users;
	private boolean closed;

	NativeHandle(LongConsumer free) {
		this.free = free;
	}

	/** Takes the handle over; once, before anything else. */
	final synchronized void open(long opened) {
		handle = opened;
	}

	/** Calls a native with the handle. */
	final <T> T use(LongFunction<T> call) {
		synchronized (this) {
			if (closed || handle == 0) {
				throw new IllegalStateException("This " + getClass().getSimpleName().toLowerCase() + " is closed.");
			}
			users++;
		}
		try {
			return call.apply(handle);
		} finally {
			release();
		}
	}

	/** Whether it was closed. */
	final synchronized boolean isClosed() {
		return closed;
	}

	/** Lets go of it. Closing twice is no harm. */
	@Override
	public void close() {
		synchronized (this) {
			if (closed) {
				return;
			}
			closed = true;
			users++;
		}
		release();
	}

	private void release() {
		long last = 0;
		synchronized (this) {
			users--;
			if (closed && users == 0) {
				last = handle;
				handle = 0;
			}
		}
		if (last != 0) {
			free.accept(last);
		}
	}
}
