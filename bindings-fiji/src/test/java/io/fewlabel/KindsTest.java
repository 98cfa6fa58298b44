package io.fewlabel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kinds of whole images, and models for other programs, through Java. */
class KindsTest {

	@TempDir
	Path folder;

	@BeforeEach
	void built() {
		Checkout.needsNatives();
	}

	private ClassifyRequest request(Path model) {
		String images = Checkout.contract().resolve("files/kinds/images").toString();
		return new ClassifyRequest(model.toString(), images, folder.resolve("kinds.csv").toString()).recursive(true);
	}

	@Test
	void aFolderIsSortedIntoATable() throws Exception {
		Response response = Fewlabel.classify(request(Checkout.kindsModel()), null).await();
		assertEquals(Arrays.asList("few", "many"), response.result().get("classes"));
		assertEquals(Arrays.asList(2.0, 2.0), response.result().get("counts"));
		String table = new String(Files.readAllBytes(folder.resolve("kinds.csv")), StandardCharsets.UTF_8);
		assertTrue(table.startsWith("file,t,z,class,probability,p(few),p(many)\nfew/1.png,1,1,few,"), table);
		FewlabelException error = assertThrows(FewlabelException.class, () -> Fewlabel.classify(request(Checkout.kindsModel()), null).await());
		assertEquals("invalid-request", error.code());
		response = Fewlabel.classify(request(Checkout.kindsModel()).existing("skip"), null).await();
		assertTrue(response.json().contains("\"status\":\"skipped\""), response.json());
	}

	@Test
	void aModelOfObjectsIsRefused() {
		FewlabelException error = assertThrows(FewlabelException.class, () -> Fewlabel.classify(request(Checkout.tinyModel()), null).await());
		assertEquals("unsupported", error.code());
		assertEquals("use it with segment", error.hint());
	}

	@Test
	void aModelIsExported() throws Exception {
		Path file = folder.resolve("kinds.onnx");
		Response response = Fewlabel.export(new ExportRequest(Checkout.kindsModel().toString(), file.toString()).opset(15), null).await();
		assertEquals(15.0, response.result().get("opset"));
		assertTrue(Files.size(file) > 100);
	}
}
