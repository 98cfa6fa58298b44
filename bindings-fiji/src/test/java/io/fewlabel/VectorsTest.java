package io.fewlabel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import ij.IJ;
import ij.ImagePlus;
import ij.process.ImageProcessor;

/** The conformance vectors ({@code tests/contract/README.md}) through Java. */
class VectorsTest {

	private static final List<String> FILES = Arrays.asList("errors.json", "describe.json", "evaluate.json", "segment.json", "classify.json",
		"export.json");

	@TempDir
	static Path temporary;

	@TestFactory
	List<DynamicTest> vectors() throws Exception {
		List<DynamicTest> tests = new ArrayList<>();
		for (String file : FILES) {
			String text = new String(Files.readAllBytes(Checkout.contract().resolve(file)), StandardCharsets.UTF_8);
			for (JsonElement element : JsonParser.parseString(text).getAsJsonArray()) {
				JsonObject vector = element.getAsJsonObject();
				Path output = temporary.resolve("out " + tests.size());
				tests.add(dynamicTest(file + ": " + vector.get("name").getAsString(), () -> check(vector, output)));
			}
		}
		return tests;
	}

	private static void check(JsonObject vector, Path output) throws Exception {
		Checkout.needsNatives();
		JsonObject expected = vector.getAsJsonObject("expect");
		JsonObject shown = new JsonObject();
		try {
			Job job = Fewlabel.submit(request(vector.get("request"), output), buffers(vector), null);
			Response response = job.await();
			shown.addProperty("response", response.canonical());
			JsonArray labels = labels(response, job.buffers());
			if (labels.size() > 0) {
				shown.add("labels", labels);
			}
		} catch (FewlabelException error) {
			assertNotEquals("internal", error.code(), error.details());
			JsonObject failure = new JsonObject();
			failure.addProperty("kind", error.code());
			if (expected.has("error") && expected.getAsJsonObject("error").has("field")) {
				failure.add("field", field(error));
			}
			shown.add("error", failure);
		}
		assertEquals(expected, shown);
	}

	/** The text of a request, with the places that it names filled in. A request may be text that is no JSON. */
	private static String request(JsonElement request, Path output) {
		String text = request.isJsonPrimitive() ? request.getAsString() : request.toString();
		return text.replace("{data}", quoted(Checkout.data())).replace("{contract}", quoted(Checkout.contract())).replace("{output}", quoted(output));
	}

	/** A path as it stands inside a JSON string. */
	private static String quoted(Path path) {
		String json = new Gson().toJson(path.toString());
		return json.substring(1, json.length() - 1);
	}

	private static JsonElement field(FewlabelException error) {
		for (JsonElement pair : JsonParser.parseString(error.details()).getAsJsonObject().getAsJsonArray("context")) {
			if (pair.getAsJsonArray().get(0).getAsString().equals("field")) {
				return pair.getAsJsonArray().get(1);
			}
		}
		return null;
	}

	private static Object[] buffers(JsonObject vector) {
		if (!vector.has("buffers")) {
			return null;
		}
		List<Object> buffers = new ArrayList<>();
		for (JsonElement element : vector.getAsJsonArray("buffers")) {
			JsonObject buffer = element.getAsJsonObject();
			String[] values = buffer.get("values").getAsString().split(" ");
			buffers.add(array(buffer.get("type").getAsString(), values));
		}
		return buffers.toArray();
	}

	private static Object array(String type, String[] values) {
		int length = values.length;
		byte[] bytes = new byte[length];
		short[] shorts = new short[length];
		int[] ints = new int[length];
		float[] floats = new float[length];
		for (int i = 0; i < length; i++) {
			floats[i] = Float.parseFloat(values[i]);
			long whole = type.equals("f32") ? 0 : Long.parseLong(values[i]);
			bytes[i] = (byte) whole;
			shorts[i] = (short) whole;
			ints[i] = (int) whole;
		}
		switch (type) {
			case "u8":
				return bytes;
			case "u16":
				return shorts;
			case "u32":
				return ints;
			case "f32":
				return floats;
			default:
				throw new AssertionError(type);
		}
	}

	/** SHA-256 of the labels of each image that was segmented: 32-bit numbers, little-endian, in order {@code t z y x}. */
	private static JsonArray labels(Response response, Object[] buffers) throws Exception {
		JsonArray hashes = new JsonArray();
		JsonObject answer = JsonParser.parseString(response.json()).getAsJsonObject();
		if (!response.entry().equals("segment")) {
			return hashes;
		}
		for (JsonElement element : answer.getAsJsonObject("result").getAsJsonArray("images")) {
			JsonObject image = element.getAsJsonObject();
			if (image.has("labels")) {
				hashes.add(hash(read(image.get("labels").getAsString())));
			} else if (image.has("buffer")) {
				hashes.add(hash((int[]) buffers[image.get("buffer").getAsInt()]));
			}
		}
		return hashes;
	}

	private static int[] read(String path) {
		ImagePlus image = IJ.openImage(path);
		int size = image.getWidth() * image.getHeight();
		int[] ids = new int[size * image.getStackSize()];
		for (int plane = 0; plane < image.getStackSize(); plane++) {
			ImageProcessor pixels = image.getStack().getProcessor(plane + 1);
			for (int i = 0; i < size; i++) {
				ids[plane * size + i] = (int) pixels.getf(i);
			}
		}
		return ids;
	}

	private static String hash(int[] ids) throws Exception {
		ByteBuffer bytes = ByteBuffer.allocate(4 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
		bytes.asIntBuffer().put(ids);
		StringBuilder text = new StringBuilder();
		for (byte b : MessageDigest.getInstance("SHA-256").digest(bytes.array())) {
			text.append(String.format("%02x", b));
		}
		return text.toString();
	}
}
