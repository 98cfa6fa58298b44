package io.fewlabel;

import java.nio.file.Path;

/** The engine of this class loader. One is enough: its jobs share one memory budget. */
final class Engine extends NativeHandle {

	private static Engine shared;

	Engine(Path beside) {
		super(Native::engineClose);
		open(Native.engineCreate(beside == null ? null : beside.toString()));
	}

	/**
	 * The one engine. The first call loads the native library; when that fails, the next call tries again.
	 *
	 * @throws FewlabelException when there is no library that suits this jar
	 */
	static synchronized Engine shared() {
		if (shared == null) {
			shared = new Engine(NativeLibrary.load());
		}
		return shared;
	}
}
