package io.fewlabel;

/**
 * The native methods, implemented in {@code bindings-fiji/jni}. Handles are guarded by {@link NativeHandle}; whatever fails is
 * thrown as {@link FewlabelException}.
 */
final class Native {

	private Native() {}

	/** Version of the library. */
	static native String version();

	/** A new engine; {@code beside} is the folder where the learner may lie, or null. */
	static native long engineCreate(String beside);

	/** Lets go of an engine; its jobs go on. */
	static native void engineClose(long engine);

	/**
	 * Starts a job. {@code buffers} are {@code byte[]}, {@code short[]} and {@code int[]}, all unsigned, or {@code float[]}; they
	 * are copied before this returns.
	 */
	static native long submit(long engine, String request, Object[] buffers, EventSink sink);

	/** Number of a job. */
	static native long jobId(long job);

	/** {@code queued}, {@code running} or {@code ended}. */
	static native String jobStatus(long job);

	/** Waits for the end of a job and gives its outcome as JSON; a failed or cancelled one is thrown. */
	static native String jobWait(long job);

	/** Asks a job to stop now. */
	static native void jobCancel(long job);

	/** Asks a job to stop and keep the best so far. */
	static native void jobFinishEarly(long job);

	/** Takes the output buffers of a job that has ended; none the second time. */
	static native Object[] jobTakeBuffers(long job);

	/** Lets go of a job, which goes on. */
	static native void jobClose(long job);

	/** The form of a response that is the same through every face. */
	static native String canonicalResponse(String response);

	/** Panics. The tests show with it that a panic does not take the host down. */
	static native void panicForTest();
}
