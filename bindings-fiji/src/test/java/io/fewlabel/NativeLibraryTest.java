package io.fewlabel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A library that is missing or wrong says what to do. */
class NativeLibraryTest {

	private static final String PROPERTY = "fewlabel.library";

	@TempDir
	Path folder;

	@AfterEach
	void reset() {
		System.clearProperty(PROPERTY);
	}

	private static FewlabelException error(Path library) {
		System.setProperty(PROPERTY, library.toString());
		FewlabelException error = assertThrows(FewlabelException.class, NativeLibrary::load);
		assertTrue(error.getMessage().contains(library.toString()), error.getMessage());
		assertFalse(error.hint().isEmpty());
		return error;
	}

	@Test
	void aMissingFile() {
		assertEquals("not-found", error(folder.resolve("no library.so")).code());
	}

	@Test
	void aFileThatIsNoLibrary() throws Exception {
		Path file = folder.resolve("text.so");
		Files.write(file, "no library".getBytes("UTF-8"));
		assertEquals("unsupported", error(file).code());
	}

	@Test
	void jarAndLibraryAreOfOneVersion() {
		Checkout.needsNatives();
		assertEquals(NativeLibrary.ownVersion(), Fewlabel.version());
		assertTrue(NativeLibrary.platform().matches("(linux|macos|win)(64|-arm64)"), NativeLibrary.platform());
	}
}
