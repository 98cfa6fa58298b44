package io.fewlabel.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.Set;

import org.junit.jupiter.api.Test;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import io.fewlabel.Checkout;

/** The fields of the dialogs against the contract. */
class FieldsTest {

	private static Set<String> fields(String entry) throws Exception {
		String text = new String(Files.readAllBytes(Checkout.contract().resolve("schema.json")), StandardCharsets.UTF_8);
		JsonObject schema = JsonParser.parseString(text).getAsJsonObject();
		JsonObject args = schema.getAsJsonObject("entries").getAsJsonObject(entry).getAsJsonObject("args");
		String name = args.get("$ref").getAsString().replace("#/$defs/", "");
		return schema.getAsJsonObject("$defs").getAsJsonObject(name).getAsJsonObject("properties").keySet();
	}

	private static void check(Page[] pages, Set<String> known) {
		Set<String> keys = new HashSet<>();
		for (Page page : pages) {
			// The checkbox that opens the next page is a field as well.
			assertTrue(page.fields.length < 7, page.opener);
			assertTrue(page.opener.isEmpty() || keys.add(page.opener.split(" ")[0].toLowerCase()), page.opener);
			for (Field field : page.fields) {
				assertTrue(keys.add(field.key()), "two fields with the key " + field.key());
				assertTrue(known.contains(field.key()), field.key() + " is no field of the contract");
				assertNull(field.value(field.unset), field.key());
				assertNull(field.value(""), field.key());
			}
		}
	}

	@Test
	void keysAreFieldsOfTheContractAndDefaultsAreNotSet() throws Exception {
		check(TrainFromFolderCommand.pages(), fields("train"));
		check(SortImagesCommand.pages(), fields("classify"));
		Set<String> segment = new HashSet<>(fields("segment"));
		segment.add("show");
		check(SegmentCommand.pages("micron"), segment);
	}

	@Test
	void numbersAreNumbersAndTheRestIsLeftToTheEngine() {
		Field field = Field.number("Object_diameter (in px)", "from labels");
		assertEquals("object_diameter", field.key());
		assertEquals(12L, field.value(" 12 "));
		assertEquals(12.5, field.value("12.5"));
		assertEquals("big", field.value("big"));
		assertEquals("NaN", field.value("NaN"));
		assertEquals("12", Field.text("Start from", "automatic").value("12"));
	}
}
