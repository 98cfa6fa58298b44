package io.fewlabel;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/**
 * Finds and loads the native library: the file that the system property {@code fewlabel.library} names; else in the folder that
 * the environment variable {@code FEWLABEL_PROGRAMS} names; else in {@code lib/<platform>} beside the jar or beside its folder,
 * which is where Fiji's updater puts it; else from inside the jar. What is named must be there: nothing is taken instead.
 */
final class NativeLibrary {

	private static final String NAME = System.mapLibraryName("fewlabel_jni");
	private static final String TEMPORARY = "fewlabel-natives-";

	private NativeLibrary() {}

	/**
	 * Loads it, into the class loader of {@link Native}.
	 *
	 * @return the folder where the learner may lie as well; null for a library from inside the jar
	 * @throws FewlabelException {@code not-found} or {@code unsupported}, with what to do
	 */
	static Path load() {
		Path file = find();
		if (file == null) {
			loadCopy(NativeLibrary.class.getResource("/natives/" + platform() + "/" + NAME));
		} else {
			loadFile(file);
		}
		checkVersion(file);
		return file == null ? null : file.toAbsolutePath().getParent();
	}

	/** The file to load, or null when it is inside the jar. */
	private static Path find() {
		String property = System.getProperty("fewlabel.library", "");
		if (!property.isEmpty()) {
			return there(Paths.get(property), "the system property fewlabel.library");
		}
		String programs = System.getenv("FEWLABEL_PROGRAMS");
		if (programs != null && !programs.isEmpty()) {
			return there(Paths.get(programs, NAME), "the environment variable FEWLABEL_PROGRAMS");
		}
		List<Path> places = new ArrayList<>();
		for (Path folder = ownFolder(); folder != null && places.size() < 2; folder = folder.getParent()) {
			places.add(folder.resolve("lib").resolve(platform()).resolve(NAME));
		}
		for (Path place : places) {
			if (Files.isRegularFile(place)) {
				return place;
			}
		}
		if (NativeLibrary.class.getResource("/natives/" + platform() + "/" + NAME) != null) {
			return null;
		}
		throw new FewlabelException("not-found",
			"load native library: there is none for this machine (platform: " + platform() + ", file: " + NAME + ", looked in: " + places + ")",
			"install Fewlabel again for this platform, or name the file in the system property fewlabel.library");
	}

	private static Path there(Path file, String namedBy) {
		if (Files.isRegularFile(file)) {
			return file;
		}
		throw new FewlabelException("not-found", "load native library: there is no such file (file: " + file + ", named by: " + namedBy + ")",
			"correct the path, or leave it out to use the library that came with Fewlabel");
	}

	/** The folder of the jar, or of the classes. */
	private static Path ownFolder() {
		try {
			return Paths.get(NativeLibrary.class.getProtectionDomain().getCodeSource().getLocation().toURI()).getParent();
		} catch (URISyntaxException | RuntimeException notAFile) {
			return null;
		}
	}

	private static void loadFile(Path file) {
		try {
			System.load(file.toAbsolutePath().toString());
		} catch (UnsatisfiedLinkError error) {
			if (String.valueOf(error.getMessage()).contains("another classloader")) {
				// ImageJ's "Refresh Menus" makes a new class loader, and a file can be loaded into one only.
				try {
					loadCopy(file.toUri().toURL());
					return;
				} catch (IOException notAnAddress) {
					error.addSuppressed(notAnAddress);
				}
			}
			throw wrong(file.toString(), error);
		}
	}

	/** Loads a copy under a name that no other class loader or process uses. */
	private static void loadCopy(URL library) {
		try {
			sweep();
			Path folder = Files.createTempDirectory(TEMPORARY);
			Path copy = folder.resolve(NAME);
			try (InputStream bytes = library.openStream()) {
				Files.copy(bytes, copy);
			}
			folder.toFile().deleteOnExit();
			copy.toFile().deleteOnExit();
			try {
				System.load(copy.toString());
			} catch (UnsatisfiedLinkError error) {
				throw wrong(library.toString(), error);
			}
		} catch (IOException error) {
			throw new FewlabelException("io", "load native library: it cannot be copied to the folder for temporary files (" + error + ")",
				"free some space there, or name another folder in the system property java.io.tmpdir", error);
		}
	}

	/** Copies of earlier sessions: Windows does not delete a library that is in use, so they outlive their process. */
	private static void sweep() throws IOException {
		FileTime yesterday = FileTime.fromMillis(System.currentTimeMillis() - TimeUnit.DAYS.toMillis(1));
		Path temporary = Paths.get(System.getProperty("java.io.tmpdir"));
		try (DirectoryStream<Path> old = Files.newDirectoryStream(temporary, TEMPORARY + "*")) {
			for (Path folder : old) {
				try {
					if (Files.getLastModifiedTime(folder).compareTo(yesterday) < 0) {
						Files.deleteIfExists(folder.resolve(NAME));
						Files.deleteIfExists(folder);
					}
				} catch (IOException inUse) {
					// The next session tries again.
				}
			}
		}
	}

	private static FewlabelException wrong(String file, UnsatisfiedLinkError error) {
		return new FewlabelException("unsupported",
			"load native library: it does not run on this machine (file: " + file + ", platform: " + platform() + ", reason: " + error.getMessage() + ")",
			"install the Fewlabel for this platform; what the system says is missing must be installed too", error);
	}

	private static void checkVersion(Path file) {
		String expected = ownVersion();
		String found;
		try {
			found = Native.version();
		} catch (UnsatisfiedLinkError error) {
			throw wrong(String.valueOf(file), error);
		}
		if (!expected.equals(found)) {
			throw new FewlabelException("unsupported",
				"load native library: jar and library are of different versions (jar: " + expected + ", library: " + found + ", file: " + file + ")",
				"install both from the same version of Fewlabel, then restart");
		}
	}

	/** The version of the jar. */
	static String ownVersion() {
		Properties properties = new Properties();
		try (InputStream in = NativeLibrary.class.getResourceAsStream("version.properties")) {
			properties.load(in);
		} catch (IOException error) {
			throw new FewlabelException("internal", "read version: the jar is damaged (" + error + ")", "install Fewlabel again", error);
		}
		return properties.getProperty("version");
	}

	/** This machine in the words of Fiji's updater. */
	static String platform() {
		String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
		String processor = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
		String name = system.startsWith("windows") ? "win" : system.startsWith("mac") ? "macos" : "linux";
		return name + (processor.equals("aarch64") || processor.equals("arm64") ? "-arm64" : "64");
	}
}
