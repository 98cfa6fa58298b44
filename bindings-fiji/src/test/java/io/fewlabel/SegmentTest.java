package io.fewlabel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

import org.junit.jupiter.api.Test;

import ij.IJ;
import ij.ImagePlus;
import ij.ImageStack;
import ij.measure.Calibration;
import ij.measure.ResultsTable;
import ij.process.ByteProcessor;
import ij.process.LUT;

/** Open images to label images. */
class SegmentTest {

	/** Two slices and three frames of 12 x 10 pixels; a frame has one square in each slice, of 0.5 um pixels. */
	private static ImagePlus squares() {
		ImageStack stack = new ImageStack(12, 10);
		for (int plane = 0; plane < 6; plane++) {
			ByteProcessor pixels = new ByteProcessor(12, 10);
			pixels.setColor(200);
			pixels.setRoi(1 + plane, 2, 4, 5);
			pixels.fill();
			stack.addSlice("plane " + plane, pixels);
		}
		ImagePlus image = new ImagePlus("squares.tif", stack);
		image.setDimensions(1, 2, 3);
		Calibration calibration = image.getCalibration();
		calibration.pixelWidth = calibration.pixelHeight = 0.5;
		calibration.pixelDepth = 2;
		calibration.frameInterval = 30;
		calibration.setUnit("micron");
		return image;
	}

	@Test
	void aRectangleGivesThatPartOfTheLabels() {
		Checkout.needsNatives();
		ImagePlus image = squares();
		SegmentOptions options = new SegmentOptions("otsu").measure(true).region(3, 1, 6, 8);
		SegmentResult part = Fewlabel.segment(image, options);
		ImagePlus labels = part.labels(), whole = Fewlabel.segment(image, new SegmentOptions("otsu")).labels();
		assertTrue(Arrays.equals(new int[] {6, 8, 1, 2, 3}, labels.getDimensions()));
		assertEquals(0, labels.getCalibration().getX(-3));
		assertEquals(0.5, labels.getCalibration().getY(0));
		for (int plane = 1; plane <= 6; plane++) {
			for (int y = 0; y < 8; y++) {
				for (int x = 0; x < 6; x++) {
					assertEquals(whole.getStack().getProcessor(plane).get(x + 3, y + 1) > 0, labels.getStack().getProcessor(plane).get(x, y) > 0);
				}
			}
		}
		ResultsTable table = part.table();
		for (int row = 0; row < table.size(); row++) {
			assertTrue(table.getValue("box_x", row) >= 3);
		}
		FewlabelException error = assertThrows(FewlabelException.class,
			() -> Fewlabel.segment(image, new SegmentOptions("otsu").region(8, 0, 6, 4)));
		assertEquals("invalid-request", error.code());
	}

	@Test
	void aChannelIsChosenByNumber() {
		Checkout.needsNatives();
		ImagePlus image = squares();
		image.setDimensions(2, 1, 3);
		ImagePlus labels = Fewlabel.segment(image, new SegmentOptions("otsu").channels("2")).labels();
		assertTrue(Arrays.equals(new int[] {12, 10, 1, 1, 3}, labels.getDimensions()));
		assertTrue(labels.getStack().getProcessor(1).get(2, 3) > 0);
		assertEquals(0, labels.getStack().getProcessor(1).get(1, 3));
	}

