package io.fewlabel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

import com.google.gson.JsonObject;

import ij.ImagePlus;
import ij.ImageStack;
import ij.measure.Calibration;
import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ShortProcessor;

/** Open images as buffers of the contract. */
class ImageBufferTest {

	@Test
	void channelsSlicesAndFramesKeepTheirOrder() {
		ImageStack stack = new ImageStack(2, 1);
		for (int plane = 0; plane < 2 * 3 * 2; plane++) {
			stack.addSlice(null, new byte[] {(byte) plane, (byte) (100 + plane)});
		}
		ImagePlus image = new ImagePlus("well A1.ome.tif", stack);
		image.setDimensions(2, 3, 2);
		ImageBuffer buffer = ImageBuffer.of(image);
		byte[] samples = (byte[]) buffer.samples;
		// ImageJ counts channels first, then slices, then frames, as `t z c y x` does from the right.
		for (int plane = 0; plane < 12; plane++) {
			assertEquals(plane, samples[2 * plane]);
			assertEquals(100 + plane, samples[2 * plane + 1]);
		}
		JsonObject expected = new JsonObject();
		expected.addProperty("buffer", 0);
		expected.addProperty("name", "well A1");
		expected.addProperty("t", 2);
		expected.addProperty("z", 3);
		expected.addProperty("c", 2);
		expected.addProperty("y", 1);
		expected.addProperty("x", 2);
		expected.addProperty("type", "u8");
		assertEquals(expected, buffer.description());
	}

	@Test
	void numbersStayWhatTheyAre() {
		ImagePlus shorts = new ImagePlus("a", new ShortProcessor(2, 1, new short[] {7, (short) 65535}, null));
		assertArrayEquals(new short[] {7, (short) 65535}, (short[]) ImageBuffer.of(shorts).samples);
		assertEquals("u16", ImageBuffer.of(shorts).description().get("type").getAsString());

		ImagePlus floats = new ImagePlus("a", new FloatProcessor(2, 1, new float[] {0.5f, Float.NaN}));
		assertArrayEquals(new float[] {0.5f, Float.NaN}, (float[]) ImageBuffer.of(floats).samples);

		shorts.getCalibration().setSigned16BitCalibration();
		ImagePlus signed = shorts;
		assertArrayEquals(new float[] {7 - 32768, 32767}, (float[]) ImageBuffer.of(signed).samples);
		assertEquals("f32", ImageBuffer.of(signed).description().get("type").getAsString());
	}

	@Test
	void coloursAreThreePlanes() {
		ImageStack stack = new ImageStack(2, 1);
		stack.addSlice(new ColorProcessor(2, 1, new int[] {0x010203, 0xf0f1f2}));
		stack.addSlice(new ColorProcessor(2, 1, new int[] {0x040506, 0x070809}));
		ImageBuffer buffer = ImageBuffer.of(new ImagePlus("colours", stack));
		byte[] expected = {1, (byte) 0xf0, 2, (byte) 0xf1, 3, (byte) 0xf2, 4, 7, 5, 8, 6, 9};
		assertArrayEquals(expected, (byte[]) buffer.samples);
		assertEquals(3, buffer.description().get("c").getAsInt());
		assertEquals(2, buffer.description().get("z").getAsInt());
		assertEquals(true, buffer.description().get("rgb").getAsBoolean());
	}

	@Test
	void unitsAreThoseOfFiles() {
		ImagePlus image = new ImagePlus("a", new ByteProcessor(1, 1));
		Calibration calibration = image.getCalibration();
		calibration.pixelWidth = 0.325;
		assertFalse(ImageBuffer.of(image).description().has("pixel_size"));
		for (String unit : new String[] {"micron", "um", "\u00b5m", "\u03bcm", " Microns "}) {
			calibration.setUnit(unit);
			assertEquals("\u00b5m", ImageBuffer.of(image).description().get("unit").getAsString());
		}
		assertEquals(0.325, ImageBuffer.of(image).description().get("pixel_size").getAsDouble());
		assertEquals("nm", ImageBuffer.lengthUnit("nanometer"));
		assertEquals("inch", ImageBuffer.lengthUnit("inches"));
		assertNull(ImageBuffer.lengthUnit("pixel"));
		calibration.pixelWidth = 0;
		FewlabelException error = assertThrows(FewlabelException.class, () -> ImageBuffer.of(image));
		assertEquals("invalid-request", error.code());
	}

	@Test
	void namesAreTitlesWithoutExtension() {
		for (String[] pair : new String[][] {{"a/b.c.tif", "a_b.c"}, {"brain.nii.gz", "brain"}, {".hidden", ".hidden"}, {"", "image"}}) {
			assertEquals(pair[1], ImageBuffer.name(new ImagePlus(pair[0], new ByteProcessor(1, 1))));
		}
	}
}