	@Test
	void labelsHaveTheShapeAndCalibrationOfTheImage() {
		Checkout.needsNatives();
		ImagePlus image = squares();
		SegmentResult result = Fewlabel.segment(image, new SegmentOptions("otsu").measure(true));
		ImagePlus labels = result.labels();
		assertEquals("squares.labels", labels.getTitle());
		assertEquals(ImagePlus.GRAY16, labels.getType());
		assertTrue(Arrays.equals(new int[] {12, 10, 1, 2, 3}, labels.getDimensions()));
		assertTrue(labels.getOpenAsHyperStack());
		assertEquals("micron", labels.getCalibration().getUnit());
		assertEquals(0.5, labels.getCalibration().pixelWidth);
		assertEquals(0.5, labels.getCalibration().pixelHeight);
		assertEquals(2, labels.getCalibration().pixelDepth);
		assertEquals(30, labels.getCalibration().frameInterval);
		assertEquals("plane 3", labels.getStack().getSliceLabel(4));
		assertEquals(6, result.objects());
		assertEquals(0, labels.getDisplayRangeMin());
		assertEquals(6, labels.getDisplayRangeMax());
		for (int plane = 0; plane < 6; plane++) {
			assertEquals(plane + 1, labels.getStack().getProcessor(plane + 1).get(2 + plane, 3));
			assertEquals(0, labels.getStack().getProcessor(plane + 1).get(0, 0));
		}
		String canonical = "{\"entry\":\"segment\",\"result\":{\"halo\":0,\"images\":[{\"buffer\":0,\"name\":\"squares\",\"objects\":6,\"status\":\"done\"}]}}";
		assertEquals(canonical, result.canonical());

		ResultsTable table = result.table();
		assertEquals(6, table.size());
		assertEquals("squares", table.getStringValue("image", 0));
		// 20 pixels of 0.25 square micrometres.
		assertEquals(5, table.getValue("area", 5), 1e-9);
		assertEquals(3, table.getValue("t", 5));
	}

	@Test
	void aPngFromTheDiskGivesWhatTheFileGives() {
		Checkout.needsNatives();
		ImagePlus image = IJ.openImage(Checkout.image().toString());
		SegmentResult result = Fewlabel.segment(image, new SegmentOptions(Checkout.tinyModel().toString()));
		assertEquals(38, result.objects());
		assertNull(result.table());
		assertNotNull(result.response().result().get("tile"));
	}

	@Test
	void pixelsThatAreNotSquareAreNotMeasured() {
		Checkout.needsNatives();
		ImagePlus image = squares();
		image.getCalibration().pixelHeight = 1;
		FewlabelException error = assertThrows(FewlabelException.class, () -> Fewlabel.segment(image, new SegmentOptions("otsu").measure(true)));
		assertEquals("unsupported", error.code());
		assertEquals(6, Fewlabel.segment(image, new SegmentOptions("otsu")).objects());
	}

	@Test
	void moreObjectsThanSixteenBitsHold() {
		ImagePlus image = new ImagePlus("many", new ByteProcessor(3, 1));
		assertEquals(ImagePlus.GRAY16, SegmentResult.labelImage(image, 3, 1, new int[] {0, 1, 65535}).getType());
		ImagePlus labels = SegmentResult.labelImage(image, 3, 1, new int[] {0, 1, 65536});
		assertEquals(ImagePlus.GRAY32, labels.getType());
		assertEquals(65536, labels.getProcessor().getf(2));
		assertEquals(65536, labels.getDisplayRangeMax());
		int tooMany = (1 << 24) + 1;
		FewlabelException error = assertThrows(FewlabelException.class, () -> SegmentResult.labelImage(image, 3, 1, new int[] {0, 1, tooMany}));
		assertEquals("limit-exceeded", error.code());
	}

	@Test
	void coloursOfLabelsDiffer() {
		Set<Integer> colors = new HashSet<>();
		for (int color : LabelColors.colors()) {
			colors.add(color);
		}
		assertEquals(256, colors.size());
		ImagePlus labels = SegmentResult.labelImage(new ImagePlus("a", new ByteProcessor(3, 1)), 3, 1, new int[] {0, 1, 2});
		LUT lut = labels.getProcessor().getLut();
		assertEquals(0, lut.getRGB(0) & 0xffffff);
		assertEquals(LabelColors.colors()[255], lut.getRGB(255) & 0xffffff);
		assertFalse(labels.isInvertedLut());
	}
}
